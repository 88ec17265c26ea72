//! States of a message and the one table of steps between them (docs/states/message.md).
//!
//! Every message ends in exactly one final state. What a receipt proves may still correct *sent*,
//! *expired* and *unknown*; nothing else leaves a final state but the one repeat that CH24 gives
//! to emergency and money. Storage keeps the numbers, screens and commands the words.

use channels_core::SubmitOutcome;

use crate::view::MessageClass;

/// Where a message stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MessageState {
    /// Waits for its time, a link and room in the budget.
    Queued,
    /// Handed to a link, whose answer is awaited.
    Submitting,
    /// The network took it; a receipt may come.
    Sent,
    /// Final: a receipt says that it reached the phone.
    Delivered,
    /// Final: the network refused it, or a receipt says that it did not arrive.
    Failed,
    /// Final: its time was over before it was handed to a link.
    Expired,
    /// Final: it may have left; neither an answer nor a receipt came.
    Unknown,
    /// Final: withdrawn before it was handed to a link.
    Cancelled,
    /// Kept back for the operator, who releases or cancels it.
    Held,
    /// Final: the network took it on a link that gives no receipts, and its time is over.
    Settled,
}

/// All states, in the order of their numbers.
pub const STATES: [MessageState; 10] = [
    MessageState::Queued,
    MessageState::Submitting,
    MessageState::Sent,
    MessageState::Delivered,
    MessageState::Failed,
    MessageState::Expired,
    MessageState::Unknown,
    MessageState::Cancelled,
    MessageState::Held,
    MessageState::Settled,
];

impl MessageState {
    /// The number that the store keeps, 0–9.
    pub fn number(self) -> u8 {
        STATES
            .iter()
            .position(|state| *state == self)
            .and_then(|at| u8::try_from(at).ok())
            .unwrap_or(u8::MAX)
    }

    /// The state behind a number; `None` for a number of a later release.
    pub fn of_number(number: u8) -> Option<Self> {
        STATES.get(usize::from(number)).copied()
    }

    /// The word on screens. *Settled* is *sent*: the network took it and nothing more is known.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Submitting => "submitting",
            Self::Sent | Self::Settled => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
        }
    }

    /// Whether nothing is left to do but to believe a receipt.
    pub fn is_final(self) -> bool {
        !matches!(
            self,
            Self::Queued | Self::Submitting | Self::Sent | Self::Held
        )
    }
}

/// What can happen to a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MessageEvent {
    /// Leased and given to a link.
    Picked,
    /// The network took it.
    Taken,
    /// Nothing left us, or the peer said "later".
    Later,
    /// The peer refused it for good.
    Refused,
    /// The account behind the link is empty; nothing was sent.
    NoCredit,
    /// The link ended, or the lease lapsed, without an answer.
    AnswerLost,
    /// The one repeat of emergency and money, with the same id (CH24).
    Repeated,
    /// The validity is over.
    ValidityEnded,
    /// 24 h more are over, on a link that gives receipts (CH23).
    ReceiptOverdue,
    /// The validity is over, on a link that gives none.
    NoReceiptToCome,
    /// A receipt: it reached the phone.
    ReceiptDelivered,
    /// A receipt: it did not.
    ReceiptFailed,
    /// The circuit breaker, a pause, or an empty account keeps it back.
    KeptBack,
    /// The operator lets it go.
    Released,
    /// Withdrawn: STOP, a changed plan, an operator.
    Withdrawn,
}

/// All events, in the order of the table.
pub const EVENTS: [MessageEvent; 15] = [
    MessageEvent::Picked,
    MessageEvent::Taken,
    MessageEvent::Later,
    MessageEvent::Refused,
    MessageEvent::NoCredit,
    MessageEvent::AnswerLost,
    MessageEvent::Repeated,
    MessageEvent::ValidityEnded,
    MessageEvent::ReceiptOverdue,
    MessageEvent::NoReceiptToCome,
    MessageEvent::ReceiptDelivered,
    MessageEvent::ReceiptFailed,
    MessageEvent::KeptBack,
    MessageEvent::Released,
    MessageEvent::Withdrawn,
];

/// The state after an event; `None` = nothing changes, as for late and repeated reports.
pub fn next(state: MessageState, event: MessageEvent) -> Option<MessageState> {
    match event {
        MessageEvent::Picked => from(state, &[MessageState::Queued], MessageState::Submitting),
        // A hand-over that we had to call unknown may still be reported.
        MessageEvent::Taken => from(
            state,
            &[MessageState::Submitting, MessageState::Unknown],
            MessageState::Sent,
        ),
        MessageEvent::Later | MessageEvent::NoCredit => {
            from(state, &[MessageState::Submitting], MessageState::Queued)
        }
        MessageEvent::Refused => from(state, &[MessageState::Submitting], MessageState::Failed),
        MessageEvent::AnswerLost => from(state, &[MessageState::Submitting], MessageState::Unknown),
        MessageEvent::Repeated => from(state, &[MessageState::Unknown], MessageState::Queued),
        MessageEvent::ValidityEnded => from(
            state,
            &[MessageState::Queued, MessageState::Held],
            MessageState::Expired,
        ),
        MessageEvent::ReceiptOverdue => from(state, &[MessageState::Sent], MessageState::Unknown),
        MessageEvent::NoReceiptToCome => from(state, &[MessageState::Sent], MessageState::Settled),
        MessageEvent::ReceiptDelivered => from(state, &OPEN_TO_RECEIPTS, MessageState::Delivered),
        MessageEvent::ReceiptFailed => from(
            state,
            &[MessageState::Sent, MessageState::Unknown],
            MessageState::Failed,
        ),
        MessageEvent::KeptBack => from(state, &[MessageState::Queued], MessageState::Held),
        MessageEvent::Released => from(state, &[MessageState::Held], MessageState::Queued),
        MessageEvent::Withdrawn => from(
            state,
            &[MessageState::Queued, MessageState::Held],
            MessageState::Cancelled,
        ),
    }
}

/// States that the receipt *delivered* may leave (CH9).
const OPEN_TO_RECEIPTS: [MessageState; 4] = [
    MessageState::Sent,
    MessageState::Expired,
    MessageState::Unknown,
    MessageState::Settled,
];

fn from(state: MessageState, starts: &[MessageState], end: MessageState) -> Option<MessageState> {
    starts.contains(&state).then_some(end)
}

/// The event that a link's answer is.
pub fn event_of(outcome: &SubmitOutcome) -> MessageEvent {
    match outcome {
        SubmitOutcome::Sent { .. } => MessageEvent::Taken,
        SubmitOutcome::TryLater { .. } | SubmitOutcome::Throttled { .. } => MessageEvent::Later,
        SubmitOutcome::NoCredit => MessageEvent::NoCredit,
        SubmitOutcome::Failed { .. } => MessageEvent::Refused,
        SubmitOutcome::Unknown => MessageEvent::AnswerLost,
    }
}

/// Whether a lost answer may be followed by one repeat with the same id (CH24).
pub fn may_repeat(class: MessageClass, repeated_before: bool) -> bool {
    !repeated_before && matches!(class, MessageClass::Emergency | MessageClass::Money)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_and_states_go_both_ways() {
        for state in STATES {
            assert_eq!(MessageState::of_number(state.number()), Some(state));
        }
        assert_eq!(MessageState::of_number(10), None);
    }

    #[test]
    fn final_states_are_left_by_receipts_a_late_answer_and_the_repeat_only() {
        let allowed = [
            MessageEvent::ReceiptDelivered,
            MessageEvent::ReceiptFailed,
            MessageEvent::Taken,
            MessageEvent::Repeated,
        ];
        for state in STATES.into_iter().filter(|state| state.is_final()) {
            for event in EVENTS {
                let left = next(state, event).is_some();
                assert!(!left || allowed.contains(&event), "{state:?} {event:?}");
            }
        }
        for state in [
            MessageState::Delivered,
            MessageState::Failed,
            MessageState::Cancelled,
        ] {
            for event in EVENTS {
                assert_eq!(next(state, event), None, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn only_emergency_and_money_repeat_and_only_once() {
        assert!(may_repeat(MessageClass::Emergency, false));
        assert!(may_repeat(MessageClass::Money, false));
        assert!(!may_repeat(MessageClass::Money, true));
        assert!(!may_repeat(MessageClass::Health, false));
        assert!(!may_repeat(MessageClass::Broadcast, false));
    }

    const PAGE: &str = include_str!("../../../../docs/states/message.md");

    fn name(state: MessageState) -> String {
        format!("{state:?}").to_lowercase()
    }

    #[test]
    fn the_page_of_states_has_the_table_of_the_code() {
        let rows: Vec<Vec<&str>> = PAGE
            .lines()
            .filter(|line| {
                EVENTS
                    .iter()
                    .any(|e| line.starts_with(&format!("| {e:?} |")))
            })
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        assert_eq!(rows.len(), EVENTS.len());
        for (row, event) in rows.iter().zip(EVENTS) {
            let starts = STATES
                .into_iter()
                .filter(|state| next(*state, event).is_some());
            let from: Vec<String> = starts.clone().map(name).collect();
            let to = starts
                .filter_map(|state| next(state, event))
                .map(name)
                .next();
            assert_eq!(row[0], format!("{event:?}"));
            assert_eq!(row[1], from.join(", "));
            assert_eq!(Some(row[2]), to.as_deref());
        }
    }

    #[test]
    fn the_picture_of_states_has_every_step_and_no_other() {
        let mut drawn: Vec<(String, String)> = PAGE
            .lines()
            .filter_map(|line| line.trim().split_once(" --> "))
            .filter(|(from, _)| *from != "[*]")
            .map(|(from, rest)| {
                let to = rest.split(':').next().unwrap_or_default();
                (from.to_owned(), to.to_owned())
            })
            .collect();
        drawn.sort();
        let mut steps: Vec<(String, String)> = Vec::new();
        for state in STATES {
            for event in EVENTS {
                steps.extend(next(state, event).map(|to| (name(state), name(to))));
            }
        }
        steps.sort();
        steps.dedup();
        assert_eq!(drawn, steps);
    }

    proptest! {
        /// Time alone ends every message: expired, unknown, or settled without receipts.
        #[test]
        fn every_walk_ends_when_time_passes(
            events in proptest::collection::vec(0_usize..EVENTS.len(), 0..40),
            receipts in any::<bool>(),
        ) {
            let mut state = MessageState::Queued;
            for at in events {
                state = next(state, EVENTS[at]).unwrap_or(state);
            }
            let overdue = if receipts {
                MessageEvent::ReceiptOverdue
            } else {
                MessageEvent::NoReceiptToCome
            };
            for event in [MessageEvent::AnswerLost, MessageEvent::ValidityEnded, overdue] {
                state = next(state, event).unwrap_or(state);
            }
            prop_assert!(state.is_final(), "{:?}", state);
        }
    }
}
