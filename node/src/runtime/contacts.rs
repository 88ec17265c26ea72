//! Contacts: every inbound event of every channel becomes one committed turn and one reply.
//!
//! The reply is given only after `commit` returned, so that nothing is shown or acknowledged that
//! a power cut could take back (invariant 1).

use std::sync::{Arc, OnceLock};

use channels::Delivery;
use channels_core::{Inbound, Reply, SmsReceived, UssdStep};
use node_core::contact::{BearerLimits, Contact, ContactAnswer};
use node_core::message::order::Order;
use node_core::turn::{Committed, Turn};
use node_store::{HubStore, StoreError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::runtime::bell::Bells;
use crate::runtime::pin::Stretcher;
use crate::runtime::{trace, watch};

/// Most turns that wait for their commit at once; more stay in their channel's queue, which
/// answers "busy" when it is full. Large enough to fill a group commit.
pub const CONTACTS_AT_ONCE_MAX: usize = 128;

/// Where data for a program go, once an SMS link runs.
pub type DataDoor = Arc<OnceLock<mpsc::Sender<Delivery>>>;

/// Runs until all channels have closed their end of the queue.
pub async fn run<S: HubStore>(
    store: S,
    clock: Clock,
    mut inbound: mpsc::Receiver<Delivery>,
    (bells, data): (Bells, DataDoor),
) {
    let mut turns = JoinSet::new();
    let stretcher = Stretcher::default();
    loop {
        // Both arms are cancel safe: `recv` loses nothing, `join_next` neither.
        tokio::select! {
            delivery = inbound.recv(), if turns.len() < CONTACTS_AT_ONCE_MAX => match delivery {
                Some(delivery) if matches!(delivery.event, Inbound::Data(_)) => pass_on(&data, delivery),
                Some(delivery) => {
                    let work = (store.clone(), stretcher.clone());
                    turns.spawn(take(work, clock, delivery, bells.clone()));
                }
                None => break,
            },
            Some(done) = turns.join_next(), if !turns.is_empty() => watch::ended("turn", done),
        }
    }
    while turns.join_next().await.is_some() {}
}

/// Gives data to the SMS link. Where none runs, nobody waits for them.
fn pass_on(door: &DataDoor, delivery: Delivery) {
    match door.get() {
        // A full queue drops the place for the answer, which means "busy".
        Some(link) => drop(link.try_send(delivery)),
        None => watch::unheard("contact", delivery.reply.send(Reply::Accepted).is_err()),
    }
}

async fn take<S: HubStore>(
    (store, stretcher): (S, Stretcher),
    clock: Clock,
    delivery: Delivery,
    bells: Bells,
) {
    let trace_id = trace::new_id();
    let Some((kind, turn)) = turn_of(delivery.event) else {
        // Data for a program were passed on before.
        watch::unheard("contact", delivery.reply.send(Reply::Accepted).is_err());
        return;
    };
    let result = stretcher.commit(&store, turn, || clock.now()).await;
    let reply = reply_of(&trace_id, kind, result);
    let is_news = !matches!(reply, Reply::Screen { end: false, .. });
    watch::unheard("contact", delivery.reply.send(reply).is_err());
    bells.messages.notify_one();
    // A key press in the middle of a dialogue writes nothing that the hub waits for.
    if is_news {
        bells.ring();
    }
}

/// What an event asks of the store; `None` for data, which no dialogue may see.
fn turn_of(event: Inbound) -> Option<(&'static str, Turn)> {
    let turn = match event {
        Inbound::Ussd(step) => ("ussd", Turn::Contact(contact_of_ussd(step))),
        Inbound::Sms(sms) => ("sms", Turn::Contact(contact_of_sms(sms))),
        Inbound::Status(status) => ("receipt", Turn::MessageStatus(status)),
        Inbound::MissedCall(call) => {
            let (link, from) = (call.link, call.from);
            ("call", Turn::Contact(Contact::MissedCall { link, from }))
        }
        Inbound::Balance(reading) => {
            let (link, balance_minor) = (reading.link.0, reading.balance_minor);
            (
                "balance",
                Turn::Order(Order::Balance {
                    link,
                    balance_minor,
                }),
            )
        }
        Inbound::Data(_) => return None,
    };
    Some(turn)
}

fn contact_of_ussd(step: UssdStep) -> Contact {
    let (gsm7, ucs2) = step.limits;
    Contact::Ussd {
        link: step.link,
        session: step.session,
        from: step.from,
        code: step.code,
        op: step.op,
        text: step.text,
        step: step.step,
        screen_taken: step.screen_taken,
        limits: BearerLimits { gsm7, ucs2 },
    }
}

fn contact_of_sms(sms: SmsReceived) -> Contact {
    Contact::Sms {
        link: sms.link,
        from: sms.from,
        text: sms.text,
        sent: sms.sent,
    }
}

fn reply_of(trace_id: &str, kind: &str, result: Result<Committed, StoreError>) -> Reply {
    match result {
        Ok(Committed::Contact(ContactAnswer::Screen { text, end })) => {
            committed(trace_id, kind, end);
            Reply::Screen { text, end }
        }
        Ok(_) => {
            committed(trace_id, kind, true);
            Reply::Accepted
        }
        Err(error) => {
            tracing::error!(trace.id = %trace_id, contact.kind = kind, error = %error, "contact not committed");
            Reply::Busy
        }
    }
}

fn committed(trace_id: &str, kind: &str, end: bool) {
    tracing::info!(trace.id = %trace_id, contact.kind = kind, session.end = end, "contact committed");
}
