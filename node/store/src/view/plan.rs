//! What is due for each person, and who looks after her: one sealed row a person.
//!
//! A plan follows from person, events and definitions and is computed anew when one of them
//! changes ([`node_core::schedule::plan`]); only which reminders left is kept besides. Reminders that
//! still wait for a task that is no longer planned are withdrawn.

use jiff::civil::Date;
use node_core::decide::plan_name;
use node_core::event::Assignment;
use node_core::schedule::{self, Life, Planned, TaskDays, TaskName};
use node_core::view::TaskRow;
use ring::digest::{Context, SHA256, digest};
use rusqlite::{OptionalExtension, Params, params};
use serde::{Deserialize, Serialize};
use sync_core::journal::doc_id;
use sync_core::{EntryRef, Scope};

use crate::hub_store::StoreError;
use crate::name::{name_bytes, parse_name};
use crate::seal::{Owner, Row};
use crate::tx::Tx;

/// Most people whose tasks one question lists; those due first. More come when these are done.
const PEOPLE_LISTED_MAX: u32 = 500;
/// Most people reminded in one transaction; the next turn takes the rest.
const PEOPLE_REMINDED_MAX: u32 = 100;
/// Most people looked at for the digest of a day; what is due later is not counted.
const PEOPLE_TOLD_MAX: u32 = 5_000;
/// Most reminders of one person that are remembered as sent; the oldest are forgotten, long after
/// their days.
const REMINDED_MAX: usize = 400;
/// Plans computed anew in one transaction after the programmes changed.
pub(crate) const REPLANNED_MAX: u32 = 200;

const READ: &str = "SELECT owner, sealed FROM plan WHERE person = ?1";
const WRITE: &str = "INSERT INTO plan
    (person, own, scope, worker, hlc, by, due, remind, definitions, owner, sealed)
    VALUES (?1, ?2, ?3, ?4, 0, ?1, ?5, ?6, ?7, ?8, ?9)
    ON CONFLICT (person) DO UPDATE SET due = excluded.due, remind = excluded.remind,
    definitions = excluded.definitions, owner = excluded.owner, sealed = excluded.sealed";
const DAYS: &str = "UPDATE plan SET remind = ?2, sealed = ?3 WHERE person = ?1";
const ASSIGN: &str = "INSERT INTO plan
    (person, own, scope, worker, hlc, by, due, remind, definitions, owner, sealed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, NULL, x'', ?7, x'')
    ON CONFLICT (person) DO UPDATE SET worker = excluded.worker, hlc = excluded.hlc,
    by = excluded.by WHERE (excluded.hlc, excluded.by) > (hlc, by)";
const WORKER: &str = "SELECT worker FROM plan WHERE person = ?1";
const PEOPLE: &str =
    "SELECT person FROM plan WHERE scope = ?1 AND worker = ?2 ORDER BY id LIMIT ?3";
const STALE: &str = "SELECT person FROM plan WHERE definitions <> ?1 LIMIT ?2";
const OF_WORKER: &str = "SELECT person, worker, owner, sealed FROM plan
    WHERE scope = ?1 AND worker = ?2 AND due <= ?3 ORDER BY due LIMIT ?4";
const TO_REMIND: &str = "SELECT person, worker, owner, sealed FROM plan
    WHERE own = 1 AND remind IS NOT NULL AND remind <= ?1 ORDER BY remind LIMIT ?2";
const TO_TELL: &str = "SELECT person, worker, owner, sealed FROM plan
    WHERE own = 1 AND due IS NOT NULL AND due <= ?1 ORDER BY due LIMIT ?2";
const ALL: &str = "SELECT person, worker, owner, sealed FROM plan WHERE sealed <> x''";

/// The sealed part of a row.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct SealedPlan {
    tasks: Vec<SealedTask>,
    /// Which reminders left, by a short digest of task and day; in order.
    reminded: Vec<[u8; 8]>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SealedTask {
    name: TaskName,
    /// Due, reminder, late, expiry.
    days: (Date, Option<Date>, Option<Date>, Date),
    contact: EntryRef,
    for_worker: bool,
}

impl SealedTask {
    fn new(planned: Planned) -> Self {
        let TaskDays {
            due,
            remind,
            late,
            expires,
        } = planned.days;
        Self {
            name: planned.name,
            days: (due, remind, late, expires),
            contact: planned.contact,
            for_worker: planned.for_worker,
        }
    }

    fn row(&self, subject: EntryRef, worker: u32) -> TaskRow {
        let (due, remind, late, expires) = self.days;
        TaskRow {
            planned: Planned {
                days: TaskDays {
                    due,
                    remind,
                    late,
                    expires,
                },
                name: self.name.clone(),
                contact: self.contact,
                for_worker: self.for_worker,
            },
            subject,
            worker,
        }
    }
}

impl SealedPlan {
    fn due(&self) -> Option<Date> {
        let tasks = self.tasks.iter().filter(|task| task.for_worker);
        tasks.map(|task| task.days.0).min()
    }

    /// The day of the next reminder that has not left.
    fn remind(&self, person: EntryRef) -> Option<Date> {
        let waiting = self
            .tasks
            .iter()
            .filter(|task| !self.has_left(task, person));
        waiting.filter_map(|task| task.days.1).min()
    }

    fn has_left(&self, task: &SealedTask, person: EntryRef) -> bool {
        self.reminded.contains(&mark(&task.row(person, 0)))
    }
}

/// A reminder that left, as it is remembered.
fn mark(task: &TaskRow) -> [u8; 8] {
    let digest = digest(&SHA256, plan_name(task).as_bytes());
    digest.as_ref().first_chunk().copied().unwrap_or_default()
}

fn sealed_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "plan",
        name,
    }
}

/// Days since 1970.
fn day_number(day: Date) -> i64 {
    let since = day.since(jiff::civil::date(1970, 1, 1));
    since.map_or(0, |span| i64::from(span.get_days()))
}

impl Tx<'_> {
    /// A short name of the programmes by which plans are computed.
    fn definitions(&self) -> [u8; 8] {
        let mut context = Context::new(&SHA256);
        for programme in self.config.programmes.offered() {
            context.update(programme.code().as_bytes());
            context.update(&[0]);
            context.update(&programme.version().to_be_bytes());
        }
        let digest = context.finish();
        digest.as_ref().first_chunk().copied().unwrap_or_default()
    }

    fn plan(&self, person: &EntryRef) -> Result<SealedPlan, StoreError> {
        let name = name_bytes(person);
        let found: Option<(i64, Vec<u8>)> = self
            .db
            .prepare_cached(READ)?
            .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match found {
            Some((owner, sealed)) if !sealed.is_empty() => {
                self.open_owned(owner, sealed_row(&name), &sealed)
            }
            _ => Ok(SealedPlan::default()),
        }
    }

    fn planned(&self, person: &EntryRef) -> Result<Option<Vec<SealedTask>>, StoreError> {
        let Some(row) = self.person(person)? else {
            return Ok(None);
        };
        let registrations = self.registrations_by_person(person)?;
        let events = self.events_by_subject(person)?;
        let life = Life {
            person: *person,
            fields: &row.fields,
            registrations: &registrations,
            events: &events,
        };
        let planned = schedule::plan(&self.config.programmes, &life);
        Ok(Some(planned.into_iter().map(SealedTask::new).collect()))
    }

    /// Computes anew what is due for a person.
    pub(crate) fn replan(&self, person: &EntryRef) -> Result<(), StoreError> {
        let Some(tasks) = self.planned(person)? else {
            return Ok(());
        };
        let before = self.plan(person)?;
        for task in &before.tasks {
            if !tasks.contains(task) && before.has_left(task, *person) {
                self.cancel_plan(&plan_name(&task.row(*person, 0)))?;
            }
        }
        let plan = SealedPlan {
            tasks,
            reminded: before.reminded,
        };
        let name = name_bytes(person);
        let entry = self.known_entry(person)?;
        let author = self.entry_meta(entry)?.author;
        let key = self.data_key(Owner::Person(doc_id(self.identity.hub, person)))?;
        let sealed = key.seal_value(sealed_row(&name), &plan)?;
        self.db.prepare_cached(WRITE)?.execute(params![
            name,
            person.origin == self.identity.node,
            person.scope.area().0,
            author,
            plan.due().map(day_number),
            plan.remind(*person).map(day_number),
            self.definitions(),
            key.id,
            sealed
        ])?;
        Ok(())
    }

    /// Computes anew the plans of older definitions; a few at a time, so that nobody waits.
    pub(crate) fn replan_stale(&self) -> Result<(), StoreError> {
        let names: Vec<Vec<u8>> = self
            .db
            .prepare_cached(STALE)?
            .query_map(params![self.definitions(), REPLANNED_MAX], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        names
            .iter()
            .try_for_each(|name| self.replan(&parse_name(name)?))
    }

    /// Assigns people to a worker; an older assignment changes nothing.
    pub(crate) fn assign(
        &self,
        persons: &[EntryRef],
        assignment: &Assignment,
    ) -> Result<(), StoreError> {
        for person in persons {
            let owner = Owner::Person(doc_id(self.identity.hub, person));
            self.db.prepare_cached(ASSIGN)?.execute(params![
                name_bytes(person),
                person.origin == self.identity.node,
                person.scope.area().0,
                assignment.worker,
                assignment.hlc.cast_signed(),
                name_bytes(&assignment.by),
                self.data_key(owner)?.id
            ])?;
        }
        Ok(())
    }

    /// The worker who looks after a person; 0 = nobody.
    pub(crate) fn worker_of(&self, person: &EntryRef) -> Result<u64, StoreError> {
        let worker: Option<u32> = self
            .db
            .prepare_cached(WORKER)?
            .query_row([name_bytes(person)], |row| row.get(0))
            .optional()?;
        Ok(u64::from(worker.unwrap_or(0)))
    }

    /// People whom a worker looks after.
    pub(crate) fn people_of(&self, scope: Scope, worker: u32) -> Result<Vec<EntryRef>, StoreError> {
        let most = crate::token::CANDIDATES_MAX;
        let names: Vec<Vec<u8>> = self
            .db
            .prepare_cached(PEOPLE)?
            .query_map(params![scope.0, worker, most], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        names.iter().map(|name| parse_name(name)).collect()
    }

    /// Tasks of the people that a statement finds.
    fn tasks(
        &self,
        sql: &str,
        parameters: impl Params,
        take: impl Fn(&SealedPlan, &SealedTask, EntryRef) -> bool,
    ) -> Result<Vec<TaskRow>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut found = statement.query(parameters)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let name: Vec<u8> = row.get(0)?;
            let (person, worker) = (parse_name(&name)?, row.get(1)?);
            let sealed: Vec<u8> = row.get(3)?;
            let plan: SealedPlan = self.open_owned(row.get(2)?, sealed_row(&name), &sealed)?;
            let taken = plan.tasks.iter().filter(|task| take(&plan, task, person));
            rows.extend(taken.map(|task| task.row(person, worker)));
        }
        rows.sort();
        Ok(rows)
    }

    /// A worker's tasks that are due by a day, the earliest first.
    pub(crate) fn tasks_of(
        &self,
        scope: Scope,
        worker: u32,
        by: Date,
    ) -> Result<Vec<TaskRow>, StoreError> {
        let mut rows = Vec::new();
        // Whoever is nobody's is in everybody's list, until a worker takes her on.
        for worker in [worker, 0] {
            let parameters = params![scope.0, worker, day_number(by), PEOPLE_LISTED_MAX];
            rows.extend(self.tasks(OF_WORKER, parameters, |_, task, _| {
                task.for_worker && task.days.0 <= by
            })?);
        }
        rows.sort();
        Ok(rows)
    }

    /// Tasks whose reminder is to leave by a day and has not.
    pub(crate) fn tasks_to_remind(&self, day: Date) -> Result<Vec<TaskRow>, StoreError> {
        let parameters = params![day_number(day), PEOPLE_REMINDED_MAX];
        self.tasks(TO_REMIND, parameters, |plan, task, person| {
            task.days.1.is_some_and(|remind| remind <= day) && !plan.has_left(task, person)
        })
    }

    /// Tasks for workers that are due by a day, of people registered here.
    pub(crate) fn tasks_to_tell(&self, day: Date) -> Result<Vec<TaskRow>, StoreError> {
        let parameters = params![day_number(day), PEOPLE_TOLD_MAX];
        self.tasks(TO_TELL, parameters, |_, task, _| {
            task.for_worker && task.days.0 <= day
        })
    }

    /// Remembers reminders as sent.
    pub(crate) fn mark_reminded(&self, rows: &[TaskRow]) -> Result<(), StoreError> {
        for row in rows {
            let mut plan = self.plan(&row.subject)?;
            plan.reminded.push(mark(row));
            let surplus = plan.reminded.len().saturating_sub(REMINDED_MAX);
            plan.reminded.drain(..surplus);
            let name = name_bytes(&row.subject);
            let key = self.data_key(Owner::Person(doc_id(self.identity.hub, &row.subject)))?;
            let sealed = key.seal_value(sealed_row(&name), &plan)?;
            let remind = plan.remind(row.subject).map(day_number);
            self.db
                .prepare_cached(DAYS)?
                .execute(params![name, remind, sealed])?;
        }
        Ok(())
    }

    /// People whose plan is not what follows from their events today.
    pub(crate) fn wrong_plans(&self) -> Result<u64, StoreError> {
        let mut statement = self.db.prepare(ALL)?;
        let mut found = statement.query([])?;
        let mut wrong = 0_u64;
        while let Some(row) = found.next()? {
            let name: Vec<u8> = row.get(0)?;
            let sealed: Vec<u8> = row.get(3)?;
            let plan: SealedPlan = self.open_owned(row.get(2)?, sealed_row(&name), &sealed)?;
            let planned = self.planned(&parse_name(&name)?)?.unwrap_or_default();
            if planned != plan.tasks {
                wrong = wrong.saturating_add(1);
            }
        }
        Ok(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn questions_use_an_index() {
        for sql in [READ, WORKER, PEOPLE, OF_WORKER, TO_REMIND, TO_TELL] {
            check_index(sql);
        }
    }
}
