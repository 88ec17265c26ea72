//! Splitting a text into SMS parts, and joining parts into a text (3GPP TS 23.040 §9.2.3.24).
//!
//! The encoding with the fewest parts is taken: default alphabet, UCS-2, or a pair of national
//! tables where the caller allows it. [`udh`] reads and writes the header, [`joiner`] puts parts
//! together again. What a part costs and which phones know a table is the caller's to say.

pub mod joiner;
mod pieces;
pub mod udh;

use crate::gsm7::{Encoding, Tables};
use udh::{Concatenation, Header, Reference};

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
/// Most pairs of national tables that are tried for a text; further ones are left out.
pub const TABLE_PAIRS_MAX: usize = 8;

/// One SMS of a text.
#[derive(Clone, PartialEq, Eq)]
pub struct Segment {
    /// The alphabet of the payload.
    pub encoding: Encoding,
    /// The user data header with its length octet; empty when nothing is to be said.
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

/// What sending a text takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Preview {
    /// The alphabet that it travels in.
    pub encoding: Encoding,
    /// SMS that are paid for; may exceed [`PARTS_MAX`].
    pub parts: usize,
    /// Septets or UTF-16 units of the text, headers left out.
    pub units: usize,
    /// Parts times the price of one, in the unit of that price.
    pub price: u64,
}

/// Splits a text; `reference` is the 8-bit concatenation reference of this text.
///
/// # Errors
/// [`TooManyParts`] when it takes more than [`PARTS_MAX`].
pub fn split(text: &str, reference: u8) -> Result<Vec<Segment>, TooManyParts> {
    split_in(text, Reference::Eight(reference), &[])
}

/// Splits a text for a recipient whose phone knows the `allowed` tables besides the default ones.
///
/// # Errors
/// [`TooManyParts`] when it takes more than [`PARTS_MAX`].
pub fn split_in(
    text: &str,
    reference: Reference,
    allowed: &[Tables],
) -> Result<Vec<Segment>, TooManyParts> {
    let (encoding, pieces) = cheapest(text, reference, allowed);
    let got = pieces.len();
    let total = u8::try_from(got).ok().filter(|&total| total <= PARTS_MAX);
    let Some(total) = total else {
        return Err(TooManyParts {
            got,
            limit: PARTS_MAX,
        });
    };
    let segments = (1..=total).zip(pieces).map(|(index, piece)| Segment {
        encoding,
        udh: header(
            encoding,
            (total > 1).then_some(Concatenation {
                reference,
                total,
                index,
            }),
        )
        .to_octets(),
        payload: encode(encoding, piece),
    });
    Ok(segments.collect())
}

/// What [`split_in`] would make of a text with an 8-bit reference.
pub fn preview(text: &str, allowed: &[Tables], price_per_part: u64) -> Preview {
    let (encoding, pieces) = cheapest(text, Reference::Eight(0), allowed);
    let parts = pieces.len();
    let price = u64::try_from(parts)
        .unwrap_or(u64::MAX)
        .saturating_mul(price_per_part);
    Preview {
        encoding,
        parts,
        units: text.chars().filter_map(|c| cost(encoding, c)).sum(),
        price,
    }
}

/// The text of a payload; a broken surrogate or an odd octet shows U+FFFD.
pub fn decode(encoding: Encoding, payload: &[u8]) -> String {
    match encoding {
        Encoding::Gsm7(tables) => tables.decode(payload),
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

/// The first of the encodings with the fewest parts: default alphabet, UCS-2, allowed pairs. A
/// pair must save a part, because a phone that does not know it shows wrong letters.
fn cheapest<'a>(
    text: &'a str,
    reference: Reference,
    allowed: &[Tables],
) -> (Encoding, Vec<&'a str>) {
    let pairs = allowed.iter().take(TABLE_PAIRS_MAX).copied();
    [Encoding::GSM7, Encoding::Ucs2]
        .into_iter()
        .chain(pairs.map(Encoding::Gsm7))
        .filter_map(|encoding| {
            let rooms = rooms(encoding, reference);
            let pieces = pieces::pieces(text, rooms, |character| cost(encoding, character))?;
            Some((encoding, pieces))
        })
        .min_by_key(|(_, pieces)| pieces.len())
        .unwrap_or((Encoding::Ucs2, Vec::new()))
}

fn cost(encoding: Encoding, character: char) -> Option<usize> {
    match encoding {
        Encoding::Gsm7(tables) => tables.cost(character),
        Encoding::Ucs2 => Some(character.len_utf16()),
    }
}

/// Units of a single message and of a part, beside the header that each needs.
fn rooms(encoding: Encoding, reference: Reference) -> (usize, usize) {
    let place = Concatenation {
        reference,
        total: 1,
        index: 1,
    };
    let room = |place| {
        let octets = header(encoding, place).to_octets().len();
        match encoding {
            Encoding::Gsm7(_) => GSM7_SINGLE_MAX.saturating_sub(udh::septets(octets)),
            Encoding::Ucs2 => UCS2_SINGLE_MAX.saturating_sub(octets.div_ceil(2)),
        }
    };
    (room(None), room(Some(place)))
}

fn header(encoding: Encoding, concatenation: Option<Concatenation>) -> Header {
    let tables = match encoding {
        Encoding::Gsm7(tables) => tables,
        Encoding::Ucs2 => Tables::DEFAULT,
    };
    Header {
        concatenation,
        ports: None,
        tables,
    }
}

fn encode(encoding: Encoding, text: &str) -> Vec<u8> {
    match encoding {
        // A piece has only characters of known cost, which are those that the tables hold.
        Encoding::Gsm7(tables) => tables.encode(text).unwrap_or_default(),
        Encoding::Ucs2 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    }
}

#[cfg(test)]
mod tests;
