//! Closing a node that was lost or stolen, as staff of the hub order it.
//!
//! What is enforced is the list that the hub signs ([`sync_core::revocation`]); the fact says who
//! ordered it and why.

use serde::{Deserialize, Serialize};
use sync_core::NodeId;

/// Longest reason in characters; a longer one is refused.
pub const REASON_CHARS_MAX: usize = 120;

/// How hard.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Mode {
    /// Nothing more is taken of it, and it gets nothing. Cannot be lifted: the board is enrolled
    /// again.
    Stop,
    /// The same for money alone.
    FreezeMoney,
    /// Ends a freeze of money.
    Lift,
}

/// The order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Closing {
    /// Which node, in all its lives.
    pub node: NodeId,
    /// How hard.
    pub mode: Mode,
    /// Why, in staff's words; names no person.
    pub reason: String,
}
