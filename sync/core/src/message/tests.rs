//! Properties of the message codec: one value, one encoding; nothing panics; caps hold.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;

mod short;

fn hubs() -> impl Strategy<Value = HubId> {
    any::<[u8; 4]>().prop_map(HubId)
}

fn chains(hub: HubId) -> impl Strategy<Value = ChainId> {
    (0_u32..9, 0_u64..9, any::<u32>()).prop_map(move |(origin, epoch, scope)| ChainId {
        hub,
        origin: NodeId(origin),
        epoch: Epoch(epoch),
        scope: Scope(scope),
    })
}

fn hellos() -> impl Strategy<Value = Message> {
    let certificate = prop_oneof![
        any::<[u8; 16]>().prop_map(CertificateForm::Hash),
        vec(any::<u8>(), 1..CERTIFICATE_BYTES_MAX).prop_map(CertificateForm::Whole),
    ];
    let fixed = (
        any::<u8>(),
        hubs(),
        any::<u32>(),
        any::<u64>(),
        any::<[u8; 8]>(),
    );
    (
        fixed,
        certificate,
        any::<u32>(),
        any::<u32>(),
        any::<[u8; 8]>(),
    )
        .prop_map(
            |(
                (version, hub, origin, epoch, sets),
                certificate,
                frame_bytes_max,
                revocations,
                digest,
            )| {
                Message::Hello(Hello {
                    version,
                    hub,
                    origin: NodeId(origin),
                    epoch: Epoch(epoch),
                    certificate,
                    sets,
                    frame_bytes_max,
                    revocations,
                    digest,
                })
            },
        )
}

fn haves() -> impl Strategy<Value = Message> {
    let keys = (0_u32..5, 0_u64..5, 0_u32..40);
    let values = (any::<u32>(), any::<u32>(), any::<[u8; 8]>());
    (hubs(), btree_map(keys, values, 0..20)).prop_map(|(hub, map)| {
        let item = |((origin, epoch, scope), (up_to, receipted, head))| HaveItem {
            chain: ChainId {
                hub,
                origin: NodeId(origin),
                epoch: Epoch(epoch),
                scope: Scope(scope),
            },
            up_to: Seq(up_to),
            receipted: Seq(receipted),
            head,
        };
        Message::Have(Have {
            items: map.into_iter().map(item).collect(),
        })
    })
}

fn wants() -> impl Strategy<Value = Message> {
    hubs().prop_flat_map(|hub| {
        let range = (chains(hub), 1_u32..500, 0_u32..500).prop_map(|(chain, from, more)| Range {
            chain,
            from: Seq(from),
            to: Seq(from + more),
        });
        vec(range, 1..WANT_RANGES_MAX).prop_map(Message::Want)
    })
}

fn messages() -> impl Strategy<Value = Message> {
    let code = (1_u8..=19).prop_map(|number| RefusalCode::parse(number).unwrap());
    let refuse = (
        code,
        hubs().prop_flat_map(chains),
        any::<u32>(),
        any::<u64>(),
    )
        .prop_map(|(code, chain, seq, epoch)| {
            Message::Refuse(Refuse {
                code,
                chain,
                seq: Seq(seq),
                epoch: Epoch(epoch),
            })
        });
    let bye = (0_u8..4, any::<u32>()).prop_map(|(reason, next_contact_s)| {
        Message::Bye(Bye {
            reason: ByeReason::parse(reason).unwrap(),
            next_contact_s,
        })
    });
    prop_oneof![
        hellos(),
        haves(),
        wants(),
        refuse,
        bye,
        vec(any::<u8>(), 0..600).prop_map(Message::Frame),
        vec(any::<u8>(), 0..=RECEIPT_BYTES_MAX).prop_map(Message::Receipt),
        vec(any::<u8>(), 0..600).prop_map(Message::Certificate),
        vec(any::<u8>(), 0..600).prop_map(Message::Revocations),
        btree_map(0_u32..90, any::<u32>(), 0..20).prop_map(|map| {
            let items = map.into_iter();
            Message::Held(items.map(|(scope, seq)| (Scope(scope), Seq(seq))).collect())
        }),
        (any::<u32>(), any::<[u8; 8]>()).prop_map(|(revocations, digest)| {
            Message::Again(Again {
                revocations,
                digest,
            })
        }),
    ]
}

proptest! {
    #[test]
    fn every_message_reads_back(message in messages()) {
        prop_assert_eq!(message.wire_bytes(), message.encode().len());
        prop_assert_eq!(Message::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn pieces_of_any_size_give_the_same_messages(
        sent in vec(messages(), 1..5),
        pieces in vec(1_usize..40, 1..400),
    ) {
        let bytes: Vec<u8> = sent.iter().flat_map(Message::encode).collect();
        let mut parser = Parser::default();
        let mut got = Vec::new();
        let mut rest = bytes.as_slice();
        let mut sizes = pieces.iter().cycle();
        while !rest.is_empty() {
            let size = (*sizes.next().unwrap()).min(rest.len());
            let (piece, tail) = rest.split_at(size);
            parser.push(piece).unwrap();
            while let Some(message) = parser.next_message().unwrap() {
                got.push(message);
            }
            rest = tail;
        }
        prop_assert_eq!(got, sent);
        prop_assert_eq!(parser.pending_bytes(), 0);
    }

    #[test]
    fn hostile_bytes_never_panic_and_accepted_ones_are_canonical(
        kind in 0_u8..15,
        body in vec(any::<u8>(), 0..200),
        raw in any::<bool>(),
    ) {
        let mut bytes = vec![kind];
        if !raw {
            varint::write_len(&mut bytes, body.len());
        }
        bytes.extend(&body);
        if let Ok(message) = Message::decode(&bytes) {
            prop_assert_eq!(message.encode(), bytes);
        }
    }

    #[test]
    fn one_changed_byte_never_panics(message in messages(), at: prop::sample::Index, bit in 0_u8..8) {
        let mut bytes = message.encode();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(changed) = Message::decode(&bytes) {
            prop_assert_eq!(changed.encode(), bytes);
        }
    }
}

#[test]
fn a_length_over_the_cap_is_refused_before_its_body_arrives() {
    for (kind, limit) in [
        (1, HELLO_BYTES_MAX),
        (2, HAVE_BYTES_MAX),
        (3, WANT_BYTES_MAX),
        (4, FRAME_BYTES_MAX),
        (5, RECEIPT_BYTES_MAX),
        (6, REFUSE_BYTES_MAX),
        (7, BYE_BYTES_MAX),
        (10, HELD_BYTES_MAX),
        (11, AGAIN_BYTES_MAX),
        (12, FRAME_BYTES_MAX),
        (13, RECEIPT_BYTES_MAX),
    ] {
        let mut bytes = vec![kind];
        varint::write_len(&mut bytes, limit + 1);
        let mut parser = Parser::default();
        parser.push(&bytes).unwrap();
        let refused = MessageError::TooLarge {
            limit,
            got: limit + 1,
        };
        assert_eq!(parser.next_message(), Err(refused));
        assert_eq!(parser.push(b"x"), Err(refused), "the first error is final");
    }
}

#[test]
fn pieces_of_a_length_without_end_give_the_error_of_the_whole() {
    // Found by the fuzz target `frame`: the whole said `TooLarge`, its pieces `Malformed`.
    let stream = [2, 0x98, 0xd1, 0x8f, 0xe7, 0xa6, 0xe8, 0x2e];
    for piece in 1..=stream.len() {
        let mut parser = Parser::default();
        let seen = stream.chunks(piece).find_map(|bytes| {
            parser.push(bytes).unwrap();
            parser.next_message().err()
        });
        assert_eq!(seen, Some(MessageError::Malformed("length")), "{piece}");
    }
}

#[test]
fn a_have_out_of_order_or_twice_is_refused() {
    let chain = |origin| ChainId {
        hub: HubId(*b"test"),
        origin: NodeId(origin),
        epoch: Epoch(1),
        scope: Scope(8),
    };
    let item = |origin| HaveItem {
        chain: chain(origin),
        up_to: Seq(1),
        receipted: Seq(0),
        head: [0; 8],
    };
    let sorted = Message::Have(Have {
        items: vec![item(2), item(1), item(2)],
    });
    let mut bytes = sorted.encode();
    let Ok(Message::Have(have)) = Message::decode(&bytes) else {
        panic!("sorted on the way out")
    };
    assert_eq!(have.items, vec![item(1), item(2)]);
    let last = bytes.len() - 32;
    bytes[last + 3] = 1;
    assert_eq!(
        Message::decode(&bytes),
        Err(MessageError::Malformed("have order"))
    );
}

#[test]
fn the_largest_have_and_want_fit_their_caps() {
    let chain = |scope| ChainId {
        hub: HubId(*b"test"),
        origin: NodeId(1),
        epoch: Epoch(1),
        scope: Scope(scope),
    };
    let items = (0..1_000).map(|scope| HaveItem {
        chain: chain(scope),
        up_to: Seq(1),
        receipted: Seq(1),
        head: [1; 8],
    });
    let held = (0..1_000).map(|index| (Scope(u32::MAX - index), Seq(u32::MAX)));
    let mut held: Vec<_> = held.collect();
    held.reverse();
    let held = Message::Held(held);
    assert_eq!(Message::decode(&held.encode()), Ok(held));
    let have = Message::Have(Have {
        items: items.collect(),
    });
    assert_eq!(Message::decode(&have.encode()), Ok(have));
    let ranges = (0..64).map(|scope| Range {
        chain: chain(scope),
        from: Seq(1),
        to: Seq(9),
    });
    let want = Message::Want(ranges.collect());
    assert_eq!(Message::decode(&want.encode()), Ok(want));
}
