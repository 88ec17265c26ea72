//! The ten kinds of typing error, and what changes in a person's life between two registrations.

use jiff::civil::Date;
use node_core::person::{BirthDate, Field};

use super::Person;
use super::culture::Culture;
use super::household;
use crate::random::Random;

/// Of a hundred people who register again: those who have moved, whose number is another one, and
/// who give none.
const MOVED_PERCENT: usize = 10;
const NUMBER_CHANGED_PERCENT: usize = 15;
const NUMBER_MISSING_PERCENT: usize = 10;
/// Shortest name whose letters are touched, in letters.
const LETTERS_MIN: usize = 4;

/// A kind of error.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ErrorKind {
    /// Two neighbouring letters are exchanged.
    Transposition,
    /// A letter is missing.
    MissingLetter,
    /// A letter is too many.
    ExtraLetter,
    /// Written as it sounds to somebody else.
    PhoneticSpelling,
    /// Given and family name are exchanged.
    SwappedNames,
    /// One of the names is not given.
    MissingName,
    /// Day and month of birth are exchanged.
    DayMonthSwap,
    /// The year of birth is off by one.
    YearByOne,
    /// 1 January or 1 July instead of the day.
    DefaultDate,
    /// A short form instead of the name.
    Nickname,
}

impl ErrorKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Transposition,
        Self::MissingLetter,
        Self::ExtraLetter,
        Self::PhoneticSpelling,
        Self::SwappedNames,
        Self::MissingName,
        Self::DayMonthSwap,
        Self::YearByOne,
        Self::DefaultDate,
        Self::Nickname,
    ];

    /// Whether the second error would be the first one again or undo it.
    pub fn clashes(self, first: Self) -> bool {
        let of_day = |kind| matches!(kind, Self::DayMonthSwap | Self::DefaultDate);
        self == first || (of_day(self) && of_day(first))
    }
}

/// The culture whose names a person bears.
///
/// # Panics
/// When there is no culture.
pub fn culture_of<'a>(person: &Person, cultures: &'a [Culture]) -> &'a Culture {
    let family = person.fields.get(Field::FamilyName).unwrap_or_default();
    let given = person.fields.get(Field::GivenName).unwrap_or_default();
    let given = given.split(' ').next().unwrap_or_default();
    cultures
        .iter()
        .find(|culture| culture.knows(family) && culture.knows(given))
        .unwrap_or(&cultures[0])
}

/// Makes one error; `false` where it cannot be made of this person.
pub fn make(kind: ErrorKind, person: &mut Person, culture: &Culture, random: &mut Random) -> bool {
    match kind {
        ErrorKind::Transposition => {
            touch(person, random, |letters, random| transpose(letters, random))
        }
        ErrorKind::MissingLetter => touch(person, random, drop_letter),
        ErrorKind::ExtraLetter => touch(person, random, add_letter),
        ErrorKind::PhoneticSpelling => respell(person, culture, random),
        ErrorKind::SwappedNames => swap_names(person),
        ErrorKind::MissingName => miss_name(person, random),
        ErrorKind::Nickname => shorten(person, culture, random),
        ErrorKind::DayMonthSwap => swap_day(person),
        ErrorKind::YearByOne => shift_year(person, random),
        ErrorKind::DefaultDate => default_date(person, random),
    }
}

/// What changes without an error: people move and change their numbers.
pub fn drift(person: &mut Person, random: &mut Random) {
    if random.below(100) < MOVED_PERCENT {
        let before = person.fields.get(Field::Village).unwrap_or_default();
        let after = household::other_village(before, random);
        person.fields.set(Field::Village, after);
    }
    if person.fields.get(Field::Phone).is_some() {
        let chance = random.below(100);
        if chance < NUMBER_CHANGED_PERCENT {
            person.fields.set(Field::Phone, household::phone(random));
        } else if chance < NUMBER_CHANGED_PERCENT + NUMBER_MISSING_PERCENT {
            person.fields.0.remove(&Field::Phone);
        }
    }
}

fn name_field(random: &mut Random) -> Field {
    *random.one_of(&[Field::GivenName, Field::FamilyName])
}

fn touch(
    person: &mut Person,
    random: &mut Random,
    change: fn(&mut Vec<char>, &mut Random),
) -> bool {
    let field = name_field(random);
    let Some(name) = person.fields.get(field) else {
        return false;
    };
    let mut letters: Vec<char> = name.chars().collect();
    let before = letters.clone();
    if letters.len() < LETTERS_MIN {
        return false;
    }
    change(&mut letters, random);
    let changed = letters != before;
    person
        .fields
        .set(field, letters.into_iter().collect::<String>());
    changed
}

fn transpose(letters: &mut [char], random: &mut Random) {
    // The first letter is rarely wrong; it stays.
    let at = 1 + random.below(letters.len() - 2);
    letters.swap(at, at + 1);
}

fn drop_letter(letters: &mut Vec<char>, random: &mut Random) {
    letters.remove(1 + random.below(letters.len() - 1));
}

fn add_letter(letters: &mut Vec<char>, random: &mut Random) {
    let letter = *random.one_of(&['a', 'e', 'h', 'i', 'l', 'm', 'n', 'o', 'r', 's', 't', 'u']);
    letters.insert(1 + random.below(letters.len()), letter);
}

fn respell(person: &mut Person, culture: &Culture, random: &mut Random) -> bool {
    let field = name_field(random);
    let Some(name) = person.fields.get(field).map(str::to_lowercase) else {
        return false;
    };
    let fitting: Vec<String> = culture
        .spellings
        .iter()
        .filter_map(|[from, to]| name.find(from.as_str()).map(|_| name.replacen(from, to, 1)))
        .collect();
    if fitting.is_empty() {
        return false;
    }
    let after = random.one_of(&fitting).clone();
    person.fields.set(field, after);
    true
}

fn swap_names(person: &mut Person) -> bool {
    let names = &mut person.fields.0;
    let (Some(given), Some(family)) = (
        names.remove(&Field::GivenName),
        names.remove(&Field::FamilyName),
    ) else {
        return false;
    };
    let different = given != family;
    names.insert(Field::GivenName, family);
    names.insert(Field::FamilyName, given);
    different
}

fn miss_name(person: &mut Person, random: &mut Random) -> bool {
    // The family name is the one that is left out more often.
    let field = *random.one_of(&[Field::FamilyName, Field::FamilyName, Field::GivenName]);
    let both = person.fields.get(Field::GivenName).is_some()
        && person.fields.get(Field::FamilyName).is_some();
    person.fields.0.remove(&field);
    both
}

fn shorten(person: &mut Person, culture: &Culture, random: &mut Random) -> bool {
    let name = person.fields.get(Field::GivenName).unwrap_or_default();
    let first = name.split(' ').next().unwrap_or_default();
    let shorts: Vec<&String> = culture
        .nicknames
        .iter()
        .filter(|[long, _]| long == first)
        .map(|[_, short]| short)
        .collect();
    if shorts.is_empty() {
        return false;
    }
    let short = (*random.one_of(&shorts)).clone();
    person.fields.set(Field::GivenName, short);
    true
}

fn swap_day(person: &mut Person) -> bool {
    let Some(BirthDate::Day(date)) = person.fields.birth_date() else {
        return false;
    };
    match Date::new(date.year(), date.day(), date.month()) {
        Ok(swapped) if swapped != date => {
            person.fields.set(Field::BirthDate, swapped.to_string());
            true
        }
        _ => false,
    }
}

fn shift_year(person: &mut Person, random: &mut Random) -> bool {
    let by = *random.one_of(&[-1, 1]);
    let shifted = match person.fields.birth_date() {
        Some(BirthDate::Year(year)) => BirthDate::Year(year + by),
        Some(BirthDate::Day(date)) => match Date::new(date.year() + by, date.month(), date.day()) {
            Ok(date) => BirthDate::Day(date),
            Err(_) => return false,
        },
        None => return false,
    };
    person.fields.set(Field::BirthDate, shifted.to_iso());
    true
}

fn default_date(person: &mut Person, random: &mut Random) -> bool {
    let Some(BirthDate::Day(date)) = person.fields.birth_date() else {
        return false;
    };
    let month = *random.one_of(&["01-01", "07-01"]);
    let default = format!("{:04}-{month}", date.year());
    let changed = date.to_string() != default;
    person.fields.set(Field::BirthDate, default);
    changed
}
