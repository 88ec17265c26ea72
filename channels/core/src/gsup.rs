//! GSUP over IPA: how a phone on an own 2G cell dials a code of the node (Osmocom `osmo-hlr`).
//!
//! From the socket inwards: [`ipa`] cuts frames, [`ccm`] says who we are, [`message`] reads GSUP,
//! [`component`] the supplementary-service component in it (TS 24.080 §3, in the BER of [`ber`]),
//! [`string`] the USSD string in that. [`ctrl`] asks the home register for the number of a SIM.
//! [`entity`] is the machine over all of it: an external USSD entity that answers phones. It never
//! opens a session by itself, because the answer of a phone to such a session ends `osmo-hlr`
//! 1.5.0. SMS is not here: on an own cell it travels over the SMPP of `osmo-msc`.

pub mod ber;
pub mod ccm;
pub mod component;
pub mod ctrl;
pub mod entity;
pub mod imsi;
pub mod ipa;
pub mod message;
pub mod string;

/// Why octets of the home register were refused; surfaces as a note of the link, nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("refused at octet {offset}: {reason}")]
pub struct Refused {
    /// What is wrong.
    pub reason: Reason,
    /// Where, in octets from the start of the frame's content.
    pub offset: usize,
}

/// What is wrong with a frame, a message or a component.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Reason {
    /// It ends before its lengths say.
    #[error("ends too early")]
    Truncated,
    /// Octets follow where none belong.
    #[error("octets are left over")]
    Leftover,
    /// A length in the indefinite form, or in more than two octets.
    #[error("length in a form that is not read")]
    LengthForm,
    /// Longer than can be sent or read.
    #[error("{got} octets, the limit is {limit}")]
    TooLarge {
        /// The limit in octets.
        limit: usize,
        /// The octets that came.
        got: usize,
    },
    /// A protocol, message or component type that is not ours.
    #[error("type {0:#04x} is not ours")]
    UnknownType(u8),
    /// A part that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A part came twice.
    #[error("{0} came twice")]
    Doubled(&'static str),
    /// A part that is not what it should be.
    #[error("{0} has the wrong form")]
    WrongForm(&'static str),
    /// An operation that we do not perform.
    #[error("operation {0:#04x} is not performed")]
    UnknownOperation(u8),
    /// A data coding scheme whose alphabet we cannot read.
    #[error("data coding scheme {0:#04x} is not read")]
    UnknownAlphabet(u8),
}

impl Reason {
    /// The same with the place where it is.
    #[must_use]
    pub fn at(self, offset: usize) -> Refused {
        Refused {
            reason: self,
            offset,
        }
    }
}

#[cfg(test)]
mod tests;
