//! Where packages meet that do not know each other: served APIs and pages on one side, the store
//! on the other.

use node_core::command::{Command, Outcome, Rejection};
use node_core::contact::Moment;
use node_core::query::Query;
use node_core::role::Principal;
use node_core::turn::{Committed, Turn};
use node_govstack::port::{Ask, PortError};
use node_store::{HubStore, StoreError};
use sync_core::Scope;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::runtime::bell::Shutdown;
use crate::runtime::watch;

/// Most questions of served APIs answered at once; more wait in the port's queue.
pub const ASKS_AT_ONCE_MAX: usize = 32;

/// Answers a served API from a store until the port closes or the program shuts down.
///
/// `scope` is the area in which records of served registries are written.
pub async fn serve_port<S: HubStore>(
    store: S,
    clock: Clock,
    scope: Scope,
    mut asks: mpsc::Receiver<Ask>,
    mut shutdown: Shutdown,
) {
    let mut answers = JoinSet::new();
    loop {
        // All arms are cancel safe.
        tokio::select! {
            ask = asks.recv(), if answers.len() < ASKS_AT_ONCE_MAX => match ask {
                Some(ask) => { answers.spawn(answer(store.clone(), clock.now(), scope, ask)); }
                None => break,
            },
            Some(done) = answers.join_next(), if !answers.is_empty() => watch::ended("API question", done),
            changed = shutdown.changed() => if changed.is_err() || *shutdown.borrow() { break; },
        }
    }
    asks.close();
    while answers.join_next().await.is_some() {}
}

async fn answer<S: HubStore>(store: S, now: Moment, scope: Scope, ask: Ask) {
    match ask {
        Ask::Query { query, reply } => reply.send(question(&store, query).await),
        Ask::Command { command, reply } => reply.send(order(&store, now, scope, command).await),
    }
}

async fn question<S: HubStore>(
    store: &S,
    query: Query,
) -> Result<node_core::query::Answer, PortError> {
    store.query(query).await.map_err(|error| refused(&error))
}

async fn order<S: HubStore>(
    store: &S,
    now: Moment,
    scope: Scope,
    command: Command,
) -> Result<Result<Outcome, Rejection>, PortError> {
    let turn = Turn::Command {
        principal: Principal::system(scope, "en"),
        command,
    };
    match store
        .commit(turn, now)
        .await
        .map_err(|error| refused(&error))?
    {
        Committed::Command(result) => Ok(result),
        _ => Err(PortError::Failed),
    }
}

fn refused(error: &StoreError) -> PortError {
    tracing::warn!(error = %error, "an API's question was not answered");
    match error {
        StoreError::Busy(_) => PortError::Busy,
        StoreError::Failed(_) => PortError::Failed,
    }
}
