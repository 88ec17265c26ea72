//! How many entries a second a replica takes, with everything durable: in batches, one registration
//! at a time, and when all of it comes again. Printed; the numbers hold for this machine.

use std::sync::Arc;
use std::time::Instant;

use node_store::postgres::migrate;
use sync_core::Seq;

use crate::cluster::{Cluster, Database};
use crate::on_server::OnPostgres;
use crate::subject::Subject;
use crate::world::{WORKER_A, frames, register, registration_chain};

/// Registrations, of four entries each: two frames of about five hundred entries.
const REGISTRATIONS: u32 = 250;

async fn fresh(cluster: &Arc<Cluster>) -> Database {
    let database = Database::of(Arc::clone(cluster));
    migrate(&database.owner()).await.unwrap();
    database
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
async fn rate(subject: &OnPostgres, what: &str, frames: &[Vec<u8>]) -> u128 {
    let began = Instant::now();
    for frame in frames {
        subject.offer(frame.clone()).await;
    }
    let entries = u128::from(REGISTRATIONS * 4);
    let rate = entries * 1_000_000 / began.elapsed().as_micros();
    println!("postgres: {rate} entries/s {what}");
    rate
}

#[tokio::test]
async fn a_batch_is_taken_faster_than_one_at_a_time() {
    let cluster = Arc::new(Cluster::start(""));
    let subject = OnPostgres::on(fresh(&cluster).await).await;
    let mut single = Vec::new();
    let mut last = Seq(0);
    for n in 0..REGISTRATIONS {
        register(&subject.world.a, WORKER_A, n, 10 + i64::from(n)).await;
        let chain = registration_chain(&subject.world.a).await;
        single.push(subject.frame_after(chain, last).await);
        last = Seq(last.0 + 4);
    }
    let chain = registration_chain(&subject.world.a).await;
    let batch = frames(&subject.world.a, chain, Seq(0)).await;
    assert!(batch.len() < 4, "{} frames", batch.len());
    let slow = rate(&subject, "one registration a frame", &single).await;
    rate(&subject, "of a batch that is known", &batch).await;
    let rows = subject.rows().await;
    let other = subject.same_on(fresh(&cluster).await).await;
    let fast = rate(&other, "in batches of 500 and more", &batch).await;
    let count =
        |rows: &[(String, i64)], table: &str| rows.iter().find(|row| row.0 == table).unwrap().1;
    for table in ["entry", "body", "seed", "chain"] {
        assert_eq!(
            count(&rows, table),
            count(&other.rows().await, table),
            "{table}"
        );
    }
    assert!(fast > slow, "{fast} in a batch, {slow} one at a time");
}
