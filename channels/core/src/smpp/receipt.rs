//! Delivery receipts: text form and TLVs, read tolerantly (SMPP 3.4 appendix B, §5.3.2.12, §5.3.2.35).
//!
//! TLVs win over the text. Which message a receipt is about is decided elsewhere; here are only
//! the spellings under which its id may be known.

use std::collections::BTreeSet;

use super::pdu::{EsmClass, Optional, ShortMessage};

/// What a receipt says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The id, as spelled by the peer.
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

/// Reads a receipt from its decoded text and its TLVs; `None` without an id.
pub fn read(text: &str, optional: &Optional) -> Option<Receipt> {
    let message_id = match &optional.receipted_message_id {
        Some(id) => id.clone(),
        None => field(text, "id:")?.to_owned(),
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
    (!message_id.is_empty()).then_some(Receipt {
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

/// Spellings under which the same id is met: as it is, without leading zeros, lower case, and
/// read as hexadecimal or as decimal (CHANNELS rule for comparing ids).
pub fn spellings(message_id: &str) -> BTreeSet<String> {
    let lower = message_id.to_ascii_lowercase();
    let bare = lower.trim_start_matches('0');
    let mut out = BTreeSet::from([message_id.to_owned(), lower.clone(), bare.to_owned()]);
    if let Ok(number) = u64::from_str_radix(bare, 16) {
        out.insert(number.to_string());
    }
    if let Ok(number) = bare.parse::<u64>() {
        out.insert(format!("{number:x}"));
    }
    out.remove("");
    out
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
    fn nothing_without_an_id() {
        for text in ["", "hello", "id: stat:DELIVRD", "text: id:5", "paid:5"] {
            assert_eq!(read(text, &Optional::default()), None);
        }
    }

    #[test]
    fn ids_meet_in_one_of_their_spellings() {
        for (ours, theirs) in [
            ("10", "A"),
            ("0042", "42"),
            ("7220bb00", "7220BB00"),
            ("ff", "255"),
        ] {
            assert!(
                !spellings(ours).is_disjoint(&spellings(theirs)),
                "{ours} {theirs}"
            );
        }
        assert!(spellings("1001").is_disjoint(&spellings("1002")));
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
                prop_assert!(!spellings(&receipt.message_id).contains(""));
            }
        }
    }
}
