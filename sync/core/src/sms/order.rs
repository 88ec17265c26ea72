//! What a control run holds: the first octet says which, the rest is its form.
//!
//! ```text
//! 1  have          list u32 ‖ serial u64 ‖ serial u64 ‖ count u8 ‖ count × (epoch u64 ‖ scope u32 ‖ up_to u32)
//! 2  revocations   a signed revocation list
//! 3  certificate   a signed node certificate
//! 4  list change   what is new in a signed revocation list
//! ```
//!
//! *Have* goes from a node to its hub: number of its revocation list, serial of its own and of the
//! hub's certificate, and how far it holds the hub's own chains, so that the hub sends nothing that
//! another link brought. The others go from the hub, under its own signatures.

use serde::{Deserialize, Serialize};

use super::SmsError;
use crate::id::{Epoch, Scope, Seq};
use crate::revocation::ListChange;
use crate::varint::Reader;

/// Chains that one *have* names; the others begin where the hub last knew, at worst at their first
/// entry, which costs repeated entries.
pub const HAVE_CHAINS_MAX: usize = 64;

const HAVE: u8 = 1;
const REVOCATIONS: u8 = 2;
const CERTIFICATE: u8 = 3;
const LIST_CHANGE: u8 = 4;

/// How far one chain of the hub is held.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Held {
    /// The hub's life.
    pub epoch: Epoch,
    /// The chain's scope.
    pub scope: Scope,
    /// Its last entry here.
    pub up_to: Seq,
}

/// Which list and certificates an end holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Papers {
    /// Number of the revocation list.
    pub list: u32,
    /// Serial of the node's own certificate.
    pub serial: u64,
    /// Serial of the hub's certificate.
    pub hub_serial: u64,
}

/// The content of a control run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Order {
    /// How far a node holds its hub's chains.
    Have {
        /// Numbers of what it holds of lists and certificates.
        papers: Papers,
        /// Its chains of the hub, ascending, at most [`HAVE_CHAINS_MAX`].
        chains: Vec<Held>,
    },
    /// A revocation list, signed by the hub.
    Revocations(Vec<u8>),
    /// What is new in a revocation list for a node that holds an older one.
    ListChange(ListChange),
    /// A certificate, signed by the hub's authority.
    Certificate(Vec<u8>),
}

impl Order {
    /// The run. Of *have* only the first [`HAVE_CHAINS_MAX`] chains are written.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Have { papers, chains } => {
                let mut out = vec![HAVE];
                out.extend(papers.list.to_be_bytes());
                out.extend(papers.serial.to_be_bytes());
                out.extend(papers.hub_serial.to_be_bytes());
                let count = chains.len().min(HAVE_CHAINS_MAX);
                out.push(u8::try_from(count).unwrap_or_default());
                for held in chains.iter().take(count) {
                    out.extend(held.epoch.0.to_be_bytes());
                    out.extend(held.scope.0.to_be_bytes());
                    out.extend(held.up_to.0.to_be_bytes());
                }
                out
            }
            Self::Revocations(bytes) => [&[REVOCATIONS], bytes.as_slice()].concat(),
            Self::ListChange(change) => [&[LIST_CHANGE], change.encode().as_slice()].concat(),
            Self::Certificate(bytes) => [&[CERTIFICATE], bytes.as_slice()].concat(),
        }
    }

    /// Reads a run. Signatures inside are not verified here.
    ///
    /// # Errors
    /// `Content` when it is not the one encoding of an order.
    pub fn decode(run: &[u8]) -> Result<Self, SmsError> {
        let (kind, rest) = run.split_first().ok_or(SmsError::Content)?;
        match *kind {
            HAVE => read_have(rest).ok_or(SmsError::Content),
            REVOCATIONS => Ok(Self::Revocations(rest.to_vec())),
            LIST_CHANGE => {
                let change = ListChange::decode(rest).ok_or(SmsError::Content)?;
                Ok(Self::ListChange(change))
            }
            CERTIFICATE => Ok(Self::Certificate(rest.to_vec())),
            _ => Err(SmsError::Content),
        }
    }
}

fn read_have(bytes: &[u8]) -> Option<Order> {
    let mut reader = Reader::new(bytes);
    let papers = Papers {
        list: reader.u32()?,
        serial: reader.u64()?,
        hub_serial: reader.u64()?,
    };
    let count = usize::from(reader.u8()?);
    let mut chains = Vec::new();
    for _ in 0..count {
        chains.push(Held {
            epoch: Epoch(reader.u64()?),
            scope: Scope(reader.u32()?),
            up_to: Seq(reader.u32()?),
        });
    }
    let ascends = chains
        .iter()
        .zip(chains.iter().skip(1))
        .all(|(one, next)| (one.epoch, one.scope) < (next.epoch, next.scope));
    let fits = reader.is_empty() && count <= HAVE_CHAINS_MAX && ascends;
    fits.then_some(Order::Have { papers, chains })
}
