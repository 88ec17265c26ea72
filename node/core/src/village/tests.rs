//! Numbers that are known in no, one or several areas, and what they give with an opening.

use std::sync::Arc;

use channels_core::Msisdn;
use proptest::prelude::*;
use sync_core::{EntryRef, Epoch, HubId, NodeId, Seq};

use super::*;
use crate::role::{Principal, Role, RoleGrant, resolve};
use crate::view::PhoneRow;

const KIBO: Scope = Scope(16);
const MOTO: Scope = Scope(24);
const PADER: Scope = Scope(32);

fn now() -> Timestamp {
    "2026-03-14T09:00:00Z".parse().unwrap()
}

fn site(codes: &[(&str, Scope)]) -> Site {
    let list = codes.iter().map(|(code, area)| Village {
        code: (*code).to_owned(),
        area: *area,
    });
    Site {
        hub: HubId([0; 4]),
        node: NodeId(1),
        hub_node: NodeId(1),
        name: "hub".to_owned(),
        is_hub: true,
        home: KIBO,
        areas: vec![KIBO, MOTO, PADER],
        villages: Arc::new(Villages {
            dial: "*384*7#".to_owned(),
            list: list.collect(),
        }),
        language: "en".to_owned(),
        country: "KE".to_owned(),
        matcher: Arc::new(crate::duplicate::Matcher::of("KE").unwrap()),
        sender: "384".to_owned(),
        number_key: None,
        staff_pin_hours: 0,
    }
}

fn three() -> Site {
    site(&[("12", KIBO), ("22", MOTO), ("320", PADER)])
}

fn grant(area: Scope, role: Role, not_after: &str) -> RoleGrant {
    RoleGrant {
        index: 1 + area.0 / 8,
        role,
        phone: "+254711000001".to_owned(),
        name: "Neema".to_owned(),
        language: "sw".to_owned(),
        scope: area,
        not_after: not_after.parse().unwrap(),
        hub: NodeId(1),
        signature: [0; 64],
    }
}

fn worker(area: Scope) -> RoleGrant {
    grant(area, Role::HealthWorker, "2027-01-01T00:00:00Z")
}

fn person(area: Scope, bound: bool) -> (EntryRef, bool) {
    let entry = EntryRef {
        origin: NodeId(2),
        epoch: Epoch(1),
        scope: Scope(area.0 + 1),
        seq: Seq(1),
    };
    (entry, bound)
}

/// A number with what is known of it.
#[derive(Clone, Default)]
struct Number {
    staff: Vec<RoleGrant>,
    row: PhoneRow,
}

impl Number {
    fn of(staff: &[RoleGrant], persons: &[(EntryRef, bool)], chose: Option<Scope>) -> Self {
        Self {
            staff: staff.to_vec(),
            row: PhoneRow {
                persons: persons.to_vec(),
                area: chose,
                ..PhoneRow::default()
            },
        }
    }

    fn with<T>(&self, ask: impl Fn(&Caller<'_>) -> T) -> T {
        let phone = Msisdn::parse("+254711000001").unwrap();
        ask(&Caller {
            phone: &phone,
            staff: &self.staff,
            row: &self.row,
            channel: "operator-a",
        })
    }

    fn calls(&self, site: &Site) -> Principal {
        self.with(|caller| resolve(caller, site, now()))
    }

    fn opens(&self, site: &Site, dialled: &str, text: &str) -> Option<Scope> {
        self.with(|caller| at_opening(caller, site, Given { dialled, text }, now()))
    }
}

fn check(number: &Number, area: Scope, role: Role) {
    let principal = number.calls(&three());
    assert_eq!((principal.scope, principal.role), (area, role));
    assert_eq!(principal.author == 0, role == Role::Citizen);
    assert_eq!(principal.is_placed(), area != NOWHERE);
}

#[test]
fn a_number_known_in_one_area_is_of_that_area_whatever_it_chose() {
    for chose in [None, Some(KIBO), Some(PADER)] {
        check(
            &Number::of(&[worker(MOTO)], &[], chose),
            MOTO,
            Role::HealthWorker,
        );
        for bound in [true, false] {
            let known = Number::of(&[], &[person(MOTO, bound), person(MOTO, true)], chose);
            check(&known, MOTO, Role::Citizen);
        }
    }
}

#[test]
fn a_bound_number_goes_before_a_claimed_one() {
    let slip = [person(KIBO, false), person(MOTO, true)];
    check(&Number::of(&[], &slip, None), MOTO, Role::Citizen);
    let worker = Number::of(&[worker(PADER)], &[person(KIBO, false)], None);
    check(&worker, PADER, Role::HealthWorker);
}

#[test]
fn an_unknown_number_is_nowhere_until_it_chose() {
    check(&Number::default(), NOWHERE, Role::Citizen);
    check(&Number::of(&[], &[], Some(PADER)), PADER, Role::Citizen);
    let ended = grant(MOTO, Role::HealthWorker, "2026-01-01T00:00:00Z");
    check(&Number::of(&[ended], &[], None), NOWHERE, Role::Citizen);
    // An area that no village names any more is asked for again.
    let gone = Number::of(&[], &[], Some(Scope(40)));
    check(&gone, NOWHERE, Role::Citizen);
}

#[test]
fn a_number_known_in_two_areas_is_nowhere_until_it_chose() {
    let both = [person(KIBO, true), person(MOTO, true)];
    check(&Number::of(&[], &both, None), NOWHERE, Role::Citizen);
    check(&Number::of(&[], &both, Some(MOTO)), MOTO, Role::Citizen);
    let claimed = [person(KIBO, false), person(MOTO, false)];
    check(&Number::of(&[], &claimed, None), NOWHERE, Role::Citizen);
    let staff = [worker(KIBO), worker(MOTO)];
    check(&Number::of(&staff, &[], None), NOWHERE, Role::Citizen);
    let chose = Number::of(&staff, &[], Some(MOTO));
    check(&chose, MOTO, Role::HealthWorker);
    assert_eq!(chose.calls(&three()).author, 1 + MOTO.0 / 8);
    // In a third village she is whoever lives there.
    check(&Number::of(&staff, &[], Some(PADER)), PADER, Role::Citizen);
    // The question stands in the language of her grants.
    assert_eq!(Number::of(&staff, &[], None).calls(&three()).language, "sw");
}

#[test]
fn a_site_of_one_village_never_asks() {
    let one_served = Site {
        areas: vec![KIBO],
        ..three()
    };
    for site in [site(&[]), site(&[("12", KIBO)]), one_served] {
        assert!(!site.asks_village());
        assert_eq!(Number::default().calls(&site).scope, KIBO);
        let both = [person(KIBO, true), person(MOTO, true)];
        assert_eq!(Number::of(&[], &both, None).calls(&site).scope, KIBO);
        assert_eq!(Number::default().opens(&site, "*384*7*22#", "22"), None);
    }
    assert!(three().asks_village());
}

#[test]
fn a_code_behind_the_dialled_one_names_the_village() {
    let site = three();
    let unknown = Number::default();
    assert_eq!(unknown.opens(&site, "*384*7*22#", ""), Some(MOTO));
    assert_eq!(unknown.opens(&site, "*384*7*320*1#", ""), Some(PADER));
    for dialled in ["", "*384*7#", "*384*7*99#", "*384*22#", "*384*722#", "22"] {
        assert_eq!(unknown.opens(&site, dialled, ""), None, "{dialled}");
    }
    assert_eq!(unknown.opens(&site, "", "MENU 22"), Some(MOTO));
    assert_eq!(unknown.opens(&site, "*384*7#", "22"), Some(MOTO));
    // What she chose before is changed by what she names, not by digits that may be an answer.
    let chose = Number::of(&[], &[], Some(KIBO));
    assert_eq!(chose.opens(&site, "*384*7*22#", ""), Some(MOTO));
    assert_eq!(chose.opens(&site, "", "menu 22"), Some(MOTO));
    assert_eq!(chose.opens(&site, "*384*7#", "22"), Some(KIBO));
    assert_eq!(chose.opens(&site, "*384*7#", ""), Some(KIBO));
}

#[test]
fn only_a_number_known_in_several_areas_is_asked_again() {
    let site = three();
    let both = [person(KIBO, true), person(MOTO, true)];
    let chose = Number::of(&[], &both, Some(MOTO));
    assert_eq!(chose.opens(&site, "*384*7#", ""), None);
    assert_eq!(chose.opens(&site, "*384*7*12#", ""), Some(KIBO));
    let one = Number::of(&[], &both[..1], None);
    assert_eq!(one.opens(&site, "*384*7*22#", "22"), None);
}

#[test]
fn codes_are_digits_and_no_keys() {
    for code in ["12", "07", "000", "123456"] {
        assert!(is_code(code), "{code}");
    }
    for text in ["", "1", "00", "99", "1234567", "1a", "١٢"] {
        assert!(!is_code(text), "{text}");
    }
    let site = three();
    assert_eq!(site.village(" 12. "), Some(KIBO));
    assert_eq!(site.village("12#"), Some(KIBO));
    for typed in ["", "1", "13", "012", "kibo"] {
        assert_eq!(site.village(typed), None, "{typed}");
    }
    assert_eq!(split("MENU 12"), ("MENU", Some("12")));
    for text in ["MENU", "12", "MENU 1", "MENU 99"] {
        assert_eq!(split(text), (text, None));
    }
}

proptest! {
    #[test]
    fn a_caller_acts_where_she_is_known_or_where_she_chose(
        known in proptest::collection::vec((0..3usize, any::<bool>()), 0..4),
        grants in proptest::collection::vec(0..3usize, 0..3),
        chose in proptest::option::of(0..3usize),
    ) {
        let areas = [KIBO, MOTO, PADER];
        let persons: Vec<_> = known.iter().map(|(at, bound)| person(areas[*at], *bound)).collect();
        let staff: Vec<_> = grants.iter().map(|at| worker(areas[*at])).collect();
        let chose = chose.map(|at| areas[at]);
        let number = Number::of(&staff, &persons, chose);
        let principal = number.calls(&three());
        let is_known = persons.iter().any(|(person, _)| person.scope.area() == principal.scope)
            || staff.iter().any(|grant| grant.scope == principal.scope);
        prop_assert!(is_known || chose == Some(principal.scope) || !principal.is_placed());
        // A role counts in its own area only.
        let granted = staff.iter().any(|grant| grant.scope == principal.scope);
        prop_assert_eq!(principal.role == Role::HealthWorker, granted);
    }
}
