//! What the suites have in common: where the tree lies, and how to run the real program.
//!
//! Suites lie in `tests/suites`, golden files in `tests/golden`, peers in `tests/peers`.

pub mod bench;
pub mod contact;
pub mod crash;
pub mod district;
pub mod duplicate;
pub mod early_ack;
pub mod families;
pub mod fuzz;
pub mod home_register;
pub mod hostile;
pub mod msc;
pub mod office;
pub mod openapi;
pub mod peer;
pub mod people;
pub mod random;
pub mod shaper;
pub mod sheets;
pub mod simulation;
pub mod sms;
pub mod stick;
pub mod transcript;
pub mod tree;
pub mod wire;
