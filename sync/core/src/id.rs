//! Names of replication: hub, origin, epoch, scope, lane, sequence number, chain, document.
//!
//! All integers are written big-endian. Nothing here is personal data.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Network name: the first 4 bytes of SHA-256 over the root hub's public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct HubId(pub [u8; 4]);

/// A node or hub that writes entries; assigned by the hub at enrolment, never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct NodeId(pub u32);

/// Life of an origin between restores: counter in the high 32 bits, random part in the low 32.
///
/// The random part is 0 when the hub gave the epoch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Epoch(pub u64);

impl Epoch {
    /// Joins counter and random part.
    pub fn new(counter: u32, random: u32) -> Self {
        Self((u64::from(counter) << 32) | u64::from(random))
    }

    /// The part that rises at every restore, clone or re-enrolment.
    pub fn counter(self) -> u32 {
        u32::try_from(self.0 >> 32).unwrap_or(u32::MAX)
    }

    /// The part that keeps two clones that rise alone apart.
    pub fn random(self) -> u32 {
        u32::try_from(self.0 & 0xffff_ffff).unwrap_or(u32::MAX)
    }
}

/// Partition that a certificate grants: programme × area, with the lane in its low 3 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Scope(pub u32);

impl Scope {
    /// The scope of the same programme and area in another lane.
    #[must_use]
    pub fn with_lane(self, lane: Lane) -> Self {
        Self((self.0 & !7) | u32::from(lane.number()))
    }

    /// The lane, or `None` when the low bits name no lane of this version.
    pub fn lane(self) -> Option<Lane> {
        Lane::parse(u8::try_from(self.0 & 7).unwrap_or(7))
    }

    /// The scope without its lane bits: what routing and grants compare.
    #[must_use]
    pub fn area(self) -> Self {
        Self(self.0 & !7)
    }
}

/// Order of importance on a link; the low 3 bits of a scope number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Lane {
    /// Alerts and control: revocation, grants, erasure, opt-out, epoch start.
    Control,
    /// Payments and vouchers.
    Money,
    /// Referrals.
    Referral,
    /// Registrations and reference data.
    Registration,
    /// Audit.
    Audit,
}

impl Lane {
    /// All lanes, most urgent first.
    pub const ALL: [Self; 5] = [
        Self::Control,
        Self::Money,
        Self::Referral,
        Self::Registration,
        Self::Audit,
    ];

    /// The number in the scope's low bits, 0–4.
    pub fn number(self) -> u8 {
        match self {
            Self::Control => 0,
            Self::Money => 1,
            Self::Referral => 2,
            Self::Registration => 3,
            Self::Audit => 4,
        }
    }

    /// The lane with this number, `None` for 5–255.
    pub fn parse(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.number() == number)
    }
}

/// Position in a chain, from 1 without gaps; 0 stands for "before the first entry".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Seq(pub u32);

/// One append-only chain: what a frontier, a receipt and a frame speak about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ChainId {
    /// The network.
    pub hub: HubId,
    /// Who writes it.
    pub origin: NodeId,
    /// In which life.
    pub epoch: Epoch,
    /// For which partition and lane.
    pub scope: Scope,
}

/// Short form of a document's internal id: 16 bytes of the hash of its creating entry's name.
///
/// All zero means "no document".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct DocId(pub [u8; 16]);

impl DocId {
    /// The value of an entry that concerns no document.
    pub const NONE: Self = Self([0; 16]);
}

impl fmt::Debug for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "doc:")?;
        for byte in self.0.iter().take(4) {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}
