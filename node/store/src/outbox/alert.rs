//! Alerts on their way: each step goes once to each number, a page of people at a time.
//!
//! A site sends to the people whom it registered; a hub leaves a number that a node knows to that node.
//! What a number has not been sent yet gives way to the next step. Expired steps send nothing more.

use jiff::Timestamp;
use node_core::alert::{Alert, AlertId, AlertKind, AlertLevel};
use node_core::message::audience::AUDIENCE_PAGE_MAX;
use node_core::person::Field;
use node_core::view::{MessageClass, NewMessage, Terms};
use rusqlite::{OptionalExtension, params};
use sync_core::{EntryRef, NodeId, Scope};

use super::audience::EVERYBODY;
use crate::hub_store::StoreError;
use crate::seal::{Owner, Row};
use crate::tx::Tx;

/// Alerts that one pick works on; the next pick goes on.
const AT_ONCE_MAX: u32 = 4;

const INSERT: &str = "INSERT OR IGNORE INTO alert (id, step, scope, kind, level, expires_at,
    only_origin, own, after, done, queued, owner, sealed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, 0, ?9, ?10)";
const KNOWN: &str = "SELECT count(*) FROM alert WHERE id = ?1 AND step = ?2";
const OVERTAKE: &str = "UPDATE alert SET done = 1 WHERE id = ?1 AND step < ?2";
const NEWEST: &str = "SELECT id, level FROM alert WHERE scope = ?1 AND step = 0
    ORDER BY number DESC LIMIT 1";
const LAST_STEP: &str = "SELECT step, kind FROM alert WHERE id = ?1 ORDER BY step DESC LIMIT 1";
const OPEN: &str = "SELECT number, id, step, scope, kind, level, expires_at, only_origin, own,
    after, owner, sealed FROM alert WHERE done = 0 ORDER BY number LIMIT ?1";
const ADVANCE: &str =
    "UPDATE alert SET after = ?2, done = ?3, queued = queued + ?4 WHERE number = ?1";

/// An alert that holds: its name, its level, its last step.
type Live = (AlertId, AlertLevel, u32);
/// A number and its language.
type Reached = (String, String);

/// An alert that is being sent.
struct Sending {
    number: i64,
    alert: Alert,
    scope: Scope,
    own: bool,
    after: i64,
}

fn kind_number(kind: AlertKind) -> u8 {
    match kind {
        AlertKind::Raised => 0,
        AlertKind::FollowUp => 1,
        AlertKind::AllClear => 2,
    }
}

fn kind_of(number: u8) -> AlertKind {
    match number {
        0 => AlertKind::Raised,
        1 => AlertKind::FollowUp,
        _ => AlertKind::AllClear,
    }
}

fn level_number(level: AlertLevel) -> u8 {
    match level {
        AlertLevel::Advice => 0,
        AlertLevel::Warning => 1,
        AlertLevel::Danger => 2,
    }
}

fn level_of(number: u8) -> AlertLevel {
    match number {
        0 => AlertLevel::Advice,
        1 => AlertLevel::Warning,
        _ => AlertLevel::Danger,
    }
}

/// The row of a step for its seal.
fn name_of(alert: &Alert) -> Vec<u8> {
    [alert.id.0.as_slice(), &alert.step.to_be_bytes()].concat()
}

fn row_of(name: &[u8]) -> Row<'_> {
    Row {
        table: "alert",
        name,
    }
}

impl Tx<'_> {
    /// Begins to send a step; a known one changes nothing, and steps before it give way.
    pub(crate) fn start_alert(
        &self,
        scope: Scope,
        alert: &Alert,
        own: bool,
    ) -> Result<(), StoreError> {
        let key = self.data_key(Owner::Site)?;
        let sealed = key.seal(row_of(&name_of(alert)), alert.text.as_bytes())?;
        self.db.prepare_cached(INSERT)?.execute(params![
            alert.id.0,
            alert.step,
            scope.area().0,
            kind_number(alert.kind),
            level_number(alert.level),
            alert.expires_at.as_millisecond(),
            alert.only.map_or(-1, |only| i64::from(only.0)),
            own,
            key.id,
            sealed
        ])?;
        self.db
            .prepare_cached(OVERTAKE)?
            .execute(params![alert.id.0, alert.step])?;
        Ok(())
    }

    /// Whether a step is known here.
    pub(crate) fn is_alert_known(&self, id: AlertId, step: u32) -> Result<bool, StoreError> {
        let count: i64 = self
            .db
            .prepare_cached(KNOWN)?
            .query_row(params![id.0, step], |row| row.get(0))?;
        Ok(count > 0)
    }

    /// The newest alert of an area, unless its all-clear is here.
    pub(crate) fn live_alert(&self, scope: Scope) -> Result<Option<Live>, StoreError> {
        let newest: Option<([u8; 8], u8)> = self
            .db
            .prepare_cached(NEWEST)?
            .query_row([scope.area().0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((id, level)) = newest else {
            return Ok(None);
        };
        let (step, kind): (u32, u8) = self
            .db
            .prepare_cached(LAST_STEP)?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let live = kind_of(kind) != AlertKind::AllClear;
        Ok(live.then_some((AlertId(id), level_of(level), step)))
    }

    /// Queues the next people of alerts that are being sent.
    pub(super) fn walk_alerts(&self) -> Result<(), StoreError> {
        for sending in self.open_alerts()? {
            self.walk_alert(&sending)?;
        }
        Ok(())
    }

    fn open_alerts(&self) -> Result<Vec<Sending>, StoreError> {
        let mut statement = self.db.prepare_cached(OPEN)?;
        let mut rows = statement.query([AT_ONCE_MAX])?;
        let mut open = Vec::new();
        while let Some(row) = rows.next()? {
            let only: i64 = row.get(7)?;
            let mut alert = Alert {
                id: AlertId(row.get(1)?),
                step: row.get(2)?,
                kind: kind_of(row.get(4)?),
                level: level_of(row.get(5)?),
                text: String::new(),
                expires_at: Timestamp::from_millisecond(row.get(6)?)
                    .map_err(|error| StoreError::Failed(error.to_string()))?,
                only: u32::try_from(only).ok().map(NodeId),
            };
            let (owner, sealed): (i64, Vec<u8>) = (row.get(10)?, row.get(11)?);
            let key = self.data_key_by_id(owner)?;
            let text = key.open(row_of(&name_of(&alert)), &sealed)?;
            alert.text = String::from_utf8_lossy(&text).into_owned();
            open.push(Sending {
                number: row.get(0)?,
                alert,
                scope: Scope(row.get(3)?),
                own: row.get(8)?,
                after: row.get(9)?,
            });
        }
        Ok(open)
    }

    fn walk_alert(&self, sending: &Sending) -> Result<(), StoreError> {
        let node = self.identity.node;
        let silent = sending.alert.only.is_some_and(|only| only != node);
        if silent || sending.alert.expires_at <= self.now.at {
            return self.advance_alert(sending, (sending.after, true, 0));
        }
        let mut numbers = Vec::new();
        if sending.own && sending.after == 0 {
            let staff = self.staff_of(sending.scope)?.into_iter();
            let live = staff.filter(|grant| grant.is_live(self.now.at));
            numbers.extend(live.map(|grant| (grant.phone, grant.language)));
        }
        let found = params![sending.after, AUDIENCE_PAGE_MAX];
        let page = self.page_of_people(EVERYBODY, found)?;
        let is_full = u32::try_from(page.len()).unwrap_or(u32::MAX) >= AUDIENCE_PAGE_MAX;
        let after = page.last().map_or(sending.after, |(place, _)| *place);
        for (_, person) in page {
            numbers.extend(self.alerted(sending, &person)?);
        }
        let mut queued = 0_u32;
        for (number, language) in numbers {
            let stopped = self.phone(&number)?.stopped;
            if !stopped || sending.alert.level.passes_stop() {
                self.queue_alert(sending, (&number, stopped), &language)?;
                queued = queued.saturating_add(1);
            }
        }
        self.advance_alert(sending, (after, !is_full, queued))
    }

    fn advance_alert(
        &self,
        sending: &Sending,
        (after, done, queued): (i64, bool, u32),
    ) -> Result<(), StoreError> {
        self.db
            .prepare_cached(ADVANCE)?
            .execute(params![sending.number, after, done, queued])?;
        Ok(())
    }

    /// The number of a person and its language, if this site sends to it.
    fn alerted(&self, sending: &Sending, person: &EntryRef) -> Result<Option<Reached>, StoreError> {
        if person.scope.area() != sending.scope {
            return Ok(None);
        }
        let Some(row) = self.person(person)? else {
            return Ok(None);
        };
        let Some(number) = row.fields.get(Field::Phone) else {
            return Ok(None);
        };
        let known = self.phone(number)?;
        let is_ours = |of: &EntryRef| of.origin == self.identity.node;
        let sends = sending.alert.only.is_some()
            || is_ours(person)
                && (!self.config.is_hub || known.persons.iter().all(|(of, _)| is_ours(of)));
        let spoken = row.fields.get(Field::Language).map(str::to_owned);
        let language = known.language.or(spoken);
        let language = language.unwrap_or_else(|| self.config.language.clone());
        Ok(sends.then(|| (number.to_owned(), language)))
    }

    /// One cause a step and number, so that no road brings it twice; an earlier step that waits
    /// for the number is withdrawn. Whoever said STOP is told why it comes all the same.
    fn queue_alert(
        &self,
        sending: &Sending,
        (number, stopped): (&str, bool),
        language: &str,
    ) -> Result<(), StoreError> {
        let alert = &sending.alert;
        let arguments = [("alert".to_owned(), alert.text.clone())].into();
        let texts = self.config.programmes.texts();
        let mut text = texts.system(language, alert.kind.key(), &arguments);
        if stopped {
            text.push('\n');
            text.push_str(&texts.plain(language, "alert-after-stop"));
        }
        let left = alert.expires_at.duration_since(self.now.at).as_secs();
        let name = u64::from_be_bytes(alert.id.0);
        self.queue_message(&NewMessage {
            cause: format!("alert:{name:016x}:{}:{number}", alert.step),
            to: number.to_owned(),
            text,
            class: MessageClass::Emergency,
            validity_s: u32::try_from(left.max(1)).unwrap_or(u32::MAX),
            covers: Vec::new(),
            terms: Terms {
                plan: Some(format!("alert:{name:016x}:{number}")),
                ..Terms::default()
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn alerts_are_found_by_an_index() {
        for sql in [KNOWN, OVERTAKE, NEWEST, LAST_STEP, OPEN, ADVANCE] {
            check_index(sql);
        }
    }
}
