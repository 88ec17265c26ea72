//! What the demo page shows and asks for; the JSON of `/demo/state` is the serde form of this.
//!
//! Names, numbers, screens and messages are personal even in a demo: `Debug` counts them only.

use std::time::Duration;

use node_core::status::Status;
use serde::{Serialize, Serializer};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Most requests that wait; a further one waits [`ANSWER_WAIT_MAX`], then hears "busy".
const DEMO_QUEUE_MAX: usize = 16;
/// Longest wait for the demo to answer one request.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(15);

/// Everything on the page.
#[derive(Clone, PartialEq, Eq, Serialize, Default)]
pub struct DemoState {
    /// The code that starts the service, such as `*384*7#`.
    pub code: String,
    /// The handsets, in the order of their tabs; the first belongs to the first node's worker.
    pub phones: Vec<PhoneView>,
    /// The nodes.
    pub nodes: Vec<NodeView>,
    /// The hub.
    pub hub: HubView,
    /// Registrations, newest first; the page shows the first 40.
    pub registrations: Vec<RegistrationView>,
    /// The registry of the centre.
    pub centre: CentreView,
}

/// One handset.
#[derive(Clone, PartialEq, Eq, Serialize, Default)]
pub struct PhoneView {
    /// Whose it is, such as `Health worker A`.
    pub name: String,
    /// Its number, E.164 with `+`.
    pub number: String,
    /// The code that reaches its node's service, such as `*384*7#`.
    pub code: String,
    /// Where its messages to that service go, such as `3847`.
    pub short_code: String,
    /// What its screen shows; lines end in `\n`; empty when idle.
    pub screen: String,
    /// Language of the screen, BCP 47.
    pub language: String,
    /// Whether a USSD session is open and waits for an answer.
    pub open: bool,
    /// Received messages, newest first.
    pub inbox: Vec<SmsView>,
}

/// One received message.
#[derive(Clone, PartialEq, Eq, Serialize, Default)]
pub struct SmsView {
    /// Sender as shown.
    pub from: String,
    /// Text.
    pub text: String,
}

/// One node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Default)]
pub struct NodeView {
    /// Its name.
    pub name: String,
    /// Whether its uplink is plugged in.
    pub plugged: bool,
    /// Whether the hub has certified it.
    pub certified: bool,
    /// Its own registrations that are durable here only.
    pub held: u64,
    /// … that a receipt of the hub covers.
    pub carried: u64,
    /// … that the registry took.
    pub accepted: u64,
    /// … that a person must decide.
    pub conflict: u64,
    /// Journal entries that wait for the uplink.
    pub waiting: u64,
    /// Leased registration numbers left.
    pub numbers_left: u64,
}

/// The hub.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Default)]
pub struct HubView {
    /// Its name.
    pub name: String,
    /// Registrations that reached it.
    pub registrations: u64,
    /// Effects that wait to go to the registry, or whose answer was lost.
    pub waiting: u64,
    /// Effects that the registry took.
    pub accepted: u64,
    /// Reviews that wait for a worker.
    pub reviews: u64,
    /// Who can sign in on the pages of its office, if they are served.
    pub office: Option<OfficeView>,
}

/// An account that everybody at the demo may use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Default)]
pub struct OfficeView {
    /// Number of the officer.
    pub number: String,
    /// Her passphrase.
    pub passphrase: String,
}

/// One registration.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct RegistrationView {
    /// The mother's registration number, as her phone shows it.
    pub mother: String,
    /// The child's registration number.
    pub child: String,
    /// Name of the node that captured it.
    pub node: String,
    /// How far it is, by what its node can prove.
    #[serde(serialize_with = "status_word")]
    pub status: Status,
    /// The registry's id once accepted.
    pub registry_id: Option<String>,
}

/// The registry of the centre.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Default)]
pub struct CentreView {
    /// Records it holds.
    pub records: u64,
    /// Write requests it received.
    pub writes: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
fn status_word<S: Serializer>(status: &Status, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(status.word())
}

impl core::fmt::Debug for DemoState {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (phones, registrations) = (self.phones.len(), self.registrations.len());
        write!(
            f,
            "DemoState({phones} phones, {registrations} registrations)"
        )
    }
}

impl core::fmt::Debug for PhoneView {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "PhoneView(open: {}, {} messages)",
            self.open,
            self.inbox.len()
        )
    }
}

impl core::fmt::Debug for SmsView {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SmsView({} characters)", self.text.chars().count())
    }
}

impl core::fmt::Debug for RegistrationView {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "RegistrationView({:?})", self.status)
    }
}

/// What a visitor does. Phones and nodes are meant by their place in [`DemoState`], from 0.
#[derive(Clone, PartialEq, Eq)]
pub enum Act {
    /// Dials a code.
    Dial {
        /// On which handset.
        phone: usize,
        /// The code.
        code: String,
    },
    /// Answers the screen.
    Type {
        /// On which handset.
        phone: usize,
        /// The answer.
        text: String,
    },
    /// Ends the session.
    HangUp {
        /// On which handset.
        phone: usize,
    },
    /// Sends a message.
    SendSms {
        /// From which handset.
        phone: usize,
        /// To which number.
        to: String,
        /// The text.
        text: String,
    },
    /// Plugs an uplink in or out.
    Plug {
        /// Of which node.
        node: usize,
        /// In or out.
        on: bool,
    },
}

impl core::fmt::Debug for Act {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Dial { phone, .. } => write!(f, "Dial on phone {phone}"),
            Self::Type { phone, .. } => write!(f, "Type on phone {phone}"),
            Self::HangUp { phone } => write!(f, "HangUp on phone {phone}"),
            Self::SendSms { phone, .. } => write!(f, "SendSms from phone {phone}"),
            Self::Plug { node, on } => write!(f, "Plug node {node}: {on}"),
        }
    }
}

/// Why it was not done; the page says what to do instead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DemoRefusal {
    /// No such handset or node.
    #[error("there is no such phone or node")]
    Unknown,
    /// Nothing is open on this handset.
    #[error("no session is open on this phone")]
    NoSession,
    /// The network does not know this code or number.
    #[error("the network does not know this number")]
    NoSuchNumber,
    /// The service did not answer in time.
    #[error("the service did not answer")]
    NoAnswer,
    /// Too much at once.
    #[error("the demo is busy")]
    Busy,
}

/// One request of the page, with the way back.
#[derive(Debug)]
pub enum DemoRequest {
    /// Tell everything.
    State {
        /// Where the answer goes.
        reply: oneshot::Sender<DemoState>,
    },
    /// Do this; answered when the handset shows the result.
    Act {
        /// What.
        act: Act,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<(), DemoRefusal>>,
    },
}

/// The page's end of the channel.
#[derive(Clone, Debug)]
pub struct DemoPort {
    requests: mpsc::Sender<DemoRequest>,
}

impl DemoPort {
    /// Both ends of a new channel.
    pub fn new() -> (Self, mpsc::Receiver<DemoRequest>) {
        let (requests, receiver) = mpsc::channel(DEMO_QUEUE_MAX);
        (Self { requests }, receiver)
    }

    /// Everything on the page.
    ///
    /// # Errors
    /// [`DemoRefusal::Busy`] when the demo does not answer.
    pub async fn state(&self) -> Result<DemoState, DemoRefusal> {
        self.ask(|reply| DemoRequest::State { reply }).await
    }

    /// Does one act.
    ///
    /// # Errors
    /// [`DemoRefusal`] tells why it was not done.
    pub async fn act(&self, act: Act) -> Result<(), DemoRefusal> {
        self.ask(|reply| DemoRequest::Act { act, reply }).await?
    }

    async fn ask<T>(
        &self,
        make: impl FnOnce(oneshot::Sender<T>) -> DemoRequest,
    ) -> Result<T, DemoRefusal> {
        let (sender, receiver) = oneshot::channel();
        if self
            .requests
            .send_timeout(make(sender), ANSWER_WAIT_MAX)
            .await
            .is_err()
        {
            return Err(DemoRefusal::Busy);
        }
        match timeout(ANSWER_WAIT_MAX, receiver).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) | Err(_) => Err(DemoRefusal::Busy),
        }
    }
}
