//! How fast requests go: our own pace towards an operator, and the meter of our SMSC.

use jiff::{SignedDuration, Timestamp};

use super::later;

/// Pause after the peer asked for fewer messages, in milliseconds.
const PAUSE_MS: i64 = 1_000;
/// Clean time after which the rate rises by a tenth, in milliseconds.
const CLEAN_MS: i64 = 10_000;
/// Slowest rate, in messages per thousand seconds: one a second.
const SLOWEST_PER_KS: i64 = 1_000;

/// The pace of an ESME: the agreed rate, halved by throttling, rising again slowly.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Pace {
    agreed_per_ks: i64,
    now_per_ks: i64,
    next: Timestamp,
    paused: Option<Timestamp>,
    clean_since: Timestamp,
}

impl Pace {
    pub(super) fn new(rate_per_s: u16, now: Timestamp) -> Self {
        let agreed_per_ks = i64::from(rate_per_s.max(1)).saturating_mul(1_000);
        Self {
            agreed_per_ks,
            now_per_ks: agreed_per_ks,
            next: now,
            paused: None,
            clean_since: now,
        }
    }

    /// When the next paced message may go.
    pub(super) fn next(&self) -> Timestamp {
        self.next
    }

    /// End of the pause after throttling; urgent messages wait for it too.
    pub(super) fn paused_until(&self) -> Option<Timestamp> {
        self.paused
    }

    pub(super) fn is_paused(&self, now: Timestamp) -> bool {
        self.paused.is_some_and(|until| now < until)
    }

    /// A paced message went: the next one later. Bursts are not made up for.
    pub(super) fn sent(&mut self, now: Timestamp) {
        self.rise(now);
        let micros = 1_000_000_000 / self.now_per_ks.max(1);
        self.next = later(now, SignedDuration::from_micros(micros));
    }

    /// The peer asked for fewer messages.
    pub(super) fn throttled(&mut self, now: Timestamp) {
        // Answers to one burst come together and halve the rate once.
        if !self.is_paused(now) {
            self.now_per_ks = (self.now_per_ks / 2).max(SLOWEST_PER_KS);
        }
        let until = later(now, SignedDuration::from_millis(PAUSE_MS));
        self.paused = Some(until);
        self.next = self.next.max(until);
        self.clean_since = now;
    }

    fn rise(&mut self, now: Timestamp) {
        if now.duration_since(self.clean_since) >= SignedDuration::from_millis(CLEAN_MS) {
            let risen = self.now_per_ks.saturating_add(self.now_per_ks / 10);
            self.now_per_ks = risen.min(self.agreed_per_ks);
            self.clean_since = now;
        }
    }
}

/// Counts what came within the running second.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Meter {
    per_s: u32,
    since: Timestamp,
    count: u32,
}

impl Meter {
    pub(super) fn new(per_s: u32, now: Timestamp) -> Self {
        Self {
            per_s,
            since: now,
            count: 0,
        }
    }

    /// Whether one more is within the rate; counts it then.
    pub(super) fn admit(&mut self, now: Timestamp) -> bool {
        if now.duration_since(self.since) >= SignedDuration::from_secs(1) {
            self.since = now;
            self.count = 0;
        }
        let fits = self.count < self.per_s;
        if fits {
            self.count = self.count.saturating_add(1);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn throttling_pauses_a_second_and_halves_once_a_burst() {
        let mut pace = Pace::new(10, at(0));
        pace.throttled(at(0));
        pace.throttled(at(10));
        assert!(pace.is_paused(at(1_009)) && !pace.is_paused(at(1_010)));
        pace.sent(at(2_000));
        assert_eq!(pace.next(), at(2_200));
    }

    #[test]
    fn the_rate_rises_by_a_tenth_after_ten_clean_seconds_up_to_the_agreed_one() {
        let mut pace = Pace::new(10, at(0));
        pace.throttled(at(0));
        pace.sent(at(10_000));
        assert_eq!(pace.now_per_ks, 5_500);
        for tens in 2..20 {
            pace.sent(at(tens * 10_000));
        }
        assert_eq!(pace.now_per_ks, 10_000);
    }

    #[test]
    fn a_meter_admits_its_rate_in_each_second() {
        let mut meter = Meter::new(2, at(0));
        let seen = [0, 1, 2, 999, 1_000, 1_001, 1_002].map(|ms| meter.admit(at(ms)));
        assert_eq!(seen, [true, true, false, false, true, true, false]);
    }
}
