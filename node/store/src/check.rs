//! `outpost check`: chains, receipts, documents and views of a store, proved from its journal.
//!
//! Nothing is repaired and nothing is written to the store. With `rebuild` all views are derived
//! once more from the journal in a copy beside the database, and compared row by row.

mod chain;
mod document;
mod rebuild;
mod state;

use core::fmt;

use crate::hub_store::StoreError;
use crate::migrate::{Access, connect};
use crate::sqlite::SqliteStore;
use crate::tx::Tx;

pub use state::{Share, StateHash};

/// Findings listed; of more only the number is told.
pub const FINDINGS_MAX: usize = 100;

/// What a check saw.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CheckReport {
    /// Chains verified.
    pub chains: u64,
    /// Entries verified.
    pub entries: u64,
    /// Documents replayed.
    pub documents: u64,
    /// View rows compared with a rebuild; 0 without `rebuild`.
    pub view_rows: u64,
    /// One line per defect, without personal data; at most [`FINDINGS_MAX`].
    pub findings: Vec<String>,
    /// How many defects there are in all.
    pub defects: u64,
    /// The row of docs/SECURITY.md that applies to the key store.
    pub key_store: &'static str,
}

impl CheckReport {
    /// Whether everything was as it should be.
    pub fn is_sound(&self) -> bool {
        self.defects == 0
    }

    fn find(&mut self, finding: String) {
        self.defects = self.defects.saturating_add(1);
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "key store   {}", self.key_store)?;
        writeln!(f, "chains      {}", self.chains)?;
        writeln!(f, "entries     {}", self.entries)?;
        writeln!(f, "documents   {}", self.documents)?;
        writeln!(f, "view rows   {}", self.view_rows)?;
        writeln!(f, "defects     {}", self.defects)?;
        for finding in &self.findings {
            writeln!(f, "- {finding}")?;
        }
        Ok(())
    }
}

const INTEGRITY: &str = "PRAGMA integrity_check(10)";
const FOREIGN_KEYS: &str = "SELECT count(*) FROM pragma_foreign_key_check";

impl SqliteStore {
    /// Checks the store; with `rebuild` all views too.
    ///
    /// # Errors
    /// [`StoreError`] when the check itself could not be done; a defect is a finding.
    pub fn check(&self, rebuild: bool) -> Result<CheckReport, StoreError> {
        let mut report = CheckReport {
            key_store: "file: whoever holds the whole card reads everything",
            ..CheckReport::default()
        };
        let db = connect(&self.folder(), Access::Read)?;
        db.execute_batch("BEGIN")?;
        let config = self.config();
        let tx = Tx::new(&db, self.vault(), &config, Tx::no_moment())?;
        tx.check_file(&mut report)?;
        tx.check_chains(&mut report)?;
        tx.check_documents(&mut report)?;
        if rebuild {
            tx.check_views(&mut report)?;
        }
        db.execute_batch("COMMIT")?;
        Ok(report)
    }
}

impl Tx<'_> {
    fn check_file(&self, report: &mut CheckReport) -> Result<(), StoreError> {
        let mut statement = self.db.prepare(INTEGRITY)?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let line: String = row.get(0)?;
            if line != "ok" {
                report.find(format!("database file: {line}"));
            }
        }
        let orphans: i64 = self.db.query_row(FOREIGN_KEYS, [], |row| row.get(0))?;
        if orphans > 0 {
            report.find(format!("database file: {orphans} rows refer to nothing"));
        }
        Ok(())
    }
}
