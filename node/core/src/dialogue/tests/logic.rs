//! Skipped questions, calculated values, loops, sub-dialogues, wordings of a bearer.

use super::walk::{Walk, noon, principal};
use crate::contact::SMS_CHANNEL;
use crate::programme::tests::sketch::sketch;
use crate::programme::{Programmes, SERVICE_FILE, Source, compile};
use crate::role::Role;

fn walk(programmes: &Programmes) -> Walk<'_> {
    Walk::dial(programmes, &principal(Role::HealthWorker, "en"), noon())
}

fn fields(names: &[&str]) -> String {
    let all = names.iter();
    let all = all.map(|name| format!("{{ name = \"{name}\", longest = \"30 Sept 2026\" }}"));
    all.collect::<Vec<_>>().join(", ")
}

fn number(code: &str, rest: &str) -> String {
    format!(
        "\n[[blocks]]\nkind = \"numeric\"\ncode = \"{code}\"\n\
         ask = {{ text = \"{code}\", saves = \"{code}\", {rest} }}\nmin = 0\nmax = 999\n"
    )
}

fn message(code: &str) -> String {
    format!("\n[[blocks]]\nkind = \"message\"\ncode = \"{code}\"\ntext = \"{code}\"\n")
}

#[test]
fn a_question_is_asked_only_when_its_condition_holds() {
    for (condition, asked_for) in [
        ("{ answer = \"age\", is = \"17\" }", vec!["17"]),
        ("{ answer = \"age\", less = \"18\" }", vec!["0", "9", "17"]),
        ("{ answer = \"age\", more = \"17\" }", vec!["18", "100"]),
        (
            "{ answer = \"age\", one_of = [\"18\", \"9\"] }",
            vec!["9", "18"],
        ),
        (
            "{ not = { answer = \"age\", less = \"18\" } }",
            vec!["18", "100"],
        ),
        (
            "{ all = [{ answer = \"age\", more = \"8\" }, { answer = \"age\", less = \"18\" }] }",
            vec!["9", "17"],
        ),
        (
            "{ any = [{ answer = \"age\", is = \"0\" }, { answer = \"age\", is = \"100\" }] }",
            vec!["0", "100"],
        ),
        ("{ answer = \"other\", given = true }", vec![]),
        ("{ answer = \"other\", less = \"5\" }", vec![]),
        ("{ answer = \"age\", more = \"$other\" }", vec![]),
    ] {
        let blocks = number("age", "next = \"other\"")
            + &number("other", &format!("next = \"end\", when = {condition}"))
            + &message("end");
        let texts = "age = Age?\nother = Other?\nend = Bye.\n";
        let source = sketch((&fields(&["age", "other"]), ""), "age", &blocks, texts);
        let programmes = Programmes::load(&[source]).unwrap();
        for typed in ["0", "9", "17", "18", "100"] {
            let mut walk = walk(&programmes);
            walk.type_in(typed);
            let is_asked = walk.text().starts_with("Other?");
            assert_eq!(
                is_asked,
                asked_for.contains(&typed),
                "{condition} at {typed}"
            );
        }
    }
}

#[test]
fn an_answer_that_is_skipped_now_is_forgotten() {
    let blocks = number("age", "next = \"other\"")
        + &number(
            "other",
            "next = \"again\", when = { answer = \"age\", less = \"18\" }",
        )
        + &number("again", "next = \"end\"")
        + &message("end");
    let texts = "age = Age?\nother = Other?\nagain = Again?\nend = Bye.\n";
    let source = sketch(
        (&fields(&["age", "other", "again"]), ""),
        "age",
        &blocks,
        texts,
    );
    let programmes = Programmes::load(&[source]).unwrap();
    let mut walk = walk(&programmes);
    walk.type_all(&["5", "7"]);
    assert!(walk.session.answers.contains_key("other"));
    walk.type_all(&["00", "00", "30"]);
    assert!(walk.text().starts_with("Again?"), "{}", walk.text());
    assert!(!walk.session.answers.contains_key("other"));
}

/// What the last screen shows of a formula, for a birth day and a number that are typed.
fn check_formula(formula: &str, [born, typed]: [&str; 2], expected: &str) {
    let blocks = format!(
        "\n[[blocks]]\nkind = \"date\"\ncode = \"born\"\n\
         ask = {{ text = \"born\", saves = \"born\", next = \"number\" }}\nyears_min = 0\nyears_max = 90\n\
         {}\n[[blocks]]\nkind = \"calculate\"\ncode = \"calc\"\nsaves = \"result\"\nvalue = {formula}\nnext = \"end\"\n{}{}",
        number("number", "next = \"calc\""),
        message("end").replace("text = \"end\"\n", "text = \"end\"\nnext = \"last\"\n"),
        message("last"),
    );
    let texts = "born = Born?\nnumber = Number?\nend = It is { $result }\nlast = Bye.\n";
    let names = fields(&["born", "number", "result"]);
    let programmes = Programmes::load(&[sketch((&names, ""), "born", &blocks, texts)]).unwrap();
    let mut walk = walk(&programmes);
    walk.type_all(&[born, typed]);
    let shown = format!("It is {expected}\n");
    assert!(
        walk.text().starts_with(&shown),
        "{formula}: {}",
        walk.text()
    );
}

#[test]
fn values_are_calculated_from_answers_and_today() {
    // Today is 17 May 2026.
    let age = |unit: &str| format!("{{ age = {{ of = \"born\", in = \"{unit}\" }} }}");
    check_formula(&age("years"), ["18051994", "1"], "31");
    check_formula(&age("years"), ["17051994", "1"], "32");
    check_formula(&age("months"), ["16042026", "1"], "1");
    check_formula(&age("weeks"), ["01052026", "1"], "2");
    check_formula(&age("days"), ["16052026", "1"], "1");
    let after = "{ days_after = { of = \"born\", days = 280 } }";
    check_formula(after, ["01012026", "1"], "8 Oct 2026");
    check_formula(
        "{ sum = [\"number\", \"number\", \"10\"] }",
        ["01012026", "7"],
        "24",
    );
    check_formula(
        "{ difference = [\"number\", \"10\"] }",
        ["01012026", "7"],
        "-3",
    );
    let between = "{ between = { from = \"born\", to = \"born\", in = \"days\" } }";
    check_formula(between, ["01012026", "7"], "0");
}

/// Asks for the name and age of each child.
fn children() -> Source {
    let blocks = number("count", "next = \"loop\"")
        + "\n[[blocks]]\nkind = \"repeat\"\ncode = \"loop\"\ncount = \"count\"\nmax = 3\nfirst = \"name\"\nnext = \"end\"\n\
           \n[[blocks]]\nkind = \"open\"\ncode = \"name\"\nask = { text = \"name\", saves = \"name\", next = \"age\" }\nrule = \"name\"\n"
        + &number(
            "age",
            "next = \"loop\", when = { answer = \"name\", is = \"Amina\" }",
        )
        + &message("end");
    let texts = "count = How many?\nname = Name of child { $round }?\nage = Age of { $name }?\nend = Bye.\n";
    sketch(
        (&fields(&["count", "name", "age"]), ""),
        "count",
        &blocks,
        texts,
    )
}

#[test]
fn a_loop_asks_for_each_and_numbers_the_answers() {
    let programmes = Programmes::load(&[children()]).unwrap();
    let mut walk = walk(&programmes);
    walk.type_in("2");
    assert_eq!(walk.checked_text(), "Name of child 1?\n00 Back");
    walk.type_in("Amina");
    assert_eq!(walk.checked_text(), "Age of Amina?\n00 Back");
    walk.type_in("4");
    assert_eq!(walk.checked_text(), "Name of child 2?\n00 Back");
    walk.type_in("00");
    assert_eq!(
        walk.checked_text(),
        "Age of Amina?\n00 Back",
        "back into the round before"
    );
    walk.type_in("5");
    let answers = &walk.session.answers;
    assert_eq!(
        (answers["name_1"].as_str(), answers["age_1"].as_str()),
        ("Amina", "5")
    );
    walk.type_in("Juma");
    assert_eq!(walk.text(), "Bye.");
    let mut none = self::walk(&programmes);
    none.type_in("0");
    assert_eq!(none.text(), "Bye.");
}

/// A dialogue that finds a person, called from two places.
fn with_call(sub_audience: &str, sub_end: &str) -> Source {
    let blocks = number("count", "next = \"first\"")
        + "\n[[blocks]]\nkind = \"call\"\ncode = \"first\"\ndialogue = \"find\"\nnext = \"second\"\n\
           \n[[blocks]]\nkind = \"call\"\ncode = \"second\"\ndialogue = \"find\"\nnext = \"end\"\n"
        + &message("end");
    let texts = "count = How many?\nwho = Who?\nend = Bye.\n";
    let source = sketch((&fields(&["count", "who"]), ""), "count", &blocks, texts);
    let sub = format!(
        "\n[[dialogues]]\ncode = \"find\"\naudience = [{sub_audience}]\nstart = \"who\"\n{}{sub_end}",
        number("who", "next = \"back\"")
    )
    .replace("[[blocks]]", "[[dialogues.blocks]]");
    let text = format!("{}{sub}", source.files[SERVICE_FILE]);
    source.with(SERVICE_FILE, text)
}

const RETURN: &str = "\n[[blocks]]\nkind = \"return\"\ncode = \"back\"\n";

#[test]
fn a_sub_dialogue_returns_to_where_it_was_called() {
    let programmes = Programmes::load(&[with_call("", RETURN)]).unwrap();
    let mut walk = walk(&programmes);
    walk.type_all(&["1"]);
    assert_eq!(walk.session.block(), "first/who");
    walk.type_in("2");
    assert_eq!(walk.session.block(), "second/who");
    walk.type_in("00");
    assert_eq!(walk.session.block(), "first/who");
    walk.type_all(&["2", "3"]);
    assert_eq!(walk.text(), "Bye.");
}

fn found(source: &Source, message: &str) {
    let findings = compile(source).unwrap_err();
    let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(
        texts.iter().any(|one| one.contains(message)),
        "{message}: {texts:#?}"
    );
}

#[test]
fn what_calls_and_loops_cannot_mean_is_found() {
    found(
        &with_call("\"citizen\"", RETURN),
        "nobody called this dialogue",
    );
    let itself =
        "\n[[blocks]]\nkind = \"call\"\ncode = \"back\"\ndialogue = \"find\"\nnext = \"who\"\n";
    found(&with_call("", itself), "call each other more than 4 deep");
    let text = &children().files[SERVICE_FILE];
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from));
        children().with(SERVICE_FILE, text.replace(from, to))
    };
    found(&changed("max = 3", "max = 10"), "has too many rounds");
    found(&changed("max = 3", "max = 0"), "has too many rounds");
    found(
        &changed("code = \"age\"", "code = \"a/ge\""),
        "has / or # in it",
    );
    found(
        &changed(
            "{ answer = \"name\", is = \"Amina\" }",
            "{ answer = \"name\" }",
        ),
        "says nothing of it",
    );
    found(
        &changed(
            "{ answer = \"name\", is = \"Amina\" }",
            "{ is = \"Amina\" }",
        ),
        "names no answer",
    );
    found(
        &changed("{ answer = \"name\", is", "{ answer = \"nam\", is"),
        "nam is neither",
    );
    let uncalled = with_call("", RETURN);
    let text = uncalled.files[SERVICE_FILE].replace("dialogue = \"find\"", "dialogue = \"fund\"");
    found(
        &uncalled.clone().with(SERVICE_FILE, text.clone()),
        "it calls fund, which does not exist",
    );
    found(
        &uncalled.with(SERVICE_FILE, text),
        "nobody gets it and nothing calls it",
    );
}

#[test]
fn a_text_may_have_a_wording_for_sms() {
    let blocks = number("age", "next = \"end\"") + &message("end");
    let texts = "age = Age?\nage-sms = Please send the age.\nend = Bye.\n";
    let source = sketch((&fields(&["age"]), ""), "age", &blocks, texts);
    let programmes = Programmes::load(std::slice::from_ref(&source)).unwrap();
    assert_eq!(walk(&programmes).text(), "Age?");
    let mut texter = principal(Role::HealthWorker, "en");
    SMS_CHANNEL.clone_into(&mut texter.channel);
    let by_sms = Walk::dial(&programmes, &texter, noon());
    assert_eq!(by_sms.text(), "Please send the age.");
    let texts = texts.replace("the age", &"the age of this person ".repeat(9));
    let long = sketch((&fields(&["age"]), ""), "age", &blocks, &texts);
    found(&long, "its screen needs 2 pages");
    let texts = texts.replace("age-sms", "old-sms");
    found(
        &sketch((&fields(&["age"]), ""), "age", &blocks, &texts),
        "no block shows this text",
    );
}
