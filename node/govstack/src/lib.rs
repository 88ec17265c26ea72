//! GovStack Building Blocks: the clients that the hub uses, and the APIs that it serves.
//!
//! One module per Building Block. No SQL and no rules here: a served API asks the store through
//! [`port`], a client turns one outbox row into one effect and tells what became of it.

pub mod clock;
pub mod port;
pub mod registries;
pub mod upstream;
