//! What the suites of hostile input share: changed inputs, all rows of a database, and the memory of
//! this process.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use ring::digest::{SHA256, digest};

use crate::random::Random;

/// One octet: often the end of a range, where lengths go wrong.
fn octet(random: &mut Random) -> u8 {
    let any = random.number().to_le_bytes()[0];
    *random.one_of(&[0, 1, 0x7F, 0x80, 0xFF, any])
}

/// One of the inputs with one to four changes, which may also be tails of other inputs.
///
/// # Panics
/// When there are no inputs.
#[must_use]
pub fn mutated(inputs: &[&[u8]], random: &mut Random) -> Vec<u8> {
    let mut input = random.one_of(inputs).to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(input.len());
        match random.below(5) {
            0 if !input.is_empty() => input[at] = octet(random),
            1 if !input.is_empty() => input[at] ^= 1 << random.below(8),
            2 => input.insert(at, octet(random)),
            3 => input.truncate(at),
            _ => {
                let other = random.one_of(inputs);
                let tail = random.below(other.len());
                input.truncate(at);
                input.extend(&other[tail..]);
            }
        }
    }
    input
}

/// Every table of the database in a folder, by name, with a hash of all that is in it.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn rows(folder: &Path) -> Vec<(String, String)> {
    let db = rusqlite::Connection::open(folder.join("outpost.db")).expect("a database");
    let mut statement = db
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        .expect("a statement");
    let tables = statement.query_map([], |row| row.get::<_, String>(0));
    let tables: Vec<String> = tables
        .expect("tables")
        .map(|name| name.expect("a name"))
        .collect();
    let dump = |table: &String| {
        let mut statement = db
            .prepare(&format!("SELECT * FROM \"{table}\""))
            .expect("a statement");
        let columns = statement.column_count();
        let mut rows = statement.query([]).expect("rows");
        let mut all = String::new();
        while let Some(row) = rows.next().expect("a row") {
            for column in 0..columns {
                let value = row.get_ref(column).expect("a value");
                write!(all, "{value:?}|").expect("room");
            }
        }
        format!("{:?}", digest(&SHA256, all.as_bytes()))
    };
    tables
        .iter()
        .map(|table| (table.clone(), dump(table)))
        .collect()
}

/// Bytes that this process held at most since the last call.
///
/// # Panics
/// Without the files of Linux that say so.
#[must_use]
pub fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    let peak = kib
        .and_then(|kib| kib.parse::<u64>().ok())
        .expect("a number")
        * 1024;
    fs::write("/proc/self/clear_refs", "5").expect("the peak is forgotten");
    peak
}
