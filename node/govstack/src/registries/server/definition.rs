//! Which registries are served, to whom, and where their pages say they are.

use std::sync::Arc;

use super::caller::Access;
use super::received::Received;
use crate::upstream::HeaderFamily;

/// One registry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegistryDefinition {
    /// Code in the path, such as `mcts`.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Version texts that are served, such as `1.0`.
    pub versions: Vec<String>,
    /// Field of the content that names a record.
    pub primary_key: String,
}

/// What is served and how.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The registries.
    pub registries: Vec<RegistryDefinition>,
    /// Header that names the caller; [`HeaderFamily::None`] is read as the Registries file's.
    pub client_header: HeaderFamily,
    /// Who may call.
    pub access: Access,
    /// Scheme and host of absolute addresses in lists, such as `https://hub.example`; `None`
    /// takes the request's own `Host`.
    pub public_url: Option<String>,
    /// Counts what arrives; share it to read the counts.
    pub received: Arc<Received>,
}

impl Default for ServerConfig {
    /// The mother and child registry of the file's example, `mcts` 1.0, on loopback.
    fn default() -> Self {
        Self {
            registries: vec![RegistryDefinition {
                code: "mcts".to_owned(),
                name: "Mother and Child Tracking System".to_owned(),
                versions: vec!["1.0".to_owned()],
                primary_key: "id".to_owned(),
            }],
            client_header: HeaderFamily::InformationMediator,
            access: Access::Loopback,
            public_url: None,
            received: Arc::new(Received::default()),
        }
    }
}

impl ServerConfig {
    /// The registry with this code and version.
    pub(super) fn find(&self, code: &str, version: &str) -> Option<&RegistryDefinition> {
        let serves = |r: &&RegistryDefinition| {
            r.code == code && r.versions.iter().any(|known| known == version)
        };
        self.registries.iter().find(serves)
    }
}
