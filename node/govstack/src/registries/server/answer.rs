//! Answers in JSON, and refusals in the one error shape of the API.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use node_core::command::Rejection;
use serde_json::{Value, json};

use crate::port::PortError;

/// Header that marks a stored answer.
const REPLAYED: &str = "idempotent-replayed";

/// Why a request was not done. The body is written by [`super::trace`], which knows the trace id.
///
/// `message` names fields and limits, never a value that somebody sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: String,
    message: String,
    detail: &'static str,
    /// Whether the file has no body for it.
    bare: bool,
}

impl Refusal {
    fn new(status: StatusCode, code: &str, message: &str) -> Self {
        let detail = status.canonical_reason().unwrap_or("refused");
        Self {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            detail,
            bare: false,
        }
    }

    /// The same, of an operation for whose refusals the file has no body.
    pub(super) fn without_body(self) -> Self {
        let bare = matches!(self.status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND);
        Self { bare, ..self }
    }

    /// 400: `pointer` is the JSON Pointer of what is wrong.
    pub(super) fn field(code: &str, pointer: &str, what: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, &format!("{pointer}: {what}"))
    }

    /// 400 without a place.
    pub(super) fn bad(code: &str, message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 401.
    pub(super) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "client.key",
            "/headers/Authorization: unknown key",
        )
    }

    /// 403.
    pub(super) fn forbidden() -> Self {
        let message = "/headers/client: this key belongs to another client";
        Self::new(StatusCode::FORBIDDEN, "client.other", message)
    }

    /// 404 of a registry or version.
    pub(super) fn no_registry() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "registry.unknown",
            "registry or version is not served",
        )
    }

    /// 404 of a record, with the words of the file.
    pub(super) fn no_record() -> Self {
        let refusal = Self::new(StatusCode::NOT_FOUND, "record.unknown", "no record found");
        Self {
            detail: "no record found",
            ..refusal
        }
    }

    /// 405.
    pub(super) fn method_not_allowed() -> Self {
        let message = "this operation has another method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", message)
    }

    /// What the HTTP layers refused before a handler ran.
    pub(super) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(status, "body.large", "body above 1 MiB"),
            StatusCode::REQUEST_TIMEOUT => Self::new(status, "slow", "request took too long"),
            _ => Self::new(status, "refused", "request was refused"),
        }
    }

    /// Fills the body and keeps headers that are there already, such as `Allow`.
    pub(super) fn into_body(self, trace_id: &str, response: &mut Response) {
        if self.bare {
            return;
        }
        let body = json!({
            "traceId": trace_id,
            "code": self.code,
            "message": self.message,
            "localizedMessage": self.message,
            "detail": self.detail,
        });
        let allow = response.headers_mut().remove(ALLOW);
        *response = json_response(self.status, &body);
        if let Some(allow) = allow {
            response.headers_mut().insert(ALLOW, allow);
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<PortError> for Refusal {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Busy => {
                let message = "the store is busy, repeat the same request";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
            }
            PortError::Failed => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "failed",
                "the store gave no answer",
            ),
        }
    }
}

impl From<Rejection> for Refusal {
    /// The key of a system text is no personal datum; its arguments are left out all the same.
    fn from(rejection: Rejection) -> Self {
        Self::field(
            &rejection.text,
            "/write/content",
            "refused by a rule of this registry",
        )
    }
}

/// JSON with its charset, also for bare values.
pub(super) fn json_response(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// 200 with JSON.
pub(super) fn ok(value: &Value) -> Response {
    json_response(StatusCode::OK, value)
}

/// The same answer, marked as stored when it was.
pub(super) fn marked(mut response: Response, replayed: Replayed) -> Response {
    if replayed == Replayed::Yes {
        response
            .headers_mut()
            .insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// Whether an answer repeats an earlier one without any effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Replayed {
    /// Nothing was written now.
    Yes,
    /// Something was written now.
    No,
}
