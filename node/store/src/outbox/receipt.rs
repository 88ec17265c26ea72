//! Delivery receipts: what was handed over, what a receipt says about it, and receipts that wait.
//!
//! Follows SMPP 3.4 §2.11 and CHANNELS rules CH8–CH10. Which message is meant is decided in
//! [`matching`]. A receipt that may be about a message without an id yet is parked; one that is
//! about nothing for certain is logged: it never marks the wrong message, and never makes one be
//! sent again.

mod matching;

use channels_core::SmsStatus;
use channels_core::smpp::receipt::{canonical, reference};
use node_core::message::state::{MessageEvent, MessageState, next};
use rusqlite::{OptionalExtension, Row, params};

use self::matching::Match;
use super::hex;
use crate::hub_store::StoreError;
use crate::tx::Tx;

/// How long a receipt waits for the id of its message, in milliseconds; then it gets a last try.
const PARKED_MS_MAX: i64 = 600_000;
/// Receipts that may wait; of more the oldest are dropped, which leaves their messages as sent.
const PARKED_MAX: i64 = 10_000;
/// Parked receipts looked at in one go; the others follow with the next one.
const PARKED_BATCH_MAX: i64 = 100;
/// How long after its validity a message still takes a receipt, in milliseconds.
const AFTER_VALIDITY_MS: i64 = 86_400_000;

const NOTE: &str = "INSERT OR IGNORE INTO handover (message, recipient, reference, until)
    VALUES (?1, ?2, ?3, ?4)";
const PRUNE: &str = "DELETE FROM handover WHERE until < ?1 AND message IN
    (SELECT message FROM handover ORDER BY message LIMIT 4)";
const NAME: &str = "UPDATE handover SET account = ?2, key = ?3 WHERE message = ?1
    RETURNING recipient";
const STATE_OF: &str = "SELECT state FROM message WHERE number = ?1";
const TOLD: &str = "UPDATE handover SET told = ?2 WHERE message = ?1";
const PARK: &str = "INSERT INTO parked_receipt
    (at, account, message_id, key, recipient, reference, delivered)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const PARK_PRUNE: &str = "DELETE FROM parked_receipt
    WHERE number <= (SELECT max(number) FROM parked_receipt) - ?1";
const PARKED_FOR: &str = "SELECT number, account, message_id, recipient, reference, delivered
    FROM parked_receipt WHERE account = ?1 AND recipient = ?2
    UNION ALL SELECT number, account, message_id, recipient, reference, delivered
    FROM parked_receipt WHERE account = ?1 AND recipient IS NULL AND key = ?3 LIMIT ?4";
const PARKED_DUE: &str = "SELECT number, account, message_id, recipient, reference, delivered
    FROM parked_receipt WHERE at <= ?1 ORDER BY at LIMIT ?2";
const UNPARK: &str = "DELETE FROM parked_receipt WHERE number = ?1";

/// A receipt with the phone as the outbox names it.
struct Receipt {
    account: String,
    message_id: String,
    recipient: Option<i64>,
    reference: Option<u16>,
    delivered: bool,
}

impl Receipt {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            account: row.get(1)?,
            message_id: row.get(2)?,
            recipient: row.get(3)?,
            reference: row.get(4)?,
            delivered: row.get(5)?,
        })
    }
}

impl Tx<'_> {
    /// A message is about to be handed over: from now on a receipt may speak of it.
    pub(super) fn note_handover(
        &self,
        message: i64,
        (id, to): (&[u8], &str),
        expires_ms: i64,
    ) -> Result<(), StoreError> {
        let until = expires_ms.saturating_add(AFTER_VALIDITY_MS);
        let recipient = self.recipient_token(to);
        let reference = reference(&hex(id)).map_or(-1, i64::from);
        self.db
            .prepare_cached(NOTE)?
            .execute(params![message, recipient, reference, until])?;
        self.db.prepare_cached(PRUNE)?.execute([self.now_ms()])?;
        Ok(())
    }

    /// The network answered for a message, with its id or without; receipts may wait for that.
    pub(super) fn note_network_id(
        &self,
        message: i64,
        account: &str,
        network_id: &str,
    ) -> Result<(), StoreError> {
        let key = canonical(network_id);
        let recipient: Option<i64> = self
            .db
            .prepare_cached(NAME)?
            .query_row(params![message, account, key], |row| row.get(0))
            .optional()?;
        let mut statement = self.db.prepare_cached(PARKED_FOR)?;
        let parked = statement
            .query_map(params![account, recipient, key, PARKED_BATCH_MAX], |row| {
                Ok((row.get(0)?, Receipt::read(row)?))
            })?
            .collect::<Result<Vec<_>, _>>()?;
        for (number, receipt) in parked {
            self.try_parked(number, &receipt, true)?;
        }
        Ok(())
    }

    /// Gives receipts that waited long enough their last try.
    pub(super) fn settle_parked(&self) -> Result<(), StoreError> {
        let before = self.now_ms().saturating_sub(PARKED_MS_MAX);
        let mut statement = self.db.prepare_cached(PARKED_DUE)?;
        let due = statement
            .query_map([before, PARKED_BATCH_MAX], |row| {
                Ok((row.get(0)?, Receipt::read(row)?))
            })?
            .collect::<Result<Vec<_>, _>>()?;
        for (number, receipt) in due {
            self.try_parked(number, &receipt, false)?;
        }
        Ok(())
    }

    fn try_parked(&self, number: i64, receipt: &Receipt, wait: bool) -> Result<(), StoreError> {
        match self.match_receipt(receipt, wait)? {
            Match::Wait => return Ok(()),
            Match::One(message) => self.apply_receipt(message, receipt.delivered)?,
            // Without a phone it may still be about a message that is answered later.
            Match::Nothing if wait && receipt.recipient.is_none() => return Ok(()),
            Match::Nothing => log_unmatched(receipt),
        }
        self.db.prepare_cached(UNPARK)?.execute([number])?;
        Ok(())
    }

    /// Takes a delivery receipt; one that is not final says nothing.
    ///
    /// One with our own id needs no matching, and settles a lost answer: nobody else knows it.
    pub(crate) fn message_status(&self, status: &SmsStatus) -> Result<(), StoreError> {
        let Some(delivered) = status.delivered else {
            return Ok(());
        };
        if let Some(message) = self.own_message(&status.message_id)? {
            return self.apply_receipt(message, delivered);
        }
        let recipient = status.recipient.as_ref();
        let receipt = Receipt {
            account: status.link.0.clone(),
            message_id: status.message_id.clone(),
            recipient: recipient.map(|phone| self.recipient_token(&phone.to_e164())),
            reference: status.reference,
            delivered,
        };
        match self.match_receipt(&receipt, true)? {
            Match::One(message) => self.apply_receipt(message, delivered),
            Match::Nothing if receipt.recipient.is_some() => {
                log_unmatched(&receipt);
                Ok(())
            }
            Match::Wait | Match::Nothing => self.park_receipt(&receipt),
        }
    }

    fn park_receipt(&self, receipt: &Receipt) -> Result<(), StoreError> {
        self.db.prepare_cached(PARK)?.execute(params![
            self.now_ms(),
            receipt.account,
            receipt.message_id,
            canonical(&receipt.message_id),
            receipt.recipient,
            receipt.reference,
            receipt.delivered
        ])?;
        self.db.prepare_cached(PARK_PRUNE)?.execute([PARKED_MAX])?;
        Ok(())
    }

    /// Moves a message by its receipt; the table of states says which may still move (CH9).
    fn apply_receipt(&self, message: i64, delivered: bool) -> Result<(), StoreError> {
        self.db
            .prepare_cached(TOLD)?
            .execute(params![message, delivered])?;
        let number: Option<u8> = self
            .db
            .prepare_cached(STATE_OF)?
            .query_row([message], |row| row.get(0))
            .optional()?;
        let Some(now) = number.and_then(MessageState::of_number) else {
            return Ok(());
        };
        // The network has it, so the answer that is awaited is as good as lost.
        let now = match now {
            MessageState::Submitting => next(now, MessageEvent::AnswerLost).unwrap_or(now),
            other => other,
        };
        let event = if delivered {
            MessageEvent::ReceiptDelivered
        } else {
            MessageEvent::ReceiptFailed
        };
        match next(now, event) {
            Some(state) => self.set_message_state(message, i64::from(state.number())),
            None => Ok(()),
        }
    }
}

fn log_unmatched(receipt: &Receipt) {
    tracing::warn!(
        link = receipt.account,
        receipt.delivered = receipt.delivered,
        receipt.phone = receipt.recipient.is_some(),
        "a delivery receipt matches no message"
    );
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use channels_core::LinkName;

    use super::*;
    use crate::config::ReadyConfig;
    use crate::keys::{Secrets, Vault};
    use crate::migrate::tests::check_index;
    use crate::migrate::{Access, connect, migrate};
    use crate::world::{at, config, programmes};

    #[test]
    // `PRUNE` is left out: it walks four rows of the table in its own order.
    fn receipts_use_an_index() {
        for sql in [
            NOTE, NAME, STATE_OF, TOLD, PARK_PRUNE, PARKED_FOR, PARKED_DUE, UNPARK,
        ] {
            check_index(sql);
        }
    }
    fn sent_before_format_3(tx: &Tx<'_>, number: i64, network_id: &str, recipient: i64) {
        let id = [u8::try_from(number).unwrap(); 16];
        tx.db
            .execute(
                "INSERT INTO message (number, id, class, state, due_at, leased_until, attempt,
                 expires_at, link, network_id, owner, sealed, recipient)
                 VALUES (?1, ?2, 2, 2, 0, 0, 1, ?3, 'operator-a', ?4, 1, x'00', ?5)",
                params![number, id, tx.now_ms() + 3_600_000, network_id, recipient],
            )
            .unwrap();
    }

    fn state(tx: &Tx<'_>, number: i64) -> u8 {
        let read = |row: &Row<'_>| row.get(0);
        tx.db.query_row(STATE_OF, [number], read).unwrap()
    }

    #[test]
    fn what_was_handed_over_before_format_3_is_still_found_by_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let config = ReadyConfig::new(config(&programmes(), folder.path(), "kibo")).unwrap();
        std::fs::create_dir_all(&config.folder).unwrap();
        let db = connect(&config.folder, Access::Write).unwrap();
        for format in [
            include_str!("../migrations/0001.sql"),
            include_str!("../migrations/0002.sql"),
        ] {
            db.execute_batch(format).unwrap();
        }
        db.pragma_update(None, "user_version", 2).unwrap();
        let vault = Arc::new(Vault::new(Secrets::generate().unwrap()).unwrap());
        let tx = Tx::new(&db, Arc::clone(&vault), &config, at(0)).unwrap();
        tx.data_key(crate::seal::Owner::Day(tx.today())).unwrap();
        let known = tx.recipient_token("+254711000001");
        sent_before_format_3(&tx, 1, "0000A7", known);
        sent_before_format_3(&tx, 2, "A8", 0);
        sent_before_format_3(&tx, 3, "A9", known);
        sent_before_format_3(&tx, 4, " ", known);
        migrate(&db).unwrap();
        let tx = Tx::new(&db, vault, &config, at(10)).unwrap();
        let status = |id: &str, phone: Option<&str>| SmsStatus {
            recipient: phone.map(|phone| channels_core::Msisdn::parse(phone).unwrap()),
            ..SmsStatus::new(LinkName("operator-a".to_owned()), id.to_owned(), Some(true))
        };
        let phone = Some("+254711000001");
        for status in [
            status("a7", phone),
            status("0A8", phone),
            status("A9", Some("+254711000002")),
        ] {
            tx.message_status(&status).unwrap();
        }
        let states = [1, 2, 3, 4].map(|number| state(&tx, number));
        assert_eq!(states, [3, 3, 2, 2]);
        tx.message_status(&status("A9", None)).unwrap();
        assert_eq!(state(&tx, 3), 3);
    }
}
