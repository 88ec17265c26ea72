//! Removing a record at a served registry: doubled, lost and late answers, wrong addresses, and a
//! registry that does not do what it says.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use node_core::removal::RemovalOutcome;
use node_core::turn::{EffectOutcome, Private};
use tokio::net::TcpListener;

use super::{CONFIGURATION_WAIT_S, Generation, NOT_SENT_WAIT_S, RegistryClient, RegistryTarget};
use crate::registries::fault::{LostAnswers, lossy};
use crate::registries::peer::{Peer, upstream};
use crate::registries::server::ServerConfig;

const BODY: &str = r#"{"child":{"firstName":"Usha"},"id":"0d9c6d5e-1111-8111-8111-111111111111"}"#;
const ID: &str = "0d9c6d5e-1111-8111-8111-111111111111";

fn client(peer: &Peer, registry: &str) -> RegistryClient {
    let target = RegistryTarget {
        registry: registry.to_owned(),
        version: "1.0".to_owned(),
        generation: Generation::Camel,
    };
    let mut config = upstream(peer.address);
    config.timeout = Duration::from_millis(400);
    RegistryClient::new(&config, &target).unwrap()
}

fn ids(ids: &[&str]) -> Vec<Private> {
    ids.iter().map(|id| Private((*id).to_owned())).collect()
}

async fn written(peer: &Peer) -> RegistryClient {
    let client = client(peer, "mcts");
    let outcome = client.project("0123456789AB", "ABCDEFGHJKMN", BODY).await;
    assert!(matches!(outcome, EffectOutcome::Accepted { .. }));
    assert_eq!(peer.count().await, 1);
    client
}

#[tokio::test]
async fn a_record_is_removed_once_and_again_without_harm() {
    let peer = Peer::start(0).await;
    let client = written(&peer).await;
    for _ in 0..2 {
        let gone = client.remove("0123456789AC", &ids(&["theirs", ID])).await;
        assert_eq!(gone, RemovalOutcome::Gone);
        assert_eq!(peer.count().await, 0);
    }
}

#[tokio::test]
async fn other_records_stay() {
    let peer = Peer::start(3).await;
    let client = client(&peer, "mcts");
    let gone = client.remove("0123456789AC", &ids(&["r00001"])).await;
    assert_eq!((gone, peer.count().await), (RemovalOutcome::Gone, 2));
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_next_time_it_is_gone() {
    let lost = Arc::new(LostAnswers::default());
    let losing = Arc::clone(&lost);
    let wrap = move |router| lossy(router, losing);
    let peer = Peer::start_with(0, ServerConfig::default(), wrap).await;
    let client = written(&peer).await;
    lost.lose(1);
    let first = client.remove("0123456789AC", &ids(&[ID])).await;
    // The deletion was carried out; the client learns it from the next try.
    assert_eq!((first, lost.left()), (RemovalOutcome::Unknown, 0));
    assert_eq!(peer.count().await, 0);
    let second = client.remove("0123456789AC", &ids(&[ID])).await;
    assert_eq!(second, RemovalOutcome::Gone);
}

/// Answers deletions by this function and everything else as a registry does.
fn answering(
    router: Router,
    answer: impl Fn() -> Option<StatusCode> + Clone + Send + Sync + 'static,
) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| {
        let deletion = request.method() == Method::DELETE;
        let answer = answer.clone();
        async move {
            match answer() {
                Some(status) if deletion => status.into_response(),
                None if deletion => core::future::pending::<Response>().await,
                _ => next.run(request).await,
            }
        }
    }))
}

async fn told(status: Option<StatusCode>) -> (RemovalOutcome, u64) {
    let wrap = move |router| answering(router, move || status);
    let peer = Peer::start_with(0, ServerConfig::default(), wrap).await;
    let client = written(&peer).await;
    let outcome = client.remove("0123456789AC", &ids(&[ID])).await;
    (outcome, peer.count().await)
}

#[tokio::test]
async fn only_a_record_that_the_registry_denies_counts_as_gone() {
    let later = |after_s| RemovalOutcome::TryLater { after_s };
    // Each of these registries still holds the record.
    for (status, outcome) in [
        // No answer in time, a failure, "not there" although it is, and a deletion that did nothing.
        (None, RemovalOutcome::Unknown),
        (Some(StatusCode::BAD_GATEWAY), RemovalOutcome::Unknown),
        (Some(StatusCode::NOT_FOUND), RemovalOutcome::Unknown),
        (Some(StatusCode::NO_CONTENT), RemovalOutcome::Unknown),
        // A person must act.
        (Some(StatusCode::FORBIDDEN), later(CONFIGURATION_WAIT_S)),
        (Some(StatusCode::BAD_REQUEST), later(CONFIGURATION_WAIT_S)),
        (
            Some(StatusCode::METHOD_NOT_ALLOWED),
            later(CONFIGURATION_WAIT_S),
        ),
    ] {
        assert_eq!(told(status).await, (outcome, 1), "{status:?}");
    }
}

#[tokio::test]
async fn a_wrong_address_is_not_taken_for_a_record_that_is_gone() {
    let peer = Peer::start(0).await;
    drop(written(&peer).await);
    let outcome = client(&peer, "mistyped")
        .remove("0123456789AC", &ids(&[ID]))
        .await;
    let after_s = CONFIGURATION_WAIT_S;
    assert_eq!(outcome, RemovalOutcome::TryLater { after_s });
    assert_eq!(peer.count().await, 1);
    for id in ["", "..", &"x".repeat(300)] {
        let outcome = client(&peer, "mcts")
            .remove("0123456789AC", &ids(&[id]))
            .await;
        assert_eq!(outcome, RemovalOutcome::TryLater { after_s }, "{id}");
    }
}

#[tokio::test]
async fn nobody_listening_is_tried_later() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let target = RegistryTarget {
        registry: "mcts".to_owned(),
        version: "1.0".to_owned(),
        generation: Generation::Camel,
    };
    let client = RegistryClient::new(&upstream(address), &target).unwrap();
    let outcome = client.remove("0123456789AC", &ids(&[ID])).await;
    let after_s = NOT_SENT_WAIT_S;
    assert_eq!(outcome, RemovalOutcome::TryLater { after_s });
}
