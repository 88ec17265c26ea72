//! Golden frames of every message type, and the table of malformed frames.

use proptest::prelude::*;

use super::ccm::{Ccm, IdTag};
use super::component::{Component, Operation};
use super::ctrl::{self, Answer, Number};
use super::imsi::Imsi;
use super::ipa::{Frame, Protocol, Splitter};
use super::message::{Message, MessageType, SessionState};
use super::string::{self, STRING_OCTETS_MAX};
use super::*;
use crate::address::Msisdn;
use crate::ussd_text::{CbsDcs, UssdString};

/// Reads a golden file: hex octets, `#` begins a comment.
pub(super) fn octets(golden: &str) -> Vec<u8> {
    assert!(golden.starts_with("# "), "the first line names the clause");
    let lines = golden.lines().filter_map(|line| line.split('#').next());
    let words = lines.flat_map(str::split_whitespace);
    words
        .map(|word| u8::from_str_radix(word, 16).unwrap())
        .collect()
}

macro_rules! golden {
    ($name:literal) => {
        octets(include_str!(concat!(
            "../../../../tests/golden/gsup/",
            $name,
            ".hex"
        )))
    };
}

/// The one frame of a golden file, which also comes back octet for octet.
fn frame(golden: &[u8], protocol: Protocol) -> Vec<u8> {
    let mut cut = Splitter::default().push(golden);
    assert_eq!((cut.frames.len(), cut.bad), (1, None));
    let frame = cut.frames.remove(0).unwrap();
    assert_eq!(frame.protocol, protocol);
    assert_eq!(frame.encode().unwrap(), golden);
    frame.content
}

fn check_ccm(golden: &[u8], expected: &Ccm) {
    let content = frame(golden, Protocol::Ccm);
    assert_eq!(Ccm::decode(&content).as_ref(), Ok(expected));
    assert_eq!(expected.encode(), content);
}

fn check_ussd(golden: &[u8], kind: MessageType, state: SessionState, expected: Option<&Component>) {
    let content = frame(golden, Protocol::Gsup);
    let message = Message::decode(&content).unwrap();
    assert_eq!((message.kind, message.state), (kind, state));
    assert_eq!(message.imsi, Imsi::parse("001010000000001").unwrap());
    assert_eq!(message.session, 0x2000_0001);
    assert_eq!(message.encode().unwrap(), content);
    let Some(expected) = expected else {
        assert!(message.component.is_empty());
        return;
    };
    assert_eq!(Component::decode(&message.component).as_ref(), Ok(expected));
    assert_eq!(expected.encode().unwrap(), message.component);
}

fn string(text: &str) -> UssdString {
    string::encode(text).unwrap()
}

#[test]
fn the_links_own_messages_match_their_golden_files() {
    let asked = [8, 7, 2, 3, 4, 5, 1, 0].map(|tag| match tag {
        8 => IdTag::Unit,
        1 => IdTag::UnitName,
        0 => IdTag::SerialNumber,
        other => IdTag::Other(other),
    });
    check_ccm(&golden!("id_get"), &Ccm::IdGet(asked.to_vec()));
    check_ccm(&golden!("id_resp"), &Ccm::identity("menu"));
    check_ccm(&golden!("ping"), &Ccm::Ping);
    check_ccm(&golden!("pong"), &Ccm::Pong);
}

#[test]
fn a_dialogue_matches_its_golden_files() {
    let begin = Component::Invoke {
        id: 5,
        operation: Operation::Process,
        string: string("*384#"),
    };
    let (request, result) = (MessageType::Request, MessageType::Result);
    check_ussd(
        &golden!("ussd_begin"),
        request,
        SessionState::Begin,
        Some(&begin),
    );
    let ask = Component::Invoke {
        id: 6,
        operation: Operation::Request,
        string: string("1 New person"),
    };
    check_ussd(
        &golden!("ussd_ask"),
        result,
        SessionState::Continue,
        Some(&ask),
    );
    let answer = Component::ReturnResult {
        id: 6,
        result: Some((Operation::Request, string("1"))),
    };
    check_ussd(
        &golden!("ussd_answer"),
        request,
        SessionState::Continue,
        Some(&answer),
    );
    let end = Component::ReturnResult {
        id: 5,
        result: Some((Operation::Process, string("ሰላም"))),
    };
    check_ussd(&golden!("ussd_end"), result, SessionState::End, Some(&end));
}

#[test]
fn errors_match_their_golden_files() {
    let (request, result) = (MessageType::Request, MessageType::Result);
    let error = Component::ReturnError {
        id: 5,
        code: component::UNKNOWN_ALPHABET,
    };
    check_ussd(
        &golden!("ussd_error"),
        result,
        SessionState::End,
        Some(&error),
    );
    let reject = Component::Reject {
        id: Some(6),
        kind: 0x81,
        problem: 1,
    };
    check_ussd(
        &golden!("ussd_reject"),
        request,
        SessionState::Continue,
        Some(&reject),
    );
    let gone = golden!("ussd_gone");
    check_ussd(&gone, MessageType::Error, SessionState::Continue, None);
}

#[test]
fn the_question_for_a_number_matches_its_golden_files() {
    let imsi = Imsi::parse("001010000000001").unwrap();
    let question = frame(&golden!("ctrl_get"), Protocol::Ctrl);
    assert_eq!(ctrl::get_info(7, &imsi), question);
    let answer = frame(&golden!("ctrl_reply"), Protocol::Ctrl);
    let number = Number::Known(Msisdn::parse("256772000001").unwrap());
    let expected = Answer::Subscriber {
        id: 7,
        imsi: Some(imsi),
        number,
    };
    assert_eq!(ctrl::answer(&answer), expected);
}

/// The golden BEGIN with octets put in place of others, at a place in the frame's content.
fn begin_with(at: usize, removed: usize, put: &[u8]) -> Vec<u8> {
    let mut content = frame(&golden!("ussd_begin"), Protocol::Gsup);
    content.splice(at..at + removed, put.iter().copied());
    content
}

#[test]
fn malformed_messages_are_refused_with_their_reason_and_place() {
    let whole = begin_with(0, 0, &[]);
    let end = whole.len();
    let twice = |tlv: &[u8]| begin_with(1, 0, tlv);
    let cases: [(Vec<u8>, Refused); 14] = [
        (vec![], Reason::Truncated.at(0)),
        (begin_with(0, 1, &[0x04]), Reason::UnknownType(4).at(0)),
        (vec![0x20, 0x01], Reason::Truncated.at(1)),
        (whole[..end - 1].to_vec(), Reason::Truncated.at(23)),
        (begin_with(1, 10, &[]), Reason::Missing("IMSI").at(end - 10)),
        (begin_with(3, 1, &[0x0A]), Reason::WrongForm("IMSI").at(1)),
        (twice(&[1, 3, 0, 1, 1]), Reason::Doubled("IMSI").at(6)),
        (
            begin_with(13, 1, &[2]),
            Reason::WrongForm("message class").at(0),
        ),
        (
            begin_with(14, 6, &[]),
            Reason::Missing("session id").at(end - 6),
        ),
        (
            begin_with(14, 6, &[0x30, 1, 7]),
            Reason::WrongForm("session id").at(14),
        ),
        (
            begin_with(20, 3, &[]),
            Reason::Missing("session state").at(end - 3),
        ),
        (
            begin_with(22, 1, &[4]),
            Reason::WrongForm("session state").at(20),
        ),
        (
            begin_with(20, 3, &[0x31, 2, 1, 1]),
            Reason::WrongForm("session state").at(20),
        ),
        (twice(&[2, 1, 9, 2, 1, 9]), Reason::Doubled("cause").at(4)),
    ];
    for (content, refused) in cases {
        assert_eq!(Message::decode(&content), Err(refused), "{content:02x?}");
    }
    // A TLV of a later release is passed over.
    let known = Message::decode(&whole);
    assert_eq!(Message::decode(&twice(&[0x61, 2, 1, 2])), known);
}

#[test]
fn malformed_components_are_refused_with_their_reason_and_place() {
    let invoke = [0xA1, 18, 2, 1, 5, 2, 1, 0x3B, 0x30, 10, 4, 1, 0x0F, 4, 5];
    let whole = [&invoke[..], &[0xAA, 0x19, 0x8E, 0x36, 0x02]].concat();
    assert_eq!(Component::decode(&whole).map(|_| ()), Ok(()));
    let with = |at: usize, octet: u8| {
        let mut octets = whole.clone();
        octets[at] = octet;
        octets
    };
    let cases: [(Vec<u8>, Refused); 12] = [
        (vec![], Reason::Truncated.at(0)),
        ([&whole[..], &[0]].concat(), Reason::Leftover.at(20)),
        (with(0, 0xA5), Reason::UnknownType(0xA5).at(0)),
        (with(1, 0x80), Reason::LengthForm.at(1)),
        (with(1, 19), Reason::Truncated.at(2)),
        (with(2, 4), Reason::Missing("invoke id").at(2)),
        (with(7, 0x0A), Reason::UnknownOperation(0x0A).at(5)),
        (with(8, 0x31), Reason::Missing("USSD argument").at(8)),
        (with(10, 2), Reason::Missing("data coding scheme").at(10)),
        (with(13, 2), Reason::Missing("USSD string").at(13)),
        (with(14, 6), Reason::Truncated.at(15)),
        (
            vec![0xA2, 6, 2, 1, 5, 4, 1, 0],
            Reason::Missing("result").at(5),
        ),
    ];
    for (octets, refused) in cases {
        assert_eq!(Component::decode(&octets), Err(refused), "{octets:02x?}");
        // The id is told where it can be read, so that the phone hears of the fault.
        let id = Component::invoke_id(&octets);
        assert!(id.is_none_or(|id| id == 5));
    }
}

#[test]
fn what_phones_add_to_components_is_passed_over() {
    let string = string("1");
    // A linked id, lengths in the long form, an alerting pattern, an error's parameters.
    let linked = [0xA1, 18, 2, 1, 5, 0x80, 1, 4, 2, 1, 0x3C];
    let argument = [0x30, 0x81, 9, 4, 1, 0x0F, 4, 1, 0x31, 4, 1, 0];
    let (id, operation) = (5, Operation::Request);
    let invoke = Component::Invoke {
        id,
        operation,
        string,
    };
    let octets = [&[0xA1, 21][..], &linked[2..], &argument].concat();
    assert_eq!(Component::decode(&octets), Ok(invoke));
    let error = [0xA3, 8, 2, 1, 5, 2, 1, 0x22, 0x30, 0];
    assert_eq!(
        Component::decode(&error),
        Ok(Component::ReturnError { id, code: 0x22 })
    );
    let empty = Component::ReturnResult { id, result: None };
    assert_eq!(Component::decode(&[0xA2, 3, 2, 1, 5]), Ok(empty));
    let unknown = Component::Reject {
        id: None,
        kind: 0x80,
        problem: 2,
    };
    assert_eq!(Component::decode(&[0xA4, 5, 5, 0, 0x80, 1, 2]), Ok(unknown));
}

#[test]
fn nothing_personal_is_printed() {
    let content = begin_with(0, 0, &[]);
    let message = Message::decode(&content).unwrap();
    let component = Component::decode(&message.component).unwrap();
    let printed = format!("{message:?} {component:?}");
    assert!(
        !printed.contains("00101") && !printed.contains("384"),
        "{printed}"
    );
    assert!(printed.contains("Begin"), "{printed}");
}

fn ussd_string() -> impl Strategy<Value = UssdString> {
    let octets = prop::collection::vec(any::<u8>(), 0..=STRING_OCTETS_MAX);
    (any::<u8>(), octets).prop_map(|(scheme, octets)| UssdString {
        dcs: CbsDcs(scheme),
        octets,
    })
}

fn component() -> impl Strategy<Value = Component> {
    let operation = prop_oneof![
        Just(Operation::Process),
        Just(Operation::Request),
        Just(Operation::Notify)
    ];
    let invoke =
        (any::<u8>(), operation.clone(), ussd_string()).prop_map(|(id, operation, string)| {
            Component::Invoke {
                id,
                operation,
                string,
            }
        });
    let result = (any::<u8>(), prop::option::of((operation, ussd_string())))
        .prop_map(|(id, result)| Component::ReturnResult { id, result });
    let error = any::<(u8, u8)>().prop_map(|(id, code)| Component::ReturnError { id, code });
    let reject = (any::<Option<u8>>(), 0x80_u8..=0x83, any::<u8>())
        .prop_map(|(id, kind, problem)| Component::Reject { id, kind, problem });
    prop_oneof![invoke, result, error, reject]
}

fn message() -> impl Strategy<Value = Message> {
    let kind = prop_oneof![
        Just(MessageType::Request),
        Just(MessageType::Error),
        Just(MessageType::Result)
    ];
    let state = prop_oneof![
        Just(SessionState::Begin),
        Just(SessionState::Continue),
        Just(SessionState::End)
    ];
    let component = prop::collection::vec(any::<u8>(), 0..=255);
    let rest = (any::<u32>(), any::<Option<u8>>(), component);
    (kind, "[0-9]{6,15}", state, rest).prop_map(|(kind, imsi, state, rest)| Message {
        kind,
        imsi: Imsi::parse(&imsi).unwrap(),
        session: rest.0,
        state,
        cause: rest.1,
        component: rest.2,
    })
}

proptest! {
    #[test]
    fn messages_come_back(message in message()) {
        let content = message.encode().unwrap();
        prop_assert_eq!(Message::decode(&content), Ok(message));
        let protocol = Protocol::Gsup;
        let frame = Frame { protocol, content };
        let cut = Splitter::default().push(&frame.encode().unwrap());
        prop_assert_eq!(cut.frames, vec![Ok(frame)]);
    }

    #[test]
    fn components_come_back_in_the_short_form(component in component()) {
        let octets = component.encode().unwrap();
        prop_assert!(octets.len() <= ber::ELEMENT_OCTETS_MAX + 2);
        prop_assert!(octets[1] < 0x80);
        prop_assert_eq!(Component::decode(&octets), Ok(component));
    }

    #[test]
    fn decoding_never_panics(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(message) = Message::decode(&octets) {
            prop_assert_eq!(Message::decode(&message.encode().unwrap()), Ok(message));
        }
        if let Ok(component) = Component::decode(&octets)
            && let Ok(again) = component.encode()
        {
            prop_assert_eq!(Component::decode(&again), Ok(component));
        }
    }
}
