//! Consent as a fact, and opt-out of messages, which wins over everything that it does not know.
//!
//! An opt-in undoes exactly the opt-outs that it names. Whatever order facts arrive in, the row
//! of a number ends the same.

mod live;

use sync_core::EntryRef;

use crate::command::ConsentAnswer;
use crate::fact::Fact;
use crate::view::PhoneRow;

pub use live::{ANSWERS_MAX, Answered, Basis, ConsentRow, MESSAGES, REGISTRY, Witness};

/// Most opt-outs, and most undone opt-outs, remembered for one number. Beyond that one that was
/// undone makes room; when none was, the number is stopped anyway and the new one is not kept.
pub const STOPS_MAX: usize = 64;

/// The fact that records an answer; a yes undoes the opt-outs that it names.
pub fn recorded(answer: &ConsentAnswer, after: Vec<EntryRef>) -> Fact {
    Fact::ConsentRecorded {
        agreement: answer.agreement.clone(),
        revision: answer.revision,
        text_hash: answer.text_hash,
        language: answer.language.clone(),
        opt_in: answer.opt_in,
        channel: answer.channel.clone(),
        purposes: answer.purposes.clone(),
        basis: answer.basis,
        witness: answer.witness,
        after,
    }
}

/// The opt-outs in force: what an opt-in must name.
pub fn in_force(row: &PhoneRow) -> Vec<EntryRef> {
    row.stops
        .iter()
        .filter(|stop| !row.undone.contains(stop))
        .copied()
        .collect()
}

/// Takes one opt-out (`entry` is its name) into the row.
pub(crate) fn note_stop(row: &mut PhoneRow, entry: EntryRef) {
    if row.stops.len() >= STOPS_MAX {
        let undone = row.stops.iter().position(|stop| row.undone.contains(stop));
        if let Some(at) = undone {
            row.stops.remove(at);
        }
    }
    insert(&mut row.stops, entry);
    row.stopped = !in_force(row).is_empty();
}

/// Takes one opt-in into the row.
pub(crate) fn note_start(row: &mut PhoneRow, after: &[EntryRef]) {
    for entry in after {
        if row.undone.len() >= STOPS_MAX {
            let stray = row
                .undone
                .iter()
                .position(|undone| !row.stops.contains(undone));
            row.undone.remove(stray.unwrap_or(0));
        }
        insert(&mut row.undone, *entry);
    }
    row.stopped = !in_force(row).is_empty();
}

fn insert(entries: &mut Vec<EntryRef>, entry: EntryRef) {
    if let Err(at) = entries.binary_search(&entry)
        && entries.len() < STOPS_MAX
    {
        entries.insert(at, entry);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sync_core::{Epoch, NodeId, Scope, Seq};

    use super::*;

    fn entry(origin: u32, seq: u32) -> EntryRef {
        EntryRef {
            origin: NodeId(origin),
            epoch: Epoch(1),
            scope: Scope(8),
            seq: Seq(seq),
        }
    }

    /// An opt-out with its name, or an opt-in with what it names.
    #[derive(Clone, Debug)]
    enum Event {
        Stop(EntryRef),
        Start(EntryRef),
    }

    fn take(row: &mut PhoneRow, event: &Event) {
        match event {
            Event::Start(after) => note_start(row, &[*after]),
            Event::Stop(entry) => note_stop(row, *entry),
        }
    }

    #[test]
    fn an_opt_in_does_not_undo_an_opt_out_that_it_never_saw() {
        let mut row = PhoneRow::default();
        note_stop(&mut row, entry(1, 1));
        let seen = in_force(&row);
        note_stop(&mut row, entry(2, 1));
        note_start(&mut row, &seen);
        assert!(row.stopped);
        let seen = in_force(&row);
        note_start(&mut row, &seen);
        assert!(!row.stopped);
    }

    #[test]
    fn a_number_with_too_many_opt_outs_stays_stopped() {
        let mut row = PhoneRow::default();
        for seq in 1..200 {
            note_stop(&mut row, entry(1, seq));
            assert!(row.stopped);
            if seq % 2 == 0 {
                let seen = in_force(&row);
                note_start(&mut row, &seen);
                assert!(!row.stopped);
            }
        }
        assert!(row.stops.len() <= STOPS_MAX && row.undone.len() <= STOPS_MAX);
    }

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter(
            stops in proptest::collection::vec((1u32..4, 1u32..6), 0..8),
            undone in proptest::collection::vec((1u32..4, 1u32..6), 0..8),
            turn in any::<prop::sample::Index>(),
        ) {
            let stops = stops.iter().map(|(origin, seq)| Event::Stop(entry(*origin, *seq)));
            let undone = undone.iter().map(|(origin, seq)| Event::Start(entry(*origin, *seq)));
            let mut events: Vec<Event> = stops.chain(undone).collect();
            let mut forward = PhoneRow::default();
            for event in &events {
                take(&mut forward, event);
            }
            let mut other = PhoneRow::default();
            if !events.is_empty() {
                let at = turn.index(events.len());
                events.rotate_left(at);
            }
            events.reverse();
            for event in events.iter().chain(&events) {
                take(&mut other, event);
            }
            prop_assert_eq!(forward, other);
        }
    }
}
