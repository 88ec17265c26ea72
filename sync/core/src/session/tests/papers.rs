//! What the hub signs travels with a session: the revocation list first, a renewed certificate to
//! whom it names.

use super::*;

fn list(number: u8) -> Revocations {
    Revocations {
        number: u32::from(number),
        bytes: vec![b'l', number],
    }
}

#[test]
fn the_newer_list_goes_first_and_only_once() {
    let (mut node, mut hub) = pair();
    hub.revocations = list(3);
    hub.write(Lane::Registration, 1, 1);
    let first = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!(first.finish, Finish::Done);
    assert_eq!(node.revocations, list(3));
    assert_eq!(hub.log, ["hello", "revocations", "frame", "bye"]);
    check_converged(&node, &hub);
    hub.log.clear();
    contact(&mut node, &mut hub, Opening::Full, None);
    assert_eq!(hub.log, ["hello", "bye"], "both hold the same list");
}

#[test]
fn whoever_is_turned_away_learns_that_it_is_revoked() {
    let (mut node, mut hub) = pair();
    hub.revocations = list(1);
    hub.refuse_peer = Some(RefusalCode::Revoked);
    node.write(Lane::Registration, 1, 1);
    let end = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!(end.finish, Finish::Refused(RefusalCode::Revoked));
    assert_eq!(node.revocations, list(1));
    assert!(hub.chains.is_empty(), "nothing of it was taken");
}

#[test]
fn a_hub_that_was_restored_hears_of_its_own_list() {
    let (mut node, mut hub) = pair();
    node.revocations = list(5);
    hub.revocations = list(2);
    let end = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!((end.finish, end.round_trips()), (Finish::Done, 2));
    assert_eq!((node.revocations, hub.revocations), (list(5), list(5)));
    assert_eq!(node.log, ["hello", "have", "hello", "revocations", "have"]);
}

#[test]
fn a_hub_that_takes_no_list_is_told_once_a_session() {
    let (mut node, mut hub) = pair();
    node.revocations = list(5);
    let mut session = Session::initiate(node.local(), hub.as_peer(), hub.public_key());
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening: Opening::Delta,
    };
    let actions = session.handle(now(), start);
    let (mut request, _) = node.perform(&mut session, &hub, actions);
    for round in 1.. {
        assert!(round <= 2, "a third request");
        let mut answers = Session::answer(hub.local());
        let mut out = Vec::new();
        let mut parser = Parser::default();
        parser.push(&request).unwrap();
        while let Some(message) = parser.next_message().unwrap() {
            if !matches!(message, Message::Revocations(_)) {
                let input = hub.hear(message);
                let actions = answers.handle(now(), input);
                out.extend(hub.perform(&mut answers, &node, actions).0);
            }
        }
        let actions = answers.handle(now(), Input::PeerEnded);
        out.extend(hub.perform(&mut answers, &node, actions).0);
        let mut parser = Parser::default();
        parser.push(&out).unwrap();
        while let Some(message) = parser.next_message().unwrap() {
            let input = node.hear(message);
            let actions = session.handle(now(), input);
            node.perform(&mut session, &hub, actions);
        }
        let actions = session.handle(now(), Input::PeerEnded);
        let (next, finish) = node.perform(&mut session, &hub, actions);
        if finish.is_some() {
            return assert_eq!(finish, Some(Finish::Done));
        }
        request = next;
    }
}

#[test]
fn a_renewed_certificate_reaches_whom_it_names() {
    let (mut node, mut hub) = pair();
    node.write(Lane::Registration, 1, 1);
    contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!(node.stored_certificates, 0, "the control");
    hub.renewed = Some(b"longer".to_vec());
    let end = contact(&mut node, &mut hub, Opening::Delta, None);
    assert_eq!((end.finish, end.round_trips()), (Finish::Done, 1));
    assert_eq!(node.stored_certificates, 1);
    check_converged(&node, &hub);
}
