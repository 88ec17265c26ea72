//! The network between two modems, on virtual time: it takes SMS, brings them, and loses those that
//! the story wants lost.

use std::collections::BTreeMap;

use channels_core::modem_simulator::Submitted;
use channels_core::tpdu::{Deliver, Options, Scts, TpAddress, TpduError};
use channels_core::{Address, Msisdn};
use jiff::{SignedDuration, Timestamp};
use node_store::SqliteStore;
use sync_core::Lane;
use sync_core::sms::purse::{Cap, Tariff};

use super::super::DemoError;
use super::modem::End;
use crate::runtime::sms_link::desk::{SmsLinkConfig, fresh_salt};

/// Price of an SMS in the smallest unit of the money.
pub(super) const PRICE: u64 = 50;
/// SMS that a SIM of the demo may send in a day.
const DAY_MESSAGES: u64 = 200;
/// How long a message is under way.
const UNDER_WAY: SignedDuration = SignedDuration::from_secs(12);
/// How long entries wait for others at a node.
const GATHER: SignedDuration = SignedDuration::from_mins(30);

/// Hub or village.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Side {
    Hub,
    Village,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Hub => Self::Village,
            Self::Village => Self::Hub,
        }
    }
}

/// A message under way.
struct Flying {
    at: Timestamp,
    to: Side,
    deliver: Vec<u8>,
}

/// What the network saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Traffic {
    /// SMS that the network took of the hub.
    pub(super) from_hub: u64,
    /// SMS that it took of the village.
    pub(super) from_village: u64,
    /// Of these, SMS that it lost.
    pub(super) lost: u64,
}

/// Two modems and their network.
pub(super) struct Air {
    pub(super) now: Timestamp,
    ends: BTreeMap<Side, End>,
    flying: Vec<Flying>,
    traffic: Traffic,
    to_lose: u64,
}

impl Air {
    /// Joins a hub and a node of this name.
    ///
    /// # Errors
    /// A store that fails.
    pub(super) async fn open(
        hub: &SqliteStore,
        (village, name): (&SqliteStore, String),
        numbers: &[Msisdn; 2],
        now: Timestamp,
    ) -> Result<Self, DemoError> {
        let [of_hub, of_village] = numbers;
        let up = config(false, (String::new(), of_hub.clone()));
        let down = config(true, (name, of_village.clone()));
        let hub = End::open(hub, of_hub.clone(), down, now).await?;
        let village = End::open(village, of_village.clone(), up, now).await?;
        Ok(Self {
            now,
            ends: BTreeMap::from([(Side::Hub, hub), (Side::Village, village)]),
            flying: Vec::new(),
            traffic: Traffic::default(),
            to_lose: 0,
        })
    }

    /// So many of the next SMS of the village are lost.
    pub(super) fn lose(&mut self, count: u64) {
        self.to_lose = count;
    }

    /// Something was written at one end.
    ///
    /// # Errors
    /// A store that fails.
    pub(super) async fn news(&mut self, side: Side) -> Result<(), DemoError> {
        if let Some(end) = self.ends.get_mut(&side) {
            end.offer(self.now).await?;
        }
        self.collect()
    }

    /// Lets time pass.
    ///
    /// # Errors
    /// A store that fails.
    pub(super) async fn play_until(&mut self, until: Timestamp) -> Result<(), DemoError> {
        loop {
            let landing = self.flying.iter().map(|sms| sms.at);
            let deadlines = self.ends.values().map(End::deadline);
            let next = landing.chain(deadlines).min().unwrap_or(until);
            if next > until {
                self.now = self.now.max(until);
                return Ok(());
            }
            self.now = self.now.max(next);
            self.land().await?;
            for end in self.ends.values_mut() {
                if end.deadline() <= self.now {
                    end.timeout(self.now).await?;
                }
            }
            self.collect()?;
        }
    }

    /// What the network saw so far.
    pub(super) fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Messages and money as the purses of hub and village have counted them.
    pub(super) fn bills(&self) -> [(u64, u64); 2] {
        [Side::Hub, Side::Village].map(|side| self.ends.get(&side).map_or((0, 0), End::bill))
    }

    /// Messages that a modem did not bring to the network.
    pub(super) fn unsent(&self) -> u64 {
        self.ends.values().map(End::unsent).sum()
    }

    async fn land(&mut self) -> Result<(), DemoError> {
        let now = self.now;
        let landed: Vec<Flying> = self.flying.extract_if(.., |sms| sms.at <= now).collect();
        for sms in landed {
            if let Some(end) = self.ends.get_mut(&sms.to) {
                end.bring(now, sms.deliver).await?;
            }
        }
        Ok(())
    }

    /// Takes what the modems gave to the network.
    fn collect(&mut self) -> Result<(), DemoError> {
        for side in [Side::Hub, Side::Village] {
            let end = self.ends.get_mut(&side);
            let taken = end.map(|end| (end.number.clone(), end.taken()));
            let Some((number, taken)) = taken else {
                continue;
            };
            for submitted in taken {
                self.take((side, &number), submitted)?;
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        (from, number): (Side, &Msisdn),
        submitted: Submitted,
    ) -> Result<(), DemoError> {
        let count = match from {
            Side::Hub => &mut self.traffic.from_hub,
            Side::Village => &mut self.traffic.from_village,
        };
        *count = count.saturating_add(1);
        if from == Side::Village && self.to_lose > 0 {
            self.to_lose = self.to_lose.saturating_sub(1);
            self.traffic.lost = self.traffic.lost.saturating_add(1);
            return Ok(());
        }
        let deliver = deliver(number, submitted, self.now);
        let deliver = deliver.map_err(|error| DemoError::Script(error.to_string()))?;
        self.flying.push(Flying {
            at: self.now.saturating_add(UNDER_WAY).unwrap_or(self.now),
            to: from.other(),
            deliver,
        });
        Ok(())
    }
}

/// The message as the SMSC brings it.
fn deliver(from: &Msisdn, submitted: Submitted, now: Timestamp) -> Result<Vec<u8>, TpduError> {
    let deliver = Deliver {
        options: Options::default(),
        origin: TpAddress::of(&Address::Phone(from.clone()))?,
        protocol: 0,
        submitted: Scts::of(now, 0).unwrap_or_default(),
        user_data: submitted.submit.user_data,
    };
    Ok(deliver.encode())
}

fn config(is_hub: bool, peer: (String, Msisdn)) -> SmsLinkConfig {
    let day = Cap {
        messages: DAY_MESSAGES,
        cost: DAY_MESSAGES * PRICE,
    };
    let month = Cap {
        messages: day.messages * 31,
        cost: day.cost * 31,
    };
    SmsLinkConfig {
        sim: "modem".to_owned(),
        tariff: Tariff {
            price: PRICE,
            day,
            month,
        },
        lanes: vec![Lane::Referral, Lane::Registration, Lane::Audit],
        after: SignedDuration::ZERO,
        gather: if is_hub { SignedDuration::ZERO } else { GATHER },
        is_hub,
        salt: fresh_salt,
        numbers: BTreeMap::from([peer]),
    }
}
