//! When an ESME connects again.

use jiff::{SignedDuration, Timestamp};

use super::{later, status};

/// First wait, in milliseconds.
const FIRST_MS: i64 = 1_000;
/// Longest wait of the doubling, in milliseconds.
const LONGEST_MS: i64 = 60_000;
/// Wait after a status that may lock the account, in milliseconds.
const ACCOUNT_MS: i64 = 300_000;

/// Doubling waits with ±20 %.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Backoff {
    next_ms: i64,
    account_problem: bool,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            next_ms: FIRST_MS,
            account_problem: false,
        }
    }
}

impl Backoff {
    /// The bind succeeded: start from the first wait next time.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// The bind was refused with this status.
    pub(super) fn refused(&mut self, status: u32) {
        self.account_problem = status::is_account_problem(status);
    }

    /// When to try next.
    pub(super) fn next(&mut self, now: Timestamp, jitter: u8) -> Timestamp {
        let base = if self.account_problem {
            ACCOUNT_MS
        } else {
            self.next_ms
        };
        self.account_problem = false;
        self.next_ms = self.next_ms.saturating_mul(2).min(LONGEST_MS);
        // 80 % to 120 % in steps of 40/255 %.
        let per_mille = i64::from(jitter).saturating_mul(400) / 255 + 800;
        later(
            now,
            SignedDuration::from_millis(base.saturating_mul(per_mille) / 1_000),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(backoff: &mut Backoff, jitter: u8, count: usize) -> Vec<i128> {
        let now = Timestamp::UNIX_EPOCH;
        (0..count)
            .map(|_| now.duration_until(backoff.next(now, jitter)).as_millis())
            .collect()
    }

    #[test]
    fn waits_double_to_a_minute_within_a_fifth() {
        assert_eq!(
            waits(&mut Backoff::default(), 0, 8)[..3],
            [800, 1_600, 3_200]
        );
        assert_eq!(
            waits(&mut Backoff::default(), 255, 8)[5..],
            [38_400, 72_000, 72_000]
        );
    }

    #[test]
    fn a_refused_account_waits_five_minutes_once() {
        let mut backoff = Backoff::default();
        backoff.refused(status::INVALID_PASSWORD);
        assert_eq!(waits(&mut backoff, 0, 2), [240_000, 1_600]);
    }
}
