//! Taking bundles: file by file, item by item, each through the transaction of every link.

use std::collections::BTreeSet;
use std::fs::File;

use node_core::turn::{Acceptance, Committed, Turn};
use node_store::{Accepting, HubStore, Told, ToldChain};
use sync::stick::listing::PassedOver;
use sync::stick::sealed::SealedBundle;
use sync::stick::{Found, Stick, StickError};
use sync_core::bundle::{BundleName, Direction, Item, Manifest, Part, SignedManifest};
use sync_core::refusal::{Refusal, RefusalCode};
use sync_core::{ChainId, NodeId, certificate, frame, revocation};

use super::{Carrier, CarryError, ExportReport};

/// Different reasons that a report of one file keeps; further ones are only counted.
pub(super) const REASONS_MAX: usize = 8;
/// Chains of one bundle that may not go on; all frames beyond them are refused unread.
pub(super) const STOPPED_MAX: usize = 1_024;

/// How a file ended.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fate {
    /// Read to its end.
    Whole,
    /// What came before the damage was taken.
    Damaged,
    /// Nothing of it was taken, for this reason.
    Refused(String),
}

/// What became of one bundle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileReport {
    /// Its name.
    pub name: BundleName,
    /// How it ended.
    pub fate: Fate,
    /// Frames that its manifest promises.
    pub frames: u32,
    /// Frames that were committed now.
    pub taken: u32,
    /// Frames that were here already.
    pub known: u32,
    /// Frames of chains that could not go on, with the reason of the first of each chain.
    pub refused: u32,
    /// Why chains could not go on, or other items were not kept.
    pub reasons: Vec<String>,
    /// Receipts that were kept.
    pub receipts: u32,
}

impl FileReport {
    fn new(name: BundleName) -> Self {
        Self {
            name,
            fate: Fate::Whole,
            frames: 0,
            taken: 0,
            known: 0,
            refused: 0,
            reasons: Vec::new(),
            receipts: 0,
        }
    }

    fn because(&mut self, reason: String) {
        if self.reasons.len() < REASONS_MAX && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }
}

/// What became of a stick.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImportReport {
    /// Bundles for us, in the order in which they were taken.
    pub files: Vec<FileReport>,
    /// Bundles for others, left where they are.
    pub for_others: usize,
    /// What was passed over.
    pub passed_over: PassedOver,
    /// Answers that were written onto the same stick; `None` on a node.
    pub answer: Option<ExportReport>,
}

impl Carrier {
    /// Takes every bundle for us; a hub then writes its answers.
    ///
    /// # Errors
    /// Those of [`Self::take`] and [`Self::export`].
    pub async fn import(&self, stick: &Stick) -> Result<ImportReport, CarryError> {
        let mut report = self.take(stick).await?;
        let read = report.files.iter();
        let read = read.filter(|file| !matches!(file.fate, Fate::Refused(_)));
        let senders: BTreeSet<NodeId> = read.map(|file| file.name.from).collect();
        if self.is_hub() && !senders.is_empty() {
            report.answer = Some(self.export(stick, Some(&senders)).await?);
        }
        Ok(report)
    }

    /// Takes every bundle for us and writes nothing onto the stick.
    ///
    /// # Errors
    /// [`CarryError`] when the store fails or the stick cannot be listed: what was committed stays,
    /// and the same stick may come again.
    pub async fn take(&self, stick: &Stick) -> Result<ImportReport, CarryError> {
        let listing = stick.list()?;
        let mut report = ImportReport {
            passed_over: listing.passed_over,
            ..ImportReport::default()
        };
        for Found { name, .. } in listing.found {
            if (name.hub, name.to) != (self.realm.hub, self.state.node) {
                report.for_others = report.for_others.saturating_add(1);
                continue;
            }
            report.files.push(self.file(stick, name).await?);
        }
        Ok(report)
    }

    async fn file(&self, stick: &Stick, name: BundleName) -> Result<FileReport, CarryError> {
        let mut report = FileReport::new(name);
        let opened = stick
            .read(&name)
            .and_then(|file| SealedBundle::open(file, &self.opening));
        let mut bundle = match opened {
            Ok(bundle) => bundle,
            Err(error) => {
                report.fate = Fate::Refused(error.to_string());
                return Ok(report);
            }
        };
        let manifest = match first(&mut bundle).and_then(|signed| self.opened(*signed, &name)) {
            Ok(manifest) => manifest,
            Err(reason) => {
                report.fate = Fate::Refused(reason);
                return Ok(report);
            }
        };
        report.frames = manifest.frames;
        self.keep_sender(&manifest, &mut report).await?;
        let mut stopped = BTreeSet::new();
        loop {
            match bundle.next_part() {
                Ok(Some(Part::Item(item))) => self.item(item, &mut report, &mut stopped).await?,
                Ok(Some(Part::Manifest(_) | Part::End)) => {}
                Ok(None) => return Ok(report),
                Err(error) => {
                    tracing::info!(error = %error, "a bundle is damaged");
                    report.fate = Fate::Damaged;
                    return Ok(report);
                }
            }
        }
    }

    /// Steps 5 and 6 of taking: certificate, signature, and whether all names agree.
    fn opened(&self, signed: SignedManifest, name: &BundleName) -> Result<Manifest, String> {
        let of = |refusal: Refusal| refusal.to_string();
        let (manifest, _certificate) = signed.open(&self.realm.authority).map_err(of)?;
        let says = BundleName {
            hub: manifest.hub,
            to: manifest.to,
            direction: manifest.direction,
            from: manifest.from,
            epoch: manifest.epoch,
            number: manifest.number,
        };
        if says != *name {
            return Err("its name is not that of its content".to_owned());
        }
        let is_right = match manifest.direction {
            Direction::News => self.is_hub() && manifest.from != self.state.node,
            Direction::Answer => !self.is_hub() && manifest.from == self.realm.hub_node,
        };
        if is_right {
            Ok(manifest)
        } else {
            Err("it does not come from the other side of a hub".to_owned())
        }
    }

    /// The sender's certificate, and where our chains stand there.
    async fn keep_sender(
        &self,
        manifest: &Manifest,
        report: &mut FileReport,
    ) -> Result<(), CarryError> {
        let turn = Turn::Certificate(manifest.certificate.clone());
        if let Some(reason) = self.commit(turn).await? {
            report.because(reason);
        }
        let chains = manifest.have.iter().map(|item| ToldChain {
            chain: item.chain,
            up_to: item.up_to,
            receipted: item.receipted,
        });
        let told = Told {
            node: manifest.from,
            epoch: manifest.epoch,
            number: manifest.number,
            revocations: manifest.revocations,
            chains: chains.collect(),
        };
        // An older bundle than the last one tells nothing new.
        let _is_newer = self.store.keep_told(told, self.clock.now()).await?;
        Ok(())
    }

    async fn item(
        &self,
        item: Item,
        report: &mut FileReport,
        stopped: &mut BTreeSet<ChainId>,
    ) -> Result<(), CarryError> {
        match item {
            Item::Frame(bytes) => self.frame(bytes, report, stopped).await,
            Item::Receipt(bytes) => {
                match self.commit(Turn::Receipt(bytes)).await? {
                    None => report.receipts = report.receipts.saturating_add(1),
                    Some(reason) => report.because(reason),
                }
                Ok(())
            }
            Item::Revocations(bytes) => {
                let (_list, held) = self.list().await?;
                let list = revocation::verify(&bytes, &self.realm.revocation_key);
                // An old stick brings an older list than ours: that is no fault.
                if list.is_ok_and(|list| list.number < held) {
                    return Ok(());
                }
                if let Some(reason) = self.commit(Turn::Revocations(bytes)).await? {
                    report.because(reason);
                }
                Ok(())
            }
            Item::Certificate(bytes) => {
                let verified = certificate::verify(&bytes, &self.realm.authority);
                match verified {
                    Ok(certificate) if certificate.node == self.state.node => {
                        if let Some(reason) = self.commit(Turn::Certificate(bytes)).await? {
                            report.because(reason);
                        }
                    }
                    Ok(_) => report.because("a certificate of another node".to_owned()),
                    Err(refusal) => report.because(refusal.to_string()),
                }
                Ok(())
            }
        }
    }

    async fn frame(
        &self,
        bytes: Vec<u8>,
        report: &mut FileReport,
        stopped: &mut BTreeSet<ChainId>,
    ) -> Result<(), CarryError> {
        let chain = match frame::header(&bytes) {
            Ok(header) => header.chain(),
            Err(refusal) => {
                report.refused = report.refused.saturating_add(1);
                report.because(refusal.to_string());
                return Ok(());
            }
        };
        if stopped.contains(&chain) || stopped.len() >= STOPPED_MAX {
            report.refused = report.refused.saturating_add(1);
            return Ok(());
        }
        match self.store.accept(bytes, self.clock.now()).await? {
            Acceptance::Accepted { .. } => report.taken = report.taken.saturating_add(1),
            Acceptance::Known { .. } => report.known = report.known.saturating_add(1),
            Acceptance::Refused { code, reason } => {
                report.refused = report.refused.saturating_add(1);
                report.because(match RefusalCode::parse(code) {
                    Some(RefusalCode::Gap) => "an earlier bundle is missing".to_owned(),
                    _ => reason,
                });
                stopped.insert(chain);
            }
        }
        Ok(())
    }

    /// Why a turn was refused; `None` when it was committed.
    async fn commit(&self, turn: Turn) -> Result<Option<String>, CarryError> {
        match self.store.commit(turn, self.clock.now()).await? {
            Committed::Refused(reason) => Ok(Some(reason)),
            _ => Ok(None),
        }
    }
}

/// The manifest, which is the first part of every bundle.
pub(super) fn first(bundle: &mut SealedBundle<File>) -> Result<Box<SignedManifest>, String> {
    match bundle.next_part() {
        Ok(Some(Part::Manifest(signed))) => Ok(signed),
        Ok(_) => Err(StickError::Damaged.to_string()),
        Err(error) => Err(error.to_string()),
    }
}
