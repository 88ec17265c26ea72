//! exists, read and readValue, and the search for the records that a query means.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use node_core::query::{Answer, Query};
use node_core::view::RecordRow;
use serde_json::{Value, json};

use super::Registries;
use super::answer::{Refusal, ok};
use super::caller::Caller;
use super::content::{Content, content_of, matches, parse_body, stored};
use crate::port::{Port, PortError};

/// Most records that are looked through for one request, because personal fields are sealed and
/// have no index; more candidates are answered 400 with what to add.
const CANDIDATES_MAX: u32 = 2_000;

/// A record with its parsed content.
pub(super) struct Found {
    /// As stored.
    pub(super) row: RecordRow,
    /// Parsed.
    pub(super) content: Content,
}

pub(super) async fn exists(
    State(registries): State<Arc<Registries>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let body = parse_body(body)?;
    // The file asks for {query:{content}}; callers in the field send the flat object.
    let wanted = if body.contains_key("query") {
        content_of(&body, "query")?
    } else {
        Some(body)
    };
    let found = find(&registries.port, &caller, &wanted.unwrap_or_default()).await?;
    // That somebody is in the registry is told, too.
    let first = found.first().map(|found| caller.named(&found.row.id));
    let shown = first.into_iter().collect();
    registries
        .port
        .note(&caller.client, "exists", shown)
        .await?;
    let message = match found.first() {
        Some(_) => "Object found from database",
        None => "Object not found from database",
    };
    Ok(ok(
        &json!({"answer": {"status": !found.is_empty(), "message": message}}),
    ))
}

pub(super) async fn read(
    State(registries): State<Arc<Registries>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let body = parse_body(body)?;
    let wanted = content_of(&body, "query")?
        .ok_or_else(|| Refusal::field("query", "/query", "is missing"))?;
    let found = find(&registries.port, &caller, &wanted).await?;
    let first = found.into_iter().next().ok_or_else(Refusal::no_record)?;
    let shown = vec![caller.named(&first.row.id)];
    registries.port.note(&caller.client, "read", shown).await?;
    Ok(ok(&json!({"content": first.content})))
}

pub(super) async fn read_value(
    State(registries): State<Arc<Registries>>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let id = caller.id.clone().unwrap_or_default();
    let file = caller.file.clone().unwrap_or_default();
    let Some((field, "json")) = file.rsplit_once('.') else {
        return Err(Refusal::no_record());
    };
    let row = record(&registries.port, &caller, id)
        .await?
        .ok_or_else(Refusal::no_record)?;
    let content = stored(&row.content)?;
    let value = super::content::at(&content, field);
    if value.is_some() {
        let shown = vec![caller.named(&row.id)];
        let noted = registries.port.note(&caller.client, "readValue", shown);
        noted.await?;
    }
    match value {
        None => Err(Refusal::no_record()),
        // The file allows a bare text; everything else stands in {value}.
        Some(text @ Value::String(_)) => Ok(ok(text)),
        Some(value) => Ok(ok(&json!({"value": value}))),
    }
}

/// The records that a query means: by primary key at once, else among all, in id order.
pub(super) async fn find(
    port: &Port,
    caller: &Caller,
    wanted: &Content,
) -> Result<Vec<Found>, Refusal> {
    let rows = match wanted.get(&caller.registry.primary_key) {
        Some(Value::String(id)) => record(port, caller, id.clone())
            .await?
            .into_iter()
            .collect(),
        Some(_) => {
            let pointer = format!("/query/content/{}", caller.registry.primary_key);
            return Err(Refusal::field("id.form", &pointer, "must be a text"));
        }
        None => {
            candidates(
                port,
                caller,
                wanted.keys().next().map_or("", String::as_str),
            )
            .await?
        }
    };
    let wanted = Value::Object(wanted.clone());
    let mut found = Vec::new();
    for row in rows {
        let content = Value::Object(stored(&row.content)?);
        if matches(&content, &wanted)
            && let Value::Object(content) = content
        {
            found.push(Found { row, content });
        }
    }
    Ok(found)
}

/// All records of a registry that is small enough to look through.
pub(super) async fn candidates(
    port: &Port,
    caller: &Caller,
    field: &str,
) -> Result<Vec<RecordRow>, Refusal> {
    let (rows, total) = page(port, caller, 0, CANDIDATES_MAX).await?;
    if total > u64::from(CANDIDATES_MAX) {
        let what = format!(
            "too many records to search: add `{}`",
            caller.registry.primary_key
        );
        return Err(Refusal::field(
            "search.candidates",
            &format!("/{field}"),
            &what,
        ));
    }
    Ok(rows)
}

/// One record by its key.
pub(super) async fn record(
    port: &Port,
    caller: &Caller,
    id: String,
) -> Result<Option<RecordRow>, Refusal> {
    let registry = caller.registry.code.clone();
    let version = caller.version.clone();
    match port
        .query(Query::Record {
            registry,
            version,
            id,
        })
        .await?
    {
        Answer::Record(row) => Ok(row),
        _ => Err(PortError::Failed.into()),
    }
}

/// Records in id order, and how many there are in all.
pub(super) async fn page(
    port: &Port,
    caller: &Caller,
    offset: u32,
    limit: u32,
) -> Result<(Vec<RecordRow>, u64), Refusal> {
    let registry = caller.registry.code.clone();
    let version = caller.version.clone();
    match port
        .query(Query::Records {
            registry,
            version,
            offset,
            limit,
        })
        .await?
    {
        Answer::Records { rows, total } => Ok((rows, total)),
        _ => Err(PortError::Failed.into()),
    }
}
