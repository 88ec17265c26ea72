//! SMS over an aggregator's HTTP API: messages out, receipts and messages in.
//!
//! `POST /{sms|receipt}/{secret}` come in through [`crate::callback`] and are answered 200 only
//! after COMMIT. A message goes out with our outbox id as reference where the API has one. An
//! answer that was lost is *unknown*: where the API can be asked, it is asked by that reference,
//! else a receipt may settle it; it is never sent again blindly. An account without credit pauses
//! the link: its messages wait, and an error says so. How the API speaks is
//! `channels_core::sms_api`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response;
use axum::routing::post;
use reqwest::header::{HeaderName, HeaderValue};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Interval, MissedTickBehavior, Sleep};

use channels_core::sms_api::{CallForm, SmsApi};
use channels_core::ussd_json::Account;
use channels_core::{Inbound, LinkName, OutgoingSms, SubmitOutcome};

use crate::callback::{self, Admission, CallbackError, Door};
use crate::http_client::{CallFailure, HttpClient, Request};
use crate::{Channel, ChannelIo, Outgoing};

/// Most messages handed over at once; more wait in the link's queue.
pub const SUBMITS_AT_ONCE_MAX: usize = 16;
/// Most questions about a message whose answer was lost; then it stays unknown.
pub const QUESTIONS_MAX: u32 = 3;
/// Most messages a second that settings may ask for.
pub const RATE_MAX: u32 = 1_000;
/// Wait of a message of which nothing left us, in seconds.
const NOT_SENT_S: u32 = 5;

/// Pauses of a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pauses {
    /// Before each question about a lost answer: the API may still be at work.
    pub question: Duration,
    /// After "no credit"; then one message tries whether the account was topped up.
    pub no_credit: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self {
            question: Duration::from_secs(5),
            no_credit: Duration::from_mins(1),
        }
    }
}

/// Settings of one link.
#[derive(Clone, Debug)]
pub struct HttpSmsConfig {
    /// Its name.
    pub link: LinkName,
    /// Who may call back.
    pub admission: Admission,
    /// How the API speaks.
    pub api: SmsApi,
    /// Our account there.
    pub account: Account,
    /// The way to its submissions.
    pub submit: HttpClient,
    /// The way to its status questions, where it has them and we were told.
    pub query: Option<HttpClient>,
    /// Most messages a second, 1 to [`RATE_MAX`].
    pub rate: u32,
    /// Its pauses.
    pub pauses: Pauses,
}

/// Why a link does not start.
#[derive(Debug, thiserror::Error)]
pub enum HttpSmsError {
    /// Its callbacks cannot be served.
    #[error("its callbacks cannot be served")]
    Callback(#[from] CallbackError),
    /// The API's key does not fit into its header.
    #[error("the key does not fit into the header that the API wants")]
    Key,
    /// An address for questions that the API does not know.
    #[error("this API cannot be asked, so no address for questions is used")]
    IdleQuery,
}

/// A link that listens; runs as a [`Channel`].
#[derive(Debug)]
pub struct HttpSms {
    listener: TcpListener,
    local_addr: SocketAddr,
    config: HttpSmsConfig,
}

impl HttpSms {
    /// Listens for callbacks on a loopback address (port 0: any free one).
    ///
    /// # Errors
    /// [`HttpSmsError`] when address, key or questions cannot be used.
    pub async fn bind(address: SocketAddr, config: HttpSmsConfig) -> Result<Self, HttpSmsError> {
        if config.query.is_some() && config.api.query.is_none() {
            return Err(HttpSmsError::IdleQuery);
        }
        for call in [Some(&config.api.submit), config.api.query.as_ref()] {
            if let Some(call) = call
                && key_header(call, &config.account).is_err()
            {
                return Err(HttpSmsError::Key);
            }
        }
        let (listener, local_addr) = callback::listen(address).await?;
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
}

impl Channel for HttpSms {
    fn name(&self) -> &LinkName {
        &self.config.link
    }

    async fn run(self, io: ChannelIo) {
        let ChannelIo { inbound, outgoing } = io;
        let HttpSmsConfig {
            link,
            admission,
            api,
            account,
            submit,
            query,
            rate,
            pauses,
        } = self.config;
        let api = Arc::new(api);
        let callbacks = Callbacks {
            door: Door::new(link.clone(), admission, inbound),
            api: Arc::clone(&api),
        };
        let sender = Sender {
            link: link.clone(),
            api,
            account,
            submit,
            query,
            pauses,
        };
        let work = submit_all(Arc::new(sender), outgoing, rate);
        callback::serve(self.listener, callbacks.routes(), &link, work).await;
    }
}

/// What the routes share.
struct Callbacks {
    door: Door,
    api: Arc<SmsApi>,
}

impl Callbacks {
    fn routes(self) -> Router {
        Router::new()
            .route("/sms/{secret}", post(sms))
            .route("/receipt/{secret}", post(receipt))
            .with_state(Arc::new(self))
    }
}

async fn sms(State(link): State<Arc<Callbacks>>, request: HttpRequest) -> Response {
    let body = match link.door.admit(request).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    match link.api.inbound(&body, &link.door.link) {
        Ok(sms) => link.door.take(Inbound::Sms(sms)).await,
        Err(refused) => link.door.refuse(&refused),
    }
}

async fn receipt(State(link): State<Arc<Callbacks>>, request: HttpRequest) -> Response {
    let body = match link.door.admit(request).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    match link.api.receipt(&body, &link.door.link) {
        Ok(status) => link.door.take(Inbound::Status(status)).await,
        Err(refused) => link.door.refuse(&refused),
    }
}

/// What hands messages over.
struct Sender {
    link: LinkName,
    api: Arc<SmsApi>,
    account: Account,
    submit: HttpClient,
    query: Option<HttpClient>,
    pauses: Pauses,
}

/// Hands messages over until the node closes the queue.
async fn submit_all(sender: Arc<Sender>, mut outgoing: mpsc::Receiver<Outgoing>, rate: u32) {
    let mut flights = JoinSet::new();
    let mut pace = pace(rate);
    let mut hold: Option<std::pin::Pin<Box<Sleep>>> = None;
    loop {
        // All arms are cancel safe: `recv` and `join_next` lose nothing, the pause goes on.
        tokio::select! {
            () = async { if let Some(hold) = hold.as_mut() { hold.await } }, if hold.is_some() => hold = None,
            Some(done) = flights.join_next(), if !flights.is_empty() => {
                if sender.note(done) && hold.is_none() {
                    hold = Some(Box::pin(tokio::time::sleep(sender.pauses.no_credit)));
                }
            }
            message = outgoing.recv(), if flights.len() < SUBMITS_AT_ONCE_MAX => match message {
                Some(message) if hold.is_some() => report(message, SubmitOutcome::NoCredit),
                Some(message) => {
                    pace.tick().await;
                    let sender = Arc::clone(&sender);
                    flights.spawn(async move {
                        let outcome = sender.send(&message.sms).await;
                        let no_credit = outcome == SubmitOutcome::NoCredit;
                        report(message, outcome);
                        no_credit
                    });
                }
                None => break,
            },
        }
    }
    while let Some(done) = flights.join_next().await {
        sender.note(done);
    }
}

fn pace(rate: u32) -> Interval {
    let between = Duration::from_secs(1) / rate.clamp(1, RATE_MAX);
    let mut pace = tokio::time::interval(between);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pace
}

fn report(message: Outgoing, outcome: SubmitOutcome) {
    if message.done.send(outcome).is_err() {
        tracing::debug!("the outbox did not wait for the outcome");
    }
}

type Header = (HeaderName, HeaderValue);

/// The header with our key, if the API wants one.
fn key_header(call: &CallForm, account: &Account) -> Result<Option<Header>, HttpSmsError> {
    let Some(header) = &call.key_header else {
        return Ok(None);
    };
    let name = HeaderName::from_bytes(header.name.as_bytes());
    let value = HeaderValue::from_str(&header.value(account).0);
    match (name, value) {
        (Ok(name), Ok(value)) => Ok(Some((name, value))),
        _ => Err(HttpSmsError::Key),
    }
}

impl Sender {
    /// Whether a flight ended for want of credit; a person is told here.
    fn note(&self, done: Result<bool, JoinError>) -> bool {
        match done {
            Ok(no_credit) => no_credit && self.alarm(),
            Err(error) => self.log_cut(&error),
        }
    }

    fn alarm(&self) -> bool {
        tracing::error!(link.name = %self.link.0, "the aggregator took nothing: no credit");
        true
    }

    fn log_cut(&self, error: &JoinError) -> bool {
        tracing::error!(link.name = %self.link.0, error = %error, "a hand-over was cut");
        false
    }

    async fn send(&self, sms: &OutgoingSms) -> SubmitOutcome {
        if !sms.data.is_empty() {
            // The forms of aggregators carry texts only.
            return SubmitOutcome::Failed { code: 0 };
        }
        let body = self.api.submit(sms, &self.account);
        let Ok(request) = self.request(&self.api.submit, body) else {
            return SubmitOutcome::TryLater {
                after_s: NOT_SENT_S,
            };
        };
        match self.submit.post(request).await {
            Ok(answer) => {
                if SmsApi::is_closed(answer.status) {
                    self.log_closed(answer.status);
                }
                let outcome = self.api.outcome((answer.status, &answer.body), sms);
                if outcome == SubmitOutcome::Unknown {
                    self.settle(sms).await
                } else {
                    outcome
                }
            }
            Err(CallFailure::NotSent) => SubmitOutcome::TryLater {
                after_s: NOT_SENT_S,
            },
            Err(CallFailure::Unknown) => self.settle(sms).await,
        }
    }

    fn log_closed(&self, status: u16) {
        tracing::error!(link.name = %self.link.0, http.status = status, "the aggregator does not let us in: check account, key and address");
    }

    /// Asks what became of a message whose answer was lost; *unknown* when nobody can say.
    async fn settle(&self, sms: &OutgoingSms) -> SubmitOutcome {
        let (Some(client), Some(form)) = (&self.query, &self.api.query) else {
            return SubmitOutcome::Unknown;
        };
        for _ in 0..QUESTIONS_MAX {
            tokio::time::sleep(self.pauses.question).await;
            let body = self.api.query(sms, &self.account).unwrap_or_default();
            let Ok(request) = self.request(form, body) else {
                return SubmitOutcome::Unknown;
            };
            if let Ok(answer) = client.post(request).await {
                let outcome = self.api.found((answer.status, &answer.body), sms);
                if outcome != SubmitOutcome::Unknown {
                    return outcome;
                }
            }
        }
        SubmitOutcome::Unknown
    }

    fn request(&self, call: &CallForm, body: String) -> Result<Request, HttpSmsError> {
        Ok(Request {
            media_type: call.encoding.media_type(),
            body,
            header: key_header(call, &self.account)?,
        })
    }
}

#[cfg(test)]
mod tests;
