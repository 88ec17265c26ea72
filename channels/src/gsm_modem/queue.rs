//! The messages that wait for a modem, and what the modems' tasks tell of themselves.

use std::collections::{BTreeMap, VecDeque};

use channels_core::{Balance, Inbound, LinkName, Reply, SubmitOutcome};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::log;
use super::submission::{Submission, finish};
use crate::Delivery;

/// What the queue sees of a modem.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Standing {
    /// It is ready and registered.
    pub(super) is_in_service: bool,
    /// It can begin a message now, but for its budget.
    pub(super) is_free: bool,
    /// When its budget lets the next part leave.
    pub(super) may_send_at: Instant,
}

/// What a modem's task tells the queue.
pub(super) enum Told {
    /// A message of which nothing has left: another modem may take it.
    Returned(Submission),
    /// The SIM's airtime, in hundredths of the currency.
    Balance {
        /// Which modem.
        modem: String,
        /// The amount.
        hundredths: u64,
    },
}

/// The airtime of the link: of all its SIMs together, because any of them may send a message.
pub(super) struct Airtime {
    link: LinkName,
    inbound: mpsc::Sender<Delivery>,
    of_modem: BTreeMap<String, u64>,
    /// Wait for the node's answers.
    answers: JoinSet<()>,
}

impl Airtime {
    pub(super) fn new(link: LinkName, inbound: mpsc::Sender<Delivery>) -> Self {
        Self {
            link,
            inbound,
            of_modem: BTreeMap::new(),
            answers: JoinSet::new(),
        }
    }

    fn read(&mut self, modem: &str, hundredths: u64) {
        self.of_modem.insert(modem.to_owned(), hundredths);
        let sum = self.of_modem.values().copied().fold(0, u64::saturating_add);
        let balance_minor = i64::try_from(sum).unwrap_or(i64::MAX);
        let link = self.link.clone();
        let (reply, answer) = oneshot::channel();
        let event = Inbound::Balance(Balance {
            link,
            balance_minor,
        });
        match self.inbound.try_send(Delivery { event, reply }) {
            Ok(()) => {
                let modem = modem.to_owned();
                self.answers.spawn(async move {
                    if answer.await != Ok(Reply::Accepted) {
                        log::balance_untold(&modem);
                    }
                });
            }
            Err(_full) => log::balance_untold(modem),
        }
        // Those that were given have nothing more to say.
        while self.answers.try_join_next().is_some() {}
    }
}

/// A modem's task, as the queue sees it.
pub(super) struct Hand {
    pub(super) queue: mpsc::Sender<Submission>,
    pub(super) standing: watch::Receiver<Standing>,
}

/// Messages that wait for a modem, and the modems.
pub(super) struct Queue {
    pub(super) hands: Vec<Hand>,
    pub(super) waiting: VecDeque<Submission>,
}

impl Queue {
    /// Gives waiting messages to modems that are free, oldest first.
    pub(super) fn serve(&mut self) {
        while let Some(first) = self.waiting.front() {
            if first.done.is_closed() && !first.has_left() {
                // The node gave it up: it must not leave any more.
                self.waiting.pop_front();
                continue;
            }
            let now = Instant::now();
            let free = self.hands.iter().find(|hand| {
                let standing = *hand.standing.borrow();
                standing.is_free && standing.may_send_at <= now && hand.queue.capacity() > 0
            });
            // Nothing may be taken from the queue before there is a place for it.
            let Some(hand) = free else { return };
            let Some(first) = self.waiting.pop_front() else {
                return;
            };
            if let Err(refused) = hand.queue.try_send(first) {
                self.waiting.push_front(refused.into_inner());
                return;
            }
        }
    }

    /// Answers what has waited too long.
    pub(super) fn expire(&mut self) {
        let now = Instant::now();
        while self.waiting.front().is_some_and(|first| first.until <= now) {
            if let Some(first) = self.waiting.pop_front() {
                let after_s = self.wait_s();
                finish(first.done, SubmitOutcome::TryLater { after_s });
            }
        }
    }

    /// Seconds until a modem may take a message again, at least five.
    fn wait_s(&self) -> u32 {
        let now = Instant::now();
        let waits = self.hands.iter().map(|hand| {
            let standing = *hand.standing.borrow();
            standing
                .may_send_at
                .saturating_duration_since(now)
                .as_secs()
        });
        u32::try_from(waits.min().unwrap_or(0).clamp(5, 3_600)).unwrap_or(5)
    }

    /// When the first message has waited too long, or a budget opens.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let first = self.waiting.front()?;
        let now = Instant::now();
        let opens = self
            .hands
            .iter()
            .map(|hand| hand.standing.borrow().may_send_at);
        opens.filter(|at| *at > now).chain([first.until]).min()
    }

    /// How many modems are in service.
    pub(super) fn in_service(&self) -> u8 {
        let count = self
            .hands
            .iter()
            .filter(|hand| hand.standing.borrow().is_in_service);
        u8::try_from(count.count()).unwrap_or(u8::MAX)
    }

    /// Takes what a modem's task told.
    pub(super) fn take(&mut self, told: Told, airtime: &mut Airtime) {
        match told {
            Told::Returned(submission) => self.waiting.push_front(submission),
            Told::Balance { modem, hundredths } => airtime.read(&modem, hundredths),
        }
    }

    /// Ends: the modems hang up when their queues close; what waits here did not leave.
    pub(super) async fn end(self, mut told: mpsc::Receiver<Told>) {
        drop(self.hands);
        for submission in self.waiting {
            submission.abandon();
        }
        while let Some(told) = told.recv().await {
            if let Told::Returned(submission) = told {
                submission.abandon();
            }
        }
    }
}
