//! What does not fit is refused with its code, said aloud, and never loops.

use proptest::prelude::*;

use crate::id::{ChainId, Epoch, Lane, NodeId, Scope, Seq};
use crate::message::{Have, Message, Range, Refuse};
use crate::refusal::RefusalCode;
use crate::session::{Action, Alert, Finish, Input, Local, Opening, Session};

use super::link::{answered, contact, feed};
use super::site::{AREA, HUB, Site, now};
use super::{check_converged, heads, pair};

fn synced() -> (Site, Site) {
    let (mut node, mut hub) = pair();
    node.write(Lane::Control, 1, 1);
    node.write(Lane::Registration, 2, 1);
    contact(&mut node, &mut hub, Opening::Delta, None);
    (node, hub)
}

/// The node begins a new life, as its shell does after `NewEpoch`.
fn renew(node: &mut Site, hub: &mut Site, seed: u8) {
    let above = node.new_epoch.take().unwrap();
    node.epoch = Epoch::new(above.counter() + 1, 77);
    node.seed = [seed; 32];
    let key = node.public_key();
    node.keys.insert((node.node, node.epoch), key);
    hub.keys.extend(node.keys.clone());
}

#[test]
fn a_restored_node_learns_that_it_is_rewound_and_pulls_back_what_it_lost() {
    let (mut node, mut hub) = synced();
    let backup = node.clone();
    node.write(Lane::Registration, 3, 2);
    contact(&mut node, &mut hub, Opening::Delta, None);
    let before = heads(&hub);
    let mut node = backup;
    let first = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!(first.finish, Finish::NewEpoch);
    assert_eq!(node.new_epoch, Some(Epoch::new(1, 0)));
    assert_eq!(heads(&hub), before, "nothing was taken");
    let code = RefusalCode::Rewound;
    assert!(
        hub.alerts
            .iter()
            .any(|a| matches!(a, Alert::Offended { code: c, .. } if *c == code))
    );
    renew(&mut node, &mut hub, 11);
    node.write(Lane::Control, 1, 5);
    let second = contact(&mut node, &mut hub, first.finish.next_opening(), None);
    assert_eq!(second.finish, Finish::Done);
    assert_eq!(heads(&node), heads(&hub), "lost entries are back");
}

#[test]
fn a_restored_node_that_wrote_on_is_told_so_before_its_frames_are_read() {
    let (mut node, mut hub) = synced();
    let mut clone = node.clone();
    node.write(Lane::Registration, 3, 2);
    contact(&mut node, &mut hub, Opening::Delta, None);
    let before = heads(&hub);
    clone.write(Lane::Registration, 1, 9);
    let first = contact(&mut clone, &mut hub, Opening::Delta, None);
    assert_eq!(first.finish, Finish::NewEpoch);
    assert_eq!(heads(&hub), before);
    renew(&mut clone, &mut hub, 12);
    clone.write(Lane::Control, 1, 5);
    let second = contact(&mut clone, &mut hub, Opening::Full, None);
    assert!(
        matches!(second.finish, Finish::Done | Finish::Stalled),
        "{:?}",
        second.finish
    );
    let old = ChainId {
        epoch: Epoch::new(1, 0),
        ..clone.chain_id(Lane::Registration)
    };
    let forked = Alert::Refused {
        code: RefusalCode::Forked,
        chain: old,
    };
    assert!(clone.alerts.contains(&forked), "{:?}", clone.alerts);
    assert_eq!(
        clone.new_epoch, None,
        "a fork in an old life needs no new one"
    );
    let chain = clone.chain_id(Lane::Control);
    assert_eq!(clone.chains[&chain].receipted, 1, "the new life goes on");
}

#[test]
fn two_entries_of_one_name_are_a_fork() {
    let (mut node, mut hub) = synced();
    let mut clone = node.clone();
    node.write(Lane::Registration, 1, 2);
    contact(&mut node, &mut hub, Opening::Delta, None);
    clone.write(Lane::Registration, 1, 9);
    let first = contact(&mut clone, &mut hub, Opening::Delta, None);
    assert_eq!(first.finish, Finish::NewEpoch);
    let code = RefusalCode::Forked;
    let chain = clone.chain_id(Lane::Registration);
    assert_eq!(clone.alerts, vec![Alert::Refused { code, chain }]);
    assert_eq!(hub.alerts, vec![Alert::Offended { code, chain }]);
}

#[test]
fn a_fork_that_only_the_store_sees_freezes_that_life() {
    let (mut node, mut hub) = synced();
    node.write(Lane::Registration, 1, 2);
    hub.refuse_with = Some(RefusalCode::Forked);
    let contact = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!(contact.finish, Finish::NewEpoch);
    assert_eq!(node.new_epoch, Some(Epoch::new(1, 0)));
}

#[test]
fn a_node_in_an_older_life_than_the_hub_knows_is_rewound() {
    let (mut node, mut hub) = synced();
    let backup = node.clone();
    node.new_epoch = Some(node.epoch);
    renew(&mut node, &mut hub, 13);
    node.write(Lane::Control, 1, 3);
    contact(&mut node, &mut hub, Opening::Delta, None);
    let mut node = backup;
    let first = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!(first.finish, Finish::NewEpoch);
    assert_eq!(node.new_epoch, Some(Epoch::new(2, 77)));
}

#[test]
fn a_hub_that_lost_entries_gets_them_again() {
    let (mut node, mut hub) = synced();
    let backup = hub.clone();
    node.write(Lane::Registration, 3, 2);
    contact(&mut node, &mut hub, Opening::Delta, None);
    let mut hub = backup;
    node.write(Lane::Registration, 1, 3);
    let next = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!(next.finish, Finish::Done);
    check_converged(&node, &hub);
}

#[test]
fn an_unknown_certificate_hash_is_answered_by_the_whole_certificate() {
    let (mut node, mut hub) = pair();
    node.write(Lane::Registration, 1, 1);
    node.certificate_known = false;
    let mut session = Session::initiate(
        Local {
            certificate_known: true,
            ..node.local()
        },
        hub.as_peer(),
        hub.public_key(),
    );
    let actions = session.handle(
        now(),
        Input::Start {
            budget_bytes: u64::MAX,
            opening: Opening::Delta,
        },
    );
    let (request, _) = node.perform(&mut session, &hub, actions);
    let (answer, end) = answered(&mut hub, &node, &request);
    assert_eq!(end, Some(Finish::Refused(RefusalCode::Certificate)));
    let (request, end) = feed(&mut node, &mut session, &hub, &answer, true);
    assert_eq!(end, None, "the node asks again");
    let (answer, end) = answered(&mut hub, &node, &request);
    assert_eq!(end, Some(Finish::Done));
    let (_, end) = feed(&mut node, &mut session, &hub, &answer, true);
    assert_eq!(end, Some(Finish::Done));
    check_converged(&node, &hub);
}

#[test]
fn a_renewed_certificate_of_the_hub_reaches_the_node() {
    let (mut node, mut hub) = synced();
    let known = hub.as_peer();
    hub.epoch = Epoch::new(2, 0);
    let mut session = Session::initiate(node.local(), known, hub.public_key());
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening: Opening::Delta,
    };
    let actions = session.handle(now(), start);
    let (mut request, mut end) = node.perform(&mut session, &hub, actions);
    for _ in 0..3 {
        if end.is_none() {
            let (answer, _) = answered(&mut hub, &node, &request);
            (request, end) = feed(&mut node, &mut session, &hub, &answer, true);
        }
    }
    assert_eq!(end, Some(Finish::Done));
    assert_eq!(node.stored_certificates, 1);
}

#[test]
fn a_revoked_peer_is_turned_away_and_nothing_is_read() {
    let (mut node, mut hub) = pair();
    node.write(Lane::Registration, 1, 1);
    hub.refuse_peer = Some(RefusalCode::Revoked);
    let contact = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!(contact.finish, Finish::Refused(RefusalCode::Revoked));
    assert!(hub.chains.is_empty());
    assert_eq!(hub.log, ["hello", "refuse", "bye"]);
}

#[test]
fn another_version_or_network_is_turned_away() {
    let (node, hub) = pair();
    let mut session = Session::initiate(node.local(), hub.as_peer(), hub.public_key());
    session.handle(
        now(),
        Input::Start {
            budget_bytes: 9_999,
            opening: Opening::Delta,
        },
    );
    let actions = session.handle(now(), Input::FrontierLoaded { chains: Vec::new() });
    let hello = actions.into_iter().find_map(|action| match action {
        Action::Send(Message::Hello(hello)) => Some(hello),
        _ => None,
    });
    let hello = hello.unwrap();
    let mut version = hello.clone();
    version.version = 2;
    let mut network = hello;
    network.hub.0 = *b"evil";
    for (hello, code) in [
        (version, RefusalCode::Version),
        (network, RefusalCode::Network),
    ] {
        let actions =
            Session::answer(hub.local()).handle(now(), Input::Received(Message::Hello(hello)));
        assert_eq!(
            actions.last(),
            Some(&Action::Finished(Finish::Refused(code)))
        );
    }
}

#[test]
fn entries_outside_the_grants_stay_and_are_reported() {
    let (mut node, mut hub) = pair();
    hub.lanes.retain(|lane| *lane != Lane::Money);
    node.write(Lane::Money, 1, 1);
    node.write(Lane::Registration, 1, 1);
    let first = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!(first.finish, Finish::Done);
    let chain = node.chain_id(Lane::Money);
    assert_eq!(node.alerts, vec![Alert::NotGranted { chain }]);
    assert_eq!(hub.chains.len(), 1);
}

#[test]
fn frames_of_foreign_scopes_are_refused_unread_and_those_of_neighbours_are_taken() {
    let (mut node, mut hub) = pair();
    node.lanes = vec![Lane::Control, Lane::Registration];
    let mut other = Site::new(5, NodeId(9), false);
    other.write(Lane::Money, 1, 1);
    other.write(Lane::Registration, 1, 1);
    hub.keys.extend(other.keys.clone());
    let frame = |lane| other.chains[&other.chain_id(lane)].frames[0].clone();
    node.write(Lane::Registration, 1, 1);
    let mut answering = Session::answer(hub.local());
    let mut session = Session::initiate(node.local(), hub.as_peer(), hub.public_key());
    let actions = session.handle(
        now(),
        Input::Start {
            budget_bytes: 9_999,
            opening: Opening::Delta,
        },
    );
    let (mut request, _) = node.perform(&mut session, &hub, actions);
    request.extend(Message::Frame(frame(Lane::Money)).encode());
    request.extend(Message::Frame(frame(Lane::Registration)).encode());
    request.extend(Message::Frame(vec![1; 30]).encode());
    feed(&mut hub, &mut answering, &node, &request, true);
    assert_eq!(hub.chains.len(), 2, "its own, and what a neighbour gave it");
    assert!(!hub.chains.contains_key(&other.chain_id(Lane::Money)));
    let code = |alert: &Alert| match alert {
        Alert::Offended { code, .. } => *code,
        other => panic!("{other:?}"),
    };
    let codes: Vec<_> = hub.alerts.iter().map(code).collect();
    assert_eq!(codes.len(), 2);
    assert_eq!(codes[0], RefusalCode::Scope);
}

#[test]
fn a_busy_store_is_told_to_the_peer_and_tried_later() {
    let (mut node, mut hub) = pair();
    node.write(Lane::Control, 1, 1);
    node.write(Lane::Registration, 1, 1);
    hub.refuse_with = Some(RefusalCode::Busy);
    let first = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!(first.finish, Finish::Busy);
    assert_eq!(
        hub.log,
        ["hello", "refuse", "bye"],
        "one refusal, nothing more is tried"
    );
    hub.refuse_with = None;
    let second = contact(&mut node, &mut hub, first.finish.next_opening(), None);
    assert_eq!(second.finish, Finish::Done);
    check_converged(&node, &hub);
}

#[test]
fn a_quarantined_chain_does_not_stop_the_others_and_never_loops() {
    let (mut node, mut hub) = pair();
    node.write(Lane::Registration, 1, 1);
    hub.refuse_with = Some(RefusalCode::Quarantined);
    hub.write(Lane::Control, 1, 1);
    let contact = contact(&mut node, &mut hub, Opening::Delta, None);
    assert!(matches!(contact.finish, Finish::Done | Finish::Stalled));
    assert!(contact.round_trips() <= 2);
    let chain = node.chain_id(Lane::Registration);
    assert!(node.alerts.contains(&Alert::Refused {
        code: RefusalCode::Quarantined,
        chain
    }));
    assert_eq!(node.chains.len(), 2, "the hub's frame arrived");
}

#[test]
fn a_forged_receipt_raises_an_alert_and_marks_nothing() {
    let (mut node, mut hub) = pair();
    node.write(Lane::Registration, 1, 1);
    let mut session = Session::initiate(node.local(), hub.as_peer(), [7; 32]);
    let actions = session.handle(
        now(),
        Input::Start {
            budget_bytes: 99_999,
            opening: Opening::Delta,
        },
    );
    let (request, _) = node.perform(&mut session, &hub, actions);
    let (answer, _) = answered(&mut hub, &node, &request);
    let (_, end) = feed(&mut node, &mut session, &hub, &answer, true);
    assert_eq!(end, Some(Finish::Stalled));
    assert_eq!(node.alerts, vec![Alert::ReceiptInvalid]);
    assert_eq!(node.chains.values().next().unwrap().receipted, 0);
}

fn anything() -> impl Strategy<Value = Message> {
    let chain = (0_u32..9, 0_u64..3, 0_u32..80).prop_map(|(origin, epoch, scope)| ChainId {
        hub: HUB,
        origin: NodeId(origin),
        epoch: Epoch(epoch << 32),
        scope: Scope(scope),
    });
    let code = (1_u8..=19).prop_map(|number| RefusalCode::parse(number).unwrap());
    prop_oneof![
        (code, chain.clone(), any::<u32>(), any::<u64>()).prop_map(|(code, chain, seq, epoch)| {
            Message::Refuse(Refuse {
                code,
                chain,
                seq: Seq(seq),
                epoch: Epoch(epoch),
            })
        }),
        (chain, 1_u32..9).prop_map(|(chain, from)| {
            Message::Want(vec![Range {
                chain,
                from: Seq(from),
                to: Seq(from),
            }])
        }),
        prop::collection::vec(any::<u8>(), 0..200).prop_map(Message::Frame),
        prop::collection::vec(any::<u8>(), 0..140).prop_map(Message::Receipt),
        Just(Message::Have(Have::default())),
        any::<u32>().prop_map(|seq| Message::Held(vec![(AREA.with_lane(Lane::Control), Seq(seq))])),
        any::<[u8; 8]>().prop_map(|digest| Message::Again(crate::message::Again {
            revocations: 0,
            digest
        })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn hostile_messages_end_every_session_and_change_no_chain(
        messages in prop::collection::vec(anything(), 0..12),
    ) {
        let (mut node, mut hub) = synced();
        node.write(Lane::Registration, 1, 4);
        let (node_before, hub_before) = (heads(&node), heads(&hub));
        let mut session = Session::initiate(node.local(), hub.as_peer(), hub.public_key());
        let start = Input::Start { budget_bytes: u64::MAX, opening: Opening::Delta };
        let actions = session.handle(now(), start);
        let (mut request, mut end) = node.perform(&mut session, &hub, actions);
        let hostile: Vec<u8> = messages.iter().flat_map(Message::encode).collect();
        let mut rounds = 0;
        while end.is_none() && rounds < 200 {
            rounds += 1;
            request.extend(&hostile);
            let (mut answer, _) = answered(&mut hub, &node, &request);
            let bye = answer.split_off(answer.len().saturating_sub(4));
            answer.extend(&hostile);
            answer.extend(bye);
            (request, end) = feed(&mut node, &mut session, &hub, &answer, true);
        }
        prop_assert!(end.is_some(), "the session ends");
        for (chain, known) in node_before {
            prop_assert!(heads(&node)[&chain].starts_with(&known));
        }
        for (chain, known) in hub_before {
            prop_assert!(heads(&hub)[&chain].starts_with(&known));
        }
        prop_assert_eq!(node.chain_id(Lane::Audit).scope, AREA.with_lane(Lane::Audit));
    }
}
