//! Neighbours on a LAN: announced and found by DNS-SD over multicast DNS; they are met by
//! [`crate::https`], like a hub.
//!
//! Whatever is heard here is a hint that anybody may have sent. Whom to meet, and how often, says
//! `sync_core::lan`.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use mdns_sd::{IfKind, ResolvedService, ServiceDaemon, ServiceEvent, ServiceInfo};
use sync_core::lan::{ADDRESSES_MAX, Announcement, SERVICE};
use sync_core::{HubId, NodeId};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Port of multicast DNS (RFC 6762).
pub const MDNS_PORT: u16 = 5353;
/// Sightings that wait for the program; further ones are dropped, since they come again.
pub const SIGHTINGS_MAX: usize = 64;

/// Something that was heard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sighting {
    /// Somebody says who it is.
    Seen {
        /// What it says.
        announcement: Announcement,
        /// Where, at most [`ADDRESSES_MAX`].
        addresses: Vec<String>,
    },
    /// Somebody is not announced any more.
    Gone(NodeId),
}

/// Announcing and listening; ends when dropped.
pub struct Beacon {
    daemon: ServiceDaemon,
    address: SocketAddr,
    listening: JoinSet<()>,
}

impl core::fmt::Debug for Beacon {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Beacon({})", self.address)
    }
}

/// Why nobody can be announced or found; peers of the settings are met all the same.
#[derive(Debug, thiserror::Error)]
pub enum BeaconError {
    /// Multicast DNS does not work here.
    #[error("multicast DNS: {0}")]
    Mdns(#[from] mdns_sd::Error),
}

impl Beacon {
    /// Listens for neighbours of a node that serves at `address`: on its interface, or on all for
    /// an unspecified one. `port` is [`MDNS_PORT`] but in tests.
    ///
    /// # Errors
    /// [`BeaconError`] where the system gives no multicast.
    pub fn start(
        address: SocketAddr,
        port: u16,
        sightings: mpsc::Sender<Sighting>,
    ) -> Result<Self, BeaconError> {
        let daemon = ServiceDaemon::new_with_port(port)?;
        match address.ip() {
            ip if !ip.is_unspecified() => {
                daemon.disable_interface(IfKind::All)?;
                daemon.enable_interface(IfKind::Addr(ip))?;
            }
            // What is not served over IPv6 is not announced there.
            IpAddr::V4(_) => daemon.disable_interface(IfKind::IPv6)?,
            IpAddr::V6(_) => {}
        }
        let heard = daemon.browse(SERVICE)?;
        let mut listening = JoinSet::new();
        listening.spawn(async move {
            while let Ok(event) = heard.recv_async().await {
                let Some(sighting) = sighting(&event) else {
                    continue;
                };
                if sightings.try_send(sighting).is_err() {
                    tracing::debug!("a sighting was dropped: many wait");
                }
            }
        });
        Ok(Self {
            daemon,
            address,
            listening,
        })
    }

    /// Announces us, in place of what was announced before.
    ///
    /// # Errors
    /// [`BeaconError`] where the system refuses.
    pub fn announce(&self, announcement: &Announcement) -> Result<(), BeaconError> {
        let name = instance(announcement.hub, announcement.node);
        let ip = self.address.ip();
        let addresses: Vec<IpAddr> = (!ip.is_unspecified()).then_some(ip).into_iter().collect();
        let properties = announcement.properties();
        let mut info = ServiceInfo::new(
            SERVICE,
            &name,
            &format!("{name}.local."),
            addresses.as_slice(),
            self.address.port(),
            properties.as_slice(),
        )?;
        // Numbers are unique in a network; a name that somebody else takes changes nothing.
        info.set_requires_probe(false);
        if ip.is_unspecified() {
            info = info.enable_addr_auto();
        }
        Ok(self.daemon.register(info)?)
    }
}

impl Drop for Beacon {
    fn drop(&mut self) {
        self.listening.abort_all();
        if self.daemon.shutdown().is_err() {
            tracing::debug!("multicast DNS had ended already");
        }
    }
}

fn instance(hub: HubId, node: NodeId) -> String {
    let hub = u32::from_be_bytes(hub.0);
    format!("outpost-{hub:08x}-{}", node.0)
}

/// What an event tells; `None` for what is no announcement of ours.
fn sighting(event: &ServiceEvent) -> Option<Sighting> {
    match event {
        ServiceEvent::ServiceResolved(service) => seen(service),
        ServiceEvent::ServiceRemoved(_, name) => {
            let (instance, _) = name.split_once('.')?;
            let (_, node) = instance.rsplit_once('-')?;
            Some(Sighting::Gone(NodeId(node.parse().ok()?)))
        }
        _ => None,
    }
}

fn seen(service: &ResolvedService) -> Option<Sighting> {
    let announcement = Announcement::parse(|key| service.get_property_val_str(key))?;
    let found = service.get_addresses().iter();
    let found: BTreeSet<IpAddr> = found.map(mdns_sd::ScopedIp::to_ip_addr).collect();
    // Addresses of one link alone would need the interface beside them.
    let found = found.into_iter().filter(|ip| match ip {
        IpAddr::V4(_) => true,
        IpAddr::V6(ip) => !ip.is_unicast_link_local(),
    });
    let port = service.get_port();
    let found = found.map(|ip| SocketAddr::new(ip, port).to_string());
    let addresses: Vec<String> = found.take(ADDRESSES_MAX).collect();
    (!addresses.is_empty()).then_some(Sighting::Seen {
        announcement,
        addresses,
    })
}

#[cfg(test)]
mod tests;
