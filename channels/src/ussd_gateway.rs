//! USSD gateway over HTTP in Africa's Talking's form, with its SMS and receipt callbacks.
//!
//! `POST /{ussd|ussd-end|sms|receipt}/{secret}`: callers are allow-listed by address, the secret
//! is compared in constant time, bodies are bounded. Both faults answer 404, so a stranger
//! learns nothing. An event that was not committed answers 503 with an empty body: this gateway
//! then ends the session with its own words, and whoever repeats the step is served. Numbers and
//! texts travel in bodies only, never in URLs or logs. Sending SMS over HTTP is not here.

pub mod caller;

use std::future::IntoFuture;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use channels_core::gsm7::{self, Fit};
use channels_core::ussd_form::joined::JoinedTexts;
use channels_core::ussd_form::{self, BODY_OCTETS_MAX, Refused};
use channels_core::{Inbound, LinkName, Reply, SubmitOutcome};

use crate::{Channel, ChannelIo, Delivery, Outgoing};
use caller::CallerRange;

/// Time to read a body once its head is here, in milliseconds; then 408.
const BODY_WITHIN_MS: u64 = 5_000;
/// Time for the node's answer, in milliseconds; then 503. The gateway itself waits 15 s.
const ANSWER_WITHIN_MS: u64 = 9_000;
/// Time for open requests when the channel stops, in milliseconds; then they are cut.
const STOP_WITHIN_MS: u64 = 10_000;
/// Fewest characters of the secret in the path; a shorter one is refused at start.
pub const SECRET_CHARS_MIN: usize = 16;
/// Most characters of a screen: 160 septets, UCS-2 refused (until a gateway proves otherwise).
pub const SCREEN_LIMITS: (u16, u16) = (160, 0);
/// Seconds after which an SMS that was routed here by mistake is offered elsewhere.
const SMS_LATER_S: u32 = 300;

/// Settings of one gateway link.
#[derive(Clone)]
pub struct UssdGatewayConfig {
    link: LinkName,
    secret: String,
    callers: Vec<CallerRange>,
    limits: (u16, u16),
    answer_within: Duration,
}

impl UssdGatewayConfig {
    /// Settings with the default limits; nobody may call who is in no range of `callers`.
    ///
    /// # Errors
    /// [`GatewayError::Secret`] for a secret that is short or does not fit into a path.
    pub fn try_new(
        link: LinkName,
        secret: String,
        callers: Vec<CallerRange>,
    ) -> Result<Self, GatewayError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if secret.len() < SECRET_CHARS_MIN || !secret.chars().all(plain) {
            return Err(GatewayError::Secret {
                minimum: SECRET_CHARS_MIN,
            });
        }
        let answer_within = Duration::from_millis(ANSWER_WITHIN_MS);
        Ok(Self {
            link,
            secret,
            callers,
            limits: SCREEN_LIMITS,
            answer_within,
        })
    }

    /// The same with other limits of a screen: (septets, UCS-2 units; 0 = refused).
    #[must_use]
    pub fn with_limits(self, limits: (u16, u16)) -> Self {
        Self { limits, ..self }
    }

    /// The same with another time for the node's answer.
    #[must_use]
    pub fn with_answer_within(self, answer_within: Duration) -> Self {
        Self {
            answer_within,
            ..self
        }
    }
}

impl std::fmt::Debug for UssdGatewayConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UssdGatewayConfig")
            .field("link", &self.link)
            .field("callers", &self.callers)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Why a gateway link does not start; surfaces at start and in `outpost check`.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The secret is too short or has characters that a path would escape.
    #[error("the secret needs {minimum} or more letters, digits, `-` or `_`")]
    Secret {
        /// [`SECRET_CHARS_MIN`].
        minimum: usize,
    },
    /// Plain HTTP carries numbers and texts in the clear, so it ends on this machine.
    #[error("plain HTTP is only served on loopback addresses; put a TLS 1.3 proxy before it")]
    NotLoopback,
    /// The address cannot be listened on.
    #[error("the address cannot be listened on")]
    Listen(#[source] std::io::Error),
}

/// A gateway link that listens; runs as a [`Channel`].
#[derive(Debug)]
pub struct UssdGateway {
    listener: TcpListener,
    local_addr: SocketAddr,
    config: UssdGatewayConfig,
}

impl UssdGateway {
    /// Listens on a loopback address (port 0: any free one).
    ///
    /// # Errors
    /// [`GatewayError`] when the address is not loopback or not free.
    pub async fn bind(
        address: SocketAddr,
        config: UssdGatewayConfig,
    ) -> Result<Self, GatewayError> {
        if !address.ip().is_loopback() {
            return Err(GatewayError::NotLoopback);
        }
        let listener = TcpListener::bind(address)
            .await
            .map_err(GatewayError::Listen)?;
        let local_addr = listener.local_addr().map_err(GatewayError::Listen)?;
        Ok(Self {
            listener,
            local_addr,
            config,
        })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// The routes of a link; serve them with `into_make_service_with_connect_info::<SocketAddr>`.
    pub fn router(config: UssdGatewayConfig, inbound: mpsc::Sender<Delivery>) -> Router {
        let link = Arc::new(Link {
            config,
            inbound,
            texts: Mutex::new(JoinedTexts::new()),
        });
        Router::new()
            .route("/ussd/{secret}", post(step))
            .route("/ussd-end/{secret}", post(session_end))
            .route("/sms/{secret}", post(sms))
            .route("/receipt/{secret}", post(receipt))
            .with_state(link)
    }
}

impl Channel for UssdGateway {
    fn name(&self) -> &LinkName {
        &self.config.link
    }

    async fn run(self, io: ChannelIo) {
        let ChannelIo { inbound, outgoing } = io;
        let link = self.config.link.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let routes =
            Self::router(self.config, inbound).into_make_service_with_connect_info::<SocketAddr>();
        // Nothing is ever sent; the sender is dropped when the channel stops.
        let server = axum::serve(self.listener, routes)
            .with_graceful_shutdown(async move { drop(stopped.await) });
        let mut server = pin!(server.into_future());
        tokio::select! {
            // Cancel safe: the pinned server goes on below.
            _ = &mut server => return log_ended(&link),
            // Cancel safe: a message taken was answered at once.
            () = refuse_sms(outgoing) => {}
        }
        drop(stop);
        if tokio::time::timeout(Duration::from_millis(STOP_WITHIN_MS), server)
            .await
            .is_err()
        {
            log_cut(&link);
        }
    }
}

fn log_ended(link: &LinkName) {
    tracing::error!(link.name = %link.0, "the gateway's server ended by itself");
}

fn log_cut(link: &LinkName) {
    tracing::warn!(link.name = %link.0, "open requests were cut at stop");
}

/// This link only receives: whatever is handed over goes back to the outbox.
async fn refuse_sms(mut outgoing: mpsc::Receiver<Outgoing>) {
    while let Some(Outgoing { done, .. }) = outgoing.recv().await {
        if done
            .send(SubmitOutcome::TryLater {
                after_s: SMS_LATER_S,
            })
            .is_err()
        {
            tracing::debug!("the outbox did not wait for the outcome");
        }
    }
}

/// What the routes share.
struct Link {
    config: UssdGatewayConfig,
    inbound: mpsc::Sender<Delivery>,
    texts: Mutex<JoinedTexts>,
}

impl Link {
    /// A poisoned lock still holds a whole memory: it only helps to find the newest answer.
    fn texts(&self) -> MutexGuard<'_, JoinedTexts> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a request and reads its body, or says how to refuse it.
    async fn body(&self, call: Call) -> Result<Bytes, StatusCode> {
        let Call {
            from,
            secret,
            mut request,
        } = call;
        let known = self.config.callers.iter().any(|range| range.contains(from));
        if !same(secret.as_bytes(), self.config.secret.as_bytes()) || !known {
            tracing::warn!(link.name = %self.config.link.0, call.known = known, "call refused");
            return Err(StatusCode::NOT_FOUND);
        }
        DefaultBodyLimit::max(BODY_OCTETS_MAX).apply(&mut request);
        let read = Bytes::from_request(request, &());
        match tokio::time::timeout(Duration::from_millis(BODY_WITHIN_MS), read).await {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(rejection)) => Err(rejection.status()),
            Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
        }
    }

    /// Hands an event to the node and waits for its answer.
    async fn deliver(&self, event: Inbound) -> Reply {
        let (reply, answer) = oneshot::channel();
        if self.inbound.try_send(Delivery { event, reply }).is_err() {
            return Reply::Busy;
        }
        match tokio::time::timeout(self.config.answer_within, answer).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(_)) | Err(_) => Reply::Busy,
        }
    }

    fn refuse(&self, refused: &Refused) -> Response {
        tracing::warn!(link.name = %self.config.link.0, form.refused = %refused, "form refused");
        plain(StatusCode::BAD_REQUEST, refused.to_string())
    }

    fn respond(&self, reply: &Reply) -> Response {
        match reply {
            Reply::Busy => self.busy(),
            Reply::Accepted => plain(StatusCode::OK, String::new()),
            Reply::Screen { text, end } => {
                self.note_length(text);
                plain(StatusCode::OK, ussd_form::screen(text, *end))
            }
        }
    }

    fn busy(&self) -> Response {
        tracing::warn!(link.name = %self.config.link.0, "event not committed in time");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        (status, [(header::RETRY_AFTER, "1")], String::new()).into_response()
    }

    /// A screen over the limit is a fault of the dialogue; the person still sees most of it.
    fn note_length(&self, text: &str) {
        let (septets, units) = self.config.limits;
        let fit = gsm7::fits(text, usize::from(septets), usize::from(units));
        if let Fit::TooLong { got, limit, .. } = fit {
            tracing::warn!(screen.length = got, screen.limit = limit, "screen too long");
        }
    }
}

/// A request before anything of it is believed.
struct Call {
    from: IpAddr,
    secret: String,
    request: Request,
}

type Peer = ConnectInfo<SocketAddr>;

async fn step(
    State(link): State<Arc<Link>>,
    ConnectInfo(peer): Peer,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let body = match link
        .body(Call {
            from: peer.ip(),
            secret,
            request,
        })
        .await
    {
        Ok(body) => body,
        Err(status) => return plain(status, String::new()),
    };
    let form = match ussd_form::parse_step(&body) {
        Ok(form) => form,
        Err(refused) => return link.refuse(&refused),
    };
    let step = link
        .texts()
        .step(&link.config.link, form, link.config.limits);
    let reply = match link.deliver(Inbound::Ussd(step)).await {
        // The gateway needs a beginning it knows, even where there is nothing to show.
        Reply::Accepted => Reply::Screen {
            text: String::new(),
            end: true,
        },
        reply => reply,
    };
    link.respond(&reply)
}

async fn session_end(
    State(link): State<Arc<Link>>,
    ConnectInfo(peer): Peer,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let body = match link
        .body(Call {
            from: peer.ip(),
            secret,
            request,
        })
        .await
    {
        Ok(body) => body,
        Err(status) => return plain(status, String::new()),
    };
    let form = match ussd_form::parse_end(&body) {
        Ok(form) => form,
        Err(refused) => return link.refuse(&refused),
    };
    let abort = link
        .texts()
        .end(&link.config.link, form, link.config.limits);
    let reply = match abort {
        Some(step) => link.deliver(Inbound::Ussd(step)).await,
        None => Reply::Accepted,
    };
    link.respond(without_screen(&reply))
}

async fn sms(
    State(link): State<Arc<Link>>,
    ConnectInfo(peer): Peer,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let body = match link
        .body(Call {
            from: peer.ip(),
            secret,
            request,
        })
        .await
    {
        Ok(body) => body,
        Err(status) => return plain(status, String::new()),
    };
    match ussd_form::parse_sms(&body, &link.config.link) {
        Ok(sms) => link.respond(without_screen(&link.deliver(Inbound::Sms(sms)).await)),
        Err(refused) => link.refuse(&refused),
    }
}

async fn receipt(
    State(link): State<Arc<Link>>,
    ConnectInfo(peer): Peer,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let body = match link
        .body(Call {
            from: peer.ip(),
            secret,
            request,
        })
        .await
    {
        Ok(body) => body,
        Err(status) => return plain(status, String::new()),
    };
    match ussd_form::parse_receipt(&body, &link.config.link) {
        Ok(status) => link.respond(without_screen(&link.deliver(Inbound::Status(status)).await)),
        Err(refused) => link.refuse(&refused),
    }
}

/// Nobody looks at the answer of these callbacks.
fn without_screen(reply: &Reply) -> &Reply {
    match reply {
        Reply::Screen { .. } | Reply::Accepted => &Reply::Accepted,
        Reply::Busy => &Reply::Busy,
    }
}

fn plain(status: StatusCode, body: String) -> Response {
    let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
    (status, [kind, (header::CACHE_CONTROL, "no-store")], body).into_response()
}

/// Compares all octets whatever they are, so that the time tells at most the length.
fn same(left: &[u8], right: &[u8]) -> bool {
    let difference = left
        .iter()
        .zip(right)
        .fold(0_u8, |sum, (a, b)| sum | (a ^ b));
    left.len() == right.len() && std::hint::black_box(difference) == 0
}

#[cfg(test)]
mod tests;
