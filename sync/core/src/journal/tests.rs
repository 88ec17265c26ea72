//! Journal: any altered byte is found, names never repeat, derived forms match their standards.

use std::collections::BTreeSet;

use proptest::prelude::*;
use ring::hkdf;

use super::*;
use crate::id::NodeId;

fn chain() -> ChainId {
    ChainId {
        hub: HubId([1, 2, 3, 4]),
        origin: NodeId(7),
        epoch: Epoch::new(2, 99),
        scope: Scope(0x103),
    }
}

fn entry_ref(seq: u32) -> EntryRef {
    EntryRef::new(&chain(), Seq(seq))
}

fn meta(seq: u32, author: u32) -> EntryMeta {
    let own = entry_ref(seq);
    EntryMeta {
        seq: Seq(seq),
        kind: EntryKind::Change,
        quality: ClockQuality::Rtc,
        hlc: u64::from(seq) << 20,
        doc: doc_id(chain().hub, &own),
        doc_ref: None,
        schema: 3,
        author,
        session: seq - 1,
    }
}

/// All chain hashes of bodies in one chain, from its genesis.
fn hashes(bodies: &[Vec<u8>], seed: &[u8; 16]) -> Vec<[u8; 32]> {
    let mut head = genesis(&chain());
    (1..)
        .zip(bodies)
        .map(|(seq, body)| {
            let c = commitment(&salt(seed, Seq(seq)), body);
            head = link(&head, &meta(seq, 5), &c);
            head
        })
        .collect()
}

#[test]
fn correlation_id_has_the_form_of_id12() {
    // The example of the identifier table: issuer 4711, 40-bit number 13887200 × 4096 + 3.
    let number = 13_887_200_u64 << 12 | 3;
    let index = u8::try_from(number >> 32).unwrap();
    let seq = Seq(u32::try_from(number & 0xffff_ffff).unwrap());
    assert_eq!(correlation_id(4711, index, seq), "04K71MZ6W003");
    assert_eq!(correlation_id(0, 0, Seq(0)), "000000000000");
    assert_eq!(
        correlation_id(u32::MAX, u8::MAX, Seq(u32::MAX)),
        "ZZZZZZZZZZZZ"
    );
}

#[test]
fn record_uuid_is_version_8() {
    let uuid = record_uuid(chain().hub, &entry_ref(1));
    assert_eq!(uuid.len(), 36);
    let parts: Vec<_> = uuid.split('-').collect();
    assert_eq!(
        parts.iter().map(|part| part.len()).collect::<Vec<_>>(),
        [8, 4, 4, 4, 12]
    );
    assert!(parts[2].starts_with('8'));
    assert!(parts[3].starts_with(['8', '9', 'a', 'b']));
    assert_ne!(uuid, record_uuid(chain().hub, &entry_ref(2)));
}

#[test]
fn derived_seed_is_hkdf_of_rfc_5869() {
    struct Sixteen;
    impl hkdf::KeyType for Sixteen {
        fn len(&self) -> usize {
            16
        }
    }
    let root = [9; 32];
    let seed = derive_seed(&root, chain().epoch, chain().scope, 4);
    let mut expected = [0; 16];
    let (epoch, scope) = (chain().epoch.0.to_be_bytes(), chain().scope.0.to_be_bytes());
    hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
        .extract(&root)
        .expand(&[b"salt", &epoch, &scope, &4_u32.to_be_bytes()], Sixteen)
        .unwrap()
        .fill(&mut expected)
        .unwrap();
    assert_eq!(seed, expected);
}

#[test]
fn blocks_are_aligned_runs_of_64() {
    let numbers: Vec<_> = [1, 63, 64, 127, 128].map(|seq| block(Seq(seq))).into();
    assert_eq!(numbers, [0, 0, 1, 1, 2]);
}

#[test]
fn document_ids_and_salts_never_repeat() {
    let docs: BTreeSet<_> = (1..2000)
        .map(|seq| doc_id(chain().hub, &entry_ref(seq)))
        .collect();
    let salts: BTreeSet<_> = (1..2000).map(|seq| salt(&[3; 16], Seq(seq))).collect();
    assert_eq!((docs.len(), salts.len()), (1999, 1999));
    assert!(!docs.contains(&DocId::NONE));
}

#[test]
fn every_chain_begins_elsewhere() {
    let base = chain();
    let others = [
        ChainId {
            hub: HubId([1, 2, 3, 5]),
            ..base
        },
        ChainId {
            origin: NodeId(8),
            ..base
        },
        ChainId {
            epoch: Epoch::new(2, 98),
            ..base
        },
        ChainId {
            scope: Scope(0x104),
            ..base
        },
    ];
    for other in others {
        assert_ne!(genesis(&base), genesis(&other));
    }
}

#[test]
fn hashed_head_has_its_fixed_layout() {
    let mut head = meta(0x0102_0304, 300);
    head.kind = EntryKind::Fact;
    head.quality = ClockQuality::Unknown;
    head.hlc = 0x1112_1314_1516_1718;
    head.doc = DocId([0xdd; 16]);
    head.schema = 0x2122;
    head.session = 5;
    let expected = [
        &[
            1, 2, 3, 4, 0x81, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
        ][..],
        &[0xdd; 16],
        &[0x21, 0x22, 0xac, 0x02, 5],
    ]
    .concat();
    assert_eq!(meta_bytes(&head), expected);
}

proptest! {
    #[test]
    fn any_single_altered_byte_is_found(
        bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..40), 1..20),
        at: prop::sample::Index,
        byte: prop::sample::Index,
        flip in 1_u8..=255,
    ) {
        let seed = [6; 16];
        let original = hashes(&bodies, &seed);
        let mut altered = bodies.clone();
        let body = at.get_mut(&mut altered);
        *byte.get_mut(body) ^= flip;
        let found = hashes(&altered, &seed);
        prop_assert_ne!(original.last(), found.last());
        // Up to the alteration nothing changed: the place is found too.
        let same = original.iter().zip(&found).take_while(|(left, right)| left == right).count();
        prop_assert_eq!(same, at.index(bodies.len()));
    }

    #[test]
    fn any_altered_head_field_is_found(seq in 1_u32.., field in 0_usize..8) {
        let original = meta(seq, 5);
        let mut altered = original.clone();
        match field {
            0 => altered.seq = Seq(seq.wrapping_add(1)),
            1 => altered.kind = EntryKind::Fact,
            2 => altered.quality = ClockQuality::Ntp,
            3 => altered.hlc ^= 1,
            4 => altered.doc.0[15] ^= 1,
            5 => altered.schema ^= 1,
            6 => altered.author ^= 1,
            _ => altered.session ^= 1,
        }
        let (zero, c) = ([0; 32], [1; 32]);
        prop_assert_ne!(link(&zero, &original, &c), link(&zero, &altered, &c));
    }

    #[test]
    fn chain_verifies_after_any_append_and_without_erased_bodies(
        bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..40), 1..20),
        kept in proptest::collection::vec(any::<bool>(), 20),
    ) {
        let seed = [6; 16];
        let stored = hashes(&bodies, &seed);
        let prefix = hashes(&bodies[..bodies.len() - 1], &seed);
        prop_assert_eq!(&stored[..bodies.len() - 1], &prefix[..]);
        // What a store keeps of an erased entry is its commitment, written at commit.
        let rows = (1..).zip(bodies.iter().zip(kept)).map(|(seq, (body, keeps))| {
            let c = commitment(&salt(&seed, Seq(seq)), body);
            (seq, c, keeps.then(|| body.clone()))
        });
        let mut head = genesis(&chain());
        for (seq, c, body) in rows {
            if let Some(body) = body {
                prop_assert_eq!(commitment(&salt(&seed, Seq(seq)), &body), c);
            }
            head = link(&head, &meta(seq, 5), &c);
        }
        prop_assert_eq!(Some(&head), stored.last());
    }
}
