//! The end of a record at a Building Block, after the person whom it names was erased here, or the
//! registration that it shows was taken back.
//!
//! Either plans one removal for each record that a call of ours may have written
//! (docs/decisions/0054). A removal is asked for until the Building Block says that the record is
//! gone; where a write of ours may still be under way, it is asked for once more after the longest
//! time that such a write can lie somewhere. Asking is idempotent: a record that is not there is
//! gone. Nothing here writes a record, and nothing brings one back.

use jiff::Timestamp;
use sync_core::EntryRef;

/// How long a write whose answer we never saw may lie in a mediator or a queue before it is
/// carried out, in milliseconds: one day. A record that was not there is asked for again then.
pub const LATE_WRITE_MS: i64 = 86_400_000;
/// Times that a record must be found gone when a write of ours may still be under way.
pub const LOOKS_MAX: u32 = 2;

/// How far a removal has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RemovalState {
    /// To be asked for at its time.
    Waiting,
    /// Being asked for; a lapsed lease makes it due again.
    Asked,
    /// The Building Block confirmed it.
    Gone,
}

impl RemovalState {
    /// Stored form.
    pub fn number(self) -> u8 {
        match self {
            Self::Waiting => 0,
            Self::Asked => 1,
            Self::Gone => 3,
        }
    }

    /// Reads the stored form; an unknown number is asked for again, which does no harm.
    pub fn of_number(number: u8) -> Self {
        match number {
            1 => Self::Asked,
            3 => Self::Gone,
            _ => Self::Waiting,
        }
    }
}

/// What came of asking a Building Block once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RemovalOutcome {
    /// It says that it has no such record.
    Gone,
    /// Certainly not done, or a person must act first.
    TryLater {
        /// Seconds.
        after_s: u32,
    },
    /// It may have been done; asked again.
    Unknown,
}

/// What a removal waits for next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RemovalStep {
    /// Asked again after the usual back-off, and no earlier than this, in milliseconds.
    Again {
        /// Milliseconds.
        not_before_ms: i64,
    },
    /// Gone, and looked for once more after this time, with so many looks left.
    LookAgain {
        /// Milliseconds.
        after_ms: i64,
        /// Looks left, at least one.
        looks: u32,
    },
    /// Confirmed: what was kept for asking ends.
    End,
}

/// How often a record must be found gone.
pub fn looks(write_may_come: bool) -> u32 {
    if write_may_come { LOOKS_MAX } else { 1 }
}

/// The next step; `None` when the report is late or repeated and changes nothing.
pub fn step(state: RemovalState, looks: u32, outcome: RemovalOutcome) -> Option<RemovalStep> {
    if state != RemovalState::Asked {
        return None;
    }
    Some(match (outcome, looks.saturating_sub(1)) {
        (RemovalOutcome::Gone, 0) => RemovalStep::End,
        (RemovalOutcome::Gone, looks) => RemovalStep::LookAgain {
            after_ms: LATE_WRITE_MS,
            looks,
        },
        (RemovalOutcome::TryLater { after_s }, _) => RemovalStep::Again {
            not_before_ms: i64::from(after_s).saturating_mul(1_000),
        },
        (RemovalOutcome::Unknown, _) => RemovalStep::Again { not_before_ms: 0 },
    })
}

/// One removal, for lists: places and times, no value of the person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemovalRow {
    /// The document that it was planned for: erased, or the child of what was taken back.
    pub person: EntryRef,
    /// The registration that the record was made from.
    pub registration: EntryRef,
    /// Upstream, such as `registries`.
    pub upstream: String,
    /// How far it is.
    pub state: RemovalState,
    /// How often it was asked for.
    pub attempts: u32,
    /// How often the record must still be found gone.
    pub looks: u32,
    /// When it is asked for next; when it ended, for one that is gone.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_look_ends_it_and_a_write_under_way_takes_two() {
        let gone = |looks| step(RemovalState::Asked, looks, RemovalOutcome::Gone);
        assert_eq!(gone(looks(false)), Some(RemovalStep::End));
        let again = RemovalStep::LookAgain {
            after_ms: LATE_WRITE_MS,
            looks: 1,
        };
        assert_eq!(gone(looks(true)), Some(again));
        assert_eq!(gone(0), Some(RemovalStep::End));
    }

    #[test]
    fn a_report_of_what_is_not_asked_changes_nothing() {
        for state in [RemovalState::Waiting, RemovalState::Gone] {
            assert_eq!(step(state, 1, RemovalOutcome::Gone), None);
            assert_eq!(step(state, 1, RemovalOutcome::Unknown), None);
        }
        let later = RemovalOutcome::TryLater { after_s: 30 };
        let again = RemovalStep::Again {
            not_before_ms: 30_000,
        };
        assert_eq!(step(RemovalState::Asked, 1, later), Some(again));
    }

    proptest! {
        #[test]
        fn only_the_building_blocks_word_ends_a_removal(
            words in proptest::collection::vec(0_u8..3, 0..40), late: bool,
        ) {
            let (mut left, mut gone, mut ended) = (looks(late), 0, false);
            for word in words {
                let outcome = match word {
                    0 => RemovalOutcome::Gone,
                    1 => RemovalOutcome::Unknown,
                    _ => RemovalOutcome::TryLater { after_s: 1 },
                };
                gone += u32::from(outcome == RemovalOutcome::Gone);
                match step(RemovalState::Asked, left, outcome) {
                    Some(RemovalStep::End) => { ended = true; break }
                    Some(RemovalStep::LookAgain { looks, .. }) => left = looks,
                    _ => {}
                }
            }
            prop_assert_eq!(ended, gone == looks(late));
        }

        #[test]
        fn states_read_back(number: u8) {
            let state = RemovalState::of_number(number);
            prop_assert_eq!(RemovalState::of_number(state.number()), state);
        }
    }
}
