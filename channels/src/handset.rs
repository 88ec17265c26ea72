//! Loop-back phones: an in-process bearer for `outpost phone`, transcripts and tests.
//!
//! [`channel::LoopBackChannel`] is the [`crate::Channel`] that the node runs; [`LoopBack`] gives
//! out [`Handset`]s, which dial, answer and text as people do and see what the node shows. A
//! screen that does not fit the handset's bearer is a fault of the sender and is reported as such.

pub mod channel;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use channels_core::gsm7::{self, Fit};
use channels_core::{
    Address, Inbound, LinkName, MissedCall, Msisdn, OutgoingSms, Reply, SmsReceived, UssdOp,
    UssdStep,
};

use crate::{Delivery, INBOUND_QUEUE_MAX};
use channel::LoopBackChannel;

/// How long a handset waits for the node, in milliseconds; then [`HandsetError::NoAnswer`].
const ANSWER_WITHIN_MS: u64 = 30_000;
/// Most messages that an inbox keeps; the oldest is dropped then.
pub const INBOX_MAX: usize = 1_000;
/// Limits of USSD in 3GPP networks: 182 septets or 80 UCS-2 units.
pub const USSD_LIMITS: (u16, u16) = (182, 80);

/// What a phone shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Screen {
    /// The text.
    pub text: String,
    /// Whether an answer can be typed.
    pub open: bool,
    /// Whether the network wrote it because the service did not.
    pub network: bool,
}

/// A message in a phone's inbox.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivedSms {
    /// The sender as shown.
    pub from: String,
    /// The joined text.
    pub text: String,
    /// Counts the messages of all phones, rising.
    pub order: u64,
}

/// Why a handset has nothing to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HandsetError {
    /// The node said that it could not commit; the same step may be repeated.
    #[error("the node is busy")]
    Busy,
    /// No answer came in time.
    #[error("the node did not answer in time")]
    NoAnswer,
    /// The node is gone.
    #[error("the node does not take events")]
    Closed,
    /// There is no open session to answer in.
    #[error("no session is open")]
    NoSession,
    /// The node committed the step and shows nothing.
    #[error("the node shows no screen")]
    NoScreen,
    /// The screen is longer than the bearer carries.
    #[error("screen has {got} units, the bearer carries {limit}")]
    DoesNotFit {
        /// Its length in the units of its alphabet.
        got: usize,
        /// The limit in the same units; 0 = the bearer refuses the alphabet.
        limit: usize,
    },
}

/// The bearer: all phones of one node.
#[derive(Clone)]
pub struct LoopBack {
    shared: Arc<Shared>,
}

struct Shared {
    link: LinkName,
    requests: mpsc::Sender<Delivery>,
    inboxes: Mutex<Inboxes>,
    /// Counts the messages received by all phones.
    received: watch::Sender<u64>,
    sessions: Mutex<u64>,
}

#[derive(Default)]
struct Inboxes {
    received: u64,
    of: BTreeMap<Msisdn, Vec<ReceivedSms>>,
}

impl LoopBack {
    /// A bearer and the channel that the node runs for it.
    pub fn new(link: LinkName) -> (Self, LoopBackChannel) {
        let (requests, events) = mpsc::channel(INBOUND_QUEUE_MAX);
        let shared = Arc::new(Shared {
            link: link.clone(),
            requests,
            inboxes: Mutex::default(),
            received: watch::Sender::new(0),
            sessions: Mutex::new(0),
        });
        let loop_back = Self { shared };
        let channel = LoopBackChannel::new(link, loop_back.inbox_side(), events);
        (loop_back, channel)
    }

    /// The phone with this number on a bearer with these limits (see [`UssdStep::limits`]).
    pub fn handset(&self, number: Msisdn, limits: (u16, u16)) -> Handset {
        Handset {
            loop_back: self.clone(),
            number,
            limits,
            session: None,
        }
    }

    /// What arrived at a number, oldest first.
    pub fn inbox(&self, number: &Msisdn) -> Vec<ReceivedSms> {
        self.shared
            .inboxes()
            .of
            .get(number)
            .cloned()
            .unwrap_or_default()
    }

    /// Waits until a number has at least so many messages.
    pub async fn inbox_reaches(&self, number: &Msisdn, count: usize) -> Vec<ReceivedSms> {
        let mut received = self.shared.received.subscribe();
        loop {
            let inbox = self.inbox(number);
            // The sender lives in `self`, so waiting cannot fail.
            if inbox.len() >= count || received.changed().await.is_err() {
                return inbox;
            }
        }
    }

    fn inbox_side(&self) -> InboxSide {
        InboxSide {
            shared: Arc::downgrade(&self.shared),
        }
    }

    /// Sends an event as this bearer and waits for the answer.
    async fn ask(&self, event: Inbound) -> Result<Reply, HandsetError> {
        let (reply, answer) = oneshot::channel();
        if self
            .shared
            .requests
            .send(Delivery { event, reply })
            .await
            .is_err()
        {
            return Err(HandsetError::Closed);
        }
        match tokio::time::timeout(Duration::from_millis(ANSWER_WITHIN_MS), answer).await {
            Ok(Ok(Reply::Busy) | Err(_)) => Err(HandsetError::Busy),
            Ok(Ok(reply)) => Ok(reply),
            Err(_) => Err(HandsetError::NoAnswer),
        }
    }

    fn next_session(&self) -> u64 {
        let mut sessions = self
            .shared
            .sessions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *sessions = sessions.saturating_add(1);
        *sessions
    }
}

impl Shared {
    /// A poisoned lock still holds whole messages: each is pushed in one step.
    fn inboxes(&self) -> MutexGuard<'_, Inboxes> {
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The channel's way to the inboxes; does not keep the bearer alive.
struct InboxSide {
    shared: std::sync::Weak<Shared>,
}

impl InboxSide {
    /// Puts a message into its inbox; `None` when nobody holds the phones any more.
    fn receive(&self, sms: OutgoingSms) -> Option<u64> {
        let shared = self.shared.upgrade()?;
        let order = {
            let mut inboxes = shared.inboxes();
            inboxes.received = inboxes.received.saturating_add(1);
            let order = inboxes.received;
            let inbox = inboxes.of.entry(sms.to).or_default();
            if inbox.len() >= INBOX_MAX {
                inbox.remove(0);
            }
            inbox.push(ReceivedSms {
                from: sms.from.as_str().to_owned(),
                text: sms.text,
                order,
            });
            order
        };
        shared.received.send_replace(order);
        Some(order)
    }
}

/// One phone.
#[derive(Clone)]
pub struct Handset {
    loop_back: LoopBack,
    number: Msisdn,
    limits: (u16, u16),
    session: Option<Open>,
}

/// A USSD session as the phone knows it.
#[derive(Clone)]
struct Open {
    last: UssdStep,
    steps: u32,
    answerable: bool,
}

impl Handset {
    /// The number of this phone.
    pub fn number(&self) -> &Msisdn {
        &self.number
    }

    /// Dials a code; a session that is still open is dropped as a phone does it.
    ///
    /// # Errors
    /// [`HandsetError`] when there is no screen to show.
    pub async fn dial(&mut self, code: &str) -> Result<Screen, HandsetError> {
        let step = UssdStep {
            link: self.loop_back.shared.link.clone(),
            session: self.loop_back.next_session().to_string(),
            from: self.number.clone(),
            code: code.to_owned(),
            op: UssdOp::Begin,
            text: String::new(),
            step: Some("0".to_owned()),
            screen_taken: true,
            limits: self.limits,
        };
        self.session = Some(Open {
            last: step,
            steps: 0,
            answerable: true,
        });
        self.repeat().await
    }

    /// Answers the open screen.
    ///
    /// # Errors
    /// [`HandsetError`] when no session is open or there is no screen to show.
    pub async fn answer(&mut self, text: &str) -> Result<Screen, HandsetError> {
        let session = self
            .session
            .as_mut()
            .filter(|session| session.answerable)
            .ok_or(HandsetError::NoSession)?;
        session.steps = session.steps.saturating_add(1);
        session.last.op = UssdOp::Continue;
        session.last.step = Some(session.steps.to_string());
        text.clone_into(&mut session.last.text);
        self.repeat().await
    }

    /// Sends the last step again, as a gateway does that got no answer.
    ///
    /// # Errors
    /// [`HandsetError`] when nothing was sent yet or there is no screen to show.
    pub async fn repeat(&mut self) -> Result<Screen, HandsetError> {
        let session = self.session.as_mut().ok_or(HandsetError::NoSession)?;
        let reply = self
            .loop_back
            .ask(Inbound::Ussd(session.last.clone()))
            .await?;
        let Reply::Screen { text, end } = reply else {
            return Err(HandsetError::NoScreen);
        };
        session.answerable = !end;
        let (septets, units) = self.limits;
        match gsm7::fits(&text, usize::from(septets), usize::from(units)) {
            Fit::TooLong { got, limit, .. } => Err(HandsetError::DoesNotFit { got, limit }),
            Fit::Gsm7(_) | Fit::Ucs2(_) => Ok(Screen {
                text,
                open: !end,
                network: false,
            }),
        }
    }

    /// Ends the session from the phone's side; without one nothing happens.
    ///
    /// # Errors
    /// [`HandsetError`] when the node did not take it.
    pub async fn hang_up(&mut self) -> Result<(), HandsetError> {
        let Some(session) = self.session.take().filter(|session| session.answerable) else {
            return Ok(());
        };
        let abort = UssdStep {
            op: UssdOp::Abort,
            text: String::new(),
            step: None,
            ..session.last
        };
        self.loop_back.ask(Inbound::Ussd(abort)).await.map(drop)
    }

    /// Sends an SMS.
    ///
    /// # Errors
    /// [`HandsetError`] when the node did not take it.
    pub async fn sms(&self, to: Address, text: &str) -> Result<(), HandsetError> {
        let sms = SmsReceived {
            link: self.loop_back.shared.link.clone(),
            from: Address::Phone(self.number.clone()),
            to,
            text: text.to_owned(),
            sent: None,
        };
        self.loop_back.ask(Inbound::Sms(sms)).await.map(drop)
    }

    /// Lets the other side ring and hangs up before anybody answers.
    ///
    /// # Errors
    /// [`HandsetError`] when the node did not take it.
    pub async fn ring(&self) -> Result<(), HandsetError> {
        let call = MissedCall {
            link: self.loop_back.shared.link.clone(),
            from: self.number.clone(),
        };
        self.loop_back
            .ask(Inbound::MissedCall(call))
            .await
            .map(drop)
    }

    /// What arrived at this phone, oldest first.
    pub fn inbox(&self) -> Vec<ReceivedSms> {
        self.loop_back.inbox(&self.number)
    }

    /// Waits until this phone has at least so many messages.
    pub async fn inbox_reaches(&self, count: usize) -> Vec<ReceivedSms> {
        self.loop_back.inbox_reaches(&self.number, count).await
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Screen({} characters, open: {})",
            self.text.chars().count(),
            self.open
        )
    }
}

impl fmt::Debug for ReceivedSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ReceivedSms({}, {} characters)",
            self.order,
            self.text.chars().count()
        )
    }
}

impl fmt::Debug for LoopBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoopBack({:?})", self.shared.link)
    }
}

impl fmt::Debug for Handset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Handset({:?} over {:?})",
            self.number, self.loop_back.shared.link
        )
    }
}

#[cfg(test)]
mod tests;
