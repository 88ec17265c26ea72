//! What lies on disk: no planted value in any spelling; and check, backup, restore.

use std::fs;
use std::path::Path;

use channels_core::UssdOp;
use node_core::contact::{BearerLimits, Contact};
use node_core::turn::Turn;
use node_store::{HubStore, SqliteStore};

use crate::world::{
    WORKER_A, World, at, config, counts, finish, frontier, link, order, own, phone, register,
    registrations, sqlite, sync,
};

/// A value in the spellings that a careless program leaves behind.
fn spellings(value: &str) -> Vec<Vec<u8>> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes = value.as_bytes();
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap();
    let hex: String = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect();
    let wide: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide_be: Vec<u8> = value.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut all = vec![
        bytes.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        wide,
        wide_be,
    ];
    for shift in 0..3 {
        // Base64 of the value at each offset inside a longer text, without its uncertain ends.
        let padded: Vec<u8> = [vec![0; shift], bytes.to_vec()].concat();
        let text: String = padded
            .chunks_exact(3)
            .flat_map(|chunk| {
                let joined =
                    (u32::from(chunk[0]) << 16) | (u32::from(chunk[1]) << 8) | u32::from(chunk[2]);
                [18, 12, 6, 0].map(|bits| {
                    char::from(ALPHABET[usize::try_from((joined >> bits) & 63).unwrap()])
                })
            })
            .collect();
        all.push(text.as_bytes()[if shift == 0 { 0 } else { 4 }..].to_vec());
    }
    all.into_iter()
        .filter(|spelling| spelling.len() >= 5)
        .collect()
}

fn found_in(folder: &Path, values: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() || path.ends_with("keys") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        for value in values {
            for spelling in spellings(value) {
                if bytes
                    .windows(spelling.len())
                    .any(|window| window == spelling)
                {
                    found.push(format!("{value} in {}", path.display()));
                }
            }
        }
    }
    found
}

fn ussd(text: &str, op: UssdOp, step: &str) -> Turn {
    Turn::Contact(Contact::Ussd {
        link: link(),
        session: "s1".to_owned(),
        from: channels_core::Msisdn::parse(WORKER_A).unwrap(),
        code: String::new(),
        op,
        text: text.to_owned(),
        step: Some(step.to_owned()),
        screen_taken: true,
        limits: BearerLimits {
            gsm7: 182,
            ucs2: 80,
        },
    })
}

#[tokio::test]
async fn no_planted_value_is_in_any_file_but_the_key_file() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let World { hub, a, .. } = &world;
    for n in 0..3 {
        register(a, WORKER_A, 10_000 + n, 10).await;
    }
    // A draft in the middle of a dialogue counts too.
    for (step, text) in ["", "1", "Zawadimwenda", "1", "Zawadibaraka"]
        .into_iter()
        .enumerate()
    {
        let op = if step == 0 {
            UssdOp::Begin
        } else {
            UssdOp::Continue
        };
        a.commit(ussd(text, op, &step.to_string()), at(11))
            .await
            .unwrap();
    }
    sync(a, hub, 20).await;
    let mut values = vec![
        WORKER_A.trim_start_matches('+').to_owned(),
        "Neema Wairimu".to_owned(),
        "Mwangi".to_owned(),
        "1994-05".to_owned(),
        "Zawadimwenda".to_owned(),
        "Zawadibaraka".to_owned(),
        "public office".to_owned(),
    ];
    for n in 0..3 {
        values.push(format!("Asha {}", crate::world::letters(10_000 + n)));
        values.push(format!("Juma {}", crate::world::letters(10_000 + n)));
        values.push(phone(10_000 + n).trim_start_matches('+').to_owned());
        values.push(format!("ID{:06}", 10_000 + n));
    }
    let numbers: Vec<String> = match a
        .query(node_core::query::Query::Registrations { limit: 10 })
        .await
        .unwrap()
    {
        node_core::query::Answer::Registrations(rows) => {
            rows.iter().map(|row| row.correlation_id.clone()).collect()
        }
        other => panic!("{other:?}"),
    };
    for site in ["hub", "kibo"] {
        let path = folder.path().join(site);
        let leaks = found_in(&path, &values);
        assert!(leaks.is_empty(), "{leaks:?}");
        // The control: correlation ids are plain on purpose, and the search finds them.
        assert!(!found_in(&path, &numbers).is_empty());
    }
}

#[tokio::test]
async fn check_finds_nothing_in_sound_stores_and_every_damage() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    for n in 0..3 {
        register(&world.a, WORKER_A, n, 10).await;
    }
    register(&world.b, crate::world::WORKER_B, 0, 10).await;
    sync(&world.a, &world.hub, 20).await;
    sync(&world.b, &world.hub, 21).await;
    for store in [&world.hub, &world.a, &world.b] {
        let report = store.check(true).unwrap();
        assert!(report.is_sound(), "{report}");
        assert!(report.entries > 0 && report.view_rows > 0, "{report}");
    }
    for damage in [
        "UPDATE body SET sealed = zeroblob(60) WHERE entry = (SELECT max(entry) FROM body)",
        "UPDATE chain SET hash = zeroblob(32) WHERE seq > 3",
        "UPDATE person SET sealed = (SELECT sealed FROM person ORDER BY entry DESC LIMIT 1)",
        "DELETE FROM token WHERE about = 1",
        "UPDATE registration SET status = 2",
        "DROP TRIGGER entry_is_immutable; UPDATE entry SET author = author + 1 WHERE id =
         (SELECT max(id) FROM entry)",
        "DROP TRIGGER entry_stays; PRAGMA foreign_keys = OFF; DELETE FROM entry WHERE id = 8",
    ] {
        let copy = tempfile::tempdir().unwrap();
        world
            .a
            .backup(&copy.path().join("kibo"), &copy.path().join("kibo"))
            .unwrap();
        let db = rusqlite::Connection::open(copy.path().join("kibo/outpost.db")).unwrap();
        db.execute_batch(damage).unwrap();
        drop(db);
        let damaged = SqliteStore::open(config(&world.programmes, copy.path(), "kibo")).unwrap();
        let found = damaged.check(true).map(|report| report.defects);
        assert!(!matches!(found, Ok(0)), "not found: {damage}");
    }
}

#[tokio::test]
async fn a_restored_node_begins_a_new_life_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    register(&world.a, WORKER_A, 1, 10).await;
    let backup = folder.path().join("backup");
    let keys = folder.path().join("backup-keys");
    world.a.backup(&backup, &keys).unwrap();
    assert!(!backup.join("keys").exists());
    sync(&world.a, &world.hub, 20).await;
    let before = own(&world.a).await;

    let mut fresh = config(&world.programmes, folder.path(), "restored");
    fresh.name = "kibo".to_owned();
    let restored = SqliteStore::restore(&backup, &keys, fresh.clone(), at(30)).unwrap();
    let after = own(&restored).await;
    assert_eq!(after.node, before.node);
    assert_eq!(after.epoch.counter(), before.epoch.counter() + 1);
    assert_ne!(after.epoch.random(), 0);
    assert!(!after.certified);
    let again = SqliteStore::restore(&backup, &keys, fresh, at(30));
    assert!(again.unwrap_err().to_string().contains("holds a store"));

    // Uncertified: it captures with slip numbers, and the hub takes only the old life.
    let outcome = register(&restored, WORKER_A, 2, 31).await;
    assert!(outcome.values["mother_number"].starts_with("19"));
    let heads = frontier(&restored).await;
    assert_eq!(
        heads
            .iter()
            .filter(|head| head.chain.epoch == after.epoch)
            .count(),
        2
    );

    order(&world.hub, "kibo").await;
    let request = restored
        .begin_enrolment(
            "kibo".to_owned(),
            crate::world::CODE,
            crate::world::age(),
            at(40),
        )
        .await
        .unwrap();
    finish(&world.hub, &restored, request).await;
    let enrolled = own(&restored).await;
    assert_eq!(enrolled.epoch, after.epoch);
    assert!(enrolled.certified);
    sync(&restored, &world.hub, 50).await;
    assert_eq!(registrations(&world.hub).await.len(), 2);
    assert_eq!(counts(&restored).await.not_carried, 0);
    for store in [&restored, &world.hub] {
        let report = store.check(true).unwrap();
        assert!(report.is_sound(), "{report}");
    }
}

#[tokio::test]
async fn a_restored_hub_goes_on_under_a_new_life_that_it_certifies_itself() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    register(&world.a, WORKER_A, 1, 10).await;
    sync(&world.a, &world.hub, 20).await;
    let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
    world.hub.backup(&data, &keys).unwrap();
    let mut fresh = config(&world.programmes, folder.path(), "hub");
    fresh.folder = folder.path().join("hub-again");
    let hub = SqliteStore::restore(&data, &keys, fresh, at(30)).unwrap();
    let state = own(&hub).await;
    assert!(state.certified);
    let done = world
        .a
        .commit(Turn::Certificate(state.certificate.unwrap()), at(31))
        .await;
    assert_eq!(done.unwrap(), node_core::turn::Committed::Done);
    register(&world.a, WORKER_A, 2, 40).await;
    sync(&world.a, &hub, 41).await;
    assert_eq!(counts(&world.a).await.not_carried, 0);
    let report = hub.check(true).unwrap();
    assert!(report.is_sound(), "{report}");
}
