//! Packed frames: the same entries in fewer bytes, and every way in which they cannot be read.

use super::*;
use crate::pack::{self, About, EmptyShelf, FieldCodec, PackField, PackSchema, PackSet, Usual};
use crate::refusal::Fault;

/// A set that knows the documents of [`Origin::mixed`].
fn set() -> PackSet {
    let field = |(key, codec): (&str, FieldCodec)| PackField {
        key: key.to_owned(),
        codec,
        present: [15, 15],
    };
    let usual = |is_fact, about| Usual {
        is_fact,
        schema: 12,
        about,
    };
    PackSet {
        schemas: vec![PackSchema {
            schema: 12,
            fields: vec![
                field(("name", FieldCodec::Name)),
                field(("village", FieldCodec::Name)),
            ],
        }],
        templates: Vec::new(),
        usual: vec![usual(false, About::New), usual(false, About::Back(1))],
    }
}

fn packing<'a>(sets: &'a [&'a PackSet]) -> Packing<'a> {
    Packing {
        sets,
        shelf: &EmptyShelf,
    }
}

fn sealed(origin: &Origin, entries: &[Entry], packing: &Packing<'_>) -> Vec<u8> {
    let input = SealInput {
        chain: origin.chain,
        previous: origin.start().1,
        seeds: &seeds(),
        entries,
    };
    seal_packed((&origin.key).into(), &input, packing).unwrap()
}

fn opened(
    origin: &Origin,
    bytes: &[u8],
    packing: &Packing<'_>,
) -> Result<OpenedFrame, RefusalCode> {
    open_packed(bytes, origin.start(), &public(&origin.key), packing)
        .map_err(|refusal| refusal.code)
}

#[test]
fn a_packed_frame_opens_to_the_same_entries_and_chain() {
    let (origin, set) = (Origin::new(7), set());
    let (sets, entries) = ([&set], origin.mixed());
    let packing = packing(&sets);
    let bytes = sealed(&origin, &entries, &packing);
    let raw = origin.seal(origin.start().1, &entries).unwrap();
    assert!(
        bytes.len() + 150 < raw.len(),
        "{} {}",
        bytes.len(),
        raw.len()
    );
    let read = opened(&origin, &bytes, &packing).unwrap();
    assert_eq!(read.header.form & FORM_PACKED, FORM_PACKED);
    assert_eq!(read.header.dictionary, set.number());
    let of_raw = origin.open(&raw, origin.start()).unwrap();
    assert!(read.entries == of_raw.entries && read.seeds == of_raw.seeds);
    // A raw frame is read by the same door.
    assert!(opened(&origin, &raw, &packing).unwrap().entries == read.entries);
}

#[test]
fn who_holds_no_set_packs_and_reads_with_the_empty_one() {
    let origin = Origin::new(7);
    let entries = origin.mixed();
    let bytes = sealed(&origin, &entries, &packing(&[]));
    let read = opened(&origin, &bytes, &packing(&[])).unwrap();
    assert_eq!(read.header.dictionary, 0);
    assert!(read.entries.iter().map(|(entry, _)| entry).eq(&entries));
}

#[test]
fn what_cannot_be_rebuilt_is_asked_for_raw_and_not_held_against_the_origin() {
    let (origin, set) = (Origin::new(7), set());
    let sets = [&set];
    let packing = packing(&sets);
    let bytes = sealed(&origin, &origin.mixed(), &packing);
    assert_eq!(
        code(origin.open(&bytes, origin.start())),
        RefusalCode::Rebuild
    );
    let other = Packing {
        sets: &[],
        ..packing
    };
    assert_eq!(
        opened(&origin, &bytes, &other),
        Err(RefusalCode::UnknownDictionary)
    );
    // Signed, but the run in it is another: cut, changed, of another length.
    let start = HEADER_BYTES + 17;
    let run = &bytes[start..bytes.len() - SIGNATURE_BYTES];
    let forge = |run: &[u8], count: u16| {
        let payload = [&bytes[HEADER_BYTES..start], run].concat();
        origin.forge(&payload, |header| {
            header.form = FORM_PACKED;
            header.count = count;
            header.dictionary = set.number();
        })
    };
    for (run, count) in [(run, 6), (&run[..9], 6), (&run[3..], 6), (run, 5), (&[], 1)] {
        let read = opened(&origin, &forge(run, count), &packing);
        assert_eq!(read, Err(RefusalCode::Rebuild));
        assert_eq!(RefusalCode::Rebuild.fault(), Fault::Nobody);
    }
    // The signature comes first: a changed byte never reaches the decoder.
    let mut changed = bytes.clone();
    changed[start] ^= 1;
    assert_eq!(
        opened(&origin, &changed, &packing),
        Err(RefusalCode::Signature)
    );
}

#[test]
fn a_packed_frame_keeps_the_rules_of_raw_ones() {
    let (origin, set) = (Origin::new(7), set());
    let sets = [&set];
    let packing = packing(&sets);
    // Another actor's change: the writer refuses it, whatever the form.
    let mut entries = origin.mixed();
    entries[0].body = Document::create(*b"somebody", &fields(&[("name", "A")]))
        .unwrap()
        .1;
    let input = SealInput {
        chain: origin.chain,
        previous: origin.start().1,
        seeds: &seeds(),
        entries: &entries,
    };
    let sealed = seal_packed((&origin.key).into(), &input, &packing);
    assert!(matches!(sealed, Err(FrameError::Entry { seq: 1, .. })));
    // A hostile origin signs it all the same: it is read, found right by its check, and refused.
    let run = pack::pack(
        &pack::Run {
            chain: origin.chain,
            actor: origin.actor,
            first: Seq(1),
            hlc: entries[5].meta.hlc,
            set: &set,
            shelf: &EmptyShelf,
        },
        &entries,
    );
    let hashes = chain_hashes(origin.start().1, &seeds(), &entries).unwrap();
    let mut payload = Vec::new();
    payload::write_seeds(&mut payload, &seeds()[..1]);
    payload.extend(run.unwrap());
    let forged = origin.forge(&payload, |header| {
        header.form = FORM_PACKED;
        header.count = 6;
        header.hlc = entries[5].meta.hlc;
        header.dictionary = set.number();
        header.check = journal::prefix(&hashes[5]);
    });
    assert_eq!(opened(&origin, &forged, &packing), Err(RefusalCode::Actor));
}
