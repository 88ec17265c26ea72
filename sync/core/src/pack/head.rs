//! Heads of entries: most follow from the entry before and from the usual order.
//!
//! Layout: `docs/protocols/packing.md` §8. An entry that stands where it is expected, one tick of
//! the clock after the one before, costs a fraction of a bit.

use std::collections::BTreeMap;

use super::coder::{Coder, Prob};
use super::model::{Number, Recent, Tree};
use super::set::{About, PackSet, Usual};
use crate::entry::{ClockQuality, EntryKind, EntryMeta, EntryRef};
use crate::id::{ChainId, DocId, Epoch, NodeId, Scope, Seq};
use crate::journal;

/// Bits of the counter in a hybrid clock.
const COUNTER_BITS: u32 = 16;
const COUNTER_MASK: u64 = (1 << COUNTER_BITS) - 1;
const QUALITIES: [ClockQuality; 5] = [
    ClockQuality::Ntp,
    ClockQuality::Nitz,
    ClockQuality::Rtc,
    ClockQuality::Fake,
    ClockQuality::Unknown,
];

type ChainName = (NodeId, Epoch, Scope);

/// References to entries of any chain.
#[derive(Clone)]
pub(super) struct References {
    is_recent: Prob,
    chains: Recent<ChainName>,
    back: Number,
    seq: Number,
    own: ChainName,
}

impl References {
    fn new(chain: &ChainId) -> Self {
        let own = (chain.origin, chain.epoch, chain.scope);
        Self {
            is_recent: Prob::new(50_000, 2),
            chains: Recent::new(vec![own]),
            back: Number::around(9),
            seq: Number::around(12),
            own,
        }
    }

    /// Writes a reference, or reads one; `seq` is that of the entry that refers.
    pub(super) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        seq: Seq,
        given: Option<EntryRef>,
    ) -> Option<EntryRef> {
        let name = given.map_or(self.own, |it| (it.origin, it.epoch, it.scope));
        let position = self.chains.position(&name);
        let name = if coder.bit(&mut self.is_recent, position.is_some()) {
            let position = self.chains.code(coder, position.unwrap_or(0));
            *self.chains.get(position)?
        } else {
            let origin = coder.uniform(1 << 32, u64::from(name.0.0));
            let high = coder.uniform(1 << 32, name.1.0 >> 32);
            let low = coder.uniform(1 << 32, name.1.0 & 0xffff_ffff);
            let scope = coder.uniform(1 << 32, u64::from(name.2.0));
            let origin = NodeId(u32::try_from(origin).ok()?);
            (
                origin,
                Epoch(high << 32 | low),
                Scope(u32::try_from(scope).ok()?),
            )
        };
        self.chains.note(name);
        let at = given.map_or(0, |it| it.seq.0);
        let at = if name == self.own {
            let back = u64::from(seq.0.wrapping_sub(at));
            let back = u32::try_from(self.back.code(coder, back)).ok()?;
            seq.0.wrapping_sub(back)
        } else {
            u32::try_from(self.seq.code(coder, u64::from(at))).ok()?
        };
        Some(EntryRef {
            origin: name.0,
            epoch: name.1,
            scope: name.2,
            seq: Seq(at),
        })
    }
}

/// What follows two entries, and whether it comes as expected.
#[derive(Clone)]
struct Next {
    usual: Usual,
    is_expected: Prob,
    is_usual: Prob,
}

impl Next {
    fn new(usual: Usual, is_known: bool) -> Self {
        let is_usual = if is_known {
            Prob::new(62_000, 4)
        } else {
            Prob::EVEN
        };
        Self {
            usual,
            is_expected: Prob::EVEN,
            is_usual,
        }
    }
}

/// The models of heads, and the entry before.
#[derive(Clone)]
pub(super) struct HeadModels {
    chain: ChainId,
    nexts: BTreeMap<[Option<Usual>; 2], Next>,
    /// The last two entries, the newer one second.
    last: [Option<Usual>; 2],
    quality: ClockQuality,
    hlc: u64,
    author: u32,
    session: u32,
    models: Models,
    pub(super) references: References,
}

#[derive(Clone)]
struct Models {
    is_fact: Prob,
    about: Tree,
    back: Number,
    schema: Number,
    is_same_quality: Prob,
    is_tick: [Prob; 2],
    is_earlier: Prob,
    millis: Number,
    counter: Number,
    is_same_author: Prob,
    author: Number,
    session: Tree,
    session_back: Number,
}

impl HeadModels {
    /// Before the first entry; `hlc` is that of the last one.
    pub(super) fn new(chain: &ChainId, hlc: u64, set: &PackSet) -> Self {
        let mut nexts = BTreeMap::new();
        let usual = &set.usual;
        let cycle = usual.iter().chain(usual).copied().map(Some);
        // The first one stands at the start of a run and behind the last one of a round.
        let mut last = [None, None];
        for next in cycle.flatten() {
            nexts.entry(last).or_insert_with(|| Next::new(next, true));
            last = [last[1], Some(next)];
        }
        Self {
            chain: *chain,
            nexts,
            last: [None, None],
            quality: ClockQuality::Ntp,
            hlc,
            author: 1,
            session: 0,
            models: Models::new(),
            references: References::new(chain),
        }
    }

    /// Whether the entry before created a document.
    pub(super) fn is_after_new(&self) -> bool {
        self.last[1].is_some_and(|it| it.about == About::New)
    }

    /// Writes a head, or reads one for the entry at `seq`.
    pub(super) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        seq: Seq,
        given: Option<&EntryMeta>,
    ) -> Option<EntryMeta> {
        let is_start = self.last[1].is_none();
        let usual = given.map(|meta| usual(&self.chain, meta));
        let guess = Usual {
            is_fact: true,
            schema: 0,
            about: About::Nothing,
        };
        let mut next = self
            .nexts
            .remove(&self.last)
            .unwrap_or_else(|| Next::new(guess, false));
        let as_expected = given.is_some_and(|meta| {
            Some(next.usual) == usual
                && meta.quality == self.quality
                && meta.hlc == self.hlc.wrapping_add(1)
                && meta.author == self.author
                && meta.session == self.session.wrapping_add(1)
        });
        let mut parts = Parts {
            quality: self.quality,
            hlc: self.hlc.wrapping_add(1),
            author: self.author,
            session: self.session.wrapping_add(1),
        };
        if next.usual.about == About::Elsewhere
            || is_start
            || !coder.bit(&mut next.is_expected, as_expected)
        {
            if !coder.bit(&mut next.is_usual, Some(next.usual) == usual) {
                next.usual = self.models.usual(coder, usual)?;
            }
            let given = given.map(Parts::of);
            parts = self.parts(coder, is_start, given)?;
        }
        let usual = next.usual;
        self.nexts.insert(self.last, next);
        self.last = [self.last[1], Some(usual)];
        let elsewhere = given.and_then(|meta| meta.doc_ref);
        self.meta(coder, seq, (usual, parts), elsewhere)
    }

    fn meta<C: Coder>(
        &mut self,
        coder: &mut C,
        seq: Seq,
        (usual, parts): (Usual, Parts),
        elsewhere: Option<EntryRef>,
    ) -> Option<EntryMeta> {
        let own = |at| EntryRef::new(&self.chain, Seq(at));
        let doc_ref = match usual.about {
            About::Nothing | About::New => None,
            About::Back(back) => Some(own(seq.0.checked_sub(back)?)),
            About::Elsewhere => Some(self.references.code(coder, seq, elsewhere)?),
        };
        let created = (usual.about == About::New).then(|| own(seq.0));
        let doc = created
            .or(doc_ref)
            .map_or(DocId::NONE, |it| journal::doc_id(self.chain.hub, &it));
        self.quality = parts.quality;
        self.hlc = parts.hlc;
        self.author = parts.author;
        self.session = parts.session;
        Some(EntryMeta {
            seq,
            kind: if usual.is_fact {
                EntryKind::Fact
            } else {
                EntryKind::Change
            },
            quality: parts.quality,
            hlc: parts.hlc,
            doc,
            doc_ref,
            schema: usual.schema,
            author: parts.author,
            session: parts.session,
        })
    }

    fn parts<C: Coder>(
        &mut self,
        coder: &mut C,
        is_start: bool,
        given: Option<Parts>,
    ) -> Option<Parts> {
        let want = given.unwrap_or(Parts {
            quality: self.quality,
            hlc: 0,
            author: 0,
            session: 0,
        });
        let models = &mut self.models;
        let mut quality = self.quality;
        if !coder.bit(&mut models.is_same_quality, want.quality == quality) {
            let number = QUALITIES.iter().position(|it| *it == want.quality)?;
            let number = coder.uniform(5, u64::try_from(number).ok()?);
            quality = *QUALITIES.get(usize::try_from(number).ok()?)?;
        }
        let hlc = models.hlc(coder, self.hlc, is_start, want.hlc);
        let mut author = self.author;
        if !coder.bit(&mut models.is_same_author, want.author == author) {
            author = u32::try_from(models.author.code(coder, u64::from(want.author))).ok()?;
        }
        let next = self.session.wrapping_add(1);
        let kind = match want.session {
            0 => 0,
            it if it == next => 1,
            _ => 2,
        };
        let session = match models.session.code(coder, kind) {
            0 => 0,
            1 => next,
            _ => {
                let back = models.session_back.code(coder, u64::from(want.session));
                u32::try_from(back).ok()?
            }
        };
        Some(Parts {
            quality,
            hlc,
            author,
            session,
        })
    }
}

/// What may differ from entry to entry of one kind.
#[derive(Clone, Copy)]
struct Parts {
    quality: ClockQuality,
    hlc: u64,
    author: u32,
    session: u32,
}

impl Parts {
    fn of(meta: &EntryMeta) -> Self {
        Self {
            quality: meta.quality,
            hlc: meta.hlc,
            author: meta.author,
            session: meta.session,
        }
    }
}

impl Models {
    fn new() -> Self {
        Self {
            is_fact: Prob::EVEN,
            about: Tree::weighted(2, &[1; 4], 1),
            back: Number::around(4),
            schema: Number::around(5),
            is_same_quality: Prob::new(63_000, 6),
            is_tick: [Prob::new(1 << 13, 1), Prob::EVEN],
            is_earlier: Prob::new(1 << 10, 3),
            millis: Number::around(17),
            counter: Number::around(0),
            is_same_author: Prob::new(60_000, 3),
            author: Number::around(4),
            session: Tree::weighted(2, &[64, 32, 4], 2),
            session_back: Number::around(3),
        }
    }

    fn usual<C: Coder>(&mut self, coder: &mut C, given: Option<Usual>) -> Option<Usual> {
        let given = given.unwrap_or(Usual {
            is_fact: false,
            schema: 0,
            about: About::Nothing,
        });
        let is_fact = coder.bit(&mut self.is_fact, given.is_fact);
        let schema = self.schema.code(coder, u64::from(given.schema));
        let (about, back) = match given.about {
            About::Nothing => (0, 0),
            About::New => (1, 0),
            About::Back(back) => (2, back),
            About::Elsewhere => (3, 0),
        };
        let about = match self.about.code(coder, about) {
            0 => About::Nothing,
            1 => About::New,
            2 => {
                let back = self.back.code(coder, u64::from(back));
                About::Back(u32::try_from(back).ok()?)
            }
            _ => About::Elsewhere,
        };
        Some(Usual {
            is_fact,
            schema: u16::try_from(schema).ok()?,
            about,
        })
    }

    /// The clock: one tick on, or milliseconds from the one before and a counter.
    fn hlc<C: Coder>(&mut self, coder: &mut C, before: u64, is_start: bool, want: u64) -> u64 {
        let tick = before.wrapping_add(1);
        let [later, first] = &mut self.is_tick;
        let prob = if is_start { first } else { later };
        if coder.bit(prob, want == tick) {
            return tick;
        }
        let (old, new) = (before >> COUNTER_BITS, want >> COUNTER_BITS);
        let is_earlier = coder.bit(&mut self.is_earlier, new < old);
        let gap = self.millis.code(coder, new.abs_diff(old));
        let millis = if is_earlier {
            old.wrapping_sub(gap)
        } else {
            old.wrapping_add(gap)
        };
        // In the same millisecond the counter is one of the neighbours.
        let base = if gap == 0 { before & COUNTER_MASK } else { 0 };
        let counter = (want & COUNTER_MASK).wrapping_sub(base) & COUNTER_MASK;
        let is_below = counter > COUNTER_MASK / 2;
        let folded = if is_below {
            ((COUNTER_MASK + 1 - counter) << 1) - 1
        } else {
            counter << 1
        };
        let folded = self.counter.code(coder, folded);
        let counter = if folded & 1 == 1 {
            (COUNTER_MASK + 1).wrapping_sub((folded >> 1) + 1)
        } else {
            folded >> 1
        };
        millis << COUNTER_BITS | base.wrapping_add(counter) & COUNTER_MASK
    }
}

fn usual(chain: &ChainId, meta: &EntryMeta) -> Usual {
    let about = match meta.doc_ref {
        None if meta.creates_document() => About::New,
        None => About::Nothing,
        Some(of) if of == EntryRef::new(chain, of.seq) && of.seq <= meta.seq => {
            About::Back(meta.seq.0.saturating_sub(of.seq.0))
        }
        Some(_) => About::Elsewhere,
    };
    Usual {
        is_fact: meta.kind == EntryKind::Fact,
        schema: meta.schema,
        about,
    }
}
