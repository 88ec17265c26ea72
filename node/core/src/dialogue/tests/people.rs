//! Looking for people out of a programme, and asking whether somebody is already known.

use super::walk::{Walk, noon, principal};
use crate::command::{Command, Whose};
use crate::duplicate::find::Question;
use crate::person::Field;
use crate::programme::tests::sketch::sketch;
use crate::programme::{Programmes, Source, compile};
use crate::role::Role;

const FIELDS: &str = "{ name = \"person_family_name\", longest = \"Nyambura\" }, \
                      { name = \"born\", longest = \"28 June 1994\" }, \
                      { name = \"chosen\", longest = \"A.N., woman, 1994, Kibo\" }";
const VALUES: &str = "{ name = \"found\", longest = \"A.N., woman, 1994, Kibo\" }, \
                      { name = \"found_count\", longest = \"3\" }, \
                      { name = \"known_person_count\", longest = \"3\" }, \
                      { name = \"known_person\", longest = \"A.N., woman, 1994, Kibo\" }, \
                      { name = \"person\", longest = \"7294058630\" }";
const BLOCKS: &str = r#"
[[blocks]]
kind = "open"
code = "name"
ask = { text = "name", saves = "person_family_name", next = "born" }
rule = "name"

[[blocks]]
kind = "date"
code = "born"
ask = { text = "born", saves = "born", next = "find" }
year = true
years_min = 0
years_max = 90

[[blocks]]
kind = "run"
code = "find"
command = "find_person"
with = { name = "person_family_name", year = "born" }
next = "found"

[[blocks]]
kind = "select_one"
code = "found"
ask = { text = "found", saves = "chosen", next = "end" }
list = { values = "found" }
empty = "check"

[[blocks]]
kind = "run"
code = "check"
command = "check_known"
with = { who = "person" }
next = "known"

[[blocks]]
kind = "select_one"
code = "known"
ask = { text = "known", saves = "chosen", next = "end", zero = { text = "new", next = "end" } }
list = { values = "known_person" }
empty = "end"

[[blocks]]
kind = "message"
code = "end"
text = "end"
"#;
const TEXTS: &str = "name = Name?\nborn = Year?\nfound = Which?\nknown = Already known?\n\
                     new = New person\nend = Done.\n";

fn source(blocks: &str) -> Source {
    sketch((FIELDS, VALUES), "name", blocks, TEXTS)
}

fn values(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn a_programme_finds_people_and_asks_whether_one_is_known() {
    let programmes = Programmes::load(&[source(BLOCKS)]).unwrap();
    let mut walk = Walk::dial(&programmes, &principal(Role::HealthWorker, "en"), noon());
    walk.type_in("Nyambura");
    walk.values = values(&[("found_count", "0")]);
    walk.type_in("1994");
    let question = Question {
        name: Some("Nyambura".to_owned()),
        year: Some(1994),
        ..Question::default()
    };
    assert_eq!(walk.commands.first(), Some(&Command::FindPerson(question)));
    let Some(Command::CheckKnown {
        whose,
        person,
        mother,
    }) = walk.checks.first()
    else {
        panic!("{:?}", walk.checks);
    };
    assert_eq!((*whose, mother), (Whose::Person, &None));
    assert_eq!(person.get(Field::FamilyName), Some("Nyambura"));
}

#[test]
fn a_check_of_nobody_is_found_before_use() {
    let findings = compile(&source(
        &BLOCKS.replace("with = { who = \"person\" }\n", ""),
    ));
    let findings = findings.unwrap_err();
    let missing = findings
        .iter()
        .any(|one| one.message.contains("the parameter who is missing"));
    assert!(missing, "{findings:#?}");
}
