//! The nodes of a hub at the command line: the list, closing one that was lost or stolen, and the areas
//! that one serves.

use channels_core::Msisdn;
use node_core::query::{Answer, NodeRow, Query};
use node_core::revocation::{Closing, Mode};
use node_core::role::right::Right;
use node_store::{Area, AreaChange, HubStore, SqliteStore};
use sync_core::Scope;
use sync_core::revocation::RevocationMode;

use super::{HubError, PROGRAMME, whose_name};
use crate::clock::Clock;

/// One line for each node.
///
/// # Errors
/// [`HubError`] when the store fails.
pub async fn nodes(store: &SqliteStore) -> Result<Vec<String>, HubError> {
    Ok(rows(store).await?.iter().map(line).collect())
}

async fn rows(store: &SqliteStore) -> Result<Vec<NodeRow>, HubError> {
    match store.query(Query::Nodes).await? {
        Answer::Nodes(rows) => Ok(rows),
        _ => Ok(Vec::new()),
    }
}

fn line(row: &NodeRow) -> String {
    let head = format!("{}: node {}", row.name, row.node.0);
    let Some((epoch, until)) = row.life else {
        return format!("{head}, not enrolled yet");
    };
    let closed = match row.closed {
        None => String::new(),
        Some(RevocationMode::FreezeMoney) => ", closed for money".to_owned(),
        Some(RevocationMode::Stop | RevocationMode::Shred) => ", closed".to_owned(),
    };
    let day = until.to_zoned(jiff::tz::TimeZone::UTC).date();
    format!(
        "{head}, life {}, certified until {day}{closed}",
        epoch.counter()
    )
}

/// Adds areas to the node of this name and ends others, in the name of the staff member with this
/// number; gives the areas that it serves from its next contact on.
///
/// # Errors
/// [`HubError`] when the store fails, no node has the name, the number holds no role that may, or
/// the change does not fit.
pub async fn change_areas(
    store: &SqliteStore,
    clock: Clock,
    (name, add, end): (&str, &[Scope], &[Scope]),
    by: &Msisdn,
) -> Result<Vec<Scope>, HubError> {
    let refused = |why: String| HubError::Rejected(why);
    let own = rows(store).await?.into_iter().find(|row| row.name == name);
    let own = own.ok_or_else(|| refused("no node has this name".to_owned()))?;
    let who = whose_name(store, clock, (by, &[Right::Administer])).await?;
    let who = who.first();
    let who = who.ok_or_else(|| refused("reject-not-allowed".to_owned()))?;
    let area = |scope: &Scope| Area {
        programme: PROGRAMME.to_owned(),
        scope: *scope,
    };
    let change = AreaChange {
        node: own.node,
        add: add.iter().map(area).collect(),
        end: end.to_vec(),
    };
    let changed = store.change_areas(change, clock.now()).await?;
    let areas = changed.map_err(|refusal| refused(refusal.to_string()))?;
    tracing::info!(
        security = true,
        node = own.node.0,
        by.area = who.scope.0,
        by.index = who.author,
        "the areas of a node were changed"
    );
    Ok(areas)
}

/// Closes the node of this name in the name of the staff member with this number, or opens it for
/// money again; gives the number of the new list.
///
/// # Errors
/// [`HubError`] when the store fails, no node has the name, the number holds no role that may, or
/// the rules say no.
pub async fn close(
    store: &SqliteStore,
    clock: Clock,
    (name, mode, reason): (&str, Mode, &str),
    by: &Msisdn,
) -> Result<u32, HubError> {
    let own = rows(store).await?.into_iter().find(|row| row.name == name);
    let refused = |why: &str| HubError::Rejected(why.to_owned());
    let own = own.ok_or_else(|| refused("no node has this name"))?;
    if own.life.is_none() {
        return Err(refused("this node is not enrolled yet"));
    }
    let closing = Closing {
        node: own.node,
        mode,
        reason: reason.to_owned(),
    };
    let mut refused = "reject-not-allowed".to_owned();
    let rights = [Right::Administer, Right::Approve];
    for principal in whose_name(store, clock, (by, &rights)).await? {
        match store
            .revoke(principal, closing.clone(), clock.now())
            .await?
        {
            Ok(number) => return Ok(number),
            Err(text) => refused = text,
        }
    }
    Err(HubError::Rejected(refused))
}

#[cfg(test)]
mod tests {
    use sync_core::{Epoch, NodeId};

    use super::*;

    #[test]
    fn lines_say_what_a_node_may() {
        let mut row = NodeRow {
            node: NodeId(2),
            name: "kibo".to_owned(),
            life: None,
            closed: None,
        };
        assert_eq!(line(&row), "kibo: node 2, not enrolled yet");
        row.life = Some((Epoch::new(3, 7), "2027-04-18T10:00:00Z".parse().unwrap()));
        let enrolled = "kibo: node 2, life 3, certified until 2027-04-18";
        assert_eq!(line(&row), enrolled);
        for (mode, words) in [
            (RevocationMode::FreezeMoney, ", closed for money"),
            (RevocationMode::Stop, ", closed"),
        ] {
            row.closed = Some(mode);
            assert_eq!(line(&row), format!("{enrolled}{words}"));
        }
    }
}
