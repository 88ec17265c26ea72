//! The loop of one modem: port, deadline, messages, the node's replies, the board.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use channels_core::modem::inbox::Effect;
use channels_core::modem::network_time::{Comparison, Reading, Source};
use channels_core::modem::{Action, Inbox, Input, Modem, Outcome, Step};
use channels_core::{Inbound, LinkName, Reply};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::port::{self, Port};
use super::queue::{Standing, Told};
use super::submission::{Next, Submission};
use super::{ModemConfig, log, sleep_until};
use crate::Delivery;
use crate::smpp::clock::Clock;

/// Percent of the store from which incomplete texts leave.
const CROWDED_PERCENT: u32 = 80;
/// Pause between two looks at texts that never got whole, in seconds.
const SWEEP_S: i64 = 60;
/// The year of this release: no network tells an earlier time.
const EARLIEST: &str = "2026-01-01T00:00:00Z";

/// How long a stopping node waits for the network's answer to the part that has left, in seconds;
/// then the message is unknown. Shorter than the node gives its loops to end.
const LAST_ANSWER_S_MAX: u64 = 8;

/// What a modem's task is connected to.
pub(super) struct Ends {
    pub(super) link: LinkName,
    pub(super) inbound: mpsc::Sender<Delivery>,
    pub(super) submissions: mpsc::Receiver<Submission>,
    pub(super) told: mpsc::Sender<Told>,
    pub(super) change: watch::Sender<()>,
}

/// Why the loop woke up.
enum Wake {
    Read(io::Result<Vec<u8>>),
    Opened(io::Result<Port>),
    Replied(u64, Reply),
    Submit(Submission),
    PinMarked(io::Result<()>),
    Helped(Step, io::Result<bool>),
    /// The queue closed.
    Closed,
    Due,
}

/// The state of the loop.
pub(super) struct Task {
    config: ModemConfig,
    pin_mark: PathBuf,
    ends: Ends,
    clock: Clock,
    modem: Modem,
    inbox: Inbox,
    times: Comparison,
    port: Option<Port>,
    opening: JoinSet<io::Result<Port>>,
    replies: JoinSet<(u64, Reply)>,
    marking: JoinSet<io::Result<()>>,
    helping: JoinSet<(Step, io::Result<bool>)>,
    submission: Option<Submission>,
    /// The queue has ended.
    is_closed: bool,
    token: u64,
    sweep_at: Timestamp,
    standing: watch::Sender<Standing>,
}

impl Task {
    pub(super) fn new(config: ModemConfig, ends: Ends) -> (Self, watch::Receiver<Standing>) {
        let clock = Clock::start();
        let pin_mark = port::pin_mark(&config);
        let mut settings = config.settings.clone();
        settings.pin_was_tried |= pin_mark.exists();
        let standing = Standing {
            is_in_service: false,
            is_free: false,
            may_send_at: Instant::now(),
        };
        let (standing, watched) = watch::channel(standing);
        let task = Self {
            modem: Modem::new(settings, clock.now()),
            inbox: Inbox::new(ends.link.clone(), config.own.clone()),
            times: Comparison::new(EARLIEST.parse().unwrap_or(Timestamp::UNIX_EPOCH)),
            config,
            pin_mark,
            ends,
            clock,
            port: None,
            opening: JoinSet::new(),
            replies: JoinSet::new(),
            marking: JoinSet::new(),
            helping: JoinSet::new(),
            submission: None,
            is_closed: false,
            token: 0,
            sweep_at: clock.now(),
            standing,
        };
        (task, watched)
    }

    /// Runs until the queue closes.
    pub(super) async fn run(mut self) {
        self.feed(Input::Timeout).await;
        loop {
            match self.wake().await {
                Wake::Closed => break,
                wake => self.handle(wake).await,
            }
            self.withdraw().await;
            self.tell_standing();
        }
        self.is_closed = true;
        let last_answer = self.last_answer();
        let limit = Duration::from_secs(LAST_ANSWER_S_MAX);
        if tokio::time::timeout(limit, last_answer).await.is_err() {
            log::no_last_answer(&self.config.name);
        }
        self.feed(Input::Shutdown).await;
        if let Some(submission) = self.submission.take() {
            submission.abandon();
        }
        self.replies.shutdown().await;
        self.opening.shutdown().await;
    }

    /// Sees the part that has left through, and begins nothing more.
    async fn last_answer(&mut self) {
        while self.submission.is_some() && self.port.is_some() {
            let wake = self.wake().await;
            self.handle(wake).await;
        }
    }

    /// Waits for one thing.
    async fn wake(&mut self) -> Wake {
        let deadlines = [
            self.modem.deadline(),
            self.inbox.deadline(),
            Some(self.sweep_at),
        ];
        let deadline = deadlines.into_iter().flatten().min();
        let deadline = deadline.map(|time| self.clock.instant(time));
        tokio::select! {
            // Cancel safe, see `Port::read`.
            read = read(&mut self.port) => Wake::Read(read),
            // Cancel safe: a finished task stays in the set until it is taken.
            Some(opened) = self.opening.join_next(), if !self.opening.is_empty() => {
                Wake::Opened(opened.unwrap_or_else(|error| Err(io::Error::other(error))))
            }
            // Cancel safe: the same.
            Some(reply) = self.replies.join_next(), if !self.replies.is_empty() => {
                reply.map_or(Wake::Due, |(key, reply)| Wake::Replied(key, reply))
            }
            // Cancel safe: the same.
            Some(marked) = self.marking.join_next(), if !self.marking.is_empty() => {
                Wake::PinMarked(marked.unwrap_or_else(|error| Err(io::Error::other(error))))
            }
            // Cancel safe: the same.
            Some(helped) = self.helping.join_next(), if !self.helping.is_empty() => {
                helped.map_or(Wake::Due, |(step, helped)| Wake::Helped(step, helped))
            }
            // Cancel safe: a message that was not taken stays in the queue. It is awaited also while
            // another one is on its way, because that is how the end is heard.
            next = self.ends.submissions.recv(), if !self.is_closed => next.map_or(Wake::Closed, Wake::Submit),
            // Cancel safe: a deadline that was not waited for is computed again.
            () = sleep_until(deadline) => Wake::Due,
        }
    }

    async fn handle(&mut self, wake: Wake) {
        match wake {
            Wake::Read(Ok(octets)) => self.feed(Input::Received(octets)).await,
            Wake::Read(Err(error)) | Wake::Opened(Err(error)) => self.lost(&error).await,
            Wake::Opened(Ok(port)) => {
                self.port = Some(port);
                self.feed(Input::Opened).await;
            }
            Wake::Replied(key, reply) => {
                let effects = self.inbox.replied(self.clock.now(), key, &reply);
                self.follow(effects).await;
            }
            Wake::Submit(submission) => self.submit(submission).await,
            Wake::PinMarked(marked) => {
                if let Err(error) = &marked {
                    log::pin_try_not_written(&self.config.name, error);
                }
                self.feed(Input::PinTryRecorded(marked.is_ok())).await;
            }
            Wake::Helped(step, helped) => log::helped(&self.config.name, step, &helped),
            Wake::Closed => {}
            Wake::Due => self.due().await,
        }
    }

    async fn due(&mut self) {
        let now = self.clock.now();
        if self.sweep_at <= now {
            let next = SignedDuration::from_secs(SWEEP_S);
            self.sweep_at = now.checked_add(next).unwrap_or(Timestamp::MAX);
        }
        let effects = self.inbox.timeout(now);
        self.follow(effects).await;
        self.feed(Input::Timeout).await;
    }

    async fn lost(&mut self, error: &io::Error) {
        log::port_lost(&self.config.name, error);
        self.port = None;
        self.feed(Input::Lost).await;
    }

    /// Begins a message; one that this modem cannot begin now goes back.
    async fn submit(&mut self, submission: Submission) {
        let may_send = self.modem.is_free() && self.modem.may_send_at() <= self.clock.now();
        if may_send {
            self.submission = Some(submission);
            self.feed_part().await;
        } else {
            self.give_back(submission).await;
        }
    }

    async fn give_back(&self, submission: Submission) {
        if let Err(unsent) = self.ends.told.send(Told::Returned(submission)).await
            && let Told::Returned(submission) = unsent.0
        {
            submission.abandon();
        }
    }

    /// Takes back a message that waits for a modem out of service: another may send it now. What is
    /// under way stays, and so does the rest of a message whose parts have left by this SIM.
    async fn withdraw(&mut self) {
        let can_move = self
            .submission
            .as_ref()
            .is_some_and(|message| !message.has_left());
        if can_move && !self.modem.is_in_service() {
            self.feed(Input::Withdraw { token: self.token }).await;
        }
    }

    /// Gives the machine the part that is to be sent now.
    async fn feed_part(&mut self) {
        let Some(tpdu) = self.submission.as_ref().and_then(Submission::part) else {
            return;
        };
        let tpdu = tpdu.to_vec();
        self.token = self.token.saturating_add(1);
        let token = self.token;
        self.feed(Input::Send { token, tpdu }).await;
    }

    async fn follow(&mut self, effects: Vec<Effect>) {
        let mut inputs = VecDeque::new();
        self.effects(effects, &mut inputs);
        for input in inputs {
            self.feed(input).await;
        }
    }

    /// Gives the machine an input and performs what it says, with all that follows from it.
    async fn feed(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for action in self.modem.handle(self.clock.now(), input) {
                self.perform(action, &mut inputs).await;
            }
        }
    }

    async fn perform(&mut self, action: Action, inputs: &mut VecDeque<Input>) {
        match action {
            Action::Open => {
                self.opening.spawn(port::open(self.config.clone()));
            }
            Action::Close => self.port = None,
            Action::Write(octets) => {
                if let Some(port) = &mut self.port
                    && port.write(&octets).await.is_err()
                {
                    self.port = None;
                    inputs.push_back(Input::Lost);
                }
            }
            Action::RecordPinTry => {
                self.marking.spawn(port::mark_pin(self.pin_mark.clone()));
            }
            Action::ForgetPinTry => self.forget_pin_try().await,
            Action::Hardware(step) => {
                let board = self.config.board.clone();
                self.helping
                    .spawn(async move { (step, port::help(board, step).await) });
            }
            Action::Finished { outcome, .. } => self.part_ended(outcome, inputs).await,
            Action::Arrived { ticket, pdu } => {
                let effects = self.inbox.arrived(self.clock.now(), ticket, &pdu);
                self.effects(effects, inputs);
            }
            Action::Stored { used, total } => {
                if used.saturating_mul(100) >= total.saturating_mul(CROWDED_PERCENT) {
                    let effects = self.inbox.crowded();
                    self.effects(effects, inputs);
                }
            }
            Action::TicketsVoid => self.inbox.void(),
            Action::Called(caller) => {
                let effects = self.inbox.called(caller);
                self.effects(effects, inputs);
            }
            Action::Clock(told) => self.told(Source::Nitz, told),
            Action::Balance(Some(hundredths)) => self.balance(hundredths).await,
            Action::Balance(None) => log::balance_unread(&self.config.name),
            Action::Alarm(alarm) => log::alarm(&self.config.name, &self.ends.link.0, alarm),
            Action::Note(note) => log::note(&self.config.name, &note),
        }
    }

    async fn forget_pin_try(&self) {
        if let Err(error) = tokio::fs::remove_file(&self.pin_mark).await
            && error.kind() != io::ErrorKind::NotFound
        {
            log::pin_mark_stays(&self.config.name, &error);
        }
    }

    async fn part_ended(&mut self, outcome: Outcome, inputs: &mut VecDeque<Input>) {
        let Some(submission) = self.submission.take() else {
            return;
        };
        match submission.ended(outcome) {
            Next::Part(submission) => {
                self.token = self.token.saturating_add(1);
                let tpdu = submission.part().unwrap_or_default().to_vec();
                self.submission = Some(submission);
                inputs.push_back(Input::Send {
                    token: self.token,
                    tpdu,
                });
            }
            Next::Back(submission) => self.give_back(submission).await,
            Next::Done => {}
        }
    }

    fn effects(&mut self, effects: Vec<Effect>, inputs: &mut VecDeque<Input>) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Event { key, event } => {
                    if !self.offer(key, event) {
                        // The node's queue is full: the message stays where it is.
                        let now = self.clock.now();
                        effects.extend(self.inbox.replied(now, key, &Reply::Busy));
                    }
                }
                Effect::Settle { ticket, committed } => {
                    inputs.push_back(Input::Settled { ticket, committed });
                }
                Effect::Stamp(told) => self.told(Source::Scts, told),
                Effect::Odd(what) => log::dropped(&self.config.name, what),
            }
        }
    }

    /// Gives an event to the node, if its queue has room.
    fn offer(&mut self, key: u64, event: Inbound) -> bool {
        let (reply, answer) = oneshot::channel();
        if self
            .ends
            .inbound
            .try_send(Delivery { event, reply })
            .is_err()
        {
            return false;
        }
        // As many as the inbox lets wait.
        self.replies
            .spawn(async move { (key, answer.await.unwrap_or(Reply::Busy)) });
        true
    }

    /// A source told the time; the node's clock is set by whoever keeps it, not here.
    fn told(&mut self, source: Source, told: Timestamp) {
        let when = self.clock.now();
        let reading = Reading { source, told, when };
        if let Some(verdict) = self.times.take(reading) {
            log::time_told(&self.config.name, verdict);
        }
    }

    async fn balance(&self, hundredths: u64) {
        log::balance(&self.config.name, hundredths);
        let modem = self.config.name.clone();
        let told = Told::Balance { modem, hundredths };
        if self.ends.told.send(told).await.is_err() {
            log::balance_untold(&self.config.name);
        }
    }

    fn tell_standing(&self) {
        let standing = Standing {
            is_in_service: self.modem.is_in_service(),
            is_free: self.modem.is_free() && self.submission.is_none(),
            may_send_at: self.clock.instant(self.modem.may_send_at()),
        };
        let changed = self.standing.send_if_modified(|known| {
            let differs = *known != standing;
            *known = standing;
            differs
        });
        if changed {
            self.ends.change.send_replace(());
        }
    }
}

/// Reads from the port; never ends while there is none.
async fn read(port: &mut Option<Port>) -> io::Result<Vec<u8>> {
    match port {
        Some(port) => port.read().await,
        None => std::future::pending().await,
    }
}
