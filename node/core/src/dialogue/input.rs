//! Reads what a person typed: one function for each kind of answer, no knowledge of dialogues.

use std::collections::BTreeSet;

use channels_core::Msisdn;
use jiff::civil::Date;
use phonenumber::{Mode, country};

use super::refusal::{IDENTIFIER_CHARS_MAX, IDENTIFIER_CHARS_MIN, INPUT_CHARS_MAX, Refusal};
use crate::person::{BirthDate, NAME_CHARS_MAX};
use crate::programme::block::DateQuestion;

/// Trims an input and refuses what no question takes: too long, or with control characters.
pub(crate) fn clean(input: &str) -> Result<&str, Refusal> {
    let input = input.trim();
    if input.chars().nth(INPUT_CHARS_MAX).is_some() {
        return Err(Refusal::Long {
            limit: INPUT_CHARS_MAX,
        });
    }
    if input.chars().any(|c| c.is_control() || is_format_mark(c)) {
        return Err(Refusal::Text);
    }
    Ok(input)
}

/// Marks that steer display and hide in text: direction overrides, zero-width signs.
fn is_format_mark(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// A name: letters of any script, blanks, hyphens, apostrophes; blanks are made single.
pub(crate) fn name(input: &str) -> Result<String, Refusal> {
    let name = input
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(['\u{2019}', '\u{2018}', '\u{2bc}'], "'");
    if name.chars().nth(NAME_CHARS_MAX).is_some() {
        return Err(Refusal::Long {
            limit: NAME_CHARS_MAX,
        });
    }
    let good = |c: char| c.is_alphabetic() || is_letter_mark(c) || matches!(c, ' ' | '-' | '\'');
    if name.chars().any(char::is_alphabetic) && name.chars().all(good) {
        return Ok(name);
    }
    Err(Refusal::Name)
}

/// Marks that belong to letters: accents, vowel signs and viramas of the Indic, Thai, Lao,
/// Tibetan, Myanmar and Khmer scripts, points of Hebrew and Arabic.
fn is_letter_mark(c: char) -> bool {
    !c.is_numeric()
        && matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
            | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{963}' | '\u{981}'..='\u{df3}'
            | '\u{e31}'..='\u{e4e}' | '\u{eb1}'..='\u{ecd}' | '\u{f18}'..='\u{fbc}'
            | '\u{102b}'..='\u{103e}' | '\u{17b4}'..='\u{17d3}')
}

/// A telephone number, national (in `country`) or international; as E.164 with `+`.
pub(crate) fn phone(input: &str, country: country::Id) -> Result<String, Refusal> {
    let digits: String = input
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '/'))
        .collect();
    let digits = match digits.strip_prefix("00") {
        Some(international) => format!("+{international}"),
        None => digits,
    };
    let plain = digits.strip_prefix('+').unwrap_or(&digits);
    let size =
        channels_core::address::MSISDN_DIGITS_MIN..=channels_core::address::MSISDN_DIGITS_MAX;
    if !plain.chars().all(|c| c.is_ascii_digit()) || !size.contains(&plain.len()) {
        return Err(Refusal::Phone);
    }
    // Gateways and people leave the + out; the second reading tries it as if it stood there.
    [digits.clone(), format!("+{plain}")]
        .iter()
        .filter_map(|text| phonenumber::parse(Some(country), text).ok())
        .filter(phonenumber::is_valid)
        .map(|number| number.format().mode(Mode::E164).to_string())
        .find(|text| Msisdn::parse(text).is_ok())
        .ok_or(Refusal::Phone)
}

/// A code of another register: letters and digits, blanks and hyphens left out, capitals.
pub(crate) fn identifier(input: &str) -> Result<String, Refusal> {
    let code: String = input
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '/' | '.'))
        .collect();
    let length = code.chars().count();
    if code.chars().all(|c| c.is_ascii_alphanumeric())
        && (IDENTIFIER_CHARS_MIN..=IDENTIFIER_CHARS_MAX).contains(&length)
    {
        return Ok(code.to_ascii_uppercase());
    }
    Err(Refusal::Identifier)
}

/// A whole number within limits.
pub(crate) fn number(input: &str, min: u32, max: u32) -> Result<String, Refusal> {
    let number = if input.chars().all(|c| c.is_ascii_digit()) {
        input.parse().ok()
    } else {
        None
    };
    match number {
        Some(number) if (min..=max).contains(&number) => Ok(number.to_string()),
        _ => Err(Refusal::Number { min, max }),
    }
}

/// Places, from 0, of the choices whose numbers were typed: `13`, `1 3` and `1,3` are the same.
pub(crate) fn several(input: &str, count: usize) -> Result<BTreeSet<usize>, Refusal> {
    let digits: Vec<char> = input
        .chars()
        .filter(|c| !matches!(c, ' ' | ',' | '.' | '+' | '*'))
        .collect();
    let places: Option<BTreeSet<usize>> = digits
        .iter()
        .map(|digit| {
            let number = usize::try_from(digit.to_digit(10)?).ok()?;
            number.checked_sub(1).filter(|place| *place < count)
        })
        .collect();
    places
        .filter(|places| !places.is_empty())
        .ok_or(Refusal::Choices)
}

/// A day (`DDMMYYYY`, separators allowed) or, where the question takes it, a year; in ISO 8601.
///
/// `today` is `None` while the clock is unknown: then only the form is checked.
pub(crate) fn date(
    input: &str,
    question: &DateQuestion,
    today: Option<Date>,
) -> Result<String, Refusal> {
    let form = if question.year {
        Refusal::YearOrDay
    } else {
        Refusal::Day
    };
    let digits: String = input
        .chars()
        .filter(|c| !matches!(c, ' ' | '/' | '-' | '.'))
        .collect();
    let Some(date) = typed_date(&digits, question.year) else {
        return Err(form);
    };
    let Some(today) = today else {
        return Ok(date.to_iso());
    };
    let latest = years_before(today, question.years_min);
    let earliest = years_before(today, question.years_max);
    let (late, early) = match date {
        BirthDate::Day(day) => (day > latest, day < earliest),
        BirthDate::Year(year) => (year > latest.year(), year < earliest.year()),
    };
    let typed = |limit: Date| match date {
        BirthDate::Day(_) => limit.strftime("%d%m%Y").to_string(),
        BirthDate::Year(_) => limit.year().to_string(),
    };
    if late && question.years_min == 0 {
        return Err(Refusal::Future);
    }
    if late {
        return Err(Refusal::Recent {
            latest: typed(latest),
        });
    }
    if early {
        return Err(Refusal::Old {
            earliest: typed(earliest),
        });
    }
    Ok(date.to_iso())
}

fn typed_date(digits: &str, year_will_do: bool) -> Option<BirthDate> {
    if !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let part = |range: core::ops::Range<usize>| digits.get(range)?.parse::<i16>().ok();
    let year = match digits.len() {
        4 if year_will_do => part(0..4)?,
        8 => part(4..8)?,
        _ => return None,
    };
    if !(1900..=2100).contains(&year) {
        return None;
    }
    if digits.len() == 4 {
        return Some(BirthDate::Year(year));
    }
    let (day, month) = (
        i8::try_from(part(0..2)?).ok()?,
        i8::try_from(part(2..4)?).ok()?,
    );
    Date::new(year, month, day).ok().map(BirthDate::Day)
}

fn years_before(today: Date, years: u16) -> Date {
    use jiff::ToSpan;
    today.checked_sub(i64::from(years).years()).unwrap_or(today)
}
