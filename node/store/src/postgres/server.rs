//! Where the server is and how it is reached: a bounded pool, TLS everywhere but on a Unix socket.

use core::fmt;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::hub_store::StoreError;

/// Connections of one replica; who needs one more waits, and hears "busy" after `WAIT_MAX`.
pub const CONNECTIONS_MAX: usize = 16;
/// How long a transaction waits for a connection of the pool, and a connection for the server.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// A database server and how to reach it.
#[derive(Clone)]
pub struct Server {
    config: Config,
    /// None only where every host is a Unix socket.
    tls: Option<rustls::ClientConfig>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({:?})", self.config.get_hosts())
    }
}

impl Server {
    /// Reads connection parameters as libpq writes them: `host=… user=… dbname=…`, or a URL.
    ///
    /// # Errors
    /// [`StoreError::Failed`] where they cannot be read, or name a host of a network without `tls`.
    pub fn new(parameters: &str, tls: Option<rustls::ClientConfig>) -> Result<Self, StoreError> {
        let mut config: Config = parameters
            .parse()
            .map_err(|error| StoreError::Failed(format!("parameters of the database: {error}")))?;
        let hosts = config.get_hosts();
        let is_local = !hosts.is_empty() && hosts.iter().all(|host| matches!(host, Host::Unix(_)));
        let is_local = is_local && config.get_hostaddrs().is_empty();
        let tls = if is_local { None } else { tls };
        if tls.is_none() && !is_local {
            return Err(StoreError::Failed(
                "a database over a network is reached with TLS only".to_owned(),
            ));
        }
        config.ssl_mode(if is_local {
            SslMode::Disable
        } else {
            SslMode::Require
        });
        config.application_name("outpost").connect_timeout(WAIT_MAX);
        Ok(Self { config, tls })
    }

    /// A pool of connections; none is made yet.
    pub(super) fn pool(&self) -> Result<Pool, StoreError> {
        let how = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let config = self.config.clone();
        let manager = match &self.tls {
            Some(tls) => Manager::from_config(config, MakeRustlsConnect::new(tls.clone()), how),
            None => Manager::from_config(config, plain(), how),
        };
        Pool::builder(manager)
            .max_size(CONNECTIONS_MAX)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT_MAX))
            .create_timeout(Some(WAIT_MAX))
            .recycle_timeout(Some(WAIT_MAX))
            .build()
            .map_err(|error| StoreError::Failed(format!("pool of connections: {error}")))
    }

    /// One connection apart from the pool; it ends with the client.
    pub(super) async fn connect(&self) -> Result<Client, StoreError> {
        let unreachable = |error| StoreError::Busy(format!("database: {error}"));
        let Some(tls) = &self.tls else {
            let (client, connection) = self.config.connect(plain()).await.map_err(unreachable)?;
            tokio::spawn(connection);
            return Ok(client);
        };
        let made = self.config.connect(MakeRustlsConnect::new(tls.clone()));
        let (client, connection) = made.await.map_err(unreachable)?;
        tokio::spawn(connection);
        Ok(client)
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "asked for where every host is a Unix socket: no network lies under it"
)]
fn plain() -> tokio_postgres::NoTls {
    tokio_postgres::NoTls
}
