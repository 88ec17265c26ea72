//! Messages of the node: validity per class, causes, and texts that fit one SMS.
//!
//! One cause yields one message. A cause never holds a phone number: it stands in an index of
//! the store, so numbers go in as a short digest. The rules of sending (CHANNELS CH16–CH29) stand
//! in the modules below, each as a pure function of counts and moments.

pub mod approval;
pub mod audience;
pub mod breaker;
pub mod broadcast;
pub mod budget;
pub mod order;
pub mod origin;
pub mod policy;
pub mod quiet;
pub mod retry;
pub mod state;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use channels_core::gsm7;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ring::digest;
use sync_core::EntryRef;

use crate::event::entry_text;
use crate::site::Rules;
use crate::status::Status;
use crate::view::{MessageClass, NewMessage, PhoneRow, Terms};

/// Most septets of a message in one part (TS 23.040 §9.2.3.16).
pub const PART_SEPTETS_MAX: usize = 160;
/// Most UTF-16 units of a message in one part.
pub const PART_UNITS_MAX: usize = 70;
/// Bytes of a digest inside a cause, written as twice as many hex digits.
const DIGEST_BYTES: usize = 16;

/// Seconds after which a message of this class is stale.
pub fn validity_s(class: MessageClass) -> u32 {
    const HOUR_S: u32 = 3_600;
    match class {
        MessageClass::Emergency => 6 * HOUR_S,
        MessageClass::Money => 72 * HOUR_S,
        MessageClass::Health | MessageClass::Reminder => 48 * HOUR_S,
        MessageClass::Broadcast => 24 * HOUR_S,
    }
}

/// Whether a text travels as one short message, in whichever alphabet it needs.
pub fn is_one_part(text: &str) -> bool {
    match gsm7::septets(text) {
        Some(septets) => septets <= PART_SEPTETS_MAX,
        None => gsm7::ucs2_units(text) <= PART_UNITS_MAX,
    }
}

/// A message to be: whom, why, and which text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Draft<'a> {
    /// Cause.
    pub(crate) cause: String,
    /// E.164 with `+`.
    pub(crate) to: String,
    /// BCP 47.
    pub(crate) language: &'a str,
    /// Key of the system text.
    pub(crate) key: &'a str,
    /// Its parameters.
    pub(crate) arguments: BTreeMap<String, String>,
}

impl Draft<'_> {
    /// Renders it as a message of class health.
    pub(crate) fn render(self, rules: &Rules<'_>) -> NewMessage {
        let class = MessageClass::Health;
        NewMessage {
            text: rules.texts.system(self.language, self.key, &self.arguments),
            cause: self.cause,
            to: self.to,
            class,
            validity_s: validity_s(class),
            covers: Vec::new(),
            terms: Terms::default(),
        }
    }
}

/// The language in which a number gets its texts.
pub(crate) fn language<'a>(row: &'a PhoneRow, own: Option<&'a str>, site: &'a str) -> &'a str {
    row.language
        .as_deref()
        .or(own)
        .filter(|tag| !tag.is_empty())
        .unwrap_or(site)
}

/// Parameters of a text.
pub(crate) fn arguments<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Cause of the one text that asks a claimed number to reply 1.
pub fn ask_cause(phone: &str) -> String {
    format!("ask:{}", phone_digest(phone))
}

/// Cause of the one text that asks a number about one more person whose record names it.
pub fn ask_again_cause(phone: &str, person: &EntryRef) -> String {
    let digest = hex_digest(&["phone", phone, &entry_text(person)]);
    format!("ask-again:{digest}")
}

/// Cause of the one text of a silence that asks a number whether it is still in use.
pub fn confirm_cause(phone: &str, row: &PhoneRow) -> String {
    let silent = row.bindings.iter();
    let silent = silent.filter(|binding| row.stale.contains(&binding.person));
    let since = silent.filter_map(|binding| binding.seen).max();
    format!("confirm:{}:{}", phone_digest(phone), since.unwrap_or(0))
}

/// Cause of the text that tells a number of a change.
pub fn change_cause(phone: &str, code: u16, at: Timestamp) -> String {
    let digest = phone_digest(phone);
    format!("change:{digest}:{code}:{}", at.as_millisecond())
}

/// Cause of the one confirmation that a number is bound.
pub fn bound_cause(phone: &str) -> String {
    format!("bound:{}", phone_digest(phone))
}

/// Cause of the one reply to unknown text per number and UTC day.
pub fn unknown_cause(phone: &str, at: Timestamp) -> String {
    format!(
        "unknown:{}:{}",
        phone_digest(phone),
        at.to_zoned(TimeZone::UTC).date()
    )
}

/// Cause of a direct answer to one message of a person.
pub fn answer_cause(phone: &str, at: Timestamp) -> String {
    format!("answer:{}:{}", phone_digest(phone), at.as_millisecond())
}

/// Cause of the one screen that answers one SMS or missed call: its sender, its moment, and its
/// place among the texts that this number's menu has answered.
pub fn screen_cause(phone: &str, at: Timestamp, place: u64) -> String {
    let digest = phone_digest(phone);
    format!("screen:{digest}:{}:{place}", at.as_millisecond())
}

/// Cause of one text of an event to one number.
pub fn event_cause(event: &EntryRef, key: &str, phone: &str) -> String {
    let digest = hex_digest(&[&entry_text(event), key, phone]);
    format!("event:{digest}")
}

/// Cause of the text that tells a person's permanent number.
pub fn alias_cause(number: &str) -> String {
    format!("alias:{}", hex_digest(&[number]))
}

/// Cause of one text to an auditor about what somebody read.
pub fn read_cause(key: &str, subject: &str, phone: &str) -> String {
    format!("read:{}", hex_digest(&[subject, key, phone]))
}

/// Cause of the question that one review asks.
pub fn review_cause(review: u32) -> String {
    format!("review:{review}")
}

/// Cause of the question that a pair of people asks one worker.
pub fn match_cause(number: u32, phone: &str) -> String {
    format!("match:{number}:{}", phone_digest(phone))
}

/// Cause of the text that tells a bound number of a result.
pub fn result_cause(registration: &EntryRef) -> String {
    format!("result:{}", hex_digest(&[&entry_text(registration)]))
}

/// Cause of a digest: the same results give the same cause in any order.
pub fn digest_cause(results: &[(EntryRef, Status)]) -> String {
    let mut lines: Vec<String> = results
        .iter()
        .map(|(entry, status)| format!("{}={}", entry_text(entry), status.word()))
        .collect();
    lines.sort_unstable();
    let parts: Vec<&str> = lines.iter().map(String::as_str).collect();
    format!("digest:{}", hex_digest(&parts))
}

fn phone_digest(phone: &str) -> String {
    hex_digest(&["phone", phone])
}

pub(crate) fn hex_digest(parts: &[&str]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part.as_bytes());
        context.update(&[0]);
    }
    context
        .finish()
        .as_ref()
        .iter()
        .take(DIGEST_BYTES)
        .fold(String::new(), |mut hex, byte| {
            // Writing into a String cannot fail.
            write!(hex, "{byte:02x}").unwrap_or_default();
            hex
        })
}

#[cfg(test)]
mod tests {
    use sync_core::{Epoch, NodeId, Scope, Seq};

    use super::*;

    fn entry(seq: u32) -> EntryRef {
        EntryRef {
            origin: NodeId(1),
            epoch: Epoch(1),
            scope: Scope(11),
            seq: Seq(seq),
        }
    }

    #[test]
    fn causes_hold_no_number_and_tell_phones_apart() {
        let cause = ask_cause("+254711000001");
        assert!(!cause.contains("711"));
        assert_ne!(cause, ask_cause("+254711000002"));
        assert_eq!(cause, ask_cause("+254711000001"));
        assert_eq!(cause.len(), "ask:".len() + 32);
    }

    #[test]
    fn unknown_text_is_answered_once_a_day() {
        let at = |text: &str| unknown_cause("+254711000001", text.parse().unwrap());
        assert_eq!(at("2026-03-02T00:00:01Z"), at("2026-03-02T23:59:59Z"));
        assert_ne!(at("2026-03-02T12:00:00Z"), at("2026-03-03T12:00:00Z"));
    }

    #[test]
    fn digest_cause_depends_on_the_set_only() {
        let one = (entry(1), Status::Accepted);
        let two = (entry(2), Status::Rejected);
        assert_eq!(digest_cause(&[one, two]), digest_cause(&[two, one]));
        assert_ne!(
            digest_cause(&[one]),
            digest_cause(&[(entry(1), Status::Rejected)])
        );
    }

    #[test]
    fn one_part_ends_where_the_alphabet_ends() {
        assert!(is_one_part(&"a".repeat(160)));
        assert!(!is_one_part(&"a".repeat(161)));
        assert!(is_one_part(&"ê".repeat(70)));
        assert!(!is_one_part(&"ê".repeat(71)));
    }
}
