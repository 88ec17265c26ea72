//! The one file of the shells of SMPP and modems that reads clocks.

use std::hash::{BuildHasher, RandomState};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Time for the machines: starts at the wall clock and runs with the monotonic one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Timestamp,
    since: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            start: Timestamp::now(),
            since: Instant::now(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.since.elapsed());
        let elapsed = elapsed.unwrap_or(SignedDuration::ZERO);
        self.start.checked_add(elapsed).unwrap_or(Timestamp::MAX)
    }

    /// The moment of the monotonic clock at which [`Self::now`] reaches `time`.
    pub(crate) fn instant(&self, time: Timestamp) -> Instant {
        let wait = time.duration_since(self.start).unsigned_abs();
        // `now` counts in whole nanoseconds, like `Instant`; one more never comes too early.
        let wait = wait.saturating_add(std::time::Duration::from_nanos(1));
        if time <= self.start {
            self.since
        } else {
            self.since.checked_add(wait).unwrap_or(self.since)
        }
    }
}

/// An octet that spreads reconnecting; not for secrets.
pub(crate) fn jitter() -> u8 {
    RandomState::new().hash_one(0_u8).to_be_bytes()[0]
}
