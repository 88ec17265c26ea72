//! How often a SIM may send: operators block SIMs that send like machines.
//!
//! Sliding windows over a minute, an hour and a day. The marks live in memory: a restart begins
//! anew, which a watchdog keeps rare.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// Most SMS parts of one SIM in a day that can be asked for; a larger setting counts as this, so
/// that the marks stay bounded.
pub const DAY_PARTS_MAX: u32 = 20_000;

/// What a SIM may send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rates {
    /// Parts in any 60 seconds.
    pub minute: u32,
    /// Parts in any hour.
    pub hour: u32,
    /// Parts in any 24 hours.
    pub day: u32,
}

impl Default for Rates {
    /// What operators bear without a contract: 10 a minute, 200 an hour, 2,000 a day.
    fn default() -> Self {
        Self {
            minute: 10,
            hour: 200,
            day: 2_000,
        }
    }
}

/// When parts left.
#[derive(Clone, Debug)]
pub struct Pace {
    rates: Rates,
    marks: VecDeque<Timestamp>,
}

impl Pace {
    /// No part has left yet.
    pub fn new(rates: Rates) -> Self {
        Self {
            rates,
            marks: VecDeque::new(),
        }
    }

    /// A part leaves.
    pub fn mark(&mut self, now: Timestamp) {
        self.marks.push_back(now);
        while self.marks.len() > count(self.rates.day) {
            self.marks.pop_front();
        }
    }

    /// The first moment at which the next part may leave; in the past when it may leave now.
    pub fn next(&self) -> Timestamp {
        let windows = [
            (self.rates.minute, SignedDuration::from_secs(60)),
            (self.rates.hour, SignedDuration::from_hours(1)),
            (self.rates.day, SignedDuration::from_hours(24)),
        ];
        let earliest = windows.into_iter().filter_map(|(parts, window)| {
            let oldest = self.marks.len().checked_sub(count(parts))?;
            let mark = self.marks.get(oldest)?;
            mark.checked_add(window).ok()
        });
        earliest.max().unwrap_or(Timestamp::MIN)
    }
}

/// At least one: a SIM that may send nothing is not configured as a modem.
fn count(parts: u32) -> usize {
    usize::try_from(parts.clamp(1, DAY_PARTS_MAX)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn a_burst_of_ten_is_free_and_the_eleventh_waits_for_its_minute() {
        let mut pace = Pace::new(Rates::default());
        for part in 0..10 {
            assert!(pace.next() <= second(part), "part {part} waits");
            pace.mark(second(part));
        }
        assert_eq!(pace.next(), second(60));
    }

    #[test]
    fn hour_and_day_bound_a_steady_sender() {
        let mut pace = Pace::new(Rates::default());
        let (mut now, mut sent) = (second(0), Vec::new());
        while now < second(86_400) {
            now = now.max(pace.next());
            pace.mark(now);
            sent.push(now);
            now = now.checked_add(SignedDuration::from_secs(1)).unwrap();
        }
        let within = |from: Timestamp, seconds| {
            let end = from
                .checked_add(SignedDuration::from_secs(seconds))
                .unwrap();
            sent.iter().filter(|&&at| at >= from && at < end).count()
        };
        assert!(
            sent.iter()
                .all(|&at| within(at, 60) <= 10 && within(at, 3_600) <= 200)
        );
        assert_eq!(within(second(0), 86_400), 2_000);
    }
}
