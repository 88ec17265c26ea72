//! Registration numbers of a node: asked for before they run out, and given to those who had none.
//!
//! A person who was registered while the list was used up, or before the life was certified, has
//! a longer number that shows its order. With the next list she gets a permanent one, and the old
//! one opens the same record for ever.

use sync_core::Lane;

use super::hub::control;
use super::{outcome, reject};
use crate::command::{Decision, Rejection, Write};
use crate::consent::MESSAGES;
use crate::fact::Fact;
use crate::known;
use crate::message::{self, Draft};
use crate::person::{Field, PersonFields};
use crate::role::Principal;
use crate::role::right::{Right, may};
use crate::schema;
use crate::site::Rules;
use crate::view::{
    Found, IssuedNumber, Known, Lookup, NewMessage, NumberKind, PersonRow, ViewChange,
};

/// People who get their permanent number in one transaction; the next one goes on.
pub(super) const ASSIGNED_AT_ONCE_MAX: u32 = 50;

/// Says to the hub that few numbers are left.
pub(super) fn ask(principal: &Principal, left: u32) -> Result<Decision, Rejection> {
    if !may(principal.role, Right::Run) {
        return Err(reject("reject-not-allowed"));
    }
    Ok(Decision {
        writes: vec![control(principal.scope, Fact::NumbersAsked { left })],
        ..Decision::default()
    })
}

pub(super) fn assign_needs(principal: &Principal, known: &Known) -> Vec<Lookup> {
    if !may(principal.role, Right::Run) {
        return Vec::new();
    }
    let mut wanted = vec![Lookup::Unnumbered(ASSIGNED_AT_ONCE_MAX)];
    let waiting = waiting(known);
    if let Ok(count @ 1..) = u32::try_from(waiting.len()) {
        wanted.push(Lookup::NextNumbers(count));
    }
    for row in waiting {
        wanted.push(Lookup::Consents(row.document));
        let phone = row.fields.get(Field::Phone);
        wanted.extend(phone.map(|phone| Lookup::Phone(phone.to_owned())));
    }
    known::missing(known, wanted)
}

fn waiting(known: &Known) -> &[PersonRow] {
    match known.get(&Lookup::Unnumbered(ASSIGNED_AT_ONCE_MAX)) {
        Some(Found::Persons(rows)) => rows,
        _ => &[],
    }
}

/// Gives people without a permanent number one each, as far as the list goes.
pub(super) fn assign(
    principal: &Principal,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    if !may(principal.role, Right::Run) {
        return Err(reject("reject-not-allowed"));
    }
    let waiting = waiting(known);
    let count = u32::try_from(waiting.len()).unwrap_or(ASSIGNED_AT_ONCE_MAX);
    let leased = known::numbers(known, count)
        .iter()
        .take_while(|issued| issued.kind == NumberKind::Leased);
    let mut decision = Decision::default();
    let mut used: Vec<IssuedNumber> = Vec::new();
    for (row, issued) in waiting.iter().zip(leased) {
        let Some(old) = row.fields.get(Field::Number) else {
            continue;
        };
        used.push(issued.clone());
        decision.writes.extend(writes(row, old, &issued.digits));
        let message = told(row, (old, &issued.digits), known, rules);
        decision.messages.extend(message);
    }
    decision.outcome = outcome([
        ("assigned", used.len().to_string()),
        ("messages", decision.messages.len().to_string()),
    ]);
    decision.changes = vec![ViewChange::UseNumbers(used)];
    Ok(decision)
}

/// The new number in the document, and the old one as another name of it.
fn writes(row: &PersonRow, old: &str, new: &str) -> [Write; 2] {
    let mut fields = PersonFields::default();
    fields.set(Field::Number, new);
    let fact = Fact::AliasAssigned {
        old: old.to_owned(),
        new: new.to_owned(),
    };
    let edit = Write::EditDocument {
        document: row.document,
        schema: schema::PERSON,
        fields,
    };
    let alias = Write::Fact {
        scope: row.document.scope.with_lane(Lane::Registration),
        schema: schema::of(&fact),
        about: Some(row.document),
        fact,
    };
    [edit, alias]
}

/// A bound number that takes texts hears of it.
fn told(
    row: &PersonRow,
    (old, new): (&str, &str),
    known: &Known,
    rules: &Rules<'_>,
) -> Option<NewMessage> {
    let to = row.fields.get(Field::Phone)?;
    let phone = known::phone(known, to);
    let is_bound = phone.persons.contains(&(row.document, true));
    let agreed = known::consents(known, row.document).allows(MESSAGES);
    if phone.stopped || !is_bound || !agreed {
        return None;
    }
    let own = row.fields.get(Field::Language);
    let draft = Draft {
        cause: message::alias_cause(new),
        to: to.to_owned(),
        language: message::language(&phone, own, &rules.site.language),
        key: "alias-assigned",
        arguments: message::arguments([("old", old.to_owned()), ("new", new.to_owned())]),
    };
    Some(draft.render(rules))
}
