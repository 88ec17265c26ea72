//! Brings one registration to a Digital Registries Building Block: `exists`, then `updateOrCreate`;
//! and takes the record of an erased person away again (its module `removal`).
//!
//! The record's key is our own uuid, so the same call twice leaves one record. `exists` has no
//! effect at the registry: whatever goes wrong there, nothing was written by this attempt.

mod removal;

use node_core::turn::EffectOutcome;
use serde_json::Value;

use crate::upstream::{Call, ConfigError, Failure, Upstream, UpstreamConfig, is_path_word};

/// Seconds to the next attempt when nothing was sent; the store adds its own back-off.
pub const NOT_SENT_WAIT_S: u32 = 30;
/// Seconds to the next attempt when the registry does not let us in: a person must act first.
pub const CONFIGURATION_WAIT_S: u32 = 3_600;

/// How a registry spells the operations with two words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Generation {
    /// `updateOrCreate`: Data API 1.4.
    Camel,
    /// `update-or-create`: Data API 1.0.
    Hyphens,
}

/// Which registry at the upstream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegistryTarget {
    /// Registry code, such as `mcts`.
    pub registry: String,
    /// Version text, such as `1.0`.
    pub version: String,
    /// Spelling of the operations.
    pub generation: Generation,
}

/// A client of one registry; cheap to clone.
#[derive(Clone, Debug)]
pub struct RegistryClient {
    upstream: Upstream,
    root: String,
    exists_path: String,
    write_path: String,
}

impl RegistryClient {
    /// Checks the configuration; opens no connection.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting that is wrong.
    pub fn new(config: &UpstreamConfig, target: &RegistryTarget) -> Result<Self, ConfigError> {
        let words = [("registry", &target.registry), ("version", &target.version)];
        for (key, word) in words {
            if !is_path_word(word) {
                let form = "letters, digits, `.`, `-` and `_`";
                return Err(ConfigError::Form {
                    name: config.name.clone(),
                    key,
                    form,
                });
            }
        }
        let root = format!("/data/{}/{}", target.registry, target.version);
        let write = match target.generation {
            Generation::Camel => "updateOrCreate",
            Generation::Hyphens => "update-or-create",
        };
        Ok(Self {
            upstream: Upstream::new(config)?,
            exists_path: format!("{root}/exists"),
            write_path: format!("{root}/{write}"),
            root,
        })
    }

    /// Brings one record, whose canonical JSON content names its own `id`, to the registry.
    ///
    /// Safe to repeat with the same ids and body after any outcome but `Rejected`.
    pub async fn project(
        &self,
        request_id: &str,
        correlation_id: &str,
        body: &str,
    ) -> EffectOutcome {
        let Some(id) = record_id(body) else {
            tracing::error!("effect has no record id: its mapping is broken");
            return refused("outpost.content", "content has no id");
        };
        let query = query_by_id(&id);
        if let Err(failure) = self.exists(correlation_id, &query).await {
            return not_written(&failure);
        }
        let call = Call {
            operation: "updateOrCreate",
            path: &self.write_path,
            body: format!(r#"{{"query":{query},"write":{{"content":{body}}}}}"#),
            correlation_id,
            request_id: Some(request_id),
        };
        match self.upstream.post(call).await {
            Ok(answer) => accepted(&answer, &id),
            Err(Failure::NotSent) => EffectOutcome::TryLater {
                after_s: NOT_SENT_WAIT_S,
            },
            Err(Failure::Configuration) => EffectOutcome::TryLater {
                after_s: CONFIGURATION_WAIT_S,
            },
            Err(Failure::Unknown) => EffectOutcome::Unknown,
            Err(Failure::Refused {
                code,
                field,
                reason,
            }) => EffectOutcome::Rejected {
                code,
                field,
                reason,
            },
        }
    }

    /// Whether the registry knows the record already.
    async fn exists(&self, correlation_id: &str, query: &str) -> Result<bool, Failure> {
        let call = Call {
            operation: "exists",
            path: &self.exists_path,
            body: format!(r#"{{"query":{query}}}"#),
            correlation_id,
            request_id: None,
        };
        let answer = self.upstream.post(call).await?;
        let status = answer.pointer("/answer/status").and_then(Value::as_bool);
        status.ok_or(Failure::Unknown)
    }
}

/// The query for one record, its id as a JSON string literal, so that none breaks out of its place.
fn query_by_id(id: &str) -> String {
    let id = Value::String(id.to_owned()).to_string();
    format!(r#"{{"content":{{"id":{id}}}}}"#)
}

/// The `id` of a JSON object, if it has a usable one.
fn record_id(body: &str) -> Option<String> {
    let content: Value = serde_json::from_str(body).ok()?;
    let id = content.as_object()?.get("id")?.as_str()?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// A failed question is no failed effect. The question holds nothing but our own uuid, so a
/// refusal of it is a matter of configuration and must not refuse a family for good.
fn not_written(failure: &Failure) -> EffectOutcome {
    let after_s = match failure {
        Failure::NotSent | Failure::Unknown => NOT_SENT_WAIT_S,
        Failure::Configuration => CONFIGURATION_WAIT_S,
        Failure::Refused { .. } => {
            tracing::error!("registry refuses `exists`: check its name, version and dialect");
            CONFIGURATION_WAIT_S
        }
    };
    EffectOutcome::TryLater { after_s }
}

/// A registry may give its own id and keep ours as `uuid`; any other id is not our record.
fn accepted(answer: &Value, ours: &str) -> EffectOutcome {
    let Some(content) = answer.get("content").and_then(Value::as_object) else {
        return EffectOutcome::Unknown;
    };
    let text = |key: &str| content.get(key).and_then(Value::as_str);
    match (text("id"), text("uuid")) {
        (Some(theirs), Some(uuid)) if uuid == ours => EffectOutcome::Accepted {
            registry_id: theirs.to_owned(),
        },
        (Some(echoed), _) if echoed != ours => EffectOutcome::Unknown,
        _ => EffectOutcome::Accepted {
            registry_id: ours.to_owned(),
        },
    }
}

fn refused(code: &str, reason: &str) -> EffectOutcome {
    EffectOutcome::Rejected {
        code: code.to_owned(),
        field: None,
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod removal_tests;
#[cfg(test)]
mod tests;
