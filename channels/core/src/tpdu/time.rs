//! Time stamps and relative validity (3GPP TS 23.040 §9.2.3.11, §9.2.3.12).
//!
//! A time stamp is kept as it came, because modems and networks without a clock send impossible
//! ones; whether a possible one is to be trusted is not decided here.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Two-digit years from here on are of the last century: clocks that start in 1980.
const OLD_YEARS_FROM: i16 = 80;
/// Seconds of a quarter of an hour, the unit of the zone.
const QUARTER_S: i32 = 900;
/// Seconds of five minutes, the first step of the validity.
const FIVE_MINUTES_S: u32 = 300;
const HALF_HOUR_S: u32 = 1_800;
const DAY_S: u32 = 86_400;

/// Seven semi-octet pairs: year, month, day, hour, minute, second, zone (TS 23.040 §9.2.3.11).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Scts(pub [u8; 7]);

impl Scts {
    /// The stamp of an instant in a zone of so many quarter hours east of UTC, −79 to 79;
    /// `None` when the instant has no two-digit year.
    pub fn of(instant: Timestamp, zone_quarters: i8) -> Option<Self> {
        let seconds = i32::from(zone_quarters).checked_mul(QUARTER_S)?;
        let local = Offset::from_seconds(seconds).ok()?.to_datetime(instant);
        if !(1900 + OLD_YEARS_FROM..2000 + OLD_YEARS_FROM).contains(&local.year()) {
            return None;
        }
        let year = i8::try_from(local.year() % 100).ok()?;
        let quarters = i8::try_from(zone_quarters.unsigned_abs()).ok()?;
        let sign = if zone_quarters < 0 { 0x08 } else { 0x00 };
        Some(Self([
            swapped(year)?,
            swapped(local.month())?,
            swapped(local.day())?,
            swapped(local.hour())?,
            swapped(local.minute())?,
            swapped(local.second())?,
            swapped(quarters).filter(|octet| octet & 0x08 == 0)? | sign,
        ]))
    }

    /// The wall clock's time at the SMSC; `None` when no such time exists.
    pub fn local(self) -> Option<DateTime> {
        let [year, month, day, hour, minute, second, _] = self.0;
        let year = i16::from(number(year)?);
        let century = if year < OLD_YEARS_FROM { 2000 } else { 1900 };
        DateTime::new(
            century + year,
            number(month)?,
            number(day)?,
            number(hour)?,
            number(minute)?,
            number(second)?,
            0,
        )
        .ok()
    }

    /// Quarter hours east of UTC, −79 to 79; the sign is bit 3 of the octet.
    pub fn zone_quarters(self) -> Option<i8> {
        let [.., zone] = self.0;
        let quarters = number(zone & !0x08)?;
        Some(if zone & 0x08 == 0 {
            quarters
        } else {
            -quarters
        })
    }

    /// The instant, from time and zone; `None` when either is impossible.
    pub fn instant(self) -> Option<Timestamp> {
        let seconds = i32::from(self.zone_quarters()?).checked_mul(QUARTER_S)?;
        let offset = Offset::from_seconds(seconds).ok()?;
        offset.to_timestamp(self.local()?).ok()
    }
}

/// Two decimal digits, the tens in the low half.
fn swapped(value: i8) -> Option<u8> {
    let value = u8::try_from(value).ok().filter(|value| *value < 100)?;
    Some((value / 10) | ((value % 10) << 4))
}

fn number(octet: u8) -> Option<i8> {
    let (tens, units) = (octet & 0x0F, octet >> 4);
    if tens > 9 || units > 9 {
        return None;
    }
    i8::try_from(tens * 10 + units).ok()
}

/// TP-VP in its relative form, one octet (TS 23.040 §9.2.3.12.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RelativeValidity(pub u8);

impl RelativeValidity {
    /// The longest period that is not longer than this, in seconds; never less than 5 minutes.
    ///
    /// A message that comes late is worse than one that is sent again, so it is rounded down.
    pub fn at_most(seconds: u32) -> Self {
        let fits = (0..=u8::MAX).rev().map(Self);
        fits.into_iter()
            .find(|validity| validity.seconds() <= seconds)
            .unwrap_or(Self(0))
    }

    /// Its length in seconds, 5 minutes to 63 weeks.
    pub fn seconds(self) -> u32 {
        let value = u32::from(self.0);
        match self.0 {
            0..=143 => (value + 1) * FIVE_MINUTES_S,
            144..=167 => DAY_S / 2 + (value - 143) * HALF_HOUR_S,
            168..=196 => (value - 166) * DAY_S,
            197..=255 => (value - 192) * 7 * DAY_S,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_zone_is_signed_quarter_hours() {
        // 2026-03-09 14:05:07 at +03:00, which is 12 quarter hours.
        let east = Scts([0x62, 0x30, 0x90, 0x41, 0x50, 0x70, 0x21]);
        assert_eq!(east.zone_quarters(), Some(12));
        assert_eq!(east.instant(), Some(at("2026-03-09T11:05:07Z")));
        assert_eq!(Scts::of(at("2026-03-09T11:05:07Z"), 12), Some(east));
        // The same wall clock at −04:30: 18 quarter hours, bit 3 set.
        let west = Scts([0x62, 0x30, 0x90, 0x41, 0x50, 0x70, 0x89]);
        assert_eq!(west.zone_quarters(), Some(-18));
        assert_eq!(west.instant(), Some(at("2026-03-09T18:35:07Z")));
        assert_eq!(Scts::of(at("2026-03-09T18:35:07Z"), -18), Some(west));
    }

    #[test]
    fn impossible_stamps_are_kept_and_give_no_time() {
        for octets in [
            [0; 7],
            [0xFF; 7],
            [0x62, 0x31, 0x90, 0x41, 0x50, 0x70, 0x21],
        ] {
            assert_eq!(Scts(octets).instant(), None);
        }
        let clockless = Scts([0x08, 0x10, 0x60, 0, 0, 0, 0]);
        assert_eq!(clockless.instant(), Some(at("1980-01-06T00:00:00Z")));
        assert_eq!(Scts::of(at("2080-01-01T00:00:00Z"), 0), None);
        assert_eq!(Scts::of(at("2026-01-01T00:00:00Z"), 80), None);
        assert_eq!(Scts::of(at("2026-01-01T00:00:00Z"), i8::MIN), None);
    }

    #[test]
    fn each_range_of_the_validity_has_its_step() {
        // TS 23.040 §9.2.3.12.1: the ends of the four ranges.
        let days = |days: u32| days * 86_400;
        for (octet, seconds) in [
            (0, 300),
            (143, 43_200),
            (144, 45_000),
            (167, 86_400),
            (168, days(2)),
            (196, days(30)),
            (197, days(35)),
            (255, days(441)),
        ] {
            assert_eq!(RelativeValidity(octet).seconds(), seconds);
            assert_eq!(RelativeValidity::at_most(seconds), RelativeValidity(octet));
        }
        assert_eq!(RelativeValidity::at_most(0), RelativeValidity(0));
        assert_eq!(
            RelativeValidity::at_most(days(2) - 1),
            RelativeValidity(167)
        );
        assert_eq!(RelativeValidity::at_most(u32::MAX), RelativeValidity(255));
    }

    proptest! {
        #[test]
        fn a_written_stamp_reads_back(second in 315_532_800_i64..3_400_000_000, zone in -79..80_i8) {
            let instant = Timestamp::from_second(second).unwrap();
            let scts = Scts::of(instant, zone);
            prop_assert_eq!(scts.and_then(Scts::instant), scts.map(|_| instant));
            prop_assert!(scts.is_some() || second < 315_700_000);
        }

        #[test]
        fn any_stamp_is_read_without_panic(octets: [u8; 7]) {
            let scts = Scts(octets);
            if let (Some(instant), Some(zone)) = (scts.instant(), scts.zone_quarters()) {
                let again = Scts::of(instant, zone);
                prop_assert_eq!(again.and_then(Scts::instant), Some(instant));
            }
        }
    }
}
