//! The pick: what time has done to rows, then the next messages of a link (CH16–CH20, CH23–CH25).
//!
//! Every step is bounded, so that a pick costs the same with ten rows and with a million: rows are
//! found by class, zone and due time, and what is stale, too much for its recipient, or asleep is
//! settled or skipped on the way.

use node_core::message::breaker::{self, Recent};
use node_core::message::budget::{self, LinkBudget};
use node_core::message::origin::Origin;
use node_core::message::policy::Policy;
use node_core::message::quiet::{self, Gate, MONEY_FRESH_MS, Zone};
use node_core::message::retry;
use node_core::turn::{Claim, Private};
use node_core::view::MessageClass;
use rusqlite::params;

use super::list::REASON_RELEASED;
use super::queue::{DAY_MS, HOUR_MS};
use super::{CLAIM_MAX, LEASE_MS, SealedMessage, class_number, hex, parse_class, row};
use crate::hub_store::StoreError;
use crate::tx::Tx;

/// Rows of each kind that one pick settles because of time; the next pick goes on.
const SWEEP_MAX: u32 = 2_000;
/// Rows of one class that one pick looks at; the next pick goes on.
const LOOKED_AT_MAX: u32 = 512;
/// Rows read of one recipient to judge the breaker; more could only say "held" as well.
const RECENT_MAX: u32 = 200;
/// Classes in the order of sending.
const CLASSES: [MessageClass; 5] = [
    MessageClass::Emergency,
    MessageClass::Money,
    MessageClass::Health,
    MessageClass::Reminder,
    MessageClass::Broadcast,
];

// Emergency and money get the time of their one repeat (CH24), unless they had it.
const LAPSE: &str = "UPDATE message SET state = 6, repeat_at = CASE
    WHEN class < 2 AND possible_duplicate = 0 THEN ?2 END
    WHERE state = 1 AND leased_until <= ?1";
const REPEAT: &str = "UPDATE message SET state = 0, possible_duplicate = 1, repeat_at = NULL,
    due_at = ?1 WHERE repeat_at <= ?1 AND state = 6 AND expires_at > ?1";
const EXPIRE: &str = "UPDATE message SET state = 5 WHERE number IN
    (SELECT number FROM message WHERE state = ?1 AND expires_at <= ?2 LIMIT ?3)";
const OVERDUE: &str = "UPDATE message SET state = 6 WHERE number IN
    (SELECT number FROM message WHERE state = 2 AND expires_at <= ?1 LIMIT ?2)";
const NEXT_ZONE: &str = "SELECT min(zone) FROM message
    WHERE state = 0 AND class = ?1 AND zone > ?2";
const DUE: &str = "SELECT number, id, expires_at, attempt, owner, sealed, recipient, content,
    origin, parts, created_at, possible_duplicate, due_at, reason FROM message
    WHERE state = 0 AND class = ?1 AND zone = ?2 AND due_at <= ?3 AND due_at > ?4
    ORDER BY due_at LIMIT ?5";
const LEASE: &str = "UPDATE message SET state = 1, leased_until = ?2, handed_at = ?3,
    attempt = attempt + 1 WHERE number = ?1";
const HOLD: &str = "UPDATE message SET state = 8, reason = ?2 WHERE number = ?1";
const STALE: &str = "UPDATE message SET state = 5 WHERE number = ?1";
const RECENT: &str = "SELECT class, origin, content, handed_at FROM message
    WHERE recipient = ?1 AND handed_at > ?2 LIMIT ?3";

struct Candidate {
    number: i64,
    id: Vec<u8>,
    expires_at: i64,
    attempt: u32,
    owner: i64,
    sealed: Vec<u8>,
    recipient: i64,
    content: i64,
    origin: Origin,
    parts: u32,
    created_at: i64,
    possible_duplicate: bool,
    due_at: i64,
    /// Released by the operator: the breaker does not hold it again.
    is_released: bool,
}

/// How far a pick has come.
struct Picking {
    claims: Vec<Claim>,
    limit: usize,
    /// Parts taken from the link's budget.
    parts: u32,
}

impl Tx<'_> {
    /// Leases messages that are due, by class, oldest first; over a named link within its budget.
    pub(crate) fn claim_messages(
        &self,
        link: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Claim>, StoreError> {
        self.let_time_pass()?;
        self.end_farewells()?;
        self.walk_broadcasts()?;
        let policy = self.policy()?;
        let limit = match link {
            Some(link) => self.claims_allowed(link, limit.min(CLAIM_MAX))?,
            None => limit.min(CLAIM_MAX),
        };
        let mut picking = Picking {
            claims: Vec::new(),
            limit: usize::try_from(limit).unwrap_or(0),
            parts: 0,
        };
        let limits = link.filter(|link| policy.links.contains_key(*link));
        for class in CLASSES {
            if picking.claims.len() >= picking.limit {
                break;
            }
            let room = match limits {
                Some(link) => self.room(link, &policy.budget(link), class)?,
                None => u32::MAX,
            };
            self.pick_class(class, room, &policy, &mut picking)?;
        }
        if let Some(link) = limits {
            self.note_use(link, i64::from(picking.parts))?;
        }
        if let Some(link) = link {
            self.note_texts(link, picking.parts)?;
        }
        Ok(picking.claims)
    }

    /// Ends leases, validities and waits for receipts that are over.
    pub(super) fn let_time_pass(&self) -> Result<(), StoreError> {
        let now = self.now_ms();
        let repeat_at = now.saturating_add(retry::REPEAT_AFTER_MS);
        self.db.prepare_cached(LAPSE)?.execute([now, repeat_at])?;
        self.db.prepare_cached(REPEAT)?.execute([now])?;
        for waiting in [0_u8, 8] {
            self.db
                .prepare_cached(EXPIRE)?
                .execute(params![waiting, now, SWEEP_MAX])?;
        }
        self.settle_without_receipts(now)?;
        let overdue = now.saturating_sub(retry::RECEIPT_WAIT_MS);
        self.db
            .prepare_cached(OVERDUE)?
            .execute(params![overdue, SWEEP_MAX])?;
        self.settle_parked()
    }

    fn room(
        &self,
        link: &str,
        budget: &LinkBudget,
        class: MessageClass,
    ) -> Result<u32, StoreError> {
        Ok(budget::room(budget, &self.used(link)?, class))
    }

    fn pick_class(
        &self,
        class: MessageClass,
        room: u32,
        policy: &Policy,
        picking: &mut Picking,
    ) -> Result<(), StoreError> {
        for candidate in self.candidates(class, policy, picking)? {
            if picking.claims.len() >= picking.limit {
                break;
            }
            let taken = picking.parts.saturating_add(candidate.parts);
            let now = self.now_ms();
            if retry::validity_left_s(candidate.expires_at, now).is_none() {
                self.db.prepare_cached(STALE)?.execute([candidate.number])?;
            } else if let Some(reason) = self.verdict(class, &candidate)? {
                self.db
                    .prepare_cached(HOLD)?
                    .execute(params![candidate.number, reason.number()])?;
                tracing::warn!(message.id = %hex(&candidate.id), reason = %reason, "a message is held");
            } else if taken > room {
                break;
            } else {
                picking.parts = taken;
                picking.claims.push(self.lease_message(class, &candidate)?);
            }
        }
        Ok(())
    }

    /// Due rows of a class whose recipients are awake, oldest first.
    fn candidates(
        &self,
        class: MessageClass,
        policy: &Policy,
        picking: &Picking,
    ) -> Result<Vec<Candidate>, StoreError> {
        let wanted = picking.limit.saturating_sub(picking.claims.len());
        let wanted = u32::try_from(wanted.saturating_mul(2)).unwrap_or(LOOKED_AT_MAX);
        let now = self.now_ms();
        let mut rows = Vec::new();
        let mut zone = -1_i64;
        while let Some(next) = self.next_zone(class, zone)? {
            zone = next;
            let asleep_but = Zone(u8::try_from(zone).unwrap_or(0));
            let after = match quiet::gate(class, asleep_but, policy.quiet, self.now) {
                Gate::Open => i64::MIN,
                Gate::Fresh => now.saturating_sub(MONEY_FRESH_MS),
                Gate::Shut => continue,
            };
            let mut statement = self.db.prepare_cached(DUE)?;
            let found = statement.query_map(
                params![
                    class_number(class),
                    zone,
                    now,
                    after,
                    wanted.min(LOOKED_AT_MAX)
                ],
                candidate,
            )?;
            for found in found {
                let found = found?;
                if found.created_at >= after || after == i64::MIN {
                    rows.push(found);
                }
            }
        }
        rows.sort_by_key(|row| (row.due_at, row.number));
        Ok(rows)
    }

    fn next_zone(&self, class: MessageClass, after: i64) -> Result<Option<i64>, StoreError> {
        Ok(self
            .db
            .prepare_cached(NEXT_ZONE)?
            .query_row(params![class_number(class), after], |row| row.get(0))?)
    }

    /// What the breaker says, by what its recipient was sent lately.
    fn verdict(
        &self,
        class: MessageClass,
        candidate: &Candidate,
    ) -> Result<Option<breaker::HoldReason>, StoreError> {
        // A row of format 1 does not know its recipient.
        let is_old = candidate.recipient == 0;
        let is_free = candidate.possible_duplicate || candidate.is_released || is_old;
        if class == MessageClass::Emergency || is_free {
            return Ok(None);
        }
        let now = self.now_ms();
        let mut statement = self.db.prepare_cached(RECENT)?;
        let mut found = statement.query(params![
            candidate.recipient,
            now.saturating_sub(DAY_MS),
            RECENT_MAX
        ])?;
        let mut recent = Recent::default();
        while let Some(columns) = found.next()? {
            if parse_class(columns.get(0)?) == MessageClass::Emergency {
                continue;
            }
            let origin = Origin::of_number(columns.get(1)?);
            let handed_at: i64 = columns.get(3)?;
            if origin.is_answer() {
                let lately = handed_at > now.saturating_sub(HOUR_MS);
                recent.answers_hour = recent.answers_hour.saturating_add(u32::from(lately));
                continue;
            }
            let same = columns.get::<_, i64>(2)? == candidate.content;
            recent.identical_day = recent.identical_day.saturating_add(u32::from(same));
            let counts = origin != Origin::Digest;
            recent.automatic_day = recent.automatic_day.saturating_add(u32::from(counts));
        }
        Ok(breaker::judge(class, candidate.origin, &recent))
    }

    fn lease_message(
        &self,
        class: MessageClass,
        candidate: &Candidate,
    ) -> Result<Claim, StoreError> {
        let now = self.now_ms();
        self.db.prepare_cached(LEASE)?.execute([
            candidate.number,
            now.saturating_add(LEASE_MS),
            now,
        ])?;
        let message: SealedMessage =
            self.open_owned(candidate.owner, row(&candidate.id), &candidate.sealed)?;
        let named = (&candidate.id[..], message.to.as_str());
        self.note_handover(candidate.number, named, candidate.expires_at)?;
        Ok(Claim::Message {
            id: hex(&candidate.id),
            to: message.to,
            text: Private(message.text),
            class,
            validity_s: retry::validity_left_s(candidate.expires_at, now).unwrap_or(1),
            attempt: candidate.attempt.saturating_add(1),
            possible_duplicate: candidate.possible_duplicate,
        })
    }
}

fn candidate(columns: &rusqlite::Row<'_>) -> rusqlite::Result<Candidate> {
    Ok(Candidate {
        number: columns.get(0)?,
        id: columns.get(1)?,
        expires_at: columns.get(2)?,
        attempt: columns.get(3)?,
        owner: columns.get(4)?,
        sealed: columns.get(5)?,
        recipient: columns.get(6)?,
        content: columns.get(7)?,
        origin: Origin::of_number(columns.get(8)?),
        parts: columns.get(9)?,
        created_at: columns.get(10)?,
        possible_duplicate: columns.get(11)?,
        due_at: columns.get(12)?,
        is_released: columns.get::<_, u32>(13)? == REASON_RELEASED,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn the_pick_uses_an_index_at_every_step() {
        for sql in [
            LAPSE, REPEAT, EXPIRE, OVERDUE, NEXT_ZONE, DUE, LEASE, HOLD, STALE, RECENT,
        ] {
            check_index(sql);
        }
    }

    #[test]
    fn the_next_row_is_found_without_sorting() {
        let plan = crate::migrate::tests::plan(DUE);
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}
