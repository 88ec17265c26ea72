//! One row per number holds its dialogue, whatever the bearer: here what all bearers share, and
//! USSD with the gateway's session and the last answer; SMS is in `menu`.
//!
//! A step that is a retry gets the stored answer again and has no second effect:
//!
//! * a step with a name (`step`) is a retry when the same gateway session had that name before;
//!   an opening only while the session is open and within [`BEGIN_RETRY_MS`] of the last answer,
//!   since one octet names the sessions of some gateways, which so give a name again soon;
//! * a step without a name is a retry when it equals the last one and the gateway is not known to
//!   have taken the screen that answered it (`screen_taken`), within [`REPEAT_MS_MAX`]. Nobody
//!   answers a screen that was never shown. In doubt, as after a restart, the person sees the
//!   current screen once more and types again, which is better than an answer to a question that
//!   she has not read. Any other nameless step is new: the same digit fits two screens.
//!
//! A step of a gateway session that a later one replaced gets a closing screen, so late calls of
//! a gateway cross no conversation. The row is sealed under the key of the day.

pub(crate) mod kept;
mod staff;

use channels_core::{LinkName, Msisdn, UssdOp};
use node_core::contact::{BearerLimits, ContactAnswer};
use node_core::dialogue::{self, HOPS_MAX, Next, Seen, Session, Step};
use node_core::pin::Holder;
use node_core::role::{Caller, Principal, resolve};
use node_core::village::Given;
use serde::{Deserialize, Serialize};
use sync_core::{Epoch, Scope, Seq};

use crate::engine::Starts;
use crate::hub_store::StoreError;
use crate::name::cut;
use crate::tx::Tx;

/// Time in which a repeated opening with a name counts as the gateway's retry.
pub(crate) const BEGIN_RETRY_MS: i64 = 10_000;
/// Time in which a gateway may repeat a nameless step; a later one is a new step.
pub(crate) const REPEAT_MS_MAX: i64 = 600_000;
/// Steps remembered per gateway session; of a longer one the oldest are forgotten.
pub(crate) const STEPS_MAX: usize = 64;
/// Replaced gateway sessions remembered per number; of more the oldest are forgotten.
pub(crate) const REPLACED_MAX: usize = 8;

/// One USSD step, as the turn hands it over.
#[derive(Clone)]
pub(crate) struct Dialled {
    pub(crate) link: LinkName,
    pub(crate) session: String,
    pub(crate) from: Msisdn,
    pub(crate) code: String,
    pub(crate) op: UssdOp,
    pub(crate) text: String,
    pub(crate) step: Option<String>,
    pub(crate) screen_taken: bool,
    pub(crate) limits: BearerLimits,
}

/// The sealed row.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Conversation {
    /// Token of the number, since the row is found by half of it.
    phone: [u8; 16],
    /// The gateway session that may go on; SMS has one of its own for every number.
    pub(crate) gateway: [u8; 8],
    /// Whether it is closed: ended by us, by the person or by the network.
    pub(crate) closed: bool,
    replaced: Vec<[u8; 8]>,
    /// Names of the steps answered in this gateway session.
    pub(crate) steps: Vec<[u8; 8]>,
    /// What the last step was: operation and text.
    last: [u8; 8],
    /// How many steps it had.
    count: u32,
    pub(crate) answered_ms: i64,
    pub(crate) answer: String,
    end: bool,
    /// Encoded dialogue session, empty for none.
    session: Vec<u8>,
    starts: Vec<(u64, u32, u32)>,
    /// Outbox id of the last screen that left by SMS; zeros for none.
    pub(crate) screen: [u8; 16],
    /// Screens that left by SMS; never counted anew, so that each is a message of its own.
    pub(crate) screens: u64,
    /// Answers by SMS that were refused one after the other.
    pub(crate) refusals: u8,
    /// The last keyword form that was saved.
    pub(crate) form: Option<SavedForm>,
    /// When a missed call was last taken; 0 for never.
    pub(crate) called_ms: i64,
    /// Whose PIN was right since the gateway session was opened.
    pub(crate) proved: Option<Holder>,
}

/// A keyword form that was saved, so that its repeat saves nothing more.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SavedForm {
    /// Name of its text.
    pub(crate) name: [u8; 8],
    /// Outbox id of its answer.
    pub(crate) answer: [u8; 16],
    /// Text of its answer.
    pub(crate) text: String,
}

/// One move of a person in her dialogue.
#[derive(Clone, Copy)]
pub(crate) struct Move<'a> {
    pub(crate) from: &'a Msisdn,
    /// A link's name, or [`node_core::contact::SMS_CHANNEL`].
    pub(crate) channel: &'a str,
    /// The code that was dialled; empty where nothing tells it.
    pub(crate) code: &'a str,
    pub(crate) text: &'a str,
    pub(crate) limits: BearerLimits,
    pub(crate) seen: Seen,
    /// Whether the dialogue is opened, and not answered.
    pub(crate) opens: bool,
}

/// What names one step.
pub(crate) struct Names {
    /// Its gateway session.
    pub(crate) gateway: [u8; 8],
    /// The gateway's own name of it.
    pub(crate) step: Option<[u8; 8]>,
    /// Operation and text.
    pub(crate) content: [u8; 8],
}

/// What a step is to the conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Arrival {
    /// Answer as before.
    Retry,
    /// A gateway session that was replaced or closed.
    Late,
    /// The person opens a gateway session.
    Opens,
    /// The person answers the last screen.
    Answers,
}

impl Conversation {
    pub(crate) fn new(phone: [u8; 16]) -> Self {
        Self {
            phone,
            gateway: [0; 8],
            closed: true,
            replaced: Vec::new(),
            steps: Vec::new(),
            last: [0; 8],
            count: 0,
            answered_ms: 0,
            answer: String::new(),
            end: true,
            session: Vec::new(),
            starts: Vec::new(),
            screen: [0; 16],
            screens: 0,
            refusals: 0,
            form: None,
            called_ms: 0,
            proved: None,
        }
    }

    /// The dialogue as it was left; `None` when there is none or an earlier release wrote it.
    pub(crate) fn dialogue(&self) -> Option<Session> {
        Session::decode(&self.session).ok()
    }

    fn stored_answer(&self) -> ContactAnswer {
        ContactAnswer::Screen {
            text: self.answer.clone(),
            end: self.end,
        }
    }

    fn arrival(&self, dialled: &Dialled, names: &Names, now: i64) -> Arrival {
        let gateway = names.gateway;
        let current = self.gateway == gateway && self.count > 0;
        let known = current && names.step.is_some_and(|step| self.steps.contains(&step));
        let age_ms = now.saturating_sub(self.answered_ms);
        let again = current && names.step.is_none() && self.last == names.content;
        if again && !dialled.screen_taken && age_ms <= REPEAT_MS_MAX {
            return Arrival::Retry;
        }
        if dialled.op == UssdOp::Begin {
            return if known && age_ms <= BEGIN_RETRY_MS && !self.closed {
                Arrival::Retry
            } else {
                Arrival::Opens
            };
        }
        if known {
            return Arrival::Retry;
        }
        if current {
            return if self.closed {
                Arrival::Late
            } else {
                Arrival::Answers
            };
        }
        if self.replaced.contains(&gateway) {
            Arrival::Late
        } else {
            Arrival::Opens
        }
    }

    pub(crate) fn open_gateway(&mut self, gateway: [u8; 8]) {
        if self.count > 0 && self.gateway != gateway {
            self.replaced.push(self.gateway);
            let excess = self.replaced.len().saturating_sub(REPLACED_MAX);
            self.replaced.drain(..excess);
        }
        self.replaced.retain(|replaced| *replaced != gateway);
        self.gateway = gateway;
        self.closed = false;
        self.steps.clear();
        self.count = 0;
    }

    pub(crate) fn note_step(&mut self, names: &Names) {
        self.count = self.count.saturating_add(1);
        self.last = names.content;
        self.steps.extend(names.step);
        let excess = self.steps.len().saturating_sub(STEPS_MAX);
        self.steps.drain(..excess);
    }

    fn starts(&self, epoch: Epoch) -> Starts {
        self.starts
            .iter()
            .filter(|(of, _, _)| *of == epoch.0)
            .map(|(_, scope, seq)| (Scope(*scope), Seq(*seq)))
            .collect()
    }
}

impl Tx<'_> {
    /// Who calls from a number.
    pub(crate) fn principal(&self, phone: &Msisdn, channel: &str) -> Result<Principal, StoreError> {
        let e164 = phone.to_e164();
        let staff = self.staff_by_phone(&e164)?;
        let row = self.phone(&e164)?;
        let caller = Caller {
            phone,
            staff: &staff,
            row: &row,
            channel,
        };
        Ok(resolve(&caller, &self.site(), self.now.at))
    }

    /// Whether what this number left unfinished may be offered to whoever uses it now.
    fn may_resume(&self, phone: &Msisdn, seen: Seen) -> Result<bool, StoreError> {
        let e164 = phone.to_e164();
        let staff = self.staff_by_phone(&e164)?;
        let row = self.phone(&e164)?;
        let caller = Caller {
            phone,
            staff: &staff,
            row: &row,
            channel: "",
        };
        Ok(dialogue::may_resume(&caller, seen, self.now.at))
    }

    /// Who dials: without a language where nobody chose one, so that a dialogue can ask for it.
    fn dialling(&self, phone: &Msisdn, channel: &str) -> Result<Principal, StoreError> {
        let mut principal = self.principal(phone, channel)?;
        let mut staff = self.staff_by_phone(&phone.to_e164())?.into_iter();
        let is_staff = staff.any(|grant| grant.is_live(self.now.at));
        if !is_staff && self.phone(&phone.to_e164())?.language.is_none() {
            principal.language.clear();
        }
        Ok(principal)
    }

    /// Token under which a number's conversation lies.
    pub(crate) fn conversation_token(&self, phone: &Msisdn) -> [u8; 16] {
        self.exact_token("session", &[phone.as_str().as_bytes()])
    }

    /// Takes one USSD step and gives the answer that is stored with it.
    pub(crate) fn ussd(&self, dialled: &Dialled) -> Result<ContactAnswer, StoreError> {
        let phone = self.conversation_token(&dialled.from);
        let mut conversation = self
            .conversation(phone)?
            .unwrap_or_else(|| Conversation::new(phone));
        let names = self.names(dialled);
        let gateway = names.gateway;
        if dialled.op == UssdOp::Abort {
            if conversation.gateway == gateway && !conversation.closed {
                conversation.closed = true;
                self.save_conversation(&conversation)?;
            }
            return Ok(ContactAnswer::Done);
        }
        let arrival = conversation.arrival(dialled, &names, self.now_ms());
        match arrival {
            Arrival::Retry if !conversation.is_left_alone(self.now_ms()) => {
                return Ok(conversation.stored_answer());
            }
            Arrival::Retry | Arrival::Late => {
                let language = self.principal(&dialled.from, &dialled.link.0)?.language;
                return Ok(ContactAnswer::Screen {
                    text: self
                        .config
                        .programmes
                        .texts()
                        .plain(&language, "session-ended"),
                    end: true,
                });
            }
            Arrival::Opens => conversation.open_gateway(gateway),
            Arrival::Answers => {}
        }
        let step_taken = Move {
            from: &dialled.from,
            channel: &dialled.link.0,
            code: &dialled.code,
            text: &dialled.text,
            limits: dialled.limits,
            seen: Seen::Vouched,
            opens: arrival == Arrival::Opens,
        };
        self.converse(&step_taken, &mut conversation)?;
        conversation.note_step(&names);
        conversation.answered_ms = self.now_ms();
        self.save_conversation(&conversation)?;
        Ok(conversation.stored_answer())
    }

    /// Keyed names of the step, so that the row tells nothing without the key file.
    fn names(&self, dialled: &Dialled) -> Names {
        let session: [&[u8]; 3] = [
            dialled.link.0.as_bytes(),
            dialled.session.as_bytes(),
            dialled.from.as_str().as_bytes(),
        ];
        let gateway: [u8; 8] = cut(&self.vault.token("gateway", &session));
        let step = dialled.step.as_ref().map(String::as_bytes);
        let op = [u8::from(dialled.op == UssdOp::Begin)];
        Names {
            gateway,
            step: step.map(|step| cut(&self.vault.token("step", &[&gateway, step]))),
            content: cut(&self
                .vault
                .token("content", &[&gateway, &op, dialled.text.as_bytes()])),
        }
    }

    /// Plays the dialogue up to its next screen.
    pub(crate) fn converse(
        &self,
        step_taken: &Move<'_>,
        conversation: &mut Conversation,
    ) -> Result<(), StoreError> {
        let Move {
            from,
            channel,
            limits,
            ..
        } = *step_taken;
        let programmes = self.config.programmes.as_ref();
        // A session of an earlier release that does not read any more is begun anew, and so is a
        // person's own one that was left alone or is taken up by another call.
        let left_alone = conversation.is_left_alone(self.now_ms());
        let opens = step_taken.opens || left_alone;
        let was_personal = matches!(conversation.proved, Some(Holder::Person(_)));
        self.guard.borrow_mut().proved = conversation.proved.filter(|_| !opens);
        let saved = conversation.dialogue();
        let mut starts = conversation.starts(self.identity.epoch);
        let mut step = match saved {
            Some(mut session) if !opens => {
                session.shown_on(limits);
                self.answered(session, step_taken)?
            }
            previous => {
                starts.clear();
                self.note_village(step_taken)?;
                let principal = self.dialling(from, channel)?;
                let may_resume = self.may_resume(from, step_taken.seen)?;
                let previous = previous.filter(|_| may_resume && !was_personal);
                let wanted = self.wanted(step_taken);
                self.opened(&principal, previous, wanted)?
            }
        };
        step.session.shown_on(limits);
        for _ in 0..HOPS_MAX {
            let Step { session, next } = step;
            match next {
                Next::Screen => {
                    step = Step {
                        session,
                        next: Next::Screen,
                    };
                    break;
                }
                Next::Act(command) => {
                    // A language just chosen or a grant just received counts at once.
                    let principal = self.principal(from, channel)?;
                    let result = self.perform(&principal, &command, &mut starts)?;
                    step = dialogue::resume(programmes, session, result, self.now);
                }
                Next::Begin => {
                    let principal = self.dialling(from, channel)?;
                    let wanted = session.wanted().map(str::to_owned);
                    step = self.opened(&principal, session.behind(), wanted.as_deref())?;
                }
            }
        }
        step.session.shown_on(limits);
        conversation.proved = self.guard.borrow().proved;
        self.keep_screen(&step.session, limits, conversation);
        let epoch = self.identity.epoch.0;
        conversation.starts = starts
            .into_iter()
            .map(|(scope, seq)| (epoch, scope.0, seq.0))
            .collect();
        Ok(())
    }

    /// The service that an opening names, behind the dialled code or by its word.
    fn wanted(&self, opening: &Move<'_>) -> Option<&str> {
        let site = self.site();
        let given = Given {
            dialled: opening.code,
            text: opening.text,
        };
        let is_village = |part: &str| site.asks_village() && site.village(part).is_some();
        self.config
            .programmes
            .named(given, &site.villages.dial, is_village)
    }

    /// Puts a session and its screen into the conversation.
    fn keep_screen(
        &self,
        session: &Session,
        limits: BearerLimits,
        conversation: &mut Conversation,
    ) {
        let programmes = self.config.programmes.as_ref();
        let screen = dialogue::render(programmes, session, limits);
        conversation.answer = screen.text;
        conversation.end = screen.end;
        conversation.closed = screen.end;
        conversation.refusals = if session.is_refused() {
            conversation.refusals.saturating_add(1)
        } else {
            0
        };
        match session.encode() {
            Ok(bytes) => conversation.session = bytes,
            Err(error) => {
                tracing::warn!(error = %error, "a dialogue session could not be kept");
                let texts = programmes.texts();
                conversation.answer = texts.plain(session.language(), "session-too-long");
                conversation.end = true;
                conversation.closed = true;
                conversation.session = Vec::new();
            }
        }
    }
}
