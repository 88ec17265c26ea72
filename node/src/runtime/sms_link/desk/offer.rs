//! What is offered to the other end, and when: entries, orders, what we hold.

use jiff::SignedDuration;
use node_core::contact::Moment;
use node_core::query::{Answer, Query};
use node_store::{About, HubStore, SmsOffer, SmsRun, StoreError};
use sync_core::Lane;
use sync_core::sms::key::Ends;
use sync_core::sms::link::{Input, Submission};
use sync_core::sms::order::Order;
use sync_core::sms::{Carrier, Class};

use super::step::Extra;
use super::{Done, SmsDesk};

impl SmsDesk {
    /// Whether node and hub did not meet over IP for the set time.
    fn is_silent(&self, ends: &Ends, now: Moment) -> bool {
        let last = self.contacts.last(ends.node).unwrap_or(self.started);
        let is_met = self.contacts.last(ends.node).is_some();
        // A site without any other road need not wait at its start.
        let waits = is_met || self.config.after > SignedDuration::ZERO;
        !waits || now.at.duration_since(last) >= self.config.after
    }

    /// Takes back what is of no use any more, and offers what is new.
    pub(super) async fn offer_to(
        &mut self,
        at: usize,
        now: Moment,
        done: &mut Done,
    ) -> Result<(), StoreError> {
        let Some(ends) = self.peers.get(at).map(|peer| peer.ends) else {
            return Ok(());
        };
        let offers = self.store.sms_offers(ends).await?;
        for ticket in offers.stale {
            let extra = Extra {
                carried: Some(ticket),
                ..Extra::default()
            };
            self.feed(at, now, (Input::Carried(ticket), extra), done)
                .await?;
        }
        if !self.is_silent(&ends, now) {
            return Ok(());
        }
        if let Some((papers, chains)) = offers.have {
            let order = Order::Have {
                papers,
                chains: chains.clone(),
            };
            let about = About::Have { papers, chains };
            self.submit(at, now, (about, order.encode()), done).await?;
        }
        for (about, order) in offers.papers {
            let order = self.readable(at, order).await?;
            self.submit(at, now, (about, order.encode()), done).await?;
        }
        for offer in offers.entries {
            self.offer_entries(at, now, offer, done).await?;
        }
        Ok(())
    }

    /// The order in a form that the peer takes: the list whole, where its short form did not fit.
    async fn readable(&self, at: usize, order: Order) -> Result<Order, StoreError> {
        let peer = self.peers.get(at);
        let is_short = matches!(order, Order::ListChange(_));
        if !is_short || peer.is_none_or(|peer| !peer.list_whole) {
            return Ok(order);
        }
        match self.store.query(Query::Revocations).await? {
            Answer::Bytes(Some(list)) => Ok(Order::Revocations(list)),
            _ => Ok(order),
        }
    }

    async fn offer_entries(
        &mut self,
        at: usize,
        now: Moment,
        offer: SmsOffer,
        done: &mut Done,
    ) -> Result<(), StoreError> {
        let may_go = offer.lane <= Lane::Money || self.config.lanes.contains(&offer.lane);
        let gather = self.config.gather;
        let Some(peer) = self.peers.get_mut(at) else {
            return Ok(());
        };
        let chain = offer.chain;
        if !may_go || peer.is_busy(&chain) || !peer.is_gathered(&offer, now.at, gather) {
            return Ok(());
        }
        let (ends, form) = (peer.ends, peer.form(&chain));
        let octets_max = Carrier::Binary.run_octets();
        let frame = self
            .store
            .sms_frame(ends, (chain, offer.after), octets_max, form)
            .await?;
        match frame {
            Some(run) => self.submit(at, now, run, done).await,
            None => Ok(()),
        }
    }

    async fn submit(
        &mut self,
        at: usize,
        now: Moment,
        (about, content): (About, Vec<u8>),
        done: &mut Done,
    ) -> Result<(), StoreError> {
        let held = self
            .peers
            .get(at)
            .is_none_or(|peer| peer.holds(&about, now.at));
        if held {
            return Ok(());
        }
        let (lane, class) = match &about {
            About::Frame { chain, .. } => {
                (chain.scope.lane().unwrap_or(Lane::Audit), Class::Entries)
            }
            _ => (Lane::Control, Class::Control),
        };
        let ticket = self.next_ticket;
        self.next_ticket = ticket.saturating_add(1);
        let run = Submission {
            ticket,
            lane,
            class,
            content,
        };
        let extra = Extra {
            began: Some(SmsRun { ticket, about }),
            ..Extra::default()
        };
        self.feed(at, now, (Input::Submit(run), extra), done).await
    }
}
