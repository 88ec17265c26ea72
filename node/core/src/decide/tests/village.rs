//! Villages behind one code: what a number chooses, and where its opt-out goes.

use std::sync::Arc;

use sync_core::{Lane, Scope};

use super::refused;
use crate::apply::world::{AREA, Store, WORKER_A, administrator, grant, world};
use crate::command::Command;
use crate::village::{Village, Villages};

/// The hub of two areas whose people call one code.
fn two_villages(hub: &mut Store) -> Scope {
    let other = Scope(AREA.0 + 8);
    hub.site.areas.push(other);
    let village = |(code, area): (&str, Scope)| Village {
        code: code.to_owned(),
        area,
    };
    hub.site.villages = Arc::new(Villages {
        dial: "*384#".to_owned(),
        list: [("12", AREA), ("22", other)].map(village).into(),
    });
    other
}

fn choose(code: &str) -> Command {
    Command::ChooseVillage {
        code: code.to_owned(),
    }
}

const STRANGER: &str = "+254733000010";

#[test]
fn a_village_code_is_kept_for_the_number_and_a_wrong_one_refused() {
    let (mut hub, ..) = world();
    let other = two_villages(&mut hub);
    let stranger = hub.caller(STRANGER);
    assert!(!stranger.is_placed());
    refused(&mut hub, &stranger, &choose("77"), "reject-village");
    assert!(!hub.caller(STRANGER).is_placed());
    let written = hub.log.len();
    hub.command(&stranger, &choose("22")).unwrap();
    assert_eq!(hub.caller(STRANGER).scope, other);
    assert_eq!(hub.log.len(), written, "a choice is no entry");
}

/// The areas to whose control lane the last entries went.
fn told(store: &Store, since: usize) -> Vec<Scope> {
    let new = store.log.iter().skip(since);
    new.map(|stored| {
        assert_eq!(stored.id.scope.lane(), Some(Lane::Control));
        stored.id.scope.area()
    })
    .collect()
}

#[test]
fn an_opt_out_goes_to_every_area_that_knows_the_number_and_to_no_other() {
    let (mut hub, ..) = world();
    let other = two_villages(&mut hub);
    let stop = |stopped| Command::StopMessages { stopped };
    // A worker of one area, then of both.
    let since = hub.log.len();
    hub.command(&hub.caller(WORKER_A), &stop(true)).unwrap();
    assert_eq!(told(&hub, since), [AREA]);
    let since = hub.log.len();
    hub.command(&hub.caller(WORKER_A), &stop(false)).unwrap();
    assert_eq!(told(&hub, since), [AREA]);
    let mut second = grant(WORKER_A);
    second.scope = other;
    hub.command(&administrator(), &Command::GrantRole(second))
        .unwrap();
    let since = hub.log.len();
    hub.command(&hub.caller(WORKER_A), &stop(true)).unwrap();
    assert_eq!(told(&hub, since), [AREA, other]);
    assert!(hub.views.phones[WORKER_A].stopped);
    // A number that no area knows: kept here, told to the village that she names later.
    let since = hub.log.len();
    hub.command(&hub.caller(STRANGER), &stop(true)).unwrap();
    assert!(hub.views.phones[STRANGER].stopped);
    assert_eq!(told(&hub, since), []);
    hub.command(&hub.caller(STRANGER), &choose("22")).unwrap();
    assert_eq!(told(&hub, since), [other]);
    hub.command(&hub.caller(STRANGER), &choose("12")).unwrap();
    assert_eq!(told(&hub, since), [other], "told once");
    hub.command(&hub.caller(STRANGER), &stop(false)).unwrap();
    assert_eq!(told(&hub, since), [other, AREA, other]);
    assert!(!hub.views.phones[STRANGER].stopped);
}
