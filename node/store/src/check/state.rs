//! The state hash: one number that replicas of a scope must agree on, and a rebuild with them.
//!
//! SHA-256 over a sorted list of what a store holds of a share (some chains, or all):
//!
//! 1. every chain with its last entry and hash, and so every fact, change, clock and commitment;
//! 2. every document: its heads and all visible values;
//! 3. the views that people read: persons, registrations with status, registry id and refusal,
//!    staff with ended roles, events, consents, and who was erased.
//!
//! Nothing local is in it: no row number, key, token, queue, review number or chosen language. A
//! document that somebody changed in a chain outside the share is left out, since a replica that
//! lacks that chain cannot hold the same. Names are hashed as they are; the hash tells nothing of
//! them to whoever sees it, but says whether two stores are equal, so it is no secret and no token.

use std::collections::BTreeSet;

use ring::digest::{Context, SHA256};
use serde::Serialize;
use sync_core::{ChainId, EntryRef, Scope, Seq, journal};

use crate::hub_store::StoreError;
use crate::migrate::{Access, connect};
use crate::seal::encode;
use crate::sqlite::SqliteStore;
use crate::tx::Tx;

const CONTEXT: &[u8] = b"outpost.state.1";
const DOCUMENTS: &str = "SELECT entry FROM document";
const REGISTRATIONS: &str = "SELECT entry FROM registration";
const EVENTS: &str = "SELECT entry FROM event";
const AUTHORS: &str = "SELECT DISTINCT chain.id FROM entry JOIN chain ON chain.id = entry.chain
    WHERE entry.doc = ?1 AND kind = 0";
const ERASED: &str = "SELECT DISTINCT chain, doc FROM entry WHERE doc IN
    (SELECT doc FROM erasure WHERE erased = 1)";

/// Which part of a store is compared: these chains, and what was made in them alone; none = all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Share {
    /// The chains.
    pub chains: BTreeSet<ChainId>,
}

impl Share {
    fn has(&self, chain: &ChainId) -> bool {
        self.chains.is_empty() || self.chains.contains(chain)
    }

    fn has_area(&self, area: Scope) -> bool {
        let mut areas = self.chains.iter().map(|chain| chain.scope.area());
        self.chains.is_empty() || areas.any(|of| of == area)
    }
}

/// The hash of a state, and how much went into it; with the hash of each part, so that a
/// difference says where to look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StateHash {
    /// Chains, documents and rows of views.
    pub lines: [u64; 3],
    /// Their hashes.
    pub parts: [[u8; 32]; 3],
    /// The hash of all.
    pub hash: [u8; 32],
}

/// Arrival number and name of an entry.
type Placed = (i64, EntryRef);

/// Lines of one part, sorted before they are hashed.
#[derive(Default)]
struct Lines(Vec<Vec<u8>>);

impl Lines {
    fn put<T: Serialize>(&mut self, kind: &str, value: &T) -> Result<(), StoreError> {
        self.0.push(encode(&(kind, value))?);
        Ok(())
    }

    fn hash(mut self) -> (u64, [u8; 32]) {
        self.0.sort_unstable();
        let mut context = Context::new(&SHA256);
        context.update(CONTEXT);
        for line in &self.0 {
            let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
            context.update(&length.to_be_bytes());
            context.update(line);
        }
        let count = u64::try_from(self.0.len()).unwrap_or(u64::MAX);
        (count, digest(context))
    }
}

fn digest(context: Context) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

impl SqliteStore {
    /// The hash of a share of the state; see the head of this module for what it covers.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn state_hash(&self, share: &Share) -> Result<StateHash, StoreError> {
        let db = connect(&self.folder(), Access::Read)?;
        db.execute_batch("BEGIN")?;
        let config = self.config();
        let tx = Tx::new(&db, self.vault(), &config, Tx::no_moment())?;
        let hash = tx.state_hash(share)?;
        db.execute_batch("COMMIT")?;
        Ok(hash)
    }

    /// The hash of a chain at one entry; `None` where that entry is not here.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub async fn entry_hash(
        &self,
        chain: ChainId,
        seq: Seq,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        self.read(move |tx| match tx.chain(&chain)? {
            Some(row) if seq <= row.seq => tx.hash_at(&row, seq).map(Some),
            _ => Ok(None),
        })
        .await
    }
}

impl Tx<'_> {
    /// The hash of a share.
    pub(super) fn state_hash(&self, share: &Share) -> Result<StateHash, StoreError> {
        let parts = [
            self.chain_lines(share)?,
            self.document_lines(share)?,
            self.view_lines(share)?,
        ];
        let mut state = StateHash::default();
        let mut all = Context::new(&SHA256);
        let places = state.lines.iter_mut().zip(&mut state.parts);
        for (part, (count, hash)) in parts.into_iter().zip(places) {
            (*count, *hash) = part.hash();
            all.update(hash);
        }
        state.hash = digest(all);
        Ok(state)
    }

    fn chain_lines(&self, share: &Share) -> Result<Lines, StoreError> {
        let mut lines = Lines::default();
        for row in self.chains()? {
            let chain = row.chain;
            if row.seq > Seq(0) && share.has(&chain) {
                let place = (chain.origin, chain.epoch, chain.scope, row.seq);
                lines.put("chain", &(place, row.hash))?;
            }
        }
        Ok(lines)
    }

    fn document_lines(&self, share: &Share) -> Result<Lines, StoreError> {
        let mut lines = Lines::default();
        for (entry, name) in self.shared_documents(share)? {
            if let Some(document) = self.load_document(entry)? {
                lines.put("document", &(name, document.heads(), document.values()))?;
            }
        }
        Ok(lines)
    }

    fn view_lines(&self, share: &Share) -> Result<Lines, StoreError> {
        let mut lines = Lines::default();
        for (entry, name) in self.shared_documents(share)? {
            if let Some(person) = self.person_at(entry)? {
                lines.put("person", &(name, person.fields, person.conflicts))?;
            }
            lines.put("consent", &(name, self.consents(&name)?))?;
        }
        for name in self.names_of(REGISTRATIONS, share)? {
            if let Some(row) = self.registration(&name)? {
                let submitted = (name, row.registration, row.author, row.correlation_id);
                let became = (row.status, row.registry_id, row.rejection, row.captured_at);
                lines.put("registration", &(submitted, became))?;
            }
        }
        for name in self.names_of(EVENTS, share)? {
            for row in self.event(&name)? {
                let of = (row.subject, row.author, row.at, row.live);
                lines.put("event", &(name, of, row.event))?;
            }
        }
        for area in self.site().areas {
            if share.has_area(area) {
                self.staff_lines(area, &mut lines)?;
            }
        }
        let mut statement = self.db.prepare(ERASED)?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            if share.has(&self.chain_by_id(row.get(0)?)?.chain) {
                lines.put("erased", &row.get::<_, [u8; 16]>(1)?)?;
            }
        }
        Ok(lines)
    }

    fn staff_lines(&self, area: Scope, lines: &mut Lines) -> Result<(), StoreError> {
        for grant in self.staff_of(area)? {
            let ended = self.is_staff_ended(area, grant.index)?;
            lines.put("staff", &(grant, ended))?;
        }
        Ok(())
    }

    /// Documents of the share that nobody outside it changed.
    fn shared_documents(&self, share: &Share) -> Result<Vec<Placed>, StoreError> {
        let mut documents = Vec::new();
        for (entry, name) in self.rows(DOCUMENTS, share)? {
            let doc = journal::doc_id(self.identity.hub, &name);
            if self.all_in(share, &doc.0)? {
                documents.push((entry, name));
            }
        }
        Ok(documents)
    }

    /// Whether all changes of a document lie in the share.
    fn all_in(&self, share: &Share, doc: &[u8; 16]) -> Result<bool, StoreError> {
        let mut statement = self.db.prepare_cached(AUTHORS)?;
        let mut found = statement.query([doc])?;
        while let Some(row) = found.next()? {
            if !share.has(&self.chain_by_id(row.get(0)?)?.chain) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn names_of(&self, sql: &str, share: &Share) -> Result<Vec<EntryRef>, StoreError> {
        let rows = self.rows(sql, share)?;
        Ok(rows.into_iter().map(|(_entry, name)| name).collect())
    }

    fn rows(&self, sql: &str, share: &Share) -> Result<Vec<Placed>, StoreError> {
        let mut statement = self.db.prepare(sql)?;
        let entries: Vec<i64> = statement
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut rows = Vec::new();
        for entry in entries {
            let name = self.entry_name(entry)?;
            let chain = ChainId {
                hub: self.identity.hub,
                origin: name.origin,
                epoch: name.epoch,
                scope: name.scope,
            };
            if share.has(&chain) {
                rows.push((entry, name));
            }
        }
        Ok(rows)
    }
}
