//! Erasing a person: keys, bodies, rows, tokens, salts, sessions and texts go in one transaction.
//!
//! The heads and commitments of entries stay, so chains, receipts and audit verify. Block seeds
//! give way to the salts of the entries that are left, so that nobody can try bodies against a
//! commitment. An erased document takes nothing any more, whether older or newer (E2).

pub(crate) mod kept;

use channels_core::Msisdn;
use node_core::binding;
use node_core::erasure::{Approver, ErasureDesk, ErasureRequest, ErasureRow};
use node_core::person::Field;
use node_core::query::OpenErasure;
use rusqlite::{OptionalExtension, params};
use sync_core::journal::{self, doc_id};
use sync_core::{DocId, EntryRef, NodeId, Scope, Seq};

use crate::conversation::kept::row_number;
use crate::hub_store::StoreError;
use crate::journal::ChainRow;
use crate::keys::random;
use crate::name::{array, name_bytes, parse_name, row_name};
use crate::seal::Row;
use crate::tx::Tx;

const READ: &str = "SELECT asked, scope, number, erased FROM erasure WHERE person = ?1";
const WRITE: &str = "INSERT INTO erasure (person, doc, asked, scope, number, erased)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (person) DO UPDATE SET asked = excluded.asked,
    scope = excluded.scope, number = excluded.number, erased = max(erased, excluded.erased)";
const ERASED: &str = "SELECT 1 FROM erasure WHERE doc = ?1 AND erased = 1";
const DONE: &str = "INSERT OR IGNORE INTO erasure_done (person, node) VALUES (?1, ?2)";
const WAITING: &str = "SELECT person FROM erasure WHERE erased = 0
    ORDER BY scope IS NULL, person";
const OPEN: &str = "SELECT person FROM erasure WHERE erased = 1 ORDER BY person";
const HAS_DONE: &str = "SELECT count(*) FROM erasure_done WHERE person = ?1 AND node = ?2";
const HOLDERS: &str = "SELECT DISTINCT node FROM certificate ORDER BY node";

const KEY: &str = "SELECT id FROM data_key WHERE kind = 2 AND owner = ?1";
const BLOCKS: &str = "SELECT DISTINCT entry.chain, entry.seq FROM entry WHERE entry.doc = ?1";
const SALT_READ: &str = "SELECT wrapped FROM salt WHERE chain = ?1 AND seq = ?2";
const SALT_WRITE: &str = "INSERT OR IGNORE INTO salt (chain, seq, wrapped) VALUES (?1, ?2, ?3)";
const SALTED: &str = "SELECT entry.seq FROM entry JOIN body ON body.entry = entry.id
    WHERE entry.chain = ?1 AND entry.seq BETWEEN ?2 AND ?3";
const SEED_DROP: &str = "DELETE FROM seed WHERE chain = ?1 AND block = ?2";
const REGISTRATIONS: &str = "SELECT entry FROM registration WHERE mother = ?1 OR child = ?1";
/// What a data key seals, each deleted by it; the key itself is the last.
const OWNED: [&str; 14] = [
    "DELETE FROM held_change WHERE owner = ?1",
    "DELETE FROM event WHERE owner = ?1",
    "DELETE FROM plan WHERE owner = ?1",
    "DELETE FROM effect WHERE owner = ?1",
    "DELETE FROM review WHERE owner = ?1",
    "DELETE FROM registration WHERE owner = ?1",
    "DELETE FROM person WHERE owner = ?1",
    "DELETE FROM document WHERE owner = ?1",
    "DELETE FROM alias WHERE owner = ?1",
    "DELETE FROM consent WHERE owner = ?1",
    "DELETE FROM pin WHERE owner = ?1",
    "DELETE FROM match WHERE owner = ?1",
    "DELETE FROM read_log WHERE owner = ?1",
    "DELETE FROM body WHERE owner = ?1",
];
const KEY_DROP: &str = "DELETE FROM data_key WHERE id = ?1";
const PARKED: &str = "DELETE FROM parked WHERE doc = ?1";
const UNNUMBERED: &str = "DELETE FROM unnumbered WHERE entry = ?1";
const EVENTS: &str = "DELETE FROM event WHERE subject = ?1";
const PLANS: &str = "DELETE FROM plan WHERE person = ?1";
const TOKENS: &str = "DELETE FROM token WHERE target = ?1 AND about IN (0, 2)";
const REPEATS: &str = "DELETE FROM token WHERE target = ?1 AND about = 1";
const PARTICIPANTS: &str = "DELETE FROM token WHERE target = ?1 AND about = 4";
const EFFECTS: &str = "DELETE FROM effect WHERE entry = ?1";
const STILL: &str = "SELECT count(*) FROM registration WHERE entry = ?1";
const COVERED: &str = "DELETE FROM message_cover WHERE entry = ?1";
const TEXTS: &str = "UPDATE message SET sealed = x'', repeat_at = NULL, recipient = 0,
    content = 0, state = CASE WHEN state IN (0, 1, 8) THEN 7 ELSE state END WHERE recipient = ?1";
const HANDOVERS: &str = "UPDATE handover SET recipient = 0 WHERE recipient = ?1";
const DIALOGUE: &str = "DELETE FROM session WHERE phone = ?1";
const THREADS: &str = "DELETE FROM inbox_text WHERE thread = ?1";
const LINES: &str = "DELETE FROM broadcast_line WHERE recipient = ?1";

pub(crate) fn salt_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "salt",
        name,
    }
}

pub(crate) fn salt_name(chain: i64, seq: Seq) -> Vec<u8> {
    let mut name = row_name(chain).to_vec();
    name.extend(seq.0.to_be_bytes());
    name
}

impl Tx<'_> {
    /// How far an erasure has come.
    pub(crate) fn erasure(&self, person: &EntryRef) -> Result<ErasureRow, StoreError> {
        let found = self
            .db
            .prepare_cached(READ)?
            .query_row([name_bytes(person)], |row| {
                let scope: Option<u32> = row.get(1)?;
                let index: Option<u32> = row.get(2)?;
                let approved: Option<Approver> = scope.map(Scope).zip(index);
                Ok(ErasureRow {
                    asked: row.get(0)?,
                    approved,
                    erased: row.get(3)?,
                })
            })
            .optional()?;
        Ok(found.unwrap_or_default())
    }

    /// Replaces how far an erasure has come.
    pub(crate) fn put_erasure(&self, person: &EntryRef, row: ErasureRow) -> Result<(), StoreError> {
        let doc = doc_id(self.identity.hub, person);
        let (scope, index) = row.approved.unzip();
        self.db.prepare_cached(WRITE)?.execute(params![
            name_bytes(person),
            doc.0,
            row.asked,
            scope.map(|scope| scope.0),
            index,
            row.erased
        ])?;
        Ok(())
    }

    /// Notes that a holder gave a person's data up.
    pub(crate) fn confirm_erasure(
        &self,
        person: &EntryRef,
        node: NodeId,
    ) -> Result<(), StoreError> {
        self.db
            .prepare_cached(DONE)?
            .execute(params![name_bytes(person), node.0])?;
        Ok(())
    }

    /// Erasures that some certified holder has not confirmed, with those holders.
    pub(crate) fn unconfirmed(&self) -> Result<Vec<OpenErasure>, StoreError> {
        let holders: Vec<u32> = self
            .db
            .prepare_cached(HOLDERS)?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let persons: Vec<Vec<u8>> = self
            .db
            .prepare_cached(OPEN)?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut open = Vec::new();
        for person in persons {
            let mut missing = Vec::new();
            for node in &holders {
                let done: i64 = self
                    .db
                    .prepare_cached(HAS_DONE)?
                    .query_row(params![person, node], |row| row.get(0))?;
                if done == 0 {
                    missing.push(NodeId(*node));
                }
            }
            if !missing.is_empty() {
                open.push((parse_name(&person)?, missing));
            }
        }
        Ok(open)
    }

    /// The erasures of an area that are not at their end.
    pub(crate) fn erasure_desk(&self, area: Scope, limit: u32) -> Result<ErasureDesk, StoreError> {
        let persons: Vec<Vec<u8>> = self
            .db
            .prepare_cached(WAITING)?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut desk = ErasureDesk::default();
        for person in persons {
            let person = parse_name(&person)?;
            if person.scope.area() != area {
                continue;
            }
            let row = self.erasure(&person)?;
            let approved = row.approved.map(|by| self.staff_name_of(by)).transpose()?;
            desk.waiting.push(ErasureRequest {
                person,
                number: self.number_of(&person)?,
                asked: row.asked,
                approved: approved.map(Option::unwrap_or_default),
            });
            if desk.waiting.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
                break;
            }
        }
        desk.unconfirmed = self.unconfirmed()?;
        desk.unconfirmed
            .retain(|(person, _)| person.scope.area() == area);
        Ok(desk)
    }

    /// Whether a document's person was erased.
    pub(crate) fn is_erased(&self, doc: DocId) -> Result<bool, StoreError> {
        if doc == DocId::NONE {
            return Ok(false);
        }
        let found = self
            .db
            .prepare_cached(ERASED)?
            .query_row([doc.0], |_row| Ok(()))
            .optional()?;
        Ok(found.is_some())
    }

    /// Gives up everything about a person.
    pub(crate) fn erase_person(&self, person: &EntryRef) -> Result<(), StoreError> {
        self.guard.borrow_mut().erased = true;
        self.want_rewrap()?;
        let doc = doc_id(self.identity.hub, person);
        let row = self.erasure(person)?;
        self.put_erasure(
            person,
            ErasureRow {
                erased: true,
                ..row
            },
        )?;
        self.erase_line(person)?;
        self.salt_blocks(doc)?;
        let name = name_bytes(person);
        let registrations: Vec<i64> = self
            .db
            .prepare_cached(REGISTRATIONS)?
            .query_map([&name], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for entry in &registrations {
            self.plan_removals(person, *entry)?;
            self.db.prepare_cached(EFFECTS)?.execute([entry])?;
            self.db.prepare_cached(REPEATS)?.execute([entry])?;
            self.db.prepare_cached(COVERED)?.execute([entry])?;
        }
        self.db.prepare_cached(PARKED)?.execute([doc.0])?;
        self.db.prepare_cached(EVENTS)?.execute([&name])?;
        self.db.prepare_cached(PLANS)?.execute([&name])?;
        self.drop_pairs(person)?;
        self.drop_memberships(person)?;
        if let Some(entry) = self.entry_id(person)? {
            self.db.prepare_cached(TOKENS)?.execute([entry])?;
            self.db.prepare_cached(UNNUMBERED)?.execute([entry])?;
        }
        let key: Option<i64> = self
            .db
            .prepare_cached(KEY)?
            .query_row([doc.0], |row| row.get(0))
            .optional()?;
        if let Some(key) = key {
            for sql in OWNED {
                self.db.prepare_cached(sql)?.execute([key])?;
            }
            self.db.prepare_cached(KEY_DROP)?.execute([key])?;
        }
        for entry in registrations {
            let still: i64 = self
                .db
                .prepare_cached(STILL)?
                .query_row([entry], |row| row.get(0))?;
            if still == 0 {
                self.db.prepare_cached(PARTICIPANTS)?.execute([entry])?;
            }
        }
        Ok(())
    }

    /// What lies under the person's number: her place at it, its dialogue, and texts to and from it.
    fn erase_line(&self, person: &EntryRef) -> Result<(), StoreError> {
        let row = self.person(person)?;
        let Some(number) = row.as_ref().and_then(|row| row.fields.get(Field::Phone)) else {
            return Ok(());
        };
        let mut line = self.phone(number)?;
        binding::forget(&mut line, *person);
        line.asked &= !line.bindings.is_empty();
        if line.bindings.is_empty() {
            line.language = None;
            line.area = None;
        }
        self.put_phone_or_drop(number, line)?;
        if let Ok(phone) = Msisdn::parse(number) {
            self.drop_conversation(&phone)?;
        }
        let recipient = self.recipient_token(number);
        self.db.prepare_cached(TEXTS)?.execute([recipient])?;
        self.db.prepare_cached(HANDOVERS)?.execute([recipient])?;
        self.db.prepare_cached(THREADS)?.execute([recipient])?;
        self.db.prepare_cached(LINES)?.execute([recipient])?;
        Ok(())
    }

    /// Forgets the dialogue of a number.
    pub(crate) fn drop_conversation(&self, phone: &Msisdn) -> Result<(), StoreError> {
        let number = row_number(&self.conversation_token(phone));
        self.db.prepare_cached(DIALOGUE)?.execute([number])?;
        Ok(())
    }

    /// Replaces the seeds of all blocks that hold an entry of the document.
    fn salt_blocks(&self, doc: DocId) -> Result<(), StoreError> {
        let places: Vec<(i64, u32)> = self
            .db
            .prepare(BLOCKS)?
            .query_map([doc.0], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (chain, seq) in places {
            self.drop_frames_of(chain, Seq(seq))?;
            self.salt_block(chain, journal::block(Seq(seq)))?;
        }
        Ok(())
    }

    /// Replaces the seed of a block by the salts of its entries of which the person is not erased.
    pub(crate) fn salt_block(&self, chain: i64, block: u32) -> Result<(), StoreError> {
        let Some(seed) = self.seed(chain, block)? else {
            return Ok(());
        };
        let first = block.saturating_mul(journal::BLOCK_ENTRIES);
        let last = first.saturating_add(journal::BLOCK_ENTRIES.saturating_sub(1));
        let seqs: Vec<u32> = self
            .db
            .prepare_cached(SALTED)?
            .query_map(params![chain, first, last], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for seq in seqs.into_iter().map(Seq) {
            let id = self.entry_id_in(chain, seq)?;
            if !self.is_erased(self.entry_meta(id)?.doc)? {
                self.put_salt(chain, seq, &journal::salt(&seed, seq))?;
            }
        }
        self.db
            .prepare_cached(SEED_DROP)?
            .execute(params![chain, block])?;
        Ok(())
    }

    /// Whether a block has lost its seed.
    pub(crate) fn is_salted(&self, chain: &ChainRow, block: u32) -> Result<bool, StoreError> {
        let began = chain.seq.0 > 0 && journal::block(chain.seq) >= block;
        Ok(began && self.seed(chain.id, block)?.is_none())
    }

    /// Keeps the salt of one entry, wrapped.
    pub(crate) fn put_salt(&self, chain: i64, seq: Seq, salt: &[u8; 16]) -> Result<(), StoreError> {
        let name = salt_name(chain, seq);
        let wrapped = self.wrap(salt_row(&name), salt)?;
        self.db
            .prepare_cached(SALT_WRITE)?
            .execute(params![chain, seq.0, wrapped])?;
        Ok(())
    }

    /// The salt of an entry: its own, or the one of its block's seed.
    pub(crate) fn salt_of(&self, chain: i64, seq: Seq) -> Result<Option<[u8; 16]>, StoreError> {
        if let Some(seed) = self.seed(chain, journal::block(seq))? {
            return Ok(Some(journal::salt(&seed, seq)));
        }
        let wrapped: Option<Vec<u8>> = self
            .db
            .prepare_cached(SALT_READ)?
            .query_row(params![chain, seq.0], |row| row.get(0))
            .optional()?;
        let name = salt_name(chain, seq);
        wrapped
            .map(|wrapped| array(&self.unwrap(salt_row(&name), &wrapped)?))
            .transpose()
    }

    /// A salt for the next entry of a block that has lost its seed.
    pub(crate) fn new_salt(&self, chain: i64, seq: Seq) -> Result<[u8; 16], StoreError> {
        let salt = random()?;
        self.put_salt(chain, seq, &salt)?;
        Ok(salt)
    }
}

#[cfg(test)]
mod tests;
