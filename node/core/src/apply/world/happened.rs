//! Tables in memory of what happened to people, and of who looks after them.

use std::collections::{BTreeMap, BTreeSet};

use sync_core::EntryRef;

use crate::event::{Assignment, EventRow};
use crate::identity::Pair;
use crate::view::{Found, Lookup, ViewChange};

/// Events and assignments; what is due is kept by the store alone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Happened {
    events: BTreeMap<EntryRef, EventRow>,
    void: BTreeSet<EntryRef>,
    assigned: BTreeMap<EntryRef, Assignment>,
    distinct: BTreeSet<Pair>,
}

impl Happened {
    pub(super) fn put(&mut self, change: ViewChange) {
        match change {
            ViewChange::PutEvent(mut row) => {
                row.live = !self.void.contains(&row.id);
                self.events.insert(row.id, row);
            }
            ViewChange::VoidEntry(id) => {
                self.void.insert(id);
                if let Some(row) = self.events.get_mut(&id) {
                    row.live = false;
                }
            }
            ViewChange::PutDistinct(pair) => {
                self.distinct.insert(pair);
            }
            ViewChange::AssignPeople {
                persons,
                assignment,
            } => {
                for person in persons {
                    let known = self.assigned.entry(person).or_insert(assignment);
                    *known = (*known).max(assignment);
                }
            }
            _ => {}
        }
    }

    pub(super) fn find(&self, lookup: &Lookup) -> Option<Found> {
        Some(match lookup {
            Lookup::Event(id) => self.events(|row| row.id == *id),
            Lookup::EventsBySubject(person) => self.events(|row| row.subject == Some(*person)),
            Lookup::EventsByAuthor(scope, author, since) => {
                self.events(|row| row.author == (*scope, *author) && row.at >= *since)
            }
            Lookup::EventsByCode { programme, code } => {
                self.events(|row| row.event.programme == *programme && row.event.code == *code)
            }
            Lookup::EventsReferring(id) => self.events(|row| row.event.refers == Some(*id)),
            Lookup::Distinct(pair) => Found::Flag(self.distinct.contains(pair)),
            Lookup::WorkerOf(person) => {
                let worker = self.assigned.get(person).map_or(0, |one| one.worker);
                Found::Number(u64::from(worker))
            }
            _ => return None,
        })
    }

    fn events(&self, take: impl Fn(&EventRow) -> bool) -> Found {
        let rows = self.events.values().filter(|row| take(row));
        Found::Events(rows.cloned().collect())
    }
}
