//! Registrations that their worker takes back: before the hub hears of them, after it, when they
//! repeat another one or another one repeats them, and what may not be taken back.

use std::collections::BTreeMap;

use sync_core::EntryRef;

use super::{check_rebuild, repeated};
use crate::apply::world::{
    Store, WORKER_A, WORKER_B, administrator, grant, mother, register, world,
};
use crate::command::{Command, EventDraft, SubjectName};
use crate::event::entry_text;
use crate::person::Field;
use crate::role::{Role, RoleGrant};
use crate::status::Status;

const OFFICER: &str = "+254700000077";

fn take_back(store: &mut Store, phone: &str, id: EntryRef) -> Result<(), String> {
    let worker = store.caller(phone);
    let back = Command::WithdrawEntry {
        entry: entry_text(&id),
    };
    let done = store.command(&worker, &back);
    done.map(drop).map_err(|rejection| rejection.text)
}

fn status(store: &Store, id: EntryRef) -> Status {
    store.views.registration(id).status
}

#[test]
fn what_is_taken_back_before_it_left_never_reaches_the_registry() {
    let (mut hub, mut a, _) = world();
    let id = register(&mut a, WORKER_A, 1);
    // The control: another one goes its way.
    let other = register(&mut a, WORKER_A, 2);
    take_back(&mut a, WORKER_A, id).unwrap();
    let worker = a.caller(WORKER_A);
    let work = a.command(&worker, &Command::ShowMyWork).unwrap().values;
    assert_eq!(
        (work["total"].as_str(), work["withdrawn"].as_str()),
        ("1", "1")
    );
    hub.pull(&a);
    assert_eq!(status(&hub, id), Status::Withdrawn);
    let left: Vec<EntryRef> = hub
        .views
        .effects
        .iter()
        .map(|one| one.registration)
        .collect();
    assert_eq!(left, [other]);
    let again = take_back(&mut a, WORKER_A, id);
    assert_eq!(again.unwrap_err(), "reject-no-entry");
    check_rebuild(&mut [&mut hub, &mut a]);
}

#[test]
fn registered_anew_it_repeats_nothing_and_the_number_is_the_mothers_alone() {
    let (mut hub, mut a, _) = world();
    let first = register(&mut a, WORKER_A, 1);
    take_back(&mut a, WORKER_A, first).unwrap();
    let second = register(&mut a, WORKER_A, 1);
    hub.pull(&a);
    assert!(hub.views.reviews().iter().all(|review| review.decided));
    assert_eq!(status(&hub, second), Status::Carried);
    assert_eq!(hub.views.effects.len(), 1);
    let phone = mother(1).get(Field::Phone).unwrap().to_owned();
    let mother = hub.views.registration(second).registration.mother;
    for store in [&hub, &a] {
        let persons = &store.views.phones[&phone].persons;
        assert_eq!(
            persons.iter().map(|(one, _)| *one).collect::<Vec<_>>(),
            [mother]
        );
    }
    hub.registry_accepts(0);
    a.pull(&hub);
    assert_eq!(status(&a, second), Status::Accepted);
    assert_eq!(a.count("ask:"), 1);
    check_rebuild(&mut [&mut hub, &mut a]);
}

#[test]
fn a_repeat_of_what_was_taken_back_goes_alone() {
    // The question about it is still open, or was answered with yes.
    for answered in [false, true] {
        let (mut hub, mut a, mut b, first, second) = repeated();
        if answered {
            b.sms(WORKER_B, "1");
            hub.pull(&b);
        }
        take_back(&mut a, WORKER_A, first).unwrap();
        hub.pull(&a);
        assert_eq!(status(&hub, first), Status::Withdrawn);
        assert_eq!(
            status(&hub, second),
            Status::Carried,
            "answered: {answered}"
        );
        let effects = &hub.views.effects;
        let left: Vec<EntryRef> = effects.iter().map(|one| one.registration).collect();
        assert_eq!(left, [second], "answered: {answered}");
        hub.registry_accepts(0);
        b.pull(&hub);
        assert_eq!(status(&b, second), Status::Accepted);
        check_rebuild(&mut [&mut hub, &mut b]);
    }
}

#[test]
fn a_yes_that_comes_after_the_withdrawal_joins_nothing() {
    let (mut hub, mut a, mut b, first, second) = repeated();
    b.sms(WORKER_B, "1");
    take_back(&mut a, WORKER_A, first).unwrap();
    hub.pull(&a);
    hub.pull(&b);
    let effects = &hub.views.effects;
    let left: Vec<EntryRef> = effects.iter().map(|one| one.registration).collect();
    assert_eq!(left, [second]);
    check_rebuild(&mut [&mut hub]);
}

#[test]
fn the_record_of_one_that_was_joined_stays_with_the_other() {
    let (mut hub, mut a, mut b, first, second) = repeated();
    b.sms(WORKER_B, "1");
    hub.pull(&b);
    hub.registry_accepts(0);
    // The node has not heard of it.
    take_back(&mut a, WORKER_A, first).unwrap();
    hub.pull(&a);
    assert_eq!(status(&hub, first), Status::Withdrawn);
    assert_eq!(status(&hub, second), Status::Accepted);
    assert_eq!(hub.views.effects.len(), 1, "its record is the other's");
    check_rebuild(&mut [&mut hub, &mut a]);
}

#[test]
fn only_the_office_takes_back_what_the_registry_has() {
    let (mut hub, mut a, _) = world();
    let officer = RoleGrant {
        role: Role::Officer,
        ..grant(OFFICER)
    };
    hub.command(&administrator(), &Command::GrantRole(officer))
        .unwrap();
    let id = register(&mut a, WORKER_A, 1);
    hub.pull(&a);
    hub.registry_accepts(0);
    a.pull(&hub);
    let late = take_back(&mut a, WORKER_A, id);
    assert_eq!(late.unwrap_err(), "reject-entry-left");
    let strange = take_back(&mut a, WORKER_B, id);
    assert_eq!(strange.unwrap_err(), "reject-no-entry");
    assert_eq!(hub.views.effects.len(), 1);
    take_back(&mut hub, OFFICER, id).unwrap();
    assert!(hub.views.effects.is_empty(), "its record is to be removed");
    a.pull(&hub);
    assert_eq!(status(&a, id), Status::Withdrawn);
}

#[test]
fn what_others_rest_on_stays_and_the_birth_goes_with_it() {
    let (mut hub, mut a, _) = world();
    let worker = a.caller(WORKER_A);
    let id = register(&mut a, WORKER_A, 1);
    let row = a.views.registration(id).registration.clone();
    let number = |store: &Store, person| {
        let mut people = store.views.people();
        let found = people.find(|row| row.document == person).unwrap();
        found.fields.get(Field::Number).unwrap().to_owned()
    };
    let event = |store: &Store, code: &str, person| Command::RecordEvent {
        event: EventDraft {
            programme: "maternal-child".to_owned(),
            programme_version: row.programme_version,
            code: code.to_owned(),
            fields: [("birth_day".to_owned(), "2026-03-02".to_owned())].into(),
        },
        subject: SubjectName::Number(number(store, person)),
        refers: None,
        replaces: None,
        consent: None,
    };
    // As the dialogue does it: the next entry is the birth.
    let birth = event(&a, "birth", row.mother);
    a.command(&worker, &birth).unwrap();
    let listed = a.command(&worker, &Command::ShowMyEntries).unwrap().values;
    assert_eq!(listed["entries_count"], "1");
    assert!(
        listed["entries_1"].starts_with("Registered: "),
        "{listed:?}"
    );
    assert_eq!(listed["entries_code_1"], entry_text(&id));
    let second = event(&a, "birth", row.mother);
    let later = a.command(&worker, &second).unwrap().values["event"].clone();
    assert_eq!(
        take_back(&mut a, WORKER_A, id).unwrap_err(),
        "reject-entry-used"
    );
    let back = Command::WithdrawEntry { entry: later };
    a.command(&worker, &back).unwrap();
    take_back(&mut a, WORKER_A, id).unwrap();
    let listed = a.command(&worker, &Command::ShowMyEntries).unwrap().values;
    assert_eq!(listed["entries_count"], "0");
    let live = |store: &mut Store| {
        let case = Command::ShowEvents {
            programme: "maternal-child".to_owned(),
            code: "birth".to_owned(),
            matching: BTreeMap::new(),
            without: None,
            mine: None,
            most: None,
        };
        let worker = store.caller(WORKER_A);
        store.command(&worker, &case).unwrap().values["events_count"].clone()
    };
    assert_eq!(live(&mut a), "0");
    hub.pull(&a);
    assert!(hub.views.effects.is_empty());
    check_rebuild(&mut [&mut hub, &mut a]);
}
