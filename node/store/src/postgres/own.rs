//! Our own chains on a server: facts that a hub writes about what it did.

use deadpool_postgres::Transaction;
use node_core::contact::Moment;
use node_core::fact::Fact;
use node_core::schema;
use sync_core::{ChainId, DocId, Entry, EntryKind, EntryMeta, EntryRef, Scope, Seq, journal};

use super::PostgresStore;
use super::end::End;
use super::journal::{Added, Locked, erased};
use super::keys::{data_keys, owner_name};
use crate::hub_store::StoreError;
use crate::keys::random;
use crate::seal::Owner;
use crate::view::record::fact_owner;

/// A fact to append to our own chain of a scope.
pub(super) struct OwnFact {
    pub(super) scope: Scope,
    pub(super) fact: Fact,
    /// The document that it concerns.
    pub(super) about: Option<EntryRef>,
    /// Hybrid clock of its cause: the fact is stamped later.
    pub(super) after: u64,
}

impl PostgresStore {
    /// Appends a fact behind the head of our own chain.
    pub(super) async fn append(
        &self,
        tx: &Transaction<'_>,
        own: OwnFact,
        now: Moment,
    ) -> Result<(), End> {
        let identity = &self.shared.identity;
        let chain = ChainId {
            hub: identity.hub,
            origin: identity.node,
            epoch: identity.epoch,
            scope: own.scope,
        };
        let mut chain = Locked::lock(tx, &chain).await?;
        chain.clock.observe(own.after, now.at);
        let full = || End::failed("a chain is full; a new life must begin");
        let seq = Seq(chain.head.0.0.checked_add(1).ok_or_else(full)?);
        let doc = own
            .about
            .map_or(DocId::NONE, |of| journal::doc_id(identity.hub, &of));
        let meta = EntryMeta {
            seq,
            kind: EntryKind::Fact,
            quality: now.quality,
            hlc: chain.clock.tick(now.at),
            doc,
            doc_ref: own.about,
            schema: schema::of(&own.fact),
            author: 0,
            session: 0,
        };
        let body = own.fact.encode();
        let body = body.map_err(|error| StoreError::Failed(error.to_string()))?;
        let salt = self.own_salt(tx, &chain, seq).await?;
        let owner = owner_name(Owner::of_body(doc, || {
            fact_owner(&self.shared.vault, &own.fact)
        }));
        let is_erased = !erased(tx, &[doc]).await?.is_empty();
        let added = [Added {
            commitment: journal::commitment(&salt, &body),
            entry: Entry { meta, body },
            owner: (!is_erased).then(|| owner.clone()),
        }];
        let keys = data_keys(tx, self.wrapping()?, vec![owner]).await?;
        chain.add(tx, &added).await?;
        chain.add_bodies(tx, &added, &keys).await?;
        chain.write(tx).await
    }

    /// The salt of an entry to append; its block's seed is drawn where it begins one.
    async fn own_salt(
        &self,
        tx: &Transaction<'_>,
        chain: &Locked,
        seq: Seq,
    ) -> Result<[u8; 16], End> {
        let (wrapping, block) = (self.wrapping()?, journal::block(seq));
        let seeds = chain.seeds(tx, wrapping, &[block]).await?;
        if let Some(seed) = seeds.get(&block) {
            return Ok(journal::salt(seed, seq));
        }
        let drawn = random()?;
        if chain.is_salted(block, &seeds) {
            chain.add_salts(tx, wrapping, &[(seq, drawn)]).await?;
            return Ok(drawn);
        }
        chain.add_seeds(tx, wrapping, &[(block, drawn)]).await?;
        Ok(journal::salt(&drawn, seq))
    }
}
