//! Families of the background: a mother, sometimes a father, children who share name and village.

use jiff::civil::Date;
use node_core::person::{Field, PersonFields};

use super::Person;
use super::culture::{self, Culture, Lineage};
use crate::random::Random;

/// Villages of a site; some are larger than others.
const VILLAGES: usize = 60;
/// The year in which the set is captured.
const YEAR: i16 = 2026;

/// How precisely a birth date is known, in percent: to the day; the rest knows the year only, and
/// of that rest half is written as 1 January or 1 July.
const ADULT_DAY_PERCENT: usize = 60;
const CHILD_DAY_PERCENT: usize = 85;

/// Adds one family to the people.
pub fn add(culture: &Culture, random: &mut Random, people: &mut Vec<Person>) {
    let village = village(random);
    let father = culture::common(&culture.male, random).to_owned();
    let family = match culture.family {
        Lineage::Father => culture::common(&culture.families, random).to_owned(),
        Lineage::Patronym => father.clone(),
    };
    let age = 16 + i16::try_from(random.below(40)).unwrap_or(0);
    let phone = (random.below(100) < 70).then(|| phone(random));
    let own = culture::common(&culture.families, random).to_owned();
    let mut mother = person(given(&culture.female, random), own, "F", &village);
    mother.set(
        Field::BirthDate,
        birth(YEAR - age, ADULT_DAY_PERCENT, random),
    );
    if random.below(100) < 40 {
        let second = culture::common(&culture.families, random).to_owned();
        let mut man = person(father, second, "M", &village);
        let older = i16::try_from(random.below(12)).unwrap_or(0);
        man.set(
            Field::BirthDate,
            birth(YEAR - age - older, ADULT_DAY_PERCENT, random),
        );
        set_phone(&mut man, phone.as_deref());
        people.push(Person {
            fields: man,
            mother: None,
        });
    }
    for _ in 0..random.below(4) {
        let boy = random.below(2) == 0;
        let (names, sex) = if boy {
            (&culture.male, "M")
        } else {
            (&culture.female, "F")
        };
        let mut child = person(given(names, random), family.clone(), sex, &village);
        let years = i16::try_from(random.below(6)).unwrap_or(0);
        child.set(
            Field::BirthDate,
            birth(YEAR - years, CHILD_DAY_PERCENT, random),
        );
        people.push(Person {
            fields: child,
            mother: Some(names_of(&mother)),
        });
    }
    set_phone(&mut mother, phone.as_deref());
    people.push(Person {
        fields: mother,
        mother: None,
    });
}

/// A twin of a child whose day of birth is known; `None` for anybody else.
pub fn twin(of: &Person, culture: &Culture, random: &mut Random) -> Option<Person> {
    let known = of.mother.is_some()
        && of.fields.get(Field::BirthDate)?.len() > 4
        && of.fields.get(Field::GivenName).is_some();
    if !known {
        return None;
    }
    let mut twin = of.clone();
    let boy = random.below(2) == 0;
    let (names, sex) = if boy {
        (&culture.male, "M")
    } else {
        (&culture.female, "F")
    };
    twin.fields.set(Field::GivenName, given(names, random));
    twin.fields.set(Field::Sex, sex);
    (twin.fields.get(Field::GivenName) != of.fields.get(Field::GivenName)).then_some(twin)
}

/// Somebody else with the same names, sex and birth year.
pub fn stranger(of: &Person, culture: &Culture, random: &mut Random) -> Person {
    let mut stranger = of.clone();
    let year = of
        .fields
        .birth_date()
        .map_or(YEAR, node_core::person::BirthDate::year);
    let percent = if of.mother.is_some() {
        CHILD_DAY_PERCENT
    } else {
        ADULT_DAY_PERCENT
    };
    stranger
        .fields
        .set(Field::BirthDate, birth(year, percent, random));
    stranger.fields.set(Field::Village, village(random));
    stranger.fields.0.remove(&Field::Phone);
    let phone = (of.mother.is_none() && random.below(100) < 70).then(|| phone(random));
    set_phone(&mut stranger.fields, phone.as_deref());
    stranger.mother = of.mother.as_ref().map(|_| {
        let mut names = PersonFields::default();
        names.set(Field::GivenName, given(&culture.female, random));
        names.set(
            Field::FamilyName,
            culture::common(&culture.families, random),
        );
        names
    });
    stranger
}

/// Another village than this one.
pub fn other_village(than: &str, random: &mut Random) -> String {
    loop {
        let other = village(random);
        if other != than {
            return other;
        }
    }
}

/// A number that nobody else has, as far as chance goes.
pub fn phone(random: &mut Random) -> String {
    format!("+25470{:07}", random.below(10_000_000))
}

fn village(random: &mut Random) -> String {
    // The smaller of two draws: the first villages are the larger ones.
    let number = random.below(VILLAGES).min(random.below(VILLAGES));
    format!("V{number:02}")
}

/// A given name; every eighth person has two.
fn given(names: &[String], random: &mut Random) -> String {
    let first = culture::common(names, random);
    let second = culture::common(names, random);
    if random.below(8) == 0 && first != second {
        format!("{first} {second}")
    } else {
        first.to_owned()
    }
}

fn person(given: String, family: String, sex: &str, village: &str) -> PersonFields {
    let mut fields = PersonFields::default();
    fields.set(Field::GivenName, given);
    fields.set(Field::FamilyName, family);
    fields.set(Field::Sex, sex);
    fields.set(Field::Village, village);
    fields
}

fn names_of(person: &PersonFields) -> PersonFields {
    let mut names = PersonFields::default();
    for field in [Field::GivenName, Field::FamilyName] {
        if let Some(name) = person.get(field) {
            names.set(field, name);
        }
    }
    names
}

fn set_phone(fields: &mut PersonFields, phone: Option<&str>) {
    if let Some(phone) = phone {
        fields.set(Field::Phone, phone);
    }
}

fn birth(year: i16, day_percent: usize, random: &mut Random) -> String {
    if random.below(100) < day_percent {
        let day = i32::try_from(random.below(365)).unwrap_or(0);
        let first = Date::new(year, 1, 1).expect("a year");
        return first
            .saturating_add(jiff::Span::new().days(day))
            .to_string();
    }
    match random.below(4) {
        0 => format!("{year}-01-01"),
        1 => format!("{year}-07-01"),
        _ => format!("{year}"),
    }
}
