//! What a node says of itself by DNS-SD: nothing secret, nothing personal, nothing trusted.

use core::fmt::Write as _;

use ring::digest::{SHA256, digest as sha256};

use crate::id::{HubId, NodeId};
use crate::session::ChainState;

/// Service type of DNS-SD.
pub const SERVICE: &str = "_outpost._tcp.local.";
/// Version of the announcement; others are not listened to.
const VERSION: &str = "1";
const DIGEST_CONTEXT: &[u8] = b"outpost.lan.1";

/// The TXT record of an announcement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Announcement {
    /// The network.
    pub hub: HubId,
    /// Who speaks.
    pub node: NodeId,
    /// [`digest`] of what it holds.
    pub digest: [u8; 8],
}

impl Announcement {
    /// Keys and values of the TXT record.
    pub fn properties(&self) -> [(&'static str, String); 4] {
        [
            ("version", VERSION.to_owned()),
            ("hub", hex(&self.hub.0)),
            ("origin", self.node.0.to_string()),
            ("digest", hex(&self.digest)),
        ]
    }

    /// Reads a TXT record; `None` for anything else than the one form of [`Self::properties`].
    pub fn parse<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let announcement = Self {
            hub: HubId(unhex(value("hub")?)?),
            node: NodeId(value("origin")?.parse().ok()?),
            digest: unhex(value("digest")?)?,
        };
        let written = announcement.properties();
        let same = written.iter().all(|(key, text)| value(key) == Some(text));
        (same && announcement.node != NodeId(0)).then_some(announcement)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        if write!(text, "{byte:02x}").is_err() {
            text.clear();
        }
        text
    })
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N.checked_mul(2)? {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = core::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}

/// What changes whenever there is news: chains with their ends, and how far receipts cover them.
pub fn digest(chains: &[ChainState]) -> [u8; 8] {
    let mut sorted: Vec<&ChainState> = chains.iter().collect();
    sorted.sort_by_key(|state| state.chain);
    let mut bytes = DIGEST_CONTEXT.to_vec();
    for state in sorted {
        bytes.extend_from_slice(&state.chain.origin.0.to_be_bytes());
        bytes.extend_from_slice(&state.chain.epoch.0.to_be_bytes());
        bytes.extend_from_slice(&state.chain.scope.0.to_be_bytes());
        bytes.extend_from_slice(&state.up_to.0.to_be_bytes());
        bytes.extend_from_slice(&state.receipted.0.to_be_bytes());
        bytes.extend_from_slice(&state.head);
    }
    let hash = sha256(&SHA256, &bytes);
    hash.as_ref().first_chunk().copied().unwrap_or_default()
}
