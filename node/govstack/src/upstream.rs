//! What every Building Block client has in common: address, headers, TLS, limits, and the class
//! of each answer.
//!
//! An answer of the road between us and the peer (`X-Road-Error`) is never the peer's refusal.
//! Logs name the operation and the outcome, never an address with ids, a body or a header value.

use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

mod config;

pub use config::{Auth, ConfigError, HeaderFamily, Route, Secret, UpstreamConfig};
use config::{checked_url, fixed_headers, path_prefix, tls_config};
pub(crate) use config::{is_member_path, is_path_word};

/// Largest answer in bytes that is read; a larger one counts as unreadable: outcome unknown.
pub const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Longest time for address look-up, TCP and TLS together; after it nothing was sent.
pub const CONNECT_WAIT_MAX: Duration = Duration::from_secs(10);
/// Longest code or reason of a peer that is kept, in characters; the rest is cut off.
pub const REASON_CHARS_MAX: usize = 200;

/// Why a call brought no answer that we can use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// Nothing left this machine.
    NotSent,
    /// The request may have been carried out.
    Unknown,
    /// The peer does not let us in, or the address is wrong: a person must act.
    Configuration,
    /// The peer refused the content.
    Refused {
        /// Their code, or the HTTP status.
        code: String,
        /// The field they name.
        field: Option<String>,
        /// Their words.
        reason: String,
    },
}

/// One configured upstream.
#[derive(Clone, Debug)]
pub struct Upstream {
    name: String,
    root: String,
    headers: HeaderMap,
    client: Client,
}

/// One request to it.
#[derive(Debug)]
pub struct Call<'a> {
    /// Name in logs, such as `exists`.
    pub operation: &'static str,
    /// Path after `base_path`, beginning with `/`; holds no personal data.
    pub path: &'a str,
    /// JSON.
    pub body: String,
    /// Derived id of the phone session, sent as `X-CorrelationID`.
    pub correlation_id: &'a str,
    /// Minted id of the outbox row, sent as `Idempotency-Key` with writes.
    pub request_id: Option<&'a str>,
}

impl Upstream {
    /// Checks the configuration and makes the client; opens no connection.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting that is wrong.
    pub fn new(config: &UpstreamConfig) -> Result<Self, ConfigError> {
        let name = config.name.clone();
        let url = checked_url(config)?;
        let tls = tls_config(config, url.scheme() == "https")?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .http1_only()
            .connect_timeout(CONNECT_WAIT_MAX.min(config.timeout))
            .timeout(config.timeout)
            .build()
            .map_err(|source| ConfigError::Client {
                name: name.clone(),
                source,
            })?;
        let root = format!(
            "{}{}",
            url.as_str().trim_end_matches('/'),
            path_prefix(config)?
        );
        Ok(Self {
            name,
            root,
            headers: fixed_headers(config)?,
            client,
        })
    }

    /// Posts one JSON request and reads the JSON answer.
    ///
    /// # Errors
    /// [`Failure`] by the class of the outcome.
    pub async fn post(&self, call: Call<'_>) -> Result<Value, Failure> {
        self.told(Method::POST, call, classify).await
    }

    /// Deletes what a path names; what is not there is deleted (RFC 9110 §9.2.2).
    ///
    /// The caller still asks whether it is gone: 404 may also speak of a wrong address.
    ///
    /// # Errors
    /// [`Failure`] by the class of the outcome.
    pub async fn delete(&self, call: Call<'_>) -> Result<(), Failure> {
        self.told(Method::DELETE, call, classify_deletion).await
    }

    /// Makes one exchange and tells the log how it went.
    async fn told<T>(
        &self,
        method: Method,
        call: Call<'_>,
        classify: Classify<T>,
    ) -> Result<T, Failure> {
        let started = Instant::now();
        let operation = call.operation;
        let result = match self.exchange(method, call).await {
            Ok((status, body)) => classify(status, body),
            Err(failure) => Err(failure),
        };
        let duration_ms = started.elapsed().as_millis();
        let class = result.as_ref().map_or_else(Failure::class, |_| "answered");
        let upstream = self.name.as_str();
        tracing::info!(
            upstream,
            operation,
            class,
            duration_ms,
            "upstream was asked"
        );
        if matches!(result, Err(Failure::Configuration)) {
            alarm(upstream, operation);
        }
        result
    }

    async fn exchange(
        &self,
        method: Method,
        call: Call<'_>,
    ) -> Result<(StatusCode, Option<Vec<u8>>), Failure> {
        let mut headers = self.headers.clone();
        insert(&mut headers, "x-correlationid", call.correlation_id)?;
        if let Some(id) = call.request_id {
            insert(&mut headers, "idempotency-key", id)?;
        }
        let request = self
            .client
            .request(method, format!("{}{}", self.root, call.path))
            .headers(headers)
            .body(call.body);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_builder() => return Err(Failure::Configuration),
            Err(error) if error.is_connect() => return Err(Failure::NotSent),
            Err(_) => return Err(Failure::Unknown),
        };
        let status = response.status();
        if response.headers().contains_key("x-road-error") {
            return Err(Failure::Unknown);
        }
        Ok((status, read_capped(response).await))
    }
}

impl Failure {
    /// The word for logs.
    fn class(&self) -> &'static str {
        match self {
            Self::NotSent => "not sent",
            Self::Unknown => "unknown",
            Self::Configuration => "configuration",
            Self::Refused { .. } => "rejected",
        }
    }
}

/// A person must act: said once an attempt, and attempts are far apart.
fn alarm(upstream: &str, operation: &str) {
    tracing::error!(
        upstream,
        operation,
        "upstream does not let us in: check client name, credentials, address and version"
    );
}

/// Sorts a status and a body into an outcome.
type Classify<T> = fn(StatusCode, Option<Vec<u8>>) -> Result<T, Failure>;

/// Any 2xx is a deletion, with a body or without, and so is what is not there.
fn classify_deletion(status: StatusCode, body: Option<Vec<u8>>) -> Result<(), Failure> {
    if status.is_success() || matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE) {
        return Ok(());
    }
    classify(status, body).map(|_value| ())
}

/// Sorts a status and a body (`None` = unreadable) into the outcome table.
fn classify(status: StatusCode, body: Option<Vec<u8>>) -> Result<Value, Failure> {
    let value = body.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    match status.as_u16() {
        200..=299 => value.ok_or(Failure::Unknown),
        // 404 and 405 are stricter than "other 4xx": they speak of the address, never of the
        // content, and a mistyped registry name must not refuse anybody's registration for good.
        300..=399 | 401 | 403 | 404 | 405 | 407 => Err(Failure::Configuration),
        408 | 425 | 429 => Err(Failure::Unknown),
        400..=499 => Err(refusal(status, value.as_ref())),
        _ => Err(Failure::Unknown),
    }
}

/// Reads code, field and reason out of an error body of any known shape.
fn refusal(status: StatusCode, body: Option<&Value>) -> Failure {
    let text = |key: &str| body.and_then(|b| b.get(key)).and_then(Value::as_str);
    let reason = text("message")
        .or(text("detail"))
        .or(text("localizedMessage"))
        .unwrap_or("");
    let pointer = reason.split(':').next().filter(|head| {
        head.len() > 1 && head.starts_with('/') && !head.contains(char::is_whitespace)
    });
    Failure::Refused {
        code: cut(text("code").unwrap_or(status.as_str())),
        field: text("field").or(pointer).map(cut),
        reason: cut(reason),
    }
}

fn cut(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(REASON_CHARS_MAX)
        .collect()
}

async fn read_capped(mut response: reqwest::Response) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if bytes.len().saturating_add(chunk.len()) > ANSWER_BYTES_MAX {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    Some(bytes)
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), Failure> {
    let Ok(value) = HeaderValue::from_str(value) else {
        return Err(Failure::Configuration);
    };
    headers.insert(HeaderName::from_static(name), value);
    Ok(())
}

#[cfg(test)]
mod tests;
