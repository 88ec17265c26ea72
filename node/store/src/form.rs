//! Keyword forms: one SMS that holds a whole form, and its one answer.
//!
//! The form leaves the conversation's dialogue as it is. The last form that was saved is remembered
//! with its answer: the same text again saves nothing more and gets the same answer, unless that
//! answer has not even left, which means that the network brought the text twice. Where several
//! villages call, a form of a number whose village is not clear is answered with that question.

use channels_core::Msisdn;
use node_core::contact::SMS_CHANNEL;
use node_core::dialogue::form::{Filled, fill};
use node_core::dialogue::{HOPS_MAX, Next, render, resume};
use node_core::programme::definition::Bearer;

use crate::conversation::{Conversation, SavedForm};
use crate::engine::Starts;
use crate::hub_store::StoreError;
use crate::sms::Texted;
use crate::tx::Tx;

impl Tx<'_> {
    /// Takes a text that begins with the word of a form.
    pub(crate) fn form_by_sms(
        &self,
        texted: &Texted,
        phone: &Msisdn,
        mut conversation: Conversation,
    ) -> Result<(), StoreError> {
        let name = self.sms_step(self.sms_gateway(phone), texted.text.trim());
        let at = texted.sent.unwrap_or(self.now.at);
        let saved = conversation.form.take_if(|last| last.name == name);
        if let Some(mut saved) = saved {
            if self.is_waiting(saved.answer)? {
                return Ok(());
            }
            let text = saved.text.clone();
            saved.answer = self.reply_by_sms(phone, at, text, &mut conversation)?;
            conversation.form = Some(saved);
            return self.save_conversation(&conversation);
        }
        if self.form_needs_village(phone, &conversation)? {
            return self.menu_by_sms(texted, phone, true, conversation);
        }
        let (text, is_saved) = self.filled(texted, phone)?;
        let answer = self.reply_by_sms(phone, at, text.clone(), &mut conversation)?;
        if is_saved {
            conversation.form = Some(SavedForm { name, answer, text });
        }
        self.save_conversation(&conversation)
    }

    /// The answer to a form, and whether it was saved.
    fn filled(&self, texted: &Texted, phone: &Msisdn) -> Result<(String, bool), StoreError> {
        let programmes = self.config.programmes.as_ref();
        let texts = programmes.texts();
        let principal = self.principal(phone, SMS_CHANNEL)?;
        let (session, command) = match fill(programmes, &principal, &texted.text, self.now) {
            Some(Filled::Act { session, command }) => (*session, *command),
            Some(Filled::Refused(text)) => return Ok((text, false)),
            // The reader found a form; nothing else can be missing in a compiled programme.
            None => return Ok((texts.plain(&principal.language, "failed"), false)),
        };
        let language = session.language().to_owned();
        let mut starts = Starts::new();
        match self.perform(&principal, &command, &mut starts)? {
            Ok(outcome) => {
                let mut step = resume(programmes, session, Ok(outcome), self.now);
                // What follows from it, such as the birth that a registration tells.
                for _ in 0..HOPS_MAX {
                    let Next::Act(command) = step.next else {
                        break;
                    };
                    let outcome = self.perform(&principal, &command, &mut starts)?;
                    step = resume(programmes, step.session, outcome, self.now);
                }
                let screen = render(programmes, &step.session, Bearer::Sms.limits());
                Ok((screen.text, true))
            }
            Err(rejection) => {
                let text = texts.system(&language, &rejection.text, &rejection.arguments);
                Ok((text, false))
            }
        }
    }
}
