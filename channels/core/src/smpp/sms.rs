//! SMS over SMPP: a text into `submit_sm` parts, and what became of them.
//!
//! Texts with characters outside the link's default alphabet go as UCS-2. Long texts go as parts
//! in one of three ways, which the link chooses. Only the last part asks for a receipt, and its
//! id stands for the message: one receipt a message.

use std::collections::BTreeMap;

use super::alphabet::{self, DefaultAlphabet};
use super::pdu::{EsmClass, Optional, ShortMessage, SmeAddress};
use super::session::Outcome;
use super::ussd::SHORT_MESSAGE_OCTETS_MAX;
use super::{receipt, status};
use crate::address::Address;
use crate::datagram;
use crate::event::{OutgoingSms, SubmitOutcome};
use crate::gsm7::Encoding;
use crate::segment::{self, Segment, TooManyParts};

/// Wait after a temporary refusal, in seconds.
const TEMPORARY_S: u32 = 30;
/// Wait when nothing was sent or the peer is throttling, in seconds.
const SOON_S: u32 = 5;
/// Longest relative validity that two digits of days carry safely, in seconds: 28 days.
const VALIDITY_S_MAX: u32 = 28 * 86_400;

/// How often 0x45 (submit failed) is taken for a passing trouble; then the message has failed.
const SUBMIT_FAILED_MAX: u8 = 3;
/// Messages whose 0x45 are counted; of more the counting begins anew, which only means more tries.
const COUNTED_MAX: usize = 1_024;

/// How a text goes that one message cannot hold (SMPP 3.4 §5.3.2.22, §5.3.2.32, §5.2.12).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LongText {
    /// In parts with a user data header of an 8-bit reference.
    #[default]
    Udh,
    /// In parts with `sar_msg_ref_num`, `sar_total_segments`, `sar_segment_seqnum`.
    Sar,
    /// Whole, in `message_payload`; the SMSC splits it.
    Payload,
}

/// How messages are written on a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Form {
    /// What `data_coding` 0 means.
    pub alphabet: DefaultAlphabet,
    /// TON and NPI of our short codes.
    pub code_plan: CodePlan,
    /// How long texts go.
    pub long: LongText,
}

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

/// Turns an SMS into `submit_sm` bodies; data for a program into one, without a receipt.
///
/// # Errors
/// [`TooManyParts`] when the text is too long, or the data are more than one message.
pub fn submits(
    sms: &OutgoingSms,
    reference: u8,
    form: Form,
) -> Result<Vec<ShortMessage>, TooManyParts> {
    if !sms.data.is_empty() {
        let ends = (&sms.from, &Address::Phone(sms.to.clone()));
        let one = datagram::submit_sm(ends, form.code_plan, &sms.data);
        return one
            .map(|one| vec![one])
            .map_err(|_unfit| TooManyParts { got: 2, limit: 1 });
    }
    let bodies = bodies(&sms.text, reference, form)?;
    let last = bodies.len().saturating_sub(1);
    let parts = bodies.into_iter().enumerate().map(|(index, mut part)| {
        part.source = sme_address(&sms.from, form.code_plan);
        part.destination = sme_address(&Address::Phone(sms.to.clone()), form.code_plan);
        part.validity_period = validity(sms.validity_s);
        part.registered_delivery = u8::from(index == last);
        part.optional.user_message_reference = receipt::reference(&sms.id);
        part
    });
    Ok(parts.collect())
}

/// The texts as bodies, in the way of the link.
fn bodies(text: &str, reference: u8, form: Form) -> Result<Vec<ShortMessage>, TooManyParts> {
    let parts = contents(text, reference, form.alphabet)?;
    let total = u8::try_from(parts.len()).unwrap_or(u8::MAX);
    if total > 1 && form.long == LongText::Payload {
        let (data_coding, octets) = alphabet::encode(text, form.alphabet);
        let optional = Optional {
            message_payload: Some(octets),
            ..Optional::default()
        };
        return Ok(vec![ShortMessage {
            data_coding,
            optional,
            ..ShortMessage::default()
        }]);
    }
    let numbered = (1..=total).zip(parts);
    Ok(numbered
        .map(|(index, part)| match form.long {
            LongText::Sar if total > 1 => sar_part(part, reference, (index, total)),
            _ => short_message(part),
        })
        .collect())
}

/// The same part with `sar_*` parameters in place of its header.
fn sar_part(mut part: Coded, reference: u8, (index, total): (u8, u8)) -> ShortMessage {
    if part.has_udh {
        let header = part.octets.first().map_or(0, |length| usize::from(*length));
        part.octets = part
            .octets
            .split_off(header.saturating_add(1).min(part.octets.len()));
        part.has_udh = false;
    }
    let mut body = short_message(part);
    body.optional.sar_msg_ref_num = Some(u16::from(reference));
    body.optional.sar_total_segments = Some(total);
    body.optional.sar_segment_seqnum = Some(index);
    body
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
pub(crate) fn validity(seconds: u32) -> String {
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
            SubmitOutcome::Throttled { after_s: SOON_S }
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

/// Counts the 0x45 of each message: the third one is final (CHANNELS table of statuses).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SubmitFailures {
    seen: BTreeMap<String, u8>,
}

impl SubmitFailures {
    /// [`outcome`] of the parts of the message with this outbox id.
    pub fn outcome(&mut self, id: &str, parts: &[Outcome]) -> SubmitOutcome {
        let outcome = outcome(parts);
        let failed = |part: &Outcome| matches!(part, Outcome::Answered { status, .. } if *status == status::SUBMIT_FAILED);
        let later = matches!(outcome, SubmitOutcome::TryLater { .. });
        if !later || !parts.iter().any(failed) {
            self.seen.remove(id);
            return outcome;
        }
        if self.seen.len() >= COUNTED_MAX {
            self.seen.clear();
        }
        let times = self.seen.entry(id.to_owned()).or_default();
        *times = times.saturating_add(1);
        if *times < SUBMIT_FAILED_MAX {
            return outcome;
        }
        self.seen.remove(id);
        SubmitOutcome::Failed {
            code: status::SUBMIT_FAILED,
        }
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
            data: Vec::new(),
            text: text.to_owned(),
            validity_s: 90_061,
        }
    }

    fn parts(text: &str, alphabet: DefaultAlphabet) -> Vec<ShortMessage> {
        let form = Form {
            alphabet,
            ..Form::default()
        };
        submits(&sms(text), 7, form).unwrap()
    }

    #[test]
    fn the_third_submit_failed_is_final_and_counts_per_message() {
        let mut failures = SubmitFailures::default();
        let failed = [Outcome::Answered {
            status: 0x45,
            message_id: String::new(),
        }];
        let later = SubmitOutcome::TryLater { after_s: 30 };
        assert_eq!(failures.outcome("a", &failed), later);
        assert_eq!(failures.outcome("b", &failed), later);
        assert_eq!(failures.outcome("a", &failed), later);
        let last = failures.outcome("a", &failed);
        assert_eq!(last, SubmitOutcome::Failed { code: 0x45 });
        assert_eq!(failures.outcome("b", &failed), later);
    }

    #[test]
    fn long_texts_go_in_the_way_of_the_link() {
        let text = "a".repeat(161);
        let written = |long| {
            let form = Form {
                long,
                ..Form::default()
            };
            submits(&sms(&text), 7, form).unwrap()
        };
        let sar = written(LongText::Sar);
        let seen: Vec<_> = sar
            .iter()
            .map(|part| {
                let optional = &part.optional;
                let place = (optional.sar_msg_ref_num, optional.sar_segment_seqnum);
                (part.short_message.len(), part.esm_class.0, place)
            })
            .collect();
        let place = |index| (Some(7), Some(index));
        assert_eq!(seen, [(153, 0, place(1)), (8, 0, place(2))]);
        let [whole] = &written(LongText::Payload)[..] else {
            panic!("one message")
        };
        assert_eq!(whole.content().len(), 161);
        assert_eq!(
            (whole.short_message.len(), whole.registered_delivery),
            (0, 1)
        );
        assert_eq!(written(LongText::Udh).len(), 2);
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
        assert_eq!(
            outcome(&[no(0x58)]),
            SubmitOutcome::Throttled { after_s: 5 }
        );
    }
}
