//! An old copy of a hub's data brings nobody back, and the hub orders again what it forgot.

use super::*;

/// Restores the hub under another name of its folder, and takes its certificate to the nodes.
async fn restored(world: &World<SqliteStore>, folder: &Path, name: &str) -> SqliteStore {
    let mut fresh = crate::world::config(&world.programmes, folder, "hub");
    fresh.folder = folder.join(name);
    let keys = folder.join("keys");
    let hub = SqliteStore::restore(&folder.join("old"), &keys, fresh, at(70)).unwrap();
    let certificate = own(&hub).await.certificate.unwrap();
    for node in [&world.a, &world.b] {
        let taken = node.commit(Turn::Certificate(certificate.clone()), at(71));
        assert_eq!(taken.await.unwrap(), Committed::Done);
    }
    hub
}

#[tokio::test]
async fn an_old_copy_of_the_data_brings_nobody_back_and_the_order_goes_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let world = staffed(folder.path()).await;
    let World { hub, a, b, .. } = &world;
    let planted = plant(a).await;
    sync(a, hub, 40).await;
    sync(b, hub, 41).await;
    let (old, keys) = (folder.path().join("old"), folder.path().join("keys"));
    hub.backup(&old, &keys).unwrap();
    let before = fs::read(keys.join("erased")).unwrap();
    erase(hub, &planted, 50).await;
    hub.backup(&folder.path().join("new"), &keys).unwrap();
    let newest = fs::read(keys.join("erased")).unwrap();

    let again = restored(&world, folder.path(), "again").await;
    assert!(!person(&again, planted.mother).await && !person(&again, planted.child).await);
    assert_eq!(
        left_in(&opened(&again).await, &planted.values),
        Vec::<String>::new()
    );
    assert_eq!(open_erasures(&again).await.len(), 2);
    check_sound(&again);
    // Neither node had heard of it: the order of the new life reaches them.
    for (node, second) in [(a, 80), (b, 82)] {
        sync(node, &again, second).await;
        sync(node, &again, second + 1).await;
        assert!(!person(node, planted.mother).await);
    }
    assert_eq!(open_erasures(&again).await, Vec::new());
    check_sound(&again);

    // The control: with the list of that day she is back.
    fs::write(keys.join("erased"), before).unwrap();
    let forgetful = restored(&world, folder.path(), "forgetful").await;
    assert!(person(&forgetful, planted.mother).await);
    assert!(left_in(&opened(&forgetful).await, &planted.values).len() >= 18);

    // A list that is cut, of another version or missing restores nothing.
    let wrong = [&newest[..newest.len() - 1], &[9, 0], &[]];
    let folder = folder.path();
    let restore = |name: &str| {
        let mut fresh = crate::world::config(&world.programmes, folder, "hub");
        fresh.folder = folder.join(name);
        let refused = SqliteStore::restore(&folder.join("old"), &keys, fresh, at(70));
        assert!(!folder.join(name).exists());
        refused.unwrap_err().to_string()
    };
    for bytes in wrong {
        fs::write(keys.join("erased"), bytes).unwrap();
        assert!(restore("damaged").contains("list of erasures is damaged"));
    }
    fs::remove_file(keys.join("erased")).unwrap();
    assert!(restore("missing").contains("list of erasures"));
}

#[tokio::test]
async fn a_hub_in_a_new_life_asks_for_the_end_of_what_an_earlier_one_may_have_written() {
    let folder = tempfile::tempdir().unwrap();
    let world = staffed(folder.path()).await;
    let World { hub, a, .. } = &world;
    let (old, keys) = (folder.path().join("old"), folder.path().join("keys"));
    let planted = plant(a).await;
    // Two copies: one that knows nothing of the family, one that knows it and no write of it.
    hub.backup(&old, &keys).unwrap();
    sync(a, hub, 40).await;
    hub.backup(&folder.path().join("knows"), &keys).unwrap();
    erase(hub, &planted, 50).await;
    hub.backup(&folder.path().join("new"), &keys).unwrap();

    let again = restored(&world, folder.path(), "again").await;
    assert_eq!(removals(&again).await, 0);
    // Its registration comes from the node: an earlier life may have brought it.
    push(a, &again, 80).await;
    assert!(!person(&again, planted.mother).await);
    assert_eq!(removals(&again).await, 1);
    push(a, &again, 81).await;
    assert_eq!(removals(&again).await, 1);
    check_sound(&again);

    fs::remove_dir_all(&old).unwrap();
    fs::rename(folder.path().join("knows"), &old).unwrap();
    let knowing = restored(&world, folder.path(), "knowing").await;
    assert_eq!(removals(&knowing).await, 1);
    check_sound(&knowing);
    // The control: the first life had sent nothing and asks for nothing.
    assert_eq!(removals(hub).await, 0);
}

async fn removals(hub: &SqliteStore) -> usize {
    match hub.query(Query::OpenRemovals { limit: 500 }).await.unwrap() {
        Answer::Removals(rows) => rows.len(),
        other => panic!("{other:?}"),
    }
}
