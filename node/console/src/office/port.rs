//! The channel from the pages of a district office to whoever answers them: what is asked is a
//! closed list, and every question names the session that asks.
//!
//! The other end resolves the session, notes whom an answer shows before it answers, checks the
//! secret of the form before it does anything, and gives commands in the role of the account. So
//! no page can forget one of these.

use std::time::Duration;

use jiff::Timestamp;
use node_core::command::{Command, Outcome, Rejection};
use node_core::office::log::{LogFilter, LogPlace};
use node_core::office::session::Secret;
use node_core::pin::Pin;
use node_core::query::Answer;
use node_core::role::Role;
use sync_core::EntryRef;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Most questions that wait; a further one waits [`ANSWER_WAIT_MAX`], then hears "busy".
const OFFICE_QUEUE_MAX: usize = 16;
/// Longest wait for a place in the queue and then for the answer; then the page says "busy".
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(20);

/// What a page shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Look {
    /// Nothing but whose session it is.
    Desk,
    /// The pairs that wait for an officer.
    Pairs,
    /// A pair by its number.
    Pair(u32),
    /// A person by one of her documents.
    Person(EntryRef),
    /// A part of the read log, behind a place in it.
    Log(LogFilter, Option<LogPlace>),
    /// Complaints that wait for an auditor.
    Complaints,
    /// Large broadcasts that wait for a second person.
    Broadcasts,
    /// Erasures that wait for an approval or a confirmation.
    Erasures,
}

/// Whose page it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Who {
    /// The name as staff know it.
    pub name: String,
    /// The role.
    pub role: Role,
    /// Language of refusals, BCP 47.
    pub language: String,
    /// What every form of the session carries.
    pub form: Secret,
}

/// What a page gets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Whose page it is.
    pub who: Who,
    /// The answer; whom it shows is noted.
    pub answer: Answer,
    /// The moment.
    pub at: Timestamp,
}

/// What somebody types to sign in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignIn {
    /// The number that holds the role, as typed.
    pub number: String,
    /// The role.
    pub role: Role,
    /// The passphrase; `None` = what was typed can be none.
    pub passphrase: Option<Pin>,
}

/// A session that was opened: the name that goes into the cookie.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened(pub Secret);

/// Why a page is not shown, or nothing was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OfficeRefusal {
    /// There is no such session any more.
    SignedOut,
    /// The form is not of this session: an old page, or another site's.
    StaleForm(Box<Who>),
    /// A rule says no.
    Rejected(Option<Box<Who>>, Rejection),
    /// Too many tries to sign in within a minute.
    TooMany,
    /// The office does not answer in time.
    Busy,
}

/// One question, with the way back.
#[derive(Debug)]
pub enum OfficeAsk {
    /// Makes a secret for one form of sign-in.
    Door {
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Secret, OfficeRefusal>>,
    },
    /// Opens a session.
    SignIn {
        /// What was typed.
        typed: SignIn,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Opened, OfficeRefusal>>,
    },
    /// Ends a session.
    SignOut {
        /// The session.
        session: Secret,
        /// What the form carried.
        form: String,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<(), OfficeRefusal>>,
    },
    /// Shows something; noted before it is answered.
    Look {
        /// The session.
        session: Secret,
        /// What.
        look: Look,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Box<Seen>, OfficeRefusal>>,
    },
    /// Does something.
    Order {
        /// The session.
        session: Secret,
        /// What the form carried.
        form: String,
        /// What is to be done.
        command: Box<Command>,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Outcome, OfficeRefusal>>,
    },
    /// Gives what a page shows as a file; noted as an export before it is answered.
    Take {
        /// The session.
        session: Secret,
        /// What the form carried.
        form: String,
        /// What.
        look: Look,
        /// What for, as typed.
        reason: String,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Box<Seen>, OfficeRefusal>>,
    },
}

/// The pages' end of the channel.
#[derive(Clone, Debug)]
pub struct OfficePort {
    asks: mpsc::Sender<OfficeAsk>,
}

impl OfficePort {
    /// Both ends of a new channel.
    pub fn new() -> (Self, mpsc::Receiver<OfficeAsk>) {
        let (asks, receiver) = mpsc::channel(OFFICE_QUEUE_MAX);
        (Self { asks }, receiver)
    }

    /// A secret for one form of sign-in.
    ///
    /// # Errors
    /// [`OfficeRefusal::Busy`] when the office does not answer.
    pub async fn door(&self) -> Result<Secret, OfficeRefusal> {
        self.ask(|reply| OfficeAsk::Door { reply }).await
    }

    /// Opens a session.
    ///
    /// # Errors
    /// [`OfficeRefusal`] tells why not; every wrong number, role or passphrase is one rejection.
    pub async fn sign_in(&self, typed: SignIn) -> Result<Opened, OfficeRefusal> {
        self.ask(|reply| OfficeAsk::SignIn { typed, reply }).await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`OfficeRefusal`] when there is none, or the form is not its own.
    pub async fn sign_out(&self, session: Secret, form: String) -> Result<(), OfficeRefusal> {
        let ask = |reply| OfficeAsk::SignOut {
            session,
            form,
            reply,
        };
        self.ask(ask).await
    }

    /// Shows something.
    ///
    /// # Errors
    /// [`OfficeRefusal`] when there is no session, or its role may not see it.
    pub async fn look(&self, session: Secret, look: Look) -> Result<Box<Seen>, OfficeRefusal> {
        let ask = |reply| OfficeAsk::Look {
            session,
            look,
            reply,
        };
        self.ask(ask).await
    }

    /// Does something.
    ///
    /// # Errors
    /// [`OfficeRefusal`] when there is no session, the form is not its own, or a rule says no.
    pub async fn order(
        &self,
        session: Secret,
        form: String,
        command: Command,
    ) -> Result<Outcome, OfficeRefusal> {
        let ask = |reply| OfficeAsk::Order {
            session,
            form,
            command: Box::new(command),
            reply,
        };
        self.ask(ask).await
    }

    /// Gives what a page shows as a file.
    ///
    /// # Errors
    /// [`OfficeRefusal`] when there is no session, the form is not its own, or a rule says no.
    pub async fn take(
        &self,
        session: Secret,
        (form, reason): (String, String),
        look: Look,
    ) -> Result<Box<Seen>, OfficeRefusal> {
        let ask = |reply| OfficeAsk::Take {
            session,
            form,
            look,
            reason,
            reply,
        };
        self.ask(ask).await
    }

    async fn ask<T>(
        &self,
        make: impl FnOnce(oneshot::Sender<Result<T, OfficeRefusal>>) -> OfficeAsk,
    ) -> Result<T, OfficeRefusal> {
        let (sender, receiver) = oneshot::channel();
        let sent = self.asks.send_timeout(make(sender), ANSWER_WAIT_MAX).await;
        if sent.is_err() {
            return Err(OfficeRefusal::Busy);
        }
        match timeout(ANSWER_WAIT_MAX, receiver).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(OfficeRefusal::Busy),
        }
    }
}
