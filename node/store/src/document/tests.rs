//! Edits made apart: parked until what they build on arrives, merged, shown as conflict.

use node_core::command::Write;
use node_core::person::{Field, PersonFields};
use node_core::schema;
use node_core::turn::{Acceptance, Committed, Turn};
use node_core::view::PersonRow;
use sync_core::{EntryRef, Lane, Seq};

use crate::engine::Starts;
use crate::epoch::failed;
use crate::sqlite::SqliteStore;
use crate::world::{
    AREA, WORKER_A, at, frames, own, push, register, registration_chain, registrations, sqlite,
};
use crate::{Accepting, HubStore, StoreError};

const PARKED: &str = "SELECT count(*) FROM parked";

/// Edits the village of a document, as a rule of ours would.
async fn edit(store: &SqliteStore, document: EntryRef, village: &str, second: i64) {
    let mut fields = PersonFields::default();
    fields.set(Field::Village, village);
    store
        .write(at(second), move |tx| {
            let write = Write::EditDocument {
                document,
                schema: schema::PERSON,
                fields,
            };
            let happened = tx.write(write, 0, &mut Starts::new()).map_err(failed)?;
            tx.settle(happened.into_iter().collect(), &mut Vec::new())
                .map_err(failed)
        })
        .await
        .unwrap();
}

async fn person(store: &SqliteStore, document: EntryRef) -> Option<PersonRow> {
    store.read(move |tx| tx.person(&document)).await.unwrap()
}

async fn parked(store: &SqliteStore) -> i64 {
    let count = |tx: &mut crate::tx::Tx<'_>| -> Result<i64, StoreError> {
        Ok(tx.db.query_row(PARKED, [], |row| row.get(0))?)
    };
    store.read(count).await.unwrap()
}

fn village(row: Option<&PersonRow>) -> Option<&str> {
    row.and_then(|row| row.fields.get(Field::Village))
}

#[tokio::test]
async fn an_edit_that_comes_before_its_document_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    register(&world.a, WORKER_A, 1, 10).await;
    push(&world.a, &world.hub, 20).await;
    let mother = registrations(&world.hub).await[0].registration.mother;
    edit(&world.hub, mother, "moto", 21).await;
    edit(&world.hub, mother, "kisima", 22).await;
    push(&world.hub, &world.b, 30).await;
    assert_eq!(parked(&world.b).await, 2);
    assert_eq!(person(&world.b, mother).await, None);

    let certificate = own(&world.a).await.certificate.unwrap();
    let done = world
        .b
        .commit(Turn::Certificate(certificate), at(31))
        .await
        .unwrap();
    assert_eq!(done, Committed::Done);
    let chain = registration_chain(&world.a).await;
    for frame in frames(&world.a, chain, Seq(0)).await {
        let taken = world.b.accept(frame, at(32)).await.unwrap();
        assert!(
            matches!(taken, Acceptance::Accepted { entries: 4, .. }),
            "{taken:?}"
        );
    }
    assert_eq!(parked(&world.b).await, 0);
    assert_eq!(
        village(person(&world.b, mother).await.as_ref()),
        Some("kisima")
    );
    let report = world.b.check(true).unwrap();
    assert!(report.is_sound(), "{report}");
}

#[tokio::test]
async fn edits_made_apart_converge_and_show_both_values() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    register(&world.a, WORKER_A, 1, 10).await;
    push(&world.a, &world.hub, 20).await;
    let mother = registrations(&world.hub).await[0].registration.mother;
    edit(&world.hub, mother, "moto", 21).await;
    edit(&world.a, mother, "kisima", 21).await;
    push(&world.a, &world.hub, 30).await;
    push(&world.hub, &world.a, 30).await;
    let (here, there) = (
        person(&world.a, mother).await,
        person(&world.hub, mother).await,
    );
    assert_eq!(here, there);
    assert_eq!(here.unwrap().conflicts, [Field::Village]);
    edit(&world.hub, mother, "moto", 40).await;
    push(&world.hub, &world.a, 41).await;
    let decided = person(&world.a, mother).await.unwrap();
    assert_eq!(decided.conflicts, []);
    assert_eq!(village(Some(&decided)), Some("moto"));
}

#[tokio::test]
async fn edits_of_a_person_whom_a_hub_registered_converge_too() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    // A caller of the hub's own short code: the document is the hub's, the node only edits it.
    register(&world.hub, WORKER_A, 1, 10).await;
    push(&world.hub, &world.a, 11).await;
    let mother = registrations(&world.a).await[0].registration.mother;
    assert_eq!(mother.origin, own(&world.hub).await.node);
    edit(&world.hub, mother, "moto", 20).await;
    edit(&world.a, mother, "kisima", 21).await;
    assert_ne!(
        person(&world.a, mother).await,
        person(&world.hub, mother).await
    );
    push(&world.hub, &world.a, 30).await;
    push(&world.a, &world.hub, 30).await;
    let here = person(&world.a, mother).await;
    assert_eq!(here, person(&world.hub, mother).await);
    assert_eq!(here.unwrap().conflicts, [Field::Village]);
    for store in [&world.a, &world.hub] {
        let report = store.check(true).unwrap();
        assert!(report.is_sound(), "{report}");
    }
}

#[tokio::test]
async fn a_chain_is_cut_into_frames_within_their_limits() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let scope = AREA.with_lane(Lane::Audit);
    world
        .a
        .write(at(10), move |tx| {
            for n in 0..40 {
                let fact = node_core::fact::Fact::RecordsRead(node_core::read::ReadNote {
                    persons: Vec::new(),
                    class: node_core::read::Class::Export,
                    reader: node_core::read::Reader::Caller,
                    place: String::new(),
                    application: format!("{n:06000}"),
                    reason: String::new(),
                    records: Vec::new(),
                });
                let write = Write::Fact {
                    scope,
                    schema: schema::of(&fact),
                    about: None,
                    fact,
                };
                tx.write(write, 0, &mut Starts::new()).map_err(failed)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let head = crate::world::frontier(&world.a)
        .await
        .into_iter()
        .find(|head| head.chain.scope == scope)
        .unwrap();
    let all = frames(&world.a, head.chain, Seq(0)).await;
    assert!(all.len() >= 4, "{} frames", all.len());
    let mut entries = 0;
    for frame in all {
        assert!(frame.len() <= 64 * 1024);
        let Acceptance::Accepted { entries: new, .. } =
            world.hub.accept(frame, at(20)).await.unwrap()
        else {
            panic!("refused")
        };
        entries += new;
    }
    assert_eq!(entries, 40);
}
