//! The revocation list: which lives of which nodes are closed, and from which position on.
//!
//! Its number goes into every Hello; a higher number wins. A list is signed by the hub's
//! revocation key: `version ‖ postcard ‖ Ed25519`.

mod change;

use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::id::{ChainId, Epoch, Lane, NodeId, Scope, Seq};
use crate::refusal::{Refusal, RefusalCode};

pub use change::{ListChange, common};

/// Version byte of this layout; another one is refused.
pub const REVOCATION_VERSION: u8 = 1;
/// Longest signed list in bytes, about 1,000 entries with two chains each; refused above.
pub const REVOCATION_BYTES_MAX: usize = 64 * 1024;

const CONTEXT: &[u8] = b"outpost.revocation.1";

/// How hard a revocation is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum RevocationMode {
    /// Nothing above the last accepted position is taken.
    Stop,
    /// The same for the money lane only.
    FreezeMoney,
    /// As `Stop`; the node destroys its keys.
    Shred,
}

/// One closed life of one node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Revocation {
    /// Whose.
    pub node: NodeId,
    /// Which life.
    pub epoch: Epoch,
    /// How hard.
    pub mode: RevocationMode,
    /// Last accepted position per chain; a chain that is not named ends before its first entry.
    pub last: Vec<(Scope, Seq)>,
}

/// The list as of one number.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RevocationList {
    /// Rises with every change; 0 is the empty list that needs no signature.
    pub number: u32,
    /// Closed lives.
    pub entries: Vec<Revocation>,
}

impl RevocationList {
    /// The list that every network begins with.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Whether a life may say nothing more but control entries, and gets nothing.
    pub fn is_stopped(&self, node: NodeId, epoch: Epoch) -> bool {
        let mut own = self.entries.iter().filter(|entry| {
            entry.node == node && entry.epoch == epoch && entry.mode != RevocationMode::FreezeMoney
        });
        own.next().is_some()
    }

    /// Whether the entry at `seq` of `chain` may still be taken.
    pub fn allows(&self, chain: &ChainId, seq: Seq) -> bool {
        seq <= self.last_allowed(chain)
    }

    /// The last entry of `chain` that may still be taken; the highest number where it is not closed.
    pub fn last_allowed(&self, chain: &ChainId) -> Seq {
        let ends = self
            .entries
            .iter()
            .filter(|entry| entry.node == chain.origin && entry.epoch == chain.epoch)
            .filter(|entry| match entry.mode {
                RevocationMode::Stop | RevocationMode::Shred => true,
                RevocationMode::FreezeMoney => chain.scope.lane() == Some(Lane::Money),
            })
            .map(|entry| {
                let last = entry.last.iter().find(|(scope, _)| *scope == chain.scope);
                last.map_or(Seq(0), |(_, last)| *last)
            });
        ends.min().unwrap_or(Seq(u32::MAX))
    }
}

/// Signs a list; `None` when it is over [`REVOCATION_BYTES_MAX`].
pub fn sign(list: &RevocationList, key: &Ed25519KeyPair) -> Option<Vec<u8>> {
    let mut bytes = encode(list)?;
    let signature = key.sign(&signed(&bytes));
    bytes.extend(signature.as_ref());
    (bytes.len() <= REVOCATION_BYTES_MAX).then_some(bytes)
}

/// Reads a list and checks its signature.
///
/// # Errors
/// `TooLarge`, `Malformed`, `Version`, `Signature`, `Content`.
pub fn verify(bytes: &[u8], revocation_key: &[u8; 32]) -> Result<RevocationList, Refusal> {
    if bytes.len() > REVOCATION_BYTES_MAX {
        return Err(Refusal::new(
            RefusalCode::TooLarge,
            "revocation list is over 64 KiB",
        ));
    }
    let malformed = || Refusal::new(RefusalCode::Malformed, "revocation list bytes");
    let (content, signature) = bytes.split_last_chunk::<64>().ok_or_else(malformed)?;
    let (version, body) = content.split_first().ok_or_else(malformed)?;
    if *version != REVOCATION_VERSION {
        return Err(Refusal::new(
            RefusalCode::Version,
            "revocation list version is not 1",
        ));
    }
    UnparsedPublicKey::new(&ED25519, revocation_key)
        .verify(&signed(content), signature)
        .map_err(|_unspecified| Refusal::new(RefusalCode::Signature, "revocation list"))?;
    let list: RevocationList = postcard::from_bytes(body)
        .map_err(|error| Refusal::new(RefusalCode::Content, format!("revocation list: {error}")))?;
    if encode(&list).as_deref() != Some(content) {
        return Err(Refusal::new(
            RefusalCode::Content,
            "revocation list encoding",
        ));
    }
    Ok(list)
}

fn encode(list: &RevocationList) -> Option<Vec<u8>> {
    let body = postcard::to_stdvec(list).ok()?;
    Some([&[REVOCATION_VERSION], body.as_slice()].concat())
}

fn signed(content: &[u8]) -> Vec<u8> {
    [CONTEXT, content].concat()
}

#[cfg(test)]
mod tests;
