//! PINs: what may be one, how tries are counted, and what the shell is asked to compute.
//!
//! A PIN is never written down. A store keeps the Argon2id hash under a salt of its own, with a
//! pepper that never leaves the node as secret input; so a PIN holds on the node where it was set.
//! A try is charged and committed before the hash is computed, so a power cut gives none back.
//! Waiting times go by the wall clock; with six wrong tries in all no clock opens anything again.

mod opened;
mod weak;

use core::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sync_core::{EntryRef, Scope};

pub use opened::{Opened, SEEN_S, STAFF_CODE_DAYS_MAX, STAFF_CODE_DIGITS_MAX, Standing, standing};
pub use weak::{Known, is_weak};

/// Digits of a PIN.
pub const DIGITS: usize = 6;
/// Digits of a short PIN, which a programme may allow.
pub const DIGITS_SHORT: usize = 4;
/// Wrong tries after which an hour passes before the next one; of a short PIN the last ones.
pub const TRIES_BEFORE_WAIT_MAX: u8 = 3;
/// Wrong tries in all; after them only a reset by a second person helps.
pub const TRIES_MAX: u8 = 6;
/// Seconds of the wait.
pub const WAIT_S: i64 = 3_600;
/// Wrong PINs of a node in an hour; above it an alert, and [`SLOW_S`] for each answer.
pub const NODE_WRONG_MAX: u64 = 120;
/// Seconds that each answer takes above the node's budget.
pub const SLOW_S: u32 = 5;
/// Seconds in which a person may choose a PIN after a worker opened the way to it.
pub const OPEN_S: i64 = 24 * 3_600;

/// Least characters of a passphrase (IDENTITY §8).
pub const PASSPHRASE_CHARS_MIN: usize = 12;
/// Most characters of a passphrase; a longer one is none.
pub const PASSPHRASE_CHARS_MAX: usize = 128;
/// Least different characters in a passphrase: one key held down is none.
pub const PASSPHRASE_KINDS_MIN: usize = 5;

/// A PIN as typed. It is in no answer, no log and no file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pin(String);

impl Pin {
    /// Four or six digits, blanks around them left out.
    pub fn parse(typed: &str) -> Option<Self> {
        let digits = typed.trim();
        let length = matches!(digits.len(), DIGITS | DIGITS_SHORT);
        (length && digits.bytes().all(|b| b.is_ascii_digit())).then(|| Self(digits.to_owned()))
    }

    /// The one-time code of a worker: [`STAFF_CODE_DIGITS_MAX`] digits, blanks left out.
    pub fn code(typed: &str) -> Option<Self> {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let sound = digits.len() == STAFF_CODE_DIGITS_MAX;
        (sound && digits.bytes().all(|b| b.is_ascii_digit())).then_some(Self(digits))
    }

    /// The digits, for the hash.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// A passphrase, as staff type it on a page: it is charged, hashed and kept like a PIN.
    ///
    /// [`PASSPHRASE_CHARS_MIN`] to [`PASSPHRASE_CHARS_MAX`] characters of at least
    /// [`PASSPHRASE_KINDS_MIN`] kinds, blanks around them left out.
    pub fn passphrase(typed: &str) -> Option<Self> {
        let phrase = typed.trim();
        let kinds: std::collections::BTreeSet<char> = phrase.chars().collect();
        let long = (PASSPHRASE_CHARS_MIN..=PASSPHRASE_CHARS_MAX).contains(&phrase.chars().count());
        (long && kinds.len() >= PASSPHRASE_KINDS_MIN).then(|| Self(phrase.to_owned()))
    }

    /// Whether it is a short one.
    pub fn is_short(&self) -> bool {
        self.0.len() == DIGITS_SHORT
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[PIN]")
    }
}

/// Whose PIN it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Holder {
    /// A person with a document.
    Person(EntryRef),
    /// A place of a staff list (scope without lane, index).
    Staff(Scope, u32),
    /// Nobody here: the same time passes and the same sentence comes, so that a wrong digit of
    /// the number tells nothing.
    Nobody,
    /// The account of a place of a staff list on the pages of its hub.
    Account(Scope, u32),
    /// The one-time code that the hub gave for a place of a staff list.
    Code(Scope, u32),
}

/// What is kept of one holder's PIN; sealed under the holder's key.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PinRow {
    /// The hash, once a PIN was chosen.
    pub secret: Option<PinSecret>,
    /// Tries charged since the last right one.
    pub wrong: u8,
    /// No try before.
    pub wait_until: Option<Timestamp>,
    /// A worker opened the way to a first or new PIN until then; of a one-time code, its end.
    pub open_until: Option<Timestamp>,
    /// Staff: what the last right PIN opened.
    pub opened: Option<Opened>,
}

/// A PIN's hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinSecret {
    /// Random.
    pub salt: [u8; 16],
    /// Argon2id over the digits.
    pub digest: [u8; 32],
    /// Whether it has four digits.
    pub short: bool,
}

impl fmt::Debug for PinRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = self.secret.is_some();
        write!(f, "PinRow(set: {set}, wrong: {})", self.wrong)
    }
}

/// Whether a try may be made now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    /// There is no PIN.
    Unset,
    /// Yes.
    Open,
    /// Not yet.
    Wait,
    /// Not before a worker resets it.
    Locked,
}

impl PinRow {
    fn tries_max(&self) -> u8 {
        let short = self.secret.as_ref().is_some_and(|secret| secret.short);
        if short {
            TRIES_BEFORE_WAIT_MAX
        } else {
            TRIES_MAX
        }
    }

    /// Whether a try may be made now.
    pub fn gate(&self, now: Timestamp) -> Gate {
        if self.secret.is_none() {
            return Gate::Unset;
        }
        if self.wrong >= self.tries_max() {
            return Gate::Locked;
        }
        if self.wait_until.is_some_and(|until| now < until) {
            return Gate::Wait;
        }
        Gate::Open
    }

    /// The row with one try charged, which counts as wrong until it turns out right.
    #[must_use]
    pub fn charged(&self, now: Timestamp) -> Self {
        let wrong = self.wrong.saturating_add(1);
        let waits = wrong.is_multiple_of(TRIES_BEFORE_WAIT_MAX);
        Self {
            wrong,
            wait_until: waits.then(|| later(now, WAIT_S)),
            opened: None,
            ..self.clone()
        }
    }

    /// The row after a right try.
    #[must_use]
    pub fn cleared(&self) -> Self {
        Self {
            wrong: 0,
            wait_until: None,
            ..self.clone()
        }
    }

    /// Whether a first or new PIN may be chosen now.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.open_until.is_some_and(|until| now < until)
    }

    /// The row after a reset: no PIN, and the way to a new one open for [`OPEN_S`].
    pub fn reset(now: Timestamp) -> Self {
        Self {
            open_until: Some(later(now, OPEN_S)),
            ..Self::default()
        }
    }
}

fn later(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX)
}

/// Why a hash is wanted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Purpose {
    /// Somebody types her PIN: the try is charged first.
    Check,
    /// Somebody chooses one.
    Choose,
}

/// A hash that the shell computes between two transactions, because it takes long.
#[derive(Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The PIN.
    pub pin: Pin,
    /// Salt.
    pub salt: [u8; 16],
    /// Secret input; never leaves the node.
    pub pepper: [u8; 32],
    /// Seconds to let pass before the answer, above the node's budget.
    pub pause_s: u32,
}

impl fmt::Debug for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stretch")
    }
}

/// What the shell computed.
#[derive(Clone, PartialEq, Eq)]
pub struct Stretched {
    /// The PIN.
    pub pin: Pin,
    /// Salt.
    pub salt: [u8; 16],
    /// Argon2id, 19 MiB and 2 passes, over PIN, salt and pepper.
    pub digest: [u8; 32],
}

impl fmt::Debug for Stretched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stretched")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(short: bool) -> PinRow {
        PinRow {
            secret: Some(PinSecret {
                salt: [1; 16],
                digest: [2; 32],
                short,
            }),
            ..PinRow::default()
        }
    }

    fn at(seconds: i64) -> Timestamp {
        later("2026-03-14T10:00:00Z".parse().unwrap(), seconds)
    }

    #[test]
    fn three_wrong_wait_an_hour_and_six_wait_for_a_person() {
        let mut kept = row(false);
        for _ in 0..3 {
            assert_eq!(kept.gate(at(0)), Gate::Open);
            kept = kept.charged(at(0));
        }
        assert_eq!(kept.gate(at(1)), Gate::Wait);
        assert_eq!(kept.gate(at(WAIT_S)), Gate::Open);
        assert_eq!(kept.cleared().gate(at(1)), Gate::Open);
        for _ in 0..3 {
            assert_eq!(kept.gate(at(WAIT_S)), Gate::Open);
            kept = kept.charged(at(WAIT_S));
        }
        assert_eq!(kept.gate(at(i64::from(u32::MAX))), Gate::Locked);
        let fresh = PinRow::reset(at(0));
        assert!(fresh.gate(at(0)) == Gate::Unset && fresh.is_open(at(OPEN_S - 1)));
        assert!(!fresh.is_open(at(OPEN_S)));
    }

    #[test]
    fn a_short_one_is_locked_after_three() {
        let mut kept = row(true);
        for _ in 0..3 {
            kept = kept.charged(at(0));
        }
        assert_eq!(kept.gate(at(10 * WAIT_S)), Gate::Locked);
        assert_eq!(row(true).charged(at(0)).gate(at(0)), Gate::Open);
    }

    #[test]
    fn what_is_typed_is_a_pin_or_not_and_is_never_printed() {
        for typed in ["4915", " 491507 ", "000000"] {
            assert!(Pin::parse(typed).is_some(), "{typed}");
        }
        for typed in ["", "123", "12345", "1234567", "12345a", "12 345", "١٢٣٤٥٦"] {
            assert!(Pin::parse(typed).is_none(), "{typed}");
        }
        let pin = Pin::parse("491507").unwrap();
        let stretched = Stretched {
            pin: pin.clone(),
            salt: [0; 16],
            digest: [0; 32],
        };
        let printed = format!("{pin:?} {stretched:?} {:?}", row(false));
        assert!(!printed.contains("491507"), "{printed}");
    }

    #[test]
    fn a_passphrase_is_long_and_not_one_key_held_down() {
        let long = "é".repeat(PASSPHRASE_CHARS_MAX - 5) + "abcde";
        for typed in ["four wide rivers", "  abcdefghijkl ", long.as_str()] {
            assert!(Pin::passphrase(typed).is_some(), "{typed}");
        }
        let longer = format!("{long}f");
        for typed in [
            "",
            "491507",
            "abcdefghijk",
            "aaaaaaaaaaaaaaaa",
            "ababcdcdabab",
            &longer,
        ] {
            assert!(Pin::passphrase(typed).is_none(), "{typed}");
        }
        let phrase = Pin::passphrase("four wide rivers").unwrap();
        assert_eq!(format!("{phrase:?}"), "[PIN]");
        assert!(!phrase.is_short(), "six tries, as of six digits");
    }

    proptest! {
        #[test]
        fn no_order_of_tries_and_times_gives_more_than_six(
            waits in proptest::collection::vec(0_i64..8_000, 0..40), short: bool,
        ) {
            let mut kept = row(short);
            let mut now = 0;
            let mut tried = 0;
            for wait in waits {
                now += wait;
                if kept.gate(at(now)) == Gate::Open {
                    kept = kept.charged(at(now));
                    tried += 1;
                }
            }
            prop_assert!(tried <= if short { 3 } else { 6 }, "{} tries", tried);
        }
    }
}
