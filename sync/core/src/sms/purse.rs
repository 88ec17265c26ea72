//! What a SIM may send: caps for each day and month in messages and in money, and the rate.
//!
//! Follows SYNC §11.4 and SECURITY §9. Everything that leaves by a SIM is counted here before it is
//! sent, alerts and payment notices to people too, so that their shares stay theirs. The caller
//! persists the value with what it sends. Days and months are those of UTC.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};

use super::SmsError;

/// Wait between two SMS of one SIM, in milliseconds: 12 a minute, a modem gives 10 to 15.
pub const SEND_GAP_MS: i64 = 5_000;
/// Part of every cap that only alerts may use, in per cent.
const ALERT_PER_CENT: u64 = 20;
/// Part of every cap that only alerts and payment notices may use, in per cent.
const PAYMENT_PER_CENT: u64 = 20;
/// Part of a cap at which the operator is warned, in per cent.
const WARNING_PER_CENT: u64 = 70;
/// Version of the stored form.
const STATE_VERSION: u8 = 1;

/// For whom an SMS is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Share {
    /// Alerts, and lane 0 of synchronisation: may use everything.
    Alert,
    /// Payment notices, and lane 1: leaves the share of alerts.
    Payment,
    /// All else: leaves both shares.
    Ordinary,
}

impl Share {
    fn index(self) -> usize {
        match self {
            Self::Alert => 0,
            Self::Payment => 1,
            Self::Ordinary => 2,
        }
    }
}

/// What may be sent in a day or a month.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cap {
    /// Messages.
    pub messages: u64,
    /// Money in the currency's smallest unit.
    pub cost: u64,
}

/// What the operator's contract says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tariff {
    /// Price of one SMS in the currency's smallest unit.
    pub price: u64,
    /// Of a day.
    pub day: Cap,
    /// Of a month.
    pub month: Cap,
}

/// What an operator should know of a budget.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Budget {
    /// 70 % of a cap, or of the part that ordinary messages may use, is used.
    Low,
    /// Something waits for the next day or month.
    Empty,
}

/// Sent in one period.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Tally {
    period: i64,
    messages: [u64; 3],
    cost: [u64; 3],
    told_low: bool,
    told_empty: bool,
}

/// The counts of one SIM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Purse {
    tariff: Tariff,
    counts: Counts,
    news: Vec<Budget>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Counts {
    day: Tally,
    month: Tally,
    ready_ms: i64,
}

impl Purse {
    /// Nothing sent so far.
    pub fn new(tariff: Tariff) -> Self {
        Self {
            tariff,
            counts: Counts::default(),
            news: Vec::new(),
        }
    }

    /// Continues with stored counts.
    ///
    /// # Errors
    /// `State` when they are of another version or damaged.
    pub fn restore(tariff: Tariff, state: &[u8]) -> Result<Self, SmsError> {
        let (version, body) = state.split_first().ok_or(SmsError::State)?;
        if *version != STATE_VERSION {
            return Err(SmsError::State);
        }
        let counts = postcard::from_bytes(body).map_err(|_damaged| SmsError::State)?;
        Ok(Self {
            tariff,
            counts,
            news: Vec::new(),
        })
    }

    /// The counts, to be persisted before what they counted is sent.
    pub fn state(&self) -> Vec<u8> {
        let body = postcard::to_stdvec(&self.counts).unwrap_or_default();
        [&[STATE_VERSION], body.as_slice()].concat()
    }

    /// When the rate allows the next SMS.
    pub fn ready_at(&self) -> Timestamp {
        Timestamp::from_millisecond(self.counts.ready_ms).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Counts one SMS and says whether it may be sent now; when not, nothing is counted.
    pub fn spend(&mut self, now: Timestamp, share: Share) -> bool {
        if now < self.ready_at() {
            return false;
        }
        self.roll(now);
        let Tariff { price, day, month } = self.tariff;
        if !(self.counts.day.allows(day, price, share)
            && self.counts.month.allows(month, price, share))
        {
            self.tell_empty();
            return false;
        }
        self.counts.ready_ms = now.as_millisecond().saturating_add(SEND_GAP_MS);
        for (tally, cap) in [(&mut self.counts.day, day), (&mut self.counts.month, month)] {
            tally.count(1, price, share);
            if tally.is_low(cap) && !tally.told_low {
                tally.told_low = true;
                self.news.push(Budget::Low);
            }
        }
        true
    }

    /// Counts messages that left by this SIM without asking here, such as texts to people: they
    /// have fences of their own and are never denied by this one.
    pub fn count_others(&mut self, now: Timestamp, messages: u64, share: Share) {
        self.roll(now);
        let Tariff { price, day, month } = self.tariff;
        for (tally, cap) in [(&mut self.counts.day, day), (&mut self.counts.month, month)] {
            tally.count(messages, messages.saturating_mul(price), share);
            if tally.is_low(cap) && !tally.told_low {
                tally.told_low = true;
                self.news.push(Budget::Low);
            }
        }
    }

    /// When the next day begins: then a denied SMS is worth another try.
    pub fn next_day(now: Timestamp) -> Timestamp {
        let today = utc(now).start_of_day();
        let tomorrow = today.and_then(|today| today.checked_add(SignedDuration::from_hours(24)));
        tomorrow.map_or(Timestamp::MAX, |day| day.timestamp())
    }

    /// What became news since the last call.
    pub fn take_news(&mut self) -> Vec<Budget> {
        core::mem::take(&mut self.news)
    }

    /// Money spent in the current month, all shares.
    pub fn month_cost(&self) -> u64 {
        sum(&self.counts.month.cost)
    }

    /// Messages sent in the current month, all shares.
    pub fn month_messages(&self) -> u64 {
        sum(&self.counts.month.messages)
    }

    fn tell_empty(&mut self) {
        if !self.counts.day.told_empty {
            self.counts.day.told_empty = true;
            self.news.push(Budget::Empty);
        }
    }

    fn roll(&mut self, now: Timestamp) {
        let date = utc(now).date();
        let day = now.as_second().div_euclid(86_400);
        let month = i64::from(date.year()).saturating_mul(12) + i64::from(date.month());
        self.counts.day.roll(day);
        self.counts.month.roll(month);
    }
}

impl Tally {
    /// A new period begins at zero. A clock that stepped back by one goes on counting; one that was
    /// far ahead and came back begins anew, or nothing would leave for years.
    fn roll(&mut self, period: i64) {
        let stays = period == self.period || period.saturating_add(1) == self.period;
        if !stays {
            *self = Self {
                period,
                ..Self::default()
            };
        }
    }

    fn allows(&self, cap: Cap, price: u64, share: Share) -> bool {
        fits(cap.messages, &self.messages, 1, share) && fits(cap.cost, &self.cost, price, share)
    }

    fn count(&mut self, messages: u64, cost: u64, share: Share) {
        for (counts, more) in [(&mut self.messages, messages), (&mut self.cost, cost)] {
            if let Some(count) = counts.get_mut(share.index()) {
                *count = count.saturating_add(more);
            }
        }
    }

    /// Of the cap as a whole, or of what is left to ordinary messages: the warning comes first.
    fn is_low(&self, cap: Cap) -> bool {
        let ordinary_per_cent = 100 - ALERT_PER_CENT - PAYMENT_PER_CENT;
        let is_low = |cap: u64, spent: &[u64; 3]| {
            let [.., ordinary] = *spent;
            let part = per_cent(cap, ordinary_per_cent);
            sum(spent) >= per_cent(cap, WARNING_PER_CENT)
                || ordinary >= per_cent(part, WARNING_PER_CENT)
        };
        is_low(cap.messages, &self.messages) || is_low(cap.cost, &self.cost)
    }
}

/// Whether one more fits the cap and leaves what is reserved for the more urgent shares.
fn fits(cap: u64, spent: &[u64; 3], one: u64, share: Share) -> bool {
    let [alerts, payments, _] = *spent;
    let for_alerts = per_cent(cap, ALERT_PER_CENT).saturating_sub(alerts);
    let for_payments = per_cent(cap, PAYMENT_PER_CENT).saturating_sub(payments);
    let reserved = match share {
        Share::Alert => 0,
        Share::Payment => for_alerts,
        Share::Ordinary => for_alerts.saturating_add(for_payments),
    };
    let needed = sum(spent).saturating_add(one).saturating_add(reserved);
    needed <= cap
}

fn per_cent(of: u64, part: u64) -> u64 {
    of.saturating_mul(part) / 100
}

fn sum(counts: &[u64]) -> u64 {
    counts
        .iter()
        .fold(0, |total, count| total.saturating_add(*count))
}

fn utc(now: Timestamp) -> Zoned {
    now.to_zoned(TimeZone::UTC)
}
