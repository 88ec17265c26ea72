//! USSD and SMS contacts: retries, late calls, cuts, and the whole registration by keypad.

use channels_core::{Address, Msisdn, UssdOp};
use node_core::contact::{BearerLimits, Contact, ContactAnswer};
use node_core::turn::{Committed, Turn};
use node_store::HubStore;

use crate::world::{WORKER_A, World, at, counts, link, sqlite};

struct Phone<'a, S> {
    store: &'a S,
    number: &'a str,
    session: &'a str,
    screen_taken: bool,
}

impl<S: HubStore> Phone<'_, S> {
    async fn send(
        &self,
        op: UssdOp,
        text: &str,
        step: Option<&str>,
        second: i64,
    ) -> (String, bool) {
        let contact = Contact::Ussd {
            link: link(),
            session: self.session.to_owned(),
            from: Msisdn::parse(self.number).unwrap(),
            code: String::new(),
            op,
            text: text.to_owned(),
            step: step.map(str::to_owned),
            screen_taken: self.screen_taken,
            limits: BearerLimits {
                gsm7: 182,
                ucs2: 80,
            },
        };
        match self
            .store
            .commit(Turn::Contact(contact), at(second))
            .await
            .unwrap()
        {
            Committed::Contact(ContactAnswer::Screen { text, end }) => (text, end),
            Committed::Contact(ContactAnswer::Done) => (String::new(), true),
            other => panic!("no answer: {other:?}"),
        }
    }
}

/// The first screen that a number gets.
pub(crate) async fn dial<S: HubStore>(store: &S, number: &str, second: i64) -> String {
    let phone = Phone {
        store,
        number,
        session: "dial",
        screen_taken: true,
    };
    phone.send(UssdOp::Begin, "", Some("0"), second).await.0
}

async fn sms<S: HubStore>(store: &S, from: &str, text: &str, sent: Option<i64>, second: i64) {
    let contact = Contact::Sms {
        link: link(),
        from: Address::parse(from).unwrap(),
        text: text.to_owned(),
        sent: sent.map(|second| at(second).at),
    };
    let committed = store
        .commit(Turn::Contact(contact), at(second))
        .await
        .unwrap();
    assert_eq!(committed, Committed::Contact(ContactAnswer::Done));
}

#[tokio::test]
async fn a_named_step_again_gets_the_same_screen_and_has_one_effect() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    named_retry(&world).await;
}

async fn named_retry<S: HubStore>(world: &World<S>) {
    let phone = Phone {
        store: &world.a,
        number: WORKER_A,
        session: "s1",
        screen_taken: true,
    };
    let first = phone.send(UssdOp::Begin, "", Some("0"), 10).await;
    assert_eq!(phone.send(UssdOp::Begin, "", Some("0"), 11).await, first);
    let second = phone.send(UssdOp::Continue, "1", Some("1"), 12).await;
    assert_ne!(second.0, first.0);
    assert_eq!(
        phone.send(UssdOp::Continue, "1", Some("1"), 13).await,
        second
    );
    // An older step again: the current screen, no effect.
    assert_eq!(phone.send(UssdOp::Begin, "", Some("0"), 14).await, second);
    let third = phone.send(UssdOp::Continue, "1", Some("1*1"), 15).await;
    assert_ne!(third, second);
}

#[tokio::test]
async fn a_session_name_given_again_by_the_gateway_opens_a_new_call() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let phone = Phone {
        store: &world.a,
        number: WORKER_A,
        session: "1",
        screen_taken: true,
    };
    let menu = phone.send(UssdOp::Begin, "", Some("0"), 10).await;
    phone.send(UssdOp::Continue, "1", Some("1"), 11).await;
    let family_name = phone.send(UssdOp::Continue, "Akello", Some("2"), 12).await;
    // The call was cut. The same name and the same counts are another call, whose steps count.
    let asked = phone.send(UssdOp::Begin, "", Some("0"), 60).await;
    assert_ne!(asked, family_name);
    assert_eq!(
        phone.send(UssdOp::Continue, "1", Some("1"), 61).await,
        family_name
    );
    // A call that has ended is over at once, however soon the next one comes.
    phone.send(UssdOp::Abort, "", None, 62).await;
    assert_eq!(phone.send(UssdOp::Begin, "", Some("0"), 63).await, asked);
    phone.send(UssdOp::Continue, "2", Some("1"), 64).await;
    let (_, end) = phone.send(UssdOp::Continue, "0", Some("2"), 65).await;
    assert!(end);
    assert_eq!(phone.send(UssdOp::Begin, "", Some("0"), 66).await, menu);
}

#[tokio::test]
async fn a_nameless_step_is_a_retry_until_its_screen_was_taken() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let phone = Phone {
        store: &world.a,
        number: WORKER_A,
        session: "s1",
        screen_taken: true,
    };
    let lost = Phone {
        screen_taken: false,
        ..phone
    };
    let first = lost.send(UssdOp::Begin, "", None, 10).await;
    assert_eq!(lost.send(UssdOp::Begin, "", None, 130).await, first);
    let second = phone.send(UssdOp::Continue, "1", None, 131).await;
    // The gateway repeats for minutes, and another step in between is none of its repeats.
    assert_eq!(lost.send(UssdOp::Continue, "1", None, 400).await, second);
    // The person read the screen and types the same digit: it is an answer.
    let third = phone.send(UssdOp::Continue, "1", None, 401).await;
    assert_ne!(third, second);
    let fourth = lost.send(UssdOp::Continue, "Akello", None, 402).await;
    assert_ne!(fourth, third);
    // Nobody repeats after so long a time.
    let (text, _) = lost.send(UssdOp::Continue, "Akello", None, 1_003).await;
    assert_ne!(text, fourth.0);
}

#[tokio::test]
async fn a_nameless_repeat_of_the_last_answer_gets_the_last_screen_again() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let phone = Phone {
        store: &world.a,
        number: WORKER_A,
        session: "s1",
        screen_taken: false,
    };
    phone.send(UssdOp::Begin, "", None, 10).await;
    let last = phone.send(UssdOp::Continue, "0", None, 11).await;
    assert!(last.1, "a session that ended");
    assert_eq!(phone.send(UssdOp::Continue, "0", None, 12).await, last);
    let seen = Phone {
        screen_taken: true,
        ..phone
    };
    assert_ne!(seen.send(UssdOp::Continue, "0", None, 13).await.0, last.0);
}

#[tokio::test]
async fn a_late_call_of_a_replaced_session_crosses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let old = Phone {
        store: &world.a,
        number: WORKER_A,
        session: "s1",
        screen_taken: true,
    };
    let new = Phone {
        store: &world.a,
        number: WORKER_A,
        session: "s2",
        screen_taken: true,
    };
    old.send(UssdOp::Begin, "", Some("0"), 10).await;
    old.send(UssdOp::Continue, "1", Some("1"), 11).await;
    let resumed = new.send(UssdOp::Begin, "", Some("0"), 20).await;
    assert!(
        resumed.0.starts_with("Continue where you stopped"),
        "{}",
        resumed.0
    );
    let late = old.send(UssdOp::Continue, "2", Some("1*2"), 21).await;
    assert!(
        late.1 && late.0.starts_with("This conversation has ended"),
        "{}",
        late.0
    );
    let goes_on = new.send(UssdOp::Continue, "1", Some("1"), 22).await;
    assert!(!goes_on.1);
    let other = Phone {
        store: &world.a,
        number: "+254733000009",
        session: "s1",
        screen_taken: true,
    };
    let stranger = other.send(UssdOp::Begin, "", Some("0"), 23).await;
    assert_ne!(stranger.0, goes_on.0);
}

#[tokio::test]
async fn a_session_survives_the_end_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let World {
        programmes,
        hub,
        a,
        b,
    } = world;
    let phone = Phone {
        store: &a,
        number: WORKER_A,
        session: "s1",
        screen_taken: true,
    };
    phone.send(UssdOp::Begin, "", Some("0"), 10).await;
    let screen = phone.send(UssdOp::Continue, "1", Some("1"), 11).await;
    drop((a, b, hub));
    let a = node_store::SqliteStore::open(crate::world::config(&programmes, folder.path(), "kibo"))
        .unwrap();
    let phone = Phone {
        store: &a,
        number: WORKER_A,
        session: "s1",
        screen_taken: true,
    };
    assert_eq!(
        phone.send(UssdOp::Continue, "1", Some("1"), 12).await,
        screen
    );
    let next = phone.send(UssdOp::Continue, "", Some("1*"), 13).await;
    assert!(!next.0.is_empty());
}

#[tokio::test]
async fn a_repeated_sms_is_answered_once_and_a_stop_ends_texts() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let stranger = "+254733000010";
    sms(&world.a, stranger, "what is this", Some(5), 10).await;
    sms(&world.a, stranger, "what is this", Some(5), 11).await;
    assert_eq!(counts(&world.a).await.messages.get("queued"), Some(&1));
    sms(&world.a, stranger, "STOP", Some(12), 12).await;
    let queued = counts(&world.a).await.messages;
    assert_eq!(queued.get("queued"), Some(&1), "{queued:?}");
    sms(&world.a, "BANK", "win a prize", None, 13).await;
    assert_eq!(counts(&world.a).await.messages, queued);
}

#[tokio::test]
async fn two_hundred_interleaved_sessions_with_repeats_do_not_cross() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    interleaved(&world).await;
}

async fn interleaved<S: HubStore>(world: &World<S>) {
    let script = ["", "1", "2", "1", "9"];
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..200_u32 {
        let store = world.a.clone();
        let number = format!("+2547220{n:05}");
        tasks.spawn(async move {
            let session = format!("s{}", n % 7);
            let phone = Phone {
                store: &store,
                number: &number,
                session: &session,
                screen_taken: true,
            };
            let mut screens = Vec::new();
            for (at, text) in script.iter().enumerate() {
                let op = if at == 0 {
                    UssdOp::Begin
                } else {
                    UssdOp::Continue
                };
                let step = at.to_string();
                let second = i64::try_from(at).unwrap();
                let screen = phone.send(op, text, Some(&step), 10 + second).await;
                let again = phone.send(op, text, Some(&step), 10 + second).await;
                assert_eq!(screen, again);
                screens.push(screen);
            }
            screens
        });
    }
    let all = tasks.join_all().await;
    assert!(all.iter().all(|screens| *screens == all[0]));
    assert_ne!(all[0][0], all[0][1]);
}

#[tokio::test]
async fn a_node_that_nobody_enrolled_answers_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let programmes = crate::world::programmes();
    let config = crate::world::config(&programmes, folder.path(), "lone");
    let lone = node_store::SqliteStore::open(config).unwrap();
    let phone = Phone {
        store: &lone,
        number: WORKER_A,
        session: "s1",
        screen_taken: true,
    };
    let (text, _) = phone.send(UssdOp::Begin, "", Some("0"), 10).await;
    assert!(!text.is_empty());
    sms(&lone, WORKER_A, "STOP", None, 11).await;
    assert_eq!(crate::world::frontier(&lone).await, []);
}
