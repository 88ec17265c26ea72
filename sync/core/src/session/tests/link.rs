//! A link of bytes between two sites, which may be cut after any byte.

use crate::journal;
use crate::message::{Heard, Message, Parser, Short};
use crate::refusal::RefusalCode;
use crate::session::{Finish, Input, Opening, Session};

use super::site::{Site, now};

impl Site {
    /// What a message from the wire asks of the machine.
    pub(super) fn hear(&mut self, message: Message) -> Input {
        match self.wire.hear(message) {
            Ok(Heard::Whole(message)) => Input::Received(message),
            Ok(Heard::Short(short)) => match self.hash_at(&short) {
                Some(hash) => Input::Restored(short.whole(hash)),
                None => Input::FrameRefused {
                    chain: short.chain,
                    code: RefusalCode::Gap,
                },
            },
            Err(error) => Input::Garbled(error),
        }
    }

    fn hash_at(&self, short: &Short) -> Option<[u8; 32]> {
        let Some(before) = short.at.0.checked_sub(1) else {
            return Some(journal::genesis(&short.chain));
        };
        let chain = self.chains.get(&short.chain)?;
        chain.heads.get(usize::try_from(before).unwrap()).copied()
    }
}

/// What a contact did.
#[derive(Debug)]
pub(super) struct Contact {
    pub(super) finish: Finish,
    /// Bytes of each request and each answer that went over.
    pub(super) turns: Vec<usize>,
}

impl Contact {
    pub(super) fn bytes(&self) -> usize {
        self.turns.iter().sum()
    }

    pub(super) fn round_trips(&self) -> usize {
        self.turns.len().div_ceil(2)
    }
}

/// Bytes that the link still carries, `None` for ever.
struct Pipe(Option<usize>);

impl Pipe {
    /// The part of a turn that arrives, and whether it is all of it.
    fn carry<'a>(&mut self, bytes: &'a [u8]) -> (&'a [u8], bool) {
        let Some(left) = &mut self.0 else {
            return (bytes, true);
        };
        let arrived = bytes.len().min(*left);
        *left -= arrived;
        (&bytes[..arrived], arrived == bytes.len() && *left > 0)
    }
}

pub(super) fn contact(
    node: &mut Site,
    hub: &mut Site,
    opening: Opening,
    cut_after: Option<usize>,
) -> Contact {
    contact_within(node, hub, opening, cut_after, u64::MAX)
}

/// A contact over the connection of the last one.
pub(super) fn contact_kept(node: &mut Site, hub: &mut Site, opening: Opening) -> Contact {
    over(node, hub, opening, None, u64::MAX)
}

/// A contact over a new connection.
pub(super) fn contact_within(
    node: &mut Site,
    hub: &mut Site,
    opening: Opening,
    cut_after: Option<usize>,
    budget_bytes: u64,
) -> Contact {
    node.wire.forget();
    hub.wire.forget();
    over(node, hub, opening, cut_after, budget_bytes)
}

fn over(
    node: &mut Site,
    hub: &mut Site,
    opening: Opening,
    cut_after: Option<usize>,
    budget_bytes: u64,
) -> Contact {
    let mut pipe = Pipe(cut_after);
    let mut turns = Vec::new();
    let mut session = Session::initiate(node.local(), hub.as_peer(), hub.public_key());
    let start = session.handle(
        now(),
        Input::Start {
            budget_bytes,
            opening,
        },
    );
    let (mut request, mut finish) = node.perform(&mut session, hub, start);
    while finish.is_none() {
        let mut answering = Session::answer(hub.local());
        let (arrived, whole) = pipe.carry(&request);
        turns.push(arrived.len());
        let (answer, _end) = feed(hub, &mut answering, node, arrived, whole);
        let (arrived, whole) = pipe.carry(if whole { &answer } else { &[] });
        turns.push(arrived.len());
        (request, finish) = feed(node, &mut session, hub, arrived, whole);
        assert!(turns.len() < 1_000, "a session must come to its end");
    }
    Contact {
        finish: finish.unwrap(),
        turns,
    }
}

/// A hub's answer to a whole request.
pub(super) fn answered(hub: &mut Site, node: &Site, request: &[u8]) -> (Vec<u8>, Option<Finish>) {
    let mut answering = Session::answer(hub.local());
    feed(hub, &mut answering, node, request, true)
}

/// Feeds a turn's bytes in small pieces, then its end or the cut.
pub(super) fn feed(
    site: &mut Site,
    session: &mut Session,
    other: &Site,
    bytes: &[u8],
    whole: bool,
) -> (Vec<u8>, Option<Finish>) {
    let mut parser = Parser::default();
    let mut out = Vec::new();
    for piece in bytes.chunks(37) {
        parser.push(piece).unwrap();
        while let Some(message) = parser.next_message().unwrap() {
            let input = site.hear(message);
            let actions = session.handle(now(), input);
            let (sent, finish) = site.perform(session, other, actions);
            out.extend(sent);
            if finish.is_some() {
                return (out, finish);
            }
        }
    }
    let end = if whole {
        Input::PeerEnded
    } else {
        Input::LinkDown
    };
    let actions = session.handle(now(), end);
    let (sent, finish) = site.perform(session, other, actions);
    out.extend(sent);
    (out, finish)
}
