//! Events of a small programme: who may record them, about whom, corrected, taken back, told.

mod log;
mod own;
mod read;

use std::collections::BTreeMap;

use super::refused;
use sync_core::EntryRef;

use crate::apply::world::{
    Store, WORKER_A, WORKER_B, administrator, consent, fields, grant, world_of,
};
use crate::command::{Command, ConsentAnswer, EventDraft, SubjectName};
use crate::contact::SMS_CHANNEL;
use crate::person::Field;
use crate::programme::tests::sketch::sketch;
use crate::programme::{Programmes, SERVICE_FILE};
use crate::role::{Principal, Role, RoleGrant};

const FARMER: &str = "+254711000009";
const OFFICER: &str = "+254700000077";

const EVENTS: &str = r#"
[[events]]
code = "enrolled"
title = "title"
subject = "caller"
audience = ["citizen", "health_worker"]
fields = ["crop"]
required = ["crop"]

[[events]]
code = "question"
title = "title"
subject = "caller"
audience = ["citizen"]
fields = ["crop", "words"]
required = ["words"]
line = "line"
notify = [{ to = "officers", text = "asked" }]

[[events]]
code = "answer"
title = "title"
subject = "nobody"
audience = ["officer"]
fields = ["words"]
notify = [{ to = "referred", text = "told" }]

[[events]]
code = "visit"
title = "title"
subject = "person"
audience = ["health_worker"]
fields = ["words"]

[[events]]
code = "incident"
title = "title"
subject = "caller_if_known"
audience = ["citizen"]
fields = ["words"]
line = "line"
notify = [{ to = "workers", text = "asked", urgent = true }]
"#;

fn programmes() -> Programmes {
    let names = r#"
  { name = "crop", longest = "maize" },
  { name = "words", longest = "My maize has holes" },
  { name = "consent", longest = "yes" },
"#;
    let blocks = "\n[[blocks]]\nkind = \"message\"\ncode = \"end\"\ntext = \"end\"\n";
    let texts = "end = Bye\ntitle = Visit\nline = { $crop } { $words } { $who }\n\
                 asked = Question from { $who }: { $words }\ntold = { $words }\n";
    let source = sketch((names, ""), "end", blocks, texts);
    let service = format!("{}\n{EVENTS}", source.files[SERVICE_FILE]);
    Programmes::load(&[source.with(SERVICE_FILE, service)]).unwrap()
}

fn draft(code: &str, answers: &[(&str, &str)]) -> EventDraft {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    EventDraft {
        programme: "sketch".to_owned(),
        programme_version: 1,
        code: code.to_owned(),
        fields: answers.iter().map(owned).collect(),
    }
}

fn record(code: &str, subject: SubjectName, answers: &[(&str, &str)]) -> Command {
    Command::RecordEvent {
        event: draft(code, answers),
        subject,
        refers: None,
        replaces: None,
        consent: None,
    }
}

fn caller() -> SubjectName {
    SubjectName::Caller
}

/// The farmer registers herself by dialling; her number.
fn enrolled(store: &mut Store) -> String {
    let citizen = store.caller(FARMER);
    let command = Command::RegisterPerson {
        person: fields(&[
            (Field::GivenName, "Akinyi"),
            (Field::FamilyName, "Otieno"),
            (Field::Village, "A"),
        ]),
        consent: ConsentAnswer {
            agreement: "sketch/all".to_owned(),
            ..consent(true)
        },
        event: draft("enrolled", &[("crop", "maize"), ("other", "left out")]),
    };
    store.command(&citizen, &command).unwrap().values["person"].clone()
}

fn with_officer() -> (Store, Store, Store) {
    let (mut hub, mut a, b) = world_of(programmes());
    let officer = RoleGrant {
        role: Role::Officer,
        ..grant(OFFICER)
    };
    hub.command(&administrator(), &Command::GrantRole(officer))
        .unwrap();
    a.pull(&hub);
    (hub, a, b)
}

fn list(store: &mut Store, principal: &Principal, code: &str) -> BTreeMap<String, String> {
    let command = Command::ShowEvents {
        programme: "sketch".to_owned(),
        code: code.to_owned(),
        matching: BTreeMap::new(),
        without: Some("answer".to_owned()),
        mine: None,
        most: None,
    };
    store.command(principal, &command).unwrap().values
}

#[test]
fn a_citizen_who_dials_registers_herself_and_is_bound() {
    let (_, mut a, _) = with_officer();
    let number = enrolled(&mut a);
    assert!(crate::number::is_valid(&number));
    let row = &a.views.phones[FARMER];
    assert!(matches!(row.persons.as_slice(), [(_, true)]));
    let by_sms = Principal {
        channel: SMS_CHANNEL.to_owned(),
        ..a.caller("+254711000010")
    };
    let command = Command::RegisterPerson {
        person: fields(&[(Field::GivenName, "Baraka"), (Field::Village, "A")]),
        consent: consent(true),
        event: draft("enrolled", &[("crop", "beans")]),
    };
    a.command(&by_sms, &command).unwrap();
    let row = &a.views.phones["+254711000010"];
    assert!(
        matches!(row.persons.as_slice(), [(_, false)]),
        "a sender is only claimed"
    );
    let question = record("question", caller(), &[("words", "Why?")]);
    refused(&mut a, &by_sms, &question, "reject-not-bound");
}

#[test]
fn events_need_their_answers_their_audience_and_their_person() {
    let (_, mut a, _) = with_officer();
    let number = enrolled(&mut a);
    let (citizen, worker) = (a.caller(FARMER), a.caller(WORKER_A));
    let empty = record("question", caller(), &[("words", "")]);
    refused(&mut a, &citizen, &empty, "reject-incomplete");
    let visit = record("visit", SubjectName::Number(number.clone()), &[]);
    refused(&mut a, &citizen, &visit, "reject-not-allowed");
    let other = record("visit", SubjectName::Number("7294058630".to_owned()), &[]);
    refused(&mut a, &worker, &other, "reject-no-person");
    let long = "x".repeat(481);
    let much = record(
        "visit",
        SubjectName::Number(number.clone()),
        &[("words", &long)],
    );
    refused(&mut a, &worker, &much, "refuse-long");
    assert_eq!(
        a.command(&worker, &visit).unwrap().values["who"],
        "Akinyi O."
    );
}

#[test]
fn a_question_reaches_the_officer_and_its_answer_the_farmer_once() {
    let (mut hub, mut a, _) = with_officer();
    enrolled(&mut a);
    let citizen = a.caller(FARMER);
    let question = record(
        "question",
        caller(),
        &[("crop", "maize"), ("words", "Holes?")],
    );
    a.command(&citizen, &question).unwrap();
    let asked: Vec<_> = a.messages.iter().filter(|one| one.to == OFFICER).collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].text, "Question from Akinyi O.: Holes?");
    hub.pull(&a);
    assert!(
        hub.messages.iter().all(|one| one.to != OFFICER),
        "the node has told her"
    );
    let officer = a.caller(OFFICER);
    let open = list(&mut a, &officer, "question");
    assert_eq!(
        (open["events_count"].as_str(), open["events_1"].as_str()),
        ("1", "maize Holes? Akinyi O.")
    );
    let seen = list(&mut a, &citizen, "question");
    assert_eq!(seen["events_1"], "maize Holes?", "no name for a citizen");
    let answer = Command::RecordEvent {
        event: draft("answer", &[("words", "Dust them with ash.")]),
        subject: SubjectName::Nobody,
        refers: Some(open["events_code_1"].clone()),
        replaces: None,
        consent: None,
    };
    a.command(&officer, &answer).unwrap();
    let told: Vec<_> = a.messages.iter().filter(|one| one.to == FARMER).collect();
    assert_eq!(
        told.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(),
        ["Dust them with ash."]
    );
    assert_eq!(list(&mut a, &officer, "question")["events_count"], "0");
}

#[test]
fn only_own_entries_are_corrected_or_taken_back_in_any_order_of_arrival() {
    let (mut hub, mut a, mut b) = with_officer();
    let number = enrolled(&mut a);
    let (worker, other) = (a.caller(WORKER_A), a.caller(WORKER_B));
    let visit = record(
        "visit",
        SubjectName::Number(number.clone()),
        &[("words", "one")],
    );
    let first = a.command(&worker, &visit).unwrap().values["event"].clone();
    let correction = |entry: &str| Command::RecordEvent {
        event: draft("visit", &[("words", "two")]),
        subject: SubjectName::Number(number.clone()),
        refers: None,
        replaces: Some(entry.to_owned()),
        consent: None,
    };
    refused(&mut a, &other, &correction(&first), "reject-no-entry");
    let second = a.command(&worker, &correction(&first)).unwrap().values["event"].clone();
    refused(&mut a, &worker, &correction(&first), "reject-no-entry");
    let entries = a.command(&worker, &Command::ShowMyEntries).unwrap().values;
    assert_eq!(
        (
            entries["entries_count"].as_str(),
            entries["entries_1"].as_str()
        ),
        ("1", "Visit Akinyi O.")
    );
    let back = Command::WithdrawEntry { entry: second };
    refused(&mut a, &other, &back, "reject-no-entry");
    a.command(&worker, &back).unwrap();
    assert_eq!(
        a.command(&worker, &Command::ShowMyEntries).unwrap().values["entries_count"],
        "0"
    );
    for stored in a.log.iter().rev() {
        b.ingest(stored);
    }
    hub.pull(&a);
    let none = list(&mut b, &worker, "visit");
    assert_eq!(none["events_count"], "0");
    assert_eq!(list(&mut hub, &worker, "visit"), none);
}

/// The document of the person whom the farmer's number got last.
fn newest(store: &Store) -> EntryRef {
    let row = &store.views.phones[FARMER];
    row.persons.iter().map(|(person, _)| *person).max().unwrap()
}

#[test]
fn on_a_shared_phone_nobody_is_anybody_before_a_pin() {
    let (_, mut a, _) = with_officer();
    enrolled(&mut a);
    let (first, citizen) = (newest(&a), a.caller(FARMER));
    let ask = record("question", caller(), &[("words", "Why?")]);
    a.command(&citizen, &ask).unwrap();
    enrolled(&mut a);
    let second = newest(&a);
    refused(&mut a, &citizen, &ask, "reject-pin-first");
    for person in [first, second] {
        a.views.guard.prove(person);
        a.command(&citizen, &ask).unwrap();
        let asked = a.log.iter().rev().find(|entry| entry.about.is_some());
        assert_eq!(asked.unwrap().about, Some(person));
    }
}

#[test]
fn people_are_corrected_by_staff_and_their_own_number_is_not_moved_by_themselves() {
    let (_, mut a, _) = with_officer();
    let number = enrolled(&mut a);
    let (citizen, worker) = (a.caller(FARMER), a.caller(WORKER_A));
    let change = |subject: SubjectName, field: Field, value: &str| Command::UpdatePerson {
        subject,
        fields: fields(&[(field, value)]),
    };
    let by_number = SubjectName::Number(number);
    a.command(
        &worker,
        &change(by_number.clone(), Field::GivenName, "Akini"),
    )
    .unwrap();
    let name = change(caller(), Field::GivenName, "Akini");
    refused(&mut a, &citizen, &name, "reject-pin-first");
    let herself = newest(&a);
    a.views.guard.prove(herself);
    let phone = change(caller(), Field::Phone, "+254711000011");
    refused(&mut a, &citizen, &phone, "reject-not-allowed");
    let digits = change(by_number.clone(), Field::Number, "7294058630");
    refused(&mut a, &worker, &digits, "reject-not-allowed");
    let wrong = change(by_number, Field::BirthDate, "yesterday");
    refused(&mut a, &worker, &wrong, "reject-incomplete");
    let names: Vec<&str> = a
        .views
        .people()
        .map(|row| row.fields.get(Field::GivenName).unwrap())
        .collect();
    assert_eq!(names, ["Akini"]);
}

#[test]
fn reminders_and_digests_are_the_programs_own() {
    let (_, mut a, _) = with_officer();
    let worker = a.caller(WORKER_A);
    for command in [Command::SendReminders, Command::SendTaskDigests] {
        refused(&mut a, &worker, &command, "reject-not-allowed");
    }
    let system = crate::apply::world::system();
    let done = a.command(&system, &Command::SendReminders).unwrap();
    assert_eq!(done.values["messages"], "0");
}
