//! What the settings say about messages; a stored form, written at each start of the program.
//!
//! The store keeps it, so that a command beside the running program sees the same rules. Without
//! one nothing is quiet and no link has a limit: that is the demo and the tests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::budget::LinkBudget;
use super::quiet::QuietHours;
use crate::binding::STALE_DAYS;
use crate::duplicate::fold;

/// Keywords that a node may route; further ones are refused at start.
pub const KEYWORDS_MAX: usize = 100;

/// Rules of sending on this node.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Policy {
    /// When people are left alone; `None` = never.
    pub quiet: Option<QuietHours>,
    /// Offset from UTC in minutes of numbers whose country does not tell.
    pub offset_min: i16,
    /// Our own numbers, E.164 with `+`: they are never answered.
    pub own_numbers: Vec<String>,
    /// Limits by link; a link that is not named has none.
    pub links: BTreeMap<String, LinkBudget>,
    /// First words of texts and the desk in the inbox to which they go.
    pub keywords: BTreeMap<String, String>,
    /// Recipients above which a broadcast needs a second person; 0 = never.
    pub approve_above: u32,
    /// Days without traffic after which a bound number is asked again; 0 = [`STALE_DAYS`].
    pub stale_days: u16,
}

impl Policy {
    /// The budget of a link.
    pub fn budget(&self, link: &str) -> LinkBudget {
        self.links.get(link).copied().unwrap_or_default()
    }

    /// Days without traffic after which a bound number is asked again.
    pub fn stale_days(&self) -> u16 {
        if self.stale_days == 0 {
            STALE_DAYS
        } else {
            self.stale_days
        }
    }

    /// The desk to which a text goes by its first word, whatever its case and marks.
    pub fn desk(&self, text: &str) -> Option<&str> {
        let words = fold::words(text);
        let first = words.first()?;
        self.keywords
            .iter()
            .find(|(word, _)| fold::words(word).first() == Some(first))
            .map(|(_, desk)| desk.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_to_desks_by_their_first_word() {
        let mut policy = Policy::default();
        policy
            .keywords
            .insert("Étude".to_owned(), "survey".to_owned());
        assert_eq!(policy.desk("etude oui"), Some("survey"));
        assert_eq!(policy.desk("ÉTUDE"), Some("survey"));
        assert_eq!(policy.desk("oui etude"), None);
        assert_eq!(policy.desk(""), None);
    }

    #[test]
    fn a_link_without_limits_has_none() {
        assert_eq!(Policy::default().budget("x"), LinkBudget::default());
    }
}
