//! Address fields: originating, destination, recipient and SMSC (3GPP TS 23.040 §9.1.2.5).
//!
//! Digits travel as swapped semi-octets, names as packed septets of the default alphabet. Which
//! national number belongs to which country is not decided here: only type 1 (international)
//! becomes a telephone.

use core::fmt;

use super::{Reader, TpduError};
use crate::address::{Address, Msisdn};
use crate::gsm7::{self, packing};

/// Most semi-octets of an address value (TS 23.040 §9.1.2.5); a longer one is refused.
pub const SEMI_OCTETS_MAX: usize = 20;
/// Most septets of a sender's name (TS 23.040 §9.1.2.5); a longer one is refused.
pub const NAME_SEPTETS_MAX: usize = 11;

/// Type-of-address of an international number: TON 1, ISDN plan.
const INTERNATIONAL: u8 = 0x91;
/// Type-of-address of a short code or a number of unknown type: TON 0, ISDN plan.
const UNKNOWN: u8 = 0x81;
/// Type-of-address of a name: TON 5.
const ALPHANUMERIC: u8 = 0xD0;
/// The bits of the type of number.
const TON_BITS: u8 = 0x70;
/// TON 1, international.
const TON_INTERNATIONAL: u8 = 0x10;
/// TON 5, alphanumeric.
const TON_ALPHANUMERIC: u8 = 0x50;
/// The semi-octet that fills an odd count of digits.
const FILL: u8 = 0x0F;

/// Digits of semi-octets 0x0–0xE (TS 23.040 §9.1.2.3).
const SEMI_OCTETS: [char; 15] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'a', 'b', 'c',
];

/// An address as a TPDU carries it.
#[derive(Clone, PartialEq, Eq)]
pub struct TpAddress {
    type_of_address: u8,
    /// At most 20 digits, or a name of at most 11 septets.
    text: String,
}

impl TpAddress {
    /// An address of ours in its usual type: 0x91 for telephones, 0x81 for codes, 0xD0 for names.
    ///
    /// # Errors
    /// [`TpduError::BadAddress`] or [`TpduError::AddressTooLong`] when a TPDU cannot carry it.
    pub fn of(address: &Address) -> Result<Self, TpduError> {
        match address {
            Address::Phone(msisdn) => Self::digits(INTERNATIONAL, msisdn.as_str()),
            Address::ShortCode(code) => Self::digits(UNKNOWN, code),
            Address::Name(name) => Self::name(name),
        }
    }

    /// Digits (`0`–`9`, `*`, `#`, `a`–`c`) with a type-of-address octet that is not a name's.
    ///
    /// # Errors
    /// [`TpduError::BadAddress`] or [`TpduError::AddressTooLong`].
    pub fn digits(type_of_address: u8, digits: &str) -> Result<Self, TpduError> {
        let got = digits.chars().count();
        if got > SEMI_OCTETS_MAX {
            return Err(TpduError::AddressTooLong {
                got,
                limit: SEMI_OCTETS_MAX,
            });
        }
        let known = digits.chars().all(|digit| SEMI_OCTETS.contains(&digit));
        if !known || type_of_address & TON_BITS == TON_ALPHANUMERIC {
            return Err(TpduError::BadAddress);
        }
        Ok(Self {
            type_of_address: type_of_address | 0x80,
            text: digits.to_owned(),
        })
    }

    /// A sender's name of at most 11 septets of the default alphabet.
    ///
    /// # Errors
    /// [`TpduError::BadAddress`] or [`TpduError::AddressTooLong`].
    pub fn name(name: &str) -> Result<Self, TpduError> {
        let septets = gsm7::encode(name).ok_or(TpduError::BadAddress)?;
        if septets.len() > NAME_SEPTETS_MAX {
            return Err(TpduError::AddressTooLong {
                got: semi_octets_of_name(septets.len()),
                limit: SEMI_OCTETS_MAX,
            });
        }
        // It would read as seven characters and fill, see `read_name`.
        if is_filled_seven(&septets) {
            return Err(TpduError::BadAddress);
        }
        Ok(Self {
            type_of_address: ALPHANUMERIC,
            text: name.to_owned(),
        })
    }

    /// The type-of-address octet: bit 7 set, type of number in bits 6–4, plan in bits 3–0.
    pub fn type_of_address(&self) -> u8 {
        self.type_of_address
    }

    /// The digits or the name.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is a name and not digits.
    pub fn is_name(&self) -> bool {
        self.type_of_address & TON_BITS == TON_ALPHANUMERIC
    }

    /// Who it is: international numbers are telephones, names are names, the rest short codes.
    ///
    /// `None` when it is empty, as in the messages of some networks themselves.
    pub fn to_address(&self) -> Option<Address> {
        if self.text.is_empty() {
            return None;
        }
        if self.is_name() {
            return Some(Address::Name(self.text.clone()));
        }
        let international = self.type_of_address & TON_BITS == TON_INTERNATIONAL;
        match Msisdn::parse(&self.text) {
            Ok(msisdn) if international => Some(Address::Phone(msisdn)),
            _ => Some(Address::ShortCode(self.text.clone())),
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>, field: &'static str) -> Result<Self, TpduError> {
        let semi_octets = usize::from(reader.octet(field)?);
        if semi_octets > SEMI_OCTETS_MAX {
            return Err(TpduError::AddressTooLong {
                got: semi_octets,
                limit: SEMI_OCTETS_MAX,
            });
        }
        let type_of_address = reader.octet(field)? | 0x80;
        let value = reader.take(semi_octets.div_ceil(2), field)?;
        let text = if type_of_address & TON_BITS == TON_ALPHANUMERIC {
            read_name(value, semi_octets)
        } else {
            read_digits(value, semi_octets)
        };
        Ok(Self {
            type_of_address,
            text,
        })
    }

    pub(super) fn write(&self, octets: &mut Vec<u8>) {
        if self.is_name() {
            let septets = gsm7::encode(&self.text).unwrap_or_default();
            octets.push(low_octet(semi_octets_of_name(septets.len())));
            octets.push(self.type_of_address);
            octets.extend(packing::pack(&septets, 0));
        } else {
            octets.push(low_octet(self.text.chars().count()));
            octets.push(self.type_of_address);
            octets.extend(swapped(&self.text));
        }
    }

    pub(super) fn of_smsc_octets(type_of_address: u8, value: &[u8]) -> Result<Self, TpduError> {
        let got = value.len().saturating_mul(2);
        if got > SEMI_OCTETS_MAX {
            return Err(TpduError::AddressTooLong {
                got,
                limit: SEMI_OCTETS_MAX,
            });
        }
        Self::digits(type_of_address, &read_digits(value, got))
    }

    pub(super) fn to_smsc_octets(&self) -> Result<Vec<u8>, TpduError> {
        if self.is_name() {
            return Err(TpduError::BadAddress);
        }
        let digits = swapped(&self.text);
        let mut octets = vec![low_octet(digits.len().saturating_add(1))];
        octets.push(self.type_of_address);
        octets.extend(digits);
        Ok(octets)
    }
}

impl fmt::Debug for TpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "[address {:#04x}, {} characters]",
            self.type_of_address,
            self.text.len()
        )
    }
}

/// Fill semi-octets are dropped wherever they stand: some modems count them.
fn read_digits(value: &[u8], semi_octets: usize) -> String {
    value
        .iter()
        .flat_map(|octet| [octet & 0x0F, octet >> 4])
        .take(semi_octets)
        .filter_map(|digit| SEMI_OCTETS.get(usize::from(digit)))
        .collect()
}

/// Seven characters take 13 semi-octets. Senders that count whole octets write 14, and then the
/// seven fill bits look like an eighth character, `@`: it is dropped.
fn read_name(value: &[u8], semi_octets: usize) -> String {
    let count = (semi_octets.saturating_mul(4) / 7).min(NAME_SEPTETS_MAX);
    let mut septets = packing::unpack(value, count, 0);
    if is_filled_seven(&septets) {
        septets.truncate(7);
    }
    let text = gsm7::decode(&septets);
    // An escape that means nothing shows as one character of two septets, so that the text may
    // look like a filled seven only when it is written again.
    let mut written = gsm7::encode(&text).unwrap_or_default();
    if is_filled_seven(&written) {
        written.truncate(7);
        return gsm7::decode(&written);
    }
    text
}

fn is_filled_seven(septets: &[u8]) -> bool {
    septets.len() == 8 && septets.last() == Some(&0)
}

/// Semi-octets that hold at least one bit of a name (TS 23.040 §9.1.2.5).
fn semi_octets_of_name(septets: usize) -> usize {
    septets.saturating_mul(7).div_ceil(4)
}

fn swapped(digits: &str) -> Vec<u8> {
    let semi_octets: Vec<u8> = digits
        .chars()
        .filter_map(|digit| SEMI_OCTETS.iter().position(|&known| known == digit))
        .map(low_octet)
        .collect();
    semi_octets
        .chunks(2)
        .filter_map(|pair| {
            let (&low, rest) = pair.split_first()?;
            let high = rest.first().copied().unwrap_or(FILL);
            Some(low | high << 4)
        })
        .collect()
}

fn low_octet(value: usize) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}
