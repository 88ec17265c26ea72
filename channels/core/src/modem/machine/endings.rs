//! What follows when a command has ended, and the order of the bring-up.

use jiff::Timestamp;

use super::super::answer::{self, Final};
use super::super::cms::{self, Class};
use super::super::command::{Job, Running, Stage};
use super::super::setup::{Kind, Progress, STEPS, STORING_ROUTES};
use super::super::{Action, Alarm, Note, Outcome, State};
use super::{Modem, PROBE_PAUSE_MS};

/// Pause before a step that failed for a passing reason is tried again, in milliseconds.
const RETRY_MS: i64 = 1_000;
/// Pause while the SIM is busy, in milliseconds.
const SIM_BUSY_MS: i64 = 30_000;
/// Pause between two looks at a SIM that needs a person, in milliseconds.
const LOCKED_MS: i64 = 60_000;
/// Percent of the store from which it is read at once and incomplete texts must leave.
const CROWDED_PERCENT: u32 = 80;

impl Modem {
    pub(super) fn finished(&mut self, now: Timestamp, running: Running, end: Final) {
        let Running {
            job, stage, answer, ..
        } = running;
        let first = answer.first().map(String::as_str);
        match job {
            Job::Probe => self.probed(now, end),
            Job::SetUp(step) => self.set_up(now, step, first, end),
            Job::Pin => self.pin_answered(now, end),
            Job::Send => self.part_ended(stage, first, end),
            Job::Signal => self.signal_told(first),
            Job::Registration => self.creg_answered(now, first),
            Job::Clock => self.told_time(first.unwrap_or_default()),
            Job::Room => self.room_told(now, first),
            Job::Memory(memory) => {
                if end != Final::Ok {
                    self.chores.cannot_list(&memory);
                    self.store.forget(&memory);
                }
                self.service.selected = memory;
            }
            Job::List => {
                if end == Final::Ok {
                    let memory = self.service.selected.clone();
                    self.store.end(&memory);
                }
            }
            Job::Ussd if end != Final::Ok => self.ussd_refused(),
            Job::Delete { .. } if end != Final::Ok => self.chores.list_again(now),
            Job::Delete { .. }
            | Job::Ussd
            | Job::Acknowledge
            | Job::Route
            | Job::UssdEnd
            | Job::Operator
            | Job::HangUp => {}
        }
    }

    fn probed(&mut self, now: Timestamp, end: Final) {
        let was = self.state;
        if end != Final::Ok {
            // Still in the prompt, or not awake.
            self.pause(now, PROBE_PAUSE_MS);
            return;
        }
        self.probes = 0;
        if was == State::Repeating {
            self.recovered();
            // Late answers to what was asked before run out here.
            self.pause(now, super::SETTLE_MS);
        }
        if was == State::Probing || !self.skips_a_step() {
            self.progress = Progress::default();
        }
        self.state = State::SettingUp;
    }

    /// A bring-up that was stopped by an optional command goes on after it.
    fn skips_a_step(&mut self) -> bool {
        let at = self.progress.step;
        let optional = STEPS.get(at).is_some_and(|step| !step.is_needed);
        if optional && at > 0 {
            self.progress.next();
        }
        optional && at > 0
    }

    pub(super) fn next_set_up(&mut self, now: Timestamp) -> bool {
        if self.sim.is_trying {
            return false;
        }
        match self.progress.command() {
            Some(command) => {
                let command = format!("AT{command}");
                self.start(now, Job::SetUp(self.progress.step), &command);
                true
            }
            None => self.ready(now),
        }
    }

    fn ready(&mut self, now: Timestamp) -> bool {
        self.state = State::Ready;
        self.owes_turn = true;
        let memory = self.service.memory.clone();
        self.chores
            .begin(now, &memory, self.settings.balance.is_some());
        self.note(Note::Ready);
        true
    }

    fn set_up(&mut self, now: Timestamp, step: usize, answer: Option<&str>, end: Final) {
        let Some(found) = STEPS.get(step) else { return };
        if found.kind == Kind::Sim {
            self.sim_told(now, answer, end);
            return;
        }
        if end != Final::Ok {
            self.set_up_refused(now, found.is_needed, end);
            return;
        }
        match found.kind {
            Kind::Plain | Kind::Sim => {}
            Kind::Identity => self.sim_named(answer),
            Kind::Registration => self.creg_answered(now, answer),
            Kind::Signal => self.signal_told(answer),
            Kind::Service => self.service.acknowledges = true,
            Kind::Memory => {
                let memory = if self.progress.choice == 0 {
                    "ME"
                } else {
                    "SM"
                };
                memory.clone_into(&mut self.service.memory);
                memory.clone_into(&mut self.service.selected);
            }
            Kind::Route => {
                self.service.route = self.progress.choice;
                if self.progress.choice >= STORING_ROUTES && !self.service.acknowledges {
                    self.alarm(Alarm::NotStored);
                }
            }
        }
        self.progress.next();
    }

    fn set_up_refused(&mut self, now: Timestamp, is_needed: bool, end: Final) {
        if matches!(end, Final::Cme(14) | Final::Cms(314)) {
            self.pause(now, SIM_BUSY_MS);
            return;
        }
        let refused = self.progress.command().unwrap_or_default();
        if self.progress.other() {
            return;
        }
        if is_needed {
            // Begin anew: without it the modem is of no use, so this is no life.
            self.ladder.silent(now);
            self.pause(now, RETRY_MS);
            self.progress = Progress::default();
            return;
        }
        self.note(Note::FeatureOff(refused));
        self.progress.next();
    }

    fn sim_told(&mut self, now: Timestamp, answer: Option<&str>, end: Final) {
        if let Some(answer) = answer {
            self.sim.said = Some(answer.to_owned());
        }
        let said = self.sim.said.take();
        match (end, said.as_deref()) {
            (Final::Ok, Some("READY")) => self.sim_ready(),
            (Final::Ok, Some("SIM PIN")) | (Final::Cme(11), _) => self.pin_wanted(now),
            (Final::Ok, Some(said)) if said.contains("PUK") => {
                self.locked(now, Alarm::PukNeeded);
            }
            // A late line: it comes with or after the answer to the next question.
            (Final::Ok, _) => self.pause(now, RETRY_MS),
            (Final::Cme(10), _) => self.locked(now, Alarm::NoSim),
            (Final::Cme(12), _) => self.locked(now, Alarm::PukNeeded),
            (Final::Cme(14), _) => self.pause(now, SIM_BUSY_MS),
            _ => {
                self.ladder.silent(now);
                self.pause(now, RETRY_MS);
            }
        }
    }

    fn sim_ready(&mut self) {
        if self.sim.pin_was_tried {
            self.sim.pin_was_tried = false;
            self.act(Action::ForgetPinTry);
        }
        self.state = State::SettingUp;
        self.recovered();
        self.progress.next();
    }

    fn locked(&mut self, now: Timestamp, alarm: Alarm) {
        self.state = State::Locked;
        self.ladder.alive();
        self.finish_part(Outcome::NotSent);
        self.alarm(alarm);
        self.pause(now, LOCKED_MS);
    }

    fn pin_wanted(&mut self, now: Timestamp) {
        if self.settings.pin.is_none() || self.sim.pin_was_tried {
            let known = self.alarm.filter(|alarm| *alarm == Alarm::PinRefused);
            self.locked(now, known.unwrap_or(Alarm::PinNeeded));
            return;
        }
        self.sim.pin_was_tried = true;
        self.sim.is_trying = true;
        self.act(Action::RecordPinTry);
    }

    pub(super) fn pin_try_recorded(&mut self, now: Timestamp, recorded: bool) {
        if !core::mem::take(&mut self.sim.is_trying) || self.running.is_some() {
            return;
        }
        if !recorded {
            self.locked(now, Alarm::PinNeeded);
            return;
        }
        if let Some(pin) = &self.settings.pin {
            let command = format!("AT+CPIN=\"{}\"", pin.0);
            self.start(now, Job::Pin, &command);
        }
    }

    fn pin_answered(&mut self, now: Timestamp, end: Final) {
        match end {
            // Ask again: READY follows within seconds.
            Final::Ok => self.pause(now, RETRY_MS),
            Final::Cme(12) => self.locked(now, Alarm::PukNeeded),
            _ => self.locked(now, Alarm::PinRefused),
        }
    }

    fn sim_named(&mut self, imsi: Option<&str>) {
        let Some(imsi) = imsi else { return };
        let before = self.sim.imsi.replace(imsi.to_owned());
        if before.is_some_and(|before| before != imsi) {
            self.store.clear();
            self.act(Action::TicketsVoid);
            self.alarm(Alarm::SimChanged);
        }
    }

    fn signal_told(&mut self, answer: Option<&str>) {
        let fields = answer::fields(answer.unwrap_or_default());
        let signal = answer::number(&fields, 0).and_then(|signal| u8::try_from(signal).ok());
        if let Some(signal) = signal.filter(|signal| *signal <= 31) {
            self.note(Note::Signal(signal));
        }
    }

    fn creg_answered(&mut self, now: Timestamp, answer: Option<&str>) {
        if let Some(answer) = answer {
            self.registration_told(now, &answer::fields(answer), true);
        }
    }

    pub(super) fn registration_told(&mut self, now: Timestamp, fields: &[String], asked: bool) {
        let Some(registered) = answer::registration(fields, asked) else {
            return;
        };
        self.registration.told(registered, now);
        if registered != self.is_registered {
            self.is_registered = registered;
            self.note(Note::Registered(registered));
            if registered && self.alarm == Some(Alarm::NoNetwork) {
                self.alarm = None;
            }
        }
    }

    fn room_told(&mut self, now: Timestamp, answer: Option<&str>) {
        let fields = answer::fields(answer.unwrap_or_default());
        // `"ME",3,50,…` to a question, `3,50,…` to a choice.
        let from = usize::from(
            fields
                .first()
                .is_some_and(|field| field.parse::<u32>().is_err()),
        );
        let used = answer::number(&fields, from);
        let total = answer::number(&fields, from.saturating_add(1));
        let (Some(used), Some(total)) = (used, total) else {
            return;
        };
        self.act(Action::Stored { used, total });
        if used.saturating_mul(100) >= total.saturating_mul(CROWDED_PERCENT) && used > 0 {
            self.chores.list_again(now);
        }
    }

    fn part_ended(&mut self, stage: Stage, answer: Option<&str>, end: Final) {
        let handed = stage == Stage::Handed;
        let outcome = match end {
            Final::Ok => Outcome::Sent {
                reference: answer
                    .and_then(|answer| answer::number(&answer::fields(answer), 0))
                    .and_then(|reference| u8::try_from(reference).ok())
                    .unwrap_or(0),
            },
            Final::Cms(code) => self.part_refused(code),
            Final::Error | Final::Cme(_) if handed => Outcome::Later,
            Final::Error | Final::Cme(_) => Outcome::NotSent,
        };
        self.finish_part(outcome);
    }

    fn part_refused(&mut self, code: u16) -> Outcome {
        match cms::class(code) {
            Class::Permanent => Outcome::Failed { code },
            Class::Later => Outcome::Later,
            Class::Drain => {
                let memory = self.service.memory.clone();
                self.chores.list(&memory);
                Outcome::Later
            }
            Class::Centre | Class::Sim => {
                self.state = State::SettingUp;
                self.progress = Progress::default();
                Outcome::Later
            }
        }
    }
}
