//! The hub's side: accepts connections, reads requests, hands them over, writes the answers.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use sync_core::message::Elision;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::{debug, warn};

use super::wire::{Meter, Metered, Read, Whole, read, while_moving};
use super::{
    BODY_BYTES_MAX, CONNECT_TIME_MAX, CONNECTIONS_MAX, Endpoint, HEAD_TIME_MAX, IDLE_MAX,
    REPLY_TIME_MAX,
};
use crate::tls;

/// Pause after the system refused a connection (no file descriptors left), so that others end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Bytes of a request's head; a longer one ends the connection.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// A request for the program behind the link.
#[derive(Debug)]
pub struct LinkRequest {
    /// Ed25519 key of the client's certificate, which the hub CA signed. Always there for
    /// [`Endpoint::Session`].
    pub peer_key: Option<[u8; 32]>,
    /// What it is for.
    pub endpoint: Endpoint,
    /// At most [`BODY_BYTES_MAX`] bytes.
    pub body: Bytes,
    /// Whether the body arrived to its end. A cut session turn is handed over too, because its
    /// whole frames count; nobody reads the answer.
    pub whole: bool,
    /// What was said on this connection: whoever answers takes it, and puts it back after.
    pub said: Said,
    /// Where the answer goes, once it is durable.
    pub reply: oneshot::Sender<LinkReply>,
}

/// What was said on one connection, whose requests come one after the other.
pub type Said = Arc<Mutex<Elision>>;

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkReply {
    /// HTTP status, 200 for a turn; others carry no body.
    pub status: u16,
    /// The turn.
    pub body: Vec<u8>,
}

/// Serves until nobody takes requests any more. Dropping the future ends every connection.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    requests: mpsc::Sender<LinkRequest>,
) {
    let door = Door {
        acceptor: TlsAcceptor::from(tls),
        places: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
        requests,
    };
    let mut connections = JoinSet::new();
    loop {
        // Every arm is cancel safe: accept, join_next and closed lose nothing when dropped.
        tokio::select! {
            accepted = listener.accept() => {
                if let Some((connection, stream)) = door.admit(accepted).await {
                    connections.spawn(connection.run(stream));
                }
            }
            Some(ended) = connections.join_next() => report(ended),
            () = door.requests.closed() => return,
        }
    }
}

fn report(ended: Result<(), JoinError>) {
    if ended.is_err_and(|error| error.is_panic()) {
        warn!("connection task of the hub link panicked");
    }
}

/// What every connection is given, as long as there are places.
struct Door {
    acceptor: TlsAcceptor,
    places: Arc<Semaphore>,
    requests: mpsc::Sender<LinkRequest>,
}

impl Door {
    /// A connection with its place; `None` when the link is full or the system refuses one.
    async fn admit(
        &self,
        accepted: std::io::Result<(TcpStream, SocketAddr)>,
    ) -> Option<(Connection, TcpStream)> {
        match accepted {
            Ok((stream, _address)) => self.seat(stream),
            Err(error) => {
                warn!(error.kind = %error.kind(), "hub link cannot accept");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                None
            }
        }
    }

    fn seat(&self, stream: TcpStream) -> Option<(Connection, TcpStream)> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            warn!(sync.connections.max = CONNECTIONS_MAX, "hub link is full");
            return None;
        };
        // Small answers must not wait for more to fill a segment; without it they are only slower.
        let is_prompt = stream.set_nodelay(true).is_ok();
        debug!(tcp.nodelay = is_prompt, "connection of the hub link");
        let connection = Connection {
            acceptor: self.acceptor.clone(),
            requests: self.requests.clone(),
            _place: place,
        };
        Some((connection, stream))
    }
}

struct Connection {
    acceptor: TlsAcceptor,
    requests: mpsc::Sender<LinkRequest>,
    _place: OwnedSemaphorePermit,
}

/// One request of a connection, read apart from it so that a cut does not lose what arrived.
type Job = (Request<Incoming>, oneshot::Sender<Response<Whole>>);

impl Connection {
    async fn run(self, stream: TcpStream) {
        let meter = Meter::default();
        let Some(stream) = self.handshake(Metered::new(stream, meter.clone())).await else {
            return;
        };
        let certificates = stream.get_ref().1.peer_certificates();
        let peer_key = certificates
            .and_then(|chain| chain.first())
            .and_then(|c| tls::public_key(c));
        let (jobs, mut queue) = mpsc::channel::<Job>(1);
        let service = service_fn(move |request| answer(jobs.clone(), request));
        let http = http(peer_key.is_some()).serve_connection(TokioIo::new(stream), service);
        let mut http = Box::pin(while_moving(&meter, IDLE_MAX, http));
        let mut reading = JoinSet::new();
        let known = Known {
            peer_key,
            said: Said::default(),
        };
        loop {
            // Cancel safe: the connection is pinned outside, recv and join_next lose nothing.
            tokio::select! {
                _ended_or_silent = &mut http => break,
                Some((request, done)) = queue.recv() => {
                    reading.spawn(handle(self.requests.clone(), known.clone(), request, done));
                }
                Some(_ended) = reading.join_next() => {}
            }
        }
        drop(http);
        while let Some((request, done)) = queue.recv().await {
            reading.spawn(handle(self.requests.clone(), known.clone(), request, done));
        }
        while let Some(_ended) = reading.join_next().await {}
    }

    async fn handshake(&self, stream: Metered<TcpStream>) -> Option<TlsStream<Metered<TcpStream>>> {
        match timeout(CONNECT_TIME_MAX, self.acceptor.accept(stream)).await {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err(error)) => {
                debug!(error.kind = %error.kind(), "TLS handshake of a peer failed");
                None
            }
            Err(_elapsed) => None,
        }
    }
}

/// A client that proved its key may be silent between turns; a stranger may not.
fn http(is_known: bool) -> hyper::server::conn::http1::Builder {
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(if is_known { IDLE_MAX } else { HEAD_TIME_MAX })
        .max_buf_size(HEAD_BYTES_MAX)
        .auto_date_header(false);
    builder
}

async fn answer(
    jobs: mpsc::Sender<Job>,
    request: Request<Incoming>,
) -> Result<Response<Whole>, Infallible> {
    let (done, answered) = oneshot::channel();
    let busy = || status(StatusCode::SERVICE_UNAVAILABLE);
    if jobs.send((request, done)).await.is_err() {
        return Ok(busy());
    }
    Ok(answered.await.unwrap_or_else(|_dropped| busy()))
}

/// What is known of the other end of a connection.
#[derive(Clone)]
struct Known {
    peer_key: Option<[u8; 32]>,
    said: Said,
}

async fn handle(
    requests: mpsc::Sender<LinkRequest>,
    known: Known,
    request: Request<Incoming>,
    done: oneshot::Sender<Response<Whole>>,
) {
    let response = respond(requests, known, request).await;
    if done.send(response).is_err() {
        debug!("peer left before its answer");
    }
}

async fn respond(
    requests: mpsc::Sender<LinkRequest>,
    Known { peer_key, said }: Known,
    request: Request<Incoming>,
) -> Response<Whole> {
    let Some(endpoint) = Endpoint::parse(request.uri().path()) else {
        return status(StatusCode::NOT_FOUND);
    };
    if request.method() != Method::POST {
        return status(StatusCode::METHOD_NOT_ALLOWED);
    }
    if endpoint == Endpoint::Session && peer_key.is_none() {
        return status(StatusCode::FORBIDDEN);
    }
    let (body, whole) = match read(request.into_body(), BODY_BYTES_MAX, IDLE_MAX).await {
        Read::Whole(body) => (body, true),
        Read::Cut(body) if endpoint == Endpoint::Session && !body.is_empty() => (body, false),
        Read::Cut(_) => return status(StatusCode::BAD_REQUEST),
        Read::TooLarge(_) => return status(StatusCode::PAYLOAD_TOO_LARGE),
    };
    let (reply, replied) = oneshot::channel();
    let request = LinkRequest {
        peer_key,
        endpoint,
        body,
        whole,
        said,
        reply,
    };
    if requests.try_send(request).is_err() {
        return status(StatusCode::SERVICE_UNAVAILABLE);
    }
    match timeout(REPLY_TIME_MAX, replied).await {
        Ok(Ok(reply)) => {
            let code = StatusCode::from_u16(reply.status);
            let mut response = Response::new(Whole::new(reply.body));
            *response.status_mut() = code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            response
        }
        Ok(Err(_dropped)) => status(StatusCode::SERVICE_UNAVAILABLE),
        Err(_elapsed) => status(StatusCode::SERVICE_UNAVAILABLE),
    }
}

fn status(code: StatusCode) -> Response<Whole> {
    let mut response = Response::new(Whole::new(Bytes::new()));
    *response.status_mut() = code;
    response
}
