//! Frames and messages of a home register, and the machine that answers its phones.

use channels_core::gsup::ccm::Ccm;
use channels_core::gsup::ctrl::{self, Answer, Number};
use channels_core::gsup::entity::link::Side;
use channels_core::gsup::entity::{Action, Entity, Input, Note, SESSIONS_MAX, Sentences, Settings};
use channels_core::gsup::ipa::{FRAME_OCTETS_MAX, Protocol, Splitter};
use channels_core::gsup::message::{Message, MessageType, SessionState};
use channels_core::{Inbound, LinkName, Reply, UssdOp};
use jiff::{SignedDuration, Timestamp};

use super::Reached;

/// Every message type and session state, every answer about a number, what the machine does.
pub(super) const REACHES: &[&str] = &[
    "frame of connection management",
    "frame of GSUP",
    "frame of the control interface",
    "frame refused",
    "stream given up",
    "ping",
    "pong",
    "id get",
    "id resp",
    "id ack",
    "request",
    "error",
    "result",
    "begin",
    "continue",
    "end",
    "message refused",
    "number",
    "no number",
    "unusable number",
    "no subscriber",
    "failed",
    "other answer",
    "node: begin",
    "node: continue",
    "node: abort",
    "to the phone: continue",
    "to the phone: end",
    "note: refused",
    "note: stray",
    "note: no number",
    "closed",
];

/// Feeds octets to one of the forms.
pub(super) fn run(form: u8, octets: &[u8], reached: &mut Reached) {
    match form % 5 {
        0 => stream(octets, reached),
        1 => connection(octets, reached),
        2 => message(octets, reached),
        3 => number(octets, reached),
        _ => machine(octets, reached),
    }
}

fn stream(octets: &[u8], reached: &mut Reached) {
    let whole = Splitter::default().push(octets);
    let mut splitter = Splitter::default();
    let mut frames = Vec::new();
    for octet in octets {
        let cut = splitter.push(&[*octet]);
        frames.extend(cut.frames);
        assert!(splitter.waiting() < FRAME_OCTETS_MAX + 3);
        if cut.bad.is_some() {
            assert_eq!(cut.bad, whole.bad, "the cut changes what is refused");
            reached.insert("stream given up");
            break;
        }
    }
    assert!(frames == whole.frames, "the cut changes the frames");
    for frame in frames {
        let Ok(frame) = frame else {
            reached.insert("frame refused");
            continue;
        };
        reached.insert(match frame.protocol {
            Protocol::Ccm => "frame of connection management",
            Protocol::Gsup => "frame of GSUP",
            Protocol::Ctrl => "frame of the control interface",
        });
        let written = frame.encode().expect("what was read can be written");
        let again = Splitter::default().push(&written);
        assert!(again.frames == [Ok(frame)], "a frame reads as another");
    }
}

fn connection(octets: &[u8], reached: &mut Reached) {
    let Ok(message) = Ccm::decode(octets) else {
        return;
    };
    reached.insert(match message {
        Ccm::Ping => "ping",
        Ccm::Pong => "pong",
        Ccm::IdGet(_) => "id get",
        Ccm::IdResp(_) => "id resp",
        Ccm::IdAck => "id ack",
    });
    assert!(Ccm::decode(&message.encode()) == Ok(message));
}

fn message(octets: &[u8], reached: &mut Reached) {
    let message = match Message::decode(octets) {
        Ok(message) => message,
        Err(refused) => {
            assert!(refused.offset <= octets.len());
            reached.insert("message refused");
            return;
        }
    };
    reached.insert(match message.kind {
        MessageType::Request => "request",
        MessageType::Error => "error",
        MessageType::Result => "result",
    });
    reached.insert(match message.state {
        SessionState::Begin => "begin",
        SessionState::Continue => "continue",
        SessionState::End => "end",
    });
    let written = message.encode().expect("what was read can be written");
    assert!(Message::decode(&written) == Ok(message));
}

fn number(octets: &[u8], reached: &mut Reached) {
    reached.insert(match ctrl::answer(octets) {
        Answer::Subscriber { number, .. } => match number {
            Number::Known(_) => "number",
            Number::None => "no number",
            Number::Unusable => "unusable number",
        },
        Answer::NoSubscriber { .. } => "no subscriber",
        Answer::Failed { .. } => "failed",
        Answer::Other => "other answer",
    });
}

fn settings() -> Settings {
    Settings {
        link: LinkName("cell".to_owned()),
        entity: "menu".to_owned(),
        guard_s: 255,
        sentences: Sentences {
            no_number: "n".to_owned(),
            busy: "b".to_owned(),
            ended: "e".to_owned(),
        },
    }
}

/// Chunks of a length octet each; its highest bit is the connection. A chunk without octets lets
/// ten seconds pass; the node answers each step at once, every third one as the last.
fn machine(mut octets: &[u8], reached: &mut Reached) {
    let mut now = Timestamp::UNIX_EPOCH;
    let mut entity = Entity::new(settings(), now);
    let mut steps = 0_u32;
    let mut inputs = vec![
        Input::Connected(Side::Ctrl),
        Input::Connected(Side::Gsup),
        Input::Timeout,
    ];
    loop {
        while let Some(input) = inputs.pop() {
            for action in entity.handle(now, input) {
                inputs.extend(follow(action, &mut steps, reached));
            }
            assert!(entity.open_sessions() <= SESSIONS_MAX);
        }
        let [head, rest @ ..] = octets else {
            return;
        };
        let side = if head & 0x80 == 0 {
            Side::Gsup
        } else {
            Side::Ctrl
        };
        let length = usize::from(head & 0x7F).min(rest.len());
        let (chunk, rest) = rest.split_at(length);
        octets = rest;
        if chunk.is_empty() {
            now = now
                .saturating_add(SignedDuration::from_secs(10))
                .expect("a time");
            inputs.push(Input::Timeout);
        } else {
            inputs.push(Input::Received(side, chunk.to_vec()));
        }
    }
}

fn follow(action: Action, steps: &mut u32, reached: &mut Reached) -> Option<Input> {
    match action {
        Action::Connect(side) => Some(Input::Connected(side)),
        Action::Close(side) => {
            reached.insert("closed");
            Some(Input::Disconnected(side, 0))
        }
        Action::Send(_, octets) => {
            let mut cut = Splitter::default().push(&octets);
            let frame = cut.frames.pop().expect("one frame").expect("of ours");
            if frame.protocol == Protocol::Gsup {
                let message = Message::decode(&frame.content).expect("a message");
                reached.insert(match message.state {
                    SessionState::Continue => "to the phone: continue",
                    _ => "to the phone: end",
                });
            }
            None
        }
        Action::Event(key, Inbound::Ussd(step)) => {
            reached.insert(match step.op {
                UssdOp::Begin => "node: begin",
                UssdOp::Continue => "node: continue",
                UssdOp::Abort => "node: abort",
            });
            *steps += 1;
            let (text, end) = (step.text, steps.is_multiple_of(3));
            Some(Input::Replied(key, Reply::Screen { text, end }))
        }
        Action::Event(..) => panic!("a cell carries steps only"),
        Action::Note(note) => {
            match note {
                Note::Refused(_) => reached.insert("note: refused"),
                Note::Stray => reached.insert("note: stray"),
                Note::NoNumber => reached.insert("note: no number"),
                _ => false,
            };
            None
        }
    }
}
