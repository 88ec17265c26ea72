//! Whether a condition holds, and what a formula comes to, for the answers of a session.

use jiff::civil::Date;
use jiff::{Span, Unit};

use super::date::Partial;
use super::session::Session;
use crate::programme::condition::{Condition, Formula, TimeUnit};

/// Decimals that are kept of a number, so that sums of money and weights are exact.
const SCALE: u32 = 3;

/// Whether a condition holds.
pub(super) fn holds(session: &Session, condition: &Condition) -> bool {
    let own = condition.answer.as_ref().is_none_or(|name| {
        let content = session.content(name);
        let is = |text: &String| content == Some(text.as_str());
        let among = |text: &String| {
            content.is_some_and(|content| content.split(' ').any(|part| part == text))
        };
        let compared = |bound: &Option<String>, wanted| {
            bound.as_ref().is_none_or(|bound| {
                let bound = match bound.strip_prefix('$') {
                    Some(name) => session.content(name),
                    None => Some(bound.as_str()),
                };
                compare(content, bound) == Some(wanted)
            })
        };
        let given = content.is_some_and(|content| !content.is_empty());
        condition.is.as_ref().is_none_or(is)
            && (condition.one_of.as_ref()).is_none_or(|all| all.iter().any(is))
            && condition.has.as_ref().is_none_or(among)
            && compared(&condition.less, core::cmp::Ordering::Less)
            && compared(&condition.more, core::cmp::Ordering::Greater)
            && condition.given.is_none_or(|wanted| wanted == given)
    });
    own && condition.all.iter().all(|part| holds(session, part))
        && (condition.any.is_empty() || condition.any.iter().any(|part| holds(session, part)))
        && condition
            .not
            .as_ref()
            .is_none_or(|part| !holds(session, part))
}

fn compare(content: Option<&str>, bound: Option<&str>) -> Option<core::cmp::Ordering> {
    let (content, bound) = (content?, bound?);
    // A bare year is a number and a date alike, and compares the same as both.
    match (number(content), number(bound)) {
        (Some(content), Some(bound)) => Some(content.cmp(&bound)),
        _ => Some(day(content)?.cmp(&day(bound)?)),
    }
}

/// What a formula comes to; `None` when an operand is missing or is nothing that counts.
pub(super) fn result(session: &Session, formula: &Formula, today: Option<Date>) -> Option<String> {
    let content = |name: &str| match name.parse::<i64>() {
        Ok(_) => Some(name.to_owned()),
        Err(_) => session.content(name).map(str::to_owned),
    };
    let amount = |name: &String| number(&content(name)?);
    let date = |name: &str| day(&content(name)?);
    match formula {
        Formula::Sum(names) => {
            let mut sum = 0_i64;
            for name in names {
                sum = sum.checked_add(amount(name)?)?;
            }
            Some(shown(sum))
        }
        Formula::Difference(names) => match names.as_slice() {
            [from, less] => Some(shown(amount(from)?.checked_sub(amount(less)?)?)),
            _ => None,
        },
        Formula::Age(span) => whole(date(&span.of)?, today?, span.unit),
        Formula::Between(span) => whole(date(&span.from)?, date(&span.to)?, span.unit),
        Formula::DaysAfter(after) => {
            let days = Span::new().try_days(after.days).ok()?;
            Some(date(&after.of)?.checked_add(days).ok()?.to_string())
        }
    }
}

/// Whole units from one day to another; negative when the other is earlier.
fn whole(from: Date, to: Date, unit: TimeUnit) -> Option<String> {
    let in_unit = |unit| from.until((unit, to)).ok();
    let count = match unit {
        TimeUnit::Days => in_unit(Unit::Day)?.get_days(),
        TimeUnit::Weeks => in_unit(Unit::Day)?.get_days() / 7,
        TimeUnit::Months => in_unit(Unit::Month)?.get_months(),
        TimeUnit::Years => i32::from(in_unit(Unit::Year)?.get_years()),
    };
    Some(count.to_string())
}

fn day(text: &str) -> Option<Date> {
    Partial::parse(text)?.first()
}

/// A number in thousandths.
fn number(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let places = usize::try_from(SCALE).ok()?;
    let good = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !good(whole) || !good(fraction) || fraction.len() > places {
        return None;
    }
    let scaled: i64 = format!("{whole}{fraction:0<places$}").parse().ok()?;
    scaled.checked_mul(sign)
}

fn shown(scaled: i64) -> String {
    let unit = 10_i64.pow(SCALE);
    let (whole, rest) = (scaled / unit, (scaled % unit).abs());
    let sign = if scaled < 0 && whole == 0 { "-" } else { "" };
    let text = format!("{sign}{whole}.{rest:03}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
