//! What both sides may speak about: the chains of either that both certificates grant.

use std::collections::{BTreeMap, BTreeSet};

use ring::digest::{SHA256, digest as sha256};

use crate::id::{ChainId, Epoch, NodeId, Scope, Seq};
use crate::message::{HAVE_CHAINS_MAX, Have, HaveItem};

use super::{ChainState, Local, Peer};

const DIGEST_CONTEXT: &[u8] = b"outpost.frontier.1";

/// The name of a certificate in `Hello`: the first 16 bytes of its SHA-256.
pub fn certificate_hash(bytes: &[u8]) -> [u8; 16] {
    first(sha256(&SHA256, bytes).as_ref())
}

/// Digest of a frontier: 8 bytes over (origin, epoch, scope, last entry, hash) in chain order.
pub(super) fn digest(chains: &[&ChainState]) -> [u8; 8] {
    let mut bytes = DIGEST_CONTEXT.to_vec();
    let mut chains = chains.to_vec();
    chains.sort_by_key(|state| state.chain);
    for state in chains.into_iter().filter(|state| state.up_to > Seq(0)) {
        bytes.extend_from_slice(&state.chain.origin.0.to_be_bytes());
        bytes.extend_from_slice(&state.chain.epoch.0.to_be_bytes());
        bytes.extend_from_slice(&state.chain.scope.0.to_be_bytes());
        bytes.extend_from_slice(&state.up_to.0.to_be_bytes());
        bytes.extend_from_slice(&head(state));
    }
    first(sha256(&SHA256, &bytes).as_ref())
}

/// A chain as `Have` tells it.
pub(super) fn item(state: &ChainState) -> HaveItem {
    HaveItem {
        chain: state.chain,
        up_to: state.up_to,
        receipted: state.receipted,
        head: head(state),
    }
}

/// First 8 bytes of a chain's hash, as `Have` carries them.
pub(super) fn head(state: &ChainState) -> [u8; 8] {
    first(&state.head)
}

fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk::<N>().copied().unwrap_or([0; N])
}

/// The chains of the two sides that both may hold.
#[derive(Debug, Default)]
pub(super) struct Frontier {
    pub(super) chains: BTreeMap<ChainId, ChainState>,
    /// Chains of third origins that both may hold: a node hands them on to its hub, and a hub to
    /// its node those that the node reads.
    pub(super) others: BTreeMap<ChainId, ChainState>,
    /// Scopes, with lanes, in which the node of the two receives the entries of others.
    readable: BTreeSet<Scope>,
    /// Chains of this side that are held and may not leave.
    pub(super) withheld: Vec<ChainId>,
}

impl Frontier {
    /// What a node speaks about with its hub.
    pub(super) fn of_node(chains: Vec<ChainState>, local: &Local, hub: &Peer) -> Self {
        let node = (local.origin, &local.readable, &local.ended);
        Self::new(chains, (local, hub), node)
    }

    /// What a hub speaks about with a node.
    pub(super) fn of_hub(chains: Vec<ChainState>, local: &Local, node: &Peer) -> Self {
        let node_side = (node.node, &node.readable, &node.ended);
        Self::new(chains, (local, node), node_side)
    }

    fn new(
        chains: Vec<ChainState>,
        (local, peer): (&Local, &Peer),
        (node, readable, ended): (NodeId, &BTreeSet<Scope>, &BTreeSet<Scope>),
    ) -> Self {
        let mut frontier = Self {
            readable: readable.clone(),
            ..Self::default()
        };
        let ours = chains.into_iter().filter(|state| {
            let is_over = state.chain.origin != node && ended.contains(&state.chain.scope);
            state.chain.hub == local.hub && !is_over
        });
        for state in ours {
            let origin = state.chain.origin;
            if is_granted(state.chain.scope, &local.scopes, &peer.scopes) {
                let is_third = origin != local.origin && origin != peer.node;
                let chains = if is_third {
                    &mut frontier.others
                } else {
                    &mut frontier.chains
                };
                chains.insert(state.chain, state);
            } else if state.chain.origin == local.origin && state.up_to > state.receipted {
                frontier.withheld.push(state.chain);
            }
        }
        frontier
    }

    /// Four bytes over the chains of both sides, then four over those of others that the node reads:
    /// what the hub holds of others is news whatever else a round brings.
    pub(super) fn digest(&self) -> [u8; 8] {
        let sides = digest(&self.chains.values().collect::<Vec<_>>());
        let others = digest(&self.read_by_node().collect::<Vec<_>>());
        let (mut both, [.., a, b, c, d]) = (sides, others);
        both[4..].copy_from_slice(&[a, b, c, d]);
        both
    }

    /// Whether a digest of the other side differs from ours: over the chains of both, and over those
    /// of others.
    pub(super) fn differs(&self, theirs: [u8; 8]) -> (bool, bool) {
        let ours = self.digest();
        (ours[..4] != theirs[..4], ours[4..] != theirs[4..])
    }

    /// Chains of third origins that the node of the two receives.
    pub(super) fn read_by_node(&self) -> impl Iterator<Item = &ChainState> {
        let others = self.others.values();
        others.filter(|state| self.is_read_by_node(&state.chain))
    }

    /// Whether the node of the two receives what others write there.
    pub(super) fn is_read_by_node(&self, chain: &ChainId) -> bool {
        self.readable.contains(&chain.scope)
    }

    /// Notes that a chain was taken, or sent, up to an entry that is behind what was known.
    pub(super) fn grew(&mut self, chain: ChainId, up_to: Seq, is_third: bool) {
        let none = ChainState {
            chain,
            up_to: Seq(0),
            head: [0; 32],
            receipted: Seq(0),
            kept: None,
        };
        let chains = if is_third {
            &mut self.others
        } else {
            &mut self.chains
        };
        let state = chains.entry(chain).or_insert(none);
        state.up_to = state.up_to.max(up_to);
    }

    pub(super) fn of(&self, origin: NodeId) -> impl Iterator<Item = &ChainState> {
        self.chains
            .values()
            .filter(move |state| state.chain.origin == origin)
    }

    pub(super) fn up_to(&self, chain: &ChainId) -> Seq {
        self.state(chain).map_or(Seq(0), |state| state.up_to)
    }

    /// Where a chain stands, also one of a third origin.
    pub(super) fn state(&self, chain: &ChainId) -> Option<&ChainState> {
        self.chains.get(chain).or_else(|| self.others.get(chain))
    }

    /// The same, to note what the peer told.
    pub(super) fn state_mut(&mut self, chain: &ChainId) -> Option<&mut ChainState> {
        let others = &mut self.others;
        self.chains.get_mut(chain).or_else(|| others.get_mut(chain))
    }

    /// Highest epoch known of an origin, at least `floor`.
    pub(super) fn highest_epoch(&self, origin: NodeId, floor: Epoch) -> Epoch {
        self.of(origin)
            .map(|state| state.chain.epoch)
            .max()
            .unwrap_or(floor)
            .max(floor)
    }

    /// How far the chains of the peer's present life are held.
    pub(super) fn held(&self, peer: &Peer) -> Vec<(Scope, Seq)> {
        self.of(peer.node)
            .filter(|state| state.chain.epoch == peer.epoch && state.up_to > Seq(0))
            .map(|state| (state.chain.scope, state.up_to))
            .take(HAVE_CHAINS_MAX)
            .collect()
    }

    /// What `local`, a node, tells its hub: every chain of either, those of third origins that it
    /// reads, and of other ones those that no receipt covers.
    pub(super) fn have(&self, local: &Local, peer: &Peer) -> Have {
        let own = self.of(local.origin);
        let theirs = self.of(peer.node).filter(|state| state.up_to > Seq(0));
        let newest_first = own.collect::<Vec<_>>().into_iter().rev();
        let carried = self.others.values().filter(|state| {
            let is_read = self.is_read_by_node(&state.chain);
            state.up_to > state.receipted || (is_read && state.up_to > Seq(0))
        });
        let items = newest_first.chain(theirs).chain(carried).map(item);
        let mut items: Vec<HaveItem> = items.take(HAVE_CHAINS_MAX).collect();
        items.sort_by_key(|item| item.chain);
        Have { items }
    }
}

/// Whether both certificates grant the scope with its lane.
pub(super) fn is_granted(scope: Scope, ours: &BTreeSet<Scope>, theirs: &BTreeSet<Scope>) -> bool {
    ours.contains(&scope) && theirs.contains(&scope)
}
