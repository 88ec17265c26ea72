//! Revocation lists: what stays allowed, and that only the right key speaks.

use proptest::prelude::*;
use ring::signature::KeyPair;

use super::*;
use crate::id::HubId;

fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[4; 32]).unwrap()
}

fn public(key: &Ed25519KeyPair) -> [u8; 32] {
    key.public_key().as_ref().try_into().unwrap()
}

const REGISTRATIONS: Scope = Scope(0x103);
const MONEY: Scope = Scope(0x101);

fn chain(scope: Scope) -> ChainId {
    ChainId {
        hub: HubId([0; 4]),
        origin: NodeId(7),
        epoch: Epoch::new(1, 0),
        scope,
    }
}

fn list(mode: RevocationMode) -> RevocationList {
    let last = vec![(REGISTRATIONS, Seq(10))];
    let entry = Revocation {
        node: NodeId(7),
        epoch: Epoch::new(1, 0),
        mode,
        last,
    };
    RevocationList {
        number: 3,
        entries: vec![entry],
    }
}

#[test]
fn stopped_origin_is_taken_up_to_its_last_position() {
    for mode in [RevocationMode::Stop, RevocationMode::Shred] {
        let list = list(mode);
        assert!(list.allows(&chain(REGISTRATIONS), Seq(10)));
        assert!(!list.allows(&chain(REGISTRATIONS), Seq(11)));
        assert!(!list.allows(&chain(MONEY), Seq(1)));
        let reborn = ChainId {
            epoch: Epoch::new(2, 0),
            ..chain(MONEY)
        };
        assert!(list.allows(&reborn, Seq(1)));
    }
}

#[test]
fn frozen_money_leaves_the_other_lanes_open() {
    let list = list(RevocationMode::FreezeMoney);
    assert!(list.allows(&chain(REGISTRATIONS), Seq(11)));
    assert!(!list.allows(&chain(MONEY), Seq(1)));
}

#[test]
fn empty_list_allows_everything() {
    assert!(RevocationList::empty().allows(&chain(MONEY), Seq(u32::MAX)));
    assert_eq!(RevocationList::empty().number, 0);
}

#[test]
fn list_by_another_key_is_refused() {
    let bytes = sign(&list(RevocationMode::Stop), &key()).unwrap();
    let other = Ed25519KeyPair::from_seed_unchecked(&[5; 32]).unwrap();
    assert_eq!(
        verify(&bytes, &public(&key())),
        Ok(list(RevocationMode::Stop))
    );
    assert_eq!(
        verify(&bytes, &public(&other)).unwrap_err().code,
        RefusalCode::Signature
    );
}

#[test]
fn list_over_its_limit_is_not_signed() {
    let mut long = list(RevocationMode::Stop);
    long.entries = vec![long.entries[0].clone(); 20_000];
    assert_eq!(sign(&long, &key()), None);
}

proptest! {
    #[test]
    fn any_altered_byte_is_refused(at: prop::sample::Index, flip in 1_u8..=255) {
        let mut bytes = sign(&list(RevocationMode::FreezeMoney), &key()).unwrap();
        *at.get_mut(&mut bytes) ^= flip;
        prop_assert!(verify(&bytes, &public(&key())).is_err());
    }
}

/// A list of so many closed nodes.
fn closed(number: u32, nodes: &[u32]) -> RevocationList {
    let entry = |node: &u32| Revocation {
        node: NodeId(*node),
        ..list(RevocationMode::Stop).entries.remove(0)
    };
    RevocationList {
        number,
        entries: nodes.iter().map(entry).collect(),
    }
}

#[test]
fn a_change_gives_the_signed_list_again_and_costs_what_is_new() {
    let (key, old) = (key(), closed(4, &[3, 4, 5, 6, 7, 8, 9]));
    for nodes in [
        [3, 4, 5, 6, 7, 8, 9, 10].as_slice(),
        // A freeze was lifted in between.
        &[3, 4, 6, 7, 8, 9, 10],
        &[],
    ] {
        let new = closed(5, nodes);
        let signed = sign(&new, &key).unwrap();
        let change = ListChange::of(&signed, (4, common(&old, &new))).unwrap();
        assert_eq!(change.apply(&old), Some(signed.clone()));
        assert_eq!(ListChange::decode(&change.encode()), Some(change.clone()));
        assert_eq!(change.number(), 5);
    }
    let new = closed(5, &[3, 4, 5, 6, 7, 8, 9, 10]);
    let signed = sign(&new, &key).unwrap();
    let change = ListChange::of(&signed, (4, 7)).unwrap();
    assert!(
        change.encode().len() <= 106 && signed.len() > 106,
        "one SMS"
    );
}

#[test]
fn a_change_of_another_list_gives_none_or_one_that_nobody_signed() {
    let (key, old) = (key(), closed(4, &[3, 4]));
    let signed = sign(&closed(5, &[3, 4, 5]), &key).unwrap();
    let change = ListChange::of(&signed, (4, 2)).unwrap();
    assert_eq!(change.apply(&closed(3, &[3, 4])), None);
    assert_eq!(change.apply(&closed(4, &[3])), None);
    let other = change.apply(&closed(4, &[3, 9])).unwrap();
    let code = verify(&other, &public(&key)).map_err(|refusal| refusal.code);
    assert_eq!(code, Err(RefusalCode::Signature));
    assert_eq!(ListChange::of(&signed, (4, 4)), None);
    assert_eq!(ListChange::of(b"no list", (4, 0)), None);
    let bytes = change.encode();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let list = ListChange::decode(&flipped).and_then(|change| change.apply(&old));
        let read = list.map(|list| verify(&list, &public(&key)));
        assert!(!matches!(read, Some(Ok(_))), "bit {bit}");
    }
    for cut in 0..bytes.len() {
        assert_eq!(ListChange::decode(&bytes[..cut]), None, "{cut}");
    }
}
