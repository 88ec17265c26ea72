//! Recognises an SMS that the network or the store brings again: receiving is at-least-once.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::{SignedDuration, Timestamp};

/// How long a message is remembered, in days: networks repeat what was not acknowledged for days.
pub const REMEMBER_DAYS: i64 = 7;
/// Most messages remembered; beyond that the oldest is forgotten, and a repeat of it is told to
/// the node again, whose store knows it.
pub const REMEMBERED_MAX: usize = 20_000;

/// Sender, SMSC time stamp and content of one PDU, folded into a number: no personal data stays.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Key(u64);

impl Key {
    /// The key of a part.
    pub fn new(sender: &str, stamp: &[u8], content: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        sender.hash(&mut hasher);
        stamp.hash(&mut hasher);
        content.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// The messages that were committed lately.
#[derive(Clone, Default)]
pub struct Committed {
    when: BTreeMap<Key, Timestamp>,
}

impl Committed {
    /// Whether it was committed in the last days.
    pub fn has(&self, key: Key, now: Timestamp) -> bool {
        let remembered = SignedDuration::from_hours(REMEMBER_DAYS * 24);
        self.when
            .get(&key)
            .is_some_and(|at| now.duration_since(*at) < remembered)
    }

    /// It was committed.
    pub fn add(&mut self, key: Key, now: Timestamp) {
        if self.when.len() >= REMEMBERED_MAX {
            let remembered = SignedDuration::from_hours(REMEMBER_DAYS * 24);
            self.when
                .retain(|_, at| now.duration_since(*at) < remembered);
        }
        if self.when.len() >= REMEMBERED_MAX {
            let oldest = self
                .when
                .iter()
                .min_by_key(|(_, at)| **at)
                .map(|(key, _)| *key);
            if let Some(oldest) = oldest {
                self.when.remove(&oldest);
            }
        }
        self.when.insert(key, now);
    }
}

impl core::fmt::Debug for Committed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Committed({})", self.when.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap()
    }

    #[test]
    fn the_same_message_is_known_for_seven_days() {
        let mut committed = Committed::default();
        let key = Key::new("256772000001", &[1; 7], b"REG");
        assert!(!committed.has(key, day(0)));
        committed.add(key, day(0));
        assert!(committed.has(key, day(6)) && !committed.has(key, day(7)));
    }

    #[test]
    fn sender_stamp_and_content_all_count() {
        let key = Key::new("1", &[1; 7], b"REG");
        assert_ne!(key, Key::new("2", &[1; 7], b"REG"));
        assert_ne!(key, Key::new("1", &[2; 7], b"REG"));
        assert_ne!(key, Key::new("1", &[1; 7], b"REH"));
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_goes_first() {
        let mut committed = Committed::default();
        let key = |number: usize| Key::new("1", &number.to_be_bytes(), b"");
        committed.add(key(0), day(0));
        for number in 1..=REMEMBERED_MAX {
            committed.add(key(number), day(1));
        }
        assert_eq!(committed.when.len(), REMEMBERED_MAX);
        assert!(!committed.has(key(0), day(1)) && committed.has(key(1), day(1)));
    }
}
