//! One step of a machine: handled, committed, then performed.

use std::collections::VecDeque;

use node_core::contact::Moment;
use node_store::{HeldThere, RunEnd, SmsRun, SmsStep, StoreError};
use sync_core::sms::link::{Action, Alarm, Input};
use sync_core::sms::order::Order;
use sync_core::sms::purse::Budget;
use sync_core::{ChainId, Seq};

use super::super::deliver;
use super::{DataSms, Done, SmsDesk};

/// What a step commits beside the machine's state.
#[derive(Clone, Debug, Default)]
pub(in crate::runtime::sms_link) struct Extra {
    pub(in crate::runtime::sms_link) began: Option<SmsRun>,
    pub(in crate::runtime::sms_link) heard: Option<(ChainId, Seq)>,
    pub(in crate::runtime::sms_link) told: Option<HeldThere>,
    /// An order that holds here now.
    pub(in crate::runtime::sms_link) learned: Option<Order>,
    /// Ended without the peer's word.
    pub(in crate::runtime::sms_link) carried: Option<u64>,
}

impl SmsDesk {
    /// One input and all that follows from it.
    pub(super) async fn feed(
        &mut self,
        at: usize,
        now: Moment,
        first: (Input, Extra),
        done: &mut Done,
    ) -> Result<(), StoreError> {
        let mut inputs = VecDeque::from([first]);
        while let Some((input, extra)) = inputs.pop_front() {
            let Some(peer) = self.peers.get_mut(at) else {
                return Ok(());
            };
            let actions = peer.link.handle(now.at, &mut self.purse, input);
            if let Err(error) = self.commit(at, now, &actions, extra).await {
                self.reopen(at).await?;
                return Err(error);
            }
            for action in actions {
                let next = self.perform(at, now, action, done).await?;
                inputs.extend(next);
            }
        }
        Ok(())
    }

    /// Commits what the actions mean, if there is anything to commit.
    async fn commit(
        &mut self,
        at: usize,
        now: Moment,
        actions: &[Action],
        extra: Extra,
    ) -> Result<(), StoreError> {
        let counted = self.counted;
        let Some(peer) = self.peers.get_mut(at) else {
            return Ok(());
        };
        let mut step = SmsStep {
            ends: peer.ends,
            steps: peer.steps,
            state: Vec::new(),
            purse: (self.config.sim.clone(), self.purse.state(), counted),
            sends: 0,
            began: Vec::new(),
            ended: Vec::new(),
            receipts: Vec::new(),
            heard: extra.heard.into_iter().collect(),
            told: extra.told,
            learned: extra.learned,
        };
        let mut is_due = !step.heard.is_empty() || step.told.is_some();
        let mut began = extra.began;
        for action in actions {
            match action {
                Action::Persist => is_due = true,
                Action::Send(_) => step.sends = step.sends.saturating_add(1),
                Action::Accepted(ticket) => step.ended.extend(peer.ended(*ticket, None, now.at)),
                Action::Refused(ticket, code) => {
                    step.ended.extend(peer.ended(*ticket, Some(*code), now.at));
                }
                Action::Receipt(bytes) => step.receipts.push(bytes.clone()),
                Action::Rejected(..) => began = None,
                Action::KeyAdvanced(_) => {
                    peer.steps = peer.steps.saturating_add(1);
                    step.steps = peer.steps;
                }
                Action::Deliver(_) | Action::Alarm(_) => {}
            }
        }
        let carried = extra.carried.and_then(|ticket| {
            let about = peer.runs.remove(&ticket)?;
            Some((SmsRun { ticket, about }, RunEnd::Dropped))
        });
        step.ended.extend(carried);
        if let Some(run) = began {
            peer.began(&run);
            self.began = self.began.saturating_add(1);
            step.began.push(run);
        }
        if !is_due && step.ended.is_empty() {
            return Ok(());
        }
        step.state = peer.link.state();
        self.store.persist_sms(step, now).await
    }

    async fn perform(
        &mut self,
        at: usize,
        now: Moment,
        action: Action,
        done: &mut Done,
    ) -> Result<Vec<(Input, Extra)>, StoreError> {
        let Some(peer) = self.peers.get_mut(at) else {
            return Ok(Vec::new());
        };
        let ends = peer.ends;
        match action {
            Action::Send(octets) => {
                let to = peer.number.clone();
                done.sms.push(DataSms { to, octets });
            }
            Action::Deliver(run) => {
                let taken = deliver::take(&self.store, (&ends, self.config.is_hub), run, now).await;
                done.is_news |= taken.is_news;
                return Ok(taken.inputs);
            }
            Action::Alarm(Alarm::KeyWorn) => {
                let mut keys = peer.link.keys().clone();
                keys.advance();
                peer.steps = peer.steps.saturating_add(1);
                return Ok(vec![(Input::Keys(keys), Extra::default())]);
            }
            Action::Alarm(Alarm::Budget(budget)) => self.tell(budget),
            Action::Rejected(_, why) => {
                tracing::warn!(sms.node = ends.node.0, reason = ?why, "a run does not go by SMS");
            }
            _ => {}
        }
        Ok(Vec::new())
    }

    fn tell(&self, budget: Budget) {
        let sim = self.config.sim.as_str();
        match budget {
            Budget::Low => mostly_used(sim),
            Budget::Empty => used_up(sim),
        }
    }
}

fn mostly_used(sim: &str) {
    tracing::warn!(link = sim, "most of the SMS budget is used");
}

fn used_up(sim: &str) {
    tracing::error!(link = sim, "the SMS budget is used up: entries wait");
}
