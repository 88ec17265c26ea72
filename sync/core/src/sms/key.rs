//! Keys of the SMS link: roots with their ids, the ratchet, and one key for each direction.
//!
//! Follows SYNC §11.4 and SECURITY §2.1. Roots are drawn and kept by the shell (the key file); here
//! they are values. A node's end is named by its network, number and epoch, also on the hub's side.

use core::fmt;

use crate::id::{Epoch, HubId, NodeId};
use crate::journal::keyed;

/// Roots that one end keeps of a peer; beyond it the oldest is destroyed and its runs begin again.
pub const ROOTS_MAX: usize = 8;
/// Trials of keys for one datagram from an unknown number; beyond it the datagram is dropped.
pub const TRIALS_MAX: usize = 64;
/// Highest key id; 0 and 255 mark blocks in frames and are none.
pub const KEY_ID_MAX: u8 = 254;

/// A shared secret of node and hub for one key id.
#[derive(Clone, PartialEq, Eq)]
pub struct Root([u8; 32]);

/// A key of one direction; never both ends seal with it.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkKey([u8; 32]);

/// Which node, in which network and life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ends {
    /// The network.
    pub hub: HubId,
    /// The node, not the hub.
    pub node: NodeId,
    /// The node's epoch.
    pub epoch: Epoch,
}

/// Which way a datagram goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Direction {
    /// From the node.
    ToHub,
    /// From the hub.
    ToNode,
}

impl Direction {
    /// The way of the answers.
    #[must_use]
    pub fn back(self) -> Self {
        match self {
            Self::ToHub => Self::ToNode,
            Self::ToNode => Self::ToHub,
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::ToHub => 0,
            Self::ToNode => 1,
        }
    }
}

impl Root {
    /// From 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the key file and for seeds of blocks.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The root of the following key id; the way back is closed.
    #[must_use]
    pub fn next(&self) -> Self {
        Self(hkdf(&self.0, &[b"next"]))
    }

    /// The key for one direction.
    pub fn link_key(&self, ends: &Ends, direction: Direction) -> LinkKey {
        LinkKey(hkdf(
            &self.0,
            &[
                &ends.hub.0,
                &ends.node.0.to_be_bytes(),
                &ends.epoch.0.to_be_bytes(),
                &[direction.number()],
            ],
        ))
    }
}

impl LinkKey {
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Root")
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey")
    }
}

/// HKDF-SHA-256 (RFC 5869) without salt; one block of output.
fn hkdf(secret: &[u8; 32], info: &[&[u8]]) -> [u8; 32] {
    let extracted = keyed(&[0; 32], &[secret]);
    let mut parts = info.to_vec();
    parts.push(&[0x01]);
    keyed(&extracted, &parts)
}

/// The roots that one end holds for a peer, oldest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keyring {
    older: Vec<(u8, Root)>,
    newest: (u8, Root),
}

impl Keyring {
    /// With its first root. An id outside 1–254 counts as 1.
    pub fn new(id: u8, root: Root) -> Self {
        Self {
            older: Vec::new(),
            newest: (usable(id), root),
        }
    }

    /// What new runs are sealed with.
    pub fn newest(&self) -> (u8, &Root) {
        (self.newest.0, &self.newest.1)
    }

    /// The root of a key id, `None` when it was destroyed or never was.
    pub fn get(&self, id: u8) -> Option<&Root> {
        let mut all = self.older.iter().chain([&self.newest]);
        all.find(|(known, _)| *known == id).map(|(_, root)| root)
    }

    /// The ids held, oldest first.
    pub fn ids(&self) -> Vec<u8> {
        let all = self.older.iter().chain([&self.newest]);
        all.map(|(id, _)| *id).collect()
    }

    /// What the ratchet gives next: its id and root.
    pub fn following(&self) -> (u8, Root) {
        (following(self.newest.0), self.newest.1.next())
    }

    /// One step of the ratchet: after 90 days, at an erasure order, or when the peer made it.
    pub fn advance(&mut self) {
        let next = self.following();
        self.push(next);
    }

    /// A fresh root of an IP session, under the id that follows.
    pub fn install(&mut self, root: Root) {
        let id = following(self.newest.0);
        self.push((id, root));
    }

    /// Forgets a root whose runs are acknowledged and whose blocks are receipted or erased.
    ///
    /// The newest stays: it is replaced first. Says whether there was one.
    pub fn destroy(&mut self, id: u8) -> bool {
        let before = self.older.len();
        self.older.retain(|(known, _)| *known != id);
        self.older.len() != before
    }

    fn push(&mut self, next: (u8, Root)) {
        // An id that came round belongs to the new root alone.
        self.older.retain(|(known, _)| *known != next.0);
        self.older.push(core::mem::replace(&mut self.newest, next));
        if self.older.len() >= ROOTS_MAX {
            self.older.remove(0);
        }
    }
}

fn usable(id: u8) -> u8 {
    if (1..=KEY_ID_MAX).contains(&id) {
        id
    } else {
        1
    }
}

fn following(id: u8) -> u8 {
    if id >= KEY_ID_MAX {
        1
    } else {
        id.saturating_add(1)
    }
}
