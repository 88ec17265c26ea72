//! Who has not confirmed an erasure: nodes that hold data, Building Blocks that hold records.
//!
//! Lines for the command line. They name documents and places, never a value of a person.

use node_core::query::{Answer, Query};
use node_core::removal::{RemovalRow, RemovalState};
use node_store::{HubStore, SqliteStore};
use sync_core::{EntryRef, NodeId};

use super::HubError;

/// Removals listed at once; those that wait longest come first, the rest is listed when they are gone.
const REMOVALS_MAX: u32 = 500;

/// One line for each erasure that some node, and each record that some Building Block, has not
/// confirmed.
///
/// # Errors
/// [`HubError`] when the store fails.
pub async fn open_erasures(store: &SqliteStore) -> Result<Vec<String>, HubError> {
    let mut lines = Vec::new();
    if let Answer::Erasures(open) = store.query(Query::OpenErasures).await? {
        lines.extend(open.iter().map(node_line));
    }
    let limit = REMOVALS_MAX;
    if let Answer::Removals(open) = store.query(Query::OpenRemovals { limit }).await? {
        lines.extend(open.iter().map(removal_line));
    }
    Ok(lines)
}

fn node_line((person, nodes): &(EntryRef, Vec<NodeId>)) -> String {
    let nodes: Vec<String> = nodes.iter().map(|node| node.0.to_string()).collect();
    format!(
        "document {}: not confirmed by node {}",
        document(person),
        nodes.join(", ")
    )
}

fn removal_line(row: &RemovalRow) -> String {
    let how = match (row.state, row.attempts) {
        (RemovalState::Gone, _) => "removed".to_owned(),
        (_, 0) => "not asked yet".to_owned(),
        (RemovalState::Asked, times) => format!("asked {times} times, no answer yet"),
        (RemovalState::Waiting, times) => {
            format!("asked {times} times, asked again at {}", row.at)
        }
    };
    format!(
        "document {}: record of registration {} not confirmed gone by {}: {how}",
        document(&row.person),
        document(&row.registration),
        row.upstream
    )
}

fn document(entry: &EntryRef) -> String {
    format!("{}.{}.{}", entry.origin.0, entry.scope.0, entry.seq.0)
}

#[cfg(test)]
mod tests {
    use sync_core::{Epoch, Scope, Seq};

    use super::*;

    fn row(state: RemovalState, attempts: u32) -> RemovalRow {
        let entry = |seq| EntryRef {
            origin: NodeId(2),
            epoch: Epoch(1),
            scope: Scope(16),
            seq: Seq(seq),
        };
        RemovalRow {
            person: entry(4),
            registration: entry(6),
            upstream: "registries".to_owned(),
            state,
            attempts,
            looks: 1,
            at: "2026-03-14T10:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn lines_say_who_has_not_confirmed_and_when_it_is_asked_again() {
        let head = "document 2.16.4: record of registration 2.16.6 not confirmed gone by \
                    registries: ";
        for (row, how) in [
            (row(RemovalState::Waiting, 0), "not asked yet"),
            (row(RemovalState::Asked, 1), "asked 1 times, no answer yet"),
            (
                row(RemovalState::Waiting, 1),
                "asked 1 times, asked again at 2026-03-14T10:00:00Z",
            ),
        ] {
            assert_eq!(removal_line(&row), format!("{head}{how}"));
        }
        let nodes = (
            row(RemovalState::Waiting, 0).person,
            vec![NodeId(3), NodeId(4)],
        );
        assert_eq!(
            node_line(&nodes),
            "document 2.16.4: not confirmed by node 3, 4"
        );
    }
}
