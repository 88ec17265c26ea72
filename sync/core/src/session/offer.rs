//! One turn's frames: chains by lane, oldest life first, within frames and bytes of the turn.

use std::collections::{BTreeSet, VecDeque};

use crate::id::{ChainId, Epoch, Lane, NodeId, Scope, Seq};
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
}

impl Offer {
    /// Offers what lies after each position, most urgent lane first.
    pub(super) fn new(
        mut positions: Vec<(ChainId, Seq)>,
        bytes: usize,
        frame_bytes_max: usize,
    ) -> Self {
        positions.sort_by_key(|(chain, _after)| urgency(chain));
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
        for frame in frames {
            if frame.len() > self.frame_bytes_max {
                self.too_large = Some(chain);
                break;
            }
            let fits = frame.len() <= self.bytes_left || self.sent == 0;
            if self.frames_left == 0 || !fits {
                self.bytes_left = 0;
                self.more = true;
                break;
            }
            self.frames_left = self.frames_left.saturating_sub(1);
            self.bytes_left = self.bytes_left.saturating_sub(frame.len());
            self.sent = self.sent.saturating_add(1);
            actions.push(Action::Send(Message::Frame(frame)));
        }
        actions
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

fn urgency(chain: &ChainId) -> (u8, NodeId, Epoch, Scope) {
    let lane = chain.scope.lane().map_or(u8::MAX, Lane::number);
    (lane, chain.origin, chain.epoch, chain.scope)
}
