//! USSD strings of an own cell: what `osmo-hlr` 1.5.0 lets through, on top of [`ussd_text`].
//!
//! The limits here are smaller than those of the standard, see [`STRING_OCTETS_MAX`]. Data that is
//! no text is refused, so that the phone hears so; alphabets and schemes are not known here.

use super::{Reason, Refused};
use crate::ussd_text::{self, CbsDcs, Form, UssdString};

/// Most octets of a string: with them a component has 127, the most that a length in the short
/// form says; `osmo-hlr` 1.5.0 drops a longer one in silence. A longer text is cut before it is
/// sent, and that is noted.
pub const STRING_OCTETS_MAX: usize = 112;
/// Most septets of a screen in the default alphabet: [`STRING_OCTETS_MAX`] octets, packed.
pub const SCREEN_SEPTETS_MAX: u16 = 128;
/// Most UTF-16 units of a screen in UCS-2.
pub const SCREEN_UNITS_MAX: u16 = 56;

/// Writes a text; `None` when it has more than [`STRING_OCTETS_MAX`] octets.
pub fn encode(text: &str) -> Option<UssdString> {
    ussd_text::encode(text, STRING_OCTETS_MAX).ok()
}

/// Writes as much of a text as fits, and tells whether all of it did.
pub fn encode_start(text: &str) -> (UssdString, bool) {
    if let Some(whole) = encode(text) {
        return (whole, true);
    }
    // Each character takes at least seven bits, so longer starts need not be tried.
    let ends = text.char_indices().map(|(end, _)| end);
    let ends = ends.take(usize::from(SCREEN_SEPTETS_MAX).saturating_add(1));
    let starts: Vec<&str> = ends.filter_map(|end| text.get(..end)).collect();
    let longest = starts.iter().rev().find_map(|start| encode(start));
    let empty = UssdString {
        dcs: CbsDcs::GSM7,
        octets: Vec::new(),
    };
    (longest.unwrap_or(empty), false)
}

/// Reads the text of a string.
///
/// # Errors
/// [`Reason::UnknownAlphabet`] for 8-bit data and compressed text.
pub fn decode(string: &UssdString) -> Result<String, Refused> {
    match string.dcs.form() {
        Form::Octets | Form::Compressed => Err(Reason::UnknownAlphabet(string.dcs.0).at(0)),
        _ => Ok(ussd_text::decode_as_said(string.dcs, &string.octets).text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(scheme: u8, octets: &[u8]) -> Result<String, Refused> {
        decode(&UssdString {
            dcs: CbsDcs(scheme),
            octets: octets.to_vec(),
        })
    }

    #[test]
    fn the_limits_are_reached_and_not_passed() {
        let most = "x".repeat(usize::from(SCREEN_SEPTETS_MAX));
        let string = encode(&most).unwrap();
        assert_eq!((string.dcs, string.octets.len()), (CbsDcs::GSM7, 112));
        assert_eq!(decode(&string).as_deref(), Ok(most.as_str()));
        assert_eq!(encode(&format!("{most}x")), None);
        let most = "ሰ".repeat(usize::from(SCREEN_UNITS_MAX));
        let string = encode(&most).unwrap();
        assert_eq!((string.dcs, string.octets.len()), (CbsDcs::UCS2, 112));
        assert_eq!(encode(&format!("{most}ሰ")), None);
        // A carriage return at the end of 128 septets takes a second one (TS 23.038 §6.1.2.3.1).
        let returned = format!("{}\r", "x".repeat(127));
        assert_eq!(encode(&returned), None);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let (string, whole) = encode_start(&"€".repeat(100));
        assert_eq!((decode(&string).unwrap(), whole), ("€".repeat(64), false));
        let (string, whole) = encode_start(&"😀".repeat(40));
        assert_eq!((decode(&string).unwrap(), whole), ("😀".repeat(28), false));
        assert!(encode_start("short").1);
    }

    #[test]
    fn data_that_is_no_text_is_refused_and_anything_else_is_read() {
        for scheme in 0..=u8::MAX {
            let is_data = match scheme {
                0x40..=0x7F => scheme & 0x20 != 0 || scheme & 0x0C == 0x04,
                0x90..=0x9F => scheme & 0x0C == 0x04,
                0xF0..=0xFF => scheme & 0x04 != 0,
                _ => false,
            };
            let refused = Reason::UnknownAlphabet(scheme).at(0);
            let read = read(scheme, &[0x31]);
            assert_eq!(read.is_err(), is_data, "{scheme:#x}");
            assert!(read.is_ok() || read == Err(refused), "{scheme:#x}");
        }
        assert_eq!(read(0x0F, &[0x31]).as_deref(), Ok("1"));
        assert_eq!(read(0x48, &[0x12, 0x30]).as_deref(), Ok("ሰ"));
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
            let (string, whole) = encode_start(&text);
            prop_assert!(string.octets.len() <= STRING_OCTETS_MAX);
            let read = decode(&string).unwrap();
            // A carriage return at the end may come doubled (TS 23.038 §6.1.2.3.1).
            let bare = read.trim_end_matches('\r');
            prop_assert!(text.starts_with(bare));
            prop_assert!(!whole || text.trim_end_matches('\r') == bare);
        }
    }
}
