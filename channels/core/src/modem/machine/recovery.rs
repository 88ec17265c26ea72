//! Ports that come and go, answers that do not come, and the steps of both ladders.

use jiff::Timestamp;

use super::super::command::{Job, Running, Stage};
use super::super::ladder::{Remedy, Step};
use super::super::setup::Progress;
use super::super::{Action, Alarm, Note, Outcome, State};
use super::lines::Collecting;
use super::{Modem, OPEN_EVERY_S, PROBE_PAUSE_MS, PROBES_MAX};

/// Seconds until the port is tried again after a restart or rebinding.
const RESTART_S: i64 = 5;
/// The same after a power cut, which itself takes ten seconds.
const POWER_CUT_S: i64 = 15;

impl Modem {
    pub(super) fn opened(&mut self) {
        self.splitter.clear();
        self.collecting = Collecting::Nothing;
        self.running = None;
        self.pause_until = None;
        self.open_at = None;
        self.probes = 0;
        self.progress = Progress::default();
        self.sim.is_trying = false;
        self.sim.said = None;
        self.service = super::Service::default();
        self.state = State::Probing;
        // A client that was killed in the prompt left the modem there.
        self.act(Action::Write(vec![super::ESCAPE]));
    }

    /// The port is gone or cannot be opened.
    pub(super) fn lost(&mut self, now: Timestamp) {
        self.ladder.silent(now);
        self.leave(now, OPEN_EVERY_S);
    }

    /// Gives up the port and what was under way; it is opened again in `seconds`.
    fn leave(&mut self, now: Timestamp, seconds: i64) {
        let handed = self.is_handed();
        self.running = None;
        if handed {
            self.finish_part(Outcome::Unknown);
        } else if self.ladder.is_deaf() {
            self.finish_part(Outcome::NotSent);
        }
        self.forget_tickets();
        self.is_registered = false;
        self.pause_until = None;
        self.state = State::Closed;
        self.open_in(now, seconds);
    }

    fn forget_tickets(&mut self) {
        self.store.clear();
        self.direct = None;
        self.collecting = Collecting::Nothing;
        self.act(Action::TicketsVoid);
    }

    /// The modem says that it has just started: everything that it was told is forgotten.
    pub(super) fn restarted(&mut self, now: Timestamp) {
        if matches!(self.state, State::Probing | State::Closed | State::Stopped) {
            return;
        }
        let handed = self.is_handed();
        if handed {
            self.finish_part(Outcome::Unknown);
        }
        self.running = None;
        self.forget_tickets();
        self.progress = Progress::default();
        self.probes = 0;
        self.state = State::Probing;
        self.pause(now, PROBE_PAUSE_MS);
    }

    /// A sign of life ended the ladder.
    pub(super) fn recovered(&mut self) {
        if self.ladder.step().is_some() {
            self.ladder.alive();
            self.note(Note::Recovered);
        }
        if self.alarm != Some(Alarm::NoNetwork) {
            self.alarm = None;
        }
    }

    pub(super) fn timed_out(&mut self, now: Timestamp) {
        let Some(Running { job, stage, .. }) = self.running.take() else {
            return;
        };
        if job == Job::Probe {
            self.probes = self.probes.saturating_add(1);
            if self.state == State::Probing && self.probes >= PROBES_MAX {
                self.begin_ladder(now);
            }
            self.pause(now, PROBE_PAUSE_MS);
            return;
        }
        match (job, stage) {
            (Job::Send, Stage::Handed) => self.finish_part(Outcome::Unknown),
            (Job::Send, _) => self.finish_part(Outcome::NotSent),
            (Job::Ussd, _) => {
                // The network is slow; the modem may be well.
                self.ussd_refused();
            }
            (Job::Pin, _) => self.sim.pin_was_tried = true,
            _ => {}
        }
        self.begin_ladder(now);
        self.state = State::Repeating;
    }

    fn begin_ladder(&mut self, now: Timestamp) {
        if self.ladder.silent(now) {
            self.note(Note::Climbed(Step::Repeat));
        }
    }

    pub(super) fn ladder_deadline(&self) -> Option<Timestamp> {
        self.ladder.deadline()
    }

    pub(super) fn registration_deadline(&self) -> Option<Timestamp> {
        let watches = self.state == State::Ready;
        watches.then(|| self.registration.deadline()).flatten()
    }

    /// The next step of the ladder, if it is due.
    pub(super) fn climb(&mut self, now: Timestamp) -> bool {
        let Some(step) = self.ladder.due(now) else {
            return false;
        };
        self.take_step(now, step);
        true
    }

    fn take_step(&mut self, now: Timestamp, step: Step) {
        self.note(Note::Climbed(step));
        if self.ladder.take_unsteady() {
            self.alarm(Alarm::Unsteady);
        }
        match step {
            Step::Repeat => {}
            Step::Reopen => {
                self.act(Action::Close);
                self.leave(now, 0);
            }
            Step::Restart => {
                self.alarm(Alarm::Deaf);
                self.restart(now);
            }
            Step::Rebind | Step::Reset | Step::PowerCut => self.by_hardware(now, step),
        }
    }

    fn restart(&mut self, now: Timestamp) {
        if self.state != State::Closed {
            self.act(Action::Write(b"\x1b\rAT+CFUN=1,1\r".to_vec()));
        }
        self.act(Action::Close);
        self.leave(now, RESTART_S);
    }

    fn by_hardware(&mut self, now: Timestamp, step: Step) {
        self.act(Action::Close);
        self.act(Action::Hardware(step));
        let wait = if step == Step::PowerCut {
            POWER_CUT_S
        } else {
            RESTART_S
        };
        self.leave(now, wait);
    }

    /// The next remedy for a missing network, if it is due.
    pub(super) fn remedy(&mut self, now: Timestamp) -> bool {
        if self.state != State::Ready {
            return false;
        }
        let Some(remedy) = self.registration.due(now) else {
            return false;
        };
        match remedy {
            Remedy::ChooseOperator => self.chores.choose_operator(),
            Remedy::Alarm => self.alarm(Alarm::NoNetwork),
            Remedy::Restart => {
                self.note(Note::Climbed(Step::Restart));
                self.finish_part(Outcome::NotSent);
                self.restart(now);
            }
            Remedy::Rebind => {
                self.note(Note::Climbed(Step::Rebind));
                self.finish_part(Outcome::NotSent);
                self.by_hardware(now, Step::Rebind);
            }
        }
        true
    }
}
