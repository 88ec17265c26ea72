//! What stands before the screens of staff: the staff PIN, or the one-time code and the choice of
//! a first PIN (decision 0051).
//!
//! A session that stands here keeps what was typed before, and shows none of it. Behind the PIN
//! the worker goes on where she was headed, in the same call. By SMS no PIN is asked: one neutral
//! sentence says to dial. What was typed here goes into a command and is kept nowhere. Whether it is
//! right, and who is asked at all, is not decided here.

use serde::{Deserialize, Serialize};

use super::engine::shown;
use super::page::Parts;
use super::refusal::Notice;
use super::session::Session;
use super::{Next, Step};
use crate::command::{Command, Outcome, Rejection};
use crate::contact::{Moment, SMS_CHANNEL};
use crate::pin::{Pin, Standing};
use crate::programme::Programmes;
use crate::role::Principal;

/// What a session waits for before it goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Guarded {
    /// The PIN.
    Pin,
    /// The one-time code.
    Code,
    /// The choice of a first PIN.
    Choose,
    /// Another contact: its notice is the last screen of this one.
    Shut,
    /// Nothing more: it can be opened.
    Passed,
}

/// A worker dials or texts, and her screens are not open: what comes first. What she left unfinished
/// is kept for then.
pub fn stand_before(
    principal: &Principal,
    previous: Option<Session>,
    wanted: Option<&str>,
    (standing, now): (Standing, Moment),
) -> Step {
    let previous = previous.filter(|session| session.waits_for(principal, now));
    let mut session = previous.unwrap_or_else(|| Session::new(principal, now));
    session.channel.clone_from(&principal.channel);
    session.wanted = wanted.map(str::to_owned);
    hold_back(session, standing)
}

/// The same in the middle of a conversation: what was typed last is not taken.
pub fn hold_back(mut session: Session, standing: Standing) -> Step {
    session.notice = None;
    let shut = match standing {
        Standing::Open => return passed(session),
        // Who texts may be anybody, and a PIN in a text stays in the phone.
        _ if session.channel == SMS_CHANNEL => "reject-staff-pin",
        Standing::Pin => return asked(session, Guarded::Pin),
        Standing::Code => return asked(session, Guarded::Code),
        Standing::NoCode => "staff-code-none",
        Standing::Wait => "reject-pin-wait",
        Standing::Locked => "staff-pin-locked",
    };
    shut_with(session, Notice::plain(shut))
}

fn asked(mut session: Session, what: Guarded) -> Step {
    session.guarded = Some(what);
    shown(session)
}

fn shut_with(mut session: Session, notice: Notice) -> Step {
    session.notice = Some(notice);
    asked(session, Guarded::Shut)
}

fn passed(mut session: Session) -> Step {
    session.guarded = Some(Guarded::Passed);
    session.notice = None;
    Step {
        session,
        next: Next::Begin,
    }
}

fn refused(mut session: Session, key: &'static str) -> Step {
    session.notice = Some(Notice::plain(key));
    shown(session)
}

/// Takes what was typed.
pub(super) fn answer(session: Session, typed: &str) -> Step {
    let pin = Pin::parse(typed).filter(|pin| !pin.is_short());
    let command = match session.guarded {
        Some(Guarded::Pin) => pin.map(|pin| Command::OpenStaff { pin }),
        Some(Guarded::Choose) => pin.map(|pin| Command::ChooseStaffPin { pin }),
        Some(Guarded::Code) => Pin::code(typed).map(|code| Command::ProveStaffCode { code }),
        Some(Guarded::Shut | Guarded::Passed) | None => return shown(session),
    };
    match command {
        Some(command) => Step {
            session,
            next: Next::Act(Box::new(command)),
        },
        None => unclean(session),
    }
}

/// The same screen, for what can be neither PIN nor code.
pub(super) fn unclean(session: Session) -> Step {
    match session.guarded {
        Some(Guarded::Code) => refused(session, "staff-code-wrong"),
        _ => refused(session, "reject-pin-length"),
    }
}

/// The command was decided: on, or the same screen again, or enough for now.
pub(super) fn decided(session: Session, outcome: Result<Outcome, Rejection>) -> Step {
    match (outcome, session.guarded) {
        (Ok(_), Some(Guarded::Code)) => asked_anew(session, Guarded::Choose),
        (Ok(_), _) => passed(session),
        (Err(rejection), _) => {
            let again = [
                "reject-pin-wrong",
                "staff-code-wrong",
                "reject-pin-weak",
                "reject-pin-length",
            ];
            if again.contains(&rejection.text.as_str()) {
                let mut session = session;
                session.notice = Some(rejection.into());
                return shown(session);
            }
            shut_with(session, rejection.into())
        }
    }
}

fn asked_anew(mut session: Session, what: Guarded) -> Step {
    session.notice = None;
    asked(session, what)
}

/// The screen.
pub(super) fn parts(programmes: &Programmes, session: &Session) -> Parts {
    let texts = programmes.texts();
    let key = match session.guarded {
        Some(Guarded::Pin) => "staff-pin",
        Some(Guarded::Code) => "staff-code",
        Some(Guarded::Choose) => "staff-new",
        Some(Guarded::Shut | Guarded::Passed) | None => return Parts::default(),
    };
    Parts {
        text: vec![texts.plain(&session.language, key)],
        back: texts.plain(&session.language, "key-back"),
        more: texts.plain(&session.language, "key-more"),
        ..Parts::default()
    }
}

impl Session {
    /// The place of the staff list whose screens it shows; `None` for those of a citizen.
    pub fn worker(&self) -> Option<(sync_core::Scope, u32)> {
        (self.author != 0).then(|| (self.scope.area(), self.author))
    }

    /// Whether something stands before it.
    pub fn is_guarded(&self) -> bool {
        self.guarded.is_some()
    }

    /// Whether this contact ends before it.
    pub(crate) fn is_shut(&self) -> bool {
        self.guarded == Some(Guarded::Shut)
    }

    /// The session behind the PIN, to be opened as what was left unfinished.
    pub fn behind(self) -> Option<Self> {
        (self.guarded == Some(Guarded::Passed)).then_some(Self {
            guarded: None,
            ..self
        })
    }
}
