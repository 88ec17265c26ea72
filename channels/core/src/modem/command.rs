//! The commands that a modem gets, how long each may take, and which lines answer it.

use jiff::{SignedDuration, Timestamp};

/// Longest wait for commands that the modem answers by itself, in seconds.
pub(super) const LOCAL_S_MAX: i64 = 2;
/// Longest wait for commands that ask the SIM, in seconds.
pub(super) const SIM_S_MAX: i64 = 10;
/// Longest wait for a list of all messages, in seconds.
pub(super) const LIST_S_MAX: i64 = 30;
/// Longest wait for the network: some modems take 60 s to give up a message, others 120 s.
pub(super) const NETWORK_S_MAX: i64 = 125;
/// Longest wait for the prompt, in seconds; then the message did not leave.
pub(super) const PROMPT_S_MAX: i64 = 5;
/// Longest wait for `OK` to a probe, in milliseconds.
pub(super) const PROBE_MS_MAX: i64 = 1_000;
/// Most lines of an answer that are kept; the rest is dropped. No answer that is kept has more.
pub(super) const ANSWER_LINES_MAX: usize = 16;

/// Escape: leaves the prompt, and is ignored elsewhere.
pub(super) const ESCAPE: u8 = 0x1B;
/// Ends a PDU.
pub(super) const SUBSTITUTE: u8 = 0x1A;

/// What a command is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Job {
    /// `AT`, in bring-up and in the ladder's first step.
    Probe,
    /// A step of the bring-up, by its place.
    SetUp(usize),
    /// The PIN.
    Pin,
    /// `AT+CSQ`.
    Signal,
    /// `AT+CREG?`.
    Registration,
    /// `AT+CCLK?`.
    Clock,
    /// `AT+CPMS?`.
    Room,
    /// Chooses the memory that the next list or deletion is about.
    Memory(String),
    /// `AT+CMGL=4`.
    List,
    /// `AT+CMGD`.
    Delete {
        /// Where it is stored.
        index: u32,
    },
    /// `AT+CNMA`.
    Acknowledge,
    /// Where new messages go, said again after one was not acknowledged.
    Route,
    /// `AT+CMGS`, the prompt and the PDU.
    Send,
    /// Dials the balance code.
    Ussd,
    /// Ends a USSD session.
    UssdEnd,
    /// `AT+COPS=0`.
    Operator,
    /// Ends a ringing call.
    HangUp,
}

/// How far the command is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// Waits for its final result.
    Answer,
    /// Waits for the prompt.
    Prompt,
    /// The PDU is out; waits for the network.
    Handed,
}

/// A command on its way. Its deadline is never moved by what comes in between.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) job: Job,
    pub(super) stage: Stage,
    pub(super) deadline: Timestamp,
    pub(super) answer: Vec<String>,
}

impl Job {
    /// Longest wait for the final result.
    pub(super) fn wait(&self) -> SignedDuration {
        match self {
            Self::Probe => SignedDuration::from_millis(PROBE_MS_MAX),
            Self::SetUp(step) => SignedDuration::from_secs(super::setup::wait_s(*step)),
            Self::Pin
            | Self::Memory(_)
            | Self::Delete { .. }
            | Self::Route
            | Self::Room
            | Self::UssdEnd
            | Self::HangUp => SignedDuration::from_secs(SIM_S_MAX),
            Self::Signal | Self::Registration | Self::Clock | Self::Acknowledge => {
                SignedDuration::from_secs(LOCAL_S_MAX)
            }
            Self::List => SignedDuration::from_secs(LIST_S_MAX),
            Self::Send => SignedDuration::from_secs(PROMPT_S_MAX),
            Self::Ussd | Self::Operator => SignedDuration::from_secs(NETWORK_S_MAX),
        }
    }

    /// The name of the lines that answer it.
    pub(super) fn wanted(&self) -> Option<&'static str> {
        match self {
            Self::SetUp(step) => super::setup::wanted(*step),
            Self::Signal => Some("+CSQ"),
            Self::Registration => Some("+CREG"),
            Self::Clock => Some("+CCLK"),
            Self::Room | Self::Memory(_) => Some("+CPMS"),
            Self::Send => Some("+CMGS"),
            _ => None,
        }
    }
}
