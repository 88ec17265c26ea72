//! Two workers on one node: what one of them captured stays hers, whoever calls when it leaves.

use node_core::command::{Command, EventDraft, SubjectName};
use node_core::role::Principal;
use node_store::{HubStore, SqliteStore};

use crate::world::{
    AREA, WORKER_A, WORKER_B, command, counts, register, registrations, sqlite_of, sync, worker,
};

/// How many entries a worker's own list has, and the name of the first event on it.
async fn entries(store: &SqliteStore, who: &Principal, second: i64) -> (String, String, String) {
    let told = command(store, who, Command::ShowMyEntries, second).await;
    let values = told.unwrap().values;
    let value = |name: &str| values.get(name).cloned().unwrap_or_default();
    (
        value("entries_count"),
        value("registrations"),
        value("entries_code_1"),
    )
}

async fn work<S: HubStore>(store: &S, who: &Principal, second: i64) -> String {
    let told = command(store, who, Command::ShowMyWork, second).await;
    told.unwrap().values["total"].clone()
}

/// Field failure 8: B never sees or sends what A did; A stays the author whoever is there.
#[tokio::test]
async fn outbox_of_one_user_is_invisible_to_another() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite_of(crate::year::programmes(), folder.path()).await;
    let (a, b) = (worker(WORKER_A, 1), worker(WORKER_B, 2));
    let node = &world.a;
    let child = register(node, WORKER_A, 1, 10).await.values["child_number"].clone();
    let shot = Command::RecordEvent {
        event: EventDraft {
            programme: "maternal-child".to_owned(),
            programme_version: 1,
            code: "shot".to_owned(),
            fields: [("child_place_of_birth".to_owned(), "six".to_owned())].into(),
        },
        subject: SubjectName::Number(child),
        refers: None,
        replaces: None,
        consent: None,
    };
    command(node, &a, shot, 11).await.unwrap();
    // A begins a dialogue and puts the phone down; B dials on her own.
    let first = crate::conversation::dial(node, WORKER_A, 12).await;
    assert_eq!(crate::conversation::dial(node, WORKER_B, 13).await, first);
    let (count, registered, entry) = entries(node, &a, 14).await;
    assert_eq!((count.as_str(), registered.as_str()), ("2", "1"));
    assert_eq!(work(node, &a, 14).await, "1");
    let (count, registered, none) = entries(node, &b, 15).await;
    assert_eq!((count.as_str(), registered.as_str()), ("0", "0"));
    assert_eq!(
        (none.as_str(), work(node, &b, 15).await.as_str()),
        ("", "0")
    );
    // Nor may she take it back, if she learns its name.
    let withdraw = Command::WithdrawEntry {
        entry: entry.clone(),
    };
    let refused = command(node, &b, withdraw.clone(), 16).await;
    assert_eq!(refused.unwrap_err().text, "reject-no-entry");
    // B works on, and the node meets its hub: each entry has its author there.
    register(node, WORKER_B, 2, 17).await;
    sync(node, &world.hub, 20).await;
    assert_eq!(counts(node).await.not_carried, 0);
    for store in [node, &world.hub] {
        let mut authors: Vec<_> = registrations(store).await;
        authors.sort_by_key(|row| row.captured_at);
        let authors: Vec<_> = authors.iter().map(|row| row.author).collect();
        assert_eq!(authors, [(AREA, 1), (AREA, 2)]);
    }
    // The control: she herself takes it back.
    command(node, &a, withdraw, 21).await.unwrap();
    assert_eq!(entries(node, &a, 22).await.0, "1");
}
