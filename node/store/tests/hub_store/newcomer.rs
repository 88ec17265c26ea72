//! Who is compared and when: a new person whom the worker told apart is not asked about, an edited
//! record is compared again, and so is a person who is registered alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use node_core::command::{Command, EventDraft, SubjectName, Whose};
use node_core::identity::{Pair, pair};
use node_core::matching::MatchRow;
use node_core::person::Field;
use node_core::programme::{Programmes, Source};
use node_core::query::{Answer, Query};
use node_core::role::{Principal, Role};
use node_store::{HubStore, SqliteStore};
use sync_core::{EntryRef, Scope};

use crate::district::{District, KIBO, MOTO};
use crate::duplicate::{matches, of, officer, registration};
use crate::world::{
    self, WORKER_A, WORKER_B, command, fields, registrations, sqlite_of, sync, worker,
};

const PHONE: &str = "+254711000417";

async fn mothers(store: &SqliteStore) -> Vec<EntryRef> {
    let mut rows = registrations(store).await;
    rows.sort_by_key(|row| row.captured_at);
    rows.iter().map(|row| row.registration.mother).collect()
}

fn of_pair(rows: &[MatchRow], pair: Pair) -> Vec<MatchRow> {
    let of = rows.iter().filter(|row| row.pair == pair);
    of.cloned().collect()
}

/// What a worker is shown before she registers this mother.
fn check(register: &Command) -> Command {
    let Command::RegisterPair { mother, .. } = register else {
        panic!("not a pair");
    };
    Command::CheckKnown {
        whose: Whose::Mother,
        person: mother.clone(),
        mother: None,
    }
}

/// Registers two women who are like each other at one node; how many times the hub asks.
async fn asked_about(told: bool) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let (node, staff) = (&district.nodes[0], of(KIBO, WORKER_A));
    let first = registration("Wanjiru", "1994-05-17", PHONE);
    let done = command(node, &staff, first, 100).await.unwrap();
    let second = registration("Wangiru", "1994-05-17", PHONE);
    let shown = command(node, &staff, check(&second), 105).await.unwrap();
    assert_eq!(shown.values["known_mother_count"], "1");
    let number = shown.values["known_mother_code_1"].clone();
    assert_eq!(number, done.values["mother_number"]);
    let second = if told {
        Command::RegisterNew {
            register: Box::new(second),
            apart: vec![(Whose::Mother, number)],
        }
    } else {
        second
    };
    command(node, &staff, second, 110).await.unwrap();
    district.meets(0, 200).await;
    let mothers = mothers(&district.hub).await;
    let rows = matches(&district.hub).await;
    for store in [&district.hub, node] {
        let report = store.check(true).unwrap();
        assert!(report.findings.is_empty(), "{:?}", report.findings);
    }
    of_pair(&rows, pair(mothers[0], mothers[1])).len()
}

#[tokio::test]
async fn a_new_person_whom_the_worker_told_apart_is_not_asked_about() {
    assert_eq!(asked_about(true).await, 0);
    assert_eq!(asked_about(false).await, 1, "the control");
}

#[tokio::test]
async fn a_citizen_tells_nobody_apart() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let citizen = Principal {
        role: Role::Citizen,
        author: 0,
        ..of(KIBO, "+254711000888")
    };
    let told = Command::RegisterNew {
        register: Box::new(registration("Wanjiru", "1994-05-17", PHONE)),
        apart: vec![(Whose::Mother, "2389720294".to_owned())],
    };
    let refused = command(&district.nodes[0], &citizen, told, 100).await;
    assert_eq!(refused.unwrap_err().text, "reject-not-allowed");
}

/// Corrects fields of the person with a number.
async fn correct(node: &SqliteStore, number: &str, values: &[(Field, &str)], second: i64) {
    let order = Command::UpdatePerson {
        subject: SubjectName::Number(number.to_owned()),
        fields: fields(values),
    };
    command(node, &of(KIBO, WORKER_A), order, second)
        .await
        .unwrap();
}

/// Two people who are like nobody; the number of the first, and the pair.
async fn two_strangers(district: &District) -> (String, Pair) {
    let first = registration("Halima", "1989", "+254711000501");
    let done = command(&district.nodes[0], &of(KIBO, WORKER_A), first, 100)
        .await
        .unwrap();
    let second = registration("Wanjiru", "1994-05-17", PHONE);
    command(&district.nodes[1], &of(MOTO, WORKER_B), second, 110)
        .await
        .unwrap();
    for (at, second) in [(0, 200), (1, 210), (0, 220)] {
        district.meets(at, second).await;
    }
    let mothers = mothers(&district.hub).await;
    (
        done.values["mother_number"].clone(),
        pair(mothers[0], mothers[1]),
    )
}

#[tokio::test]
async fn an_edited_record_is_compared_again_and_asked_again_only_when_it_comes_nearer() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let (node, hub) = (&district.nodes[0], &district.hub);
    let (number, pair) = two_strangers(&district).await;
    assert_eq!(of_pair(&matches(hub).await, pair), []);
    let corrected = [(Field::GivenName, "Wangiru"), (Field::BirthDate, "1994")];
    correct(node, &number, &corrected, 300).await;
    district.meets(0, 310).await;
    let asked = of_pair(&matches(hub).await, pair);
    assert_eq!(asked.len(), 1, "the records have become alike");
    let decide = Command::DecideMatch {
        number: asked[0].number,
        same: false,
        reason: "two cards were shown".to_owned(),
    };
    command(hub, &officer(), decide, 320).await.unwrap();
    // Farther away: the officer's word stands. Nearer: new evidence.
    correct(node, &number, &[(Field::Village, "moto")], 400).await;
    district.meets(0, 410).await;
    assert_eq!(of_pair(&matches(hub).await, pair).len(), 1);
    correct(node, &number, &[(Field::BirthDate, "1994-05-17")], 500).await;
    district.meets(0, 510).await;
    assert_eq!(of_pair(&matches(hub).await, pair).len(), 2);
    let report = hub.check(true).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

pub(crate) fn household(name: &str, born: &str, phone: &str) -> Command {
    let Command::RegisterPair { consent, .. } = registration(name, born, phone) else {
        panic!("not a pair");
    };
    let answers = [
        ("members", "4"),
        ("children", "2"),
        ("income", "farm"),
        ("house", "mud"),
    ];
    let answers = answers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Command::RegisterPerson {
        person: fields(&[
            (Field::GivenName, name),
            (Field::FamilyName, "Nyambura"),
            (Field::BirthDate, born),
            (Field::Phone, phone),
            (Field::Sex, "F"),
        ]),
        consent,
        event: EventDraft {
            programme: "cash-transfer".to_owned(),
            programme_version: 1,
            code: "household".to_owned(),
            fields: BTreeMap::from(answers),
        },
    }
}

#[tokio::test]
async fn people_registered_alone_are_compared_like_those_of_a_pair() {
    let folder = tempfile::tempdir().unwrap();
    let sources = Source::chosen(&["cash-transfer".to_owned()]);
    let programmes = Arc::new(Programmes::load(&sources).unwrap());
    let world::World { hub, a, b, .. } = sqlite_of(programmes, folder.path()).await;
    for (at, name, born, phone) in [
        (10, "Wanjiru", "1994-05-17", PHONE),
        (20, "Halima", "1989", "+254711000501"),
    ] {
        let register = household(name, born, phone);
        command(&a, &worker(WORKER_A, 1), register, at)
            .await
            .unwrap();
    }
    let register = household("Wangiru", "1994-05-17", PHONE);
    command(&b, &worker(WORKER_B, 2), register, 30)
        .await
        .unwrap();
    sync(&a, &hub, 40).await;
    assert_eq!(matches(&hub).await, []);
    sync(&b, &hub, 50).await;
    let rows = matches(&hub).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let scope = Scope(world::AREA.0);
    let mut workers = rows[0].workers;
    workers.sort_unstable();
    assert_eq!(workers, [(scope, 1), (scope, 2)]);
    let Answer::Person(Some(one)) = hub
        .query(Query::Person {
            document: rows[0].pair[0],
        })
        .await
        .unwrap()
    else {
        panic!("nobody");
    };
    assert_eq!(one.values[&Field::FamilyName], ["Nyambura"]);
    let report = hub.check(true).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}
