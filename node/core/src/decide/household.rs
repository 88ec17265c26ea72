//! Who lives with whom: joining, moving, leaving, being asked, and households that are one.
//!
//! Only staff who register people change a household; at the hub an officer says which two are one.

use sync_core::EntryRef;

use super::subject::{self, short_name};
use super::{event, matching, outcome, read, reject};
use crate::command::{Command, Decision, Outcome, Rejection, SubjectName, Write};
use crate::fact::Fact;
use crate::household::{HouseholdRole, Joining, LEFT_MAX, Membership};
use crate::identity;
use crate::known;
use crate::person::Field;
use crate::read::Class;
use crate::role::Principal;
use crate::role::right::{Right, may};
use crate::schema;
use crate::site::Rules;
use crate::view::{Known, Lookup, PersonRow};

/// Most members that one answer lists, the head first, on pages that a phone can turn; the rest is
/// only counted.
const MEMBERS_SHOWN_MAX: usize = 12;

pub(super) fn needs(principal: &Principal, command: &Command, known: &Known) -> Vec<Lookup> {
    let (programme, persons): (&str, Vec<&String>) = match command {
        Command::JoinHousehold {
            programme,
            person,
            with,
            ..
        } => (programme, std::iter::once(person).chain(with).collect()),
        Command::LeaveHousehold { programme, person }
        | Command::ShowHousehold { programme, person } => (programme, vec![person]),
        Command::LinkHouseholds {
            programme, persons, ..
        } => (programme, persons.iter().collect()),
        _ => return Vec::new(),
    };
    let mut wanted = Vec::new();
    for number in persons {
        wanted.push(known::by_number(number));
        let found = match command {
            Command::LinkHouseholds { .. } => anywhere(number, known),
            _ => person(principal, number, known),
        };
        let Ok(row) = found else { continue };
        let homes = Lookup::MembershipsOf(row.document, programme.to_owned());
        for home in known::memberships(known, &homes) {
            wanted.push(Lookup::Edges(home.household));
            let members = Lookup::MembersOf(home.household, programme.to_owned());
            let rows = known::memberships(known, &members);
            wanted.extend(rows.iter().map(|row| Lookup::Person(row.person)));
            wanted.push(members);
        }
        wanted.push(homes);
    }
    known::missing(known, wanted)
}

pub(super) fn decide(
    principal: &Principal,
    command: &Command,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    match command {
        Command::JoinHousehold {
            programme,
            person,
            with,
            role,
        } => {
            let order = Join {
                programme,
                person,
                with: with.as_deref(),
                role: *role,
            };
            join(principal, &order, known, rules)
        }
        Command::LeaveHousehold {
            programme,
            person: number,
        } => {
            may_register(principal)?;
            let row = person(principal, number, known)?;
            let open: Vec<_> = homes(row, programme, known)
                .iter()
                .map(|one| one.id)
                .collect();
            if open.is_empty() {
                return Err(reject("reject-no-household"));
            }
            let fact = Fact::HouseholdLeft { memberships: open };
            Ok(done(
                principal,
                row,
                vec![about(row, fact)],
                programme,
                rules,
            ))
        }
        Command::ShowHousehold {
            programme,
            person: number,
        } => show(principal, (programme, number), known, rules),
        Command::LinkHouseholds {
            programme,
            persons,
            same,
            reason,
        } => {
            matching::check(principal, reason, rules.site.is_hub)?;
            let [one, other] = persons;
            let one = home(anywhere(one, known)?, programme, known)?;
            let other = home(anywhere(other, known)?, programme, known)?;
            link(principal, [one, other], (*same, reason), known)
        }
        _ => Err(reject("failed")),
    }
}

/// A person who joins.
struct Join<'a> {
    programme: &'a str,
    person: &'a str,
    with: Option<&'a str>,
    role: HouseholdRole,
}

fn join(
    principal: &Principal,
    order: &Join<'_>,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    may_register(principal)?;
    if rules.programmes.current(order.programme).is_none() {
        return Err(reject("failed"));
    }
    let row = person(principal, order.person, known)?;
    let household = match order.with {
        Some(number) => {
            let with = person(principal, number, known)?;
            Some(home(with, order.programme, known)?)
        }
        // Who founds a household speaks for it.
        None if order.role == HouseholdRole::Head => None,
        None => return Err(reject("reject-no-household")),
    };
    let own = homes(row, order.programme, known);
    let is_same = |one: &Membership| Some(one.household) == household && one.role == order.role;
    if own.len() == 1 && own.iter().all(is_same) {
        return Ok(done(principal, row, Vec::new(), order.programme, rules));
    }
    let joining = |household, role, left: &[Membership]| {
        Fact::HouseholdJoined(Joining {
            programme: order.programme.to_owned(),
            household,
            role,
            leaves: left.iter().map(|one| one.id).take(LEFT_MAX).collect(),
        })
    };
    let mut writes = vec![about(row, joining(household, order.role, own))];
    // A household has one head: whoever spoke for it so far lives on in it.
    if let (HouseholdRole::Head, Some(household)) = (order.role, household) {
        let members = Lookup::MembersOf(household, order.programme.to_owned());
        let heads = known::memberships(known, &members)
            .iter()
            .filter(|one| one.role == HouseholdRole::Head && one.person != row.document);
        for head in heads {
            let fact = joining(
                Some(household),
                HouseholdRole::Other,
                std::slice::from_ref(head),
            );
            writes.push(Write::Fact {
                scope: head.person.scope,
                schema: schema::of(&fact),
                about: Some(head.person),
                fact,
            });
        }
    }
    Ok(done(principal, row, writes, order.programme, rules))
}

fn show(
    principal: &Principal,
    (programme, number): (&str, &str),
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    if !may(principal.role, Right::ReadRecord) {
        return Err(reject("reject-not-allowed"));
    }
    let row = person(principal, number, known)?;
    let mut members: Vec<&Membership> = homes(row, programme, known)
        .iter()
        .flat_map(|home| {
            let members = Lookup::MembersOf(home.household, programme.to_owned());
            known::memberships(known, &members)
        })
        .collect();
    members.sort_by_key(|one| (one.role, one.since, one.id));
    members.dedup_by_key(|one| one.id);
    let heads = members
        .iter()
        .filter(|one| one.role == HouseholdRole::Head)
        .count();
    let mut told = outcome([
        ("members_total", members.len().to_string()),
        ("heads", heads.to_string()),
        ("who", short_name(&row.fields)),
    ]);
    let mut shown = vec![row.document];
    let mut place = 0_usize;
    for one in members.iter().take(MEMBERS_SHOWN_MAX) {
        // Of somebody who was erased, or has not arrived, nothing is shown.
        let Some(member) = known::person(known, one.person) else {
            continue;
        };
        place = place.saturating_add(1);
        let language = principal.language.as_str();
        let role = rules.texts.plain(language, one.role.key());
        let line = format!("{} {}", short_name(&member.fields), role);
        let code = member.fields.get(Field::Number).unwrap_or_default();
        told.values.insert(format!("members_{place}"), line);
        told.values
            .insert(format!("members_code_{place}"), code.to_owned());
        shown.push(one.person);
    }
    told.values
        .insert("members_count".to_owned(), place.to_string());
    Ok(Decision {
        writes: read::note(principal, shown, Class::List, programme, rules),
        outcome: told,
        ..Decision::default()
    })
}

/// An edge between two households, or its removal.
fn link(
    principal: &Principal,
    [one, other]: [EntryRef; 2],
    (same, reason): (bool, &str),
    known: &Known,
) -> Result<Decision, Rejection> {
    if one == other {
        return Err(reject("reject-same-household"));
    }
    let pair = identity::pair(one, other);
    let edges = known::edges(known, &Lookup::Edges(one)).iter();
    let additions: Vec<_> = edges
        .filter(|(_, edge)| *edge == pair)
        .map(|(addition, _)| *addition)
        .collect();
    let (by, reason) = (matching::by(principal), reason.to_owned());
    let fact = match (same, additions.is_empty()) {
        (true, true) => Fact::HouseholdsLinked { pair, by, reason },
        (true, false) => return Ok(Decision::default()),
        (false, true) => return Err(reject("reject-not-joined")),
        (false, false) => Fact::HouseholdsUnlinked {
            pair,
            additions,
            by,
            reason,
        },
    };
    // Both areas learn of it; an area that holds both gets it once.
    let mut scopes: Vec<_> = pair.iter().map(|household| household.scope).collect();
    scopes.dedup();
    let write = |scope| Write::Fact {
        scope,
        schema: schema::of(&fact),
        about: None,
        fact: fact.clone(),
    };
    Ok(Decision {
        writes: scopes.into_iter().map(write).collect(),
        ..Decision::default()
    })
}

fn may_register(principal: &Principal) -> Result<(), Rejection> {
    if may(principal.role, Right::Register) {
        Ok(())
    } else {
        Err(reject("reject-not-allowed"))
    }
}

fn person<'a>(
    principal: &Principal,
    number: &str,
    known: &'a Known,
) -> Result<&'a PersonRow, Rejection> {
    let named = SubjectName::Number(number.to_owned());
    subject::find(principal, &named, known)?.ok_or_else(|| reject("reject-no-person"))
}

fn homes<'a>(row: &PersonRow, programme: &str, known: &'a Known) -> &'a [Membership] {
    known::memberships(
        known,
        &Lookup::MembershipsOf(row.document, programme.to_owned()),
    )
}

/// A person of any area: an officer at the hub settles households across them.
fn anywhere<'a>(number: &str, known: &'a Known) -> Result<&'a PersonRow, Rejection> {
    let rows = known::persons(known, &known::by_number(number));
    rows.first().ok_or_else(|| reject("reject-no-person"))
}

/// The household in which somebody lives; where two sides put her into several, the oldest.
fn home(row: &PersonRow, programme: &str, known: &Known) -> Result<EntryRef, Rejection> {
    let oldest = homes(row, programme, known)
        .iter()
        .min_by_key(|one| (one.since, one.id));
    let home = oldest.ok_or_else(|| reject("reject-no-household"))?;
    Ok(home.household)
}

/// A fact about a person, in the area of her document.
fn about(row: &PersonRow, fact: Fact) -> Write {
    Write::Fact {
        scope: row.document.scope,
        schema: schema::of(&fact),
        about: Some(row.document),
        fact,
    }
}

/// Shows the worker who was meant, and notes that.
fn done(
    principal: &Principal,
    row: &PersonRow,
    mut writes: Vec<Write>,
    programme: &str,
    rules: &Rules<'_>,
) -> Decision {
    writes.extend(read::note(
        principal,
        [row.document],
        Class::Case,
        programme,
        rules,
    ));
    let outcome: Outcome = outcome([
        ("who", short_name(&row.fields)),
        ("status", event::held(rules).word().to_owned()),
    ]);
    Decision {
        writes,
        outcome,
        ..Decision::default()
    }
}
