//! Dates as people type them and see them: a day, a month or a year, in the calendar of the language.
//!
//! Typed as digits: `DDMMYYYY`, `MMYYYY`, `YYYY`; kept in ISO 8601 with as much as is known:
//! `1994-05-17`, `1994-05`, `1994`. Which of them a question takes, and how long ago it may be, is
//! the question's.

use jiff::civil::Date;

use super::calendar::{Calendar, Said};
use super::refusal::Refusal;
use crate::programme::block::DateQuestion;

/// A date as precisely as the person knows it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Partial {
    /// A year.
    Year(i16),
    /// A year and a month.
    Month(i16, i8),
    /// A day.
    Day(Date),
}

impl Partial {
    /// ISO 8601.
    pub(crate) fn to_iso(self) -> String {
        match self {
            Self::Year(year) => format!("{year:04}"),
            Self::Month(year, month) => format!("{year:04}-{month:02}"),
            Self::Day(date) => date.to_string(),
        }
    }

    /// Reads [`Self::to_iso`] back; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.len() {
            4 => text.parse().ok().map(Self::Year),
            7 => {
                let (year, month) = text.split_once('-')?;
                let first = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
                Some(Self::Month(first.year(), first.month()))
            }
            _ => text.parse().ok().map(Self::Day),
        }
    }

    /// The first day that it can be.
    pub(crate) fn first(self) -> Option<Date> {
        match self {
            Self::Year(year) => Date::new(year, 1, 1).ok(),
            Self::Month(year, month) => Date::new(year, month, 1).ok(),
            Self::Day(date) => Some(date),
        }
    }

    /// The same, no more precisely than the other.
    fn as_precise_as(self, other: Self) -> Self {
        match (self, other) {
            (Self::Day(date), Self::Month(..)) => Self::Month(date.year(), date.month()),
            (Self::Day(date), Self::Year(_)) => Self::Year(date.year()),
            _ => self,
        }
    }

    /// As it would be typed.
    pub(crate) fn typed(self, calendar: Calendar) -> String {
        match self {
            Self::Year(year) => format!("{:04}", calendar.year_said(year)),
            Self::Month(year, month) => {
                let (year, month) = calendar.month_said(year, month);
                format!("{month:02}{year:04}")
            }
            Self::Day(date) => {
                let (year, month, day) = calendar.said(date);
                format!("{day:02}{month:02}{year:04}")
            }
        }
    }
}

/// Reads a date for a question; in ISO 8601.
///
/// `today` is `None` while the clock is unknown: then only the form is checked.
pub(crate) fn read(
    input: &str,
    question: &DateQuestion,
    calendar: Calendar,
    today: Option<Date>,
) -> Result<String, Refusal> {
    let digits: String = input
        .chars()
        .filter(|c| !matches!(c, ' ' | '/' | '-' | '.'))
        .collect();
    let Some(date) = typed_date(&digits, question, calendar) else {
        return Err(Refusal::date_form(question, calendar));
    };
    let Some(today) = today else {
        return Ok(date.to_iso());
    };
    let bound = |day| Partial::Day(day).as_precise_as(date);
    let limit = |years: u16| bound(years_before(today, years));
    let (mut latest, earliest) = (limit(question.years_min), limit(question.years_max));
    if question.days_ahead > 0 {
        latest = bound(days_after(today, question.days_ahead));
    }
    if date.first() > latest.first() && question.days_ahead > 0 {
        return Err(Refusal::Ahead {
            latest: latest.typed(calendar),
        });
    }
    if date.first() > latest.first() && question.years_min == 0 {
        return Err(Refusal::Future);
    }
    if date.first() > latest.first() {
        return Err(Refusal::Recent {
            latest: latest.typed(calendar),
        });
    }
    if date.first() < earliest.first() {
        return Err(Refusal::Old {
            earliest: earliest.typed(calendar),
        });
    }
    Ok(date.to_iso())
}

fn typed_date(digits: &str, question: &DateQuestion, calendar: Calendar) -> Option<Partial> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |range: core::ops::Range<usize>| digits.get(range)?.parse::<i16>().ok();
    let small = |range| i8::try_from(part(range)?).ok();
    let date = match digits.len() {
        4 if question.year => Partial::Year(calendar.year_to_iso(part(0..4)?)),
        6 if question.month => {
            let (year, month) = calendar.month_to_iso(part(2..6)?, small(0..2)?)?;
            Partial::Month(year, month)
        }
        8 => {
            let said: Said = (part(4..8)?, small(2..4)?, small(0..2)?);
            Partial::Day(calendar.to_iso(said)?)
        }
        _ => return None,
    };
    let year = date.first()?.year();
    (1900..=2100).contains(&year).then_some(date)
}

fn years_before(today: Date, years: u16) -> Date {
    use jiff::ToSpan;
    today.checked_sub(i64::from(years).years()).unwrap_or(today)
}

fn days_after(today: Date, days: u16) -> Date {
    use jiff::ToSpan;
    today.checked_add(i64::from(days).days()).unwrap_or(today)
}
