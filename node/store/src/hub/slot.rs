//! Slots: where an officer says that a node may come, and where it comes with its code.

use node_core::contact::Moment;
use node_core::number::list::REFILL;
use ring::digest;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use sync_core::certificate::{NodeKind, ScopeGrant};
use sync_core::enrolment::{EnrolRequest, Roots as SharedRoots};
use sync_core::{Epoch, NodeId};

use super::{Holder, ISSUERS, LAST_EPOCH, NODES, SlotOrder};
use crate::enrol::{EnrolmentAnswer, Grant};
use crate::hub_store::StoreError;
use crate::keys::{Roots, Secrets, random};
use crate::seal::{Owner, Row};
use crate::sqlite::SqliteStore;
use crate::tx::Tx;

/// Days that a slot waits for its node.
pub const SLOT_DAYS: i64 = 7;
/// Wrong codes after which a slot is dead.
pub const SLOT_TRIES_MAX: u32 = 5;

#[derive(Serialize, Deserialize)]
struct SealedSlot {
    grants: Vec<ScopeGrant>,
    verifier: [u8; 32],
    answer: Option<Grant>,
}

struct Slot {
    node: NodeId,
    tries: u32,
    expires_at: i64,
    request: Option<Vec<u8>>,
    sealed: SealedSlot,
}

const SLOT_READ: &str =
    "SELECT node, tries, expires_at, request, owner, sealed FROM slot WHERE name = ?1";
const SLOT_OPEN: &str = "INSERT INTO slot (name, node, tries, expires_at, request, owner, sealed)
    VALUES (?1, ?2, 0, ?3, NULL, ?4, ?5)
    ON CONFLICT (name) DO UPDATE SET tries = 0, expires_at = excluded.expires_at,
    request = NULL, owner = excluded.owner, sealed = excluded.sealed";
const SLOT_TRY: &str = "UPDATE slot SET tries = tries + 1 WHERE name = ?1";
const SLOT_USE: &str = "UPDATE slot SET request = ?2, sealed = ?3 WHERE name = ?1";
fn slot_row(name: &str) -> Row<'_> {
    Row {
        table: "slot",
        name: name.as_bytes(),
    }
}

impl SqliteStore {
    /// Opens a slot for a node and tells its number. Opened again, it takes a new code.
    ///
    /// # Errors
    /// [`StoreError::Failed`] where this is no hub.
    pub async fn open_slot(&self, order: SlotOrder, now: Moment) -> Result<NodeId, StoreError> {
        self.write(now, move |tx| tx.open_slot(&order)).await
    }

    /// Enrols a node whose request proves the slot's code.
    ///
    /// The same request gets the same answer. A wrong code is counted before the answer.
    ///
    /// # Errors
    /// [`StoreError`] of the transaction; a refusal is an answer.
    pub async fn enrol(
        &self,
        request: Vec<u8>,
        now: Moment,
    ) -> Result<EnrolmentAnswer, StoreError> {
        self.write_keys(now, move |tx, secrets| tx.enrol(&request, secrets))
            .await
    }
}

impl Tx<'_> {
    fn open_slot(&self, order: &SlotOrder) -> Result<NodeId, StoreError> {
        if self.vault.secrets.hub.is_none() {
            return Err(StoreError::Failed(
                "only a founded hub opens slots".to_owned(),
            ));
        }
        let node = match self.slot(&order.name)? {
            Some(slot) => slot.node,
            None => NodeId(self.next_number(NODES)?),
        };
        let key = self.data_key(Owner::Site)?;
        let value = SealedSlot {
            grants: order.grants.clone(),
            verifier: order.verifier,
            answer: None,
        };
        let sealed = key.seal_value(slot_row(&order.name), &value)?;
        let expires = self
            .now_ms()
            .saturating_add(SLOT_DAYS.saturating_mul(86_400_000));
        self.db
            .prepare_cached(SLOT_OPEN)?
            .execute(params![order.name, node.0, expires, key.id, sealed])?;
        Ok(node)
    }

    fn slot(&self, name: &str) -> Result<Option<Slot>, StoreError> {
        let mut statement = self.db.prepare_cached(SLOT_READ)?;
        let mut found = statement.query([name])?;
        let Some(row) = found.next()? else {
            return Ok(None);
        };
        let sealed: Vec<u8> = row.get(5)?;
        Ok(Some(Slot {
            node: NodeId(row.get(0)?),
            tries: row.get(1)?,
            expires_at: row.get(2)?,
            request: row.get(3)?,
            sealed: self.open_owned(row.get(4)?, slot_row(name), &sealed)?,
        }))
    }

    fn enrol(
        &mut self,
        bytes: &[u8],
        secrets: &mut Secrets,
    ) -> Result<EnrolmentAnswer, StoreError> {
        let refuse = |reason: &str| {
            Ok(EnrolmentAnswer::Refused {
                reason: reason.to_owned(),
            })
        };
        let unproven = match EnrolRequest::open(bytes) {
            Ok(unproven) => unproven,
            Err(refusal) => return refuse(&refusal.reason),
        };
        let name = unproven.slot().to_owned();
        let Some(slot) = self.slot(&name)? else {
            return refuse("no such slot");
        };
        if slot.tries >= SLOT_TRIES_MAX {
            return refuse("slot is dead after too many wrong codes");
        }
        if slot.expires_at <= self.now_ms() {
            return refuse("slot has expired");
        }
        let request = match unproven.prove(&slot.sealed.verifier) {
            Ok(request) => request,
            Err(refusal) => {
                self.db.prepare_cached(SLOT_TRY)?.execute([&name])?;
                tracing::warn!(
                    enrolment.slot = name,
                    security = true,
                    "wrong enrolment code"
                );
                return refuse(&refusal.reason);
            }
        };
        let digest = digest::digest(&digest::SHA256, bytes).as_ref().to_vec();
        match (&slot.request, slot.sealed.answer.clone()) {
            (Some(known), Some(answer)) if *known == digest => {
                return Ok(EnrolmentAnswer::Granted(Box::new(answer)));
            }
            (Some(_), _) => return refuse("slot is used"),
            _ => {}
        }
        let grant = self.admit(request, &slot, secrets)?;
        let key = self.data_key(Owner::Site)?;
        let value = SealedSlot {
            answer: Some(grant.clone()),
            ..slot.sealed
        };
        let sealed = key.seal_value(slot_row(&name), &value)?;
        self.db
            .prepare_cached(SLOT_USE)?
            .execute(params![name, digest, sealed])?;
        Ok(EnrolmentAnswer::Granted(Box::new(grant)))
    }

    fn admit(
        &mut self,
        request: EnrolRequest,
        slot: &Slot,
        secrets: &mut Secrets,
    ) -> Result<Grant, StoreError> {
        let epoch = self.epoch_for(slot.node, request.epoch)?;
        if epoch != request.epoch {
            self.certify_given_up(&request, slot, secrets)?;
        }
        let issuer = self.next_number(ISSUERS)?;
        let holder = Holder {
            node: slot.node,
            epoch,
            key: request.public_key,
            recipient: request.age_recipient.clone(),
            kind: NodeKind::Node,
            issuer,
        };
        let certificate = self.issue(holder, slot.sealed.grants.clone(), secrets)?;
        self.share_certificate(&certificate)?;
        for grant in &slot.sealed.grants {
            self.equip_area(grant.area.area())?;
        }
        let roots = Roots {
            node: slot.node,
            epoch,
            enrolment: random()?,
            sms: random()?,
        };
        secrets.put_roots(roots.clone());
        let leased_numbers = match slot.sealed.grants.first() {
            Some(grant) => self.lease(grant.area, slot.node, epoch, REFILL)?,
            None => Vec::new(),
        };
        // A hub that met nobody for long has not renewed its own.
        let (hub, life) = (self.identity.node, self.identity.epoch);
        self.renew(hub, life)?;
        let identity = &self.identity;
        let hub_certificate = self
            .certificate_bytes(identity.node, identity.epoch)?
            .ok_or_else(|| StoreError::Failed("hub has no certificate".to_owned()))?;
        Ok(Grant {
            request,
            node: slot.node,
            epoch,
            certificate,
            hub_certificate,
            authority: identity.authority,
            receipt_key: identity.receipt_key,
            revocation_key: identity.revocation_key,
            revocation_list: self.revocation_bytes()?,
            issuer_number: issuer,
            leased_numbers,
            provisional_prefix: format!("{issuer:06}"),
            roots: SharedRoots {
                enrolment: roots.enrolment,
                sms: roots.sms,
            },
        })
    }

    /// A board that was set back again has raised itself to a life below the last one that we know.
    /// It goes on above that, but what it captured meanwhile is of that life, under the same key:
    /// without a certificate nobody could take it, ever.
    fn certify_given_up(
        &mut self,
        request: &EnrolRequest,
        slot: &Slot,
        secrets: &Secrets,
    ) -> Result<(), StoreError> {
        let life = (slot.node, request.epoch);
        if request.epoch == Epoch(0) || self.certificate_of(life.0, life.1)?.is_some() {
            return Ok(());
        }
        let holder = Holder {
            node: slot.node,
            epoch: request.epoch,
            key: request.public_key,
            recipient: request.age_recipient.clone(),
            kind: NodeKind::Node,
            issuer: self.next_number(ISSUERS)?,
        };
        let certificate = self.issue(holder, slot.sealed.grants.clone(), secrets)?;
        self.share_certificate(&certificate)
    }

    /// A restored node has raised its life already and keeps its random part.
    fn epoch_for(&self, node: NodeId, asked: Epoch) -> Result<Epoch, StoreError> {
        let last: i64 = self
            .db
            .prepare_cached(LAST_EPOCH)?
            .query_row([node.0], |row| row.get(0))?;
        let last = Epoch(last.cast_unsigned());
        if asked.counter() > last.counter() {
            Ok(asked)
        } else {
            Ok(Epoch::new(last.counter().saturating_add(1), 0))
        }
    }
}
