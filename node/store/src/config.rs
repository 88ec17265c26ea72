//! What a store needs to know from outside, once, at opening.

use core::fmt;
use core::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use node_core::duplicate::Matcher;
use node_core::programme::Programmes;
use node_core::village::Villages;
use sync_core::pack::PackSet;

use crate::hub_store::StoreError;
use crate::packing;

/// Where a store lies and whom it serves.
#[derive(Clone)]
pub struct StoreConfig {
    /// Folder of the database `outpost.db`; made if it is missing.
    pub folder: PathBuf,
    /// Name of this node or hub on pages.
    pub name: String,
    /// Whether it is a hub.
    pub is_hub: bool,
    /// ISO 3166 code of the country, for numbering plans.
    pub country: String,
    /// Language of callers of whom nothing is known, BCP 47.
    pub language: String,
    /// Short code or name that recipients of SMS see.
    pub sender: String,
    /// The villages of its areas, where their people call one code.
    pub villages: Arc<Villages>,
    /// Hours for which a right staff PIN opens the screens of staff on phones; 0 = none is asked.
    pub staff_pin_hours: u16,
    /// All loaded programmes.
    pub programmes: Arc<Programmes>,
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig")
            .field("folder", &self.folder)
            .field("name", &self.name)
            .field("is_hub", &self.is_hub)
            .finish_non_exhaustive()
    }
}

/// The settings of an open store, with what is made of them once.
pub(crate) struct ReadyConfig {
    config: StoreConfig,
    /// Name table of the country, and weights.
    pub(crate) matcher: Arc<Matcher>,
    /// What packed frames are read and written with, one set for each programme.
    pub(crate) sets: Arc<Vec<PackSet>>,
}

impl ReadyConfig {
    /// Compiles what the settings name.
    pub(crate) fn new(config: StoreConfig) -> Result<Self, StoreError> {
        let matcher = Matcher::of(&config.country)
            .map_err(|findings| StoreError::Failed(findings.join("; ")))?;
        let sets = packing::sets(&config.programmes);
        Ok(Self {
            config,
            matcher: Arc::new(matcher),
            sets: Arc::new(sets),
        })
    }

    /// The same with other programmes.
    pub(crate) fn with_programmes(&self, programmes: Programmes) -> Self {
        Self {
            sets: Arc::new(packing::sets(&programmes)),
            config: StoreConfig {
                programmes: Arc::new(programmes),
                ..self.config.clone()
            },
            matcher: Arc::clone(&self.matcher),
        }
    }
}

impl Deref for ReadyConfig {
    type Target = StoreConfig;

    fn deref(&self) -> &StoreConfig {
        &self.config
    }
}
