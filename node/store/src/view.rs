//! Tables derived from entries, one file per table; rows are sealed, look-ups go by tokens.
//!
//! Every table here can be rebuilt from the journal; `check` does it and compares.

pub(crate) mod consent;
pub(crate) mod event;
mod hold;
pub(crate) mod household;
mod log;
pub(crate) mod matching;
pub(crate) mod number;
pub(crate) mod office;
pub(crate) mod person;
pub(crate) mod phone;
pub(crate) mod plan;
mod read;
pub(crate) mod record;
pub(crate) mod reference;
pub(crate) mod registration;
pub(crate) mod review;
pub(crate) mod slip;
pub(crate) mod staff;
mod withdrawn;
