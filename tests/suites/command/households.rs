//! `outpost hub households` as an officer uses it: doubts, two households that are one, and back; and
//! who may not.

use std::path::Path;

use node_core::command::Command;
use node_core::household::HouseholdRole;
use node_core::person::Field;
use node_store::SqliteStore;
use tempfile::TempDir;
use tests::office;

use super::publish::SETTINGS;
use crate::{shell, text};

const OFFICER: &str = "+256770000009";

async fn hub(folder: &Path, order: &str) -> (bool, String, String) {
    let line = format!("outpost hub --config hub.toml {order}");
    let output = shell(&line, folder, "").await;
    (
        output.status.success(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// Another family, and a household for each mother.
async fn households(store: &SqliteStore, first: &str) -> String {
    let mut other = office::family();
    if let Command::RegisterPair { mother, .. } = &mut other {
        mother.set(Field::GivenName, "Halima");
        mother.set(Field::FamilyName, "Otieno");
        mother.set(Field::BirthDate, "1974");
    }
    let told = office::as_worker(store, other).await;
    let second = told["mother_number"].clone();
    for person in [first, &second] {
        let joins = Command::JoinHousehold {
            programme: "maternal-child".to_owned(),
            person: person.to_owned(),
            with: None,
            role: HouseholdRole::Head,
        };
        office::as_worker(store, joins).await;
    }
    second
}

#[tokio::test]
async fn an_officer_joins_and_parts_households_and_nobody_else_does() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    let (store, first) = office::open(folder).await;
    let second = households(&store, &first).await;
    drop(store);
    let settings = SETTINGS.replace("FOLDER", &folder.display().to_string());
    std::fs::write(folder.join("hub.toml"), settings).expect("a file");
    let of = "households --programme maternal-child";
    let (done, told, why) = hub(folder, &format!("{of} doubts")).await;
    assert!(done, "{why}");
    assert_eq!(told, "nothing to settle\n");
    let join = format!("{of} join {first} {second} --by {OFFICER} --reason 'one roof'");
    let part = format!("{of} part {first} {second} --by {OFFICER} --reason 'two roofs'");
    let refused = |(done, _, why): (bool, String, String), what: &str| {
        assert!(!done && why.contains(what), "{why}");
        assert_eq!(why.lines().count(), 2, "{why}");
    };
    refused(hub(folder, &join).await, "reject-not-allowed");
    let place = format!("--role officer --phone {OFFICER} --area north");
    let grant = format!("grant {place} --name Officer");
    let (done, _, why) = hub(folder, &grant).await;
    assert!(done, "{why}");
    refused(hub(folder, &part).await, "reject-not-joined");
    for (order, says) in [
        (&join, "one household now\n"),
        (&part, "two households now\n"),
    ] {
        let (done, told, why) = hub(folder, order).await;
        assert!(done, "{why}");
        assert_eq!(told, says);
    }
    let wrong = join.replace(&second, "7294058630");
    refused(hub(folder, &wrong).await, "reject-no-person");
    // A role that was taken back decides nothing.
    let (done, _, why) = hub(folder, &format!("revoke {place} --reason left")).await;
    assert!(done, "{why}");
    refused(hub(folder, &join).await, "reject-not-allowed");
}
