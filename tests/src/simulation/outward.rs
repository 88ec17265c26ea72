//! Foreign parties: the registry behind a hub, and the network that carries texts to phones.
//!
//! Both take, lose answers, say later and count what really happened, which nobody else knows.

use std::collections::{BTreeMap, BTreeSet};

use channels_core::SubmitOutcome;
use jiff::Timestamp;
use node_core::query::{Answer, Query};
use node_core::removal::RemovalOutcome;
use node_core::turn::{Claim, ClaimKind, EffectOutcome, Finish};
use node_core::view::MessageClass;
use node_store::Outbox;

use super::fault::{Broken, Coverage, Fault, must};
use super::site::Site;
use crate::random::Random;

/// Most rows that one visit takes.
const CLAIMS: u32 = 32;
/// Name of the upstream.
const UPSTREAM: &str = "registries";
/// Name of the link to the network.
const NETWORK: &str = "sim-1";
/// How often in a hundred the registry refuses a family for good.
const REFUSED_PER_100: usize = 3;

/// What the registry holds of one request.
#[derive(Clone, Debug)]
struct Record {
    id: String,
    correlation: String,
}

/// The simulated Digital Registries.
#[derive(Debug)]
pub struct Registry {
    random: Random,
    /// By request id.
    records: BTreeMap<String, Record>,
    refused: BTreeSet<String>,
    /// How often each correlation id was written for the first time.
    effects: BTreeMap<String, u32>,
    removed: BTreeSet<String>,
    /// A control: a repeat comes under another id.
    pub renames: bool,
}

impl Registry {
    /// An empty one.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random(seed),
            records: BTreeMap::new(),
            refused: BTreeSet::new(),
            effects: BTreeMap::new(),
            removed: BTreeSet::new(),
            renames: false,
        }
    }

    /// Whether it gave this id.
    pub fn knows(&self, id: &str) -> bool {
        self.records.values().any(|record| record.id == id)
    }

    /// Whether it refused this registration.
    pub fn has_refused(&self, correlation: &str) -> bool {
        self.refused.contains(correlation)
    }

    /// Records written and not removed.
    pub fn live(&self) -> usize {
        let live = self.records.values();
        live.filter(|record| !self.removed.contains(&record.id))
            .count()
    }

    /// How often a registration was written.
    pub fn written(&self, correlation: &str) -> u32 {
        self.effects.get(correlation).copied().unwrap_or(0)
    }

    /// W2: no registration was written twice.
    ///
    /// # Errors
    /// [`Broken`] for the first one that was.
    pub fn once(&self) -> Result<(), Broken> {
        let twice = self.effects.values().filter(|count| **count > 1).count();
        must(twice == 0, || {
            format!("W2 {twice} registrations were written twice")
        })
    }

    fn take(&mut self, request: &str, correlation: &str) -> EffectOutcome {
        if self.refused.contains(correlation) {
            return refusal();
        }
        if let Some(record) = self.records.get(request) {
            return EffectOutcome::Accepted {
                registry_id: record.id.clone(),
            };
        }
        *self.effects.entry(correlation.to_owned()).or_default() += 1;
        let record = Record {
            id: format!("record-{}", self.records.len()),
            correlation: correlation.to_owned(),
        };
        let registry_id = record.id.clone();
        self.records.insert(request.to_owned(), record);
        EffectOutcome::Accepted { registry_id }
    }

    fn called(
        &mut self,
        (request, correlation): (&str, &str),
        attempt: u32,
        (coverage, calm): (&mut Coverage, bool),
    ) -> Option<EffectOutcome> {
        let known = self
            .records
            .values()
            .any(|record| record.correlation == correlation);
        let request = &if self.renames && attempt > 1 {
            format!("{request}-{attempt}")
        } else {
            request.to_owned()
        };
        let whim = if calm { 99 } else { self.random.below(100) };
        let mut fault = |fault| coverage.fault(fault);
        match whim {
            0..3 if whim < REFUSED_PER_100 && !known => {
                fault(Fault::RegistryRefuses);
                self.refused.insert(correlation.to_owned());
                Some(refusal())
            }
            3..15 => {
                fault(Fault::RegistryAnswerLost);
                self.take(request, correlation);
                Some(EffectOutcome::Unknown)
            }
            15..25 => {
                fault(Fault::RegistryBusy);
                Some(EffectOutcome::TryLater { after_s: 30 })
            }
            25..32 => {
                fault(Fault::RegistrySilent);
                Some(EffectOutcome::Unknown)
            }
            32..40 => {
                fault(Fault::RegistryTwice);
                self.take(request, correlation);
                Some(self.take(request, correlation))
            }
            40..45 => {
                fault(Fault::RegistryForgotten);
                self.take(request, correlation);
                None
            }
            _ => Some(self.take(request, correlation)),
        }
    }

    /// The hub brings what is due. Nothing goes wrong in calm times.
    ///
    /// # Errors
    /// [`Broken`] when the hub's store fails.
    pub async fn visit(
        &mut self,
        hub: &Site,
        now: Timestamp,
        (coverage, calm): (&mut Coverage, bool),
    ) -> Result<usize, Broken> {
        let failed = |error: node_store::StoreError| Broken(format!("{}: {error}", hub.name));
        let moment = hub.clock(now).now();
        let upstream = || UPSTREAM.to_owned();
        let kind = ClaimKind::Effects {
            upstream: upstream(),
        };
        let mut claims = hub
            .store()
            .claim(kind, CLAIMS, moment)
            .await
            .map_err(failed)?;
        let kind = ClaimKind::Removals {
            upstream: upstream(),
        };
        claims.extend(
            hub.store()
                .claim(kind, CLAIMS, moment)
                .await
                .map_err(failed)?,
        );
        let mut done = 0;
        for claim in claims {
            let how = (&mut *coverage, calm);
            let finish = self.bring(hub, claim, how).await?;
            if let Some(finish) = finish {
                hub.store().finish(finish, moment).await.map_err(failed)?;
                done += 1;
            }
        }
        self.once()?;
        Ok(done)
    }

    /// Brings one row; what the hub is told of it, if anything.
    async fn bring(
        &mut self,
        hub: &Site,
        claim: Claim,
        how: (&mut Coverage, bool),
    ) -> Result<Option<Finish>, Broken> {
        match claim {
            Claim::Effect {
                request_id,
                correlation_id,
                attempt,
                ..
            } => {
                let held = Query::EffectHeld {
                    request_id: request_id.clone(),
                };
                if hub.ask(held).await? != Answer::EffectHeld(true) {
                    return Ok(None);
                }
                let of = (request_id.as_str(), correlation_id.as_str());
                let outcome = self.called(of, attempt, how);
                Ok(outcome.map(|outcome| Finish::Effect {
                    request_id,
                    outcome,
                }))
            }
            Claim::Removal {
                request_id,
                records,
                ..
            } => {
                let gone = records.into_iter().map(|record| record.0);
                self.removed.extend(gone);
                let outcome = RemovalOutcome::Gone;
                Ok(Some(Finish::Removal {
                    request_id,
                    outcome,
                }))
            }
            Claim::Message { .. } | Claim::ApplicationReceipt(_) => Ok(None),
        }
    }
}

fn refusal() -> EffectOutcome {
    EffectOutcome::Rejected {
        code: "422".to_owned(),
        field: Some("birthDate".to_owned()),
        reason: "not accepted".to_owned(),
    }
}

/// The network that a site hands its texts to.
#[derive(Debug)]
pub struct Phones {
    random: Random,
    /// By life of the site and outbox id: how often it left.
    left: BTreeMap<(u32, String), u32>,
    /// Lives of the site: a restored one numbers its messages anew.
    pub life: u32,
}

impl Phones {
    /// Nothing left yet.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random(seed),
            left: BTreeMap::new(),
            life: 0,
        }
    }

    /// Texts that left.
    pub fn left(&self) -> usize {
        self.left.len()
    }

    /// The site hands over what is due.
    ///
    /// # Errors
    /// [`Broken`] when the store fails, or a text leaves more often than it may (W2).
    pub async fn visit(
        &mut self,
        site: &Site,
        now: Timestamp,
        (coverage, calm): (&mut Coverage, bool),
    ) -> Result<usize, Broken> {
        let failed = |error: node_store::StoreError| Broken(format!("{}: {error}", site.name));
        let moment = site.clock(now).now();
        let link = || NETWORK.to_owned();
        let kind = ClaimKind::MessagesOver { link: link() };
        let claims = site
            .store()
            .claim(kind, CLAIMS, moment)
            .await
            .map_err(failed)?;
        let count = claims.len();
        for claim in claims {
            let Claim::Message { id, class, .. } = claim else {
                continue;
            };
            let how = (&mut *coverage, calm);
            let outcome = self.carried(&id, class, how)?;
            if let Some(outcome) = outcome {
                let finish = Finish::Message {
                    id,
                    link: link(),
                    outcome,
                };
                site.store().finish(finish, moment).await.map_err(failed)?;
            }
        }
        Ok(count)
    }

    /// What the network does with a text, and what it says of it.
    fn carried(
        &mut self,
        id: &str,
        class: MessageClass,
        (coverage, calm): (&mut Coverage, bool),
    ) -> Result<Option<SubmitOutcome>, Broken> {
        let whim = if calm { 99 } else { self.random.below(100) };
        Ok(match whim {
            0..8 => {
                coverage.fault(Fault::MessageUnknown);
                self.leaves(id, class)?;
                Some(SubmitOutcome::Unknown)
            }
            8..16 => {
                coverage.fault(Fault::MessageLater);
                Some(SubmitOutcome::TryLater { after_s: 1 })
            }
            16..22 => {
                coverage.fault(Fault::MessageClaimLost);
                self.leaves(id, class)?;
                None
            }
            _ => {
                self.leaves(id, class)?;
                let message_id = format!("{}-{id}", self.life);
                Some(SubmitOutcome::Sent { message_id })
            }
        })
    }

    fn leaves(&mut self, id: &str, class: MessageClass) -> Result<(), Broken> {
        let count = self.left.entry((self.life, id.to_owned())).or_default();
        *count += 1;
        let most = if may_twice(class) { 2 } else { 1 };
        let count = *count;
        must(count <= most, || format!("W2 a text left {count} times"))
    }
}

/// Alerts and money may leave a second time after a lost answer (CH24).
fn may_twice(class: MessageClass) -> bool {
    node_core::message::state::may_repeat(class, false)
}
