//! What a fact rests on: without it nothing can follow from the fact, so that it waits.
//!
//! Entries of one chain arrive in order; those of several chains in any order, since each comes over
//! its own roads. The result of a registration may be here before the registration.

use sync_core::EntryRef;

use crate::fact::Fact;

/// Something that a fact is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rest {
    /// An entry.
    Entry(EntryRef),
    /// The review of this number.
    Review(u32),
    /// The pair of likely duplicates of this number.
    Match(u32),
}

/// What must be here before a fact is applied; nothing for most of them. What a site may never be
/// given, such as the other one of two registrations, is not among it.
pub fn rests_on(fact: &Fact) -> Vec<Rest> {
    match fact {
        Fact::RegistryAccepted { registration, .. }
        | Fact::RegistryRejected { registration, .. }
        | Fact::DuplicateFlagged { registration, .. }
        | Fact::ReviewDecided { registration, .. } => vec![Rest::Entry(*registration)],
        Fact::ReviewAnswered {
            review,
            registration,
            ..
        } => vec![Rest::Entry(*registration), Rest::Review(*review)],
        Fact::EntryWithdrawn { entry } => vec![Rest::Entry(*entry)],
        Fact::MatchAnswered { number, .. } => vec![Rest::Match(*number)],
        _ => Vec::new(),
    }
}
