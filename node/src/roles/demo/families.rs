//! The families of the tour: what is typed at the keypad, drawn from lists of common names.

use jiff::ToSpan;
use jiff::civil::Date;

/// One mother–child pair as a health worker types it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Family {
    /// The mother's given name.
    pub mother: &'static str,
    /// The family name.
    pub family: &'static str,
    /// The mother's birth date, `DDMMYYYY`, or the year alone.
    pub mother_birth: String,
    /// The mother's number, E.164.
    pub phone: String,
    /// The mother's national id.
    pub national_id: String,
    /// The child's given name.
    pub child: &'static str,
    /// 1 girl, 2 boy.
    pub sex: &'static str,
    /// The child's birth date, `DDMMYYYY`.
    pub child_birth: String,
}

const MOTHERS: [&str; 10] = [
    "Achieng", "Wanjiru", "Nakato", "Amina", "Halima", "Zawadi", "Grace", "Fatuma", "Mercy",
    "Esther",
];
const FAMILIES: [&str; 10] = [
    "Nyambura", "Otieno", "Okello", "Hassan", "Mwangi", "Kamau", "Lokiru", "Abdi", "Chebet",
    "Wekesa",
];
const CHILDREN: [&str; 10] = [
    "Baraka", "Neema", "Juma", "Imani", "Asha", "Musa", "Rehema", "Daudi", "Zuhura", "Kito",
];

/// How many different families the tour registers.
pub const FAMILY_COUNT: usize = 20;

/// All families; the children were born in the weeks before `today`.
pub fn all(today: Date) -> Vec<Family> {
    (0..FAMILY_COUNT)
        .map(|index| family(index, today))
        .collect()
}

/// Three more, whom no other tour registers.
pub fn further(today: Date) -> [Family; 3] {
    [0, 1, 2].map(|more| family(FAMILY_COUNT + more, today))
}

impl Family {
    /// What the worker types after dialling, screen by screen; `village` is the menu's digit.
    pub fn inputs(&self, village: &str) -> Vec<String> {
        let typed = [
            "1",
            self.mother,
            self.family,
            &self.mother_birth,
            &self.phone,
            village,
            &self.national_id,
            "1",
            self.child,
            self.sex,
            &self.child_birth,
            "2",
            "1",
        ];
        typed.into_iter().map(str::to_owned).collect()
    }
}

fn family(index: usize, today: Date) -> Family {
    let name =
        |list: &[&'static str], at: usize| list.get(at % list.len()).copied().unwrap_or("Amina");
    let day = 1 + index % 28;
    let birth = if index % 4 == 3 {
        format!("{}", 1985 + index % 15)
    } else {
        format!("{day:02}{:02}{}", 1 + index % 12, 1985 + index % 15)
    };
    Family {
        mother: name(&MOTHERS, index),
        family: name(&FAMILIES, index * 3 + index / 10),
        mother_birth: birth,
        phone: format!("+2567700{:05}", 10_000 + index * 37),
        national_id: if index.is_multiple_of(3) {
            format!("CF{:08}PQ", 31_000_017 + index * 91)
        } else {
            "0".to_owned()
        },
        child: name(&CHILDREN, index * 7),
        sex: if index.is_multiple_of(2) { "1" } else { "2" },
        child_birth: days_before(today, 3 + 2 * index),
    }
}

fn days_before(today: Date, days: usize) -> String {
    let span = i64::try_from(days).unwrap_or(1).days();
    let day = today.checked_sub(span).unwrap_or(today);
    format!("{:02}{:02}{:04}", day.day(), day.month(), day.year())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::all;

    #[test]
    fn every_family_is_a_different_one() {
        let today = jiff::civil::date(2026, 11, 21);
        let names: BTreeSet<_> = all(today)
            .into_iter()
            .chain(super::further(today))
            .map(|f| (f.mother, f.family))
            .collect();
        assert_eq!(names.len(), super::FAMILY_COUNT + 3);
    }
}
