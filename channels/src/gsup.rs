//! The channel of an own 2G cell: an external USSD entity of `osmo-hlr`, over two TCP connections.
//!
//! USSD only: SMS of the cell travels over the SMPP of `osmo-msc`, which is an ordinary link. The
//! home register authenticates nobody, so both connections go to a loopback address or nowhere:
//! register and node stand on one board, or a tunnel ends here.

mod task;

use std::net::{IpAddr, SocketAddr};

use channels_core::LinkName;
use channels_core::gsup::ccm::ENTITY_CHARS_MAX;
use channels_core::gsup::entity::Settings;

use crate::{Channel, ChannelIo};

/// Port of GSUP; `osmo-hlr` has no setting for another.
pub const GSUP_PORT: u16 = 4222;
/// Port of the control interface of `osmo-hlr`.
pub const CTRL_PORT: u16 = 4259;
/// Shortest guard time of the home register, in seconds: shorter ones leave no time to read.
pub const GUARD_S_MIN: u8 = 30;

/// Settings of a cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnCellConfig {
    /// Where GSUP is spoken.
    pub gsup: SocketAddr,
    /// Where numbers are asked for.
    pub ctrl: SocketAddr,
    /// Link, entity, times and sentences.
    pub settings: Settings,
}

impl OwnCellConfig {
    /// A home register with its usual ports.
    pub fn new(address: IpAddr, settings: Settings) -> Self {
        Self {
            gsup: SocketAddr::new(address, GSUP_PORT),
            ctrl: SocketAddr::new(address, CTRL_PORT),
            settings,
        }
    }
}

/// Why a cell cannot be configured so; surfaces at start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CellError {
    /// The home register believes whoever reaches it.
    #[error(
        "the home register is reached on loopback addresses only, not on {address}: it \
         authenticates nobody, so run it on this machine or end a tunnel here"
    )]
    NotLoopback {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The name does not fit into an identity.
    #[error("an entity's name has 1 to {limit} letters, digits or `-`")]
    Entity {
        /// [`ENTITY_CHARS_MAX`].
        limit: usize,
    },
    /// Too short a time.
    #[error("the guard time is at least {minimum} s")]
    Guard {
        /// [`GUARD_S_MIN`].
        minimum: u8,
    },
}

/// The channel of one cell.
#[derive(Debug)]
pub struct OwnCell {
    config: OwnCellConfig,
}

impl OwnCell {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`CellError`] says what cannot be.
    pub fn try_new(config: OwnCellConfig) -> Result<Self, CellError> {
        for address in [config.gsup, config.ctrl] {
            if !address.ip().is_loopback() {
                return Err(CellError::NotLoopback { address });
            }
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let entity = &config.settings.entity;
        if !(1..=ENTITY_CHARS_MAX).contains(&entity.len()) || !entity.chars().all(plain) {
            let limit = ENTITY_CHARS_MAX;
            return Err(CellError::Entity { limit });
        }
        if config.settings.guard_s < GUARD_S_MIN {
            let minimum = GUARD_S_MIN;
            return Err(CellError::Guard { minimum });
        }
        Ok(Self { config })
    }
}

impl Channel for OwnCell {
    fn name(&self) -> &LinkName {
        &self.config.settings.link
    }

    async fn run(self, io: ChannelIo) {
        task::Task::run(self.config, io).await;
    }
}

#[cfg(test)]
mod tests;
