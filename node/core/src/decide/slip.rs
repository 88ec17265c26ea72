//! Proof of registration: who may give and revoke it, and for whom.
//!
//! Signing and stretching are the shell's; here stands that only staff of the person's area do it,
//! for a registration that was not refused, and that every slip is noted, so that it can be revoked.

use sync_core::{EntryRef, Lane, Scope};

use super::{outcome, reject};
use crate::command::{Decision, Rejection, Write};
use crate::contact::Moment;
use crate::fact::Fact;
use crate::known;
use crate::message::{self, Draft};
use crate::person::Field;
use crate::role::{Principal, Role};
use crate::schema;
use crate::site::{Rules, Site};
use crate::slip::code::{Code, month_of};
use crate::slip::{Claim, SlipId};
use crate::status::Status;
use crate::view::{Found, Known, Lookup, NewMessage, PersonRow};

fn holder<'a>(number: &str, known: &'a Known) -> Option<&'a PersonRow> {
    match known.get(&known::by_number(number)) {
        Some(Found::Persons(rows)) => rows.first(),
        _ => None,
    }
}

pub(super) fn code_needs(number: &str, known: &Known) -> Vec<Lookup> {
    let mut wanted = vec![known::by_number(number)];
    if let Some(row) = holder(number, known) {
        wanted.push(Lookup::RegistrationsByPerson(row.document));
        wanted.push(Lookup::CodeKeys(row.document.scope.area()));
        wanted.extend(
            row.fields
                .get(Field::Phone)
                .map(|p| Lookup::Phone(p.to_owned())),
        );
    }
    known::missing(known, wanted)
}

pub(super) fn revoke_needs(number: &str, known: &Known) -> Vec<Lookup> {
    let mut wanted = vec![known::by_number(number)];
    wanted.extend(holder(number, known).map(|row| Lookup::SlipsOf(row.document)));
    known::missing(known, wanted)
}

/// Staff of the area, and whoever runs the machine.
fn may_give(principal: &Principal, area: Scope) -> Result<(), Rejection> {
    let may = match principal.role {
        Role::HealthWorker | Role::Officer => principal.scope.area() == area,
        Role::Administrator | Role::System => true,
        Role::Citizen | Role::Vendor | Role::Clerk | Role::Auditor => false,
    };
    may.then_some(())
        .ok_or_else(|| reject("reject-not-allowed"))
}

fn issued(person: EntryRef, slip: SlipId) -> Write {
    let fact = Fact::SlipIssued { slip };
    Write::Fact {
        scope: person.scope.with_lane(Lane::Registration),
        schema: schema::of(&fact),
        about: Some(person),
        fact,
    }
}

pub(super) fn note(
    principal: &Principal,
    person: EntryRef,
    slip: SlipId,
) -> Result<Decision, Rejection> {
    may_give(principal, person.scope.area())?;
    Ok(Decision {
        writes: vec![issued(person, slip)],
        ..Decision::default()
    })
}

/// A short code, told to whoever asked and to the person's own number if that is bound.
pub(super) fn give_code(
    principal: &Principal,
    (number, nonce): (&str, u32),
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Result<Decision, Rejection> {
    let row = holder(number, known).ok_or_else(|| reject("reject-slip-none"))?;
    let area = row.document.scope.area();
    may_give(principal, area)?;
    let lookup = Lookup::RegistrationsByPerson(row.document);
    let rows = known::registrations(known, &lookup).iter();
    let holding = rows.filter(|row| !matches!(row.status, Status::Rejected | Status::Withdrawn));
    let newest = holding.max_by_key(|row| (row.captured_at, row.id));
    let newest = newest.ok_or_else(|| reject("reject-slip-none"))?;
    let key = known::code_keys(known, area).last();
    let key = key.ok_or_else(|| reject("reject-slip-key"))?;
    let claim = claim_of(row).ok_or_else(|| reject("reject-slip-none"))?;
    let programme = &newest.registration.programme;
    let code = Code::issue(key, &claim, programme, month_of(now.at), nonce);
    Ok(Decision {
        writes: vec![issued(row.document, code.id())],
        messages: tell(principal, row, &code, known, (rules, now)),
        outcome: outcome([("code", code.to_string()), ("month", code.month())]),
        ..Decision::default()
    })
}

/// What this person's slips are made for.
pub(crate) fn claim_of(row: &PersonRow) -> Option<Claim> {
    let year = row.fields.birth_date().map(|date| date.year().to_string());
    Claim::parse(row.fields.get(Field::Number)?, year.as_deref()).ok()
}

fn tell(
    principal: &Principal,
    row: &PersonRow,
    code: &Code,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Vec<NewMessage> {
    let draft = |to: String, language: &str, key: &str| {
        Draft {
            cause: message::answer_cause(&to, now.at),
            to,
            language,
            key,
            arguments: message::arguments([("code", code.to_string())]),
        }
        .render(rules)
    };
    let asker = principal.e164();
    let own = row.fields.get(Field::Phone).filter(|phone| {
        let known = known::phone(known, phone);
        let is_bound = known.persons.contains(&(row.document, true));
        is_bound && !known.stopped && asker.as_deref() != Some(phone)
    });
    let own = own.map(|phone| {
        let known = known::phone(known, phone);
        let spoken = row.fields.get(Field::Language);
        let language = message::language(&known, spoken, &rules.site.language);
        draft(phone.to_owned(), language, "slip-code-own")
    });
    let asker = asker.map(|phone| draft(phone, &principal.language, "slip-code"));
    asker.into_iter().chain(own).collect()
}

pub(super) fn revoke(
    principal: &Principal,
    number: &str,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let row = holder(number, known).ok_or_else(|| reject("reject-slip-none"))?;
    may_give(principal, row.document.scope.area())?;
    let slips = known::slips(known, row.document);
    Ok(Decision {
        writes: revocation(slips, row.document.scope, rules.site),
        outcome: outcome([("revoked", slips.len().to_string())]),
        ..Decision::default()
    })
}

/// What whoever ends a registration writes, so that its slips hold no more: nothing where there are
/// none. `slips` is the answer to [`Lookup::SlipsOf`], `scope` the person's.
pub fn revocation(slips: &[SlipId], scope: Scope, site: &Site) -> Vec<Write> {
    let areas = if site.is_hub {
        site.areas.clone()
    } else {
        vec![scope.area()]
    };
    let areas = areas.into_iter().filter(|_| !slips.is_empty());
    let fact = Fact::SlipsRevoked {
        slips: slips.to_vec(),
    };
    areas
        .map(|area| Write::Fact {
            scope: area.with_lane(Lane::Control),
            schema: schema::of(&fact),
            about: None,
            fact: fact.clone(),
        })
        .collect()
}
