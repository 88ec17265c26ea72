//! USSD strings with their data coding scheme (TS 23.038 §5), as far as an own cell needs them.
//!
//! Sent are packed GSM-7 (0x0F) and UCS-2 (0x48); read is what phones send: the default alphabet
//! and UCS-2 in each of their groups. Limits are those of `osmo-hlr` 1.5.0, see
//! [`STRING_OCTETS_MAX`]. Language codes inside a string are passed over; 8-bit data is refused.

use super::{Reason, Refused};
use crate::gsm7::{self, packing};

/// Most octets of a string: with them a component has 127, the most that a length in the short
/// form says; `osmo-hlr` 1.5.0 drops a longer one in silence. A longer text is cut before it is
/// sent, and that is noted.
pub const STRING_OCTETS_MAX: usize = 112;
/// Most septets of a screen in the default alphabet: [`STRING_OCTETS_MAX`] octets, packed.
pub const SCREEN_SEPTETS_MAX: u16 = 128;
/// Most UTF-16 units of a screen in UCS-2.
pub const SCREEN_UNITS_MAX: u16 = 56;

/// GSM 7-bit default alphabet, language unspecified (TS 23.038 §5, group 0000).
const GSM7: u8 = 0x0F;
/// UCS-2, uncompressed, without a class (TS 23.038 §5, group 01xx).
const UCS2: u8 = 0x48;

/// The alphabet of a string, and what stands before its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Alphabet {
    Gsm7 { passed: usize },
    Ucs2 { passed: usize },
}

/// A string as a component carries it; personal.
#[derive(Clone, PartialEq, Eq)]
pub struct UssdString {
    /// Data coding scheme.
    pub scheme: u8,
    /// Its octets.
    pub octets: Vec<u8>,
}

impl UssdString {
    /// Writes a text in the cheaper alphabet; `None` when it has more than
    /// [`STRING_OCTETS_MAX`] octets in both.
    pub fn encode(text: &str) -> Option<Self> {
        let packed = gsm7::encode(text).map(|septets| Self {
            scheme: GSM7,
            octets: packing::pack_ussd(&septets),
        });
        let string = packed.unwrap_or_else(|| Self {
            scheme: UCS2,
            octets: text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        });
        (string.octets.len() <= STRING_OCTETS_MAX).then_some(string)
    }

    /// Writes as much of a text as fits, and tells whether all of it did.
    pub fn encode_start(text: &str) -> (Self, bool) {
        if let Some(whole) = Self::encode(text) {
            return (whole, true);
        }
        // Each character takes at least seven bits, so longer starts need not be tried.
        let ends = text.char_indices().map(|(end, _)| end);
        let ends = ends.take(usize::from(SCREEN_SEPTETS_MAX).saturating_add(1));
        let starts: Vec<&str> = ends.filter_map(|end| text.get(..end)).collect();
        let longest = starts.iter().rev().find_map(|start| Self::encode(start));
        let empty = Self {
            scheme: GSM7,
            octets: Vec::new(),
        };
        (longest.unwrap_or(empty), false)
    }

    /// Reads the text.
    ///
    /// # Errors
    /// [`Reason::UnknownAlphabet`] for 8-bit data and compressed text, [`Reason::WrongForm`] for
    /// UCS-2 with half a unit.
    pub fn decode(&self) -> Result<String, Refused> {
        match alphabet(self.scheme)? {
            Alphabet::Gsm7 { passed } => {
                let septets = packing::unpack_ussd(&self.octets);
                Ok(gsm7::decode(septets.get(passed..).unwrap_or_default()))
            }
            Alphabet::Ucs2 { passed } => {
                let octets = self.octets.get(passed..).unwrap_or_default();
                let (units, half) = octets.as_chunks::<2>();
                if !half.is_empty() {
                    return Err(Reason::WrongForm("UCS-2 string").at(0));
                }
                let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
                let text = char::decode_utf16(units);
                Ok(text
                    .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect())
            }
        }
    }
}

/// What a data coding scheme says (TS 23.038 §5); reserved groups are the default alphabet there.
fn alphabet(scheme: u8) -> Result<Alphabet, Refused> {
    let default = Alphabet::Gsm7 { passed: 0 };
    match scheme {
        // Two letters of a language and a carriage return stand before the text.
        0x10 => Ok(Alphabet::Gsm7 { passed: 3 }),
        // Two letters in the default alphabet, packed into two octets.
        0x11 => Ok(Alphabet::Ucs2 { passed: 2 }),
        // Group 01xx: bit 5 compressed, bits 3 and 2 the alphabet, 11 reserved.
        0x40..=0x7F if scheme & 0x20 != 0 => Err(Reason::UnknownAlphabet(scheme).at(0)),
        0x40..=0x7F => match scheme & 0x0C {
            0x04 => Err(Reason::UnknownAlphabet(scheme).at(0)),
            0x08 => Ok(Alphabet::Ucs2 { passed: 0 }),
            _ => Ok(default),
        },
        // Group 1001: a user data header, which a USSD string has no room for.
        0x90..=0x9F => Err(Reason::UnknownAlphabet(scheme).at(0)),
        // Group 1111: bit 2 chooses 8-bit data.
        0xF0..=0xFF if scheme & 0x04 != 0 => Err(Reason::UnknownAlphabet(scheme).at(0)),
        _ => Ok(default),
    }
}

impl core::fmt::Debug for UssdString {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let octets = self.octets.len();
        write!(f, "UssdString({:#04x}, {octets} octets)", self.scheme)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(scheme: u8, octets: &[u8]) -> Result<String, Refused> {
        let octets = octets.to_vec();
        UssdString { scheme, octets }.decode()
    }

    #[test]
    fn the_limits_are_reached_and_not_passed() {
        let most = "x".repeat(usize::from(SCREEN_SEPTETS_MAX));
        let string = UssdString::encode(&most).unwrap();
        assert_eq!((string.scheme, string.octets.len()), (0x0F, 112));
        assert_eq!(string.decode().as_deref(), Ok(most.as_str()));
        assert_eq!(UssdString::encode(&format!("{most}x")), None);
        let most = "ሰ".repeat(usize::from(SCREEN_UNITS_MAX));
        let string = UssdString::encode(&most).unwrap();
        assert_eq!((string.scheme, string.octets.len()), (0x48, 112));
        assert_eq!(UssdString::encode(&format!("{most}ሰ")), None);
        // A carriage return at the end of 128 septets takes a second one (TS 23.038 §6.1.2.3.1).
        let returned = format!("{}\r", "x".repeat(127));
        assert_eq!(UssdString::encode(&returned), None);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let (string, whole) = UssdString::encode_start(&"€".repeat(100));
        assert_eq!((string.decode().unwrap(), whole), ("€".repeat(64), false));
        let (string, whole) = UssdString::encode_start(&"😀".repeat(40));
        assert_eq!((string.decode().unwrap(), whole), ("😀".repeat(28), false));
        assert!(UssdString::encode_start("short").1);
    }

    #[test]
    fn every_group_of_the_scheme_is_read_or_refused() {
        // "1" packed, and in UCS-2.
        for scheme in [
            0x00, 0x0F, 0x20, 0x25, 0x30, 0x40, 0x4C, 0x50, 0x80, 0xF0, 0xF3,
        ] {
            assert_eq!(read(scheme, &[0x31]).as_deref(), Ok("1"), "{scheme:#x}");
        }
        for scheme in [0x48, 0x58] {
            assert_eq!(read(scheme, &[0x12, 0x30]).as_deref(), Ok("ሰ"));
        }
        let english = packing::pack_ussd(&gsm7::encode("en\rmenu").unwrap());
        assert_eq!(read(0x10, &english).as_deref(), Ok("menu"));
        assert_eq!(read(0x11, &[0x61, 0x36, 0x12, 0x30]).as_deref(), Ok("ሰ"));
        for scheme in [0x44, 0x60, 0x95, 0xF4] {
            let refused = Reason::UnknownAlphabet(scheme).at(0);
            assert_eq!(read(scheme, &[0x31]), Err(refused), "{scheme:#x}");
        }
        assert_eq!(
            read(0x48, &[0x12]),
            Err(Reason::WrongForm("UCS-2 string").at(0))
        );
        assert_eq!(read(0x48, &[0xD8, 0x3D]).as_deref(), Ok("\u{FFFD}"));
    }

    proptest! {
        #[test]
        fn reading_never_panics(scheme in any::<u8>(), octets in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(text) = read(scheme, &octets) {
                prop_assert!(text.chars().count() <= octets.len() * 8 / 7 + 1);
            }
        }

        #[test]
        fn what_is_written_is_read(text in any::<String>()) {
            let (string, whole) = UssdString::encode_start(&text);
            prop_assert!(string.octets.len() <= STRING_OCTETS_MAX);
            let read = string.decode().unwrap();
            // A carriage return at the end may come doubled (TS 23.038 §6.1.2.3.1).
            let bare = read.trim_end_matches('\r');
            prop_assert!(text.starts_with(bare));
            prop_assert!(!whole || text.trim_end_matches('\r') == bare);
        }
    }
}
