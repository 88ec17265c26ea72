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
pub async fn run(desk: SmsDesk, clock: Clock, io: SmsLinkIo, mut shutdown: Shutdown) {
    let mut out = Out::new(clock, io.link.clone(), io.bells.clone());
    let mut ins = In { desk, clock, io };
    let started = ins.desk.start(clock.now()).await;
    out.follow(&ins.desk, started).await;
    ins.io.bells.sms.notify_one();
    while !*shutdown.borrow() {
        let Some(done) = ins.next(&mut out, &mut shutdown).await else {
            break;
        };
        out.follow(&ins.desk, done).await;
    }
    out.end().await;
}

/// What wakes the desk.
struct In {
    desk: SmsDesk,
    clock: Clock,
    io: SmsLinkIo,
}

impl In {
    /// Waits for the next thing that happens, and takes it; `None` at the end.
    async fn next(
        &mut self,
        out: &mut Out,
        shutdown: &mut Shutdown,
    ) -> Option<Result<Done, StoreError>> {
        let (desk, clock) = (&mut self.desk, self.clock);
        let SmsLinkIo { data, link, bells } = &mut self.io;
        // A link that is down keeps its turn: what is sent now would only count as lost.
        let is_up = *link.ready.borrow() > 0;
        let due = (Instant::now() + until(desk, clock)).max(out.not_before);
        let nothing = |()| Ok(Done::default());
        // All arms are cancel safe: what was not taken stays where it is.
        tokio::select! {
            delivery = data.recv() => Some(take(desk, clock, delivery?).await),
            () = tokio::time::sleep_until(due), if is_up => Some(look(desk, clock).await),
            () = bells.sms.notified(), if is_up => Some(desk.offer(clock.now()).await),
            changed = link.ready.changed() => changed.ok().map(nothing),
            () = out.landed() => Some(Ok(Done::default())),
            changed = shutdown.changed() => changed.ok().map(nothing),
        }
    }
}

/// What leaves.
struct Out {
    clock: Clock,
    link: SmsLink,
    bells: Bells,
    flights: JoinSet<()>,
    /// Nothing is tried before, after the store failed.
    not_before: Instant,
    number: u64,
}

impl Out {
    fn new(clock: Clock, link: SmsLink, bells: Bells) -> Self {
        Self {
            clock,
            link,
            bells,
            flights: JoinSet::new(),
            not_before: Instant::now(),
            number: 0,
        }
    }

    /// Sends what was committed, and wakes the others where the journal has grown.
    async fn follow(&mut self, desk: &SmsDesk, done: Result<Done, StoreError>) {
        let Done { sms, is_news } = match done {
            Ok(done) => done,
            Err(error) => {
                watch::store_failed("step the SMS link", &error);
                self.not_before = Instant::now() + Duration::from_secs(FAILED_S);
                return;
            }
        };
        for sms in sms {
            self.number = self.number.wrapping_add(1);
            let link = self.link.clone();
            self.flights.spawn(hand_over(link, sms, self.number));
        }
        if is_news && !desk.is_hub() {
            // One run brings what the registry said of many: one text a worker.
            digest(desk.store(), self.clock, &self.bells).await;
        }
        if is_news {
            self.bells.ring();
        }
    }

    /// One of the flights has ended; never while there is none. Cancel safe.
    async fn landed(&mut self) {
        match self.flights.join_next().await {
            Some(done) => watch::ended("data SMS", done),
            None => std::future::pending().await,
        }
    }

    async fn end(mut self) {
        while let Some(done) = self.flights.join_next().await {
            watch::ended("data SMS", done);
        }
    }
}

/// How long nothing is due.
fn until(desk: &SmsDesk, clock: Clock) -> Duration {
    let longest = Duration::from_secs(SLEEP_S_MAX);
    let left = desk.deadline().duration_since(clock.now().at);
    let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
    left.min(longest)
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
