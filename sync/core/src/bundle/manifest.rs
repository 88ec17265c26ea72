//! The signed beginning of a bundle: from whom, for whom, what is in it, what the sender holds.
//!
//! The sender's certificate lies in it, so that a receiver checks a bundle with the hub's CA key
//! alone. The frontier tells the receiver where its own chains stand at the sender, as `Have` does
//! in a session.

use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};

use super::{BundleError, CONTEXT, Direction, HAVE_MAX, MANIFEST_BYTES_MAX, MARK, RANGES_MAX};
use crate::certificate::{self, CERTIFICATE_BYTES_MAX, NodeCertificate};
use crate::id::{ChainId, Epoch, HubId, NodeId, Scope, Seq};
use crate::message::{HaveItem, Range};
use crate::refusal::{Refusal, RefusalCode};
use crate::varint::Reader;

/// Bytes of a signature.
const SIGNATURE_BYTES: usize = 64;

/// What a bundle says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    /// The network.
    pub hub: HubId,
    /// Which way it goes.
    pub direction: Direction,
    /// For whom.
    pub to: NodeId,
    /// By whom.
    pub from: NodeId,
    /// In which life of the sender.
    pub epoch: Epoch,
    /// Rising number of the sender's bundles, from 1.
    pub number: u32,
    /// Hybrid clock of the writing.
    pub hlc: u64,
    /// Number of the newest revocation list that the sender holds; 0 for none.
    pub revocations: u32,
    /// Frames in it.
    pub frames: u32,
    /// Items in it, frames included.
    pub items: u32,
    /// Bytes of all items with their heads.
    pub bytes: u64,
    /// The sender's certificate.
    pub certificate: Vec<u8>,
    /// What the sender holds, ascending by chain, each chain once.
    pub have: Vec<HaveItem>,
    /// What the frames hold, in their order.
    pub ranges: Vec<Range>,
}

impl Manifest {
    /// [`MARK`], fields and signature by the sender's key of this life.
    ///
    /// # Errors
    /// `TooLarge` and `Malformed`: what a reader would refuse is not signed.
    pub fn sign(&self, key: &Ed25519KeyPair) -> Result<Vec<u8>, BundleError> {
        self.check()?;
        let mut bytes = MARK.to_vec();
        bytes.extend(self.hub.0);
        bytes.push(self.direction.number());
        bytes.extend(self.to.0.to_be_bytes());
        bytes.extend(self.from.0.to_be_bytes());
        bytes.extend(self.epoch.0.to_be_bytes());
        bytes.extend(self.number.to_be_bytes());
        bytes.extend(self.hlc.to_be_bytes());
        bytes.extend(self.revocations.to_be_bytes());
        bytes.extend(self.frames.to_be_bytes());
        bytes.extend(self.items.to_be_bytes());
        bytes.extend(self.bytes.to_be_bytes());
        bytes.extend(count(self.certificate.len()));
        bytes.extend(&self.certificate);
        bytes.extend(count(self.have.len()));
        for item in &self.have {
            write_chain(&mut bytes, &item.chain);
            bytes.extend(item.up_to.0.to_be_bytes());
            bytes.extend(item.receipted.0.to_be_bytes());
            bytes.extend(item.head);
        }
        bytes.extend(count(self.ranges.len()));
        for range in &self.ranges {
            write_chain(&mut bytes, &range.chain);
            bytes.extend(range.from.0.to_be_bytes());
            bytes.extend(range.to.0.to_be_bytes());
        }
        let signature = key.sign(&signed(&bytes));
        bytes.extend(signature.as_ref());
        Ok(bytes)
    }

    fn check(&self) -> Result<(), BundleError> {
        let lists = [
            ("certificate", self.certificate.len(), CERTIFICATE_BYTES_MAX),
            ("frontier", self.have.len(), HAVE_MAX),
            ("ranges", self.ranges.len(), RANGES_MAX),
        ];
        for (field, got, limit) in lists {
            if got > limit {
                return Err(super::too_large(field, limit, got));
            }
        }
        let is_ascending = |pair: &[HaveItem]| match pair {
            [left, right] => left.chain < right.chain,
            _ => true,
        };
        if !self.have.windows(2).all(is_ascending) {
            return Err(BundleError::Malformed("frontier"));
        }
        let is_run = |range: &Range| range.from > Seq(0) && range.from <= range.to;
        if !self.ranges.iter().all(is_run) {
            return Err(BundleError::Malformed("ranges"));
        }
        if self.number == 0 || self.frames > self.items {
            return Err(BundleError::Malformed("counts"));
        }
        Ok(())
    }
}

/// A manifest and its length in bytes, or `None` while it is not whole.
type Parsed = Option<(SignedManifest, usize)>;

/// A manifest whose signature was not looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedManifest {
    manifest: Manifest,
    content: Vec<u8>,
    signature: [u8; SIGNATURE_BYTES],
}

impl SignedManifest {
    /// Reads a manifest from the first bytes of a bundle; `None` while they are too few.
    pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, BundleError> {
        let mut reader = Reader::new(bytes);
        match reader.array::<4>() {
            Some(mark) if mark != MARK => return Err(BundleError::Version),
            Some(_) => {}
            None if MARK.starts_with(bytes) => return Ok(None),
            None => return Err(BundleError::Version),
        }
        let Some(manifest) = read(&mut reader)? else {
            return match bytes.len() {
                got if got > MANIFEST_BYTES_MAX => {
                    Err(super::too_large("manifest", MANIFEST_BYTES_MAX, got))
                }
                _ => Ok(None),
            };
        };
        let length = bytes.len().saturating_sub(reader.remaining());
        let (Some(content), Some(signature)) = (bytes.get(..length), reader.array()) else {
            return Ok(None);
        };
        manifest.check()?;
        let signed = Self {
            manifest,
            content: content.to_vec(),
            signature,
        };
        Ok(Some((signed, length.saturating_add(SIGNATURE_BYTES))))
    }

    /// What it says, for a look that proves nothing.
    pub fn unproven(&self) -> &Manifest {
        &self.manifest
    }

    /// Checks the certificate against the hub's CA, the names in it, and the signature. Time,
    /// network and revocation are the caller's to check.
    ///
    /// # Errors
    /// Those of [`certificate::verify`], then `Certificate` and `Signature`.
    pub fn open(self, ca_key: &[u8; 32]) -> Result<(Manifest, NodeCertificate), Refusal> {
        let certificate = certificate::verify(&self.manifest.certificate, ca_key)?;
        let named = (certificate.node, certificate.epoch);
        if named != (self.manifest.from, self.manifest.epoch) {
            return Err(Refusal::new(
                RefusalCode::Certificate,
                "bundle's certificate is of another sender",
            ));
        }
        UnparsedPublicKey::new(&ED25519, &certificate.key)
            .verify(&signed(&self.content), &self.signature)
            .map_err(|_unspecified| Refusal::new(RefusalCode::Signature, "bundle's manifest"))?;
        Ok((self.manifest, certificate))
    }
}

/// Reads the fields behind the mark; `None` while there are too few bytes.
fn read(reader: &mut Reader<'_>) -> Result<Option<Manifest>, BundleError> {
    let Some(fixed) = fixed(reader) else {
        return Ok(None);
    };
    let (mut manifest, direction) = fixed;
    manifest.direction = Direction::parse(direction).ok_or(BundleError::Malformed("direction"))?;
    let Some(length) = limited(reader, "certificate", CERTIFICATE_BYTES_MAX)? else {
        return Ok(None);
    };
    let Some(certificate) = reader.bytes(length) else {
        return Ok(None);
    };
    manifest.certificate = certificate.to_vec();
    let Some(length) = limited(reader, "frontier", HAVE_MAX)? else {
        return Ok(None);
    };
    for _ in 0..length {
        let Some(item) = have_item(reader, manifest.hub) else {
            return Ok(None);
        };
        manifest.have.push(item);
    }
    let Some(length) = limited(reader, "ranges", RANGES_MAX)? else {
        return Ok(None);
    };
    for _ in 0..length {
        let Some(range) = range(reader, manifest.hub) else {
            return Ok(None);
        };
        manifest.ranges.push(range);
    }
    Ok(Some(manifest))
}

/// The fields of fixed length, and the direction's number.
fn fixed(reader: &mut Reader<'_>) -> Option<(Manifest, u8)> {
    let hub = HubId(reader.array()?);
    let direction = reader.u8()?;
    let manifest = Manifest {
        hub,
        direction: Direction::News,
        to: NodeId(reader.u32()?),
        from: NodeId(reader.u32()?),
        epoch: Epoch(reader.u64()?),
        number: reader.u32()?,
        hlc: reader.u64()?,
        revocations: reader.u32()?,
        frames: reader.u32()?,
        items: reader.u32()?,
        bytes: reader.u64()?,
        certificate: Vec::new(),
        have: Vec::new(),
        ranges: Vec::new(),
    };
    Some((manifest, direction))
}

fn limited(
    reader: &mut Reader<'_>,
    field: &'static str,
    limit: usize,
) -> Result<Option<usize>, BundleError> {
    match reader.u16().map(usize::from) {
        Some(got) if got > limit => Err(super::too_large(field, limit, got)),
        other => Ok(other),
    }
}

fn have_item(reader: &mut Reader<'_>, hub: HubId) -> Option<HaveItem> {
    Some(HaveItem {
        chain: chain(reader, hub)?,
        up_to: Seq(reader.u32()?),
        receipted: Seq(reader.u32()?),
        head: reader.array()?,
    })
}

fn range(reader: &mut Reader<'_>, hub: HubId) -> Option<Range> {
    Some(Range {
        chain: chain(reader, hub)?,
        from: Seq(reader.u32()?),
        to: Seq(reader.u32()?),
    })
}

fn chain(reader: &mut Reader<'_>, hub: HubId) -> Option<ChainId> {
    Some(ChainId {
        hub,
        origin: NodeId(reader.u32()?),
        epoch: Epoch(reader.u64()?),
        scope: Scope(reader.u32()?),
    })
}

fn write_chain(out: &mut Vec<u8>, chain: &ChainId) {
    out.extend(chain.origin.0.to_be_bytes());
    out.extend(chain.epoch.0.to_be_bytes());
    out.extend(chain.scope.0.to_be_bytes());
}

/// A length that was checked to fit.
fn count(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
}

fn signed(content: &[u8]) -> Vec<u8> {
    [CONTEXT, content].concat()
}
