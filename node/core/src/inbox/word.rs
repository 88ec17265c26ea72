//! Words of an SMS, per language as data: yes, no, stop, start, and what people add from courtesy.
//!
//! Every language counts for every sender: people answer in the one they text in. A word only
//! counts when nothing but courtesy is left beside it, so that "please stop by tomorrow" is no
//! opt-out.

use crate::duplicate::fold;
use crate::hold::{CODE_MAX, CODE_MIN};

/// Most words that can be an answer; a longer text is read as a message to people.
const WORDS_MAX: usize = 8;

/// The word that every language of the services shows.
const STOP: &str = "stop";

/// What a text says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Said {
    /// No more texts.
    Stop,
    /// Texts again.
    Start,
    /// `1` or yes.
    Yes,
    /// `2` or no.
    No,
    /// `3`: only mine.
    Only,
    /// No with the three digits of a change behind it.
    Deny {
        /// The digits.
        code: u16,
    },
    /// An answer with a review's number before it.
    Review {
        /// Its number.
        number: u32,
        /// The answer.
        same: bool,
    },
    /// `3` with a review's number before it: cannot say.
    Unsure {
        /// Its number.
        number: u32,
    },
    /// Anything else.
    Other,
}

/// Words of one language, folded: lower case without marks.
struct Words {
    stop: &'static [&'static str],
    start: &'static [&'static str],
    yes: &'static [&'static str],
    no: &'static [&'static str],
    courtesy: &'static [&'static str],
}

const LANGUAGES: [Words; 5] = [
    // English
    Words {
        stop: &["stop", "stopall", "unsubscribe", "cancel", "end", "quit"],
        start: &["start", "unstop", "resume", "subscribe"],
        yes: &["yes", "y", "yeah", "yep"],
        no: &["no", "n", "nope"],
        courtesy: &[
            "please", "pls", "thank", "thanks", "you", "sir", "madam", "now",
        ],
    },
    // French
    Words {
        stop: &[
            "arret",
            "arreter",
            "arretez",
            "desabonner",
            "annuler",
            "fin",
        ],
        start: &["commencer", "demarrer", "reprendre", "recommencer"],
        yes: &["oui", "o"],
        no: &["non"],
        courtesy: &[
            "merci", "svp", "stp", "sil", "s", "il", "te", "vous", "plait", "beaucoup",
        ],
    },
    // Swahili
    Words {
        stop: &["acha", "acheni", "simama", "simamisha", "sitisha", "ondoa"],
        start: &["anza", "endelea", "rudisha"],
        yes: &["ndiyo", "ndio", "ndivyo"],
        no: &["hapana", "la", "siyo", "sio"],
        courtesy: &["asante", "ahsante", "asanteni", "tafadhali", "sana", "sasa"],
    },
    // Amharic
    Words {
        stop: &["አቁም", "አቁሙ", "አቁሚ", "ይቁም", "አትላኩ"],
        start: &["ጀምር", "ጀምሩ", "ጀምሪ", "ይጀምር"],
        yes: &["አዎ", "አዎን", "እሺ"],
        no: &["አይ", "አይደለም", "የለም"],
        courtesy: &["እባክዎ", "እባክህ", "እባክሽ", "እባካችሁ", "አመሰግናለሁ", "እናመሰግናለን"],
    },
    // Arabic, as [`plain`] leaves it
    Words {
        stop: &["توقف", "توقفوا", "قف", "اوقف", "اوقفوا", "ايقاف", "الغاء"],
        start: &["ابدا", "ابداوا", "استئناف", "استانف"],
        yes: &["نعم", "اجل"],
        no: &["لا", "كلا"],
        courtesy: &["شكرا", "من", "فضلك", "فضلكم", "لطفا", "رجاء", "جزيلا", "لكم"],
    },
];

/// A text in plain letters and digits: full width and Arabic spellings of one letter become one,
/// marks that show nothing go, digits of other scripts become those of ASCII.
fn plain(text: &str) -> String {
    text.chars().filter_map(plain_letter).collect()
}

fn plain_letter(letter: char) -> Option<char> {
    let shifted = |from: u32, to: char| {
        let offset = u32::from(letter).saturating_sub(from);
        char::from_u32(u32::from(to).saturating_add(offset))
    };
    match letter {
        // Full-width forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => shifted(0xff01, '!'),
        // Vowel signs, the stretched line, joiners and marks of direction.
        '\u{64b}'..='\u{652}'
        | '\u{670}'
        | '\u{640}'
        | '\u{200b}'..='\u{200f}'
        | '\u{feff}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => None,
        'أ' | 'إ' | 'آ' | 'ٱ' => Some('ا'),
        '٠'..='٩' => shifted(0x660, '0'),
        '۰'..='۹' => shifted(0x6f0, '0'),
        _ => Some(letter),
    }
}

/// Reads a text.
pub(super) fn read(text: &str) -> Said {
    let words = fold::words(&plain(text));
    if words.len() > WORDS_MAX {
        return Said::Other;
    }
    let said: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !among(word, |l| l.courtesy))
        .collect();
    match said.as_slice() {
        [word] => one(word),
        [first, second] if stop_beside(first, second) => Said::Stop,
        [number, word] => match (number.parse(), one(word)) {
            (Ok(number), Said::Yes) if number > 0 => Said::Review { number, same: true },
            (Ok(number), Said::No) if number > 0 => Said::Review {
                number,
                same: false,
            },
            (Ok(number), _) if number > 0 && *word == "3" => Said::Unsure { number },
            _ if one(number) == Said::No && number.chars().all(char::is_alphabetic) => deny(word),
            _ => same_word_twice(number, word),
        },
        _ => Said::Other,
    }
}

/// `STOP 384`: the number to which it goes may stand beside the word.
fn stop_beside(first: &str, second: &str) -> bool {
    let digits = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    (first == STOP && digits(second)) || (digits(first) && second == STOP)
}

/// `NO 471`; `NO NO` is a no.
fn deny(word: &str) -> Said {
    match word.parse() {
        Ok(code) if (CODE_MIN..=CODE_MAX).contains(&code) => Said::Deny { code },
        _ if one(word) == Said::No => Said::No,
        _ => Said::Other,
    }
}

/// `STOP STOP` is still one word.
fn same_word_twice(first: &str, second: &str) -> Said {
    if first == second {
        one(first)
    } else {
        Said::Other
    }
}

pub(super) fn one(word: &str) -> Said {
    match word {
        "1" => Said::Yes,
        "2" => Said::No,
        "3" => Said::Only,
        _ if among(word, |l| l.stop) => Said::Stop,
        _ if among(word, |l| l.start) => Said::Start,
        _ if among(word, |l| l.yes) => Said::Yes,
        _ if among(word, |l| l.no) => Said::No,
        _ => Said::Other,
    }
}

fn among(word: &str, list: impl Fn(&Words) -> &'static [&'static str]) -> bool {
    LANGUAGES
        .iter()
        .any(|language| list(language).contains(&word))
}

#[cfg(test)]
mod stop;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: Said) {
        assert_eq!(read(text), expected, "{text:?}");
    }

    #[test]
    fn answers_are_read_with_and_without_a_number() {
        for (text, expected) in [
            ("1", Said::Yes),
            (" 1. ", Said::Yes),
            ("Yes please", Said::Yes),
            ("Oui", Said::Yes),
            ("NDIYO", Said::Yes),
            ("2", Said::No),
            ("hapana", Said::No),
            (
                "417 1",
                Said::Review {
                    number: 417,
                    same: true,
                },
            ),
            (
                "417: no",
                Said::Review {
                    number: 417,
                    same: false,
                },
            ),
            (
                "1 1",
                Said::Review {
                    number: 1,
                    same: true,
                },
            ),
            ("0 1", Said::Other),
            ("417", Said::Other),
            ("417 3", Said::Unsure { number: 417 }),
            ("417 4", Said::Other),
            ("99999999999 1", Said::Other),
            ("hello", Said::Other),
        ] {
            check(text, expected);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,200}") {
            prop_assert_eq!(read(&text), read(&text));
        }
    }
}
