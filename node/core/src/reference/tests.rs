//! Lists that may be published, lists that may not, and what a revision leaves behind.

use proptest::prelude::*;

use super::file::{FILE_BYTES_MAX, read};
use super::*;

const GOOD: &str = r#"
list = "places"
[[item]]
code = "N"
name = "North"
[[item]]
code = "AP"
names = { en = "Apac", sw = "Apaki" }
parent = "N"
position = "1.9756 -32.5"
[[item]]
code = "BK"
name = "Bukoto"
text = "Market day is Friday."
"#;

fn good() -> ReferenceList {
    read(GOOD).unwrap().list
}

/// The list with one change, and the finding that it must give.
#[track_caller]
fn check(change: impl Fn(&mut ReferenceList), expected: &str) {
    let mut list = good();
    change(&mut list);
    let found = list.check();
    assert!(
        found.iter().any(|one| one.message.contains(expected)),
        "{expected}: {found:?}"
    );
    assert!(found.iter().all(|one| !one.fix.is_empty()));
}

#[test]
fn a_good_file_is_read_whole() {
    let list = good();
    assert_eq!(list.check(), Vec::new());
    let [north, apac, bukoto] = list.items.as_slice() else {
        panic!("{list:?}");
    };
    assert_eq!(north.name("fr"), "North");
    assert_eq!((apac.name("sw-KE"), apac.name("fr")), ("Apaki", "Apac"));
    assert_eq!(apac.position, Some((1_975_600, -32_500_000)));
    assert_eq!(bukoto.texts[0].1, "Market day is Friday.");
}

#[test]
fn bad_lists_give_findings_with_place_and_fix() {
    check(|list| list.items[1].code = "N".to_owned(), "stands twice");
    check(|list| list.items[1].code.clear(), "no good code");
    check(|list| list.items[1].code = "a b".to_owned(), "no good code");
    check(|list| list.items[1].names.clear(), "name is missing");
    check(
        |list| list.items[1].names[0].1 = "x".repeat(41),
        "name is missing",
    );
    check(
        |list| list.items[2].texts[0].1 = "x".repeat(481),
        "text is empty",
    );
    check(
        |list| list.items[0].parent = Some("N".to_owned()),
        "or itself",
    );
    check(
        |list| list.items[0].parent = Some("AP".to_owned()),
        "lead back",
    );
    check(|list| list.items.clear(), "0 items");
    check(|list| list.list = "two words".to_owned(), "no good name");
    for (text, place) in [
        ("list = 1", "line 1"),
        ("list = \"a\"\nnonsense = 1", "line 2"),
        (
            "list = \"a\"\n[[item]]\ncode = \"A\"\nposition = \"91 0\"",
            "A",
        ),
        (
            "list = \"a\"\n[[item]]\ncode = \"A\"\nposition = \"1.2.3 0\"",
            "A",
        ),
    ] {
        assert_eq!(read(text).unwrap_err()[0].place, place, "{text}");
    }
    let huge = "#".repeat(FILE_BYTES_MAX + 1);
    assert_eq!(read(&huge).unwrap_err()[0].place, "file");
}

#[test]
fn codes_keep_their_meaning_and_never_come_back() {
    let first = after(&[], &good().items);
    let mut second = good();
    second.items.remove(2);
    assert_eq!(second.check_after(&first, &[]), Vec::new());
    let known = after(&first, &second.items);
    let gone = known.iter().find(|known| known.item.code == "BK").unwrap();
    assert!(gone.retired, "readable still: {}", gone.item.name("en"));
    let back = good().check_after(&known, &[]);
    assert_eq!(back.len(), 1);
    assert!(back[0].message.contains("retired"));
    let mut changed = good();
    changed.items[0].names = vec![("en".to_owned(), "South".to_owned())];
    changed.items[1].names[0].1 = "Apach".to_owned();
    let found = changed.check_after(&first, &[]);
    assert_eq!(found.len(), 1, "one name of AP stayed: {found:?}");
    assert_eq!(found[0].place, "N");
    assert_eq!(changed.check_after(&first, &["N".to_owned()]), Vec::new());
}

#[test]
fn a_large_list_travels_in_parts_below_the_limit_of_a_fact() {
    let item = |n: usize| ReferenceItem {
        code: format!("C{n}"),
        names: vec![("en".to_owned(), format!("Village {n}"))],
        parent: None,
        position: Some((1, 2)),
        texts: vec![("en".to_owned(), "x".repeat(n % 480 + 1))],
    };
    let list = ReferenceList {
        list: "tips".to_owned(),
        items: (0..1_000).map(item).collect(),
    };
    let facts = list.parts(7).unwrap();
    assert!(facts.len() > 10, "{}", facts.len());
    let mut items = Vec::new();
    for (at, fact) in facts.iter().enumerate() {
        assert!(fact.encode().unwrap().len() <= FACT_BYTES_MAX);
        let Fact::ReferencePublished(part) = fact else {
            panic!("{fact:?}");
        };
        assert_eq!((usize::from(part.part), part.revision), (at + 1, 7));
        assert_eq!(usize::from(part.parts), facts.len());
        items.extend(part.items.clone());
    }
    assert_eq!(items, list.items);
    let mut heavy = good();
    heavy.items[0].texts = (0..60)
        .map(|n| (format!("l{n}"), "x".repeat(480)))
        .collect();
    assert!(heavy.parts(1).unwrap_err().message.contains("too large"));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(list = \"a\"\n)?(\\[\\[item\\]\\]\n)?\\PC{0,60}") {
        if let Ok(file) = read(&text) {
            let sound = file.list.check().is_empty();
            prop_assert!(!sound || file.list.parts(1).is_ok());
        }
    }

    #[test]
    fn codes_stay_known_whatever_follows(
        revisions in proptest::collection::vec(proptest::collection::btree_set(0..20_u8, 1..10), 1..6),
    ) {
        let mut known = Vec::new();
        let mut ever: BTreeSet<u8> = BTreeSet::new();
        for codes in &revisions {
            let items: Vec<ReferenceItem> = codes
                .iter()
                .map(|n| ReferenceItem {
                    code: format!("C{n}"),
                    names: vec![("en".to_owned(), format!("{n}"))],
                    parent: None,
                    position: None,
                    texts: Vec::new(),
                })
                .collect();
            known = after(&known, &items);
            ever.extend(codes);
            prop_assert_eq!(known.len(), ever.len());
            let offered = known.iter().filter(|known| !known.retired).count();
            prop_assert_eq!(offered, codes.len());
        }
    }
}
