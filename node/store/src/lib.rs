//! The store: SQLite behind [`HubStore`], sealed from the first migration. The only SQL.
//!
//! A store is a folder with a database and, apart from it, a key file. Nothing personal is in
//! the database in clear; nothing is answered before COMMIT with WAL and `synchronous=FULL`.

mod accept;
mod admission;
mod anchor;
mod authority;
mod backup;
mod certificate;
mod change;
pub mod check;
mod checkpoint;
mod clock;
pub mod config;
mod conversation;
mod document;
mod effect;
mod engine;
pub mod enrol;
mod epoch;
mod erase;
mod form;
pub mod hub;
pub mod hub_store;
mod journal;
mod keys;
mod lookup;
mod menu;
mod migrate;
mod name;
mod order;
mod outbox;
mod packing;
mod pin;
#[cfg(feature = "postgres")]
pub mod postgres;
mod query;
mod reader;
mod receipts;
mod relay;
mod removal;
mod retention;
mod revocation;
mod rewrap;
mod seal;
mod signing;
mod slip;
mod sms;
mod sms_link;
pub mod sqlite;
#[cfg(feature = "postgres")]
mod standing;
mod stick;
mod thread;
mod token;
mod turn;
mod tx;
mod unresolved;
mod view;
mod village;
mod writer;

#[cfg(test)]
extern crate self as node_store;

#[cfg(test)]
#[path = "../tests/hub_store/world.rs"]
#[expect(dead_code, reason = "shared with the suites, which use all of it")]
mod world;

pub use anchor::Anchored;
pub use check::{CheckReport, Share, StateHash};
pub use config::StoreConfig;
pub use enrol::{EnrolmentAnswer, Grant, NodeKeys, Realm};
pub use hub::{AgeKeys, Area, AreaChange, AreaRefusal, Founding, SlotOrder};
pub use hub_store::{Accepting, HubStore, Outbox, StoreError};
pub use slip::{CodeAnswer, SlipRefusal, SlipSubject};
pub use sms_link::{
    About, HeldThere, NamedEnds, RunEnd, RunForm, SmsContent, SmsCounts, SmsOffer, SmsOffers,
    SmsPaper, SmsPeer, SmsRun, SmsStep,
};
pub use sqlite::SqliteStore;
#[cfg(feature = "postgres")]
pub use standing::HubStanding;
pub use stick::{BundleKeys, BundleStamp, Told, ToldChain};
