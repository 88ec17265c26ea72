//! What staff ask by SMS besides reviews: a short code for a person, whether a code holds, and their
//! word on a broadcast that somebody proposed.
//!
//! `SLIP number`, `CHECK code number year`, `YES number`, `NO number`. They count only for staff, so that a citizen's text
//! that begins like this is read as any other. The words are data, per language.

use super::word::{self, Said};
use crate::alert::AlertKind;
use crate::duplicate::fold;
use crate::slip::Claim;
use crate::slip::code::{CODE_CHARS_MAX, Code};

const SLIP: [&str; 3] = ["slip", "fiche", "hati"];
const CHECK: [&str; 3] = ["check", "verifier", "kagua"];
const ALERT: [(AlertKind, [&str; 3]); 3] = [
    (AlertKind::Raised, ["alert", "alerte", "tahadhari"]),
    (AlertKind::FollowUp, ["update", "suite", "taarifa"]),
    (AlertKind::AllClear, ["clear", "leve", "salama"]),
];
/// Digits of a birth year.
const YEAR_DIGITS: usize = 4;

/// What a text of staff asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    /// A short code for the person with this number.
    Slip {
        /// As typed, digits only.
        number: String,
    },
    /// Whether a code holds for a person.
    Check {
        /// The code.
        code: Code,
        /// Of whom it is said to be.
        claim: Claim,
    },
    /// A check in which something is mistyped.
    Unreadable,
    /// Yes or no to a proposed broadcast.
    Decide {
        /// Its number.
        broadcast: u32,
        /// Yes or no.
        approve: bool,
    },
    /// An alert to the sender's area, or what follows it.
    Alert {
        /// What it is.
        kind: AlertKind,
        /// The words.
        text: String,
    },
}

/// Whether a text begins with one of the words.
pub(super) fn is_word(text: &str) -> bool {
    word(text).is_some() || decision(text).is_some() || alert(text).is_some()
}

/// `ALERT words`, `UPDATE words`, `CLEAR words`; the words go out as they were typed.
fn alert(text: &str) -> Option<Asked> {
    let (first, rest) = text.trim().split_once(char::is_whitespace)?;
    let folded = fold::words(first);
    let [first] = folded.as_slice() else {
        return None;
    };
    let named = ALERT
        .iter()
        .find(|(_, words)| words.contains(&first.as_str()));
    let text = rest.trim().to_owned();
    named
        .filter(|_| !text.is_empty())
        .map(|(kind, _)| Asked::Alert { kind: *kind, text })
}

/// `YES 12`, `NO 12`: the word first, so that it is no answer to a review (`417 1`).
fn decision(text: &str) -> Option<Asked> {
    let words = fold::words(text);
    let [word, number] = words.as_slice() else {
        return None;
    };
    let approve = match word::one(word) {
        Said::Yes => true,
        Said::No => false,
        _ => return None,
    };
    let is_word = word.chars().all(char::is_alphabetic);
    let broadcast = number.parse().ok().filter(|_| is_word)?;
    Some(Asked::Decide { broadcast, approve })
}

fn word(text: &str) -> Option<(bool, &str)> {
    let text = text.trim();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let folded = fold::words(first);
    let [first] = folded.as_slice() else {
        return None;
    };
    if SLIP.contains(&first.as_str()) {
        Some((true, rest))
    } else {
        CHECK.contains(&first.as_str()).then_some((false, rest))
    }
}

/// Reads a text; `None` when it does not begin with one of the words.
pub(super) fn read(text: &str) -> Option<Asked> {
    if let Some(asked) = decision(text).or_else(|| alert(text)) {
        return Some(asked);
    }
    let (gives, rest) = word(text)?;
    if gives {
        let typed = |c: &char| !c.is_whitespace() && *c != '-';
        let number = rest.chars().filter(typed).take(CODE_CHARS_MAX).collect();
        return Some(Asked::Slip { number });
    }
    Some(check(rest).unwrap_or(Asked::Unreadable))
}

fn check(rest: &str) -> Option<Asked> {
    let mut parts: Vec<&str> = rest.split_whitespace().collect();
    let is_year = |part: &&str| part.len() == YEAR_DIGITS;
    let year = parts.last().copied().filter(is_year);
    if year.is_some() {
        parts.pop();
    }
    let claim = Claim::parse(parts.pop()?, year).ok()?;
    let code = Code::parse(&parts.concat()).ok()?;
    Some(Asked::Check { code, claim })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number;
    use crate::slip::code::CodeKey;

    #[test]
    fn codes_and_numbers_are_read_as_people_type_them() {
        let full = (500_000_000..600_000_000)
            .map(number::full)
            .find(|n| number::is_valid(n));
        let number = full.unwrap();
        let claim = Claim::parse(&number, Some("1994")).unwrap();
        let code = Code::issue(&CodeKey([1; 32]), &claim, "advisory", 74, 3);
        let asked = Some(Asked::Check {
            code,
            claim: claim.clone(),
        });
        let spaced = code.to_string().replace('-', " ");
        for text in [
            format!("CHECK {code} {number} 1994"),
            format!(" check  {spaced}  {number} 1994"),
            format!("V\u{e9}rifier {code} {number} 1994"),
        ] {
            assert_eq!(read(&text), asked, "{text}");
        }
        let without = format!("kagua {code} {number}");
        assert_ne!(read(&without), asked);
        assert!(matches!(read(&without), Some(Asked::Check { .. })));
        for text in ["check", "CHECK 1 2 3", "check ABCD-EFGHJ-KMNPQ 1 1994"] {
            assert_eq!(read(text), Some(Asked::Unreadable), "{text}");
        }
        let digits = number.clone();
        assert_eq!(
            read(&format!("Slip {number}")),
            Some(Asked::Slip { number: digits })
        );
        for text in ["", "slippery 12", "checks", "please check", "1"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_word_with_a_number_decides_on_a_broadcast() {
        let decide = |approve| {
            Some(Asked::Decide {
                broadcast: 12,
                approve,
            })
        };
        assert_eq!(
            (read("YES 12"), read("hapana 12.")),
            (decide(true), decide(false))
        );
        for text in ["yes", "417 yes", "1 12", "yes 12 please", "yes twelve"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn words_of_an_alert_go_out_as_they_were_typed() {
        let alert = |kind, text: &str| {
            let text = text.to_owned();
            Some(Asked::Alert { kind, text })
        };
        let river = "The river rises.";
        assert_eq!(
            read("ALERT: The river rises."),
            alert(AlertKind::Raised, river)
        );
        assert_eq!(
            read("salama Maji yameisha"),
            alert(AlertKind::AllClear, "Maji yameisha")
        );
        assert_eq!(read("alert"), None);
    }
}
