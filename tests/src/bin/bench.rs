//! The benchmark command: USSD steps with a durable write, and resident memory with 10,000 people.
//!
//! It runs the real program (`outpost hub`) on a prepared store, bound over SMPP to the simulated
//! operator, and measures from the outside: from the answer typed to the screen shown, and what the
//! kernel says of the process. `cargo run --release -p tests --bin bench`.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use channels::operator::Operator;
use channels_core::Msisdn;
use node::clock::Clock;
use node::roles::hub::{self, FIRST_AREA};
use node_core::command::{Command, ConsentAnswer};
use node_core::person::{Field, PersonFields};
use node_core::query::{Answer, Query};
use node_core::role::{Principal, Role};
use node_core::turn::{Committed, Turn};
use node_store::{HubStore, SqliteStore};
use tests::bench;
use tokio::task::JoinSet;

/// Sessions at once.
const SESSIONS: usize = 50;
/// Registrations of each session's phone.
const ROUNDS: usize = 16;
/// Mother–child pairs in the store before the measurement: 10,000 people.
const PAIRS: u32 = 5_000;
/// Window and rate of the link: wider than the load, so that the store decides.
const LINK: (u32, u32) = (100, 1_000);
/// Goals of the issue.
const STEP_P99_MS_MAX: u128 = 60;
const RSS_KB_MAX: u64 = 64 * 1024;

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let operator = bench::operator().await?;
    prepare(folder.path()).await?;
    let settings = bench::settings(folder.path(), &operator, LINK)?;
    let mut child = bench::start(&settings).await?;
    bench::bound(&operator).await?;
    let idle_kb = bench::resident_kb(&child)?;
    let mut steps = measure(&operator).await?;
    let loaded_kb = bench::resident_kb(&child)?;
    child.kill().await?;
    report(&mut steps, (idle_kb, loaded_kb))
}

fn worker(index: usize) -> Msisdn {
    Msisdn::parse(&format!("+25677{:07}", 1_000_000 + index)).expect("a number")
}

/// A hub's store with 10,000 people and 50 workers.
async fn prepare(folder: &Path) -> Result<()> {
    let config = bench::hub(folder);
    let clock = config.clock;
    let store = hub::open(&config).await?;
    for index in 0..SESSIONS {
        hub::grant_worker(&store, clock, &worker(index), "en").await?;
    }
    let began = Instant::now();
    let mut writes = JoinSet::new();
    for number in 0..PAIRS {
        writes.spawn(register(store.clone(), clock, number));
        while writes.len() >= 64 {
            writes.join_next().await.context("a write")???;
        }
    }
    while let Some(done) = writes.join_next().await {
        done??;
    }
    let Answer::Counts(counts) = store.query(Query::Counts).await? else {
        bail!("no counts")
    };
    println!(
        "prepared: {} people in {:.1} s",
        counts.persons,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

async fn register(store: SqliteStore, clock: Clock, number: u32) -> Result<()> {
    let principal = Principal {
        role: Role::HealthWorker,
        author: 1,
        scope: FIRST_AREA,
        phone: Some(worker(0)),
        channel: "bench".to_owned(),
        language: "en".to_owned(),
    };
    let fields = |pairs: &[(Field, &str)]| {
        let mut fields = PersonFields::default();
        for (field, value) in pairs {
            fields.set(*field, *value);
        }
        fields
    };
    let name = letters(number);
    let phone = format!("+25678{:07}", 1_000_000 + number);
    let command = Command::RegisterPair {
        programme: "maternal-child".to_owned(),
        programme_version: 1,
        mother: fields(&[
            (Field::GivenName, &name),
            (Field::FamilyName, "Nyambura"),
            (Field::BirthDate, "1994-05-17"),
            (Field::Phone, &phone),
            (Field::Village, "KB"),
            (Field::Sex, "F"),
        ]),
        child: fields(&[
            (Field::GivenName, &name),
            (Field::FamilyName, "Nyambura"),
            (Field::BirthDate, "2026-01-05"),
            (Field::Sex, "M"),
            (Field::PlaceOfBirth, "clinic"),
        ]),
        consent: ConsentAnswer {
            agreement: "maternal-child/registration".to_owned(),
            revision: 1,
            text_hash: [7; 32],
            language: "en".to_owned(),
            opt_in: true,
            channel: "console".to_owned(),
            purposes: Vec::new(),
            basis: node_core::consent::Basis::Consent,
            witness: None,
        },
    };
    match store
        .commit(Turn::Command { principal, command }, clock.now())
        .await?
    {
        Committed::Command(Ok(_)) => Ok(()),
        other => bail!("not registered: {other:?}"),
    }
}

/// A different word of letters for each number.
fn letters(mut number: u32) -> String {
    let mut word = String::from("A");
    for _ in 0..5 {
        word.push(char::from(
            b'a' + u8::try_from(number % 26).expect("below 26"),
        ));
        number /= 26;
    }
    word
}

/// The time of each step of all sessions, from the answer typed to the screen shown.
async fn measure(operator: &Operator) -> Result<Vec<Duration>> {
    let operator = Arc::new(operator.clone());
    let mut sessions = JoinSet::new();
    for index in 0..SESSIONS {
        sessions.spawn(session(Arc::clone(&operator), index));
    }
    let mut steps = Vec::new();
    while let Some(done) = sessions.join_next().await {
        steps.extend(done??);
    }
    Ok(steps)
}

async fn session(operator: Arc<Operator>, index: usize) -> Result<Vec<Duration>> {
    let phone = worker(index);
    let mut steps = Vec::new();
    for round in 0..ROUNDS {
        let name = letters(u32::try_from(900_000 + index * ROUNDS + round)?);
        let inputs = [
            "1", &name, "Okello", "1996", "0", "1", "0", "1", &name, "1", "2", "2", "1",
        ];
        let began = Instant::now();
        let mut screen = operator.dial(&phone, "*384#").await;
        steps.push(began.elapsed());
        for input in inputs {
            if !screen.open {
                bail!("session closed early: {}", screen.text);
            }
            let began = Instant::now();
            screen = operator.answer(&phone, input).await;
            steps.push(began.elapsed());
        }
        if screen.open || screen.network {
            bail!("a registration ended with: {}", screen.text);
        }
    }
    Ok(steps)
}

fn report(steps: &mut [Duration], (idle_kb, loaded_kb): (u64, u64)) -> Result<()> {
    steps.sort();
    let at = |share: usize| steps[(steps.len() * share / 1000).min(steps.len() - 1)];
    println!(
        "USSD steps, {SESSIONS} sessions at once, every step committed before its screen: {}",
        steps.len()
    );
    println!(
        "  p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        ms(at(500)),
        ms(at(990)),
        ms(at(1000))
    );
    println!("resident memory with 10,000 people: {idle_kb} KiB idle, {loaded_kb} KiB loaded");
    let record = serde_json::json!({
        "steps": steps.len(), "sessions": SESSIONS, "p50_ms": ms(at(500)), "p99_ms": ms(at(990)),
        "people": PAIRS * 2, "rss_idle_kib": idle_kb, "rss_loaded_kib": loaded_kb,
    });
    if let Ok(path) = std::env::var("OUTPOST_RECORD") {
        std::fs::write(path, record.to_string())?;
    }
    if at(990).as_millis() >= STEP_P99_MS_MAX || idle_kb.max(loaded_kb) >= RSS_KB_MAX {
        bail!(
            "a goal was missed: p99 under {STEP_P99_MS_MAX} ms, resident memory under {RSS_KB_MAX} KiB"
        );
    }
    Ok(())
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
