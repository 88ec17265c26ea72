//! The one-time code with which a worker chooses her first PIN, signed by the hub that gave it
//! (decision 0051).
//!
//! The hub's administrator reads the code out; what travels is its Argon2id hash. A new one for the
//! same place of a staff list ends the PIN there and what it opened, so it is the reset by a second
//! person as well. The hash has no secret input, since every node of the area must check it.

use core::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sync_core::{NodeId, Scope};

use crate::hub_signed::HubSigned;
use crate::pin::{Pin, PinRow, PinSecret};

/// A code to be given, by a hub's administrator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodeOrder {
    /// Area of the staff list, lane bits zero.
    pub scope: Scope,
    /// Place in it.
    pub index: u32,
    /// The code, [`Pin::code`].
    pub code: Pin,
    /// From then on it is good for nothing.
    pub not_after: Timestamp,
}

/// A code that was given for a place of a staff list; travels as a lane-0 fact.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffCode {
    /// The scope of the grant (lane bits zero).
    pub scope: Scope,
    /// Its place in the scope's staff list, from 1.
    pub index: u32,
    /// Random.
    pub salt: [u8; 16],
    /// Argon2id over the digits and the salt.
    pub digest: [u8; 32],
    /// From then on it is good for nothing.
    pub not_after: Timestamp,
    /// The hub that gives it.
    pub hub: NodeId,
    /// Ed25519 by the hub's node key over the postcard form of all fields above.
    #[serde(with = "crate::fact::signature_bytes")]
    pub signature: [u8; 64],
}

impl fmt::Debug for StaffCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StaffCode({} in {:?})", self.index, self.scope)
    }
}

impl HubSigned for StaffCode {
    const CONTEXT: &'static [u8] = b"outpost.staff-code.1";

    fn fields(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(&(
            self.scope,
            self.index,
            self.salt,
            self.digest,
            self.not_after,
            self.hub,
        ))
    }

    fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    fn set_signature(&mut self, signature: [u8; 64]) {
        self.signature = signature;
    }
}

impl StaffCode {
    /// What a node keeps of it: guarded as a PIN is.
    pub fn row(&self) -> PinRow {
        PinRow {
            secret: Some(PinSecret {
                salt: self.salt,
                digest: self.digest,
                short: false,
            }),
            open_until: Some(self.not_after),
            ..PinRow::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub_signed::check_signature;
    use crate::pin::{Standing, standing};

    fn code() -> StaffCode {
        StaffCode {
            scope: Scope(16),
            index: 1,
            salt: [1; 16],
            digest: [2; 32],
            not_after: "2026-03-14T10:00:00Z".parse().unwrap(),
            hub: NodeId(1),
            signature: [0; 64],
        }
    }

    #[test]
    fn signature_covers_every_field() {
        check_signature(
            code(),
            &[
                |code| code.scope = Scope(24),
                |code| code.index = 2,
                |code| code.salt[0] = 9,
                |code| code.digest[0] = 9,
                |code| code.not_after = "2027-03-14T10:00:00Z".parse().unwrap(),
                |code| code.hub = NodeId(2),
            ],
        );
    }

    #[test]
    fn it_is_asked_until_its_end_and_never_printed() {
        let (code, none) = (code(), PinRow::default());
        let before: Timestamp = "2026-03-14T09:59:59Z".parse().unwrap();
        let asked = standing(&none, &code.row(), before, 24);
        assert_eq!(asked, Standing::Code);
        let ended = standing(&none, &code.row(), code.not_after, 24);
        assert_eq!(ended, Standing::NoCode);
        assert_eq!(format!("{code:?}"), "StaffCode(1 in Scope(16))");
    }
}
