//! Effects: brings what the hub planned to the Digital Registries, with the id that was minted
//! before the first attempt, and takes the records of erased people away again.
//!
//! Both are done by one task, one call after the other, and an effect is looked up once more before
//! its call: so no write of a person leaves after the order to erase her, and what was under way
//! ends before its removal is asked for.

use std::time::Duration;

use node_core::query::{Answer, Query};
use node_core::removal::RemovalOutcome;
use node_core::turn::{Claim, ClaimKind, EffectOutcome, Finish};
use node_govstack::registries::client::RegistryClient;
use node_store::HubStore;

use crate::clock::Clock;
use crate::runtime::bell::{Bells, Shutdown, wait};
use crate::runtime::watch;

/// Most effects claimed at a time; one upstream is called one after the other, so that the rows
/// of one person leave in order.
pub const EFFECTS_AT_ONCE_MAX: u32 = 16;
/// How often the outbox is looked at without a bell: for back-off.
pub const EFFECTS_INTERVAL_MS: u64 = 500;

/// The upstream that takes registrations.
const UPSTREAM: &str = "registries";

/// Projects until the program shuts down.
pub async fn run<S: HubStore>(
    store: S,
    clock: Clock,
    client: RegistryClient,
    bells: Bells,
    mut shutdown: Shutdown,
) {
    loop {
        let effects = ClaimKind::Effects {
            upstream: UPSTREAM.to_owned(),
        };
        let mut claims = claimed(&store, effects, clock).await;
        let removals = ClaimKind::Removals {
            upstream: UPSTREAM.to_owned(),
        };
        claims.extend(claimed(&store, removals, clock).await);
        let idle = claims.is_empty();
        for claim in claims {
            bring(&store, clock, &client, claim).await;
            bells.news.notify_one();
        }
        let interval = Duration::from_millis(EFFECTS_INTERVAL_MS);
        if idle && !wait(&bells.effects, interval, &mut shutdown).await {
            return;
        }
    }
}

async fn claimed<S: HubStore>(store: &S, kind: ClaimKind, clock: Clock) -> Vec<Claim> {
    match store.claim(kind, EFFECTS_AT_ONCE_MAX, clock.now()).await {
        Ok(claims) => claims,
        Err(error) => {
            tracing::warn!(error = %error, "effects could not be read");
            Vec::new()
        }
    }
}

async fn bring<S: HubStore>(store: &S, clock: Clock, client: &RegistryClient, claim: Claim) {
    let finish = match claim {
        Claim::Effect { .. } => project(store, client, claim).await,
        Claim::Removal {
            request_id,
            records,
            attempt,
        } => {
            let outcome = client.remove(&request_id, &records).await;
            tracing::info!(request.id = %request_id, attempt, outcome = removal_word(outcome), "removal asked of the registry");
            Some(Finish::Removal {
                request_id,
                outcome,
            })
        }
        Claim::Message { .. } | Claim::ApplicationReceipt(_) => None,
    };
    let Some(finish) = finish else {
        return;
    };
    if let Err(error) = store.finish(finish, clock.now()).await {
        watch::store_failed("finish an effect", &error);
    }
}

async fn project<S: HubStore>(store: &S, client: &RegistryClient, claim: Claim) -> Option<Finish> {
    let Claim::Effect {
        request_id,
        correlation_id,
        body,
        attempt,
    } = claim
    else {
        return None;
    };
    if !is_held(store, &request_id).await {
        return None;
    }
    let outcome = client.project(&request_id, &correlation_id, &body.0).await;
    tracing::info!(trace.id = %correlation_id, request.id = %request_id, attempt, outcome = word(&outcome), "effect brought to the registry");
    Some(Finish::Effect {
        request_id,
        outcome,
    })
}

/// Whether the effect is still to be brought; where the store cannot tell, its lease lapses.
async fn is_held<S: HubStore>(store: &S, request_id: &str) -> bool {
    let query = Query::EffectHeld {
        request_id: request_id.to_owned(),
    };
    let held = matches!(store.query(query).await, Ok(Answer::EffectHeld(true)));
    if !held {
        tracing::info!(request.id = %request_id, "effect was taken back before its call");
    }
    held
}

fn removal_word(outcome: RemovalOutcome) -> &'static str {
    match outcome {
        RemovalOutcome::Gone => "gone",
        RemovalOutcome::TryLater { .. } => "try later",
        RemovalOutcome::Unknown => "unknown",
    }
}

fn word(outcome: &EffectOutcome) -> &'static str {
    match outcome {
        EffectOutcome::Accepted { .. } => "accepted",
        EffectOutcome::Rejected { .. } => "rejected",
        EffectOutcome::TryLater { .. } => "try later",
        EffectOutcome::Unknown => "unknown",
    }
}
