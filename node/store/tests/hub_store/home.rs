//! Several programmes on one node: the home menu, the ways past it, and versions that change
//! under a running session.

use std::path::Path;
use std::sync::Arc;

use channels_core::{Address, Msisdn, UssdOp};
use node_core::contact::{BearerLimits, Contact, ContactAnswer};
use node_core::programme::{Programmes, SERVICE_FILE, Source};
use node_core::turn::{Claim, Committed, Turn};
use node_core::village::Villages;
use node_store::hub::Founding;
use node_store::{HubStore, SqliteStore, StoreConfig};

use crate::world::{age, area, at, claim_messages, config, link};

const CALLER: &str = "+254711000077";

/// The shipped programme for mother and child, changed.
fn source(changes: &[(&str, &str)]) -> Source {
    let mut source = Source::maternal_child();
    let mut text = source.files[SERVICE_FILE].clone();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    source = source.with(SERVICE_FILE, text);
    source
}

/// A second programme with the number 3, which `second` opens.
fn second() -> Source {
    source(&[
        ("code = \"maternal-child\"", "code = \"second\""),
        (
            "number = 1\ntitle = \"menu\"",
            "number = 3\ntitle = \"menu-status\"",
        ),
        ("words = [\"menu\"]", "words = [\"menu\", \"second\"]"),
        (
            "en = \"REG\", fr = \"ENR\", sw = \"SAJILI\"",
            "en = \"REB\", fr = \"ENB\", sw = \"SAB\"",
        ),
    ])
}

async fn store(folder: &Path, sources: &[Source]) -> SqliteStore {
    let programmes = Arc::new(Programmes::load(sources).unwrap());
    let config = StoreConfig {
        villages: Arc::new(Villages {
            dial: "*384*7#".to_owned(),
            list: Vec::new(),
        }),
        ..config(&programmes, folder, "hub")
    };
    let store = SqliteStore::open(config).unwrap();
    let founding = Founding {
        realm: "test".to_owned(),
        areas: vec![area()],
        age: age(),
    };
    store.found_hub(founding, at(0)).await.unwrap();
    store
}

async fn screen(store: &SqliteStore, contact: Contact, second: i64) -> String {
    let done = store.commit(Turn::Contact(contact), at(second)).await;
    match done.unwrap() {
        Committed::Contact(ContactAnswer::Screen { text, .. }) => text,
        other => panic!("{other:?}"),
    }
}

async fn types(store: &SqliteStore, (op, code, text): (UssdOp, &str, &str), second: i64) -> String {
    let contact = Contact::Ussd {
        link: link(),
        session: "s1".to_owned(),
        from: Msisdn::parse(CALLER).unwrap(),
        code: code.to_owned(),
        op,
        text: text.to_owned(),
        step: Some(second.to_string()),
        screen_taken: true,
        limits: BearerLimits {
            gsm7: 182,
            ucs2: 80,
        },
    };
    screen(store, contact, second).await
}

async fn dials(store: &SqliteStore, code: &str, second: i64) -> String {
    types(store, (UssdOp::Begin, code, ""), second).await
}

async fn answers(store: &SqliteStore, text: &str, second: i64) -> String {
    types(store, (UssdOp::Continue, "", text), second).await
}

async fn texts(store: &SqliteStore, text: &str, second: i64) -> Vec<String> {
    let contact = Contact::Sms {
        link: link(),
        from: Address::Phone(Msisdn::parse(CALLER).unwrap()),
        text: text.to_owned(),
        sent: None,
    };
    store
        .commit(Turn::Contact(contact), at(second))
        .await
        .unwrap();
    let claims = claim_messages(store, second).await.into_iter();
    let sent = claims.filter_map(|claim| match claim {
        Claim::Message { text, .. } => Some(text.0),
        _ => None,
    });
    sent.collect()
}

#[tokio::test]
async fn a_caller_of_two_services_gets_the_menu_or_dials_past_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), &[source(&[]), second()]).await;
    let languages =
        "Language - Langue - Lugha\n1 English\n2 Francais\n3 Kiswahili\n4 Amarinya\n0 Exit";
    assert_eq!(dials(&store, "*384*7#", 10).await, languages);
    let home = "Services\n1 Mother and child\n3 My registration\n0 Exit";
    assert_eq!(answers(&store, "1", 20).await, home);
    assert!(
        answers(&store, "3", 30)
            .await
            .starts_with("Public services")
    );
    assert_eq!(answers(&store, "00", 40).await, home);
    assert!(
        dials(&store, "*384*7*3#", 50)
            .await
            .starts_with("Public services")
    );
    assert_eq!(dials(&store, "*384*7*9#", 60).await, home);
}

#[tokio::test]
async fn a_word_of_one_service_opens_it_by_sms_and_a_shared_one_the_menu() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), &[source(&[]), second()]).await;
    let first = texts(&store, "menu", 10).await;
    assert!(first[0].starts_with("Language - Langue"), "{first:?}");
    let home = texts(&store, "1", 20).await;
    assert!(home[0].starts_with("Services\n1 Mother"), "{home:?}");
    let own = texts(&store, "Second", 30).await;
    assert!(own[0].starts_with("Public services"), "{own:?}");
    let shared = texts(&store, "MENU", 40).await;
    assert!(shared[0].starts_with("Services\n"), "{shared:?}");
}

#[tokio::test]
async fn a_running_session_finishes_on_the_version_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let old = source(&[]);
    let new = source(&[
        ("version = 1", "version = 2"),
        ("title = \"menu\"", "title = \"menu-status\""),
        ("text = \"menu-status\"", "text = \"menu-work\""),
    ]);
    let before = store(folder.path(), std::slice::from_ref(&old)).await;
    dials(&before, "*384*7#", 10).await;
    let menu = answers(&before, "1", 20).await;
    assert!(menu.contains("1 My registration"), "{menu}");
    drop(before);
    // A new version arrives, and the program starts again; the old one is loaded as well.
    let after = store(folder.path(), &[old, new]).await;
    let same = answers(&after, "7", 30).await;
    assert!(same.contains("1 My registration"), "{same}");
    let fresh = dials(&after, "*384*7#", 5_000).await;
    assert!(fresh.contains("1 My work"), "{fresh}");
}
