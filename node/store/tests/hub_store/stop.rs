//! STOP in each language: what waits is withdrawn, STOP is confirmed, and nothing leaves after it but
//! what the law asks for, which says so.

use node_core::command::Command;
use node_core::view::{MessageClass, NewMessage, Terms};
use node_store::SqliteStore;

use crate::district::texts;
use crate::network::queue;
use crate::pin::{citizen, does, mother, pin, reset, told};
use crate::world::{WORKER_A, World, claim_messages, phone, sqlite, worker};
use node_core::turn::Claim;

const OWN: &str = "491507";
/// Messages that wait when somebody says STOP; a number gets few reminders a day.
const WAITING: u32 = 3;

/// Language, what its people say, how the confirmation begins.
const SAID: [(&str, &str, &str); 6] = [
    ("en", "Stop. Thank you.", "You get no more messages"),
    ("fr", "Arrêtez, s'il vous plaît.", "Vous ne recevez plus"),
    ("sw", "Acha tafadhali", "Hutapokea tena"),
    ("am", "አቁም", "ከእኛ መልእክት አይመጣም"),
    ("ar", "أوقف من فضلك", "لن تصلك رسائلنا"),
    ("en", "STOP", "You get no more messages"),
];

fn reminder(n: u32, at: u32) -> NewMessage {
    NewMessage {
        cause: format!("reminder:{n}:{at}"),
        to: phone(n),
        text: format!("Please come to the clinic on day {at}."),
        class: MessageClass::Health,
        validity_s: 172_800,
        covers: Vec::new(),
        terms: Terms::default(),
    }
}

/// Texts to a number that leave.
async fn leave(store: &SqliteStore, number: &str, second: i64) -> Vec<String> {
    let claims = claim_messages(store, second).await.into_iter();
    let texts = claims.filter_map(|claim| match claim {
        Claim::Message { to, text, .. } if to == number => Some(text.0),
        _ => None,
    });
    texts.collect()
}

/// Mother `n`, with a bound number, a language and a PIN; her registration number.
async fn known(a: &SqliteStore, n: u32, language: &str, second: i64) -> String {
    let number = mother(a, n, second).await;
    let own = citizen(&phone(n));
    does(a, &own, Command::BindNumber, second + 1)
        .await
        .unwrap();
    let language = language.to_owned();
    let choose = Command::ChooseLanguage { language };
    does(a, &own, choose, second + 2).await.unwrap();
    let teller = worker(WORKER_A, 1);
    let opened = told(a, &teller, reset(&number, Some(OWN)), second + 3).await;
    assert_eq!(opened, "done");
    leave(a, &phone(n), second + 4).await;
    number
}

/// A worker asks to change her number, which the law has us tell the old one.
async fn change(a: &SqliteStore, number: &str, n: u32, second: i64) -> String {
    let ask = Command::AskChange {
        number: number.to_owned(),
        new: format!("+2547117770{n:02}"),
        lost: false,
        pin: pin(OWN),
        code: 0,
    };
    does(a, &worker(WORKER_A, 1), ask, second).await.unwrap();
    let [text] = leave(a, &phone(n), second).await.try_into().unwrap();
    text
}

#[tokio::test]
async fn stop_is_confirmed_in_each_language_and_only_what_the_law_asks_for_follows() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    for (n, (language, said, confirmed)) in (1_u32..).zip(SAID) {
        let second = i64::from(n) * 1_000;
        let number = known(&a, n, language, second).await;
        for at in 0..WAITING {
            queue(&a, reminder(n, at), second + 10).await;
        }
        let answers = texts(&a, &phone(n), said, second + 11).await;
        let [answer] = answers.as_slice() else {
            panic!("{language}: {answers:?}");
        };
        assert!(answer.starts_with(confirmed), "{language}: {answer}");
        assert_eq!(
            leave(&a, &phone(n), second + 12).await,
            [""; 0],
            "{language}"
        );
        let told = change(&a, &number, n, second + 20).await;
        assert!(told.contains("STOP"), "{language}: {told}");
    }
}

/// The control: who says nothing, or something else, gets what waits, and no word of STOP.
#[tokio::test]
async fn who_does_not_say_stop_gets_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    let number = known(&a, 1, "en", 1_000).await;
    for at in 0..WAITING {
        queue(&a, reminder(1, at), 1_010).await;
    }
    let got = texts(&a, &phone(1), "Where does the bus stop?", 1_011).await;
    let reminders = got.iter().filter(|text| text.starts_with("Please come"));
    assert_eq!(
        reminders.count(),
        usize::try_from(WAITING).unwrap(),
        "{got:?}"
    );
    let told = change(&a, &number, 1, 1_020).await;
    assert!(!told.contains("STOP"), "{told}");
}
