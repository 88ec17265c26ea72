//! Entries that were taken back: events and registrations that no longer count, in whatever order
//! they and the withdrawal arrive.
//!
//! A person whom only withdrawn registrations brought is found by nobody: the ways to her row are
//! taken away, and put back when something that counts names her. Her row and entries stay, because
//! others may refer to them.

use node_core::status::Status;
use rusqlite::OptionalExtension;
use sync_core::EntryRef;

use crate::hub_store::StoreError;
use crate::name::{name_bytes, parse_name};
use crate::tx::Tx;

const VOID: &str = "INSERT OR IGNORE INTO event_void (name) VALUES (?1)";
const IS_VOID: &str = "SELECT 1 FROM event_void WHERE name = ?1";
const WITHDRAW: &str = "UPDATE registration SET withdrawn = 1 WHERE entry = ?1";
const ANY: &str = "SELECT 1 FROM registration WHERE withdrawn = 1 LIMIT 1";
const SUBJECT: &str = "SELECT subject FROM event WHERE name = ?1";
const COUNTS: &str = "SELECT 1 FROM event LEFT JOIN event_void
    ON event_void.name = event.name WHERE subject = ?1 AND event_void.name IS NULL LIMIT 1";

impl Tx<'_> {
    /// An entry no longer counts, whether it is here yet or not; what was due is computed anew.
    pub(crate) fn void_entry(&self, id: &EntryRef) -> Result<(), StoreError> {
        let name = name_bytes(id);
        self.db.prepare_cached(VOID)?.execute([&name])?;
        if let Some(entry) = self.entry_id(id)? {
            self.note_withdrawn(id, entry)?;
        }
        let subject: Option<Option<Vec<u8>>> = self
            .db
            .prepare_cached(SUBJECT)?
            .query_row([name], |row| row.get(0))
            .optional()?;
        if let Some(person) = subject.flatten() {
            let person = parse_name(&person)?;
            self.replan(&person)?;
            self.weigh(&person)?;
        }
        Ok(())
    }

    /// Marks a registration that is here and was taken back, and weighs its people again.
    pub(crate) fn note_withdrawn(&self, id: &EntryRef, entry: i64) -> Result<(), StoreError> {
        let void = self.db.prepare_cached(IS_VOID)?.exists([name_bytes(id)])?;
        if void {
            self.db.prepare_cached(WITHDRAW)?.execute([entry])?;
        } else if !self.any_withdrawn()? {
            return Ok(());
        }
        if let Some(row) = self.registration(id)? {
            self.weigh(&row.registration.mother)?;
            self.weigh(&row.registration.child)?;
        }
        Ok(())
    }

    fn any_withdrawn(&self) -> Result<bool, StoreError> {
        Ok(self.db.prepare_cached(ANY)?.exists([])?)
    }

    /// Puts the ways to a person's row, or takes them away, by what counts about her now.
    ///
    /// Where nothing was ever taken back, which is the rule, this is one look.
    pub(crate) fn weigh(&self, person: &EntryRef) -> Result<(), StoreError> {
        match self.entry_id(person)? {
            Some(entry) if self.any_withdrawn()? => self.set_found(entry, !self.is_gone(person)?),
            _ => Ok(()),
        }
    }

    /// Whether only withdrawn registrations tell of a person.
    pub(crate) fn is_gone(&self, person: &EntryRef) -> Result<bool, StoreError> {
        let registered = self.registrations_by_person(person)?;
        let withdrawn = |row: &node_core::view::RegistrationRow| row.status == Status::Withdrawn;
        if registered.is_empty() || !registered.iter().all(withdrawn) {
            return Ok(false);
        }
        let events = self
            .db
            .prepare_cached(COUNTS)?
            .exists([name_bytes(person)])?;
        Ok(!events && !self.is_member(person)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn questions_use_an_index() {
        for sql in [IS_VOID, ANY, SUBJECT, COUNTS] {
            check_index(sql);
        }
    }
}
