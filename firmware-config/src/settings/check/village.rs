//! Village codes of a hub's areas, and the code that people dial.
//!
//! The form of a village code is that of `node_core::village::is_code`; this package names none of
//! the node's.

use std::collections::BTreeSet;

use super::Rules;
use crate::settings::HubSettings;
use crate::settings::error::SettingsError;

/// Fewest digits of a village code: one digit is an answer to a question by SMS.
const VILLAGE_DIGITS_MIN: usize = 2;
/// Most digits of a village code; longer ones are refused, since people type them on a keypad.
const VILLAGE_DIGITS_MAX: usize = 6;
/// Codes that every screen reads as "back" and "more".
const SCREEN_KEYS: [&str; 2] = ["00", "99"];
/// Most characters of the code that people dial; longer is refused.
const DIAL_CHARS_MAX: usize = 20;

impl Rules<'_> {
    /// People of several areas call the same code, so each area needs a name that can be typed.
    pub(super) fn villages(&self, hub: &HubSettings) -> Result<(), SettingsError> {
        let dial = hub.dial.as_deref().is_none_or(is_dialled);
        self.that(dial, "hub.dial", "must look like *384*7#")?;
        let mut codes = BTreeSet::new();
        for code in hub.area.iter().filter_map(|area| area.code.as_deref()) {
            let digits = (VILLAGE_DIGITS_MIN..=VILLAGE_DIGITS_MAX).contains(&code.len())
                && code.bytes().all(|byte| byte.is_ascii_digit());
            self.that(digits, "hub.area.code", "must be 2 to 6 digits")?;
            let key = SCREEN_KEYS.contains(&code);
            self.that(!key, "hub.area.code", "is a key of every screen")?;
            self.that(codes.insert(code), "hub.area.code", "is there twice")?;
        }
        let all = hub.area.len() == 1 || codes.len() == hub.area.len();
        let missing = "must be there for each area where there are several";
        self.that(all, "hub.area.code", missing)
    }
}

/// `*` or `#`, digits that may be parted by `*`, and `#`.
pub(super) fn is_dialled(code: &str) -> bool {
    let digits = code.strip_prefix(['*', '#']);
    let digits = digits.and_then(|rest| rest.strip_suffix('#'));
    code.len() <= DIAL_CHARS_MAX
        && digits.is_some_and(|digits| {
            let mut parts = digits.split('*');
            parts.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        })
}
