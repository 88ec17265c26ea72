//! Re-expressed frames: what a hub passes on of an origin, signed by the key of its receipts.

use super::*;
use crate::golden::{check, unhex};
use crate::pack::EmptyShelf;

const GOLDEN: &str = include_str!("../../../../../tests/golden/frame/reexpressed-v1.hex");

fn hub() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap()
}

fn signer<'a>(hub: &'a Ed25519KeyPair, origin: &Origin) -> Signer<'a> {
    Signer::Hub {
        receipts: hub,
        origin: public(&origin.key),
    }
}

fn keys(origin: &Origin) -> Keys {
    Keys {
        origin: public(&origin.key),
        receipts: Some(public(&hub())),
    }
}

/// A run of an origin as its hub passes it on.
fn passed_on(origin: &Origin, entries: &[Entry]) -> Vec<u8> {
    let seeds = seeds();
    let input = SealInput {
        chain: origin.chain,
        previous: origin.start().1,
        seeds: &seeds,
        entries,
    };
    seal(signer(&hub(), origin), &input).unwrap()
}

#[test]
fn a_run_passed_on_is_the_run_that_its_origin_wrote() {
    let origin = Origin::new(7);
    let entries = origin.mixed();
    let original = origin.seal(origin.start().1, &entries).unwrap();
    let original = origin.open(&original, origin.start()).unwrap();
    let bytes = passed_on(&origin, &entries);
    let opened = open(&bytes, origin.start(), keys(&origin)).unwrap();
    assert!(opened.header.is_reexpressed() && !original.header.is_reexpressed());
    assert_eq!(opened.entries, original.entries);
    let sets = [];
    let packing = Packing {
        sets: &sets,
        shelf: &EmptyShelf,
    };
    let seeds = seeds();
    let input = SealInput {
        chain: origin.chain,
        previous: origin.start().1,
        seeds: &seeds,
        entries: &entries,
    };
    let packed = seal_packed(signer(&hub(), &origin), &input, &packing).unwrap();
    let packed = open_packed(&packed, origin.start(), keys(&origin), &packing).unwrap();
    assert!(packed.header.is_packed());
    assert_eq!(packed.entries, original.entries);
}

#[test]
fn only_the_key_of_the_receipts_passes_on() {
    let origin = Origin::new(7);
    let entries = origin.facts(1, 2, 20);
    let bytes = passed_on(&origin, &entries);
    // Where nobody is known who may pass on, it is not read at all.
    let of_origin = Keys::from(&public(&origin.key));
    assert_eq!(
        code(open(&bytes, origin.start(), of_origin)),
        RefusalCode::Version
    );
    let stranger = Keys {
        receipts: Some(public(&Origin::new(8).key)),
        ..keys(&origin)
    };
    assert_eq!(
        code(open(&bytes, origin.start(), stranger)),
        RefusalCode::Signature
    );
    // An origin cannot pass on under its own key, nor a hub write as the origin.
    let mut as_origin = bytes.clone();
    as_origin[1] &= !FORM_REEXPRESSED;
    let mut as_hub = origin.seal(origin.start().1, &entries).unwrap();
    as_hub[1] |= FORM_REEXPRESSED;
    for changed in [as_origin, as_hub] {
        let refused = open(&changed, origin.start(), keys(&origin));
        assert_eq!(code(refused), RefusalCode::Signature);
    }
}

#[test]
fn a_hub_cannot_pass_on_what_an_origin_could_not_write() {
    let (origin, other) = (Origin::new(7), Origin::new(8));
    let seeds = seeds();
    let input = SealInput {
        chain: origin.chain,
        previous: origin.start().1,
        seeds: &seeds,
        entries: &origin.mixed(),
    };
    // Changes of one origin's actor in the chain of another.
    assert!(matches!(
        seal(signer(&hub(), &other), &input),
        Err(FrameError::Entry { seq: 1, .. })
    ));
    let honest = seal(signer(&hub(), &origin), &input).unwrap();
    let mistaken = Keys {
        origin: public(&other.key),
        ..keys(&origin)
    };
    assert_eq!(
        code(open(&honest, origin.start(), mistaken)),
        RefusalCode::Actor
    );
}

#[test]
fn a_frame_passed_on_is_the_golden_one() {
    let origin = Origin::new(7);
    let mut entry = origin.entry(1, EntryKind::Fact, None, b"golden fact".to_vec());
    entry.meta.author = 0;
    check(GOLDEN, &passed_on(&origin, &[entry.clone()]));
    let opened = open(&unhex(GOLDEN), origin.start(), keys(&origin)).unwrap();
    assert_eq!(opened.entries[0].0, entry);
}
