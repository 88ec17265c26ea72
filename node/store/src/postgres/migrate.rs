//! Bringing a database on a server to this release's format, by the owner of its tables.
//!
//! The replicas log in as members of `outpost_hub` and own nothing: they can add to the journal and
//! read it. Migrations are forward-only, one numbered file each; table `format` names those done.

use tokio_postgres::Client;

use super::end::End;
use super::server::Server;
use crate::hub_store::StoreError;

/// The role whose members are the logins of replicas.
pub const HUB_ROLE: &str = "outpost_hub";
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/postgres/0001.sql")];

const FORMAT: &str = "CREATE TABLE IF NOT EXISTS format (version integer PRIMARY KEY)";
const ROLE: &str = "SELECT count(*) FROM pg_roles WHERE rolname = 'outpost_hub'";
const MAKE_ROLE: &str = "CREATE ROLE outpost_hub NOLOGIN";
const DONE: &str = "SELECT coalesce(max(version), 0) FROM format";
const MARK: &str = "INSERT INTO format (version) VALUES ($1)";

/// Runs the migrations that are missing, each in its own transaction; makes the role of replicas.
///
/// # Errors
/// [`StoreError`]: the server is not reached, the login may not do it, or the database is of a later
/// release.
pub async fn migrate(owner: &Server) -> Result<(), StoreError> {
    let mut client = owner.connect().await?;
    prepare(&mut client).await.map_err(End::error)
}

async fn prepare(client: &mut Client) -> Result<(), End> {
    let roles: i64 = client.query_one(ROLE, &[]).await?.try_get(0)?;
    if roles == 0 {
        client.batch_execute(MAKE_ROLE).await?;
    }
    client.batch_execute(FORMAT).await?;
    let done = done(client).await?;
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(done) {
        let version = i32::try_from(index.saturating_add(1)).unwrap_or(i32::MAX);
        let tx = client.transaction().await?;
        tx.batch_execute(migration).await?;
        tx.execute(MARK, &[&version]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// How many migrations were done; a database of a later release is refused, never guessed at.
async fn done(client: &Client) -> Result<usize, End> {
    let done: i32 = client.query_one(DONE, &[]).await?.try_get(0)?;
    let known = usize::try_from(done).ok();
    let known = known.filter(|done| *done <= MIGRATIONS.len());
    known.ok_or_else(|| End::failed("database is of a later release"))
}

/// Whether a replica of this release may work on the database.
pub(super) async fn check_format(client: &Client) -> Result<(), End> {
    if done(client).await? == MIGRATIONS.len() {
        return Ok(());
    }
    Err(End::failed("database must be migrated first"))
}
