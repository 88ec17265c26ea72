//! Bundles: what is written reads back in any pieces; whole items before damage; names; limits.

use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::*;
use crate::certificate::{self, NodeCertificate, NodeKind, Rights, ScopeGrant};
use crate::entry::{ClockQuality, Entry, EntryKind, EntryMeta};
use crate::frame::{SealInput, seal};
use crate::id::{ChainId, DocId, Epoch, HubId, Lane, NodeId, Scope, Seq};
use crate::journal;
use crate::message::HaveItem;
use crate::refusal::RefusalCode;

mod damage;
mod golden;

fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn public(key: &Ed25519KeyPair) -> [u8; 32] {
    key.public_key().as_ref().try_into().unwrap()
}

fn hub() -> HubId {
    journal::hub_id(&public(&key(1)))
}

fn chain(scope: u32) -> ChainId {
    ChainId {
        hub: hub(),
        origin: NodeId(7),
        epoch: Epoch::new(1, 0),
        scope: Scope(scope),
    }
}

/// A frame of one fact, at `seq` of a chain; it need not continue anything here.
fn frame(scope: u32, seq: u32) -> Vec<u8> {
    let meta = EntryMeta {
        seq: Seq(seq),
        kind: EntryKind::Fact,
        quality: ClockQuality::Ntp,
        hlc: (1_767_225_600_000 + u64::from(seq)) << 16,
        doc: DocId::NONE,
        doc_ref: None,
        schema: 12,
        author: 0,
        session: 0,
    };
    let body = format!("fact {seq}").into_bytes();
    let input = SealInput {
        chain: chain(scope),
        previous: journal::genesis(&chain(scope)),
        seeds: &[(seq / 64, *b"0f1e2d3c4b5a6978")],
        entries: &[Entry { meta, body }],
    };
    seal((&key(7)).into(), &input).unwrap()
}

fn certificate() -> Vec<u8> {
    let grant = ScopeGrant {
        programme: "maternal-child".to_owned(),
        area: Scope(0x100),
        lanes: Lane::ALL.to_vec(),
        rights: Rights::CAPTURE.with(Rights::READ),
    };
    let certificate = NodeCertificate {
        realm: "test".to_owned(),
        hub: NodeId(1),
        node: NodeId(7),
        epoch: Epoch::new(1, 0),
        key: public(&key(7)),
        age_recipient: "age1".to_owned(),
        serial: 3,
        kind: NodeKind::Node,
        issuer_number: 7,
        scopes: vec![grant],
        not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2027-01-01T00:00:00Z".parse().unwrap(),
        min_version: 1,
        previous_heads: Vec::new(),
    };
    certificate::sign(&certificate, &key(1)).unwrap()
}

fn manifest() -> Manifest {
    let item = |scope| HaveItem {
        chain: chain(scope),
        up_to: Seq(4),
        receipted: Seq(1),
        head: [9; 8],
    };
    Manifest {
        hub: hub(),
        direction: Direction::News,
        to: NodeId(1),
        from: NodeId(7),
        epoch: Epoch::new(1, 0),
        number: 5,
        hlc: 1_767_225_600_000 << 16,
        revocations: 3,
        frames: 0,
        items: 0,
        bytes: 0,
        certificate: certificate(),
        have: vec![item(0x100), item(0x103)],
        ranges: Vec::new(),
    }
}

fn items() -> Vec<Item> {
    vec![
        Item::Revocations(vec![5; 90]),
        Item::Certificate(certificate()),
        Item::Receipt(vec![6; 129]),
        Item::Frame(frame(0x100, 1)),
        Item::Frame(frame(0x103, 1)),
        Item::Frame(frame(0x103, 2)),
        Item::Frame(frame(0x103, 9)),
    ]
}

fn draft(items: &[Item]) -> Draft {
    let mut draft = Draft::new(1 << 20);
    for item in items {
        assert_eq!(draft.offer(item), Ok(true));
    }
    draft
}

fn bundle() -> Vec<u8> {
    draft(&items()).write(manifest(), &key(7)).unwrap()
}

/// Reads all of it in pieces; the error that ended it, if one did.
fn read(bytes: &[u8], piece: usize) -> (Vec<Part>, Option<BundleError>) {
    let mut reader = BundleReader::default();
    let mut parts = Vec::new();
    for piece in bytes.chunks(piece.clamp(1, PIECE_BYTES_MAX)) {
        if let Err(error) = reader.push(piece) {
            return (parts, Some(error));
        }
        loop {
            match reader.next_part() {
                Ok(Some(part)) => parts.push(part),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(reader.next_part(), Err(BundleError::Malformed("file")));
                    return (parts, Some(error));
                }
            }
        }
    }
    (parts, reader.finish().err())
}

fn items_of(parts: &[Part]) -> Vec<Item> {
    let items = parts.iter().filter_map(|part| match part {
        Part::Item(item) => Some(item.clone()),
        Part::Manifest(_) | Part::End => None,
    });
    items.collect()
}

#[test]
fn a_bundle_reads_back_in_any_pieces() {
    let bytes = bundle();
    for piece in [1, 7, 100, bytes.len()] {
        let (parts, error) = read(&bytes, piece);
        assert_eq!(error, None);
        assert_eq!(items_of(&parts), items());
        assert_eq!(parts.last(), Some(&Part::End));
        let Some(Part::Manifest(signed)) = parts.first() else {
            panic!("no manifest");
        };
        let (read, certificate) = signed.as_ref().clone().open(&public(&key(1))).unwrap();
        assert_eq!((read.frames, read.items), (4, 7));
        assert_eq!(read.have, manifest().have);
        let ranges: Vec<(u32, u32, u32)> = read
            .ranges
            .iter()
            .map(|range| (range.chain.scope.0, range.from.0, range.to.0))
            .collect();
        assert_eq!(ranges, [(0x100, 1, 1), (0x103, 1, 2), (0x103, 9, 9)]);
        assert_eq!(certificate.node, NodeId(7));
    }
}

/// Who may seal to a hub's recipient is anybody: only the signature says who wrote it.
#[test]
fn a_manifest_of_another_signer_is_refused() {
    let strange = draft(&items()).write(manifest(), &key(8)).unwrap();
    let renamed = Manifest {
        from: NodeId(9),
        ..manifest()
    };
    let renamed = draft(&items()).write(renamed, &key(7)).unwrap();
    let of = |bytes: &[u8], ca: u8| match read(bytes, 4096).0.first() {
        Some(Part::Manifest(signed)) => {
            let opened = signed.as_ref().clone().open(&public(&key(ca)));
            opened.map(|_| ()).map_err(|refusal| refusal.code)
        }
        _ => panic!("no manifest"),
    };
    assert_eq!(of(&strange, 1), Err(RefusalCode::Signature));
    assert_eq!(of(&renamed, 1), Err(RefusalCode::Certificate));
    assert_eq!(of(&bundle(), 2), Err(RefusalCode::Signature));
    assert_eq!(of(&bundle(), 1), Ok(()));
}

#[test]
fn a_draft_ends_where_its_bytes_do_and_a_shorter_one_is_its_beginning() {
    let whole = draft(&items());
    let mut last = 0;
    for limit in (0..=whole.bytes()).step_by(50) {
        let shorter = whole.shortened(limit).unwrap();
        assert!(shorter.bytes() <= limit || shorter.items().len() == 1);
        assert!(shorter.items().len() >= last);
        last = shorter.items().len();
        assert_eq!(shorter.items(), &items()[..last]);
        let (parts, error) = read(&shorter.write(manifest(), &key(7)).unwrap(), 4096);
        assert_eq!((items_of(&parts).len(), error), (last, None));
    }
    assert!(Draft::new(10).is_empty());
    let long = Item::Receipt(vec![0; ITEM_BYTES_MAX + 1]);
    assert!(matches!(
        Draft::new(usize::MAX).offer(&long),
        Err(BundleError::TooLarge { field: "item", .. })
    ));
    let short = Item::Frame(vec![1, 2, 3]);
    assert_eq!(
        Draft::new(99).offer(&short),
        Err(BundleError::Malformed("frame"))
    );
}

#[test]
fn a_manifest_that_a_reader_would_refuse_is_not_signed() {
    let number = Manifest {
        number: 0,
        ..manifest()
    };
    let mut twice = manifest();
    twice.have.push(twice.have[1]);
    let mut many = manifest();
    many.have = vec![many.have[0]; HAVE_MAX + 1];
    let long = Manifest {
        certificate: vec![0; certificate::CERTIFICATE_BYTES_MAX + 1],
        ..manifest()
    };
    let errors = [number, twice, many, long].map(|bad| bad.sign(&key(7)).unwrap_err());
    assert_eq!(errors[0], BundleError::Malformed("counts"));
    assert_eq!(errors[1], BundleError::Malformed("frontier"));
    let is_large = |error: &BundleError| matches!(error, BundleError::TooLarge { .. });
    assert!(errors[2..].iter().all(is_large));
}

#[test]
fn only_names_of_the_pattern_are_bundles() {
    let good = [
        ("01234567", "1", "7-0000000100000000-1.opb"),
        (
            "00000000",
            "4294967295",
            "r-1-ffffffffffffffff-4294967295.opb",
        ),
    ];
    for (hub, to, file) in good {
        let name = BundleName::parse(hub, to, file).expect(file);
        assert_eq!(name.parts(), [hub, to, file]);
        assert_eq!(name.to_string(), format!("OUTPOST/{hub}/{to}/{file}"));
    }
    let bad = [
        ("01234567", "1", "../7-0000000100000000-1.opb"),
        ("..", "1", "7-0000000100000000-1.opb"),
        ("01234567", "..", "7-0000000100000000-1.opb"),
        ("01234567", "01", "7-0000000100000000-1.opb"),
        ("01234567", "+1", "7-0000000100000000-1.opb"),
        ("0123456", "1", "7-0000000100000000-1.opb"),
        ("0123456A", "1", "7-0000000100000000-1.opb"),
        ("+1234567", "1", "7-0000000100000000-1.opb"),
        ("01234567", "1", "7-100000000-1.opb"),
        ("01234567", "1", "7-0000000100000000-0.opb"),
        ("01234567", "1", "7-0000000100000000-01.opb"),
        ("01234567", "1", "7-0000000100000000-1-1.opb"),
        ("01234567", "1", "7-0000000100000000-1.OPB"),
        ("01234567", "1", "7-0000000100000000-1.opb.tmp"),
        ("01234567", "1", "7-0000000100000000-4294967296.opb"),
        ("01234567", "1", "R-7-0000000100000000-1.opb"),
        ("01234567", "1", "r-r-7-0000000100000000-1.opb"),
        ("01234567", "1", "/etc/passwd"),
        ("", "", ""),
    ];
    for (hub, to, file) in bad {
        assert_eq!(BundleName::parse(hub, to, file), None, "{hub}/{to}/{file}");
    }
}

proptest! {
    #[test]
    fn a_reader_never_panics_and_says_the_same_in_any_pieces(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        piece in 1_usize..64,
        has_mark: bool,
    ) {
        let bytes = if has_mark { [&MARK[..], &bytes].concat() } else { bytes };
        let (parts, error) = read(&bytes, piece);
        let (whole, error_of_whole) = read(&bytes, bytes.len());
        prop_assert_eq!(parts, whole);
        prop_assert_eq!(error, error_of_whole);
    }

    #[test]
    fn a_manifest_reads_back_as_it_was_signed(
        number in 1..=u32::MAX, hlc: u64, to: u32, certificate in proptest::collection::vec(any::<u8>(), 0..99),
        scopes in proptest::collection::btree_set(any::<u32>(), 0..9), is_answer: bool,
    ) {
        let have = scopes.iter().map(|scope| HaveItem {
            chain: chain(*scope), up_to: Seq(scope ^ 1), receipted: Seq(*scope), head: [1; 8],
        });
        let direction = if is_answer { Direction::Answer } else { Direction::News };
        let manifest = Manifest {
            number, hlc, to: NodeId(to), certificate, have: have.collect(), direction, ..manifest()
        };
        let bytes = manifest.sign(&key(7)).unwrap();
        let (signed, length) = SignedManifest::parse(&bytes).unwrap().unwrap();
        prop_assert_eq!(length, bytes.len());
        prop_assert_eq!(signed.unproven(), &manifest);
    }

    #[test]
    fn a_name_reads_back(hub: [u8; 4], to: u32, from: u32, epoch: u64, number in 1..=u32::MAX, is_answer: bool) {
        let direction = if is_answer { Direction::Answer } else { Direction::News };
        let name = BundleName {
            hub: HubId(hub), to: NodeId(to), direction, from: NodeId(from), epoch: Epoch(epoch), number,
        };
        let [hub, to, file] = name.parts();
        prop_assert_eq!(BundleName::parse(&hub, &to, &file), Some(name));
    }

    #[test]
    fn a_name_that_is_taken_is_the_one_that_is_written(text in "[r0-9a-f-]{0,30}(\\.opb)?") {
        if let Some(name) = BundleName::parse("01234567", "1", &text) {
            prop_assert_eq!(name.file(), text);
        }
    }
}
