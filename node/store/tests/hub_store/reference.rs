//! Lists that a hub publishes: they reach the nodes of their area with the next session, in menus at
//! once, whole or not at all.

use std::fmt::Write as _;

use node_core::command::{Command, Outcome, Rejection};
use node_core::reference::file::read;
use node_core::role::Principal;
use node_store::{Accepting, SqliteStore};
use sync_core::Scope;

use crate::district::{District, KIBO, MOTO, types_all};
use crate::world::{
    AREA, WORKER_A, administrator, command, frames, frontier, own, sqlite, sync, worker,
};

async fn publish(
    hub: &SqliteStore,
    scope: Scope,
    text: &str,
    second: i64,
) -> Result<Outcome, Rejection> {
    let list = read(text).unwrap();
    let publish = Command::PublishReference { scope, list };
    command(hub, &administrator(), publish, second).await
}

/// The village menu, as a worker reaches it in a new registration.
async fn villages(store: &SqliteStore, phone: &str, second: i64) -> String {
    let keys = ["*384#", "1", "Achieng", "Nyambura", "1994", "0"];
    types_all(store, phone, &keys, second).await
}

const PLACES: &str = r#"
list = "places"
[[item]]
code = "ZA"
name = "Zawadi"
[[item]]
code = "ZB"
names = { en = "Zebra Hill", sw = "Kilima" }
"#;

#[tokio::test]
async fn published_places_stand_in_the_menu_of_a_node_after_its_next_session() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let before = villages(&world.a, WORKER_A, 10).await;
    assert!(before.contains("1 Apac"), "{before}");
    let told = publish(&world.hub, AREA, PLACES, 20).await.unwrap();
    assert_eq!(
        (
            told.values["revision"].as_str(),
            told.values["items"].as_str()
        ),
        ("1", "2")
    );
    let same = publish(&world.hub, AREA, PLACES, 21).await.unwrap();
    assert_eq!(
        same.values["parts"], "0",
        "the same list again writes nothing"
    );
    sync(&world.a, &world.hub, 30).await;
    // A new session of another phone of the same worker list, without any link now.
    let after = villages(&world.a, "+254700000001", 4_000_000).await;
    assert!(
        after.contains("1 Zawadi") && after.contains("2 Zebra Hill"),
        "{after}"
    );
    assert!(!after.contains("Apac"));
    let unheard = villages(&world.b, "+254700000002", 60).await;
    assert!(
        unheard.contains("Apac"),
        "the other node did not meet the hub: {unheard}"
    );
    // Opened again, the node still shows it.
    let config = crate::world::config(&world.programmes, folder.path(), "kibo");
    drop(world.a);
    let reopened = SqliteStore::open(config).unwrap();
    let again = villages(&reopened, "+254700000001", 8_000_000).await;
    assert!(again.contains("1 Zawadi"), "{again}");
    let report = reopened.check(true).unwrap();
    assert!(report.is_sound(), "{report}");
}

async fn shown(store: &SqliteStore, who: &Principal, parent: &str) -> Vec<String> {
    let show = Command::ShowList {
        list: "crops".to_owned(),
        parent: parent.to_owned(),
    };
    let told = command(store, who, show, 90).await.unwrap();
    let count: usize = told.values["list_count"].parse().unwrap();
    let line = |n: usize| {
        let value = |name: &str| told.values[&format!("{name}_{n}")].clone();
        format!("{} {}", value("list_code"), value("list"))
    };
    (1..=count).map(line).collect()
}

#[tokio::test]
async fn a_retired_code_is_offered_no_more_and_never_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let item = |code: &str, name: &str| format!("[[item]]\ncode = \"{code}\"\nname = \"{name}\"\n");
    let list = |items: &[String]| format!("list = \"crops\"\n{}", items.concat());
    let (maize, beans) = (item("MZ", "Maize"), item("BN", "Beans"));
    let both = list(&[maize.clone(), beans.clone()]);
    publish(&world.hub, AREA, &both, 20).await.unwrap();
    publish(&world.hub, AREA, &list(std::slice::from_ref(&maize)), 21)
        .await
        .unwrap();
    sync(&world.a, &world.hub, 30).await;
    let who = worker(WORKER_A, 1);
    assert_eq!(shown(&world.a, &who, "").await, ["MZ Maize"]);
    let refused = publish(&world.hub, AREA, &both, 40).await.unwrap_err();
    assert!(
        refused.arguments["finding"].contains("retired"),
        "{refused:?}"
    );
    let other = list(&[item("MZ", "Millet")]);
    let refused = publish(&world.hub, AREA, &other, 41).await.unwrap_err();
    assert!(
        refused.arguments["finding"].contains("something else"),
        "{refused:?}"
    );
    let renamed = format!("renamed = [\"MZ\"]\n{}", list(&[item("MZ", "Corn")]));
    publish(&world.hub, AREA, &renamed, 42).await.unwrap();
    assert_eq!(shown(&world.hub, &administrator(), "").await, ["MZ Corn"]);
    let node = publish(&world.a, AREA, &renamed, 43).await.unwrap_err();
    assert_eq!(node.text, "reject-not-allowed", "a node publishes nothing");
}

#[tokio::test]
async fn a_revision_holds_only_when_its_last_part_is_here() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let mut text = String::from("list = \"crops\"\n");
    for n in 0..400 {
        let words = "x".repeat(300);
        write!(
            text,
            "[[item]]\ncode = \"C{n}\"\nname = \"N{n}\"\ntext = \"{words}\"\n"
        )
        .unwrap();
    }
    let told = publish(&world.hub, AREA, &text, 20).await.unwrap();
    let parts: u32 = told.values["parts"].parse().unwrap();
    assert!(parts > 5, "{parts}");
    // Frame by frame: the node has parts of it long before it offers any.
    let node = own(&world.hub).await.node;
    let theirs = frontier(&world.a).await;
    let who = worker(WORKER_A, 1);
    let mut seen = Vec::new();
    for head in frontier(&world.hub).await {
        if head.chain.origin != node {
            continue;
        }
        let known = theirs.iter().find(|other| other.chain == head.chain);
        let after = known.map_or(sync_core::Seq(0), |other| other.seq);
        for frame in frames(&world.hub, head.chain, after).await {
            world.a.accept(frame, crate::world::at(30)).await.unwrap();
            seen.push(shown(&world.a, &who, "").await.len());
        }
    }
    assert!(seen.len() > 1 && seen.contains(&0), "{seen:?}");
    assert_eq!(seen.last(), Some(&98), "as many as a screen's list takes");
    assert_eq!(
        seen.iter().filter(|count| **count > 0).count(),
        1,
        "{seen:?}"
    );
    let report = world.a.check(true).unwrap();
    assert!(report.is_sound(), "{report}");
}

#[tokio::test]
async fn a_list_of_one_area_is_not_the_list_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let list =
        |name: &str| format!("list = \"crops\"\n[[item]]\ncode = \"A\"\nname = \"{name}\"\n");
    for (scope, name) in [(KIBO, "Maize"), (MOTO, "Rice")] {
        publish(&district.hub, scope, &list(name), 20)
            .await
            .unwrap();
    }
    for (at, expected) in [(0, "A Maize"), (1, "A Rice")] {
        district.meets(at, 30).await;
        let scope = crate::district::NODES[at].1;
        let who = Principal::system(scope, "en");
        assert_eq!(shown(&district.nodes[at], &who, "").await, [expected]);
    }
    assert_eq!(
        shown(&district.hub, &Principal::system(MOTO, "en"), "").await,
        ["A Rice"]
    );
}
