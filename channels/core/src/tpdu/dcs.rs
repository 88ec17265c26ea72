//! The data coding scheme of short messages (3GPP TS 23.038 §4).
//!
//! Every octet has a meaning: reserved values are read as the default alphabet. The scheme of
//! USSD strings differs and is not here.

/// Which units the text is made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Alphabet {
    /// GSM 7-bit, packed septets.
    Gsm7,
    /// 8-bit data, which no table explains.
    Octets,
    /// UCS-2, big-endian.
    Ucs2,
}

/// Where a handset shows or keeps a message (TS 23.038 §4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Class {
    /// Class 0: shown at once and not kept, a "flash" message.
    Flash,
    /// Class 1: meant for the handset's own store.
    Equipment,
    /// Class 2: meant for the SIM.
    Sim,
    /// Class 3: meant for what is attached to the handset.
    Terminal,
}

/// A message waiting indication (TS 23.038 §4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Whether the mark is set or cleared.
    pub active: bool,
    /// 0 voice mail, 1 fax, 2 electronic mail, 3 other.
    pub kind: u8,
    /// Whether the text itself is thrown away.
    pub discard: bool,
}

/// TP-DCS as it travels; the methods say what it means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Dcs(pub u8);

impl Dcs {
    /// The plain scheme for an alphabet: 0x00, 0x04 or 0x08, with a class 0x10–0x1B.
    pub fn of(alphabet: Alphabet, class: Option<Class>) -> Self {
        let alphabet = match alphabet {
            Alphabet::Gsm7 => 0x00,
            Alphabet::Octets => 0x04,
            Alphabet::Ucs2 => 0x08,
        };
        let class = match class {
            None => 0x00,
            Some(Class::Flash) => 0x10,
            Some(Class::Equipment) => 0x11,
            Some(Class::Sim) => 0x12,
            Some(Class::Terminal) => 0x13,
        };
        Self(alphabet | class)
    }

    /// The alphabet; compressed text counts as octets, because nothing here unpacks it.
    pub fn alphabet(self) -> Alphabet {
        if self.is_compressed() {
            return Alphabet::Octets;
        }
        match self.0 {
            0x00..=0x7F => match self.0 & 0x0C {
                0x04 => Alphabet::Octets,
                0x08 => Alphabet::Ucs2,
                _ => Alphabet::Gsm7,
            },
            0xE0..=0xEF => Alphabet::Ucs2,
            0xF0..=0xFF if self.0 & 0x04 != 0 => Alphabet::Octets,
            0x80..=0xDF | 0xF0..=0xFF => Alphabet::Gsm7,
        }
    }

    /// Whether the text is compressed (TS 23.042); it is then kept raw.
    pub fn is_compressed(self) -> bool {
        self.0 < 0x80 && self.0 & 0x20 != 0
    }

    /// Whether the handset should delete the message when it was read (group 01).
    pub fn is_auto_deleted(self) -> bool {
        (0x40..=0x7F).contains(&self.0)
    }

    /// The class, where the scheme gives one.
    pub fn class(self) -> Option<Class> {
        let given = match self.0 {
            0x00..=0x7F => self.0 & 0x10 != 0,
            0x80..=0xEF => false,
            0xF0..=0xFF => true,
        };
        given.then_some(match self.0 & 0x03 {
            0 => Class::Flash,
            1 => Class::Equipment,
            2 => Class::Sim,
            _ => Class::Terminal,
        })
    }

    /// The message waiting indication of groups 0xC, 0xD and 0xE.
    pub fn waiting(self) -> Option<Waiting> {
        (0xC0..=0xEF).contains(&self.0).then_some(Waiting {
            active: self.0 & 0x08 != 0,
            kind: self.0 & 0x03,
            discard: self.0 < 0xD0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(octet: u8, alphabet: Alphabet, class: Option<Class>) {
        let dcs = Dcs(octet);
        assert_eq!(
            (dcs.alphabet(), dcs.class()),
            (alphabet, class),
            "{octet:#x}"
        );
    }

    #[test]
    fn each_group_of_the_standard_is_read() {
        // TS 23.038 §4, one row a group.
        check(0x00, Alphabet::Gsm7, None);
        check(0x04, Alphabet::Octets, None);
        check(0x08, Alphabet::Ucs2, None);
        check(0x0C, Alphabet::Gsm7, None);
        check(0x10, Alphabet::Gsm7, Some(Class::Flash));
        check(0x15, Alphabet::Octets, Some(Class::Equipment));
        check(0x1A, Alphabet::Ucs2, Some(Class::Sim));
        check(0x20, Alphabet::Octets, None);
        check(0x58, Alphabet::Ucs2, Some(Class::Flash));
        check(0x80, Alphabet::Gsm7, None);
        check(0xBF, Alphabet::Gsm7, None);
        check(0xC8, Alphabet::Gsm7, None);
        check(0xD0, Alphabet::Gsm7, None);
        check(0xE0, Alphabet::Ucs2, None);
        check(0xF0, Alphabet::Gsm7, Some(Class::Flash));
        check(0xF5, Alphabet::Octets, Some(Class::Equipment));
        check(0xFB, Alphabet::Gsm7, Some(Class::Terminal));
    }

    #[test]
    fn compression_and_deletion_are_flagged() {
        assert!(Dcs(0x28).is_compressed() && Dcs(0x28).alphabet() == Alphabet::Octets);
        assert!(Dcs(0x60).is_compressed() && Dcs(0x60).is_auto_deleted());
        assert!(!Dcs(0xE8).is_compressed() && !Dcs(0xF8).is_auto_deleted());
    }

    #[test]
    fn waiting_marks_say_what_waits() {
        let waiting = |octet| Dcs(octet).waiting();
        let mark = |active, kind, discard| {
            Some(Waiting {
                active,
                kind,
                discard,
            })
        };
        assert_eq!(waiting(0xC8), mark(true, 0, true));
        assert_eq!(waiting(0xD1), mark(false, 1, false));
        assert_eq!(waiting(0xEA), mark(true, 2, false));
        assert_eq!(waiting(0xF0), None);
    }

    #[test]
    fn what_we_send_reads_as_it_was_meant() {
        let classes = [
            None,
            Some(Class::Flash),
            Some(Class::Equipment),
            Some(Class::Sim),
            Some(Class::Terminal),
        ];
        for alphabet in [Alphabet::Gsm7, Alphabet::Octets, Alphabet::Ucs2] {
            for class in classes {
                let dcs = Dcs::of(alphabet, class);
                assert_eq!((dcs.alphabet(), dcs.class()), (alphabet, class));
                assert!(!dcs.is_compressed() && dcs.waiting().is_none());
            }
        }
    }
}
