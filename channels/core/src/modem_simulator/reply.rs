//! What each command is answered with.

use jiff::Timestamp;

use super::parse::{Command, Rest, commands};
use super::{Fault, Mode, Simulator};
use crate::gsm7::{self, packing};
use crate::modem::answer;
use crate::tpdu::hex;

/// Milliseconds that a local command takes.
const LOCAL_MS: i64 = 10;
/// Milliseconds that the network takes for USSD.
const USSD_MS: i64 = 2_000;

/// The answer to one command.
pub(super) enum Reply {
    Ok,
    Lines(Vec<String>),
    Error,
    Cme(u16),
    Cms(u16),
    /// Something else answers: a prompt, or nothing at all.
    Nothing,
}

impl Reply {
    pub(super) fn line(line: impl Into<String>) -> Self {
        Self::Lines(vec![line.into()])
    }
}

impl Simulator {
    pub(super) fn command_line(&mut self, now: Timestamp, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        let Some(commands) = commands(line) else {
            self.end(now, &[], "ERROR", 4);
            return;
        };
        let mut lines = Vec::new();
        for command in commands {
            let reply = match &command {
                Command::Basic(letter, number) => self.basic(*letter, *number),
                Command::Extended(name, rest) => self.extended(now, name, *rest),
            };
            let error = match reply {
                Reply::Ok => continue,
                Reply::Lines(more) => {
                    lines.extend(more);
                    continue;
                }
                Reply::Nothing => return,
                Reply::Cme(code) if self.registers.is(Mode::NumericErrors) => {
                    format!("+CME ERROR: {code}")
                }
                Reply::Cms(code) => format!("+CMS ERROR: {code}"),
                Reply::Cme(_) | Reply::Error => "ERROR".to_owned(),
            };
            self.end(now, &lines, &error, 4);
            return;
        }
        self.end(now, &lines, "OK", 0);
    }

    fn end(&mut self, now: Timestamp, lines: &[String], end: &str, number: u8) {
        let mut text = String::new();
        for line in lines {
            text.extend(["\r\n", line.as_str(), "\r\n"]);
        }
        if self.registers.is(Mode::Words) {
            text.push_str("\r\n");
            text.push_str(end);
            text.push_str("\r\n");
        } else {
            text.push_str(&number.to_string());
            text.push('\r');
        }
        self.say(now, LOCAL_MS, &text);
        if let Some(late) = self.late_sim.take() {
            if lines.is_empty() && self.registers.is(Mode::Words) && end == "OK" && late.is_empty()
            {
                self.late_sim = Some("\r\n+CPIN: READY\r\n".to_owned());
            } else if !late.is_empty() {
                self.say(now, LOCAL_MS, &late);
            }
        }
    }

    fn basic(&mut self, letter: char, number: u32) -> Reply {
        match letter {
            'E' => {
                self.registers
                    .set(Mode::Echo, number == 1 || self.has(Fault::EchoStays));
                Reply::Ok
            }
            'V' => {
                self.registers.set(Mode::Words, number == 1);
                Reply::Ok
            }
            'I' => Reply::Lines(vec!["Outpost".to_owned(), "Simulator".to_owned()]),
            'Z' | 'F' | 'H' | 'Q' | 'X' | 'S' | 'L' | 'M' => Reply::Ok,
            _ => Reply::Error,
        }
    }

    fn extended(&mut self, now: Timestamp, name: &str, rest: Rest<'_>) -> Reply {
        if let Some(reply) = self.identity(name, rest) {
            return reply;
        }
        if name == "+CPIN" {
            return self.sim(rest);
        }
        match self.sim_error() {
            Some(code) if needs_sim(name) => return Reply::Cme(code),
            _ => {}
        }
        self.message_command(now, name, rest)
            .or_else(|| self.network_command(now, name, rest))
            .unwrap_or_else(|| self.set_command(now, name, rest))
    }

    /// Who the modem is, and what it can do at all.
    fn identity(&self, name: &str, rest: Rest<'_>) -> Option<Reply> {
        let text = match (name, rest) {
            ("+CGMI" | "+GMI", Rest::Nothing) => "Outpost".to_owned(),
            ("+CGMM" | "+GMM", Rest::Nothing) => "Simulator".to_owned(),
            ("+CGMR" | "+GMR", Rest::Nothing) => "1".to_owned(),
            ("+CGSN" | "+GSN", Rest::Nothing) => "490154203237518".to_owned(),
            ("+GCAP", Rest::Nothing) => "+GCAP: +CGSM".to_owned(),
            ("+CIMI", Rest::Nothing) if self.sim_error().is_none() => self.settings.imsi.clone(),
            ("+CNUM", Rest::Nothing) if self.sim_error().is_none() => {
                format!("+CNUM: \"\",\"{}\",145", self.settings.number.to_e164())
            }
            _ => return None,
        };
        Some(Reply::line(text))
    }

    /// The error of everything that needs the SIM (TS 27.007 §9.2).
    fn sim_error(&self) -> Option<u16> {
        if self.has(Fault::NoSim) {
            Some(10)
        } else if self.has(Fault::PukWanted) {
            Some(12)
        } else if self.has(Fault::SimBusy) {
            Some(14)
        } else if self.has(Fault::PinWanted) && !self.registers.is(Mode::Unlocked) {
            Some(11)
        } else {
            None
        }
    }

    fn sim(&mut self, rest: Rest<'_>) -> Reply {
        let error = self.sim_error();
        match (rest, error) {
            (Rest::Test, _) => Reply::Ok,
            (Rest::Read, None) if self.has(Fault::LateSim) => {
                // An empty text asks for the line after the next command's answer.
                self.late_sim.get_or_insert_default();
                Reply::Ok
            }
            (Rest::Read, None) => Reply::line("+CPIN: READY"),
            (Rest::Read, Some(11)) => Reply::line("+CPIN: SIM PIN"),
            (Rest::Read, Some(12)) => Reply::line("+CPIN: SIM PUK"),
            (Rest::Set(pin), Some(11)) => {
                if pin.trim_matches('"') == self.settings.pin {
                    self.registers.set(Mode::Unlocked, true);
                    Reply::Ok
                } else {
                    Reply::Cme(16)
                }
            }
            (_, Some(code)) => Reply::Cme(code),
            _ => Reply::Error,
        }
    }

    fn message_command(&mut self, now: Timestamp, name: &str, rest: Rest<'_>) -> Option<Reply> {
        Some(match (name, rest) {
            ("+CMGF", Rest::Set("0")) | ("+CMMS", _) => Reply::Ok,
            ("+CMGF", Rest::Read) => Reply::line("+CMGF: 0"),
            ("+CMGF", Rest::Test) => Reply::line("+CMGF: (0)"),
            ("+CSMS", Rest::Set("1")) if self.has(Fault::NoAcknowledgement) => Reply::Cms(302),
            ("+CSMS", Rest::Set(service)) => {
                self.registers.set(Mode::Acknowledges, service == "1");
                Reply::line("+CSMS: 1,1,1")
            }
            ("+CSMS", Rest::Read) => {
                let service = u8::from(self.registers.is(Mode::Acknowledges));
                Reply::line(format!("+CSMS: {service},1,1,1"))
            }
            ("+CPMS", Rest::Set(text)) => self.choose_stores(text),
            ("+CPMS", Rest::Read) => self.tell_stores(),
            ("+CPMS", Rest::Test) => self.known_stores(),
            ("+CNMI", Rest::Set(text)) => {
                let reply = self.route(text);
                self.deliver_kept(now);
                reply
            }
            ("+CNMI", Rest::Read) => {
                let (messages, reports) = self.registers.routes;
                Reply::line(format!("+CNMI: 2,{messages},0,{reports},0"))
            }
            ("+CNMI", Rest::Test) => Reply::line("+CNMI: (0-2),(0-2),(0),(0-2),(0)"),
            ("+CMGL", Rest::Set(status)) => self.list(status),
            ("+CMGR", Rest::Set(index)) => self.read(index),
            ("+CMGD", Rest::Set(text)) => self.delete(now, text),
            ("+CMGD", Rest::Test) => {
                Reply::line(format!("+CMGD: (1-{}),(0-4)", self.settings.capacity))
            }
            ("+CMGS", Rest::Set(length)) => self.begin_message(now, length),
            ("+CNMA", Rest::Nothing | Rest::Set(_)) => self.acknowledge(now),
            ("+CSCA", Rest::Read) => Reply::line("+CSCA: \"+256772000999\",145"),
            _ => return None,
        })
    }

    fn network_command(&mut self, now: Timestamp, name: &str, rest: Rest<'_>) -> Option<Reply> {
        Some(match (name, rest) {
            ("+CREG", Rest::Set(mode)) => {
                self.registers.creg = mode.parse().unwrap_or(0);
                Reply::Ok
            }
            ("+CREG" | "+CGREG", Rest::Read) => {
                let (mode, state) = (self.registers.creg, self.network_state());
                let place = if mode == 2 {
                    ",\"00A1\",\"1F2B\",0"
                } else {
                    ""
                };
                Reply::line(format!("{name}: {mode},{state}{place}"))
            }
            ("+CSQ", Rest::Nothing) if self.has(Fault::NoNetwork) => Reply::line("+CSQ: 99,99"),
            ("+CSQ", Rest::Nothing) => Reply::line("+CSQ: 18,99"),
            ("+COPS", Rest::Read) if self.has(Fault::NoNetwork) => Reply::line("+COPS: 0"),
            ("+COPS", Rest::Read) => Reply::line("+COPS: 0,0,\"Outpost\",0"),
            ("+CCLK", Rest::Read) => Reply::line(format!("+CCLK: \"{}\"", self.clock(now))),
            ("+CUSD", Rest::Set(text)) => self.ussd(now, text),
            ("+CFUN", Rest::Set("1,1")) => {
                self.restart(now, true);
                Reply::Nothing
            }
            _ => return None,
        })
    }

    fn ussd(&mut self, now: Timestamp, text: &str) -> Reply {
        let fields = answer::fields(text);
        let Some(code) = fields.get(1).filter(|code| !code.is_empty()) else {
            return Reply::Ok;
        };
        let in_ucs2 = self.registers.cscs == "UCS2";
        let code = self.dialled(code);
        let shown = if code.starts_with("*131#") {
            self.settings.balance.clone()
        } else {
            format!("You dialled {code}")
        };
        let line = if in_ucs2 || self.has(Fault::UssdInUcs2) {
            let octets: Vec<u8> = shown.encode_utf16().flat_map(u16::to_be_bytes).collect();
            format!("\r\n+CUSD: 0,\"{}\",72\r\n", hex::encode(&octets))
        } else {
            format!("\r\n+CUSD: 0,\"{shown}\",15\r\n")
        };
        self.say(now, USSD_MS, &line);
        Reply::Ok
    }

    /// The code that was dialled: as text, as packed hex, or in the character set `UCS2`.
    fn dialled(&self, code: &str) -> String {
        let Ok(octets) = hex::decode(code) else {
            return code.to_owned();
        };
        if self.registers.cscs == "UCS2" {
            let pairs = octets.chunks_exact(2);
            let units = pairs.filter_map(|pair| <[u8; 2]>::try_from(pair).ok());
            let units: Vec<u16> = units.map(u16::from_be_bytes).collect();
            return String::from_utf16_lossy(&units);
        }
        let packed = gsm7::decode(&packing::unpack_ussd(&octets));
        if packed.starts_with(['*', '#']) {
            packed
        } else {
            code.to_owned()
        }
    }

    /// Settings that are kept or simply taken; everything else is unknown.
    fn set_command(&mut self, _now: Timestamp, name: &str, rest: Rest<'_>) -> Reply {
        match (name, rest) {
            ("+CMEE", Rest::Set(mode)) => {
                self.registers.set(Mode::NumericErrors, mode != "0");
                Reply::Ok
            }
            ("+CLIP", Rest::Set(mode)) => {
                self.registers.set(Mode::ShowsCaller, mode == "1");
                Reply::Ok
            }
            ("+CSCS", Rest::Set(set)) => {
                set.trim_matches('"').clone_into(&mut self.registers.cscs);
                Reply::Ok
            }
            ("+CSCS", Rest::Read) => Reply::line(format!("+CSCS: \"{}\"", self.registers.cscs)),
            ("+CSCS", Rest::Test) => Reply::line("+CSCS: (\"GSM\",\"HEX\",\"UCS2\")"),
            ("+CFUN", Rest::Read) => Reply::line("+CFUN: 1"),
            ("+WS46", Rest::Test) => Reply::line("+WS46: (12,22)"),
            ("+CGDCONT", Rest::Test) => Reply::line("+CGDCONT: (1-4),\"IP\",,,(0),(0)"),
            ("+CFUN" | "+CTZU" | "+CTZR" | "+COPS" | "+CSDH" | "+CRC" | "+CR", Rest::Set(_))
            | ("+CHUP", Rest::Nothing) => Reply::Ok,
            _ => Reply::Error,
        }
    }
}

/// Commands that a modem refuses while the SIM is not ready.
fn needs_sim(name: &str) -> bool {
    matches!(
        name,
        "+CIMI" | "+CPMS" | "+CMGL" | "+CMGR" | "+CMGD" | "+CMGS" | "+CSMS" | "+CNMI" | "+CSCA"
    )
}
