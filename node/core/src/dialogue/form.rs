//! Reads a keyword form: a whole form in one SMS, through the questions of its dialogue.
//!
//! Each answer is read by the block that would ask for it, so a form takes what the screens take;
//! besides its number a choice may be given by its words or its code. An answer that is wrong is
//! named with what to type, and nothing is saved. The command is that of the dialogue's `run`
//! block, decided by the same rules; what it gives back is shown by the block that follows.

use std::collections::BTreeMap;

use super::answer::answer;
use super::refusal::{Notice, Refusal};
use super::screen::{Kept, Offer, View};
use super::session::{Phase, Session};
use super::{act, input};
use crate::command::Command;
use crate::contact::Moment;
use crate::duplicate::fold;
use crate::programme::Programmes;
use crate::programme::block::Block;
use crate::programme::form::{Form, FormField};
use crate::role::Principal;

/// Most characters of the choices that a refusal lists; of more it shows the example.
const CHOICES_CHARS_MAX: usize = 60;

/// What a message that begins with the word of a form comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Filled {
    /// Decide this command, then [`super::resume`] the session and show its screen.
    Act {
        /// Not to be kept: a form leaves what else was typed as it is.
        session: Box<Session>,
        /// From the answers.
        command: Box<Command>,
    },
    /// Tell the sender this; nothing was saved.
    Refused(String),
}

/// The first word of a text, without signs behind it.
pub(crate) fn word(text: &str) -> &str {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// Reads a form; `None` when no form begins with the text's first word.
pub fn fill(
    programmes: &Programmes,
    principal: &Principal,
    text: &str,
    now: Moment,
) -> Option<Filled> {
    let (programme, form, language) = programmes.form(text, &principal.language)?;
    let dialogue = programme.dialogue(&form.dialogue)?;
    let texts = programmes.texts();
    let is_for =
        |audience: &crate::programme::definition::Audience| audience.role() == principal.role;
    if !dialogue.audience.iter().any(is_for) {
        let refused = texts.plain(&principal.language, "reject-not-allowed");
        return Some(Filled::Refused(refused));
    }
    let view = View {
        programme,
        dialogue,
        texts,
        language: &language,
        kept: Kept::NOTHING,
    };
    let answers = match answers(&view, form, text, now) {
        Ok(answers) => answers,
        Err(refused) => return Some(Filled::Refused(refused)),
    };
    let mut session = Session::new(principal, now).begin(programme, &dialogue.code);
    session.language.clone_from(&language);
    session.answers = answers;
    let run = form.run(dialogue)?;
    Some(match act::command(&view, &session, run) {
        Ok(command) => {
            run.code.clone_into(&mut session.block);
            session.phase = Phase::Running;
            Filled::Act {
                session: Box::new(session),
                command: Box::new(command),
            }
        }
        Err(notice) => Filled::Refused(texts.system(&language, &notice.key, &notice.arguments)),
    })
}

/// The answers of a message by name, or the sentence that says which is wrong.
pub(crate) fn answers(
    view: &View<'_>,
    form: &Form,
    text: &str,
    now: Moment,
) -> Result<BTreeMap<String, String>, String> {
    let text = text.trim();
    let rest = text.get(word(text).len()..).unwrap_or_default();
    let rest = rest.trim_start_matches([':', '.', ' ']);
    let parts = |c: char| c == '\n' || form.separators.contains(c);
    let mut pieces: Vec<&str> = rest.split(parts).map(str::trim).collect();
    // A sign behind the last answer is no further one.
    while pieces.len() > form.fields.len() && pieces.last().is_some_and(|last| last.is_empty()) {
        pieces.pop();
    }
    if pieces.len() > form.fields.len() || rest.is_empty() {
        return Err(sample(view, form));
    }
    let mut answers = BTreeMap::new();
    for (place, field) in form.fields.iter().enumerate() {
        let piece = pieces.get(place).copied().unwrap_or_default();
        let Some(block) = field.block(view.dialogue) else {
            continue;
        };
        let value = read(view, block, piece, now)
            .map_err(|refusal| refused(view, (block, field), &refusal))?;
        answers.insert(field.answer.clone(), value);
    }
    Ok(answers)
}

/// Reads one answer; an empty one is none where the question takes none.
fn read(view: &View<'_>, block: &Block, piece: &str, now: Moment) -> Result<String, Refusal> {
    let takes_none = block.ask().is_some_and(|ask| ask.zero.is_some());
    let typed = match piece {
        "" if takes_none => "0",
        piece => input::clean(piece).map_err(|refusal| refusal.at_block(view, block))?,
    };
    let plain = input::plain_digits(typed);
    let typed = plain.as_str();
    let offers = view.offers(block, false);
    let shows_codes = !view.chooses_area();
    let named = offers.iter().position(|offer| is_named(offer, typed));
    let named = named.filter(|_| shows_codes);
    let number = named.map(|place| place.saturating_add(1).to_string());
    let typed = number.as_deref().unwrap_or(typed);
    let taken = answer(view, block, typed, now)?;
    if taken.area.is_some() {
        // A number of an area says nothing of the village; its name or code does.
        return Err(Refusal::Choice);
    }
    Ok(taken.value.unwrap_or_default())
}

fn is_named(offer: &Offer<'_>, typed: &str) -> bool {
    let typed = fold::words(typed);
    !typed.is_empty() && (typed == fold::words(&offer.label) || typed == fold::words(&offer.code))
}

/// Which answer is wrong and what to type for it.
fn refused(view: &View<'_>, (block, field): (&Block, &FormField), refusal: &Refusal) -> String {
    let notice = match (refusal, block) {
        (Refusal::Choice, Block::SelectOne(_)) => choices(view, block, field),
        _ => refusal.notice(0),
    };
    let fix = view
        .texts
        .system(view.language, &notice.key, &notice.arguments);
    let name = view.text(&field.name, &BTreeMap::new());
    let values = BTreeMap::from([("field".to_owned(), name), ("fix".to_owned(), fix)]);
    view.texts.system(view.language, "form-refused", &values)
}

fn choices(view: &View<'_>, block: &Block, field: &FormField) -> Notice {
    let offers = view.offers(block, false);
    let listed: Vec<String> = (1_usize..)
        .zip(&offers)
        .map(|(digit, offer)| format!("{digit} {}", offer.label))
        .collect();
    let listed = listed.join(", ");
    let (key, name, value) = if listed.chars().count() > CHOICES_CHARS_MAX {
        let first = offers.first().map(|offer| offer.label.clone());
        let example = field.example.clone().or(first).unwrap_or_default();
        ("form-name", "example", example)
    } else {
        ("form-choices", "choices", listed)
    };
    Notice {
        arguments: BTreeMap::from([(name.to_owned(), value)]),
        ..Notice::plain(key)
    }
}

/// How a whole message looks.
fn sample(view: &View<'_>, form: &Form) -> String {
    let values = BTreeMap::from([(
        "sample".to_owned(),
        form.sample(view.programme, view.language),
    )]);
    view.texts.system(view.language, "form-sample", &values)
}

/// Everything that a faulty message can be answered with.
pub(crate) fn replies(view: &View<'_>, form: &Form) -> Vec<String> {
    let mut replies = vec![sample(view, form)];
    for field in &form.fields {
        if let Some(block) = field.block(view.dialogue) {
            let all = Refusal::of_view(view, block);
            replies.extend(
                all.iter()
                    .map(|refusal| refused(view, (block, field), refusal)),
            );
        }
    }
    replies
}
