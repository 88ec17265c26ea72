//! What follows from facts that guard people: a PIN was reset, a worker got a code for her first
//! one, somebody agreed or did not.

use sync_core::{EntryRef, Lane};

use super::{Applied, Consequences, farewell};
use crate::command::Write;
use crate::consent::{Answered, MESSAGES, REGISTRY};
use crate::contact::Moment;
use crate::erasure::{Erasure, ErasureRow};
use crate::fact::Fact;
use crate::known;
use crate::person::Field;
use crate::pin::{Holder, PinRow};
use crate::role::StaffCode;
use crate::schema;
use crate::site::Rules;
use crate::view::{Found, Known, Lookup, ViewChange};

pub(super) fn wanted(applied: &Applied<'_>, fact: &Fact, known: &Known) -> Vec<Lookup> {
    match (fact, applied.about) {
        (Fact::ConsentRecorded { .. }, Some(person)) => vec![
            Lookup::Consents(person),
            Lookup::Person(person),
            Lookup::RegistrationsByPerson(person),
        ],
        (Fact::ErasureAsked, Some(person)) => vec![Lookup::Erasure(person)],
        (Fact::ErasureApproved { person, .. }, _) => vec![Lookup::Erasure(*person)],
        (Fact::PersonErased(erasure), _) => farewell::wanted(erasure, known),
        _ => Vec::new(),
    }
}

pub(super) fn applied(
    applied: &Applied<'_>,
    fact: &Fact,
    known: &Known,
    (rules, _now): (&Rules<'_>, Moment),
) -> Consequences {
    if let Fact::PersonErased(erasure) = fact {
        return erased(erasure, known, rules);
    }
    let changes = match (fact, applied.about) {
        (Fact::PinReset { .. }, Some(person)) => {
            reset(applied, person, rules).into_iter().collect()
        }
        (Fact::StaffCodeGiven(code), _) => given(code),
        (Fact::ConsentRecorded { .. }, Some(person)) => consented(applied, person, fact, known),
        (Fact::ErasureAsked, Some(person)) => vec![put(person, known, |row| row.asked = true)],
        (Fact::ErasureApproved { person, by }, _) => {
            let note = |row: &mut ErasureRow| row.approved = row.approved.or(Some(*by));
            vec![put(*person, known, note)]
        }
        (Fact::ErasureConfirmed { person }, _) => vec![ViewChange::ConfirmErasure {
            person: *person,
            node: applied.id.origin,
        }],
        _ => Vec::new(),
    };
    Consequences {
        changes,
        ..Consequences::default()
    }
}

/// Everything about the person goes, once, and the hub hears that it has gone here.
fn erased(erasure: &Erasure, known: &Known, rules: &Rules<'_>) -> Consequences {
    let person = erasure.person;
    if row(known, person).erased {
        return Consequences::default();
    }
    let fact = Fact::ErasureConfirmed { person };
    let confirm = Write::Fact {
        scope: person.scope.with_lane(Lane::Control),
        schema: schema::of(&fact),
        about: None,
        fact,
    };
    Consequences {
        changes: vec![ViewChange::ErasePerson(person)],
        writes: vec![confirm],
        messages: farewell::text(erasure, known, rules).into_iter().collect(),
    }
}

fn row(known: &Known, person: EntryRef) -> ErasureRow {
    match known.get(&Lookup::Erasure(person)) {
        Some(Found::Erasure(row)) => *row,
        _ => ErasureRow::default(),
    }
}

fn put(person: EntryRef, known: &Known, note: impl FnOnce(&mut ErasureRow)) -> ViewChange {
    let mut row = row(known, person);
    note(&mut row);
    ViewChange::PutErasure { person, row }
}

/// The old PIN holds nowhere any more. Where the person was seen, the decision did it already and
/// opened the way to a new one.
fn reset(applied: &Applied<'_>, person: EntryRef, rules: &Rules<'_>) -> Option<ViewChange> {
    let holder = Holder::Person(person);
    let row = PinRow::default();
    (!rules.site.wrote(&applied.id)).then_some(ViewChange::PutPin { holder, row })
}

/// The worker's PIN ends here with all that it opened, and her next screen asks for the code.
fn given(code: &StaffCode) -> Vec<ViewChange> {
    let place = (code.scope.area(), code.index);
    vec![
        ViewChange::PutPin {
            holder: Holder::Staff(place.0, place.1),
            row: PinRow::default(),
        },
        ViewChange::PutPin {
            holder: Holder::Code(place.0, place.1),
            row: code.row(),
        },
    ]
}

/// The answer is kept, and what rested on the purposes that end with it stops at once (C1, C2):
/// effects that did not leave yet, and texts that wait for the person's number.
fn consented(
    applied: &Applied<'_>,
    person: EntryRef,
    fact: &Fact,
    known: &Known,
) -> Vec<ViewChange> {
    let Fact::ConsentRecorded {
        agreement,
        revision,
        opt_in,
        purposes,
        basis,
        after,
        ..
    } = fact
    else {
        return Vec::new();
    };
    let before = known::consents(known, person);
    let mut row = before.clone();
    row.note(Answered {
        entry: applied.id,
        agreement: agreement.clone(),
        revision: *revision,
        purposes: purposes.clone(),
        opt_in: *opt_in,
        basis: *basis,
        after: after.clone(),
    });
    let ends = |purpose: &str| before.allows(purpose) && !row.allows(purpose);
    let (registry, messages) = (ends(REGISTRY), ends(MESSAGES));
    let mut changes = vec![ViewChange::PutConsents { person, row }];
    if registry {
        let rows = known::registrations(known, &Lookup::RegistrationsByPerson(person));
        changes.extend(rows.iter().map(|row| ViewChange::DropEffect {
            registration: row.id,
        }));
    }
    let number = known::person(known, person).and_then(|row| row.fields.get(Field::Phone));
    if let Some(to) = number.filter(|_| messages) {
        let to = to.to_owned();
        changes.push(ViewChange::CancelMessages { to });
    }
    changes
}
