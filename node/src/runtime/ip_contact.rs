//! When node and hub last met over IP, as far as this process knows.
//!
//! SMS cost money: entries leave by SMS only when there was no such contact for a while. A process
//! that has just started knows of none, so the while begins with it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use sync_core::NodeId;

/// Nodes whose contacts are kept; of more, the one that was silent longest is forgotten.
const NODES_MAX: usize = 4_096;

/// Last contacts, by node; a node notes its hub under its own number.
#[derive(Clone, Debug, Default)]
pub struct IpContacts {
    last: Arc<Mutex<BTreeMap<NodeId, Timestamp>>>,
}

impl IpContacts {
    /// A session with this node, or of this node with its hub, was held.
    pub fn note(&self, node: NodeId, at: Timestamp) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.insert(node, at);
        if last.len() > NODES_MAX {
            let oldest = last.iter().min_by_key(|(_, at)| **at);
            if let Some(oldest) = oldest.map(|(node, _)| *node) {
                last.remove(&oldest);
            }
        }
    }

    /// When the last one was held.
    pub fn last(&self, node: NodeId) -> Option<Timestamp> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.get(&node).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_contacts_are_kept() {
        let contacts = IpContacts::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        for node in 0..5_000_u32 {
            contacts.note(NodeId(node), at(i64::from(node)));
        }
        assert_eq!(contacts.last(NodeId(0)), None);
        assert_eq!(contacts.last(NodeId(4_999)), Some(at(4_999)));
    }
}
