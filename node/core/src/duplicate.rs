//! Normalised names, tokens of people and registrations, and the exact repeat of a registration.
//!
//! The tables are the starting rows for West and East Africa; each country reviews its own. The
//! order is: fold letters, drop particles, spelling, double letters, equivalences. Similar but
//! unequal names are not compared here.

pub mod fold;

use jiff::civil::Date;

use crate::person::{BirthDate, Field, PersonFields};
use crate::view::{Token, TokenKind};

/// Words of a name that say nothing about who it is; kept when nothing else is left.
const PARTICLES: [&str; 8] = ["bin", "bint", "ben", "ould", "el", "al", "de", "nee"];
/// Spellings of one sound, in order.
const SPELLING: [(&str, &str); 5] = [
    ("ou", "u"),
    ("ph", "f"),
    ("dj", "j"),
    ("th", "t"),
    ("ck", "k"),
];
/// Spellings of one name, after all other rules; the first column is kept.
const EQUIVALENTS: [(&str, &[&str]); 3] = [
    ("mohamed", &["muhamad", "mohamad", "muhamed", "mamadu"]),
    ("fatu", &["fatma", "fatuma", "fatima", "fatumata"]),
    ("aisha", &["aicha", "aysha", "ayisha"]),
];
/// Countries whose names drop a silent final e, ISO 3166-1.
const FRENCH: [&str; 20] = [
    "BF", "BI", "BJ", "CD", "CF", "CG", "CI", "CM", "DJ", "FR", "GA", "GN", "KM", "MG", "ML", "NE",
    "RW", "SN", "TD", "TG",
];

/// A name as it is compared: folded, without particles, in one spelling.
///
/// `country` is ISO 3166-1 and chooses the table. Empty only when the name has no letter.
pub fn normalise(name: &str, country: &str) -> String {
    let folded = fold::words(name);
    let mut words: Vec<&str> = folded
        .iter()
        .map(String::as_str)
        .filter(|word| !PARTICLES.contains(word))
        .collect();
    if words.is_empty() {
        words = folded.iter().map(String::as_str).collect();
    }
    let french = FRENCH.contains(&country);
    words
        .into_iter()
        .map(|word| spell(word, french))
        .collect::<Vec<_>>()
        .join(" ")
}

fn spell(word: &str, french: bool) -> String {
    let mut spelt = SPELLING
        .iter()
        .fold(word.to_owned(), |word, (from, to)| word.replace(from, to));
    spelt = single_letters(&soft_w(&spelt));
    if french && spelt.len() > 3 && spelt.ends_with('e') {
        spelt.pop();
    }
    EQUIVALENTS
        .iter()
        .find(|(_, others)| others.contains(&spelt.as_str()))
        .map_or(spelt, |(kept, _)| (*kept).to_owned())
}

/// Writes `w` before a vowel as `u`.
fn soft_w(word: &str) -> String {
    let next = word.chars().skip(1).map(Some).chain([None]);
    word.chars()
        .zip(next)
        .map(|(letter, next)| match (letter, next) {
            ('w', Some('a' | 'e' | 'i' | 'o' | 'u')) => 'u',
            _ => letter,
        })
        .collect()
}

fn single_letters(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    letters.dedup();
    letters.into_iter().collect()
}

/// A birth date as it is compared: 1 January and 1 July stand for "only the year is known".
pub fn comparable_birth(birth: BirthDate) -> BirthDate {
    match birth {
        BirthDate::Day(date) if is_default_day(date) => BirthDate::Year(date.year()),
        precise => precise,
    }
}

fn is_default_day(date: Date) -> bool {
    matches!((date.month(), date.day()), (1 | 7, 1))
}

/// The tokens by which a person is found.
pub fn person_tokens(fields: &PersonFields, country: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (field, kind) in [
        (Field::Phone, TokenKind::Phone),
        (Field::Number, TokenKind::Number),
        (Field::NationalId, TokenKind::NationalId),
    ] {
        let value = fields.get(field).map(|value| identifier(field, value));
        tokens.extend(
            value
                .filter(|v| !v.is_empty())
                .map(|value| Token { kind, value }),
        );
    }
    let Some(year) = fields.birth_date().map(BirthDate::year) else {
        return tokens;
    };
    for (field, kind) in [
        (Field::FamilyName, TokenKind::FamilyYear),
        (Field::GivenName, TokenKind::GivenYear),
    ] {
        let name = fields.get(field).map(|name| normalise(name, country));
        tokens.extend(name.filter(|name| !name.is_empty()).map(|name| Token {
            kind,
            value: format!("{name}|{year}"),
        }));
    }
    tokens
}

fn identifier(field: Field, value: &str) -> String {
    match field {
        Field::NationalId => value
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_uppercase)
            .collect(),
        _ => value.to_owned(),
    }
}

/// The token of an exact repeat: both people's normalised names and births, phone, child's sex.
///
/// Given and family name are compared as a sorted pair, because forms swap them.
pub fn repeat_token(mother: &PersonFields, child: &PersonFields, country: &str) -> Token {
    let parts = [
        name_pair(mother, country),
        birth_text(mother),
        mother.get(Field::Phone).unwrap_or_default().to_owned(),
        name_pair(child, country),
        birth_text(child),
        child.get(Field::Sex).unwrap_or_default().to_owned(),
    ];
    Token {
        kind: TokenKind::Repeat,
        value: parts.join("|"),
    }
}

fn name_pair(fields: &PersonFields, country: &str) -> String {
    let mut pair = [Field::GivenName, Field::FamilyName].map(|field| {
        fields
            .get(field)
            .map(|name| normalise(name, country))
            .unwrap_or_default()
    });
    pair.sort_unstable();
    pair.join("&")
}

fn birth_text(fields: &PersonFields) -> String {
    fields
        .birth_date()
        .map(|birth| comparable_birth(birth).to_iso())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(name: &str, country: &str, expected: &str) {
        assert_eq!(normalise(name, country), expected, "{name}");
    }

    #[test]
    fn names_come_to_one_spelling() {
        check("Fatou", "SN", "fatu");
        check("FATMA", "KE", "fatu");
        check("Mohammed", "KE", "mohamed");
        check("Muhammad", "KE", "mohamed");
        check("Mamadou", "ML", "mohamed");
        check("Aïcha", "CI", "aisha");
        check("Awa", "SN", "aua");
        check("Djibril", "SN", "jibril");
        check("Philippe", "CM", "filip");
        check("Philippe", "KE", "filipe");
        check("Wanjiru", "KE", "uanjiru");
        check("Khadija bint Ali", "KE", "khadija ali");
        check("Née Traoré", "FR", "traor");
        check("El", "KE", "el");
        check("  N’Diaye  ", "SN", "ndiay");
        check("Ngũgĩ wa Thiong'o", "KE", "ngugi ua tiongo");
    }

    fn person(fields: &[(Field, &str)]) -> PersonFields {
        let mut person = PersonFields::default();
        for (field, value) in fields {
            person.set(*field, *value);
        }
        person
    }

    #[test]
    fn repeat_ignores_spelling_swapped_names_and_default_days() {
        let child = person(&[(Field::GivenName, "Juma"), (Field::BirthDate, "2026-03-02")]);
        let one = person(&[
            (Field::GivenName, "Fatou"),
            (Field::FamilyName, "Diallo"),
            (Field::BirthDate, "1994"),
            (Field::Phone, "+254711000001"),
        ]);
        let mut two = person(&[
            (Field::GivenName, "DIALLO"),
            (Field::FamilyName, "Fatma"),
            (Field::BirthDate, "1994-01-01"),
            (Field::Phone, "+254711000001"),
        ]);
        assert_eq!(
            repeat_token(&one, &child, "KE"),
            repeat_token(&two, &child, "KE")
        );
        two.set(Field::Phone, "+254711000002");
        assert_ne!(
            repeat_token(&one, &child, "KE"),
            repeat_token(&two, &child, "KE")
        );
    }

    #[test]
    fn twins_do_not_repeat_each_other() {
        let mother = person(&[(Field::GivenName, "Asha"), (Field::BirthDate, "1990")]);
        let first = person(&[
            (Field::GivenName, "Hassan"),
            (Field::BirthDate, "2026-03-02"),
        ]);
        let second = person(&[
            (Field::GivenName, "Husseini"),
            (Field::BirthDate, "2026-03-02"),
        ]);
        assert_ne!(
            repeat_token(&mother, &first, "TZ"),
            repeat_token(&mother, &second, "TZ")
        );
    }

    #[test]
    fn people_are_found_by_their_identifiers_and_names_with_year() {
        let tokens = person_tokens(
            &person(&[
                (Field::GivenName, "Asha"),
                (Field::FamilyName, "Mwangi"),
                (Field::BirthDate, "1990-05-06"),
                (Field::Phone, "+254711000001"),
                (Field::Number, "7294058630"),
                (Field::NationalId, "ab 12-3"),
            ]),
            "KE",
        );
        let values: Vec<(TokenKind, &str)> = tokens
            .iter()
            .map(|token| (token.kind, token.value.as_str()))
            .collect();
        assert_eq!(
            values,
            [
                (TokenKind::Phone, "+254711000001"),
                (TokenKind::Number, "7294058630"),
                (TokenKind::NationalId, "AB123"),
                (TokenKind::FamilyYear, "muangi|1990"),
                (TokenKind::GivenYear, "asha|1990"),
            ]
        );
        assert!(person_tokens(&PersonFields::default(), "KE").is_empty());
    }

    proptest! {
        #[test]
        fn normalising_never_panics_and_keeps_no_upper_case(name in "\\PC{0,60}") {
            let once = normalise(&name, "SN");
            prop_assert!(!once.chars().any(|c| c.is_ascii_uppercase()));
            prop_assert!(!once.starts_with(' ') && !once.ends_with(' '));
        }

        #[test]
        fn case_and_marks_never_matter(name in "[a-zé]{1,12}( [a-z]{1,12})?") {
            prop_assert_eq!(normalise(&name, "KE"), normalise(&name.to_uppercase(), "KE"));
            prop_assert_eq!(normalise(&name, "KE"), normalise(&name.replace('é', "e\u{301}"), "KE"));
        }
    }
}
