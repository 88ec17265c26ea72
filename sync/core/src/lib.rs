//! Replication words: journal chains, frames, receipts, certificates, documents, the sync session.
//!
//! Pure: time, keys and randomness are arguments; nothing here opens a socket, a file or a
//! database. Layouts are described in `docs/protocols/frames.md`.

pub mod entry;
pub mod id;

pub use entry::{ClockQuality, Entry, EntryKind, EntryMeta, EntryRef};
pub use id::{ChainId, DocId, Epoch, HubId, Lane, NodeId, Scope, Seq};
