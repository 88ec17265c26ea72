//! Lists of reference data per area: parts that wait for the rest, and the items that hold.
//!
//! They are public and lie in clear. A counter rises with every revision that holds, so that a
//! running program sees that its menus have changed.

use std::sync::Arc;

use node_core::programme::definition::Place;
use node_core::reference::{KnownItem, PLACES, ReferenceItem, ReferencePart, after};
use rusqlite::{OptionalExtension, params};
use sync_core::Scope;

use crate::config::ReadyConfig;
use crate::hub_store::StoreError;
use crate::seal::{decode, encode};
use crate::tx::Tx;

const REVISION: &str = "SELECT revision FROM reference_list WHERE scope = ?1 AND list = ?2";
const SET_REVISION: &str = "INSERT INTO reference_list (scope, list, revision) VALUES (?1, ?2, ?3)
    ON CONFLICT (scope, list) DO UPDATE SET revision = excluded.revision";
const ITEMS: &str = "SELECT retired, item FROM reference_item WHERE scope = ?1 AND list = ?2
    ORDER BY place";
const OFFERED: &str = "SELECT scope, item FROM reference_item WHERE list = ?1 AND retired = 0
    ORDER BY scope, place";
const CLEAR_ITEMS: &str = "DELETE FROM reference_item WHERE scope = ?1 AND list = ?2";
const PUT_ITEM: &str = "INSERT INTO reference_item (scope, list, place, retired, item)
    VALUES (?1, ?2, ?3, ?4, ?5)";
const PUT_PART: &str = "INSERT OR IGNORE INTO reference_part (scope, list, revision, part, items)
    VALUES (?1, ?2, ?3, ?4, ?5)";
const PARTS: &str = "SELECT items FROM reference_part
    WHERE scope = ?1 AND list = ?2 AND revision = ?3 ORDER BY part";
const CLEAR_PARTS: &str =
    "DELETE FROM reference_part WHERE scope = ?1 AND list = ?2 AND revision <= ?3";
/// Settings with menus, and the stamp that they hold for.
pub(crate) type Menus = (u64, Arc<ReadyConfig>);
/// Name of the counter of revisions.
const STAMP: &str = "reference.stamp";

impl Tx<'_> {
    /// How often a revision came to hold here.
    pub(crate) fn reference_stamp(&self) -> Result<u64, StoreError> {
        self.counter(STAMP)
    }

    /// Revision and items of a list, retired ones behind; 0 and none when it was never published.
    pub(crate) fn reference(
        &self,
        area: Scope,
        list: &str,
    ) -> Result<(u32, Vec<KnownItem>), StoreError> {
        let revision = self.reference_revision(area, list)?;
        let mut statement = self.db.prepare_cached(ITEMS)?;
        let mut found = statement.query(params![area.area().0, list])?;
        let mut items = Vec::new();
        while let Some(row) = found.next()? {
            let item: Vec<u8> = row.get(1)?;
            items.push(KnownItem {
                item: decode(&item)?,
                retired: row.get(0)?,
            });
        }
        Ok((revision, items))
    }

    fn reference_revision(&self, area: Scope, list: &str) -> Result<u32, StoreError> {
        let revision: Option<u32> = self
            .db
            .prepare_cached(REVISION)?
            .query_row(params![area.area().0, list], |row| row.get(0))
            .optional()?;
        Ok(revision.unwrap_or(0))
    }

    /// Keeps a part; with the last one the whole revision holds.
    pub(crate) fn put_reference(
        &self,
        area: Scope,
        part: &ReferencePart,
    ) -> Result<(), StoreError> {
        let (scope, list) = (area.area().0, part.list.as_str());
        if part.revision <= self.reference_revision(area, list)? {
            return Ok(());
        }
        let items = encode(&part.items)?;
        self.db.prepare_cached(PUT_PART)?.execute(params![
            scope,
            list,
            part.revision,
            part.part,
            items
        ])?;
        let held: Vec<Vec<u8>> = self
            .db
            .prepare_cached(PARTS)?
            .query_map(params![scope, list, part.revision], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        if held.len() < usize::from(part.parts) {
            return Ok(());
        }
        let mut items: Vec<ReferenceItem> = Vec::new();
        for part in held {
            items.extend(decode::<Vec<ReferenceItem>>(&part)?);
        }
        let (_, before) = self.reference(area, list)?;
        self.db
            .prepare_cached(CLEAR_ITEMS)?
            .execute(params![scope, list])?;
        for (place, known) in (0_i64..).zip(after(&before, &items)) {
            let item = encode(&known.item)?;
            self.db.prepare_cached(PUT_ITEM)?.execute(params![
                scope,
                list,
                place,
                known.retired,
                item
            ])?;
        }
        self.db
            .prepare_cached(SET_REVISION)?
            .execute(params![scope, list, part.revision])?;
        self.db
            .prepare_cached(CLEAR_PARTS)?
            .execute(params![scope, list, part.revision])?;
        let stamp = self.reference_stamp()?.saturating_add(1);
        self.put_setting(STAMP, &stamp)
    }

    /// Settings with the menus that hold now, and the stamp that they hold for; `None` where nothing
    /// was ever published.
    pub(crate) fn menus(&self) -> Result<Option<Menus>, StoreError> {
        let stamp = self.reference_stamp()?;
        if stamp == 0 {
            return Ok(None);
        }
        let places = self.published_places()?;
        let (programmes, findings) = self.config.programmes.with_places(&places);
        if let Some(first) = findings.first() {
            tracing::warn!(finding = %first.message, "published places fit no screen, so the old ones stay");
        }
        let config = self.config.with_programmes(programmes);
        Ok(Some((stamp, Arc::new(config))))
    }

    /// Places for menus, of all areas here, each code once.
    pub(crate) fn published_places(&self) -> Result<Vec<Place>, StoreError> {
        let mut statement = self.db.prepare_cached(OFFERED)?;
        let mut found = statement.query([PLACES])?;
        let mut places: Vec<Place> = Vec::new();
        while let Some(row) = found.next()? {
            let item: Vec<u8> = row.get(1)?;
            let item: ReferenceItem = decode(&item)?;
            if places.iter().all(|place| place.code != item.code) {
                places.push(Place {
                    name: item.name(&self.config.language).to_owned(),
                    area: item.parent.clone().unwrap_or_default(),
                    code: item.code,
                });
            }
        }
        Ok(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn look_ups_of_lists_use_an_index() {
        for sql in [REVISION, ITEMS, CLEAR_ITEMS, PARTS, CLEAR_PARTS] {
            check_index(sql);
        }
    }
}
