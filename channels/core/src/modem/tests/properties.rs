//! Any octets: no panic, bounded memory, every command ends, every part gets one outcome.

use proptest::prelude::*;

use super::super::line::{LINE_OCTETS_MAX, Splitter};
use super::*;

/// Octets that look like a modem's more often than chance would have it.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just(b"\r\nOK\r\n".to_vec()),
        Just(b"\r\nERROR\r\n".to_vec()),
        Just(b"\r\n> ".to_vec()),
        Just(b"\r\n+CPIN: READY\r\n".to_vec()),
        Just(b"\r\n+CREG: 2,1\r\n".to_vec()),
        Just(b"\r\n+CMTI: \"ME\",3\r\n".to_vec()),
        Just(b"\r\n+CMT: ,24\r\n".to_vec()),
        Just(b"\r\n+CMGL: 1,0,,24\r\n07919730071111F1\r\n".to_vec()),
        Just(b"\r\n+CUSD: 0,\"a".to_vec()),
        Just(b"\r\n+CMS ERROR: 322\r\n".to_vec()),
        Just(b"\r\nRDY\r\n".to_vec()),
        Just(b"\r\n+CMGS: 5\r\n".to_vec()),
        Just(b"+C".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..40),
        proptest::collection::vec(
            prop::sample::select(&b"+:,\"0123456789ABCDEF\r\n>^ "[..]),
            0..60
        ),
    ];
    proptest::collection::vec(word, 1..12).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn the_splitter_stays_bounded(chunks in proptest::collection::vec(octets(), 0..8)) {
        let mut splitter = Splitter::default();
        for chunk in chunks {
            splitter.feed(&chunk);
            prop_assert!(splitter.waiting() <= LINE_OCTETS_MAX);
        }
    }

    #[test]
    fn cutting_a_stream_anywhere_gives_the_same_tokens(stream in octets(), at in any::<prop::sample::Index>()) {
        let at = at.index(stream.len() + 1);
        let whole = Splitter::default().feed(&stream);
        let mut splitter = Splitter::default();
        let mut parts = splitter.feed(&stream[..at]);
        parts.extend(splitter.feed(&stream[at..]));
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn a_modem_that_says_anything_ends_every_part_once(
        lines in proptest::collection::vec((octets(), 0_i64..4_000), 1..60),
    ) {
        let mut now = start();
        let mut modem = Modem::new(Settings::default(), now);
        let (mut tokens, mut ended) = (0, Vec::new());
        let mut inputs = VecDeque::from([Input::Timeout]);
        for (octets, wait) in lines {
            inputs.push_back(Input::Received(octets));
            if modem.is_free() {
                tokens += 1;
                inputs.push_back(Input::Send { token: tokens, tpdu: vec![1, 2, 3] });
            }
            let mut steps = 0;
            while let Some(input) = inputs.pop_front() {
                steps += 1;
                prop_assert!(steps < 1_000, "stuck in {:?}", modem);
                for action in modem.handle(now, input) {
                    match action {
                        Action::Open => inputs.push_back(Input::Opened),
                        Action::RecordPinTry => inputs.push_back(Input::PinTryRecorded(true)),
                        Action::Finished { token, .. } => ended.push(token),
                        Action::Arrived { ticket, .. } => {
                            inputs.push_back(Input::Settled { ticket, committed: ticket % 2 == 0 });
                        }
                        _ => {}
                    }
                }
            }
            now = now.checked_add(SignedDuration::from_millis(wait)).unwrap();
            inputs.push_back(Input::Timeout);
        }
        // Nobody answers any more: whatever runs ends by its own deadline, and time goes on.
        for _ in 0..400 {
            let Some(at) = modem.deadline() else { break };
            now = now.max(at);
            for action in modem.handle(now, Input::Timeout) {
                if let Action::Finished { token, .. } = action {
                    ended.push(token);
                }
            }
        }
        for action in modem.handle(now, Input::Shutdown) {
            if let Action::Finished { token, .. } = action {
                ended.push(token);
            }
        }
        ended.sort_unstable();
        prop_assert_eq!(ended, (1..=tokens).collect::<Vec<u64>>());
    }

    #[test]
    fn the_simulator_takes_any_octets(chunks in proptest::collection::vec(octets(), 0..8)) {
        let mut simulator = Simulator::new(modem_simulator::Settings::new(phone(1)));
        let mut now = start();
        for chunk in chunks {
            simulator.handle(now, modem_simulator::Input::Received(chunk));
            for _ in 0..50 {
                let Some(at) = simulator.deadline() else { break };
                now = now.max(at);
                simulator.handle(now, modem_simulator::Input::Timeout);
            }
            prop_assert!(simulator.waiting().0 <= 40);
        }
    }
}
