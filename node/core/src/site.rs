//! What the rules know of the place they run in; given by settings and enrolment.

use core::fmt;
use std::sync::Arc;

use sync_core::{EntryRef, HubId, NodeId, Scope};

use crate::duplicate::Matcher;
use crate::programme::Programmes;
use crate::text::Texts;
use crate::village::Villages;

/// What every rule is given besides its own input: where it runs and how it speaks.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The place.
    pub site: &'a Site,
    /// The system texts of all languages.
    pub texts: &'a Texts,
    /// The programmes that are offered.
    pub programmes: &'a Programmes,
}

impl<'a> Rules<'a> {
    /// The rules of a site with its programmes.
    pub fn new(site: &'a Site, programmes: &'a Programmes) -> Self {
        Self {
            site,
            texts: programmes.texts(),
            programmes,
        }
    }
}

/// The node or hub on which the rules run.
#[derive(Clone)]
pub struct Site {
    /// The network.
    pub hub: HubId,
    /// Our origin number.
    pub node: NodeId,
    /// Origin number of our hub, whose own entries need no receipt.
    pub hub_node: NodeId,
    /// Our name, as staff know it.
    pub name: String,
    /// Whether we decide and project as hub.
    pub is_hub: bool,
    /// Area (lane bits zero) of callers that nobody granted a role.
    pub home: Scope,
    /// Areas (lane bits zero) that we are granted; empty on a hub = all.
    pub areas: Vec<Scope>,
    /// The villages of the areas, where their people call one code.
    pub villages: Arc<Villages>,
    /// Language of people whose own is not known, BCP 47.
    pub language: String,
    /// ISO 3166-1 alpha-2 code, for numbering plans.
    pub country: String,
    /// The country's name table, and the weights of comparing.
    pub matcher: Arc<Matcher>,
    /// Short code that our messages show as sender and that people answer to.
    pub sender: String,
    /// Hub: key of the permuted number list; never leaves the centre.
    pub number_key: Option<[u8; 32]>,
    /// Hours for which a right staff PIN opens the screens of staff on phones; 0 = none is asked.
    pub staff_pin_hours: u16,
}

impl Site {
    /// Whether we wrote this entry.
    pub fn wrote(&self, entry: &EntryRef) -> bool {
        entry.origin == self.node
    }

    /// Whether an area is granted to us.
    pub fn serves(&self, area: Scope) -> bool {
        (self.is_hub && self.areas.is_empty()) || self.areas.contains(&area.area())
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Site({}, {:?}, hub: {})",
            self.name, self.node, self.is_hub
        )
    }
}
