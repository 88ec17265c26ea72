//! Registering a mother and her child: every field is looked at again, whoever asked before.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use sync_core::{ClockQuality, EntryRef, Lane, Seq};

use super::{outcome, reject, reject_with};
use crate::command::{ConsentAnswer, Decision, Rejection, Write};
use crate::consent;
use crate::contact::Moment;
use crate::fact::{Fact, Registration};
use crate::known;
use crate::person::{BirthDate, Field, NAME_CHARS_MAX, PersonFields};
use crate::role::Principal;
use crate::role::right::{Right, may};
use crate::schema;
use crate::site::Rules;
use crate::status::Status;
use crate::view::{Known, Lookup, ViewChange};
use channels_core::Msisdn;

/// Most people whom one number may stand for; the next one is refused with a text.
pub const PERSONS_PER_PHONE_MAX: usize = 8;
/// Numbers that a pair uses.
const NUMBERS: u32 = 2;
/// Youngest and oldest age of a mother at registration, in years.
const MOTHER_AGE: (i16, i16) = (10, 71);
/// Oldest age of a child at registration, in years.
const CHILD_AGE_MAX: i16 = 6;
/// Fewest years between a mother's and her child's birth.
const GENERATION_MIN: i16 = 9;
/// Most characters of a code or a national id; longer input is refused.
const CODE_CHARS_MAX: usize = 32;

/// The command's parts.
pub(super) struct Pair<'a> {
    pub(super) programme: &'a str,
    pub(super) programme_version: u32,
    pub(super) mother: &'a PersonFields,
    pub(super) child: &'a PersonFields,
    pub(super) consent: &'a ConsentAnswer,
}

pub(super) fn needs(principal: &Principal, mother: &PersonFields, known: &Known) -> Vec<Lookup> {
    if !may(principal.role, Right::Register) {
        return Vec::new();
    }
    let mut wanted = vec![
        Lookup::NextEntry(principal.scope.with_lane(Lane::Registration)),
        Lookup::NextNumbers(NUMBERS),
    ];
    wanted.extend(
        mother
            .get(Field::Phone)
            .map(|phone| Lookup::Phone(phone.to_owned())),
    );
    known::missing(known, wanted)
}

pub(super) fn register(
    principal: &Principal,
    pair: &Pair<'_>,
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Result<Decision, Rejection> {
    if !may(principal.role, Right::Register) || principal.author == 0 {
        return Err(reject("reject-not-allowed"));
    }
    check_pair(pair, now)?;
    let scope = principal.scope.with_lane(Lane::Registration);
    let first = known::next_entry(known, scope).ok_or_else(|| reject("failed"))?;
    let issued = known::numbers(known, NUMBERS);
    let [mother_number, child_number] = issued else {
        return Err(reject("reject-numbers"));
    };
    if let Some(phone) = pair.mother.get(Field::Phone) {
        check_room(phone, known)?;
    }
    let mut mother = pair.mother.clone();
    mother.set(Field::Number, mother_number.digits.as_str());
    let mut child = pair.child.clone();
    child.set(Field::Number, child_number.digits.as_str());
    let registration = Registration {
        programme: pair.programme.to_owned(),
        programme_version: pair.programme_version,
        mother: first,
        child: after(first, 1),
    };
    let (mother_entry, child_entry) = (registration.mother, registration.child);
    let document = |fields| Write::CreateDocument {
        scope,
        schema: schema::PERSON,
        fields,
    };
    let fact = |about, fact: Fact| Write::Fact {
        scope,
        schema: schema::of(&fact),
        about: Some(about),
        fact,
    };
    let status = if rules.site.is_hub {
        Status::Carried
    } else {
        Status::Held
    };
    Ok(Decision {
        // Consent stands before what rests on it: a frame may end anywhere in between.
        writes: vec![
            document(mother),
            document(child),
            fact(mother_entry, consent::recorded(pair.consent, Vec::new())),
            fact(child_entry, Fact::RegistrationSubmitted(registration)),
        ],
        changes: vec![ViewChange::UseNumbers(issued.to_vec())],
        messages: Vec::new(),
        outcome: outcome([
            ("mother_number", mother_number.digits.clone()),
            ("child_number", child_number.digits.clone()),
            ("status", status.word().to_owned()),
        ]),
    })
}

/// The name `steps` entries later in the same chain.
pub(crate) fn after(entry: EntryRef, steps: u32) -> EntryRef {
    EntryRef {
        seq: Seq(entry.seq.0.saturating_add(steps)),
        ..entry
    }
}

/// A number that already stands for as many people as it may takes no further one.
pub(super) fn check_room(phone: &str, known: &Known) -> Result<(), Rejection> {
    if known::phone(known, phone).persons.len() < PERSONS_PER_PHONE_MAX {
        return Ok(());
    }
    let limit = PERSONS_PER_PHONE_MAX.to_string();
    Err(reject_with("reject-phone-full", "limit", limit))
}

/// One person as she is registered alone.
pub(super) fn check_person(person: &PersonFields, now: Moment) -> Result<(), Rejection> {
    let complete = is_person(person)
        && person.get(Field::Number).is_none()
        && person.get(Field::Phone).is_none_or(is_e164);
    if !complete {
        return Err(reject("reject-incomplete"));
    }
    let tomorrow = latest_date(now.at).filter(|_| now.quality != ClockQuality::Unknown);
    match person.birth_date().zip(tomorrow) {
        Some((birth, tomorrow)) if !starts_by(birth, tomorrow) => Err(reject("reject-births")),
        _ => Ok(()),
    }
}

/// Values that a correction may set.
pub(super) fn check_values(fields: &PersonFields) -> Result<(), Rejection> {
    let good = are_values(fields) && fields.get(Field::Phone).is_none_or(is_e164);
    if good {
        Ok(())
    } else {
        Err(reject("reject-incomplete"))
    }
}

fn check_pair(pair: &Pair<'_>, now: Moment) -> Result<(), Rejection> {
    if !pair.consent.opt_in {
        return Err(reject("reject-no-consent"));
    }
    let complete = is_person(pair.mother)
        && is_person(pair.child)
        && pair.mother.get(Field::GivenName).is_some()
        && pair.mother.get(Field::Village).is_some()
        && pair.mother.get(Field::Phone).is_none_or(is_e164)
        && pair.child.get(Field::Phone).is_none()
        && pair.mother.get(Field::Number).is_none()
        && pair.child.get(Field::Number).is_none();
    if complete {
        check_births(pair.mother, pair.child, now)
    } else {
        Err(reject("reject-incomplete"))
    }
}

/// Both births are known and fit together.
pub(super) fn check_births(
    mother: &PersonFields,
    child: &PersonFields,
    now: Moment,
) -> Result<(), Rejection> {
    match mother.birth_date().zip(child.birth_date()) {
        Some(births) if are_births_plausible(births, now) => Ok(()),
        Some(_) => Err(reject("reject-births")),
        None => Err(reject("reject-incomplete")),
    }
}

/// Some name and well-formed values; a new-born may have no given name yet.
fn is_person(fields: &PersonFields) -> bool {
    let named = [Field::GivenName, Field::FamilyName]
        .iter()
        .any(|f| fields.get(*f).is_some());
    named && are_values(fields)
}

fn are_values(fields: &PersonFields) -> bool {
    fields.0.iter().all(|(field, value)| match field {
        Field::GivenName | Field::FamilyName => is_name(value),
        Field::BirthDate => BirthDate::parse_iso(value).is_some(),
        Field::Sex => matches!(value.as_str(), "F" | "M"),
        Field::Phone | Field::Number => true,
        Field::Village | Field::NationalId | Field::PlaceOfBirth | Field::Language => {
            is_code(value)
        }
    })
}

fn is_name(value: &str) -> bool {
    value.chars().count() <= NAME_CHARS_MAX
        && value.trim() == value
        && value.chars().any(char::is_alphabetic)
        && !value.chars().any(|c| c.is_control() || c.is_ascii_digit())
}

fn is_code(value: &str) -> bool {
    value.chars().count() <= CODE_CHARS_MAX
        && value.chars().any(char::is_alphanumeric)
        && !value.chars().any(char::is_control)
}

fn is_e164(value: &str) -> bool {
    Msisdn::parse(value).is_ok_and(|msisdn| msisdn.to_e164() == value)
}

/// Neither birth lies ahead, and the ages fit a mother and a young child.
///
/// A clock of unknown quality cannot tell an age; then only the generation is looked at.
fn are_births_plausible((mother, child): (BirthDate, BirthDate), now: Moment) -> bool {
    let generation = child.year() - mother.year();
    if generation < GENERATION_MIN {
        return false;
    }
    if now.quality == ClockQuality::Unknown {
        return true;
    }
    let Some(tomorrow) = latest_date(now.at) else {
        return false;
    };
    let age = tomorrow.year() - mother.year();
    (MOTHER_AGE.0..=MOTHER_AGE.1).contains(&age)
        && tomorrow.year() - child.year() <= CHILD_AGE_MAX
        && starts_by(child, tomorrow)
}

/// The latest date that it is anywhere on earth: one day beyond UTC.
fn latest_date(at: Timestamp) -> Option<Date> {
    at.to_zoned(TimeZone::UTC).date().checked_add(1.day()).ok()
}

fn starts_by(birth: BirthDate, last: Date) -> bool {
    match birth {
        BirthDate::Year(year) => year <= last.year(),
        BirthDate::Day(date) => date <= last,
    }
}
