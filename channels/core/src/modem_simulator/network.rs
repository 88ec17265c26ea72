//! The simulated network: what it delivers, when it repeats, status reports, calls.

use jiff::{SignedDuration, Timestamp};

use super::{Fault, KEPT_MAX, Later, Mode, Output, Simulator, Submitted};
use crate::Msisdn;
use crate::segment;
use crate::tpdu::{
    Deliver, FromNetwork, Options, Scts, StatusReport, TpAddress, TpStatus, UserData, hex,
};

/// Milliseconds within which a directly delivered message must be acknowledged.
const ACKNOWLEDGE_MS: i64 = 15_000;
/// Quarter hours east of UTC of the simulated network: East Africa.
const ZONE_QUARTERS: i8 = 12;

impl Simulator {
    fn stamp(&self, now: Timestamp) -> Scts {
        let age = if self.has(Fault::OldStamps) {
            SignedDuration::from_hours(self.settings.stamp_age_h)
        } else {
            SignedDuration::ZERO
        };
        let at = now.checked_sub(age).unwrap_or(now);
        Scts::of(at, ZONE_QUARTERS).unwrap_or_default()
    }

    pub(super) fn text(&mut self, now: Timestamp, from: &TpAddress, text: &str) {
        self.part_reference = self.part_reference.wrapping_add(1);
        for part in segment::split(text, self.part_reference).unwrap_or_default() {
            if let Ok(user_data) = UserData::of_segment(part, None) {
                let deliver = Deliver {
                    options: Options::default(),
                    origin: from.clone(),
                    protocol: 0,
                    submitted: self.stamp(now),
                    user_data,
                };
                self.offer(now, deliver.encode());
            }
        }
    }

    /// Brings a TPDU to the modem, or keeps it until the modem can take it.
    pub(super) fn offer(&mut self, now: Timestamp, tpdu: Vec<u8>) {
        if self.kept.len() >= KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(tpdu);
        self.deliver_kept(now);
    }

    pub(super) fn deliver_kept(&mut self, now: Timestamp) {
        let deaf = [Fault::NoNetwork, Fault::NoSim, Fault::Hang];
        while !self.is_gone && !deaf.iter().any(|fault| self.has(*fault)) {
            let Some(tpdu) = self.kept.pop_front() else {
                return;
            };
            if let Some(tpdu) = self.deliver(now, tpdu) {
                self.kept.push_front(tpdu);
                return;
            }
        }
    }

    /// Delivers one TPDU; gives it back when the modem cannot take it now.
    fn deliver(&mut self, now: Timestamp, tpdu: Vec<u8>) -> Option<Vec<u8>> {
        let is_report = matches!(FromNetwork::parse(&tpdu), Ok(FromNetwork::StatusReport(_)));
        let (messages, reports) = self.registers.routes;
        let (route, stored, direct) = if is_report {
            (reports, "+CDSI", "+CDS")
        } else {
            (messages, "+CMTI", "+CMT")
        };
        // For reports 1 is direct and 2 stored, for messages the other way round.
        let is_direct = route == if is_report { 1 } else { 2 };
        if is_direct && self.registers.is(Mode::Acknowledges) && self.direct.is_some() {
            return Some(tpdu);
        }
        let pdu = [&[0][..], &tpdu].concat();
        if is_direct {
            let alpha = if is_report { "" } else { "," };
            let line = format!(
                "\r\n{direct}: {alpha}{}\r\n{}\r\n",
                tpdu.len(),
                hex::encode(&pdu)
            );
            self.say(now, 20, &line);
            if self.registers.is(Mode::Acknowledges) {
                self.direct = Some(tpdu);
                let at = self.in_ms(now, ACKNOWLEDGE_MS);
                self.plan(at, Later::NotAcknowledged);
            }
            return None;
        }
        if is_report && route == 0 {
            // Nobody asked for reports: the modem drops them.
            return None;
        }
        let Some((memory, index)) = self.put(pdu) else {
            return Some(tpdu);
        };
        if route != 0 {
            self.say(now, 20, &format!("\r\n{stored}: \"{memory}\",{index}\r\n"));
        }
        None
    }

    /// No `+CNMA` came: the network keeps the message, and the modem stops delivering directly.
    pub(super) fn not_acknowledged(&mut self, _now: Timestamp) {
        if let Some(tpdu) = self.direct.take() {
            self.kept.push_front(tpdu);
            self.registers.routes = (0, 0);
        }
    }

    pub(super) fn submitted(&mut self, now: Timestamp, submitted: Submitted) {
        let submit = &submitted.submit;
        if submit.options.has(Options::REPORT) && !self.has(Fault::NoReports) {
            let report = StatusReport {
                options: Options::default(),
                reference: submitted.reference,
                recipient: submit.destination.clone(),
                submitted: self.stamp(now),
                discharged: self.stamp(now),
                status: TpStatus::DELIVERED,
                protocol: None,
                user_data: None,
            };
            let at = self.in_ms(now, self.settings.report_ms);
            self.plan(at, Later::Report(report.encode()));
        }
        let digits = submit.destination.as_str();
        if digits.trim_start_matches('+') == self.settings.number.as_str() {
            let deliver = Deliver {
                options: Options::default(),
                origin: submit.destination.clone(),
                protocol: 0,
                submitted: self.stamp(now),
                user_data: submit.user_data.clone(),
            };
            self.offer(now, deliver.encode());
        }
        self.outputs.push(Output::Submitted(submitted));
    }

    pub(super) fn ring(&mut self, now: Timestamp, caller: Option<&Msisdn>) {
        if self.has(Fault::NoNetwork) {
            return;
        }
        let clip = match caller {
            Some(caller) => format!("+CLIP: \"{}\",145,\"\",0,\"\",0", caller.to_e164()),
            None => "+CLIP: \"\",128,,,,1".to_owned(),
        };
        let clip = if self.registers.is(Mode::ShowsCaller) {
            format!("\r\n{clip}\r\n")
        } else {
            String::new()
        };
        self.say(now, 0, &format!("\r\nRING\r\n{clip}"));
    }

    pub(super) fn announce_network(&mut self, now: Timestamp) {
        if self.registers.creg > 0 {
            let state = self.network_state();
            self.say(now, 0, &format!("\r\n+CREG: {state}\r\n"));
        }
    }

    pub(super) fn network_state(&self) -> u8 {
        if self.has(Fault::NoNetwork) { 2 } else { 1 }
    }

    /// What `+CCLK?` tells.
    pub(super) fn clock(&self, now: Timestamp) -> String {
        if self.has(Fault::WrongClock) {
            return "80/01/06,00:00:00+00".to_owned();
        }
        let offset =
            jiff::tz::Offset::from_hours(ZONE_QUARTERS / 4).unwrap_or(jiff::tz::Offset::UTC);
        let local = offset.to_datetime(now);
        format!("{}+{ZONE_QUARTERS:02}", local.strftime("%y/%m/%d,%H:%M:%S"))
    }
}
