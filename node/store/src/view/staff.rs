//! Staff: hub-signed role grants, an append-only list per area, and the places that ended.

use node_core::role::RoleGrant;
use rusqlite::{Params, params};
use sync_core::Scope;

use crate::hub_store::StoreError;
use crate::name::row_name;
use crate::seal::{Owner, Row};
use crate::token::About;
use crate::tx::Tx;

const BY_ID: &str = "SELECT id, owner, sealed FROM staff WHERE id = ?1";
const BY_INDEX: &str = "SELECT id, owner, sealed FROM staff WHERE scope = ?1 AND number = ?2";
const BY_SCOPE: &str = "SELECT id, owner, sealed FROM staff WHERE scope = ?1 ORDER BY number";
const COUNT: &str = "SELECT coalesce(max(number), 0) FROM staff WHERE scope = ?1";
const INSERT: &str = "INSERT OR IGNORE INTO staff (scope, number, owner, sealed)
    VALUES (?1, ?2, ?3, ?4)";
const END: &str = "INSERT OR IGNORE INTO staff_end (scope, number) VALUES (?1, ?2)";
const ENDED: &str = "SELECT count(*) FROM staff_end WHERE scope = ?1 AND number = ?2";

/// Grants are sealed for scope and index, which name them for ever.
fn name(scope: Scope, index: u32) -> [u8; 8] {
    row_name((i64::from(scope.0) << 32) | i64::from(index))
}

impl Tx<'_> {
    fn grants(&self, sql: &str, parameters: impl Params) -> Result<Vec<RoleGrant>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut found = statement.query(parameters)?;
        let mut grants = Vec::new();
        while let Some(row) = found.next()? {
            let id: i64 = row.get(0)?;
            let (scope, index) = self.staff_name(id)?;
            let sealed: Vec<u8> = row.get(2)?;
            let table_row = Row {
                table: "staff",
                name: &name(scope, index),
            };
            grants.push(self.open_owned(row.get(1)?, table_row, &sealed)?);
        }
        Ok(grants)
    }

    fn staff_name(&self, id: i64) -> Result<(Scope, u32), StoreError> {
        const NAME: &str = "SELECT scope, number FROM staff WHERE id = ?1";
        Ok(self
            .db
            .prepare_cached(NAME)?
            .query_row([id], |row| Ok((Scope(row.get(0)?), row.get(1)?)))?)
    }

    /// Grants to a number, E.164 with `+`, that the hub did not take back.
    pub(crate) fn staff_by_phone(&self, phone: &str) -> Result<Vec<RoleGrant>, StoreError> {
        let mut grants = Vec::new();
        for id in self.find_token(&self.staff_token(phone), About::Staff)? {
            for grant in self.grants(BY_ID, [id])? {
                if !self.is_staff_ended(grant.scope, grant.index)? {
                    grants.push(grant);
                }
            }
        }
        Ok(grants)
    }

    /// Whether a place of an area's list holds nothing any more.
    pub(crate) fn is_staff_ended(&self, scope: Scope, index: u32) -> Result<bool, StoreError> {
        let count: i64 = self
            .db
            .prepare_cached(ENDED)?
            .query_row(params![scope.area().0, index], |row| row.get(0))?;
        Ok(count > 0)
    }

    /// Ends a place of an area's list; once is as good as twice.
    pub(crate) fn end_staff(&self, scope: Scope, index: u32) -> Result<(), StoreError> {
        self.db
            .prepare_cached(END)?
            .execute(params![scope.area().0, index])?;
        Ok(())
    }

    /// One place of an area's list.
    pub(crate) fn staff(&self, scope: Scope, index: u32) -> Result<Vec<RoleGrant>, StoreError> {
        self.grants(BY_INDEX, params![scope.area().0, index])
    }

    /// An area's list.
    pub(crate) fn staff_of(&self, scope: Scope) -> Result<Vec<RoleGrant>, StoreError> {
        self.grants(BY_SCOPE, [scope.area().0])
    }

    /// How many places an area's list has.
    pub(crate) fn count_staff(&self, scope: Scope) -> Result<u64, StoreError> {
        let count: i64 = self
            .db
            .prepare_cached(COUNT)?
            .query_row([scope.area().0], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    /// Appends a grant; one whose place is taken changes nothing.
    pub(crate) fn put_staff(&self, grant: &RoleGrant) -> Result<(), StoreError> {
        let scope = grant.scope.area();
        let key = self.data_key(Owner::Site)?;
        let table_row = Row {
            table: "staff",
            name: &name(scope, grant.index),
        };
        let sealed = key.seal_value(table_row, grant)?;
        let new = self.db.prepare_cached(INSERT)?.execute(params![
            scope.0,
            grant.index,
            key.id,
            sealed
        ])?;
        if new == 1 {
            let id = self.db.last_insert_rowid();
            self.put_token(&self.staff_token(&grant.phone), About::Staff, id)?;
        }
        Ok(())
    }
}
