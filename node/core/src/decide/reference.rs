//! Publishing a list: by a hub's administrator only, never with a code that changes its meaning.

use sync_core::{Lane, Scope};

use super::hub::may_administer;
use super::{outcome, reject_with};
use crate::command::{Decision, Rejection, Write};
use crate::known;
use crate::reference::file::ReferenceFile;
use crate::reference::{KnownItem, after};
use crate::role::Principal;
use crate::schema;
use crate::site::Rules;
use crate::view::{Found, Known, Lookup};

fn lookup(scope: Scope, file: &ReferenceFile) -> Lookup {
    Lookup::Reference(scope.area(), file.list.list.clone())
}

pub(super) fn needs(scope: Scope, file: &ReferenceFile, known: &Known) -> Vec<Lookup> {
    known::missing(known, [lookup(scope, file)])
}

/// Writes the parts of the next revision; a list that says what holds already writes nothing.
pub(super) fn publish(
    principal: &Principal,
    scope: Scope,
    file: &ReferenceFile,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    may_administer(principal, rules)?;
    let (revision, items) = match known.get(&lookup(scope, file)) {
        Some(Found::Reference(revision, items)) => (*revision, items.as_slice()),
        _ => (0, [].as_slice()),
    };
    let list = &file.list;
    let mut findings = list.check();
    findings.extend(list.check_after(items, &file.renamed));
    let next = revision.saturating_add(1);
    let facts = list.parts(next).map_err(|finding| refused(&finding))?;
    if let Some(first) = findings.first() {
        return Err(refused(first));
    }
    let following = after(items, &list.items);
    let retires = following.iter().filter(|item| item.retired).count();
    let facts = if following == items {
        Vec::new()
    } else {
        facts
    };
    let told = outcome([
        (
            "revision",
            if facts.is_empty() { revision } else { next }.to_string(),
        ),
        ("items", list.items.len().to_string()),
        ("parts", facts.len().to_string()),
        ("retired", retires.to_string()),
    ]);
    let writes = facts.into_iter().map(|fact| Write::Fact {
        scope: scope.with_lane(Lane::Registration),
        schema: schema::of(&fact),
        about: None,
        fact,
    });
    Ok(Decision {
        writes: writes.collect(),
        outcome: told,
        ..Decision::default()
    })
}

/// Items that a dialogue offers: as many as a list on a screen takes. More are left out.
const SHOWN_MAX: usize = 98;

pub(super) fn list_needs(principal: &Principal, list: &str, known: &Known) -> Vec<Lookup> {
    let lookup = Lookup::Reference(principal.scope.area(), list.to_owned());
    known::missing(known, [lookup])
}

/// The items of a list that the caller's area has; retired ones are not offered.
pub(super) fn show(principal: &Principal, list: &str, parent: &str, known: &Known) -> Decision {
    let lookup = Lookup::Reference(principal.scope.area(), list.to_owned());
    let items = match known.get(&lookup) {
        Some(Found::Reference(_, items)) => items.as_slice(),
        _ => &[],
    };
    let below = |item: &&KnownItem| {
        !item.retired && (parent.is_empty() || item.item.parent.as_deref() == Some(parent))
    };
    let offered = items.iter().filter(below).take(SHOWN_MAX);
    let mut told = Decision::default();
    let values = &mut told.outcome.values;
    let mut count = 0_usize;
    for known in offered {
        count = count.saturating_add(1);
        let item = &known.item;
        let language = &principal.language;
        values.insert(format!("list_{count}"), item.name(language).to_owned());
        values.insert(format!("list_code_{count}"), item.code.clone());
        values.insert(format!("list_text_{count}"), item.text(language).to_owned());
    }
    values.insert("list_count".to_owned(), count.to_string());
    told
}

fn refused(finding: &crate::reference::ReferenceFinding) -> Rejection {
    reject_with("reject-reference", "finding", finding.to_string())
}
