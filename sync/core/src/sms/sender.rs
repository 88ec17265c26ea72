//! The sending half of a link: which part of which run leaves next, and when to ask.
//!
//! Follows SYNC §11.4. A run takes its counters when it is launched, all together, so a repeat seals
//! the same octets under the same nonce again. Silence is answered by a query, not by a repeat:
//! octets that the peer took once are a replay to it. Budget, rate and sealing belong to `link`.

mod run;

use serde::{Deserialize, Serialize};

use super::content::{AckItem, QUERY_ITEMS_MAX, QueryItem, Verdict, write_query};
use super::datagram::Head;
use super::key::Keyring;
use super::link::{Rejection, Submission};
use super::window::{CLOSED_SALTS_MAX, WINDOW_COUNTERS_MAX};
use super::{Carrier, Kind, Nonce};
use crate::id::Lane;
use crate::refusal::RefusalCode;

pub(super) use run::all;
use run::{Flight, Run, Timing};

/// Runs of one peer in flight; the next waits until one is answered or gives up.
const FLIGHTS_MAX: usize = 4;
/// Of these, runs of lanes 2–4, so that an urgent run finds a place; the next waits.
const ORDINARY_FLIGHTS_MAX: usize = 3;
/// Runs that are held for a peer; a further one is rejected and offered again later.
const RUNS_MAX: usize = 16;
/// Process starts after which a run's octets are sealed anew: a quarter of the salts that the peer
/// keeps a window for are left to starts that sent nothing it saw.
const STARTS_KEPT: u32 = 48;
/// Counters after which a run's octets are sealed anew: the peer's window less a run.
const COUNTERS_KEPT: u32 = WINDOW_COUNTERS_MAX - 64;
/// Process starts under one key id after which the next is due; half of what the peer remembers.
const STARTS_WORN: usize = CLOSED_SALTS_MAX / 2;
/// Counters of one key id after which the next is due; half of all.
const COUNTERS_WORN: u32 = 1 << 31;

/// What is persisted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SenderState {
    key: u8,
    next: u32,
    starts: u32,
    first_start: u32,
    runs: Vec<Run>,
}

/// The machine's half; the salt and the carrier belong to this process.
#[derive(Clone)]
pub(super) struct Sender {
    pub(super) state: SenderState,
    salt: [u8; 4],
    carrier: Carrier,
}

/// What is to be sealed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Plain {
    pub(super) head: Head,
    pub(super) content: Vec<u8>,
}

/// What an ack settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Settled {
    Accepted(u64),
    Refused(u64, RefusalCode),
}

impl Sender {
    pub(super) fn new(state: Option<SenderState>, salt: [u8; 4], carrier: Carrier) -> Self {
        let mut state = state.unwrap_or(SenderState {
            key: 0,
            next: 1,
            starts: 0,
            first_start: 0,
            runs: Vec::new(),
        });
        state.starts = state.starts.saturating_add(1);
        Self {
            state,
            salt,
            carrier,
        }
    }

    /// Takes the newest key for what is launched from now on.
    pub(super) fn use_key(&mut self, keys: &Keyring) {
        let newest = keys.newest().0;
        if self.state.key != newest {
            self.state.key = newest;
            self.state.next = 1;
            self.state.first_start = self.state.starts;
        }
    }

    /// Whether the next key id is due.
    pub(super) fn is_worn(&self) -> bool {
        let starts = self.state.starts.saturating_sub(self.state.first_start);
        usize::try_from(starts).is_ok_and(|starts| starts >= STARTS_WORN)
            || self.state.next >= COUNTERS_WORN
    }

    pub(super) fn submit(&mut self, offered: Submission) -> Result<(), Rejection> {
        if self
            .state
            .runs
            .iter()
            .any(|run| run.ticket == offered.ticket)
        {
            return Err(Rejection::Known);
        }
        if self.state.runs.len() >= RUNS_MAX {
            return Err(Rejection::Full);
        }
        if offered.content.is_empty() || offered.content.len() > self.carrier.run_octets() {
            return Err(Rejection::Length);
        }
        self.state.runs.push(Run::new(offered, self.carrier));
        // Lane order, the oldest first within a lane: the sort is stable.
        self.state.runs.sort_by_key(|run| run.lane);
        Ok(())
    }

    /// Forgets a run that another link carried.
    pub(super) fn carried(&mut self, ticket: u64) -> bool {
        let before = self.state.runs.len();
        self.state.runs.retain(|run| run.ticket != ticket);
        self.state.runs.len() != before
    }

    /// Key ids that runs in flight are sealed with.
    pub(super) fn keys_in_use(&self) -> impl Iterator<Item = u8> + '_ {
        let flights = self.state.runs.iter().filter_map(|run| run.flight.as_ref());
        flights.map(|flight| flight.run.key)
    }

    /// Takes an ack; `None` for a line of a run that is not in flight.
    pub(super) fn acknowledged(&mut self, now_ms: i64, item: &AckItem) -> Option<Settled> {
        let of = |run: &Run| run.flight.as_ref().is_some_and(|it| it.run == item.run);
        let at = self.state.runs.iter().position(of)?;
        match item.verdict {
            Verdict::Accepted => Some(Settled::Accepted(self.state.runs.remove(at).ticket)),
            Verdict::Refused(code) => {
                Some(Settled::Refused(self.state.runs.remove(at).ticket, code))
            }
            Verdict::Lost => {
                self.state.runs.get_mut(at)?.flight = None;
                None
            }
            Verdict::Open(map) => {
                let has_place = self.has_place(self.state.runs.get(at)?.lane);
                let flight = self.state.runs.get_mut(at)?.flight.as_mut()?;
                flight.held(now_ms, map, item.asked, has_place);
                None
            }
        }
    }

    /// Lets time pass: silence becomes a query, the end of all tries a long wait.
    pub(super) fn pass(&mut self, now_ms: i64) -> bool {
        let mut changed = false;
        for flight in self.flights_mut() {
            changed |= flight.pass(now_ms);
        }
        changed
    }

    /// Whether something of this lane can leave now.
    pub(super) fn wants(&self, lane: Lane) -> bool {
        let mut of_lane = self.state.runs.iter().filter(|run| run.lane == lane);
        of_lane.any(|run| match &run.flight {
            Some(flight) => flight.wants(),
            None => self.has_place(lane),
        })
    }

    /// What of this lane leaves now. The state must be persisted before it is sent.
    pub(super) fn take(&mut self, now_ms: i64, lane: Lane, keys: &Keyring) -> Option<Plain> {
        self.renew(keys);
        let due = |run: &Run| run.flight.as_ref().is_some_and(Flight::has_part_due);
        let mut of_lane = self.state.runs.iter().enumerate();
        let part = of_lane.position(|(_, run)| run.lane == lane && due(run));
        if let Some(at) = part {
            return self.state.runs.get_mut(at)?.take_part(now_ms);
        }
        if self.has_place(lane) {
            let waits = |run: &Run| run.lane == lane && run.flight.is_none();
            if let Some(at) = self.state.runs.iter().position(waits) {
                return self.launch(now_ms, at);
            }
        }
        let asks = |run: &Run| run.lane == lane && run.flight.as_ref().is_some_and(|it| it.asks);
        if self.state.runs.iter().any(asks) {
            return self.query(now_ms);
        }
        None
    }

    /// The next counter, for an SMS that is sent once.
    pub(super) fn once(&mut self, kind: Kind, content: Vec<u8>) -> Option<Plain> {
        let nonce = self.allocate(1)?;
        Some(Plain {
            head: Head { kind, nonce },
            content,
        })
    }

    /// When silence ends next, in milliseconds.
    pub(super) fn wakes_ms(&self) -> Option<i64> {
        let flights = self.state.runs.iter().filter_map(|run| run.flight.as_ref());
        flights.filter_map(Flight::wakes_ms).min()
    }

    fn launch(&mut self, now_ms: i64, at: usize) -> Option<Plain> {
        let parts = self.state.runs.get(at)?.parts();
        let first = self.allocate(u32::from(parts))?;
        let start = self.state.starts;
        let run = self.state.runs.get_mut(at)?;
        run.flight = Some(Flight::new(first, start, parts));
        run.take_part(now_ms)
    }

    /// One query for all runs that are due to be asked for, the most urgent first.
    fn query(&mut self, now_ms: i64) -> Option<Plain> {
        let room = self.carrier.content_octets().saturating_sub(1) / 11;
        let mut lines: Vec<QueryItem> = Vec::new();
        for run in &mut self.state.runs {
            let parts = run.parts();
            let asking = run.flight.as_mut().filter(|flight| flight.asks);
            if let Some(flight) = asking
                && lines.len() < room.min(QUERY_ITEMS_MAX)
            {
                flight.asked(now_ms);
                lines.push(QueryItem {
                    run: flight.run,
                    parts,
                    asked: flight.number,
                });
            }
        }
        self.once(Kind::Query, write_query(&lines))
    }

    fn allocate(&mut self, count: u32) -> Option<Nonce> {
        let counter = self.state.next;
        self.state.next = counter.checked_add(count)?;
        Some(Nonce {
            key: self.state.key,
            salt: self.salt,
            counter,
        })
    }

    /// Runs whose octets the peer may no longer tell from replays, or whose root is gone, begin
    /// again under new counters.
    fn renew(&mut self, keys: &Keyring) {
        let (key, salt, next, starts) = (
            self.state.key,
            self.salt,
            self.state.next,
            self.state.starts,
        );
        for run in &mut self.state.runs {
            let is_stale = run.flight.as_ref().is_some_and(|flight| {
                let is_ours = flight.run.key == key && flight.run.salt == salt;
                let behind = next.saturating_sub(flight.run.counter);
                keys.get(flight.run.key).is_none()
                    || (is_ours && behind >= COUNTERS_KEPT)
                    || starts.saturating_sub(flight.start) >= STARTS_KEPT
            });
            if is_stale {
                run.flight = None;
            }
        }
    }

    fn has_place(&self, lane: Lane) -> bool {
        let flies = |run: &&Run| {
            run.flight
                .as_ref()
                .is_some_and(|it| it.timing != Timing::Parked)
        };
        let flying = || self.state.runs.iter().filter(flies);
        let ordinary = flying().filter(|run| run.lane > Lane::Money).count();
        flying().count() < FLIGHTS_MAX && (lane <= Lane::Money || ordinary < ORDINARY_FLIGHTS_MAX)
    }

    fn flights_mut(&mut self) -> impl Iterator<Item = &mut Flight> {
        let runs = self.state.runs.iter_mut();
        runs.filter_map(|run| run.flight.as_mut())
    }
}
