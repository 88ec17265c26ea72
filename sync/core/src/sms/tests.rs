//! Datagrams, keys, windows, texts and contents of the SMS link; its machine has suites of its own.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::content::{Ack, AckItem, Part, QueryItem, Verdict, read_query, write_query};
use super::datagram::{Candidate, Head, Opened, find, open, seal};
use super::key::{Direction, Ends, KEY_ID_MAX, Keyring, LinkKey, ROOTS_MAX, Root, TRIALS_MAX};
use super::window::{CLOSED_SALTS_MAX, SALTS_MAX, WINDOW_COUNTERS_MAX, Windows};
use super::*;
use crate::id::{Epoch, HubId, NodeId};
use crate::refusal::RefusalCode;

mod golden;
mod machine;
mod order;
mod purse;
mod world;

pub(super) fn ends(node: u32) -> Ends {
    Ends {
        hub: HubId([0xe0, 0xe7, 0x7a, 0x50]),
        node: NodeId(node),
        epoch: Epoch::new(1, 0),
    }
}

pub(super) fn ring(seed: u8) -> Keyring {
    Keyring::new(1, Root::new([seed; 32]))
}

fn key(ring: &Keyring, node: u32) -> LinkKey {
    ring.newest().1.link_key(&ends(node), Direction::ToHub)
}

fn nonce(counter: u32) -> Nonce {
    Nonce {
        key: 1,
        salt: [9; 4],
        counter,
    }
}

fn head(kind: Kind, counter: u32) -> Head {
    Head {
        kind,
        nonce: nonce(counter),
    }
}

#[test]
fn sizes_are_those_of_the_standard() {
    assert_eq!((DATAGRAM_OCTETS_MAX, PART_OCTETS_MAX), (133, 105));
    assert_eq!(
        (Carrier::Binary.content_octets(), RUN_OCTETS_MAX),
        (107, 6720)
    );
    assert_eq!(
        (Carrier::Text.content_octets(), Carrier::Text.part_octets()),
        (94, 92)
    );
    let full = seal(&key(&ring(1), 7), &head(Kind::Single, 1), &[0; 107]).unwrap();
    assert_eq!(full.len() + PORT_HEADER_OCTETS, 140);
    assert_eq!(
        seal(&key(&ring(1), 7), &head(Kind::Single, 1), &[0; 108]),
        Err(SmsError::Length)
    );
}

#[test]
fn every_flipped_bit_is_noticed() {
    let key = key(&ring(1), 7);
    let sealed = seal(&key, &head(Kind::Data, 77), &[5; 40]).unwrap();
    assert_eq!(open(&key, &sealed).unwrap().content, [5; 40]);
    for bit in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&key, &flipped).is_err(), "bit {bit}");
    }
    for cut in 0..sealed.len() {
        assert!(open(&key, &sealed[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn keys_differ_by_root_network_node_epoch_and_direction() {
    let root = Root::new([1; 32]);
    let other_epoch = Ends {
        epoch: Epoch::new(2, 0),
        ..ends(7)
    };
    let other_hub = Ends {
        hub: HubId([1; 4]),
        ..ends(7)
    };
    let keys = [
        root.link_key(&ends(7), Direction::ToHub),
        root.link_key(&ends(7), Direction::ToNode),
        root.link_key(&ends(8), Direction::ToHub),
        root.link_key(&other_epoch, Direction::ToHub),
        root.link_key(&other_hub, Direction::ToHub),
        root.next().link_key(&ends(7), Direction::ToHub),
    ];
    let distinct: BTreeSet<[u8; 32]> = keys.iter().map(|key| *key.bytes()).collect();
    assert_eq!(distinct.len(), keys.len());
    assert_eq!(format!("{root:?} {:?}", keys[0]), "Root LinkKey");
}

#[test]
fn the_ratchet_steps_through_all_ids_and_keeps_few_roots() {
    let mut ring = ring(1);
    let mut seen = BTreeSet::new();
    for _ in 0..300 {
        let (id, root) = ring.following();
        ring.advance();
        assert_eq!(ring.newest(), (id, &root));
        assert!((1..=KEY_ID_MAX).contains(&id) && ring.ids().len() <= ROOTS_MAX);
        seen.insert(id);
    }
    assert_eq!(seen.len(), usize::from(KEY_ID_MAX));
    let newest = ring.newest().0;
    ring.install(Root::new([3; 32]));
    assert!(ring.get(newest).is_some() && ring.destroy(newest));
    assert!(ring.get(newest).is_none() && !ring.destroy(newest));
    assert!(!ring.destroy(ring.newest().0), "the newest stays");
}

#[test]
fn the_number_only_decides_who_is_tried_first() {
    let rings: Vec<Keyring> = (0..3).map(ring).collect();
    let sealed = seal(&key(&rings[2], 2), &head(Kind::Single, 1), b"run").unwrap();
    for claimed in 0..4_usize {
        let candidates: Vec<Candidate<'_>> = (0_u32..)
            .zip(&rings)
            .enumerate()
            .map(|(at, (node, keys))| Candidate {
                by_number: at == claimed,
                ends: ends(node),
                keys,
            })
            .collect();
        let found = find(&sealed, Direction::ToHub, &candidates).unwrap();
        assert_eq!(
            (found.peer, found.opened.content.as_slice()),
            (2, b"run".as_slice())
        );
        assert_eq!(
            find(&sealed, Direction::ToNode, &candidates),
            None,
            "reflected"
        );
    }
}

#[test]
fn an_unknown_number_costs_sixty_four_trials_and_a_known_one_none_of_them() {
    let rings: Vec<Keyring> = (0..=TRIALS_MAX).map(|_| ring(1)).collect();
    let candidates = |numbered: bool| -> Vec<Candidate<'_>> {
        let all = (0_u32..).zip(&rings);
        let last = u32::try_from(TRIALS_MAX).unwrap();
        all.map(|(node, keys)| Candidate {
            by_number: numbered && node == last,
            ends: ends(node),
            keys,
        })
        .collect()
    };
    let from = |node| seal(&key(&rings[0], node), &head(Kind::Single, 1), b"x").unwrap();
    let peer = |found: Option<datagram::Found>| found.map(|found| found.peer);
    assert_eq!(
        peer(find(&from(63), Direction::ToHub, &candidates(false))),
        Some(63)
    );
    assert_eq!(
        peer(find(&from(64), Direction::ToHub, &candidates(false))),
        None
    );
    assert_eq!(
        peer(find(&from(64), Direction::ToHub, &candidates(true))),
        Some(64)
    );
}

#[test]
fn a_peer_that_took_its_next_key_is_understood() {
    let ours = ring(1);
    let mut theirs = ours.clone();
    theirs.advance();
    let head = Head {
        kind: Kind::Single,
        nonce: Nonce {
            key: theirs.newest().0,
            ..nonce(1)
        },
    };
    let sealed = seal(&key(&theirs, 7), &head, b"x").unwrap();
    let candidate = Candidate {
        by_number: true,
        ends: ends(7),
        keys: &ours,
    };
    let found = find(&sealed, Direction::ToHub, &[candidate]).unwrap();
    assert_eq!(found.opened.head.nonce.key, ours.following().0);
}

#[test]
fn a_rewound_counter_under_a_new_salt_is_new_and_under_the_old_one_a_replay() {
    let mut windows = Windows::default();
    assert!(windows.take(nonce(500)) && !windows.take(nonce(500)));
    let rewound = Nonce {
        salt: [8; 4],
        ..nonce(500)
    };
    assert!(windows.take(rewound) && !windows.take(rewound));
    assert!(windows.take(nonce(499)), "late, not a replay");
    assert!(windows.take(nonce(499 + WINDOW_COUNTERS_MAX)));
    assert!(!windows.take(nonce(499)) && !windows.take(nonce(400)));
    assert!(windows.take(nonce(501)));
}

#[test]
fn salts_are_closed_at_the_limit_and_never_open_again() {
    let mut windows = Windows::default();
    let of = |number: usize| Nonce {
        salt: u32::try_from(number).unwrap().to_be_bytes(),
        ..nonce(3)
    };
    for number in 0..SALTS_MAX + CLOSED_SALTS_MAX {
        assert!(windows.take(of(number)), "salt {number}");
        assert!(number < SALTS_MAX || windows.has(of(number - SALTS_MAX)));
    }
    assert!(!windows.take(of(SALTS_MAX + CLOSED_SALTS_MAX)), "the limit");
    let next_key = Nonce {
        key: 2,
        ..of(SALTS_MAX + CLOSED_SALTS_MAX)
    };
    assert!(windows.take(next_key), "another key is not concerned");
    windows.forget(1);
    assert!(windows.take(of(1)) && windows.keys().all(|key| key == 1 || key == 2));
}

fn verdicts() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        any::<u64>().prop_map(Verdict::Open),
        Just(Verdict::Accepted),
        Just(Verdict::Lost),
        (1_u8..20).prop_map(|code| Verdict::Refused(RefusalCode::parse(code).unwrap())),
    ]
}

fn nonces() -> impl Strategy<Value = Nonce> {
    (1..=KEY_ID_MAX, any::<[u8; 4]>(), any::<u32>()).prop_map(|(key, salt, counter)| Nonce {
        key,
        salt,
        counter,
    })
}

proptest! {
    #[test]
    fn what_is_sealed_opens(
        kind in 0_u8..7, nonce in nonces(), content in proptest::collection::vec(any::<u8>(), 0..108),
    ) {
        let key = key(&ring(1), 7);
        let head = Head { kind: Kind::parse(kind).unwrap(), nonce };
        let sealed = seal(&key, &head, &content).unwrap();
        prop_assert_eq!(open(&key, &sealed), Ok(Opened { head, content }));
    }

    #[test]
    fn no_octets_open_or_panic(octets in proptest::collection::vec(any::<u8>(), 0..160)) {
        prop_assert!(open(&key(&ring(1), 7), &octets).is_err());
        if let Ok(head) = Head::parse(&octets) {
            prop_assert_eq!(&head.encode(), &octets[..datagram::HEAD_OCTETS]);
        }
    }

    #[test]
    fn text_and_octets_are_one_to_one(octets in proptest::collection::vec(any::<u8>(), 0..121)) {
        let text = base64::to_text(&octets).unwrap();
        prop_assert!(text.len() <= 160 && text.is_ascii());
        prop_assert_eq!(base64::from_text(&text), Ok(octets));
    }

    #[test]
    fn any_text_is_refused_or_the_one_form(text in "[A-Za-z0-9+/=é]{0,170}") {
        if let Ok(octets) = base64::from_text(&text) {
            prop_assert_eq!(base64::to_text(&octets), Ok(text));
        }
    }

    #[test]
    fn contents_have_one_encoding(content in proptest::collection::vec(any::<u8>(), 0..108)) {
        if let Ok(part) = Part::decode(&content) {
            prop_assert_eq!(part.encode(), content.clone());
        }
        if let Ok(ack) = Ack::decode(&content) {
            prop_assert_eq!(ack.encode(), content.clone());
        }
        if let Ok(items) = read_query(&content) {
            prop_assert_eq!(write_query(&items), content);
        }
    }

    #[test]
    fn acks_and_queries_read_as_written(
        lines in proptest::collection::vec((nonces(), any::<u8>(), verdicts()), 1..10),
        receipt in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let items = lines.iter().map(|(run, asked, verdict)| AckItem {
            run: *run, asked: *asked, verdict: *verdict,
        }).collect();
        let ack = Ack { items, receipt };
        prop_assert_eq!(Ack::decode(&ack.encode()), Ok(ack));
        let items: Vec<QueryItem> = lines.iter().map(|(run, asked, _)| QueryItem {
            run: *run, parts: asked % PARTS_MAX + 1, asked: (*asked).max(1),
        }).collect();
        prop_assert_eq!(read_query(&write_query(&items)), Ok(items));
    }

    #[test]
    fn a_window_takes_each_counter_at_most_once(
        counters in proptest::collection::vec((0_u32..3000, 0_u8..3), 1..300),
    ) {
        let mut windows = Windows::default();
        let mut taken = BTreeSet::new();
        for (counter, salt) in counters {
            let nonce = Nonce { salt: [salt; 4], ..nonce(counter) };
            let highest = taken.iter().filter(|(of, _)| *of == salt).map(|(_, it)| *it).max();
            let is_old = highest.is_some_and(|top| counter + WINDOW_COUNTERS_MAX <= top);
            let is_new = !is_old && !taken.contains(&(salt, counter));
            prop_assert_eq!(windows.has(nonce), !is_new);
            prop_assert_eq!(windows.take(nonce), is_new);
            taken.insert((salt, counter));
        }
    }
}
