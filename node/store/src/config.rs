//! What a store needs to know from outside, once, at opening.

use core::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use node_core::programme::Programmes;
use node_core::village::Villages;

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
