//! Frames that are signed but wrong, and bytes that are not frames.

use proptest::prelude::*;

use super::*;

fn seed_then(entries: &[u8]) -> Vec<u8> {
    [&[0; 17], entries].concat()
}

/// Tag fact with NTP, schema 0, hlc delta 0, author 0, session 0, no document, body `x`.
const FACT: [u8; 8] = [0x01, 0, 0, 0, 0, 0, 1, b'x'];

#[test]
fn decompression_bomb_is_refused_at_its_cap() {
    let origin = Origin::new(7);
    for bytes in [64 << 20, 5 << 20, 100_000] {
        let bomb = zstd::bulk::compress(&vec![0_u8; bytes], 3).unwrap();
        assert!(bytes / bomb.len() > EXPANSION_MAX);
        let frame = origin.forge(&bomb, |header| header.form = FORM_ZSTD);
        assert_eq!(
            code(origin.open(&frame, origin.start())),
            RefusalCode::Content
        );
    }
}

#[test]
fn signed_nonsense_is_refused_as_content() {
    let origin = Origin::new(7);
    let payloads: [(&str, Vec<u8>); 10] = [
        ("empty", vec![]),
        ("seed cut", vec![0; 10]),
        ("no entry", seed_then(&[])),
        ("entry cut", seed_then(&FACT[..7])),
        (
            "byte after the last entry",
            seed_then(&[&FACT[..], &[0]].concat()),
        ),
        ("reserved kind", seed_then(&[&[0x02], &FACT[1..]].concat())),
        (
            "reserved quality",
            seed_then(&[&[0xe1], &FACT[1..]].concat()),
        ),
        ("erased", seed_then(&[&[0x11], &FACT[1..]].concat())),
        ("dependency bit", seed_then(&[&[0x09], &FACT[1..]].concat())),
        (
            "long varint",
            seed_then(&[&FACT[..1], &[0x80, 0x00], &FACT[2..]].concat()),
        ),
    ];
    for (what, payload) in payloads {
        let frame = origin.forge(&payload, |_| ());
        assert_eq!(
            code(origin.open(&frame, origin.start())),
            RefusalCode::Content,
            "{what}"
        );
    }
}

#[test]
fn seeds_of_later_forms_ask_for_a_raw_repeat() {
    let origin = Origin::new(7);
    for marker in [1, 254, 255] {
        let mut payload = seed_then(&FACT);
        payload[0] = marker;
        let frame = origin.forge(&payload, |_| ());
        assert_eq!(
            code(origin.open(&frame, origin.start())),
            RefusalCode::Rebuild
        );
    }
}

#[test]
fn chain_that_does_not_end_in_the_check_is_refused() {
    let origin = Origin::new(7);
    let frame = origin.forge(&seed_then(&FACT), |_| ());
    assert_eq!(
        code(origin.open(&frame, origin.start())),
        RefusalCode::Check
    );
    let entry = origin.entry(1, EntryKind::Fact, None, b"x".to_vec());
    let meta = EntryMeta {
        hlc: 10 << 16,
        schema: 0,
        author: 0,
        session: 0,
        ..entry.meta
    };
    let c = journal::commitment(&journal::salt(&[0; 16], Seq(1)), b"x");
    let end = journal::link(&origin.start().1, &meta, &c);
    let frame = origin.forge(&seed_then(&FACT), |header| {
        header.check = journal::prefix(&end);
    });
    assert_eq!(
        origin.open(&frame, origin.start()).unwrap().entries[0].1,
        end
    );
}

#[test]
fn clock_of_the_last_entry_must_be_the_header_s() {
    let origin = Origin::new(7);
    let mut fact = FACT;
    fact[2] = 2;
    let frame = origin.forge(&seed_then(&fact), |_| ());
    let refusal = origin.open(&frame, origin.start()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Content);
    assert!(refusal.reason.contains("clock"));
}

#[test]
fn change_of_another_actor_is_refused_with_its_code() {
    let origin = Origin::new(7);
    let other = Origin::new(8);
    let change = other.mixed().remove(0).body;
    let mut entry = vec![0x04, 0, 0, 0, 0];
    crate::varint::write_len(&mut entry, change.len());
    entry.extend(change);
    let frame = origin.forge(&seed_then(&entry), |_| ());
    assert_eq!(
        code(origin.open(&frame, origin.start())),
        RefusalCode::Actor
    );
}

#[test]
fn operations_of_one_frame_are_counted_together() {
    let origin = Origin::new(7);
    let names: BTreeMap<_, _> = (0..1800)
        .map(|number| (format!("f{number}"), String::new()))
        .collect();
    let (_, change) = Document::create(origin.actor, &names).unwrap();
    let entries: Vec<_> = (1..=6)
        .map(|seq| {
            let own = EntryRef::new(&origin.chain, Seq(seq));
            origin.entry(seq, EntryKind::Change, Some(own), change.clone())
        })
        .collect();
    drop(origin.seal(origin.start().1, &entries[..5]).unwrap());
    let refused = origin.seal(origin.start().1, &entries);
    assert!(matches!(refused, Err(FrameError::Entry { seq: 6, .. })));
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let origin = Origin::new(7);
        prop_assert!(origin.open(&bytes, origin.start()).is_err());
    }

    /// Behind a valid signature: any payload, plain or announced as zstd.
    #[test]
    fn any_signed_payload_is_refused_without_panic(
        payload in proptest::collection::vec(any::<u8>(), 0..400),
        form in prop_oneof![Just(0_u8), Just(FORM_ZSTD)],
        count in 1_u16..=ENTRIES_MAX,
    ) {
        let origin = Origin::new(7);
        let edit = |header: &mut FrameHeader| {
            header.form = form;
            header.count = count;
        };
        prop_assert!(origin.open(&origin.forge(&payload, edit), origin.start()).is_err());
    }

    /// Mutants of a good payload: refused, or read and written again to the same bytes.
    #[test]
    fn accepted_payloads_are_canonical(at: prop::sample::Index, byte: u8) {
        let origin = Origin::new(7);
        let mut payload = Vec::new();
        payload::write_seeds(&mut payload, &[(0, [1; 16])]);
        entries::write(&mut payload, &origin.chain, &origin.mixed()).unwrap();
        *at.get_mut(&mut payload) = byte;
        let hlc = origin.mixed()[5].meta.hlc;
        let edit = |it: &mut FrameHeader| {
            it.count = 6;
            it.hlc = hlc;
        };
        let header = header(&origin.forge(&payload, edit)).unwrap();
        let mut reader = Reader::new(&payload);
        if let Ok(seeds) = payload::read_seeds(&mut reader, &header)
            && let Ok(read) = entries::read(&mut reader, &header)
            && read[5].meta.hlc == hlc
        {
            let mut again = Vec::new();
            payload::write_seeds(&mut again, &seeds);
            entries::write(&mut again, &origin.chain, &read).unwrap();
            prop_assert_eq!(again, payload);
        }
    }
}
