//! `outpost alert` as an office uses it.

use tempfile::TempDir;
use tests::office;

use crate::{shell, text};

#[tokio::test]
async fn an_office_raises_follows_and_ends_an_alert() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    let (store, _number) = office::open(folder).await;
    drop(store);
    for (line, wanted) in [
        ("clear --text over", Err("reject-no-alert")),
        (
            "raise --level loud --text water",
            Err("one of advice, warning, danger"),
        ),
        (
            "raise --level danger --text \"The river rises.\"",
            Ok("told to area 16\n"),
        ),
        ("more --text \"Take water.\"", Ok("told to area 16\n")),
        (
            "clear --text \"The water is gone.\"",
            Ok("told to area 16\n"),
        ),
        ("more --text again", Err("reject-no-alert")),
        ("raise --area 24 --text water", Err("reject-not-allowed")),
    ] {
        let output = shell(&format!("outpost alert --data data {line}"), folder, "").await;
        let (printed, told) = (text(&output.stdout), text(&output.stderr));
        match wanted {
            Ok(wanted) => assert_eq!(printed, wanted, "{line}: {told}"),
            Err(wanted) => assert!(told.contains(wanted), "{line}: {told}"),
        }
        assert_eq!(output.status.success(), wanted.is_ok(), "{line}: {told}");
    }
}
