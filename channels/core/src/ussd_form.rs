//! The form of HTTP gateways in Africa's Talking's way: USSD steps, session ends, SMS, receipts.
//!
//! [`parse_step`] and its sisters read a posted form, [`screen`] writes the answer. Unknown fields
//! pass; a missing, doubled or ill-typed known field is refused with its name, never its value.
//! [`joined`] finds the newest answer in the gateway's joined text.

mod field;
pub mod joined;

use core::fmt;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::address::{Address, Msisdn};
use crate::event::{LinkName, SmsReceived, SmsStatus};
pub(crate) use field::decode_pairs;
use field::{Field, Fields};

/// Longest body in octets; a longer one is refused as a whole (HTTP 413).
pub const BODY_OCTETS_MAX: usize = 8 * 1024;
/// Longest session name or message id in octets; longer is refused.
pub const ID_OCTETS_MAX: usize = 128;
/// Longest service code in octets, the length of a USSD string; longer is refused.
pub const CODE_OCTETS_MAX: usize = 182;

/// Why a form was refused; surfaces as HTTP 400 or 413 and in the log of the link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("form refused at octet {offset}: {reason}")]
pub struct Refused {
    /// What is wrong.
    pub reason: Reason,
    /// Where in the body, in octets from 0; 0 when the whole form is meant.
    pub offset: usize,
}

/// What is wrong with a form.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Reason {
    /// Longer than [`BODY_OCTETS_MAX`].
    #[error("body has {got} octets, the limit is {limit}")]
    TooLarge {
        /// The limit in octets.
        limit: usize,
        /// The octets that came.
        got: usize,
    },
    /// More fields than any gateway sends.
    #[error("more than {0} fields")]
    TooManyFields(usize),
    /// A `%` without two hexadecimal digits.
    #[error("broken percent escape")]
    PercentEscape,
    /// A name or value is not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// A needed field is missing or empty.
    #[error("field `{0}` is missing")]
    Missing(&'static str),
    /// A field came twice.
    #[error("field `{0}` came twice")]
    Doubled(&'static str),
    /// A field is longer than its limit.
    #[error("field `{0}` is too long")]
    TooLong(&'static str),
    /// A field is not what it should be, such as a number with letters.
    #[error("field `{0}` has the wrong form")]
    WrongForm(&'static str),
}

/// One posted USSD step.
#[derive(Clone, PartialEq, Eq)]
pub struct StepForm {
    /// `sessionId`.
    pub session: String,
    /// `phoneNumber`.
    pub from: Msisdn,
    /// `networkCode`, such as `63902`; empty when missing.
    pub network: String,
    /// `serviceCode`, such as `*384*7#`; empty when missing.
    pub code: String,
    /// `text`: everything typed so far, joined with `*`; empty at the first step.
    pub text: String,
}

/// The posted end of a USSD session.
#[derive(Clone, PartialEq, Eq)]
pub struct EndForm {
    /// `sessionId`.
    pub session: String,
    /// `phoneNumber`.
    pub from: Msisdn,
    /// `serviceCode`; empty when missing.
    pub code: String,
    /// Whether `status` says that the dialogue came to its end by our own last screen.
    pub completed: bool,
}

/// Reads a USSD step.
///
/// # Errors
/// [`Refused`] with what is wrong and where.
pub fn parse_step(body: &[u8]) -> Result<StepForm, Refused> {
    const NAMES: [&str; 5] = [
        "sessionId",
        "phoneNumber",
        "networkCode",
        "serviceCode",
        "text",
    ];
    let mut fields = Fields::parse(body, &NAMES)?;
    Ok(StepForm {
        session: fields.required("sessionId", ID_OCTETS_MAX)?,
        from: phone(&mut fields, "phoneNumber")?,
        network: fields
            .optional("networkCode", ID_OCTETS_MAX)?
            .unwrap_or_default(),
        code: fields
            .optional("serviceCode", CODE_OCTETS_MAX)?
            .unwrap_or_default(),
        text: fields
            .optional("text", BODY_OCTETS_MAX)?
            .unwrap_or_default(),
    })
}

/// Reads the notification that a session ended (statuses `Success`, `Incomplete`, `Failed`).
///
/// # Errors
/// [`Refused`] with what is wrong and where.
pub fn parse_end(body: &[u8]) -> Result<EndForm, Refused> {
    let mut fields = Fields::parse(body, &["sessionId", "phoneNumber", "serviceCode", "status"])?;
    Ok(EndForm {
        session: fields.required("sessionId", ID_OCTETS_MAX)?,
        from: phone(&mut fields, "phoneNumber")?,
        code: fields
            .optional("serviceCode", CODE_OCTETS_MAX)?
            .unwrap_or_default(),
        completed: fields
            .required("status", ID_OCTETS_MAX)?
            .eq_ignore_ascii_case("success"),
    })
}

/// Reads an incoming SMS: `from`, `to`, `text`, and `date` where it can be read.
///
/// # Errors
/// [`Refused`] with what is wrong and where.
pub fn parse_sms(body: &[u8], link: &LinkName) -> Result<SmsReceived, Refused> {
    let mut fields = Fields::parse(body, &["from", "to", "text", "date"])?;
    let from = address(&mut fields, "from")?;
    let to = address(&mut fields, "to")?;
    let text = fields
        .optional("text", BODY_OCTETS_MAX)?
        .ok_or(missing("text"))?;
    // A date that nobody can read is no reason to lose a person's message.
    let sent = fields
        .optional("date", ID_OCTETS_MAX)?
        .and_then(|date| moment(&date));
    Ok(SmsReceived {
        link: link.clone(),
        from,
        to,
        text,
        sent,
    })
}

/// Reads a delivery receipt: `id` and `status`.
///
/// # Errors
/// [`Refused`] with what is wrong and where.
pub fn parse_receipt(body: &[u8], link: &LinkName) -> Result<SmsStatus, Refused> {
    let mut fields = Fields::parse(body, &["id", "status"])?;
    let message_id = fields.required("id", ID_OCTETS_MAX)?;
    let delivered = match fields.required("status", ID_OCTETS_MAX)?.as_str() {
        "Success" => Some(true),
        "Rejected" | "Failed" | "Expired" => Some(false),
        _ => None,
    };
    Ok(SmsStatus::new(link.clone(), message_id, delivered))
}

/// The body of an answer: `CON ` and the screen, or `END ` where the session closes.
pub fn screen(text: &str, end: bool) -> String {
    let word = if end { "END" } else { "CON" };
    format!("{word} {text}")
}

fn missing(name: &'static str) -> Refused {
    Refused {
        reason: Reason::Missing(name),
        offset: 0,
    }
}

fn phone(fields: &mut Fields, name: &'static str) -> Result<Msisdn, Refused> {
    let Field { text, offset, .. } = fields.take(name, ID_OCTETS_MAX)?.ok_or(missing(name))?;
    Msisdn::parse(&text).ok().ok_or(Refused {
        reason: Reason::WrongForm(name),
        offset,
    })
}

fn address(fields: &mut Fields, name: &'static str) -> Result<Address, Refused> {
    let Field { text, offset, .. } = fields.take(name, ID_OCTETS_MAX)?.ok_or(missing(name))?;
    Address::parse(&text).ok().ok_or(Refused {
        reason: Reason::WrongForm(name),
        offset,
    })
}

/// Both spellings that are met: with a zone, or a bare date and time, which are UTC.
pub(crate) fn moment(date: &str) -> Option<Timestamp> {
    if let Ok(moment) = date.parse::<Timestamp>() {
        return Some(moment);
    }
    date.parse::<DateTime>()
        .ok()?
        .to_zoned(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}

impl fmt::Debug for StepForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StepForm({} octets of text)", self.text.len())
    }
}

impl fmt::Debug for EndForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EndForm(completed: {})", self.completed)
    }
}

#[cfg(test)]
mod tests;
