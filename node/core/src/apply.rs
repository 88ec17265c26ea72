//! From a committed entry to view changes, messages and further entries.
//!
//! Called for every entry, whoever wrote it, in the order of arrival, and once more for all of
//! them when views are rebuilt; then only the changes count. Applying an entry twice changes
//! nothing. Entries that come out (`writes`) are appended to our own chain and applied before the
//! next entry, so that a lookup sees them.

mod alert;
mod document;
mod event;
mod farewell;
mod found;
mod guard;
mod hold;
mod household;
mod matching;
mod number;
mod outcome;
mod phone;
mod read;
mod registration;
mod rest;
mod review;
mod slip;
mod withdraw;

use sync_core::{EntryMeta, EntryRef};

use crate::command::Write;
use crate::contact::Moment;
use crate::fact::Fact;
use crate::known;
use crate::person::{Field, PersonFields};
use crate::schema;
use crate::site::Rules;
use crate::view::{Known, Lookup, NewMessage, ViewChange};

pub(crate) use matching::to_both;
pub use registration::REGISTRIES;
pub use rest::{Rest, rests_on};

/// Most rounds of lookups for one entry; every kind needs fewer.
pub const ROUNDS_MAX: usize = 7;

/// A committed entry as the rules see it.
#[derive(Clone, Debug)]
pub struct Applied<'a> {
    /// Its name.
    pub id: EntryRef,
    /// Its head.
    pub meta: &'a EntryMeta,
    /// Its body, opened.
    pub body: AppliedBody<'a>,
    /// The document concerned.
    pub about: Option<EntryRef>,
    /// Correlation id of its session, id12.
    pub correlation_id: String,
}

/// An opened body.
#[derive(Clone, Debug)]
pub enum AppliedBody<'a> {
    /// A change of a document: the values after it.
    Document {
        /// The winners.
        fields: PersonFields,
        /// Fields with more than one visible value.
        conflicts: Vec<Field>,
    },
    /// A fact.
    Fact(&'a Fact),
}

/// What follows from an entry.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Consequences {
    /// Changes of tables.
    pub changes: Vec<ViewChange>,
    /// Messages to queue; not on a rebuild.
    pub messages: Vec<NewMessage>,
    /// Entries to append to our own chain; not on a rebuild.
    pub writes: Vec<Write>,
}

/// What must be looked up before this entry can be applied; empty when nothing is missing.
pub fn needs(applied: &Applied<'_>, known: &Known, rules: &Rules<'_>) -> Vec<Lookup> {
    let wanted = match &applied.body {
        AppliedBody::Document { fields, .. } => document::wanted(applied, fields, known, rules),
        AppliedBody::Fact(fact) => fact_wanted(applied, fact, known, rules),
    };
    known::missing(known, wanted)
}

fn fact_wanted(
    applied: &Applied<'_>,
    fact: &Fact,
    known: &Known,
    rules: &Rules<'_>,
) -> Vec<Lookup> {
    match fact {
        Fact::RegistrationSubmitted(submitted) => {
            registration::wanted(applied, submitted, known, rules)
        }
        Fact::DuplicateFlagged {
            review,
            registration,
            ..
        } => review::flag_wanted(*review, *registration, known),
        Fact::ReviewAnswered {
            review,
            registration,
            ..
        } => {
            vec![Lookup::Review(*review), Lookup::Registration(*registration)]
        }
        Fact::ReviewDecided {
            review,
            registration,
            other,
            ..
        } => review::decision_wanted(*review, [*registration, *other], known),
        Fact::RegistryAccepted { registration, .. }
        | Fact::RegistryRejected { registration, .. } => outcome::wanted(*registration, known),
        Fact::NumberBound { phone, .. }
        | Fact::NumberSeen { phone, .. }
        | Fact::NumberUnbound { phone, .. } => phone::wanted(applied, phone),
        Fact::MessagesStopped { phone, .. } => vec![Lookup::Phone(phone.clone())],
        Fact::ChangeAsked(_) | Fact::ChangeMoved { .. } => hold::wanted(applied),
        Fact::RoleGranted(grant) => vec![Lookup::Staff(grant.scope.area(), grant.index)],
        Fact::SlipsRevoked { slips } => slip::revoked_wanted(slips),
        Fact::AlertRaised(alert) => vec![Lookup::AlertKnown(alert.id, alert.step)],
        Fact::NumbersAsked { .. } => number::wanted(applied, rules),
        Fact::EventRecorded(recorded) => {
            let mut wanted = event::wanted(applied, recorded, known, rules);
            wanted.extend(found::first_event_wanted(applied, known, rules));
            wanted
        }
        Fact::RecordsRead(note) => read::wanted(applied, note, known, rules),
        Fact::EntryWithdrawn { entry } => withdraw::wanted(*entry, known, rules),
        Fact::PeopleHandedOver { .. }
        | Fact::EpochStarted { .. }
        | Fact::NumbersLeased { .. }
        | Fact::EffectPlanned { .. }
        | Fact::AliasAssigned { .. }
        | Fact::RecordWritten { .. }
        | Fact::RoleRevoked(_)
        | Fact::SlipIssued { .. }
        | Fact::SlipKeyGiven { .. }
        | Fact::CertificateShared { .. }
        | Fact::ReferencePublished(_)
        | Fact::HouseholdJoined(_)
        | Fact::HouseholdLeft { .. }
        | Fact::HouseholdsLinked { .. }
        | Fact::HouseholdsUnlinked { .. }
        | Fact::NodeClosed(_) => Vec::new(),
        other @ (Fact::PinReset { .. }
        | Fact::StaffCodeGiven(_)
        | Fact::ConsentRecorded { .. }
        | Fact::ErasureAsked
        | Fact::ErasureApproved { .. }
        | Fact::PersonErased(_)
        | Fact::ErasureConfirmed { .. }) => guard::wanted(applied, other, known),
        Fact::PersonsMatched { .. }
        | Fact::MatchAnswered { .. }
        | Fact::MatchDecided { .. }
        | Fact::PersonsJoined { .. }
        | Fact::PersonsParted { .. }
        | Fact::PersonsDistinct { .. } => matching::fact_wanted(fact, known, rules),
    }
}

/// Applies one entry. The same arguments give the same consequences; no derived table looks at
/// the moment, so that a rebuild at any time gives the same tables.
pub fn apply(applied: &Applied<'_>, known: &Known, rules: &Rules<'_>, now: Moment) -> Consequences {
    match &applied.body {
        AppliedBody::Document { fields, conflicts } => {
            document::apply(applied, fields, conflicts, known, rules)
        }
        AppliedBody::Fact(fact) if matching::pair_of(fact).is_some() => {
            matching::apply(applied, fact, known, rules)
        }
        AppliedBody::Fact(Fact::EventRecorded(recorded)) => Consequences {
            writes: found::first_event(applied, known, rules),
            ..event::recorded(applied, recorded, known, rules)
        },
        AppliedBody::Fact(
            fact @ (Fact::SlipsRevoked { .. } | Fact::AlertRaised(_) | Fact::NumbersAsked { .. }),
        ) => pass(applied, fact, known, rules),
        AppliedBody::Fact(Fact::RecordsRead(note)) => read::applied(applied, note, known, rules),
        AppliedBody::Fact(
            fact @ (Fact::HouseholdJoined(_)
            | Fact::HouseholdLeft { .. }
            | Fact::HouseholdsLinked { .. }
            | Fact::HouseholdsUnlinked { .. }),
        ) => household::applied(applied, fact),
        AppliedBody::Fact(fact) => apply_fact(applied, fact, known, (rules, now)),
    }
}

fn apply_fact(
    applied: &Applied<'_>,
    fact: &Fact,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Consequences {
    match fact {
        Fact::RegistrationSubmitted(submitted) => {
            registration::submitted(applied, submitted, known, rules)
        }
        Fact::DuplicateFlagged {
            review,
            registration,
            other,
            other_hint,
        } => {
            let flag = review::Flag {
                review: *review,
                registration: *registration,
                other: *other,
                other_hint,
            };
            review::flagged(&flag, known, rules)
        }
        Fact::ReviewAnswered {
            review,
            registration,
            same,
        } => {
            let answer = review::Answer {
                review: *review,
                registration: *registration,
                same: *same,
            };
            review::answered(applied, answer, known, rules)
        }
        Fact::ReviewDecided {
            review,
            registration,
            other,
            same,
        } => {
            let decision = review::Decided {
                review: *review,
                registration: *registration,
                other: *other,
                same: *same,
            };
            review::decided(applied, decision, known, rules)
        }
        Fact::RegistryAccepted {
            registration,
            registry_id,
            ..
        } => {
            let result = outcome::Outcome::Accepted { registry_id };
            outcome::came(applied, *registration, result, known, rules)
        }
        Fact::RegistryRejected {
            registration,
            code,
            field,
            reason,
        } => {
            let result = outcome::Outcome::Rejected {
                code,
                field: field.as_deref(),
                reason,
            };
            outcome::came(applied, *registration, result, known, rules)
        }
        Fact::EventRecorded(recorded) => event::recorded(applied, recorded, known, rules),
        Fact::EntryWithdrawn { entry } => withdraw::withdrawn(applied, *entry, known, rules),
        Fact::PeopleHandedOver { to, persons } => event::handed_over(applied, *to, persons),
        other => apply_to_tables(applied, other, known, (rules, now)),
    }
}

/// Facts that a hub passes on to its nodes, or answers.
fn pass(applied: &Applied<'_>, fact: &Fact, known: &Known, rules: &Rules<'_>) -> Consequences {
    match fact {
        Fact::SlipsRevoked { slips } => slip::revoked(applied, slips, known, rules),
        Fact::AlertRaised(raised) => alert::raised(applied, raised, known, rules),
        Fact::NumbersAsked { .. } => number::asked(applied, known, rules),
        _ => Consequences::default(),
    }
}

/// Facts from which only table rows follow.
fn apply_to_tables(
    applied: &Applied<'_>,
    fact: &Fact,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Consequences {
    let change = match fact {
        Fact::NumberBound { .. } | Fact::NumberSeen { .. } | Fact::NumberUnbound { .. } => {
            return phone::changed(applied, fact, known);
        }
        Fact::ChangeAsked(_) | Fact::ChangeMoved { .. } => {
            return hold::applied(applied, fact, known);
        }
        Fact::MessagesStopped {
            phone,
            stopped,
            after,
        } => {
            return phone::stopped(applied, phone, (*stopped, after), known);
        }
        Fact::RoleGranted(grant) => {
            // The list is append-only: an index that is taken stays with its first grant.
            let taken = Lookup::Staff(grant.scope.area(), grant.index);
            let free = known::staff(known, &taken).is_empty();
            free.then(|| ViewChange::PutStaff(grant.clone()))
        }
        Fact::NumbersLeased {
            node,
            epoch,
            numbers,
        } => Some(ViewChange::AddNumbers {
            node: *node,
            epoch: *epoch,
            numbers: numbers.clone(),
        }),
        Fact::AliasAssigned { old, .. } => applied.about.map(|document| ViewChange::PutAlias {
            document,
            number: old.clone(),
        }),
        Fact::RecordWritten {
            registry,
            version,
            id,
            content,
            replay_key,
            at,
            ..
        } => Some(ViewChange::PutRecord {
            registry: registry.clone(),
            version: version.clone(),
            id: id.clone(),
            content: content.clone(),
            replay_key: replay_key.clone(),
            at: *at,
        }),
        Fact::RoleRevoked(end) => Some(ViewChange::EndStaff {
            scope: end.scope.area(),
            index: end.index,
        }),
        Fact::NodeClosed(_) => None,
        Fact::PinReset { .. }
        | Fact::StaffCodeGiven(_)
        | Fact::ConsentRecorded { .. }
        | Fact::ErasureAsked
        | Fact::ErasureApproved { .. }
        | Fact::PersonErased(_)
        | Fact::ErasureConfirmed { .. } => {
            return guard::applied(applied, fact, known, (rules, now));
        }
        _ => office_row(applied, fact),
    };
    Consequences {
        changes: change.into_iter().collect(),
        ..Consequences::default()
    }
}

/// The row of a fact about slips or published lists.
fn office_row(applied: &Applied<'_>, fact: &Fact) -> Option<ViewChange> {
    match fact {
        Fact::SlipIssued { slip } => applied.about.map(|person| ViewChange::PutSlip {
            slip: *slip,
            person,
        }),
        Fact::SlipKeyGiven { key } => Some(ViewChange::PutCodeKey {
            scope: applied.id.scope.area(),
            key: key.clone(),
        }),
        Fact::CertificateShared { certificate } => Some(ViewChange::PutIssuer(certificate.clone())),
        Fact::ReferencePublished(part) => Some(ViewChange::PutReference {
            scope: applied.id.scope.area(),
            part: part.clone(),
        }),
        // Said elsewhere in full: the store keeps epochs and effects as entries.
        _ => None,
    }
}

/// A fact of ours about a registration, in that registration's own scope.
fn about_registration(row: &crate::view::RegistrationRow, fact: Fact) -> Write {
    Write::Fact {
        scope: row.id.scope,
        schema: schema::of(&fact),
        about: Some(row.registration.child),
        fact,
    }
}

/// Whether we decide what follows: as the hub, and for an entry that we wrote ourselves.
fn decides(applied: &Applied<'_>, rules: &Rules<'_>) -> bool {
    rules.site.is_hub && rules.site.wrote(&applied.id)
}

#[cfg(test)]
pub(crate) mod world;

#[cfg(test)]
mod tests;
