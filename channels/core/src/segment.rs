//! Splitting a text into SMS parts, and joining parts into a text (3GPP TS 23.040 §9.2.3.24).
//!
//! Splitting takes the cheaper of GSM-7 and UCS-2 and never cuts an escape pair, a surrogate pair
//! or, if avoidable, a letter from its marks. [`udh`] reads and writes the concatenation header,
//! [`joiner`] puts parts together again. National shift tables are not here.

pub mod joiner;
pub mod udh;

use crate::gsm7::{self, ESCAPE, Encoding};

/// Most septets of a single GSM-7 message (140 octets).
pub const GSM7_SINGLE_MAX: usize = 160;
/// Most septets of a GSM-7 part beside a header of six octets.
pub const GSM7_PART_MAX: usize = 153;
/// Most code units of a single UCS-2 message (140 octets).
pub const UCS2_SINGLE_MAX: usize = 70;
/// Most code units of a UCS-2 part beside a header of six octets.
pub const UCS2_PART_MAX: usize = 67;
/// Most parts of one text, sent or received; a longer text is refused when it is written, a part
/// that claims more is kept as a message of its own.
pub const PARTS_MAX: u8 = 20;

/// One SMS of a text.
#[derive(Clone, PartialEq, Eq)]
pub struct Segment {
    /// The alphabet of the payload.
    pub encoding: Encoding,
    /// The user data header with its length octet; empty for a single message.
    pub udh: Vec<u8>,
    /// Unpacked septets, or UCS-2 in big-endian octets.
    pub payload: Vec<u8>,
}

impl core::fmt::Debug for Segment {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Segment({:?}, {} octets)",
            self.encoding,
            self.payload.len()
        )
    }
}

/// A text needs more parts than one message may have; surfaces where the text is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("text takes {got} SMS parts, the limit is {limit}")]
pub struct TooManyParts {
    /// The parts it would take.
    pub got: usize,
    /// The parts allowed.
    pub limit: u8,
}

/// Splits a text; `reference` is the 8-bit concatenation reference of this text.
///
/// # Errors
/// [`TooManyParts`] when it takes more than [`PARTS_MAX`].
pub fn split(text: &str, reference: u8) -> Result<Vec<Segment>, TooManyParts> {
    let (encoding, payloads) = payloads(text);
    let got = payloads.len();
    let total = u8::try_from(got).ok().filter(|&total| total <= PARTS_MAX);
    let Some(total) = total else {
        return Err(TooManyParts {
            got,
            limit: PARTS_MAX,
        });
    };
    let segments = (1..=total).zip(payloads).map(|(index, payload)| {
        let udh = if total == 1 {
            Vec::new()
        } else {
            udh::Concatenation {
                reference: udh::Reference::Eight(reference),
                total,
                index,
            }
            .to_udh()
        };
        Segment {
            encoding,
            udh,
            payload,
        }
    });
    Ok(segments.collect())
}

/// The alphabet and the number of parts that a text takes; parts may exceed [`PARTS_MAX`].
pub fn preview(text: &str) -> (Encoding, usize) {
    let (encoding, payloads) = payloads(text);
    (encoding, payloads.len())
}

/// The text of a payload; a broken surrogate or an odd octet shows U+FFFD.
pub fn decode(encoding: Encoding, payload: &[u8]) -> String {
    match encoding {
        Encoding::Gsm7 => gsm7::decode(payload),
        Encoding::Ucs2 => decode_ucs2(payload),
    }
}

fn decode_ucs2(octets: &[u8]) -> String {
    let pairs = octets.chunks_exact(2);
    let odd = !pairs.remainder().is_empty();
    let units = pairs
        .filter_map(|pair| <[u8; 2]>::try_from(pair).ok())
        .map(u16::from_be_bytes);
    let mut text: String = char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if odd {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text
}

/// GSM-7 never takes more parts than UCS-2 (153 ÷ 2 > 67), so it is cheapest where it encodes.
fn payloads(text: &str) -> (Encoding, Vec<Vec<u8>>) {
    match gsm7::encode(text) {
        Some(septets) => (Encoding::Gsm7, split_septets(&septets)),
        None => (Encoding::Ucs2, split_ucs2(text)),
    }
}

fn split_septets(septets: &[u8]) -> Vec<Vec<u8>> {
    if septets.len() <= GSM7_SINGLE_MAX {
        return vec![septets.to_vec()];
    }
    let mut parts = Vec::new();
    let mut rest = septets;
    while !rest.is_empty() {
        let mut length = rest.len().min(GSM7_PART_MAX);
        // Our own encoder never ends a text in an escape, so one here belongs to what follows.
        if length < rest.len() && rest.get(length.saturating_sub(1)) == Some(&ESCAPE) {
            length = length.saturating_sub(1);
        }
        let (part, later) = rest.split_at(length);
        parts.push(part.to_vec());
        rest = later;
    }
    parts
}

fn split_ucs2(text: &str) -> Vec<Vec<u8>> {
    if gsm7::ucs2_units(text) <= UCS2_SINGLE_MAX {
        return vec![ucs2_octets(text.chars())];
    }
    let mut parts: Vec<Vec<u8>> = Vec::new();
    let mut part: Vec<char> = Vec::new();
    let mut units = 0_usize;
    for character in text.chars() {
        if units.saturating_add(character.len_utf16()) > UCS2_PART_MAX {
            let carried = marks_to_carry(&part, character);
            let later = part.split_off(part.len().saturating_sub(carried));
            parts.push(ucs2_octets(part));
            units = later.iter().map(|carried| carried.len_utf16()).sum();
            part = later;
        }
        units = units.saturating_add(character.len_utf16());
        part.push(character);
    }
    parts.push(ucs2_octets(part));
    parts
}

/// How many characters at the end of a full part belong to the mark that comes next.
fn marks_to_carry(part: &[char], next: char) -> usize {
    if !is_mark(next) {
        return 0;
    }
    let marks = part
        .iter()
        .rev()
        .take_while(|&&character| is_mark(character))
        .count();
    let cluster = marks.saturating_add(1);
    // A part of nothing but marks cannot be kept whole: it is cut between two of them.
    if cluster < part.len() { cluster } else { 0 }
}

/// Marks that sit on the letter before them, in the scripts of our languages.
fn is_mark(character: char) -> bool {
    matches!(u32::from(character),
        0x0300..=0x036F | 0x064B..=0x065F | 0x0670 | 0x093A..=0x093C | 0x093E..=0x094F
        | 0x0981..=0x0983 | 0x09BC | 0x09BE..=0x09CD | 0x0A3C..=0x0A4D | 0x0ABC..=0x0ACD
        | 0x0B3C..=0x0B4D | 0x0BBE..=0x0BCD | 0x0C3E..=0x0C4D | 0x0CBC..=0x0CCD
        | 0x0D3B..=0x0D4D | 0x0DCA..=0x0DDF | 0x0E31 | 0x0E34..=0x0E3A | 0x0E47..=0x0E4E
        | 0x102B..=0x103E | 0x135D..=0x135F | 0x17B4..=0x17D3 | 0x1AB0..=0x1AFF
        | 0x1DC0..=0x1DFF | 0x200D | 0x20D0..=0x20FF | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F)
}

fn ucs2_octets(characters: impl IntoIterator<Item = char>) -> Vec<u8> {
    let text: String = characters.into_iter().collect();
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

#[cfg(test)]
mod tests;
