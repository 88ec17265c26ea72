//! Requests of ours: the queue before the window, the window, and how each one ends.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::{Action, Outcome, later};

/// Most requests that wait for the window; a further one is not sent.
pub(super) const QUEUE_MAX: usize = 256;
/// Longest wait in the queue, in seconds; after it the request is not sent.
const QUEUE_S_MAX: i64 = 30;
/// Times a request is sent again after throttling; after it the status goes to the shell.
const THROTTLED_TRIES_MAX: u8 = 5;
/// Where the sequence number stands in a PDU.
const SEQUENCE_AT: core::ops::Range<usize> = 12..16;

/// A request as octets, without its sequence number.
struct Request {
    token: u64,
    octets: Vec<u8>,
    urgent: bool,
    give_up: Timestamp,
    throttled: u8,
}

/// Queue and window.
pub(super) struct Outgoing {
    window: usize,
    urgent: VecDeque<Request>,
    paced: VecDeque<Request>,
    sent: BTreeMap<u32, (Timestamp, Request)>,
}

impl Outgoing {
    pub(super) fn new(window: u8) -> Self {
        Self {
            window: usize::from(window),
            urgent: VecDeque::new(),
            paced: VecDeque::new(),
            sent: BTreeMap::new(),
        }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.sent.len()
    }

    /// Requests that wait for the window.
    pub(super) fn waiting(&self) -> usize {
        self.urgent.len().saturating_add(self.paced.len())
    }

    /// Whether a paced request could go but for the pace.
    pub(super) fn wants_pace(&self) -> bool {
        self.urgent.is_empty() && !self.paced.is_empty() && self.has_window()
    }

    /// Whether an urgent request could go but for a pause.
    pub(super) fn wants_window(&self) -> bool {
        !self.urgent.is_empty() && self.has_window()
    }

    fn has_window(&self) -> bool {
        self.sent.len() < self.window
    }

    /// Queues a request; says so when the queue is full.
    pub(super) fn push(
        &mut self,
        now: Timestamp,
        (token, urgent): (u64, bool),
        octets: Vec<u8>,
    ) -> Option<Action> {
        if self.waiting() >= QUEUE_MAX {
            return Some(Action::Finished {
                token,
                outcome: Outcome::NotSent,
            });
        }
        let give_up = later(now, SignedDuration::from_secs(QUEUE_S_MAX));
        let request = Request {
            token,
            octets,
            urgent,
            give_up,
            throttled: 0,
        };
        self.queue(urgent).push_back(request);
        None
    }

    /// Whether a request can go now; `paced` tells that a paced one may.
    pub(super) fn can_send(&self, paced: bool) -> bool {
        self.has_window() && (!self.urgent.is_empty() || (paced && !self.paced.is_empty()))
    }

    /// The octets to send next under this number; after [`Self::can_send`].
    pub(super) fn send(&mut self, sequence: u32, due: Timestamp) -> Option<Vec<u8>> {
        let request = self.urgent.pop_front().or_else(|| self.paced.pop_front());
        let mut request = request?;
        if let Some(place) = request.octets.get_mut(SEQUENCE_AT) {
            place.copy_from_slice(&sequence.to_be_bytes());
        }
        let octets = request.octets.clone();
        self.sent.insert(sequence, (due, request));
        Some(octets)
    }

    /// Whether the next request to go is an urgent one.
    pub(super) fn next_is_urgent(&self) -> bool {
        !self.urgent.is_empty()
    }

    /// An answer came; `None` when nothing of ours has this number.
    pub(super) fn answered(
        &mut self,
        sequence: u32,
        status: u32,
        message_id: String,
    ) -> Option<Action> {
        let (_, request) = self.sent.remove(&sequence)?;
        let outcome = Outcome::Answered { status, message_id };
        Some(Action::Finished {
            token: request.token,
            outcome,
        })
    }

    /// An answer asked for fewer messages: the request goes back to the front of its queue.
    ///
    /// Gives `false` when there is no such request, or when it was tried often enough.
    pub(super) fn again(&mut self, sequence: u32) -> bool {
        let Some((due, mut request)) = self.sent.remove(&sequence) else {
            return false;
        };
        if request.throttled >= THROTTLED_TRIES_MAX {
            self.sent.insert(sequence, (due, request));
            return false;
        }
        request.throttled = request.throttled.saturating_add(1);
        self.queue(request.urgent).push_front(request);
        true
    }

    /// Requests whose time is over.
    pub(super) fn expire(&mut self, now: Timestamp) -> Vec<Action> {
        let mut out = Vec::new();
        let late = |(_, (due, _)): &(&u32, &(Timestamp, Request))| *due <= now;
        let late: Vec<u32> = self
            .sent
            .iter()
            .filter(late)
            .map(|(number, _)| *number)
            .collect();
        for number in late {
            if let Some((_, request)) = self.sent.remove(&number) {
                out.push(Action::Finished {
                    token: request.token,
                    outcome: Outcome::Unknown,
                });
            }
        }
        for queue in [&mut self.urgent, &mut self.paced] {
            for request in take_due(queue, now) {
                out.push(Action::Finished {
                    token: request.token,
                    outcome: Outcome::NotSent,
                });
            }
        }
        out
    }

    /// The link is gone: what was sent is unknown, what waited was not sent.
    pub(super) fn end_all(&mut self) -> Vec<Action> {
        let sent = std::mem::take(&mut self.sent).into_values();
        let sent = sent.map(|(_, request)| (request.token, Outcome::Unknown));
        let waiting = self.urgent.drain(..).chain(self.paced.drain(..));
        // A throttled request was refused by the peer, so it is known not to be there.
        let waiting = waiting.map(|request| (request.token, Outcome::NotSent));
        sent.chain(waiting)
            .map(|(token, outcome)| Action::Finished { token, outcome })
            .collect()
    }

    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let sent = self.sent.values().map(|(due, _)| *due);
        let waiting = self
            .urgent
            .iter()
            .chain(&self.paced)
            .map(|request| request.give_up);
        sent.chain(waiting).min()
    }

    fn queue(&mut self, urgent: bool) -> &mut VecDeque<Request> {
        if urgent {
            &mut self.urgent
        } else {
            &mut self.paced
        }
    }
}

/// Takes requests out of a queue whose wait is over.
fn take_due(queue: &mut VecDeque<Request>, now: Timestamp) -> VecDeque<Request> {
    let (due, kept) = queue.drain(..).partition(|request| request.give_up <= now);
    *queue = kept;
    due
}

impl core::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Outgoing({} sent, {} waiting)",
            self.sent.len(),
            self.waiting()
        )
    }
}
