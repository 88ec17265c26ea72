//! Every request that the hub's client makes, and every answer that the served registry gives,
//! validates against the published Digital Registries API file.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use node_core::command::{Command, Outcome};
use node_core::fact::Fact;
use node_core::query::{Answer, Query};
use node_core::read::{Class, ReadRow, Reader};
use node_core::removal::RemovalOutcome;
use node_core::turn::{EffectOutcome, Private};
use node_core::view::RecordRow;
use node_govstack::port::{Ask, Port};
use node_govstack::registries::client::{Generation, RegistryClient, RegistryTarget};
use node_govstack::registries::server::{ServerConfig, router};
use node_govstack::upstream::{Auth, HeaderFamily, Route, UpstreamConfig};
use serde_json::{Value, json};
use sync_core::{EntryRef, Epoch, NodeId, Scope, Seq};
use tests::openapi::{Answered, Api, Sent};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

const FILE: &str = "govstack/GovStack_Digital_registries_BB_Data_API_template-1.3.0.json";
const BODY_BYTES_MAX: usize = 1 << 20;

/// What passed on the wire, in order.
type Exchanges = Arc<Mutex<Vec<(Sent, Answered)>>>;

/// A registry whose requests and answers are noted.
fn noted_registry(tasks: &mut JoinSet<()>) -> (Router, Exchanges) {
    let (port, asks) = Port::new();
    tasks.spawn(answer(asks));
    let exchanges = Exchanges::default();
    let notes = Arc::clone(&exchanges);
    let noting = from_fn(move |request: Request, next: Next| {
        let notes = Arc::clone(&notes);
        async move { note(&notes, request, next).await }
    });
    (
        router(port, ServerConfig::default()).layer(noting),
        exchanges,
    )
}

async fn note(notes: &Exchanges, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX)
        .await
        .expect("a request body");
    let text = |bytes: &Bytes| serde_json::from_slice::<Value>(bytes).ok();
    let address = reqwest::Url::parse(&format!("http://registry{}", parts.uri)).expect("a uri");
    let headers = parts.headers.iter().map(|(name, value)| {
        (
            name.as_str().to_owned(),
            value.to_str().unwrap_or_default().to_owned(),
        )
    });
    let sent = Sent {
        method: parts.method.to_string(),
        path: address.path().to_owned(),
        query: address.query_pairs().into_owned().collect(),
        headers: headers.collect(),
        body: text(&body),
    };
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX)
        .await
        .expect("an answer body");
    let answered = Answered {
        status: parts.status.as_u16(),
        body: text(&body),
    };
    notes
        .lock()
        .expect("no test thread panicked")
        .push((sent, answered));
    Response::from_parts(parts, Body::from(body))
}

/// A read as the log of a hub keeps it.
fn row(client: &str) -> ReadRow {
    ReadRow {
        entry: EntryRef {
            origin: NodeId(1),
            epoch: Epoch(1),
            scope: Scope(12),
            seq: Seq(1),
        },
        at: "2026-03-14T10:00:00Z".parse().expect("a time"),
        class: Class::Registry,
        reader: Reader::Client(client.to_owned()),
        place: "Hub".to_owned(),
        application: "outpost".to_owned(),
        reason: "read".to_owned(),
    }
}

/// The other end of the port: records in memory, as the store would answer.
async fn answer(mut asks: mpsc::Receiver<Ask>) {
    let mut rows: BTreeMap<String, RecordRow> = BTreeMap::new();
    let mut reads: Vec<(String, ReadRow)> = Vec::new();
    while let Some(ask) = asks.recv().await {
        match ask {
            Ask::Query {
                query: Query::Record { id, .. },
                reply,
            } => {
                reply.send(Ok(Answer::Record(rows.get(&id).cloned())));
            }
            Ask::Query {
                query: Query::RecordReads(record),
                reply,
            } => {
                let own = reads.iter().filter(|(id, _)| *id == record.id);
                reply.send(Ok(Answer::Reads(own.map(|(_, row)| row.clone()).collect())));
            }
            Ask::Query { reply, .. } => {
                let total = u64::try_from(rows.len()).expect("a count");
                reply.send(Ok(Answer::Records {
                    rows: rows.values().cloned().collect(),
                    total,
                }));
            }
            Ask::Command {
                command: Command::WriteRecord { fact },
                reply,
            } => {
                let Fact::RecordWritten {
                    id,
                    content,
                    at,
                    replay_key,
                    ..
                } = fact
                else {
                    panic!("the registry writes records only")
                };
                match content {
                    Some(content) => {
                        let (created_at, modified_at) = (at, at);
                        let row = RecordRow {
                            id,
                            content,
                            replay_key,
                            created_at,
                            modified_at,
                        };
                        rows.insert(row.id.clone(), row);
                    }
                    None => drop(rows.remove(&id)),
                }
                reply.send(Ok(Ok(Outcome::default())));
            }
            Ask::Command {
                command:
                    Command::NoteRecords {
                        client, records, ..
                    },
                reply,
            } => {
                reads.extend(records.into_iter().map(|record| (record.id, row(&client))));
                reply.send(Ok(Ok(Outcome::default())));
            }
            Ask::Command { .. } => panic!("the registry writes records only"),
        }
    }
}

fn check(exchanges: &Exchanges, least: usize) {
    let api = Api::load(FILE);
    let exchanges = exchanges.lock().expect("no test thread panicked");
    assert!(exchanges.len() >= least, "{} exchanges", exchanges.len());
    for (sent, answered) in exchanges.iter() {
        let what = format!("{} {} -> {}", sent.method, sent.path, answered.status);
        assert_eq!(api.request(sent), Vec::<String>::new(), "{what}");
        assert_eq!(api.answer(sent, answered), Vec::<String>::new(), "{what}");
    }
}

fn client(address: SocketAddr) -> RegistryClient {
    let config = UpstreamConfig {
        name: "registries".to_owned(),
        url: format!("http://{address}"),
        route: Route::Direct,
        base_path: String::new(),
        client_header: HeaderFamily::InformationMediator,
        client: "ET/GOV/90000021/outpost".to_owned(),
        auth: Auth::None,
        timeout: Duration::from_secs(10),
        roots_pem: String::new(),
    };
    let target = RegistryTarget {
        registry: "mcts".to_owned(),
        version: "1.0".to_owned(),
        generation: Generation::Camel,
    };
    RegistryClient::new(&config, &target).expect("a right configuration")
}

#[tokio::test]
async fn every_request_of_the_client_validates() {
    let mut tasks = JoinSet::new();
    let (app, exchanges) = noted_registry(&mut tasks);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tasks.spawn(async move { axum::serve(listener, app).await.expect("served") });
    let body = json!({
        "id": "0d9c6d5e-1111-8111-8111-111111111111",
        "start": "2026-01-05T10:00:00Z",
        "child": {"firstName": "Usha", "lastNames": "Bajaj", "birthdate": "2026-01-04"},
        "caretaker": {"firstName": "Sowmya", "phone": "+256700000100"},
    });
    let client = client(address);
    for _ in 0..2 {
        let outcome = client
            .project("0123456789AB", "ABCDEFGHJKMN", &body.to_string())
            .await;
        assert!(
            matches!(outcome, EffectOutcome::Accepted { .. }),
            "{outcome:?}"
        );
    }
    let record = Private("0d9c6d5e-1111-8111-8111-111111111111".to_owned());
    for _ in 0..2 {
        let gone = client
            .remove("0123456789AC", core::slice::from_ref(&record))
            .await;
        assert_eq!(gone, RemovalOutcome::Gone);
    }
    check(&exchanges, 8);
}

#[tokio::test]
async fn every_answer_of_the_served_registry_validates() {
    let mut tasks = JoinSet::new();
    let (app, exchanges) = noted_registry(&mut tasks);
    let one = json!({"id": "a", "firstName": "Usha", "lastName": "Bajaj", "n": 1});
    let query = json!({"query": {"content": {"firstName": "Usha"}}});
    let other = json!({"query": {"content": {"firstName": "Nobody"}}});
    let change = json!({"query": {"content": {"id": "a"}}, "write": {"content": {"n": 2}}});
    let requests = [
        ("GET", "/data/mcts/1.0", None),
        (
            "POST",
            "/data/mcts/1.0/create",
            Some(json!({"write": {"content": one}})),
        ),
        ("POST", "/data/mcts/1.0/exists", Some(query.clone())),
        ("POST", "/data/mcts/1.0/exists", Some(other.clone())),
        ("POST", "/data/mcts/1.0/read", Some(query)),
        ("POST", "/data/mcts/1.0/read", Some(other)),
        ("PUT", "/data/mcts/1.0/update", Some(change.clone())),
        ("PUT", "/data/mcts/1.0/updateEntries", Some(change.clone())),
        ("POST", "/data/mcts/1.0/updateOrCreate", Some(change)),
        (
            "POST",
            "/data/mcts/1.0/create",
            Some(json!({"write": {"content": {"id": "b"}}})),
        ),
        (
            "GET",
            "/data/mcts/1.0?search=usha&filter=firstName&ordering=descending",
            None,
        ),
        (
            "GET",
            "/data/mcts/1.0?page=1&pageSize=1&query.firstName=Usha",
            None,
        ),
        ("GET", "/data/mcts/1.0?page=2&pageSize=1&ordering=-id", None),
        ("GET", "/data/mcts/1.0/a/readValue/firstName.json", None),
        ("GET", "/data/mcts/1.0/a/readValue/n.json", None),
        (
            "GET",
            "/data/mypersonalDataUsage?userId=a&databaseId=MCTS",
            None,
        ),
        (
            "GET",
            "/data/mypersonalDataUsage?userId=nobody&databaseId=mcts",
            None,
        ),
        ("DELETE", "/data/mcts/1.0/a/delete", None),
    ];
    let count = requests.len();
    for (method, path, body) in requests {
        let body = body.map_or_else(Body::empty, |body: Value| Body::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:8090")
            .header("information-mediator-client", "ET/GOV/90000021/outpost")
            .body(body)
            .expect("a request");
        app.clone()
            .oneshot(request)
            .await
            .expect("a router always answers");
    }
    check(&exchanges, count);
}
