//! A child of a mother who is known: the facts of a pair, and the mother stays as she was.

use proptest::prelude::*;
use sync_core::EntryRef;

use super::{refused, with, without};
use crate::apply::world::{Store, WORKER_A, WORKER_B, child, consent, mother, pair, system, world};
use crate::command::{Command, ConsentAnswer, Outcome, SubjectName, Whose};
use crate::number;
use crate::person::{Field, PersonFields};
use crate::status::Status;
use crate::view::{Lookup, Token, TokenKind};

const PROGRAMME: &str = "maternal-child";

fn of(mother: &str, child: PersonFields) -> Command {
    asked(mother, child, None)
}

fn asked(mother: &str, child: PersonFields, consent: Option<ConsentAnswer>) -> Command {
    Command::RegisterChild {
        programme: PROGRAMME.to_owned(),
        programme_version: 1,
        mother: SubjectName::Number(mother.to_owned()),
        child,
        consent: consent.map(Box::new),
    }
}

fn first(store: &mut Store, n: u32) -> Outcome {
    let worker = store.caller(WORKER_A);
    store.command(&worker, &pair(mother(n), child(n))).unwrap()
}

fn document(store: &Store, digits: &str) -> EntryRef {
    let token = Lookup::PersonsByToken(Token {
        kind: TokenKind::Number,
        value: digits.to_owned(),
    });
    let known = store.know(|known, _| crate::known::missing(known, [token.clone()]));
    crate::known::persons(&known, &token)[0].document
}

fn person(store: &Store, document: EntryRef) -> PersonFields {
    let lookup = Lookup::Person(document);
    let known = store.know(|known, _| crate::known::missing(known, [lookup.clone()]));
    crate::known::person(&known, document)
        .unwrap()
        .fields
        .clone()
}

fn registrations(store: &Store, document: EntryRef) -> Vec<(EntryRef, EntryRef)> {
    let lookup = Lookup::RegistrationsByPerson(document);
    let known = store.know(|known, _| crate::known::missing(known, [lookup.clone()]));
    let rows = crate::known::registrations(&known, &lookup).iter();
    rows.map(|row| (row.registration.mother, row.registration.child))
        .collect()
}

#[test]
fn a_second_child_gets_a_number_and_its_mother() {
    let (mut hub, mut a, _) = world();
    let pair = first(&mut a, 1);
    let known = document(&a, &pair.values["mother_number"]);
    let before = person(&a, known);
    let worker = a.caller(WORKER_A);
    let told = a
        .command(&worker, &of(&pair.values["mother_number"], child(2)))
        .unwrap();
    assert!(number::is_valid(&told.values["child_number"]));
    assert_ne!(told.values["child_number"], pair.values["child_number"]);
    assert_eq!(told.values["who"], "Asha b M.");
    assert_eq!(told.values["status"], "held");
    let second = document(&a, &told.values["child_number"]);
    assert_eq!(person(&a, second).get(Field::FamilyName), Some("Mwangi"));
    assert_eq!(registrations(&a, second), [(known, second)]);
    assert_eq!(registrations(&a, known).len(), 2);
    assert_eq!(person(&a, known), before, "the mother was changed");
    // Both go to the registry, and a worker hears of both.
    hub.pull(&a);
    hub.registry_accepts(0);
    hub.registry_accepts(1);
    a.pull(&hub);
    a.command(&system(), &Command::SendDigests).unwrap();
    let digest = a
        .messages
        .iter()
        .find(|one| one.cause.starts_with("digest:"));
    assert_eq!(digest.unwrap().text, "2 accepted, 0 rejected, 0 need you.");
}

#[test]
fn the_same_child_twice_is_a_review_on_the_hub() {
    let (mut hub, mut a, _) = world();
    let pair = first(&mut a, 1);
    let worker = a.caller(WORKER_A);
    let again = with(child(1), Field::FamilyName, "Mwangi");
    a.command(&worker, &of(&pair.values["mother_number"], again.clone()))
        .unwrap();
    a.command(&worker, &of(&pair.values["mother_number"], again))
        .unwrap();
    hub.pull(&a);
    assert_eq!(hub.views.by_status(Status::Conflict), 1);
}

/// Without names nothing tells them apart but that their worker says so; without that word the
/// second one waits ([`the_same_child_twice_is_a_review_on_the_hub`]).
#[test]
fn unnamed_twins_of_one_sex_are_two_children() {
    let (mut hub, mut a, mut b) = world();
    let numbers = first(&mut a, 1);
    let worker = a.caller(WORKER_A);
    let baby = || without(child(1), Field::GivenName);
    let family = mother(1).get(Field::FamilyName).unwrap().to_owned();
    let baby = || with(baby(), Field::FamilyName, &family);
    let one = of(&numbers.values["mother_number"], baby());
    let told = a.command(&worker, &one).unwrap();
    let two = Command::RegisterNew {
        register: Box::new(one),
        apart: vec![(Whose::Person, told.values["child_number"].clone())],
    };
    a.command(&worker, &two).unwrap();
    hub.pull(&a);
    b.pull(&hub);
    assert_eq!(hub.views.by_status(Status::Conflict), 0);
    assert_eq!(hub.views.effects.len(), 3);
    assert_eq!((a.count("match:"), b.count("match:")), (0, 0));
}

#[test]
fn consent_is_asked_of_a_mother_whose_yes_does_not_hold() {
    let (_, mut a, _) = world();
    let pair = first(&mut a, 1);
    let number = &pair.values["mother_number"];
    let worker = a.caller(WORKER_A);
    refused(
        &mut a,
        &worker,
        &asked(number, child(2), Some(consent(false))),
        "reject-no-consent",
    );
    let other = ConsentAnswer {
        agreement: "advisory/tips".to_owned(),
        ..consent(true)
    };
    let command = asked(number, child(2), Some(other));
    refused(&mut a, &worker, &command, "reject-no-consent");
    let phone = mother(1).get(Field::Phone).unwrap().to_owned();
    a.command(&a.caller(&phone), &Command::BindNumber).unwrap();
    let withdraw = Command::WithdrawConsent {
        agreement: None,
        purpose: None,
    };
    a.command(&a.caller(&phone), &withdraw).unwrap();
    refused(&mut a, &worker, &of(number, child(2)), "reject-no-consent");
    a.command(&worker, &asked(number, child(2), Some(consent(true))))
        .unwrap();
    // That yes holds for the next child.
    a.command(&worker, &of(number, child(3))).unwrap();
}

#[test]
fn what_does_not_fit_writes_nothing() {
    let (_, mut a, b) = world();
    let pair = first(&mut a, 1);
    let number = pair.values["mother_number"].clone();
    let own = pair.values["child_number"].clone();
    let worker = a.caller(WORKER_A);
    let citizen = a.caller("+254799999999");
    refused(
        &mut a,
        &citizen,
        &of(&number, child(2)),
        "reject-not-allowed",
    );
    refused(
        &mut a,
        &worker,
        &of("2222222222", child(2)),
        "reject-no-person",
    );
    refused(&mut a, &worker, &of(&own, child(2)), "reject-no-consent");
    let of_a_boy = asked(&own, child(2), Some(consent(true)));
    refused(&mut a, &worker, &of_a_boy, "reject-no-mother");
    for wrong in [
        without(child(2), Field::BirthDate),
        with(child(2), Field::Phone, "+254711000001"),
        with(child(2), Field::Number, "7294058630"),
        with(child(2), Field::Sex, "X"),
        with(child(2), Field::GivenName, "4"),
    ] {
        refused(&mut a, &worker, &of(&number, wrong), "reject-incomplete");
    }
    for day in ["2026-03-16", "2019-12-31", "1999-01-01"] {
        let wrong = with(child(2), Field::BirthDate, day);
        refused(&mut a, &worker, &of(&number, wrong), "reject-births");
    }
    let mut elsewhere = b;
    let other = elsewhere.caller(WORKER_B);
    let unknown = of(&number, child(2));
    refused(&mut elsewhere, &other, &unknown, "reject-no-person");
    assert_eq!(a.views.persons(), 2);
}

#[test]
fn a_child_of_a_mother_with_one_name_has_that_name() {
    let (_, mut a, _) = world();
    let worker = a.caller(WORKER_A);
    let one = without(mother(1), Field::FamilyName);
    let pair = a
        .command(
            &worker,
            &pair(one, with(child(1), Field::FamilyName, "Juma")),
        )
        .unwrap();
    let nameless = without(child(2), Field::GivenName);
    let told = a
        .command(&worker, &of(&pair.values["mother_number"], nameless))
        .unwrap();
    let born = person(&a, document(&a, &told.values["child_number"]));
    assert_eq!(born.get(Field::FamilyName), Some("Asha b"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is registered in which order: every person has one valid number of her own (D1),
    /// each child one registration with the mother that was named, and hub and node agree.
    #[test]
    fn numbers_and_relations_hold_in_every_order(
        steps in proptest::collection::vec((0usize..4, any::<bool>()), 1..12),
    ) {
        let (mut hub, mut a, _) = world();
        let mut mothers: Vec<String> = Vec::new();
        let mut children: Vec<(String, String)> = Vec::new();
        for (n, (which, with_pull)) in (1_u32..).zip(steps) {
            let worker = a.caller(WORKER_A);
            match mothers.get(which).cloned() {
                None => {
                    let told = first(&mut a, n).values;
                    mothers.push(told["mother_number"].clone());
                    children.push((told["mother_number"].clone(), told["child_number"].clone()));
                }
                Some(mother) => {
                    let told = a.command(&worker, &of(&mother, child(n))).unwrap().values;
                    children.push((mother, told["child_number"].clone()));
                }
            }
            if with_pull {
                hub.pull(&a);
            }
        }
        hub.pull(&a);
        let mut all: Vec<&String> = mothers.iter().chain(children.iter().map(|(_, own)| own)).collect();
        prop_assert!(all.iter().all(|digits| number::is_valid(digits)));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(all.len(), count);
        for store in [&a, &hub] {
            for (mother, child) in &children {
                let (mother, child) = (document(store, mother), document(store, child));
                prop_assert_eq!(registrations(store, child), vec![(mother, child)]);
            }
            for mother in &mothers {
                let own = children.iter().filter(|(one, _)| one == mother).count();
                prop_assert_eq!(registrations(store, document(store, mother)).len(), own);
            }
        }
        prop_assert_eq!(hub.views.persons(), count);
    }
}
