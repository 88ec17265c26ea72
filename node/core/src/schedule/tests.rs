//! Plans of a small programme: what is due, what is done, what ends, in any order of arrival.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use sync_core::{EntryRef, Epoch, NodeId, Scope, Seq};

use super::{Life, Planned, plan};
use crate::event::{Event, EventRow};
use crate::person::{Field, PersonFields};
use crate::programme::{Programmes, Source};

const EVENTS: &str = r#"
[[events]]
code = "was-born"
title = "menu"
subject = "person"
audience = ["health_worker"]

[[events]]
code = "dose"
title = "menu"
subject = "person"
audience = ["health_worker"]
fields = ["child_place_of_birth", "child_birth_date"]
day = "child_birth_date"

[[events]]
code = "has-died"
title = "menu"
subject = "person"
audience = ["health_worker"]
last = true

[[schedules]]
code = "shots"
from = "was-born"
anchor = "birth_date"

[[schedules.tasks]]
code = "first"
due_days = 42
done_by = { event = "dose", where = { child_place_of_birth = "first" } }
late_days = 14
expires_days = 300
line = "menu"

[[schedules.tasks]]
code = "weigh"
due_days = 30
repeat = { every_days = 30, times = 3 }
done_by = { event = "dose", where = { child_place_of_birth = "weigh" } }
early_days = 10
expires_days = 25
line = "menu"

[[schedules.tasks]]
code = "second"
due_days = 70
after = { task = "first", days = 28 }
done_by = { event = "dose", where = { child_place_of_birth = "second" } }
expires_days = 300
line = "menu"
"#;

fn programmes() -> Programmes {
    let source = Source::maternal_child();
    let service = source.files["service.toml"].replacen("# ----", &format!("{EVENTS}\n# ----"), 1);
    Programmes::load(&[source.with("service.toml", service)]).unwrap()
}

fn entry(seq: u32) -> EntryRef {
    EntryRef {
        origin: NodeId(2),
        epoch: Epoch(1),
        scope: Scope(9),
        seq: Seq(seq),
    }
}

fn event(seq: u32, code: &str, day: Date, kind: &str) -> EventRow {
    let zoned = day.at(9, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
    EventRow {
        id: entry(seq),
        subject: Some(entry(1)),
        event: Event {
            programme: "maternal-child".to_owned(),
            programme_version: 1,
            code: code.to_owned(),
            refers: None,
            replaces: None,
            fields: BTreeMap::from([("child_place_of_birth".to_owned(), kind.to_owned())]),
        },
        author: (Scope(8), 1),
        at: zoned.unwrap().timestamp(),
        live: true,
    }
}

fn planned(birth: &str, events: &[EventRow]) -> Vec<Planned> {
    planned_by(&programmes(), birth, events)
}

fn planned_by(programmes: &Programmes, birth: &str, events: &[EventRow]) -> Vec<Planned> {
    let mut fields = PersonFields::default();
    fields.set(Field::BirthDate, birth);
    let life = Life {
        person: entry(1),
        fields: &fields,
        registrations: &[],
        events,
    };
    plan(programmes, &life)
}

fn due(planned: &[Planned]) -> Vec<(String, u16, Date)> {
    let days = planned.iter();
    days.map(|one| (one.name.code.clone(), one.name.number, one.days.due))
        .collect()
}

#[test]
fn days_count_from_the_birth_and_a_year_alone_plans_nothing() {
    let born = [event(2, "was-born", date(2026, 3, 10), "")];
    let tasks = due(&planned("2026-03-01", &born));
    assert_eq!(
        tasks,
        [
            ("weigh".to_owned(), 1, date(2026, 3, 31)),
            ("first".to_owned(), 1, date(2026, 4, 12)),
            ("weigh".to_owned(), 2, date(2026, 4, 30)),
            ("weigh".to_owned(), 3, date(2026, 5, 30)),
        ]
    );
    assert_eq!(planned("2026", &born), []);
    assert_eq!(planned("2026-03-01", &[]), []);
}

#[test]
fn an_event_does_its_task_and_a_withdrawn_one_does_not() {
    let mut events = vec![
        event(2, "was-born", date(2026, 3, 1), ""),
        event(3, "dose", date(2026, 4, 13), "first"),
        event(4, "dose", date(2026, 4, 25), "weigh"),
    ];
    let open = due(&planned("2026-03-01", &events));
    let codes: Vec<(&str, u16)> = open
        .iter()
        .map(|(code, n, _)| (code.as_str(), *n))
        .collect();
    // The visit of 25 April is within ten days before the second weighing, and after the first.
    assert_eq!(codes, [("second", 1), ("weigh", 3)]);
    events[1].live = false;
    assert!(
        due(&planned("2026-03-01", &events))
            .iter()
            .any(|(code, ..)| code == "first")
    );
}

#[test]
fn nothing_is_due_for_a_person_who_died() {
    let mut events = vec![
        event(2, "was-born", date(2026, 3, 1), ""),
        event(3, "has-died", date(2026, 3, 9), ""),
    ];
    assert_eq!(planned("2026-03-01", &events), []);
    events[1].live = false;
    assert_eq!(
        planned("2026-03-01", &events).len(),
        4,
        "the second waits for the first"
    );
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let programmes = programmes();
    let cases = proptest::collection::vec((0u8..4, 0i32..200), 0..8);
    proptest!(|(kinds in cases, turn in any::<prop::sample::Index>())| {
        let mut events: Vec<EventRow> = (2..).zip(&kinds).map(|(seq, (kind, days))| {
            let day = date(2026, 3, 1).checked_add(jiff::Span::new().days(*days)).unwrap();
            match kind {
                0 => event(seq, "was-born", day, ""),
                1 => event(seq, "dose", day, "first"),
                2 => event(seq, "dose", day, "weigh"),
                _ => event(seq, "other", day, ""),
            }
        }).collect();
        let before = planned_by(&programmes, "2026-03-01", &events);
        if !events.is_empty() {
            let at = turn.index(events.len());
            events.rotate_left(at);
            events.reverse();
        }
        prop_assert_eq!(before, planned_by(&programmes, "2026-03-01", &events));
    });
}

#[test]
fn a_late_dose_moves_the_next_one_and_a_missing_one_holds_it_back() {
    let born = event(2, "was-born", date(2026, 3, 1), "");
    let second = |given: Option<Date>| {
        let given = given.map(|day| event(3, "dose", day, "first"));
        let events: Vec<EventRow> = [Some(born.clone()), given].into_iter().flatten().collect();
        let mut open = due(&planned("2026-03-01", &events)).into_iter();
        open.find(|(code, ..)| code == "second")
            .map(|(_, _, day)| day)
    };
    assert_eq!(second(None), None);
    // On its day the next one keeps its own; six weeks late, four weeks must pass.
    assert_eq!(second(Some(date(2026, 4, 12))), Some(date(2026, 5, 10)));
    assert_eq!(second(Some(date(2026, 5, 24))), Some(date(2026, 6, 21)));
}

#[test]
fn a_task_that_waits_for_nothing_known_is_a_finding() {
    let source = Source::maternal_child();
    for (task, is_found) in [("first", false), ("third", true), ("weigh", true)] {
        let events = EVENTS.replace("task = \"first\"", &format!("task = \"{task}\""));
        let service =
            source.files["service.toml"].replacen("# ----", &format!("{events}\n# ----"), 1);
        let loaded = Programmes::load(&[source.clone().with("service.toml", service)]);
        let findings = loaded.err().unwrap_or_default();
        let message = format!("task second waits for {task}");
        let found = findings.iter().any(|one| one.message == message);
        assert_eq!(found, is_found, "{findings:?}");
    }
}
