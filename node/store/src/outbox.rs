//! The outbox of messages to phones: queued with their cause, leased, reported, proved delivered.
//!
//! ```text
//! queued → submitting → sent → delivered | failed
//!        ↘ expired    ↘ unknown → delivered | failed (only by a receipt)
//! ```
//! The id is the keyed hash of the cause, so one cause is one message for ever. A message whose
//! hand-over may have happened is never sent again blindly.

use channels_core::{SmsStatus, SubmitOutcome};
use node_core::turn::{Claim, Private};
use node_core::view::{MessageClass, NewMessage};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::hub_store::StoreError;
use crate::keys::random;
use crate::seal::{Owner, Row};
use crate::tx::Tx;

/// How long a claimed row belongs to its claimer; after that its outcome is unknown.
pub(crate) const LEASE_MS: i64 = 60_000;
/// Rows that one claim may take.
pub(crate) const CLAIM_MAX: u32 = 256;
/// First wait after "later", doubled at each attempt.
const BACKOFF_FIRST_MS: i64 = 1_000;
/// Longest wait between attempts.
pub(crate) const BACKOFF_MS_MAX: i64 = 3_600_000;
/// How long a message waits when the account of its link holds no credit.
const NO_CREDIT_MS: i64 = 900_000;
/// Receipts kept that came before the network's id was known; the oldest go first.
const EARLY_MAX: i64 = 10_000;
/// How long they are kept.
const EARLY_MS_MAX: i64 = 86_400_000;

#[derive(Serialize, Deserialize)]
struct SealedMessage {
    to: String,
    text: String,
}

type NumberAndState = (i64, i64);

/// Rows by state word.
pub(crate) type WordCounts = Vec<(String, u64)>;

const STATES: [&str; 7] = [
    "queued",
    "submitting",
    "sent",
    "delivered",
    "failed",
    "expired",
    "unknown",
];

const INSERT: &str = "INSERT OR IGNORE INTO message
    (id, class, state, due_at, leased_until, attempt, expires_at, owner, sealed)
    VALUES (?1, ?2, 0, ?3, 0, 0, ?4, ?5, ?6)";
const COVER: &str = "INSERT OR IGNORE INTO message_cover (message, entry) VALUES (?1, ?2)";
const LAPSE: &str = "UPDATE message SET state = 6 WHERE state = 1 AND leased_until <= ?1";
const EXPIRE: &str = "UPDATE message SET state = 5 WHERE state = 0 AND expires_at <= ?1";
const DUE: &str = "SELECT number, id, class, expires_at, attempt, owner, sealed FROM message
    WHERE state = 0 AND due_at <= ?1 ORDER BY class, due_at, number LIMIT ?2";
const LEASE: &str = "UPDATE message SET state = 1, leased_until = ?2, attempt = attempt + 1
    WHERE number = ?1";
const BY_ID: &str = "SELECT number, state, attempt FROM message WHERE id = ?1";
const SENT: &str = "UPDATE message SET state = 2, link = ?2, network_id = ?3 WHERE number = ?1";
const LATER: &str = "UPDATE message SET state = 0, due_at = ?2 WHERE number = ?1";
const STATE: &str = "UPDATE message SET state = ?2 WHERE number = ?1";
const BY_NETWORK: &str = "SELECT number, state FROM message
    WHERE network_id = ?1 AND link = ?2 ORDER BY number DESC LIMIT 1";
const EARLY_PUT: &str = "INSERT OR REPLACE INTO early_status (network_id, link, delivered, at)
    VALUES (?1, ?2, ?3, ?4)";
const EARLY_TAKE: &str = "DELETE FROM early_status WHERE network_id = ?1 AND link = ?2
    RETURNING delivered";
const EARLY_PRUNE: &str = "DELETE FROM early_status WHERE at < ?1 OR (network_id, link) IN
    (SELECT network_id, link FROM early_status ORDER BY at DESC LIMIT -1 OFFSET ?2)";
const COUNTS: &str = "SELECT state, count(*) FROM message GROUP BY state";
const CONFIRMED: &str = "SELECT count(DISTINCT entry) FROM message_cover
    JOIN message ON message.number = message_cover.message WHERE state = 3";
const CANCEL_SCAN: &str = "SELECT number, id, owner, sealed FROM message
    WHERE state = 0 AND class >= 2";

fn row(name: &[u8]) -> Row<'_> {
    Row {
        table: "message",
        name,
    }
}

fn class_number(class: MessageClass) -> u8 {
    match class {
        MessageClass::Emergency => 0,
        MessageClass::Money => 1,
        MessageClass::Health => 2,
        MessageClass::Reminder => 3,
        MessageClass::Broadcast => 4,
    }
}

fn parse_class(number: u8) -> MessageClass {
    match number {
        0 => MessageClass::Emergency,
        1 => MessageClass::Money,
        2 => MessageClass::Health,
        3 => MessageClass::Reminder,
        _ => MessageClass::Broadcast,
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let digits = digits?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| (high << 4) | low).collect())
}

/// The wait before the next attempt: doubles from a second to an hour, plus up to a quarter.
pub(crate) fn backoff_ms(attempt: u32) -> Result<i64, StoreError> {
    let doublings = attempt.saturating_sub(1).min(12);
    let wait = BACKOFF_FIRST_MS
        .saturating_mul(1 << doublings)
        .min(BACKOFF_MS_MAX);
    let [byte] = random::<1>()?;
    Ok(wait.saturating_add(wait.saturating_mul(i64::from(byte)) / 1024))
}

impl Tx<'_> {
    /// Queues a message unless its cause already has one.
    pub(crate) fn queue_message(&self, message: &NewMessage) -> Result<(), StoreError> {
        let id = self.exact_token("cause", &[message.cause.as_bytes()]);
        let key = self.data_key(Owner::Day(self.today()))?;
        let value = SealedMessage {
            to: message.to.clone(),
            text: message.text.clone(),
        };
        let sealed = key.seal_value(row(&id), &value)?;
        let expires = self
            .now_ms()
            .saturating_add(i64::from(message.validity_s) * 1_000);
        let new = self.db.prepare_cached(INSERT)?.execute(params![
            id,
            class_number(message.class),
            self.now_ms(),
            expires,
            key.id,
            sealed
        ])?;
        if new == 1 {
            let number = self.db.last_insert_rowid();
            for registration in &message.covers {
                if let Some(entry) = self.entry_id(registration)? {
                    self.db.prepare_cached(COVER)?.execute([number, entry])?;
                }
            }
        }
        Ok(())
    }

    /// Leases messages that are due, by class, oldest first.
    pub(crate) fn claim_messages(&self, limit: u32) -> Result<Vec<Claim>, StoreError> {
        let now = self.now_ms();
        self.db.prepare_cached(LAPSE)?.execute([now])?;
        self.db.prepare_cached(EXPIRE)?.execute([now])?;
        let mut due = Vec::new();
        let mut statement = self.db.prepare_cached(DUE)?;
        let mut found = statement.query(params![now, limit.min(CLAIM_MAX)])?;
        while let Some(columns) = found.next()? {
            let id: Vec<u8> = columns.get(1)?;
            let sealed: Vec<u8> = columns.get(6)?;
            let message: SealedMessage = self.open_owned(columns.get(5)?, row(&id), &sealed)?;
            let left_ms = columns.get::<_, i64>(3)?.saturating_sub(now);
            let claim = Claim::Message {
                id: hex(&id),
                to: message.to,
                text: Private(message.text),
                class: parse_class(columns.get(2)?),
                validity_s: u32::try_from(left_ms / 1_000).unwrap_or(0).max(1),
                attempt: columns.get::<_, u32>(4)?.saturating_add(1),
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

    /// Records what became of a claimed message; late and repeated reports change nothing.
    pub(crate) fn finish_message(
        &self,
        id: &str,
        link: &str,
        outcome: SubmitOutcome,
    ) -> Result<(), StoreError> {
        let Some(id) = parse_hex(id) else {
            return Ok(());
        };
        let found: Option<(i64, i64, u32)> = self
            .db
            .prepare_cached(BY_ID)?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((number, state, attempt)) = found else {
            return Ok(());
        };
        match outcome {
            // A hand-over that we had to call unknown may still be reported; nothing else may.
            SubmitOutcome::Sent { message_id } if state == 1 || state == 6 => {
                self.db
                    .prepare_cached(SENT)?
                    .execute(params![number, link, message_id])?;
                self.take_early_status(number, link, &message_id)
            }
            SubmitOutcome::TryLater { after_s } if state == 1 => {
                let wait = backoff_ms(attempt)?.max(i64::from(after_s) * 1_000);
                let due = self.now_ms().saturating_add(wait);
                self.db.prepare_cached(LATER)?.execute([number, due])?;
                Ok(())
            }
            // Held, whatever the attempt: the fault is the account's, not the message's.
            SubmitOutcome::NoCredit if state == 1 => {
                let due = self.now_ms().saturating_add(NO_CREDIT_MS);
                self.db.prepare_cached(LATER)?.execute([number, due])?;
                Ok(())
            }
            SubmitOutcome::Failed { .. } if state == 1 => self.set_message_state(number, 4),
            SubmitOutcome::Unknown if state == 1 => self.set_message_state(number, 6),
            _ => Ok(()),
        }
    }

    fn set_message_state(&self, number: i64, state: i64) -> Result<(), StoreError> {
        self.db.prepare_cached(STATE)?.execute([number, state])?;
        Ok(())
    }

    fn take_early_status(
        &self,
        number: i64,
        link: &str,
        network_id: &str,
    ) -> Result<(), StoreError> {
        let delivered: Option<bool> = self
            .db
            .prepare_cached(EARLY_TAKE)?
            .query_row(params![network_id, link], |row| row.get(0))
            .optional()?;
        match delivered {
            Some(delivered) => self.set_message_state(number, if delivered { 3 } else { 4 }),
            None => Ok(()),
        }
    }

    /// The message that a receipt names by our own id, as some aggregators do: number and state.
    fn own_message(&self, id: &str) -> Result<Option<NumberAndState>, StoreError> {
        let Some(id) = parse_hex(id).filter(|id| !id.is_empty()) else {
            return Ok(None);
        };
        Ok(self
            .db
            .prepare_cached(BY_ID)?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?)
    }

    /// Takes a delivery receipt; states only move forward.
    ///
    /// A receipt with our own id settles a message whose answer was lost: nobody else knows it.
    pub(crate) fn message_status(&self, status: &SmsStatus) -> Result<(), StoreError> {
        let Some(delivered) = status.delivered else {
            return Ok(());
        };
        let link = status.link.0.as_str();
        let found: Option<(i64, i64)> = self
            .db
            .prepare_cached(BY_NETWORK)?
            .query_row(params![status.message_id, link], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let found = match found {
            Some(found) => Some(found),
            None => self.own_message(&status.message_id)?,
        };
        match found {
            Some((number, 1 | 2 | 6)) => {
                self.set_message_state(number, if delivered { 3 } else { 4 })
            }
            Some(_) => Ok(()),
            None => {
                let now = self.now_ms();
                self.db
                    .prepare_cached(EARLY_PRUNE)?
                    .execute([now.saturating_sub(EARLY_MS_MAX), EARLY_MAX])?;
                self.db.prepare_cached(EARLY_PUT)?.execute(params![
                    status.message_id,
                    link,
                    delivered,
                    now
                ])?;
                Ok(())
            }
        }
    }

    /// Ends what is queued for a number in the classes health, reminder and broadcast.
    pub(crate) fn cancel_messages(&self, to: &str) -> Result<(), StoreError> {
        let mut cancelled = Vec::new();
        let mut statement = self.db.prepare_cached(CANCEL_SCAN)?;
        let mut found = statement.query([])?;
        while let Some(columns) = found.next()? {
            let id: Vec<u8> = columns.get(1)?;
            let sealed: Vec<u8> = columns.get(3)?;
            let message: SealedMessage = self.open_owned(columns.get(2)?, row(&id), &sealed)?;
            if message.to == to {
                cancelled.push(columns.get::<_, i64>(0)?);
            }
        }
        for number in cancelled {
            self.set_message_state(number, 5)?;
        }
        Ok(())
    }

    /// Messages by state word.
    pub(crate) fn count_messages(&self) -> Result<WordCounts, StoreError> {
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

    /// Registrations covered by a message that was proved delivered.
    pub(crate) fn count_confirmed(&self) -> Result<u64, StoreError> {
        let count: i64 = self
            .db
            .prepare_cached(CONFIRMED)?
            .query_row([], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn claims_and_receipts_use_an_index() {
        for sql in [
            LAPSE,
            EXPIRE,
            DUE,
            LEASE,
            BY_ID,
            BY_NETWORK,
            EARLY_TAKE,
            CANCEL_SCAN,
        ] {
            check_index(sql);
        }
    }

    #[test]
    fn waits_double_up_to_an_hour_and_a_quarter() {
        let waits: Vec<i64> = (1..=20)
            .map(|attempt| backoff_ms(attempt).unwrap())
            .collect();
        assert!((1_000..=1_250).contains(&waits[0]));
        assert!((2_000..=2_500).contains(&waits[1]));
        assert!((BACKOFF_MS_MAX..=BACKOFF_MS_MAX / 4 * 5).contains(&waits[19]));
    }

    proptest::proptest! {
        #[test]
        fn ids_read_back_and_other_texts_are_refused(bytes: [u8; 16], text in ".{0,40}") {
            proptest::prop_assert_eq!(parse_hex(&hex(&bytes)), Some(bytes.to_vec()));
            let _parsed = parse_hex(&text);
        }
    }
}
