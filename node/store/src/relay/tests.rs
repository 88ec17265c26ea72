//! What happens at the limits, and to frames that tell of somebody who is erased.

use node_core::command::Command;
use node_core::query::{Answer, Query};
use node_core::turn::{Acceptance, Committed, Turn};
use sync_core::EntryRef;

use super::*;
use crate::migrate::tests::check_index;
use crate::sqlite::SqliteStore;
use crate::world::{
    WORKER_A, World, administrator, at, command, frames, frontier, grant, own, register,
    registration_chain, registrations, sqlite,
};
use crate::{Accepting, HubStore};

const FULL: &str = "UPDATE relay_run SET owed_frames = ?1 WHERE owed_frames > 0";
const SPARED: &str = "UPDATE relay_run SET spare_frames = ?1 WHERE spare_frames > 0";

/// Nodes with a registration at the first, of which the second keeps the frames.
async fn carried(folder: &std::path::Path) -> (World<SqliteStore>, ChainId) {
    let world = sqlite(folder).await;
    let certificate = own(&world.a).await.certificate.unwrap();
    let done = world.b.commit(Turn::Certificate(certificate), at(6)).await;
    assert_eq!(done.unwrap(), Committed::Done);
    register(&world.a, WORKER_A, 1, 10).await;
    let chain = registration_chain(&world.a).await;
    for frame in frames(&world.a, chain, Seq(0)).await {
        assert_eq!(code(&world.b, frame, 11).await, None);
    }
    (world, chain)
}

async fn code(to: &SqliteStore, frame: Vec<u8>, second: i64) -> Option<RefusalCode> {
    match to.accept(frame, at(second)).await.unwrap() {
        Acceptance::Refused { code, .. } => RefusalCode::parse(code),
        _ => None,
    }
}

async fn count(store: &SqliteStore, sql: &'static str) -> i64 {
    let counted = store.read(move |tx| Ok(tx.db.query_row(sql, [], |row| row.get(0))?));
    counted.await.unwrap()
}

/// Pretends that so many frames of a kind are kept.
async fn pretend(store: &SqliteStore, sql: &'static str, frames: u64) {
    let frames = frames.cast_signed();
    let done = store.write(at(20), move |tx| Ok(tx.db.execute(sql, [frames])?));
    assert!(done.await.unwrap() > 0);
}

async fn end(store: &SqliteStore, chain: &ChainId) -> Seq {
    let heads = frontier(store).await.into_iter();
    let mut heads = heads.filter(|head| head.chain == *chain);
    heads.next().map_or(Seq(0), |head| head.seq)
}

#[tokio::test]
async fn a_full_carrier_takes_nothing_of_nodes_but_receipts_and_the_hubs_news() {
    let folder = tempfile::tempdir().unwrap();
    let (world, chain) = carried(folder.path()).await;
    let held = end(&world.b, &chain).await;
    pretend(&world.b, FULL, OWED_FRAMES_MAX).await;
    register(&world.a, WORKER_A, 2, 21).await;
    let next = frames(&world.a, chain, held).await;
    assert_eq!(
        code(&world.b, next[0].clone(), 22).await,
        Some(RefusalCode::Full)
    );
    assert_eq!(
        end(&world.b, &chain).await,
        held,
        "nothing of it was stored"
    );
    // The hub's news is taken.
    let order = Command::GrantRole(grant("+254700000077"));
    command(&world.hub, &administrator(), order, 23)
        .await
        .unwrap();
    let hub = own(&world.hub).await.node;
    let mut taken = 0;
    for head in frontier(&world.hub).await {
        let known = end(&world.b, &head.chain).await;
        if head.chain.origin == hub && known < head.seq {
            for frame in frames(&world.hub, head.chain, known).await {
                assert_eq!(code(&world.b, frame, 24).await, None);
                taken += 1;
            }
        }
    }
    assert!(taken > 0);
    // So is a receipt, and it makes room.
    for frame in frames(&world.b, chain, Seq(0)).await {
        assert_eq!(code(&world.hub, frame, 25).await, None);
    }
    let Answer::Bytes(Some(receipt)) = world.hub.query(Query::Receipt { chain }).await.unwrap()
    else {
        panic!("no receipt");
    };
    let done = world
        .b
        .commit(Turn::Receipt(receipt), at(26))
        .await
        .unwrap();
    assert_eq!(done, Committed::Done);
    let owed = "SELECT count(*) FROM relay_frame WHERE spare = 0";
    assert_eq!(count(&world.b, owed).await, 0);
    assert_eq!(code(&world.b, next[0].clone(), 27).await, None);
    assert_eq!(count(&world.b, owed).await, 1);
    let report = world.b.check(true).unwrap();
    assert!(report.is_sound(), "{report}");
}

#[tokio::test]
async fn the_oldest_spare_frames_go_when_their_room_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let (world, _) = carried(folder.path()).await;
    let hub = own(&world.hub).await.node;
    let oldest = "SELECT min(number) FROM relay_frame WHERE spare = 1";
    let first = count(&world.b, oldest).await;
    pretend(&world.b, SPARED, SPARE_FRAMES_MAX).await;
    let order = Command::GrantRole(grant("+254700000077"));
    command(&world.hub, &administrator(), order, 23)
        .await
        .unwrap();
    for head in frontier(&world.hub).await {
        let known = end(&world.b, &head.chain).await;
        if head.chain.origin == hub && known < head.seq {
            for frame in frames(&world.hub, head.chain, known).await {
                assert_eq!(code(&world.b, frame, 24).await, None);
            }
        }
    }
    assert!(count(&world.b, oldest).await > first);
    let frames = count(&world.b, "SELECT count(*) FROM relay_frame").await;
    let keys = count(&world.b, "SELECT count(*) FROM data_key WHERE kind = 21").await;
    assert_eq!(frames, keys, "a key goes with its frame");
}

#[tokio::test]
async fn frames_that_tell_of_an_erased_person_go_with_her_and_do_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let (world, chain) = carried(folder.path()).await;
    let sent = frames(&world.a, chain, Seq(0)).await;
    let rows = registrations(&world.b).await;
    let mother: EntryRef = rows[0].registration.mother;
    let kept = "SELECT count(*) FROM relay_frame WHERE spare = 0";
    assert!(count(&world.b, kept).await > 0);
    let done = world
        .b
        .write(at(20), move |tx| tx.erase_person(&mother))
        .await;
    done.unwrap();
    assert_eq!(count(&world.b, kept).await, 0);
    for frame in sent {
        assert_eq!(code(&world.b, frame, 21).await, None);
    }
    assert_eq!(count(&world.b, kept).await, 0, "a late copy is not kept");
    assert_eq!(frames(&world.b, chain, Seq(0)).await, Vec::<Vec<u8>>::new());
}

#[tokio::test]
async fn a_damaged_copy_is_found_by_check() {
    let folder = tempfile::tempdir().unwrap();
    let (world, _) = carried(folder.path()).await;
    assert!(world.b.check(false).unwrap().is_sound());
    let damage = world.b.write(at(20), |tx| {
        let sql = "UPDATE relay_frame SET sealed = x'00' WHERE spare = 0";
        Ok(tx.db.execute(sql, [])?)
    });
    assert!(damage.await.unwrap() > 0);
    let report = world.b.check(false).unwrap();
    assert!(
        report
            .findings
            .iter()
            .any(|line| line.contains("kept frame"))
    );
}

#[test]
fn kept_frames_are_found_by_an_index() {
    for sql in [COVERS, FROM, READ, WITHIN, OF_ENTRY, OLDEST] {
        check_index(sql);
    }
}
