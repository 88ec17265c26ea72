//! A registration is taken back: nobody finds its people any more, whatever was under way, and those
//! about whom something else counts are found again.

use node_core::command::{Command, EventDraft, SubjectName};
use node_core::duplicate::find::Question;
use node_core::query::{Answer, Query};
use node_core::status::Status;
use node_core::turn::{Claim, EffectOutcome};
use node_store::{HubStore, SqliteStore};

use crate::world::{
    WORKER_A, WORKER_B, claim_effects, command, finish_effect, phone, register, registrations,
    sqlite, sync, worker,
};

/// How many people are found under the number of mother `n`.
async fn found(store: &SqliteStore, n: u32, second: i64) -> String {
    let question = Question {
        phone: Some(phone(n)),
        ..Question::default()
    };
    let who = worker(WORKER_A, 1);
    let found = command(store, &who, Command::FindPerson(question), second).await;
    found.unwrap().values["found_count"].clone()
}

/// The worker takes back what stands first on her list.
async fn take_back(store: &SqliteStore, second: i64) {
    let who = worker(WORKER_A, 1);
    let list = command(store, &who, Command::ShowMyEntries, second).await;
    let entry = list.unwrap().values["entries_code_1"].clone();
    let back = Command::WithdrawEntry { entry };
    command(store, &who, back, second).await.unwrap();
}

async fn statuses(store: &SqliteStore) -> Vec<Status> {
    let mut rows = registrations(store).await;
    rows.sort_by_key(|row| row.captured_at);
    rows.into_iter().map(|row| row.status).collect()
}

fn check_sound(stores: [&SqliteStore; 2]) {
    for store in stores {
        let report = store.check(true).unwrap();
        assert!(report.is_sound(), "{report}");
    }
}

#[tokio::test]
async fn its_people_are_found_by_nobody_and_others_are() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    register(&world.a, WORKER_A, 1, 10).await;
    register(&world.a, WORKER_A, 2, 20).await;
    assert_eq!(found(&world.a, 2, 21).await, "1");
    take_back(&world.a, 30).await;
    for (n, count) in [(1, "1"), (2, "0")] {
        assert_eq!(found(&world.a, n, 31).await, count, "{n}");
    }
    sync(&world.a, &world.hub, 40).await;
    for store in [&world.a, &world.hub] {
        assert_eq!(statuses(store).await, [Status::Carried, Status::Withdrawn]);
    }
    for (n, count) in [(1, "1"), (2, "0")] {
        assert_eq!(found(&world.hub, n, 41).await, count, "{n}");
    }
    assert_eq!(claim_effects(&world.hub, 50).await.len(), 1);
    check_sound([&world.a, &world.hub]);
}

#[tokio::test]
async fn what_was_on_its_way_to_the_registry_is_removed_there() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    register(&world.a, WORKER_A, 1, 10).await;
    sync(&world.a, &world.hub, 20).await;
    let claims = claim_effects(&world.hub, 30).await;
    let [Claim::Effect { request_id, .. }] = claims.as_slice() else {
        panic!("not one effect: {claims:?}");
    };
    take_back(&world.a, 40).await;
    sync(&world.a, &world.hub, 50).await;
    let accepted = EffectOutcome::Accepted {
        registry_id: "R0".to_owned(),
    };
    finish_effect(&world.hub, request_id, accepted, 60).await;
    assert_eq!(statuses(&world.hub).await, [Status::Withdrawn]);
    let open = Query::OpenRemovals { limit: 10 };
    let Answer::Removals(open) = world.hub.query(open).await.unwrap() else {
        panic!("no removals");
    };
    assert_eq!(open.len(), 1, "its record is to be removed");
    assert!(claim_effects(&world.hub, 900).await.is_empty());
    check_sound([&world.a, &world.hub]);
}

#[tokio::test]
async fn a_mother_about_whom_something_else_counts_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let number = register(&world.a, WORKER_A, 1, 10).await.values["mother_number"].clone();
    sync(&world.a, &world.hub, 20).await;
    // Somebody else writes about her where nobody knows that she is taken back.
    let birth = Command::RecordEvent {
        event: EventDraft {
            programme: "maternal-child".to_owned(),
            programme_version: 1,
            code: "birth".to_owned(),
            fields: [("birth_day".to_owned(), "2026-03-02".to_owned())].into(),
        },
        subject: SubjectName::Number(number),
        refers: None,
        replaces: None,
        consent: None,
    };
    let other = worker(WORKER_B, 2);
    let event = command(&world.hub, &other, birth, 30).await.unwrap();
    take_back(&world.a, 40).await;
    assert_eq!(found(&world.a, 1, 41).await, "0");
    sync(&world.a, &world.hub, 50).await;
    for store in [&world.a, &world.hub] {
        assert_eq!(found(store, 1, 51).await, "1");
    }
    let back = Command::WithdrawEntry {
        entry: event.values["event"].clone(),
    };
    command(&world.hub, &other, back, 60).await.unwrap();
    sync(&world.a, &world.hub, 70).await;
    for store in [&world.a, &world.hub] {
        assert_eq!(found(store, 1, 71).await, "0");
    }
    check_sound([&world.a, &world.hub]);
}
