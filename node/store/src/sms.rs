//! SMS from people: recognised when repeated, understood by the rules, answered by the outbox.
//! What the menu takes is in `menu`.

use channels_core::{Address, LinkName, Msisdn};
use jiff::Timestamp;
use node_core::contact::ContactAnswer;
use node_core::inbox::{self, Reader};
use node_core::message::origin::Origin;
use node_core::site::Rules;
use node_core::view::NewMessage;
use rusqlite::params;

use crate::engine::Starts;
use crate::hub_store::StoreError;
use crate::tx::Tx;

/// Days for which a repeat of an SMS is recognised; older marks are dropped.
pub(crate) const REPEAT_DAYS: i64 = 7;
/// Longest text taken, in bytes: 255 parts of the largest size; a longer one is dropped.
const TEXT_BYTES_MAX: usize = 255 * 160;

const SEEN: &str = "INSERT OR IGNORE INTO inbox (key, day) VALUES (?1, ?2)";
const PRUNE: &str = "DELETE FROM inbox WHERE day < ?1";

/// One SMS, as the turn hands it over.
#[derive(Clone)]
pub(crate) struct Texted {
    pub(crate) link: LinkName,
    pub(crate) from: Address,
    pub(crate) text: String,
    pub(crate) sent: Option<Timestamp>,
}

impl Tx<'_> {
    /// Takes one SMS; a repeat by the network has no second effect.
    ///
    /// Sender, time stamp of the SMSC and text name a message. Without a stamp every message is
    /// new, since people send the same word twice.
    pub(crate) fn sms(&self, texted: &Texted) -> Result<ContactAnswer, StoreError> {
        if texted.text.len() > TEXT_BYTES_MAX {
            return Ok(ContactAnswer::Done);
        }
        if let Some(sent) = texted.sent
            && !self.is_first(texted, sent)?
        {
            return Ok(ContactAnswer::Done);
        }
        let Some(phone) = self.answerable(&texted.from, &texted.text)? else {
            self.keep_text(texted.from.as_str(), &texted.text)?;
            return Ok(ContactAnswer::Done);
        };
        let principal = self.principal(phone, &texted.link.0)?;
        let site = self.site();
        let texts = self.config.programmes.texts();
        let rules = Rules::new(&site, &self.config.programmes);
        let known = self.gather(|known| inbox::needs(&texted.from, &texted.text, known))?;
        let conversation = self.texted_conversation(phone)?;
        if self.repeats_menu(texted, phone, &conversation)? {
            return Ok(ContactAnswer::Done);
        }
        let menu = self.menu(&principal, &known, phone, &conversation)?;
        let principal = inbox::speaker(principal, &texted.text, &known, &site, self.now);
        let programmes = self.config.programmes.as_ref();
        match inbox::reader(&texted.text, &principal, &known, programmes, menu) {
            Reader::Words => {}
            Reader::Switch => self.close_menu(phone, conversation)?,
            Reader::Form => {
                self.form_by_sms(texted, phone, conversation)?;
                return Ok(ContactAnswer::Done);
            }
            reader @ (Reader::Opens | Reader::Answers) => {
                let opens = reader == Reader::Opens;
                self.menu_by_sms(texted, phone, opens, conversation)?;
                return Ok(ContactAnswer::Done);
            }
        }
        let meaning = inbox::interpret(&principal, &texted.text, &known, &rules, self.now);
        if meaning.command.is_none() && is_for_people(&texted.text, &meaning.messages) {
            self.keep_text(&phone.to_e164(), &texted.text)?;
        }
        let mut messages = meaning.messages;
        if let Some(command) = &meaning.command
            && let Err(rejection) = self.perform(&principal, command, &mut Starts::new())?
        {
            // The confirmation that was prepared would be untrue; the sender hears why instead.
            let text = texts.system(&principal.language, &rejection.text, &rejection.arguments);
            let prepared = messages.into_iter().next().or(meaning.refusal);
            messages = prepared
                .into_iter()
                .map(|message| NewMessage {
                    text: text.clone(),
                    ..message
                })
                .collect();
        }
        for message in &messages {
            self.queue_message(message)?;
        }
        Ok(ContactAnswer::Done)
    }

    /// The number that may be answered: no name, no short code, none of our own numbers, and
    /// nobody who sends our own words back (CH22).
    fn answerable<'a>(
        &self,
        from: &'a Address,
        text: &str,
    ) -> Result<Option<&'a Msisdn>, StoreError> {
        let Some(phone) = from.phone() else {
            return Ok(None);
        };
        let number = phone.to_e164();
        let is_own = self.policy()?.own_numbers.contains(&number);
        Ok((!is_own && !self.is_our_own_text(&number, text)?).then_some(phone))
    }

    fn is_first(&self, texted: &Texted, sent: Timestamp) -> Result<bool, StoreError> {
        let key = self.exact_token(
            "inbox",
            &[
                texted.from.as_str().as_bytes(),
                &sent.as_millisecond().to_be_bytes(),
                texted.text.as_bytes(),
            ],
        );
        let today = self.today();
        self.db
            .prepare_cached(PRUNE)?
            .execute([today.saturating_sub(REPEAT_DAYS)])?;
        Ok(self.db.prepare_cached(SEEN)?.execute(params![key, today])? == 1)
    }
}

/// Whether no rule took a text: at most the one reply says what to type. Bare digits answer a
/// question that is closed, and tell a reader nothing.
fn is_for_people(text: &str, messages: &[NewMessage]) -> bool {
    let is_number = text
        .chars()
        .all(|c| c.is_ascii_digit() || c.is_whitespace());
    let only_reply =
        |message: &NewMessage| Origin::of_cause(&message.cause) == Origin::UnknownReply;
    !is_number && messages.iter().all(only_reply)
}
