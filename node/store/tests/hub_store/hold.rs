//! S4: whoever takes over a number moves nothing without the person's PIN, a worker, and 72 hours.

use jiff::SignedDuration;
use node_core::command::{Command, SubjectName};
use node_core::contact::Moment;
use node_core::hold::HOLD_S;
use node_core::person::{Field, PersonFields};
use node_core::role::{Principal, Role, RoleGrant};
use node_core::turn::{Claim, Committed, Turn};
use node_store::{HubStore, SqliteStore};
use sync_core::ClockQuality;

use crate::district::texts;
use crate::pin::{citizen, does, mother, pin, reset, told};
use crate::world::{
    AREA, WORKER_A, World, administrator, at, claim_messages, command, grant, phone, push, sqlite,
    worker,
};

const OWN: &str = "491507";
const OTHER: &str = "837264";
const NEW: &str = "+254711777001";
const OFFICER: &str = "+254711000077";

fn ask(number: &str, new: &str, lost: bool, digits: &str) -> Command {
    Command::AskChange {
        number: number.to_owned(),
        new: new.to_owned(),
        lost,
        pin: pin(digits),
        code: 0,
    }
}

/// What the program does by itself each minute: how many changes it made.
async fn settle(store: &SqliteStore, now: Moment) -> String {
    let turn = Turn::Command {
        principal: Principal::system(AREA, "en"),
        command: Command::SettleChanges,
    };
    match store.commit(turn, now).await.unwrap() {
        Committed::Command(Ok(outcome)) => outcome.values["made"].clone(),
        other => panic!("not settled: {other:?}"),
    }
}

/// Texts that wait, with the number of each.
async fn sent(store: &SqliteStore, second: i64) -> Vec<(String, String)> {
    let claims = claim_messages(store, second).await.into_iter();
    let texts = claims.filter_map(|claim| match claim {
        Claim::Message { to, text, .. } => Some((to, text.0)),
        _ => None,
    });
    texts.collect()
}

/// The code of the one text that tells the old number.
async fn code(store: &SqliteStore, second: i64) -> String {
    let all = sent(store, second).await;
    let told: Vec<&(String, String)> = all
        .iter()
        .filter(|(_, text)| text.contains("NO "))
        .collect();
    let [(to, text)] = told.as_slice() else {
        panic!("{all:?}");
    };
    assert_eq!(*to, phone(1));
    assert!(text.contains("Not you? Reply NO "), "{text}");
    let digits = text.trim_end_matches('.').rsplit(' ').next().unwrap();
    assert_eq!(digits.len(), 3);
    digits.to_owned()
}

/// Whose number it is: whether somebody here has it, or may confirm it.
async fn is_known(store: &SqliteStore, phone: &str, second: i64) -> bool {
    told(store, &citizen(phone), Command::BindNumber, second).await == "done"
}

/// Mother 1 with a bound number and a PIN; her registration number.
async fn with_pin(a: &SqliteStore) -> String {
    let number = mother(a, 1, 10).await;
    let teller = worker(WORKER_A, 1);
    does(a, &citizen(&phone(1)), Command::BindNumber, 11)
        .await
        .unwrap();
    assert_eq!(
        told(a, &teller, reset(&number, Some(OWN)), 12).await,
        "done"
    );
    sent(a, 13).await;
    number
}

#[tokio::test]
async fn a_taken_over_number_moves_nothing_without_pin_worker_and_three_days() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    let number = with_pin(&a).await;
    let (thief, teller) = (citizen(&phone(1)), worker(WORKER_A, 1));
    // The number and even the PIN, but no worker.
    for digits in [OTHER, OWN] {
        let alone = told(&a, &thief, ask(&number, NEW, false, digits), 20).await;
        assert_eq!(alone, "reject-not-allowed");
    }
    // A worker, but no PIN.
    let without = told(&a, &teller, ask(&number, NEW, false, OTHER), 21).await;
    assert_eq!(without, "reject-pin-wrong");
    // Staff cannot write another number over a confirmed one, either.
    let mut fields = PersonFields::default();
    fields.set(Field::Phone, NEW);
    let over = Command::UpdatePerson {
        subject: SubjectName::Number(number.clone()),
        fields,
    };
    assert_eq!(told(&a, &teller, over, 22).await, "reject-change-held");
    assert!(sent(&a, 23).await.is_empty(), "nothing was asked for");
    // Both, inside the hold.
    let asked = does(&a, &teller, ask(&number, NEW, false, OWN), 100)
        .await
        .unwrap();
    assert_eq!(asked.values["change_state"], "held");
    let code = code(&a, 101).await;
    assert_eq!(
        told(&a, &teller, ask(&number, NEW, false, OWN), 102).await,
        "reject-change-open"
    );
    assert_eq!(settle(&a, at(100 + HOLD_S - 1)).await, "0");
    for (years, quality) in [(10, ClockQuality::Fake), (10, ClockQuality::Unknown)] {
        let jumped = Moment {
            at: at(0).at + SignedDuration::from_hours(24 * 365 * years),
            quality,
        };
        assert_eq!(settle(&a, jumped).await, "0", "{quality:?} ends no hold");
    }
    assert!(!is_known(&a, NEW, 200).await);
    // Somebody else's no means nothing; hers stops it, with its code.
    texts(&a, NEW, &format!("NO {code}"), 201).await;
    let wrong = if code == "471" { "472" } else { "471" };
    texts(&a, &phone(1), &format!("no {wrong}"), 202).await;
    assert_eq!(
        told(&a, &teller, ask(&number, NEW, false, OWN), 203).await,
        "reject-change-open",
        "it still waits"
    );
    let answer = texts(&a, &phone(1), &format!("No {code}, please!"), 204).await;
    assert!(
        answer.iter().any(|text| text.contains("is stopped")),
        "{answer:?}"
    );
    assert_eq!(settle(&a, at(100 + 2 * HOLD_S)).await, "0");
    assert!(!is_known(&a, NEW, 300).await && is_known(&a, &phone(1), 301).await);
    // The control: nobody says no, and it does change.
    does(&a, &teller, ask(&number, NEW, false, OWN), 1_000)
        .await
        .unwrap();
    assert_eq!(settle(&a, at(1_000 + HOLD_S - 1)).await, "0");
    assert_eq!(settle(&a, at(1_000 + HOLD_S)).await, "1");
    assert_eq!(settle(&a, at(1_001 + HOLD_S)).await, "0", "once");
    let after = 1_010 + HOLD_S;
    let asked = sent(&a, after).await;
    assert!(
        asked
            .iter()
            .any(|(to, text)| to == NEW && text.contains("Reply 1")),
        "the new number is only claimed: {asked:?}"
    );
    assert!(is_known(&a, NEW, after + 1).await && !is_known(&a, &phone(1), after + 2).await);
    let report = a.check(true).unwrap();
    assert!(report.findings.is_empty(), "{report:?}");
}

#[tokio::test]
async fn with_the_old_number_lost_an_officer_must_agree_and_the_office_can_stop() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, hub, .. } = sqlite(folder.path()).await;
    let officer = RoleGrant {
        role: Role::Officer,
        ..grant(OFFICER)
    };
    command(&hub, &administrator(), Command::GrantRole(officer), 5)
        .await
        .unwrap();
    push(&hub, &a, 6).await;
    let number = with_pin(&a).await;
    let teller = worker(WORKER_A, 1);
    let office = Principal {
        role: Role::Officer,
        ..worker(OFFICER, 3)
    };
    let agree = || Command::AgreeToChange {
        number: number.clone(),
    };
    let stop = || Command::StopChange {
        number: Some(number.clone()),
    };
    assert_eq!(told(&a, &office, agree(), 99).await, "reject-change-none");
    does(&a, &teller, ask(&number, NEW, true, OWN), 100)
        .await
        .unwrap();
    assert_eq!(settle(&a, at(100 + 2 * HOLD_S)).await, "0", "nobody agreed");
    assert_eq!(told(&a, &teller, agree(), 101).await, "reject-not-allowed");
    does(&a, &office, stop(), 102).await.unwrap();
    assert_eq!(told(&a, &office, agree(), 103).await, "reject-change-none");
    does(&a, &teller, ask(&number, NEW, true, OWN), 200)
        .await
        .unwrap();
    does(&a, &office, agree(), 201).await.unwrap();
    assert_eq!(settle(&a, at(200 + HOLD_S - 1)).await, "0");
    assert_eq!(settle(&a, at(200 + HOLD_S)).await, "1");
}

#[tokio::test]
async fn a_hold_that_no_trusted_clock_saw_begin_begins_when_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    let number = with_pin(&a).await;
    let teller = worker(WORKER_A, 1);
    let blind = |second| Moment {
        quality: ClockQuality::Fake,
        ..at(second)
    };
    let turn = Turn::Command {
        principal: teller,
        command: ask(&number, NEW, false, OWN),
    };
    crate::pin::done_at(&a, turn, blind(100)).await;
    assert_eq!(settle(&a, blind(100 + 2 * HOLD_S)).await, "0");
    let begun = 100 + 3 * HOLD_S;
    assert_eq!(settle(&a, at(begun)).await, "0", "it begins");
    assert_eq!(settle(&a, at(begun + HOLD_S - 1)).await, "0");
    assert_eq!(settle(&a, at(begun + HOLD_S)).await, "1");
}
