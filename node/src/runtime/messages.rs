//! Messages: claims what is due in the outbox, hands it to a link, records what became of it.

use std::time::Duration;

use channels::Outgoing;
use channels_core::{Address, Msisdn, OutgoingSms, SubmitOutcome};
use node_core::turn::{Claim, ClaimKind, Finish};
use node_store::HubStore;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::runtime::bell::{Bells, Shutdown, wait};
use crate::runtime::watch;

/// Most messages in flight at once over all links; the rest waits on disk.
pub const MESSAGES_IN_FLIGHT_MAX: usize = 32;
/// Longest wait for a link's answer; then the outcome is unknown and not sent again blindly.
pub const SUBMIT_ANSWER_S_MAX: u64 = 150;
/// How often the outbox is looked at without a bell: for back-off and expiry.
pub const OUTBOX_INTERVAL_S: u64 = 1;

/// A link that can send SMS.
#[derive(Clone, Debug)]
pub struct SmsLink {
    /// Its name, stored with the message to match receipts.
    pub name: String,
    /// Its queue.
    pub queue: mpsc::Sender<Outgoing>,
    /// The sender that the recipient sees.
    pub from: Address,
}

/// Sends what is due until the program shuts down.
pub async fn run<S: HubStore>(
    store: S,
    clock: Clock,
    link: SmsLink,
    bells: Bells,
    mut shutdown: Shutdown,
) {
    let mut flights = JoinSet::new();
    loop {
        while let Some(done) = flights.try_join_next() {
            watch::ended("message", done);
        }
        let room = MESSAGES_IN_FLIGHT_MAX.saturating_sub(flights.len());
        let limit = u32::try_from(room).unwrap_or(0);
        let claims = if limit == 0 {
            Vec::new()
        } else {
            claim(&store, clock, limit).await
        };
        let idle = claims.is_empty();
        for claimed in claims {
            flights.spawn(send(store.clone(), clock, link.clone(), claimed));
        }
        let interval = Duration::from_secs(OUTBOX_INTERVAL_S);
        if idle && !wait(&bells.messages, interval, &mut shutdown).await {
            break;
        }
    }
    while let Some(done) = flights.join_next().await {
        watch::ended("message", done);
    }
}

async fn claim<S: HubStore>(store: &S, clock: Clock, limit: u32) -> Vec<Claim> {
    match store.claim(ClaimKind::Messages, limit, clock.now()).await {
        Ok(claims) => claims,
        Err(error) => {
            tracing::warn!(error = %error, "outbox could not be read");
            Vec::new()
        }
    }
}

async fn send<S: HubStore>(store: S, clock: Clock, link: SmsLink, claim: Claim) {
    let Claim::Message {
        id,
        to,
        text,
        validity_s,
        ..
    } = claim
    else {
        return;
    };
    let outcome = match Msisdn::parse(&to) {
        Ok(to) => {
            let from = link.from.clone();
            let sms = OutgoingSms {
                id: id.clone(),
                to,
                from,
                text: text.0,
                validity_s,
            };
            hand_over(&link.queue, sms).await
        }
        Err(_) => SubmitOutcome::Failed { code: 0x0B },
    };
    tell(&id, &link.name, &outcome);
    let finish = Finish::Message {
        id,
        link: link.name,
        outcome,
    };
    if let Err(error) = store.finish(finish, clock.now()).await {
        watch::store_failed("finish a message", &error);
    }
}

fn tell(id: &str, link: &str, outcome: &SubmitOutcome) {
    tracing::info!(message.id = %id, link, outcome = ?outcome, "message handed over");
    if *outcome == SubmitOutcome::NoCredit {
        alarm(link);
    }
}

/// An account without credit is for a person: until then the link's messages wait.
fn alarm(link: &str) {
    tracing::error!(link, "no credit at the link's account: its messages wait");
}

/// Gives the message to the link and waits for its answer, with a bound.
async fn hand_over(queue: &mpsc::Sender<Outgoing>, sms: OutgoingSms) -> SubmitOutcome {
    let (done, answer) = oneshot::channel();
    if queue.send(Outgoing { sms, done }).await.is_err() {
        return SubmitOutcome::TryLater { after_s: 5 };
    }
    match tokio::time::timeout(Duration::from_secs(SUBMIT_ANSWER_S_MAX), answer).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) | Err(_) => SubmitOutcome::Unknown,
    }
}
