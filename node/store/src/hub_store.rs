//! The store's boundary: whole transactions only, asynchronous, idempotent where a peer may repeat.
//!
//! SQLite offers all of it (node, district hub); PostgreSQL, behind the feature `postgres`, offers
//! [`Accepting`] and [`Outbox`] (docs/decisions/0063). Nothing is returned before it is durable.

use core::future::Future;

use node_core::contact::Moment;
use node_core::query::{Answer, Query};
use node_core::turn::{Acceptance, Claim, ClaimKind, Committed, Finish, Turn};

/// Takes frames of other origins.
pub trait Accepting: Clone + Send + Sync + 'static {
    /// Takes a frame: checks it in the order of docs/protocols/frames.md, commits, and on a hub
    /// returns the signed receipt. The same frame twice gives the same receipt.
    fn accept(
        &self,
        frame: Vec<u8>,
        now: Moment,
    ) -> impl Future<Output = Result<Acceptance, StoreError>> + Send;
}

/// Leases what must leave and hears what became of it.
pub trait Outbox: Clone + Send + Sync + 'static {
    /// Leases outbox rows that are due, by lane or class, oldest first.
    fn claim(
        &self,
        kind: ClaimKind,
        limit: u32,
        now: Moment,
    ) -> impl Future<Output = Result<Vec<Claim>, StoreError>> + Send;

    /// Records what became of a claimed row; a late or repeated report changes nothing.
    fn finish(
        &self,
        finish: Finish,
        now: Moment,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Whole transactions of a node's or hub's store.
pub trait HubStore: Accepting + Outbox {
    /// Commits one turn: journal, documents, views, outbox and session together.
    fn commit(
        &self,
        turn: Turn,
        now: Moment,
    ) -> impl Future<Output = Result<Committed, StoreError>> + Send;

    /// Answers a question from committed state.
    fn query(&self, query: Query) -> impl Future<Output = Result<Answer, StoreError>> + Send;
}

/// Why a transaction did not happen; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The writer's queue is full or the disk is: the person hears "try again".
    #[error("store is busy: {0}")]
    Busy(String),
    /// The database refused; an operator must look.
    #[error("store failed: {0}")]
    Failed(String),
}
