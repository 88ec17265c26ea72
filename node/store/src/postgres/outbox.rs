//! The outbox on a server: effects at Building Blocks, claimed by whichever replica comes first.
//!
//! Several replicas claim at once and none waits for another: rows that are locked are skipped. A
//! lease that lapsed means an unknown outcome; the effect goes again with the id that it was queued
//! with. Reports are judged by the rules that SQLite asks, [`crate::effect::step`].

use deadpool_postgres::Transaction;
use node_core::contact::Moment;
use node_core::fact::Fact;
use node_core::turn::{Claim, EffectOutcome, Private};
use node_core::view::Effect;
use sync_core::{DocId, EntryRef, journal};
use tokio_postgres::types::ToSql;

use super::PostgresStore;
use super::end::End;
use super::journal::Columns;
use super::keys::{OwnerName, data_keys, owner_name};
use super::own::OwnFact;
use crate::effect::{Attempted, EffectFact, LEASE_MS, Step, row, step};
use crate::keys::random;
use crate::name::{array, name_bytes, parse_name};
use crate::outbox::CLAIM_MAX;
use crate::seal::Owner;

const CAUSE: &str = "SELECT doc, doc_ref, hlc FROM entry
    WHERE origin = $1 AND epoch = $2 AND scope = $3 AND seq = $4";
const PLAN: &str =
    "INSERT INTO outbox (request_id, upstream, registration, correlation, lane, state,
    due_at, leased_until, attempt, kind, owner, sealed)
    VALUES ($1, $2, $3, $4, $5, 0, $6, 0, 0, $7, $8, $9) ON CONFLICT DO NOTHING";
// The array makes the server pick the rows once: a plain IN may look a second time and lock more.
const CLAIM: &str = "UPDATE outbox SET state = 1, leased_until = $4, attempt = attempt + 1
    WHERE request_id = ANY (ARRAY (SELECT request_id FROM outbox
        WHERE upstream = $1 AND state < 3 AND due_at <= $2 AND leased_until <= $2
        ORDER BY lane, due_at, request_id LIMIT $3 FOR UPDATE SKIP LOCKED))
    RETURNING request_id, correlation, attempt, kind, owner, sealed, lane, due_at";
const REPORTED: &str = "SELECT registration, state, attempt FROM outbox
    WHERE request_id = $1 FOR UPDATE";
const SETTLE: &str = "UPDATE outbox SET state = $2, leased_until = 0, due_at = $3
    WHERE request_id = $1";

/// The entry that causes an effect.
struct Cause {
    doc: DocId,
    /// The document that it concerns.
    about: Option<EntryRef>,
    hlc: u64,
}

/// A claimed row, still sealed.
struct Claimed {
    request_id: String,
    correlation_id: String,
    attempt: u32,
    owner: OwnerName,
    sealed: Vec<u8>,
    /// Lane and due time.
    order: (i16, i64),
}

impl PostgresStore {
    pub(super) async fn plan_once(&self, effect: &Effect, now: Moment) -> Result<bool, End> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let cause = cause(&tx, &effect.registration).await?;
        let owner = owner_name(Owner::of_body(cause.doc, || Owner::Site));
        let keys = data_keys(&tx, self.wrapping()?, vec![owner.clone()]).await?;
        let request_id = journal::id12(u64::from_be_bytes(random()?));
        let sealed = keys
            .of(&owner)?
            .seal(row(request_id.as_bytes()), effect.body.as_bytes())?;
        let plan = tx.prepare_cached(PLAN).await?;
        let name = name_bytes(&effect.registration);
        let values: [&(dyn ToSql + Sync); 9] = [
            &request_id,
            &effect.upstream,
            &name.as_slice(),
            &effect.correlation_id,
            &i16::from(effect.lane),
            &now.at.as_millisecond(),
            &owner.0,
            &owner.1,
            &sealed,
        ];
        if tx.execute(&plan, &values).await? == 0 {
            return Ok(false);
        }
        let fact = Fact::EffectPlanned {
            registration: effect.registration,
            upstream: effect.upstream.clone(),
            request_id,
        };
        let registration = effect.registration;
        self.tell(&tx, EffectFact { registration, fact }, (&cause, now))
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    pub(super) async fn claim_once(
        &self,
        upstream: &str,
        limit: u32,
        now: Moment,
    ) -> Result<Vec<Claim>, End> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let at = now.at.as_millisecond();
        let (until, limit) = (at.saturating_add(LEASE_MS), i64::from(limit.min(CLAIM_MAX)));
        let claim = tx.prepare_cached(CLAIM).await?;
        let rows = tx.query(&claim, &[&upstream, &at, &limit, &until]).await?;
        let mut claimed = rows
            .iter()
            .map(Claimed::read)
            .collect::<Result<Vec<_>, _>>()?;
        claimed.sort_by(|a, b| (a.order, &a.request_id).cmp(&(b.order, &b.request_id)));
        let owners = claimed.iter().map(|row| row.owner.clone());
        let keys = data_keys(&tx, self.wrapping()?, owners.collect()).await?;
        let mut claims = Vec::with_capacity(claimed.len());
        for of in claimed {
            let key = keys.of(&of.owner)?;
            let body = key.open(row(of.request_id.as_bytes()), &of.sealed)?;
            let text = String::from_utf8(body);
            let text = text.map_err(|_error| End::failed("an effect's body is no text"))?;
            claims.push(Claim::Effect {
                request_id: of.request_id,
                correlation_id: of.correlation_id,
                body: Private(text),
                attempt: of.attempt,
            });
        }
        tx.commit().await?;
        Ok(claims)
    }

    pub(super) async fn finish_once(
        &self,
        request_id: &str,
        outcome: &EffectOutcome,
        now: Moment,
    ) -> Result<(), End> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let reported = tx.prepare_cached(REPORTED).await?;
        let Some(found) = tx.query_opt(&reported, &[&request_id]).await? else {
            return Ok(());
        };
        let registration = parse_name(found.try_get(0)?)?;
        let attempted = Attempted {
            request_id,
            registration,
            state: i64::from(found.try_get::<_, i16>(1)?),
            attempt: attempt(found.try_get(2)?),
        };
        let at = now.at.as_millisecond();
        let (state, due, fact) = match step(&attempted, outcome.clone())? {
            Step::Nothing => return Ok(()),
            Step::Wait { state, ms } => (state, at.saturating_add(ms), None),
            Step::End { state, fact } => (state, at, Some(fact)),
        };
        let settle = tx.prepare_cached(SETTLE).await?;
        let state = i16::try_from(state).unwrap_or(i16::MAX);
        tx.execute(&settle, &[&request_id, &state, &due]).await?;
        if let Some(fact) = fact {
            let cause = cause(&tx, &registration).await?;
            self.tell(&tx, EffectFact { registration, fact }, (&cause, now))
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Writes a fact about an effect into our own chain.
    async fn tell(
        &self,
        tx: &Transaction<'_>,
        effect: EffectFact,
        (cause, now): (&Cause, Moment),
    ) -> Result<(), End> {
        let fact = OwnFact {
            scope: effect.scope(),
            fact: effect.fact,
            about: cause.about,
            after: cause.hlc,
        };
        self.append(tx, fact, now).await
    }
}

async fn cause(tx: &Transaction<'_>, registration: &EntryRef) -> Result<Cause, End> {
    let (at, seq) = (
        Columns::of_entry(registration),
        i64::from(registration.seq.0),
    );
    let read = tx.prepare_cached(CAUSE).await?;
    let found = tx
        .query_opt(&read, &[&at.origin, &at.epoch, &at.scope, &seq])
        .await?;
    let found = found.ok_or_else(|| End::failed("the registration of an effect is not here"))?;
    let about: Option<Vec<u8>> = found.try_get(1)?;
    Ok(Cause {
        doc: DocId(array(found.try_get(0)?)?),
        about: about.map(|name| parse_name(&name)).transpose()?,
        hlc: found.try_get::<_, i64>(2)?.cast_unsigned(),
    })
}

impl Claimed {
    fn read(row: &tokio_postgres::Row) -> Result<Self, End> {
        Ok(Self {
            request_id: row.try_get(0)?,
            correlation_id: row.try_get(1)?,
            attempt: attempt(row.try_get(2)?),
            owner: (row.try_get(3)?, row.try_get(4)?),
            sealed: row.try_get(5)?,
            order: (row.try_get(6)?, row.try_get(7)?),
        })
    }
}

fn attempt(column: i32) -> u32 {
    u32::try_from(column).unwrap_or(0)
}
