//! Proposals of large broadcasts: kept beside them, asked of those who may approve, settled once.

use jiff::{SignedDuration, Timestamp};
use node_core::message::approval::{
    self, ApprovalRefusal, Decided, PROPOSAL_HOURS, Proposal, ProposalRow,
};
use node_core::message::broadcast::{BroadcastState, Preview};
use node_core::message::order::OrderRefusal;
use node_core::message::validity_s;
use node_core::role::RoleGrant;
use node_core::view::{MessageClass, NewMessage, Terms};
use rusqlite::{OptionalExtension, params};
use sync_core::Scope;

use crate::hub_store::StoreError;
use crate::seal::{Owner, Row};
use crate::tx::Tx;

const INSERT: &str = "INSERT OR REPLACE INTO proposal (broadcast, scope, author, expires_at)
    VALUES (?1, ?2, ?3, ?4)";
const READ: &str = "SELECT scope, author, expires_at, approved FROM proposal WHERE broadcast = ?1";
const LIST: &str = "SELECT broadcast, scope, author, expires_at, decided_scope, decided_author,
    approved, reason_key, reason FROM proposal ORDER BY broadcast DESC LIMIT ?1";
const SETTLE: &str = "UPDATE proposal SET decided_scope = ?2, decided_author = ?3, approved = ?4,
    reason_key = ?5, reason = ?6 WHERE broadcast = ?1 AND approved IS NULL";
const LAPSE: &str = "UPDATE broadcast SET state = 6 WHERE state = 5 AND id IN
    (SELECT broadcast FROM proposal WHERE expires_at <= ?1)";

fn reason_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "proposal",
        name,
    }
}

type Told = Result<(), OrderRefusal>;
/// Scope and index of the proposer, end in milliseconds, the answer.
type Columns = (u32, u32, i64, Option<bool>);

impl Tx<'_> {
    /// Whether the list of a broadcast is so long that one person may not start it.
    pub(super) fn needs_approval(&self, preview: &Preview) -> Result<bool, StoreError> {
        let above = self.policy()?.approve_above;
        Ok(approval::is_needed(preview.recipients, above))
    }

    /// Asks everybody else who may approve.
    pub(crate) fn propose_broadcast(
        &self,
        id: u32,
        parts: u64,
        by: &str,
    ) -> Result<Told, StoreError> {
        let Some(preview) = self.broadcast_preview(id)? else {
            return Ok(Err(OrderRefusal::NotThere));
        };
        if preview.parts != parts || parts == 0 {
            let parts = preview.parts;
            return Ok(Err(OrderRefusal::PreviewDiffers { parts }));
        }
        let now = self.now.at;
        let mut proposer = self.staff_by_phone(by)?;
        proposer.retain(|grant| approval::may_propose(grant, now));
        let Some(proposer) = proposer.into_iter().next() else {
            return Ok(Err(ApprovalRefusal::NotAllowed.into()));
        };
        let approvers = self.approvers(by)?;
        if approvers.is_empty() {
            return Ok(Err(OrderRefusal::NobodyApproves));
        }
        let moved = self.move_broadcast(id, &[BroadcastState::Draft], BroadcastState::Proposed)?;
        if moved.is_err() {
            return Ok(moved);
        }
        let until = now.checked_add(SignedDuration::from_hours(PROPOSAL_HOURS));
        let until = until.map_err(|error| StoreError::Failed(error.to_string()))?;
        self.db.prepare_cached(INSERT)?.execute(params![
            id,
            proposer.scope.area().0,
            proposer.index,
            until.as_millisecond()
        ])?;
        let text = self.broadcast_text(id)?;
        for grant in approvers {
            self.ask_approver(id, &preview, &grant, &text)?;
        }
        Ok(Ok(()))
    }

    /// Those of our areas who may approve what `by` proposes, each number once.
    fn approvers(&self, by: &str) -> Result<Vec<RoleGrant>, StoreError> {
        let mut approvers: Vec<RoleGrant> = Vec::new();
        for area in &self.identity.areas {
            for grant in self.staff_of(*area)? {
                let is_new = approvers.iter().all(|known| known.phone != grant.phone);
                if is_new
                    && grant.phone != by
                    && approval::may_approve(&grant, self.now.at)
                    && !self.is_staff_ended(grant.scope, grant.index)?
                {
                    approvers.push(grant);
                }
            }
        }
        Ok(approvers)
    }

    fn ask_approver(
        &self,
        id: u32,
        preview: &Preview,
        grant: &RoleGrant,
        text: &str,
    ) -> Result<(), StoreError> {
        let arguments = [
            ("n", id.to_string()),
            ("people", preview.recipients.to_string()),
            ("parts", preview.parts.to_string()),
            ("price", preview.price_minor.to_string()),
        ];
        let arguments = arguments.map(|(name, value)| (name.to_owned(), value));
        let texts = self.config.programmes.texts();
        let question = texts.system(&grant.language, "broadcast-question", &arguments.into());
        let class = MessageClass::Health;
        for (part, text) in [("ask", question.as_str()), ("text", text)] {
            self.queue_message(&NewMessage {
                cause: format!("proposal:{id}:{part}:{}:{}", grant.scope.0, grant.index),
                to: grant.phone.clone(),
                text: text.to_owned(),
                class,
                validity_s: validity_s(class),
                covers: Vec::new(),
                terms: Terms::default(),
            })?;
        }
        Ok(())
    }

    /// A proposal as the rules see it.
    pub(crate) fn proposal(&self, id: u32) -> Result<Option<Proposal>, StoreError> {
        let found: Option<Columns> = self
            .db
            .prepare_cached(READ)?
            .query_row([id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let Some((scope, author, expires_ms, approved)) = found else {
            return Ok(None);
        };
        let by = self.staff(Scope(scope), author)?.into_iter().next();
        let waits = self.broadcast_state(id)? == Some(BroadcastState::Proposed);
        Ok(Some(Proposal {
            by: by.map(|grant| grant.phone).unwrap_or_default(),
            expires_at: Timestamp::from_millisecond(expires_ms)
                .map_err(|error| StoreError::Failed(error.to_string()))?,
            is_open: approved.is_none() && waits,
        }))
    }

    /// Proposals, newest first, with what became of them.
    pub(crate) fn proposals(&self, limit: u32) -> Result<Vec<ProposalRow>, StoreError> {
        let mut statement = self.db.prepare_cached(LIST)?;
        let mut found = statement.query([limit])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let id: u32 = row.get(0)?;
            let (Some(preview), Some(state)) =
                (self.broadcast_preview(id)?, self.broadcast_state(id)?)
            else {
                continue;
            };
            rows.push(ProposalRow {
                broadcast: id,
                text: self.broadcast_text(id)?,
                preview,
                by: self.proposer_name(row.get(1)?, row.get(2)?)?,
                until: Timestamp::from_millisecond(row.get(3)?)
                    .map_err(|error| StoreError::Failed(error.to_string()))?,
                state,
                decided: self.decided(id, row)?,
            });
        }
        Ok(rows)
    }

    fn decided(&self, id: u32, row: &rusqlite::Row<'_>) -> Result<Option<Decided>, StoreError> {
        let Some(approve) = row.get::<_, Option<bool>>(6)? else {
            return Ok(None);
        };
        let sealed: Option<i64> = row.get(7)?;
        let reason = match sealed.zip(row.get::<_, Option<Vec<u8>>>(8)?) {
            Some((key, sealed)) => {
                let key = self.data_key_by_id(key)?;
                let plain = key.open(reason_row(&id.to_be_bytes()), &sealed)?;
                String::from_utf8_lossy(&plain).into_owned()
            }
            None => String::new(),
        };
        Ok(Some(Decided {
            approve,
            by: self.proposer_name(row.get(4)?, row.get(5)?)?,
            reason,
        }))
    }

    /// What staff call a member of theirs, also one who has left.
    fn proposer_name(&self, scope: u32, index: u32) -> Result<String, StoreError> {
        let name = self.staff_name_of((Scope(scope), index))?;
        Ok(name.unwrap_or_else(|| format!("staff {index} of area {scope}")))
    }

    /// The word of an operator's second person.
    pub(crate) fn decide_broadcast(
        &self,
        id: u32,
        approve: bool,
        by: &str,
    ) -> Result<Told, StoreError> {
        let grants = self.staff_by_phone(by)?;
        let proposal = self.proposal(id)?;
        if let Err(refusal) = approval::decide(proposal.as_ref(), &grants, by, self.now.at) {
            return Ok(Err(refusal.into()));
        }
        let mut deciding = grants.iter();
        let decider = deciding.find(|grant| approval::may_approve(grant, self.now.at));
        let decider = decider.map_or((Scope(0), 0), |grant| (grant.scope.area(), grant.index));
        self.settle_proposal(id, approve, (decider, ""))?;
        Ok(Ok(()))
    }

    /// Starts a proposed broadcast, or refuses it; a second word changes nothing.
    pub(crate) fn settle_proposal(
        &self,
        id: u32,
        approve: bool,
        ((scope, author), reason): ((Scope, u32), &str),
    ) -> Result<(), StoreError> {
        let key = self.data_key(Owner::Site)?;
        let sealed = key.seal(reason_row(&id.to_be_bytes()), reason.as_bytes())?;
        let settled = self
            .db
            .prepare_cached(SETTLE)?
            .execute(params![id, scope.0, author, approve, key.id, sealed])?;
        if settled == 0 {
            return Ok(());
        }
        // With as many running as may run it waits as paused: `resume` starts it.
        let to = match (approve, self.is_full_of_broadcasts()?) {
            (true, false) => BroadcastState::Running,
            (true, true) => BroadcastState::Paused,
            (false, _) => BroadcastState::Refused,
        };
        let moved = self.move_broadcast(id, &[BroadcastState::Proposed], to)?;
        if moved.is_err() {
            tracing::warn!(
                broadcast = id,
                "a settled broadcast was not proposed any more"
            );
        }
        Ok(())
    }

    /// Refuses what nobody answered in time.
    pub(super) fn lapse_proposals(&self) -> Result<(), StoreError> {
        self.db.prepare_cached(LAPSE)?.execute([self.now_ms()])?;
        Ok(())
    }
}
