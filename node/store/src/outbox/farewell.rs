//! The last text to somebody who was erased: her number lies under a key of its own, and ends with
//! the text (decision 0054).
//!
//! Sent, refused, unknown, cancelled or out of its time: then recipient, text and key go, and the
//! row stays as evidence that one text was to leave. Looked at with each claim and report, and
//! with each look for reminders, so also where no link ever takes it.

use rusqlite::params;

use crate::hub_store::StoreError;
use crate::seal::Owner;
use crate::tx::Tx;

const OPEN: &str = "SELECT data_key.id, message.number, message.state, message.expires_at,
    message.leased_until, message.recipient
    FROM data_key JOIN message ON message.id = data_key.owner WHERE data_key.kind = 5";
const FORGET: &str = "UPDATE message SET owner = ?2, sealed = x'', recipient = 0, content = 0,
    repeat_at = NULL, state = ?3 WHERE number = ?1";
const HANDOVERS: &str = "UPDATE handover SET recipient = 0 WHERE recipient = ?1";
const KEY_DROP: &str = "DELETE FROM data_key WHERE id = ?1 AND kind = 5";

const QUEUED: i64 = 0;
const SUBMITTING: i64 = 1;
const EXPIRED: i64 = 5;
const UNKNOWN: i64 = 6;
const HELD: i64 = 8;

/// One such text.
struct Farewell {
    key: i64,
    number: i64,
    state: i64,
    expires_at: i64,
    leased_until: i64,
    recipient: i64,
}

/// The state in which it is forgotten; `None` while it may still leave.
fn end(text: &Farewell, now: i64) -> Option<i64> {
    match text.state {
        QUEUED | HELD => (text.expires_at <= now).then_some(EXPIRED),
        SUBMITTING => (text.expires_at.max(text.leased_until) <= now).then_some(UNKNOWN),
        ended => Some(ended),
    }
}

impl Tx<'_> {
    /// Forgets the numbers of last texts that have ended.
    pub(crate) fn end_farewells(&self) -> Result<(), StoreError> {
        let open: Vec<Farewell> = self
            .db
            .prepare_cached(OPEN)?
            .query_map([], |row| {
                Ok(Farewell {
                    key: row.get(0)?,
                    number: row.get(1)?,
                    state: row.get(2)?,
                    expires_at: row.get(3)?,
                    leased_until: row.get(4)?,
                    recipient: row.get(5)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        for text in open {
            let Some(state) = end(&text, self.now_ms()) else {
                continue;
            };
            let site = self.data_key(Owner::Site)?.id;
            self.db
                .prepare_cached(FORGET)?
                .execute(params![text.number, site, state])?;
            self.db
                .prepare_cached(HANDOVERS)?
                .execute([text.recipient])?;
            self.db.prepare_cached(KEY_DROP)?.execute([text.key])?;
            self.guard.borrow_mut().erased = true;
            self.want_rewrap()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_forgotten_once_it_cannot_leave_any_more() {
        let text = |state| Farewell {
            key: 1,
            number: 1,
            state,
            expires_at: 100,
            leased_until: 150,
            recipient: 1,
        };
        for (state, now, ended) in [
            (QUEUED, 99, None),
            (QUEUED, 100, Some(EXPIRED)),
            (HELD, 99, None),
            (HELD, 100, Some(EXPIRED)),
            (SUBMITTING, 149, None),
            (SUBMITTING, 150, Some(UNKNOWN)),
            (2, 0, Some(2)),
            (4, 0, Some(4)),
            (7, 0, Some(7)),
        ] {
            assert_eq!(end(&text(state), now), ended, "{state} at {now}");
        }
    }
}
