//! Accounts of staff on the pages of a hub: a passphrase for a place of a staff list, and the
//! sign-in with it (IDENTITY §8, SECURITY S7).
//!
//! Tries are charged, waited for and locked exactly as those of a PIN ([`crate::pin`]). Every no
//! is the same sentence after the same time, so that nobody learns which numbers hold a role. It
//! opens no session: that is of the pages, and ends with them.

use channels_core::Msisdn;

use super::hub::may_administer;
use super::{outcome, reject};
use crate::command::{Command, Decision, Rejection};
use crate::contact::Moment;
use crate::known;
use crate::pin::{Gate, Holder, Pin, PinRow, PinSecret, Purpose};
use crate::role::{Principal, Role, RoleGrant};
use crate::site::Rules;
use crate::view::{Found, Known, Lookup, ViewChange};

/// What somebody types to sign in.
#[derive(Clone, Copy)]
struct Typed<'a> {
    number: &'a str,
    role: Role,
    passphrase: &'a Pin,
}

fn typed(command: &Command) -> Option<Typed<'_>> {
    match command {
        Command::SignIn {
            number,
            role,
            passphrase: Some(passphrase),
        } => Some(Typed {
            number,
            role: *role,
            passphrase,
        }),
        _ => None,
    }
}

pub(super) fn needs(
    principal: &Principal,
    command: &Command,
    known: &Known,
    now: Moment,
) -> Vec<Lookup> {
    let mut wanted = Vec::new();
    if let Command::OpenAccount {
        scope,
        index,
        passphrase,
    } = command
    {
        let place = (scope.area(), *index);
        wanted.push(Lookup::Staff(place.0, place.1));
        wanted.push(Lookup::StaffEnded(place.0, place.1));
        if place_of(place, known, now).is_some() {
            let holder = Holder::Account(place.0, place.1);
            wanted.push(Lookup::Stretch(holder, passphrase.clone(), Purpose::Choose));
        }
    }
    if let Some(typed) = typed(command).filter(|_| principal.role == Role::System) {
        let staff = Lookup::StaffByPhone(e164(typed.number));
        if known.contains_key(&staff) {
            let grant = grant(typed, known, now);
            let account = grant.map(|grant| Lookup::Pin(account(grant)));
            let is_told = account
                .as_ref()
                .is_none_or(|account| known.contains_key(account));
            wanted.extend(account);
            if is_told {
                wanted.extend(checks(typed, known, now));
            }
        }
        wanted.push(staff);
    }
    known::missing(known, wanted)
}

/// The number as grants have it; what is none finds nobody.
fn e164(number: &str) -> String {
    Msisdn::parse(number.trim()).map_or_else(|_none| String::new(), |number| number.to_e164())
}

fn account(grant: &RoleGrant) -> Holder {
    Holder::Account(grant.scope.area(), grant.index)
}

/// The grant in whose role somebody signs in: the first of the role that holds now.
fn grant<'a>(typed: Typed<'_>, known: &'a Known, now: Moment) -> Option<&'a RoleGrant> {
    let staff = known::staff(known, &Lookup::StaffByPhone(e164(typed.number)));
    let held = staff.iter().filter(|grant| grant.role == typed.role);
    held.filter(|grant| grant.is_live(now.at))
        .min_by_key(|grant| (grant.scope, grant.index))
}

fn row(known: &Known, holder: Holder) -> PinRow {
    match known.get(&Lookup::Pin(holder)) {
        Some(Found::Pin(row)) => row.clone(),
        _ => PinRow::default(),
    }
}

/// The hash that is computed: of the account, then of nobody's where no try could be made there.
fn checks(typed: Typed<'_>, known: &Known, now: Moment) -> Vec<Lookup> {
    let holder = grant(typed, known, now).map(account);
    let set = holder.filter(|holder| row(known, *holder).gate(now.at) != Gate::Unset);
    let of = |holder| Lookup::Stretch(holder, typed.passphrase.clone(), Purpose::Check);
    let Some(own) = set.map(of) else {
        return vec![of(Holder::Nobody)];
    };
    let shut = known.get(&own) == Some(&Found::None);
    let mut wanted = vec![own];
    wanted.extend(shut.then(|| of(Holder::Nobody)));
    wanted
}

fn place_of(
    (scope, index): (sync_core::Scope, u32),
    known: &Known,
    now: Moment,
) -> Option<&RoleGrant> {
    let ended = known.get(&Lookup::StaffEnded(scope, index)) == Some(&Found::Flag(true));
    let grants = known::staff(known, &Lookup::Staff(scope, index));
    grants
        .first()
        .filter(|grant| grant.is_live(now.at) && !ended)
}

/// Decides.
pub(super) fn decide(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    if let Command::OpenAccount {
        scope,
        index,
        passphrase,
    } = command
    {
        may_administer(principal, rules)?;
        return open((scope.area(), *index), passphrase, known, now);
    }
    if principal.role != Role::System || !rules.site.is_hub {
        return Err(reject("reject-not-allowed"));
    }
    let typed = typed(command).ok_or_else(|| reject("reject-sign-in"))?;
    sign_in(typed, known, now).ok_or_else(|| reject("reject-sign-in"))
}

fn open(
    place: (sync_core::Scope, u32),
    passphrase: &Pin,
    known: &Known,
    now: Moment,
) -> Result<Decision, Rejection> {
    let grant = place_of(place, known, now).ok_or_else(|| reject("reject-no-role"))?;
    let holder = account(grant);
    let chosen = Lookup::Stretch(holder, passphrase.clone(), Purpose::Choose);
    let Some(Found::Stretched(salt, digest)) = known.get(&chosen) else {
        return Err(reject("failed"));
    };
    let secret = PinSecret {
        salt: *salt,
        digest: *digest,
        short: false,
    };
    let row = PinRow {
        secret: Some(secret),
        ..PinRow::default()
    };
    Ok(Decision {
        changes: vec![ViewChange::PutPin { holder, row }],
        outcome: told(grant),
        ..Decision::default()
    })
}

fn sign_in(typed: Typed<'_>, known: &Known, now: Moment) -> Option<Decision> {
    let grant = grant(typed, known, now)?;
    let holder = account(grant);
    let row = row(known, holder);
    let secret = row.secret.as_ref()?;
    let asked = Lookup::Stretch(holder, typed.passphrase.clone(), Purpose::Check);
    let Some(Found::Stretched(salt, digest)) = known.get(&asked) else {
        return None;
    };
    if (salt, digest) != (&secret.salt, &secret.digest) {
        return None;
    }
    Some(Decision {
        changes: vec![
            ViewChange::PutPin {
                holder,
                row: row.cleared(),
            },
            ViewChange::RefundTry,
        ],
        outcome: told(grant),
        ..Decision::default()
    })
}

fn told(grant: &RoleGrant) -> crate::command::Outcome {
    outcome([
        ("scope", grant.scope.area().0.to_string()),
        ("index", grant.index.to_string()),
    ])
}
