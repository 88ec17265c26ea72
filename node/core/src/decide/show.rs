//! Reading events back: the last of a person, the newest of a kind.

use std::collections::BTreeMap;

use sync_core::EntryRef;

use super::subject::{self, short_name};
use super::{outcome, read, reject};
use crate::command::{Command, Decision, Mine, Outcome, Rejection, SubjectName};
use crate::event::{EventRow, entry_text};
use crate::known;
use crate::programme::{Programme, shown};
use crate::read::Class;
use crate::role::Principal;
use crate::schedule;
use crate::site::Rules;
use crate::view::{Known, Lookup};

/// Most events that one answer lists, newest first; older ones are left out.
pub(crate) const EVENTS_LISTED_MAX: usize = 20;

pub(super) fn list_needs(principal: &Principal, command: &Command, known: &Known) -> Vec<Lookup> {
    let Command::ShowEvents {
        programme,
        code,
        without,
        mine,
        ..
    } = command
    else {
        return Vec::new();
    };
    let by_code = by_code(programme, code);
    let rows = known::events(known, &by_code);
    let mut wanted: Vec<Lookup> = rows
        .iter()
        .filter_map(|row| row.subject)
        .map(Lookup::Person)
        .collect();
    if without.is_some() {
        wanted.extend(rows.iter().map(|row| Lookup::EventsReferring(row.id)));
    }
    if mine.is_some() {
        wanted.extend(subject::needs(principal, &SubjectName::Caller, known));
        let answered = rows.iter().filter_map(|row| row.event.refers);
        wanted.extend(answered.map(Lookup::Event));
    }
    wanted.push(by_code);
    wanted
}

fn by_code(programme: &str, code: &str) -> Lookup {
    Lookup::EventsByCode {
        programme: programme.to_owned(),
        code: code.to_owned(),
    }
}

/// Asked about herself, a caller learns that she is not registered here; everything else is a
/// rejection.
pub(super) fn unknown(subject: &SubjectName, rejection: Rejection) -> Result<Decision, Rejection> {
    if *subject != SubjectName::Caller || rejection.text != "reject-not-registered" {
        return Err(rejection);
    }
    Ok(Decision {
        outcome: outcome([("found", "nobody".to_owned())]),
        ..Decision::default()
    })
}

pub(super) fn case(
    principal: &Principal,
    (programme, codes): (&str, &[String]),
    (person, own): (EntryRef, bool),
    (known, rules): (&Known, &Rules<'_>),
) -> Result<Decision, Rejection> {
    let events = known::events(known, &Lookup::EventsBySubject(person));
    let programme = rules
        .programmes
        .current(programme)
        .ok_or_else(|| reject("failed"))?;
    let newest = events
        .iter()
        .filter(|row| row.live && row.event.programme == programme.code())
        .filter(|row| codes.contains(&row.event.code))
        .max_by_key(|row| (row.at, row.id));
    let mut values = BTreeMap::new();
    let found = if newest.is_some() { "yes" } else { "no" };
    values.insert("found".to_owned(), found.to_owned());
    if let Some(row) = newest {
        let language = principal.language.as_str();
        let day = schedule::event_day(programme, row);
        values.insert("case".to_owned(), row.event.code.clone());
        values.insert(
            "case_day".to_owned(),
            shown::day(rules.texts, language, day),
        );
        for (name, value) in &row.event.fields {
            let value = shown::answer(programme, rules.texts, language, (name, value));
            values.insert(format!("case_{name}"), value);
        }
    }
    let class = if own { Class::Own } else { Class::Case };
    let shown = newest.is_some().then_some(person);
    Ok(Decision {
        writes: read::note(principal, shown, class, programme.code(), rules),
        outcome: Outcome { values },
        ..Decision::default()
    })
}

pub(super) fn events(
    principal: &Principal,
    command: &Command,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let Command::ShowEvents {
        programme: code,
        code: event,
        matching,
        without,
        mine,
        most,
    } = command
    else {
        return Err(reject("failed"));
    };
    let programme = rules.programmes.current(code);
    let programme = programme.ok_or_else(|| reject("failed"))?;
    let own = match mine {
        Some(mine) => {
            let row = subject::shown(principal, &SubjectName::Caller, known)?;
            row.map(|row| (*mine, row.document))
        }
        None => None,
    };
    let has_reply = |row: &EventRow| {
        let Some(reply) = without else { return false };
        let replies = known::events(known, &Lookup::EventsReferring(row.id));
        replies
            .iter()
            .any(|one| one.live && one.event.code == *reply)
    };
    let takes = |row: &&EventRow| {
        row.live
            && row.author.0 == principal.scope.area()
            && own.is_none_or(|own| is_of(row, own, known))
            && matching
                .iter()
                .all(|(name, value)| row.event.fields.get(name) == Some(value))
            && !has_reply(row)
    };
    let rows = known::events(known, &by_code(code, event));
    let most = most.map_or(EVENTS_LISTED_MAX, |most| most.min(EVENTS_LISTED_MAX));
    let listed: Vec<&EventRow> = rows.iter().filter(takes).take(most).collect();
    let mut values = BTreeMap::from([("events_count".to_owned(), listed.len().to_string())]);
    for (at, row) in listed.iter().enumerate() {
        let place = at.saturating_add(1);
        let line = event_line(principal, programme, row, known, rules);
        values.insert(format!("events_{place}"), line);
        values.insert(format!("events_code_{place}"), entry_text(&row.id));
    }
    // Lists to callers name nobody; what answers a person's own events is hers.
    let (persons, class): (Vec<EntryRef>, Class) = match own {
        Some((_, person)) if !listed.is_empty() => (vec![person], Class::Own),
        None if principal.author != 0 => {
            let subjects = listed.iter().filter_map(|row| row.subject);
            (subjects.collect(), Class::List)
        }
        _ => (Vec::new(), Class::List),
    };
    Ok(Decision {
        writes: read::note(principal, persons, class, code, rules),
        outcome: Outcome { values },
        ..Decision::default()
    })
}

/// Whether an event is about a person, or answers one that is.
fn is_of(row: &EventRow, (mine, person): (Mine, EntryRef), known: &Known) -> bool {
    match mine {
        Mine::Own => row.subject == Some(person),
        Mine::Replies => {
            let answered = row.event.refers;
            let answered = answered.and_then(|refers| known::event(known, refers));
            answered.is_some_and(|one| one.subject == Some(person))
        }
    }
}

/// The line of an event; names of people only for staff.
fn event_line(
    principal: &Principal,
    programme: &Programme,
    row: &EventRow,
    known: &Known,
    rules: &Rules<'_>,
) -> String {
    let language = principal.language.as_str();
    let mut values = shown::answers(programme, rules.texts, language, &row.event.fields);
    let day = schedule::event_day(programme, row);
    values.insert("day".to_owned(), shown::day(rules.texts, language, day));
    let person = row
        .subject
        .and_then(|subject| known::person(known, subject));
    let who = person
        .filter(|_| principal.author != 0)
        .map(|person| short_name(&person.fields));
    values.insert("who".to_owned(), who.unwrap_or_default());
    let event = programme.event(&row.event.code);
    let key = event.map(|event| event.line.as_ref().unwrap_or(&event.title));
    let text = key.and_then(|key| programme.text(language, key, &values));
    text.map_or_else(|| row.event.code.clone(), |text| text.trim_end().to_owned())
}
