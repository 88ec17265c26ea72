//! The question for the village, before the dialogue of a caller whose area is not known.
//!
//! One screen, in the caller's language; a caller of whom no language is known reads it in every
//! language of the service that has the alphabet of the first, a line each. A code that no village has shows a sentence that says
//! what to type in place of the question. Which area a code means is not decided here.

use super::engine::{Engine, shown};
use super::page::Parts;
use super::session::{Phase, Session};
use super::{Next, Step, home};
use crate::command::{Command, Outcome, Rejection};
use crate::programme::Programmes;
use crate::role::Role;
use crate::text::FALLBACK_LANGUAGE;

/// Asks.
pub(super) fn ask(mut session: Session) -> Step {
    session.phase = Phase::Village;
    shown(session)
}

/// Takes what was typed: a key of the screen, or a code.
pub(super) fn answer(programmes: &Programmes, mut session: Session, typed: &str) -> Step {
    let pages = Engine::pages(programmes, &session).len();
    let next = session.page.saturating_add(1);
    match typed {
        "00" if session.page > 0 => {
            session.page = session.page.saturating_sub(1);
            shown(session)
        }
        "99" if usize::from(next) < pages => {
            session.page = next;
            shown(session)
        }
        code => Step {
            session,
            next: Next::Act(Box::new(Command::ChooseVillage {
                code: code.to_owned(),
            })),
        },
    }
}

/// The code was looked up: the caller is somebody now, or types again.
pub(super) fn decided(mut session: Session, outcome: Result<Outcome, Rejection>) -> Step {
    match outcome {
        Ok(_) => Step {
            session,
            next: Next::Begin,
        },
        Err(rejection) => {
            session.page = 0;
            session.notice = Some(rejection.into());
            shown(session)
        }
    }
}

/// The screen: the question, or the sentence that a refused code gets.
pub(super) fn parts(programmes: &Programmes, session: &Session) -> Parts {
    // Whatever was wrong with the input, the same sentence says what to type.
    let key = if session.is_refused() {
        "reject-village"
    } else {
        "village-question"
    };
    let texts = programmes.texts();
    let mut lines: Vec<String> = Vec::new();
    for language in languages(programmes, session) {
        let line = texts.plain(language, key);
        if !lines.contains(&line) && home::fits_beside(&lines, &line) {
            lines.push(line);
        }
    }
    let chosen = if session.language.is_empty() {
        FALLBACK_LANGUAGE
    } else {
        &session.language
    };
    Parts {
        text: lines,
        back: texts.plain(chosen, "key-back"),
        more: texts.plain(chosen, "key-more"),
        ..Parts::default()
    }
}

/// The caller's language; where she has chosen none, those of the services that citizens get.
fn languages<'a>(programmes: &'a Programmes, session: &'a Session) -> Vec<&'a str> {
    if !session.language.is_empty() {
        return vec![&session.language];
    }
    let services = programmes.services(Role::Citizen);
    let mut codes: Vec<&str> = Vec::new();
    for language in services.iter().flat_map(|one| one.programme.languages()) {
        if !codes.contains(&language.code.as_str()) {
            codes.push(&language.code);
        }
    }
    if codes.is_empty() {
        codes.push(FALLBACK_LANGUAGE);
    }
    codes
}
