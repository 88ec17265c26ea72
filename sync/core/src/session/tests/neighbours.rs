//! Nodes in a row that meet each other, and a hub that the last one reaches.

use std::collections::BTreeSet;

use super::site::{AREA, CENTRE, Keeping, Site, now};
use super::{contact, heads, link};
use crate::id::{Lane, NodeId, Scope, Seq};
use crate::message::{Message, Parser};
use crate::refusal::RefusalCode;
use crate::session::*;

/// Requests of one contact; a longer one goes round in circles.
const ROUNDS_MAX: u32 = 30;

/// Nodes that know no certificate but their own and the hub's.
fn row(count: u8) -> (Vec<Site>, Site) {
    let mut hub = Site::new(100, CENTRE, true);
    let mut nodes = Vec::new();
    for number in 0..count {
        let mut node = Site::new(number + 1, NodeId(7 + u32::from(number)), false);
        node.receipt_key = Some(hub.public_key());
        hub.keys.extend(node.keys.clone());
        node.keys.extend([((CENTRE, hub.epoch), hub.public_key())]);
        nodes.push(node);
    }
    (nodes, hub)
}

fn known(site: &Site) -> Known {
    Known {
        receipt_key: site.receipt_key.unwrap(),
        quarantined: BTreeSet::new(),
    }
}

/// What a meeting did.
#[derive(Debug)]
struct Meeting {
    finish: Finish,
    rounds: u32,
    /// Everything that was said, both ways.
    said: Vec<Message>,
}

fn said(bytes: &[u8]) -> Vec<Message> {
    let mut parser = Parser::default();
    parser.push(bytes).unwrap();
    std::iter::from_fn(|| parser.next_message().unwrap()).collect()
}

/// One session between two nodes; what the second answers may be changed on its way.
fn meet_over(a: &mut Site, b: &mut Site, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Meeting {
    a.wire.forget();
    b.wire.forget();
    let mut asks = Session::meet(a.local(), b.node, known(a));
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening: Opening::Full,
    };
    let actions = asks.handle(now(), start);
    let (mut request, mut finish) = a.perform(&mut asks, b, actions);
    let mut all = Vec::new();
    for round in 1..=ROUNDS_MAX {
        let mut answers = Session::answer_neighbour(b.local(), known(b));
        all.extend(said(&request));
        let (answer, _) = link::feed(b, &mut answers, a, &request, true);
        let answer = change(answer);
        all.extend(said(&answer));
        (request, finish) = link::feed(a, &mut asks, b, &answer, true);
        if let Some(finish) = finish {
            return Meeting {
                finish,
                rounds: round,
                said: all,
            };
        }
    }
    panic!("no end after {ROUNDS_MAX} rounds: {finish:?}");
}

fn meet(a: &mut Site, b: &mut Site) -> Meeting {
    meet_over(a, b, |answer| answer)
}

/// Two places of a row, to be changed together.
fn two(row: &mut [Site], a: usize, b: usize) -> (&mut Site, &mut Site) {
    let (left, right) = row.split_at_mut(a.max(b));
    if a < b {
        (&mut left[a], &mut right[0])
    } else {
        (&mut right[0], &mut left[b])
    }
}

#[test]
fn three_in_a_row_converge_and_receipts_return_to_the_first() {
    let (mut row, mut hub) = row(3);
    for (node, count) in row.iter_mut().zip(1..) {
        node.write(Lane::Registration, count, 1);
        node.write(Lane::Control, 1, 2);
    }
    hub.write(Lane::Control, 2, 3);
    // Never two links at the same time, and never the first one and the hub.
    let meeting = meet(&mut row[0].clone(), &mut row[1].clone());
    assert_eq!(meeting.finish, Finish::Done);
    for (a, b) in [(0, 1), (2, 1)] {
        let (a, b) = two(&mut row, a, b);
        assert_eq!(meet(a, b).finish, Finish::Done);
    }
    let up = contact(&mut row[2], &mut hub, Opening::Delta, None);
    assert_eq!(up.finish, Finish::Done);
    assert_eq!(hub.chains.len(), 7, "two of each node, one of its own");
    for (a, b) in [(1, 2), (1, 0)] {
        let (a, b) = two(&mut row, a, b);
        assert_eq!(meet(a, b).finish, Finish::Done);
    }
    for node in &row {
        assert_eq!(heads(node), heads(&hub));
        let own = node.chains.iter().filter(|(id, _)| id.origin != CENTRE);
        for (id, chain) in own {
            let all = u32::try_from(chain.heads.len()).unwrap();
            assert_eq!(chain.receipted, all, "{id:?} at {}", node.node.0);
        }
    }
}

#[test]
fn a_meeting_without_news_takes_one_round_and_says_nothing() {
    let (mut row, _hub) = row(2);
    row[0].write(Lane::Registration, 3, 1);
    let (a, b) = two(&mut row, 0, 1);
    assert!(meet(a, b).rounds > 1);
    let quiet = meet(a, b);
    assert_eq!((quiet.finish, quiet.rounds), (Finish::Done, 1));
    let frames = quiet.said.iter().filter(|m| matches!(m, Message::Frame(_)));
    assert_eq!(frames.count(), 0);
}

#[test]
fn the_same_over_two_roads_is_harmless() {
    let (mut row, mut hub) = row(3);
    row[0].write(Lane::Registration, 5, 1);
    for (a, b) in [(0, 1), (0, 2), (1, 2), (2, 1)] {
        let (a, b) = two(&mut row, a, b);
        assert_eq!(meet(a, b).finish, Finish::Done);
    }
    for node in [1, 2, 0] {
        let up = contact(&mut row[node], &mut hub, Opening::Delta, None);
        assert_eq!(up.finish, Finish::Done, "{node}");
    }
    assert_eq!(heads(&row[1]), heads(&hub));
    let chain = row[0].chains.values().next().unwrap();
    assert_eq!(chain.receipted, 5);
}

#[test]
fn frames_stay_away_from_who_may_not_read_them_also_behind_a_relay() {
    for may in [false, true] {
        let (mut row, _hub) = row(3);
        row[0].write(Lane::Referral, 2, 1);
        row[0].write(Lane::Registration, 2, 1);
        if !may {
            row[2].lanes = vec![Lane::Control, Lane::Registration];
        }
        for (a, b) in [(0, 1), (1, 2), (0, 2)] {
            let reader = b == 2;
            let (a, b) = two(&mut row, a, b);
            let meeting = meet(a, b);
            assert_eq!(meeting.finish, Finish::Done);
            let of_referral = |scope: Scope| scope == AREA.with_lane(Lane::Referral);
            let told = meeting.said.iter().any(|message| match message {
                Message::Have(have) => have.items.iter().any(|i| of_referral(i.chain.scope)),
                Message::Frame(bytes) => of_referral(crate::frame::header(bytes).unwrap().scope),
                _ => false,
            });
            assert_eq!(told, may || !reader, "not even that the chain is there");
        }
        let held = row[2].chains.len();
        assert_eq!(held, if may { 2 } else { 1 });
    }
}

#[test]
fn a_forged_frame_is_refused_and_the_chain_goes_on_by_the_next_relay() {
    let (mut row, _hub) = row(3);
    row[0].write(Lane::Registration, 2, 1);
    let (a, b) = two(&mut row, 0, 1);
    meet(a, b);
    let before = row[2].chains.clone();
    let (b, c) = two(&mut row, 1, 2);
    // A bit of the payload changes between the relay and the third one.
    let forge = |answer: Vec<u8>| {
        let messages = said(&answer).into_iter().map(|message| match message {
            Message::Frame(mut bytes) => {
                let last = bytes.len() - 70;
                bytes[last] ^= 1;
                Message::Frame(bytes).encode()
            }
            other => other.encode(),
        });
        messages.flatten().collect()
    };
    let meeting = meet_over(c, b, forge);
    assert_eq!(c.chains, before, "nothing of it was taken");
    let code = RefusalCode::Signature;
    let offended = |alert: &Alert| matches!(alert, Alert::Offended { code: c, .. } if *c == code);
    assert!(c.alerts.iter().any(offended), "{:?}", c.alerts);
    assert!(meeting.rounds < 6);
    // The control: unchanged, the same frame is taken.
    assert_eq!(meet(c, b).finish, Finish::Done);
    assert_eq!(heads(c), heads(b));
}

#[test]
fn whoever_keeps_no_frames_of_others_hands_none_on_and_comes_to_an_end() {
    let (mut row, _hub) = row(3);
    row[0].write(Lane::Registration, 2, 1);
    let (a, b) = two(&mut row, 0, 1);
    meet(a, b);
    row[1].keeping = Keeping::Own;
    let (b, c) = two(&mut row, 1, 2);
    let meeting = meet(b, c);
    assert_eq!((meeting.finish, c.chains.len()), (Finish::Done, 0));
}

#[test]
fn lists_of_revoked_lives_go_first_and_also_to_who_is_turned_away() {
    let list = |number: u8| Revocations {
        number: number.into(),
        bytes: vec![number],
    };
    for (newer, turned_away) in [(0, false), (1, false), (0, true), (1, true)] {
        let (mut row, _hub) = row(2);
        row[newer].revocations = list(3);
        row[0].write(Lane::Registration, 1, 1);
        if turned_away {
            row[newer].refuse_peer = Some(RefusalCode::Revoked);
        }
        let (a, b) = two(&mut row, 0, 1);
        let meeting = meet(a, b);
        assert_eq!(a.revocations.number, 3);
        assert_eq!(b.revocations.number, 3);
        let place = |wanted: fn(&Message) -> bool| meeting.said.iter().position(wanted);
        let first = place(|message| matches!(message, Message::Revocations(_))).unwrap();
        let frame = place(|message| matches!(message, Message::Frame(_)));
        assert!(frame.is_none_or(|frame| first < frame));
        assert_eq!(frame.is_none(), turned_away);
    }
}

#[test]
fn a_neighbour_that_holds_more_of_our_life_than_we_do_is_told_and_changes_nothing() {
    let (mut row, _hub) = row(2);
    let before = row[0].clone();
    row[0].write(Lane::Registration, 2, 1);
    let (a, b) = two(&mut row, 0, 1);
    meet(a, b);
    // The first one is set back and writes something else.
    *a = before;
    a.write(Lane::Registration, 1, 9);
    let held = b.chains.clone();
    let meeting = meet(a, b);
    assert!(meeting.rounds < 6, "{meeting:?}");
    assert_eq!(b.chains, held);
    let doubt = |alert: &Alert| {
        matches!(
            alert,
            Alert::Refused {
                code: RefusalCode::Rewound,
                ..
            }
        )
    };
    assert!(a.alerts.iter().any(doubt), "{:?}", a.alerts);
    assert_eq!(a.new_epoch, None, "the hub decides, not a neighbour");
    let chain = a.chain_id(Lane::Registration);
    assert_eq!(a.chains[&chain].heads.len(), 1);
}

#[test]
fn whoever_is_set_aside_is_turned_away() {
    let (mut row, _hub) = row(2);
    row[0].write(Lane::Registration, 2, 1);
    let (a, b) = two(&mut row, 0, 1);
    let aside = Known {
        quarantined: BTreeSet::from([a.node]),
        ..known(b)
    };
    let mut asks = Session::meet(a.local(), b.node, known(a));
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening: Opening::Full,
    };
    let actions = asks.handle(now(), start);
    let (request, _) = a.perform(&mut asks, b, actions);
    let mut answers = Session::answer_neighbour(b.local(), aside);
    let (_, finish) = link::feed(b, &mut answers, a, &request, true);
    assert_eq!(finish, Some(Finish::Refused(RefusalCode::Quarantined)));
}

#[test]
fn a_hub_gives_a_relay_receipts_of_all_that_it_brings_even_beyond_it() {
    let (mut row, mut hub) = row(2);
    row[0].write(Lane::Registration, 2, 1);
    let (a, b) = two(&mut row, 0, 1);
    meet(a, b);
    // It carries what it does not read itself, so the hub gives it none of that.
    b.reads = Vec::new();
    a.write(Lane::Registration, 3, 1);
    contact(a, &mut hub, Opening::Delta, None);
    // The second one holds less than the hub does, and carries the receipt for all of it.
    contact(b, &mut hub, Opening::Delta, None);
    let chain = a.chain_id(Lane::Registration);
    assert_eq!(Seq(b.chains[&chain].receipted), Seq(5));
    assert_eq!(b.chains[&chain].heads.len(), 2);
    assert_eq!(hub.known, 1, "it cannot know that the hub had it");
}
