//! The store: SQLite behind [`HubStore`], sealed from the first migration. The only SQL.

pub mod hub_store;

pub use hub_store::{HubStore, StoreError};
