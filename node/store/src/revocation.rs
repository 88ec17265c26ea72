//! The revocation list as a store holds it: the newest that the hub signed, whatever road brought it.
//!
//! A list with a higher number replaces ours whole; a lower one, or another one of the same number,
//! is refused (S16). What it closes is refused where frames are taken (S2). Only a hub writes one.

use node_core::command::Command;
use node_core::contact::Moment;
use node_core::revocation::Closing;
use node_core::role::Principal;
use sync_core::refusal::{Refusal, RefusalCode};
use sync_core::revocation::{self, ListChange, Revocation, RevocationList, RevocationMode};
use sync_core::{Epoch, NodeId};

use crate::engine::Starts;
use crate::hub_store::StoreError;
use crate::keys::{HubSecrets, signing_key};
use crate::sqlite::SqliteStore;
use crate::tx::{Stop, Tx};

/// The signed list.
const LIST: &str = "sync.revocations";
/// Numbers of former lists, and how many of their first entries stand in the list of today.
const FORMER: &str = "sync.revocations.former";
/// Former lists that a short form can build on; who holds an older one gets the list whole.
const FORMER_LISTS_MAX: usize = 64;
const LIVES: &str = "SELECT epoch FROM certificate WHERE node = ?1 ORDER BY epoch";

/// Number of a former list, and how many of its first entries stand in that of today.
type Former = Vec<(u32, u32)>;

/// A signed list, checked; no bytes are the empty list.
pub(crate) fn read(bytes: &[u8], key: &[u8; 32]) -> Result<RevocationList, StoreError> {
    if bytes.is_empty() {
        return Ok(RevocationList::empty());
    }
    revocation::verify(bytes, key).map_err(|refusal| StoreError::Failed(refusal.to_string()))
}

impl Tx<'_> {
    /// The list as it was signed; empty for none.
    pub(crate) fn revocation_bytes(&self) -> Result<Vec<u8>, StoreError> {
        Ok(self.setting::<Vec<u8>>(LIST)?.unwrap_or_default())
    }

    /// The list that holds here. Its signature is checked each time, as that of a certificate is.
    pub(crate) fn revocations(&self) -> Result<RevocationList, StoreError> {
        read(&self.revocation_bytes()?, &self.identity.revocation_key)
    }

    /// Takes a list that our hub signed. The one that we hold changes nothing.
    pub(crate) fn take_revocations(&self, bytes: &[u8]) -> Result<(), Stop> {
        let list = revocation::verify(bytes, &self.identity.revocation_key)?;
        let held = self.revocation_bytes()?;
        if held == bytes {
            return Ok(());
        }
        let number = self.revocations()?.number;
        if list.number <= number {
            let reason = format!("list {} is not newer than ours, {number}", list.number);
            return Err(Refusal::new(RefusalCode::Content, reason).into());
        }
        self.put_setting(LIST, &bytes)?;
        // It came whole: nobody says here what stood in the lists between.
        self.put_setting(FORMER, &Former::new())?;
        tracing::warn!(
            security = true,
            revocation.number = list.number,
            revocation.lives = list.entries.len(),
            "a newer revocation list holds"
        );
        Ok(())
    }

    /// Closes all lives of a node, or opens money again, and signs the list anew.
    fn close_lives(&self, closing: &Closing, hub: &HubSecrets) -> Result<u32, StoreError> {
        let mut list = self.revocations()?;
        let held = list.clone();
        list.number = list.number.saturating_add(1);
        let node = closing.node;
        // A life that was stopped stays so: what was written under its key since cannot be told
        // from what a thief wrote. A freeze of money is lifted by the list without it.
        list.entries
            .retain(|entry| entry.node != node || entry.mode != RevocationMode::FreezeMoney);
        let mode = match closing.mode {
            node_core::revocation::Mode::Stop => Some(RevocationMode::Stop),
            node_core::revocation::Mode::FreezeMoney => Some(RevocationMode::FreezeMoney),
            node_core::revocation::Mode::Lift => None,
        };
        if let Some(mode) = mode {
            for epoch in self.lives(node)? {
                let stopped = list.is_stopped(node, epoch);
                if !stopped {
                    list.entries.push(self.closed(node, epoch, mode)?);
                }
            }
        }
        let bytes = revocation::sign(&list, &signing_key(&hub.revocation)?)
            .ok_or_else(|| StoreError::Failed("the revocation list is full".to_owned()))?;
        self.put_setting(LIST, &bytes)?;
        self.note_former(&held, &list)?;
        Ok(list.number)
    }

    fn note_former(&self, held: &RevocationList, list: &RevocationList) -> Result<(), StoreError> {
        let common = revocation::common(held, list);
        let mut former = self.setting::<Former>(FORMER)?.unwrap_or_default();
        for (_, kept) in &mut former {
            *kept = common.min(*kept);
        }
        former.push((held.number, common));
        if former.len() > FORMER_LISTS_MAX {
            former.remove(0);
        }
        self.put_setting(FORMER, &former)
    }

    /// What is new since the list of this number; `None` where that is not known here.
    pub(crate) fn list_change(&self, base: u32) -> Result<Option<ListChange>, StoreError> {
        let former = self.setting::<Former>(FORMER)?.unwrap_or_default();
        let known = former.into_iter().find(|(number, _)| *number == base);
        match known {
            Some(known) => Ok(ListChange::of(&self.revocation_bytes()?, known)),
            None => Ok(None),
        }
    }

    fn lives(&self, node: NodeId) -> Result<Vec<Epoch>, StoreError> {
        let mut statement = self.db.prepare_cached(LIVES)?;
        let epochs = statement.query_map([node.0], |row| row.get::<_, i64>(0))?;
        let epochs = epochs.map(|epoch| Ok(Epoch(epoch?.cast_unsigned())));
        epochs.collect()
    }

    /// A life as far as it was taken here.
    fn closed(
        &self,
        node: NodeId,
        epoch: Epoch,
        mode: RevocationMode,
    ) -> Result<Revocation, StoreError> {
        let chains = self.chains()?.into_iter();
        let own = chains.filter(|row| row.chain.origin == node && row.chain.epoch == epoch);
        Ok(Revocation {
            node,
            epoch,
            mode,
            last: own.map(|row| (row.chain.scope, row.seq)).collect(),
        })
    }
}

impl SqliteStore {
    /// The list that a change stands for, as its signer signed it; `None` where the one held here is
    /// not what the change builds on. Nothing is verified or changed by it.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn changed_list(&self, change: ListChange) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(move |tx| Ok(change.apply(&tx.revocations()?)))
            .await
    }

    /// Hub: closes a node, or lifts a freeze, in the name of a member of staff; who did it and why
    /// stands in the journal. Gives the number of the new list, or why it was not done.
    ///
    /// # Errors
    /// [`StoreError`] of the transaction; [`StoreError::Failed`] where this is no founded hub, or
    /// no certificate names the node.
    pub async fn revoke(
        &self,
        principal: Principal,
        closing: Closing,
        now: Moment,
    ) -> Result<Result<u32, String>, StoreError> {
        self.write_keys(now, move |tx, secrets| {
            let none = || StoreError::Failed("only a hub revokes".to_owned());
            let hub = secrets.hub.as_ref().ok_or_else(none)?;
            if closing.node == tx.identity.node || tx.lives(closing.node)?.is_empty() {
                return Ok(Err("no node has this number".to_owned()));
            }
            let command = Command::CloseNode(closing.clone());
            match tx.perform(&principal, &command, &mut Starts::new())? {
                Ok(_outcome) => tx.close_lives(&closing, hub).map(Ok),
                Err(rejection) => Ok(Err(rejection.text)),
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests;
