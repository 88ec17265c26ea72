//! What a worker's right PIN opens: the screens of her role on her phone, for some hours
//! (IDENTITY §7, decision 0051).
//!
//! An opening lies beside the PIN, so that whatever ends the PIN ends it too. Time is the wall
//! clock, however good it is: before the moment at which an opening was last used, and from its end
//! on, it is closed, so that a clock that went back opens nothing. Who asks, and when, is decided in
//! `decide::staff_pin`.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Gate, PinRow, later};

/// Digits of the one-time code with which a worker chooses her first PIN; none of another length is
/// taken. It is guarded as a PIN is, six tries in all.
pub const STAFF_CODE_DIGITS_MAX: usize = 8;
/// Days for which such a code is good; later the office gives another one.
pub const STAFF_CODE_DAYS_MAX: i64 = 30;
/// Seconds after which the last use of an opening is noted anew. A clock that goes back by less
/// than that gives at most as much more.
pub const SEEN_S: i64 = 300;

/// When a right PIN was typed, and when somebody last came through by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Opened {
    at: Timestamp,
    seen: Timestamp,
}

/// What stands between a worker and her screens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Standing {
    /// Nothing.
    Open,
    /// Her PIN.
    Pin,
    /// The one-time code from her office, since she has no PIN here.
    Code,
    /// There is no PIN and no code that holds.
    NoCode,
    /// An hour, after wrong tries.
    Wait,
    /// Her office, after too many wrong tries.
    Locked,
}

impl PinRow {
    /// Whether a right PIN was typed less than so many hours ago.
    pub fn is_opened(&self, now: Timestamp, hours: u16) -> bool {
        self.opened.is_some_and(|opened| {
            let end = later(opened.at, i64::from(hours).saturating_mul(3_600));
            opened.seen <= now && now < end
        })
    }

    /// The row from a right PIN on.
    #[must_use]
    pub fn opened(&self, now: Timestamp) -> Self {
        let opened = Opened { at: now, seen: now };
        Self {
            opened: Some(opened),
            ..self.clone()
        }
    }

    /// The row to keep where a worker comes to her screens: its use is noted now and then, and what
    /// is over stays over, whatever the clock says later. `None` = as it is.
    pub fn visited(&self, now: Timestamp, hours: u16) -> Option<Self> {
        let opened = self.opened?;
        let age = now.duration_since(opened.seen);
        let opened = match self.is_opened(now, hours) {
            true if age < SignedDuration::from_secs(SEEN_S) => return None,
            true => Some(Opened {
                seen: now,
                ..opened
            }),
            false => None,
        };
        Some(Self {
            opened,
            ..self.clone()
        })
    }
}

/// What stands before the screens of the worker whose PIN and code these are.
pub fn standing(own: &PinRow, code: &PinRow, now: Timestamp, hours: u16) -> Standing {
    if hours == 0 || own.is_opened(now, hours) {
        return Standing::Open;
    }
    let is_set = own.gate(now) != Gate::Unset;
    if !is_set && !code.is_open(now) {
        return Standing::NoCode;
    }
    let row = if is_set { own } else { code };
    match row.gate(now) {
        Gate::Unset => Standing::NoCode,
        Gate::Open if is_set => Standing::Pin,
        Gate::Open => Standing::Code,
        Gate::Wait => Standing::Wait,
        Gate::Locked => Standing::Locked,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pin::{PinSecret, WAIT_S};

    const HOUR_S: i64 = 3_600;

    fn at(seconds: i64) -> Timestamp {
        later("2026-03-14T10:00:00Z".parse().unwrap(), seconds)
    }

    fn set() -> PinRow {
        PinRow {
            secret: Some(PinSecret {
                salt: [1; 16],
                digest: [2; 32],
                short: false,
            }),
            ..PinRow::default()
        }
    }

    fn code(until: i64) -> PinRow {
        PinRow {
            open_until: Some(at(until)),
            ..set()
        }
    }

    fn stands(own: &PinRow, code: &PinRow, seconds: i64) -> Standing {
        standing(own, code, at(seconds), 24)
    }

    #[test]
    fn a_right_pin_opens_a_day_and_a_clock_that_went_back_opens_nothing() {
        let none = PinRow::default();
        assert_eq!(stands(&set(), &none, 0), Standing::Pin);
        let opened = set().opened(at(0));
        assert_eq!(stands(&opened, &none, 0), Standing::Open);
        assert_eq!(stands(&opened, &none, 24 * HOUR_S - 1), Standing::Open);
        assert_eq!(stands(&opened, &none, 24 * HOUR_S), Standing::Pin);
        assert_eq!(stands(&opened, &none, -1), Standing::Pin);
        let used = opened.visited(at(2 * HOUR_S), 24).unwrap();
        assert_eq!(stands(&used, &none, 2 * HOUR_S), Standing::Open);
        assert_eq!(stands(&used, &none, HOUR_S), Standing::Pin, "gone back");
        // The control: without the note of its use the same moment is open.
        assert_eq!(stands(&opened, &none, HOUR_S), Standing::Open);
        // What was found closed stays closed when the clock goes back behind that.
        let over = used.visited(at(30 * HOUR_S), 24).unwrap();
        assert_eq!(stands(&over, &none, 3 * HOUR_S), Standing::Pin);
        assert_eq!(
            opened.visited(at(SEEN_S - 1), 24),
            None,
            "no write each time"
        );
    }

    #[test]
    fn a_wrong_try_a_reset_and_a_new_pin_end_what_was_opened() {
        let opened = set().opened(at(0));
        assert!(opened.is_opened(at(1), 24), "the control");
        assert!(!opened.charged(at(1)).is_opened(at(1), 24));
        assert!(!opened.charged(at(1)).cleared().is_opened(at(1), 24));
        assert!(!PinRow::reset(at(1)).is_opened(at(1), 24));
        assert!(!opened.is_opened(at(1), 0));
        assert_eq!(standing(&opened, &set(), at(1), 0), Standing::Open, "off");
    }

    #[test]
    fn without_a_pin_only_a_code_that_holds_leads_on() {
        let none = PinRow::default();
        assert_eq!(stands(&none, &none, 0), Standing::NoCode);
        assert_eq!(stands(&none, &code(10), 9), Standing::Code);
        assert_eq!(stands(&none, &code(10), 10), Standing::NoCode);
        assert_eq!(stands(&set(), &code(10), 9), Standing::Pin, "a PIN first");
        // A way that a worker opened for a person opens none for staff.
        assert_eq!(stands(&PinRow::reset(at(0)), &none, 1), Standing::NoCode);
        let mut tried = code(9 * HOUR_S);
        for _ in 0..3 {
            tried = tried.charged(at(0));
        }
        assert_eq!(stands(&none, &tried, 1), Standing::Wait);
        assert_eq!(stands(&none, &tried, WAIT_S), Standing::Code);
        for _ in 0..3 {
            tried = tried.charged(at(WAIT_S));
        }
        assert_eq!(stands(&none, &tried, 3 * WAIT_S), Standing::Locked);
    }

    proptest! {
        #[test]
        fn no_walk_of_the_clock_keeps_an_opening_beyond_its_hours_and_one_step_back(
            steps in proptest::collection::vec(-90_000_i64..90_000, 0..60), hours in 1_u16..48,
        ) {
            let mut row = set().opened(at(0));
            let (mut now, mut latest) = (0, 0);
            for step in steps {
                now += step;
                let open = row.is_opened(at(now), hours);
                if open {
                    prop_assert!(now < i64::from(hours) * HOUR_S);
                    prop_assert!(now > latest - SEEN_S, "{now} after {latest}");
                    latest = latest.max(now);
                }
                row = row.visited(at(now), hours).unwrap_or(row);
                if !open {
                    prop_assert_eq!(row.opened, None);
                }
            }
        }
    }
}
