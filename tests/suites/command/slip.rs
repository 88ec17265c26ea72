//! `outpost slip` as an office uses it: print, check by number and year, a short code, revoke.

use std::path::Path;

use tempfile::TempDir;
use tests::office::{self, YEAR};

use crate::{shell, text};

async fn succeed(folder: &Path, line: &str) -> String {
    let output = shell(&format!("outpost slip --data data {line}"), folder, "").await;
    let (printed, told) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{line}: {printed}{told}");
    printed
}

async fn fail(folder: &Path, line: &str, wanted: &str) {
    let output = shell(&format!("outpost slip --data data {line}"), folder, "").await;
    let told = text(&output.stderr);
    assert!(!output.status.success() && told.contains(wanted), "{told}");
    assert_eq!(told.lines().count(), 2, "{told}");
}

/// Every letter of a planted value, however it is written in a file of text.
fn holds_nothing_personal(page: &str, number: &str) {
    for planted in [number, "Achieng", "Nyambura", "Kibo", "maternal"] {
        assert!(!page.contains(planted), "{planted} is on the page");
    }
}

#[tokio::test]
async fn an_office_prints_checks_and_revokes_a_slip() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    let (store, number) = office::open(folder).await;
    drop(store);
    succeed(folder, &format!("print {number} --out slip.html")).await;
    succeed(folder, &format!("print {number} --out slip.svg")).await;
    succeed(
        folder,
        &format!("print {number} --out large.html --with-number"),
    )
    .await;
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a page");
    for name in ["slip.html", "slip.svg"] {
        holds_nothing_personal(&read(name), &number);
    }
    let grouped: String = read("large.html")
        .split("class=\"number\">")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .expect("the number in large digits")
        .replace(' ', "");
    assert_eq!(grouped, number);
    assert_ne!(
        read("slip.svg"),
        read("large.html"),
        "every slip is another one"
    );
    fail(
        folder,
        "print 1234567890 --out x.html",
        "the registration number",
    )
    .await;
}

#[tokio::test]
async fn a_code_is_valid_for_its_person_until_it_is_revoked() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    let (store, number) = office::open(folder).await;
    drop(store);
    let code = succeed(folder, &format!("code {number}")).await;
    let code = code.trim();
    let right = format!("verify {code} --rn {number} --year {YEAR}");
    let told = succeed(folder, &right).await;
    assert!(told.starts_with("valid: maternal-child"), "{told}");
    fail(folder, &format!("verify {code}"), "nobody is named").await;
    let wrong = format!("verify {code} --rn {number} --year 1995");
    fail(folder, &wrong, "not valid").await;
    let altered = code.replacen(|c: char| c.is_ascii_digit(), "X", 1);
    let altered = format!("verify {altered} --rn {number} --year {YEAR}");
    fail(folder, &altered, "letter").await;
    let revoked = succeed(folder, &format!("revoke {number}")).await;
    assert_eq!(revoked, "1 slips and codes revoked\n");
    fail(folder, &right, "revoked").await;
}
