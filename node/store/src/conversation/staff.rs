//! What stands before the screens of staff in a conversation: asked at its beginning, and again
//! whenever an opening ended meanwhile (decision 0051).
//!
//! Rows of PINs say whether it is open; the rules decide. Whoever lost a role in the middle of a
//! conversation begins anew as whoever she is then.

use node_core::dialogue::{self, Session, Step};
use node_core::pin::{Holder, PinRow, Standing, standing};
use node_core::role::Principal;
use sync_core::Scope;

use super::Move;
use crate::hub_store::StoreError;
use crate::tx::Tx;

impl Tx<'_> {
    /// What stands between a worker and her screens now; notes that she was here.
    fn standing(&self, (scope, index): (Scope, u32)) -> Result<Standing, StoreError> {
        let hours = self.config.staff_pin_hours;
        if hours == 0 {
            return Ok(Standing::Open);
        }
        let holder = Holder::Staff(scope, index);
        let own = self.pin(holder)?;
        if let Some(visited) = own.visited(self.now.at, hours) {
            self.put_pin(holder, &visited)?;
        }
        let code = match own.secret {
            None => self.pin(Holder::Code(scope, index))?,
            Some(_) => PinRow::default(),
        };
        Ok(standing(&own, &code, self.now.at, hours))
    }

    /// A person's first screen: her dialogue, or what stands before it.
    pub(crate) fn opened(
        &self,
        principal: &Principal,
        previous: Option<Session>,
        wanted: Option<&str>,
    ) -> Result<Step, StoreError> {
        if principal.author != 0 {
            let standing = self.standing((principal.scope.area(), principal.author))?;
            if standing != Standing::Open {
                let when = (standing, self.now);
                return Ok(dialogue::stand_before(principal, previous, wanted, when));
            }
        }
        let programmes = self.config.programmes.as_ref();
        Ok(dialogue::open_at(
            programmes, principal, previous, wanted, self.now,
        ))
    }

    /// Her answer to a screen, if that still stands open.
    pub(crate) fn answered(
        &self,
        session: Session,
        step_taken: &Move<'_>,
    ) -> Result<Step, StoreError> {
        let asks = self.config.staff_pin_hours > 0;
        if let Some(worker) = session.worker().filter(|_| asks) {
            let principal = self.principal(step_taken.from, step_taken.channel)?;
            if worker != (principal.scope.area(), principal.author) {
                let principal = self.dialling(step_taken.from, step_taken.channel)?;
                return self.opened(&principal, None, session.wanted());
            }
            if !session.is_guarded() {
                let standing = self.standing(worker)?;
                if standing != Standing::Open {
                    return Ok(dialogue::hold_back(session, standing));
                }
            }
        }
        let programmes = self.config.programmes.as_ref();
        Ok(dialogue::step(
            programmes,
            session,
            step_taken.text,
            self.now,
        ))
    }
}
