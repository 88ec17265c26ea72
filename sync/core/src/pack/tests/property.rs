//! Properties: any journal comes back as it was; hostile bytes are refused without a panic.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// What a journal may do next.
#[derive(Clone, Debug)]
enum Act {
    Person(BTreeMap<String, String>),
    Edit(u32, BTreeMap<String, String>),
    Fact(u16, Option<u32>, Vec<u8>),
    /// A fact that names an entry of the own chain.
    Names(u32),
    /// A change whose bytes are none, or another actor's.
    Odd(Vec<u8>),
    Wait(u32),
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Z][a-z]{1,9}",
        "[12][0-9]{3}-[01][0-9]-[0-3][0-9]",
        "[0-9]{4}",
        "\\+256[0-9]{9}",
        "\\+[0-9]{1,15}",
        "[0-9]{10}",
        "[FM]",
        "\\PC{0,12}",
        any::<u64>().prop_map(|it| it.to_string()),
        "[a-z]{300}",
    ]
}

fn record() -> impl Strategy<Value = BTreeMap<String, String>> {
    let key = prop_oneof!["[ngfbspviol]", "[a-z]{1,8}", "\\PC{1,4}"];
    proptest::collection::btree_map(key, value(), 1..9)
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => record().prop_map(Act::Person),
        3 => (any::<u32>(), record()).prop_map(|(of, it)| Act::Edit(of, it)),
        2 => (2_u16..5, proptest::option::of(any::<u32>()), vec(any::<u8>(), 1..80))
            .prop_map(|(schema, of, it)| Act::Fact(schema, of, it)),
        1 => any::<u32>().prop_map(Act::Names),
        1 => vec(any::<u8>(), 0..60).prop_map(Act::Odd),
        1 => any::<u32>().prop_map(Act::Wait),
    ]
}

fn play(acts: &[Act]) -> Journal {
    let mut journal = Journal::new();
    let mut people = Vec::new();
    let one = |people: &[u32], of: u32| {
        let of = usize::try_from(of).unwrap();
        people.get(of % people.len().max(1)).copied()
    };
    for act in acts {
        match act {
            Act::Person(record) => people.push(journal.person(record)),
            Act::Edit(of, record) => {
                let Some(of) = one(&people, *of) else {
                    continue;
                };
                let name = EntryRef::new(&journal.chain, Seq(of));
                let mut trial = journal.documents[&name].clone();
                if trial.edit(journal.actor, record).is_ok() {
                    journal.edit(of, record);
                }
            }
            Act::Fact(schema, of, body) => {
                let of = of.and_then(|it| one(&people, it));
                journal.fact(*schema, of, body.clone());
            }
            Act::Names(of) => {
                let (mother, child) = (one(&people, *of), one(&people, of / 2));
                let body = journal.registration(mother.unwrap_or(9), child.unwrap_or(1 << 30));
                journal.fact(REGISTRATION, mother, body);
            }
            Act::Odd(body) => {
                let at = journal.next();
                journal.push(EntryKind::Change, PERSON, Some(at), body.clone());
            }
            Act::Wait(millis) => journal.wait(u64::from(*millis)),
        }
    }
    journal
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_journal_comes_back_byte_for_byte(acts in vec(act(), 0..14), has_set: bool) {
        let journal = play(&acts);
        let set = if has_set { set() } else { PackSet::default() };
        let run = journal.run(1, &set, &EmptyShelf);
        let bytes = pack(&run, &journal.entries).expect("a journal packs");
        let count = u16::try_from(journal.entries.len()).unwrap();
        let read = unpack(&run, count, &bytes);
        prop_assert!(read == Ok(journal.entries));
    }

    #[test]
    fn hostile_bytes_are_refused_without_a_panic(
        bytes in vec(any::<u8>(), 0..400),
        count in 0_u16..1_100,
    ) {
        let (journal, set) = (Journal::new(), set());
        let run = journal.run(1, &set, &EmptyShelf);
        // Without the fence, which would hide a panic.
        if let Some(entries) = unpack_with(&run, count, &bytes) {
            let unpacked: usize = entries.iter().map(|it| it.body.len()).sum();
            prop_assert!(unpacked <= (bytes.len() * UNPACKED_TIMES_MAX).max(UNPACKED_BYTES_MIN));
            prop_assert_eq!(entries.len(), usize::from(count));
        }
    }

    #[test]
    fn a_damaged_run_is_refused_or_read_without_a_panic(at: usize, bit in 0_u8..8, cut: bool) {
        let mut journal = Journal::new();
        journal.register(&mut Dice(3), &lease());
        let set = set();
        let run = journal.run(1, &set, &EmptyShelf);
        let mut bytes = pack(&run, &journal.entries).unwrap();
        let at = at % bytes.len();
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << bit;
        }
        let read = unpack_with(&run, 4, &bytes);
        prop_assert!(read.is_none_or(|entries| entries != journal.entries));
    }
}

#[test]
fn edits_made_apart_and_their_merge_come_back() {
    const OTHER: [u8; 8] = *b"actor--b";
    let mut journal = Journal::new();
    let of = journal.person(&fields(&[("g", "Amina"), ("v", "Kisoga")]));
    let name = EntryRef::new(&journal.chain, Seq(of));
    let mut there = journal.documents[&name].clone();
    let elsewhere = EntryRef {
        origin: NodeId(9),
        seq: Seq(44),
        ..name
    };
    let theirs = there.edit(OTHER, &fields(&[("v", "Kyanja")])).unwrap();
    journal.edit(of, &fields(&[("v", "Bukoto")]));
    let here = journal.documents.get_mut(&name).unwrap();
    here.apply(&theirs, OTHER).unwrap();
    // One edit on top of both, then the winner is confirmed: a delete of the other value.
    let more = there.edit(OTHER, &fields(&[("g", "Halima")])).unwrap();
    journal.edit(of, &fields(&[("p", "+256772000001")]));
    let here = journal.documents.get_mut(&name).unwrap();
    here.apply(&more, OTHER).unwrap();
    let winner = here.values()["v"][0].clone();
    journal.edit(of, &fields(&[("v", &winner)]));
    journal.edit(of, &fields(&[("g", "Zainab")]));

    let mut shelf = journal.before(3);
    let document = shelf.documents.get_mut(&name).unwrap();
    document.apply(&theirs, OTHER).unwrap();
    document.apply(&more, OTHER).unwrap();
    for (back, change) in [&theirs, &more].into_iter().enumerate() {
        let seq = Seq(elsewhere.seq.0 + u32::try_from(back).unwrap());
        let hash = document::inspect(change).unwrap().hash;
        shelf.changes.insert(EntryRef { seq, ..elsewhere }, hash);
    }
    let set = set();
    let entries = &journal.entries[2..];
    let bytes = pack(&journal.run(3, &set, &shelf), entries).unwrap();
    let read = unpack(&journal.run(3, &set, &shelf), 3, &bytes).unwrap();
    assert!(read == entries, "merges differ");
    // Raw, any of the three costs over 80 bytes.
    assert!(bytes.len() < 90, "{} bytes", bytes.len());
    // A reader without the other origin's change asks for the run raw.
    let poor = journal.before(3);
    assert_eq!(
        unpack(&journal.run(3, &set, &poor), 3, &bytes),
        Err(UnpackError)
    );
}

#[test]
fn a_writer_who_is_further_packs_what_a_reader_rebuilds() {
    let mut journal = Journal::new();
    let of = journal.person(&fields(&[("g", "Amina")]));
    for name in ["Halima", "Zainab", "Mary", "Grace"] {
        journal.edit(of, &fields(&[("g", name)]));
    }
    let (set, writer, reader) = (set(), journal.before(99), journal.before(3));
    let entries = &journal.entries[2..4];
    let mut run = journal.run(3, &set, &writer);
    run.hlc = entries[1].meta.hlc;
    let bytes = pack(&run, entries).unwrap();
    run.shelf = &reader;
    assert!(unpack(&run, 2, &bytes).unwrap() == entries, "edits differ");
    assert!(bytes.len() < 30, "{} bytes", bytes.len());
}

#[test]
fn beyond_the_documents_held_an_edit_travels_raw_and_comes_back() {
    let mut journal = Journal::new();
    for number in 0..=DOCUMENTS_HELD_MAX {
        journal.person(&fields(&[("i", &format!("N{number}"))]));
    }
    journal.edit(1, &fields(&[("i", "forgotten")]));
    journal.edit(60, &fields(&[("i", "held")]));
    let set = set();
    let run = journal.run(1, &set, &EmptyShelf);
    let bytes = pack(&run, &journal.entries).unwrap();
    let count = u16::try_from(journal.entries.len()).unwrap();
    assert!(unpack(&run, count, &bytes).unwrap() == journal.entries);
}

#[test]
fn another_set_or_clock_does_not_give_the_same_entries() {
    let mut journal = Journal::new();
    journal.register(&mut Dice(3), &lease());
    let set = set();
    let run = journal.run(1, &set, &EmptyShelf);
    let bytes = pack(&run, &journal.entries).unwrap();
    let other = PackSet::default();
    assert_ne!(set.number(), other.number());
    let run = journal.run(1, &other, &EmptyShelf);
    assert_ne!(unpack(&run, 4, &bytes), Ok(journal.entries));
}

#[test]
fn a_few_bytes_do_not_become_many() {
    // A fact of the largest size, which costs next to nothing to repeat.
    let mut journal = Journal::new();
    for _ in 0..20 {
        journal.fact(2, None, vec![7; 16_000]);
    }
    let set = PackSet::default();
    let run = journal.run(1, &set, &EmptyShelf);
    assert_eq!(pack(&run, &journal.entries), None, "it would be refused");
    let few = &journal.entries[..1];
    let mut run = run;
    run.hlc = few[0].meta.hlc;
    assert!(pack(&run, few).is_none_or(|it| it.len() * UNPACKED_TIMES_MAX >= 16_000));
}
