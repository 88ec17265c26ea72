//! A simulated mobile operator on a real SMSC: phones with USSD screens and SMS inboxes.
//!
//! Applications bind over SMPP as they do at an operator. [`Operator`] plays the people's phones
//! and the network's habits: it repeats a delivery that was not acknowledged, gives up a USSD step
//! after its time, and sends delivery receipts. Its counters say what really went over the wire,
//! whatever the application believes. Nothing survives a restart of the operator.

mod exchange;
mod receipt;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use channels_core::Msisdn;

use crate::handset::{ReceivedSms, Screen};
use crate::smpp::smsc::{
    Account, BindMode, Deliver, Smsc, SmscConfig, SmscError, SmscEvent, SmscHandle, Ussd,
};
use exchange::{Exchange, Taken, Turn};
use receipt::Receipt;

/// Most submits that wait for the operator; beyond that applications wait for their answer.
const EVENTS_MAX: usize = 256;
/// Most `submit_sm` a second that the operator takes from one application; more is 0x58.
const RATE_PER_S: u32 = 10_000;
/// `ussd_service_op`, decimal: a person dialled.
const OP_BEGIN: u8 = 1;
/// `ussd_service_op`, decimal: a person answered.
const OP_ANSWER: u8 = 18;
/// Bit 0 of the second octet of `its_session_info`.
const END_BIT: u8 = 1;
/// What the network shows when the application did not answer in time.
pub const SCREEN_NO_ANSWER: &str = "No answer from the service. Please dial again later.";
/// What the network shows when no application is bound for the code, or it refuses the step.
pub const SCREEN_NO_SERVICE: &str = "This service cannot be reached now. Please dial again later.";
/// What the network shows for a code that belongs to nobody.
pub const SCREEN_NO_CODE: &str = "Unknown code. Please check the code and dial again.";
/// What the network shows for an answer without an open session.
pub const SCREEN_NO_SESSION: &str = "No open session. Please dial the code again.";

/// An application that binds at the operator.
#[derive(Clone, PartialEq, Eq)]
pub struct Application {
    /// Its SMPP name, ≤ 15 ASCII characters.
    pub system_id: String,
    /// Its SMPP password, ≤ 8 ASCII characters.
    pub password: String,
    /// The number that people text to.
    pub short_code: String,
    /// The code that people dial, such as `*384#`; longer codes below it (`*384*7#`) belong to it.
    pub ussd_code: String,
}

/// The network's habits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OperatorTimes {
    /// Time for one USSD step, repeats included; then the session is dropped in silence.
    pub step_within: Duration,
    /// Time for one SMS from a phone, repeats included; then it is lost and said to be.
    pub sms_within: Duration,
    /// Pause before a delivery that was not acknowledged is repeated.
    pub repeat_after: Duration,
    /// Pause between accepting a message and its receipt; real networks take seconds.
    pub receipt_after: Duration,
}

impl Default for OperatorTimes {
    fn default() -> Self {
        Self {
            step_within: Duration::from_secs(15),
            sms_within: Duration::from_mins(1),
            repeat_after: Duration::from_millis(200),
            receipt_after: Duration::from_millis(5),
        }
    }
}

/// Why an SMS from a phone did not arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SmsError {
    /// No application has that number.
    #[error("no application has that number")]
    NoCode,
    /// The application refused it for good.
    #[error("the application refused the message with status {0}")]
    Refused(u32),
    /// It was not acknowledged within [`OperatorTimes::sms_within`].
    #[error("the application did not take the message in time")]
    NotTaken,
}

/// What really went over the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OperatorEvidence {
    /// SMS accepted from applications, whole messages.
    pub submits: u64,
    /// Of these, how many repeated an earlier (recipient, text).
    pub duplicate_texts: u64,
    /// Delivery receipts that applications acknowledged.
    pub receipts: u64,
    /// Delivery receipts that were given up.
    pub receipts_dropped: u64,
    /// USSD screens shown.
    pub screens: u64,
    /// USSD screens that came again after they were shown; phones ignore them.
    pub screens_repeated: u64,
    /// USSD screens for which no phone waited; refused.
    pub screens_stray: u64,
}

/// The running operator; clones are the same operator, which ends with the last of them.
#[derive(Clone)]
pub struct Operator {
    shared: Arc<Shared>,
}

struct Shared {
    exchange: Arc<Exchange>,
    smsc: SmscHandle,
    applications: Vec<Application>,
    times: OperatorTimes,
    /// Counts binds and unbinds.
    binds: watch::Receiver<u64>,
    _alive: mpsc::Sender<()>,
}

impl Operator {
    /// Listens for applications on a loopback address (port 0: any free one).
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(
        address: SocketAddr,
        applications: Vec<Application>,
        times: OperatorTimes,
    ) -> io::Result<Self> {
        let (events_in, events) = mpsc::channel(EVENTS_MAX);
        let accounts = applications.iter().map(Application::account).collect();
        let smsc = Smsc::bind(address, SmscConfig { accounts }, events_in).await?;
        let (alive, ended) = mpsc::channel(1);
        let (binds_in, binds) = watch::channel(0);
        let exchange = Arc::new(Exchange::default());
        let mut workers = JoinSet::new();
        let receipts = applications
            .iter()
            .map(|application| {
                let (receipts, waiting) = mpsc::channel(receipt::WAITING_MAX);
                let route = receipt::Route {
                    system_id: application.system_id.clone(),
                    smsc: smsc.clone(),
                    exchange: Arc::clone(&exchange),
                    times,
                };
                workers.spawn(receipt::run(route, waiting));
                (application.system_id.clone(), receipts)
            })
            .collect();
        let desk = Desk {
            exchange: Arc::clone(&exchange),
            receipts,
            binds: binds_in,
        };
        tokio::spawn(desk.serve(events, workers, ended));
        let shared = Shared {
            exchange,
            smsc,
            applications,
            times,
            binds,
            _alive: alive,
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Where applications bind.
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.smsc.local_addr()
    }

    /// Whether an application is bound now.
    pub fn is_bound(&self, system_id: &str) -> bool {
        self.shared
            .smsc
            .bound()
            .iter()
            .any(|bound| bound == system_id)
    }

    /// Waits until an application is bound.
    pub async fn bound(&self, system_id: &str) {
        let mut binds = self.shared.binds.clone();
        // The other end lives as long as the operator does.
        while !self.is_bound(system_id) && binds.changed().await.is_ok() {}
    }

    /// Dials a code and waits for the screen; a session still open on that phone is dropped.
    pub async fn dial(&self, phone: &Msisdn, code: &str) -> Screen {
        let Some(application) = self.shared.application_for(code) else {
            return network(SCREEN_NO_CODE);
        };
        if !self.is_bound(&application.system_id) {
            return network(SCREEN_NO_SERVICE);
        }
        let turn = self.shared.exchange.begin(phone, &application.system_id);
        self.step(phone, turn, (OP_BEGIN, code)).await
    }

    /// Answers the open screen and waits for the next one.
    pub async fn answer(&self, phone: &Msisdn, text: &str) -> Screen {
        match self.shared.exchange.go_on(phone) {
            Some(turn) => self.step(phone, turn, (OP_ANSWER, text)).await,
            None => network(SCREEN_NO_SESSION),
        }
    }

    /// Ends the open session from the phone's side; the application is told once.
    pub async fn hang_up(&self, phone: &Msisdn) {
        let Some(turn) = self.shared.exchange.go_on(phone) else {
            return;
        };
        self.shared.exchange.close(phone, turn.number);
        let [number, sequence] = turn.session();
        let deliver = Deliver {
            ussd: Some(Ussd {
                op: OP_ANSWER,
                session: [number, sequence | END_BIT],
            }),
            ..self.shared.delivery(phone, &turn.system_id, "")
        };
        if let Err(error) = self.shared.smsc.deliver(&turn.system_id, deliver).await {
            tracing::debug!(error = %error, "the application was not told of a hang-up");
        }
    }

    /// Sends an SMS to a short code, repeated until it is acknowledged or its time is over.
    ///
    /// # Errors
    /// [`SmsError`] when it did not arrive for certain.
    pub async fn send_sms(
        &self,
        phone: &Msisdn,
        short_code: &str,
        text: &str,
    ) -> Result<(), SmsError> {
        let mut applications = self.shared.applications.iter();
        let application = applications
            .find(|application| application.short_code == short_code)
            .ok_or(SmsError::NoCode)?;
        let deliver = self.shared.delivery(phone, &application.system_id, text);
        let delivery = self.shared.deliver(&application.system_id, deliver);
        match tokio::time::timeout(self.shared.times.sms_within, delivery).await {
            Ok(0) => Ok(()),
            Ok(status) => Err(SmsError::Refused(status)),
            Err(_) => Err(SmsError::NotTaken),
        }
    }

    /// What arrived at a phone, oldest first.
    pub fn inbox(&self, phone: &Msisdn) -> Vec<ReceivedSms> {
        self.shared.exchange.inbox(phone)
    }

    /// Waits until a phone has at least so many messages.
    pub async fn inbox_reaches(&self, phone: &Msisdn, count: usize) -> Vec<ReceivedSms> {
        self.shared.exchange.inbox_reaches(phone, count).await
    }

    /// The phones that dialled or received anything.
    pub fn phones(&self) -> Vec<Msisdn> {
        self.shared.exchange.phones()
    }

    /// What really went over the wire so far.
    pub fn evidence(&self) -> OperatorEvidence {
        self.shared.exchange.evidence()
    }

    /// One USSD step: delivered until acknowledged, then the screen or the end of its time.
    async fn step(&self, phone: &Msisdn, turn: Turn, (op, text): (u8, &str)) -> Screen {
        let session = turn.session();
        let Turn {
            system_id,
            number,
            shown,
            ..
        } = turn;
        let deliver = Deliver {
            ussd: Some(Ussd { op, session }),
            ..self.shared.delivery(phone, &system_id, text)
        };
        let step = self.shared.exchange_step((&system_id, deliver), shown);
        match tokio::time::timeout(self.shared.times.step_within, step).await {
            Ok(Some(screen)) => screen,
            Ok(None) => {
                self.shared.exchange.close(phone, number);
                network(SCREEN_NO_SERVICE)
            }
            Err(_) => {
                self.shared.exchange.close(phone, number);
                network(SCREEN_NO_ANSWER)
            }
        }
    }
}

impl Shared {
    /// The screen of a step; `None` when the application refused it or the session was dropped.
    async fn exchange_step(
        &self,
        (system_id, deliver): (&str, Deliver),
        mut shown: oneshot::Receiver<Screen>,
    ) -> Option<Screen> {
        let delivery = self.deliver(system_id, deliver);
        tokio::select! {
            // The screen may overtake the acknowledgement; either is enough to stop repeating.
            biased;
            // Cancel safe: the screen stays in its place.
            screen = &mut shown => screen.ok(),
            // Cancel safe: whoever repeats must live with two arrivals of one delivery.
            status = delivery => if status == 0 { shown.await.ok() } else { None },
        }
    }

    /// Delivers until there is an acknowledgement or a final refusal; gives its status.
    async fn deliver(&self, system_id: &str, deliver: Deliver) -> u32 {
        loop {
            match self.smsc.deliver(system_id, deliver.clone()).await {
                Ok(status) if !is_for_later(status) => return status,
                Err(SmscError::TooLong) => return STATUS_TOO_LONG,
                Ok(_) | Err(_) => tokio::time::sleep(self.times.repeat_after).await,
            }
        }
    }

    /// The application with the longest code that this one begins with.
    fn application_for(&self, code: &str) -> Option<&Application> {
        self.applications
            .iter()
            .filter(|application| application.has_code(code))
            .max_by_key(|application| application.ussd_code.len())
    }

    fn delivery(&self, phone: &Msisdn, system_id: &str, text: &str) -> Deliver {
        let mut applications = self.applications.iter();
        let to = applications
            .find(|application| application.system_id == system_id)
            .map_or_else(String::new, |application| application.short_code.clone());
        let (from, text) = (phone.as_str().to_owned(), text.to_owned());
        Deliver {
            from,
            to,
            text,
            ussd: None,
            receipt: None,
        }
    }
}

/// `ESME_RINVMSGLEN` (SMPP 3.4 §5.1.3).
const STATUS_TOO_LONG: u32 = 0x01;

/// System error, queue full, temporary and throttling statuses (SMPP 3.4 §5.1.3): try again.
fn is_for_later(status: u32) -> bool {
    matches!(status, 0x08 | 0x14 | 0x58 | 0x64)
}

fn network(text: &str) -> Screen {
    Screen {
        text: text.to_owned(),
        open: false,
        network: true,
    }
}

/// Takes what applications submit.
struct Desk {
    exchange: Arc<Exchange>,
    receipts: Vec<(String, mpsc::Sender<Receipt>)>,
    binds: watch::Sender<u64>,
}

impl Desk {
    async fn serve(
        self,
        mut events: mpsc::Receiver<SmscEvent>,
        mut workers: JoinSet<()>,
        mut ended: mpsc::Receiver<()>,
    ) {
        loop {
            tokio::select! {
                // Cancel safe: nothing is ever sent, it only closes.
                _ = ended.recv() => break,
                // Cancel safe: an event not taken stays in the queue.
                event = events.recv() => match event {
                    Some(event) => self.take(event, &mut workers),
                    None => break,
                },
                // Cancel safe: a finished worker stays in the set until it is taken.
                Some(_) = workers.join_next(), if !workers.is_empty() => {}
            }
        }
        workers.shutdown().await;
    }

    fn take(&self, event: SmscEvent, workers: &mut JoinSet<()>) {
        match event {
            SmscEvent::Submit {
                system_id,
                submit,
                reply,
            } => {
                let Taken {
                    reply: mut answer,
                    receipt,
                    shown,
                } = self.exchange.submit(&system_id, submit);
                if let Some(shown) = shown {
                    let (written, left) = oneshot::channel();
                    answer.written = Some(written);
                    workers.spawn(async move {
                        // A response that did not leave was no acceptance: nothing is shown.
                        if left.await.is_ok() {
                            shown.show();
                        }
                    });
                }
                if reply.send(answer).is_err() {
                    tracing::debug!(smpp.system_id = %system_id, "the submit's link is gone");
                }
                if let Some(receipt) = receipt {
                    self.hand_on(&system_id, receipt);
                }
            }
            SmscEvent::Bound { .. } | SmscEvent::Unbound { .. } => {
                self.binds
                    .send_modify(|binds| *binds = binds.saturating_add(1));
            }
        }
    }

    fn hand_on(&self, system_id: &str, receipt: Receipt) {
        let route = self.receipts.iter().find(|(known, _)| known == system_id);
        if route.is_none_or(|(_, receipts)| receipts.try_send(receipt).is_err()) {
            self.exchange.receipt_dropped();
        }
    }
}

impl Application {
    fn account(&self) -> Account {
        Account {
            system_id: self.system_id.clone(),
            password: self.password.clone(),
            mode: BindMode::Any,
            senders: Vec::new(),
            rate_per_s: RATE_PER_S,
        }
    }

    fn has_code(&self, code: &str) -> bool {
        let own = self.ussd_code.strip_suffix('#').unwrap_or(&self.ussd_code);
        code.strip_prefix(own)
            .is_some_and(|rest| rest == "#" || rest.starts_with('*'))
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Application({}, {}, {})",
            self.system_id, self.short_code, self.ussd_code
        )
    }
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Operator({:?} at {})",
            self.shared.applications,
            self.local_addr()
        )
    }
}

#[cfg(test)]
mod tests;
