//! SMS over SMPP: a text into `submit_sm` parts, and what became of them.
//!
//! Texts with characters outside the link's default alphabet go as UCS-2. Long texts go as parts
//! with a user data header of an 8-bit reference. Only the last part asks for a receipt, and its
//! id stands for the message: one receipt a message.

use super::alphabet::{self, DefaultAlphabet};
use super::pdu::{EsmClass, Optional, ShortMessage, SmeAddress};
use super::session::Outcome;
use super::ussd::SHORT_MESSAGE_OCTETS_MAX;
use super::{receipt, status};
use crate::address::Address;
use crate::event::{OutgoingSms, SubmitOutcome};
use crate::gsm7::Encoding;
use crate::segment::{self, Segment, TooManyParts};

/// Wait after a temporary refusal, in seconds.
const TEMPORARY_S: u32 = 30;
/// Wait when nothing was sent or the peer is throttling, in seconds.
const SOON_S: u32 = 5;
/// Longest relative validity that two digits of days carry safely, in seconds: 28 days.
const VALIDITY_S_MAX: u32 = 28 * 86_400;

/// TON and NPI of our short codes on a link; numbers are 1/1, names 5/0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodePlan {
    /// Type of number (SMPP 3.4 §5.2.5).
    pub ton: u8,
    /// Numbering plan (SMPP 3.4 §5.2.6).
    pub npi: u8,
}

impl Default for CodePlan {
    fn default() -> Self {
        Self { ton: 0, npi: 1 }
    }
}

/// An address as SMPP wants it.
pub fn sme_address(address: &Address, plan: CodePlan) -> SmeAddress {
    let (ton, npi) = match address {
        Address::Phone(_) => (1, 1),
        Address::ShortCode(_) => (plan.ton, plan.npi),
        Address::Name(_) => (5, 0),
    };
    SmeAddress {
        ton,
        npi,
        address: address.as_str().to_owned(),
    }
}

/// The text of one part, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Coded {
    /// Whether the octets begin with a user data header.
    pub has_udh: bool,
    /// The alphabet.
    pub data_coding: u8,
    /// Header and text.
    pub octets: Vec<u8>,
}

impl core::fmt::Debug for Coded {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Coded({} octets in {:#x})",
            self.octets.len(),
            self.data_coding
        )
    }
}

/// The texts of the parts.
///
/// # Errors
/// [`TooManyParts`] when the text is too long.
pub fn contents(
    text: &str,
    reference: u8,
    default: DefaultAlphabet,
) -> Result<Vec<Coded>, TooManyParts> {
    let segments = segment::split(text, reference)?;
    let coded: Option<Vec<_>> = segments
        .iter()
        .map(|part| in_link_alphabet(part, default))
        .collect();
    match coded {
        Some(parts) => Ok(parts),
        // The link's alphabet lacks a character that GSM-7 has: the SMSC splits the UCS-2 text.
        None => Ok(vec![Coded {
            has_udh: false,
            data_coding: alphabet::UCS2,
            octets: text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }]),
    }
}

fn in_link_alphabet(part: &Segment, default: DefaultAlphabet) -> Option<Coded> {
    let (data_coding, payload) = match part.encoding {
        Encoding::Ucs2 => (alphabet::UCS2, part.payload.clone()),
        Encoding::Gsm7(_) if default == DefaultAlphabet::Gsm7 => {
            (alphabet::DEFAULT, part.payload.clone())
        }
        Encoding::Gsm7(_) => {
            let text = segment::decode(part.encoding, &part.payload);
            (alphabet::DEFAULT, alphabet::in_default(&text, default)?)
        }
    };
    let octets = [part.udh.as_slice(), &payload].concat();
    Some(Coded {
        has_udh: !part.udh.is_empty(),
        data_coding,
        octets,
    })
}

/// Turns an SMS into `submit_sm` bodies.
///
/// # Errors
/// [`TooManyParts`] when the text is too long.
pub fn submits(
    sms: &OutgoingSms,
    reference: u8,
    default: DefaultAlphabet,
    plan: CodePlan,
) -> Result<Vec<ShortMessage>, TooManyParts> {
    let contents = contents(&sms.text, reference, default)?;
    let last = contents.len().saturating_sub(1);
    let parts = contents.into_iter().enumerate().map(|(index, content)| {
        let mut part = short_message(content);
        part.source = sme_address(&sms.from, plan);
        part.destination = sme_address(&Address::Phone(sms.to.clone()), plan);
        part.validity_period = validity(sms.validity_s);
        part.registered_delivery = u8::from(index == last);
        part.optional.user_message_reference = receipt::reference(&sms.id);
        part
    });
    Ok(parts.collect())
}

/// A body with this text and nothing else.
pub fn short_message(coded: Coded) -> ShortMessage {
    let Coded {
        has_udh,
        data_coding,
        octets,
    } = coded;
    let esm_class = if has_udh {
        EsmClass(0).with_udh()
    } else {
        EsmClass(0)
    };
    let long = octets.len() > SHORT_MESSAGE_OCTETS_MAX;
    let (short_message, message_payload) = if long {
        (vec![], Some(octets))
    } else {
        (octets, None)
    };
    let optional = Optional {
        message_payload,
        ..Optional::default()
    };
    ShortMessage {
        esm_class,
        data_coding,
        short_message,
        optional,
        ..ShortMessage::default()
    }
}

/// The relative form `000000DDhhmmss000R` without its years and months (SMPP 3.4 §7.1.1.2).
fn validity(seconds: u32) -> String {
    if seconds == 0 {
        return String::new();
    }
    let seconds = seconds.min(VALIDITY_S_MAX);
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    format!(
        "0000{days:02}{:02}{:02}{:02}000R",
        rest / 3_600,
        rest % 3_600 / 60,
        rest % 60
    )
}

/// What became of a message from what became of its parts, in their order.
///
/// A permanent refusal of any part fails the message; a part that may or may not have arrived
/// makes it unknown; otherwise anything not taken means that the whole is tried later.
pub fn outcome(parts: &[Outcome]) -> SubmitOutcome {
    let rank = |part: &Outcome| match part {
        Outcome::Answered { status, .. } if *status == status::OK => 0,
        Outcome::NotSent => 1,
        Outcome::Answered { status, .. } if status::is_temporary(*status) => 2,
        Outcome::Unknown => 3,
        Outcome::Answered { .. } | Outcome::Unfit { .. } => 4,
    };
    // The last of equals, so that an accepted message goes by its last part's id.
    match parts.iter().max_by_key(|part| rank(part)) {
        Some(Outcome::Answered { status, message_id }) if *status == status::OK => {
            SubmitOutcome::Sent {
                message_id: message_id.clone(),
            }
        }
        Some(Outcome::Answered { status, .. }) if status::is_throttling(*status) => {
            SubmitOutcome::TryLater { after_s: SOON_S }
        }
        Some(Outcome::Answered { status, .. }) if status::is_temporary(*status) => {
            SubmitOutcome::TryLater {
                after_s: TEMPORARY_S,
            }
        }
        Some(Outcome::Answered { status, .. }) => SubmitOutcome::Failed { code: *status },
        Some(Outcome::Unfit { .. }) => SubmitOutcome::Failed {
            code: status::INVALID_MESSAGE_LENGTH,
        },
        Some(Outcome::Unknown) => SubmitOutcome::Unknown,
        Some(Outcome::NotSent) | None => SubmitOutcome::TryLater { after_s: SOON_S },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Msisdn;

    fn sms(text: &str) -> OutgoingSms {
        OutgoingSms {
            id: "0102030405060708".to_owned(),
            to: Msisdn::parse("+26878000001").unwrap(),
            from: Address::parse("384").unwrap(),
            text: text.to_owned(),
            validity_s: 90_061,
        }
    }

    fn parts(text: &str, default: DefaultAlphabet) -> Vec<ShortMessage> {
        submits(&sms(text), 7, default, CodePlan::default()).unwrap()
    }

    #[test]
    fn a_short_text_is_one_part_that_asks_for_a_receipt() {
        let [part] = &parts("Hi @", DefaultAlphabet::Gsm7)[..] else {
            panic!("one part")
        };
        assert_eq!(part.short_message, b"Hi \x00");
        assert_eq!(
            (part.data_coding, part.registered_delivery, part.esm_class.0),
            (0, 1, 0)
        );
        assert_eq!(part.validity_period, "000001010101000R");
        assert_eq!(part.optional.user_message_reference, Some(0x0102));
        assert_eq!((part.source.ton, part.destination.ton), (0, 1));
    }

    #[test]
    fn a_long_text_has_headers_and_one_receipt() {
        let parts = parts(&"a".repeat(161), DefaultAlphabet::Gsm7);
        let seen: Vec<_> = parts
            .iter()
            .map(|part| (part.short_message.len(), part.registered_delivery))
            .collect();
        assert_eq!(seen, [(159, 0), (14, 1)]);
        assert_eq!(parts[1].short_message[..6], [5, 0, 3, 7, 2, 2]);
        assert!(parts.iter().all(|part| part.esm_class.has_udh()));
    }

    #[test]
    fn a_sign_that_the_link_lacks_makes_it_ucs2() {
        assert_eq!(
            parts("5 €", DefaultAlphabet::Latin1)[0].data_coding,
            alphabet::UCS2
        );
        assert_eq!(
            parts("5 é", DefaultAlphabet::Latin1)[0].short_message,
            [0x35, 0x20, 0xE9]
        );
        let long = parts(&"€".repeat(140), DefaultAlphabet::Ascii);
        assert_eq!(
            long[0].optional.message_payload.as_ref().map(Vec::len),
            Some(280)
        );
    }

    #[test]
    fn the_outcome_of_parts_is_the_worst_of_them() {
        let ok = |id: &str| Outcome::Answered {
            status: 0,
            message_id: id.to_owned(),
        };
        let no = |status| Outcome::Answered {
            status,
            message_id: String::new(),
        };
        let sent = SubmitOutcome::Sent {
            message_id: "b".to_owned(),
        };
        assert_eq!(outcome(&[ok("a"), ok("b")]), sent);
        assert_eq!(
            outcome(&[ok("a"), Outcome::NotSent]),
            SubmitOutcome::TryLater { after_s: 5 }
        );
        assert_eq!(
            outcome(&[Outcome::Unknown, Outcome::NotSent]),
            SubmitOutcome::Unknown
        );
        assert_eq!(
            outcome(&[Outcome::Unknown, no(0x0B)]),
            SubmitOutcome::Failed { code: 0x0B }
        );
        assert_eq!(
            outcome(&[no(0x45)]),
            SubmitOutcome::TryLater { after_s: 30 }
        );
        assert_eq!(outcome(&[no(0x58)]), SubmitOutcome::TryLater { after_s: 5 });
    }
}
