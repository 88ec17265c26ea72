//! Certificates signed anew: the same key, life and grants, a higher serial, a new period.
//!
//! A node asks for nothing: whoever speaks with a certificate of which half is over gets the next
//! one in the answer, over any link (SECURITY.md, *Renewal*).

use jiff::Timestamp;
use sync_core::certificate::NodeCertificate;
use sync_core::{Epoch, NodeId};

use super::validity;
use crate::hub_store::StoreError;
use crate::tx::Tx;

/// Whether half of a certificate's time is over.
fn is_due(certificate: &NodeCertificate, now: Timestamp) -> bool {
    let (from, to) = (certificate.not_before, certificate.not_after);
    let half = to.as_second().saturating_sub(from.as_second()) / 2;
    now.as_second() >= from.as_second().saturating_add(half)
}

impl Tx<'_> {
    /// Signs the certificate of a life anew when it is due. A life that another one followed, or
    /// that was stopped, gets none.
    pub(crate) fn renew(&mut self, node: NodeId, epoch: Epoch) -> Result<(), StoreError> {
        let Some(hub) = self.vault.secrets.hub.clone() else {
            return Ok(());
        };
        let Some(old) = self
            .last_certificate(node)?
            .filter(|old| old.epoch == epoch)
        else {
            return Ok(());
        };
        if !is_due(&old, self.now.at) || self.revocations()?.is_stopped(node, epoch) {
            return Ok(());
        }
        let (not_before, not_after) = validity(self.now.at)?;
        let renewed = NodeCertificate {
            serial: self.next_serial()?,
            not_before,
            not_after,
            ..old
        };
        let bytes = self.certify(&renewed, &hub)?;
        // Nodes check each other's slips by certificates that the hub shares.
        self.share_certificate(&bytes)
    }
}
