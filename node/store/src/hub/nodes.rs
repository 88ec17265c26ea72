//! The nodes of a hub as its officers see them: names, lives, until when, closed or not.

use node_core::query::NodeRow;
use sync_core::NodeId;
use sync_core::revocation::RevocationList;

use crate::hub_store::StoreError;
use crate::tx::Tx;

const NODES: &str = "SELECT node, name FROM slot ORDER BY name";

impl Tx<'_> {
    /// Every node for which a slot was opened, by name.
    pub(crate) fn nodes(&self) -> Result<Vec<NodeRow>, StoreError> {
        let list = self.revocations()?;
        let mut statement = self.db.prepare_cached(NODES)?;
        let slots = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let slots: Vec<(u32, String)> = slots.collect::<Result<_, _>>()?;
        let rows = slots.into_iter().map(|(number, name)| {
            let node = NodeId(number);
            self.node_row(node, name, &list)
        });
        rows.collect()
    }

    fn node_row(
        &self,
        node: NodeId,
        name: String,
        list: &RevocationList,
    ) -> Result<NodeRow, StoreError> {
        let last = self.last_certificate(node)?;
        let life = last.map(|last| (last.epoch, last.not_after));
        let closed = life.and_then(|(epoch, _)| {
            let mut own = list.entries.iter().filter(|entry| entry.node == node);
            own.find(|entry| entry.epoch == epoch)
                .map(|entry| entry.mode)
        });
        Ok(NodeRow {
            node,
            name,
            life,
            closed,
        })
    }
}
