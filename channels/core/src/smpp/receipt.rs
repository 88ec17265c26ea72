//! Delivery receipts: text form and TLVs, read tolerantly (SMPP 3.4 appendix B, §5.3.2.12, §5.3.2.35).
//!
//! TLVs win over the text. Which message a receipt is about is decided elsewhere; here are only
//! the forms in which its id may be known.

use super::pdu::{EsmClass, Optional, ShortMessage};

/// What a receipt says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The id, as spelled by the peer; empty where there is none.
    pub message_id: String,
    /// Reached the phone; will never reach it; not decided yet or not known.
    pub delivered: Option<bool>,
}

/// The words of `stat:` with their `message_state` (SMPP 3.4 §5.2.28).
const STATES: [(&str, u8); 8] = [
    ("ENROUTE", 1),
    ("DELIVRD", 2),
    ("EXPIRED", 3),
    ("DELETED", 4),
    ("UNDELIV", 5),
    ("ACCEPTD", 6),
    ("UNKNOWN", 7),
    ("REJECTD", 8),
];

/// Reads a receipt from its decoded text and its TLVs.
///
/// `None` when it names nothing: no id and no `user_message_reference`, and no state of a message.
pub fn read(text: &str, optional: &Optional) -> Option<Receipt> {
    let message_id = match &optional.receipted_message_id {
        Some(id) => id.clone(),
        None => field(text, "id:").unwrap_or_default().to_owned(),
    };
    let state = optional.message_state.or_else(|| {
        let word = field(text, "stat:")?.to_ascii_uppercase();
        STATES
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, state)| *state)
    });
    let delivered = match state {
        Some(2) => Some(true),
        Some(3 | 4 | 5 | 8) => Some(false),
        _ => None,
    };
    let named = !message_id.is_empty() || optional.user_message_reference.is_some();
    (named || state.is_some()).then_some(Receipt {
        message_id,
        delivered,
    })
}

/// The word after a keyword in any case, looked for before `text:`, at the start of a word.
fn field<'a>(text: &'a str, keyword: &str) -> Option<&'a str> {
    for word in text.split_whitespace() {
        if starts_with(word, "text:") {
            return None;
        }
        if starts_with(word, keyword) {
            return word.get(keyword.len()..).filter(|value| !value.is_empty());
        }
    }
    None
}

fn starts_with(word: &str, keyword: &str) -> bool {
    word.get(..keyword.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(keyword))
}

/// Makes an SMSC's receipt for a submitted message: from its recipient to its sender.
///
/// The dates stay zero: the caller's clock may not be trusted, and nobody reads them.
pub fn write(from: &ShortMessage, message_id: &str, delivered: bool) -> ShortMessage {
    let state = if delivered { 2 } else { 5 };
    let word = STATES
        .iter()
        .find(|(_, number)| *number == state)
        .map_or("", |(word, _)| word);
    let done = u8::from(delivered);
    let error = if delivered { "000" } else { "001" };
    let text = format!(
        "id:{message_id} sub:001 dlvrd:00{done} submit date:0000000000 done date:0000000000 \
         stat:{word} err:{error} text:"
    );
    ShortMessage {
        source: from.destination.clone(),
        destination: from.source.clone(),
        esm_class: EsmClass::RECEIPT,
        data_coding: 1,
        short_message: text.into_bytes(),
        optional: Optional {
            receipted_message_id: Some(message_id.to_owned()),
            message_state: Some(state),
            ..Optional::default()
        },
        ..ShortMessage::default()
    }
}

/// The form in which ids are kept and compared: lower case, without leading zeros.
///
/// `None` for an empty id. An id of zeros only is `0`.
pub fn canonical(message_id: &str) -> Option<String> {
    let lower = message_id.trim().to_ascii_lowercase();
    let bare = lower.trim_start_matches('0');
    match (lower.is_empty(), bare.is_empty()) {
        (true, _) => None,
        (false, true) => Some("0".to_owned()),
        (false, false) => Some(bare.to_owned()),
    }
}

/// How the id in a receipt is written, against the one in the response.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Form {
    /// The same but for case and leading zeros.
    Same,
    /// Hexadecimal, where the response was decimal.
    FromHex,
    /// Decimal, where the response was hexadecimal.
    FromDecimal,
}

impl Form {
    /// The number that a store keeps, 0–2.
    pub fn number(self) -> u8 {
        match self {
            Self::Same => 0,
            Self::FromHex => 1,
            Self::FromDecimal => 2,
        }
    }

    /// The form behind a number; `None` for a number of a later release.
    pub fn of_number(number: u8) -> Option<Self> {
        [Self::Same, Self::FromHex, Self::FromDecimal]
            .into_iter()
            .find(|form| form.number() == number)
    }
}

/// Canonical forms of the ids that a response may have given to the message of this receipt:
/// the same one first, then the same number written in the other base (CHANNELS rule CH8).
///
/// One conversion only, because one message has two spellings, not three.
pub fn namesakes(message_id: &str) -> Vec<(Form, String)> {
    let Some(same) = canonical(message_id) else {
        return Vec::new();
    };
    let from_hex = u128::from_str_radix(&same, 16).map(|number| number.to_string());
    let from_decimal = same.parse::<u128>().map(|number| format!("{number:x}"));
    let mut out = vec![(Form::Same, same)];
    for (form, other) in [(Form::FromHex, from_hex), (Form::FromDecimal, from_decimal)] {
        if let Some(other) = other
            .ok()
            .filter(|other| out.iter().all(|(_, id)| id != other))
        {
            out.push((form, other));
        }
    }
    out
}

/// Whether two ids are of one kind, so that they would have met if they meant one message:
/// both are numbers in some base, or neither is.
pub fn is_comparable(ours: &str, theirs: &str) -> bool {
    let number = |id: &str| {
        let id = canonical(id).unwrap_or_default();
        u128::from_str_radix(&id, 16).is_ok()
    };
    number(ours) == number(theirs)
}

/// `user_message_reference` of a message of ours: the first 16 bits of its outbox id.
///
/// `None` when the id does not begin with four hexadecimal digits.
pub fn reference(outbox_id: &str) -> Option<u16> {
    u16::from_str_radix(outbox_id.get(..4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, id: &str, delivered: Option<bool>) {
        let expected = Receipt {
            message_id: id.to_owned(),
            delivered,
        };
        assert_eq!(read(text, &Optional::default()), Some(expected));
    }

    #[test]
    fn text_forms_of_several_peers_are_read() {
        check(
            "id:7220b0 sub:001 dlvrd:001 stat:DELIVRD err:000 text:hello",
            "7220b0",
            Some(true),
        );
        check(
            "ID:0000000042 Stat:undeliv Err:1",
            "0000000042",
            Some(false),
        );
        check(
            "id:00000001 sub:000 dlvrd:000 submit date:YYMMDDhhmm stat:ACCEPTD",
            "00000001",
            None,
        );
        check("id:5 stat:NONSENSE", "5", None);
        check("id:5 text: stat:DELIVRD", "5", None);
    }

    #[test]
    fn tlvs_win_over_the_text() {
        let optional = Optional {
            receipted_message_id: Some("a1".to_owned()),
            message_state: Some(8),
            ..Optional::default()
        };
        let expected = Receipt {
            message_id: "a1".to_owned(),
            delivered: Some(false),
        };
        assert_eq!(read("id:2 stat:DELIVRD", &optional), Some(expected));
    }

    #[test]
    fn a_receipt_without_an_id_still_tells_a_state() {
        for text in ["", "hello", "text: id:5", "paid:5", "id:"] {
            assert_eq!(read(text, &Optional::default()), None, "{text}");
        }
        check("id: stat:DELIVRD", "", Some(true));
        let optional = Optional {
            user_message_reference: Some(7),
            ..Optional::default()
        };
        assert_eq!(
            read("", &optional).map(|receipt| receipt.delivered),
            Some(None)
        );
    }

    #[test]
    fn ids_meet_in_one_of_their_forms() {
        for (ours, theirs, form) in [
            ("10", "A", Form::FromHex),
            ("0042", "42", Form::Same),
            ("42", "0000000042", Form::Same),
            ("7220bb00", "7220BB00", Form::Same),
            ("ff", "255", Form::FromDecimal),
            ("255", "FF", Form::FromHex),
            ("0", "000", Form::Same),
        ] {
            let met = (form, canonical(ours).unwrap());
            assert!(namesakes(theirs).contains(&met), "{ours} {theirs}");
            assert_eq!(Form::of_number(form.number()), Some(form));
        }
        assert_eq!(Form::of_number(3), None);
        for (ours, theirs) in [("1001", "1002"), ("10", "22"), ("a", "16"), ("5", "")] {
            let ours = canonical(ours).unwrap();
            assert!(
                namesakes(theirs).iter().all(|(_, id)| *id != ours),
                "{ours} {theirs}"
            );
        }
        assert_eq!(canonical(""), None);
    }

    #[test]
    fn a_constant_word_cannot_be_compared_with_a_number() {
        assert!(is_comparable("0a", "17") && is_comparable("x-1", "x-2"));
        assert!(!is_comparable("msg_id_not_implemented", "00000001"));
        assert_eq!(
            (reference("00ff12"), reference("zz00"), reference("1")),
            (Some(255), None, None)
        );
    }

    proptest! {
        #[test]
        fn what_we_write_we_read(id in "[0-9a-z]{1,20}", delivered: bool) {
            let receipt = write(&ShortMessage::default(), &id, delivered);
            let text = String::from_utf8(receipt.short_message).unwrap();
            let expected = Some(Receipt { message_id: id, delivered: Some(delivered) });
            prop_assert_eq!(&read(&text, &Optional::default()), &expected);
            prop_assert_eq!(&read("", &receipt.optional), &expected);
        }

        #[test]
        fn any_text_is_read_without_failing(text in "\\PC{0,80}") {
            if let Some(receipt) = read(&text, &Optional::default()) {
                let forms = namesakes(&receipt.message_id);
                prop_assert!(forms.len() <= 3 && forms.iter().all(|(_, id)| !id.is_empty()));
            }
        }
    }
}
