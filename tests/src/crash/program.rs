//! The real process: started plainly or with its system calls slowed down, killed at a moment.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use crate::peer::{self, Skip};

/// System calls of a turn, each with its delay in microseconds: they make the moments between
/// reading a PDU, COMMIT, response and screen as wide as a slow card would.
const DELAYS: [(&str, &str); 4] = [
    ("pwrite64", "delay_enter=2000"),
    ("fsync", "delay_exit=3000"),
    ("fdatasync", "delay_exit=3000"),
    ("sendto", "delay_enter=5000"),
];

/// How a process is started.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Pace {
    /// As it is.
    Plain,
    /// Under strace, with the delays of a slow card.
    Slow,
}

/// A running process that will be killed.
#[derive(Debug)]
pub struct Victim {
    child: Option<Child>,
}

/// A kill that will happen at its moment, or sooner when it is not waited for.
#[derive(Debug)]
pub struct Kill {
    now: SyncSender<()>,
    done: JoinHandle<Instant>,
}

/// Puts a command under strace with delays; the process keeps being a child of ours.
///
/// # Errors
/// A [`Skip`] when strace is not installed.
pub fn slowed(command: &Command) -> Result<Command, Skip> {
    let mut slow = Command::new(peer::installed("strace")?);
    slow.args(["-D", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null"]);
    let calls: Vec<&str> = DELAYS.iter().map(|(call, _)| *call).collect();
    slow.arg("-e").arg(format!("trace={}", calls.join(",")));
    for (call, delay) in DELAYS {
        slow.arg("-e").arg(format!("inject={call}:{delay}"));
    }
    slow.arg("--")
        .arg(command.get_program())
        .args(command.get_args());
    for (key, value) in command.get_envs() {
        if let Some(value) = value {
            slow.env(key, value);
        }
    }
    Ok(slow)
}

impl Victim {
    /// Starts it; what it writes to standard error goes to the end of a file.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let log = File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("open the log");
        let silent = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        Self {
            child: Some(silent.spawn().expect("the program starts")),
        }
    }

    /// Kills it with SIGKILL at a moment; a thread of its own keeps that moment.
    pub fn kill_at(mut self, at: Instant) -> Kill {
        let (now, told) = sync_channel(1);
        let mut child = self.child.take().expect("killed once");
        let done = thread::spawn(move || {
            match told.recv_timeout(at.saturating_duration_since(Instant::now())) {
                // The moment is there, or the harness went on without waiting for it.
                Ok(()) | Err(_) => {}
            }
            let killed = Instant::now();
            child.kill().expect("kill a child of ours");
            child.wait().expect("a child of ours ends");
            killed
        });
        Kill { now, done }
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // A case that failed leaves no process behind.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

impl Kill {
    /// Waits for the end of the process; gives the moment of the kill.
    pub async fn done(self) -> Instant {
        let Self { now, done } = self;
        let joined = tokio::task::spawn_blocking(move || done.join());
        let killed = joined
            .await
            .expect("a blocking thread")
            .expect("the kill works");
        drop(now);
        killed
    }
}
