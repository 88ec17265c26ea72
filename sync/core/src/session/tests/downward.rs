//! What a hub passes on to a node: entries of others in the scopes that it reads, and its own lost ones.

use super::link::{contact, contact_kept};
use super::site::{CENTRE, Site};
use super::{Opening, heads};
use crate::frame;
use crate::id::{Epoch, Lane, NodeId, Seq};
use crate::message::{Message, Parser};
use crate::session::{Finish, Input, Session};

/// Two nodes that know each other's keys by their hub, and never meet.
fn two() -> (Site, Site, Site) {
    let mut hub = Site::new(100, CENTRE, true);
    let mut a = Site::new(1, NodeId(7), false);
    let mut b = Site::new(2, NodeId(8), false);
    hub.keys.extend(a.keys.clone());
    hub.keys.extend(b.keys.clone());
    for node in [&mut a, &mut b] {
        node.keys = hub.keys.clone();
        node.receipt_key = Some(hub.public_key());
    }
    (a, b, hub)
}

fn up(node: &mut Site, hub: &mut Site) -> Finish {
    contact(node, hub, Opening::Delta, None).finish
}

#[test]
fn what_one_node_wrote_reaches_the_other_with_its_receipt() {
    let (mut a, mut b, mut hub) = two();
    for lane in [Lane::Control, Lane::Registration] {
        a.write(lane, 3, 1);
        b.write(lane, 2, 2);
    }
    for _ in 0..2 {
        assert_eq!(up(&mut a, &mut hub), Finish::Done);
        assert_eq!(up(&mut b, &mut hub), Finish::Done);
    }
    assert_eq!(heads(&a), heads(&hub));
    assert_eq!(heads(&b), heads(&hub));
    for node in [&a, &b] {
        for (chain, held) in &node.chains {
            assert_eq!(
                usize::try_from(held.receipted).unwrap(),
                held.heads.len(),
                "{chain:?}"
            );
        }
        assert!(node.alerts.is_empty(), "{:?}", node.alerts);
    }
    assert_eq!(
        (a.known, b.known, hub.known),
        (0, 0, 0),
        "nothing came twice"
    );
    // Then there is nothing to say.
    let quiet = contact_kept(&mut b, &mut hub, Opening::Delta);
    assert_eq!((quiet.finish, quiet.round_trips()), (Finish::Done, 1));
    assert!(quiet.bytes() < 140, "{} bytes", quiet.bytes());
}

#[test]
fn news_of_another_costs_one_round_more() {
    let (mut a, mut b, mut hub) = two();
    a.write(Lane::Control, 1, 1);
    b.write(Lane::Control, 1, 1);
    up(&mut a, &mut hub);
    up(&mut b, &mut hub);
    b.log.clear();
    a.write(Lane::Registration, 1, 1);
    up(&mut a, &mut hub);
    let told = contact(&mut b, &mut hub, Opening::Delta, None);
    assert_eq!((told.finish, told.round_trips()), (Finish::Done, 2));
    assert_eq!(b.log, ["hello", "held", "hello", "have"]);
    let chain = a.chain_id(Lane::Registration);
    assert_eq!(
        (b.chains[&chain].heads.len(), b.chains[&chain].receipted),
        (1, 1)
    );
}

#[test]
fn who_does_not_read_a_lane_is_given_nothing_of_it() {
    let (mut a, mut b, mut hub) = two();
    b.reads = vec![Lane::Control];
    for lane in [Lane::Control, Lane::Registration, Lane::Audit] {
        a.write(lane, 2, 1);
    }
    up(&mut a, &mut hub);
    for opening in [Opening::Delta, Opening::Full] {
        let met = contact(&mut b, &mut hub, opening, None);
        assert_eq!(met.finish, Finish::Done);
    }
    let lanes: Vec<_> = b.chains.keys().map(|chain| chain.scope.lane()).collect();
    assert_eq!(lanes, [Some(Lane::Control)]);
    // A hub that sends more is refused, and nothing of it is stored.
    let mut reads_all = b.clone();
    reads_all.reads = Lane::ALL.to_vec();
    let mut careless = Session::initiate(b.local(), hub.as_peer(), hub.public_key());
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening: Opening::Full,
    };
    let actions = careless.handle(super::now(), start);
    b.perform(&mut careless, &hub, actions);
    let request = whole_request(&mut reads_all, &hub);
    let (answer, _) = super::link::answered(&mut hub, &reads_all, &request);
    let (_, finish) = super::link::feed(&mut b, &mut careless, &hub, &answer, true);
    assert_eq!(finish, None, "it says so in its next request");
    assert_eq!(b.chains.len(), 1, "{:?}", b.chains.keys());
}

/// The first request of a session that lists everything.
fn whole_request(node: &mut Site, hub: &Site) -> Vec<u8> {
    let mut session = Session::initiate(node.local(), hub.as_peer(), hub.public_key());
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening: Opening::Full,
    };
    let actions = session.handle(super::now(), start);
    node.perform(&mut session, hub, actions).0
}

#[test]
fn of_an_ended_scope_only_the_nodes_own_chains_are_spoken_of() {
    let (mut a, mut b, mut hub) = two();
    for site in [&mut a, &mut b, &mut hub] {
        site.write(Lane::Registration, 1, 1);
        site.write(Lane::Control, 1, 1);
    }
    up(&mut a, &mut hub);
    let scope = b.chain_id(Lane::Registration).scope;
    b.ended.insert(scope);
    b.reads = vec![Lane::Control];
    for opening in [Opening::Delta, Opening::Full] {
        let met = contact(&mut b, &mut hub, opening, None);
        assert_eq!(met.finish, Finish::Done);
        assert!(b.alerts.is_empty(), "{:?}", b.alerts);
    }
    let own = b.chain_id(Lane::Registration);
    assert_eq!(b.chains[&own].receipted, 1, "what it wrote arrived");
    let mut held = b.chains.keys().filter(|chain| chain.scope == scope);
    assert!(held.all(|chain| *chain == own), "{:?}", b.chains.keys());
    // And what it does not hold there counts in no digest.
    let quiet = contact(&mut b, &mut hub, Opening::Delta, None);
    assert_eq!((quiet.finish, quiet.round_trips()), (Finish::Done, 1));
}

#[test]
fn in_each_lane_the_hub_speaks_before_it_passes_on() {
    let (mut a, mut b, mut hub) = two();
    // The hub has the higher number here, as a district's has beside its first nodes.
    hub.node = NodeId(900);
    hub.keys.insert((hub.node, hub.epoch), hub.public_key());
    for lane in [Lane::Registration, Lane::Control] {
        a.write(lane, 1, 1);
        hub.write(lane, 1, 2);
    }
    up(&mut a, &mut hub);
    b.keys = hub.keys.clone();
    let request = whole_request(&mut b, &hub);
    let (answer, _) = super::link::answered(&mut hub, &b, &request);
    let mut parser = Parser::default();
    parser.push(&answer).unwrap();
    let mut order = Vec::new();
    while let Some(message) = parser.next_message().unwrap() {
        if let Message::Frame(bytes) = message {
            let header = frame::header(&bytes).unwrap();
            order.push((header.scope.lane().unwrap(), header.origin));
        }
    }
    let (ours, theirs) = (hub.node, a.node);
    assert_eq!(
        order,
        [
            (Lane::Control, ours),
            (Lane::Control, theirs),
            (Lane::Registration, ours),
            (Lane::Registration, theirs)
        ]
    );
}

#[test]
fn who_lost_entries_of_an_older_life_gets_them_and_then_their_receipt() {
    let (mut a, _b, mut hub) = two();
    a.write(Lane::Control, 1, 1);
    a.write(Lane::Registration, 2, 1);
    up(&mut a, &mut hub);
    let backup = a.clone();
    for body in 2..5 {
        a.write(Lane::Registration, 2, body);
    }
    up(&mut a, &mut hub);
    // A copy from before that, which began a new life before it wrote anything, and whose first
    // session is a short one: the receipt of more than it holds makes it ask for the rest.
    let mut restored = backup;
    let old = restored.chain_id(Lane::Registration);
    restored.chains.get_mut(&old).unwrap().receipted = 0;
    restored.epoch = Epoch::new(2, 5);
    restored.seed = [21; 32];
    let key = restored.public_key();
    restored.keys.insert((restored.node, restored.epoch), key);
    hub.keys.extend(restored.keys.clone());
    restored.write(Lane::Control, 1, 9);
    assert_eq!(up(&mut restored, &mut hub), Finish::Done);
    assert_eq!(heads(&restored), heads(&hub));
    let chain = &restored.chains[&old];
    assert_eq!((chain.heads.len(), Seq(chain.receipted)), (8, Seq(8)));
    assert!(restored.alerts.is_empty() && hub.alerts.is_empty());
    assert_eq!(restored.new_epoch, None);
}
