//! Orders and short receipts: one encoding each, and a receipt that only the right chain rebuilds.

use ring::signature::{Ed25519KeyPair, KeyPair};

use super::super::order::{HAVE_CHAINS_MAX, Held, Order, Papers};
use super::super::receipt::ShortReceipt;
use super::*;
use crate::id::{ChainId, Scope, Seq};
use crate::receipt::{self, Receipt};
use crate::revocation::{ListChange, Revocation, RevocationList, RevocationMode, sign};

fn held(scope: u32, up_to: u32) -> Held {
    Held {
        epoch: Epoch::new(1, 0),
        scope: Scope(scope),
        up_to: Seq(up_to),
    }
}

pub(super) fn have() -> Order {
    Order::Have {
        papers: Papers {
            list: 2,
            serial: 9,
            hub_serial: 1,
        },
        chains: vec![held(16, 4), held(19, 130)],
    }
}

/// What is new in list 5 for who holds list 4.
pub(super) fn change() -> ListChange {
    let key = Ed25519KeyPair::from_seed_unchecked(&[4; 32]).unwrap();
    let closed = |node| Revocation {
        node: NodeId(node),
        epoch: Epoch::new(1, 0),
        mode: RevocationMode::Stop,
        last: vec![(Scope(16), Seq(4)), (Scope(19), Seq(130))],
    };
    let list = RevocationList {
        number: 5,
        entries: vec![closed(8), closed(7)],
    };
    ListChange::of(&sign(&list, &key).unwrap(), (4, 1)).unwrap()
}

#[test]
fn orders_have_one_encoding_each() {
    let orders = [
        have(),
        Order::Revocations(vec![1, 2, 3]),
        Order::Certificate(vec![4]),
        Order::ListChange(change()),
    ];
    for order in orders {
        let run = order.encode();
        assert_eq!(Order::decode(&run), Ok(order));
    }
    let run = have().encode();
    for cut in 0..run.len() {
        assert!(Order::decode(&run[..cut]).is_err(), "{cut}");
    }
    let longer = [run.as_slice(), &[0]].concat();
    assert_eq!(Order::decode(&longer), Err(SmsError::Content));
    assert_eq!(Order::decode(&[9, 1, 2]), Err(SmsError::Content));
}

#[test]
fn what_a_node_holds_of_five_lanes_is_one_sms() {
    let papers = Papers::default();
    let chains = |count: u32| (0..count).map(|lane| held(16 + lane, 70_000)).collect();
    let five = Order::Have {
        papers,
        chains: chains(5),
    };
    assert!(five.encode().len() <= Carrier::Binary.content_octets());
    // More than are named: the rest begins where the hub last knew.
    let many = Order::Have {
        papers,
        chains: chains(80),
    };
    let Ok(Order::Have { chains, .. }) = Order::decode(&many.encode()) else {
        panic!("not read");
    };
    assert_eq!(chains.len(), HAVE_CHAINS_MAX);
}

#[test]
fn chains_that_do_not_ascend_are_refused() {
    let papers = Papers::default();
    for chains in [
        vec![held(19, 1), held(16, 1)],
        vec![held(16, 1), held(16, 2)],
    ] {
        let run = Order::Have { papers, chains }.encode();
        assert_eq!(Order::decode(&run), Err(SmsError::Content));
    }
}

pub(super) fn receipt_of(epoch: Epoch, key: &Ed25519KeyPair) -> Vec<u8> {
    let chain = ChainId {
        hub: ends(7).hub,
        origin: NodeId(7),
        epoch,
        scope: Scope(19),
    };
    let receipt = Receipt {
        chain,
        up_to: Seq(77),
        hash: [0x5a; 32],
        hlc: 0x019b_76da_addc_0001,
    };
    receipt::sign(&receipt, key)
}

#[test]
fn a_short_receipt_is_rebuilt_by_the_chain_that_it_is_for() {
    let key = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    let public: [u8; 32] = key.public_key().as_ref().try_into().unwrap();
    let other = Epoch::new(2, 5);
    for (epoch, octets) in [(ends(7).epoch, 81), (other, 89)] {
        let whole = receipt_of(epoch, &key);
        let short = ShortReceipt::of(&whole, &ends(7)).unwrap();
        assert_eq!(short.len(), octets);
        let read = ShortReceipt::read(&short, &ends(7)).unwrap();
        assert_eq!((read.up_to, read.chain.epoch), (Seq(77), epoch));
        assert_eq!(read.whole(&[0x5a; 32]), whole);
        let forked = read.whole(&[0x5b; 32]);
        assert!(receipt::verify(&forked, &public).is_err(), "forked");
        for cut in 0..short.len() {
            let read = ShortReceipt::read(&short[..cut], &ends(7));
            assert_eq!(read, Err(SmsError::Content), "{cut}");
        }
        // Another node's link rebuilds it as a receipt of that node, which nobody signed.
        let theirs = ShortReceipt::read(&short, &ends(8)).unwrap();
        let theirs = theirs.whole(&[0x5a; 32]);
        assert!(
            receipt::verify(&theirs, &public).is_err(),
            "of another node"
        );
        assert_eq!(ShortReceipt::of(&whole, &ends(8)), None);
    }
    assert!(81 <= RECEIPT_OCTETS_MAX && 89 <= Carrier::Binary.content_octets());
    // One life has one form.
    let same = [&[2], ends(7).epoch.0.to_be_bytes().as_slice(), &[0; 80]].concat();
    assert_eq!(ShortReceipt::read(&same, &ends(7)), Err(SmsError::Content));
}
