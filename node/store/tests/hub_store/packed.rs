//! Packed frames: from one store to the other, in few bytes, with the same chain at both ends.

use node_core::query::{Answer, Query};
use node_core::turn::Acceptance;
use node_store::HubStore;
use sync_core::{ChainId, Seq, frame};

use crate::world::{
    WORKER_A, World, at, frames, frontier, register, registration_chain, registrations, sqlite,
};

/// Header, seed of one block with its mark, signature.
const FRAME_BYTES: usize = 78 + 17 + 64;

async fn packed<S: HubStore>(store: &S, chain: ChainId, after: Seq) -> Vec<u8> {
    let query = Query::Frames {
        chain,
        after,
        bytes_max: 1 << 20,
        packed: true,
    };
    match store.query(query).await.unwrap() {
        Answer::Frames(mut frames) => frames.remove(0),
        other => panic!("not frames: {other:?}"),
    }
}

#[tokio::test]
async fn registrations_travel_packed_and_are_the_same_at_the_hub() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    assert_eq!(travel(&world).await, [12, 0, 0, 4]);
    let chain = registration_chain(&world.a).await;
    assert_eq!(head(&world.a, chain).await, head(&world.hub, chain).await);
    assert_eq!(registrations(&world.hub).await.len(), 4);
}

/// New entries of each frame that the hub was offered.
async fn travel<S: HubStore>(world: &World<S>) -> Vec<u32> {
    for n in 0..3 {
        register(&world.a, WORKER_A, n, 10).await;
    }
    let chain = registration_chain(&world.a).await;
    let bytes = packed(&world.a, chain, Seq(0)).await;
    let raw = frames(&world.a, chain, Seq(0)).await.remove(0);
    check_sizes(&bytes, &raw);
    // Again, and raw: known both times, so the chain is the one of the raw entries.
    let mut taken = Vec::new();
    for (frame, second) in [(bytes.clone(), 100), (bytes, 101), (raw, 102)] {
        taken.push(offer(world, frame, second).await);
    }
    // A frame that begins inside what is known, with one registration more.
    register(&world.a, WORKER_A, 3, 200).await;
    let more = packed(&world.a, chain, Seq(8)).await;
    taken.push(offer(world, more, 300).await);
    taken
}

fn check_sizes(packed: &[u8], raw: &[u8]) {
    assert!(frame::header(packed).unwrap().is_packed());
    assert!(!frame::header(raw).unwrap().is_packed());
    let each = (packed.len() - FRAME_BYTES) / 3;
    assert!(each <= 45, "{each} bytes a registration");
    assert!(packed.len() * 2 < raw.len(), "{} packed", packed.len());
}

/// New entries that the hub took; 0 when it knew all of them.
async fn offer<S: HubStore>(world: &World<S>, frame: Vec<u8>, second: i64) -> u32 {
    match world.hub.accept(frame, at(second)).await.unwrap() {
        Acceptance::Accepted { entries, .. } => entries,
        Acceptance::Known { .. } => 0,
        Acceptance::Refused { reason, .. } => panic!("{reason}"),
    }
}

async fn head<S: HubStore>(store: &S, chain: ChainId) -> Option<(Seq, [u8; 32])> {
    let mut heads = frontier(store).await.into_iter();
    let found = heads.find(|head| head.chain == chain);
    found.map(|head| (head.seq, head.hash))
}
