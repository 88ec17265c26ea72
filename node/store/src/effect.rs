//! The outbox of effects at Building Blocks: one per registration and upstream.
//!
//! The request id is minted in the transaction that creates the row and written as a fact; every
//! attempt carries the same one. An unknown outcome is tried again with that id, the first time
//! after a second.

use node_core::fact::Fact;
use node_core::schema;
use node_core::turn::{Claim, EffectOutcome, Private};
use node_core::view::Effect;
use rusqlite::{OptionalExtension, params};
use sync_core::{EntryRef, Lane, journal};

use crate::hub_store::StoreError;
use crate::keys::random;
use crate::outbox::{CLAIM_MAX, WordCounts, backoff_ms};
use crate::seal::{Owner, Row};
use crate::tx::Tx;

/// How long a claimed effect belongs to its claimer; after that it is tried again with its id.
pub(crate) const LEASE_MS: i64 = 60_000;

const STATES: [&str; 5] = ["pending", "sent", "unknown", "acknowledged", "refused"];

const EXISTS: &str = "SELECT count(*) FROM effect WHERE entry = ?1 AND upstream = ?2";
const INSERT: &str = "INSERT INTO effect (request_id, upstream, entry, correlation, lane, state,
    due_at, leased_until, attempt, owner, sealed)
    VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, 0, 0, ?7, ?8)";
const DUE: &str = "SELECT number, request_id, correlation, attempt, owner, sealed FROM effect
    WHERE upstream = ?1 AND state < 3 AND due_at <= ?2 AND leased_until <= ?2
    ORDER BY lane, due_at, number LIMIT ?3";
const LEASE: &str = "UPDATE effect SET state = 1, leased_until = ?2, attempt = attempt + 1
    WHERE number = ?1";
const BY_REQUEST: &str = "SELECT number, entry, state, attempt FROM effect WHERE request_id = ?1";
const SETTLE: &str = "UPDATE effect SET state = ?2, leased_until = 0, due_at = ?3
    WHERE number = ?1";
const COUNTS: &str = "SELECT state, count(*) FROM effect GROUP BY state";

// An effect whose request may have left is not taken back here: its outcome must still be learnt.
const DROP: &str = "DELETE FROM effect WHERE entry = ?1 AND state = 0 AND attempt = 0";

pub(crate) fn row(name: &[u8]) -> Row<'_> {
    Row {
        table: "effect",
        name,
    }
}

/// A fact that follows from an effect and must be appended by the caller.
#[derive(Clone, Debug)]
pub(crate) struct EffectFact {
    pub(crate) registration: EntryRef,
    pub(crate) fact: Fact,
}

/// An effect's row when a report comes.
pub(crate) struct Attempted<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) registration: EntryRef,
    /// Number of its state, as in the table.
    pub(crate) state: i64,
    pub(crate) attempt: u32,
}

/// What a report does to an effect's row.
pub(crate) enum Step {
    /// It came late, or again.
    Nothing,
    /// Another attempt, in so many milliseconds.
    Wait { state: i64, ms: i64 },
    /// The peer's word; the fact is written down.
    End { state: i64, fact: Fact },
}

/// Judges a report. The peer's word counts whatever the lease says; that it is not known counts
/// only while the row is leased.
pub(crate) fn step(row: &Attempted<'_>, outcome: EffectOutcome) -> Result<Step, StoreError> {
    if row.state >= 3 {
        return Ok(Step::Nothing);
    }
    Ok(match outcome {
        EffectOutcome::Accepted { registry_id } => Step::End {
            state: 3,
            fact: Fact::RegistryAccepted {
                registration: row.registration,
                registry_id,
                request_id: row.request_id.to_owned(),
            },
        },
        EffectOutcome::Rejected {
            code,
            field,
            reason,
        } => Step::End {
            state: 4,
            fact: Fact::RegistryRejected {
                registration: row.registration,
                code,
                field,
                reason,
            },
        },
        EffectOutcome::TryLater { after_s } if row.state == 1 => Step::Wait {
            state: 0,
            ms: backoff_ms(row.attempt)?.max(i64::from(after_s) * 1_000),
        },
        EffectOutcome::Unknown if row.state == 1 => Step::Wait {
            state: 2,
            ms: backoff_ms(row.attempt)?,
        },
        EffectOutcome::TryLater { .. } | EffectOutcome::Unknown => Step::Nothing,
    })
}

impl Tx<'_> {
    /// Takes back the effects of a registration that were never attempted.
    pub(crate) fn drop_effect(&self, registration: &EntryRef) -> Result<(), StoreError> {
        if let Some(entry) = self.entry_id(registration)? {
            self.db.prepare_cached(DROP)?.execute([entry])?;
        }
        Ok(())
    }
}

impl EffectFact {
    /// The scope with the lane of such facts.
    pub(crate) fn scope(&self) -> sync_core::Scope {
        let lane = schema::rule(schema::of(&self.fact)).map_or(Lane::Registration, |rule| rule.0);
        self.registration.scope.with_lane(lane)
    }
}

impl Tx<'_> {
    /// Queues an effect and gives the fact that names its request id; `None` when it is queued
    /// already, or its record is to be removed.
    pub(crate) fn add_effect(&self, effect: Effect) -> Result<Option<EffectFact>, StoreError> {
        let entry = self.known_entry(&effect.registration)?;
        let exists: i64 = self
            .db
            .prepare_cached(EXISTS)?
            .query_row(params![entry, effect.upstream], |row| row.get(0))?;
        if exists > 0 || self.is_removed(entry, &effect.upstream)? {
            return Ok(None);
        }
        let request_id = journal::id12(u64::from_be_bytes(random()?));
        let key = match self.registration_key(&effect.registration)? {
            Some((_, key)) => key,
            None => self.data_key(Owner::Site)?,
        };
        let sealed = key.seal(row(request_id.as_bytes()), effect.body.as_bytes())?;
        self.db.prepare_cached(INSERT)?.execute(params![
            request_id,
            effect.upstream,
            entry,
            effect.correlation_id,
            effect.lane,
            self.now_ms(),
            key.id,
            sealed
        ])?;
        let fact = Fact::EffectPlanned {
            registration: effect.registration,
            upstream: effect.upstream,
            request_id,
        };
        Ok(Some(EffectFact {
            registration: effect.registration,
            fact,
        }))
    }

    /// Leases effects that are due, by lane, oldest first.
    pub(crate) fn claim_effects(
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
            let sealed: Vec<u8> = columns.get(5)?;
            let key = self.data_key_by_id(columns.get(4)?)?;
            let body = key.open(row(request_id.as_bytes()), &sealed)?;
            let body = String::from_utf8(body)
                .map_err(|_error| StoreError::Failed("an effect's body is no text".to_owned()))?;
            let claim = Claim::Effect {
                request_id,
                correlation_id: columns.get(2)?,
                body: Private(body),
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

    /// Records what became of an effect and gives the fact that follows, if any.
    ///
    /// Late and repeated reports change nothing; a result counts whatever the lease says, because
    /// the peer's word is final.
    pub(crate) fn finish_effect(
        &self,
        request_id: &str,
        outcome: EffectOutcome,
    ) -> Result<Option<EffectFact>, StoreError> {
        let found: Option<(i64, i64, i64, u32)> = self
            .db
            .prepare_cached(BY_REQUEST)?
            .query_row([request_id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let Some((number, entry, state, attempt)) = found else {
            // The person was erased meanwhile: what was written all the same goes again.
            if let EffectOutcome::Accepted { registry_id } = outcome {
                self.late_write(request_id, &registry_id)?;
            }
            return Ok(None);
        };
        let now = self.now_ms();
        let registration = self.entry_name(entry)?;
        let attempted = Attempted {
            request_id,
            registration,
            state,
            attempt,
        };
        match step(&attempted, outcome)? {
            Step::Nothing => Ok(None),
            Step::Wait { state, ms } => {
                self.settle_effect(number, state, now.saturating_add(ms))?;
                Ok(None)
            }
            Step::End { state, fact } => {
                self.settle_effect(number, state, now)?;
                Ok(Some(EffectFact { registration, fact }))
            }
        }
    }

    fn settle_effect(&self, number: i64, state: i64, due_at: i64) -> Result<(), StoreError> {
        self.db
            .prepare_cached(SETTLE)?
            .execute([number, state, due_at])?;
        Ok(())
    }

    /// Effects by state word.
    pub(crate) fn count_effects(&self) -> Result<WordCounts, StoreError> {
        let mut statement = self.db.prepare_cached(COUNTS)?;
        let mut found = statement.query([])?;
        let mut counts = Vec::new();
        while let Some(columns) = found.next()? {
            let state = usize::try_from(columns.get::<_, i64>(0)?).unwrap_or(usize::MAX);
            let word = STATES.get(state).copied().unwrap_or("unknown");
            counts.push((word.to_owned(), columns.get::<_, i64>(1)?.cast_unsigned()));
        }
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn claims_and_reports_use_an_index() {
        for sql in [EXISTS, DUE, LEASE, BY_REQUEST, SETTLE] {
            check_index(sql);
        }
    }
}
