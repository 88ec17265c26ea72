//! The links between nodes and hubs: bytes over TLS, and the identities that they need.
//!
//! What the bytes mean is in `sync-core`; what is stored, in `node-store`. Nothing here knows
//! people, and nothing here opens the database.

pub mod https;
pub mod identity;
pub mod lan;
pub mod stick;
pub mod tls;

use core::future::Future;

use bytes::Bytes;

/// A road to the hub that carries one turn there and one turn back.
pub trait Link {
    /// Whether the connection of the last turn still stands, as far as is known: then both ends
    /// remember what was said on it.
    fn is_kept(&self) -> bool;

    /// The Ed25519 key with which the other side of the last connection proved its name; `None`
    /// before there was one.
    fn peer_key(&self) -> Option<[u8; 32]>;

    /// Sends a request and waits for its answer. A request that leaves out what was said before
    /// goes over the `kept` connection or not at all.
    ///
    /// After an error it is not known what arrived: the next session opens with
    /// `sync_core::session::Opening::Full`.
    fn round(
        &mut self,
        request: Vec<u8>,
        kept: bool,
    ) -> impl Future<Output = Result<Answer, LinkError>> + Send;

    /// What the link can carry and costs.
    fn limits(&self) -> LinkLimits;
}

/// What came back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The bytes that arrived.
    pub body: Bytes,
    /// Whether they are all of it. If not, whole messages among them still count, and the
    /// session is told `LinkDown` after them.
    pub whole: bool,
}

/// What a link can carry and costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkLimits {
    /// Bytes in one turn at most.
    pub turn_bytes_max: usize,
    /// Whether bytes arrive in order.
    pub ordered: bool,
    /// Price of 1,000 bytes in minor units of the site's currency.
    pub cost_per_kb: u32,
    /// Bits in a second as configured or measured.
    pub rate_bits_s: u32,
}

/// Why a round did not happen or has an unknown outcome.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The uplink is switched off here.
    #[error("link is unplugged")]
    Unplugged,
    /// No connection came about within its time; nothing was sent.
    #[error("failed to reach the hub: {0}")]
    Unreachable(#[source] std::io::Error),
    /// The kept connection is gone; nothing was sent. The next session begins over another one.
    #[error("connection was closed between two turns")]
    Closed,
    /// The connection broke or was silent; what was sent may have arrived.
    #[error("link broke: {0}")]
    Broken(String),
    /// The hub has no capacity now.
    #[error("hub is busy")]
    Busy,
    /// The hub answered with another status than 200: it does not know us, or not this path.
    #[error("hub answered with status {status}")]
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// The request or the answer is over the link's limit.
    #[error("turn is longer than {limit} bytes: {got}")]
    TooLarge {
        /// Bytes.
        limit: usize,
        /// Bytes.
        got: usize,
    },
}
