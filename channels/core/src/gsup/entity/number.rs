//! Numbers of SIMs that were asked for lately.
//!
//! Only numbers are remembered: a SIM that has none is asked for again with each dialling, so that
//! a number given to it counts at once. A number taken away counts for an hour at most.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::link::later;
use crate::address::Msisdn;
use crate::gsup::imsi::Imsi;

/// Most numbers remembered; beyond that the one that was asked for first is forgotten.
pub const NUMBERS_MAX: usize = 1_000;
/// How long a number is remembered, in seconds.
pub const NUMBER_LIFE_S: i64 = 3_600;

/// The memory.
#[derive(Default)]
pub(super) struct Numbers {
    known: BTreeMap<Imsi, (Msisdn, Timestamp)>,
}

impl Numbers {
    /// The number of a SIM, if it was asked for within [`NUMBER_LIFE_S`].
    pub(super) fn get(&self, imsi: &Imsi, now: Timestamp) -> Option<Msisdn> {
        let (number, until) = self.known.get(imsi)?;
        (now < *until).then(|| number.clone())
    }

    /// Remembers what the home register said.
    pub(super) fn keep(&mut self, imsi: Imsi, number: Msisdn, now: Timestamp) {
        let until = later(now, NUMBER_LIFE_S);
        self.known.insert(imsi, (number, until));
        if self.known.len() > NUMBERS_MAX {
            let oldest = self.known.iter().min_by_key(|(_, (_, until))| *until);
            if let Some(oldest) = oldest.map(|(imsi, _)| imsi.clone()) {
                self.known.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imsi(index: usize) -> Imsi {
        Imsi::parse(&format!("00101{index:010}")).unwrap()
    }

    #[test]
    fn a_number_is_known_for_an_hour_and_the_oldest_gives_way() {
        let number = Msisdn::parse("256772000001").unwrap();
        let mut numbers = Numbers::default();
        let start = Timestamp::UNIX_EPOCH;
        numbers.keep(imsi(0), number.clone(), start);
        assert_eq!(
            numbers.get(&imsi(0), later(start, NUMBER_LIFE_S - 1)),
            Some(number.clone())
        );
        assert_eq!(numbers.get(&imsi(0), later(start, NUMBER_LIFE_S)), None);
        for index in 1..=NUMBERS_MAX {
            numbers.keep(imsi(index), number.clone(), later(start, 1));
        }
        assert_eq!(numbers.get(&imsi(0), start), None);
        assert_eq!(numbers.known.len(), NUMBERS_MAX);
    }
}
