//! What the modem stores for us: which messages were told, which may go.
//!
//! A message is deleted only after the node has committed it. An index that carries another PDU
//! than before is another message.

use std::collections::BTreeMap;

/// Most messages of all memories that are looked after at once; what is listed beyond that waits
/// in the modem for the next list. Stores hold 10 to 50, some 255.
pub(super) const STORED_MAX: usize = 512;

/// Where a message is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Slot {
    /// `ME`, `SM`, `SR`.
    pub(super) memory: String,
    /// Its number there.
    pub(super) index: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stand {
    /// The node knows of it and has not answered.
    Told,
    /// Committed; to be deleted.
    Committed,
    /// The node was busy; tell it again with the next list.
    Again,
}

#[derive(Clone, Debug)]
struct Entry {
    ticket: u64,
    stand: Stand,
    /// The length and a sum of the PDU, to notice that the index was given to another message.
    mark: (usize, u64),
}

/// The messages of one modem.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    entries: BTreeMap<Slot, Entry>,
    listed: Vec<Slot>,
}

impl Store {
    /// A list begins.
    pub(super) fn begin(&mut self) {
        self.listed.clear();
    }

    /// A list names this message; true when the node is to be told of it under `ticket`.
    pub(super) fn listed(&mut self, slot: Slot, pdu: &[u8], ticket: u64) -> bool {
        let mark = mark(pdu);
        if let Some(entry) = self.entries.get(&slot)
            && entry.mark == mark
            && entry.stand != Stand::Again
        {
            self.listed.push(slot);
            return false;
        }
        if self.entries.len() >= STORED_MAX && !self.entries.contains_key(&slot) {
            return false;
        }
        self.listed.push(slot.clone());
        let stand = Stand::Told;
        self.entries.insert(
            slot,
            Entry {
                ticket,
                stand,
                mark,
            },
        );
        true
    }

    /// A list of a memory is over: what it did not name is gone.
    pub(super) fn end(&mut self, memory: &str) {
        let listed = core::mem::take(&mut self.listed);
        self.entries
            .retain(|slot, _| slot.memory != memory || listed.contains(slot));
    }

    /// The node answered; false when the ticket is none of ours.
    pub(super) fn settle(&mut self, ticket: u64, committed: bool) -> bool {
        let entry = self
            .entries
            .values_mut()
            .find(|entry| entry.ticket == ticket);
        let Some(entry) = entry else { return false };
        entry.stand = if committed {
            Stand::Committed
        } else {
            Stand::Again
        };
        true
    }

    /// A message that may be deleted; one in the given memory first.
    pub(super) fn deletable(&self, memory: &str) -> Option<Slot> {
        let mut slots = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.stand == Stand::Committed)
            .map(|(slot, _)| slot);
        let first = slots.clone().find(|slot| slot.memory == memory);
        first.or_else(|| slots.next()).cloned()
    }

    /// The modem was told to delete it; whatever it said, the next list shows the truth.
    pub(super) fn deleted(&mut self, slot: &Slot) {
        self.entries.remove(slot);
    }

    /// A memory cannot be reached.
    pub(super) fn forget(&mut self, memory: &str) {
        self.entries.retain(|slot, _| slot.memory != memory);
    }

    /// Forgets everything: another SIM or a restarted modem.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.listed.clear();
    }
}

fn mark(pdu: &[u8]) -> (usize, u64) {
    let sum = pdu.iter().fold(0_u64, |sum, octet| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*octet))
    });
    (pdu.len(), sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(index: u32) -> Slot {
        Slot {
            memory: "ME".to_owned(),
            index,
        }
    }

    #[test]
    fn a_message_is_told_once_and_deleted_only_after_commit() {
        let mut store = Store::default();
        assert!(store.listed(slot(1), b"a", 1));
        assert!(!store.listed(slot(1), b"a", 2));
        assert_eq!(store.deletable("ME"), None);
        assert!(store.settle(1, true) && !store.settle(2, true));
        assert_eq!(store.deletable("ME"), Some(slot(1)));
        store.deleted(&slot(1));
        assert_eq!(store.deletable("ME"), None);
    }

    #[test]
    fn a_busy_node_is_told_again_with_the_next_list() {
        let mut store = Store::default();
        store.listed(slot(1), b"a", 1);
        store.settle(1, false);
        assert_eq!(store.deletable("ME"), None);
        assert!(store.listed(slot(1), b"a", 2));
        assert!(store.settle(2, true));
    }

    #[test]
    fn a_reused_index_is_another_message() {
        let mut store = Store::default();
        store.listed(slot(1), b"a", 1);
        assert!(store.listed(slot(1), b"b", 2));
        assert!(!store.settle(1, true), "the first one is gone");
    }

    #[test]
    fn what_a_list_does_not_name_is_gone() {
        let mut store = Store::default();
        store.listed(slot(1), b"a", 1);
        store.listed(slot(2), b"b", 2);
        store.begin();
        store.listed(slot(2), b"b", 3);
        store.end("ME");
        assert!(!store.settle(1, true) && store.settle(2, true));
    }
}
