//! A personal screen that a PIN does not guard is found, in every shipped programme and in small
//! ones; the control is the programme as it is shipped.

use super::sketch::sketch;
use super::*;

const MESSAGE: &str = "it shows what is the caller's own";

fn findings(source: &Source) -> Vec<Finding> {
    compile(source).err().unwrap_or_default()
}

fn unguarded(source: &Source) -> Vec<Finding> {
    let all = findings(source).into_iter();
    all.filter(|finding| finding.message.starts_with(MESSAGE))
        .collect()
}

/// The value of a key in a line of a definition.
fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!("{key} = \""))?;
    rest.split('"').next()
}

/// Code and target of each `prove` block, written on one line or as a table.
fn proves(service: &str) -> Vec<(String, String)> {
    let blocks = service.replace("\n\n", "\u{1}");
    let parts = blocks.split(['\u{1}', '\n']);
    let whole: Vec<&str> = blocks.split('\u{1}').chain(parts).collect();
    let mut found: Vec<(String, String)> = whole
        .into_iter()
        .filter(|part| part.contains("kind = \"prove\""))
        .filter(|part| part.matches("kind = ").count() == 1)
        .filter_map(|part| {
            let (_, own) = part.split_once("kind = \"prove\"")?;
            Some((
                value(own, "code")?.to_owned(),
                value(own, "next")?.to_owned(),
            ))
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn every_way_around_a_pin_of_a_shipped_programme_is_found() {
    let mut tried = 0;
    for source in Source::shipped() {
        let service = source.files[SERVICE_FILE].clone();
        assert_eq!(findings(&source), [], "{}", source.folder);
        for (code, next) in proves(&service) {
            for (at, _) in service.match_indices(&format!("next = \"{code}\"")) {
                let mut around = service.clone();
                around.replace_range(at..at + code.len() + 9, &format!("next = \"{next}\" "));
                let found = unguarded(&source.clone().with(SERVICE_FILE, around));
                assert!(!found.is_empty(), "{}: around {code}", source.folder);
                for finding in found {
                    assert!(finding.line.is_some(), "{finding}");
                    assert_eq!(finding.file, SERVICE_FILE);
                    assert!(finding.fix.contains("`check_pin`"), "{finding}");
                }
                tried += 1;
            }
        }
    }
    assert!(tried >= 6, "{tried} ways");
}

const FIELDS: &str = "";
const VALUES: &str = "{ name = \"found\", longest = \"nobody\" }";
const TEXTS: &str = "pin = Your PIN?\nend = { $found }\n";

/// A dialogue that asks a PIN and shows a case; the check leads here when the PIN is wrong.
fn asked(rejected: &str, command: &str) -> Source {
    let blocks = format!(
        r#"
[[blocks]]
kind = "pin"
code = "pin"
ask = {{ text = "pin", next = "check" }}

[[blocks]]
kind = "run"
code = "check"
command = "{command}"
next = "case"
rejected = "{rejected}"

[[blocks]]
kind = "run"
code = "case"
command = "show_case"
event = "visit"
next = "end"

[[blocks]]
kind = "message"
code = "end"
text = "end"
"#
    );
    sketch((FIELDS, VALUES), "pin", &blocks, TEXTS)
}

#[test]
fn a_wrong_pin_and_a_command_that_proves_nothing_open_no_way() {
    assert_eq!(unguarded(&asked("pin", "check_pin")), []);
    assert_eq!(unguarded(&asked("pin", "set_pin")), []);
    let [finding] = unguarded(&asked("case", "check_pin")).try_into().unwrap();
    assert!(finding.place.ends_with("block case"), "{finding}");
    assert_eq!(unguarded(&asked("pin", "reset_pin")).len(), 1);
}
