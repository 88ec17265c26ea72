//! What only a hub decides: leases of numbers, records of a registry that it serves.

use sync_core::{Epoch, Lane, NodeId, Scope};

use super::{outcome, reject};
use crate::command::{Decision, Rejection, Write};
use crate::fact::Fact;
use crate::known;
use crate::number;
use crate::role::Principal;
use crate::role::right::{Right, may};
use crate::schema;
use crate::site::Rules;
use crate::view::{Found, Known, Lookup, ViewChange};

/// A lease to be.
#[derive(Clone, Copy)]
pub(super) struct Lease {
    pub(super) scope: Scope,
    pub(super) node: NodeId,
    pub(super) epoch: Epoch,
    pub(super) count: u32,
}

pub(super) fn lease_needs(known: &Known) -> Vec<Lookup> {
    known::missing(known, [Lookup::LeaseCursor])
}

/// Leases the next numbers of the permuted list.
pub(super) fn lease(
    principal: &Principal,
    lease: Lease,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    may_administer(principal, rules)?;
    let key = rules
        .site
        .number_key
        .as_ref()
        .ok_or_else(|| reject("reject-numbers"))?;
    let cursor = known::count(known, &Lookup::LeaseCursor).unwrap_or(0);
    let (numbers, next) = number::lease(key, cursor, lease.count);
    if numbers.is_empty() {
        return Err(reject("reject-numbers"));
    }
    let told = outcome([("leased", numbers.len().to_string())]);
    let fact = Fact::NumbersLeased {
        node: lease.node,
        epoch: lease.epoch,
        numbers,
    };
    Ok(Decision {
        writes: vec![control(lease.scope, fact)],
        changes: vec![ViewChange::SetLeaseCursor(next)],
        outcome: told,
        ..Decision::default()
    })
}

pub(crate) fn control(scope: Scope, fact: Fact) -> Write {
    Write::Fact {
        scope: scope.with_lane(Lane::Control),
        schema: schema::of(&fact),
        about: None,
        fact,
    }
}

pub(super) fn record_needs(fact: &Fact, known: &Known) -> Vec<Lookup> {
    known::missing(known, record_lookup(fact))
}

fn record_lookup(fact: &Fact) -> Option<Lookup> {
    match fact {
        Fact::RecordWritten {
            registry,
            version,
            id,
            ..
        } => Some(Lookup::Record {
            registry: registry.clone(),
            version: version.clone(),
            id: id.clone(),
        }),
        _ => None,
    }
}

/// Writes one record of a served registry; the write that made it, once more, changes nothing.
pub(super) fn write_record(
    principal: &Principal,
    fact: &Fact,
    known: &Known,
) -> Result<Decision, Rejection> {
    if !may(principal.role, Right::Run) && !may(principal.role, Right::Administer) {
        return Err(reject("reject-not-allowed"));
    }
    let (Fact::RecordWritten { replay_key, .. }, Some(lookup)) = (fact, record_lookup(fact)) else {
        return Err(reject("reject-not-allowed"));
    };
    let repeated = match known.get(&lookup) {
        Some(Found::Record(row)) => row.replay_key == *replay_key,
        _ => false,
    };
    let told = outcome([("written", (!repeated).to_string())]);
    if repeated {
        return Ok(Decision {
            outcome: told,
            ..Decision::default()
        });
    }
    let write = Write::Fact {
        scope: principal.scope.with_lane(Lane::Registration),
        schema: schema::of(fact),
        about: None,
        fact: fact.clone(),
    };
    Ok(Decision {
        writes: vec![write],
        outcome: told,
        ..Decision::default()
    })
}

pub(super) fn may_administer(principal: &Principal, rules: &Rules<'_>) -> Result<(), Rejection> {
    if may(principal.role, Right::Administer) && rules.site.is_hub {
        Ok(())
    } else {
        Err(reject("reject-not-allowed"))
    }
}
