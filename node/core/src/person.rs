//! People as they are captured: names, partial dates, sex, and the fields of a person's document.
//!
//! All of it is personal data: `Debug` prints no value, there is no `Display`.

use core::fmt;
use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Most characters of one name; longer input is refused at capture.
pub const NAME_CHARS_MAX: usize = 40;

/// A birth date as precisely as the person knows it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum BirthDate {
    /// Only the year is known.
    Year(i16),
    /// The day is known.
    Day(Date),
}

impl BirthDate {
    /// The year, 1900–2100.
    pub fn year(self) -> i16 {
        match self {
            Self::Year(year) => year,
            Self::Day(date) => date.year(),
        }
    }

    /// ISO 8601: `1994` or `1994-05-17`.
    pub fn to_iso(self) -> String {
        match self {
            Self::Year(year) => format!("{year:04}"),
            Self::Day(date) => date.to_string(),
        }
    }

    /// Reads [`Self::to_iso`] back; `None` for anything else.
    pub fn parse_iso(text: &str) -> Option<Self> {
        if text.len() == 4 {
            return text
                .parse()
                .ok()
                .filter(|y| (1900..=2100).contains(y))
                .map(Self::Year);
        }
        text.parse().ok().map(Self::Day)
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Year(_) => "[year]",
            Self::Day(_) => "[date]",
        })
    }
}

/// Sex as recorded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// A field of a person's document; the number is its key in the automerge map and never changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Field {
    /// Given name.
    GivenName,
    /// Family name.
    FamilyName,
    /// Birth date, ISO 8601, year or day.
    BirthDate,
    /// `F` or `M`.
    Sex,
    /// E.164 with `+`; an address, not a proof.
    Phone,
    /// Code of the village in the site's list.
    Village,
    /// National identity number as typed.
    NationalId,
    /// Code of the place of birth: `home`, `clinic`, `other`.
    PlaceOfBirth,
    /// Registration number, leased, provisional or slip.
    Number,
    /// Language of the person's texts, BCP 47.
    Language,
}

impl Field {
    /// All fields, in key order.
    pub const ALL: [Self; 10] = [
        Self::GivenName,
        Self::FamilyName,
        Self::BirthDate,
        Self::Sex,
        Self::Phone,
        Self::Village,
        Self::NationalId,
        Self::PlaceOfBirth,
        Self::Number,
        Self::Language,
    ];

    /// One-letter key in the document: short, because every record pays for it on the air.
    pub fn key(self) -> &'static str {
        match self {
            Self::GivenName => "g",
            Self::FamilyName => "f",
            Self::BirthDate => "b",
            Self::Sex => "s",
            Self::Phone => "p",
            Self::Village => "v",
            Self::NationalId => "i",
            Self::PlaceOfBirth => "o",
            Self::Number => "n",
            Self::Language => "l",
        }
    }

    /// The field with this key.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.key() == key)
    }
}

/// The current values of a person's document, all as text in canonical form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct PersonFields(pub BTreeMap<Field, String>);

impl PersonFields {
    /// The value of a field, if present.
    pub fn get(&self, field: Field) -> Option<&str> {
        self.0.get(&field).map(String::as_str)
    }

    /// Sets a field.
    pub fn set(&mut self, field: Field, value: impl Into<String>) {
        self.0.insert(field, value.into());
    }

    /// The birth date, if present and well formed.
    pub fn birth_date(&self) -> Option<BirthDate> {
        self.get(Field::BirthDate).and_then(BirthDate::parse_iso)
    }
}

/// [`PersonFields`] as they lie in their stored form, read without copying a value.
#[derive(Deserialize)]
pub struct StoredFields<'a>(#[serde(borrow)] Vec<(Field, &'a str)>);

impl<'a> StoredFields<'a> {
    /// The value of a field, if present.
    pub fn get(&self, field: Field) -> Option<&'a str> {
        let found = self.0.iter().find(|(one, _)| *one == field);
        found.map(|(_, value)| *value)
    }
}

impl<'a> From<&'a PersonFields> for StoredFields<'a> {
    fn from(fields: &'a PersonFields) -> Self {
        let values = fields.0.iter();
        Self(values.map(|(field, value)| (*field, &**value)).collect())
    }
}

impl fmt::Debug for StoredFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.0.iter().map(|(field, _)| field);
        f.debug_set().entries(fields).finish()
    }
}

impl fmt::Debug for PersonFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
