//! The SMS link: sealed datagrams between a node and its hub where there is no IP at all.
//!
//! Follows SYNC §11.4 and SECURITY §6; the page for a second implementation is
//! `docs/protocols/sms.md`. A *run* (the bytes of one signed frame, or an order of the hub) is cut
//! into at most 64 parts, each sealed into one SMS. The receiver answers with maps of what it holds,
//! the sender repeats what is missing.
//!
//! [`link::Link`] is the machine; it keeps both directions of one peer. [`purse::Purse`] counts what
//! a SIM may send. What a run means, the modem and the rows that hold the state are not here.

use core::fmt;

use serde::{Deserialize, Serialize};

pub mod base64;
pub mod content;
pub mod datagram;
pub mod key;
pub mod link;
pub mod order;
pub mod purse;
pub mod receipt;
mod receiver;
pub mod run;
mod sender;
pub mod window;

pub use receiver::RECEIPT_OCTETS_MAX;

/// Octets of user data in one SMS (TS 23.040 §9.2.3.24), before the header with the ports.
const USER_DATA_OCTETS: usize = 140;
/// Octets of the user data header with 16-bit application ports (TS 23.040 §9.2.3.24.4).
const PORT_HEADER_OCTETS: usize = 7;

/// Octets of a datagram at most, ports apart: 140 − 7. The sender cuts, a longer one is not opened.
pub const DATAGRAM_OCTETS_MAX: usize = USER_DATA_OCTETS - PORT_HEADER_OCTETS;
/// Octets of a datagram in base64: 160 characters of one text SMS hold 120. The sender cuts to it.
pub const TEXT_DATAGRAM_OCTETS_MAX: usize = 120;
/// Parts of a run, one bit of a map each; a longer run is rejected and waits for another link.
pub const PARTS_MAX: u8 = 64;
/// Octets of a part in a binary SMS: 107 less part number and count. The sender cuts.
pub const PART_OCTETS_MAX: usize = Carrier::Binary.content_octets() - content::PART_HEAD_OCTETS;
/// Octets of a run over binary SMS: 64 parts of 105; a longer run is rejected.
pub const RUN_OCTETS_MAX: usize = 64 * PART_OCTETS_MAX;

/// What carries a datagram.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Carrier {
    /// 8-bit data with application ports.
    Binary,
    /// Base64 in the default alphabet, for providers that carry text only.
    Text,
}

impl Carrier {
    /// Octets of content that one SMS holds: 107 or 94.
    pub const fn content_octets(self) -> usize {
        let datagram = match self {
            Self::Binary => DATAGRAM_OCTETS_MAX,
            Self::Text => TEXT_DATAGRAM_OCTETS_MAX,
        };
        datagram - datagram::HEAD_OCTETS - datagram::TAG_OCTETS
    }

    /// Octets of one part of a run: 105 or 92.
    pub const fn part_octets(self) -> usize {
        self.content_octets() - content::PART_HEAD_OCTETS
    }

    /// Octets of a run at most: 64 parts.
    pub const fn run_octets(self) -> usize {
        64 * self.part_octets()
    }
}

/// What a datagram is; the low four bits of its first octet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// One part of a run of entries.
    Data,
    /// A whole run of entries.
    Single,
    /// What the receiver holds of runs, with a receipt where it fits.
    Ack,
    /// A receipt alone.
    Receipt,
    /// What do you hold of these runs?
    Query,
    /// A whole order or word of the hub: revocation, beacon.
    Control,
    /// One part of an order that does not fit one SMS.
    ControlPart,
}

impl Kind {
    /// All kinds, in the order of their numbers from 0.
    pub const ALL: [Self; 7] = [
        Self::Data,
        Self::Single,
        Self::Ack,
        Self::Receipt,
        Self::Query,
        Self::Control,
        Self::ControlPart,
    ];

    /// The number on the wire, 0–6.
    pub fn number(self) -> u8 {
        match self {
            Self::Data => 0,
            Self::Single => 1,
            Self::Ack => 2,
            Self::Receipt => 3,
            Self::Query => 4,
            Self::Control => 5,
            Self::ControlPart => 6,
        }
    }

    /// The kind with this number, `None` for 7–255.
    pub fn parse(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// What a run holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Class {
    /// Journal entries under their origin's signature.
    Entries,
    /// An order or word of the hub under its own signatures (SECURITY §3).
    Control,
}

/// The open part of a datagram's nonce, with the key it belongs to: no two datagrams share one.
///
/// A run is named by the nonce of its first part, so its name costs nothing on the wire and no
/// restored or cloned sender gives it again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Nonce {
    /// Key id, 1–254.
    pub key: u8,
    /// Drawn when the sender's process started.
    pub salt: [u8; 4],
    /// Counted up by the sender, committed before it is used.
    pub counter: u32,
}

impl Nonce {
    /// The nonce of part `part` of the run with this name, `None` beyond the last counter.
    pub fn of_part(self, part: u8) -> Option<Self> {
        let counter = self.counter.checked_add(u32::from(part))?;
        Some(Self { counter, ..self })
    }

    /// The name of the run whose part `part` has this nonce.
    pub fn run(self, part: u8) -> Option<Self> {
        let counter = self.counter.checked_sub(u32::from(part))?;
        Some(Self { counter, ..self })
    }
}

/// Why a datagram cannot be sealed, read or opened. Nothing was changed by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmsError {
    /// Over the limit or too short for head and tag.
    Length,
    /// Another version; there is no fall-back.
    Version,
    /// No kind of this version.
    Kind,
    /// Key ids are 1–254.
    KeyId,
    /// The tag does not belong to this key and these octets.
    Tag,
    /// The content is not of the form of its kind.
    Content,
    /// Not the one base64 form of any octets.
    Text,
    /// A stored state is of another version or damaged.
    State,
}

impl fmt::Display for SmsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "SMS datagram: length",
            Self::Version => "SMS datagram: version",
            Self::Kind => "SMS datagram: kind",
            Self::KeyId => "SMS datagram: key id",
            Self::Tag => "SMS datagram: tag",
            Self::Content => "SMS datagram: content",
            Self::Text => "SMS datagram: not base64",
            Self::State => "SMS link: stored state",
        })
    }
}

impl core::error::Error for SmsError {}

#[cfg(test)]
mod tests;
