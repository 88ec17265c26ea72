//! A text to a list: what it will take, before anything is queued (CH25), and its states.
//!
//! The list itself lies in the store and is walked from there; nothing here holds a number.

use channels_core::segment::{self, PARTS_MAX};

/// Recipients that are queued ahead of the links; the rest stays in the list. Small, so that a
/// pause takes effect at once.
pub const AHEAD_MAX: u32 = 200;
/// Lines of a list that one transaction takes in; longer lists take several.
pub const LIST_LINES_MAX: usize = 1_000;

/// Where a broadcast stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BroadcastState {
    /// The list is being read, or the preview waits for a yes.
    Draft,
    /// Recipients are queued as room allows.
    Running,
    /// Stopped at an exact place; goes on from there.
    Paused,
    /// The last recipient was queued.
    Finished,
    /// Ended by the operator; what was not handed over is withdrawn.
    Cancelled,
    /// Waits for a second person.
    Proposed,
    /// The second person said no, or nobody answered in time.
    Refused,
}

const BROADCAST_STATES: [BroadcastState; 7] = [
    BroadcastState::Draft,
    BroadcastState::Running,
    BroadcastState::Paused,
    BroadcastState::Finished,
    BroadcastState::Cancelled,
    BroadcastState::Proposed,
    BroadcastState::Refused,
];

impl BroadcastState {
    /// The number that the store keeps, 0–6.
    pub fn number(self) -> u8 {
        BROADCAST_STATES
            .iter()
            .position(|state| *state == self)
            .and_then(|at| u8::try_from(at).ok())
            .unwrap_or_default()
    }

    /// The state behind a number; an unknown one counts as cancelled, which sends nothing.
    pub fn of_number(number: u8) -> Self {
        BROADCAST_STATES
            .get(usize::from(number))
            .copied()
            .unwrap_or(Self::Cancelled)
    }

    /// The word on screens.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Proposed => "proposed",
            Self::Refused => "refused",
        }
    }
}

/// What a broadcast will take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Preview {
    /// People.
    pub recipients: u64,
    /// Parts for each of them.
    pub parts_each: u32,
    /// Whether a letter makes it UCS-2.
    pub ucs2: bool,
    /// Parts together.
    pub parts: u64,
    /// Minor units together, by the price of the link.
    pub price_minor: u64,
}

/// A text that no phone takes as one message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the text takes {got} parts, at most {limit} are sent")]
pub struct Oversize {
    /// Parts that it would take.
    pub got: usize,
    /// Parts at most.
    pub limit: u8,
}

/// Parts of a text.
///
/// # Errors
/// [`Oversize`] when it takes more than [`PARTS_MAX`]: refused when it is written (regression 18).
pub fn parts(text: &str) -> Result<u32, Oversize> {
    let got = segment::preview(text, &[], 0).parts;
    if got > usize::from(PARTS_MAX) {
        return Err(Oversize {
            got,
            limit: PARTS_MAX,
        });
    }
    Ok(u32::try_from(got).unwrap_or(1).max(1))
}

/// What a text to so many recipients takes, at a price per part in minor units.
///
/// # Errors
/// [`Oversize`] as [`parts`].
pub fn preview(text: &str, recipients: u64, price_minor: u32) -> Result<Preview, Oversize> {
    let parts_each = parts(text)?;
    let parts = recipients.saturating_mul(u64::from(parts_each));
    Ok(Preview {
        recipients,
        parts_each,
        ucs2: channels_core::gsm7::septets(text).is_none(),
        parts,
        price_minor: parts.saturating_mul(u64::from(price_minor)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_counts_people_parts_and_price() {
        let long = "a".repeat(161);
        let preview = preview(&long, 1_000, 25).unwrap();
        assert_eq!((preview.parts_each, preview.parts), (2, 2_000));
        assert_eq!((preview.ucs2, preview.price_minor), (false, 50_000));
    }

    #[test]
    fn one_letter_outside_the_alphabet_is_seen_before_it_costs() {
        let text = format!("{}ê", "a".repeat(100));
        let preview = preview(&text, 1, 25).unwrap();
        assert!(preview.ucs2);
        assert_eq!(preview.parts_each, 2);
    }

    #[test]
    fn a_text_above_the_limit_is_refused_when_it_is_written() {
        let limit = usize::from(PARTS_MAX) * 153;
        assert_eq!(parts(&"a".repeat(limit)), Ok(u32::from(PARTS_MAX)));
        let refused = parts(&"a".repeat(limit + 1)).unwrap_err();
        assert_eq!(refused.got, usize::from(PARTS_MAX) + 1);
    }

    #[test]
    fn states_have_numbers_that_go_both_ways() {
        for state in BROADCAST_STATES {
            assert_eq!(BroadcastState::of_number(state.number()), state);
            assert!(!state.word().is_empty());
        }
        assert_eq!(BroadcastState::of_number(9), BroadcastState::Cancelled);
    }
}
