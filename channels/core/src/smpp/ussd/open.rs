//! Which USSD sessions of a link are open, and whether the gateway took our last screen.
//!
//! A gateway that gets no valid answer repeats the same `deliver_sm` for minutes, under new
//! sequence numbers. Without a counter of its own such a repeat looks like the person typing the
//! same again. What tells them apart is our screen: nobody answers a screen that the gateway has
//! not taken. So a step equal to the last one, before the `submit_sm_resp` of its screen, is the
//! same step.
//!
//! Some gateways answer a screen only after the person did. They are known by an answer to a
//! screen that they have not taken yet; from then on this session's equal steps are answers.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::event::UssdOp;

/// Most sessions remembered on a link; the oldest is forgotten first. A forgotten session is
/// treated like one from before a restart: an equal step shows the last screen once more.
pub(super) const OPEN_MAX: usize = 4_096;

/// What became of the screen that answers a session's last step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// The node has not answered the step.
    NotYet,
    /// It left under this key; the gateway has not answered.
    Sent(u64),
    /// The gateway took it.
    Taken,
}

#[derive(Clone, PartialEq, Eq)]
struct Open {
    arrival: u64,
    last: u64,
    shown: Shown,
    answers_late: bool,
}

/// See the module.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OpenSessions {
    open: BTreeMap<(String, String), Open>,
    arrivals: u64,
}

impl OpenSessions {
    /// Whether this session of this caller is open.
    pub fn contains(&self, session: &str, caller: &str) -> bool {
        self.open.contains_key(&key(session, caller))
    }

    /// Notes a step; tells whether the gateway is known to have taken the screen before it.
    ///
    /// `false` for the first step of a session that is not known here: after a restart nobody
    /// knows whether its last screen arrived.
    pub fn step(&mut self, session: &str, caller: &str, op: UssdOp, text: &str) -> bool {
        self.arrivals = self.arrivals.saturating_add(1);
        let (arrival, last) = (self.arrivals, digest(op, text));
        let Some(open) = self.open.get_mut(&key(session, caller)) else {
            let (shown, answers_late) = (Shown::NotYet, false);
            let open = Open {
                arrival,
                last,
                shown,
                answers_late,
            };
            self.open.insert(key(session, caller), open);
            self.forget_oldest();
            return false;
        };
        open.arrival = arrival;
        let taken = open.shown == Shown::Taken || open.answers_late;
        if open.last == last && !taken {
            return false;
        }
        if op == UssdOp::Begin {
            open.answers_late = false;
        } else if matches!(open.shown, Shown::Sent(_)) {
            open.answers_late = true;
        }
        (open.last, open.shown) = (last, Shown::NotYet);
        true
    }

    /// A screen of this session leaves under this key.
    pub fn sent(&mut self, session: &str, caller: &str, screen: u64) {
        if let Some(open) = self.open.get_mut(&key(session, caller)) {
            open.shown = Shown::Sent(screen);
        }
    }

    /// The gateway took the screen of this key.
    pub fn taken(&mut self, session: &str, caller: &str, screen: u64) {
        if let Some(open) = self.open.get_mut(&key(session, caller))
            && open.shown == Shown::Sent(screen)
        {
            open.shown = Shown::Taken;
        }
    }

    /// A session ended.
    pub fn close(&mut self, session: &str, caller: &str) {
        self.open.remove(&key(session, caller));
    }

    fn forget_oldest(&mut self) {
        if self.open.len() > OPEN_MAX {
            let oldest = self.open.iter().min_by_key(|(_, open)| open.arrival);
            let oldest = oldest.map(|(key, _)| key.clone());
            oldest.map(|key| self.open.remove(&key));
        }
    }
}

fn key(session: &str, caller: &str) -> (String, String) {
    (session.to_owned(), caller.to_owned())
}

/// What was typed is not kept: only whether it comes again matters.
fn digest(op: UssdOp, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (op, text).hash(&mut hasher);
    hasher.finish()
}

impl core::fmt::Debug for OpenSessions {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "OpenSessions({})", self.open.len())
    }
}
