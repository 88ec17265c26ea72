//! The checks: after every step for what it touched, in full every evening and at the end.
//!
//! At the end, in Jepsen's manner: the set of acknowledged entries is full, replicas that hold the
//! same entries have the same state hash and equal their rebuild, each accepted registration was
//! written once and each refused one never, and no status fell.

use std::collections::BTreeSet;

use node_core::query::{Answer, Query};
use node_core::status::Status;
use node_core::view::RegistrationRow;
use node_store::Share;
use sync_core::{ChainId, Seq};

use super::fault::{Broken, must};
use super::ledger::{hash_at, label};
use super::outward::Registry;
use super::site::Site;
use super::world::{At, Who, World};

/// Registrations that a check after a step looks at: the newest.
const ROWS_TOUCHED: u32 = 12;
/// Registrations that a full check looks at.
const ROWS_ALL: u32 = 500;
/// Lives of a node of which it keeps chains; more are a loop of restores.
const LIVES_MAX: usize = 64;

/// How far a status is: what was shown may not fall below it.
fn rank(status: Status) -> u8 {
    match status {
        Status::Held => 0,
        // A conflict is decided either way: it goes on to the registry, or ends with the other's id.
        Status::Carried | Status::Conflict => 1,
        Status::Accepted | Status::Rejected => 2,
        Status::Effective => 3,
        Status::Withdrawn => 4,
    }
}

impl World {
    /// After a step: nothing that a site held is gone, receipts only grow, no status fell, and none
    /// says more than is proven (W1, W3, W7).
    ///
    /// # Errors
    /// [`Broken`] with the promise.
    pub async fn check_touched(&mut self, who: Who) -> Result<(), Broken> {
        self.check_site(who, ROWS_TOUCHED).await
    }

    async fn check_site(&mut self, who: Who, rows: u32) -> Result<(), Broken> {
        let of = match who {
            Who::Hub(district) => district,
            Who::Node(at) => at.district,
        };
        let district = &mut self.districts[of];
        let site = match who {
            Who::Hub(_) => &district.hub,
            Who::Node(at) => &district.nodes[at.node].site,
        };
        district.ledger.look(site).await?;
        if matches!(who, Who::Hub(_)) {
            district.ledger.nothing_else(site).await?;
        }
        for row in site.registrations(rows).await? {
            proven(&row, site, (&district.hub, &district.registry)).await?;
            let key = (site.name.clone(), row.id);
            let before = district.ledger.shown.insert(key, row.status);
            must(
                before.is_none_or(|before| rank(before) <= rank(row.status)),
                || {
                    format!(
                        "{}: a status fell from {before:?} to {:?}",
                        site.name, row.status
                    )
                },
            )?;
        }
        Ok(())
    }

    /// Every evening of a day with faults: all sites in full, and rebuilt from their journals.
    ///
    /// # Errors
    /// [`Broken`] with the promise.
    pub async fn evening(&mut self) -> Result<(), Broken> {
        if self.calm {
            return Ok(());
        }
        self.check_all().await
    }

    /// All sites in full.
    ///
    /// # Errors
    /// [`Broken`] with the promise.
    pub async fn check_all(&mut self) -> Result<(), Broken> {
        for district in 0..self.districts.len() {
            self.sound(Who::Hub(district)).await?;
            for node in 0..self.districts[district].nodes.len() {
                let at = At { district, node };
                self.sound(Who::Node(at)).await?;
                self.alike(at).await?;
            }
            self.districts[district].registry.once()?;
        }
        self.coverage.deed("evenings");
        Ok(())
    }

    async fn sound(&mut self, who: Who) -> Result<(), Broken> {
        self.check_site(who, ROWS_ALL).await?;
        let district = match who {
            Who::Hub(district) => district,
            Who::Node(at) => at.district,
        };
        let site = self.districts[district].site(who);
        let report = site.store().check(true);
        let report = report.map_err(|error| Broken(format!("{}: {error}", site.name)))?;
        must(report.is_sound(), || {
            format!("{} is not sound: {:?}", site.name, report.findings)
        })?;
        let lives: BTreeSet<_> = site
            .heads()
            .await?
            .iter()
            .map(|head| (head.chain.origin, head.chain.epoch))
            .collect();
        must(lives.len() <= LIVES_MAX, || {
            format!("W5 {} holds {} lives", site.name, lives.len())
        })
    }

    /// Chains that a node and its hub hold to the same entry have the same state; which they are.
    async fn alike(&mut self, at: At) -> Result<BTreeSet<ChainId>, Broken> {
        let district = &self.districts[at.district];
        let (hub, node) = (&district.hub, &district.nodes[at.node].site);
        let at_hub = hub.heads().await?;
        let same = node.heads().await?.into_iter().filter(|head| {
            let there = at_hub.iter().find(|other| other.chain == head.chain);
            let own = there.is_some_and(|there| (there.seq, there.hash) == (head.seq, head.hash));
            own && head.seq.0 > 0
        });
        let chains: BTreeSet<ChainId> = same.map(|head| head.chain).collect();
        if chains.is_empty() || !self.is_settled(at, &chains).await? {
            return Ok(chains);
        }
        let share = Share {
            chains: chains.clone(),
        };
        let hash = |site: &Site| {
            let hash = site.store().state_hash(&share);
            hash.map_err(|error| Broken(format!("{}: {error}", site.name)))
        };
        let (here, there) = (hash(node)?, hash(hub)?);
        must(here == there, || {
            let part = here
                .parts
                .iter()
                .zip(&there.parts)
                .position(|(one, other)| one != other);
            let words = ["chains", "documents", "views"];
            let which = part.and_then(|part| words.get(part)).unwrap_or(&"nothing");
            format!(
                "{} and {} hold the same entries and differ in {which}: {:?} and {:?} lines",
                node.name, hub.name, here.lines, there.lines
            )
        })?;
        self.coverage.deed("equal states");
        Ok(chains)
    }

    /// Whether nothing is under way between a node and its hub of what both hold: then views agree,
    /// too.
    async fn is_settled(&self, at: At, both: &BTreeSet<ChainId>) -> Result<bool, Broken> {
        let district = &self.districts[at.district];
        let (hub, node) = (&district.hub, &district.nodes[at.node]);
        let at_node = node.site.heads().await?;
        let hub_node = hub.own().await?.node;
        let receipted = at_node
            .iter()
            .filter(|head| head.chain.origin != hub_node && both.contains(&head.chain))
            .all(|head| head.receipted >= head.seq);
        let told =
            hub.heads().await?.into_iter().filter(|head| {
                head.chain.origin == hub_node && head.chain.scope.area() == node.area
            });
        let told = told.into_iter().all(|head| {
            let there = at_node.iter().find(|other| other.chain == head.chain);
            head.seq.0 == 0 || there.is_some_and(|there| there.seq == head.seq)
        });
        Ok(receipted && told)
    }

    /// The end: everything is everywhere where it belongs, once.
    ///
    /// # Errors
    /// [`Broken`] with the promise.
    pub async fn check_end(&mut self) -> Result<(), Broken> {
        self.check_all().await?;
        for district in 0..self.districts.len() {
            let of = &self.districts[district];
            let entries = of.ledger.all_there(&of.hub).await?;
            self.coverage.deeds_of("entries there", entries);
            for node in 0..self.districts[district].nodes.len() {
                self.converged(At { district, node }).await?;
            }
            self.effects(district).await?;
        }
        self.tell("world", "all checks hold");
        Ok(())
    }

    /// A node holds everything that its hub holds of its area, whoever wrote it, also what it lost
    /// itself before a restore. What a closed board wrote behind its closing stays on it.
    async fn converged(&mut self, at: At) -> Result<(), Broken> {
        let common = self.alike(at).await?;
        let district = &self.districts[at.district];
        let (hub, node) = (&district.hub, &district.nodes[at.node]);
        let own = node.site.own().await?;
        for head in hub.heads().await?.into_iter().filter(|head| head.seq.0 > 0) {
            let chain = head.chain;
            let of_area = chain.scope.area() == node.area;
            let of_older_life = chain.origin == own.node && chain.epoch < own.epoch;
            let behind = hash_at(&node.site, chain, Seq(head.seq.0 + 1)).await?;
            let is_closed = of_older_life && behind.is_some();
            if of_area && !is_closed {
                must(common.contains(&chain), || {
                    let name = &node.site.name;
                    format!("{name} and {} differ in chain {}", hub.name, label(&chain))
                })?;
            }
            let strange = chain.scope.area() != node.area && chain.origin != own.node;
            let leaked = strange && hash_at(&node.site, chain, head.seq).await?.is_some();
            must(!leaked, || {
                format!("SY2 {} holds a foreign area", node.site.name)
            })?;
        }
        for head in node.site.heads().await? {
            let chain = head.chain;
            if chain.origin != own.node || district.ledger.is_closed(&chain) {
                continue;
            }
            let name = || format!("{}: chain {}", node.site.name, label(&chain));
            let is_covered = head.receipted == head.seq;
            must(chain.epoch < own.epoch || is_covered, || {
                format!("{} is not covered in the end", name())
            })?;
            // Of a life before a restore the hub may hold more, and then its receipt fits no image.
            let there = hash_at(hub, chain, head.seq).await?;
            must(there == Some(head.hash), || {
                format!("{} is not at the hub", name())
            })?;
        }
        Ok(())
    }

    /// Effects: one for each accepted registration, none for a refused one, and nothing waits.
    async fn effects(&mut self, district: usize) -> Result<(), Broken> {
        let of = &self.districts[district];
        of.registry.once()?;
        let rows = of.hub.registrations(ROWS_ALL).await?;
        let mut accepted = 0;
        for row in &rows {
            let written = of.registry.written(&row.correlation_id);
            match row.status {
                Status::Rejected => must(written == 0, || {
                    format!("W2 {}: a refused registration was written", of.hub.name)
                })?,
                Status::Accepted if written == 0 => {
                    // Joined with one that was written: it carries the other's id.
                    let id = row.registry_id.as_deref().unwrap_or_default();
                    must(of.registry.knows(id), || {
                        format!("W2 {}: accepted and never written", of.hub.name)
                    })?;
                }
                Status::Accepted => accepted += 1,
                _ => {}
            }
        }
        let Answer::Counts(counts) = of.hub.ask(Query::Counts).await? else {
            return Err(Broken("no counts".to_owned()));
        };
        let waiting = ["pending", "sent", "unknown"];
        let open: u64 = waiting
            .iter()
            .filter_map(|word| counts.effects.get(*word))
            .sum();
        must(open == 0, || {
            format!("{}: {open} effects wait in the end", of.hub.name)
        })?;
        let (records, texts) = (of.registry.live(), of.phones.left());
        self.coverage.deeds_of("accepted", accepted);
        self.coverage
            .deeds_of("records", u64::try_from(records).unwrap_or(0));
        self.coverage
            .deeds_of("texts of hubs", u64::try_from(texts).unwrap_or(0));
        Ok(())
    }
}

/// W7: a status says no more than what is proven.
async fn proven(
    row: &RegistrationRow,
    site: &Site,
    (hub, registry): (&Site, &Registry),
) -> Result<(), Broken> {
    match row.status {
        Status::Carried if !site.is_hub => {
            let chain = ChainId {
                hub: site
                    .store()
                    .realm()
                    .await
                    .map_err(|e| Broken(e.to_string()))?
                    .hub,
                origin: row.id.origin,
                epoch: row.id.epoch,
                scope: row.id.scope,
            };
            let there = hash_at(hub, chain, row.id.seq).await?;
            must(there.is_some(), || {
                format!("W7 {}: carried, and the hub lacks it", site.name)
            })
        }
        Status::Accepted => {
            let id = row.registry_id.as_deref().unwrap_or_default();
            must(registry.knows(id), || {
                format!("W7 {}: accepted, and the registry lacks it", site.name)
            })
        }
        Status::Rejected => must(registry.has_refused(&row.correlation_id), || {
            format!("W7 {}: rejected, and nobody refused it", site.name)
        }),
        _ => Ok(()),
    }
}
