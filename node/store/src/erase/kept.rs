//! The list of erasures that lies beside the keys of a backup, and what a restore does with it.
//!
//! A copy of the data may be older than an erasure. The folder of the keys has one generation, so
//! its list is the newest: a restore erases everybody on it before the store can be opened, and a
//! hub orders it again in its new life, for nodes that have not heard of it. The list names
//! documents, approvers and staff's words, and no person.

use node_core::erasure::Erasure;
use node_core::fact::Fact;
use node_core::schema::PERSON_ERASED;

use crate::engine::Starts;
use crate::epoch::failed;
use crate::hub::control;
use crate::hub_store::StoreError;
use crate::migrate::{Access, connect};
use crate::sqlite::SqliteStore;
use crate::tx::Tx;

/// Name of the list in the folder of the copied keys.
pub(crate) const ERASED_FILE: &str = "erased";
/// Version byte of the list.
const LIST_VERSION: u8 = 1;

const ORDERED: &str = "SELECT id FROM entry WHERE schema = ?1 ORDER BY id";

/// Reads a list that [`SqliteStore::backup`] wrote.
///
/// # Errors
/// [`StoreError::Failed`] when it is cut short or of another version.
pub(crate) fn read_list(bytes: &[u8]) -> Result<Vec<Erasure>, StoreError> {
    let damaged = || StoreError::Failed("the list of erasures is damaged".to_owned());
    let (version, list) = bytes.split_first().ok_or_else(damaged)?;
    if *version != LIST_VERSION {
        return Err(damaged());
    }
    match postcard::take_from_bytes(list) {
        Ok((erasures, [])) => Ok(erasures),
        _ => Err(damaged()),
    }
}

impl SqliteStore {
    /// The list of erasures that were ordered, as [`read_list`] reads it.
    pub(crate) fn erasures(&self) -> Result<Vec<u8>, StoreError> {
        let db = connect(&self.folder(), Access::Read)?;
        db.execute_batch("BEGIN")?;
        let config = self.config();
        let tx = Tx::new(&db, self.vault(), &config, Tx::no_moment())?;
        let list = postcard::to_stdvec(&tx.ordered_erasures()?)
            .map_err(|error| StoreError::Failed(format!("list of erasures: {error}")))?;
        Ok([&[LIST_VERSION], &list[..]].concat())
    }
}

impl Tx<'_> {
    fn ordered_erasures(&self) -> Result<Vec<Erasure>, StoreError> {
        let mut statement = self.db.prepare(ORDERED)?;
        let entries: Vec<i64> = statement
            .query_map([PERSON_ERASED], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut erasures: Vec<Erasure> = Vec::new();
        for entry in entries {
            let body = self.body_if_kept(entry)?;
            if let Some(Ok(Fact::PersonErased(erasure))) = body.as_deref().map(Fact::decode) {
                erasures.push(erasure);
            }
        }
        Ok(erasures)
    }

    /// Gives up everything about those on a list whom this copy still knows as living.
    pub(crate) fn erase_again(&self, erasures: &[Erasure]) -> Result<(), StoreError> {
        for erasure in erasures {
            if self.erasure(&erasure.person)?.erased {
                continue;
            }
            if !self.site().is_hub {
                self.erase_person(&erasure.person)?;
                continue;
            }
            let order = control(
                erasure.person.scope.area(),
                Fact::PersonErased(erasure.clone()),
            );
            let written = self.write(order, 0, &mut Starts::new()).map_err(failed)?;
            let mut messages = Vec::new();
            self.settle(written.into_iter().collect(), &mut messages)
                .map_err(failed)?;
        }
        Ok(())
    }
}
