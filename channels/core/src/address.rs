//! Telephone numbers and other senders: E.164 MSISDN, short codes, alphanumeric names.
//!
//! Numbers are personal data: `Debug` shows no digit, there is no `Display`; use
//! [`Msisdn::as_str`] where a protocol needs the digits.

use core::fmt;

/// Most digits of an E.164 number (ITU-T E.164 §6.2.1); longer input is refused.
pub const MSISDN_DIGITS_MAX: usize = 15;
/// Fewest digits that we take for an international number; shorter ones are short codes.
pub const MSISDN_DIGITS_MIN: usize = 7;
/// Longest address that SMPP 3.4 §5.2.9 carries, in characters.
pub const ADDRESS_CHARS_MAX: usize = 20;

/// An international telephone number, stored as digits without the leading `+`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Msisdn(String);

impl Msisdn {
    /// Parses an international number: `+`, optional blanks and hyphens, 7–15 digits, no leading 0.
    ///
    /// The `+` may be missing, as most gateways leave it out.
    ///
    /// # Errors
    /// [`AddressError`] names what is wrong, never the number.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let digits: String = text
            .trim()
            .trim_start_matches('+')
            .chars()
            .filter(|c| !matches!(c, ' ' | '-'))
            .collect();
        if !digits.chars().all(|c| c.is_ascii_digit()) {
            return Err(AddressError::NotDigits);
        }
        if !(MSISDN_DIGITS_MIN..=MSISDN_DIGITS_MAX).contains(&digits.len()) {
            return Err(AddressError::Length { got: digits.len() });
        }
        if digits.starts_with('0') {
            return Err(AddressError::NotInternational);
        }
        Ok(Self(digits))
    }

    /// The digits without `+`, as SMPP with TON 1 carries them.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The E.164 form with `+`.
    pub fn to_e164(&self) -> String {
        format!("+{}", self.0)
    }
}

impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[phone, {} digits]", self.0.len())
    }
}

/// Who a message comes from or goes to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    /// A person's telephone.
    Phone(Msisdn),
    /// A service number of 2–6 digits, or another number that is not E.164.
    ShortCode(String),
    /// A sender's name (TS 23.040 §9.1.2.5); cannot be answered.
    Name(String),
}

impl Address {
    /// Sorts a peer's spelling into the three kinds; never fails on printable text.
    ///
    /// # Errors
    /// [`AddressError`] when empty, longer than 20 characters or not printable ASCII.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() || text.len() > ADDRESS_CHARS_MAX {
            return Err(AddressError::Length { got: text.len() });
        }
        if let Ok(msisdn) = Msisdn::parse(text) {
            return Ok(Self::Phone(msisdn));
        }
        if !text.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
            return Err(AddressError::NotDigits);
        }
        if text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '*' | '#' | '+'))
        {
            return Ok(Self::ShortCode(text.to_owned()));
        }
        Ok(Self::Name(text.to_owned()))
    }

    /// The spelling without `+`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(msisdn) => msisdn.as_str(),
            Self::ShortCode(text) | Self::Name(text) => text,
        }
    }

    /// The telephone, if it is one.
    pub fn phone(&self) -> Option<&Msisdn> {
        match self {
            Self::Phone(msisdn) => Some(msisdn),
            Self::ShortCode(_) | Self::Name(_) => None,
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(msisdn) => msisdn.fmt(f),
            Self::ShortCode(code) => write!(f, "short code {code}"),
            Self::Name(name) => write!(f, "[name, {} characters]", name.len()),
        }
    }
}

/// Why a number or address was refused; surfaces at the edge of a channel or in a form.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddressError {
    /// A character other than digits, blanks, hyphens and the leading `+`.
    #[error("address holds characters that do not belong in one")]
    NotDigits,
    /// Too short or too long.
    #[error("address has {got} characters, which no number has")]
    Length {
        /// How many.
        got: usize,
    },
    /// A national number with its trunk 0.
    #[error("number is not in international form")]
    NotInternational,
}
