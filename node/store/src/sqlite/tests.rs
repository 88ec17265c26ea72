//! A store that is busy or full: it refuses, keeps nothing half, and goes on when space returns.

use node_core::message::order::Order;
use node_core::query::{Answer as Answered, Query};
use node_core::turn::{ClaimKind, Turn};
use node_core::view::{MessageClass, NewMessage, Terms};

use super::*;
use crate::world::{at, config, programmes};

fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(config(&programmes(), folder, "kibo")).unwrap()
}

fn message(n: u32) -> Turn {
    Turn::Order(Order::Queue(NewMessage {
        cause: format!("n:{n}"),
        to: format!("+2547110{n:05}"),
        text: "The clinic opens at eight. ".repeat(5),
        class: MessageClass::Health,
        validity_s: 3_600,
        covers: Vec::new(),
        terms: Terms::default(),
    }))
}

/// Lets the database grow by so many pages and no more.
async fn allow_pages(store: &SqliteStore, more: i64) {
    let allowed = store.write(at(0), move |tx| {
        let pages: i64 = tx
            .db
            .pragma_query_value(None, "page_count", |row| row.get(0))?;
        let limit: i64 = tx.db.pragma_update_and_check(
            None,
            "max_page_count",
            pages.saturating_add(more),
            |row| row.get(0),
        )?;
        Ok(limit)
    });
    assert!(allowed.await.unwrap() > 0);
}

async fn waiting(store: &SqliteStore) -> u64 {
    let Answered::Counts(counts) = store.query(Query::Counts).await.unwrap() else {
        panic!("no counts")
    };
    counts.messages.get("queued").copied().unwrap_or(0)
}

/// Regression 14, the store's side: refusals while full, service after space returns.
#[tokio::test]
async fn busy_or_full_store_recovers_without_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.commit(message(0), at(1)).await.unwrap();
    allow_pages(&store, 20).await;
    let mut kept = 1;
    let mut refused = 0;
    for n in 1..200 {
        match store.commit(message(n), at(2)).await {
            Ok(_) => kept += 1,
            Err(StoreError::Busy(_)) => refused += 1,
            Err(StoreError::Failed(reason)) => panic!("not busy: {reason}"),
        }
    }
    assert!(kept > 1 && refused > 100, "{kept} kept, {refused} refused");
    assert_eq!(waiting(&store).await, kept, "something is half written");
    // A full disk may still be read, and says so to whoever claims.
    assert!(matches!(
        store.claim(ClaimKind::Messages, 1, at(3)).await,
        Ok(_) | Err(StoreError::Busy(_))
    ));
    allow_pages(&store, 100_000).await;
    for n in 1..200 {
        store.commit(message(n), at(4)).await.unwrap();
    }
    let claims = store.claim(ClaimKind::Messages, 256, at(5)).await.unwrap();
    assert!(claims.len() >= 199, "{} left", claims.len());
    assert!(store.check(false).unwrap().is_sound());
}

#[tokio::test]
async fn a_full_queue_says_busy_at_once_and_takes_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut jobs = tokio::task::JoinSet::new();
    for n in 0..2_000 {
        let store = store.clone();
        jobs.spawn(async move { store.commit(message(n), at(1)).await });
    }
    let mut done = 0;
    while let Some(result) = jobs.join_next().await {
        match result.unwrap() {
            Ok(_) => done += 1,
            Err(StoreError::Busy(_)) => {}
            Err(StoreError::Failed(reason)) => panic!("not busy: {reason}"),
        }
    }
    assert_eq!(waiting(&store).await, done);
    store.commit(message(5_000), at(2)).await.unwrap();
    assert_eq!(waiting(&store).await, done + 1);
}
