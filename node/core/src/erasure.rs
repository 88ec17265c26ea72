//! The end of a person's data, signed by the hub: every holder gives them up, and keeps the end.
//!
//! Whoever hears of it deletes keys, bodies, documents, views, sessions and texts of the person, and
//! takes nothing of her again, whether older or newer. A later registration is a new person with a
//! new number (E1–E3). The fact names a document, never a value.

use serde::{Deserialize, Serialize};
use sync_core::{EntryRef, NodeId, Scope};

use crate::hub_signed::HubSigned;
use crate::query::OpenErasure;

/// Longest reason in characters; a longer one is refused.
pub const REASON_CHARS_MAX: usize = 80;

/// A place of a staff list: scope without lane, index.
pub type Approver = (Scope, u32);

/// The order to erase a person; travels as a lane-0 fact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Erasure {
    /// The person's document.
    pub person: EntryRef,
    /// Why, in staff's words; names no person.
    pub reason: String,
    /// The two people who approved it.
    pub approved: [Approver; 2],
    /// The hub that orders it.
    pub hub: NodeId,
    /// Ed25519 by the hub's node key over the postcard form of all fields above.
    #[serde(with = "crate::fact::signature_bytes")]
    pub signature: [u8; 64],
}

impl HubSigned for Erasure {
    const CONTEXT: &'static [u8] = b"outpost.erasure.1";

    fn fields(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(&(self.person, self.reason.as_str(), self.approved, self.hub))
    }

    fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    fn set_signature(&mut self, signature: [u8; 64]) {
        self.signature = signature;
    }
}

/// How far an erasure has come here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ErasureRow {
    /// Whether the person, or a worker for her, asked for it.
    pub asked: bool,
    /// Who approved it first.
    pub approved: Option<Approver>,
    /// Whether the person is erased.
    pub erased: bool,
}

/// An erasure that somebody must still approve, as staff see it.
#[derive(Clone, PartialEq, Eq)]
pub struct ErasureRequest {
    /// The person's document.
    pub person: EntryRef,
    /// Her registration number; empty where she has none.
    pub number: String,
    /// Whether she, or a worker for her, asked for it.
    pub asked: bool,
    /// Name of whoever approved it first, as staff know it.
    pub approved: Option<String>,
}

/// The erasures of an area that are not at their end.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ErasureDesk {
    /// Those that wait for an approval, the ones that were approved once first.
    pub waiting: Vec<ErasureRequest>,
    /// The erased whom some certified holder has not confirmed.
    pub unconfirmed: Vec<OpenErasure>,
}

impl core::fmt::Debug for ErasureDesk {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ErasureDesk({} wait)", self.waiting.len())
    }
}

#[cfg(test)]
mod tests {
    use sync_core::{Epoch, Seq};

    use super::*;
    use crate::hub_signed::check_signature;

    #[test]
    fn signature_covers_every_field() {
        let person = EntryRef {
            origin: NodeId(2),
            epoch: Epoch(1),
            scope: Scope(16),
            seq: Seq(1),
        };
        let unsigned = Erasure {
            person,
            reason: "asked".to_owned(),
            approved: [(Scope(16), 1), (Scope(16), 2)],
            hub: NodeId(1),
            signature: [0; 64],
        };
        check_signature(
            unsigned,
            &[
                |one| one.person.seq = Seq(2),
                |one| one.reason.push('x'),
                |one| one.approved[1].1 = 3,
                |one| one.hub = NodeId(2),
            ],
        );
    }
}
