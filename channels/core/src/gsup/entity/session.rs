//! One session and what its acts do: messages read into events, screens written into messages.

use core::ops::RangeInclusive;

use jiff::Timestamp;

use super::dialogue::{self, Act, Input as Event, Sentence, State};
use super::link::{Side, later};
use super::{Action, Entity, Note, SESSIONS_MAX, send};
use crate::address::Msisdn;
use crate::event::{Inbound, UssdOp, UssdStep};
use crate::gsup::component::{
    Component, Operation, SYSTEM_FAILURE, UNEXPECTED_DATA_VALUE, UNKNOWN_ALPHABET,
};
use crate::gsup::imsi::Imsi;
use crate::gsup::ipa::Protocol;
use crate::gsup::message::{Message, MessageType, SessionState};
use crate::gsup::string::{self, SCREEN_SEPTETS_MAX, SCREEN_UNITS_MAX};
use crate::gsup::{Reason, Refused};
use crate::ussd_text::UssdString;

/// Time for the home register to tell a number, in seconds; then the caller hears "busy".
const SEEK_S: i64 = 3;
/// Time for the node's answer, in seconds; then the caller hears "busy".
const ANSWER_S: i64 = 5;
/// How much earlier than the home register's our clock ends a session, in seconds.
const MARGIN_S: i64 = 5;

/// Names a session, together with the link: SIM and session id.
pub(super) type Key = (Imsi, u32);

/// One open session.
pub(super) struct Session {
    pub(super) state: State,
    pub(super) due: Timestamp,
    /// Invoke id of BEGIN, which END answers.
    begin: u8,
    pub(super) number: Option<Msisdn>,
    /// The question to the home register that is on its way.
    pub(super) question: Option<u32>,
    /// The event that the node has.
    event: Option<u64>,
    /// The step for the node.
    op: UssdOp,
    code: String,
    text: String,
    /// The screen for the phone.
    pub(super) screen: String,
}

/// What a message of the home register says.
struct Said {
    event: Event,
    /// Invoke id of BEGIN, as far as the message tells it.
    begin: u8,
    text: String,
    /// Code of the return error, where the message could not be read.
    fault: u8,
}

impl Session {
    /// Whether its number must still be asked for.
    pub(super) fn is_unasked(&self) -> bool {
        self.state == State::Seeking && self.question.is_none()
    }

    /// The invoke id of its questions.
    fn asks_with(&self) -> u8 {
        self.begin.wrapping_add(1)
    }
}

impl Entity {
    /// Takes a GSUP message.
    pub(super) fn message(
        &mut self,
        now: Timestamp,
        content: &[u8],
        out: &mut Vec<Action>,
    ) -> Result<(), Refused> {
        let message = Message::decode(content)?;
        let key = (message.imsi.clone(), message.session);
        let said = self.said(&key, &message, out);
        if message.kind == MessageType::Request {
            self.gsup.proved();
        }
        match said.event {
            Event::Dialled => self.dialled(now, &key, said, out),
            Event::Typed => self.typed(now, &key, said, out),
            Event::Unreadable => self.unreadable(now, &key, &said, out),
            event => {
                if event == Event::Stray || !self.sessions.contains_key(&key) {
                    out.push(Action::Note(Note::Stray));
                }
                self.step(now, &key, event, out);
            }
        }
        Ok(())
    }

    fn said(&self, key: &Key, message: &Message, out: &mut Vec<Action>) -> Said {
        let plain = |event| Said {
            event,
            begin: 0,
            text: String::new(),
            fault: SYSTEM_FAILURE,
        };
        if message.kind == MessageType::Error {
            return plain(Event::Gone);
        }
        if message.state == SessionState::End {
            return plain(Event::HungUp);
        }
        let octets = &message.component;
        let read = Component::decode(octets)
            .and_then(|component| self.meaning(key, message.state, component));
        read.unwrap_or_else(|refused| {
            out.push(Action::Note(Note::Refused(refused)));
            let fault = match refused.reason {
                Reason::UnknownAlphabet(_) => UNKNOWN_ALPHABET,
                _ => UNEXPECTED_DATA_VALUE,
            };
            let id = Component::invoke_id(octets).unwrap_or_default();
            let begin = match message.state {
                SessionState::Begin => id,
                SessionState::Continue | SessionState::End => id.wrapping_sub(1),
            };
            Said {
                event: Event::Unreadable,
                begin,
                text: String::new(),
                fault,
            }
        })
    }

    fn meaning(
        &self,
        key: &Key,
        state: SessionState,
        component: Component,
    ) -> Result<Said, Refused> {
        let known = self.sessions.get(key);
        let (event, begin, string) = match (state, component) {
            (
                SessionState::Begin,
                Component::Invoke {
                    id,
                    operation: Operation::Process,
                    string,
                },
            ) => (Event::Dialled, id, Some(string)),
            (SessionState::Begin, _) => return Err(Reason::WrongForm("beginning").at(0)),
            (_, Component::ReturnResult { id, result }) => {
                let fits = known.is_none_or(|session| session.asks_with() == id);
                let event = if fits { Event::Typed } else { Event::Stray };
                (event, id.wrapping_sub(1), result.map(|(_, string)| string))
            }
            (_, Component::ReturnError { .. } | Component::Reject { .. }) => {
                (Event::HungUp, 0, None)
            }
            (_, Component::Invoke { .. }) => (Event::Stray, 0, None),
        };
        let text = string.map_or(Ok(String::new()), |string| string::decode(&string))?;
        Ok(Said {
            event,
            begin,
            text,
            fault: SYSTEM_FAILURE,
        })
    }

    /// A phone dialled: other sessions of its SIM are over, whether it hung up or lost the cell.
    fn dialled(&mut self, now: Timestamp, key: &Key, said: Said, out: &mut Vec<Action>) {
        let all: RangeInclusive<Key> = (key.0.clone(), 0)..=(key.0.clone(), u32::MAX);
        let old: Vec<Key> = self
            .sessions
            .range(all)
            .map(|(key, _)| key.clone())
            .collect();
        for key in old {
            self.step(now, &key, Event::Redialled, out);
        }
        let (code, text) = (said.text, String::new());
        self.open(now, key, (said.begin, UssdOp::Begin, code, text), out);
    }

    /// A person answered; a session that is not known was open before our restart.
    fn typed(&mut self, now: Timestamp, key: &Key, said: Said, out: &mut Vec<Action>) {
        let Some(session) = self.sessions.get_mut(key) else {
            let step = (said.begin, UssdOp::Continue, String::new(), said.text);
            return self.open(now, key, step, out);
        };
        if session.state == State::Shown {
            session.op = UssdOp::Continue;
            session.text = said.text;
        } else {
            out.push(Action::Note(Note::Stray));
        }
        self.step(now, key, Event::Typed, out);
    }

    /// Opens a session with its first step, and seeks the caller's number.
    fn open(
        &mut self,
        now: Timestamp,
        key: &Key,
        (begin, op, code, text): (u8, UssdOp, String, String),
        out: &mut Vec<Action>,
    ) {
        if self.sessions.len() >= SESSIONS_MAX {
            let busy = self.settings.sentences.busy.clone();
            return self.end(key, begin, &busy, out);
        }
        let event = match op {
            UssdOp::Begin => Event::Dialled,
            UssdOp::Continue | UssdOp::Abort => Event::Typed,
        };
        let session = Session {
            state: State::Closed,
            due: now,
            begin,
            number: self.numbers.get(&key.0, now),
            question: None,
            event: None,
            op,
            code,
            text,
            screen: String::new(),
        };
        let is_known = session.number.is_some();
        self.sessions.insert(key.clone(), session);
        self.step(now, key, event, out);
        if is_known {
            self.step(now, key, Event::Numbered, out);
        }
    }

    fn unreadable(&mut self, now: Timestamp, key: &Key, said: &Said, out: &mut Vec<Action>) {
        let (before, begin) = match self.sessions.get(key) {
            Some(session) => (session.state, session.begin),
            None => (State::Closed, said.begin),
        };
        self.step(now, key, Event::Unreadable, out);
        if dialogue::transition(before, Event::Unreadable).1 == Act::Fault {
            let (id, code) = (begin, said.fault);
            let error = Component::ReturnError { id, code };
            self.send(key, SessionState::End, &error, out);
        }
    }

    /// Gives a session an input, and does what the table says.
    pub(super) fn step(&mut self, now: Timestamp, key: &Key, event: Event, out: &mut Vec<Action>) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let (state, act) = dialogue::transition(session.state, event);
        if state != session.state {
            session.state = state;
            session.due = match state {
                State::Closed => now,
                State::Seeking => later(now, SEEK_S),
                State::Answering => later(now, ANSWER_S),
                State::Shown => later(now, i64::from(self.settings.guard_s) - MARGIN_S),
            };
        }
        self.perform(key, act, out);
        if state == State::Closed {
            self.forget(key);
        }
    }

    fn forget(&mut self, key: &Key) {
        if let Some(session) = self.sessions.remove(key) {
            if let Some(event) = session.event {
                self.events.remove(&event);
            }
            if let Some(question) = session.question {
                self.questions.remove(&question);
            }
        }
    }

    fn perform(&mut self, key: &Key, act: Act, out: &mut Vec<Action>) {
        match act {
            Act::Nothing => {}
            Act::LookUp => {
                let known = self.sessions.get(key);
                if known.is_some_and(|session| session.number.is_none()) {
                    self.ask_number(key, out);
                }
            }
            Act::Deliver => self.deliver(key, out),
            Act::Ask => self.ask(key, out),
            Act::End => {
                let ended = self.settings.sentences.ended.clone();
                self.finish(key, &ended, out);
            }
            Act::Refuse(sentence) => self.refuse(key, sentence, out),
            Act::Fault | Act::Abort => self.abort(key, out),
            Act::Expire => {
                self.refuse(key, Sentence::Ended, out);
                self.abort(key, out);
            }
        }
    }

    fn refuse(&mut self, key: &Key, sentence: Sentence, out: &mut Vec<Action>) {
        let sentences = &self.settings.sentences;
        let text = match sentence {
            Sentence::NoNumber => &sentences.no_number,
            Sentence::Busy => &sentences.busy,
            Sentence::Ended => &sentences.ended,
        };
        let text = text.clone();
        if let Some(begin) = self.sessions.get(key).map(|session| session.begin) {
            self.end(key, begin, &text, out);
        }
    }

    /// Ends with the node's last screen, or with a sentence where it has none.
    fn finish(&mut self, key: &Key, otherwise: &str, out: &mut Vec<Action>) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let (begin, screen) = (session.begin, core::mem::take(&mut session.screen));
        let text = if screen.is_empty() {
            otherwise
        } else {
            &screen
        };
        self.end(key, begin, text, out);
    }

    fn deliver(&mut self, key: &Key, out: &mut Vec<Action>) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let Some(from) = session.number.clone() else {
            return;
        };
        self.event_count = self.event_count.saturating_add(1);
        session.event = Some(self.event_count);
        self.events.insert(self.event_count, key.clone());
        let step = UssdStep {
            link: self.settings.link.clone(),
            session: session_name(key),
            from,
            code: core::mem::take(&mut session.code),
            op: session.op,
            text: core::mem::take(&mut session.text),
            step: None,
            // The answer names our question, and the home register repeats nothing.
            screen_taken: true,
            limits: (SCREEN_SEPTETS_MAX, SCREEN_UNITS_MAX),
        };
        out.push(Action::Event(self.event_count, Inbound::Ussd(step)));
    }

    /// Tells the node that nobody is there; only of a session that it has heard of.
    fn abort(&mut self, key: &Key, out: &mut Vec<Action>) {
        let known = self.sessions.get(key);
        let Some(from) = known.and_then(|session| session.number.clone()) else {
            return;
        };
        self.event_count = self.event_count.saturating_add(1);
        let step = UssdStep {
            link: self.settings.link.clone(),
            session: session_name(key),
            from,
            code: String::new(),
            op: UssdOp::Abort,
            text: String::new(),
            step: None,
            screen_taken: true,
            limits: (SCREEN_SEPTETS_MAX, SCREEN_UNITS_MAX),
        };
        out.push(Action::Event(self.event_count, Inbound::Ussd(step)));
    }

    /// Shows a screen that waits for an answer.
    fn ask(&mut self, key: &Key, out: &mut Vec<Action>) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let id = session.asks_with();
        let screen = core::mem::take(&mut session.screen);
        let question = Component::Invoke {
            id,
            operation: Operation::Request,
            string: written(&screen, out),
        };
        self.send(key, SessionState::Continue, &question, out);
    }

    /// Ends a session with a screen, as the answer to its BEGIN.
    fn end(&mut self, key: &Key, begin: u8, screen: &str, out: &mut Vec<Action>) {
        let result = Some((Operation::Process, written(screen, out)));
        let answer = Component::ReturnResult { id: begin, result };
        self.send(key, SessionState::End, &answer, out);
    }

    fn send(
        &mut self,
        key: &Key,
        state: SessionState,
        component: &Component,
        out: &mut Vec<Action>,
    ) {
        if !self.gsup.is_open() {
            out.push(Action::Note(Note::ScreenLost));
            return;
        }
        let sent = component.encode().and_then(|component| {
            let message = Message {
                kind: MessageType::Result,
                imsi: key.0.clone(),
                session: key.1,
                state,
                cause: None,
                component,
            };
            send(Side::Gsup, Protocol::Gsup, message.encode()?, out)
        });
        if let Err(refused) = sent {
            out.push(Action::Note(Note::Refused(refused)));
        }
    }
}

fn written(screen: &str, out: &mut Vec<Action>) -> UssdString {
    let (string, whole) = string::encode_start(screen);
    if !whole {
        out.push(Action::Note(Note::ScreenCut));
    }
    string
}

/// The gateway's name of a session; link and number complete its key.
fn session_name((_, id): &Key) -> String {
    format!("{id:08x}")
}
