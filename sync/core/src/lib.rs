//! Replication words: journal chains, frames, receipts, certificates, documents, the sync session.
//!
//! Pure: time, keys and randomness are arguments; nothing here opens a socket, a file or a
//! database. Layouts are described in `docs/protocols/frames.md`.

pub mod bundle;
pub mod certificate;
pub mod document;
pub mod enrolment;
pub mod entry;
pub mod frame;
#[cfg(test)]
mod golden;
pub mod hlc;
pub mod id;
pub mod journal;
pub mod lan;
pub mod message;
pub mod pack;
pub mod receipt;
pub mod refusal;
pub mod revocation;
pub mod session;
pub mod sms;
pub mod varint;

pub use entry::{ClockQuality, Entry, EntryKind, EntryMeta, EntryRef};
pub use id::{ChainId, DocId, Epoch, HubId, Lane, NodeId, Scope, Seq};
