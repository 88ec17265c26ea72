//! What the hub tells its nodes so that they check each other's slips: certificates and area keys.

use node_core::fact::Fact;
use node_core::slip::code::CodeKey;
use sync_core::Scope;

use super::control;
use crate::engine::Starts;
use crate::epoch::failed;
use crate::hub_store::StoreError;
use crate::keys::random;
use crate::tx::Tx;

impl Tx<'_> {
    /// Tells all areas the certificate of a node.
    pub(super) fn share_certificate(&self, certificate: &[u8]) -> Result<(), StoreError> {
        for area in self.identity.areas.clone() {
            let fact = Fact::CertificateShared {
                certificate: certificate.to_vec(),
            };
            self.tell_area(area, fact)?;
        }
        Ok(())
    }

    /// Gives an area its first key of short codes.
    pub(super) fn equip_area(&self, area: Scope) -> Result<(), StoreError> {
        if !self.code_keys(area)?.is_empty() {
            return Ok(());
        }
        let fact = Fact::SlipKeyGiven {
            key: CodeKey(random()?),
        };
        self.tell_area(area, fact)
    }

    fn tell_area(&self, area: Scope, fact: Fact) -> Result<(), StoreError> {
        let write = self.write(control(area, fact), 0, &mut Starts::new());
        let settled = write.and_then(|happened| {
            let mut messages = Vec::new();
            self.settle(happened.into_iter().collect(), &mut messages)
        });
        settled.map_err(failed)
    }
}
