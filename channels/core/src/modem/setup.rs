//! The bring-up: one command after the other, some with a second choice, many of them optional.
//!
//! An optional command that is refused turns a feature off and is no fault.

use super::command::{LOCAL_S_MAX, NETWORK_S_MAX, SIM_S_MAX};

/// What the answer of a step is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Only whether it was accepted.
    Plain,
    /// `+CPIN?`: is the SIM ready?
    Sim,
    /// Which SIM it is.
    Identity,
    /// Registered or not.
    Registration,
    /// Signal strength.
    Signal,
    /// `+CSMS=1`: messages wait for our acknowledgement.
    Service,
    /// Which memory messages are stored in, and how full it is.
    Memory,
    /// Where new messages go; the place of the choice says how.
    Route,
}

/// One step.
pub(super) struct SetUp {
    /// The commands to try, in this order, without `AT`.
    pub(super) choices: &'static [&'static str],
    pub(super) kind: Kind,
    /// Whether the modem is of no use without it.
    pub(super) is_needed: bool,
    wait_s: i64,
    wanted: Option<&'static str>,
}

const fn needed(choices: &'static [&'static str]) -> SetUp {
    SetUp {
        choices,
        kind: Kind::Plain,
        is_needed: true,
        wait_s: LOCAL_S_MAX,
        wanted: None,
    }
}

const fn optional(choices: &'static [&'static str]) -> SetUp {
    SetUp {
        is_needed: false,
        ..needed(choices)
    }
}

impl SetUp {
    const fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    const fn within(self, wait_s: i64) -> Self {
        Self { wait_s, ..self }
    }

    const fn named(self, name: &'static str) -> Self {
        Self {
            wanted: Some(name),
            ..self
        }
    }
}

/// The choices of `+CNMI` at which messages are stored; later ones deliver them directly.
pub(super) const STORING_ROUTES: usize = 3;
/// The choices of `+CNMI` from which status reports come directly.
pub(super) const ROUTES: &[&str] = &[
    "+CNMI=2,1,0,2,0",
    "+CNMI=2,1,0,1,0",
    "+CNMI=1,1,0,1,0",
    "+CNMI=2,2,0,1,0",
];

/// All steps in their order.
pub(super) const STEPS: &[SetUp] = &[
    needed(&["E0"]),
    optional(&["V1"]),
    optional(&["+CMEE=1"]),
    optional(&["+CGMI"]),
    optional(&["+CGMM"]),
    optional(&["+CGMR"]),
    optional(&["+CGSN"]),
    needed(&["+CPIN?"])
        .of(Kind::Sim)
        .within(SIM_S_MAX)
        .named("+CPIN"),
    optional(&["+CIMI"]).of(Kind::Identity).within(SIM_S_MAX),
    optional(&["+CFUN=1"]).within(SIM_S_MAX),
    optional(&["+CREG=2", "+CREG=1"]),
    optional(&["+CREG?"]).of(Kind::Registration).named("+CREG"),
    optional(&["+CSQ"]).of(Kind::Signal).named("+CSQ"),
    optional(&["+COPS?"]).within(NETWORK_S_MAX).named("+COPS"),
    needed(&["+CMGF=0"]),
    optional(&["+CSMS=1"])
        .of(Kind::Service)
        .within(SIM_S_MAX)
        .named("+CSMS"),
    needed(&["+CPMS=\"ME\",\"ME\",\"ME\"", "+CPMS=\"SM\",\"SM\",\"SM\""])
        .of(Kind::Memory)
        .within(SIM_S_MAX)
        .named("+CPMS"),
    needed(ROUTES).of(Kind::Route).within(SIM_S_MAX),
    optional(&["+CSCA?"]).within(SIM_S_MAX).named("+CSCA"),
    optional(&["+CLIP=1"]).within(SIM_S_MAX),
    optional(&["+CUSD=1"]).within(SIM_S_MAX),
    optional(&["+CTZU=1"]),
    optional(&["+CTZR=1"]),
    optional(&["+CSCS=\"GSM\""]),
];

/// Longest wait for the answer of a step.
pub(super) fn wait_s(step: usize) -> i64 {
    STEPS.get(step).map_or(LOCAL_S_MAX, |step| step.wait_s)
}

/// The name of the lines that answer a step.
pub(super) fn wanted(step: usize) -> Option<&'static str> {
    STEPS.get(step).and_then(|step| step.wanted)
}

/// How far the bring-up is.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    pub(super) step: usize,
    pub(super) choice: usize,
}

impl Progress {
    /// The command to give now; `None` when all is done.
    pub(super) fn command(&self) -> Option<&'static str> {
        STEPS.get(self.step)?.choices.get(self.choice).copied()
    }

    pub(super) fn next(&mut self) {
        self.step = self.step.saturating_add(1);
        self.choice = 0;
    }

    /// Goes to the next choice of a step; false when there is none.
    pub(super) fn other(&mut self) -> bool {
        let more = STEPS
            .get(self.step)
            .is_some_and(|step| step.choices.len() > self.choice.saturating_add(1));
        if more {
            self.choice = self.choice.saturating_add(1);
        }
        more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sim_is_asked_before_all_that_needs_it() {
        let asked = STEPS
            .iter()
            .position(|step| step.kind == Kind::Sim)
            .unwrap();
        let needs_sim =
            |step: &SetUp| matches!(step.kind, Kind::Memory | Kind::Identity | Kind::Route);
        assert_eq!(STEPS[asked].choices, ["+CPIN?"]);
        assert!(!STEPS[..asked].iter().any(needs_sim));
    }

    #[test]
    fn every_storing_route_names_storage_and_the_others_do_not() {
        let (storing, direct) = ROUTES.split_at(STORING_ROUTES);
        assert!(storing.iter().all(|route| route.get(8..9) == Some("1")));
        assert!(direct.iter().all(|route| route.get(8..9) == Some("2")));
    }
}
