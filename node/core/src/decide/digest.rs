//! One SMS for each worker that tells all results since the last one.
//!
//! Only registrations captured here are told: another holder of the same scope has its own
//! phone link and would tell them a second time.

use std::collections::BTreeMap;

use sync_core::{EntryRef, Scope};

use super::{outcome, reject};
use crate::command::{Decision, Rejection};
use crate::known;
use crate::message::{self, Draft};
use crate::role::right::{Right, may};
use crate::role::{Principal, RoleGrant};
use crate::site::Rules;
use crate::status::Status;
use crate::view::{Found, Known, Lookup, NewMessage, RegistrationRow, ViewChange};

type Worker = (Scope, u32);

pub(super) fn needs(known: &Known) -> Vec<Lookup> {
    let mut wanted = vec![Lookup::Undigested];
    for (scope, author) in by_worker(known, |_| true).into_keys() {
        let staff = Lookup::Staff(scope, author);
        let grants = known::staff(known, &staff);
        wanted.extend(
            grants
                .iter()
                .map(|grant| Lookup::Phone(grant.phone.clone())),
        );
        wanted.push(staff);
        wanted.push(Lookup::StaffEnded(scope, author));
        wanted.push(Lookup::OpenReviews(scope, author));
    }
    known::missing(known, wanted)
}

pub(super) fn send(
    principal: &Principal,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    if !may(principal.role, Right::Run) {
        return Err(reject("reject-not-allowed"));
    }
    let mut decision = Decision::default();
    let mut told: Vec<EntryRef> = Vec::new();
    for (worker, rows) in by_worker(known, |row| rules.site.wrote(&row.id)) {
        let grants = known::staff(known, &Lookup::Staff(worker.0, worker.1));
        let ended = known.get(&Lookup::StaffEnded(worker.0, worker.1)) == Some(&Found::Flag(true));
        let Some(grant) = grants.first().filter(|_| !ended) else {
            continue;
        };
        decision
            .messages
            .extend(digest(grant, worker, &rows, known, rules));
        told.extend(rows.iter().map(|row| row.id));
    }
    decision.outcome = outcome([
        ("messages", decision.messages.len().to_string()),
        ("results", told.len().to_string()),
    ]);
    if !told.is_empty() {
        decision.changes.push(ViewChange::MarkDigested(told));
    }
    Ok(decision)
}

fn by_worker(
    known: &Known,
    take: impl Fn(&RegistrationRow) -> bool,
) -> BTreeMap<Worker, Vec<&RegistrationRow>> {
    let mut groups: BTreeMap<Worker, Vec<&RegistrationRow>> = BTreeMap::new();
    let rows = known::registrations(known, &Lookup::Undigested).iter();
    for row in rows.filter(|row| row.author.1 != 0 && take(row)) {
        groups.entry(row.author).or_default().push(row);
    }
    groups
}

/// `None` when there is nothing new but a question that has its own text, or texts are stopped.
fn digest(
    grant: &RoleGrant,
    (scope, author): Worker,
    rows: &[&RegistrationRow],
    known: &Known,
    rules: &Rules<'_>,
) -> Option<NewMessage> {
    let phone = known::phone(known, &grant.phone);
    let count = |wanted: &[Status]| {
        rows.iter()
            .filter(|row| wanted.contains(&row.status))
            .count()
    };
    let accepted = count(&[Status::Accepted, Status::Effective]);
    let rejected = count(&[Status::Rejected]);
    if phone.stopped || accepted + rejected == 0 {
        return None;
    }
    let results: Vec<(EntryRef, Status)> = rows
        .iter()
        .filter(|row| {
            !matches!(
                row.status,
                Status::Conflict | Status::Held | Status::Carried | Status::Withdrawn
            )
        })
        .map(|row| (row.id, row.status))
        .collect();
    let draft = Draft {
        cause: message::digest_cause(&results),
        to: grant.phone.clone(),
        language: message::language(&phone, Some(&grant.language), &rules.site.language),
        key: "digest",
        arguments: message::arguments([
            ("accepted", accepted.to_string()),
            ("rejected", rejected.to_string()),
            (
                "review",
                known::open_reviews(known, scope, author).len().to_string(),
            ),
        ]),
    };
    let mut message = draft.render(rules);
    message.covers = results.into_iter().map(|(id, _)| id).collect();
    Some(message)
}
