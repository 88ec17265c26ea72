//! An external USSD entity of `osmo-hlr`: phones of an own cell dial the node (TS 24.090).
//!
//! Pure: octets of two connections, replies of the node and time go in, [`Action`]s come out. A
//! session is known by link, session id and IMSI; its number is asked for before the node hears of
//! it, and a SIM without one gets a sentence. The hang-up of a phone is not told to us, so our own
//! clock ends a session just before the home register's. A question carries the invoke id that
//! follows the one of BEGIN, so an answer alone tells how to close the session: it goes on after
//! a restart of the node.

pub mod dialogue;
pub mod link;
pub mod number;
mod session;

use std::collections::BTreeMap;

use jiff::Timestamp;

use self::dialogue::Input as Event;
use self::link::{Link, LinkState, Order, Side};
use self::number::Numbers;
use self::session::{Key, Session};
use super::ccm::Ccm;
use super::ctrl::{self, Answer, Number};
use super::ipa::{Cut, Frame, Protocol, Splitter};
use super::{Reason, Refused};
use crate::event::{Inbound, LinkName, Reply};

/// Most sessions open at once; a further caller hears that the service is busy.
pub const SESSIONS_MAX: usize = 1_024;

/// Sentences for the phone, in the language of the place; each within a screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sentences {
    /// This phone has no number yet.
    pub no_number: String,
    /// The service is busy, try again in a few minutes.
    pub busy: String,
    /// The conversation has ended, dial again.
    pub ended: String,
}

/// What is particular about a cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Name of the link.
    pub link: LinkName,
    /// Name of the entity in the home register's configuration.
    pub entity: String,
    /// `ncss-guard-timeout` of the home register, in seconds.
    pub guard_s: u8,
    /// Sentences of the node.
    pub sentences: Sentences,
}

/// What happens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A connection is there.
    Connected(Side),
    /// A connection is gone or could not be made; the octet spreads the next try.
    Disconnected(Side, u8),
    /// Octets came.
    Received(Side, Vec<u8>),
    /// The node's answer to [`Action::Event`]; a dropped one is [`Reply::Busy`].
    Replied(u64, Reply),
    /// The deadline is reached.
    Timeout,
    /// The program stops.
    Stop,
}

/// What the shell does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Connect.
    Connect(Side),
    /// Send octets.
    Send(Side, Vec<u8>),
    /// Close, then give [`Input::Disconnected`].
    Close(Side),
    /// Hand this to the node; the reply comes back under the key. An [`crate::UssdOp::Abort`]
    /// needs no reply.
    Event(u64, Inbound),
    /// Something to log; nothing personal.
    Note(Note),
}

/// Something worth a line in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Note {
    /// Phones reach the node from now on.
    Open,
    /// The link is opened anew.
    Reopened,
    /// A frame, message or component was refused and passed over.
    Refused(Refused),
    /// What came fits no session, or no question of it.
    Stray,
    /// A caller's SIM has no number in international form.
    NoNumber,
    /// The home register did not tell the number of a SIM.
    NumberUnsaid,
    /// The node answered a session that was over.
    LateReply,
    /// The node did not answer in time.
    ReplyOverdue,
    /// A screen was longer than a phone of this cell can show, and was cut.
    ScreenCut,
    /// A screen was ready while the link was down.
    ScreenLost,
}

/// See the module.
pub struct Entity {
    settings: Settings,
    gsup: Link,
    ctrl: Link,
    frames: Splitter,
    answers: Splitter,
    sessions: BTreeMap<Key, Session>,
    /// Which session an event of the node belongs to.
    events: BTreeMap<u64, Key>,
    /// Which session a question to the home register is for.
    questions: BTreeMap<u32, Key>,
    numbers: Numbers,
    event_count: u64,
    question_count: u32,
}

impl Entity {
    /// An entity that connects at once: [`Self::deadline`] is reached.
    pub fn new(settings: Settings, now: Timestamp) -> Self {
        Self {
            settings,
            gsup: Link::new(Side::Gsup, now),
            ctrl: Link::new(Side::Ctrl, now),
            frames: Splitter::default(),
            answers: Splitter::default(),
            sessions: BTreeMap::new(),
            events: BTreeMap::new(),
            questions: BTreeMap::new(),
            numbers: Numbers::default(),
            event_count: 0,
            question_count: 0,
        }
    }

    /// Takes an input; the actions are to be performed in order.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Action> {
        let mut out = Vec::new();
        match input {
            Input::Connected(side) => self.connected(now, side, &mut out),
            Input::Disconnected(side, jitter) => self.disconnected(now, side, jitter),
            Input::Received(Side::Gsup, octets) => self.gsup_octets(now, &octets, &mut out),
            Input::Received(Side::Ctrl, octets) => self.ctrl_octets(now, &octets, &mut out),
            Input::Replied(key, reply) => self.replied(now, key, reply, &mut out),
            Input::Timeout => self.timeout(now, &mut out),
            Input::Stop => {
                for side in [Side::Gsup, Side::Ctrl] {
                    let order = self.link(side).stop();
                    follow(side, order, &mut out);
                }
            }
        }
        out
    }

    /// When to give [`Input::Timeout`].
    pub fn deadline(&self) -> Option<Timestamp> {
        let links = [self.gsup.deadline(), self.ctrl.deadline()];
        let sessions = self.sessions.values().map(|session| session.due);
        links.into_iter().flatten().chain(sessions).min()
    }

    /// Where a connection stands.
    pub fn link_state(&self, side: Side) -> LinkState {
        match side {
            Side::Gsup => self.gsup.state(),
            Side::Ctrl => self.ctrl.state(),
        }
    }

    /// How many sessions are open.
    pub fn open_sessions(&self) -> usize {
        self.sessions.len()
    }

    fn link(&mut self, side: Side) -> &mut Link {
        match side {
            Side::Gsup => &mut self.gsup,
            Side::Ctrl => &mut self.ctrl,
        }
    }

    fn connected(&mut self, now: Timestamp, side: Side, out: &mut Vec<Action>) {
        self.link(side).connected(now);
        if side == Side::Ctrl {
            let waiting = self.sessions.iter().filter(|(_, one)| one.is_unasked());
            let waiting: Vec<Key> = waiting.map(|(key, _)| key.clone()).collect();
            for key in waiting {
                self.ask_number(&key, out);
            }
        }
    }

    fn disconnected(&mut self, now: Timestamp, side: Side, jitter: u8) {
        self.link(side).disconnected(now, jitter);
        match side {
            Side::Gsup => self.frames.clear(),
            Side::Ctrl => {
                self.answers.clear();
                self.questions.clear();
                // Asked again once the connection is back, if the caller still waits then.
                for session in self.sessions.values_mut() {
                    session.question = None;
                }
            }
        }
    }

    /// The frames that are whole now; a stream that cannot be followed closes its link.
    fn take(&mut self, side: Side, cut: Cut, out: &mut Vec<Action>) -> Vec<Frame> {
        let mut frames = Vec::new();
        for frame in cut.frames {
            match frame {
                Ok(frame) => frames.push(frame),
                Err(refused) => out.push(Action::Note(Note::Refused(refused))),
            }
        }
        if let Some(refused) = cut.bad {
            out.push(Action::Note(Note::Refused(refused)));
            let order = self.link(side).give_up();
            follow(side, order, out);
        }
        frames
    }

    fn gsup_octets(&mut self, now: Timestamp, octets: &[u8], out: &mut Vec<Action>) {
        let cut = self.frames.push(octets);
        for frame in self.take(Side::Gsup, cut, out) {
            self.gsup.heard(now);
            let taken = match frame.protocol {
                Protocol::Ccm => self.ccm(now, &frame.content, out),
                Protocol::Gsup => self.message(now, &frame.content, out),
                Protocol::Ctrl => Err(Reason::UnknownType(0).at(0)),
            };
            if let Err(refused) = taken {
                out.push(Action::Note(Note::Refused(refused)));
            }
        }
    }

    fn ccm(
        &mut self,
        now: Timestamp,
        content: &[u8],
        out: &mut Vec<Action>,
    ) -> Result<(), Refused> {
        match Ccm::decode(content)? {
            Ccm::Ping => send(Side::Gsup, Protocol::Ccm, Ccm::Pong.encode(), out),
            Ccm::IdGet(_) => {
                let identity = Ccm::identity(&self.settings.entity);
                send(Side::Gsup, Protocol::Ccm, identity.encode(), out)?;
                if !self.gsup.is_open() {
                    self.gsup.identified(now);
                    out.push(Action::Note(Note::Open));
                }
                Ok(())
            }
            Ccm::Pong | Ccm::IdResp(_) | Ccm::IdAck => Ok(()),
        }
    }

    fn ctrl_octets(&mut self, now: Timestamp, octets: &[u8], out: &mut Vec<Action>) {
        let cut = self.answers.push(octets);
        for frame in self.take(Side::Ctrl, cut, out) {
            self.ctrl.heard(now);
            match frame.protocol {
                Protocol::Ctrl => self.answered(now, ctrl::answer(&frame.content), out),
                Protocol::Ccm | Protocol::Gsup => {
                    let refused = Reason::UnknownType(0).at(0);
                    out.push(Action::Note(Note::Refused(refused)));
                }
            }
        }
    }

    /// Asks for a number; without a connection it is asked for once there is one.
    fn ask_number(&mut self, key: &Key, out: &mut Vec<Action>) {
        if !self.ctrl.is_open() {
            return;
        }
        self.question_count = self.question_count.wrapping_add(1);
        let id = self.question_count;
        let asked = send(Side::Ctrl, Protocol::Ctrl, ctrl::get_info(id, &key.0), out);
        if asked.is_ok()
            && let Some(session) = self.sessions.get_mut(key)
        {
            session.question = Some(id);
            self.questions.insert(id, key.clone());
        }
    }

    fn answered(&mut self, now: Timestamp, answer: Answer, out: &mut Vec<Action>) {
        let (id, number, imsi) = match answer {
            Answer::Subscriber { id, imsi, number } => (id, Some(number), imsi),
            Answer::NoSubscriber { id } => (id, Some(Number::None), None),
            Answer::Failed { id } => (id, None, None),
            Answer::Other => return,
        };
        let Some(key) = self.questions.remove(&id) else {
            return;
        };
        // Ids start anew with a connection and its owner; a number is given to nobody else's SIM.
        let is_other = imsi.is_some_and(|imsi| imsi != key.0);
        let event = match number {
            _ if is_other => Event::Unsaid,
            Some(Number::Known(number)) => {
                self.numbers.keep(key.0.clone(), number.clone(), now);
                if let Some(session) = self.sessions.get_mut(&key) {
                    session.number = Some(number);
                }
                Event::Numbered
            }
            Some(Number::None | Number::Unusable) => Event::Numberless,
            None => Event::Unsaid,
        };
        match event {
            Event::Unsaid => out.push(Action::Note(Note::NumberUnsaid)),
            Event::Numberless => out.push(Action::Note(Note::NoNumber)),
            _ => {}
        }
        self.step(now, &key, event, out);
    }

    fn replied(&mut self, now: Timestamp, event: u64, reply: Reply, out: &mut Vec<Action>) {
        let Some(key) = self.events.remove(&event) else {
            // An abort has no answer that anybody waits for.
            if matches!(reply, Reply::Screen { .. }) {
                out.push(Action::Note(Note::LateReply));
            }
            return;
        };
        let input = match &reply {
            Reply::Screen { end: false, .. } => Event::Asked,
            Reply::Screen { end: true, .. } | Reply::Accepted => Event::Ended,
            Reply::Busy => Event::Busy,
        };
        if let Reply::Screen { text, .. } = reply
            && let Some(session) = self.sessions.get_mut(&key)
        {
            session.screen = text;
        }
        self.step(now, &key, input, out);
    }

    fn timeout(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        for side in [Side::Gsup, Side::Ctrl] {
            let order = self.link(side).timeout(now);
            if order == Order::Close {
                out.push(Action::Note(Note::Reopened));
            }
            follow(side, order, out);
        }
        let due = self.sessions.iter().filter(|(_, one)| one.due <= now);
        let due: Vec<Key> = due.map(|(key, _)| key.clone()).collect();
        for key in due {
            self.overdue(&key, out);
            self.step(now, &key, Event::TimedOut, out);
        }
    }

    /// What it means that a session's time is over, for the log and for the other connection.
    fn overdue(&mut self, key: &Key, out: &mut Vec<Action>) {
        match self.sessions.get(key).map(|session| session.state) {
            Some(dialogue::State::Seeking) => {
                out.push(Action::Note(Note::NumberUnsaid));
                // A connection that does not answer is not asked again.
                let order = self.ctrl.give_up();
                follow(Side::Ctrl, order, out);
            }
            Some(dialogue::State::Answering) => out.push(Action::Note(Note::ReplyOverdue)),
            _ => {}
        }
    }
}

fn follow(side: Side, order: Order, out: &mut Vec<Action>) {
    match order {
        Order::Nothing => {}
        Order::Connect => out.push(Action::Connect(side)),
        Order::Close => out.push(Action::Close(side)),
        Order::Ping => {
            let ping = send(side, Protocol::Ccm, Ccm::Ping.encode(), out);
            debug_assert!(ping.is_ok(), "one octet is never too large");
        }
    }
}

/// Sends a frame.
fn send(
    side: Side,
    protocol: Protocol,
    content: Vec<u8>,
    out: &mut Vec<Action>,
) -> Result<(), Refused> {
    let frame = Frame { protocol, content };
    out.push(Action::Send(side, frame.encode()?));
    Ok(())
}

#[cfg(test)]
mod tests;
