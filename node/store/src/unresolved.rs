//! Facts that arrived before what they are about: they wait, and are applied right behind it.
//!
//! So two sites that hold the same entries show the same, whatever came first over which road. A
//! rebuild goes through the entries in the order of their arrival and lets the same ones wait.

use node_core::apply::{Rest, rests_on};
use node_core::fact::Fact;
use node_core::view::ViewChange;
use rusqlite::params;
use sync_core::EntryKind;

use crate::engine::{Happened, HappenedBody};
use crate::epoch::failed;
use crate::hub_store::StoreError;
use crate::journal::Stored;
use crate::name::name_bytes;
use crate::tx::Tx;

const WAIT: &str = "INSERT OR IGNORE INTO unresolved (key, entry) VALUES (?1, ?2)";
const WAITING: &str = "SELECT entry FROM unresolved WHERE key = ?1 ORDER BY entry";
const WAKE: &str = "DELETE FROM unresolved WHERE key = ?1";

/// Tags of keys.
const ENTRY: u8 = 0;
const REVIEW: u8 = 1;
const MATCH: u8 = 2;

fn key(rest: &Rest) -> Vec<u8> {
    match rest {
        Rest::Entry(name) => [&[ENTRY], name_bytes(name).as_slice()].concat(),
        Rest::Review(number) => [&[REVIEW], number.to_be_bytes().as_slice()].concat(),
        Rest::Match(number) => [&[MATCH], number.to_be_bytes().as_slice()].concat(),
    }
}

impl Tx<'_> {
    /// Whether an entry must wait for something; then it does.
    pub(crate) fn waits(&self, happened: &Happened) -> Result<bool, StoreError> {
        let HappenedBody::Fact(fact) = &happened.body else {
            return Ok(false);
        };
        for rest in rests_on(fact) {
            if !self.is_here(&rest)? {
                let place = params![key(&rest), happened.stored.id];
                self.db.prepare_cached(WAIT)?.execute(place)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether something is here; in a rebuild, whether it was by the entry that is looked at.
    fn is_here(&self, rest: &Rest) -> Result<bool, StoreError> {
        Ok(match rest {
            Rest::Entry(name) => {
                let id = self.entry_id(name)?;
                id.is_some_and(|id| self.replayed_to.get().is_none_or(|end| id <= end))
            }
            Rest::Review(number) => !self.review(*number)?.is_empty(),
            Rest::Match(number) => !self.match_by_number(*number)?.is_empty(),
        })
    }

    /// What waited for an entry that was just applied, or for what it brought.
    pub(crate) fn woken(
        &self,
        happened: &Happened,
        changes: &[ViewChange],
    ) -> Result<Vec<Happened>, StoreError> {
        let brought = changes.iter().filter_map(|change| match change {
            ViewChange::PutReview(row) => Some(Rest::Review(row.review)),
            ViewChange::PutMatch(row) => Some(Rest::Match(row.number)),
            _ => None,
        });
        let mut woken = Vec::new();
        for rest in brought.chain([Rest::Entry(happened.stored.name)]) {
            let key = key(&rest);
            let mut statement = self.db.prepare_cached(WAITING)?;
            let entries: Vec<i64> = statement
                .query_map([&key], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            if entries.is_empty() {
                continue;
            }
            self.db.prepare_cached(WAKE)?.execute([&key])?;
            for entry in entries {
                woken.extend(self.happened_again(entry)?);
            }
        }
        Ok(woken)
    }

    /// An entry of the journal as it is applied once more; nothing of one whose body is gone.
    pub(crate) fn happened_again(&self, entry: i64) -> Result<Vec<Happened>, StoreError> {
        let stored = Stored {
            id: entry,
            name: self.entry_name(entry)?,
            meta: self.entry_meta(entry)?,
        };
        let Some(body) = self.body_if_kept(entry)? else {
            return Ok(Vec::new());
        };
        if stored.meta.kind == EntryKind::Change {
            return self.apply_change(stored, &body).map_err(failed);
        }
        let fact = Fact::decode(&body).map_err(|error| StoreError::Failed(error.to_string()))?;
        let about = stored.meta.doc_ref;
        Ok(vec![Happened {
            stored,
            body: HappenedBody::Fact(fact),
            about,
        }])
    }
}
