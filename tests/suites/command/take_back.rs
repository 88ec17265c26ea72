//! `outpost hub take-back` as an officer uses it, and who may not.

use std::path::Path;

use node_core::command::Command;
use node_core::person::Field;
use node_core::query::{Answer, Query};
use node_core::status::Status;
use node_store::{HubStore, SqliteStore};
use tempfile::TempDir;
use tests::office;

use super::publish::SETTINGS;
use crate::{shell, text};

const OFFICER: &str = "+256770000009";

async fn hub(folder: &Path, order: &str) -> Result<String, String> {
    let line = format!("outpost hub --config hub.toml {order}");
    let output = shell(&line, folder, "").await;
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

async fn statuses(store: &SqliteStore) -> Vec<Status> {
    let asked = store.query(Query::Registrations { limit: 10 }).await;
    let Ok(Answer::Registrations(rows)) = asked else {
        panic!("no registrations");
    };
    rows.into_iter().map(|row| row.status).collect()
}

#[tokio::test]
async fn an_officer_takes_a_registration_back_and_nobody_else_does() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    let (store, mother) = office::open(folder).await;
    let mut other = office::family();
    if let Command::RegisterPair { mother, .. } = &mut other {
        mother.set(Field::GivenName, "Halima");
        mother.set(Field::BirthDate, "1974");
    }
    let child = office::as_worker(&store, other).await["child_number"].clone();
    let repeat = office::as_worker(&store, office::family()).await["child_number"].clone();
    drop(store);
    let settings = SETTINGS.replace("FOLDER", &folder.display().to_string());
    std::fs::write(folder.join("hub.toml"), settings).expect("a file");
    let order = |number: &str| format!("take-back --number {number} --by {OFFICER}");
    let refused = |answer: Result<String, String>, what: &str| {
        let why = answer.expect_err("refused");
        assert!(why.contains(what), "{why}");
    };
    refused(hub(folder, &order(&child)).await, "reject-not-allowed");
    let grant = format!("grant --role officer --phone {OFFICER} --area north --name Officer");
    hub(folder, &grant).await.expect("a grant");
    // A mother's number names no registration, nor does one that nobody has.
    for number in [mother.as_str(), "7294058630"] {
        refused(hub(folder, &order(number)).await, "reject-no-entry");
    }
    // One that repeats another exactly has a question open, which its worker answers.
    refused(hub(folder, &order(&repeat)).await, "reject-entry-left");
    let told = hub(folder, &order(&child)).await.expect("taken back");
    assert!(told.starts_with("taken back; "), "{told}");
    refused(hub(folder, &order(&child)).await, "reject-no-entry");
    let store = office::reopen(folder);
    let withdrawn = |status: &Status| *status == Status::Withdrawn;
    let of = statuses(&store).await;
    assert_eq!(
        (of.len(), of.iter().filter(|one| withdrawn(one)).count()),
        (3, 1)
    );
}
