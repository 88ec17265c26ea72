//! A store whose files were set back notices it before it writes; one that was not, does not.

use std::path::{Path, PathBuf};

use sync_core::Epoch;

use super::*;
use crate::StoreConfig;
use crate::world::{
    WORKER_A, World, at, config, enrol, own, register, registrations, sqlite, sync,
};

/// A copy of the first node's files, as a card reader makes one.
fn copy(world: &World<SqliteStore>, folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let (data, keys) = (
        folder.join(format!("{name}-data")),
        folder.join(format!("{name}-keys")),
    );
    world.a.backup(&data, &keys).unwrap();
    (data, keys)
}

fn store_config(world: &World<SqliteStore>, folder: &Path, name: &str) -> StoreConfig {
    StoreConfig {
        name: "kibo".to_owned(),
        ..config(&world.programmes, folder, name)
    }
}

/// The files of a copy under a new folder, without a word to the store.
fn put_back(
    world: &World<SqliteStore>,
    folder: &Path,
    (data, keys): &(PathBuf, PathBuf),
    name: &str,
) -> SqliteStore {
    let config = store_config(world, folder, name);
    fs::create_dir(&config.folder).unwrap();
    for part in [data, keys] {
        for entry in fs::read_dir(part).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, config.folder.join(path.file_name().unwrap())).unwrap();
        }
    }
    SqliteStore::open(config).unwrap()
}

async fn start(store: &SqliteStore, anchor: &Path) -> Anchored {
    store.drop_anchor(anchor, at(60)).await.unwrap()
}

async fn life(store: &SqliteStore) -> (Epoch, bool) {
    let own = own(store).await;
    (own.epoch, own.certified)
}

#[tokio::test]
async fn a_store_that_goes_on_keeps_its_life() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let anchor = folder.path().join("anchor");
    let before = life(&world.a).await;
    assert_eq!(start(&world.a, &anchor).await, Anchored::First);
    for n in 0..3 {
        register(&world.a, WORKER_A, n, 70).await;
        world.a.raise_mark(&anchor).await.unwrap();
        assert_eq!(start(&world.a, &anchor).await, Anchored::Fast);
    }
    // The power went between the count here and that at the anchor.
    let old = fs::read(&anchor).unwrap();
    assert_eq!(start(&world.a, &anchor).await, Anchored::Fast);
    fs::write(&anchor, old).unwrap();
    assert_eq!(start(&world.a, &anchor).await, Anchored::Fast);
    assert_eq!(life(&world.a).await, before);
}

#[tokio::test]
async fn a_card_that_is_set_back_begins_a_new_life_before_it_writes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let world = sqlite(folder).await;
    let anchor = folder.join("anchor");
    start(&world.a, &anchor).await;
    let copied = copy(&world, folder, "card");
    register(&world.a, WORKER_A, 1, 70).await;
    sync(&world.a, &world.hub, 80).await;
    start(&world.a, &anchor).await;
    let before = life(&world.a).await.0;
    // Control: without an anchor the old life goes on.
    let blind = put_back(&world, folder, &copied, "blind");
    assert_eq!(life(&blind).await, (before, true));
    let back = put_back(&world, folder, &copied, "back");
    assert_eq!(start(&back, &anchor).await, Anchored::SetBack);
    let (epoch, certified) = life(&back).await;
    assert!(epoch.counter() > before.counter() && !certified);
    assert_eq!(start(&back, &anchor).await, Anchored::Fast, "noticed once");
    // What it writes and what it had written arrive side by side.
    register(&back, WORKER_A, 2, 90).await;
    enrol(&world.hub, &back, "kibo").await;
    sync(&back, &world.hub, 100).await;
    assert_eq!(registrations(&world.hub).await.len(), 2);
    assert!(world.hub.check(true).unwrap().is_sound());
}

#[tokio::test]
async fn a_card_set_back_between_two_starts_is_known_by_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let world = sqlite(folder).await;
    let anchor = folder.join("anchor");
    start(&world.a, &anchor).await;
    let copied = copy(&world, folder, "card");
    register(&world.a, WORKER_A, 1, 70).await;
    world.a.raise_mark(&anchor).await.unwrap();
    let back = put_back(&world, folder, &copied, "back");
    assert_eq!(start(&back, &anchor).await, Anchored::SetBack);
}

#[tokio::test]
async fn the_card_of_another_board_begins_a_new_life_here() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let world = sqlite(folder).await;
    let (one, two) = (folder.join("one"), folder.join("two"));
    start(&world.a, &one).await;
    start(&world.b, &two).await;
    let before = life(&world.a).await.0;
    assert_eq!(start(&world.a, &two).await, Anchored::SetBack);
    assert!(life(&world.a).await.0.counter() > before.counter());
}

#[tokio::test]
async fn what_was_restored_as_it_should_be_begins_no_second_life() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let world = sqlite(folder).await;
    let anchor = folder.join("anchor");
    start(&world.a, &anchor).await;
    let (data, keys) = copy(&world, folder, "card");
    register(&world.a, WORKER_A, 1, 70).await;
    start(&world.a, &anchor).await;
    let config = store_config(&world, folder, "restored");
    let restored = SqliteStore::restore(&data, &keys, config, at(80)).unwrap();
    enrol(&world.hub, &restored, "kibo").await;
    let before = life(&restored).await;
    assert_eq!(start(&restored, &anchor).await, Anchored::Fast);
    assert_eq!(start(&restored, &anchor).await, Anchored::Fast);
    assert_eq!(life(&restored).await, before);
}

#[tokio::test]
async fn an_anchor_that_cannot_be_read_is_said_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let anchor = folder.path().join("anchor");
    let before = life(&world.a).await;
    for garbage in [
        &b""[..],
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    ] {
        fs::write(&anchor, garbage).unwrap();
        let refused = world.a.drop_anchor(&anchor, at(60)).await.unwrap_err();
        assert!(refused.to_string().contains("anchor"), "{refused}");
        assert_eq!(fs::read(&anchor).unwrap(), garbage);
    }
    let nowhere = folder.path().join("missing/anchor");
    let refused = world.a.drop_anchor(&nowhere, at(61)).await.unwrap_err();
    assert!(refused.to_string().contains("anchor"), "{refused}");
    assert_eq!(life(&world.a).await, before);
}

#[tokio::test]
async fn a_store_that_waits_for_its_enrolment_begins_no_further_life() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let world = sqlite(folder).await;
    let anchor = folder.join("anchor");
    start(&world.a, &anchor).await;
    let fresh = SqliteStore::open(config(&world.programmes, folder, "fresh")).unwrap();
    assert_eq!(start(&fresh, &anchor).await, Anchored::Adrift);
    assert_eq!(start(&fresh, &anchor).await, Anchored::Fast);
}

#[tokio::test]
async fn a_new_card_that_was_enrolled_takes_the_anchor_of_the_broken_one_over() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let world = sqlite(folder).await;
    let anchor = folder.join("anchor");
    start(&world.a, &anchor).await;
    register(&world.a, WORKER_A, 1, 70).await;
    start(&world.a, &anchor).await;
    // The card broke; a new one is enrolled under the old name before the program first runs on it.
    let fresh = SqliteStore::open(store_config(&world, folder, "fresh")).unwrap();
    enrol(&world.hub, &fresh, "kibo").await;
    let before = life(&fresh).await;
    assert_eq!(start(&fresh, &anchor).await, Anchored::Fast);
    assert_eq!(life(&fresh).await, before);
    // From then on it is watched like any other.
    start(&world.a, &anchor).await;
    assert!(
        life(&world.a).await.0 > before.0,
        "control: the old card is another store"
    );
}
