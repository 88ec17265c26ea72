//! Wraps every data key, seed and salt under a fresh wrapping key, and ends the old one.
//!
//! Deleting a wrapped key leaves its bytes in blocks that the medium has not used again; without the
//! wrapping key they open nothing (docs/decisions/0054). Asked for by each erasure, done once a day
//! at most, in slices between which others write. Order: the fresh key is on the medium before a
//! row relies on it; each slice is one transaction, with the place that it came to; the old key
//! leaves the key file when a reader has opened every row with the fresh one. At each moment a row
//! opens with exactly one of at most two keys of the file, so a cut at any place loses nothing and
//! the next look goes on.

use node_core::contact::Moment;
use rusqlite::params;
use serde::{Deserialize, Serialize};

use crate::erase::{salt_name, salt_row};
use crate::hub_store::StoreError;
use crate::journal::{seed_name, seed_row};
use crate::keys::{Secrets, WrappingKey};
use crate::seal::{Row, key_name, open, seal, wrapped_row};
use crate::sqlite::SqliteStore;
use crate::tx::{GENERATION, Tx};

/// Rows of one slice; more wait for the next one, so that nobody who writes waits long.
pub(crate) const SLICE_ROWS_MAX: u32 = 100;
/// Least time between two re-wraps in milliseconds: a day. Each writes all wrapped keys anew.
const BETWEEN_MS: i64 = 86_400_000;
const STATE: &str = "rewrap";

const KEYS: &str = "SELECT id, 0, wrapped, kind, owner FROM data_key WHERE id > ?1 AND ?2 = ?2
    ORDER BY id LIMIT ?3";
const SEEDS: &str = "SELECT chain, block, wrapped FROM seed WHERE (chain, block) > (?1, ?2)
    ORDER BY chain, block LIMIT ?3";
const SALTS: &str = "SELECT chain, seq, wrapped FROM salt WHERE (chain, seq) > (?1, ?2)
    ORDER BY chain, seq LIMIT ?3";
const KEY_WRITE: &str = "UPDATE data_key SET wrapped = ?3 WHERE id = ?1 AND ?2 = ?2";
const SEED_WRITE: &str = "UPDATE seed SET wrapped = ?3 WHERE chain = ?1 AND block = ?2";
const SALT_WRITE: &str = "UPDATE salt SET wrapped = ?3 WHERE chain = ?1 AND seq = ?2";

/// How far it is.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct State {
    /// Somebody was erased since the last one began.
    due: bool,
    /// When the last one began.
    began_ms: i64,
    /// Where the running one is.
    cursor: Option<Cursor>,
}

/// Which rows are done: all of the tables before, and of this one those up to a place.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    table: Table,
    after: (i64, i64),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Table {
    Keys,
    Seeds,
    Salts,
    /// Nothing is left to do.
    End,
}

const START: Cursor = Cursor {
    table: Table::Keys,
    after: (i64::MIN, i64::MIN),
};

impl Table {
    fn next(self) -> Self {
        match self {
            Self::Keys => Self::Seeds,
            Self::Seeds => Self::Salts,
            Self::Salts | Self::End => Self::End,
        }
    }

    fn sql(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Keys => Some((KEYS, KEY_WRITE)),
            Self::Seeds => Some((SEEDS, SEED_WRITE)),
            Self::Salts => Some((SALTS, SALT_WRITE)),
            Self::End => None,
        }
    }

    fn row(self, name: &[u8]) -> Row<'_> {
        match self {
            Self::Keys | Self::End => wrapped_row(name),
            Self::Seeds => seed_row(name),
            Self::Salts => salt_row(name),
        }
    }
}

/// One wrapped value.
struct Wrapped {
    place: (i64, i64),
    name: Vec<u8>,
    bytes: Vec<u8>,
}

impl Tx<'_> {
    /// Wraps under the key in use.
    pub(crate) fn wrap(&self, row: Row<'_>, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        seal(self.wrapping()?, row, plain)
    }

    /// Opens with the key in use, else with the one before.
    pub(crate) fn unwrap(&self, row: Row<'_>, wrapped: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut opened = Err(StoreError::Failed("no wrapping key".to_owned()));
        for key in self.vault.wrapping_keys(self.generation) {
            opened = open(key, row, wrapped);
            if opened.is_ok() {
                break;
            }
        }
        opened
    }

    fn wrapping(&self) -> Result<&[u8; 32], StoreError> {
        let missing = || StoreError::Failed("the wrapping key of this data is missing".to_owned());
        self.vault.wrapping_key(self.generation).ok_or_else(missing)
    }

    /// Whether the keys in memory are those that this data is wrapped with.
    pub(crate) fn has_wrapping(&self) -> bool {
        self.vault.wrapping_key(self.generation).is_some()
    }

    /// Names the key in use where no setting does: in a new store, before anything is wrapped.
    pub(crate) fn settle_generation(&self) -> Result<(), StoreError> {
        match self.setting::<u32>(GENERATION)? {
            Some(_) => Ok(()),
            None => self.put_setting(GENERATION, &self.generation),
        }
    }

    fn rewrap_state(&self) -> Result<State, StoreError> {
        Ok(self.setting(STATE)?.unwrap_or_default())
    }

    /// What was deleted must not be opened again by whoever finds its bytes.
    pub(crate) fn want_rewrap(&self) -> Result<(), StoreError> {
        let state = self.rewrap_state()?;
        self.put_setting(STATE, &State { due: true, ..state })
    }

    /// Whether one is to be begun or to be gone on with at a moment.
    fn rewrap_pending(&self, now: Moment) -> Result<bool, StoreError> {
        let state = self.rewrap_state()?;
        let rested = now.at.as_millisecond().saturating_sub(state.began_ms) >= BETWEEN_MS;
        let runs = state.cursor.is_some() || self.vault.secrets.wrapping.len() > 1;
        Ok(runs || state.due && rested)
    }

    /// Goes on from here with a fresh key, unless one is in use already beside an old one.
    pub(crate) fn begin_rewrap(&mut self, secrets: &mut Secrets) -> Result<(), StoreError> {
        let state = self.rewrap_state()?;
        if state.cursor.is_some() {
            return Ok(());
        }
        if let [_] = secrets.wrapping.as_slice() {
            let next = self.generation.saturating_add(1);
            secrets.wrapping.push(WrappingKey::generate(next)?);
        }
        self.generation = secrets
            .generations()
            .into_iter()
            .fold(self.generation, u32::max);
        self.put_setting(GENERATION, &self.generation)?;
        self.put_setting(
            STATE,
            &State {
                due: false,
                began_ms: self.now_ms(),
                cursor: Some(START),
            },
        )
    }

    /// Wraps the next rows; whether there are more.
    pub(crate) fn rewrap_slice(&self, rows: u32) -> Result<bool, StoreError> {
        let state = self.rewrap_state()?;
        let cursor = state.cursor.unwrap_or(START);
        let Some((_, write)) = cursor.table.sql() else {
            return Ok(false);
        };
        let found = self.wrapped_rows(cursor, rows)?;
        let last = found.last().map(|wrapped| wrapped.place);
        for wrapped in found {
            let row = cursor.table.row(&wrapped.name);
            if open(self.wrapping()?, row, &wrapped.bytes).is_ok() {
                continue;
            }
            let plain = zeroize::Zeroizing::new(self.unwrap(row, &wrapped.bytes)?);
            let fresh = self.wrap(row, &plain)?;
            let (one, two) = wrapped.place;
            self.db
                .prepare_cached(write)?
                .execute(params![one, two, fresh])?;
        }
        let next = match last {
            Some(after) => Cursor { after, ..cursor },
            None => Cursor {
                table: cursor.table.next(),
                ..START
            },
        };
        let cursor = Some(next);
        self.put_setting(STATE, &State { cursor, ..state })?;
        Ok(next.table != Table::End)
    }

    fn wrapped_rows(&self, cursor: Cursor, limit: u32) -> Result<Vec<Wrapped>, StoreError> {
        let Some((read, _)) = cursor.table.sql() else {
            return Ok(Vec::new());
        };
        let (one, two) = cursor.after;
        let mut statement = self.db.prepare_cached(read)?;
        let mut found = statement.query(params![one, two, limit])?;
        let mut rows = Vec::new();
        while let Some(columns) = found.next()? {
            let place: (i64, i64) = (columns.get(0)?, columns.get(1)?);
            let number = u32::try_from(place.1).unwrap_or(u32::MAX);
            let name = match cursor.table {
                Table::Keys | Table::End => {
                    let owner: Vec<u8> = columns.get(4)?;
                    key_name(columns.get(3)?, &owner)
                }
                Table::Seeds => seed_name(place.0, number).to_vec(),
                Table::Salts => salt_name(place.0, sync_core::Seq(number)),
            };
            rows.push(Wrapped {
                place,
                name,
                bytes: columns.get(2)?,
            });
        }
        Ok(rows)
    }

    /// Whether the key in use opens every row.
    pub(crate) fn all_rewrapped(&self) -> Result<bool, StoreError> {
        let mut cursor = START;
        while cursor.table != Table::End {
            let rows = self.wrapped_rows(cursor, SLICE_ROWS_MAX)?;
            cursor = match rows.last() {
                Some(last) => Cursor {
                    after: last.place,
                    ..cursor
                },
                None => Cursor {
                    table: cursor.table.next(),
                    ..START
                },
            };
            for wrapped in &rows {
                let row = cursor.table.row(&wrapped.name);
                if open(self.wrapping()?, row, &wrapped.bytes).is_err() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Ends the old key, or goes over everything again where a row still needs it.
    pub(crate) fn end_rewrap(
        &mut self,
        secrets: &mut Secrets,
        complete: bool,
    ) -> Result<(), StoreError> {
        let state = self.rewrap_state()?;
        if complete {
            let generation = self.generation;
            secrets.wrapping.retain(|key| key.generation == generation);
        } else {
            tracing::error!("a row still needs the old wrapping key: all are wrapped again");
        }
        let cursor = (!complete).then_some(START);
        self.put_setting(STATE, &State { cursor, ..state })
    }
}

impl SqliteStore {
    /// Wraps all keys under a fresh one and ends the old one, if somebody was erased since and the
    /// last time is a day ago; goes on with one that was cut. Whether it did.
    ///
    /// # Errors
    /// [`StoreError`] of a step; what was done stays, and the next call goes on.
    pub async fn rewrap(&self, now: Moment) -> Result<bool, StoreError> {
        if !self.read(move |tx| tx.rewrap_pending(now)).await? {
            return Ok(false);
        }
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "the method alone is not general over the transaction's life"
        )]
        let begun = self.write_keys(now, |tx, secrets| tx.begin_rewrap(secrets));
        begun.await?;
        // Each slice is on the medium before the next one is asked for.
        while self
            .write(now, |tx| tx.rewrap_slice(SLICE_ROWS_MAX))
            .await?
        {}
        let complete = self.read(|tx| tx.all_rewrapped()).await?;
        self.write_keys(now, move |tx, secrets| tx.end_rewrap(secrets, complete))
            .await?;
        self.cut_log();
        Ok(complete)
    }
}
