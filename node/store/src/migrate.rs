//! Opening connections and bringing the database to this release's format.
//!
//! Migrations are forward-only, one numbered file each; `PRAGMA user_version` names the last one
//! that was done. A database of a later release is refused, never guessed at.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::hub_store::StoreError;

/// Name of the database file in the store's folder.
pub(crate) const DATABASE_FILE: &str = "outpost.db";
/// Bytes of a page. Small pages cost a third of the bytes of 4 KiB pages per durable turn.
pub(crate) const PAGE_BYTES: u32 = 1024;
/// Statements kept prepared per connection.
pub(crate) const STATEMENTS_MAX: usize = 240;
/// Format of a new database; equals the number of migrations.
const MIGRATIONS: [&str; 21] = [
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
    include_str!("migrations/0006.sql"),
    include_str!("migrations/0007.sql"),
    include_str!("migrations/0008.sql"),
    include_str!("migrations/0009.sql"),
    include_str!("migrations/0011.sql"),
    include_str!("migrations/0012.sql"),
    include_str!("migrations/0013.sql"),
    include_str!("migrations/0014.sql"),
    include_str!("migrations/0016.sql"),
    include_str!("migrations/0017.sql"),
    include_str!("migrations/0018.sql"),
    include_str!("migrations/0020.sql"),
    // Not by number: the order of the list is the order of the steps.
    include_str!("migrations/0019.sql"),
    include_str!("migrations/0022.sql"),
    include_str!("migrations/0021.sql"),
    include_str!("migrations/0023.sql"),
];
/// `PRAGMA application_id` of our files: `Outp`.
const APPLICATION_ID: i64 = 0x4f75_7470;

/// How a connection is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Access {
    /// The one writer.
    Write,
    /// A reader: refuses to write.
    Read,
    /// The checkpointer: moves the log into the database file.
    Checkpoint,
}

/// How long a connection waits for a lock that another one holds.
///
/// The checkpointer waits for readers while it holds the writer's lock: it gives up long before the
/// writer would, and tries again after the next commit.
fn wait(access: Access) -> Duration {
    match access {
        Access::Write | Access::Read => Duration::from_secs(5),
        Access::Checkpoint => Duration::from_millis(100),
    }
}

/// Opens a connection with the settings that durability and secrecy need.
pub(crate) fn connect(folder: &Path, access: Access) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | match access {
            Access::Write => OpenFlags::SQLITE_OPEN_CREATE,
            Access::Read | Access::Checkpoint => OpenFlags::empty(),
        };
    let db = Connection::open_with_flags(folder.join(DATABASE_FILE), flags)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // Plans must not depend on bound values: else SQLite prepares a kept statement again whenever
    // a value changes, which was a seventh of the work of a registration.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.execute_batch("PRAGMA temp_store = MEMORY;")?;
    db.busy_timeout(wait(access))?;
    match access {
        Access::Write => {
            db.pragma_update(None, "page_size", PAGE_BYTES)?;
            db.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                 PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 0;
                 PRAGMA journal_size_limit = 8388608; PRAGMA cache_size = -4096;",
            )?;
        }
        Access::Checkpoint => {
            db.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -64;")?;
        }
        Access::Read => {
            db.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -1024;")?;
        }
    }
    Ok(db)
}

/// Runs the migrations that are missing, each in its own transaction.
pub(crate) fn migrate(db: &Connection) -> Result<(), StoreError> {
    let done: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(done)
        .ok()
        .filter(|done| *done <= MIGRATIONS.len())
        .ok_or_else(|| StoreError::Failed("database is of a later release".to_owned()))?;
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(done) {
        let version = i64::try_from(index.saturating_add(1)).unwrap_or(i64::MAX);
        db.execute_batch("BEGIN IMMEDIATE")?;
        let step = db
            .execute_batch(migration)
            .and_then(|()| db.pragma_update(None, "application_id", APPLICATION_ID))
            .and_then(|()| db.pragma_update(None, "user_version", version));
        match step {
            Ok(()) => db.execute_batch("COMMIT")?,
            Err(error) => {
                db.execute_batch("ROLLBACK")?;
                return Err(error.into());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// How SQLite carries a statement out, one step a line.
    pub(crate) fn plan(sql: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let db = connect(folder.path(), Access::Write).unwrap();
        migrate(&db).unwrap();
        let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let count = statement.parameter_count();
        let nothing = vec![rusqlite::types::Null; count];
        let steps = statement
            .query_map(rusqlite::params_from_iter(nothing), |row| {
                row.get::<_, String>(3)
            })
            .unwrap();
        steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    }

    /// Fails when a statement reads a whole table.
    pub(crate) fn check_index(sql: &str) {
        let plan = plan(sql);
        let scans = plan
            .lines()
            .any(|step| step.starts_with("SCAN") && !step.contains("USING"));
        assert!(!scans, "{sql}\n{plan}");
    }

    #[test]
    fn new_database_has_the_promised_settings() {
        let folder = tempfile::tempdir().unwrap();
        let db = connect(folder.path(), Access::Write).unwrap();
        migrate(&db).unwrap();
        migrate(&db).unwrap();
        let read = |name: &str| -> String {
            db.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
                .map(|value| format!("{value:?}"))
                .unwrap()
        };
        assert_eq!(read("journal_mode"), "Text(\"wal\")");
        assert_eq!(read("synchronous"), "Integer(2)");
        assert_eq!(read("secure_delete"), "Integer(1)");
        assert_eq!(read("foreign_keys"), "Integer(1)");
        // Copying is the checkpointer's, and plans do not depend on bound values.
        assert_eq!(read("wal_autocheckpoint"), "Integer(0)");
        assert!(db.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG).unwrap());
        assert_eq!(read("page_size"), format!("Integer({PAGE_BYTES})"));
        assert_eq!(
            read("user_version"),
            format!("Integer({})", MIGRATIONS.len())
        );
    }

    #[test]
    fn database_of_a_later_release_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let db = connect(folder.path(), Access::Write).unwrap();
        migrate(&db).unwrap();
        db.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(migrate(&db), Err(StoreError::Failed(_))));
    }

    #[test]
    fn reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        migrate(&connect(folder.path(), Access::Write).unwrap()).unwrap();
        let db = connect(folder.path(), Access::Read).unwrap();
        let refused = db
            .execute("INSERT INTO setting VALUES ('a', x'00')", [])
            .unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{refused}");
    }

    #[test]
    fn written_entries_cannot_be_changed_or_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let db = connect(folder.path(), Access::Write).unwrap();
        migrate(&db).unwrap();
        db.execute_batch(
            "INSERT INTO chain VALUES (1, 1, 1, 3, 1, x'00');
             INSERT INTO entry VALUES (1, 1, 1, 0, 0, 5, x'00', NULL, 1, 0, 0, x'00', x'00');",
        )
        .unwrap();
        let refused = db.execute("UPDATE entry SET hlc = 6", []).unwrap_err();
        assert!(refused.to_string().contains("immutable"));
        let refused = db.execute("DELETE FROM entry", []).unwrap_err();
        assert!(refused.to_string().contains("immutable"));
    }
}
