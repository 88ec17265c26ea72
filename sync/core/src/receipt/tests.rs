//! Receipts: 129 bytes, one encoding, nothing altered passes.

use proptest::prelude::*;
use ring::signature::KeyPair;

use super::*;

fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[2; 32]).unwrap()
}

fn public(key: &Ed25519KeyPair) -> [u8; 32] {
    key.public_key().as_ref().try_into().unwrap()
}

fn receipt(up_to: u32, hlc: u64) -> Receipt {
    let (hub, origin) = (HubId([1, 2, 3, 4]), NodeId(7));
    let chain = ChainId {
        hub,
        origin,
        epoch: Epoch::new(1, 0),
        scope: Scope(0x103),
    };
    Receipt {
        chain,
        up_to: Seq(up_to),
        hash: [5; 32],
        hlc,
    }
}

#[test]
fn each_failure_has_its_code() {
    let bytes = sign(&receipt(21, 77), &key());
    let code = |bytes: &[u8], key: &[u8; 32]| verify(bytes, key).unwrap_err().code;
    let own = public(&key());
    assert_eq!(code(&bytes[..128], &own), RefusalCode::Malformed);
    assert_eq!(
        code(&[bytes.as_slice(), &[0]].concat(), &own),
        RefusalCode::Malformed
    );
    let other = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
    assert_eq!(code(&bytes, &public(&other)), RefusalCode::Signature);
    let mut newer = bytes;
    newer[0] = 2;
    assert_eq!(code(&newer, &own), RefusalCode::Version);
}

proptest! {
    #[test]
    fn receipt_reads_as_it_was_signed(up_to: u32, hlc: u64) {
        let bytes = sign(&receipt(up_to, hlc), &key());
        prop_assert_eq!(bytes.len(), RECEIPT_BYTES);
        let read = verify(&bytes, &public(&key()));
        prop_assert_eq!(read, Ok(receipt(up_to, hlc)));
        prop_assert_eq!(sign(&receipt(up_to, hlc), &key()), bytes);
    }

    #[test]
    fn any_altered_byte_is_refused(at in 0_usize..RECEIPT_BYTES, flip in 1_u8..=255) {
        let mut bytes = sign(&receipt(1, 2), &key());
        bytes[at] ^= flip;
        prop_assert!(verify(&bytes, &public(&key())).is_err());
    }

    #[test]
    fn any_bytes_are_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(verify(&bytes, &public(&key())).is_err());
    }
}
