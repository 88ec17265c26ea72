//! The rows of a link on the card, read and put back beside the program.

use node_store::SqliteStore;

/// Node, epoch, state.
pub(super) type States = Vec<(i64, i64, Vec<u8>)>;

fn database(store: &SqliteStore) -> rusqlite::Connection {
    let database = rusqlite::Connection::open(store.folder().join("outpost.db"));
    let database = database.expect("a database");
    let wait = std::time::Duration::from_secs(5);
    database.busy_timeout(wait).expect("a wait");
    database
}

pub(super) fn states(store: &SqliteStore) -> States {
    let database = database(store);
    let mut rows = database
        .prepare("SELECT node, epoch, state FROM sms_link")
        .expect("the table");
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.expect("rows").collect::<Result<_, _>>().expect("rows")
}

/// The states as they were before a step.
pub(super) fn put_back(store: &SqliteStore, states: &States) {
    let database = database(store);
    for (node, epoch, state) in states {
        let sql = "UPDATE sms_link SET state = ?3 WHERE node = ?1 AND epoch = ?2";
        let done = database.execute(sql, rusqlite::params![node, epoch, state]);
        assert_eq!(done.expect("written"), 1);
    }
}

/// Every row of the link's tables and the number of entries, to see that nothing changed.
pub fn rows(store: &SqliteStore) -> Vec<String> {
    let database = database(store);
    let mut all = Vec::new();
    for sql in [
        "SELECT hex(state) FROM sms_link ORDER BY node",
        "SELECT ticket || hex(about) FROM sms_run ORDER BY ticket",
        "SELECT node || ' ' || origin || ' ' || scope || ' ' || up_to FROM sms_have
         ORDER BY node, origin, scope",
        "SELECT sim || hex(counts) FROM sms_purse",
        "SELECT CAST(count(*) AS TEXT) FROM entry",
    ] {
        let mut rows = database.prepare(sql).expect("the table");
        let rows = rows.query_map([], |row| row.get(0)).expect("rows");
        all.extend(rows.map(|row| row.expect("a row")));
    }
    all
}
