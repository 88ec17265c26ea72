//! Comparing names: one name with another, and the two names of a person in their best pairing.
//!
//! Two words are close when they sound alike, when one is a short form or the beginning of the
//! other, when one typing error parts them, or when their Jaro–Winkler similarity is at least
//! `SIMILAR`. The similarity alone misses what only sounds alike, the sound alone what is mistyped.

use super::table::{NameTable, Order};
use crate::person::{Field, PersonFields};

/// Similarity from which two spelt names count as close.
const SIMILAR: f64 = 0.92;
/// Letters from which a word may be parted from another by one typing error, or begin it.
const LETTERS_MIN: usize = 4;

/// A name, prepared for comparing.
#[derive(Clone, PartialEq, Eq)]
pub struct Name {
    /// Spelt words, joined by blanks.
    spelt: String,
    /// The words.
    words: Vec<Word>,
}

/// A word of a name.
#[derive(Clone, PartialEq, Eq)]
struct Word {
    /// As the table spells it.
    spelt: String,
    /// How it sounds.
    code: String,
}

impl Name {
    /// Prepares a name; `None` when it has no letter.
    pub fn new(name: &str, table: &NameTable) -> Option<Self> {
        let words = table.words(name);
        if words.is_empty() {
            return None;
        }
        let spelt = words.join(" ");
        let sound = |spelt: String| Word {
            code: table.code(&spelt),
            spelt,
        };
        let words = words.into_iter().map(sound).collect();
        Some(Self { spelt, words })
    }

    /// The spelt name.
    pub fn spelt(&self) -> &str {
        &self.spelt
    }

    /// How each word sounds.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.code.as_str())
    }

    /// How the whole name sounds.
    pub fn code(&self) -> String {
        self.codes().collect::<Vec<_>>().join(" ")
    }

    fn likeness(&self, other: &Self, table: &NameTable) -> Likeness {
        if self.spelt == other.spelt {
            return Likeness::Equal;
        }
        let (short, long) = if self.words.len() <= other.words.len() {
            (self, other)
        } else {
            (other, self)
        };
        // A second given name is often left out; each word that is given must be there.
        let finds = |word: &Word| long.words.iter().any(|other| word.is_close(other, table));
        if short.words.iter().all(finds) {
            Likeness::Close
        } else {
            Likeness::Different
        }
    }
}

impl Word {
    fn is_close(&self, other: &Self, table: &NameTable) -> bool {
        let (one, two) = (self.spelt.as_str(), other.spelt.as_str());
        one == two
            || (self.code == other.code && self.code.len() > 1)
            || strsim::jaro_winkler(one, two) >= SIMILAR
            || is_begun(one, two)
            || is_begun(two, one)
            || table.is_short_form(one, two)
            || is_mistyped(one, two)
    }
}

/// Whether a word begins with another one of some length.
fn is_begun(long: &str, short: &str) -> bool {
    short.len() >= LETTERS_MIN && long.starts_with(short)
}

/// Whether one letter too many, missing, wrong or exchanged parts two words.
fn is_mistyped(one: &str, other: &str) -> bool {
    let near = one.len().abs_diff(other.len()) <= 1;
    near && one.len().min(other.len()) >= LETTERS_MIN && strsim::osa_distance(one, other) <= 1
}

/// How one name compares with another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Likeness {
    Different,
    Close,
    Equal,
}

/// How the two names of two people compare, in the better pairing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NameLevel {
    /// Both equal.
    Equal,
    /// One equal, one close.
    EqualClose,
    /// Both close.
    Close,
    /// Both equal, exchanged.
    Swapped,
    /// Exchanged, and at least one only close.
    SwappedClose,
    /// One is equal, the other one missing on a side.
    OneEqual,
    /// One is close, the other one missing on a side.
    OneClose,
    /// Family names agree, given names do not: as twins and brothers have them.
    GivenDiffers,
    /// Given names agree, family names do not.
    FamilyDiffers,
    /// No agreement.
    Different,
    /// Nothing to compare.
    Missing,
}

/// Given and family name of a person, prepared.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// Given name.
    pub given: Option<Name>,
    /// Family name.
    pub family: Option<Name>,
}

impl Names {
    /// The names of a person's document.
    pub fn new(fields: &PersonFields, table: &NameTable) -> Self {
        let name = |field| fields.get(field).and_then(|name| Name::new(name, table));
        Self {
            given: name(Field::GivenName),
            family: name(Field::FamilyName),
        }
    }

    /// All names that are there.
    pub fn all(&self) -> impl Iterator<Item = &Name> {
        self.given.iter().chain(&self.family)
    }

    /// Compares two people's names in the better of both pairings.
    pub fn compare(&self, other: &Self, table: &NameTable) -> NameLevel {
        let against = |name: &Option<Name>| {
            let name = name.as_ref();
            name.map(|name| self.against(name, table))
                .unwrap_or_default()
        };
        level(against(&other.given), against(&other.family), table.order())
    }

    /// Compares one name of somebody else with both of these.
    pub(super) fn against(&self, name: &Name, table: &NameTable) -> Against {
        let like = |own: &Option<Name>| own.as_ref().map(|own| own.likeness(name, table));
        Against {
            given: like(&self.given),
            family: like(&self.family),
        }
    }
}

/// How a name compares with both names of a person; nothing where one of both is not there.
#[derive(Clone, Copy, Default)]
pub(super) struct Against {
    given: Option<Likeness>,
    family: Option<Likeness>,
}

/// The level of two names that were compared with those of a person, in the better pairing.
pub(super) fn level(given: Against, family: Against, order: Order) -> NameLevel {
    let straight = paired(given.given, family.family);
    if straight == NameLevel::Equal || order != Order::Any {
        return straight;
    }
    let swapped = match paired(family.given, given.family) {
        NameLevel::Equal => NameLevel::Swapped,
        NameLevel::EqualClose | NameLevel::Close => NameLevel::SwappedClose,
        level @ (NameLevel::OneEqual | NameLevel::OneClose) => level,
        _ => return straight,
    };
    straight.min(swapped)
}

fn paired(given: Option<Likeness>, family: Option<Likeness>) -> NameLevel {
    use Likeness::{Close, Different, Equal};
    match (given, family) {
        (Some(Equal), Some(Equal)) => NameLevel::Equal,
        (Some(Equal), Some(Close)) | (Some(Close), Some(Equal)) => NameLevel::EqualClose,
        (Some(Close), Some(Close)) => NameLevel::Close,
        (Some(Different), Some(Equal | Close)) => NameLevel::GivenDiffers,
        (Some(Equal | Close), Some(Different)) => NameLevel::FamilyDiffers,
        (Some(Equal), None) | (None, Some(Equal)) => NameLevel::OneEqual,
        (Some(Close), None) | (None, Some(Close)) => NameLevel::OneClose,
        (None, None) => NameLevel::Missing,
        _ => NameLevel::Different,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(country: &str, one: [&str; 2], other: [&str; 2]) -> NameLevel {
        let table = NameTable::of(country).unwrap();
        let names = |[given, family]: [&str; 2]| Names {
            given: Name::new(given, &table),
            family: Name::new(family, &table),
        };
        let level = names(one).compare(&names(other), &table);
        let back = names(other).compare(&names(one), &table);
        assert_eq!(level, back, "not the same both ways");
        level
    }

    #[test]
    fn names_are_compared_in_their_better_pairing() {
        use NameLevel::{
            Close, Different, Equal, EqualClose, FamilyDiffers, GivenDiffers, Missing, OneClose,
            OneEqual, Swapped, SwappedClose,
        };
        for (one, other, expected) in [
            (["Asha", "Mwangi"], ["ASHA", "Mwangi"], Equal),
            (["Mohamed", "Ali"], ["Muhammad", "Ali"], Equal),
            (["Wanjiru", "Mwangi"], ["Wangiru", "Mwangi"], EqualClose),
            (["Elizabeth", "Otieno"], ["Liz", "Otieno"], EqualClose),
            (["Mary Grace", "Otieno"], ["Grace", "Otieno"], EqualClose),
            (["Wanjiru", "Nyambura"], ["Wangiru", "Nyambora"], Close),
            (["Asha", "Mwangi"], ["Mwangi", "Asha"], Swapped),
            (["Asha", "Mwangi"], ["Mwanji", "Asha"], SwappedClose),
            (["Asha", "Mwangi"], ["Asha", ""], OneEqual),
            (["Asha", "Mwangi"], ["", "Asha"], OneEqual),
            (["Asha", "Mwangi"], ["", "Mwanji"], OneClose),
            (["Otieno", "Mwangi"], ["Ochieng", "Mwangi"], GivenDiffers),
            (["Asha", "Mwangi"], ["Asha", "Odhiambo"], FamilyDiffers),
            (["Asha", "Mwangi"], ["Grace", "Odhiambo"], Different),
            (["Asha", "Mwangi"], ["Grace", ""], Different),
            (["Asha", "Mwangi"], ["", ""], Missing),
        ] {
            assert_eq!(level("KE", one, other), expected, "{one:?} {other:?}");
        }
    }
}
