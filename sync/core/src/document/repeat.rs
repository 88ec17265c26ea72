//! Repeating a change: the same calls of automerge at the same place give the same bytes.
//!
//! What packed entries rest on (docs/protocols/packing.md §6). Nothing here decides whether the
//! result is the change that was meant: the caller compares bytes or the chain's check.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, AutomergeError, ChangeHash, ROOT, ReadDoc};

use super::{Document, DocumentError, check_fields, chunk, inspect, text_of};

/// One operation of a change.
#[derive(Clone, PartialEq, Eq)]
pub struct Step {
    /// Name of the field.
    pub field: String,
    /// The text put there; `None` where the value that wins was confirmed against others.
    pub value: Option<String>,
}

// The value is personal.
impl core::fmt::Debug for Step {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Step")
            .field("field", &self.field)
            .field("is_put", &self.value.is_some())
            .finish_non_exhaustive()
    }
}

/// The operations of a change, in their order.
///
/// # Errors
/// As [`inspect`].
pub fn steps(change: &[u8]) -> Result<Vec<Step>, DocumentError> {
    let checked = chunk::parse(change)?;
    let step = |operation: chunk::Operation<'_>| Step {
        field: operation.field.to_owned(),
        value: operation.value.map(str::to_owned),
    };
    Ok(checked.operations.into_iter().map(step).collect())
}

impl Document {
    /// The change that `actor` makes by these steps on top of `dependencies`; the document stays
    /// as it is.
    ///
    /// # Errors
    /// [`DocumentError::MissingDependency`] when one is not here, [`DocumentError::Unchanged`]
    /// when the steps change nothing there, [`DocumentError::Unapplicable`].
    pub fn repeat(
        &self,
        actor: [u8; 8],
        dependencies: &[[u8; 32]],
        steps: &[Step],
    ) -> Result<Vec<u8>, DocumentError> {
        if dependencies.iter().any(|hash| !self.has(hash)) {
            return Err(DocumentError::MissingDependency);
        }
        let puts = steps
            .iter()
            .filter_map(|step| Some((step.field.clone(), step.value.clone()?)));
        check_fields(&puts.collect::<BTreeMap<_, _>>())?;
        let heads: Vec<_> = dependencies.iter().copied().map(ChangeHash).collect();
        let made = catch_unwind(AssertUnwindSafe(|| {
            let mut fork = self.inner.fork_at(&heads).ok()?;
            fork.set_actor(ActorId::from(actor.as_slice()));
            put(&mut fork, steps)
        }));
        let bytes = made.ok().flatten().ok_or(DocumentError::Unapplicable)?;
        inspect(&bytes)?;
        Ok(bytes)
    }
}

fn put(fork: &mut Automerge, steps: &[Step]) -> Option<Vec<u8>> {
    let done = fork
        .transact_with::<_, _, AutomergeError, _>(
            |()| CommitOptions::default().with_time(0),
            |transaction| {
                for step in steps {
                    let kept = match &step.value {
                        Some(value) => Some(value.clone()),
                        None => transaction
                            .get(ROOT, step.field.as_str())?
                            .map(|(value, _)| text_of(&value)),
                    };
                    if let Some(value) = kept {
                        transaction.put(ROOT, step.field.as_str(), value.as_str())?;
                    }
                }
                Ok(())
            },
        )
        .ok()?;
    let change = fork.get_change_by_hash(&done.hash?)?;
    Some(change.raw_bytes().to_vec())
}
