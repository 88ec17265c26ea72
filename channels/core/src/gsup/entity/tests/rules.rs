//! Times, late answers, hang-ups, restarts and links.

use super::*;
use crate::gsup::component::UNEXPECTED_DATA_VALUE;
use crate::gsup::component::UNKNOWN_ALPHABET;
use crate::ussd_text::{CbsDcs, UssdString};
use proptest::prelude::*;

fn component(component: &Component) -> Vec<u8> {
    component.encode().unwrap()
}

#[test]
fn a_node_that_is_slow_or_busy_gives_a_sentence_and_its_late_answer_is_dropped() {
    let mut world = World::shown(7);
    world.answer(7, 6, "1");
    let (key, _) = world.event();
    world.wait(5);
    world.expect_note(Note::ReplyOverdue);
    world.expect_end(7, "The service is busy.");
    world.screen(key, "too late", false);
    world.expect_note(Note::LateReply);
    world.expect_nothing();
    // Redial: the node's conversation is where it was.
    world.dial(8, "*384#");
    let (key, _) = world.event();
    world.give(Input::Replied(key, Reply::Busy));
    world.expect_end(8, "The service is busy.");
    assert_eq!(world.entity.open_sessions(), 0);
}

#[test]
fn our_clock_ends_a_session_before_the_registers() {
    let mut world = World::shown(7);
    world.wait(249);
    world.done.clear();
    world.answer(7, 6, "1");
    let (key, _) = world.event();
    world.screen(key, "2 Back", false);
    world.expect_question(7, "2 Back");
    // The answer began the time anew.
    world.wait(249);
    world.done.retain(|done| matches!(done, Action::Event(..)));
    world.expect_nothing();
    world.wait(1);
    world.expect_end(7, "Please dial again.");
    assert_eq!(world.event().1.op, UssdOp::Abort);
    world.answer(7, 6, "1");
    assert_eq!(world.event().1.op, UssdOp::Continue);
}

#[test]
fn a_hang_up_is_never_waited_for_but_heard_where_it_is_told() {
    let gone = Component::ReturnError { id: 6, code: 72 };
    let rejected = Component::Reject {
        id: Some(6),
        kind: 0x81,
        problem: 1,
    };
    for heard in [&gone, &rejected] {
        let mut world = World::shown(7);
        world.message(7, SessionState::Continue, component(heard));
        assert_eq!(world.event().1.op, UssdOp::Abort);
        world.expect_nothing();
        assert_eq!(world.entity.open_sessions(), 0);
    }
    let mut world = World::shown(7);
    world.message(7, SessionState::End, Vec::new());
    assert_eq!(world.event().1.op, UssdOp::Abort);
    // Of a session that is over nothing happens.
    world.message(7, SessionState::End, Vec::new());
    world.expect_note(Note::Stray);
    world.expect_nothing();
}

#[test]
fn a_session_that_the_register_has_lost_is_over() {
    let mut world = World::shown(7);
    let message = Message {
        kind: MessageType::Error,
        imsi: Imsi::parse(IMSI).unwrap(),
        session: 7,
        state: SessionState::Continue,
        cause: Some(96),
        component: Vec::new(),
    };
    world.frame(Protocol::Gsup, message.encode().unwrap());
    assert_eq!(world.event().1.op, UssdOp::Abort);
    assert_eq!(world.entity.open_sessions(), 0);
}

#[test]
fn answers_to_no_question_are_dropped() {
    let mut world = World::shown(7);
    world.answer(7, 9, "1");
    world.expect_note(Note::Stray);
    world.answer(7, 6, "1");
    let (key, _) = world.event();
    world.answer(7, 6, "2");
    world.expect_note(Note::Stray);
    world.screen(key, "3", false);
    world.expect_question(7, "3");
    world.expect_nothing();
}

#[test]
fn a_session_goes_on_after_a_restart_and_is_closed_with_the_id_of_its_begin() {
    // The new process has never heard of session 7; the phone answers the old one's question.
    let mut world = World::open();
    world.answer(7, 6, "1");
    world.number(&format!("msisdn\t{NUMBER}"));
    let (key, step) = world.event();
    assert_eq!((step.op, step.text.as_str()), (UssdOp::Continue, "1"));
    world.screen(key, "Saved", true);
    world.expect_end(7, "Saved");
}

#[test]
fn what_cannot_be_read_is_answered_with_an_error() {
    let mut world = World::open();
    let string = UssdString {
        dcs: CbsDcs(0x44),
        octets: vec![1],
    };
    let begin = Component::Invoke {
        id: 5,
        operation: Operation::Process,
        string: string.clone(),
    };
    world.message(7, SessionState::Begin, component(&begin));
    let refused = Reason::UnknownAlphabet(0x44).at(0);
    world.expect_note(Note::Refused(refused));
    let code = UNKNOWN_ALPHABET;
    let error = Component::ReturnError { id: 5, code };
    assert_eq!(world.told(), (7, SessionState::End, error));
    // In the middle: the session's own BEGIN is answered, and the node hears of it.
    let mut world = World::shown(7);
    let result = Some((Operation::Request, string));
    let answer = Component::ReturnResult { id: 6, result };
    world.message(7, SessionState::Continue, component(&answer));
    world.expect_note(Note::Refused(refused));
    assert_eq!(world.event().1.op, UssdOp::Abort);
    let error = Component::ReturnError { id: 5, code };
    assert_eq!(world.told(), (7, SessionState::End, error));
    // An operation that is not ours.
    let mut world = World::open();
    let other = vec![0xA1, 6, 2, 1, 5, 2, 1, 0x0A];
    world.message(7, SessionState::Begin, other);
    world.expect_note(Note::Refused(Reason::UnknownOperation(0x0A).at(5)));
    let code = UNEXPECTED_DATA_VALUE;
    let error = Component::ReturnError { id: 5, code };
    assert_eq!(world.told(), (7, SessionState::End, error));
}

#[test]
fn screens_that_are_too_long_are_cut_and_noted() {
    let mut world = World::open();
    world.dial(7, "*384#");
    world.number(&format!("msisdn\t{NUMBER}"));
    let (key, _) = world.event();
    world.screen(key, &"x".repeat(129), false);
    world.expect_note(Note::ScreenCut);
    world.expect_question(7, &"x".repeat(128));
}

#[test]
fn an_answer_while_the_link_is_down_is_lost_and_the_next_dialling_served() {
    let mut world = World::shown(7);
    world.answer(7, 6, "1");
    let (key, _) = world.event();
    world.give(Input::Disconnected(Side::Gsup, 0));
    world.screen(key, "2", false);
    world.expect_note(Note::ScreenLost);
    world.wait(1);
    assert_eq!(world.done.remove(0), Action::Connect(Side::Gsup));
    world.give(Input::Connected(Side::Gsup));
    world.frame(Protocol::Ccm, Ccm::IdGet(Vec::new()).encode());
    world.done.clear();
    world.dial(8, "*384#");
    assert_eq!(world.event().1.session, "00000008");
}

#[test]
fn a_full_house_says_busy() {
    let mut world = World::open();
    for index in 0..SESSIONS_MAX {
        let imsi = Imsi::parse(&format!("00102{index:010}")).unwrap();
        let begin = Component::Invoke {
            id: 5,
            operation: Operation::Process,
            string: string::encode("*384#").unwrap(),
        };
        let message = Message {
            kind: MessageType::Request,
            imsi,
            session: 1,
            state: SessionState::Begin,
            cause: None,
            component: component(&begin),
        };
        world.frame(Protocol::Gsup, message.encode().unwrap());
    }
    world.done.clear();
    world.dial(7, "*384#");
    world.expect_end(7, "The service is busy.");
    assert_eq!(world.entity.open_sessions(), SESSIONS_MAX);
}

#[test]
fn a_link_without_a_request_is_opened_anew_every_five_minutes() {
    let mut world = World::new();
    world.wait(0);
    assert_eq!(world.done[0], Action::Connect(Side::Gsup));
    world.done.clear();
    let mut opened = 0;
    for _ in 0..3 {
        world.give(Input::Connected(Side::Gsup));
        world.frame(Protocol::Ccm, Ccm::IdGet(Vec::new()).encode());
        opened += 1;
        for _ in 0..5 {
            world.wait(59);
            world.frame(Protocol::Ccm, Ccm::Pong.encode());
        }
        world
            .done
            .retain(|done| matches!(done, Action::Close(Side::Gsup)));
        world.expect_nothing();
        world.wait(5);
        assert!(world.done.contains(&Action::Close(Side::Gsup)));
        world.give(Input::Disconnected(Side::Gsup, 255));
        // At once: phones wait.
        world.wait(0);
        assert_eq!(world.done.last(), Some(&Action::Connect(Side::Gsup)));
        world.done.clear();
    }
    assert_eq!(opened, 3);
    world.give(Input::Connected(Side::Gsup));
    world.frame(Protocol::Ccm, Ccm::IdGet(Vec::new()).encode());
    world.dial(7, "*384#");
    world.done.clear();
    for _ in 0..20 {
        world.wait(59);
        world.frame(Protocol::Ccm, Ccm::Pong.encode());
    }
    assert!(!world.done.contains(&Action::Close(Side::Gsup)));
    assert_eq!(world.entity.link_state(Side::Gsup), LinkState::Open);
}

#[test]
fn a_register_that_is_silent_or_never_asks_is_left() {
    let mut world = World::new();
    world.wait(0);
    world.give(Input::Connected(Side::Gsup));
    world.done.clear();
    world.wait(10);
    assert!(world.done.contains(&Action::Close(Side::Gsup)));
    let mut world = World::open();
    world.dial(7, "*384#");
    world.done.clear();
    world.wait(60);
    let ping = Frame {
        protocol: Protocol::Ccm,
        content: vec![0],
    };
    let ping = Action::Send(Side::Gsup, ping.encode().unwrap());
    assert!(world.done.contains(&ping));
    world.done.clear();
    world.wait(10);
    assert!(world.done.contains(&Action::Close(Side::Gsup)));
}

#[test]
fn a_register_that_is_down_is_tried_again_ever_more_slowly() {
    let mut world = World::new();
    let mut waits = Vec::new();
    for _ in 0..7 {
        let before = world.now;
        let due = world.entity.deadline().unwrap();
        waits.push(before.duration_until(due).as_millis());
        world.now = due;
        world.give(Input::Timeout);
        for side in [Side::Gsup, Side::Ctrl] {
            world.give(Input::Disconnected(side, 0));
        }
    }
    assert_eq!(waits, [0, 800, 1_600, 3_200, 6_400, 12_800, 24_000]);
}

#[test]
fn malformed_frames_are_noted_and_only_a_hopeless_stream_closes_the_link() {
    let truncated = Reason::Truncated;
    let stays: [(&[u8], Refused); 6] = [
        (&[0, 1, 0x00, 0], Reason::UnknownType(0).at(0)),
        (&[0, 0, 0xEE], truncated.at(0)),
        (&[0, 1, 0xEE, 0x09], Reason::UnknownType(9).at(0)),
        (&[0, 0, 0xFE], truncated.at(0)),
        (&[0, 2, 0xEE, 0x05, 0x04], Reason::UnknownType(4).at(0)),
        (&[0, 2, 0xEE, 0x00, b'x'], Reason::UnknownType(0).at(0)),
    ];
    for (octets, refused) in stays {
        let mut world = World::open();
        world.give(Input::Received(Side::Gsup, octets.to_vec()));
        world.expect_note(Note::Refused(refused));
        world.expect_nothing();
        world.dial(7, "*384#");
        assert!(world.asked_number() > 0, "the link serves on");
    }
    let mut world = World::open();
    let endless = vec![0xFF, 0xFF, 0xEE, 0x05];
    world.give(Input::Received(Side::Gsup, endless));
    let (limit, got) = (crate::gsup::ipa::FRAME_OCTETS_MAX, 0xFFFF);
    world.expect_note(Note::Refused(Reason::TooLarge { limit, got }.at(0)));
    assert_eq!(world.done, [Action::Close(Side::Gsup)]);
}

#[test]
fn stopping_closes_both_connections_for_good() {
    let mut world = World::shown(7);
    world.give(Input::Stop);
    let closed = [Action::Close(Side::Gsup), Action::Close(Side::Ctrl)];
    assert_eq!(world.done, closed);
    for side in [Side::Gsup, Side::Ctrl] {
        world.give(Input::Disconnected(side, 0));
        assert_eq!(world.entity.link_state(side), LinkState::Stopped);
    }
}

proptest! {
    #[test]
    fn any_octets_and_any_time_keep_the_machine_whole(
        chunks in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..80), any::<bool>(), 0_i64..400),
            0..30,
        ),
    ) {
        let mut world = World::shown(7);
        for (octets, is_gsup, seconds) in chunks {
            let side = if is_gsup { Side::Gsup } else { Side::Ctrl };
            world.give(Input::Received(side, octets));
            world.wait(seconds);
            prop_assert!(world.entity.open_sessions() <= SESSIONS_MAX);
        }
    }
}
