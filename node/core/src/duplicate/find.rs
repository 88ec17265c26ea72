//! Looking for a person: what is asked, by which tokens, and which of the candidates fit.
//!
//! A number or a phone leads to people directly. A name needs more beside it: the other name, or a
//! birth year; a village needs a birth year. What would find more than [`super::CANDIDATES_MAX`]
//! is not guessed at; the person is asked for more.

use serde::{Deserialize, Serialize};

use super::compare::{BirthLevel, Subject};
use super::key;
use super::name::NameLevel;
use super::table::NameTable;
use crate::person::{BirthDate, Field, PersonFields};
use crate::view::{PersonRow, Token, TokenKind};

/// Most people that one answer lists; a further one is left out.
pub const FOUND_MAX: usize = 3;

/// What is known of the person who is looked for; values as they are kept in documents.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Question {
    /// One or two names, in either order.
    pub name: Option<String>,
    /// Registration number, provisional or slip number.
    pub number: Option<String>,
    /// Phone, E.164 with `+`.
    pub phone: Option<String>,
    /// Code of the village.
    pub village: Option<String>,
    /// Year of birth.
    pub year: Option<i16>,
}

impl core::fmt::Debug for Question {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Question")
    }
}

impl Question {
    /// The person as far as the question tells it: the first word is the given name.
    pub fn fields(&self) -> PersonFields {
        let mut fields = PersonFields::default();
        let name = self.name.as_deref().unwrap_or_default().trim();
        let (given, family) = name.rsplit_once(' ').unwrap_or((name, ""));
        for (field, value) in [(Field::GivenName, given), (Field::FamilyName, family)] {
            if !value.is_empty() {
                fields.set(field, value);
            }
        }
        if let Some(year) = self.year {
            fields.set(Field::BirthDate, BirthDate::Year(year).to_iso());
        }
        for (field, value) in [
            (Field::Number, &self.number),
            (Field::Phone, &self.phone),
            (Field::Village, &self.village),
        ] {
            if let Some(value) = value {
                fields.set(field, value.as_str());
            }
        }
        fields
    }

    /// The tokens to look under; `None` when the question is too broad.
    pub fn tokens(&self, table: &NameTable) -> Option<Vec<Token>> {
        let fields = self.fields();
        let exact = key::exact(&fields);
        if !exact.is_empty() {
            return Some(exact);
        }
        let mut tokens = key::asked(&fields, table);
        if tokens.iter().any(|token| token.kind == TokenKind::NamePair) {
            // Both names find everybody; a year would only add people of other names.
            tokens.retain(|token| token.kind == TokenKind::NamePair);
        } else if tokens.iter().any(|token| token.kind == TokenKind::NameYear) {
            tokens.retain(|token| token.kind == TokenKind::NameYear);
        }
        (!tokens.is_empty()).then_some(tokens)
    }

    /// Those of the candidates who fit, the closest names first.
    pub fn fitting<'a>(&self, rows: &'a [PersonRow], table: &NameTable) -> Vec<&'a PersonRow> {
        let asked = self.fields();
        let subject = Subject::new(&asked, None, table);
        let mut fitting: Vec<(NameLevel, &PersonRow)> = rows
            .iter()
            .filter(|row| self.has_identifiers(&row.fields))
            .filter_map(|row| {
                let other = Subject::new(&row.fields, None, table);
                let levels = subject.compare(&other, table);
                let year = !matches!(levels.birth, BirthLevel::Different);
                let village = self.village.as_deref();
                let village = village.is_none_or(|v| row.fields.get(Field::Village) == Some(v));
                let names = self.name.is_none() || is_named(&asked, levels.names);
                (year && village && names).then_some((levels.names, row))
            })
            .collect();
        fitting.sort_by_key(|(level, row)| (*level, row.document));
        fitting.into_iter().map(|(_, row)| row).collect()
    }

    /// A 16-bit token brings strangers; an exact one may bring an alias, which the store vouches
    /// for, so only the phone is compared.
    fn has_identifiers(&self, fields: &PersonFields) -> bool {
        let phone = self.phone.as_deref();
        phone.is_none_or(|phone| fields.get(Field::Phone) == Some(phone))
    }
}

/// Whether names agree as far as they were asked.
fn is_named(asked: &PersonFields, level: NameLevel) -> bool {
    match level {
        NameLevel::Different | NameLevel::Missing => false,
        NameLevel::GivenDiffers | NameLevel::FamilyDiffers => {
            asked.get(Field::FamilyName).is_none()
        }
        _ => true,
    }
}

/// A short neutral label: initials, sex by a given word, birth year, name of the village.
pub fn label(fields: &PersonFields, sex_word: &str, village: Option<&str>) -> String {
    let initials: String = [Field::GivenName, Field::FamilyName]
        .into_iter()
        .filter_map(|field| fields.get(field)?.trim().chars().next())
        .flat_map(|letter| letter.to_uppercase().chain(['.']))
        .collect();
    let initials = if initials.is_empty() {
        "?".to_owned()
    } else {
        initials
    };
    let year = fields.birth_date().map(|birth| birth.year().to_string());
    [
        Some(initials),
        (!sex_word.is_empty()).then(|| sex_word.to_owned()),
        year,
        village.map(str::to_owned),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ")
}

#[cfg(test)]
mod tests {
    use sync_core::{EntryRef, Epoch, NodeId, Scope, Seq};

    use super::*;

    fn row(seq: u32, given: &str, family: &str, born: &str) -> PersonRow {
        let mut fields = PersonFields::default();
        fields.set(Field::GivenName, given);
        fields.set(Field::FamilyName, family);
        fields.set(Field::BirthDate, born);
        fields.set(Field::Village, "Kibo");
        PersonRow {
            document: EntryRef {
                origin: NodeId(1),
                epoch: Epoch(1),
                scope: Scope(11),
                seq: Seq(seq),
            },
            fields,
            conflicts: Vec::new(),
        }
    }

    fn ask(name: &str, year: Option<i16>) -> Question {
        Question {
            name: Some(name.to_owned()),
            year,
            ..Question::default()
        }
    }

    #[test]
    fn a_broad_question_is_not_asked() {
        let table = NameTable::of("KE").unwrap();
        assert_eq!(ask("Asha", None).tokens(&table), None);
        assert_eq!(Question::default().tokens(&table), None);
        let village = Question {
            village: Some("Kibo".to_owned()),
            ..Question::default()
        };
        assert_eq!(village.tokens(&table), None);
        assert!(ask("Asha", Some(1991)).tokens(&table).is_some());
        assert!(ask("Asha Wanjiru", None).tokens(&table).is_some());
        let with_year = Question {
            year: Some(1991),
            ..village
        };
        assert!(with_year.tokens(&table).is_some());
    }

    #[test]
    fn only_what_fits_is_found() {
        let table = NameTable::of("KE").unwrap();
        let rows = [
            row(1, "Asha", "Wanjiru", "1991-04-02"),
            row(2, "Wangiru", "Asha", "1991"),
            row(3, "Asha", "Wanjiru", "1970"),
            row(4, "Halima", "Wanjiru", "1991"),
        ];
        let found = |question: &Question| -> Vec<u32> {
            let fitting = question.fitting(&rows, &table);
            fitting.iter().map(|row| row.document.seq.0).collect()
        };
        assert_eq!(found(&ask("Asha Wanjiru", Some(1991))), [1, 2]);
        assert_eq!(found(&ask("Asha Wanjiru", None)), [1, 3, 2]);
        assert_eq!(found(&ask("wanjiru", Some(1991))).len(), 3);
        let elsewhere = Question {
            village: Some("Moto".to_owned()),
            ..ask("Asha Wanjiru", None)
        };
        assert!(found(&elsewhere).is_empty());
    }

    #[test]
    fn a_label_is_short_and_neutral() {
        let fields = row(1, "Asha", "Wanjiru", "1991-04-02").fields;
        assert_eq!(
            label(&fields, "woman", Some("Kibo")),
            "A.W., woman, 1991, Kibo"
        );
        assert_eq!(label(&PersonFields::default(), "", None), "?");
    }
}
