//! Several binds of one account as one link: messages go round those that are bound.
//!
//! The node sees one link, so receipts of any bind count for messages of all. Each bind has its
//! own session, window and back-off; when none is bound, a message is tried later.

use std::sync::Arc;

use channels_core::SubmitOutcome;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::EsmeConfig;
use super::task::{Seat, Task};
use crate::{ChannelIo, Outgoing};

/// Messages that wait for one bind besides those on their way; more wait for another.
const WAITING_MAX: usize = 1;
/// Wait when no bind is up, in seconds.
const LATER_S: u32 = 5;

/// A running bind.
struct Bind {
    queue: mpsc::Sender<Outgoing>,
    ready: watch::Receiver<bool>,
}

/// Runs all binds of a link until the node closes its queue.
pub(super) async fn run(config: EsmeConfig, up: watch::Sender<u8>, io: ChannelIo) {
    let config = Arc::new(config);
    let ChannelIo {
        inbound,
        mut outgoing,
    } = io;
    let mut tasks = JoinSet::new();
    let mut binds = Vec::new();
    for number in 0..usize::from(config.binds) {
        let (ready_in, ready) = watch::channel(false);
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let io = ChannelIo {
            inbound: inbound.clone(),
            outgoing: waiting,
        };
        let seat = Seat {
            config: Arc::clone(&config),
            first: number,
            ready: ready_in,
            up: up.clone(),
        };
        tasks.spawn(Task::run(seat, io));
        binds.push(Bind { queue, ready });
    }
    drop(inbound);
    let mut turn = 0_usize;
    while let Some(next) = outgoing.recv().await {
        turn = turn.wrapping_add(1);
        place(&binds, turn, next).await;
    }
    // The binds unbind when their queues close.
    drop(binds);
    while tasks.join_next().await.is_some() {}
}

/// Gives a message to the next bind with room, or waits for the next one.
async fn place(binds: &[Bind], turn: usize, mut next: Outgoing) {
    let start = turn.checked_rem(binds.len()).unwrap_or(0);
    let ready: Vec<&Bind> = binds
        .iter()
        .cycle()
        .skip(start)
        .take(binds.len())
        .filter(|bind| *bind.ready.borrow())
        .collect();
    for bind in &ready {
        match bind.queue.try_send(next) {
            Ok(()) => return,
            Err(refused) => next = refused.into_inner(),
        }
    }
    let unsent = match ready.first() {
        Some(bind) => match bind.queue.send(next).await {
            Ok(()) => return,
            Err(refused) => refused.0,
        },
        None => next,
    };
    let later = SubmitOutcome::TryLater { after_s: LATER_S };
    if unsent.done.send(later).is_err() {
        tracing::debug!("nobody waits for this message any more");
    }
}
