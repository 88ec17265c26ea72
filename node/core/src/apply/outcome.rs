//! The registry answered: the registration moves on, and so does everything joined to it.

use sync_core::EntryRef;

use super::{Applied, Consequences, about_registration, decides};
use crate::command::Write;
use crate::consent::MESSAGES;
use crate::decide::binding::question;
use crate::fact::Fact;
use crate::known;
use crate::message::{self, Draft};
use crate::person::Field;
use crate::site::Rules;
use crate::status::Status;
use crate::view::{Known, Lookup, NewMessage, PhoneRow, RegistrationRow, ReviewRow, ViewChange};

/// What the registry said.
#[derive(Clone, Copy)]
pub(super) enum Outcome<'a> {
    /// Taken.
    Accepted { registry_id: &'a str },
    /// Refused.
    Rejected {
        code: &'a str,
        field: Option<&'a str>,
        reason: &'a str,
    },
}

pub(super) fn wanted(registration: EntryRef, known: &Known) -> Vec<Lookup> {
    let joined = Lookup::ReviewsByOther(registration);
    let mut wanted = vec![Lookup::Registration(registration)];
    let reviews = known::reviews(known, &joined);
    wanted.extend(
        reviews
            .iter()
            .map(|review| Lookup::Registration(review.registration)),
    );
    wanted.push(joined);
    if let Some(row) = known::registration(known, registration) {
        let mother = row.registration.mother;
        let phone = known::person(known, mother).and_then(|row| row.fields.get(Field::Phone));
        wanted.extend(phone.map(|phone| Lookup::Phone(phone.to_owned())));
        wanted.push(Lookup::Person(mother));
        wanted.push(Lookup::Consents(mother));
    }
    wanted
}

pub(super) fn came(
    applied: &Applied<'_>,
    registration: EntryRef,
    result: Outcome<'_>,
    known: &Known,
    rules: &Rules<'_>,
) -> Consequences {
    let Some(row) = known::registration(known, registration) else {
        return Consequences::default();
    };
    let change = set(row.id, result);
    if is_set(row, result) {
        return Consequences::default();
    }
    let writes = if decides(applied, rules) {
        joined(row.id, known)
            .filter_map(|waiting| pass_on(waiting, result, row))
            .collect()
    } else {
        Vec::new()
    };
    let accepted = matches!(result, Outcome::Accepted { .. });
    let tells = accepted && row.status != Status::Withdrawn && rules.site.wrote(&row.id);
    let told = tells.then(|| tell_mother(row, known, rules)).flatten();
    let (messages, asked) = told.unzip();
    Consequences {
        changes: std::iter::once(change).chain(asked.flatten()).collect(),
        messages: messages.into_iter().collect(),
        writes,
    }
}

fn set(registration: EntryRef, result: Outcome<'_>) -> ViewChange {
    match result {
        Outcome::Accepted { registry_id } => ViewChange::SetOutcome {
            registration,
            status: Status::Accepted,
            registry_id: Some(registry_id.to_owned()),
            rejection: None,
        },
        Outcome::Rejected {
            code,
            field,
            reason,
        } => ViewChange::SetOutcome {
            registration,
            status: Status::Rejected,
            registry_id: None,
            rejection: Some((code.to_owned(), worded(field, reason))),
        },
    }
}

fn worded(field: Option<&str>, reason: &str) -> String {
    field.map_or_else(|| reason.to_owned(), |field| format!("{field}: {reason}"))
}

fn is_set(row: &RegistrationRow, result: Outcome<'_>) -> bool {
    match result {
        Outcome::Accepted { registry_id } => {
            let taken = [Status::Accepted, Status::Effective, Status::Withdrawn];
            taken.contains(&row.status) && row.registry_id.as_deref() == Some(registry_id)
        }
        Outcome::Rejected {
            code,
            field,
            reason,
        } => {
            row.status == Status::Rejected
                && row.rejection == Some((code.to_owned(), worded(field, reason)))
        }
    }
}

/// Registrations that a person joined to this one.
fn joined(other: EntryRef, known: &Known) -> impl Iterator<Item = &RegistrationRow> {
    let same = |review: &&ReviewRow| review.decided && review.answer == Some(true);
    known::reviews(known, &Lookup::ReviewsByOther(other))
        .iter()
        .filter(same)
        .filter_map(|review| known::registration(known, review.registration))
}

fn pass_on(
    waiting: &RegistrationRow,
    result: Outcome<'_>,
    other: &RegistrationRow,
) -> Option<Write> {
    if is_set(waiting, result) {
        return None;
    }
    let fact = match result {
        Outcome::Accepted { registry_id } => Fact::RegistryAccepted {
            registration: waiting.id,
            registry_id: registry_id.to_owned(),
            request_id: other.correlation_id.clone(),
        },
        Outcome::Rejected {
            code,
            field,
            reason,
        } => Fact::RegistryRejected {
            registration: waiting.id,
            code: code.to_owned(),
            field: field.map(str::to_owned),
            reason: reason.to_owned(),
        },
    };
    Some(about_registration(waiting, fact))
}

/// The result of the registration that `waiting` was joined to, if it has one already.
pub(super) fn handed_on(other: &RegistrationRow, waiting: &RegistrationRow) -> Option<Write> {
    let result = match (other.status, &other.registry_id, &other.rejection) {
        (Status::Accepted | Status::Effective, Some(registry_id), _) => {
            Outcome::Accepted { registry_id }
        }
        (Status::Rejected, _, Some((code, reason))) => Outcome::Rejected {
            code,
            field: None,
            reason,
        },
        _ => return None,
    };
    pass_on(waiting, result, other)
}

/// A bound number hears of the result, neutrally; a claimed one is asked, once, to reply 1.
///
/// It is asked here and not at capture, because only the hub sees that two nodes captured the same
/// mother: the one whose registration waited for a review does not ask again.
fn tell_mother(
    row: &RegistrationRow,
    known: &Known,
    rules: &Rules<'_>,
) -> Option<(NewMessage, Option<ViewChange>)> {
    let mother = known::person(known, row.registration.mother)?;
    let number = mother.fields.get(Field::Phone)?;
    let phone = known::phone(known, number);
    let is_bound = phone.persons.contains(&(mother.document, true));
    let agreed = known::consents(known, mother.document).allows(MESSAGES);
    if phone.stopped || !agreed || (!is_bound && row.review.is_some()) {
        return None;
    }
    if !is_bound {
        let message = question((mother.document, &mother.fields), &phone, rules)?;
        let asked = ViewChange::PutPhone {
            phone: number.to_owned(),
            row: PhoneRow {
                asked: true,
                ..phone
            },
        };
        return Some((message, Some(asked)));
    }
    let own = mother.fields.get(Field::Language);
    let draft = Draft {
        cause: message::result_cause(&row.id),
        to: number.to_owned(),
        language: message::language(&phone, own, &rules.site.language),
        key: "result-accepted",
        arguments: message::arguments([]),
    };
    let mut message = draft.render(rules);
    message.covers = vec![row.id];
    Some((message, None))
}
