//! The home menu: which service, for a caller who has more than one.
//!
//! One line a service, in the order of their numbers, which people learn and dial directly. A
//! caller of whom no language is known chooses one first, so that no service has to ask. Whoever
//! has one service only never sees this.

use std::collections::BTreeSet;

use channels_core::gsm7;

use super::answer::choice_place;
use super::engine::{Engine, refused, shown};
use super::page::{Layout, Parts};
use super::refusal::{Notice, Refusal};
use super::session::{Phase, Session};
use super::{Next, Step};
use crate::command::{Command, Outcome, Rejection};
use crate::programme::definition::Language;
use crate::programme::{Programmes, Service};
use crate::text::FALLBACK_LANGUAGE;

/// Asks.
pub(super) fn ask(mut session: Session) -> Step {
    session.phase = Phase::Home;
    session.programme.clear();
    session.block.clear();
    session.page = 0;
    session.notice = None;
    shown(session)
}

/// Takes what was typed.
pub(super) fn answer(engine: Engine<'_>, mut session: Session, typed: &str) -> Step {
    let programmes = engine.programmes;
    let pages = Engine::pages(programmes, &session).len();
    let next = session.page.saturating_add(1);
    match typed {
        "00" if session.page > 0 => {
            session.page = session.page.saturating_sub(1);
            return shown(session);
        }
        "99" if usize::from(next) < pages => {
            session.page = next;
            return shown(session);
        }
        "0" => {
            session.close(Notice::plain("home-bye"));
            return shown(session);
        }
        _ => {}
    }
    let Some(place) = choice_place(typed) else {
        return refused(session, &Refusal::Choice);
    };
    let services = programmes.services(session.role);
    let languages = languages(&services, &session);
    if !languages.is_empty() {
        return match languages.get(place) {
            Some(language) => Step {
                next: Next::Act(Box::new(Command::ChooseLanguage {
                    language: language.code.clone(),
                })),
                session: chosen(session, language),
            },
            None => refused(session, &Refusal::Choice),
        };
    }
    let is_meant = |service: &&Service<'_>| number(service) == place.saturating_add(1);
    match services.iter().find(is_meant) {
        Some(service) => engine.enter(session, *service),
        None => refused(session, &Refusal::Choice),
    }
}

fn chosen(mut session: Session, language: &Language) -> Session {
    session.language.clone_from(&language.code);
    session
}

/// The language was kept: now the services.
pub(super) fn decided(mut session: Session, outcome: Result<Outcome, Rejection>) -> Step {
    match outcome {
        Ok(_) => {
            session.language_chosen = true;
            ask(session)
        }
        Err(rejection) => {
            session.language.clear();
            session.notice = Some(rejection.into());
            shown(session)
        }
    }
}

/// Whether a text is in the alphabet of those before it: one line in another would leave all of them
/// less than half the room. Whoever reads only that one finds its name among the choices.
pub(super) fn fits_beside(before: &[String], text: &str) -> bool {
    let is_plain = |text: &str| gsm7::septets(text).is_some();
    before
        .first()
        .is_none_or(|first| is_plain(first) == is_plain(text))
}

/// The screen.
pub(super) fn parts(programmes: &Programmes, session: &Session) -> Parts {
    let texts = programmes.texts();
    let services = programmes.services(session.role);
    let languages = languages(&services, session);
    let language = language(session);
    let mut parts = Parts {
        back: texts.plain(language, "key-back"),
        more: texts.plain(language, "key-more"),
        zero: Some(format!("0 {}", texts.plain(language, "home-exit"))),
        ..Parts::default()
    };
    if languages.is_empty() {
        parts.text = vec![texts.plain(language, "home-title")];
        let lines = services.iter().map(|service| {
            let title = service.programme.title(language);
            format!("{} {title}", number(service))
        });
        parts.choices = lines.collect();
        return parts;
    }
    let mut titles: Vec<String> = Vec::new();
    for offered in &languages {
        let title = texts.plain(&offered.code, "home-language");
        if !titles.contains(&title) && fits_beside(&titles, &title) {
            titles.push(title);
        }
    }
    parts.text = vec![titles.join(" - ")];
    parts.choices = (1_usize..)
        .zip(&languages)
        .map(|(digit, offered)| format!("{digit} {}", offered.name))
        .collect();
    parts
}

/// In which alphabet, and up to which length: the narrowest of the services that are listed.
pub(super) fn layout(programmes: &Programmes, session: &Session) -> Layout {
    let services = programmes.services(session.role);
    let chooses = !languages(&services, session).is_empty();
    let layouts: Vec<Layout> = services
        .iter()
        .flat_map(|service| {
            let listed = service.programme.languages().iter();
            let own = service.programme.language_or_first(&session.language);
            listed.filter(move |one| chooses || one.code == own)
        })
        .map(|language| language.code.as_str())
        .collect::<BTreeSet<&str>>()
        .into_iter()
        .flat_map(|code| {
            let own = services.iter();
            own.filter_map(move |service| service.programme.layout(code))
        })
        .collect();
    // Languages to choose from stand in the alphabet of the first one.
    let first = services.first().and_then(|service| {
        let first = service.programme.languages().first()?;
        service.programme.layout(&first.code)
    });
    let ucs2 = match first {
        Some(first) if chooses => first.ucs2,
        _ => layouts.iter().any(|layout| layout.ucs2),
    };
    let same = layouts.iter().filter(|layout| layout.ucs2 == ucs2);
    let max = same.map(|layout| layout.max).min();
    max.map_or(Layout::ONE_SMS, |max| Layout { max, ucs2 })
}

fn number(service: &Service<'_>) -> usize {
    service.programme.definition().number.into()
}

fn language(session: &Session) -> &str {
    if session.language.is_empty() {
        FALLBACK_LANGUAGE
    } else {
        &session.language
    }
}

/// The languages to choose from: none where one is known, or where all services have the same one.
fn languages<'a>(services: &[Service<'a>], session: &Session) -> Vec<&'a Language> {
    if session.language_chosen {
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let all = services.iter().flat_map(|one| one.programme.languages());
    let all: Vec<&Language> = all.filter(|one| seen.insert(&one.code)).collect();
    if all.len() > 1 { all } else { Vec::new() }
}
