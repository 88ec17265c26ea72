//! Missed calls: who rings asks for the menu and pays nothing (`+CLIP`, TS 27.007 §7.11).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::Msisdn;

/// Seconds in which one number triggers once; a phone that rings on rings every five seconds.
pub const ONE_TRIGGER_S: i64 = 120;
/// Most numbers remembered; beyond that the one that rang longest ago is forgotten and may
/// trigger again too early.
pub const CALLERS_MAX: usize = 1_000;

/// The numbers that rang lately.
#[derive(Clone, Default)]
pub struct Callers {
    last: BTreeMap<Msisdn, Timestamp>,
}

impl Callers {
    /// Takes a ring; gives the caller when this one triggers. Withheld numbers never do.
    pub fn rang(&mut self, number: Option<Msisdn>, now: Timestamp) -> Option<Msisdn> {
        let number = number?;
        let window = SignedDuration::from_secs(ONE_TRIGGER_S);
        self.last.retain(|_, at| now.duration_since(*at) < window);
        if self.last.contains_key(&number) {
            return None;
        }
        if self.last.len() >= CALLERS_MAX {
            let oldest = self.last.iter().min_by_key(|(_, at)| **at);
            if let Some(oldest) = oldest.map(|(number, _)| number.clone()) {
                self.last.remove(&oldest);
            }
        }
        self.last.insert(number.clone(), now);
        Some(number)
    }
}

impl core::fmt::Debug for Callers {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Callers({})", self.last.len())
    }
}

/// The caller in the fields of `+CLIP`; `None` when withheld or unreadable.
///
/// `country_code` (without `+`) completes numbers in national form.
pub fn caller(fields: &[String], country_code: Option<&str>) -> Option<Msisdn> {
    let digits = fields.first()?;
    // Type of address 145 (0x91) is international; most modems write the `+` as well.
    if digits.starts_with('+') || fields.get(1).is_some_and(|kind| kind == "145") {
        return Msisdn::parse(digits).ok();
    }
    let national = digits.strip_prefix('0')?;
    Msisdn::parse(&format!("{}{national}", country_code?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modem::answer::fields;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn number(last: u32) -> Option<Msisdn> {
        Msisdn::parse(&format!("+2567720{last:05}")).ok()
    }

    #[test]
    fn a_number_triggers_once_in_two_minutes() {
        let mut callers = Callers::default();
        assert_eq!(callers.rang(number(1), at(0)), number(1));
        assert_eq!(callers.rang(number(1), at(5)), None);
        assert_eq!(callers.rang(number(2), at(6)), number(2));
        assert_eq!(callers.rang(number(1), at(119)), None);
        assert_eq!(callers.rang(number(1), at(120)), number(1));
        assert_eq!(callers.rang(None, at(300)), None);
    }

    #[test]
    fn a_flood_of_numbers_stays_bounded() {
        let mut callers = Callers::default();
        for last in 0..2_000 {
            assert!(callers.rang(number(last), at(1)).is_some());
        }
        assert_eq!(callers.last.len(), CALLERS_MAX);
    }

    #[test]
    fn national_numbers_need_the_country() {
        let international = caller(&fields("\"+256772000001\",145"), None);
        assert_eq!(international, Msisdn::parse("256772000001").ok());
        let national = fields("\"0772000001\",129");
        assert_eq!(caller(&national, Some("256")), international);
        assert_eq!(caller(&national, None), None);
        assert_eq!(caller(&fields("\"\",128"), Some("256")), None);
    }
}
