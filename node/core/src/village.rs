//! Where a caller of a shared code belongs: by what is known of her number, else by the village
//! code that she gives (docs/decisions/0029).
//!
//! A national short code ends at a hub, so people of all its areas dial the same digits. Only a
//! site that serves more than one village asks; on every other site the home area stands. What is
//! decided here is where entries go and whose role counts, never what may be shown.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sync_core::Scope;

use crate::role::Caller;
use crate::site::Site;

/// The area of a caller whose village is not known. No entry is ever written there.
pub const NOWHERE: Scope = Scope(0);
/// Fewest digits of a village code; one digit is an answer to a question by SMS.
const DIGITS_MIN: usize = 2;
/// Most digits of a village code; settings refuse longer ones.
pub const VILLAGE_DIGITS_MAX: usize = 6;
/// What every screen reads as "back" and "more"; no village has such a code.
const KEYS: [&str; 2] = ["00", "99"];

/// An area as its people name it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Village {
    /// What people type or dial, such as `12`; see [`is_code`].
    pub code: String,
    /// Its area (lane bits zero).
    pub area: Scope,
}

/// The villages behind one code.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Villages {
    /// The code that people dial, such as `*384#`; what stands behind it may name a village.
    pub dial: String,
    /// The villages; none on a node.
    pub list: Vec<Village>,
}

/// What a person gave with the contact that opens her dialogue.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Given<'a> {
    /// The code that was dialled, such as `*384*12#`; empty where the bearer does not tell.
    pub dialled: &'a str,
    /// What was typed with it, or the text that opens the menu by SMS.
    pub text: &'a str,
}

/// Whether a text has the form of a village code: 2 to 6 digits, but no key of a screen.
pub fn is_code(text: &str) -> bool {
    (DIGITS_MIN..=VILLAGE_DIGITS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && !KEYS.contains(&text)
}

/// A text without the village code that is its last word: `MENU 12` is `MENU` and `12`.
pub fn split(text: &str) -> (&str, Option<&str>) {
    match text.trim().rsplit_once(char::is_whitespace) {
        Some((words, last)) if is_code(last) => (words.trim_end(), Some(last)),
        _ => (text, None),
    }
}

impl Site {
    /// Whether people of more than one village call here, so that an unknown one is asked.
    pub fn asks_village(&self) -> bool {
        self.served().nth(1).is_some()
    }

    /// The area of a village code that was typed.
    pub fn village(&self, typed: &str) -> Option<Scope> {
        let code = typed.trim().trim_end_matches(['.', '#']);
        let found = self.served().find(|village| village.code == code);
        found.map(|village| village.area.area())
    }

    fn served(&self) -> impl Iterator<Item = &Village> {
        let villages = self.villages.list.iter();
        villages.filter(|village| self.serves(village.area))
    }
}

/// The areas in which a number is known: those of its live grants and of the people to whom it is
/// bound; where there are none, those of people whose document names it.
///
/// A bound number goes before a claimed one, so that a slip of the pen elsewhere moves nobody.
fn known_areas(caller: &Caller<'_>, site: &Site, now: Timestamp) -> BTreeSet<Scope> {
    let granted = caller.staff.iter().filter(|grant| grant.is_live(now));
    let granted = granted.map(|grant| grant.scope);
    let persons = |bound: bool| {
        let persons = caller.row.persons.iter();
        persons
            .filter(move |(_, is_bound)| *is_bound == bound)
            .map(|(person, _)| person.scope)
    };
    let areas = |scopes: &mut dyn Iterator<Item = Scope>| -> BTreeSet<Scope> {
        scopes
            .map(Scope::area)
            .filter(|area| site.serves(*area))
            .collect()
    };
    let sure = areas(&mut granted.chain(persons(true)));
    if sure.is_empty() {
        areas(&mut persons(false))
    } else {
        sure
    }
}

/// The area of a caller on a site that [asks](Site::asks_village); `None` = she is to be asked.
pub(crate) fn area(caller: &Caller<'_>, site: &Site, now: Timestamp) -> Option<Scope> {
    let known = known_areas(caller, site, now);
    if let (Some(only), 1) = (known.first(), known.len()) {
        return Some(*only);
    }
    let is_served = |area: &Scope| site.served().any(|village| village.area == *area);
    caller.row.area.filter(is_served)
}

/// Whether more than one area knows a number, so that what it chose in an earlier dialogue says
/// nothing of who uses it now.
pub fn is_of_several(caller: &Caller<'_>, site: &Site, now: Timestamp) -> bool {
    site.asks_village() && known_areas(caller, site, now).len() > 1
}

/// The area that a number has chosen, once this contact opens its dialogue; the store keeps it as
/// [`crate::view::PhoneRow::area`].
///
/// * A number that is known in one area has nothing to choose.
/// * A code behind the dialled one, or behind the word for the menu, names the village.
/// * Otherwise an unknown number keeps what it chose, however long ago. A number that is known in
///   several areas is asked each time, since another person may hold the phone now.
/// * Digits that a gateway brings with the opening count only where nothing was chosen: they may
///   be the answer to a screen of a session that is lost.
pub fn at_opening(
    caller: &Caller<'_>,
    site: &Site,
    given: Given<'_>,
    now: Timestamp,
) -> Option<Scope> {
    let kept = caller.row.area;
    let known = known_areas(caller, site, now).len();
    if known == 1 || !site.asks_village() {
        return kept;
    }
    let dialled = behind(given.dialled, &site.villages.dial).next();
    let named = dialled.or(split(given.text).1);
    let kept = kept.filter(|_| known == 0);
    named
        .and_then(|code| site.village(code))
        .or(kept)
        .or_else(|| site.village(given.text))
}

/// What a person dialled behind the code of the service, part by part: `12` and `3` of
/// `*384*12*3#`. Nothing where the service has no code.
pub(crate) fn behind<'a>(dialled: &'a str, service: &str) -> impl Iterator<Item = &'a str> {
    let service = service.strip_suffix('#').unwrap_or(service);
    let rest = dialled.strip_suffix('#').filter(|_| !service.is_empty());
    let rest = rest.and_then(|rest| rest.strip_prefix(service));
    let rest = rest.and_then(|rest| rest.strip_prefix('*'));
    rest.into_iter().flat_map(|rest| rest.split('*'))
}

#[cfg(test)]
mod tests;
