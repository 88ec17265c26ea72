//! Comparing two people, field by field.
//!
//! A level says how far a field agrees; what it weighs stands in [`super::weight`].

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

impl Subject {
    /// Prepares a person, with the mother where she is known.
    pub fn new(fields: &PersonFields, mother: Option<&PersonFields>, table: &NameTable) -> Self {
        let text = |field| fields.get(field).map(str::to_owned);
        Self {
            names: Names::new(fields, table),
            mother: mother
                .map(|mother| Names::new(mother, table))
                .unwrap_or_default(),
            birth: fields.birth_date().map(comparable_birth),
            sex: text(Field::Sex),
            village: text(Field::Village),
            phone: text(Field::Phone),
            national_id: fields.get(Field::NationalId).map(plain_id),
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
        Levels {
            names: self.names.compare(&other.names, table),
            birth: compare_births(self.birth, other.birth),
            sex: agreement(self.sex.as_ref(), other.sex.as_ref()),
            village: agreement(self.village.as_ref(), other.village.as_ref()),
            phone: agreement(self.phone.as_ref(), other.phone.as_ref()),
            mother: self.mother.compare(&other.mother, table),
            national_id: agreement(self.national_id.as_ref(), other.national_id.as_ref()),
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

fn agreement(one: Option<&String>, other: Option<&String>) -> Agreement {
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
