//! All views once more, from the journal, in a copy of the database; then row by row.
//!
//! Not derived, and so taken over from the original: chosen languages and areas, opt-outs that no
//! area was told of, what a worker was told, which leased numbers are used, the outboxes.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use node_core::site::Rules;
use node_core::view::{PhoneRow, ViewChange};
use rusqlite::backup::Backup;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::{CheckReport, Share};
use crate::hub_store::StoreError;
use crate::migrate::STATEMENTS_MAX;
use crate::name::row_name;
use crate::seal::Row;
use crate::tx::Tx;

/// A table and how its rows are read for comparison: key and plain columns first, then the name
/// that sealed the row, owner and sealed value.
struct View {
    table: &'static str,
    read: &'static str,
}

/// Key and plain columns of a row to its opened value.
type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

const VIEWS: &[View] = &[
    View {
        table: "document",
        read: "SELECT entry, changes FROM document",
    },
    View {
        table: "person",
        read: "SELECT entry, entry AS name, owner, sealed FROM person",
    },
    View {
        table: "registration",
        read: "SELECT entry, mother, child, programme, version, scope, author, status, review,
            correlation, captured_at, entry AS name, owner, sealed FROM registration",
    },
    View {
        table: "review",
        read: "SELECT review, registration, other, entry, answer, decided, review AS name, owner,
            sealed FROM review",
    },
    View {
        table: "staff",
        read: "SELECT scope, number, (scope << 32) | number AS name, owner, sealed FROM staff",
    },
    View {
        table: "phone",
        read: "SELECT token, token, owner, sealed FROM phone",
    },
    View {
        table: "record",
        read: "SELECT key, registry, version, live, key, owner, sealed FROM record",
    },
    View {
        table: "unresolved",
        read: "SELECT key, entry FROM unresolved",
    },
    View {
        table: "event",
        read: "SELECT entry, subject, refers, kind, scope, author, at, entry AS name, owner, sealed
            FROM event",
    },
    View {
        table: "event_void",
        read: "SELECT name FROM event_void",
    },
    View {
        table: "plan",
        read: "SELECT person, own, scope, worker, hlc, by, due FROM plan",
    },
    View {
        table: "token",
        read: "SELECT kind, value, about, target FROM token",
    },
    View {
        table: "consent",
        read: "SELECT person, person, owner, sealed FROM consent",
    },
    View {
        table: "read_log",
        read: "SELECT person, person, owner, sealed FROM read_log",
    },
    View {
        table: "read_count",
        read: "SELECT reader, at, entry, persons, class, area FROM read_count",
    },
    View {
        table: "staff_end",
        read: "SELECT scope, number FROM staff_end",
    },
    View {
        table: "slip",
        read: "SELECT id, entry, revoked FROM slip",
    },
    View {
        table: "reference_list",
        read: "SELECT scope, list, revision FROM reference_list",
    },
    View {
        table: "reference_item",
        read: "SELECT scope, list, place, retired, item FROM reference_item",
    },
    View {
        table: "reference_part",
        read: "SELECT scope, list, revision, part, items FROM reference_part",
    },
    View {
        table: "issuer",
        read: "SELECT node, epoch, serial, bytes FROM issuer",
    },
    View {
        table: "held_change",
        read: "SELECT name, person, open, name, owner, sealed FROM held_change",
    },
    View {
        table: "unnumbered",
        read: "SELECT entry FROM unnumbered",
    },
    View {
        table: "code_key",
        read: "SELECT scope, number, (scope << 32) | number AS name, owner, sealed FROM code_key",
    },
    View {
        table: "edge",
        read: "SELECT addition, one, other, removed FROM edge",
    },
    View {
        table: "distinct_pair",
        read: "SELECT one, other FROM distinct_pair",
    },
    View {
        table: "household_member",
        read: "SELECT entry, name, household, person, kind, role, since FROM household_member",
    },
    View {
        table: "household_end",
        read: "SELECT name FROM household_end",
    },
    View {
        table: "match",
        read: "SELECT number, one, other, decided, number AS name, owner, sealed FROM match",
    },
];

const CLEAR: &str =
    "DELETE FROM parked; DELETE FROM unresolved; DELETE FROM document; DELETE FROM person;
    DELETE FROM registration; DELETE FROM review; DELETE FROM staff; DELETE FROM token;
    DELETE FROM alias; DELETE FROM record; DELETE FROM staff_end; DELETE FROM consent;
    DELETE FROM event; DELETE FROM event_void; DELETE FROM plan; DELETE FROM slip;
    DELETE FROM code_key; DELETE FROM issuer; DELETE FROM reference_list;
    DELETE FROM reference_item; DELETE FROM reference_part; DELETE FROM unnumbered;
    DELETE FROM edge; DELETE FROM distinct_pair; DELETE FROM match;
    DELETE FROM read_log; DELETE FROM read_count; DELETE FROM household_member;
    DELETE FROM household_end; DELETE FROM held_change;";
const ENTRIES: &str = "SELECT id FROM entry ORDER BY id";
const PHONES: &str = "SELECT token FROM phone";
const PHONE_DROP: &str = "DELETE FROM phone WHERE token = ?1";

impl Tx<'_> {
    /// Compares the views with a rebuild.
    pub(super) fn check_views(&self, report: &mut CheckReport) -> Result<(), StoreError> {
        let wrong = self.wrong_plans()?;
        if wrong > 0 {
            report.find(format!("plan: {wrong} do not follow from what happened"));
        }
        let scratch = Scratch::copy(self.db, &self.config.folder)?;
        let rebuilt = Tx::new(&scratch.db, Arc::clone(&self.vault), self.config, self.now)?;
        rebuilt.rebuild()?;
        let whole = Share::default();
        if self.state_hash(&whole)? != rebuilt.state_hash(&whole)? {
            report.find("state hash differs from that of its rebuild".to_owned());
        }
        for view in VIEWS {
            let (here, there) = (self.dump(view)?, rebuilt.dump(view)?);
            for (row, value) in &here {
                report.view_rows = report.view_rows.saturating_add(1);
                match there.get(row) {
                    None => report.find(format!("{}: a row follows from no entry", view.table)),
                    Some(other) if other != value => {
                        report.find(format!("{}: a row differs from its rebuild", view.table));
                    }
                    Some(_) => {}
                }
            }
            let missing = there.keys().filter(|row| !here.contains_key(*row)).count();
            if missing > 0 {
                report.find(format!("{}: {missing} rows are missing", view.table));
            }
        }
        Ok(())
    }

    fn rebuild(&self) -> Result<(), StoreError> {
        self.db.execute_batch(CLEAR)?;
        self.keep_choices()?;
        let entries: Vec<i64> = self
            .db
            .prepare(ENTRIES)?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let site = self.site();
        let rules = Rules::new(&site, &self.config.programmes);
        for entry in entries {
            self.replayed_to.set(Some(entry));
            let mut queue = VecDeque::from(self.happened_again(entry)?);
            while let Some(happened) = queue.pop_front() {
                let changes = self.consequences(&happened, &rules)?.changes;
                queue.extend(self.woken(&happened, &changes)?);
                for change in changes.into_iter().filter(is_derived) {
                    self.change(change)?;
                }
            }
        }
        self.replayed_to.set(None);
        Ok(())
    }

    /// Keeps of each number only what is in no entry: chosen language and area, and an opt-out that
    /// no area was told of.
    fn keep_choices(&self) -> Result<(), StoreError> {
        let tokens: Vec<Vec<u8>> = self
            .db
            .prepare(PHONES)?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for token in tokens {
            let row = self.phone_by_token(&token)?;
            let kept = PhoneRow {
                language: row.language,
                area: row.area,
                stopped: row.stopped && row.stops.is_empty(),
                ..PhoneRow::default()
            };
            if kept == PhoneRow::default() {
                self.db.execute(PHONE_DROP, [token])?;
            } else {
                self.put_phone_by_token(&token, kept)?;
            }
        }
        Ok(())
    }

    /// All rows of a view: key and plain columns to the opened value.
    fn dump(&self, view: &View) -> Result<Rows, StoreError> {
        let mut statement = self.db.prepare(view.read)?;
        let columns = statement.column_count();
        let sealed = statement.column_names().any(|column| column == "sealed");
        let plain = if sealed {
            columns.saturating_sub(3)
        } else {
            columns
        };
        let mut rows = BTreeMap::new();
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let mut key = Vec::new();
            for column in 0..plain {
                write_value(&mut key, row.get_ref(column)?);
            }
            let mut value = Vec::new();
            if sealed {
                let name = match row.get_ref(plain)? {
                    ValueRef::Integer(number) => row_name(number).to_vec(),
                    other => other.as_blob().map(<[u8]>::to_vec).unwrap_or_default(),
                };
                let owner: i64 = row.get(plain.saturating_add(1))?;
                let bytes: Vec<u8> = row.get(plain.saturating_add(2))?;
                let place = Row {
                    table: view.table,
                    name: &name,
                };
                value = self.data_key_by_id(owner)?.open(place, &bytes)?;
            }
            rows.insert(key, value);
        }
        Ok(rows)
    }
}

fn is_derived(change: &ViewChange) -> bool {
    match change {
        ViewChange::PutPerson { .. }
        | ViewChange::PutRegistration { .. }
        | ViewChange::SetOutcome { .. }
        | ViewChange::PutReview(_)
        | ViewChange::PutStaff(_)
        | ViewChange::PutPhone { .. }
        | ViewChange::PutAlias { .. }
        | ViewChange::PutRecord { .. }
        | ViewChange::EndStaff { .. }
        | ViewChange::PutReads { .. }
        | ViewChange::PutConsents { .. }
        | ViewChange::PutEvent(_)
        | ViewChange::VoidEntry(_)
        | ViewChange::AssignPeople { .. }
        | ViewChange::Replan(_)
        | ViewChange::PutSlip { .. }
        | ViewChange::RevokeSlips(_)
        | ViewChange::PutCodeKey { .. }
        | ViewChange::PutReference { .. }
        | ViewChange::PutIssuer(_)
        | ViewChange::PutMatch(_)
        | ViewChange::PutEdge { .. }
        | ViewChange::PutDistinct(_)
        | ViewChange::PutMembership { .. }
        | ViewChange::EndMemberships(_)
        | ViewChange::PutHeld(_) => true,
        ViewChange::AddNumbers { .. }
        | ViewChange::UseNumbers(_)
        | ViewChange::AddEffect(_)
        | ViewChange::SetLeaseCursor(_)
        | ViewChange::MarkDigested(_)
        | ViewChange::MarkReminded(_)
        | ViewChange::CancelMessages { .. }
        | ViewChange::PutPin { .. }
        | ViewChange::RefundTry
        | ViewChange::DropEffect { .. }
        | ViewChange::RemoveRecord { .. }
        | ViewChange::PutErasure { .. }
        | ViewChange::ErasePerson(_)
        | ViewChange::ConfirmErasure { .. }
        | ViewChange::Prove(_)
        | ViewChange::SettleProposal { .. }
        | ViewChange::StartAlert { .. } => false,
    }
}

fn write_value(bytes: &mut Vec<u8>, value: ValueRef<'_>) {
    let (kind, content): (u8, Vec<u8>) = match value {
        ValueRef::Null => (0, Vec::new()),
        ValueRef::Integer(number) => (1, number.to_be_bytes().to_vec()),
        ValueRef::Real(number) => (2, number.to_be_bytes().to_vec()),
        ValueRef::Text(text) => (3, text.to_vec()),
        ValueRef::Blob(blob) => (4, blob.to_vec()),
    };
    bytes.push(kind);
    bytes.extend(
        u64::try_from(content.len())
            .unwrap_or(u64::MAX)
            .to_be_bytes(),
    );
    bytes.extend(content);
}

/// A copy of the database beside it; sealed as the original is, and deleted at the end.
struct Scratch {
    db: Connection,
    path: PathBuf,
}

impl Scratch {
    fn copy(from: &Connection, folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("rebuild.tmp.db");
        remove(&path)?;
        let mut db = Connection::open_with_flags(
            &path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        )?;
        db.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        Backup::new(from, &mut db)?.step(-1)?;
        // One transaction that never commits: the copy is thrown away, and a lock for each of its
        // writes was a good part of a check.
        db.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN;")?;
        Ok(Self { db, path })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.path) {
            tracing::warn!(error = %error, "the copy for the rebuild could not be deleted");
        }
    }
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::Failed(format!("copy for the rebuild: {error}")))
        }
        _ => Ok(()),
    }
}
