//! Puts the parts of long messages together, whatever their order (TS 23.040 §9.2.3.24.1).
//!
//! One joiner serves one link. It keeps parts in memory only. A set whose text was not committed
//! yet is given out again when the peer repeats a part, until [`Joiner::settle`]; after that
//! repeats are swallowed, so a lost acknowledgement neither loses nor doubles a message.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::udh::{Concatenation, Reference};
use super::{PARTS_MAX, decode};
use crate::address::Address;
use crate::gsm7::{Encoding, Tables};

/// Most sets kept, open and settled ones together; a new one then drops the oldest settled set,
/// else delivers the oldest open one incomplete.
pub const OPEN_SETS_MAX: usize = 1_000;
/// How long a set waits for its parts, in hours; then it is delivered incomplete. One network
/// brought part 2 a quarter of an hour after part 1.
pub const WAIT_HOURS_MAX: i64 = 24;

/// What a part carries.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// Octets in an alphabet; joined before they are decoded, so that a pair that another sender
    /// cut comes out whole.
    Encoded(Encoding, Vec<u8>),
    /// A text that the channel decoded already.
    Text(String),
}

impl Content {
    /// The same octets read with the tables that the header named; other alphabets have none.
    #[must_use]
    pub fn in_tables(self, tables: Tables) -> Self {
        match self {
            Self::Encoded(Encoding::Gsm7(_), octets) => {
                Self::Encoded(Encoding::Gsm7(tables), octets)
            }
            other => other,
        }
    }

    /// The text of this content alone.
    pub fn to_text(&self) -> String {
        text_of(&[self])
    }
}

/// One received part.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// Who sent it.
    pub from: Address,
    /// The number it was sent to.
    pub to: Address,
    /// Where it stands in its text.
    pub place: Concatenation,
    /// What it says.
    pub content: Content,
}

/// Names the set that parts belong to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SetKey {
    /// Who sent it.
    pub from: Address,
    /// The number it was sent to.
    pub to: Address,
    /// The number that the parts share, with its width.
    pub reference: Reference,
    /// How many parts there are.
    pub total: u8,
}

/// How whole a joined text is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// Every part is there.
    Whole,
    /// These parts (from 1) never came.
    Missing(Vec<u8>),
    /// All parts are there, but one came twice with different words; the first counts.
    Contradicted,
    /// The header made no sense; this is the one part as it came.
    Implausible,
}

/// A text to pass on.
#[derive(Clone, PartialEq, Eq)]
pub struct Joined {
    /// For [`Joiner::settle`] after the text was committed.
    pub key: SetKey,
    /// The text; a missing part stands as its place, such as `[2/3]`, which no language needs.
    pub text: String,
    /// How whole it is.
    pub note: Note,
}

/// What a part led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// More parts are missing, or this one was known already.
    Waiting,
    /// The set of a text that was settled before; acknowledge and drop.
    Known,
    /// Pass this on, then settle it.
    Complete(Joined),
}

/// The sets of one link.
#[derive(Clone, Default)]
pub struct Joiner {
    sets: BTreeMap<SetKey, Set>,
    /// Counts arrivals, so that "oldest" is the order of arrival even when the clock jumps.
    arrivals: u64,
}

#[derive(Clone)]
struct Set {
    arrival: u64,
    since: Timestamp,
    parts: BTreeMap<u8, Content>,
    contradicted: bool,
    settled: bool,
}

impl Joiner {
    /// A joiner without open sets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a part; the second value is a set that had to leave incomplete to make room.
    pub fn accept(&mut self, part: Part, now: Timestamp) -> (Outcome, Option<Joined>) {
        let Part {
            from,
            to,
            place,
            content,
        } = part;
        let key = SetKey {
            from,
            to,
            reference: place.reference,
            total: place.total,
        };
        if !place.is_plausible() || place.total > PARTS_MAX {
            let joined = Joined {
                key,
                text: text_of(&[&content]),
                note: Note::Implausible,
            };
            return (Outcome::Complete(joined), None);
        }
        if self.is_reused(&key, place.index, &content) {
            self.sets.remove(&key);
        }
        let evicted = if self.sets.contains_key(&key) {
            None
        } else {
            self.make_room()
        };
        (self.add(key, place.index, &content, now), evicted)
    }

    /// The text of this set was committed: repeats of its parts are swallowed from now on.
    pub fn settle(&mut self, key: &SetKey) {
        if let Some(set) = self.sets.get_mut(key) {
            set.settled = true;
        }
    }

    /// Takes out every set that waited its time; open ones are delivered incomplete.
    pub fn expire(&mut self, now: Timestamp) -> Vec<Joined> {
        let wait = SignedDuration::from_hours(WAIT_HOURS_MAX);
        let due: Vec<SetKey> = self
            .sets
            .iter()
            .filter(|(_, set)| now.duration_since(set.since) >= wait)
            .map(|(key, _)| key.clone())
            .collect();
        due.into_iter()
            .filter_map(|key| self.take_open(key))
            .collect()
    }

    /// When [`Joiner::expire`] has something to do; `None` while nothing is kept.
    pub fn deadline(&self) -> Option<Timestamp> {
        let since = self.sets.values().map(|set| set.since).min()?;
        since
            .checked_add(SignedDuration::from_hours(WAIT_HOURS_MAX))
            .ok()
    }

    /// Takes out the open set that began first, incomplete: its parts are needed elsewhere.
    pub fn take_oldest(&mut self) -> Option<Joined> {
        let open = self.sets.iter().filter(|(_, set)| !set.settled);
        let key = open.min_by_key(|(_, set)| set.arrival)?.0.clone();
        self.take_open(key)
    }

    /// How many sets are kept.
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// A settled set whose part comes again with other words: the sender counts anew.
    fn is_reused(&self, key: &SetKey, index: u8, content: &Content) -> bool {
        self.sets
            .get(key)
            .is_some_and(|set| set.settled && set.parts.get(&index) != Some(content))
    }

    fn add(&mut self, key: SetKey, index: u8, content: &Content, now: Timestamp) -> Outcome {
        self.arrivals = self.arrivals.saturating_add(1);
        let arrival = self.arrivals;
        let set = self.sets.entry(key.clone()).or_insert_with(|| Set {
            arrival,
            since: now,
            parts: BTreeMap::new(),
            contradicted: false,
            settled: false,
        });
        if set.settled {
            return Outcome::Known;
        }
        let first = set.parts.entry(index).or_insert_with(|| content.clone());
        if first != content {
            set.contradicted = true;
        }
        if set.parts.len() < usize::from(key.total) {
            return Outcome::Waiting;
        }
        Outcome::Complete(joined(key, set))
    }

    fn make_room(&mut self) -> Option<Joined> {
        if self.sets.len() < OPEN_SETS_MAX {
            return None;
        }
        let oldest = self
            .sets
            .iter()
            .min_by_key(|(_, set)| (!set.settled, set.arrival))
            .map(|(key, _)| key);
        let key = oldest.cloned()?;
        self.take_open(key)
    }

    fn take_open(&mut self, key: SetKey) -> Option<Joined> {
        let set = self.sets.remove(&key)?;
        (!set.settled).then(|| joined(key, &set))
    }
}

fn joined(key: SetKey, set: &Set) -> Joined {
    let missing: Vec<u8> = (1..=key.total)
        .filter(|index| !set.parts.contains_key(index))
        .collect();
    let marks: Vec<Content> = missing
        .iter()
        .map(|index| Content::Text(format!("[{index}/{}]", key.total)))
        .collect();
    let mut marks = marks.iter();
    let contents: Vec<&Content> = (1..=key.total)
        .filter_map(|index| set.parts.get(&index).or_else(|| marks.next()))
        .collect();
    let text = text_of(&contents);
    let note = match (missing.is_empty(), set.contradicted) {
        (false, _) => Note::Missing(missing),
        (true, true) => Note::Contradicted,
        (true, false) => Note::Whole,
    };
    Joined { key, text, note }
}

/// Joins neighbours of one alphabet before decoding them.
fn text_of(contents: &[&Content]) -> String {
    let mut text = String::new();
    let mut run: Option<(Encoding, Vec<u8>)> = None;
    for content in contents {
        match (content, &mut run) {
            (Content::Encoded(encoding, octets), Some((current, held))) if encoding == current => {
                held.extend(octets);
            }
            (Content::Encoded(encoding, octets), _) => {
                flush(&mut text, run.replace((*encoding, octets.clone())));
            }
            (Content::Text(words), _) => {
                flush(&mut text, run.take());
                text.push_str(words);
            }
        }
    }
    flush(&mut text, run);
    text
}

fn flush(text: &mut String, run: Option<(Encoding, Vec<u8>)>) {
    if let Some((encoding, octets)) = run {
        text.push_str(&decode(encoding, &octets));
    }
}

impl core::fmt::Debug for Content {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Encoded(encoding, octets) => {
                write!(f, "Encoded({encoding:?}, {} octets)", octets.len())
            }
            Self::Text(text) => write!(f, "Text({} octets)", text.len()),
        }
    }
}

impl core::fmt::Debug for Part {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Part({:?}, {:?})", self.place, self.content)
    }
}

impl core::fmt::Debug for Joined {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Joined({:?}, {} octets)", self.note, self.text.len())
    }
}

impl core::fmt::Debug for Joiner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Joiner({} sets)", self.sets.len())
    }
}

#[cfg(test)]
mod tests;
