//! Short runs: the same frame comes out, or nothing; sizes; golden bytes; what does not fit.

use ring::signature::{Ed25519KeyPair, KeyPair};

use super::*;
use crate::entry::Entry;
use crate::frame::bare::seal_bare;
use crate::frame::{self, SealInput, seal};
use crate::golden::{check, unhex};
use crate::id::Scope;
use crate::pack::tests::{Dice, Journal, TestShelf, lease, set};
use crate::pack::{EmptyShelf, PackSet, Shelf};
use crate::sms::key::Root;

const RUN: &str = include_str!("../../../../../tests/golden/sms/run-v1.hex");
const WHOLE: &str = include_str!("../../../../../tests/golden/sms/run-whole-v1.hex");

/// An origin with a journal, what its hub holds of it, and the set of both.
struct Node {
    key: Ed25519KeyPair,
    journal: Journal,
    set: PackSet,
    root: Root,
}

impl Node {
    fn new() -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let mut journal = Journal::new();
        journal.actor = journal::actor(&public(&key), journal.chain.epoch);
        Self {
            key,
            journal,
            set: set(),
            root: Root::new([0x11; 32]),
        }
    }

    fn with(registrations: usize, seed: u64) -> Self {
        let (mut node, mut dice, lease) = (Self::new(), Dice(seed), lease());
        for _ in 0..registrations {
            node.journal.register(&mut dice, &lease);
        }
        node
    }

    fn chain(&self) -> ChainId {
        self.journal.chain
    }

    fn derived(&self) -> Vec<BlockSeed> {
        let ChainId { epoch, scope, .. } = self.chain();
        let derive = |block| journal::derive_seed(self.root.bytes(), epoch, scope, block);
        (0..40).map(|block| (block, derive(block))).collect()
    }

    fn entries(&self, after: u32) -> &[Entry] {
        &self.journal.entries[usize::try_from(after).unwrap()..]
    }

    /// Chain hash after an entry.
    fn hash(&self, after: u32) -> [u8; 32] {
        let seeds = self.derived();
        let mut hash = journal::genesis(&self.chain());
        for entry in self.journal.entries.iter().take(after.try_into().unwrap()) {
            let seq = entry.meta.seq;
            let seed = seeds[usize::try_from(journal::block(seq)).unwrap()].1;
            let body = journal::commitment(&journal::salt(&seed, seq), &entry.body);
            hash = journal::link(&hash, &entry.meta, &body);
        }
        hash
    }

    fn known<'a>(&self, after: u32, seeds: &'a [BlockSeed]) -> Known<'a> {
        let mut entries = self.journal.entries.iter();
        let before = entries.find(|entry| entry.meta.seq.0 == after);
        Known {
            chain: self.chain(),
            scope_index: 3,
            first: Seq(after + 1),
            previous: self.hash(after),
            hlc: before.map_or(0, |entry| entry.meta.hlc),
            seeds,
            key: public(&self.key),
        }
    }

    fn frame(&self, after: u32, shelf: &dyn Shelf) -> Vec<u8> {
        let sets = [&self.set];
        let packing = Packing { sets: &sets, shelf };
        let input = SealInput {
            chain: self.chain(),
            previous: self.hash(after),
            seeds: &self.derived(),
            entries: self.entries(after),
        };
        let sealed = seal_bare((&self.key).into(), &input, &packing).unwrap();
        sealed.expect("registrations pack")
    }

    fn short(&self, after: u32, seeds: &[BlockSeed], shelf: &dyn Shelf) -> Option<Vec<u8>> {
        let sets = [&self.set];
        let packing = Packing { sets: &sets, shelf };
        shorten(
            &self.frame(after, shelf),
            &self.known(after, seeds),
            &packing,
        )
    }

    fn rebuilt(&self, run: &[u8], known: &Known<'_>) -> Result<Vec<u8>, RefusalCode> {
        let sets = [&self.set];
        let packing = Packing {
            sets: &sets,
            shelf: &EmptyShelf,
        };
        let whole = ShortRun::read(run).and_then(|run| run.whole(known, &packing));
        whole.map_err(|refusal| refusal.code)
    }
}

fn public(key: &Ed25519KeyPair) -> [u8; 32] {
    key.public_key().as_ref().try_into().unwrap()
}

#[test]
fn a_short_run_is_the_signed_frame_again_and_its_head_has_eight_octets() {
    let node = Node::with(12, 1);
    let seeds = node.derived();
    for after in [0, 4, 44] {
        let shelf = node.journal.before(after + 1);
        let frame = node.frame(after, &shelf);
        let run = node.short(after, &seeds, &shelf).unwrap();
        let blocks = journal::block(Seq(48)) - journal::block(Seq(after + 1)) + 1;
        let around = frame::HEADER_BYTES + 17 * usize::try_from(blocks).unwrap();
        let head = run.len() - (frame.len() - around);
        // The first run of a chain names its time since 1970, a long one its count and counter.
        assert!(head <= if after == 0 { 11 } else { 9 }, "{head} octets");
        assert!(after < 44 || head <= 7, "{head} octets for one");
        let known = node.known(after, &seeds);
        assert_eq!(node.rebuilt(&run, &known), Ok(frame));
        assert!(is_short(&run));
    }
    let frame = node.frame(0, &EmptyShelf);
    assert!(!is_short(&frame), "a whole frame is none");
}

#[test]
fn a_run_of_sixteen_sms_carries_48_registrations_and_one_fits_one_sms_with_its_lease() {
    let node = Node::with(48, 1);
    let run = node.short(0, &node.derived(), &EmptyShelf).unwrap();
    assert!(run.len() <= 16 * 105, "{} octets", run.len());
    for seed in 0..16 {
        let (node, lease) = (Node::with(1, seed), lease());
        let mut shelf = TestShelf::default();
        shelf.lease = lease;
        let run = node.short(0, &node.derived(), &shelf).unwrap();
        assert!(run.len() <= 107, "{} octets", run.len());
        let run = node.short(0, &node.derived(), &EmptyShelf).unwrap();
        assert!(run.len() <= 2 * 105, "{} octets", run.len());
    }
}

#[test]
fn a_seed_that_the_receiver_lacks_is_sent() {
    let node = Node::with(20, 2);
    let derived = node.derived();
    let known: Vec<_> = derived.iter().copied().filter(|it| it.0 != 1).collect();
    let all = node.short(0, &derived, &EmptyShelf).unwrap();
    let run = node.short(0, &known, &EmptyShelf).unwrap();
    assert_eq!(run.len(), all.len() + 2 + 16);
    let read = ShortRun::read(&run).unwrap();
    assert_eq!(read.needed(Seq(1)), [0]);
    assert_eq!(ShortRun::read(&all).unwrap().needed(Seq(1)), [0, 1]);
    let frame = node.frame(0, &EmptyShelf);
    assert_eq!(node.rebuilt(&run, &node.known(0, &known)), Ok(frame));
}

#[test]
fn what_does_not_fit_is_refused_as_rebuild() {
    let node = Node::with(3, 3);
    let seeds = node.derived();
    let run = node.short(4, &seeds, &node.journal.before(5)).unwrap();
    let known = node.known(4, &seeds);
    assert!(node.rebuilt(&run, &known).is_ok(), "the control");
    let mut random = seeds.clone();
    random[0].1 = [9; 16];
    let scope = Scope(known.chain.scope.0 + 8);
    let chain = ChainId {
        scope,
        ..known.chain
    };
    let others = [
        Known {
            previous: [1; 32],
            ..known
        },
        Known {
            hlc: known.hlc + (1 << 16),
            ..known
        },
        Known {
            first: Seq(6),
            ..known
        },
        Known {
            key: [5; 32],
            ..known
        },
        Known {
            seeds: &random,
            ..known
        },
        Known {
            seeds: &[],
            ..known
        },
        Known { chain, ..known },
        Known {
            hlc: u64::MAX,
            ..known
        },
    ];
    for other in others {
        assert_eq!(node.rebuilt(&run, &other), Err(RefusalCode::Rebuild));
    }
    let without = Packing {
        sets: &[],
        shelf: &EmptyShelf,
    };
    let read = ShortRun::read(&run).unwrap();
    let code = read.whole(&known, &without).map_err(|refusal| refusal.code);
    assert_eq!(code, Err(RefusalCode::Rebuild));
}

#[test]
fn no_flipped_bit_and_no_cut_gives_a_frame() {
    let node = Node::with(2, 4);
    let seeds = node.derived();
    let run = node.short(0, &seeds, &EmptyShelf).unwrap();
    let known = node.known(0, &seeds);
    for bit in 0..run.len() * 8 {
        let mut flipped = run.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let read = node.rebuilt(&flipped, &known);
        // These two only say which chain and place are meant, and that is asked before.
        if bit / 8 == 1 || bit / 8 == 2 {
            assert_ne!(
                ShortRun::read(&flipped).unwrap(),
                ShortRun::read(&run).unwrap()
            );
        } else {
            assert!(read.is_err(), "bit {bit}");
        }
    }
    for end in 0..run.len() {
        assert!(node.rebuilt(&run[..end], &known).is_err(), "{end} octets");
    }
}

#[test]
fn the_first_entry_is_the_nearest_that_does_not_lie_beyond_the_next() {
    let first = |low: u8, head: u32| {
        let node = Node::with(1, 5);
        let mut run = node.short(0, &node.derived(), &EmptyShelf).unwrap();
        run[2] = low;
        ShortRun::read(&run).unwrap().first(Seq(head))
    };
    assert_eq!(first(1, 0), Some(Seq(1)));
    assert_eq!(first(0x2c, 299), Some(Seq(300)));
    assert_eq!(first(0x2b, 299), Some(Seq(299)));
    assert_eq!(first(0x2d, 299), Some(Seq(45)));
    assert_eq!(first(2, 0), None);
    assert_eq!(first(0, 100), None);
    assert_eq!(first(0, u32::MAX), None);
}

#[test]
fn a_run_has_one_encoding_and_other_layouts_are_refused_as_version() {
    let node = Node::with(1, 6);
    let seeds = node.derived();
    let run = node.short(0, &seeds, &EmptyShelf).unwrap();
    let read = ShortRun::read(&run).unwrap();
    assert_eq!(read.encode(), run);
    let code = |run: &[u8]| ShortRun::read(run).map_err(|refusal| refusal.code);
    for form in [0x00, 0x01, 0x40, 0xc0, 0xff] {
        let other = [&[form], &run[1..]].concat();
        assert_eq!(code(&other), Err(RefusalCode::Version), "{form:x}");
    }
    let none_listed = ShortRun {
        listed: Some(vec![None]),
        ..read.clone()
    };
    // Four entries in one turn: count and counter stand in the form, the clock has six octets.
    assert_eq!(run[0], MARK | 4);
    let counter_follows = [&[MARK | COUNTER_FOLLOWS | 4], &run[1..9], &[3], &run[9..]].concat();
    let count_follows = [&[MARK], &run[1..3], &[4], &run[3..]].concat();
    let nothing = [&[MARK], &run[1..3], &[0], &run[3..]].concat();
    for run in [
        none_listed.encode(),
        counter_follows,
        count_follows,
        nothing,
    ] {
        assert_eq!(code(&run), Err(RefusalCode::Malformed));
    }
}

#[test]
fn a_clock_that_counted_far_within_a_millisecond_comes_through() {
    let mut node = Node::new();
    let (mut dice, lease) = (Dice(7), lease());
    for _ in 0..8 {
        node.journal.register(&mut dice, &lease);
    }
    for (entry, counter) in node.journal.entries.iter_mut().zip(0..) {
        entry.meta.hlc = (1_790_000_000_000 << 16) + 700 + counter;
    }
    let seeds = node.derived();
    let run = node.short(0, &seeds, &EmptyShelf).unwrap();
    assert_eq!(run[0], MARK | COUNTER_FOLLOWS);
    let frame = node.frame(0, &EmptyShelf);
    assert_eq!(node.rebuilt(&run, &node.known(0, &seeds)), Ok(frame));
}

#[test]
fn what_is_not_packed_has_no_short_form() {
    let node = Node::with(1, 8);
    let seeds = node.derived();
    let input = SealInput {
        chain: node.chain(),
        previous: node.hash(0),
        seeds: &seeds,
        entries: node.entries(0),
    };
    let raw = seal((&node.key).into(), &input).unwrap();
    let packing = Packing {
        sets: &[&node.set],
        shelf: &EmptyShelf,
    };
    assert_eq!(shorten(&raw, &node.known(0, &seeds), &packing), None);
    // A set that the receiver does not hold: it would not get the frame back.
    let none = Packing {
        sets: &[],
        ..packing
    };
    let frame = node.frame(0, &EmptyShelf);
    assert_eq!(shorten(&frame, &node.known(0, &seeds), &none), None);
}

#[test]
fn who_holds_several_sets_names_the_one_that_is_meant() {
    let node = Node::with(1, 8);
    let (seeds, other) = (node.derived(), PackSet::default());
    let known = node.known(0, &seeds);
    let sets = [&other, &node.set];
    let both = Packing {
        sets: &sets,
        shelf: &EmptyShelf,
    };
    let frame = node.frame(0, &EmptyShelf);
    let run = shorten(&frame, &known, &both).unwrap();
    let one = node.short(0, &seeds, &EmptyShelf).unwrap();
    assert_eq!(run.len(), one.len() + 1);
    let whole = |run: &[u8]| ShortRun::read(run).unwrap().whole(&known, &both);
    assert_eq!(whole(&run), Ok(frame));
    assert_eq!(
        whole(&one).map_err(|refusal| refusal.code),
        Err(RefusalCode::Rebuild)
    );
}

#[test]
fn the_run_of_the_second_registration_is_the_golden_one() {
    let node = Node::with(2, 9);
    let seeds = node.derived();
    let shelf = node.journal.before(5);
    check(WHOLE, &node.frame(4, &shelf));
    check(RUN, &node.short(4, &seeds, &shelf).unwrap());
    let known = node.known(4, &seeds);
    assert_eq!(node.rebuilt(&unhex(RUN), &known), Ok(unhex(WHOLE)));
}
