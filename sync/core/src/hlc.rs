//! Hybrid logical clock: 48-bit milliseconds since 1970 ‖ 16-bit counter in one rising number.
//!
//! The wall clock is an argument. The caller persists [`Clock::last`] with what was stamped, so
//! that no restart and no step of the wall clock gives a number twice.

use jiff::Timestamp;

/// How far ahead of the own time a peer's clock is believed, in milliseconds (24 h).
///
/// A stamp beyond it orders as this limit and does not move the own clock further.
pub const AHEAD_MS_MAX: u64 = 24 * 60 * 60 * 1000;

/// Largest millisecond count of the 48-bit field; a later time counts as this one.
const MILLIS_MAX: u64 = (1 << 48) - 1;

/// The clock of one origin.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clock {
    /// The highest number given or seen, never set back.
    pub last: u64,
}

impl Clock {
    /// Continues after `last`, the persisted high-water mark (0 for a new origin).
    pub fn new(last: u64) -> Self {
        Self { last }
    }

    /// The next number: the wall clock where it is ahead, else one more than the last.
    pub fn tick(&mut self, now: Timestamp) -> u64 {
        self.last = physical(now).max(self.last.saturating_add(1));
        self.last
    }

    /// Takes notice of a peer's number, at most up to `now` + 24 h.
    pub fn observe(&mut self, remote: u64, now: Timestamp) {
        self.last = self.last.max(effective(remote, now));
    }
}

/// The number by which a receiver orders a peer's stamp: never beyond `now` + 24 h.
pub fn effective(remote: u64, now: Timestamp) -> u64 {
    remote.min(ahead(now))
}

/// Whether a stamp is so far ahead that its clock cannot be right.
pub fn is_suspect(remote: u64, now: Timestamp) -> bool {
    remote > ahead(now)
}

/// The number of a wall-clock time with counter 0; times before 1970 count as 1970.
pub fn physical(now: Timestamp) -> u64 {
    u64::try_from(now.as_millisecond())
        .unwrap_or(0)
        .min(MILLIS_MAX)
        << 16
}

/// Milliseconds since 1970 of a number.
pub fn millis(hlc: u64) -> i64 {
    (hlc >> 16).cast_signed()
}

/// The wall-clock part of a number; beyond the calendar's end (year 9999) it is that end.
pub fn timestamp(hlc: u64) -> Timestamp {
    Timestamp::from_millisecond(millis(hlc)).unwrap_or(Timestamp::MAX)
}

fn ahead(now: Timestamp) -> u64 {
    (physical(now) >> 16)
        .saturating_add(AHEAD_MS_MAX)
        .min(MILLIS_MAX)
        << 16
        | 0xffff
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    #[test]
    fn stamp_carries_the_wall_clock() {
        let mut clock = Clock::new(0);
        let stamp = clock.tick(at(1_767_225_600_123));
        assert_eq!(millis(stamp), 1_767_225_600_123);
        assert_eq!(timestamp(stamp), at(1_767_225_600_123));
    }

    #[test]
    fn clock_that_falls_back_still_rises() {
        let mut clock = Clock::new(0);
        let first = clock.tick(at(5_000));
        assert_eq!(clock.tick(at(1_000)), first + 1);
        assert_eq!(clock.tick(Timestamp::MIN), first + 2);
    }

    #[test]
    fn peer_far_in_the_future_is_suspect_and_moves_the_clock_by_a_day_only() {
        let now = at(1_000_000);
        let far = physical(at(10_000_000_000_000));
        let mut clock = Clock::new(0);
        clock.observe(far, now);
        assert!(is_suspect(far, now));
        assert!(millis(clock.last) <= 1_000_000 + 86_400_000);
        assert_eq!(effective(far, now), clock.last);
    }

    proptest! {
        #[test]
        fn clock_strictly_rises_over_any_path_and_restart(
            start in 0_u64..(1 << 60),
            steps in proptest::collection::vec(
                (-1_000_000_000_000_i64..10_000_000_000_000, any::<Option<u64>>(), any::<bool>()),
                1..60,
            ),
        ) {
            let mut clock = Clock::new(start);
            let mut last = start;
            for (wall, remote, restart) in steps {
                let before = clock.last;
                if let Some(remote) = remote {
                    clock.observe(remote, at(wall));
                    prop_assert!(clock.last == before || clock.last <= ahead(at(wall)));
                }
                if restart {
                    clock = Clock::new(clock.last);
                }
                let stamp = clock.tick(at(wall));
                prop_assert!(stamp > last);
                last = stamp;
            }
        }

        #[test]
        fn any_number_has_a_timestamp(hlc: u64) {
            prop_assert!(timestamp(hlc) >= Timestamp::UNIX_EPOCH);
        }
    }
}
