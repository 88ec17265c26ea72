//! The read log as auditors read it: reads by kind, reader and day from the counts, what they say
//! from the bodies of their facts, and complaints that wait (IDENTITY §6.1).
//!
//! A read stands in the area of its fact. An auditor of one area is given that area, and what lies
//! in none of this hub's areas, as the reads of served registries do.

use core::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};
use node_core::event::{EventRow, parse_entry_text};
use node_core::fact::Fact;
use node_core::number;
use node_core::office::log::{
    BulkReads, Complaint, Kind, LogLine, LogPage, LogPlace, LogQuestion, Logged,
};
use node_core::programme::event::Recipient;
use node_core::read::{MANY_MAX, MANY_S, ReadNote, ReadRow, Reader};
use rusqlite::{OptionalExtension, Params, params};
use sync_core::{EntryRef, Scope, hlc};

use crate::hub_store::StoreError;
use crate::name::{NAME_BYTES, name_bytes, parse_name};
use crate::query::RECORDS_MAX;
use crate::tx::Tx;

/// Bulk reads on top of a page, the newest; the kind *bulk reads* lists [`BULK_LISTED_MAX`].
const BULK_SHOWN_MAX: u32 = 5;
/// Bulk reads in a list of them, the newest; older ones are left out.
const BULK_LISTED_MAX: u32 = 100;
/// Days backwards in which bulk reads are looked for; older ones are left out.
const BULK_DAYS_MAX: i64 = 30;
/// Behind every name.
const LAST: [u8; NAME_BYTES] = [u8::MAX; NAME_BYTES];

/// A read of the auditor's area ?1, or of one that is none of ours (?2: ours, each between commas).
macro_rules! select {
    ($of:literal) => {
        concat!(
            "SELECT at, entry FROM read_count WHERE ",
            $of,
            " AND at >= ?4 AND at <= ?5 AND (at, entry) < (?5, ?6)
             AND (area = ?1 OR instr(?2, ',' || area || ',') = 0)
             ORDER BY at DESC, entry DESC LIMIT ?7"
        )
    };
}

const BY_CLASS: &str = select!("class = ?3");
const BY_READER: &str = select!("reader = ?3");
const COUNT: &str = "SELECT persons FROM read_count WHERE reader = ?1 AND at = ?2 AND entry = ?3";
/// The rule of the auditors' alert: the sum of a reader's last hour, told once in a clock hour.
const BULK: &str = "SELECT reader, max(total), max(at) FROM
    (SELECT reader, at, sum(persons) OVER (PARTITION BY reader ORDER BY at
        RANGE BETWEEN ?3 PRECEDING AND CURRENT ROW) AS total
     FROM read_count WHERE class IN (1, 2, 3, 4, 5, 6, 7, 8, 9) AND at > ?4
     AND (area = ?1 OR instr(?2, ',' || area || ',') = 0))
    WHERE total > ?5 GROUP BY reader, at / ?6 ORDER BY max(at) DESC LIMIT ?7";

impl Tx<'_> {
    /// A part of the log; `None` where the person is not of the auditor's area.
    pub(crate) fn log_page(&self, asked: &LogQuestion) -> Result<Option<LogPage>, StoreError> {
        let limit = usize::try_from(asked.limit.clamp(1, RECORDS_MAX)).unwrap_or(1);
        let mut page = LogPage {
            filter: asked.filter.clone(),
            person: None,
            lines: Vec::new(),
            next: None,
            bulk: Vec::new(),
            complaints: 0,
        };
        if let Some(person) = &asked.filter.person {
            let Some((members, hint)) = self.logged_person(person, asked.area)? else {
                return Ok(None);
            };
            page.lines = self.lines_of(&members, asked)?;
            page.person = Some((members, hint));
        } else {
            let waiting = self.open_complaints(asked.area)?.len();
            page.complaints = u64::try_from(waiting).unwrap_or(u64::MAX);
            let most = match asked.filter.kind {
                Kind::Bulk => BULK_LISTED_MAX,
                _ => BULK_SHOWN_MAX,
            };
            page.bulk = self.bulk_reads(asked, most)?;
            if asked.filter.kind != Kind::Bulk {
                page.lines = self.lines(asked, limit.saturating_add(1))?;
            }
        }
        if page.lines.len() > limit {
            page.lines.truncate(limit);
            page.next = page.lines.last().map(|line| line.place);
        }
        Ok(Some(page))
    }

    /// All documents of a person of the area, and the end of her number.
    fn logged_person(&self, person: &EntryRef, area: Scope) -> Result<Option<Logged>, StoreError> {
        if person.scope.area() != area.area() {
            return Ok(None);
        }
        Ok(self.whole(person)?.map(|whole| {
            let hint = whole.number().map(number::hint).unwrap_or_default();
            (whole.members, hint)
        }))
    }

    /// Newest lines of the area behind a place.
    fn lines(&self, asked: &LogQuestion, limit: usize) -> Result<Vec<LogLine>, StoreError> {
        let classes = asked.filter.kind.classes();
        let mut places = Vec::new();
        if let Some(reader) = &asked.filter.reader {
            let name = super::read::reader_name(reader)?;
            // What the reader read in other ways is passed over below.
            places.extend(self.places(BY_READER, name, asked, RECORDS_MAX)?);
        } else {
            let most = u32::try_from(limit).unwrap_or(RECORDS_MAX);
            for class in classes {
                places.extend(self.places(BY_CLASS, class.number(), asked, most)?);
            }
        }
        places.sort_unstable_by_key(|place| Reverse(*place));
        let mut lines = Vec::new();
        for place in places {
            if lines.len() >= limit {
                break;
            }
            let line = self.line(place)?;
            lines.extend(line.filter(|line| classes.contains(&line.class)));
        }
        Ok(lines)
    }

    fn places(
        &self,
        sql: &str,
        of: impl rusqlite::ToSql,
        asked: &LogQuestion,
        limit: u32,
    ) -> Result<Vec<LogPlace>, StoreError> {
        let (first, last) = asked.filter.span_ms();
        let (mut until, mut entry) = (last, LAST);
        if let Some(before) = asked.before
            && before.at.as_millisecond() <= last
        {
            (until, entry) = (before.at.as_millisecond(), name_bytes(&before.entry));
        }
        let (area, ours) = self.log_areas(asked.area);
        let bound = params![area, ours, of, first, until, entry, limit];
        self.read_places(sql, bound)
    }

    fn read_places(&self, sql: &str, bound: impl Params) -> Result<Vec<LogPlace>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut found = statement.query(bound)?;
        let mut places = Vec::new();
        while let Some(row) = found.next()? {
            places.push(LogPlace {
                at: moment(row.get(0)?)?,
                entry: parse_name(&row.get::<_, Vec<u8>>(1)?)?,
            });
        }
        Ok(places)
    }

    /// The area as a column, and all of ours between commas.
    fn log_areas(&self, area: Scope) -> (u32, String) {
        let ours = self.identity.areas.iter();
        let ours: Vec<String> = ours.map(|one| one.area().0.to_string()).collect();
        (area.area().0, format!(",{},", ours.join(",")))
    }

    /// What a fact of the log says; `None` where it is none, or not here.
    fn line(&self, place: LogPlace) -> Result<Option<LogLine>, StoreError> {
        let Some(note) = self.read_note(&place.entry)? else {
            return Ok(None);
        };
        let row = note.row(place.entry, place.at);
        Ok(Some(self.line_of(row, note.count())?))
    }

    fn line_of(&self, row: ReadRow, count: u64) -> Result<LogLine, StoreError> {
        Ok(LogLine {
            place: LogPlace {
                at: row.at,
                entry: row.entry,
            },
            class: row.class,
            name: self.reader_staff(&row.reader)?,
            reader: row.reader,
            site: row.place,
            application: row.application,
            reason: row.reason,
            count,
        })
    }

    fn read_note(&self, entry: &EntryRef) -> Result<Option<ReadNote>, StoreError> {
        let Some(id) = self.entry_id(entry)? else {
            return Ok(None);
        };
        let body = self.body_if_kept(id)?;
        Ok(match body.as_deref().map(Fact::decode) {
            Some(Ok(Fact::RecordsRead(note))) => Some(note),
            _ => None,
        })
    }

    fn reader_staff(&self, reader: &Reader) -> Result<Option<String>, StoreError> {
        match reader {
            Reader::Staff(scope, index, _) => self.staff_name_of((*scope, *index)),
            Reader::Own | Reader::Caller | Reader::Client(_) => Ok(None),
        }
    }

    /// The reads of a person, by all her documents, each once.
    fn lines_of(
        &self,
        members: &[EntryRef],
        asked: &LogQuestion,
    ) -> Result<Vec<LogLine>, StoreError> {
        let mut lines: Vec<LogLine> = Vec::new();
        for member in members {
            for row in self.reads_of(member)? {
                let count = self.read_count(&row)?;
                lines.push(self.line_of(row, count)?);
            }
        }
        lines.retain(|line| {
            asked.filter.takes(line) && asked.before.is_none_or(|before| line.place < before)
        });
        lines.sort_by_key(|line| Reverse(line.place));
        lines.dedup_by_key(|line| line.place);
        Ok(lines)
    }

    fn read_count(&self, row: &ReadRow) -> Result<u64, StoreError> {
        let bound = params![
            super::read::reader_name(&row.reader)?,
            row.at.as_millisecond(),
            name_bytes(&row.entry)
        ];
        let mut statement = self.db.prepare_cached(COUNT)?;
        let count: Option<i64> = statement.query_row(bound, |row| row.get(0)).optional()?;
        Ok(count.map_or(1, i64::unsigned_abs))
    }

    fn bulk_reads(&self, asked: &LogQuestion, limit: u32) -> Result<Vec<BulkReads>, StoreError> {
        let since = asked
            .at
            .checked_sub(SignedDuration::from_hours(BULK_DAYS_MAX * 24));
        let since = since.map_or(i64::MIN, Timestamp::as_millisecond);
        let (area, ours) = self.log_areas(asked.area);
        let hour_ms = MANY_S * 1_000;
        let many = i64::try_from(MANY_MAX).unwrap_or(i64::MAX);
        let mut statement = self.db.prepare_cached(BULK)?;
        let mut found = statement.query(params![
            area,
            ours,
            hour_ms - 1,
            since,
            many,
            hour_ms,
            limit
        ])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let reader: Reader = postcard::from_bytes(&row.get::<_, Vec<u8>>(0)?)
                .map_err(|error| StoreError::Failed(format!("a reader is malformed: {error}")))?;
            let bulk = BulkReads {
                name: self.reader_staff(&reader)?,
                reader,
                count: row.get::<_, i64>(1)?.unsigned_abs(),
                at: moment(row.get(2)?)?,
            };
            rows.push(bulk);
        }
        Ok(rows)
    }

    /// Complaints of the area that no live event answers, newest first.
    fn open_complaints(&self, area: Scope) -> Result<Vec<EventRow>, StoreError> {
        let mut open = Vec::new();
        for programme in self.config.programmes.iter() {
            let told =
                |notify: &node_core::programme::event::Notify| notify.to == Recipient::Auditors;
            let events = programme.definition().events.iter();
            for event in events.filter(|event| event.notify.iter().any(told)) {
                for row in self.events_by_code(programme.code(), &event.code)? {
                    let here = row.live && row.author.0.area() == area.area();
                    if here && !self.is_answered(&row.id)? {
                        open.push(row);
                    }
                }
            }
        }
        open.sort_by_key(|row| Reverse((row.at, row.id)));
        open.dedup_by_key(|row| row.id);
        Ok(open)
    }

    fn is_answered(&self, id: &EntryRef) -> Result<bool, StoreError> {
        Ok(self.events_referring(id)?.iter().any(|row| row.live))
    }

    /// Complaints that wait, with the read that each is about.
    pub(crate) fn complaints(&self, area: Scope, limit: u32) -> Result<Vec<Complaint>, StoreError> {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut rows = Vec::new();
        for row in self.open_complaints(area)?.into_iter().take(most) {
            let Some(person) = row.subject else {
                continue;
            };
            let (mut words, mut about) = (Vec::new(), None);
            for value in row.event.fields.values() {
                match parse_entry_text(value) {
                    Some(entry) => about = self.line_at(&entry)?,
                    None => words.push(value.clone()),
                }
            }
            rows.push(Complaint {
                person,
                at: row.at,
                hint: number::hint(&self.number_of(&person)?),
                words,
                about,
            });
        }
        Ok(rows)
    }

    fn line_at(&self, entry: &EntryRef) -> Result<Option<LogLine>, StoreError> {
        let Some(id) = self.entry_id(entry)? else {
            return Ok(None);
        };
        let at = hlc::timestamp(self.entry_meta(id)?.hlc);
        self.line(LogPlace { at, entry: *entry })
    }
}

fn moment(ms: i64) -> Result<Timestamp, StoreError> {
    let at = Timestamp::from_millisecond(ms);
    at.map_err(|_range| StoreError::Failed("a moment is out of range".to_owned()))
}

#[cfg(test)]
mod tests {
    use node_core::read::Class;

    use super::*;
    use crate::migrate::tests::{check_index, plan};

    #[test]
    fn look_ups_use_an_index() {
        for sql in [BY_CLASS, BY_READER, COUNT] {
            check_index(sql);
        }
        let bulk = plan(BULK);
        assert!(bulk.contains("SEARCH read_count USING"), "{bulk}");
    }

    #[test]
    fn bulk_reads_are_counted_over_every_class_of_others() {
        let numbers: Vec<String> = Kind::Bulk
            .classes()
            .iter()
            .map(|class| class.number().to_string())
            .collect();
        assert!(BULK.contains(&format!("({})", numbers.join(", "))));
        assert_eq!(Class::Own.number(), 0);
    }
}
