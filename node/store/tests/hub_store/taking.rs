//! Frames offered to any store: repeated, overlapping, early, forked, closed, damaged; what is
//! refused changes no row.

use node_core::command::Command;
use node_core::revocation::{Closing, Mode};
use node_core::role::{Principal, Role, RoleGrant};
use node_core::turn::{Acceptance, Committed, Turn};
use node_store::{HubStore, SqliteStore};
use sync_core::Seq;
use sync_core::refusal::RefusalCode;

use crate::subject::Subject;
use crate::world::{WORKER_A, administrator, at, command, config, frames, grant, own, register};

pub(crate) async fn check_the_same_frame_twice(subject: &impl Subject) {
    let (chain, frame) = subject.three().await;
    let Acceptance::Accepted {
        entries: 12,
        receipt: Some(receipt),
    } = subject.offer(frame.clone()).await
    else {
        panic!("not accepted")
    };
    let rows = subject.rows().await;
    for _ in 0..3 {
        let known = Acceptance::Known {
            receipt: Some(receipt.clone()),
        };
        assert_eq!(subject.offer(frame.clone()).await, known);
    }
    assert_eq!(subject.rows().await, rows);
    assert_eq!(subject.head(&chain).await.unwrap().0, Seq(12));
    let taken = subject.world().a.commit(Turn::Receipt(receipt), at(101));
    assert_eq!(taken.await.unwrap(), Committed::Done);
}

pub(crate) async fn check_overlapping_frames(subject: &impl Subject) {
    let (chain, first) = subject.three().await;
    subject.offer(first).await;
    register(&subject.world().a, WORKER_A, 9, 11).await;
    let overlapping = subject.frame_after(chain, Seq(5)).await;
    let Acceptance::Accepted { entries: 4, .. } = subject.offer(overlapping).await else {
        panic!("not the four new ones")
    };
    // A frame inside of what is known says nothing new, and its receipt covers the head.
    let whole = subject.frame_after(chain, Seq(0)).await;
    assert!(matches!(
        subject.offer(whole).await,
        Acceptance::Known { receipt: Some(_) }
    ));
    let node = crate::world::frontier(&subject.world().a).await;
    let node = node.into_iter().find(|head| head.chain == chain).unwrap();
    assert_eq!(subject.head(&chain).await, Some((node.seq, node.hash)));
}

pub(crate) async fn check_a_gap(subject: &impl Subject) {
    let (chain, first) = subject.three().await;
    let rows = subject.rows().await;
    let later = subject.frame_after(chain, Seq(4)).await;
    assert_eq!(subject.refusal(later.clone()).await, RefusalCode::Gap);
    assert_eq!(subject.rows().await, rows);
    subject.offer(first).await;
    assert!(matches!(
        subject.offer(later).await,
        Acceptance::Known { .. }
    ));
}

/// A copy of node a that goes on by itself with the same life: the card was cloned.
fn twin(subject: &impl Subject) -> SqliteStore {
    let (world, folder) = (subject.world(), subject.folder());
    let clone = folder.join("clone");
    std::fs::create_dir(&clone).unwrap();
    world.a.backup(&clone, &clone).unwrap();
    let mut config = config(&world.programmes, folder, "clone");
    config.folder = clone;
    SqliteStore::open(config).unwrap()
}

pub(crate) async fn check_a_fork(subject: &impl Subject) {
    let (chain, first) = subject.three().await;
    subject.offer(first).await;
    let twin = twin(subject);
    register(&subject.world().a, WORKER_A, 20, 30).await;
    register(&twin, WORKER_A, 21, 30).await;
    subject
        .offer(subject.frame_after(chain, Seq(12)).await)
        .await;
    register(&twin, WORKER_A, 22, 31).await;
    // At the same place, and behind the head of the branch that was taken.
    for after in [Seq(12), Seq(16)] {
        is_a_fork(subject, frames(&twin, chain, after).await.remove(0)).await;
    }
}

async fn is_a_fork(subject: &impl Subject, frame: Vec<u8>) {
    let before = (subject.rows().await, subject.heads().await);
    assert_eq!(subject.refusal(frame).await, RefusalCode::Forked);
    assert_eq!((subject.rows().await, subject.heads().await), before);
}

/// Bytes of the header: what stands before the signature is checked needs none.
fn altered(frame: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut frame = frame.to_vec();
    frame[at..at + bytes.len()].copy_from_slice(bytes);
    frame
}

pub(crate) async fn check_closed_and_outside(mut subject: impl Subject) {
    let (chain, frame) = subject.three().await;
    outside(&subject, &frame).await;
    let closing = Closing {
        node: own(&subject.world().a).await.node,
        mode: Mode::Stop,
        reason: "lost".to_owned(),
    };
    close(&subject.world().hub, closing).await;
    subject.refresh().await;
    assert_eq!(subject.refusal(frame).await, RefusalCode::Revoked);
    assert_eq!(subject.head(&chain).await, None);
}

async fn outside(subject: &impl Subject, frame: &[u8]) {
    let rows = subject.rows().await;
    for (at, bytes, code) in [
        (0, &[9][..], RefusalCode::Version),
        (2, &[9; 4], RefusalCode::Network),
        (6, &[0, 0, 3, 9], RefusalCode::Certificate),
        (10, &[9; 8], RefusalCode::Certificate),
        (18, &[0, 0, 9, 3], RefusalCode::Scope),
        (36, &[0; 32], RefusalCode::Signature),
    ] {
        let refused = subject.refusal(altered(frame, at, bytes)).await;
        assert_eq!(refused, code, "byte {at}");
    }
    let long = vec![1; 300_000];
    assert_eq!(subject.refusal(long).await, RefusalCode::TooLarge);
    assert_eq!(subject.rows().await, rows);
}

/// An officer closes a node.
async fn close(hub: &SqliteStore, closing: Closing) {
    let office = RoleGrant {
        role: Role::Officer,
        ..grant("+254700000003")
    };
    let order = Command::GrantRole(office);
    command(hub, &administrator(), order, 40).await.unwrap();
    let officer = Principal {
        role: Role::Officer,
        author: 3,
        ..administrator()
    };
    hub.revoke(officer, closing, at(50)).await.unwrap().unwrap();
}

pub(crate) async fn check_damaged_frames(subject: &impl Subject) {
    let (chain, frame) = subject.three().await;
    let rows = subject.rows().await;
    for n in 0..96_usize {
        let mut bytes = frame.clone();
        let place = n.wrapping_mul(2_654_435_761) % frame.len();
        match n % 3 {
            0 => bytes[place] ^= 1 << (n % 8),
            1 => bytes.truncate(place),
            _ => bytes.insert(place, 0),
        }
        let refused = subject.offer(bytes).await;
        assert!(
            matches!(refused, Acceptance::Refused { .. }),
            "{n}: {refused:?}"
        );
    }
    assert_eq!(subject.rows().await, rows);
    assert_eq!(subject.head(&chain).await, None);
    // The control: the undamaged frame does change rows.
    subject.offer(frame).await;
    assert_ne!(subject.rows().await, rows);
}
