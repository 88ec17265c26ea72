//! Opening a replica: a database that does not fit is refused with a reason and not changed.

use node_store::postgres::{PostgresStore, migrate};
use node_store::{HubStanding, StoreError};

use crate::cluster::Database;
use crate::on_server::{OnPostgres, replica_config};
use crate::subject::Subject;
use crate::world::{at, sqlite};

async fn refused(
    subject: &OnPostgres,
    database: &Database,
    standing: Option<HubStanding>,
) -> String {
    let config = replica_config(&subject.world, subject.folder());
    let standing = standing.map(|standing| (standing, at(7)));
    let server = database.replica();
    let opened = PostgresStore::open(config, &server, standing).await;
    match opened {
        Err(StoreError::Failed(reason)) => reason,
        Err(StoreError::Busy(reason)) => panic!("busy: {reason}"),
        Ok(store) => panic!("opened {store:?}"),
    }
}

#[tokio::test]
async fn a_database_that_does_not_fit_is_refused() {
    let subject = OnPostgres::start().await;
    let empty = Database::empty();
    let reason = refused(&subject, &empty, None).await;
    assert!(reason.contains("format"), "{reason}");
    migrate(&empty.owner()).await.unwrap();
    migrate(&empty.owner()).await.unwrap();
    let reason = refused(&subject, &empty, None).await;
    assert_eq!(reason, "the database has no hub yet");
    // Another hub, and a key file that is not this database's.
    let folder = tempfile::tempdir().unwrap();
    let other = sqlite(folder.path()).await;
    let rows = subject.rows().await;
    let standing = other.hub.standing().await.unwrap();
    let reason = refused(&subject, &subject.database, Some(standing)).await;
    assert_eq!(reason, "the database belongs to another hub");
    assert_eq!(subject.rows().await, rows);
    // A node has no standing to give.
    let node = other.a.standing().await.unwrap_err().to_string();
    assert!(node.contains("no founded hub"), "{node}");
    // A later release.
    let admin = empty.admin().await;
    admin
        .batch_execute("INSERT INTO format VALUES (99)")
        .await
        .unwrap();
    let reason = refused(&subject, &empty, None).await;
    assert_eq!(reason, "database is of a later release");
    let reason = migrate(&empty.owner()).await.unwrap_err().to_string();
    assert!(reason.contains("later release"), "{reason}");
    // A replica's login may not migrate.
    assert!(matches!(
        migrate(&Database::empty().replica()).await,
        Err(StoreError::Failed(_))
    ));
}

#[tokio::test]
async fn a_foreign_key_file_opens_nothing() {
    let subject = OnPostgres::start().await;
    let (_, frame) = subject.three().await;
    subject.offer(frame).await;
    let folder = tempfile::tempdir().unwrap();
    let other = sqlite(folder.path()).await;
    let config = replica_config(&other, folder.path());
    let server = subject.database.replica();
    let foreign = PostgresStore::open(config, &server, None);
    let foreign = foreign.await.unwrap();
    let error = foreign.check().await.unwrap_err().to_string();
    assert!(error.contains("does not open"), "{error}");
}
