//! Takes frames of other origins, in the order of checks of docs/protocols/frames.md.
//!
//! Lengths, version and form, then certificate, epoch, scope and lane; then signature, position
//! and content in `sync-core`; then schema and right per entry; then everything is written, with
//! all that follows from it. A refusal at any step leaves no row changed.

use node_core::fact::Fact;
use node_core::hub_signed::HubSigned;
use node_core::schema::{self, Capture};
use node_core::turn::Acceptance;
use ring::signature::{ED25519, UnparsedPublicKey};
use sync_core::certificate::{NodeCertificate, NodeKind, check_validity};
use sync_core::frame::{self, FrameHeader, Mark, OpenedFrame};
use sync_core::journal::BlockSeed;
use sync_core::refusal::{Refusal, RefusalCode};
use sync_core::{Entry, EntryKind, Seq, hlc, journal};

use crate::engine::{Happened, HappenedBody};
use crate::epoch::{EpochStart, signed_bytes};
use crate::hub_store::StoreError;
use crate::journal::ChainRow;
use crate::seal::Owner;
use crate::tx::{Stop, Tx};

fn refuse<T>(code: RefusalCode, reason: &str) -> Result<T, Stop> {
    Err(Refusal::new(code, reason).into())
}

impl Tx<'_> {
    /// Takes one frame.
    pub(crate) fn accept(&self, bytes: &[u8]) -> Result<Acceptance, StoreError> {
        match self.attempt(|| self.accept_frame(bytes)) {
            Ok(acceptance) => Ok(acceptance),
            Err(Stop::Refused(refusal)) => {
                tracing::warn!(
                    sync.refusal = refusal.code.word(),
                    sync.reason = refusal.reason,
                    "refused a frame"
                );
                Ok(Acceptance::Refused {
                    code: refusal.code.number(),
                    reason: refusal.reason,
                })
            }
            Err(Stop::Rejected(rejection)) => Err(StoreError::Failed(rejection.text)),
            Err(Stop::Store(error)) => Err(error),
        }
    }

    fn accept_frame(&self, bytes: &[u8]) -> Result<Acceptance, Stop> {
        let header = frame::header(bytes)?;
        let certificate = self.check_origin(&header)?;
        let known = self.chain(&header.chain())?;
        let head = known.map_or((Seq(0), journal::genesis(&header.chain())), |chain| {
            (chain.seq, chain.hash)
        });
        let base = self.base(&header, known.as_ref(), head)?;
        let opened = self.open_frame(bytes, base, (&header.chain(), &certificate.key))?;
        let OpenedFrame {
            seeds,
            marks,
            entries,
            ..
        } = opened;
        let mut new = Vec::new();
        let marks = marks.into_iter().map(Some).chain(std::iter::repeat(None));
        for ((entry, hash), mark) in entries.into_iter().zip(marks) {
            match known.filter(|chain| entry.meta.seq <= chain.seq) {
                Some(chain) if self.hash_at(&chain, entry.meta.seq)? != hash => {
                    return forked(&header, entry.meta.seq);
                }
                Some(_) => {}
                None => new.push((entry, mark)),
            }
        }
        let Some((last, _)) = new.last() else {
            let receipt = known
                .map(|chain| self.give_receipt(&chain))
                .transpose()?
                .flatten();
            return Ok(Acceptance::Known { receipt });
        };
        if header.origin == self.identity.node && header.epoch == self.identity.epoch {
            return refuse(
                RefusalCode::Rewound,
                "frame holds more of our chain than we do",
            );
        }
        self.observe(last.meta.hlc)?;
        let count = u32::try_from(new.len()).unwrap_or(u32::MAX);
        let mut chain = self.chain_or_new(&header.chain())?;
        for (block, seed) in &seeds {
            match self.seed(chain.id, *block)? {
                // After an erasure in this block only salts are kept.
                None if self.is_salted(&chain, *block)? => {}
                None => self.put_seed(chain.id, *block, seed)?,
                Some(known) if known == *seed => {}
                Some(_) => return refuse(RefusalCode::Content, "block has another seed"),
            }
        }
        for (entry, mark) in &new {
            let commitment = self.commit(&chain, entry, *mark, &seeds)?;
            self.take_entry(&mut chain, entry, commitment, &certificate)?;
        }
        let receipt = self.give_receipt(&chain)?;
        Ok(Acceptance::Accepted {
            entries: count,
            receipt,
        })
    }

    /// Step 3: network, certificate, scope, right.
    fn check_origin(&self, header: &FrameHeader) -> Result<NodeCertificate, Stop> {
        if header.hub != self.identity.hub || !self.identity.is_enrolled() {
            return refuse(RefusalCode::Network, "frame of another network");
        }
        let certificate = self
            .certificate_of(header.origin, header.epoch)?
            .ok_or_else(|| Refusal::new(RefusalCode::Certificate, "origin has no certificate"))?;
        if !self.config.is_hub {
            // A hub still takes the frames of an expired node and renews it; peers do not.
            check_validity(&certificate, hlc::physical(self.now.at))?;
        }
        if !certificate.grants(header.scope) {
            return refuse(RefusalCode::Scope, "scope is not granted to the origin");
        }
        if !self.site().serves(header.scope) {
            return refuse(RefusalCode::Scope, "scope is not granted to us");
        }
        if !self
            .revocations()?
            .allows(&header.chain(), header.last_seq())
        {
            return refuse(RefusalCode::Revoked, "the origin's life is closed");
        }
        Ok(certificate)
    }

    /// Where the frame is opened: our head, or inside what we know when it repeats some of it.
    fn base(
        &self,
        header: &FrameHeader,
        known: Option<&ChainRow>,
        head: (Seq, [u8; 32]),
    ) -> Result<(Seq, [u8; 32]), Stop> {
        match known {
            Some(chain) if header.first_seq <= chain.seq => {
                let before = Seq(header.first_seq.0.saturating_sub(1));
                Ok((before, self.hash_at(chain, before)?))
            }
            _ => Ok(head),
        }
    }

    /// What an entry commits to; a salt that no seed gives is kept. A body is missing only where
    /// its person was erased.
    fn commit(
        &self,
        chain: &ChainRow,
        entry: &Entry,
        mark: Option<Mark>,
        seeds: &[BlockSeed],
    ) -> Result<[u8; 32], Stop> {
        let seq = entry.meta.seq;
        let erased = self.is_erased(entry.meta.doc)?;
        let salt = match mark {
            Some(Mark::Gone(commitment)) if erased => return Ok(commitment),
            Some(Mark::Gone(_)) => {
                return refuse(RefusalCode::Content, "body of nobody erased is missing");
            }
            Some(Mark::Salt(salt)) => salt,
            None => {
                let block = journal::block(seq);
                let seed = seeds.iter().find(|(number, _)| *number == block);
                let missing = || Refusal::new(RefusalCode::Content, "entry without a seed");
                journal::salt(&seed.ok_or_else(missing)?.1, seq)
            }
        };
        let block = journal::block(seq);
        if erased {
            self.salt_block(chain.id, block)?;
        } else if self.seed(chain.id, block)?.is_none() {
            self.put_salt(chain.id, seq, &salt)?;
        }
        Ok(journal::commitment(&salt, &entry.body))
    }

    fn take_entry(
        &self,
        chain: &mut ChainRow,
        entry: &Entry,
        commitment: [u8; 32],
        certificate: &NodeCertificate,
    ) -> Result<(), Stop> {
        if self.is_erased(entry.meta.doc)? {
            // Whatever it says, older or newer, nothing of it is kept or follows from it (E2).
            check_writer(chain, entry, certificate)?;
            let stored = self.store_entry(chain, entry, commitment, Owner::Site)?;
            return Ok(self.plan_removal_of_arrived(&stored)?);
        }
        let fact = check_entry(chain, entry, certificate)?;
        if let Some(fact) = &fact {
            self.check_epoch_start(chain, fact, certificate)?;
        }
        let owner = if entry.meta.doc == sync_core::DocId::NONE {
            fact.as_ref()
                .map_or(Owner::Site, |fact| self.fact_owner(fact))
        } else {
            Owner::Person(entry.meta.doc)
        };
        let stored = self.store_entry(chain, entry, commitment, owner)?;
        let happened = match fact {
            Some(fact) => {
                let about = stored.meta.doc_ref;
                vec![Happened {
                    stored,
                    body: HappenedBody::Fact(fact),
                    about,
                }]
            }
            None => self.apply_change(stored, &entry.body)?,
        };
        let mut messages = Vec::new();
        self.settle(happened.into(), &mut messages)?;
        for message in &messages {
            self.queue_message(message)?;
        }
        Ok(())
    }

    /// A life begins with its own key, in the first entry, and with the word of the key before.
    fn check_epoch_start(
        &self,
        chain: &ChainRow,
        fact: &Fact,
        certificate: &NodeCertificate,
    ) -> Result<(), Stop> {
        let Fact::EpochStarted {
            previous,
            heads,
            reason,
            key,
            signature,
        } = fact
        else {
            return Ok(());
        };
        if chain.seq != Seq(0) || *key != certificate.key {
            return refuse(RefusalCode::Content, "epoch start is out of place");
        }
        let node = chain.chain.origin;
        let Some(before) = self.certificate_of(node, *previous)? else {
            return Ok(());
        };
        let start = EpochStart {
            previous: *previous,
            reason,
        };
        let signed = signed_bytes(node, &start, heads, key)?;
        let signature = signature.as_deref().unwrap_or_default();
        UnparsedPublicKey::new(&ED25519, &before.key)
            .verify(&signed, signature)
            .map_err(|_unspecified| Refusal::new(RefusalCode::Signature, "epoch start"))?;
        Ok(())
    }
}

fn forked(header: &FrameHeader, seq: Seq) -> Result<Acceptance, Stop> {
    tracing::error!(
        sync.origin = header.origin.0,
        sync.seq = seq.0,
        security = true,
        "two entries of one origin have one name: the chain is forked"
    );
    refuse(
        RefusalCode::Forked,
        "entry differs from the one accepted before",
    )
}

/// Step 9, first part: schema, right to write it, the document's name.
fn check_writer(
    chain: &ChainRow,
    entry: &Entry,
    certificate: &NodeCertificate,
) -> Result<(), Stop> {
    let scope = chain.chain.scope;
    let capture = match certificate.kind {
        NodeKind::Hub => Capture::Hub,
        NodeKind::Node if certificate.may_write(scope) => Capture::Node,
        NodeKind::Node | NodeKind::Relay => Capture::None,
    };
    if !schema::allowed(entry.meta.schema, scope, capture) {
        return refuse(RefusalCode::Scope, "origin may not write this schema here");
    }
    if entry
        .meta
        .doc_ref
        .is_some_and(|of| journal::doc_id(chain.chain.hub, &of) != entry.meta.doc)
    {
        return refuse(RefusalCode::Content, "document's short name differs");
    }
    Ok(())
}

/// Step 9, all of it: also the form of a fact, and what a fact says about itself.
fn check_entry(
    chain: &ChainRow,
    entry: &Entry,
    certificate: &NodeCertificate,
) -> Result<Option<Fact>, Stop> {
    let scope = chain.chain.scope;
    check_writer(chain, entry, certificate)?;
    if entry.meta.kind == EntryKind::Change {
        return if entry.meta.schema == schema::PERSON {
            Ok(None)
        } else {
            refuse(RefusalCode::Content, "schema belongs to no document")
        };
    }
    let fact = Fact::decode(&entry.body)
        .map_err(|error| Refusal::new(RefusalCode::Content, error.to_string()))?;
    if schema::of(&fact) != entry.meta.schema {
        return refuse(RefusalCode::Content, "fact is of another schema");
    }
    if entry.meta.creates_document() {
        return refuse(RefusalCode::Content, "a fact creates no document");
    }
    if let Fact::RoleGranted(grant) = &fact {
        let signed = grant.hub == chain.chain.origin && grant.verify(&certificate.key);
        if !signed || grant.scope.area() != scope.area() {
            return refuse(RefusalCode::Signature, "grant is not signed by its hub");
        }
    }
    if let Fact::RoleRevoked(end) = &fact {
        let signed = end.hub == chain.chain.origin && end.verify(&certificate.key);
        if !signed || end.scope.area() != scope.area() {
            return refuse(
                RefusalCode::Signature,
                "end of a role is not signed by its hub",
            );
        }
    }
    if let Fact::StaffCodeGiven(code) = &fact {
        let signed = code.hub == chain.chain.origin && code.verify(&certificate.key);
        if !signed || code.scope.area() != scope.area() {
            return refuse(
                RefusalCode::Signature,
                "a worker's code is not signed by its hub",
            );
        }
    }
    if let Fact::PersonErased(erasure) = &fact {
        let signed = erasure.hub == chain.chain.origin && erasure.verify(&certificate.key);
        if !signed || erasure.person.scope.area() != scope.area() {
            return refuse(RefusalCode::Signature, "erasure is not signed by its hub");
        }
    }
    Ok(Some(fact))
}
