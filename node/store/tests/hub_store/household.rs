//! Households on nodes and a hub that people dial, too: moved apart and settled, joined by an officer, paid once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use node_core::command::{Command, EventDraft, Outcome, Rejection, SubjectName};
use node_core::household::{Doubt, HouseholdRole};
use node_core::programme::{Programmes, Source};
use node_core::query::{Answer, Query};
use node_core::role::{Principal, Role, RoleGrant};
use node_store::SqliteStore;

use crate::duplicate::matches;
use crate::newcomer::household;
use crate::world::{
    WORKER_A, WORKER_B, World, administrator, command, grant, sqlite_of, sync, worker,
};
use node_store::HubStore;

const CASH: &str = "cash-transfer";
use HouseholdRole::{Head, Spouse};

async fn world(folder: &Path) -> World<SqliteStore> {
    let sources = Source::chosen(&[CASH.to_owned()]);
    sqlite_of(Arc::new(Programmes::load(&sources).unwrap()), folder).await
}

/// Both nodes tell the hub, then hear what it knows.
async fn meet(world: &World<SqliteStore>, second: i64) {
    for (node, after) in [(&world.a, 0), (&world.b, 1), (&world.a, 2), (&world.b, 3)] {
        sync(node, &world.hub, second + after).await;
    }
}

fn officer() -> Principal {
    Principal {
        role: Role::Officer,
        ..worker("+254700000071", 3)
    }
}

fn at_b() -> Principal {
    worker(WORKER_B, 2)
}

fn at_a() -> Principal {
    worker(WORKER_A, 1)
}

/// Registers somebody, who is in no household yet; gives her number.
async fn registered(store: &SqliteStore, who: &Principal, n: usize, second: i64) -> String {
    // Names that no two people share, so that nobody is taken for another one.
    let name = ["Wanjiru", "Halima", "Otieno", "Rehema"][n];
    let (born, phone) = (
        ["1961", "1974", "1987", "1999"][n],
        format!("+25471100060{n}"),
    );
    let outcome = command(store, who, household(name, born, &phone), second).await;
    outcome.unwrap().values["person"].clone()
}

async fn joins(
    store: &SqliteStore,
    who: &Principal,
    (person, with, role): (&str, Option<&str>, HouseholdRole),
    second: i64,
) -> Result<Outcome, Rejection> {
    let order = Command::JoinHousehold {
        programme: CASH.to_owned(),
        person: person.to_owned(),
        with: with.map(str::to_owned),
        role,
    };
    command(store, who, order, second).await
}

async fn doubts(store: &SqliteStore) -> Vec<(Doubt, Vec<String>)> {
    let programme = CASH.to_owned();
    match store
        .query(Query::HouseholdDoubts { programme })
        .await
        .unwrap()
    {
        Answer::Doubts(doubts) => doubts,
        other => panic!("not doubts: {other:?}"),
    }
}

/// Numbers of those who live with a person, as a worker of this store is told.
async fn home(store: &SqliteStore, who: &Principal, person: &str, second: i64) -> Vec<String> {
    let order = Command::ShowHousehold {
        programme: CASH.to_owned(),
        person: person.to_owned(),
    };
    let told = command(store, who, order, second).await.unwrap();
    let count: usize = told.values["members_count"].parse().unwrap();
    (1..=count)
        .map(|place| told.values[&format!("members_code_{place}")].clone())
        .collect()
}

/// Names of what was recorded when the people with this short name were registered, the newest first.
async fn entries(store: &SqliteStore, person: &str, second: i64) -> Vec<String> {
    let list = Command::ShowEvents {
        programme: CASH.to_owned(),
        code: "household".to_owned(),
        matching: BTreeMap::new(),
        without: None,
        mine: None,
        most: Some(20),
    };
    let listed = command(store, &officer(), list, second).await.unwrap();
    let order = Command::ShowHousehold {
        programme: CASH.to_owned(),
        person: person.to_owned(),
    };
    let who = command(store, &officer(), order, second).await.unwrap();
    let who = format!(" {}:", who.values["who"]);
    let count: usize = listed.values["events_count"].parse().unwrap();
    (1..=count)
        .filter(|at| listed.values[&format!("events_{at}")].contains(&who))
        .map(|at| listed.values[&format!("events_code_{at}")].clone())
        .collect()
}

/// Pays, in the name of an officer at this store, whomever an entry is about.
async fn pay_for(store: &SqliteStore, entry: &str, second: i64) -> Result<(), String> {
    let payment = Command::RecordEvent {
        event: EventDraft {
            programme: CASH.to_owned(),
            programme_version: 1,
            code: "payment".to_owned(),
            fields: BTreeMap::from([("amount".to_owned(), "25000".to_owned())]),
        },
        subject: SubjectName::Nobody,
        refers: Some(entry.to_owned()),
        replaces: None,
        consent: None,
    };
    let paid = command(store, &officer(), payment, second).await;
    paid.map(|_outcome| ()).map_err(|rejection| rejection.text)
}

/// Pays a person whose short name nobody else has.
async fn pay(store: &SqliteStore, person: &str, second: i64) -> Result<(), String> {
    let [entry] = entries(store, person, second).await.try_into().unwrap();
    pay_for(store, &entry, second).await
}

#[tokio::test]
async fn a_person_moved_apart_is_a_doubt_everywhere_until_somebody_settles_it() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path()).await;
    let wanjiru = registered(&world.a, &at_a(), 0, 10).await;
    let halima = registered(&world.a, &at_a(), 1, 11).await;
    let otieno = registered(&world.hub, &at_b(), 2, 12).await;
    joins(&world.a, &at_a(), (&wanjiru, None, Head), 13)
        .await
        .unwrap();
    joins(&world.a, &at_a(), (&halima, Some(&wanjiru), Spouse), 14)
        .await
        .unwrap();
    joins(&world.hub, &at_b(), (&otieno, None, Head), 15)
        .await
        .unwrap();
    meet(&world, 20).await;
    assert_eq!(
        home(&world.hub, &at_b(), &halima, 30).await,
        [wanjiru.clone(), halima.clone()]
    );

    // Out of touch: one side lets her found her own household, the other moves her to Otieno.
    joins(&world.a, &at_a(), (&halima, None, Head), 40)
        .await
        .unwrap();
    joins(&world.hub, &at_b(), (&halima, Some(&otieno), Spouse), 41)
        .await
        .unwrap();
    assert_eq!(doubts(&world.a).await, []);
    meet(&world, 50).await;
    let seen = doubts(&world.hub).await;
    assert!(
        matches!(seen.as_slice(), [(Doubt::SeveralHouseholds { .. }, numbers)]
        if *numbers == [halima.clone(), otieno.clone()]),
        "{seen:?}"
    );
    assert_eq!(doubts(&world.a).await, seen);
    // Whoever moves her now ends both.
    joins(&world.a, &at_a(), (&halima, Some(&otieno), Spouse), 60)
        .await
        .unwrap();
    meet(&world, 70).await;
    for store in [&world.hub, &world.a] {
        assert_eq!(doubts(store).await, []);
        let report = store.check(true).unwrap();
        assert!(report.is_sound(), "{report:?}");
    }
    assert_eq!(
        home(&world.hub, &at_b(), &halima, 80).await,
        [otieno.clone(), halima.clone()]
    );
    assert_eq!(home(&world.hub, &at_b(), &wanjiru, 80).await, [wanjiru]);

    // The same words again write nothing; two heads made apart are a doubt, too.
    let before = crate::world::frontier(&world.a).await;
    let again = (halima.as_str(), Some(otieno.as_str()), Spouse);
    command_writes_only_its_read(&world.a, again, &before).await;
    let rehema = registered(&world.hub, &at_b(), 3, 90).await;
    joins(&world.a, &at_a(), (&halima, Some(&otieno), Head), 91)
        .await
        .unwrap();
    joins(&world.hub, &at_b(), (&rehema, Some(&otieno), Head), 92)
        .await
        .unwrap();
    meet(&world, 100).await;
    let heads = doubts(&world.hub).await;
    let [(Doubt::SeveralHeads { .. }, numbers)] = heads.as_slice() else {
        panic!("not two heads: {heads:?}");
    };
    assert_eq!(numbers.len(), 2);
    assert!(numbers.contains(&halima) && numbers.contains(&rehema));
}

/// Joining where one lives already adds nothing to the registration lane.
async fn command_writes_only_its_read(
    store: &SqliteStore,
    join: (&str, Option<&str>, HouseholdRole),
    before: &[node_core::query::ChainHead],
) {
    joins(store, &at_a(), join, 85).await.unwrap();
    let lane = |heads: &[node_core::query::ChainHead]| {
        let own = heads
            .iter()
            .filter(|head| head.chain.scope.lane() == Some(sync_core::Lane::Registration));
        own.map(|head| (head.chain, head.seq)).collect::<Vec<_>>()
    };
    let after = crate::world::frontier(store).await;
    assert_eq!(lane(&after), lane(before));
}

/// M3 on real stores: once a month for everybody who is one, however they became one.
#[tokio::test]
async fn people_who_are_one_are_paid_once_a_month() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path()).await;
    let wanjiru = registered(&world.a, &at_a(), 0, 10).await;
    let halima = registered(&world.a, &at_a(), 1, 11).await;
    let otieno = registered(&world.b, &at_b(), 2, 12).await;
    let rehema = registered(&world.b, &at_b(), 3, 13).await;
    joins(&world.a, &at_a(), (&wanjiru, None, Head), 14)
        .await
        .unwrap();
    joins(&world.a, &at_a(), (&halima, Some(&wanjiru), Spouse), 15)
        .await
        .unwrap();
    joins(&world.b, &at_b(), (&otieno, None, Head), 16)
        .await
        .unwrap();
    joins(&world.b, &at_b(), (&rehema, None, Head), 17)
        .await
        .unwrap();
    meet(&world, 20).await;
    let hub = &world.hub;

    assert_eq!(
        pay(&world.a, &wanjiru, 30).await,
        Err("reject-ask-hub".to_owned())
    );
    assert_eq!(pay(hub, &wanjiru, 31).await, Ok(()));
    assert_eq!(pay(hub, &halima, 32).await, Err("reject-given".to_owned()));
    // A month later both may ask again; here the first one does.
    let month = 31 * 24 * 3_600;
    assert_eq!(pay(hub, &halima, month).await, Ok(()));
    assert_eq!(
        pay(hub, &wanjiru, month + 1).await,
        Err("reject-given".to_owned())
    );

    // An officer says that Otieno's household is Halima's, and takes it back.
    let link = |same| Command::LinkHouseholds {
        programme: CASH.to_owned(),
        persons: [otieno.clone(), halima.clone()],
        same,
        reason: "one roof".to_owned(),
    };
    let not_here = command(&world.a, &officer(), link(true), month + 2).await;
    assert!(matches!(not_here, Err(rejection) if rejection.text == "reject-not-allowed"));
    let by_worker = command(hub, &at_a(), link(true), month + 2).await;
    assert!(matches!(by_worker, Err(rejection) if rejection.text == "reject-not-allowed"));
    command(hub, &officer(), link(true), month + 3)
        .await
        .unwrap();
    command(hub, &officer(), link(true), month + 3)
        .await
        .unwrap();
    assert_eq!(
        pay(hub, &otieno, month + 4).await,
        Err("reject-given".to_owned())
    );
    command(hub, &officer(), link(false), month + 5)
        .await
        .unwrap();
    let twice = command(hub, &officer(), link(false), month + 5).await;
    assert!(matches!(twice, Err(rejection) if rejection.text == "reject-not-joined"));
    assert_eq!(pay(hub, &otieno, month + 6).await, Ok(()));

    // Rehema, whom nobody joined, is paid: the control of all refusals above.
    assert_eq!(pay(hub, &rehema, month + 7).await, Ok(()));
    meet(&world, month + 10).await;
    for store in [&world.hub, &world.a, &world.b] {
        let report = store.check(true).unwrap();
        assert!(report.is_sound(), "{report:?}");
    }
}

/// Captured twice, and paid in both names before anybody knew: what was paid stays and counts.
#[tokio::test]
async fn what_two_captures_of_one_person_got_counts_for_both() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path()).await;
    let first = registered(&world.a, &at_a(), 0, 10).await;
    let second = registered(&world.b, &at_b(), 0, 11).await;
    joins(&world.a, &at_a(), (&first, None, Head), 12)
        .await
        .unwrap();
    joins(&world.b, &at_b(), (&second, None, Head), 13)
        .await
        .unwrap();
    meet(&world, 20).await;
    let hub = &world.hub;
    let [pair] = matches(hub).await.try_into().unwrap();
    let decide = Command::DecideMatch {
        number: pair.number,
        same: true,
        reason: "one paper".to_owned(),
    };
    let [of_second, of_first] = entries(hub, &first, 29).await.try_into().unwrap();
    assert_eq!(pay_for(hub, &of_first, 30).await, Ok(()));
    command(hub, &officer(), decide, 40).await.unwrap();
    let given = Err("reject-given".to_owned());
    assert_eq!(pay_for(hub, &of_second, 41).await, given);
    let part = Command::PartPersons {
        pair: pair.pair,
        reason: "two papers".to_owned(),
    };
    command(hub, &officer(), part, 50).await.unwrap();
    // Parted again, the other one has had nothing.
    assert_eq!(pay_for(hub, &of_second, 51).await, Ok(()));
    assert_eq!(pay_for(hub, &of_first, 52).await, given);
}

#[tokio::test]
async fn an_erased_person_leaves_her_household() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path()).await;
    let wanjiru = registered(&world.a, &at_a(), 0, 10).await;
    let halima = registered(&world.a, &at_a(), 1, 11).await;
    joins(&world.a, &at_a(), (&halima, None, Head), 12)
        .await
        .unwrap();
    joins(&world.a, &at_a(), (&wanjiru, Some(&halima), Spouse), 13)
        .await
        .unwrap();
    let ask = Command::AskErasure {
        number: Some(halima.clone()),
    };
    command(&world.a, &at_a(), ask, 15).await.unwrap();
    meet(&world, 20).await;
    assert_eq!(
        home(&world.hub, &at_b(), &wanjiru, 25).await,
        [halima.clone(), wanjiru.clone()]
    );
    for (index, (role, phone)) in (3..).zip([
        (Role::Officer, "+254700000071"),
        (Role::Administrator, "+254700000072"),
    ]) {
        let granted = RoleGrant {
            role,
            ..grant(phone)
        };
        command(
            &world.hub,
            &administrator(),
            Command::GrantRole(granted),
            30,
        )
        .await
        .unwrap();
        let approver = Principal {
            role,
            ..worker(phone, index)
        };
        let order = Command::ApproveErasure {
            number: halima.clone(),
            reason: "asked".to_owned(),
        };
        command(&world.hub, &approver, order, 31).await.unwrap();
    }
    meet(&world, 40).await;
    for (store, who) in [(&world.a, at_a()), (&world.hub, at_b())] {
        assert_eq!(
            home(store, &who, &wanjiru, 50).await,
            *std::slice::from_ref(&wanjiru)
        );
        assert!(store.check(true).unwrap().is_sound());
    }
}

#[tokio::test]
async fn wrong_orders_about_households_say_what_is_wrong_and_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path()).await;
    let wanjiru = registered(&world.a, &at_a(), 0, 10).await;
    let halima = registered(&world.a, &at_a(), 1, 11).await;
    let citizen = Principal {
        role: Role::Citizen,
        author: 0,
        ..at_a()
    };
    let before = crate::world::frontier(&world.a).await;
    let cases = [
        (at_a(), "7294058630", None, Head, "reject-no-person"),
        (
            at_a(),
            wanjiru.as_str(),
            None,
            Spouse,
            "reject-no-household",
        ),
        (
            at_a(),
            wanjiru.as_str(),
            Some(halima.as_str()),
            Spouse,
            "reject-no-household",
        ),
        (
            at_a(),
            wanjiru.as_str(),
            Some("7294058630"),
            Spouse,
            "reject-no-person",
        ),
        (citizen, wanjiru.as_str(), None, Head, "reject-not-allowed"),
    ];
    for (who, person, with, role, text) in cases {
        let refused = joins(&world.a, &who, (person, with, role), 20).await;
        assert!(
            matches!(&refused, Err(rejection) if rejection.text == text),
            "{text} {refused:?}"
        );
    }
    let leave = Command::LeaveHousehold {
        programme: CASH.to_owned(),
        person: wanjiru.clone(),
    };
    let refused = command(&world.a, &at_a(), leave, 21).await;
    assert!(matches!(refused, Err(rejection) if rejection.text == "reject-no-household"));
    let unchanged = crate::world::frontier(&world.a).await;
    assert_eq!(unchanged, before);
}
