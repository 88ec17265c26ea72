//! A change of what money and news go to waits for 72 hours (IDENTITY §9, S4, decision 0048).
//!
//! It is asked for with the person's PIN by a worker who sees her; the old number is told at once
//! and can stop it. The hours are counted by trusted time only (MONEY A4): a clock that jumps
//! forward without trust ends no hold. What is changed is a [`Detail`], so that the destination of
//! a payment waits by the same rules. Who may do what stands in [`crate::decide`].

use core::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sync_core::{EntryRef, Scope};

use crate::contact::Moment;

/// Seconds of trusted time that a change waits (IDENTITY §9).
pub const HOLD_S: i64 = 72 * 3_600;
/// Codes of changes lie from here …
pub const CODE_MIN: u16 = 100;
/// … up to here: three digits, which nobody mistypes.
pub const CODE_MAX: u16 = 999;

/// The code that a random number stands for.
pub fn code(drawn: u32) -> u16 {
    let count = u32::from(CODE_MAX - CODE_MIN) + 1;
    u16::try_from(drawn % count).map_or(CODE_MIN, |at| CODE_MIN.saturating_add(at))
}

/// What is changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Detail {
    /// The person's phone number.
    Phone,
}

/// A change that was asked for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What is changed.
    pub detail: Detail,
    /// What holds until then.
    pub old: String,
    /// What is to hold.
    pub new: String,
    /// What the old number sends back behind NO.
    pub code: u16,
    /// Whether the old number is lost, so that an officer must agree too.
    pub lost: bool,
    /// When, by a trusted clock; without one the hold begins at the first trusted moment.
    pub at: Option<Timestamp>,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Change({:?}, lost: {})", self.detail, self.lost)
    }
}

/// What becomes of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Step {
    /// The hold begins, because no trusted clock was there before.
    Begun(Timestamp),
    /// An officer agreed.
    Agreed,
    /// The old number, the person or the office stopped it.
    Stopped,
    /// It was made.
    Done,
}

/// How a change ended; of two ends the later one of this list stays.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum End {
    /// It waits.
    Open,
    /// It was made.
    Done,
    /// Somebody stopped it.
    Stopped,
}

/// A change as the views hold it; its steps may arrive before it does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HeldRow {
    /// Its entry.
    pub id: EntryRef,
    /// Whose detail.
    pub person: EntryRef,
    /// Who asked: scope without lane and staff index.
    pub by: (Scope, u32),
    /// What was asked, once it is here.
    pub asked: Option<Change>,
    /// When the hold began, by a trusted clock.
    pub begun: Option<Timestamp>,
    /// Whether an officer agreed.
    pub agreed: bool,
    /// How it ended, if it did.
    pub end: End,
}

impl HeldRow {
    /// A change of which nothing is known yet.
    pub fn new(id: EntryRef, person: EntryRef) -> Self {
        Self {
            id,
            person,
            by: (id.scope.area(), 0),
            asked: None,
            begun: None,
            agreed: false,
            end: End::Open,
        }
    }

    /// Takes one step; in any order the row ends the same.
    pub fn take(&mut self, step: Step) {
        match step {
            Step::Begun(at) => self.begin(at),
            Step::Agreed => self.agreed = true,
            Step::Stopped => self.end = End::Stopped,
            Step::Done => self.end = self.end.max(End::Done),
        }
    }

    /// The hold began; of two beginnings the later one counts.
    pub fn begin(&mut self, at: Timestamp) {
        self.begun = self.begun.max(Some(at));
    }

    /// The change, while it waits.
    pub fn open(&self) -> Option<&Change> {
        self.asked.as_ref().filter(|_| self.end == End::Open)
    }

    /// Whether the hold is over and everybody agreed who must. No untrusted clock can show it.
    pub fn is_due(&self, now: Moment) -> bool {
        let over = self.begun.zip(now.shown()).is_some_and(|(begun, now)| {
            let end = begun.checked_add(SignedDuration::from_secs(HOLD_S));
            end.is_ok_and(|end| end <= now)
        });
        let agreed = |change: &Change| self.agreed || !change.lost;
        over && self.open().is_some_and(agreed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sync_core::{ClockQuality, Epoch, NodeId, Seq};

    use super::*;

    fn begin() -> Timestamp {
        "2026-03-14T10:00:00Z".parse().unwrap()
    }

    fn held(lost: bool) -> HeldRow {
        let entry = |seq| EntryRef {
            origin: NodeId(1),
            epoch: Epoch(1),
            scope: Scope(8),
            seq: Seq(seq),
        };
        let mut row = HeldRow::new(entry(9), entry(1));
        row.asked = Some(Change {
            detail: Detail::Phone,
            old: "+254711000001".to_owned(),
            new: "+254711000002".to_owned(),
            code: 471,
            lost,
            at: Some(begin()),
        });
        row.begin(begin());
        row
    }

    fn at(seconds: i64, quality: ClockQuality) -> Moment {
        Moment {
            at: begin() + SignedDuration::from_secs(seconds),
            quality,
        }
    }

    #[test]
    fn a_hold_ends_by_trusted_time_and_with_everybody_who_must_agree() {
        let row = held(false);
        assert!(!row.is_due(at(HOLD_S - 1, ClockQuality::Ntp)));
        assert!(row.is_due(at(HOLD_S, ClockQuality::Ntp)), "the control");
        for quality in [ClockQuality::Fake, ClockQuality::Unknown] {
            assert!(!row.is_due(at(100 * HOLD_S, quality)));
        }
        let mut lost = held(true);
        assert!(!lost.is_due(at(HOLD_S, ClockQuality::Ntp)));
        lost.take(Step::Agreed);
        assert!(lost.is_due(at(HOLD_S, ClockQuality::Ntp)));
        lost.take(Step::Stopped);
        assert!(!lost.is_due(at(9 * HOLD_S, ClockQuality::Ntp)));
        assert!(!format!("{lost:?}").contains("2547"), "{lost:?}");
    }

    proptest! {
        #[test]
        fn steps_in_any_order_end_the_same_and_a_stop_stays(
            order in proptest::collection::vec(0_usize..4, 0..12), lost: bool,
        ) {
            let steps = [Step::Begun(begin()), Step::Agreed, Step::Stopped, Step::Done];
            let (mut here, mut there) = (held(lost), held(lost));
            for at in &order {
                here.take(steps[*at]);
            }
            for at in order.iter().rev().chain(&order) {
                there.take(steps[*at]);
            }
            prop_assert_eq!(&here, &there);
            prop_assert_eq!(here.open().is_some(), !order.contains(&2) && !order.contains(&3));
        }
    }
}
