//! A definition that changes under people: options renamed, fields gone, versions side by side.

use super::walk::{REGISTRATION, Walk, noon, principal};
use crate::command::Command;
use crate::person::Field;
use crate::programme::{Programmes, SERVICE_FILE, Source};
use crate::role::Role;

/// The next version: the codes of both sexes are other words, and the first option is gone.
fn changed() -> Source {
    let source = Source::maternal_child();
    let mut text = source.files[SERVICE_FILE].clone();
    for (from, to) in [
        ("version = 1\n", "version = 2\n"),
        (
            "{ code = \"F\", text = \"female\" }",
            "{ code = \"girl\", text = \"female\" }",
        ),
        (
            "{ code = \"M\", text = \"male\" }",
            "{ code = \"boy\", text = \"male\" }",
        ),
        ("example = \"M\"", "example = \"boy\""),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    source.with(SERVICE_FILE, text)
}

/// Field failure 10: an option's code is changed centrally while records are pending.
#[test]
fn option_code_changed_centrally_keeps_pending_records() {
    let old = Programmes::load(&[Source::maternal_child()]).unwrap();
    let who = principal(Role::HealthWorker, "en");
    let mut walk = Walk::dial(&old, &who, noon());
    walk.type_all(&REGISTRATION[..12]);
    let summary = walk.text();
    assert!(summary.contains("Female"), "{summary}");
    // The new version arrives; the stored session is read and goes on where it stood.
    let own = [Source::maternal_child(), changed()];
    let (both, refused) = Programmes::load_over(&[Source::maternal_child()], &own).unwrap();
    assert!(refused.is_empty(), "{refused:?}");
    let stored = walk.session.encode().unwrap();
    let session = super::super::Session::decode(&stored).unwrap();
    let mut resumed = Walk::redial(&both, &who, Some(session), noon());
    resumed.type_in("1");
    assert_eq!(
        resumed.text(),
        summary,
        "the same words for the same answers"
    );
    resumed.type_in("1");
    let saved = resumed.commands.iter().find_map(|command| match command {
        Command::RegisterPair {
            programme_version,
            child,
            ..
        } => Some((*programme_version, child.get(Field::Sex))),
        _ => None,
    });
    assert_eq!(
        saved,
        Some((1, Some("F"))),
        "the record is that of its version"
    );
    // Who begins now begins on the new version.
    let mut fresh = Walk::dial(&both, &who, noon());
    fresh.type_all(&REGISTRATION[..12]);
    assert_eq!(fresh.session.programme_version, 2);
    assert_eq!(
        fresh.session.answers.get("child_sex").map(String::as_str),
        Some("girl")
    );
}

#[test]
fn a_session_whose_version_is_gone_begins_anew() {
    let old = Programmes::load(&[Source::maternal_child()]).unwrap();
    let who = principal(Role::HealthWorker, "en");
    let mut walk = Walk::dial(&old, &who, noon());
    walk.type_all(&REGISTRATION[..5]);
    let new = Programmes::load(&[changed()]).unwrap();
    let again = Walk::redial(&new, &who, Some(walk.session.clone()), noon());
    assert!(
        again.text().starts_with("Mother and child"),
        "{}",
        again.text()
    );
    // A gateway that goes on with the old session is told that it has ended.
    let mut late = Walk::dial(&new, &who, noon());
    late.session = walk.session;
    late.type_in("Akinyi");
    assert!(late.screen().end, "{}", late.text());
}
