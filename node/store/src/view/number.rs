//! Registration numbers of this node: the leased list, and the counters of the other two kinds.
//!
//! The high-water marks move in the transaction that registers the person, so no cut gives a
//! number out twice. A list belongs to one life and is dropped when the next one begins.

use node_core::number;
use node_core::view::{IssuedNumber, NumberKind};
use rusqlite::{OptionalExtension, params};

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
        self.refill_own_lease()
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
        self.put_setting(LISTS, &Vec::<[u8; 16]>::new())
    }
}
