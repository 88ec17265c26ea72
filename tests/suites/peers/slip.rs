//! A slip as it leaves the printer: Chromium draws the page, zbar reads the picture, and what it read
//! proves the registration. Half of the picture is the negative control.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use tests::office::{self, YEAR};
use tests::peer::{self, Skip};
use tests::tree;

/// A6 at 96 dots an inch, the resolution of a browser's millimetres.
const PAGE: &str = "--window-size=397,560";

fn outpost(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(tree::program("outpost"));
    command.args(["slip", "--data", "data"]).args(arguments);
    command.current_dir(folder).output().expect("outpost runs")
}

/// A picture of the page, as a browser prints it.
fn picture(chromium: &Path, folder: &Path, page: &str, window: &str) -> String {
    let name = format!("{page}.png");
    let output = Command::new(chromium)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .args([window, "--force-device-scale-factor=2"])
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .arg(format!("--screenshot={}", folder.join(&name).display()))
        .arg(format!("file://{}", folder.join(page).display()))
        .output()
        .expect("chromium runs");
    assert!(output.status.success(), "{output:?}");
    name
}

fn scan(zbar: &Path, folder: &Path, picture: &str) -> Option<String> {
    let mut command = Command::new(zbar);
    command.args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]);
    let output = command
        .arg(picture)
        .current_dir(folder)
        .output()
        .expect("zbarimg runs");
    let text = String::from_utf8(output.stdout)
        .expect("text")
        .trim()
        .to_owned();
    output.status.success().then_some(text)
}

pub(crate) fn a_printed_slip_is_read_by_zbar_and_proves_the_registration() -> Result<(), Skip> {
    let chromium = peer::installed("chromium")?;
    let zbar = peer::installed("zbarimg")?;
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (store, number) = runtime.block_on(office::open(folder));
    drop(store);
    let printed = outpost(folder, &["print", &number, "--out", "slip.html"]);
    assert!(printed.status.success(), "{printed:?}");
    let whole = picture(&chromium, folder, "slip.html", PAGE);
    let text = scan(&zbar, folder, &whole).expect("zbar finds the code");
    assert!(text.starts_with("OP:") && text.len() == 187, "{text}");
    let proves = outpost(folder, &["verify", &text, "--rn", &number, "--year", YEAR]);
    let told = String::from_utf8_lossy(&proves.stdout).into_owned();
    assert!(proves.status.success(), "{proves:?}");
    assert!(told.starts_with("valid: maternal-child"), "{told}");
    let borrowed = outpost(
        folder,
        &["verify", &text, "--rn", &number, "--year", "1995"],
    );
    assert!(
        !borrowed.status.success(),
        "another person's year proves nothing"
    );
    let half = picture(&chromium, folder, "slip.html", "--window-size=397,200");
    assert_eq!(scan(&zbar, folder, &half), None, "half a code is none");
    Ok(())
}
