//! The main path: registered here, carried, accepted by the registry, told to the worker.

use node_core::command::Command;
use node_core::role::Principal;
use node_core::status::Status;
use node_core::turn::{Claim, EffectOutcome};
use node_store::HubStore;

use crate::world::{
    AREA, WORKER_A, WORKER_B, World, claim_effects, claim_messages, command, counts, finish_effect,
    register, registrations, sqlite, sync, worker,
};

#[tokio::test]
async fn a_registration_is_held_then_carried_then_accepted_and_told() {
    let folder = tempfile::tempdir().unwrap();
    registration_goes_all_the_way(&sqlite(folder.path()).await).await;
}

async fn registration_goes_all_the_way<S: HubStore>(world: &World<S>) {
    let World { hub, a, .. } = world;
    let outcome = register(a, WORKER_A, 1, 10).await;
    assert_eq!(outcome.values["status"], "held");
    assert_eq!(statuses(a).await, [Status::Held]);
    is_carried_by_a_receipt(world).await;
    let held = registrations(a).await.remove(0);
    accept_one(hub, &held.correlation_id).await;
    assert_eq!(statuses(hub).await, [Status::Accepted]);

    sync(a, hub, 40).await;
    worker_is_told_once(a).await;
}

async fn is_carried_by_a_receipt<S: HubStore>(world: &World<S>) {
    let World { hub, a, .. } = world;
    assert!(counts(a).await.not_carried > 0);
    sync(a, hub, 20).await;
    assert_eq!(statuses(a).await, [Status::Carried]);
    assert_eq!(counts(a).await.not_carried, 0);
}

async fn statuses<S: HubStore>(store: &S) -> Vec<Status> {
    registrations(store)
        .await
        .iter()
        .map(|row| row.status)
        .collect()
}

/// The registry takes the one effect, and says so twice.
async fn accept_one<S: HubStore>(hub: &S, correlation: &str) {
    let claims = claim_effects(hub, 30).await;
    let [
        Claim::Effect {
            request_id,
            correlation_id,
            body,
            attempt: 1,
        },
    ] = claims.as_slice()
    else {
        panic!("not one effect: {claims:?}");
    };
    assert_eq!(correlation_id, correlation);
    assert!(body.0.contains("Juma b"));
    let accepted = EffectOutcome::Accepted {
        registry_id: "record-1".to_owned(),
    };
    finish_effect(hub, request_id, accepted.clone(), 31).await;
    finish_effect(hub, request_id, accepted, 32).await;
}

async fn worker_is_told_once<S: HubStore>(node: &S) {
    let told = registrations(node).await.remove(0);
    assert_eq!(told.status, Status::Accepted);
    assert_eq!(told.registry_id.as_deref(), Some("record-1"));
    let system = Principal::system(AREA, "en");
    command(node, &system, Command::SendDigests, 50)
        .await
        .unwrap();
    command(node, &system, Command::SendDigests, 51)
        .await
        .unwrap();
    let texts: Vec<String> = claim_messages(node, 60)
        .await
        .into_iter()
        .map(|claim| match claim {
            Claim::Message { to, text, .. } => format!("{to} {}", text.0),
            Claim::Effect { .. } | Claim::ApplicationReceipt(_) | Claim::Removal { .. } => {
                panic!("an effect among messages")
            }
        })
        .collect();
    let digests = texts
        .iter()
        .filter(|text| text.starts_with(WORKER_A))
        .count();
    assert_eq!(digests, 1, "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("1 accepted")));
}

#[tokio::test]
async fn the_same_pair_on_two_nodes_waits_for_a_person() {
    let folder = tempfile::tempdir().unwrap();
    exact_repeat_is_joined(&sqlite(folder.path()).await).await;
}

async fn exact_repeat_is_joined<S: HubStore>(world: &World<S>) {
    let World { hub, a, b, .. } = world;
    register(a, WORKER_A, 7, 10).await;
    register(b, WORKER_B, 7, 10).await;
    sync(a, hub, 20).await;
    sync(b, hub, 21).await;
    one_waits(hub).await;
    accept_all(hub).await;
    worker_says_same(b, hub).await;
    assert!(claim_effects(hub, 28).await.is_empty());
}

async fn accept_all<S: HubStore>(hub: &S) {
    for claim in claim_effects(hub, 22).await {
        let Claim::Effect { request_id, .. } = claim else {
            panic!("a message")
        };
        let accepted = EffectOutcome::Accepted {
            registry_id: "record-7".to_owned(),
        };
        finish_effect(hub, &request_id, accepted, 23).await;
    }
}

async fn one_waits<S: HubStore>(hub: &S) {
    assert_eq!(statuses(hub).await, [Status::Conflict, Status::Carried]);
    assert_eq!(counts(hub).await.open_reviews, 1);
}

async fn worker_says_same<S: HubStore>(b: &S, hub: &S) {
    sync(b, hub, 24).await;
    let answer = Command::AnswerReview {
        review: None,
        same: true,
    };
    command(b, &worker(WORKER_B, 2), answer, 25).await.unwrap();
    sync(b, hub, 26).await;
    assert_eq!(statuses(hub).await, [Status::Accepted, Status::Accepted]);
    sync(b, hub, 27).await;
    assert_eq!(statuses(b).await, [Status::Accepted]);
}
