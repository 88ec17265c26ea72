//! The loop of one link: socket, deadline, outgoing messages and the node's replies.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use channels_core::smpp::inbox::{Effect, Inbox};
use channels_core::smpp::session::{Action, Input, Note, Outcome, Session};
use channels_core::smpp::sms::{self, SubmitFailures};
use channels_core::smpp::status;
use channels_core::{Inbound, Reply, SubmitOutcome};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::{EsmeConfig, TlsClient};
use crate::smpp::clock::{self, Clock};
use crate::smpp::wire::{Stream, Wire};
use crate::{ChannelIo, Delivery, OUTGOING_QUEUE_MAX, Outgoing};

/// Longest wait for a connection, its TLS handshake included, in seconds.
const CONNECT_S_MAX: u64 = 10;

/// An SMS of one or several parts on its way.
struct Submission {
    outbox_id: String,
    parts: Vec<Option<Outcome>>,
    done: oneshot::Sender<SubmitOutcome>,
}

/// Why the loop woke up.
enum Wake {
    Read(Option<Vec<u8>>),
    Connected(io::Result<Stream>),
    Replied(u64, Reply),
    Submit(Outgoing),
    /// The node closed its queue.
    Closed,
    Due,
}

/// One bind of a link.
pub(super) struct Seat {
    pub(super) config: Arc<EsmeConfig>,
    /// Which of the addresses it tries first.
    pub(super) first: usize,
    /// Tells whether it may submit now.
    pub(super) ready: watch::Sender<bool>,
    /// Counts the binds of the link that may submit now.
    pub(super) up: watch::Sender<u8>,
}

/// The state of the loop.
pub(super) struct Task {
    config: Arc<EsmeConfig>,
    ready: watch::Sender<bool>,
    up: watch::Sender<u8>,
    /// Counts on whenever an address did not lead to a bind.
    address: usize,
    inbound: mpsc::Sender<Delivery>,
    clock: Clock,
    session: Session,
    inbox: Inbox,
    wire: Wire,
    connecting: JoinSet<io::Result<Stream>>,
    replies: JoinSet<(u64, Reply)>,
    submissions: BTreeMap<u64, Submission>,
    /// Which submission a request of the session belongs to, and which part.
    tokens: BTreeMap<u64, (u64, usize)>,
    /// Which screen of the inbox a request carries.
    screens: BTreeMap<u64, u64>,
    failures: SubmitFailures,
    count: u64,
    reference: u8,
}

impl Task {
    /// Runs until the node closes its queue and the link is unbound.
    pub(super) async fn run(seat: Seat, io: ChannelIo) {
        let Seat {
            config,
            first,
            ready,
            up,
        } = seat;
        let clock = Clock::start();
        let session = Session::esme(config.bind(), config.settings, clock.now());
        let ChannelIo {
            inbound,
            mut outgoing,
        } = io;
        let mut task = Self {
            inbox: Inbox::new(config.profile.clone()),
            config,
            ready,
            up,
            address: first,
            inbound,
            clock,
            session,
            wire: Wire::default(),
            connecting: JoinSet::new(),
            replies: JoinSet::new(),
            submissions: BTreeMap::new(),
            tokens: BTreeMap::new(),
            screens: BTreeMap::new(),
            failures: SubmitFailures::default(),
            count: 0,
            reference: clock::jitter(),
        };
        let mut open = true;
        while !task.session.is_ended() {
            let wake = task.wake(&mut outgoing, open).await;
            open = open && !matches!(wake, Wake::Closed);
            task.handle(wake).await;
        }
        task.connecting.shutdown().await;
        task.replies.shutdown().await;
    }

    /// Waits for one thing; `open` until the node has closed its queue.
    async fn wake(&mut self, outgoing: &mut mpsc::Receiver<Outgoing>, open: bool) -> Wake {
        let deadline = [self.session.deadline(), self.inbox.deadline()];
        let deadline = deadline.into_iter().flatten().min();
        let deadline = deadline.map(|time| self.clock.instant(time));
        let has_room = self.submissions.len() < OUTGOING_QUEUE_MAX;
        tokio::select! {
            // Cancel safe, see `Wire::read`.
            octets = self.wire.read() => Wake::Read(octets),
            // Cancel safe: a finished task stays in the set until it is taken.
            Some(stream) = self.connecting.join_next(), if !self.connecting.is_empty() => {
                Wake::Connected(stream.unwrap_or_else(|error| Err(io::Error::other(error))))
            }
            // Cancel safe: the same.
            Some(reply) = self.replies.join_next(), if !self.replies.is_empty() => {
                reply.map_or(Wake::Due, |(key, reply)| Wake::Replied(key, reply))
            }
            // Cancel safe: a message that was not taken stays in the queue.
            next = outgoing.recv(), if open && has_room => next.map_or(Wake::Closed, Wake::Submit),
            // Cancel safe: a deadline that was not waited for is computed again.
            () = sleep_until(deadline) => Wake::Due,
        }
    }

    async fn handle(&mut self, wake: Wake) {
        match wake {
            Wake::Read(octets) => {
                self.feed(octets.map_or_else(disconnected, Input::Received))
                    .await;
            }
            Wake::Connected(stream) => self.connected(stream).await,
            Wake::Replied(key, reply) => {
                let effects = self.inbox.replied(key, reply);
                self.follow(effects).await;
            }
            Wake::Submit(outgoing) => self.submit(outgoing).await,
            Wake::Closed => self.feed(Input::Shutdown).await,
            Wake::Due => self.due().await,
        }
    }

    async fn due(&mut self) {
        let effects = self.inbox.timeout(self.clock.now());
        self.follow(effects).await;
        self.feed(Input::Timeout).await;
    }

    async fn connected(&mut self, stream: io::Result<Stream>) {
        match stream {
            Ok(stream) => {
                self.wire.open(stream);
                self.feed(Input::Connected).await;
            }
            Err(error) => {
                let link = &self.config.profile.link.0;
                tracing::warn!(smpp.link = link, %error, "cannot connect");
                self.next_address();
                self.feed(disconnected()).await;
            }
        }
    }

    async fn submit(&mut self, next: Outgoing) {
        let Outgoing { mut sms, done } = next;
        if let Some(source) = &self.config.source {
            sms.from = source.clone();
        }
        self.reference = self.reference.wrapping_add(1);
        let form = self.config.profile.form();
        let parts = sms::submits(&sms, self.reference, form);
        let Ok(parts) = parts else {
            finish(
                done,
                SubmitOutcome::Failed {
                    code: status::INVALID_MESSAGE_LENGTH,
                },
            );
            return;
        };
        let id = self.next();
        self.submissions.insert(
            id,
            Submission {
                outbox_id: sms.id,
                parts: vec![None; parts.len()],
                done,
            },
        );
        let mut inputs = Vec::new();
        for (index, part) in parts.into_iter().enumerate() {
            let token = self.next();
            self.tokens.insert(token, (id, index));
            inputs.push(Input::Request {
                token,
                message: Box::new(part),
                urgent: false,
            });
        }
        for input in inputs {
            self.feed(input).await;
        }
    }

    fn next(&mut self) -> u64 {
        self.count = self.count.saturating_add(1);
        self.count
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
            for action in self.session.handle(self.clock.now(), input) {
                self.perform(action, &mut inputs).await;
            }
        }
    }

    async fn perform(&mut self, action: Action, inputs: &mut VecDeque<Input>) {
        match action {
            Action::Connect => {
                let mut addresses = self.config.addresses.iter();
                if let Some(address) = addresses.nth(self.place()) {
                    self.connecting
                        .spawn(connect(*address, self.config.tls.clone()));
                }
            }
            Action::Send(octets) => {
                let open = self.wire.is_open();
                if self.wire.write(&octets).await.is_err() && open {
                    inputs.push_back(disconnected());
                }
            }
            Action::Close => {
                self.wire.close().await;
                inputs.push_back(disconnected());
            }
            Action::Bound { kind, .. } => {
                self.set_ready(kind.submits());
                self.tell_state("bound");
            }
            Action::Unbound => {
                self.set_ready(false);
                self.tell_state("not bound any more");
                self.inbox.disconnected();
            }
            Action::Asked { ticket, message } => {
                let effects = self.inbox.asked(self.clock.now(), ticket, *message);
                self.effects(effects, inputs);
            }
            Action::Finished { token, outcome } => self.finished(token, outcome),
            Action::Note(note) => self.noted(&note),
        }
    }

    fn set_ready(&self, may_submit: bool) {
        if self.ready.send_replace(may_submit) == may_submit {
            return;
        }
        self.up.send_modify(|up| {
            *up = if may_submit {
                up.saturating_add(1)
            } else {
                up.saturating_sub(1)
            };
        });
    }

    fn noted(&mut self, note: &Note) {
        crate::smpp::log(&self.config.profile.link.0, note);
        if matches!(note, Note::BindRefused { .. } | Note::BindTimeout) {
            self.next_address();
        }
    }

    fn next_address(&mut self) {
        self.address = self.address.wrapping_add(1);
    }

    /// Which of the addresses is next.
    fn place(&self) -> usize {
        self.address
            .checked_rem(self.config.addresses.len())
            .unwrap_or(0)
    }

    fn tell_state(&self, state: &str) {
        tracing::info!(
            smpp.link = self.config.profile.link.0,
            smpp.state = state,
            "link"
        );
    }

    fn effects(&mut self, effects: Vec<Effect>, inputs: &mut VecDeque<Input>) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Event { key, event } => {
                    if !self.offer(key, event) {
                        // The node's queue is full: the peer hears it now.
                        effects.extend(self.inbox.replied(key, Reply::Busy));
                    }
                }
                Effect::Answer { ticket, status } => {
                    let message_id = String::new();
                    inputs.push_back(Input::Answered {
                        ticket,
                        status,
                        message_id,
                    });
                }
                Effect::Screen { key, message } => {
                    let token = self.next();
                    self.screens.insert(token, key);
                    inputs.push_back(Input::Request {
                        token,
                        message,
                        urgent: true,
                    });
                }
                Effect::Odd(what) => {
                    tracing::warn!(smpp.link = self.config.profile.link.0, what, "dropped");
                }
            }
        }
    }

    /// Gives an event to the node, if its queue has room.
    fn offer(&mut self, key: u64, event: Inbound) -> bool {
        let (reply, answer) = oneshot::channel();
        if self.inbound.try_send(Delivery { event, reply }).is_err() {
            return false;
        }
        // As many as the inbox lets wait.
        self.replies
            .spawn(async move { (key, answer.await.unwrap_or(Reply::Busy)) });
        true
    }

    fn finished(&mut self, token: u64, outcome: Outcome) {
        if let Some(screen) = self.screens.remove(&token) {
            self.screen_ended(screen, &outcome);
            return;
        }
        let Some((id, index)) = self.tokens.remove(&token) else {
            return;
        };
        let Some(submission) = self.submissions.get_mut(&id) else {
            return;
        };
        if let Some(part) = submission.parts.get_mut(index) {
            *part = Some(outcome);
        }
        let Some(parts) = submission
            .parts
            .iter()
            .cloned()
            .collect::<Option<Vec<Outcome>>>()
        else {
            return;
        };
        if let Some(submission) = self.submissions.remove(&id) {
            let outcome = self.failures.outcome(&submission.outbox_id, &parts);
            finish(submission.done, outcome);
        }
    }

    fn screen_ended(&mut self, screen: u64, outcome: &Outcome) {
        let status = match outcome {
            Outcome::Answered { status, .. } => Some(*status),
            _ => None,
        };
        let taken = status == Some(status::OK);
        self.inbox.screen_ended(screen, taken);
        if !taken {
            let link = &self.config.profile.link.0;
            tracing::warn!(smpp.link = link, smpp.outcome = ?outcome, "a screen did not arrive");
        }
    }
}

fn finish(done: oneshot::Sender<SubmitOutcome>, outcome: SubmitOutcome) {
    if done.send(outcome).is_err() {
        tracing::debug!("nobody waits for this message any more");
    }
}

async fn connect(address: SocketAddr, tls: Option<TlsClient>) -> io::Result<Stream> {
    let open = async {
        let stream = TcpStream::connect(address).await?;
        match tls {
            Some(tls) => Ok(Stream::Tls(Box::new(tls.connect(stream).await?))),
            None => Ok(Stream::Plain(stream)),
        }
    };
    match timeout(Duration::from_secs(CONNECT_S_MAX), open).await {
        Ok(stream) => stream,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

fn disconnected() -> Input {
    Input::Disconnected {
        jitter: clock::jitter(),
    }
}

/// Waits for a deadline, or for ever.
async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
