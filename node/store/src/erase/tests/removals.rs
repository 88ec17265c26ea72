//! What a hub asks of a Building Block after an erasure: once confirmed nothing is kept of it, and
//! no write that was under way leaves a record behind.

use std::collections::BTreeSet;

use node_core::removal::{LATE_WRITE_MS, RemovalOutcome, RemovalRow, RemovalState};
use node_core::turn::{Claim, ClaimKind, EffectOutcome, Finish};

use super::*;
use crate::world::{claim_effects, finish_effect};

const THEIRS: &str = "FAMILY zuri/mwemba 7";
const DAY: i64 = LATE_WRITE_MS / 1_000;

/// A removal as the projector gets it.
struct Asked {
    request_id: String,
    records: Vec<String>,
}

async fn claim(hub: &SqliteStore, second: i64) -> Vec<Asked> {
    let kind = ClaimKind::Removals {
        upstream: "registries".to_owned(),
    };
    let claims = hub.claim(kind, 100, at(second)).await.unwrap();
    let asked = claims.into_iter().map(|claim| match claim {
        Claim::Removal {
            request_id,
            records,
            ..
        } => Asked {
            request_id,
            records: records.into_iter().map(|id| id.0).collect(),
        },
        other => panic!("{other:?}"),
    });
    asked.collect()
}

async fn finish(hub: &SqliteStore, request_id: &str, outcome: RemovalOutcome, second: i64) {
    let finish = Finish::Removal {
        request_id: request_id.to_owned(),
        outcome,
    };
    hub.finish(finish, at(second)).await.unwrap();
}

async fn open_removals(hub: &SqliteStore) -> Vec<RemovalRow> {
    match hub.query(Query::OpenRemovals { limit: 500 }).await.unwrap() {
        Answer::Removals(rows) => rows,
        other => panic!("{other:?}"),
    }
}

async fn is_held(hub: &SqliteStore, request_id: &str) -> bool {
    let request_id = request_id.to_owned();
    let answer = hub.query(Query::EffectHeld { request_id }).await.unwrap();
    answer == Answer::EffectHeld(true)
}

/// The effect of the planted family, by the value in its body, leased at this moment.
async fn effect(hub: &SqliteStore, second: i64) -> String {
    let of = |claim| match claim {
        Claim::Effect {
            request_id, body, ..
        } if body.0.contains("ID000007") => Some(request_id),
        _ => None,
    };
    let claims = claim_effects(hub, second).await;
    claims.into_iter().find_map(of).unwrap()
}

async fn keys_of_removals(hub: &SqliteStore) -> i64 {
    stopped(hub, 0, |tx| {
        let sql = "SELECT count(*) FROM data_key WHERE kind = 4";
        Ok(tx.db.query_row(sql, [], |row| row.get(0))?)
    })
    .await
}

fn accepted(theirs: &str) -> EffectOutcome {
    EffectOutcome::Accepted {
        registry_id: theirs.to_owned(),
    }
}

#[tokio::test]
async fn the_id_that_the_registry_gave_is_kept_sealed_and_only_until_the_record_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let world = staffed(folder.path()).await;
    let World { hub, a, .. } = &world;
    let planted = plant(a).await;
    sync(a, hub, 40).await;
    let request = effect(hub, 41).await;
    finish_effect(hub, &request, accepted(THEIRS), 42).await;
    erase(hub, &planted, 50).await;

    let asked = claim(hub, 60).await.remove(0);
    let ours = asked.records[1].clone();
    assert_eq!(asked.records, [THEIRS.to_owned(), ours.clone()]);
    assert_eq!(ours.len(), 36);
    let rows = open_removals(hub).await;
    assert_eq!((rows[0].state, rows[0].looks), (RemovalState::Asked, 1));
    assert_eq!(rows[0].person, planted.mother);
    // Until then it is there to ask with, and its key is the only way to it.
    let theirs = [THEIRS.to_owned()];
    assert_eq!(left_in(&opened(hub).await, &theirs), theirs);
    assert_eq!(keys_of_removals(hub).await, 1);
    // No answer, no entry, "later": asked again with the same id, after a while.
    finish(hub, &asked.request_id, RemovalOutcome::Unknown, 61).await;
    finish(hub, &asked.request_id, RemovalOutcome::Gone, 61).await;
    assert!(
        claim(hub, 61).await.is_empty(),
        "a report of nothing asked ends nothing"
    );
    let again = claim(hub, 70).await.remove(0);
    assert_eq!(again.request_id, asked.request_id);
    let later = RemovalOutcome::TryLater { after_s: 3_600 };
    finish(hub, &asked.request_id, later, 71).await;
    assert!(claim(hub, 3_600).await.is_empty());
    // A claim that nobody finished is due again.
    assert_eq!(claim(hub, 3_800).await.len(), 1);
    assert_eq!(claim(hub, 4_000).await.len(), 1);
    for _ in 0..2 {
        finish(hub, &asked.request_id, RemovalOutcome::Gone, 4_001).await;
    }
    assert!(open_removals(hub).await.is_empty() && claim(hub, 9 * DAY).await.is_empty());
    assert_eq!(keys_of_removals(hub).await, 0);
    assert_eq!(left_in(&opened(hub).await, &theirs), Vec::<String>::new());
    check_sound(hub);
    let (data, keys) = (folder.path().join("copy"), folder.path().join("keys"));
    hub.backup(&data, &keys).unwrap();
    drop(world);
    let mut values = planted.values.clone();
    values.push(THEIRS.to_owned());
    let hub_files = folder.path().join("hub");
    for files in [&hub_files, &data, &keys] {
        assert_eq!(in_files(files, &values), Vec::<String>::new());
    }
    // The control of the search.
    fs::write(data.join("planted"), THEIRS).unwrap();
    assert_eq!(in_files(&data, &values), theirs);
}

/// A registry to which a write may come late: removals are carried out on it as they are claimed.
async fn ask(hub: &SqliteStore, registry: &mut BTreeSet<String>, second: i64) -> usize {
    let claims = claim(hub, second).await;
    for asked in &claims {
        for record in &asked.records {
            registry.remove(record);
        }
        finish(hub, &asked.request_id, RemovalOutcome::Gone, second).await;
    }
    claims.len()
}

/// Erases while a write is under way; the hub, and the id that the write gives to its record.
async fn erased_under_a_write(folder: &Path) -> (World<SqliteStore>, String) {
    let world = staffed(folder).await;
    let World { hub, a, .. } = &world;
    let planted = plant(a).await;
    sync(a, hub, 40).await;
    let request = effect(hub, 45).await;
    let before = is_held(hub, &request).await;
    erase(hub, &planted, 50).await;
    // The projector drops what it has claimed and not sent.
    assert_eq!((before, is_held(hub, &request).await), (true, false));
    assert!(claim(hub, 51).await.is_empty(), "the write's lease runs");
    let ours = claim(hub, 110).await.remove(0).records.remove(0);
    (world, ours)
}

/// What is left at the registry when the write lands after its record was removed the first time
/// and nobody tells us, and whether the hub still waits.
async fn write_lands_late(looks: Option<i64>) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let (World { hub, .. }, ours) = &erased_under_a_write(folder.path()).await;
    let set = move |tx: &Tx<'_>| {
        let sql = "UPDATE removal SET looks = coalesce(?1, looks)";
        Ok(tx.db.execute(sql, [looks])?)
    };
    stopped(hub, 120, set).await;
    let mut registry = BTreeSet::new();
    let first = ask(hub, &mut registry, 300).await;
    registry.insert(ours.clone());
    let early = ask(hub, &mut registry, 290 + DAY).await;
    assert_eq!((first, early), (1, 0));
    ask(hub, &mut registry, 301 + DAY).await;
    (registry.len(), open_removals(hub).await.len())
}

#[tokio::test]
async fn a_write_that_lands_after_the_removal_is_removed_as_well() {
    assert_eq!(write_lands_late(None).await, (0, 0));
    // The control: with one look the record stays.
    assert_eq!(write_lands_late(Some(1)).await, (1, 0));
}

#[tokio::test]
async fn an_answer_to_a_write_that_comes_after_the_erasure_opens_its_removal_again() {
    let folder = tempfile::tempdir().unwrap();
    let world = staffed(folder.path()).await;
    let World { hub, a, .. } = &world;
    let planted = plant(a).await;
    sync(a, hub, 40).await;
    let request = effect(hub, 45).await;
    erase(hub, &planted, 50).await;
    let mut registry = BTreeSet::new();
    assert_eq!(ask(hub, &mut registry, 110).await, 1);
    assert_eq!(ask(hub, &mut registry, 111 + DAY).await, 1);
    assert!(open_removals(hub).await.is_empty());
    registry.insert(THEIRS.to_owned());
    finish_effect(hub, &request, accepted(THEIRS), 200 + DAY).await;
    assert!(registrations(hub).await.len() == 1, "nobody came back");
    assert_eq!(ask(hub, &mut registry, 201 + DAY).await, 1);
    assert!(registry.is_empty());
    assert_eq!(ask(hub, &mut registry, 202 + 2 * DAY).await, 1);
    assert!(open_removals(hub).await.is_empty());
    assert_eq!(keys_of_removals(hub).await, 0);
}

#[tokio::test]
async fn what_was_never_sent_needs_no_removal_and_is_never_sent() {
    let folder = tempfile::tempdir().unwrap();
    let world = staffed(folder.path()).await;
    let World { hub, a, .. } = &world;
    let planted = plant(a).await;
    sync(a, hub, 40).await;
    erase(hub, &planted, 50).await;
    assert!(open_removals(hub).await.is_empty());
    let bodies: Vec<String> = claim_effects(hub, 60)
        .await
        .into_iter()
        .filter_map(|claim| match claim {
            Claim::Effect { body, .. } => Some(body.0),
            _ => None,
        })
        .collect();
    // The other family goes as before; a projector that comes late finds nothing of hers.
    assert_eq!(bodies.len(), 1);
    assert!(!bodies[0].contains("ID000007"), "{bodies:?}");
    // Nodes plan nothing: they have no Building Block.
    sync(a, hub, 70).await;
    assert!(!person(a, planted.mother).await);
    assert!(open_removals(a).await.is_empty());
}
