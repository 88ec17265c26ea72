//! Which person a command means, and how people are named on a worker's screen.

use crate::command::{Rejection, SubjectName};
use crate::contact::SMS_CHANNEL;
use crate::known;
use crate::person::{Field, PersonFields};
use crate::pin::Holder;
use crate::role::{Principal, Role};
use crate::view::{Known, Lookup, PersonRow};

use super::{reject, who};

/// Most letters of a given name on a worker's list, behind which one letter of the family name
/// stands: lines stay short, and two people of one list can still be told apart.
const GIVEN_CHARS_MAX: usize = 12;

pub(super) fn needs(principal: &Principal, subject: &SubjectName, known: &Known) -> Vec<Lookup> {
    match subject {
        SubjectName::Nobody => Vec::new(),
        SubjectName::Number(number) => vec![known::by_number(number)],
        SubjectName::Caller => who::needs(principal, known),
    }
}

/// The person, if this principal may act for her.
pub(super) fn find<'a>(
    principal: &Principal,
    subject: &SubjectName,
    known: &'a Known,
) -> Result<Option<&'a PersonRow>, Rejection> {
    match subject {
        SubjectName::Nobody => Ok(None),
        SubjectName::Number(number) => by_staff(principal, number, known).map(Some),
        SubjectName::Caller => caller(principal, known, Need::ToWrite).map(Some),
    }
}

/// The person, if this principal may see what is hers, or change her record.
pub(super) fn shown<'a>(
    principal: &Principal,
    subject: &SubjectName,
    known: &'a Known,
) -> Result<Option<&'a PersonRow>, Rejection> {
    match subject {
        SubjectName::Caller => caller(principal, known, Need::ToRead).map(Some),
        _ => find(principal, subject, known),
    }
}

fn by_staff<'a>(
    principal: &Principal,
    number: &str,
    known: &'a Known,
) -> Result<&'a PersonRow, Rejection> {
    if principal.author == 0 || principal.role == Role::Citizen {
        return Err(reject("reject-not-allowed"));
    }
    let rows = known::persons(known, &known::by_number(number));
    rows.iter()
        .find(|row| row.document.scope.area() == principal.scope.area())
        .ok_or_else(|| reject("reject-no-person"))
}

/// What a caller wants with her own record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Say something herself: a question, a complaint. The bound number is enough where nobody
    /// else uses it.
    ToWrite,
    /// See something, or change the record: her PIN was right in this conversation.
    ToRead,
}

/// The caller's own record: at a bound number only, because the sender of an SMS is only claimed
/// (S5). Whoever typed her PIN is meant; without one only what shows nothing goes on, and that
/// only where one person uses the number (S6).
fn caller<'a>(
    principal: &Principal,
    known: &'a Known,
    need: Need,
) -> Result<&'a PersonRow, Rejection> {
    principal
        .phone
        .as_ref()
        .ok_or_else(|| reject("reject-not-allowed"))?;
    let by_sms = principal.channel == SMS_CHANNEL;
    let line = who::line(principal, known);
    let bound = who::bound(principal, &line);
    if bound.is_empty() {
        let claimed = by_sms && !line.persons.is_empty();
        return Err(reject(if claimed {
            "reject-not-bound"
        } else {
            "reject-not-registered"
        }));
    }
    if let (Some(Holder::Person(proved)), false) = (who::proved(known), by_sms) {
        let hers = bound.iter().find(|row| row.document == proved);
        return hers.copied().ok_or_else(|| reject("reject-pin-first"));
    }
    match bound.as_slice() {
        [only] if need == Need::ToWrite && !line.is_shared() => Ok(only),
        _ if by_sms => Err(reject("reject-pin-sms")),
        _ => Err(reject("reject-pin-first")),
    }
}

/// A person on a worker's screen: given name and the first letter of the family name.
pub(crate) fn short_name(fields: &PersonFields) -> String {
    let given = fields.get(Field::GivenName).unwrap_or_default();
    let family = fields.get(Field::FamilyName).unwrap_or_default();
    if given.is_empty() {
        return family.chars().take(GIVEN_CHARS_MAX).collect();
    }
    let given: String = given.chars().take(GIVEN_CHARS_MAX).collect();
    match family.chars().next() {
        Some(letter) => format!("{} {letter}.", given.trim_end()),
        None => given,
    }
}
