//! `outpost hub nodes`, `close-node` and `node-areas` as an office uses them, and who may not.

use std::path::Path;

use node_core::contact::Moment;
use node_store::{Area, SlotOrder};
use tempfile::TempDir;
use tests::office;

use super::publish::SETTINGS;
use crate::{shell, text};

const OFFICER: &str = "+256770000009";
const ADMINISTRATOR: &str = "+256770000008";

async fn hub(folder: &Path, order: &str) -> Result<String, String> {
    let line = format!("outpost hub --config hub.toml {order}");
    let output = shell(&line, folder, "").await;
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

#[tokio::test]
async fn nodes_are_listed_and_only_an_enrolled_one_is_closed() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    let (store, _) = office::open(folder).await;
    let area = Area {
        programme: "maternal-child".to_owned(),
        scope: office::AREA,
    };
    let slot = SlotOrder {
        name: "kibo".to_owned(),
        grants: vec![area.grant()],
        verifier: [7; 32],
    };
    let now: Moment = office::moment();
    store.open_slot(slot, now).await.expect("a slot");
    drop(store);
    let settings = SETTINGS.replace("FOLDER", &folder.display().to_string());
    std::fs::write(folder.join("hub.toml"), settings).expect("a file");
    let listed = hub(folder, "nodes").await.expect("a list");
    assert_eq!(listed, "kibo: node 2, not enrolled yet\n");
    let order = |name: &str, reason: &str| {
        format!("close-node --name {name} --mode stop --by {OFFICER} --reason {reason}")
    };
    let refused = |answer: Result<String, String>, what: &str| {
        let why = answer.expect_err("refused");
        assert!(why.contains(what), "{why}");
    };
    let grant = format!("grant --role officer --phone {OFFICER} --area north --name Officer");
    hub(folder, &grant).await.expect("a grant");
    refused(
        hub(folder, &order("moto", "stolen")).await,
        "no node has this name",
    );
    refused(
        hub(folder, &order("kibo", "stolen")).await,
        "not enrolled yet",
    );
    let areas = |name: &str, area: &str, by: &str| {
        format!("node-areas --name {name} --add {area} --by {by}")
    };
    let admin =
        format!("grant --role administrator --phone {ADMINISTRATOR} --area north --name Admin");
    hub(folder, &admin).await.expect("a grant");
    let cases = [
        (
            areas("kibo", "south", ADMINISTRATOR),
            "failed to find the area south",
        ),
        (
            areas("moto", "north", ADMINISTRATOR),
            "no node has this name",
        ),
        (
            areas("kibo", "north", OFFICER),
            "change the areas of the node",
        ),
        (
            areas("kibo", "north", ADMINISTRATOR),
            "this node is not enrolled",
        ),
    ];
    for (order, why) in cases {
        refused(hub(folder, &order).await, why);
    }
}
