//! An SMS that is no step of a dialogue: answers to our questions, STOP and START, anything else.
//!
//! A command comes out at most once, and at most one message goes back. Nothing is sent to names
//! and short codes, so that two machines never talk to each other.

mod office;
mod order;
mod word;

use channels_core::{Address, Msisdn};

use crate::alert::{AlertLevel, AlertOrder};
use crate::command::{Command, Rejection};
use crate::contact::Moment;
use crate::decide::{self, which_review};
use crate::known;
use crate::matching::Word;
use crate::message::{self, Draft};
use crate::role::{Principal, RoleGrant};
use crate::site::{Rules, Site};
use crate::view::{Known, Lookup, NewMessage, ReviewRow};

use office::Asked;
pub use order::{MENU_REFUSALS_MAX, Menu, Reader, reader};
use word::Said;

/// Hours that an alert raised by SMS holds.
const ALERT_BY_SMS_HOURS: u32 = 6;

/// What an SMS means.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Interpretation {
    /// What the sender asks for; it was looked at before and is normally not rejected.
    pub command: Option<Command>,
    /// What goes back, at most one, to be queued after the command's own consequences; when the
    /// command is rejected after all, the rejection's text goes in its place.
    pub messages: Vec<NewMessage>,
    /// What goes back when the command is rejected and no message was prepared, without its text.
    pub refusal: Option<NewMessage>,
}

/// What must be looked up before this text can be understood; empty when nothing is missing.
pub fn needs(from: &Address, text: &str, known: &Known) -> Vec<Lookup> {
    let Some(phone) = from.phone().map(Msisdn::to_e164) else {
        return Vec::new();
    };
    let staff = Lookup::StaffByPhone(phone.clone());
    let grants = known::staff(known, &staff);
    let mut wanted: Vec<Lookup> = grants
        .iter()
        .flat_map(|grant| {
            let (scope, index) = (grant.scope.area(), grant.index);
            [
                Lookup::OpenReviews(scope, index),
                Lookup::MatchesWaiting(scope, index),
            ]
        })
        .collect();
    if matches!(word::read(text), Said::No | Said::Deny { .. }) {
        let persons = known::phone(known, &phone).persons;
        wanted.extend(
            persons
                .into_iter()
                .map(|(person, _)| Lookup::HeldOf(person)),
        );
    }
    wanted.push(Lookup::Phone(phone));
    wanted.push(staff);
    if let Said::Review { number, .. } = word::read(text) {
        wanted.push(Lookup::Review(number));
    }
    if let Some(Asked::Check { code, .. }) = office::read(text).filter(|_| !grants.is_empty()) {
        let areas = grants.iter().map(|grant| grant.scope.area());
        wanted.extend(areas.map(Lookup::CodeKeys));
        wanted.push(Lookup::SlipRevoked(code.id()));
        wanted.push(Lookup::ProgrammeCodes);
    }
    if let Said::Review { number, .. } | Said::Unsure { number } = word::read(text) {
        wanted.push(Lookup::Match(number));
    }
    known::missing(known, wanted)
}

/// Understands an SMS of `principal`, whom [`crate::role::resolve`] found for its sender.
pub fn interpret(
    principal: &Principal,
    text: &str,
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Interpretation {
    let Some(phone) = principal.e164() else {
        return Interpretation::default();
    };
    let reply = Reply {
        principal,
        phone: &phone,
        known,
        rules,
        now,
    };
    if let Some(denied) = denies(text, &phone, known) {
        return reply.deny(denied);
    }
    if let Some(asked) = office::read(text).filter(|_| principal.author != 0) {
        return reply.office(asked);
    }
    match word::read(text) {
        Said::Stop => reply.switch(true),
        Said::Start => reply.switch(false),
        Said::Yes => reply.bare(true),
        Said::No => reply.bare(false),
        Said::Only => reply.only(),
        Said::Review { number, same } => reply.numbered(number, same),
        Said::Unsure { number } => reply.pair(number, Word::NotSure),
        Said::Deny { .. } | Said::Other => {
            reply.not_understood("unknown-text", &Rejection::default())
        }
    }
}

/// The code behind a NO that means a change of the sender's number.
fn denies(text: &str, phone: &str, known: &Known) -> Option<u16> {
    let code = match word::read(text) {
        Said::Deny { code } => Some(code),
        // "2" answers other questions; the word alone means the only change.
        Said::No if !text.chars().any(char::is_numeric) => None,
        _ => return None,
    };
    let row = decide::hold::meant(phone, code, known)?;
    row.open().map(|change| change.code)
}

/// Whether a word means something in every SMS, so that no form can begin with it.
pub(crate) fn is_reserved(text: &str) -> bool {
    word::read(text) != Said::Other || office::is_word(text)
}

/// As whom the sender of a text speaks: where several villages call one code, a worker of more than
/// one speaks for the area of the review that the text names or, with a bare yes or no, of the only
/// area in which one waits.
pub fn speaker(
    principal: Principal,
    text: &str,
    known: &Known,
    site: &Site,
    now: Moment,
) -> Principal {
    let Some(phone) = principal.e164().filter(|_| site.asks_village()) else {
        return principal;
    };
    let said = word::read(text);
    let is_meant = |grant: &&RoleGrant| {
        let open = known::open_reviews(known, grant.scope.area(), grant.index);
        site.serves(grant.scope)
            && grant.is_live(now.at)
            && match &said {
                Said::Review { number, .. } | Said::Unsure { number } => {
                    let pairs = Lookup::MatchesWaiting(grant.scope.area(), grant.index);
                    open.iter().any(|row| row.review == *number)
                        || known::matches(known, &pairs)
                            .iter()
                            .any(|row| row.number == *number)
                }
                Said::Yes | Said::No => !open.is_empty(),
                _ => false,
            }
    };
    let grants = known::staff(known, &Lookup::StaffByPhone(phone));
    let mut meant = grants.iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(grant), None) => Principal {
            role: grant.role,
            author: grant.index,
            scope: grant.scope.area(),
            ..principal
        },
        _ => principal,
    }
}

/// Causes of the messages whose questions a bare `1` or `2` of this sender may answer.
pub fn questions(principal: &Principal, known: &Known) -> Vec<String> {
    let reviews = known::open_reviews(known, principal.scope, principal.author);
    let mut causes: Vec<String> = reviews
        .iter()
        .map(|row| message::review_cause(row.review))
        .collect();
    if let Some(phone) = principal.e164() {
        let row = known::phone(known, &phone);
        let open = row.persons.iter().filter(|(_, bound)| !bound);
        causes.extend(open.map(|(person, _)| message::ask_again_cause(&phone, person)));
        if causes.len() > reviews.len() {
            causes.push(message::ask_cause(&phone));
            causes.push(message::confirm_cause(&phone, &row));
        }
    }
    causes
}

struct Reply<'a> {
    principal: &'a Principal,
    phone: &'a str,
    known: &'a Known,
    rules: &'a Rules<'a>,
    now: Moment,
}

impl Reply<'_> {
    /// STOP or START. Saying again what holds already is confirmed once a day.
    fn switch(&self, stopped: bool) -> Interpretation {
        let holds = known::phone(self.known, self.phone).stopped == stopped;
        let cause = if holds {
            message::unknown_cause(self.phone, self.now.at)
        } else {
            message::answer_cause(self.phone, self.now.at)
        };
        let key = if stopped { "stopped" } else { "started" };
        self.done(Command::StopMessages { stopped }, cause, key)
    }

    /// `1`, `2`, yes or no without a review number.
    fn bare(&self, yes: bool) -> Interpretation {
        let persons = known::phone(self.known, self.phone).persons;
        let claimed = persons.iter().any(|(_, bound)| !bound);
        match (self.open().as_slice(), claimed, yes) {
            // Either question may be meant; the one with a number can be answered exactly.
            ([first, ..], true, true) | ([first, _, ..], _, _) => self.which(first),
            ([only], _, same) => self.review(only.review, same),
            ([], true, true) => self.done(Command::BindNumber, self.bound_cause(), "bound"),
            ([], true, false) => {
                let cause = message::answer_cause(self.phone, self.now.at);
                self.done(Command::DenyNumber, cause, "denied")
            }
            // Bound already, and confirmed then.
            ([], false, true) if !persons.is_empty() => Interpretation::default(),
            ([], _, _) if self.principal.author != 0 => {
                self.not_understood("reject-no-open-review", &Rejection::default())
            }
            ([], _, _) => self.not_understood("unknown-text", &Rejection::default()),
        }
    }

    /// The number's first confirmation is one text; after a silence, or for one more person, the
    /// answer is answered again.
    fn bound_cause(&self) -> String {
        let row = known::phone(self.known, self.phone);
        let again = !row.stale.is_empty() || decide::binding::waits_beside(&row);
        if again {
            message::answer_cause(self.phone, self.now.at)
        } else {
            message::bound_cause(self.phone)
        }
    }

    /// `NO 471`: what was to be changed stays as it is.
    fn deny(&self, code: u16) -> Interpretation {
        let cause = message::answer_cause(self.phone, self.now.at);
        let command = Command::DenyChange { code: Some(code) };
        self.done(command, cause, "change-stopped")
    }

    /// `3`: the number is only that of the person whose record names it last.
    fn only(&self) -> Interpretation {
        let row = known::phone(self.known, self.phone);
        if decide::binding::waits_beside(&row) {
            let cause = message::answer_cause(self.phone, self.now.at);
            return self.done(Command::TakeNumberAlone, cause, "bound");
        }
        self.not_understood("unknown-text", &Rejection::default())
    }

    /// `417 1`: the answer to one review, among those that wait for this worker.
    fn numbered(&self, number: u32, same: bool) -> Interpretation {
        if self.principal.author == 0 {
            return self.not_understood("unknown-text", &Rejection::default());
        }
        if self.open().iter().any(|row| row.review == number) {
            return self.review(number, same);
        }
        if known::match_row(self.known, number).is_some() {
            let word = if same { Word::Same } else { Word::Different };
            return self.pair(number, word);
        }
        let repeated = known::review(self.known, number).is_some_and(|r| r.answer == Some(same));
        if repeated {
            return Interpretation::default();
        }
        let rejection = Rejection {
            arguments: message::arguments([("n", number.to_string())]),
            ..Rejection::default()
        };
        self.not_understood("reject-review-unknown", &rejection)
    }

    /// A word about a pair of people; said once more, it needs no answer.
    fn pair(&self, number: u32, word: Word) -> Interpretation {
        let worker = (self.principal.scope.area(), self.principal.author);
        let row = known::match_row(self.known, number);
        let arguments = message::arguments([("n", number.to_string())]);
        match row {
            Some(row) if self.principal.author != 0 && row.waits_for(worker) => Interpretation {
                command: Some(Command::AnswerMatch { number, word }),
                messages: vec![self.message(
                    message::answer_cause(self.phone, self.now.at),
                    "review-answered",
                    arguments,
                )],
                refusal: None,
            },
            Some(row) if row.words.contains(&(worker, word)) => Interpretation::default(),
            _ if self.principal.author == 0 => {
                self.not_understood("unknown-text", &Rejection::default())
            }
            _ => {
                let rejection = Rejection {
                    arguments,
                    ..Rejection::default()
                };
                self.not_understood("reject-review-unknown", &rejection)
            }
        }
    }

    fn open(&self) -> Vec<&ReviewRow> {
        known::open_reviews(self.known, self.principal.scope, self.principal.author)
    }

    fn review(&self, number: u32, same: bool) -> Interpretation {
        let rejection = message::arguments([("n", number.to_string())]);
        Interpretation {
            command: Some(Command::AnswerReview {
                review: Some(number),
                same,
            }),
            messages: vec![self.message(
                message::answer_cause(self.phone, self.now.at),
                "review-answered",
                rejection,
            )],
            refusal: None,
        }
    }

    /// `SLIP …` and `CHECK …` of staff. The code itself is told by the command.
    fn office(&self, asked: Asked) -> Interpretation {
        let cause = message::answer_cause(self.phone, self.now.at);
        let say = |key: &str, arguments| self.message(cause.clone(), key, arguments);
        let (code, claim) = match asked {
            Asked::Slip { number } => {
                return Interpretation {
                    command: Some(Command::GiveSlipCode { number, nonce: 0 }),
                    messages: Vec::new(),
                    refusal: Some(say("reject-slip-none", message::arguments([]))),
                };
            }
            Asked::Alert { kind, text } => {
                let order = AlertOrder {
                    scope: self.principal.scope.area(),
                    kind,
                    level: AlertLevel::Warning,
                    text,
                    hours: ALERT_BY_SMS_HOURS,
                    only_here: false,
                    fresh: [0; 8],
                };
                return Interpretation {
                    command: Some(Command::RaiseAlert(order)),
                    ..told(say("alert-begun", message::arguments([])))
                };
            }
            Asked::Decide { broadcast, approve } => {
                let command = Command::DecideBroadcast {
                    broadcast,
                    approve,
                    reason: String::new(),
                };
                let key = if approve {
                    "broadcast-approved"
                } else {
                    "broadcast-refused"
                };
                let arguments = message::arguments([("n", broadcast.to_string())]);
                return Interpretation {
                    command: Some(command),
                    ..told(say(key, arguments))
                };
            }
            Asked::Unreadable => {
                return told(say("slip-unreadable", message::arguments([])));
            }
            Asked::Check { code, claim } => (code, claim),
        };
        let keys = known::code_keys(self.known, self.principal.scope.area());
        let programmes = known::words(self.known, &Lookup::ProgrammeCodes);
        let programmes = programmes.iter().map(String::as_str);
        let holds = code.programme(keys, &claim, programmes).is_some();
        let revoked = known::flag(self.known, &Lookup::SlipRevoked(code.id()));
        told(match (holds, revoked) {
            (false, _) => say("slip-not-valid", message::arguments([])),
            (true, true) => say("slip-revoked", message::arguments([])),
            (true, false) => say("slip-valid", message::arguments([("month", code.month())])),
        })
    }

    fn which(&self, open: &ReviewRow) -> Interpretation {
        let rejection = which_review(open.review);
        Interpretation {
            command: None,
            messages: vec![self.message(
                message::answer_cause(self.phone, self.now.at),
                &rejection.text,
                rejection.arguments,
            )],
            refusal: None,
        }
    }

    fn done(&self, command: Command, cause: String, key: &str) -> Interpretation {
        let message = self.message(cause, key, message::arguments([]));
        Interpretation {
            command: Some(command),
            messages: vec![message],
            refusal: None,
        }
    }

    /// One reply that says what to type; silence for the rest of the day, and after a STOP.
    fn not_understood(&self, key: &str, rejection: &Rejection) -> Interpretation {
        if known::phone(self.known, self.phone).stopped {
            return Interpretation::default();
        }
        let cause = message::unknown_cause(self.phone, self.now.at);
        let message = self.message(cause, key, rejection.arguments.clone());
        told(message)
    }

    fn message(
        &self,
        cause: String,
        key: &str,
        arguments: std::collections::BTreeMap<String, String>,
    ) -> NewMessage {
        let language = &self.principal.language;
        Draft {
            cause,
            to: self.phone.to_owned(),
            language,
            key,
            arguments,
        }
        .render(self.rules)
    }
}

/// One message and nothing to do.
fn told(message: NewMessage) -> Interpretation {
    Interpretation {
        messages: vec![message],
        ..Interpretation::default()
    }
}

#[cfg(test)]
mod tests;
