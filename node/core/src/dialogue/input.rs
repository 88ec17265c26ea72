//! Reads what a person typed: one function for each kind of answer, no knowledge of dialogues.

use std::collections::BTreeSet;

use channels_core::Msisdn;
use phonenumber::{Mode, country};

use super::refusal::{IDENTIFIER_CHARS_MAX, IDENTIFIER_CHARS_MIN, INPUT_CHARS_MAX, Refusal};
use crate::number;
use crate::person::NAME_CHARS_MAX;
use crate::programme::definition::Currency;

/// Fewest digits of a PIN; shorter ones are refused.
pub(crate) const PIN_DIGITS_MIN: usize = 4;
/// Most digits of a PIN; longer ones are refused.
pub(crate) const PIN_DIGITS_MAX: usize = 6;

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

/// A number within limits, whole or with as many decimals as the question takes.
pub(crate) fn number(input: &str, limits: (u32, u32), decimals: u8) -> Result<String, Refusal> {
    let (min, max) = limits;
    let wrong = Refusal::Number { min, max };
    let unit = power_of_ten(decimals);
    let Some(scaled) = scaled(input, decimals) else {
        return Err(wrong);
    };
    let range = u64::from(min).saturating_mul(unit)..=u64::from(max).saturating_mul(unit);
    if range.contains(&scaled) {
        Ok(decimal(scaled, decimals, false))
    } else {
        Err(wrong)
    }
}

/// An amount of money, in units of the currency; as minor units.
pub(crate) fn money(
    input: &str,
    (min, max): (u64, u64),
    currency: &Currency,
) -> Result<String, Refusal> {
    match scaled(input, currency.decimals) {
        Some(amount) if (min..=max).contains(&amount) => Ok(amount.to_string()),
        _ => Err(Refusal::Amount {
            min: decimal(min, currency.decimals, false),
            max: decimal(max, currency.decimals, false),
        }),
    }
}

/// An amount in minor units as people read it: `12500 UGX`, `12.50 KES`.
pub(crate) fn money_shown(minor: &str, currency: &Currency) -> String {
    let amount = minor.parse().ok();
    let amount = amount.map(|amount| decimal(amount, currency.decimals, true));
    format!("{} {}", amount.as_deref().unwrap_or(minor), currency.code)
}

/// Digits with at most so many decimals behind one point or comma, times ten to their power.
///
/// Signs that part thousands are not taken: `1.500` would be two different amounts.
fn scaled(input: &str, decimals: u8) -> Option<u64> {
    let (whole, fraction) = input.split_once(['.', ',']).unwrap_or((input, ""));
    let places = usize::from(decimals);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let has_point = whole.len() < input.len();
    let good = !whole.is_empty()
        && digits(whole)
        && digits(fraction)
        && fraction.len() <= places
        && has_point != fraction.is_empty();
    if !good {
        return None;
    }
    let padded = format!("{whole}{fraction:0<places$}");
    padded.parse().ok()
}

/// The number without its scale; all decimals or only those that say something.
fn decimal(scaled: u64, decimals: u8, all: bool) -> String {
    let unit = power_of_ten(decimals);
    let (whole, rest) = (scaled / unit.max(1), scaled % unit.max(1));
    if decimals == 0 || rest == 0 && !all {
        return whole.to_string();
    }
    let places = usize::from(decimals);
    let text = format!("{whole}.{rest:0places$}");
    if all {
        return text;
    }
    text.trim_end_matches('0').to_owned()
}

fn power_of_ten(decimals: u8) -> u64 {
    10_u64.checked_pow(decimals.into()).unwrap_or(1)
}

/// A registration number: 10 or 12 digits, of which the last one proves the others.
pub(crate) fn registration_number(input: &str) -> Result<String, Refusal> {
    let digits: String = input
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.'))
        .collect();
    let lengths = [number::NUMBER_DIGITS, number::LONG_NUMBER_DIGITS];
    let formed = digits.bytes().all(|byte| byte.is_ascii_digit());
    if !formed || !lengths.contains(&digits.len()) {
        return Err(Refusal::RegistrationNumber);
    }
    if number::is_valid(&digits) {
        Ok(digits)
    } else {
        Err(Refusal::CheckDigit)
    }
}

/// A secret number: digits alone. It goes to the next command and nowhere else.
pub(crate) fn pin(input: &str) -> Result<String, Refusal> {
    let length = (PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&input.len());
    if length && input.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(input.to_owned());
    }
    Err(Refusal::Pin)
}

/// The input with the digits of other scripts (Arabic, Persian, Devanagari, Bengali) in ASCII, as
/// long as it holds no letter: keypads in those scripts type them.
pub(crate) fn plain_digits(typed: &str) -> String {
    if typed.chars().any(char::is_alphabetic) {
        return typed.to_owned();
    }
    let zeros = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}'];
    let plain = |c: char| {
        zeros.iter().find_map(|zero| {
            let distance = u32::from(c).checked_sub(u32::from(*zero))?;
            char::from_digit(distance, 10)
        })
    };
    typed.chars().map(|c| plain(c).unwrap_or(c)).collect()
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
