//! Screens that name more than one person: each of them is in the read log, and nobody else.

use std::collections::BTreeSet;

use sync_core::EntryRef;

use crate::apply::world::{Store, WORKER_A, child, mother, pair, world};
use crate::command::{Command, DueOrder, SubjectName};

use crate::person::Field;
use crate::read::{Class, ReadNote};

const PROGRAMME: &str = "maternal-child";

fn persons(notes: &[ReadNote]) -> BTreeSet<EntryRef> {
    notes.iter().flat_map(|note| note.persons.clone()).collect()
}

/// Registers a family; mother's number, mother and child.
fn family(store: &mut Store) -> (String, EntryRef, EntryRef) {
    let worker = store.caller(WORKER_A);
    let told = store.command(&worker, &pair(mother(1), child(1))).unwrap();
    let number = told.values["mother_number"].clone();
    let find = |digits: &str| {
        let mut people = store.views.people();
        let found = people.find(|row| row.fields.get(Field::Number) == Some(digits));
        found.unwrap().document
    };
    let (mother, child) = (find(&number), find(&told.values["child_number"]));
    (number, mother, child)
}

fn due(number: &str, family: bool) -> Command {
    Command::ShowDue(DueOrder {
        subject: SubjectName::Number(number.to_owned()),
        programme: PROGRAMME.to_owned(),
        schedules: Vec::new(),
        days: None,
        most: None,
        family,
    })
}

#[test]
fn tasks_of_a_family_are_reads_of_all_whose_tasks_are_shown() {
    let (_, mut a, _) = world();
    let (number, mother, child) = family(&mut a);
    let worker = a.caller(WORKER_A);
    let before = a.log.len();
    let told = a.command(&worker, &due(&number, true)).unwrap();
    assert_ne!(told.values["due_count"], "0", "a child has tasks");
    let all = a.reads(before);
    assert_eq!(persons(&all), BTreeSet::from([mother, child]));
    assert!(all.iter().all(|note| note.class == Class::Case));
    // The control: her tasks alone name her alone.
    let before = a.log.len();
    a.command(&worker, &due(&number, false)).unwrap();
    assert_eq!(persons(&a.reads(before)), BTreeSet::from([mother]));
}

#[test]
fn a_screen_that_names_the_mother_of_a_new_child_is_a_read_of_her() {
    let (_, mut a, _) = world();
    let (number, mother, _) = family(&mut a);
    let worker = a.caller(WORKER_A);
    let register = |number: &str| Command::RegisterChild {
        programme: PROGRAMME.to_owned(),
        programme_version: 1,
        mother: SubjectName::Number(number.to_owned()),
        child: child(2),
        consent: None,
    };
    let before = a.log.len();
    let told = a.command(&worker, &register(&number)).unwrap();
    assert!(!told.values["who"].is_empty());
    assert_eq!(persons(&a.reads(before)), BTreeSet::from([mother]));
    // The control: what is refused shows nobody.
    let before = a.log.len();
    a.command(&worker, &register("0000000000")).unwrap_err();
    assert_eq!(a.log.len(), before);
}
