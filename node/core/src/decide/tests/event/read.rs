//! The read log: after any walk of commands, exactly those are in it who were shown.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::command::Mine;

use crate::read::{Class, MANY_MAX, ReadNote, Reader};

const NAMES: [&str; 6] = ["Amina", "Baraka", "Chiku", "Dalila", "Eshe", "Faraji"];

fn phone(n: usize) -> String {
    format!("+25471100010{n}")
}

fn by_dialling(store: &mut Store, n: usize) -> EntryRef {
    let citizen = store.caller(&phone(n));
    let command = Command::RegisterPerson {
        person: fields(&[(Field::GivenName, NAMES[n]), (Field::Village, "A")]),
        consent: consent(true),
        event: draft("enrolled", &[("crop", NAMES[n])]),
    };
    store.command(&citizen, &command).unwrap();
    store.views.phones[&phone(n)].persons[0].0
}

/// Shown and not logged, logged and not shown.
fn difference(
    shown: &BTreeSet<EntryRef>,
    notes: &[ReadNote],
) -> (BTreeSet<EntryRef>, BTreeSet<EntryRef>) {
    let logged: BTreeSet<EntryRef> = notes.iter().flat_map(|note| note.persons.clone()).collect();
    (shown - &logged, &logged - shown)
}

/// One command of somebody about somebody, by its number.
fn command(kind: u8, n: usize, number: &str) -> (Option<usize>, Command) {
    let case = |subject| Command::ShowCase {
        subject,
        programme: "sketch".to_owned(),
        codes: vec!["enrolled".to_owned()],
    };
    let list = |code: &str, mine| Command::ShowEvents {
        programme: "sketch".to_owned(),
        code: code.to_owned(),
        matching: BTreeMap::new(),
        without: None,
        mine,
        most: Some(2),
    };
    let subject = SubjectName::Number(number.to_owned());
    match kind {
        0 => (Some(n), case(caller())),
        1 => (Some(n), list("question", Some(Mine::Own))),
        2 => (
            Some(n),
            record("question", caller(), &[("words", NAMES[n])]),
        ),
        3 => (None, case(subject)),
        4 => (None, list("question", None)),
        5 => (None, record("visit", subject, &[("words", "seen")])),
        6 => (None, Command::ShowMyEntries),
        7 => (
            None,
            Command::OpenPerson {
                programme: "sketch".to_owned(),
                number: number.to_owned(),
            },
        ),
        8 => (Some(n), list("question", None)),
        _ => (None, Command::ShowMyWork),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whoever_was_shown_is_in_the_log_and_nobody_else(
        steps in proptest::collection::vec((0_u8..10, 0_usize..6), 1..25),
    ) {
        let (_, mut a, _) = with_officer();
        let people: Vec<EntryRef> = (0..NAMES.len()).map(|n| by_dialling(&mut a, n)).collect();
        let numbers: Vec<String> = people.iter().map(|person| {
            let rows = a.views.people();
            let row = rows.into_iter().find(|row| row.document == *person).unwrap();
            row.fields.get(Field::Number).unwrap().to_owned()
        }).collect();
        let mut all = BTreeSet::new();
        let begun = a.log.len();
        for (kind, n) in steps {
            let (own, command) = command(kind, n, &numbers[n]);
            let before = a.log.len();
            let principal = match own {
                Some(n) => a.caller(&phone(n)),
                None => a.caller(WORKER_A),
            };
            a.views.guard.prove_nobody();
            if own.is_some() {
                a.views.guard.prove(people[n]);
            }
            let told = a.command(&principal, &command).unwrap().values;
            let names = |at: &usize| {
                let of = |text: &String| text.contains(NAMES[*at]) || text.contains(&numbers[*at]);
                told.values().any(of)
            };
            // A list that a caller gets names nobody; her own answers are hers.
            let is_public = kind == 8;
            let shown: BTreeSet<EntryRef> = (0..NAMES.len())
                .filter(|at| names(at) && !is_public)
                .map(|at| people[at])
                .collect();
            prop_assert_eq!(
                difference(&shown, &a.reads(before)), (BTreeSet::new(), BTreeSet::new()),
                "{:?}", command
            );
            all.extend(shown);
        }
        // The control: a log that lacks one note, or names one more person, is found.
        let whole = a.reads(begun);
        for at in 0..whole.len() {
            let mut less = whole.clone();
            let gone = less.remove(at);
            let still: BTreeSet<_> = less.iter().flat_map(|note| note.persons.clone()).collect();
            let lost = gone.persons.iter().any(|person| !still.contains(person));
            prop_assert_eq!(!difference(&all, &less).0.is_empty(), lost);
        }
        let stranger = EntryRef { seq: sync_core::Seq(9_999), ..people[0] };
        let more = ReadNote {
            persons: vec![stranger],
            class: Class::Case,
            reader: Reader::Caller,
            place: String::new(),
            application: String::new(),
            reason: String::new(),
            records: Vec::new(),
        };
        prop_assert_eq!(difference(&all, &[whole, vec![more]].concat()).1.len(), 1);
    }
}

#[test]
fn a_person_is_told_who_saw_her_data_and_nobody_else_is() {
    let (_, mut a, b) = with_officer();
    let person = by_dialling(&mut a, 0);
    let number = a.views.people().next().unwrap().fields.get(Field::Number);
    let number = number.unwrap().to_owned();
    let worker = a.caller(WORKER_A);
    let (_, open) = command(7, 0, &number);
    a.command(&worker, &open).unwrap();
    let citizen = a.caller(&phone(0));
    refused(&mut a, &citizen, &Command::ShowMyReads, "reject-pin-first");
    a.views.guard.prove(person);
    let told = a.command(&citizen, &Command::ShowMyReads).unwrap().values;
    assert_eq!(told["reads_count"], "1");
    assert_eq!(
        told["reads_1"],
        format!("14 Mar {}, health worker, record", a.site.name)
    );
    assert_eq!(
        a.reads(0).len(),
        1,
        "reading the log is no read of the record"
    );
    // In any order, and twice, the rows are the same.
    let mut other = b;
    for stored in a.log.iter().rev().chain(a.log.iter()) {
        other.ingest(stored);
    }
    assert_eq!(other.views.guard.reads(), a.views.guard.reads());
}

#[test]
fn many_reads_in_an_hour_and_every_export_are_told_to_the_auditor_once() {
    const AUDITOR: &str = "+254700000088";
    let (mut hub, mut a, _) = with_officer();
    let auditor = RoleGrant {
        role: Role::Auditor,
        ..grant(AUDITOR)
    };
    hub.command(&administrator(), &Command::GrantRole(auditor))
        .unwrap();
    a.pull(&hub);
    by_dialling(&mut a, 0);
    let number = a.views.people().next().unwrap().fields.get(Field::Number);
    let (_, open) = command(7, 0, number.unwrap());
    let worker = a.caller(WORKER_A);
    let told = |store: &Store| {
        let texts = store.messages.iter().filter(|one| one.to == AUDITOR);
        texts.map(|one| one.cause.clone()).collect::<BTreeSet<_>>()
    };
    for _ in 0..MANY_MAX {
        a.command(&worker, &open).unwrap();
    }
    assert_eq!(told(&a).len(), 0, "the control");
    for _ in 0..3 {
        a.command(&worker, &open).unwrap();
    }
    assert_eq!(told(&a).len(), 1);
    let officer = a.caller(OFFICER);
    let export = |reason: &str| Command::NoteReads {
        persons: vec![newest_of(&a)],
        class: Class::Export,
        reason: reason.to_owned(),
    };
    let (named, unnamed) = (export("payment list"), export(" "));
    refused(&mut a, &worker, &named, "reject-not-allowed");
    refused(&mut a, &officer, &unnamed, "reject-not-allowed");
    a.command(&officer, &named).unwrap();
    assert_eq!(told(&a).len(), 2);
}

fn newest_of(store: &Store) -> EntryRef {
    store.views.people().next().unwrap().document
}
