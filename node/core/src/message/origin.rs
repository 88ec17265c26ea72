//! Why a message exists, read from its cause: only automatic ones count for the breaker (CH18).
//!
//! A cause begins with one word and a colon. The list of words is closed, so that a new kind of
//! message is automatic, and therefore capped, until somebody says otherwise here.

/// Where a message comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Origin {
    /// A rule of a programme or of the hub.
    Automatic,
    /// A direct answer to the person's own message.
    Answer,
    /// The one reply to unknown text (CH22).
    UnknownReply,
    /// Results for staff, folded (CH29).
    Digest,
    /// A one-time code (CH17).
    Code,
    /// A line of a list.
    Broadcast,
    /// The last text to somebody who was erased: kept under a key of its own until it ends.
    Farewell,
}

/// All origins, in the order of their numbers.
const ORIGINS: [Origin; 7] = [
    Origin::Automatic,
    Origin::Answer,
    Origin::UnknownReply,
    Origin::Digest,
    Origin::Code,
    Origin::Broadcast,
    Origin::Farewell,
];

impl Origin {
    /// The origin that a cause names.
    pub fn of_cause(cause: &str) -> Self {
        match cause.split(':').next().unwrap_or_default() {
            "answer" | "bound" | "reply" | "screen" => Self::Answer,
            "unknown" => Self::UnknownReply,
            "digest" => Self::Digest,
            "code" => Self::Code,
            "broadcast" => Self::Broadcast,
            "erased" => Self::Farewell,
            _ => Self::Automatic,
        }
    }

    /// The number that the store keeps, 0–6.
    pub fn number(self) -> u8 {
        ORIGINS
            .iter()
            .position(|origin| *origin == self)
            .and_then(|at| u8::try_from(at).ok())
            .unwrap_or_default()
    }

    /// The origin behind a number; an unknown one counts as automatic.
    pub fn of_number(number: u8) -> Self {
        ORIGINS
            .get(usize::from(number))
            .copied()
            .unwrap_or(Self::Automatic)
    }

    /// Whether the person is waiting for it: quiet hours, STOP and the cap a day do not apply.
    pub fn is_answer(self) -> bool {
        matches!(self, Self::Answer | Self::UnknownReply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_name_their_origin_and_anything_else_is_automatic() {
        for (cause, origin) in [
            ("answer:ab:1", Origin::Answer),
            ("screen:ab", Origin::Answer),
            ("unknown:ab:2026-03-02", Origin::UnknownReply),
            ("digest:ab", Origin::Digest),
            ("broadcast:1:7", Origin::Broadcast),
            ("code:ab:1", Origin::Code),
            ("erased:ab", Origin::Farewell),
            ("result:ab", Origin::Automatic),
            ("review:7", Origin::Automatic),
            ("", Origin::Automatic),
        ] {
            assert_eq!(Origin::of_cause(cause), origin, "{cause}");
        }
    }

    #[test]
    fn numbers_go_both_ways() {
        for origin in ORIGINS {
            assert_eq!(Origin::of_number(origin.number()), origin);
        }
        assert_eq!(Origin::of_number(200), Origin::Automatic);
    }
}
