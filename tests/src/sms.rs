//! Nodes and a hub joined by nothing but SMS: the real stores and desks, modems simulated at the
//! datagram, virtual time.
//!
//! The network loses, doubles, reorders and delays; the power goes at any await of a desk, which is
//! then opened anew from its store. Every sealed octet that ever left is kept by (end, nonce): the
//! same may leave again, another content under the same nonce is noted.

mod bill;
mod card;

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use channels_core::{Address, Msisdn};
use jiff::{SignedDuration, Timestamp};
use node::runtime::ip_contact::IpContacts;
use node::runtime::sms_link::desk::{Done, SmsDesk, SmsLinkConfig, fresh_salt};
use node_core::contact::Moment;
use node_store::{SqliteStore, StoreError};
use sync_core::sms::datagram::Head;
use sync_core::sms::purse::{Cap, Tariff};
use sync_core::sms::{Kind, Nonce};
use sync_core::{ClockQuality, Lane};

use crate::random::Random;
use card::{put_back, states};

pub use bill::Bill;
pub use card::rows;

/// Seconds of a day.
pub const DAY: i64 = 86_400;
/// Price of an SMS, in minor units.
pub const PRICE: u64 = 50;

/// What network and power do.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// SMS that are lost, in per cent.
    pub loss: usize,
    /// SMS that come twice, in per cent.
    pub copies: usize,
    /// SMS that take one to three days, in per cent.
    pub days_late: usize,
    /// Calls of a desk, in per mille, that the power does not live to see the end of.
    pub cuts: usize,
}

/// A network without faults.
pub const CALM: Faults = Faults {
    loss: 0,
    copies: 0,
    days_late: 0,
    cuts: 0,
};

/// What the operators of both ends set.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Hours without a contact over IP.
    pub after_hours: i64,
    /// SMS of one SIM in a day.
    pub day_messages: u64,
}

/// No other road, and money enough.
pub const SMS_ONLY: Rules = Rules {
    after_hours: 0,
    day_messages: 100_000,
};

/// What is planted to see that the world finds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Planted {
    /// Nothing.
    Nothing,
    /// The same salt at every start, and a step whose SMS left is not on the card after a cut.
    StepsForgotten,
}

/// An end: its store and its desk.
struct End {
    store: SqliteStore,
    desk: Option<SmsDesk>,
    contacts: IpContacts,
    sent: u64,
    /// Names of its peers and their places.
    peers: BTreeMap<String, usize>,
}

/// An SMS in the air, or in the modem until a commit has taken it.
struct Flying {
    at: i64,
    to: usize,
    from: usize,
    octets: Vec<u8>,
}

/// What a desk is told.
enum Call<'a> {
    Start,
    Offer,
    Timeout,
    Received(usize, &'a [u8]),
}

/// Content and all that names it: end, to whom, nonce.
type Sealed = BTreeMap<(usize, usize, Nonce), Vec<u8>>;

/// The world: ends and what is in the air. The hub is end 0.
pub struct Air {
    ends: Vec<End>,
    flying: Vec<Flying>,
    faults: Faults,
    planted: Planted,
    rules: Rules,
    random: Random,
    /// Seconds since the start.
    pub now: i64,
    sealed: Sealed,
    /// The first nonce that was used for two contents.
    pub collision: Option<Nonce>,
    /// What was sent.
    pub bill: Bill,
}

impl Air {
    /// Ends with their stores: the hub's, then the nodes' under the names of their slots.
    pub async fn new(
        hub: &SqliteStore,
        nodes: &[(SqliteStore, String)],
        (faults, planted, rules): (Faults, Planted, Rules),
        seed: u64,
    ) -> Self {
        let named = nodes.iter().enumerate();
        let peers = named.map(|(place, (_, name))| (name.clone(), place + 1));
        let mut ends = vec![End {
            store: hub.clone(),
            desk: None,
            contacts: IpContacts::default(),
            sent: 0,
            peers: peers.collect(),
        }];
        for (store, _) in nodes {
            ends.push(End {
                store: store.clone(),
                desk: None,
                contacts: IpContacts::default(),
                sent: 0,
                peers: BTreeMap::from([(String::new(), 0)]),
            });
        }
        let count = ends.len();
        let mut air = Self {
            ends,
            flying: Vec::new(),
            faults,
            planted,
            rules,
            random: Random(seed),
            now: 0,
            sealed: Sealed::new(),
            collision: None,
            bill: Bill::default(),
        };
        for end in 0..count {
            air.open(end).await;
        }
        air
    }

    /// The moment of everybody.
    pub fn moment(&self) -> Moment {
        Moment {
            at: start() + SignedDuration::from_secs(self.now),
            quality: ClockQuality::Ntp,
        }
    }

    /// Something was written at an end.
    pub async fn news(&mut self, end: usize) {
        self.call(end, Call::Offer).await;
    }

    /// Lets time pass until so many seconds after the start.
    pub async fn play_until(&mut self, until: i64) {
        loop {
            let landing = self.flying.iter().map(|sms| sms.at);
            let deadlines = self.ends.iter().filter_map(|end| end.desk.as_ref());
            let deadlines = deadlines.map(|desk| seconds(desk.deadline()));
            let next = landing.chain(deadlines).min().unwrap_or(until);
            if next > until {
                self.now = self.now.max(until);
                return;
            }
            self.now = self.now.max(next);
            let now = self.now;
            let landed: Vec<Flying> = self.flying.extract_if(.., |sms| sms.at <= now).collect();
            for sms in landed {
                // The modem keeps it until the commit.
                while !self
                    .call(sms.to, Call::Received(sms.from, &sms.octets))
                    .await
                {}
            }
            for end in 0..self.ends.len() {
                let desk = self.ends[end].desk.as_ref();
                if desk.is_some_and(|desk| seconds(desk.deadline()) <= now) {
                    self.call(end, Call::Timeout).await;
                }
            }
            // Nobody is asked twice in a second.
            self.now += 1;
        }
    }

    /// Gives octets to an end as if they had come by SMS; says how many SMS it sent for that.
    pub async fn forge(&mut self, to: usize, from: usize, octets: &[u8]) -> usize {
        let desk = self.ends[to].desk.as_mut().expect("a desk");
        let from = Address::Phone(number(from));
        let moment = Moment {
            at: start() + SignedDuration::from_secs(self.now),
            quality: ClockQuality::Ntp,
        };
        let done = desk.received(&from, octets, moment).await.expect("a store");
        done.sms.len()
    }

    /// All that left from one end to another so far.
    pub fn captured(&self, from: usize, to: usize) -> Vec<Vec<u8>> {
        let all = self.sealed.iter();
        let of = all.filter(|((end, peer, _), _)| (*end, *peer) == (from, to));
        of.map(|(_, octets)| octets.clone()).collect()
    }

    /// A node and its hub meet over IP now; nothing is exchanged.
    pub fn meet(&mut self, node: usize, number: sync_core::NodeId) {
        let at = self.moment().at;
        for end in [0, node] {
            self.ends[end].contacts.note(number, at);
        }
    }

    /// SMS that an end sent.
    pub fn sent(&self, end: usize) -> u64 {
        self.ends[end].sent
    }

    /// What the SIM of an end has sent this month, as its purse counted.
    pub fn purse(&self, end: usize) -> (u64, u64) {
        self.ends[end].desk.as_ref().map_or((0, 0), SmsDesk::bill)
    }

    async fn open(&mut self, end: usize) {
        self.ends[end].desk = None;
        let config = self.config(end);
        let store = self.ends[end].store.clone();
        let contacts = self.ends[end].contacts.clone();
        let opened = SmsDesk::open(store, config, contacts, self.moment()).await;
        self.ends[end].desk = Some(opened.expect("a desk"));
        Box::pin(self.call(end, Call::Start)).await;
    }

    fn config(&self, end: usize) -> SmsLinkConfig {
        let cap = Cap {
            messages: self.rules.day_messages,
            cost: self.rules.day_messages * PRICE,
        };
        let peers = self.ends[end].peers.iter();
        SmsLinkConfig {
            sim: "modem".to_owned(),
            tariff: Tariff {
                price: PRICE,
                day: cap,
                month: Cap {
                    messages: cap.messages * 31,
                    cost: cap.cost * 31,
                },
            },
            lanes: vec![Lane::Referral, Lane::Registration, Lane::Audit],
            after: SignedDuration::from_hours(self.rules.after_hours),
            gather: SignedDuration::from_mins(30),
            is_hub: end == 0,
            salt: match self.planted {
                Planted::Nothing => fresh_salt,
                Planted::StepsForgotten => planted_salt,
            },
            numbers: peers
                .map(|(name, at)| (name.clone(), number(*at)))
                .collect(),
        }
    }

    /// Says whether the power stayed; when it went, the desk begins again from its store.
    async fn call(&mut self, end: usize, what: Call<'_>) -> bool {
        let Some(mut desk) = self.ends[end].desk.take() else {
            return true;
        };
        let moment = self.moment();
        let is_cut = self.random.below(1_000) < self.faults.cuts;
        let awaits = if is_cut {
            1 + self.random.below(12)
        } else {
            usize::MAX
        };
        let before = match self.planted {
            Planted::Nothing => None,
            Planted::StepsForgotten => Some(states(&self.ends[end].store)),
        };
        let runs = desk.runs();
        let done = until(awaits, told(&mut desk, what, moment)).await;
        self.bill.runs += desk.runs() - runs;
        let stayed = match done {
            Some(done) => {
                let peers = self.ends[end].peers.clone();
                for sms in done.expect("a store").sms {
                    let to = peers.values().find(|to| number(**to) == sms.to);
                    self.fly(end, *to.expect("a peer"), &sms.octets);
                }
                // The power may go right after they left.
                self.random.below(1_000) >= self.faults.cuts
            }
            None => false,
        };
        if stayed {
            self.ends[end].desk = Some(desk);
            return true;
        }
        self.bill.cuts += 1;
        drop(desk);
        if let Some(before) = before {
            put_back(&self.ends[end].store, &before);
        }
        self.open(end).await;
        false
    }

    fn fly(&mut self, from: usize, to: usize, octets: &[u8]) {
        let head = Head::parse(octets).expect("a datagram");
        let before = self.sealed.insert((from, to, head.nonce), octets.to_vec());
        self.bill.sent += 1;
        self.ends[from].sent += 1;
        match (head.kind, &before) {
            (_, Some(before)) if before != octets => self.collision = Some(head.nonce),
            (_, Some(_same)) => self.bill.repeats += 1,
            (Kind::Ack, None) => self.bill.acks += 1,
            (Kind::Query, None) => self.bill.queries += 1,
            (Kind::Receipt, None) => self.bill.receipts += 1,
            (Kind::Data | Kind::Single | Kind::Control | Kind::ControlPart, None) => {
                self.bill.parts += 1;
            }
        }
        let copies = 1 + usize::from(self.random.below(100) < self.faults.copies);
        for _ in 0..copies {
            let late = if self.random.below(100) < self.faults.days_late {
                DAY + self.after(2 * DAY)
            } else {
                3 + self.after(120)
            };
            if self.random.below(100) >= self.faults.loss {
                self.flying.push(Flying {
                    at: self.now + late,
                    to,
                    from,
                    octets: octets.to_vec(),
                });
            }
        }
    }

    fn after(&mut self, limit: i64) -> i64 {
        let limit = usize::try_from(limit).expect("positive");
        i64::try_from(self.random.below(limit)).expect("small")
    }
}

fn start() -> Timestamp {
    "2026-03-14T10:00:00Z".parse().expect("a time")
}

/// Whole seconds since the start, rounded up.
fn seconds(at: Timestamp) -> i64 {
    let since = at.duration_since(start());
    since.as_secs() + i64::from(since.subsec_nanos() > 0)
}

fn number(end: usize) -> Msisdn {
    Msisdn::parse(&format!("+25677200090{end}")).expect("a number")
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "stands in the place of a source that may give nothing"
)]
fn planted_salt() -> Option<[u8; 4]> {
    Some([7; 4])
}

async fn told(desk: &mut SmsDesk, what: Call<'_>, now: Moment) -> Result<Done, StoreError> {
    match what {
        Call::Start => desk.start(now).await,
        Call::Offer => desk.offer(now).await,
        Call::Timeout => desk.timeout(now).await,
        Call::Received(from, octets) => {
            let from = Address::Phone(number(from));
            desk.received(&from, octets, now).await
        }
    }
}

/// Polls a future so many times at most: the power goes while it waits for its store.
async fn until<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}
