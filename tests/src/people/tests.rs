//! The set is what the gate says it is: same seed, same set; the promised shares; true labels.

use std::collections::BTreeMap;

use node_core::person::{BirthDate, Field};

use super::*;

const PEOPLE: usize = 4_000;

#[test]
fn a_seed_gives_the_same_set_and_another_seed_another() {
    let one = Set::with_background(1, PEOPLE);
    let same = Set::with_background(1, PEOPLE);
    assert!(one.background == same.background && one.registrations == same.registrations);
    let other = Set::with_background(6, PEOPLE);
    assert_eq!(one.country, other.country);
    assert!(one.registrations != other.registrations);
}

#[test]
fn shares_are_as_promised() {
    let set = Set::with_background(2, PEOPLE);
    assert_eq!(set.background.len(), PEOPLE);
    assert_eq!(set.registrations.len(), 1_000);
    let (mut kinds, mut double, mut lookalikes) = (BTreeMap::new(), 0, 0);
    for labelled in &set.registrations {
        match &labelled.truth {
            Truth::Duplicate { errors, .. } => {
                *kinds.entry(errors[0]).or_insert(0) += 1;
                double += usize::from(errors.len() == 2);
            }
            Truth::Twin { .. } | Truth::Stranger { .. } => lookalikes += 1,
            Truth::New => {}
        }
    }
    assert!(
        kinds.len() == 10 && kinds.values().all(|count| *count == 10),
        "{kinds:?}"
    );
    assert_eq!((double, lookalikes), (20, 50));
}

#[test]
fn labels_are_true() {
    for seed in 1..=5 {
        let set = Set::with_background(seed, PEOPLE);
        for labelled in &set.registrations {
            let fields = &labelled.person.fields;
            match &labelled.truth {
                Truth::Duplicate { of, .. } => assert!(*fields != set.background[*of].fields),
                Truth::Twin { of } => {
                    let twin = &set.background[*of].fields;
                    assert_eq!(fields.get(Field::BirthDate), twin.get(Field::BirthDate));
                    assert_ne!(fields.get(Field::GivenName), twin.get(Field::GivenName));
                }
                Truth::Stranger { of } => {
                    let other = &set.background[*of].fields;
                    assert_eq!(fields.get(Field::FamilyName), other.get(Field::FamilyName));
                    let year = |fields: &PersonFields| fields.birth_date().map(BirthDate::year);
                    assert_eq!(year(fields), year(other));
                }
                Truth::New => assert!(fields.get(Field::GivenName).is_some()),
            }
        }
    }
}

#[test]
fn five_naming_cultures_have_their_own_names() {
    let cultures = Culture::all();
    let countries: Vec<&str> = cultures
        .iter()
        .map(|culture| culture.country.as_str())
        .collect();
    assert_eq!(countries, ["ET", "KE", "PK", "SD", "SN"]);
    for culture in &cultures {
        let given: Vec<&String> = culture.female.iter().chain(&culture.male).collect();
        for [long, short] in &culture.nicknames {
            assert!(given.contains(&long) && long != short, "{long}");
        }
    }
}
