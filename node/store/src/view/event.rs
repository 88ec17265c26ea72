//! Events of programmes: sealed under the key of the person that they are about.

use jiff::Timestamp;
use node_core::event::{Event, EventRow};
use rusqlite::{Params, params};
use sync_core::journal::doc_id;
use sync_core::{EntryRef, Scope};

use crate::hub_store::StoreError;
use crate::name::{name_bytes, parse_name, row_name};
use crate::seal::{Owner, Row};
use crate::tx::Tx;

/// Most events that one question finds, the newest where there are more; older ones are left out.
pub(crate) const EVENTS_FOUND_MAX: u32 = 500;

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT entry, event.name, subject, scope, author, at, owner, sealed,
             event_void.name IS NULL FROM event
             LEFT JOIN event_void ON event_void.name = event.name ",
            $tail
        )
    };
}

const BY_NAME: &str = select!("WHERE event.name = ?1");
const BY_SUBJECT: &str = select!("WHERE subject = ?1 ORDER BY at, entry LIMIT ?2");
const BY_REFERS: &str = select!("WHERE refers = ?1 ORDER BY at DESC, entry DESC LIMIT ?2");
const BY_KIND: &str = select!("WHERE kind = ?1 ORDER BY at DESC, entry DESC LIMIT ?2");
const BY_AUTHOR: &str =
    select!("WHERE scope = ?1 AND author = ?2 AND at >= ?3 ORDER BY at DESC, entry DESC LIMIT ?4");
const INSERT: &str = "INSERT OR IGNORE INTO event
    (entry, name, subject, refers, kind, scope, author, at, owner, sealed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

fn sealed_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "event",
        name,
    }
}

impl Tx<'_> {
    fn events(&self, sql: &str, parameters: impl Params) -> Result<Vec<EventRow>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut found = statement.query(parameters)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let entry: i64 = row.get(0)?;
            let subject: Option<Vec<u8>> = row.get(2)?;
            let sealed: Vec<u8> = row.get(7)?;
            let event: Event =
                self.open_owned(row.get(6)?, sealed_row(&row_name(entry)), &sealed)?;
            let at = Timestamp::from_millisecond(row.get(5)?)
                .map_err(|_range| StoreError::Failed("a moment is out of range".to_owned()))?;
            rows.push(EventRow {
                id: parse_name(&row.get::<_, Vec<u8>>(1)?)?,
                subject: subject.map(|name| parse_name(&name)).transpose()?,
                event,
                author: (Scope(row.get(3)?), row.get(4)?),
                at,
                live: row.get(8)?,
            });
        }
        Ok(rows)
    }

    /// An event by its entry.
    pub(crate) fn event(&self, id: &EntryRef) -> Result<Vec<EventRow>, StoreError> {
        self.events(BY_NAME, [name_bytes(id)])
    }

    /// Events about a person, in order of capture.
    pub(crate) fn events_by_subject(&self, person: &EntryRef) -> Result<Vec<EventRow>, StoreError> {
        self.events(BY_SUBJECT, params![name_bytes(person), EVENTS_FOUND_MAX])
    }

    /// Events that refer to an event, newest first.
    pub(crate) fn events_referring(&self, id: &EntryRef) -> Result<Vec<EventRow>, StoreError> {
        self.events(BY_REFERS, params![name_bytes(id), EVENTS_FOUND_MAX])
    }

    /// Events of one code, newest first.
    pub(crate) fn events_by_code(
        &self,
        programme: &str,
        code: &str,
    ) -> Result<Vec<EventRow>, StoreError> {
        let kind = self.event_kind(programme, code);
        self.events(BY_KIND, params![kind, EVENTS_FOUND_MAX])
    }

    /// Events of one author since a moment, newest first.
    pub(crate) fn events_by_author(
        &self,
        scope: Scope,
        author: u32,
        since: Timestamp,
    ) -> Result<Vec<EventRow>, StoreError> {
        let since = since.as_millisecond();
        self.events(BY_AUTHOR, params![scope.0, author, since, EVENTS_FOUND_MAX])
    }

    fn event_kind(&self, programme: &str, code: &str) -> [u8; 16] {
        self.exact_token("event", &[programme.as_bytes(), &[0], code.as_bytes()])
    }

    /// Inserts an event; a known one stays as it is.
    pub(crate) fn put_event(&self, row: &EventRow) -> Result<(), StoreError> {
        let entry = self.known_entry(&row.id)?;
        let owner = row.subject.map_or(Owner::Site, |person| {
            Owner::Person(doc_id(self.identity.hub, &person))
        });
        let key = self.data_key(owner)?;
        let sealed = key.seal_value(sealed_row(&row_name(entry)), &row.event)?;
        self.db.prepare_cached(INSERT)?.execute(params![
            entry,
            name_bytes(&row.id),
            row.subject.map(|person| name_bytes(&person)),
            row.event.refers.map(|refers| name_bytes(&refers)),
            self.event_kind(&row.event.programme, &row.event.code),
            row.author.0.0,
            row.author.1,
            row.at.as_millisecond(),
            key.id,
            sealed
        ])?;
        row.subject.map_or(Ok(()), |person| self.weigh(&person))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn questions_use_an_index() {
        for sql in [BY_NAME, BY_SUBJECT, BY_REFERS, BY_KIND, BY_AUTHOR] {
            check_index(sql);
        }
    }
}
