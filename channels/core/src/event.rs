//! What passes between a channel and the node: one inbound event, one reply, one outgoing SMS.
//!
//! Every inbound event is answered exactly once with a [`Reply`], and only after the node has
//! committed what it means. The adapter then does what its protocol needs, in the order of the
//! turn: acknowledge (`deliver_sm_resp`), then send the screen (`submit_sm`, HTTP body).

use core::fmt;

use jiff::Timestamp;

use crate::address::{Address, Msisdn};

/// Name of a configured link, such as `operator-a`; not personal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkName(pub String);

/// Where in its session a USSD step stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UssdOp {
    /// The person dialled a code.
    Begin,
    /// The person answered a screen.
    Continue,
    /// The network or the person closed the session; there is nobody to answer.
    Abort,
}

/// One USSD step from a person.
#[derive(Clone, PartialEq, Eq)]
pub struct UssdStep {
    /// The link it came by.
    pub link: LinkName,
    /// The gateway's own session name; with link and number it is the session key.
    pub session: String,
    /// The caller, vouched for by the gateway.
    pub from: Msisdn,
    /// The code that was dialled, such as `*384*7#`; empty when the gateway does not tell.
    pub code: String,
    /// Where in the session.
    pub op: UssdOp,
    /// What the person typed; for `Begin` what follows the code, usually nothing.
    pub text: String,
    /// Names this step within the session so that a gateway's retry is recognised: the whole
    /// joined text, a sequence number. `None`: the gateway gives no name, see `screen_taken`.
    pub step: Option<String>,
    /// Whether the gateway is known to have taken our screen before this step. If not, a nameless
    /// step equal to the last one is the gateway's repeat and no second answer.
    pub screen_taken: bool,
    /// Most characters of an answer: (GSM-7 septets, UCS-2 units; 0 = refused).
    pub limits: (u16, u16),
}

/// One SMS from a person.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsReceived {
    /// The link it came by.
    pub link: LinkName,
    /// The claimed sender.
    pub from: Address,
    /// The number or short code it was sent to.
    pub to: Address,
    /// The joined text.
    pub text: String,
    /// The SMSC's time stamp, where given.
    pub sent: Option<Timestamp>,
}

/// Data of another node or hub in one SMS, see [`crate::datagram`]. Never shown to a person.
#[derive(Clone, PartialEq, Eq)]
pub struct DataReceived {
    /// The link it came by.
    pub link: LinkName,
    /// The claimed sender: it only says whose keys are tried first.
    pub from: Address,
    /// The octets, sealed.
    pub octets: Vec<u8>,
    /// The SMSC's time stamp, where given.
    pub sent: Option<Timestamp>,
}

/// What happened to a message that we handed over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SmsStatus {
    /// The link the receipt came by.
    pub link: LinkName,
    /// The network's id of the message, as spelled there; empty where the receipt has none.
    pub message_id: String,
    /// Whether it reached the phone; `None` while still on its way.
    pub delivered: Option<bool>,
    /// The phone that it is about, where the receipt names one that can be read.
    pub recipient: Option<Msisdn>,
    /// Our own number of the message, where the network gives it back
    /// (`user_message_reference`, SMPP 3.4 §5.3.2.17).
    pub reference: Option<u16>,
}

impl SmsStatus {
    /// A status that names its message by the network's id only.
    pub fn new(link: LinkName, message_id: String, delivered: Option<bool>) -> Self {
        Self {
            link,
            message_id,
            delivered,
            recipient: None,
            reference: None,
        }
    }
}

/// Somebody rang and was not answered: the caller asks for the menu and pays nothing.
///
/// The channel gives one event for one number in two minutes and none for withheld numbers. The
/// number is claimed, as that of an SMS is: it opens nothing that needs identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MissedCall {
    /// The link it came by.
    pub link: LinkName,
    /// The claimed caller.
    pub from: Msisdn,
}

/// A reading of the airtime with which a link sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Balance {
    /// The link; of several SIMs, all together.
    pub link: LinkName,
    /// In minor units (hundredths) of the operator's currency.
    pub balance_minor: i64,
}

/// Anything a channel brings in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Inbound {
    /// A USSD step.
    Ussd(UssdStep),
    /// An SMS.
    Sms(SmsReceived),
    /// A delivery receipt.
    Status(SmsStatus),
    /// A call that nobody answered.
    MissedCall(MissedCall),
    /// The operator told what airtime is left.
    Balance(Balance),
    /// Data for a program.
    Data(DataReceived),
}

/// The node's one answer to an inbound event.
#[derive(Clone, PartialEq, Eq)]
pub enum Reply {
    /// Committed; nothing to show (SMS, receipt, abort).
    Accepted,
    /// Committed; show this. `end` closes the session.
    Screen {
        /// The screen, already within the bearer's limits.
        text: String,
        /// Whether the session closes.
        end: bool,
    },
    /// Not committed: queue or disk full. The channel asks the peer to try again.
    Busy,
}

/// One SMS on its way out; the id was committed before the first attempt.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingSms {
    /// Our outbox id; the same for every attempt.
    pub id: String,
    /// The recipient.
    pub to: Msisdn,
    /// The sender to show: a short code or name.
    pub from: Address,
    /// Data for a program at the other end, see [`crate::datagram`]: they go in place of a text
    /// and without a report. Empty for a text to a person.
    pub data: Vec<u8>,
    /// The text; the channel chooses the encoding and splits it.
    pub text: String,
    /// How long the network shall try, in seconds; 0 = its default.
    pub validity_s: u32,
}

/// What became of handing an SMS over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SubmitOutcome {
    /// The network took it; its id for the receipt.
    Sent {
        /// The network's id, as spelled there.
        message_id: String,
    },
    /// Nothing left us, or the peer said "later": try again with the same id.
    TryLater {
        /// Seconds to wait at least.
        after_s: u32,
    },
    /// The peer took nothing because our account there holds no credit: the message waits, and a
    /// person is told. No attempt of the message failed.
    NoCredit,
    /// The peer asks for fewer messages: later with the same id, and the attempt does not count.
    Throttled {
        /// Seconds to wait at least.
        after_s: u32,
    },
    /// The peer refused it for good.
    Failed {
        /// The peer's status code.
        code: u32,
    },
    /// It may have left: no answer came. Not sent again blindly.
    Unknown,
}

impl fmt::Debug for UssdStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "UssdStep({:?} over {:?}, {} characters)",
            self.op,
            self.link,
            self.text.len()
        )
    }
}

impl fmt::Debug for SmsReceived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SmsReceived(over {:?}, {} characters)",
            self.link,
            self.text.len()
        )
    }
}

impl fmt::Debug for DataReceived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "DataReceived(over {:?}, {} octets)",
            self.link,
            self.octets.len()
        )
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted => write!(f, "Accepted"),
            Self::Screen { text, end } => {
                write!(f, "Screen({} characters, end: {end})", text.chars().count())
            }
            Self::Busy => write!(f, "Busy"),
        }
    }
}

impl fmt::Debug for OutgoingSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "OutgoingSms({}, {} characters)",
            self.id,
            self.text.chars().count()
        )
    }
}
