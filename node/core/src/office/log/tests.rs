//! Names in addresses read back and nothing else does; a part of a person's log holds what it says.

use proptest::prelude::*;
use sync_core::{Epoch, NodeId, Seq};

use super::*;

fn entry(seq: u32) -> EntryRef {
    EntryRef {
        origin: NodeId(2),
        epoch: Epoch(1),
        scope: Scope(20),
        seq: Seq(seq),
    }
}

fn line(at: &str, class: Class, reader: Reader) -> LogLine {
    LogLine {
        place: LogPlace {
            at: at.parse().unwrap(),
            entry: entry(7),
        },
        class,
        reader,
        name: Some("Ruth Nakato".to_owned()),
        site: "Kibo".to_owned(),
        application: "ussd".to_owned(),
        reason: "maternal-child".to_owned(),
        count: 1,
    }
}

fn officer() -> Reader {
    Reader::Staff(Scope(16), 3, Role::Officer)
}

#[test]
fn kinds_have_words_and_together_name_every_class_of_others() {
    for kind in Kind::ALL {
        assert_eq!(Kind::parse(kind.word()), Some(kind));
    }
    assert_eq!(Kind::parse("everything"), None);
    let parts = [
        Kind::Exports,
        Kind::Console,
        Kind::Registry,
        Kind::Phones,
        Kind::Reports,
    ];
    let mut named: Vec<Class> = parts
        .iter()
        .flat_map(|kind| kind.classes())
        .copied()
        .collect();
    named.sort_unstable();
    assert_eq!(named, Kind::Others.classes(), "each class once");
    let numbers: Vec<u8> = Class::ALL.into_iter().map(Class::number).collect();
    assert_eq!(numbers, (0..10).collect::<Vec<u8>>());
}

#[test]
fn a_part_of_a_persons_log_is_by_reader_day_and_kind() {
    let read = line("2026-03-14T23:59:59.999Z", Class::Review, officer());
    let own = line("2026-03-15T00:00:00Z", Class::Own, Reader::Own);
    let whole = LogFilter {
        person: Some(entry(1)),
        ..LogFilter::default()
    };
    assert!(whole.takes(&read) && whole.takes(&own));
    let day = LogFilter {
        day: Some(jiff::civil::date(2026, 3, 14)),
        ..whole.clone()
    };
    assert!(day.takes(&read) && !day.takes(&own));
    let by = LogFilter {
        reader: Some(Reader::Own),
        ..whole.clone()
    };
    assert!(!by.takes(&read) && by.takes(&own));
    let console = LogFilter {
        kind: Kind::Console,
        ..whole.clone()
    };
    assert!(console.takes(&read) && !console.takes(&own));
    let mine = LogFilter {
        kind: Kind::Own,
        ..whole
    };
    assert!(!mine.takes(&read) && mine.takes(&own));
}

#[test]
fn nobody_is_named_by_a_debug_form() {
    let order = LogOrder::Find {
        number: "2350819465".to_owned(),
    };
    let one = line("2026-03-14T10:00:00Z", Class::Case, officer());
    let bulk = BulkReads {
        reader: officer(),
        name: one.name.clone(),
        at: one.place.at,
        count: 51,
    };
    let complaint = Complaint {
        person: entry(1),
        at: one.place.at,
        hint: "..9465".to_owned(),
        words: vec!["I was not there".to_owned()],
        about: Some(one.clone()),
    };
    let printed = format!("{order:?}{one:?}{bulk:?}{complaint:?}");
    for hidden in ["2350819465", "Ruth", "9465", "I was not"] {
        assert!(!printed.contains(hidden), "{printed}");
    }
}

fn readers() -> impl Strategy<Value = Reader> {
    prop_oneof![
        Just(Reader::Own),
        Just(Reader::Caller),
        "[A-Za-z0-9/. -]{0,60}".prop_map(Reader::Client),
        (any::<u32>(), any::<u32>(), 1_usize..7).prop_map(|(scope, index, role)| {
            Reader::Staff(Scope(scope), index, Role::HELD[role])
        }),
    ]
}

proptest! {
    #[test]
    fn readers_read_back(reader in readers()) {
        prop_assert_eq!(parse_reader(&reader_text(&reader)), Some(reader));
    }

    #[test]
    fn other_words_are_no_reader_and_no_place(text in "\\PC{0,60}|(staff|client|own)[.0-9a-z-]{0,30}") {
        if let Some(reader) = parse_reader(&text) {
            prop_assert_eq!(reader_text(&reader), text.as_str());
        }
        if let Some(place) = LogPlace::parse(&text) {
            prop_assert_eq!(place.text(), text);
        }
    }

    #[test]
    fn places_read_back(at in 0_i64..4_000_000_000_000, seq in any::<u32>()) {
        let at = Timestamp::from_millisecond(at).unwrap();
        let place = LogPlace { at, entry: entry(seq) };
        prop_assert_eq!(LogPlace::parse(&place.text()), Some(place));
    }
}
