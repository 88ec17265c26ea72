//! Refusals: why a frame, receipt or certificate was not taken. Codes travel in `Refuse` messages.
//!
//! A refusal is a value, never a panic: nothing that a peer sends may stop the process. Reasons
//! name the field and the limit, never a person, a number or a text.

use core::fmt;

/// Why something from a peer was refused; numbers are fixed for ever, new ones go to the end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RefusalCode {
    /// The frame starts beyond the head: entries are missing before it.
    Gap,
    /// The chain differs from what was accepted before: two entries have one name.
    Forked,
    /// The peer holds more of the node's own chain than the node does.
    Rewound,
    /// The scope or lane is not granted.
    Scope,
    /// The origin was revoked at a lower position.
    Revoked,
    /// The payload needs a dictionary that is not here.
    UnknownDictionary,
    /// A packed run did not rebuild; send it raw.
    Rebuild,
    /// Over a length cap; nothing of it was read.
    TooLarge,
    /// No room now; try later.
    Busy,
    /// The chain is stored apart until a person decides.
    Quarantined,
    /// Another version or an unknown form.
    Version,
    /// The signature does not belong to this key and these bytes.
    Signature,
    /// The bytes are not of the announced form.
    Malformed,
    /// Everything of it, or its beginning, is here already.
    Duplicate,
    /// It belongs to another network.
    Network,
    /// The certificate is missing, not valid now or not the origin's.
    Certificate,
    /// The signed content breaks a rule: cannot be expanded, parsed or is over a limit.
    Content,
    /// A change was not made by the origin's actor of this epoch.
    Actor,
    /// The recomputed chain does not end in the announced hash.
    Check,
    /// No more frames of others are kept here until the hub has receipted some.
    Full,
}

/// Who answers for a refusal; three against an origin quarantine its chains.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// Nobody: an ordinary event of synchronisation.
    Nobody,
    /// The peer that delivered it (checks before and at the signature).
    Peer,
    /// The origin that signed it (checks after the signature).
    Origin,
}

impl RefusalCode {
    /// All codes, in the order of their numbers from 1.
    pub const ALL: [Self; 20] = [
        Self::Gap,
        Self::Forked,
        Self::Rewound,
        Self::Scope,
        Self::Revoked,
        Self::UnknownDictionary,
        Self::Rebuild,
        Self::TooLarge,
        Self::Busy,
        Self::Quarantined,
        Self::Version,
        Self::Signature,
        Self::Malformed,
        Self::Duplicate,
        Self::Network,
        Self::Certificate,
        Self::Content,
        Self::Actor,
        Self::Check,
        Self::Full,
    ];

    /// The number on the wire, 1–20.
    pub fn number(self) -> u8 {
        match self {
            Self::Gap => 1,
            Self::Forked => 2,
            Self::Rewound => 3,
            Self::Scope => 4,
            Self::Revoked => 5,
            Self::UnknownDictionary => 6,
            Self::Rebuild => 7,
            Self::TooLarge => 8,
            Self::Busy => 9,
            Self::Quarantined => 10,
            Self::Version => 11,
            Self::Signature => 12,
            Self::Malformed => 13,
            Self::Duplicate => 14,
            Self::Network => 15,
            Self::Certificate => 16,
            Self::Content => 17,
            Self::Actor => 18,
            Self::Check => 19,
            Self::Full => 20,
        }
    }

    /// The code with this number, `None` for one of a later version.
    pub fn parse(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.number() == number)
    }

    /// The word in logs and metrics, lower case.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Forked => "forked",
            Self::Rewound => "rewound",
            Self::Scope => "scope",
            Self::Revoked => "revoked",
            Self::UnknownDictionary => "unknown_dictionary",
            Self::Rebuild => "rebuild",
            Self::TooLarge => "too_large",
            Self::Busy => "busy",
            Self::Quarantined => "quarantined",
            Self::Version => "version",
            Self::Signature => "signature",
            Self::Malformed => "malformed",
            Self::Duplicate => "duplicate",
            Self::Network => "network",
            Self::Certificate => "certificate",
            Self::Content => "content",
            Self::Actor => "actor",
            Self::Check => "check",
            Self::Full => "full",
        }
    }

    /// Whether the sender repeats the run raw (SYNC §8).
    pub fn asks_for_raw(self) -> bool {
        matches!(self, Self::Rebuild | Self::UnknownDictionary)
    }

    /// Who answers for it.
    pub fn fault(self) -> Fault {
        match self {
            Self::Gap
            | Self::Forked
            | Self::Rewound
            | Self::UnknownDictionary
            | Self::Rebuild
            | Self::Busy
            | Self::Quarantined
            | Self::Duplicate
            | Self::Full => Fault::Nobody,
            Self::Scope
            | Self::Revoked
            | Self::TooLarge
            | Self::Version
            | Self::Signature
            | Self::Malformed
            | Self::Network
            | Self::Certificate => Fault::Peer,
            Self::Content | Self::Actor | Self::Check => Fault::Origin,
        }
    }
}

/// A refusal; it changed nothing here.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("refused ({}): {reason}", code.word())]
pub struct Refusal {
    /// What the peer is told.
    pub code: RefusalCode,
    /// What the log says: field and limit, no content.
    pub reason: String,
}

impl Refusal {
    /// A refusal with its reason.
    pub fn new(code: RefusalCode, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }
}

impl fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_reads_back_as_its_code() {
        for code in RefusalCode::ALL {
            assert_eq!(RefusalCode::parse(code.number()), Some(code));
        }
        assert_eq!(RefusalCode::parse(0), None);
        assert_eq!(RefusalCode::parse(21), None);
    }
}
