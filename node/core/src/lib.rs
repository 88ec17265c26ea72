//! The domain: people, programmes, dialogues, registrations, messages, numbers, roles.
//!
//! Pure. Everything that the store must read is asked for first (`needs`), everything that it
//! must write comes back as values (`Decision`, `ViewChange`); `docs/ARCHITECTURE.md` shows the
//! turn in which they meet.

pub mod command;
pub mod contact;
pub mod dialogue;
pub mod fact;
pub mod person;
pub mod programme;
pub mod query;
pub mod role;
pub mod status;
pub mod turn;
pub mod view;
