//! USSD over HTTP in dialects that are data: which fields a gateway sends, how we answer.
//!
//! One [`Dialect`] is one JSON file; the shipped ones lie in `ussd_json/dialects`, others are read
//! from a file that the settings name. [`Dialect::read`] makes an [`Asked`] of a request,
//! [`memory::Memory`] an event of that, [`Dialect::answer`] the body of the answer, and
//! [`Dialect::push`] the request of our own by which some gateways want the screen. The form of
//! Africa's Talking is [`crate::ussd_form`]. Meaning and transport are not here.

pub mod memory;

use core::fmt;

use serde::Deserialize;

use crate::address::Msisdn;
use crate::event::UssdOp;
use crate::http_body::reading::Body;
use crate::http_body::writing::{self, Member, Word, compose};
use crate::http_body::{
    BODY_OCTETS_MAX, BadDescription, Encoding, ID_OCTETS_MAX, Refused, describe,
};
use crate::ussd_form::CODE_OCTETS_MAX;

/// The dialects that come with the program.
const SHIPPED: [&str; 4] = [
    include_str!("ussd_json/dialects/sendexa.json"),
    include_str!("ussd_json/dialects/oltranz.json"),
    include_str!("ussd_json/dialects/ideamart.json"),
    include_str!("ussd_json/dialects/hollatags.json"),
];

/// How one gateway speaks.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialect {
    /// Its name in settings and logs.
    pub name: String,
    /// Where its description comes from, for people.
    pub source: String,
    /// What it sends.
    pub request: RequestForm,
    /// What it is answered.
    pub answer: AnswerForm,
    /// The request of our own that carries the screen, where the answer does not.
    pub push: Option<PushForm>,
}

/// Method of a gateway's requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Fields in the query; in the body where there is no query.
    Get,
    /// Fields in the body.
    Post,
}

/// What a gateway sends; fields are names of a form or pointers into JSON.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestForm {
    /// Its method.
    pub method: Method,
    /// How its fields are written.
    pub encoding: Encoding,
    /// The gateway's name of the session.
    pub session: String,
    /// The caller's number.
    pub phone: String,
    /// Stands before the number and is taken away, such as `tel:`.
    #[serde(default)]
    pub phone_prefix: String,
    /// The code that was dialled.
    pub code: Option<String>,
    /// What was typed.
    pub text: String,
    /// Whether `text` is everything typed so far, joined with `*`.
    #[serde(default)]
    pub joined: bool,
    /// The request's id or time stamp, the same when the gateway repeats the request.
    pub step: Option<String>,
    /// Says where in the session a request stands; without it an unknown session begins.
    pub operation: Option<OperationForm>,
}

/// Where a gateway says which step a request is.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationForm {
    /// The field.
    pub at: String,
    /// Values for a code that was dialled.
    pub begin: Vec<String>,
    /// Values for an answer.
    pub go_on: Vec<String>,
    /// Values for a session that the person or the network closed.
    #[serde(default)]
    pub end: Vec<String>,
}

/// The body of our answer, a JSON object.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerForm {
    /// What it begins with.
    #[serde(default)]
    pub base: Base,
    /// Its members.
    pub members: Vec<Member>,
}

/// What an answer begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Base {
    /// An empty object.
    #[default]
    Empty,
    /// The request's own object.
    Request,
}

/// A request of our own that carries a screen.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushForm {
    /// Its members, a JSON object.
    pub members: Vec<Member>,
    /// What its answer says when the screen was taken.
    pub accepted: AcceptedForm,
}

/// A field of an answer and the values that mean success.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedForm {
    /// The field.
    pub at: String,
    /// Its good values.
    pub values: Vec<String>,
}

/// One request, read.
#[derive(Clone, PartialEq)]
pub struct Asked {
    /// The gateway's name of the session.
    pub session: String,
    /// The caller.
    pub from: Msisdn,
    /// The code that was dialled; empty when the gateway does not tell.
    pub code: String,
    /// Where in the session; `None` when the gateway does not say.
    pub op: Option<UssdOp>,
    /// What was typed.
    pub text: String,
    /// The request's id or time stamp.
    pub stamp: Option<String>,
    body: Body,
}

/// Our account at the gateway, for screens that we bring.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its password.
    pub secret: String,
}

impl Dialect {
    /// The shipped dialect of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::shipped().find(|dialect| dialect.name == name)
    }

    /// All shipped dialects.
    pub fn shipped() -> impl Iterator<Item = Self> {
        SHIPPED.iter().filter_map(|text| Self::parse(text).ok())
    }

    /// Reads the description of a dialect.
    ///
    /// # Errors
    /// [`BadDescription`] for what is unreadable or cannot work.
    pub fn parse(text: &str) -> Result<Self, BadDescription> {
        let dialect: Self = describe(text)?;
        dialect.check()?;
        Ok(dialect)
    }

    fn check(&self) -> Result<(), BadDescription> {
        let RequestForm {
            method, encoding, ..
        } = self.request;
        let bad = |reason| Err(BadDescription::Contradiction(reason));
        if self.name.is_empty() {
            return bad("it has no name");
        }
        if method == Method::Get && encoding == Encoding::Json {
            return bad("a `get` has its fields in a form");
        }
        if self.answer.base == Base::Request && encoding != Encoding::Json {
            return bad("only a JSON request can be given back");
        }
        writing::check(&self.answer.members, Encoding::Json)?;
        let mut carriers = vec![&self.answer.members];
        if let Some(push) = &self.push {
            writing::check(&push.members, Encoding::Json)?;
            carriers.push(&push.members);
        }
        let shows = |member: &Member| member.is == Some(Word::Text);
        if carriers.iter().filter(|all| all.iter().any(shows)).count() != 1 {
            return bad("exactly one of `answer` and `push` carries the text");
        }
        Ok(())
    }

    /// Reads a request: its body, or with [`Method::Get`] its query.
    ///
    /// # Errors
    /// [`Refused`] with what is wrong.
    pub fn read(&self, octets: &[u8]) -> Result<Asked, Refused> {
        let form = &self.request;
        let body = Body::parse(form.encoding, octets)?;
        let op = match &form.operation {
            Some(operation) => Some(operation.read(&body)?),
            None => None,
        };
        let optional = |field: &Option<String>, limit| match field {
            Some(field) => body.text(field, limit),
            None => Ok(None),
        };
        let session = body.required(&form.session, ID_OCTETS_MAX)?;
        let from = self.caller(&body)?;
        let stamp = optional(&form.step, ID_OCTETS_MAX)?.filter(|stamp| !stamp.is_empty());
        let mut code = optional(&form.code, CODE_OCTETS_MAX)?.unwrap_or_default();
        let mut text = body.text(&form.text, BODY_OCTETS_MAX)?.unwrap_or_default();
        // Some gateways give the code that was dialled as the first text.
        if op == Some(UssdOp::Begin) && is_code(&text) {
            let dialled = core::mem::take(&mut text);
            if code.is_empty() && dialled.len() <= CODE_OCTETS_MAX {
                code = dialled;
            }
        }
        Ok(Asked {
            session,
            from,
            code,
            op,
            text,
            stamp,
            body,
        })
    }

    fn caller(&self, body: &Body) -> Result<Msisdn, Refused> {
        let field = &self.request.phone;
        let phone = body.required(field, ID_OCTETS_MAX)?;
        let digits = phone
            .strip_prefix(&self.request.phone_prefix)
            .unwrap_or(&phone);
        Msisdn::parse(digits)
            .ok()
            .ok_or_else(|| Refused::WrongForm(field.clone()))
    }

    /// The body of the answer; with a [`PushForm`] it only says that the request was taken.
    pub fn answer(&self, asked: &Asked, text: &str, end: bool) -> String {
        let base = match (&asked.body, self.answer.base) {
            (Body::Json(value), Base::Request) => Some(value),
            (Body::Json(_) | Body::Form(_), _) => None,
        };
        let words = |word| asked.word(word, text, &Account::default());
        compose((Encoding::Json, &self.answer.members), base, &words, end)
    }

    /// The body of our own request with the screen; `None` where the answer carries it.
    pub fn push(
        &self,
        asked: &Asked,
        account: &Account,
        (text, end): (&str, bool),
    ) -> Option<String> {
        let members = &self.push.as_ref()?.members;
        let words = |word| asked.word(word, text, account);
        Some(compose((Encoding::Json, members), None, &words, end))
    }

    /// Whether the answer to our own request says that the screen was taken.
    pub fn was_taken(&self, answer: &[u8]) -> bool {
        let Some(push) = &self.push else {
            return false;
        };
        let said = Body::parse(Encoding::Json, answer)
            .and_then(|body| body.text(&push.accepted.at, ID_OCTETS_MAX));
        matches!(said, Ok(Some(value)) if push.accepted.values.contains(&value))
    }
}

impl OperationForm {
    fn read(&self, body: &Body) -> Result<UssdOp, Refused> {
        let value = body.required(&self.at, ID_OCTETS_MAX)?;
        let is_one_of = |values: &[String]| values.contains(&value);
        if is_one_of(&self.begin) {
            Ok(UssdOp::Begin)
        } else if is_one_of(&self.go_on) {
            Ok(UssdOp::Continue)
        } else if is_one_of(&self.end) {
            Ok(UssdOp::Abort)
        } else {
            Err(Refused::WrongForm(self.at.clone()))
        }
    }
}

impl Asked {
    fn word(&self, word: Word, text: &str, account: &Account) -> String {
        match word {
            Word::Text => text.to_owned(),
            Word::Session => self.session.clone(),
            Word::Phone => self.from.as_str().to_owned(),
            Word::PhonePlus => self.from.to_e164(),
            Word::Code => self.code.clone(),
            Word::Account => account.name.clone(),
            Word::Secret => account.secret.clone(),
            Word::Sender | Word::Reference | Word::MessageId => String::new(),
        }
    }
}

fn is_code(text: &str) -> bool {
    text.starts_with(['*', '#'])
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Asked({:?}, {} octets of text)",
            self.op,
            self.text.len()
        )
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account")
    }
}

#[cfg(test)]
mod tests;
