//! Frames: repeated, overlapping, cut anywhere else, damaged, forged; bad ones change no row.

use node_core::turn::{Acceptance, Committed, Turn};
use node_store::HubStore;
use proptest::prelude::*;
use sync_core::refusal::RefusalCode;
use sync_core::{ChainId, Seq};

use crate::world::{
    WORKER_A, World, at, frames, frontier, own, register, registration_chain, registrations,
    sqlite, sync,
};

async fn offer<S: HubStore>(to: &S, frame: Vec<u8>) -> Acceptance {
    to.accept(frame, at(100)).await.unwrap()
}

fn refusal(acceptance: Acceptance) -> RefusalCode {
    match acceptance {
        Acceptance::Refused { code, .. } => RefusalCode::parse(code).unwrap(),
        other => panic!("not refused: {other:?}"),
    }
}

async fn prepared<S: HubStore>(world: &World<S>) -> (ChainId, Vec<u8>) {
    for n in 0..3 {
        register(&world.a, WORKER_A, n, 10).await;
    }
    let chain = registration_chain(&world.a).await;
    let mut all = frames(&world.a, chain, Seq(0)).await;
    (chain, all.remove(0))
}

#[tokio::test]
async fn the_same_frame_twice_gives_the_same_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    repeated_frame_is_known(&world).await;
}

async fn repeated_frame_is_known<S: HubStore>(world: &World<S>) {
    let (_, frame) = prepared(world).await;
    let Acceptance::Accepted {
        entries: 12,
        receipt: Some(receipt),
    } = offer(&world.hub, frame.clone()).await
    else {
        panic!("not accepted")
    };
    let again = offer(&world.hub, frame).await;
    assert_eq!(
        again,
        Acceptance::Known {
            receipt: Some(receipt.clone())
        }
    );
    let done = world
        .a
        .commit(Turn::Receipt(receipt.clone()), at(101))
        .await
        .unwrap();
    assert_eq!(done, Committed::Done);
    let mut forged = receipt;
    forged[40] ^= 1;
    let refused = world
        .a
        .commit(Turn::Receipt(forged), at(102))
        .await
        .unwrap();
    assert!(matches!(refused, Committed::Refused(_)));
}

#[tokio::test]
async fn entries_cut_into_other_frames_are_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    overlapping_frames_add_only_what_is_new(&world).await;
}

async fn overlapping_frames_add_only_what_is_new<S: HubStore>(world: &World<S>) {
    let (chain, first) = prepared(world).await;
    offer(&world.hub, first).await;
    register(&world.a, WORKER_A, 9, 11).await;
    let overlapping = frames(&world.a, chain, Seq(5)).await.remove(0);
    let Acceptance::Accepted { entries, .. } = offer(&world.hub, overlapping).await else {
        panic!("not accepted")
    };
    assert_eq!(entries, 4);
    let ours = frontier(&world.a).await;
    let theirs = frontier(&world.hub).await;
    let head = |heads: &[node_core::query::ChainHead]| {
        heads
            .iter()
            .find(|head| head.chain == chain)
            .map(|head| (head.seq, head.hash))
    };
    assert_eq!(head(&ours), head(&theirs));
    assert_eq!(registrations(&world.hub).await.len(), 4);
}

#[tokio::test]
async fn a_frame_beyond_the_head_is_a_gap_and_stores_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let (chain, _) = prepared(&world).await;
    let before = frontier(&world.hub).await;
    let later = frames(&world.a, chain, Seq(4)).await.remove(0);
    assert_eq!(refusal(offer(&world.hub, later).await), RefusalCode::Gap);
    assert_eq!(frontier(&world.hub).await, before);
}

#[tokio::test]
async fn a_node_takes_no_frame_of_an_unknown_origin_and_none_of_its_own_future() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let (_, frame) = prepared(&world).await;
    assert_eq!(
        refusal(offer(&world.b, frame.clone()).await),
        RefusalCode::Certificate
    );
    let known = offer(&world.a, frame).await;
    assert_eq!(known, Acceptance::Known { receipt: None });
}

#[tokio::test]
async fn a_certificate_of_the_hub_lets_a_neighbour_read() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let (_, frame) = prepared(&world).await;
    let certificate = own(&world.a).await.certificate.unwrap();
    let mut forged = certificate.clone();
    forged[20] ^= 1;
    let refused = world
        .b
        .commit(Turn::Certificate(forged), at(5))
        .await
        .unwrap();
    assert!(matches!(refused, Committed::Refused(_)));
    let done = world
        .b
        .commit(Turn::Certificate(certificate), at(5))
        .await
        .unwrap();
    assert_eq!(done, Committed::Done);
    assert!(matches!(
        offer(&world.b, frame).await,
        Acceptance::Accepted { entries: 12, .. }
    ));
    assert_eq!(registrations(&world.b).await.len(), 3);
}

#[test]
fn damaged_frames_change_no_row() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (world, frame, before) = runtime.block_on(async {
        let world = sqlite(folder.path()).await;
        let (_, frame) = prepared(&world).await;
        let before = frontier(&world.hub).await;
        (world, frame, before)
    });
    let rows = || rows(&folder.path().join("hub/outpost.db"));
    let counted = rows();
    proptest!(ProptestConfig::with_cases(96), |(
        place: prop::sample::Index, bit in 0..8u32, cut in any::<prop::sample::Index>(), kind in 0..3u8,
    )| {
        let mut bytes = frame.clone();
        match kind {
            0 => bytes[place.index(frame.len())] ^= 1 << bit,
            1 => bytes.truncate(cut.index(frame.len())),
            _ => bytes.push(0),
        }
        let acceptance = runtime.block_on(offer(&world.hub, bytes));
        let refused = matches!(acceptance, Acceptance::Refused { .. });
        prop_assert!(refused, "{:?}", acceptance);
    });
    assert_eq!(rows(), counted);
    assert_eq!(runtime.block_on(frontier(&world.hub)), before);
    // The control: the undamaged frame does change rows.
    runtime.block_on(offer(&world.hub, frame));
    assert_ne!(rows(), counted);
}

/// How many rows each table has.
fn rows(database: &std::path::Path) -> Vec<(String, i64)> {
    let db = rusqlite::Connection::open(database).unwrap();
    let mut statement = db
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        .unwrap();
    let tables: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    tables
        .into_iter()
        .map(|table| {
            let count = db
                .query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| {
                    row.get(0)
                })
                .unwrap();
            (table, count)
        })
        .collect()
}

#[tokio::test]
async fn two_branches_of_one_chain_are_a_fork() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    // A copy of the node goes on by itself with the same life: the card was cloned.
    let (_, first) = prepared(&world).await;
    drop(first);
    let node = folder.path().join("kibo");
    let clone = folder.path().join("clone");
    std::fs::create_dir(&clone).unwrap();
    world.a.backup(&clone, &clone).unwrap();
    let mut config = crate::world::config(&world.programmes, folder.path(), "clone");
    config.folder = clone;
    let twin = node_store::SqliteStore::open(config).unwrap();
    register(&world.a, WORKER_A, 20, 30).await;
    register(&twin, WORKER_A, 21, 30).await;
    sync(&world.a, &world.hub, 40).await;
    let chain = registration_chain(&twin).await;
    let frame = frames(&twin, chain, Seq(12)).await.remove(0);
    assert_eq!(refusal(offer(&world.hub, frame).await), RefusalCode::Forked);
    assert_eq!(registrations(&world.hub).await.len(), 4);
    assert!(node.exists());
}
