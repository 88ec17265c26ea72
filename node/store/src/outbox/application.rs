//! Messages of local applications in the outbox, and the receipts that they are owed.
//!
//! A row stands beside the message until the application was told its end, or wants no receipt and
//! the message has left. The number of rows is what the queue limit of the application counts.

use node_core::application::{ApplicationMessage, ApplicationReceipt};
use node_core::turn::{Claim, Committed, Private};
use node_core::view::{NewMessage, Terms};
use rusqlite::{OptionalExtension, params};

use super::{SealedMessage, hex, parse_hex, row};
use crate::hub_store::StoreError;
use crate::keys::random;
use crate::tx::Tx;

/// How long after its validity an end is waited for, in milliseconds; then the row goes.
const AFTER_VALIDITY_MS: i64 = 86_400_000;

const NUMBER: &str = "SELECT number FROM message WHERE id = ?1";
const INSERT: &str =
    "INSERT INTO application_message (message, application, source, receipt, until)
    VALUES (?1, ?2, ?3, ?4, ?5)";
const COUNT: &str = "SELECT count(*) FROM application_message WHERE application = ?1";
const PRUNE: &str = "DELETE FROM application_message WHERE application = ?1 AND (until < ?2
    OR (receipt = 0 AND message IN (SELECT number FROM message WHERE number = message
    AND state > 1)))";
const ENDED: &str = "SELECT id, state, owner, sealed, source FROM application_message
    JOIN message ON message.number = application_message.message
    WHERE application = ?1 AND receipt = 1 AND state IN (3, 4, 5, 7) LIMIT ?2";
const TOLD: &str = "DELETE FROM application_message WHERE message =
    (SELECT number FROM message WHERE id = ?1)";

/// `message.state`: proved delivered.
const DELIVERED: i64 = 3;

impl Tx<'_> {
    /// Queues an application's message; its outbox id, or nothing when its queue is full.
    pub(crate) fn take_application(
        &self,
        message: &ApplicationMessage,
    ) -> Result<Committed, StoreError> {
        let application = message.application.as_str();
        self.db
            .prepare_cached(PRUNE)?
            .execute(params![application, self.now_ms()])?;
        let waiting: i64 = self
            .db
            .prepare_cached(COUNT)?
            .query_row([application], |row| row.get(0))?;
        if waiting >= i64::from(message.queue_max) {
            return Ok(Committed::Submitted(None));
        }
        // Every submit is its own cause: SMPP gives no name by which a repeat could be known.
        let cause = format!("application:{application}:{}", hex(&random::<16>()?));
        let id = self.exact_token("cause", &[cause.as_bytes()]);
        let queued = self.enqueue(&NewMessage {
            cause,
            to: message.to.to_e164(),
            text: message.text.0.clone(),
            class: message.class,
            validity_s: message.validity_s,
            covers: Vec::new(),
            terms: Terms::default(),
        })?;
        let number: Option<i64> = self
            .db
            .prepare_cached(NUMBER)?
            .query_row([id], |row| row.get(0))
            .optional()?;
        let Some(number) = number else {
            tracing::info!(outcome = ?queued, "a message of an application was not taken");
            return Ok(Committed::Submitted(None));
        };
        let validity_ms = i64::from(message.validity_s).saturating_mul(1_000);
        let until = self
            .now_ms()
            .saturating_add(validity_ms)
            .saturating_add(AFTER_VALIDITY_MS);
        self.db.prepare_cached(INSERT)?.execute(params![
            number,
            application,
            message.source,
            message.wants_receipt,
            until
        ])?;
        Ok(Committed::Submitted(Some(hex(&id))))
    }

    /// Ends that an application is owed; each comes again until it was told.
    pub(crate) fn claim_application_receipts(
        &self,
        application: &str,
        limit: u32,
    ) -> Result<Vec<Claim>, StoreError> {
        let mut statement = self.db.prepare_cached(ENDED)?;
        let mut found = statement.query(params![application, limit])?;
        let mut claims = Vec::new();
        while let Some(columns) = found.next()? {
            let id: Vec<u8> = columns.get(0)?;
            let sealed: Vec<u8> = columns.get(3)?;
            let message: SealedMessage = self.open_owned(columns.get(2)?, row(&id), &sealed)?;
            claims.push(Claim::ApplicationReceipt(ApplicationReceipt {
                id: hex(&id),
                source: columns.get(4)?,
                to: Private(message.to),
                delivered: columns.get::<_, i64>(1)? == DELIVERED,
            }));
        }
        Ok(claims)
    }

    /// An application was told the end of its message.
    pub(crate) fn application_told(&self, id: &str) -> Result<(), StoreError> {
        if let Some(id) = parse_hex(id) {
            self.db.prepare_cached(TOLD)?.execute([id])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn rows_of_applications_are_found_by_an_index() {
        for sql in [NUMBER, COUNT, PRUNE, ENDED, TOLD] {
            check_index(sql);
        }
    }
}
