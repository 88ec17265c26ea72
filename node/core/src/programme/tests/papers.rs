//! What a check prints besides findings: ways and their price, the sheet, the picture.

use super::*;

fn priced() -> Source {
    let text = small().files[SERVICE_FILE].replace(
        "sessions_max = 3 }",
        "sessions_max = 3, session_price = 2000, sms_price = 150 }",
    );
    let places = format!(
        "currency = {{ code = \"KES\", decimals = 2 }}\n{}",
        small().files[PLACES_FILE]
    );
    small().with(SERVICE_FILE, text).with(PLACES_FILE, places)
}

#[test]
fn every_way_is_told_with_its_price() {
    let programme = compile(&priced()).unwrap();
    let texts = Texts::shipped().unwrap();
    let ways = programme.ways(&texts);
    let told: Vec<(String, u64)> = ways
        .iter()
        .map(|way| (way.by.join(">"), way.screens))
        .collect();
    assert_eq!(
        told,
        [("note>end".to_owned(), 5), ("fevered".to_owned(), 4)]
    );
    let first = &ways[0];
    let ussd = format!("{}.00 KES", first.sessions * 20);
    assert_eq!(first.ussd_price.as_deref(), Some(ussd.as_str()));
    assert_eq!(first.sms_price.as_deref(), Some("7.50 KES"));
    let unpriced = compile(&small()).unwrap().ways(&texts);
    assert_eq!(unpriced[0].ussd_price, None);
    // The dearest way costs what the check proves.
    let expected = &programme.expectations(&texts)[0];
    let most = |of: fn(&Way) -> u64| ways.iter().map(of).max();
    assert_eq!(most(|way| way.screens), Some(expected.screens));
    assert_eq!(most(|way| way.seconds), Some(expected.seconds));
}

#[test]
fn very_many_ways_are_told_by_their_first_choice_and_end() {
    // Six questions with two choices that lead apart and together again: 64 ways.
    let mut blocks = String::new();
    for step in 0..6 {
        let next = if step == 5 {
            "end".to_owned()
        } else {
            format!("q{}", step + 1)
        };
        let step = format!(
            "\n[[blocks]]\nkind = \"select_one\"\ncode = \"q{step}\"\nask = {{ text = \"ask\", next = \"{next}\" }}\n\
             choices = [{{ code = \"a\", text = \"yes\", next = \"m{step}\" }}, {{ code = \"b\", text = \"no\" }}]\n\
             \n[[blocks]]\nkind = \"message\"\ncode = \"m{step}\"\ntext = \"more\"\nnext = \"{next}\"\n"
        );
        blocks.push_str(&step);
    }
    blocks.push_str("\n[[blocks]]\nkind = \"message\"\ncode = \"end\"\ntext = \"end\"\n");
    let texts = "ask = Which?\nyes = Yes\nno = No\nmore = More.\nend = Bye.\n";
    let programme = compile(&sketch::sketch(("", ""), "q0", &blocks, texts)).unwrap();
    let ways = programme.ways(&Texts::shipped().unwrap());
    let told: Vec<(String, usize)> = ways
        .iter()
        .map(|way| (way.by.join(">"), way.ways))
        .collect();
    assert_eq!(told, [("m0>end".to_owned(), 32), ("q1>end".to_owned(), 32)]);
    assert_eq!(ways[0].screens, 13);
}

#[test]
fn a_sheet_shows_every_screen_and_a_picture_every_block() {
    let texts = Texts::shipped().unwrap();
    for source in Source::shipped() {
        let programme = compile(&source).unwrap();
        let picture = programme.picture();
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
        assert_eq!(picture.matches("<svg").count(), 1);
        for dialogue in &programme.definition().dialogues {
            for block in &dialogue.blocks {
                assert!(
                    picture.contains(&format!(">{}</text>", block.code()))
                        || block.code().len() > 24
                );
            }
        }
        for language in programme.languages() {
            let sheet = programme.sheet(&texts, &language.code);
            let dialogues = programme.definition().dialogues.iter();
            let shown = dialogues
                .flat_map(|one| &one.blocks)
                .filter(|block| block.is_shown());
            for block in shown {
                assert!(
                    sheet.contains(&format!("\n### {}\n", block.code())),
                    "{}",
                    block.code()
                );
            }
            let limit = programme.layout(&language.code).unwrap();
            for screen in sheet.split("```text\n").skip(1) {
                let page = screen.split("\n```").next().unwrap();
                assert!(limit.length(page) <= limit.max, "{page}");
            }
        }
    }
    let titled = replaced(
        &small(),
        "texts/en.ftl",
        "hello = Hello.",
        "hello = A & <B>",
    );
    let picture = compile(&titled).unwrap().picture();
    assert!(!picture.contains("<B>"));
}
