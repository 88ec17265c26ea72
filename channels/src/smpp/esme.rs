//! ESME role over TCP: the channel that carries USSD and SMS of one operator's link.
//!
//! A link is one account: one or several binds, over one or several addresses in turn. Plain TCP
//! is taken to loopback addresses only: SMPP carries passwords, numbers and texts in the clear.
//! Other machines are reached by TLS 1.3. Where an operator offers only plain SMPP, the end of its
//! tunnel stands on the same board.

mod group;
mod task;
mod tls;

use core::fmt;
use std::net::SocketAddr;

use channels_core::LinkName;
use channels_core::smpp::inbox::Profile;
use channels_core::smpp::pdu::{Bind, BindKind};
use channels_core::smpp::session::Settings;

use tokio::sync::watch;

use crate::{Channel, ChannelIo};

pub use tls::TlsClient;

/// Most binds of one link; operators grant a handful.
pub const BINDS_MAX: u8 = 8;

/// Settings of a link.
#[derive(Clone, PartialEq, Eq)]
pub struct EsmeConfig {
    /// Name, dialect, alphabet and numbering of the link.
    pub profile: Profile,
    /// Where the SMSC listens, usually port 2775: tried in turn, each bind from its own place on.
    pub addresses: Vec<SocketAddr>,
    /// How many times to bind, 1 to [`BINDS_MAX`].
    pub binds: u8,
    /// TLS 1.3; without it only loopback addresses are taken.
    pub tls: Option<TlsClient>,
    /// The account, ≤ 15 ASCII characters.
    pub system_id: String,
    /// Its password, ≤ 8 ASCII characters.
    pub password: String,
    /// How to bind.
    pub bind: BindKind,
    /// Kind of ESME, ≤ 12 ASCII characters; usually empty.
    pub system_type: String,
    /// The version to say: 0x33, 0x34 or 0x50.
    pub interface_version: u8,
    /// Numbers that we serve, ≤ 40 ASCII characters; usually empty.
    pub address_range: String,
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
            addresses: vec![address],
            binds: 1,
            tls: None,
            system_id: system_id.to_owned(),
            password: password.to_owned(),
            bind: BindKind::Transceiver,
            system_type: String::new(),
            interface_version: 0x34,
            address_range: String::new(),
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
        "plain SMPP goes to loopback addresses only, not to {address}: use TLS, or end a tunnel \
         on this machine and name its loopback address"
    )]
    NotLoopback {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// No address, or not 1 to [`BINDS_MAX`] binds.
    #[error("a link has 1 to 8 binds and at least one address")]
    Binds,
    /// Name or roots of TLS.
    #[error("TLS cannot be used: {0}")]
    Tls(&'static str),
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
    /// Binds that may submit now.
    up: watch::Sender<u8>,
}

impl Esme {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`EsmeError`] says what cannot be.
    pub fn new(config: EsmeConfig) -> Result<Self, EsmeError> {
        if config.addresses.is_empty() || !(1..=BINDS_MAX).contains(&config.binds) {
            return Err(EsmeError::Binds);
        }
        let mut open = config.addresses.iter();
        let open = open.find(|address| !address.ip().is_loopback());
        if let (Some(&address), None) = (open, &config.tls) {
            return Err(EsmeError::NotLoopback { address });
        }
        for (field, text, limit) in [
            ("system_id", &config.system_id, 15),
            ("password", &config.password, 8),
            ("system_type", &config.system_type, 12),
            ("address_range", &config.address_range, 40),
        ] {
            if text.len() > limit || !text.is_ascii() || text.contains('\0') {
                return Err(EsmeError::Unfit { field });
            }
        }
        let (up, _) = watch::channel(0);
        Ok(Self { config, up })
    }
}

impl EsmeConfig {
    fn bind(&self) -> Bind {
        Bind {
            kind: self.bind,
            system_id: self.system_id.clone(),
            password: self.password.clone(),
            system_type: self.system_type.clone(),
            interface_version: self.interface_version,
            address_range: self.address_range.clone(),
        }
    }
}

impl Channel for Esme {
    fn name(&self) -> &LinkName {
        &self.config.profile.link
    }

    fn window(&self) -> usize {
        usize::from(self.config.binds) * usize::from(self.config.settings.window)
    }

    fn ready(&self) -> Option<watch::Receiver<u8>> {
        Some(self.up.subscribe())
    }

    async fn run(self, io: ChannelIo) {
        group::run(self.config, self.up, io).await;
    }
}

impl fmt::Debug for EsmeConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EsmeConfig")
            .field("profile", &self.profile)
            .field("addresses", &self.addresses)
            .field("binds", &self.binds)
            .field("tls", &self.tls)
            .field("system_id", &self.system_id)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod group_tests;
#[cfg(test)]
mod tests;
