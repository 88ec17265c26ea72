//! The served API over real HTTP, operation by operation.

use reqwest::Method;
use serde_json::{Value, json};

use super::*;
use crate::registries::peer::{Peer, parts};
use crate::upstream::Secret;

fn write(content: &Value) -> Value {
    json!({"write": {"content": content}})
}

fn query(content: &Value) -> Value {
    json!({"query": {"content": content}})
}

#[tokio::test]
async fn a_record_is_created_read_changed_and_deleted() {
    let peer = Peer::start(0).await;
    let record = json!({"id": "a", "firstName": "Usha", "age": 3});
    assert_eq!(
        peer.post("create", &write(&record)).await,
        (200, json!({"content": record}))
    );
    let known = json!({"answer": {"status": true, "message": "Object found from database"}});
    assert_eq!(
        peer.post("exists", &query(&json!({"id": "a"}))).await,
        (200, known.clone())
    );
    assert_eq!(
        peer.post("exists", &json!({"firstName": "Usha"})).await,
        (200, known)
    );
    let missing = peer
        .post("exists", &query(&json!({"firstName": "Sowmya"})))
        .await;
    assert_eq!(missing.1["answer"]["status"], json!(false));
    let read = peer.post("read", &query(&json!({"age": 3}))).await;
    assert_eq!(read, (200, json!({"content": record})));

    let change = json!({"query": {"content": {"id": "a"}}, "write": {"content": {"age": 4}}});
    assert_eq!(peer.put("update", &change).await, (200, Value::Null));
    let value = peer.get("/data/mcts/1.0/a/readValue/age.json").await;
    assert_eq!(value, (200, json!({"value": 4})));
    let text = peer.get("/data/mcts/1.0/a/read-value/firstName.json").await;
    assert_eq!(text, (200, json!("Usha")));

    for _ in 0..2 {
        let gone = peer
            .request(Method::DELETE, "/data/mcts/1.0/a/delete")
            .send()
            .await
            .unwrap();
        assert_eq!(gone.status(), 204);
    }
    let (status, body) = peer.post("read", &query(&json!({"id": "a"}))).await;
    assert_eq!((status, &body["detail"]), (404, &json!("no record found")));
    assert_eq!(peer.count().await, 0);
}

#[tokio::test]
async fn the_same_write_again_is_the_stored_answer_without_effect() {
    let peer = Peer::start(0).await;
    let body =
        json!({"write": {"content": {"id": "a", "n": 1}}, "query": {"content": {"id": "a"}}});
    let send = async |body: &Value, key: Option<&str>| {
        let path = "/data/mcts/1.0/updateOrCreate/";
        let mut request = peer.request(Method::POST, path).body(body.to_string());
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let response = request.send().await.unwrap();
        let replayed = response.headers().contains_key("idempotent-replayed");
        (replayed, parts(response).await)
    };
    let first = send(&body, None).await;
    let again = send(&body, None).await;
    assert_eq!((first.0, again.0), (false, true));
    assert_eq!(first.1, again.1);
    // Another body for the same record is a change.
    let other =
        json!({"query": {"content": {"id": "a"}}, "write": {"content": {"id": "a", "n": 2}}});
    assert!(!send(&other, None).await.0);
    // Back to the first content is a change too, not a replay.
    assert!(!send(&body, None).await.0);
    // A request id means one content only.
    assert!(!send(&other, Some("0123456789AB")).await.0);
    assert!(send(&other, Some("0123456789AB")).await.0);
    let (_, (status, refusal)) = send(&body, Some("0123456789AB")).await;
    assert_eq!(
        (status, &refusal["code"]),
        (400, &json!("id.other_content"))
    );
    assert_eq!(peer.count().await, 1);
}

#[tokio::test]
async fn create_refuses_a_key_that_is_taken_by_other_content() {
    let peer = Peer::start(0).await;
    peer.post("create", &write(&json!({"id": "a", "n": 1})))
        .await;
    let (status, refusal) = peer
        .post("create", &write(&json!({"id": "a", "n": 2})))
        .await;
    assert_eq!(
        (status, &refusal["code"]),
        (400, &json!("id.other_content"))
    );
    for member in ["traceId", "code", "message", "localizedMessage", "detail"] {
        assert!(refusal[member].is_string(), "{member}");
    }
    // Without a key one is made, the same one for the same request.
    let one = peer.post("create", &write(&json!({"n": 5}))).await;
    assert_eq!(one, peer.post("create", &write(&json!({"n": 5}))).await);
    assert_eq!(peer.count().await, 2);
}

#[tokio::test]
async fn concurrent_creates_of_one_key_leave_one_record_and_one_winner() {
    let peer = Peer::start(0).await;
    let (one, two) = (
        write(&json!({"id": "a", "n": 1})),
        write(&json!({"id": "a", "n": 2})),
    );
    let (one, two) = tokio::join!(peer.post("create", &one), peer.post("create", &two));
    let mut statuses = [one.0, two.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[tokio::test]
async fn update_or_create_may_move_a_record_to_a_new_key() {
    let peer = Peer::start(0).await;
    peer.post("create", &write(&json!({"id": "old", "n": 1})))
        .await;
    let body = json!({"query": {"content": {"id": "old"}}, "write": {"content": {"id": "new"}}});
    let moved = peer.post("update-or-create", &body).await;
    assert_eq!(moved, (200, json!({"content": {"id": "new", "n": 1}})));
    assert_eq!(peer.count().await, 1);
    peer.post("create", &write(&json!({"id": "other"}))).await;
    let body = json!({"query": {"content": {"id": "new"}}, "write": {"content": {"id": "other"}}});
    assert_eq!(peer.post("updateOrCreate", &body).await.0, 400);
    assert_eq!(peer.count().await, 2);
}

#[tokio::test]
async fn update_of_nothing_is_200_and_makes_nothing() {
    let peer = Peer::start(0).await;
    let body = json!({"query": {"content": {"id": "no"}}, "write": {"content": {"n": 1}}});
    assert_eq!(peer.put("update", &body).await.0, 200);
    assert_eq!(peer.put("update-entries", &body).await.0, 200);
    assert_eq!(peer.count().await, 0);
}

#[tokio::test]
async fn update_entries_changes_all_that_match() {
    let peer = Peer::start(10).await;
    let body = json!({"query": {"content": {"kind": "1"}}, "write": {"content": {"seen": true}}});
    assert_eq!(peer.put("updateEntries", &body).await.0, 200);
    let (_, list) = peer.get("/data/mcts/1.0?query.seen=true").await;
    assert_eq!(list["count"], json!(5));
    let key = json!({"query": {"content": {"kind": "1"}}, "write": {"content": {"id": "x"}}});
    assert_eq!(peer.put("updateEntries", &key).await.0, 400);
}

#[tokio::test]
async fn pages_follow_each_other_to_the_end() {
    let peer = Peer::start(7).await;
    let mut path = "/data/mcts/1.0/?pageSize=3".to_owned();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let (_, list) = peer.get(&path).await;
        assert_eq!(list["count"], json!(7));
        ids.extend(
            list["results"]
                .as_array()
                .unwrap()
                .iter()
                .map(|r| r["id"].clone()),
        );
        let root = format!("http://{}", peer.address);
        match list.get("next") {
            Some(next) => {
                path = next
                    .as_str()
                    .unwrap()
                    .strip_prefix(&root)
                    .unwrap()
                    .to_owned();
            }
            None => break,
        }
    }
    assert_eq!(ids.len(), 7);
    let (_, last) = peer.get(&path).await;
    assert!(last.get("next").is_none() && last["previous"].is_string());
    let (_, list) = peer.get("/data/mcts/1.0?pageSize=1000").await;
    assert_eq!(list["results"].as_array().unwrap().len(), 7);
    for wrong in ["page=0", "page=x", "pageSize=-1"] {
        assert_eq!(
            peer.get(&format!("/data/mcts/1.0?{wrong}")).await.0,
            400,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn search_filter_and_order_work_up_to_the_limit_of_candidates() {
    let peer = Peer::start(2_000).await;
    let (status, list) = peer
        .get("/data/mcts/1.0?search=R0000&filter=id&ordering=descending")
        .await;
    assert_eq!((status, &list["count"]), (200, &json!(10)));
    assert_eq!(list["results"][0]["id"], json!("r00009"));
    let (_, list) = peer.get("/data/mcts/1.0?query.n=17").await;
    assert_eq!(list["results"][0]["id"], json!("r00017"));
    let (_, list) = peer.get("/data/mcts/1.0?ordering=-n&pageSize=1").await;
    assert_eq!(list["results"][0]["n"], json!(1999));
    peer.post("create", &write(&json!({"id": "one-more"})))
        .await;
    let (status, refusal) = peer.get("/data/mcts/1.0?query.n=17").await;
    assert_eq!(status, 400);
    assert!(
        refusal["message"].as_str().unwrap().starts_with("/n: "),
        "{refusal}"
    );
    assert_eq!(
        peer.post("read", &query(&json!({"id": "r00001"}))).await.0,
        200
    );
}

#[tokio::test]
async fn empty_and_malformed_bodies_change_nothing() {
    let peer = Peer::start(1).await;
    let bodies = [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"write":1}"#,
        r#"{"write":{"content":[]}}"#,
    ];
    for operation in ["create", "updateOrCreate"] {
        for body in bodies {
            let path = format!("/data/mcts/1.0/{operation}");
            let response = peer
                .request(Method::POST, &path)
                .body(body)
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), 400, "{operation} {body}");
        }
    }
    let latin1 = b"{\"write\":{\"content\":{\"id\":\"\xe9\"}}}".to_vec();
    let request = peer
        .request(Method::POST, "/data/mcts/1.0/create")
        .body(latin1);
    assert_eq!(request.send().await.unwrap().status(), 400);
    for id in [json!(7), json!(""), json!("x".repeat(129)), Value::Null] {
        assert_eq!(peer.post("create", &write(&json!({"id": id}))).await.0, 400);
    }
    let large = json!({"id": "large", "text": "x".repeat(16 * 1024)});
    assert_eq!(peer.post("create", &write(&large)).await.0, 400);
    assert_eq!(peer.count().await, 1);
}

#[tokio::test]
async fn too_large_a_body_is_413_in_the_error_shape() {
    let peer = Peer::start(0).await;
    let body = "x".repeat(BODY_BYTES_MAX + 1);
    let request = peer
        .request(Method::POST, "/data/mcts/1.0/create")
        .body(body);
    let (status, refusal) = parts(request.send().await.unwrap()).await;
    assert_eq!((status, &refusal["code"]), (413, &json!("body.large")));
}

#[tokio::test]
async fn wrong_method_tells_the_right_one() {
    let peer = Peer::start(0).await;
    let request = peer.request(Method::GET, "/data/mcts/1.0/updateOrCreate");
    let response = request.send().await.unwrap();
    assert_eq!(response.headers().get("allow").unwrap(), "POST");
    let (status, refusal) = parts(response).await;
    assert_eq!((status, &refusal["code"]), (405, &json!("method")));
    assert_eq!(peer.received.writes(), 0);
}

#[tokio::test]
async fn callers_without_a_proper_name_and_unknown_registries_are_refused() {
    let peer = Peer::start(0).await;
    for client in ["", "ET/GOV/9", "ET/GOV//x", "ET/GOV/9/x/y"] {
        let mut request = peer.request(Method::GET, "/data/mcts/1.0").build().unwrap();
        let header = "information-mediator-client";
        request
            .headers_mut()
            .insert(header, client.parse().unwrap());
        let answer = parts(peer.execute(request).await).await;
        assert_eq!(answer.0, 400, "{client}");
    }
    assert_eq!(peer.get("/data/other/1.0").await.0, 404);
    assert_eq!(peer.get("/data/mcts/2.0").await.0, 404);
    assert_eq!(
        peer.get("/data/mcts/1.0").await,
        (200, json!({"count": 0, "results": []}))
    );
}

#[tokio::test]
async fn with_keys_only_their_clients_are_let_in() {
    let client = "ET/GOV/90000021/outpost".to_owned();
    let other = "ET/GOV/90000022/other".to_owned();
    let config = ServerConfig {
        access: Access::Keys(vec![
            ClientKey {
                client,
                key: Secret("right".to_owned()),
            },
            ClientKey {
                client: other,
                key: Secret("other".to_owned()),
            },
        ]),
        ..ServerConfig::default()
    };
    let peer = Peer::start_with(0, config, |router| router).await;
    let cases = [
        (None, 401),
        (Some("ApiKey right"), 200),
        (Some("Bearer right"), 200),
    ];
    let cases = cases
        .into_iter()
        .chain([(Some("wrong"), 401), (Some("other"), 403)]);
    for (key, expected) in cases {
        let mut request = peer.request(Method::GET, "/data/mcts/1.0");
        if let Some(key) = key {
            request = request.header("Authorization", key);
        }
        assert_eq!(
            request.send().await.unwrap().status().as_u16(),
            expected,
            "{key:?}"
        );
    }
}

#[tokio::test]
async fn without_keys_only_loopback_is_served() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let (port, _asks) = Port::new();
    let refused = serve(listener, port, ServerConfig::default(), async {}).await;
    assert!(matches!(refused, Err(ServeError::Open { .. })));
}

#[tokio::test]
async fn a_store_that_is_gone_is_an_error_and_no_hang() {
    let (port, asks) = Port::new();
    drop(asks);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(serve(
        listener,
        port,
        ServerConfig::default(),
        std::future::pending(),
    ));
    let peer = Peer::start(0).await;
    let mut request = peer.request(Method::GET, "/data/mcts/1.0").build().unwrap();
    request.url_mut().set_port(Some(address.port())).unwrap();
    let (status, refusal) = parts(peer.execute(request).await).await;
    assert_eq!((status, &refusal["code"]), (500, &json!("failed")));
}
