//! One command or one accepted entry, with everything that follows from it.
//!
//! Entries of a decision are appended first, in its order, then applied one after the other;
//! what applying writes is appended behind them. All of it is one transaction.

use std::collections::{BTreeMap, VecDeque};

use node_core::alert::AlertOrder;
use node_core::apply::{self, Applied, AppliedBody};
use node_core::command::{Command, Decision, Outcome, Rejection, Write};
use node_core::decide;
use node_core::fact::Fact;
use node_core::hold;
use node_core::hub_signed::HubSigned;
use node_core::person::{Field, PersonFields};
use node_core::role::{Principal, RoleEnd, RoleGrant};
use node_core::schema;
use node_core::site::Rules;
use node_core::view::{NewMessage, ViewChange};
use node_core::village::NOWHERE;
use sync_core::{EntryKind, EntryRef, Scope, Seq, journal};

use crate::document::DocumentWrite;
use crate::effect::EffectFact;
use crate::hub_store::StoreError;
use crate::journal::{Concern, NewEntry, Stored};
use crate::keys::random;
use crate::tx::{Stop, Tx};
use crate::view::record::fact_owner;

/// Entries that one command or one accepted entry may cause, itself included; more is a fault of
/// the rules and rolls the transaction back.
pub(crate) const CONSEQUENCES_MAX: usize = 1_024;

/// An entry that is in the journal and not yet applied to the views.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    pub(crate) stored: Stored,
    pub(crate) body: HappenedBody,
    /// The document that it concerns.
    pub(crate) about: Option<EntryRef>,
}

/// What it says.
#[derive(Clone, Debug)]
pub(crate) enum HappenedBody {
    Document {
        fields: PersonFields,
        conflicts: Vec<Field>,
    },
    Fact(Fact),
}

/// First entry of the session per chain of our current life.
pub(crate) type Starts = BTreeMap<Scope, Seq>;

impl Tx<'_> {
    /// Does a command, or says why not. Nothing of it stays when it fails.
    pub(crate) fn perform(
        &self,
        principal: &Principal,
        command: &Command,
        starts: &mut Starts,
    ) -> Result<Result<Outcome, Rejection>, StoreError> {
        let before = starts.clone();
        match self.attempt(|| self.do_command(principal, command, starts)) {
            Ok(outcome) => Ok(Ok(outcome)),
            Err(stop) => {
                *starts = before;
                match stop {
                    Stop::Rejected(rejection) => Ok(Err(rejection)),
                    Stop::Store(error) => Err(error),
                    Stop::Refused(refusal) => Err(StoreError::Failed(refusal.to_string())),
                }
            }
        }
    }

    fn do_command(
        &self,
        principal: &Principal,
        command: &Command,
        starts: &mut Starts,
    ) -> Result<Outcome, Stop> {
        let prepared = self.prepare(command)?;
        let command = prepared.as_ref().unwrap_or(command);
        let site = self.site();
        let rules = Rules::new(&site, &self.config.programmes);
        let known =
            self.gather(|known| decide::needs(principal, command, known, &rules, self.now))?;
        let decision =
            decide::decide(principal, command, &known, &rules, self.now).map_err(Stop::Rejected)?;
        let Decision {
            writes,
            changes,
            mut messages,
            outcome,
        } = decision;
        // Nobody writes before the site has a place in a network, nor the caller in an area; a node
        // not where it does not serve, or serves no more.
        let nowhere = |write: &Write| {
            let area = write.scope().area();
            area == NOWHERE || (!site.is_hub && !site.serves(area))
        };
        if writes.iter().any(nowhere) || !writes.is_empty() && !self.identity.is_enrolled() {
            return Err(Stop::Rejected(Rejection {
                text: "no-service".to_owned(),
                arguments: BTreeMap::new(),
            }));
        }
        let mut queue = VecDeque::new();
        for write in writes {
            queue.extend(self.write(write, principal.author, starts)?);
        }
        for change in changes {
            queue.extend(self.carry_out(change)?);
        }
        self.settle(queue, &mut messages)?;
        for message in &messages {
            self.queue_message(message)?;
        }
        Ok(outcome)
    }

    /// Fills in what only the store knows: place and signature of a grant, signature of its end.
    fn prepare(&self, command: &Command) -> Result<Option<Command>, Stop> {
        match command {
            Command::GrantRole(grant) => Ok(Some(self.sign_grant(grant)?)),
            Command::RevokeRole(end) => Ok(Some(self.sign_end(end)?)),
            Command::SendReminders => {
                self.end_farewells()?;
                Ok(self.replan_stale().map(|()| None)?)
            }
            Command::RaiseAlert(order) => Ok(Some(Command::RaiseAlert(AlertOrder {
                fresh: random()?,
                ..order.clone()
            }))),
            Command::GiveSlipCode { number, .. } => Ok(Some(Command::GiveSlipCode {
                number: number.clone(),
                nonce: u32::from_be_bytes(random()?),
            })),
            Command::AskChange { .. } => {
                let mut asked = command.clone();
                if let Command::AskChange { code, .. } = &mut asked {
                    *code = hold::code(u32::from_be_bytes(random()?));
                }
                Ok(Some(asked))
            }
            _ => Ok(None),
        }
    }

    fn sign_grant(&self, grant: &RoleGrant) -> Result<Command, StoreError> {
        let mut grant = grant.clone();
        let last = self.count_staff(grant.scope)?;
        grant.index = u32::try_from(last.saturating_add(1))
            .map_err(|_large| StoreError::Failed("a staff list is full".to_owned()))?;
        grant.hub = self.identity.node;
        let key = self.vault.epoch_key(self.identity.epoch)?;
        grant
            .sign(&key)
            .map_err(|error| StoreError::Failed(format!("signing a grant: {error}")))?;
        Ok(Command::GrantRole(grant))
    }

    fn sign_end(&self, end: &RoleEnd) -> Result<Command, StoreError> {
        let mut end = end.clone();
        end.hub = self.identity.node;
        let key = self.vault.epoch_key(self.identity.epoch)?;
        end.sign(&key)
            .map_err(|error| StoreError::Failed(format!("signing the end of a grant: {error}")))?;
        Ok(Command::RevokeRole(end))
    }

    /// Appends one entry of a decision; `None` when an edit changes nothing.
    pub(crate) fn write(
        &self,
        write: Write,
        author: u32,
        starts: &mut Starts,
    ) -> Result<Option<Happened>, Stop> {
        let scope = write.scope();
        let session_start = starts.get(&scope).copied();
        let happened = match write {
            Write::CreateDocument {
                scope,
                schema,
                fields,
            } => {
                let place = DocumentWrite {
                    schema,
                    author,
                    session_start,
                };
                Some(self.create_document(scope, place, &fields)?)
            }
            Write::EditDocument {
                document,
                schema,
                fields,
            } => {
                let place = DocumentWrite {
                    schema,
                    author,
                    session_start,
                };
                self.edit_document(&document, place, &fields)?
            }
            Write::Fact {
                scope,
                schema,
                about,
                fact,
            } => {
                let fact = self.signed(fact)?;
                let body = fact
                    .encode()
                    .map_err(|error| StoreError::Failed(error.to_string()))?;
                let stored = self.append(NewEntry {
                    scope,
                    kind: EntryKind::Fact,
                    concern: about.map_or(Concern::Nothing, Concern::Document),
                    schema,
                    author,
                    session_start,
                    body,
                    owner: fact_owner(&self.vault, &fact),
                })?;
                Some(Happened {
                    stored,
                    body: HappenedBody::Fact(fact),
                    about,
                })
            }
        };
        if let Some(happened) = &happened {
            starts.entry(scope).or_insert(happened.stored.meta.seq);
        }
        Ok(happened)
    }

    /// An erasure and a worker's code are signed when they are written, with all that they say.
    fn signed(&self, mut fact: Fact) -> Result<Fact, StoreError> {
        if !matches!(fact, Fact::PersonErased(_) | Fact::StaffCodeGiven(_)) {
            return Ok(fact);
        }
        let key = self.vault.epoch_key(self.identity.epoch)?;
        let signed = match &mut fact {
            Fact::PersonErased(erasure) => {
                erasure.hub = self.identity.node;
                erasure.sign(&key)
            }
            Fact::StaffCodeGiven(code) => {
                code.hub = self.identity.node;
                code.sign(&key)
            }
            _ => Ok(()),
        };
        signed.map_err(|error| StoreError::Failed(format!("signing a fact: {error}")))?;
        Ok(fact)
    }

    /// Carries out a change; the entry that it leads to, if any, is appended.
    fn carry_out(&self, change: ViewChange) -> Result<Option<Happened>, Stop> {
        match change {
            ViewChange::AddEffect(effect) => match self.add_effect(effect)? {
                Some(fact) => Ok(Some(self.write_effect_fact(fact)?)),
                None => Ok(None),
            },
            other => Ok(self.change(other).map(|()| None)?),
        }
    }

    /// Appends a fact about a registration's effect.
    pub(crate) fn write_effect_fact(&self, effect: EffectFact) -> Result<Happened, Stop> {
        let child = self
            .registration(&effect.registration)?
            .map(|row| row.registration.child);
        let write = Write::Fact {
            scope: effect.scope(),
            schema: schema::of(&effect.fact),
            about: child,
            fact: effect.fact,
        };
        self.write(write, 0, &mut Starts::new())?
            .ok_or_else(|| StoreError::Failed("a fact was not written".to_owned()).into())
    }

    /// Applies entries to the views, and what follows from that, until nothing is left.
    pub(crate) fn settle(
        &self,
        mut queue: VecDeque<Happened>,
        messages: &mut Vec<NewMessage>,
    ) -> Result<(), Stop> {
        let site = self.site();
        let rules = Rules::new(&site, &self.config.programmes);
        let mut steps = 0_usize;
        while let Some(happened) = queue.pop_front() {
            steps = steps.saturating_add(1);
            if steps > CONSEQUENCES_MAX {
                let reason = format!("an entry has more than {CONSEQUENCES_MAX} consequences");
                return Err(StoreError::Failed(reason).into());
            }
            let consequences = self.consequences(&happened, &rules)?;
            // What waited for this comes behind all that follows from it.
            for woken in self
                .woken(&happened, &consequences.changes)?
                .into_iter()
                .rev()
            {
                queue.push_front(woken);
            }
            let mut following = Vec::new();
            for change in consequences.changes {
                following.extend(self.carry_out(change)?);
            }
            let mut starts = Starts::new();
            for write in consequences.writes {
                following.extend(self.write(write, 0, &mut starts)?);
            }
            // What follows is applied before the next entry, so that its lookups see it.
            for happened in following.into_iter().rev() {
                queue.push_front(happened);
            }
            messages.extend(consequences.messages);
        }
        Ok(())
    }

    /// What the rules say to one entry: nothing yet to a fact that waits for what it is about.
    pub(crate) fn consequences(
        &self,
        happened: &Happened,
        rules: &Rules<'_>,
    ) -> Result<apply::Consequences, StoreError> {
        if self.waits(happened)? {
            return Ok(apply::Consequences::default());
        }
        let applied = Applied {
            id: happened.stored.name,
            meta: &happened.stored.meta,
            body: match &happened.body {
                HappenedBody::Document { fields, conflicts } => AppliedBody::Document {
                    fields: fields.clone(),
                    conflicts: conflicts.clone(),
                },
                HappenedBody::Fact(fact) => AppliedBody::Fact(fact),
            },
            about: happened.about,
            correlation_id: self.correlation_id(&happened.stored)?,
        };
        let known = self.gather(|known| apply::needs(&applied, known, rules))?;
        Ok(apply::apply(&applied, &known, rules, self.now))
    }

    /// The correlation id of the session that caused an entry.
    pub(crate) fn correlation_id(&self, stored: &Stored) -> Result<String, StoreError> {
        let first = Seq(stored.meta.seq.0.saturating_sub(stored.meta.session));
        let certificate = self.issuer(stored.name.origin, stored.name.epoch)?;
        // Without a certificate, in a life not yet certified, the last index stands for the scope.
        let (issuer, index) = certificate.map_or((self.identity.issuer, u8::MAX), |certificate| {
            let index = certificate
                .scope_index(stored.name.scope)
                .unwrap_or(u8::MAX);
            (certificate.issuer_number, index)
        });
        Ok(journal::correlation_id(issuer, index, first))
    }
}
