//! One log line and one trace id a request. Lines name the operation, never the address: ids and
//! query strings may be personal.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use ring::rand::{SecureRandom, SystemRandom};

use super::Registries;
use super::answer::Refusal;

/// Counts and logs a request and gives a refusal its body.
pub(super) async fn observe(
    State(registries): State<Arc<Registries>>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let trace_id = trace_id();
    let operation = operation(&request);
    count(&registries, &request, operation);
    let mut response = next.run(request).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        let refusal = response.extensions_mut().remove::<Refusal>();
        let refusal = refusal.unwrap_or_else(|| Refusal::of_status(response.status()));
        refusal.into_body(&trace_id, &mut response);
    }
    tracing::info!(
        trace.id = trace_id,
        http.operation = operation,
        http.status = response.status().as_u16(),
        duration_ms = started.elapsed().as_millis(),
        "registry request answered"
    );
    response
}

/// The operation's word from the route, which holds no value of the request.
fn operation(request: &Request) -> &'static str {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    let route = route.trim_end_matches('/').trim_end_matches("/{file}");
    match route.rsplit('/').next() {
        Some("create") => "create",
        Some("exists") => "exists",
        Some("read") => "read",
        Some("update") => "update",
        Some("updateEntries" | "update-entries") => "updateEntries",
        Some("updateOrCreate" | "update-or-create") => "updateOrCreate",
        Some("delete") => "delete",
        Some("readValue" | "read-value") => "readValue",
        Some("{version}") => "list",
        Some("mypersonalDataUsage") => "mypersonalDataUsage",
        _ => "unknown",
    }
}

fn count(registries: &Registries, request: &Request, operation: &str) {
    let method = request.method();
    let id = request
        .headers()
        .get("x-correlationid")
        .and_then(|value| value.to_str().ok());
    match operation {
        "create" | "updateOrCreate" if method == Method::POST => {
            registries.config.received.count_write(id);
        }
        "update" | "updateEntries" if method == Method::PUT => {
            registries.config.received.count_write(id);
        }
        "delete" if method == Method::DELETE => registries.config.received.count_write(id),
        "exists" | "read" | "list" | "readValue" => registries.config.received.count_read(),
        _ => {}
    }
}

/// 16 hex digits. Without randomness the line is still written, under a name that says so.
fn trace_id() -> String {
    let mut bytes = [0_u8; 8];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        return "no-randomness".to_owned();
    }
    format!("{:016x}", u64::from_be_bytes(bytes))
}
