//! Packed and raw frames in a session: profile, sets, and the raw repeat.

use super::*;

fn metered() -> (Site, Site) {
    let (mut node, mut hub) = pair();
    node.profile = Profile::Metered;
    hub.profile = Profile::Metered;
    (node, hub)
}

fn loads(site: &Site) -> Vec<&'static str> {
    site.loads.clone()
}

/// What both write, and the contact that carries it.
fn play(node: &mut Site, hub: &mut Site) -> usize {
    node.write(Lane::Registration, 4, 1);
    hub.write(Lane::Registration, 4, 2);
    let contact = contact(node, hub, Opening::Delta, None);
    assert_eq!(contact.finish, Finish::Done);
    check_converged(node, hub);
    assert!(node.alerts.is_empty() && hub.alerts.is_empty());
    contact.round_trips()
}

#[test]
fn a_metered_link_packs_in_both_directions_and_a_lan_does_not() {
    let (mut node, mut hub) = metered();
    assert_eq!(play(&mut node, &mut hub), 1);
    assert_eq!(loads(&node), ["loads packed"]);
    assert_eq!(loads(&hub), ["loads packed"]);
    let (mut node, mut hub) = pair();
    assert_eq!(play(&mut node, &mut hub), 1);
    assert_eq!(
        (loads(&node), loads(&hub)),
        (vec!["loads raw"], vec!["loads raw"])
    );
}

#[test]
fn what_the_hub_cannot_rebuild_is_repeated_raw_in_the_same_session() {
    for code in [RefusalCode::Rebuild, RefusalCode::UnknownDictionary] {
        let (mut node, mut hub) = metered();
        hub.refuse_packed = Some(code);
        assert_eq!(play(&mut node, &mut hub), 2);
        assert_eq!(loads(&node), ["loads packed", "loads raw"]);
    }
}

#[test]
fn what_the_node_cannot_rebuild_comes_raw_in_the_next_round() {
    let (mut node, mut hub) = metered();
    node.refuse_packed = Some(RefusalCode::Rebuild);
    assert_eq!(play(&mut node, &mut hub), 2);
    assert_eq!(loads(&hub), ["loads packed", "loads raw"]);
}

#[test]
fn a_hub_sends_raw_to_who_holds_other_sets() {
    let (mut node, mut hub) = metered();
    node.sets = [1; 8];
    assert_eq!(play(&mut node, &mut hub), 1);
    assert_eq!(loads(&hub), ["loads raw"]);
}

#[test]
fn a_raw_repeat_that_is_refused_too_is_not_tried_for_ever() {
    let (mut node, mut hub) = metered();
    hub.refuse_with = Some(RefusalCode::Rebuild);
    node.write(Lane::Registration, 1, 1);
    let contact = contact(&mut node, &mut hub, Opening::Delta, None);
    assert!(
        contact.round_trips() <= 3,
        "{} rounds",
        contact.round_trips()
    );
    assert_eq!(loads(&node), ["loads packed", "loads raw"]);
    assert_eq!(node.alerts.len(), 1);
}
