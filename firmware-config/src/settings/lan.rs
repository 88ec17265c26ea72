//! Neighbours on the LAN: where they connect, how they are found, and how frames travel.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde::Deserialize;

use super::check::{Rules, is_host_and_port};
use super::error::SettingsError;

/// Most neighbours that are named, as many as are met; more are refused.
const LAN_PEERS_MAX: usize = 32;
/// Longest pause between two sessions with a neighbour, in minutes, a day; more is refused.
const LAN_MINUTES_MAX: u32 = 1_440;

/// How frames travel on a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkProfile {
    /// Packed: bytes have a price.
    Metered,
    /// Raw with zstd: bytes are cheap, the processor is not.
    Lan,
}

/// Neighbours on the LAN.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanSettings {
    /// Where neighbours connect.
    pub listen: SocketAddr,
    /// Whether neighbours are announced and found by DNS-SD.
    #[serde(default = "default_discovery")]
    pub discovery: bool,
    /// How frames travel between neighbours.
    #[serde(default = "default_profile")]
    pub profile: LinkProfile,
    /// Longest pause between two sessions with a neighbour without news, 1–1,440.
    #[serde(default = "default_minutes")]
    pub minutes: u32,
    /// Neighbours that multicast does not reach.
    #[serde(default)]
    pub peer: Vec<LanPeerSettings>,
}

/// A neighbour that multicast does not reach.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanPeerSettings {
    /// Its number in the network.
    pub node: u32,
    /// `host:port`.
    pub address: String,
}

fn default_discovery() -> bool {
    true
}

fn default_profile() -> LinkProfile {
    LinkProfile::Lan
}

fn default_minutes() -> u32 {
    10
}

/// Refuses the first value that is out of range.
pub(super) fn check(lan: &LanSettings, rules: &Rules<'_>) -> Result<(), SettingsError> {
    rules.that(
        (1..=LAN_MINUTES_MAX).contains(&lan.minutes),
        "lan.minutes",
        "must be 1 to 1440 minutes",
    )?;
    let fits = lan.peer.len() <= LAN_PEERS_MAX;
    rules.that(fits, "lan.peer", "must be at most 32 neighbours")?;
    let mut nodes = BTreeSet::new();
    for peer in &lan.peer {
        let once = peer.node > 0 && nodes.insert(peer.node);
        let reason = "must be the number of a node, each once";
        rules.that(once, "lan.peer.node", reason)?;
        let address = is_host_and_port(&peer.address);
        rules.that(address, "lan.peer.address", "must be host:port")?;
    }
    Ok(())
}
