//! What a replica's login may not do, and what a reader of the whole database does not learn.

use sync_core::Seq;

use crate::cluster::REPLICA;
use crate::on_server::OnPostgres;
use crate::subject::Subject;

#[tokio::test]
async fn a_replica_may_add_to_the_journal_and_never_change_or_delete() {
    let subject = OnPostgres::start().await;
    let (_, frame) = subject.three().await;
    subject.offer(frame).await;
    let replica = subject.database.client(REPLICA).await;
    for sql in [
        "UPDATE entry SET hlc = 0",
        "DELETE FROM entry",
        "TRUNCATE entry",
        "UPDATE entry_0 SET hlc = 0",
        "SELECT * FROM entry_0",
        "DROP TABLE entry",
        "ALTER TABLE entry ADD extra integer",
        "UPDATE body SET sealed = ''",
        "DELETE FROM body",
        "UPDATE data_key SET wrapped = ''",
        "DELETE FROM data_key",
        "UPDATE seed SET wrapped = ''",
        "UPDATE salt SET wrapped = ''",
        "DELETE FROM erased",
        "DELETE FROM chain",
        "DELETE FROM receipt",
        "DELETE FROM certificate",
        "INSERT INTO format VALUES (99)",
        "CREATE TABLE other (n integer)",
        "SET ROLE owner",
    ] {
        let refused = replica.batch_execute(sql).await.unwrap_err();
        let told = refused.as_db_error().unwrap().message().to_owned();
        let denied = ["permission denied", "must be owner"];
        assert!(
            denied.iter().any(|word| told.contains(word)),
            "{sql}: {told}"
        );
    }
    // The control: the owner may, and the check finds what was changed.
    let (_, findings) = subject.store().check().await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    let owner = subject.database.admin().await;
    owner
        .batch_execute("UPDATE entry SET author = author + 1 WHERE seq = 5")
        .await
        .unwrap();
    let (_, findings) = subject.store().check().await.unwrap();
    assert!(!findings.is_empty(), "a changed entry was not seen");
}

/// Every value of every table as text; bytes as hexadecimal digits.
async fn dump(subject: &OnPostgres) -> String {
    let client = subject.database.admin().await;
    let mut all = String::new();
    for (table, _) in subject.rows().await {
        let sql = format!("SELECT t::text FROM {table} t");
        for row in client.query(&sql, &[]).await.unwrap() {
            all.push_str(row.get(0));
            all.push('\n');
        }
    }
    all
}

fn hex(text: &str) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap();
    text.bytes()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[tokio::test]
async fn nothing_personal_stands_in_the_database_in_clear() {
    let subject = OnPostgres::start().await;
    let (_, frame) = subject.three().await;
    subject.offer(frame).await;
    subject.plan().await;
    let dump = dump(&subject).await;
    for word in [
        "Mwangi",
        "Asha",
        "Juma",
        "ID000001",
        "+254711000001",
        "kibo",
    ] {
        assert!(!dump.contains(word) && !dump.contains(&hex(word)), "{word}");
    }
    // The control: what is not sealed is found by the same search.
    assert!(dump.contains("registries"));
    assert!(dump.contains(&hex("test")), "the realm's name");
    // And it opens with the keys: every body fits what its entry commits to.
    let (entries, findings) = subject.store().check().await.unwrap();
    assert!(findings.is_empty() && entries >= 12, "{findings:?}");
}

#[tokio::test]
async fn nothing_of_an_erased_person_is_kept_when_it_arrives_again() {
    let subject = OnPostgres::start().await;
    let (chain, frame) = subject.three().await;
    subject.offer(frame).await;
    let client = subject.database.admin().await;
    let count = async |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table} WHERE origin = $1 AND scope = $2");
        let (origin, scope) = (i64::from(chain.origin.0), i64::from(chain.scope.0));
        let row = client.query_one(&sql, &[&origin, &scope]).await.unwrap();
        row.get(0)
    };
    assert_eq!((count("body").await, count("seed").await), (12, 1));
    // The next mother is erased here before her entries come.
    crate::world::register(&subject.world.a, crate::world::WORKER_A, 7, 20).await;
    let mother = sync_core::EntryRef::new(&chain, Seq(13));
    let doc = sync_core::journal::doc_id(chain.hub, &mother);
    let erased = "INSERT INTO erased (doc) VALUES ($1)";
    client.execute(erased, &[&doc.0.as_slice()]).await.unwrap();
    subject
        .offer(subject.frame_after(chain, Seq(12)).await)
        .await;
    assert_eq!(subject.head(&chain).await.unwrap().0, Seq(16));
    let of_mother = "SELECT count(*) FROM entry WHERE doc = $1";
    let row = client
        .query_one(of_mother, &[&doc.0.as_slice()])
        .await
        .unwrap();
    let of_mother: i64 = row.get(0);
    assert!(of_mother > 0);
    // Her bodies are not kept; the seed that could try guesses of them is gone, the others' salts stay.
    assert_eq!(count("body").await, 16 - of_mother);
    assert_eq!(
        (count("seed").await, count("salt").await),
        (0, 16 - of_mother)
    );
    let (_, findings) = subject.store().check().await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
}
