//! Waits between attempts, and what time does to a message (CH20, CH23, CH24).
//!
//! Pure numbers: the moment and the random byte are arguments. The end of all attempts is the
//! message's own validity, so there is no second counter that could disagree with it.

/// First wait after "later", doubled at each attempt, in milliseconds.
const BACKOFF_FIRST_MS: i64 = 1_000;
/// Longest wait between attempts, in milliseconds; longer ones are cut to it.
pub const BACKOFF_MS_MAX: i64 = 3_600_000;
/// Wait before the one repeat of emergency and money, in milliseconds: a receipt of the first
/// hand-over would have come by then on a working network.
pub const REPEAT_AFTER_MS: i64 = 120_000;
/// Time after the validity in which a receipt is still awaited, in milliseconds (CH23).
pub const RECEIPT_WAIT_MS: i64 = 86_400_000;

/// Milliseconds before the next attempt: doubles from a second to an hour, plus up to a quarter.
///
/// `attempt` counts from 1; `jitter` is a random byte.
pub fn backoff_ms(attempt: u32, jitter: u8) -> i64 {
    let doublings = attempt.saturating_sub(1).min(12);
    let wait = BACKOFF_FIRST_MS
        .saturating_mul(1 << doublings)
        .min(BACKOFF_MS_MAX);
    wait.saturating_add(wait.saturating_mul(i64::from(jitter)) / 1024)
}

/// Seconds of validity left for the network, at least 1; `None` when the message is stale.
pub fn validity_left_s(expires_at_ms: i64, now_ms: i64) -> Option<u32> {
    let left_ms = expires_at_ms.saturating_sub(now_ms);
    (left_ms > 0).then(|| u32::try_from(left_ms / 1_000).unwrap_or(u32::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_a_quarter() {
        assert_eq!(backoff_ms(1, 0), 1_000);
        assert!((1_000..=1_250).contains(&backoff_ms(1, 255)));
        assert!((2_000..=2_500).contains(&backoff_ms(2, 128)));
        assert_eq!(backoff_ms(20, 0), BACKOFF_MS_MAX);
        assert!(backoff_ms(u32::MAX, 255) <= BACKOFF_MS_MAX / 4 * 5);
    }

    #[test]
    fn what_is_left_ends_at_the_validity() {
        assert_eq!(validity_left_s(10_000, 9_999), Some(1));
        assert_eq!(validity_left_s(10_000, 10_000), None);
        assert_eq!(validity_left_s(10_000, 20_000), None);
        assert_eq!(validity_left_s(61_500, 500), Some(61));
    }
}
