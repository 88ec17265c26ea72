//! ESME role over TCP: the channel that carries USSD and SMS of one operator's link.
//!
//! Plain TCP is taken to loopback addresses only: SMPP carries passwords, numbers and texts in
//! the clear. Where an operator offers only plain SMPP, the end of its tunnel stands on the same
//! board.

mod task;

use core::fmt;
use std::net::SocketAddr;

use channels_core::LinkName;
use channels_core::smpp::inbox::Profile;
use channels_core::smpp::pdu::{Bind, BindKind};
use channels_core::smpp::session::Settings;

use crate::{Channel, ChannelIo};

/// Settings of a link.
#[derive(Clone, PartialEq, Eq)]
pub struct EsmeConfig {
    /// Name, dialect, alphabet and numbering of the link.
    pub profile: Profile,
    /// Where the SMSC listens, usually port 2775.
    pub address: SocketAddr,
    /// The account, ≤ 15 ASCII characters.
    pub system_id: String,
    /// Its password, ≤ 8 ASCII characters.
    pub password: String,
    /// How to bind.
    pub bind: BindKind,
    /// Window, rate and times.
    pub settings: Settings,
    /// The sender of every SMS, where the operator prescribes one; else the message's own.
    pub source: Option<channels_core::Address>,
}

impl EsmeConfig {
    /// A transceiver bind with the usual settings.
    pub fn new(link: &str, address: SocketAddr, system_id: &str, password: &str) -> Self {
        Self {
            profile: Profile::new(link),
            address,
            system_id: system_id.to_owned(),
            password: password.to_owned(),
            bind: BindKind::Transceiver,
            settings: Settings::default(),
            source: None,
        }
    }
}

/// Why a link cannot be configured so; surfaces at start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EsmeError {
    /// Plain TCP to another machine.
    #[error(
        "plain SMPP goes to loopback addresses only, not to {address}; SMPP over TLS is not \
         built yet: end a tunnel on this machine and name its loopback address"
    )]
    NotLoopback {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// Longer than SMPP allows, or not ASCII.
    #[error("{field} does not fit into an SMPP bind")]
    Unfit {
        /// The field's name.
        field: &'static str,
    },
}

/// The channel of one link.
#[derive(Debug)]
pub struct Esme {
    config: EsmeConfig,
}

impl Esme {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`EsmeError`] says what cannot be.
    pub fn new(config: EsmeConfig) -> Result<Self, EsmeError> {
        let address = config.address;
        if !address.ip().is_loopback() {
            return Err(EsmeError::NotLoopback { address });
        }
        for (field, text, limit) in [
            ("system_id", &config.system_id, 15),
            ("password", &config.password, 8),
        ] {
            if text.len() > limit || !text.is_ascii() || text.contains('\0') {
                return Err(EsmeError::Unfit { field });
            }
        }
        Ok(Self { config })
    }
}

impl EsmeConfig {
    fn bind(&self) -> Bind {
        Bind {
            kind: self.bind,
            system_id: self.system_id.clone(),
            password: self.password.clone(),
            system_type: String::new(),
            interface_version: 0x34,
        }
    }
}

impl Channel for Esme {
    fn name(&self) -> &LinkName {
        &self.config.profile.link
    }

    async fn run(self, io: ChannelIo) {
        task::Task::run(self.config, io).await;
    }
}

impl fmt::Debug for EsmeConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EsmeConfig")
            .field("profile", &self.profile)
            .field("address", &self.address)
            .field("system_id", &self.system_id)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
