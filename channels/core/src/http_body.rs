//! Bodies that HTTP aggregators send and expect, with the names of their fields as data.
//!
//! [`reading`] takes a JSON object (RFC 8259) or a form (URL Living Standard §5.1) apart,
//! [`writing`] puts one together. A field of JSON is named by a JSON pointer (RFC 6901) such as
//! `/data/phone`, a field of a form by its name. A refusal names the field, never its value.
//! Which fields mean what stands in [`crate::ussd_json`] and [`crate::sms_api`].

pub mod reading;
pub mod writing;

use serde::Deserialize;

/// Longest body in octets, of a request and of an answer that we read; longer is refused whole.
pub const BODY_OCTETS_MAX: usize = 8 * 1024;
/// Longest session name, message id or operation in octets; longer is refused.
pub const ID_OCTETS_MAX: usize = 128;
/// Most fields of a form; more are refused. The longest known notification has twelve.
pub const FIELDS_MAX: usize = 64;
/// Longest file that describes a dialect or an API, in octets; longer is refused.
pub const DESCRIPTION_OCTETS_MAX: usize = 16 * 1024;

/// How a body is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// One JSON object.
    Json,
    /// `application/x-www-form-urlencoded`; with `GET` the query has the same form.
    Form,
}

impl Encoding {
    /// The media type of such a body.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }
}

/// Why a body was refused; surfaces as HTTP 400 or 413 and in the log of the link.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// Longer than [`BODY_OCTETS_MAX`].
    #[error("body has {got} octets, the limit is {limit}")]
    TooLarge {
        /// The limit in octets.
        limit: usize,
        /// The octets that came.
        got: usize,
    },
    /// Not a JSON object.
    #[error("body is no JSON object, seen at line {line}, column {column}")]
    NotJson {
        /// Line, from 1; 0 when the whole is meant.
        line: usize,
        /// Column, from 1; 0 when the whole is meant.
        column: usize,
    },
    /// Not a form, such as a broken percent escape.
    #[error("body is no form: {0}")]
    NotForm(#[source] crate::ussd_form::Refused),
    /// A needed field is missing or empty.
    #[error("field `{0}` is missing")]
    Missing(String),
    /// A field of a form came twice.
    #[error("field `{0}` came twice")]
    Doubled(String),
    /// A field is longer than its limit.
    #[error("field `{0}` is too long")]
    TooLong(String),
    /// A field is not what it should be, such as a number with letters.
    #[error("field `{0}` has the wrong form")]
    WrongForm(String),
}

/// Why a description of a dialect or an API is refused; surfaces at start.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadDescription {
    /// Longer than [`DESCRIPTION_OCTETS_MAX`].
    #[error("it has {got} octets, the limit is {limit}")]
    TooLarge {
        /// The limit in octets.
        limit: usize,
        /// The octets of the file.
        got: usize,
    },
    /// Not the JSON that is expected; names the key.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// Readable, but it cannot work.
    #[error("it cannot work: {0}")]
    Contradiction(&'static str),
}

/// Reads a description, whatever its kind.
///
/// # Errors
/// [`BadDescription`] when it is too long or not the JSON that is expected.
pub(crate) fn describe<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, BadDescription> {
    let (limit, got) = (DESCRIPTION_OCTETS_MAX, text.len());
    if got > limit {
        return Err(BadDescription::TooLarge { limit, got });
    }
    serde_json::from_str(text).map_err(|error| BadDescription::Unreadable(error.to_string()))
}

#[cfg(test)]
mod tests;
