//! Questions about pairs use an index, and nothing of a pair is left when one of its two people is
//! erased, whatever comes later.
//!
//! How pairs are found, asked about and decided is shown by `tests/hub_store/duplicate.rs`.

use jiff::Timestamp;
use node_core::duplicate::weight::Band;
use node_core::identity::pair;
use node_core::matching::MatchRow;
use rusqlite::params;
use sync_core::{EntryRef, Scope, Seq};

use super::*;
use crate::migrate::tests::check_index;
use crate::sqlite::SqliteStore;
use crate::world::{AREA, WORKER_A, at, phone, register, registrations, sqlite};

#[test]
fn questions_use_an_index() {
    for sql in [EDGES, IS_DISTINCT, BY_NUMBER, OF_PERSON] {
        check_index(sql);
    }
}

fn row(number: u32, pair: Pair) -> MatchRow {
    MatchRow {
        number,
        pair,
        band: Band::Review,
        reasons: Vec::new(),
        hints: ["8630".to_owned(), "0937".to_owned()],
        workers: [(Scope(0x100), 1), (Scope(0x100), 2)],
        words: Vec::new(),
        since: Timestamp::UNIX_EPOCH,
        decided: None,
    }
}

/// Keeps a row, an edge and a distinction of a pair.
fn keep(tx: &Tx<'_>, number: u32, pair: Pair) -> Result<(), StoreError> {
    tx.put_match(&row(number, pair))?;
    let addition = EntryRef {
        seq: Seq(number),
        ..pair[0]
    };
    tx.put_edge(&addition, pair, false)?;
    tx.put_distinct(pair)
}

/// Rows, edges and distinctions that name a person.
fn naming(tx: &Tx<'_>, person: &EntryRef) -> Result<[i64; 3], StoreError> {
    let mut counts = [0; 3];
    for (count, table) in counts.iter_mut().zip(["match", "edge", "distinct_pair"]) {
        let sql = format!("SELECT count(*) FROM {table} WHERE one = ?1 OR other = ?1");
        let name = name_bytes(person);
        *count = tx.db.query_row(&sql, params![name], |row| row.get(0))?;
    }
    Ok(counts)
}

async fn people(store: &SqliteStore) -> Vec<EntryRef> {
    for n in 1..=2 {
        register(store, WORKER_A, n, i64::from(n) * 10).await;
    }
    let rows = registrations(store).await;
    let people = rows.iter().map(|row| row.registration.mother);
    let mut people: Vec<EntryRef> = people.collect();
    people.push(rows[0].registration.child);
    people
}

#[tokio::test]
async fn nothing_is_kept_of_a_pair_of_which_one_is_erased() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let people = people(&world.a).await;
    let (erased, kept, third) = (people[0], people[1], people[2]);
    let work = move |tx: &mut Tx<'_>| {
        keep(tx, 901, pair(erased, kept))?;
        keep(tx, 902, pair(kept, third))?;
        let before = naming(tx, &erased)?;
        tx.erase_person(&erased)?;
        let after = naming(tx, &erased)?;
        keep(tx, 903, pair(third, erased))?;
        Ok((before, after, naming(tx, &erased)?, naming(tx, &kept)?))
    };
    let (before, after, later, other) = world.a.write(at(40), work).await.unwrap();
    assert_eq!(before, [1, 1, 1], "the control: something was there");
    assert_eq!((after, later), ([0; 3], [0; 3]));
    assert_eq!(other, [1, 1, 1], "the pair of others stays");
}

#[tokio::test]
async fn a_search_finds_people_of_the_own_area_alone() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    register(&world.a, WORKER_A, 1, 10).await;
    let question = Question {
        phone: Some(phone(1)),
        ..Question::default()
    };
    let found = async |area| {
        let question = question.clone();
        let read = world
            .a
            .read(move |tx| Ok(tx.fitting(&question, area)?.unwrap_or_default().len()));
        read.await.unwrap()
    };
    assert_eq!(found(AREA).await, 1, "the control");
    assert_eq!(found(Scope(64)).await, 0);
}

/// Whom a number leads to in a search.
async fn numbered(store: &SqliteStore, area: Scope, second: i64) -> Vec<EntryRef> {
    let question = Question {
        number: Some("OLD-1".to_owned()),
        ..Question::default()
    };
    let work = move |tx: &mut Tx<'_>| {
        let rows = tx.fitting(&question, area)?.unwrap_or_default();
        Ok(rows.into_iter().map(|row| row.document).collect())
    };
    store.write(at(second), work).await.unwrap()
}

#[tokio::test]
async fn nobody_whose_registration_was_taken_back_is_found_under_another_number() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    register(&world.a, WORKER_A, 1, 10).await;
    let row = registrations(&world.a).await.remove(0);
    let mother = row.registration.mother;
    let area = mother.scope.area();
    let alias = move |tx: &mut Tx<'_>| tx.put_alias(&mother, "OLD-1");
    world.a.write(at(20), alias).await.unwrap();
    assert_eq!(numbered(&world.a, area, 30).await, [mother], "the control");
    let back = move |tx: &mut Tx<'_>| tx.void_entry(&row.id);
    world.a.write(at(40), back).await.unwrap();
    assert!(numbered(&world.a, area, 50).await.is_empty());
}
