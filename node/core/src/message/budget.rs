//! Rate and airtime of one link (CH16, CH25): room by class, forecast of the balance, alarm.
//!
//! Shares are reserved from the top: a lower class stops earlier, so that alerts and payment
//! notices still leave when somebody pumps requests (S15). All amounts are whole numbers: parts,
//! minor units of the currency that the balance is told in, hours.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::view::MessageClass;

/// Hours of supply below which the operator is alarmed: three days.
pub const SUPPLY_HOURS_MIN: i64 = 72;
/// Days whose use is the measure of the next ones.
pub const USE_DAYS: i64 = 7;
/// Hours after which a balance is too old to promise anything.
pub const BALANCE_HOURS_MAX: i64 = 48;
/// How long an empty account is left alone before one message tries it again, in milliseconds; a
/// balance reading above the price of a part ends the wait at once.
pub const EMPTY_WAIT_MS: i64 = 900_000;

/// What one link may send and what it costs. 0 means: no limit, no price.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkBudget {
    /// Parts in a minute.
    pub minute_parts: u32,
    /// Parts in an hour.
    pub hour_parts: u32,
    /// Parts in a day.
    pub day_parts: u32,
    /// Minor units for a part.
    pub price_minor: u32,
    /// Whether the link gives delivery receipts.
    pub receipts: bool,
}

impl Default for LinkBudget {
    /// A contract without limits, with receipts.
    fn default() -> Self {
        Self {
            minute_parts: 0,
            hour_parts: 0,
            day_parts: 0,
            price_minor: 0,
            receipts: true,
        }
    }
}

impl LinkBudget {
    /// A SIM in a modem: what operators are known to tolerate (CHANNELS §4.3).
    pub const SIM: Self = Self {
        minute_parts: 10,
        hour_parts: 200,
        day_parts: 2_000,
        price_minor: 0,
        receipts: true,
    };
}

/// Parts that left by a link in the running minute, hour and day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Used {
    /// In 60 s.
    pub minute: u32,
    /// In the hour.
    pub hour: u32,
    /// In the day.
    pub day: u32,
}

/// Percent of a window that a class may fill.
fn share_percent(class: MessageClass) -> u64 {
    match class {
        MessageClass::Emergency => 100,
        MessageClass::Money => 80,
        MessageClass::Health => 60,
        MessageClass::Reminder => 50,
        MessageClass::Broadcast => 40,
    }
}

/// Parts of a class that may leave now; emergencies are never held back.
pub fn room(budget: &LinkBudget, used: &Used, class: MessageClass) -> u32 {
    if class == MessageClass::Emergency {
        return u32::MAX;
    }
    let window = |limit: u32, used: u32| {
        if limit == 0 {
            return u32::MAX;
        }
        let share = u64::from(limit).saturating_mul(share_percent(class)) / 100;
        u32::try_from(share)
            .unwrap_or(u32::MAX)
            .saturating_sub(used)
    };
    let burst = match budget.minute_parts {
        0 => u32::MAX,
        limit => limit.saturating_sub(used.minute),
    };
    burst
        .min(window(budget.hour_parts, used.hour))
        .min(window(budget.day_parts, used.day))
}

/// What is known of the account behind a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Account {
    /// Minor units, at the last reading.
    pub balance_minor: Option<i64>,
    /// When it was read, milliseconds since 1970.
    pub read_at_ms: i64,
    /// When the network last said that there is no credit; `None` after a later success.
    pub empty_since_ms: Option<i64>,
}

impl Account {
    /// Takes a reading; one that pays for a part ends an empty account.
    pub fn read(&mut self, balance_minor: i64, price_minor: u32, now_ms: i64) {
        self.balance_minor = Some(balance_minor);
        self.read_at_ms = now_ms;
        if balance_minor >= i64::from(price_minor).max(1) {
            self.empty_since_ms = None;
        } else {
            self.empty_since_ms.get_or_insert(now_ms);
        }
    }

    /// Whether nothing may leave now. After [`EMPTY_WAIT_MS`] one message may try.
    pub fn is_shut(&self, now_ms: i64) -> bool {
        self.empty_since_ms
            .is_some_and(|since| now_ms.saturating_sub(since) < EMPTY_WAIT_MS)
    }
}

/// What the forecast is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Demand {
    /// Parts that wait now.
    pub waiting_parts: u64,
    /// Parts that left in the last [`USE_DAYS`].
    pub week_parts: u64,
}

/// Hours until the balance is used up; `None` when nothing tells: no price, no reading, no use.
pub fn supply_hours(budget: &LinkBudget, account: &Account, demand: &Demand) -> Option<i64> {
    let price = i64::from(budget.price_minor);
    let balance = account.balance_minor?;
    if price == 0 {
        return None;
    }
    let parts = balance.max(0) / price;
    let waiting = i64::try_from(demand.waiting_parts).unwrap_or(i64::MAX);
    let left = parts.saturating_sub(waiting);
    if left <= 0 && waiting > 0 {
        return Some(0);
    }
    let week = i64::try_from(demand.week_parts).unwrap_or(i64::MAX);
    let hours = USE_DAYS.saturating_mul(24);
    (week > 0).then(|| left.saturating_mul(hours) / week)
}

/// What a person must know of a link's airtime.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AirtimeAlarm {
    /// The account is empty: nothing leaves.
    Empty,
    /// Less than three days of supply.
    Low {
        /// Hours left.
        hours: i64,
    },
    /// The last reading is older than [`BALANCE_HOURS_MAX`].
    Stale,
}

impl fmt::Display for AirtimeAlarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no credit: messages wait"),
            Self::Low { hours } => write!(f, "airtime for {hours} h only"),
            Self::Stale => f.write_str("balance not read for two days"),
        }
    }
}

/// The alarm of a link, before the first message fails.
pub fn alarm(
    budget: &LinkBudget,
    account: &Account,
    demand: &Demand,
    now_ms: i64,
) -> Option<AirtimeAlarm> {
    if account.empty_since_ms.is_some() {
        return Some(AirtimeAlarm::Empty);
    }
    let hours = supply_hours(budget, account, demand);
    if let Some(hours) = hours.filter(|hours| *hours < SUPPLY_HOURS_MIN) {
        return Some(AirtimeAlarm::Low { hours });
    }
    let age_ms = now_ms.saturating_sub(account.read_at_ms);
    let old = age_ms > BALANCE_HOURS_MAX.saturating_mul(3_600_000);
    (account.balance_minor.is_some() && old).then_some(AirtimeAlarm::Stale)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn priced(price_minor: u32) -> LinkBudget {
        LinkBudget {
            price_minor,
            ..LinkBudget::SIM
        }
    }

    fn account(balance: i64) -> Account {
        let mut account = Account::default();
        account.read(balance, 10, 0);
        account
    }

    #[test]
    fn lower_classes_stop_earlier_and_emergencies_never() {
        let budget = LinkBudget {
            minute_parts: 0,
            ..LinkBudget::SIM
        };
        let used = |hour| Used {
            hour,
            ..Used::default()
        };
        assert_eq!(room(&budget, &used(79), MessageClass::Broadcast), 1);
        assert_eq!(room(&budget, &used(80), MessageClass::Broadcast), 0);
        assert_eq!(room(&budget, &used(80), MessageClass::Reminder), 20);
        assert_eq!(room(&budget, &used(120), MessageClass::Health), 0);
        assert_eq!(room(&budget, &used(120), MessageClass::Money), 40);
        assert_eq!(room(&budget, &used(160), MessageClass::Money), 0);
        assert_eq!(
            room(&budget, &used(9_999), MessageClass::Emergency),
            u32::MAX
        );
    }

    #[test]
    fn a_burst_is_cut_to_the_minute_and_no_limit_is_none() {
        let used = Used {
            minute: 9,
            ..Used::default()
        };
        assert_eq!(room(&LinkBudget::SIM, &used, MessageClass::Health), 1);
        let open = LinkBudget::default();
        assert_eq!(room(&open, &used, MessageClass::Broadcast), u32::MAX);
    }

    #[test]
    fn the_forecast_counts_what_waits_and_what_a_week_took() {
        let demand = Demand {
            waiting_parts: 40,
            week_parts: 70,
        };
        // 100 parts, 40 of them wait, 10 a day: six days.
        assert_eq!(
            supply_hours(&priced(10), &account(1_000), &demand),
            Some(144)
        );
        assert_eq!(supply_hours(&priced(10), &account(400), &demand), Some(0));
        assert_eq!(supply_hours(&priced(0), &account(400), &demand), None);
        assert_eq!(
            supply_hours(&priced(10), &Account::default(), &demand),
            None
        );
    }

    #[test]
    fn the_alarm_comes_at_three_days_and_an_empty_account_says_so() {
        let demand = Demand {
            waiting_parts: 0,
            week_parts: 70,
        };
        let check = |account: &Account, now, expected| {
            assert_eq!(alarm(&priced(10), account, &demand, now), expected);
        };
        check(&account(300), 1, None);
        check(&account(299), 1, Some(AirtimeAlarm::Low { hours: 69 }));
        check(&account(0), 1, Some(AirtimeAlarm::Empty));
        let two_days = BALANCE_HOURS_MAX * 3_600_000;
        check(&account(10_000), two_days + 1, Some(AirtimeAlarm::Stale));
    }

    #[test]
    fn an_empty_account_is_tried_again_after_a_while_or_a_reading() {
        let mut account = account(0);
        assert!(account.is_shut(EMPTY_WAIT_MS - 1));
        assert!(!account.is_shut(EMPTY_WAIT_MS));
        account.read(10, 10, 5);
        assert!(!account.is_shut(6));
    }

    proptest! {
        #[test]
        fn room_never_grows_with_use_nor_with_a_lower_class(
            hour in 0_u32..400, day in 0_u32..4_000, minute in 0_u32..20,
        ) {
            let used = Used { minute, hour, day };
            let more = Used { minute: minute + 1, hour: hour + 1, day: day + 1 };
            let classes = [
                MessageClass::Emergency, MessageClass::Money, MessageClass::Health,
                MessageClass::Reminder, MessageClass::Broadcast,
            ];
            for pair in classes.windows(2) {
                prop_assert!(room(&LinkBudget::SIM, &used, pair[0]) >= room(&LinkBudget::SIM, &used, pair[1]));
            }
            for class in classes {
                prop_assert!(room(&LinkBudget::SIM, &used, class) >= room(&LinkBudget::SIM, &more, class));
            }
        }
    }
}
