//! Time from the network: `+CCLK` after NITZ, and the SMSC's stamps (TS 27.007 §8.15).
//!
//! Readings are bounded and compared here; which clock they set is decided by the node. One
//! source alone may set a clock but is not trusted: two that agree are needed.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Two readings agree when their clocks differ by no more, in seconds.
pub const AGREE_S: i64 = 120;
/// Seconds of a quarter hour, the unit of zones.
const QUARTER_S: i32 = 15 * 60;

/// Where a time comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// The network's time, as the modem keeps it.
    Nitz,
    /// The time stamp of a received SMS: a lower bound, since an SMS may be days old.
    Scts,
}

/// One time that a source told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// Who told it.
    pub source: Source,
    /// The time that it told.
    pub told: Timestamp,
    /// The node's own clock when it was told.
    pub when: Timestamp,
}

/// How far the time can be trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// Two sources agree.
    Agreed,
    /// One source alone.
    Alone,
}

/// What a reading says about the node's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Seconds that the node's clock is behind the source; negative when it is ahead.
    pub behind_s: i64,
    /// How far to believe it.
    pub trust: Trust,
}

/// Compares the sources of one modem.
#[derive(Clone, Debug)]
pub struct Comparison {
    earliest: Timestamp,
    nitz: Option<Reading>,
    scts: Option<Reading>,
}

impl Comparison {
    /// `earliest`: no time before this is believed, the greater of the build and the last time
    /// that the node has persisted. Modems start in 1980 or 2004.
    pub fn new(earliest: Timestamp) -> Self {
        Self {
            earliest,
            nitz: None,
            scts: None,
        }
    }

    /// Takes a reading; `None` when it is before the earliest possible time, or an SMS that is
    /// late: an older stamp than the clock says nothing.
    pub fn take(&mut self, reading: Reading) -> Option<Verdict> {
        if reading.told < self.earliest {
            return None;
        }
        let other = match reading.source {
            Source::Nitz => {
                self.nitz = Some(reading);
                self.scts
            }
            Source::Scts => {
                let newer = self.scts.is_none_or(|last| behind(last) < behind(reading));
                if newer {
                    self.scts = Some(reading);
                }
                self.nitz
            }
        };
        let behind_s = behind(reading);
        let agreed = other.is_some_and(|other| (behind(other) - behind_s).abs() <= AGREE_S);
        if reading.source == Source::Scts && !agreed && behind_s <= 0 {
            return None;
        }
        let trust = if agreed { Trust::Agreed } else { Trust::Alone };
        Some(Verdict { behind_s, trust })
    }
}

fn behind(reading: Reading) -> i64 {
    reading.told.duration_since(reading.when).as_secs()
}

/// The time in an answer such as `+CCLK: "26/11/28,14:00:00+12"`, zone in quarter hours.
///
/// `None` when it has another form or the year is 1980 to 2005, which no network tells today.
pub fn cclk(rest: &str) -> Option<Timestamp> {
    let text = rest.trim().trim_matches('"');
    let (date, time) = text.split_once(',')?;
    let at = time.rfind(['+', '-'])?;
    let (time, zone) = time.split_at_checked(at)?;
    let [year, month, day] = three(date, '/')?;
    let [hour, minute, second] = three(time, ':')?;
    let quarters: i32 = zone.parse().ok().filter(|zone| (-48..=56).contains(zone))?;
    if !(6..80).contains(&year) {
        return None;
    }
    let local = DateTime::new(2000 + i16::from(year), month, day, hour, minute, second, 0);
    let offset = Offset::from_seconds(quarters.checked_mul(QUARTER_S)?).ok()?;
    offset.to_timestamp(local.ok()?).ok()
}

fn three(text: &str, mark: char) -> Option<[i8; 3]> {
    let mut parts = text.split(mark).map(|part| part.trim().parse::<i8>().ok());
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-28T11:00:00Z";

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn reading(source: Source, told: &str) -> Reading {
        Reading {
            source,
            told: time(told),
            when: time(NOW),
        }
    }

    fn comparison() -> Comparison {
        Comparison::new(time("2026-01-01T00:00:00Z"))
    }

    #[test]
    fn the_zone_counts_in_quarter_hours() {
        assert_eq!(cclk("\"26/11/28,14:00:00+12\""), Some(time(NOW)));
        assert_eq!(cclk("\"26/11/28,16:45:00+23\""), Some(time(NOW)));
        assert_eq!(cclk("\"26/11/28,05:30:00-22\""), Some(time(NOW)));
    }

    #[test]
    fn clocks_that_nobody_set_and_other_forms_are_refused() {
        for text in [
            "\"80/01/06,00:00:00+00\"",
            "\"04/01/01,00:00:00+00\"",
            "\"26/13/28,14:00:00+12\"",
            "\"26/11/28,14:00:00+99\"",
            "\"26/11/28 14:00\"",
            "",
        ] {
            assert_eq!(cclk(text), None, "{text}");
        }
    }

    #[test]
    fn one_source_alone_is_not_trusted_and_two_are() {
        let mut sources = comparison();
        let nitz = sources.take(reading(Source::Nitz, "2026-11-28T13:00:00Z"));
        let alone = Verdict {
            behind_s: 7_200,
            trust: Trust::Alone,
        };
        assert_eq!(nitz, Some(alone));
        let scts = sources.take(reading(Source::Scts, "2026-11-28T12:59:00Z"));
        let agreed = Verdict {
            behind_s: 7_140,
            trust: Trust::Agreed,
        };
        assert_eq!(scts, Some(agreed));
    }

    #[test]
    fn a_late_sms_says_nothing_and_disagreement_stays_alone() {
        let mut sources = comparison();
        assert_eq!(
            sources.take(reading(Source::Scts, "2026-11-25T11:00:00Z")),
            None
        );
        let nitz = sources.take(reading(Source::Nitz, NOW));
        assert_eq!(nitz.map(|verdict| verdict.trust), Some(Trust::Alone));
        let ahead = sources.take(reading(Source::Scts, "2026-11-28T12:00:00Z"));
        assert_eq!(ahead.map(|verdict| verdict.trust), Some(Trust::Alone));
    }

    #[test]
    fn no_time_before_the_earliest_is_believed() {
        let mut sources = comparison();
        assert_eq!(
            sources.take(reading(Source::Nitz, "2025-12-31T23:59:59Z")),
            None
        );
    }
}
