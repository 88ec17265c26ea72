//! What only a hub does: its founding, slots for nodes, and the certificates that it issues.

mod grants;
mod nodes;
mod renewal;
pub mod slot;
mod trust;

pub use grants::{AreaChange, AreaRefusal};

use core::fmt;

use jiff::{SignedDuration, Timestamp};
use node_core::command::Command;
use node_core::contact::Moment;
use node_core::fact::Fact;
use node_core::role::Principal;
use sync_core::certificate::{self, NodeCertificate, NodeKind, Rights, ScopeGrant};
use sync_core::{EntryRef, Epoch, Lane, NodeId, Scope, Seq, journal};

use crate::engine::Starts;
use crate::epoch::{EpochStart, Head, failed};
use crate::hub_store::StoreError;
use crate::keys::{
    EpochKey, HubSecrets, Secrets, generate_signing_key, public_key, random, signing_key,
};
use crate::sqlite::SqliteStore;
use crate::tx::{Identity, Tx};

/// Origin number of the hub itself.
pub const HUB_NODE: NodeId = NodeId(1);
/// Days that a certificate is valid.
pub const CERTIFICATE_DAYS: i64 = 400;
/// Numbers that a hub leases to itself at a time, for callers of its own short code.
pub const HUB_LEASE: u32 = 200;
/// Numbers left at which a hub leases itself the next ones.
pub const HUB_LEASE_LOW: u64 = 100;
/// Old chain heads named in a certificate; further ones are left to the frontier.
const PREVIOUS_HEADS_MAX: usize = 64;
/// How far a node's clock may be behind ours when it checks a fresh certificate.
const BACKDATE_HOURS: i64 = 24;

/// One programme in one area.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Area {
    /// Programme code.
    pub programme: String,
    /// Scope number, lane bits 0.
    pub scope: Scope,
}

impl Area {
    /// The grant of all lanes that this release uses, for capture and reading.
    pub fn grant(&self) -> ScopeGrant {
        ScopeGrant {
            programme: self.programme.clone(),
            area: self.scope.area(),
            lanes: Lane::ALL.to_vec(),
            rights: Rights::CAPTURE.with(Rights::READ),
        }
    }
}

/// A key pair of `age`, made by the caller since only `sync` names that package.
#[derive(Clone, PartialEq, Eq)]
pub struct AgeKeys {
    /// Text of the identity.
    pub identity: String,
    /// Text of the recipient.
    pub recipient: String,
}

impl fmt::Debug for AgeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgeKeys(to {})", self.recipient)
    }
}

/// How a hub begins.
#[derive(Clone, Debug)]
pub struct Founding {
    /// Name of the network.
    pub realm: String,
    /// What it serves.
    pub areas: Vec<Area>,
    /// Its sealing keys.
    pub age: AgeKeys,
}

const LAST_EPOCH: &str = "SELECT coalesce(max(epoch), 0) FROM certificate WHERE node = ?1";
/// A slot that an officer opens for a node.
#[derive(Clone)]
pub struct SlotOrder {
    /// Name of the node; an enrolled node of that name keeps its number.
    pub name: String,
    /// What it will be granted.
    pub grants: Vec<ScopeGrant>,
    /// The one-time code, stretched.
    pub verifier: [u8; 32],
}

impl fmt::Debug for SlotOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlotOrder")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

const NODES: &str = "hub.nodes";
const ISSUERS: &str = "hub.issuers";

/// When a certificate issued now begins and ends.
fn validity(now: Timestamp) -> Result<(Timestamp, Timestamp), StoreError> {
    let hours = |hours: i64| SignedDuration::from_hours(hours);
    let ends = |error: jiff::Error| StoreError::Failed(format!("certificate period: {error}"));
    let from = now.checked_sub(hours(BACKDATE_HOURS)).map_err(ends)?;
    let to = now
        .checked_add(hours(CERTIFICATE_DAYS.saturating_mul(24)))
        .map_err(ends)?;
    let whole = |time: Timestamp| Timestamp::from_second(time.as_second()).map_err(ends);
    Ok((whole(from)?, whole(to)?))
}

impl SqliteStore {
    /// Makes this store a hub: keys, own certificate, first life. Done once; later calls change
    /// nothing.
    ///
    /// # Errors
    /// [`StoreError::Failed`] where this is no hub's store, or no area is named.
    pub async fn found_hub(&self, founding: Founding, now: Moment) -> Result<(), StoreError> {
        self.write_keys(now, move |tx, secrets| tx.found_hub(&founding, secrets))
            .await
    }
}

impl Tx<'_> {
    fn found_hub(&mut self, founding: &Founding, secrets: &mut Secrets) -> Result<(), StoreError> {
        if self.identity.is_enrolled() {
            return Ok(());
        }
        if !self.config.is_hub || founding.areas.is_empty() {
            return Err(StoreError::Failed(
                "a hub needs the role and an area".to_owned(),
            ));
        }
        let epoch = Epoch::new(1, 0);
        let hub = HubSecrets {
            authority: generate_signing_key()?,
            receipt: generate_signing_key()?,
            revocation: generate_signing_key()?,
            numbers: random()?,
        };
        let authority = public_key(&signing_key(&hub.authority)?);
        let key = EpochKey {
            epoch,
            pkcs8: generate_signing_key()?,
            age_identity: founding.age.identity.clone(),
        };
        let public = public_key(&signing_key(&key.pkcs8)?);
        let receipt_key = public_key(&signing_key(&hub.receipt)?);
        let revocation_key = public_key(&signing_key(&hub.revocation)?);
        secrets.put_epoch(key);
        secrets.hub = Some(hub);
        self.set_identity(Identity {
            hub: journal::hub_id(&authority),
            node: HUB_NODE,
            epoch,
            certified: true,
            realm: founding.realm.clone(),
            issuer: HUB_NODE.0,
            number_prefix: HUB_NODE.0,
            areas: founding
                .areas
                .iter()
                .map(|area| area.scope.area())
                .collect(),
            hub_node: HUB_NODE,
            authority,
            receipt_key,
            revocation_key,
        })?;
        self.put_setting(NODES, &u64::from(HUB_NODE.0))?;
        self.put_setting(ISSUERS, &u64::from(HUB_NODE.0))?;
        let holder = Holder {
            node: HUB_NODE,
            epoch,
            key: public,
            recipient: founding.age.recipient.clone(),
            kind: NodeKind::Hub,
            issuer: HUB_NODE.0,
        };
        let grants = founding.areas.iter().map(Area::grant).collect();
        self.issue(holder, grants, secrets)?;
        self.use_secrets(secrets)?;
        self.begin_count()?;
        self.begin_epoch(&EpochStart {
            previous: Epoch(0),
            reason: "founding",
        })?;
        for area in &founding.areas {
            self.equip_area(area.scope.area())?;
        }
        if let Some(area) = founding.areas.first() {
            self.lease(area.scope, HUB_NODE, epoch, HUB_LEASE)?;
        }
        Ok(())
    }

    fn next_number(&self, name: &str) -> Result<u32, StoreError> {
        let next = self.counter(name)?.saturating_add(1);
        self.put_setting(name, &next)?;
        u32::try_from(next).map_err(|_large| StoreError::Failed(format!("{name} used up")))
    }

    /// A hub certifies its own new life: nobody else could.
    pub(crate) fn certify_own_life(&mut self, secrets: &Secrets) -> Result<(), StoreError> {
        if secrets.hub.is_none() {
            return Ok(());
        }
        let (node, epoch) = (self.identity.node, self.identity.epoch);
        let before = self
            .last_certificate(node)?
            .ok_or_else(|| StoreError::Failed("hub has no certificate".to_owned()))?;
        let holder = Holder {
            node,
            epoch,
            key: public_key(&*self.vault.epoch_key(epoch)?),
            recipient: before.age_recipient,
            kind: NodeKind::Hub,
            issuer: self.next_number(ISSUERS)?,
        };
        self.issue(holder, before.scopes, secrets)?;
        Ok(())
    }

    pub(crate) fn last_certificate(
        &self,
        node: NodeId,
    ) -> Result<Option<NodeCertificate>, StoreError> {
        let last: i64 = self
            .db
            .prepare_cached(LAST_EPOCH)?
            .query_row([node.0], |row| row.get(0))?;
        self.certificate_of(node, Epoch(last.cast_unsigned()))
    }

    /// Leases numbers and tells them, since the fact travels with the first sync only.
    fn lease(
        &self,
        area: Scope,
        node: NodeId,
        epoch: Epoch,
        count: u32,
    ) -> Result<Vec<u32>, StoreError> {
        let principal = Principal::system(area, &self.config.language);
        let command = Command::LeaseNumbers {
            scope: area,
            node,
            epoch,
            count,
        };
        match self.perform(&principal, &command, &mut Starts::new())? {
            Ok(_outcome) => self.last_lease(area),
            Err(rejection) => Err(StoreError::Failed(format!("a lease: {}", rejection.text))),
        }
    }

    /// Leases a hub the next numbers for its own callers when few are left: it holds the key of
    /// the list, so nothing has to travel. At the end of the list provisional numbers follow.
    pub(crate) fn refill_own_lease(&self) -> Result<(), StoreError> {
        let (node, epoch) = (self.identity.node, self.identity.epoch);
        let holds_list = self.vault.secrets.hub.is_some() && node == self.identity.hub_node;
        let Some(area) = self.identity.areas.first().filter(|_| holds_list) else {
            return Ok(());
        };
        if self.lease_left()? > HUB_LEASE_LOW {
            return Ok(());
        }
        let principal = Principal::system(*area, &self.config.language);
        let command = Command::LeaseNumbers {
            scope: *area,
            node,
            epoch,
            count: HUB_LEASE,
        };
        if let Err(rejection) = self.perform(&principal, &command, &mut Starts::new())? {
            tracing::warn!(reason = %rejection.text, "the list of registration numbers is used up");
        }
        Ok(())
    }

    /// Numbers of the lease that was just written.
    fn last_lease(&self, area: Scope) -> Result<Vec<u32>, StoreError> {
        let chain = self.own_chain(area.with_lane(Lane::Control));
        let head = self.chain(&chain)?.map_or(Seq(0), |row| row.seq);
        let Some(entry) = self.entry_id(&EntryRef::new(&chain, head))? else {
            return Ok(Vec::new());
        };
        match Fact::decode(&self.entry_body(entry)?) {
            Ok(Fact::NumbersLeased { numbers, .. }) => Ok(numbers),
            _ => Ok(Vec::new()),
        }
    }

    fn issue(
        &mut self,
        holder: Holder,
        scopes: Vec<ScopeGrant>,
        secrets: &Secrets,
    ) -> Result<Vec<u8>, StoreError> {
        let hub = secrets
            .hub
            .as_ref()
            .ok_or_else(|| StoreError::Failed("only a hub issues certificates".to_owned()))?;
        let (not_before, not_after) = validity(self.now.at)?;
        let certificate = NodeCertificate {
            realm: self.identity.realm.clone(),
            hub: self.identity.hub_node,
            node: holder.node,
            epoch: holder.epoch,
            key: holder.key,
            age_recipient: holder.recipient,
            serial: self.next_serial()?,
            kind: holder.kind,
            issuer_number: holder.issuer,
            scopes,
            not_before,
            not_after,
            min_version: 1,
            previous_heads: self.heads_before(holder.node, holder.epoch)?,
        };
        self.certify(&certificate, hub)
    }

    /// Signs a certificate and keeps it.
    fn certify(
        &mut self,
        certificate: &NodeCertificate,
        hub: &HubSecrets,
    ) -> Result<Vec<u8>, StoreError> {
        let bytes = certificate::sign(certificate, &signing_key(&hub.authority)?)
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        self.take_certificate(&bytes).map_err(failed)?;
        Ok(bytes)
    }

    /// Heads of the chains of an origin's last life before `epoch`.
    pub(crate) fn heads_before(&self, node: NodeId, epoch: Epoch) -> Result<Vec<Head>, StoreError> {
        let chains = self.chains()?;
        let earlier = || {
            chains
                .iter()
                .filter(|row| row.chain.origin == node && row.chain.epoch < epoch)
        };
        let Some(last) = earlier().map(|row| row.chain.epoch).max() else {
            return Ok(Vec::new());
        };
        Ok(earlier()
            .filter(|row| row.chain.epoch == last)
            .take(PREVIOUS_HEADS_MAX)
            .map(|row| (row.chain.scope.0, row.seq.0, row.hash))
            .collect())
    }
}

/// Whom a certificate names.
struct Holder {
    node: NodeId,
    epoch: Epoch,
    key: [u8; 32],
    recipient: String,
    kind: NodeKind,
    issuer: u32,
}

/// A fact in the control lane of an area.
pub(crate) fn control(area: Scope, fact: Fact) -> node_core::command::Write {
    node_core::command::Write::Fact {
        scope: area.with_lane(Lane::Control),
        schema: node_core::schema::of(&fact),
        about: None,
        fact,
    }
}
