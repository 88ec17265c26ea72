//! The exact repeat, the tokens of people, and bands of whole pairs.

use super::compare::{Agreement, BirthLevel};
use super::name::NameLevel;
use super::*;

fn person(fields: &[(Field, &str)]) -> PersonFields {
    let mut person = PersonFields::default();
    for (field, value) in fields {
        person.set(*field, *value);
    }
    person
}

fn matcher() -> Matcher {
    Matcher::of("KE").unwrap()
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
    let matcher = matcher();
    assert_eq!(
        matcher.repeat_token(&one, &child),
        matcher.repeat_token(&two, &child)
    );
    two.set(Field::Phone, "+254711000002");
    assert_ne!(
        matcher.repeat_token(&one, &child),
        matcher.repeat_token(&two, &child)
    );
}

#[test]
fn twins_do_not_repeat_each_other() {
    let mother = person(&[(Field::GivenName, "Asha"), (Field::BirthDate, "1990")]);
    let born = "2026-03-02";
    let first = person(&[(Field::GivenName, "Hassan"), (Field::BirthDate, born)]);
    let second = person(&[(Field::GivenName, "Husseini"), (Field::BirthDate, born)]);
    let matcher = matcher();
    assert_ne!(
        matcher.repeat_token(&mother, &first),
        matcher.repeat_token(&mother, &second)
    );
}

#[test]
fn people_are_found_by_their_identifiers_and_names_with_year() {
    let fields = person(&[
        (Field::GivenName, "Asha Grace"),
        (Field::FamilyName, "Mwangi"),
        (Field::BirthDate, "1990-05-06"),
        (Field::Phone, "+254711000001"),
        (Field::Number, "7294058630"),
        (Field::NationalId, "ab 12-3"),
        (Field::Village, "KB"),
    ]);
    let tokens = key::stored(&fields, &matcher().table);
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
            (TokenKind::NameYear, "as|1990"),
            (TokenKind::NameYear, "gls|1990"),
            (TokenKind::NameYear, "mng|1990"),
            (TokenKind::VillageYear, "KB|1990"),
            (TokenKind::NamePair, "as gls&mng"),
        ]
    );
    assert!(key::stored(&PersonFields::default(), &matcher().table).is_empty());
    let asked = key::asked(&fields, &matcher().table);
    assert!(
        tokens.iter().all(|token| asked.contains(token)),
        "a repeat is not asked for"
    );
}

fn levels() -> Levels {
    Levels {
        names: NameLevel::Equal,
        birth: BirthLevel::Same,
        sex: Agreement::Same,
        village: Agreement::Same,
        phone: Agreement::Missing,
        mother: NameLevel::Missing,
        national_id: Agreement::Missing,
    }
}

#[test]
fn bands_follow_the_rules_that_are_no_weight() {
    let weights = matcher().weights;
    let band = |change: fn(&mut Levels)| {
        let mut pair = levels();
        change(&mut pair);
        weights.band(&pair, weights.sum(&pair))
    };
    assert_eq!(band(|_| {}), Band::Same);
    // A national id decides, whatever the rest says.
    assert_eq!(
        band(|pair| {
            pair.names = NameLevel::Different;
            pair.birth = BirthLevel::Different;
            pair.national_id = Agreement::Same;
        }),
        Band::Same
    );
    // A twin of one mother is a new person; other given names never rank above review.
    assert_eq!(
        band(|pair| {
            pair.names = NameLevel::GivenDiffers;
            pair.mother = NameLevel::Equal;
            pair.phone = Agreement::Same;
        }),
        Band::Distinct
    );
    assert!(
        band(|pair| {
            pair.names = NameLevel::GivenDiffers;
            pair.phone = Agreement::Same;
        }) < Band::Same
    );
    assert_eq!(
        band(|pair| {
            pair.names = NameLevel::Different;
            pair.birth = BirthLevel::Different;
        }),
        Band::Distinct
    );
}
