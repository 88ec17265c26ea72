//! Names of bundles on a stick: one pattern, matched part by part.
//!
//! `OUTPOST/<hub>/<to>/<from>-<epoch>-<number>.opb`, with `r-` before `<from>` for an answer. A
//! name that was found is only ever compared with this pattern; what is written is built from
//! numbers. So no name leads out of the folder. Other files are none of ours and stay as they are.

use core::fmt;

use super::Direction;
use crate::id::{Epoch, HubId, NodeId};

/// The folder on a stick, below which everything lies.
pub const FOLDER: &str = "OUTPOST";
const ANSWER_PREFIX: &str = "r-";
const EXTENSION: &str = ".opb";

/// What the name of a bundle says. It is a hint until the manifest inside says the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct BundleName {
    /// The network.
    pub hub: HubId,
    /// For whom.
    pub to: NodeId,
    /// Which way; sorts answers behind news.
    pub direction: Direction,
    /// By whom.
    pub from: NodeId,
    /// In which life of the sender.
    pub epoch: Epoch,
    /// Rising number of the sender's bundles, from 1.
    pub number: u32,
}

impl BundleName {
    /// Reads the three parts below [`FOLDER`]; `None` for every other file.
    ///
    /// Only what [`Self::parts`] writes is taken: lower-case hex, no sign, no leading zero.
    pub fn parse(hub: &str, to: &str, file: &str) -> Option<Self> {
        let (direction, stem) = match file.strip_prefix(ANSWER_PREFIX) {
            Some(rest) => (Direction::Answer, rest),
            None => (Direction::News, file),
        };
        let stem = stem.strip_suffix(EXTENSION)?;
        let mut fields = stem.split('-');
        let (from, epoch, number) = (fields.next()?, fields.next()?, fields.next()?);
        let name = Self {
            hub: HubId(u32::from_str_radix(hub, 16).ok()?.to_be_bytes()),
            to: NodeId(to.parse().ok()?),
            direction,
            from: NodeId(from.parse().ok()?),
            epoch: Epoch(u64::from_str_radix(epoch, 16).ok()?),
            number: number.parse().ok()?,
        };
        let is_canonical = fields.next().is_none() && name.number > 0;
        (is_canonical && name.parts() == [hub, to, file]).then_some(name)
    }

    /// The three parts below [`FOLDER`]: hub, receiver, file.
    pub fn parts(&self) -> [String; 3] {
        [self.hub_folder(), self.to.0.to_string(), self.file()]
    }

    /// The folder of a network: 8 hex digits.
    pub fn hub_folder(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.hub.0))
    }

    /// The file's own name.
    pub fn file(&self) -> String {
        let prefix = match self.direction {
            Direction::News => "",
            Direction::Answer => ANSWER_PREFIX,
        };
        let (from, epoch, number) = (self.from.0, self.epoch.0, self.number);
        format!("{prefix}{from}-{epoch:016x}-{number}{EXTENSION}")
    }
}

impl fmt::Display for BundleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [hub, to, file] = self.parts();
        write!(f, "{FOLDER}/{hub}/{to}/{file}")
    }
}
