//! Hashes of PINs: computed here, beside the store, between two transactions of one turn.
//!
//! The store charges the try and commits before it asks for a hash; no other turn waits for it.

use std::sync::Arc;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use node_core::contact::Moment;
use node_core::pin::{Stretch, Stretched};
use node_core::turn::{Committed, Turn};
use node_store::{HubStore, StoreError};
use tokio::sync::Semaphore;

/// Memory in KiB and passes of Argon2id (19 MiB, 2): what OWASP names as its least.
const COST: (u32, u32) = (19 * 1024, 2);
/// Hashes computed at once; more wait. Each takes 19 MiB.
pub const STRETCHES_AT_ONCE_MAX: usize = 2;
/// Hashes that one turn may ask for; changing a PIN needs two. Beyond it the turn fails.
pub const STRETCHES_MAX: usize = 4;

/// Computes hashes, a few at a time.
#[derive(Clone, Debug)]
pub struct Stretcher {
    turns: Arc<Semaphore>,
}

impl Default for Stretcher {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(STRETCHES_AT_ONCE_MAX)),
        }
    }
}

impl Stretcher {
    /// Commits a turn, with the hashes that it needs.
    ///
    /// # Errors
    /// [`StoreError`] of the store, or [`StoreError::Failed`] when a hash cannot be computed.
    pub async fn commit<S: HubStore>(
        &self,
        store: &S,
        turn: Turn,
        now: impl Fn() -> Moment,
    ) -> Result<Committed, StoreError> {
        let again = match &turn {
            Turn::Contact(_) | Turn::Command { .. } => turn.clone(),
            _ => return store.commit(turn, now()).await,
        };
        let mut committed = store.commit(turn, now()).await?;
        let mut done = Vec::new();
        while let Committed::Stretch(asked) = committed {
            if done.len() >= STRETCHES_MAX {
                return Err(StoreError::Failed(
                    "a turn asks for too many hashes".to_owned(),
                ));
            }
            done.push(self.stretch(asked).await?);
            let turn = Turn::Stretched {
                turn: Box::new(again.clone()),
                done: done.clone(),
            };
            committed = store.commit(turn, now()).await?;
        }
        Ok(committed)
    }

    async fn stretch(&self, asked: Stretch) -> Result<Stretched, StoreError> {
        let failed = |what: String| StoreError::Failed(format!("a PIN's hash: {what}"));
        let permit = self.turns.acquire().await;
        let permit = permit.map_err(|error| failed(error.to_string()))?;
        let pause = Duration::from_secs(asked.pause_s.into());
        let hash = tokio::task::spawn_blocking(move || stretched(asked));
        let stretched = hash.await.map_err(|error| failed(error.to_string()))?;
        drop(permit);
        // Above the node's budget each answer is slow, whether it is right or wrong.
        tokio::time::sleep(pause).await;
        stretched.map_err(|error| failed(error.to_string()))
    }
}

/// Argon2id over PIN, salt and pepper.
fn stretched(asked: Stretch) -> Result<Stretched, argon2::Error> {
    let params = Params::new(COST.0, COST.1, 1, Some(32))?;
    let argon =
        Argon2::new_with_secret(&asked.pepper, Algorithm::Argon2id, Version::V0x13, params)?;
    let mut digest = [0; 32];
    argon.hash_password_into(asked.pin.digits().as_bytes(), &asked.salt, &mut digest)?;
    Ok(Stretched {
        pin: asked.pin,
        salt: asked.salt,
        digest,
    })
}

#[cfg(test)]
mod tests {
    use node_core::pin::Pin;

    use super::*;

    #[test]
    fn pin_salt_and_pepper_each_change_the_hash() {
        let asked = |pin: &str, salt: u8, pepper: u8| {
            let stretch = Stretch {
                pin: Pin::parse(pin).unwrap(),
                salt: [salt; 16],
                pepper: [pepper; 32],
                pause_s: 0,
            };
            stretched(stretch).unwrap().digest
        };
        let first = asked("491507", 1, 1);
        assert_eq!(first, asked("491507", 1, 1));
        for other in [
            asked("491508", 1, 1),
            asked("491507", 2, 1),
            asked("491507", 1, 2),
        ] {
            assert_ne!(first, other);
        }
    }
}
