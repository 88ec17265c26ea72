//! A simulated network behind the outbox: it takes, loses answers, says later, tells receipts, and
//! counts what really left for each phone.

use std::collections::BTreeMap;

use channels_core::{LinkName, SmsStatus, SubmitOutcome};
use node_core::message::order::{Order, OrderRefusal, Ordered};
use node_core::message::policy::Policy;
use node_core::message::validity_s;
use node_core::turn::{Claim, ClaimKind, Committed, Finish, Turn};
use node_core::view::{MessageClass, NewMessage, Terms};
use node_store::HubStore;

use crate::world::at;

/// The link that the network is reached by.
pub(crate) const LINK: &str = "sim-1";

/// What the network does with a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Whim {
    /// Takes it and says so.
    Take,
    /// Takes it, and the answer is lost.
    TakeSilently,
    /// Loses it, and the answer too.
    Lose,
    /// "Later".
    Later,
    /// Refuses it.
    Refuse,
    /// The claimer dies before anything left.
    DieBefore,
    /// It left, then the claimer dies.
    DieAfter,
}

/// What left, by outbox id: how often.
#[derive(Default)]
pub(crate) struct Network {
    pub(crate) left: BTreeMap<String, u32>,
    /// The network's ids, in order.
    pub(crate) taken: Vec<String>,
}

pub(crate) fn claim_parts(claim: &Claim) -> (String, String, String) {
    let Claim::Message { id, to, text, .. } = claim else {
        panic!("an effect")
    };
    (id.clone(), to.clone(), text.0.clone())
}

impl Network {
    /// Carries one claim to its end, as the whim says.
    pub(crate) async fn carry<S: HubStore>(
        &mut self,
        store: &S,
        claim: &Claim,
        whim: Whim,
        second: i64,
    ) {
        let (id, ..) = claim_parts(claim);
        if matches!(whim, Whim::Take | Whim::TakeSilently | Whim::DieAfter) {
            *self.left.entry(id.clone()).or_default() += 1;
        }
        let outcome = match whim {
            Whim::Take => {
                let message_id = format!("{id}-{}", self.left[&id]);
                self.taken.push(message_id.clone());
                SubmitOutcome::Sent { message_id }
            }
            Whim::TakeSilently | Whim::Lose => SubmitOutcome::Unknown,
            Whim::Later => SubmitOutcome::TryLater { after_s: 1 },
            Whim::Refuse => SubmitOutcome::Failed { code: 11 },
            Whim::DieBefore | Whim::DieAfter => return,
        };
        let link = LINK.to_owned();
        let finish = Finish::Message { id, link, outcome };
        store.finish(finish, at(second)).await.unwrap();
    }

    /// Claims over the link and takes everything; what it was.
    pub(crate) async fn take_all<S: HubStore>(
        &mut self,
        store: &S,
        second: i64,
    ) -> Vec<(String, String)> {
        let mut all = Vec::new();
        loop {
            let claims = claim(store, second).await;
            if claims.is_empty() {
                return all;
            }
            for claim in &claims {
                self.carry(store, claim, Whim::Take, second).await;
                let (_, to, text) = claim_parts(claim);
                all.push((to, text));
            }
        }
    }

    /// Receipts for everything taken so far.
    pub(crate) async fn deliver_all<S: HubStore>(&mut self, store: &S, second: i64) {
        for message_id in std::mem::take(&mut self.taken) {
            let status = SmsStatus::new(LinkName(LINK.to_owned()), message_id, Some(true));
            let turn = Turn::MessageStatus(status);
            store.commit(turn, at(second)).await.unwrap();
        }
    }
}

pub(crate) async fn claim<S: HubStore>(store: &S, second: i64) -> Vec<Claim> {
    let kind = ClaimKind::MessagesOver {
        link: LINK.to_owned(),
    };
    store.claim(kind, 100, at(second)).await.unwrap()
}

/// A message with a cause; its text is the cause again unless given.
pub(crate) fn message(cause: &str, to: &str, class: MessageClass) -> NewMessage {
    NewMessage {
        cause: cause.to_owned(),
        to: to.to_owned(),
        text: format!("about {cause}"),
        class,
        validity_s: validity_s(class),
        covers: Vec::new(),
        terms: Terms::default(),
    }
}

pub(crate) async fn order<S: HubStore>(
    store: &S,
    order: Order,
    second: i64,
) -> Result<Ordered, OrderRefusal> {
    match store.commit(Turn::Order(order), at(second)).await.unwrap() {
        Committed::Ordered(result) => result,
        other => panic!("not an order's end: {other:?}"),
    }
}

pub(crate) async fn queue<S: HubStore>(store: &S, message: NewMessage, second: i64) {
    order(store, Order::Queue(message), second).await.unwrap();
}

pub(crate) async fn set_policy<S: HubStore>(store: &S, policy: Policy) {
    let done = order(store, Order::SetPolicy(policy), 0).await;
    assert_eq!(done, Ok(Ordered::Done));
}
