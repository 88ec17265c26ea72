//! The benchmark of looking for people: 100,000 of them in a hub's store, on one core.
//!
//! Each question goes the whole way: keyed tokens, sealed rows opened, the answer, and the note in the
//! read log committed. It tells the time of every kind of question and the memory that they add, and
//! what the real program holds when it only waits. The measuring half runs as a process of its own,
//! so that nothing of the preparation counts. `taskset -c 0 cargo run --release -p tests --bin search`;
//! `OUTPOST_PEOPLE` changes the number of people.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};
use node::clock::Clock;
use node::roles::hub::{self, FIRST_AREA, HubConfig};
use node_core::command::{Command, ConsentAnswer, EventDraft, Whose};
use node_core::consent::Basis;
use node_core::duplicate::find::Question;
use node_core::person::{BirthDate, Field, PersonFields};
use node_core::query::{Answer, Query};
use node_core::role::{Principal, Role};
use node_core::turn::{Committed, Turn};
use node_store::{HubStore, SqliteStore};
use serde::{Deserialize, Serialize};
use sync_core::ClockQuality;
use tests::bench;
use tests::people::{GATE, Set};
use tokio::task::JoinSet;

/// People in the store.
const PEOPLE: usize = 100_000;
/// Writes on their way at once; fills a group commit.
const WRITES_AT_ONCE: usize = 64;
/// Numbers in one lease.
const LEASE: u32 = 5_000;
/// Questions of each kind.
const ASKED: usize = 400;
/// The measuring process finds the store and its questions here.
const MEASURE: &str = "OUTPOST_SEARCH_FOLDER";
/// Goals: 99 % of the questions of each kind, memory that questions add, memory of the program.
const P99_MS_MAX: f64 = 50.0;
const RISE_KB_MAX: u64 = 8 * 1024;
const IDLE_KB_MAX: u64 = 64 * 1024;

/// Kinds of questions: exact tokens, then those of 16 bits.
const KINDS: [&str; 6] = [
    "number",
    "phone",
    "both names",
    "name and year",
    "village and year",
    "already known",
];
/// Most people of one phone.
const PER_PHONE_MAX: usize = 8;

/// Whom a question is about.
#[derive(Serialize, Deserialize)]
struct Asked {
    person: PersonFields,
    mother: Option<PersonFields>,
}

impl Asked {
    /// The question of a kind; `None` where this person lacks what it asks by.
    fn question(&self, kind: &str) -> Option<Command> {
        let own = |field| self.person.get(field).map(str::to_owned);
        let year = self.person.birth_date().map(BirthDate::year);
        let mut question = Question::default();
        match kind {
            "number" => question.number = Some(own(Field::Number)?),
            "phone" => question.phone = Some(own(Field::Phone)?),
            "both names" => {
                let names = [own(Field::GivenName)?, own(Field::FamilyName)?];
                question.name = Some(names.join(" "));
            }
            "name and year" => {
                question.name = Some(own(Field::GivenName)?);
                question.year = Some(year?);
            }
            "village and year" => {
                question.village = Some(own(Field::Village)?);
                question.year = Some(year?);
            }
            _ => {
                return Some(Command::CheckKnown {
                    whose: if self.mother.is_some() {
                        Whose::Child
                    } else {
                        Whose::Person
                    },
                    person: self.person.clone(),
                    mother: self.mother.clone(),
                });
            }
        }
        Some(Command::FindPerson(question))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    if let Ok(folder) = std::env::var(MEASURE) {
        return measure(Path::new(&folder)).await;
    }
    let people = match std::env::var("OUTPOST_PEOPLE") {
        Ok(text) => text.parse().context("OUTPOST_PEOPLE is a number")?,
        Err(_) => PEOPLE,
    };
    let folder = tempfile::tempdir()?;
    prepare(folder.path(), people).await?;
    let operator = bench::operator().await?;
    let settings = bench::settings(folder.path(), &operator, (10, 20))?;
    let mut child = bench::start(&settings).await?;
    bench::bound(&operator).await?;
    let idle_kb = bench::resident_kb(&child)?;
    child.kill().await?;
    let own = std::env::current_exe()?;
    let output = tokio::process::Command::new(own)
        .env(MEASURE, folder.path())
        .output()
        .await?;
    ensure!(output.status.success(), "measuring failed: {output:?}");
    report(people, idle_kb, serde_json::from_slice(&output.stdout)?)
}

fn worker() -> Principal {
    Principal {
        role: Role::HealthWorker,
        author: 1,
        scope: FIRST_AREA,
        phone: None,
        channel: "bench".to_owned(),
        language: "en".to_owned(),
    }
}

/// Gives a command; the key of the rejection when the rules refuse it.
async fn ask(
    store: &SqliteStore,
    principal: Principal,
    command: Command,
) -> Result<Result<BTreeMap<String, String>, String>> {
    // The set holds births until the end of its year: a clock that nobody trusts refuses none.
    let now = Clock::system(ClockQuality::Unknown).now();
    match store
        .commit(Turn::Command { principal, command }, now)
        .await?
    {
        Committed::Command(Ok(outcome)) => Ok(Ok(outcome.values)),
        Committed::Command(Err(rejection)) => Ok(Err(rejection.text)),
        other => bail!("not answered: {other:?}"),
    }
}

/// Registers the background of a set, and writes down whom the questions are about.
async fn prepare(folder: &Path, people: usize) -> Result<()> {
    let set = Set::with_background(*GATE.start(), people);
    let store = hub::open(&config(folder, &set.country)).await?;
    lease(&store, people).await?;
    let began = Instant::now();
    let mut writes = JoinSet::new();
    let mut asked: Vec<Asked> = Vec::new();
    let mut phones: BTreeMap<String, usize> = BTreeMap::new();
    let step = (people / ASKED).max(1);
    for (at, mut one) in set.background.into_iter().enumerate() {
        if let Some(phone) = one.fields.get(Field::Phone) {
            let users = phones.entry(phone.to_owned()).or_default();
            *users += 1;
            if *users > PER_PHONE_MAX {
                one.fields.0.remove(&Field::Phone);
            }
        }
        let (store, command) = (store.clone(), register(one.fields.clone()));
        let is_asked = at % step == 0;
        writes.spawn(async move {
            let values = ask(&store, worker(), command).await?;
            let mut values = values.map_err(|text| anyhow!("a registration: {text}"))?;
            let number = values.remove("person").context("no number")?;
            one.fields.set(Field::Number, number);
            let asked = Asked {
                person: one.fields,
                mother: one.mother,
            };
            anyhow::Ok(is_asked.then_some(asked))
        });
        while writes.len() >= WRITES_AT_ONCE {
            asked.extend(writes.join_next().await.context("a write")???);
        }
    }
    while let Some(done) = writes.join_next().await {
        asked.extend(done??);
    }
    let Answer::Counts(counts) = store.query(Query::Counts).await? else {
        bail!("no counts")
    };
    println!(
        "prepared: {} people in {:.0} s",
        counts.persons,
        began.elapsed().as_secs_f64()
    );
    std::fs::write(folder.join("country"), &set.country)?;
    std::fs::write(folder.join("asked.json"), serde_json::to_vec(&asked)?)?;
    Ok(())
}

fn config(folder: &Path, country: &str) -> HubConfig {
    HubConfig {
        country: country.to_owned(),
        services: vec!["cash-transfer".to_owned()],
        ..bench::hub(folder)
    }
}

async fn lease(store: &SqliteStore, people: usize) -> Result<()> {
    let Answer::Self_(own) = store.query(Query::Self_).await? else {
        bail!("no identity")
    };
    let administrator = Principal {
        role: Role::Administrator,
        author: 0,
        ..worker()
    };
    let mut left = u32::try_from(people)?;
    while left > 0 {
        let lease = Command::LeaseNumbers {
            scope: FIRST_AREA,
            node: own.node,
            epoch: own.epoch,
            count: LEASE,
        };
        let done = ask(store, administrator.clone(), lease).await?;
        done.map_err(|text| anyhow!("a lease: {text}"))?;
        left = left.saturating_sub(LEASE);
    }
    Ok(())
}

fn register(person: PersonFields) -> Command {
    let answers = [
        ("members", "4"),
        ("children", "2"),
        ("income", "farm"),
        ("house", "iron"),
    ];
    Command::RegisterPerson {
        person,
        consent: ConsentAnswer {
            agreement: "cash-transfer/registration".to_owned(),
            revision: 1,
            text_hash: [4; 32],
            language: "en".to_owned(),
            opt_in: true,
            channel: "ussd".to_owned(),
            purposes: Vec::new(),
            basis: Basis::Consent,
            witness: None,
        },
        event: EventDraft {
            programme: "cash-transfer".to_owned(),
            programme_version: 1,
            code: "household".to_owned(),
            fields: answers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        },
    }
}

/// Times of the questions of one kind.
#[derive(Serialize, Deserialize)]
struct Times {
    kind: String,
    ms: Vec<f64>,
    /// Questions that would have found more than 2,000 people, and were answered so.
    too_broad: usize,
}

/// What the measuring process tells.
#[derive(Serialize, Deserialize)]
struct Measured {
    times: Vec<Times>,
    rise_kb: u64,
}

/// Asks all questions, one after the other, and prints what they took as JSON.
async fn measure(folder: &Path) -> Result<()> {
    let country = std::fs::read_to_string(folder.join("country"))?;
    let asked: Vec<Asked> = serde_json::from_slice(&std::fs::read(folder.join("asked.json"))?)?;
    let store = hub::open(&config(folder, &country)).await?;
    // One question of each kind, so that what is read once is read.
    for kind in KINDS {
        if let Some(command) = asked.iter().find_map(|one| one.question(kind)) {
            let _warm = ask(&store, worker(), command).await?;
        }
    }
    let before_kb = resident_kb()?;
    let mut measured = Measured {
        times: Vec::new(),
        rise_kb: 0,
    };
    for kind in KINDS {
        let (mut ms, mut too_broad) = (Vec::new(), 0);
        for command in asked.iter().filter_map(|one| one.question(kind)) {
            let began = Instant::now();
            let found = ask(&store, worker(), command).await?;
            ms.push(began.elapsed().as_secs_f64() * 1_000.0);
            match found {
                Err(text) if text == "reject-too-many" => too_broad += 1,
                found => {
                    found.map_err(|text| anyhow!("{kind}: {text}"))?;
                }
            }
        }
        let kind = kind.to_owned();
        measured.times.push(Times {
            kind,
            ms,
            too_broad,
        });
    }
    measured.rise_kb = resident_kb()?.saturating_sub(before_kb);
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

fn resident_kb() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(number.context("no VmRSS")?.parse()?)
}

fn report(people: usize, idle_kb: u64, measured: Measured) -> Result<()> {
    let mut record = serde_json::json!({
        "people": people, "rss_idle_kib": idle_kb, "rss_rise_kib": measured.rise_kb,
    });
    let mut slowest: f64 = 0.0;
    for Times {
        kind,
        mut ms,
        too_broad,
    } in measured.times
    {
        ensure!(!ms.is_empty(), "nobody could be asked for by {kind}");
        ms.sort_by(f64::total_cmp);
        let at = |share: usize| ms[(ms.len() * share / 100).min(ms.len() - 1)];
        let (median, p99) = (at(50), at(99));
        slowest = slowest.max(p99);
        println!(
            "{kind:<18} ms  median {median:.1}, 99 % {p99:.1} (goal ≤ {P99_MS_MAX}); {} asked, {too_broad} too broad",
            ms.len()
        );
        record[&kind] = serde_json::json!({
            "asked": ms.len(), "median_ms": median, "p99_ms": p99, "too_broad": too_broad,
        });
    }
    println!(
        "questions add     KiB  {} (goal ≤ {RISE_KB_MAX})",
        measured.rise_kb
    );
    println!("program at rest   KiB  {idle_kb} (goal ≤ {IDLE_KB_MAX})");
    if let Ok(path) = std::env::var("OUTPOST_RECORD") {
        std::fs::write(path, format!("{record}\n"))?;
    }
    ensure!(slowest <= P99_MS_MAX, "too slow");
    ensure!(
        measured.rise_kb <= RISE_KB_MAX,
        "questions take too much memory"
    );
    ensure!(idle_kb <= IDLE_KB_MAX, "the program holds too much");
    println!("goals reached");
    Ok(())
}
