//! What every callback of an HTTP aggregator passes: caller, secret, size, signature, commit.
//!
//! Callers are allow-listed by address, or sign their bodies ([`signature`]), or both; the path
//! holds a secret that is compared in constant time; bodies are bounded. Each fault of a stranger
//! answers 404, so he learns nothing. An event that was not committed answers 503 with an empty
//! body, and whoever repeats it is served. Numbers and texts are in no log and in no URL of ours.
//! TLS is not here: it ends on this machine, in front of the loopback address.

pub mod caller;
pub mod signature;

use std::future::{Future, IntoFuture};
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, FromRequestParts, Path, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ring::hmac;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use channels_core::http_body::BODY_OCTETS_MAX;
use channels_core::{Inbound, LinkName, Reply};

use crate::Delivery;
use caller::CallerRange;
use signature::Signature;

/// Time to read a body once its head is here, in milliseconds; then 408.
const BODY_WITHIN_MS: u64 = 5_000;
/// Time for the node's answer, in milliseconds; then 503. Gateways wait 5 to 15 s.
const ANSWER_WITHIN_MS: u64 = 9_000;
/// Time for open requests when the channel stops, in milliseconds; then they are cut.
const STOP_WITHIN_MS: u64 = 10_000;
/// Fewest characters of the secret in the path; a shorter one is refused at start.
pub const SECRET_CHARS_MIN: usize = 16;

/// Why the callbacks of a link are not served; surfaces at start.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    /// The secret is too short or has characters that a path would escape.
    #[error("the secret needs {minimum} or more letters, digits, `-` or `_`")]
    Secret {
        /// [`SECRET_CHARS_MIN`].
        minimum: usize,
    },
    /// Neither an address nor a signature says who may call.
    #[error("callers need an address range, a signature, or both")]
    Open,
    /// Plain HTTP carries numbers and texts in the clear, so it ends on this machine.
    #[error("plain HTTP is only served on loopback addresses; put a TLS 1.3 proxy before it")]
    NotLoopback,
    /// The address cannot be listened on.
    #[error("the address cannot be listened on")]
    Listen(#[source] std::io::Error),
}

/// Who may call a link.
#[derive(Clone)]
pub struct Admission {
    key: hmac::Key,
    secret_tag: hmac::Tag,
    callers: Vec<CallerRange>,
    signature: Option<Signature>,
}

impl Admission {
    /// Whoever knows the secret and calls from one of the ranges, or signs, or both if both are
    /// given.
    ///
    /// # Errors
    /// [`CallbackError::Secret`] for a secret that is short or does not fit into a path,
    /// [`CallbackError::Open`] when nothing else restricts the callers.
    pub fn try_new(
        secret: &str,
        callers: Vec<CallerRange>,
        signature: Option<Signature>,
    ) -> Result<Self, CallbackError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if secret.len() < SECRET_CHARS_MIN || !secret.chars().all(plain) {
            return Err(CallbackError::Secret {
                minimum: SECRET_CHARS_MIN,
            });
        }
        if callers.is_empty() && signature.is_none() {
            return Err(CallbackError::Open);
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let secret_tag = hmac::sign(&key, secret.as_bytes());
        Ok(Self {
            key,
            secret_tag,
            callers,
            signature,
        })
    }

    /// Whether the words of the path are the secret; the time tells nothing of it.
    fn has_secret(&self, presented: &str) -> bool {
        hmac::verify(&self.key, presented.as_bytes(), self.secret_tag.as_ref()).is_ok()
    }

    fn has_address(&self, address: IpAddr) -> bool {
        self.callers.is_empty() || self.callers.iter().any(|range| range.contains(address))
    }

    fn has_signature(&self, headers: &HeaderMap, signed: &[u8]) -> bool {
        self.signature
            .as_ref()
            .is_none_or(|signature| signature.verify(headers, signed))
    }
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admission")
            .field("callers", &self.callers)
            .field("signature", &self.signature)
            .finish_non_exhaustive()
    }
}

/// The way of a link's callbacks to the node.
#[derive(Debug)]
pub struct Door {
    /// The link.
    pub link: LinkName,
    admission: Admission,
    inbound: mpsc::Sender<Delivery>,
    answer_within: Duration,
}

impl Door {
    /// A door that waits for the node as long as aggregators allow.
    pub fn new(link: LinkName, admission: Admission, inbound: mpsc::Sender<Delivery>) -> Self {
        Self {
            link,
            admission,
            inbound,
            answer_within: Duration::from_millis(ANSWER_WITHIN_MS),
        }
    }

    /// The same with another time for the node's answer.
    #[must_use]
    pub fn with_answer_within(self, answer_within: Duration) -> Self {
        Self {
            answer_within,
            ..self
        }
    }

    /// Admits a request and gives its octets, or the answer that refuses it: the body, or with a
    /// query and no body the query.
    ///
    /// # Errors
    /// The refusing answer.
    pub async fn admit(&self, request: Request) -> Result<Bytes, Response> {
        let (mut parts, body) = request.into_parts();
        let peer = ConnectInfo::<SocketAddr>::from_request_parts(&mut parts, &()).await;
        let secret = Path::<String>::from_request_parts(&mut parts, &()).await;
        let (Ok(ConnectInfo(peer)), Ok(Path(secret))) = (peer, secret) else {
            return Err(self.turn_away("the path holds no secret"));
        };
        if !self.admission.has_secret(&secret) {
            return Err(self.turn_away("wrong secret"));
        }
        if !self.admission.has_address(peer.ip()) {
            return Err(self.turn_away("caller not in the list"));
        }
        let (headers, uri) = (parts.headers.clone(), parts.uri.clone());
        let octets = match body_of(Request::from_parts(parts, body)).await {
            Ok(body) if body.is_empty() => {
                Bytes::copy_from_slice(uri.query().unwrap_or_default().as_bytes())
            }
            Ok(body) => body,
            Err(status) => return Err(plain(status, String::new())),
        };
        if !self.admission.has_signature(&headers, &octets) {
            return Err(self.turn_away("signature missing or wrong"));
        }
        Ok(octets)
    }

    fn turn_away(&self, reason: &'static str) -> Response {
        tracing::warn!(link.name = %self.link.0, call.reason = reason, "call refused");
        plain(StatusCode::NOT_FOUND, String::new())
    }

    /// Hands an event to the node and waits for its answer.
    pub async fn deliver(&self, event: Inbound) -> Reply {
        let (reply, answer) = oneshot::channel();
        if self.inbound.try_send(Delivery { event, reply }).is_err() {
            return Reply::Busy;
        }
        match tokio::time::timeout(self.answer_within, answer).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(_)) | Err(_) => Reply::Busy,
        }
    }

    /// Hands over an event whose answer nobody looks at: 200 after COMMIT, else 503.
    pub async fn take(&self, event: Inbound) -> Response {
        match self.deliver(event).await {
            Reply::Screen { .. } | Reply::Accepted => plain(StatusCode::OK, String::new()),
            Reply::Busy => self.busy(),
        }
    }

    /// 400 with the reason, which names a field and no value.
    pub fn refuse(&self, refused: &dyn std::fmt::Display) -> Response {
        tracing::warn!(link.name = %self.link.0, body.refused = %refused, "body refused");
        plain(StatusCode::BAD_REQUEST, refused.to_string())
    }

    /// 503: not committed, ask again.
    pub fn busy(&self) -> Response {
        tracing::warn!(link.name = %self.link.0, "event not committed in time");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        (status, [(header::RETRY_AFTER, "1")], String::new()).into_response()
    }
}

async fn body_of(mut request: Request) -> Result<Bytes, StatusCode> {
    DefaultBodyLimit::max(BODY_OCTETS_MAX).apply(&mut request);
    let read = Bytes::from_request(request, &());
    match tokio::time::timeout(Duration::from_millis(BODY_WITHIN_MS), read).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(rejection)) => Err(rejection.status()),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// A text answer.
pub(crate) fn plain(status: StatusCode, body: String) -> Response {
    written(status, "text/plain; charset=utf-8", body)
}

/// A JSON answer.
pub(crate) fn json(body: String) -> Response {
    written(StatusCode::OK, "application/json", body)
}

fn written(status: StatusCode, kind: &'static str, body: String) -> Response {
    let kind = (header::CONTENT_TYPE, kind);
    (status, [kind, (header::CACHE_CONTROL, "no-store")], body).into_response()
}

/// Listens on a loopback address (port 0: any free one).
///
/// # Errors
/// [`CallbackError`] when the address is not loopback or not free.
pub(crate) async fn listen(
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), CallbackError> {
    if !address.ip().is_loopback() {
        return Err(CallbackError::NotLoopback);
    }
    let listener = TcpListener::bind(address)
        .await
        .map_err(CallbackError::Listen)?;
    let local_addr = listener.local_addr().map_err(CallbackError::Listen)?;
    Ok((listener, local_addr))
}

/// Serves the routes until `work` is done, then lets open requests end.
pub(crate) async fn serve(
    listener: TcpListener,
    routes: Router,
    link: &LinkName,
    work: impl Future<Output = ()>,
) {
    let (stop, stopped) = oneshot::channel::<()>();
    // Nothing is ever sent; the sender is dropped when the channel stops.
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
    let server =
        axum::serve(listener, routes).with_graceful_shutdown(async move { drop(stopped.await) });
    let mut server = pin!(server.into_future());
    tokio::select! {
        // Cancel safe: the pinned server goes on below.
        _ = &mut server => return log_ended(link),
        // Cancel safe: it is not polled again.
        () = work => {}
    }
    drop(stop);
    let limit = Duration::from_millis(STOP_WITHIN_MS);
    if tokio::time::timeout(limit, server).await.is_err() {
        log_cut(link);
    }
}

fn log_ended(link: &LinkName) {
    tracing::error!(link.name = %link.0, "the callback server ended by itself");
}

fn log_cut(link: &LinkName) {
    tracing::warn!(link.name = %link.0, "open requests were cut at stop");
}
