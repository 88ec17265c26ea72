//! A run that arrived whole: through the transaction of every link, then its answer.

use node_core::contact::Moment;
use node_core::turn::{Acceptance, Committed, Turn};
use node_store::{Accepting, HubStore, SqliteStore, StoreError};
use sync_core::refusal::RefusalCode;
use sync_core::sms::key::Ends;
use sync_core::sms::link::{Delivery, Input, Outcome};
use sync_core::sms::order::Order;
use sync_core::sms::receipt::ShortReceipt;
use sync_core::sms::run::is_short;
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
    let content = match whole(store, ends, content).await {
        Ok(frame) => frame,
        Err(taken) => return taken,
    };
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

/// The frame that a run stands for. One that does not fit what is held here changes nothing, and
/// its sender hears that it is to be sent whole.
async fn whole(store: &SqliteStore, ends: &Ends, content: Vec<u8>) -> Result<Vec<u8>, Taken> {
    if !is_short(&content) {
        return Ok(content);
    }
    match store.sms_whole(*ends, content).await {
        Ok(Ok(frame)) => Ok(frame),
        Ok(Err(refusal)) => {
            tracing::warn!(
                sync.refusal = refusal.code.word(),
                reason = %refusal.reason,
                "a short run by SMS does not fit"
            );
            Err(refused(refusal.code))
        }
        Err(error) => Err(busy(&error)),
    }
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
        (Ok(order), false) => match down(store, &order).await {
            Ok(turn) => {
                let extra = Extra {
                    learned: Some(order),
                    ..Extra::default()
                };
                (Some(turn), extra)
            }
            Err(taken) => return taken,
        },
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

/// What a node does about an order of its hub.
async fn down(store: &SqliteStore, order: &Order) -> Result<Turn, Taken> {
    match order {
        Order::Revocations(list) => Ok(Turn::Revocations(list.clone())),
        Order::Certificate(bytes) => Ok(Turn::Certificate(bytes.clone())),
        Order::ListChange(change) => match store.changed_list(change.clone()).await {
            Ok(Some(list)) => Ok(Turn::Revocations(list)),
            Ok(None) => Err(refused(RefusalCode::Rebuild)),
            Err(error) => Err(busy(&error)),
        },
        Order::Have { .. } => Err(refused(RefusalCode::Content)),
    }
}

/// The run stays whole in the machine and is offered again.
fn busy(error: &StoreError) -> Taken {
    tracing::warn!(error = %error, "a run by SMS waits for the store");
    refused(RefusalCode::Busy)
}
