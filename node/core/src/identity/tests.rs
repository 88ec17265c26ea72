//! M1: clusters and canonical members are a function of the set of entries. M2: removing an edge
//! gives back every read, but for later edits. M3 is tested with
//! households, which are units of entitlement.

use proptest::collection::vec;
use proptest::prelude::*;
use sync_core::{Epoch, NodeId, Scope, Seq};

use super::*;

fn entry(seq: u32) -> EntryRef {
    EntryRef {
        origin: NodeId(1),
        epoch: Epoch(1),
        scope: Scope(11),
        seq: Seq(seq),
    }
}

fn person(seq: u32, number: &str, name: &str) -> Capture {
    let values = [(Field::Number, number), (Field::GivenName, name)];
    let all = values.map(|(field, value)| (field, vec![value.to_owned()]));
    Capture {
        document: entry(seq),
        values: all.into(),
    }
}

/// What can happen to edges between ten people; additions are named from 100.
#[derive(Clone, Debug)]
enum Step {
    Add(u32, u32, u32),
    /// Removes what the n-th entry added.
    Remove(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec(((0..10u32, 0..10u32), any::<bool>(), 0..20u32), 0..20).prop_map(|raw| {
        let numbered = raw.into_iter().zip(100..);
        let step = |(((a, b), adds, of), name)| {
            if adds {
                Step::Add(name, a, b)
            } else {
                Step::Remove(100 + of)
            }
        };
        numbered.map(step).collect()
    })
}

fn set(steps: &[Step]) -> EdgeSet {
    let mut set = EdgeSet::default();
    for step in steps {
        match step {
            Step::Add(name, a, b) => set.add(entry(*name), pair(entry(*a), entry(*b))),
            Step::Remove(name) => set.remove(&[entry(*name)]),
        }
    }
    set
}

fn people() -> Vec<Capture> {
    // The number falls as the name rises: the canonical one is not simply the first.
    let person = |seq: u32| person(seq, &format!("72940586{:02}", 90 - seq), &format!("N{seq}"));
    (0..10).map(person).collect()
}

fn reads(set: &EdgeSet, people: &[Capture]) -> Vec<Option<Whole>> {
    let read = |at: u32| {
        let members = set.cluster(entry(at));
        let rows = people.iter().filter(|row| members.contains(&row.document));
        Whole::new(&rows.cloned().collect::<Vec<_>>())
    };
    (0..10).map(read).collect()
}

proptest! {
    #[test]
    fn clusters_do_not_depend_on_order_repetition_or_delay(
        steps in steps(),
        mixed in any::<u64>(),
        repeated in 0..20usize,
    ) {
        let people = people();
        let expected = reads(&set(&steps), &people);
        let mut other = steps.clone();
        other.extend(steps.iter().take(repeated).cloned());
        let mut state = mixed;
        for at in (1..other.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            other.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
        }
        prop_assert_eq!(reads(&set(&other), &people), expected);
    }

    #[test]
    fn removing_an_edge_gives_back_every_read(steps in steps(), a in 0..10u32, b in 0..10u32) {
        let mut people = people();
        let before = set(&steps);
        let mut merged = before.clone();
        merged.add(entry(900), pair(entry(a), entry(b)));
        let mut parted = merged.clone();
        parted.remove(&[entry(900)]);
        prop_assert_eq!(reads(&parted, &people), reads(&before, &people));
        // Later edits stay.
        people[3].values.insert(Field::GivenName, vec!["Edited".to_owned()]);
        prop_assert_eq!(reads(&parted, &people), reads(&before, &people));
    }

    #[test]
    fn a_removal_takes_only_what_it_names(steps in steps()) {
        let mut set = set(&steps);
        let edge = pair(entry(0), entry(1));
        set.add(entry(901), edge);
        let seen = set.additions(edge);
        // Somebody else adds the same edge without having seen the removal: it stays.
        set.remove(&seen);
        prop_assert!(!set.live().contains(&edge));
        set.add(entry(902), edge);
        prop_assert!(set.live().contains(&edge));
    }
}

#[test]
fn the_smallest_permanent_number_stands_for_the_person() {
    let rows = [
        person(1, "100041738527", "Asha"),
        person(2, "9305172846", "Aisha"),
        person(3, "7294058630", "Asha"),
    ];
    let whole = Whole::new(&rows).unwrap();
    assert_eq!(
        (whole.canonical, whole.number()),
        (entry(3), Some("7294058630"))
    );
    assert_eq!(whole.values[&Field::GivenName], ["Asha", "Aisha"]);
    assert_eq!(whole.values[&Field::Number].len(), 3);
    assert!(Whole::new(&[]).is_none());
}

#[test]
fn a_chain_of_edges_is_one_person_up_to_the_limit() {
    let mut set = EdgeSet::default();
    for at in 0..40 {
        set.add(entry(100 + at), pair(entry(at), entry(at + 1)));
    }
    assert_eq!(set.cluster(entry(0)).len(), CLUSTER_MAX);
    assert_eq!(set.cluster(entry(90)), [entry(90)]);
}
