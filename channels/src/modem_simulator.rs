//! The simulated modem of [`channels_core::modem_simulator`] at a pseudo-terminal.
//!
//! Any client of a serial port can open it. A pseudo-terminal has no modem lines: clients that
//! insist on DTR fail on it. When the modem is unplugged the terminal goes away; it comes back
//! under another name, as USB devices do, and under the same link.

mod pty;

use std::io;
use std::path::PathBuf;

use channels_core::modem_simulator::{Input, Output, Settings, Simulator, Submitted};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::smpp::clock::Clock;
use pty::Pty;

/// Most orders that wait for the simulated modem; who gives more waits.
const ORDERS_MAX: usize = 64;
/// Most taken messages that wait to be looked at; later ones are only counted by the network.
const SUBMITTED_MAX: usize = 10_000;

/// A running simulated modem; it ends when this is dropped.
#[derive(Debug)]
pub struct ModemSimulator {
    orders: mpsc::Sender<Input>,
    submitted: mpsc::Receiver<Submitted>,
    path: watch::Receiver<Option<PathBuf>>,
    task: JoinHandle<()>,
}

impl ModemSimulator {
    /// Plugs the modem in. `link` is a symbolic link that always leads to its terminal.
    ///
    /// # Errors
    /// When there is no pseudo-terminal to be had, or the link cannot be made.
    pub fn start(settings: Settings, link: Option<PathBuf>) -> io::Result<Self> {
        let pty = Pty::open(link.as_deref())?;
        let (path, watched) = watch::channel(Some(pty.path().to_owned()));
        let (orders, taken) = mpsc::channel(ORDERS_MAX);
        let (told, submitted) = mpsc::channel(SUBMITTED_MAX);
        let task = Task {
            simulator: Simulator::new(settings),
            clock: Clock::start(),
            pty: Some(pty),
            link,
            orders: taken,
            submitted: told,
            path,
        };
        Ok(Self {
            orders,
            submitted,
            path: watched,
            task: tokio::spawn(task.run()),
        })
    }

    /// Where the terminal is now; `None` while the modem is unplugged or restarts.
    pub fn path(&self) -> Option<PathBuf> {
        self.path.borrow().clone()
    }

    /// Gives an order: a text, a call, a fault.
    pub async fn order(&self, input: Input) {
        if self.orders.send(input).await.is_err() {
            tracing::error!("the simulated modem has ended");
        }
    }

    /// The next message that the simulated network took.
    pub async fn submitted(&mut self) -> Option<Submitted> {
        self.submitted.recv().await
    }
}

impl Drop for ModemSimulator {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Task {
    simulator: Simulator,
    clock: Clock,
    pty: Option<Pty>,
    link: Option<PathBuf>,
    orders: mpsc::Receiver<Input>,
    submitted: mpsc::Sender<Submitted>,
    path: watch::Sender<Option<PathBuf>>,
}

impl Task {
    async fn run(mut self) {
        loop {
            let deadline = self.simulator.deadline();
            let deadline = deadline.map(|time| self.clock.instant(time));
            let input = tokio::select! {
                // Cancel safe, see `Pty::read`.
                octets = read(self.pty.as_ref()) => Input::Received(octets),
                // Cancel safe: an order that was not taken stays in the queue.
                order = self.orders.recv() => match order {
                    Some(order) => order,
                    None => return,
                },
                // Cancel safe: a deadline that was not waited for is computed again.
                () = sleep_until(deadline) => Input::Timeout,
            };
            for output in self.simulator.handle(self.clock.now(), input) {
                self.perform(output).await;
            }
        }
    }

    async fn perform(&mut self, output: Output) {
        match output {
            Output::Write(octets) => {
                if let Some(pty) = &self.pty {
                    pty.write(&octets).await;
                }
            }
            Output::Submitted(submitted) => {
                // Who does not look at them misses them; the network has taken them all the same.
                drop(self.submitted.try_send(submitted));
            }
            Output::Gone => {
                self.pty = None;
                self.path.send_replace(None);
            }
            Output::Back => match Pty::open(self.link.as_deref()) {
                Ok(pty) => {
                    self.path.send_replace(Some(pty.path().to_owned()));
                    self.pty = Some(pty);
                }
                Err(error) => tracing::error!(%error, "no pseudo-terminal to come back to"),
            },
        }
    }
}

/// Octets of the client; never while the modem is unplugged.
async fn read(pty: Option<&Pty>) -> Vec<u8> {
    match pty {
        Some(pty) => pty.read().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
