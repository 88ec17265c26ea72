//! Who at a number a command is about: one person, one of several, or the worker whose phone it is.
//!
//! A number is an address and no proof. Where it stands for one person only, the network's word for
//! the number is enough for what is not personal; where several use it, nobody is anybody before
//! the last four digits of a registration number and a PIN (S6).

use channels_core::Msisdn;
use sync_core::EntryRef;

use crate::known;
use crate::number;
use crate::person::Field;
use crate::pin::Holder;
use crate::role::Principal;
use crate::view::{Found, Known, Lookup, PersonRow};

/// Everybody who uses the caller's number.
pub(super) struct Line<'a> {
    /// Persons whose document names it, with whether they confirmed it.
    pub(super) persons: Vec<(&'a PersonRow, bool)>,
    /// The worker whom the hub granted a role at this number.
    pub(super) staff: Option<Holder>,
}

pub(super) fn needs(principal: &Principal, known: &Known) -> Vec<Lookup> {
    let Some(phone) = principal.e164() else {
        return vec![];
    };
    let persons = known::phone(known, &phone).persons;
    let rows = persons
        .into_iter()
        .map(|(person, _)| Lookup::Person(person));
    [Lookup::Phone(phone), Lookup::Proved]
        .into_iter()
        .chain(rows)
        .collect()
}

/// Whose PIN was right in this conversation.
pub(super) fn proved(known: &Known) -> Option<Holder> {
    match known.get(&Lookup::Proved) {
        Some(Found::Holder(holder)) => Some(*holder),
        _ => None,
    }
}

/// Everybody who uses the caller's number, in the caller's area.
pub(super) fn line<'a>(principal: &Principal, known: &'a Known) -> Line<'a> {
    let phone = principal.phone.as_ref().map(Msisdn::to_e164);
    let named = phone.map(|phone| known::phone(known, &phone).persons);
    let persons = named.unwrap_or_default().into_iter();
    let staff =
        (principal.author != 0).then_some(Holder::Staff(principal.scope.area(), principal.author));
    Line {
        persons: persons
            .filter_map(|(person, bound)| Some((known::person(known, person)?, bound)))
            .collect(),
        staff,
    }
}

/// The persons of the caller's area who confirmed the number.
pub(super) fn bound<'a>(principal: &Principal, line: &Line<'a>) -> Vec<&'a PersonRow> {
    let area = principal.scope.area();
    let bound = line.persons.iter().filter(|(_, bound)| *bound);
    bound
        .map(|(person, _)| *person)
        .filter(|person| person.document.scope.area() == area)
        .collect()
}

impl<'a> Line<'a> {
    /// Whether more than one person uses the number.
    pub(super) fn is_shared(&self) -> bool {
        self.persons.len() + usize::from(self.staff.is_some()) > 1
    }

    /// Whose PIN is meant: by the last four digits of a registration number, else the worker whose
    /// phone it is, else the only person. `None` where digits are needed; nobody where they fit
    /// nobody or two.
    pub(super) fn meant(&self, hint: Option<&str>) -> Option<Holder> {
        let Some(hint) = hint else {
            return match (self.staff, self.persons.as_slice()) {
                (Some(staff), _) => Some(staff),
                (None, [(person, _)]) => Some(Holder::Person(person.document)),
                (None, []) => Some(Holder::Nobody),
                (None, _) => None,
            };
        };
        // Whoever types the whole number means its last digits.
        let hint = number::hint(hint.trim());
        let fits = |person: &&(&PersonRow, bool)| {
            let digits = person.0.fields.get(Field::Number);
            digits.is_some_and(|digits| number::hint(digits) == hint)
        };
        let mut found = self.persons.iter().filter(fits);
        Some(match (found.next(), found.next()) {
            (Some((person, _)), None) => Holder::Person(person.document),
            _ => Holder::Nobody,
        })
    }

    /// The person and whether she confirmed the number.
    pub(super) fn person(&self, document: EntryRef) -> Option<(&'a PersonRow, bool)> {
        self.persons
            .iter()
            .find(|(person, _)| person.document == document)
            .copied()
    }
}
