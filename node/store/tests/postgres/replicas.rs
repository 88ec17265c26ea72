//! SY19: several replicas at once on one database: one set of rows, equal receipts, one claimer each.

use node_core::turn::{Acceptance, Claim, ClaimKind};
use node_store::postgres::{PostgresStore, Server};
use node_store::{Accepting, Outbox};
use sync_core::{ChainId, Seq};

use crate::cluster::REPLICA;
use crate::on_server::OnPostgres;
use crate::subject::Subject;
use crate::world::{WORKER_A, at, register, registration_chain};

/// Frames that both replicas are given at once.
const FRAMES: u32 = 24;

fn receipt(acceptance: &Acceptance) -> (u32, Vec<u8>) {
    match acceptance {
        Acceptance::Accepted {
            entries,
            receipt: Some(receipt),
        } => (*entries, receipt.clone()),
        Acceptance::Known {
            receipt: Some(receipt),
        } => (0, receipt.clone()),
        other => panic!("not taken: {other:?}"),
    }
}

/// Frames of one chain, and the end of the last one.
async fn frames(subject: &OnPostgres) -> (ChainId, Seq, Vec<Vec<u8>>) {
    register(&subject.world.a, WORKER_A, 0, 10).await;
    let chain = registration_chain(&subject.world.a).await;
    let mut frames = vec![subject.frame_after(chain, Seq(0)).await];
    let mut last = Seq(4);
    for n in 1..=FRAMES {
        register(&subject.world.a, WORKER_A, n, 11 + i64::from(n)).await;
        frames.push(subject.frame_after(chain, last).await);
        last = Seq(last.0 + 4);
    }
    (chain, last, frames)
}

async fn offered(store: PostgresStore, frame: Vec<u8>, second: i64) -> (u32, Vec<u8>) {
    let offered = tokio::spawn(async move { store.accept(frame, at(second)).await.unwrap() });
    receipt(&offered.await.unwrap())
}

/// Gives both the same frames, one after the other, at the same time.
async fn check_race(subject: &OnPostgres, one: &PostgresStore, other: &PostgresStore) {
    let (chain, last, frames) = frames(subject).await;
    let mut entries = 0;
    for frame in frames {
        let (first, second) = tokio::join!(
            offered(one.clone(), frame.clone(), 100),
            offered(other.clone(), frame, 101),
        );
        assert_eq!(first.1, second.1, "equal receipts");
        assert!(first.0 == 0 || second.0 == 0, "one of them took it");
        entries += first.0 + second.0;
    }
    assert_eq!(subject.head(&chain).await.unwrap().0, last);
    assert_eq!(entries, last.0);
    let (checked, findings) = one.check().await.unwrap();
    assert!(findings.is_empty() && checked > 0, "{findings:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_given_the_same_frames_at_once_give_equal_receipts() {
    let subject = OnPostgres::start().await;
    let other = subject.replica(&subject.database.replica()).await;
    check_race(&subject, &subject.store, &other).await;
}

/// As a distributed engine would: every transaction serializable, so that conflicts end in an error
/// and the whole function is repeated.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_holds_where_the_server_refuses_what_it_cannot_serialize() {
    let subject = OnPostgres::start().await;
    let strict = format!(
        "{} options='-c default_transaction_isolation=serializable'",
        subject.database.parameters(REPLICA)
    );
    let strict = Server::new(&strict, None).unwrap();
    let (one, other) = (
        subject.replica(&strict).await,
        subject.replica(&strict).await,
    );
    check_race(&subject, &one, &other).await;
    subject.plan().await;
    check_claimed_apart(&one, &other, 25).await;
}

async fn check_claimed_apart(one: &PostgresStore, other: &PostgresStore, count: usize) {
    let claim = |store: &PostgresStore| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut ids = Vec::new();
            loop {
                let kind = ClaimKind::Effects {
                    upstream: "registries".to_owned(),
                };
                let claims = store.claim(kind, 3, at(200)).await.unwrap();
                if claims.is_empty() {
                    return ids;
                }
                ids.extend(claims.into_iter().map(|claim| match claim {
                    Claim::Effect { request_id, .. } => request_id,
                    other => panic!("not an effect: {other:?}"),
                }));
            }
        })
    };
    let (first, second) = (claim(one), claim(other));
    let mut ids = first.await.unwrap();
    ids.extend(second.await.unwrap());
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(
        (ids.len(), all),
        (count, count),
        "each effect has one claimer"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_effect_is_claimed_by_two_replicas() {
    let subject = OnPostgres::start().await;
    for n in 0..20 {
        register(&subject.world.a, WORKER_A, n, 10).await;
    }
    let chain = registration_chain(&subject.world.a).await;
    subject
        .offer(subject.frame_after(chain, Seq(0)).await)
        .await;
    subject.plan().await;
    let other = subject.replica(&subject.database.replica()).await;
    check_claimed_apart(&subject.store, &other, 20).await;
}
