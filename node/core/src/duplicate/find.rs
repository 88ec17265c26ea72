//! Looking for a person: what is asked, by which tokens, and which of the candidates fit.
//!
//! A number or a phone leads to people directly. A name needs more beside it: the other name, or a
//! birth year; a village needs a birth year. What would find more than [`super::CANDIDATES_MAX`]
//! is not guessed at; the person is asked for more.

use serde::{Deserialize, Serialize};

use super::Matcher;
use super::compare::{Agreement, BirthLevel, Levels};
use super::comparison::Comparison;
use super::key;
use super::name::NameLevel;
use super::table::NameTable;
use crate::person::{BirthDate, Field, PersonFields};
use crate::view::{Token, TokenKind};

/// Most people that one answer lists; a further one is left out.
pub const FOUND_MAX: usize = 3;

/// What is known of the person who is looked for; values as they are kept in documents.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
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

    /// Begins the comparison with everybody under the tokens; the store runs it, and `K` is its own
    /// name of a row.
    pub fn comparison<'a, K: Copy>(&self, matcher: &'a Matcher) -> Comparison<'a, K> {
        Comparison::of(matcher.subject(&self.fields(), None), matcher)
    }

    /// Those of a comparison who fit, in any order, with how near their names are.
    pub fn fitting<K: Copy>(&self, comparison: Comparison<'_, K>) -> Vec<(K, NameLevel)> {
        let has_family = self.fields().get(Field::FamilyName).is_some();
        // A 16-bit token brings strangers; an exact one may bring an alias, which the store
        // vouches for, so only the phone is compared.
        let same = |asked: &Option<String>, level| asked.is_none() || level == Agreement::Same;
        let fits = |levels: &Levels| {
            levels.birth != BirthLevel::Different
                && same(&self.phone, levels.phone)
                && same(&self.village, levels.village)
                && (self.name.is_none() || is_named(has_family, levels.names))
        };
        let compared = comparison.levels().into_iter();
        compared
            .filter(|(_, levels)| fits(levels))
            .map(|(key, levels)| (key, levels.names))
            .collect()
    }
}

/// Whether names agree as far as they were asked.
fn is_named(has_family: bool, level: NameLevel) -> bool {
    match level {
        NameLevel::Different | NameLevel::Missing => false,
        NameLevel::GivenDiffers | NameLevel::FamilyDiffers => !has_family,
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
    use super::*;
    use crate::person::StoredFields;

    fn person(given: &str, family: &str, born: &str) -> PersonFields {
        let mut fields = PersonFields::default();
        fields.set(Field::GivenName, given);
        fields.set(Field::FamilyName, family);
        fields.set(Field::BirthDate, born);
        fields.set(Field::Village, "Kibo");
        fields
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
        let matcher = Matcher::of("KE").unwrap();
        let people = [
            person("Asha", "Wanjiru", "1991-04-02"),
            person("Wangiru", "Asha", "1991"),
            person("Asha", "Wanjiru", "1970"),
            person("Halima", "Wanjiru", "1991"),
        ];
        let found = |question: &Question| -> Vec<u32> {
            let mut comparison = question.comparison(&matcher);
            for (number, one) in (1..).zip(&people) {
                comparison.add(number, &StoredFields::from(one));
            }
            let mut fitting = question.fitting(comparison);
            fitting.sort_by_key(|(number, level)| (*level, *number));
            fitting.into_iter().map(|(number, _)| number).collect()
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
        let fields = person("Asha", "Wanjiru", "1991-04-02");
        assert_eq!(
            label(&fields, "woman", Some("Kibo")),
            "A.W., woman, 1991, Kibo"
        );
        assert_eq!(label(&PersonFields::default(), "", None), "?");
    }
}
