//! Questions about a family: days ahead, several of a list, a child for each round of a loop.

use super::walk::{Walk, noon, principal};
use crate::command::{Command, SubjectName};
use crate::person::Field;
use crate::programme::tests::sketch::sketch;
use crate::programme::{Programmes, compile};
use crate::role::Role;

const FIELDS: &str = r#"
{ name = "expected", longest = "28 Sept 2026" },
{ name = "doses", longest = "Penta 1, OPV 1" },
{ name = "count", longest = "2" },
{ name = "name", longest = "Achieng" },
{ name = "sex", longest = "Female" },
{ name = "consent", longest = "yes" },
{ name = "mother", longest = "7294058630" }
"#;
const VALUES: &str = "{ name = \"due\", longest = \"Penta 1\" }, \
                      { name = \"due_count\", longest = \"9\" }";
const BLOCKS: &str = r#"
[[blocks]]
kind = "open"
code = "mother"
ask = { text = "mother", saves = "mother", next = "expected" }
rule = "registration_number"

[[blocks]]
kind = "date"
code = "expected"
ask = { text = "expected", saves = "expected", next = "due" }
years_min = 0
years_max = 0
days_ahead = 300

[[blocks]]
kind = "run"
code = "due"
command = "show_due"
subject = "mother"
with = { schedules = "shots later", days = "7", most = "3" }
next = "doses"

[[blocks]]
kind = "select_many"
code = "doses"
ask = { text = "doses", saves = "doses", next = "count" }
list = { values = "due" }
empty = "count"

[[blocks]]
kind = "numeric"
code = "count"
ask = { text = "count", saves = "count", next = "consent" }
min = 0
max = 2

[[blocks]]
kind = "repeat"
code = "each"
count = "count"
max = 2
first = "name"
next = "end"

[[blocks]]
kind = "open"
code = "name"
ask = { text = "name", saves = "name", next = "sex", zero = { text = "none" } }
rule = "name"

[[blocks]]
kind = "select_one"
code = "sex"
ask = { text = "sex", saves = "sex", next = "child" }
choices = [{ code = "F", text = "female" }, { code = "M", text = "male" }]

[[blocks]]
kind = "select_one"
code = "consent"
ask = { text = "agreement", saves = "consent", next = "each", when = { answer = "due_count", is = "0" } }
choices = [{ code = "yes", text = "yes" }, { code = "no", text = "no" }]

[[blocks]]
kind = "run"
code = "child"
command = "register_child"
subject = "mother"
with = { given_name = "name", sex = "sex", birth_date = "expected" }
next = "each"

[[blocks]]
kind = "message"
code = "end"
text = "end"
"#;
const TEXTS: &str = "mother = Number?\nexpected = Which day?\ndoses = Which?\ncount = How many?\n\
                     name = Name of child { $round }?\nnone = None\nsex = Sex of { $name }?\n\
                     female = Female\nmale = Male\nyes = Yes\nno = No\nend = Kept.\n";
const MOTHER: &str = "7294058630";

fn programmes(blocks: &str) -> Programmes {
    Programmes::load(&[sketch((FIELDS, VALUES), "mother", blocks, TEXTS)]).unwrap()
}

fn named<'a>(programmes: &'a Programmes, due: &[(&str, &str)]) -> Walk<'a> {
    let mut walk = Walk::dial(programmes, &principal(Role::HealthWorker, "en"), noon());
    walk.type_in(MOTHER);
    walk.values = vec![("due_count".to_owned(), due.len().to_string())];
    for (at, (code, line)) in (1..).zip(due) {
        walk.values.push((format!("due_{at}"), (*line).to_owned()));
        walk.values
            .push((format!("due_code_{at}"), (*code).to_owned()));
    }
    walk
}

#[test]
fn a_day_ahead_is_taken_up_to_its_limit_and_a_past_one_is_not() {
    let programmes = programmes(BLOCKS);
    let mut walk = named(&programmes, &[]);
    walk.type_in("14032027");
    let text = walk.text();
    assert!(
        text.starts_with("That is too far ahead. Please type 13032027 or earlier."),
        "{text}"
    );
    walk.type_in("16052026");
    assert!(
        walk.text().starts_with("That is too long ago."),
        "{}",
        walk.text()
    );
    walk.type_in("13032027");
    assert_eq!(walk.session.answers["expected"], "2027-03-13");
    let both = BLOCKS.replace("years_min = 0", "years_min = 1");
    let findings = compile(&sketch((FIELDS, VALUES), "mother", &both, TEXTS)).unwrap_err();
    assert_eq!(findings[0].message, "it must lie both ahead and years back");
}

#[test]
fn several_of_a_list_are_saved_by_their_codes() {
    let programmes = programmes(BLOCKS);
    let mut walk = named(&programmes, &[("penta-1", "Penta 1"), ("opv-1", "OPV 1")]);
    walk.type_in("17052026");
    assert_eq!(walk.text(), "Which?\n1 Penta 1\n2 OPV 1");
    walk.type_in("3");
    assert!(
        walk.text().starts_with("Please type the numbers"),
        "{}",
        walk.text()
    );
    walk.type_in("2 1");
    assert_eq!(walk.session.answers["doses"], "penta-1 opv-1");
    let Some(Command::ShowDue(order)) = walk.commands.first() else {
        panic!("{:?}", walk.commands);
    };
    assert_eq!(order.subject, SubjectName::Number(MOTHER.to_owned()));
    assert_eq!(order.schedules, ["shots", "later"]);
    assert_eq!(
        (order.days, order.most, order.family),
        (Some(7), Some(3), false)
    );
    // An empty list is passed over, and what is no list of values is a finding.
    let mut walk = named(&programmes, &[]);
    walk.type_in("17052026");
    assert_eq!(walk.text(), "How many?");
    for wrong in [
        "list = \"places\"\n",
        "list = { values = \"due\" }\nchoices = []\n",
    ] {
        let blocks = BLOCKS.replace("list = { values = \"due\" }\nempty = \"count\"\n", wrong);
        let findings = compile(&sketch((FIELDS, VALUES), "mother", &blocks, TEXTS)).unwrap_err();
        let found = findings
            .iter()
            .any(|one| one.message.contains("its list is not of values"));
        assert!(found, "{findings:#?}");
    }
}

#[test]
fn each_round_registers_its_own_child_and_an_old_answer_is_no_consent() {
    let programmes = programmes(BLOCKS);
    for (due, agreed) in [(vec![], true), (vec![("bcg", "BCG")], false)] {
        let mut walk = named(&programmes, &due);
        walk.type_in("17052026");
        if !agreed {
            walk.type_in("1");
            // What somebody else said before on this phone.
            let old = ("consent".to_owned(), "yes".to_owned());
            walk.session.answers.extend([old]);
        }
        walk.type_in("2");
        if agreed {
            walk.type_in("1");
        }
        walk.type_all(&["Juma", "2", "0", "1"]);
        assert_eq!(walk.text(), "Kept.");
        let children = walk.commands.iter().filter_map(|command| match command {
            Command::RegisterChild { child, consent, .. } => Some((child, consent)),
            _ => None,
        });
        let children: Vec<_> = children.collect();
        let names: Vec<_> = children
            .iter()
            .map(|(one, _)| one.get(Field::GivenName))
            .collect();
        assert_eq!(names, [Some("Juma"), None]);
        let sexes: Vec<_> = children
            .iter()
            .map(|(one, _)| one.get(Field::Sex))
            .collect();
        assert_eq!(sexes, [Some("M"), Some("F")]);
        assert!(
            children
                .iter()
                .all(|(_, consent)| consent.is_some() == agreed)
        );
    }
}
