//! Orders about messages, each one transaction.

use node_core::message::order::{Order, OrderRefusal, Ordered};
use node_core::message::state::MessageEvent;

use crate::hub_store::StoreError;
use crate::outbox::queue::Queued;
use crate::tx::Tx;

type Told = Result<Ordered, OrderRefusal>;

fn done(result: Result<(), OrderRefusal>) -> Told {
    result.map(|()| Ordered::Done)
}

impl Tx<'_> {
    /// Does an order, or says why not.
    pub(crate) fn order(&self, order: Order) -> Result<Told, StoreError> {
        Ok(match order {
            Order::SetPolicy(policy) => {
                self.set_policy(&policy)?;
                Ok(Ordered::Done)
            }
            Order::Balance {
                link,
                balance_minor,
            } => {
                self.read_balance(&link, balance_minor)?;
                Ok(Ordered::Done)
            }
            Order::Queue(message) => match self.enqueue(&message)? {
                Queued::Waits => Ok(Ordered::Done),
                Queued::Known | Queued::Stopped | Queued::Refused => Err(OrderRefusal::Capped),
            },
            Order::CancelPlan(plan) => {
                self.cancel_plan(&plan)?;
                Ok(Ordered::Done)
            }
            Order::Hold(id) => done(self.move_message(id, MessageEvent::KeptBack)?),
            Order::Release(id) => done(self.move_message(id, MessageEvent::Released)?),
            Order::Cancel(id) => done(self.move_message(id, MessageEvent::Withdrawn)?),
            Order::Reply { thread, text } => done(self.reply_to_thread(thread, &text)?),
            Order::DraftBroadcast { text, validity_s } => self
                .draft_broadcast(&text, validity_s)?
                .map(Ordered::Broadcast),
            Order::AddRecipients { broadcast, numbers } => self
                .add_recipients(broadcast, &numbers)?
                .map(Ordered::Added),
            Order::StartBroadcast { broadcast, parts } => {
                done(self.start_broadcast(broadcast, parts)?)
            }
            Order::PauseBroadcast(id) => done(self.pause_broadcast(id)?),
            Order::ResumeBroadcast(id) => done(self.resume_broadcast(id)?),
            Order::CancelBroadcast(id) => done(self.cancel_broadcast(id)?),
            Order::AddAudience {
                broadcast,
                audience,
                after,
            } => self.add_audience(broadcast, &audience, after)?,
            Order::AddPeople { broadcast, people } => {
                let numbers = self.bound_numbers(&people)?;
                self.add_recipients(broadcast, &numbers)?
                    .map(Ordered::Added)
            }
            Order::ProposeBroadcast {
                broadcast,
                parts,
                by,
            } => done(self.propose_broadcast(broadcast, parts, &by)?),
            Order::DecideBroadcast {
                broadcast,
                approve,
                by,
            } => done(self.decide_broadcast(broadcast, approve, &by)?),
        })
    }
}
