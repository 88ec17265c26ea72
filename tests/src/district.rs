//! A hub with an officer, two workers, and one family that was registered twice: what the suites
//! of the office's pages begin with.

use channels_core::Msisdn;
use jiff::Timestamp;
use node::clock::Clock;
use node::roles::hub::{self, FIRST_AREA, Solo};
use node::roles::office::open_account;
use node_core::command::{Command, Outcome, Rejection};
use node_core::identity::Pair;
use node_core::matching::Word;
use node_core::message::order::{Order, Ordered};
use node_core::message::policy::Policy;
use node_core::person::Field;
use node_core::pin::Pin;
use node_core::query::{Answer, Query};
use node_core::role::{Principal, Role, RoleGrant};
use node_core::turn::{Committed, Turn};
use node_store::{HubStore, SqliteStore};
use std::path::Path;
use sync_core::ClockQuality;

use crate::office::{agreed, fields};

/// Number of the officer, and her passphrase.
pub const OFFICER: (&str, &str) = ("+256770000061", "four wide rivers");
/// Number of the auditor, and his passphrase.
pub const AUDITOR: (&str, &str) = ("+256770000062", "seven small boats");
/// Numbers of the workers.
pub const WORKERS: [&str; 2] = ["+256770000001", "+256770000002"];
/// Given names under which the mother was registered.
pub const SPELLINGS: [&str; 2] = ["Wanjiru", "Wangiru"];

/// A clock that stands still.
pub fn clock(at: Timestamp) -> Clock {
    Clock::fixed(at, ClockQuality::Ntp)
}

/// The hub of one area, with staff, in a folder.
pub async fn founded(folder: &Path, clock: Clock) -> SqliteStore {
    let services = ["maternal-child", "my-data"].map(str::to_owned);
    let Solo { store, .. } = hub::solo(Some(folder), clock, ("en", None), &services)
        .await
        .expect("a hub");
    let all = [
        (WORKERS[0], "Neema Wairimu", Role::HealthWorker),
        (WORKERS[1], "Joyce Akello", Role::HealthWorker),
        (OFFICER.0, "Ruth Nakato", Role::Officer),
        (AUDITOR.0, "Peter Okello", Role::Auditor),
    ];
    for one in all {
        staff(&store, clock, one).await;
    }
    store
}

/// Opens the accounts of officer and auditor.
pub async fn with_accounts(store: &SqliteStore, clock: Clock) {
    for (who, role) in [(OFFICER, Role::Officer), (AUDITOR, Role::Auditor)] {
        account(store, clock, who, role).await;
    }
}

/// Opens the account of a number with a role.
pub async fn account(store: &SqliteStore, clock: Clock, (phone, phrase): (&str, &str), role: Role) {
    let phone = Msisdn::parse(phone).expect("a number");
    let phrase = Pin::passphrase(phrase).expect("a passphrase");
    let opened = open_account(store, clock, (&phone, role), &phrase).await;
    assert_eq!(opened.expect("an account"), 1);
}

/// Gives a command as one of the workers.
pub async fn works(
    store: &SqliteStore,
    clock: Clock,
    worker: u32,
    command: Command,
) -> Result<Outcome, Rejection> {
    let phone = usize::try_from(worker)
        .ok()
        .and_then(|n| WORKERS.get(n - 1));
    let principal = Principal {
        role: Role::HealthWorker,
        author: worker,
        scope: FIRST_AREA,
        phone: phone.and_then(|phone| Msisdn::parse(phone).ok()),
        channel: "operator".to_owned(),
        language: "en".to_owned(),
    };
    let turn = Turn::Command { principal, command };
    match store.commit(turn, clock.now()).await.expect("a commit") {
        Committed::Command(result) => result,
        other => panic!("not a command's end: {other:?}"),
    }
}

fn registration(mother: &str, child: &str) -> Command {
    Command::RegisterPair {
        programme: "maternal-child".to_owned(),
        programme_version: 1,
        mother: fields(&[
            (Field::GivenName, mother),
            (Field::FamilyName, "Nyambura"),
            (Field::BirthDate, "1994-05-17"),
            (Field::Phone, "+256770000417"),
            (Field::Village, "kibo"),
            (Field::Sex, "F"),
        ]),
        child: fields(&[
            (Field::GivenName, child),
            (Field::FamilyName, "Kamau"),
            (Field::BirthDate, "2026-03-02"),
            (Field::Sex, "M"),
        ]),
        consent: agreed(),
    }
}

/// Both workers register one mother, each in her own spelling, and one of them is not sure whether
/// it is the same person: the pair waits for an officer. Its number and its documents.
pub async fn pair(store: &SqliteStore, clock: Clock) -> (u32, Pair) {
    for (worker, mother, child) in [(1, SPELLINGS[0], "Baraka"), (2, SPELLINGS[1], "Zawadi")] {
        let command = registration(mother, child);
        let done = works(store, clock, worker, command).await;
        done.expect("a registration");
    }
    let Ok(Answer::Matches(rows)) = store.query(Query::Matches { limit: 9 }).await else {
        panic!("no pairs");
    };
    let row = rows.first().expect("a pair");
    let unsure = Command::AnswerMatch {
        number: row.number,
        word: Word::NotSure,
    };
    let said = works(store, clock, 1, unsure).await;
    said.expect("an answer");
    (row.number, row.pair)
}

/// Text of the broadcast that waits.
pub const NOTICE: &str = "The clinic is closed on Friday.";
/// Number of the clerk who proposes it, and her passphrase.
pub const CLERK: (&str, &str) = ("+256770000063", "nine tall ladders");

async fn orders(store: &SqliteStore, clock: Clock, order: Order) -> Ordered {
    match store.commit(Turn::Order(order), clock.now()).await {
        Ok(Committed::Ordered(Ok(done))) => done,
        other => panic!("not ordered: {other:?}"),
    }
}

/// A broadcast to three numbers that somebody proposed, where two people may be reached on one
/// word; its number. The proposer must hold a role.
pub async fn proposal(store: &SqliteStore, clock: Clock, by: &str) -> u32 {
    let policy = Policy {
        approve_above: 2,
        ..Policy::default()
    };
    orders(store, clock, Order::SetPolicy(policy)).await;
    let draft = Order::DraftBroadcast {
        text: NOTICE.to_owned(),
        validity_s: 86_400,
    };
    let Ordered::Broadcast(broadcast) = orders(store, clock, draft).await else {
        panic!("no draft");
    };
    let numbers = (1..4).map(|n| format!("+25677000070{n}")).collect();
    let add = Order::AddRecipients { broadcast, numbers };
    orders(store, clock, add).await;
    let propose = Order::ProposeBroadcast {
        broadcast,
        parts: 3,
        by: by.to_owned(),
    };
    orders(store, clock, propose).await;
    broadcast
}

/// Gives a role to a number.
pub async fn staff(store: &SqliteStore, clock: Clock, (phone, name, role): (&str, &str, Role)) {
    let phone = Msisdn::parse(phone).expect("a number");
    let worker = hub::worker(&phone, name, "en", (FIRST_AREA, clock.now().at));
    let grant = RoleGrant { role, ..worker };
    hub::grant(store, clock, grant).await.expect("a grant");
}
