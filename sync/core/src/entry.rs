//! Journal entries: head, body, and the name by which other entries point at them.
//!
//! The head carries no personal data; the body is sealed at rest by the store.

use serde::{Deserialize, Serialize};

use crate::id::{ChainId, DocId, Epoch, NodeId, Scope, Seq};

/// The permanent name of an entry, and of the document that it created.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct EntryRef {
    /// Who wrote it.
    pub origin: NodeId,
    /// In which life.
    pub epoch: Epoch,
    /// In which partition and lane.
    pub scope: Scope,
    /// At which position.
    pub seq: Seq,
}

impl EntryRef {
    /// The entry at `seq` of `chain`.
    pub fn new(chain: &ChainId, seq: Seq) -> Self {
        Self {
            origin: chain.origin,
            epoch: chain.epoch,
            scope: chain.scope,
            seq,
        }
    }
}

/// What a body is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum EntryKind {
    /// The raw bytes of one uncompressed automerge change chunk.
    Change,
    /// A fact in its versioned encoding.
    Fact,
}

/// How far the wall clock could be trusted when the entry was written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum ClockQuality {
    /// Disciplined by NTP.
    Ntp,
    /// Two agreeing network sources.
    Nitz,
    /// A battery-backed clock.
    Rtc,
    /// A saved time at start, or a test clock.
    Fake,
    /// No idea.
    Unknown,
}

/// The head of an entry: everything the chain hash covers besides the commitment to the body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryMeta {
    /// Position in its chain.
    pub seq: Seq,
    /// What the body is.
    pub kind: EntryKind,
    /// How good the clock was.
    pub quality: ClockQuality,
    /// Hybrid logical clock: 48-bit milliseconds since 1970 ‖ 16-bit counter.
    pub hlc: u64,
    /// The document concerned, [`DocId::NONE`] for none.
    pub doc: DocId,
    /// Creating entry of that document; `None` when this entry creates it or concerns none.
    pub doc_ref: Option<EntryRef>,
    /// Realm-wide number of (programme, version, type), assigned by the hub.
    pub schema: u16,
    /// Index in the scope's staff list; 0 is the person herself or the system.
    pub author: u32,
    /// How many positions back in this chain the session began; 0 = this entry starts one.
    pub session: u32,
}

impl EntryMeta {
    /// Whether this entry creates the document it concerns.
    pub fn creates_document(&self) -> bool {
        self.doc_ref.is_none() && self.doc != DocId::NONE
    }
}

/// An entry with its body in clear, as cores handle it.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The head.
    pub meta: EntryMeta,
    /// Canonical bytes: a raw automerge change, or a fact.
    pub body: Vec<u8>,
}

impl core::fmt::Debug for Entry {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Entry")
            .field("meta", &self.meta)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}
