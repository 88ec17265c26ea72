//! Callbacks of a gateway whose dialect is data, and the screens that some dialects have posted.
//!
//! The step counts as answered when the answer was given to a connection that was still open, or
//! when the gateway said that it took the posted screen. Until then an equal request is the same
//! step (`channels_core::ussd_json::memory`).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};

use channels_core::http_body::Encoding;
use channels_core::ussd_json::memory::{Memory, Pending};
use channels_core::ussd_json::{Account, Dialect, Method};
use channels_core::{Inbound, LinkName, Reply, UssdOp};

use super::note_length;
use crate::callback::{Door, json};
use crate::http_client::{CallFailure, HttpClient, Request as Outbound};

/// Most screens that wait to be posted; beyond that a step is answered 503 and not taken.
pub const PUSH_QUEUE_MAX: usize = 256;
/// Most screens posted at once.
pub const PUSHES_AT_ONCE_MAX: usize = 32;
/// Most attempts to post a screen of which nothing left us; then the person dials again.
pub const PUSH_TRIES_MAX: u32 = 3;
/// Wait between two attempts, in milliseconds.
const PUSH_PAUSE_MS: u64 = 300;

/// Where screens are posted to, and as whom.
#[derive(Clone, Debug)]
pub struct PushTarget {
    /// The way there.
    pub client: HttpClient,
    /// Our account there.
    pub account: Account,
}

/// What the routes share.
struct Link {
    door: Door,
    dialect: Dialect,
    limits: (u16, u16),
    memory: Arc<Mutex<Memory>>,
    target: Option<(Account, mpsc::Sender<Push>)>,
}

/// One screen to post.
struct Push {
    body: String,
    pending: Pending,
}

/// The screens of a link on their way.
pub(super) struct Pushes {
    queue: mpsc::Receiver<Push>,
    client: HttpClient,
    dialect: Arc<Dialect>,
    memory: Arc<Mutex<Memory>>,
}

/// The one route of a dialect.
pub(super) fn routes(
    door: Door,
    limits: (u16, u16),
    (dialect, target): (Dialect, Option<PushTarget>),
) -> (Router, Option<Pushes>) {
    let memory = Memory::new(door.link.clone(), limits, nonce());
    let memory = Arc::new(Mutex::new(memory));
    let (target, pushes) = match target {
        Some(PushTarget { client, account }) => {
            let (sender, queue) = mpsc::channel(PUSH_QUEUE_MAX);
            let pushes = Pushes {
                queue,
                client,
                dialect: Arc::new(dialect.clone()),
                memory: Arc::clone(&memory),
            };
            (Some((account, sender)), Some(pushes))
        }
        None => (None, None),
    };
    let method = dialect.request.method;
    let link = Arc::new(Link {
        door,
        dialect,
        limits,
        memory,
        target,
    });
    let routed = match method {
        Method::Get => get(step),
        Method::Post => post(step),
    };
    let router = Router::new().route("/ussd/{secret}", routed);
    (router.with_state(link), pushes)
}

/// Names the run of the program, so that counted steps of two runs differ.
fn nonce() -> String {
    let mut octets = [0_u8; 8];
    if SystemRandom::new().fill(&mut octets).is_err() {
        tracing::error!("no randomness: repeats across a restart may be mistaken");
    }
    format!("{:016x}", u64::from_be_bytes(octets))
}

fn lock(memory: &Mutex<Memory>) -> MutexGuard<'_, Memory> {
    // A poisoned lock still holds a whole memory: it only helps to recognise repeats.
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn step(State(link): State<Arc<Link>>, request: Request) -> Response {
    let octets = match link.door.admit(request).await {
        Ok(octets) => octets,
        Err(refusal) => return refusal,
    };
    let asked = match link.dialect.read(&octets) {
        Ok(asked) => asked,
        Err(refused) => return link.door.refuse(&refused),
    };
    // The place in the queue comes first: a step is not taken whose screen cannot be brought.
    let permit = match &link.target {
        Some((account, queue)) => match queue.try_reserve() {
            Ok(permit) => Some((account, permit)),
            Err(_) => return link.door.busy(),
        },
        None => None,
    };
    let (step, pending) = lock(&link.memory).step(&link.dialect, &asked);
    let abort = step.op == UssdOp::Abort;
    let (text, end) = match link.door.deliver(Inbound::Ussd(step)).await {
        Reply::Screen { text, end } => (text, end),
        Reply::Accepted => (String::new(), true),
        Reply::Busy => return link.door.busy(),
    };
    note_length(&text, link.limits);
    let answer = json(link.dialect.answer(&asked, &text, end));
    match permit {
        Some((account, permit)) if !abort => {
            if let Some(body) = link.dialect.push(&asked, account, (&text, end)) {
                permit.send(Push { body, pending });
            }
        }
        // From here on nothing waits, so the answer goes to the connection that asked.
        _ => lock(&link.memory).answered(&pending, true),
    }
    answer
}

impl Pushes {
    /// Posts screens until the routes are gone.
    pub(super) async fn run(mut self, link: &LinkName) {
        let mut flights = JoinSet::new();
        loop {
            // Both arms are cancel safe: `recv` loses nothing, `join_next` neither.
            tokio::select! {
                push = self.queue.recv(), if flights.len() < PUSHES_AT_ONCE_MAX => match push {
                    Some(push) => {
                        let (client, dialect) = (self.client.clone(), Arc::clone(&self.dialect));
                        let memory = Arc::clone(&self.memory);
                        flights.spawn(async move {
                            let taken = bring(&client, &dialect, push.body).await;
                            lock(&memory).answered(&push.pending, taken);
                            taken
                        });
                    }
                    None => break,
                },
                Some(done) = flights.join_next(), if !flights.is_empty() => note(link, done),
            }
        }
        while let Some(done) = flights.join_next().await {
            note(link, done);
        }
    }
}

fn note(link: &LinkName, done: Result<bool, JoinError>) {
    if !done.unwrap_or(false) {
        tracing::warn!(link.name = %link.0, "a screen was not taken by the gateway");
    }
}

/// Posts one screen; again only when nothing of it left this machine.
async fn bring(client: &HttpClient, dialect: &Dialect, body: String) -> bool {
    for attempt in 1..=PUSH_TRIES_MAX {
        let request = Outbound {
            media_type: Encoding::Json.media_type(),
            body: body.clone(),
            header: None,
        };
        match client.post(request).await {
            Ok(answer) => return answer.is_success() && dialect.was_taken(&answer.body),
            Err(CallFailure::NotSent) if attempt < PUSH_TRIES_MAX => {
                tokio::time::sleep(Duration::from_millis(PUSH_PAUSE_MS)).await;
            }
            Err(CallFailure::NotSent | CallFailure::Unknown) => return false,
        }
    }
    false
}
