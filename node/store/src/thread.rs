//! Threads of the inbox: what people wrote that no rule understood, and what was answered (CH22).
//!
//! A thread belongs to one number and is named by a keyed hash of it; its texts are sealed under
//! the key of their day and go with it. A list shows them to whoever may run the program here.

use node_core::message::broadcast;
use node_core::message::order::OrderRefusal;
use node_core::query::InboxRow;
use node_core::view::{MessageClass, NewMessage, Terms};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::hub_store::StoreError;
use crate::outbox::queue::Queued;
use crate::seal::{Owner, Row};
use crate::tx::Tx;

/// Texts of one sender kept in 24 h; further ones are counted nowhere and dropped, so that one
/// machine cannot fill the disk.
pub(crate) const TEXTS_A_DAY_MAX: u32 = 100;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

#[derive(Serialize, Deserialize)]
struct SealedText {
    from: String,
    text: String,
}

const INSERT: &str = "INSERT INTO inbox_text (thread, ours, desk, at, owner, sealed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const LATELY: &str = "SELECT count(*) FROM inbox_text WHERE thread = ?1 AND at > ?2";
const NEWEST: &str = "SELECT thread, ours, desk, at, owner, sealed FROM inbox_text
    ORDER BY number DESC LIMIT ?1";
const LAST: &str = "SELECT owner, sealed FROM inbox_text WHERE thread = ?1 AND ours = 0
    ORDER BY number DESC LIMIT 1";
const COUNT: &str = "SELECT count(*) FROM inbox_text WHERE thread = ?1 AND ours = 1";

fn row() -> Row<'static> {
    Row {
        table: "inbox_text",
        name: b"text",
    }
}

impl Tx<'_> {
    /// Keeps a text for people, under the desk that its first word names.
    pub(crate) fn keep_text(&self, from: &str, text: &str) -> Result<(), StoreError> {
        let thread = self.recipient_token(from);
        let since = self.now_ms().saturating_sub(DAY_MS);
        let lately: u32 = self
            .db
            .prepare_cached(LATELY)?
            .query_row(params![thread, since], |row| row.get(0))?;
        if lately >= TEXTS_A_DAY_MAX {
            return Ok(());
        }
        let policy = self.policy()?;
        let desk = policy.desk(text).unwrap_or_default();
        self.put_text((thread, from), (desk, text), false)
    }

    fn put_text(
        &self,
        (thread, from): (i64, &str),
        (desk, text): (&str, &str),
        ours: bool,
    ) -> Result<(), StoreError> {
        let key = self.data_key(Owner::Day(self.today()))?;
        let value = SealedText {
            from: from.to_owned(),
            text: text.to_owned(),
        };
        let sealed = key.seal_value(row(), &value)?;
        self.db.prepare_cached(INSERT)?.execute(params![
            thread,
            ours,
            desk,
            self.now_ms(),
            key.id,
            sealed
        ])?;
        Ok(())
    }

    /// The newest texts of all threads.
    pub(crate) fn inbox_texts(&self, limit: u32) -> Result<Vec<InboxRow>, StoreError> {
        let mut rows = Vec::new();
        let mut statement = self.db.prepare_cached(NEWEST)?;
        let mut found = statement.query([limit])?;
        while let Some(columns) = found.next()? {
            let sealed: Vec<u8> = columns.get(5)?;
            let text: SealedText = self.open_owned(columns.get(4)?, row(), &sealed)?;
            rows.push(InboxRow {
                thread: columns.get(0)?,
                ours: columns.get(1)?,
                desk: columns.get(2)?,
                at_ms: columns.get(3)?,
                from: text.from,
                text: text.text,
            });
        }
        Ok(rows)
    }

    /// Answers a thread by SMS; the answer stands in it.
    pub(crate) fn reply_to_thread(
        &self,
        thread: i64,
        text: &str,
    ) -> Result<Result<(), OrderRefusal>, StoreError> {
        if let Err(oversize) = broadcast::parts(text) {
            return Ok(Err(OrderRefusal::Oversize(oversize)));
        }
        let found: Option<(i64, Vec<u8>)> = self
            .db
            .prepare_cached(LAST)?
            .query_row([thread], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((owner, sealed)) = found else {
            return Ok(Err(OrderRefusal::NotThere));
        };
        let last: SealedText = self.open_owned(owner, row(), &sealed)?;
        // Names and short codes are shown, never answered.
        if !last.from.starts_with('+') {
            return Ok(Err(OrderRefusal::NotNow));
        }
        let count: i64 = self
            .db
            .prepare_cached(COUNT)?
            .query_row([thread], |row| row.get(0))?;
        let message = NewMessage {
            cause: format!("reply:{thread}:{count}"),
            to: last.from.clone(),
            text: text.to_owned(),
            class: MessageClass::Health,
            validity_s: node_core::message::validity_s(MessageClass::Health),
            covers: Vec::new(),
            terms: Terms::default(),
        };
        if self.enqueue(&message)? != Queued::Waits {
            return Ok(Err(OrderRefusal::Capped));
        }
        self.put_text((thread, &last.from), ("", text), true)?;
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::{check_index, plan};

    #[test]
    fn threads_use_an_index() {
        for sql in [LATELY, LAST, COUNT] {
            check_index(sql);
        }
        assert!(!plan(NEWEST).contains("TEMP B-TREE"));
    }
}
