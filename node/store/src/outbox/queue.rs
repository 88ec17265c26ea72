//! Queueing: one row a cause, with what the rules of sending read later (CH16–CH22).
//!
//! Here stand the fences that no caller can forget: STOP, the one reply in 24 h, codes, a text
//! that waits already, a changed plan. A message that they stop leaves a row that says so, but for
//! codes and repeated replies, whose flood must not fill the disk.

use channels_core::Msisdn;
use node_core::message::breaker::{self, RecentCodes};
use node_core::message::broadcast;
use node_core::message::origin::Origin;
use node_core::message::quiet::Zone;
use node_core::message::state::MessageState;
use node_core::view::{MessageClass, NewMessage};
use rusqlite::{OptionalExtension, params};

use super::{SealedMessage, class_number, row};
use crate::hub_store::StoreError;
use crate::seal::Owner;
use crate::tx::Tx;

/// Milliseconds of a day.
pub(super) const DAY_MS: i64 = 86_400_000;
/// Milliseconds of an hour.
pub(super) const HOUR_MS: i64 = 3_600_000;
/// `reason` of a cancelled row: the number said STOP.
pub(crate) const REASON_STOPPED: u32 = 101;
/// `reason` of a cancelled row: the same text waited already.
pub(crate) const REASON_REPEATED: u32 = 102;
/// `reason` of a failed row: more parts than are sent.
pub(crate) const REASON_OVERSIZE: u32 = 103;

const KNOWN: &str = "SELECT number FROM message WHERE id = ?1";
const INSERT: &str = "INSERT INTO message
    (id, class, state, due_at, leased_until, attempt, expires_at, owner, sealed,
     recipient, content, zone, origin, parts, reason, created_at, plan, broadcast)
    VALUES (?1, ?2, ?3, ?4, 0, 0, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
const COVER: &str = "INSERT OR IGNORE INTO message_cover (message, entry) VALUES (?1, ?2)";
const WAITING: &str = "SELECT number FROM message WHERE recipient = ?1 AND handed_at IS NULL
    AND state IN (0, 8) AND content = ?2 AND origin = ?3 LIMIT 1";
const REPLIED: &str = "SELECT count(*) FROM message
    WHERE recipient = ?1 AND origin = ?2 AND created_at > ?3 AND state <> 7";
const CODES_TO: &str = "SELECT count(*), max(created_at) FROM message
    WHERE recipient = ?1 AND origin = 4 AND created_at > ?2";
const CODES: &str = "SELECT count(*) FROM message WHERE origin = 4 AND created_at > ?1";
const WITHDRAW_PLAN: &str = "UPDATE message SET state = 7 WHERE plan = ?1 AND state IN (0, 8)";
const SAID: &str = "SELECT 1 FROM message WHERE recipient = ?1 AND content = ?2
    AND handed_at > ?3 LIMIT 1";

/// What became of a message that was to be queued.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Queued {
    /// It waits.
    Waits,
    /// Its cause had one before.
    Known,
    /// A fence stopped it; its row says why.
    Stopped,
    /// A fence stopped it, and no row was written.
    Refused,
}

/// The state in which a message begins, why, and the waiting row that says the same.
type Fence = (MessageState, u32, Option<i64>);

/// Names of a message that the rules look up.
struct Names {
    id: [u8; 16],
    recipient: i64,
    content: i64,
    plan: Option<i64>,
}

impl Tx<'_> {
    /// Queues a message unless its cause already has one.
    pub(crate) fn queue_message(&self, message: &NewMessage) -> Result<(), StoreError> {
        let queued = self.enqueue(message)?;
        if queued == Queued::Stopped {
            tracing::info!(message.class = ?message.class, "a message was stopped before it waited");
        }
        Ok(())
    }

    /// Queues a message and tells what became of it.
    pub(crate) fn enqueue(&self, message: &NewMessage) -> Result<Queued, StoreError> {
        let names = self.message_names(message);
        if self.message_number(&names.id)?.is_some() {
            return Ok(Queued::Known);
        }
        let origin = Origin::of_cause(&message.cause);
        if self.is_refused(message, origin, names.recipient)? {
            return Ok(Queued::Refused);
        }
        if let Some(plan) = names.plan {
            self.db.prepare_cached(WITHDRAW_PLAN)?.execute([plan])?;
        }
        let (state, reason, twin) = self.fence(message, origin, &names)?;
        let number = self.insert_message(message, origin, (state, reason), &names)?;
        for registration in &message.covers {
            if let Some(entry) = self.entry_id(registration)? {
                let told_by = twin.unwrap_or(number);
                self.db.prepare_cached(COVER)?.execute([told_by, entry])?;
            }
        }
        Ok(match state {
            MessageState::Queued => Queued::Waits,
            _ => Queued::Stopped,
        })
    }

    /// Withdraws what waits of a plan.
    pub(crate) fn cancel_plan(&self, plan: &str) -> Result<(), StoreError> {
        let plan = self.short_token("plan", &[plan.as_bytes()]);
        self.db.prepare_cached(WITHDRAW_PLAN)?.execute([plan])?;
        Ok(())
    }

    /// Whether a text is what we sent to this number in the last day: a machine that echoes.
    pub(crate) fn is_our_own_text(&self, phone: &str, text: &str) -> Result<bool, StoreError> {
        let found: Option<i64> = self
            .db
            .prepare_cached(SAID)?
            .query_row(
                params![
                    self.recipient_token(phone),
                    self.content_token(phone, text),
                    self.now_ms().saturating_sub(DAY_MS)
                ],
                |row| row.get(0),
            )
            .optional()?;
        Ok(found.is_some())
    }

    /// The row of an outbox id.
    pub(super) fn message_number(&self, id: &[u8]) -> Result<Option<i64>, StoreError> {
        Ok(self
            .db
            .prepare_cached(KNOWN)?
            .query_row([id], |row| row.get(0))
            .optional()?)
    }

    /// 64 bits of a keyed hash, never 0: that marks rows of format 1.
    pub(crate) fn short_token(&self, field: &str, values: &[&[u8]]) -> i64 {
        let full = self.exact_token(field, values);
        let bytes = full.first_chunk::<8>().copied().unwrap_or_default();
        i64::from_be_bytes(bytes) | 1
    }

    /// The name of a recipient in the outbox and of a thread in the inbox.
    pub(crate) fn recipient_token(&self, phone: &str) -> i64 {
        self.short_token("recipient", &[phone.as_bytes()])
    }

    fn content_token(&self, phone: &str, text: &str) -> i64 {
        let text = text.trim();
        self.short_token("content", &[phone.as_bytes(), text.as_bytes()])
    }

    fn message_names(&self, message: &NewMessage) -> Names {
        let plan = message.terms.plan.as_ref();
        Names {
            id: self.exact_token("cause", &[message.cause.as_bytes()]),
            recipient: self.recipient_token(&message.to),
            content: self.content_token(&message.to, &message.text),
            plan: plan.map(|plan| self.short_token("plan", &[plan.as_bytes()])),
        }
    }

    /// Whether nothing at all is written: codes over their caps, a second reply in 24 h.
    fn is_refused(
        &self,
        message: &NewMessage,
        origin: Origin,
        recipient: i64,
    ) -> Result<bool, StoreError> {
        match origin {
            Origin::UnknownReply => {
                let since = self.now_ms().saturating_sub(DAY_MS);
                let replies: i64 = self
                    .db
                    .prepare_cached(REPLIED)?
                    .query_row(params![recipient, origin.number(), since], |row| row.get(0))?;
                Ok(replies > 0)
            }
            Origin::Code => {
                let own = self.policy()?.own_numbers.contains(&message.to);
                Ok(own || !breaker::code_is_allowed(&self.recent_codes(recipient)?))
            }
            _ => Ok(false),
        }
    }

    fn recent_codes(&self, recipient: i64) -> Result<RecentCodes, StoreError> {
        let now = self.now_ms();
        let (number_day, last): (u32, Option<i64>) = self
            .db
            .prepare_cached(CODES_TO)?
            .query_row(params![recipient, now.saturating_sub(DAY_MS)], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let node_hour = self
            .db
            .prepare_cached(CODES)?
            .query_row([now.saturating_sub(HOUR_MS)], |row| row.get(0))?;
        Ok(RecentCodes {
            number_day,
            since_last_ms: last.map(|last| now.saturating_sub(last)),
            node_hour,
        })
    }

    /// What stands against a message.
    fn fence(
        &self,
        message: &NewMessage,
        origin: Origin,
        names: &Names,
    ) -> Result<Fence, StoreError> {
        if broadcast::parts(&message.text).is_err() {
            return Ok((MessageState::Failed, REASON_OVERSIZE, None));
        }
        let may_be_stopped = message.class >= MessageClass::Health && !origin.is_answer();
        if may_be_stopped && self.phone(&message.to)?.stopped {
            return Ok((MessageState::Cancelled, REASON_STOPPED, None));
        }
        // Two digests that read the same tell of two syncs.
        if origin == Origin::Automatic && message.terms.due.is_none() {
            let twin: Option<i64> = self
                .db
                .prepare_cached(WAITING)?
                .query_row(
                    params![names.recipient, names.content, origin.number()],
                    |row| row.get(0),
                )
                .optional()?;
            if twin.is_some() {
                return Ok((MessageState::Cancelled, REASON_REPEATED, twin));
            }
        }
        Ok((MessageState::Queued, 0, None))
    }

    fn insert_message(
        &self,
        message: &NewMessage,
        origin: Origin,
        (state, reason): (MessageState, u32),
        names: &Names,
    ) -> Result<i64, StoreError> {
        let now = self.now_ms();
        let due = message
            .terms
            .due
            .map_or(now, jiff::Timestamp::as_millisecond);
        let due = due.max(now);
        let expires = due.saturating_add(i64::from(message.validity_s).saturating_mul(1_000));
        // A plan for next year must outlive the keys of this month.
        let owner = match origin {
            Origin::Farewell => Owner::Farewell(names.id),
            _ => Owner::Day(due.div_euclid(DAY_MS)),
        };
        let key = self.data_key(owner)?;
        let value = SealedMessage {
            to: message.to.clone(),
            text: message.text.clone(),
        };
        let sealed = key.seal_value(row(&names.id), &value)?;
        self.db.prepare_cached(INSERT)?.execute(params![
            names.id,
            class_number(message.class),
            state.number(),
            due,
            expires,
            key.id,
            sealed,
            names.recipient,
            names.content,
            self.zone(message, origin)?.0,
            origin.number(),
            broadcast::parts(&message.text).unwrap_or(1),
            reason,
            now,
            names.plan,
            message.terms.broadcast,
        ])?;
        Ok(self.db.last_insert_rowid())
    }

    fn zone(&self, message: &NewMessage, origin: Origin) -> Result<Zone, StoreError> {
        let any_time =
            message.class == MessageClass::Emergency || origin.is_answer() || message.terms.urgent;
        match Msisdn::parse(&message.to) {
            Ok(number) if !any_time => Ok(Zone::of_number(&number, self.policy()?.offset_min)),
            _ => Ok(Zone::ANY_TIME),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use node_core::message::budget::LinkBudget;
    use node_core::message::order::Order;
    use node_core::message::policy::Policy;
    use node_core::turn::{Claim, ClaimKind, Turn};
    use node_core::view::Terms;

    use super::*;
    use crate::migrate::tests::check_index;
    use crate::sqlite::SqliteStore;
    use crate::world::{at, config, programmes};
    use crate::{HubStore, Outbox};

    #[test]
    fn fences_use_an_index() {
        for sql in [
            KNOWN,
            WAITING,
            REPLIED,
            CODES_TO,
            CODES,
            WITHDRAW_PLAN,
            SAID,
        ] {
            check_index(sql);
        }
    }

    fn asked(cause: String, number: u32, class: MessageClass) -> NewMessage {
        NewMessage {
            text: format!("about {cause}"),
            cause,
            to: format!("+2547110{number:05}"),
            class,
            validity_s: 600,
            covers: Vec::new(),
            terms: Terms::default(),
        }
    }

    async fn claimed(store: &SqliteStore, second: i64) -> Vec<Claim> {
        let kind = ClaimKind::MessagesOver {
            link: "sim-1".to_owned(),
        };
        let mut all = Vec::new();
        loop {
            let claims = store.claim(kind.clone(), 256, at(second)).await.unwrap();
            if claims.is_empty() {
                return all;
            }
            all.extend(claims);
        }
    }

    /// S15: 100,000 requests for codes over 10,000 numbers in a day stay under the caps, and alerts
    /// and payment notices still leave.
    #[tokio::test]
    async fn pumped_codes_stay_under_their_caps_and_alerts_still_leave() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(config(&programmes(), folder.path(), "kibo")).unwrap();
        let mut policy = Policy::default();
        let budget = LinkBudget {
            minute_parts: 0,
            ..LinkBudget::SIM
        };
        policy.links.insert("sim-1".to_owned(), budget);
        let set = Turn::Order(Order::SetPolicy(policy));
        store.commit(set, at(0)).await.unwrap();
        let mut left: BTreeMap<String, u32> = BTreeMap::new();
        let mut requests = 0_u32;
        for hour in 0..24_i64 {
            let second = hour * 3_600;
            let first = requests;
            requests += 4_167;
            let last = requests;
            store
                .write(at(second), move |tx| {
                    for n in first..last {
                        tx.enqueue(&asked(format!("code:{n}"), n % 10_000, MessageClass::Money))?;
                    }
                    let paid = 20_000 + u32::try_from(hour).unwrap_or(0);
                    tx.enqueue(&asked(format!("pay:{first}"), paid, MessageClass::Money))?;
                    tx.enqueue(&asked(
                        format!("sos:{first}"),
                        30_000,
                        MessageClass::Emergency,
                    ))
                })
                .await
                .unwrap();
            for claim in claimed(&store, second + 1).await {
                let Claim::Message { to, .. } = claim else {
                    panic!("an effect")
                };
                *left.entry(to).or_default() += 1;
            }
        }
        assert!(requests > 100_000);
        let alerts = left.remove("+254711030000");
        let paid = (20_000..20_024).filter(|n| left.remove(&format!("+2547110{n}")).is_some());
        assert_eq!((alerts, paid.count()), (Some(24), 24));
        let codes: u32 = left.values().sum();
        assert!(
            (24 * 40..=24 * breaker::CODES_AN_HOUR_MAX).contains(&codes),
            "{codes}"
        );
        assert!(
            left.values()
                .all(|codes| *codes <= breaker::CODES_A_DAY_MAX)
        );
    }
}
