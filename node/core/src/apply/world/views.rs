//! The tables that [`ViewChange`] describes, in memory.

use std::collections::BTreeMap;

use sync_core::{EntryRef, Scope};

use super::guard::Guard;
use super::happened::Happened;
use crate::role::RoleGrant;
use crate::status::Status;
use crate::view::{
    Effect, Found, Lookup, PersonRow, PhoneRow, RecordRow, RegistrationRow, ReviewRow, Token,
    ViewChange,
};

/// The tables that [`ViewChange`] describes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Views {
    pub(super) persons: BTreeMap<EntryRef, (PersonRow, Vec<Token>)>,
    registrations: BTreeMap<EntryRef, (RegistrationRow, Vec<Token>)>,
    reviews: BTreeMap<u32, ReviewRow>,
    pub(super) staff: Vec<RoleGrant>,
    pub(crate) guard: Guard,
    pub(crate) phones: BTreeMap<String, PhoneRow>,
    records: BTreeMap<(String, String, String), RecordRow>,
    aliases: BTreeMap<String, EntryRef>,
    pub(crate) effects: Vec<Effect>,
    happened: Happened,
}

impl Views {
    pub(crate) fn registration(&self, id: EntryRef) -> &RegistrationRow {
        &self.registrations[&id].0
    }

    pub(crate) fn has_registration(&self, id: EntryRef) -> bool {
        self.registrations.contains_key(&id)
    }

    pub(crate) fn by_status(&self, status: Status) -> usize {
        self.registrations
            .values()
            .filter(|(row, _)| row.status == status)
            .count()
    }

    pub(crate) fn reviews(&self) -> Vec<&ReviewRow> {
        self.reviews.values().collect()
    }

    pub(crate) fn people(&self) -> impl Iterator<Item = &PersonRow> {
        self.persons.values().map(|(row, _)| row)
    }

    pub(crate) fn persons(&self) -> usize {
        self.persons.len()
    }

    pub(super) fn put(&mut self, change: ViewChange) {
        match change {
            ViewChange::PutPerson { row, tokens } => {
                self.persons.insert(row.document, (row, tokens));
            }
            ViewChange::PutRegistration { row, tokens } => {
                self.registrations.insert(row.id, (row, tokens));
            }
            ViewChange::SetOutcome {
                registration,
                status,
                registry_id,
                rejection,
            } => {
                let (row, _) = self.registrations.get_mut(&registration).unwrap();
                // What was taken back stays so.
                let withdrawn = row.status == Status::Withdrawn;
                row.status = if withdrawn { row.status } else { status };
                (row.registry_id, row.rejection) = (registry_id, rejection);
            }
            ViewChange::PutReview(row) => {
                if let Some((waiting, _)) = self.registrations.get_mut(&row.registration) {
                    waiting.review = Some(row.review);
                }
                self.reviews.insert(row.review, row);
            }
            ViewChange::PutStaff(grant) => self.staff.push(grant),
            ViewChange::PutPhone { phone, row } => {
                self.phones.insert(phone, row);
            }
            ViewChange::PutAlias { document, number } => {
                self.aliases.insert(number, document);
            }
            change @ ViewChange::PutRecord { .. } => self.put_record(change),
            ViewChange::AddEffect(effect) => self.add_effect(effect),
            ViewChange::DropEffect { registration } | ViewChange::RemoveRecord { registration } => {
                self.effects
                    .retain(|kept| kept.registration != registration);
            }
            ViewChange::VoidEntry(id) => {
                if let Some((row, _)) = self.registrations.get_mut(&id) {
                    row.status = Status::Withdrawn;
                }
                self.happened.put(ViewChange::VoidEntry(id));
            }
            other => {
                self.guard.put(&other);
                self.happened.put(other);
            }
        }
    }

    fn put_record(&mut self, change: ViewChange) {
        let ViewChange::PutRecord {
            registry,
            version,
            id,
            content,
            replay_key,
            at,
        } = change
        else {
            return;
        };
        let key = (registry, version, id.clone());
        let Some(content) = content else {
            self.records.remove(&key);
            return;
        };
        let row = RecordRow {
            id,
            content,
            replay_key,
            created_at: at,
            modified_at: at,
        };
        self.records.insert(key, row);
    }

    fn add_effect(&mut self, effect: Effect) {
        let mut known = self.effects.iter();
        if known.all(|known| known.registration != effect.registration) {
            self.effects.push(effect);
        }
    }

    fn registrations(&self, take: impl Fn(&RegistrationRow) -> bool) -> Found {
        let rows = self.registrations.values().map(|(row, _)| row);
        Found::Registrations(rows.filter(|row| take(row)).cloned().collect())
    }

    fn staff(&self, take: impl Fn(&RoleGrant) -> bool) -> Found {
        Found::Staff(
            self.staff
                .iter()
                .filter(|grant| take(grant))
                .cloned()
                .collect(),
        )
    }

    fn found_reviews(&self, take: impl Fn(&ReviewRow) -> bool) -> Found {
        Found::Reviews(
            self.reviews
                .values()
                .filter(|row| take(row))
                .cloned()
                .collect(),
        )
    }

    fn is_open(&self, review: &ReviewRow, author: (Scope, u32)) -> bool {
        let waiting = self.registrations.get(&review.registration);
        review.answer.is_none() && waiting.is_some_and(|(row, _)| row.author == author)
    }

    pub(super) fn find(&self, lookup: &Lookup) -> Option<Found> {
        Some(match lookup {
            Lookup::Person(document) => match self.persons.get(document) {
                Some((row, _)) => Found::Persons(vec![row.clone()]),
                None => Found::None,
            },
            Lookup::Registration(id) => self.registrations(|row| row.id == *id),
            Lookup::RegistrationsByToken(token) => {
                let rows = self
                    .registrations
                    .values()
                    .filter(|(_, all)| all.contains(token));
                Found::Registrations(rows.map(|(row, _)| row.clone()).collect())
            }
            Lookup::RegistrationsByAuthor(scope, author) => {
                self.registrations(|row| row.author == (*scope, *author))
            }
            Lookup::RegistrationsByPerson(person) => self.registrations(|row| {
                row.registration.mother == *person || row.registration.child == *person
            }),
            Lookup::StaffByPhone(phone) => self.staff(|grant| {
                grant.phone == *phone && !self.guard.is_ended(grant.scope, grant.index)
            }),
            Lookup::Staff(scope, index) => {
                self.staff(|grant| grant.scope == *scope && grant.index == *index)
            }
            Lookup::StaffCount(scope) => {
                let count = self
                    .staff
                    .iter()
                    .filter(|grant| grant.scope == *scope)
                    .count();
                Found::Number(count.try_into().unwrap())
            }
            Lookup::OpenReviews(scope, author) => {
                self.found_reviews(|row| self.is_open(row, (*scope, *author)))
            }
            Lookup::Review(number) => self.found_reviews(|row| row.review == *number),
            Lookup::NextReview => Found::Number(u64::from(
                self.reviews.keys().max().map_or(1, |last| last + 1),
            )),
            Lookup::ReviewsByOther(other) => self.found_reviews(|row| row.other == *other),
            Lookup::Phone(phone) => {
                Found::Phone(self.phones.get(phone).cloned().unwrap_or_default())
            }
            Lookup::Record {
                registry,
                version,
                id,
            } => {
                let key = (registry.clone(), version.clone(), id.clone());
                self.records
                    .get(&key)
                    .cloned()
                    .map_or(Found::None, Found::Record)
            }
            Lookup::PersonsByToken(token) => Found::Persons(
                self.persons
                    .values()
                    .filter(|(_, tokens)| tokens.contains(token))
                    .map(|(row, _)| row.clone())
                    .collect(),
            ),
            Lookup::StaffByRole(scope, role) => {
                self.staff(|grant| grant.scope == *scope && grant.role == *role)
            }
            other => return self.guard.find(other).or_else(|| self.happened.find(other)),
        })
    }
}
