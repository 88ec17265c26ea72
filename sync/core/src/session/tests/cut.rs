//! Cuts at every byte, lost answers and random days: nothing is lost, doubled or sent twice.

use proptest::prelude::*;

use crate::id::Lane;
use crate::session::{Finish, Opening};

use super::link::{contact, contact_within};
use super::site::Site;
use super::{check_converged, pair};

/// A day with work on both sides, in two lanes, after a first contact.
fn day() -> (Site, Site) {
    let (mut node, mut hub) = pair();
    node.write(Lane::Control, 1, 1);
    contact(&mut node, &mut hub, Opening::Delta, None);
    for number in 0..2 {
        node.write(Lane::Registration, 1, number);
        hub.write(Lane::Registration, 1, number);
    }
    node.write(Lane::Control, 1, 9);
    hub.write(Lane::Control, 1, 9);
    (node, hub)
}

fn frame_bytes_max(sites: [&Site; 2]) -> usize {
    let chains = sites.into_iter().flat_map(|site| site.chains.values());
    chains
        .flat_map(|chain| chain.frames.iter().map(Vec::len))
        .max()
        .unwrap()
}

/// Field failure 5 of docs/TESTING.md, at every byte.
#[test]
fn link_drop_inside_a_frame_resumes_at_that_frame() {
    let (node, hub) = day();
    let (mut whole_node, mut whole_hub) = (node.clone(), hub.clone());
    let whole = contact(&mut whole_node, &mut whole_hub, Opening::Delta, None);
    assert_eq!((whole.finish, whole.round_trips()), (Finish::Done, 1));
    let frame_max = frame_bytes_max([&whole_node, &whole_hub]);
    let overhead = 2 * 300; // Hello, Have, receipts and Bye of the asking round
    for cut in 0..whole.bytes() {
        let (mut node, mut hub) = (node.clone(), hub.clone());
        let first = contact(&mut node, &mut hub, Opening::Delta, Some(cut));
        assert_eq!(first.finish, Finish::LinkDown, "cut after {cut}");
        let second = contact(&mut node, &mut hub, first.finish.next_opening(), None);
        assert_eq!(second.finish, Finish::Done, "cut after {cut}");
        check_converged(&node, &hub);
        let repeated = first.bytes() + second.bytes() - whole.bytes();
        assert!(
            repeated <= frame_max + overhead,
            "cut after {cut}: {repeated} bytes"
        );
    }
}

#[test]
fn a_second_cut_at_any_byte_of_the_resumed_session_is_harmless_too() {
    let (node, hub) = day();
    for cut in (0..2_000).step_by(97) {
        let (mut node, mut hub) = (node.clone(), hub.clone());
        let first = contact(&mut node, &mut hub, Opening::Delta, Some(cut));
        let mut opening = first.finish.next_opening();
        for again in (0..900).step_by(89) {
            opening = contact(&mut node, &mut hub, opening, Some(again))
                .finish
                .next_opening();
        }
        let last = contact(&mut node, &mut hub, opening, None);
        assert_eq!(last.finish, Finish::Done);
        check_converged(&node, &hub);
    }
}

#[derive(Clone, Debug)]
enum Step {
    NodeWrites(Lane, u32),
    HubWrites(Lane, u32),
    Contact {
        cut_after: Option<usize>,
        budget_bytes: u64,
    },
}

fn steps() -> impl Strategy<Value = Step> {
    let lane = prop::sample::select(Lane::ALL.to_vec());
    let contact = (prop::option::of(0_usize..4_000), 200_u64..20_000).prop_map(
        |(cut_after, budget_bytes)| Step::Contact {
            cut_after,
            budget_bytes,
        },
    );
    prop_oneof![
        (lane.clone(), 1_u32..80).prop_map(|(lane, count)| Step::NodeWrites(lane, count)),
        (lane, 1_u32..80).prop_map(|(lane, count)| Step::HubWrites(lane, count)),
        contact,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_day_of_writes_and_broken_contacts_converges(day in prop::collection::vec(steps(), 1..40)) {
        let (mut node, mut hub) = pair();
        let mut opening = Opening::Delta;
        for step in day {
            match step {
                Step::NodeWrites(lane, count) => node.write(lane, count, 1),
                Step::HubWrites(lane, count) => hub.write(lane, count, 2),
                Step::Contact { cut_after, budget_bytes } => {
                    let contact =
                        contact_within(&mut node, &mut hub, opening, cut_after, budget_bytes);
                    opening = contact.finish.next_opening();
                }
            }
        }
        let last = contact(&mut node, &mut hub, opening, None);
        prop_assert_eq!(last.finish, Finish::Done);
        check_converged(&node, &hub);
        prop_assert!(node.alerts.is_empty() && hub.alerts.is_empty());
        prop_assert_eq!(node.new_epoch, None);
    }
}
