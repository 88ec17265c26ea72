//! A LAN of true and false announcements on virtual time.

use proptest::prelude::*;

use super::*;

const HUB: HubId = HubId(*b"test");

fn at(second: i64) -> Timestamp {
    after(Timestamp::UNIX_EPOCH, second)
}

fn says(node: u32, digest: u8) -> Input {
    Input::Announced {
        announcement: Announcement {
            hub: HUB,
            node: NodeId(node),
            digest: [digest; 8],
        },
        addresses: vec![format!("10.0.0.{node}:8444")],
    }
}

fn dialled(actions: &[Action]) -> Vec<u32> {
    let node = |action: &Action| match action {
        Action::Dial { node, .. } => Some(node.0),
        _ => None,
    };
    actions.iter().filter_map(node).collect()
}

fn ended(node: u32, met: bool) -> Input {
    let node = NodeId(node);
    Input::Ended { node, met }
}

#[test]
fn the_lower_number_dials_and_a_peer_of_the_settings_is_always_dialled() {
    let mut lan = Lan::new(HUB, NodeId(7), 600);
    assert_eq!(dialled(&lan.handle(at(0), says(9, 1))), [9]);
    assert_eq!(dialled(&lan.handle(at(0), says(3, 1))), [0; 0]);
    assert_eq!(dialled(&lan.handle(at(0), says(7, 1))), [0; 0], "ourselves");
    let node = NodeId(4);
    let address = "10.0.0.4:8444".to_owned();
    assert_eq!(
        dialled(&lan.handle(at(0), Input::Configured { node, address })),
        [4]
    );
    let other = Input::Announced {
        announcement: Announcement {
            hub: HubId(*b"abcd"),
            node: NodeId(20),
            digest: [0; 8],
        },
        addresses: vec!["10.0.0.20:8444".to_owned()],
    };
    assert_eq!(
        dialled(&lan.handle(at(0), other)),
        [0; 0],
        "another network"
    );
}

#[test]
fn news_on_either_side_is_met_after_half_a_minute_and_quiet_after_the_interval() {
    let mut lan = Lan::new(HUB, NodeId(7), 600);
    lan.handle(at(0), says(9, 1));
    lan.handle(at(1), ended(9, true));
    assert_eq!(lan.deadline(), Some(at(600)));
    lan.handle(at(2), says(9, 2));
    assert_eq!(lan.deadline(), Some(at(30)));
    assert_eq!(dialled(&lan.handle(at(29), Input::Timeout)), [0; 0]);
    assert_eq!(dialled(&lan.handle(at(30), Input::Timeout)), [9]);
    lan.handle(at(31), ended(9, true));
    lan.handle(at(32), Input::Holds([5; 8]));
    assert_eq!(dialled(&lan.handle(at(60), Input::Timeout)), [9]);
    lan.handle(at(61), ended(9, false));
    assert_eq!(
        dialled(&lan.handle(at(90), Input::Timeout)),
        [9],
        "once more"
    );
    assert_eq!(lan.handle(at(91), Input::Withdrawn { node: NodeId(9) }), []);
    assert_eq!(lan.handle(at(1_000), ended(9, true)), []);
}

#[test]
fn a_change_is_announced_at_once_and_the_next_after_five_seconds() {
    let mut lan = Lan::new(HUB, NodeId(7), 600);
    let announced = |digest: u8| vec![Action::Announce([digest; 8])];
    assert_eq!(lan.handle(at(0), Input::Holds([1; 8])), announced(1));
    assert_eq!(lan.handle(at(1), Input::Holds([2; 8])), []);
    assert_eq!(lan.handle(at(2), Input::Holds([3; 8])), []);
    assert_eq!(lan.deadline(), Some(at(5)));
    assert_eq!(lan.handle(at(5), Input::Timeout), announced(3));
    assert_eq!(lan.handle(at(60), Input::Holds([3; 8])), []);
}

#[test]
fn three_offences_set_an_origin_aside_for_a_day() {
    let mut lan = Lan::new(HUB, NodeId(7), 600);
    lan.handle(at(0), says(9, 1));
    lan.handle(at(1), ended(9, true));
    let node = NodeId(9);
    assert_eq!(lan.handle(at(2), Input::Offended { node }), []);
    assert_eq!(lan.handle(at(3), Input::Offended { node }), []);
    let third = lan.handle(at(4), Input::Offended { node });
    assert_eq!(third, [Action::SetAside(node)]);
    lan.handle(at(5), says(9, 2));
    assert_eq!(lan.deadline(), Some(at(4 + ASIDE_S)));
    assert!(lan.set_aside(at(3 + ASIDE_S)).contains(&node));
    assert!(lan.set_aside(at(4 + ASIDE_S)).is_empty());
    let back = lan.handle(at(4 + ASIDE_S), Input::Timeout);
    assert_eq!(dialled(&back), [9]);
}

#[test]
fn a_crowd_of_names_that_nobody_answers_for_gives_way_to_a_true_one() {
    let mut lan = Lan::new(HUB, NodeId(7), 600);
    let mut dials = Vec::new();
    for node in 100..132 {
        dials.extend(dialled(&lan.handle(at(0), says(node, 1))));
    }
    assert_eq!(lan.handle(at(0), says(9, 1)), [Action::Crowded(NodeId(9))]);
    let mut second = 0;
    while second < 3_600 {
        dials.extend(dialled(&lan.handle(at(second), Input::Timeout)));
        while let Some(node) = dials.pop() {
            dials.extend(dialled(&lan.handle(at(second), ended(node, false))));
        }
        second += 1;
    }
    let heard = lan.handle(at(second + ATTEMPT_S_MIN), says(9, 1));
    assert!(!heard.contains(&Action::Crowded(NodeId(9))));
    assert!(lan.peers.contains_key(&NodeId(9)));
    assert_eq!(lan.peers.len(), PEERS_MAX);
}

#[test]
fn only_the_one_form_of_an_announcement_is_read() {
    let announcement = Announcement {
        hub: HUB,
        node: NodeId(7),
        digest: [0xab; 8],
    };
    let written = announcement.properties();
    let read = |change: Option<(&str, &str)>| {
        Announcement::parse(|key| {
            let changed = change.filter(|(name, _)| *name == key);
            let kept = written.iter().find(|(name, _)| *name == key);
            changed
                .map(|(_, value)| value)
                .or(kept.map(|(_, value)| value.as_str()))
        })
    };
    assert_eq!(read(None), Some(announcement));
    for change in [
        ("version", "2"),
        ("hub", "TEST"),
        ("hub", "7465737"),
        ("hub", "+465737x"),
        ("origin", "0"),
        ("origin", "007"),
        ("origin", "-1"),
        ("origin", "4294967296"),
        ("digest", "ABABABABABABABAB"),
        ("digest", ""),
    ] {
        assert_eq!(read(Some(change)), None, "{change:?}");
    }
    assert_eq!(Announcement::parse(|_key| None), None);
}

fn step() -> impl Strategy<Value = (i64, Input)> {
    let node = 1_u32..60;
    let input = prop_oneof![
        (node.clone(), 0_u8..3).prop_map(|(node, digest)| says(node, digest)),
        (0_u8..3).prop_map(|digest| Input::Holds([digest; 8])),
        node.clone()
            .prop_map(|node| Input::Withdrawn { node: NodeId(node) }),
        node.clone()
            .prop_map(|node| Input::Offended { node: NodeId(node) }),
        (node, any::<bool>()).prop_map(|(node, met)| ended(node, met)),
        Just(Input::Timeout),
    ];
    (0_i64..20, input)
}

proptest! {
    /// Whatever is announced: no peer is dialled twice within half a minute or while it is spoken
    /// with, nobody with a lower number, four at once, and memory stays bounded.
    #[test]
    fn announcements_cause_no_more_than_they_may(steps in proptest::collection::vec(step(), 0..200)) {
        let mut lan = Lan::new(HUB, NodeId(7), 600);
        let mut now = 0;
        let mut last: BTreeMap<u32, i64> = BTreeMap::new();
        let mut open: BTreeSet<u32> = BTreeSet::new();
        let mut announced: Option<i64> = None;
        for (wait, input) in steps {
            now += wait;
            // The shell tells the end of sessions that there are.
            if let Input::Ended { node, .. } = &input
                && !open.remove(&node.0)
            {
                continue;
            }
            for action in lan.handle(at(now), input) {
                match action {
                    Action::Dial { node, .. } => {
                        prop_assert!(node.0 > 7);
                        prop_assert!(open.insert(node.0));
                        let before = last.insert(node.0, now);
                        prop_assert!(before.is_none_or(|before| now - before >= ATTEMPT_S_MIN));
                    }
                    Action::Announce(_) => {
                        let before = announced.replace(now);
                        prop_assert!(before.is_none_or(|before| now - before >= ANNOUNCE_S_MIN));
                    }
                    Action::Crowded(_) | Action::SetAside(_) => {}
                }
            }
            prop_assert!(open.len() <= SESSIONS_MAX);
            prop_assert!(lan.peers.len() <= PEERS_MAX && lan.offences.len() <= PEERS_MAX);
            // The shell never spins: whatever is due was done.
            prop_assert!(lan.deadline().is_none_or(|due| due > at(now)));
        }
    }
}
