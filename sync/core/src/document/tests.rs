//! Documents: caps, order rules, convergence, and hostile bytes.

use proptest::prelude::*;

use super::*;

const NODE_A: [u8; 8] = *b"actor--a";
const NODE_B: [u8; 8] = *b"actor--b";
const NODE_C: [u8; 8] = *b"actor--c";

/// Changes with their actors.
type Log = Vec<(Vec<u8>, [u8; 8])>;

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn person() -> BTreeMap<String, String> {
    fields(&[
        ("birth_date", "1999-04-03"),
        ("first_names", "Amina Zahara"),
        ("last_name", "Okello"),
        ("phone", "+256772000001"),
        ("village", "Kyenjojo trading centre"),
        ("consent", "yes"),
        ("national_id", "CF99012345ABCD"),
        ("language", "sw"),
        (
            "note",
            "walks two hours to the health centre; husband works in the city until December",
        ),
    ])
}

fn with_repaired_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.len() > 8 {
        let hash = crate::journal::hash(&[&bytes[8..]]);
        bytes[4..8].copy_from_slice(&hash[..4]);
    }
    bytes
}

/// A document with a conflict, and the three changes that made it.
fn conflicted() -> (Document, Log) {
    let (mut at_a, first) = Document::create(NODE_A, &person()).unwrap();
    let mut at_b = Document::from_first_change(&first, NODE_A).unwrap();
    let edit_a = at_a
        .edit(NODE_A, &fields(&[("village", "Fort Portal")]))
        .unwrap();
    let edit_b = at_b
        .edit(NODE_B, &fields(&[("village", "Kasese")]))
        .unwrap();
    at_a.apply(&edit_b, NODE_B).unwrap();
    (
        at_a,
        vec![(first, NODE_A), (edit_a, NODE_A), (edit_b, NODE_B)],
    )
}

#[test]
fn change_is_raw_uncompressed_without_time_and_message() {
    let (_, change) = Document::create(NODE_A, &person()).unwrap();
    assert!(
        change.len() > 256,
        "large enough that automerge would compress it"
    );
    assert_eq!(change[8], 1);
    let head = inspect(&change).unwrap();
    assert_eq!((head.actor, head.seq, head.operations), (NODE_A, 1, 9));
    let parsed = Change::from_bytes(change.clone()).unwrap();
    assert_eq!((parsed.timestamp(), parsed.message()), (0, None));
    assert_eq!(parsed.hash().0, head.hash);
    assert_eq!(change_actor(&change), Ok(NODE_A));
}

#[test]
fn same_actor_and_fields_give_the_same_bytes() {
    let (_, first) = Document::create(NODE_A, &person()).unwrap();
    let (_, again) = Document::create(NODE_A, &person()).unwrap();
    assert_eq!(first, again);
}

#[test]
fn concurrent_edits_show_both_values_with_the_same_winner_everywhere() {
    let (at_a, changes) = conflicted();
    let mut at_c = Document::from_first_change(&changes[0].0, NODE_A).unwrap();
    at_c.apply(&changes[2].0, NODE_B).unwrap();
    at_c.apply(&changes[1].0, NODE_A).unwrap();
    assert_eq!(at_a.values(), at_c.values());
    assert_eq!(at_a.values()["village"].len(), 2);
    let winner = at_a
        .inner
        .get(ROOT, "village")
        .unwrap()
        .unwrap()
        .0
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(at_a.values()["village"][0], winner);
}

#[test]
fn decision_replaces_all_values() {
    let (mut at_a, _) = conflicted();
    let winner = at_a.values()["village"][0].clone();
    let decision = at_a.edit(NODE_A, &fields(&[("village", &winner)])).unwrap();
    assert_eq!(at_a.values()["village"], [winner]);
    assert_eq!(inspect(&decision).unwrap().operations, 1);
}

#[test]
fn edit_without_difference_writes_nothing() {
    let (mut document, _) = Document::create(NODE_A, &person()).unwrap();
    assert_eq!(
        document.edit(NODE_A, &person()),
        Err(DocumentError::Unchanged)
    );
    assert_eq!(document.changes(), 1);
    assert_eq!(
        Document::create(NODE_A, &BTreeMap::new()).map(drop),
        Err(DocumentError::Unchanged)
    );
}

#[test]
fn caps_refuse_at_capture_and_leave_the_document() {
    let (mut document, _) = Document::create(NODE_A, &person()).unwrap();
    let heads = document.heads();
    let long = "x".repeat(TEXT_BYTES_MAX + 1);
    let refused = document.edit(NODE_A, &fields(&[("note", &long)]));
    assert!(matches!(
        refused,
        Err(DocumentError::TooLarge {
            what: "field value",
            ..
        })
    ));
    let name = "n".repeat(FIELD_NAME_BYTES_MAX + 1);
    let refused = document.edit(NODE_A, &fields(&[(&name, "v")]));
    assert!(matches!(
        refused,
        Err(DocumentError::TooLarge {
            what: "field name",
            ..
        })
    ));
    let many: BTreeMap<_, _> = (0..17)
        .map(|i| (format!("f{i}"), "y".repeat(TEXT_BYTES_MAX)))
        .collect();
    let refused = document.edit(NODE_A, &many);
    assert!(matches!(
        refused,
        Err(DocumentError::TooLarge { what: "change", .. })
    ));
    assert_eq!(document.heads(), heads);
}

#[test]
fn document_at_its_limit_of_bytes_refuses_the_edit() {
    let (mut document, _) = Document::create(NODE_A, &person()).unwrap();
    let mut edits = 0_u32;
    let refused = loop {
        edits += 1;
        let text = format!("{edits:0>4000}");
        if let Err(error) = document.edit(NODE_A, &fields(&[("note", &text)])) {
            break error;
        }
    };
    assert!(matches!(
        refused,
        DocumentError::TooLarge {
            what: "document's bytes",
            ..
        }
    ));
    assert!((100..140).contains(&edits), "{edits}");
    assert_eq!(document.changes(), edits);
}

#[test]
fn order_rules_refuse_and_change_nothing() {
    let (at_a, changes) = conflicted();
    let mut other = Document::from_first_change(&changes[0].0, NODE_A).unwrap();
    assert_eq!(
        other.apply(&changes[1].0, NODE_B),
        Err(DocumentError::Actor)
    );
    let mut later = at_a.clone();
    let on_both = later.edit(NODE_C, &fields(&[("language", "en")])).unwrap();
    assert_eq!(
        other.apply(&on_both, NODE_C),
        Err(DocumentError::MissingDependency)
    );
    let first = Document::from_first_change(&changes[1].0, NODE_A);
    assert_eq!(first.map(drop), Err(DocumentError::MissingDependency));
    assert_eq!(other.changes(), 1);
    // A second life that drew the same actor.
    let mut clone = Document::from_first_change(&changes[0].0, NODE_A).unwrap();
    let forged = clone
        .edit(NODE_A, &fields(&[("village", "elsewhere")]))
        .unwrap();
    assert_eq!(
        at_a.clone().apply(&forged, NODE_A),
        Err(DocumentError::Forked)
    );
    // Another creating change for the same document.
    let (_, second_root) = Document::create(NODE_C, &fields(&[("village", "x")])).unwrap();
    assert!(matches!(
        at_a.clone().apply(&second_root, NODE_C),
        Err(DocumentError::Malformed(_))
    ));
}

#[test]
fn other_chunks_of_automerge_are_refused() {
    let (document, change) = Document::create(NODE_A, &person()).unwrap();
    let mut parsed = Change::from_bytes(change).unwrap();
    let compressed = parsed.bytes().into_owned();
    assert_eq!(compressed[8], 2, "automerge compressed it");
    for bytes in [
        compressed,
        document.save(),
        Vec::new(),
        b"\x85\x6f\x4a\x83".to_vec(),
    ] {
        assert!(matches!(inspect(&bytes), Err(DocumentError::Malformed(_))));
    }
}

#[test]
fn lists_maps_numbers_deletes_and_messages_are_refused() {
    let check = |edit: &dyn Fn(&mut automerge::transaction::Transaction<'_>), message: &str| {
        let mut document = Document::blank(NODE_A);
        let options = || {
            let options = CommitOptions::default().with_time(0);
            if message.is_empty() {
                options
            } else {
                options.with_message(message)
            }
        };
        let done = document
            .inner
            .transact_with::<_, _, (), _>(
                |()| options(),
                |transaction| {
                    edit(transaction);
                    Ok(())
                },
            )
            .unwrap();
        let change = document
            .inner
            .get_change_by_hash(&done.hash.unwrap())
            .unwrap();
        inspect(change.raw_bytes())
    };
    assert_eq!(
        check(&|tx| tx.put(ROOT, "a", "b").unwrap(), "").map(|head| head.operations),
        Ok(1)
    );
    let refused = [
        check(
            &|tx| drop(tx.put_object(ROOT, "a", automerge::ObjType::Map).unwrap()),
            "",
        ),
        check(
            &|tx| drop(tx.put_object(ROOT, "a", automerge::ObjType::List).unwrap()),
            "",
        ),
        check(
            &|tx| drop(tx.put_object(ROOT, "a", automerge::ObjType::Text).unwrap()),
            "",
        ),
        check(&|tx| tx.put(ROOT, "a", 7_i64).unwrap(), ""),
        check(&|tx| tx.put(ROOT, "a", "b").unwrap(), "a message"),
    ];
    for result in refused {
        assert!(
            matches!(result, Err(DocumentError::Malformed(_))),
            "{result:?}"
        );
    }
}

#[test]
fn saved_document_loads_with_its_order_rules() {
    let (document, changes) = conflicted();
    let mut loaded = Document::load(&document.save()).unwrap();
    assert_eq!(loaded.values(), document.values());
    assert_eq!(
        (loaded.heads(), loaded.changes()),
        (document.heads(), document.changes())
    );
    assert_eq!(loaded.change_bytes, document.change_bytes);
    for (change, actor) in &changes {
        assert_eq!(loaded.apply(change, *actor), Ok(()));
    }
    let next = loaded
        .edit(NODE_A, &fields(&[("village", "Hoima")]))
        .unwrap();
    assert_eq!(inspect(&next).unwrap().seq, 3);
    assert!(matches!(
        Document::load(b"garbage"),
        Err(DocumentError::Unloadable)
    ));
}

#[test]
fn debug_shows_no_content() {
    let (document, _) = Document::create(NODE_A, &person()).unwrap();
    assert!(!format!("{document:?}").contains("Okello"));
}

/// Mutants of valid changes with repaired checksums: none escapes, none inflates, and the
/// document is byte-identical afterwards.
#[test]
fn hostile_changes_with_right_checksums_neither_panic_nor_change_the_document() {
    let (document, changes) = conflicted();
    let base = Document::from_first_change(&changes[0].0, NODE_A).unwrap();
    let saved = base.save();
    let (mut tried, mut refused, mut unapplicable) = (0_u32, 0_u32, 0_u32);
    let mut try_one = |mutant: Vec<u8>| {
        let mutant = with_repaired_checksum(mutant);
        tried += 1;
        for actor in [NODE_A, NODE_B] {
            let mut copy = base.clone();
            match copy.apply(&mutant, actor) {
                Ok(()) => {
                    let loaded = Document::load(&copy.save()).unwrap();
                    assert_eq!(loaded.values(), copy.values());
                }
                Err(error) => {
                    assert_eq!(copy.save(), saved);
                    refused += 1;
                    unapplicable += u32::from(error == DocumentError::Unapplicable);
                }
            }
        }
    };
    for (change, _) in &changes {
        for position in 8..change.len() {
            for value in [
                0x00,
                0x01,
                0x7f,
                0x80,
                0xff,
                change[position] ^ 1,
                change[position] ^ 0x40,
            ] {
                let mut mutant = change.clone();
                mutant[position] = value;
                try_one(mutant);
            }
        }
        for cut in 0..change.len() {
            try_one(change[..cut].to_vec());
        }
    }
    assert!(tried >= 500, "{tried}");
    assert!(
        refused > tried,
        "most mutants are refused for both actors: {refused} of {tried}"
    );
    // The check before automerge leaves next to nothing for `catch_unwind`.
    assert!(unapplicable * 10 < tried, "{unapplicable} of {tried}");
    assert_eq!(document.values().len(), 9);
}

#[test]
fn run_lengths_are_counted_before_they_are_expanded() {
    // A run of 2^62 puts in a handful of bytes: count as signed LEB128, then the action.
    let bomb = [
        0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0xc0, 0x00, 0x01,
    ];
    let mut change = Document::create(NODE_A, &fields(&[("a", "b")])).unwrap().1;
    let action = change.windows(2).position(|pair| pair[0] == 0x42).unwrap();
    let lens: Vec<usize> = change[action - 4..action + 8]
        .iter()
        .map(|b| usize::from(*b))
        .collect();
    assert_eq!(lens[4], 0x42);
    // key_text (0x15), insert (0x34), action (0x42): their data follow the column heads.
    let columns_end = change.len() - (3 + 1 + 2 + 2 + 1 + 2);
    let at = columns_end + 3 + 1;
    change.splice(at..at + 2, bomb);
    change[action + 1] = u8::try_from(bomb.len()).unwrap();
    change[9] += u8::try_from(bomb.len() - 2).unwrap();
    let refused = inspect(&with_repaired_checksum(change));
    assert_eq!(refused, Err(DocumentError::Malformed("actions")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let framed = [&[0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1], bytes.as_slice()].concat();
        prop_assert!(inspect(&bytes).is_err());
        prop_assert!(inspect(&with_repaired_checksum(framed)).is_err());
    }

    #[test]
    fn what_is_written_is_accepted(
        values in proptest::collection::btree_map("[a-z_]{1,12}", ".{0,60}", 1..20),
    ) {
        let (document, change) = Document::create(NODE_A, &values).unwrap();
        let opened = Document::from_first_change(&change, NODE_A).unwrap();
        prop_assert_eq!(opened.values(), document.values());
        let plain: BTreeMap<_, _> =
            opened.values().into_iter().map(|(name, all)| (name, all[0].clone())).collect();
        prop_assert_eq!(plain, values);
    }

    /// Any order, with duplicates: same heads, same values.
    #[test]
    fn documents_converge_in_any_order_with_duplicates(
        edits in proptest::collection::vec((0_usize..3, 0_usize..4, "[a-c]{1,3}", any::<bool>()), 1..12),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 30),
    ) {
        let actors = [NODE_A, NODE_B, NODE_C];
        let (_, first) = Document::create(NODE_A, &person()).unwrap();
        let mut log = vec![(first.clone(), NODE_A)];
        let mut sites: Vec<_> =
            actors.iter().map(|_| Document::from_first_change(&first, NODE_A).unwrap()).collect();
        for (site, field, value, meets) in edits {
            let name = ["village", "phone", "note", "language"][field];
            if let Ok(change) = sites[site].edit(actors[site], &fields(&[(name, &value)])) {
                log.push((change, actors[site]));
            }
            if meets {
                apply_until_quiet(&mut sites[site], &log);
            }
        }
        let mut shuffled: Vec<_> = order.iter().map(|index| index.get(&log).clone()).collect();
        shuffled.extend(log.iter().rev().cloned());
        let mut replica = Document::from_first_change(&first, NODE_A).unwrap();
        apply_until_quiet(&mut replica, &shuffled);
        for site in &mut sites {
            apply_until_quiet(site, &log);
            prop_assert_eq!(site.heads(), replica.heads());
            prop_assert_eq!(site.values(), replica.values());
        }
    }
}

/// What a store does with parked changes: try again when something arrived.
fn apply_until_quiet(document: &mut Document, log: &Log) {
    let mut waiting: Vec<_> = log.iter().collect();
    loop {
        let before = waiting.len();
        waiting.retain(|(change, actor)| match document.apply(change, *actor) {
            Ok(()) => false,
            Err(DocumentError::MissingDependency) => true,
            Err(error) => panic!("refused: {error}"),
        });
        if waiting.is_empty() {
            return;
        }
        assert!(waiting.len() < before, "no progress");
    }
}
