//! What each side of a session knows before it begins: itself, the other, and where chains stand.

use std::collections::BTreeSet;

use crate::certificate::NodeCertificate;
use crate::id::{ChainId, Epoch, HubId, NodeId, Scope, Seq};
use crate::message::Message;
use crate::refusal::RefusalCode;

use super::certificate_hash;

/// What this side is and may do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Local {
    /// The network.
    pub hub: HubId,
    /// Who we are.
    pub origin: NodeId,
    /// In which life.
    pub epoch: Epoch,
    /// Our certificate, at most [`crate::message::CERTIFICATE_BYTES_MAX`] bytes.
    pub certificate: Vec<u8>,
    /// Whether the peer has answered to this certificate before: then its hash is enough.
    pub certificate_known: bool,
    /// Scopes with lanes that our certificate grants.
    pub scopes: BTreeSet<Scope>,
    /// Those of them in which we receive the entries of others; see [`readable`].
    pub readable: BTreeSet<Scope>,
    /// Those of them whose grant has ended: of these we bring our own alone; see [`ended`].
    pub ended: BTreeSet<Scope>,
    /// Hash of the schemas and dictionaries held, first 8 bytes.
    pub sets: [u8; 8],
    /// The newest revocation list held.
    pub revocations: Revocations,
    /// Revoked or quarantined: only lane 0 leaves.
    pub frozen: bool,
    /// Bytes of frames in one turn, 1–[`super::TURN_BYTES_MAX`]; 6 s of a slow link's rate.
    pub turn_bytes_max: usize,
    /// What the link is.
    pub profile: Profile,
}

/// How frames travel on a link (SYNC §11); by configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Profile {
    /// Bytes have a price, or the rate is at most 256 kbit/s: frames are packed.
    #[default]
    Metered,
    /// Bytes are cheap and the processor is not: raw changes with zstd.
    Lan,
}

/// The newest revocation list that a side holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Revocations {
    /// Its number; 0 for none.
    pub number: u32,
    /// The list as it was signed; empty for none.
    pub bytes: Vec<u8>,
}

impl Revocations {
    /// The list for a peer that holds an older one.
    pub(super) fn newer_than(&self, number: u32) -> Option<Message> {
        let newer = number < self.number && !self.bytes.is_empty();
        newer.then(|| Message::Revocations(self.bytes.clone()))
    }
}

/// What is known of the other side, from its verified certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Peer {
    /// Who.
    pub node: NodeId,
    /// In which life.
    pub epoch: Epoch,
    /// Scopes with lanes that its certificate grants.
    pub scopes: BTreeSet<Scope>,
    /// Those of them in which it receives the entries of others; see [`readable`].
    pub readable: BTreeSet<Scope>,
    /// Those of them whose grant has ended: of these it brings its own alone; see [`ended`].
    pub ended: BTreeSet<Scope>,
    /// [`certificate_hash`] of its certificate.
    pub certificate: [u8; 16],
}

impl Peer {
    /// From a certificate that was verified, and its bytes.
    pub fn new(certificate: &NodeCertificate, bytes: &[u8]) -> Self {
        Self {
            node: certificate.node,
            epoch: certificate.epoch,
            scopes: granted(certificate),
            readable: readable(certificate),
            ended: ended(certificate),
            certificate: certificate_hash(bytes),
        }
    }

    /// The same as a neighbour of ours, who is spoken with about what it may read alone.
    pub fn neighbour(certificate: &NodeCertificate, bytes: &[u8]) -> Self {
        Self {
            scopes: readable(certificate),
            ..Self::new(certificate, bytes)
        }
    }
}

/// What a node knows before it meets a neighbour.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// Public key of the hub's receipts.
    pub receipt_key: [u8; 32],
    /// Origins of whom nothing is taken.
    pub quarantined: BTreeSet<NodeId>,
}

/// The scopes, with lanes, in which the holder of a certificate receives the entries of others.
pub fn readable(certificate: &NodeCertificate) -> BTreeSet<Scope> {
    let granted = certificate.granted();
    granted
        .filter(|scope| certificate.may_read(*scope))
        .collect()
}

/// The scopes, with lanes, whose grant has ended.
pub fn ended(certificate: &NodeCertificate) -> BTreeSet<Scope> {
    let granted = certificate.granted();
    granted
        .filter(|scope| certificate.is_ended(*scope))
        .collect()
}

/// The scopes, with lanes, that a certificate grants.
pub fn granted(certificate: &NodeCertificate) -> BTreeSet<Scope> {
    let grants = certificate.scopes.iter();
    grants
        .flat_map(|grant| grant.lanes.iter().map(|lane| grant.area.with_lane(*lane)))
        .collect()
}

/// What a hub saw that our present life does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Doubt {
    /// `Rewound`: it holds more of a chain than we. `Forked`: it holds another end of it.
    pub code: RefusalCode,
    /// The chain; of a life that we do not know where we speak in an older one.
    pub chain: ChainId,
    /// The last entry there.
    pub seq: Seq,
    /// The highest epoch known of us on either side: the new life lies above it.
    pub above: Epoch,
}

/// Where a chain stands here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainState {
    /// The chain.
    pub chain: ChainId,
    /// Last entry held.
    pub up_to: Seq,
    /// Chain hash after it.
    pub head: [u8; 32],
    /// Last entry that a receipt held here covers; 0 for none. A receipt of another origin's chain
    /// may cover more than is held.
    pub receipted: Seq,
    /// First and last entry of the frames that can be sent from here without a gap. Of our own
    /// chains all of them, of others the frames as their origin signed them; a hub can send all of
    /// any chain.
    pub kept: Option<(Seq, Seq)>,
}

impl ChainState {
    /// Whether frames can be sent from here to somebody who holds the chain up to an entry.
    pub fn goes_on_after(&self, held: Seq) -> bool {
        self.kept
            .is_some_and(|(first, last)| first.0 <= held.0.saturating_add(1) && last > held)
    }
}
