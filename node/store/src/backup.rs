//! Backups while the store runs, and their return as a new life.
//!
//! Data and keys go to two places, since whoever holds both holds everything. Beside the keys lies
//! the list of erasures, so that an older copy of the data brings nobody back. A restored store
//! begins a new life before its first write; what the old one had queued for phones may have left
//! since, so it is not sent again.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use node_core::contact::Moment;
use node_core::erasure::Erasure;
use rusqlite::Connection;
use rusqlite::backup::Backup;

use crate::config::{ReadyConfig, StoreConfig};
use crate::erase::kept::{ERASED_FILE, read_list};
use crate::hub_store::StoreError;
use crate::keys::{KEY_FILE, Secrets};
use crate::migrate::{Access, DATABASE_FILE, connect};
use crate::sqlite::SqliteStore;
use crate::tx::Tx;

/// Copies that one backup tries while the wrapping keys change; then it says "busy".
const COPIES_MAX: u32 = 3;

fn failed(what: &str, error: &std::io::Error) -> StoreError {
    StoreError::Failed(format!("{what}: {error}"))
}

impl SqliteStore {
    /// Copies the database to `data` and the key file to `keys`, while the store goes on.
    ///
    /// Files of an earlier backup are replaced only by complete ones.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when a file cannot be written.
    pub fn backup(&self, data: &Path, keys: &Path) -> Result<(), StoreError> {
        private_folder(data)?;
        private_folder(keys)?;
        let bytes = self.copy_database(data)?;
        let part = keys.join("keys.tmp");
        write_private(&part, &bytes)?;
        finish(&part, &keys.join(KEY_FILE))?;
        let part = keys.join("erased.tmp");
        write_private(&part, &self.erasures()?)?;
        finish(&part, &keys.join(ERASED_FILE))
    }

    /// Copies the database; gives the bytes of the key file that opens all of the copy. The keys are
    /// read last: a life that began during the copy is then in the key file as well. Where a
    /// wrapping key ended meanwhile, the copy may need it, and is made again.
    fn copy_database(&self, data: &Path) -> Result<Vec<u8>, StoreError> {
        let folder = self.folder();
        let read = || fs::read(folder.join(KEY_FILE)).map_err(|error| failed("key file", &error));
        for _ in 0..COPIES_MAX {
            let before = Secrets::parse(read()?)?.generations();
            let from = connect(&folder, Access::Read)?;
            let part = data.join("outpost.db.tmp");
            if part.exists() {
                fs::remove_file(&part).map_err(|error| failed("backup", &error))?;
            }
            let mut to = Connection::open(&part)?;
            Backup::new(&from, &mut to)?.step(-1)?;
            to.close().map_err(|(_db, error)| StoreError::from(error))?;
            let bytes = read()?;
            let after = Secrets::parse(bytes.clone())?.generations();
            if before.iter().all(|generation| after.contains(generation)) {
                finish(&part, &data.join(DATABASE_FILE))?;
                return Ok(bytes);
            }
        }
        Err(StoreError::Busy(
            "the keys change; make the copy again".to_owned(),
        ))
    }

    /// Brings a backup back into a new folder and begins a new life there, signed by the old key
    /// and not certified: it captures, and waits to be enrolled again. Whoever was erased between
    /// the copy of the data and that of the keys is erased before anything can be read.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the folder holds a store or the backup is not complete.
    pub fn restore(
        data: &Path,
        keys: &Path,
        config: StoreConfig,
        now: Moment,
    ) -> Result<Self, StoreError> {
        let folder = config.folder.clone();
        if folder.join(DATABASE_FILE).exists() || folder.join(KEY_FILE).exists() {
            return Err(StoreError::Failed(
                "the folder holds a store already".to_owned(),
            ));
        }
        // Both copies are looked at first: a restore that fails leaves nothing in its way.
        let bytes = fs::read(keys.join(KEY_FILE)).map_err(|error| failed("key file", &error))?;
        let copy = data.join(DATABASE_FILE);
        fs::metadata(&copy).map_err(|error| failed("copied database", &error))?;
        let erased = fs::read(keys.join(ERASED_FILE));
        let erased = read_list(&erased.map_err(|error| failed("list of erasures", &error))?)?;
        private_folder(&folder)?;
        write_private(&folder.join("keys.tmp"), &bytes)?;
        finish(&folder.join("keys.tmp"), &folder.join(KEY_FILE))?;
        // The copy gets its name only when the new life is in it: a cut restore opens nowhere.
        let part = folder.join("restore");
        fs::create_dir_all(&part).map_err(|error| failed("data folder", &error))?;
        fs::copy(copy, part.join(DATABASE_FILE)).map_err(|error| failed("restore", &error))?;
        begin_life(&part, &config, now, &erased)?;
        finish(&part.join(DATABASE_FILE), &folder.join(DATABASE_FILE))?;
        fs::remove_dir_all(&part).map_err(|error| failed("restore", &error))?;
        Self::open(config)
    }
}

/// Makes a folder that only its owner may enter.
fn private_folder(folder: &Path) -> Result<(), StoreError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| failed("folder", &error))
}

/// Raises the epoch of a copy in its own folder, then folds its WAL into the file.
fn begin_life(
    part: &Path,
    config: &StoreConfig,
    now: Moment,
    erased: &[Erasure],
) -> Result<(), StoreError> {
    let mut secrets = Secrets::read(&config.folder)?
        .ok_or_else(|| StoreError::Failed("key file is missing".to_owned()))?;
    let db = connect(part, Access::Write)?;
    crate::migrate::migrate(&db)?;
    let vault = std::sync::Arc::new(crate::keys::Vault::new(secrets.clone())?);
    db.execute_batch("BEGIN IMMEDIATE")?;
    let config = ReadyConfig::new(config.clone())?;
    let mut tx = Tx::new(&db, vault, &config, now)?;
    if !tx.has_wrapping() {
        return Err(StoreError::Failed(
            "the keys were changed after this copy of the data: take a newer one".to_owned(),
        ));
    }
    if tx.identity.is_enrolled() {
        let above = tx.identity.epoch;
        tx.live_on(&mut secrets, above, "restore")?;
        tx.restart_count()?;
        tx.certify_own_life(&secrets)?;
    }
    tx.erase_again(erased)?;
    db.execute_batch("COMMIT")?;
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    db.close().map_err(|(_db, error)| StoreError::from(error))
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    if path.exists() {
        fs::remove_file(path).map_err(|error| failed("backup", &error))?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| failed("backup", &error))?;
    file.write_all(bytes)
        .map_err(|error| failed("backup", &error))
}

/// Makes a complete file durable under its name.
fn finish(part: &Path, name: &Path) -> Result<(), StoreError> {
    let sync = |path: &Path| {
        File::open(path)
            .and_then(|file| file.sync_all())
            .map_err(|error| failed("backup", &error))
    };
    sync(part)?;
    fs::rename(part, name).map_err(|error| failed("backup", &error))?;
    name.parent().map_or(Ok(()), sync)
}
