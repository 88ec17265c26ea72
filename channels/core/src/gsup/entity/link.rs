//! One connection to the home register: when it is opened, trusted, tested and opened anew.
//!
//! `osmo-hlr` gives nothing to a second link of the same name, also after the first one is gone.
//! After an unclean restart it may still hold the old link, so a link is closed and opened every
//! `REOPEN_S` seconds until its first request has come.

use jiff::{SignedDuration, Timestamp};

/// Time until the home register must have asked who we are, in seconds.
const IDENTIFY_S: i64 = 10;
/// Silence after which a sign of life is asked for, in seconds.
const QUIET_S: i64 = 60;
/// Time for that sign, in seconds; then the link is opened anew.
const PONG_S: i64 = 10;
/// Life of a link without a request, in seconds; then it is opened anew.
const REOPEN_S: i64 = 300;
/// First wait before connecting again, in milliseconds; each later one is twice as long.
const FIRST_WAIT_MS: i64 = 1_000;
/// Longest wait before connecting again, in milliseconds; the home register is on this machine.
const WAIT_MS_MAX: i64 = 30_000;

/// Which of the two connections.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Side {
    /// USSD: GSUP, port 4222.
    Gsup,
    /// Numbers: the control interface, port 4259.
    Ctrl,
}

/// Where a connection stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LinkState {
    /// Until the next try.
    Waiting,
    /// The shell connects.
    Connecting,
    /// Connected; the home register has not asked who we are.
    Identifying,
    /// In use.
    Open,
    /// Closing, until the shell says that it is gone.
    Closing,
    /// The program stops.
    Stopped,
}

impl LinkState {
    /// All states, in the order of the page.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Connecting,
        Self::Identifying,
        Self::Open,
        Self::Closing,
        Self::Stopped,
    ];
}

/// What the shell shall do with the connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    Nothing,
    Connect,
    Close,
    Ping,
}

/// The machine of one connection.
#[derive(Debug)]
pub(super) struct Link {
    side: Side,
    state: LinkState,
    /// When something is due in this state.
    due: Option<Timestamp>,
    /// When an open link without a request is opened anew.
    reopen: Option<Timestamp>,
    awaits_pong: bool,
    wait_ms: i64,
}

impl Link {
    /// A connection that is opened at once.
    pub(super) fn new(side: Side, now: Timestamp) -> Self {
        Self {
            side,
            state: LinkState::Waiting,
            due: Some(now),
            reopen: None,
            awaits_pong: false,
            wait_ms: FIRST_WAIT_MS,
        }
    }

    pub(super) fn state(&self) -> LinkState {
        self.state
    }

    pub(super) fn is_open(&self) -> bool {
        self.state == LinkState::Open
    }

    /// The socket is connected.
    pub(super) fn connected(&mut self, now: Timestamp) {
        if self.state != LinkState::Connecting {
            return;
        }
        match self.side {
            Side::Gsup => self.enter(LinkState::Identifying, Some(later(now, IDENTIFY_S))),
            Side::Ctrl => self.enter(LinkState::Open, None),
        }
    }

    /// We said who we are.
    pub(super) fn identified(&mut self, now: Timestamp) {
        if self.state == LinkState::Identifying {
            self.enter(LinkState::Open, Some(later(now, QUIET_S)));
            self.reopen = Some(later(now, REOPEN_S));
        }
    }

    /// Something came.
    pub(super) fn heard(&mut self, now: Timestamp) {
        if !self.is_open() {
            return;
        }
        self.awaits_pong = false;
        self.wait_ms = FIRST_WAIT_MS;
        if self.side == Side::Gsup {
            self.due = Some(later(now, QUIET_S));
        }
    }

    /// A request of a phone came: the home register routes to this link.
    pub(super) fn proved(&mut self) {
        self.reopen = None;
    }

    /// The socket is gone, or could not be connected.
    pub(super) fn disconnected(&mut self, now: Timestamp, jitter: u8) {
        let wait_ms = match self.state {
            LinkState::Waiting | LinkState::Stopped => return,
            // Closed to be opened anew: phones wait.
            LinkState::Closing => 0,
            LinkState::Connecting | LinkState::Identifying | LinkState::Open => {
                let wait_ms = self.wait_ms;
                self.wait_ms = wait_ms.saturating_mul(2).min(WAIT_MS_MAX);
                // 80 % to 120 % in steps of 40/255 %.
                let per_mille = i64::from(jitter).saturating_mul(400) / 255 + 800;
                wait_ms.saturating_mul(per_mille) / 1_000
            }
        };
        let wait = SignedDuration::from_millis(wait_ms);
        let due = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        self.enter(LinkState::Waiting, Some(due));
    }

    /// Closes the link because of what came over it; it is opened anew after the usual wait.
    pub(super) fn give_up(&mut self) -> Order {
        match self.state {
            // Left as it is, so that `disconnected` counts it as a failure.
            LinkState::Identifying | LinkState::Open => Order::Close,
            _ => Order::Nothing,
        }
    }

    /// The program stops.
    pub(super) fn stop(&mut self) -> Order {
        let was = self.state;
        self.enter(LinkState::Stopped, None);
        match was {
            LinkState::Identifying | LinkState::Open => Order::Close,
            _ => Order::Nothing,
        }
    }

    /// Time passed.
    pub(super) fn timeout(&mut self, now: Timestamp) -> Order {
        if self.reopen.is_some_and(|reopen| reopen <= now) {
            self.enter(LinkState::Closing, None);
            return Order::Close;
        }
        if self.due.is_none_or(|due| now < due) {
            return Order::Nothing;
        }
        match self.state {
            LinkState::Waiting => {
                self.enter(LinkState::Connecting, None);
                Order::Connect
            }
            LinkState::Open if !self.awaits_pong => {
                self.awaits_pong = true;
                self.due = Some(later(now, PONG_S));
                Order::Ping
            }
            LinkState::Identifying | LinkState::Open => {
                self.due = None;
                Order::Close
            }
            LinkState::Connecting | LinkState::Closing | LinkState::Stopped => Order::Nothing,
        }
    }

    /// When to call [`Self::timeout`].
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        [self.due, self.reopen].into_iter().flatten().min()
    }

    fn enter(&mut self, state: LinkState, due: Option<Timestamp>) {
        self.state = state;
        self.due = due;
        self.reopen = None;
        self.awaits_pong = false;
    }
}

/// `now` and some seconds.
pub(super) fn later(now: Timestamp, seconds: i64) -> Timestamp {
    let wait = SignedDuration::from_secs(seconds);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}
