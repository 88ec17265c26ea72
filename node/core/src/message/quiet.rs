//! Quiet hours by the recipient's zone (CH19).
//!
//! A zone is the fixed offset of the recipient's country, read from the number; where a country has
//! several, or changes its clocks, the offset of the place that sends is taken. With a clock that
//! nobody vouches for nobody knows whether it is night: then only emergency and direct answers go.

use channels_core::Msisdn;
use serde::{Deserialize, Serialize};
use sync_core::ClockQuality;

use crate::contact::Moment;
use crate::view::MessageClass;

/// Minutes of a day.
const DAY_MIN: i64 = 24 * 60;
/// How long after the person's own act a money message may leave at night, in milliseconds.
pub const MONEY_FRESH_MS: i64 = 600_000;
/// Largest offset from UTC, in quarter hours: 14 h.
const QUARTERS_MAX: i16 = 56;
/// What is added to an offset in quarter hours so that it is above 0.
const QUARTERS_BASE: i16 = 57;

/// Between which times of day people are left alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct QuietHours {
    /// First quiet minute of the day, 0–1439.
    pub from_min: u16,
    /// First minute that is not quiet any more, 0–1439.
    pub until_min: u16,
}

impl Default for QuietHours {
    /// 21:00 to 07:00.
    fn default() -> Self {
        Self {
            from_min: 21 * 60,
            until_min: 7 * 60,
        }
    }
}

/// The clock of a recipient as the store keeps it, 0–113; 0 = quiet hours do not apply.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Zone(pub u8);

impl Zone {
    /// Never waits.
    pub const ANY_TIME: Self = Self(0);

    /// A zone by its offset from UTC in minutes; beyond ±14 h the nearest one.
    pub fn of_offset(minutes: i16) -> Self {
        let quarters = (minutes / 15).clamp(-QUARTERS_MAX, QUARTERS_MAX);
        Self(u8::try_from(quarters.saturating_add(QUARTERS_BASE)).unwrap_or(0))
    }

    /// The zone of a number: that of its country, else that of the place that sends.
    pub fn of_number(number: &Msisdn, own_offset_min: i16) -> Self {
        let parsed = phonenumber::parse(None, number.to_e164()).ok();
        let country = parsed.as_ref().and_then(|parsed| parsed.country().id());
        let offset = country.and_then(|id| offset_min(id.as_ref()));
        Self::of_offset(offset.unwrap_or(own_offset_min))
    }

    fn offset_min(self) -> i64 {
        (i64::from(self.0) - i64::from(QUARTERS_BASE)).saturating_mul(15)
    }
}

/// Offsets of countries with one clock all year, in minutes from UTC.
const OFFSETS: [(i16, &[&str]); 12] = [
    (-300, &["PE", "CO", "EC", "HT"]),
    (-240, &["BO", "DO", "VE"]),
    (
        0,
        &[
            "GH", "SN", "GM", "GN", "SL", "LR", "CI", "ML", "BF", "TG", "MR",
        ],
    ),
    (
        60,
        &[
            "NG", "CM", "TD", "NE", "BJ", "AO", "GA", "CG", "CF", "TN", "DZ",
        ],
    ),
    (
        120,
        &[
            "RW", "BI", "MW", "MZ", "ZM", "ZW", "BW", "ZA", "LS", "SZ", "NA", "SD", "SS",
        ],
    ),
    (
        180,
        &["UG", "KE", "TZ", "ET", "SO", "DJ", "ER", "MG", "YE", "IQ"],
    ),
    (300, &["PK", "UZ", "TJ"]),
    (330, &["IN", "LK"]),
    (345, &["NP"]),
    (360, &["BD", "BT", "KG"]),
    (420, &["KH", "LA", "TH", "VN"]),
    (480, &["PH", "CN", "MY"]),
];

fn offset_min(country: &str) -> Option<i16> {
    OFFSETS
        .iter()
        .find(|(_, countries)| countries.contains(&country))
        .map(|(offset, _)| *offset)
}

/// What may leave now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    /// Everything.
    Open,
    /// Only what was queued in the last [`MONEY_FRESH_MS`].
    Fresh,
    /// Nothing.
    Shut,
}

/// Whether messages of a class to a zone may leave at a moment; `hours` = `None`: no quiet hours.
pub fn gate(class: MessageClass, zone: Zone, hours: Option<QuietHours>, now: Moment) -> Gate {
    let Some(hours) = hours else {
        return Gate::Open;
    };
    if class == MessageClass::Emergency || zone == Zone::ANY_TIME {
        return Gate::Open;
    }
    if matches!(now.quality, ClockQuality::Fake | ClockQuality::Unknown) {
        return Gate::Shut;
    }
    if !is_quiet(zone, hours, now) {
        return Gate::Open;
    }
    if class == MessageClass::Money {
        Gate::Fresh
    } else {
        Gate::Shut
    }
}

fn is_quiet(zone: Zone, hours: QuietHours, now: Moment) -> bool {
    let minute = now
        .at
        .as_second()
        .div_euclid(60)
        .saturating_add(zone.offset_min())
        .rem_euclid(DAY_MIN);
    let (from, until) = (i64::from(hours.from_min), i64::from(hours.until_min));
    if from <= until {
        (from..until).contains(&minute)
    } else {
        minute >= from || minute < until
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str, quality: ClockQuality) -> Moment {
        Moment {
            at: text.parse().unwrap(),
            quality,
        }
    }

    fn check(class: MessageClass, zone: Zone, time: &str, expected: Gate) {
        let hours = Some(QuietHours::default());
        let now = at(time, ClockQuality::Ntp);
        assert_eq!(gate(class, zone, hours, now), expected, "{class:?} {time}");
    }

    #[test]
    fn the_zone_is_that_of_the_recipients_country() {
        let own = 60;
        for (number, offset) in [
            ("+256770000001", 180),
            ("+233201234567", 0),
            ("+9779812345678", 345),
            ("+14155550100", own),
        ] {
            let number = Msisdn::parse(number).unwrap();
            assert_eq!(Zone::of_number(&number, own), Zone::of_offset(offset));
        }
    }

    #[test]
    fn people_are_left_alone_from_nine_to_seven_by_their_own_clock() {
        let uganda = Zone::of_offset(180);
        let health = MessageClass::Health;
        check(health, uganda, "2026-03-14T17:59:59Z", Gate::Open);
        check(health, uganda, "2026-03-14T18:00:00Z", Gate::Shut);
        check(health, uganda, "2026-03-14T03:59:59Z", Gate::Shut);
        check(health, uganda, "2026-03-14T04:00:00Z", Gate::Open);
        check(
            health,
            Zone::of_offset(0),
            "2026-03-14T18:00:00Z",
            Gate::Open,
        );
        check(
            MessageClass::Money,
            uganda,
            "2026-03-14T20:00:00Z",
            Gate::Fresh,
        );
        check(
            MessageClass::Emergency,
            uganda,
            "2026-03-14T20:00:00Z",
            Gate::Open,
        );
        check(health, Zone::ANY_TIME, "2026-03-14T20:00:00Z", Gate::Open);
    }

    #[test]
    fn a_clock_that_nobody_vouches_for_lets_only_emergency_and_answers_go() {
        let hours = Some(QuietHours::default());
        let noon = "2026-03-14T09:00:00Z";
        for quality in [ClockQuality::Unknown, ClockQuality::Fake] {
            let now = at(noon, quality);
            let zone = Zone::of_offset(180);
            assert_eq!(gate(MessageClass::Money, zone, hours, now), Gate::Shut);
            assert_eq!(gate(MessageClass::Emergency, zone, hours, now), Gate::Open);
            let any = Zone::ANY_TIME;
            assert_eq!(gate(MessageClass::Health, any, hours, now), Gate::Open);
            assert_eq!(gate(MessageClass::Health, zone, None, now), Gate::Open);
        }
    }

    proptest! {
        #[test]
        fn ten_hours_of_every_day_are_quiet_in_every_zone(quarters in -56_i16..=56, day in 0_i64..20_000) {
            let zone = Zone::of_offset(quarters * 15);
            let quiet = (0..24 * 60)
                .filter(|minute| {
                    let at = jiff::Timestamp::from_second((day * 24 * 60 + minute) * 60).unwrap();
                    let now = Moment { at, quality: ClockQuality::Ntp };
                    is_quiet(zone, QuietHours::default(), now)
                })
                .count();
            prop_assert_eq!(quiet, 600);
        }
    }
}
