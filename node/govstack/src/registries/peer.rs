//! The other end of the port for tests: an in-memory answerer, and a real server in front of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use node_core::command::{Command, Outcome};
use node_core::fact::Fact;
use node_core::query::{Answer, Query};
use node_core::view::RecordRow;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::server::{Received, ServerConfig, router};
use crate::port::{Ask, Port};
use crate::upstream::{Auth, HeaderFamily, Route, UpstreamConfig};

/// A served registry.
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    pub(super) received: Arc<Received>,
    http: Client,
    _tasks: JoinSet<()>,
}

impl Peer {
    /// Serves `mcts` 1.0 with this many records already there.
    pub(super) async fn start(records: u32) -> Self {
        Self::start_with(records, ServerConfig::default(), |router| router).await
    }

    pub(super) async fn start_with(
        records: u32,
        config: ServerConfig,
        wrap: impl FnOnce(Router) -> Router,
    ) -> Self {
        let (port, asks) = Port::new();
        let received = Arc::clone(&config.received);
        let mut tasks = JoinSet::new();
        tasks.spawn(answer(asks, records));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = wrap(router(port, config));
        tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            address,
            received,
            http: plain_client(),
            _tasks: tasks,
        }
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("http://{}{path}", self.address))
            .header("Information-Mediator-Client", "ET/GOV/90000021/outpost")
    }

    pub(super) async fn post(&self, operation: &str, body: &Value) -> (u16, Value) {
        let request = self.request(Method::POST, &format!("/data/mcts/1.0/{operation}"));
        parts(request.body(body.to_string()).send().await.unwrap()).await
    }

    pub(super) async fn put(&self, operation: &str, body: &Value) -> (u16, Value) {
        let request = self.request(Method::PUT, &format!("/data/mcts/1.0/{operation}"));
        parts(request.body(body.to_string()).send().await.unwrap()).await
    }

    pub(super) async fn get(&self, path: &str) -> (u16, Value) {
        parts(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(super) async fn execute(&self, request: reqwest::Request) -> Response {
        self.http.execute(request).await.unwrap()
    }

    /// How many records there are.
    pub(super) async fn count(&self) -> u64 {
        self.get("/data/mcts/1.0").await.1["count"]
            .as_u64()
            .unwrap()
    }
}

/// Status and JSON body, `null` for an empty one.
pub(super) async fn parts(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (
        status,
        if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap()
        },
    )
}

/// A client configuration for a registry on loopback.
pub(super) fn upstream(address: SocketAddr) -> UpstreamConfig {
    UpstreamConfig {
        name: "registries".to_owned(),
        url: format!("http://{address}"),
        route: Route::Direct,
        base_path: String::new(),
        client_header: HeaderFamily::InformationMediator,
        client: "ET/GOV/90000021/outpost".to_owned(),
        auth: Auth::None,
        timeout: Duration::from_secs(5),
        roots_pem: String::new(),
    }
}

/// Without TLS roots: these tests speak plain HTTP to loopback only.
fn plain_client() -> Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .build()
        .unwrap()
}

type Rows = BTreeMap<(String, String, String), RecordRow>;

async fn answer(mut asks: mpsc::Receiver<Ask>, records: u32) {
    let mut rows: Rows = (0..records)
        .map(|n| {
            let id = format!("r{n:05}");
            let content = format!(r#"{{"id":"{id}","kind":"{}","n":{n}}}"#, n % 2);
            let at = jiff::Timestamp::UNIX_EPOCH;
            let row = RecordRow {
                id: id.clone(),
                content,
                replay_key: String::new(),
                created_at: at,
                modified_at: at,
            };
            (("mcts".to_owned(), "1.0".to_owned(), id), row)
        })
        .collect();
    while let Some(ask) = asks.recv().await {
        match ask {
            Ask::Query { query, reply } => reply.send(Ok(found(&rows, query))),
            Ask::Command { command, reply } => {
                write(&mut rows, command);
                reply.send(Ok(Ok(Outcome::default())));
            }
        }
    }
}

fn found(rows: &Rows, query: Query) -> Answer {
    match query {
        Query::Record {
            registry,
            version,
            id,
        } => Answer::Record(rows.get(&(registry, version, id)).cloned()),
        Query::Records {
            registry,
            version,
            offset,
            limit,
        } => {
            let all: Vec<RecordRow> = rows
                .iter()
                .filter(|((r, v, _), _)| *r == registry && *v == version)
                .map(|(_, row)| row.clone())
                .collect();
            let total = u64::try_from(all.len()).unwrap();
            let (skip, take) = (
                usize::try_from(offset).unwrap(),
                usize::try_from(limit).unwrap(),
            );
            Answer::Records {
                rows: all.into_iter().skip(skip).take(take).collect(),
                total,
            }
        }
        _ => panic!("the registry asks for records only"),
    }
}

fn write(rows: &mut Rows, command: Command) {
    if matches!(command, Command::NoteRecords { .. }) {
        return;
    }
    let Command::WriteRecord {
        fact:
            Fact::RecordWritten {
                registry,
                version,
                id,
                content,
                at,
                replay_key,
                ..
            },
    } = command
    else {
        panic!("the registry writes records only")
    };
    let key = (registry, version, id.clone());
    match content {
        Some(content) => {
            let created_at = rows.get(&key).map_or(at, |row| row.created_at);
            rows.insert(
                key,
                RecordRow {
                    id,
                    content,
                    replay_key,
                    created_at,
                    modified_at: at,
                },
            );
        }
        None => drop(rows.remove(&key)),
    }
}
