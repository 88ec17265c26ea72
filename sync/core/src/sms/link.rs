//! The machine of one SMS link: both directions between a node and its hub, one end of it.
//!
//! `handle(now, purse, input)` says what to do, in order; `deadline` when to call again. At most one
//! SMS leaves per call, the rate is the purse's. An action [`Action::Persist`] stands before every
//! SMS whose counter, try or cost it commits: the shell stores [`Link::state`] and the purse in one
//! transaction and does the rest after COMMIT. Without it nothing was decided, and a salt of the
//! next start keeps what was sealed apart.
//!
//! What a run means, certificates and numbers belong to the shell.

mod step;

use core::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::content::{Ack, Part, read_query};
use super::datagram::{Opened, seal};
use super::key::Keyring;
use super::purse::{Purse, Share};
use super::receiver::Receiver;
use super::sender::{Plain, Sender, SenderState, Settled};
use super::{Class, Kind, SmsError};
use crate::id::Lane;

pub use step::{Action, Alarm, Config, Delivery, Input, Outcome, Rejection, Submission};

/// SMS without an ack (a receipt, a beacon) that wait; a further one takes the oldest one's place.
pub const ONCE_MAX: usize = 8;
/// Version of the stored form.
const STATE_VERSION: u8 = 1;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    sender: SenderState,
    receiver: Receiver,
}

/// An SMS without an ack.
#[derive(Clone)]
struct Once {
    kind: Kind,
    lane: Lane,
    content: Vec<u8>,
}

/// One end of a link.
#[derive(Clone)]
pub struct Link {
    config: Config,
    keys: Keyring,
    sender: Sender,
    receiver: Receiver,
    once: Vec<Once>,
    is_changed: bool,
    told_worn: bool,
    /// When what the budget denied is worth another try.
    held_until: Option<Timestamp>,
    last_ms: i64,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Link {
    /// A link without a past. The salt is drawn at random at each start of the process.
    pub fn new(config: Config, keys: Keyring, salt: [u8; 4]) -> Self {
        Self::with(config, keys, salt, None)
    }

    /// Continues with a stored state, under a fresh salt.
    ///
    /// # Errors
    /// `State` when it is of another version or damaged.
    pub fn restore(
        config: Config,
        keys: Keyring,
        salt: [u8; 4],
        state: &[u8],
    ) -> Result<Self, SmsError> {
        let (version, body) = state.split_first().ok_or(SmsError::State)?;
        if *version != STATE_VERSION {
            return Err(SmsError::State);
        }
        let state = postcard::from_bytes(body).map_err(|_damaged| SmsError::State)?;
        Ok(Self::with(config, keys, salt, Some(state)))
    }

    fn with(config: Config, keys: Keyring, salt: [u8; 4], state: Option<State>) -> Self {
        let (sent, receiver) = match state {
            Some(state) => (Some(state.sender), state.receiver),
            None => (None, Receiver::default()),
        };
        let mut sender = Sender::new(sent, salt, config.carrier);
        sender.use_key(&keys);
        Self {
            config,
            keys,
            sender,
            receiver,
            once: Vec::new(),
            is_changed: true,
            told_worn: false,
            held_until: None,
            last_ms: i64::MIN,
        }
    }

    /// What is persisted; it holds runs and is sealed by the caller.
    pub fn state(&self) -> Vec<u8> {
        let state = State {
            sender: self.sender.state.clone(),
            receiver: self.receiver.clone(),
        };
        let body = postcard::to_stdvec(&state).unwrap_or_default();
        [&[STATE_VERSION], body.as_slice()].concat()
    }

    /// The roots of the peer.
    pub fn keys(&self) -> &Keyring {
        &self.keys
    }

    /// Key ids that something here still needs: a root of another one may be destroyed.
    pub fn keys_in_use(&self) -> Vec<u8> {
        let mut ids: Vec<u8> = self.sender.keys_in_use().collect();
        ids.push(self.keys.newest().0);
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Takes one input and says what to do, in order.
    pub fn handle(&mut self, now: Timestamp, purse: &mut Purse, input: Input) -> Vec<Action> {
        let now_ms = now.as_millisecond();
        self.last_ms = now_ms;
        let mut actions = self.take(now_ms, input);
        self.is_changed |= self.sender.pass(now_ms);
        let (changed, again) = self.receiver.pass(now_ms);
        self.is_changed |= changed;
        actions.extend(again.into_iter().map(Action::Deliver));
        actions.extend(self.send(now, purse).map(Action::Send));
        let budget = purse.take_news();
        actions.extend(
            budget
                .into_iter()
                .map(|it| Action::Alarm(Alarm::Budget(it))),
        );
        if self.sender.is_worn() && !core::mem::replace(&mut self.told_worn, true) {
            actions.push(Action::Alarm(Alarm::KeyWorn));
        }
        if core::mem::take(&mut self.is_changed) {
            // A new root must be in the key file before a state that needs it.
            let after_keys = usize::from(matches!(actions.first(), Some(Action::KeyAdvanced(_))));
            actions.insert(after_keys, Action::Persist);
        }
        actions
    }

    /// When to call `handle(now, purse, Input::Timeout)`; `None` while nothing waits.
    pub fn deadline(&self, purse: &Purse) -> Option<Timestamp> {
        let at = |ms: i64| {
            let at = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
            // Due before the last call and still here: the budget holds it.
            let held = self.held_until.filter(|_| ms <= self.last_ms);
            held.unwrap_or(at)
        };
        let sending = Lane::ALL.into_iter().any(|lane| self.sender.wants(lane));
        let answering = self.receiver.ack_due(i64::MIN).is_some();
        let due = (sending || answering || !self.once.is_empty())
            .then(|| self.held_until.unwrap_or(Timestamp::MIN));
        let timers = [self.sender.wakes_ms(), self.receiver.wakes_ms()];
        let timers = timers.into_iter().flatten().map(at);
        let next = timers.chain(due).min()?;
        Some(next.max(purse.ready_at()))
    }

    fn take(&mut self, now_ms: i64, input: Input) -> Vec<Action> {
        match input {
            Input::Start => {
                let again = self.receiver.redeliver(now_ms);
                again.into_iter().map(Action::Deliver).collect()
            }
            Input::Submit(run) => self.submit(run),
            Input::Carried(ticket) => {
                self.is_changed |= self.sender.carried(ticket);
                Vec::new()
            }
            Input::Once {
                kind,
                lane,
                content,
            } => {
                let is_once = matches!(kind, Kind::Receipt | Kind::Control);
                if is_once && content.len() <= self.config.carrier.content_octets() {
                    if self.once.len() >= ONCE_MAX {
                        self.once.remove(0);
                    }
                    self.once.push(Once {
                        kind,
                        lane,
                        content,
                    });
                }
                Vec::new()
            }
            Input::Received(opened) => self.received(now_ms, opened),
            Input::Answered { run, outcome } => {
                self.is_changed |= self.receiver.answered(run, outcome);
                Vec::new()
            }
            Input::Keys(keys) => {
                self.take_keys(keys);
                Vec::new()
            }
            Input::Timeout => Vec::new(),
        }
    }

    fn submit(&mut self, run: Submission) -> Vec<Action> {
        let (ticket, lane) = (run.ticket, run.lane);
        let may_go = lane <= Lane::Money || self.config.lanes.contains(&lane);
        let taken = if may_go {
            self.sender.submit(run)
        } else {
            Err(Rejection::Lane)
        };
        self.is_changed |= taken.is_ok();
        let rejection = taken.err();
        rejection
            .map(|why| Action::Rejected(ticket, why))
            .into_iter()
            .collect()
    }

    /// A datagram that was taken before changes nothing and is not answered.
    fn received(&mut self, now_ms: i64, opened: Opened) -> Vec<Action> {
        let Opened { head, content } = opened;
        let mut actions = Vec::new();
        if !self.receiver.windows.take(head.nonce) {
            return actions;
        }
        self.is_changed = true;
        if self.keys.get(head.nonce.key).is_none() && self.keys.following().0 == head.nonce.key {
            let mut keys = self.keys.clone();
            keys.advance();
            self.take_keys(keys.clone());
            actions.push(Action::KeyAdvanced(keys));
        }
        let class = match head.kind {
            Kind::Control | Kind::ControlPart => Class::Control,
            _ => Class::Entries,
        };
        match head.kind {
            Kind::Single | Kind::Control if content.is_empty() => {}
            Kind::Single | Kind::Control => {
                let part = Part {
                    number: 0,
                    parts: 1,
                    piece: &content,
                };
                let whole = self.receiver.take_part(now_ms, head, class, part);
                actions.extend(whole.map(Action::Deliver));
            }
            Kind::Data | Kind::ControlPart => {
                if let Ok(part) = Part::decode(&content) {
                    let whole = self.receiver.take_part(now_ms, head, class, part);
                    actions.extend(whole.map(Action::Deliver));
                }
            }
            Kind::Ack => actions.extend(self.acknowledged(now_ms, &content)),
            Kind::Receipt => actions.push(Action::Receipt(content)),
            Kind::Query => {
                for item in read_query(&content).unwrap_or_default() {
                    self.receiver.asked(now_ms, &item);
                }
            }
        }
        actions
    }

    fn acknowledged(&mut self, now_ms: i64, content: &[u8]) -> Vec<Action> {
        let Ok(ack) = Ack::decode(content) else {
            return Vec::new();
        };
        let items = ack.items.iter();
        let mut actions: Vec<Action> = items
            .filter_map(|item| self.sender.acknowledged(now_ms, item))
            .map(|settled| match settled {
                Settled::Accepted(ticket) => Action::Accepted(ticket),
                Settled::Refused(ticket, code) => Action::Refused(ticket, code),
            })
            .collect();
        if !ack.receipt.is_empty() {
            actions.push(Action::Receipt(ack.receipt));
        }
        actions
    }

    fn take_keys(&mut self, keys: Keyring) {
        let gone: Vec<u8> = self.receiver.windows.keys().collect();
        for id in gone {
            if keys.get(id) != self.keys.get(id) {
                self.receiver.windows.forget(id);
            }
        }
        self.keys = keys;
        self.sender.use_key(&self.keys);
        self.told_worn = false;
        self.is_changed = true;
    }

    /// The most urgent SMS that the rate and the budget let go now: orders and money, acks, the rest.
    fn send(&mut self, now: Timestamp, purse: &mut Purse) -> Option<Vec<u8>> {
        if now < purse.ready_at() {
            return None;
        }
        let now_ms = now.as_millisecond();
        let mut was_denied = false;
        for turn in TURNS {
            let share = match turn {
                Turn::Lane(lane) if self.has_work(lane) => share(lane),
                Turn::Ack => match self.receiver.ack_due(now_ms) {
                    Some(Class::Control) => Share::Alert,
                    Some(Class::Entries) => Share::Ordinary,
                    None => continue,
                },
                Turn::Lane(_) => continue,
            };
            if !purse.spend(now, share) {
                was_denied = true;
                continue;
            }
            let plain = match turn {
                Turn::Lane(lane) => self.take_work(now_ms, lane),
                Turn::Ack => {
                    let room = self.config.carrier.content_octets();
                    let ack = self.receiver.take_ack(now_ms, room);
                    self.sender.once(Kind::Ack, ack.encode())
                }
            };
            self.is_changed = true;
            self.held_until = None;
            if let Some(sealed) = plain.and_then(|plain| self.seal(&plain)) {
                return Some(sealed);
            }
            was_denied = true;
        }
        self.held_until = was_denied.then(|| Purse::next_day(now));
        None
    }

    fn has_work(&self, lane: Lane) -> bool {
        self.sender.wants(lane) || self.once.iter().any(|it| it.lane == lane)
    }

    fn take_work(&mut self, now_ms: i64, lane: Lane) -> Option<Plain> {
        if let Some(at) = self.once.iter().position(|it| it.lane == lane) {
            let Once { kind, content, .. } = self.once.remove(at);
            return self.sender.once(kind, content);
        }
        self.sender.take(now_ms, lane, &self.keys)
    }

    fn seal(&self, plain: &Plain) -> Option<Vec<u8>> {
        let root = self.keys.get(plain.head.nonce.key)?;
        let key = root.link_key(&self.config.ends, self.config.sends);
        seal(&key, &plain.head, &plain.content).ok()
    }
}

/// Whose turn it is.
#[derive(Clone, Copy)]
enum Turn {
    Lane(Lane),
    Ack,
}

const TURNS: [Turn; 6] = [
    Turn::Lane(Lane::Control),
    Turn::Lane(Lane::Money),
    Turn::Ack,
    Turn::Lane(Lane::Referral),
    Turn::Lane(Lane::Registration),
    Turn::Lane(Lane::Audit),
];

fn share(lane: Lane) -> Share {
    match lane {
        Lane::Control => Share::Alert,
        Lane::Money => Share::Payment,
        _ => Share::Ordinary,
    }
}
