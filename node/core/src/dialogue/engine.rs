//! Moves a session from block to block.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Answer, answer, clock_known, today};
use super::page::{self, Parts};
use super::refusal::{Notice, Refusal};
use super::screen::{ROUND, Situation, View, numbered};
use super::session::{HOME, Phase, Secret, Session};
use super::{Next, PASSED_MAX, Step, act, home, logic, staff, village};
use crate::command::{Outcome, Rejection};
use crate::contact::Moment;
use crate::programme::block::{Arm, Block, Case, CommandKind, Run};
use crate::programme::definition::base_name;
use crate::programme::expand::round_of;
use crate::programme::{Programme, Programmes, Service};

/// Most blocks that can be gone back through; the oldest are forgotten.
const PATH_MAX: usize = 64;

/// The definitions and the moment of one step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Engine<'a> {
    pub(super) programmes: &'a Programmes,
    pub(super) now: Moment,
}

impl<'a> Engine<'a> {
    /// Notes when the person last did something and how good the clock is.
    pub(super) fn touch(self, mut session: Session) -> Session {
        session.updated = self.now.at;
        session.clock_known = clock_known(self.now);
        session
    }

    /// Begins the dialogue of a role: the service that was asked for, the only one there is, or
    /// the menu of all.
    pub(super) fn begin(self, session: Session) -> Step {
        let mut session = self.touch(session);
        let services = self.programmes.services(session.role);
        let is_wanted =
            |service: &&Service<'_>| session.wanted.as_deref() == Some(service.programme.code());
        match (services.iter().find(is_wanted), services.as_slice()) {
            (Some(service), _) | (None, [service]) => self.enter(session, *service),
            (None, []) => {
                session.close(Notice::plain("no-service"));
                shown(session)
            }
            _ => home::ask(session),
        }
    }

    /// Begins a service; from the home menu there is a way back to it.
    pub(super) fn enter(self, mut session: Session, service: Service<'_>) -> Step {
        if session.phase == Phase::Home {
            session.path = vec![HOME.to_owned()];
        }
        let session = session.begin(service.programme, &service.dialogue.code);
        self.go(session, &service.dialogue.start)
    }

    /// Forgets what was typed and begins anew.
    pub(super) fn restart(self, mut session: Session) -> Step {
        session.finish(Phase::Asking);
        session.values.clear();
        session.notice = None;
        session.started = self.now.at;
        session.steps = 0;
        self.begin(session)
    }

    /// The same screen behind the block's own sentence, for an input that no question takes.
    pub(super) fn refuse_unclean(self, session: Session, refusal: Refusal) -> Step {
        if session.guarded.is_some() {
            return staff::unclean(session);
        }
        let refusal = match (session.phase, view(self.programmes, &session)) {
            (Phase::Offering | Phase::Home, _) | (_, None) => Refusal::Choice,
            (_, Some((view, block))) => refusal.at_block(&view, block),
        };
        refused(session, &refusal)
    }

    /// Takes an answer to the session's block.
    pub(super) fn answer(self, mut session: Session, typed: &str) -> Step {
        let programmes = self.programmes;
        let Some((view, block)) = view(programmes, &session) else {
            return ended(session, "session-ended");
        };
        let goes_back = session.page > 0 || session.area.is_some() || !session.path.is_empty();
        if typed == "00" && goes_back {
            return back(session);
        }
        let pages = Self::pages(programmes, &session).len();
        let next_page = usize::from(session.page).saturating_add(1);
        if typed == "99" && next_page < pages {
            session.page = session.page.saturating_add(1);
            if block.is_end() && next_page.saturating_add(1) == pages {
                session.finish(Phase::Finished);
            }
            return shown(session);
        }
        if let (Block::Message(message), "99") = (block, typed)
            && let Some(next) = &message.next
        {
            return self.go_from(session, next);
        }
        if typed == "99" && pages > 1 {
            return refused(session, &Refusal::Page);
        }
        let taken = answer(&view, block, typed, self.now);
        match taken {
            Ok(taken) => self.take(session, block, taken),
            Err(refusal) => refused(session, &refusal),
        }
    }

    /// Saves an answer and moves on.
    fn take(self, mut session: Session, block: &'a Block, taken: Answer<'_>) -> Step {
        if taken.area.is_some() {
            session.area = taken.area;
            session.page = 0;
            session.notice = None;
            return shown(session);
        }
        if let (Block::Pin(_), Some(typed)) = (block, &taken.value) {
            session.pin = Some(Secret(typed.clone()));
        }
        let saves = block.ask().and_then(|ask| ask.saves.as_ref());
        if let (Some(name), Some(value)) = (saves, taken.value) {
            session.labels.remove(name);
            session
                .labels
                .extend(taken.label.map(|label| (name.clone(), label)));
            session.answers.insert(name.clone(), value);
        }
        if let Some(target) = session.back_to.take() {
            // The screen that is returned to stands where it stood the first time. Where something
            // is looked up before it, it is the one from which the list of changes was opened.
            let place = session.path.iter().position(|block| *block == target);
            let place = place.or_else(|| opened_from(self.programmes, &session, &target));
            session.path.truncate(place.unwrap_or(session.path.len()));
            return self.go(session, &target);
        }
        session.back_to = taken.back_to.map(str::to_owned);
        match taken.next {
            Some(next) => self.go_from(session, next),
            None => ended(session, "failed"),
        }
    }

    /// Moves on from the session's block, which can then be gone back to.
    fn go_from(self, mut session: Session, next: &str) -> Step {
        if session.path.len() >= PATH_MAX {
            session.path.remove(0);
        }
        session.path.push(session.block.clone());
        self.go(session, next)
    }

    /// Moves to a block, through those that show nothing.
    fn go(self, mut session: Session, next: &str) -> Step {
        session.page = 0;
        session.notice = None;
        session.area = None;
        let mut code = next.to_owned();
        for _ in 0..PASSED_MAX {
            session.block.clone_from(&code);
            let programmes = self.programmes;
            let Some((view, block)) = view(programmes, &session) else {
                return ended(session, "failed");
            };
            match block {
                Block::Case(case) => code = case_next(&session, case),
                Block::Calculate(calculate) => {
                    let today = today(view.programme, self.now);
                    let result = logic::result(&session, &calculate.value, today);
                    forget(&mut session, &calculate.saves);
                    let saved = result.map(|result| (calculate.saves.clone(), result));
                    session.answers.extend(saved);
                    code.clone_from(&calculate.next);
                }
                block if is_skipped(&session, block) => {
                    let ask = block.ask();
                    if let Some(name) = ask.and_then(|ask| ask.saves.as_ref()) {
                        forget(&mut session, name);
                    }
                    match ask.and_then(|ask| ask.next.as_ref()) {
                        Some(next) => code.clone_from(next),
                        None => return ended(session, "failed"),
                    }
                }
                block if nothing_listed(&session, block).is_some() => {
                    if let Some(empty) = nothing_listed(&session, block) {
                        empty.clone_into(&mut code);
                    }
                }
                Block::Run(run) => {
                    return match act::command(&view, &session, run) {
                        Ok(command) => {
                            session.phase = Phase::Running;
                            Step {
                                session,
                                next: Next::Act(Box::new(command)),
                            }
                        }
                        Err(notice) => self.rejected(session, run, notice),
                    };
                }
                _ => {
                    session.phase = Phase::Asking;
                    session.pin = None;
                    if block.is_end() && Self::pages(programmes, &session).len() == 1 {
                        session.finish(Phase::Finished);
                    }
                    return shown(session);
                }
            }
        }
        ended(session, "failed")
    }

    /// Goes on after a command.
    pub(super) fn decided(self, mut session: Session, outcome: Result<Outcome, Rejection>) -> Step {
        let programmes = self.programmes;
        let Some((_, Block::Run(run))) = view(programmes, &session) else {
            return ended(session, "failed");
        };
        let programme = programmes.find(&session.programme, session.programme_version);
        session.pin = None;
        match outcome {
            Ok(outcome) => {
                keep(&mut session, outcome.values, programme);
                if run.command == CommandKind::ChooseLanguage
                    && let Some(language) = act::language(&session, run)
                {
                    session.language = language;
                    session.language_chosen = true;
                }
                // What is done is done: there is no way back over it. Looking does nothing.
                if !run.command.only_looks() {
                    session.path.clear();
                    session.back_to = None;
                }
                self.go(session, &run.next)
            }
            Err(rejection) => self.rejected(session, run, rejection.into()),
        }
    }

    fn rejected(self, mut session: Session, run: &Run, notice: Notice) -> Step {
        let Some(block) = &run.rejected else {
            session.close(notice);
            return shown(session);
        };
        session.path.retain(|passed| passed != block);
        let mut step = self.go(session, block);
        step.session.notice = Some(notice);
        step
    }

    /// The pages of the session's screen.
    pub(super) fn pages(programmes: &Programmes, session: &Session) -> Vec<String> {
        let texts = programmes.texts();
        let layout = if session.phase == Phase::Home {
            home::layout(programmes, session)
        } else {
            programmes.layout(
                &session.programme,
                session.programme_version,
                &session.language,
            )
        };
        let layout = session
            .limits
            .map_or(layout, |limits| layout.within(limits));
        let notice = session.notice.as_ref().map(|notice| {
            (
                texts.system(&session.language, &notice.key, &notice.arguments),
                notice.page.into(),
            )
        });
        let mut parts = match session.phase {
            _ if session.guarded.is_some() => staff::parts(programmes, session),
            Phase::Closed => Parts::default(),
            Phase::Offering => offer(programmes, session),
            Phase::Home => home::parts(programmes, session),
            Phase::Village => return page::pages(&village::parts(programmes, session), layout),
            Phase::Asking | Phase::Running | Phase::Finished => view(programmes, session)
                .map_or_else(Parts::default, |(view, block)| {
                    let values = in_round(view.shown(&session.answers), block);
                    let situation = Situation {
                        values: &values,
                        clock_known: session.clock_known,
                        goes_back: session.area.is_some() || !session.path.is_empty(),
                    };
                    view.parts(block, situation)
                }),
        };
        parts.notice = notice;
        page::pages(&parts, layout)
    }
}

/// Keeps what a command gave back: its values take the place of all of the same name, numbered
/// ones included, and those of other names stay. What the programme does not declare is dropped.
fn keep(session: &mut Session, new: BTreeMap<String, String>, programme: Option<&Programme>) {
    let owner = |name: &str| {
        let base = base_name(name);
        let base = base.strip_suffix("_code").unwrap_or(base);
        base.strip_suffix("_count").unwrap_or(base).to_owned()
    };
    let replaced: BTreeSet<String> = new.keys().map(|name| owner(name)).collect();
    let values = &mut session.values;
    values.retain(|name, _| !replaced.contains(&owner(name)));
    let declared = |name: &str| programme.is_some_and(|one| one.definition().gives(name));
    values.extend(new.into_iter().filter(|(name, _)| declared(name)));
}

/// Shows the session's screen.
pub(super) fn shown(session: Session) -> Step {
    Step {
        session,
        next: Next::Screen,
    }
}

/// The same screen behind a sentence.
pub(super) fn refused(mut session: Session, refusal: &Refusal) -> Step {
    let page = if session.phase == Phase::Offering {
        0
    } else {
        session.page
    };
    session.notice = Some(refusal.notice(page));
    shown(session)
}

/// Ends with one system text.
fn ended(mut session: Session, key: &str) -> Step {
    session.close(Notice::plain(key));
    shown(session)
}

/// The page or the question before.
/// Place on the way of the screen from which a list was opened whose answers lead back to a block.
fn opened_from(programmes: &Programmes, session: &Session, target: &str) -> Option<usize> {
    let (view, _) = view(programmes, session)?;
    let returns = |block: &&Block| {
        let Block::SelectOne(list) = block else {
            return false;
        };
        let mut choices = list.choices.iter();
        choices.any(|choice| choice.back_to.as_deref() == Some(target))
    };
    let list = view.dialogue.blocks.iter().find(returns)?;
    let opened = session.path.iter().rposition(|code| code == list.code());
    opened?.checked_sub(1)
}

fn back(mut session: Session) -> Step {
    session.back_to = None;
    if session.page > 0 {
        session.page = session.page.saturating_sub(1);
        return shown(session);
    }
    session.notice = None;
    if session.area.take().is_some() {
        return shown(session);
    }
    match session.path.pop() {
        Some(block) if block == HOME => return home::ask(session),
        Some(block) => session.block = block,
        None => {}
    }
    shown(session)
}

/// The definition that a session runs on, and its block.
fn view<'s, 'a: 's>(
    programmes: &'a Programmes,
    session: &'s Session,
) -> Option<(View<'s>, &'a Block)> {
    let programme = programmes.find(&session.programme, session.programme_version)?;
    let dialogue = programme.dialogue(&session.dialogue)?;
    let block = dialogue.block(&session.block)?;
    let language = programme.language_or_first(&session.language);
    Some((
        View {
            programme,
            dialogue,
            texts: programmes.texts(),
            language,
            kept: session.kept(),
        },
        block,
    ))
}

/// The question whether to go on where it stopped.
fn offer(programmes: &Programmes, session: &Session) -> Parts {
    let text = |key: &str| programmes.texts().plain(&session.language, key);
    Parts {
        text: vec![text("resume-question")],
        choices: vec![
            format!("1 {}", text("resume-yes")),
            format!("2 {}", text("resume-no")),
        ],
        back: text("key-back"),
        more: text("key-more"),
        ..Parts::default()
    }
}

/// In a round of a loop, names without a number stand for those of the round.
fn in_round(mut values: BTreeMap<String, String>, block: &Block) -> BTreeMap<String, String> {
    if let Some(round) = round_of(block.code()) {
        let own = numbered(&values, round);
        values.extend(own);
        values.insert(ROUND.to_owned(), round.to_string());
    }
    values
}

/// Whether a question is not asked, by its own condition.
fn is_skipped(session: &Session, block: &Block) -> bool {
    let when = block.ask().and_then(|ask| ask.when.as_ref());
    when.is_some_and(|when| !logic::holds(session, when))
}

/// Where a question leads whose list of values is empty.
fn nothing_listed<'a>(session: &Session, block: &'a Block) -> Option<&'a str> {
    let (list, empty) = block.lists_values()?;
    (session.kept().count(list) == 0).then_some(empty)
}

/// Drops an answer that holds no longer.
fn forget(session: &mut Session, name: &str) {
    session.answers.remove(name);
    session.labels.remove(name);
}

fn case_next(session: &Session, case: &Case) -> String {
    let value = match case.on.as_deref() {
        Some("language_chosen") if session.language_chosen => "yes",
        Some("language_chosen") => "no",
        Some(name) => session.content(name).unwrap_or_default(),
        None => "",
    };
    let fits = |arm: &&Arm| match (&arm.is, &arm.when) {
        (Some(is), _) => is == value,
        (None, Some(when)) => logic::holds(session, when),
        (None, None) => false,
    };
    let arm = case.arms.iter().find(fits);
    arm.map_or(&case.otherwise, |arm| &arm.next).clone()
}
