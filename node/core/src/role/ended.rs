//! The end of a role before its time, signed by the hub that gave it.
//!
//! An end names a place in a scope's append-only staff list, so it holds whether the grant came
//! before it or comes after it, and no later grant of that place undoes it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sync_core::{NodeId, Scope};

use crate::hub_signed::HubSigned;

/// Longest reason in characters; a longer one is refused.
pub const REASON_CHARS_MAX: usize = 80;

/// A role that was taken back; travels as a lane-0 fact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoleEnd {
    /// The scope of the grant (lane bits zero).
    pub scope: Scope,
    /// Its place in the scope's staff list, from 1.
    pub index: u32,
    /// When it was taken back, by the hub's clock.
    pub at: Timestamp,
    /// Why, in staff's words: `left`, `lost phone`; names no person.
    pub reason: String,
    /// The hub that takes it back.
    pub hub: NodeId,
    /// Ed25519 by the hub's node key over the postcard form of all fields above.
    #[serde(with = "crate::fact::signature_bytes")]
    pub signature: [u8; 64],
}

impl HubSigned for RoleEnd {
    const CONTEXT: &'static [u8] = b"outpost.role-end.1";

    fn fields(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(&(
            self.scope,
            self.index,
            self.at,
            self.reason.as_str(),
            self.hub,
        ))
    }

    fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    fn set_signature(&mut self, signature: [u8; 64]) {
        self.signature = signature;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub_signed::check_signature;

    #[test]
    fn signature_covers_every_field() {
        let unsigned = RoleEnd {
            scope: Scope(16),
            index: 1,
            at: "2026-03-14T10:00:00Z".parse().unwrap(),
            reason: "left".to_owned(),
            hub: NodeId(1),
            signature: [0; 64],
        };
        check_signature(
            unsigned,
            &[
                |end| end.scope = Scope(24),
                |end| end.index = 2,
                |end| end.at = "2026-03-14T10:00:01Z".parse().unwrap(),
                |end| end.reason.push('x'),
                |end| end.hub = NodeId(2),
            ],
        );
    }
}
