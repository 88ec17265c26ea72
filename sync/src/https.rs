//! HTTPS between a node and its hub: HTTP/1.1 over TLS 1.3, one kept-alive connection, few bytes.
//!
//! `POST /s` carries a session's turn and needs a client certificate; `POST /enrol` carries an
//! enrolment and needs none. No cookies, redirects, date headers, parallel requests or retries.

mod client;
mod server;
mod wire;

use std::time::Duration;

use tokio::sync::watch;

pub use client::{HttpsLink, HttpsTarget};
pub use server::{LinkReply, LinkRequest, Said, serve};
pub use wire::Counters;

/// Bytes of a request or answer body; a longer one is refused with 413, or ends the link.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Connections served at once; further ones are closed before the handshake.
pub const CONNECTIONS_MAX: usize = 64;
/// Silence after which a connection ends: 2G stalls for half a minute and recovers.
pub const IDLE_MAX: Duration = Duration::from_secs(90);
/// Time for a request's head, for clients without a certificate.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(10);
/// Time for name, TCP and TLS together.
pub const CONNECT_TIME_MAX: Duration = Duration::from_mins(1);
/// Time for the program behind the link to answer; then 503.
pub const REPLY_TIME_MAX: Duration = Duration::from_mins(1);

/// Whether the uplink is plugged in: while false, connections fail and open ones are dropped.
pub type Switch = watch::Receiver<bool>;

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Endpoint {
    /// A turn of a session.
    Session,
    /// An enrolment.
    Enrol,
}

impl Endpoint {
    /// The path on the wire.
    pub fn path(self) -> &'static str {
        match self {
            Self::Session => "/s",
            Self::Enrol => "/enrol",
        }
    }

    /// The endpoint with this path.
    pub fn parse(path: &str) -> Option<Self> {
        [Self::Session, Self::Enrol]
            .into_iter()
            .find(|endpoint| endpoint.path() == path)
    }
}

#[cfg(test)]
mod tests;
