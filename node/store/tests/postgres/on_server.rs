//! The hub of a world on a server: the world's own hub gives its standing and its key file.

use std::path::Path;
use std::sync::Arc;

use node_core::view::Effect;
use node_store::postgres::{PostgresStore, Server};
use node_store::{SqliteStore, StoreConfig};
use sync_core::{ChainId, EntryRef, Epoch, HubId, NodeId, Scope, Seq};

use crate::cluster::Database;
use crate::subject::{Head, Subject};
use crate::world::{World, at, config, sqlite};

pub(crate) struct OnPostgres {
    pub(crate) database: Database,
    pub(crate) store: PostgresStore,
    pub(crate) world: World<SqliteStore>,
    folder: Arc<tempfile::TempDir>,
}

/// Settings of a replica whose folder holds the hub's key file.
pub(crate) fn replica_config(world: &World<SqliteStore>, folder: &Path) -> StoreConfig {
    let config = config(&world.programmes, folder, "replica");
    std::fs::create_dir_all(&config.folder).unwrap();
    std::fs::copy(folder.join("hub/keys"), config.folder.join("keys")).unwrap();
    config
}

/// A name of an entry from its number columns.
fn name(row: &tokio_postgres::Row) -> EntryRef {
    EntryRef {
        origin: NodeId(u32::try_from(row.get::<_, i64>(0)).unwrap()),
        epoch: Epoch(row.get::<_, i64>(1).cast_unsigned()),
        scope: Scope(u32::try_from(row.get::<_, i64>(2)).unwrap()),
        seq: Seq(u32::try_from(row.get::<_, i64>(3)).unwrap()),
    }
}

/// An effect for a registration.
pub(crate) fn effect(registration: EntryRef) -> Effect {
    Effect {
        upstream: "registries".to_owned(),
        registration,
        correlation_id: "0123456789ab".to_owned(),
        body: format!("{{\"mother\":\"Asha {}\"}}", registration.seq.0),
        lane: 3,
    }
}

impl OnPostgres {
    /// On a database of its own.
    pub(crate) async fn on(database: Database) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let world = sqlite(folder.path()).await;
        Self::of(world, folder, database).await
    }

    /// The same hub and nodes on another database.
    pub(crate) async fn same_on(&self, database: Database) -> Self {
        let world = World {
            programmes: Arc::clone(&self.world.programmes),
            hub: self.world.hub.clone(),
            a: self.world.a.clone(),
            b: self.world.b.clone(),
        };
        Self::of(world, Arc::clone(&self.folder), database).await
    }

    async fn of(
        world: World<SqliteStore>,
        folder: Arc<tempfile::TempDir>,
        database: Database,
    ) -> Self {
        let config = replica_config(&world, folder.path());
        let standing = world.hub.standing().await.unwrap();
        let server = database.replica();
        let opened = PostgresStore::open(config, &server, Some((standing, at(6))));
        let store = opened.await.unwrap();
        Self {
            database,
            store,
            world,
            folder,
        }
    }

    /// Another replica of the same hub.
    pub(crate) async fn replica(&self, server: &Server) -> PostgresStore {
        let config = replica_config(&self.world, self.folder.path());
        PostgresStore::open(config, server, None).await.unwrap()
    }

    /// Names of the entries of a schema.
    pub(crate) async fn entries_of(&self, schema: u16) -> Vec<EntryRef> {
        let sql = "SELECT origin, epoch, scope, seq FROM entry WHERE schema = $1
            ORDER BY origin, epoch, scope, seq";
        let client = self.database.admin().await;
        let rows = client.query(sql, &[&i32::from(schema)]).await.unwrap();
        rows.iter().map(name).collect()
    }
}

impl Subject for OnPostgres {
    type Store = PostgresStore;

    async fn start() -> Self {
        Self::on(Database::fresh().await).await
    }

    fn world(&self) -> &World<SqliteStore> {
        &self.world
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn store(&self) -> &PostgresStore {
        &self.store
    }

    async fn refresh(&mut self) {
        let config = replica_config(&self.world, self.folder.path());
        let standing = self.world.hub.standing().await.unwrap();
        let server = self.database.replica();
        let opened = PostgresStore::open(config, &server, Some((standing, at(60))));
        self.store = opened.await.unwrap();
    }

    async fn plan(&self) {
        let registrations = self
            .entries_of(node_core::schema::REGISTRATION_SUBMITTED)
            .await;
        for registration in registrations {
            let effect = effect(registration);
            self.store.plan(effect.clone(), at(100)).await.unwrap();
            // One effect a registration and upstream.
            assert!(!self.store.plan(effect, at(101)).await.unwrap());
        }
    }

    async fn rows(&self) -> Vec<(String, i64)> {
        let client = self.database.admin().await;
        let tables =
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename";
        let mut rows = Vec::new();
        for table in client.query(tables, &[]).await.unwrap() {
            let table: String = table.get(0);
            let sql = format!("SELECT count(*) FROM {table}");
            let count = client.query_one(&sql, &[]).await.unwrap();
            rows.push((table, count.get(0)));
        }
        rows
    }

    async fn heads(&self) -> Vec<Head> {
        let client = self.database.admin().await;
        let sql = "SELECT origin, epoch, scope, seq, hub, hash FROM chain ORDER BY 1, 2, 3";
        let rows = client.query(sql, &[]).await.unwrap();
        let head = |row: &tokio_postgres::Row| {
            let entry = name(row);
            let chain = ChainId {
                hub: HubId(row.get::<_, &[u8]>(4).try_into().unwrap()),
                origin: entry.origin,
                epoch: entry.epoch,
                scope: entry.scope,
            };
            (chain, entry.seq, row.get::<_, &[u8]>(5).try_into().unwrap())
        };
        rows.iter().map(head).collect()
    }

    async fn states(&self) -> Vec<(String, i64)> {
        let client = self.database.admin().await;
        let sql = "SELECT request_id, state FROM outbox ORDER BY request_id";
        let rows = client.query(sql, &[]).await.unwrap();
        let state = |row: &tokio_postgres::Row| (row.get(0), i64::from(row.get::<_, i16>(1)));
        rows.iter().map(state).collect()
    }
}
