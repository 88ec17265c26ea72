//! Budgets: reserved shares, both caps of both periods, the rate, and the news of them.

use jiff::{SignedDuration, Timestamp};

use super::super::purse::{Budget, Cap, Purse, SEND_GAP_MS, Share, Tariff};
use super::*;

fn tariff(day: u64, month: u64) -> Tariff {
    let cap = |messages: u64| Cap {
        messages,
        cost: messages * 7,
    };
    Tariff {
        price: 7,
        day: cap(day),
        month: cap(month),
    }
}

/// Sends as much as the budget gives, no faster than the rate.
fn drain(purse: &mut Purse, now: &mut Timestamp, share: Share) -> u64 {
    let mut sent = 0;
    loop {
        *now += SignedDuration::from_millis(SEND_GAP_MS);
        if !purse.spend(*now, share) {
            return sent;
        }
        sent += 1;
    }
}

fn morning() -> Timestamp {
    "2026-01-30T06:00:00Z".parse().unwrap()
}

#[test]
fn ordinary_messages_leave_both_reserves_and_payments_leave_that_of_alerts() {
    let (mut purse, mut now) = (Purse::new(tariff(100, 1000)), morning());
    let shares = [Share::Ordinary, Share::Payment, Share::Alert];
    assert_eq!(
        shares.map(|share| drain(&mut purse, &mut now, share)),
        [60, 20, 20]
    );
    // What alerts used of their own share is not reserved for them again.
    let (mut purse, mut now) = (Purse::new(tariff(100, 1000)), morning());
    let shares = [Share::Alert, Share::Ordinary];
    assert_eq!(drain(&mut purse, &mut now, shares[0]), 100);
    assert_eq!(drain(&mut purse, &mut now, shares[1]), 0);
}

#[test]
fn money_is_a_cap_of_its_own() {
    let mut dear = tariff(100, 1000);
    dear.day.cost = 70;
    let (mut purse, mut now) = (Purse::new(dear), morning());
    assert_eq!(drain(&mut purse, &mut now, Share::Ordinary), 6);
}

#[test]
fn days_and_months_begin_anew_and_the_month_binds_too() {
    let (mut purse, mut now) = (Purse::new(tariff(100, 150)), morning());
    assert_eq!(drain(&mut purse, &mut now, Share::Ordinary), 60);
    now = Purse::next_day(now);
    assert_eq!(now, "2026-01-31T00:00:00Z".parse().unwrap());
    assert_eq!(drain(&mut purse, &mut now, Share::Ordinary), 30);
    assert_eq!(purse.month_messages(), 90);
    now = Purse::next_day(now);
    assert_eq!(drain(&mut purse, &mut now, Share::Ordinary), 60);
    assert_eq!(purse.month_messages(), 60);
}

#[test]
fn a_clock_that_falls_back_a_little_gives_no_second_budget() {
    let (mut purse, mut now) = (Purse::new(tariff(100, 1000)), morning());
    assert_eq!(drain(&mut purse, &mut now, Share::Ordinary), 60);
    let mut yesterday = now - SignedDuration::from_hours(20);
    assert_eq!(drain(&mut purse, &mut yesterday, Share::Ordinary), 0);
}

#[test]
fn a_modem_sends_twelve_in_a_minute() {
    let (mut purse, now) = (Purse::new(tariff(1000, 10_000)), morning());
    let minute = (0..60)
        .filter(|second| purse.spend(now + SignedDuration::from_secs(*second), Share::Ordinary));
    assert_eq!(minute.count(), 12);
}

#[test]
fn low_comes_before_empty_and_each_is_told_once() {
    let (mut purse, mut now) = (Purse::new(tariff(100, 1000)), morning());
    drain(&mut purse, &mut now, Share::Ordinary);
    assert_eq!(purse.take_news(), [Budget::Low, Budget::Empty]);
    drain(&mut purse, &mut now, Share::Payment);
    assert_eq!(purse.take_news(), []);
    now = Purse::next_day(now);
    (0..41).for_each(|_| {
        now += SignedDuration::from_millis(SEND_GAP_MS);
        assert!(purse.spend(now, Share::Ordinary));
    });
    assert_eq!(purse.take_news(), []);
    now += SignedDuration::from_millis(SEND_GAP_MS);
    assert!(purse.spend(now, Share::Ordinary));
    assert_eq!(purse.take_news(), [Budget::Low]);
}

#[test]
fn counts_survive_and_damaged_ones_are_refused() {
    let (mut purse, mut now) = (Purse::new(tariff(100, 1000)), morning());
    drain(&mut purse, &mut now, Share::Ordinary);
    let state = purse.state();
    let mut again = Purse::restore(tariff(100, 1000), &state).unwrap();
    assert_eq!(
        (again.state(), drain(&mut again, &mut now, Share::Ordinary)),
        (state.clone(), 0)
    );
    assert_eq!(Purse::restore(tariff(1, 1), &[]), Err(SmsError::State));
    assert_eq!(Purse::restore(tariff(1, 1), &[2, 0]), Err(SmsError::State));
    assert_eq!(
        Purse::restore(tariff(1, 1), &state[..3]),
        Err(SmsError::State)
    );
}

#[test]
fn texts_to_people_count_and_leave_the_reserved_shares_alone() {
    let cap = Cap {
        messages: 100,
        cost: 1_000,
    };
    let tariff = Tariff {
        price: 10,
        day: cap,
        month: cap,
    };
    let mut purse = Purse::new(tariff);
    let now: Timestamp = "2026-03-14T10:00:00Z".parse().unwrap();
    purse.count_others(now, 60, Share::Ordinary);
    assert_eq!((purse.month_messages(), purse.month_cost()), (60, 600));
    assert!(
        !purse.spend(now, Share::Ordinary),
        "nothing ordinary is left"
    );
    assert!(purse.spend(now, Share::Payment));
    let later = now + SignedDuration::from_secs(5);
    assert!(purse.spend(later, Share::Alert));
}
