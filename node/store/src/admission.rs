//! What of taking a frame needs no database: who may write it, where it begins, what is new in it,
//! what each entry commits to and what it may say.
//!
//! Every store asks these rules in the order of docs/protocols/frames.md and has no checks of its
//! own, so that a frame is refused with the same code wherever it arrives. Values in, values out.

use core::iter;

use node_core::fact::Fact;
use node_core::hub_signed::HubSigned;
use node_core::schema::{self, Capture};
use node_core::site::Site;
use ring::signature::{ED25519, UnparsedPublicKey};
use sync_core::certificate::{NodeCertificate, NodeKind, check_validity};
use sync_core::frame::{FrameHeader, Mark, OpenedFrame};
use sync_core::journal::{self, BlockSeed};
use sync_core::refusal::{Refusal, RefusalCode};
use sync_core::revocation::RevocationList;
use sync_core::{ChainId, Entry, EntryKind, Epoch, Seq, hlc};

use crate::epoch::{EpochStart, signed_bytes};
use crate::hub_store::StoreError;
use crate::keys::Vault;
use crate::seal::Owner;
use crate::tx::{Identity, Stop};
use crate::view::record::fact_owner;

/// A position in a chain: the last entry before it, and the chain hash there.
pub(crate) type Position = (Seq, [u8; 32]);

/// What a chain is here: entries up to a number, each with its hash.
pub(crate) struct KnownChain<F> {
    /// Its head; nothing and the genesis hash for a chain of which nothing is here.
    pub(crate) head: Position,
    /// The chain hash after an entry that is here.
    pub(crate) hash_at: F,
}

/// What is known of a frame's origin.
pub(crate) struct KnownOrigin {
    /// Its certificate in this life.
    pub(crate) certificate: Option<NodeCertificate>,
    /// Which lives are closed.
    pub(crate) revocations: RevocationList,
}

/// Who is asked to take a frame.
#[derive(Clone, Copy)]
pub(crate) struct Gate<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) site: &'a Site,
    /// The moment, for validity of certificates.
    pub(crate) at: jiff::Timestamp,
}

/// A frame's chain and whose it is, after step 3.
pub(crate) struct Admitted {
    pub(crate) chain: ChainId,
    pub(crate) certificate: NodeCertificate,
}

/// An entry that is not here yet.
pub(crate) struct Fresh {
    pub(crate) entry: Entry,
    /// What stands in place of its seed or body.
    pub(crate) mark: Option<Mark>,
}

/// What of a frame is new, with the seeds of all its blocks.
pub(crate) struct New {
    pub(crate) seeds: Vec<BlockSeed>,
    pub(crate) entries: Vec<Fresh>,
}

/// What an entry commits to.
pub(crate) struct Commitment {
    pub(crate) value: [u8; 32],
    /// With it the value can be computed again; missing where its person was erased before.
    pub(crate) salt: Option<[u8; 16]>,
}

fn refuse<T>(code: RefusalCode, reason: &str) -> Result<T, Refusal> {
    Err(Refusal::new(code, reason))
}

impl Gate<'_> {
    /// Step 3: network, certificate, scope, right.
    pub(crate) fn admit(
        &self,
        header: &FrameHeader,
        origin: KnownOrigin,
    ) -> Result<Admitted, Refusal> {
        if header.hub != self.identity.hub || !self.identity.is_enrolled() {
            return refuse(RefusalCode::Network, "frame of another network");
        }
        let certificate = origin
            .certificate
            .ok_or_else(|| Refusal::new(RefusalCode::Certificate, "origin has no certificate"))?;
        if !self.site.is_hub && !header.is_reexpressed() {
            // A hub still takes the frames of an expired node and renews it; peers do not. What the
            // hub passes on it took in time.
            check_validity(&certificate, hlc::physical(self.at))?;
        }
        if !certificate.grants(header.scope) {
            return refuse(RefusalCode::Scope, "scope is not granted to the origin");
        }
        if !self.site.serves(header.scope) {
            return refuse(RefusalCode::Scope, "scope is not granted to us");
        }
        let chain = header.chain();
        if !origin.revocations.allows(&chain, header.last_seq()) {
            return refuse(RefusalCode::Revoked, "the origin's life is closed");
        }
        Ok(Admitted { chain, certificate })
    }

    /// Whether new entries of this chain may come from outside: those of our own life may not.
    pub(crate) fn check_not_ours(&self, chain: &ChainId) -> Result<(), Refusal> {
        if chain.origin == self.identity.node && chain.epoch == self.identity.epoch {
            return refuse(
                RefusalCode::Rewound,
                "frame holds more of our chain than we do",
            );
        }
        Ok(())
    }
}

/// Where a frame is opened: behind the head, or inside what is known when it repeats some of it.
pub(crate) fn base(
    header: &FrameHeader,
    known: &mut KnownChain<impl FnMut(Seq) -> Result<[u8; 32], StoreError>>,
) -> Result<Position, StoreError> {
    if header.first_seq > known.head.0 {
        return Ok(known.head);
    }
    let before = Seq(header.first_seq.0.saturating_sub(1));
    Ok((before, (known.hash_at)(before)?))
}

/// The entries that are not here; one that differs from what is here is a fork.
pub(crate) fn fresh(
    opened: OpenedFrame,
    known: &mut KnownChain<impl FnMut(Seq) -> Result<[u8; 32], StoreError>>,
) -> Result<New, Stop> {
    let mut new = Vec::new();
    let marks = opened.marks.into_iter().map(Some);
    let marks = marks.chain(iter::repeat(None));
    for ((entry, hash), mark) in opened.entries.into_iter().zip(marks) {
        let seq = entry.meta.seq;
        if seq > known.head.0 {
            new.push(Fresh { entry, mark });
        } else if (known.hash_at)(seq)? != hash {
            return Err(forked(&opened.header, seq).into());
        }
    }
    Ok(New {
        seeds: opened.seeds,
        entries: new,
    })
}

pub(crate) fn forked(header: &FrameHeader, seq: Seq) -> Refusal {
    tracing::error!(
        sync.origin = header.origin.0,
        sync.seq = seq.0,
        security = true,
        "two entries of one origin have one name: the chain is forked"
    );
    Refusal::new(
        RefusalCode::Forked,
        "entry differs from the one accepted before",
    )
}

/// Whether a block's seed is to be stored. After an erasure in the block only salts are kept.
pub(crate) fn is_new_seed(
    known: Option<[u8; 16]>,
    is_salted: bool,
    seed: &[u8; 16],
) -> Result<bool, Refusal> {
    match known {
        None => Ok(!is_salted),
        Some(known) if known == *seed => Ok(false),
        Some(_) => refuse(RefusalCode::Content, "block has another seed"),
    }
}

impl Fresh {
    /// What the entry commits to. A body is missing only where its person was erased.
    pub(crate) fn commitment(
        &self,
        seeds: &[BlockSeed],
        is_erased: bool,
    ) -> Result<Commitment, Refusal> {
        let seq = self.entry.meta.seq;
        let salt = match self.mark {
            Some(Mark::Gone(value)) if is_erased => {
                return Ok(Commitment { value, salt: None });
            }
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
        Ok(Commitment {
            value: journal::commitment(&salt, &self.entry.body),
            salt: Some(salt),
        })
    }

    /// Whose key seals the body.
    pub(crate) fn owner(&self, fact: Option<&Fact>, vault: &Vault) -> Owner {
        let of_fact = || fact.map_or(Owner::Site, |fact| fact_owner(vault, fact));
        Owner::of_body(self.entry.meta.doc, of_fact)
    }
}

/// The life before the one that a fact begins: its key must have signed.
pub(crate) fn life_before(fact: &Fact) -> Option<Epoch> {
    match fact {
        Fact::EpochStarted { previous, .. } => Some(*previous),
        _ => None,
    }
}

impl Admitted {
    /// Step 9, first part: schema, right to write it, the document's name.
    pub(crate) fn check_writer(&self, entry: &Entry) -> Result<(), Refusal> {
        let (scope, certificate) = (self.chain.scope, &self.certificate);
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
            .is_some_and(|of| journal::doc_id(self.chain.hub, &of) != entry.meta.doc)
        {
            return refuse(RefusalCode::Content, "document's short name differs");
        }
        Ok(())
    }

    /// Step 9, all of it: also the form of a fact, and what a fact says about itself.
    pub(crate) fn check_entry(&self, entry: &Entry) -> Result<Option<Fact>, Refusal> {
        self.check_writer(entry)?;
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
        self.check_hub_signed(&fact)?;
        Ok(Some(fact))
    }

    /// What only a hub says bears its signature and is about the chain's area.
    fn check_hub_signed(&self, fact: &Fact) -> Result<(), Refusal> {
        let (key, area) = (&self.certificate.key, self.chain.scope.area());
        let (hub, is_signed, scope, reason) = match fact {
            Fact::RoleGranted(grant) => (
                grant.hub,
                grant.verify(key),
                grant.scope,
                "grant is not signed by its hub",
            ),
            Fact::RoleRevoked(end) => (
                end.hub,
                end.verify(key),
                end.scope,
                "end of a role is not signed by its hub",
            ),
            Fact::StaffCodeGiven(code) => (
                code.hub,
                code.verify(key),
                code.scope,
                "a worker's code is not signed by its hub",
            ),
            Fact::PersonErased(erasure) => (
                erasure.hub,
                erasure.verify(key),
                erasure.person.scope,
                "erasure is not signed by its hub",
            ),
            _ => return Ok(()),
        };
        if hub != self.chain.origin || !is_signed || scope.area() != area {
            return refuse(RefusalCode::Signature, reason);
        }
        Ok(())
    }

    /// A life begins with its own key, in the first entry, and with the word of the key before.
    pub(crate) fn check_epoch_start(
        &self,
        head: Seq,
        fact: &Fact,
        before: Option<&NodeCertificate>,
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
        if head != Seq(0) || *key != self.certificate.key {
            return Ok(refuse(RefusalCode::Content, "epoch start is out of place")?);
        }
        let Some(before) = before else {
            return Ok(());
        };
        let start = EpochStart {
            previous: *previous,
            reason,
        };
        let signed = signed_bytes(self.chain.origin, &start, heads, key)?;
        let signature = signature.as_deref().unwrap_or_default();
        UnparsedPublicKey::new(&ED25519, &before.key)
            .verify(&signed, signature)
            .map_err(|_unspecified| Refusal::new(RefusalCode::Signature, "epoch start"))?;
        Ok(())
    }
}
