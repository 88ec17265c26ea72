//! What goes into one step of the link and what comes out. Contents are redacted in `Debug`.

use core::fmt;

use super::super::datagram::Opened;
use super::super::key::{Direction, Ends, Keyring};
use super::super::purse::Budget;
use super::super::{Carrier, Class, Kind, Nonce};
use crate::id::Lane;
use crate::refusal::RefusalCode;

/// What this end is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// The node of the link, whichever end this is.
    pub ends: Ends,
    /// Which way this end sends.
    pub sends: Direction,
    /// What carries its datagrams.
    pub carrier: Carrier,
    /// Lanes 2–4 that the operator lets go by SMS; lanes 0 and 1 always may.
    pub lanes: Vec<Lane>,
}

/// A run to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Submission {
    /// The caller's name for it; it comes back with the end of the run.
    pub ticket: u64,
    /// How urgent it is.
    pub lane: Lane,
    /// What it holds.
    pub class: Class,
    /// The run, at most [`Carrier::run_octets`].
    pub content: Vec<u8>,
}

/// A run that arrived whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its name, for [`Input::Answered`].
    pub run: Nonce,
    /// What it holds.
    pub class: Class,
    /// The run; its own signatures are not verified here.
    pub content: Vec<u8>,
}

/// What became of a delivered run.
#[derive(Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Committed, or known with the same hashes.
    Accepted {
        /// A receipt that goes with the ack, empty for none.
        receipt: Vec<u8>,
    },
    /// Nothing was changed. `Busy` is not told: the run is delivered again.
    Refused(RefusalCode),
}

/// What the shell tells the machine.
#[derive(Clone, PartialEq, Eq)]
pub enum Input {
    /// The process started: runs whose fate is not known are delivered again.
    Start,
    /// Send a run.
    Submit(Submission),
    /// Another link carried the run.
    Carried(u64),
    /// Send this once, without an ack: a receipt, or a short word of the hub.
    Once {
        /// `Receipt` or `Control`; others are dropped.
        kind: Kind,
        /// How urgent it is.
        lane: Lane,
        /// At most [`Carrier::content_octets`]; a longer one is dropped.
        content: Vec<u8>,
    },
    /// A datagram of the peer was opened.
    Received(Opened),
    /// Answers [`Action::Deliver`].
    Answered {
        /// The run.
        run: Nonce,
        /// What became of it.
        outcome: Outcome,
    },
    /// The roots changed; the key file holds them already.
    Keys(Keyring),
    /// The deadline passed.
    Timeout,
}

/// What the machine asks of the shell.
#[derive(Clone, PartialEq, Eq)]
pub enum Action {
    /// Commit [`super::Link::state`] and [`super::super::purse::Purse::state`] before the actions that
    /// follow, in one transaction with what `Accepted`, `Refused` and `Receipt` among them mean to
    /// the store: the state no longer holds those runs.
    Persist,
    /// Give the datagram to the modem or provider, once; a failure counts as lost on the way.
    Send(Vec<u8>),
    /// Check and commit the run, then answer.
    Deliver(Delivery),
    /// The peer committed the run; it is forgotten here.
    Accepted(u64),
    /// The peer refused the run; it is forgotten here.
    Refused(u64, RefusalCode),
    /// A receipt of the hub, with its own signature.
    Receipt(Vec<u8>),
    /// The run was not taken.
    Rejected(u64, Rejection),
    /// The peer took the next step of the ratchet: store the root before the state.
    KeyAdvanced(Keyring),
    /// Tell an operator.
    Alarm(Alarm),
}

/// Why a run was not taken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rejection {
    /// Its lane does not go by SMS.
    Lane,
    /// Empty, or over 64 parts.
    Length,
    /// Enough runs wait; offer it again when one ended.
    Full,
    /// A run with this ticket waits already.
    Known,
}

/// What an operator should know. No personal data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Alarm {
    /// The budget of the SIM; what waits stays held.
    Budget(Budget),
    /// The next key id is due.
    KeyWorn,
}

macro_rules! redacted {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )*};
}
redacted!(Submission, Delivery, Outcome, Input, Action);
