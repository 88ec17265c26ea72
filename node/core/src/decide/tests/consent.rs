//! Consent on several stores: withdrawn without a link, whatever arrives first (C1, C2).

use proptest::prelude::*;
use sync_core::EntryRef;

use super::refused;
use crate::apply::world::{Store, WORKER_A, child, consent, mother, pair, register, world};
use crate::command::Command;
use crate::consent::{ConsentRow, MESSAGES, REGISTRY};
use crate::person::Field;
use crate::view::{Found, Lookup};

fn phone(n: u32) -> String {
    mother(n).get(Field::Phone).unwrap().to_owned()
}

fn withdraw(purpose: Option<&str>) -> Command {
    Command::WithdrawConsent {
        agreement: None,
        purpose: purpose.map(str::to_owned),
    }
}

fn row(store: &Store, person: EntryRef) -> ConsentRow {
    match store.views.guard.find(&Lookup::Consents(person)) {
        Some(Found::Consents(row)) => row,
        other => panic!("{other:?}"),
    }
}

fn person(store: &Store, n: u32) -> EntryRef {
    store.views.phones[&phone(n)].persons[0].0
}

/// No effect waits for whom the registry is not allowed, as far as the store knows (C1).
fn check(store: &Store) {
    for effect in &store.views.effects {
        let mother = store
            .views
            .registration(effect.registration)
            .registration
            .mother;
        assert!(row(store, mother).allows(REGISTRY));
    }
}

#[test]
fn a_withdrawal_works_on_a_node_alone_and_stops_what_the_hub_has_not_sent() {
    let (mut hub, mut a, _) = world();
    let worker = a.caller(WORKER_A);
    for n in 1..4 {
        a.command(&worker, &pair(mother(n), child(n))).unwrap();
    }
    hub.pull(&a);
    assert_eq!(hub.views.effects.len(), 3, "the control");
    let woman = a.caller(&phone(1));
    let told = a.command(&woman, &withdraw(Some(REGISTRY))).unwrap();
    assert_eq!(told.values["count"], "1");
    let again = a.command(&woman, &withdraw(Some(REGISTRY))).unwrap();
    assert_eq!(again.values["count"], "0", "saying it twice writes it once");
    let kept = row(&a, person(&a, 1));
    assert!(!kept.allows(REGISTRY) && kept.allows(MESSAGES));
    hub.pull(&a);
    check(&hub);
    assert_eq!(hub.views.effects.len(), 2);
    // Agreed to once more, over the no that she knows.
    a.command(&woman, &Command::GiveConsent(consent(true)))
        .unwrap();
    assert!(row(&a, person(&a, 1)).allows(REGISTRY));
    a.command(&woman, &withdraw(None)).unwrap();
    assert!(!row(&a, person(&a, 1)).allows(MESSAGES));
}

#[test]
fn a_withdrawal_that_comes_before_the_registration_counts() {
    let (mut hub, mut a, mut b) = world();
    let worker = a.caller(WORKER_A);
    a.command(&worker, &pair(mother(1), child(1))).unwrap();
    b.pull(&a);
    let woman = b.caller(&phone(1));
    let written = b.log.len();
    b.command(&woman, &withdraw(None)).unwrap();
    let no = b.log[written..].to_vec();
    for entry in &no {
        hub.ingest(entry);
    }
    hub.pull(&a);
    assert_eq!(hub.views.effects, Vec::new());
}

#[test]
fn what_a_person_agreed_to_is_shown_after_her_pin_only() {
    let (_, mut a, _) = world();
    let worker = a.caller(WORKER_A);
    register(&mut a, WORKER_A, 1);
    let woman = a.caller(&phone(1));
    refused(&mut a, &woman, &Command::ShowConsents, "reject-pin-first");
    let stranger = a.caller("+254799999999");
    refused(&mut a, &stranger, &withdraw(None), "reject-not-registered");
    refused(&mut a, &worker, &withdraw(None), "reject-not-registered");
    a.views.guard.prove(person(&a, 1));
    let shown = a.command(&woman, &Command::ShowConsents).unwrap();
    assert_eq!(shown.values["count"], "1");
    assert_eq!(shown.values["state_1"], "yes");
    // A second person at the number: withdrawing takes a PIN, too.
    let mut other = mother(2);
    other.set(Field::Phone, phone(1));
    a.command(&worker, &pair(other, child(2))).unwrap();
    a.views.guard.prove_nobody();
    refused(&mut a, &woman, &withdraw(None), "reject-pin-first");
}

/// One step of a random story.
#[derive(Clone, Debug)]
enum Step {
    Register(u32),
    Withdraw(bool, u32, usize),
    Give(bool, u32),
    Carry(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1_u32..4).prop_map(Step::Register),
        (any::<bool>(), 1_u32..4, 0_usize..3).prop_map(|(a, n, p)| Step::Withdraw(a, n, p)),
        (any::<bool>(), 1_u32..4).prop_map(|(a, n)| Step::Give(a, n)),
        any::<bool>().prop_map(Step::Carry),
    ]
}

fn tell(store: &mut Store, n: u32, command: &Command) {
    let caller = store.caller(&phone(n));
    // Whoever is not known there, or shares the number by a second registration, hears so.
    drop(store.command(&caller, command));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_effect_waits_without_consent_and_all_stores_agree(
        steps in proptest::collection::vec(step(), 1..16),
    ) {
        let (mut hub, mut a, _) = world();
        let worker = a.caller(WORKER_A);
        let purposes = [None, Some(REGISTRY), Some(MESSAGES)];
        for step in steps {
            match step {
                Step::Register(n) if !a.views.phones.contains_key(&phone(n)) => {
                    a.command(&worker, &pair(mother(n), child(n))).unwrap();
                }
                Step::Register(_) => {}
                Step::Withdraw(at_node, n, purpose) => {
                    let store = if at_node { &mut a } else { &mut hub };
                    tell(store, n, &withdraw(purposes[purpose]));
                }
                Step::Give(at_node, n) => {
                    let store = if at_node { &mut a } else { &mut hub };
                    tell(store, n, &Command::GiveConsent(consent(true)));
                }
                Step::Carry(up) if up => hub.pull(&a),
                Step::Carry(_) => a.pull(&hub),
            }
            check(&hub);
        }
        hub.pull(&a);
        a.pull(&hub);
        check(&hub);
        for n in 1..4 {
            if a.views.phones.contains_key(&phone(n)) {
                let person = person(&a, n);
                prop_assert_eq!(row(&a, person), row(&hub, person));
            }
        }
    }
}
