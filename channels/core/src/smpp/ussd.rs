//! USSD over SMPP: the dialects of gateways as data (SMPP 3.4 §5.3.2.43, §5.3.2.44).
//!
//! All operation numbers are decimal: 17 and 18 read as 0x11 and 0x12 are the classic mistake.

mod open;

use std::borrow::Cow;

use super::pdu::{EsmClass, Optional, ShortMessage};
use crate::event::UssdOp;

pub use open::OpenSessions;

/// Bit 0 of the second octet of `its_session_info`.
const END_BIT: u8 = 1;

/// Where the gateway puts the name of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionName {
    /// The first octet of `its_session_info`.
    FirstOctet,
    /// Both octets under this mask.
    Masked(u16),
    /// `user_message_reference`.
    Reference,
    /// Nowhere: the caller's number is the session.
    Caller,
}

/// Where the gateway puts the code that a person dialled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodePlace {
    /// In the text where it looks like a code, else in the destination.
    Either,
    /// In the text.
    Text,
    /// In the destination; the text is what was typed after it.
    Destination,
}

/// A parameter that a screen carries back as it came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Echo {
    /// `its_session_info`, with the end bit set or cleared.
    SessionInfo,
    /// `user_message_reference`.
    Reference,
}

/// How one gateway speaks; data, from the settings or from one of the constants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dialect {
    /// Its name in the settings.
    pub name: Cow<'static, str>,
    /// To us: a person dialled a code.
    pub begin: u8,
    /// To us: a person answered.
    pub answers: Cow<'static, [u8]>,
    /// From us: a screen that waits for an answer.
    pub ask: u8,
    /// From us: the last screen.
    pub end: u8,
    /// Whether bit 0 ends a session: ours with the last screen, the gateway's by breaking off.
    pub end_bit: bool,
    /// To us: the session was broken off.
    pub aborts: Cow<'static, [u8]>,
    /// Where the session's name is.
    pub session: SessionName,
    /// Where the dialled code is.
    pub code: CodePlace,
    /// What a screen carries back.
    pub echo: Cow<'static, [Echo]>,
    /// Whether bits 7 to 1 of the second octet count the steps of a session.
    pub counts: bool,
}

impl Dialect {
    /// The standard's own reading.
    pub const STANDARD: Self = Self {
        name: Cow::Borrowed("standard"),
        begin: 1,
        answers: Cow::Borrowed(&[18]),
        ask: 2,
        end: 17,
        end_bit: true,
        aborts: Cow::Borrowed(&[]),
        session: SessionName::FirstOctet,
        code: CodePlace::Either,
        echo: Cow::Borrowed(&[Echo::SessionInfo, Echo::Reference]),
        counts: false,
    };
    /// The same with a gateway that counts the steps.
    pub const STANDARD_COUNTED: Self = Self {
        name: Cow::Borrowed("standard-counted"),
        counts: true,
        ..Self::STANDARD
    };
    /// Session in `user_message_reference`, broken off with 129.
    pub const MICA: Self = Self {
        name: Cow::Borrowed("mica"),
        end_bit: false,
        aborts: Cow::Borrowed(&[129]),
        session: SessionName::Reference,
        ..Self::STANDARD
    };
    /// Session in 15 bits, ended with 23 and the end bit.
    pub const SIX_D: Self = Self {
        name: Cow::Borrowed("6d"),
        end: 23,
        aborts: Cow::Borrowed(&[129]),
        session: SessionName::Masked(0xFFFE),
        ..Self::STANDARD
    };
    /// The other common direction: 2 is also an answer, our end is 2 with the end bit, 17 breaks
    /// off.
    pub const TATA: Self = Self {
        name: Cow::Borrowed("tata"),
        answers: Cow::Borrowed(&[2, 18]),
        end: 2,
        aborts: Cow::Borrowed(&[17]),
        session: SessionName::Masked(0xFFFE),
        ..Self::STANDARD
    };
    /// A gateway whose TLVs name no session: one session per caller.
    pub const CALLER: Self = Self {
        name: Cow::Borrowed("caller"),
        session: SessionName::Caller,
        ..Self::STANDARD
    };

    /// All dialects, for settings and their documentation.
    pub const ALL: [Self; 6] = [
        Self::STANDARD,
        Self::STANDARD_COUNTED,
        Self::MICA,
        Self::SIX_D,
        Self::TATA,
        Self::CALLER,
    ];

    /// The dialect of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name == name)
    }

    /// The session's name; with link and caller it is the key. `-` where the gateway gives none.
    pub fn session(&self, message: &ShortMessage) -> String {
        let optional = &message.optional;
        let info = optional.its_session_info;
        let name = match self.session {
            SessionName::FirstOctet => info.map(|[first, _]| u16::from(first)),
            SessionName::Masked(mask) => info.map(|info| u16::from_be_bytes(info) & mask),
            SessionName::Reference => optional.user_message_reference,
            SessionName::Caller => None,
        };
        name.map_or_else(|| "-".to_owned(), |name| name.to_string())
    }

    /// Reads a `deliver_sm` whose text was decoded; `open` tells whether its session is known.
    pub fn read(&self, message: &ShortMessage, text: &str, open: bool) -> Reading {
        let Some(op) = message.optional.ussd_service_op else {
            return Reading::NotUssd;
        };
        let second = message
            .optional
            .its_session_info
            .map_or(0, |[_, second]| second);
        let ended = self.end_bit && second & END_BIT != 0 && op != self.begin;
        let step = self.counts.then(|| (second >> 1).to_string());
        if op == self.begin {
            self.begun(message, text, step)
        } else if self.aborts.contains(&op) || ended {
            Reading::Step(Step {
                op: UssdOp::Abort,
                code: String::new(),
                text: String::new(),
                step,
            })
        } else if self.answers.contains(&op) || open {
            let (code, text) = (String::new(), text.to_owned());
            Reading::Step(Step {
                op: UssdOp::Continue,
                code,
                text,
                step,
            })
        } else if is_dialled_code(text) {
            self.begun(message, text, step)
        } else {
            Reading::Stray { op }
        }
    }

    /// The `submit_sm` with a screen, as the answer to a `deliver_sm`.
    pub fn screen(&self, to: &ShortMessage, coded: (u8, Vec<u8>), end: bool) -> ShortMessage {
        let (data_coding, octets) = coded;
        let session = to.optional.its_session_info.map(|[first, second]| {
            let end_bit = if end && self.end_bit { END_BIT } else { 0 };
            [first, second & !END_BIT | end_bit]
        });
        let reference = to.optional.user_message_reference;
        let reference = reference.filter(|_| self.echo.contains(&Echo::Reference));
        let long = octets.len() > SHORT_MESSAGE_OCTETS_MAX;
        let (short_message, payload) = if long {
            (vec![], Some(octets))
        } else {
            (octets, None)
        };
        ShortMessage {
            service_type: to.service_type.clone(),
            source: to.destination.clone(),
            destination: to.source.clone(),
            esm_class: EsmClass(0),
            data_coding,
            short_message,
            optional: Optional {
                message_payload: payload,
                ussd_service_op: Some(if end { self.end } else { self.ask }),
                its_session_info: session.filter(|_| self.echo.contains(&Echo::SessionInfo)),
                user_message_reference: reference,
                ..Optional::default()
            },
            ..ShortMessage::default()
        }
    }

    /// A beginning: the code is where the dialect says.
    fn begun(&self, message: &ShortMessage, text: &str, step: Option<String>) -> Reading {
        let in_text = match self.code {
            CodePlace::Either => is_dialled_code(text),
            CodePlace::Text => true,
            CodePlace::Destination => false,
        };
        let (code, text) = if in_text {
            (text.to_owned(), String::new())
        } else {
            let code = message.destination.address.clone();
            let typed = if text == code { "" } else { text };
            (code, typed.to_owned())
        };
        let op = UssdOp::Begin;
        Reading::Step(Step {
            op,
            code,
            text,
            step,
        })
    }

    /// As the SMSC: whether a screen from an application closes the session.
    pub fn closes(&self, op: u8, session: Option<[u8; 2]>) -> bool {
        let end_bit = session.is_some_and(|[_, second]| second & END_BIT != 0);
        (op == self.end && op != self.ask) || (self.end_bit && end_bit)
    }
}

/// Most octets of `short_message` (SMPP 3.4 §5.2.22); more go into `message_payload`.
pub(super) const SHORT_MESSAGE_OCTETS_MAX: usize = 254;

/// What a `deliver_sm` means on this link.
#[derive(Clone, PartialEq, Eq)]
pub enum Reading {
    /// Not USSD at all.
    NotUssd,
    /// A step of a session.
    Step(Step),
    /// An operation that this dialect does not know, outside a session.
    Stray {
        /// The operation, decimal.
        op: u8,
    },
}

/// A step of a session, still without link and caller.
#[derive(Clone, PartialEq, Eq)]
pub struct Step {
    /// Where in the session.
    pub op: UssdOp,
    /// The dialled code, in a beginning.
    pub code: String,
    /// What was typed.
    pub text: String,
    /// The step's number, where the gateway counts.
    pub step: Option<String>,
}

impl core::fmt::Debug for Reading {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotUssd => write!(f, "NotUssd"),
            Self::Step(step) => step.fmt(f),
            Self::Stray { op } => write!(f, "Stray({op})"),
        }
    }
}

impl core::fmt::Debug for Step {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Step({:?}, {} characters)",
            self.op,
            self.text.chars().count()
        )
    }
}

/// `*384*7#`: begins with `*` or `#`, ends with `#`, digits and stars between.
fn is_dialled_code(text: &str) -> bool {
    let is_key = |character: char| character.is_ascii_digit() || matches!(character, '*' | '#');
    text.len() > 1
        && text.starts_with(['*', '#'])
        && text.ends_with('#')
        && text.chars().all(is_key)
}

#[cfg(test)]
mod tests;
