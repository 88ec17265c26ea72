//! One code, many villages: a hub answers the people of three nodes, and mixes nothing up.

use node_core::command::Command;
use node_core::person::Field;
use node_core::role::Principal;
use node_core::turn::Acceptance;
use node_core::village::NOWHERE;
use node_store::{Accepting, SqliteStore};
use sync_core::{Lane, NodeId, Seq};

use crate::district::{
    CODES, District, KIBO, MOTO, NODES, PADER, SUPERVISOR, hub_config, texts, types, types_all,
};
use crate::world::{
    WORKER_A, WORKER_B, at, command, counts, frames, frontier, pair, phone, registrations, worker,
};

const STRANGER: &str = "+254733000010";
const ASKED: &str = "Please type the code of your village.";
const REFUSED: &str = "No village has this code. Type the code of yours.";
/// A registration behind the worker's menu, up to the summary and past it.
const REGISTERS: [&str; 13] = [
    "1", "Achieng", "Nyambura", "1994", "0", "1", "0", "1", "Neema", "2", "1", "3", "1",
];

#[tokio::test]
async fn each_entry_is_once_in_the_area_of_its_caller() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    for node in 0..2 {
        district.meets(node, 5).await;
    }
    let allotments = district.allotments().await;
    let before = district.written().await;
    // Two workers of one area each are asked nothing; the supervisor says for which she works.
    for (worker, second) in [(WORKER_A, 10), (WORKER_B, 30)] {
        let menu = types(&district.hub, worker, "*384#", second).await;
        assert!(menu.starts_with("Mother and child\n1 Register"), "{menu}");
        types_all(&district.hub, worker, &REGISTERS, second + 1).await;
    }
    assert_eq!(types(&district.hub, SUPERVISOR, "*384#", 50).await, ASKED);
    types(&district.hub, SUPERVISOR, "32", 51).await;
    let done = types_all(&district.hub, SUPERVISOR, &REGISTERS, 52).await;
    assert!(done.starts_with("Registered: carried"), "{done}");
    // Two people, consent, registration, birth, and what the hub plans for the registry; the birth
    // names the child to the worker, which the read log keeps.
    let pair_each = [KIBO, MOTO, PADER]
        .map(|area| [((area, Lane::Registration), 6), ((area, Lane::Audit), 1)])
        .concat();
    assert_eq!(district.since(&before).await, pair_each);

    // The third node is out of contact; to the others comes their own, however often they meet.
    for second in [70, 80] {
        for node in 0..2 {
            district.meets(node, second).await;
            assert_eq!(registrations(&district.nodes[node]).await.len(), 1);
        }
    }
    assert_eq!(registrations(&district.nodes[2]).await.len(), 0);
    district.meets(2, 90).await;
    for (node, (_, area)) in district.nodes.iter().zip(NODES) {
        let [row] = registrations(node).await.try_into().unwrap();
        assert_eq!(row.author.0, area);
        assert_eq!(row.id.origin, NodeId(1), "the hub writes as itself");
        let report = node.check(true).unwrap();
        assert!(report.is_sound(), "{report}");
    }
    assert_eq!(registrations(&district.hub).await.len(), 3);
    // It spent numbers of its own.
    assert_eq!(district.allotments().await, allotments);
    assert_eq!(counts(&district.hub).await.numbers_left, 200 - 6);
    let report = district.hub.check(true).unwrap();
    assert!(report.is_sound(), "{report}");
}

#[tokio::test]
async fn a_node_takes_nothing_of_another_village() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    types_all(&district.hub, WORKER_B, &["*384#"], 10).await;
    types_all(&district.hub, WORKER_B, &REGISTERS, 11).await;
    let heads = frontier(&district.hub).await.into_iter();
    let chain = heads
        .map(|head| head.chain)
        .find(|chain| chain.scope == MOTO.with_lane(Lane::Registration))
        .unwrap();
    let frame = frames(&district.hub, chain, Seq(0)).await.remove(0);
    let refused = district.nodes[0]
        .accept(frame.clone(), at(40))
        .await
        .unwrap();
    assert!(matches!(refused, Acceptance::Refused { .. }), "{refused:?}");
    let taken = district.nodes[1].accept(frame, at(40)).await.unwrap();
    assert!(matches!(taken, Acceptance::Accepted { .. }), "{taken:?}");
}

#[tokio::test]
async fn an_unknown_number_is_asked_once_and_a_wrong_code_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let District { hub, nodes } = District::open(folder.path()).await;
    let district = District { hub, nodes };
    let before = district.written().await;
    let question = types(&district.hub, STRANGER, "*384#", 10).await;
    assert!(question.starts_with(ASKED), "{question}");
    assert_eq!(question.lines().count(), 3, "in each language");
    for (wrong, second) in [("77", 11), ("kibo", 12), ("012", 13)] {
        let refused = types(&district.hub, STRANGER, wrong, second).await;
        assert!(refused.starts_with(REFUSED), "{refused}");
    }
    let language = types(&district.hub, STRANGER, "22", 14).await;
    assert!(language.contains("1 English"), "{language}");
    let menu = types(&district.hub, STRANGER, "1", 15).await;
    assert_eq!(district.since(&before).await, []);

    // Never again: not in the next call, not after a restart, not by SMS.
    assert_eq!(types(&district.hub, STRANGER, "*384#", 20).await, menu);
    let District { hub, nodes } = district;
    drop(hub);
    let hub = SqliteStore::open(hub_config(folder.path(), &CODES)).unwrap();
    assert_eq!(types(&hub, STRANGER, "*384#", 3_000).await, menu);
    assert_eq!(texts(&hub, STRANGER, "menu", 3_010).await, [menu]);
    // What she says goes to her village, and to no other.
    let district = District { hub, nodes };
    texts(&district.hub, STRANGER, "STOP", 3_020).await;
    let stop = [((MOTO, Lane::Control), 1)];
    assert_eq!(district.since(&before).await, stop);
    let report = district.hub.check(true).unwrap();
    assert!(report.is_sound(), "{report}");
}

#[tokio::test]
async fn the_village_is_asked_by_sms_and_remembered_over_ussd() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let hub = &district.hub;
    let before = district.written().await;
    let asked = texts(hub, STRANGER, "MENU", 10).await;
    assert!(asked[0].starts_with(ASKED), "{asked:?}");
    let refused = texts(hub, STRANGER, "77", 11).await;
    assert!(refused[0].starts_with(REFUSED), "{refused:?}");
    let language = texts(hub, STRANGER, "32.", 12).await;
    assert!(language[0].contains("1 English"), "{language:?}");
    let dialled = types(hub, STRANGER, "*384#", 13).await;
    assert!(dialled.contains("1 English"), "{dialled}");
    // The word for the menu with a code moves her, and opens nothing of an old session.
    let moved = texts(hub, STRANGER, "Menu 12", 14).await;
    assert!(moved[0].contains("1 English"), "{moved:?}");
    assert_eq!(district.since(&before).await, []);
    texts(hub, STRANGER, "STOP", 15).await;
    let stop = [((KIBO, Lane::Control), 1)];
    assert_eq!(district.since(&before).await, stop);
}

#[tokio::test]
async fn an_opt_out_is_heard_before_the_village_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let hub = &district.hub;
    let before = district.written().await;
    let confirmed = texts(hub, STRANGER, "STOP", 10).await;
    assert!(confirmed[0].starts_with("You get no more"), "{confirmed:?}");
    assert_eq!(district.since(&before).await, []);
    let report = hub.check(true).unwrap();
    assert!(report.is_sound(), "{report}");
    // Once she says where she lives, her village hears of it.
    types_all(hub, STRANGER, &["*384#", "22"], 20).await;
    let stop = [((MOTO, Lane::Control), 1)];
    assert_eq!(district.since(&before).await, stop);
    let report = hub.check(true).unwrap();
    assert!(report.is_sound(), "{report}");
}

#[tokio::test]
async fn a_number_of_two_villages_is_asked_each_time_and_shown_nothing_before() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let hub = &district.hub;
    let mother = phone(7);
    // The same number stands for a mother in each of two villages.
    for (number, scope, n) in [(WORKER_A, KIBO, 7), (WORKER_B, MOTO, 8)] {
        let worker = Principal {
            scope,
            ..worker(number, 1)
        };
        let mut order = pair(n);
        if let Command::RegisterPair { mother: fields, .. } = &mut order {
            fields.set(Field::Phone, mother.as_str());
        }
        command(hub, &worker, order, 10).await.unwrap();
    }
    let asked = types(hub, &mother, "*384#", 20).await;
    assert!(asked.starts_with(ASKED) && !asked.contains(".."), "{asked}");
    // Village, language, menu.
    let first = types_all(hub, &mother, &["12", "1", "1"], 21).await;
    // Another woman may hold the phone now.
    assert_eq!(types(hub, &mother, "*384#", 30).await, ASKED);
    assert_eq!(texts(hub, &mother, "MENU", 31).await, [ASKED]);
    let second = types_all(hub, &mother, &["*384#", "22", "1"], 40).await;
    for status in [&first, &second] {
        assert!(status.starts_with("Your registrations:"), "{status}");
        assert_eq!(status.matches("..").count(), 1, "of one village: {status}");
    }
    assert_ne!(first, second);
    // Dialled behind the code, the village is not asked for.
    let dialled = types_all(hub, &mother, &["*384*12#", "1"], 50).await;
    assert_eq!(dialled, first);
    // In a village that knows her not, she is told so.
    let third = types_all(hub, &mother, &["*384*32#", "1"], 60).await;
    assert!(third.starts_with("Number not registered"), "{third}");
}

#[tokio::test]
async fn a_hub_of_one_village_asks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    drop(District::open(folder.path()).await);
    for villages in [&CODES[..1], &[]] {
        let hub = SqliteStore::open(hub_config(folder.path(), villages)).unwrap();
        for (number, second) in [(STRANGER, 10), (SUPERVISOR, 20)] {
            let screen = types(&hub, number, "*384*22#", second).await;
            assert!(!screen.contains(ASKED), "{screen}");
        }
    }
    // The control: with three villages both are asked.
    let hub = SqliteStore::open(hub_config(folder.path(), &CODES)).unwrap();
    for (number, second) in [(STRANGER, 30), (SUPERVISOR, 40)] {
        let screen = types(&hub, number, "*384#", second).await;
        assert!(screen.contains(ASKED), "{screen}");
    }
}

#[tokio::test]
async fn nobody_writes_who_is_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let before = district.written().await;
    let nowhere = Principal {
        scope: NOWHERE,
        ..worker(WORKER_A, 1)
    };
    let refused = command(&district.hub, &nowhere, pair(1), 10).await;
    assert_eq!(refused.unwrap_err().text, "no-service");
    assert_eq!(district.since(&before).await, []);
    // The control: the same order from her village is carried out.
    let placed = Principal {
        scope: KIBO,
        ..nowhere
    };
    command(&district.hub, &placed, pair(1), 11).await.unwrap();
    assert_ne!(district.since(&before).await, []);
}

#[tokio::test]
async fn a_form_waits_until_a_worker_of_two_villages_says_for_which() {
    const FORM: &str =
        "REG Achieng, Nyambura, 1994, 0772123456, Kibo, 0, yes, Amina, F, 02032026, 2";
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let hub = &district.hub;
    let before = district.written().await;
    assert_eq!(texts(hub, SUPERVISOR, FORM, 10).await, [ASKED]);
    let menu = texts(hub, SUPERVISOR, "32", 11).await;
    assert!(menu[0].contains("1 Register"), "{menu:?}");
    assert_eq!(district.since(&before).await, []);
    let saved = texts(hub, SUPERVISOR, FORM, 12).await;
    assert!(saved[0].starts_with("Registered"), "{saved:?}");
    let registered = [((PADER, Lane::Registration), 6), ((PADER, Lane::Audit), 1)];
    assert_eq!(district.since(&before).await, registered);
    texts(hub, SUPERVISOR, FORM, 13).await;
    assert_eq!(district.since(&before).await, registered, "once");
    // Her choice ends with her menu.
    texts(hub, SUPERVISOR, "0", 14).await;
    let other = FORM.replace("Achieng", "Akinyi");
    assert_eq!(texts(hub, SUPERVISOR, &other, 15).await, [ASKED]);
    assert_eq!(district.since(&before).await, registered);
    // The control: a worker of one area is asked nothing.
    let saved = texts(hub, WORKER_A, &other, 20).await;
    // The two people look alike, so that she is asked about them beside.
    let is_saved = |text: &String| text.starts_with("Registered");
    assert!(saved.iter().any(is_saved), "{saved:?}");
}
