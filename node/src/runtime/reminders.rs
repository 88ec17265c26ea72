//! Reminders: once in a while everything whose day has come is queued, and staff hear what is due.
//! People who were registered without a permanent number get theirs here, some at a look.
//!
//! The store says what is due; a text leaves once, however often this loop asks. Reminders wait for
//! the morning: quiet hours of the policy hold them back by themselves.

use std::time::Duration;

use node_core::command::Command;
use node_core::query::{Answer, Query};
use node_core::role::Principal;
use node_core::turn::{Committed, Turn};
use node_store::HubStore;
use sync_core::Scope;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::runtime::bell::{Bells, Shutdown, wait};

/// Seconds between two looks at what is due.
pub const REMINDERS_INTERVAL_S: u64 = 60;
/// Looks between two questions whether staff were told today; the store tells them once a day.
const DIGEST_LOOKS: u32 = 60;
/// Most commands of one look: each reminds at most a hundred people, the next look goes on.
const ROUNDS_MAX: usize = 20;

/// Queues what is due until the program shuts down.
pub async fn run<S: HubStore>(store: S, clock: Clock, bells: Bells, mut shutdown: Shutdown) {
    let silent = Notify::new();
    let mut looks = 0_u32;
    loop {
        if let Some(scope) = scope(&store).await {
            for _ in 0..ROUNDS_MAX {
                if !queued(&store, clock, scope, Command::SendReminders, &bells).await {
                    break;
                }
            }
            queued(&store, clock, scope, Command::AssignNumbers, &bells).await;
            queued(&store, clock, scope, Command::SettleChanges, &bells).await;
            if looks.is_multiple_of(DIGEST_LOOKS) {
                queued(&store, clock, scope, Command::SendTaskDigests, &bells).await;
            }
            looks = looks.wrapping_add(1);
        }
        let interval = Duration::from_secs(REMINDERS_INTERVAL_S);
        if !wait(&silent, interval, &mut shutdown).await {
            break;
        }
    }
}

/// An area to act in; none before enrolment.
async fn scope<S: HubStore>(store: &S) -> Option<Scope> {
    match store.query(Query::Self_).await {
        Ok(Answer::Self_(state)) => state.scopes.first().copied(),
        _ => None,
    }
}

/// Gives a command; whether it queued messages.
async fn queued<S: HubStore>(
    store: &S,
    clock: Clock,
    scope: Scope,
    command: Command,
    bells: &Bells,
) -> bool {
    let turn = Turn::Command {
        principal: Principal::system(scope, "en"),
        command,
    };
    match store.commit(turn, clock.now()).await {
        Ok(Committed::Command(Ok(outcome))) => {
            let count = outcome.values.get("messages");
            let some = count.is_some_and(|count| count != "0");
            if some {
                bells.messages.notify_one();
            }
            some
        }
        Ok(_) => false,
        Err(error) => {
            tracing::warn!(error = %error, "reminders not queued");
            false
        }
    }
}
