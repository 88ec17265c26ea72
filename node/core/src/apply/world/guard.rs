//! Tables in memory that guard people: ended roles.

use std::collections::BTreeSet;

use sync_core::Scope;

use crate::view::{Found, Lookup, ViewChange};

/// What guards people.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Guard {
    ended: BTreeSet<(Scope, u32)>,
}

impl Guard {
    pub(super) fn put(&mut self, change: &ViewChange) {
        if let ViewChange::EndStaff { scope, index } = change {
            self.ended.insert((*scope, *index));
        }
    }

    pub(super) fn is_ended(&self, scope: Scope, index: u32) -> bool {
        self.ended.contains(&(scope, index))
    }

    pub(super) fn find(&self, lookup: &Lookup) -> Option<Found> {
        match lookup {
            Lookup::StaffEnded(scope, index) => Some(Found::Flag(self.is_ended(*scope, *index))),
            _ => None,
        }
    }
}
