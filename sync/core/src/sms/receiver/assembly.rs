//! One run on its way in: the parts that came, and when to say which.

use serde::{Deserialize, Serialize};

use super::super::content::{AckItem, Part, Verdict};
use super::super::link::Delivery;
use super::super::sender::all;
use super::super::{Class, Nonce};
use super::{ASSEMBLY_DAYS_MAX, DAY_MS};

/// Silence after which the peer hears what is missing, in milliseconds: 10 minutes.
const SILENCE_MS: i64 = 10 * 60 * 1000;
/// Wait after the last part that was awaited, in milliseconds: SMS overtake each other.
const SETTLE_MS: i64 = 2 * 60 * 1000;

/// A run in reassembly. Its content is sealed with the row that holds it, never logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Assembly {
    pub(super) run: Nonce,
    pub(super) class: Class,
    /// By number; empty where it is missing.
    pieces: Vec<Vec<u8>>,
    last_ms: i64,
    ack_ms: Option<i64>,
    /// Highest part that the peer has yet to send, as far as it can know.
    awaited: u8,
    asked: u8,
    /// When it is offered to the shell again; it is whole then.
    deliver_ms: Option<i64>,
}

impl Assembly {
    pub(super) fn new(now_ms: i64, run: Nonce, class: Class, parts: u8) -> Self {
        Self {
            run,
            class,
            pieces: vec![Vec::new(); usize::from(parts)],
            last_ms: now_ms,
            ack_ms: None,
            awaited: parts.saturating_sub(1),
            asked: 0,
            deliver_ms: None,
        }
    }

    /// Keeps a piece; `false` when it is not of this run or here already.
    pub(super) fn take(&mut self, now_ms: i64, part: Part<'_>) -> bool {
        if usize::from(part.parts) != self.pieces.len() {
            return false;
        }
        let Some(piece) = self.pieces.get_mut(usize::from(part.number)) else {
            return false;
        };
        if !piece.is_empty() {
            return false;
        }
        *piece = part.piece.to_vec();
        self.last_ms = now_ms;
        let wait_ms = if part.number == self.awaited {
            SETTLE_MS
        } else {
            SILENCE_MS
        };
        let due_ms = now_ms.saturating_add(wait_ms);
        self.ack_ms = Some(due_ms);
        true
    }

    pub(super) fn is_whole(&self) -> bool {
        self.pieces.iter().all(|piece| !piece.is_empty())
    }

    /// The run, when it is whole; unless it is answered for it is offered again at `again_ms`.
    pub(super) fn deliver(&mut self, again_ms: i64) -> Option<Delivery> {
        if !self.is_whole() {
            return None;
        }
        self.ack_ms = None;
        self.deliver_ms = Some(again_ms);
        Some(Delivery {
            run: self.run,
            class: self.class,
            content: self.pieces.concat(),
        })
    }

    pub(super) fn deliver_due(&self, now_ms: i64) -> bool {
        self.deliver_ms.is_some_and(|due_ms| due_ms <= now_ms)
    }

    pub(super) fn lives(&self, now_ms: i64) -> bool {
        self.is_whole() || now_ms < self.dies_ms()
    }

    pub(super) fn asked(&mut self, now_ms: i64, number: u8) {
        self.asked = number;
        self.ack_ms = Some(now_ms);
    }

    pub(super) fn last_asked(&self) -> u8 {
        self.asked
    }

    pub(super) fn last_ms(&self) -> i64 {
        self.last_ms
    }

    pub(super) fn ack_due(&self, now_ms: i64) -> bool {
        self.ack_ms.is_some_and(|due_ms| due_ms <= now_ms)
    }

    /// Whether its line may go with an ack that leaves anyway: nothing seems to be on its way.
    pub(super) fn may_join(&self, now_ms: i64) -> bool {
        self.ack_ms.is_some() && now_ms >= self.last_ms.saturating_add(SETTLE_MS)
    }

    pub(super) fn item(&self) -> AckItem {
        AckItem {
            run: self.run,
            asked: self.asked,
            verdict: Verdict::Open(self.map()),
        }
    }

    /// The peer hears what is missing and sends it, the highest last.
    pub(super) fn acknowledged(&mut self) {
        self.ack_ms = None;
        let parts = u8::try_from(self.pieces.len()).unwrap_or(u8::MAX);
        let missing = all(parts) & !self.map();
        let above = u8::try_from(missing.leading_zeros()).unwrap_or(0);
        self.awaited = 63_u8.saturating_sub(above);
    }

    pub(super) fn wakes_ms(&self) -> i64 {
        let ends_ms = self.deliver_ms.unwrap_or_else(|| self.dies_ms());
        self.ack_ms.map_or(ends_ms, |due_ms| due_ms.min(ends_ms))
    }

    fn dies_ms(&self) -> i64 {
        let life_ms = ASSEMBLY_DAYS_MAX.saturating_mul(DAY_MS);
        self.last_ms.saturating_add(life_ms)
    }

    fn map(&self) -> u64 {
        let here = self.pieces.iter().enumerate();
        here.filter(|(_, piece)| !piece.is_empty())
            .filter_map(|(number, _)| 1_u64.checked_shl(u32::try_from(number).ok()?))
            .fold(0, |map, bit| map | bit)
    }
}
