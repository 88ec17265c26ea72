//! A store with its folder, clock and backups, and what may happen to the machine below it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use node::clock::Clock;
use node_core::programme::Programmes;
use node_core::query::{Answer, ChainHead, Query, SelfState};
use node_core::view::RegistrationRow;
use node_store::{HubStore, SqliteStore, StoreConfig, StoreError};
use rusqlite::{Connection, OpenFlags};
use sync_core::{ClockQuality, Scope};

use super::fault::Broken;
use crate::crash::probe::{copy, wal};
use crate::random::Random;

/// How the clock of a site goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Skew {
    /// Right, by NTP.
    None,
    /// It began in 1970 at this moment, and nobody trusts it.
    Start(Timestamp),
    /// Wrong by so many seconds; trusted or not.
    Shift(i64, ClockQuality),
}

/// A hub or a node.
#[derive(Debug)]
pub struct Site {
    /// Its name, which is that of its slot.
    pub name: String,
    /// Whether it is a hub.
    pub is_hub: bool,
    /// Its clock.
    pub skew: Skew,
    /// Backups, oldest first: folders of data and keys.
    pub backups: Vec<PathBuf>,
    root: PathBuf,
    generation: u32,
    store: Option<SqliteStore>,
    programmes: Arc<Programmes>,
}

/// Holds a store's log as it is, so that what follows stays in it, and knows where it ends.
pub struct Witness {
    _reader: Connection,
    /// Bytes of the log that are acknowledged.
    safe: usize,
    salts: Option<[u8; 8]>,
}

/// What a power cut leaves of the work since a [`Witness`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cut {
    /// Some bytes less than all of it.
    Torn,
    /// All of it: the power went behind COMMIT.
    Behind,
    /// Less than was acknowledged. No medium may do that; a control does.
    Acknowledged,
}

/// Bytes of the header of a WAL, of the header of a frame in it.
const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Where the last commit of a log ends, and the salts of this log.
fn committed(log: &[u8]) -> (usize, Option<[u8; 8]>) {
    let word = |at: usize| log.get(at..at + 4).and_then(|b| b.try_into().ok());
    let salts = log.get(16..24).and_then(|bytes| bytes.try_into().ok());
    let (Some(size), Some(salts)) = (word(8).map(u32::from_be_bytes), salts) else {
        return (0, None);
    };
    let page = usize::try_from(size).unwrap_or(0);
    let (mut at, mut end) = (HEADER, HEADER);
    while page > 0 && log.len() >= at + FRAME_HEADER + page && log[at + 8..at + 16] == salts {
        let commits = log[at + 4..at + 8] != [0; 4];
        at += FRAME_HEADER + page;
        if commits {
            end = at;
        }
    }
    (end, Some(salts))
}

fn broken(error: &StoreError) -> Broken {
    Broken(format!("a store failed: {error}"))
}

impl Site {
    /// Makes a folder's place and opens nothing.
    pub fn new(root: &Path, name: &str, is_hub: bool, programmes: &Arc<Programmes>) -> Self {
        Self {
            name: name.to_owned(),
            is_hub,
            skew: Skew::None,
            backups: Vec::new(),
            root: root.to_path_buf(),
            generation: 0,
            store: None,
            programmes: Arc::clone(programmes),
        }
    }

    fn folder(&self) -> PathBuf {
        self.root.join(format!("{}.{}", self.name, self.generation))
    }

    fn config(&self) -> StoreConfig {
        StoreConfig {
            folder: self.folder(),
            name: self.name.clone(),
            is_hub: self.is_hub,
            villages: Arc::default(),
            country: "UG".to_owned(),
            language: "en".to_owned(),
            sender: "384".to_owned(),
            staff_pin_hours: 0,
            programmes: Arc::clone(&self.programmes),
        }
    }

    /// Opens the store as the program does.
    ///
    /// # Errors
    /// [`Broken`] when it does not open.
    pub fn open(&mut self) -> Result<(), Broken> {
        self.store = Some(SqliteStore::open(self.config()).map_err(|error| broken(&error))?);
        Ok(())
    }

    /// The store.
    ///
    /// # Panics
    /// When the site is off, which is a mistake of the world.
    pub fn store(&self) -> &SqliteStore {
        self.store.as_ref().expect("a site that is on")
    }

    /// The clock of the site at a moment of the world.
    pub fn clock(&self, now: Timestamp) -> Clock {
        match self.skew {
            Skew::None => Clock::fixed(now, ClockQuality::Ntp),
            Skew::Start(since) => {
                let at = Timestamp::UNIX_EPOCH + now.duration_since(since);
                Clock::fixed(at, ClockQuality::Unknown)
            }
            Skew::Shift(seconds, quality) => {
                Clock::fixed(now + SignedDuration::from_secs(seconds), quality)
            }
        }
    }

    /// Asks the store.
    ///
    /// # Errors
    /// [`Broken`] when it cannot answer.
    pub async fn ask(&self, query: Query) -> Result<Answer, Broken> {
        self.store()
            .query(query)
            .await
            .map_err(|error| broken(&error))
    }

    /// Who it is.
    ///
    /// # Errors
    /// [`Broken`] when it cannot answer.
    pub async fn own(&self) -> Result<SelfState, Broken> {
        match self.ask(Query::Self_).await? {
            Answer::Self_(state) => Ok(state),
            other => Err(Broken(format!("not ourselves: {other:?}"))),
        }
    }

    /// Where its chains stand.
    ///
    /// # Errors
    /// [`Broken`] when it cannot answer.
    pub async fn heads(&self) -> Result<Vec<ChainHead>, Broken> {
        match self.ask(Query::Frontier).await? {
            Answer::Frontier(heads) => Ok(heads),
            other => Err(Broken(format!("no frontier: {other:?}"))),
        }
    }

    /// The newest registrations.
    ///
    /// # Errors
    /// [`Broken`] when it cannot answer.
    pub async fn registrations(&self, limit: u32) -> Result<Vec<RegistrationRow>, Broken> {
        match self.ask(Query::Registrations { limit }).await? {
            Answer::Registrations(rows) => Ok(rows),
            other => Err(Broken(format!("no registrations: {other:?}"))),
        }
    }

    /// The areas that it serves.
    ///
    /// # Errors
    /// [`Broken`] when it cannot answer.
    pub async fn areas(&self) -> Result<Vec<Scope>, Broken> {
        Ok(self.own().await?.scopes)
    }

    /// Marks where the log ends. Nothing moves out of the log until the witness is gone.
    ///
    /// # Errors
    /// [`Broken`] when the database cannot be read.
    pub fn witness(&self) -> Result<Witness, Broken> {
        let failed = |error: rusqlite::Error| Broken(format!("a witness failed: {error}"));
        let path = self.folder().join("outpost.db");
        let reader = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE);
        let reader = reader.map_err(failed)?;
        let look = "BEGIN; SELECT count(*) FROM sqlite_schema;";
        reader.execute_batch(look).map_err(failed)?;
        let log = fs::read(wal(&self.folder())).unwrap_or_default();
        let (safe, salts) = committed(&log);
        Ok(Witness {
            _reader: reader,
            safe,
            salts,
        })
    }

    /// The power goes. What was written since the witness is left as `cut` says, flipped bits
    /// behind it; what was acknowledged before is whole. The store opens again from what is left.
    ///
    /// # Errors
    /// [`Broken`] when the store does not open.
    pub fn cut(&mut self, witness: Witness, cut: Cut, random: &mut Random) -> Result<(), Broken> {
        let from = self.folder();
        self.generation += 1;
        let to = self.folder();
        copy(&from, &to);
        let safe_salts = witness.salts;
        let safe = witness.safe;
        drop(witness);
        self.store = None;
        remove(&from)?;
        let mut log = fs::read(wal(&to)).unwrap_or_default();
        let (end, salts) = committed(&log);
        // A log that was begun anew holds nothing that was acknowledged before.
        let safe = if salts == safe_salts {
            safe
        } else {
            HEADER.min(end)
        };
        let end = match cut {
            Cut::Behind => end,
            Cut::Torn => safe + random.below((end - safe).max(1)),
            Cut::Acknowledged => safe / 2,
        };
        log.truncate(end);
        if cut == Cut::Torn && end > safe {
            let place = safe + random.below(end - safe);
            log[place] ^= 1 << random.below(8);
        }
        fs::write(wal(&to), log).map_err(|error| Broken(format!("a log: {error}")))?;
        self.open()
    }

    /// Makes a backup of this moment.
    ///
    /// # Errors
    /// [`Broken`] when the store refuses.
    pub fn back_up(&mut self) -> Result<(), Broken> {
        let folder = self
            .root
            .join(format!("{}-backup.{}", self.name, self.backups.len()));
        let (data, keys) = (folder.join("data"), folder.join("keys"));
        self.store()
            .backup(&data, &keys)
            .map_err(|error| broken(&error))?;
        self.backups.push(folder);
        Ok(())
    }

    /// Brings a backup back by the command for it: a new life that is not certified yet.
    ///
    /// # Errors
    /// [`Broken`] when the store refuses.
    pub fn restore(&mut self, backup: usize, now: Timestamp) -> Result<(), Broken> {
        let old = self.folder();
        self.store = None;
        self.generation += 1;
        let folder = &self.backups[backup];
        let (data, keys) = (folder.join("data"), folder.join("keys"));
        let moment = self.clock(now).now();
        let restored = SqliteStore::restore(&data, &keys, self.config(), moment);
        self.store = Some(restored.map_err(|error| broken(&error))?);
        remove(&old)
    }

    /// Copies a backup back as plain files, which nobody should do: the old life goes on.
    ///
    /// # Errors
    /// [`Broken`] when the store does not open.
    pub fn copy_back(&mut self, backup: usize) -> Result<(), Broken> {
        let old = self.folder();
        self.store = None;
        self.generation += 1;
        let (folder, to) = (&self.backups[backup], self.folder());
        let copied = fs::create_dir_all(&to)
            .and_then(|()| fs::copy(folder.join("data/outpost.db"), to.join("outpost.db")))
            .and_then(|_bytes| fs::copy(folder.join("keys/keys"), to.join("keys")));
        copied.map_err(|error| Broken(format!("a copied backup: {error}")))?;
        remove(&old)?;
        self.open()
    }
}

fn remove(folder: &Path) -> Result<(), Broken> {
    fs::remove_dir_all(folder).map_err(|error| Broken(format!("an old folder: {error}")))
}
