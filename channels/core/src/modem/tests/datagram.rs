//! Data for a program between two modems, with no network but the one of SMS.

use super::*;
use crate::datagram::{self, DATA_OCTETS_MAX, SYNC_PORT};
use crate::segment::udh::{Header, Ports};
use crate::tpdu::{Alphabet, Dcs, Deliver, Scts, TpduError, hex};

/// A sealed datagram of the golden files, as two ends exchange it.
const GOLDEN: &str = include_str!("../../../../../tests/golden/sms/data-v1.hex");

fn golden() -> Vec<u8> {
    let lines = GOLDEN.lines().filter(|line| !line.starts_with('#'));
    hex::decode(&lines.collect::<String>()).unwrap()
}

impl World {
    fn data(&self) -> Vec<Vec<u8>> {
        let data = self.events.iter().filter_map(|event| match event {
            Inbound::Data(data) => Some(data.octets.clone()),
            _ => None,
        });
        data.collect()
    }

    /// What this modem's network took, brought to another modem.
    fn carry(&self, to: &mut Self) {
        for (_, taken) in &self.submitted {
            to.bring(taken.submit.user_data.clone());
        }
    }

    fn bring(&mut self, user_data: UserData) {
        let deliver = Deliver {
            options: Options::default(),
            origin: TpAddress::of(&Address::Phone(phone(4))).unwrap(),
            protocol: 0,
            submitted: Scts::of(self.now, 0).unwrap_or_default(),
            user_data,
        };
        self.simulate(modem_simulator::Input::Deliver(deliver.encode()));
    }
}

fn to_hub(octets: &[u8]) -> Vec<u8> {
    datagram::submit(&Address::Phone(phone(9)), octets).unwrap()
}

fn with_ports(alphabet: Alphabet, destination: u16) -> UserData {
    let header = Header {
        ports: Some(Ports::Sixteen {
            destination,
            source: SYNC_PORT,
        }),
        ..Header::default()
    };
    let dcs = Dcs::of(alphabet, None);
    UserData::try_new(dcs, header.to_octets(), b"REG Amina 1".to_vec()).unwrap()
}

#[test]
fn data_pass_between_two_modems_in_both_directions_to_the_octet() {
    let (mut node, mut hub) = (World::ready(&[]), World::ready(&[]));
    let longest: Vec<u8> = (0..=u8::MAX).cycle().take(DATA_OCTETS_MAX).collect();
    node.queue.push_back((1, to_hub(&golden())));
    node.queue.push_back((2, to_hub(&longest)));
    node.run(60);
    node.carry(&mut hub);
    hub.run(60);
    assert_eq!(hub.data(), [golden(), longest]);
    assert!(hub.texts().is_empty(), "never a text");
    hub.queue.push_back((3, to_hub(&golden())));
    hub.run(60);
    hub.carry(&mut node);
    node.run(60);
    assert_eq!(node.data(), [golden()]);
    // Its header has seven octets, as the sizes of the link count on.
    let taken = &node.submitted[1].1.submit;
    assert_eq!(
        taken.user_data.udh().len() + taken.user_data.payload().len(),
        140
    );
    assert!(!taken.options.has(Options::REPORT));
}

#[test]
fn data_stay_in_the_modem_until_the_node_has_committed_them() {
    let (mut node, mut hub) = (World::ready(&[]), World::ready(&[]));
    node.queue.push_back((1, to_hub(&golden())));
    node.run(60);
    hub.node = Node::Silent;
    node.carry(&mut hub);
    hub.run(60);
    assert_eq!(hub.simulator.waiting().0, 1);
    hub.node = Node::Commits;
    hub.inbox = Inbox::new(LinkName("sim".to_owned()), Address::Phone(phone(9_999)));
    hub.switch(Fault::Unplugged, true);
    hub.switch(Fault::Unplugged, false);
    hub.run(120);
    assert_eq!((hub.data().len(), hub.simulator.waiting().0), (1, 0));
}

#[test]
fn other_ports_and_texts_with_ports_are_no_data() {
    let mut hub = World::ready(&[]);
    hub.bring(with_ports(Alphabet::Octets, SYNC_PORT + 1));
    hub.bring(with_ports(Alphabet::Ucs2, SYNC_PORT));
    hub.text(1, "REG");
    hub.run(60);
    assert!(hub.data().is_empty());
    assert!(hub.texts().contains(&"REG".to_owned()));
    hub.bring(with_ports(Alphabet::Octets, SYNC_PORT));
    hub.run(60);
    assert_eq!(hub.data(), [b"REG Amina 1"], "the control");
    let longer = datagram::submit(&Address::Phone(phone(9)), &[0; DATA_OCTETS_MAX + 1]);
    assert!(matches!(longer, Err(TpduError::TooLong { .. })));
}
