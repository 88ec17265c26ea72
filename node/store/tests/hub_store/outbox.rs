//! Messages and effects: one cause one message, leases, repeated reports, early receipts.

use channels_core::{LinkName, SmsStatus, SubmitOutcome};
use node_core::command::Command;
use node_core::role::Principal;
use node_core::turn::{Claim, ClaimKind, EffectOutcome, Finish, Turn};
use node_store::{HubStore, Outbox};

use crate::world::{
    AREA, WORKER_A, World, at, claim_effects, claim_messages, command, counts, finish_effect, link,
    register, sqlite, sync,
};

/// A node with one registration accepted: the mother was asked, the worker's digest waits.
async fn told<S: HubStore>(world: &World<S>) {
    let World { hub, a, .. } = world;
    register(a, WORKER_A, 1, 10).await;
    sync(a, hub, 20).await;
    for claim in claim_effects(hub, 30).await {
        let Claim::Effect { request_id, .. } = claim else {
            panic!("a message")
        };
        let outcome = EffectOutcome::Accepted {
            registry_id: "r".to_owned(),
        };
        finish_effect(hub, &request_id, outcome, 31).await;
    }
    sync(a, hub, 40).await;
    command(a, &Principal::system(AREA, "en"), Command::SendDigests, 50)
        .await
        .unwrap();
}

fn id(claim: &Claim) -> String {
    match claim {
        Claim::Message { id, .. } => id.clone(),
        Claim::Effect { request_id, .. } | Claim::Removal { request_id, .. } => request_id.clone(),
        Claim::ApplicationReceipt(receipt) => receipt.id.clone(),
    }
}

async fn report<S: HubStore>(store: &S, id: &str, outcome: SubmitOutcome, second: i64) {
    let finish = Finish::Message {
        id: id.to_owned(),
        link: link().0,
        outcome,
    };
    store.finish(finish, at(second)).await.unwrap();
}

async fn receipt<S: HubStore>(store: &S, message_id: &str, delivered: bool, second: i64) {
    let link = LinkName("operator-a".to_owned());
    let status = SmsStatus::new(link, message_id.to_owned(), Some(delivered));
    store
        .commit(Turn::MessageStatus(status), at(second))
        .await
        .unwrap();
}

fn sent(message_id: &str) -> SubmitOutcome {
    SubmitOutcome::Sent {
        message_id: message_id.to_owned(),
    }
}

#[tokio::test]
async fn a_delivered_digest_confirms_its_registrations() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    told(&world).await;
    let claims = claim_messages(&world.a, 60).await;
    assert_eq!(counts(&world.a).await.confirmed, 0);
    for (n, claim) in claims.iter().enumerate() {
        report(&world.a, &id(claim), sent(&format!("m{n}")), 61).await;
        receipt(&world.a, &format!("m{n}"), true, 62).await;
    }
    let now = counts(&world.a).await;
    assert_eq!(now.messages.get("delivered"), Some(&2));
    assert_eq!(now.confirmed, 1);
    receipt(&world.a, "m0", false, 63).await;
    assert_eq!(counts(&world.a).await.messages.get("delivered"), Some(&2));
}

#[tokio::test]
async fn a_receipt_before_the_network_id_is_kept_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    told(&world).await;
    let claims = claim_messages(&world.a, 60).await;
    receipt(&world.a, "early", true, 61).await;
    report(&world.a, &id(&claims[0]), sent("early"), 62).await;
    assert_eq!(counts(&world.a).await.messages.get("delivered"), Some(&1));
}

#[tokio::test]
async fn a_throttled_message_comes_again_after_the_pause_and_no_attempt_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    told(&world).await;
    let claims = claim_messages(&world.a, 60).await;
    for (claim, outcome) in claims.iter().zip([
        SubmitOutcome::Throttled { after_s: 5 },
        SubmitOutcome::TryLater { after_s: 5 },
    ]) {
        report(&world.a, &id(claim), outcome, 60).await;
    }
    assert!(claim_messages(&world.a, 64).await.is_empty());
    let again = claim_messages(&world.a, 66).await;
    let attempts = again.iter().map(|claim| match claim {
        Claim::Message { id, attempt, .. } => (id.clone(), *attempt),
        _ => panic!("no effect"),
    });
    let attempts: std::collections::BTreeMap<_, _> = attempts.collect();
    let seen = claims.iter().map(|claim| attempts.get(&id(claim)).copied());
    assert_eq!(seen.collect::<Vec<_>>(), [Some(1), Some(2)]);
}

#[tokio::test]
async fn a_claimed_message_is_nobody_elses_and_its_lapse_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    told(&world).await;
    let claims = claim_messages(&world.a, 60).await;
    assert_eq!(claims.len(), 2);
    assert!(claim_messages(&world.a, 61).await.is_empty());
    report(
        &world.a,
        &id(&claims[0]),
        SubmitOutcome::TryLater { after_s: 5 },
        62,
    )
    .await;
    assert!(claim_messages(&world.a, 66).await.is_empty());
    let again = claim_messages(&world.a, 68).await;
    assert_eq!(again.len(), 1);
    assert_eq!(id(&again[0]), id(&claims[0]));
    assert!(matches!(&again[0], Claim::Message { attempt: 2, .. }));
    // A modem may take two minutes to answer; the other one is still its claimer's.
    assert!(claim_messages(&world.a, 235).await.is_empty());
    assert_eq!(counts(&world.a).await.messages.get("unknown"), None);
    // Its lease lapses: it may have left, so it is not sent again.
    assert!(claim_messages(&world.a, 245).await.is_empty());
    assert_eq!(counts(&world.a).await.messages.get("unknown"), Some(&1));
    report(
        &world.a,
        &id(&claims[1]),
        SubmitOutcome::Failed { code: 8 },
        246,
    )
    .await;
    assert_eq!(counts(&world.a).await.messages.get("unknown"), Some(&1));
    report(&world.a, &id(&claims[1]), sent("late"), 247).await;
    assert_eq!(counts(&world.a).await.messages.get("sent"), Some(&1));
}

#[tokio::test]
async fn a_message_without_credit_is_held_and_never_failed() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    told(&world).await;
    let claims = claim_messages(&world.a, 60).await;
    for claim in &claims {
        report(&world.a, &id(claim), SubmitOutcome::NoCredit, 61).await;
    }
    assert_eq!(counts(&world.a).await.messages.get("queued"), Some(&2));
    let over = |second| {
        let kind = ClaimKind::MessagesOver { link: link().0 };
        world.a.claim(kind, 100, at(second))
    };
    assert!(over(61 + 899).await.unwrap().is_empty());
    // One tries whether the account was topped up; it pays, so the others follow.
    let probe = over(61 + 901).await.unwrap();
    assert_eq!(probe.len(), 1);
    report(&world.a, &id(&probe[0]), sent("paid"), 963).await;
    assert_eq!(over(964).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_receipt_with_our_own_id_settles_a_lost_answer() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    told(&world).await;
    let claims = claim_messages(&world.a, 60).await;
    report(&world.a, &id(&claims[0]), SubmitOutcome::Unknown, 61).await;
    receipt(&world.a, &id(&claims[0]), true, 62).await;
    assert_eq!(counts(&world.a).await.messages.get("delivered"), Some(&1));
    // The answer that comes after its receipt changes nothing.
    receipt(&world.a, &id(&claims[1]), true, 63).await;
    report(&world.a, &id(&claims[1]), sent("x"), 64).await;
    assert_eq!(counts(&world.a).await.messages.get("delivered"), Some(&2));
    receipt(&world.a, "00ff", true, 65).await;
    assert_eq!(counts(&world.a).await.messages.get("delivered"), Some(&2));
}

#[tokio::test]
async fn a_stale_message_expires_unsent() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    told(&world).await;
    assert!(claim_messages(&world.a, 60 + 49 * 3_600).await.is_empty());
    assert_eq!(counts(&world.a).await.messages.get("expired"), Some(&2));
}

#[tokio::test]
async fn an_unknown_effect_is_tried_again_with_the_same_id() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    unknown_effect_keeps_its_id(&world).await;
}

async fn unknown_effect_keeps_its_id<S: HubStore>(world: &World<S>) {
    let World { hub, a, .. } = world;
    register(a, WORKER_A, 1, 10).await;
    sync(a, hub, 20).await;
    let first = claim_effects(hub, 30).await;
    assert_eq!(first.len(), 1);
    assert!(claim_effects(hub, 31).await.is_empty());
    finish_effect(hub, &id(&first[0]), EffectOutcome::Unknown, 32).await;
    assert_eq!(counts(hub).await.effects.get("unknown"), Some(&1));
    let second = claim_effects(hub, 34).await;
    assert_eq!(id(&second[0]), id(&first[0]));
    // Its lease lapses without a word: again the same id.
    let third = claim_effects(hub, 95).await;
    assert_eq!(id(&third[0]), id(&first[0]));
    a_refusal_is_final(hub, &id(&first[0])).await;
}

async fn a_refusal_is_final<S: HubStore>(hub: &S, request_id: &str) {
    let rejected = EffectOutcome::Rejected {
        code: "400".to_owned(),
        field: None,
        reason: "schema".to_owned(),
    };
    finish_effect(hub, request_id, rejected, 96).await;
    let accepted = EffectOutcome::Accepted {
        registry_id: "late".to_owned(),
    };
    finish_effect(hub, request_id, accepted, 97).await;
    assert_eq!(counts(hub).await.effects.get("refused"), Some(&1));
    assert!(claim_effects(hub, 9_999).await.is_empty());
}
