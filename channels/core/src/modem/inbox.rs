//! What arrived at a modem becomes events for the node; what the node says settles it.
//!
//! Pure, beside [`super::Modem`]. Parts of a long text stay in the modem's store until the whole
//! text is committed; when the store fills up, texts leave incomplete. A message that was
//! committed before is settled at once: networks and stores bring messages more than once.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::repeat::{Committed, Key};
use crate::address::{Address, Msisdn};
use crate::datagram;
use crate::event::{DataReceived, Inbound, LinkName, MissedCall, Reply, SmsReceived, SmsStatus};
use crate::segment::joiner::{Joined, Joiner, Outcome, Part, SetKey};
use crate::tpdu::{Deliver, FromNetwork, StatusGroup, StatusReport, split_smsc};

/// Most events that wait for the node's reply; a further message stays in the modem's store.
pub const PENDING_MAX: usize = 256;
/// Seconds until a missed call is told again to a node that was busy.
const CALL_AGAIN_S: i64 = 5;
/// Times that a missed call is told; then the caller must ring again.
const CALL_TRIES_MAX: u8 = 5;

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
    /// Tell the modem ([`super::Input::Settled`]).
    Settle {
        /// The modem's ticket.
        ticket: u64,
        /// Whether it was committed.
        committed: bool,
    },
    /// The time stamp that the SMSC gave a message.
    Stamp(Timestamp),
    /// Something to count.
    Odd(&'static str),
}

/// A message, or a part of one, that waits for the node.
#[derive(Clone, Copy, Debug)]
struct Held {
    ticket: u64,
    key: Key,
}

#[derive(Debug)]
enum Meaning {
    Long(SetKey),
    Call(MissedCall, u8),
    Plain,
}

#[derive(Debug)]
struct Pending {
    held: Vec<Held>,
    meaning: Meaning,
}

/// See the module.
#[derive(Debug)]
pub struct Inbox {
    link: LinkName,
    own: Address,
    joiner: Joiner,
    parts: BTreeMap<SetKey, Vec<Held>>,
    pending: BTreeMap<u64, Pending>,
    calls: Vec<(Timestamp, MissedCall, u8)>,
    committed: Committed,
    keys: u64,
}

impl Inbox {
    /// An inbox of a SIM; `own` is its number, as texts are shown to have been sent to.
    pub fn new(link: LinkName, own: Address) -> Self {
        Self {
            link,
            own,
            joiner: Joiner::new(),
            parts: BTreeMap::new(),
            pending: BTreeMap::new(),
            calls: Vec::new(),
            committed: Committed::default(),
            keys: 0,
        }
    }

    /// A PDU arrived, with its SMSC prefix.
    pub fn arrived(&mut self, now: Timestamp, ticket: u64, pdu: &[u8]) -> Vec<Effect> {
        if self.pending.len() >= PENDING_MAX {
            return vec![settle(ticket, false)];
        }
        let read = split_smsc(pdu).and_then(|(_, tpdu)| FromNetwork::parse(tpdu));
        match read {
            Ok(FromNetwork::Deliver(deliver)) => self.deliver(now, ticket, &deliver),
            Ok(FromNetwork::StatusReport(report)) => self.report(now, ticket, &report),
            Err(_) => vec![Effect::Odd("PDU cannot be read"), settle(ticket, true)],
        }
    }

    /// Somebody rang.
    pub fn called(&mut self, from: Msisdn) -> Vec<Effect> {
        let link = self.link.clone();
        self.call(MissedCall { link, from }, 0)
    }

    /// The node's reply to an event; a dropped one is [`Reply::Busy`].
    pub fn replied(&mut self, now: Timestamp, key: u64, reply: &Reply) -> Vec<Effect> {
        let Some(Pending { held, meaning }) = self.pending.remove(&key) else {
            return Vec::new();
        };
        let committed = *reply != Reply::Busy;
        if committed {
            for held in &held {
                self.committed.add(held.key, now);
            }
        }
        match meaning {
            Meaning::Long(set) if committed => self.joiner.settle(&set),
            Meaning::Call(call, tries) if !committed && tries < CALL_TRIES_MAX => {
                let again = SignedDuration::from_secs(CALL_AGAIN_S);
                let at = now.checked_add(again).unwrap_or(now);
                self.calls.push((at, call, tries.saturating_add(1)));
            }
            _ => {}
        }
        held.into_iter()
            .map(|held| settle(held.ticket, committed))
            .collect()
    }

    /// All tickets of the modem are void: it lists its store anew.
    pub fn void(&mut self) {
        for held in self.parts.values_mut() {
            held.clear();
        }
        for pending in self.pending.values_mut() {
            for held in &mut pending.held {
                held.ticket = 0;
            }
        }
    }

    /// The store is nearly full: the text that has waited longest leaves incomplete.
    pub fn crowded(&mut self) -> Vec<Effect> {
        match self.joiner.take_oldest() {
            Some(joined) => self.long(joined),
            None => Vec::new(),
        }
    }

    /// When [`Inbox::timeout`] has something to do: calls that are told again, each minute a look
    /// at texts that never got whole.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.calls.iter().map(|(at, ..)| *at).min()
    }

    /// Passes texts on that never got whole, and tells calls again.
    pub fn timeout(&mut self, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        for joined in self.joiner.expire(now) {
            effects.extend(self.long(joined));
        }
        let (due, later) = core::mem::take(&mut self.calls)
            .into_iter()
            .partition(|(at, ..)| *at <= now);
        self.calls = later;
        for (_, call, tries) in due {
            effects.extend(self.call(call, tries));
        }
        effects
    }

    fn call(&mut self, call: MissedCall, tries: u8) -> Vec<Effect> {
        let event = Inbound::MissedCall(call.clone());
        vec![self.event(event, Vec::new(), Meaning::Call(call, tries))]
    }

    fn event(&mut self, event: Inbound, held: Vec<Held>, meaning: Meaning) -> Effect {
        self.keys = self.keys.saturating_add(1);
        let key = self.keys;
        self.pending.insert(key, Pending { held, meaning });
        Effect::Event { key, event }
    }

    /// Whether it is known already; then what is to be done with it.
    fn repeated(&mut self, now: Timestamp, held: Held) -> Option<Vec<Effect>> {
        if self.committed.has(held.key, now) {
            return Some(vec![settle(held.ticket, true)]);
        }
        let waiting = self
            .pending
            .values_mut()
            .flat_map(|pending| &mut pending.held);
        let twin = waiting.into_iter().find(|twin| twin.key == held.key)?;
        // The node has it already; its reply settles the new ticket as well.
        let old = core::mem::replace(&mut twin.ticket, held.ticket);
        Some(if old == 0 {
            Vec::new()
        } else {
            vec![settle(old, false)]
        })
    }

    fn deliver(&mut self, now: Timestamp, ticket: u64, deliver: &Deliver) -> Vec<Effect> {
        let data = &deliver.user_data;
        let content = [data.udh(), data.payload()].concat();
        let key = Key::new(deliver.origin.as_str(), &deliver.submitted.0, &content);
        let held = Held { ticket, key };
        if let Some(effects) = self.repeated(now, held) {
            return effects;
        }
        let stamp = deliver.submitted.instant();
        let mut effects: Vec<Effect> = stamp.map(Effect::Stamp).into_iter().collect();
        if let (Some(from), Some(octets)) = (deliver.origin.to_address(), datagram::data_of(data)) {
            let event = Inbound::Data(DataReceived {
                link: self.link.clone(),
                from,
                octets: octets.to_vec(),
                sent: stamp,
            });
            effects.push(self.event(event, vec![held], Meaning::Plain));
            return effects;
        }
        let (Some(from), Some(content)) = (deliver.origin.to_address(), data.content()) else {
            effects.push(Effect::Odd("message without sender or without text"));
            effects.push(settle(ticket, true));
            return effects;
        };
        let Some(place) = data.concatenation() else {
            let event = Inbound::Sms(SmsReceived {
                link: self.link.clone(),
                from,
                to: self.own.clone(),
                text: data.text().unwrap_or_default(),
                sent: stamp,
            });
            effects.push(self.event(event, vec![held], Meaning::Plain));
            return effects;
        };
        let to = self.own.clone();
        let part = Part {
            from,
            to,
            place,
            content,
        };
        effects.extend(self.part(now, held, part));
        effects
    }

    fn part(&mut self, now: Timestamp, held: Held, part: Part) -> Vec<Effect> {
        let set = SetKey {
            from: part.from.clone(),
            to: part.to.clone(),
            reference: part.place.reference,
            total: part.place.total,
        };
        let asked = self
            .pending
            .values_mut()
            .find(|pending| matches!(&pending.meaning, Meaning::Long(asked) if *asked == set));
        if let Some(asked) = asked {
            // The text is with the node; its reply settles this part as well.
            asked.held.push(held);
            return Vec::new();
        }
        let (outcome, evicted) = self.joiner.accept(part, now);
        let mut effects = evicted.map_or(Vec::new(), |evicted| self.long(evicted));
        if outcome == Outcome::Known {
            self.committed.add(held.key, now);
            effects.push(settle(held.ticket, true));
            return effects;
        }
        let parts = self.parts.entry(set).or_default();
        parts.retain(|known| known.key != held.key);
        parts.push(held);
        if let Outcome::Complete(joined) = outcome {
            effects.extend(self.long(joined));
        }
        effects
    }

    fn long(&mut self, joined: Joined) -> Vec<Effect> {
        let Joined { key, text, .. } = joined;
        let held = self.parts.remove(&key).unwrap_or_default();
        let event = Inbound::Sms(SmsReceived {
            link: self.link.clone(),
            from: key.from.clone(),
            to: key.to.clone(),
            text,
            sent: None,
        });
        vec![self.event(event, held, Meaning::Long(key))]
    }

    fn report(&mut self, now: Timestamp, ticket: u64, report: &StatusReport) -> Vec<Effect> {
        let id = message_id(report.reference, report.recipient.as_str());
        let stamp = [report.submitted.0, report.discharged.0].concat();
        let held = Held {
            ticket,
            key: Key::new(&id, &stamp, &[report.status.0]),
        };
        if let Some(effects) = self.repeated(now, held) {
            return effects;
        }
        let delivered = match report.status.group() {
            StatusGroup::Delivered => Some(true),
            StatusGroup::Failed | StatusGroup::GivenUp => Some(false),
            _ => None,
        };
        // A number in its national form is left out: the id has the phone folded in anyway.
        let recipient = report.recipient.to_address();
        let recipient = recipient.and_then(|address| address.phone().cloned());
        let status = Inbound::Status(SmsStatus {
            recipient,
            ..SmsStatus::new(self.link.clone(), id, delivered)
        });
        vec![self.event(status, vec![held], Meaning::Plain)]
    }
}

/// The id under which a message and its status report meet: TP-MR, and 16 bits of the recipient.
///
/// TP-MR alone is reused after 256 messages; 16 bits of a number are shared by thousands of
/// numbers and tell nobody's.
pub fn message_id(reference: u8, recipient: &str) -> String {
    let folded = recipient
        .bytes()
        .filter(u8::is_ascii_digit)
        .fold(0xFFFF_u16, |sum, digit| {
            sum.rotate_left(5) ^ u16::from(digit).wrapping_mul(0x9E37)
        });
    format!("{reference}-{folded:04x}")
}

fn settle(ticket: u64, committed: bool) -> Effect {
    Effect::Settle { ticket, committed }
}
