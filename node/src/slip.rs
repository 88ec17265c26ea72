//! Slips from the shell's side: the stretching of claims, chance, and the two calls around it.
//!
//! Argon2id takes about 50 ms on a PC and a second on the smallest boards, so it runs on a thread of
//! its own and never inside the writer.

use argon2::{Algorithm, Argon2, Params, Version};
use node_core::contact::Moment;
use node_core::slip::{Claim, Slip, SlipFault};
use node_store::{SlipRefusal, SqliteStore, StoreError};
use ring::rand::{SecureRandom, SystemRandom};

/// Memory in KiB and passes of Argon2id (RFC 9106 §4, the smallest that OWASP names).
const STRETCH: (u32, u32) = (19_456, 2);

/// Why a slip was not signed or checked; surfaces at `outpost slip`.
#[derive(Debug, thiserror::Error)]
pub enum SlipRunError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No slip for this person.
    #[error(transparent)]
    Refused(#[from] SlipRefusal),
    /// Parameters of the stretching, which are constants.
    #[error("the claim could not be stretched: {0}")]
    Stretch(String),
    /// The system gave no randomness.
    #[error("the system gives no randomness")]
    Chance,
    /// The thread that stretches ended early.
    #[error("stretching was cut off")]
    Cut(#[from] tokio::task::JoinError),
}

/// Stretches what the presenter says with a slip's salt.
///
/// # Errors
/// [`SlipRunError::Stretch`], only when the constants are out of range.
pub fn stretch(claim: &Claim, salt: [u8; 16]) -> Result<[u8; 32], SlipRunError> {
    let wrong = |error: argon2::Error| SlipRunError::Stretch(error.to_string());
    let params = Params::new(STRETCH.0, STRETCH.1, 1, Some(32)).map_err(wrong)?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut out = [0; 32];
    argon
        .hash_password_into(&claim.secret(), &salt, &mut out)
        .map_err(wrong)?;
    Ok(out)
}

async fn stretched(claim: Claim, salt: [u8; 16]) -> Result<[u8; 32], SlipRunError> {
    tokio::task::spawn_blocking(move || stretch(&claim, salt)).await?
}

/// Signs a slip for the person with this number, and notes it.
///
/// # Errors
/// [`SlipRunError`]; a person who is not registered here is one.
pub async fn issue(store: &SqliteStore, number: &str, now: Moment) -> Result<Slip, SlipRunError> {
    let subject = store.slip_subject(number.to_owned()).await??;
    let mut salt = [0; 16];
    let chance = SystemRandom::new().fill(&mut salt);
    chance.map_err(|ring::error::Unspecified| SlipRunError::Chance)?;
    let key = stretched(subject.claim.clone(), salt).await?;
    Ok(store.issue_slip(subject, salt, key, now).await??)
}

/// Checks a slip, and for a claim also whose it is; the programme, where that was asked.
///
/// # Errors
/// [`SlipRunError`] of the store; a [`SlipFault`] is an answer.
pub async fn check(
    store: &SqliteStore,
    slip: Slip,
    claim: Option<Claim>,
    now: Moment,
) -> Result<Result<Option<String>, SlipFault>, SlipRunError> {
    let key = match claim {
        Some(claim) => Some(stretched(claim, slip.salt()).await?),
        None => None,
    };
    Ok(store.check_slip(slip, key, now).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_stretches_to_another_key_with_another_salt_or_year() {
        let claim = |year| Claim::parse("193074182653", Some(year)).unwrap();
        let one = stretch(&claim("1994"), [1; 16]).unwrap();
        assert_eq!(stretch(&claim("1994"), [1; 16]).unwrap(), one);
        assert_ne!(stretch(&claim("1994"), [2; 16]).unwrap(), one);
        assert_ne!(stretch(&claim("1995"), [1; 16]).unwrap(), one);
    }
}
