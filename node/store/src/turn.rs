//! One turn: what a phone, a principal, a hub or a network brought, committed together.

use channels_core::UssdOp;
use node_core::binding;
use node_core::command::Command;
use node_core::contact::Contact;
use node_core::role::{Principal, Role};
use node_core::turn::{Committed, EffectOutcome, Finish, Turn};
use sync_core::refusal::Refusal;

use crate::conversation::Dialled;
use crate::effect::EffectFact;
use crate::engine::Starts;
use crate::epoch::failed;
use crate::hub_store::StoreError;
use crate::sms::Texted;
use crate::tx::{Stop, Tx};

impl Tx<'_> {
    /// Does one turn.
    pub(crate) fn turn(&mut self, turn: Turn) -> Result<Committed, StoreError> {
        match turn {
            Turn::Contact(_) | Turn::Command { .. } => self.guarded(turn, Vec::new()),
            Turn::Stretched { turn, done } => self.guarded(*turn, done),
            Turn::Receipt(bytes) => committed(self.attempt(|| self.take_receipt(&bytes))),
            Turn::Certificate(bytes) => {
                committed(self.take_certificate(&bytes).map(|_certificate| ()))
            }
            Turn::Revocations(bytes) => committed(self.attempt(|| self.take_revocations(&bytes))),
            Turn::Renew { node, epoch } => {
                self.renew(node, epoch)?;
                Ok(Committed::Done)
            }
            Turn::MessageStatus(status) => {
                self.message_status(&status)?;
                Ok(Committed::Done)
            }
            Turn::Order(order) => self.order(order).map(Committed::Ordered),
            Turn::Submit(message) => self.take_application(&message),
        }
    }

    /// Does a turn of a person; another one has no place here.
    pub(crate) fn phone_turn(&self, turn: Turn) -> Result<Committed, StoreError> {
        match turn {
            Turn::Contact(contact) => self.contact(contact),
            Turn::Command { principal, command } => self
                .perform(&principal, &command, &mut Starts::new())
                .map(Committed::Command),
            _ => Err(StoreError::Failed("a turn asks for no hash".to_owned())),
        }
    }

    fn contact(&self, contact: Contact) -> Result<Committed, StoreError> {
        self.note_traffic(&contact)?;
        let answer = match contact {
            Contact::Ussd {
                link,
                session,
                from,
                code,
                op,
                text,
                step,
                screen_taken,
                limits,
            } => self.ussd(&Dialled {
                link,
                session,
                from,
                code,
                op,
                text,
                step,
                screen_taken,
                limits,
            }),
            Contact::Sms {
                link,
                from,
                text,
                sent,
            } => self.sms(&Texted {
                link,
                from,
                text,
                sent,
            }),
            Contact::MissedCall { link: _, from } => self.missed_call(&from),
        };
        answer.map(Committed::Contact)
    }

    /// A number that somebody here has was heard: noted now and then, so that its silence shows. A
    /// missed call is no sign of life, since anybody may show any number.
    fn note_traffic(&self, contact: &Contact) -> Result<(), StoreError> {
        let (link, phone) = match contact {
            Contact::Ussd {
                link,
                from,
                op: UssdOp::Begin,
                ..
            } => (link, from),
            Contact::Sms { link, from, .. } => match from.phone() {
                Some(phone) => (link, phone),
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        if !binding::wants_note(&self.phone(&phone.to_e164())?, self.now) {
            return Ok(());
        }
        let principal = Principal {
            author: 0,
            role: Role::System,
            ..self.principal(phone, &link.0)?
        };
        let noted = self.perform(&principal, &Command::NoteTraffic, &mut Starts::new())?;
        if let Err(rejection) = noted {
            tracing::debug!(reason = rejection.text, "a number's traffic was not noted");
        }
        Ok(())
    }

    /// Records what became of a claimed row.
    pub(crate) fn finish(&self, finish: Finish) -> Result<(), StoreError> {
        match finish {
            Finish::ApplicationReceipt { id } => self.application_told(&id),
            Finish::Message { id, link, outcome } => {
                self.finish_message(&id, &link, outcome)?;
                self.end_farewells()
            }
            Finish::MessageStale { id, link } => self.message_is_stale(&id, &link),
            Finish::Effect {
                request_id,
                outcome,
            } => self.finish_registry(&request_id, outcome),
            Finish::Removal {
                request_id,
                outcome,
            } => self.finish_removal(&request_id, outcome),
        }
    }

    fn finish_registry(&self, request_id: &str, outcome: EffectOutcome) -> Result<(), StoreError> {
        let Some(fact) = self.finish_effect(request_id, outcome)? else {
            return Ok(());
        };
        self.record_effect(fact).map_err(failed)
    }

    fn record_effect(&self, fact: EffectFact) -> Result<(), Stop> {
        let happened = self.write_effect_fact(fact)?;
        let mut messages = Vec::new();
        self.settle([happened].into(), &mut messages)?;
        for message in &messages {
            self.queue_message(message)?;
        }
        Ok(())
    }
}

/// A refusal by a check is an answer, not a failure of the store.
fn committed(outcome: Result<(), Stop>) -> Result<Committed, StoreError> {
    match outcome {
        Ok(()) => Ok(Committed::Done),
        Err(Stop::Refused(Refusal { reason, .. })) => Ok(Committed::Refused(reason)),
        Err(Stop::Rejected(rejection)) => Ok(Committed::Refused(rejection.text)),
        Err(Stop::Store(error)) => Err(error),
    }
}
