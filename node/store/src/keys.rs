//! Key store `file`: the node's secrets in one file, mode 0600, apart from the database.
//!
//! Whoever holds database and key file holds everything that the node holds; docs/SECURITY.md
//! says so. The file is replaced as a whole: temporary file, fsync, rename, fsync of the folder.
//! It is written before the transaction that relies on its new content, so a cut between the two
//! leaves an unused key behind and never a row without its key.

use core::fmt;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ring::hkdf;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde::{Deserialize, Serialize};
use sync_core::certificate::{self, NodeCertificate};
use sync_core::refusal::Refusal;
use sync_core::{Epoch, NodeId};
use zeroize::Zeroize;

use crate::hub_store::StoreError;

/// Name of the key file in the store's folder.
pub(crate) const KEY_FILE: &str = "keys";
/// Version byte of the key file.
const KEY_FILE_VERSION: u8 = 2;
/// Generation of the wrapping key of a new store.
const FIRST_GENERATION: u32 = 1;
/// Checked certificates remembered; when there are more, all are forgotten and checked again.
const VERIFIED_MAX: usize = 256;

/// Everything that must not lie in the database.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// Root of the at-rest keys; never leaves the node.
    master: [u8; 32],
    /// Keys that wrap data keys, seeds and salts: one, or two while all are being re-wrapped. Drawn
    /// at random, since what derives from the master cannot end before it.
    pub(crate) wrapping: Vec<WrappingKey>,
    /// Signing key of each life, PKCS#8.
    pub(crate) epochs: Vec<EpochKey>,
    /// Keys that only a hub has.
    pub(crate) hub: Option<HubSecrets>,
    /// Roots given at enrolment: one pair on a node, a pair per node on a hub.
    pub(crate) roots: Vec<Roots>,
    /// Keys of an enrolment that has no answer yet.
    pub(crate) pending: Option<Pending>,
}

/// A key that wraps others, until all are wrapped under the next one.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct WrappingKey {
    /// Rises with each re-wrap.
    pub(crate) generation: u32,
    key: [u8; 32],
}

impl WrappingKey {
    /// A fresh one.
    pub(crate) fn generate(generation: u32) -> Result<Self, StoreError> {
        Ok(Self {
            generation,
            key: random()?,
        })
    }
}

impl Drop for WrappingKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

/// Keys made for an enrolment; kept so that a repeated request is the same.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) pkcs8: Vec<u8>,
    pub(crate) age_identity: String,
    pub(crate) age_recipient: String,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.pkcs8.zeroize();
        self.age_identity.zeroize();
    }
}

/// Keys of one life of this origin.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct EpochKey {
    pub(crate) epoch: Epoch,
    /// Ed25519, PKCS#8 version 2.
    pub(crate) pkcs8: Vec<u8>,
    /// Text of the age identity, empty where none was given.
    pub(crate) age_identity: String,
}

/// Keys of a hub: one key, one purpose.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct HubSecrets {
    /// Signs node certificates, PKCS#8.
    pub(crate) authority: Vec<u8>,
    /// Signs receipts, PKCS#8.
    pub(crate) receipt: Vec<u8>,
    /// Signs revocation lists, PKCS#8.
    pub(crate) revocation: Vec<u8>,
    /// Key of the permutation of registration numbers; stays here.
    pub(crate) numbers: [u8; 32],
}

/// Roots shared between hub and node.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Roots {
    pub(crate) node: NodeId,
    pub(crate) epoch: Epoch,
    pub(crate) enrolment: [u8; 32],
    pub(crate) sms: [u8; 32],
}

impl Drop for Secrets {
    fn drop(&mut self) {
        self.master.zeroize();
        for key in &mut self.epochs {
            key.pkcs8.zeroize();
            key.age_identity.zeroize();
        }
        if let Some(hub) = &mut self.hub {
            hub.authority.zeroize();
            hub.receipt.zeroize();
            hub.numbers.zeroize();
        }
        for roots in &mut self.roots {
            roots.enrolment.zeroize();
            roots.sms.zeroize();
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} lives)", self.epochs.len())
    }
}

impl Secrets {
    /// Secrets of a new store.
    pub(crate) fn generate() -> Result<Self, StoreError> {
        Ok(Self {
            master: random()?,
            wrapping: vec![WrappingKey::generate(FIRST_GENERATION)?],
            epochs: Vec::new(),
            hub: None,
            roots: Vec::new(),
            pending: None,
        })
    }

    /// Adds the key of a life; one that a cut transaction left behind is replaced.
    pub(crate) fn put_epoch(&mut self, key: EpochKey) {
        self.epochs.retain(|other| other.epoch != key.epoch);
        self.epochs.push(key);
    }

    /// Adds roots; those that a cut transaction left behind are replaced.
    pub(crate) fn put_roots(&mut self, roots: Roots) {
        self.roots
            .retain(|other| (other.node, other.epoch) != (roots.node, roots.epoch));
        self.roots.push(roots);
    }

    /// Generations of the wrapping keys, oldest first.
    pub(crate) fn generations(&self) -> Vec<u32> {
        self.wrapping.iter().map(|key| key.generation).collect()
    }

    /// Reads the key file; `None` when there is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, StoreError> {
        let bytes = match fs::read(folder.join(KEY_FILE)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::Failed(format!("key file: {error}"))),
        };
        Self::parse(bytes).map(Some)
    }

    /// Reads the bytes of a key file.
    pub(crate) fn parse(mut bytes: Vec<u8>) -> Result<Self, StoreError> {
        let secrets = match bytes.split_first() {
            Some((&KEY_FILE_VERSION, rest)) => postcard::from_bytes(rest)
                .map_err(|error| StoreError::Failed(format!("key file: {error}"))),
            _ => Err(StoreError::Failed(
                "key file has an unknown version".to_owned(),
            )),
        };
        bytes.zeroize();
        secrets
    }

    /// Replaces the key file; returns only when it is on the medium.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let body = postcard::to_stdvec(self)
            .map_err(|error| StoreError::Failed(format!("key file: {error}")))?;
        let mut bytes = vec![KEY_FILE_VERSION];
        bytes.extend_from_slice(&body);
        let mut body = body;
        body.zeroize();
        let done = replace_file(folder, &bytes);
        bytes.zeroize();
        done.map_err(|error| StoreError::Failed(format!("key file: {error}")))
    }
}

fn replace_file(folder: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = folder.join("keys.tmp");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary, folder.join(KEY_FILE))?;
    File::open(folder)?.sync_all()
}

/// 32 or fewer random bytes from the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|ring::error::Unspecified| StoreError::Failed("no randomness".to_owned()))?;
    Ok(bytes)
}

/// A fresh Ed25519 key as PKCS#8.
pub(crate) fn generate_signing_key() -> Result<Vec<u8>, StoreError> {
    Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map(|document| document.as_ref().to_vec())
        .map_err(|ring::error::Unspecified| StoreError::Failed("no randomness".to_owned()))
}

/// Reads a key that [`generate_signing_key`] made.
pub(crate) fn signing_key(pkcs8: &[u8]) -> Result<Ed25519KeyPair, StoreError> {
    Ed25519KeyPair::from_pkcs8(pkcs8)
        .map_err(|_rejected| StoreError::Failed("a stored signing key is damaged".to_owned()))
}

/// The public half as 32 bytes.
pub(crate) fn public_key(pair: &Ed25519KeyPair) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(pair.public_key().as_ref()) {
        *to = *from;
    }
    bytes
}

/// Keys in use: the secrets, and what derives from the master.
#[derive(Clone)]
pub(crate) struct Vault {
    pub(crate) secrets: Secrets,
    /// Those of the secrets, and for a while those that another program's snapshot may still need.
    wrapping: Vec<WrappingKey>,
    index: hmac::Key,
    /// The signing key of each life, read once: that costs a curve multiplication.
    signing: BTreeMap<Epoch, Arc<Ed25519KeyPair>>,
    /// Certificates that were checked, by authority and bytes.
    verified: Arc<Mutex<Verified>>,
}

/// Outcome of a check by what was checked: the same bytes need no second signature check.
type Verified = BTreeMap<([u8; 32], Vec<u8>), NodeCertificate>;

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.secrets.fmt(f)
    }
}

impl Vault {
    /// Derives the at-rest keys.
    pub(crate) fn new(secrets: Secrets) -> Result<Self, StoreError> {
        let wrapping = secrets.wrapping.clone();
        let mut index_bytes: [u8; 32] = derive(&secrets.master, b"index")?;
        let index = hmac::Key::new(hmac::HMAC_SHA256, &index_bytes);
        index_bytes.zeroize();
        let mut signing = BTreeMap::new();
        for key in &secrets.epochs {
            signing.insert(key.epoch, Arc::new(signing_key(&key.pkcs8)?));
        }
        Ok(Self {
            secrets,
            wrapping,
            index,
            signing,
            verified: Arc::default(),
        })
    }

    /// Keeps what an older vault could open, too: rows that were read before a re-wrap ended.
    pub(crate) fn with_former(mut self, former: &Self) -> Self {
        for key in &former.secrets.wrapping {
            if self.wrapping_key(key.generation).is_none() {
                self.wrapping.push(key.clone());
            }
        }
        self
    }

    /// The wrapping key of a generation.
    pub(crate) fn wrapping_key(&self, generation: u32) -> Option<&[u8; 32]> {
        let mut keys = self.wrapping.iter();
        keys.find(|key| key.generation == generation)
            .map(|key| &key.key)
    }

    /// The newest generation of wrapping keys.
    pub(crate) fn newest_generation(&self) -> u32 {
        let all = self.wrapping.iter().map(|key| key.generation);
        all.max().unwrap_or(FIRST_GENERATION)
    }

    /// All wrapping keys, the one of this generation first.
    pub(crate) fn wrapping_keys(&self, first: u32) -> impl Iterator<Item = &[u8; 32]> {
        let others = self
            .wrapping
            .iter()
            .filter(move |key| key.generation != first);
        self.wrapping_key(first)
            .into_iter()
            .chain(others.map(|key| &key.key))
    }

    /// A certificate whose bytes were checked against this authority's key, now or before.
    pub(crate) fn verified(
        &self,
        bytes: Vec<u8>,
        authority: &[u8; 32],
    ) -> Result<NodeCertificate, Refusal> {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (*authority, bytes);
        if let Some(certificate) = verified.get(&key) {
            return Ok(certificate.clone());
        }
        let certificate = certificate::verify(&key.1, authority)?;
        if verified.len() >= VERIFIED_MAX {
            verified.clear();
        }
        verified.insert(key, certificate.clone());
        Ok(certificate)
    }

    /// Key of keyed hashes in logs; the caller joins the month to it.
    pub(crate) fn log_key(&self) -> Result<[u8; 32], StoreError> {
        derive(&self.secrets.master, b"log")
    }

    /// Secret input of the hashes of PINs; never leaves the node.
    pub(crate) fn pin_pepper(&self) -> Result<[u8; 32], StoreError> {
        derive(&self.secrets.master, b"pin-pepper")
    }

    /// Key of the order of provisional numbers.
    pub(crate) fn provisional_key(&self) -> Result<[u8; 32], StoreError> {
        derive(&self.secrets.master, b"provisional")
    }

    /// HMAC-SHA-256 under the index key over a field name and values, each ended by its length.
    pub(crate) fn token(&self, field: &str, values: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(field.as_bytes());
        context.update(&[0]);
        for value in values {
            context.update(value);
            context.update(&u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes());
        }
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        bytes
    }

    /// The signing key of a life.
    pub(crate) fn epoch_key(&self, epoch: Epoch) -> Result<Arc<Ed25519KeyPair>, StoreError> {
        let missing = || StoreError::Failed("the key of this life is missing".to_owned());
        self.signing.get(&epoch).cloned().ok_or_else(missing)
    }

    /// The SMS root that a node's block seeds derive from, if it was enrolled in this life.
    pub(crate) fn sms_root(&self, node: NodeId, epoch: Epoch) -> Option<&[u8; 32]> {
        self.secrets
            .roots
            .iter()
            .find(|roots| roots.node == node && roots.epoch == epoch)
            .map(|roots| &roots.sms)
    }
}

struct Length;

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        32
    }
}

fn derive(master: &[u8; 32], purpose: &[u8]) -> Result<[u8; 32], StoreError> {
    let mut bytes = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"outpost.master.1")
        .extract(master)
        .expand(&[purpose], Length)
        .and_then(|okm| okm.fill(&mut bytes))
        .map_err(|ring::error::Unspecified| StoreError::Failed("key derivation".to_owned()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn key_file_comes_back_as_it_was_written_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Secrets::read(folder.path()).unwrap().is_none());
        let mut secrets = Secrets::generate().unwrap();
        secrets.epochs.push(EpochKey {
            epoch: Epoch::new(1, 0),
            pkcs8: generate_signing_key().unwrap(),
            age_identity: "AGE-SECRET-KEY-1".to_owned(),
        });
        secrets.write(folder.path()).unwrap();
        secrets.write(folder.path()).unwrap();
        let read = Secrets::read(folder.path()).unwrap().unwrap();
        assert_eq!(read.master, secrets.master);
        assert_eq!(read.epochs[0].pkcs8, secrets.epochs[0].pkcs8);
        let mode = fs::metadata(folder.path().join(KEY_FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_key_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(KEY_FILE), [9, 9, 9]).unwrap();
        assert!(matches!(
            Secrets::read(folder.path()),
            Err(StoreError::Failed(_))
        ));
    }

    #[test]
    fn purposes_give_different_keys_and_equal_masters_equal_ones() {
        let secrets = Secrets::generate().unwrap();
        let a = Vault::new(secrets.clone()).unwrap();
        let b = Vault::new(secrets).unwrap();
        assert_eq!(a.wrapping_key(1), b.wrapping_key(1));
        assert_ne!(a.wrapping_key(1), Some(&a.log_key().unwrap()));
        assert_eq!(a.token("phone", &[b"1"]), b.token("phone", &[b"1"]));
        assert_ne!(a.token("phone", &[b"1", b"2"]), a.token("phone", &[b"12"]));
        assert_ne!(a.token("phone", &[b"1"]), a.token("number", &[b"1"]));
    }

    #[test]
    fn debug_shows_no_key() {
        let secrets = Secrets::generate().unwrap();
        assert_eq!(format!("{secrets:?}"), "Secrets(0 lives)");
    }
}
