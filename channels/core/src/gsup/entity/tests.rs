//! The machine on a virtual clock: what is sent for what comes, at which moment.

mod page;
mod rules;

use jiff::Timestamp;

use super::dialogue::{Act, Input as Event, State, transition};
use super::link::{LinkState, Side, later};
use super::*;
use crate::address::Msisdn;
use crate::event::{UssdOp, UssdStep};
use crate::gsup::component::{Component, Operation};
use crate::gsup::imsi::Imsi;
use crate::gsup::message::{Message, MessageType, SessionState};
use crate::gsup::string;

/// The entity and all around it: home register, phone and clock.
pub(super) struct World {
    pub(super) entity: Entity,
    pub(super) now: Timestamp,
    /// What was done and not looked at.
    pub(super) done: Vec<Action>,
}

pub(super) const IMSI: &str = "001010000000001";
pub(super) const NUMBER: &str = "256772000001";

pub(super) fn settings() -> Settings {
    Settings {
        link: LinkName("cell".to_owned()),
        entity: "menu".to_owned(),
        guard_s: 255,
        sentences: Sentences {
            no_number: "This phone has no number yet.".to_owned(),
            busy: "The service is busy.".to_owned(),
            ended: "Please dial again.".to_owned(),
        },
    }
}

impl World {
    /// Before anything happened.
    pub(super) fn new() -> Self {
        let now = "2026-03-14T09:00:00Z".parse().unwrap();
        Self {
            entity: Entity::new(settings(), now),
            now,
            done: Vec::new(),
        }
    }

    /// Connected and identified on both sides.
    pub(super) fn open() -> Self {
        let mut world = Self::new();
        world.wait(0);
        for side in [Side::Gsup, Side::Ctrl] {
            world.give(Input::Connected(side));
        }
        world.frame(Protocol::Ccm, Ccm::IdGet(Vec::new()).encode());
        world.done.clear();
        world
    }

    pub(super) fn give(&mut self, input: Input) {
        let done = self.entity.handle(self.now, input);
        self.done.extend(done);
    }

    /// Lets seconds pass, and gives each deadline that is reached.
    pub(super) fn wait(&mut self, seconds: i64) {
        let until = later(self.now, seconds);
        while let Some(due) = self.entity.deadline().filter(|due| *due <= until) {
            self.now = due.max(self.now);
            self.give(Input::Timeout);
            let again = self.entity.deadline();
            assert!(again.is_none_or(|again| again > due), "time stands still");
        }
        self.now = until;
    }

    pub(super) fn frame(&mut self, protocol: Protocol, content: Vec<u8>) {
        let octets = Frame { protocol, content }.encode().unwrap();
        self.give(Input::Received(Side::Gsup, octets));
    }

    pub(super) fn ctrl(&mut self, text: &str) {
        let content = text.as_bytes().to_vec();
        let protocol = Protocol::Ctrl;
        let octets = Frame { protocol, content }.encode().unwrap();
        self.give(Input::Received(Side::Ctrl, octets));
    }

    pub(super) fn message(&mut self, session: u32, state: SessionState, component: Vec<u8>) {
        let message = Message {
            kind: MessageType::Request,
            imsi: Imsi::parse(IMSI).unwrap(),
            session,
            state,
            cause: None,
            component,
        };
        self.frame(Protocol::Gsup, message.encode().unwrap());
    }

    pub(super) fn dial(&mut self, session: u32, code: &str) {
        let begin = Component::Invoke {
            id: 5,
            operation: Operation::Process,
            string: string::encode(code).unwrap(),
        };
        self.message(session, SessionState::Begin, begin.encode().unwrap());
    }

    pub(super) fn answer(&mut self, session: u32, id: u8, text: &str) {
        let string = string::encode(text).unwrap();
        let result = Some((Operation::Request, string));
        let answer = Component::ReturnResult { id, result };
        self.message(session, SessionState::Continue, answer.encode().unwrap());
    }

    /// The number's question that was sent, answered with a record.
    pub(super) fn number(&mut self, number: &str) {
        let id = self.asked_number();
        let variable = format!("subscriber.by-imsi-{IMSI}.info");
        self.ctrl(&format!(
            "GET_REPLY {id} {variable} \nimsi\t{IMSI}\n{number}"
        ));
    }

    /// The id of the question for a number that was sent.
    pub(super) fn asked_number(&mut self) -> u32 {
        let sent = self.sent(Side::Ctrl);
        let text = String::from_utf8(sent.content).unwrap();
        assert!(text.ends_with(&format!("subscriber.by-imsi-{IMSI}.info")));
        text.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The next thing done, which was sent on this side.
    pub(super) fn sent(&mut self, side: Side) -> Frame {
        match self.done.remove(0) {
            Action::Send(sent, octets) if sent == side => {
                let mut cut = Splitter::default().push(&octets);
                assert_eq!(cut.frames.len(), 1);
                cut.frames.remove(0).unwrap()
            }
            other => panic!("{other:?} instead of a frame"),
        }
    }

    /// The next thing done, which was a message to the phone.
    pub(super) fn told(&mut self) -> (u32, SessionState, Component) {
        let frame = self.sent(Side::Gsup);
        let message = Message::decode(&frame.content).unwrap();
        assert_eq!(message.kind, MessageType::Result);
        assert_eq!(message.imsi, Imsi::parse(IMSI).unwrap());
        let component = Component::decode(&message.component).unwrap();
        (message.session, message.state, component)
    }

    /// The phone was shown this, as a question.
    pub(super) fn expect_question(&mut self, session: u32, text: &str) {
        let question = Component::Invoke {
            id: 6,
            operation: Operation::Request,
            string: string::encode(text).unwrap(),
        };
        assert_eq!(self.told(), (session, SessionState::Continue, question));
    }

    /// The phone was shown this, as the last screen.
    pub(super) fn expect_end(&mut self, session: u32, text: &str) {
        let result = Some((Operation::Process, string::encode(text).unwrap()));
        let end = Component::ReturnResult { id: 5, result };
        assert_eq!(self.told(), (session, SessionState::End, end));
    }

    /// The next thing done, which was an event for the node.
    pub(super) fn event(&mut self) -> (u64, UssdStep) {
        match self.done.remove(0) {
            Action::Event(key, Inbound::Ussd(step)) => {
                assert_eq!(step.link, LinkName("cell".to_owned()));
                assert_eq!(step.from, Msisdn::parse(NUMBER).unwrap());
                assert_eq!((step.limits, &step.step), ((128, 56), &None));
                (key, step)
            }
            other => panic!("{other:?} instead of an event"),
        }
    }

    pub(super) fn expect_note(&mut self, note: Note) {
        assert_eq!(self.done.remove(0), Action::Note(note));
    }

    pub(super) fn expect_nothing(&mut self) {
        assert_eq!(self.done, []);
    }

    pub(super) fn screen(&mut self, key: u64, text: &str, end: bool) {
        let text = text.to_owned();
        self.give(Input::Replied(key, Reply::Screen { text, end }));
    }

    /// A session that shows a screen; its number is known from now on.
    pub(super) fn shown(session: u32) -> Self {
        let mut world = Self::open();
        world.dial(session, "*384#");
        world.number(&format!("msisdn\t{NUMBER}"));
        let (key, _) = world.event();
        world.screen(key, "1 New person", false);
        world.expect_question(session, "1 New person");
        world
    }
}

#[test]
fn a_dialogue_goes_from_the_code_to_the_last_screen() {
    let mut world = World::open();
    world.dial(7, "*384#");
    world.number(&format!("msisdn\t{NUMBER}"));
    let (key, step) = world.event();
    assert_eq!((step.op, step.code.as_str()), (UssdOp::Begin, "*384#"));
    assert_eq!(
        (step.session.as_str(), step.text.as_str()),
        ("00000007", "")
    );
    world.screen(key, "1 New person", false);
    world.expect_question(7, "1 New person");
    world.answer(7, 6, "1");
    let (key, step) = world.event();
    assert_eq!((step.op, step.text.as_str()), (UssdOp::Continue, "1"));
    assert_eq!(step.session, "00000007");
    world.screen(key, "ሰላም", true);
    world.expect_end(7, "ሰላም");
    world.expect_nothing();
    assert_eq!(world.entity.open_sessions(), 0);
}

#[test]
fn the_number_of_a_sim_is_asked_for_once_an_hour() {
    let mut world = World::shown(7);
    world.dial(8, "*384#");
    // The old session is replaced in silence, and no question is asked.
    let (_, step) = world.event();
    assert_eq!(
        (step.session.as_str(), step.op),
        ("00000008", UssdOp::Begin)
    );
    world.expect_nothing();
    world.give(Input::Disconnected(Side::Ctrl, 0));
    world.wait(2);
    world.give(Input::Connected(Side::Ctrl));
    world.now = later(world.now, number::NUMBER_LIFE_S);
    world.done.clear();
    world.dial(9, "*384#");
    assert_eq!(world.asked_number(), 2);
}

#[test]
fn a_caller_without_a_number_gets_a_sentence_and_no_node() {
    for record in ["nam_cs\t1", "msisdn\t1001"] {
        let mut world = World::open();
        world.dial(7, "*384#");
        world.number(record);
        world.expect_note(Note::NoNumber);
        world.expect_end(7, "This phone has no number yet.");
        world.expect_nothing();
    }
    let mut world = World::open();
    world.dial(7, "*384#");
    let id = world.asked_number();
    world.ctrl(&format!("ERROR {id} No such subscriber."));
    world.expect_note(Note::NoNumber);
    world.expect_end(7, "This phone has no number yet.");
    // A SIM that was given its number meanwhile is served at once.
    world.dial(8, "*384#");
    world.number(&format!("msisdn\t{NUMBER}"));
    assert_eq!(world.event().1.op, UssdOp::Begin);
}

#[test]
fn a_number_that_the_register_does_not_tell_is_no_reason_to_wait() {
    let mut world = World::open();
    world.dial(7, "*384#");
    let id = world.asked_number();
    world.ctrl(&format!("ERROR {id} Command not found"));
    world.expect_note(Note::NumberUnsaid);
    world.expect_end(7, "The service is busy.");
    // Another SIM's record is nobody's number.
    world.dial(8, "*384#");
    let id = world.asked_number();
    let other = "GET_REPLY {} subscriber.by-imsi-001010000000002.info \nimsi\t001010000000002";
    world.ctrl(&format!(
        "{}\nmsisdn\t{NUMBER}",
        other.replace("{}", &id.to_string())
    ));
    world.expect_note(Note::NumberUnsaid);
    world.expect_end(8, "The service is busy.");
    // Silence: three seconds, and the connection is made anew.
    world.dial(9, "*384#");
    world.asked_number();
    world.wait(2);
    world.expect_nothing();
    world.wait(1);
    world.expect_note(Note::NumberUnsaid);
    assert_eq!(world.done.remove(0), Action::Close(Side::Ctrl));
    world.expect_end(9, "The service is busy.");
}

#[test]
fn a_question_waits_for_the_control_connection() {
    let mut world = World::open();
    world.give(Input::Disconnected(Side::Ctrl, 0));
    world.dial(7, "*384#");
    world.expect_nothing();
    world.wait(1);
    assert_eq!(world.done.remove(0), Action::Connect(Side::Ctrl));
    world.give(Input::Connected(Side::Ctrl));
    world.number(&format!("msisdn\t{NUMBER}"));
    assert_eq!(world.event().1.code, "*384#");
}
