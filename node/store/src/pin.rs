//! PINs of this node: rows, the charge before a hash, and the hashes that the shell brings back.
//!
//! A turn that needs a hash is rolled back, its try is charged and committed, and the asker gets
//! [`Committed::Stretch`]. With the hash the same turn runs once more from its beginning, so
//! nothing of it depends on what lay in memory in between. Rows stay on this node: they are no
//! view, a rebuild leaves them alone, and the pepper of the hashes never leaves the key file.

use node_core::pin::{
    Gate, Holder, NODE_WRONG_MAX, Pin, PinRow, Purpose, SLOW_S, Stretch, Stretched,
};
use node_core::turn::{Committed, Turn};
use node_core::view::Found;
use rusqlite::{OptionalExtension, params};
use sync_core::journal::doc_id;

use crate::conversation::Conversation;
use crate::hub_store::StoreError;
use crate::keys::random;
use crate::name::name_bytes;
use crate::seal::{Owner, Row};
use crate::tx::Tx;

/// Idle time after which the screens of a person who typed her PIN are gone: the next step begins
/// anew, and the PIN is asked again.
pub(crate) const PERSONAL_MS_MAX: i64 = 60_000;
/// Minutes that count for the node's budget.
const BUDGET_MINUTES: i64 = 60;

const READ: &str = "SELECT owner, sealed FROM pin WHERE holder = ?1";
const WRITE: &str = "INSERT INTO pin (holder, owner, sealed) VALUES (?1, ?2, ?3)
    ON CONFLICT (holder) DO UPDATE SET owner = excluded.owner, sealed = excluded.sealed";
const TRY: &str = "INSERT INTO pin_try (minute, tries) VALUES (?1, 1)
    ON CONFLICT (minute) DO UPDATE SET tries = tries + 1";
const REFUND: &str = "UPDATE pin_try SET tries = tries - 1 WHERE tries > 0 AND minute =
    (SELECT max(minute) FROM pin_try WHERE tries > 0)";
const TRIES: &str = "SELECT coalesce(sum(tries), 0) FROM pin_try WHERE minute > ?1";
const PRUNE: &str = "DELETE FROM pin_try WHERE minute <= ?1";

/// What one turn learns and proves about the people at a phone.
#[derive(Default)]
pub(crate) struct Guard {
    /// Hashes that the shell computed for this turn.
    stretched: Vec<Stretched>,
    /// The hash that the turn stopped for.
    wanted: Option<Wanted>,
    /// Whose PIN was right in this conversation.
    pub(crate) proved: Option<Holder>,
    /// Whether somebody was erased, so that the log must not keep what it held.
    pub(crate) erased: bool,
}

struct Wanted {
    holder: Holder,
    purpose: Purpose,
    stretch: Stretch,
}

fn row(name: &[u8]) -> Row<'_> {
    Row { table: "pin", name }
}

fn holder_name(holder: Holder) -> Option<Vec<u8>> {
    match holder {
        Holder::Person(document) => {
            let mut name = vec![0];
            name.extend(name_bytes(&document));
            Some(name)
        }
        Holder::Staff(scope, index) => {
            let mut name = vec![1];
            name.extend(scope.0.to_be_bytes());
            name.extend(index.to_be_bytes());
            Some(name)
        }
        Holder::Account(scope, index) => {
            let mut name = vec![2];
            name.extend(scope.0.to_be_bytes());
            name.extend(index.to_be_bytes());
            Some(name)
        }
        Holder::Code(scope, index) => {
            let mut name = vec![3];
            name.extend(scope.0.to_be_bytes());
            name.extend(index.to_be_bytes());
            Some(name)
        }
        Holder::Nobody => None,
    }
}

impl Conversation {
    /// Whether a person's screen stands here and nobody touched it for a while. A clock that went
    /// back counts as long, since it may have been long.
    pub(crate) fn is_left_alone(&self, now: i64) -> bool {
        let age_ms = now.saturating_sub(self.answered_ms);
        matches!(self.proved, Some(Holder::Person(_) | Holder::Code(..)))
            && !(0..=PERSONAL_MS_MAX).contains(&age_ms)
    }
}

impl Tx<'_> {
    /// Does a turn that may stop for a hash.
    pub(crate) fn guarded(
        &mut self,
        turn: Turn,
        done: Vec<Stretched>,
    ) -> Result<Committed, StoreError> {
        self.guard.borrow_mut().stretched = done;
        let this = &*self;
        let result = this.attempt(|| this.phone_turn(turn));
        let wanted = self.guard.borrow_mut().wanted.take();
        match wanted {
            Some(wanted) => self.charge(wanted),
            None => result,
        }
    }

    /// Commits the try before anybody computes whether it is right.
    fn charge(&self, wanted: Wanted) -> Result<Committed, StoreError> {
        let mut stretch = wanted.stretch;
        if wanted.purpose == Purpose::Check {
            let minute = self.now_ms().div_euclid(60_000);
            let since = minute.saturating_sub(BUDGET_MINUTES);
            self.db.prepare_cached(PRUNE)?.execute([since])?;
            self.db.prepare_cached(TRY)?.execute([minute])?;
            let tries: i64 = self
                .db
                .prepare_cached(TRIES)?
                .query_row([since], |row| row.get(0))?;
            if tries.cast_unsigned() > NODE_WRONG_MAX {
                stretch.pause_s = SLOW_S;
                tracing::error!(
                    security = true,
                    pin.wrong = tries,
                    "too many wrong PINs in an hour: somebody guesses; answers are slowed"
                );
            }
            let charged = self.pin(wanted.holder)?.charged(self.now.at);
            self.put_pin(wanted.holder, &charged)?;
        }
        Ok(Committed::Stretch(stretch))
    }

    /// Gives back the try that turned out right.
    pub(crate) fn refund_try(&self) -> Result<(), StoreError> {
        self.db.prepare_cached(REFUND)?.execute([])?;
        Ok(())
    }

    /// What is kept of a PIN.
    pub(crate) fn pin(&self, holder: Holder) -> Result<PinRow, StoreError> {
        let Some(name) = holder_name(holder) else {
            return Ok(PinRow::default());
        };
        let found: Option<(i64, Vec<u8>)> = self
            .db
            .prepare_cached(READ)?
            .query_row([&name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        found.map_or_else(
            || Ok(PinRow::default()),
            |(owner, sealed)| self.open_owned(owner, row(&name), &sealed),
        )
    }

    /// Replaces what is kept of a PIN.
    pub(crate) fn put_pin(&self, holder: Holder, kept: &PinRow) -> Result<(), StoreError> {
        let Some(name) = holder_name(holder) else {
            return Ok(());
        };
        let owner = match holder {
            Holder::Person(document) => Owner::Person(doc_id(self.identity.hub, &document)),
            Holder::Staff(..) | Holder::Account(..) | Holder::Code(..) | Holder::Nobody => {
                Owner::Site
            }
        };
        let key = self.data_key(owner)?;
        let sealed = key.seal_value(row(&name), kept)?;
        self.db
            .prepare_cached(WRITE)?
            .execute(params![name, key.id, sealed])?;
        Ok(())
    }

    /// The hash if the shell brought it, nothing where no try may be made, else the turn stops.
    pub(crate) fn stretched(
        &self,
        holder: Holder,
        pin: &Pin,
        purpose: Purpose,
    ) -> Result<Found, StoreError> {
        let kept = self.pin(holder)?;
        let known = kept.secret.as_ref().map(|secret| secret.salt);
        let mut guard = self.guard.borrow_mut();
        let fits = |done: &&Stretched| {
            let salted = match (purpose, holder) {
                (Purpose::Check, Holder::Nobody) => true,
                (Purpose::Check, _) => Some(done.salt) == known,
                (Purpose::Choose, _) => Some(done.salt) != known,
            };
            done.pin == *pin && salted
        };
        if let Some(Stretched { salt, digest, .. }) = guard.stretched.iter().find(fits) {
            return Ok(Found::Stretched(*salt, *digest));
        }
        let may_try = holder == Holder::Nobody || kept.gate(self.now.at) == Gate::Open;
        if purpose == Purpose::Check && !may_try {
            return Ok(Found::None);
        }
        let salt = match (purpose, known) {
            (Purpose::Check, Some(salt)) => salt,
            _ => random()?,
        };
        guard.wanted = Some(Wanted {
            holder,
            purpose,
            stretch: Stretch {
                pin: pin.clone(),
                salt,
                pepper: match holder {
                    // A code is given at the hub and checked at every node of its area.
                    Holder::Code(..) => [0; 32],
                    _ => self.vault.pin_pepper()?,
                },
                pause_s: 0,
            },
        });
        Err(StoreError::Failed(
            "a PIN's hash is computed first".to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn look_ups_use_an_index() {
        for sql in [READ, TRY, TRIES, PRUNE] {
            check_index(sql);
        }
    }
}
