//! Short forms give the signed bytes back; golden bytes stand under `tests/golden/session`.

use ring::signature::Ed25519KeyPair;

use super::*;
use crate::entry::{ClockQuality, Entry, EntryKind, EntryMeta};
use crate::frame::{self, SealInput};
use crate::golden::check;
use crate::id::{DocId, Lane};
use crate::pack::EmptyShelf;
use crate::receipt::{self, Receipt};
use crate::session::certificate_hash;

const TURNS: &str = include_str!("../../../../../tests/golden/session/turns-v1.hex");

fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn chain() -> ChainId {
    ChainId {
        hub: HubId(*b"test"),
        origin: NodeId(7),
        epoch: Epoch::new(1, 0),
        scope: Scope(64).with_lane(Lane::Registration),
    }
}

fn hello(origin: u32) -> Hello {
    Hello {
        version: VERSION,
        hub: HubId(*b"test"),
        origin: NodeId(origin),
        epoch: Epoch::new(1, 0),
        certificate: CertificateForm::Whole(b"certificate".to_vec()),
        sets: [0; 8],
        frame_bytes_max: 262_286,
        revocations: 0,
        digest: [1; 8],
    }
}

/// Two facts, packed or raw.
fn frame(packed: bool, previous: [u8; 32]) -> Vec<u8> {
    let entries: Vec<Entry> = (5..7).map(fact).collect();
    let input = SealInput {
        chain: chain(),
        previous,
        seeds: &[(0, [9; 16])],
        entries: &entries,
    };
    if !packed {
        return frame::seal((&key()).into(), &input).unwrap();
    }
    let packing = frame::Packing {
        sets: &[],
        shelf: &EmptyShelf,
    };
    frame::seal_packed((&key()).into(), &input, &packing).unwrap()
}

fn fact(seq: u32) -> Entry {
    let meta = EntryMeta {
        seq: Seq(seq),
        kind: EntryKind::Fact,
        quality: ClockQuality::Ntp,
        hlc: (1_767_225_600_000 << 16) + u64::from(seq),
        doc: DocId::NONE,
        doc_ref: None,
        schema: 1,
        author: 0,
        session: 0,
    };
    Entry {
        meta,
        body: b"golden fact".to_vec(),
    }
}

fn signed_receipt() -> Vec<u8> {
    let receipt = Receipt {
        chain: chain(),
        up_to: Seq(6),
        hash: [3; 32],
        hlc: 1_767_225_700_000 << 16,
    };
    receipt::sign(&receipt, &key())
}

/// Node and hub that have greeted each other.
fn acquainted() -> (Elision, Elision) {
    let (mut node, mut hub) = (Elision::default(), Elision::default());
    let said = node.shorten(Message::Hello(hello(7)));
    assert_eq!(hub.hear(said), Ok(Heard::Whole(Message::Hello(hello(7)))));
    let said = hub.shorten(Message::Hello(hello(1)));
    assert_eq!(node.hear(said), Ok(Heard::Whole(Message::Hello(hello(1)))));
    (node, hub)
}

fn restored(heard: Result<Heard, MessageError>, hash: [u8; 32]) -> (ChainId, Seq, Message) {
    match heard.unwrap() {
        Heard::Short(short) => (short.chain, short.at, short.whole(hash)),
        Heard::Whole(message) => panic!("not short: {message:?}"),
    }
}

#[test]
fn a_packed_frame_and_a_receipt_come_back_to_the_signed_bytes() {
    let (mut node, mut hub) = acquainted();
    let whole = Message::Frame(frame(true, [2; 32]));
    let short = node.shorten(whole.clone());
    assert!(short.wire_bytes() + 54 <= whole.wire_bytes());
    let (of, at, got) = restored(hub.hear(short), [2; 32]);
    assert_eq!((of, at, got), (chain(), Seq(4), whole));
    let whole = Message::Receipt(signed_receipt());
    let short = hub.shorten(whole.clone());
    assert!(short.wire_bytes() <= 77, "{} bytes", short.wire_bytes());
    let (of, at, got) = restored(node.hear(short), [3; 32]);
    assert_eq!((of, at, got), (chain(), Seq(6), whole));
}

#[test]
fn another_hash_gives_a_frame_whose_signature_does_not_fit() {
    let (mut node, mut hub) = acquainted();
    let short = node.shorten(Message::Frame(frame(true, [2; 32])));
    let (_, _, Message::Frame(bytes)) = restored(hub.hear(short), [4; 32]) else {
        panic!("a frame")
    };
    let packing = frame::Packing {
        sets: &[],
        shelf: &EmptyShelf,
    };
    let public: [u8; 32] = {
        use ring::signature::KeyPair;
        key().public_key().as_ref().try_into().unwrap()
    };
    let refused = frame::open_packed(&bytes, (Seq(4), [4; 32]), &public, &packing);
    assert_eq!(refused.unwrap_err().code, RefusalCode::Signature);
}

#[test]
fn raw_frames_other_lives_and_other_receipts_stay_whole() {
    let (mut node, mut hub) = acquainted();
    let raw = Message::Frame(frame(false, [2; 32]));
    assert_eq!(node.shorten(raw.clone()), raw);
    let theirs = Message::Frame(frame(true, [2; 32]));
    assert_eq!(hub.shorten(theirs.clone()), theirs, "relayed by another");
    let mine = Message::Receipt(signed_receipt());
    assert_eq!(node.shorten(mine.clone()), mine);
    let mut stranger = Elision::default();
    assert_eq!(stranger.shorten(theirs.clone()), theirs);
    assert!(stranger.is_empty());
}

#[test]
fn a_hello_is_repeated_short_and_any_change_of_it_whole() {
    let (mut node, mut hub) = acquainted();
    let again = Hello {
        digest: [5; 8],
        revocations: 4,
        certificate: CertificateForm::Hash(certificate_hash(b"certificate")),
        ..hello(7)
    };
    let said = node.shorten(Message::Hello(again.clone()));
    assert_eq!(said.wire_bytes(), 11);
    let heard = Hello {
        certificate: hello(7).certificate,
        ..again.clone()
    };
    assert_eq!(hub.hear(said), Ok(Heard::Whole(Message::Hello(heard))));
    for changed in [
        Hello {
            epoch: Epoch::new(2, 0),
            ..again.clone()
        },
        Hello {
            sets: [1; 8],
            ..again.clone()
        },
        Hello {
            certificate: CertificateForm::Hash([0; 16]),
            ..again.clone()
        },
        // The listener asked for it: its name would not do.
        hello(7),
    ] {
        let said = Message::Hello(changed);
        assert_eq!(node.clone().shorten(said.clone()), said);
    }
}

/// The bytes of two turns as they are written today.
#[test]
fn turns_of_a_kept_connection_are_the_golden_ones() {
    let (mut node, mut hub) = acquainted();
    let request = [
        node.shorten(Message::Hello(hello(7))),
        Message::Held(vec![(Scope(64), Seq(12)), (Scope(67), Seq(300))]),
        node.shorten(Message::Frame(frame(true, [2; 32]))),
    ];
    let answer = [
        hub.shorten(Message::Hello(hello(1))),
        hub.shorten(Message::Receipt(signed_receipt())),
        Message::Bye(Bye {
            reason: ByeReason::Done,
            next_contact_s: 0,
        }),
    ];
    let bytes: Vec<u8> = request
        .iter()
        .chain(&answer)
        .flat_map(Message::encode)
        .collect();
    check(TURNS, &bytes);
}

#[test]
fn a_held_out_of_order_and_a_short_frame_without_a_signature_are_refused() {
    let malformed = |field| Err(MessageError::Malformed(field));
    for body in [[8_u8, 1, 8, 2], [8, 1, 7, 2]] {
        let bytes = [&[10, 4][..], &body].concat();
        assert_eq!(Message::decode(&bytes), malformed("held chains"));
    }
    let head = [&[1_u8, 67, 5, 2][..], &[0; 12], &[0]].concat();
    let cut = [&[12, 80][..], &head, &[0; 63]].concat();
    assert_eq!(Message::decode(&cut), Err(MessageError::Truncated));
    let mut first = [&[12, 81][..], &head, &[0; 64]].concat();
    assert!(Message::decode(&first).is_ok_and(|message| message.encode() == first));
    first[4] = 0;
    assert_eq!(Message::decode(&first), malformed("first entry"));
}
