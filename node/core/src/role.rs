//! Who acts: roles, hub-signed grants, and the principal that every command carries.

use channels_core::Msisdn;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sync_core::{NodeId, Scope};

/// What a person may do (docs/SECURITY.md lists the rights of each).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Role {
    /// A citizen: own record only.
    Citizen,
    /// A community health worker: registers, answers reviews.
    HealthWorker,
    /// District staff who decide duplicates and correct fields.
    Officer,
    /// Devices, links, staff accounts.
    Administrator,
    /// The program itself: projector, digest, scheduler.
    System,
}

/// Who gives a command, over which channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Principal {
    /// The role it acts in.
    pub role: Role,
    /// Index in the staff list of `scope`; 0 = the person herself or the system.
    pub author: u32,
    /// The partition in which it acts (lane bits zero).
    pub scope: Scope,
    /// The number it came from, for people on phones.
    pub phone: Option<Msisdn>,
    /// Name of the channel: a link name, `console`, `api`, `system`.
    pub channel: String,
    /// Language of its screens, BCP 47.
    pub language: String,
}

/// A role given to a number in a scope, signed by the hub; travels as a lane-0 fact.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// Index in the scope's append-only staff list, from 1.
    pub index: u32,
    /// The role.
    pub role: Role,
    /// The number that the person calls from, E.164 with `+`.
    pub phone: String,
    /// The person's name as staff see it.
    pub name: String,
    /// Language of the person's screens.
    pub language: String,
    /// Where it holds (lane bits zero).
    pub scope: Scope,
    /// When it ends.
    pub not_after: Timestamp,
    /// The hub that grants.
    pub hub: NodeId,
    /// Ed25519 by the hub's node key over the postcard form of all fields above.
    #[serde(with = "crate::fact::signature_bytes")]
    pub signature: [u8; 64],
}

impl core::fmt::Debug for RoleGrant {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "RoleGrant({:?} {} in {:?})", self.role, self.index, self.scope)
    }
}
