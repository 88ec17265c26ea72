//! Checks the journal on a server: every chain computed anew from what stands there.

use deadpool_postgres::Object;
use sync_core::journal;
use sync_core::{ChainId, DocId, EntryMeta, Epoch, HubId, NodeId, Scope, Seq};
use tokio_postgres::Row;

use super::PostgresStore;
use super::end::End;
use super::journal::{Columns, body_row, place, seq};
use super::keys::{OwnerName, owner_key};
use crate::admission::Position;
use crate::erase::salt_row;
use crate::hub_store::StoreError;
use crate::journal::{parse_kind, parse_quality, seed_row};
use crate::name::{array, parse_name};

/// What does not fit, in words.
type Finding = Option<&'static str>;

/// Entries that are read at once.
const PAGE_ENTRIES: i64 = 1_000;

const CHAINS: &str = "SELECT hub, origin, epoch, scope, seq, hash FROM chain
    ORDER BY hub, origin, epoch, scope";
const PAGE: &str = "SELECT e.seq, e.kind, e.quality, e.hlc, e.doc, e.doc_ref, e.schema, e.author,
    e.session, e.commitment, e.hash, b.kind, b.owner, b.sealed, seed.wrapped, salt.wrapped
    FROM entry e
    LEFT JOIN body b USING (origin, epoch, scope, seq)
    LEFT JOIN seed ON seed.origin = e.origin AND seed.epoch = e.epoch AND seed.scope = e.scope
        AND seed.block = e.seq / 64
    LEFT JOIN salt ON salt.origin = e.origin AND salt.epoch = e.epoch AND salt.scope = e.scope
        AND salt.seq = e.seq
    WHERE e.origin = $1 AND e.epoch = $2 AND e.scope = $3 AND e.seq > $4
    ORDER BY e.seq LIMIT $5";

impl PostgresStore {
    /// Computes every chain anew and opens every body; gives what does not fit, in words, and how
    /// many entries were looked at.
    ///
    /// # Errors
    /// [`StoreError`] where the database cannot be read.
    pub async fn check(&self) -> Result<(u64, Vec<String>), StoreError> {
        self.check_chains().await.map_err(End::error)
    }

    async fn check_chains(&self) -> Result<(u64, Vec<String>), End> {
        let client = self.client().await?;
        let (mut entries, mut findings) = (0_u64, Vec::new());
        for row in client.query(CHAINS, &[]).await? {
            let chain = chain(&row)?;
            let head = (seq(row.try_get(4)?)?, array(row.try_get(5)?)?);
            let mut end = (Seq(0), journal::genesis(&chain));
            loop {
                let page = self.page(&client, &chain, end.0).await?;
                if page.is_empty() {
                    break;
                }
                for row in &page {
                    entries = entries.saturating_add(1);
                    let (next, finding) = self.check_entry(&client, &chain, (end, row)).await?;
                    findings.extend(finding.map(|what| format!("{chain:?} {}: {what}", next.0.0)));
                    end = next;
                }
            }
            if end != head {
                findings.push(format!("{chain:?}: its head is another entry"));
            }
        }
        Ok((entries, findings))
    }

    async fn page(&self, client: &Object, chain: &ChainId, after: Seq) -> Result<Vec<Row>, End> {
        let (at, after) = (Columns::of(chain), i64::from(after.0));
        let page = client.prepare_cached(PAGE).await?;
        Ok(client
            .query(
                &page,
                &[&at.origin, &at.epoch, &at.scope, &after, &PAGE_ENTRIES],
            )
            .await?)
    }

    /// One entry behind the one before: its number, its hash, its body.
    async fn check_entry(
        &self,
        client: &Object,
        chain: &ChainId,
        ((last, before), row): (Position, &Row),
    ) -> Result<(Position, Finding), End> {
        let meta = meta(row)?;
        let commitment: [u8; 32] = array(row.try_get(9)?)?;
        let end = (meta.seq, array(row.try_get(10)?)?);
        if meta.seq.0 != last.0.saturating_add(1) {
            return Ok((end, Some("entries before it are missing")));
        }
        if journal::link(&before, &meta, &commitment) != end.1 {
            return Ok((end, Some("its hash does not follow")));
        }
        let (Some(kind), Some(owner)) = (row.try_get(11)?, row.try_get(12)?) else {
            return Ok((end, None));
        };
        let name = place(chain, meta.seq.0);
        let owner: OwnerName = (kind, owner);
        let key = owner_key(client, self.wrapping()?, &owner).await?;
        let body = key.open(body_row(&name), row.try_get(13)?)?;
        let finding = match self.salt(chain, meta.seq, row)? {
            Some(salt) if journal::commitment(&salt, &body) == commitment => None,
            Some(_) => Some("its body is another one"),
            None => Some("it has neither seed nor salt"),
        };
        Ok((end, finding))
    }

    fn salt(&self, chain: &ChainId, seq: Seq, row: &Row) -> Result<Option<[u8; 16]>, End> {
        let wrapping = self.wrapping()?;
        if let Some(wrapped) = row.try_get(14)? {
            let name = place(chain, journal::block(seq));
            let seed = wrapping.unwrap(seed_row(&name), wrapped)?;
            return Ok(Some(journal::salt(&seed, seq)));
        }
        let wrapped: Option<&[u8]> = row.try_get(15)?;
        let name = place(chain, seq.0);
        let salt = wrapped.map(|wrapped| wrapping.unwrap(salt_row(&name), wrapped));
        Ok(salt.transpose()?)
    }
}

fn chain(row: &Row) -> Result<ChainId, End> {
    let number = |column: i64| {
        let number = u32::try_from(column);
        number.map_err(|_range| StoreError::Failed("a stored chain".to_owned()))
    };
    Ok(ChainId {
        hub: HubId(array(row.try_get(0)?)?),
        origin: NodeId(number(row.try_get(1)?)?),
        epoch: Epoch(row.try_get::<_, i64>(2)?.cast_unsigned()),
        scope: Scope(number(row.try_get(3)?)?),
    })
}

fn meta(row: &Row) -> Result<EntryMeta, End> {
    let small = |column: i64| {
        let number = u32::try_from(column);
        number.map_err(|_range| StoreError::Failed("a stored entry".to_owned()))
    };
    let byte = |column: i16| u8::try_from(column).unwrap_or(u8::MAX);
    let doc_ref: Option<&[u8]> = row.try_get(5)?;
    let schema: i32 = row.try_get(6)?;
    Ok(EntryMeta {
        seq: seq(row.try_get(0)?)?,
        kind: parse_kind(byte(row.try_get(1)?))?,
        quality: parse_quality(byte(row.try_get(2)?))?,
        hlc: row.try_get::<_, i64>(3)?.cast_unsigned(),
        doc: DocId(array(row.try_get(4)?)?),
        doc_ref: doc_ref.map(parse_name).transpose()?,
        schema: u16::try_from(schema).unwrap_or(u16::MAX),
        author: small(row.try_get(7)?)?,
        session: small(row.try_get(8)?)?,
    })
}
