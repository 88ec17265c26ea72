//! Lives of an origin: how one begins, and how a restored store raises its own.
//!
//! A life ends when the store is brought back from a backup, and when the hub saw another history of
//! it: then this one is a copy, or was set back by other means than ours. What it goes on to write has
//! to be told apart from what the other one wrote.
//!
//! A new life has a new key and begins with [`Fact::EpochStarted`] in the control lane of its
//! first area, signed also by the key before. Nothing of the old life is rewritten.

use std::sync::Arc;

use node_core::contact::Moment;
use node_core::fact::Fact;

use ring::signature::Ed25519KeyPair;
use sync_core::refusal::RefusalCode;
use sync_core::session::Doubt;
use sync_core::{Epoch, Lane, NodeId, Seq};

use crate::engine::Starts;
use crate::hub::control;
use crate::hub_store::StoreError;
use crate::keys::{EpochKey, Secrets, generate_signing_key, public_key, random};
use crate::seal::encode;
use crate::sqlite::SqliteStore;
use crate::tx::{Stop, Tx};

/// Last entry of an old chain: scope, seq, hash.
pub(crate) type Head = (u32, u32, [u8; 32]);

const CONTEXT: &[u8] = b"outpost.epoch-start.1";

// What waited may have left in the other history; a broadcast would begin again at an old place.
const MESSAGES_UNKNOWN: &str = "UPDATE message SET state = 6, repeat_at = NULL
    WHERE state IN (0, 1, 8) OR repeat_at IS NOT NULL";
const BROADCASTS_ENDED: &str = "UPDATE broadcast SET state = 4 WHERE state IN (1, 2)";

/// Why a life begins and which one it follows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EpochStart<'a> {
    /// The life before; zero for none.
    pub(crate) previous: Epoch,
    /// `founding`, `enrolment`, `restore`, `set-back`, `rewound`, `forked`.
    pub(crate) reason: &'a str,
}

/// The bytes that the old key signs.
pub(crate) fn signed_bytes(
    node: NodeId,
    start: &EpochStart<'_>,
    heads: &[Head],
    key: &[u8; 32],
) -> Result<Vec<u8>, StoreError> {
    let mut bytes = CONTEXT.to_vec();
    bytes.extend(encode(&(node, start.previous, heads, start.reason, key))?);
    Ok(bytes)
}

impl Tx<'_> {
    /// Writes the first entry of our current life, unless it is there.
    pub(crate) fn begin_epoch(&mut self, start: &EpochStart<'_>) -> Result<(), StoreError> {
        let Some(area) = self.identity.areas.first().copied() else {
            return Ok(());
        };
        let chain = self.own_chain(area.with_lane(Lane::Control));
        if self.chain(&chain)?.is_some() {
            return Ok(());
        }
        let (node, epoch) = (self.identity.node, self.identity.epoch);
        let key = public_key(&*self.vault.epoch_key(epoch)?);
        let heads = self.heads_before(node, epoch)?;
        let signature = match self.old_key(start.previous)? {
            Some(old) => {
                let bytes = signed_bytes(node, start, &heads, &key)?;
                Some(old.sign(&bytes).as_ref().to_vec())
            }
            None => None,
        };
        let fact = Fact::EpochStarted {
            previous: start.previous,
            heads,
            reason: start.reason.to_owned(),
            key,
            signature,
        };
        let written = self.write(control(area, fact), 0, &mut Starts::new());
        let happened = written.map_err(failed)?;
        let mut messages = Vec::new();
        self.settle(happened.into_iter().collect(), &mut messages)
            .map_err(failed)
    }

    fn old_key(&self, previous: Epoch) -> Result<Option<Arc<Ed25519KeyPair>>, StoreError> {
        let known = self
            .vault
            .secrets
            .epochs
            .iter()
            .any(|key| key.epoch == previous);
        if known {
            self.vault.epoch_key(previous).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Begins a new life with a key of its own, above all that are known; not certified. Messages
    /// that waited count as sent, perhaps.
    pub(crate) fn live_on(
        &mut self,
        secrets: &mut Secrets,
        above: Epoch,
        reason: &str,
    ) -> Result<(), StoreError> {
        self.db.execute(MESSAGES_UNKNOWN, [])?;
        self.db.execute(BROADCASTS_ENDED, [])?;
        let previous = self.raise_epoch(secrets, above)?;
        self.use_secrets(secrets)?;
        self.begin_epoch(&EpochStart { previous, reason })
    }

    fn raise_epoch(&mut self, secrets: &mut Secrets, above: Epoch) -> Result<Epoch, StoreError> {
        let before = self.identity.epoch;
        let highest = before.counter().max(above.counter());
        let epoch = Epoch::new(highest.saturating_add(1), u32::from_be_bytes(random()?));
        let age_identity = secrets
            .epochs
            .iter()
            .find(|key| key.epoch == before)
            .map(|key| key.age_identity.clone())
            .unwrap_or_default();
        secrets.put_epoch(EpochKey {
            epoch,
            pkcs8: generate_signing_key()?,
            age_identity,
        });
        let mut identity = self.identity.clone();
        identity.epoch = epoch;
        identity.certified = false;
        self.set_identity(identity)?;
        self.drop_numbers()?;
        Ok(before)
    }
}

impl SqliteStore {
    /// Begins a new life because the hub saw another history of this one; `false` where what it saw
    /// is here, or the life that it means is over.
    ///
    /// Until the hub certifies the new life by an enrolment, this store captures and sends nothing.
    ///
    /// # Errors
    /// [`StoreError`] of the transaction.
    pub async fn begin_life(&self, doubt: Doubt, now: Moment) -> Result<bool, StoreError> {
        self.write_keys(now, move |tx, secrets| {
            if tx.config.is_hub || !tx.identity.certified || !tx.is_doubtful(&doubt)? {
                return Ok(false);
            }
            tx.live_on(secrets, doubt.above, doubt.code.word())?;
            Ok(true)
        })
        .await
    }
}

impl Tx<'_> {
    /// Whether the hub saw what is not here. It may have heard of the newest entries over another
    /// road than the one on which it doubts.
    fn is_doubtful(&self, doubt: &Doubt) -> Result<bool, StoreError> {
        let (node, epoch) = (self.identity.node, self.identity.epoch);
        if doubt.chain.origin != node || doubt.chain.epoch < epoch {
            return Ok(false);
        }
        let held = self.chain(&doubt.chain)?.map_or(Seq(0), |row| row.seq);
        Ok(match doubt.code {
            RefusalCode::Rewound => held < doubt.seq,
            RefusalCode::Forked => true,
            _ => false,
        })
    }
}

pub(crate) fn failed(stop: Stop) -> StoreError {
    match stop {
        Stop::Store(error) => error,
        Stop::Refused(refusal) => StoreError::Failed(refusal.to_string()),
        Stop::Rejected(rejection) => StoreError::Failed(rejection.text),
    }
}
