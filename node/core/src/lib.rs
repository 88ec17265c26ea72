//! The domain: people, programmes, dialogues, registrations, messages, numbers, roles.
//!
//! Pure. Everything that the store must read is asked for first (`needs`), everything that it
//! must write comes back as values (`Decision`, `ViewChange`); `docs/ARCHITECTURE.md` shows the
//! turn in which they meet.

pub mod alert;
pub mod application;
pub mod apply;
pub mod binding;
pub mod command;
pub mod consent;
pub mod contact;
pub mod decide;
pub mod dialogue;
pub mod duplicate;
pub mod erasure;
pub mod event;
pub mod fact;
pub mod hold;
pub mod household;
pub mod hub_signed;
pub mod identity;
pub mod inbox;
mod known;
pub mod matching;
pub mod message;
pub mod number;
pub mod office;
pub mod packing;
pub mod person;
pub mod pin;
pub mod programme;
pub mod projector;
pub mod query;
pub mod read;
pub mod reference;
pub mod removal;
pub mod revocation;
pub mod role;
pub mod schedule;
pub mod schema;
pub mod site;
pub mod slip;
pub mod status;
pub mod text;
pub mod turn;
pub mod view;
pub mod village;
