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
