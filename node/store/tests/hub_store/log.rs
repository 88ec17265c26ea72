//! The read log on a store: an auditor's own area and that of nobody, what was told as a bulk read,
//! places that go on where a page ended, and the same after the views were derived once more.

use node_core::command::Command;
use node_core::office::log::{Kind, LogFilter, LogPage, LogQuestion};
use node_core::query::{Answer, Query};
use node_core::read::{Class, RecordName};
use node_core::role::{Principal, Role};
use node_store::{HubStore, SqliteStore};
use sync_core::{EntryRef, Scope};

use crate::district::{District, KIBO};
use crate::office::{in_role, staff};
use crate::world::{at, command};

const OFFICER: &str = "+254700000009";

async fn page(hub: &SqliteStore, asked: LogQuestion) -> LogPage {
    match hub.query(Query::Log(asked)).await.unwrap() {
        Answer::Log(Some(page)) => *page,
        other => panic!("no page: {other:?}"),
    }
}

fn all(area: Scope) -> LogQuestion {
    LogQuestion {
        area,
        filter: LogFilter::default(),
        before: None,
        limit: 10,
        at: at(9_000).at,
    }
}

fn person(seq: u32) -> EntryRef {
    EntryRef {
        origin: sync_core::NodeId(1),
        epoch: sync_core::Epoch(1),
        scope: KIBO,
        seq: sync_core::Seq(seq),
    }
}

fn note(seqs: std::ops::Range<u32>, class: Class) -> Command {
    Command::NoteReads {
        persons: seqs.map(person).collect(),
        class,
        reason: "a reason".to_owned(),
    }
}

/// Other areas' reads are none of an auditor's, served registries are every auditor's.
#[tokio::test]
async fn an_auditor_sees_the_own_area_and_that_of_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let hub = &District::open(folder.path()).await.hub;
    let officer = in_role(Role::Officer, staff(hub, OFFICER, Role::Officer).await);
    command(hub, &officer, note(0..3, Class::Console), 1_000)
        .await
        .unwrap();
    let served = Command::NoteRecords {
        client: "eREG/GOV/1/office".to_owned(),
        operation: "read".to_owned(),
        records: vec![RecordName {
            registry: "births".to_owned(),
            version: "1".to_owned(),
            id: "7".to_owned(),
        }],
    };
    let port = Principal::system(Scope(8), "en");
    command(hub, &port, served, 1_100).await.unwrap();
    let own = page(hub, all(KIBO)).await;
    let seen: Vec<_> = own
        .lines
        .iter()
        .map(|line| (line.class, line.count))
        .collect();
    assert_eq!(seen, [(Class::Registry, 1), (Class::Console, 3)]);
    assert!(
        own.lines
            .iter()
            .all(|line| line.reason != "a reason" || line.name.is_some())
    );
    let other = page(hub, all(Scope(4_000))).await;
    let seen: Vec<_> = other.lines.iter().map(|line| line.class).collect();
    assert_eq!(seen, [Class::Registry], "an area without a read");
}

#[tokio::test]
async fn many_reads_in_an_hour_are_bulk_and_places_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let hub = &District::open(folder.path()).await.hub;
    let officer = in_role(Role::Officer, staff(hub, OFFICER, Role::Officer).await);
    // 50 within an hour are not many; the 51st is. The first lie more than an hour back.
    for (seqs, second) in [(0..40, 100), (0..25, 3_800), (0..25, 4_000)] {
        command(hub, &officer, note(seqs, Class::Review), second)
            .await
            .unwrap();
    }
    assert_eq!(page(hub, all(KIBO)).await.bulk, []);
    command(hub, &officer, note(0..1, Class::Console), 4_100)
        .await
        .unwrap();
    let whole = page(hub, all(KIBO)).await;
    let counts: Vec<u64> = whole.bulk.iter().map(|bulk| bulk.count).collect();
    assert_eq!((counts, whole.bulk[0].at), (vec![51], at(4_100).at));
    let mut bulk = all(KIBO);
    bulk.filter.kind = Kind::Bulk;
    let bulk = page(hub, bulk).await;
    assert_eq!((bulk.bulk, bulk.lines.len()), (whole.bulk, 0));
    let (mut places, mut asked) = (Vec::new(), all(KIBO));
    asked.limit = 1;
    loop {
        let part = page(hub, asked.clone()).await;
        places.extend(part.lines.iter().map(|line| line.place));
        asked.before = part.next;
        if part.next.is_none() {
            break;
        }
    }
    let lines: Vec<_> = whole.lines.iter().map(|line| line.place).collect();
    assert_eq!((places.len(), places), (4, lines));
    let report = hub.check(true).unwrap();
    assert_eq!(report.defects, 0);
}
