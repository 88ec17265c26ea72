//! The pages as they are drawn: what people typed is escaped, what differs is marked, and each is
//! small. Sign-in, sessions and rights are shown on a real store in `tests/suites/office.rs`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use node_core::duplicate::weight::Band;
use node_core::identity::{Capture, Whole};
use node_core::matching::{MatchRow, Reason, Word};
use node_core::office::{Captured, PairPage, PersonPage};
use node_core::person::Field;
use sync_core::{EntryRef, Epoch, NodeId, Scope, Seq};

use super::*;

/// CONVENTIONS: a page, and all assets of the first load.
const PAGE_BYTES_MAX: usize = 30_000;
const ASSET_BYTES_MAX: usize = 100_000;
const EVIL: &str = r#"<script>alert("1")</script>'&"#;

fn pages() -> OfficePages {
    let (port, _asks) = OfficePort::new();
    OfficePages {
        port,
        texts: Arc::new(Texts::shipped().unwrap()),
        name: "Kibo <district>".to_owned(),
        tls: true,
    }
}

fn entry(seq: u32) -> EntryRef {
    EntryRef {
        origin: NodeId(2),
        epoch: Epoch(1),
        scope: Scope(17),
        seq: Seq(seq),
    }
}

fn captured(seq: u32, given: &str) -> Captured {
    let values = [
        (Field::GivenName, given),
        (Field::FamilyName, EVIL),
        (Field::Sex, "F"),
        (Field::Number, "2350819465"),
    ];
    let own = |(field, value): (Field, &str)| (field, vec![value.to_owned()]);
    Captured {
        capture: Capture {
            document: entry(seq),
            values: values.into_iter().map(own).collect::<BTreeMap<_, _>>(),
        },
        at: "2026-03-14T10:05:00Z".parse().unwrap(),
        node: NodeId(2),
        worker: (Scope(16), seq),
        name: Some(EVIL.to_owned()),
    }
}

fn row(words: &[Word], decided: Option<bool>) -> MatchRow {
    let workers = [(Scope(16), 1), (Scope(16), 2)];
    MatchRow {
        number: 417,
        pair: [entry(1), entry(2)],
        band: Band::Review,
        reasons: vec![Reason::NamesClose, Reason::Phone],
        hints: ["8630".to_owned(), "0937".to_owned()],
        workers,
        words: workers.into_iter().zip(words.iter().copied()).collect(),
        since: "2026-03-14T12:00:00Z".parse().unwrap(),
        decided,
    }
}

fn seen() -> Seen {
    Seen {
        who: Who {
            name: EVIL.to_owned(),
            role: Role::Officer,
            language: "en".to_owned(),
            form: Secret::new([7; 32]),
        },
        answer: Answer::Pair(None),
        at: "2026-03-15T10:00:00Z".parse().unwrap(),
    }
}

fn pair_page(row: MatchRow, joined: bool) -> String {
    let page = PairPage {
        names: vec![((Scope(16), 1), EVIL.to_owned())],
        row,
        sides: [Some(captured(1, "Wanjiru")), Some(captured(2, "Wangiru"))],
        joined,
    };
    page::pair(&pages(), &seen(), &page, None).unwrap()
}

fn person_page() -> String {
    let members = vec![captured(1, "Wanjiru"), captured(2, "Wangiru")];
    let captures: Vec<Capture> = members.iter().map(|one| one.capture.clone()).collect();
    let page = PersonPage {
        whole: Whole::new(&captures).unwrap(),
        members,
        edges: vec![[entry(1), entry(2)]],
        pairs: vec![row(&[], Some(true))],
    };
    page::person(&pages(), &seen(), &page, None).unwrap()
}

#[test]
fn what_people_typed_is_escaped_on_every_page() {
    let rows = vec![row(&[], None)];
    let rejected = Notice::Rejected(EVIL.to_owned());
    let drawn = [
        pair_page(row(&[], None), false),
        person_page(),
        page::pairs(&pages(), &seen(), &rows).unwrap(),
        page::sign_in(&pages(), &Secret::new([1; 32]), Some(&rejected), EVIL).unwrap(),
        page::message(&pages(), Some(&seen().who), &rejected).unwrap(),
    ];
    for html in drawn {
        assert!(!html.contains("<script") && !html.contains(r#"alert("1")"#));
        assert!(html.contains("&#60;script&#62;") && html.contains("Kibo &#60;district&#62;"));
        assert!(html.len() < PAGE_BYTES_MAX, "{} bytes", html.len());
        assert!(!html.contains(" style=") && !html.contains("onclick"));
    }
    assert!(STYLE.len() < ASSET_BYTES_MAX);
}

#[test]
fn a_pair_says_what_differs_who_said_what_and_what_became_of_it() {
    let open = pair_page(row(&[Word::Same, Word::Different], None), false);
    assert_eq!(open.matches("differs</span>").count(), 1, "{open}");
    assert!(open.contains("One field differs") && open.contains("the workers differ"));
    assert!(open.contains("<b>one person</b>") && open.contains("<b>two people</b>"));
    assert!(open.contains("worker 2 of area 16") && open.contains("14 Mar 2026, 10:05 UTC"));
    assert_eq!(open.matches("name=\"answer\"").count(), 3);
    for (decided, joined, words) in [
        (true, true, "read as one"),
        (true, false, "parted again"),
        (false, false, "<b>two people</b>. They"),
    ] {
        let done = pair_page(row(&[], Some(decided)), joined);
        assert!(
            done.contains(words) && !done.contains("name=\"answer\""),
            "{words}"
        );
    }
}

#[test]
fn why_a_pair_waits_is_said_in_words() {
    for (words, why) in [
        (&[][..], "the workers have not answered"),
        (&[Word::NotSure], "a worker is not sure"),
        (&[Word::Same], "only one worker has answered"),
        (&[Word::Same, Word::NotSure], "the workers differ"),
    ] {
        let list = page::pairs(&pages(), &seen(), &[row(words, None)]).unwrap();
        assert!(list.contains(why), "{why}: {list}");
    }
    let none = page::pairs(&pages(), &seen(), &[]).unwrap();
    assert!(none.contains("No pair waits") && Timestamp::UNIX_EPOCH < seen().at);
}
