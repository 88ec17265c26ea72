//! Which reader of an SMS comes first, as data: [`ORDER`] is tried from the top, and the first
//! rule that claims a text has it.
//!
//! 1. STOP and START, always, so that nobody must leave a menu to end messages (CH21).
//! 2. `417 1`: a review is named, so nothing else can be meant.
//!    The same holds for `SLIP …` and `CHECK …` of staff.
//! 3. A bare `1` or `2`, yes or no, when a question of ours (a review, "is this your number?")
//!    was put after the menu's last screen: it answers what was asked last.
//! 4. A word that opens the menu.
//! 5. A word that begins a form (`REG …`): what was typed into the menu stays as it is.
//! 6. Any other text while the menu waits for an answer.
//! 7. Everything else: words, and the one reply to unknown text (CH22).

use super::office;
use super::word::{self, Said};
use crate::decide::binding;
use crate::known;
use crate::programme::Programmes;
use crate::role::Principal;
use crate::view::{Known, Lookup};

/// Refused answers in a row after which the menu stops reading a number's texts: more is an
/// answering machine, not a person. The word for the menu takes it up again.
pub const MENU_REFUSALS_MAX: u8 = 3;

/// Who reads a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    /// [`super::interpret`]; an open menu closes.
    Switch,
    /// [`super::interpret`].
    Words,
    /// The dialogue, from its beginning or where it stopped.
    Opens,
    /// [`crate::dialogue::form`].
    Form,
    /// The dialogue, as the answer to its last screen.
    Answers,
}

/// The SMS menu of a number.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Menu {
    /// Whether its last screen waits for an answer.
    pub waits: bool,
    /// Whether one of [`super::questions`] was put after that screen.
    pub asked_since: bool,
}

/// A text with what decides its reader.
struct Incoming<'a> {
    text: &'a str,
    said: Said,
    principal: &'a Principal,
    known: &'a Known,
    programmes: &'a Programmes,
    menu: Menu,
}

struct Rule {
    claims: fn(&Incoming<'_>) -> bool,
    reader: Reader,
}

const ORDER: [Rule; 10] = [
    Rule {
        claims: |text| matches!(text.said, Said::Stop | Said::Start),
        reader: Reader::Switch,
    },
    Rule {
        claims: names_a_review,
        reader: Reader::Words,
    },
    Rule {
        claims: denies,
        reader: Reader::Words,
    },
    Rule {
        claims: |text| text.principal.author != 0 && office::is_word(text.text),
        reader: Reader::Words,
    },
    Rule {
        claims: |text| matches!(text.said, Said::Yes | Said::No) && text.menu.asked_since,
        reader: Reader::Words,
    },
    Rule {
        claims: |text| text.said == Said::Only && text.menu.asked_since && waits_beside(text),
        reader: Reader::Words,
    },
    Rule {
        claims: |text| text.programmes.opens(text.text),
        reader: Reader::Opens,
    },
    Rule {
        claims: |text| {
            let language = &text.principal.language;
            text.programmes.form(text.text, language).is_some()
        },
        reader: Reader::Form,
    },
    Rule {
        claims: |text| text.menu.waits,
        reader: Reader::Answers,
    },
    Rule {
        claims: |_| true,
        reader: Reader::Words,
    },
];

/// The reader of a text of `principal`; `known` holds what [`super::needs`] asked for.
pub fn reader(
    text: &str,
    principal: &Principal,
    known: &Known,
    programmes: &Programmes,
    menu: Menu,
) -> Reader {
    let text = Incoming {
        text,
        said: word::read(text),
        principal,
        known,
        programmes,
        menu,
    };
    let mut rules = ORDER.iter();
    let first = rules.find(|rule| (rule.claims)(&text));
    first.map_or(Reader::Words, |rule| rule.reader)
}

/// Whether a NO stops a change of the sender's number. Behind an open menu it needs its digits.
fn denies(text: &Incoming<'_>) -> bool {
    let phone = text.principal.e164();
    let named = matches!(text.said, Said::Deny { .. }) || !text.menu.waits;
    let means = |phone: String| super::denies(text.text, &phone, text.known).is_some();
    named && phone.is_some_and(means)
}

/// Whether `3` answers a question about the sender's number.
fn waits_beside(text: &Incoming<'_>) -> bool {
    let phone = text.principal.e164();
    phone.is_some_and(|phone| binding::waits_beside(&known::phone(text.known, &phone)))
}

/// Whether a text names a review that waits for its sender, or that the sender answered.
fn names_a_review(text: &Incoming<'_>) -> bool {
    let Said::Review { number, .. } = text.said else {
        return false;
    };
    let (scope, author) = (text.principal.scope.area(), text.principal.author);
    let open = known::open_reviews(text.known, scope, author);
    let is_open = open.iter().any(|row| row.review == number);
    let is_known = text.known.contains_key(&Lookup::Review(number))
        && known::review(text.known, number).is_some_and(|row| row.answer.is_some());
    author != 0 && (is_open || is_known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::world::system;
    use crate::programme::usual;

    fn check(text: &str, menu: Menu, expected: Reader) {
        let programmes = usual().unwrap();
        let found = reader(text, &system(), &Known::new(), &programmes, menu);
        assert_eq!(found, expected, "{text:?} with {menu:?}");
    }

    const OPEN: Menu = Menu {
        waits: true,
        asked_since: false,
    };
    const ASKED: Menu = Menu {
        waits: true,
        asked_since: true,
    };

    #[test]
    fn stop_and_start_go_before_an_open_menu() {
        for text in ["STOP", "Stop. Thank you", "arrêt", "START", "anza"] {
            check(text, OPEN, Reader::Switch);
            check(text, Menu::default(), Reader::Switch);
        }
    }

    #[test]
    fn a_bare_number_answers_what_was_asked_last() {
        for text in ["1", "2", "yes", "hapana"] {
            check(text, OPEN, Reader::Answers);
            check(text, ASKED, Reader::Words);
            check(text, Menu::default(), Reader::Words);
        }
        check("3", ASKED, Reader::Answers);
        check("Achieng", ASKED, Reader::Answers);
    }

    #[test]
    fn the_word_for_the_menu_goes_before_an_answer() {
        for text in ["MENU", "menu.", "Menyu"] {
            check(text, OPEN, Reader::Opens);
            check(text, ASKED, Reader::Opens);
            check(text, Menu::default(), Reader::Opens);
        }
        check("the menu please", Menu::default(), Reader::Words);
    }

    #[test]
    fn the_word_of_a_form_goes_before_an_answer() {
        for text in ["REG Amina, Nyambura", "reg: x", "enr Aminata", "SAJILI a"] {
            check(text, OPEN, Reader::Form);
            check(text, Menu::default(), Reader::Form);
        }
        for text in ["Regina", "the reg", "REGISTER"] {
            check(text, OPEN, Reader::Answers);
        }
    }

    #[test]
    fn a_number_that_names_no_review_is_an_answer() {
        check("1 2", OPEN, Reader::Answers);
        check("417 1", OPEN, Reader::Answers);
        check("417 1", Menu::default(), Reader::Words);
    }
}
