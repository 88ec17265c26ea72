//! Broadcasts: a text and a list that lies in the store and is walked from there (CH25, CH27).
//!
//! The place in the list moves in the transaction that queues its lines, so a pause, a kill or a
//! restart goes on at exactly the next line. Only [`AHEAD_MAX`] lines are queued ahead.

use node_core::message::broadcast::{self, AHEAD_MAX, BroadcastState, LIST_LINES_MAX, Preview};
use node_core::message::state::STATES;
use node_core::message::{breaker::HoldReason, order::OrderRefusal};
use node_core::query::BroadcastRow;
use node_core::view::{MessageClass, NewMessage, Terms};
use rusqlite::{OptionalExtension, params};

use crate::hub_store::StoreError;
use crate::seal::{Owner, Row};
use crate::tx::Tx;

/// Broadcasts that a list of them shows, newest first.
const SHOWN_MAX: u32 = 100;
/// Broadcasts that may run at once; another one is refused until one ends.
pub(crate) const RUNNING_MAX: u32 = 8;

const INSERT: &str = "INSERT INTO broadcast (state, place, lines, validity_s, created_at, owner,
    sealed) VALUES (0, 0, 0, ?1, ?2, ?3, ?4)";
const READ: &str = "SELECT state, place, lines, validity_s, owner, sealed FROM broadcast
    WHERE id = ?1";
const LIST: &str = "SELECT id FROM broadcast ORDER BY id DESC LIMIT ?1";
const RUNNING: &str = "SELECT id FROM broadcast WHERE state = 1 ORDER BY id LIMIT ?1";
const STATE: &str = "UPDATE broadcast SET state = ?2 WHERE id = ?1";
const PLACE: &str = "UPDATE broadcast SET place = ?2, state = ?3 WHERE id = ?1";
const GROW: &str = "UPDATE broadcast SET lines = ?2 WHERE id = ?1";
const ADD_LINE: &str = "INSERT OR IGNORE INTO broadcast_line
    (broadcast, place, recipient, owner, sealed) VALUES (?1, ?2, ?3, ?4, ?5)";
const NEXT_LINES: &str = "SELECT place, owner, sealed FROM broadcast_line
    WHERE broadcast = ?1 AND place > ?2 ORDER BY place LIMIT ?3";
const AHEAD: &str = "SELECT count(*) FROM message WHERE broadcast = ?1 AND state = 0";
const KEEP_BACK: &str = "UPDATE message SET state = 8, reason = ?2
    WHERE broadcast = ?1 AND state = 0";
const LET_GO: &str = "UPDATE message SET state = 0, reason = 0
    WHERE broadcast = ?1 AND state = 8 AND reason = ?2";
const WITHDRAW: &str = "UPDATE message SET state = 7 WHERE broadcast = ?1 AND state IN (0, 8)";
const COUNT: &str = "SELECT count(*) FROM message WHERE broadcast = ?1 AND state = ?2";

/// One broadcast as its row holds it.
struct Stored {
    state: BroadcastState,
    place: i64,
    lines: i64,
    validity_s: u32,
    text: String,
}

fn text_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "broadcast",
        name,
    }
}

fn line_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "broadcast_line",
        name,
    }
}

fn line_name(broadcast: u32, place: i64) -> Vec<u8> {
    let mut name = broadcast.to_be_bytes().to_vec();
    name.extend_from_slice(&place.to_be_bytes());
    name
}

impl Tx<'_> {
    /// Begins a broadcast: its text, without a list yet.
    pub(crate) fn draft_broadcast(
        &self,
        text: &str,
        validity_s: u32,
    ) -> Result<Result<u32, OrderRefusal>, StoreError> {
        if let Err(oversize) = broadcast::parts(text) {
            return Ok(Err(OrderRefusal::Oversize(oversize)));
        }
        let key = self.data_key(Owner::Day(self.today()))?;
        let sealed = key.seal(text_row(b"text"), text.as_bytes())?;
        self.db.prepare_cached(INSERT)?.execute(params![
            validity_s,
            self.now_ms(),
            key.id,
            sealed
        ])?;
        Ok(Ok(u32::try_from(self.db.last_insert_rowid()).unwrap_or(0)))
    }

    fn broadcast(&self, id: u32) -> Result<Option<Stored>, StoreError> {
        let found = self
            .db
            .prepare_cached(READ)?
            .query_row([id], |row| {
                let stored = Stored {
                    state: BroadcastState::of_number(row.get(0)?),
                    place: row.get(1)?,
                    lines: row.get(2)?,
                    validity_s: row.get(3)?,
                    text: String::new(),
                };
                Ok((stored, row.get::<_, i64>(4)?, row.get::<_, Vec<u8>>(5)?))
            })
            .optional()?;
        let Some((mut stored, owner, sealed)) = found else {
            return Ok(None);
        };
        if !sealed.is_empty() {
            let text = self
                .data_key_by_id(owner)?
                .open(text_row(b"text"), &sealed)?;
            stored.text = String::from_utf8_lossy(&text).into_owned();
        }
        Ok(Some(stored))
    }

    /// Adds lines to the list of a draft; numbers that stand in it, or said STOP, are left out.
    pub(crate) fn add_recipients(
        &self,
        id: u32,
        numbers: &[String],
    ) -> Result<Result<u64, OrderRefusal>, StoreError> {
        let Some(stored) = self.broadcast(id)? else {
            return Ok(Err(OrderRefusal::NotThere));
        };
        if stored.state != BroadcastState::Draft || numbers.len() > LIST_LINES_MAX {
            return Ok(Err(OrderRefusal::NotNow));
        }
        let key = self.data_key(Owner::Day(self.today()))?;
        let mut lines = stored.lines;
        for number in numbers {
            if self.phone(number)?.stopped {
                continue;
            }
            let place = lines.saturating_add(1);
            let name = line_name(id, place);
            let sealed = key.seal(line_row(&name), number.as_bytes())?;
            let recipient = self.recipient_token(number);
            let new = self
                .db
                .prepare_cached(ADD_LINE)?
                .execute(params![id, place, recipient, key.id, sealed])?;
            if new == 1 {
                lines = place;
            }
        }
        self.db.prepare_cached(GROW)?.execute(params![id, lines])?;
        let added = lines.saturating_sub(stored.lines);
        Ok(Ok(added.cast_unsigned()))
    }

    /// What a broadcast takes, at the highest price of a link.
    pub(crate) fn broadcast_preview(&self, id: u32) -> Result<Option<Preview>, StoreError> {
        let Some(stored) = self.broadcast(id)? else {
            return Ok(None);
        };
        let links = self.policy()?.links;
        let price = links.values().map(|budget| budget.price_minor).max();
        let recipients = stored.lines.cast_unsigned();
        Ok(broadcast::preview(&stored.text, recipients, price.unwrap_or(0)).ok())
    }

    /// Starts a broadcast whose preview was seen: `parts` must be what it says.
    pub(crate) fn start_broadcast(
        &self,
        id: u32,
        parts: u64,
    ) -> Result<Result<(), OrderRefusal>, StoreError> {
        let Some(preview) = self.broadcast_preview(id)? else {
            return Ok(Err(OrderRefusal::NotThere));
        };
        if preview.parts != parts || parts == 0 {
            return Ok(Err(OrderRefusal::PreviewDiffers {
                parts: preview.parts,
            }));
        }
        if self.needs_approval(&preview)? {
            let recipients = preview.recipients;
            return Ok(Err(OrderRefusal::NeedsApproval { recipients }));
        }
        if self.is_full_of_broadcasts()? {
            return Ok(Err(OrderRefusal::NotNow));
        }
        self.move_broadcast(id, &[BroadcastState::Draft], BroadcastState::Running)
    }

    /// Stops a broadcast at its place; lines queued ahead are kept back.
    pub(crate) fn pause_broadcast(&self, id: u32) -> Result<Result<(), OrderRefusal>, StoreError> {
        let moved = self.move_broadcast(id, &[BroadcastState::Running], BroadcastState::Paused)?;
        if moved.is_ok() {
            self.db
                .prepare_cached(KEEP_BACK)?
                .execute(params![id, HoldReason::Paused.number()])?;
        }
        Ok(moved)
    }

    /// Goes on at the place where the pause came.
    pub(crate) fn resume_broadcast(&self, id: u32) -> Result<Result<(), OrderRefusal>, StoreError> {
        let moved = self.move_broadcast(id, &[BroadcastState::Paused], BroadcastState::Running)?;
        if moved.is_ok() {
            self.db
                .prepare_cached(LET_GO)?
                .execute(params![id, HoldReason::Paused.number()])?;
        }
        Ok(moved)
    }

    /// Ends a broadcast; what was not handed over is withdrawn.
    pub(crate) fn cancel_broadcast(&self, id: u32) -> Result<Result<(), OrderRefusal>, StoreError> {
        let open = [
            BroadcastState::Draft,
            BroadcastState::Running,
            BroadcastState::Paused,
            BroadcastState::Finished,
            BroadcastState::Proposed,
        ];
        let moved = self.move_broadcast(id, &open, BroadcastState::Cancelled)?;
        if moved.is_ok() {
            self.db.prepare_cached(WITHDRAW)?.execute([id])?;
        }
        Ok(moved)
    }

    pub(super) fn is_full_of_broadcasts(&self) -> Result<bool, StoreError> {
        let running = self.running_broadcasts()?.len();
        Ok(u32::try_from(running).unwrap_or(u32::MAX) >= RUNNING_MAX)
    }

    /// Where a broadcast stands.
    pub(super) fn broadcast_state(&self, id: u32) -> Result<Option<BroadcastState>, StoreError> {
        Ok(self.broadcast(id)?.map(|stored| stored.state))
    }

    /// What it says; empty when its day is over.
    pub(super) fn broadcast_text(&self, id: u32) -> Result<String, StoreError> {
        Ok(self
            .broadcast(id)?
            .map(|stored| stored.text)
            .unwrap_or_default())
    }

    pub(super) fn move_broadcast(
        &self,
        id: u32,
        from: &[BroadcastState],
        to: BroadcastState,
    ) -> Result<Result<(), OrderRefusal>, StoreError> {
        let Some(stored) = self.broadcast(id)? else {
            return Ok(Err(OrderRefusal::NotThere));
        };
        if !from.contains(&stored.state) {
            return Ok(Err(OrderRefusal::NotNow));
        }
        self.db
            .prepare_cached(STATE)?
            .execute(params![id, to.number()])?;
        Ok(Ok(()))
    }

    fn running_broadcasts(&self) -> Result<Vec<u32>, StoreError> {
        Ok(self
            .db
            .prepare_cached(RUNNING)?
            .query_map([RUNNING_MAX], |row| row.get(0))?
            .collect::<Result<_, _>>()?)
    }

    /// Queues the next lines of running broadcasts, as far ahead as allowed.
    pub(super) fn walk_broadcasts(&self) -> Result<(), StoreError> {
        self.walk_alerts()?;
        self.lapse_proposals()?;
        for id in self.running_broadcasts()? {
            let ahead: u32 = self
                .db
                .prepare_cached(AHEAD)?
                .query_row([id], |row| row.get(0))?;
            if ahead <= AHEAD_MAX / 2
                && let Some(stored) = self.broadcast(id)?
            {
                self.walk(id, &stored, AHEAD_MAX.saturating_sub(ahead))?;
            }
        }
        Ok(())
    }

    fn walk(&self, id: u32, stored: &Stored, lines: u32) -> Result<(), StoreError> {
        let mut place = stored.place;
        let mut statement = self.db.prepare_cached(NEXT_LINES)?;
        let mut next = statement.query(params![id, place, lines])?;
        while let Some(columns) = next.next()? {
            let line: i64 = columns.get(0)?;
            let (owner, sealed): (i64, Vec<u8>) = (columns.get(1)?, columns.get(2)?);
            let name = line_name(id, line);
            let number = self.data_key_by_id(owner)?.open(line_row(&name), &sealed)?;
            let message = NewMessage {
                cause: format!("broadcast:{id}:{line}"),
                to: String::from_utf8_lossy(&number).into_owned(),
                text: stored.text.clone(),
                class: MessageClass::Broadcast,
                validity_s: stored.validity_s,
                covers: Vec::new(),
                terms: Terms {
                    broadcast: Some(id),
                    ..Terms::default()
                },
            };
            self.enqueue(&message)?;
            place = line;
        }
        let state = if place >= stored.lines {
            BroadcastState::Finished
        } else {
            BroadcastState::Running
        };
        self.db
            .prepare_cached(PLACE)?
            .execute(params![id, place, state.number()])?;
        Ok(())
    }

    /// Broadcasts, newest first, with how far each has come.
    pub(crate) fn broadcasts(&self) -> Result<Vec<BroadcastRow>, StoreError> {
        let ids: Vec<u32> = self
            .db
            .prepare_cached(LIST)?
            .query_map([SHOWN_MAX], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut rows = Vec::new();
        for id in ids {
            let (Some(stored), Some(preview)) = (self.broadcast(id)?, self.broadcast_preview(id)?)
            else {
                continue;
            };
            let mut counts = Vec::new();
            for state in STATES {
                let count: i64 = self
                    .db
                    .prepare_cached(COUNT)?
                    .query_row(params![id, state.number()], |row| row.get(0))?;
                if count > 0 {
                    counts.push((state, count.cast_unsigned()));
                }
            }
            rows.push(BroadcastRow {
                id,
                state: stored.state,
                place: stored.place.cast_unsigned(),
                preview,
                counts,
            });
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn walking_and_pausing_use_an_index() {
        for sql in [
            READ, STATE, PLACE, GROW, NEXT_LINES, AHEAD, KEEP_BACK, LET_GO, WITHDRAW, COUNT,
        ] {
            check_index(sql);
        }
    }
}
