//! Comparing two people, field by field.
//!
//! A level says how far a field agrees; what it weighs stands in [`super::weight`].

use std::borrow::Cow;

use jiff::civil::Date;

use super::name::{NameLevel, Names};
use super::table::NameTable;
use crate::person::{BirthDate, Field, PersonFields};

/// A person, prepared for comparing.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject {
    names: Names,
    mother: Names,
    birth: Option<BirthDate>,
    sex: Option<String>,
    village: Option<String>,
    phone: Option<String>,
    national_id: Option<String>,
}

/// What is compared beside names, as it was read.
pub(super) struct Plain<'a> {
    birth: Option<BirthDate>,
    sex: Option<&'a str>,
    village: Option<&'a str>,
    phone: Option<&'a str>,
    national_id: Option<Cow<'a, str>>,
}

impl<'a> Plain<'a> {
    /// Takes the fields that are compared.
    pub(super) fn read(get: impl Fn(Field) -> Option<&'a str>) -> Self {
        let birth = get(Field::BirthDate).and_then(BirthDate::parse_iso);
        Self {
            birth: birth.map(comparable_birth),
            sex: get(Field::Sex),
            village: get(Field::Village),
            phone: get(Field::Phone),
            national_id: get(Field::NationalId).map(|id| plain_id(id).into()),
        }
    }
}

impl Subject {
    /// Prepares a person, with the mother where she is known.
    pub fn new(fields: &PersonFields, mother: Option<&PersonFields>, table: &NameTable) -> Self {
        let plain = Plain::read(|field| fields.get(field));
        Self {
            names: Names::new(fields, table),
            mother: mother
                .map(|mother| Names::new(mother, table))
                .unwrap_or_default(),
            birth: plain.birth,
            sex: plain.sex.map(str::to_owned),
            village: plain.village.map(str::to_owned),
            phone: plain.phone.map(str::to_owned),
            national_id: plain.national_id.map(Cow::into_owned),
        }
    }

    /// The names.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The birth date, default days as their year.
    pub fn birth(&self) -> Option<BirthDate> {
        self.birth
    }

    /// Compares two people.
    pub fn compare(&self, other: &Self, table: &NameTable) -> Levels {
        let plain = Plain {
            birth: other.birth,
            sex: other.sex.as_deref(),
            village: other.village.as_deref(),
            phone: other.phone.as_deref(),
            national_id: other.national_id.as_deref().map(Cow::Borrowed),
        };
        Levels {
            mother: self.mother.compare(&other.mother, table),
            ..self.beside(self.names.compare(&other.names, table), &plain)
        }
    }

    /// Compares with one whose names are compared already and whose mother is not known.
    pub(super) fn beside(&self, names: NameLevel, other: &Plain<'_>) -> Levels {
        Levels {
            names,
            birth: compare_births(self.birth, other.birth),
            sex: agreement(self.sex.as_deref(), other.sex),
            village: agreement(self.village.as_deref(), other.village),
            phone: agreement(self.phone.as_deref(), other.phone),
            mother: NameLevel::Missing,
            national_id: agreement(self.national_id.as_deref(), other.national_id.as_deref()),
        }
    }
}

/// An identity number without blanks and hyphens, in capitals.
pub fn plain_id(value: &str) -> String {
    value
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// A birth date as it is compared: 1 January and 1 July stand for "only the year is known".
pub fn comparable_birth(birth: BirthDate) -> BirthDate {
    match birth {
        BirthDate::Day(date) if matches!((date.month(), date.day()), (1 | 7, 1)) => {
            BirthDate::Year(date.year())
        }
        precise => precise,
    }
}

/// Agreement of a field that has one spelling.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Agreement {
    /// Equal.
    Same,
    /// Not equal.
    Different,
    /// Not known of one of both.
    Missing,
}

fn agreement(one: Option<&str>, other: Option<&str>) -> Agreement {
    match (one, other) {
        (Some(one), Some(other)) if one == other => Agreement::Same,
        (Some(_), Some(_)) => Agreement::Different,
        _ => Agreement::Missing,
    }
}

/// Agreement of birth dates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum BirthLevel {
    /// The same day.
    Same,
    /// Day and month are exchanged.
    DayMonthSwapped,
    /// Day and month agree, the year is off by one.
    YearByOne,
    /// The same year; of one of both no more is known.
    Year,
    /// The year is off by one; of one of both no more is known.
    NearYear,
    /// The same year, another day.
    SameYear,
    /// Different.
    Different,
    /// Not known of one of both.
    Missing,
}

fn compare_births(one: Option<BirthDate>, other: Option<BirthDate>) -> BirthLevel {
    match (one, other) {
        (Some(BirthDate::Day(one)), Some(BirthDate::Day(other))) => compare_days(one, other),
        (Some(one), Some(other)) => match one.year().abs_diff(other.year()) {
            0 => BirthLevel::Year,
            1 => BirthLevel::NearYear,
            _ => BirthLevel::Different,
        },
        _ => BirthLevel::Missing,
    }
}

fn compare_days(one: Date, other: Date) -> BirthLevel {
    let (day, month) = (one.day(), one.month());
    let years = one.year().abs_diff(other.year());
    if one == other {
        BirthLevel::Same
    } else if years == 0 && (day, month) == (other.month(), other.day()) {
        BirthLevel::DayMonthSwapped
    } else if years == 1 && (day, month) == (other.day(), other.month()) {
        BirthLevel::YearByOne
    } else if years == 0 {
        BirthLevel::SameYear
    } else {
        BirthLevel::Different
    }
}

/// How two people compare; tells nothing about either.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Levels {
    /// Given and family name.
    pub names: NameLevel,
    /// Birth date.
    pub birth: BirthLevel,
    /// Sex.
    pub sex: Agreement,
    /// Village.
    pub village: Agreement,
    /// Phone.
    pub phone: Agreement,
    /// The mother's names.
    pub mother: NameLevel,
    /// National identity number.
    pub national_id: Agreement,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn birth(one: &str, other: &str) -> BirthLevel {
        let read = |text| BirthDate::parse_iso(text).map(comparable_birth);
        let level = compare_births(read(one), read(other));
        assert_eq!(level, compare_births(read(other), read(one)));
        level
    }

    #[test]
    fn births_agree_by_degrees() {
        use BirthLevel::{
            DayMonthSwapped, Different, Missing, NearYear, Same, SameYear, Year, YearByOne,
        };
        for (one, other, expected) in [
            ("1994-05-17", "1994-05-17", Same),
            ("1994-05-07", "1994-07-05", DayMonthSwapped),
            ("1994-05-17", "1995-05-17", YearByOne),
            ("1994-05-17", "1994", Year),
            ("1994-05-17", "1994-01-01", Year),
            ("1994-07-01", "1994", Year),
            ("1993", "1994-01-01", NearYear),
            ("1994-05-17", "1994-06-17", SameYear),
            ("1994-05-17", "1995-06-17", Different),
            ("1990", "1994", Different),
            ("", "1994", Missing),
        ] {
            assert_eq!(birth(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn people_are_compared_field_by_field() {
        let table = NameTable::of("KE").unwrap();
        let person = |values: &[(Field, &str)]| {
            let mut fields = PersonFields::default();
            for (field, value) in values {
                fields.set(*field, *value);
            }
            fields
        };
        let mother = person(&[(Field::GivenName, "Asha")]);
        let one = person(&[
            (Field::GivenName, "Juma"),
            (Field::Sex, "M"),
            (Field::NationalId, "ab 1-2"),
        ]);
        let other = person(&[
            (Field::GivenName, "Juma"),
            (Field::Sex, "F"),
            (Field::NationalId, "AB12"),
        ]);
        let subject = |fields, mother| Subject::new(fields, mother, &table);
        let levels = subject(&one, Some(&mother)).compare(&subject(&other, None), &table);
        assert_eq!(
            (levels.names, levels.sex, levels.mother, levels.national_id),
            (
                NameLevel::OneEqual,
                Agreement::Different,
                NameLevel::Missing,
                Agreement::Same
            )
        );
        assert_eq!(
            (levels.village, levels.birth),
            (Agreement::Missing, BirthLevel::Missing)
        );
    }
}
