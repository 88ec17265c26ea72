//! One run on its way out: its parts, what the peer holds of it, and its waits.

use serde::{Deserialize, Serialize};

use super::super::content::Part;
use super::super::datagram::Head;
use super::super::link::Submission;
use super::super::{Carrier, Class, Kind, Nonce};
use super::Plain;
use crate::id::Lane;

/// First wait for an ack in milliseconds: 15 minutes; it doubles.
const WAIT_MS: i64 = 15 * 60 * 1000;
/// Longest wait for an ack, in milliseconds: 6 hours; later ones are as long.
const WAIT_MS_MAX: i64 = 6 * 60 * 60 * 1000;
/// Times that a part is sent, and queries in a row without an answer; then the run is parked: it
/// waits for any link.
const TRIES_MAX: u8 = 8;
/// How long a parked run waits before it asks again, in milliseconds: a day.
const PARKED_MS: i64 = 24 * 60 * 60 * 1000;

/// A run that waits or flies. Its content is sealed with the row that holds it, never logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) ticket: u64,
    pub(super) lane: Lane,
    class: Class,
    content: Vec<u8>,
    carrier: Carrier,
    pub(super) flight: Option<Flight>,
}

/// What a run waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) enum Timing {
    /// Parts are due.
    Sending,
    /// An ack, until then.
    Waiting(i64),
    /// Another link, or a day to pass.
    Parked,
}

/// A run that took its counters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Flight {
    pub(super) run: Nonce,
    /// Number of the process start whose salt it has.
    pub(super) start: u32,
    pub(super) timing: Timing,
    /// A query is due.
    pub(super) asks: bool,
    /// Number of the newest query, 0 before the first.
    pub(super) number: u8,
    parts: u8,
    held: u64,
    due: u64,
    sends: Vec<u8>,
    rounds: u8,
    parked_until_ms: i64,
}

impl Run {
    pub(super) fn new(offered: Submission, carrier: Carrier) -> Self {
        Self {
            ticket: offered.ticket,
            lane: offered.lane,
            class: offered.class,
            content: offered.content,
            carrier,
            flight: None,
        }
    }

    /// 1 for a run that fits one SMS whole, else how many parts it is cut into.
    pub(super) fn parts(&self) -> u8 {
        if self.content.len() <= self.carrier.content_octets() {
            return 1;
        }
        let parts = self.content.len().div_ceil(self.carrier.part_octets());
        u8::try_from(parts).unwrap_or(u8::MAX)
    }

    /// The next due part, counted as sent.
    pub(super) fn take_part(&mut self, now_ms: i64) -> Option<Plain> {
        let flight = self.flight.as_mut()?;
        let number = flight.take_due(now_ms)?;
        let nonce = flight.run.of_part(number)?;
        let parts = self.parts();
        let (kind, content) = if parts == 1 {
            let kind = match self.class {
                Class::Entries => Kind::Single,
                Class::Control => Kind::Control,
            };
            (kind, self.content.clone())
        } else {
            let kind = match self.class {
                Class::Entries => Kind::Data,
                Class::Control => Kind::ControlPart,
            };
            let piece = self
                .content
                .chunks(self.carrier.part_octets())
                .nth(usize::from(number))?;
            let part = Part {
                number,
                parts,
                piece,
            };
            (kind, part.encode())
        };
        Some(Plain {
            head: Head { kind, nonce },
            content,
        })
    }
}

impl Flight {
    pub(super) fn new(run: Nonce, start: u32, parts: u8) -> Self {
        Self {
            run,
            start,
            timing: Timing::Sending,
            asks: false,
            number: 0,
            parts,
            held: 0,
            due: all(parts),
            sends: vec![0; usize::from(parts)],
            rounds: 0,
            parked_until_ms: 0,
        }
    }

    pub(super) fn has_part_due(&self) -> bool {
        self.timing == Timing::Sending && self.due != 0
    }

    /// Whether an SMS of this run can leave now.
    pub(super) fn wants(&self) -> bool {
        self.asks || self.has_part_due()
    }

    pub(super) fn wakes_ms(&self) -> Option<i64> {
        match self.timing {
            Timing::Waiting(until) if !self.asks => Some(until),
            Timing::Parked if !self.asks => Some(self.parked_until_ms),
            _ => None,
        }
    }

    /// Notes what the peer holds and makes the rest due, when the ack knows of our newest query:
    /// an older one says nothing about what was repeated since. A parked run flies again only where
    /// there is a place.
    pub(super) fn held(&mut self, now_ms: i64, map: u64, asked: u8, has_place: bool) {
        let news = map & all(self.parts) & !self.held;
        self.held |= news;
        self.due &= !self.held;
        if news != 0 {
            self.rounds = 0;
        }
        if self.timing == Timing::Sending {
            if self.due == 0 {
                self.wait(now_ms);
            }
            return;
        }
        if asked != self.number {
            return;
        }
        self.asks = false;
        if self.timing == Timing::Parked {
            if !has_place {
                self.parked_until_ms = now_ms.saturating_add(WAIT_MS);
                return;
            }
            self.sends.fill(0);
            self.rounds = 0;
        }
        let missing = all(self.parts) & !self.held;
        if missing == 0 {
            // Everything arrived; the peer has yet to say what became of it.
            self.wait(now_ms);
        } else if self.is_tried_out(missing) {
            self.park(now_ms);
        } else {
            self.due = missing;
            self.timing = Timing::Sending;
        }
    }

    /// Lets time pass; says whether something changed. A parked run asks once a day.
    pub(super) fn pass(&mut self, now_ms: i64) -> bool {
        if self.wakes_ms().is_none_or(|wakes_ms| wakes_ms > now_ms) {
            return false;
        }
        if self.timing != Timing::Parked && self.rounds > TRIES_MAX {
            self.park(now_ms);
        } else {
            self.asks = true;
        }
        true
    }

    /// A query for it leaves.
    pub(super) fn asked(&mut self, now_ms: i64) {
        self.asks = false;
        self.number = if self.number == u8::MAX {
            1
        } else {
            self.number.saturating_add(1)
        };
        if self.timing == Timing::Parked {
            self.park(now_ms);
        } else {
            self.wait(now_ms);
        }
    }

    fn take_due(&mut self, now_ms: i64) -> Option<u8> {
        if self.due == 0 {
            return None;
        }
        let number = u8::try_from(self.due.trailing_zeros()).ok()?;
        self.due &= self.due.wrapping_sub(1);
        if let Some(sends) = self.sends.get_mut(usize::from(number)) {
            *sends = sends.saturating_add(1);
        }
        if self.due == 0 {
            self.wait(now_ms);
        }
        Some(number)
    }

    fn wait(&mut self, now_ms: i64) {
        let doublings = u32::from(self.rounds.min(TRIES_MAX));
        let wait_ms = (WAIT_MS << doublings).min(WAIT_MS_MAX);
        self.rounds = self.rounds.saturating_add(1);
        self.timing = Timing::Waiting(now_ms.saturating_add(wait_ms));
    }

    fn park(&mut self, now_ms: i64) {
        self.timing = Timing::Parked;
        self.asks = false;
        self.parked_until_ms = now_ms.saturating_add(PARKED_MS);
    }

    fn is_tried_out(&self, missing: u64) -> bool {
        let mut sends = (0_u32..).zip(&self.sends);
        sends.any(|(number, sends)| {
            missing.checked_shr(number).unwrap_or(0) & 1 == 1 && *sends >= TRIES_MAX
        })
    }
}

/// The map of a run that arrived whole.
pub(in super::super) fn all(parts: u8) -> u64 {
    let unused = 64_u32.saturating_sub(u32::from(parts));
    u64::MAX.checked_shr(unused).unwrap_or(0)
}
