//! Two daemons on the loopback interface, at a port of their own.

use std::net::UdpSocket;
use std::time::Duration;

use super::*;

const HUB: HubId = HubId([1, 2, 3, 4]);

fn free_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

fn says(node: u32, digest: u8) -> Announcement {
    Announcement {
        hub: HUB,
        node: NodeId(node),
        digest: [digest; 8],
    }
}

async fn next(heard: &mut mpsc::Receiver<Sighting>, wanted: &Announcement) -> Vec<String> {
    let wait = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            match heard.recv().await.expect("the daemon lives") {
                Sighting::Seen {
                    announcement,
                    addresses,
                } if announcement == *wanted => return addresses,
                _ => {}
            }
        }
    });
    wait.await.expect("it was heard")
}

#[tokio::test]
async fn two_nodes_find_each_other_and_garbage_is_no_announcement() {
    let port = free_port();
    let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let (seen_by_a, mut heard_by_a) = mpsc::channel(SIGHTINGS_MAX);
    let (seen_by_b, mut heard_by_b) = mpsc::channel(SIGHTINGS_MAX);
    let a = Beacon::start(at(8_001), port, seen_by_a).unwrap();
    let b = Beacon::start(at(8_002), port, seen_by_b).unwrap();
    // Somebody else on the same LAN: a service of the type, whose text is no announcement.
    let text = [
        ("version", "1"),
        ("hub", "zz"),
        ("origin", "-1"),
        ("digest", "?"),
    ];
    let garbage = ServiceInfo::new(
        SERVICE,
        "outpost-garbage",
        "garbage.local.",
        "127.0.0.1",
        9,
        &text[..],
    );
    a.daemon.register(garbage.unwrap()).unwrap();
    a.announce(&says(7, 1)).unwrap();
    b.announce(&says(9, 1)).unwrap();
    assert_eq!(next(&mut heard_by_b, &says(7, 1)).await, ["127.0.0.1:8001"]);
    assert_eq!(next(&mut heard_by_a, &says(9, 1)).await, ["127.0.0.1:8002"]);
    // A change is announced anew.
    a.announce(&says(7, 2)).unwrap();
    assert_eq!(next(&mut heard_by_b, &says(7, 2)).await, ["127.0.0.1:8001"]);
}

#[test]
fn a_name_that_goes_names_its_node_and_others_nobody() {
    let gone = |name: &str| {
        let event = ServiceEvent::ServiceRemoved(SERVICE.to_owned(), name.to_owned());
        sighting(&event)
    };
    let name = format!("{}.{SERVICE}", instance(HUB, NodeId(7)));
    assert_eq!(gone(&name), Some(Sighting::Gone(NodeId(7))));
    for other in ["", "printer._ipp._tcp.local.", "outpost-01020304-x.local."] {
        assert_eq!(gone(other), None, "{other}");
    }
}
