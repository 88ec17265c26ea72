//! The SMPP session of both roles, ESME and SMSC, as one pure machine.
//!
//! Time is an argument: a [`Timestamp`] that the shell advances with its monotonic clock, so that
//! a step of the wall clock moves no deadline. The shell performs the actions in order, reports
//! [`Input::Disconnected`] after every lost connection and after [`Action::Close`], and calls
//! `handle(now, Input::Timeout)` at [`Session::deadline`].
//!
//! Inbound requests are answered only by [`Input::Answered`]: the shell says it after the commit.

mod account;
mod backoff;
mod bind;
mod inbound;
mod link;
mod outgoing;
mod pace;

use core::fmt;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::pdu::{Bind, BindKind, Refused, ShortMessage, SmeAddress};
use super::split::Splitter;
use super::status;

pub use account::{Account, BindMode};
use backoff::Backoff;
use outgoing::Outgoing;
use pace::{Meter, Pace};

/// Most inbound requests that wait for the shell; a further one is answered "later".
pub const ASKED_MAX: usize = 64;

/// Limits and times of a link; the defaults suit most operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Requests of ours without an answer, 1–255.
    pub window: u8,
    /// Time for the bind, in seconds.
    pub bind_s: u16,
    /// Time for the answer to a request, in seconds; after it the outcome is unknown.
    pub request_s: u16,
    /// Silence before an `enquire_link`, in seconds; two without an answer end the connection.
    pub idle_s: u16,
    /// ESME: most requests a second that the operator agreed to; screens of USSD go first.
    pub rate_per_s: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            window: 10,
            bind_s: 10,
            request_s: 20,
            idle_s: 30,
            rate_per_s: 30,
        }
    }
}

/// Which end we are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Role {
    /// We connect and bind with this.
    Esme(Bind),
    /// We accept a connection and check its bind.
    Smsc {
        /// Our name in the bind response.
        system_id: String,
        /// Who may bind.
        accounts: Vec<Account>,
    },
}

/// What happens to the machine.
#[derive(Clone, PartialEq, Eq)]
pub enum Input {
    /// The connection that [`Action::Connect`] asked for is up.
    Connected,
    /// The connection ended, or could not be made.
    Disconnected {
        /// Any octet, for the ±20 % of the next attempt.
        jitter: u8,
    },
    /// Octets from the peer.
    Received(Vec<u8>),
    /// The deadline was reached.
    Timeout,
    /// Send this: `submit_sm` as ESME, `deliver_sm` as SMSC.
    Request {
        /// The shell's name for it, back in [`Action::Finished`].
        token: u64,
        /// The message.
        message: Box<ShortMessage>,
        /// Goes before all others and is not paced: a person waits for it.
        urgent: bool,
    },
    /// The shell's answer to [`Action::Asked`].
    Answered {
        /// From the action; a ticket of an older connection is ignored.
        ticket: u64,
        /// `command_status`.
        status: u32,
        /// For `submit_sm_resp`; ignored in `deliver_sm_resp`.
        message_id: String,
    },
    /// Unbind and end.
    Shutdown,
}

/// What the shell does.
#[derive(Clone, PartialEq, Eq)]
pub enum Action {
    /// Open a connection.
    Connect,
    /// Write these octets: one whole PDU.
    Send(Vec<u8>),
    /// Close the connection after what was sent.
    Close,
    /// The bind is in force.
    Bound {
        /// Its kind.
        kind: BindKind,
        /// As SMSC: the account; as ESME: the peer's name.
        system_id: String,
    },
    /// The bind that was in force ended.
    Unbound,
    /// A request came: `deliver_sm` as ESME, `submit_sm` as SMSC, `data_sm` as either.
    Asked {
        /// For [`Input::Answered`].
        ticket: u64,
        /// The message.
        message: Box<ShortMessage>,
    },
    /// A request of ours came to its end, once for each [`Input::Request`].
    Finished {
        /// From the input.
        token: u64,
        /// How it ended.
        outcome: Outcome,
    },
    /// Something to log or count.
    Note(Note),
}

/// How a request of ours ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The peer answered.
    Answered {
        /// `command_status`; 0 = taken.
        status: u32,
        /// The SMSC's id, where there is one.
        message_id: String,
    },
    /// It was sent and no answer came: it may have arrived.
    Unknown,
    /// It was not sent: no fitting bind, a full queue, or too long in it.
    NotSent,
    /// It cannot be sent as it is.
    Unfit {
        /// The field that does not fit.
        field: &'static str,
    },
}

/// Things worth a log line or a count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// A request of the peer was refused.
    Refused(Refused),
    /// Parts of a PDU were left out.
    SetAside {
        /// How many.
        count: u16,
    },
    /// The stream cannot be read any further.
    BadLength {
        /// The `command_length`.
        length: u32,
    },
    /// The bind was refused; a person must look after 0x05, 0x0D, 0x0E, 0x0F.
    BindRefused {
        /// The `command_status`.
        status: u32,
    },
    /// No bind, or no answer to it, in time.
    BindTimeout,
    /// Two `enquire_link` without an answer.
    Silent,
    /// The peer asked for fewer messages.
    Throttled {
        /// The `command_status`.
        status: u32,
    },
    /// A PDU of our own could not be written; the peer hears nothing.
    Unsendable {
        /// The field that does not fit.
        field: &'static str,
    },
    /// A response to nothing that we asked.
    Unmatched,
    /// `alert_notification`: this phone is reachable now.
    Reachable(SmeAddress),
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum State {
    /// ESME without a connection; the next attempt is due then.
    Waiting { until: Timestamp },
    /// ESME: the shell is connecting.
    Connecting,
    /// Connected, not bound. As ESME with the number of our bind.
    Open { until: Timestamp, bind: Option<u32> },
    /// Bound.
    Bound(Bound),
    /// `unbind` was sent.
    Unbinding { until: Timestamp },
    /// The shell is closing the connection.
    Closing,
    /// Nothing happens any more.
    Ended,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Bound {
    kind: BindKind,
    /// Whether the peer reads optional parameters (version 0x34 and up).
    optional: bool,
    /// SMSC: what the account may do.
    account: Option<(Vec<String>, Meter)>,
}

/// `enquire_link` bookkeeping.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Idle {
    heard: Option<Timestamp>,
    asked: Option<(u32, Timestamp)>,
    missed: u8,
}

/// The machine; see the module.
#[derive(Debug)]
pub struct Session {
    settings: Settings,
    role: Role,
    state: State,
    splitter: Splitter,
    sequence: u32,
    outgoing: Outgoing,
    asked: BTreeMap<u64, (u32, inbound::Asked)>,
    tickets: u64,
    idle: Idle,
    pace: Option<Pace>,
    backoff: Backoff,
    stopping: bool,
}

impl Session {
    /// An ESME; its first deadline is `now`, when it asks for a connection.
    pub fn esme(bind: Bind, settings: Settings, now: Timestamp) -> Self {
        let pace = Pace::new(settings.rate_per_s, now);
        Self::new(
            Role::Esme(bind),
            settings,
            State::Waiting { until: now },
            Some(pace),
        )
    }

    /// An SMSC on a connection that was just accepted.
    pub fn smsc(
        system_id: String,
        accounts: Vec<Account>,
        settings: Settings,
        now: Timestamp,
    ) -> Self {
        let until = after(now, settings.bind_s);
        let state = State::Open { until, bind: None };
        Self::new(
            Role::Smsc {
                system_id,
                accounts,
            },
            settings,
            state,
            None,
        )
    }

    fn new(role: Role, settings: Settings, state: State, pace: Option<Pace>) -> Self {
        Self {
            settings,
            role,
            state,
            splitter: Splitter::default(),
            sequence: 0,
            outgoing: Outgoing::new(settings.window.max(1)),
            asked: BTreeMap::new(),
            tickets: 0,
            idle: Idle::default(),
            pace,
            backoff: Backoff::default(),
            stopping: false,
        }
    }

    /// Takes one input and says what to do, in this order.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Action> {
        let mut out = Vec::new();
        match input {
            Input::Connected => self.connected(now, &mut out),
            Input::Disconnected { jitter } => self.disconnected(now, jitter, &mut out),
            Input::Received(octets) => self.received(now, &octets, &mut out),
            Input::Timeout => self.timeout(now, &mut out),
            Input::Request {
                token,
                message,
                urgent,
            } => {
                self.request(now, (token, urgent), *message, &mut out);
            }
            Input::Answered {
                ticket,
                status,
                message_id,
            } => {
                self.answered(ticket, status, message_id, &mut out);
            }
            Input::Shutdown => self.shutdown(now, &mut out),
        }
        self.pump(now, &mut out);
        out
    }

    /// When to call `handle` with [`Input::Timeout`] at the latest.
    pub fn deadline(&self) -> Option<Timestamp> {
        let state = match self.state {
            State::Waiting { until } | State::Open { until, .. } | State::Unbinding { until } => {
                Some(until)
            }
            State::Bound(_) => self.idle_deadline(),
            State::Connecting | State::Closing | State::Ended => None,
        };
        let send = match (&self.state, &self.pace) {
            (State::Bound(_), Some(pace)) if self.outgoing.wants_pace() => Some(pace.next()),
            (State::Bound(_), Some(pace)) if self.outgoing.wants_window() => pace.paused_until(),
            _ => None,
        };
        [state, send, self.outgoing.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// The kind of bind that is in force.
    pub fn bound(&self) -> Option<BindKind> {
        match &self.state {
            State::Bound(bound) => Some(bound.kind),
            _ => None,
        }
    }

    /// Whether the machine has nothing left to do.
    pub fn is_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Requests of ours without an answer now; never more than the window.
    pub fn in_flight(&self) -> usize {
        self.outgoing.in_flight()
    }

    /// Whether the bind in force lets us send requests of our role.
    fn may_request(&self) -> bool {
        match (&self.state, &self.role) {
            (State::Bound(bound), Role::Esme(_)) => bound.kind.submits(),
            (State::Bound(bound), Role::Smsc { .. }) => bound.kind.receives(),
            _ => false,
        }
    }

    fn next_sequence(&mut self) -> u32 {
        // 1 to 0x7FFFFFFF (SMPP 3.4 §3.2); a window is far smaller than a round.
        self.sequence = if self.sequence >= 0x7FFF_FFFF {
            1
        } else {
            self.sequence.saturating_add(1)
        };
        self.sequence
    }
}

/// `now` and some seconds; the far end of the calendar instead of an overflow.
fn after(now: Timestamp, seconds: u16) -> Timestamp {
    later(now, SignedDuration::from_secs(i64::from(seconds)))
}

fn later(now: Timestamp, duration: SignedDuration) -> Timestamp {
    now.checked_add(duration).unwrap_or(Timestamp::MAX)
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected => write!(f, "Connected"),
            Self::Disconnected { .. } => write!(f, "Disconnected"),
            Self::Received(octets) => write!(f, "Received({} octets)", octets.len()),
            Self::Timeout => write!(f, "Timeout"),
            Self::Request {
                token,
                message,
                urgent,
            } => {
                write!(f, "Request({token}, {message:?}, urgent: {urgent})")
            }
            Self::Answered { ticket, status, .. } => write!(f, "Answered({ticket}, {status:#x})"),
            Self::Shutdown => write!(f, "Shutdown"),
        }
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => write!(f, "Connect"),
            Self::Send(octets) => write!(f, "Send({} octets)", octets.len()),
            Self::Close => write!(f, "Close"),
            Self::Bound { kind, .. } => write!(f, "Bound({kind:?})"),
            Self::Unbound => write!(f, "Unbound"),
            Self::Asked { ticket, message } => write!(f, "Asked({ticket}, {message:?})"),
            Self::Finished { token, outcome } => write!(f, "Finished({token}, {outcome:?})"),
            Self::Note(note) => write!(f, "Note({note:?})"),
        }
    }
}

#[cfg(test)]
mod tests;
