//! Who calls, and which registry is meant: checked before any body is read.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use node_core::read::RecordName;
use ring::digest::{SHA256, digest};

use super::Registries;
use super::answer::Refusal;
use super::definition::RegistryDefinition;
use crate::upstream::{HeaderFamily, Secret, is_member_path};

/// Longest `Idempotency-Key` in characters; a longer one is refused.
const IDEMPOTENCY_KEY_CHARS_MAX: usize = 128;

/// Who may call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Access {
    /// Whoever reaches a loopback address; [`super::serve`] refuses any other.
    Loopback,
    /// Clients with a key in `Authorization` (`Bearer …`, `ApiKey …` or bare).
    Keys(Vec<ClientKey>),
}

/// One client and its key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientKey {
    /// `INSTANCE/CLASS/MEMBER/SUBSYSTEM`, as the client header must say.
    pub client: String,
    /// The key.
    pub key: Secret,
}

impl Caller {
    /// A record of the registry that is addressed.
    pub(super) fn named(&self, id: &str) -> RecordName {
        RecordName {
            registry: self.registry.code.clone(),
            version: self.version.clone(),
            id: id.to_owned(),
        }
    }
}

/// A checked caller and the registry it addresses.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// `INSTANCE/CLASS/MEMBER/SUBSYSTEM`.
    pub(super) client: String,
    /// What is addressed.
    pub(super) registry: RegistryDefinition,
    /// In which version.
    pub(super) version: String,
    /// `Idempotency-Key`, where sent.
    pub(super) request_id: Option<String>,
    /// `{id}` of the path.
    pub(super) id: Option<String>,
    /// `{file}` of the path.
    pub(super) file: Option<String>,
}

impl FromRequestParts<Arc<Registries>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Arc<Registries>,
    ) -> Result<Self, Self::Rejection> {
        let client = client(parts, state.config.client_header)?;
        permit(parts, &client, &state.config.access)?;
        let request_id = request_id(parts)?;
        let Ok(path) = RawPathParams::from_request_parts(parts, state).await else {
            return Err(Refusal::bad("path", "path is not UTF-8"));
        };
        let part = |name: &str| {
            path.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.to_owned())
        };
        let version = part("version").unwrap_or_default();
        let found = state
            .config
            .find(&part("registry").unwrap_or_default(), &version);
        let registry = found.cloned().ok_or_else(Refusal::no_registry)?;
        Ok(Self {
            client,
            registry,
            version,
            request_id,
            id: part("id"),
            file: part("file"),
        })
    }
}

/// A checked client, where no registry stands in the path.
#[derive(Clone, Debug)]
pub(super) struct Client;

impl FromRequestParts<Arc<Registries>> for Client {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Arc<Registries>,
    ) -> Result<Self, Self::Rejection> {
        let client = client(parts, state.config.client_header).map_err(Refusal::without_body)?;
        permit(parts, &client, &state.config.access)?;
        Ok(Self)
    }
}

/// Required by the file; four non-empty parts.
fn client(parts: &Parts, family: HeaderFamily) -> Result<String, Refusal> {
    let header = family.header().unwrap_or("information-mediator-client");
    let value = parts
        .headers
        .get(header)
        .and_then(|value| value.to_str().ok());
    match value {
        Some(client) if is_member_path(client, 4) => Ok(client.to_owned()),
        _ => {
            let what = "must be INSTANCE/CLASS/MEMBER/SUBSYSTEM";
            Err(Refusal::field(
                "client.header",
                &format!("/headers/{header}"),
                what,
            ))
        }
    }
}

fn permit(parts: &Parts, client: &str, access: &Access) -> Result<(), Refusal> {
    let Access::Keys(keys) = access else {
        return Ok(());
    };
    let sent = parts
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let sent = sent.map(|text| {
        text.strip_prefix("Bearer ")
            .or_else(|| text.strip_prefix("ApiKey "))
            .unwrap_or(text)
    });
    // Digests are compared, so the time taken tells nothing about the key.
    let sent = sent.map(|key| digest(&SHA256, key.as_bytes()));
    let holder = keys.iter().find(|known| {
        sent.as_ref()
            .is_some_and(|sent| sent.as_ref() == digest(&SHA256, known.key.0.as_bytes()).as_ref())
    });
    let decision = match holder {
        None => Err(Refusal::unauthorized()),
        Some(known) if known.client != client => Err(Refusal::forbidden()),
        Some(_) => Ok(()),
    };
    if decision.is_err() {
        tracing::warn!(target: "security", "registry caller was not let in");
    }
    decision
}

fn request_id(parts: &Parts) -> Result<Option<String>, Refusal> {
    let Some(value) = parts.headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(id) if (1..=IDEMPOTENCY_KEY_CHARS_MAX).contains(&id.len()) => Ok(Some(id.to_owned())),
        _ => {
            let what = "must be 1 to 128 ASCII characters";
            Err(Refusal::field("id.form", "/headers/Idempotency-Key", what))
        }
    }
}
