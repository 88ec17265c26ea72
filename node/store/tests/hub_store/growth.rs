//! From birth to 18 months by the shipped schedule: each reminder and each task once, none after
//! somebody left, none to a mother who said STOP.
//!
//! Three children were born on 2 March 2026 and registered on the 14th, day 0 here. What is due for
//! one of them on a day is one line of the worker's list and one reminder, however many doses it is.

use std::collections::{BTreeMap, BTreeSet};

use node_core::command::{Command, DueOrder, EventDraft, SubjectName};
use node_core::role::{Principal, Role};
use node_core::turn::{Claim, ClaimKind, Committed, Finish, Turn};
use node_store::{HubStore, Outbox, SqliteStore};

use crate::world::{AREA, WORKER_A, at, pair, phone, sqlite, worker};

const DAY_S: i64 = 86_400;
/// Days from registration to the age of 18 months.
const DAYS: i64 = 540;
/// Days on which doses are due, counted from registration, and how many of them that day.
const VISITS: [(i64, usize); 6] = [(0, 2), (30, 4), (58, 4), (86, 4), (262, 2), (444, 1)];
/// Days before on which the reminder leaves.
const BEFORE: i64 = 2;
/// Day on which the second child moves away, and on which the third one's mother says STOP.
const ENDS: i64 = 200;

async fn give(
    store: &SqliteStore,
    principal: &Principal,
    command: Command,
    second: i64,
) -> BTreeMap<String, String> {
    let turn = Turn::Command {
        principal: principal.clone(),
        command,
    };
    match store.commit(turn, at(second)).await.unwrap() {
        Committed::Command(Ok(outcome)) => outcome.values,
        other => panic!("not done: {other:?}"),
    }
}

fn event(child: &str, code: &str, fields: &[(&str, &str)]) -> Command {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Command::RecordEvent {
        event: EventDraft {
            programme: "maternal-child".to_owned(),
            programme_version: 1,
            code: code.to_owned(),
            fields: fields.iter().map(owned).collect(),
        },
        subject: SubjectName::Number(child.to_owned()),
        refers: None,
        replaces: None,
        consent: None,
    }
}

/// The doses that are due for a child by a day: codes, in the order of the card.
async fn due(store: &SqliteStore, child: &str, day: i64) -> Vec<String> {
    let order = DueOrder {
        subject: SubjectName::Number(child.to_owned()),
        programme: "maternal-child".to_owned(),
        schedules: vec!["immunisation".to_owned()],
        days: Some(0),
        most: None,
        family: false,
    };
    let hers = worker(WORKER_A, 1);
    let values = give(store, &hers, Command::ShowDue(order), day * DAY_S).await;
    let count: usize = values["due_count"].parse().unwrap();
    let codes = (1..=count).map(|place| values[&format!("due_code_{place}")].clone());
    codes.collect()
}

/// Lines of the worker's list about vaccines.
async fn lines(store: &SqliteStore, day: i64) -> Vec<String> {
    let hers = worker(WORKER_A, 1);
    let values = give(store, &hers, Command::ShowTasks, day * DAY_S + 60).await;
    let count: usize = values["tasks_count"].parse().unwrap();
    let lines = (1..=count).map(|place| values[&format!("tasks_{place}")].clone());
    lines.filter(|line| line.contains("vaccines")).collect()
}

/// Sends the reminders of a day; the numbers that they went to.
async fn remind(store: &SqliteStore, day: i64) -> Vec<String> {
    let system = Principal::system(AREA, "en");
    give(store, &system, Command::SendReminders, day * DAY_S).await;
    let leave = at(day * DAY_S + 3 * 3_600);
    let mut sent = Vec::new();
    for claim in store.claim(ClaimKind::Messages, 200, leave).await.unwrap() {
        let Claim::Message { id, to, text, .. } = claim else {
            panic!("not a message: {claim:?}");
        };
        if text.0.starts_with("Reminder") {
            for word in ["Asha", "Juma", "vaccine", "Penta", "child", "mother"] {
                assert!(!text.0.contains(word), "{} says {word}", text.0);
            }
            sent.push(to);
        }
        let finish = Finish::Message {
            id,
            link: "operator-a".to_owned(),
            outcome: channels_core::SubmitOutcome::Sent {
                message_id: format!("d{day}"),
            },
        };
        store.finish(finish, leave).await.unwrap();
    }
    sent
}

fn mother(n: u32) -> Principal {
    Principal {
        role: Role::Citizen,
        author: 0,
        ..worker(&phone(n), 0)
    }
}

/// The mothers' phones are in use, so no number falls silent.
async fn heard(store: &SqliteStore, day: i64) {
    for n in 0..3 {
        give(store, &mother(n), Command::NoteTraffic, day * DAY_S + 4).await;
    }
}

#[tokio::test]
async fn eighteen_months_of_the_shipped_schedule_remind_and_ask_once() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let store = &world.a;
    let hers = worker(WORKER_A, 1);
    let mut children = Vec::new();
    for n in 0..3 {
        let told = give(store, &hers, pair(n), 10 + i64::from(n)).await;
        children.push(told["child_number"].clone());
        give(store, &mother(n), Command::BindNumber, 20 + i64::from(n)).await;
    }
    let mut reminded: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut asked: BTreeSet<(String, usize)> = BTreeSet::new();
    for day in 0..DAYS {
        for to in remind(store, day).await {
            reminded.entry(to).or_default().push(day);
        }
        if day % 30 == 1 {
            heard(store, day).await;
        }
        if day == ENDS {
            let moved = event(&children[1], "exit", &[("exit_reason", "moved")]);
            give(store, &hers, moved, day * DAY_S + 5).await;
            let stop = Command::StopMessages { stopped: true };
            give(store, &mother(2), stop, day * DAY_S + 6).await;
        }
        let Some((_, doses)) = VISITS.iter().find(|(due, _)| *due == day) else {
            continue;
        };
        let staying: Vec<&String> = (children.iter().enumerate())
            .filter(|(n, _)| *n != 1 || day < ENDS)
            .map(|(_, child)| child)
            .collect();
        let open = lines(store, day).await;
        assert_eq!(open.len(), staying.len(), "day {day}: {open:?}");
        for (n, child) in children.iter().enumerate() {
            let codes = due(store, child, day).await;
            if n == 1 && day >= ENDS {
                assert_eq!(codes, Vec::<String>::new(), "day {day}");
                continue;
            }
            assert_eq!(codes.len(), *doses, "day {day}: {codes:?}");
            for code in &codes {
                assert!(
                    asked.insert((code.clone(), n)),
                    "{code} was asked for twice"
                );
            }
            let given = at(day * DAY_S).at.strftime("%Y-%m-%d").to_string();
            let fields = [("vaccines", codes.join(" ")), ("vaccine_day", given)];
            let fields = fields
                .each_ref()
                .map(|(name, value)| (*name, value.as_str()));
            let done = event(child, "immunisation", &fields);
            give(store, &hers, done, day * DAY_S + 10).await;
        }
        assert_eq!(lines(store, day).await, Vec::<String>::new(), "day {day}");
    }
    let days: Vec<i64> = VISITS[1..].iter().map(|(due, _)| due - BEFORE).collect();
    let of = |n: u32| reminded.get(&phone(n)).cloned().unwrap_or_default();
    assert_eq!(of(0), days, "the child that stayed");
    // Controls: they were reminded before, and are not any more.
    assert_eq!(of(1), days[..3], "the child that left");
    assert_eq!(of(2), days[..3], "the mother who said STOP");
}
