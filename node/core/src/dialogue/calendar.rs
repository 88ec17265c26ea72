//! Calendars in which people say dates. Records keep ISO 8601; only typing and showing differ.
//!
//! The Ethiopian calendar (Amete Mihret) has twelve months of 30 days and Pagume with 5, or with
//! 6 in the year before a leap year of its own count: a fixed rule over day numbers, without
//! tables. A year or month without a day is not the same span in both: it is kept as the ISO year
//! or month in which most of it lies, so what was typed is shown again.

use jiff::civil::Date;
use jiff::{Span, Unit};
use serde::Deserialize;

/// Julian day number of 1 January 1970.
const UNIX_DAY: i64 = 2_440_588;
/// Julian day number of the day before 1 Meskerem of the year 1, less one year of 365 days.
const AMETE_MIHRET: i64 = 1_723_856;
/// Days of four Ethiopian years.
const FOUR_YEARS: i64 = 1_461;
/// Years between an ISO year and the Ethiopian year that most of it has from January on.
const YEARS_BEHIND: i16 = 8;
/// A day that stands for its month: most of an Ethiopian month lies in the ISO month of its 15th.
const MIDDLE: i8 = 15;

/// A calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// That of ISO 8601.
    #[default]
    Gregorian,
    /// That of Ethiopia, Amete Mihret.
    Ethiopian,
}

/// A date as it is said: year, month, day.
pub(crate) type Said = (i16, i8, i8);

impl Calendar {
    /// The day, if the calendar has it.
    pub(crate) fn to_iso(self, (year, month, day): Said) -> Option<Date> {
        match self {
            Self::Gregorian => Date::new(year, month, day).ok(),
            Self::Ethiopian => ethiopian_to_iso(year, month, day),
        }
    }

    /// How a day is said.
    pub(crate) fn said(self, date: Date) -> Said {
        match self {
            Self::Gregorian => (date.year(), date.month(), date.day()),
            Self::Ethiopian => ethiopian(date),
        }
    }

    /// The ISO year of a year that was said.
    pub(crate) fn year_to_iso(self, year: i16) -> i16 {
        match self {
            Self::Gregorian => year,
            Self::Ethiopian => year.saturating_add(YEARS_BEHIND),
        }
    }

    /// How an ISO year is said.
    pub(crate) fn year_said(self, year: i16) -> i16 {
        match self {
            Self::Gregorian => year,
            Self::Ethiopian => year.saturating_sub(YEARS_BEHIND),
        }
    }

    /// The ISO year and month of a month that was said, if the calendar has it.
    pub(crate) fn month_to_iso(self, year: i16, month: i8) -> Option<(i16, i8)> {
        // Pagume is shorter; its third day is there in every year.
        let day = if month == 13 { 3 } else { MIDDLE };
        let date = self.to_iso((year, month, day))?;
        Some((date.year(), date.month()))
    }

    /// How an ISO month is said: year and month.
    pub(crate) fn month_said(self, year: i16, month: i8) -> (i16, i8) {
        let middle = Date::new(year, month, 25).unwrap_or(Date::ZERO);
        match self {
            Self::Gregorian => (year, month),
            Self::Ethiopian => {
                let (year, month, _) = ethiopian(middle);
                (year, month)
            }
        }
    }

    /// Key of the name of a month.
    pub(crate) fn month_key(self, month: i8) -> String {
        match self {
            Self::Gregorian => format!("month-{month}"),
            Self::Ethiopian => format!("ethiopian-month-{month}"),
        }
    }
}

fn ethiopian_to_iso(year: i16, month: i8, day: i8) -> Option<Date> {
    let last = match month {
        1..=12 => 30,
        13 if year.rem_euclid(4) == 3 => 6,
        13 => 5,
        _ => return None,
    };
    if !(1..=last).contains(&day) || year < 1 {
        return None;
    }
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    // Every term is far below the range of i64.
    let number = AMETE_MIHRET + 365 * year + year.div_euclid(4) + 30 * month + day - 31;
    let days = Span::new().try_days(number - UNIX_DAY).ok()?;
    Date::constant(1970, 1, 1).checked_add(days).ok()
}

fn ethiopian(date: Date) -> Said {
    let since = Date::constant(1970, 1, 1).until((Unit::Day, date));
    let days = since.map_or(0, |span| i64::from(span.get_days()));
    let count = days + UNIX_DAY - AMETE_MIHRET;
    let rest = count.rem_euclid(FOUR_YEARS);
    let of_year = rest % 365 + 365 * (rest / 1_460);
    let year = 4 * count.div_euclid(FOUR_YEARS) + rest / 365 - rest / 1_460;
    let narrow = |number: i64| i8::try_from(number).unwrap_or(1);
    (
        i16::try_from(year).unwrap_or(i16::MAX),
        narrow(of_year / 30 + 1),
        narrow(of_year % 30 + 1),
    )
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    /// Days that are published in both calendars.
    const PAIRS: [(Said, &str); 10] = [
        ((1888, 6, 23), "1896-03-01"), // battle of Adwa
        ((1938, 3, 3), "1945-11-12"),  // Calendrical Calculations, appendix C
        ((1988, 6, 17), "1996-02-25"), // the same
        ((2000, 1, 1), "2007-09-12"),  // Ethiopian millennium
        ((2014, 1, 1), "2021-09-11"),
        ((2016, 1, 1), "2023-09-12"), // after a leap year
        ((2015, 13, 6), "2023-09-11"),
        ((2015, 4, 29), "2023-01-07"), // Christmas
        ((1986, 9, 9), "1994-05-17"),
        ((1999, 13, 5), "2007-09-10"),
    ];

    #[test]
    fn published_days_are_the_same_in_both_calendars() {
        for (said, iso) in PAIRS {
            let date: Date = iso.parse().unwrap();
            assert_eq!(Calendar::Ethiopian.said(date), said, "{iso}");
            assert_eq!(Calendar::Ethiopian.to_iso(said), Some(date), "{said:?}");
        }
    }

    #[test]
    fn every_day_of_two_centuries_comes_back_and_follows_the_one_before() {
        let mut date: Date = "1900-01-01".parse().unwrap();
        let mut before = Calendar::Ethiopian.said(date.yesterday().unwrap());
        while date.year() < 2101 {
            let said = Calendar::Ethiopian.said(date);
            assert_eq!(Calendar::Ethiopian.to_iso(said), Some(date));
            let (year, month, day) = before;
            let next = [
                (year, month, day + 1),
                (year, month + 1, 1),
                (year + 1, 1, 1),
            ];
            assert!(next.contains(&said), "{before:?} then {said:?}");
            before = said;
            date = date.checked_add(1.day()).unwrap();
        }
    }

    #[test]
    fn days_that_the_calendar_lacks_are_none() {
        for said in [
            (2016, 13, 6),
            (2016, 14, 1),
            (2016, 0, 1),
            (2016, 1, 31),
            (2016, 1, 0),
        ] {
            assert_eq!(Calendar::Ethiopian.to_iso(said), None, "{said:?}");
        }
        assert_eq!(Calendar::Gregorian.to_iso((2023, 2, 29)), None);
    }

    #[test]
    fn years_and_months_are_shown_as_they_were_said() {
        let calendar = Calendar::Ethiopian;
        for year in 1880..2090 {
            assert_eq!(calendar.year_said(calendar.year_to_iso(year)), year);
            for month in 1..=12 {
                let (iso_year, iso_month) = calendar.month_to_iso(year, month).unwrap();
                assert_eq!(calendar.month_said(iso_year, iso_month), (year, month));
            }
            // Pagume has no ISO month of its own; it is shown as the month behind it.
            let (iso_year, iso_month) = calendar.month_to_iso(year, 13).unwrap();
            assert_eq!(calendar.month_said(iso_year, iso_month), (year + 1, 1));
        }
        assert_eq!(calendar.month_to_iso(1986, 14), None);
    }
}
