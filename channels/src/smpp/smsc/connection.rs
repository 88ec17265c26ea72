//! One connection of the SMSC: the machine of the SMSC role on a socket.
//!
//! The parts of an unfinished long message are accepted at once and kept in memory; the message
//! counts as accepted only with its last part, which is answered by the application behind.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use channels_core::segment::joiner::{Joiner, SetKey};
use channels_core::smpp::alphabet::DefaultAlphabet;
use channels_core::smpp::pdu::{BindKind, ShortMessage};
use channels_core::smpp::session::{Action, Input, Outcome, Session, Settings};
use channels_core::smpp::status;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::super::clock::{self, Clock};
use super::super::wire::{Stream, Wire};
use super::content::{self, Taken};
use super::listener::{Registry, Request};
use super::{SYSTEM_ID, SmscConfig, SmscError, SmscEvent, SubmitReply};

/// Deliveries that wait for one bind; a further one is told "busy".
const DELIVERIES_MAX: usize = 64;

type Done = oneshot::Sender<Result<u32, SmscError>>;

/// The session's ticket, the set to settle, and the application's answer.
type Replied = (u64, Option<SetKey>, SubmitReply);

/// A delivery of one or several parts on its way.
struct Delivery {
    left: usize,
    worst: Result<u32, SmscError>,
    done: Done,
}

/// What a connection shares with the others.
pub(super) struct Common {
    pub(super) config: Arc<SmscConfig>,
    pub(super) events: mpsc::Sender<SmscEvent>,
    pub(super) registry: Arc<Registry>,
}

/// One connection.
pub(super) struct Connection {
    number: u64,
    common: Common,
    clock: Clock,
    session: Session,
    wire: Wire,
    system_id: String,
    joiner: Joiner,
    replies: JoinSet<Replied>,
    deliveries: BTreeMap<u64, Delivery>,
    /// Which delivery a request of the session belongs to.
    tokens: BTreeMap<u64, u64>,
    count: u64,
    reference: u8,
    requests: mpsc::Sender<Request>,
}

impl Connection {
    /// Serves a connection until it ends.
    pub(super) async fn serve(number: u64, common: Common, stream: TcpStream) {
        let clock = Clock::start();
        let accounts = common.config.accounts.clone();
        let settings = Settings::default();
        let session = Session::smsc(SYSTEM_ID.to_owned(), accounts, settings, clock.now());
        let (requests, incoming) = mpsc::channel(DELIVERIES_MAX);
        let mut connection = Self {
            number,
            common,
            clock,
            session,
            wire: Wire::default(),
            system_id: String::new(),
            joiner: Joiner::new(),
            replies: JoinSet::new(),
            deliveries: BTreeMap::new(),
            tokens: BTreeMap::new(),
            count: 0,
            reference: clock::jitter(),
            requests,
        };
        connection.wire.open(Stream::Plain(stream));
        connection.run(incoming).await;
    }

    async fn run(&mut self, mut incoming: mpsc::Receiver<Request>) {
        while !self.session.is_ended() {
            let deadline = self.session.deadline().map(|time| self.clock.instant(time));
            tokio::select! {
                // Cancel safe, see `Wire::read`.
                read = self.wire.read() => {
                    self.feed(read.map_or(DISCONNECTED, Input::Received)).await;
                }
                // Cancel safe: a deadline that was not waited for is computed again.
                () = sleep_until(deadline) => self.feed(Input::Timeout).await,
                // Cancel safe: a request that was not taken stays in the queue.
                Some(request) = incoming.recv() => self.deliver(request).await,
                // Cancel safe: a finished task stays in the set until it is taken.
                Some(reply) = self.replies.join_next(), if !self.replies.is_empty() => {
                    if let Ok((ticket, set, reply)) = reply {
                        self.reply(ticket, set, reply).await;
                    }
                }
            }
        }
        self.replies.shutdown().await;
    }

    async fn deliver(&mut self, request: Request) {
        let Request { deliver, done } = request;
        self.reference = self.reference.wrapping_add(1);
        match content::deliver(&deliver, self.reference, DefaultAlphabet::Gsm7) {
            Ok(parts) => self.deliver_parts(parts, done).await,
            Err(error) => answer(done, Err(error)),
        }
    }

    async fn deliver_parts(&mut self, parts: Vec<ShortMessage>, done: Done) {
        let id = self.next();
        let left = parts.len();
        self.deliveries.insert(
            id,
            Delivery {
                left,
                worst: Ok(status::OK),
                done,
            },
        );
        for part in parts {
            let token = self.next();
            self.tokens.insert(token, id);
            let urgent = part.optional.ussd_service_op.is_some();
            self.feed(Input::Request {
                token,
                message: Box::new(part),
                urgent,
            })
            .await;
        }
    }

    fn next(&mut self) -> u64 {
        self.count = self.count.saturating_add(1);
        self.count
    }

    async fn reply(&mut self, ticket: u64, set: Option<SetKey>, reply: SubmitReply) {
        if let (Some(set), status::OK) = (set, reply.status) {
            self.joiner.settle(&set);
        }
        let SubmitReply {
            status,
            message_id,
            written,
        } = reply;
        self.feed(Input::Answered {
            ticket,
            status,
            message_id,
        })
        .await;
        if let Some(written) = written
            && self.wire.is_open()
            && written.send(()).is_err()
        {
            tracing::debug!("nobody waits for this response any more");
        }
    }

    /// Gives the machine an input and performs what it says, with all that follows from it.
    async fn feed(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for action in self.session.handle(self.clock.now(), input) {
                if let Some(next) = self.perform(action).await {
                    inputs.push_back(next);
                }
            }
        }
    }

    async fn perform(&mut self, action: Action) -> Option<Input> {
        match action {
            Action::Send(octets) => {
                let open = self.wire.is_open();
                let failed = self.wire.write(&octets).await.is_err();
                return (open && failed).then_some(DISCONNECTED);
            }
            Action::Close => {
                self.wire.close().await;
                return Some(DISCONNECTED);
            }
            Action::Bound { kind, system_id } => self.bound(kind, system_id),
            Action::Unbound => self.unbound(),
            Action::Asked { ticket, message } => return self.asked(ticket, &message),
            Action::Finished { token, outcome } => self.finished(token, &outcome),
            Action::Note(note) => super::super::log("smsc", &note),
            // An SMSC never connects.
            Action::Connect => {}
        }
        None
    }

    fn bound(&mut self, kind: BindKind, system_id: String) {
        let requests = kind.receives().then(|| self.requests.clone());
        self.common
            .registry
            .insert(self.number, system_id.clone(), requests);
        self.system_id.clone_from(&system_id);
        self.tell(SmscEvent::Bound { system_id });
    }

    fn unbound(&mut self) {
        if self.common.registry.remove(self.number) {
            self.tell(SmscEvent::Unbound {
                system_id: self.system_id.clone(),
            });
        }
    }

    /// Binds are told as far as there is room; who needs certainty asks the handle.
    fn tell(&self, event: SmscEvent) {
        if self.common.events.try_send(event).is_err() {
            tracing::warn!(smsc.connection = self.number, "a bind event was dropped");
        }
    }

    fn asked(&mut self, ticket: u64, message: &ShortMessage) -> Option<Input> {
        let default = DefaultAlphabet::Gsm7;
        match content::submit(message, &mut self.joiner, self.clock.now(), default) {
            Taken::Refused(status) => Some(refusal(ticket, status)),
            Taken::Part => {
                let part = self.next();
                let message_id = format!("{:x}-{part:x}", self.number);
                Some(Input::Answered {
                    ticket,
                    status: status::OK,
                    message_id,
                })
            }
            Taken::Whole(submit, set) => {
                let (reply, answer) = oneshot::channel();
                let system_id = self.system_id.clone();
                let event = SmscEvent::Submit {
                    system_id,
                    submit: *submit,
                    reply,
                };
                if self.common.events.try_send(event).is_err() {
                    return Some(refusal(ticket, status::QUEUE_FULL));
                }
                // As many as the session lets wait.
                self.replies.spawn(async move {
                    let failed = || SubmitReply::new(status::SYSTEM_ERROR, String::new());
                    (ticket, set, answer.await.unwrap_or_else(|_| failed()))
                });
                None
            }
        }
    }

    fn finished(&mut self, token: u64, outcome: &Outcome) {
        let result = match outcome {
            Outcome::Answered { status, .. } => Ok(*status),
            Outcome::Unknown => Err(SmscError::Unknown),
            Outcome::NotSent => Err(SmscError::NotBound),
            Outcome::Unfit { .. } => Err(SmscError::TooLong),
        };
        let Some(id) = self.tokens.remove(&token) else {
            return;
        };
        let Some(delivery) = self.deliveries.get_mut(&id) else {
            return;
        };
        if delivery.worst == Ok(status::OK) {
            delivery.worst = result;
        }
        delivery.left = delivery.left.saturating_sub(1);
        if delivery.left == 0
            && let Some(delivery) = self.deliveries.remove(&id)
        {
            answer(delivery.done, delivery.worst);
        }
    }
}

/// The jitter matters to an ESME only.
const DISCONNECTED: Input = Input::Disconnected { jitter: 0 };

fn refusal(ticket: u64, status: u32) -> Input {
    Input::Answered {
        ticket,
        status,
        message_id: String::new(),
    }
}

fn answer(done: Done, result: Result<u32, SmscError>) {
    if done.send(result).is_err() {
        tracing::debug!("nobody waits for this delivery any more");
    }
}

/// Waits for a deadline, or for ever.
async fn sleep_until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
