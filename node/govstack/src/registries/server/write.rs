//! create, update, updateEntries, updateOrCreate and delete.
//!
//! Replay key = hash of (client, operation, registry, version, id) `:` hash of the canonical body.
//! A record keeps the key of the write that made it, so the same request again finds its own mark
//! and has no second effect. The id is `Idempotency-Key` where sent, else the record's own.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use node_core::command::Command;
use node_core::fact::Fact;
use node_core::view::RecordRow;
use serde_json::{Value, json};

use super::Registries;
use super::answer::{Refusal, Replayed, marked, ok};
use super::caller::Caller;
use super::content::{Content, canonical, changed, content_of, hash, parse_body, stored};
use super::read::{Found, find, record};
use crate::clock;
use crate::port::{Port, WriteTurn};

/// Longest record id in characters; a longer one is refused.
pub(super) const ID_CHARS_MAX: usize = 128;
/// Largest content in bytes of canonical JSON, so that it fits into one fact; more is refused.
const CONTENT_BYTES_MAX: usize = 15 * 1024;
/// Most records that one `updateEntries` changes; a query that matches more is refused.
const ENTRIES_MAX: usize = 200;

/// One write request, with everything that names it.
struct Request {
    port: Port,
    turn: WriteTurn,
    caller: Caller,
    operation: &'static str,
    body: Content,
    body_hash: String,
}

pub(super) async fn create(
    State(registries): State<Arc<Registries>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let request = Request::new(&registries, caller, "create", body).await?;
    let mut content = request.written()?;
    let id = request.id_or_made(&mut content)?;
    let replayed = match record(&request.port, &request.caller, id.clone()).await? {
        Some(row) if request.repeats(&row, &id)? || row.content == text_of(&content) => {
            Replayed::Yes
        }
        Some(_) => {
            let what = "a record with this key exists with other content";
            return Err(request.refuse_id("id.other_content", what));
        }
        None => request.put(&id, Some(&content)).await?,
    };
    Ok(marked(ok(&json!({"content": content})), replayed))
}

pub(super) async fn update(
    State(registries): State<Arc<Registries>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let request = Request::new(&registries, caller, "update", body).await?;
    let change = request.written()?;
    let found = request.meant(&change).await?;
    let replayed = match found.into_iter().next() {
        // A change of nothing is answered 200 and makes no record.
        None => Replayed::No,
        Some(found) => request.change(&found, &change).await?.1,
    };
    Ok(marked(StatusCode::OK.into_response(), replayed))
}

pub(super) async fn update_entries(
    State(registries): State<Arc<Registries>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let request = Request::new(&registries, caller, "updateEntries", body).await?;
    let change = request.written()?;
    let found = request.meant(&change).await?;
    if found.len() > ENTRIES_MAX {
        return Err(Refusal::field(
            "query.many",
            "/query/content",
            "matches more than 200 records",
        ));
    }
    if found.len() > 1 && change.contains_key(&request.caller.registry.primary_key) {
        return Err(request.refuse_id("id.many", "one key cannot name several records"));
    }
    let mut replayed = if found.is_empty() {
        Replayed::No
    } else {
        Replayed::Yes
    };
    for found in &found {
        if request.change(found, &change).await?.1 == Replayed::No {
            replayed = Replayed::No;
        }
    }
    Ok(marked(StatusCode::OK.into_response(), replayed))
}

pub(super) async fn update_or_create(
    State(registries): State<Arc<Registries>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let request = Request::new(&registries, caller, "updateOrCreate", body).await?;
    let mut change = request.written()?;
    let found = request.meant(&change).await?;
    let (content, replayed) = if let Some(found) = found.into_iter().next() {
        request.change(&found, &change).await?
    } else {
        // The key of the query is the new record's, unless the content names its own.
        let key = &request.caller.registry.primary_key;
        if let (None, Some(query)) = (change.get(key), content_of(&request.body, "query")?)
            && let Some(id) = query.get(key)
        {
            change.insert(key.clone(), id.clone());
        }
        let id = request.id_or_made(&mut change)?;
        match record(&request.port, &request.caller, id.clone()).await? {
            Some(row) if request.repeats(&row, &id)? => (stored(&row.content)?, Replayed::Yes),
            Some(row) => {
                let content = stored(&row.content)?;
                request.change(&Found { row, content }, &change).await?
            }
            None => (change.clone(), request.put(&id, Some(&change)).await?),
        }
    };
    Ok(marked(ok(&json!({"content": content})), replayed))
}

pub(super) async fn delete(
    State(registries): State<Arc<Registries>>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let id = caller.id.clone().unwrap_or_default();
    let turn = registries.port.write_turn().await?;
    let port = registries.port.clone();
    let body_hash = hash(&[]);
    let body = Content::new();
    let request = Request {
        port,
        turn,
        caller,
        operation: "delete",
        body,
        body_hash,
    };
    // Deleting what is not there is answered like deleting it.
    if record(&request.port, &request.caller, id.clone())
        .await?
        .is_some()
    {
        request.put(&id, None).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

impl Request {
    async fn new(
        registries: &Registries,
        caller: Caller,
        operation: &'static str,
        body: Result<Bytes, BytesRejection>,
    ) -> Result<Self, Refusal> {
        let body = parse_body(body)?;
        let body_hash = hash(&[&text_of(&body)]);
        let turn = registries.port.write_turn().await?;
        let port = registries.port.clone();
        Ok(Self {
            port,
            turn,
            caller,
            operation,
            body,
            body_hash,
        })
    }

    fn written(&self) -> Result<Content, Refusal> {
        let content = content_of(&self.body, "write")?;
        content.ok_or_else(|| Refusal::field("write", "/write", "is missing"))
    }

    fn refuse_id(&self, code: &str, what: &str) -> Refusal {
        let pointer = format!("/write/content/{}", self.caller.registry.primary_key);
        Refusal::field(code, &pointer, what)
    }

    /// The record's id; where none is sent, one made of the request itself, so that the same
    /// request again means the same record.
    fn id_or_made(&self, content: &mut Content) -> Result<String, Refusal> {
        let key = &self.caller.registry.primary_key;
        match content.get(key) {
            Some(Value::String(id)) if (1..=ID_CHARS_MAX).contains(&id.chars().count()) => {
                Ok(id.clone())
            }
            Some(_) => Err(self.refuse_id("id.form", "must be a text of 1 to 128 characters")),
            None => {
                let request_id = self.caller.request_id.as_deref().unwrap_or(&self.body_hash);
                let made = hash(&[&self.caller.client, "id", request_id]);
                let id: String = made.chars().take(32).collect();
                content.insert(key.clone(), Value::from(id.as_str()));
                Ok(id)
            }
        }
    }

    /// The records that the query means; without a query the one that the content's key names.
    async fn meant(&self, change: &Content) -> Result<Vec<Found>, Refusal> {
        let wanted = if let Some(query) = content_of(&self.body, "query")? {
            query
        } else {
            let key = &self.caller.registry.primary_key;
            let Some(id) = change.get(key) else {
                return Err(Refusal::field(
                    "query",
                    "/query",
                    "is missing, and no key is written",
                ));
            };
            Content::from_iter([(key.clone(), id.clone())])
        };
        find(&self.port, &self.caller, &wanted).await
    }

    fn replay_key(&self, id: &str) -> (String, String) {
        let caller = &self.caller;
        let request_id = caller.request_id.as_deref().unwrap_or(id);
        let parts = [
            caller.client.as_str(),
            self.operation,
            &caller.registry.code,
            &caller.version,
            id,
            request_id,
        ];
        (hash(&parts), self.body_hash.clone())
    }

    /// Whether this very request made the record.
    ///
    /// # Errors
    /// The same request id came with other content before.
    fn repeats(&self, row: &RecordRow, id: &str) -> Result<bool, Refusal> {
        let (name, body) = self.replay_key(id);
        match row.replay_key.split_once(':') {
            Some((known, content)) if known == name && content == body => Ok(true),
            Some((known, _)) if known == name && self.caller.request_id.is_some() => {
                let pointer = "/headers/Idempotency-Key";
                Err(Refusal::field(
                    "id.other_content",
                    pointer,
                    "was used with other content",
                ))
            }
            _ => Ok(false),
        }
    }

    /// Changes one record; a new key moves it.
    async fn change(
        &self,
        found: &Found,
        change: &Content,
    ) -> Result<(Content, Replayed), Refusal> {
        let mut content = changed(&found.content, change);
        let id = self.id_or_made(&mut content)?;
        if id == found.row.id {
            if self.repeats(&found.row, &id)? {
                return Ok((found.content.clone(), Replayed::Yes));
            }
            let replayed = self.put(&id, Some(&content)).await?;
            return Ok((content, replayed));
        }
        // First the new place, then the old one goes: a cut between both loses nothing, and the
        // same request again finishes the move.
        match record(&self.port, &self.caller, id.clone()).await? {
            None => self.put(&id, Some(&content)).await?,
            Some(row) if self.repeats(&row, &id)? => Replayed::Yes,
            Some(_) => return Err(self.refuse_id("id.other_content", "names another record")),
        };
        self.put(&found.row.id, None).await?;
        Ok((content, Replayed::No))
    }

    /// Commits one record or its tombstone.
    async fn put(&self, id: &str, content: Option<&Content>) -> Result<Replayed, Refusal> {
        let content = content.map(text_of);
        if content
            .as_ref()
            .is_some_and(|text| text.len() > CONTENT_BYTES_MAX)
        {
            return Err(Refusal::field(
                "content.large",
                "/write/content",
                "is above 15 KiB",
            ));
        }
        let (name, body) = self.replay_key(id);
        let fact = Fact::RecordWritten {
            registry: self.caller.registry.code.clone(),
            version: self.caller.version.clone(),
            id: id.to_owned(),
            content,
            client: self.caller.client.clone(),
            at: clock::now(),
            replay_key: format!("{name}:{body}"),
        };
        self.turn.command(Command::WriteRecord { fact }).await??;
        Ok(Replayed::No)
    }
}

fn text_of(content: &Content) -> String {
    canonical(&Value::Object(content.clone()))
}
