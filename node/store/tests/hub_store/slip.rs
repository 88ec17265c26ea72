//! Slips and short codes between nodes that never meet but through their hub.

use channels_core::{Address, Msisdn};
use node_core::command::{Command, Rejection};
use node_core::contact::Contact;
use node_core::role::{Principal, Role, RoleGrant};
use node_core::slip::code::Code;
use node_core::slip::{Claim, Slip, SlipFault};
use node_core::turn::{Claim as Row, Turn};
use node_store::{CodeAnswer, HubStore, SlipRefusal, SqliteStore};

use crate::world::{
    WORKER_A, WORKER_B, World, administrator, at, claim_messages, command, grant, link, register,
    sqlite, sync, worker,
};

/// Stands for Argon2id, which the shell does.
fn stretched(claim: &Claim, salt: [u8; 16]) -> [u8; 32] {
    let bytes = [claim.secret().as_slice(), &salt].concat();
    let full = ring::digest::digest(&ring::digest::SHA256, &bytes);
    full.as_ref().try_into().unwrap()
}

async fn issue(store: &SqliteStore, number: &str, salt: u8, second: i64) -> Slip {
    let subject = store
        .slip_subject(number.to_owned())
        .await
        .unwrap()
        .unwrap();
    let salt = [salt; 16];
    let key = stretched(&subject.claim, salt);
    let slip = store.issue_slip(subject, salt, key, at(second)).await;
    slip.unwrap().unwrap()
}

async fn told(
    store: &SqliteStore,
    slip: &Slip,
    number: &str,
    second: i64,
) -> Result<Option<String>, SlipFault> {
    let claim = Claim::parse(number, Some("1994")).unwrap();
    let key = stretched(&claim, slip.salt());
    let read = Slip::parse(&slip.text()).unwrap();
    store.check_slip(read, Some(key), at(second)).await.unwrap()
}

/// A mother registered at the first node, and another one.
async fn registered(world: &World<SqliteStore>) -> [String; 2] {
    let mut numbers = [String::new(), String::new()];
    for (n, number) in (0..).zip(&mut numbers) {
        let outcome = register(&world.a, WORKER_A, n, 10 + i64::from(n)).await;
        outcome.values["mother_number"].clone_into(number);
    }
    numbers
}

const VALID: &str = "maternal-child";

#[tokio::test]
async fn a_slip_of_one_node_is_checked_by_another_without_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let [number, other] = registered(&world).await;
    let slip = issue(&world.a, &number, 1, 20).await;
    // The other node never met the first one and holds nobody of it.
    for store in [&world.a, &world.b, &world.hub] {
        let valid = Ok(Some(VALID.to_owned()));
        assert_eq!(told(store, &slip, &number, 21).await, valid);
        let borrowed = told(store, &slip, &other, 21).await;
        assert_eq!(borrowed, Err(SlipFault::OtherPerson));
    }
    let checked = world.b.check_slip(slip.clone(), None, at(21)).await;
    assert_eq!(checked.unwrap(), Ok(None), "signed, whoever it is for");
    let unknown = world.b.slip_subject("2350819464".to_owned()).await.unwrap();
    assert_eq!(unknown, Err(SlipRefusal::NotRegistered));
    let folder = tempfile::tempdir().unwrap();
    let stranger = sqlite(folder.path()).await;
    let abroad = told(&stranger.b, &slip, &number, 21).await;
    assert_eq!(abroad, Err(SlipFault::UnknownIssuer));
}

#[tokio::test]
async fn a_revoked_slip_is_known_everywhere_after_the_next_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let [number, other] = registered(&world).await;
    let slip = issue(&world.a, &number, 1, 20).await;
    let second_slip = issue(&world.a, &number, 2, 20).await;
    let of_other = issue(&world.a, &other, 3, 20).await;
    let revoke = Command::RevokeSlips {
        number: number.clone(),
    };
    let stranger = worker(WORKER_B, 2);
    let told_to = command(&world.a, &worker(WORKER_A, 1), revoke.clone(), 30).await;
    assert_eq!(told_to.unwrap().values["revoked"], "2");
    assert_eq!(
        told(&world.a, &slip, &number, 31).await,
        Err(SlipFault::Revoked)
    );
    // Not heard of it yet, and says so honestly: valid.
    let valid = Ok(Some(VALID.to_owned()));
    assert_eq!(told(&world.b, &slip, &number, 31).await, valid);
    sync(&world.a, &world.hub, 40).await;
    sync(&world.b, &world.hub, 41).await;
    for store in [&world.b, &world.hub] {
        assert_eq!(
            told(store, &slip, &number, 42).await,
            Err(SlipFault::Revoked)
        );
        let twin = told(store, &second_slip, &number, 42).await;
        assert_eq!(twin, Err(SlipFault::Revoked));
        let control = told(store, &of_other, &other, 42).await;
        assert_eq!(control, Ok(Some(VALID.to_owned())));
    }
    let again = command(&world.a, &stranger, revoke, 50).await.unwrap();
    assert_eq!(again.values["revoked"], "0", "a repeat writes nothing");
    for store in [&world.a, &world.b, &world.hub] {
        let report = store.check(true).unwrap();
        assert!(report.is_sound(), "{report}");
    }
}

async fn texts(store: &SqliteStore, from: &str, text: &str, second: i64) -> Vec<(String, String)> {
    let sms = Contact::Sms {
        link: link(),
        from: Address::parse(from).unwrap(),
        text: text.to_owned(),
        sent: None,
    };
    store.commit(Turn::Contact(sms), at(second)).await.unwrap();
    let claims = claim_messages(store, second).await.into_iter();
    claims
        .filter_map(|claim| match claim {
            Row::Message { to, text, .. } => Some((to, text.0)),
            _ => None,
        })
        .collect()
}

/// The code in a text.
fn code_in(text: &str) -> Code {
    let mut words = text.split(|c: char| c.is_whitespace() || c == ',');
    words
        .find_map(|word| Code::parse(word.trim_end_matches('.')).ok())
        .unwrap()
}

#[tokio::test]
async fn a_code_asked_for_by_sms_is_checked_by_sms_at_another_node() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let [number, other] = registered(&world).await;
    claim_messages(&world.a, 15).await;
    let told = texts(&world.a, WORKER_A, &format!("SLIP {number}"), 20).await;
    let [(to, text)] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(to, WORKER_A);
    assert!(!text.contains(&number), "the number is not repeated");
    let code = code_in(text);
    let ask = async |code: String, number: &str, second| {
        let text = format!("CHECK {code} {number} 1994");
        let told = texts(&world.b, WORKER_B, &text, second).await;
        told.into_iter().map(|(_, text)| text).collect::<String>()
    };
    let valid = ask(code.to_string(), &number, 30).await;
    assert!(valid.starts_with("Valid."), "{valid}");
    assert!(valid.contains("2026-03"), "{valid}");
    let borrowed = ask(code.to_string(), &other, 31).await;
    assert!(borrowed.starts_with("Not valid"), "{borrowed}");
    let mut wrong: Vec<char> = code.to_string().chars().collect();
    wrong[0] = if wrong[0] == '7' { '8' } else { '7' };
    let wrong = ask(wrong.into_iter().collect(), &number, 32).await;
    assert!(wrong.contains("wrong letter"), "{wrong}");
    let claim = Claim::parse(&number, Some("1994")).unwrap();
    let answer = world.b.check_code(code, claim.clone()).await.unwrap();
    let programme = VALID.to_owned();
    assert_eq!(answer, CodeAnswer::Valid { programme });
    let revoke = Command::RevokeSlips {
        number: number.clone(),
    };
    command(&world.a, &worker(WORKER_A, 1), revoke, 40)
        .await
        .unwrap();
    sync(&world.a, &world.hub, 41).await;
    sync(&world.b, &world.hub, 42).await;
    let revoked = ask(code.to_string(), &number, 50).await;
    assert!(revoked.starts_with("Revoked."), "{revoked}");
    let answer = world.b.check_code(code, claim).await.unwrap();
    assert_eq!(answer, CodeAnswer::Revoked);
    let sound = world.b.check(true).unwrap();
    assert!(sound.is_sound(), "{sound}");
}

#[tokio::test]
async fn only_staff_get_codes_and_a_wrong_number_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let [number, _] = registered(&world).await;
    claim_messages(&world.a, 15).await;
    let ask = format!("SLIP {number}");
    let citizen = texts(&world.a, "+254711099999", &ask, 20).await;
    assert!(
        citizen
            .iter()
            .all(|(_, text)| text.contains("did not understand"))
    );
    let wrong = texts(&world.a, WORKER_A, "SLIP 1234", 21).await;
    assert!(wrong[0].1.starts_with("No registration"), "{wrong:?}");
    let give = Command::GiveSlipCode {
        number: number.clone(),
        nonce: 0,
    };
    let mut elsewhere = worker(WORKER_B, 2);
    elsewhere.scope = sync_core::Scope(24);
    let refused = command(&world.a, &elsewhere, give, 22).await;
    assert!(matches!(refused, Err(Rejection { text, .. }) if text == "reject-not-allowed"));
}

#[tokio::test]
async fn the_slip_of_an_erased_person_holds_no_more_and_that_of_another_does() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let [number, other] = registered(&world).await;
    let slip = issue(&world.a, &number, 1, 20).await;
    let of_other = issue(&world.a, &other, 2, 20).await;
    let keys = [
        (Role::Officer, "+254700000071"),
        (Role::Administrator, "+254700000072"),
    ];
    for (role, phone) in keys {
        let granted = RoleGrant {
            role,
            ..grant(phone)
        };
        let order = Command::GrantRole(granted);
        command(&world.hub, &administrator(), order, 21)
            .await
            .unwrap();
    }
    sync(&world.a, &world.hub, 22).await;
    for (index, (role, phone)) in (3..).zip(keys) {
        let approver = Principal {
            role,
            author: index,
            phone: Some(Msisdn::parse(phone).unwrap()),
            ..administrator()
        };
        let order = Command::ApproveErasure {
            number: number.clone(),
            reason: "asked".to_owned(),
        };
        command(&world.hub, &approver, order, 30).await.unwrap();
    }
    sync(&world.b, &world.hub, 40).await;
    for store in [&world.b, &world.hub] {
        let of_erased = told(store, &slip, &number, 42).await;
        assert_eq!(of_erased, Err(SlipFault::Revoked));
        let control = told(store, &of_other, &other, 42).await;
        assert_eq!(control, Ok(Some(VALID.to_owned())));
    }
}
