//! Enrolment: the code, its tries, repeated requests, and the life that begins.

use std::collections::BTreeSet;

use node_core::query::{Answer, Query};
use node_core::view::RegistrationRow;
use node_store::enrol::EnrolmentAnswer;
use node_store::{HubStore, SqliteStore, StoreConfig};
use sync_core::{Epoch, Lane};

use crate::world::{
    CODE, WORKER_A, World, age, at, config, counts, enrol, finish, found, frontier, order, own,
    programmes, register, registrations, sqlite, sync,
};

#[tokio::test]
async fn a_hub_that_serves_phones_leases_itself_further_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let mut seen = BTreeSet::new();
    for n in 0..150 {
        let outcome = register(&world.hub, WORKER_A, n, 10 + i64::from(n)).await;
        for name in ["mother_number", "child_number"] {
            let digits = outcome.values[name].clone();
            assert_eq!(
                digits.len(),
                10,
                "registration {n} got a provisional number"
            );
            assert!(seen.insert(digits));
        }
    }
    assert!(counts(&world.hub).await.numbers_left >= 100);
}

#[tokio::test]
async fn an_enrolled_node_has_certificate_life_and_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let programmes = programmes();
    let hub = found(&programmes, folder.path()).await;
    let node = SqliteStore::open(config(&programmes, folder.path(), "kibo")).unwrap();
    enrol(&hub, &node, "kibo").await;
    let state = own(&node).await;
    assert!(state.certified);
    assert_eq!(state.epoch, Epoch::new(1, 0));
    assert_eq!(counts(&node).await.numbers_left, 1_000);
    let heads = frontier(&node).await;
    assert_eq!(heads.len(), 1);
    assert_eq!(heads[0].chain.scope.lane(), Some(Lane::Control));
    let query = Query::Certificate {
        node: state.node,
        epoch: state.epoch,
    };
    let Answer::Bytes(Some(bytes)) = node.query(query).await.unwrap() else {
        panic!("none")
    };
    assert_eq!(state.certificate, Some(bytes));
}

#[tokio::test]
async fn the_same_request_gets_the_same_grant_and_another_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let programmes = programmes();
    let hub = found(&programmes, folder.path()).await;
    order(&hub, "kibo").await;
    let node = SqliteStore::open(config(&programmes, folder.path(), "kibo")).unwrap();
    let request = node
        .begin_enrolment("kibo".to_owned(), CODE, age(), at(1))
        .await
        .unwrap();
    let again = node
        .begin_enrolment("kibo".to_owned(), CODE, age(), at(2))
        .await
        .unwrap();
    assert_eq!(request, again);
    let first = hub.enrol(request.clone(), at(3)).await.unwrap();
    let second = hub.enrol(request.clone(), at(4)).await.unwrap();
    assert_eq!(first, second);
    let thief = SqliteStore::open(config(&programmes, folder.path(), "thief")).unwrap();
    let stolen = thief
        .begin_enrolment("kibo".to_owned(), CODE, age(), at(1))
        .await
        .unwrap();
    let refused = hub.enrol(stolen, at(5)).await.unwrap();
    assert!(matches!(refused, EnrolmentAnswer::Refused { .. }));
    finish(&hub, &node, request).await;
    assert!(own(&node).await.certified);
}

#[tokio::test]
async fn five_wrong_codes_kill_the_slot() {
    let folder = tempfile::tempdir().unwrap();
    let programmes = programmes();
    let hub = found(&programmes, folder.path()).await;
    order(&hub, "kibo").await;
    let node = SqliteStore::open(config(&programmes, folder.path(), "kibo")).unwrap();
    let wrong = node
        .begin_enrolment("kibo".to_owned(), [9; 32], age(), at(1))
        .await
        .unwrap();
    for _ in 0..5 {
        let answer = hub.enrol(wrong.clone(), at(2)).await.unwrap();
        assert!(matches!(answer, EnrolmentAnswer::Refused { .. }));
    }
    let right = node
        .begin_enrolment("kibo".to_owned(), CODE, age(), at(3))
        .await
        .unwrap();
    let EnrolmentAnswer::Refused { reason } = hub.enrol(right.clone(), at(4)).await.unwrap() else {
        panic!("a dead slot enrolled")
    };
    assert!(reason.contains("dead"), "{reason}");
    order(&hub, "kibo").await;
    let answer = hub.enrol(right, at(5)).await.unwrap();
    assert!(matches!(answer, EnrolmentAnswer::Granted(_)));
}

#[tokio::test]
async fn a_node_that_enrols_again_keeps_its_number_and_gets_a_new_life() {
    let folder = tempfile::tempdir().unwrap();
    let programmes = programmes();
    let hub = found(&programmes, folder.path()).await;
    let node = SqliteStore::open(config(&programmes, folder.path(), "kibo")).unwrap();
    enrol(&hub, &node, "kibo").await;
    let before = own(&node).await;
    enrol(&hub, &node, "kibo").await;
    let after = own(&node).await;
    assert_eq!(after.node, before.node);
    assert_eq!(after.epoch.counter(), before.epoch.counter() + 1);
    let lives = frontier(&node).await;
    assert_eq!(lives.len(), 2);
}

/// Brings the one backup of the node back into a new folder and enrols it after it has captured.
async fn comes_back(
    world: &World<SqliteStore>,
    folder: &std::path::Path,
    (name, family): (&str, u32),
) -> SqliteStore {
    let (data, keys) = (folder.join("data"), folder.join("backup-keys"));
    let config = StoreConfig {
        name: "kibo".to_owned(),
        ..config(&world.programmes, folder, name)
    };
    let node = SqliteStore::restore(&data, &keys, config, at(30)).unwrap();
    register(&node, WORKER_A, family, 31).await;
    enrol(&world.hub, &node, "kibo").await;
    node
}

#[tokio::test]
async fn what_a_board_captured_after_each_of_two_returns_of_one_backup_arrives() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let world = sqlite(folder).await;
    let backup = world
        .a
        .backup(&folder.join("data"), &folder.join("backup-keys"));
    backup.unwrap();
    for (family, name) in [(1, "first"), (2, "second"), (3, "third")] {
        let node = comes_back(&world, folder, (name, family)).await;
        assert!(node.check(true).unwrap().is_sound(), "{name}");
        for second in [40, 50] {
            sync(&node, &world.hub, second).await;
        }
        for store in [&node, &world.hub] {
            let report = store.check(true).unwrap();
            assert!(report.is_sound(), "{name}: {report}");
        }
        let here = registrations(&node).await;
        let there = registrations(&world.hub).await;
        assert_eq!(there.len(), usize::try_from(family).unwrap(), "{name}");
        let ids = |rows: &[RegistrationRow]| -> Vec<_> {
            rows.iter()
                .map(|row| (row.id, row.correlation_id.clone()))
                .collect()
        };
        let there = ids(&there);
        assert!(ids(&here).iter().all(|row| there.contains(row)), "{name}");
    }
}

#[tokio::test]
async fn a_store_without_its_key_file_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let programmes = programmes();
    drop(found(&programmes, folder.path()).await);
    std::fs::remove_file(folder.path().join("hub/keys")).unwrap();
    let refused = SqliteStore::open(config(&programmes, folder.path(), "hub")).unwrap_err();
    assert!(refused.to_string().contains("key file"), "{refused}");
}
