//! Digital Registries Building Block, Data API 1.4.0 (its file is named 1.3.0).
//!
//! [`client`] brings one registration to a registry, exactly once; [`server`] serves the same API
//! on the hub's own store, so that a country without a registry can start.

pub mod client;
pub mod fault;
pub mod server;

#[cfg(test)]
mod peer;
