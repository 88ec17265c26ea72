//! A body put together: each member is a fixed value or one of the words of the exchange.

use core::fmt::Write;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{BadDescription, Encoding};

/// Deepest pointer of a member; a deeper one is refused at start.
pub const DEPTH_MAX: usize = 8;
/// Most members of a body; more are refused at start.
pub const MEMBERS_MAX: usize = 32;

/// One member of a body that we write.
///
/// Exactly one of `is`, `value` and `on_screen` with `on_end` is given.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// JSON pointer in a JSON body, name in a form.
    pub at: String,
    /// A word of the exchange, such as the text.
    pub is: Option<Word>,
    /// Written before the word, such as `tel:`.
    #[serde(default)]
    pub before: String,
    /// A fixed value.
    pub value: Option<Value>,
    /// The value while the session goes on.
    pub on_screen: Option<Value>,
    /// The value when it ends.
    pub on_end: Option<Value>,
}

/// What a member can hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// The screen, or the text of a message.
    Text,
    /// The gateway's name of the session.
    Session,
    /// The person's number, digits only.
    Phone,
    /// The person's number with `+`.
    PhonePlus,
    /// The code that was dialled.
    Code,
    /// The sender that the recipient sees.
    Sender,
    /// Our account at the aggregator.
    Account,
    /// Our password or key there.
    Secret,
    /// Our own id of the message, the same with each attempt.
    Reference,
    /// The aggregator's id of the message.
    MessageId,
}

/// Gives the words of one exchange; a word that it does not have is empty.
pub trait Words {
    /// The text of a word.
    fn word(&self, word: Word) -> String;
}

impl<F: Fn(Word) -> String> Words for F {
    fn word(&self, word: Word) -> String {
        self(word)
    }
}

/// Checks members when a description is read.
///
/// # Errors
/// [`BadDescription::Contradiction`] for a member that could not be written.
pub(crate) fn check(members: &[Member], encoding: Encoding) -> Result<(), BadDescription> {
    let bad = |reason| Err(BadDescription::Contradiction(reason));
    if members.len() > MEMBERS_MAX {
        return bad("more than 32 members");
    }
    for member in members {
        let pair = member.on_screen.is_some() && member.on_end.is_some();
        if member.on_screen.is_some() != member.on_end.is_some() {
            return bad("a member has only one of `on_screen` and `on_end`");
        }
        let given = [member.is.is_some(), member.value.is_some(), pair];
        if given.iter().filter(|given| **given).count() != 1 {
            return bad("a member needs one of `is`, `value`, or `on_screen` with `on_end`");
        }
        let depth = member.at.matches('/').count();
        let placed = match encoding {
            Encoding::Json => member.at.starts_with('/') && depth <= DEPTH_MAX,
            Encoding::Form => !member.at.is_empty(),
        };
        if !placed {
            return bad("`at` is a pointer such as /data/text in JSON, a name in a form");
        }
    }
    Ok(())
}

/// Writes a body. `base` is what a JSON answer begins with, such as the request itself.
pub fn compose(
    (encoding, members): (Encoding, &[Member]),
    base: Option<&Value>,
    words: &impl Words,
    end: bool,
) -> String {
    let values = members
        .iter()
        .map(|member| (member.at.as_str(), value_of(member, words, end)));
    match encoding {
        Encoding::Form => form(values.collect()),
        Encoding::Json => {
            let mut body = match base {
                Some(base @ Value::Object(_)) => base.clone(),
                _ => Value::Object(Map::new()),
            };
            for (at, value) in values {
                place(&mut body, at, value);
            }
            body.to_string()
        }
    }
}

fn value_of(member: &Member, words: &impl Words, end: bool) -> Value {
    let chosen = if end {
        member.on_end.as_ref()
    } else {
        member.on_screen.as_ref()
    };
    match (member.is, member.value.as_ref().or(chosen)) {
        (Some(word), _) => Value::String(format!("{}{}", member.before, words.word(word))),
        (None, Some(value)) => value.clone(),
        (None, None) => Value::Null,
    }
}

/// Sets what a pointer names, making the objects on the way.
fn place(body: &mut Value, pointer: &str, value: Value) {
    let mut here = body;
    for part in pointer.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        if !here.is_object() {
            *here = Value::Object(Map::new());
        }
        let Some(object) = here.as_object_mut() else {
            return;
        };
        here = object.entry(name).or_insert(Value::Null);
    }
    *here = value;
}

fn form(values: Vec<(&str, Value)>) -> String {
    let mut body = String::new();
    for (name, value) in values {
        let text = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        if !body.is_empty() {
            body.push('&');
        }
        escape(&mut body, name);
        body.push('=');
        escape(&mut body, &text);
    }
    body
}

/// Percent-encodes all but unreserved characters (RFC 3986 §2.3).
pub fn escape(to: &mut String, text: &str) {
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~') {
            to.push(char::from(octet));
        } else if write!(to, "%{octet:02X}").is_err() {
            // Writing into memory does not fail.
            return;
        }
    }
}
