//! What a person agrees to: shown, withdrawn, given once more. All of it works without a link.
//!
//! Withdrawing is as easy as agreeing: on a number of one person it needs no PIN, as STOP needs
//! none. Showing does, and on a shared number everything does.

use std::collections::BTreeMap;

use ring::digest::{SHA256, digest};
use sync_core::{EntryRef, Lane};

use super::who;
use super::{outcome, read, reject};
use crate::command::{Command, ConsentAnswer, Decision, Outcome, Rejection, Write};
use crate::consent::{self, Basis, ConsentRow, Witness};
use crate::contact::SMS_CHANNEL;
use crate::fact::Fact;
use crate::known;
use crate::pin::Holder;
use crate::read::Class;
use crate::role::Principal;
use crate::role::right::{Right, may};
use crate::schema;
use crate::site::Rules;
use crate::view::{Known, Lookup};

/// Most agreements that one answer lists; older names come first.
const LISTED_MAX: usize = 8;

pub(super) fn needs(principal: &Principal, known: &Known) -> Vec<Lookup> {
    let mut wanted = who::needs(principal, known);
    let people = who::line(principal, known).persons;
    wanted.extend(
        people
            .iter()
            .map(|(person, _)| Lookup::Consents(person.document)),
    );
    known::missing(known, wanted)
}

/// The person that the command is about.
pub(super) fn own(
    principal: &Principal,
    known: &Known,
    reads: bool,
) -> Result<EntryRef, Rejection> {
    if !may(principal.role, Right::OwnRecord) {
        return Err(reject("reject-not-allowed"));
    }
    let line = who::line(principal, known);
    if let Some(Holder::Person(person)) = who::proved(known) {
        return line
            .person(person)
            .map(|(person, _)| person.document)
            .ok_or_else(|| reject("reject-pin-first"));
    }
    if reads || line.is_shared() {
        let empty = line.persons.is_empty();
        let text = if empty {
            "reject-not-registered"
        } else {
            "reject-pin-first"
        };
        return Err(reject(text));
    }
    let [(person, bound)] = line.persons.as_slice() else {
        return Err(reject("reject-not-registered"));
    };
    if principal.channel == SMS_CHANNEL && !bound {
        // The sender of an SMS is only claimed (S5).
        return Err(reject("reject-not-bound"));
    }
    Ok(person.document)
}

pub(super) fn decide(
    principal: &Principal,
    command: &Command,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    match command {
        Command::ShowConsents => show(principal, known, rules),
        Command::GiveConsent(answer) => give(principal, answer, known),
        Command::WithdrawConsent { agreement, purpose } => {
            let what = (agreement.as_deref(), purpose.as_deref());
            withdraw(principal, what, known, rules)
        }
        _ => Err(reject("failed")),
    }
}

fn show(principal: &Principal, known: &Known, rules: &Rules<'_>) -> Result<Decision, Rejection> {
    let person = own(principal, known, true)?;
    let row = known::consents(known, person);
    let agreements = row.agreements();
    let count = agreements.len().min(LISTED_MAX);
    let mut values = BTreeMap::from([("count".to_owned(), count.to_string())]);
    for (at, agreement) in agreements.into_iter().take(LISTED_MAX).enumerate() {
        let place = at + 1;
        let live = live_purposes(&row, agreement);
        let state = if is_any_live(&row, agreement) {
            "yes"
        } else {
            "no"
        };
        values.insert(format!("agreement_{place}"), agreement.to_owned());
        values.insert(format!("state_{place}"), state.to_owned());
        values.insert(format!("purposes_{place}"), live.join(", "));
    }
    let live = row.agreements().into_iter();
    let live: Vec<&str> = live
        .filter(|one| is_any_live(&row, one))
        .take(LISTED_MAX)
        .collect();
    values.insert("agreements_count".to_owned(), live.len().to_string());
    for (place, agreement) in (1_usize..).zip(live) {
        let line = title(principal, agreement, rules);
        values.insert(format!("agreements_{place}"), line);
        values.insert(format!("agreements_code_{place}"), agreement.to_owned());
    }
    Ok(Decision {
        writes: read::note(principal, [person], Class::Own, "consents", rules),
        outcome: Outcome { values },
        ..Decision::default()
    })
}

/// How a person knows an agreement: by the name of its programme.
fn title(principal: &Principal, agreement: &str, rules: &Rules<'_>) -> String {
    let code = agreement.split('/').next().unwrap_or(agreement);
    let programme = rules.programmes.current(code);
    let title = programme.and_then(|programme| {
        let key = &programme.definition().title;
        programme.text(&principal.language, key, &BTreeMap::new())
    });
    title.unwrap_or_else(|| code.to_owned())
}

fn live_purposes<'a>(row: &'a ConsentRow, agreement: &str) -> Vec<&'a str> {
    let named = row.purposes(agreement).into_iter();
    named
        .filter(|purpose| row.is_live(agreement, purpose))
        .collect()
}

/// Whether something of an agreement is agreed to; one that names no purposes is one purpose.
fn is_any_live(row: &ConsentRow, agreement: &str) -> bool {
    let named = row.purposes(agreement);
    if named.is_empty() {
        return row.is_live(agreement, "");
    }
    named.iter().any(|purpose| row.is_live(agreement, purpose))
}

fn write(person: EntryRef, answer: &ConsentAnswer, after: Vec<EntryRef>) -> Write {
    let fact: Fact = consent::recorded(answer, after);
    Write::Fact {
        scope: person.scope.with_lane(Lane::Registration),
        schema: schema::of(&fact),
        about: Some(person),
        fact,
    }
}

fn give(
    principal: &Principal,
    answer: &ConsentAnswer,
    known: &Known,
) -> Result<Decision, Rejection> {
    let person = own(principal, known, false)?;
    let row = known::consents(known, person);
    let after = if answer.opt_in {
        row.opt_outs(&answer.agreement)
    } else {
        Vec::new()
    };
    let answer = ConsentAnswer {
        witness: witness(known).or(answer.witness),
        ..answer.clone()
    };
    Ok(Decision {
        writes: vec![write(person, &answer, after)],
        outcome: outcome([("count", "1".to_owned())]),
        ..Decision::default()
    })
}

fn witness(known: &Known) -> Option<Witness> {
    matches!(who::proved(known), Some(Holder::Person(_))).then_some(Witness::Pin)
}

/// One opt-out for each agreement that still allows something; saying it twice writes it once.
fn withdraw(
    principal: &Principal,
    (agreement, purpose): (Option<&str>, Option<&str>),
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let person = own(principal, known, false)?;
    let row = known::consents(known, person);
    let text = rules.texts.plain(&principal.language, "consent-withdrawn");
    let text_hash = <[u8; 32]>::try_from(digest(&SHA256, text.as_bytes()).as_ref());
    let writes: Vec<Write> = row
        .agreements()
        .into_iter()
        .filter(|one| agreement.is_none_or(|named| named == *one))
        .filter(|one| match purpose {
            Some(purpose) => row.is_live(one, purpose),
            None => is_any_live(&row, one),
        })
        .map(|one| {
            let last = row
                .answers
                .iter()
                .rfind(|answered| answered.agreement == one);
            let answer = ConsentAnswer {
                agreement: one.to_owned(),
                revision: last.map_or(0, |answered| answered.revision),
                text_hash: text_hash.unwrap_or_default(),
                language: principal.language.clone(),
                opt_in: false,
                channel: bearer(&principal.channel).to_owned(),
                purposes: purpose.map(str::to_owned).into_iter().collect(),
                basis: Basis::Consent,
                witness: witness(known).or(Some(Witness::Keypad)),
            };
            write(person, &answer, Vec::new())
        })
        .collect();
    let count = writes.len().to_string();
    Ok(Decision {
        writes,
        outcome: outcome([("count", count)]),
        ..Decision::default()
    })
}

/// How the fact names the channel; a link's name says nothing to its readers.
fn bearer(channel: &str) -> &'static str {
    match channel {
        "console" => "console",
        SMS_CHANNEL => "sms",
        _ => "ussd",
    }
}
