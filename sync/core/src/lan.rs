//! Whom a node meets on its LAN, and when: a pure machine; announcements are hints and no more.
//!
//! What an announcement can cause is one attempt a peer in [`ATTEMPT_S_MIN`] seconds: who is there
//! is proved by TLS and by the certificates of a session, and what may be said by their grants. The
//! lower node number dials; a peer of the settings is dialled by whoever has it in them.

mod announcement;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

pub use announcement::{Announcement, SERVICE, digest};

use crate::id::{HubId, NodeId};
use crate::session::back_off;

/// Peers known at once. Beyond it a newcomer takes the place of one that was never reached, or is
/// not listened to.
pub const PEERS_MAX: usize = 32;
/// Sessions that we dialled, at once; other peers wait their turn.
pub const SESSIONS_MAX: usize = 4;
/// Least seconds between two attempts at one peer, whatever is announced.
pub const ATTEMPT_S_MIN: i64 = 30;
/// Least seconds between two announcements of our own; a change in between waits.
pub const ANNOUNCE_S_MIN: i64 = 5;
/// Addresses of one peer that are tried in turn; further ones are left out.
pub const ADDRESSES_MAX: usize = 4;
/// Offences after which an origin is left alone.
pub const OFFENCES_MAX: u32 = 3;
/// Seconds for which it is left alone, from the last offence: a day.
pub const ASIDE_S: i64 = 86_400;
/// Failed attempts after which a peer that was never met gives its place to a newcomer.
const FUTILE: u32 = 3;

/// What the shell tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A peer of the settings.
    Configured {
        /// Who.
        node: NodeId,
        /// Host and port.
        address: String,
    },
    /// Somebody says who it is and where.
    Announced {
        /// What it says.
        announcement: Announcement,
        /// Hosts and ports.
        addresses: Vec<String>,
    },
    /// Somebody is not announced any more.
    Withdrawn {
        /// Who.
        node: NodeId,
    },
    /// The digest of what we hold, whether it changed or not.
    Holds([u8; 8]),
    /// A session that we dialled is over.
    Ended {
        /// With whom.
        node: NodeId,
        /// Whether both were heard to the end.
        met: bool,
    },
    /// Somebody answers for something that was refused.
    Offended {
        /// Who.
        node: NodeId,
    },
    /// The deadline passed.
    Timeout,
}

/// What the shell does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Meet a peer; tell [`Input::Ended`] once.
    Dial {
        /// Who must prove to be there.
        node: NodeId,
        /// Host and port.
        address: String,
    },
    /// Announce that we hold this.
    Announce([u8; 8]),
    /// Tell an operator: more peers than [`PEERS_MAX`]; this one is not listened to.
    Crowded(NodeId),
    /// Tell an operator: nothing is taken of this origin for [`ASIDE_S`].
    SetAside(NodeId),
}

/// Both digests when a session ended.
type Digests = (Option<[u8; 8]>, [u8; 8]);

#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Place {
    is_configured: bool,
    addresses: Vec<String>,
    digest: Option<[u8; 8]>,
    tried: Option<Timestamp>,
    failures: u32,
    met: Option<Digests>,
}

impl Place {
    fn is_rested(&self, now: Timestamp) -> bool {
        self.tried
            .is_none_or(|tried| after(tried, ATTEMPT_S_MIN) <= now)
    }

    /// Nobody says any more where it is.
    fn is_over(&self, now: Timestamp) -> bool {
        self.addresses.is_empty() && self.is_rested(now)
    }

    /// It was announced and never met.
    fn is_futile(&self, now: Timestamp) -> bool {
        let unmet = self.met.is_none() && self.failures >= FUTILE;
        unmet && !self.is_configured && self.is_rested(now)
    }
}

/// The LAN as one node sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lan {
    hub: HubId,
    node: NodeId,
    interval_s: i64,
    holds: [u8; 8],
    announced: Option<([u8; 8], Timestamp)>,
    peers: BTreeMap<NodeId, Place>,
    open: BTreeSet<NodeId>,
    offences: BTreeMap<NodeId, (u32, Timestamp)>,
}

impl Lan {
    /// A LAN of which nothing is known. Without news a peer is met every `interval_s` seconds, at
    /// least [`ATTEMPT_S_MIN`].
    pub fn new(hub: HubId, node: NodeId, interval_s: i64) -> Self {
        Self {
            hub,
            node,
            interval_s: interval_s.max(ATTEMPT_S_MIN),
            holds: [0; 8],
            announced: None,
            peers: BTreeMap::new(),
            open: BTreeSet::new(),
            offences: BTreeMap::new(),
        }
    }

    /// Takes one input and says what to do.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Action> {
        let mut actions = Vec::new();
        match input {
            Input::Configured { node, address } => {
                actions.extend(self.configured(now, node, address));
            }
            Input::Announced {
                announcement,
                addresses,
            } => actions.extend(self.heard(now, announcement, addresses)),
            Input::Withdrawn { node } => {
                // How long ago it was tried is not forgotten: it may be announced again at once.
                let place = self.peers.get_mut(&node);
                if let Some(place) = place.filter(|place| !place.is_configured) {
                    place.addresses.clear();
                }
                self.peers.retain(|_peer, place| !place.is_over(now));
            }
            Input::Holds(digest) => self.holds = digest,
            Input::Ended { node, met } => self.ended(node, met),
            Input::Offended { node } => actions.extend(self.offended(now, node)),
            Input::Timeout => {}
        }
        actions.extend(self.due(now));
        actions
    }

    /// When to call `handle(now, Input::Timeout)`.
    pub fn deadline(&self) -> Option<Timestamp> {
        let dials = self.peers.iter().filter(|_peer| self.has_room());
        let dials = dials.filter_map(|(node, place)| self.dial_at(*node, place));
        dials.chain(self.announce_at()).min()
    }

    /// Origins of whom nothing is taken now.
    pub fn set_aside(&self, now: Timestamp) -> BTreeSet<NodeId> {
        let aside = self
            .offences
            .iter()
            .filter(|(_, (count, last))| *count >= OFFENCES_MAX && now < after(*last, ASIDE_S));
        aside.map(|(node, _)| *node).collect()
    }

    fn configured(&mut self, now: Timestamp, node: NodeId, address: String) -> Option<Action> {
        let place = self.place(now, node).ok()??;
        place.is_configured = true;
        if !place.addresses.contains(&address) {
            place.addresses.insert(0, address);
            place.addresses.truncate(ADDRESSES_MAX);
        }
        None
    }

    fn heard(
        &mut self,
        now: Timestamp,
        announcement: Announcement,
        addresses: Vec<String>,
    ) -> Option<Action> {
        let Announcement { hub, node, digest } = announcement;
        if hub != self.hub || addresses.is_empty() {
            return None;
        }
        let place = match self.place(now, node) {
            Ok(place) => place?,
            Err(crowded) => return Some(crowded),
        };
        place.digest = Some(digest);
        if !place.is_configured {
            place.addresses = addresses;
            place.addresses.truncate(ADDRESSES_MAX);
        }
        None
    }

    /// The place of a peer, made where there is room; `None` for ourselves.
    fn place(&mut self, now: Timestamp, node: NodeId) -> Result<Option<&mut Place>, Action> {
        if node == self.node || node == NodeId(0) {
            return Ok(None);
        }
        if !self.peers.contains_key(&node) && self.peers.len() >= PEERS_MAX {
            let open = &self.open;
            let mut futile = self.peers.iter().filter(|(peer, place)| {
                let is_futile = place.is_over(now) || place.is_futile(now);
                is_futile && !open.contains(peer)
            });
            let Some(futile) = futile.next().map(|(peer, _)| *peer) else {
                return Err(Action::Crowded(node));
            };
            self.peers.remove(&futile);
        }
        Ok(Some(self.peers.entry(node).or_default()))
    }

    fn ended(&mut self, node: NodeId, met: bool) {
        self.open.remove(&node);
        let holds = self.holds;
        if let Some(place) = self.peers.get_mut(&node) {
            if met {
                place.failures = 0;
                place.met = Some((place.digest, holds));
            } else {
                place.failures = place.failures.saturating_add(1);
            }
        }
    }

    fn offended(&mut self, now: Timestamp, node: NodeId) -> Option<Action> {
        let room = self.offences.len() < PEERS_MAX || self.offences.contains_key(&node);
        if !room {
            // Old ones are forgotten first; there is always one, so memory stays bounded.
            let oldest = self.offences.iter().min_by_key(|(_, (_, last))| *last);
            let oldest = oldest.map(|(node, _)| *node)?;
            self.offences.remove(&oldest);
        }
        let (count, last) = self.offences.entry(node).or_insert((0, now));
        if now >= after(*last, ASIDE_S) {
            *count = 0;
        }
        *count = count.saturating_add(1);
        *last = now;
        (*count == OFFENCES_MAX).then_some(Action::SetAside(node))
    }

    fn due(&mut self, now: Timestamp) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.announce_at().is_some_and(|at| at <= now) {
            self.announced = Some((self.holds, now));
            actions.push(Action::Announce(self.holds));
        }
        let mut due: Vec<(Timestamp, NodeId)> = self
            .peers
            .iter()
            .filter_map(|(node, place)| Some((self.dial_at(*node, place)?, *node)))
            .filter(|(at, _)| *at <= now)
            .collect();
        due.sort();
        for (_, node) in due {
            if !self.has_room() {
                break;
            }
            let Some(place) = self.peers.get_mut(&node) else {
                continue;
            };
            let turn = usize::try_from(place.failures).unwrap_or(0);
            let count = place.addresses.len().max(1);
            let Some(address) = place.addresses.get(turn % count).cloned() else {
                continue;
            };
            place.tried = Some(now);
            self.open.insert(node);
            actions.push(Action::Dial { node, address });
        }
        actions
    }

    fn has_room(&self) -> bool {
        self.open.len() < SESSIONS_MAX
    }

    fn announce_at(&self) -> Option<Timestamp> {
        match self.announced {
            None => Some(Timestamp::MIN),
            Some((digest, _)) if digest == self.holds => None,
            Some((_, at)) => Some(after(at, ANNOUNCE_S_MIN)),
        }
    }

    /// When a peer is dialled next; `None` for one that dials us, or with whom we speak.
    fn dial_at(&self, node: NodeId, place: &Place) -> Option<Timestamp> {
        let is_ours = place.is_configured || self.node < node;
        if !is_ours || place.addresses.is_empty() || self.open.contains(&node) {
            return None;
        }
        let aside = self.offences.get(&node);
        let aside = aside.filter(|(count, _)| *count >= OFFENCES_MAX);
        let free = aside.map_or(Timestamp::MIN, |(_, last)| after(*last, ASIDE_S));
        let Some(tried) = place.tried else {
            return Some(free);
        };
        let failed = back_off(place.failures, 0).as_secs();
        let failed = i64::try_from(failed).unwrap_or(i64::MAX);
        let is_quiet = place.met == Some((place.digest, self.holds));
        let wait = match place.failures {
            0 if is_quiet => self.interval_s,
            0 => ATTEMPT_S_MIN,
            _ => ATTEMPT_S_MIN.max(failed),
        };
        Some(after(tried, wait).max(free))
    }
}

fn after(time: Timestamp, seconds: i64) -> Timestamp {
    let seconds = SignedDuration::from_secs(seconds);
    time.checked_add(seconds).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
