//! Areas of a node: a hub adds them and ends them, with a certificate that it signs anew.
//!
//! Within a life grants are only appended, since correlation ids name them by index: one that ends
//! stays in its place without rights. What the node wrote there before it heard of that is still
//! taken, for people were told that it is registered; it is given nothing more of that area.

use core::fmt;

use node_core::contact::Moment;
use sync_core::certificate::{GRANTED_LANES_MAX, NodeCertificate, NodeKind, Rights, ScopeGrant};
use sync_core::{NodeId, Scope};

use super::{Area, validity};
use crate::hub_store::StoreError;
use crate::sqlite::SqliteStore;
use crate::tx::Tx;

/// What changes in the areas of a node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AreaChange {
    /// Which node.
    pub node: NodeId,
    /// Areas that it serves from now on, too.
    pub add: Vec<Area>,
    /// Areas (lane bits zero) that it serves no more.
    pub end: Vec<Scope>,
}

/// Why the areas of a node were not changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AreaRefusal {
    /// Only a founded hub grants.
    NoHub,
    /// It was never enrolled, or is no node.
    NoNode,
    /// It is closed.
    Closed,
    /// The hub does not serve this area.
    NotOurs(Scope),
    /// The node serves it already.
    Known(Scope),
    /// The node does not serve it.
    NotServed(Scope),
    /// It would serve nothing: then it is closed.
    Last,
    /// Its certificate holds no more grants; a new enrolment begins a new one.
    Full,
}

impl fmt::Display for AreaRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHub => f.write_str("only a founded hub grants areas"),
            Self::NoNode => f.write_str("this node is not enrolled"),
            Self::Closed => f.write_str("this node is closed"),
            Self::NotOurs(area) => write!(f, "this hub does not serve area {}", area.0),
            Self::Known(area) => write!(f, "the node serves area {} already", area.0),
            Self::NotServed(area) => write!(f, "the node does not serve area {}", area.0),
            Self::Last => f.write_str("the node would serve no area: close it instead"),
            Self::Full => f.write_str("its certificate is full: enrol it again"),
        }
    }
}

impl SqliteStore {
    /// Signs the certificate of a node anew with other areas; it takes it at its next contact, over
    /// any link. Gives the areas that it serves then.
    ///
    /// # Errors
    /// [`StoreError`] of the transaction; a refusal is an answer and changes nothing.
    pub async fn change_areas(
        &self,
        change: AreaChange,
        now: Moment,
    ) -> Result<Result<Vec<Scope>, AreaRefusal>, StoreError> {
        self.write(now, move |tx| tx.change_areas(&change)).await
    }
}

impl Tx<'_> {
    fn change_areas(
        &mut self,
        change: &AreaChange,
    ) -> Result<Result<Vec<Scope>, AreaRefusal>, StoreError> {
        let Some(hub) = self.vault.secrets.hub.clone() else {
            return Ok(Err(AreaRefusal::NoHub));
        };
        let old = self.last_certificate(change.node)?;
        let Some(old) = old.filter(|old| old.kind == NodeKind::Node) else {
            return Ok(Err(AreaRefusal::NoNode));
        };
        if self.revocations()?.is_stopped(old.node, old.epoch) {
            return Ok(Err(AreaRefusal::Closed));
        }
        let scopes = match changed(old.scopes.clone(), change, &self.identity.areas) {
            Ok(scopes) => scopes,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (not_before, not_after) = validity(self.now.at)?;
        let certificate = NodeCertificate {
            serial: self.next_serial()?,
            not_before,
            not_after,
            scopes,
            ..old
        };
        let bytes = self.certify(&certificate, &hub)?;
        self.share_certificate(&bytes)?;
        for area in &change.add {
            self.equip_area(area.scope.area())?;
        }
        Ok(Ok(certificate.areas()))
    }
}

/// The grants after a change, each in its place.
fn changed(
    mut grants: Vec<ScopeGrant>,
    change: &AreaChange,
    served: &[Scope],
) -> Result<Vec<ScopeGrant>, AreaRefusal> {
    for area in &change.end {
        let area = area.area();
        let grant = grants
            .iter_mut()
            .find(|grant| grant.area.area() == area && !grant.is_ended());
        grant.ok_or(AreaRefusal::NotServed(area))?.rights = Rights::ENDED;
    }
    for area in &change.add {
        let (scope, granted) = (area.scope.area(), area.grant());
        if !served.contains(&scope) {
            return Err(AreaRefusal::NotOurs(scope));
        }
        let before = grants.iter_mut().find(|grant| grant.area.area() == scope);
        match before {
            Some(grant) if grant.is_ended() => grant.rights = granted.rights,
            Some(_) => return Err(AreaRefusal::Known(scope)),
            None => grants.push(granted),
        }
    }
    if grants.iter().all(ScopeGrant::is_ended) {
        return Err(AreaRefusal::Last);
    }
    let lanes: usize = grants.iter().map(|grant| grant.lanes.len()).sum();
    if lanes > GRANTED_LANES_MAX {
        return Err(AreaRefusal::Full);
    }
    Ok(grants)
}
