//! Two machines over a byte link, each around a journal of real frames.

mod cut;
mod downward;
mod elided;
mod link;
mod neighbours;
mod packing;
mod papers;
mod refusal;
mod site;

use std::collections::BTreeMap;

use crate::id::Lane;
use crate::message::{CERTIFICATE_BYTES_MAX, Message, Parser};

use super::*;
use link::{contact, contact_kept, contact_within};
use site::{CENTRE, NODE, Site, now};

fn pair() -> (Site, Site) {
    let mut node = Site::new(1, NODE, false);
    let mut hub = Site::new(2, CENTRE, true);
    node.keys.extend(hub.keys.clone());
    hub.keys.extend(node.keys.clone());
    (node, hub)
}

fn heads(site: &Site) -> BTreeMap<ChainId, Vec<[u8; 32]>> {
    site.chains
        .iter()
        .map(|(id, chain)| (*id, chain.heads.clone()))
        .collect()
}

fn check_converged(node: &Site, hub: &Site) {
    assert_eq!(heads(node), heads(hub));
    for (id, chain) in &node.chains {
        if id.origin == node.node {
            assert_eq!(usize::try_from(chain.receipted).unwrap(), chain.heads.len());
        }
    }
    assert_eq!((node.known, hub.known), (0, 0), "no frame was stored twice");
}

#[test]
fn one_registration_takes_one_round_trip_in_both_directions() {
    let (mut node, mut hub) = pair();
    node.write(Lane::Control, 1, 1);
    let first = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!((first.finish, first.round_trips()), (Finish::Done, 1));
    node.write(Lane::Registration, 1, 2);
    hub.write(Lane::Registration, 1, 3);
    let second = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!((second.finish, second.round_trips()), (Finish::Done, 1));
    check_converged(&node, &hub);
    assert!(second.bytes() < 1_200, "{} bytes", second.bytes());
}

#[test]
fn equal_frontiers_end_after_one_small_round() {
    let (mut node, mut hub) = pair();
    node.write(Lane::Registration, 3, 1);
    hub.write(Lane::Control, 1, 1);
    contact(&mut node, &mut hub, Opening::Delta, None);
    node.log.clear();
    hub.log.clear();
    let quiet = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!((quiet.finish, quiet.round_trips()), (Finish::Done, 1));
    assert_eq!(node.log, ["hello", "held"]);
    assert_eq!(hub.log, ["hello", "bye"]);
    assert!(quiet.bytes() < 140, "{} bytes", quiet.bytes());
    let kept = contact_kept(&mut node, &mut hub, Opening::Delta);
    assert_eq!((kept.finish, kept.round_trips()), (Finish::Done, 1));
    assert!(kept.bytes() < 40, "{} bytes", kept.bytes());
    let full = contact(&mut node, &mut hub, Opening::Full, None);
    assert_eq!((full.finish, full.round_trips()), (Finish::Done, 1));
    check_converged(&node, &hub);
}

#[test]
fn an_alert_behind_many_registrations_leaves_in_the_first_frame() {
    let (mut node, mut hub) = pair();
    for _ in 0..30 {
        node.write(Lane::Registration, 20, 1);
    }
    node.write(Lane::Control, 1, 2);
    let mut session = Session::initiate(node.local(), hub.as_peer(), hub.public_key());
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening: Opening::Delta,
    };
    let actions = session.handle(now(), start);
    let (request, _) = node.perform(&mut session, &hub, actions);
    let frames = frames_of(&request);
    assert_eq!(frames.len(), TURN_FRAMES_MAX);
    let first = crate::frame::header(&frames[0]).unwrap();
    assert_eq!(first.scope.lane(), Some(Lane::Control));
    let all = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!((all.finish, all.round_trips()), (Finish::Done, 4));
    check_converged(&node, &hub);
}

fn frames_of(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut parser = Parser::default();
    parser.push(bytes).unwrap();
    let mut frames = Vec::new();
    while let Some(message) = parser.next_message().unwrap() {
        if let Message::Frame(frame) = message {
            frames.push(frame);
        }
    }
    frames
}

#[test]
fn many_frames_of_the_hub_come_in_rounds_of_eight() {
    let (mut node, mut hub) = pair();
    for _ in 0..20 {
        hub.write(Lane::Registration, 3, 1);
    }
    let contact = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!((contact.finish, contact.round_trips()), (Finish::Done, 3));
    check_converged(&node, &hub);
}

#[test]
fn a_spent_budget_ends_the_session_and_the_next_one_goes_on() {
    let (mut node, mut hub) = pair();
    for _ in 0..24 {
        node.write(Lane::Registration, 10, 1);
    }
    let mut contacts = 0;
    loop {
        let contact = contact_within(&mut node, &mut hub, Opening::Delta, None, 2_000);
        contacts += 1;
        assert!(contact.bytes() < 3_200, "{} bytes", contact.bytes());
        match contact.finish {
            Finish::BudgetSpent => assert!(contacts < 20),
            finish => {
                assert_eq!(finish, Finish::Done);
                break;
            }
        }
    }
    assert!(contacts > 2);
    check_converged(&node, &hub);
}

#[test]
fn a_turn_keeps_to_the_bytes_that_the_link_asks_for() {
    let (mut node, hub) = pair();
    for _ in 0..8 {
        node.write(Lane::Registration, 20, 1);
    }
    let local = Local {
        turn_bytes_max: 1_000,
        ..node.local()
    };
    let mut session = Session::initiate(local, hub.as_peer(), hub.public_key());
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening: Opening::Delta,
    };
    let actions = session.handle(now(), start);
    let (request, _) = node.perform(&mut session, &hub, actions);
    let sent: usize = frames_of(&request).iter().map(Vec::len).sum();
    assert!(sent > 0 && sent <= 1_000, "{sent} bytes");
}

#[test]
fn a_frozen_node_sends_only_lane_zero() {
    let (mut node, hub) = pair();
    node.write(Lane::Registration, 1, 1);
    node.write(Lane::Control, 1, 1);
    let local = Local {
        frozen: true,
        ..node.local()
    };
    let mut session = Session::initiate(local, hub.as_peer(), hub.public_key());
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening: Opening::Delta,
    };
    let actions = session.handle(now(), start);
    let (request, _) = node.perform(&mut session, &hub, actions);
    let frames = frames_of(&request);
    assert_eq!(frames.len(), 1);
    assert_eq!(
        crate::frame::header(&frames[0]).unwrap().scope.lane(),
        Some(Lane::Control)
    );
}

#[test]
fn silence_ends_the_session_after_ninety_seconds() {
    let (mut node, hub) = pair();
    let mut session = Session::initiate(node.local(), hub.as_peer(), hub.public_key());
    assert_eq!(session.deadline(), None);
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening: Opening::Delta,
    };
    let actions = session.handle(now(), start);
    node.perform(&mut session, &hub, actions);
    let deadline = session.deadline().unwrap();
    assert_eq!(deadline, after(now(), 90));
    assert_eq!(session.handle(after(now(), 89), Input::Timeout), Vec::new());
    let end = session.handle(deadline, Input::Timeout);
    assert_eq!(end, vec![Action::Finished(Finish::TimedOut)]);
    assert!(session.is_finished());
    assert_eq!(session.deadline(), None);
    assert_eq!(session.handle(deadline, Input::PeerEnded), Vec::new());
    assert_eq!(Finish::TimedOut.next_opening(), Opening::Full);
    assert_eq!(Finish::Done.next_opening(), Opening::Delta);
}

#[test]
fn a_receipt_waits_no_longer_than_five_seconds_on_a_streaming_link() {
    let (mut node, mut hub) = pair();
    node.write(Lane::Registration, 1, 1);
    let mut asking = Session::initiate(node.local(), hub.as_peer(), hub.public_key());
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening: Opening::Delta,
    };
    let actions = asking.handle(now(), start);
    let (request, _) = node.perform(&mut asking, &hub, actions);
    let mut answering = Session::answer(hub.local());
    let mut parser = Parser::default();
    parser.push(&request).unwrap();
    while let Some(message) = parser.next_message().unwrap() {
        let actions = answering.handle(now(), Input::Received(message));
        hub.perform(&mut answering, &node, actions);
    }
    let due = answering.deadline().unwrap();
    assert_eq!(due, after(now(), RECEIPT_WAIT_S_MAX));
    let sent = answering.handle(due, Input::Timeout);
    assert!(matches!(
        sent.as_slice(),
        [Action::Send(Message::Receipt(_))]
    ));
    assert_eq!(answering.deadline(), Some(after(now(), IDLE_S_MAX)));
}

#[test]
fn a_certificate_that_does_not_fit_hello_is_named_by_its_hash() {
    let (node, hub) = pair();
    let local = Local {
        certificate: vec![1; CERTIFICATE_BYTES_MAX + 1],
        certificate_known: false,
        ..node.local()
    };
    let mut session = Session::initiate(local, hub.as_peer(), hub.public_key());
    session.handle(
        now(),
        Input::Start {
            budget_bytes: 9_999,
            opening: Opening::Delta,
        },
    );
    let actions = session.handle(now(), Input::FrontierLoaded { chains: Vec::new() });
    let hellos = actions.iter().filter_map(|action| match action {
        Action::Send(Message::Hello(hello)) => Some(&hello.certificate),
        _ => None,
    });
    let hash = certificate_hash(&[1; CERTIFICATE_BYTES_MAX + 1]);
    assert_eq!(
        hellos.collect::<Vec<_>>(),
        vec![&CertificateForm::Hash(hash)]
    );
}
