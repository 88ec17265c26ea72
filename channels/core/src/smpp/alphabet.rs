//! Text in the alphabets of `data_coding` (SMPP 3.4 §5.2.19, TS 23.038 §4).
//!
//! Value 0 means "what the SMSC is set to", so each link says which alphabet that is. GSM-7 is
//! unpacked here: one septet an octet.

use crate::gsm7::{self, Encoding};
use crate::segment::joiner::Content;

/// What `data_coding` 0 stands for on a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DefaultAlphabet {
    /// GSM 7-bit, one septet an octet.
    #[default]
    Gsm7,
    /// ISO 8859-1.
    Latin1,
    /// IA5.
    Ascii,
}

/// `data_coding` of the link's default alphabet.
pub const DEFAULT: u8 = 0;
/// `data_coding` of UCS-2.
pub const UCS2: u8 = 8;

enum Coding {
    Gsm7,
    Latin1,
    Ascii,
    Ucs2,
}

fn coding(data_coding: u8, default: DefaultAlphabet) -> Coding {
    let default = match default {
        DefaultAlphabet::Gsm7 => Coding::Gsm7,
        DefaultAlphabet::Latin1 => Coding::Latin1,
        DefaultAlphabet::Ascii => Coding::Ascii,
    };
    match data_coding {
        1 => Coding::Ascii,
        // 2 and 4 are octets of no alphabet; `osmo-msc` sends receipts so, in ASCII.
        2..=4 => Coding::Latin1,
        UCS2 => Coding::Ucs2,
        // TS 23.038 §4, general data coding and message classes: the alphabet is in bits 3 and 2.
        0x10..=0x3F | 0xF0..=0xFF => match data_coding & 0x0C {
            0x08 if data_coding < 0x40 => Coding::Ucs2,
            0x04 | 0x0C => Coding::Latin1,
            _ => default,
        },
        _ => default,
    }
}

/// Reads a text; what the alphabet lacks shows as U+FFFD.
pub fn decode(data_coding: u8, octets: &[u8], default: DefaultAlphabet) -> String {
    match content(data_coding, octets, default) {
        Content::Encoded(encoding, octets) => crate::segment::decode(encoding, &octets),
        Content::Text(text) => text,
    }
}

/// The same for a part of a long text, which is joined before it is decoded.
pub fn content(data_coding: u8, octets: &[u8], default: DefaultAlphabet) -> Content {
    match coding(data_coding, default) {
        Coding::Gsm7 => Content::Encoded(Encoding::GSM7, octets.to_vec()),
        Coding::Ucs2 => Content::Encoded(Encoding::Ucs2, octets.to_vec()),
        Coding::Latin1 => Content::Text(octets.iter().map(|octet| char::from(*octet)).collect()),
        Coding::Ascii => Content::Text(octets.iter().map(|octet| ascii(*octet)).collect()),
    }
}

fn ascii(octet: u8) -> char {
    if octet.is_ascii() {
        char::from(octet)
    } else {
        char::REPLACEMENT_CHARACTER
    }
}

/// Writes a text in the link's default alphabet, or in UCS-2 where that one lacks a character.
pub fn encode(text: &str, default: DefaultAlphabet) -> (u8, Vec<u8>) {
    match in_default(text, default) {
        Some(octets) => (DEFAULT, octets),
        None => (
            UCS2,
            text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        ),
    }
}

/// Writes a text in the link's default alphabet; `None` where it lacks a character.
pub fn in_default(text: &str, default: DefaultAlphabet) -> Option<Vec<u8>> {
    match default {
        DefaultAlphabet::Gsm7 => gsm7::encode(text),
        DefaultAlphabet::Latin1 => text.chars().map(|c| u8::try_from(c).ok()).collect(),
        DefaultAlphabet::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_three_signs_that_betray_a_wrong_default_alphabet_differ() {
        let octets = gsm7::encode("@_$").unwrap();
        assert_eq!(decode(0, &octets, DefaultAlphabet::Gsm7), "@_$");
        assert_ne!(decode(0, &octets, DefaultAlphabet::Latin1), "@_$");
        assert_eq!(decode(0, b"@_$", DefaultAlphabet::Gsm7), "¡§¤");
    }

    #[test]
    fn class_zero_forms_read_like_their_plain_ones() {
        for data_coding in [0x00, 0x10, 0xF0, 0x0F, 0x11] {
            assert_eq!(
                decode(data_coding, b"\x02\x00", DefaultAlphabet::Gsm7),
                "$@"
            );
        }
        assert_eq!(
            decode(0x18, &[0x12, 0x00], DefaultAlphabet::Gsm7),
            "\u{1200}"
        );
        assert_eq!(decode(3, &[0xE9], DefaultAlphabet::Gsm7), "é");
        assert_eq!(decode(2, b"id:1", DefaultAlphabet::Gsm7), "id:1");
        assert_eq!(decode(1, &[0x40, 0xE9], DefaultAlphabet::Gsm7), "@\u{FFFD}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(text in "\\PC{0,60}") {
            for default in [DefaultAlphabet::Gsm7, DefaultAlphabet::Latin1, DefaultAlphabet::Ascii] {
                let (data_coding, octets) = encode(&text, default);
                prop_assert_eq!(&decode(data_coding, &octets, default), &text);
            }
        }

        #[test]
        fn any_octets_give_some_text(coding: u8, octets in prop::collection::vec(any::<u8>(), 0..99)) {
            let text = decode(coding, &octets, DefaultAlphabet::Gsm7);
            prop_assert!(text.chars().count() <= octets.len());
        }
    }
}
