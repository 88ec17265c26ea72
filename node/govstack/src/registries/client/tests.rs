//! The client against a real server: one record whatever is lost on the way.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::registries::fault::{LostAnswers, lossy};
use crate::registries::peer::{Peer, upstream};
use crate::registries::server::ServerConfig;

const BODY: &str = r#"{"child":{"firstName":"Usha"},"id":"0d9c6d5e-1111-8111-8111-111111111111"}"#;
const ID: &str = "0d9c6d5e-1111-8111-8111-111111111111";

fn mcts() -> RegistryTarget {
    RegistryTarget {
        registry: "mcts".to_owned(),
        version: "1.0".to_owned(),
        generation: Generation::Camel,
    }
}

fn client_of(peer: &Peer, generation: Generation) -> RegistryClient {
    let target = RegistryTarget {
        generation,
        ..mcts()
    };
    RegistryClient::new(&upstream(peer.address), &target).unwrap()
}

fn accepted_here() -> EffectOutcome {
    EffectOutcome::Accepted {
        registry_id: ID.to_owned(),
    }
}

#[tokio::test]
async fn both_spellings_reach_the_registry_once() {
    for generation in [Generation::Camel, Generation::Hyphens] {
        let peer = Peer::start(0).await;
        let client = client_of(&peer, generation);
        let outcome = client.project("0123456789AB", "ABCDEFGHJKMN", BODY).await;
        assert_eq!(outcome, accepted_here());
        assert_eq!(peer.count().await, 1);
        assert_eq!(
            (peer.received.writes(), peer.received.correlation_ids()),
            (1, 1)
        );
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_same_call_again_leaves_one_record() {
    let lost = Arc::new(LostAnswers::default());
    let losing = Arc::clone(&lost);
    let wrap = move |router| lossy(router, losing);
    let peer = Peer::start_with(0, ServerConfig::default(), wrap).await;
    let client = client_of(&peer, Generation::Camel);
    lost.lose(1);
    let first = client.project("0123456789AB", "ABCDEFGHJKMN", BODY).await;
    assert_eq!((first, lost.left()), (EffectOutcome::Unknown, 0));
    let second = client.project("0123456789AB", "ABCDEFGHJKMN", BODY).await;
    assert_eq!(second, accepted_here());
    assert_eq!(peer.count().await, 1);
    assert_eq!(
        (peer.received.writes(), peer.received.correlation_ids()),
        (2, 1)
    );
}

#[tokio::test]
async fn nobody_listening_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = RegistryClient::new(&upstream(address), &mcts()).unwrap();
    let outcome = client.project("0123456789AB", "ABCDEFGHJKMN", BODY).await;
    assert_eq!(
        outcome,
        EffectOutcome::TryLater {
            after_s: NOT_SENT_WAIT_S
        }
    );
}

#[tokio::test]
async fn an_unknown_registry_waits_for_a_person() {
    let peer = Peer::start(0).await;
    let target = RegistryTarget {
        registry: "mistyped".to_owned(),
        ..mcts()
    };
    let client = RegistryClient::new(&upstream(peer.address), &target).unwrap();
    let outcome = client.project("0123456789AB", "ABCDEFGHJKMN", BODY).await;
    assert_eq!(
        outcome,
        EffectOutcome::TryLater {
            after_s: CONFIGURATION_WAIT_S
        }
    );
}

#[tokio::test]
async fn content_without_id_is_refused_and_nothing_is_sent() {
    let peer = Peer::start(0).await;
    let client = client_of(&peer, Generation::Camel);
    for body in ["{}", "[]", "", r#"{"id":7}"#, r#"{"id":""}"#] {
        let outcome = client.project("0123456789AB", "ABCDEFGHJKMN", body).await;
        assert!(matches!(outcome, EffectOutcome::Rejected { .. }), "{body}");
    }
    assert_eq!((peer.received.reads(), peer.received.writes()), (0, 0));
}

#[test]
fn names_that_could_leave_their_place_in_the_path_are_refused() {
    let address = "127.0.0.1:9".parse().unwrap();
    for registry in ["", "..", "a/b", "a?b", "a b", "a%2f"] {
        let target = RegistryTarget {
            registry: registry.to_owned(),
            ..mcts()
        };
        let refused = RegistryClient::new(&upstream(address), &target);
        assert!(
            matches!(
                refused,
                Err(ConfigError::Form {
                    key: "registry",
                    ..
                })
            ),
            "{registry}"
        );
    }
}

/// Answers `exists` well and the write with these bytes, then closes.
async fn raw_registry(answer: String) -> (RegistryClient, tokio::task::JoinSet<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        let known = r#"{"answer":{"status":false}}"#;
        let exists = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{known}",
            known.len()
        );
        let mut seen = String::new();
        for answer in [exists.as_str(), answer.as_str()] {
            let (mut socket, _) = listener.accept().await.unwrap();
            seen.push_str(&read_request(&mut socket).await);
            seen.push('\n');
            socket.write_all(answer.as_bytes()).await.unwrap();
            if answer.is_empty() {
                // Silence: the client has to give up by itself.
                let mut rest = Vec::new();
                socket.read_to_end(&mut rest).await.unwrap();
            }
        }
        seen
    });
    let mut config = upstream(address);
    config.timeout = Duration::from_millis(300);
    (RegistryClient::new(&config, &mcts()).unwrap(), tasks)
}

/// One request with its `content-length` body, as text.
async fn read_request(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 1024];
        let count = socket.read(&mut piece).await.unwrap();
        bytes.extend_from_slice(&piece[..count]);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap();
        if body.len() >= length.parse::<usize>().unwrap() {
            return text;
        }
    }
}

#[tokio::test]
async fn outcomes_of_the_write_follow_the_table() {
    let later = EffectOutcome::TryLater {
        after_s: CONFIGURATION_WAIT_S,
    };
    let rejected = EffectOutcome::Rejected {
        code: "type".to_owned(),
        field: Some("/write/content/child".to_owned()),
        reason: "/write/content/child: must be an object".to_owned(),
    };
    let refusal = r#"{"code":"type","message":"/write/content/child: must be an object"}"#;
    let cases = [
        ("503 Busy", "", EffectOutcome::Unknown),
        ("429 Slow", "", EffectOutcome::Unknown),
        (
            "400 No\r\nX-Road-Error: Server.X",
            refusal,
            EffectOutcome::Unknown,
        ),
        ("200 OK", "<html>", EffectOutcome::Unknown),
        ("200 OK", "{}", EffectOutcome::Unknown),
        (
            "200 OK",
            r#"{"content":{"id":"other"}}"#,
            EffectOutcome::Unknown,
        ),
        ("302 Go\r\nlocation: /x", "", later.clone()),
        ("401 No", "", later),
        ("400 No", refusal, rejected),
    ];
    for (head, body, expected) in cases {
        let length = body.len();
        let answer = format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}");
        let (client, _tasks) = raw_registry(answer).await;
        let outcome = client.project("0123456789AB", "ABCDEFGHJKMN", BODY).await;
        assert_eq!(outcome, expected, "{head} {body}");
    }
}

#[tokio::test]
async fn a_registry_that_never_answers_leaves_the_outcome_unknown() {
    let (client, _tasks) = raw_registry(String::new()).await;
    let outcome = client.project("0123456789AB", "ABCDEFGHJKMN", BODY).await;
    assert_eq!(outcome, EffectOutcome::Unknown);
}

#[tokio::test]
async fn requests_carry_the_headers_that_peers_insist_on() {
    let answer = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n";
    let (client, mut tasks) = raw_registry(answer.to_owned()).await;
    client.project("0123456789AB", "ABCDEFGHJKMN", BODY).await;
    let seen = tasks.join_next().await.unwrap().unwrap();
    for line in [
        "POST /data/mcts/1.0/exists HTTP/1.1",
        "POST /data/mcts/1.0/updateOrCreate HTTP/1.1",
        "accept: application/json",
        "content-type: application/json; charset=utf-8",
        "information-mediator-client: ET/GOV/90000021/outpost",
        "x-correlationid: ABCDEFGHJKMN",
        "idempotency-key: 0123456789AB",
    ] {
        assert!(
            seen.lines().any(|have| have == line),
            "{line} is missing in {seen}"
        );
    }
    assert!(
        !seen.contains("cookie") && !seen.contains("user-agent"),
        "{seen}"
    );
}

#[test]
fn a_registry_may_give_its_own_id_and_keep_ours() {
    let answer = serde_json::json!({"content": {"id": "MCTS31", "uuid": ID}});
    let theirs = EffectOutcome::Accepted {
        registry_id: "MCTS31".to_owned(),
    };
    assert_eq!(accepted(&answer, ID), theirs);
    assert_eq!(
        accepted(&serde_json::json!({"content": {}}), ID),
        accepted_here()
    );
}
