//! Finds what a person typed last in the joined text of an HTTP gateway.
//!
//! The step is what follows the text of the step before; a person's own `*` is part of the
//! answer, so prefixes are compared and nothing is split. The memory is bounded and is empty
//! after a restart: an unknown session that already holds text is then taken as continued, and
//! its answer is what follows the last `*`, which is wrong only for an answer that itself holds
//! one. The same holds for codes dialled with a tail (`*384*1*2#`).

use std::collections::BTreeMap;

use crate::address::Msisdn;
use crate::event::{LinkName, UssdOp, UssdStep};

use super::{EndForm, StepForm};

/// Most sessions remembered; beyond that the one that was used longest ago is forgotten.
pub const SESSIONS_MAX: usize = 1_000;
/// Most steps of a session whose ends are remembered for late retries; older ones are forgotten.
pub const STEPS_MAX: usize = 100;

/// The joined texts of one link's sessions.
#[derive(Clone, Default)]
pub struct JoinedTexts {
    sessions: BTreeMap<(String, Msisdn), Progress>,
    /// Counts requests, so that "longest ago" needs no clock.
    uses: u64,
}

#[derive(Clone)]
struct Progress {
    used: u64,
    text: String,
    /// The length of `text` after each step, rising.
    ends: Vec<usize>,
}

impl JoinedTexts {
    /// An empty memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Turns a posted step into an event; a retry of any remembered step gives an equal one.
    pub fn step(&mut self, link: &LinkName, form: StepForm, limits: (u16, u16)) -> UssdStep {
        let StepForm {
            session,
            from,
            network: _,
            code,
            text,
        } = form;
        let answer = self.answer((session.clone(), from.clone()), &text);
        UssdStep {
            link: link.clone(),
            session,
            from,
            code,
            op: if text.is_empty() {
                UssdOp::Begin
            } else {
                UssdOp::Continue
            },
            text: answer,
            step: Some(text),
            screen_taken: true,
            limits,
        }
    }

    /// Turns the end of a session into an event; `None` when our own last screen ended it.
    pub fn end(&mut self, link: &LinkName, form: EndForm, limits: (u16, u16)) -> Option<UssdStep> {
        let EndForm {
            session,
            from,
            code,
            completed,
        } = form;
        self.sessions.remove(&(session.clone(), from.clone()));
        (!completed).then(|| UssdStep {
            link: link.clone(),
            session,
            from,
            code,
            op: UssdOp::Abort,
            text: String::new(),
            step: None,
            screen_taken: true,
            limits,
        })
    }

    /// How many sessions are remembered.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    fn answer(&mut self, key: (String, Msisdn), text: &str) -> String {
        self.uses = self.uses.saturating_add(1);
        let used = self.uses;
        if let Some(progress) = self.sessions.get_mut(&key) {
            progress.used = used;
            return progress.answer(text);
        }
        self.make_room();
        let progress = Progress {
            used,
            text: text.to_owned(),
            ends: vec![text.len()],
        };
        self.sessions.insert(key, progress);
        after_last_star(text)
    }

    fn make_room(&mut self) {
        if self.sessions.len() < SESSIONS_MAX {
            return;
        }
        let oldest = self
            .sessions
            .iter()
            .min_by_key(|(_, progress)| progress.used);
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.sessions.remove(&key);
        }
    }
}

impl Progress {
    fn answer(&mut self, text: &str) -> String {
        if self.text.starts_with(text) {
            return self.repeated(text);
        }
        let Some(answer) = following(text, &self.text).map(str::to_owned) else {
            // Not a continuation of what we know: the gateway began to count anew.
            text.clone_into(&mut self.text);
            self.ends = vec![text.len()];
            return after_last_star(text);
        };
        text.clone_into(&mut self.text);
        self.ends.push(text.len());
        if self.ends.len() > STEPS_MAX {
            self.ends.remove(0);
        }
        answer
    }

    /// The answer of a step that came before, as it was given then.
    fn repeated(&self, text: &str) -> String {
        let before = self.ends.iter().rev().find(|&&end| end < text.len());
        let known = self.ends.contains(&text.len());
        before
            .filter(|_| known)
            .and_then(|&end| self.text.get(..end))
            .and_then(|before| following(text, before))
            .map_or_else(|| after_last_star(text), str::to_owned)
    }
}

/// What `text` adds to `before`: after an empty text all of it, else what follows the next `*`.
fn following<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    if before.is_empty() {
        return Some(text);
    }
    text.strip_prefix(before)?.strip_prefix('*')
}

fn after_last_star(text: &str) -> String {
    text.rsplit_once('*')
        .map_or(text, |(_, last)| last)
        .to_owned()
}

impl core::fmt::Debug for JoinedTexts {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "JoinedTexts({} sessions)", self.sessions.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form(session: &str, text: &str) -> StepForm {
        StepForm {
            session: session.to_owned(),
            from: Msisdn::parse("+254700000001").unwrap(),
            network: "63902".to_owned(),
            code: "*384#".to_owned(),
            text: text.to_owned(),
        }
    }

    fn check(texts: &mut JoinedTexts, text: &str, op: UssdOp, answer: &str) {
        let step = texts.step(&LinkName("at".to_owned()), form("s", text), (160, 0));
        assert_eq!((step.op, step.text.as_str()), (op, answer));
        assert_eq!(step.step.as_deref(), Some(text));
    }

    #[test]
    fn each_step_is_what_follows_the_last_text() {
        let mut texts = JoinedTexts::new();
        check(&mut texts, "", UssdOp::Begin, "");
        check(&mut texts, "1", UssdOp::Continue, "1");
        check(&mut texts, "1*a*b", UssdOp::Continue, "a*b");
        check(&mut texts, "1*a*b*", UssdOp::Continue, "");
        check(&mut texts, "1*a*b**", UssdOp::Continue, "");
        check(&mut texts, "1*a*b***", UssdOp::Continue, "");
        check(&mut texts, "1*a*b****2", UssdOp::Continue, "2");
    }

    #[test]
    fn retries_of_any_step_give_the_same_answer() {
        let mut texts = JoinedTexts::new();
        let steps = [("", UssdOp::Begin, ""), ("1", UssdOp::Continue, "1")];
        let later = [
            ("1*a*b", UssdOp::Continue, "a*b"),
            ("1*a*b*2", UssdOp::Continue, "2"),
        ];
        for (text, op, answer) in steps.into_iter().chain(later) {
            check(&mut texts, text, op, answer);
            check(&mut texts, text, op, answer);
        }
        for (text, op, answer) in later.into_iter().chain(steps) {
            check(&mut texts, text, op, answer);
        }
        check(&mut texts, "1*a*b*2*3", UssdOp::Continue, "3");
    }

    #[test]
    fn after_a_restart_the_answer_is_what_follows_the_last_star() {
        let mut texts = JoinedTexts::new();
        check(&mut texts, "1*Amina*2", UssdOp::Continue, "2");
        check(&mut texts, "1*Amina*2*a*b", UssdOp::Continue, "a*b");
        check(&mut texts, "1*Amina*2*a*b", UssdOp::Continue, "a*b");
    }

    #[test]
    fn a_dialled_tail_does_not_disturb_the_answers() {
        let mut texts = JoinedTexts::new();
        check(&mut texts, "1*2", UssdOp::Continue, "2");
        check(&mut texts, "1*2*Amina", UssdOp::Continue, "Amina");
    }

    #[test]
    fn an_unrelated_text_begins_the_count_anew() {
        let mut texts = JoinedTexts::new();
        check(&mut texts, "", UssdOp::Begin, "");
        check(&mut texts, "12", UssdOp::Continue, "12");
        check(&mut texts, "13*4", UssdOp::Continue, "4");
        check(&mut texts, "13*4*5*6", UssdOp::Continue, "5*6");
    }

    #[test]
    fn an_end_that_we_did_not_cause_is_an_abort() {
        let mut texts = JoinedTexts::new();
        check(&mut texts, "", UssdOp::Begin, "");
        let link = LinkName("at".to_owned());
        let end = |completed| EndForm {
            session: "s".to_owned(),
            from: Msisdn::parse("+254700000001").unwrap(),
            code: String::new(),
            completed,
        };
        assert_eq!(texts.end(&link, end(true), (160, 0)), None);
        let abort = texts.end(&link, end(false), (160, 0)).unwrap();
        assert_eq!(abort.op, UssdOp::Abort);
        assert!(texts.is_empty());
    }

    #[test]
    fn the_session_unused_for_longest_is_forgotten() {
        let mut texts = JoinedTexts::new();
        let link = LinkName("at".to_owned());
        for number in 0..SESSIONS_MAX {
            texts.step(&link, form(&number.to_string(), "1*a*b"), (160, 0));
        }
        texts.step(&link, form("0", "1*a*b*c*d"), (160, 0));
        texts.step(&link, form("new", ""), (160, 0));
        assert_eq!(texts.len(), SESSIONS_MAX);
        assert_eq!(
            texts.step(&link, form("0", "1*a*b*c*d*e*f"), (160, 0)).text,
            "e*f"
        );
        assert_eq!(
            texts.step(&link, form("1", "1*a*b*c*d"), (160, 0)).text,
            "d"
        );
    }

    proptest! {
        #[test]
        fn answers_come_back_whatever_stars_they_hold(
            answers in proptest::collection::vec("[0-9a-z*]{1,8}", 1..40),
        ) {
            let mut texts = JoinedTexts::new();
            let link = LinkName("at".to_owned());
            texts.step(&link, form("s", ""), (160, 0));
            let mut joined = String::new();
            for answer in answers {
                if !joined.is_empty() {
                    joined.push('*');
                }
                joined.push_str(&answer);
                for _ in 0..2 {
                    let step = texts.step(&link, form("s", &joined), (160, 0));
                    prop_assert_eq!(&step.text, &answer);
                }
            }
        }

        #[test]
        fn any_order_of_texts_never_panics_and_stays_bounded(
            requests in proptest::collection::vec(("[ab]", ".{0,6}|[1*]{0,40}"), 0..40),
        ) {
            let mut texts = JoinedTexts::new();
            let link = LinkName("at".to_owned());
            for (session, text) in requests {
                let step = texts.step(&link, form(&session, &text), (160, 0));
                prop_assert!(text.ends_with(&step.text));
            }
            prop_assert!(texts.len() <= 2);
            prop_assert!(texts.sessions.values().all(|session| session.ends.len() <= STEPS_MAX));
        }
    }
}
