//! Registrations: what was submitted, how far it has come, and what its worker was told.
//!
//! A registration that was taken back is *withdrawn*, whatever else became of it.
//! A stored status below *carried* is raised on reading where a receipt covers the entry, so a
//! receipt is one row and not one update per registration.

use jiff::Timestamp;
use node_core::fact::Registration;
use node_core::status::Status;
use node_core::view::{RegistrationRow, Token};
use rusqlite::{OptionalExtension, Params, params};
use serde::{Deserialize, Serialize};
use sync_core::journal::doc_id;
use sync_core::{EntryRef, Epoch, NodeId, Scope, Seq};

use crate::hub_store::StoreError;
use crate::journal::Stored;
use crate::name::{name_bytes, parse_name, row_name};
use crate::seal::{DataKey, Owner, Row};
use crate::token::About;
use crate::tx::Tx;

#[derive(Serialize, Deserialize, Default)]
struct SealedOutcome {
    registry_id: Option<String>,
    rejection: Option<(String, String)>,
}

/// Registrations of one status.
type StatusCount = (Status, u64);
/// Arrival number and data key.
type Keyed = (i64, DataKey);

/// Columns of one row, before its outcome is opened.
struct Columns {
    entry: i64,
    row: RegistrationRow,
    owner: i64,
    sealed: Vec<u8>,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT registration.entry, origin, epoch, chain.scope, entry.seq, mother, child,
             programme, version, registration.scope, registration.author, status, review,
             correlation, captured_at, owner, sealed, receipt.up_to, withdrawn
             FROM registration JOIN entry ON entry.id = registration.entry
             JOIN chain ON chain.id = entry.chain LEFT JOIN receipt ON receipt.chain = chain.id ",
            $tail
        )
    };
}

/// Rows that one question may return; callers ask for pages.
const ROWS_MAX: i64 = 2_000;

const BY_ENTRY: &str = select!("WHERE registration.entry = ?1");
const BY_AUTHOR: &str =
    select!("WHERE registration.scope = ?1 AND registration.author = ?2 ORDER BY 1 DESC LIMIT ?3");
const NEWEST: &str = select!("ORDER BY 1 DESC LIMIT ?1");
const UNDIGESTED: &str = select!("WHERE digested = 0 AND origin = ?1 ORDER BY 1 LIMIT ?2");
const WRITE: &str = "INSERT INTO registration
    (entry, mother, child, programme, version, scope, author, status, review, correlation,
     captured_at, digested, owner, sealed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12, ?13)
    ON CONFLICT (entry) DO UPDATE SET status = excluded.status, review = excluded.review,
     sealed = excluded.sealed";
const OUTCOME: &str = "UPDATE registration SET digested = CASE WHEN status = ?2 THEN digested
    ELSE 0 END, status = ?2, sealed = ?3 WHERE entry = ?1";
const REVIEW: &str = "UPDATE registration SET review = ?2 WHERE entry = ?1";
const DIGESTED: &str = "UPDATE registration SET digested = 1 WHERE entry = ?1";
const OF_LIFE: &str = "SELECT registration.entry FROM registration
    JOIN entry ON entry.id = registration.entry JOIN chain ON chain.id = entry.chain
    WHERE origin = ?1 AND epoch = ?2";
const CORRELATE: &str = "UPDATE registration SET correlation = ?2 WHERE entry = ?1";
const OWNER: &str = "SELECT owner FROM registration WHERE entry = ?1";
const BY_STATUS: &str = "SELECT CASE WHEN withdrawn = 1 THEN 6
    WHEN status = 0 AND receipt.up_to >= entry.seq THEN 1 ELSE status END, count(*) FROM registration JOIN entry ON entry.id = registration.entry
    LEFT JOIN receipt ON receipt.chain = entry.chain GROUP BY 1";

fn sealed_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "registration",
        name,
    }
}

const STATUSES: [Status; 7] = [
    Status::Held,
    Status::Carried,
    Status::Accepted,
    Status::Effective,
    Status::Rejected,
    Status::Conflict,
    Status::Withdrawn,
];

fn status_number(status: Status) -> i64 {
    match status {
        Status::Held => 0,
        Status::Carried => 1,
        Status::Accepted => 2,
        Status::Effective => 3,
        Status::Rejected => 4,
        Status::Conflict => 5,
        Status::Withdrawn => 6,
    }
}

fn parse_status(number: i64) -> Result<Status, StoreError> {
    STATUSES
        .into_iter()
        .find(|status| status_number(*status) == number)
        .ok_or_else(|| StoreError::Failed("a registration has an unknown status".to_owned()))
}

fn columns(row: &rusqlite::Row<'_>) -> Result<Columns, StoreError> {
    let id = EntryRef {
        origin: NodeId(row.get(1)?),
        epoch: Epoch(row.get::<_, i64>(2)?.cast_unsigned()),
        scope: Scope(row.get(3)?),
        seq: Seq(row.get(4)?),
    };
    let receipted: Option<u32> = row.get(17)?;
    let covered = receipted.is_some_and(|up_to| up_to >= id.seq.0);
    let status = match parse_status(row.get(11)?)? {
        _ if row.get(18)? => Status::Withdrawn,
        Status::Held if covered => Status::Carried,
        other => other,
    };
    Ok(Columns {
        entry: row.get(0)?,
        row: RegistrationRow {
            id,
            registration: Registration {
                mother: parse_name(&row.get::<_, Vec<u8>>(5)?)?,
                child: parse_name(&row.get::<_, Vec<u8>>(6)?)?,
                programme: row.get(7)?,
                programme_version: row.get(8)?,
            },
            author: (Scope(row.get(9)?), row.get(10)?),
            status,
            registry_id: None,
            rejection: None,
            review: row.get(12)?,
            correlation_id: row.get(13)?,
            captured_at: Timestamp::from_millisecond(row.get(14)?).unwrap_or(Timestamp::MIN),
        },
        owner: row.get(15)?,
        sealed: row.get(16)?,
    })
}

impl Tx<'_> {
    fn registrations(
        &self,
        sql: &str,
        parameters: impl Params,
    ) -> Result<Vec<RegistrationRow>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut found = statement.query(parameters)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let Columns {
                entry,
                mut row,
                owner,
                sealed,
            } = columns(row)?;
            let outcome: SealedOutcome =
                self.open_owned(owner, sealed_row(&row_name(entry)), &sealed)?;
            row.registry_id = outcome.registry_id;
            row.rejection = outcome.rejection;
            rows.push(row);
        }
        Ok(rows)
    }

    /// A registration by its entry.
    pub(crate) fn registration(
        &self,
        id: &EntryRef,
    ) -> Result<Option<RegistrationRow>, StoreError> {
        let Some(entry) = self.entry_id(id)? else {
            return Ok(None);
        };
        Ok(self.registrations(BY_ENTRY, [entry])?.into_iter().next())
    }

    fn registrations_of(&self, entries: Vec<i64>) -> Result<Vec<RegistrationRow>, StoreError> {
        let mut rows = Vec::new();
        for entry in entries {
            rows.extend(self.registrations(BY_ENTRY, [entry])?);
        }
        Ok(rows)
    }

    /// Registrations that carry a token, in order of arrival.
    pub(crate) fn registrations_by_token(
        &self,
        token: &Token,
    ) -> Result<Vec<RegistrationRow>, StoreError> {
        self.registrations_of(self.find_token(&self.stored_token(token), About::Registration)?)
    }

    /// Registrations in which a person is mother or child, in order of arrival.
    pub(crate) fn registrations_by_person(
        &self,
        person: &EntryRef,
    ) -> Result<Vec<RegistrationRow>, StoreError> {
        let token = Self::participant_token(&name_bytes(person));
        self.registrations_of(self.find_token(&token, About::Participant)?)
    }

    /// Registrations of one worker, newest first, at most 2,000.
    pub(crate) fn registrations_by_author(
        &self,
        scope: Scope,
        author: u32,
    ) -> Result<Vec<RegistrationRow>, StoreError> {
        self.registrations(BY_AUTHOR, params![scope.0, author, ROWS_MAX])
    }

    /// The newest registrations.
    pub(crate) fn newest_registrations(
        &self,
        limit: u32,
    ) -> Result<Vec<RegistrationRow>, StoreError> {
        self.registrations(NEWEST, [limit])
    }

    /// Registrations captured here whose last change was not told to their worker.
    pub(crate) fn undigested(&self) -> Result<Vec<RegistrationRow>, StoreError> {
        self.registrations(UNDIGESTED, params![self.identity.node.0, ROWS_MAX])
    }

    /// How many registrations stand where.
    pub(crate) fn count_registrations(&self) -> Result<Vec<StatusCount>, StoreError> {
        let mut statement = self.db.prepare_cached(BY_STATUS)?;
        let mut found = statement.query([])?;
        let mut counts = Vec::new();
        while let Some(row) = found.next()? {
            counts.push((
                parse_status(row.get(0)?)?,
                row.get::<_, i64>(1)?.cast_unsigned(),
            ));
        }
        Ok(counts)
    }

    /// Inserts a registration, or sets its state when it is there.
    pub(crate) fn put_registration(
        &self,
        row: RegistrationRow,
        tokens: &[Token],
    ) -> Result<(), StoreError> {
        let entry = self.known_entry(&row.id)?;
        let child = doc_id(self.identity.hub, &row.registration.child);
        let key = self.data_key(Owner::Person(child))?;
        let outcome = SealedOutcome {
            registry_id: row.registry_id,
            rejection: row.rejection,
        };
        let sealed = key.seal_value(sealed_row(&row_name(entry)), &outcome)?;
        let (mother, child) = (
            name_bytes(&row.registration.mother),
            name_bytes(&row.registration.child),
        );
        self.db.prepare_cached(WRITE)?.execute(params![
            entry,
            mother,
            child,
            row.registration.programme,
            row.registration.programme_version,
            row.author.0.0,
            row.author.1,
            status_number(row.status),
            row.review,
            row.correlation_id,
            row.captured_at.as_millisecond(),
            key.id,
            sealed
        ])?;
        for token in tokens {
            self.put_token(&self.stored_token(token), About::Registration, entry)?;
        }
        for person in [mother, child] {
            self.put_token(&Self::participant_token(&person), About::Participant, entry)?;
        }
        self.note_withdrawn(&row.id, entry)
    }

    /// Moves a registration on; one that is not here yet is left to its own entry.
    pub(crate) fn set_outcome(
        &self,
        id: &EntryRef,
        status: Status,
        registry_id: Option<String>,
        rejection: Option<(String, String)>,
    ) -> Result<(), StoreError> {
        let Some((entry, key)) = self.registration_key(id)? else {
            return Ok(());
        };
        let outcome = SealedOutcome {
            registry_id,
            rejection,
        };
        let sealed = key.seal_value(sealed_row(&row_name(entry)), &outcome)?;
        self.db
            .prepare_cached(OUTCOME)?
            .execute(params![entry, status_number(status), sealed])?;
        Ok(())
    }

    /// Names the review that a registration waits for.
    pub(crate) fn set_review(&self, entry: i64, review: u32) -> Result<(), StoreError> {
        self.db
            .prepare_cached(REVIEW)?
            .execute(params![entry, review])?;
        Ok(())
    }

    /// A life of ours was certified: ids that derive from the certificate are known now.
    pub(crate) fn correlate_again(&self, epoch: Epoch) -> Result<(), StoreError> {
        let node = self.identity.node;
        let entries: Vec<i64> = self
            .db
            .prepare_cached(OF_LIFE)?
            .query_map(params![node.0, epoch.0.cast_signed()], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for id in entries {
            let stored = Stored {
                id,
                name: self.entry_name(id)?,
                meta: self.entry_meta(id)?,
            };
            let correlation = self.correlation_id(&stored)?;
            self.db
                .prepare_cached(CORRELATE)?
                .execute(params![id, correlation])?;
        }
        Ok(())
    }

    /// These results were told.
    pub(crate) fn mark_digested(&self, ids: &[EntryRef]) -> Result<(), StoreError> {
        for id in ids {
            if let Some(entry) = self.entry_id(id)? {
                self.db.prepare_cached(DIGESTED)?.execute([entry])?;
            }
        }
        Ok(())
    }

    /// Arrival number and data key of a registration that is here.
    pub(crate) fn registration_key(&self, id: &EntryRef) -> Result<Option<Keyed>, StoreError> {
        let Some(entry) = self.entry_id(id)? else {
            return Ok(None);
        };
        let owner: Option<i64> = self
            .db
            .prepare_cached(OWNER)?
            .query_row([entry], |row| row.get(0))
            .optional()?;
        owner
            .map(|owner| Ok((entry, self.data_key_by_id(owner)?)))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn questions_use_an_index() {
        for sql in [
            BY_ENTRY, BY_AUTHOR, UNDIGESTED, OUTCOME, REVIEW, DIGESTED, OWNER,
        ] {
            check_index(sql);
        }
    }

    #[test]
    fn statuses_read_back() {
        for status in STATUSES {
            assert_eq!(parse_status(status_number(status)).unwrap(), status);
        }
        assert!(matches!(parse_status(7), Err(StoreError::Failed(_))));
    }
}
