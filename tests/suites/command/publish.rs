//! `outpost hub publish` as an office uses it: findings on a bad file, a revision, a code that may not
//! come back.

use std::path::Path;

use tempfile::TempDir;
use tests::office;

use crate::{shell, text};

/// Settings of the office; `FOLDER` is the folder of the test.
pub(crate) const SETTINGS: &str = r#"
[node]
name = "office"
folder = "FOLDER/data"
country = "UG"
sender = "384"
language = "en"

[hub]
realm = "test"
listen = "127.0.0.1:0"

[[hub.area]]
name = "north"
scope = 16
"#;

async fn publish(folder: &Path, list: &str, more: &str) -> (bool, String, String) {
    std::fs::write(folder.join("list.toml"), list).expect("a file");
    let line = format!("outpost hub --config hub.toml publish list.toml {more}");
    let output = shell(&line, folder, "").await;
    (
        output.status.success(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[tokio::test]
async fn an_office_publishes_a_list_and_is_told_what_is_wrong_with_it() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    let (store, _number) = office::open(folder).await;
    drop(store);
    let settings = SETTINGS.replace("FOLDER", &folder.display().to_string());
    std::fs::write(folder.join("hub.toml"), settings).expect("a file");
    let item = |code: &str, name: &str| format!("[[item]]\ncode = \"{code}\"\nname = \"{name}\"\n");
    let list = |items: String| format!("list = \"places\"\n{items}");
    let twice = list(item("A", "Apac") + &item("A", "Bukoto"));
    let (done, found, told) = publish(folder, &twice, "").await;
    assert!(
        !done && found.contains("A: the code stands twice"),
        "{found}{told}"
    );
    assert!(found.contains("fix: "), "{found}");
    assert_eq!(told.lines().count(), 2, "{told}");
    let both = list(item("A", "Apac") + &item("B", "Bukoto"));
    let (done, found, told) = publish(folder, &both, "--check").await;
    assert!(done, "{told}");
    assert_eq!(found, "places: 2 items, no findings\n");
    let (done, found, told) = publish(folder, &both, "--area north").await;
    assert!(done, "{told}");
    assert!(
        found.starts_with("places revision 1: 2 items in 1 parts, 0 retired"),
        "{found}"
    );
    let (done, found, told) = publish(folder, &list(item("A", "Apac")), "").await;
    assert!(
        done && found.contains("revision 2") && found.contains("1 retired"),
        "{found}{told}"
    );
    let (done, _, told) = publish(folder, &both, "").await;
    assert!(!done && told.contains("the code is retired"), "{told}");
    let (done, _, told) = publish(folder, &both, "--area nowhere").await;
    assert!(!done && told.contains("the settings name: north"), "{told}");
}
