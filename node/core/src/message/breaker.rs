//! The circuit breaker of one recipient (CH18), the caps of one-time codes (CH17), and the end of
//! two machines that answer each other (CH22).
//!
//! It judges counts that the store keeps durably. Tripped means held and shown to the operator,
//! never dropped in silence; a code that is not sent is refused at once, because a late code is
//! worth nothing.

use core::fmt;

use super::origin::Origin;
use crate::view::MessageClass;

/// Automatic messages to one recipient in 24 h; the next one is held (SECURITY §9).
pub const AUTOMATIC_A_DAY_MAX: u32 = 5;
/// Identical texts to one recipient in 24 h; the next one is held.
pub const IDENTICAL_A_DAY_MAX: u32 = 3;
/// Answers to one number in an hour; the next one is held, because no person types that fast for
/// that long. Two answering machines stop here.
pub const ANSWERS_AN_HOUR_MAX: u32 = 60;
/// One-time codes to one number in a day; further ones are refused.
pub const CODES_A_DAY_MAX: u32 = 5;
/// Least time between two codes to one number, in milliseconds; an earlier one is refused.
pub const CODE_GAP_MS: i64 = 60_000;
/// One-time codes of a node in an hour, to all numbers; further ones are refused. A day of them
/// leaves room for payment notices in the share of a SIM.
pub const CODES_AN_HOUR_MAX: u32 = 60;

/// What was handed to the networks for one recipient lately.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Recent {
    /// Automatic messages in 24 h, all classes but emergency.
    pub automatic_day: u32,
    /// Messages with the same text in 24 h, all classes but emergency.
    pub identical_day: u32,
    /// Answers in the last hour.
    pub answers_hour: u32,
}

/// Why a message is kept back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum HoldReason {
    /// Too many automatic messages to this recipient in a day.
    TooManyADay,
    /// The same text too often.
    SameText,
    /// Answers go back and forth too fast.
    AnswerLoop,
    /// Its broadcast is paused.
    Paused,
    /// An operator keeps it.
    Operator,
}

/// All reasons, in the order of their numbers from 1.
const HOLD_REASONS: [HoldReason; 5] = [
    HoldReason::TooManyADay,
    HoldReason::SameText,
    HoldReason::AnswerLoop,
    HoldReason::Paused,
    HoldReason::Operator,
];

impl HoldReason {
    /// The number that the store keeps, 1–5.
    pub fn number(self) -> u32 {
        HOLD_REASONS
            .iter()
            .position(|reason| *reason == self)
            .and_then(|at| u32::try_from(at).ok())
            .unwrap_or_default()
            .saturating_add(1)
    }

    /// The reason behind a number.
    pub fn of_number(number: u32) -> Option<Self> {
        let at = usize::try_from(number.checked_sub(1)?).ok()?;
        HOLD_REASONS.get(at).copied()
    }
}

impl fmt::Display for HoldReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooManyADay => "too many messages to this number in a day",
            Self::SameText => "the same text too often in a day",
            Self::AnswerLoop => "too many answers to this number in an hour",
            Self::Paused => "its broadcast is paused",
            Self::Operator => "kept by the operator",
        })
    }
}

/// Whether a message must be held, by what its recipient got lately.
pub fn judge(class: MessageClass, origin: Origin, recent: &Recent) -> Option<HoldReason> {
    if class == MessageClass::Emergency {
        return None;
    }
    if origin.is_answer() {
        let loops = recent.answers_hour >= ANSWERS_AN_HOUR_MAX;
        return loops.then_some(HoldReason::AnswerLoop);
    }
    if origin == Origin::Digest {
        return None;
    }
    if recent.identical_day >= IDENTICAL_A_DAY_MAX {
        return Some(HoldReason::SameText);
    }
    (recent.automatic_day >= AUTOMATIC_A_DAY_MAX).then_some(HoldReason::TooManyADay)
}

/// What was asked of one-time codes lately.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RecentCodes {
    /// To this number in 24 h.
    pub number_day: u32,
    /// Milliseconds since the last one to this number.
    pub since_last_ms: Option<i64>,
    /// To all numbers in the last hour.
    pub node_hour: u32,
}

/// Whether one more code may be queued (CH17, S15).
pub fn code_is_allowed(recent: &RecentCodes) -> bool {
    let rested = recent.since_last_ms.is_none_or(|gap| gap >= CODE_GAP_MS);
    rested && recent.number_day < CODES_A_DAY_MAX && recent.node_hour < CODES_AN_HOUR_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent(automatic_day: u32, identical_day: u32, answers_hour: u32) -> Recent {
        Recent {
            automatic_day,
            identical_day,
            answers_hour,
        }
    }

    fn check(class: MessageClass, origin: Origin, recent: &Recent, held: Option<HoldReason>) {
        assert_eq!(judge(class, origin, recent), held, "{class:?} {origin:?}");
    }

    #[test]
    fn the_sixth_a_day_and_the_fourth_of_one_text_are_held() {
        let health = MessageClass::Health;
        check(health, Origin::Automatic, &recent(4, 2, 0), None);
        let held = Some(HoldReason::TooManyADay);
        check(health, Origin::Automatic, &recent(5, 0, 0), held);
        check(
            MessageClass::Money,
            Origin::Automatic,
            &recent(5, 0, 0),
            held,
        );
        let same = Some(HoldReason::SameText);
        check(health, Origin::Broadcast, &recent(3, 3, 0), same);
    }

    #[test]
    fn emergencies_answers_and_digests_do_not_count() {
        let full = recent(50, 50, 0);
        check(MessageClass::Emergency, Origin::Automatic, &full, None);
        check(MessageClass::Health, Origin::Answer, &full, None);
        check(MessageClass::Health, Origin::Digest, &full, None);
        let held = Some(HoldReason::AnswerLoop);
        check(
            MessageClass::Health,
            Origin::UnknownReply,
            &recent(0, 0, 60),
            held,
        );
        check(
            MessageClass::Health,
            Origin::Answer,
            &recent(0, 0, 59),
            None,
        );
    }

    #[test]
    fn codes_are_capped_by_minute_day_and_node() {
        let mut recent = RecentCodes::default();
        assert!(code_is_allowed(&recent));
        recent.since_last_ms = Some(CODE_GAP_MS - 1);
        assert!(!code_is_allowed(&recent));
        recent.since_last_ms = Some(CODE_GAP_MS);
        assert!(code_is_allowed(&recent));
        recent.number_day = CODES_A_DAY_MAX;
        assert!(!code_is_allowed(&recent));
        recent.number_day = 0;
        recent.node_hour = CODES_AN_HOUR_MAX;
        assert!(!code_is_allowed(&recent));
    }

    #[test]
    fn reasons_have_numbers_that_go_both_ways() {
        for reason in HOLD_REASONS {
            assert_eq!(HoldReason::of_number(reason.number()), Some(reason));
            assert!(!reason.to_string().is_empty());
        }
        assert_eq!(HoldReason::of_number(0), None);
    }
}
