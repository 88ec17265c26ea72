//! The node's side of the loop-back bearer: events in, messages and their receipts out.

use std::collections::VecDeque;
use std::fmt;

use tokio::sync::{mpsc, oneshot};

use channels_core::{Inbound, LinkName, Reply, SmsStatus, SubmitOutcome};

use super::InboxSide;
use crate::{Channel, ChannelIo, Delivery, Outgoing};

/// Most receipts that wait for the node; beyond that the oldest is dropped, as a network would.
const RECEIPTS_MAX: usize = 1_000;
/// How often a receipt is given again to a node that is busy; then it is dropped.
const RECEIPT_TRIES_MAX: u8 = 8;
/// Seconds after which a message is tried again when nobody holds the phones.
const NO_PHONES_S: u32 = 60;

/// The loop-back bearer as the node runs it.
pub struct LoopBackChannel {
    link: LinkName,
    inboxes: InboxSide,
    events: mpsc::Receiver<Delivery>,
}

/// A receipt on its way.
struct Receipt {
    message_id: String,
    tries: u8,
}

impl LoopBackChannel {
    pub(super) fn new(
        link: LinkName,
        inboxes: InboxSide,
        events: mpsc::Receiver<Delivery>,
    ) -> Self {
        Self {
            link,
            inboxes,
            events,
        }
    }

    /// Takes a message and says what became of it; the id of its receipt if it arrived.
    fn take(&self, outgoing: Outgoing) -> Option<String> {
        let Outgoing { sms, done } = outgoing;
        if !sms.data.is_empty() {
            // Phones here are people's: no program listens on them.
            drop(done.send(SubmitOutcome::Failed { code: 0 }));
            return None;
        }
        let message_id = self.inboxes.receive(sms).map(|order| order.to_string());
        let outcome = match &message_id {
            Some(message_id) => SubmitOutcome::Sent {
                message_id: message_id.clone(),
            },
            None => SubmitOutcome::TryLater {
                after_s: NO_PHONES_S,
            },
        };
        if done.send(outcome).is_err() {
            tracing::debug!(link.name = %self.link.0, "the outbox did not wait for the outcome");
        }
        message_id
    }

    fn event(&self, receipt: &Receipt) -> Inbound {
        let id = receipt.message_id.clone();
        Inbound::Status(SmsStatus::new(self.link.clone(), id, Some(true)))
    }
}

impl Channel for LoopBackChannel {
    fn name(&self) -> &LinkName {
        &self.link
    }

    async fn run(mut self, io: ChannelIo) {
        let ChannelIo {
            inbound,
            mut outgoing,
        } = io;
        let mut receipts: VecDeque<Receipt> = VecDeque::new();
        let mut asked: Option<(Receipt, oneshot::Receiver<Reply>)> = None;
        let mut phones = true;
        loop {
            tokio::select! {
                // Cancel safe: a message not taken stays in the queue.
                message = outgoing.recv() => {
                    let Some(message) = message else { return };
                    if let Some(message_id) = self.take(message) {
                        if receipts.len() >= RECEIPTS_MAX {
                            receipts.pop_front();
                        }
                        receipts.push_back(Receipt { message_id, tries: 0 });
                    }
                }
                // Cancel safe: an event not taken stays in the queue.
                event = self.events.recv(), if phones => match event {
                    // A full node drops the place for the answer, which means "busy".
                    Some(event) => drop(inbound.try_send(event)),
                    None => phones = false,
                },
                // Cancel safe: a permit that was not given is not lost.
                permit = inbound.reserve(), if asked.is_none() && !receipts.is_empty() => {
                    let (Ok(permit), Some(receipt)) = (permit, receipts.pop_front()) else { return };
                    let (reply, answer) = oneshot::channel();
                    permit.send(Delivery { event: self.event(&receipt), reply });
                    asked = Some((receipt, answer));
                }
                // Cancel safe: the answer stays in its place.
                answer = answer_of(&mut asked) => {
                    let Some((receipt, _)) = asked.take() else { continue };
                    let tries = receipt.tries.saturating_add(1);
                    if answer == Reply::Busy && tries < RECEIPT_TRIES_MAX {
                        receipts.push_back(Receipt { tries, ..receipt });
                    }
                }
            }
        }
    }
}

/// The node's answer to the receipt under way; never, when none is.
async fn answer_of(asked: &mut Option<(Receipt, oneshot::Receiver<Reply>)>) -> Reply {
    match asked {
        Some((_, answer)) => answer.await.unwrap_or(Reply::Busy),
        None => std::future::pending().await,
    }
}

impl fmt::Debug for LoopBackChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoopBackChannel({:?})", self.link)
    }
}
