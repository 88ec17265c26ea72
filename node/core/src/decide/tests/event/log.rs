//! The auditor's command: the log and nothing else, a note in a person's log, and files that the
//! auditors hear of.

use std::collections::BTreeSet;

use super::*;
use crate::event::entry_text;
use crate::office::log::LogOrder;
use crate::read::{Class, Reader};

const AUDITOR: &str = "+254700000088";

/// A node with an auditor and one farmer, and her registration number.
fn audited() -> (Store, Principal, EntryRef, String) {
    let (mut hub, mut a, _) = with_officer();
    let auditor = RoleGrant {
        role: Role::Auditor,
        ..grant(AUDITOR)
    };
    hub.command(&administrator(), &Command::GrantRole(auditor))
        .unwrap();
    a.pull(&hub);
    let citizen = a.caller(FARMER);
    let register = Command::RegisterPerson {
        person: fields(&[(Field::GivenName, "Amina"), (Field::Village, "A")]),
        consent: consent(true),
        event: draft("enrolled", &[("crop", "maize")]),
    };
    a.command(&citizen, &register).unwrap();
    let row = a.views.people().next().unwrap();
    let number = row.fields.get(Field::Number).unwrap().to_owned();
    let person = row.document;
    let auditor = Principal {
        channel: "console".to_owned(),
        ..a.caller(AUDITOR)
    };
    (a, auditor, person, number)
}

fn told(store: &Store) -> BTreeSet<String> {
    let texts = store.messages.iter().filter(|one| one.to == AUDITOR);
    texts.map(|one| one.cause.clone()).collect()
}

#[test]
fn an_auditor_finds_a_log_and_the_look_stands_in_it() {
    let (mut a, auditor, person, number) = audited();
    let find = |number: &str| {
        Command::ReadLog(LogOrder::Find {
            number: number.to_owned(),
        })
    };
    let begun = a.reads(0).len();
    let found = a.command(&auditor, &find(&number)).unwrap();
    assert_eq!(found.values["person"], entry_text(&person));
    assert_eq!(a.reads(0).len(), begun, "the internal name shows nobody");
    refused(
        &mut a,
        &auditor,
        &find("2350819465"),
        "reject-unknown-number",
    );
    let show = |persons: Vec<EntryRef>| Command::ReadLog(LogOrder::Show { persons });
    a.command(&auditor, &show(Vec::new())).unwrap();
    assert_eq!(a.reads(0).len(), begun, "counts show nobody");
    a.command(&auditor, &show(vec![person])).unwrap();
    let notes = a.reads(0);
    assert_eq!(notes.len(), begun + 1);
    let last = notes.last().unwrap();
    assert_eq!(
        (last.class, last.persons.as_slice()),
        (Class::Console, &[person][..])
    );
    assert!(matches!(last.reader, Reader::Staff(_, _, Role::Auditor)));
}

/// Nobody else may, and the auditor may no more than that: no record, no note of one.
#[test]
fn the_log_is_the_auditors_and_the_auditors_is_the_log() {
    let (mut a, auditor, person, number) = audited();
    let orders = [
        LogOrder::Find {
            number: number.clone(),
        },
        LogOrder::Show { persons: vec![] },
        LogOrder::Export {
            persons: vec![],
            reason: "report".to_owned(),
        },
    ];
    let mut late = auditor.clone();
    late.author = 99;
    let mut alone = auditor.clone();
    alone.author = 0;
    let (worker, officer) = (a.caller(WORKER_A), a.caller(OFFICER));
    let citizen = a.caller(FARMER);
    for order in orders {
        let order = Command::ReadLog(order);
        for other in [&worker, &officer, &citizen, &administrator(), &alone] {
            refused(&mut a, other, &order, "reject-not-allowed");
        }
        a.command(&auditor, &order).unwrap();
    }
    let note = Command::NoteReads {
        persons: vec![person],
        class: Class::Console,
        reason: "person".to_owned(),
    };
    let open = Command::OpenPerson {
        programme: "sketch".to_owned(),
        number,
    };
    for order in [note, open] {
        refused(&mut a, &auditor, &order, "reject-not-allowed");
    }
}

#[test]
fn a_file_needs_a_reason_and_every_one_is_told_also_where_it_only_counts() {
    let (mut a, auditor, person, _) = audited();
    let export = |persons: Vec<EntryRef>, reason: &str| {
        Command::ReadLog(LogOrder::Export {
            persons,
            reason: reason.to_owned(),
        })
    };
    let long = "x".repeat(201);
    for reason in ["", "  \t", &long] {
        refused(
            &mut a,
            &auditor,
            &export(vec![person], reason),
            "reject-reason",
        );
    }
    assert!(told(&a).is_empty(), "the control");
    a.command(&auditor, &export(vec![], " yearly report "))
        .unwrap();
    let last = a.reads(0).last().unwrap().clone();
    assert_eq!((last.class, last.count()), (Class::Export, 0));
    assert_eq!(last.reason, "yearly report");
    assert_eq!(told(&a).len(), 1);
    a.command(&auditor, &export(vec![person], "a complaint"))
        .unwrap();
    assert_eq!(a.reads(0).last().unwrap().persons, [person]);
    assert_eq!(told(&a).len(), 2);
}
