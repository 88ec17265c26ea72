//! What is given once to a person or a household in a cycle (M3), before the event is written.

use jiff::civil::Date;

use super::subject;
use super::{reject, reject_with};
use crate::command::{Command, EventDraft, Rejection};
use crate::contact::Moment;
use crate::event::parse_entry_text;
use crate::household::{self, NotGiven, Place, UNIT_MAX, Unit};
use crate::known;
use crate::programme::Programme;
use crate::programme::event::{Entitled, Entitlement};
use crate::role::Principal;
use crate::schedule;
use crate::site::Rules;
use crate::view::{Found, Known, Lookup};

/// An event that is given once, and the person to whom.
struct Gift<'a> {
    programme: &'a Programme,
    code: &'a str,
    terms: &'a Entitlement,
    person: sync_core::EntryRef,
}

impl Gift<'_> {
    /// The programme whose households count; `None` where each person counts alone.
    fn households(&self) -> Option<String> {
        let counts = self.terms.to == Entitled::Household;
        counts.then(|| self.programme.code().to_owned())
    }

    fn unit(&self) -> Lookup {
        Lookup::Unit(self.person, self.households())
    }

    fn earlier(&self) -> Lookup {
        Lookup::UnitEvents {
            person: self.person,
            programme: self.programme.code().to_owned(),
            code: self.code.to_owned(),
            households: self.terms.to == Entitled::Household,
        }
    }
}

/// The person whom the event is about, or who is meant by the event that it refers to.
fn gift<'a>(
    principal: &Principal,
    command: &'a Command,
    known: &Known,
    rules: &Rules<'a>,
) -> Option<Gift<'a>> {
    let Command::RecordEvent {
        event: draft,
        subject,
        refers,
        ..
    } = command
    else {
        return None;
    };
    let (programme, terms) = terms(draft, rules)?;
    let named = subject::find(principal, subject, known).ok().flatten();
    let referred = || {
        let entry = parse_entry_text(refers.as_deref()?)?;
        known::event(known, entry)?.subject
    };
    Some(Gift {
        programme,
        code: &draft.code,
        terms,
        person: named.map(|row| row.document).or_else(referred)?,
    })
}

fn terms<'a>(draft: &EventDraft, rules: &Rules<'a>) -> Option<(&'a Programme, &'a Entitlement)> {
    let programme = rules
        .programmes
        .find(&draft.programme, draft.programme_version)?;
    let event = programme.event(&draft.code)?;
    Some((programme, event.entitlement.as_ref()?))
}

pub(super) fn needs(
    principal: &Principal,
    command: &Command,
    known: &Known,
    rules: &Rules<'_>,
) -> Vec<Lookup> {
    let Some(gift) = gift(principal, command, known, rules) else {
        return Vec::new();
    };
    known::missing(known, [gift.unit(), gift.earlier()])
}

/// Refuses what the unit has had in this cycle, and what another place decides.
pub(super) fn check(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<(), Rejection> {
    let Command::RecordEvent { event: draft, .. } = command else {
        return Ok(());
    };
    if terms(draft, rules).is_none() {
        return Ok(());
    }
    let gift = gift(principal, command, known, rules).ok_or_else(|| reject("reject-no-person"))?;
    let unit = match known.get(&gift.unit()) {
        Some(Found::Unit(unit)) => unit.clone(),
        _ => Unit::default(),
    };
    let given: Vec<Date> = known::events(known, &gift.earlier())
        .iter()
        .filter(|row| row.live)
        .map(|row| schedule::event_day(gift.programme, row))
        .collect();
    let place = Place {
        node: rules.site.node,
        is_hub: rules.site.is_hub,
    };
    let today = schedule::local_day(gift.programme, now.at);
    let how = (gift.terms.decides, gift.terms.cycle);
    household::decide(&unit, place, how, today, &given).map_err(|why| match why {
        NotGiven::Given => reject("reject-given"),
        NotGiven::AskHub => reject("reject-ask-hub"),
        NotGiven::AskNode => reject("reject-ask-node"),
        NotGiven::TooMany => reject_with("reject-unit", "limit", UNIT_MAX.to_string()),
    })
}
