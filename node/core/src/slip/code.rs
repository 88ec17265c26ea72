//! The short code: fourteen letters that fit any SMS and that nodes of one area check offline.
//!
//! 10 bits month, 20 bits chance, 35 bits of an HMAC under the key that the hub gave to the nodes of
//! the area, and a check letter that finds every single wrong letter and every swap of two. What it
//! proves is less than a slip: that some node of the area, or the hub, made it for this number and
//! birth year in that month. It names no node, every node of the area could make one, and outside
//! the area nobody can check it without asking.

use core::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ring::{digest, hmac};
use serde::{Deserialize, Serialize};

use super::{Claim, SlipId, base32};

/// Letters of a code, check letter included.
pub const CODE_LETTERS: usize = 14;
/// Longest text that is read as a code, in characters; a longer one is refused.
pub const CODE_CHARS_MAX: usize = 40;
/// Keys of one area that a code is tried with, newest first; older codes need a new one.
pub const CODE_KEYS_MAX: usize = 4;
/// First year whose months a code can name; with ten bits the last one is 2105.
const FIRST_YEAR: i16 = 2020;
const NONCE_BITS: u32 = 20;
const MAC_BITS: u32 = 35;

const CONTEXT: &[u8] = b"outpost.slip.code.1";
const NAMED: &[u8] = b"outpost.slip.code.id.1";

/// A key that the hub gives to the nodes of one area.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CodeKey(pub [u8; 32]);

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey")
    }
}

/// A short code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code {
    month: u16,
    nonce: u32,
    mac: u64,
}

/// Why a text is no code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CodeError {
    /// Not fourteen letters of ours.
    #[error("a code has {CODE_LETTERS} letters and digits")]
    Malformed,
    /// A letter is wrong, or two were swapped.
    #[error("a letter of the code is wrong")]
    Check,
}

/// Months since January 2020; 0 before, 1023 from April 2105 on.
pub fn month_of(at: Timestamp) -> u16 {
    let date = at.to_zoned(TimeZone::UTC).date();
    let years = i32::from(date.year()) - i32::from(FIRST_YEAR);
    let months = years * 12 + i32::from(date.month()) - 1;
    u16::try_from(months.clamp(0, 1_023)).unwrap_or_default()
}

impl Code {
    /// Makes a code; of `nonce`, which must be random, 20 bits count.
    pub fn issue(key: &CodeKey, claim: &Claim, programme: &str, month: u16, nonce: u32) -> Self {
        let code = Self {
            month: month & 1_023,
            nonce: nonce & ((1 << NONCE_BITS) - 1),
            mac: 0,
        };
        Self {
            mac: code.mac(key, claim, programme),
            ..code
        }
    }

    /// Reads what was typed: blanks, hyphens and small letters do not matter.
    ///
    /// # Errors
    /// [`CodeError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text.chars().count() > CODE_CHARS_MAX {
            return Err(CodeError::Malformed);
        }
        let values = base32::values(text).ok_or(CodeError::Malformed)?;
        let (check, body) = values.split_last().ok_or(CodeError::Malformed)?;
        if values.len() != CODE_LETTERS {
            return Err(CodeError::Malformed);
        }
        if check_letter(body) != *check {
            return Err(CodeError::Check);
        }
        let bits = |from: usize, count: usize| {
            let part = body.iter().skip(from).take(count);
            part.fold(0_u64, |held, value| (held << 5) | u64::from(*value))
        };
        Ok(Self {
            month: u16::try_from(bits(0, 2)).unwrap_or_default(),
            nonce: u32::try_from(bits(2, 4)).unwrap_or_default(),
            mac: bits(6, 7),
        })
    }

    /// The programme in which the claimed person was registered, among those known here; `None`
    /// when no key and programme fit.
    pub fn programme<'a>(
        &self,
        keys: &[CodeKey],
        claim: &Claim,
        programmes: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        let keys = || keys.iter().rev().take(CODE_KEYS_MAX);
        programmes
            .into_iter()
            .find(|programme| keys().any(|key| self.mac(key, claim, programme) == self.mac))
    }

    /// Its name on lists.
    pub fn id(&self) -> SlipId {
        let letters: String = self.values().into_iter().map(base32::letter).collect();
        let full = digest::digest(&digest::SHA256, &[NAMED, letters.as_bytes()].concat());
        let mut id = [0; 8];
        for (to, from) in id.iter_mut().zip(full.as_ref()) {
            *to = *from;
        }
        SlipId(id)
    }

    /// Month of issue as `2026-03`.
    pub fn month(&self) -> String {
        let year = i32::from(FIRST_YEAR) + i32::from(self.month / 12);
        format!("{year}-{:02}", self.month % 12 + 1)
    }

    fn mac(&self, key: &CodeKey, claim: &Claim, programme: &str) -> u64 {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key.0));
        context.update(CONTEXT);
        context.update(&self.month.to_be_bytes());
        context.update(&self.nonce.to_be_bytes());
        // The claim has digits and one stroke, so the blank ends it.
        context.update(&claim.secret());
        context.update(b" ");
        context.update(programme.as_bytes());
        let full = context.sign();
        let first = full.as_ref().first_chunk::<8>().copied();
        u64::from_be_bytes(first.unwrap_or_default()) >> (64 - MAC_BITS)
    }

    /// The thirteen values before the check letter.
    fn values(&self) -> Vec<u8> {
        let five = |value: u64, shift: u32| u8::try_from((value >> shift) & 31).unwrap_or_default();
        let month = [5, 0].map(|shift| five(u64::from(self.month), shift));
        let nonce = [15, 10, 5, 0].map(|shift| five(u64::from(self.nonce), shift));
        let mac = [30, 25, 20, 15, 10, 5, 0].map(|shift| five(self.mac, shift));
        [month.as_slice(), &nonce, &mac].concat()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.values();
        let check = check_letter(&values);
        for (at, value) in values.into_iter().chain([check]).enumerate() {
            if at == 4 || at == 9 {
                f.write_str("-")?;
            }
            write!(f, "{}", base32::letter(value))?;
        }
        Ok(())
    }
}

/// The sum of all values, each times its own power of 2 in the field of 32 elements: the powers
/// differ, so one wrong letter and any swap of two different ones change the sum.
fn check_letter(values: &[u8]) -> u8 {
    values
        .iter()
        .fold(0, |sum, value| twice(sum ^ (value & 31)))
}

/// Twice a value in the field over x⁵ + x² + 1.
fn twice(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 32 == 0 {
        shifted
    } else {
        shifted ^ 0b10_0101
    }
}
