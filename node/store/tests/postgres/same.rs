//! The same answer on both: what SQLite refuses, PostgreSQL refuses with the same code and words.

use node_core::command::{Command, SubjectName};
use node_core::person::Field;
use node_core::query::{Answer, Query};
use node_core::turn::Acceptance;
use node_store::{Accepting, HubStore};
use sync_core::Seq;
use sync_core::refusal::RefusalCode;

use crate::on_server::OnPostgres;
use crate::subject::Subject;
use crate::world::{
    WORKER_A, at, command, fields, frontier, own, register, registration_chain, worker,
};

/// Damaged frames that both are asked about.
const DAMAGED: usize = 400;

#[tokio::test]
async fn four_hundred_damaged_frames_are_refused_alike() {
    let subject = OnPostgres::start().await;
    let (chain, frame) = subject.three().await;
    register(&subject.world.a, WORKER_A, 9, 11).await;
    let early = subject.frame_after(chain, Seq(9)).await;
    let mut codes = std::collections::BTreeSet::new();
    for n in 0..DAMAGED {
        let mut bytes = if n % 5 == 0 {
            early.clone()
        } else {
            frame.clone()
        };
        // Every second one in the header, where each byte has a check of its own.
        let place = n.wrapping_mul(2_654_435_761) % if n % 2 == 0 { 78 } else { bytes.len() };
        match n % 7 {
            0 => bytes.truncate(place),
            1 => bytes.insert(place, 0),
            2 if n % 5 == 0 => {}
            _ => bytes[place] ^= 1 << (n % 8),
        }
        let ours = subject.offer(bytes.clone()).await;
        let theirs = subject.world.hub.accept(bytes, at(100)).await.unwrap();
        assert_eq!(ours, theirs, "frame {n}");
        let Acceptance::Refused { code, .. } = ours else {
            panic!("frame {n} was taken")
        };
        codes.insert(RefusalCode::parse(code).unwrap());
    }
    assert!(codes.len() >= 7, "only {codes:?}");
    assert!(codes.contains(&RefusalCode::Gap), "{codes:?}");
}

#[tokio::test]
async fn packed_registrations_are_taken_and_packed_edits_are_asked_for_raw() {
    let subject = OnPostgres::start().await;
    let mut numbers = Vec::new();
    for n in 0..3 {
        let done = register(&subject.world.a, WORKER_A, n, 10).await;
        numbers.push(done.values["mother_number"].clone());
    }
    let chain = registration_chain(&subject.world.a).await;
    let packed = async |after| {
        let query = Query::Frames {
            chain,
            after,
            bytes_max: 1 << 20,
            packed: true,
        };
        match subject.world.a.query(query).await.unwrap() {
            Answer::Frames(mut frames) => frames.remove(0),
            other => panic!("not frames: {other:?}"),
        }
    };
    let registrations = packed(Seq(0)).await;
    let ours = subject.offer(registrations.clone()).await;
    assert!(
        matches!(ours, Acceptance::Accepted { entries: 12, .. }),
        "{ours:?}"
    );
    let edit = Command::UpdatePerson {
        subject: SubjectName::Number(numbers.remove(0)),
        fields: fields(&[(Field::Village, "moto")]),
    };
    command(&subject.world.a, &worker(WORKER_A, 1), edit, 20)
        .await
        .unwrap();
    assert_eq!(
        subject.refusal(packed(Seq(12)).await).await,
        RefusalCode::Rebuild
    );
    let raw = subject.frame_after(chain, Seq(12)).await;
    assert!(matches!(
        subject.offer(raw).await,
        Acceptance::Accepted { .. }
    ));
}

#[tokio::test]
async fn the_hubs_own_chains_are_taken_over_and_go_on_behind_their_heads() {
    let subject = OnPostgres::start().await;
    let hub = own(&subject.world.hub).await.node;
    let mut before = 0;
    for head in frontier(&subject.world.hub).await {
        if head.chain.origin == hub {
            let here = subject.head(&head.chain).await;
            assert_eq!(here, Some((head.seq, head.hash)), "{:?}", head.chain);
            before += head.seq.0;
        }
    }
    assert!(before > 0);
    let (_, frame) = subject.three().await;
    subject.offer(frame).await;
    subject.plan().await;
    let heads = subject.heads().await.into_iter();
    let own: u32 = heads
        .filter(|head| head.0.origin == hub)
        .map(|head| head.1.0)
        .sum();
    assert_eq!(own, before + 3, "one planned effect each");
    let (_, findings) = subject.store().check().await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
}
