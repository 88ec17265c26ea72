//! An event counts, or stands in for another; people are handed over. Texts leave where it was written.

use sync_core::EntryRef;

use super::{Applied, Consequences};
use crate::decide::{bound, short_name, silent};
use crate::event::{Assignment, Event, EventRow};
use crate::known;
use crate::message;
use crate::person::Field;
use crate::programme::Programme;
use crate::programme::event::{Notify, Recipient};
use crate::programme::shown;
use crate::role::Role;
use crate::site::Rules;
use crate::view::{Known, Lookup, MessageClass, NewMessage, Terms, ViewChange};
use sync_core::hlc;

pub(super) fn wanted(
    applied: &Applied<'_>,
    event: &Event,
    known: &Known,
    rules: &Rules<'_>,
) -> Vec<Lookup> {
    let notify = notifications(applied, event, rules);
    let mut wanted = Vec::new();
    for one in &notify {
        match one.to {
            Recipient::Subject => wanted.extend(
                applied
                    .about
                    .map(|about| person_needs(about, known))
                    .into_iter()
                    .flatten(),
            ),
            Recipient::Referred => {
                let referred = event.refers;
                wanted.extend(referred.map(Lookup::Event));
                let subject = referred.and_then(|refers| known::event(known, refers)?.subject);
                wanted.extend(
                    subject
                        .map(|subject| person_needs(subject, known))
                        .into_iter()
                        .flatten(),
                );
            }
            Recipient::Worker => {
                let Some(about) = applied.about else { continue };
                wanted.push(Lookup::WorkerOf(about));
                let staff = Lookup::Staff(about.scope.area(), known::worker_of(known, about));
                wanted.extend(staff_needs(staff, known));
            }
            Recipient::Officers | Recipient::Workers | Recipient::Auditors => {
                let by_role = Lookup::StaffByRole(applied.id.scope.area(), role(one.to));
                wanted.extend(staff_needs(by_role, known));
            }
        }
    }
    if !notify.is_empty() {
        wanted.extend(applied.about.map(Lookup::Person));
    }
    wanted
}

fn person_needs(person: EntryRef, known: &Known) -> Vec<Lookup> {
    let by_person = Lookup::RegistrationsByPerson(person);
    let contact = contact(person, known);
    let mut wanted = vec![
        Lookup::Person(contact),
        Lookup::Consents(contact),
        by_person,
    ];
    let phone = known::person(known, contact).and_then(|row| row.fields.get(Field::Phone));
    wanted.extend(phone.map(|phone| Lookup::Phone(phone.to_owned())));
    wanted
}

/// The role of those who get a text because of it.
fn role(to: Recipient) -> Role {
    match to {
        Recipient::Workers => Role::HealthWorker,
        Recipient::Auditors => Role::Auditor,
        _ => Role::Officer,
    }
}

/// A child is reached through its mother.
fn contact(person: EntryRef, known: &Known) -> EntryRef {
    let rows = known::registrations(known, &Lookup::RegistrationsByPerson(person));
    let as_child = rows
        .iter()
        .filter(|row| row.registration.child == person)
        .min_by_key(|row| (row.captured_at, row.id));
    as_child.map_or(person, |row| row.registration.mother)
}

fn staff_needs(staff: Lookup, known: &Known) -> Vec<Lookup> {
    let grants = known::staff(known, &staff);
    let phones = grants
        .iter()
        .map(|grant| Lookup::Phone(grant.phone.clone()));
    let mut wanted: Vec<Lookup> = phones.collect();
    wanted.push(staff);
    wanted
}

/// The texts of an event: only the node that wrote it sends them.
fn notifications<'a>(applied: &Applied<'_>, event: &Event, rules: &Rules<'a>) -> Vec<&'a Notify> {
    if !rules.site.wrote(&applied.id) {
        return Vec::new();
    }
    let definition = programme(event, rules).and_then(|one| one.event(&event.code));
    definition.map_or(Vec::new(), |event| event.notify.iter().collect())
}

/// The version under which it was captured, else the newest.
fn programme<'a>(event: &Event, rules: &Rules<'a>) -> Option<&'a Programme> {
    rules
        .programmes
        .find(&event.programme, event.programme_version)
        .or_else(|| rules.programmes.current(&event.programme))
}

pub(super) fn recorded(
    applied: &Applied<'_>,
    event: &Event,
    known: &Known,
    rules: &Rules<'_>,
) -> Consequences {
    let row = EventRow {
        id: applied.id,
        subject: applied.about,
        event: event.clone(),
        author: (applied.id.scope.area(), applied.meta.author),
        at: hlc::timestamp(applied.meta.hlc),
        live: true,
    };
    let mut changes = vec![ViewChange::PutEvent(row.clone())];
    changes.extend(event.replaces.map(ViewChange::VoidEntry));
    changes.extend(applied.about.map(ViewChange::Replan));
    let notify = notifications(applied, event, rules);
    let messages = notify
        .into_iter()
        .flat_map(|one| texts(one, &row, known, rules))
        .collect();
    Consequences {
        changes,
        messages,
        ..Consequences::default()
    }
}

pub(super) fn handed_over(applied: &Applied<'_>, to: u32, persons: &[EntryRef]) -> Consequences {
    let area = applied.id.scope.area();
    // An index means somebody only in the staff list of its own scope.
    let persons = persons.iter().filter(|person| person.scope.area() == area);
    Consequences {
        changes: vec![ViewChange::AssignPeople {
            persons: persons.copied().collect(),
            assignment: Assignment {
                hlc: applied.meta.hlc,
                by: applied.id,
                worker: to,
            },
        }],
        ..Consequences::default()
    }
}

/// One notification to everybody that it is for.
fn texts(notify: &Notify, row: &EventRow, known: &Known, rules: &Rules<'_>) -> Vec<NewMessage> {
    let to_person = |person: Option<EntryRef>| {
        person.and_then(|person| {
            let contact = contact(person, known);
            let fields = &known::person(known, contact)?.fields;
            let programme = programme(&row.event, rules)?;
            let (to, phone) = bound(contact, fields, programme, known)?;
            let own = fields.get(Field::Language);
            let language = message::language(&phone, own, &rules.site.language);
            Some((to, language.to_owned()))
        })
    };
    let to_staff = |staff: &Lookup| -> Vec<(String, String)> {
        let grants = known::staff(known, staff).iter();
        grants
            .filter(|grant| grant.is_live(row.at))
            .map(|grant| {
                let phone = known::phone(known, &grant.phone);
                let language =
                    message::language(&phone, Some(&grant.language), &rules.site.language);
                (grant.phone.clone(), language.to_owned())
            })
            .collect()
    };
    let scope = row.id.scope.area();
    let recipients = match notify.to {
        Recipient::Subject | Recipient::Referred => {
            let person = meant(notify, row, known);
            let recipient = to_person(person);
            if recipient.is_none() {
                return asked_first(person, row, known, rules).into_iter().collect();
            }
            recipient.into_iter().collect()
        }
        Recipient::Worker => row.subject.map_or(Vec::new(), |subject| {
            to_staff(&Lookup::Staff(scope, known::worker_of(known, subject)))
        }),
        Recipient::Officers | Recipient::Workers | Recipient::Auditors => {
            to_staff(&Lookup::StaffByRole(scope, role(notify.to)))
        }
    };
    let person = matches!(notify.to, Recipient::Subject | Recipient::Referred);
    recipients
        .into_iter()
        .filter_map(|(to, language)| text(notify, row, (to, &language), (!person, known), rules))
        .collect()
}

/// The person whom a notification is for.
fn meant(notify: &Notify, row: &EventRow, known: &Known) -> Option<EntryRef> {
    if notify.to == Recipient::Subject {
        return row.subject;
    }
    known::event(known, row.event.refers?)?.subject
}

/// A number that fell silent is asked first whether it is still in use.
fn asked_first(
    person: Option<EntryRef>,
    row: &EventRow,
    known: &Known,
    rules: &Rules<'_>,
) -> Option<NewMessage> {
    let contact = contact(person?, known);
    let fields = &known::person(known, contact)?.fields;
    silent(contact, fields, programme(&row.event, rules)?, known, rules)
}

fn text(
    notify: &Notify,
    row: &EventRow,
    (to, language): (String, &str),
    (names, known): (bool, &Known),
    rules: &Rules<'_>,
) -> Option<NewMessage> {
    let programme = programme(&row.event, rules)?;
    let mut values = shown::answers(programme, rules.texts, language, &row.event.fields);
    let day = crate::schedule::event_day(programme, row);
    values.insert("day".to_owned(), shown::day(rules.texts, language, day));
    let person = row
        .subject
        .and_then(|subject| known::person(known, subject));
    // Staff may be told of something that nobody known here reported.
    for name in ["who", "caller", "place"] {
        values.insert(name.to_owned(), String::new());
    }
    if let Some(person) = person.filter(|_| names) {
        values.insert("who".to_owned(), short_name(&person.fields));
        let phone = person.fields.get(Field::Phone).unwrap_or_default();
        values.insert("caller".to_owned(), phone.to_owned());
        let village = person.fields.get(Field::Village).unwrap_or_default();
        let place = programme.place(village).map(|place| place.name.clone());
        values.insert("place".to_owned(), place.unwrap_or_default());
    }
    let class = if notify.urgent {
        MessageClass::Emergency
    } else {
        MessageClass::Health
    };
    Some(NewMessage {
        cause: message::event_cause(&row.id, &notify.text, &to),
        to,
        text: programme
            .text(language, &notify.text, &values)?
            .trim_end()
            .to_owned(),
        class,
        validity_s: message::validity_s(class),
        covers: Vec::new(),
        terms: Terms::default(),
    })
}
