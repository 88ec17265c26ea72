//! Tables in memory that guard people: ended roles, consents.

use std::collections::{BTreeMap, BTreeSet};

use sync_core::{EntryRef, Scope};

use crate::consent::ConsentRow;
use crate::pin::Holder;
use crate::view::{Found, Lookup, ViewChange};

/// What guards people.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Guard {
    ended: BTreeSet<(Scope, u32)>,
    consents: BTreeMap<EntryRef, ConsentRow>,
    proved: Option<EntryRef>,
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
            _ => {}
        }
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
            _ => None,
        }
    }
}
