//! The district office of the demo: the pages of its hub, and an officer who can sign in there.

use axum::Router;
use channels_core::Msisdn;
use node_core::pin::Pin;
use node_core::role::{Role, RoleGrant};

use super::{DemoError, World, area};
use crate::roles::hub;
use crate::roles::office::{self, OfficeConfig};

/// Number of the demo's officer.
pub const OFFICER: &str = "+256770000009";
/// Her passphrase: everybody may know it, since a demo serves its own computer only.
pub const PASSPHRASE: &str = "an officer of the demo";

impl World {
    /// Grants the officer her role, opens her account, and gives the pages below `/office`.
    ///
    /// # Errors
    /// [`DemoError`] when the hub's store fails.
    pub async fn open_office(&mut self) -> Result<Router, DemoError> {
        let number = Msisdn::parse(OFFICER).map_err(DemoError::Address)?;
        let begins = (area(0), self.clock.now().at);
        let worker = hub::worker(&number, "District officer", "en", begins);
        let grant = RoleGrant {
            role: Role::Officer,
            ..worker
        };
        let (store, clock) = (self.hub.station.store.clone(), self.clock);
        hub::grant(&store, clock, grant).await?;
        let passphrase = Pin::passphrase(PASSPHRASE)
            .ok_or_else(|| DemoError::Script("the passphrase is too weak".to_owned()))?;
        let account = (&number, Role::Officer);
        office::open_account(&store, clock, account, &passphrase).await?;
        let config = OfficeConfig {
            name: "District office".to_owned(),
            tls: false,
        };
        Ok(office::pages(&mut self.hub.station, config)?)
    }
}
