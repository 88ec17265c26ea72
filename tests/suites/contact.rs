//! Contacts of enrolled nodes with their hub, by the driver that every link uses, over turns in
//! memory: a closed node is turned away and told, a certificate is renewed in the answer.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use node::clock::Clock;
use node::roles::hub::{self, FIRST_AREA};
use node_core::query::{Answer, Query};
use node_core::revocation::Mode;
use node_store::{HubStore, SqliteStore};
use sync_core::certificate::{self, NodeCertificate};
use sync_core::refusal::RefusalCode;
use sync_core::session::Finish;
use tempfile::TempDir;
use tests::contact::{self, contact, own};
use tests::district::{self, OFFICER};
use tests::office;

fn day(days: i64) -> Clock {
    let at: Timestamp = "2026-03-14T10:00:00Z".parse().expect("a time");
    district::clock(at + SignedDuration::from_hours(24 * days))
}

/// A node of the hub's one area, enrolled.
async fn node(hub: &SqliteStore, folder: &Path, name: &str) -> SqliteStore {
    contact::node(hub, (folder, name), FIRST_AREA, day(0)).await
}

async fn registered(store: &SqliteStore) -> usize {
    match store.query(Query::Registrations { limit: 10 }).await {
        Ok(Answer::Registrations(rows)) => rows.len(),
        other => panic!("no registrations: {other:?}"),
    }
}

async fn list(store: &SqliteStore) -> Option<Vec<u8>> {
    match store.query(Query::Revocations).await {
        Ok(Answer::Bytes(list)) => list,
        other => panic!("no list: {other:?}"),
    }
}

async fn own_certificate(store: &SqliteStore) -> NodeCertificate {
    let key = store.realm().await.expect("a realm").authority;
    let bytes = own(store).await.certificate.expect("a certificate");
    certificate::verify(&bytes, &key).expect("certified")
}

#[tokio::test]
async fn a_closed_node_is_turned_away_and_told_and_goes_on_capturing() {
    let folder = TempDir::new().expect("a folder");
    let hub = district::founded(folder.path(), day(0)).await;
    let (kibo, moto) = (
        node(&hub, folder.path(), "kibo").await,
        node(&hub, folder.path(), "moto").await,
    );
    for store in [&kibo, &moto] {
        assert_eq!(contact(store, &hub, day(0)).await, Finish::Done);
    }
    let register = async |store: &SqliteStore| {
        let done = district::works(store, day(1), 1, office::family()).await;
        done.expect("a registration");
    };
    register(&kibo).await;
    let by = channels_core::Msisdn::parse(OFFICER.0).expect("a number");
    let what = ("kibo", Mode::Stop, "stolen");
    assert_eq!(
        hub::close(&hub, day(1), what, &by).await.expect("closed"),
        1
    );
    let refused = Finish::Refused(RefusalCode::Revoked);
    for _ in 0..2 {
        assert_eq!(contact(&kibo, &hub, day(2)).await, refused);
    }
    assert_eq!(registered(&hub).await, 0, "nothing of it was taken");
    assert!(list(&kibo).await.is_some(), "it knows");
    assert_eq!(contact(&moto, &hub, day(2)).await, Finish::Done);
    assert_eq!(list(&moto).await, list(&hub).await, "and so do the others");
    // Capture never stops for lack of contact, and the other node is the control.
    register(&kibo).await;
    register(&moto).await;
    assert_eq!(contact(&moto, &hub, day(3)).await, Finish::Done);
    assert_eq!((registered(&kibo).await, registered(&hub).await), (2, 1));
}

#[tokio::test]
async fn a_certificate_is_renewed_in_the_answer_also_when_it_is_over() {
    let folder = TempDir::new().expect("a folder");
    let hub = district::founded(folder.path(), day(0)).await;
    let kibo = node(&hub, folder.path(), "kibo").await;
    let mut last = own_certificate(&kibo).await;
    // Not yet due; due; long over.
    for (days, renewed) in [(100, false), (250, true), (251, false), (1_500, true)] {
        assert_eq!(
            contact(&kibo, &hub, day(days)).await,
            Finish::Done,
            "{days}"
        );
        let now = own_certificate(&kibo).await;
        assert_eq!(now.not_after > last.not_after, renewed, "{days}");
        assert_eq!((now.key, now.epoch), (last.key, last.epoch));
        last = now;
    }
}
