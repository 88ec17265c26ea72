//! The simulated port: what the client types, what it sees, and how the modem goes and comes.

use jiff::Timestamp;

use super::{Fault, INPUT_OCTETS_MAX, Later, Mode, Output, Registers, Simulator, Typing};
use crate::modem::ladder::Step;

/// Milliseconds that a restart takes.
const RESTART_MS: i64 = 8_000;
/// Milliseconds between two lines of a flood.
const FLOOD_MS: i64 = 50;
/// How far the place of a cut moves from one text to the next, so that every place is cut.
const CUT_STEP: usize = 5;
/// The noise.
const NOISE: &str = "\r\n^RSSI: 20\r\n";

impl Simulator {
    pub(super) fn received(&mut self, now: Timestamp, octets: &[u8]) {
        if self.is_gone {
            return;
        }
        if self.has(Fault::Hang) {
            let restarts = String::from_utf8_lossy(octets).contains("+CFUN=1,1");
            if restarts && self.settings.cure <= Step::Restart {
                self.faults.remove(&Fault::Hang);
                self.restart(now, true);
            }
            return;
        }
        for &octet in octets {
            self.typed(now, octet);
        }
    }

    fn typed(&mut self, now: Timestamp, octet: u8) {
        let echoes = self.registers.is(Mode::Echo) && octet != 0x1B;
        match (&self.typing, octet) {
            (Typing::Command, b'\r') => {
                let line = core::mem::take(&mut self.typed);
                if echoes {
                    self.echo(&[&line[..], b"\r"].concat());
                }
                self.command_line(now, &String::from_utf8_lossy(&line));
            }
            (Typing::Command, b'\n' | 0x1A) => {}
            (Typing::Command, 0x1B) => self.typed.clear(),
            (Typing::Pdu(length), 0x1A) => {
                let length = *length;
                self.typing = Typing::Command;
                let typed = core::mem::take(&mut self.typed);
                if echoes {
                    self.echo(&[&typed[..], b"\r\n"].concat());
                }
                self.pdu_typed(now, length, &String::from_utf8_lossy(&typed));
            }
            (Typing::Pdu(_), 0x1B) => {
                self.typing = Typing::Command;
                self.typed.clear();
                self.say(now, 5, "\r\nOK\r\n");
            }
            _ if self.typed.len() < INPUT_OCTETS_MAX => self.typed.push(octet),
            _ => {}
        }
    }

    fn echo(&mut self, octets: &[u8]) {
        self.outputs.push(Output::Write(octets.to_vec()));
    }

    /// Says something after so many milliseconds of the modem's time.
    pub(super) fn say(&mut self, now: Timestamp, milliseconds: i64, text: &str) {
        let at = self.in_ms(now, milliseconds);
        self.plan(at, Later::Write(text.to_owned()));
    }

    pub(super) fn write(&mut self, text: &str) {
        if self.is_gone || self.has(Fault::Hang) {
            return;
        }
        let octets = if self.has(Fault::CutLines) {
            self.cuts = self.cuts.wrapping_add(CUT_STEP);
            let at = self.cuts.checked_rem(text.len()).unwrap_or(0);
            let (before, after) = text.as_bytes().split_at_checked(at).unwrap_or_default();
            [before, NOISE.as_bytes(), after].concat()
        } else {
            text.as_bytes().to_vec()
        };
        self.outputs.push(Output::Write(octets));
    }

    pub(super) fn flood(&mut self, now: Timestamp) {
        if !self.has(Fault::Flood) {
            return;
        }
        self.write(NOISE);
        let at = self.in_ms(now, FLOOD_MS);
        self.plan(at, Later::Flood);
    }

    pub(super) fn opened(&mut self, now: Timestamp) {
        self.typing = Typing::Command;
        self.typed.clear();
        if self.settings.cure == Step::Reopen && self.faults.remove(&Fault::Hang) {
            self.restart(now, false);
        }
    }

    pub(super) fn hardware(&mut self, now: Timestamp, step: Step) {
        if step >= self.settings.cure {
            self.faults.remove(&Fault::Hang);
        }
        if !self.has(Fault::Unplugged) {
            self.restart(now, true);
        }
    }

    pub(super) fn switch(&mut self, now: Timestamp, fault: Fault, on: bool) {
        if on {
            self.faults.insert(fault);
        } else {
            self.faults.remove(&fault);
        }
        match (fault, on) {
            (Fault::Flood, true) => self.plan(now, Later::Flood),
            (Fault::Unplugged, true) => self.vanish(),
            (Fault::Unplugged, false) => self.plan(now, Later::Back),
            (Fault::NoNetwork, _) => {
                self.announce_network(now);
                self.deliver_kept(now);
            }
            _ => {}
        }
    }

    fn vanish(&mut self) {
        if !self.is_gone {
            self.outputs.push(Output::Gone);
        }
        self.is_gone = true;
        self.forget(false);
    }

    /// Everything that a modem forgets without power; messages stay in their stores.
    fn forget(&mut self, keeps_unlocked: bool) {
        let unlocked = keeps_unlocked && self.registers.is(Mode::Unlocked);
        self.registers = Registers::at_start(unlocked);
        self.typing = Typing::Command;
        self.typed.clear();
        self.late_sim = None;
        if let Some(direct) = self.direct.take() {
            self.kept.push_front(direct);
        }
        // Reports and messages are the network's and go on; answers are lost.
        self.later
            .retain(|_, later| matches!(later, Later::Report(_) | Later::Submit(_) | Later::Flood));
    }

    pub(super) fn restart(&mut self, now: Timestamp, port_vanishes: bool) {
        if port_vanishes {
            self.vanish();
            let at = self.in_ms(now, RESTART_MS);
            self.plan(at, Later::Back);
        } else {
            self.forget(false);
        }
    }

    pub(super) fn back(&mut self, now: Timestamp) {
        if self.has(Fault::Unplugged) || !self.is_gone {
            return;
        }
        self.is_gone = false;
        self.outputs.push(Output::Back);
        self.say(now, 500, "\r\nRDY\r\n\r\n+CFUN: 1\r\n");
        self.deliver_kept(now);
    }
}
