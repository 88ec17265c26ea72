//! What the settings say of roads between nodes, in the words of the program.

use std::time::Duration;

use firmware_config::settings::{LanSettings, LinkProfile};
use node::runtime::lan::LanConfig;
use sync::lan::MDNS_PORT;
use sync_core::NodeId;
use sync_core::session::Profile;

/// How frames travel.
pub(super) fn profile(profile: LinkProfile) -> Profile {
    match profile {
        LinkProfile::Metered => Profile::Metered,
        LinkProfile::Lan => Profile::Lan,
    }
}

/// Neighbours on the LAN.
pub(super) fn config(settings: &LanSettings) -> LanConfig {
    let peers = settings.peer.iter();
    let peers = peers.map(|peer| (NodeId(peer.node), peer.address.clone()));
    LanConfig {
        listen: settings.listen,
        discovery: settings.discovery.then_some(MDNS_PORT),
        peers: peers.collect(),
        profile: profile(settings.profile),
        interval: Duration::from_secs(u64::from(settings.minutes) * 60),
    }
}
