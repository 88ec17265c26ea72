//! Effects: brings what the hub planned to the Digital Registries, with the id that was minted
//! before the first attempt.

use std::time::Duration;

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

/// Projects until the program shuts down.
pub async fn run<S: HubStore>(
    store: S,
    clock: Clock,
    client: RegistryClient,
    bells: Bells,
    mut shutdown: Shutdown,
) {
    let kind = ClaimKind::Effects {
        upstream: "registries".to_owned(),
    };
    loop {
        let claims = match store
            .claim(kind.clone(), EFFECTS_AT_ONCE_MAX, clock.now())
            .await
        {
            Ok(claims) => claims,
            Err(error) => {
                tracing::warn!(error = %error, "effects could not be read");
                Vec::new()
            }
        };
        let idle = claims.is_empty();
        for claim in claims {
            project(&store, clock, &client, claim).await;
            bells.news.notify_one();
        }
        let interval = Duration::from_millis(EFFECTS_INTERVAL_MS);
        if idle && !wait(&bells.effects, interval, &mut shutdown).await {
            return;
        }
    }
}

async fn project<S: HubStore>(store: &S, clock: Clock, client: &RegistryClient, claim: Claim) {
    let Claim::Effect {
        request_id,
        correlation_id,
        body,
        attempt,
    } = claim
    else {
        return;
    };
    let outcome = client.project(&request_id, &correlation_id, &body.0).await;
    tracing::info!(trace.id = %correlation_id, request.id = %request_id, attempt, outcome = word(&outcome), "effect brought to the registry");
    let finish = Finish::Effect {
        request_id,
        outcome,
    };
    if let Err(error) = store.finish(finish, clock.now()).await {
        watch::store_failed("finish an effect", &error);
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
