//! Delivery receipts towards one application, repeated until acknowledged (SMPP 3.4 §2.11).

use std::sync::Arc;

use tokio::sync::mpsc;

use super::exchange::Exchange;
use super::{OperatorTimes, is_for_later};
use crate::smpp::smsc::{Deliver, ReceiptFields, SmscHandle};

/// Most receipts that wait for one application; further ones are dropped and counted.
pub(super) const WAITING_MAX: usize = 4_096;
/// How often a receipt is given to an application that does not acknowledge; then it is dropped
/// and counted. With the default pause this is about ten minutes.
const TRIES_MAX: u32 = 3_000;

/// A receipt for one accepted message.
pub(super) struct Receipt {
    pub(super) message_id: String,
    /// The phone that received it.
    pub(super) from: String,
    /// The sender of the message.
    pub(super) to: String,
}

/// Where the receipts of one application go.
pub(super) struct Route {
    pub(super) system_id: String,
    pub(super) smsc: SmscHandle,
    pub(super) exchange: Arc<Exchange>,
    pub(super) times: OperatorTimes,
}

/// Gives the receipts of one application in order, until the operator ends.
pub(super) async fn run(route: Route, mut waiting: mpsc::Receiver<Receipt>) {
    while let Some(receipt) = waiting.recv().await {
        tokio::time::sleep(route.times.receipt_after).await;
        if route.give(receipt).await {
            route.exchange.receipt_given();
        } else {
            route.exchange.receipt_dropped();
        }
    }
}

impl Route {
    /// Whether the application acknowledged the receipt in the end.
    async fn give(&self, receipt: Receipt) -> bool {
        let Receipt {
            message_id,
            from,
            to,
        } = receipt;
        let fields = ReceiptFields {
            message_id,
            delivered: true,
        };
        let deliver = Deliver {
            from,
            to,
            text: String::new(),
            ussd: None,
            receipt: Some(fields),
        };
        for _ in 0..TRIES_MAX {
            match self.smsc.deliver(&self.system_id, deliver.clone()).await {
                Ok(status) if !is_for_later(status) => return status == 0,
                Ok(_) | Err(_) => tokio::time::sleep(self.times.repeat_after).await,
            }
        }
        false
    }
}
