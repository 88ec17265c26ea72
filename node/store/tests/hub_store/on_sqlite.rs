//! The hub of a world itself as the store under test.

use node_store::SqliteStore;

use crate::subject::{Head, Subject};
use crate::world::{World, frontier, sqlite};

/// The hub of a world itself.
pub(crate) struct OnSqlite {
    folder: tempfile::TempDir,
    world: World<SqliteStore>,
}

impl OnSqlite {
    fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("hub/outpost.db")).unwrap()
    }
}

impl Subject for OnSqlite {
    type Store = SqliteStore;

    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = sqlite(folder.path()).await;
        Self { folder, world }
    }

    fn world(&self) -> &World<SqliteStore> {
        &self.world
    }

    fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    fn store(&self) -> &SqliteStore {
        &self.world.hub
    }

    async fn refresh(&mut self) {}

    async fn plan(&self) {}

    async fn rows(&self) -> Vec<(String, i64)> {
        let db = self.database();
        let mut statement = db
            .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            .unwrap();
        let tables = statement.query_map([], |row| row.get(0)).unwrap();
        let tables: Vec<String> = tables.map(Result::unwrap).collect();
        let count = |table: String| {
            let sql = format!("SELECT count(*) FROM \"{table}\"");
            let rows = db.query_row(&sql, [], |row| row.get(0)).unwrap();
            (table, rows)
        };
        tables.into_iter().map(count).collect()
    }

    async fn heads(&self) -> Vec<Head> {
        let heads = frontier(&self.world.hub).await.into_iter();
        heads
            .map(|head| (head.chain, head.seq, head.hash))
            .collect()
    }

    async fn states(&self) -> Vec<(String, i64)> {
        let db = self.database();
        let mut statement = db
            .prepare("SELECT request_id, state FROM effect ORDER BY request_id")
            .unwrap();
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        rows.map(Result::unwrap).collect()
    }
}
