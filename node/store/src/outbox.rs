//! The outbox of messages to phones: queued with their cause, leased, reported, proved delivered.
//!
//! The steps between states are those of [`node_core::message::state`] (docs/states/message.md).
//! The id is the keyed hash of the cause, so one cause is one message for ever. A message whose
//! hand-over may have happened is never sent again blindly; emergency and money once (CH24).

mod account;
mod alert;
mod application;
mod approval;
mod audience;
mod broadcast;
mod farewell;
mod list;
mod pick;
pub(crate) mod queue;
mod receipt;

use channels_core::SubmitOutcome;
use node_core::message::retry;
use node_core::message::state::{MessageEvent, MessageState, event_of, may_repeat, next};
use node_core::view::MessageClass;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::hub_store::StoreError;
use crate::keys::random;
use crate::seal::Row;
use crate::tx::Tx;

/// How long a claimed message belongs to its claimer; after that its outcome is unknown. Longer than
/// the node waits for a link's answer (150 s): a modem may take 125 s to say what became of it.
pub(crate) const LEASE_MS: i64 = 180_000;
/// Rows that one claim may take.
pub(crate) const CLAIM_MAX: u32 = 256;

#[derive(Serialize, Deserialize)]
struct SealedMessage {
    to: String,
    text: String,
}

/// Rows by state word.
pub(crate) type WordCounts = Vec<(String, u64)>;

const BY_ID: &str = "SELECT number, state, attempt, class, parts, possible_duplicate, expires_at
    FROM message WHERE id = ?1";
const SENT: &str = "UPDATE message SET state = 2, link = ?2, network_id = ?3, repeat_at = NULL
    WHERE number = ?1";
const LATER: &str = "UPDATE message SET state = 0, due_at = ?2, handed_at = NULL
    WHERE number = ?1";
const THROTTLED: &str = "UPDATE message SET state = 0, due_at = ?2, handed_at = NULL,
    attempt = max(attempt - 1, 0) WHERE number = ?1";
const REFUSED: &str = "UPDATE message SET state = 4, reason = ?2 WHERE number = ?1";
const LOST: &str = "UPDATE message SET state = 6, repeat_at = ?2 WHERE number = ?1";
const STATE: &str = "UPDATE message SET state = ?2 WHERE number = ?1";
const CONFIRMED: &str = "SELECT count(DISTINCT entry) FROM message_cover
    JOIN message ON message.number = message_cover.message WHERE state = 3";
const CANCEL: &str = "UPDATE message SET state = 7, reason = ?2 WHERE recipient = ?1
    AND handed_at IS NULL AND state IN (0, 8) AND class >= 2 AND origin <> 1";
// Rows of format 1 do not know their recipient.
const CANCEL_SCAN: &str = "SELECT number, id, owner, sealed FROM message
    WHERE recipient = 0 AND handed_at IS NULL AND state = 0 AND class >= 2";

/// A row whose hand-over is reported.
struct Reported {
    number: i64,
    state: MessageState,
    attempt: u32,
    class: MessageClass,
    parts: u32,
    possible_duplicate: bool,
    expires_at: i64,
}

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

/// The wait before the next attempt, with jitter.
pub(crate) fn backoff_ms(attempt: u32) -> Result<i64, StoreError> {
    let [jitter] = random::<1>()?;
    Ok(retry::backoff_ms(attempt, jitter))
}

impl Tx<'_> {
    fn reported(&self, id: &str) -> Result<Option<Reported>, StoreError> {
        let Some(id) = parse_hex(id) else {
            return Ok(None);
        };
        Ok(self
            .db
            .prepare_cached(BY_ID)?
            .query_row([id], |row| {
                Ok(Reported {
                    number: row.get(0)?,
                    state: MessageState::of_number(row.get(1)?).unwrap_or(MessageState::Cancelled),
                    attempt: row.get(2)?,
                    class: parse_class(row.get(3)?),
                    parts: row.get(4)?,
                    possible_duplicate: row.get(5)?,
                    expires_at: row.get(6)?,
                })
            })
            .optional()?)
    }

    /// Records what became of a claimed message; late and repeated reports change nothing.
    pub(crate) fn finish_message(
        &self,
        id: &str,
        link: &str,
        outcome: SubmitOutcome,
    ) -> Result<(), StoreError> {
        let Some(row) = self.reported(id)? else {
            return Ok(());
        };
        if next(row.state, event_of(&outcome)).is_none() {
            return Ok(());
        }
        match outcome {
            SubmitOutcome::Sent { message_id } => {
                self.db
                    .prepare_cached(SENT)?
                    .execute(params![row.number, link, message_id])?;
                self.account_pays(link)?;
                self.note_network_id(row.number, link, &message_id)
            }
            SubmitOutcome::TryLater { after_s } => {
                let wait = backoff_ms(row.attempt)?.max(i64::from(after_s) * 1_000);
                self.wait_again(&row, link, self.now_ms().saturating_add(wait))
            }
            SubmitOutcome::Throttled { after_s } => {
                let due = self.now_ms().saturating_add(i64::from(after_s) * 1_000);
                self.db
                    .prepare_cached(THROTTLED)?
                    .execute([row.number, due])?;
                self.give_back(link, row.parts)
            }
            SubmitOutcome::NoCredit => {
                self.wait_again(&row, link, self.now_ms())?;
                self.account_is_empty(link)
            }
            SubmitOutcome::Failed { code } => {
                self.db
                    .prepare_cached(REFUSED)?
                    .execute(params![row.number, code])?;
                Ok(())
            }
            SubmitOutcome::Unknown => self.lose_answer(&row, link),
        }
    }

    fn wait_again(&self, row: &Reported, link: &str, due: i64) -> Result<(), StoreError> {
        self.db.prepare_cached(LATER)?.execute([row.number, due])?;
        self.give_back(link, row.parts)
    }

    /// It may have left: unknown, and for emergency and money one repeat after a while (CH24).
    fn lose_answer(&self, row: &Reported, link: &str) -> Result<(), StoreError> {
        let repeat_at = self.now_ms().saturating_add(retry::REPEAT_AFTER_MS);
        let repeats = may_repeat(row.class, row.possible_duplicate) && repeat_at < row.expires_at;
        self.db
            .prepare_cached(LOST)?
            .execute(params![row.number, repeats.then_some(repeat_at)])?;
        self.note_network_id(row.number, link, "")
    }

    /// A claimed message became stale before it was handed to its link (CH20).
    pub(crate) fn message_is_stale(&self, id: &str, link: &str) -> Result<(), StoreError> {
        let Some(row) = self.reported(id)? else {
            return Ok(());
        };
        let back = next(row.state, MessageEvent::Later);
        if let Some(end) = back.and_then(|state| next(state, MessageEvent::ValidityEnded)) {
            self.wait_again(&row, link, self.now_ms())?;
            self.set_message_state(row.number, i64::from(end.number()))?;
        }
        Ok(())
    }

    fn set_message_state(&self, number: i64, state: i64) -> Result<(), StoreError> {
        self.db.prepare_cached(STATE)?.execute([number, state])?;
        Ok(())
    }

    /// The message that a receipt names by our own id, as some aggregators do.
    fn own_message(&self, id: &str) -> Result<Option<i64>, StoreError> {
        Ok(self.reported(id)?.map(|row| row.number))
    }

    /// Withdraws what waits for a number in the classes health, reminder and broadcast; direct
    /// answers stay, so that a STOP is confirmed before it blocks (CH21).
    pub(crate) fn cancel_messages(&self, to: &str) -> Result<(), StoreError> {
        self.db
            .prepare_cached(CANCEL)?
            .execute(params![self.recipient_token(to), queue::REASON_STOPPED])?;
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
            self.set_message_state(number, i64::from(MessageState::Cancelled.number()))?;
        }
        Ok(())
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
    use std::sync::Arc;

    use super::*;
    use crate::config::ReadyConfig;
    use crate::keys::{Secrets, Vault};
    use crate::migrate::tests::check_index;
    use crate::migrate::{Access, connect, migrate};
    use crate::seal::Owner;
    use crate::world::{at, config, programmes};

    #[test]
    fn claims_and_receipts_use_an_index() {
        for sql in [BY_ID, CANCEL, CANCEL_SCAN, SENT, LATER, THROTTLED, LOST] {
            check_index(sql);
        }
    }

    /// Writes a waiting row as the previous release did.
    fn old_row(tx: &Tx<'_>, id: u8, to: &str) {
        let key = tx.data_key(Owner::Day(tx.today())).unwrap();
        let id = [id; 16];
        let value = SealedMessage {
            to: to.to_owned(),
            text: "text".to_owned(),
        };
        let sealed = key.seal_value(row(&id), &value).unwrap();
        tx.db
            .execute(
                "INSERT INTO message (id, class, state, due_at, leased_until, attempt, expires_at,
                 owner, sealed) VALUES (?1, 2, 0, ?2, 0, 0, ?3, ?4, ?5)",
                params![id, tx.now_ms(), tx.now_ms() + 3_600_000, key.id, sealed],
            )
            .unwrap();
    }

    #[test]
    fn rows_of_format_1_still_leave_and_a_stop_still_finds_them() {
        let folder = tempfile::tempdir().unwrap();
        let config = ReadyConfig::new(config(&programmes(), folder.path(), "kibo")).unwrap();
        std::fs::create_dir_all(&config.folder).unwrap();
        let db = connect(&config.folder, Access::Write).unwrap();
        db.execute_batch(include_str!("migrations/0001.sql"))
            .unwrap();
        db.pragma_update(None, "user_version", 1).unwrap();
        let vault = Arc::new(Vault::new(Secrets::generate().unwrap()).unwrap());
        let tx = Tx::new(&db, Arc::clone(&vault), &config, at(0)).unwrap();
        for n in 1..=8 {
            old_row(&tx, n, &format!("+25471100000{n}"));
        }
        migrate(&db).unwrap();
        let tx = Tx::new(&db, vault, &config, at(10)).unwrap();
        tx.cancel_messages("+254711000003").unwrap();
        let claims = tx.claim_messages(None, 100).unwrap();
        assert_eq!(
            claims.len(),
            7,
            "the breaker must not take them for one recipient"
        );
        let counts = tx.count_messages().unwrap();
        assert!(counts.contains(&("cancelled".to_owned(), 1)), "{counts:?}");
    }

    proptest::proptest! {
        #[test]
        fn ids_read_back_and_other_texts_are_refused(bytes: [u8; 16], text in ".{0,40}") {
            proptest::prop_assert_eq!(parse_hex(&hex(&bytes)), Some(bytes.to_vec()));
            let _parsed = parse_hex(&text);
        }
    }
}
