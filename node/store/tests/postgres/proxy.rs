//! A socket between a replica and the server that kills the connection at a drawn statement: before
//! the server gets it, or after the server carried it out and before the replica hears so.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Notify;
use tokio_postgres::Client;

/// Where a connection is to die.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kill {
    /// The server never gets the statement.
    Before,
    /// The server carries it out; its answer is lost.
    After,
}

/// What is planned and what came of it.
pub(crate) struct Plan {
    /// Statements until the kill; below 1 none is planned.
    left: AtomicI64,
    after: AtomicBool,
    kills: AtomicU32,
    admin: Client,
}

impl Plan {
    /// Kills at the nth statement from now.
    pub(crate) fn arm(&self, nth: i64, kill: Kill) {
        self.after.store(kill == Kill::After, Ordering::SeqCst);
        self.left.store(nth, Ordering::SeqCst);
    }

    pub(crate) fn disarm(&self) {
        self.left.store(0, Ordering::SeqCst);
    }

    pub(crate) fn kills(&self) -> u32 {
        self.kills.load(Ordering::SeqCst)
    }

    /// Whether the statement that now leaves is the one.
    fn is_due(&self) -> bool {
        self.left.fetch_sub(1, Ordering::SeqCst) == 1
    }

    async fn terminate(&self, pid: i32) {
        self.kills.fetch_add(1, Ordering::SeqCst);
        let sql = "SELECT pg_terminate_backend($1)";
        self.admin.query(sql, &[&pid]).await.unwrap();
    }
}

/// One connection's state that both directions share.
#[derive(Default)]
struct Line {
    /// Process number of the server's side.
    pid: AtomicI64,
    /// What the server says now is not passed on; its next "ready" is the end.
    is_deaf: AtomicBool,
    end: Notify,
}

/// Listens in a folder of its own as the server would and passes on to it.
pub(crate) fn start(folder: &Path, server: PathBuf, admin: Client) -> Arc<Plan> {
    let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).unwrap();
    let plan = Arc::new(Plan {
        left: AtomicI64::new(0),
        after: AtomicBool::new(false),
        kills: AtomicU32::new(0),
        admin,
    });
    let shared = Arc::clone(&plan);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = UnixStream::connect(&server).await.unwrap();
            let (from, to) = (client.into_split(), server.into_split());
            let line = Arc::new(Line::default());
            let plan = Arc::clone(&shared);
            tokio::spawn(async move {
                let up = upwards(from.0, to.1, (&plan, &line));
                let down = downwards(to.0, from.1, &line);
                // A direction that ends takes the other with it: both sockets close.
                tokio::select! {
                    () = up => {},
                    () = down => {},
                    () = line.end.notified() => {},
                }
                if line.is_deaf.load(Ordering::SeqCst) {
                    plan.terminate(pid(&line)).await;
                }
            });
        }
    });
    plan
}

fn pid(line: &Line) -> i32 {
    i32::try_from(line.pid.load(Ordering::SeqCst)).unwrap()
}

/// One message: its type (none for the first of a client) and all its bytes.
async fn message(from: &mut OwnedReadHalf, is_typed: bool) -> Option<(u8, Vec<u8>)> {
    let mut bytes = Vec::new();
    if is_typed {
        bytes.push(from.read_u8().await.ok()?);
    }
    let length = from.read_u32().await.ok()?;
    bytes.extend(length.to_be_bytes());
    let mut body = vec![0; usize::try_from(length).ok()?.checked_sub(4)?];
    from.read_exact(&mut body).await.ok()?;
    let kind = if is_typed { bytes[0] } else { 0 };
    bytes.append(&mut body);
    Some((kind, bytes))
}

async fn upwards(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, (plan, line): (&Plan, &Line)) {
    let mut is_typed = false;
    while let Some((kind, bytes)) = message(&mut from, is_typed).await {
        is_typed = true;
        // Sync and Query: what stands before is carried out.
        if matches!(kind, b'S' | b'Q') && plan.is_due() {
            if plan.after.load(Ordering::SeqCst) {
                line.is_deaf.store(true, Ordering::SeqCst);
            } else {
                plan.terminate(pid(line)).await;
                return;
            }
        }
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

async fn downwards(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, line: &Line) {
    while let Some((kind, bytes)) = message(&mut from, true).await {
        if kind == b'K' {
            let pid = u32::from_be_bytes(bytes[5..9].try_into().unwrap());
            line.pid.store(i64::from(pid), Ordering::SeqCst);
        }
        if line.is_deaf.load(Ordering::SeqCst) {
            if kind == b'Z' {
                line.end.notify_one();
                // The other side is closed by the caller.
                std::future::pending::<()>().await;
            }
            continue;
        }
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
