//! Reads of a served registry on a hub's real store: noted before they are answered, told by
//! `mypersonalDataUsage`, and told to the auditor when they are many.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use jiff::Timestamp;
use node::roles::hub::RECORDS_AREA;
use node::roles::station::Station;
use node::wiring;
use node_core::command::Rejection;
use node_core::query::{Answer, Query};
use node_core::read::MANY_MAX;
use node_govstack::port::{Ask, Port};
use node_govstack::registries::server::{ServerConfig, router};
use node_store::{HubStore, SqliteStore};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::district;
use tokio::sync::mpsc;
use tower::ServiceExt as _;

const BODY_BYTES_MAX: usize = 1 << 20;
const CLINIC: &str = "KE/GOV/10000001/clinic";
const BANK: &str = "KE/COM/20000002/bank";
const USAGE: &str = "/data/mypersonalDataUsage";

/// A hub that serves a registry.
struct Hub {
    api: Router,
    store: SqliteStore,
    station: Station<SqliteStore>,
    _folder: TempDir,
}

impl Hub {
    async fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        let at: Timestamp = "2026-03-14T10:00:00Z".parse().expect("a time");
        let clock = district::clock(at);
        let store = district::founded(folder.path(), clock).await;
        let mut station = Station::start(store.clone(), clock);
        let (port, asks) = Port::new();
        let shutdown = station.shutdown();
        let served = wiring::serve_port(store.clone(), clock, RECORDS_AREA, asks, shutdown);
        station.spawn(served);
        Self {
            api: router(port, ServerConfig::default()),
            store,
            station,
            _folder: folder,
        }
    }

    async fn call(&self, client: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        call(&self.api, client, (method, path), body).await
    }

    async fn create(&self, id: &str) {
        let write = json!({"write": {"content": {"id": id, "firstName": "Usha"}}});
        let (status, _) = self
            .call(CLINIC, "POST", "/data/mcts/1.0/create", write)
            .await;
        assert_eq!(status, 200);
    }

    async fn usage(&self, id: &str) -> Vec<Value> {
        let path = format!("{USAGE}?userId={id}&databaseId=mcts");
        let (status, told) = self.call(BANK, "GET", &path, Value::Null).await;
        assert_eq!(status, 200, "{told}");
        told.as_array().expect("a list").clone()
    }

    /// Texts that wait for the auditor.
    async fn texts(&self) -> u64 {
        match self.store.query(Query::Counts).await {
            Ok(Answer::Counts(counts)) => counts.messages.get("queued").copied().unwrap_or(0),
            other => panic!("no counts: {other:?}"),
        }
    }
}

async fn call(
    api: &Router,
    client: &str,
    (method, path): (&str, &str),
    body: Value,
) -> (u16, Value) {
    let body = if body.is_null() {
        Body::empty()
    } else {
        Body::from(body.to_string())
    };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "127.0.0.1:8090")
        .header("information-mediator-client", client)
        .body(body)
        .expect("a request");
    let response = api.clone().oneshot(request).await.expect("an answer");
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), BODY_BYTES_MAX).await;
    let bytes = bytes.expect("a body");
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}

fn by(client: &str, told: &[Value]) -> usize {
    told.iter().filter(|one| one["readerId"] == client).count()
}

#[tokio::test]
async fn every_read_of_a_record_is_told_with_its_reader_and_no_other() {
    let hub = Hub::start().await;
    for id in ["a", "b"] {
        hub.create(id).await;
    }
    assert!(hub.usage("a").await.is_empty(), "a write is no read");
    let query = json!({"query": {"content": {"id": "a"}}});
    for (client, method, path, body) in [
        (CLINIC, "POST", "/data/mcts/1.0/read", query.clone()),
        (BANK, "POST", "/data/mcts/1.0/exists", query),
        (
            CLINIC,
            "GET",
            "/data/mcts/1.0/a/readValue/firstName.json",
            Value::Null,
        ),
        (BANK, "GET", "/data/mcts/1.0?query.id=a", Value::Null),
    ] {
        let (status, told) = hub.call(client, method, path, body).await;
        assert_eq!(status, 200, "{path}: {told}");
    }
    let told = hub.usage("a").await;
    assert_eq!((by(CLINIC, &told), by(BANK, &told)), (2, 2), "{told:?}");
    assert_eq!(told[0]["readerInstitutionId"], "KE/COM/20000002");
    assert_eq!(told[0]["readerInstitutionName"], "20000002");
    assert_eq!(told[0]["readerApplicationName"], "bank");
    assert_eq!(told[0]["searchDateTime"], "2026-03-14T10:00:00Z");
    assert_eq!(told[0]["refrences"][0]["ReferenceId"], "a");
    // The controls: the other record was not shown, and asking who read is no read.
    assert!(hub.usage("b").await.is_empty());
    let whole = hub.call(CLINIC, "GET", "/data/mcts/1.0", Value::Null).await;
    assert_eq!(whole.1["count"], 2);
    assert_eq!(
        (hub.usage("a").await.len(), hub.usage("b").await.len()),
        (5, 1)
    );
    // What is not found shows nobody.
    let nobody = json!({"query": {"content": {"firstName": "Nobody"}}});
    let (status, _) = hub
        .call(CLINIC, "POST", "/data/mcts/1.0/read", nobody)
        .await;
    assert_eq!((status, hub.usage("a").await.len()), (404, 5));
    let report = hub.store.check(true).expect("a check");
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    hub.station.stop().await;
}

#[tokio::test]
async fn unknown_records_registries_and_callers_are_refused() {
    let hub = Hub::start().await;
    hub.create("a").await;
    let long = "x".repeat(129);
    for (query, status) in [
        ("?userId=a&databaseId=mcts", 200),
        ("?userId=nobody&databaseId=mcts", 404),
        ("?userId=a&databaseId=other", 404),
        ("?userId=a", 400),
        ("?databaseId=mcts", 400),
        ("?userId=&databaseId=mcts", 400),
        ("", 400),
        (&format!("?userId={long}&databaseId=mcts"), 400),
    ] {
        let path = format!("{USAGE}{query}");
        let told = hub.call(BANK, "GET", &path, Value::Null).await;
        assert_eq!(told.0, status, "{query}: {}", told.1);
    }
    let path = format!("{USAGE}?userId=a&databaseId=mcts");
    for client in ["", "KE/COM", "KE/COM//bank"] {
        assert_eq!(hub.call(client, "GET", &path, Value::Null).await.0, 400);
    }
    hub.station.stop().await;
}

#[tokio::test]
async fn many_reads_in_an_hour_are_told_to_the_auditor() {
    let hub = Hub::start().await;
    hub.create("a").await;
    for _ in 0..MANY_MAX {
        let path = "/data/mcts/1.0/a/readValue/firstName.json";
        hub.call(BANK, "GET", path, Value::Null).await;
    }
    assert_eq!(hub.texts().await, 0, "the control");
    for _ in 0..3 {
        hub.call(BANK, "GET", "/data/mcts/1.0", Value::Null).await;
    }
    assert_eq!(hub.texts().await, 1, "once in an hour");
    hub.station.stop().await;
}

/// A store that takes no note: nothing is shown.
async fn refuse_notes(mut asks: mpsc::Receiver<Ask>, store: SqliteStore) {
    while let Some(ask) = asks.recv().await {
        match ask {
            Ask::Query { query, reply } => {
                let answer = store.query(query).await.expect("an answer");
                reply.send(Ok(answer));
            }
            Ask::Command { reply, .. } => reply.send(Ok(Err(Rejection::default()))),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_noted_is_not_shown() {
    let hub = Hub::start().await;
    hub.create("a").await;
    let (port, asks) = Port::new();
    let answers = tokio::spawn(refuse_notes(asks, hub.store.clone()));
    let api = router(port, ServerConfig::default());
    let query = json!({"query": {"content": {"id": "a"}}});
    for (method, path, body) in [
        ("POST", "/data/mcts/1.0/read", query.clone()),
        ("POST", "/data/mcts/1.0/exists", query),
        (
            "GET",
            "/data/mcts/1.0/a/readValue/firstName.json",
            Value::Null,
        ),
        ("GET", "/data/mcts/1.0", Value::Null),
    ] {
        let shown = call(&hub.api, BANK, (method, path), body.clone()).await;
        assert_eq!(shown.0, 200, "the control: {path}");
        let (status, told) = call(&api, BANK, (method, path), body).await;
        assert!(
            status >= 500 && !told.to_string().contains("Usha"),
            "{path}: {told}"
        );
    }
    answers.abort();
    hub.station.stop().await;
}
