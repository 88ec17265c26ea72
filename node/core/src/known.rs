//! Reading the store's answers: one function per shape, an empty answer where none fits.

use sync_core::{EntryRef, Scope};

use crate::consent::ConsentRow;
use crate::event::EventRow;
use crate::household::Membership;
use crate::identity::Edge;
use crate::matching::MatchRow;
use crate::pin::{Holder, Pin, PinRow, Purpose};
use crate::role::RoleGrant;
use crate::slip::SlipId;
use crate::slip::code::CodeKey;
use crate::view::{
    Found, IssuedNumber, Known, Lookup, PersonRow, PhoneRow, RegistrationRow, ReviewRow, TaskRow,
    Token, TokenKind,
};

/// The lookups that have no answer yet.
pub(crate) fn missing(known: &Known, wanted: impl IntoIterator<Item = Lookup>) -> Vec<Lookup> {
    let mut lookups: Vec<Lookup> = wanted
        .into_iter()
        .filter(|lookup| !known.contains_key(lookup))
        .collect();
    lookups.sort_unstable();
    lookups.dedup();
    lookups
}

/// The next entry name of a scope.
pub(crate) fn next_entry(known: &Known, scope: Scope) -> Option<EntryRef> {
    match known.get(&Lookup::NextEntry(scope)) {
        Some(Found::Entry(entry)) => Some(*entry),
        _ => None,
    }
}

/// Issued numbers.
pub(crate) fn numbers(known: &Known, count: u32) -> &[IssuedNumber] {
    match known.get(&Lookup::NextNumbers(count)) {
        Some(Found::Numbers(numbers)) => numbers,
        _ => &[],
    }
}

/// A person by document.
pub(crate) fn person(known: &Known, document: EntryRef) -> Option<&PersonRow> {
    match known.get(&Lookup::Person(document)) {
        Some(Found::Persons(rows)) => rows.first(),
        _ => None,
    }
}

/// Registrations by any lookup that gives some.
pub(crate) fn registrations<'a>(known: &'a Known, lookup: &Lookup) -> &'a [RegistrationRow] {
    match known.get(lookup) {
        Some(Found::Registrations(rows) | Found::Undigested(rows)) => rows,
        _ => &[],
    }
}

/// A registration by entry.
pub(crate) fn registration(known: &Known, entry: EntryRef) -> Option<&RegistrationRow> {
    registrations(known, &Lookup::Registration(entry)).first()
}

/// Staff by any lookup that gives some.
pub(crate) fn staff<'a>(known: &'a Known, lookup: &Lookup) -> &'a [RoleGrant] {
    match known.get(lookup) {
        Some(Found::Staff(grants)) => grants,
        _ => &[],
    }
}

/// Reviews by any lookup that gives some.
pub(crate) fn reviews<'a>(known: &'a Known, lookup: &Lookup) -> &'a [ReviewRow] {
    match known.get(lookup) {
        Some(Found::Reviews(rows)) => rows,
        _ => &[],
    }
}

/// Reviews that nobody answered yet.
pub(crate) fn open_reviews(known: &Known, scope: Scope, author: u32) -> Vec<&ReviewRow> {
    let rows = reviews(known, &Lookup::OpenReviews(scope.area(), author));
    rows.iter()
        .filter(|row| row.answer.is_none() && !row.decided)
        .collect()
}

/// A review by number.
pub(crate) fn review(known: &Known, number: u32) -> Option<&ReviewRow> {
    reviews(known, &Lookup::Review(number)).first()
}

/// What is known of a number; the empty row when nothing is.
pub(crate) fn phone(known: &Known, e164: &str) -> PhoneRow {
    match known.get(&Lookup::Phone(e164.to_owned())) {
        Some(Found::Phone(row)) => row.clone(),
        _ => PhoneRow::default(),
    }
}

/// What a person answered when asked to agree; empty when nothing is known.
pub(crate) fn consents(known: &Known, person: EntryRef) -> ConsentRow {
    match known.get(&Lookup::Consents(person)) {
        Some(Found::Consents(row)) => row.clone(),
        _ => ConsentRow::default(),
    }
}

/// Pairs of people by any lookup that gives some.
pub(crate) fn matches<'a>(known: &'a Known, lookup: &Lookup) -> &'a [MatchRow] {
    match known.get(lookup) {
        Some(Found::Matches(rows)) => rows,
        _ => &[],
    }
}

/// A pair of people by number.
pub(crate) fn match_row(known: &Known, number: u32) -> Option<&MatchRow> {
    matches(known, &Lookup::Match(number)).first()
}

/// Edges between documents.
pub(crate) fn edges<'a>(known: &'a Known, lookup: &Lookup) -> &'a [Edge] {
    match known.get(lookup) {
        Some(Found::Edges(edges)) => edges,
        _ => &[],
    }
}

/// A count or index.
pub(crate) fn count(known: &Known, lookup: &Lookup) -> Option<u64> {
    match known.get(lookup) {
        Some(Found::Number(number)) => Some(*number),
        _ => None,
    }
}

/// Events by any lookup that gives some.
pub(crate) fn events<'a>(known: &'a Known, lookup: &Lookup) -> &'a [EventRow] {
    match known.get(lookup) {
        Some(Found::Events(rows)) => rows,
        _ => &[],
    }
}

/// Slips of a person that hold.
pub(crate) fn slips(known: &Known, person: EntryRef) -> &[SlipId] {
    match known.get(&Lookup::SlipsOf(person)) {
        Some(Found::Slips(slips)) => slips,
        _ => &[],
    }
}

/// An event by entry.
pub(crate) fn event(known: &Known, entry: EntryRef) -> Option<&EventRow> {
    events(known, &Lookup::Event(entry)).first()
}

/// Tasks by any lookup that gives some.
pub(crate) fn tasks<'a>(known: &'a Known, lookup: &Lookup) -> &'a [TaskRow] {
    match known.get(lookup) {
        Some(Found::Tasks(rows)) => rows,
        _ => &[],
    }
}

/// Keys of short codes of an area.
pub(crate) fn code_keys(known: &Known, area: Scope) -> &[CodeKey] {
    match known.get(&Lookup::CodeKeys(area)) {
        Some(Found::CodeKeys(keys)) => keys,
        _ => &[],
    }
}

/// Persons by any lookup that gives some.
pub(crate) fn persons<'a>(known: &'a Known, lookup: &Lookup) -> &'a [PersonRow] {
    match known.get(lookup) {
        Some(Found::Persons(rows)) => rows,
        _ => &[],
    }
}

/// The worker to whom a person is assigned; 0 = nobody.
pub(crate) fn worker_of(known: &Known, person: EntryRef) -> u32 {
    let index = count(known, &Lookup::WorkerOf(person));
    index
        .and_then(|index| u32::try_from(index).ok())
        .unwrap_or(0)
}

/// A yes or no; no where nothing was found.
pub(crate) fn flag(known: &Known, lookup: &Lookup) -> bool {
    matches!(known.get(lookup), Some(Found::Flag(true)))
}

/// Memberships by any lookup that gives some.
pub(crate) fn memberships<'a>(known: &'a Known, lookup: &Lookup) -> &'a [Membership] {
    match known.get(lookup) {
        Some(Found::Memberships(rows)) => rows,
        _ => &[],
    }
}

/// Words by any lookup that gives some.
pub(crate) fn words<'a>(known: &'a Known, lookup: &Lookup) -> &'a [String] {
    match known.get(lookup) {
        Some(Found::Words(words)) => words,
        _ => &[],
    }
}

/// How people are looked up by a registration number as it was typed.
pub(crate) fn by_number(number: &str) -> Lookup {
    Lookup::PersonsByToken(Token {
        kind: TokenKind::Number,
        value: number.trim().to_owned(),
    })
}

/// What is kept of a PIN.
pub(crate) fn pin(known: &Known, holder: Holder) -> PinRow {
    match known.get(&Lookup::Pin(holder)) {
        Some(Found::Pin(row)) => row.clone(),
        _ => PinRow::default(),
    }
}

/// Salt and digest.
pub(crate) type Hash = ([u8; 16], [u8; 32]);

/// A PIN as it was hashed for a purpose.
pub(crate) fn stretched(
    known: &Known,
    holder: Holder,
    pin: &Pin,
    purpose: Purpose,
) -> Option<Hash> {
    match known.get(&Lookup::Stretch(holder, pin.clone(), purpose)) {
        Some(Found::Stretched(salt, digest)) => Some((*salt, *digest)),
        _ => None,
    }
}
