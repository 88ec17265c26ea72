//! The life of a phone number: `claimed → bound → stale → unbound` (IDENTITY §9, decision 0048).
//!
//! A number is an address and no proof. What is known of it is a set of facts, so order, delay and
//! repetition do not matter: each answer of the number is one binding, and an unbinding names
//! exactly the bindings that it ends. Days are counted by trusted time only. Nothing here sends
//! or writes; [`crate::decide`] and [`crate::apply`] do, and the store keeps the rows.

use serde::{Deserialize, Serialize};
use sync_core::EntryRef;

use crate::contact::Moment;
use crate::decide::PERSONS_PER_PHONE_MAX;
use crate::slip::day_of;
use crate::view::PhoneRow;

/// Days without traffic after which a bound number is stale, unless the site says otherwise:
/// operators give silent numbers to others (a guess, IDENTITY §9).
pub const STALE_DAYS: u16 = 90;
/// Days between two notes that a number was heard; in between traffic writes nothing, so a busy
/// number costs two dozen entries a year. A number may be stale so many days early, never late.
pub const SEEN_EVERY_DAYS: u16 = 15;
/// Most bindings remembered for one person at one number; beyond it an ended one makes room.
pub const BINDINGS_MAX: usize = 16;

/// Where a number stands with one person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum State {
    /// Her record names it; it has not answered.
    Claimed,
    /// It answered.
    Bound,
    /// It answered, and was silent for long: nothing personal until it answers again.
    Stale,
    /// It is not hers any more, whatever her record says.
    Unbound,
}

/// Why a number is not a person's any more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Unbound {
    /// Whoever has the phone said that it is not hers.
    Denied,
    /// It was silent for long and then answered for somebody else.
    Recycled,
    /// It answered for somebody else, and for her alone.
    Moved,
    /// She has another one.
    Changed,
}

/// What is known of one person at one number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Binding {
    /// Her document.
    pub person: EntryRef,
    /// Whether her document names the number.
    pub named: bool,
    /// Answers of the number, by the entries that tell them.
    pub binds: Vec<EntryRef>,
    /// Answers that were ended; her document stands for the claim itself.
    pub undone: Vec<EntryRef>,
    /// The last day on which it was heard, days since 1970; `None` = no trusted clock saw it.
    pub seen: Option<u16>,
}

impl Binding {
    fn new(person: EntryRef) -> Self {
        Self {
            person,
            named: false,
            binds: Vec::new(),
            undone: Vec::new(),
            seen: None,
        }
    }

    fn live(&self) -> impl Iterator<Item = &EntryRef> {
        let binds = self.binds.iter();
        binds.filter(|bind| !self.undone.contains(bind))
    }

    /// Where the number stands on a day; with no trusted day nothing becomes stale.
    pub fn state(&self, today: Option<u16>, stale_days: u16) -> State {
        if self.live().next().is_none() {
            return if self.named && !self.undone.contains(&self.person) {
                State::Claimed
            } else {
                State::Unbound
            };
        }
        let silent = today
            .zip(self.seen)
            .map(|(now, seen)| now.saturating_sub(seen));
        if silent.is_some_and(|days| days >= stale_days) {
            State::Stale
        } else {
            State::Bound
        }
    }

    /// What an unbinding names to end all that is known of her here.
    pub fn additions(&self) -> Vec<EntryRef> {
        let mut all: Vec<EntryRef> = self.live().copied().chain([self.person]).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn bind(&mut self, entry: EntryRef) {
        if self.binds.len() >= BINDINGS_MAX {
            let ended = self.binds.iter().position(|one| self.undone.contains(one));
            let Some(at) = ended else { return };
            let gone = self.binds.remove(at);
            self.undone.retain(|one| *one != gone);
        }
        insert(&mut self.binds, entry);
    }

    fn unbind(&mut self, additions: &[EntryRef]) {
        for entry in additions {
            // One more than bindings: the claim itself.
            if self.undone.len() > BINDINGS_MAX && !self.undone.contains(entry) {
                let known = |one: &EntryRef| *one == self.person || self.binds.contains(one);
                let stray = self.undone.iter().position(|one| !known(one));
                self.undone.remove(stray.unwrap_or(0));
            }
            insert(&mut self.undone, *entry);
        }
    }

    fn hear(&mut self, day: Option<u16>) {
        self.seen = self.seen.max(day);
    }
}

fn insert(entries: &mut Vec<EntryRef>, entry: EntryRef) {
    if let Err(at) = entries.binary_search(&entry) {
        entries.insert(at, entry);
    }
}

/// The day, if the clock can show it.
pub fn trusted_day(now: Moment) -> Option<u16> {
    now.shown().map(day_of)
}

/// Her document names the number from now on.
pub(crate) fn join(row: &mut PhoneRow, person: EntryRef) {
    of(row, person, |binding| binding.named = true);
}

/// Her document names another one: nothing of her stays here.
pub(crate) fn leave(row: &mut PhoneRow, person: EntryRef) {
    row.bindings.retain(|binding| binding.person != person);
    settle(row, None, STALE_DAYS);
}

/// Gives up an erased person's place at the number.
pub fn forget(row: &mut PhoneRow, person: EntryRef) {
    leave(row, person);
}

/// The number answered for her.
pub(crate) fn bind(row: &mut PhoneRow, person: EntryRef, entry: EntryRef, day: Option<u16>) {
    of(row, person, |binding| {
        binding.bind(entry);
        binding.hear(day);
    });
}

/// These answers hold no more.
pub(crate) fn unbind(row: &mut PhoneRow, person: EntryRef, additions: &[EntryRef]) {
    of(row, person, |binding| binding.unbind(additions));
}

/// The number was heard.
pub(crate) fn hear(row: &mut PhoneRow, person: EntryRef, day: u16) {
    of(row, person, |binding| binding.hear(Some(day)));
}

fn of(row: &mut PhoneRow, person: EntryRef, change: impl FnOnce(&mut Binding)) {
    let at = row
        .bindings
        .binary_search_by_key(&person, |binding| binding.person);
    let at = at.unwrap_or_else(|at| {
        row.bindings.insert(at, Binding::new(person));
        at
    });
    if let Some(binding) = row.bindings.get_mut(at) {
        change(binding);
    }
    settle(row, None, STALE_DAYS);
}

/// Derives who is at the number on a day: [`PhoneRow::persons`] and [`PhoneRow::stale`].
pub fn settle(row: &mut PhoneRow, today: Option<u16>, stale_days: u16) {
    let mut bound = 0_usize;
    row.persons.clear();
    row.stale.clear();
    for binding in &row.bindings {
        let mut state = binding.state(today, stale_days);
        if matches!(state, State::Bound | State::Stale) {
            bound = bound.saturating_add(1);
            if bound > PERSONS_PER_PHONE_MAX {
                state = State::Claimed;
            }
        }
        if state == State::Unbound {
            continue;
        }
        if state == State::Stale {
            row.stale.push(binding.person);
        }
        row.persons.push((binding.person, state == State::Bound));
    }
}

/// The people to whom the number is bound and for whom it is time to note that it was heard.
pub fn unheard(row: &PhoneRow, today: u16) -> Vec<EntryRef> {
    let bound = row.persons.iter().filter(|(_, bound)| *bound);
    let silent = |person: &EntryRef| {
        let mut all = row.bindings.iter();
        let seen = all.find(|binding| binding.person == *person)?.seen;
        Some(seen.is_none_or(|seen| today.saturating_sub(seen) >= SEEN_EVERY_DAYS))
    };
    bound
        .map(|(person, _)| *person)
        .filter(|person| silent(person) == Some(true))
        .collect()
}

/// Whether a contact from the number has something to write or to ask.
pub fn wants_note(row: &PhoneRow, now: Moment) -> bool {
    let unheard = trusted_day(now).is_some_and(|today| !unheard(row, today).is_empty());
    unheard || !row.stale.is_empty()
}

#[cfg(test)]
mod tests;
