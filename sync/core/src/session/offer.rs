//! One turn's frames: chains by lane, our own first, oldest life first, within frames and bytes of the
//! turn.

use std::collections::{BTreeSet, VecDeque};

use crate::id::{ChainId, Lane, NodeId, Seq};
use crate::message::Message;

use super::{Action, TURN_FRAMES_MAX};

/// What is left to offer in this turn.
#[derive(Debug, Default)]
pub(super) struct Offer {
    queue: VecDeque<(ChainId, Seq)>,
    frames_left: usize,
    bytes_left: usize,
    frame_bytes_max: usize,
    sent: usize,
    more: bool,
    too_large: Option<ChainId>,
    packs: bool,
    /// Chains whose frames the peer wants raw.
    raw: BTreeSet<ChainId>,
    /// Chains that were sent to their end.
    ended: Vec<ChainId>,
}

impl Offer {
    /// Offers what lies after each position, most urgent lane first. In each lane `ours` comes
    /// before others: a hub's certificates and orders before what they are about.
    pub(super) fn new(
        mut positions: Vec<(ChainId, Seq)>,
        ours: NodeId,
        (bytes, frame_bytes_max): (usize, usize),
    ) -> Self {
        positions.sort_by_key(|(chain, _after)| {
            let lane = chain.scope.lane().map_or(u8::MAX, Lane::number);
            (lane, chain.origin != ours, *chain)
        });
        Self {
            queue: positions.into(),
            frames_left: TURN_FRAMES_MAX,
            bytes_left: bytes,
            frame_bytes_max,
            ..Self::default()
        }
    }

    /// Offers packed frames, but raw ones of these chains.
    pub(super) fn packing(self, packs: bool, raw: &BTreeSet<ChainId>) -> Self {
        let raw = raw.clone();
        Self { packs, raw, ..self }
    }

    /// The next chain to read, `None` when the turn is full or all is sent.
    pub(super) fn next_load(&mut self) -> Option<Action> {
        if self.frames_left == 0 || self.bytes_left == 0 {
            self.more |= !self.queue.is_empty();
            self.queue.clear();
        }
        let (chain, after) = self.queue.pop_front()?;
        Some(Action::LoadFrames {
            chain,
            after,
            bytes_max: self.bytes_left,
            packed: self.packs && !self.raw.contains(&chain),
        })
    }

    /// The frames of one chain that fit the turn.
    pub(super) fn loaded(
        &mut self,
        chain: ChainId,
        frames: Vec<Vec<u8>>,
        more: bool,
    ) -> Vec<Action> {
        let mut actions = Vec::new();
        self.more |= more;
        let mut is_whole = !more && !frames.is_empty();
        for frame in frames {
            if frame.len() > self.frame_bytes_max {
                self.too_large = Some(chain);
                is_whole = false;
                break;
            }
            let fits = frame.len() <= self.bytes_left || self.sent == 0;
            if self.frames_left == 0 || !fits {
                self.bytes_left = 0;
                self.more = true;
                is_whole = false;
                break;
            }
            self.frames_left = self.frames_left.saturating_sub(1);
            self.bytes_left = self.bytes_left.saturating_sub(frame.len());
            self.sent = self.sent.saturating_add(1);
            actions.push(Action::Send(Message::Frame(frame)));
        }
        self.ended.extend(is_whole.then_some(chain));
        actions
    }

    /// The chains that were sent to their end since the last question.
    pub(super) fn take_ended(&mut self) -> Vec<ChainId> {
        core::mem::take(&mut self.ended)
    }

    /// Whether something did not fit the turn.
    pub(super) fn has_more(&self) -> bool {
        self.more
    }

    /// A chain whose next frame is longer than the peer takes.
    pub(super) fn too_large(&self) -> Option<ChainId> {
        self.too_large
    }
}
