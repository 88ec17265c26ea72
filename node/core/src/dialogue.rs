//! The dialogue engine: a session and an input in, a session and what comes next out.
//!
//! Keypad conventions, the same in every service and printed where they apply: `0` none, no or
//! leave; `00` back one page or screen; `99` the next page. A choice may be typed by its number
//! from any page. A wrong input shows the same screen behind one sentence that says what to type.
//!
//! Pure and bounded: no step takes more than [`HOPS_MAX`] hops, no session more than
//! [`STEPS_MAX`] inputs. After [`Next::Act`] the store decides the command in the same
//! transaction and calls [`resume`], at most [`HOPS_MAX`] times.

mod act;
mod answer;
pub mod calendar;
mod date;
mod draft;
mod engine;
pub mod form;
mod home;
mod input;
mod logic;
pub(crate) mod page;
pub(crate) mod refusal;
pub(crate) mod screen;
mod session;
mod staff;
mod village;

#[cfg(test)]
mod tests;

use channels_core::gsm7;

use crate::command::{Command, Outcome, Rejection};
use crate::contact::{BearerLimits, Moment};
use crate::programme::Programmes;
use crate::role::Principal;

pub(crate) use act::text_hash;
pub(crate) use act::{CHILD_PREFIX, MOTHER_PREFIX, NEW_PREFIX, PERSON_PREFIX, field, parameters};
pub use draft::{Seen, may_resume};
use engine::{Engine, refused, shown};
pub(crate) use input::{PIN_DIGITS_MAX, money_shown};
pub use refusal::{INPUT_CHARS_MAX, refusals};
use refusal::{Notice, Refusal};
use session::Phase;
pub use session::{
    RESUME_CITIZEN_S, RESUME_STAFF_S, SESSION_BYTES_MAX, SESSION_VERSION, Session, SessionError,
};
pub use staff::{hold_back, stand_before};

/// Most commands that one input may give; beyond that the session ends with a sentence.
/// Definitions are checked to need far fewer.
pub const HOPS_MAX: usize = 8;
/// Most blocks that show nothing in a row, skipped questions among them; beyond that the session
/// ends with a sentence. A compiled dialogue has fewer blocks on any way.
const PASSED_MAX: usize = 400;
/// Most inputs of a session, refused ones included; beyond that it ends and a new one begins.
pub const STEPS_MAX: u16 = 300;

/// A session after an input, and what it waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// To be kept, in the same transaction.
    pub session: Session,
    /// What to do.
    pub next: Next,
}

/// What a step waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// Show the screen.
    Screen,
    /// Decide this command, then [`resume`].
    Act(Box<Command>),
    /// Who calls is known only now: resolve her again and [`open`].
    Begin,
}

/// A screen as it goes out.
#[derive(Clone, PartialEq, Eq)]
pub struct Screen {
    /// Within the limits that were given.
    pub text: String,
    /// Whether it closes the session.
    pub end: bool,
}

impl core::fmt::Debug for Screen {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Screen({} characters, end: {})",
            self.text.chars().count(),
            self.end
        )
    }
}

/// A person dials: begins her dialogue, or offers to go on with the unfinished one. Where her
/// village is not known, it is asked for before anything else is shown.
pub fn open(
    programmes: &Programmes,
    principal: &Principal,
    previous: Option<Session>,
    now: Moment,
) -> Step {
    open_at(programmes, principal, previous, None, now)
}

/// As [`open`], at the service that was dialled or named ([`Programmes::named`]). An unfinished
/// dialogue is offered first, whatever was dialled; who declines it comes to that service.
pub fn open_at(
    programmes: &Programmes,
    principal: &Principal,
    previous: Option<Session>,
    wanted: Option<&str>,
    now: Moment,
) -> Step {
    let engine = Engine { programmes, now };
    if let Some(mut session) = previous {
        session.guarded = None;
        let is_known = programmes
            .find(&session.programme, session.programme_version)
            .is_some();
        if is_known && session.resumes_for(principal, now) {
            if session.phase == Phase::Running {
                // The command was never committed: its question is asked again.
                session.block = session.path.pop().unwrap_or_default();
            }
            session.phase = Phase::Offering;
            session.notice = None;
            session.channel.clone_from(&principal.channel);
            session.wanted = wanted.map(str::to_owned);
            return shown(engine.touch(session));
        }
    }
    let mut session = Session::new(principal, now);
    session.wanted = wanted.map(str::to_owned);
    if !principal.is_placed() {
        return village::ask(engine.touch(session));
    }
    engine.begin(session)
}

/// A person answers a screen.
pub fn step(programmes: &Programmes, session: Session, input: &str, now: Moment) -> Step {
    let engine = Engine { programmes, now };
    if session.is_finished() {
        return shown(session);
    }
    // What stands before a session does not make it fresh: it is taken up or not by its own age.
    let mut session = match session.guarded {
        None => engine.touch(session),
        Some(_) => session,
    };
    session.steps = session.steps.saturating_add(1);
    if session.steps > STEPS_MAX {
        session.close(Notice::plain("session-too-long"));
        return shown(session);
    }
    let typed = match input::clean(input) {
        Ok(typed) => typed,
        Err(refusal) => return engine.refuse_unclean(session, refusal),
    };
    let plain = input::plain_digits(typed);
    let typed = plain.as_str();
    if session.guarded.is_some() {
        return staff::answer(session, typed);
    }
    match session.phase {
        Phase::Offering => match typed {
            "1" => {
                session.phase = Phase::Asking;
                session.notice = None;
                shown(session)
            }
            "2" => engine.restart(session),
            _ => refused(session, &Refusal::Choice),
        },
        Phase::Village => village::answer(programmes, session, typed),
        Phase::Home => home::answer(engine, session, typed),
        // A stored session never waits for a command, because the turn is one transaction.
        Phase::Asking | Phase::Running | Phase::Finished | Phase::Closed => {
            engine.answer(session, typed)
        }
    }
}

/// The command of the last step was decided.
pub fn resume(
    programmes: &Programmes,
    session: Session,
    outcome: Result<Outcome, Rejection>,
    now: Moment,
) -> Step {
    let engine = Engine { programmes, now };
    if session.guarded.is_some() {
        return staff::decided(session, outcome);
    }
    if session.phase == Phase::Village {
        return village::decided(session, outcome);
    }
    if session.phase == Phase::Home {
        return home::decided(session, outcome);
    }
    if session.phase != Phase::Running {
        return shown(session);
    }
    engine.decided(session, outcome)
}

/// The screen of a session for a bearer.
///
/// Pages are cut for the smallest bearer that the programme declares for the language, so they
/// are the same on each; a narrower one that was named with [`Session::shown_on`] gets pages of its
/// own. Where a page still does not fit, one sentence names SMS instead.
pub fn render(programmes: &Programmes, session: &Session, limits: BearerLimits) -> Screen {
    let pages = Engine::pages(programmes, session);
    let last = pages.len().saturating_sub(1);
    let place = match session.guarded {
        None => usize::from(session.page).min(last),
        Some(_) => 0,
    };
    let text = pages.get(place).cloned().unwrap_or_default();
    if let Some(text) = fitted(&text, limits) {
        return Screen {
            text,
            end: session.is_finished() || session.is_shut(),
        };
    }
    let narrow = page::fold(
        &programmes
            .texts()
            .plain(&session.language, "line-too-narrow"),
    );
    Screen {
        text: narrow.chars().take(usize::from(limits.gsm7)).collect(),
        end: true,
    }
}

/// The text if it fits; with `?` for what the default alphabet lacks where UCS-2 does not fit.
fn fitted(text: &str, limits: BearerLimits) -> Option<String> {
    let fits_gsm7 =
        |text: &str| gsm7::septets(text).is_some_and(|septets| septets <= usize::from(limits.gsm7));
    if fits_gsm7(text) || gsm7::septets(text).is_none() && fits_ucs2(text, limits) {
        return Some(text.to_owned());
    }
    // Only single characters of names may be replaced; a text of another script would be lost.
    let folded = page::fold(text);
    let lost = folded
        .chars()
        .zip(text.chars())
        .filter(|(new, old)| new != old)
        .count();
    let keeps_most = lost.saturating_mul(2) < text.chars().count();
    (keeps_most && fits_gsm7(&folded)).then_some(folded)
}

fn fits_ucs2(text: &str, limits: BearerLimits) -> bool {
    gsm7::ucs2_units(text) <= usize::from(limits.ucs2)
}
