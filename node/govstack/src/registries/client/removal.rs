//! Takes the record of an erased person away: `delete`, then `exists`.
//!
//! Data API 1.4.0, `DELETE /data/{registryName}/{versionNumber}/{ID}/delete`. A record that is not
//! there is gone; but 404 may also speak of the address, and a registry may know a record by
//! another id, so it counts only when `exists` denies the record afterwards. Safe to repeat after
//! any outcome. A registry that keeps what is deleted, as the requirements let it, keeps it: that
//! is between the ministry and the registry.

use node_core::removal::RemovalOutcome;
use node_core::turn::Private;

use super::{CONFIGURATION_WAIT_S, NOT_SENT_WAIT_S, RegistryClient, query_by_id};
use crate::upstream::{Call, Failure, is_path_word};

/// Longest id of a record in bytes that is put into a path; a longer one waits for a person.
const ID_BYTES_MAX: usize = 256;

impl RegistryClient {
    /// Removes the record under all ids that it may have.
    pub async fn remove(&self, request_id: &str, records: &[Private]) -> RemovalOutcome {
        for Private(id) in records {
            if let Err(outcome) = self.remove_one(request_id, id).await {
                return outcome;
            }
        }
        RemovalOutcome::Gone
    }

    async fn remove_one(&self, request_id: &str, id: &str) -> Result<(), RemovalOutcome> {
        let Some(word) = path_word(id) else {
            alarm(request_id, "its id fits no path");
            return Err(later(CONFIGURATION_WAIT_S));
        };
        let call = Call {
            operation: "delete",
            path: &format!("{}/{word}/delete", self.root),
            body: String::new(),
            correlation_id: request_id,
            request_id: Some(request_id),
        };
        let deleted = self.upstream.delete(call).await;
        deleted.map_err(|failure| not_done(&failure))?;
        let shown = self.exists(request_id, &query_by_id(id)).await;
        if shown.map_err(|failure| not_done(&failure))? {
            alarm(request_id, "the registry still shows it");
            return Err(RemovalOutcome::Unknown);
        }
        Ok(())
    }
}

/// An operator must look: said once an attempt.
fn alarm(request_id: &str, why: &str) {
    tracing::error!(request.id = %request_id, why, "a record is not removed");
}

fn later(after_s: u32) -> RemovalOutcome {
    RemovalOutcome::TryLater { after_s }
}

/// No failure ends a removal: a refusal waits for a person as a wrong address does.
fn not_done(failure: &Failure) -> RemovalOutcome {
    match failure {
        Failure::NotSent => later(NOT_SENT_WAIT_S),
        Failure::Unknown => RemovalOutcome::Unknown,
        Failure::Configuration | Failure::Refused { .. } => later(CONFIGURATION_WAIT_S),
    }
}

/// An id as one segment of a path: percent-encoded where needed (RFC 3986 §2.1); `None` for one
/// that a path would not keep.
fn path_word(id: &str) -> Option<String> {
    if is_path_word(id) {
        return Some(id.to_owned());
    }
    if id.is_empty() || id.len() > ID_BYTES_MAX || id.chars().all(|c| c == '.') {
        return None;
    }
    let byte = |byte: u8| match char::from(byte) {
        c if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') => c.to_string(),
        _ => format!("%{byte:02X}"),
    };
    Some(id.bytes().map(byte).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_stays_one_segment_and_reads_back(id in ".{0,60}") {
            let base = "http://registry/data/mcts/1.0";
            let Some(word) = path_word(&id) else {
                prop_assert!(id.is_empty() || id.chars().all(|c| c == '.'));
                return Ok(());
            };
            let url = reqwest::Url::parse(&format!("{base}/{word}/delete")).unwrap();
            let segments: Vec<&str> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 5, "{}", url);
            prop_assert!(url.query().is_none() && url.fragment().is_none());
            let mut bytes = Vec::new();
            let mut rest = segments[3].bytes();
            while let Some(byte) = rest.next() {
                if byte == b'%' {
                    let hex: String = rest.by_ref().take(2).map(char::from).collect();
                    bytes.push(u8::from_str_radix(&hex, 16).unwrap());
                } else {
                    bytes.push(byte);
                }
            }
            prop_assert_eq!(bytes, id.into_bytes());
        }
    }

    #[test]
    fn no_failure_ends_a_removal() {
        let refused = Failure::Refused {
            code: "403".to_owned(),
            field: None,
            reason: String::new(),
        };
        for failure in [
            Failure::NotSent,
            Failure::Unknown,
            Failure::Configuration,
            refused,
        ] {
            assert_ne!(not_done(&failure), RemovalOutcome::Gone);
        }
    }
}
