//! Names the steps of a link's sessions, so that a gateway's repeat is one step and not two.
//!
//! A step is named by the gateway's request id or time stamp together with what was typed. A
//! gateway that repeats a request under a new stamp, or has none, is recognised only while our
//! answer to the equal request before could not be written: then nobody has seen a screen that
//! this could answer. Steps without a stamp are counted under a nonce of the program's start, so
//! that a count never names a step of an earlier run. The memory is bounded and empty after a
//! restart; a session that it does not know and whose gateway does not say so begins.

use std::collections::BTreeMap;

use crate::address::Msisdn;
use crate::event::{LinkName, UssdOp, UssdStep};
use crate::ussd_form::StepForm;
use crate::ussd_form::joined::JoinedTexts;

use super::{Asked, Dialect};

/// Most sessions remembered; beyond that the one that was used longest ago is forgotten.
pub const SESSIONS_MAX: usize = 1_000;

/// The sessions of one link.
#[derive(Clone)]
pub struct Memory {
    link: LinkName,
    limits: (u16, u16),
    nonce: String,
    sessions: BTreeMap<Key, Progress>,
    joined: JoinedTexts,
    /// Counts requests, so that "longest ago" needs no clock.
    uses: u64,
}

type Key = (String, Msisdn);

#[derive(Clone)]
struct Progress {
    used: u64,
    first: String,
    last: Last,
}

/// The newest request of a session.
#[derive(Clone)]
struct Last {
    op: UssdOp,
    text: String,
    name: String,
    written: bool,
}

/// Names an answer that is on its way.
#[derive(Clone, PartialEq, Eq)]
pub struct Pending {
    key: Key,
    name: String,
}

impl Memory {
    /// An empty memory; `nonce` is new at each start of the program.
    pub fn new(link: LinkName, limits: (u16, u16), nonce: String) -> Self {
        Self {
            link,
            limits,
            nonce,
            sessions: BTreeMap::new(),
            joined: JoinedTexts::new(),
            uses: 0,
        }
    }

    /// The event of a request, and what to tell [`Self::answered`] when its answer left.
    pub fn step(&mut self, dialect: &Dialect, asked: &Asked) -> (UssdStep, Pending) {
        if dialect.request.joined && asked.op != Some(UssdOp::Abort) {
            return self.joined_step(asked);
        }
        let key = (asked.session.clone(), asked.from.clone());
        if asked.op == Some(UssdOp::Abort) {
            self.sessions.remove(&key);
            return self.event(asked, key, (UssdOp::Abort, String::new()));
        }
        let (op, name) = self.place(&key, asked);
        self.event(asked, key, (op, name))
    }

    /// Notes whether the answer to a step reached the gateway's connection.
    pub fn answered(&mut self, pending: &Pending, written: bool) {
        if let Some(progress) = self.sessions.get_mut(&pending.key)
            && progress.last.name == pending.name
        {
            progress.last.written = written;
        }
    }

    /// How many sessions are remembered.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    fn event(&self, asked: &Asked, key: Key, (op, name): (UssdOp, String)) -> (UssdStep, Pending) {
        let step = UssdStep {
            link: self.link.clone(),
            session: asked.session.clone(),
            from: asked.from.clone(),
            code: asked.code.clone(),
            op,
            text: if op == UssdOp::Abort {
                String::new()
            } else {
                asked.text.clone()
            },
            step: (op != UssdOp::Abort).then(|| name.clone()),
            // Each step has a name, so nobody asks.
            screen_taken: true,
            limits: self.limits,
        };
        (step, Pending { key, name })
    }

    fn joined_step(&mut self, asked: &Asked) -> (UssdStep, Pending) {
        let form = StepForm {
            session: asked.session.clone(),
            from: asked.from.clone(),
            network: String::new(),
            code: asked.code.clone(),
            text: asked.text.clone(),
        };
        let step = self.joined.step(&self.link, form, self.limits);
        let pending = Pending {
            key: (asked.session.clone(), asked.from.clone()),
            name: asked.text.clone(),
        };
        (step, pending)
    }

    /// Where a request stands in its session, and its name.
    fn place(&mut self, key: &Key, asked: &Asked) -> (UssdOp, String) {
        self.uses = self.uses.saturating_add(1);
        if !self.sessions.contains_key(key) {
            self.make_room();
        }
        let (uses, nonce) = (self.uses, self.nonce.as_str());
        let Some(progress) = self.sessions.get_mut(key) else {
            let op = asked.op.unwrap_or(UssdOp::Begin);
            let name = name(nonce, op, asked, uses);
            let progress = Progress {
                used: uses,
                first: name.clone(),
                last: Last {
                    op,
                    text: asked.text.clone(),
                    name: name.clone(),
                    written: false,
                },
            };
            self.sessions.insert(key.clone(), progress);
            return (op, name);
        };
        progress.used = uses;
        progress.place(nonce, asked)
    }

    fn make_room(&mut self) {
        if self.sessions.len() < SESSIONS_MAX {
            return;
        }
        let oldest = self.sessions.iter().min_by_key(|(_, known)| known.used);
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.sessions.remove(&key);
        }
    }
}

impl Progress {
    fn place(&mut self, nonce: &str, asked: &Asked) -> (UssdOp, String) {
        let last = &self.last;
        let is_equal = last.text == asked.text && asked.op.is_none_or(|op| op == last.op);
        if is_equal && !last.written {
            return (last.op, last.name.clone());
        }
        let count = self.used;
        let op = asked.op.unwrap_or_else(|| {
            // The first request once more, by its stamp.
            let again =
                asked.stamp.is_some() && name(nonce, UssdOp::Begin, asked, count) == self.first;
            if again {
                UssdOp::Begin
            } else {
                UssdOp::Continue
            }
        });
        let name = name(nonce, op, asked, count);
        // A late repeat of an earlier step is not the newest one.
        if name != self.first && name != self.last.name {
            self.last = Last {
                op,
                text: asked.text.clone(),
                name: name.clone(),
                written: false,
            };
        }
        (op, name)
    }
}

fn name(nonce: &str, op: UssdOp, asked: &Asked, count: u64) -> String {
    match &asked.stamp {
        Some(stamp) => format!("{op:?} {stamp} {}", asked.text),
        None => format!("{nonce} {count}"),
    }
}

impl core::fmt::Debug for Memory {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Memory({} sessions)", self.sessions.len())
    }
}

impl core::fmt::Debug for Pending {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Pending")
    }
}
