//! Typed settings of a node or hub, and later the board profiles that they are rendered from.
//!
//! Plain values only: this package knows none of our others.

pub mod cli;
pub mod settings;
