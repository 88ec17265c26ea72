//! Registration numbers: refilled before they run out, and given to people who had none (D1, D3).

use std::collections::BTreeSet;

use channels_core::Msisdn;
use node_core::command::{Command, Outcome};
use node_core::number;
use node_core::role::{Principal, Role};
use node_store::SqliteStore;
use tempfile::TempDir;

use crate::world::{
    CODE, WORKER_A, age, command, config, counts, finish, order, own, phone, register,
    registrations, sqlite, sync, worker,
};

fn node(scope: sync_core::Scope) -> Principal {
    Principal::system(scope, "en")
}

/// Registers some pairs; every number in them was never seen before.
async fn capture(store: &SqliteStore, pairs: core::ops::Range<u32>, seen: &mut BTreeSet<String>) {
    for n in pairs {
        let outcome = register(store, WORKER_A, n, 10 + i64::from(n)).await;
        for name in ["mother_number", "child_number"] {
            let digits = outcome.values[name].clone();
            assert!(number::is_valid(&digits), "{digits}");
            assert!(seen.insert(digits), "given out twice");
        }
    }
}

async fn assign(store: &SqliteStore, second: i64) -> Outcome {
    let scope = own(store).await.scopes[0];
    let done = command(store, &node(scope), Command::AssignNumbers, second).await;
    done.unwrap()
}

/// The number under which a worker finds whom a number names.
async fn opened(store: &SqliteStore, number: &str) -> String {
    let open = Command::OpenPerson {
        programme: "maternal-child".to_owned(),
        number: number.to_owned(),
    };
    let found = command(store, &worker(WORKER_A, 1), open, 900).await;
    found.unwrap().values["person"].clone()
}

/// How many lists the hub has leased to others, by its entries in the control lane.
async fn control_entries(hub: &SqliteStore) -> u32 {
    let state = own(hub).await;
    let heads = crate::world::frontier(hub).await;
    let own = heads.iter().filter(|head| head.chain.origin == state.node);
    own.filter(|head| head.chain.scope.lane() == Some(sync_core::Lane::Control))
        .map(|head| head.seq.0)
        .sum()
}

#[tokio::test]
async fn a_node_asks_for_the_next_list_before_the_last_is_used_up() {
    let folder = TempDir::new().unwrap();
    let world = sqlite(folder.path()).await;
    let mut seen = BTreeSet::new();
    let before = control_entries(&world.hub).await;
    capture(&world.a, 0..249, &mut seen).await;
    sync(&world.a, &world.hub, 600).await;
    assert_eq!(control_entries(&world.hub).await, before, "502 are left");
    capture(&world.a, 249..250, &mut seen).await;
    sync(&world.a, &world.hub, 601).await;
    assert_eq!(
        control_entries(&world.hub).await,
        before + 1,
        "500 are left"
    );
    // Beyond the first list of a thousand without another word: the second came in time.
    capture(&world.a, 250..502, &mut seen).await;
    assert!(
        seen.iter()
            .all(|digits| digits.len() == number::NUMBER_DIGITS)
    );
    for store in [&world.a, &world.hub] {
        let report = store.check(true).unwrap();
        assert!(report.is_sound(), "{report}");
    }
}

#[tokio::test]
async fn who_asks_without_registering_gets_no_more_than_two_lists() {
    let folder = TempDir::new().unwrap();
    let world = sqlite(folder.path()).await;
    let before = control_entries(&world.hub).await;
    let scope = own(&world.a).await.scopes[0];
    for second in 20..30 {
        let ask = Command::AskNumbers { left: 0 };
        command(&world.a, &node(scope), ask.clone(), second)
            .await
            .unwrap();
        let stranger = Principal {
            role: Role::Citizen,
            ..worker(WORKER_A, 0)
        };
        let refused = command(&world.a, &stranger, ask, second).await;
        assert_eq!(refused.unwrap_err().text, "reject-not-allowed");
        sync(&world.a, &world.hub, second).await;
    }
    assert_eq!(control_entries(&world.hub).await, before + 1);
}

#[tokio::test]
async fn a_slip_number_becomes_a_permanent_one_and_opens_the_record_for_ever() {
    let folder = TempDir::new().unwrap();
    let world = sqlite(folder.path()).await;
    let mut seen = BTreeSet::new();
    capture(&world.a, 1..3, &mut seen).await;
    let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
    world.a.backup(&data, &keys).unwrap();
    let mut fresh = config(&world.programmes, folder.path(), "restored");
    fresh.name = "kibo".to_owned();
    let node = SqliteStore::restore(&data, &keys, fresh, crate::world::at(30)).unwrap();
    // Two captures on the restored node, which is not certified.
    let slips = register(&node, WORKER_A, 7, 40).await.values;
    capture(&node, 8..9, &mut seen).await;
    let mother = Principal {
        role: Role::Citizen,
        phone: Some(Msisdn::parse(&phone(7)).unwrap()),
        ..worker(WORKER_A, 0)
    };
    command(&node, &mother, Command::BindNumber, 41)
        .await
        .unwrap();
    let nothing = assign(&node, 42).await;
    assert_eq!(nothing.values["assigned"], "0", "its list was dropped");
    order(&world.hub, "kibo").await;
    let request = node
        .begin_enrolment("kibo".to_owned(), CODE, age(), crate::world::at(50))
        .await
        .unwrap();
    finish(&world.hub, &node, request).await;
    let done = assign(&node, 51).await;
    assert_eq!(done.values["assigned"], "4");
    assert_eq!(
        done.values["messages"], "1",
        "one of them has a bound number"
    );
    assert_eq!(assign(&node, 52).await.values["assigned"], "0");
    sync(&node, &world.hub, 60).await;
    assert_eq!(counts(&node).await.not_carried, 0);
    for store in [&node, &world.hub] {
        for name in ["mother_number", "child_number"] {
            let old = &slips[name];
            assert_eq!(old.len(), number::LONG_NUMBER_DIGITS);
            let new = opened(store, old).await;
            assert_eq!(new.len(), number::NUMBER_DIGITS);
            assert!(!seen.contains(&new), "a number of the first life");
            assert_eq!(opened(store, &new).await, new);
        }
        let report = store.check(true).unwrap();
        assert!(report.is_sound(), "{report}");
    }
    assert_eq!(registrations(&world.hub).await.len(), 4);
}
