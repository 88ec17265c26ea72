//! GSM 7-bit default alphabet and its extension table (3GPP TS 23.038 §6.2.1, §6.2.1.1).
//!
//! Texts become unpacked septets, one an octet, with an escape before each character of the
//! extension table. Packing is in [`packing`]; national shift tables, and the code for all
//! tables, are in [`tables`].

mod locking;
pub mod packing;
mod single;
pub mod tables;

pub use tables::{Language, Tables};

/// The escape to the extension table (TS 23.038 §6.2.1, note 1).
pub const ESCAPE: u8 = 0x1B;

/// TS 23.038 §6.2.1; position 0x1B holds the escape itself, which is no character of a text.
const DEFAULT: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', //
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1B}', 'Æ', 'æ', 'ß', 'É', //
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', //
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', //
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', //
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', //
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', //
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// TS 23.038 §6.2.1.1: septet after the escape, character.
const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\u{0C}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// Which alphabet a text travels in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Encoding {
    /// GSM 7-bit with these tables; counted in septets.
    Gsm7(Tables),
    /// UCS-2, in practice UTF-16 big-endian; counted in code units of two octets.
    Ucs2,
}

impl Encoding {
    /// GSM 7-bit default alphabet with its extension table.
    pub const GSM7: Self = Self::Gsm7(Tables::DEFAULT);
}

/// Whether a text fits a bearer, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fit {
    /// It fits in GSM-7 with this many septets.
    Gsm7(usize),
    /// It needs UCS-2 and fits with this many code units.
    Ucs2(usize),
    /// It does not fit.
    TooLong {
        /// The alphabet that the text needs.
        encoding: Encoding,
        /// Its length in that alphabet's units.
        got: usize,
        /// The bearer's limit in the same units; 0 = the bearer refuses this alphabet.
        limit: usize,
    },
}

/// Encodes a text into septets of the default tables, see [`Tables::encode`].
pub fn encode(text: &str) -> Option<Vec<u8>> {
    Tables::DEFAULT.encode(text)
}

/// Decodes septets of the default tables, see [`Tables::decode`].
pub fn decode(septets: &[u8]) -> String {
    Tables::DEFAULT.decode(septets)
}

/// How many septets a text takes in the default tables, see [`Tables::septets`].
pub fn septets(text: &str) -> Option<usize> {
    Tables::DEFAULT.septets(text)
}

/// How many UTF-16 code units a text takes in UCS-2.
pub fn ucs2_units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The first character outside the default tables, see [`Tables::first_misfit`].
pub fn first_misfit(text: &str) -> Option<(usize, char)> {
    Tables::DEFAULT.first_misfit(text)
}

/// Whether a text fits a bearer's limits in septets and UCS-2 units; 0 = alphabet refused.
pub fn fits(text: &str, gsm7_max: usize, ucs2_max: usize) -> Fit {
    let units = ucs2_units(text);
    match septets(text) {
        Some(got) if got <= gsm7_max => Fit::Gsm7(got),
        _ if units <= ucs2_max => Fit::Ucs2(units),
        Some(got) => Fit::TooLong {
            encoding: Encoding::GSM7,
            got,
            limit: gsm7_max,
        },
        None => Fit::TooLong {
            encoding: Encoding::Ucs2,
            got: units,
            limit: ucs2_max,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_septet_of_both_tables_survives_a_round_trip() {
        for septet in (0..128_u8).filter(|&septet| septet != ESCAPE) {
            assert_eq!(encode(&decode(&[septet])), Some(vec![septet]));
        }
        for (septet, character) in EXTENSION {
            assert_eq!(decode(&[ESCAPE, septet]), character.to_string());
            assert_eq!(encode(&character.to_string()), Some(vec![ESCAPE, septet]));
        }
    }

    #[test]
    fn known_places_of_the_tables_hold() {
        // TS 23.038 §6.2.1: the places that Latin-1 peers get wrong.
        assert_eq!(
            encode("@_$ÇΔ¡¿à"),
            Some(vec![0, 0x11, 2, 9, 0x10, 0x40, 0x60, 0x7F])
        );
        assert_eq!(encode("a€b"), Some(vec![0x61, 0x1B, 0x65, 0x62]));
        assert_eq!(encode("ç"), None);
        assert_eq!(encode("`"), None);
        assert_eq!(encode("\u{1B}"), None);
    }

    #[test]
    fn unknown_escapes_show_what_the_standard_says() {
        assert_eq!(decode(&[ESCAPE, b'a', b'b']), "ab");
        assert_eq!(decode(&[b'a', ESCAPE, ESCAPE, b'b']), "a b");
        assert_eq!(decode(&[b'a', ESCAPE]), "a");
        assert_eq!(decode(&[0x80]), "\u{FFFD}");
    }

    #[test]
    fn misfits_are_named_with_their_place() {
        assert_eq!(first_misfit("Bébé malade"), None);
        assert_eq!(first_misfit("Où êtes-vous"), Some((3, 'ê')));
    }

    #[test]
    fn fit_counts_the_units_of_the_alphabet_that_is_needed() {
        assert_eq!(fits("abc{", 5, 0), Fit::Gsm7(5));
        assert_eq!(
            fits("abc{", 4, 0),
            Fit::TooLong {
                encoding: Encoding::GSM7,
                got: 5,
                limit: 4
            }
        );
        assert_eq!(fits("ሰላም", 182, 80), Fit::Ucs2(3));
        assert_eq!(
            fits("ሰላም", 160, 0),
            Fit::TooLong {
                encoding: Encoding::Ucs2,
                got: 3,
                limit: 0
            }
        );
        assert_eq!(fits("😀", 160, 2), Fit::Ucs2(2));
    }

    proptest! {
        #[test]
        fn decoding_never_panics_and_what_encodes_comes_back(
            octets in proptest::collection::vec(any::<u8>(), 0..400),
            text in any::<String>(),
        ) {
            let shown = decode(&octets);
            prop_assert!(shown.chars().count() <= octets.len());
            if let Some(encoded) = encode(&text) {
                prop_assert_eq!(Some(encoded.len()), septets(&text));
                prop_assert_eq!(decode(&encoded), text);
            } else {
                prop_assert!(first_misfit(&text).is_some());
                prop_assert_eq!(septets(&text), None);
            }
        }

        #[test]
        fn texts_of_the_alphabet_always_encode(
            septets in proptest::collection::vec(0..128_u8, 0..200),
        ) {
            let text = decode(&septets);
            prop_assert_eq!(encode(&text).map(|again| decode(&again)), Some(text));
        }
    }
}
