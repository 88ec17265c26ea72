//! The village of a number, as an opening of its dialogue leaves it; the rule is
//! [`node_core::village`]'s.
//!
//! It lies in the number's row, sealed: it is no fact, follows from no entry and goes nowhere.

use channels_core::Msisdn;
use node_core::contact::SMS_CHANNEL;
use node_core::role::Caller;
use node_core::site::Site;
use node_core::view::PhoneRow;
use node_core::village::{self, Given};

use crate::conversation::{Conversation, Move};
use crate::hub_store::StoreError;
use crate::tx::Tx;

impl Tx<'_> {
    /// Keeps the village that an opening names, and forgets one that must be asked for again.
    pub(crate) fn note_village(&self, opening: &Move<'_>) -> Result<(), StoreError> {
        // A text that opens the menu by another way than its word names nothing: the digits at the
        // end of a form are no village.
        let programmes = &self.config.programmes;
        let names = opening.channel != SMS_CHANNEL || programmes.opens(opening.text);
        let given = Given {
            dialled: opening.code,
            text: if names { opening.text } else { "" },
        };
        let now = self.now.at;
        let chosen = self.as_caller(opening.from, |caller, site| {
            let area = village::at_opening(caller, site, given, now);
            (area != caller.row.area).then(|| PhoneRow {
                area,
                ..caller.row.clone()
            })
        })?;
        match chosen.flatten() {
            Some(row) => self.put_phone(&opening.from.to_e164(), row),
            None => Ok(()),
        }
    }

    /// Whether a form of this number must wait until its village is named: nobody knows it, or
    /// several areas know the number and it did not choose in the menu that waits.
    pub(crate) fn form_needs_village(
        &self,
        phone: &Msisdn,
        conversation: &Conversation,
    ) -> Result<bool, StoreError> {
        let principal = self.principal(phone, SMS_CHANNEL)?;
        let now = self.now;
        let several = self.as_caller(phone, |caller, site| {
            village::is_of_several(caller, site, now.at)
        })?;
        let chose_here = conversation.gateway == self.sms_gateway(phone)
            && !conversation.closed
            && conversation
                .dialogue()
                .is_some_and(|session| session.waits_for(&principal, now));
        Ok(several.is_some_and(|several| !principal.is_placed() || several && !chose_here))
    }

    /// Asks the rule about a number; `None` where nobody is ever asked for a village.
    fn as_caller<T>(
        &self,
        phone: &Msisdn,
        rule: impl FnOnce(&Caller<'_>, &Site) -> T,
    ) -> Result<Option<T>, StoreError> {
        let site = self.site();
        if !site.asks_village() {
            return Ok(None);
        }
        let e164 = phone.to_e164();
        let caller = Caller {
            phone,
            staff: &self.staff_by_phone(&e164)?,
            row: &self.phone(&e164)?,
            channel: "",
        };
        Ok(Some(rule(&caller, &site)))
    }
}
