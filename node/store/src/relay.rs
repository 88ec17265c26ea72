//! Frames of other origins, kept as they were signed, so that a node can hand them on.
//!
//! A frame of a node is owed to the hub until its receipt covers it. From the transaction that stores
//! the receipt on it is spare, as are the hub's own frames: kept for neighbours as long as there is
//! room, the oldest going first. A frame that says something of a person who was erased is not
//! kept, and goes with the order. Each is sealed under a key of its own, which goes too.

use rusqlite::{OptionalExtension, params};
use sync_core::frame::{self, FrameHeader, Mark, OpenedFrame};
use sync_core::refusal::{Refusal, RefusalCode};
use sync_core::revocation::RevocationList;
use sync_core::{ChainId, DocId, Seq};

use crate::hub_store::StoreError;
use crate::journal::{ChainRow, seed_name};
use crate::seal::{Owner, Row};
use crate::tx::{Stop, Tx};

/// Frames of other nodes kept for the hub; at the limit further ones are refused with `full`, until
/// the hub has receipted some. Receipts and the hub's own frames are always taken.
pub(crate) const OWED_FRAMES_MAX: u64 = 65_536;
/// Bytes of them; at the limit as above.
pub(crate) const OWED_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// Frames kept for neighbours alone; beyond it the oldest goes, and whoever lacks it asks its
/// origin or the hub.
pub(crate) const SPARE_FRAMES_MAX: u64 = 16_384;
/// Bytes of them; beyond it as above.
pub(crate) const SPARE_BYTES_MAX: u64 = 64 * 1024 * 1024;

const OWED: &str =
    "SELECT coalesce(sum(owed_frames), 0), coalesce(sum(owed_bytes), 0) FROM relay_run";
const SPARE: &str =
    "SELECT coalesce(sum(spare_frames), 0), coalesce(sum(spare_bytes), 0) FROM relay_run";
const RUN: &str = "SELECT first_seq, last_seq FROM relay_run WHERE chain = ?1";
const RUN_WRITE: &str = "INSERT INTO relay_run
    (chain, first_seq, last_seq, owed_frames, owed_bytes, spare_frames, spare_bytes)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (chain) DO UPDATE SET
    first_seq = excluded.first_seq, last_seq = excluded.last_seq,
    owed_frames = excluded.owed_frames, owed_bytes = excluded.owed_bytes,
    spare_frames = excluded.spare_frames, spare_bytes = excluded.spare_bytes";
const RUN_ADD: &str = "UPDATE relay_run SET last_seq = ?2,
    owed_frames = owed_frames + 1 - ?4, owed_bytes = owed_bytes + ?3 * (1 - ?4),
    spare_frames = spare_frames + ?4, spare_bytes = spare_bytes + ?3 * ?4 WHERE chain = ?1";
const RUN_DROP: &str = "DELETE FROM relay_run WHERE chain = ?1";
const ADD: &str = "INSERT INTO relay_frame
    (chain, first_seq, last_seq, bytes, spare, owner, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const COVERS: &str = "SELECT 1 FROM relay_frame
    WHERE chain = ?1 AND last_seq >= ?3 AND first_seq <= ?2 LIMIT 1";
const FROM: &str = "SELECT first_seq, last_seq, bytes, spare FROM relay_frame
    WHERE chain = ?1 AND last_seq > ?2 ORDER BY last_seq";
const READ: &str = "SELECT owner, sealed FROM relay_frame WHERE chain = ?1 AND last_seq = ?2";
const WITHIN: &str = "SELECT number, owner FROM relay_frame
    WHERE chain = ?1 AND last_seq BETWEEN ?2 AND ?3 AND first_seq >= ?2";
const RELEASE: &str = "UPDATE relay_frame SET spare = 1
    WHERE chain = ?1 AND last_seq <= ?2 AND spare = 0";
const OF_ENTRY: &str = "SELECT number, owner FROM relay_frame
    WHERE chain = ?1 AND last_seq >= ?2 AND first_seq <= ?2";
const OLDEST: &str = "SELECT chain, number, owner FROM relay_frame WHERE spare = 1
    ORDER BY number LIMIT 1";
const DROP: &str = "DELETE FROM relay_frame WHERE number = ?1";
const KEY_DROP: &str = "DELETE FROM data_key WHERE id = ?1 AND kind = 21";

/// A frame that may be kept: its place, and whether a hub signed it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrived<'a> {
    pub(crate) header: &'a FrameHeader,
    pub(crate) bytes: &'a [u8],
    pub(crate) of_hub: bool,
}

/// What is kept of a chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Kept {
    /// First and last entry without a gap.
    run: Option<(Seq, Seq)>,
    /// Frames and bytes for the hub.
    owed: (i64, i64),
    /// Frames and bytes for neighbours alone.
    spare: (i64, i64),
}

/// First and last entry of what is kept of a chain without a gap.
type Run = (Seq, Seq);
/// Frames, and their bytes.
type Counted = (i64, i64);

/// An entry's document, and whether the frame holds a body of it.
pub(crate) type Bodied = (DocId, bool);

/// Which documents a frame tells of.
pub(crate) fn bodied(frame: &OpenedFrame) -> Vec<Bodied> {
    let marks = frame.marks.iter().map(Some).chain(std::iter::repeat(None));
    let told = frame.entries.iter().zip(marks);
    told.map(|((entry, _), mark)| (entry.meta.doc, !matches!(mark, Some(Mark::Gone(_)))))
        .collect()
}

fn frame_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "relay_frame",
        name,
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl Tx<'_> {
    /// Whether we hand a chain on: a node does, of all others.
    fn hands_on(&self, chain: &ChainId) -> bool {
        !self.config.is_hub && chain.origin != self.identity.node
    }

    /// Whether a frame would be kept, were it taken.
    fn is_wanted(
        &self,
        arrived: Arrived<'_>,
        known: Option<&ChainRow>,
    ) -> Result<bool, StoreError> {
        let header = arrived.header;
        if !self.hands_on(&header.chain()) {
            return Ok(false);
        }
        let Some(chain) = known else {
            return Ok(true);
        };
        let place = params![chain.id, header.first_seq.0, header.last_seq().0];
        let mut covers = self.db.prepare_cached(COVERS)?;
        let covered = covers.query_row(place, |_row| Ok(())).optional()?;
        Ok(covered.is_none())
    }

    /// Whether nobody owes a frame to the hub.
    fn is_spare(&self, arrived: Arrived<'_>, known: Option<&ChainRow>) -> Result<bool, StoreError> {
        let receipted = known.map(|chain| self.receipted(chain.id)).transpose()?;
        Ok(arrived.of_hub || receipted.unwrap_or(Seq(0)) >= arrived.header.last_seq())
    }

    /// Refuses what could not be handed on, before anything of it is stored.
    pub(crate) fn check_relay_room(
        &self,
        arrived: Arrived<'_>,
        known: Option<&ChainRow>,
    ) -> Result<(), Stop> {
        if !self.is_wanted(arrived, known)? || self.is_spare(arrived, known)? {
            return Ok(());
        }
        let (frames, bytes) = self.relay_totals(OWED)?;
        let bytes = bytes.saturating_add(number(arrived.bytes.len()));
        if frames >= OWED_FRAMES_MAX || bytes > OWED_BYTES_MAX {
            let reason = "frames of others wait for the hub's receipts";
            return Err(Refusal::new(RefusalCode::Full, reason).into());
        }
        Ok(())
    }

    fn relay_totals(&self, sql: &str) -> Result<(u64, u64), StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| {
            let (frames, bytes): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok((frames.cast_unsigned(), bytes.cast_unsigned()))
        })?)
    }

    /// Keeps a frame whose entries were just stored, or are known.
    pub(crate) fn keep_frame(
        &self,
        arrived: Arrived<'_>,
        chain: &ChainRow,
        told: &[Bodied],
    ) -> Result<(), StoreError> {
        if !self.is_wanted(arrived, Some(chain))? {
            return Ok(());
        }
        for (doc, has_body) in told {
            if *has_body && self.is_erased(*doc)? {
                return Ok(());
            }
        }
        let spare = self.is_spare(arrived, Some(chain))?;
        let (first, last) = (arrived.header.first_seq, arrived.header.last_seq());
        let whole = params![chain.id, first.0, last.0];
        let inside = self.drop_where(WITHIN, whole)?;
        let name = seed_name(chain.id, last.0);
        let key = self.data_key(Owner::Frame(name))?;
        let sealed = key.seal(frame_row(&name), arrived.bytes)?;
        let bytes = i64::try_from(arrived.bytes.len()).unwrap_or(i64::MAX);
        self.db.prepare_cached(ADD)?.execute(params![
            chain.id, first.0, last.0, bytes, spare, key.id, sealed
        ])?;
        match self.relay_run(chain.id)? {
            // The usual case: the chain goes on, and nothing else changed.
            Some((_, end)) if inside == 0 && first.0 <= end.0.saturating_add(1) && last > end => {
                let grown = params![chain.id, last.0, bytes, spare];
                self.db.prepare_cached(RUN_ADD)?.execute(grown)?;
            }
            _ => self.run_anew(chain.id)?,
        }
        self.drop_oldest()
    }

    /// Keeps what is spare within its room.
    fn drop_oldest(&self) -> Result<(), StoreError> {
        loop {
            let (frames, bytes) = self.relay_totals(SPARE)?;
            if frames <= SPARE_FRAMES_MAX && bytes <= SPARE_BYTES_MAX {
                return Ok(());
            }
            let mut oldest = self.db.prepare_cached(OLDEST)?;
            let oldest: Option<(i64, i64, i64)> = oldest
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            let Some((chain, number, owner)) = oldest else {
                return Ok(());
            };
            self.drop_frame(number, owner)?;
            self.run_anew(chain)?;
        }
    }

    fn relay_run(&self, chain: i64) -> Result<Option<Run>, StoreError> {
        let mut statement = self.db.prepare_cached(RUN)?;
        let run = statement.query_row([chain], |row| Ok((Seq(row.get(0)?), Seq(row.get(1)?))));
        Ok(run.optional()?)
    }

    /// First and last entry of what can be handed on of a chain without a gap: nothing of a life
    /// above where a revocation list closed it (S2).
    pub(crate) fn relay_part(
        &self,
        chain: &ChainRow,
        revocations: &RevocationList,
    ) -> Result<Option<Run>, StoreError> {
        match self.relay_run(chain.id)? {
            Some((_, last)) if !revocations.allows(&chain.chain, last) => {
                let allowed = |last| revocations.allows(&chain.chain, last);
                Ok(self.kept_of(chain.id, allowed)?.run)
            }
            run => Ok(run),
        }
    }

    /// Counts a chain's frames; its run ends before the first that is not `allowed`.
    fn kept_of(&self, chain: i64, allowed: impl Fn(Seq) -> bool) -> Result<Kept, StoreError> {
        let (mut kept, mut open) = (Kept::default(), true);
        let mut statement = self.db.prepare_cached(FROM)?;
        let mut rows = statement.query(params![chain, 0])?;
        while let Some(row) = rows.next()? {
            let (first, last) = (Seq(row.get(0)?), Seq(row.get(1)?));
            let (bytes, spare): (i64, bool) = (row.get(2)?, row.get(3)?);
            let (frames, total) = if spare {
                &mut kept.spare
            } else {
                &mut kept.owed
            };
            *frames = frames.saturating_add(1);
            *total = total.saturating_add(bytes);
            let start = kept.run.map_or(first, |(start, _)| start);
            let end = kept.run.map_or(first.0, |(_, end)| end.0.saturating_add(1));
            open &= first.0 <= end && allowed(last);
            if open {
                kept.run = Some((start, last));
            }
        }
        Ok(kept)
    }

    /// Derives a chain's run and counts from its frames.
    fn run_anew(&self, chain: i64) -> Result<(), StoreError> {
        let kept = self.kept_of(chain, |_last| true)?;
        let Some((first, last)) = kept.run else {
            self.db.prepare_cached(RUN_DROP)?.execute([chain])?;
            return Ok(());
        };
        self.db.prepare_cached(RUN_WRITE)?.execute(params![
            chain,
            first.0,
            last.0,
            kept.owed.0,
            kept.owed.1,
            kept.spare.0,
            kept.spare.1
        ])?;
        Ok(())
    }

    /// What is kept behind `after`, in order and without a gap; none of a life above where a
    /// revocation list closed it (S2).
    pub(crate) fn kept_frames(
        &self,
        chain: &ChainRow,
        (after, bytes_max): (Seq, usize),
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let revocations = self.revocations()?;
        let (mut end, mut total) = (after, 0_usize);
        let mut frames: Vec<Vec<u8>> = Vec::new();
        let mut statement = self.db.prepare_cached(FROM)?;
        let mut rows = statement.query(params![chain.id, after.0])?;
        while let Some(row) = rows.next()? {
            let (first, last) = (Seq(row.get(0)?), Seq(row.get(1)?));
            let is_next = first.0 <= end.0.saturating_add(1);
            let is_enough = !frames.is_empty() && total >= bytes_max;
            if !is_next || is_enough || !revocations.allows(&chain.chain, last) {
                break;
            }
            let frame = self.kept_frame(chain.id, last)?;
            total = total.saturating_add(frame.len());
            frames.push(frame);
            end = last;
        }
        Ok(frames)
    }

    fn kept_frame(&self, chain: i64, last: Seq) -> Result<Vec<u8>, StoreError> {
        let mut statement = self.db.prepare_cached(READ)?;
        let place = params![chain, last.0];
        let (owner, sealed): (i64, Vec<u8>) =
            statement.query_row(place, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let name = seed_name(chain, last.0);
        self.data_key_by_id(owner)?.open(frame_row(&name), &sealed)
    }

    /// The hub holds a chain up to an entry: nobody owes it our copies any more.
    pub(crate) fn release_frames(&self, chain: i64, up_to: Seq) -> Result<(), StoreError> {
        let mut statement = self.db.prepare_cached(RELEASE)?;
        if statement.execute(params![chain, up_to.0])? > 0 {
            self.run_anew(chain)?;
            self.drop_oldest()?;
        }
        Ok(())
    }

    /// Somebody was erased: no frame tells of her any more.
    pub(crate) fn drop_frames_of(&self, chain: i64, seq: Seq) -> Result<(), StoreError> {
        if self.drop_where(OF_ENTRY, params![chain, seq.0])? > 0 {
            self.run_anew(chain)?;
        }
        Ok(())
    }

    fn drop_where(&self, sql: &str, of: &[&dyn rusqlite::ToSql]) -> Result<usize, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let found = statement.query_map(of, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let found: Vec<(i64, i64)> = found.collect::<Result<_, _>>()?;
        for (number, owner) in &found {
            self.drop_frame(*number, *owner)?;
        }
        Ok(found.len())
    }

    fn drop_frame(&self, number: i64, owner: i64) -> Result<(), StoreError> {
        self.db.prepare_cached(DROP)?.execute([number])?;
        self.db.prepare_cached(KEY_DROP)?.execute([owner])?;
        Ok(())
    }

    /// What `outpost check` finds wrong with the kept frames of a chain.
    pub(crate) fn relay_defect(&self, chain: &ChainRow) -> Result<Option<String>, StoreError> {
        const COUNTED: &str = "SELECT owed_frames, owed_bytes, spare_frames, spare_bytes
            FROM relay_run WHERE chain = ?1";
        let mut statement = self.db.prepare_cached(COUNTED)?;
        let counted = statement.query_row([chain.id], |row| {
            Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?)))
        });
        let counted: (Counted, Counted) = counted.optional()?.unwrap_or_default();
        let kept = self.kept_of(chain.id, |_last| true)?;
        if counted != (kept.owed, kept.spare) || self.relay_run(chain.id)? != kept.run {
            return Ok(Some("kept frames are miscounted".to_owned()));
        }
        let mut statement = self.db.prepare_cached(FROM)?;
        let mut rows = statement.query(params![chain.id, 0])?;
        while let Some(row) = rows.next()? {
            let last = Seq(row.get(1)?);
            let frame = self.kept_frame(chain.id, last);
            let header = frame.ok().and_then(|bytes| frame::header(&bytes).ok());
            let is_right = header.is_some_and(|header| {
                header.chain() == chain.chain && header.last_seq() == last && last <= chain.seq
            });
            if !is_right {
                return Ok(Some(format!("kept frame up to {} is damaged", last.0)));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
