//! Golden transcripts: played against engine and store over every bearer, compared line by line.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use node_core::dialogue::refusals;
use node_core::programme::definition::Bearer;
use node_core::programme::{self, Programme, Programmes};
use tests::sheets;
use tests::transcript::difference::difference;
use tests::transcript::head::Over;
use tests::transcript::{FOLDER, Transcript, files, play};
use tests::tree;
use tokio::task::JoinSet;

/// Conversations that exist in every language of a programme.
const EVERYWHERE: [(&str, &[&str]); 7] = [
    (
        "maternal-child",
        &[
            "register-shortest",
            "my-status",
            "my-status-not-registered",
            "language-choice",
            "menu-register",
            "menu-my-status",
            "keyword-register",
            "child-day",
        ],
    ),
    ("advisory", &["advisory-join-ask"]),
    ("alerts", &["alerts-report"]),
    ("cash-transfer", &["cash-transfer-decide"]),
    ("learning", &["learning-course"]),
    ("market", &["market-trade"]),
    ("my-data", &["my-data", "my-data-number"]),
];
/// Bearers over which each programme is shown in English.
const BEARERS: [Over; 2] = [Over::Ussd, Over::Sms];

#[tokio::test]
async fn transcripts_come_true_over_every_bearer() {
    let files = files();
    assert!(
        files.len() > EVERYWHERE.len(),
        "the transcripts are missing"
    );
    let programmes = programme::shipped().expect("the shipped programmes compile");
    // All at once: most of the time goes into waiting for the disk.
    let mut plays = JoinSet::new();
    for path in files {
        for over in bearers(&programmes, &path) {
            plays.spawn(wrong(path.clone(), *over));
        }
    }
    let mut found: Vec<String> = plays.join_all().await.into_iter().flatten().collect();
    found.sort();
    assert!(
        found.is_empty(),
        "{}\nrun `cargo golden` if this is meant",
        found.join("\n")
    );
}

/// What is dialled is dialled over every bearer of screens on which its language is offered; what is
/// only texted has one.
fn bearers(programmes: &Programmes, path: &Path) -> &'static [Over] {
    let Ok(Transcript { head, .. }) = Transcript::parse(&tree::text(path)) else {
        return &[Over::Ussd];
    };
    let offered = programmes
        .offered()
        .filter(|programme| head.services.iter().any(|one| one == programme.code()));
    let mut languages = offered.flat_map(Programme::languages);
    let over_http =
        languages.any(|one| one.code == head.language && one.bearers.contains(&Bearer::Http));
    match head.bearer {
        Over::Sms => &[Over::Sms],
        _ if over_http => &[Over::Ussd, Over::Http],
        _ => &[Over::Ussd],
    }
}

/// What playing a transcript changes in it.
async fn wrong(path: PathBuf, over: Over) -> Option<String> {
    let text = tree::text(&path);
    let shown = match Transcript::parse(&text) {
        Ok(transcript) => match play(&transcript, over).await {
            Ok(played) => difference(&text, &played),
            Err(error) => format!("{error:#}\n"),
        },
        Err(error) => format!("{error:#}\n"),
    };
    (!shown.is_empty()).then(|| format!("--- {} over {over:?}\n{shown}", path.display()))
}

#[test]
fn screen_sheets_and_graphs_in_the_docs_are_those_of_the_programmes() {
    let expected = sheets::expected();
    assert!(expected.len() > 3, "no programme has a sheet");
    let stale = sheets::stale(&expected);
    assert!(
        stale.is_empty(),
        "not as the programmes are now: {stale:?}\nrun `cargo golden sheets`"
    );
    // The control: a programme that changed has another sheet.
    let mut changed = expected;
    changed[0].1.push_str("one more line\n");
    assert_eq!(sheets::stale(&changed).len(), 1);
}

#[test]
fn every_language_has_the_main_conversations() {
    let programmes = programme::shipped().expect("the shipped programme compiles");
    let have: BTreeSet<PathBuf> = files().into_iter().collect();
    for programme in programmes.iter() {
        let named = EVERYWHERE
            .iter()
            .find(|(code, _)| *code == programme.code());
        let (_, names) = named.unwrap_or_else(|| panic!("{} has none", programme.code()));
        for language in programme.languages() {
            let forms = &programme.definition().forms;
            let has_word = forms
                .iter()
                .any(|form| form.words.contains_key(&language.code));
            let wanted = names
                .iter()
                .filter(|name| has_word || !name.starts_with("keyword-"));
            for name in wanted {
                let path = PathBuf::from(format!("{FOLDER}/{}/{name}.txt", language.code));
                assert!(have.contains(&path), "{} is missing", path.display());
            }
        }
    }
}

#[test]
fn every_programme_is_shown_on_the_keypad_and_by_sms() {
    let programmes = programme::shipped().expect("the shipped programmes compile");
    let heads: Vec<_> = files()
        .iter()
        .filter(|path| path.starts_with(format!("{FOLDER}/en")))
        .filter_map(|path| Transcript::parse(&tree::text(path)).ok())
        .map(|transcript| transcript.head)
        .collect();
    for programme in programmes.iter() {
        for bearer in BEARERS {
            let shows = |head: &&tests::transcript::head::Head| {
                head.bearer == bearer && head.services.iter().any(|one| one == programme.code())
            };
            let found = heads.iter().any(|head| shows(&head));
            assert!(found, "{} over {bearer:?}", programme.code());
        }
    }
}

#[test]
fn every_refusal_of_every_dialogue_is_in_a_transcript() {
    let programmes = programme::shipped().expect("the shipped programme compiles");
    let texts: Vec<String> = files().iter().map(|path| tree::text(path)).collect();
    let shown = texts.join("\n").replace("\n< ", " ");
    for dialogue in programmes
        .iter()
        .flat_map(|programme| &programme.definition().dialogues)
    {
        for key in refusals(dialogue) {
            let pattern = programmes
                .texts()
                .catalogue("en")
                .expect("English")
                .text(key, &examples());
            let sentence = pattern.unwrap_or_else(|| panic!("{key} has no text"));
            // Up to the first parameter: what follows depends on the question.
            let fixed = sentence.split('\u{1}').next().unwrap_or("");
            assert!(
                shown.contains(fixed),
                "{}: `{fixed}` ({key}) is in no transcript",
                dialogue.code
            );
        }
    }
}

/// A mark for every parameter of a refusal.
fn examples() -> std::collections::BTreeMap<String, String> {
    [
        "min", "max", "limit", "year", "month", "example", "earliest", "latest", "short", "long",
    ]
    .into_iter()
    .map(|name| (name.to_owned(), "\u{1}".to_owned()))
    .collect()
}
