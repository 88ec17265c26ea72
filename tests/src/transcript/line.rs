//! The lines of a transcript after its head.

use anyhow::{Context, Result, bail};
use channels_core::Msisdn;
use jiff::{SignedDuration, Timestamp};
use node_core::pin::Pin;
use node_core::role::Role;
use sync_core::ClockQuality;

use super::head;

/// One line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Line {
    /// A comment or an empty line, as it stands.
    Comment(String),
    /// The person types.
    Types(String),
    /// The person sees, or the session ends.
    Shows,
    /// The person sends an SMS.
    Texts(String),
    /// An SMS arrives.
    Receives,
    /// The world does something.
    Event(Event, String),
    /// A count, by its name.
    Count(String),
}

/// What the world does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Event {
    /// The store is gone without warning and opened again.
    PowerCut(Cut),
    /// The operator drops the session.
    SessionLost,
    /// The gateway sends the last step again.
    Retry,
    /// The phone lets the other side ring.
    MissedCall,
    /// Time passes.
    Wait(SignedDuration),
    /// The clock is set.
    Clock(Timestamp),
    /// The clock's quality changes.
    Quality(ClockQuality),
    /// The program looks what is due, as it does every minute.
    Due,
    /// Another phone is taken up.
    Caller(Msisdn),
    /// A number gets a role.
    Grant(Role, Msisdn),
    /// A number gets a one-time code for its staff PIN.
    StaffCode(Pin, Msisdn),
}

/// When the power goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cut {
    /// Between two steps.
    Between,
    /// After the step arrived, before it was committed.
    BeforeCommit,
    /// After the step was committed, before its screen was shown.
    AfterCommit,
}

impl Line {
    pub(super) fn parse(line: &str) -> Result<Self> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(Self::Comment(line.to_owned()));
        }
        if line == "<end" || line == "<" || line.starts_with("< ") {
            return Ok(Self::Shows);
        }
        if line.starts_with("sms< ") || line == "sms|" || line.starts_with("sms| ") {
            return Ok(Self::Receives);
        }
        if let Some(text) = rest(line, "sms>") {
            return Ok(Self::Texts(text.to_owned()));
        }
        if let Some(text) = rest(line, ">") {
            return Ok(Self::Types(text.to_owned()));
        }
        if let Some(text) = rest(line, "!") {
            return Ok(Self::Event(event(text)?, text.to_owned()));
        }
        if let Some((what, _)) = rest(line, "=").and_then(|text| text.split_once(' ')) {
            return Ok(Self::Count(what.to_owned()));
        }
        bail!("the line is none of the kinds that a transcript has")
    }
}

/// What follows a mark and one blank; a mark alone stands for an empty text.
fn rest<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    let text = line.strip_prefix(mark)?;
    if text.is_empty() {
        Some(text)
    } else {
        text.strip_prefix(' ')
    }
}

fn event(text: &str) -> Result<Event> {
    let mut words = text.split(' ');
    let (word, value) = (words.next().unwrap_or(""), words.next());
    let needed = || value.with_context(|| format!("`! {word}` needs a value"));
    match (word, value) {
        ("power-cut", None) => Ok(Event::PowerCut(Cut::Between)),
        ("power-cut", Some("before-commit")) => Ok(Event::PowerCut(Cut::BeforeCommit)),
        ("power-cut", Some("after-commit")) => Ok(Event::PowerCut(Cut::AfterCommit)),
        ("session-lost", None) => Ok(Event::SessionLost),
        ("missed-call", None) => Ok(Event::MissedCall),
        ("retry", None) => Ok(Event::Retry),
        ("due", None) => Ok(Event::Due),
        ("wait", _) => Ok(Event::Wait(needed()?.parse()?)),
        ("clock", _) => Ok(Event::Clock(needed()?.parse()?)),
        ("quality", _) => Ok(Event::Quality(head::quality(needed()?)?)),
        ("grant", Some(role)) => {
            let number = words
                .next()
                .context("`! grant` needs a role and a number")?;
            Ok(Event::Grant(head::role(role)?, Msisdn::parse(number)?))
        }
        ("staff-code", Some(digits)) => {
            let number = words
                .next()
                .context("`! staff-code` needs a code and a number")?;
            let code = Pin::code(digits).context("a staff code has 8 digits")?;
            Ok(Event::StaffCode(code, Msisdn::parse(number)?))
        }
        ("caller", _) => Ok(Event::Caller(Msisdn::parse(needed()?)?)),
        _ => bail!("`! {text}` is no event"),
    }
}
