//! The rules, one test each.

use super::super::super::pdu::Optional;
use super::*;

fn answered(status: u32) -> Outcome {
    let message_id = if status == 0 {
        "id".to_owned()
    } else {
        String::new()
    };
    Outcome::Answered { status, message_id }
}

#[test]
fn a_dialogue_runs_both_ways_and_answers_only_after_the_shell() {
    let mut pair = Pair::bound();
    pair.smsc(request(1, true));
    let (ticket, _) = pair.esme_told.asked()[0].clone();
    assert_eq!(pair.sent(true, |pdu| *pdu == Pdu::DeliverSmResp), 0);
    pair.esme(Input::Answered {
        ticket,
        status: 0,
        message_id: String::new(),
    });
    pair.esme(request(2, true));
    let (ticket, screen) = pair.smsc_told.asked()[0].clone();
    assert_eq!(screen.short_message, b"x");
    assert_eq!(screen.optional.user_message_reference, Some(1));
    pair.smsc(Input::Answered {
        ticket,
        status: 0,
        message_id: "id".to_owned(),
    });
    let expected = [(
        1,
        Outcome::Answered {
            status: 0,
            message_id: String::new(),
        },
    )];
    assert_eq!(pair.smsc_told.finished(), expected);
    assert_eq!(pair.esme_told.finished(), [(2, answered(0))]);
}

#[test]
fn bind_kinds_are_enforced_at_both_ends() {
    for (kind, submits, delivers) in [
        (BindKind::Transmitter, true, false),
        (BindKind::Receiver, false, true),
        (BindKind::Transceiver, true, true),
    ] {
        let mut pair = Pair::new(kind, account(), Settings::default());
        pair.esme(Input::Timeout);
        pair.esme(request(1, false));
        pair.smsc(request(2, false));
        assert_eq!(pair.smsc_told.asked().len(), usize::from(submits));
        assert_eq!(pair.esme_told.asked().len(), usize::from(delivers));
        assert_eq!(
            pair.esme_told.finished() == [(1, Outcome::NotSent)],
            !submits
        );
        assert_eq!(
            pair.smsc_told.finished() == [(2, Outcome::NotSent)],
            !delivers
        );
        // A peer that does not care hears 0x04.
        let submit = encode(&Packet::new(900, Pdu::SubmitSm(message("x")))).unwrap();
        pair.smsc(Input::Received(submit));
        let refused = Packet {
            status: status::INCORRECT_BIND_STATUS,
            sequence: 900,
            pdu: Pdu::SubmitSmResp {
                message_id: String::new(),
            },
        };
        assert_eq!(pair.line.contains(&(false, refused)), !submits);
    }
}

#[test]
fn an_account_is_checked_by_name_password_and_kind() {
    let only = BindMode::Only(BindKind::Receiver);
    for (account, expected) in [
        (
            Account {
                system_id: "other".to_owned(),
                ..account()
            },
            status::INVALID_SYSTEM_ID,
        ),
        (
            Account {
                password: "Secret".to_owned(),
                ..account()
            },
            status::INVALID_PASSWORD,
        ),
        (
            Account {
                password: "secret7".to_owned(),
                ..account()
            },
            status::INVALID_PASSWORD,
        ),
        (
            Account {
                mode: only,
                ..account()
            },
            status::BIND_FAILED,
        ),
    ] {
        let mut pair = Pair::new(BindKind::Transceiver, account, Settings::default());
        pair.esme(Input::Timeout);
        assert!(
            pair.esme_told
                .has(&Action::Note(Note::BindRefused { status: expected }))
        );
        assert_eq!((pair.esme.bound(), pair.smsc.is_ended()), (None, true));
        // The account could be locked: five minutes less a fifth.
        assert_eq!(pair.esme.deadline(), Some(at(240_000)));
    }
}

#[test]
fn a_lost_link_is_bound_again_with_growing_waits() {
    let mut pair = Pair::bound();
    pair.esme(Input::Disconnected { jitter: 0 });
    assert!(pair.esme_told.has(&Action::Unbound));
    assert_eq!(pair.esme.deadline(), Some(at(800)));
    pair.run_until(800);
    assert_eq!(pair.esme.bound(), Some(BindKind::Transceiver));
    let mut alone = Alone::bound(Settings::default());
    let mut due = Vec::new();
    for _ in 0..3 {
        alone.give(0, Input::Disconnected { jitter: 0 });
        due.push(alone.session.deadline().unwrap().as_millisecond());
        alone.give(100_000, Input::Timeout);
    }
    assert_eq!(due, [800, 1_600, 3_200]);
}

#[test]
fn a_bind_without_an_answer_ends_after_ten_seconds() {
    let mut alone = Alone::bound(Settings::default());
    alone.give(0, Input::Disconnected { jitter: 0 });
    alone.give(800, Input::Timeout);
    alone.give(800, Input::Connected);
    alone.run_until(10_799);
    assert!(!alone.told.has(&Action::Close));
    alone.run_until(10_800);
    assert!(alone.told.has(&Action::Note(Note::BindTimeout)) && alone.told.has(&Action::Close));
    // The SMSC's side of the same rule.
    let mut smsc = Session::smsc("smsc".to_owned(), vec![], Settings::default(), at(0));
    assert_eq!(smsc.deadline(), Some(at(10_000)));
    assert!(
        smsc.handle(at(10_000), Input::Timeout)
            .contains(&Action::Close)
    );
}

#[test]
fn the_window_fills_with_ten_and_opens_with_each_answer() {
    let mut alone = Alone::bound(Settings {
        rate_per_s: 1_000,
        ..Settings::default()
    });
    for token in 0..15 {
        alone.give(0, request(token, true));
    }
    assert_eq!((alone.submits().len(), alone.session.in_flight()), (10, 10));
    let first = alone.submits()[0];
    alone.answer(1, first, 0);
    assert_eq!((alone.submits().len(), alone.session.in_flight()), (11, 10));
    assert_eq!(alone.told.finished(), [(0, answered(0))]);
}

#[test]
fn a_screen_overtakes_messages_and_is_not_paced() {
    let mut alone = Alone::bound(Settings {
        rate_per_s: 2,
        ..Settings::default()
    });
    for token in 0..3 {
        alone.give(0, request(token, false));
    }
    alone.give(0, request(9, true));
    assert_eq!(alone.submits().len(), 2, "one paced message and the screen");
    alone.run_until(999);
    assert_eq!(alone.submits().len(), 3);
    alone.run_until(1_000);
    assert_eq!(alone.submits().len(), 4);
}

#[test]
fn a_request_without_an_answer_is_unknown_after_twenty_seconds() {
    let mut alone = Alone::bound(Settings::default());
    alone.give(0, request(1, false));
    alone.run_until(19_999);
    assert_eq!(alone.told.finished(), []);
    alone.run_until(20_000);
    assert_eq!(alone.told.finished(), [(1, Outcome::Unknown)]);
    // A late answer answers nothing.
    let late = alone.submits()[0];
    alone.answer(20_001, late, 0);
    assert!(alone.told.has(&Action::Note(Note::Unmatched)));
}

#[test]
fn what_waits_for_the_window_too_long_was_not_sent() {
    let settings = Settings {
        window: 1,
        request_s: 60,
        ..Settings::default()
    };
    let mut alone = Alone::bound(settings);
    alone.give(0, request(1, false));
    alone.give(0, request(2, false));
    // The peer lives, but never answers.
    for second in 1..30 {
        alone.packet(second * 1_000, &Packet::new(1, Pdu::EnquireLink));
    }
    alone.run_until(30_000);
    assert_eq!(alone.told.finished(), [(2, Outcome::NotSent)]);
    alone.give(30_000, Input::Disconnected { jitter: 0 });
    assert_eq!(alone.told.finished()[1], (1, Outcome::Unknown));
}

#[test]
fn silence_is_asked_about_twice_and_then_the_link_is_given_up() {
    let mut alone = Alone::bound(Settings::default());
    alone.run_until(69_999);
    let enquiries = alone
        .sent
        .iter()
        .filter(|packet| packet.pdu == Pdu::EnquireLink)
        .count();
    assert_eq!((enquiries, alone.told.has(&Action::Close)), (2, false));
    alone.run_until(70_000);
    assert!(alone.told.has(&Action::Note(Note::Silent)) && alone.told.has(&Action::Close));
    // With a peer that answers, an hour passes quietly.
    let mut pair = Pair::bound();
    pair.run_until(3_600_000);
    assert_eq!(pair.esme.bound(), Some(BindKind::Transceiver));
    assert!(!pair.esme_told.has(&Action::Close));
}

#[test]
fn throttling_pauses_a_second_and_sends_the_same_message_again() {
    for status in [status::THROTTLED, status::QUEUE_FULL] {
        let mut alone = Alone::bound(Settings::default());
        alone.give(0, request(1, false));
        alone.answer(0, alone.submits()[0], status);
        assert!(alone.told.has(&Action::Note(Note::Throttled { status })));
        alone.run_until(999);
        assert_eq!((alone.submits().len(), alone.told.finished()), (1, vec![]));
        alone.run_until(1_000);
        let second = alone.submits()[1];
        assert_ne!(second, alone.submits()[0]);
        alone.answer(1_001, second, 0);
        assert_eq!(alone.told.finished(), [(1, answered(0))]);
    }
}

#[test]
fn endless_throttling_goes_back_to_the_shell() {
    let mut alone = Alone::bound(Settings::default());
    alone.give(0, request(1, true));
    for second in 0..6 {
        alone.run_until(second * 1_000);
        alone.answer(
            second * 1_000,
            *alone.submits().last().unwrap(),
            status::THROTTLED,
        );
    }
    let expected = Outcome::Answered {
        status: status::THROTTLED,
        message_id: String::new(),
    };
    assert_eq!(alone.told.finished(), [(1, expected)]);
}

#[test]
fn the_smsc_throttles_above_the_rate_and_checks_senders() {
    let account = Account {
        rate_per_s: 2,
        senders: vec!["384".to_owned()],
        ..account()
    };
    let mut pair = Pair::new(BindKind::Transceiver, account, Settings::default());
    pair.esme(Input::Timeout);
    for sequence in 901..=903 {
        let submit = encode(&Packet::new(sequence, Pdu::SubmitSm(message("x")))).unwrap();
        pair.smsc(Input::Received(submit));
    }
    pair.now_ms = 1_000;
    let mut other = message("x");
    other.source.address = "385".to_owned();
    let submit = encode(&Packet::new(904, Pdu::SubmitSm(other))).unwrap();
    pair.smsc(Input::Received(submit));
    let statuses: Vec<_> = pair
        .line
        .iter()
        .filter(|(_, packet)| packet.sequence > 900)
        .map(|(_, p)| p.status)
        .collect();
    assert_eq!(pair.smsc_told.asked().len(), 2);
    assert_eq!(statuses, [status::THROTTLED, status::INVALID_SOURCE]);
}

#[test]
fn a_shell_that_is_behind_makes_the_peer_try_later() {
    let mut pair = Pair::new(
        BindKind::Transceiver,
        account(),
        Settings {
            window: 200,
            ..Settings::default()
        },
    );
    pair.esme(Input::Timeout);
    for token in 0..100 {
        pair.smsc(request(token, true));
    }
    assert_eq!(pair.esme_told.asked().len(), ASKED_MAX);
    let busy = |(_, outcome): &(u64, Outcome)| {
        matches!(
            outcome,
            Outcome::Answered {
                status: status::ESME_TEMPORARY,
                ..
            }
        )
    };
    assert_eq!(
        pair.smsc_told
            .finished()
            .iter()
            .filter(|one| busy(one))
            .count(),
        36
    );
    for token in 0..100 {
        let submit = encode(&Packet::new(1_000 + token, Pdu::SubmitSm(message("x")))).unwrap();
        pair.smsc(Input::Received(submit));
    }
    let full = |(_, packet): &&(bool, Packet)| packet.status == status::QUEUE_FULL;
    assert_eq!(pair.line.iter().filter(full).count(), 36);
}

#[test]
fn unbinding_works_from_both_ends() {
    let mut pair = Pair::bound();
    pair.esme(Input::Shutdown);
    assert!(pair.esme.is_ended() && pair.smsc.is_ended());
    assert_eq!(pair.sent(false, |pdu| *pdu == Pdu::UnbindResp), 1);
    assert!(pair.smsc_told.has(&Action::Unbound));
    let mut pair = Pair::bound();
    pair.smsc(Input::Shutdown);
    assert_eq!(pair.sent(true, |pdu| *pdu == Pdu::UnbindResp), 1);
    assert!(pair.smsc.is_ended());
    assert_eq!(pair.esme.deadline(), Some(at(800)), "the ESME comes back");
}

#[test]
fn an_unbind_without_an_answer_still_ends() {
    let mut alone = Alone::bound(Settings::default());
    alone.give(0, Input::Shutdown);
    alone.run_until(20_000);
    assert!(alone.told.has(&Action::Close));
    alone.give(20_000, Input::Disconnected { jitter: 0 });
    assert!(alone.session.is_ended() && alone.session.deadline().is_none());
}

#[test]
fn shutdown_without_a_link_ends_at_once() {
    let mut session = Session::esme(bind(BindKind::Transceiver), Settings::default(), at(0));
    session.handle(at(0), Input::Shutdown);
    assert!(session.is_ended());
}

#[test]
fn a_nack_ends_the_request_that_it_names() {
    let mut alone = Alone::bound(Settings::default());
    alone.give(0, request(1, false));
    let nack = Packet {
        status: 3,
        sequence: alone.submits()[0],
        pdu: Pdu::GenericNack,
    };
    alone.packet(0, &nack);
    assert_eq!(alone.told.finished(), [(1, answered(3))]);
}

#[test]
fn a_length_that_cannot_be_is_answered_and_ends_the_connection() {
    let mut alone = Alone::bound(Settings::default());
    alone.give(0, Input::Received(b"GET / HTTP/1.1\r\n".to_vec()));
    let nack = Packet {
        status: status::INVALID_COMMAND_LENGTH,
        sequence: 0,
        pdu: Pdu::GenericNack,
    };
    assert_eq!(alone.sent.last(), Some(&nack));
    assert!(alone.told.has(&Action::Close));
}

#[test]
fn an_old_peer_gets_no_optional_parameters() {
    let mut alone = Alone::bound(Settings::default());
    alone.give(0, Input::Disconnected { jitter: 0 });
    alone.give(800, Input::Timeout);
    alone.give(800, Input::Connected);
    let sequence = alone.sent.last().unwrap().sequence;
    let (kind, system_id) = (BindKind::Transceiver, String::new());
    let pdu = Pdu::BindResp {
        kind,
        system_id,
        interface_version: Some(0x33),
    };
    alone.packet(800, &Packet::new(sequence, pdu));
    alone.give(800, request(1, false));
    let Pdu::SubmitSm(submit) = &alone.sent.last().unwrap().pdu else {
        panic!("a submit")
    };
    assert_eq!(submit.optional, Optional::default());
}

#[test]
fn answers_to_an_older_connection_are_dropped() {
    let mut pair = Pair::bound();
    pair.smsc(request(1, false));
    let (ticket, _) = pair.esme_told.asked()[0].clone();
    pair.esme(Input::Disconnected { jitter: 0 });
    pair.run_until(800);
    let before = pair.line.len();
    pair.esme(Input::Answered {
        ticket,
        status: 0,
        message_id: String::new(),
    });
    assert_eq!(pair.line.len(), before);
}

#[test]
fn a_message_that_cannot_be_written_says_which_field() {
    let mut alone = Alone::bound(Settings::default());
    let mut long = message("x");
    long.source.address = "1".repeat(21);
    alone.give(
        0,
        Input::Request {
            token: 1,
            message: long,
            urgent: false,
        },
    );
    assert_eq!(
        alone.told.finished(),
        [(
            1,
            Outcome::Unfit {
                field: "source_addr"
            }
        )]
    );
}
