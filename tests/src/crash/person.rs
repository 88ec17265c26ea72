//! A health worker at a phone: what she types next, and where the dialogue must stand then.
//!
//! The expected screens are the programme's own texts, recognised by their first words, so that a
//! changed wording changes nothing here.

use std::path::Path;

use channels_core::{LinkName, Msisdn, UssdOp};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use node_core::contact::{BearerLimits, Contact};

use crate::tree;

/// The worker's number.
pub const WORKER: &str = "+256770000001";
/// The code that she dials.
pub const CODE: &str = "*384*7#";
/// The link's name in the node's settings.
pub const LINK: &str = "operator";
/// `ussd_service_op`, decimal: she dialled.
pub const OP_BEGIN: u8 = 1;
/// `ussd_service_op`, decimal: she answered.
pub const OP_ANSWER: u8 = 18;
/// Septets and UTF-16 units of a screen on an SMPP link.
const LIMITS: BearerLimits = BearerLimits {
    gsm7: 182,
    ucs2: 80,
};
/// The questions of a registration, in order.
const QUESTIONS: [&str; 13] = [
    "menu",
    "mother-given-name",
    "mother-family-name",
    "mother-birth-date",
    "mother-phone",
    "mother-village",
    "mother-national-id",
    "consent",
    "child-given-name",
    "child-sex",
    "child-birth-date",
    "child-place-of-birth",
    "summary",
];
/// Steps of one registration: the dial and an answer to each question.
pub const STEPS: usize = 1 + QUESTIONS.len();
/// Fewest digits of a registration number on a screen.
const NUMBER_DIGITS_MIN: usize = 8;

const MOTHERS: [&str; 8] = [
    "Achieng", "Wanjiru", "Nakato", "Amina", "Halima", "Zawadi", "Grace", "Esther",
];
const FAMILIES: [&str; 8] = [
    "Nyambura", "Otieno", "Okello", "Hassan", "Mwangi", "Kamau", "Lokiru", "Chebet",
];
const CHILDREN: [&str; 5] = ["Baraka", "Neema", "Juma", "Imani", "Asha"];

/// What a screen shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// The question of this index.
    Question(usize),
    /// Whether to go on where she stopped.
    Offer,
    /// The end of a registration.
    Registered,
    /// Anything else.
    Other,
}

/// The first words of every screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Titles {
    questions: Vec<String>,
    offer: String,
    registered: String,
}

impl Titles {
    /// Those of the shipped programme in English.
    pub fn shipped() -> Self {
        let own = tree::text(Path::new("node/programmes/maternal-child/texts/en.ftl"));
        let system = tree::text(Path::new("node/core/texts/en.ftl"));
        Self {
            questions: QUESTIONS.iter().map(|key| first_words(&own, key)).collect(),
            offer: first_words(&system, "resume-question"),
            registered: first_words(&own, "registered"),
        }
    }

    /// What a screen shows.
    pub fn shown(&self, screen: &str) -> Shown {
        if screen.starts_with(&self.offer) {
            return Shown::Offer;
        }
        if screen.starts_with(&self.registered) {
            return Shown::Registered;
        }
        let found = self
            .questions
            .iter()
            .position(|title| screen.starts_with(title));
        found.map_or(Shown::Other, Shown::Question)
    }
}

/// The text of a key in a Fluent file, up to its first parameter.
fn first_words(file: &str, key: &str) -> String {
    let start = format!("{key} = ");
    let line = file.lines().find_map(|line| line.strip_prefix(&start));
    let line = line.unwrap_or_else(|| panic!("no text `{key}`"));
    line.split('{')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_owned()
}

/// The registration numbers on a screen.
pub fn numbers(screen: &str) -> Vec<String> {
    let runs = screen.split(|character: char| !character.is_ascii_digit());
    runs.filter(|run| run.len() >= NUMBER_DIGITS_MIN)
        .map(str::to_owned)
        .collect()
}

/// Where the person is; each holds the question that is or comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// No session is open.
    Away(usize),
    /// She is asked whether to go on.
    Offered(usize),
    /// She sees that question.
    Asked(usize),
}

/// What a step is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// She dials.
    Dial,
    /// She goes on where she stopped.
    Resume,
    /// She answers a question.
    Answer,
}

/// One step as the network carries it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// What it is.
    pub kind: Kind,
    /// `ussd_service_op`.
    pub op: u8,
    /// What was typed.
    pub text: String,
    /// `its_session_info`.
    pub session: [u8; 2],
    /// What must be shown.
    pub expected: Shown,
    /// Where she is when it is done.
    pub then: Standing,
    /// Registrations finished when it is done.
    pub registrations: u64,
}

impl Step {
    /// Whether it registers the family.
    pub fn is_last(&self) -> bool {
        self.expected == Shown::Registered
    }

    /// Its kind as a word of the record.
    pub fn word(&self) -> &'static str {
        match self.kind {
            Kind::Dial => "dial",
            Kind::Resume => "resume",
            Kind::Answer if self.is_last() => "registration",
            Kind::Answer => "answer",
        }
    }

    /// The same step as the store's turn sees it.
    pub fn contact(&self, from: &Msisdn) -> Contact {
        let [number, second] = self.session;
        contact(
            from,
            &number.to_string(),
            (self.op, &self.text),
            &(second >> 1).to_string(),
        )
    }
}

/// One step of a gateway session, as the store's turn sees it.
pub fn contact(from: &Msisdn, session: &str, (op, text): (u8, &str), step: &str) -> Contact {
    let (op, text) = match op {
        OP_BEGIN => (UssdOp::Begin, ""),
        _ => (UssdOp::Continue, text),
    };
    Contact::Ussd {
        link: LinkName(LINK.to_owned()),
        session: session.to_owned(),
        from: from.clone(),
        code: String::new(),
        op,
        text: text.to_owned(),
        step: Some(step.to_owned()),
        screen_taken: true,
        limits: LIMITS,
    }
}

/// The worker.
#[derive(Clone, Debug)]
pub struct Person {
    /// Her number.
    pub phone: Msisdn,
    /// Where she is.
    pub standing: Standing,
    /// Registrations that she finished.
    pub registrations: u64,
    session: [u8; 2],
}

impl Default for Person {
    fn default() -> Self {
        let phone = Msisdn::parse(WORKER).expect("a number");
        Self {
            phone,
            standing: Standing::Away(0),
            registrations: 0,
            session: [0, 0],
        }
    }
}

impl Person {
    /// What she does next; nothing changes until [`Self::took`].
    pub fn next(&self) -> Step {
        let [number, second] = self.session;
        let dial = [number.wrapping_add(1), 0];
        let answer = [number, (((second >> 1) + 1) & 0x7F) << 1];
        let step = |kind, op, text: &str, session, expected, then| Step {
            kind,
            op,
            text: text.to_owned(),
            session,
            expected,
            then,
            registrations: self.registrations,
        };
        match self.standing {
            Standing::Away(0) => step(
                Kind::Dial,
                OP_BEGIN,
                CODE,
                dial,
                Shown::Question(0),
                Standing::Asked(0),
            ),
            Standing::Away(at) => step(
                Kind::Dial,
                OP_BEGIN,
                CODE,
                dial,
                Shown::Offer,
                Standing::Offered(at),
            ),
            Standing::Offered(at) => {
                let then = Standing::Asked(at);
                step(
                    Kind::Resume,
                    OP_ANSWER,
                    "1",
                    answer,
                    Shown::Question(at),
                    then,
                )
            }
            Standing::Asked(at) => {
                let is_last = at + 1 == QUESTIONS.len();
                let (expected, then) = if is_last {
                    (Shown::Registered, Standing::Away(0))
                } else {
                    (Shown::Question(at + 1), Standing::Asked(at + 1))
                };
                let text = &typed(self.registrations)[at];
                let mut step = step(Kind::Answer, OP_ANSWER, text, answer, expected, then);
                step.registrations += u64::from(is_last);
                step
            }
        }
    }

    /// The step was done.
    pub fn took(&mut self, step: &Step) {
        self.session = step.session;
        self.standing = step.then;
        self.registrations = step.registrations;
    }

    /// The session broke off, and the step in it was not done.
    pub fn lost(&mut self, step: &Step) {
        self.session = step.session;
        self.standing = Standing::Away(self.question());
    }

    /// The session broke off after the last step.
    pub fn hung_up(&mut self) {
        self.standing = Standing::Away(self.question());
    }

    /// The node forgot acknowledged steps; she goes on from what it knows.
    pub fn fell_back(&mut self, registrations: u64, question: usize) {
        self.registrations = registrations;
        self.standing = Standing::Away(question);
    }

    /// The question that is or comes next.
    pub fn question(&self) -> usize {
        match self.standing {
            Standing::Away(at) | Standing::Offered(at) | Standing::Asked(at) => at,
        }
    }
}

/// How old the child is: between two days and two months.
fn born_days(n: usize) -> Span {
    Span::new().days(i64::try_from(2 + n % 60).expect("two digits"))
}

/// What she types for the family of this number, question by question.
fn typed(family: u64) -> [String; QUESTIONS.len()] {
    let n = usize::try_from(family).expect("a small number");
    let day = format!(
        "{:02}{:02}{}",
        1 + n % 28,
        1 + n / 28 % 12,
        1985 + n / 336 % 15
    );
    let sex = if n.is_multiple_of(2) { "1" } else { "2" };
    let phone = format!("+2567701{n:05}");
    // Typed in full: a node that does not trust its clock offers no "today".
    let born = Timestamp::now()
        .to_zoned(TimeZone::UTC)
        .date()
        .saturating_sub(born_days(n));
    let born = format!("{:02}{:02}{}", born.day(), born.month(), born.year());
    let words = [
        "1",
        MOTHERS[n % 8],
        FAMILIES[n / 8 % 8],
        &day,
        &phone,
        "1",
        "0",
        "1",
        CHILDREN[n % 5],
        sex,
        &born,
        "2",
        "1",
    ];
    words.map(str::to_owned)
}
