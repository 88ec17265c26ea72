//! What is refused without an opening, what is not, and how a first PIN is chosen.

use jiff::SignedDuration;
use jiff::Timestamp;

use super::*;
use crate::apply::world::{AREA, Store, WORKER_A, child, mother, now, pair, world};
use crate::command::SubjectName;
use crate::decide;
use crate::matching::Word;

const SALT: [u8; 16] = [7; 16];
const OWN: &str = "491507";

fn later(seconds: i64) -> Moment {
    Moment {
        at: now().at + SignedDuration::from_secs(seconds),
        ..now()
    }
}

/// A node that asks for staff PINs, and its worker.
fn asking() -> (Store, Principal) {
    let (_, mut a, _) = world();
    a.site.staff_pin_hours = 24;
    let worker = a.caller(WORKER_A);
    (a, worker)
}

fn secret(digits: &str) -> PinSecret {
    PinSecret {
        salt: SALT,
        digest: digest(digits),
        short: false,
    }
}

/// Stands for the hash.
fn digest(digits: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out[..digits.len()].copy_from_slice(digits.as_bytes());
    out
}

fn set() -> PinRow {
    PinRow {
        secret: Some(secret(OWN)),
        ..PinRow::default()
    }
}

fn code(until: Timestamp) -> PinRow {
    PinRow {
        secret: Some(secret("48291736")),
        open_until: Some(until),
        ..PinRow::default()
    }
}

/// What a store that computes hashes answers.
struct Rows {
    own: PinRow,
    code: PinRow,
    proved: Option<Holder>,
}

impl Rows {
    fn answer(&self, lookup: &Lookup) -> Option<Found> {
        Some(match lookup {
            Lookup::Pin(Holder::Staff(..)) => Found::Pin(self.own.clone()),
            Lookup::Pin(Holder::Code(..)) => Found::Pin(self.code.clone()),
            Lookup::Proved => self.proved.map_or(Found::None, Found::Holder),
            Lookup::Stretch(holder, pin, purpose) => {
                let row = match holder {
                    Holder::Code(..) => &self.code,
                    _ => &self.own,
                };
                if *purpose == Purpose::Check && row.gate(now().at) != Gate::Open {
                    return Some(Found::None);
                }
                Found::Stretched(SALT, digest(pin.digits()))
            }
            _ => return None,
        })
    }

    fn decide(
        &self,
        store: &Store,
        principal: &Principal,
        command: &Command,
        moment: Moment,
    ) -> Result<Decision, String> {
        let mut known = Known::new();
        for _ in 0..decide::ROUNDS_MAX {
            for lookup in decide::needs(principal, command, &known, &store.rules(), moment) {
                let found = self.answer(&lookup).unwrap_or(Found::None);
                known.insert(lookup, found);
            }
        }
        decide::decide(principal, command, &known, &store.rules(), moment)
            .map_err(|rejection| rejection.text)
    }
}

fn nothing() -> Rows {
    Rows {
        own: PinRow::default(),
        code: PinRow::default(),
        proved: None,
    }
}

fn put_of(decision: &Decision, holder: Holder) -> Option<PinRow> {
    decision.changes.iter().find_map(|change| match change {
        ViewChange::PutPin { holder: of, row } if *of == holder => Some(row.clone()),
        _ => None,
    })
}

fn show_case() -> Command {
    Command::ShowCase {
        subject: SubjectName::Number("7294058630".to_owned()),
        programme: "maternal-child".to_owned(),
        codes: Vec::new(),
    }
}

#[test]
fn a_worker_without_an_opening_is_refused_whatever_she_asks() {
    let (mut a, worker) = asking();
    let commands = [
        pair(mother(1), child(1)),
        Command::ShowMyWork,
        Command::ShowTasks,
        Command::ShowMyEntries,
        Command::ShowMyStatus,
        Command::ShowMyReads,
        Command::ShowConsents,
        show_case(),
        Command::ResetPin {
            number: "7294058630".to_owned(),
            pin: None,
        },
        Command::SetPin {
            pin: Pin::parse(OWN).unwrap(),
            hint: None,
            short: false,
        },
    ];
    for command in &commands {
        let refused = a.command(&worker, command).unwrap_err();
        assert_eq!(refused.text, "reject-staff-pin", "{command:?}");
    }
    // The controls: another channel, an opening, a citizen, and a site that asks for none.
    let console = Principal {
        channel: "console".to_owned(),
        ..worker.clone()
    };
    a.command(&console, &Command::ShowMyWork).unwrap();
    let rows = Rows {
        own: set().opened(now().at),
        ..nothing()
    };
    let shown = rows.decide(&a, &worker, &Command::ShowMyWork, later(3_600));
    assert!(shown.is_ok(), "{shown:?}");
    let over = rows.decide(&a, &worker, &Command::ShowMyWork, later(86_400));
    assert_eq!(over.unwrap_err(), "reject-staff-pin");
    let back = rows.decide(&a, &worker, &Command::ShowMyWork, later(-1));
    assert_eq!(back.unwrap_err(), "reject-staff-pin");
    let citizen = a.caller("+254700000999");
    let none = a.command(&citizen, &Command::ShowMyWork).unwrap_err();
    assert_ne!(none.text, "reject-staff-pin");
    a.site.staff_pin_hours = 0;
    a.command(&worker, &pair(mother(1), child(1))).unwrap();
}

#[test]
fn one_word_of_a_reply_needs_no_pin_and_shows_nobody() {
    let (mut a, worker) = asking();
    let replies = [
        Command::AnswerReview {
            review: Some(417),
            same: true,
        },
        Command::AnswerMatch {
            number: 417,
            word: Word::Same,
        },
        Command::StopMessages { stopped: true },
        Command::BindNumber,
    ];
    for command in &replies {
        if let Err(rejection) = a.command(&worker, command) {
            assert_ne!(rejection.text, "reject-staff-pin", "{command:?}");
        }
    }
    let refused = a.command(&worker, &Command::ShowTasks).unwrap_err();
    assert_eq!(refused.text, "reject-staff-pin", "the control");
}

#[test]
fn a_right_pin_opens_and_a_wrong_one_says_nothing_more() {
    let (a, worker) = asking();
    let typed = |digits: &str| Command::OpenStaff {
        pin: Pin::parse(digits).unwrap(),
    };
    let rows = Rows {
        own: set().charged(now().at),
        ..nothing()
    };
    let right = rows.decide(&a, &worker, &typed(OWN), now()).unwrap();
    let kept = put_of(&right, Holder::Staff(AREA, worker.author)).unwrap();
    assert!(kept.is_opened(now().at, 24) && kept.wrong == 0);
    let wrong = rows.decide(&a, &worker, &typed("837264"), now());
    assert_eq!(wrong.unwrap_err(), "reject-pin-wrong");
    let none = nothing().decide(&a, &worker, &typed(OWN), now());
    assert_eq!(none.unwrap_err(), "staff-code-none");
    let by_sms = Principal {
        channel: SMS_CHANNEL.to_owned(),
        ..worker
    };
    let texted = rows.decide(&a, &by_sms, &typed(OWN), now());
    assert_eq!(texted.unwrap_err(), "reject-staff-pin");
}

#[test]
fn a_first_pin_is_chosen_only_behind_the_code_of_this_conversation() {
    let (a, worker) = asking();
    let holder = Holder::Code(AREA, worker.author);
    let given = |proved| Rows {
        code: code(later(60).at),
        proved,
        ..nothing()
    };
    let choose = |digits: &str| Command::ChooseStaffPin {
        pin: Pin::parse(digits).unwrap(),
    };
    let typed = |digits: &str| Command::ProveStaffCode {
        code: Pin::code(digits).unwrap(),
    };
    let early = given(None).decide(&a, &worker, &choose(OWN), now());
    assert_eq!(early.unwrap_err(), "staff-code-none", "no code was typed");
    let wrong = given(None).decide(&a, &worker, &typed("48291737"), now());
    assert_eq!(wrong.unwrap_err(), "staff-code-wrong");
    let late = given(None).decide(&a, &worker, &typed("48291736"), later(60));
    assert_eq!(late.unwrap_err(), "staff-code-none");
    let right = given(None).decide(&a, &worker, &typed("4829 1736"), now());
    assert!(right.unwrap().changes.contains(&ViewChange::Prove(holder)));
    for (digits, text) in [
        ("4915", "reject-pin-length"),
        ("123456", "reject-pin-weak"),
        ("700000", "reject-pin-weak"),
    ] {
        let weak = given(Some(holder)).decide(&a, &worker, &choose(digits), now());
        assert_eq!(weak.unwrap_err(), text, "{digits}");
    }
    let chosen = given(Some(holder)).decide(&a, &worker, &choose(OWN), now());
    let chosen = chosen.unwrap();
    let own = put_of(&chosen, Holder::Staff(AREA, worker.author)).unwrap();
    assert!(own.is_opened(now().at, 24) && own.secret == Some(secret(OWN)));
    assert_eq!(put_of(&chosen, holder), Some(PinRow::default()), "one use");
    let other = Some(Holder::Code(AREA, worker.author + 1));
    let foreign = given(other).decide(&a, &worker, &choose(OWN), now());
    assert_eq!(foreign.unwrap_err(), "staff-code-none");
    let taken = Rows {
        own: set(),
        ..given(Some(holder))
    };
    let second = taken.decide(&a, &worker, &choose("837264"), now());
    assert_eq!(second.unwrap_err(), "staff-code-none", "she has one");
}
