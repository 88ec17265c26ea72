//! The read log: what a command showed of whom, and what a person is told of it.
//!
//! [`note`] is the one place that writes it; a command that shows persons adds what it gives back
//! to its writes. Nothing is noted of persons whom a command only looked up.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use sync_core::{EntryRef, Lane};

use super::{consent, outcome, reject, who};
use crate::command::{Decision, Outcome, Rejection, Write};
use crate::contact::SMS_CHANNEL;
use crate::fact::Fact;
use crate::programme::Programme;
use crate::read::{Class, PERSONS_READ_MAX, ReadNote, ReadRow, Reader, RecordName};
use crate::role::right::{Right, may};
use crate::role::{Principal, Role};
use crate::schema;
use crate::site::Rules;
use crate::view::{Found, Known, Lookup};

/// Most reads that one answer lists, newest first.
const LISTED_MAX: usize = 6;
/// Most letters of a site's name on such a line; the rest is left out.
const PLACE_CHARS_MAX: usize = 12;

/// Who a principal is as a reader.
fn reader(principal: &Principal, class: Class) -> Reader {
    match (principal.role, principal.author) {
        (_, index) if index != 0 && class != Class::Own => {
            Reader::Staff(principal.scope.area(), index, principal.role)
        }
        (Role::System, _) => Reader::Client(principal.channel.clone()),
        _ if class == Class::Own => Reader::Own,
        _ => Reader::Caller,
    }
}

/// The facts of one query, to be added to the writes of the command that shows these persons; none
/// where it shows nobody.
pub(super) fn note(
    principal: &Principal,
    persons: impl IntoIterator<Item = EntryRef>,
    class: Class,
    reason: &str,
    rules: &Rules<'_>,
) -> Vec<Write> {
    let persons: BTreeSet<EntryRef> = persons.into_iter().collect();
    let persons: Vec<EntryRef> = persons.into_iter().collect();
    let of_nobody = about_nobody(principal, class, reason, rules);
    let facts = persons.chunks(PERSONS_READ_MAX).map(|persons| {
        let note = ReadNote {
            persons: persons.to_vec(),
            ..of_nobody.clone()
        };
        audited(principal, Fact::RecordsRead(note))
    });
    facts.collect()
}

/// The fact of a query that told of people without showing one, where it is to be noted all the
/// same: an export of counts.
pub(super) fn note_of_nobody(
    principal: &Principal,
    class: Class,
    reason: &str,
    rules: &Rules<'_>,
) -> Write {
    let note = about_nobody(principal, class, reason, rules);
    audited(principal, Fact::RecordsRead(note))
}

fn about_nobody(principal: &Principal, class: Class, reason: &str, rules: &Rules<'_>) -> ReadNote {
    let application = match principal.channel.as_str() {
        "console" | "api" | "system" | SMS_CHANNEL => principal.channel.as_str(),
        // The name of a link says nothing to the person.
        _ => "ussd",
    };
    ReadNote {
        persons: Vec::new(),
        class,
        reader: reader(principal, class),
        place: rules.site.name.clone(),
        application: application.to_owned(),
        reason: reason.to_owned(),
        records: Vec::new(),
    }
}

fn audited(principal: &Principal, fact: Fact) -> Write {
    Write::Fact {
        scope: principal.scope.with_lane(Lane::Audit),
        schema: schema::of(&fact),
        about: None,
        fact,
    }
}

/// A served registry tells which records it shows to a client.
pub(super) fn tell_records(
    principal: &Principal,
    records: &[RecordName],
    (client, operation): (&str, &str),
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    if !may(principal.role, Right::Run) {
        return Err(reject("reject-not-allowed"));
    }
    let facts = records.chunks(PERSONS_READ_MAX).map(|records| {
        let fact = Fact::RecordsRead(ReadNote {
            persons: Vec::new(),
            class: Class::Registry,
            reader: Reader::Client(client.to_owned()),
            place: rules.site.name.clone(),
            // Of INSTANCE/CLASS/MEMBER/SUBSYSTEM the last is the application.
            application: client.rsplit('/').next().unwrap_or(client).to_owned(),
            reason: operation.to_owned(),
            records: records.to_vec(),
        });
        audited(principal, fact)
    });
    Ok(Decision {
        writes: facts.collect(),
        outcome: outcome([("count", records.len().to_string())]),
        ..Decision::default()
    })
}

/// A reader outside a dialogue (console, served registry, export, report) tells what it shows.
pub(super) fn tell(
    principal: &Principal,
    persons: &[EntryRef],
    (class, reason): (Class, &str),
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let may_export = may(principal.role, Right::Export) && !reason.trim().is_empty();
    let may_tell = may(principal.role, Right::Run) || may(principal.role, Right::ReadRecord);
    if class == Class::Export && !may_export || !may_tell {
        return Err(reject("reject-not-allowed"));
    }
    Ok(Decision {
        writes: note(principal, persons.iter().copied(), class, reason, rules),
        outcome: outcome([("count", persons.len().to_string())]),
        ..Decision::default()
    })
}

pub(super) fn mine_needs(principal: &Principal, known: &Known) -> Vec<Lookup> {
    let mut wanted = who::needs(principal, known);
    if let Ok(person) = consent::own(principal, known, true) {
        wanted.push(Lookup::ReadsOf(person));
    }
    crate::known::missing(known, wanted)
}

/// What a person is told: day, place, role and what for, newest first. Reading the log is no read
/// of the record, so it leaves no fact.
pub(super) fn mine(
    principal: &Principal,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let person = consent::own(principal, known, true)?;
    let rows = match known.get(&Lookup::ReadsOf(person)) {
        Some(Found::Reads(rows)) => rows.as_slice(),
        _ => &[],
    };
    let mut values = BTreeMap::new();
    let mut lines: Vec<(String, String)> = Vec::new();
    for row in rows {
        let line = line(principal, row, rules);
        // Several screens of one visit read the same and are one line.
        if lines.last().is_none_or(|(last, _)| *last != line) {
            lines.push((line, crate::event::entry_text(&row.entry)));
        }
    }
    lines.truncate(LISTED_MAX);
    values.insert("reads_count".to_owned(), lines.len().to_string());
    for (place, (line, code)) in (1_usize..).zip(lines) {
        values.insert(format!("reads_{place}"), line);
        values.insert(format!("reads_code_{place}"), code);
    }
    Ok(Decision {
        outcome: Outcome { values },
        ..Decision::default()
    })
}

fn line(principal: &Principal, row: &ReadRow, rules: &Rules<'_>) -> String {
    let language = principal.language.as_str();
    let word = |key: &str| rules.texts.plain(language, key);
    let offset_min = rules.programmes.offered().next();
    let offset_min = offset_min.map_or(0, Programme::utc_offset_min);
    let there = row
        .at
        .checked_add(SignedDuration::from_mins(i64::from(offset_min)));
    let date = there
        .unwrap_or(row.at)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let day = crate::programme::shown::day(rules.texts, language, date);
    let (reader, what) = (word(row.reader.key()), word(row.class.key()));
    let place: String = row.place.trim().chars().take(PLACE_CHARS_MAX).collect();
    if place.is_empty() || row.reader == Reader::Own {
        return format!("{day} {reader}, {what}");
    }
    format!("{day} {place}, {reader}, {what}")
}
