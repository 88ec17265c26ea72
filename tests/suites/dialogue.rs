//! Bad input through the whole stack, engine and store: random keys, texts that no question takes,
//! steps that a gateway sends again. Each gets a sentence, has one effect at most, and nothing ends.

mod dialogue {
    pub(crate) mod screens;
    pub(crate) mod walker;
}

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use channels_core::{LinkName, Msisdn, UssdOp};
use node_core::contact::{Contact, ContactAnswer, Moment};
use node_core::dialogue::refusals;
use node_core::programme::{self, Programmes};
use node_core::query::Counts;
use node_core::role::Role;
use sync_core::ClockQuality;
use tests::transcript::exchange::{Exchange, Phone, Site};
use tests::transcript::head::Over;
use tokio::task::JoinSet;

use dialogue::screens::Screens;
use dialogue::walker::{Seen, walk};

/// Keys pressed by all walkers together.
const PRESSES: usize = 16_200;
/// Phones at once, so that their commits share flushes: six workers, two strangers, a mother.
const PHONES: usize = 9;
/// Seed of the random keys.
const SEED: u64 = 20_260_314;
/// Parts of the screens that must be visited, in percent.
const SCREENS_PERCENT_MIN: usize = 90;

fn moment() -> Moment {
    let at = "2026-03-14T09:00:00Z".parse().expect("a moment");
    Moment {
        at,
        quality: ClockQuality::Ntp,
    }
}

fn number(index: usize) -> Msisdn {
    Msisdn::parse(&format!("+25677000{index:04}")).expect("a number")
}

fn shipped() -> Programmes {
    programme::usual().expect("the shipped programme compiles")
}

fn site() -> Site {
    Site {
        language: "en".to_owned(),
        ..Site::default()
    }
}

async fn exchange() -> Exchange {
    Exchange::open(&site(), moment()).await.expect("a store")
}

async fn worker(exchange: &Exchange, index: usize) -> Phone {
    exchange
        .grant(&number(index), Role::HealthWorker)
        .await
        .expect("a grant");
    Phone::new(number(index), Over::Ussd)
}

/// The phone of a mother whom its worker registered, and who said that it is hers.
async fn mother(exchange: &Exchange, index: usize) -> Phone {
    let (staff, phone) = (
        worker(exchange, index - 1).await,
        Phone::new(number(index), Over::Ussd),
    );
    let form = format!(
        "REG Achieng, Nyambura{}, 1994, {}, Kibo, 0, yes, Baraka, F, 14032026, 2",
        "a".repeat(index),
        number(index).to_e164()
    );
    for contact in [staff.texts(&form), phone.texts("1")] {
        exchange.contact(contact).await.expect("a text is taken");
    }
    phone
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_keys_reach_the_screens_and_every_refusal() {
    println!("seed {SEED}");
    let exchange = std::sync::Arc::new(exchange().await);
    let mut walkers = JoinSet::new();
    for index in 0..PHONES {
        let phone = match index {
            3 | 8 => Phone::new(number(index), Over::Ussd),
            7 => mother(&exchange, index).await,
            _ => worker(&exchange, index).await,
        };
        let seed = SEED + u64::try_from(index).expect("small");
        walkers.spawn(walk(
            std::sync::Arc::clone(&exchange),
            phone,
            seed,
            PRESSES / PHONES,
        ));
    }
    let mut seen = Seen::default();
    for walked in walkers.join_all().await {
        seen.add(walked.expect("no step fails"));
    }
    assert_eq!(seen.presses, PRESSES);
    let counts = effects(&exchange).await;
    println!(
        "{} presses, {} registrations, {} retries",
        seen.presses, counts.registrations, seen.retries
    );
    let saved = u64::try_from(seen.registered.len()).expect("small");
    assert_eq!(
        counts.registrations,
        saved + 1,
        "each shown registration is there once, beside the one by SMS"
    );
    assert!(saved > 20, "only {saved} registrations");
    check_coverage(&shipped(), &seen);
}

fn check_coverage(programmes: &Programmes, seen: &Seen) {
    let screens = Screens::of(programmes);
    let missed: Vec<&String> = screens
        .names()
        .filter(|name| !seen.screens.contains(*name))
        .collect();
    let all = screens.names().count();
    let visited = all - missed.len();
    println!("{visited} of {all} screens visited, missed: {missed:?}");
    assert!(
        visited * 100 >= all * SCREENS_PERCENT_MIN,
        "only {visited} of {all} screens"
    );
    let wanted: BTreeSet<&str> = programmes
        .iter()
        .flat_map(|programme| &programme.definition().dialogues)
        .flat_map(refusals)
        .collect();
    println!(
        "{} of {} refusals shown",
        wanted
            .iter()
            .filter(|key| seen.refusals.contains(**key))
            .count(),
        wanted.len()
    );
    let unseen: Vec<&&str> = wanted
        .iter()
        .filter(|key| !seen.refusals.contains(**key))
        .collect();
    assert!(unseen.is_empty(), "refusals that nobody saw: {unseen:?}");
}

/// A conversation up to its newest screen.
async fn typed(exchange: &Exchange, phone: &mut Phone, texts: &[&str]) -> String {
    let mut screen = String::new();
    for text in texts {
        screen = shown(exchange.contact(phone.types(text)).await);
    }
    screen
}

fn shown(answer: Result<ContactAnswer>) -> String {
    match answer.expect("the step is committed") {
        ContactAnswer::Screen { text, .. } => text,
        ContactAnswer::Done => panic!("a step without a screen"),
    }
}

/// What a refused input may not change.
async fn effects(exchange: &Exchange) -> Counts {
    exchange.counts().await.expect("counts")
}

const TO_BIRTH: [&str; 4] = ["*384*7#", "1", "Achieng", "Nyambura"];
const TO_SUMMARY: [&str; 13] = [
    "*384*7#", "1", "Achieng", "Nyambura", "1994", "0", "1", "0", "1", "0", "1", "1", "1",
];

/// Types wrong texts at one question; each must be answered by the sentence and the question.
async fn check_refused(path: &[&str], question: &str, sentence: &str, wrong: &[&str]) {
    let exchange = exchange().await;
    let mut phone = worker(&exchange, 0).await;
    let before = effects(&exchange).await;
    let asked = typed(&exchange, &mut phone, path).await;
    assert!(asked.contains(question), "{asked}");
    for text in wrong {
        let screen = typed(&exchange, &mut phone, &[text]).await;
        assert!(
            screen.starts_with(sentence),
            "{text:?} was answered with {screen:?}"
        );
        assert!(
            screen.contains(question),
            "{text:?} lost the question: {screen:?}"
        );
    }
    assert_eq!(
        effects(&exchange).await,
        before,
        "a refused input had an effect"
    );
}

#[tokio::test]
async fn wrong_dates_hear_how_a_date_is_typed() {
    let wrong = [
        "31021994",
        "00011994",
        "01131994",
        "1994-13-01",
        "1",
        "199",
        "19945",
        "yesterday",
        "99",
        "1994.5",
        "",
        " ",
    ];
    check_refused(
        &TO_BIRTH,
        "Mother's birth",
        "Please type a year like 1994",
        &wrong,
    )
    .await;
    check_refused(
        &TO_BIRTH,
        "Mother's birth",
        "That is too recent",
        &["2025", "14032026"],
    )
    .await;
    check_refused(
        &TO_BIRTH,
        "Mother's birth",
        "That is too long ago",
        &["1900", "01011930"],
    )
    .await;
}

#[tokio::test]
async fn empty_and_odd_names_hear_what_a_name_is() {
    let wrong = [
        "",
        " ",
        "\t",
        "1",
        "Anna1",
        "Anna;",
        "''",
        "--",
        "\u{202e}anna",
        "A\u{0}B",
        "😀",
        "<b>",
    ];
    check_refused(
        &TO_BIRTH[..2],
        "Mother's first name?",
        "Please type a name",
        &wrong,
    )
    .await;
}

#[tokio::test]
async fn texts_of_five_kilobytes_are_refused_at_every_question() {
    let long = "Achieng ".repeat(640);
    let digits = "9".repeat(5_120);
    for end in 1..=TO_SUMMARY.len() {
        let exchange = exchange().await;
        let mut phone = worker(&exchange, 0).await;
        let asked = typed(&exchange, &mut phone, &TO_SUMMARY[..end]).await;
        for text in [long.as_str(), digits.as_str()] {
            let screen = typed(&exchange, &mut phone, &[text]).await;
            let (sentence, question) = screen
                .split_once('\n')
                .expect("a sentence and the question");
            assert!(sentence.ends_with('.'), "{sentence}");
            let whole = asked.lines().next().expect("a line");
            assert!(question.contains(whole), "{screen:?} lost {whole:?}");
        }
    }
}

#[tokio::test]
async fn unknown_codes_and_callers_are_answered_with_a_screen() {
    let exchange = exchange().await;
    for (index, code) in ["*999#", "#", "*#", "*384*7*1*2*3#", "**", ""]
        .into_iter()
        .enumerate()
    {
        let contact = Contact::Ussd {
            link: LinkName("operator-a".to_owned()),
            session: index.to_string(),
            from: number(100 + index),
            code: String::new(),
            op: UssdOp::Begin,
            text: code.to_owned(),
            step: None,
            screen_taken: true,
            limits: Over::Ussd.limits(),
        };
        let screen = shown(exchange.contact(contact).await);
        assert!(
            screen.starts_with("Language - Langue - Lugha"),
            "{code}: {screen}"
        );
    }
    assert_eq!(effects(&exchange).await.registrations, 0);
}

#[tokio::test]
async fn a_step_without_a_beginning_opens_a_conversation() {
    let exchange = exchange().await;
    let mut phone = worker(&exchange, 0).await;
    let screen = typed(&exchange, &mut phone, &["7"]).await;
    assert!(screen.starts_with("Mother and child"), "{screen}");
}

#[tokio::test]
async fn each_step_sent_three_times_has_one_effect_and_one_answer() {
    let exchange = exchange().await;
    let mut phone = worker(&exchange, 0).await;
    let mut answers: BTreeMap<usize, String> = BTreeMap::new();
    for (index, text) in TO_SUMMARY.iter().chain(&["1"]).enumerate() {
        let step = phone.types(text);
        let first = shown(exchange.contact(step.clone()).await);
        for _ in 0..2 {
            let again = shown(exchange.contact(step.clone()).await);
            assert_eq!(again, first, "step {index} was answered anew");
        }
        answers.insert(index, first);
    }
    let last = answers.into_values().next_back().expect("an answer");
    assert!(last.starts_with("Registered"), "{last}");
    let counts = effects(&exchange).await;
    assert_eq!((counts.registrations, counts.persons), (1, 2));
}

#[tokio::test]
async fn steps_of_a_replaced_session_are_told_to_dial_again() {
    let exchange = exchange().await;
    let mut phone = worker(&exchange, 0).await;
    typed(&exchange, &mut phone, &TO_SUMMARY).await;
    let mut late = phone.clone();
    typed(&exchange, &mut phone, &["*384*7#", "1"]).await;
    let screen = shown(exchange.contact(late.types("1")).await);
    assert_eq!(screen, "This conversation has ended. Please dial again.");
    assert_eq!(effects(&exchange).await.registrations, 0);
    let screen = typed(&exchange, &mut phone, &["1"]).await;
    assert!(
        screen.starts_with("Registered"),
        "the newer session goes on: {screen}"
    );
}
