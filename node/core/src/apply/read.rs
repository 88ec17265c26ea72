//! What follows from the read log: rows of the persons, and the auditors hear of bulk reads.

use core::time::Duration;

use super::{Applied, Consequences};
use crate::known;
use crate::message::{self, Draft};
use crate::read::{Class, MANY_MAX, MANY_S, ReadNote, Reader};
use crate::role::Role;
use crate::site::Rules;
use crate::view::{Known, Lookup, NewMessage, ViewChange};
use sync_core::hlc;

/// Reads of the same reader within the hour before, without this one.
fn before(applied: &Applied<'_>, note: &ReadNote) -> Lookup {
    let at = hlc::timestamp(applied.meta.hlc);
    let since = at.checked_sub(Duration::from_secs(MANY_S.unsigned_abs()));
    Lookup::ReadsBy(note.reader.clone(), since.unwrap_or(at))
}

/// Whether somebody is to be told of reads of this kind: what a person sees of herself is hers.
fn counts(applied: &Applied<'_>, note: &ReadNote, rules: &Rules<'_>) -> bool {
    let by_others = !matches!(note.reader, Reader::Own);
    by_others && rules.site.wrote(&applied.id)
}

pub(super) fn wanted(
    applied: &Applied<'_>,
    note: &ReadNote,
    known: &Known,
    rules: &Rules<'_>,
) -> Vec<Lookup> {
    if !counts(applied, note, rules) {
        return Vec::new();
    }
    let auditors = auditors(applied, rules);
    let grants = auditors
        .iter()
        .flat_map(|lookup| known::staff(known, lookup));
    let phones: Vec<Lookup> = grants
        .map(|grant| Lookup::Phone(grant.phone.clone()))
        .collect();
    let all = phones.into_iter().chain(auditors);
    all.chain([before(applied, note)]).collect()
}

/// The auditors of the area; where it is none of ours, as that of served registries, of all areas.
fn auditors(applied: &Applied<'_>, rules: &Rules<'_>) -> Vec<Lookup> {
    let own = applied.id.scope.area();
    let areas = if rules.site.serves(own) {
        vec![own]
    } else {
        rules.site.areas.clone()
    };
    let lookup = |area: sync_core::Scope| Lookup::StaffByRole(area.area(), Role::Auditor);
    areas.into_iter().map(lookup).collect()
}

pub(super) fn applied(
    applied: &Applied<'_>,
    note: &ReadNote,
    known: &Known,
    rules: &Rules<'_>,
) -> Consequences {
    let put = ViewChange::PutReads {
        entry: applied.id,
        at: hlc::timestamp(applied.meta.hlc),
        note: note.clone(),
    };
    let mut messages = Vec::new();
    if counts(applied, note, rules) {
        let earlier = known::count(known, &before(applied, note)).unwrap_or(0);
        let all = earlier.saturating_add(note.count());
        if note.class == Class::Export {
            messages = told(applied, note, "read-exported", known, rules);
        } else if all > MANY_MAX {
            messages = told(applied, note, "read-many", known, rules);
        }
    }
    Consequences {
        changes: vec![put],
        messages,
        ..Consequences::default()
    }
}

/// One text to each auditor of the area: of each export, and of many reads once in an hour.
fn told(
    applied: &Applied<'_>,
    note: &ReadNote,
    key: &str,
    known: &Known,
    rules: &Rules<'_>,
) -> Vec<NewMessage> {
    let hour = hlc::timestamp(applied.meta.hlc)
        .as_second()
        .div_euclid(MANY_S);
    let auditors = auditors(applied, rules);
    let mut grants: Vec<_> = auditors
        .iter()
        .flat_map(|lookup| known::staff(known, lookup))
        .collect();
    // Who audits several areas hears of it once.
    grants.sort_by_key(|grant| &grant.phone);
    grants.dedup_by_key(|grant| &grant.phone);
    let texts = grants.into_iter().map(|grant| {
        let subject = match note.class {
            Class::Export => crate::event::entry_text(&applied.id),
            _ => format!("{:?}:{hour}", note.reader),
        };
        let row = known::phone(known, &grant.phone);
        let draft = Draft {
            cause: message::read_cause(key, &subject, &grant.phone),
            to: grant.phone.clone(),
            language: message::language(&row, Some(&grant.language), &rules.site.language),
            key,
            arguments: message::arguments([("limit", MANY_MAX.to_string())]),
        };
        draft.render(rules)
    });
    texts.collect()
}
