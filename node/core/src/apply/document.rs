//! A person's document changed: the person's row with tokens, and the rows of old and new number.

use sync_core::EntryRef;

use super::{Applied, Consequences, found, withdraw};
use crate::binding;
use crate::duplicate::key;
use crate::known;
use crate::person::{Field, PersonFields};
use crate::site::Rules;
use crate::view::{Known, Lookup, PersonRow, ViewChange};

pub(super) fn wanted(
    applied: &Applied<'_>,
    fields: &PersonFields,
    known: &Known,
    rules: &Rules<'_>,
) -> Vec<Lookup> {
    let Some(document) = document(applied) else {
        return Vec::new();
    };
    let mut wanted = vec![
        Lookup::Person(document),
        Lookup::RegistrationsByPerson(document),
    ];
    let before = known::person(known, document).and_then(|row| row.fields.get(Field::Phone));
    wanted.extend(
        fields
            .get(Field::Phone)
            .map(|phone| Lookup::Phone(phone.to_owned())),
    );
    wanted.extend(before.map(|phone| Lookup::Phone(phone.to_owned())));
    if !applied.meta.creates_document() {
        wanted.extend(found::alone_wanted(document, fields, known, rules));
    }
    wanted
}

pub(super) fn apply(
    applied: &Applied<'_>,
    fields: &PersonFields,
    conflicts: &[Field],
    known: &Known,
    rules: &Rules<'_>,
) -> Consequences {
    let Some(document) = document(applied) else {
        return Consequences::default();
    };
    let row = PersonRow {
        document,
        fields: fields.clone(),
        conflicts: conflicts.to_vec(),
    };
    let mut changes = Vec::new();
    let before = known::person(known, document).and_then(|row| row.fields.get(Field::Phone));
    let after = fields.get(Field::Phone);
    if before != after {
        changes.extend(before.map(|phone| left(phone, document, known)));
    }
    // Whose registration was taken back left her number, and does not come back to it.
    if !withdraw::came_with_withdrawn(document, None, known) {
        changes.extend(after.and_then(|phone| joined(phone, document, fields, known)));
    }
    let tokens = key::stored(fields, &rules.site.matcher.table);
    changes.push(ViewChange::PutPerson { row, tokens });
    let mut writes = Vec::new();
    if !applied.meta.creates_document() {
        // Days that count from her birth may have moved.
        changes.push(ViewChange::Replan(document));
        // She may have become like somebody.
        writes = found::edited(document, fields, known, rules);
    }
    Consequences {
        changes,
        writes,
        ..Consequences::default()
    }
}

fn document(applied: &Applied<'_>) -> Option<EntryRef> {
    if applied.meta.creates_document() {
        Some(applied.id)
    } else {
        applied.meta.doc_ref
    }
}

fn left(phone: &str, document: EntryRef, known: &Known) -> ViewChange {
    let mut row = known::phone(known, phone);
    binding::leave(&mut row, document);
    ViewChange::PutPhone {
        phone: phone.to_owned(),
        row,
    }
}

/// The document joins those that its number stands for; the number is a claim until it answers.
fn joined(
    phone: &str,
    document: EntryRef,
    fields: &PersonFields,
    known: &Known,
) -> Option<ViewChange> {
    let before = known::phone(known, phone);
    let mut row = before.clone();
    binding::join(&mut row, document);
    row.language = row
        .language
        .or_else(|| fields.get(Field::Language).map(str::to_owned));
    (row != before).then(|| ViewChange::PutPhone {
        phone: phone.to_owned(),
        row,
    })
}
