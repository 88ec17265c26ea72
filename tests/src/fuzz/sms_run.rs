//! Short runs of the SMS link and changes of the revocation list: what is left out is put together
//! from what a receiver holds, and only what was signed comes of it.

use ring::signature::{Ed25519KeyPair, KeyPair};
use sync_core::frame::{self, Packing};
use sync_core::id::{ChainId, Epoch, HubId, NodeId, Scope, Seq};
use sync_core::journal::{self, BlockSeed};
use sync_core::pack::EmptyShelf;
use sync_core::refusal::RefusalCode;
use sync_core::revocation::{self, ListChange, Revocation, RevocationList, RevocationMode};
use sync_core::sms::run::{Known, ShortRun, is_short};

use super::Reached;

/// What a run or a change turns out to be.
pub(super) const REACHES: &[&str] = &[
    "version",
    "malformed",
    "a whole frame's run",
    "does not fit",
    "a frame",
    "no change",
    "another list",
    "a change",
    "a list",
];

/// Feeds octets to one of the forms.
pub(super) fn run(form: u8, octets: &[u8], reached: &mut Reached) {
    match form {
        0 => short(octets, reached),
        1 => change(octets, reached),
        _ => {}
    }
}

/// Who signs.
pub(super) fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key")
}

/// The chain of all runs.
pub(super) fn chain() -> ChainId {
    ChainId {
        hub: HubId([1, 2, 3, 4]),
        origin: NodeId(7),
        epoch: Epoch::new(1, 5),
        scope: Scope(0x103),
    }
}

pub(super) fn seeds() -> [BlockSeed; 1] {
    [(0, [3; 16])]
}

/// What the receiver holds: nothing of the chain yet.
pub(super) fn known(seeds: &[BlockSeed]) -> Known<'_> {
    let key = key();
    let public = key.public_key().as_ref().first_chunk();
    Known {
        chain: chain(),
        scope_index: 0,
        first: Seq(1),
        previous: journal::genesis(&chain()),
        hlc: 0,
        seeds,
        key: *public.expect("32 bytes"),
    }
}

pub(super) fn packing() -> Packing<'static> {
    Packing {
        sets: &[],
        shelf: &EmptyShelf,
    }
}

fn short(octets: &[u8], reached: &mut Reached) {
    let run = match ShortRun::read(octets) {
        Ok(run) => run,
        Err(refusal) if refusal.code == RefusalCode::Version => {
            let is_known = is_short(octets) && octets[0] & 0b0010_0000 == 0;
            assert!(!is_known, "a layout is known and is not");
            reached.insert("version");
            return;
        }
        Err(_) => {
            reached.insert("malformed");
            return;
        }
    };
    assert_eq!(run.encode(), octets, "a run has two encodings");
    for head in [0, 300, u32::MAX] {
        if let Some(first) = run.first(Seq(head)) {
            assert!(first.0 > 0 && first.0 - 1 <= head, "beyond the next entry");
            assert!(run.needed(first).len() <= 17, "more blocks than a run has");
        }
    }
    reached.insert("a whole frame's run");
    let seeds = seeds();
    match run.whole(&known(&seeds), &packing()) {
        Ok(frame) => {
            let header = frame::header(&frame).expect("a frame");
            assert_eq!(header.chain(), chain(), "a frame of another chain");
            reached.insert("a frame");
        }
        Err(refusal) => {
            assert_eq!(refusal.code, RefusalCode::Rebuild);
            reached.insert("does not fit");
        }
    }
}

/// Two closed lives; the list of number 1 has the first one.
pub(super) fn list(number: u32) -> RevocationList {
    let closed = |node| Revocation {
        node: NodeId(node),
        epoch: Epoch::new(1, 0),
        mode: RevocationMode::Stop,
        last: vec![(Scope(19), Seq(4))],
    };
    RevocationList {
        number,
        entries: (1..=number).map(closed).collect(),
    }
}

fn change(octets: &[u8], reached: &mut Reached) {
    let Some(change) = ListChange::decode(octets) else {
        reached.insert("no change");
        return;
    };
    assert_eq!(change.encode(), octets, "a change has two encodings");
    reached.insert("a change");
    let Some(bytes) = change.apply(&list(1)) else {
        reached.insert("another list");
        return;
    };
    let key = key();
    let public = key.public_key().as_ref().first_chunk();
    if let Ok(list) = revocation::verify(&bytes, public.expect("32 bytes")) {
        assert_eq!(list.number, change.number());
        reached.insert("a list");
    }
}
