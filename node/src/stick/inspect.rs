//! Looking at bundles without taking anything: what a name says, and what is inside for us.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use node_store::SqliteStore;
use sync::stick::listing::PassedOver;
use sync::stick::sealed::SealedBundle;
use sync::stick::{Found, Stick, StickError};
use sync_core::Lane;
use sync_core::bundle::{BundleName, FILE_BYTES_MAX, Item, Manifest, Part};

use super::import::first;
use super::{Carrier, CarryError};

/// What was seen of one bundle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inspected {
    /// What its name says; `None` for a single file, of which the name is not looked at.
    pub name: Option<BundleName>,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// What is inside, where it is sealed to us.
    pub content: Option<Content>,
    /// Why nothing, or not all, of it can be read.
    pub fault: Option<String>,
}

/// What is inside a bundle. Nothing personal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    /// Its manifest, signed by whom it names.
    pub manifest: Manifest,
    /// Whole frames that can be read.
    pub frames: u32,
    /// Receipts that can be read.
    pub receipts: u32,
    /// Entries in its ranges, by lane.
    pub entries: BTreeMap<Lane, u64>,
}

/// What lies on a stick.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InspectReport {
    /// Bundles, of any network.
    pub bundles: Vec<Inspected>,
    /// What was passed over.
    pub passed_over: PassedOver,
}

impl Carrier {
    /// Looks at a stick. Nothing is changed, here or there.
    ///
    /// # Errors
    /// When the stick cannot be listed.
    pub fn inspect(&self, stick: &Stick) -> Result<InspectReport, CarryError> {
        let listing = stick.list()?;
        let look = |found: &Found| match stick.read(&found.name) {
            Ok(file) => self.look(file, Some(found.name), found.bytes),
            Err(error) => Inspected {
                name: Some(found.name),
                bytes: found.bytes,
                content: None,
                fault: Some(error.to_string()),
            },
        };
        Ok(InspectReport {
            bundles: listing.found.iter().map(look).collect(),
            passed_over: listing.passed_over,
        })
    }

    /// Looks at one file, whatever its name.
    ///
    /// # Errors
    /// When it is no regular file, or longer than a bundle may be.
    pub fn inspect_file(&self, path: &Path) -> Result<Inspected, CarryError> {
        let about = std::fs::symlink_metadata(path).map_err(StickError::Io)?;
        if !about.is_file() {
            return Err(StickError::NotRegular.into());
        }
        let (got, limit) = (about.len(), FILE_BYTES_MAX);
        if got > limit {
            return Err(StickError::TooLarge { limit, got }.into());
        }
        let file = File::open(path).map_err(StickError::Io)?;
        Ok(self.look(file, None, got))
    }

    fn look(&self, file: File, name: Option<BundleName>, bytes: u64) -> Inspected {
        let mut seen = Inspected {
            name,
            bytes,
            content: None,
            fault: None,
        };
        let opened = SealedBundle::open(file, &self.opening).map_err(|error| error.to_string());
        let opened = opened.and_then(|mut bundle| {
            let signed = first(&mut bundle)?;
            let (manifest, _certificate) = signed
                .open(&self.realm.authority)
                .map_err(|refusal| refusal.to_string())?;
            Ok((bundle, manifest))
        });
        let (mut bundle, manifest) = match opened {
            Ok(opened) => opened,
            Err(fault) => {
                seen.fault = Some(fault);
                return seen;
            }
        };
        let mut content = Content {
            entries: entries(&manifest),
            manifest,
            frames: 0,
            receipts: 0,
        };
        seen.fault = count(&mut bundle, &mut content).err();
        seen.content = Some(content);
        seen
    }

    /// The store of this side.
    pub fn store(&self) -> &SqliteStore {
        &self.store
    }
}

fn count(bundle: &mut SealedBundle<File>, content: &mut Content) -> Result<(), String> {
    while let Some(part) = bundle.next_part().map_err(|error| error.to_string())? {
        match part {
            Part::Item(Item::Frame(_)) => content.frames = content.frames.saturating_add(1),
            Part::Item(Item::Receipt(_)) => content.receipts = content.receipts.saturating_add(1),
            Part::Item(Item::Certificate(_) | Item::Revocations(_))
            | Part::Manifest(_)
            | Part::End => {}
        }
    }
    Ok(())
}

fn entries(manifest: &Manifest) -> BTreeMap<Lane, u64> {
    let mut entries = BTreeMap::new();
    for range in &manifest.ranges {
        if let Some(lane) = range.chain.scope.lane() {
            let count = u64::from(range.to.0.saturating_sub(range.from.0)).saturating_add(1);
            let sum: &mut u64 = entries.entry(lane).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    entries
}
