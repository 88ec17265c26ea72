//! Local applications: their messages enter the outbox, the ends of these go back as receipts.
//!
//! Accounts, rates and senders are enforced by the SMSC of `channels`; here a message becomes
//! durable before its `submit_sm_resp`, and each receipt is repeated until it was taken.

use std::time::Duration;

use channels::smpp::smsc::{Deliver, ReceiptFields, SmscEvent, SmscHandle, Submit, SubmitReply};
use channels_core::segment;
use channels_core::smpp::status;
use channels_core::{Address, Msisdn};
use node_core::application::{ApplicationMessage, ApplicationReceipt};
use node_core::turn::{Claim, ClaimKind, Committed, Finish, Private, Turn};
use node_core::view::MessageClass;
use node_store::HubStore;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::runtime::bell::{Bells, Shutdown, wait};
use crate::runtime::watch;

/// Submits that wait for the disk at once; more wait in the session, which answers 0x14.
pub const SUBMITS_AT_ONCE_MAX: usize = 64;
/// Submits and binds that wait for this loop; beyond it the session answers 0x14.
pub const EVENTS_MAX: usize = 256;
/// Receipts given to one application in one go; the others follow at once.
pub const RECEIPTS_AT_ONCE_MAX: u32 = 32;
/// How often ends are looked for, in seconds; a receipt that was not taken waits as long.
pub const RECEIPTS_INTERVAL_S: u64 = 1;

/// What the settings say of an application, beside its SMPP account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Application {
    /// Its account.
    pub system_id: String,
    /// Class of its messages.
    pub class: MessageClass,
    /// Seconds after which a message is stale.
    pub validity_s: u32,
    /// Most messages whose end it was not told.
    pub queue_max: u32,
}

/// The SMSC with what happens at it.
#[derive(Debug)]
pub struct Desk {
    /// The SMSC.
    pub smsc: SmscHandle,
    /// Its events.
    pub events: mpsc::Receiver<SmscEvent>,
    /// Who may bind.
    pub applications: Vec<Application>,
}

/// Serves applications until the program shuts down.
pub async fn run<S: HubStore>(
    store: S,
    clock: Clock,
    desk: Desk,
    bells: Bells,
    mut shutdown: Shutdown,
) {
    let Desk {
        smsc,
        mut events,
        applications,
    } = desk;
    let mut receipts = JoinSet::new();
    for application in &applications {
        let system_id = application.system_id.clone();
        let (store, shutdown) = (store.clone(), shutdown.clone());
        receipts.spawn(tell_ends(store, clock, smsc.clone(), system_id, shutdown));
    }
    let mut counter = Counter {
        store,
        clock,
        applications,
        bells,
        submits: JoinSet::new(),
    };
    loop {
        let has_room = counter.submits.len() < SUBMITS_AT_ONCE_MAX;
        tokio::select! {
            // Cancel safe: an event that was not taken stays in the queue.
            event = events.recv(), if has_room => match event {
                Some(event) => counter.heard(event),
                None => break,
            },
            // Cancel safe: a finished task stays in the set until it is taken.
            Some(done) = counter.submits.join_next() => {
                watch::ended("submit of an application", done);
            }
            // Cancel safe: the value stays.
            changed = shutdown.changed() => if changed.is_err() || *shutdown.borrow() { break },
        }
    }
    counter.close().await;
    receipts.shutdown().await;
}

/// Where submits are taken.
struct Counter<S> {
    store: S,
    clock: Clock,
    applications: Vec<Application>,
    bells: Bells,
    submits: JoinSet<()>,
}

impl<S: HubStore> Counter<S> {
    fn heard(&mut self, event: SmscEvent) {
        match event {
            SmscEvent::Submit {
                system_id,
                submit,
                reply,
            } => {
                let mut known = self.applications.iter();
                let known = known.find(|known| known.system_id == system_id);
                let asked = (known.map(|known| order(known, submit)), reply);
                let (store, bells) = (self.store.clone(), self.bells.clone());
                self.submits.spawn(take(store, self.clock, asked, bells));
            }
            SmscEvent::Bound { system_id } => log_state(&system_id, "bound"),
            SmscEvent::Unbound { system_id } => log_state(&system_id, "gone"),
        }
    }

    async fn close(mut self) {
        while let Some(done) = self.submits.join_next().await {
            watch::ended("submit of an application", done);
        }
    }
}

fn log_state(system_id: &str, state: &str) {
    tracing::info!(
        smpp.system_id = system_id,
        smpp.state = state,
        "application"
    );
}

/// The message as the outbox takes it, or the status that refuses it.
fn order(application: &Application, submit: Submit) -> Result<ApplicationMessage, u32> {
    if submit.ussd.is_some() {
        return Err(status::INVALID_SERVICE_TYPE);
    }
    let to = Msisdn::parse(&submit.to);
    let to = to.ok().ok_or(status::INVALID_DESTINATION)?;
    let source = Address::parse(&submit.from);
    let source = source.ok().ok_or(status::INVALID_SOURCE)?;
    if submit.text.is_empty() || segment::split(&submit.text, 0).is_err() {
        return Err(status::INVALID_MESSAGE_LENGTH);
    }
    Ok(ApplicationMessage {
        application: application.system_id.clone(),
        source: source.as_str().to_owned(),
        to,
        text: Private(submit.text),
        class: application.class,
        validity_s: application.validity_s,
        wants_receipt: submit.registered_delivery,
        queue_max: application.queue_max,
    })
}

type Asked = (
    Option<Result<ApplicationMessage, u32>>,
    oneshot::Sender<SubmitReply>,
);

async fn take<S: HubStore>(store: S, clock: Clock, (order, reply): Asked, bells: Bells) {
    let (status, message_id) = match order {
        Some(Ok(message)) => match store.commit(Turn::Submit(message), clock.now()).await {
            Ok(Committed::Submitted(Some(id))) => (status::OK, id),
            Ok(_) => (status::QUEUE_FULL, String::new()),
            Err(error) => {
                watch::store_failed("queue a message of an application", &error);
                (status::SYSTEM_ERROR, String::new())
            }
        },
        Some(Err(status)) => (status, String::new()),
        None => (status::SYSTEM_ERROR, String::new()),
    };
    let answer = SubmitReply::new(status, message_id);
    watch::unheard("submit of an application", reply.send(answer).is_err());
    bells.messages.notify_one();
}

/// Gives one application the ends of its messages while it is bound.
async fn tell_ends<S: HubStore>(
    store: S,
    clock: Clock,
    smsc: SmscHandle,
    system_id: String,
    mut shutdown: Shutdown,
) {
    let bell = Notify::new();
    let interval = Duration::from_secs(RECEIPTS_INTERVAL_S);
    while wait(&bell, interval, &mut shutdown).await {
        if !smsc.bound().contains(&system_id) {
            continue;
        }
        let kind = ClaimKind::ApplicationReceipts {
            application: system_id.clone(),
        };
        let claims = store.claim(kind, RECEIPTS_AT_ONCE_MAX, clock.now()).await;
        let claims = claims.unwrap_or_else(|error| {
            watch::store_failed("find ends of messages", &error);
            Vec::new()
        });
        for claim in claims {
            if let Claim::ApplicationReceipt(receipt) = claim
                && !tell(&store, clock, (&smsc, &system_id), receipt).await
            {
                break;
            }
        }
    }
}

/// Whether the application took the receipt; a refusal for good counts as taken.
async fn tell<S: HubStore>(
    store: &S,
    clock: Clock,
    (smsc, system_id): (&SmscHandle, &str),
    receipt: ApplicationReceipt,
) -> bool {
    let deliver = Deliver {
        from: receipt.to.0.trim_start_matches('+').to_owned(),
        to: receipt.source,
        text: String::new(),
        ussd: None,
        receipt: Some(ReceiptFields {
            message_id: receipt.id.clone(),
            delivered: receipt.delivered,
        }),
    };
    let answer = smsc.deliver(system_id, deliver).await;
    let is_taken = answer.is_ok_and(|status| !status::is_temporary(status));
    if is_taken {
        let finish = Finish::ApplicationReceipt { id: receipt.id };
        if let Err(error) = store.finish(finish, clock.now()).await {
            watch::store_failed("note a receipt as given", &error);
        }
    }
    is_taken
}
