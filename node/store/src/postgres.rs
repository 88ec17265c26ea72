//! [`PostgresStore`]: a hub's journal and outbox on a PostgreSQL server, for several replicas.
//!
//! It offers [`Accepting`] and [`Outbox`]. Acceptance checks and journals; applying entries to
//! documents and views is a second loop that is not here, and so are commit and query
//! (docs/decisions/0063). A replica keeps nothing but what it read at its start: keys, who it is
//! and its settings. Every function here is one transaction, repeated as a whole where the server
//! says that another one came between.

mod accept;
mod check;
mod end;
mod journal;
mod keys;
mod migrate;
mod outbox;
mod own;
mod server;

use core::fmt;
use core::future::Future;
use std::sync::Arc;

use deadpool_postgres::{Object, Pool};
use node_core::contact::Moment;
use node_core::site::Site;
use node_core::turn::{Acceptance, Claim, ClaimKind, Finish};
use node_core::view::Effect;
use tokio_postgres::types::ToSql;

pub use migrate::{HUB_ROLE, migrate};
pub use server::{CONNECTIONS_MAX, Server};

use crate::accept::answered;
use crate::config::{ReadyConfig, StoreConfig};
use crate::epoch::failed;
use crate::hub_store::{Accepting, Outbox, StoreError};
use crate::keys::{Secrets, Vault};
use crate::postgres::accept::Sender;
use crate::postgres::end::End;
use crate::postgres::keys::Wrapping;
use crate::seal::{decode, encode};
use crate::standing::HubStanding;
use crate::tx::{Identity, Stop, site};

/// How often a function is repeated because another transaction came between; then it is "busy".
pub const REPEATS_MAX: usize = 16;

const IDENTITY: &str = "identity";
const GENERATION: &str = "wrapping";
const REVOCATIONS: &str = "revocations";

const READ: &str = "SELECT value FROM setting WHERE name = $1";
const ADD: &str = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const REPLACE: &str = "UPDATE setting SET value = $2 WHERE name = $1 AND value = $3";
const ERASED: &str = "INSERT INTO erased (doc) SELECT unnest($1::bytea[]) ON CONFLICT DO NOTHING";
const CERTIFY: &str = "INSERT INTO certificate (node, epoch, serial, bytes) VALUES ($1, $2, $3, $4)
    ON CONFLICT (node, epoch) DO UPDATE SET serial = excluded.serial, bytes = excluded.bytes
    WHERE excluded.serial > certificate.serial";

/// A hub's store on a server; cheap to clone.
#[derive(Clone)]
pub struct PostgresStore {
    shared: Arc<Shared>,
}

struct Shared {
    pool: Pool,
    config: ReadyConfig,
    vault: Vault,
    identity: Identity,
    site: Site,
    /// Which wrapping key wraps the data keys of this database.
    generation: u32,
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresStore({})", self.shared.config.name)
    }
}

impl PostgresStore {
    /// Opens a replica's store: keys from `config.folder`, all else from the server's database, which
    /// was migrated ([`migrate`]) and given a hub's standing. A standing is taken where one is given.
    ///
    /// # Errors
    /// [`StoreError`]: the server is not reached, the database is of another release, it belongs to
    /// another hub or to none, or the key file does not open it.
    pub async fn open(
        config: StoreConfig,
        server: &Server,
        standing: Option<(HubStanding, Moment)>,
    ) -> Result<Self, StoreError> {
        let secrets = Secrets::read(&config.folder)?
            .ok_or_else(|| StoreError::Failed("key file is missing".to_owned()))?;
        let config = ReadyConfig::new(StoreConfig {
            is_hub: true,
            ..config
        })?;
        let opening = Opening {
            pool: server.pool()?,
            config,
            vault: Vault::new(secrets)?,
        };
        if let Some((standing, _)) = &standing {
            opening.take(standing).await.map_err(End::error)?;
        }
        let store = opening.finish().await.map_err(End::error)?;
        if let Some((standing, now)) = standing {
            store.take_over(standing, now).await?;
        }
        Ok(store)
    }

    /// Takes the hub's own chains over: its life goes on behind their heads.
    async fn take_over(&self, standing: HubStanding, now: Moment) -> Result<(), StoreError> {
        for frame in standing.frames {
            if let Acceptance::Refused { reason, .. } =
                self.take(frame, (Sender::Ourselves, now)).await?
            {
                return Err(StoreError::Failed(format!("own chain: {reason}")));
            }
        }
        Ok(())
    }

    /// Queues an effect under an id that is committed before its first attempt, and writes down that
    /// it was planned; `false` where its registration has one at this upstream already.
    ///
    /// # Errors
    /// [`StoreError`] of the transaction; [`StoreError::Failed`] where the registration is not here.
    pub async fn plan(&self, effect: Effect, now: Moment) -> Result<bool, StoreError> {
        let effect = &effect;
        let planned = repeated(|| self.plan_once(effect, now)).await;
        planned.map_err(failed)
    }

    async fn take(&self, frame: Vec<u8>, from: (Sender, Moment)) -> Result<Acceptance, StoreError> {
        let bytes = &Arc::<[u8]>::from(frame);
        repeated(|| self.accept_once(bytes, from))
            .await
            .or_else(answered)
    }

    async fn client(&self) -> Result<Object, End> {
        Ok(self.shared.pool.get().await?)
    }

    fn wrapping(&self) -> Result<Wrapping<'_>, StoreError> {
        Wrapping::of(&self.shared.vault, self.shared.generation)
    }
}

/// Runs a whole function again while another transaction comes between.
async fn repeated<T, F>(work: impl Fn() -> F + Send) -> Result<T, Stop>
where
    F: Future<Output = Result<T, End>> + Send,
{
    for _ in 0..REPEATS_MAX {
        match work().await {
            Ok(done) => return Ok(done),
            Err(End::Stop(stop)) => return Err(stop),
            Err(End::Repeat) => {}
        }
    }
    Err(Stop::Store(End::Repeat.error()))
}

impl Accepting for PostgresStore {
    async fn accept(&self, frame: Vec<u8>, now: Moment) -> Result<Acceptance, StoreError> {
        self.take(frame, (Sender::Outside, now)).await
    }
}

impl Outbox for PostgresStore {
    /// Effects; rows of other kinds are queued by turns, so none stands here.
    async fn claim(
        &self,
        kind: ClaimKind,
        limit: u32,
        now: Moment,
    ) -> Result<Vec<Claim>, StoreError> {
        match &kind {
            ClaimKind::Effects { upstream } => {
                let claimed = repeated(|| self.claim_once(upstream, limit, now)).await;
                claimed.map_err(failed)
            }
            ClaimKind::Messages
            | ClaimKind::MessagesOver { .. }
            | ClaimKind::ApplicationReceipts { .. }
            | ClaimKind::Removals { .. } => Ok(Vec::new()),
        }
    }

    async fn finish(&self, finish: Finish, now: Moment) -> Result<(), StoreError> {
        match &finish {
            Finish::Effect {
                request_id,
                outcome,
            } => {
                let finished = repeated(|| self.finish_once(request_id, outcome, now)).await;
                finished.map_err(failed)
            }
            Finish::Message { .. }
            | Finish::MessageStale { .. }
            | Finish::ApplicationReceipt { .. }
            | Finish::Removal { .. } => Ok(()),
        }
    }
}

/// A store that does not know yet who it is.
struct Opening {
    pool: Pool,
    config: ReadyConfig,
    vault: Vault,
}

impl Opening {
    /// Writes down who the hub is, and what it signed; older papers than those here change nothing.
    async fn take(&self, standing: &HubStanding) -> Result<(), End> {
        let mut client = self.pool.get().await?;
        migrate::check_format(&client).await?;
        let tx = client.transaction().await?;
        let generation = encode(&self.vault.newest_generation())?;
        for (name, value) in [
            (IDENTITY, encode(&standing.identity)?),
            (GENERATION, generation),
            (REVOCATIONS, standing.revocations.clone()),
        ] {
            tx.execute(ADD, &[&name, &value]).await?;
        }
        let known: Vec<u8> = tx.query_one(READ, &[&IDENTITY]).await?.try_get(0)?;
        if decode::<Identity>(&known)? != standing.identity {
            return Err(End::failed("the database belongs to another hub"));
        }
        let held: Vec<u8> = tx.query_one(READ, &[&REVOCATIONS]).await?.try_get(0)?;
        if standing.is_newer(&held)? {
            let list = &standing.revocations;
            if tx.execute(REPLACE, &[&REVOCATIONS, list, &held]).await? == 0 {
                return Err(End::Repeat);
            }
        }
        for paper in standing.papers()? {
            let columns: [&(dyn ToSql + Sync); 4] =
                [&paper.node, &paper.epoch, &paper.serial, &paper.bytes];
            tx.execute(CERTIFY, &columns).await?;
        }
        tx.execute(ERASED, &[&standing.erased]).await?;
        Ok(tx.commit().await?)
    }

    /// Reads who the hub is.
    async fn finish(self) -> Result<PostgresStore, End> {
        let client = self.pool.get().await?;
        migrate::check_format(&client).await?;
        let nobody = || End::failed("the database has no hub yet");
        let row = client.query_opt(READ, &[&IDENTITY]).await?;
        let identity: Identity = decode(row.ok_or_else(nobody)?.try_get(0)?)?;
        let row = client.query_opt(READ, &[&GENERATION]).await?;
        let generation = decode(row.ok_or_else(nobody)?.try_get(0)?)?;
        drop(client);
        let (config, vault, pool) = (self.config, self.vault, self.pool);
        Wrapping::of(&vault, generation)?;
        Ok(PostgresStore {
            shared: Arc::new(Shared {
                site: site(&identity, &config, &vault),
                pool,
                config,
                vault,
                identity,
                generation,
            }),
        })
    }
}
