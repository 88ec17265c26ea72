//! Roles given and taken back, on a node that has no link at the time.

use super::refused;
use crate::apply::world::{
    AREA, Store, WORKER_A, administrator, child, grant, mother, now, pair, world,
};
use crate::command::Command;
use crate::role::{Role, RoleEnd, RoleGrant};

const CLERK: &str = "+254700000055";

fn end(index: u32) -> RoleEnd {
    RoleEnd {
        scope: AREA,
        index,
        at: now().at,
        reason: "left".to_owned(),
        hub: crate::apply::world::HUB,
        signature: [0; 64],
    }
}

fn give(hub: &mut Store, role: Role, phone: &str) {
    let granted = RoleGrant {
        role,
        ..grant(phone)
    };
    hub.command(&administrator(), &Command::GrantRole(granted))
        .unwrap();
}

#[test]
fn every_role_is_granted_once_and_known_on_a_node() {
    let (mut hub, mut a, _) = world();
    let roles = [
        Role::Vendor,
        Role::Clerk,
        Role::Officer,
        Role::Administrator,
        Role::Auditor,
    ];
    for (n, role) in roles.into_iter().enumerate() {
        give(&mut hub, role, &format!("+25470000006{n}"));
    }
    a.pull(&hub);
    for (n, role) in roles.into_iter().enumerate() {
        assert_eq!(a.caller(&format!("+25470000006{n}")).role, role);
    }
}

#[test]
fn a_revoked_worker_is_a_citizen_wherever_the_fact_has_arrived() {
    let (mut hub, mut a, mut b) = world();
    let command = pair(mother(1), child(1));
    let worker = a.caller(WORKER_A);
    assert_eq!(worker.role, Role::HealthWorker);
    hub.command(&administrator(), &Command::RevokeRole(end(worker.author)))
        .unwrap();
    // Without a link the node cannot know it yet; with one session it does, and stays so.
    a.command(&worker, &command).unwrap();
    a.pull(&hub);
    let former = a.caller(WORKER_A);
    assert_eq!(former.role, Role::Citizen);
    refused(&mut a, &former, &command, "reject-not-allowed");
    assert_eq!(b.caller(WORKER_A).role, Role::HealthWorker);
    b.pull(&hub);
    assert_eq!(b.caller(WORKER_A).role, Role::Citizen);
    // Given again it is another place of the list.
    give(&mut hub, Role::HealthWorker, WORKER_A);
    a.pull(&hub);
    assert_eq!(a.caller(WORKER_A).role, Role::HealthWorker);
    assert_ne!(a.caller(WORKER_A).author, worker.author);
}

#[test]
fn a_role_is_taken_back_by_the_hub_only_and_once() {
    let (mut hub, mut a, _) = world();
    let worker = hub.caller(WORKER_A);
    let command = Command::RevokeRole(end(1));
    refused(&mut hub, &worker, &command, "reject-not-allowed");
    refused(&mut a, &administrator(), &command, "reject-not-allowed");
    let unknown = Command::RevokeRole(end(99));
    refused(&mut hub, &administrator(), &unknown, "reject-no-role");
    let speechless = Command::RevokeRole(RoleEnd {
        reason: String::new(),
        ..end(1)
    });
    refused(&mut hub, &administrator(), &speechless, "reject-incomplete");
    hub.command(&administrator(), &command).unwrap();
    let written = hub.log.len();
    hub.command(&administrator(), &command).unwrap();
    assert_eq!(hub.log.len(), written, "the second end writes nothing");
}

#[test]
fn maker_and_checker_of_one_scope_are_two_people() {
    let (mut hub, _, _) = world();
    give(&mut hub, Role::Clerk, CLERK);
    let officer = RoleGrant {
        role: Role::Officer,
        ..grant(CLERK)
    };
    let both = Command::GrantRole(officer);
    refused(&mut hub, &administrator(), &both, "reject-maker-checker");
    // Whoever stopped proposing may approve.
    let clerk = hub.caller(CLERK).author;
    hub.command(&administrator(), &Command::RevokeRole(end(clerk)))
        .unwrap();
    hub.command(&administrator(), &both).unwrap();
    assert_eq!(hub.caller(CLERK).role, Role::Officer);
}
