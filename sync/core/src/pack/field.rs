//! Values of fields: a codec by the field's schema, and a text for whatever does not fit it.
//!
//! Layout: `docs/protocols/packing.md` §5. A codec takes a value only when it gives exactly that
//! value back, so a value outside it costs more and is never refused.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::coder::{Coder, Prob};
use super::model::{Number, Recent, Tree};
use super::text::{Kind, Texts};

/// Most digits of a national number or of a running number; a codec with more takes nothing.
pub const DIGITS_MAX: u8 = 18;
/// First digits of a number that learn; those behind them are even.
const LEARNING_DIGITS: usize = 3;

/// How the values of one field are written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FieldCodec {
    /// A name of a person.
    Name,
    /// A code with letters, digits and signs.
    Code,
    /// One of these, by its index (at most 256 count): enums, flags, lists of places.
    Choice(Vec<String>),
    /// A day `YYYY-MM-DD` or a year `YYYY`, from 0000 to 9999.
    Date,
    /// A number in E.164 with `+`: this country code, and so many digits behind it.
    Phone {
        /// Digits of the country code.
        country: String,
        /// Digits of a national number, at most [`DIGITS_MAX`].
        digits: u8,
    },
    /// So many digits: a leased number by its place in the lease, another by its digits.
    Leased {
        /// Digits, at most [`DIGITS_MAX`].
        digits: u8,
    },
    /// A whole number without sign and leading zero.
    Integer,
}

/// The numbers leased to the writer of a run, in the order of use, as both ends know them.
pub type Lease<'a> = &'a [String];

/// The models of one field.
#[derive(Clone)]
pub(super) struct FieldModel {
    codec: Arc<FieldCodec>,
    /// Whether the field is there, under what came before.
    present: [Prob; 2],
    is_recent: [Prob; 2],
    recent: Recent<String>,
    fits: Prob,
    /// A year is all that is known.
    is_year: [Prob; 2],
    /// Numbers, under what came before.
    numbers: [Number; 2],
    choice: Tree,
    /// First digits, by place and digit before.
    digits: Vec<Tree>,
    is_next: Prob,
    is_leased: Prob,
    next_leased: usize,
}

/// What a value is read against.
pub(super) struct Place<'a> {
    /// Whether the entry before created a document: 1, else 0.
    pub(super) role: usize,
    /// Year of the entry's clock.
    pub(super) year: i64,
    pub(super) lease: Lease<'a>,
}

impl FieldModel {
    pub(super) fn new(codec: &FieldCodec, present: [u8; 2]) -> Self {
        let choices = match codec {
            FieldCodec::Choice(all) => all.len().min(256),
            _ => 0,
        };
        Self {
            codec: Arc::new(codec.clone()),
            present: present.map(|of| Prob::share(u64::from(of.clamp(1, 15)), 16, 2)),
            is_recent: [Prob::new(1 << 13, 1); 2],
            recent: Recent::new(Vec::new()),
            fits: Prob::new(62_000, 6),
            is_year: [Prob::new(1 << 14, 1); 2],
            numbers: [Number::around(6), Number::around(2)],
            choice: Tree::weighted(8, &vec![1; choices], 1),
            digits: vec![Tree::weighted(4, &[1; 10], 1); LEARNING_DIGITS * 11],
            is_next: Prob::new(60_000, 4),
            is_leased: Prob::new(50_000, 2),
            next_leased: 0,
        }
    }

    /// Writes or reads whether the field is there.
    pub(super) fn presence<C: Coder>(&mut self, coder: &mut C, role: usize, is: bool) -> bool {
        match self.present.get_mut(role) {
            Some(prob) => coder.bit(prob, is),
            None => false,
        }
    }

    /// Writes the value, or reads one.
    pub(super) fn value<C: Coder>(
        &mut self,
        coder: &mut C,
        texts: &mut AllTexts,
        place: &Place<'_>,
        value: &str,
    ) -> Option<String> {
        let position = self.recent.position(&value.to_owned());
        let is_recent = coder.bit(self.is_recent.get_mut(place.role)?, position.is_some());
        let value = if is_recent {
            let position = self.recent.code(coder, position.unwrap_or(0));
            self.recent.get(position)?.clone()
        } else {
            self.fresh(coder, texts, place, value)?
        };
        self.recent.note(value.clone());
        Some(value)
    }

    fn fresh<C: Coder>(
        &mut self,
        coder: &mut C,
        texts: &mut AllTexts,
        place: &Place<'_>,
        value: &str,
    ) -> Option<String> {
        let codec = Arc::clone(&self.codec);
        match &*codec {
            FieldCodec::Name => return texts.names.code(coder, value),
            FieldCodec::Code => return texts.codes.code(coder, value),
            _ => {}
        }
        if !coder.bit(&mut self.fits, fits(&codec, value)) {
            return texts.codes.code(coder, value);
        }
        match &*codec {
            FieldCodec::Name | FieldCodec::Code => None,
            FieldCodec::Choice(all) => {
                let index = all.iter().position(|it| it == value).unwrap_or(0);
                let index = self.choice.code(coder, u8::try_from(index).unwrap_or(0));
                all.get(usize::from(index)).cloned()
            }
            FieldCodec::Date => self.date(coder, place, value),
            FieldCodec::Phone { country, digits } => {
                let national = value.get(1 + country.len()..).unwrap_or("");
                let national = self.digits(coder, national, usize::from(*digits));
                Some(format!("+{country}{national}"))
            }
            FieldCodec::Leased { digits } => self.leased(coder, place, value, *digits),
            FieldCodec::Integer => {
                let model = self.numbers.get_mut(0)?;
                let number = model.code(coder, value.parse().unwrap_or(0));
                Some(number.to_string())
            }
        }
    }

    fn date<C: Coder>(&mut self, coder: &mut C, place: &Place<'_>, value: &str) -> Option<String> {
        let (year, month, day) = date(value).unwrap_or((0, 0, 0));
        let is_year = coder.bit(self.is_year.get_mut(place.role)?, month == 0);
        // Zigzag from the clock's year, so that past years are the even numbers.
        let age = place.year - year;
        let model = self.numbers.get_mut(place.role)?;
        let is_ahead = coder.split(1 << 10, age < 0);
        let age = model.code(coder, age.unsigned_abs());
        let age = i64::try_from(age).ok().filter(|it| *it <= 10_000)?;
        let year = place.year - if is_ahead { -age } else { age };
        if !(0..=9999).contains(&year) {
            return None;
        }
        if is_year {
            return Some(format!("{year:04}"));
        }
        let month = coder.uniform(12, month.saturating_sub(1)) + 1;
        let day = coder.uniform(31, day.saturating_sub(1)) + 1;
        Some(format!("{year:04}-{month:02}-{day:02}"))
    }

    fn leased<C: Coder>(
        &mut self,
        coder: &mut C,
        place: &Place<'_>,
        value: &str,
        digits: u8,
    ) -> Option<String> {
        let next = self.next_leased;
        let found = match place.lease.get(next) {
            Some(number) if number == value => Some(next),
            _ => place.lease.iter().position(|it| it == value),
        };
        let can = !place.lease.is_empty();
        if !can || !coder.bit(&mut self.is_leased, found.is_some()) {
            return Some(self.digits(coder, value, usize::from(digits)));
        }
        let index = found.unwrap_or(0);
        let index = if coder.bit(&mut self.is_next, index == next) {
            next
        } else {
            let range = u64::try_from(place.lease.len()).ok()?;
            let index = coder.uniform(range, u64::try_from(index).unwrap_or(0));
            usize::try_from(index).ok()?
        };
        self.next_leased = index.saturating_add(1);
        place.lease.get(index).cloned()
    }

    /// So many digits: the first ones learn, the rest is one even number.
    fn digits<C: Coder>(&mut self, coder: &mut C, value: &str, count: usize) -> String {
        let mut given = value.bytes().map(|it| it.saturating_sub(b'0'));
        let mut out = String::new();
        let mut before = 10_usize;
        for place in 0..count.min(LEARNING_DIGITS) {
            let digit = given.next().unwrap_or(0);
            let Some(tree) = self.digits.get_mut(place * 11 + before) else {
                return out;
            };
            let digit = tree.code(coder, digit).min(9);
            before = usize::from(digit);
            out.push(char::from(digit + b'0'));
        }
        let width = count.saturating_sub(LEARNING_DIGITS);
        let rest = given.fold(0_u64, |sum, digit| {
            sum.saturating_mul(10).saturating_add(u64::from(digit))
        });
        if width > 0 {
            let range = 10_u64.saturating_pow(u32::try_from(width).unwrap_or(u32::MAX));
            let rest = coder.uniform(range, rest.min(range - 1));
            let rest = rest.to_string();
            out.extend(core::iter::repeat_n('0', width.saturating_sub(rest.len())));
            out.push_str(&rest);
        }
        out
    }
}

/// Whether a codec gives exactly this value back.
fn fits(codec: &FieldCodec, value: &str) -> bool {
    let is_digits = |text: &str, count: u8| {
        count <= DIGITS_MAX
            && text.len() == usize::from(count)
            && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    match codec {
        FieldCodec::Name | FieldCodec::Code => true,
        FieldCodec::Choice(all) => all.iter().take(256).any(|it| it == value),
        FieldCodec::Date => date(value).is_some(),
        FieldCodec::Phone { country, digits } => value
            .strip_prefix('+')
            .and_then(|rest| rest.strip_prefix(country.as_str()))
            .is_some_and(|national| is_digits(national, *digits)),
        FieldCodec::Leased { digits } => is_digits(value, *digits),
        FieldCodec::Integer => value
            .parse::<u64>()
            .is_ok_and(|number| number.to_string() == value),
    }
}

/// Year, month and day; month and day 0 where only the year is known.
fn date(value: &str) -> Option<(i64, u64, u64)> {
    let number = |text: &str, width: usize| {
        let is_plain = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| text.parse::<u64>().ok()).flatten()
    };
    let mut parts = value.split('-');
    let year = i64::try_from(number(parts.next()?, 4)?).ok()?;
    let Some(month) = parts.next() else {
        return Some((year, 0, 0));
    };
    let month = number(month, 2).filter(|it| (1..=12).contains(it))?;
    let day = number(parts.next()?, 2).filter(|it| (1..=31).contains(it))?;
    parts.next().is_none().then_some((year, month, day))
}

/// The models of texts, shared by all fields.
#[derive(Clone)]
pub(super) struct AllTexts {
    pub(super) names: Texts,
    pub(super) codes: Texts,
}

impl AllTexts {
    pub(super) fn new() -> Self {
        Self {
            names: Texts::new(Kind::Name),
            codes: Texts::new(Kind::Code),
        }
    }
}
