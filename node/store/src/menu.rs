//! The menu by SMS: the same dialogue, row and screens as over USSD; the screens leave as outbox rows.
//!
//! The number of a text is only claimed, so [`Seen::Claimed`] decides what may be resumed. A
//! screen's cause is the text that it answers, by its moment and its place in the conversation: a
//! network that brings a text twice causes one screen. Texts with the SMSC's time stamp are told apart by it (`sms`); one without a stamp
//! counts as a repeat while the answer to the same text has not been taken by the network, since
//! nobody can answer a screen that is still here.
//!
//! A missed call opens the menu, at most once per number in [`MISSED_CALL_S`] seconds (CH26).

use channels_core::Msisdn;
use jiff::Timestamp;
use node_core::contact::{ContactAnswer, SMS_CHANNEL};
use node_core::dialogue::{RESUME_CITIZEN_S, Seen};
use node_core::inbox::{self, MENU_REFUSALS_MAX, Menu};
use node_core::message;
use node_core::programme::definition::Bearer;
use node_core::role::Principal;
use node_core::view::{Known, MessageClass, NewMessage, Terms};
use rusqlite::OptionalExtension;

use crate::conversation::{Conversation, Move, Names};
use crate::hub_store::StoreError;
use crate::name::cut;
use crate::sms::Texted;
use crate::tx::Tx;

/// Seconds for which further missed calls of a number do nothing: people call twice to be sure.
pub(crate) const MISSED_CALL_S: i64 = 120;
/// Text that names the step of a missed call, which has none.
const CALL_STEP: &str = "\u{0}missed call";
/// State numbers of the outbox in which a message has not been taken by the network: queued,
/// submitting, held.
const WAITING_STATES: [i64; 3] = [0, 1, 8];

/// Place in the outbox and state of a message.
type PlaceAndState = (i64, i64);

const MESSAGE: &str = "SELECT number, state FROM message WHERE id = ?1";

impl Tx<'_> {
    /// The conversation of a number that texts or calls.
    pub(crate) fn texted_conversation(&self, phone: &Msisdn) -> Result<Conversation, StoreError> {
        let token = self.conversation_token(phone);
        let found = self.conversation(token)?;
        Ok(found.unwrap_or_else(|| Conversation::new(token)))
    }

    /// How the menu of this number stands.
    pub(crate) fn menu(
        &self,
        principal: &Principal,
        known: &Known,
        phone: &Msisdn,
        conversation: &Conversation,
    ) -> Result<Menu, StoreError> {
        let waits = conversation.gateway == self.sms_gateway(phone)
            && !conversation.closed
            && conversation
                .dialogue()
                .is_some_and(|session| session.waits_for(principal, self.now));
        if !waits {
            return Ok(Menu::default());
        }
        let screen = self.queued(conversation.screen)?.map(|(number, _)| number);
        let mut asked_since = false;
        for cause in inbox::questions(principal, known) {
            let id = self.exact_token("cause", &[cause.as_bytes()]);
            let asked = self.queued(id)?.map(|(number, _)| number);
            asked_since |= asked > screen;
        }
        Ok(Menu { waits, asked_since })
    }

    /// Whether this text is the network's second copy of the one that the last screen answers.
    pub(crate) fn repeats_menu(
        &self,
        texted: &Texted,
        phone: &Msisdn,
        conversation: &Conversation,
    ) -> Result<bool, StoreError> {
        let gateway = self.sms_gateway(phone);
        let step = self.sms_step(gateway, &texted.text);
        let same = conversation.gateway == gateway && conversation.steps.last() == Some(&step);
        if texted.sent.is_some() || !same {
            return Ok(false);
        }
        self.is_waiting(conversation.screen)
    }

    /// Whether a message has not been taken by the network yet.
    pub(crate) fn is_waiting(&self, id: [u8; 16]) -> Result<bool, StoreError> {
        let state = self.queued(id)?.map(|(_, state)| state);
        Ok(state.is_some_and(|state| WAITING_STATES.contains(&state)))
    }

    /// Takes a text as the opening of the menu or as the answer to its last screen.
    pub(crate) fn menu_by_sms(
        &self,
        texted: &Texted,
        phone: &Msisdn,
        opens: bool,
        conversation: Conversation,
    ) -> Result<(), StoreError> {
        let at = texted.sent.unwrap_or(self.now.at);
        self.show_by_sms(phone, (&texted.text, at), opens, conversation)
    }

    /// Sends the menu to a number that let the phone ring.
    pub(crate) fn missed_call(&self, from: &Msisdn) -> Result<ContactAnswer, StoreError> {
        let e164 = from.to_e164();
        let mut conversation = self.texted_conversation(from)?;
        let since = self.now_ms().saturating_sub(conversation.called_ms);
        // A clock that went back gives a negative age, which counts as long ago.
        let again = conversation.called_ms > 0 && (0..MISSED_CALL_S * 1_000).contains(&since);
        let is_own = self.site().sender.trim_start_matches('+') == from.as_str();
        if again || is_own || self.phone(&e164)?.stopped {
            return Ok(ContactAnswer::Done);
        }
        conversation.called_ms = self.now_ms();
        self.show_by_sms(from, (CALL_STEP, self.now.at), true, conversation)?;
        Ok(ContactAnswer::Done)
    }

    /// No text is an answer any more; what was typed can still be taken up.
    pub(crate) fn close_menu(
        &self,
        phone: &Msisdn,
        mut conversation: Conversation,
    ) -> Result<(), StoreError> {
        if conversation.gateway != self.sms_gateway(phone) || conversation.closed {
            return Ok(());
        }
        conversation.closed = true;
        self.save_conversation(&conversation)
    }

    /// Moves the dialogue and queues its screen; `(text, at)` names the contact.
    fn show_by_sms(
        &self,
        phone: &Msisdn,
        (text, at): (&str, Timestamp),
        opens: bool,
        mut conversation: Conversation,
    ) -> Result<(), StoreError> {
        let gateway = self.sms_gateway(phone);
        if opens {
            conversation.open_gateway(gateway);
        }
        let step_taken = Move {
            from: phone,
            channel: SMS_CHANNEL,
            code: "",
            text,
            limits: Bearer::Sms.limits(),
            seen: Seen::Claimed,
            opens,
        };
        self.converse(&step_taken, &mut conversation)?;
        conversation.closed |= conversation.refusals >= MENU_REFUSALS_MAX;
        conversation.note_step(&Names {
            gateway,
            step: Some(self.sms_step(gateway, text)),
            // Only a step without a name is told by its content.
            content: [0; 8],
        });
        let screen = conversation.answer.clone();
        conversation.screen = self.reply_by_sms(phone, at, screen, &mut conversation)?;
        self.save_conversation(&conversation)
    }

    /// Queues the one answer to a text, and returns its id.
    pub(crate) fn reply_by_sms(
        &self,
        phone: &Msisdn,
        at: Timestamp,
        text: String,
        conversation: &mut Conversation,
    ) -> Result<[u8; 16], StoreError> {
        conversation.screens = conversation.screens.saturating_add(1);
        let cause = message::screen_cause(&phone.to_e164(), at, conversation.screens);
        let id = self.exact_token("cause", &[cause.as_bytes()]);
        self.queue_message(&NewMessage {
            cause,
            to: phone.to_e164(),
            text,
            class: MessageClass::Health,
            // Later than this a citizen could not answer it any more.
            validity_s: u32::try_from(RESUME_CITIZEN_S).unwrap_or(0),
            covers: Vec::new(),
            terms: Terms::default(),
        })?;
        Ok(id)
    }

    /// The gateway session of all texts of a number, whatever the link.
    pub(crate) fn sms_gateway(&self, phone: &Msisdn) -> [u8; 8] {
        let names: [&[u8]; 2] = [SMS_CHANNEL.as_bytes(), phone.as_str().as_bytes()];
        cut(&self.vault.token("gateway", &names))
    }

    pub(crate) fn sms_step(&self, gateway: [u8; 8], text: &str) -> [u8; 8] {
        cut(&self.vault.token("step", &[&gateway, text.as_bytes()]))
    }

    /// Place in the outbox and state of a message.
    fn queued(&self, id: [u8; 16]) -> Result<Option<PlaceAndState>, StoreError> {
        let found = self
            .db
            .prepare_cached(MESSAGE)?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(found)
    }
}
