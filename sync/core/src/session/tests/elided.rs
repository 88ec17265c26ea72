//! What a kept connection leaves out, and that a wrong guess of the other side costs a repeat only.

use super::*;

/// Both hold everything and know each other over one connection that packs.
fn acquainted() -> (Site, Site) {
    let (mut node, mut hub) = pair();
    node.profile = Profile::Metered;
    hub.profile = Profile::Metered;
    node.write(Lane::Registration, 3, 1);
    hub.write(Lane::Control, 1, 1);
    contact(&mut node, &mut hub, Opening::Delta, None);
    check_converged(&node, &hub);
    (node, hub)
}

#[test]
fn news_in_both_directions_take_one_short_round_trip_on_a_kept_connection() {
    let (mut node, mut hub) = acquainted();
    node.write(Lane::Registration, 1, 2);
    hub.write(Lane::Registration, 1, 3);
    let (mut cold_node, mut cold_hub) = (node.clone(), hub.clone());
    let kept = contact_kept(&mut node, &mut hub, Opening::Delta);
    assert_eq!((kept.finish, kept.round_trips()), (Finish::Done, 1));
    check_converged(&node, &hub);
    let cold = contact(&mut cold_node, &mut cold_hub, Opening::Delta, None);
    assert_eq!((cold.finish, cold.round_trips()), (Finish::Done, 1));
    // Two frames of 42 bytes of content, two signatures and seeds, one receipt.
    assert!(kept.bytes() < 390, "{} bytes", kept.bytes());
    assert!(kept.bytes() + 90 < cold.bytes(), "{} bytes", cold.bytes());
}

#[test]
fn several_lanes_are_told_apart_without_their_chains_being_named() {
    let (mut node, mut hub) = acquainted();
    for (lane, body) in [(Lane::Control, 4), (Lane::Money, 5), (Lane::Audit, 6)] {
        node.write(lane, 2, body);
        hub.write(lane, 1, body);
    }
    let kept = contact_kept(&mut node, &mut hub, Opening::Delta);
    assert_eq!((kept.finish, kept.round_trips()), (Finish::Done, 1));
    check_converged(&node, &hub);
}

#[test]
fn a_hub_that_lost_entries_says_from_where_and_gets_them_all() {
    let (mut node, mut hub) = acquainted();
    let before = hub.clone();
    node.write(Lane::Registration, 2, 2);
    contact_kept(&mut node, &mut hub, Opening::Delta);
    // The hub came back from a copy, behind the same connection.
    hub = Site {
        wire: hub.wire.clone(),
        ..before
    };
    node.write(Lane::Registration, 1, 3);
    let kept = contact_kept(&mut node, &mut hub, Opening::Delta);
    assert_eq!(kept.finish, Finish::Done);
    assert_eq!(heads(&node), heads(&hub));
}

#[test]
fn a_chain_that_the_hub_holds_otherwise_is_found_out_and_not_taken() {
    let (mut node, mut hub) = acquainted();
    let mut twin = node.clone();
    twin.write(Lane::Registration, 1, 7);
    contact(&mut twin, &mut hub, Opening::Delta, None);
    // A frame of the other branch begins where the hub's chain ends.
    node.write(Lane::Registration, 1, 8);
    let own = node.chain_id(Lane::Registration);
    node.chains.get_mut(&own).unwrap().receipted = 4;
    node.write(Lane::Registration, 1, 9);
    let held = heads(&hub);
    node.loads.clear();
    let contact = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!(node.loads, ["loads packed", "loads raw"]);
    assert_eq!(contact.finish, Finish::NewEpoch);
    assert_eq!(heads(&hub), held, "nothing of the other branch was taken");
}

#[test]
fn a_short_form_before_any_hello_ends_the_session() {
    let (node, mut hub) = acquainted();
    hub.wire.forget();
    let again = Message::Again(crate::message::Again {
        revocations: 0,
        digest: [0; 8],
    });
    let (answer, finish) = link::answered(&mut hub, &node, &again.encode());
    assert_eq!((answer, finish), (Vec::new(), Some(Finish::Garbled)));
}
