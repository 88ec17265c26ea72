//! What a ready modem does beside sending: lists, deletions, acknowledgements, health, balance.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::command::{Job, NETWORK_S_MAX};
use super::super::ladder::after;
use super::super::setup::ROUTES;
use super::super::ussd::Said;
use super::super::{Action, Note};
use super::Modem;
use crate::gsm7::{self, packing};
use crate::tpdu::hex;

/// Seconds between two looks at the store: announcements get lost.
const LIST_EVERY_S: i64 = 300;
/// Seconds until a node that was busy is told again.
const AGAIN_S: i64 = 10;
/// Seconds between two looks at signal and registration; a hang is noticed by them.
const HEALTH_EVERY_S: i64 = 30;
/// Seconds between two looks at the network's time.
const CLOCK_EVERY_S: i64 = 3_600;
/// Seconds between two questions for the balance.
const BALANCE_EVERY_S: i64 = 86_400;
/// Seconds after which a modem that got no acknowledgement is told again where messages go.
const ROUTE_AGAIN_S: i64 = 20;
/// Seconds in which a directly delivered message is acknowledged or given up.
const DIRECT_S_MAX: i64 = 15;

/// Commands that take a moment, in the order of their urgency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Quick {
    HangUp,
    Route,
    Operator,
    Signal,
    Registration,
    Room,
    Clock,
}

/// What is to be done, and when the next of each kind is due.
#[derive(Clone, Debug, Default)]
pub(super) struct Chores {
    acknowledge: bool,
    quick: BTreeSet<Quick>,
    lists: BTreeSet<String>,
    ussd: Ussd,
    list_at: Option<Timestamp>,
    health_at: Option<Timestamp>,
    clock_at: Option<Timestamp>,
    balance_at: Option<Timestamp>,
    direct_until: Option<Timestamp>,
    route_at: Option<Timestamp>,
}

/// A USSD session of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Ussd {
    #[default]
    None,
    /// To be dialled.
    Wanted,
    /// Dialled; the network may answer until then.
    Waiting(Timestamp),
    /// To be ended.
    Ending,
}

impl Chores {
    /// The modem is ready: everything is looked at once.
    pub(super) fn begin(&mut self, now: Timestamp, memory: &str, has_balance: bool) {
        // Before the modem was told where to store, messages went to the SIM.
        self.lists.insert(memory.to_owned());
        self.lists.insert("SM".to_owned());
        self.quick.insert(Quick::Room);
        self.list_at = Some(after(now, LIST_EVERY_S));
        self.health_at = Some(after(now, HEALTH_EVERY_S));
        self.clock_at = Some(now);
        if has_balance && self.balance_at.is_none() {
            self.balance_at = Some(now);
        }
    }

    pub(super) fn list(&mut self, memory: &str) {
        self.lists.insert(memory.to_owned());
    }

    /// A memory that cannot be chosen cannot be read.
    pub(super) fn cannot_list(&mut self, memory: &str) {
        self.lists.remove(memory);
    }

    pub(super) fn list_again(&mut self, now: Timestamp) {
        let soon = after(now, AGAIN_S);
        self.list_at = Some(self.list_at.map_or(soon, |at| at.min(soon)));
    }

    pub(super) fn hang_up(&mut self) {
        self.quick.insert(Quick::HangUp);
    }

    pub(super) fn choose_operator(&mut self) {
        self.quick.insert(Quick::Operator);
    }

    pub(super) fn ask_balance(&mut self) {
        if self.ussd == Ussd::None {
            self.ussd = Ussd::Wanted;
        }
    }

    pub(super) fn direct_came(&mut self, now: Timestamp) {
        self.direct_until = Some(after(now, DIRECT_S_MAX));
    }

    /// The node answered to a directly delivered message. Without an acknowledgement many modems
    /// stop delivering until they are told again where to.
    pub(super) fn answer_direct(&mut self, now: Timestamp, acknowledge: bool) {
        self.direct_until = None;
        self.acknowledge = acknowledge;
        if !acknowledge {
            self.route_at = Some(after(now, ROUTE_AGAIN_S));
        }
    }

    /// When something is due for a modem that is idle.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let waiting = match self.ussd {
            Ussd::Waiting(until) => Some(until),
            _ => None,
        };
        let due = [
            self.list_at,
            self.health_at,
            self.clock_at,
            self.balance_at,
            self.route_at,
        ];
        let due = due.into_iter().flatten();
        due.chain(waiting).chain(self.direct_until).min()
    }

    /// Turns what is due into work.
    fn wake(&mut self, now: Timestamp, memory: &str) {
        let due = |at: &mut Option<Timestamp>, every: i64| {
            let is_due = at.is_some_and(|at| at <= now);
            if is_due {
                *at = Some(after(now, every));
            }
            is_due
        };
        if due(&mut self.list_at, LIST_EVERY_S) {
            self.lists.insert(memory.to_owned());
            self.quick.insert(Quick::Room);
        }
        if due(&mut self.health_at, HEALTH_EVERY_S) {
            self.quick.extend([Quick::Signal, Quick::Registration]);
        }
        if due(&mut self.clock_at, CLOCK_EVERY_S) {
            self.quick.insert(Quick::Clock);
        }
        if self.route_at.is_some_and(|at| at <= now) {
            self.route_at = None;
            self.quick.insert(Quick::Route);
            self.lists.insert(memory.to_owned());
        }
        if due(&mut self.balance_at, BALANCE_EVERY_S) {
            self.ask_balance();
        }
        if let Ussd::Waiting(until) = self.ussd
            && until <= now
        {
            self.ussd = Ussd::Ending;
        }
    }
}

impl Modem {
    /// One command of a ready modem: the sender's turn, or a chore's; false when nothing is to do.
    pub(super) fn next_turn(&mut self, now: Timestamp) -> bool {
        let memory = self.service.memory.clone();
        self.chores.wake(now, &memory);
        if self.chores.direct_until.is_some_and(|until| until <= now) {
            self.direct = None;
            self.chores.answer_direct(now, false);
        }
        if core::mem::take(&mut self.chores.acknowledge) {
            self.start(now, Job::Acknowledge, "AT+CNMA");
            return true;
        }
        let may_send = self.is_registered && self.part.is_some() && self.pace.next() <= now;
        if may_send && !self.owes_turn {
            return self.next_part(now);
        }
        self.next_chore(now) || may_send && self.next_part(now)
    }

    fn next_part(&mut self, now: Timestamp) -> bool {
        let Some(part) = &self.part else { return false };
        let length = part.tpdu.len();
        self.owes_turn = true;
        self.start(now, Job::Send, &format!("AT+CMGS={length}"));
        true
    }

    fn next_chore(&mut self, now: Timestamp) -> bool {
        self.owes_turn = false;
        self.quick_chore(now) || self.store_chore(now) || self.ussd_chore(now)
    }

    fn quick_chore(&mut self, now: Timestamp) -> bool {
        let Some(quick) = self.chores.quick.pop_first() else {
            return false;
        };
        let (job, command) = match quick {
            Quick::HangUp => (Job::HangUp, "+CHUP"),
            Quick::Route => {
                let route = ROUTES.get(self.service.route).copied();
                (Job::Route, route.unwrap_or_default())
            }
            Quick::Operator => (Job::Operator, "+COPS=0"),
            Quick::Signal => (Job::Signal, "+CSQ"),
            Quick::Registration => (Job::Registration, "+CREG?"),
            Quick::Room => (Job::Room, "+CPMS?"),
            Quick::Clock => (Job::Clock, "+CCLK?"),
        };
        self.start(now, job, &format!("AT{command}"));
        true
    }

    /// Deletes what is committed, then lists what was announced.
    fn store_chore(&mut self, now: Timestamp) -> bool {
        let slot = self.store.deletable(&self.service.selected);
        let list = self.chores.lists.first().cloned();
        let Some(memory) = slot.as_ref().map(|slot| slot.memory.clone()).or(list) else {
            return self.select_own(now);
        };
        if memory != self.service.selected {
            let command = format!("AT+CPMS=\"{memory}\"");
            self.start(now, Job::Memory(memory), &command);
        } else if let Some(slot) = slot {
            let index = slot.index;
            self.store.deleted(&slot);
            self.start(now, Job::Delete { index }, &format!("AT+CMGD={index}"));
        } else {
            self.chores.lists.remove(&memory);
            self.store.begin();
            self.start(now, Job::List, "AT+CMGL=4");
        }
        true
    }

    /// Goes back to the memory that new messages are stored in.
    fn select_own(&mut self, now: Timestamp) -> bool {
        if self.service.selected == self.service.memory {
            return false;
        }
        let memory = self.service.memory.clone();
        let command = format!("AT+CPMS=\"{memory}\"");
        self.start(now, Job::Memory(memory), &command);
        true
    }

    fn ussd_chore(&mut self, now: Timestamp) -> bool {
        match self.chores.ussd {
            Ussd::Wanted => {
                let Some(query) = &self.settings.balance else {
                    self.chores.ussd = Ussd::None;
                    return false;
                };
                let code = if self.settings.ussd_is_packed {
                    let septets = gsm7::encode(&query.code).unwrap_or_default();
                    hex::encode(&packing::pack_ussd(&septets))
                } else {
                    query.code.clone()
                };
                self.chores.ussd = Ussd::Waiting(after(now, NETWORK_S_MAX));
                self.start(now, Job::Ussd, &format!("AT+CUSD=1,\"{code}\",15"));
                true
            }
            Ussd::Ending => {
                self.chores.ussd = Ussd::None;
                self.start(now, Job::UssdEnd, "AT+CUSD=2");
                true
            }
            Ussd::None | Ussd::Waiting(_) => false,
        }
    }

    /// The network said something in a USSD session; without one of ours it is only counted.
    pub(super) fn ussd_said(&mut self, said: &Said) {
        if !matches!(self.chores.ussd, Ussd::Waiting(_)) {
            self.note(Note::Odd("USSD from the network without a question"));
            return;
        }
        let text = said.text.as_deref().unwrap_or_default();
        let query = self.settings.balance.as_ref();
        let amount = query.and_then(|query| query.amount(text));
        self.chores.ussd = Ussd::Ending;
        self.act(Action::Balance(amount));
    }

    /// The modem refused to dial.
    pub(super) fn ussd_refused(&mut self) {
        self.chores.ussd = Ussd::None;
        self.note(Note::FeatureOff("+CUSD"));
    }
}
