//! Tables in memory that guard people: ended roles, consents.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sync_core::{EntryRef, Scope};

use crate::consent::ConsentRow;
use crate::hold::HeldRow;
use crate::pin::Holder;
use crate::read::{self, ReadRow, Reader};
use crate::view::{Found, Lookup, ViewChange};

/// What guards people.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Guard {
    ended: BTreeSet<(Scope, u32)>,
    consents: BTreeMap<EntryRef, ConsentRow>,
    proved: Option<EntryRef>,
    reads: BTreeMap<EntryRef, Vec<ReadRow>>,
    held: BTreeMap<EntryRef, HeldRow>,
    readers: BTreeMap<(Reader, Timestamp, EntryRef), u64>,
}

impl Guard {
    pub(super) fn put(&mut self, change: &ViewChange) {
        match change {
            ViewChange::EndStaff { scope, index } => {
                self.ended.insert((*scope, *index));
            }
            ViewChange::PutConsents { person, row } => {
                self.consents.insert(*person, row.clone());
            }
            ViewChange::PutReads { entry, at, note } => {
                let reader = (note.reader.clone(), *at, *entry);
                self.readers.insert(reader, note.count());
                for person in &note.persons {
                    let row = note.row(*entry, *at);
                    read::keep(self.reads.entry(*person).or_default(), row);
                }
            }
            ViewChange::PutHeld(row) => {
                self.held.insert(row.id, row.clone());
            }
            _ => {}
        }
    }

    /// Who saw each person's data.
    pub(crate) fn reads(&self) -> &BTreeMap<EntryRef, Vec<ReadRow>> {
        &self.reads
    }

    /// Lets the next commands come from a conversation in which this person's PIN was right.
    pub(crate) fn prove(&mut self, person: EntryRef) {
        self.proved = Some(person);
    }

    /// Ends that conversation.
    pub(crate) fn prove_nobody(&mut self) {
        self.proved = None;
    }

    pub(super) fn is_ended(&self, scope: Scope, index: u32) -> bool {
        self.ended.contains(&(scope, index))
    }

    pub(crate) fn find(&self, lookup: &Lookup) -> Option<Found> {
        match lookup {
            Lookup::StaffEnded(scope, index) => Some(Found::Flag(self.is_ended(*scope, *index))),
            Lookup::Consents(person) => {
                let row = self.consents.get(person).cloned();
                Some(Found::Consents(row.unwrap_or_default()))
            }
            Lookup::Proved => {
                let holder = self.proved.map(Holder::Person);
                Some(holder.map_or(Found::None, Found::Holder))
            }
            Lookup::HeldOf(person) => {
                let rows = self.held.values().filter(|row| row.person == *person);
                Some(Found::Held(rows.cloned().collect()))
            }
            Lookup::HeldOpen => {
                let rows = self.held.values().filter(|row| row.open().is_some());
                Some(Found::Held(rows.cloned().collect()))
            }
            Lookup::ReadsOf(person) => {
                let rows = self.reads.get(person).cloned();
                Some(Found::Reads(rows.unwrap_or_default()))
            }
            Lookup::ReadsBy(reader, since) => {
                let all = self.readers.iter();
                let of = all.filter(|((who, at, _), _)| who == reader && at > since);
                Some(Found::Number(of.map(|(_, count)| count).sum()))
            }
            _ => None,
        }
    }
}
