//! Recording what happens in a programme, registering one person, and reading events back.

use std::collections::BTreeMap;

use sync_core::{EntryRef, Lane};

use super::subject::{self, short_name};
use super::{binding, entitlement, hold, outcome, read, registration, reject, reject_with, show};
use crate::command::{Command, ConsentAnswer, Decision, EventDraft, Rejection, SubjectName, Write};
use crate::consent;
use crate::contact::{Moment, SMS_CHANNEL};
use crate::event::{EVENT_VALUE_CHARS_MAX, Event, EventRow, entry_text, parse_entry_text};
use crate::fact::Fact;
use crate::known;
use crate::person::{Field, PersonFields};
use crate::programme::Programme;
use crate::programme::event::{EventDefinition, Subject};
use crate::read::Class;
use crate::role::{Principal, Role};
use crate::schema;
use crate::site::Rules;
use crate::status::Status;
use crate::view::{Known, Lookup, NewMessage, ViewChange};

pub(super) fn needs(principal: &Principal, command: &Command, known: &Known) -> Vec<Lookup> {
    let wanted = match command {
        Command::RecordEvent {
            subject,
            refers,
            replaces,
            consent,
            ..
        } => {
            let mut wanted = subject::needs(principal, subject, known);
            wanted.push(Lookup::NextEntry(lane(principal)));
            if let (Some(_), Ok(Some(row))) = (consent, subject::find(principal, subject, known)) {
                wanted.push(Lookup::Consents(row.document));
            }
            let named = [refers, replaces].into_iter().flatten();
            wanted.extend(
                named
                    .filter_map(|text| parse_entry_text(text))
                    .map(Lookup::Event),
            );
            wanted
        }
        Command::RegisterPerson { person, .. } => registration_needs(principal, person),
        Command::UpdatePerson { subject, fields } => {
            let mut wanted = subject::needs(principal, subject, known);
            let phone = fields.get(Field::Phone);
            let old = subject::shown(principal, subject, known).ok().flatten();
            let old = old.and_then(|row| row.fields.get(Field::Phone));
            let phones = [phone, old.filter(|_| phone.is_some())];
            let phones = phones.into_iter().flatten();
            wanted.extend(phones.map(|phone| Lookup::Phone(phone.to_owned())));
            wanted
        }
        Command::ShowCase { subject, .. } => {
            let mut wanted = subject::needs(principal, subject, known);
            if let Ok(Some(row)) = subject::shown(principal, subject, known) {
                wanted.push(Lookup::EventsBySubject(row.document));
            }
            wanted
        }
        Command::ShowEvents { .. } => show::list_needs(principal, command, known),
        _ => Vec::new(),
    };
    known::missing(known, wanted)
}

fn lane(principal: &Principal) -> sync_core::Scope {
    principal.scope.with_lane(Lane::Registration)
}

fn registration_needs(principal: &Principal, person: &PersonFields) -> Vec<Lookup> {
    let mut wanted = vec![Lookup::NextEntry(lane(principal)), Lookup::NextNumbers(1)];
    let phone = person.get(Field::Phone).map(str::to_owned);
    let own = (principal.author == 0).then(|| principal.e164()).flatten();
    wanted.extend(phone.or(own).map(Lookup::Phone));
    wanted
}

pub(super) fn decide(
    principal: &Principal,
    command: &Command,
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Result<Decision, Rejection> {
    match command {
        Command::RecordEvent {
            event,
            subject,
            refers,
            replaces,
            consent,
        } => {
            if consent.as_ref().is_some_and(|answer| !answer.opt_in) {
                return Err(reject("reject-no-consent"));
            }
            entitlement::check(principal, command, known, (rules, now))?;
            let names = [refers.as_deref(), replaces.as_deref()];
            let mut decision = record(principal, (event, subject), names, known, rules)?;
            agree(&mut decision, consent.as_deref(), known);
            Ok(decision)
        }
        Command::RegisterPerson {
            person,
            consent,
            event,
        } => register(principal, (person, consent, event), known, rules, now),
        Command::UpdatePerson { subject, fields } => {
            update(principal, subject, fields, known, rules)
        }
        Command::ShowCase {
            subject,
            programme,
            codes,
        } => {
            let row = match subject::shown(principal, subject, known) {
                Err(rejection) => return show::unknown(subject, rejection),
                Ok(row) => row.ok_or_else(|| reject("reject-no-person"))?,
            };
            let own = *subject == SubjectName::Caller;
            let person = (row.document, own);
            show::case(principal, (programme, codes), person, (known, rules))
        }
        Command::ShowEvents { .. } => show::events(principal, command, known, rules),
        _ => Err(reject("failed")),
    }
}

/// The definition of an event that this principal may record.
fn definition<'a>(
    principal: &Principal,
    draft: &EventDraft,
    rules: &Rules<'a>,
) -> Result<(&'a Programme, &'a EventDefinition), Rejection> {
    let programme = rules
        .programmes
        .find(&draft.programme, draft.programme_version)
        .ok_or_else(|| reject("failed"))?;
    let event = programme
        .event(&draft.code)
        .ok_or_else(|| reject("failed"))?;
    let may = event
        .audience
        .iter()
        .any(|audience| audience.role() == principal.role);
    if may {
        Ok((programme, event))
    } else {
        Err(reject("reject-not-allowed"))
    }
}

/// The answers that the event takes along, complete and of bearable size.
fn answers(
    event: &EventDefinition,
    draft: &EventDraft,
) -> Result<BTreeMap<String, String>, Rejection> {
    let taken: BTreeMap<String, String> = draft
        .fields
        .iter()
        .filter(|(name, value)| event.fields.contains(name) && !value.is_empty())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if event.required.iter().any(|name| !taken.contains_key(name)) {
        return Err(reject("reject-incomplete"));
    }
    let too_long = |value: &String| value.chars().count() > EVENT_VALUE_CHARS_MAX;
    if taken.values().any(too_long) {
        let limit = EVENT_VALUE_CHARS_MAX.to_string();
        return Err(reject_with("refuse-long", "limit", limit));
    }
    Ok(taken)
}

fn record(
    principal: &Principal,
    (draft, subject): (&EventDraft, &SubjectName),
    [refers, replaces]: [Option<&str>; 2],
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let (_, event) = definition(principal, draft, rules)?;
    let fields = answers(event, draft)?;
    let subject = match event.subject {
        Subject::Nobody => &SubjectName::Nobody,
        Subject::Caller | Subject::Person | Subject::CallerIfKnown => subject,
    };
    let person = match (subject::find(principal, subject, known), event.subject) {
        (Err(_), Subject::CallerIfKnown) => None,
        (person, _) => person?,
    };
    if matches!(event.subject, Subject::Caller | Subject::Person) && person.is_none() {
        return Err(reject("reject-no-person"));
    }
    let refers = named(refers, known)?.map(|row| row.id);
    let replaced = named(replaces, known)?;
    if replaced.is_some_and(|row| !row.live || !is_own(principal, row)) {
        return Err(reject("reject-no-entry"));
    }
    let scope = lane(principal);
    let id = known::next_entry(known, scope).ok_or_else(|| reject("failed"))?;
    let fact = Fact::EventRecorded(Event {
        programme: draft.programme.clone(),
        programme_version: draft.programme_version,
        code: draft.code.clone(),
        refers,
        replaces: replaced.map(|row| row.id),
        fields,
    });
    let mut outcome = outcome([
        ("event", entry_text(&id)),
        ("status", held(rules).word().to_owned()),
    ]);
    // A worker who names a person by her number is shown who that is; a caller is not, because
    // her phone may be in other hands.
    let named = matches!(subject, SubjectName::Number(_));
    let shown = person.filter(|_| named);
    if let Some(person) = shown {
        let who = short_name(&person.fields);
        outcome.values.insert("who".to_owned(), who);
    }
    let shown = shown.map(|row| row.document);
    let read = read::note(principal, shown, Class::Case, &draft.programme, rules);
    let write = Write::Fact {
        scope,
        schema: schema::of(&fact),
        about: person.map(|row| row.document),
        fact,
    };
    Ok(Decision {
        writes: std::iter::once(write).chain(read).collect(),
        outcome,
        ..Decision::default()
    })
}

/// Writes what the person agreed to behind the event that says so.
fn agree(decision: &mut Decision, consent: Option<&ConsentAnswer>, known: &Known) {
    let (
        Some(consent),
        Some(Write::Fact {
            scope,
            about: Some(about),
            ..
        }),
    ) = (consent, decision.writes.first())
    else {
        return;
    };
    // A yes after a withdrawal undoes exactly what she has seen.
    let after = known::consents(known, *about).opt_outs(&consent.agreement);
    let fact = consent::recorded(consent, after);
    let write = Write::Fact {
        scope: *scope,
        schema: schema::of(&fact),
        about: Some(*about),
        fact,
    };
    decision.writes.push(write);
}

fn named<'a>(text: Option<&str>, known: &'a Known) -> Result<Option<&'a EventRow>, Rejection> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let entry = parse_entry_text(text).ok_or_else(|| reject("reject-no-entry"))?;
    let row = known::event(known, entry).ok_or_else(|| reject("reject-no-entry"))?;
    Ok(Some(row))
}

pub(super) fn is_own(principal: &Principal, row: &EventRow) -> bool {
    row.author == (principal.scope.area(), principal.author) && principal.author != 0
}

pub(super) fn held(rules: &Rules<'_>) -> Status {
    if rules.site.is_hub {
        Status::Carried
    } else {
        Status::Held
    }
}

fn register(
    principal: &Principal,
    (person, consent, draft): (&PersonFields, &ConsentAnswer, &EventDraft),
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Result<Decision, Rejection> {
    let (_, event) = definition(principal, draft, rules)?;
    if !consent.opt_in {
        return Err(reject("reject-no-consent"));
    }
    let fields = answers(event, draft)?;
    let mut person = person.clone();
    let herself = principal.author == 0;
    if herself {
        let phone = principal
            .e164()
            .ok_or_else(|| reject("reject-not-allowed"))?;
        person.set(Field::Phone, phone);
    }
    registration::check_person(&person, now)?;
    if let Some(phone) = person.get(Field::Phone) {
        registration::check_room(phone, known)?;
    }
    let scope = lane(principal);
    let first = known::next_entry(known, scope).ok_or_else(|| reject("failed"))?;
    let [issued] = known::numbers(known, 1) else {
        return Err(reject("reject-numbers"));
    };
    person.set(Field::Number, issued.digits.as_str());
    let bound = person
        .get(Field::Phone)
        // The network vouches for the number of a dialled session, not for the sender of an SMS.
        .filter(|_| herself && principal.channel != SMS_CHANNEL)
        .map(|phone| binding::bound(phone, now));
    let event = Fact::EventRecorded(Event {
        programme: draft.programme.clone(),
        programme_version: draft.programme_version,
        code: draft.code.clone(),
        refers: None,
        replaces: None,
        fields,
    });
    let about = |fact: Fact| Write::Fact {
        scope,
        schema: schema::of(&fact),
        about: Some(first),
        fact,
    };
    let asked = bound
        .is_none()
        .then(|| claim(first, &person, known, rules))
        .flatten();
    let document = Write::CreateDocument {
        scope,
        schema: schema::PERSON,
        fields: person,
    };
    let facts = [
        Some(consent::recorded(consent, Vec::new())),
        bound,
        Some(event),
    ];
    Ok(Decision {
        writes: std::iter::once(document)
            .chain(facts.into_iter().flatten().map(about))
            .collect(),
        changes: vec![ViewChange::UseNumbers(vec![issued.clone()])],
        messages: asked.into_iter().collect(),
        outcome: outcome([
            ("person", issued.digits.clone()),
            ("status", held(rules).word().to_owned()),
        ]),
    })
}

/// The question to a number that nobody has proved: whether it is hers, asked once.
fn claim(
    document: EntryRef,
    person: &PersonFields,
    known: &Known,
    rules: &Rules<'_>,
) -> Option<NewMessage> {
    let mut row = known::phone(known, person.get(Field::Phone)?);
    row.persons.push((document, false));
    binding::question((document, person), &row, rules)
}

fn update(
    principal: &Principal,
    subject: &SubjectName,
    fields: &PersonFields,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let row = subject::shown(principal, subject, known)?;
    let row = row.ok_or_else(|| reject("reject-no-person"))?;
    let changed: BTreeMap<Field, String> = fields
        .0
        .iter()
        .filter(|(field, value)| row.fields.get(**field) != Some(value.as_str()))
        .map(|(field, value)| (*field, value.clone()))
        .collect();
    // The number of a record is never typed, and a phone is moved by its own rules.
    if changed.keys().any(|field| *field == Field::Number) {
        return Err(reject("reject-not-allowed"));
    }
    if principal.role == Role::Citizen && changed.contains_key(&Field::Phone) {
        return Err(reject("reject-not-allowed"));
    }
    let old = row.fields.get(Field::Phone);
    let old = old.filter(|_| changed.contains_key(&Field::Phone));
    if old.is_some_and(|old| hold::is_confirmed(row.document, &known::phone(known, old))) {
        return Err(reject("reject-change-held"));
    }
    if let Some(phone) = changed.get(&Field::Phone) {
        registration::check_room(phone, known)?;
    }
    registration::check_values(&PersonFields(changed.clone()))?;
    let writes = if changed.is_empty() {
        Vec::new()
    } else {
        vec![Write::EditDocument {
            document: row.document,
            schema: schema::PERSON,
            fields: PersonFields(changed),
        }]
    };
    Ok(Decision {
        writes,
        outcome: outcome([("status", held(rules).word().to_owned())]),
        ..Decision::default()
    })
}
