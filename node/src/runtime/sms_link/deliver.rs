//! A run that arrived whole: through the transaction of every link, then its answer.

use node_core::contact::Moment;
use node_core::turn::{Acceptance, Committed, Turn};
use node_store::{Accepting, HubStore, SqliteStore, StoreError};
use sync_core::refusal::RefusalCode;
use sync_core::sms::key::Ends;
use sync_core::sms::link::{Delivery, Input, Outcome};
use sync_core::sms::order::Order;
use sync_core::sms::receipt::ShortReceipt;
use sync_core::sms::{Class, Kind, RECEIPT_OCTETS_MAX};
use sync_core::{Lane, frame};

use super::desk::Extra;

/// What came of a run.
pub(super) struct Taken {
    /// The answer, and a receipt that does not fit beside it.
    pub(super) inputs: Vec<(Input, Extra)>,
    /// Whether the journal has new entries.
    pub(super) is_news: bool,
}

/// Checks and commits a run.
pub(super) async fn take(
    store: &SqliteStore,
    (ends, is_hub): (&Ends, bool),
    run: Delivery,
    now: Moment,
) -> Taken {
    let name = run.run;
    let mut taken = match run.class {
        Class::Entries => entries(store, (ends, is_hub), run.content, now).await,
        Class::Control => order(store, is_hub, &run.content, now).await,
    };
    for (input, _) in &mut taken.inputs {
        if let Input::Answered { run, .. } = input {
            *run = name;
        }
    }
    taken
}

fn answered(outcome: Outcome, extra: Extra) -> (Input, Extra) {
    let run = sync_core::sms::Nonce {
        key: 0,
        salt: [0; 4],
        counter: 0,
    };
    (Input::Answered { run, outcome }, extra)
}

fn refused(code: RefusalCode) -> Taken {
    Taken {
        inputs: vec![answered(Outcome::Refused(code), Extra::default())],
        is_news: false,
    }
}

async fn entries(
    store: &SqliteStore,
    (ends, is_hub): (&Ends, bool),
    content: Vec<u8>,
    now: Moment,
) -> Taken {
    let header = match frame::header(&content) {
        Ok(header) => header,
        Err(refusal) => return refused(refusal.code),
    };
    let (receipt, is_news) = match store.accept(content, now).await {
        Ok(Acceptance::Accepted { receipt, .. }) => (receipt, true),
        Ok(Acceptance::Known { receipt }) => (receipt, false),
        Ok(Acceptance::Refused { code, reason }) => {
            tracing::warn!(refusal.code = code, reason = %reason, "entries by SMS were refused");
            return refused(RefusalCode::parse(code).unwrap_or(RefusalCode::Malformed));
        }
        Err(error) => return busy(&error),
    };
    let short = receipt.and_then(|receipt| ShortReceipt::of(&receipt, ends));
    let short = short.unwrap_or_default();
    let fits = short.len() <= RECEIPT_OCTETS_MAX;
    let extra = Extra {
        heard: (!is_hub).then(|| (header.chain(), header.last_seq())),
        ..Extra::default()
    };
    let receipt = if fits { short.clone() } else { Vec::new() };
    let mut inputs = vec![answered(Outcome::Accepted { receipt }, extra)];
    if !fits {
        let once = Input::Once {
            kind: Kind::Receipt,
            lane: header.scope.lane().unwrap_or(Lane::Audit),
            content: short,
        };
        inputs.push((once, Extra::default()));
    }
    Taken { inputs, is_news }
}

async fn order(store: &SqliteStore, is_hub: bool, content: &[u8], now: Moment) -> Taken {
    let (turn, extra) = match (Order::decode(content), is_hub) {
        (Ok(Order::Have { papers, chains }), true) => {
            let extra = Extra {
                told: Some((papers, chains)),
                ..Extra::default()
            };
            (None, extra)
        }
        (Ok(order @ (Order::Revocations(_) | Order::Certificate(_))), false) => {
            let turn = match &order {
                Order::Revocations(list) => Turn::Revocations(list.clone()),
                Order::Certificate(bytes) => Turn::Certificate(bytes.clone()),
                Order::Have { .. } => return refused(RefusalCode::Content),
            };
            let extra = Extra {
                learned: Some(order),
                ..Extra::default()
            };
            (Some(turn), extra)
        }
        (Ok(_) | Err(_), _) => return refused(RefusalCode::Content),
    };
    if let Some(turn) = turn {
        match store.commit(turn, now).await {
            Ok(Committed::Refused(reason)) => {
                tracing::warn!(reason = %reason, "an order by SMS was refused");
                return refused(RefusalCode::Content);
            }
            Ok(_) => {}
            Err(error) => return busy(&error),
        }
    }
    let receipt = Vec::new();
    Taken {
        inputs: vec![answered(Outcome::Accepted { receipt }, extra)],
        is_news: false,
    }
}

/// The run stays whole in the machine and is offered again.
fn busy(error: &StoreError) -> Taken {
    tracing::warn!(error = %error, "a run by SMS waits for the store");
    refused(RefusalCode::Busy)
}
