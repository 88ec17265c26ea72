//! Messages: claims what is due in the outbox, hands it to a link, records what became of it.

use std::time::Duration;

use channels::Outgoing;
use channels_core::{Address, Msisdn, OutgoingSms, SubmitOutcome};
use jiff::{SignedDuration, Timestamp};
use node_core::message::retry;
use node_core::turn::{Claim, ClaimKind, Finish};
use node_store::HubStore;
use tokio::sync::{Notify, mpsc, oneshot, watch as latest};
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
    /// Most messages that it has on their way at once.
    pub window: usize,
    /// How many of its connections could take a message now.
    pub ready: latest::Receiver<u8>,
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
    // A link that is down leaves bells and messages to the others.
    let silence = Notify::new();
    loop {
        while let Some(done) = flights.try_join_next() {
            watch::ended("message", done);
        }
        // What is claimed and did not leave before a power cut is unknown afterwards: no more than
        // the link can send is claimed.
        let most = link.window.min(MESSAGES_IN_FLIGHT_MAX);
        let room = most.saturating_sub(flights.len());
        let is_up = *link.ready.borrow() > 0;
        let claims = match (is_up, u32::try_from(room).unwrap_or(0)) {
            (true, 0) => Vec::new(),
            (true, limit) => claim(&store, clock, &link.name, limit).await,
            // Nothing is taken, but time passes: validities end while the link is down.
            (false, _) => claim(&store, clock, &link.name, 0).await,
        };
        let idle = claims.is_empty();
        for claimed in claims {
            flights.spawn(send(store.clone(), clock, link.clone(), claimed));
        }
        if !idle && !*shutdown.borrow() {
            continue;
        }
        let interval = Duration::from_secs(OUTBOX_INTERVAL_S);
        let bell = if is_up { &bells.messages } else { &silence };
        // Both arms are cancel safe. A link that has room again gets work at once.
        tokio::select! {
            Some(done) = flights.join_next(), if !flights.is_empty() => watch::ended("message", done),
            runs = wait(bell, interval, &mut shutdown) => if !runs { break },
        }
    }
    while let Some(done) = flights.join_next().await {
        watch::ended("message", done);
    }
}

async fn claim<S: HubStore>(store: &S, clock: Clock, link: &str, limit: u32) -> Vec<Claim> {
    let kind = ClaimKind::MessagesOver {
        link: link.to_owned(),
    };
    match store.claim(kind, limit, clock.now()).await {
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
        possible_duplicate,
        ..
    } = claim
    else {
        return;
    };
    let until = clock
        .now()
        .at
        .saturating_add(SignedDuration::from_secs(i64::from(validity_s)));
    let sms = Msisdn::parse(&to).map(|to| OutgoingSms {
        id: id.clone(),
        to,
        from: link.from.clone(),
        data: Vec::new(),
        text: text.0,
        validity_s,
    });
    let outcome = match (sms, until) {
        (Ok(sms), Ok(until)) => hand_over(&link.queue, sms, (clock, until)).await,
        (Ok(_) | Err(_), _) => Handed::Told(SubmitOutcome::Failed { code: 0x0B }),
    };
    tracing::info!(
        message.id = %id, link = %link.name, outcome = ?outcome,
        possible_duplicate, "message handed over"
    );
    let link = link.name;
    let finish = match outcome {
        Handed::Stale => Finish::MessageStale { id, link },
        Handed::Told(outcome) => Finish::Message { id, link, outcome },
    };
    if let Err(error) = store.finish(finish, clock.now()).await {
        watch::store_failed("finish a message", &error);
    }
}

/// What came of handing a message to its link.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Handed {
    /// The link's word, or what stands for it.
    Told(SubmitOutcome),
    /// Its time was over while it waited for room in the link's queue (CH20).
    Stale,
}

/// Gives the message to the link, unless it became stale before there was room, and waits for its
/// answer, with a bound.
async fn hand_over(
    queue: &mpsc::Sender<Outgoing>,
    mut sms: OutgoingSms,
    (clock, until): (Clock, Timestamp),
) -> Handed {
    let Ok(room) = queue.reserve().await else {
        return Handed::Told(SubmitOutcome::TryLater { after_s: 5 });
    };
    let now_ms = clock.now().at.as_millisecond();
    let Some(left_s) = retry::validity_left_s(until.as_millisecond(), now_ms) else {
        return Handed::Stale;
    };
    sms.validity_s = left_s;
    let (done, answer) = oneshot::channel();
    room.send(Outgoing { sms, done });
    let outcome = tokio::time::timeout(Duration::from_secs(SUBMIT_ANSWER_S_MAX), answer).await;
    Handed::Told(match outcome {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) | Err(_) => SubmitOutcome::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use node_core::message::order::Order;
    use node_core::turn::Turn;
    use node_core::view::{MessageClass, NewMessage, Terms};
    use sync_core::ClockQuality;

    use super::*;
    use crate::roles::hub::{self, FIRST_AREA, HubConfig};

    fn sms() -> OutgoingSms {
        OutgoingSms {
            id: "1".to_owned(),
            to: Msisdn::parse("+256770000001").unwrap(),
            from: Address::parse("384").unwrap(),
            data: Vec::new(),
            text: "text".to_owned(),
            validity_s: 60,
        }
    }

    fn clock(text: &str) -> Clock {
        Clock::fixed(text.parse().unwrap(), ClockQuality::Ntp)
    }

    #[tokio::test]
    async fn a_message_is_looked_at_again_right_before_it_is_handed_over() {
        let (queue, mut link) = mpsc::channel(1);
        let until: Timestamp = "2026-03-14T10:00:10Z".parse().unwrap();
        let late = clock("2026-03-14T10:00:10Z");
        assert_eq!(hand_over(&queue, sms(), (late, until)).await, Handed::Stale);
        assert!(link.try_recv().is_err(), "nothing reached the link");
        let fresh = clock("2026-03-14T10:00:07Z");
        let answering = async {
            let Outgoing { sms, done } = link.recv().await.unwrap();
            done.send(SubmitOutcome::Unknown).unwrap();
            sms.validity_s
        };
        let (told, validity_s) = tokio::join!(hand_over(&queue, sms(), (fresh, until)), answering);
        assert_eq!(told, Handed::Told(SubmitOutcome::Unknown));
        assert_eq!(validity_s, 3, "the network is told what is left");
    }

    fn emergency(number: u32) -> Turn {
        Turn::Order(Order::Queue(NewMessage {
            cause: format!("flood:{number}"),
            to: format!("+25677{:07}", 1_000_000 + number),
            text: "Leave the valley now.".to_owned(),
            class: MessageClass::Emergency,
            validity_s: 3_600,
            covers: Vec::new(),
            terms: Terms::default(),
        }))
    }

    fn link(name: &str, up: u8) -> (SmsLink, mpsc::Receiver<Outgoing>) {
        let (queue, outgoing) = mpsc::channel(64);
        let link = SmsLink {
            name: name.to_owned(),
            queue,
            window: 32,
            ready: latest::channel(up).1,
            from: Address::parse("384").unwrap(),
        };
        (link, outgoing)
    }

    #[tokio::test]
    async fn a_link_that_is_down_leaves_the_queue_to_another() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::system(ClockQuality::Ntp);
        let config = HubConfig {
            programmes: None,
            services: Vec::new(),
            staff_pin_hours: 0,
            folder: folder.path().join("hub"),
            name: "hub".to_owned(),
            realm: "hub".to_owned(),
            areas: vec![FIRST_AREA],
            villages: node_core::village::Villages::default(),
            country: "UG".to_owned(),
            language: "en".to_owned(),
            sender: "384".to_owned(),
            listen: None,
            clock,
        };
        let store = hub::open(&config).await.unwrap();
        let (stop, shutdown) = latest::channel(false);
        let bells = Bells::default();
        let (down, mut unused) = link("down", 0);
        let (up, mut used) = link("up", 1);
        let loops = [down, up].map(|link| {
            let (store, bells) = (store.clone(), bells.clone());
            tokio::spawn(run(store, clock, link, bells, shutdown.clone()))
        });
        for number in 0..20 {
            store.commit(emergency(number), clock.now()).await.unwrap();
            bells.messages.notify_one();
        }
        for number in 0..20 {
            let next = tokio::time::timeout(Duration::from_secs(20), used.recv());
            let Outgoing { done, .. } = next.await.expect("by the link that is up").unwrap();
            let message_id = number.to_string();
            done.send(SubmitOutcome::Sent { message_id }).unwrap();
        }
        assert!(unused.try_recv().is_err(), "the link that is down got one");
        stop.send(true).unwrap();
        for ended in loops {
            ended.await.unwrap();
        }
    }
}
