//! Registration numbers of this node: the leased list, and the counters of the other two kinds.
//!
//! The high-water marks move in the transaction that registers the person, so no cut gives a
//! number out twice. A list belongs to one life and is dropped when the next one begins.

use node_core::command::Command;
use node_core::number::list::{ASK_AT, FEW};
use node_core::number::{self, LONG_NUMBER_DIGITS};
use node_core::person::Field;
use node_core::role::Principal;
use node_core::view::{IssuedNumber, NumberKind, PersonRow};
use rusqlite::{OptionalExtension, params};
use sync_core::{Epoch, NodeId};

use crate::engine::Starts;
use crate::hub_store::StoreError;
use crate::name::row_name;
use crate::seal::{Owner, Row};
use crate::tx::Tx;

/// Numbers in one sealed row, so that handing one out opens little.
const ROW_NUMBERS: usize = 64;

/// First position, owner, sealed bodies.
type ListColumns = (i64, i64, Vec<u8>);

const TOTAL: &str = "SELECT coalesce(max(first + count), 0) FROM lease";
const AT: &str = "SELECT first, owner, sealed FROM lease WHERE first <= ?1
    ORDER BY first DESC LIMIT 1";
const INSERT: &str = "INSERT INTO lease (first, count, owner, sealed) VALUES (?1, ?2, ?3, ?4)";
const CLEAR: &str = "DELETE FROM lease";
const LISTS: &str = "numbers.lists";
const LEASED_USED: &str = "numbers.leased";
const PROVISIONAL_USED: &str = "numbers.provisional";
const SLIPS_USED: &str = "numbers.slip";
/// The mark of [`ASK_AT`] at which the hub was asked last.
const ASKED: &str = "numbers.asked";
const REGISTERED: &str = "SELECT count(*) FROM person JOIN entry ON entry.id = person.entry
    JOIN chain ON chain.id = entry.chain WHERE chain.origin = ?1 AND chain.epoch = ?2";
const WAITS: &str = "INSERT OR IGNORE INTO unnumbered (entry) VALUES (?1)";
const WAITS_NOT: &str = "DELETE FROM unnumbered WHERE entry = ?1";
const WAITING: &str = "SELECT entry FROM unnumbered ORDER BY entry LIMIT ?1";

fn leased_to(node: NodeId, epoch: Epoch) -> String {
    format!("numbers.leased.{}.{}", node.0, epoch.0)
}

fn counter_of(kind: NumberKind) -> &'static str {
    match kind {
        NumberKind::Leased => LEASED_USED,
        NumberKind::Provisional => PROVISIONAL_USED,
        NumberKind::Slip => SLIPS_USED,
    }
}

impl Tx<'_> {
    fn lease_total(&self) -> Result<u64, StoreError> {
        let total: i64 = self
            .db
            .prepare_cached(TOTAL)?
            .query_row([], |row| row.get(0))?;
        Ok(total.cast_unsigned())
    }

    /// How many leased numbers are left.
    pub(crate) fn lease_left(&self) -> Result<u64, StoreError> {
        Ok(self
            .lease_total()?
            .saturating_sub(self.counter(LEASED_USED)?))
    }

    fn leased(&self, position: u64) -> Result<Option<String>, StoreError> {
        let found: Option<ListColumns> = self
            .db
            .prepare_cached(AT)?
            .query_row([position.cast_signed()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((first, owner, sealed)) = found else {
            return Ok(None);
        };
        let row = Row {
            table: "lease",
            name: &row_name(first),
        };
        let bodies: Vec<u32> = self.open_owned(owner, row, &sealed)?;
        let at = usize::try_from(position.saturating_sub(first.cast_unsigned())).unwrap_or(0);
        Ok(bodies.get(at).map(|body| number::full(*body)))
    }

    /// The next numbers, without using them up.
    pub(crate) fn next_numbers(&self, count: u32) -> Result<Vec<IssuedNumber>, StoreError> {
        let mut numbers = Vec::new();
        let mut leased = self.counter(LEASED_USED)?;
        let mut provisional = self.counter(PROVISIONAL_USED)?;
        let mut slips = self.counter(SLIPS_USED)?;
        for _ in 0..count {
            if !self.identity.certified {
                let counter = u32::try_from(slips).unwrap_or(u32::MAX);
                slips = slips.saturating_add(1);
                let digits = number::slip(self.identity.epoch.random(), counter);
                numbers.push(IssuedNumber {
                    digits,
                    kind: NumberKind::Slip,
                });
            } else if let Some(digits) = self.leased(leased)? {
                leased = leased.saturating_add(1);
                numbers.push(IssuedNumber {
                    digits,
                    kind: NumberKind::Leased,
                });
            } else {
                let running = u32::try_from(provisional).unwrap_or(u32::MAX);
                provisional = provisional.saturating_add(1);
                let key = self.vault.provisional_key()?;
                let issued = number::provisional(self.identity.number_prefix, running, &key);
                // Ten thousand used up: the rules get fewer numbers than asked and say so.
                let Some(digits) = issued else { break };
                numbers.push(IssuedNumber {
                    digits,
                    kind: NumberKind::Provisional,
                });
            }
        }
        Ok(numbers)
    }

    /// Uses numbers up: moves the mark of their kind.
    pub(crate) fn use_numbers(&self, numbers: &[IssuedNumber]) -> Result<(), StoreError> {
        for issued in numbers {
            let name = counter_of(issued.kind);
            self.put_setting(name, &self.counter(name)?.saturating_add(1))?;
        }
        self.refill_own_lease()?;
        self.ask_for_numbers()
    }

    /// Tells the hub once that few numbers are left, and again nearer to the end: what it was told
    /// first may be on a stick that never arrived.
    fn ask_for_numbers(&self) -> Result<(), StoreError> {
        let identity = &self.identity;
        let (left, asked) = (self.lease_left()?, self.setting(ASKED)?.unwrap_or(u64::MAX));
        let reached = ASK_AT.iter().rev().find(|mark| left <= **mark).copied();
        let Some(mark) = reached.filter(|mark| *mark < asked) else {
            return Ok(());
        };
        let Some(area) = identity.areas.first().filter(|_| identity.certified) else {
            return Ok(());
        };
        if identity.node == identity.hub_node {
            return Ok(());
        }
        self.put_setting(ASKED, &mark)?;
        if left <= FEW {
            tracing::warn!(
                numbers.left = left,
                "few registration numbers are left: the next list comes with the next sync"
            );
        }
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        let principal = Principal::system(*area, &self.config.language);
        let asked = self.perform(
            &principal,
            &Command::AskNumbers { left },
            &mut Starts::new(),
        )?;
        if let Err(rejection) = asked {
            tracing::warn!(reason = %rejection.text, "the hub is not asked for numbers");
        }
        Ok(())
    }

    /// Hub: notes that numbers were leased to a life of another node.
    pub(crate) fn note_leased(
        &self,
        (node, epoch): (NodeId, Epoch),
        count: usize,
    ) -> Result<(), StoreError> {
        let name = leased_to(node, epoch);
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.put_setting(&name, &self.counter(&name)?.saturating_add(count))
    }

    /// Hub: numbers leased to a life, less the people whom it has registered as far as they came.
    pub(crate) fn numbers_held(&self, node: NodeId, epoch: Epoch) -> Result<u64, StoreError> {
        let registered: i64 = self
            .db
            .prepare_cached(REGISTERED)?
            .query_row(params![node.0, epoch.0.cast_signed()], |row| row.get(0))?;
        let leased = self.counter(&leased_to(node, epoch))?;
        Ok(leased.saturating_sub(registered.cast_unsigned()))
    }

    /// Notes whether a person of this node waits for a permanent number.
    pub(crate) fn note_unnumbered(&self, entry: i64, person: &PersonRow) -> Result<(), StoreError> {
        let number = person.fields.get(Field::Number);
        let waits = person.document.origin == self.identity.node
            && number.is_some_and(|number| number.len() == LONG_NUMBER_DIGITS);
        let sql = if waits { WAITS } else { WAITS_NOT };
        self.db.prepare_cached(sql)?.execute([entry])?;
        Ok(())
    }

    /// People of this node who wait for a permanent number, the first ones first.
    pub(crate) fn unnumbered(&self, count: u32) -> Result<Vec<PersonRow>, StoreError> {
        let entries: Vec<i64> = self
            .db
            .prepare_cached(WAITING)?
            .query_map([count], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut rows = Vec::new();
        for entry in entries {
            rows.extend(self.person(&self.entry_name(entry)?)?);
        }
        Ok(rows)
    }

    /// Appends a leased list; one that is here already changes nothing.
    ///
    /// The first list comes with the enrolment and once more as a fact. No number is ever leased
    /// twice, so its first number names a list.
    pub(crate) fn add_numbers(&self, bodies: &[u32]) -> Result<(), StoreError> {
        let Some(first) = bodies.first() else {
            return Ok(());
        };
        let list = self.exact_token("lease", &[&first.to_be_bytes()]);
        let mut lists: Vec<[u8; 16]> = self.setting(LISTS)?.unwrap_or_default();
        if lists.contains(&list) {
            return Ok(());
        }
        lists.push(list);
        self.put_setting(ASKED, &u64::MAX)?;
        self.put_setting(LISTS, &lists)?;
        let key = self.data_key(Owner::Site)?;
        for chunk in bodies.chunks(ROW_NUMBERS) {
            let first = self.lease_total()?.cast_signed();
            let row = Row {
                table: "lease",
                name: &row_name(first),
            };
            let sealed = key.seal_value(row, &chunk.to_vec())?;
            let count = i64::try_from(chunk.len()).unwrap_or(0);
            self.db
                .prepare_cached(INSERT)?
                .execute(params![first, count, key.id, sealed])?;
        }
        Ok(())
    }

    /// Drops list and marks: a new life begins.
    pub(crate) fn drop_numbers(&self) -> Result<(), StoreError> {
        self.db.prepare_cached(CLEAR)?.execute([])?;
        for name in [LEASED_USED, PROVISIONAL_USED, SLIPS_USED] {
            self.put_setting(name, &0_u64)?;
        }
        self.put_setting(ASKED, &u64::MAX)?;
        self.put_setting(LISTS, &Vec::<[u8; 16]>::new())
    }
}
