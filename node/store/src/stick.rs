//! What sticks need of a store: keys, numbers of bundles, and what each peer told of its frontier.
//!
//! There is no state of a stick: frames and receipts go through the transactions of every link.
//! What a peer told last only says where our next bundle for it begins; a wrong one costs
//! repeated frames, or a gap that the peer refuses and tells in its next bundle.

use core::fmt;

use node_core::contact::Moment;
use rusqlite::{OptionalExtension, params};
use sync_core::certificate::NodeKind;
use sync_core::{ChainId, Epoch, NodeId, Scope, Seq};

use crate::hub_store::StoreError;
use crate::sqlite::SqliteStore;
use crate::tx::Tx;

const NUMBER: &str = "SELECT number FROM bundle_number WHERE epoch = ?1";
const COUNT: &str = "INSERT INTO bundle_number (epoch, number) VALUES (?1, ?2)
    ON CONFLICT (epoch) DO UPDATE SET number = excluded.number
    WHERE excluded.number > bundle_number.number";
const PEER: &str = "SELECT epoch, number FROM bundle_peer WHERE node = ?1";
const PEER_WRITE: &str = "INSERT INTO bundle_peer (node, epoch, number, revocations)
    VALUES (?1, ?2, ?3, ?4) ON CONFLICT (node) DO UPDATE SET epoch = excluded.epoch,
    number = excluded.number, revocations = excluded.revocations";
const PEER_LIST: &str = "SELECT revocations FROM bundle_peer WHERE node = ?1";
const HAVE: &str = "SELECT origin, epoch, scope, up_to, receipted FROM bundle_have WHERE node = ?1";
const HAVE_CLEAR: &str = "DELETE FROM bundle_have WHERE node = ?1";
const HAVE_WRITE: &str = "INSERT INTO bundle_have (node, origin, epoch, scope, up_to, receipted)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const NEWEST: &str = "SELECT node, max(epoch), bytes FROM certificate GROUP BY node ORDER BY node";

/// Keys of bundles. `Debug` prints nothing of them.
#[derive(Clone)]
pub struct BundleKeys {
    /// Ed25519 of the current life, PKCS#8.
    pub pkcs8: Vec<u8>,
    /// Texts of the age identities of all lives, the newest first: a peer may have sealed to an
    /// older one.
    pub age_identities: Vec<String>,
}

impl fmt::Debug for BundleKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BundleKeys")
    }
}

/// What makes a bundle of ours the next one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BundleStamp {
    /// Its number, from 1.
    pub number: u32,
    /// Hybrid clock.
    pub hlc: u64,
}

/// How far one chain stood at a peer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ToldChain {
    /// The chain.
    pub chain: ChainId,
    /// Last entry held there.
    pub up_to: Seq,
    /// Last entry of it with a receipt there.
    pub receipted: Seq,
}

/// What a peer told with one bundle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// The peer.
    pub node: NodeId,
    /// In which life.
    pub epoch: Epoch,
    /// With which bundle.
    pub number: u32,
    /// Number of the newest revocation list that it holds.
    pub revocations: u32,
    /// Its frontier.
    pub chains: Vec<ToldChain>,
}

impl SqliteStore {
    /// Keys with which bundles are signed and opened.
    ///
    /// # Errors
    /// [`StoreError::Failed`] before enrolment.
    pub async fn bundle_keys(&self) -> Result<BundleKeys, StoreError> {
        let current = self.node_keys().await?;
        self.read(move |tx| {
            let epochs = tx.vault.secrets.epochs.iter().rev();
            let older = epochs.map(|key| key.age_identity.clone());
            let mut age_identities = vec![current.age_identity];
            for identity in older.filter(|identity| !identity.is_empty()) {
                if !age_identities.contains(&identity) {
                    age_identities.push(identity);
                }
            }
            Ok(BundleKeys {
                pkcs8: current.pkcs8,
                age_identities,
            })
        })
        .await
    }

    /// The number of the last bundle of this life; 0 for none.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn last_bundle_number(&self) -> Result<u32, StoreError> {
        self.read(|tx| tx.last_bundle_number()).await
    }

    /// The next number of this life, above `seen`, committed before it is used.
    ///
    /// # Errors
    /// [`StoreError`] of the transaction.
    pub async fn next_bundle(&self, seen: u32, now: Moment) -> Result<BundleStamp, StoreError> {
        self.write(now, move |tx| {
            let number = tx.last_bundle_number()?.max(seen).saturating_add(1);
            let epoch = tx.identity.epoch.0.cast_signed();
            tx.db
                .prepare_cached(COUNT)?
                .execute([epoch, number.into()])?;
            let hlc = tx.tick()?;
            Ok(BundleStamp { number, hlc })
        })
        .await
    }

    /// Keeps what a peer told; `false` for an older bundle than the last one, which changes
    /// nothing.
    ///
    /// # Errors
    /// [`StoreError`] of the transaction.
    pub async fn keep_told(&self, told: Told, now: Moment) -> Result<bool, StoreError> {
        self.write(now, move |tx| tx.keep_told(&told)).await
    }

    /// What a peer told last; nothing of a peer that never sent a bundle.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn told(&self, node: NodeId) -> Result<Vec<ToldChain>, StoreError> {
        self.read(move |tx| tx.told(node)).await
    }

    /// In which life a peer told that; `None` of one that never sent a bundle.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn told_life(&self, node: NodeId) -> Result<Option<Epoch>, StoreError> {
        self.read(move |tx| {
            let epoch: Option<i64> = tx
                .db
                .prepare_cached(PEER)?
                .query_row([node.0], |row| row.get(0))
                .optional()?;
            Ok(epoch.map(|epoch| Epoch(epoch.cast_unsigned())))
        })
        .await
    }

    /// Number of the revocation list that a peer told last to hold; 0 of one that told nothing.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn told_list(&self, node: NodeId) -> Result<u32, StoreError> {
        self.read(move |tx| {
            let number = tx
                .db
                .prepare_cached(PEER_LIST)?
                .query_row([node.0], |row| row.get(0))
                .optional()?;
            Ok(number.unwrap_or(0))
        })
        .await
    }

    /// The newest certificate of each node that we know, hubs left out, by node.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn node_certificates(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        self.read(|tx| {
            let mut statement = tx.db.prepare_cached(NEWEST)?;
            let rows =
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let mut certificates = Vec::new();
            for row in rows {
                let (node, epoch, bytes): (u32, i64, Vec<u8>) = row?;
                let of = tx.certificate_of(NodeId(node), Epoch(epoch.cast_unsigned()))?;
                if of.is_some_and(|certificate| certificate.kind == NodeKind::Node) {
                    certificates.push(bytes);
                }
            }
            Ok(certificates)
        })
        .await
    }
}

impl Tx<'_> {
    fn last_bundle_number(&self) -> Result<u32, StoreError> {
        let epoch = self.identity.epoch.0.cast_signed();
        let number = self
            .db
            .prepare_cached(NUMBER)?
            .query_row([epoch], |row| row.get(0))
            .optional()?;
        Ok(number.unwrap_or(0))
    }

    fn keep_told(&self, told: &Told) -> Result<bool, StoreError> {
        let last: Option<(i64, u32)> = self
            .db
            .prepare_cached(PEER)?
            .query_row([told.node.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let is_older = last.is_some_and(|(epoch, number)| {
            (Epoch(epoch.cast_unsigned()), number) > (told.epoch, told.number)
        });
        if is_older {
            return Ok(false);
        }
        let epoch = told.epoch.0.cast_signed();
        self.db.prepare_cached(PEER_WRITE)?.execute(params![
            told.node.0,
            epoch,
            told.number,
            told.revocations
        ])?;
        self.db.prepare_cached(HAVE_CLEAR)?.execute([told.node.0])?;
        for item in &told.chains {
            self.db.prepare_cached(HAVE_WRITE)?.execute(params![
                told.node.0,
                item.chain.origin.0,
                item.chain.epoch.0.cast_signed(),
                item.chain.scope.0,
                item.up_to.0,
                item.receipted.0
            ])?;
        }
        Ok(true)
    }

    fn told(&self, node: NodeId) -> Result<Vec<ToldChain>, StoreError> {
        let hub = self.identity.hub;
        let mut statement = self.db.prepare_cached(HAVE)?;
        let rows = statement.query_map([node.0], |row| {
            let epoch: i64 = row.get(1)?;
            Ok(ToldChain {
                chain: ChainId {
                    hub,
                    origin: NodeId(row.get(0)?),
                    epoch: Epoch(epoch.cast_unsigned()),
                    scope: Scope(row.get(2)?),
                },
                up_to: Seq(row.get(3)?),
                receipted: Seq(row.get(4)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
