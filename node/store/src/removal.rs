//! Removals: what a hub asks of Building Blocks after it has erased a person, or a worker has taken a
//! registration back.
//!
//! They are planned in the transaction of the erasure or of the withdrawal, one for each record that a call of ours may
//! have written, and asked for until the Building Block says that the record is gone
//! ([`node_core::removal`]). Our own id of a record is computed from the registration's place in
//! its chain, which stays for the audit; the id that a Building Block gave may be a value of the
//! person, so it is sealed under a key of its own, which ends with the confirmation. An entry with
//! a removal never gets an effect again.

use jiff::Timestamp;
use node_core::apply::REGISTRIES;
use node_core::removal::{RemovalOutcome, RemovalRow, RemovalState, RemovalStep, looks, step};
use node_core::schema;
use node_core::turn::{Claim, Private};
use rusqlite::{OptionalExtension, params};
use sync_core::{EntryRef, journal};

use crate::hub_store::StoreError;
use crate::journal::Stored;
use crate::keys::random;
use crate::name::{name_bytes, parse_name};
use crate::outbox::{CLAIM_MAX, backoff_ms};
use crate::seal::{Owner, Row};
use crate::tx::Tx;

/// How long a claimed removal belongs to its claimer, in milliseconds; then it is due again. Longer
/// than two records with two calls each take to time out.
const LEASE_MS: i64 = 180_000;
/// The first life of a store; a later one may follow calls that this copy does not know.
const FIRST_LIFE: u32 = 1;

const EFFECTS: &str = "SELECT upstream, request_id, state, attempt, leased_until FROM effect
    WHERE entry = ?1";
const EFFECTS_DROP: &str = "DELETE FROM effect WHERE entry = ?1";
const INSERT: &str = "INSERT OR IGNORE INTO removal (request_id, upstream, entry, person, write_id,
    state, looks, due_at, leased_until, attempt) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, 0, 0)";
const DUE: &str = "SELECT number, request_id, entry, attempt, owner, sealed FROM removal
    WHERE upstream = ?1 AND state < 3 AND due_at <= ?2 AND leased_until <= ?2
    ORDER BY due_at, number LIMIT ?3";
const LEASE: &str = "UPDATE removal SET state = 1, leased_until = ?2, attempt = attempt + 1
    WHERE number = ?1";
const BY_REQUEST: &str = "SELECT number, state, looks, attempt FROM removal WHERE request_id = ?1";
const BY_WRITE: &str = "SELECT number, request_id FROM removal WHERE write_id = ?1";
const SETTLE: &str = "UPDATE removal SET state = ?2, looks = ?3, due_at = ?4, leased_until = 0
    WHERE number = ?1";
const THEIRS: &str = "UPDATE removal SET owner = ?2, sealed = ?3 WHERE number = ?1";
const OWNER: &str = "SELECT owner FROM removal WHERE number = ?1 AND owner IS NOT NULL";
const KEY_DROP: &str = "DELETE FROM data_key WHERE id = ?1 AND kind = 4";
const OF_ENTRY: &str = "SELECT count(*) FROM removal WHERE entry = ?1 AND upstream = ?2";
const HELD: &str = "SELECT count(*) FROM effect WHERE request_id = ?1 AND state < 3";
const ERASED_DOC: &str = "SELECT person FROM erasure WHERE doc = ?1";
const OPEN: &str = "SELECT person, entry, upstream, state, attempt, looks, due_at FROM removal
    WHERE state < 3 ORDER BY number LIMIT ?1";

fn row(name: &[u8]) -> Row<'_> {
    Row {
        table: "removal",
        name,
    }
}

/// A removal as it is planned.
struct Planned<'a> {
    upstream: &'a str,
    entry: i64,
    person: &'a EntryRef,
    write_id: Option<&'a str>,
    looks: u32,
    due_at: i64,
}

/// An effect of an entry, as far as it tells what may stand at the upstream.
struct Written {
    upstream: String,
    request_id: String,
    state: i64,
    attempt: u32,
    leased_until: i64,
}

impl Tx<'_> {
    /// A registration was taken back: its effects do not leave, and what one of them may have
    /// written is removed.
    pub(crate) fn remove_record(&self, registration: &EntryRef) -> Result<(), StoreError> {
        let row = self.registration(registration)?;
        if let (Some(entry), Some(row)) = (self.entry_id(registration)?, row) {
            self.plan_removals(&row.registration.child, entry)?;
            self.db.prepare_cached(EFFECTS_DROP)?.execute([entry])?;
        }
        Ok(())
    }

    /// Plans the end of what was, or may have been, written of a registration that is taken back or
    /// whose person is being erased. Called before the registration and its effects go.
    pub(crate) fn plan_removals(&self, person: &EntryRef, entry: i64) -> Result<(), StoreError> {
        if !self.config.is_hub {
            return Ok(());
        }
        let written: Vec<Written> = self
            .db
            .prepare_cached(EFFECTS)?
            .query_map([entry], |row| {
                Ok(Written {
                    upstream: row.get(0)?,
                    request_id: row.get(1)?,
                    state: row.get(2)?,
                    attempt: row.get(3)?,
                    leased_until: row.get(4)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        let name = self.entry_name(entry)?;
        let theirs = self.registration(&name)?.and_then(|row| row.registry_id);
        for effect in &written {
            let untouched = effect.state == 0 && effect.attempt == 0;
            if untouched && !self.had_another_life() {
                continue;
            }
            let settled = effect.state >= 3 && !self.had_another_life();
            self.put_removal(&Planned {
                upstream: &effect.upstream,
                entry,
                person,
                write_id: Some(&effect.request_id),
                looks: looks(!settled),
                due_at: self.now_ms().max(effect.leased_until),
            })?;
            if let Some(theirs) = &theirs {
                self.learn_record(&effect.request_id, theirs)?;
            }
        }
        if written.is_empty() && self.had_another_life() {
            self.plan_unknown(person, entry)?;
        }
        Ok(())
    }

    /// A registration of somebody erased arrived: an earlier life of this hub may have brought it.
    pub(crate) fn plan_removal_of_arrived(&self, stored: &Stored) -> Result<(), StoreError> {
        let registration = stored.meta.schema == schema::REGISTRATION_SUBMITTED;
        if !registration || !self.config.is_hub || !self.had_another_life() {
            return Ok(());
        }
        let person: Option<Vec<u8>> = self
            .db
            .prepare_cached(ERASED_DOC)?
            .query_row([stored.meta.doc.0], |row| row.get(0))
            .optional()?;
        match person {
            Some(person) => self.plan_unknown(&parse_name(&person)?, stored.id),
            None => Ok(()),
        }
    }

    fn plan_unknown(&self, person: &EntryRef, entry: i64) -> Result<(), StoreError> {
        self.put_removal(&Planned {
            upstream: REGISTRIES,
            entry,
            person,
            write_id: None,
            looks: looks(true),
            due_at: self.now_ms(),
        })
    }

    fn had_another_life(&self) -> bool {
        self.identity.epoch.counter() > FIRST_LIFE
    }

    fn put_removal(&self, planned: &Planned<'_>) -> Result<(), StoreError> {
        let request_id = journal::id12(u64::from_be_bytes(random()?));
        self.db.prepare_cached(INSERT)?.execute(params![
            request_id,
            planned.upstream,
            planned.entry,
            name_bytes(planned.person),
            planned.write_id,
            planned.looks,
            planned.due_at
        ])?;
        Ok(())
    }

    /// Whether an entry's record is removed or to be removed: then nothing writes it again.
    pub(crate) fn is_removed(&self, entry: i64, upstream: &str) -> Result<bool, StoreError> {
        let count: i64 = self
            .db
            .prepare_cached(OF_ENTRY)?
            .query_row(params![entry, upstream], |row| row.get(0))?;
        Ok(count > 0)
    }

    /// Whether a claimed effect is still there and without a result.
    pub(crate) fn effect_held(&self, request_id: &str) -> Result<bool, StoreError> {
        let count: i64 = self
            .db
            .prepare_cached(HELD)?
            .query_row([request_id], |row| row.get(0))?;
        Ok(count > 0)
    }

    /// A write told its record's id: kept sealed for the removal, which is due again if it had
    /// ended.
    pub(crate) fn late_write(&self, write_id: &str, theirs: &str) -> Result<(), StoreError> {
        if let Some(number) = self.learn_record(write_id, theirs)? {
            self.settle_removal(number, RemovalState::Waiting, looks(true), self.now_ms())?;
        }
        Ok(())
    }

    /// Seals the id that a Building Block gave to the record of a write.
    fn learn_record(&self, write_id: &str, theirs: &str) -> Result<Option<i64>, StoreError> {
        let found: Option<(i64, String)> = self
            .db
            .prepare_cached(BY_WRITE)?
            .query_row([write_id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((number, request_id)) = found else {
            return Ok(None);
        };
        let key = self.data_key(Owner::Removal(number))?;
        let sealed = key.seal(row(request_id.as_bytes()), theirs.as_bytes())?;
        self.db
            .prepare_cached(THEIRS)?
            .execute(params![number, key.id, sealed])?;
        Ok(Some(number))
    }

    /// Leases removals that are due, longest first.
    pub(crate) fn claim_removals(
        &self,
        upstream: &str,
        limit: u32,
    ) -> Result<Vec<Claim>, StoreError> {
        let now = self.now_ms();
        let mut due = Vec::new();
        let mut statement = self.db.prepare_cached(DUE)?;
        let mut found = statement.query(params![upstream, now, limit.min(CLAIM_MAX)])?;
        while let Some(columns) = found.next()? {
            let request_id: String = columns.get(1)?;
            let sealed: Option<(i64, Vec<u8>)> = columns
                .get::<_, Option<i64>>(4)?
                .zip(columns.get::<_, Option<Vec<u8>>>(5)?);
            let ours = journal::record_uuid(self.identity.hub, &self.entry_name(columns.get(2)?)?);
            let mut records = self.theirs(&request_id, sealed)?;
            records.retain(|theirs| *theirs != ours);
            records.push(ours);
            let claim = Claim::Removal {
                request_id,
                records: records.into_iter().map(Private).collect(),
                attempt: columns.get::<_, u32>(3)?.saturating_add(1),
            };
            due.push((columns.get::<_, i64>(0)?, claim));
        }
        let until = now.saturating_add(LEASE_MS);
        let mut claims = Vec::new();
        for (number, claim) in due {
            self.db.prepare_cached(LEASE)?.execute([number, until])?;
            claims.push(claim);
        }
        Ok(claims)
    }

    fn theirs(
        &self,
        request_id: &str,
        sealed: Option<(i64, Vec<u8>)>,
    ) -> Result<Vec<String>, StoreError> {
        let Some((owner, sealed)) = sealed else {
            return Ok(Vec::new());
        };
        let key = self.data_key_by_id(owner)?;
        let bytes = key.open(row(request_id.as_bytes()), &sealed)?;
        let text = String::from_utf8(bytes)
            .map_err(|_error| StoreError::Failed("a record's id is no text".to_owned()))?;
        Ok(vec![text])
    }

    /// Records what became of a removal; with the confirmation the key of what was kept for it
    /// goes, also out of the log.
    pub(crate) fn finish_removal(
        &self,
        request_id: &str,
        outcome: RemovalOutcome,
    ) -> Result<(), StoreError> {
        let found: Option<(i64, u8, u32, u32)> = self
            .db
            .prepare_cached(BY_REQUEST)?
            .query_row([request_id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let Some((number, state, looks, attempt)) = found else {
            return Ok(());
        };
        let now = self.now_ms();
        match step(RemovalState::of_number(state), looks, outcome) {
            None => Ok(()),
            Some(RemovalStep::Again { not_before_ms }) => {
                let due = now.saturating_add(backoff_ms(attempt)?.max(not_before_ms));
                self.settle_removal(number, RemovalState::Waiting, looks, due)
            }
            Some(RemovalStep::LookAgain { after_ms, looks }) => {
                let due = now.saturating_add(after_ms);
                self.settle_removal(number, RemovalState::Waiting, looks, due)
            }
            Some(RemovalStep::End) => {
                self.settle_removal(number, RemovalState::Gone, 0, now)?;
                self.drop_record_id(number)
            }
        }
    }

    fn drop_record_id(&self, number: i64) -> Result<(), StoreError> {
        let owner: Option<i64> = self
            .db
            .prepare_cached(OWNER)?
            .query_row([number], |row| row.get(0))
            .optional()?;
        let Some(owner) = owner else {
            return Ok(());
        };
        self.db.prepare_cached(THEIRS)?.execute(params![
            number,
            Option::<i64>::None,
            Option::<Vec<u8>>::None
        ])?;
        self.db.prepare_cached(KEY_DROP)?.execute([owner])?;
        self.guard.borrow_mut().erased = true;
        self.want_rewrap()
    }

    fn settle_removal(
        &self,
        number: i64,
        state: RemovalState,
        looks: u32,
        due_at: i64,
    ) -> Result<(), StoreError> {
        self.db
            .prepare_cached(SETTLE)?
            .execute(params![number, state.number(), looks, due_at])?;
        Ok(())
    }

    /// Removals that no Building Block has confirmed, oldest first.
    pub(crate) fn open_removals(&self, limit: u32) -> Result<Vec<RemovalRow>, StoreError> {
        let mut rows = Vec::new();
        let mut statement = self.db.prepare_cached(OPEN)?;
        let mut found = statement.query([limit])?;
        while let Some(columns) = found.next()? {
            let person: Vec<u8> = columns.get(0)?;
            rows.push(RemovalRow {
                person: parse_name(&person)?,
                registration: self.entry_name(columns.get(1)?)?,
                upstream: columns.get(2)?,
                state: RemovalState::of_number(columns.get(3)?),
                attempts: columns.get(4)?,
                looks: columns.get(5)?,
                at: Timestamp::from_millisecond(columns.get(6)?).unwrap_or(Timestamp::MIN),
            });
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn claims_and_reports_use_an_index() {
        for sql in [DUE, LEASE, BY_REQUEST, BY_WRITE, SETTLE, OF_ENTRY, HELD] {
            check_index(sql);
        }
    }
}
