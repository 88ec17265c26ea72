//! Answers the pages of a district office from the hub's store.
//!
//! Three things happen here so that no page can leave them out: a session is resolved to the grant
//! that holds now, whom an answer shows is noted before it is answered (no note, no page), and a
//! command is given only with the secret of the session's own form. What a role may do is decided
//! by the commands. Decisions 0033 and 0053.

mod look;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use channels_core::Msisdn;
use jiff::{SignedDuration, Timestamp};
use node_console::office::{Look, OfficeAsk, OfficeRefusal, Opened, Seen, SignIn, Who};
use node_core::command::{Command, Outcome, Rejection};
use node_core::office::session::{Secret, Session, Sessions};
use node_core::query::{Answer, Query};
use node_core::role::{Principal, RoleGrant};
use node_core::turn::{Committed, Turn};
use node_store::{HubStore, StoreError};
use ring::rand::{SecureRandom, SystemRandom};
use sync_core::Scope;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::bell::{Bells, Shutdown};
use super::pin::Stretcher;
use super::watch;
use crate::clock::Clock;

/// Most questions of the pages answered at once; more wait in the channel.
pub const OFFICE_ASKS_AT_ONCE_MAX: usize = 8;
/// Tries to sign in within a minute at all accounts together; one more is refused unheard, so that
/// guessing at the pages does not use up the hub's budget of wrong PINs (*guess*).
pub const SIGN_INS_A_MINUTE_MAX: usize = 10;
/// Name of the channel in principals and in the read log.
const CHANNEL: &str = "console";

/// What answers.
#[derive(Clone)]
pub struct Office<S> {
    store: S,
    clock: Clock,
    bells: Bells,
    stretcher: Stretcher,
    /// In whose name the pages themselves ask.
    scope: Scope,
    kept: Arc<Mutex<Kept>>,
}

/// What is kept in memory and ends with the program.
#[derive(Debug, Default)]
struct Kept {
    sessions: Sessions,
    tries: VecDeque<Timestamp>,
}

impl<S: HubStore> Office<S> {
    /// An office without sessions.
    pub fn new(store: S, clock: Clock, bells: Bells, scope: Scope) -> Self {
        Self {
            store,
            clock,
            bells,
            stretcher: Stretcher::default(),
            scope,
            kept: Arc::default(),
        }
    }

    /// The same sessions by another clock.
    #[must_use]
    pub fn with_clock(&self, clock: Clock) -> Self {
        Self {
            clock,
            ..self.clone()
        }
    }

    /// Answers until the pages close or the program shuts down.
    pub async fn run(self, mut asks: mpsc::Receiver<OfficeAsk>, mut shutdown: Shutdown) {
        let mut answers = JoinSet::new();
        loop {
            // All arms are cancel safe.
            tokio::select! {
                ask = asks.recv(), if answers.len() < OFFICE_ASKS_AT_ONCE_MAX => match ask {
                    Some(ask) => { answers.spawn(self.clone().answer(ask)); }
                    None => break,
                },
                Some(done) = answers.join_next(), if !answers.is_empty() => {
                    watch::ended("office question", done);
                }
                changed = shutdown.changed() => if changed.is_err() || *shutdown.borrow() {
                    break;
                },
            }
        }
        asks.close();
        while answers.join_next().await.is_some() {}
    }

    async fn answer(self, ask: OfficeAsk) {
        match ask {
            OfficeAsk::Door { reply } => say(reply, secret()),
            OfficeAsk::SignIn { typed, reply } => say(reply, self.sign_in(typed).await),
            OfficeAsk::SignOut {
                session,
                form,
                reply,
            } => say(reply, self.sign_out(&session, &form).await),
            OfficeAsk::Look {
                session,
                look,
                reply,
            } => say(reply, self.look(&session, look).await),
            OfficeAsk::Order {
                session,
                form,
                command,
                reply,
            } => say(reply, self.order(&session, &form, *command).await),
            OfficeAsk::Take {
                session,
                form,
                look,
                reason,
                reply,
            } => say(reply, self.take(&session, &form, (look, reason)).await),
        }
    }

    /// A right passphrase opens a session; the try was charged before it was looked at.
    async fn sign_in(&self, typed: SignIn) -> Result<Opened, OfficeRefusal> {
        self.count_try()?;
        let command = Command::SignIn {
            number: typed.number,
            role: typed.role,
            passphrase: typed.passphrase,
        };
        let system = Principal {
            channel: CHANNEL.to_owned(),
            ..Principal::system(self.scope, "en")
        };
        let told = self.commit(system, command).await?;
        let told = told.map_err(|rejection| {
            tracing::warn!(security = true, role = ?typed.role, "a sign-in was refused");
            OfficeRefusal::Rejected(None, rejection)
        })?;
        let value = |name: &str| told.values.get(name).and_then(|text| text.parse().ok());
        let (Some(scope), Some(index)) = (value("scope"), value("index")) else {
            return Err(OfficeRefusal::Busy);
        };
        let (name, form) = (secret()?, secret()?);
        let now = self.clock.now().at;
        let place = (Scope(scope), index);
        self.kept(|kept| kept.sessions.open(name.clone(), place, form, now));
        tracing::info!(
            security = true,
            staff.scope = scope,
            staff.index = index,
            "signed in"
        );
        Ok(Opened(name))
    }

    async fn sign_out(&self, session: &Secret, form: &str) -> Result<(), OfficeRefusal> {
        let (_, who) = self.resolve(session).await?;
        own_form(&who, form)?;
        self.kept(|kept| kept.sessions.end(session));
        Ok(())
    }

    /// Reads, notes whom the page shows, and only then answers.
    async fn look(&self, session: &Secret, look: Look) -> Result<Box<Seen>, OfficeRefusal> {
        let (principal, who) = self.resolve(session).await?;
        let at = self.clock.now().at;
        let Some(query) = look::query(&look, &principal, at) else {
            let answer = Answer::Bytes(None);
            return Ok(Box::new(Seen { who, answer, at }));
        };
        let answer = self.store.query(query).await;
        let answer = answer.map_err(|error| busy(&error))?;
        let note = look::note(&look, &answer);
        self.noted((principal, who), note, (answer, at)).await
    }

    /// The same as a file, with the form of the session and a reason: an export.
    async fn take(
        &self,
        session: &Secret,
        form: &str,
        (look, reason): (Look, String),
    ) -> Result<Box<Seen>, OfficeRefusal> {
        let (principal, who) = self.resolve(session).await?;
        own_form(&who, form)?;
        let at = self.clock.now().at;
        let Some(query) = look::file_query(&look, &principal, at) else {
            return Err(OfficeRefusal::StaleForm(Box::new(who)));
        };
        let answer = self.store.query(query).await;
        let answer = answer.map_err(|error| busy(&error))?;
        let note = look::export(&answer, reason);
        self.noted((principal, who), note, (answer, at)).await
    }

    /// An answer whose note was taken; no note, no answer.
    async fn noted(
        &self,
        (principal, who): (Principal, Who),
        note: Command,
        (answer, at): (Answer, Timestamp),
    ) -> Result<Box<Seen>, OfficeRefusal> {
        match self.commit(principal, note).await? {
            Ok(_) => Ok(Box::new(Seen { who, answer, at })),
            Err(rejection) => Err(OfficeRefusal::Rejected(Some(Box::new(who)), rejection)),
        }
    }

    async fn order(
        &self,
        session: &Secret,
        form: &str,
        command: Command,
    ) -> Result<Outcome, OfficeRefusal> {
        let (principal, who) = self.resolve(session).await?;
        own_form(&who, form)?;
        let done = self.commit(principal, command).await?;
        done.map_err(|rejection| OfficeRefusal::Rejected(Some(Box::new(who)), rejection))
    }

    /// The account of a session, by the grant that holds now.
    async fn resolve(&self, name: &Secret) -> Result<(Principal, Who), OfficeRefusal> {
        let now = self.clock.now().at;
        let session = self.kept(|kept| kept.sessions.touch(name, now));
        let session = session.ok_or(OfficeRefusal::SignedOut)?;
        let (scope, index) = session.place;
        let place = Query::StaffPlace { scope, index };
        let answer = self.store.query(place).await;
        let Answer::Staff(grants) = answer.map_err(|error| busy(&error))? else {
            return Err(OfficeRefusal::Busy);
        };
        let live = grants.into_iter().find(|grant| grant.is_live(now));
        let Some(grant) = live else {
            self.kept(|kept| kept.sessions.end(name));
            return Err(OfficeRefusal::SignedOut);
        };
        Ok((principal(&grant), who(&grant, session)))
    }

    fn count_try(&self) -> Result<(), OfficeRefusal> {
        let now = self.clock.now().at;
        self.kept(|kept| {
            // A time that lies ahead is of a clock that went back: it goes, too.
            let recent = |at: &Timestamp| {
                let age = now.duration_since(*at);
                (SignedDuration::ZERO..SignedDuration::from_mins(1)).contains(&age)
            };
            kept.tries.retain(recent);
            if kept.tries.len() >= SIGN_INS_A_MINUTE_MAX {
                return Err(OfficeRefusal::TooMany);
            }
            kept.tries.push_back(now);
            Ok(())
        })
    }

    async fn commit(
        &self,
        principal: Principal,
        command: Command,
    ) -> Result<Result<Outcome, Rejection>, OfficeRefusal> {
        let turn = Turn::Command { principal, command };
        let now = || self.clock.now();
        let committed = self.stretcher.commit(&self.store, turn, now).await;
        match committed.map_err(|error| busy(&error))? {
            Committed::Command(result) => {
                if result.is_ok() {
                    self.bells.ring();
                }
                Ok(result)
            }
            _ => Err(OfficeRefusal::Busy),
        }
    }

    /// Looks at what is kept; nothing waits while it is held.
    fn kept<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        work(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn principal(grant: &RoleGrant) -> Principal {
    Principal {
        role: grant.role,
        author: grant.index,
        scope: grant.scope.area(),
        phone: Msisdn::parse(&grant.phone).ok(),
        channel: CHANNEL.to_owned(),
        language: grant.language.clone(),
    }
}

fn who(grant: &RoleGrant, session: Session) -> Who {
    Who {
        name: grant.name.clone(),
        role: grant.role,
        language: grant.language.clone(),
        form: session.form,
    }
}

fn own_form(who: &Who, form: &str) -> Result<(), OfficeRefusal> {
    let own = Secret::parse(form).is_some_and(|form| form.is(&who.form));
    if own {
        Ok(())
    } else {
        tracing::warn!(
            security = true,
            "a form of another page or session was refused"
        );
        Err(OfficeRefusal::StaleForm(Box::new(who.clone())))
    }
}

fn secret() -> Result<Secret, OfficeRefusal> {
    let mut random = [0; 32];
    match SystemRandom::new().fill(&mut random) {
        Ok(()) => Ok(Secret::new(random)),
        Err(error) => {
            tracing::error!(error = %error, "no random bytes");
            Err(OfficeRefusal::Busy)
        }
    }
}

fn busy(error: &StoreError) -> OfficeRefusal {
    tracing::warn!(error = %error, "a question of the office was not answered");
    OfficeRefusal::Busy
}

fn say<T>(reply: oneshot::Sender<Result<T, OfficeRefusal>>, answer: Result<T, OfficeRefusal>) {
    watch::unheard("office page", reply.send(answer).is_err());
}
