//! A stand-in for the switch of an own cell, with its phones: what `osmo-msc` says to `osmo-hlr`.
//!
//! Only so much of GSUP as a dialogue needs. It shows what a phone would show, so a suite reads
//! like a person at a keypad. That it speaks as a switch does is checked against the demo entity
//! which comes with `osmo-hlr`, and which nobody here wrote.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{IpAddr, TcpStream};
use std::time::Duration;

use channels::gsup::GSUP_PORT;
use channels_core::gsup::ccm::{Ccm, IdTag};
use channels_core::gsup::component::{Component, Operation};
use channels_core::gsup::imsi::Imsi;
use channels_core::gsup::ipa::{Frame, Protocol, Splitter};
use channels_core::gsup::message::{Message, MessageType, SessionState};
use channels_core::gsup::string as ussd;

/// How long a person waits for a screen; longer than any time of the node.
const SCREEN: Duration = Duration::from_secs(20);
/// Invoke id of each BEGIN; any number will do.
const BEGIN_ID: u8 = 5;

/// What a phone shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shown {
    /// A screen that can be answered.
    Question(String),
    /// The last screen.
    End(String),
    /// An error with its code (TS 24.080 §4.5).
    Error(u8),
}

impl Shown {
    /// The screen.
    ///
    /// # Panics
    /// When it is an error.
    pub fn text(&self) -> &str {
        match self {
            Self::Question(text) | Self::End(text) => text,
            Self::Error(code) => panic!("the phone shows error {code}"),
        }
    }
}

/// A session of a phone.
#[derive(Debug)]
pub struct Call {
    imsi: Imsi,
    session: u32,
    /// Invoke id of the question that waits for an answer.
    asked: Option<u8>,
}

/// The switch.
#[derive(Debug)]
pub struct Msc {
    stream: TcpStream,
    splitter: Splitter,
    frames: VecDeque<Frame>,
    sessions: u32,
}

impl Msc {
    /// Connects to a home register and says who it is.
    ///
    /// # Panics
    /// When the home register does not answer as it should.
    pub fn connect(register: IpAddr) -> Self {
        let stream = TcpStream::connect((register, GSUP_PORT)).expect("a home register");
        stream.set_read_timeout(Some(SCREEN)).expect("a time");
        let mut msc = Self {
            stream,
            splitter: Splitter::default(),
            frames: VecDeque::new(),
            sessions: 0x2000_0000,
        };
        let asked = msc.frame();
        let Ok(Ccm::IdGet(tags)) = Ccm::decode(&asked.content) else {
            panic!("{asked:?} is no question who we are")
        };
        let value = |tag| match tag {
            IdTag::Unit => (tag, "0/0/0".to_owned()),
            IdTag::SerialNumber | IdTag::UnitName => (tag, "MSC-a".to_owned()),
            IdTag::Other(_) => (tag, String::new()),
        };
        let identity = Ccm::IdResp(tags.into_iter().map(value).collect());
        msc.send(Protocol::Ccm, identity.encode());
        // The register answers in order: with this it has read who we are.
        msc.send(Protocol::Ccm, Ccm::Ping.encode());
        assert_eq!(Ccm::decode(&msc.frame().content), Ok(Ccm::Pong));
        msc
    }

    /// A phone dials a code.
    ///
    /// # Panics
    /// When no screen comes in time.
    pub fn dial(&mut self, imsi: &str, code: &str) -> (Call, Shown) {
        self.sessions += 1;
        let mut call = Call {
            imsi: Imsi::parse(imsi).expect("an IMSI"),
            session: self.sessions,
            asked: None,
        };
        let begin = Component::Invoke {
            id: BEGIN_ID,
            operation: Operation::Process,
            string: ussd::encode(code).expect("a code"),
        };
        self.say(&call, SessionState::Begin, &begin);
        let shown = self.shown(&mut call);
        (call, shown)
    }

    /// A person answers a screen.
    ///
    /// # Panics
    /// When nothing was asked, or no screen comes in time.
    pub fn answer(&mut self, call: &mut Call, text: &str) -> Shown {
        let id = call.asked.take().expect("a question");
        let string = ussd::encode(text).expect("a short answer");
        let result = Some((Operation::Request, string));
        let answer = Component::ReturnResult { id, result };
        self.say(call, SessionState::Continue, &answer);
        self.shown(call)
    }

    /// A person hangs up; the home register keeps it to itself.
    pub fn hang_up(&mut self, call: &Call) {
        self.message(call, SessionState::End, Vec::new());
    }

    fn shown(&mut self, call: &mut Call) -> Shown {
        let message = loop {
            let frame = self.frame();
            let message = Message::decode(&frame.content).expect("a message");
            if message.imsi == call.imsi && message.session == call.session {
                break message;
            }
        };
        assert_eq!(message.kind, MessageType::Result, "{message:?}");
        let component = Component::decode(&message.component).expect("a component");
        match (message.state, component) {
            (
                SessionState::Continue,
                Component::Invoke {
                    id,
                    operation: Operation::Request,
                    string,
                },
            ) => {
                call.asked = Some(id);
                Shown::Question(ussd::decode(&string).expect("a text"))
            }
            (SessionState::End, Component::ReturnResult { id, result }) => {
                assert_eq!(id, BEGIN_ID, "the answer to another BEGIN");
                let (operation, string) = result.expect("a last screen");
                assert_eq!(operation, Operation::Process);
                Shown::End(ussd::decode(&string).expect("a text"))
            }
            (_, Component::ReturnError { code, .. }) => Shown::Error(code),
            (state, other) => panic!("a phone cannot show {state:?} {other:?}"),
        }
    }

    fn say(&mut self, call: &Call, state: SessionState, component: &Component) {
        self.message(call, state, component.encode().expect("a component"));
    }

    fn message(&mut self, call: &Call, state: SessionState, component: Vec<u8>) {
        let message = Message {
            kind: MessageType::Request,
            imsi: call.imsi.clone(),
            session: call.session,
            state,
            cause: None,
            component,
        };
        self.send(Protocol::Gsup, message.encode().expect("a message"));
    }

    fn send(&mut self, protocol: Protocol, content: Vec<u8>) {
        let frame = Frame { protocol, content };
        let octets = frame.encode().expect("a frame");
        self.stream.write_all(&octets).expect("the register reads");
    }

    fn frame(&mut self) -> Frame {
        while self.frames.is_empty() {
            let mut octets = [0; 4_096];
            let count = self.stream.read(&mut octets).expect("a frame in time");
            assert!(count > 0, "the home register closed the link");
            let cut = self.splitter.push(&octets[..count]);
            let whole = cut.frames.into_iter().map(|frame| frame.expect("a frame"));
            self.frames.extend(whole);
        }
        self.frames.pop_front().expect("a frame")
    }
}
