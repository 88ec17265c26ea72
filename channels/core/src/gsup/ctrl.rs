//! The control interface of `osmo-hlr`: which number belongs to a SIM.
//!
//! A line of text in a frame: `GET id variable`, answered by `GET_REPLY id variable` and lines of
//! name, tab, value, or by `ERROR id reason`. The number is there only if the operator of the cell
//! gave the SIM one; it must be in international form, as elsewhere in this node.

use super::imsi::Imsi;
use crate::address::Msisdn;

/// Most octets of an answer that are read; the record of a subscriber has about 400. A longer one
/// counts as an answer without a number.
pub const ANSWER_OCTETS_MAX: usize = 2_048;

/// The words of `osmo-hlr` 1.5.0 for a SIM that it does not know.
const NO_SUBSCRIBER: &str = "No such subscriber";

/// What the home register says about a SIM's number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Number {
    /// This one.
    Known(Msisdn),
    /// The SIM has none.
    None,
    /// It has one that is not in international form.
    Unusable,
}

/// An answer of the control interface.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The record of a subscriber.
    Subscriber {
        /// Id of the question.
        id: u32,
        /// Whose record it is; `None` when it does not say.
        imsi: Option<Imsi>,
        /// The number.
        number: Number,
    },
    /// No such subscriber is known.
    NoSubscriber {
        /// Id of the question.
        id: u32,
    },
    /// The question failed otherwise.
    Failed {
        /// Id of the question.
        id: u32,
    },
    /// Something that nobody asked for: a trap, another variable, or nothing that can be read.
    Other,
}

/// The content of a frame that asks for a subscriber's record.
pub fn get_info(id: u32, imsi: &Imsi) -> Vec<u8> {
    format!("GET {id} subscriber.by-imsi-{}.info", imsi.as_str()).into_bytes()
}

/// Reads the content of a frame.
pub fn answer(content: &[u8]) -> Answer {
    let text = content.get(..ANSWER_OCTETS_MAX).unwrap_or(content);
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (kind, id) = (words.next(), words.next());
    let Some(id) = id.and_then(|id| id.parse().ok()) else {
        return Answer::Other;
    };
    match (kind, words.next()) {
        (Some("GET_REPLY"), Some(variable)) if variable.strip_suffix(".info").is_some() => {
            let mut record = Record::default();
            lines.for_each(|line| record.take(line));
            Answer::Subscriber {
                id,
                imsi: record.imsi,
                number: record.number.unwrap_or(Number::None),
            }
        }
        (Some("ERROR"), Some(_)) if text.contains(NO_SUBSCRIBER) => Answer::NoSubscriber { id },
        (Some("ERROR"), _) => Answer::Failed { id },
        _ => Answer::Other,
    }
}

#[derive(Default)]
struct Record {
    imsi: Option<Imsi>,
    number: Option<Number>,
}

impl Record {
    fn take(&mut self, line: &str) {
        match line.split_once('\t') {
            Some(("imsi", value)) => self.imsi = Imsi::parse(value.trim()).ok(),
            Some(("msisdn", value)) => {
                let number = Msisdn::parse(value).map_or(Number::Unusable, Number::Known);
                self.number = Some(number);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RECORD: &str = "GET_REPLY 7 subscriber.by-imsi-001010000000001.info \nid\t1\n\
        imsi\t001010000000001\nmsisdn\t256772000001\nnam_cs\t1\nlmsi\t00000000";

    fn imsi() -> Imsi {
        Imsi::parse("001010000000001").unwrap()
    }

    fn check(text: &str, number: Number) {
        let imsi = Some(imsi());
        let expected = Answer::Subscriber {
            id: 7,
            imsi,
            number,
        };
        assert_eq!(answer(text.as_bytes()), expected);
    }

    #[test]
    fn the_number_of_a_record_is_read() {
        assert_eq!(
            get_info(7, &imsi()),
            b"GET 7 subscriber.by-imsi-001010000000001.info"
        );
        check(
            RECORD,
            Number::Known(Msisdn::parse("256772000001").unwrap()),
        );
        check(&RECORD.replace("msisdn\t256772000001\n", ""), Number::None);
        // An extension of the cell itself, and a national number.
        check(&RECORD.replace("256772000001", "1001"), Number::Unusable);
        check(
            &RECORD.replace("256772000001", "0772000001"),
            Number::Unusable,
        );
    }

    #[test]
    fn errors_and_noise_are_told_apart() {
        let cases = [
            (
                "ERROR 3 No such subscriber.",
                Answer::NoSubscriber { id: 3 },
            ),
            ("ERROR 4 Command not found", Answer::Failed { id: 4 }),
            ("ERROR err Request malformed", Answer::Other),
            ("TRAP 0 net.0.state up", Answer::Other),
            ("GET_REPLY 5 counter.x 3", Answer::Other),
            ("", Answer::Other),
        ];
        for (text, expected) in cases {
            assert_eq!(answer(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(answer(&[0xFF, 0xFE]), Answer::Other);
        let long = format!("{RECORD}{}", "\nx\ty".repeat(1_000));
        check(&long, Number::Known(Msisdn::parse("256772000001").unwrap()));
    }

    proptest! {
        #[test]
        fn reading_never_panics(content in prop::collection::vec(any::<u8>(), 0..300)) {
            // Only an answer with an id of our own form belongs to a question.
            let text = String::from_utf8_lossy(&content);
            let id = text.split_whitespace().nth(1).map(str::parse::<u32>);
            if !matches!(id, Some(Ok(_))) {
                prop_assert_eq!(answer(&content), Answer::Other);
            }
        }

        #[test]
        fn any_record_gives_its_number(id in any::<u32>(), digits in "[1-9][0-9]{6,14}") {
            let record = RECORD.replacen('7', &id.to_string(), 1).replace("256772000001", &digits);
            let Answer::Subscriber { id: read, number, .. } = answer(record.as_bytes()) else {
                return Err(TestCaseError::fail("a record"));
            };
            prop_assert_eq!(read, id);
            prop_assert_eq!(number, Number::Known(Msisdn::parse(&digits).unwrap()));
        }
    }
}
