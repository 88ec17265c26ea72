//! The SMS link's loop: data in, committed, then data out, by the same channel as texts to people.
//!
//! The desk decides nothing either: the machine is `sync_core::sms`. An SMS is answered to its
//! channel after the commit, so that one that a power cut takes back comes again from the modem.

mod deliver;
pub mod desk;
mod peer;

use std::time::Duration;

use channels::{Delivery, Outgoing};
use channels_core::{Inbound, OutgoingSms, Reply, SubmitOutcome};
use node_store::StoreError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::runtime::bell::{Bells, Shutdown};
use crate::runtime::messages::{SUBMIT_ANSWER_S_MAX, SmsLink};
use crate::runtime::uplink::digest;
use crate::runtime::watch;
use desk::{DataSms, Done, SmsDesk};

/// Data that wait for the loop; beyond it the channel hears "busy" and keeps them.
pub const DATA_QUEUE_MAX: usize = 32;
/// Longest sleep, in seconds: the clock may be set in between.
const SLEEP_S_MAX: u64 = 60;
/// Pause after the store failed, in seconds.
const FAILED_S: u64 = 30;
/// How long the network tries, in seconds: a day. The machine asks sooner.
const VALIDITY_S: u32 = 86_400;

/// What a running link needs beside its desk.
#[derive(Debug)]
pub struct SmsLinkIo {
    /// Data that came in.
    pub data: mpsc::Receiver<Delivery>,
    /// The channel of the SIM.
    pub link: SmsLink,
    /// Wakes the loops, and this one.
    pub bells: Bells,
}

/// Runs until the program shuts down.
pub async fn run(mut desk: SmsDesk, clock: Clock, io: SmsLinkIo, mut shutdown: Shutdown) {
    let SmsLinkIo {
        mut data,
        mut link,
        bells,
    } = io;
    let mut flights = JoinSet::new();
    let mut not_before = Instant::now();
    let mut number = 0_u64;
    let mut next = Some(desk.start(clock.now()).await);
    bells.sms.notify_one();
    loop {
        if let Some(done) = next.take() {
            match done {
                Ok(Done { sms, is_news }) => {
                    for sms in sms {
                        number = number.wrapping_add(1);
                        flights.spawn(hand_over(link.clone(), sms, number));
                    }
                    if is_news {
                        // One run brings what the registry said of many: one text a worker.
                        if !desk.is_hub() {
                            digest(desk.store(), clock, &bells).await;
                        }
                        bells.ring();
                    }
                }
                Err(error) => {
                    watch::store_failed("step the SMS link", &error);
                    not_before = Instant::now() + Duration::from_secs(FAILED_S);
                }
            }
        }
        if *shutdown.borrow() {
            break;
        }
        // A link that is down keeps its turn: what is sent now would only count as lost.
        let is_up = *link.ready.borrow() > 0;
        let due = Instant::now() + until(&desk, clock);
        // All arms are cancel safe: what was not taken stays where it is.
        tokio::select! {
            delivery = data.recv() => match delivery {
                Some(delivery) => next = Some(take(&mut desk, clock, delivery).await),
                None => break,
            },
            () = tokio::time::sleep_until(due.max(not_before)) => {
                if is_up {
                    next = Some(look(&mut desk, clock).await);
                }
            }
            () = bells.sms.notified(), if is_up => next = Some(desk.offer(clock.now()).await),
            changed = link.ready.changed() => if changed.is_err() { break; },
            Some(done) = flights.join_next(), if !flights.is_empty() => watch::ended("data SMS", done),
            changed = shutdown.changed() => if changed.is_err() { break; },
        }
    }
    while let Some(done) = flights.join_next().await {
        watch::ended("data SMS", done);
    }
}

/// How long nothing is due.
fn until(desk: &SmsDesk, clock: Clock) -> Duration {
    let left = desk.deadline().duration_since(clock.now().at);
    let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
    left.min(Duration::from_secs(SLEEP_S_MAX))
}

async fn look(desk: &mut SmsDesk, clock: Clock) -> Result<Done, StoreError> {
    let now = clock.now();
    if desk.deadline() > now.at {
        return Ok(Done::default());
    }
    desk.timeout(now).await
}

/// Takes data, and answers their channel after the commit.
async fn take(desk: &mut SmsDesk, clock: Clock, delivery: Delivery) -> Result<Done, StoreError> {
    let Inbound::Data(data) = delivery.event else {
        return Ok(Done::default());
    };
    let done = desk.received(&data.from, &data.octets, clock.now()).await;
    let reply = if done.is_ok() {
        Reply::Accepted
    } else {
        Reply::Busy
    };
    watch::unheard("data by SMS", delivery.reply.send(reply).is_err());
    done
}

/// Gives an SMS to the channel, once: whatever comes of it, the machine asks later.
async fn hand_over(link: SmsLink, sms: DataSms, number: u64) {
    let (done, answer) = oneshot::channel();
    let outgoing = Outgoing {
        sms: OutgoingSms {
            id: format!("data-{number}"),
            to: sms.to,
            from: link.from.clone(),
            data: sms.octets,
            text: String::new(),
            validity_s: VALIDITY_S,
        },
        done,
    };
    if link.queue.send(outgoing).await.is_err() {
        return;
    }
    let limit = Duration::from_secs(SUBMIT_ANSWER_S_MAX);
    let outcome = tokio::time::timeout(limit, answer).await;
    let is_sent = matches!(outcome, Ok(Ok(SubmitOutcome::Sent { .. })));
    tracing::info!(link = %link.name, sent = is_sent, "data SMS handed over");
}
