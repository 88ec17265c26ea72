//! Names of entries as database columns: 20 bytes, `origin ‖ epoch ‖ scope ‖ seq`.
//!
//! SQLite integers are signed; unsigned 64-bit values keep their bits.

use sync_core::{EntryRef, Epoch, NodeId, Scope, Seq};

use crate::hub_store::StoreError;

/// Length of an entry's name.
pub(crate) const NAME_BYTES: usize = 20;

/// The column form of an entry's name.
pub(crate) fn name_bytes(name: &EntryRef) -> [u8; NAME_BYTES] {
    let mut bytes = [0; NAME_BYTES];
    let fields = name
        .origin
        .0
        .to_be_bytes()
        .into_iter()
        .chain(name.epoch.0.to_be_bytes())
        .chain(name.scope.0.to_be_bytes())
        .chain(name.seq.0.to_be_bytes());
    for (to, from) in bytes.iter_mut().zip(fields) {
        *to = from;
    }
    bytes
}

/// Reads [`name_bytes`] back.
pub(crate) fn parse_name(bytes: &[u8]) -> Result<EntryRef, StoreError> {
    let parse = || {
        let (origin, rest) = bytes.split_first_chunk::<4>()?;
        let (epoch, rest) = rest.split_first_chunk::<8>()?;
        let (scope, rest) = rest.split_first_chunk::<4>()?;
        let seq = <[u8; 4]>::try_from(rest).ok()?;
        Some(EntryRef {
            origin: NodeId(u32::from_be_bytes(*origin)),
            epoch: Epoch(u64::from_be_bytes(*epoch)),
            scope: Scope(u32::from_be_bytes(*scope)),
            seq: Seq(u32::from_be_bytes(seq)),
        })
    };
    parse().ok_or_else(|| StoreError::Failed("a stored name has a wrong length".to_owned()))
}

/// A column of exactly `N` bytes.
pub(crate) fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], StoreError> {
    <[u8; N]>::try_from(bytes)
        .map_err(|_length| StoreError::Failed("a stored hash has a wrong length".to_owned()))
}

/// Short row names for associated data.
pub(crate) fn row_name(id: i64) -> [u8; 8] {
    id.to_be_bytes()
}

/// The first `N` bytes of a keyed hash, `N` at most 32.
pub(crate) fn cut<const N: usize>(token: &[u8; 32]) -> [u8; N] {
    let mut bytes = [0; N];
    for (to, from) in bytes.iter_mut().zip(token) {
        *to = *from;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn names_read_back(origin: u32, epoch: u64, scope: u32, seq: u32) {
            let name = EntryRef {
                origin: NodeId(origin), epoch: Epoch(epoch), scope: Scope(scope), seq: Seq(seq),
            };
            prop_assert_eq!(parse_name(&name_bytes(&name)).unwrap(), name);
        }

        #[test]
        fn other_lengths_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(parse_name(&bytes).is_ok(), bytes.len() == NAME_BYTES);
        }
    }
}
