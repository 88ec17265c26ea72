//! `[messages]`: when people are left alone, what each link may send, where texts go.
//!
//! Times of day are `HH:MM`, offsets `+HH:MM`; what they mean is said by the messaging rules.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Rules of sending.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MessageSettings {
    /// Whether people are left alone at night.
    pub quiet_hours: bool,
    /// First quiet minute, `HH:MM` by the recipient's clock.
    pub quiet_from: String,
    /// First minute after, `HH:MM`.
    pub quiet_until: String,
    /// Offset from UTC, `+HH:MM`, of numbers whose country has several clocks.
    pub utc_offset: String,
    /// Our own numbers, never answered.
    pub own_numbers: Vec<String>,
    /// First word of a text → desk of the inbox.
    pub keywords: BTreeMap<String, String>,
    /// Recipients above which a broadcast needs a second person; 0 = never.
    pub approve_above: u32,
    /// Days without traffic after which a number is asked again before anything personal; 0 = 90.
    pub stale_days: u16,
    /// Limits of links.
    pub link: Vec<LinkSettings>,
}

impl Default for MessageSettings {
    fn default() -> Self {
        Self {
            quiet_hours: true,
            quiet_from: "21:00".to_owned(),
            quiet_until: "07:00".to_owned(),
            utc_offset: "+00:00".to_owned(),
            own_numbers: Vec::new(),
            keywords: BTreeMap::new(),
            approve_above: 0,
            stale_days: 90,
            link: Vec::new(),
        }
    }
}

/// What one link may send; 0 = no limit.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSettings {
    /// Name of the link.
    pub name: String,
    /// Parts in a minute.
    #[serde(default)]
    pub per_minute: u32,
    /// Parts in an hour.
    #[serde(default)]
    pub per_hour: u32,
    /// Parts in a day.
    #[serde(default)]
    pub per_day: u32,
    /// Price of a part in minor units of the currency of the balance.
    #[serde(default)]
    pub price: u32,
    /// Whether the link gives delivery receipts.
    #[serde(default = "yes")]
    pub receipts: bool,
}

fn yes() -> bool {
    true
}

/// Minutes since midnight of `HH:MM`; `None` for anything else.
pub fn minute_of_day(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let part = |text: &str, below: u16| {
        let digits = text.len() == 2 && text.chars().all(|c| c.is_ascii_digit());
        let value: u16 = text.parse().ok()?;
        (digits && value < below).then_some(value)
    };
    Some(part(hours, 24)? * 60 + part(minutes, 60)?)
}

/// Minutes from UTC of `+HH:MM` or `-HH:MM`, at most 14 hours; `None` for anything else.
pub fn offset_minutes(text: &str) -> Option<i16> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let minutes = i16::try_from(minute_of_day(rest)?).ok()?;
    (minutes <= 14 * 60).then_some(sign * minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_offsets_are_read_and_other_texts_refused() {
        assert_eq!(minute_of_day("21:30"), Some(21 * 60 + 30));
        assert_eq!(minute_of_day("00:00"), Some(0));
        assert_eq!(offset_minutes("+05:45"), Some(345));
        assert_eq!(offset_minutes("-03:00"), Some(-180));
        for text in ["24:00", "9:00", "21:60", "2100", "", "+1:00", "aa:bb"] {
            assert_eq!(minute_of_day(text), None, "{text}");
        }
        for text in ["03:00", "+15:00", "", "+3"] {
            assert_eq!(offset_minutes(text), None, "{text}");
        }
    }
}
