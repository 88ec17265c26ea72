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

    /// Whose PIN is meant: by a registration number or its last four digits, else the worker whose
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
        // Two numbers of one phone may end alike; whoever types the whole one is still one person.
        let typed = hint.trim();
        let exact = self.only(|number| number == typed);
        let person =
            exact.or_else(|| self.only(|number| number::hint(number) == number::hint(typed)));
        Some(person.map_or(Holder::Nobody, Holder::Person))
    }

    /// The one person whose number fits.
    fn only(&self, fits: impl Fn(&str) -> bool) -> Option<EntryRef> {
        let numbered = self.persons.iter().filter(|(person, _)| {
            let number = person.fields.get(Field::Number);
            number.is_some_and(&fits)
        });
        let mut found = numbered.map(|(person, _)| person.document);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The person and whether she confirmed the number.
    pub(super) fn person(&self, document: EntryRef) -> Option<(&'a PersonRow, bool)> {
        self.persons
            .iter()
            .find(|(person, _)| person.document == document)
            .copied()
    }
}

#[cfg(test)]
mod tests {
    use sync_core::{Epoch, NodeId, Scope, Seq};

    use super::*;
    use crate::person::PersonFields;

    fn person(seq: u32, number: &str) -> PersonRow {
        let mut fields = PersonFields::default();
        fields.set(Field::Number, number);
        PersonRow {
            document: EntryRef {
                origin: NodeId(7),
                epoch: Epoch::new(1, 0),
                scope: Scope(0x100),
                seq: Seq(seq),
            },
            fields,
            conflicts: Vec::new(),
        }
    }

    #[test]
    fn digits_lead_to_one_person_or_to_nobody() {
        let rows = [
            person(1, "4827136094"),
            person(2, "5938046094"),
            person(3, "7260381954"),
        ];
        let line = Line {
            persons: rows.iter().map(|row| (row, true)).collect(),
            staff: None,
        };
        let person = |at: usize| Some(Holder::Person(rows[at].document));
        let nobody = Some(Holder::Nobody);
        for (typed, expected) in [
            ("1954", person(2)),
            (" 7260381954 ", person(2)),
            // Whose number begins otherwise is still meant by its end, as texts show it.
            ("1111111954", person(2)),
            ("6094", nobody),
            ("4827136094", person(0)),
            ("5938046094", person(1)),
            ("0000", nobody),
            ("", nobody),
        ] {
            assert_eq!(line.meant(Some(typed)), expected, "{typed}");
        }
        assert_eq!(line.meant(None), None);
    }
}
