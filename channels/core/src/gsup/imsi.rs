//! The IMSI, which names a SIM (TS 23.003 §2.2), and its digits in octets (TS 24.008 §10.5.1.4).
//!
//! It is personal data: `Debug` shows no digit, there is no `Display`. It is not a number that
//! anybody dials: see [`super::ctrl`] for that.

use super::{Reason, Refused};

/// Most digits of an IMSI (TS 23.003 §2.2); longer ones are refused.
pub const IMSI_DIGITS_MAX: usize = 15;
/// Fewest digits: country, network and one of the subscriber.
const IMSI_DIGITS_MIN: usize = 6;
/// Fills the last octet of an odd count of digits.
const FILLER: u8 = 0x0F;

/// Names a SIM; digits only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Imsi(String);

impl Imsi {
    /// Parses 6 to 15 digits.
    ///
    /// # Errors
    /// [`Reason::WrongForm`] for anything else.
    pub fn parse(digits: &str) -> Result<Self, Refused> {
        let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
        if plain && (IMSI_DIGITS_MIN..=IMSI_DIGITS_MAX).contains(&digits.len()) {
            Ok(Self(digits.to_owned()))
        } else {
            Err(Reason::WrongForm("IMSI").at(0))
        }
    }

    /// Reads digits of four bits, the first one in the lower half of the first octet.
    ///
    /// # Errors
    /// [`Reason::WrongForm`] when a digit is none, or their count is not that of an IMSI.
    pub fn from_octets(octets: &[u8]) -> Result<Self, Refused> {
        let mut halves = octets.iter().flat_map(|octet| [octet & 0x0F, octet >> 4]);
        let mut digits = String::new();
        for half in halves.by_ref().take_while(|half| *half != FILLER) {
            let digit = char::from_digit(u32::from(half), 10);
            digits.push(digit.ok_or(Reason::WrongForm("IMSI").at(0))?);
        }
        if halves.next().is_some() {
            return Err(Reason::WrongForm("IMSI").at(0));
        }
        Self::parse(&digits)
    }

    /// The digits, four bits each.
    pub fn to_octets(&self) -> Vec<u8> {
        let digit = |octet: Option<&u8>| octet.map_or(FILLER, |digit| digit & 0x0F);
        let pair = |pair: &[u8]| digit(pair.first()) | (digit(pair.get(1)) << 4);
        self.0.as_bytes().chunks(2).map(pair).collect()
    }

    /// The digits, where a protocol needs them.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for Imsi {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "[IMSI, {} digits]", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_lie_low_half_first_and_are_not_shown() {
        let imsi = Imsi::parse("001010000000001").unwrap();
        assert_eq!(
            imsi.to_octets(),
            [0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0xF1]
        );
        assert_eq!(format!("{imsi:?}"), "[IMSI, 15 digits]");
    }

    #[test]
    fn what_is_no_imsi_is_refused() {
        for wrong in ["", "00101", "0010100000000012", "00101000000000a"] {
            assert_eq!(Imsi::parse(wrong), Err(Reason::WrongForm("IMSI").at(0)));
        }
        // A filler in the middle, a digit over nine, octets after the filler.
        for wrong in [
            &[0x00, 0xF1, 0x01, 0x10][..],
            &[0x00, 0x01, 0x0A],
            &[0, 1, 1, 0xFF],
        ] {
            assert_eq!(
                Imsi::from_octets(wrong),
                Err(Reason::WrongForm("IMSI").at(0))
            );
        }
    }

    proptest! {
        #[test]
        fn digits_come_back(digits in "[0-9]{6,15}") {
            let imsi = Imsi::parse(&digits).unwrap();
            prop_assert_eq!(Imsi::from_octets(&imsi.to_octets()), Ok(imsi));
        }

        #[test]
        fn reading_never_panics(octets in prop::collection::vec(any::<u8>(), 0..20)) {
            if let Ok(imsi) = Imsi::from_octets(&octets) {
                prop_assert_eq!(imsi.to_octets(), octets);
            }
        }
    }
}
