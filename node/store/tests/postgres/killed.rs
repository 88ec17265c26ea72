//! SY20: a connection dies at any statement; no acknowledged frame is lost and nothing happens twice.

use std::sync::Arc;

use node_core::contact::Moment;
use node_core::schema;
use node_core::turn::{Acceptance, Claim, ClaimKind, EffectOutcome, Finish};
use node_store::postgres::{PostgresStore, Server};
use node_store::{Accepting, Outbox, SqliteStore, StoreError};
use sync_core::receipt::{self, Receipt};
use sync_core::{ChainId, Seq};

use crate::cluster::REPLICA;
use crate::on_server::{OnPostgres, effect};
use crate::proxy::{self, Kill, Plan};
use crate::subject::{Head, Subject};
use crate::world::{WORKER_A, at, register, registration_chain};

/// Statements among which a kill is drawn; a function sends about 20, and more on a fresh connection.
const STATEMENTS: i64 = 24;
/// Kills in the run: before and after each of these statements.
const KILLS: i64 = 2 * STATEMENTS;
/// Offers of one frame until it is taken.
const TRIES: usize = 6;

/// A hub whose replica reaches its server over a socket that can be killed.
struct Killed {
    subject: OnPostgres,
    store: PostgresStore,
    plan: Arc<Plan>,
    _folder: tempfile::TempDir,
}

async fn killed() -> Killed {
    let subject = OnPostgres::start().await;
    let folder = tempfile::tempdir().unwrap();
    let admin = subject.database.admin().await;
    let plan = proxy::start(folder.path(), subject.database.socket_file(), admin);
    let parameters = subject.database.parameters_at(folder.path(), REPLICA);
    let server = Server::new(&parameters, None).unwrap();
    let store = subject.replica(&server).await;
    Killed {
        subject,
        store,
        plan,
        _folder: folder,
    }
}

/// The nth kill: which statement, and whether before it or after it.
fn drawn(n: i64) -> (i64, Kill) {
    let kill = if (n + n / STATEMENTS) % 2 == 0 {
        Kill::Before
    } else {
        Kill::After
    };
    (1 + n.wrapping_mul(7_919) % STATEMENTS, kill)
}

/// What a receipt promises.
fn promised(bytes: &[u8], receipt_key: &[u8; 32]) -> Receipt {
    receipt::verify(bytes, receipt_key).unwrap()
}

/// Promises that the database does not keep.
fn lost(promises: &[Receipt], heads: &[Head], hashes: &[(Seq, Vec<u8>)]) -> Vec<Seq> {
    let head = |chain: &ChainId| heads.iter().find(|head| head.0 == *chain);
    let kept = |promise: &&Receipt| {
        let here = head(&promise.chain).is_some_and(|head| head.1 >= promise.up_to);
        here && hashes
            .iter()
            .any(|(seq, hash)| *seq == promise.up_to && *hash == promise.hash)
    };
    let promises = promises.iter();
    promises
        .filter(|promise| !kept(promise))
        .map(|promise| promise.up_to)
        .collect()
}

async fn hashes(subject: &OnPostgres, chain: &ChainId) -> Vec<(Seq, Vec<u8>)> {
    let client = subject.database.admin().await;
    let sql = "SELECT seq, hash FROM entry WHERE origin = $1 AND scope = $2 ORDER BY seq";
    let (origin, scope) = (i64::from(chain.origin.0), i64::from(chain.scope.0));
    let rows = client.query(sql, &[&origin, &scope]).await.unwrap();
    let hash = |row: &tokio_postgres::Row| {
        let seq = u32::try_from(row.get::<_, i64>(0)).unwrap();
        (Seq(seq), row.get(1))
    };
    rows.iter().map(hash).collect()
}

/// Offers a frame until the store takes it, as a node would, and gives its receipt.
async fn offered(store: &impl Accepting, frame: &[u8], now: Moment) -> Vec<u8> {
    for _ in 0..TRIES {
        match store.accept(frame.to_vec(), now).await {
            Ok(
                Acceptance::Accepted {
                    receipt: Some(receipt),
                    ..
                }
                | Acceptance::Known {
                    receipt: Some(receipt),
                },
            ) => return receipt,
            Ok(other) => panic!("not taken: {other:?}"),
            Err(StoreError::Busy(_)) => {}
            Err(error) => panic!("not an outage: {error}"),
        }
    }
    panic!("never taken")
}

#[expect(clippy::print_stdout, reason = "how much was tried is printed")]
fn say(kills: u32) {
    println!("postgres: {KILLS} frames under {kills} killed connections, 0 lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_dies_at_any_statement_loses_no_acknowledged_frame() {
    let Killed {
        subject,
        store,
        plan,
        _folder,
    } = killed().await;
    let key = subject.world.hub.realm().await.unwrap().receipt_key;
    register(&subject.world.a, WORKER_A, 0, 10).await;
    let chain = registration_chain(&subject.world.a).await;
    let (mut promises, mut last) = (Vec::new(), Seq(0));
    for n in 0..KILLS {
        let second = 100 + n;
        register(
            &subject.world.a,
            WORKER_A,
            1 + u32::try_from(n).unwrap(),
            second,
        )
        .await;
        let frame = subject.frame_after(chain, last).await;
        let (nth, kill) = drawn(n);
        plan.arm(nth, kill);
        let receipt = offered(&store, &frame, at(second)).await;
        plan.disarm();
        // Whatever came between: the same frame has the same receipt now.
        assert_eq!(offered(&store, &frame, at(second + 1)).await, receipt);
        let promise = promised(&receipt, &key);
        last = promise.up_to;
        promises.push(promise);
        let hashes = hashes(&subject, &chain).await;
        assert_eq!(lost(&promises, &subject.heads().await, &hashes), []);
    }
    let kills = plan.kills();
    say(kills);
    assert!(i64::from(kills) * 2 > KILLS, "only {kills} kills");
    let (entries, findings) = store.check().await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    let of_node = u64::from(last.0);
    assert!(
        entries > of_node,
        "{entries} entries, {of_node} of the node"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_dies_at_any_statement_has_no_second_effect() {
    let Killed {
        subject,
        store,
        plan,
        _folder,
    } = killed().await;
    let count = 12_usize;
    for n in 0..count {
        register(&subject.world.a, WORKER_A, u32::try_from(n).unwrap(), 10).await;
    }
    let chain = registration_chain(&subject.world.a).await;
    subject
        .offer(subject.frame_after(chain, Seq(0)).await)
        .await;
    let registrations = subject.entries_of(schema::REGISTRATION_SUBMITTED).await;
    let mut n = 0;
    let mut arm = || {
        n += 1;
        let (nth, kill) = drawn(n);
        plan.arm(nth % 16 + 1, kill);
    };
    for registration in &registrations {
        arm();
        while let Err(error) = store.plan(effect(*registration), at(100)).await {
            assert!(matches!(error, StoreError::Busy(_)), "{error}");
        }
    }
    let mut second = 130;
    while subject.states().await.iter().any(|row| row.1 < 3) {
        arm();
        let kind = ClaimKind::Effects {
            upstream: "registries".to_owned(),
        };
        let claims = store.claim(kind, 2, at(second)).await.unwrap_or_default();
        for claim in claims {
            let Claim::Effect { request_id, .. } = claim else {
                panic!("not an effect")
            };
            let finish = Finish::Effect {
                outcome: EffectOutcome::Accepted {
                    registry_id: format!("r-{request_id}"),
                },
                request_id,
            };
            arm();
            while let Err(error) = store.finish(finish.clone(), at(second)).await {
                assert!(matches!(error, StoreError::Busy(_)), "{error}");
            }
        }
        second += 61;
    }
    plan.disarm();
    assert!(plan.kills() > 12, "only {} kills", plan.kills());
    for told in [schema::EFFECT_PLANNED, schema::REGISTRY_ACCEPTED] {
        let own = subject.entries_of(told).await;
        assert_eq!(own.len(), count, "schema {told}");
    }
    let (_, findings) = store.check().await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
}

/// The wrong store: it answers from another one that is quicker, and saves soon.
#[derive(Clone)]
struct EarlyAck {
    shadow: SqliteStore,
    real: PostgresStore,
}

impl Accepting for EarlyAck {
    async fn accept(&self, frame: Vec<u8>, now: Moment) -> Result<Acceptance, StoreError> {
        let answer = self.shadow.accept(frame.clone(), now).await?;
        let saved = self.real.accept(frame, now).await;
        drop(saved);
        Ok(answer)
    }
}

/// The control: the same judge finds what a store lost that acknowledges before COMMIT.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_acknowledges_before_commit_is_caught() {
    let Killed {
        subject,
        store,
        plan,
        _folder,
    } = killed().await;
    let wrong = EarlyAck {
        shadow: subject.world.hub.clone(),
        real: store,
    };
    let key = subject.world.hub.realm().await.unwrap().receipt_key;
    register(&subject.world.a, WORKER_A, 0, 10).await;
    let chain = registration_chain(&subject.world.a).await;
    let (mut promises, mut last) = (Vec::new(), Seq(0));
    for n in 0..8 {
        register(&subject.world.a, WORKER_A, 1 + n, 100 + i64::from(n)).await;
        let frame = subject.frame_after(chain, last).await;
        plan.arm(3 + i64::from(n), Kill::Before);
        let receipt = offered(&wrong, &frame, at(200)).await;
        plan.disarm();
        let promise = promised(&receipt, &key);
        last = promise.up_to;
        promises.push(promise);
    }
    let hashes = hashes(&subject, &chain).await;
    let lost = lost(&promises, &subject.heads().await, &hashes);
    assert!(!lost.is_empty(), "the judge saw nothing missing");
}
