//! What the pages of a district office show: pairs with both records, people with their edges.

use std::collections::BTreeSet;

use node_core::matching::Worker;
use node_core::office::{Captured, PairPage, PersonPage};
use node_core::query::{Answer, Query};
use node_core::role::RoleGrant;
use sync_core::{EntryRef, Scope, hlc};

use crate::hub_store::StoreError;
use crate::query::ROWS_MAX;
use crate::tx::Tx;
use crate::view::record::RecordKey;

impl Tx<'_> {
    /// Answers a question of the office's pages, or who read what.
    pub(crate) fn office_answer(&self, query: Query) -> Result<Answer, StoreError> {
        Ok(match query {
            Query::OfficerPairs { at, limit } => {
                Answer::Matches(self.officer_pairs(at, limit.min(ROWS_MAX))?)
            }
            Query::Pair { number } => Answer::Pair(self.pair_page(number)?.map(Box::new)),
            Query::PersonPage { document } => {
                Answer::PersonPage(self.person_page(&document)?.map(Box::new))
            }
            Query::RecordReads(record) => Answer::Reads(self.record_reads(RecordKey {
                registry: &record.registry,
                version: &record.version,
                id: &record.id,
            })?),
            Query::ReadsOf { document } => Answer::Reads(self.reads_of(&document)?),
            Query::Proposals { limit } => Answer::Proposals(self.proposals(limit.min(ROWS_MAX))?),
            Query::Log(asked) => Answer::Log(self.log_page(&asked)?.map(Box::new)),
            Query::ErasureDesk { area, limit } => {
                Answer::ErasureDesk(self.erasure_desk(area, limit.min(ROWS_MAX))?)
            }
            Query::Complaints { area, limit } => {
                Answer::Complaints(self.complaints(area, limit.min(ROWS_MAX))?)
            }
            Query::StaffPlace { scope, index } => Answer::Staff(self.staff_place(scope, index)?),
            Query::EffectHeld { request_id } => Answer::EffectHeld(self.effect_held(&request_id)?),
            Query::OpenRemovals { limit } => {
                Answer::Removals(self.open_removals(limit.min(ROWS_MAX))?)
            }
            _ => return Err(StoreError::Failed("a question has no answer".to_owned())),
        })
    }

    /// A pair with both records, as far as they are here.
    pub(crate) fn pair_page(&self, number: u32) -> Result<Option<PairPage>, StoreError> {
        let Some(row) = self.match_by_number(number)?.into_iter().next() else {
            return Ok(None);
        };
        let [one, other] = row.pair;
        let sides = [self.captured(&one)?, self.captured(&other)?];
        let edges = self.edges(&one)?;
        let answered = row.words.iter().map(|(worker, _)| *worker);
        let workers: BTreeSet<Worker> = row.workers.into_iter().chain(answered).collect();
        let mut names = Vec::new();
        for worker in workers {
            let name = self.staff_name_of(worker)?;
            names.extend(name.map(|name| (worker, name)));
        }
        Ok(Some(PairPage {
            joined: edges.iter().any(|(_, edge)| *edge == row.pair),
            row,
            sides,
            names,
        }))
    }

    /// A person with her documents, the canonical one first, and what joins them.
    pub(crate) fn person_page(
        &self,
        document: &EntryRef,
    ) -> Result<Option<PersonPage>, StoreError> {
        let Some(whole) = self.whole(document)? else {
            return Ok(None);
        };
        let mut members = Vec::new();
        let (mut edges, mut pairs) = (BTreeSet::new(), Vec::new());
        for member in &whole.members {
            members.extend(self.captured(member)?);
            edges.extend(self.edges(member)?.into_iter().map(|(_, edge)| edge));
            pairs.extend(self.matches_of(member)?);
        }
        members.sort_by_key(|one| one.capture.document != whole.canonical);
        pairs.sort_by_key(|row| row.number);
        pairs.dedup_by_key(|row| row.number);
        Ok(Some(PersonPage {
            whole,
            members,
            edges: edges.into_iter().collect(),
            pairs,
        }))
    }

    fn captured(&self, document: &EntryRef) -> Result<Option<Captured>, StoreError> {
        let (Some(entry), Some(capture)) = (self.entry_id(document)?, self.capture(document)?)
        else {
            return Ok(None);
        };
        let meta = self.entry_meta(entry)?;
        let worker = (document.scope.area(), meta.author);
        Ok(Some(Captured {
            capture,
            at: hlc::timestamp(meta.hlc),
            node: document.origin,
            name: self.staff_name_of(worker)?,
            worker,
        }))
    }

    /// What staff call a worker, also one who has left.
    pub(crate) fn staff_name_of(
        &self,
        (scope, index): Worker,
    ) -> Result<Option<String>, StoreError> {
        let grants = self.staff(scope, index)?.into_iter();
        Ok(grants.map(|grant| grant.name).next())
    }

    /// The grant of a place of a staff list, unless it was taken back.
    pub(crate) fn staff_place(
        &self,
        scope: Scope,
        index: u32,
    ) -> Result<Vec<RoleGrant>, StoreError> {
        if self.is_staff_ended(scope, index)? {
            return Ok(Vec::new());
        }
        self.staff(scope, index)
    }
}
