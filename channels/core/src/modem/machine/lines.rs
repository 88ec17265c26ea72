//! What a line means: the running command's, the network's, or noise.

use core::cmp::Ordering;

use jiff::Timestamp;

use super::super::answer::{self, Final, final_result};
use super::super::call;
use super::super::command::{ANSWER_LINES_MAX, Job, NETWORK_S_MAX, SUBSTITUTE, Stage};
use super::super::ladder::after;
use super::super::store::Slot;
use super::super::ussd::Said;
use super::super::{Action, Alarm, Note, State};
use super::Modem;
use crate::tpdu::hex;

/// Longest PDU with its SMSC prefix in octets; a line that promises more is broken.
const PDU_OCTETS_MAX: usize = 200;
/// Longest text of a USSD answer in octets, over all its lines; the rest is cut off.
const USSD_OCTETS_MAX: usize = 1_024;

/// Where a PDU that is coming belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// In a list.
    Slot(u32),
    /// It was delivered directly.
    Direct,
}

/// What the next lines complete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Collecting {
    Nothing,
    /// A PDU: its octets may come in pieces with other lines between.
    Pdu(Pdu),
    /// A USSD text that goes on until its quotation mark.
    Ussd(String),
    /// A piece of a line that another line has cut.
    Piece(String),
}

/// A PDU that is coming.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Pdu {
    place: Place,
    /// Octets of the TPDU, without SMSC prefix.
    tpdu: usize,
    octets: Vec<u8>,
    /// A digit whose other half has not come.
    digits: String,
}

impl Modem {
    pub(super) fn prompted(&mut self, now: Timestamp) {
        let Some(running) = &mut self.running else {
            return;
        };
        let (Job::Send, Stage::Prompt, Some(part)) = (&running.job, running.stage, &self.part)
        else {
            return;
        };
        running.stage = Stage::Handed;
        running.deadline = after(now, NETWORK_S_MAX);
        let mut pdu = format!("00{}", hex::encode(&part.tpdu)).into_bytes();
        pdu.push(SUBSTITUTE);
        self.pace.mark(now);
        self.act(Action::Write(pdu));
    }

    pub(super) fn line(&mut self, now: Timestamp, line: String) {
        match core::mem::replace(&mut self.collecting, Collecting::Nothing) {
            Collecting::Pdu(pdu) => {
                if let Some(digits) = digits(&line) {
                    self.piece_of_pdu(now, pdu, digits);
                    return;
                }
                self.collecting = Collecting::Pdu(pdu);
                self.meant(now, &line);
            }
            Collecting::Ussd(text) if final_result(&line).is_none() => self.more_ussd(text, &line),
            Collecting::Piece(piece) => {
                if !self.meant(now, &line) && !is_noise(&line) {
                    let joined = format!("{piece}{line}");
                    if !self.meant(now, &joined) {
                        self.keep_piece(line);
                    }
                } else if matches!(self.collecting, Collecting::Nothing) && self.running.is_some() {
                    self.collecting = Collecting::Piece(piece);
                }
            }
            Collecting::Nothing | Collecting::Ussd(_) => {
                if !self.meant(now, &line) {
                    self.keep_piece(line);
                }
            }
        }
    }

    /// Keeps what may be the beginning of a line that was cut by another one.
    fn keep_piece(&mut self, line: String) {
        if self.running.is_some() && !is_noise(&line) && !is_echo(&line) {
            self.collecting = Collecting::Piece(line);
        }
    }

    /// Takes a whole line; false when it means nothing here.
    fn meant(&mut self, now: Timestamp, line: &str) -> bool {
        if let Some(end) = final_result(line) {
            return self.ended(now, end);
        }
        let shape_unknown = self.state == State::Probing || self.progress.step < 2;
        if shape_unknown && self.running.is_some() && matches!(line, "0" | "4") {
            // Results as numbers, until `ATV1` is accepted.
            return self.ended(now, if line == "0" { Final::Ok } else { Final::Error });
        }
        if self.wanted(line) {
            return true;
        }
        self.unsolicited(now, line)
    }

    fn ended(&mut self, now: Timestamp, end: Final) -> bool {
        let Some(running) = self.running.take() else {
            return true;
        };
        if running.stage == Stage::Prompt && end == Final::Ok {
            // The answer to something older: the prompt has not come.
            self.running = Some(running);
            return true;
        }
        if running.job == Job::List
            && matches!(&self.collecting, Collecting::Pdu(pdu) if pdu.place != Place::Direct)
        {
            self.collecting = Collecting::Nothing;
            self.note(Note::BrokenPdu);
            self.chores.list_again(now);
        }
        self.finished(now, running, end);
        true
    }

    /// Lines that the running command asked for.
    fn wanted(&mut self, line: &str) -> bool {
        let Some(running) = &mut self.running else {
            return false;
        };
        if running.job == Job::List
            && let Some(rest) = answer::after(line, "+CMGL")
        {
            let fields = answer::fields(rest);
            let last = fields.len().saturating_sub(1);
            let (index, octets) = (answer::number(&fields, 0), answer::number(&fields, last));
            if let (Some(index), Some(octets)) = (index, octets) {
                self.expect_pdu(Place::Slot(index), octets);
            } else {
                // Another line may have cut it.
                self.collecting = Collecting::Piece(line.to_owned());
            }
            return true;
        }
        let named = running
            .job
            .wanted()
            .and_then(|name| answer::after(line, name))
            .map(str::to_owned);
        let identity = matches!(running.job, Job::SetUp(_))
            && running.job.wanted().is_none()
            && line.chars().all(|c| c.is_ascii_digit());
        let Some(kept) = named.or_else(|| identity.then(|| line.to_owned())) else {
            return false;
        };
        if running.answer.len() < ANSWER_LINES_MAX {
            running.answer.push(kept);
        }
        true
    }

    fn unsolicited(&mut self, now: Timestamp, line: &str) -> bool {
        if line == "RDY" {
            self.restarted(now);
            return true;
        }
        if line.starts_with("UNDER-VOLTAGE") {
            self.alarm(Alarm::UnderVoltage);
            return true;
        }
        if line == "NORMAL POWER DOWN" {
            self.lost(now);
            self.act(Action::Close);
            return true;
        }
        if line == "RING" || line == "NO CARRIER" || is_echo(line) {
            return true;
        }
        let Some((name, rest)) = line.split_once(':') else {
            return false;
        };
        let rest = rest.trim_start();
        let fields = answer::fields(rest);
        match name {
            "+CMTI" | "+CDSI" => self.stored(&fields),
            "+CMT" | "+CDS" => {
                let last = fields.len().saturating_sub(1);
                let octets = answer::number(&fields, last).unwrap_or(0);
                self.expect_pdu(Place::Direct, octets);
            }
            "+CLIP" => self.rang(now, &fields),
            "+CUSD" => self.ussd_line(rest),
            "+CREG" => self.registration_told(now, &fields, false),
            "+CPIN" => self.sim.said = Some(rest.to_owned()),
            "+CCLK" => self.told_time(rest),
            _ => return false,
        }
        true
    }

    fn stored(&mut self, fields: &[String]) {
        if let Some(memory) = fields.first().filter(|memory| is_memory(memory)) {
            self.chores.list(memory);
        }
    }

    fn rang(&mut self, now: Timestamp, fields: &[String]) {
        let caller = call::caller(fields, self.settings.country_code.as_deref());
        self.chores.hang_up();
        if let Some(caller) = self.callers.rang(caller, now) {
            self.act(Action::Called(caller));
        }
    }

    fn expect_pdu(&mut self, place: Place, octets: u32) {
        let tpdu = usize::try_from(octets).unwrap_or(usize::MAX);
        if tpdu == 0 || tpdu > PDU_OCTETS_MAX {
            self.note(Note::BrokenPdu);
            return;
        }
        if let Collecting::Pdu(_) = self.collecting {
            self.note(Note::BrokenPdu);
        }
        self.collecting = Collecting::Pdu(Pdu {
            place,
            tpdu,
            octets: Vec::new(),
            digits: String::new(),
        });
    }

    fn piece_of_pdu(&mut self, now: Timestamp, mut pdu: Pdu, digits: &str) {
        pdu.digits.push_str(digits);
        let whole = pdu.digits.len() & !1;
        let rest = pdu.digits.split_off(whole.min(pdu.digits.len()));
        let Ok(octets) = hex::decode(&pdu.digits) else {
            self.note(Note::BrokenPdu);
            return;
        };
        pdu.octets.extend(octets);
        pdu.digits = rest;
        let smsc = pdu.octets.first().map_or(0, |length| usize::from(*length));
        let length = pdu.tpdu.saturating_add(smsc).saturating_add(1);
        match pdu.octets.len().cmp(&length) {
            Ordering::Less => self.collecting = Collecting::Pdu(pdu),
            Ordering::Equal => self.pdu_came(now, pdu.place, pdu.octets),
            Ordering::Greater => {
                self.note(Note::BrokenPdu);
                self.chores.list_again(now);
            }
        }
    }

    fn pdu_came(&mut self, now: Timestamp, place: Place, pdu: Vec<u8>) {
        let ticket = self.ticket();
        match place {
            Place::Slot(index) => {
                let memory = self.service.selected.clone();
                if !self.store.listed(Slot { memory, index }, &pdu, ticket) {
                    return;
                }
            }
            Place::Direct => {
                if self.direct.is_some() {
                    // The network sends the second one again when nobody acknowledges it.
                    self.note(Note::Odd(
                        "a second message before the first was acknowledged",
                    ));
                    return;
                }
                self.direct = Some(ticket);
                self.chores.direct_came(now);
            }
        }
        self.act(Action::Arrived { ticket, pdu });
    }

    fn ussd_line(&mut self, rest: &str) {
        let open = rest.chars().filter(|c| *c == '"').count() == 1;
        if open {
            self.collecting = Collecting::Ussd(rest.to_owned());
            return;
        }
        let fields = answer::fields(rest);
        let mode = answer::number(&fields, 0).and_then(|mode| u8::try_from(mode).ok());
        let dcs = answer::number(&fields, 2).and_then(|dcs| u8::try_from(dcs).ok());
        let text = fields.get(1).filter(|text| !text.is_empty());
        let text = text.map(|text| super::super::ussd::decode(text, dcs.unwrap_or(15)));
        self.ussd_said(&Said {
            mode: mode.unwrap_or(2),
            text,
        });
    }

    fn more_ussd(&mut self, mut text: String, line: &str) {
        text.push('\n');
        text.push_str(line);
        if line.contains('"') || text.len() > USSD_OCTETS_MAX {
            if !line.contains('"') {
                text.push('"');
            }
            self.ussd_line(&text);
        } else {
            self.collecting = Collecting::Ussd(text);
        }
    }
}

/// A line of nothing but hexadecimal digits, which belongs to the PDU that is coming.
fn digits(line: &str) -> Option<&str> {
    line.chars().all(|c| c.is_ascii_hexdigit()).then_some(line)
}

/// Lines that modems send by themselves and that nobody needs.
fn is_noise(line: &str) -> bool {
    line.starts_with(['^', '*', '$', '#']) || answer::name(line).is_some()
}

/// The echo of a command.
fn is_echo(line: &str) -> bool {
    line.get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("AT"))
}

/// `ME`, `SM`, `MT`, `SR`, `BM`: two capital letters.
fn is_memory(memory: &str) -> bool {
    memory.len() == 2 && memory.chars().all(|c| c.is_ascii_uppercase())
}
