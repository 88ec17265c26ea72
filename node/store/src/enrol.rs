//! Enrolment seen from both ends: what a node applies with, what it is given.
//!
//! Sealing and transport of the roots belong to the caller; here they are plain values that lie
//! in the key file afterwards. A cut at any point leaves either nothing or the same answer.

use core::fmt;

use node_core::contact::Moment;
use serde::{Deserialize, Serialize};
use sync_core::certificate::{self, NodeCertificate};
use sync_core::enrolment::{EnrolRequest, EnrolResponse, Roots as SharedRoots};
use sync_core::refusal::Refusal;
use sync_core::{Epoch, NodeId, journal};

use crate::epoch::{EpochStart, failed};
use crate::hub::AgeKeys;
use crate::hub_store::StoreError;
use crate::keys::{
    EpochKey, Pending, Roots, Secrets, generate_signing_key, public_key, signing_key,
};
use crate::sqlite::SqliteStore;
use crate::tx::{Identity, Tx};

/// What a hub grants with an enrolment; the shell adds TLS certificates and seals the roots.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What was asked, its proofs checked.
    pub request: EnrolRequest,
    /// The number that the node got.
    pub node: NodeId,
    /// The life that was certified.
    pub epoch: Epoch,
    /// Its certificate.
    pub certificate: Vec<u8>,
    /// The hub's certificate.
    pub hub_certificate: Vec<u8>,
    /// Public key of the hub's CA.
    pub authority: [u8; 32],
    /// Public key of the hub's receipts.
    pub receipt_key: [u8; 32],
    /// Public key of the hub's revocation lists.
    pub revocation_key: [u8; 32],
    /// The newest of these lists; empty for none.
    pub revocation_list: Vec<u8>,
    /// Issuer of correlation ids.
    pub issuer_number: u32,
    /// First leased numbers, without check digit.
    pub leased_numbers: Vec<u32>,
    /// Prefix of provisional numbers.
    pub provisional_prefix: String,
    /// Roots, in clear: to be sealed to the request's recipient and not kept.
    pub roots: SharedRoots,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grant({:?}, {:?})", self.node, self.epoch)
    }
}

impl Grant {
    /// The answer to the node, but for what the shell adds: TLS certificates and sealed roots.
    pub fn response(&self) -> EnrolResponse {
        EnrolResponse {
            certificate: self.certificate.clone(),
            hub_certificate: self.hub_certificate.clone(),
            tls_certificate: Vec::new(),
            ca_certificate: Vec::new(),
            ca_key: self.authority,
            receipt_key: self.receipt_key,
            revocation_key: self.revocation_key,
            issuer_number: self.issuer_number,
            leased_numbers: self.leased_numbers.clone(),
            provisional_prefix: self.provisional_prefix.clone(),
            sealed_roots: Vec::new(),
            revocation_list: self.revocation_list.clone(),
        }
    }
}

/// The hub's answer to a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EnrolmentAnswer {
    /// Enrolled.
    Granted(Box<Grant>),
    /// Not enrolled; for the officer's screen and the node's.
    Refused {
        /// Why.
        reason: String,
    },
}

/// Keys that a node's TLS and bundles need, given to the shell that seals and signs with them.
#[derive(Clone)]
pub struct NodeKeys {
    /// Ed25519 of the current life, PKCS#8.
    pub pkcs8: Vec<u8>,
    /// Its public half.
    pub public: [u8; 32],
    /// Text of the age identity.
    pub age_identity: String,
}

impl fmt::Debug for NodeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NodeKeys")
    }
}

impl SqliteStore {
    /// Prepares an enrolment and gives the request's bytes: makes keys, or finds those of a
    /// request that was cut, so that the same slot and code give the same bytes.
    ///
    /// `age` is used when keys are made and ignored otherwise; `stretched` is the stretched code.
    ///
    /// # Errors
    /// [`StoreError`] of the transaction; [`StoreError::Failed`] when the slot's name is too long.
    pub async fn begin_enrolment(
        &self,
        slot: String,
        stretched: [u8; 32],
        age: AgeKeys,
        now: Moment,
    ) -> Result<Vec<u8>, StoreError> {
        self.write_keys(now, move |tx, secrets| {
            let request = tx.begin_enrolment(slot, age, secrets)?;
            let pending = secrets.pending.as_ref().ok_or_else(not_begun)?;
            request
                .sign(&signing_key(&pending.pkcs8)?, &stretched)
                .map_err(refused)
        })
        .await
    }

    /// Text of the age identity that the prepared enrolment is answered to.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when no enrolment was begun.
    pub fn enrolment_identity(&self) -> Result<String, StoreError> {
        let vault = self.vault();
        let pending = vault.secrets.pending.as_ref().ok_or_else(not_begun)?;
        Ok(pending.age_identity.clone())
    }

    /// Takes the hub's answer: from here on the node is enrolled. Taken twice, nothing changes.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the answer does not fit the application.
    pub async fn finish_enrolment(
        &self,
        response: EnrolResponse,
        roots: SharedRoots,
        now: Moment,
    ) -> Result<(), StoreError> {
        self.write_keys(now, move |tx, secrets| {
            tx.finish_enrolment(&response, &roots, secrets)
        })
        .await
    }

    /// Keys of the current life, for the TLS link and for bundles.
    ///
    /// # Errors
    /// [`StoreError::Failed`] before enrolment.
    pub async fn node_keys(&self) -> Result<NodeKeys, StoreError> {
        self.read(|tx| {
            let epoch = tx.identity.epoch;
            let key = tx
                .vault
                .secrets
                .epochs
                .iter()
                .find(|key| key.epoch == epoch)
                .ok_or_else(|| StoreError::Failed("not enrolled".to_owned()))?;
            Ok(NodeKeys {
                pkcs8: key.pkcs8.clone(),
                public: public_key(&signing_key(&key.pkcs8)?),
                age_identity: key.age_identity.clone(),
            })
        })
        .await
    }

    /// Realm, network and public keys that certificates and receipts are checked with.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn realm(&self) -> Result<Realm, StoreError> {
        self.read(|tx| {
            let identity = &tx.identity;
            Ok(Realm {
                name: identity.realm.clone(),
                hub: identity.hub,
                hub_node: identity.hub_node,
                authority: identity.authority,
                receipt_key: identity.receipt_key,
                revocation_key: identity.revocation_key,
            })
        })
        .await
    }

    /// Key of keyed hashes in logs; the caller joins the month to it.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the key cannot be derived.
    pub fn log_key(&self) -> Result<[u8; 32], StoreError> {
        self.vault().log_key()
    }
}

/// The network that a store belongs to; all of it is public.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Realm {
    /// Name; empty before enrolment.
    pub name: String,
    /// Network.
    pub hub: sync_core::HubId,
    /// Origin number of the hub.
    pub hub_node: NodeId,
    /// Public key of the hub's CA.
    pub authority: [u8; 32],
    /// Public key of the hub's receipts.
    pub receipt_key: [u8; 32],
    /// Public key of its revocation lists.
    pub revocation_key: [u8; 32],
}

#[expect(clippy::needless_pass_by_value, reason = "passed to map_err")]
fn refused(refusal: Refusal) -> StoreError {
    StoreError::Failed(refusal.to_string())
}

fn not_begun() -> StoreError {
    StoreError::Failed("no enrolment was begun".to_owned())
}

impl Tx<'_> {
    fn begin_enrolment(
        &mut self,
        slot: String,
        age: AgeKeys,
        secrets: &mut Secrets,
    ) -> Result<EnrolRequest, StoreError> {
        let identity = &self.identity;
        let raised = identity.is_enrolled() && !identity.certified;
        let own = secrets
            .epochs
            .iter()
            .find(|key| key.epoch == identity.epoch);
        let own = own.filter(|_| identity.is_enrolled());
        let goes_on = secrets.pending.as_ref().is_some_and(|pending| {
            let is_own = own.is_some_and(|key| key.pkcs8 == pending.pkcs8);
            // A restored node asks for the life that it raised itself to, with that key; any
            // other one whose last request was granted makes a new key.
            is_own == raised
        });
        if !goes_on {
            let pkcs8 = match own.filter(|_| raised) {
                Some(key) => key.pkcs8.clone(),
                None => generate_signing_key()?,
            };
            secrets.pending = Some(Pending {
                pkcs8,
                age_identity: age.identity,
                age_recipient: age.recipient,
            });
        }
        let pending = secrets.pending.as_ref().ok_or_else(not_begun)?;
        Ok(EnrolRequest {
            slot,
            public_key: public_key(&signing_key(&pending.pkcs8)?),
            age_recipient: pending.age_recipient.clone(),
            epoch: if raised { identity.epoch } else { Epoch(0) },
        })
    }

    /// Becomes what the certificate says, and begins its life where that is a new one.
    ///
    /// The prepared keys stay in the key file, so that a cut before COMMIT costs nothing.
    fn finish_enrolment(
        &mut self,
        response: &EnrolResponse,
        roots: &SharedRoots,
        secrets: &mut Secrets,
    ) -> Result<(), StoreError> {
        let own = certificate::verify(&response.certificate, &response.ca_key).map_err(refused)?;
        let hub =
            certificate::verify(&response.hub_certificate, &response.ca_key).map_err(refused)?;
        if self.is_enrolled_as(&own) {
            return Ok(());
        }
        let pending = secrets.pending.clone().ok_or_else(not_begun)?;
        self.begin_count()?;
        let before = self.identity.clone();
        self.check_answer(&own, &pending)?;
        secrets.put_epoch(EpochKey {
            epoch: own.epoch,
            pkcs8: pending.pkcs8.clone(),
            age_identity: pending.age_identity.clone(),
        });
        secrets.put_roots(Roots {
            node: own.node,
            epoch: own.epoch,
            enrolment: roots.enrolment,
            sms: roots.sms,
        });
        self.set_identity(Identity {
            hub: journal::hub_id(&response.ca_key),
            node: own.node,
            epoch: own.epoch,
            certified: true,
            realm: own.realm.clone(),
            issuer: own.issuer_number,
            number_prefix: response
                .provisional_prefix
                .parse()
                .unwrap_or(own.issuer_number),
            areas: own.areas(),
            hub_node: hub.node,
            authority: response.ca_key,
            receipt_key: response.receipt_key,
            revocation_key: response.revocation_key,
        })?;
        if !response.revocation_list.is_empty() {
            self.take_revocations(&response.revocation_list)
                .map_err(failed)?;
        }
        for bytes in [&response.hub_certificate, &response.certificate] {
            self.take_certificate(bytes).map_err(failed)?;
        }
        if before.epoch == own.epoch {
            self.add_numbers(&response.leased_numbers)?;
            return self.correlate_again(own.epoch);
        }
        // What an uncertified life captured is named by our issuer until its certificate comes.
        self.correlate_again(before.epoch)?;
        self.drop_numbers()?;
        self.add_numbers(&response.leased_numbers)?;
        self.use_secrets(secrets)?;
        self.begin_epoch(&EpochStart {
            previous: before.epoch,
            reason: "enrolment",
        })
    }

    /// Whether a certificate is for us and for the key that we made for it.
    fn check_answer(&self, own: &NodeCertificate, pending: &Pending) -> Result<(), StoreError> {
        let failed = |what: &str| {
            Err(StoreError::Failed(format!(
                "certificate is for another {what}"
            )))
        };
        let before = &self.identity;
        if public_key(&signing_key(&pending.pkcs8)?) != own.key {
            return failed("key");
        }
        if !before.is_enrolled() {
            return Ok(());
        }
        if before.node != own.node || before.realm != own.realm {
            return failed("node");
        }
        let key = self.vault.epoch_key(own.epoch);
        if key.is_ok_and(|key| public_key(&key) != own.key) {
            return failed("key");
        }
        Ok(())
    }

    fn is_enrolled_as(&self, own: &NodeCertificate) -> bool {
        let identity = &self.identity;
        identity.certified && identity.node == own.node && identity.epoch == own.epoch
    }
}
