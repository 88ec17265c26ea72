//! The node's side: one kept-alive connection, opened when a round needs it.

use std::io;
use std::sync::Arc;

use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::HOST;
use hyper::{Request, Response, StatusCode, body::Incoming};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::wire::{Counters, Meter, Metered, Read, Whole, read, while_moving};
use super::{BODY_BYTES_MAX, CONNECT_TIME_MAX, Endpoint, IDLE_MAX, Switch};
use crate::tls::public_key;
use crate::{Answer, Link, LinkError, LinkLimits};

/// Where a link leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HttpsTarget {
    /// Host and port, `hub.example:8443`.
    pub address: String,
    /// Name in the hub's certificate; also the `Host` header.
    pub server_name: String,
    /// What is asked there.
    pub endpoint: Endpoint,
}

/// A connection, and the key that the other side proved.
type Opened = (SendRequest<Whole>, Option<[u8; 32]>);

/// A link over HTTPS.
#[derive(Debug)]
pub struct HttpsLink {
    target: HttpsTarget,
    tls: Arc<ClientConfig>,
    switch: Switch,
    sender: Option<SendRequest<Whole>>,
    peer_key: Option<[u8; 32]>,
    meter: Meter,
    plain: Meter,
    driver: JoinSet<()>,
}

impl HttpsLink {
    /// A link that is not connected yet.
    pub fn new(target: HttpsTarget, tls: Arc<ClientConfig>, switch: Switch) -> Self {
        Self {
            target,
            tls,
            switch,
            sender: None,
            peer_key: None,
            meter: Meter::default(),
            plain: Meter::default(),
            driver: JoinSet::new(),
        }
    }

    /// Bytes that went over this link since it was made, TLS included.
    pub fn counters(&self) -> Counters {
        self.meter.counters()
    }

    /// The same inside TLS: heads and bodies of HTTP.
    pub fn plain_counters(&self) -> Counters {
        self.plain.counters()
    }

    /// Ends the connection; the next round opens another one.
    pub async fn close(&mut self) {
        self.sender = None;
        self.driver.shutdown().await;
    }

    fn is_plugged(&self) -> bool {
        *self.switch.borrow()
    }

    async fn exchange(&mut self, request: Vec<u8>, kept: bool) -> Result<Answer, LinkError> {
        let request = Request::post(self.target.endpoint.path())
            .header(HOST, &self.target.server_name)
            .body(Whole::new(request))
            .map_err(|error| LinkError::Broken(error.to_string()))?;
        let mut sender = self.connected(kept).await?;
        let sent = while_moving(&self.meter, IDLE_MAX, sender.send_request(request)).await;
        let response = match sent {
            None => return Err(LinkError::Broken("no answer in time".to_owned())),
            Some(Err(error)) => return Err(LinkError::Broken(error.to_string())),
            Some(Ok(response)) => response,
        };
        let answer = answer(response).await?;
        if answer.whole {
            self.sender = Some(sender);
        }
        Ok(answer)
    }

    /// The kept connection when it still stands, else a new one, unless only that one will do.
    async fn connected(&mut self, kept: bool) -> Result<SendRequest<Whole>, LinkError> {
        if let Some(mut sender) = self.sender.take()
            && sender.ready().await.is_ok()
        {
            return Ok(sender);
        }
        if kept {
            return Err(LinkError::Closed);
        }
        self.driver.shutdown().await;
        self.peer_key = None;
        let mut switch = self.switch.clone();
        // Cancel safe: an unplugged attempt is dropped with all that it had opened.
        let (sender, key) = tokio::select! {
            opened = timeout(CONNECT_TIME_MAX, self.open()) => {
                let late = || LinkError::Unreachable(io::ErrorKind::TimedOut.into());
                opened.unwrap_or_else(|_elapsed| Err(late()))?
            }
            () = unplugged(&mut switch) => return Err(LinkError::Unplugged),
        };
        self.peer_key = key;
        Ok(sender)
    }

    async fn open(&mut self) -> Result<Opened, LinkError> {
        let stream = TcpStream::connect(&self.target.address)
            .await
            .map_err(LinkError::Unreachable)?;
        stream.set_nodelay(true).map_err(LinkError::Unreachable)?;
        let name = ServerName::try_from(self.target.server_name.clone())
            .map_err(|error| LinkError::Unreachable(io::Error::other(error)))?;
        let stream = TlsConnector::from(Arc::clone(&self.tls))
            .connect(name, Metered::new(stream, self.meter.clone()))
            .await
            .map_err(LinkError::Unreachable)?;
        let certificates = stream.get_ref().1.peer_certificates();
        let certificate = certificates.and_then(|chain| chain.first());
        let key = certificate.and_then(|certificate| public_key(certificate));
        let stream = Metered::new(stream, self.plain.clone());
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| LinkError::Broken(error.to_string()))?;
        let mut switch = self.switch.clone();
        self.driver.spawn(async move {
            // Cancel safe: both arms end the connection.
            tokio::select! {
                ended = connection => {
                    if let Err(error) = ended {
                        tracing::debug!(sync.link.timeout = error.is_timeout(), "link to the hub ended");
                    }
                }
                () = unplugged(&mut switch) => {}
            }
        });
        Ok((sender, key))
    }
}

impl Link for HttpsLink {
    fn is_kept(&self) -> bool {
        let open = self
            .sender
            .as_ref()
            .is_some_and(|sender| !sender.is_closed());
        open && self.is_plugged()
    }

    fn peer_key(&self) -> Option<[u8; 32]> {
        self.peer_key
    }

    async fn round(&mut self, request: Vec<u8>, kept: bool) -> Result<Answer, LinkError> {
        let (limit, got) = (BODY_BYTES_MAX, request.len());
        if got > limit {
            return Err(LinkError::TooLarge { limit, got });
        }
        if !self.is_plugged() {
            self.close().await;
            return Err(LinkError::Unplugged);
        }
        let result = self.exchange(request, kept).await;
        match result {
            Err(LinkError::Broken(_)) if !self.is_plugged() => Err(LinkError::Unplugged),
            other => other,
        }
    }

    fn limits(&self) -> LinkLimits {
        LinkLimits {
            turn_bytes_max: BODY_BYTES_MAX,
            ordered: true,
            cost_per_kb: 0,
            rate_bits_s: 0,
        }
    }
}

async fn answer(response: Response<Incoming>) -> Result<Answer, LinkError> {
    match response.status() {
        StatusCode::OK => {}
        StatusCode::SERVICE_UNAVAILABLE => return Err(LinkError::Busy),
        other => {
            return Err(LinkError::Refused {
                status: other.as_u16(),
            });
        }
    }
    match read(response.into_body(), BODY_BYTES_MAX, IDLE_MAX).await {
        Read::Whole(body) => Ok(Answer { body, whole: true }),
        Read::Cut(body) => Ok(Answer { body, whole: false }),
        Read::TooLarge(got) => Err(LinkError::TooLarge {
            limit: BODY_BYTES_MAX,
            got,
        }),
    }
}

/// Waits until the switch is off; for ever when nobody holds the switch any more.
async fn unplugged(switch: &mut Switch) {
    if switch.wait_for(|plugged| !plugged).await.is_err() {
        std::future::pending::<()>().await;
    }
}
