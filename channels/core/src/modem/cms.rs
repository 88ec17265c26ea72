//! What an error of the message service means for the message (TS 27.005 §3.2.5, TS 24.011 E-2).

/// What becomes of a message whose hand-over failed so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// It never leaves: the number, the subscription or the text is at fault.
    Permanent,
    /// Try later.
    Later,
    /// The store is full: empty it, then try later.
    Drain,
    /// The number of the message centre is missing: read it again, then try later.
    Centre,
    /// The SIM is missing, locked or busy: bring the modem up again.
    Sim,
}

/// The class of an error number; unknown ones are worth another try.
pub fn class(code: u16) -> Class {
    match code {
        1 | 8 | 21 | 28 | 50 | 69 | 96 | 127 => Class::Permanent,
        322 => Class::Drain,
        330 => Class::Centre,
        310..=318 => Class::Sim,
        _ => Class::Later,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_has_its_numbers() {
        for code in [1, 8, 21, 28, 50, 69, 96, 127] {
            assert_eq!(class(code), Class::Permanent, "{code}");
        }
        for code in [38, 41, 42, 47, 192, 331, 332, 500, 512, 999] {
            assert_eq!(class(code), Class::Later, "{code}");
        }
        assert_eq!(class(322), Class::Drain);
        assert_eq!(class(330), Class::Centre);
        assert_eq!(
            (class(310), class(318), class(319)),
            (Class::Sim, Class::Sim, Class::Later)
        );
    }
}
