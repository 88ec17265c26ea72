//! How long to wait after a session that failed.

use core::time::Duration;

/// First wait, and the step that doubles.
const BACK_OFF_S_MIN: u64 = 5;
/// Longest wait; every later failure waits as long.
const BACK_OFF_S_MAX: u64 = 3_600;

/// The wait after `failures` failed sessions in a row (from 1): 5 s doubling to 1 h.
///
/// `jitter` is random, 0–65,535; it takes away up to half of the wait, so that nodes which lost
/// their hub together do not come back together.
pub fn back_off(failures: u32, jitter: u16) -> Duration {
    let doublings = failures.saturating_sub(1).min(12);
    let whole_ms = BACK_OFF_S_MIN
        .checked_shl(doublings)
        .unwrap_or(BACK_OFF_S_MAX)
        .min(BACK_OFF_S_MAX)
        .saturating_mul(1_000);
    let less_ms = (whole_ms / 2).saturating_mul(u64::from(jitter)) / u64::from(u16::MAX);
    Duration::from_millis(whole_ms.saturating_sub(less_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_five_seconds_to_one_hour_less_a_jitter() {
        assert_eq!(back_off(1, 0), Duration::from_secs(5));
        assert_eq!(back_off(2, 0), Duration::from_secs(10));
        assert_eq!(back_off(11, 0), Duration::from_hours(1));
        assert_eq!(back_off(u32::MAX, 0), Duration::from_hours(1));
        assert_eq!(back_off(u32::MAX, u16::MAX), Duration::from_mins(30));
        assert_eq!(back_off(0, u16::MAX), Duration::from_millis(2_500));
    }
}
