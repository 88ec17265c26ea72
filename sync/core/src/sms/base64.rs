//! Base64 (RFC 4648 §4, with padding) of datagrams, for providers that carry text only.
//!
//! All its characters are one septet in the default alphabet of TS 23.038, so 120 octets fill one
//! SMS of 160 characters. Each datagram has one form; a text in any other form is none.

use super::{SmsError, TEXT_DATAGRAM_OCTETS_MAX};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD: char = '=';

/// A datagram as the text of one SMS.
///
/// # Errors
/// `Length` above 120 octets.
pub fn to_text(datagram: &[u8]) -> Result<String, SmsError> {
    if datagram.len() > TEXT_DATAGRAM_OCTETS_MAX {
        return Err(SmsError::Length);
    }
    let mut text = String::new();
    for group in datagram.chunks(3) {
        let mut octets = [0_u8; 4];
        for (to, from) in octets.iter_mut().skip(1).zip(group) {
            *to = *from;
        }
        let bits = u32::from_be_bytes(octets);
        for place in 0..4_usize {
            text.push(if place > group.len() {
                PAD
            } else {
                character(bits, place)
            });
        }
    }
    Ok(text)
}

/// The octets of a text, when it is the one form of at most 120 octets.
///
/// # Errors
/// `Text` for anything else, `Length` above 160 characters.
pub fn from_text(text: &str) -> Result<Vec<u8>, SmsError> {
    if text.len() > TEXT_DATAGRAM_OCTETS_MAX / 3 * 4 {
        return Err(SmsError::Length);
    }
    if !text.len().is_multiple_of(4) {
        return Err(SmsError::Text);
    }
    let mut datagram = Vec::new();
    for group in text.as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for octet in group {
            bits = bits << 6 | value(*octet)?;
        }
        let signs = group.iter().filter(|octet| char::from(**octet) != PAD);
        let kept = signs.count().saturating_sub(1);
        let [_, octets @ ..] = bits.to_be_bytes();
        datagram.extend(octets.iter().take(kept));
    }
    // Padding elsewhere and spare bits that are not 0 do not come back.
    match to_text(&datagram) {
        Ok(again) if again == text => Ok(datagram),
        _ => Err(SmsError::Text),
    }
}

/// The character of six bits, `place` counted from the left.
fn character(bits: u32, place: usize) -> char {
    let shift = 18_usize.saturating_sub(place.saturating_mul(6));
    let index = usize::try_from(bits >> shift & 0x3f).unwrap_or(0);
    ALPHABET.get(index).copied().map_or(PAD, char::from)
}

fn value(octet: u8) -> Result<u32, SmsError> {
    if char::from(octet) == PAD {
        return Ok(0);
    }
    let position = ALPHABET.iter().position(|known| *known == octet);
    position
        .and_then(|index| u32::try_from(index).ok())
        .ok_or(SmsError::Text)
}
