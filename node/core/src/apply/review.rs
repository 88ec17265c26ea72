//! Reviews: the question, the worker's answer, the hub's decision.

use sync_core::EntryRef;

use super::{Applied, Consequences, about_registration, decides, outcome, registration, to_both};
use crate::command::Write;
use crate::fact::Fact;
use crate::identity;
use crate::known;
use crate::message::{self, Draft};
use crate::number;
use crate::person::Field;
use crate::site::Rules;
use crate::status::Status;
use crate::view::{Known, Lookup, NewMessage, RegistrationRow, ReviewRow, ViewChange};

/// [`Fact::DuplicateFlagged`].
#[derive(Clone, Copy)]
pub(super) struct Flag<'a> {
    pub(super) review: u32,
    pub(super) registration: EntryRef,
    pub(super) other: EntryRef,
    pub(super) other_hint: &'a str,
}

/// [`Fact::ReviewAnswered`].
#[derive(Clone, Copy)]
pub(super) struct Answer {
    pub(super) review: u32,
    pub(super) registration: EntryRef,
    pub(super) same: bool,
}

/// [`Fact::ReviewDecided`].
#[derive(Clone, Copy)]
pub(super) struct Decided {
    pub(super) review: u32,
    pub(super) registration: EntryRef,
    pub(super) other: EntryRef,
    pub(super) same: bool,
}

pub(super) fn flag_wanted(review: u32, waiting: EntryRef, known: &Known) -> Vec<Lookup> {
    let mut wanted = vec![Lookup::Review(review), Lookup::Registration(waiting)];
    if let Some(row) = known::registration(known, waiting) {
        let staff = Lookup::Staff(row.author.0, row.author.1);
        let grants = known::staff(known, &staff);
        wanted.extend(
            grants
                .iter()
                .map(|grant| Lookup::Phone(grant.phone.clone())),
        );
        wanted.push(staff);
        wanted.push(Lookup::Person(row.registration.child));
    }
    wanted
}

/// Holds the registration and asks the worker who captured it here.
pub(super) fn flagged(flag: &Flag<'_>, known: &Known, rules: &Rules<'_>) -> Consequences {
    if known::review(known, flag.review).is_some() {
        return Consequences::default();
    }
    let mut changes = vec![ViewChange::PutReview(ReviewRow {
        review: flag.review,
        registration: flag.registration,
        other: flag.other,
        other_hint: flag.other_hint.to_owned(),
        answer: None,
        decided: false,
    })];
    let Some(row) = known::registration(known, flag.registration) else {
        return Consequences {
            changes,
            ..Consequences::default()
        };
    };
    changes.push(moved(row.id, Status::Conflict));
    let asks = rules.site.wrote(&row.id);
    let messages = asks
        .then(|| question(flag, row, known, rules))
        .flatten()
        .into_iter()
        .collect();
    Consequences {
        changes,
        messages,
        ..Consequences::default()
    }
}

fn question(
    flag: &Flag<'_>,
    row: &RegistrationRow,
    known: &Known,
    rules: &Rules<'_>,
) -> Option<NewMessage> {
    let grant = known::staff(known, &Lookup::Staff(row.author.0, row.author.1)).first()?;
    let phone = known::phone(known, &grant.phone);
    if phone.stopped {
        return None;
    }
    let own = known::person(known, row.registration.child)?
        .fields
        .get(Field::Number)?;
    let draft = Draft {
        cause: message::review_cause(flag.review),
        to: grant.phone.clone(),
        language: message::language(&phone, Some(&grant.language), &rules.site.language),
        key: "review-question",
        arguments: message::arguments([
            ("n", flag.review.to_string()),
            ("own", number::hint(own)),
            ("other", flag.other_hint.to_owned()),
        ]),
    };
    Some(draft.render(rules))
}

/// The first answer of the worker who captured counts; the hub then decides like it.
pub(super) fn answered(
    applied: &Applied<'_>,
    answer: Answer,
    known: &Known,
    rules: &Rules<'_>,
) -> Consequences {
    let review = known::review(known, answer.review)
        .filter(|row| row.registration == answer.registration && row.answer.is_none());
    let registration = known::registration(known, answer.registration)
        .filter(|row| row.author == (applied.id.scope.area(), applied.meta.author));
    let (Some(review), Some(registration)) = (review, registration) else {
        return Consequences::default();
    };
    let row = ReviewRow {
        answer: Some(answer.same),
        ..review.clone()
    };
    let decision = rules.site.is_hub.then(|| {
        let fact = Fact::ReviewDecided {
            review: answer.review,
            registration: answer.registration,
            other: review.other,
            same: answer.same,
        };
        about_registration(registration, fact)
    });
    Consequences {
        changes: vec![ViewChange::PutReview(row)],
        writes: decision.into_iter().collect(),
        ..Consequences::default()
    }
}

pub(super) fn decision_wanted(review: u32, pair: [EntryRef; 2], known: &Known) -> Vec<Lookup> {
    let [waiting, other] = pair;
    let mut wanted = vec![
        Lookup::Review(review),
        Lookup::Registration(waiting),
        Lookup::Registration(other),
    ];
    if let Some(row) = known::registration(known, waiting) {
        wanted.push(Lookup::Person(row.registration.mother));
        wanted.push(Lookup::Person(row.registration.child));
        wanted.push(Lookup::Consents(row.registration.mother));
    }
    wanted
}

/// Joined: takes the other's result once there is one. Not joined: goes to the registry itself.
pub(super) fn decided(
    applied: &Applied<'_>,
    decision: Decided,
    known: &Known,
    rules: &Rules<'_>,
) -> Consequences {
    let before = known::review(known, decision.review);
    if before.is_some_and(|row| row.decided) {
        return Consequences::default();
    }
    let review = ReviewRow {
        review: decision.review,
        registration: decision.registration,
        other: decision.other,
        other_hint: before.map(|row| row.other_hint.clone()).unwrap_or_default(),
        answer: Some(decision.same),
        decided: true,
    };
    let mut consequences = Consequences {
        changes: vec![ViewChange::PutReview(review)],
        ..Consequences::default()
    };
    let Some(row) = known::registration(known, decision.registration) else {
        return consequences;
    };
    if row.status == Status::Conflict {
        consequences.changes.push(moved(row.id, Status::Carried));
    }
    if !decides(applied, rules) {
        return consequences;
    }
    let other = known::registration(known, decision.other);
    // Who is joined to nothing goes on alone.
    let gone = other.is_some_and(|other| other.status == Status::Withdrawn);
    if decision.same && !gone {
        consequences
            .writes
            .extend(other.and_then(|other| outcome::handed_on(other, row)));
        consequences
            .writes
            .extend(other.into_iter().flat_map(|other| joined(other, row)));
    } else {
        consequences
            .changes
            .extend(registration::effect(row, known, rules));
    }
    consequences
}

/// The edges between the people of two registrations that are one.
fn joined(other: &RegistrationRow, row: &RegistrationRow) -> Vec<Write> {
    let (one, two) = (&other.registration, &row.registration);
    [(one.mother, two.mother), (one.child, two.child)]
        .into_iter()
        .flat_map(|(one, two)| {
            to_both(&Fact::PersonsJoined {
                pair: identity::pair(one, two),
            })
        })
        .collect()
}

fn moved(registration: EntryRef, status: Status) -> ViewChange {
    ViewChange::SetOutcome {
        registration,
        status,
        registry_id: None,
        rejection: None,
    }
}
