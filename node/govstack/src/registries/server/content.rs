//! Contents of records: canonical text, hashes, exact match, text search, change.

use core::fmt::Write as _;
use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};

use super::answer::Refusal;

/// A record's content.
pub(super) type Content = Map<String, Value>;

/// Reads a request's body as one JSON object.
pub(super) fn parse_body(body: Result<Bytes, BytesRejection>) -> Result<Content, Refusal> {
    let bytes = match body {
        Ok(bytes) => bytes,
        Err(rejection) => {
            let status = rejection.into_response().status();
            return Err(Refusal::of_status(status));
        }
    };
    if bytes.is_empty() {
        return Err(Refusal::bad("body.empty", "body is empty"));
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Refusal::bad("body.form", "body must be a JSON object")),
        Err(_) => Err(Refusal::bad("body.form", "body is not JSON in UTF-8")),
    }
}

/// `body.<part>.content` as an object.
pub(super) fn content_of(body: &Content, part: &str) -> Result<Option<Content>, Refusal> {
    let Some(outer) = body.get(part) else {
        return Ok(None);
    };
    match outer.get("content") {
        Some(Value::Object(content)) => Ok(Some(content.clone())),
        _ => Err(Refusal::field(
            "content",
            &format!("/{part}/content"),
            "must be an object",
        )),
    }
}

/// Whether everything that `wanted` names is there with an equal value, at any depth.
pub(super) fn matches(content: &Value, wanted: &Value) -> bool {
    match (content, wanted) {
        (Value::Object(content), Value::Object(wanted)) => wanted
            .iter()
            .all(|(key, value)| content.get(key).is_some_and(|own| matches(own, value))),
        (own, value) => own == value,
    }
}

/// The value at a dotted path such as `child.firstName`.
pub(super) fn at<'a>(content: &'a Content, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let first = content.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part))
}

/// A scalar as it is written in a query string; `None` for objects, lists and null.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a text stands in a field, or in any field, whatever its case.
pub(super) fn contains(content: &Content, field: Option<&str>, text: &str) -> bool {
    let needle = text.to_lowercase();
    match field {
        Some(path) => at(content, path).is_some_and(|value| value_contains(value, &needle)),
        None => content.values().any(|value| value_contains(value, &needle)),
    }
}

fn value_contains(value: &Value, needle: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| value_contains(item, needle)),
        Value::Object(members) => members
            .values()
            .any(|member| value_contains(member, needle)),
        scalar => plain(scalar).is_some_and(|text| text.to_lowercase().contains(needle)),
    }
}

/// `old` with the members that `change` names; a member is replaced whole.
pub(super) fn changed(old: &Content, change: &Content) -> Content {
    let mut new = old.clone();
    new.extend(
        change
            .iter()
            .map(|(key, value)| (key.clone(), value.clone())),
    );
    new
}

/// One text for equal values: members sorted at every depth, no blanks.
pub(super) fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<&String, &Value> = members.iter().collect();
            let parts: Vec<String> = sorted
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", parts.join(","))
        }
        scalar => scalar.to_string(),
    }
}

/// SHA-256 over length-prefixed parts, in hex.
pub(super) fn hash(parts: &[&str]) -> String {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    digest(&SHA256, &bytes)
        .as_ref()
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a String cannot fail.
            if write!(hex, "{byte:02x}").is_err() {
                tracing::error!("a hash could not be written");
            }
            hex
        })
}

/// The stored text of a record; damaged text is our failure, not the caller's.
pub(super) fn stored(text: &str) -> Result<Content, Refusal> {
    if let Ok(Value::Object(content)) = serde_json::from_str(text) {
        return Ok(content);
    }
    tracing::error!("a stored record is not a JSON object");
    Err(Refusal::of_status(StatusCode::INTERNAL_SERVER_ERROR))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn object(value: &Value) -> Content {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn equal_values_have_one_canonical_text() {
        let one: Value = serde_json::from_str(r#"{"b":[1,{"d":1,"c":"ä\n"}],"a":null}"#).unwrap();
        let two: Value =
            serde_json::from_str(r#"{"a":null,"b":[1,{"c":"\u00e4\n","d":1}]}"#).unwrap();
        assert_eq!(canonical(&one), canonical(&two));
        assert_eq!(canonical(&one), r#"{"a":null,"b":[1,{"c":"ä\n","d":1}]}"#);
    }

    #[test]
    fn a_query_matches_what_it_names_and_ignores_the_rest() {
        let record = json!({"id": "r1", "child": {"firstName": "Usha", "lastName": "Bajaj"}});
        assert!(matches(&record, &json!({"child": {"firstName": "Usha"}})));
        assert!(matches(&record, &json!({})));
        assert!(!matches(&record, &json!({"child": {"firstName": "usha"}})));
        assert!(!matches(&record, &json!({"child": "Usha"})));
        assert!(!matches(&record, &json!({"other": null})));
    }

    #[test]
    fn search_looks_into_one_field_or_all() {
        let record = object(&json!({"id": "r1", "child": {"firstName": "Usha", "age": 3}}));
        assert!(contains(&record, None, "uSh"));
        assert!(contains(&record, Some("child.firstName"), "sha"));
        assert!(!contains(&record, Some("id"), "usha"));
        assert!(contains(&record, Some("child.age"), "3"));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        scalar.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".{0,4}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn canonical_text_reads_back_as_the_same_value(value in any_value()) {
            let text = canonical(&value);
            let back: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(canonical(&back), text);
            prop_assert!(matches(&back, &value));
            prop_assert_eq!(back, value);
        }

        #[test]
        fn any_bytes_are_a_body_or_a_refusal(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let parsed = parse_body(Ok(Bytes::from(bytes.clone())));
            let object = serde_json::from_slice::<Content>(&bytes);
            prop_assert_eq!(parsed.ok(), object.ok());
        }
    }

    #[test]
    fn hash_keeps_parts_apart() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(hash(&["ab"]).len(), 64);
    }
}
