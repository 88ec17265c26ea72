//! SMS over an aggregator's HTTP API, with its words as data: requests, answers, receipts, inbound.
//!
//! One [`SmsApi`] is one JSON file; the shipped ones lie in `sms_api/apis`. A status of 200 does
//! not mean *sent*: [`SmsApi::outcome`] reads the recipient's own status, and whatever it does not
//! know is *unknown*. An API that gives our reference back in its receipts is matched by it, so a
//! receipt also settles a message whose answer was lost. Sockets are in the shell.

use core::fmt;

use jiff::Timestamp;
use serde::Deserialize;

use crate::address::Address;
use crate::event::{LinkName, OutgoingSms, SmsReceived, SmsStatus, SubmitOutcome};
use crate::http_body::reading::Body;
use crate::http_body::writing::{self, Member, Word, compose};
use crate::http_body::{
    BODY_OCTETS_MAX, BadDescription, Encoding, ID_OCTETS_MAX, Refused, describe,
};
use crate::ussd_form::moment;
use crate::ussd_json::Account;

/// Wait after "too many requests", in seconds.
const BUSY_S: u32 = 30;
/// Wait when the API does not let us in: a person must act first, in seconds.
const CLOSED_S: u32 = 900;

/// The APIs that come with the program.
const SHIPPED: [&str; 2] = [
    include_str!("sms_api/apis/africas-talking.json"),
    include_str!("sms_api/apis/json.json"),
];

/// How one API speaks.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsApi {
    /// Its name in settings and logs.
    pub name: String,
    /// Where its description comes from, for people.
    pub source: String,
    /// Hands a message over.
    pub submit: CallForm,
    /// Asks what became of a message whose answer was lost, by our reference.
    pub query: Option<CallForm>,
    /// Says what became of a message.
    pub receipt: ReceiptForm,
    /// Brings a message from a person.
    pub inbound: InboundForm,
}

/// One request of ours and its answer.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallForm {
    /// How its body is written.
    pub encoding: Encoding,
    /// What it holds.
    pub members: Vec<Member>,
    /// The header with our key, where the API wants one.
    pub key_header: Option<KeyHeader>,
    /// What its answer says.
    pub answer: AnswerForm,
}

/// A header that holds our key.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyHeader {
    /// Its name.
    pub name: String,
    /// Stands before the key, such as `Bearer `.
    #[serde(default)]
    pub before: String,
}

/// Where an answer, a JSON object, says what became of the one recipient.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerForm {
    /// Pointer to the recipient's status.
    pub status: String,
    /// Pointer to the API's id of the message.
    pub id: String,
    /// Statuses of a message that was taken.
    pub sent: Vec<String>,
    /// Statuses of an account without credit.
    #[serde(default)]
    pub no_credit: Vec<String>,
    /// Statuses of a message that was not taken and may be offered again.
    #[serde(default)]
    pub later: Vec<String>,
    /// Statuses of a message that will never be taken.
    #[serde(default)]
    pub failed: Vec<String>,
}

/// A posted receipt.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptForm {
    /// How it is written.
    pub encoding: Encoding,
    /// The API's id of the message.
    pub id: String,
    /// Our own id, where the API gives it back.
    pub reference: Option<String>,
    /// What became of it.
    pub status: String,
    /// Statuses of a message that reached the phone.
    pub delivered: Vec<String>,
    /// Statuses of a message that never will.
    pub undelivered: Vec<String>,
}

/// A posted message from a person.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboundForm {
    /// How it is written.
    pub encoding: Encoding,
    /// Who sent it.
    pub from: String,
    /// What it was sent to.
    pub to: String,
    /// Its text.
    pub text: String,
    /// When it was sent; with sender and text it recognises a repeat.
    pub date: String,
}

impl SmsApi {
    /// The shipped API of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::shipped().find(|api| api.name == name)
    }

    /// All shipped APIs.
    pub fn shipped() -> impl Iterator<Item = Self> {
        SHIPPED.iter().filter_map(|text| Self::parse(text).ok())
    }

    /// Reads the description of an API.
    ///
    /// # Errors
    /// [`BadDescription`] for what is unreadable or cannot work.
    pub fn parse(text: &str) -> Result<Self, BadDescription> {
        let api: Self = describe(text)?;
        let bad = |reason| Err(BadDescription::Contradiction(reason));
        if api.name.is_empty() {
            return bad("it has no name");
        }
        api.submit.check(&[Word::Text])?;
        if let Some(query) = &api.query {
            query.check(&[Word::Reference])?;
            if !api.submit.holds(Word::Reference) {
                return bad("`query` needs a reference that `submit` gave");
            }
        }
        if api.receipt.reference.is_some() && !api.submit.holds(Word::Reference) {
            return bad("a receipt cannot give back a reference that `submit` does not give");
        }
        Ok(api)
    }

    /// The body that hands a message over.
    pub fn submit(&self, sms: &OutgoingSms, account: &Account) -> String {
        self.submit.body(sms, account)
    }

    /// The body that asks for a message; `None` where the API cannot be asked.
    pub fn query(&self, sms: &OutgoingSms, account: &Account) -> Option<String> {
        Some(self.query.as_ref()?.body(sms, account))
    }

    /// What the answer to a submission says of its one recipient.
    pub fn outcome(&self, (status, body): (u16, &[u8]), sms: &OutgoingSms) -> SubmitOutcome {
        match status {
            200..=299 => self.said(&self.submit.answer, body, sms),
            402 => SubmitOutcome::NoCredit,
            429 => SubmitOutcome::TryLater { after_s: BUSY_S },
            300..=399 | 401 | 403 | 404 | 405 | 407 => {
                SubmitOutcome::TryLater { after_s: CLOSED_S }
            }
            // The body is read all the same: some APIs say "no credit" under a 4xx.
            400..=499 if status != 408 && status != 425 => {
                match self.said(&self.submit.answer, body, sms) {
                    SubmitOutcome::Unknown | SubmitOutcome::Sent { .. } => SubmitOutcome::Failed {
                        code: u32::from(status),
                    },
                    other => other,
                }
            }
            _ => SubmitOutcome::Unknown,
        }
    }

    /// What the answer to a question says; anything unclear stays unknown.
    pub fn found(&self, (status, body): (u16, &[u8]), sms: &OutgoingSms) -> SubmitOutcome {
        match &self.query {
            Some(query) if (200..300).contains(&status) => self.said(&query.answer, body, sms),
            _ => SubmitOutcome::Unknown,
        }
    }

    /// Whether a status of HTTP means that the API does not let us in.
    pub fn is_closed(status: u16) -> bool {
        matches!(status, 300..=399 | 401 | 403 | 404 | 405 | 407)
    }

    fn said(&self, form: &AnswerForm, body: &[u8], sms: &OutgoingSms) -> SubmitOutcome {
        let Ok(body) = Body::parse(Encoding::Json, body) else {
            return SubmitOutcome::Unknown;
        };
        let field = |pointer| body.required(pointer, ID_OCTETS_MAX).ok();
        let Some(status) = field(&form.status) else {
            return SubmitOutcome::Unknown;
        };
        let is_one_of = |values: &[String]| values.contains(&status);
        if is_one_of(&form.sent) {
            // Without an id no receipt could ever be matched, unless it names our own.
            let own = self.receipt.reference.is_some().then(|| sms.id.clone());
            own.or_else(|| field(&form.id))
                .map_or(SubmitOutcome::Unknown, |message_id| SubmitOutcome::Sent {
                    message_id,
                })
        } else if is_one_of(&form.no_credit) {
            SubmitOutcome::NoCredit
        } else if is_one_of(&form.later) {
            SubmitOutcome::TryLater { after_s: BUSY_S }
        } else if is_one_of(&form.failed) {
            SubmitOutcome::Failed { code: 0 }
        } else {
            SubmitOutcome::Unknown
        }
    }

    /// Reads a posted receipt.
    ///
    /// # Errors
    /// [`Refused`] with what is wrong.
    pub fn receipt(&self, octets: &[u8], link: &LinkName) -> Result<SmsStatus, Refused> {
        let form = &self.receipt;
        let body = Body::parse(form.encoding, octets)?;
        let own = match &form.reference {
            Some(field) => body.text(field, ID_OCTETS_MAX)?,
            None => None,
        };
        let message_id = match own.filter(|own| !own.is_empty()) {
            Some(own) => own,
            None => body.required(&form.id, ID_OCTETS_MAX)?,
        };
        let status = body.required(&form.status, ID_OCTETS_MAX)?;
        let delivered = if form.delivered.contains(&status) {
            Some(true)
        } else if form.undelivered.contains(&status) {
            Some(false)
        } else {
            None
        };
        Ok(SmsStatus::new(link.clone(), message_id, delivered))
    }

    /// Reads a posted message from a person.
    ///
    /// # Errors
    /// [`Refused`] with what is wrong.
    pub fn inbound(&self, octets: &[u8], link: &LinkName) -> Result<SmsReceived, Refused> {
        let form = &self.inbound;
        let body = Body::parse(form.encoding, octets)?;
        let address = |field: &String| {
            Address::parse(&body.required(field, ID_OCTETS_MAX)?)
                .ok()
                .ok_or_else(|| Refused::WrongForm(field.clone()))
        };
        Ok(SmsReceived {
            link: link.clone(),
            from: address(&form.from)?,
            to: address(&form.to)?,
            text: body
                .text(&form.text, BODY_OCTETS_MAX)?
                .ok_or_else(|| Refused::Missing(form.text.clone()))?,
            sent: sent(&body, &form.date)?,
        })
    }
}

/// A date that nobody can read is no reason to lose a person's message.
fn sent(body: &Body, field: &str) -> Result<Option<Timestamp>, Refused> {
    Ok(body
        .text(field, ID_OCTETS_MAX)?
        .and_then(|date| moment(&date)))
}

impl CallForm {
    fn check(&self, needed: &[Word]) -> Result<(), BadDescription> {
        writing::check(&self.members, self.encoding)?;
        if needed.iter().all(|word| self.holds(*word)) {
            Ok(())
        } else {
            let reason = "`submit` holds no `text`, or `query` no `reference`";
            Err(BadDescription::Contradiction(reason))
        }
    }

    fn holds(&self, word: Word) -> bool {
        self.members.iter().any(|member| member.is == Some(word))
    }

    fn body(&self, sms: &OutgoingSms, account: &Account) -> String {
        let words = |word| match word {
            Word::Text => sms.text.clone(),
            Word::Phone => sms.to.as_str().to_owned(),
            Word::PhonePlus => sms.to.to_e164(),
            Word::Sender => sms.from.as_str().to_owned(),
            Word::Account => account.name.clone(),
            Word::Secret => account.secret.clone(),
            Word::Reference => sms.id.clone(),
            Word::Session | Word::Code | Word::MessageId => String::new(),
        };
        compose((self.encoding, &self.members), None, &words, false)
    }
}

impl KeyHeader {
    /// The header's value for an account.
    pub fn value(&self, account: &Account) -> HeaderText {
        HeaderText(format!("{}{}", self.before, account.secret))
    }
}

/// The value of a header with a key; not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderText(pub String);

impl fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeaderText")
    }
}

#[cfg(test)]
mod tests;
