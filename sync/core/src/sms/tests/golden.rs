//! Golden bytes under `tests/golden/sms`: every release reads those of all earlier ones.
//!
//! A failing comparison prints the bytes of today. They may only be accepted together with a new
//! version, a new file beside the old one, and `docs/protocols/sms.md`.

use super::super::order::Order;
use super::super::receipt::ShortReceipt;
use super::order as order_tests;
use super::*;
use crate::golden::{check, unhex};

const KEYS: &str = include_str!("../../../../../tests/golden/sms/keys-v1.hex");
const SINGLE: &str = include_str!("../../../../../tests/golden/sms/single-v1.hex");
const DATA: &str = include_str!("../../../../../tests/golden/sms/data-v1.hex");
const ACK: &str = include_str!("../../../../../tests/golden/sms/ack-v1.hex");
const QUERY: &str = include_str!("../../../../../tests/golden/sms/query-v1.hex");
const HAVE: &str = include_str!("../../../../../tests/golden/sms/have-v1.hex");
const CHANGE: &str = include_str!("../../../../../tests/golden/sms/list-change-v1.hex");
const SHORT: &str = include_str!("../../../../../tests/golden/sms/receipt-v1.hex");
const RECEIPT: &str = include_str!("../../../../../tests/golden/frame/receipt-v1.hex");
const TEXT: &str = include_str!("../../../../../tests/golden/sms/single-v1.txt");

fn golden_key() -> LinkKey {
    Root::new([0x11; 32]).link_key(&ends(7), Direction::ToHub)
}

fn golden_head(kind: Kind, counter: u32) -> Head {
    let salt = [0xa0, 0xa1, 0xa2, 0xa3];
    let nonce = Nonce {
        key: 1,
        salt,
        counter,
    };
    Head { kind, nonce }
}

fn check_datagram(golden: &str, head: Head, content: &[u8]) {
    check(golden, &seal(&golden_key(), &head, content).unwrap());
    let opened = open(&golden_key(), &unhex(golden)).unwrap();
    assert_eq!((opened.head, opened.content.as_slice()), (head, content));
}

#[test]
fn keys_are_the_golden_ones() {
    let root = Root::new([0x11; 32]);
    let back = root.link_key(&ends(7), Direction::ToNode);
    let keys = [root.next().bytes(), golden_key().bytes(), back.bytes()].map(|key| *key);
    check(KEYS, &keys.concat());
}

#[test]
fn datagrams_are_the_golden_ones() {
    check_datagram(SINGLE, golden_head(Kind::Single, 16), b"golden run");
    let part = Part {
        number: 2,
        parts: 3,
        piece: b"golden part",
    };
    check_datagram(DATA, golden_head(Kind::Data, 19), &part.encode());
    let run = golden_head(Kind::Data, 17).nonce;
    let lines = [
        (1, Verdict::Open(0b101)),
        (0, Verdict::Accepted),
        (2, Verdict::Refused(RefusalCode::Rebuild)),
    ];
    let items = lines.map(|(asked, verdict)| AckItem {
        run,
        asked,
        verdict,
    });
    let ack = Ack {
        items: items.to_vec(),
        receipt: b"golden receipt".to_vec(),
    };
    check_datagram(ACK, golden_head(Kind::Ack, 20), &ack.encode());
    let query = QueryItem {
        run,
        parts: 3,
        asked: 1,
    };
    check_datagram(QUERY, golden_head(Kind::Query, 21), &write_query(&[query]));
}

#[test]
fn orders_and_short_receipts_are_the_golden_ones() {
    let have = order_tests::have();
    check(HAVE, &have.encode());
    assert_eq!(Order::decode(&unhex(HAVE)), Ok(have));
    let change = Order::ListChange(order_tests::change());
    check(CHANGE, &change.encode());
    assert_eq!(Order::decode(&unhex(CHANGE)), Ok(change));
    let whole = unhex(RECEIPT);
    check(SHORT, &ShortReceipt::of(&whole, &ends(7)).unwrap());
    let short = ShortReceipt::read(&unhex(SHORT), &ends(7)).unwrap();
    assert_eq!(short.whole(&[0x11; 32]), whole);
}

#[test]
fn the_text_form_is_the_golden_one() {
    let single = unhex(SINGLE);
    assert_eq!(base64::to_text(&single).as_deref(), Ok(TEXT.trim_end()));
    assert_eq!(base64::from_text(TEXT.trim_end()), Ok(single));
}
