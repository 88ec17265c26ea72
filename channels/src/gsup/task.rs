//! The loop of a cell: two sockets, the deadline, and the node's replies.

use std::io;
use std::time::Duration;

use channels_core::gsup::entity::link::{LinkState, Side};
use channels_core::gsup::entity::{Action, Entity, Input, Note};
use channels_core::{Inbound, Reply, SubmitOutcome};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::OwnCellConfig;
use crate::smpp::clock::{self, Clock};
use crate::smpp::wire::{Stream, Wire};
use crate::{ChannelIo, Delivery, Outgoing};

/// Longest wait for a connection, in seconds; then it counts as failed. The peer is local.
const CONNECT_S_MAX: u64 = 5;
/// Seconds after which an SMS that was routed here by mistake is offered elsewhere.
const SMS_LATER_S: u32 = 300;

/// Why the loop woke up.
enum Wake {
    Read(Side, Option<Vec<u8>>),
    Connected(Side, io::Result<TcpStream>),
    Replied(u64, Reply),
    Sms(Outgoing),
    /// The node closed its queue.
    Closed,
    Due,
}

/// The state of the loop.
pub(super) struct Task {
    config: OwnCellConfig,
    inbound: mpsc::Sender<Delivery>,
    clock: Clock,
    entity: Entity,
    gsup: Wire,
    ctrl: Wire,
    connecting: JoinSet<(Side, io::Result<TcpStream>)>,
    replies: JoinSet<(u64, Reply)>,
}

impl Task {
    /// Runs until the node closes its queue.
    pub(super) async fn run(config: OwnCellConfig, io: ChannelIo) {
        let clock = Clock::start();
        let ChannelIo {
            inbound,
            mut outgoing,
        } = io;
        let mut task = Self {
            entity: Entity::new(config.settings.clone(), clock.now()),
            config,
            inbound,
            clock,
            gsup: Wire::default(),
            ctrl: Wire::default(),
            connecting: JoinSet::new(),
            replies: JoinSet::new(),
        };
        while task.entity.link_state(Side::Gsup) != LinkState::Stopped {
            let wake = task.wake(&mut outgoing).await;
            task.handle(wake).await;
        }
        task.connecting.shutdown().await;
        task.replies.shutdown().await;
    }

    async fn wake(&mut self, outgoing: &mut mpsc::Receiver<Outgoing>) -> Wake {
        let deadline = self.entity.deadline();
        let deadline = deadline.map(|time| self.clock.instant(time));
        tokio::select! {
            // Cancel safe, see `Wire::read`.
            octets = self.gsup.read() => Wake::Read(Side::Gsup, octets),
            // Cancel safe: the same.
            octets = self.ctrl.read() => Wake::Read(Side::Ctrl, octets),
            // Cancel safe: a finished task stays in the set until it is taken.
            Some(done) = self.connecting.join_next(), if !self.connecting.is_empty() => {
                done.map_or(Wake::Due, |(side, stream)| Wake::Connected(side, stream))
            }
            // Cancel safe: the same.
            Some(reply) = self.replies.join_next(), if !self.replies.is_empty() => {
                reply.map_or(Wake::Due, |(key, reply)| Wake::Replied(key, reply))
            }
            // Cancel safe: a message that was not taken stays in the queue.
            next = outgoing.recv() => next.map_or(Wake::Closed, Wake::Sms),
            // Cancel safe: a deadline that was not waited for is computed again.
            () = sleep_until(deadline) => Wake::Due,
        }
    }

    async fn handle(&mut self, wake: Wake) {
        match wake {
            Wake::Read(side, Some(octets)) => self.feed(Input::Received(side, octets)).await,
            Wake::Read(side, None) => self.feed(disconnected(side)).await,
            Wake::Connected(side, Ok(stream)) => {
                self.wire(side).open(Stream::Plain(stream));
                self.feed(Input::Connected(side)).await;
            }
            Wake::Connected(side, Err(error)) => {
                self.tell_failure(side, &error);
                self.feed(disconnected(side)).await;
            }
            Wake::Replied(key, reply) => self.feed(Input::Replied(key, reply)).await,
            Wake::Sms(outgoing) => refuse_sms(outgoing),
            Wake::Closed => self.feed(Input::Stop).await,
            Wake::Due => self.feed(Input::Timeout).await,
        }
    }

    fn wire(&mut self, side: Side) -> &mut Wire {
        match side {
            Side::Gsup => &mut self.gsup,
            Side::Ctrl => &mut self.ctrl,
        }
    }

    fn tell_failure(&self, side: Side, error: &io::Error) {
        let link = &self.config.settings.link.0;
        tracing::warn!(cell.link = link, cell.side = ?side, %error, "cannot connect");
    }

    /// Gives the machine an input and performs what it says, with all that follows from it.
    async fn feed(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for action in self.entity.handle(self.clock.now(), input) {
                if let Some(next) = self.perform(action).await {
                    inputs.push(next);
                }
            }
        }
    }

    async fn perform(&mut self, action: Action) -> Option<Input> {
        match action {
            Action::Connect(side) => {
                let address = match side {
                    Side::Gsup => self.config.gsup,
                    Side::Ctrl => self.config.ctrl,
                };
                self.connecting
                    .spawn(async move { (side, connect(address).await) });
                None
            }
            Action::Send(side, octets) => {
                let wire = self.wire(side);
                let open = wire.is_open();
                let failed = wire.write(&octets).await.is_err();
                (failed && open).then(|| disconnected(side))
            }
            Action::Close(side) => {
                self.wire(side).close().await;
                Some(disconnected(side))
            }
            Action::Event(key, event) => self.offer(key, event),
            Action::Note(note) => {
                log(&self.config.settings.link.0, &note);
                None
            }
        }
    }

    /// Gives an event to the node; a full queue is told to the phone now.
    fn offer(&mut self, key: u64, event: Inbound) -> Option<Input> {
        let (reply, answer) = oneshot::channel();
        if self.inbound.try_send(Delivery { event, reply }).is_err() {
            return Some(Input::Replied(key, Reply::Busy));
        }
        // As many as the machine has sessions.
        self.replies
            .spawn(async move { (key, answer.await.unwrap_or(Reply::Busy)) });
        None
    }
}

/// This link carries no SMS: whatever is handed over goes back to the outbox.
fn refuse_sms(outgoing: Outgoing) {
    let later = SubmitOutcome::TryLater {
        after_s: SMS_LATER_S,
    };
    if outgoing.done.send(later).is_err() {
        tracing::debug!("the outbox did not wait for the outcome");
    }
}

fn disconnected(side: Side) -> Input {
    Input::Disconnected(side, clock::jitter())
}

async fn connect(address: std::net::SocketAddr) -> io::Result<TcpStream> {
    let limit = Duration::from_secs(CONNECT_S_MAX);
    match timeout(limit, TcpStream::connect(address)).await {
        Ok(stream) => stream,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// Waits for a deadline, or for ever.
async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Logs what the machine noticed; nothing in it is personal.
fn log(link: &str, note: &Note) {
    match note {
        Note::Open | Note::NoNumber => log_state(link, note),
        Note::NumberUnsaid
        | Note::ReplyOverdue
        | Note::ScreenCut
        | Note::ScreenLost
        | Note::Refused(_) => log_warning(link, note),
        Note::Reopened | Note::Stray | Note::LateReply => log_detail(link, note),
    }
}

fn log_state(link: &str, note: &Note) {
    tracing::info!(cell.link = link, cell.note = ?note, "cell");
}

fn log_warning(link: &str, note: &Note) {
    tracing::warn!(cell.link = link, cell.note = ?note, "the cell has a problem");
}

fn log_detail(link: &str, note: &Note) {
    tracing::debug!(cell.link = link, cell.note = ?note, "noted");
}
