//! Seeds of a home register's frames, messages and components.

use channels_core::gsup::ccm::Ccm;
use channels_core::gsup::component::{Component, Operation};
use channels_core::gsup::imsi::Imsi;
use channels_core::gsup::ipa::{Frame, Protocol};
use channels_core::gsup::message::{Message, MessageType, SessionState};
use channels_core::gsup::string as ussd;
use channels_core::ussd_text::UssdString;

use super::form;

const IMSI: &str = "001010000000001";

fn string(text: &str) -> UssdString {
    ussd::encode(text).expect("a short text")
}

fn components() -> Vec<Component> {
    let (id, operation) = (5, Operation::Process);
    vec![
        Component::Invoke {
            id,
            operation,
            string: string("*384#"),
        },
        Component::ReturnResult {
            id: 6,
            result: Some((Operation::Request, string("1"))),
        },
        Component::ReturnResult { id, result: None },
        Component::ReturnError { id: 6, code: 72 },
        Component::Reject {
            id: Some(6),
            kind: 0x81,
            problem: 1,
        },
        Component::Reject {
            id: None,
            kind: 0x80,
            problem: 2,
        },
    ]
}

fn message(kind: MessageType, state: SessionState, component: Option<&Component>) -> Vec<u8> {
    let component = component.map(|one| one.encode().expect("a component"));
    let message = Message {
        kind,
        imsi: Imsi::parse(IMSI).expect("an IMSI"),
        session: 7,
        state,
        cause: (kind == MessageType::Error).then_some(96),
        component: component.unwrap_or_default(),
    };
    message.encode().expect("a message")
}

fn frame(protocol: Protocol, content: &[u8]) -> Vec<u8> {
    let content = content.to_vec();
    let frame = Frame { protocol, content };
    frame.encode().expect("a frame")
}

fn record(id: u32, number: &str) -> String {
    format!("GET_REPLY {id} subscriber.by-imsi-{IMSI}.info \nid\t1\nimsi\t{IMSI}\n{number}")
}

/// A chunk of the machine's form.
fn chunk(connection: u8, octets: &[u8]) -> Vec<u8> {
    let length = u8::try_from(octets.len()).expect("a short chunk");
    assert!(length < 0x80, "a chunk has at most 127 octets");
    [&[connection | length], octets].concat()
}

fn phone(state: SessionState, component: Option<&Component>) -> Vec<u8> {
    let content = message(MessageType::Request, state, component);
    chunk(0, &frame(Protocol::Gsup, &content))
}

fn machine() -> Vec<Vec<u8>> {
    let parts = components();
    let identify = chunk(0, &frame(Protocol::Ccm, &Ccm::IdGet(Vec::new()).encode()));
    let told = |id, number: &str| {
        let record = frame(Protocol::Ctrl, record(id, number).as_bytes());
        let (first, second) = record.split_at(60);
        [chunk(0x80, first), chunk(0x80, second)].concat()
    };
    let begin = phone(SessionState::Begin, Some(&parts[0]));
    let answer = phone(SessionState::Continue, Some(&parts[1]));
    let known = told(1, "msisdn\t256772000001");
    let error = message(MessageType::Error, SessionState::Continue, None);
    let gone = chunk(0, &frame(Protocol::Gsup, &error));
    let dialogue = [&begin[..], &known, &answer, &answer].concat();
    let end = phone(SessionState::End, None);
    let wait = vec![0; 30];
    let scenes: [Vec<u8>; 8] = [
        dialogue.clone(),
        [&begin[..], &told(1, "nam_cs\t1")].concat(),
        [&begin[..], &known, &begin, &end, &end].concat(),
        [&begin[..], &known, &gone].concat(),
        [
            &begin[..],
            &known,
            &phone(SessionState::Continue, Some(&parts[4])),
        ]
        .concat(),
        [&begin[..], &known, &wait].concat(),
        [&answer[..], &told(1, "msisdn\t1001"), &answer, &end].concat(),
        [chunk(0, &[0xFF, 0xFF, 0xEE]), chunk(0, &[0, 1, 0xFE, 9])].concat(),
    ];
    scenes
        .iter()
        .map(|scene| form(4, [&identify[..], scene].concat()))
        .collect()
}

pub(super) fn frames() -> Vec<Vec<u8>> {
    let (request, result) = (MessageType::Request, MessageType::Result);
    let parts = components();
    let begin = message(request, SessionState::Begin, Some(&parts[0]));
    let messages = [
        begin.clone(),
        message(request, SessionState::Continue, Some(&parts[1])),
        message(result, SessionState::End, None),
        message(MessageType::Error, SessionState::Continue, None),
        vec![0x20, 1],
        vec![0x04],
    ];
    let connection = [
        Ccm::Ping,
        Ccm::Pong,
        Ccm::IdGet(Vec::new()),
        Ccm::identity("menu"),
        Ccm::IdAck,
    ];
    let stream = [
        frame(Protocol::Ccm, &Ccm::identity("menu").encode()),
        frame(Protocol::Gsup, &begin),
        frame(Protocol::Ctrl, record(7, "msisdn\t256772000001").as_bytes()),
        vec![0, 1, 0x00, 0],
    ];
    let answers = [
        record(7, "msisdn\t256772000001"),
        record(7, "nam_cs\t1"),
        record(7, "msisdn\t1001"),
        "ERROR 3 No such subscriber.".to_owned(),
        "ERROR 4 Command not found".to_owned(),
        "TRAP 0 net.0.state up".to_owned(),
    ];
    let mut inputs = vec![
        form(0, stream.concat()),
        form(0, [0xFF, 0xFF, 0xEE, 0x05]),
        form(1, [0x04, 0x01, 0x08, 0x01, 0x00]),
    ];
    inputs.extend(connection.iter().map(|one| form(1, one.encode())));
    inputs.extend(messages.iter().map(|one| form(2, one)));
    inputs.extend(answers.iter().map(|one| form(3, one)));
    inputs.extend(machine());
    inputs
}

pub(super) fn elements() -> Vec<Vec<u8>> {
    let long = [&[0x04, 0x81, 0x80][..], &[7; 128]].concat();
    let mut inputs = vec![
        form(0, [0x04, 0x02, 1, 2, 0x30, 0x00]),
        form(0, long),
        form(0, [0x04, 0x03, 1]),
        form(0, [0x30, 0x80, 0, 0]),
        form(0, [0x1F, 0x01, 0]),
        form(1, [0xA5, 0x00]),
        form(1, [0xA1, 3, 2, 1, 5, 0]),
        form(1, [0xA1, 4, 2, 2, 5, 5]),
        form(1, [0xA1, 6, 2, 1, 5, 2, 1, 0x0A]),
        form(1, [0xA1, 5, 2, 1, 5, 4, 0]),
        form(2, [0x0F, 0x31]),
        form(2, [0x48, 0x12, 0x30]),
        form(2, [0x48, 0x12]),
        form(2, [0x44, 1]),
        form(2, [0x11, 0x61, 0x36, 0x12, 0x30]),
    ];
    let octets = |one: &Component| form(1, one.encode().expect("a component"));
    inputs.extend(components().iter().map(octets));
    inputs
}
