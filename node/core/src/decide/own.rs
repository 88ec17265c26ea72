//! What people ask about their own: a citizen about her registrations, a worker about her work.

use std::collections::BTreeMap;

use super::{read, reject, who};
use crate::command::{Decision, Outcome, Rejection};
use crate::contact::SMS_CHANNEL;
use crate::known;
use crate::number;
use crate::person::Field;
use crate::pin::Holder;
use crate::read::Class;
use crate::role::Principal;
use crate::role::right::{Right, may};
use crate::site::Rules;
use crate::status::Status;
use crate::view::{Known, Lookup, RegistrationRow};

/// Most registrations that one answer lists, newest first; older ones are left out.
const LISTED_MAX: usize = 8;

pub(super) fn status_needs(principal: &Principal, known: &Known) -> Vec<Lookup> {
    let Some(phone) = principal.e164() else {
        return Vec::new();
    };
    let persons = known::phone(known, &phone).persons;
    let mut wanted = vec![Lookup::Phone(phone), Lookup::Proved];
    for (person, _) in persons {
        let lookup = Lookup::RegistrationsByPerson(person);
        let rows = known::registrations(known, &lookup);
        wanted.extend(
            rows.iter()
                .map(|row| Lookup::Person(row.registration.child)),
        );
        wanted.push(lookup);
    }
    known::missing(known, wanted)
}

pub(super) fn show_status(
    principal: &Principal,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let phone = principal
        .e164()
        .ok_or_else(|| reject("reject-not-allowed"))?;
    let mut rows: BTreeMap<_, &RegistrationRow> = BTreeMap::new();
    let mut persons = known::phone(known, &phone).persons;
    if rules.site.asks_village() {
        // A number may stand for people of several villages; those of the others are not shown.
        persons.retain(|(person, _)| person.scope.area() == principal.scope);
    }
    if persons.len() > 1 {
        // Several people use the number: each sees her own, after her PIN (S6).
        let proved = who::proved(known);
        persons.retain(|(person, _)| proved == Some(Holder::Person(*person)));
        if persons.is_empty() {
            return Err(reject("reject-pin-first"));
        }
    }
    // The sender of an SMS is only claimed: what is told goes to a bound number (S5, CH2).
    let by_sms = principal.channel == SMS_CHANNEL;
    if by_sms && !persons.is_empty() && persons.iter().all(|(_, bound)| !bound) {
        return Err(reject("reject-not-bound"));
    }
    for (person, _) in persons.into_iter().filter(|(_, bound)| *bound || !by_sms) {
        let captured = known::registrations(known, &Lookup::RegistrationsByPerson(person)).iter();
        for row in captured.filter(|row| row.status != Status::Withdrawn) {
            rows.insert((core::cmp::Reverse(row.captured_at), row.id), row);
        }
    }
    if rows.is_empty() {
        return Err(reject("reject-not-registered"));
    }
    let mut values = BTreeMap::from([("count".to_owned(), rows.len().min(LISTED_MAX).to_string())]);
    let listed = rows.values().take(LISTED_MAX);
    let people = listed.flat_map(|row| [row.registration.mother, row.registration.child]);
    let writes = read::note(principal, people, Class::Own, "status", rules);
    for (at, row) in rows.values().take(LISTED_MAX).enumerate() {
        let place = at + 1;
        values.insert(format!("status_{place}"), row.status.word().to_owned());
        values.insert(
            format!("number_{place}"),
            format!("..{}", child_hint(known, row)),
        );
    }
    Ok(Decision {
        writes,
        outcome: Outcome { values },
        ..Decision::default()
    })
}

/// The last four digits of the child's number: a registration is named by its child.
fn child_hint(known: &Known, row: &RegistrationRow) -> String {
    known::person(known, row.registration.child)
        .and_then(|person| person.fields.get(Field::Number))
        .map(number::hint)
        .unwrap_or_default()
}

pub(super) fn work_needs(principal: &Principal, known: &Known) -> Vec<Lookup> {
    let (scope, author) = (principal.scope.area(), principal.author);
    let wanted = [
        Lookup::RegistrationsByAuthor(scope, author),
        Lookup::OpenReviews(scope, author),
    ];
    known::missing(known, wanted)
}

pub(super) fn show_work(principal: &Principal, known: &Known) -> Result<Decision, Rejection> {
    if !may(principal.role, Right::OwnWork) || principal.author == 0 {
        return Err(reject("reject-not-allowed"));
    }
    let (scope, author) = (principal.scope.area(), principal.author);
    let rows = known::registrations(known, &Lookup::RegistrationsByAuthor(scope, author));
    let mut values = BTreeMap::new();
    for status in [
        Status::Held,
        Status::Carried,
        Status::Accepted,
        Status::Effective,
        Status::Rejected,
        Status::Conflict,
        Status::Withdrawn,
    ] {
        let count = rows.iter().filter(|row| row.status == status).count();
        values.insert(status.word().to_owned(), count.to_string());
    }
    let counting = rows.iter().filter(|row| row.status != Status::Withdrawn);
    values.insert("total".to_owned(), counting.count().to_string());
    let open = known::open_reviews(known, scope, author);
    values.insert("reviews".to_owned(), open.len().to_string());
    if let [only] = open.as_slice() {
        values.insert("review".to_owned(), only.review.to_string());
    }
    Ok(Decision {
        outcome: Outcome { values },
        ..Decision::default()
    })
}
