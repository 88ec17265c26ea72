//! The anchor: a second place that knows how far this store was, so that a store whose disk was set
//! back to an older copy notices it by itself.
//!
//! A card can be copied, and its copy put back or started in a second board. The store then goes on
//! from an old place without knowing it, and what it writes gets names that exist elsewhere. The
//! anchor is a small file on another medium, or at least another partition. Each start counts in the
//! store first and in the anchor behind it; at a start, later, and at the end the anchor also takes
//! down how many entries this store has written. A store that is behind its anchor, or lies before
//! the anchor of another one, was set back or moved, and begins a new life before its first entry.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use node_core::contact::Moment;
use serde::{Deserialize, Serialize};

use crate::hub_store::StoreError;
use crate::keys::random;
use crate::seal::{decode, encode};
use crate::sqlite::SqliteStore;
use crate::tx::Tx;

/// Setting with the store's name and its count of starts.
const STARTS: &str = "starts";
const WRITTEN: &str = "SELECT coalesce(sum(seq), 0) FROM chain WHERE origin = ?1";

/// What a start found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Anchored {
    /// There was no anchor; now there is one.
    First,
    /// The store is where its anchor says.
    Fast,
    /// The store is behind its anchor, or the anchor is another one's: a new life has begun.
    SetBack,
    /// As before, but nothing was begun: it was never enrolled, or waits to be enrolled again.
    Adrift,
}

/// How often a store was started.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Starts {
    /// Drawn at the first start: two stores never share it, two copies of one do.
    store: [u8; 16],
    count: u64,
    /// Brought back by `outpost restore`, or enrolled or founded on a new card: its life is new, and
    /// the next start takes the anchor over as it is.
    is_new: bool,
}

/// What the anchor says.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Mark {
    starts: Starts,
    /// Entries that the store had written.
    written: u64,
}

impl SqliteStore {
    /// Counts a start here and at the anchor, and compares the two. To be called before anything is
    /// written, once a start.
    ///
    /// # Errors
    /// [`StoreError`] of the store, or of an anchor that cannot be read or written; the start has
    /// then been counted here, and the next one compares again.
    pub async fn drop_anchor(&self, anchor: &Path, now: Moment) -> Result<Anchored, StoreError> {
        let mark = read(anchor)?;
        let (found, mark) = self
            .write_keys(now, move |tx, secrets| {
                let before = tx.setting::<Starts>(STARTS)?;
                let is_behind = match (mark, before) {
                    (None, _) => false,
                    (Some(_), None) => true,
                    (Some(mark), Some(starts)) => {
                        !starts.is_new
                            && (starts.store != mark.starts.store
                                || starts.count < mark.starts.count
                                || tx.written()? < mark.written)
                    }
                };
                let found = if !is_behind {
                    mark.map_or(Anchored::First, |_mark| Anchored::Fast)
                } else if tx.identity.is_enrolled() && tx.identity.certified {
                    let above = tx.identity.epoch;
                    tx.live_on(secrets, above, "set-back")?;
                    tx.certify_own_life(secrets)?;
                    Anchored::SetBack
                } else {
                    Anchored::Adrift
                };
                let starts = tx.count_start(before.filter(|_| !is_behind))?;
                let written = tx.written()?;
                Ok((found, Mark { starts, written }))
            })
            .await?;
        write(anchor, &mark)?;
        Ok(found)
    }

    /// Takes down at the anchor how far this store is by now.
    ///
    /// # Errors
    /// [`StoreError`] of the store, or of an anchor that cannot be written.
    pub async fn raise_mark(&self, anchor: &Path) -> Result<(), StoreError> {
        let mark = self.read(|tx| {
            let starts = tx.setting::<Starts>(STARTS)?;
            let written = tx.written()?;
            Ok(starts.map(|starts| Mark { starts, written }))
        });
        match mark.await? {
            Some(mark) => write(anchor, &mark),
            None => Ok(()),
        }
    }
}

impl Tx<'_> {
    /// Entries of all our lives.
    fn written(&self) -> Result<u64, StoreError> {
        let mut statement = self.db.prepare_cached(WRITTEN)?;
        let sum: i64 = statement.query_row([self.identity.node.0], |row| row.get(0))?;
        Ok(sum.cast_unsigned())
    }

    /// One more start; a store that was set back gets a new name, so that its copy is another one.
    fn count_start(&self, before: Option<Starts>) -> Result<Starts, StoreError> {
        let starts = match before {
            Some(starts) => Starts {
                count: starts.count.saturating_add(1),
                is_new: false,
                ..starts
            },
            None => Starts {
                store: random()?,
                count: 1,
                is_new: false,
            },
        };
        self.put_setting(STARTS, &starts)?;
        Ok(starts)
    }

    /// A store that was never started begins its life by an enrolment or founding.
    pub(crate) fn begin_count(&self) -> Result<(), StoreError> {
        match self.setting::<Starts>(STARTS)? {
            Some(_) => Ok(()),
            None => self.restart_count(),
        }
    }

    /// A store that is brought back as it should be has its new life already.
    pub(crate) fn restart_count(&self) -> Result<(), StoreError> {
        let starts = Starts {
            store: random()?,
            count: 0,
            is_new: true,
        };
        self.put_setting(STARTS, &starts)
    }
}

fn failed(error: &std::io::Error) -> StoreError {
    StoreError::Failed(format!("anchor: {error}"))
}

fn read(anchor: &Path) -> Result<Option<Mark>, StoreError> {
    match fs::read(anchor) {
        Ok(bytes) => decode(&bytes)
            .map(Some)
            .map_err(|error| StoreError::Failed(format!("anchor {}: {error}", anchor.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(&error)),
    }
}

/// Replaces the file whole: a cut leaves the old one or the new one.
fn write(anchor: &Path, mark: &Mark) -> Result<(), StoreError> {
    let part = anchor.with_extension("tmp");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&part).map_err(|error| failed(&error))?;
    file.write_all(&encode(mark)?)
        .and_then(|()| file.sync_all())
        .map_err(|error| failed(&error))?;
    fs::rename(&part, anchor).map_err(|error| failed(&error))?;
    let folder = anchor.parent().map(File::open);
    let folder = folder.transpose().map_err(|error| failed(&error))?;
    folder.map_or(Ok(()), |folder| {
        folder.sync_all().map_err(|error| failed(&error))
    })
}

#[cfg(test)]
mod tests;
