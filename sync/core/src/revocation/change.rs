//! What is new in a revocation list, for a receiver that holds an older one.
//!
//! `postcard(number, base, kept, entries) ‖ Ed25519`. The signature is that of the whole list: the
//! receiver puts it together from its own and verifies it as any list, so a change says nothing by
//! itself. One that does not fit is asked for whole.

use serde::{Deserialize, Serialize};

use super::{REVOCATION_BYTES_MAX, Revocation, RevocationList, encode};

/// Octets of the signature.
const SIGNATURE_BYTES: usize = 64;

/// A list as the difference to an older one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListChange {
    body: Body,
    signature: [u8; SIGNATURE_BYTES],
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Body {
    /// Of the new list.
    number: u32,
    /// Of the older one.
    base: u32,
    /// Entries at the beginning of the older list that stay.
    kept: u32,
    /// Entries behind them.
    entries: Vec<Revocation>,
}

impl ListChange {
    /// The change to a signed list from that of number `base`, of which the first `kept` entries
    /// stand in both; `None` for bytes that are no list, or hold fewer entries.
    pub fn of(signed: &[u8], (base, kept): (u32, u32)) -> Option<Self> {
        let (content, signature) = signed.split_last_chunk::<SIGNATURE_BYTES>()?;
        let (_version, body) = content.split_first()?;
        let list: RevocationList = postcard::from_bytes(body).ok()?;
        let entries = list.entries.get(usize::try_from(kept).ok()?..)?.to_vec();
        Some(Self {
            body: Body {
                number: list.number,
                base,
                kept,
                entries,
            },
            signature: *signature,
        })
    }

    /// Number of the new list.
    pub fn number(&self) -> u32 {
        self.body.number
    }

    /// The one encoding.
    pub fn encode(&self) -> Vec<u8> {
        let body = postcard::to_stdvec(&self.body).unwrap_or_default();
        [body.as_slice(), &self.signature].concat()
    }

    /// Reads it; `None` for what is not the one encoding of a change.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > REVOCATION_BYTES_MAX {
            return None;
        }
        let (body, signature) = bytes.split_last_chunk::<SIGNATURE_BYTES>()?;
        let read = Self {
            body: postcard::from_bytes(body).ok()?,
            signature: *signature,
        };
        (read.encode() == bytes).then_some(read)
    }

    /// The bytes of the new list, whose signature is yet to be verified; `None` where the list held
    /// is not the one that the change builds on.
    pub fn apply(&self, held: &RevocationList) -> Option<Vec<u8>> {
        if held.number != self.body.base {
            return None;
        }
        let kept = held.entries.get(..usize::try_from(self.body.kept).ok()?)?;
        let list = RevocationList {
            number: self.body.number,
            entries: [kept, self.body.entries.as_slice()].concat(),
        };
        let mut bytes = encode(&list)?;
        bytes.extend(self.signature);
        Some(bytes)
    }
}

/// Entries at the beginning that two lists have in common.
pub fn common(one: &RevocationList, other: &RevocationList) -> u32 {
    let pairs = one.entries.iter().zip(&other.entries);
    let same = pairs.take_while(|(one, other)| one == other).count();
    u32::try_from(same).unwrap_or(u32::MAX)
}
