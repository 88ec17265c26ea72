//! The states of a number: whatever the order of facts, and whatever the clock says.

use proptest::prelude::*;
use sync_core::{ClockQuality, Epoch, NodeId, Scope, Seq};

use super::*;

const TODAY: u16 = 20_000;

fn entry(origin: u32, seq: u32) -> EntryRef {
    EntryRef {
        origin: NodeId(origin),
        epoch: Epoch(1),
        scope: Scope(8),
        seq: Seq(seq),
    }
}

/// A person's document.
fn person(n: u32) -> EntryRef {
    entry(100 + n, 1)
}

fn state(row: &PhoneRow, n: u32, today: u16) -> State {
    let mut all = row.bindings.iter();
    let binding = all.find(|binding| binding.person == person(n)).unwrap();
    binding.state(Some(today), STALE_DAYS)
}

#[test]
fn a_number_is_claimed_then_bound_then_stale_then_anothers() {
    let mut row = PhoneRow::default();
    join(&mut row, person(1));
    assert_eq!(state(&row, 1, TODAY), State::Claimed);
    bind(&mut row, person(1), entry(1, 2), Some(TODAY));
    assert_eq!(state(&row, 1, TODAY), State::Bound);
    assert_eq!(state(&row, 1, TODAY + STALE_DAYS - 1), State::Bound);
    assert_eq!(state(&row, 1, TODAY + STALE_DAYS), State::Stale);
    hear(&mut row, person(1), TODAY + STALE_DAYS - 1);
    assert_eq!(state(&row, 1, TODAY + STALE_DAYS), State::Bound);
    let ends = row.bindings[0].additions();
    unbind(&mut row, person(1), &ends);
    assert_eq!(state(&row, 1, TODAY), State::Unbound);
    assert!(row.persons.is_empty());
    // A further answer is one that the unbinding never saw.
    bind(&mut row, person(1), entry(1, 9), Some(TODAY));
    assert_eq!(state(&row, 1, TODAY), State::Bound);
    leave(&mut row, person(1));
    assert_eq!(row, PhoneRow::default());
}

#[test]
fn days_are_counted_by_a_trusted_clock_only() {
    let mut row = PhoneRow::default();
    join(&mut row, person(1));
    bind(&mut row, person(1), entry(1, 2), Some(TODAY));
    let at = |quality| Moment {
        at: "2036-01-01T00:00:00Z".parse().unwrap(),
        quality,
    };
    for (quality, stale) in [
        (ClockQuality::Ntp, 1),
        (ClockQuality::Nitz, 1),
        (ClockQuality::Rtc, 1),
        (ClockQuality::Fake, 0),
        (ClockQuality::Unknown, 0),
    ] {
        settle(&mut row, trusted_day(at(quality)), STALE_DAYS);
        assert_eq!(row.stale.len(), stale, "{quality:?}");
        assert_eq!(row.persons, [(person(1), stale == 0)]);
    }
    // Bound where no clock could be trusted: it is first counted when one can.
    let mut unseen = PhoneRow::default();
    join(&mut unseen, person(1));
    bind(&mut unseen, person(1), entry(1, 2), None);
    settle(&mut unseen, Some(u16::MAX), STALE_DAYS);
    assert!(unseen.stale.is_empty());
    assert_eq!(unheard(&unseen, TODAY), [person(1)]);
}

#[test]
fn traffic_is_noted_now_and_then_and_only_while_it_is_bound() {
    let mut row = PhoneRow::default();
    join(&mut row, person(1));
    assert!(unheard(&row, TODAY).is_empty());
    bind(&mut row, person(1), entry(1, 2), Some(TODAY));
    assert!(unheard(&row, TODAY + SEEN_EVERY_DAYS - 1).is_empty());
    assert_eq!(unheard(&row, TODAY + SEEN_EVERY_DAYS), [person(1)]);
    let late = TODAY + STALE_DAYS;
    settle(&mut row, Some(late), STALE_DAYS);
    assert!(unheard(&row, late).is_empty(), "a stale one must answer");
}

#[test]
fn no_number_is_bound_to_more_people_than_it_may_serve() {
    let mut row = PhoneRow::default();
    for n in 0..12 {
        join(&mut row, person(n));
        bind(&mut row, person(n), entry(1, n + 2), Some(TODAY));
    }
    let bound = row.persons.iter().filter(|(_, bound)| *bound).count();
    assert_eq!((row.persons.len(), bound), (12, PERSONS_PER_PHONE_MAX));
}

#[test]
fn answers_without_end_stay_within_the_row() {
    let mut row = PhoneRow::default();
    join(&mut row, person(1));
    for seq in 2..200 {
        bind(&mut row, person(1), entry(1, seq), Some(TODAY));
        assert_eq!(state(&row, 1, TODAY), State::Bound);
        let ends = row.bindings[0].additions();
        unbind(&mut row, person(1), &ends);
        assert_eq!(state(&row, 1, TODAY), State::Unbound);
    }
    let binding = &row.bindings[0];
    assert!(binding.binds.len() <= BINDINGS_MAX && binding.undone.len() <= BINDINGS_MAX + 1);
}

/// What may be told of a number.
#[derive(Clone, Debug)]
enum Told {
    Binds(u32, u32, Option<u16>),
    Ends(u32, Vec<u32>),
    Heard(u32, u16),
}

fn take(row: &mut PhoneRow, told: &Told) {
    match told {
        Told::Binds(n, seq, day) => bind(row, person(*n), entry(1, *seq), *day),
        Told::Ends(n, seqs) => {
            let ends: Vec<EntryRef> = seqs.iter().map(|seq| entry(1, *seq)).collect();
            unbind(row, person(*n), &ends);
        }
        Told::Heard(n, day) => hear(row, person(*n), *day),
    }
}

fn told() -> impl Strategy<Value = Told> {
    let day = TODAY..TODAY + 200;
    prop_oneof![
        (0_u32..3, 2_u32..8, proptest::option::of(day.clone()))
            .prop_map(|(n, seq, day)| Told::Binds(n, seq, day)),
        (0_u32..3, proptest::collection::vec(2_u32..8, 0..4))
            .prop_map(|(n, ends)| Told::Ends(n, ends)),
        (0_u32..3, day).prop_map(|(n, day)| Told::Heard(n, day)),
    ]
}

proptest! {
    /// Two stores that hear the same facts in any order, some of them twice, agree; and an answer
    /// that no unbinding names holds.
    #[test]
    fn order_and_repetition_do_not_matter(
        all in proptest::collection::vec(told(), 0..24),
        turn in any::<prop::sample::Index>(),
        today in TODAY..TODAY + 400,
    ) {
        let named = |row: &mut PhoneRow| for n in 0..3 { join(row, person(n)); };
        let (mut here, mut there) = (PhoneRow::default(), PhoneRow::default());
        named(&mut here);
        for one in &all { take(&mut here, one); }
        let mut turned = all.clone();
        if !turned.is_empty() {
            let at = turn.index(turned.len());
            turned.rotate_left(at);
        }
        turned.reverse();
        for one in turned.iter().chain(&all) { take(&mut there, one); }
        named(&mut there);
        prop_assert_eq!(&here, &there);
        for n in 0..3 {
            let ended = |seq: u32| all.iter().any(|one| matches!(one, Told::Ends(of, ends) if *of == n && ends.contains(&seq)));
            let answered = all.iter().any(|one| matches!(one, Told::Binds(of, seq, _) if *of == n && !ended(*seq)));
            let heard = all.iter().filter_map(|one| match one {
                Told::Binds(of, _, day) if *of == n => *day,
                Told::Heard(of, day) if *of == n => Some(*day),
                _ => None,
            }).max();
            let silent = heard.is_some_and(|day| today >= day + STALE_DAYS);
            let expected = match (answered, silent) {
                (false, _) => State::Claimed,
                (true, false) => State::Bound,
                (true, true) => State::Stale,
            };
            prop_assert_eq!(state(&here, n, today), expected);
        }
    }
}
