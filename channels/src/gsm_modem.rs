//! GSM modems at serial ports: the channel that works where there is no internet at all.
//!
//! One channel owns one or several modems, each with its SIM. Messages go by the first modem that
//! can take them; when one is deaf the others go on. The rules of a modem are in
//! [`channels_core::modem`]; here are ports, locks, commands of the board, and the queue.

mod log;
mod port;
mod queue;
mod submission;
mod task;

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use channels_core::modem::Settings;
use channels_core::{Address, LinkName};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::{Channel, ChannelIo, OUTGOING_QUEUE_MAX};
use queue::{Airtime, Hand, Queue, Told};
use submission::Submission;
use task::Task;

/// Most modems of one channel; more are refused.
pub const MODEMS_MAX: usize = 8;
/// Longest wait of a message for a modem, in seconds; then the node keeps it and offers it again.
/// Shorter than a stopping node gives its loops to end, so that what did not leave is known to wait.
pub const WAIT_S_MAX: u64 = 5;
/// Speed of ports in bits a second, where the settings do not say.
pub const BAUD: u32 = 115_200;

/// How the board helps a modem that does not answer: steps 4 to 6 of the ladder.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Board {
    /// A program and its arguments; the step (`rebind`, `reset`, `power-cut`) is the last one.
    pub command: Vec<String>,
    /// A file that gets the step as its content; a service of the board watches it.
    pub file: Option<PathBuf>,
}

/// One modem.
#[derive(Clone, PartialEq, Eq)]
pub struct ModemConfig {
    /// Its name in logs and lock files.
    pub name: String,
    /// The port, by a name that stays when it is plugged in again.
    pub port: PathBuf,
    /// Bits a second; see [`BAUD`].
    pub baud: u32,
    /// The SIM's number, as texts are shown to have been sent to.
    pub own: Address,
    /// PIN, rates, balance.
    pub settings: Settings,
    /// Rebinding and power.
    pub board: Board,
    /// Folder of the port's lock and of the mark that the PIN was tried.
    pub folder: PathBuf,
}

impl fmt::Debug for ModemConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModemConfig")
            .field("name", &self.name)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// Why modems cannot be configured so; surfaces at start.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GsmModemError {
    /// None, or more than [`MODEMS_MAX`].
    #[error("a channel has 1 to {MODEMS_MAX} modems, not {got}")]
    Count {
        /// How many.
        got: usize,
    },
    /// Two modems with one name or one port.
    #[error("{what} {value} is there twice: a port has one owner")]
    Twice {
        /// Name or port.
        what: &'static str,
        /// Which.
        value: String,
    },
}

/// The channel of one or several modems.
#[derive(Debug)]
pub struct GsmModems {
    link: LinkName,
    modems: Vec<ModemConfig>,
    /// Modems in service.
    ready: watch::Sender<u8>,
}

impl GsmModems {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`GsmModemError`] says what cannot be.
    pub fn new(link: LinkName, modems: Vec<ModemConfig>) -> Result<Self, GsmModemError> {
        let got = modems.len();
        if !(1..=MODEMS_MAX).contains(&got) {
            return Err(GsmModemError::Count { got });
        }
        for (place, modem) in modems.iter().enumerate() {
            for other in modems.iter().skip(place.saturating_add(1)) {
                if other.name == modem.name {
                    let value = modem.name.clone();
                    return Err(GsmModemError::Twice {
                        what: "name",
                        value,
                    });
                }
                if other.port == modem.port {
                    let value = modem.port.display().to_string();
                    return Err(GsmModemError::Twice {
                        what: "port",
                        value,
                    });
                }
            }
        }
        let (ready, _) = watch::channel(0);
        Ok(Self {
            link,
            modems,
            ready,
        })
    }
}

impl Channel for GsmModems {
    fn name(&self) -> &LinkName {
        &self.link
    }

    fn window(&self) -> usize {
        self.modems.len()
    }

    fn ready(&self) -> Option<watch::Receiver<u8>> {
        Some(self.ready.subscribe())
    }

    async fn run(self, io: ChannelIo) {
        let ChannelIo {
            inbound,
            mut outgoing,
        } = io;
        let (told, mut comes_back) = mpsc::channel::<Told>(OUTGOING_QUEUE_MAX);
        let (change, mut changes) = watch::channel(());
        let mut airtime = Airtime::new(self.link.clone(), inbound.clone());
        let mut tasks = JoinSet::new();
        let mut hands = Vec::new();
        for modem in self.modems {
            let (queue, submissions) = mpsc::channel(1);
            let ends = task::Ends {
                link: self.link.clone(),
                inbound: inbound.clone(),
                submissions,
                told: told.clone(),
                change: change.clone(),
            };
            let (task, standing) = Task::new(modem, ends);
            hands.push(Hand { queue, standing });
            tasks.spawn(task.run());
        }
        drop((inbound, told));
        let mut queue = Queue {
            hands,
            waiting: VecDeque::new(),
        };
        let mut reference = crate::smpp::clock::jitter();
        loop {
            let in_service = queue.in_service();
            self.ready.send_if_modified(|known| {
                let differs = *known != in_service;
                *known = in_service;
                differs
            });
            queue.expire();
            queue.serve();
            let deadline = queue.deadline();
            let has_room = queue.waiting.len() < OUTGOING_QUEUE_MAX;
            tokio::select! {
                // Cancel safe: a message that was not taken stays in the queue.
                next = outgoing.recv(), if has_room => {
                    let Some(next) = next else { break };
                    reference = reference.wrapping_add(1);
                    let until = Instant::now() + Duration::from_secs(WAIT_S_MAX);
                    queue.waiting.extend(Submission::prepare(next, reference, until));
                }
                // Cancel safe: the same.
                told = comes_back.recv() => match told {
                    Some(told) => queue.take(told, &mut airtime),
                    // No modem is looked after any more.
                    None => break,
                },
                // Cancel safe: a change that was not seen is seen the next time.
                changed = changes.changed() => if changed.is_err() { break },
                // Cancel safe: a deadline that was not waited for is computed again.
                () = sleep_until(deadline) => {}
            }
        }
        queue.end(comes_back).await;
        while tasks.join_next().await.is_some() {}
    }
}

/// Waits for a deadline, or for ever.
async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
