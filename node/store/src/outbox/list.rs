//! What an operator sees and does: messages by state, the state of named ones, hold, release,
//! cancel (CH18, CH20).

use node_core::message::breaker::HoldReason;
use node_core::message::order::{MessageId, OrderRefusal};
use node_core::message::state::{MessageEvent, MessageState, next};
use node_core::query::MessageRow;
use rusqlite::{OptionalExtension, params};

use super::{SealedMessage, parse_class, row};
use crate::hub_store::StoreError;
use crate::tx::Tx;

/// `reason` of a waiting row that the operator released.
pub(super) const REASON_RELEASED: u32 = 199;
/// Digits of a number that an operator sees.
const HINT_DIGITS: usize = 4;

const BY_STATE: &str = "SELECT id, class, state, reason, created_at, expires_at, attempt,
    possible_duplicate, owner, sealed FROM message WHERE state = ?1
    ORDER BY expires_at DESC LIMIT ?2";
const BY_ID: &str = "SELECT id, class, state, reason, created_at, expires_at, attempt,
    possible_duplicate, owner, sealed FROM message WHERE id = ?1";
const MOVE: &str = "UPDATE message SET state = ?2, reason = ?3 WHERE id = ?1";
const COUNTS: &str = "SELECT state, count(*) FROM message GROUP BY state";

struct Listed {
    row: MessageRow,
    owner: i64,
    sealed: Vec<u8>,
}

impl Tx<'_> {
    /// Messages in one state, newest first.
    pub(crate) fn messages_in(
        &self,
        state: MessageState,
        limit: u32,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let mut statement = self.db.prepare_cached(BY_STATE)?;
        let found = statement.query_map(params![state.number(), limit], listed)?;
        found.map(|found| self.with_hint(found?)).collect()
    }

    /// How named messages stand; unknown ids are left out.
    pub(crate) fn message_states(&self, ids: &[MessageId]) -> Result<Vec<MessageRow>, StoreError> {
        let mut rows = Vec::new();
        for id in ids {
            let found = self
                .db
                .prepare_cached(BY_ID)?
                .query_row([id.0], listed)
                .optional()?;
            if let Some(found) = found {
                rows.push(self.with_hint(found)?);
            }
        }
        Ok(rows)
    }

    fn with_hint(&self, listed: Listed) -> Result<MessageRow, StoreError> {
        let mut result = listed.row;
        if !listed.sealed.is_empty() {
            let message: SealedMessage =
                self.open_owned(listed.owner, row(&result.id.0), &listed.sealed)?;
            let digits: Vec<char> = message.to.chars().collect();
            let start = digits.len().saturating_sub(HINT_DIGITS);
            let end: String = digits.into_iter().skip(start).collect();
            result.to_hint = format!("..{end}");
        }
        Ok(result)
    }

    /// Moves a message as the operator wants, when its state allows it.
    pub(crate) fn move_message(
        &self,
        id: MessageId,
        event: MessageEvent,
    ) -> Result<Result<(), OrderRefusal>, StoreError> {
        let Some(before) = self.message_states(&[id])?.pop() else {
            return Ok(Err(OrderRefusal::NotThere));
        };
        let Some(after) = next(before.state, event) else {
            return Ok(Err(OrderRefusal::NotNow));
        };
        let reason = match event {
            MessageEvent::KeptBack => HoldReason::Operator.number(),
            MessageEvent::Released => REASON_RELEASED,
            _ => before.reason,
        };
        self.db
            .prepare_cached(MOVE)?
            .execute(params![id.0, after.number(), reason])?;
        Ok(Ok(()))
    }

    /// Messages by state word.
    pub(crate) fn count_messages(&self) -> Result<super::WordCounts, StoreError> {
        let mut statement = self.db.prepare_cached(COUNTS)?;
        let mut found = statement.query([])?;
        let mut counts = std::collections::BTreeMap::new();
        while let Some(columns) = found.next()? {
            let state = MessageState::of_number(columns.get(0)?);
            let word = state.map_or("unknown", MessageState::word);
            let count: &mut u64 = counts.entry(word.to_owned()).or_default();
            *count = count.saturating_add(columns.get::<_, i64>(1)?.cast_unsigned());
        }
        Ok(counts.into_iter().collect())
    }
}

fn listed(columns: &rusqlite::Row<'_>) -> rusqlite::Result<Listed> {
    let state = MessageState::of_number(columns.get(2)?).unwrap_or(MessageState::Unknown);
    let reason: u32 = columns.get(3)?;
    let held = (state == MessageState::Held).then(|| HoldReason::of_number(reason));
    Ok(Listed {
        row: MessageRow {
            id: MessageId(columns.get(0)?),
            class: parse_class(columns.get(1)?),
            state,
            held: held.flatten(),
            reason,
            to_hint: String::new(),
            created_at_ms: columns.get(4)?,
            expires_at_ms: columns.get(5)?,
            attempt: columns.get(6)?,
            possible_duplicate: columns.get(7)?,
        },
        owner: columns.get(8)?,
        sealed: columns.get(9)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn lists_and_counts_use_an_index() {
        for sql in [BY_STATE, BY_ID, MOVE, COUNTS] {
            check_index(sql);
        }
    }
}
