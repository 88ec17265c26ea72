//! The machine of one modem: state, inputs, deadlines. See the module above for what it is for.
//!
//! One command runs at a time. Lines that nobody asked for are taken at any moment, never move a
//! command's deadline and never keep the sender from its turn.

mod chores;
mod endings;
mod lines;
mod recovery;

use jiff::{SignedDuration, Timestamp};

use super::call::Callers;
use super::command::{ESCAPE, Job, Running, Stage};
use super::ladder::{Ladder, Registration, after};
use super::line::{Splitter, Token};
use super::network_time;
use super::pace::Pace;
use super::setup::Progress;
use super::store::Store;
use super::{Action, Alarm, Input, Note, Outcome, Settings, State};
use chores::Chores;
use lines::Collecting;

/// Pause between two probes of the bring-up, in milliseconds.
const PROBE_PAUSE_MS: i64 = 300;
/// Probes of the bring-up without an answer until the ladder begins.
const PROBES_MAX: u32 = 5;
/// Pause between two tries to open the port, in seconds.
const OPEN_EVERY_S: i64 = 2;
/// Silence after a recovery, in which late answers to old commands run out, in milliseconds.
const SETTLE_MS: i64 = 300;
/// Most steps that follow from one input; more are left to the next.
const STEPS_MAX: usize = 64;

/// A part that waits or is on its way.
#[derive(Clone, Debug)]
struct Part {
    token: u64,
    tpdu: Vec<u8>,
}

/// What is known of the SIM.
#[derive(Clone, Debug, Default)]
struct Sim {
    /// What `+CPIN` said last.
    said: Option<String>,
    /// IMSI of the SIM that was there before.
    imsi: Option<String>,
    pin_was_tried: bool,
    is_trying: bool,
}

/// What the bring-up found out about messages.
#[derive(Clone, Debug, Default)]
struct Service {
    /// `+CSMS=1`: directly delivered messages wait for `+CNMA`.
    acknowledges: bool,
    /// Where messages are stored.
    memory: String,
    /// The memory that lists and deletions are about now.
    selected: String,
    /// The choice of `+CNMI` that the modem took.
    route: usize,
}

/// The machine of one modem.
#[derive(Debug)]
pub struct Modem {
    settings: Settings,
    state: State,
    splitter: Splitter,
    collecting: Collecting,
    running: Option<Running>,
    progress: Progress,
    probes: u32,
    /// Nothing is written before this moment.
    pause_until: Option<Timestamp>,
    open_at: Option<Timestamp>,
    ladder: Ladder,
    registration: Registration,
    is_registered: bool,
    sim: Sim,
    service: Service,
    store: Store,
    /// A directly delivered message that waits for the node.
    direct: Option<u64>,
    chores: Chores,
    callers: Callers,
    pace: Pace,
    part: Option<Part>,
    /// A message left since the last chore: the next turn is a chore's.
    owes_turn: bool,
    alarm: Option<Alarm>,
    tickets: u64,
    actions: Vec<Action>,
}

impl Modem {
    /// A modem whose port is to be opened; begin with [`Input::Timeout`].
    pub fn new(settings: Settings, now: Timestamp) -> Self {
        let pace = Pace::new(settings.rates);
        let sim = Sim {
            pin_was_tried: settings.pin_was_tried,
            ..Sim::default()
        };
        Self {
            settings,
            state: State::Closed,
            splitter: Splitter::default(),
            collecting: Collecting::Nothing,
            running: None,
            progress: Progress::default(),
            probes: 0,
            pause_until: None,
            open_at: Some(now),
            ladder: Ladder::default(),
            registration: Registration::default(),
            is_registered: false,
            sim,
            service: Service::default(),
            store: Store::default(),
            direct: None,
            chores: Chores::default(),
            callers: Callers::default(),
            pace,
            part: None,
            owes_turn: false,
            alarm: None,
            tickets: 0,
            actions: Vec::new(),
        }
    }

    /// Where the modem stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether a part may be given: the modem is ready, registered, and has none.
    pub fn is_free(&self) -> bool {
        self.is_in_service() && self.part.is_none()
    }

    /// Whether a part that waits leaves soon: the modem is ready and registered.
    pub fn is_in_service(&self) -> bool {
        self.state == State::Ready && self.is_registered
    }

    /// The first moment at which the budget lets the next part leave.
    pub fn may_send_at(&self) -> Timestamp {
        self.pace.next()
    }

    /// Whether another modem should take the queue: this one is at step 3 of the ladder or
    /// beyond, locked, or without network for as long as the first remedy takes.
    pub fn is_deaf(&self) -> bool {
        self.ladder.is_deaf()
            || self.registration.is_long()
            || matches!(self.state, State::Locked | State::Stopped)
    }

    /// Lines that were discarded because of their length.
    pub fn discarded_lines(&self) -> u64 {
        self.splitter.discarded()
    }

    /// Takes an input and says what follows.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Action> {
        if self.state == State::Stopped {
            return Vec::new();
        }
        match input {
            Input::Opened => self.opened(),
            Input::Lost => self.lost(now),
            Input::Received(octets) => self.received(now, &octets),
            Input::Send { token, tpdu } => self.send(token, tpdu),
            Input::Settled { ticket, committed } => self.settled(now, ticket, committed),
            Input::PinTryRecorded(recorded) => self.pin_try_recorded(now, recorded),
            Input::Withdraw { token } => self.withdraw(token),
            Input::AskBalance => self.chores.ask_balance(),
            Input::Timeout => {}
            Input::Shutdown => self.shutdown(),
        }
        self.advance(now);
        core::mem::take(&mut self.actions)
    }

    /// When [`Input::Timeout`] is due; a moment in the past means at once.
    pub fn deadline(&self) -> Option<Timestamp> {
        if self.state == State::Stopped {
            return None;
        }
        let waits_for_part = self.is_in_service() && self.part.is_some();
        let running = self.running.as_ref().map(|running| running.deadline);
        let idle = running.is_none() && self.pause_until.is_none();
        let deadlines = [
            running,
            self.ladder_deadline(),
            self.registration_deadline(),
            self.open_at,
            self.pause_until,
            (idle && waits_for_part).then(|| self.pace.next()),
            (idle && self.state == State::Ready)
                .then(|| self.chores.deadline())
                .flatten(),
        ];
        deadlines.into_iter().flatten().min()
    }

    fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    fn note(&mut self, note: Note) {
        self.act(Action::Note(note));
    }

    /// Says an alarm once until the modem is well again.
    fn alarm(&mut self, alarm: Alarm) {
        if self.alarm != Some(alarm) {
            self.alarm = Some(alarm);
            self.act(Action::Alarm(alarm));
        }
    }

    fn ticket(&mut self) -> u64 {
        self.tickets = self.tickets.saturating_add(1);
        self.tickets
    }

    fn received(&mut self, now: Timestamp, octets: &[u8]) {
        if self.state == State::Closed {
            return;
        }
        for token in self.splitter.feed(octets) {
            match token {
                Token::Prompt => self.prompted(now),
                Token::Line(line) => self.line(now, line),
            }
        }
    }

    fn send(&mut self, token: u64, tpdu: Vec<u8>) {
        if self.part.is_some() || self.is_deaf() {
            let outcome = Outcome::NotSent;
            self.act(Action::Finished { token, outcome });
        } else {
            self.part = Some(Part { token, tpdu });
        }
    }

    /// Takes a part back that is not under way yet.
    fn withdraw(&mut self, token: u64) {
        let is_waiting = self.part.as_ref().is_some_and(|part| part.token == token);
        let is_sending = self
            .running
            .as_ref()
            .is_some_and(|running| running.job == Job::Send);
        if is_waiting && !is_sending {
            self.finish_part(Outcome::NotSent);
        }
    }

    /// Ends the part that is waiting or on its way.
    fn finish_part(&mut self, outcome: Outcome) {
        if let Some(Part { token, .. }) = self.part.take() {
            self.act(Action::Finished { token, outcome });
        }
    }

    fn settled(&mut self, now: Timestamp, ticket: u64, committed: bool) {
        if self.direct == Some(ticket) {
            self.direct = None;
            self.chores
                .answer_direct(now, committed && self.service.acknowledges);
        } else if self.store.settle(ticket, committed) && !committed {
            self.chores.list_again(now);
        }
    }

    fn shutdown(&mut self) {
        let handed = self.is_handed();
        self.finish_part(if handed {
            Outcome::Unknown
        } else {
            Outcome::NotSent
        });
        self.running = None;
        self.state = State::Stopped;
        self.act(Action::Close);
    }

    /// Whether the PDU of the part is out and the network's answer is not here.
    fn is_handed(&self) -> bool {
        self.running
            .as_ref()
            .is_some_and(|running| running.stage == Stage::Handed)
    }

    /// Everything that is due, in the order of its urgency.
    fn advance(&mut self, now: Timestamp) {
        for _ in 0..STEPS_MAX {
            if !self.step(now) {
                break;
            }
        }
    }

    fn step(&mut self, now: Timestamp) -> bool {
        if self.state == State::Stopped {
            return false;
        }
        if self
            .running
            .as_ref()
            .is_some_and(|running| running.deadline <= now)
        {
            self.timed_out(now);
            return true;
        }
        if self.climb(now) || self.remedy(now) {
            return true;
        }
        if self.open_at.is_some_and(|at| at <= now) {
            self.open_at = None;
            self.act(Action::Open);
            return false;
        }
        if self.pause_until.is_some_and(|until| until <= now) {
            self.pause_until = None;
        }
        if self.running.is_some() || self.pause_until.is_some() || self.state == State::Closed {
            return false;
        }
        self.next_command(now)
    }

    /// Writes the next command; false when there is none.
    fn next_command(&mut self, now: Timestamp) -> bool {
        match self.state {
            State::Probing => {
                self.start(now, Job::Probe, "AT");
                true
            }
            State::Repeating => {
                self.act(Action::Write(vec![ESCAPE]));
                self.start(now, Job::Probe, "AT");
                true
            }
            State::SettingUp | State::Locked => self.next_set_up(now),
            State::Ready => self.next_turn(now),
            State::Closed | State::Stopped => false,
        }
    }

    fn start(&mut self, now: Timestamp, job: Job, command: &str) {
        if matches!(job, Job::SetUp(_)) {
            // Answers here are digits, which a PDU that was cut short would swallow.
            self.collecting = Collecting::Nothing;
        }
        let deadline = now.checked_add(job.wait()).unwrap_or(Timestamp::MAX);
        let stage = if job == Job::Send {
            Stage::Prompt
        } else {
            Stage::Answer
        };
        self.act(Action::Write(format!("{command}\r").into_bytes()));
        self.running = Some(Running {
            job,
            stage,
            deadline,
            answer: Vec::new(),
        });
    }

    fn pause(&mut self, now: Timestamp, milliseconds: i64) {
        let wait = SignedDuration::from_millis(milliseconds);
        self.pause_until = now.checked_add(wait).ok();
    }

    /// Whether a time from the network is told: the comparison is the node's.
    fn told_time(&mut self, rest: &str) {
        if let Some(time) = network_time::cclk(rest) {
            self.act(Action::Clock(time));
        }
    }

    fn open_in(&mut self, now: Timestamp, seconds: i64) {
        self.open_at = Some(after(now, seconds));
    }
}
