//! Properties under any input: no panic, bounded memory, the window kept, each request ended once.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// One thing that happens to a machine.
#[derive(Clone, Debug)]
enum Event {
    Octets(Vec<u8>),
    /// A PDU of the peer with this number.
    Pdu(u8, u32, u32),
    Wait(u32),
    Request(bool),
    Answer(u64, u32),
    Lost(u8),
    Connected,
}

fn event() -> impl Strategy<Value = Event> {
    let status = prop_oneof![
        Just(0_u32),
        Just(0x58),
        Just(0x14),
        Just(0x0E),
        any::<u32>()
    ];
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..64).prop_map(Event::Octets),
        6 => (0_u8..10, 0_u32..40, status.clone()).prop_map(|(kind, n, s)| Event::Pdu(kind, n, s)),
        4 => (0_u32..40_000).prop_map(Event::Wait),
        6 => any::<bool>().prop_map(Event::Request),
        2 => (0_u64..20, status).prop_map(|(ticket, status)| Event::Answer(ticket, status)),
        1 => any::<u8>().prop_map(Event::Lost),
        2 => Just(Event::Connected),
    ]
}

fn peer_pdu(kind: u8, sequence: u32, status: u32) -> Packet {
    let pdu = match kind {
        0 => Pdu::BindResp {
            kind: BindKind::Transceiver,
            system_id: String::new(),
            interface_version: None,
        },
        1 | 2 => Pdu::SubmitSmResp {
            message_id: "1".to_owned(),
        },
        3 => Pdu::DeliverSm(message("x")),
        4 => Pdu::SubmitSm(message("x")),
        5 => Pdu::EnquireLink,
        6 => Pdu::EnquireLinkResp,
        7 => Pdu::Unbind,
        8 => Pdu::GenericNack,
        _ => Pdu::Bind(bind(BindKind::Transceiver)),
    };
    Packet {
        status,
        sequence,
        pdu,
    }
}

/// Plays events and checks the machine after each; gives how often each request ended.
fn play(mut session: Session, window: usize, events: Vec<Event>) -> BTreeMap<u64, u32> {
    let (mut now_ms, mut tokens) = (0_i64, 0_u64);
    let mut ended: BTreeMap<u64, u32> = BTreeMap::new();
    let mut step = |session: &mut Session, now_ms: i64, input: Input| {
        for action in session.handle(at(now_ms), input) {
            if let Action::Finished { token, .. } = action {
                *ended.entry(token).or_default() += 1;
            }
        }
        assert!(session.in_flight() <= window);
        assert!(session.splitter.waiting() < crate::smpp::split::PDU_OCTETS_MAX);
        assert!(session.asked.len() <= ASKED_MAX);
    };
    for event in events {
        match event {
            Event::Octets(octets) => step(&mut session, now_ms, Input::Received(octets)),
            Event::Pdu(kind, sequence, status) => {
                let octets = encode(&peer_pdu(kind, sequence, status)).unwrap();
                step(&mut session, now_ms, Input::Received(octets));
            }
            Event::Wait(ms) => {
                now_ms += i64::from(ms);
                step(&mut session, now_ms, Input::Timeout);
            }
            Event::Request(urgent) => {
                tokens += 1;
                step(&mut session, now_ms, request(tokens, urgent));
            }
            Event::Answer(ticket, status) => {
                step(
                    &mut session,
                    now_ms,
                    Input::Answered {
                        ticket,
                        status,
                        message_id: "1".to_owned(),
                    },
                );
            }
            Event::Lost(jitter) => step(&mut session, now_ms, Input::Disconnected { jitter }),
            Event::Connected => step(&mut session, now_ms, Input::Connected),
        }
    }
    // Time alone ends whatever is still open, and the machine never asks to be woken in a circle.
    for _ in 0..2_000 {
        let Some(due) = session.deadline().filter(|_| ended_count(&session) > 0) else {
            break;
        };
        now_ms = now_ms.max(due.as_millisecond() + 1);
        step(&mut session, now_ms, Input::Timeout);
    }
    for token in 1..=tokens {
        ended.entry(token).or_default();
    }
    ended
}

/// Requests that have not ended.
fn ended_count(session: &Session) -> usize {
    session.outgoing.in_flight() + session.outgoing.waiting()
}

proptest! {
    #[test]
    fn every_request_ends_once_and_the_window_holds(
        events in prop::collection::vec(event(), 0..120),
        window in 1_u8..12,
    ) {
        let settings = Settings { window, ..Settings::default() };
        let esme = Session::esme(bind(BindKind::Transceiver), settings, at(0));
        let smsc = Session::smsc("smsc".to_owned(), vec![account()], settings, at(0));
        for machine in [esme, smsc] {
            let ended = play(machine, usize::from(window), events.clone());
            prop_assert!(ended.values().all(|times| *times == 1), "{ended:?}");
        }
    }

    #[test]
    fn any_octets_before_the_bind_are_survived(
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..10),
    ) {
        let mut smsc = Session::smsc("smsc".to_owned(), vec![account()], Settings::default(), at(0));
        for chunk in chunks {
            smsc.handle(at(0), Input::Received(chunk));
        }
        prop_assert_eq!(smsc.bound(), None);
    }
}
