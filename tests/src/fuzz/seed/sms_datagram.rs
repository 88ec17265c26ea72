//! Seeds of the SMS link: datagrams, texts, contents, and short talks of a node with its hub.

use sync_core::refusal::RefusalCode;
use sync_core::sms::content::{Ack, AckItem, Part, QueryItem, Verdict, write_query};
use sync_core::sms::order::{Held, Order, Papers};
use sync_core::sms::{Nonce, base64};
use sync_core::{Epoch, Scope, Seq};

use super::super::sms_datagram::sealed;
use super::form;

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let datagram = sealed(1, 1, b"a run").expect("a datagram");
    let edited = |at: usize, octet: u8| {
        let mut octets = datagram.clone();
        octets[at] = octet;
        form(0, octets)
    };
    let text = base64::to_text(&datagram).expect("a text");
    let contents = [
        part(0),
        part(1),
        ack(Verdict::Accepted),
        query(),
        have(),
        vec![3; 40],
        short_receipt(),
        vec![9, 9],
    ];
    let mut inputs = vec![
        edited(30, 0),
        edited(0, 0x21),
        edited(0, 0x1F),
        edited(1, 0),
        form(0, &datagram[..20]),
        form(2, &text),
        form(2, "hello"),
        // A run in two parts, a query for it, a single run, and one that is asked for unknown.
        form(
            1,
            talk(&[(0, 8, part(0)), (0, 9, part(1)), (4, 20, query())]),
        ),
        form(1, talk(&[(1, 1, b"a run".to_vec()), (4, 2, query())])),
        form(
            1,
            talk(&[(6, 8, part(0)), (5, 4, vec![1; 80]), (3, 5, vec![2; 74])]),
        ),
        form(1, talk(&[(2, 1, ack(Verdict::Accepted))])),
        form(
            1,
            talk(&[(2, 1, ack(Verdict::Open(1))), (2, 2, ack(Verdict::Lost))]),
        ),
        form(
            1,
            talk(&[(2, 1, ack(Verdict::Refused(RefusalCode::Rebuild)))]),
        ),
    ];
    inputs.extend(contents.into_iter().map(|content| form(3, content)));
    inputs
}

fn have() -> Vec<u8> {
    let held = Held {
        epoch: Epoch::new(1, 0),
        scope: Scope(16),
        up_to: Seq(3),
    };
    let papers = Papers::default();
    let chains = vec![held];
    Order::Have { papers, chains }.encode()
}

/// The right length; nobody verifies it here.
fn short_receipt() -> Vec<u8> {
    [[1].as_slice(), &[5; 80]].concat()
}

/// Kind, counter, content.
type Sent = (u8, u8, Vec<u8>);

/// What `fuzz::sms_datagram` plays.
fn talk(datagrams: &[Sent]) -> Vec<u8> {
    let each = datagrams.iter().map(|(kind, counter, content)| {
        let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
        [&[*kind, *counter, length], content.as_slice()].concat()
    });
    each.collect::<Vec<_>>().concat()
}

fn part(number: u8) -> Vec<u8> {
    let part = Part {
        number,
        parts: 2,
        piece: b"half a run",
    };
    part.encode()
}

/// Of the hub's run that is in flight.
fn ack(verdict: Verdict) -> Vec<u8> {
    let run = Nonce {
        key: 1,
        salt: [4; 4],
        counter: 1,
    };
    let ack = Ack {
        items: vec![AckItem {
            run,
            asked: 0,
            verdict,
        }],
        receipt: vec![7; 74],
    };
    ack.encode()
}

fn query() -> Vec<u8> {
    let run = Nonce {
        key: 1,
        salt: [3; 4],
        counter: 8,
    };
    write_query(&[QueryItem {
        run,
        parts: 2,
        asked: 1,
    }])
}
