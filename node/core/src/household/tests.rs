//! M3: over any order of attempts and syncs, a unit gets a thing once a cycle; and households are
//! the same for every order of their entries.

use proptest::prelude::*;
use sync_core::{Epoch, Scope, Seq};

use super::*;

use Decides::{Hub, WhereRegistered};
use HouseholdRole::{Child, Head, Spouse};

const HUB: u32 = 1;

fn entry((origin, seq): (u32, u32)) -> EntryRef {
    EntryRef {
        origin: NodeId(origin),
        epoch: Epoch::new(1, 0),
        scope: Scope(18),
        seq: Seq(seq),
    }
}

fn day(month: i8) -> Date {
    jiff::civil::date(2026, month, 14)
}

/// One thing that happens in the simulation of a hub and two nodes.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Somebody asks at a place (0 = hub) in a month.
    Ask(usize, i8),
    /// A node tells the hub what it gave.
    Up(usize),
    /// A node hears what the hub knows.
    Down(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_usize..3, 1_i8..3).prop_map(|(place, month)| Step::Ask(place, month)),
        1 => (1_usize..3).prop_map(Step::Up),
        1 => (1_usize..3).prop_map(Step::Down),
    ]
}

/// Days on which a unit got a thing, over all places, when `rule` decides.
fn given(steps: &[Step], rule: impl Fn(Place, Date, &[Date]) -> bool) -> Vec<Date> {
    let mut known: [Vec<Date>; 3] = Default::default();
    let mut all = Vec::new();
    for step in steps {
        match *step {
            Step::Ask(place, month) => {
                let here = Place {
                    node: NodeId(HUB + u32::try_from(place).unwrap()),
                    is_hub: place == 0,
                };
                if rule(here, day(month), &known[place]) {
                    known[place].push(day(month));
                    all.push(day(month));
                }
            }
            Step::Up(node) => {
                let told = known[node].clone();
                known[0].extend(told);
            }
            Step::Down(node) => {
                let told = known[0].clone();
                known[node].extend(told);
            }
        }
    }
    all
}

fn is_once_a_month(given: &[Date]) -> bool {
    let of = |month| given.iter().filter(|day| day.month() == month).count();
    of(1) <= 1 && of(2) <= 1
}

proptest! {
    #[test]
    fn m3_a_unit_gets_a_thing_once_a_cycle_wherever_it_is_asked(
        origins in proptest::collection::vec(HUB..HUB + 3, 1..5),
        at_hub: bool,
        steps in proptest::collection::vec(step(), 0..40),
    ) {
        let unit = Unit {
            persons: (1..).zip(&origins).map(|(seq, origin)| entry((*origin, seq))).collect(),
            is_cut: false,
        };
        let decides = if at_hub { Hub } else { WhereRegistered };
        let rule = |place: Place, today: Date, given: &[Date]| {
            decide(&unit, place, (decides, Cycle::Month), today, given).is_ok()
        };
        let given = given(&steps, rule);
        prop_assert!(is_once_a_month(&given), "given {given:?}");
    }

    #[test]
    fn a_unit_is_the_same_from_each_of_its_members(
        edges in proptest::collection::vec(((1_u32..9), (1_u32..9)), 0..12),
        start in 1_u32..9,
    ) {
        // Odd ones are persons, even ones households.
        let vertex = |n: u32| if n % 2 == 1 {
            Vertex::Person(entry((1, n)))
        } else {
            Vertex::Household(entry((1, n)))
        };
        let next = |of: Vertex| -> Result<Vec<Vertex>, std::convert::Infallible> {
            let touching = edges.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]);
            Ok(touching.filter(|(a, _)| vertex(*a) == of).map(|(_, b)| vertex(b)).collect())
        };
        let unit = Unit::around(vertex(start), next).unwrap();
        prop_assert!(!unit.is_cut);
        for person in &unit.persons {
            let same = Unit::around(Vertex::Person(*person), next).unwrap();
            prop_assert_eq!(&same, &unit);
        }
    }
}

/// The control of M3: a rule that only looks at what it knows gives twice.
#[test]
fn a_rule_without_a_place_that_decides_would_give_twice() {
    let steps = [
        Step::Ask(0, 1),
        Step::Ask(1, 1),
        Step::Up(1),
        Step::Ask(0, 1),
    ];
    let rule = |_: Place, today: Date, given: &[Date]| {
        !given.iter().any(|day| Cycle::Month.holds(*day, today))
    };
    assert!(!is_once_a_month(&given(&steps, rule)));
}

#[test]
fn one_place_decides_about_every_unit() {
    let unit = |origins: &[u32]| Unit {
        persons: (1..)
            .zip(origins)
            .map(|(seq, origin)| entry((*origin, seq)))
            .collect(),
        is_cut: false,
    };
    let (hub, node) = (
        Place {
            node: NodeId(HUB),
            is_hub: true,
        },
        Place {
            node: NodeId(2),
            is_hub: false,
        },
    );
    let ask =
        |unit: &Unit, place, decides| decide(unit, place, (decides, Cycle::Ever), day(1), &[]);
    assert_eq!(ask(&unit(&[2, 2]), node, Hub), Err(NotGiven::AskHub));
    assert_eq!(ask(&unit(&[2, 2]), hub, Hub), Ok(()));
    assert_eq!(ask(&unit(&[2, 2]), node, WhereRegistered), Ok(()));
    assert_eq!(
        ask(&unit(&[2, 2]), hub, WhereRegistered),
        Err(NotGiven::AskNode)
    );
    assert_eq!(
        ask(&unit(&[2, 3]), node, WhereRegistered),
        Err(NotGiven::AskHub)
    );
    assert_eq!(ask(&unit(&[2, 3]), hub, WhereRegistered), Ok(()));
    assert_eq!(ask(&unit(&[1, 1]), hub, WhereRegistered), Ok(()));
    let cut = Unit {
        is_cut: true,
        ..unit(&[2])
    };
    assert_eq!(ask(&cut, hub, Hub), Err(NotGiven::TooMany));
    let again = decide(&unit(&[2]), hub, (Hub, Cycle::Year), day(2), &[day(1)]);
    assert_eq!(again, Err(NotGiven::Given));
    assert_eq!(
        decide(&unit(&[2]), hub, (Hub, Cycle::Month), day(2), &[day(1)]),
        Ok(())
    );
}

#[test]
fn a_unit_that_never_ends_is_cut() {
    let next = |of: Vertex| -> Result<Vec<Vertex>, std::convert::Infallible> {
        let Vertex::Person(person) = of else {
            return Ok(Vec::new());
        };
        Ok(vec![Vertex::Person(entry((1, person.seq.0 + 1)))])
    };
    let unit = Unit::around(Vertex::Person(entry((1, 1))), next).unwrap();
    assert!(unit.is_cut);
    assert_eq!(unit.persons.len(), UNIT_MAX);
}

#[test]
fn two_homes_and_two_heads_are_doubts() {
    let member = |id: u32, household: u32, person: u32, role| Membership {
        id: entry((1, id)),
        household: entry((1, household)),
        person: entry((1, person)),
        role,
        since: Timestamp::UNIX_EPOCH,
    };
    let fine = [
        member(1, 1, 11, Head),
        member(2, 1, 12, Spouse),
        member(3, 3, 13, Head),
    ];
    assert_eq!(doubts(&fine), []);
    let apart = [
        fine.as_slice(),
        &[member(4, 3, 12, Head), member(5, 1, 12, Child)],
    ]
    .concat();
    assert_eq!(
        doubts(&apart),
        [
            Doubt::SeveralHouseholds {
                person: entry((1, 12)),
                households: vec![entry((1, 1)), entry((1, 3))],
            },
            Doubt::SeveralHeads {
                household: entry((1, 3)),
                heads: vec![entry((1, 12)), entry((1, 13))],
            },
        ]
    );
    for role in HouseholdRole::ALL {
        assert_eq!(HouseholdRole::parse(role.word()), Some(role));
    }
    assert_eq!(HouseholdRole::parse("uncle"), None);
}
