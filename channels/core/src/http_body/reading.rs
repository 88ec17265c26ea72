//! A body taken apart: fields are asked for by the name or pointer that a description gives.

use core::fmt;

use serde_json::Value;

use super::{BODY_OCTETS_MAX, Encoding, FIELDS_MAX, Refused};
use crate::ussd_form::decode_pairs;

/// A body taken apart.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// A JSON object. Of a member that comes twice the last one counts (RFC 8259 §4).
    Json(Value),
    /// Names and values of a form, in their order.
    Form(Vec<(String, String)>),
}

impl Body {
    /// Takes a body apart.
    ///
    /// # Errors
    /// [`Refused`] with what is wrong.
    pub fn parse(encoding: Encoding, octets: &[u8]) -> Result<Self, Refused> {
        let (limit, got) = (BODY_OCTETS_MAX, octets.len());
        if got > limit {
            return Err(Refused::TooLarge { limit, got });
        }
        match encoding {
            Encoding::Form => decode_pairs(octets, FIELDS_MAX)
                .map(Self::Form)
                .map_err(Refused::NotForm),
            Encoding::Json => match serde_json::from_slice(octets) {
                Ok(value @ Value::Object(_)) => Ok(Self::Json(value)),
                Ok(_) => Err(Refused::NotJson { line: 0, column: 0 }),
                Err(error) => Err(Refused::NotJson {
                    line: error.line(),
                    column: error.column(),
                }),
            },
        }
    }

    /// The text of a field; `None` when it is missing or `null`.
    ///
    /// Whole numbers and truth values of JSON count as the text that they are written as.
    ///
    /// # Errors
    /// [`Refused`] when it came twice, is longer than `octets_max`, or is no single value.
    pub fn text(&self, field: &str, octets_max: usize) -> Result<Option<String>, Refused> {
        let found = match self {
            Self::Form(pairs) => form_text(pairs, field)?,
            Self::Json(value) => json_text(value, field)?,
        };
        match found {
            Some(text) if text.len() > octets_max => Err(Refused::TooLong(field.to_owned())),
            found => Ok(found),
        }
    }

    /// The text of a field that must be there and hold something.
    ///
    /// # Errors
    /// [`Refused`] as [`Self::text`], and when it is missing or empty.
    pub fn required(&self, field: &str, octets_max: usize) -> Result<String, Refused> {
        self.text(field, octets_max)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Refused::Missing(field.to_owned()))
    }
}

fn form_text(pairs: &[(String, String)], field: &str) -> Result<Option<String>, Refused> {
    let mut values = pairs.iter().filter(|(name, _)| name == field);
    let first = values.next().map(|(_, value)| value.clone());
    if values.next().is_some() {
        return Err(Refused::Doubled(field.to_owned()));
    }
    Ok(first)
}

fn json_text(value: &Value, field: &str) -> Result<Option<String>, Refused> {
    match value.pointer(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Bool(truth)) => Ok(Some(truth.to_string())),
        // A number with a fraction or an exponent names nothing: its spelling is lost.
        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => {
            Ok(Some(number.to_string()))
        }
        Some(_) => Err(Refused::WrongForm(field.to_owned())),
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(_) => write!(f, "Body(JSON)"),
            Self::Form(pairs) => write!(f, "Body(form, {} fields)", pairs.len()),
        }
    }
}
