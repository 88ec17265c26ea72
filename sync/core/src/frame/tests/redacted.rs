//! Redacted frames: the chain goes on with a commitment in place of a body that is gone.

use super::*;

/// Marks and entries of a run in which some bodies are gone.
fn redacted(entries: &[Entry], gone: &[usize]) -> (Vec<Mark>, Vec<Entry>) {
    let seeds = seeds();
    let whole = entries.iter().map(|entry| {
        let block = journal::block(entry.meta.seq);
        let (_, seed) = seeds.iter().find(|(number, _)| *number == block).unwrap();
        (journal::salt(seed, entry.meta.seq), entry)
    });
    whole
        .enumerate()
        .map(|(at, (salt, entry))| {
            if gone.contains(&at) {
                let commitment = journal::commitment(&salt, &entry.body);
                let body = Vec::new();
                (
                    Mark::Gone(commitment),
                    Entry {
                        body,
                        ..entry.clone()
                    },
                )
            } else {
                (Mark::Salt(salt), entry.clone())
            }
        })
        .unzip()
}

fn sealed(origin: &Origin, marks: &[Mark], entries: &[Entry]) -> Result<Vec<u8>, FrameError> {
    let input = RedactedInput {
        chain: origin.chain,
        previous: origin.start().1,
        marks,
        entries,
    };
    seal_redacted((&origin.key).into(), &input)
}

#[test]
fn a_run_without_a_body_ends_in_the_same_hash() {
    let origin = Origin::new(7);
    let entries = origin.facts(1, 5, 40);
    let whole = origin.seal(origin.start().1, &entries).unwrap();
    let whole = origin.open(&whole, origin.start()).unwrap();
    let (marks, entries) = redacted(&entries, &[1, 3]);
    let bytes = sealed(&origin, &marks, &entries).unwrap();
    let opened = origin.open(&bytes, origin.start()).unwrap();
    assert_eq!(
        opened.entries.last().unwrap().1,
        whole.entries.last().unwrap().1
    );
    assert_eq!(opened.marks, marks);
    assert!(opened.seeds.is_empty() && opened.entries[1].0.body.is_empty());
    // The bodies of the others are as they were, and no salt of the gone ones travels.
    assert_eq!(opened.entries[0].0, whole.entries[0].0);
    let salt = journal::salt(&seeds()[0].1, Seq(2));
    assert!(!bytes.windows(16).any(|window| window == salt));
    assert!(!format!("{opened:?} {marks:?}").contains(&format!("{salt:?}")));
}

#[test]
fn what_does_not_fit_is_neither_sealed_nor_opened() {
    let origin = Origin::new(7);
    let facts = origin.facts(1, 3, 40);
    let (marks, entries) = redacted(&facts, &[1]);
    assert!(matches!(
        sealed(&origin, &marks[..2], &entries),
        Err(FrameError::Count(2))
    ));
    let with_body = sealed(&origin, &marks, &facts);
    assert!(matches!(with_body, Err(FrameError::Entry { seq: 2, .. })));
    // A commitment that the chain does not hold ends in another hash only where it is not signed.
    let bytes = sealed(&origin, &marks, &entries).unwrap();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(origin.open(&damaged, origin.start()).is_err(), "{at}");
    }
}

proptest! {
    #[test]
    fn opening_gives_back_what_was_sealed(count in 1_u32..90, gone: Vec<prop::sample::Index>) {
        let origin = Origin::new(7);
        let facts = origin.facts(1, count, 30);
        let gone: Vec<usize> = gone.iter().map(|at| at.index(facts.len())).collect();
        let (marks, entries) = redacted(&facts, &gone);
        let bytes = sealed(&origin, &marks, &entries).unwrap();
        let opened = origin.open(&bytes, origin.start()).unwrap();
        let bodies: Vec<Entry> = opened.entries.into_iter().map(|(entry, _)| entry).collect();
        prop_assert_eq!((opened.marks, bodies), (marks, entries));
    }

    #[test]
    fn any_payload_is_refused_without_a_panic(payload: Vec<u8>) {
        let origin = Origin::new(7);
        let bytes = origin.forge(&payload, |header| header.form = FORM_REDACTED);
        let refused = origin.open(&bytes, origin.start()).is_err();
        prop_assert!(refused);
    }
}
