//! Reads what a store holds after a cut, on copies: the files themselves stay as they were found.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use channels_core::Msisdn;
use jiff::Timestamp;
use node_core::contact::{ContactAnswer, Moment};
use node_core::programme::Programmes;
use node_core::query::{Answer, Counts, Query};
use node_core::turn::{Committed, Turn};
use node_store::{HubStore, SqliteStore, StoreConfig, StoreError};
use sync_core::ClockQuality;

use super::person::{Kind, OP_ANSWER, OP_BEGIN, Person, Shown, Standing, Step, Titles, contact};

/// Files of a store that survive a cut; the index of the WAL does not, since it is memory.
const FILES: [&str; 3] = ["outpost.db", "outpost.db-wal", "keys"];

/// Opens copies of a store that was cut.
#[derive(Clone)]
pub struct Probe {
    /// Compiled once.
    pub programmes: Arc<Programmes>,
    /// What screens look like.
    pub titles: Titles,
    /// Whether the store is a hub's.
    pub is_hub: bool,
}

/// Where a store stands to a step that was interrupted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// It lacks even steps before it, all of them acknowledged.
    Behind(Held),
    /// It holds all but this step.
    Without,
    /// It holds this step.
    With,
}

/// What a store holds of a person's work.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Held {
    /// Registrations.
    pub registrations: u64,
    /// The question at which the dialogue stands.
    pub question: usize,
}

impl Held {
    /// What must be there while the person stands so.
    pub fn of(person: &Person) -> Self {
        Self {
            registrations: person.registrations,
            question: person.question(),
        }
    }

    /// What must be there after a step.
    pub fn after(step: &Step) -> Self {
        let (Standing::Away(question) | Standing::Offered(question) | Standing::Asked(question)) =
            step.then;
        Self {
            registrations: step.registrations,
            question,
        }
    }
}

/// Now; the suite's clock is the computer's own.
pub fn now() -> Moment {
    Moment {
        at: Timestamp::now(),
        quality: ClockQuality::Ntp,
    }
}

/// Copies the files of a store that nobody writes.
pub fn copy(from: &Path, to: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).expect("remove the last copy");
    }
    fs::create_dir_all(to).expect("make a folder");
    for file in FILES {
        if from.join(file).exists() {
            fs::copy(from.join(file), to.join(file)).expect("copy a file of the store");
        }
    }
}

/// The file with the WAL of a store.
pub fn wal(folder: &Path) -> PathBuf {
    folder.join(FILES[1])
}

impl Probe {
    /// A probe for nodes or hubs with the shipped programmes.
    pub fn shipped(is_hub: bool) -> Self {
        let programmes = node_core::programme::usual().expect("shipped programmes compile");
        Self {
            programmes: Arc::new(programmes),
            titles: Titles::shipped(),
            is_hub,
        }
    }

    /// Opens a store as the program does.
    ///
    /// # Errors
    /// Those of the store.
    pub fn open(&self, folder: &Path) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(StoreConfig {
            folder: folder.to_path_buf(),
            name: "probe".to_owned(),
            is_hub: self.is_hub,
            villages: Arc::default(),
            country: "UG".to_owned(),
            language: "en".to_owned(),
            sender: "384".to_owned(),
            staff_pin_hours: 0,
            programmes: Arc::clone(&self.programmes),
        })
    }

    /// What an opened store holds of the person's work; her dialogue is moved by asking.
    ///
    /// # Errors
    /// Those of the store, and a screen that belongs to no question.
    pub async fn held(&self, store: &SqliteStore, phone: &Msisdn) -> Result<Held, StoreError> {
        let registrations = counts(store).await?.registrations;
        let mut shown = self
            .ask(store, phone, ("probe", (OP_BEGIN, ""), "0"))
            .await?;
        if shown == Shown::Offer {
            shown = self
                .ask(store, phone, ("probe", (OP_ANSWER, "1"), "1"))
                .await?;
        }
        match shown {
            Shown::Question(question) => Ok(Held {
                registrations,
                question,
            }),
            other => Err(StoreError::Failed(format!("a new call shows {other:?}"))),
        }
    }

    /// Whether a step is in the store of a dead process.
    ///
    /// # Errors
    /// When the store is not sound, or holds more than was ever done.
    pub async fn presence(
        &self,
        folder: &Path,
        (person, step): (&Person, &Step),
    ) -> Result<Presence, String> {
        let store = self.again(folder)?;
        let report = store.check(false).map_err(|error| error.to_string())?;
        if !report.is_sound() {
            return Err(format!("{report}"));
        }
        let held = self
            .held(&store, &person.phone)
            .await
            .map_err(|error| error.to_string())?;
        drop(store);
        let (before, after) = (Held::of(person), Held::after(step));
        if held != before && held != after {
            let is_behind = held < before;
            let found = format!("{held:?}, neither {before:?} nor {after:?}");
            return if is_behind {
                Ok(Presence::Behind(held))
            } else {
                Err(found)
            };
        }
        let mut is_there = held == after;
        if before == after {
            is_there = self
                .knows_session(&self.again(folder)?, (person, step))
                .await?;
        }
        if is_there {
            return Ok(Presence::With);
        }
        let leads_on = self.leads_on(&self.again(folder)?, (person, step)).await?;
        Ok(if leads_on {
            Presence::Without
        } else {
            Presence::Behind(held)
        })
    }

    /// Opens a fresh copy.
    fn again(&self, folder: &Path) -> Result<SqliteStore, String> {
        let copied = folder.with_extension("probe");
        copy(folder, &copied);
        self.open(&copied).map_err(|error| error.to_string())
    }

    /// Whether a step that is not there can still be done: the session before it is known.
    async fn leads_on(
        &self,
        store: &SqliteStore,
        (person, step): (&Person, &Step),
    ) -> Result<bool, String> {
        let session = step.session[0].to_string();
        let typed = (step.op, step.text.as_str());
        let shown = self
            .ask(store, &person.phone, (&session, typed, "probe"))
            .await;
        Ok(shown.map_err(|error| error.to_string())? == step.expected)
    }

    /// Whether a step that answers no question left its trace: the gateway's session goes on.
    async fn knows_session(
        &self,
        store: &SqliteStore,
        (person, step): (&Person, &Step),
    ) -> Result<bool, String> {
        let session = step.session[0].to_string();
        // `No` at the offer begins anew; at a question it never leads to the menu.
        let text = if step.kind == Kind::Resume { "2" } else { "1" };
        let answer = (session.as_str(), (OP_ANSWER, text), "probe");
        let shown = self.ask(store, &person.phone, answer).await;
        let shown = shown.map_err(|error| error.to_string())?;
        Ok(match step.kind {
            Kind::Resume => shown != Shown::Question(0),
            // A session that the store does not know opens with the first screen again.
            Kind::Dial | Kind::Answer => shown != step.expected,
        })
    }

    async fn ask(
        &self,
        store: &SqliteStore,
        phone: &Msisdn,
        (session, typed, step): (&str, (u8, &str), &str),
    ) -> Result<Shown, StoreError> {
        let turn = Turn::Contact(contact(phone, session, typed, step));
        match store.commit(turn, now()).await? {
            Committed::Contact(ContactAnswer::Screen { text, .. }) => Ok(self.titles.shown(&text)),
            _ => Err(StoreError::Failed(
                "a step was not answered by a screen".to_owned(),
            )),
        }
    }
}

/// Counts of a store.
///
/// # Errors
/// Those of the store.
pub async fn counts(store: &SqliteStore) -> Result<Counts, StoreError> {
    match store.query(Query::Counts).await? {
        Answer::Counts(counts) => Ok(counts),
        _ => Err(StoreError::Failed(
            "another question was answered".to_owned(),
        )),
    }
}
