//! Accepts connections and knows which binds exist.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::connection::{Common, Connection};
use super::{Deliver, SmscConfig, SmscError, SmscEvent};

/// Most connections at once; a further one is closed at once (ESMEs retry with back-off).
pub(super) const CONNECTIONS_MAX: usize = 64;

/// One delivery on its way to a bind.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) deliver: Deliver,
    pub(super) done: oneshot::Sender<Result<u32, SmscError>>,
}

#[derive(Debug)]
struct Bind {
    system_id: String,
    receiver: Option<mpsc::Sender<Request>>,
}

/// The binds that exist, by connection number.
#[derive(Debug, Default)]
pub(super) struct Registry {
    binds: Mutex<BTreeMap<u64, Bind>>,
}

impl Registry {
    /// A poisoned lock still holds a whole map: no code that holds it can stop half-way.
    fn binds(&self) -> MutexGuard<'_, BTreeMap<u64, Bind>> {
        self.binds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a bind; `receiver` where it takes deliveries.
    pub(super) fn insert(
        &self,
        connection: u64,
        system_id: String,
        receiver: Option<mpsc::Sender<Request>>,
    ) {
        self.binds().insert(
            connection,
            Bind {
                system_id,
                receiver,
            },
        );
    }

    /// Forgets a bind; `true` if there was one.
    pub(super) fn remove(&self, connection: u64) -> bool {
        self.binds().remove(&connection).is_some()
    }

    /// The newest receiving bind of an account.
    pub(super) fn receiver(&self, system_id: &str) -> Option<mpsc::Sender<Request>> {
        let binds = self.binds();
        binds
            .values()
            .rev()
            .filter(|bind| bind.system_id == system_id)
            .find_map(|bind| bind.receiver.clone())
    }

    /// Account names, one a bind.
    pub(super) fn bound(&self) -> Vec<String> {
        self.binds()
            .values()
            .map(|bind| bind.system_id.clone())
            .collect()
    }
}

/// Accepts until the last handle is gone; connections end with the returned `JoinSet`.
pub(super) async fn serve(
    listener: TcpListener,
    config: Arc<SmscConfig>,
    events: mpsc::Sender<SmscEvent>,
    registry: Arc<Registry>,
    mut ended: mpsc::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    let mut number: u64 = 0;
    loop {
        tokio::select! {
            // Cancel safe: nothing is ever sent, it only closes.
            _ = ended.recv() => break,
            // Cancel safe: a finished task stays in the set until it is taken.
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            // Cancel safe: a connection not yet accepted waits in the kernel.
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                if connections.len() >= CONNECTIONS_MAX {
                    tracing::warn!(smsc.connections = connections.len(), "refusing a connection");
                    continue;
                }
                number = number.saturating_add(1);
                let (config, registry) = (Arc::clone(&config), Arc::clone(&registry));
                let common = Common { config, events: events.clone(), registry };
                connections.spawn(Connection::serve(number, common, stream));
            }
        }
    }
    connections.shutdown().await;
}
