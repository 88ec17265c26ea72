//! Stores and the commands of TS 27.005: list, read, delete, send, acknowledge, route.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::reply::Reply;
use super::{Fault, Later, Simulator, Stored, Submitted, Typing};
use crate::modem::answer;
use crate::tpdu::{Submit, hex, split_smsc};

/// Milliseconds that a command takes that touches the SIM.
const SIM_MS: i64 = 60;
/// Milliseconds until the network answers under [`Fault::LateAnswers`].
const LATE_MS: i64 = 60_000;

impl Simulator {
    /// The store that a name means.
    pub(super) fn store_name(&self, name: &str) -> Option<String> {
        match name {
            "ME" if self.has(Fault::NoMeStore) => None,
            "ME" if self.has(Fault::SharedStores) => Some("SM".to_owned()),
            "ME" | "SM" => Some(name.to_owned()),
            _ => None,
        }
    }

    fn selected(&mut self) -> &mut BTreeMap<u32, Stored> {
        let name = self.store_name(&self.registers.memory);
        self.stores.entry(name.unwrap_or_default()).or_default()
    }

    fn room(&self, name: &str) -> (usize, u32) {
        let store = self.store_name(name).unwrap_or_default();
        let used = self.stores.get(&store).map_or(0, BTreeMap::len);
        (used, self.settings.capacity)
    }

    /// Stores a PDU; `None` when the store is full.
    pub(super) fn put(&mut self, pdu: Vec<u8>) -> Option<(String, u32)> {
        let name = self.store_name(&self.registers.received)?;
        let capacity = self.settings.capacity;
        let store = self.stores.entry(name.clone()).or_default();
        let index = (1..=capacity).find(|index| !store.contains_key(index))?;
        let is_read = false;
        store.insert(index, Stored { is_read, pdu });
        Some((self.registers.received.clone(), index))
    }

    pub(super) fn choose_stores(&mut self, text: &str) -> Reply {
        let fields = answer::fields(text);
        let known = fields.iter().all(|name| self.store_name(name).is_some());
        if !known || fields.len() > 3 {
            return Reply::Error;
        }
        let mut names = fields.into_iter();
        self.registers.memory = names.next().unwrap_or_default();
        if let Some(received) = names.nth(1) {
            self.registers.received = received;
        }
        let (used, total) = self.room(&self.registers.memory);
        let (taken, size) = self.room(&self.registers.received);
        Reply::line(format!(
            "+CPMS: {used},{total},{used},{total},{taken},{size}"
        ))
    }

    pub(super) fn tell_stores(&self) -> Reply {
        let memory = &self.registers.memory;
        let received = &self.registers.received;
        let tell = |name: &str| {
            let (used, total) = self.room(name);
            format!("\"{name}\",{used},{total}")
        };
        Reply::line(format!(
            "+CPMS: {},{},{}",
            tell(memory),
            tell(memory),
            tell(received)
        ))
    }

    pub(super) fn known_stores(&self) -> Reply {
        let names = if self.has(Fault::NoMeStore) {
            "(\"SM\")"
        } else {
            "(\"ME\",\"SM\")"
        };
        Reply::line(format!("+CPMS: {names},{names},{names}"))
    }

    pub(super) fn list(&mut self, status: &str) -> Reply {
        let mut lines = Vec::new();
        for (index, stored) in self.selected() {
            let wanted = match status {
                "0" => !stored.is_read,
                "1" => stored.is_read,
                "4" => true,
                _ => return Reply::Error,
            };
            if wanted {
                let head = head(stored);
                lines.push(format!("+CMGL: {index},{head}"));
                lines.push(hex::encode(&stored.pdu));
                stored.is_read = true;
            }
        }
        Reply::Lines(lines)
    }

    pub(super) fn read(&mut self, index: &str) -> Reply {
        let index: Option<u32> = index.parse().ok();
        let Some(stored) = index.and_then(|index| self.selected().get_mut(&index)) else {
            return Reply::Cms(321);
        };
        let head = head(stored);
        stored.is_read = true;
        Reply::Lines(vec![format!("+CMGR: {head}"), hex::encode(&stored.pdu)])
    }

    pub(super) fn delete(&mut self, now: Timestamp, text: &str) -> Reply {
        let fields = answer::fields(text);
        let store = self.selected();
        match (answer::number(&fields, 0), answer::number(&fields, 1)) {
            (Some(index), None | Some(0)) => {
                // Deleting an empty place is no error with most modems.
                store.remove(&index);
            }
            (_, Some(4)) => store.clear(),
            (_, Some(1..=3)) => store.retain(|_, stored| !stored.is_read),
            _ => return Reply::Cms(304),
        }
        self.deliver_kept(now);
        Reply::Ok
    }

    pub(super) fn route(&mut self, text: &str) -> Reply {
        let fields = answer::fields(text);
        let messages = answer::number(&fields, 1).unwrap_or(0);
        let reports = answer::number(&fields, 3).unwrap_or(0);
        if reports == 2 && self.has(Fault::DirectReports)
            || messages == 1 && self.has(Fault::DirectMessages)
            || messages > 2
            || reports > 2
        {
            return Reply::Cms(303);
        }
        self.registers.routes = (messages, reports);
        Reply::Ok
    }

    pub(super) fn begin_message(&mut self, now: Timestamp, length: &str) -> Reply {
        let Ok(length) = length.parse() else {
            return Reply::Cms(304);
        };
        if self.has(Fault::NoPrompt) {
            return Reply::Nothing;
        }
        self.typing = Typing::Pdu(length);
        self.say(now, SIM_MS, "\r\n> ");
        Reply::Nothing
    }

    pub(super) fn pdu_typed(&mut self, now: Timestamp, length: usize, typed: &str) {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let octets = hex::decode(&digits).unwrap_or_default();
        let submit = match split_smsc(&octets) {
            Ok((_, tpdu)) if tpdu.len() == length => Submit::parse(tpdu).ok(),
            _ => None,
        };
        let Some(submit) = submit else {
            self.say(now, SIM_MS, "\r\n+CMS ERROR: 304\r\n");
            return;
        };
        if self.has(Fault::NoNetwork) {
            self.say(now, SIM_MS, "\r\n+CMS ERROR: 331\r\n");
            return;
        }
        if self.has(Fault::Refusing) {
            let error = format!("\r\n+CMS ERROR: {}\r\n", self.settings.error);
            self.say(now, self.settings.submit_ms, &error);
            return;
        }
        let told = if self.has(Fault::ReferenceZero) {
            0
        } else {
            self.reference
        };
        let submitted = Submitted {
            submit,
            reference: told,
        };
        self.reference = self.reference.wrapping_add(1);
        let at = self.in_ms(now, self.settings.submit_ms);
        self.plan(at, Later::Submit(Box::new(submitted)));
        let wait = if self.has(Fault::LateAnswers) {
            LATE_MS
        } else {
            self.settings.submit_ms
        };
        if !self.has(Fault::LostAnswers) {
            self.say(now, wait, &format!("\r\n+CMGS: {told}\r\n\r\nOK\r\n"));
        }
    }

    pub(super) fn acknowledge(&mut self, now: Timestamp) -> Reply {
        if self.direct.take().is_none() {
            return Reply::Cms(340);
        }
        self.later
            .retain(|_, later| !matches!(later, Later::NotAcknowledged));
        self.deliver_kept(now);
        Reply::Ok
    }
}

/// `stat,[alpha],length` of a stored message.
fn head(stored: &Stored) -> String {
    let smsc = stored.pdu.first().map_or(0, |length| usize::from(*length));
    let length = stored.pdu.len().saturating_sub(smsc).saturating_sub(1);
    format!("{},,{length}", u8::from(stored.is_read))
}
