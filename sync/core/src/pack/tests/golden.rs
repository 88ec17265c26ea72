//! Golden runs under `tests/golden/pack`: every release reads those of all earlier ones.
//!
//! A failing comparison prints the bytes of today. They may only be accepted together with a new
//! packed form, a new file beside the old one, and `docs/protocols/packing.md`.

use super::*;
use crate::golden::{self, unhex};

const RUN: &str = include_str!("../../../../../tests/golden/pack/registration-v1.hex");
const EDITS: &str = include_str!("../../../../../tests/golden/pack/edits-v1.hex");

fn check(golden: &str, run: &Run<'_>, entries: &[Entry]) {
    let today = pack(run, entries).unwrap();
    golden::check(golden, &today);
    let count = u16::try_from(entries.len()).unwrap();
    assert!(unpack(run, count, &unhex(golden)).unwrap() == entries);
}

/// The registration of docs/protocols/packing.md §9.
fn example() -> Journal {
    let mut journal = Journal::new();
    journal.wait(0);
    let mother = journal.person(&fields(&[
        ("n", "2938475610"),
        ("g", "Amina"),
        ("f", "Okello"),
        ("b", "1999-04-03"),
        ("s", "F"),
        ("p", "+256772000001"),
        ("v", "Kisoga"),
    ]));
    let child = journal.person(&fields(&[
        ("n", "3846152970"),
        ("g", "Juma"),
        ("b", "2026"),
        ("s", "M"),
        ("o", "clinic"),
    ]));
    journal.fact(CONSENT, Some(mother), consent("en"));
    let body = journal.registration(mother, child);
    journal.fact(REGISTRATION, Some(child), body);
    journal
}

#[test]
fn a_registration_is_the_golden_one() {
    let (journal, set) = (example(), set());
    let raw: usize = journal.entries.iter().map(|it| it.body.len()).sum();
    assert_eq!((set.number(), raw), (29_170, 319));
    check(RUN, &journal.run(1, &set, &EmptyShelf), &journal.entries);
}

#[test]
fn edits_are_the_golden_ones() {
    let (mut journal, set) = (example(), set());
    journal.wait(60_000);
    journal.edit(1, &fields(&[("v", "Kyanja")]));
    journal.wait(90_000);
    journal.edit(2, &fields(&[("g", "Yusuf"), ("l", "sw")]));
    let shelf = journal.before(5);
    check(EDITS, &journal.run(5, &set, &shelf), &journal.entries[4..]);
}
