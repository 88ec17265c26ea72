//! Answers to closed questions, from committed state.

use node_core::fact::Registration;
use node_core::person::Field;
use node_core::query::{Answer, ChainHead, Counts, Query, SelfState};
use node_core::view::NumbersRow;
use sync_core::frame::{self, Mark, RedactedInput, SealInput};
use sync_core::{ChainId, Entry, EntryRef, Scope, Seq, journal};

use crate::hub_store::StoreError;
use crate::journal::ChainRow;
use crate::name::array;
use crate::tx::Tx;
use crate::view::record::RecordKey;

/// Rows that one question may return.
pub(crate) const ROWS_MAX: u32 = 500;
/// Records of a served registry per page.
pub(crate) const RECORDS_MAX: u32 = 2_000;
/// Bytes of bodies and heads put into one frame, before compression.
const FRAME_PLAIN_BYTES_MAX: usize = 60 * 1024;
/// Seeds by block.
type Seeds = Vec<(u32, [u8; 16])>;
/// Head of an entry in a frame, at most, with its document reference.
const HEAD_BYTES: usize = 40;

impl Tx<'_> {
    /// Answers one question.
    pub(crate) fn answer(&self, query: Query) -> Result<Answer, StoreError> {
        Ok(match query {
            Query::Registrations { limit } => {
                Answer::Registrations(self.newest_registrations(limit.min(ROWS_MAX))?)
            }
            Query::RegistrationNumbers { limit } => {
                Answer::RegistrationNumbers(self.registration_numbers(limit.min(ROWS_MAX))?)
            }
            Query::Reviews { limit } => Answer::Reviews(self.newest_reviews(limit.min(ROWS_MAX))?),
            Query::Counts => Answer::Counts(self.counts()?),
            Query::Self_ => Answer::Self_(self.self_state()?),
            Query::Frontier => Answer::Frontier(self.frontier()?),
            Query::Frames {
                chain,
                after,
                bytes_max,
                packed,
            } => Answer::Frames(self.frames(&chain, (after, bytes_max), packed)?),
            Query::ChainHash { chain, seq } => Answer::Hash(self.chain_hash(&chain, seq)?),
            Query::Receipt { chain } => Answer::Bytes(self.receipt_bytes(&chain)?),
            Query::Certificate { node, epoch } => {
                Answer::Bytes(self.certificate_bytes(node, epoch)?)
            }
            Query::Stopped { node, epoch } => {
                Answer::Stopped(self.revocations()?.is_stopped(node, epoch))
            }
            Query::Nodes => Answer::Nodes(self.nodes()?),
            Query::Revocations => {
                let bytes = self.revocation_bytes()?;
                Answer::Bytes((!bytes.is_empty()).then_some(bytes))
            }
            Query::Staff { scope } => Answer::Staff(self.staff_of(scope)?),
            Query::Record {
                registry,
                version,
                id,
            } => Answer::Record(self.record(RecordKey {
                registry: &registry,
                version: &version,
                id: &id,
            })?),
            Query::Records {
                registry,
                version,
                offset,
                limit,
            } => {
                let (rows, total) =
                    self.records(&registry, &version, offset, limit.min(RECORDS_MAX))?;
                Answer::Records { rows, total }
            }
            Query::Messages { state, limit } => {
                Answer::Messages(self.messages_in(state, limit.min(ROWS_MAX))?)
            }
            Query::MessageStates { ids } => Answer::Messages(self.message_states(&ids)?),
            Query::Links { at } => Answer::Links(self.links(at)?),
            Query::Broadcasts => Answer::Broadcasts(self.broadcasts()?),
            Query::BroadcastPreview { broadcast } => {
                Answer::BroadcastPreview(self.broadcast_preview(broadcast)?)
            }
            Query::Inbox { limit } => Answer::Inbox(self.inbox_texts(limit.min(ROWS_MAX))?),
            Query::OpenErasures => Answer::Erasures(self.unconfirmed()?),
            Query::Person { document } => Answer::Person(self.whole(&document)?),
            Query::Matches { limit } => Answer::Matches(self.newest_matches(limit.min(ROWS_MAX))?),
            Query::HouseholdDoubts { programme } => {
                Answer::Doubts(self.household_doubts(&programme)?)
            }
            other => self.office_answer(other)?,
        })
    }

    /// Chain hash after an entry that is held; the genesis hash for 0.
    fn chain_hash(&self, chain: &ChainId, seq: Seq) -> Result<Option<[u8; 32]>, StoreError> {
        if seq == Seq(0) {
            return Ok(Some(journal::genesis(chain)));
        }
        match self.chain(chain)? {
            Some(row) if row.seq >= seq => Ok(Some(self.hash_at(&row, seq)?)),
            _ => Ok(None),
        }
    }

    fn registration_numbers(&self, limit: u32) -> Result<Vec<NumbersRow>, StoreError> {
        let mut rows = Vec::new();
        for row in self.newest_registrations(limit)? {
            let Registration { mother, child, .. } = row.registration;
            let numbers = [self.number_of(&mother)?, self.number_of(&child)?];
            rows.push(NumbersRow {
                registration: row.id,
                numbers,
            });
        }
        Ok(rows)
    }

    pub(crate) fn number_of(&self, person: &EntryRef) -> Result<String, StoreError> {
        let person = self.person(person)?;
        let number = person
            .as_ref()
            .and_then(|person| person.fields.get(Field::Number));
        Ok(number.unwrap_or_default().to_owned())
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        let by_status = self.count_registrations()?;
        let mut counts = Counts {
            persons: self.count_persons()?,
            registrations: by_status.iter().map(|(_, count)| count).sum(),
            confirmed: self.count_confirmed()?,
            open_reviews: self.count_open_reviews()?,
            numbers_left: self.lease_left()?,
            not_carried: self.not_carried()?,
            ..Counts::default()
        };
        counts.by_status.extend(by_status);
        counts.messages.extend(self.count_messages()?);
        counts.effects.extend(self.count_effects()?);
        Ok(counts)
    }

    /// Entries written here that no receipt covers; a hub's own need none.
    fn not_carried(&self) -> Result<u64, StoreError> {
        if self.config.is_hub {
            return Ok(0);
        }
        let mut open = 0_u64;
        for chain in self.chains()? {
            if chain.chain.origin == self.identity.node {
                let covered = self.receipted(chain.id)?;
                open = open.saturating_add(u64::from(chain.seq.0.saturating_sub(covered.0)));
            }
        }
        Ok(open)
    }

    fn self_state(&self) -> Result<SelfState, StoreError> {
        let identity = &self.identity;
        Ok(SelfState {
            node: identity.node,
            name: self.config.name.clone(),
            epoch: identity.epoch,
            certified: identity.certified,
            certificate: self.certificate_bytes(identity.node, identity.epoch)?,
            scopes: identity.areas.iter().copied().map(Scope::area).collect(),
            sets: sync_core::pack::sets_hash(&self.config.sets.iter().collect::<Vec<_>>()),
        })
    }

    fn frontier(&self) -> Result<Vec<ChainHead>, StoreError> {
        let mut heads = Vec::new();
        let revocations = self.revocations()?;
        for row in self.chains()? {
            let receipted = self.receipted(row.id)?;
            let kept = if row.chain.origin == self.identity.node {
                Some((Seq(1), row.seq))
            } else if self.config.is_hub {
                Some((Seq(1), row.seq.min(revocations.last_allowed(&row.chain))))
            } else {
                self.relay_part(&row, &revocations)?
            };
            heads.push(ChainHead {
                chain: row.chain,
                seq: row.seq,
                hash: row.hash,
                receipted,
                kept,
            });
        }
        Ok(heads)
    }

    /// Signed frames above `after`: of a chain that we wrote, or those that are kept of others. A hub
    /// expresses those of others anew, as far as no list closed their life.
    pub(crate) fn frames(
        &self,
        chain: &ChainId,
        (after, bytes_max): (Seq, usize),
        packed: bool,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut frames = Vec::new();
        if chain.hub != self.identity.hub {
            return Ok(frames);
        }
        let Some(row) = self.chain(chain)? else {
            return Ok(frames);
        };
        let is_own = chain.origin == self.identity.node;
        if !is_own && !self.config.is_hub {
            return self.kept_frames(&row, (after, bytes_max));
        }
        let end = if is_own {
            row.seq
        } else {
            row.seq.min(self.revocations()?.last_allowed(chain))
        };
        let (mut last, mut bytes) = (after, 0_usize);
        while last < end && (frames.is_empty() || bytes < bytes_max) {
            let mut entries = self.run_of_entries(&row, last)?;
            entries.retain(|entry| entry.meta.seq <= end);
            let Some(end) = entries.last().map(|entry| entry.meta.seq) else {
                break;
            };
            let frame = self.seal_entries(&row, last, &entries, packed)?;
            bytes = bytes.saturating_add(frame.len());
            frames.push(frame);
            last = end;
        }
        Ok(frames)
    }

    /// Seals entries that stand behind `after` in one of our chains, or, at a hub, in any.
    pub(crate) fn seal_entries(
        &self,
        row: &ChainRow,
        after: Seq,
        entries: &[Entry],
        packed: bool,
    ) -> Result<Vec<u8>, StoreError> {
        let signing = self.signing(&row.chain)?;
        let previous = self.hash_at(row, after)?;
        let end = entries.last().map_or(after, |entry| entry.meta.seq);
        let frame = match self.seeds_of(row, after, end)? {
            Some(seeds) => {
                let input = SealInput {
                    chain: row.chain,
                    previous,
                    seeds: &seeds,
                    entries,
                };
                self.seal_run(signing.signer(), &input, packed)
            }
            None => frame::seal_redacted(
                signing.signer(),
                &RedactedInput {
                    chain: row.chain,
                    previous,
                    marks: &self.marks_of(row, entries)?,
                    entries,
                },
            ),
        };
        frame.map_err(|error| StoreError::Failed(error.to_string()))
    }

    /// The same as a packed frame without zstd; `None` where it does not pack, or a block has lost
    /// its seed.
    pub(crate) fn seal_bare_entries(
        &self,
        row: &ChainRow,
        after: Seq,
        entries: &[Entry],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let key = self.vault.epoch_key(row.chain.epoch)?;
        let end = entries.last().map_or(after, |entry| entry.meta.seq);
        let Some(seeds) = self.seeds_of(row, after, end)? else {
            return Ok(None);
        };
        let input = SealInput {
            chain: row.chain,
            previous: self.hash_at(row, after)?,
            seeds: &seeds,
            entries,
        };
        let sealed = self.seal_bare_run((&*key).into(), &input);
        sealed.map_err(|error| StoreError::Failed(error.to_string()))
    }

    /// Entries behind `after` that fit one frame.
    pub(crate) fn run_of_entries(
        &self,
        row: &ChainRow,
        after: Seq,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut entries: Vec<Entry> = Vec::new();
        let (mut seq, mut bytes) = (after, 0_usize);
        while seq < row.seq && entries.len() < usize::from(frame::ENTRIES_MAX) {
            seq = Seq(seq.0.saturating_add(1));
            let id = self
                .entry_id(&EntryRef::new(&row.chain, seq))?
                .ok_or_else(|| StoreError::Failed("a chain has a gap".to_owned()))?;
            let entry = Entry {
                meta: self.entry_meta(id)?,
                body: self.body_if_kept(id)?.unwrap_or_default(),
            };
            bytes = bytes
                .saturating_add(entry.body.len())
                .saturating_add(HEAD_BYTES);
            if bytes > FRAME_PLAIN_BYTES_MAX && !entries.is_empty() {
                break;
            }
            entries.push(entry);
        }
        Ok(entries)
    }

    /// The seeds of a run; `None` where a block has lost its seed to an erasure.
    fn seeds_of(&self, row: &ChainRow, after: Seq, end: Seq) -> Result<Option<Seeds>, StoreError> {
        let first = journal::block(Seq(after.0.saturating_add(1)));
        let mut seeds = Vec::new();
        for block in first..=journal::block(end) {
            let Some(seed) = self.seed(row.id, block)? else {
                return Ok(None);
            };
            seeds.push((block, seed));
        }
        Ok(Some(seeds))
    }

    /// A salt for each entry that is left, the commitment of each that is gone.
    fn marks_of(&self, row: &ChainRow, entries: &[Entry]) -> Result<Vec<Mark>, StoreError> {
        let mark = |entry: &Entry| {
            if self.is_erased(entry.meta.doc)? {
                let commitment = self.commitment_of(row.id, entry.meta.seq)?;
                return Ok(Mark::Gone(commitment));
            }
            let salt = self.salt_of(row.id, entry.meta.seq)?;
            let missing = || StoreError::Failed("an entry has no salt".to_owned());
            salt.map(Mark::Salt).ok_or_else(missing)
        };
        entries.iter().map(mark).collect()
    }

    fn commitment_of(&self, chain: i64, seq: Seq) -> Result<[u8; 32], StoreError> {
        const SQL: &str = "SELECT commitment FROM entry WHERE chain = ?1 AND seq = ?2";
        let bytes: Vec<u8> = self
            .db
            .prepare_cached(SQL)?
            .query_row(rusqlite::params![chain, seq.0], |row| row.get(0))?;
        array(&bytes)
    }
}
