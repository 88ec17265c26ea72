//! [`SqliteStore`]: the handle that nodes and hubs hold; every call is one transaction.

use core::fmt;
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use node_core::contact::Moment;
use node_core::query::{Answer as Answered, Query};
use node_core::turn::{Acceptance, Claim, ClaimKind, Committed, Finish, Turn};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::checkpoint::{CheckpointBell, Checkpointer};
use crate::config::{ReadyConfig, StoreConfig};
use crate::hub_store::{Accepting, HubStore, Outbox, StoreError};
use crate::keys::{Secrets, Vault};
use crate::migrate::{Access, connect, migrate};
use crate::reader::{READERS, Readers};
use crate::tx::Tx;
use crate::view::reference::Menus;
use crate::writer::{Answer, Job, Writer, savepoint};

/// Where the result of a job arrives after COMMIT.
type Told<T> = oneshot::Receiver<Result<T, StoreError>>;

/// A store in a folder: `outpost.db` and, apart from it, the key file.
#[derive(Clone)]
pub struct SqliteStore {
    shared: Arc<Shared>,
}

struct Shared {
    /// Replaced when a published list changes the menus; with the stamp that it was made for.
    config: RwLock<Menus>,
    vault: Arc<RwLock<Arc<Vault>>>,
    // In the order of their end: the checkpointer hears the writer's end, and closing its
    // connection as the last one moves the rest of the log and removes it.
    readers: Readers,
    bell: CheckpointBell,
    writer: Writer,
    _checkpointer: Checkpointer,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqliteStore({})", self.config().name)
    }
}

/// Keys as they are now.
pub(crate) fn current(vault: &RwLock<Arc<Vault>>) -> Arc<Vault> {
    Arc::clone(&vault.read().unwrap_or_else(PoisonError::into_inner))
}

/// A transaction with the keys of its data: where another program has begun a re-wrap in this
/// folder, they are read anew.
fn fresh<'a>(
    db: &'a Connection,
    vault: &RwLock<Arc<Vault>>,
    config: &'a ReadyConfig,
    now: Moment,
) -> Result<Tx<'a>, StoreError> {
    let tx = Tx::new(db, current(vault), config, now)?;
    if tx.has_wrapping() {
        return Ok(tx);
    }
    let secrets = Secrets::read(&config.folder)?
        .ok_or_else(|| StoreError::Failed("key file is missing".to_owned()))?;
    let read = Vault::new(secrets)?.with_former(&current(vault));
    *vault.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
    Tx::new(db, current(vault), config, now)
}

impl SqliteStore {
    /// Opens a store, making folder, key file and database where they are missing.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the files cannot be opened, are of a later release, or a
    /// database comes without its key file.
    pub fn open(mut config: StoreConfig) -> Result<Self, StoreError> {
        let folder = &config.folder.clone();
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| StoreError::Failed(format!("data folder: {error}")))?;
        let secrets = open_secrets(folder)?;
        // A founded hub stays one, whoever opens its folder.
        config.is_hub |= secrets.hub.is_some();
        let db = connect(folder, Access::Write)?;
        migrate(&db)?;
        let mut connections = Vec::new();
        for _ in 0..READERS {
            connections.push(connect(folder, Access::Read)?);
        }
        let (checkpointer, bell) = Checkpointer::start(connect(folder, Access::Checkpoint)?)?;
        let vault = Arc::new(Vault::new(secrets)?);
        let config = ReadyConfig::new(config)?;
        let tx = Tx::new(&db, Arc::clone(&vault), &config, Tx::no_moment())?;
        tx.settle_generation()?;
        let menus = tx.menus()?;
        let (stamp, config) = menus.unwrap_or_else(|| (0, Arc::new(config)));
        Ok(Self {
            shared: Arc::new(Shared {
                config: RwLock::new((stamp, config)),
                vault: Arc::new(RwLock::new(vault)),
                readers: Readers::start(connections)?,
                bell: bell.clone(),
                writer: Writer::start(db, bell)?,
                _checkpointer: checkpointer,
            }),
        })
    }

    /// The folder of the store.
    pub fn folder(&self) -> PathBuf {
        self.config().folder.clone()
    }

    /// Settings that the store was opened with.
    pub(crate) fn config(&self) -> Arc<ReadyConfig> {
        let config = self.shared.config.read();
        Arc::clone(&config.unwrap_or_else(PoisonError::into_inner).1)
    }

    /// Cuts the log to nothing, because of what it holds.
    pub(crate) fn cut_log(&self) {
        self.shared.bell.cut();
    }

    /// Keys as they are now.
    pub(crate) fn vault(&self) -> Arc<Vault> {
        current(&self.shared.vault)
    }

    /// Runs a transaction on the writer; its result is told only after COMMIT.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        now: Moment,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (job, told) = self.job(now, |tx| {
            let value = work(tx)?;
            let erased = tx.guard.borrow().erased;
            Ok((value, erased))
        });
        self.shared.writer.send(job)?;
        let (value, erased) = told.await.unwrap_or_else(|_dropped| Err(lost()))?;
        if erased {
            self.shared.bell.cut();
        }
        Ok(value)
    }

    /// Runs a transaction that may bring new keys: they are on the medium before it commits.
    pub(crate) async fn write_keys<T: Send + 'static>(
        &self,
        now: Moment,
        work: impl FnOnce(&mut Tx<'_>, &mut Secrets) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let vault = Arc::clone(&self.shared.vault);
        self.write(now, move |tx| {
            let mut secrets = tx.vault.secrets.clone();
            let value = work(tx, &mut secrets)?;
            tx.use_secrets(&secrets)?;
            *vault.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&tx.vault);
            Ok(value)
        })
        .await
    }

    /// Goes on with the menus of a published list, where one has come to hold since; also one that
    /// another program wrote into the folder.
    async fn use_menus(&self, stamp: u64) -> Result<(), StoreError> {
        let current = self.shared.config.read();
        if current.unwrap_or_else(PoisonError::into_inner).0 == stamp {
            return Ok(());
        }
        if let Some(menus) = self.read(|tx| tx.menus()).await? {
            let mut config = self.shared.config.write();
            **config
                .as_mut()
                .unwrap_or_else(|poisoned| poisoned.get_mut()) = menus;
        }
        Ok(())
    }

    /// Runs a question on a reader.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (job, told) = self.reading_job(work);
        self.shared.readers.send(job)?;
        told.await.unwrap_or_else(|_dropped| Err(lost()))
    }

    fn job<T: Send + 'static>(
        &self,
        now: Moment,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> (Job, Told<T>) {
        let (config, vault) = (self.config(), Arc::clone(&self.shared.vault));
        tell(move |db| savepoint(db, || work(&mut fresh(db, &vault, &config, now)?)))
    }

    fn reading_job<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> (Job, Told<T>) {
        let (config, vault) = (self.config(), Arc::clone(&self.shared.vault));
        tell(move |db| work(&mut fresh(db, &vault, &config, Tx::no_moment())?))
    }
}

/// Wraps work into a job whose result reaches the receiver after COMMIT.
fn tell<T: Send + 'static>(
    work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
) -> (Job, Told<T>) {
    let (sender, receiver) = oneshot::channel();
    let job: Job = Box::new(move |db| {
        let outcome = match db {
            Ok(db) => work(db),
            Err(error) => Err(same(error)),
        };
        let answer: Answer = Box::new(move |failure| {
            let outcome = match failure {
                Some(error) => Err(same(error)),
                None => outcome,
            };
            // An asker who went away needs no answer; what was committed stays.
            drop(sender.send(outcome));
        });
        answer
    });
    (job, receiver)
}

fn same(error: &StoreError) -> StoreError {
    match error {
        StoreError::Busy(reason) => StoreError::Busy(reason.clone()),
        StoreError::Failed(reason) => StoreError::Failed(reason.clone()),
    }
}

fn lost() -> StoreError {
    StoreError::Failed("store ended before it answered".to_owned())
}

fn open_secrets(folder: &Path) -> Result<Secrets, StoreError> {
    if let Some(secrets) = Secrets::read(folder)? {
        return Ok(secrets);
    }
    if folder.join(crate::migrate::DATABASE_FILE).exists() {
        return Err(StoreError::Failed(
            "database is here, but its key file is not".to_owned(),
        ));
    }
    let secrets = Secrets::generate()?;
    secrets.write(folder)?;
    Ok(secrets)
}

impl Accepting for SqliteStore {
    async fn accept(&self, frame: Vec<u8>, now: Moment) -> Result<Acceptance, StoreError> {
        let work = self.write(now, move |tx| {
            Ok((tx.accept(&frame)?, tx.reference_stamp()?))
        });
        let (accepted, stamp) = work.await?;
        self.use_menus(stamp).await?;
        Ok(accepted)
    }
}

impl Outbox for SqliteStore {
    async fn claim(
        &self,
        kind: ClaimKind,
        limit: u32,
        now: Moment,
    ) -> Result<Vec<Claim>, StoreError> {
        self.write(now, move |tx| match kind {
            ClaimKind::Messages => tx.claim_messages(None, limit),
            ClaimKind::MessagesOver { link } => tx.claim_messages(Some(&link), limit),
            ClaimKind::ApplicationReceipts { application } => {
                tx.claim_application_receipts(&application, limit)
            }
            ClaimKind::Effects { upstream } => tx.claim_effects(&upstream, limit),
            ClaimKind::Removals { upstream } => tx.claim_removals(&upstream, limit),
        })
        .await
    }

    async fn finish(&self, finish: Finish, now: Moment) -> Result<(), StoreError> {
        self.write(now, move |tx| tx.finish(finish)).await
    }
}

impl HubStore for SqliteStore {
    async fn commit(&self, turn: Turn, now: Moment) -> Result<Committed, StoreError> {
        let work = self.write(now, move |tx| Ok((tx.turn(turn)?, tx.reference_stamp()?)));
        let (committed, stamp) = work.await?;
        self.use_menus(stamp).await?;
        Ok(committed)
    }

    async fn query(&self, query: Query) -> Result<Answered, StoreError> {
        self.read(move |tx| tx.answer(query)).await
    }
}

#[cfg(test)]
mod tests;
