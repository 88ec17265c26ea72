//! Frames: what is sealed opens, every refusal has its code, hostile bytes change nothing.

use std::collections::BTreeMap;

use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::*;
use crate::document::Document;
use crate::entry::{ClockQuality, EntryKind, EntryMeta, EntryRef};
use crate::id::DocId;

mod golden;
mod hostile;
mod packed;
mod redacted;
mod reexpressed;

/// A writing origin with its chain.
struct Origin {
    key: Ed25519KeyPair,
    chain: ChainId,
    actor: [u8; 8],
}

impl Origin {
    fn new(seed: u8) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let hub = journal::hub_id(&[0xaa; 32]);
        let (origin, epoch) = (NodeId(u32::from(seed)), Epoch::new(1, 0));
        let chain = ChainId {
            hub,
            origin,
            epoch,
            scope: Scope(0x103),
        };
        let actor = journal::actor(&public(&key), epoch);
        Self { key, chain, actor }
    }

    fn seal(&self, previous: [u8; 32], entries: &[Entry]) -> Result<Vec<u8>, FrameError> {
        seal(
            (&self.key).into(),
            &SealInput {
                chain: self.chain,
                previous,
                seeds: &seeds(),
                entries,
            },
        )
    }

    fn open(&self, bytes: &[u8], head: (Seq, [u8; 32])) -> Result<OpenedFrame, Refusal> {
        open(bytes, head, &public(&self.key))
    }

    fn start(&self) -> (Seq, [u8; 32]) {
        (Seq(0), journal::genesis(&self.chain))
    }

    /// Signs any payload under any header: what a faulty or hostile origin could send.
    fn forge(&self, payload: &[u8], edit: impl FnOnce(&mut FrameHeader)) -> Vec<u8> {
        let mut header = FrameHeader {
            form: 0,
            hub: self.chain.hub,
            origin: self.chain.origin,
            epoch: self.chain.epoch,
            scope: self.chain.scope,
            first_seq: Seq(1),
            count: 1,
            hlc: 10 << 16,
            previous: self.start().1,
            check: [0; 4],
            dictionary: 0,
            payload_bytes: u32::try_from(payload.len()).unwrap(),
        };
        edit(&mut header);
        let mut bytes = header.encode();
        let signature = Signer::from(&self.key).sign(&bytes, payload);
        bytes.extend(payload);
        bytes.extend(signature);
        bytes
    }

    /// A document, an edit of it, a fact about it, a fact about another chain's document.
    fn mixed(&self) -> Vec<Entry> {
        let person = [("name", "Amina"), ("village", "Kyenjojo")];
        let (mut document, first) = Document::create(self.actor, &fields(&person)).unwrap();
        let edit = document
            .edit(self.actor, &fields(&[("village", "Kasese")]))
            .unwrap();
        let own = EntryRef::new(&self.chain, Seq(1));
        let elsewhere = EntryRef {
            origin: NodeId(900),
            seq: Seq(77),
            ..own
        };
        vec![
            self.entry(1, EntryKind::Change, Some(own), first),
            self.entry(2, EntryKind::Change, Some(own), edit),
            self.entry(3, EntryKind::Fact, Some(own), b"fact three".to_vec()),
            self.entry(4, EntryKind::Fact, Some(elsewhere), b"fact four".to_vec()),
            self.entry(5, EntryKind::Fact, Some(elsewhere), b"fact five".to_vec()),
            self.entry(6, EntryKind::Fact, None, b"fact six".to_vec()),
        ]
    }

    fn entry(&self, seq: u32, kind: EntryKind, about: Option<EntryRef>, body: Vec<u8>) -> Entry {
        let own = EntryRef::new(&self.chain, Seq(seq));
        let doc = about.map_or(DocId::NONE, |it| journal::doc_id(self.chain.hub, &it));
        let meta = EntryMeta {
            seq: Seq(seq),
            kind,
            quality: ClockQuality::Ntp,
            hlc: (1_767_225_600_000 + u64::from(seq) * 1500) << 16 | u64::from(seq),
            doc,
            doc_ref: about.filter(|it| *it != own),
            schema: 12,
            author: 2,
            session: seq - 1,
        };
        Entry { meta, body }
    }

    fn facts(&self, first: u32, count: u32, bytes: usize) -> Vec<Entry> {
        let text = |seq: u32| format!("{seq:0>bytes$}").into_bytes();
        (first..first + count)
            .map(|seq| Entry {
                meta: EntryMeta {
                    session: 0,
                    ..self.entry(seq, EntryKind::Fact, None, vec![]).meta
                },
                body: text(seq),
            })
            .collect()
    }
}

fn public(key: &Ed25519KeyPair) -> [u8; 32] {
    key.public_key().as_ref().try_into().unwrap()
}

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn seeds() -> Vec<(u32, [u8; 16])> {
    (0..20)
        .map(|block| {
            (
                block,
                journal::derive_seed(&[1; 32], Epoch(1), Scope(3), block),
            )
        })
        .collect()
}

fn code(result: Result<OpenedFrame, Refusal>) -> RefusalCode {
    result.unwrap_err().code
}

#[test]
fn mixed_entries_open_as_they_were_sealed() {
    let origin = Origin::new(7);
    let entries = origin.mixed();
    let bytes = origin.seal(origin.start().1, &entries).unwrap();
    let opened = origin.open(&bytes, origin.start()).unwrap();
    let read: Vec<_> = opened
        .entries
        .iter()
        .map(|(entry, _)| entry.clone())
        .collect();
    assert_eq!(read, entries);
    assert_eq!(opened.header.chain(), origin.chain);
    assert_eq!(opened.header.last_seq(), Seq(6));
    assert_eq!(opened.seeds, seeds()[..1]);
    assert_eq!(opened.header, header(&bytes).unwrap());
    assert!(matches_known(&opened.header, opened.entries[5].1));
    assert!(!matches_known(&opened.header, [0; 32]));
}

#[test]
fn next_frame_continues_the_chain_and_any_cut_gives_the_same_hashes() {
    let origin = Origin::new(7);
    let entries = origin.facts(1, 130, 30);
    let whole = origin.seal(origin.start().1, &entries).unwrap();
    let hashes: Vec<_> = origin
        .open(&whole, origin.start())
        .unwrap()
        .entries
        .iter()
        .map(|(_, hash)| *hash)
        .collect();
    for size in [1, 7, 64] {
        let mut head = origin.start();
        for run in entries.chunks(size) {
            let bytes = origin.seal(head.1, run).unwrap();
            let opened = origin.open(&bytes, head).unwrap();
            head = (opened.header.last_seq(), opened.entries.last().unwrap().1);
            assert_eq!(head.1, hashes[usize::try_from(head.0.0).unwrap() - 1]);
        }
        assert_eq!(head.0, Seq(130));
    }
}

#[test]
fn overhead_of_a_small_frame_is_the_one_of_the_layout() {
    let origin = Origin::new(7);
    let mut entry = origin.entry(1, EntryKind::Fact, None, vec![0x5a; 3]);
    entry.meta.session = 0;
    let bytes = origin.seal(origin.start().1, &[entry]).unwrap();
    // 142 + seed 17, then tag, schema, hlc, author, session, reference, length and body.
    assert_eq!(bytes.len(), 159 + 7 + 3);
}

#[test]
fn wrong_position_is_told_apart() {
    let origin = Origin::new(7);
    let entries = origin.mixed();
    let bytes = origin.seal(origin.start().1, &entries).unwrap();
    let opened = origin.open(&bytes, origin.start()).unwrap();
    let third = origin.seal(opened.entries[1].1, &entries[2..]).unwrap();
    let at = |seq: u32, hash| code(origin.open(&third, (Seq(seq), hash)));
    assert_eq!(at(1, opened.entries[0].1), RefusalCode::Gap);
    assert_eq!(at(2, [1; 32]), RefusalCode::Forked);
    assert_eq!(at(3, opened.entries[2].1), RefusalCode::Duplicate);
    assert_eq!(at(6, opened.entries[5].1), RefusalCode::Duplicate);
    drop(origin.open(&third, (Seq(2), opened.entries[1].1)).unwrap());
}

#[test]
fn other_versions_forms_and_dictionaries_have_their_codes() {
    let origin = Origin::new(7);
    let bytes = origin
        .seal(origin.start().1, &origin.facts(1, 1, 4))
        .unwrap();
    let with = |offset: usize, value: u8| {
        let mut changed = bytes.clone();
        changed[offset] = value;
        code(origin.open(&changed, origin.start()))
    };
    assert_eq!(with(0, 2), RefusalCode::Version);
    assert_eq!(with(1, 0b1_0000), RefusalCode::Version);
    assert_eq!(with(1, 0b100), RefusalCode::Version);
    assert_eq!(with(1, 0b001), RefusalCode::Rebuild);
    assert_eq!(with(73, 1), RefusalCode::UnknownDictionary);
    assert_eq!(with(21, 0x07), RefusalCode::Scope);
    assert_eq!(with(27, 0), RefusalCode::Malformed);
    assert_eq!(with(26, 0xff), RefusalCode::Malformed);
    assert_eq!(with(75, 0x10), RefusalCode::TooLarge);
    assert_eq!(with(77, 0), RefusalCode::Malformed);
    assert_eq!(with(68, !bytes[68]), RefusalCode::Signature);
    assert_eq!(
        code(origin.open(&[], origin.start())),
        RefusalCode::Malformed
    );
    let huge = vec![1; FRAME_BYTES_MAX + 1];
    assert_eq!(
        code(origin.open(&huge, origin.start())),
        RefusalCode::TooLarge
    );
    let another = Origin::new(8);
    assert_eq!(
        code(another.open(&bytes, origin.start())),
        RefusalCode::Signature
    );
}

#[test]
fn limits_are_kept_at_sealing() {
    let origin = Origin::new(7);
    let previous = origin.start().1;
    assert_eq!(origin.seal(previous, &[]), Err(FrameError::Count(0)));
    let many = origin.facts(1, 1025, 4);
    assert_eq!(origin.seal(previous, &many), Err(FrameError::Count(1025)));
    drop(origin.seal(previous, &many[..1024]).unwrap());
    let far = origin.facts(64 * 20, 1, 4);
    assert_eq!(origin.seal(previous, &far), Err(FrameError::Seed(20)));
    let gap = [origin.facts(1, 1, 4), origin.facts(3, 1, 4)].concat();
    assert!(matches!(
        origin.seal(previous, &gap),
        Err(FrameError::Entry { seq: 3, .. })
    ));
    let long = origin.facts(1, 1, FACT_BYTES_MAX + 1);
    assert!(matches!(
        origin.seal(previous, &long),
        Err(FrameError::Entry { seq: 1, .. })
    ));
    drop(
        origin
            .seal(previous, &origin.facts(1, 1, FACT_BYTES_MAX))
            .unwrap(),
    );
}

#[test]
fn incompressible_run_over_the_payload_limit_is_cut_by_the_caller() {
    let origin = Origin::new(7);
    let mut entries = origin.facts(1, 40, FACT_BYTES_MAX);
    let mut state = 1_u32;
    for entry in &mut entries {
        for byte in &mut entry.body {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = state.to_be_bytes()[0];
        }
    }
    let refused = origin.seal(origin.start().1, &entries);
    assert!(matches!(
        refused,
        Err(FrameError::TooLarge {
            limit: PAYLOAD_BYTES_MAX,
            ..
        })
    ));
    drop(origin.seal(origin.start().1, &entries[..15]).unwrap());
}

#[test]
fn change_by_another_actor_is_not_sealed() {
    let origin = Origin::new(7);
    let mut entries = origin.mixed();
    entries[0].body = Document::create([9; 8], &fields(&[("a", "b")])).unwrap().1;
    let refused = origin.seal(origin.start().1, &entries);
    assert!(matches!(refused, Err(FrameError::Entry { seq: 1, .. })));
}

#[test]
fn heads_that_contradict_their_place_are_not_sealed() {
    let origin = Origin::new(7);
    let refuses = |edit: &dyn Fn(&mut EntryMeta), at: usize| {
        let mut entries = origin.mixed();
        edit(&mut entries[at].meta);
        matches!(
            origin.seal(origin.start().1, &entries),
            Err(FrameError::Entry { .. })
        )
    };
    assert!(
        refuses(&|meta| meta.doc = DocId([1; 16]), 0),
        "wrong document id"
    );
    assert!(
        refuses(&|meta| meta.doc = DocId::NONE, 2),
        "reference without its id"
    );
    assert!(
        refuses(&|meta| meta.doc_ref = None, 1),
        "second creating change"
    );
    assert!(
        refuses(&|meta| meta.doc_ref.as_mut().unwrap().seq = Seq(3), 2),
        "points at itself"
    );
    assert!(
        refuses(&|meta| meta.session = 3, 2),
        "session before the chain"
    );
    assert!(
        refuses(&|meta| meta.kind = EntryKind::Change, 5),
        "change without a document"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_entries_open_as_they_were_sealed(
        first in 1_u32..1000,
        drafts in proptest::collection::vec(
            (any::<u64>(), any::<u16>(), any::<u32>(), any::<u32>(), 0_u32..6,
             proptest::collection::vec(any::<u8>(), 1..50)),
            1..40,
        ),
    ) {
        let origin = Origin::new(7);
        let mut entries = Vec::new();
        for (seq, (hlc, schema, author, session, about, body)) in (first..).zip(drafts) {
            let own = EntryRef::new(&origin.chain, Seq(seq));
            let about = match about {
                0 => None,
                1 if seq > 1 => Some(EntryRef { seq: Seq(seq - 1), ..own }),
                more => Some(EntryRef { origin: NodeId(1000 + more), ..own }),
            };
            let mut entry = origin.entry(seq, EntryKind::Fact, about, body);
            entry.meta.hlc = hlc;
            entry.meta.schema = schema;
            entry.meta.author = author;
            entry.meta.session = session % seq;
            entries.push(entry);
        }
        let head = (Seq(first - 1), [7; 32]);
        let bytes = origin.seal(head.1, &entries).unwrap();
        let opened = origin.open(&bytes, head).unwrap();
        let read: Vec<_> = opened.entries.into_iter().map(|(entry, _)| entry).collect();
        prop_assert_eq!(&read, &entries);
        // One encoding: what was read seals to the same bytes.
        prop_assert_eq!(origin.seal(head.1, &read), Ok(bytes));
    }

    #[test]
    fn any_altered_byte_is_refused(at: prop::sample::Index, flip in 1_u8..=255) {
        let origin = Origin::new(7);
        let mut bytes = origin.seal(origin.start().1, &origin.mixed()).unwrap();
        *at.get_mut(&mut bytes) ^= flip;
        prop_assert!(origin.open(&bytes, origin.start()).is_err());
    }
}
