//! Retention of what belongs to nobody: drafts, sessions and texts under the keys of old days.
//!
//! The first use of a new day's key destroys the keys that are older than [`DAYS_MAX`], and with
//! them everything that they seal. Outbox rows stay as evidence of what was sent, without text.

use rusqlite::params;

use crate::hub_store::StoreError;
use crate::tx::Tx;

/// Days after which a day's key is destroyed.
pub(crate) const DAYS_MAX: i64 = 30;

const OLD: &str = "SELECT id FROM data_key WHERE kind = 1 AND owner < ?1";
const SESSIONS: &str = "DELETE FROM session WHERE owner = ?1";
const TEXTS: &str = "UPDATE message SET owner = ?2, sealed = x'', repeat_at = NULL
    WHERE owner = ?1";
const WAITING: &str = "UPDATE message SET state = 5 WHERE owner = ?1 AND state IN (0, 1, 8)";
const LINES: &str = "DELETE FROM broadcast_line WHERE owner = ?1";
const BROADCASTS: &str = "UPDATE broadcast SET state = CASE WHEN state < 3 THEN 4 ELSE state END,
    owner = ?2, sealed = x'' WHERE owner = ?1";
const THREADS: &str = "DELETE FROM inbox_text WHERE owner = ?1";
const KEY: &str = "DELETE FROM data_key WHERE id = ?1";

impl Tx<'_> {
    /// Destroys the keys of days long past; `today` is the key that takes over their rows.
    pub(crate) fn retire_days(&self, today: i64) -> Result<(), StoreError> {
        // Names are compared as bytes, where a day before 1970 would count as the latest of all.
        let before = self.today().saturating_sub(DAYS_MAX).max(0).to_be_bytes();
        let old: Vec<i64> = self
            .db
            .prepare_cached(OLD)?
            .query_map([before], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for id in old {
            self.db.prepare_cached(SESSIONS)?.execute([id])?;
            self.db.prepare_cached(WAITING)?.execute([id])?;
            self.db.prepare_cached(TEXTS)?.execute(params![id, today])?;
            self.db.prepare_cached(LINES)?.execute([id])?;
            self.db
                .prepare_cached(BROADCASTS)?
                .execute(params![id, today])?;
            self.db.prepare_cached(THREADS)?.execute([id])?;
            self.db.prepare_cached(KEY)?.execute([id])?;
        }
        Ok(())
    }
}
