//! USSD strings and their data coding scheme (3GPP TS 23.038 §5, §6.1.2.3).
//!
//! The scheme is the one of cell broadcast, which differs from that of short messages. We send
//! 0x0F (GSM-7) and 0x48 (UCS-2) and read every value. Networks and modems name a wrong scheme at
//! times; a string that cannot be what its scheme says, but is whole in another, is read as that
//! and marked. Sessions, and the way a modem quotes strings, are not here.

use core::fmt;

use crate::gsm7::{self, Encoding, packing};
use crate::segment::{self, udh};

/// Most octets of a USSD string (TS 24.080 §3.6, TS 22.090 §4); longer ones are refused.
pub const USSD_OCTETS_MAX: usize = 160;

/// Most control characters that a text may hold for each 16 of its characters.
const CONTROLS_IN_16_MAX: usize = 1;
/// Fewest UTF-16 units that are taken for UCS-2 against the scheme's word.
const UNITS_MIN: usize = 3;

/// Fewest octets that are taken for unpacked characters against the scheme's word.
const UNPACKED_MIN: usize = 8;

/// Which units the string is made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Form {
    /// Packed septets of the default alphabet.
    Gsm7,
    /// Packed septets after three characters that name the language (0x10).
    Gsm7AfterLanguage,
    /// 8-bit data, shown as ISO 8859-1.
    Octets,
    /// UCS-2.
    Ucs2,
    /// UCS-2 after two octets that name the language (0x11).
    Ucs2AfterLanguage,
    /// Compressed text, which nothing here unpacks.
    Compressed,
}

/// The data coding scheme of a USSD string; every octet has a meaning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CbsDcs(pub u8);

impl CbsDcs {
    /// GSM-7, language unspecified: what we send where a text fits the default alphabet.
    pub const GSM7: Self = Self(0x0F);
    /// UCS-2 without class: what we send otherwise.
    pub const UCS2: Self = Self(0x48);

    /// The form of the string; reserved values are read as GSM-7 (TS 23.038 §5).
    pub fn form(self) -> Form {
        match self.0 {
            0x10 => Form::Gsm7AfterLanguage,
            0x11 => Form::Ucs2AfterLanguage,
            0x40..=0x7F if self.0 & 0x20 != 0 => Form::Compressed,
            0x40..=0x7F | 0x90..=0x9F => match self.0 & 0x0C {
                0x04 => Form::Octets,
                0x08 => Form::Ucs2,
                _ => Form::Gsm7,
            },
            0xF0..=0xFF if self.0 & 0x04 != 0 => Form::Octets,
            _ => Form::Gsm7,
        }
    }

    /// Whether the string begins with a user data header (group 1001).
    pub fn has_udh(self) -> bool {
        self.0 & 0xF0 == 0x90
    }
}

/// A string on its way to a network.
#[derive(Clone, PartialEq, Eq)]
pub struct UssdString {
    /// The scheme.
    pub dcs: CbsDcs,
    /// The octets.
    pub octets: Vec<u8>,
}

/// A string that was read.
#[derive(Clone, PartialEq, Eq)]
pub struct UssdText {
    /// The words.
    pub text: String,
    /// The language that the string itself names, two letters of ISO 639.
    pub language: Option<[char; 2]>,
    /// The form that it was read in, when that is not what its scheme says; to be logged.
    pub instead: Option<Form>,
}

/// A text takes more octets than one USSD string has; surfaces where a screen is rendered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("USSD string takes {got} octets, the limit is {limit}")]
pub struct TooLong {
    /// Octets that it takes.
    pub got: usize,
    /// Octets that it may take.
    pub limit: usize,
}

/// Writes a text as a string of at most `octets_max` octets, never more than
/// [`USSD_OCTETS_MAX`]: packed GSM-7 where it fits the default alphabet, else UCS-2.
///
/// # Errors
/// [`TooLong`] with both numbers.
pub fn encode(text: &str, octets_max: usize) -> Result<UssdString, TooLong> {
    let (dcs, octets) = match gsm7::encode(text) {
        Some(septets) => (CbsDcs::GSM7, packing::pack_ussd(&septets)),
        None => (CbsDcs::UCS2, ucs2(text)),
    };
    let limit = octets_max.min(USSD_OCTETS_MAX);
    let got = octets.len();
    if got > limit {
        return Err(TooLong { got, limit });
    }
    Ok(UssdString { dcs, octets })
}

/// Reads a string of a peer that may name a wrong scheme; never fails. What the form lacks shows
/// as U+FFFD.
pub fn decode(dcs: CbsDcs, octets: &[u8]) -> UssdText {
    let (header, body) = parts(dcs, octets);
    let instead = match dcs.form() {
        Form::Gsm7 if header == 0 => against_gsm7(body),
        Form::Ucs2 => against_ucs2(body),
        _ => None,
    };
    let (text, language) = read(instead.unwrap_or(dcs.form()), body, header);
    UssdText {
        text,
        language,
        instead,
    }
}

/// Reads a string of a peer that knows its schemes, such as the core of an own cell; never fails.
pub fn decode_as_said(dcs: CbsDcs, octets: &[u8]) -> UssdText {
    let (header, body) = parts(dcs, octets);
    let (text, language) = read(dcs.form(), body, header);
    UssdText {
        text,
        language,
        instead: None,
    }
}

/// Octets of a user data header, and what follows it.
fn parts(dcs: CbsDcs, octets: &[u8]) -> (usize, &[u8]) {
    if dcs.has_udh() {
        with_header(octets)
    } else {
        (0, octets)
    }
}

/// Octets of a header that fits, and what follows it; no header where none fits.
fn with_header(octets: &[u8]) -> (usize, &[u8]) {
    let payload = udh::parse(octets).payload;
    (octets.len().saturating_sub(payload.len()), payload)
}

fn read(form: Form, octets: &[u8], header: usize) -> (String, Option<[char; 2]>) {
    match form {
        Form::Gsm7 if header > 0 => {
            let fill = udh::fill_bits(header);
            let bits = octets.len().saturating_mul(8);
            let count = bits.saturating_sub(usize::from(fill)) / 7;
            (gsm7::decode(&packing::unpack(octets, count, fill)), None)
        }
        Form::Gsm7 => (gsm7::decode(&packing::unpack_ussd(octets)), None),
        Form::Gsm7AfterLanguage => {
            let septets = packing::unpack_ussd(octets);
            // TS 23.038 §5: two letters and a carriage return.
            match septets.split_first_chunk::<3>() {
                Some(([first, second, 0x0D], text)) => {
                    (gsm7::decode(text), language(*first, *second))
                }
                _ => (gsm7::decode(&septets), None),
            }
        }
        Form::Ucs2AfterLanguage => match octets.split_first_chunk::<2>() {
            Some((name, text)) => {
                let letters = packing::unpack(name, 2, 0);
                let name = match letters.as_slice() {
                    &[first, second] => language(first, second),
                    _ => None,
                };
                (segment::decode(Encoding::Ucs2, text), name)
            }
            None => (segment::decode(Encoding::Ucs2, octets), None),
        },
        Form::Ucs2 => (segment::decode(Encoding::Ucs2, octets), None),
        Form::Octets | Form::Compressed => (
            octets.iter().map(|&octet| char::from(octet)).collect(),
            None,
        ),
    }
}

fn language(first: u8, second: u8) -> Option<[char; 2]> {
    let letters = [char::from(first), char::from(second)];
    letters
        .iter()
        .all(char::is_ascii_lowercase)
        .then_some(letters)
}

/// A string under a GSM-7 scheme that is plainly UCS-2, or plain unpacked characters.
fn against_gsm7(octets: &[u8]) -> Option<Form> {
    if is_plainly_ucs2(octets) {
        return Some(Form::Ucs2);
    }
    let unpacked: String = octets.iter().map(|&octet| char::from(octet)).collect();
    let is_ascii = unpacked.is_ascii() && unpacked.chars().all(is_printable);
    let packed = gsm7::decode(&packing::unpack_ussd(octets));
    let is_other = octets.len() >= UNPACKED_MIN && is_wordy(&unpacked) && !is_wordy(&packed);
    (is_ascii && is_other).then_some(Form::Octets)
}

/// A string under a UCS-2 scheme that cannot be UCS-2 but is text when it is unpacked.
fn against_ucs2(octets: &[u8]) -> Option<Form> {
    if is_plausible(&segment::decode(Encoding::Ucs2, octets)) {
        return None;
    }
    let packed = gsm7::decode(&packing::unpack_ussd(octets));
    is_plausible(&packed).then_some(Form::Gsm7)
}

/// Whole units, all printable, whose high octets are 0 or one other value: Latin letters, signs
/// and at most one further block, as every language of one script has.
fn is_plainly_ucs2(octets: &[u8]) -> bool {
    let units = octets.chunks_exact(2);
    if !units.remainder().is_empty() || units.len() < UNITS_MIN {
        return false;
    }
    let mut block = None;
    units.into_iter().all(|unit| {
        let &[high, low] = unit else { return false };
        let known = high == 0 || *block.get_or_insert(high) == high;
        let character = char::from_u32(u32::from(u16::from_be_bytes([high, low])));
        known && character.is_some_and(is_printable)
    }) && octets.iter().step_by(2).any(|&high| high == 0)
}

/// Letters, digits and blanks for the most part: at least three of four characters.
fn is_wordy(text: &str) -> bool {
    let plain = |character: &char| character.is_ascii_alphanumeric() || *character == ' ';
    text.chars().filter(plain).count().saturating_mul(4) >= text.chars().count().saturating_mul(3)
}

/// A text that somebody may have written: hardly any control character, none that is broken.
fn is_plausible(text: &str) -> bool {
    let odd = text
        .chars()
        .filter(|&character| !is_printable(character))
        .count();
    odd <= text.chars().count() / 16 * CONTROLS_IN_16_MAX
}

fn is_printable(character: char) -> bool {
    match character {
        '\n' | '\r' => true,
        char::REPLACEMENT_CHARACTER | '\u{E000}'..='\u{F8FF}' => false,
        other => !other.is_control(),
    }
}

fn ucs2(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

impl fmt::Debug for UssdString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "UssdString({:#04x}, {} octets)",
            self.dcs.0,
            self.octets.len()
        )
    }
}

impl fmt::Debug for UssdText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "UssdText({} octets, language {:?}, instead {:?})",
            self.text.len(),
            self.language,
            self.instead
        )
    }
}

#[cfg(test)]
mod tests;
