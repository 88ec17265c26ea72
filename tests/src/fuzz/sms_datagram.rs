//! Datagrams of the SMS link: heads, texts, contents, and the machine behind the right key.
//!
//! Contents of form 1 are the fuzzer's and the tags are right, so that what stands behind them is
//! reached. The answers of the machine must open at the other end and be well formed.

use jiff::{SignedDuration, Timestamp};
use sync_core::id::{Epoch, HubId, Lane, NodeId};
use sync_core::sms::content::{Ack, Part, read_query, write_query};
use sync_core::sms::datagram::{Candidate, Head, find, open, seal};
use sync_core::sms::key::{Direction, Ends, Keyring, Root};
use sync_core::sms::link::{Action, Config, Input, Link, Outcome, Submission};
use sync_core::sms::order::Order;
use sync_core::sms::purse::{Cap, Purse, Tariff};
use sync_core::sms::receipt::ShortReceipt;
use sync_core::sms::{Carrier, Class, Kind, Nonce, SmsError, base64};

use super::Reached;

/// Octets of state that a peer can make this end keep: eight runs of 64 parts, its windows, lists.
const STATE_OCTETS_MAX: usize = 100_000;

/// Kinds that were taken, refusals, and what the machine did.
pub(super) const REACHES: &[&str] = &[
    "length",
    "version",
    "kind",
    "key id",
    "tag",
    "a text",
    "no text",
    "a part",
    "an ack",
    "a query",
    "an order",
    "a short receipt",
    "no content",
    "delivered",
    "answered",
    "accepted",
    "refused",
    "a receipt",
    "a replay",
];

/// Feeds octets to one of the forms.
pub(super) fn run(form: u8, octets: &[u8], reached: &mut Reached) {
    match form {
        0 => raw(octets, reached),
        1 => machine(octets, reached),
        2 => text(octets, reached),
        3 => content(octets, reached),
        _ => {}
    }
}

/// The node of the link that is played.
pub(super) fn ends() -> Ends {
    Ends {
        hub: HubId([0xAA; 4]),
        node: NodeId(7),
        epoch: Epoch::new(1, 0),
    }
}

fn keys() -> Keyring {
    Keyring::new(1, Root::new([0x11; 32]))
}

/// A datagram of the node under a nonce of its own.
pub(super) fn sealed(kind: u8, counter: u32, content: &[u8]) -> Option<Vec<u8>> {
    let nonce = Nonce {
        key: 1,
        salt: [3; 4],
        counter,
    };
    let kind = Kind::parse(kind)?;
    let key = keys().newest().1.link_key(&ends(), Direction::ToHub);
    seal(&key, &Head { kind, nonce }, content).ok()
}

fn candidate(keys: &Keyring) -> Candidate<'_> {
    Candidate {
        by_number: false,
        ends: ends(),
        keys,
    }
}

/// Nobody has the key, so nothing opens but what form 1 sealed.
fn raw(octets: &[u8], reached: &mut Reached) {
    let keys = keys();
    match Head::parse(octets) {
        Ok(head) => {
            assert_eq!(head.encode(), octets[..10], "a head has two encodings");
            let found = find(octets, Direction::ToHub, &[candidate(&keys)]);
            reached.insert(if found.is_none() { "tag" } else { "opened" });
        }
        Err(error) => {
            let key = keys.newest().1.link_key(&ends(), Direction::ToHub);
            assert_eq!(open(&key, octets).err(), Some(error));
            reached.insert(match error {
                SmsError::Length => "length",
                SmsError::Version => "version",
                SmsError::Kind => "kind",
                _ => "key id",
            });
        }
    }
}

fn text(octets: &[u8], reached: &mut Reached) {
    let text = String::from_utf8_lossy(octets);
    match base64::from_text(&text) {
        Ok(datagram) => {
            let again = base64::to_text(&datagram);
            assert_eq!(again.as_deref(), Ok(&*text), "a text has two forms");
            reached.insert("a text");
        }
        Err(_) => {
            reached.insert("no text");
        }
    }
}

fn content(octets: &[u8], reached: &mut Reached) {
    let mut read = Reached::new();
    if let Ok(part) = Part::decode(octets) {
        assert_eq!(part.encode(), octets, "a part has two encodings");
        read.insert("a part");
    }
    if let Ok(ack) = Ack::decode(octets) {
        assert_eq!(ack.encode(), octets, "an ack has two encodings");
        read.insert("an ack");
    }
    if let Ok(items) = read_query(octets) {
        assert_eq!(write_query(&items), octets, "a query has two encodings");
        read.insert("a query");
    }
    if let Ok(order) = Order::decode(octets) {
        assert_eq!(order.encode(), octets, "an order has two encodings");
        read.insert("an order");
    }
    if let Ok(short) = ShortReceipt::read(octets, &ends()) {
        let again = ShortReceipt::of(&short.whole(&[7; 32]), &ends());
        assert_eq!(again.as_deref(), Some(octets), "a receipt has two forms");
        read.insert("a short receipt");
    }
    if read.is_empty() {
        read.insert("no content");
    }
    reached.extend(read);
}

/// A hub with a run of its own in flight.
struct Hub {
    link: Link,
    purse: Purse,
    now: Timestamp,
}

impl Hub {
    fn new() -> Self {
        let cap = Cap {
            messages: 1_000_000,
            cost: 1_000_000,
        };
        let tariff = Tariff {
            price: 1,
            day: cap,
            month: cap,
        };
        let config = Config {
            ends: ends(),
            sends: Direction::ToNode,
            carrier: Carrier::Binary,
            lanes: Lane::ALL.to_vec(),
        };
        let mut hub = Self {
            link: Link::new(config, keys(), [4; 4]),
            purse: Purse::new(tariff),
            now: Timestamp::UNIX_EPOCH,
        };
        hub.give(Input::Submit(Submission {
            ticket: 1,
            lane: Lane::Control,
            class: Class::Control,
            content: vec![6; 150],
        }));
        hub.step(10);
        hub
    }

    fn give(&mut self, input: Input) -> Vec<Action> {
        self.link.handle(self.now, &mut self.purse, input)
    }

    fn step(&mut self, seconds: i64) -> Vec<Action> {
        self.now += SignedDuration::from_secs(seconds);
        self.give(Input::Timeout)
    }

    /// Notes what the machine asks for and answers what it delivers.
    fn perform(&mut self, actions: Vec<Action>, reached: &mut Reached) {
        for action in actions {
            match action {
                Action::Send(datagram) => {
                    let keys = keys();
                    let found = find(&datagram, Direction::ToNode, &[candidate(&keys)]);
                    let opened = found.expect("the other end opens it").opened;
                    if opened.head.kind == Kind::Ack {
                        assert!(Ack::decode(&opened.content).is_ok(), "an ack of ours");
                        reached.insert("answered");
                    }
                }
                Action::Deliver(run) => {
                    reached.insert("delivered");
                    let outcome = Outcome::Accepted {
                        receipt: vec![5; 74],
                    };
                    let run = run.run;
                    let answers = self.give(Input::Answered { run, outcome });
                    self.perform(answers, reached);
                }
                Action::Accepted(_) => {
                    reached.insert("accepted");
                }
                Action::Refused(..) => {
                    reached.insert("refused");
                }
                Action::Receipt(_) => {
                    reached.insert("a receipt");
                }
                _ => {}
            }
        }
    }
}

/// A series of `kind ‖ counter u8 ‖ length u8 ‖ content`, ten seconds apart.
fn machine(octets: &[u8], reached: &mut Reached) {
    let mut hub = Hub::new();
    let mut rest = octets;
    while let [kind, counter, length, more @ ..] = rest {
        let (content, tail) = more.split_at(usize::from(*length).min(more.len()));
        rest = tail;
        let Some(datagram) = sealed(kind % 7, u32::from(*counter), content) else {
            continue;
        };
        let keys = keys();
        let found = find(&datagram, Direction::ToHub, &[candidate(&keys)]);
        let opened = found.expect("sealed with its key").opened;
        let actions = hub.give(Input::Received(opened.clone()));
        hub.perform(actions, reached);
        let before = hub.link.state();
        let again = hub.give(Input::Received(opened));
        let is_same = again.is_empty() && hub.link.state() == before;
        assert!(is_same || again.iter().any(|it| matches!(it, Action::Send(_))));
        reached.insert("a replay");
        let later = hub.step(10);
        hub.perform(later, reached);
        assert!(hub.link.state().len() <= STATE_OCTETS_MAX, "the state grew");
    }
}
