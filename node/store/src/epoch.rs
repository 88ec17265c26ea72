//! Lives of an origin: how one begins, and how a restored store raises its own.
//!
//! A new life has a new key and begins with [`Fact::EpochStarted`] in the control lane of its
//! first area, signed also by the key before. Nothing of the old life is rewritten.

use node_core::fact::Fact;
use std::sync::Arc;

use ring::signature::Ed25519KeyPair;
use sync_core::{Epoch, Lane, NodeId};

use crate::engine::Starts;
use crate::hub::control;
use crate::hub_store::StoreError;
use crate::keys::{EpochKey, Secrets, generate_signing_key, public_key, random};
use crate::seal::encode;
use crate::tx::{Stop, Tx};

/// Last entry of an old chain: scope, seq, hash.
pub(crate) type Head = (u32, u32, [u8; 32]);

const CONTEXT: &[u8] = b"outpost.epoch-start.1";

/// Why a life begins and which one it follows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EpochStart<'a> {
    /// The life before; zero for none.
    pub(crate) previous: Epoch,
    /// `founding`, `enrolment`, `restore`, `rewound`, `forked`.
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

    /// Gives this store a new life above the last one, with a key of its own; not certified.
    pub(crate) fn raise_epoch(&mut self, secrets: &mut Secrets) -> Result<Epoch, StoreError> {
        let before = self.identity.epoch;
        let epoch = Epoch::new(
            before.counter().saturating_add(1),
            u32::from_be_bytes(random()?),
        );
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

pub(crate) fn failed(stop: Stop) -> StoreError {
    match stop {
        Stop::Store(error) => error,
        Stop::Refused(refusal) => StoreError::Failed(refusal.to_string()),
        Stop::Rejected(rejection) => StoreError::Failed(rejection.text),
    }
}
