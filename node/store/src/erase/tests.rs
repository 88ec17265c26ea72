//! E1–E3: nothing is left of a planted person in any file or under any key that is left, nobody
//! brings her back, and everything verifies.

mod farewell;
mod removals;
mod restored;
mod rewrapped;
mod search;

use std::fs;
use std::path::Path;

use channels_core::{Address, Msisdn, UssdOp};
use node_core::command::Command;
use node_core::contact::{BearerLimits, Contact};
use node_core::message::order::Order;
use node_core::person::{Field, PersonFields};
use node_core::query::{Answer, Query};
use node_core::role::{Principal, Role, RoleGrant};
use node_core::schema;
use node_core::turn::{Acceptance, Committed, Turn};
use node_core::view::{MessageClass, NewMessage, Terms};
use rusqlite::types::ValueRef;
use sync_core::{EntryRef, NodeId, Seq};

use crate::document::DocumentWrite;
use crate::hub_store::{Accepting, HubStore, Outbox, StoreError};
use crate::seal::Row;
use crate::sqlite::SqliteStore;
use crate::tx::{Stop, Tx};
use crate::world::{
    WORKER_A, World, administrator, at, command, frames, frontier, grant, letters, link, own,
    phone, push, register, registration_chain, registrations, sqlite, sync,
};

use search::{in_files, spellings};

const OFFICER: &str = "+254700000061";
const SECOND: &str = "+254700000062";
const DAY_S: i64 = 86_400;

/// The planted person and her values.
struct Planted {
    mother: EntryRef,
    child: EntryRef,
    numbers: [String; 2],
    values: Vec<String>,
}

/// Whether a dialogue of the planted number is kept.
async fn talks(store: &SqliteStore) -> bool {
    let token = |tx: &Tx<'_>| tx.conversation_token(&Msisdn::parse(&phone(7)).unwrap());
    stopped(store, 0, move |tx| {
        Ok(tx.conversation(token(tx))?.is_some())
    })
    .await
}

fn word(n: u32) -> String {
    format!("zuri{}mwemba", letters(1_000 + n))
}

async fn stopped<T: Send + 'static>(
    store: &SqliteStore,
    second: i64,
    work: impl FnOnce(&Tx<'_>) -> Result<T, Stop> + Send + 'static,
) -> T {
    let done = store.write(at(second), move |tx| {
        work(tx).map_err(|stop| StoreError::Failed(format!("{stop:?}")))
    });
    done.await.unwrap()
}

/// Renames a person; each name is one planted value in the history of the document.
async fn rename(store: &SqliteStore, person: EntryRef, name: String, second: i64) {
    stopped(store, second, move |tx| {
        let mut fields = PersonFields::default();
        fields.set(Field::GivenName, name);
        let write = DocumentWrite {
            schema: schema::PERSON,
            author: 1,
            session_start: None,
        };
        let happened = tx.edit_document(&person, write, &fields)?;
        let mut messages = Vec::new();
        tx.settle(happened.into_iter().collect(), &mut messages)
    })
    .await;
}

async fn plant(store: &SqliteStore) -> Planted {
    register(store, WORKER_A, 1, 5).await;
    let outcome = register(store, WORKER_A, 7, 10).await;
    let row = registrations(store).await.into_iter().next().unwrap();
    let number = |name: &str| outcome.values[name].clone();
    let mut planted = Planted {
        mother: row.registration.mother,
        child: row.registration.child,
        numbers: [number("mother_number"), number("child_number")],
        values: vec![
            format!("Asha {}", letters(7)),
            format!("Juma {}", letters(7)),
            "ID000007".to_owned(),
            phone(7).trim_start_matches('+').to_owned(),
            number("mother_number"),
            number("child_number"),
        ],
    };
    for n in 0..14 {
        let of = if n % 2 == 0 {
            planted.mother
        } else {
            planted.child
        };
        rename(store, of, word(n), 11 + i64::from(n)).await;
        planted.values.push(word(n));
    }
    planted.values.extend(write(store).await);
    assert!(planted.values.len() >= 30);
    dial(store).await;
    planted
}

/// Texts from and to her; the words in them.
async fn write(store: &SqliteStore) -> Vec<String> {
    let mut words = Vec::new();
    for n in 20..25 {
        let contact = Contact::Sms {
            link: link(),
            from: Address::Phone(Msisdn::parse(&phone(7)).unwrap()),
            text: format!("habari {}", word(n)),
            sent: None,
        };
        store.commit(Turn::Contact(contact), at(30)).await.unwrap();
        words.push(word(n));
    }
    for n in 30..36 {
        let message = NewMessage {
            cause: format!("reminder:{n}"),
            to: phone(7),
            text: format!("Njoo {}", word(n)),
            class: MessageClass::Reminder,
            validity_s: 90 * 86_400,
            covers: Vec::new(),
            terms: Terms::default(),
        };
        let queued = store
            .commit(Turn::Order(Order::Queue(message)), at(31))
            .await;
        assert!(matches!(queued.unwrap(), Committed::Ordered(Ok(_))));
        words.push(word(n));
    }
    words
}

/// She begins a dialogue.
async fn dial(store: &SqliteStore) {
    let dialled = Contact::Ussd {
        link: link(),
        session: "s1".to_owned(),
        from: Msisdn::parse(&phone(7)).unwrap(),
        code: String::new(),
        op: UssdOp::Begin,
        text: String::new(),
        step: None,
        screen_taken: true,
        limits: BearerLimits {
            gsm7: 182,
            ucs2: 80,
        },
    };
    store.commit(Turn::Contact(dialled), at(32)).await.unwrap();
    assert!(talks(store).await);
}

/// Everything that the keys of a store still open, one value after the other.
async fn opened(store: &SqliteStore) -> Vec<u8> {
    stopped(store, 0, |tx| {
        let tables: [(&'static str, &str); 13] = [
            ("body", "SELECT entry, owner, sealed FROM body"),
            ("document", "SELECT entry, owner, sealed FROM document"),
            ("person", "SELECT entry, owner, sealed FROM person"),
            ("alias", "SELECT entry, owner, sealed FROM alias"),
            (
                "registration",
                "SELECT entry, owner, sealed FROM registration",
            ),
            ("review", "SELECT review, owner, sealed FROM review"),
            ("effect", "SELECT request_id, owner, sealed FROM effect"),
            ("message", "SELECT id, owner, sealed FROM message"),
            ("inbox_text", "SELECT number, owner, sealed FROM inbox_text"),
            ("phone", "SELECT token, owner, sealed FROM phone"),
            ("consent", "SELECT person, owner, sealed FROM consent"),
            ("pin", "SELECT holder, owner, sealed FROM pin"),
            (
                "removal",
                "SELECT request_id, owner, sealed FROM removal WHERE owner IS NOT NULL",
            ),
        ];
        let mut all = Vec::new();
        for (table, sql) in tables {
            let mut statement = tx.db.prepare(sql)?;
            let mut found = statement.query([])?;
            while let Some(row) = found.next()? {
                let name = match row.get_ref(0)? {
                    ValueRef::Integer(number) => crate::name::row_name(number).to_vec(),
                    other => other.as_bytes().unwrap().to_vec(),
                };
                let key = tx.data_key_by_id(row.get(1)?)?;
                let sealed: Vec<u8> = row.get(2)?;
                // Texts of the inbox are sealed under one name.
                for name in [&name[..], b"text"] {
                    let place = Row { table, name };
                    all.extend(key.open(place, &sealed).unwrap_or_default());
                }
                all.push(0);
            }
        }
        Ok(all)
    })
    .await
}

fn left_in(bytes: &[u8], values: &[String]) -> Vec<String> {
    let holds = |value: &&String| {
        bytes
            .windows(value.len())
            .any(|window| window == value.as_bytes())
    };
    values.iter().filter(holds).cloned().collect()
}

async fn staffed(folder: &Path) -> World<SqliteStore> {
    let world = sqlite(folder).await;
    for (role, phone) in [(Role::Officer, OFFICER), (Role::Administrator, SECOND)] {
        let granted = RoleGrant {
            role,
            ..grant(phone)
        };
        command(&world.hub, &administrator(), Command::GrantRole(granted), 6)
            .await
            .unwrap();
    }
    world
}

fn approver(role: Role, index: u32, phone: &str) -> Principal {
    Principal {
        role,
        author: index,
        phone: Some(Msisdn::parse(phone).unwrap()),
        ..administrator()
    }
}

async fn approve(
    hub: &SqliteStore,
    who: &Principal,
    number: &str,
    second: i64,
) -> Result<String, String> {
    let order = Command::ApproveErasure {
        number: number.to_owned(),
        reason: "asked".to_owned(),
    };
    match command(hub, who, order, second).await {
        Ok(done) => Ok(done.values["state"].clone()),
        Err(rejection) => Err(rejection.text),
    }
}

/// Both keys, for mother and child.
async fn erase(hub: &SqliteStore, planted: &Planted, second: i64) {
    for number in &planted.numbers {
        let officer = approver(Role::Officer, 3, OFFICER);
        let other = approver(Role::Administrator, 4, SECOND);
        assert_eq!(
            approve(hub, &officer, number, second).await.unwrap(),
            "approved"
        );
        assert_eq!(
            approve(hub, &other, number, second).await.unwrap(),
            "erased"
        );
    }
}

async fn open_erasures(hub: &SqliteStore) -> Vec<(EntryRef, Vec<NodeId>)> {
    match hub.query(Query::OpenErasures).await.unwrap() {
        Answer::Erasures(open) => open,
        other => panic!("{other:?}"),
    }
}

async fn person(store: &SqliteStore, of: EntryRef) -> bool {
    stopped(store, 0, move |tx| Ok(tx.person(&of)?.is_some())).await
}

fn check_sound(store: &SqliteStore) {
    let report = store.check(true).unwrap();
    assert!(report.is_sound(), "{report}");
}

#[tokio::test]
async fn nothing_of_a_planted_person_is_left_on_node_hub_and_in_the_next_backup() {
    let folder = tempfile::tempdir().unwrap();
    let world = staffed(folder.path()).await;
    let World { hub, a, b, .. } = &world;
    let planted = plant(a).await;
    sync(a, hub, 40).await;
    sync(b, hub, 40).await;
    // The control: with the keys as they are, everything can be read on the node.
    let before = left_in(&opened(a).await, &planted.values);
    assert_eq!(before.len(), planted.values.len(), "{before:?}");
    assert!(left_in(&opened(hub).await, &planted.values).len() >= 18);
    erase(hub, &planted, 50).await;
    assert_eq!(
        left_in(&opened(hub).await, &planted.values),
        Vec::<String>::new()
    );
    let (node_a, node_b) = (own(a).await.node, own(b).await.node);
    let waiting = open_erasures(hub).await;
    assert!(waiting.iter().all(|(_, nodes)| *nodes == [node_a, node_b]) && waiting.len() == 2);
    sync(a, hub, 60).await;
    sync(a, hub, 61).await;
    assert_eq!(
        left_in(&opened(a).await, &planted.values),
        Vec::<String>::new()
    );
    let waiting = open_erasures(hub).await;
    assert!(
        waiting.iter().all(|(_, nodes)| *nodes == [node_b]),
        "{waiting:?}"
    );
    sync(b, hub, 62).await;
    sync(b, hub, 63).await;
    assert!(!talks(a).await);
    assert_eq!(open_erasures(hub).await, Vec::new());
    // The other family is as it was.
    let control = [
        format!("Asha {}", letters(1)),
        format!("Juma {}", letters(1)),
    ];
    assert_eq!(left_in(&opened(a).await, &control), control);
    for store in [hub, a, b] {
        check_sound(store);
    }
    let (data, keys) = (
        folder.path().join("copy"),
        folder.path().join("copied-keys"),
    );
    hub.backup(&data, &keys).unwrap();
    drop(world);
    assert_eq!(
        in_files(folder.path(), &planted.values),
        Vec::<String>::new()
    );
    // The control of the search: each spelling of each value is found where it is planted.
    for (n, spelling) in spellings(&planted.values[0]).into_iter().enumerate() {
        fs::write(data.join("planted"), [b"xx", &spelling[..], b"yy"].concat()).unwrap();
        let found = in_files(&data, &planted.values);
        assert_eq!(found, [planted.values[0].clone()], "spelling {n}");
    }
}

#[tokio::test]
async fn a_peer_that_returns_after_sixty_days_brings_nobody_back_in_either_order() {
    let folder = tempfile::tempdir().unwrap();
    let world = staffed(folder.path()).await;
    let World { hub, a, b, .. } = &world;
    let planted = plant(a).await;
    sync(a, hub, 40).await;
    let chain = registration_chain(a).await;
    let old = frames(a, chain, Seq(0)).await;
    erase(hub, &planted, 50).await;
    // Older entries once more, as a stick would bring them: known, and nothing comes of them.
    for frame in &old {
        let again = hub.accept(frame.clone(), at(60 * DAY_S)).await.unwrap();
        assert!(matches!(again, Acceptance::Known { .. }), "{again:?}");
    }
    assert!(!person(hub, planted.mother).await);
    // The node did not hear of it for 60 days and wrote more: the erasure wins.
    rename(a, planted.mother, word(90), 59 * DAY_S).await;
    register(a, WORKER_A, 8, 59 * DAY_S).await;
    push(a, hub, 60 * DAY_S).await;
    assert!(!person(hub, planted.mother).await && !person(hub, planted.child).await);
    assert_eq!(
        left_in(&opened(hub).await, &[word(90)]),
        Vec::<String>::new()
    );
    let third = [format!("Asha {}", letters(8))];
    assert_eq!(left_in(&opened(hub).await, &third), third, "others go on");
    push(hub, a, 60 * DAY_S + 1).await;
    assert!(!person(a, planted.mother).await);
    check_sound(hub);
    check_sound(a);
    // A holder that hears of the end first and gets the old entries afterwards, and the reverse.
    let certificate = hub
        .query(Query::Certificate {
            node: chain.origin,
            epoch: chain.epoch,
        })
        .await
        .unwrap();
    let Answer::Bytes(Some(certificate)) = certificate else {
        panic!("certified")
    };
    b.commit(Turn::Certificate(certificate), at(60 * DAY_S))
        .await
        .unwrap();
    let (first, rest) = old.split_first().unwrap();
    b.accept(first.clone(), at(60 * DAY_S)).await.unwrap();
    push(hub, b, 60 * DAY_S + 2).await;
    for frame in rest.iter().cloned().chain(frames(a, chain, Seq(0)).await) {
        let taken = b.accept(frame, at(60 * DAY_S + 3)).await.unwrap();
        assert!(!matches!(taken, Acceptance::Refused { .. }), "{taken:?}");
    }
    assert!(!person(b, planted.mother).await && !person(b, planted.child).await);
    assert_eq!(
        left_in(&opened(b).await, &planted.values),
        Vec::<String>::new()
    );
    check_sound(b);
    let head = |heads: &[node_core::query::ChainHead]| {
        heads
            .iter()
            .find(|head| head.chain == chain)
            .map(|head| (head.seq, head.hash))
    };
    assert_eq!(head(&frontier(a).await), head(&frontier(b).await));
    assert_eq!(head(&frontier(a).await), head(&frontier(hub).await));
    // Registered again she is a new person with a new number.
    let again = register(a, WORKER_A, 7, 61 * DAY_S).await;
    assert!(!planted.numbers.contains(&again.values["mother_number"]));
}

#[tokio::test]
async fn one_key_or_the_same_person_twice_erases_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let world = staffed(folder.path()).await;
    let World { hub, a, .. } = &world;
    let planted = plant(a).await;
    sync(a, hub, 40).await;
    let number = &planted.numbers[0];
    let officer = approver(Role::Officer, 3, OFFICER);
    let worker = crate::world::worker(WORKER_A, 1);
    assert_eq!(
        approve(hub, &worker, number, 50).await.unwrap_err(),
        "reject-not-allowed"
    );
    assert_eq!(
        approve(a, &officer, number, 50).await.unwrap_err(),
        "reject-not-allowed"
    );
    let unknown = approve(hub, &officer, "7294058630", 50).await;
    assert_eq!(unknown.unwrap_err(), "reject-unknown-number");
    assert_eq!(
        approve(hub, &officer, number, 50).await.unwrap(),
        "approved"
    );
    assert_eq!(
        approve(hub, &officer, number, 51).await.unwrap_err(),
        "reject-second-officer"
    );
    assert!(person(hub, planted.mother).await);
    let ask = Command::AskErasure {
        number: Some(number.clone()),
    };
    let asked = command(a, &worker, ask, 52).await.unwrap();
    assert_eq!(asked.values["state"], "asked");
}
