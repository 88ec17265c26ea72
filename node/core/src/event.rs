//! Events: what happened to a person or at a place, once; the facts of every programme.
//!
//! A programme names its events as data (`[[events]]`); the bodies are one kind of fact. An event
//! is never edited: it is withdrawn, or replaced by a later one that names it. Whatever order the
//! entries arrive in, the same events count in the end.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sync_core::{EntryRef, Epoch, NodeId, Scope, Seq};

/// Most answers of an event; more are a finding of the definition and refused at capture.
pub const EVENT_FIELDS_MAX: usize = 40;
/// Most characters of one answer of an event; a longer one is refused at capture.
pub const EVENT_VALUE_CHARS_MAX: usize = 480;

/// What happened, as the body of a fact says it; the person is named by the entry's head.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Programme code.
    pub programme: String,
    /// Version under which it was captured.
    pub programme_version: u32,
    /// Code of the event in the programme.
    pub code: String,
    /// The earlier event that it answers: a question, an offer, an incident.
    pub refers: Option<EntryRef>,
    /// The event that it stands in for: a correction.
    pub replaces: Option<EntryRef>,
    /// Answers in canonical form, by the names that the definition gives them.
    pub fields: BTreeMap<String, String>,
}

impl core::fmt::Debug for Event {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Event({}/{}, {} answers)",
            self.programme,
            self.code,
            self.fields.len()
        )
    }
}

/// An event as the views hold it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// Its entry.
    pub id: EntryRef,
    /// The person that it is about, by the entry of the document.
    pub subject: Option<EntryRef>,
    /// What was captured.
    pub event: Event,
    /// Scope without lane and staff index of who captured it; index 0 = the person herself.
    pub author: (Scope, u32),
    /// When it was captured, by the entry's clock.
    pub at: Timestamp,
    /// Neither withdrawn nor replaced.
    pub live: bool,
}

/// To whom people are assigned, and since which entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Assignment {
    /// Hybrid clock of the entry that assigned.
    pub hlc: u64,
    /// That entry: decides between equal clocks.
    pub by: EntryRef,
    /// Staff index in the scope of the person's document.
    pub worker: u32,
}

/// The name of an entry as one word, for values of a dialogue.
pub fn entry_text(entry: &EntryRef) -> String {
    format!(
        "{}.{}.{}.{}",
        entry.origin.0, entry.epoch.0, entry.scope.0, entry.seq.0
    )
}

/// Reads [`entry_text`] back; `None` for anything else.
pub fn parse_entry_text(text: &str) -> Option<EntryRef> {
    let parts: Vec<&str> = text.split('.').collect();
    let [origin, epoch, scope, seq] = parts.as_slice() else {
        return None;
    };
    let entry = EntryRef {
        origin: NodeId(origin.parse().ok()?),
        epoch: Epoch(epoch.parse().ok()?),
        scope: Scope(scope.parse().ok()?),
        seq: Seq(seq.parse().ok()?),
    };
    (entry_text(&entry) == text).then_some(entry)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_event_prints_no_answer() {
        let event = Event {
            programme: "p".to_owned(),
            programme_version: 1,
            code: "visit".to_owned(),
            refers: None,
            replaces: None,
            fields: BTreeMap::from([("weight".to_owned(), "61".to_owned())]),
        };
        assert_eq!(format!("{event:?}"), "Event(p/visit, 1 answers)");
    }

    proptest! {
        #[test]
        fn names_read_back_and_other_texts_do_not(
            parts: (u32, u64, u32, u32), text in "[0-9.]{0,20}",
        ) {
            let entry = EntryRef {
                origin: NodeId(parts.0),
                epoch: Epoch(parts.1),
                scope: Scope(parts.2),
                seq: Seq(parts.3),
            };
            prop_assert_eq!(parse_entry_text(&entry_text(&entry)), Some(entry));
            if let Some(read) = parse_entry_text(&text) {
                prop_assert_eq!(entry_text(&read), text);
            }
        }
    }
}
