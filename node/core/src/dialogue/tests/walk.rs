//! A person at a keypad: dials, types, and a stand-in for the store that answers commands.

use std::collections::BTreeMap;

use channels_core::{Msisdn, gsm7};
use jiff::Timestamp;
use sync_core::{ClockQuality, Scope};

use super::super::{HOPS_MAX, Next, Screen, Session, Step, open, render, resume, step};
use crate::command::{Command, Outcome, Rejection};
use crate::contact::{BearerLimits, Moment};
use crate::programme::{Programmes, usual};
use crate::role::{Principal, Role};

/// Limits of USSD by the standard.
pub(super) const USSD: BearerLimits = BearerLimits {
    gsm7: 182,
    ucs2: 80,
};
/// The smallest limits of the shipped programme.
pub(super) const HTTP: BearerLimits = BearerLimits { gsm7: 160, ucs2: 0 };
/// One SMS.
pub(super) const SMS: BearerLimits = BearerLimits {
    gsm7: 160,
    ucs2: 70,
};
/// The answers of the shortest registration, behind the menu's `1`.
pub(super) const REGISTRATION: [&str; 13] = [
    "1",
    "Akinyi",
    "Nyambura",
    "1994",
    "0772123456",
    "9",
    "0",
    "1",
    "Amina",
    "1",
    "1",
    "2",
    "1",
];

/// Commands of a registration: it, and the birth that it tells.
pub(super) const REGISTERS: usize = 2;

pub(super) fn moment(text: &str) -> Moment {
    let at: Timestamp = text.parse().unwrap();
    Moment {
        at,
        quality: ClockQuality::Ntp,
    }
}

pub(super) fn noon() -> Moment {
    moment("2026-05-17T09:00:00Z")
}

pub(super) fn principal(role: Role, language: &str) -> Principal {
    Principal {
        role,
        author: u32::from(role != Role::Citizen),
        scope: Scope(8),
        phone: Some(Msisdn::parse("256772000001").unwrap()),
        channel: "operator-a".to_owned(),
        language: language.to_owned(),
    }
}

/// A conversation.
pub(super) struct Walk<'a> {
    pub(super) programmes: &'a Programmes,
    pub(super) now: Moment,
    pub(super) session: Session,
    pub(super) commands: Vec<Command>,
    /// Questions whether somebody is already known, which do nothing.
    pub(super) checks: Vec<Command>,
    /// How many people are like the one who is typed.
    pub(super) known: &'static str,
    /// What the next command is answered with, instead of success.
    pub(super) rejection: Option<Rejection>,
    /// What the next command gives back, instead of what [`done`] says.
    pub(super) values: Vec<(String, String)>,
    /// What a person must do before she sees what is personal.
    pub(super) pin_state: &'static str,
}

impl<'a> Walk<'a> {
    pub(super) fn dial(programmes: &'a Programmes, principal: &Principal, now: Moment) -> Self {
        Self::redial(programmes, principal, None, now)
    }

    pub(super) fn redial(
        programmes: &'a Programmes,
        principal: &Principal,
        previous: Option<Session>,
        now: Moment,
    ) -> Self {
        let first = open(programmes, principal, previous, now);
        let session = first.session.clone();
        let mut walk = Self {
            programmes,
            now,
            session,
            commands: Vec::new(),
            checks: Vec::new(),
            known: "0",
            rejection: None,
            values: Vec::new(),
            pin_state: "open",
        };
        walk.settle(first);
        walk
    }

    /// Answers commands until a screen is to be shown.
    fn settle(&mut self, mut step: Step) {
        for _ in 0..=HOPS_MAX {
            let Next::Act(command) = step.next else {
                self.session = step.session;
                return;
            };
            let outcome = match self.rejection.take() {
                Some(rejection) => Err(rejection),
                None if !self.values.is_empty() => Ok(Outcome {
                    values: self.values.drain(..).collect(),
                }),
                None if matches!(*command, Command::CheckKnown { .. }) => Ok(like(self.known)),
                None => Ok(done(&command, (self.pin_state, self.commands.len()))),
            };
            match *command {
                check @ Command::CheckKnown { .. } => self.checks.push(check),
                other => self.commands.push(other),
            }
            step = resume(self.programmes, step.session, outcome, self.now);
        }
        panic!("the dialogue gives more commands than its limit");
    }

    pub(super) fn type_in(&mut self, input: &str) -> &mut Self {
        let next = step(self.programmes, self.session.clone(), input, self.now);
        self.settle(next);
        self
    }

    pub(super) fn type_all(&mut self, inputs: &[&str]) -> &mut Self {
        for input in inputs {
            self.type_in(input);
        }
        self
    }

    pub(super) fn screen(&self) -> Screen {
        render(self.programmes, &self.session, USSD)
    }

    pub(super) fn text(&self) -> String {
        self.screen().text
    }

    /// The screen, after checking that it fits every bearer.
    pub(super) fn checked_text(&self) -> String {
        for limits in [USSD, HTTP, SMS] {
            let text = render(self.programmes, &self.session, limits).text;
            let fits = match gsm7::septets(&text) {
                Some(septets) => septets <= usize::from(limits.gsm7),
                None => gsm7::ucs2_units(&text) <= usize::from(limits.ucs2),
            };
            assert!(fits, "at {} for {limits:?}: {text}", self.session.block);
            assert!(!text.is_empty());
        }
        self.text()
    }
}

/// So many people who are like the one who is typed, for whichever of a registration.
fn like(count: &str) -> Outcome {
    let mut values = BTreeMap::new();
    for whose in ["mother", "person"] {
        values.insert(format!("known_{whose}_count"), count.to_owned());
        for place in 1..=count.parse::<usize>().unwrap() {
            let label = "A.N., woman, 1994, Kibo".to_owned();
            values.insert(format!("known_{whose}_{place}"), label);
            let number = "7294058630".to_owned();
            values.insert(format!("known_{whose}_code_{place}"), number);
        }
    }
    Outcome { values }
}

/// What the rules answer when all is well; lists and people differ from one command to the next.
fn done(command: &Command, (pin_state, nth): (&str, usize)) -> Outcome {
    let state = [("pin_state", pin_state)];
    let values: &[(&str, &str)] = match command {
        Command::AskPin { .. } => &state,
        Command::RegisterPair { .. } => &[
            ("mother_number", "7294058630"),
            ("child_number", "2730594186"),
            ("status", "held"),
        ],
        Command::ShowMyStatus => &[
            ("count", "2"),
            ("number_1", "..4186"),
            ("status_1", "accepted"),
            ("number_2", "..8630"),
            ("status_2", "conflict"),
        ],
        Command::ShowMyWork => &[
            ("total", "21"),
            ("held", "1"),
            ("carried", "2"),
            ("accepted", "17"),
            ("effective", "0"),
            ("rejected", "0"),
            ("conflict", "1"),
        ],
        other => return of_the_day(other, nth),
    };
    outcome(values)
}

/// The same for what a worker asks for from day to day.
fn of_the_day(command: &Command, nth: usize) -> Outcome {
    let one = |of: &[&'static str]| of[nth % of.len()];
    let values: &[(&str, &str)] = match command {
        Command::OpenPerson { .. } => &[
            ("person", "7294058630"),
            ("who", "Achieng N."),
            ("agreed", one(&["yes", "no"])),
            ("age", one(&["30", "2", "31", "", "1"])),
        ],
        Command::OpenEvent { .. } => &[
            ("person", "7294058630"),
            ("who", "Achieng N."),
            (
                "event",
                one(&["visit", "birth", "exit", "referral", "pregnancy"]),
            ),
            ("event_day", "14 Mar"),
        ],
        Command::OpenTask { .. } => &[
            ("person", "7294058630"),
            ("who", "Achieng N."),
            (
                "schedule",
                one(&["immunisation", "pre-registration", "antenatal", "referral"]),
            ),
        ],
        Command::ShowDue(_) => &[
            ("due_count", one(&["2", "0", "1"])),
            ("due_1", "Penta 1: 30 Sept"),
            ("due_code_1", "penta-1"),
            ("due_2", "OPV 1: 30 Sept"),
            ("due_code_2", "opv-1"),
        ],
        Command::ShowTasks => &[
            ("tasks_late", "1"),
            ("tasks_count", one(&["2", "2", "0"])),
            ("tasks_1", "Achieng N.: visit 30 Sept"),
            ("tasks_2", "Amina O.: vaccines 30 Sept"),
        ],
        Command::ShowMyEntries => &[
            ("registrations", "1"),
            ("entries_count", one(&["2", "2", "0"])),
            ("entries_1", "Visit Achieng N."),
            ("entries_2", "Birth Amina O."),
        ],
        Command::ShowCase { .. } => &[("found", one(&["nobody", "yes", "several", "no"]))],
        Command::RegisterChild { .. } => &[("child_number", "2730594186"), ("who", "Achieng N.")],
        Command::RegisterPerson { .. } => &[("person", "7294058630")],
        Command::RecordEvent { .. } => &[("who", "Achieng N."), ("status", "held")],
        Command::HandOver { .. } => &[("count", "7"), ("to", "Neema")],
        _ => &[],
    };
    outcome(values)
}

fn outcome(values: &[(&str, &str)]) -> Outcome {
    Outcome {
        values: values
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect(),
    }
}

pub(super) fn programmes() -> Programmes {
    usual().unwrap()
}

pub(super) fn rejection(key: &str) -> Rejection {
    Rejection {
        text: key.to_owned(),
        arguments: BTreeMap::new(),
    }
}
