//! `outpost message` as an operator uses it: a list, a preview, a start, a pause, the state of
//! messages, and a refusal for a question that names none.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use node_core::programme;
use node_store::{SqliteStore, StoreConfig};
use serde_json::Value;
use tempfile::TempDir;

use crate::{shell, text};

fn make_store(folder: &Path) {
    let store = SqliteStore::open(StoreConfig {
        folder: folder.join("data"),
        name: "office".to_owned(),
        is_hub: false,
        villages: Arc::default(),
        country: "UG".to_owned(),
        language: "en".to_owned(),
        sender: "384".to_owned(),
        staff_pin_hours: 0,
        programmes: Arc::new(programme::usual().expect("programmes")),
    });
    drop(store.expect("a store"));
}

async fn succeed(folder: &Path, line: &str) -> String {
    let output = shell(&format!("outpost message --data data {line}"), folder, "").await;
    let printed = text(&output.stdout);
    assert!(
        output.status.success(),
        "{line}: {printed}{}",
        text(&output.stderr)
    );
    printed
}

async fn fail(folder: &Path, line: &str, wanted: &str) {
    let output = shell(&format!("outpost message --data data {line}"), folder, "").await;
    let told = text(&output.stderr);
    assert!(!output.status.success() && told.contains(wanted), "{told}");
    assert_eq!(told.lines().count(), 2, "{told}");
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[tokio::test]
async fn an_operator_prepares_starts_pauses_and_ends_a_broadcast() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    make_store(folder);
    let mut list = String::from("not a number\n");
    for n in 0..2_500 {
        // Some stand twice.
        writeln!(list, "+25677{:07}", n % 2_400).expect("memory");
    }
    std::fs::write(folder.join("people.txt"), list).expect("a list");
    let told = succeed(
        folder,
        "broadcast --text 'Closed on Friday.' --list people.txt",
    )
    .await;
    assert!(told.contains("1 of 2501 lines hold no number"), "{told}");
    assert!(
        told.contains("2400 people, 1 part each, 2400 parts"),
        "{told}"
    );
    fail(folder, "start 1 --parts 2399", "2400 parts").await;
    succeed(folder, "start 1 --parts 2400").await;
    succeed(folder, "pause 1").await;
    let rows = json(&succeed(folder, "--json broadcasts").await);
    assert_eq!(rows[0]["state"], "paused");
    assert_eq!(rows[0]["preview"]["parts"], 2_400);
    succeed(folder, "resume 1").await;
    succeed(folder, "cancel 1").await;
    fail(folder, "resume 1", "not in a state").await;
    let long = "x".repeat(5_000);
    let line = format!("broadcast --text {long} --list people.txt");
    fail(folder, &line, "parts").await;
}

#[tokio::test]
async fn a_question_that_names_no_message_is_a_failure_and_not_an_empty_answer() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    make_store(folder);
    let due = "--plan visit --due 2036-03-14T06:00:00Z --text Come";
    succeed(folder, &format!("remind --to +256770000001 {due}")).await;
    let queued = json(&succeed(folder, "--json list --state queued").await);
    assert_eq!(queued[0]["to"], "..0001");
    let id = queued[0]["id"].as_str().expect("an id").to_owned();
    fail(folder, "status", "no message id was given").await;
    fail(
        folder,
        &format!("status {}", "0".repeat(32)),
        "1 of the messages",
    )
    .await;
    fail(folder, "status 12", "32 hex digits").await;
    let told = succeed(folder, &format!("status {id}")).await;
    assert!(told.contains("queued"), "{told}");
    succeed(folder, &format!("hold {id}")).await;
    let held = succeed(folder, "list").await;
    assert!(held.contains("kept by the operator"), "{held}");
    succeed(folder, &format!("cancel {id}")).await;
    fail(folder, "list --state lost", "states are").await;
    assert_eq!(succeed(folder, "inbox").await, "none\n");
}
