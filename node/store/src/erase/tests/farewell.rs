//! The last text: one, from the place that registered her, neutral, and her number ends with it.

use channels_core::SubmitOutcome;
use node_core::turn::{Claim, Finish};

use super::*;
use crate::world::{AREA, claim_messages};

const TEXT: &str = "The data that we were asked to delete are deleted. You need not answer.";

fn citizen() -> Principal {
    Principal {
        role: Role::Citizen,
        phone: Some(Msisdn::parse(&phone(7)).unwrap()),
        channel: link().0,
        ..Principal::system(AREA, "en")
    }
}

/// Texts that leave for the planted number: their ids.
async fn leave(store: &SqliteStore, second: i64) -> Vec<String> {
    let claims = claim_messages(store, second).await.into_iter();
    let to_her = claims.filter_map(|claim| match claim {
        Claim::Message { id, to, text, .. } if to == phone(7) => {
            assert_eq!(text.0, TEXT);
            Some(id)
        }
        _ => None,
    });
    to_her.collect()
}

/// Keys of last texts, and rows that still name the recipient of one.
async fn kept(store: &SqliteStore) -> (i64, i64) {
    stopped(store, 0, |tx| {
        let keys = "SELECT count(*) FROM data_key WHERE kind = 5";
        let rows = "SELECT count(*) FROM message WHERE recipient = ?1";
        let recipient = tx.recipient_token(&phone(7));
        Ok((
            tx.db.query_row(keys, [], |row| row.get(0))?,
            tx.db.query_row(rows, [recipient], |row| row.get(0))?,
        ))
    })
    .await
}

/// Registered at `a`, her number bound there if so wished, erased at the hub; both nodes know it.
async fn erased(folder: &Path, bound: bool) -> (World<SqliteStore>, Planted) {
    let world = staffed(folder).await;
    let World { hub, a, b, .. } = &world;
    let planted = plant(a).await;
    if bound {
        let done = command(a, &citizen(), Command::BindNumber, 33).await;
        done.unwrap();
    }
    sync(a, hub, 40).await;
    sync(b, hub, 41).await;
    erase(hub, &planted, 50).await;
    for second in [60, 62] {
        sync(a, hub, second).await;
        sync(b, hub, second + 1).await;
    }
    (world, planted)
}

#[tokio::test]
async fn one_neutral_text_leaves_from_where_she_was_registered_and_her_number_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (world, planted) = erased(folder.path(), true).await;
    let World { hub, a, b, .. } = &world;
    assert_eq!((kept(hub).await, kept(b).await), ((0, 0), (0, 0)));
    assert!(leave(hub, 70).await.is_empty() && leave(b, 70).await.is_empty());
    // While it waits her number is there, under one key and in no file.
    assert_eq!(kept(a).await, (1, 1));
    let number = [phone(7)];
    assert_eq!(left_in(&opened(a).await, &number), number);
    let ids = leave(a, 70).await;
    assert_eq!(ids.len(), 1);
    let finish = Finish::Message {
        id: ids[0].clone(),
        link: link().0,
        outcome: SubmitOutcome::Sent {
            message_id: "n-1".to_owned(),
        },
    };
    for second in [71, 72] {
        a.finish(finish.clone(), at(second)).await.unwrap();
    }
    assert_eq!(kept(a).await, (0, 0));
    assert_eq!(
        left_in(&opened(a).await, &planted.values),
        Vec::<String>::new()
    );
    // The order once more, and time: no second text.
    sync(a, hub, 80).await;
    assert!(leave(a, 3 * DAY_S).await.is_empty());
    check_sound(a);
    let node_files = a.folder();
    drop(world);
    assert_eq!(in_files(&node_files, &planted.values), Vec::<String>::new());
}

#[tokio::test]
async fn a_text_that_no_link_takes_is_given_up_after_three_days() {
    let folder = tempfile::tempdir().unwrap();
    let (world, planted) = erased(folder.path(), true).await;
    let a = &world.a;
    let system = Principal::system(AREA, "en");
    for (second, left) in [(2 * DAY_S, (1, 1)), (4 * DAY_S, (0, 0))] {
        let look = command(a, &system, Command::SendReminders, second).await;
        look.unwrap();
        assert_eq!(kept(a).await, left, "after {second} s");
    }
    assert!(leave(a, 4 * DAY_S + 1).await.is_empty());
    assert_eq!(
        left_in(&opened(a).await, &planted.values),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_number_that_never_answered_for_her_gets_none() {
    let folder = tempfile::tempdir().unwrap();
    let (world, _) = erased(folder.path(), false).await;
    for store in [&world.hub, &world.a, &world.b] {
        assert_eq!(kept(store).await, (0, 0));
        assert!(leave(store, 70).await.is_empty());
    }
}

#[tokio::test]
async fn a_number_that_said_stop_gets_none() {
    let folder = tempfile::tempdir().unwrap();
    let world = staffed(folder.path()).await;
    let World { hub, a, .. } = &world;
    let planted = plant(a).await;
    let bound = command(a, &citizen(), Command::BindNumber, 33).await;
    bound.unwrap();
    let stop = Contact::Sms {
        link: link(),
        from: Address::Phone(Msisdn::parse(&phone(7)).unwrap()),
        text: "STOP".to_owned(),
        sent: None,
    };
    a.commit(Turn::Contact(stop), at(34)).await.unwrap();
    sync(a, hub, 40).await;
    erase(hub, &planted, 50).await;
    sync(a, hub, 60).await;
    assert!(!person(a, planted.mother).await);
    assert_eq!(kept(a).await.0, 0);
}
