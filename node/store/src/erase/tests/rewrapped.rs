//! After an erasure all keys are wrapped anew: the old wrapped ones are in no file and would open
//! with no key that is left, and a cut at any byte of the way loses nobody.

use std::path::PathBuf;

use super::*;
use crate::keys::{KEY_FILE, Secrets, Vault};
use crate::migrate::{Access, connect};
use crate::rewrap::SLICE_ROWS_MAX;
use crate::seal::{key_name, open, wrapped_row};

const NIGHT: i64 = 2 * DAY_S;

/// A wrapped data key: its owner's kind and name, and the bytes.
type WrappedKey = (i64, Vec<u8>, Vec<u8>);

async fn wrapped_keys(store: &SqliteStore) -> Vec<WrappedKey> {
    stopped(store, 0, |tx| {
        let mut statement = tx.db.prepare("SELECT kind, owner, wrapped FROM data_key")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    })
    .await
}

/// Which of these byte strings lie in some file of a folder.
fn lying_in(folder: &Path, keys: &[WrappedKey]) -> usize {
    let files: Vec<Vec<u8>> = fs::read_dir(folder)
        .unwrap()
        .map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect();
    let lies = |(_, _, wrapped): &&WrappedKey| {
        files
            .iter()
            .any(|file| file.windows(wrapped.len()).any(|window| window == wrapped))
    };
    keys.iter().filter(lies).count()
}

/// How many wrapped keys a copied key file still opens.
fn opened_by(key_file: &[u8], keys: &[WrappedKey]) -> usize {
    let vault = Vault::new(Secrets::parse(key_file.to_vec()).unwrap()).unwrap();
    let opens = |(kind, owner, wrapped): &&WrappedKey| {
        let name = key_name(*kind, owner);
        vault
            .wrapping_keys(vault.newest_generation())
            .any(|key| open(key, wrapped_row(&name), wrapped).is_ok())
    };
    keys.iter().filter(opens).count()
}

/// Moves the log into the database file and cuts it. The store does so itself after an erasure, on a
/// thread of its own; a test that looks into the files must not be faster.
fn cut_log(folder: &Path) {
    let db = connect(folder, Access::Checkpoint).unwrap();
    let is_busy = || -> bool {
        let told = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
        told.unwrap()
    };
    while is_busy() {
        std::thread::yield_now();
    }
}

/// A hub that has erased its planted family; the keys as they were wrapped before.
async fn erased(folder: &Path) -> (World<SqliteStore>, Vec<WrappedKey>) {
    let world = staffed(folder).await;
    let planted = plant(&world.a).await;
    sync(&world.a, &world.hub, 40).await;
    let before = wrapped_keys(&world.hub).await;
    erase(&world.hub, &planted, 50).await;
    (world, before)
}

#[tokio::test]
async fn old_wrapped_keys_are_in_no_file_and_open_with_no_key_that_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let (world, before) = erased(folder.path()).await;
    let hub = &world.hub;
    let hub_folder = hub.folder();
    let old_file = fs::read(hub_folder.join(KEY_FILE)).unwrap();
    assert_eq!(opened_by(&old_file, &before), before.len());
    cut_log(&hub_folder);
    // The control: those of the living are there until the re-wrap, those of the erased are not.
    let there = lying_in(&hub_folder, &before);
    assert!(there > 0 && there < before.len(), "{there}");

    assert!(hub.rewrap(at(NIGHT)).await.unwrap());
    let new_file = fs::read(hub_folder.join(KEY_FILE)).unwrap();
    let now = wrapped_keys(hub).await;
    assert_eq!(now.len(), there);
    assert_eq!(opened_by(&new_file, &before), 0);
    assert_eq!(opened_by(&old_file, &now), 0);
    assert_eq!(opened_by(&new_file, &now), now.len());
    let family = [format!("Asha {}", letters(1))];
    assert_eq!(left_in(&opened(hub).await, &family), family);
    check_sound(hub);
    // Once a night at most, and only where somebody was erased.
    assert!(!hub.rewrap(at(NIGHT + 60)).await.unwrap());
    assert!(!hub.rewrap(at(NIGHT + DAY_S)).await.unwrap());
    assert!(!world.b.rewrap(at(NIGHT)).await.unwrap());
    // The store goes on as before, also after it was closed.
    register(&world.a, WORKER_A, 9, NIGHT + 70).await;
    sync(&world.a, hub, NIGHT + 80).await;
    drop(world);
    let again = SqliteStore::open(reopened(folder.path(), "hub")).unwrap();
    check_sound(&again);
    let ninth = [format!("Asha {}", letters(9))];
    assert_eq!(left_in(&opened(&again).await, &ninth), ninth);
    drop(again);
    assert_eq!(lying_in(&hub_folder, &before), 0);
}

fn reopened(folder: &Path, name: &str) -> crate::config::StoreConfig {
    let mut config = crate::world::config(&crate::world::programmes(), folder, "hub");
    config.folder = folder.join(name);
    config
}

#[tokio::test]
async fn another_program_on_the_same_folder_goes_on_through_a_rewrap() {
    let folder = tempfile::tempdir().unwrap();
    let (world, _) = erased(folder.path()).await;
    let hub = &world.hub;
    let beside = SqliteStore::open(reopened(folder.path(), "hub")).unwrap();
    let begin = |tx: &mut Tx<'_>, secrets: &mut Secrets| tx.begin_rewrap(secrets);
    hub.write_keys(at(NIGHT), begin).await.unwrap();
    // It writes while the others are being wrapped, with the fresh key.
    let family = [format!("Asha {}", letters(1))];
    assert_eq!(left_in(&opened(&beside).await, &family), family);
    let order = Command::GrantRole(grant("+254700000077"));
    command(&beside, &administrator(), order, NIGHT + 1)
        .await
        .unwrap();
    assert!(hub.rewrap(at(NIGHT + 2)).await.unwrap());
    for store in [hub, &beside] {
        assert_eq!(left_in(&opened(store).await, &family), family);
        check_sound(store);
    }
}

#[tokio::test]
async fn a_copy_of_the_data_from_before_opens_with_the_keys_of_its_time_only() {
    let folder = tempfile::tempdir().unwrap();
    let (world, _) = erased(folder.path()).await;
    let place = |name: &str| folder.path().join(name);
    world.hub.backup(&place("old"), &place("old-keys")).unwrap();
    assert!(world.hub.rewrap(at(NIGHT)).await.unwrap());
    world.hub.backup(&place("new"), &place("new-keys")).unwrap();
    let restore = |data: &str, keys: &str, name: &str| {
        let config = reopened(folder.path(), name);
        SqliteStore::restore(&place(data), &place(keys), config, at(NIGHT + 9))
    };
    let refused = restore("old", "new-keys", "mixed").unwrap_err().to_string();
    assert!(refused.contains("take a newer one"), "{refused}");
    for (data, keys, name) in [("new", "new-keys", "a"), ("old", "old-keys", "b")] {
        let restored = restore(data, keys, name).unwrap();
        check_sound(&restored);
    }
}

/// What is on the medium at a moment: database, log, key file.
#[derive(Clone)]
struct Medium {
    files: Vec<(String, Vec<u8>)>,
}

impl Medium {
    fn of(folder: &Path) -> Self {
        let read = |name: &str| {
            (
                name.to_owned(),
                fs::read(folder.join(name)).unwrap_or_default(),
            )
        };
        Self {
            files: ["outpost.db", "outpost.db-wal", KEY_FILE]
                .map(read)
                .to_vec(),
        }
    }

    fn log(&self) -> &[u8] {
        &self.files[1].1
    }

    /// The same with the log cut after so many bytes, and with the key file of another moment.
    fn cut(&self, bytes: usize, keys: &Self) -> Self {
        let mut cut = self.clone();
        cut.files[1].1.truncate(bytes);
        cut.files[2] = keys.files[2].clone();
        cut
    }

    fn put(&self, folder: &Path) {
        fs::create_dir(folder).unwrap();
        for (name, bytes) in &self.files {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
}

/// Opens a medium after a cut: everybody is there, and the next look ends what was begun.
async fn survives(folder: &Path, name: &str, medium: &Medium, living: &[String]) {
    medium.put(&folder.join(name));
    let store = SqliteStore::open(reopened(folder, name)).unwrap();
    assert_eq!(left_in(&opened(&store).await, living), living, "{name}");
    let done = store.rewrap(at(NIGHT + 5)).await.unwrap();
    assert_eq!(left_in(&opened(&store).await, living), living, "{name}");
    let generations = store.vault().secrets.generations();
    assert_eq!(generations, [2], "{name} {done}");
    drop(store);
    fs::remove_dir_all(folder.join(name)).unwrap();
}

/// Runs a re-wrap by slices of a few rows and keeps what is on the medium after each step.
async fn steps(hub: &SqliteStore) -> Vec<Medium> {
    let folder: PathBuf = hub.folder();
    let mut media = vec![Medium::of(&folder)];
    let begin = |tx: &mut Tx<'_>, secrets: &mut Secrets| tx.begin_rewrap(secrets);
    hub.write_keys(at(NIGHT), begin).await.unwrap();
    media.push(Medium::of(&folder));
    loop {
        let more = hub.write(at(NIGHT), |tx| tx.rewrap_slice(SLICE_ROWS_MAX / 25));
        let more = more.await.unwrap();
        media.push(Medium::of(&folder));
        if !more {
            break;
        }
    }
    assert!(hub.read(|tx| tx.all_rewrapped()).await.unwrap());
    let end = |tx: &mut Tx<'_>, secrets: &mut Secrets| tx.end_rewrap(secrets, true);
    hub.write_keys(at(NIGHT), end).await.unwrap();
    media.push(Medium::of(&folder));
    media
}

#[tokio::test]
async fn a_cut_at_any_byte_of_the_way_loses_nobody_and_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let (world, _) = erased(folder.path()).await;
    let living = [
        format!("Asha {}", letters(1)),
        format!("Juma {}", letters(1)),
    ];
    // Opened anew, so that nothing but the steps moves the log.
    drop(world);
    let hub = SqliteStore::open(reopened(folder.path(), "hub")).unwrap();
    let media = steps(&hub).await;
    assert!(media.len() > 8, "{} steps", media.len());
    let mut random = 7_u64;
    for (n, pair) in media.windows(2).enumerate() {
        let [before, after] = pair else {
            panic!("two by two")
        };
        let (from, to) = (before.log().len(), after.log().len());
        assert!(to >= from, "the log was begun anew");
        for turn in 0..2 {
            // Knuth's linear congruential generator.
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let bytes = from + usize::try_from(random >> 33).unwrap() % (to - from + 1);
            // The key file is on the medium before the commit, so it is either one.
            for (which, keys) in [before, after].into_iter().enumerate() {
                let name = format!("cut-{n}-{turn}-{which}");
                let cut = after.cut(bytes, keys);
                // After the whole commit the old key file is not there any more.
                if bytes < to || which == 1 {
                    survives(folder.path(), &name, &cut, &living).await;
                }
            }
        }
    }
    // The control: a key that ends before the slices loses somebody.
    let (last, early) = (media.last().unwrap(), &media[1]);
    early
        .cut(early.log().len(), last)
        .put(&folder.path().join("early"));
    let store = SqliteStore::open(reopened(folder.path(), "early")).unwrap();
    let lost = store.read(|tx| {
        let mut statement = tx.db.prepare("SELECT id FROM data_key")?;
        let ids: Vec<i64> = statement
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(ids.into_iter().any(|id| tx.data_key_by_id(id).is_err()))
    });
    assert!(lost.await.unwrap());
}
