//! One step of a link, committed before any of its SMS leaves.
//!
//! State, purse, runs that began, runs that ended and receipts that came with them are one
//! transaction: the state no longer holds a run whose end the journal does not know, and no counter
//! leaves that was not committed.

use node_core::contact::Moment;
use rusqlite::params;
use sync_core::refusal::{Refusal, RefusalCode};
use sync_core::sms::key::Ends;
use sync_core::sms::order::{Held, Order, Papers};
use sync_core::sms::receipt::ShortReceipt;
use sync_core::{ChainId, Seq};

use super::{About, HeldThere, SmsRun, link_key};
use crate::hub_store::StoreError;
use crate::seal::encode;
use crate::sqlite::SqliteStore;
use crate::tx::{Stop, Tx};

const WRITE: &str = "INSERT INTO sms_link
    (node, epoch, steps, owner, state, list, serial, hub_serial)
    VALUES (?1, ?2, ?3, ?4, ?5, -1, -1, -1)
    ON CONFLICT (node, epoch) DO UPDATE SET
    steps = excluded.steps, owner = excluded.owner, state = excluded.state";
const PURSE: &str = "INSERT INTO sms_purse (sim, counts, others, counted) VALUES (?1, ?2, ?3, ?3)
    ON CONFLICT (sim) DO UPDATE SET counts = excluded.counts, counted = excluded.counted";
const BEGIN: &str = "INSERT INTO sms_run (ticket, node, epoch, about) VALUES (?1, ?2, ?3, ?4)";
const END: &str = "DELETE FROM sms_run WHERE ticket = ?1 AND node = ?2 AND epoch = ?3";
const RAISE: &str = "INSERT INTO sms_have (node, epoch, origin, chain_epoch, scope, up_to)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (node, epoch, origin, chain_epoch, scope) DO UPDATE SET up_to = excluded.up_to
    WHERE excluded.up_to > sms_have.up_to";
const CLEAR: &str = "DELETE FROM sms_have WHERE node = ?1 AND epoch = ?2 AND origin = ?3";
const PAPERS: &str = "UPDATE sms_link SET list = ?3, serial = ?4, hub_serial = ?5
    WHERE node = ?1 AND epoch = ?2";
const LIST: &str = "UPDATE sms_link SET list = max(list, ?3) WHERE node = ?1 AND epoch = ?2";
const SERIAL: &str = "UPDATE sms_link SET serial = max(serial, ?3) WHERE node = ?1 AND epoch = ?2";
const HUB_SERIAL: &str =
    "UPDATE sms_link SET hub_serial = max(hub_serial, ?3) WHERE node = ?1 AND epoch = ?2";

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunEnd {
    /// The peer committed it.
    Accepted,
    /// The peer refused it, or it is not needed any more.
    Dropped,
}

/// What one step of a link changed.
#[derive(Clone, Debug)]
pub struct SmsStep {
    /// Which link.
    pub ends: Ends,
    /// Steps of its ratchet.
    pub steps: u32,
    /// The machine's state.
    pub state: Vec<u8>,
    /// The SIM, its counts, and how many parts of texts to people they hold.
    pub purse: (String, Vec<u8>, u64),
    /// SMS that leave after this commit.
    pub sends: u32,
    /// Runs that the state holds from now on.
    pub began: Vec<SmsRun>,
    /// Runs that it holds no more.
    pub ended: Vec<(SmsRun, RunEnd)>,
    /// Receipts that came, in their short form.
    pub receipts: Vec<Vec<u8>>,
    /// Chains of the peer that its runs brought, and up to where: it knows that we hold them.
    pub heard: Vec<(ChainId, Seq)>,
    /// What the peer told of what it holds.
    pub told: Option<HeldThere>,
    /// An order of the peer that was committed: it hears of it with the answer.
    pub learned: Option<Order>,
}

impl SqliteStore {
    /// Commits one step. A receipt that our chain does not bear out changes nothing and is logged.
    ///
    /// # Errors
    /// [`StoreError`] of the transaction: nothing of the step was decided, and nothing may leave.
    pub async fn persist_sms(&self, step: SmsStep, now: Moment) -> Result<(), StoreError> {
        self.write(now, move |tx| tx.persist_sms(&step)).await
    }
}

impl Tx<'_> {
    fn persist_sms(&self, step: &SmsStep) -> Result<(), StoreError> {
        let [node, epoch] = link_key(&step.ends);
        let (owner, sealed) = self.seal_sms_state(&step.ends, &step.state)?;
        self.db
            .prepare_cached(WRITE)?
            .execute(params![node, epoch, step.steps, owner, sealed])?;
        let (sim, counts, counted) = &step.purse;
        self.db
            .prepare_cached(PURSE)?
            .execute(params![sim, counts, counted.cast_signed()])?;
        if self.policy()?.links.contains_key(sim) {
            self.note_use(sim, i64::from(step.sends))?;
        }
        for run in &step.began {
            self.db.prepare_cached(BEGIN)?.execute(params![
                run.ticket.cast_signed(),
                node,
                epoch,
                encode(&run.about)?
            ])?;
        }
        if let Some((papers, chains)) = &step.told {
            self.keep_papers(&step.ends, papers)?;
            self.keep_held(&step.ends, self.identity.node, chains)?;
        }
        for (run, end) in &step.ended {
            if *end == RunEnd::Accepted {
                self.end_sms_run(&step.ends, &run.about)?;
            }
            self.db
                .prepare_cached(END)?
                .execute(params![run.ticket.cast_signed(), node, epoch])?;
        }
        for (chain, up_to) in &step.heard {
            self.raise_have(&step.ends, chain, *up_to)?;
        }
        if let Some(order) = &step.learned {
            self.learn_order(&step.ends, order)?;
        }
        for receipt in &step.receipts {
            self.take_short_receipt(&step.ends, receipt)?;
        }
        Ok(())
    }

    fn end_sms_run(&self, ends: &Ends, about: &About) -> Result<(), StoreError> {
        let [node, epoch] = link_key(ends);
        let paper = |sql: &str, number: i64| -> Result<(), StoreError> {
            self.db
                .prepare_cached(sql)?
                .execute(params![node, epoch, number])?;
            Ok(())
        };
        match about {
            About::Frame { chain, last, .. } => self.raise_have(ends, chain, *last),
            About::Have { papers, chains } => {
                self.keep_papers(ends, papers)?;
                self.keep_held(ends, self.identity.hub_node, chains)
            }
            About::List(number) => paper(LIST, i64::from(*number)),
            About::Certificate(serial) => paper(SERIAL, serial.cast_signed()),
            About::HubCertificate(serial) => paper(HUB_SERIAL, serial.cast_signed()),
        }
    }

    /// The peer knows from now on that we hold a list or certificate that it sent.
    fn learn_order(&self, ends: &Ends, order: &Order) -> Result<(), StoreError> {
        let about = match order {
            Order::Have { .. } => return Ok(()),
            // It was taken, so it is the one that holds.
            Order::Revocations(_) | Order::ListChange(_) => About::List(self.revocations()?.number),
            Order::Certificate(bytes) => {
                let checked = self.vault.verified(bytes.clone(), &self.identity.authority);
                match checked {
                    Ok(own) if own.node == ends.node => About::Certificate(own.serial),
                    Ok(hub) => About::HubCertificate(hub.serial),
                    Err(_refused) => return Ok(()),
                }
            }
        };
        self.end_sms_run(ends, &about)
    }

    fn keep_papers(&self, ends: &Ends, papers: &Papers) -> Result<(), StoreError> {
        let [node, epoch] = link_key(ends);
        self.db.prepare_cached(PAPERS)?.execute(params![
            node,
            epoch,
            papers.list,
            papers.serial.cast_signed(),
            papers.hub_serial.cast_signed()
        ])?;
        Ok(())
    }

    /// What was told of the hub's chains replaces what was known of them: a node that was set back
    /// holds less than it did.
    fn keep_held(
        &self,
        ends: &Ends,
        hub: sync_core::NodeId,
        chains: &[Held],
    ) -> Result<(), StoreError> {
        let [node, epoch] = link_key(ends);
        self.db
            .prepare_cached(CLEAR)?
            .execute(params![node, epoch, hub.0])?;
        for held in chains {
            let chain = ChainId {
                hub: ends.hub,
                origin: hub,
                epoch: held.epoch,
                scope: held.scope,
            };
            self.raise_have(ends, &chain, held.up_to)?;
        }
        Ok(())
    }

    fn raise_have(&self, ends: &Ends, chain: &ChainId, up_to: Seq) -> Result<(), StoreError> {
        let [node, epoch] = link_key(ends);
        self.db.prepare_cached(RAISE)?.execute(params![
            node,
            epoch,
            chain.origin.0,
            chain.epoch.0.cast_signed(),
            chain.scope.0,
            up_to.0
        ])?;
        Ok(())
    }

    fn take_short_receipt(&self, ends: &Ends, bytes: &[u8]) -> Result<(), StoreError> {
        match self.attempt(|| self.rebuild_receipt(ends, bytes)) {
            Ok(()) => Ok(()),
            Err(Stop::Store(error)) => Err(error),
            Err(Stop::Refused(refusal)) => {
                tracing::error!(security = true, reason = %refusal, "a receipt by SMS was refused");
                Ok(())
            }
            Err(Stop::Rejected(rejection)) => Err(StoreError::Failed(rejection.text)),
        }
    }

    fn rebuild_receipt(&self, ends: &Ends, bytes: &[u8]) -> Result<(), Stop> {
        let short = ShortReceipt::read(bytes, ends)
            .map_err(|error| Refusal::new(RefusalCode::Malformed, error.to_string()))?;
        let rewound = || Refusal::new(RefusalCode::Rewound, "receipt covers entries not here");
        let chain = self.chain(&short.chain)?.ok_or_else(rewound)?;
        if short.up_to > chain.seq {
            return Err(rewound().into());
        }
        let hash = self.hash_at(&chain, short.up_to)?;
        self.take_receipt(&short.whole(&hash))
    }
}
