//! Settings of links to HTTP aggregators: USSD gateways and SMS APIs.
//!
//! What their words mean is not decided here: `dialect` and `api` name data of `channels-core`, or
//! a file of the same kind.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

/// One USSD gateway over HTTP.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UssdGatewaySettings {
    /// Where the gateway posts to.
    pub listen: SocketAddr,
    /// Name of the link.
    pub name: String,
    /// Environment variable with the secret part of the path.
    pub secret_variable: String,
    /// Addresses or ranges that may call; none only where bodies are signed.
    #[serde(default)]
    pub callers: Vec<String>,
    /// A shipped dialect, or the absolute path of a file that describes one.
    #[serde(default = "default_dialect")]
    pub dialect: String,
    /// How callers sign.
    pub signature: Option<SignatureSettings>,
    /// Where screens are posted to, for dialects that want it.
    pub post: Option<ScreenPostSettings>,
}

/// How callers sign their bodies.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureSettings {
    /// Name of the header.
    pub header: String,
    /// Stands before the signature.
    #[serde(default)]
    pub before: String,
    /// The algorithm.
    #[serde(default)]
    pub algorithm: SignatureAlgorithm,
    /// How it is spelled.
    #[serde(default)]
    pub spelling: SignatureSpelling,
    /// Environment variable with the key.
    pub key_variable: String,
}

/// Algorithm of a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureAlgorithm {
    /// HMAC-SHA-256.
    #[default]
    HmacSha256,
    /// HMAC-SHA-512.
    HmacSha512,
}

/// Spelling of a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureSpelling {
    /// Hexadecimal digits.
    #[default]
    Hex,
    /// Base64 with padding.
    Base64,
}

/// Where screens are posted to.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreenPostSettings {
    /// https, or http to a loopback address.
    pub url: String,
    /// PEM file, required for https.
    pub roots_file: Option<PathBuf>,
    /// Our account there.
    pub account: String,
    /// Environment variable with its password.
    pub secret_variable: String,
}

/// One link that sends SMS over an aggregator's HTTP API.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSmsSettings {
    /// Name of the link.
    pub name: String,
    /// A shipped API, or the absolute path of a file that describes one.
    pub api: String,
    /// Where messages are posted to: https, or http to a loopback address.
    pub url: String,
    /// Where the status of a message is asked for, if the API can be asked.
    pub query_url: Option<String>,
    /// PEM file, required for https.
    pub roots_file: Option<PathBuf>,
    /// Our account there.
    pub account: String,
    /// Environment variable with its key.
    pub key_variable: String,
    /// Most messages a second, 1–1000.
    #[serde(default = "default_rate")]
    pub rate: u32,
    /// Longest time for one request in seconds, 1–60.
    #[serde(default = "default_timeout_s")]
    pub timeout_s: u32,
    /// Where receipts and messages from people are posted to.
    pub listen: SocketAddr,
    /// Environment variable with the secret part of the path.
    pub secret_variable: String,
    /// Addresses or ranges that may call; none only where bodies are signed.
    #[serde(default)]
    pub callers: Vec<String>,
    /// How callers sign.
    pub signature: Option<SignatureSettings>,
}

fn default_dialect() -> String {
    "africas-talking".to_owned()
}

fn default_rate() -> u32 {
    10
}

fn default_timeout_s() -> u32 {
    20
}
