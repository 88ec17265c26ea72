//! Principals, pairs and a hub with two nodes to play with.

use std::rc::Rc;

use sync_core::{EntryRef, Epoch, Lane, NodeId, Seq};

use super::{AREA, HUB, Store};
use crate::command::{Command, ConsentAnswer};
use crate::person::{Field, PersonFields};
use crate::programme::{Programmes, usual};
use crate::role::{Principal, Role, RoleGrant};

pub(crate) fn administrator() -> Principal {
    Principal {
        role: Role::Administrator,
        ..Principal::system(AREA, "en")
    }
}

pub(crate) fn system() -> Principal {
    Principal::system(AREA, "en")
}

pub(crate) fn grant(phone: &str) -> RoleGrant {
    RoleGrant {
        index: 0,
        role: Role::HealthWorker,
        phone: phone.to_owned(),
        name: "Neema".to_owned(),
        language: "en".to_owned(),
        scope: AREA,
        not_after: "2027-01-01T00:00:00Z".parse().unwrap(),
        hub: HUB,
        signature: [0; 64],
    }
}

/// A hub, two nodes with leases, and a worker for each of them.
pub(crate) fn world() -> (Store, Store, Store) {
    world_of(usual().unwrap())
}

/// The same, with programmes of one's own.
pub(crate) fn world_of(programmes: Programmes) -> (Store, Store, Store) {
    let programmes = Rc::new(programmes);
    let [mut hub, mut a, mut b] =
        [HUB, NodeId(2), NodeId(3)].map(|node| Store::new(node, Rc::clone(&programmes)));
    for phone in [WORKER_A, WORKER_B] {
        hub.command(&administrator(), &Command::GrantRole(grant(phone)))
            .unwrap();
    }
    for node in [2, 3] {
        let lease = Command::LeaseNumbers {
            scope: AREA,
            node: NodeId(node),
            epoch: Epoch(1 << 32),
            count: 200,
        };
        hub.command(&administrator(), &lease).unwrap();
    }
    a.pull(&hub);
    b.pull(&hub);
    (hub, a, b)
}

pub(crate) const WORKER_A: &str = "+254700000001";
pub(crate) const WORKER_B: &str = "+254700000002";

pub(crate) fn fields(pairs: &[(Field, &str)]) -> PersonFields {
    let mut fields = PersonFields::default();
    for (field, value) in pairs {
        fields.set(*field, *value);
    }
    fields
}

pub(crate) fn consent(opt_in: bool) -> ConsentAnswer {
    ConsentAnswer {
        agreement: "maternal-child/registration".to_owned(),
        revision: 1,
        text_hash: [4; 32],
        language: "en".to_owned(),
        opt_in,
        channel: "ussd".to_owned(),
        purposes: Vec::new(),
        basis: crate::consent::Basis::Consent,
        witness: None,
    }
}

pub(crate) fn mother(n: u32) -> PersonFields {
    fields(&[
        (Field::GivenName, &format!("Asha {}", letters(n))),
        (Field::FamilyName, "Mwangi"),
        (Field::BirthDate, "1994"),
        (Field::Phone, &format!("+2547110{n:05}")),
        (Field::Village, "kibo"),
    ])
}

pub(crate) fn child(n: u32) -> PersonFields {
    fields(&[
        (Field::GivenName, &format!("Juma {}", letters(n))),
        (Field::BirthDate, "2026-03-02"),
        (Field::Sex, "M"),
        (Field::PlaceOfBirth, "home"),
    ])
}

fn letters(n: u32) -> String {
    n.to_string()
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect()
}

pub(crate) fn pair(mother: PersonFields, child: PersonFields) -> Command {
    Command::RegisterPair {
        programme: "maternal-child".to_owned(),
        programme_version: 1,
        mother,
        child,
        consent: consent(true),
    }
}

/// Registers pair `n` by the worker with this number; the registration's name.
pub(crate) fn register(store: &mut Store, worker: &str, n: u32) -> EntryRef {
    let principal = store.caller(worker);
    store
        .command(&principal, &pair(mother(n), child(n)))
        .unwrap();
    let head = store.heads[&AREA.with_lane(Lane::Registration)];
    EntryRef {
        seq: Seq(head),
        ..store.next(AREA.with_lane(Lane::Registration))
    }
}
