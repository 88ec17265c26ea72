//! A narrow line between two sockets: TCP over it is real, its rate and delay are emulated.
//!
//! Each direction is a queue of segments: a segment occupies the line for its own octets and the
//! heads of IP and TCP, then is under way for the delay. Nothing is lost; kernel buffers at both ends
//! are as deep as they are.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// Octets of TCP payload in a segment.
const SEGMENT: usize = 1_360;
/// Octets of IPv4 and TCP heads, with the time stamps that Linux sends.
const HEADS: usize = 52;
/// Segments under way at most in one direction.
const UNDER_WAY: usize = 1_024;

/// How narrow and how long.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Bits in a second, each way.
    pub bits_s: u64,
    /// From one end to the other.
    pub delay: Duration,
}

/// Octets that went over, with heads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Carried {
    /// From the side that dialled.
    pub up: u64,
    /// To it.
    pub down: u64,
}

/// A running line.
pub struct Shaper {
    address: SocketAddr,
    up: Arc<AtomicU64>,
    down: Arc<AtomicU64>,
    _tasks: JoinSet<()>,
}

impl Shaper {
    /// Listens, and leads every connection to `target`.
    ///
    /// # Errors
    /// No free port.
    pub async fn start(target: SocketAddr, line: Line) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (up, down) = (Arc::default(), Arc::default());
        let counts = (Arc::clone(&up), Arc::clone(&down));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut lines = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(target).await else {
                    continue;
                };
                lines.spawn(join((near, far), line, counts.clone()));
            }
        });
        Ok(Self {
            address,
            up,
            down,
            _tasks: tasks,
        })
    }

    /// Where to dial.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What went over so far.
    pub fn carried(&self) -> Carried {
        Carried {
            up: self.up.load(Ordering::Relaxed),
            down: self.down.load(Ordering::Relaxed),
        }
    }
}

async fn join(
    (near, far): (TcpStream, TcpStream),
    line: Line,
    (up, down): (Arc<AtomicU64>, Arc<AtomicU64>),
) {
    for end in [&near, &far] {
        if end.set_nodelay(true).is_err() {
            return;
        }
    }
    let (near_out, near_in) = near.into_split();
    let (far_out, far_in) = far.into_split();
    // Either direction may end first; the other goes on, as TCP does.
    tokio::join!(
        carry(near_out, far_in, line, up),
        carry(far_out, near_in, line, down)
    );
}

/// One direction, until its end.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    line: Line,
    count: Arc<AtomicU64>,
) {
    let (sent, mut arriving) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY);
    let enter = async move {
        let mut free_at = Instant::now();
        let mut segment = vec![0; SEGMENT];
        while let Ok(length @ 1..) = from.read(&mut segment).await {
            let octets = u64::try_from(length + HEADS).expect("short");
            count.fetch_add(octets, Ordering::Relaxed);
            let takes = Duration::from_nanos(octets * 8 * 1_000_000_000 / line.bits_s);
            free_at = free_at.max(Instant::now()) + takes;
            sleep_until(free_at).await;
            let arrives = free_at + line.delay;
            if sent
                .send((arrives, segment[..length].to_vec()))
                .await
                .is_err()
            {
                return;
            }
        }
    };
    let leave = async move {
        while let Some((arrives, segment)) = arriving.recv().await {
            sleep_until(arrives).await;
            if to.write_all(&segment).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(enter, leave);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Octets that are sent one way.
    const OCTETS: usize = 4 * SEGMENT;

    #[tokio::test]
    async fn a_narrow_line_takes_the_time_of_its_octets_and_its_delay() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a port");
        let line = Line {
            bits_s: 80_000,
            delay: Duration::from_millis(100),
        };
        let target = listener.local_addr().expect("an address");
        let shaper = Shaper::start(target, line).await.expect("a line");
        let mut near = TcpStream::connect(shaper.address()).await.expect("a line");
        let (mut far, _) = listener.accept().await.expect("a connection");
        let began = Instant::now();
        near.write_all(&[7; OCTETS]).await.expect("room");
        let mut heard = vec![0; OCTETS];
        far.read_exact(&mut heard).await.expect("all of it");
        let took = began.elapsed();
        assert_eq!(heard, [7; OCTETS]);
        let carried = shaper.carried();
        assert!(carried.up >= u64::try_from(OCTETS + 4 * HEADS).expect("short"));
        assert_eq!(carried.down, 0);
        let least = Duration::from_millis(carried.up * 8 / 80) + line.delay;
        assert!(took >= least, "{took:?}, at least {least:?}");
    }
}
