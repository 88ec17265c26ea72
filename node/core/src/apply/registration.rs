//! A registration arrived: its row, and on a hub either the review of an exact repeat or the
//! effect at the registry.

use sync_core::{EntryRef, Lane, hlc};

use super::{Applied, Consequences, about_registration, found};
use crate::consent::REGISTRY;
use crate::fact::{Fact, Registration};
use crate::identity;
use crate::known;
use crate::number;
use crate::person::{Field, PersonFields};
use crate::projector::{self, Projection};
use crate::site::Rules;
use crate::status::Status;
use crate::view::{Effect, Known, Lookup, RegistrationRow, Token, ViewChange};

/// Name of the upstream that takes registrations.
pub const REGISTRIES: &str = "registries";

pub(super) fn wanted(
    applied: &Applied<'_>,
    submitted: &Registration,
    known: &Known,
    rules: &Rules<'_>,
) -> Vec<Lookup> {
    let mut wanted = vec![
        Lookup::Registration(applied.id),
        Lookup::Person(submitted.mother),
        Lookup::Person(submitted.child),
        Lookup::Consents(submitted.mother),
    ];
    let Some(token) = token(submitted, known, rules).filter(|_| rules.site.is_hub) else {
        return wanted;
    };
    let with_token = Lookup::RegistrationsByToken(token.clone());
    let twins = known::registrations(known, &with_token).iter();
    wanted.extend(twins.filter_map(|other| apart(submitted, other)));
    if let Some(other) = earlier(applied.id, (submitted, &token), known) {
        wanted.push(Lookup::Person(other.registration.child));
        wanted.push(Lookup::NextReview);
    }
    wanted.push(with_token);
    wanted.extend(found::wanted(submitted, known, rules));
    wanted
}

pub(super) fn submitted(
    applied: &Applied<'_>,
    submitted: &Registration,
    known: &Known,
    rules: &Rules<'_>,
) -> Consequences {
    if known::registration(known, applied.id).is_some() {
        return Consequences::default();
    }
    // What a neighbour brought is as far as what we wrote: only a receipt says more (W7).
    let carried = rules.site.is_hub || applied.id.origin == rules.site.hub_node;
    let mut row = RegistrationRow {
        id: applied.id,
        registration: submitted.clone(),
        author: (applied.id.scope.area(), applied.meta.author),
        status: if carried {
            Status::Carried
        } else {
            Status::Held
        },
        registry_id: None,
        rejection: None,
        review: None,
        correlation_id: applied.correlation_id.clone(),
        captured_at: hlc::timestamp(applied.meta.hlc),
    };
    let token = token(submitted, known, rules);
    let repeated = token
        .as_ref()
        .and_then(|token| earlier(applied.id, (submitted, token), known));
    let mut consequences = Consequences::default();
    if let Some(other) = repeated.filter(|_| rules.site.is_hub) {
        row.status = Status::Conflict;
        consequences.writes.push(flag(&row, other, known));
    } else {
        consequences.changes.extend(effect(&row, known, rules));
        if rules.site.is_hub {
            // An exact repeat has its own review; others may be known by another spelling.
            let found = found::found(submitted, row.author, known, rules);
            consequences.writes.extend(found);
        }
    }
    let put = ViewChange::PutRegistration {
        row,
        tokens: token.into_iter().collect(),
    };
    consequences.changes.insert(0, put);
    let people = [submitted.mother, submitted.child];
    consequences.changes.extend(people.map(ViewChange::Replan));
    consequences
}

/// The effect at the registry; on a hub only, and only once both people are known.
pub(super) fn effect(
    row: &RegistrationRow,
    known: &Known,
    rules: &Rules<'_>,
) -> Option<ViewChange> {
    let wanted = rules.site.is_hub && row.status != Status::Withdrawn;
    if !wanted || !agreed(row.registration.mother, known) {
        return None;
    }
    let (mother, child) = people(&row.registration, known)?;
    let body = projector::content(&Projection {
        hub: rules.site.hub,
        registration: row.id,
        captured_at: row.captured_at,
        mother,
        child,
    })?;
    Some(ViewChange::AddEffect(Effect {
        upstream: REGISTRIES.to_owned(),
        registration: row.id,
        correlation_id: row.correlation_id.clone(),
        body,
        lane: Lane::Registration.number(),
    }))
}

/// Whether the mother agrees to the registry (C1). Her answer stands before the registration in
/// the same chain, so it is here.
fn agreed(mother: EntryRef, known: &Known) -> bool {
    known::consents(known, mother).allows(REGISTRY)
}

fn people<'a>(
    registration: &Registration,
    known: &'a Known,
) -> Option<(&'a PersonFields, &'a PersonFields)> {
    let mother = known::person(known, registration.mother)?;
    let child = known::person(known, registration.child)?;
    Some((&mother.fields, &child.fields))
}

fn token(submitted: &Registration, known: &Known, rules: &Rules<'_>) -> Option<Token> {
    let (mother, child) = people(submitted, known)?;
    Some(rules.site.matcher.repeat_token(mother, child))
}

/// The registration that this one repeats: the first captured of those that repeat nothing. Twins
/// of one mother repeat nothing, though they may have no name yet.
fn earlier<'a>(
    id: EntryRef,
    (submitted, token): (&Registration, &Token),
    known: &'a Known,
) -> Option<&'a RegistrationRow> {
    let is_twin = |other: &RegistrationRow| {
        apart(submitted, other).is_some_and(|lookup| known::flag(known, &lookup))
    };
    known::registrations(known, &Lookup::RegistrationsByToken(token.clone()))
        .iter()
        .filter(|row| row.id != id && row.status != Status::Withdrawn && !is_twin(row))
        .min_by_key(|row| (row.review.is_some(), row.captured_at, row.id))
}

/// Whether their worker said that two children of one mother are two.
fn apart(submitted: &Registration, other: &RegistrationRow) -> Option<Lookup> {
    let (own, theirs) = (submitted.child, other.registration.child);
    let siblings = submitted.mother == other.registration.mother && own != theirs;
    siblings.then(|| Lookup::Distinct(identity::pair(own, theirs)))
}

fn flag(row: &RegistrationRow, other: &RegistrationRow, known: &Known) -> crate::command::Write {
    let next = known::count(known, &Lookup::NextReview).and_then(|n| u32::try_from(n).ok());
    let hint = known::person(known, other.registration.child)
        .and_then(|child| child.fields.get(Field::Number))
        .map(number::hint);
    let fact = Fact::DuplicateFlagged {
        review: next.unwrap_or(1),
        registration: row.id,
        other: other.id,
        other_hint: hint.unwrap_or_default(),
    };
    about_registration(row, fact)
}
