//! The chains of a site: writing, taking, giving back.

use super::*;
use crate::entry::{ClockQuality, Entry, EntryKind, EntryMeta};
use crate::frame::SealInput;
use crate::id::DocId;
use crate::journal;
use crate::receipt::Receipt;

impl Site {
    /// Appends one frame of `count` facts to the own chain of a lane.
    pub(in crate::session::tests) fn write(&mut self, lane: Lane, count: u32, body: u8) {
        let id = self.chain_id(lane);
        let key = self.key();
        let chain = self.chains.entry(id).or_default();
        let first = u32::try_from(chain.heads.len()).unwrap() + 1;
        let previous = chain
            .heads
            .last()
            .copied()
            .unwrap_or_else(|| journal::genesis(&id));
        let entries: Vec<Entry> = (first..first + count).map(|seq| fact(seq, body)).collect();
        let block = |seq: u32| journal::block(Seq(seq));
        let seeds: Vec<_> = (block(first)..=block(first + count - 1))
            .map(|block| (block, [9; 16]))
            .collect();
        let input = SealInput {
            chain: id,
            previous,
            seeds: &seeds,
            entries: &entries,
        };
        let frame = frame::seal((&key).into(), &input).unwrap();
        let packed = frame::seal_packed((&key).into(), &input, &PACKING).unwrap();
        let public = key.public_key().as_ref().try_into().unwrap();
        let head = (Seq(first - 1), previous);
        let opened = frame::open(&frame, head, &public).unwrap();
        chain
            .heads
            .extend(opened.entries.iter().map(|(_entry, hash)| *hash));
        chain.frames.push(frame);
        chain.packed.push(packed);
    }

    pub(in crate::session::tests) fn frontier(&self) -> Vec<ChainState> {
        let state = |(id, chain): (&ChainId, &Chain)| ChainState {
            chain: *id,
            up_to: Seq(u32::try_from(chain.heads.len()).unwrap()),
            head: chain
                .heads
                .last()
                .copied()
                .unwrap_or_else(|| journal::genesis(id)),
            receipted: Seq(chain.receipted),
            kept: (self.keeping == Keeping::All || id.origin == self.node)
                .then_some((Seq(1), Seq(u32::try_from(chain.heads.len()).unwrap()))),
        };
        self.chains.iter().map(state).collect()
    }

    pub(in crate::session::tests) fn accept(&mut self, bytes: &[u8]) -> Result<Taken, RefusalCode> {
        if let Some(code) = self.refuse_with {
            return Err(code);
        }
        let header = frame::header(bytes).map_err(|refusal| refusal.code)?;
        if let Some(code) = self.refuse_packed.filter(|_| header.is_packed()) {
            return Err(code);
        }
        let id = header.chain();
        let key = *self
            .keys
            .get(&(id.origin, id.epoch))
            .ok_or(RefusalCode::Certificate)?;
        let mut chain = self.chains.get(&id).cloned().unwrap_or_default();
        let held = u32::try_from(chain.heads.len()).unwrap();
        if header.last_seq().0 <= held {
            let hash = chain.heads[usize::try_from(header.last_seq().0).unwrap() - 1];
            if hash[..4] != header.check {
                return Err(RefusalCode::Forked);
            }
            self.known += 1;
        } else {
            let previous = chain
                .heads
                .last()
                .copied()
                .unwrap_or_else(|| journal::genesis(&id));
            let opened = frame::open_packed(bytes, (Seq(held), previous), &key, &PACKING)
                .map_err(|refusal| refusal.code)?;
            chain
                .heads
                .extend(opened.entries.iter().map(|(_entry, hash)| *hash));
            chain.frames.push(bytes.to_vec());
            self.chains.insert(id, chain);
        }
        Ok((header.last_seq(), self.receipt(&id)))
    }

    pub(in crate::session::tests) fn receipt(&self, id: &ChainId) -> Option<Vec<u8>> {
        let chain = self.chains.get(id).filter(|_| self.is_hub)?;
        let up_to = Seq(u32::try_from(chain.heads.len()).unwrap());
        let hash = *chain.heads.last()?;
        Some(receipt::sign(
            &Receipt {
                chain: *id,
                up_to,
                hash,
                hlc: 1,
            },
            &self.key(),
        ))
    }

    pub(in crate::session::tests) fn frames(
        &self,
        id: &ChainId,
        (after, bytes_max): (Seq, usize),
        packed: bool,
    ) -> (Vec<Vec<u8>>, bool) {
        let mut bytes = 0;
        let mut out = Vec::new();
        let frames = self
            .chains
            .get(id)
            .map(|chain| {
                if packed && id.origin == self.node {
                    &chain.packed
                } else {
                    &chain.frames
                }
            })
            .map(Vec::as_slice)
            .unwrap_or_default();
        for frame in frames
            .iter()
            .filter(|frame| frame::header(frame).unwrap().first_seq > after)
        {
            if !out.is_empty() && bytes + frame.len() > bytes_max {
                return (out, true);
            }
            bytes += frame.len();
            out.push(frame.clone());
        }
        (out, false)
    }
}

fn fact(seq: u32, body: u8) -> Entry {
    let meta = EntryMeta {
        seq: Seq(seq),
        kind: EntryKind::Fact,
        quality: ClockQuality::Ntp,
        hlc: (1_700_000_000_000 << 16) + u64::from(seq),
        doc: DocId::NONE,
        doc_ref: None,
        schema: 1,
        author: 0,
        session: 0,
    };
    Entry {
        meta,
        body: vec![body; 40],
    }
}
