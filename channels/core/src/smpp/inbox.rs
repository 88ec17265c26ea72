//! What an ESME makes of each `deliver_sm`: a USSD step, an SMS, a receipt; and of each reply.
//!
//! Pure, beside [`super::session`]: the shell gives it [`super::session::Action::Asked`] and the
//! node's replies, and performs the [`Effect`]s in order, so that the `deliver_sm_resp` always
//! leaves after the commit and before the screen.
//!
//! Parts of a long SMS live in memory only. They are answered when the whole text is committed;
//! when the rest does not come soon they are answered "later" and kept, so that an SMSC that
//! sends one message at a time brings the next part, and nothing unsaved is ever acknowledged.

mod place;
mod profile;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::alphabet;
use super::pdu::{MessageType, ShortMessage, SmeAddress};
use super::ussd::{OpenSessions, Reading, Step};
use super::{receipt, status};
use crate::address::Address;
use crate::datagram;
use crate::event::{DataReceived, Inbound, Reply, SmsReceived, SmsStatus, UssdOp, UssdStep};
use crate::segment::joiner::{Joined, Joiner, Outcome, Part, SetKey};
use crate::segment::udh::Concatenation;

pub use place::place;
pub use profile::Profile;

/// Most events that wait for the node's reply; a further one is answered "later".
const PENDING_MAX: usize = 256;
/// How long a part waits for the rest before it is answered "later", in seconds; shorter than
/// the 20 s that SMSCs usually give an answer.
const HOLD_S: i64 = 5;

/// What the shell does next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Hand this to the node; its reply comes back under `key`.
    Event {
        /// For [`Inbox::replied`].
        key: u64,
        /// The event.
        event: Inbound,
    },
    /// Answer the `deliver_sm` ([`super::session::Input::Answered`]).
    Answer {
        /// The session's ticket.
        ticket: u64,
        /// `command_status`.
        status: u32,
    },
    /// Send this screen, urgently.
    Screen {
        /// For [`Inbox::screen_ended`].
        key: u64,
        /// The `submit_sm`.
        message: Box<ShortMessage>,
    },
    /// Something to count: an operation outside a session, or a receipt that cannot be read.
    Odd(&'static str),
}

enum Meaning {
    /// The `deliver_sm` that a screen answers, and its session.
    Ussd {
        asked: Box<ShortMessage>,
        session: String,
    },
    /// The set of parts to settle.
    Long(SetKey),
    /// Nothing to do but to answer.
    Plain,
}

struct Pending {
    tickets: Vec<u64>,
    meaning: Meaning,
}

/// Parts of one text that wait for the rest.
struct Held {
    due: Timestamp,
    tickets: Vec<u64>,
}

/// See the module.
pub struct Inbox {
    profile: Profile,
    joiner: Joiner,
    held: BTreeMap<SetKey, Held>,
    sessions: OpenSessions,
    pending: BTreeMap<u64, Pending>,
    /// Screens that the gateway has not answered: session and caller.
    screens: BTreeMap<u64, (String, String)>,
    keys: u64,
}

impl Inbox {
    /// An inbox of a link.
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            joiner: Joiner::new(),
            held: BTreeMap::new(),
            sessions: OpenSessions::default(),
            pending: BTreeMap::new(),
            screens: BTreeMap::new(),
            keys: 0,
        }
    }

    /// Takes a `deliver_sm`.
    pub fn asked(&mut self, now: Timestamp, ticket: u64, message: ShortMessage) -> Vec<Effect> {
        if self.pending.len() >= PENDING_MAX {
            return vec![Effect::Answer {
                ticket,
                status: status::ESME_TEMPORARY,
            }];
        }
        let kind = message.esm_class.message_type();
        let is_receipt = matches!(kind, MessageType::Receipt | MessageType::Intermediate)
            || message.optional.receipted_message_id.is_some();
        if is_receipt {
            return self.receipt(ticket, &message);
        }
        if kind == MessageType::Acknowledgement {
            let odd = Effect::Odd("acknowledgement of a phone dropped");
            return vec![
                odd,
                Effect::Answer {
                    ticket,
                    status: status::OK,
                },
            ];
        }
        if message.optional.ussd_service_op.is_some() {
            return self.ussd(ticket, message);
        }
        self.sms(now, ticket, &message)
    }

    /// The node's reply to an event; a dropped one is [`Reply::Busy`].
    pub fn replied(&mut self, key: u64, reply: Reply) -> Vec<Effect> {
        let Some(pending) = self.pending.remove(&key) else {
            return Vec::new();
        };
        let taken = reply != Reply::Busy;
        let status = if taken {
            status::OK
        } else {
            status::ESME_TEMPORARY
        };
        let answers = pending.tickets.into_iter();
        let mut out: Vec<Effect> = answers
            .map(|ticket| Effect::Answer { ticket, status })
            .collect();
        match (pending.meaning, reply) {
            (Meaning::Long(set), _) if taken => self.joiner.settle(&set),
            (Meaning::Ussd { asked, session }, Reply::Screen { text, end }) => {
                let coded = alphabet::encode(&text, self.profile.alphabet);
                let screen = self.profile.dialect.screen(&asked, coded, end);
                let caller = asked.source.address;
                if end {
                    self.sessions.close(&session, &caller);
                } else {
                    self.sessions.sent(&session, &caller, key);
                    self.screens.insert(key, (session, caller));
                }
                let message = Box::new(screen);
                out.push(Effect::Screen { key, message });
            }
            _ => {}
        }
        out
    }

    /// How the screen of this key ended: whether the gateway took it. To be told for each one.
    pub fn screen_ended(&mut self, key: u64, taken: bool) {
        if let Some((session, caller)) = self.screens.remove(&key)
            && taken
        {
            self.sessions.taken(&session, &caller, key);
        }
    }

    /// The tickets of the old connection are void; parts and pending events stay.
    pub fn disconnected(&mut self) {
        self.held.clear();
        for pending in self.pending.values_mut() {
            pending.tickets.clear();
        }
    }

    /// Lets parts that waited too long be sent again, and passes texts on that never got whole.
    pub fn timeout(&mut self, now: Timestamp) -> Vec<Effect> {
        let held = self.held.iter().filter(|(_, held)| held.due <= now);
        let due: Vec<SetKey> = held.map(|(key, _)| key.clone()).collect();
        let mut out = Vec::new();
        for ticket in due.iter().flat_map(|key| self.release(key)) {
            let status = status::ESME_TEMPORARY;
            out.push(Effect::Answer { ticket, status });
        }
        for joined in self.joiner.expire(now) {
            out.push(self.joined(joined, Vec::new()));
        }
        out
    }

    /// When to call [`Self::timeout`].
    pub fn deadline(&self) -> Option<Timestamp> {
        self.held.values().map(|held| held.due).min()
    }

    fn event(&mut self, tickets: Vec<u64>, meaning: Meaning, event: Inbound) -> Effect {
        self.keys = self.keys.saturating_add(1);
        self.pending.insert(self.keys, Pending { tickets, meaning });
        Effect::Event {
            key: self.keys,
            event,
        }
    }

    fn receipt(&mut self, ticket: u64, message: &ShortMessage) -> Vec<Effect> {
        let text = alphabet::decode(
            message.data_coding,
            message.content(),
            self.profile.alphabet,
        );
        let Some(receipt) = receipt::read(&text, &message.optional) else {
            // Refusing it would make the SMSC repeat it for ever.
            let odd = Effect::Odd("receipt that names no message dropped");
            return vec![
                odd,
                Effect::Answer {
                    ticket,
                    status: status::OK,
                },
            ];
        };
        let is_final = message.esm_class.message_type() != MessageType::Intermediate;
        let event = Inbound::Status(SmsStatus {
            link: self.profile.link.clone(),
            message_id: receipt.message_id,
            delivered: receipt.delivered.filter(|_| is_final),
            recipient: self.profile.caller(&message.source),
            reference: message.optional.user_message_reference,
        });
        vec![self.event(vec![ticket], Meaning::Plain, event)]
    }

    fn ussd(&mut self, ticket: u64, message: ShortMessage) -> Vec<Effect> {
        let Some(from) = self.profile.caller(&message.source) else {
            return vec![Effect::Answer {
                ticket,
                status: status::INVALID_SOURCE,
            }];
        };
        let session = self.profile.dialect.session(&message);
        let text = alphabet::decode(
            message.data_coding,
            message.content(),
            self.profile.alphabet,
        );
        let open = self.sessions.contains(&session, &message.source.address);
        let Reading::Step(step) = self.profile.dialect.read(&message, &text, open) else {
            let odd = Effect::Odd("USSD operation outside a session dropped");
            return vec![
                odd,
                Effect::Answer {
                    ticket,
                    status: status::OK,
                },
            ];
        };
        let Step {
            op,
            code,
            text,
            step,
        } = step;
        let caller = &message.source.address;
        let screen_taken = if op == UssdOp::Abort {
            self.sessions.close(&session, caller);
            true
        } else {
            self.sessions.step(&session, caller, op, &text)
        };
        let event = Inbound::Ussd(UssdStep {
            link: self.profile.link.clone(),
            session: session.clone(),
            from,
            code,
            op,
            text,
            step,
            screen_taken,
            limits: self.profile.ussd_limits,
        });
        let meaning = Meaning::Ussd {
            asked: Box::new(message),
            session,
        };
        vec![self.event(vec![ticket], meaning, event)]
    }

    fn sms(&mut self, now: Timestamp, ticket: u64, message: &ShortMessage) -> Vec<Effect> {
        let Some(from) = self.sender(&message.source) else {
            return vec![Effect::Answer {
                ticket,
                status: status::INVALID_SOURCE,
            }];
        };
        let Ok(to) = Address::parse(&message.destination.address) else {
            return vec![Effect::Answer {
                ticket,
                status: status::INVALID_DESTINATION,
            }];
        };
        if let Some(octets) = datagram::data_of_sm(message) {
            let event = Inbound::Data(DataReceived {
                link: self.profile.link.clone(),
                from,
                octets: octets.to_vec(),
                sent: None,
            });
            return vec![self.event(vec![ticket], Meaning::Plain, event)];
        }
        let (place, tables, payload) = place(message);
        let content = alphabet::content(message.data_coding, payload, self.profile.alphabet)
            .in_tables(tables);
        let Some(place) = place else {
            let event = self.text(from, to, content.to_text());
            return vec![self.event(vec![ticket], Meaning::Plain, event)];
        };
        self.part(
            now,
            ticket,
            Part {
                from,
                to,
                place,
                content,
            },
        )
    }

    fn part(&mut self, now: Timestamp, ticket: u64, part: Part) -> Vec<Effect> {
        let Concatenation {
            reference, total, ..
        } = part.place;
        let key = SetKey {
            from: part.from.clone(),
            to: part.to.clone(),
            reference,
            total,
        };
        // A repeat, or another text under the same number: known only after the node's reply.
        if self.pending.values().any(|pending| pending.is_of(&key)) {
            return vec![Effect::Answer {
                ticket,
                status: status::ESME_TEMPORARY,
            }];
        }
        let (outcome, evicted) = self.joiner.accept(part, now);
        let mut out = Vec::new();
        if let Some(joined) = evicted {
            let tickets = self.release(&joined.key);
            out.push(self.joined(joined, tickets));
        }
        match outcome {
            Outcome::Known => out.push(Effect::Answer {
                ticket,
                status: status::OK,
            }),
            Outcome::Waiting => {
                let due = now.checked_add(SignedDuration::from_secs(HOLD_S));
                let due = due.unwrap_or(Timestamp::MAX);
                let held = Held {
                    due,
                    tickets: Vec::new(),
                };
                self.held.entry(key).or_insert(held).tickets.push(ticket);
            }
            Outcome::Complete(joined) => {
                let mut tickets = self.release(&joined.key);
                tickets.push(ticket);
                out.push(self.joined(joined, tickets));
            }
        }
        out
    }

    fn release(&mut self, key: &SetKey) -> Vec<u64> {
        self.held
            .remove(key)
            .map(|held| held.tickets)
            .unwrap_or_default()
    }

    fn joined(&mut self, joined: Joined, tickets: Vec<u64>) -> Effect {
        let Joined { key, text, .. } = joined;
        let event = self.text(key.from.clone(), key.to.clone(), text);
        self.event(tickets, Meaning::Long(key), event)
    }

    fn text(&self, from: Address, to: Address, text: String) -> Inbound {
        let link = self.profile.link.clone();
        Inbound::Sms(SmsReceived {
            link,
            from,
            to,
            text,
            sent: None,
        })
    }

    /// The sender: international where it can be made so.
    fn sender(&self, source: &SmeAddress) -> Option<Address> {
        match self.profile.caller(source) {
            Some(msisdn) if source.ton != TON_NAME => Some(Address::Phone(msisdn)),
            _ => Address::parse(&source.address).ok(),
        }
    }
}

/// Type of number (SMPP 3.4 §5.2.5).
const TON_NAME: u8 = 5;

impl Pending {
    fn is_of(&self, key: &SetKey) -> bool {
        matches!(&self.meaning, Meaning::Long(set) if set == key)
    }
}

impl core::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Inbox({} pending, {:?}, {:?})",
            self.pending.len(),
            self.joiner,
            self.sessions
        )
    }
}

#[cfg(test)]
mod tests;
