//! The recovery ladder: what is done to a modem that does not answer, and when.
//!
//! Hangs after minutes, hours or days are normal, and often only a reset helps. Time counts from
//! the first missing answer; any sign of life ends the ladder. A second machine here watches the
//! registration with the network, which has a slower ladder of its own.

use jiff::{SignedDuration, Timestamp};

/// Seconds without life after which each step begins, from [`Step::Reopen`] on.
pub const STEPS_S: [(Step, i64); 5] = [
    (Step::Reopen, 20),
    (Step::Restart, 60),
    (Step::Rebind, 120),
    (Step::Reset, 180),
    (Step::PowerCut, 300),
];
/// Seconds between power cuts: after the first, after the second, after every later one.
pub const CUTS_S: [i64; 3] = [15 * 60, 60 * 60, 6 * 60 * 60];
/// A second reopening within these seconds is an alarm.
pub const UNSTEADY_S: i64 = 60 * 60;
/// Seconds without network: choose the operator anew, restart the modem, rebind it.
pub const UNREGISTERED_S: [i64; 3] = [5 * 60, 15 * 60, 60 * 60];
/// Seconds without network after which the alarm goes out.
pub const UNREGISTERED_ALARM_S: i64 = 30 * 60;

/// A step of the ladder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Step {
    /// Escape, drain the port, repeat `AT`.
    Repeat,
    /// Close the port, open it, bring the modem up again.
    Reopen,
    /// `AT+CFUN=1,1` and wait for the port.
    Restart,
    /// Take the USB device away and give it back.
    Rebind,
    /// Pulse the modem's PWRKEY or RESET line.
    Reset,
    /// Cut the modem's power for ten seconds.
    PowerCut,
}

/// How deaf the modem is.
#[derive(Clone, Debug, Default)]
pub struct Ladder {
    silent_since: Option<Timestamp>,
    step: Option<Step>,
    cuts: usize,
    last_cut: Option<Timestamp>,
    last_reopen: Option<Timestamp>,
    unsteady: bool,
}

impl Ladder {
    /// An answer did not come, or the port is gone; true when this begins the ladder.
    pub fn silent(&mut self, now: Timestamp) -> bool {
        let begins = self.silent_since.is_none();
        if begins {
            self.silent_since = Some(now);
            self.step = Some(Step::Repeat);
        }
        begins
    }

    /// The modem gave the sign of life that the present step asks for.
    pub fn alive(&mut self) {
        self.silent_since = None;
        self.step = None;
        self.cuts = 0;
        self.last_cut = None;
    }

    /// The present step; `None` while the modem answers.
    pub fn step(&self) -> Option<Step> {
        self.step
    }

    /// Whether other modems should take over: the ladder is at step 3 or beyond.
    pub fn is_deaf(&self) -> bool {
        self.step.is_some_and(|step| step >= Step::Restart)
    }

    /// When the next step begins.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.coming().map(|(_, at)| at)
    }

    /// The step that begins now, if one does.
    pub fn due(&mut self, now: Timestamp) -> Option<Step> {
        let (step, at) = self.coming()?;
        if now < at {
            return None;
        }
        self.step = Some(step);
        match step {
            Step::PowerCut => {
                self.cuts = self.cuts.saturating_add(1);
                self.last_cut = Some(now);
            }
            Step::Reopen => {
                let hour = SignedDuration::from_secs(UNSTEADY_S);
                let last = self.last_reopen.replace(now);
                self.unsteady = last.is_some_and(|last| now.duration_since(last) < hour);
            }
            _ => {}
        }
        Some(step)
    }

    /// Whether the last reopening was the second within an hour; told once.
    pub fn take_unsteady(&mut self) -> bool {
        core::mem::take(&mut self.unsteady)
    }

    fn coming(&self) -> Option<(Step, Timestamp)> {
        let (since, step) = (self.silent_since?, self.step?);
        if step == Step::PowerCut {
            let wait = CUTS_S.get(self.cuts.saturating_sub(1)).or(CUTS_S.last())?;
            return Some((step, after(self.last_cut?, *wait)));
        }
        let (next, wait) = STEPS_S.into_iter().find(|(next, _)| *next > step)?;
        Some((next, after(since, wait)))
    }
}

/// What a missing registration asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Remedy {
    /// `AT+COPS=0`.
    ChooseOperator,
    /// Tell the operator of the node.
    Alarm,
    /// [`Step::Restart`].
    Restart,
    /// [`Step::Rebind`]; again every hour.
    Rebind,
}

/// How long the modem has had no network.
#[derive(Clone, Debug, Default)]
pub struct Registration {
    lost: Option<Timestamp>,
    done: usize,
}

impl Registration {
    /// The modem said whether it is registered.
    pub fn told(&mut self, registered: bool, now: Timestamp) {
        if registered {
            *self = Self::default();
        } else if self.lost.is_none() {
            self.lost = Some(now);
        }
    }

    /// Whether the first remedy was needed and did not help yet.
    pub fn is_long(&self) -> bool {
        self.done > 0
    }

    /// When the next remedy is due.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.coming().map(|(_, at)| at)
    }

    /// The remedy that is due now, if one is.
    pub fn due(&mut self, now: Timestamp) -> Option<Remedy> {
        let (remedy, at) = self.coming()?;
        if now < at {
            return None;
        }
        self.done = self.done.saturating_add(1);
        if remedy == Remedy::Rebind {
            // The next hour without network begins here; the alarm is not repeated.
            self.lost = Some(now);
            self.done = REMEDIES_DONE;
        }
        Some(remedy)
    }

    fn coming(&self) -> Option<(Remedy, Timestamp)> {
        let [operator, restart, rebind] = UNREGISTERED_S;
        let order = [
            (Remedy::ChooseOperator, operator),
            (Remedy::Restart, restart),
            (Remedy::Alarm, UNREGISTERED_ALARM_S),
            (Remedy::Rebind, rebind),
        ];
        let (remedy, wait) = order.get(self.done)?;
        Some((*remedy, after(self.lost?, *wait)))
    }
}

/// Remedies that are over once the modem was rebound: only rebinding is left.
const REMEDIES_DONE: usize = 3;

/// `seconds` after a moment.
pub(super) fn after(start: Timestamp, seconds: i64) -> Timestamp {
    let wait = SignedDuration::from_secs(seconds);
    start.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        after(Timestamp::UNIX_EPOCH, second)
    }

    /// Lets time pass from deadline to deadline.
    fn climb(ladder: &mut Ladder, until: i64) -> Vec<(Step, i64)> {
        let mut steps = Vec::new();
        while let Some(due) = ladder.deadline().filter(|due| *due <= at(until)) {
            steps.extend(ladder.due(due).map(|step| (step, due.as_second())));
        }
        steps
    }

    #[test]
    fn the_steps_come_in_order_and_power_is_cut_for_ever() {
        let mut ladder = Ladder::default();
        assert!(ladder.silent(at(0)) && !ladder.silent(at(3)));
        let (steps, cuts): (Vec<_>, Vec<_>) = climb(&mut ladder, 60_000)
            .into_iter()
            .partition(|(step, _)| *step != Step::PowerCut);
        let expected = [
            (Step::Reopen, 20),
            (Step::Restart, 60),
            (Step::Rebind, 120),
            (Step::Reset, 180),
        ];
        assert_eq!(steps, expected);
        let cuts: Vec<i64> = cuts.into_iter().map(|(_, at)| at).collect();
        assert_eq!(cuts, [300, 1_200, 4_800, 26_400, 48_000]);
    }

    #[test]
    fn life_at_any_step_ends_the_ladder() {
        let mut ladder = Ladder::default();
        ladder.silent(at(0));
        assert_eq!(climb(&mut ladder, 130).len(), 3);
        assert!(ladder.is_deaf());
        ladder.alive();
        assert_eq!((ladder.step(), ladder.deadline()), (None, None));
        ladder.silent(at(1_000));
        assert_eq!(ladder.deadline(), Some(at(1_020)));
    }

    #[test]
    fn a_second_reopening_within_the_hour_is_told() {
        let mut ladder = Ladder::default();
        for (start, unsteady) in [(0, false), (1_000, true), (9_000, false)] {
            ladder.silent(at(start));
            climb(&mut ladder, start + 20);
            assert_eq!(ladder.take_unsteady(), unsteady, "at {start}");
            ladder.alive();
        }
    }

    #[test]
    fn a_missing_network_has_its_own_ladder() {
        let mut registration = Registration::default();
        registration.told(false, at(0));
        let mut seen = Vec::new();
        while let Some(due) = registration.deadline().filter(|due| *due <= at(11_000)) {
            seen.extend(
                registration
                    .due(due)
                    .map(|remedy| (remedy, due.as_second())),
            );
        }
        let expected = [
            (Remedy::ChooseOperator, 300),
            (Remedy::Restart, 900),
            (Remedy::Alarm, 1_800),
            (Remedy::Rebind, 3_600),
            (Remedy::Rebind, 7_200),
            (Remedy::Rebind, 10_800),
        ];
        assert_eq!(seen, expected);
        registration.told(true, at(11_000));
        assert_eq!(registration.deadline(), None);
    }
}
