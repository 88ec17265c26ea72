//! The district office on a store: accounts of staff and their tries, pairs that wait for an
//! officer with both records, two people joined and parted again, and who was seen by whom.

use node_core::command::Command;
use node_core::identity::Pair;
use node_core::matching::{MatchRow, Stand};
use node_core::office::{PairPage, PersonPage, shown, side_by_side};
use node_core::person::Field;
use node_core::pin::{Pin, WAIT_S};
use node_core::query::{Answer, Query};
use node_core::read::Class;
use node_core::role::{Principal, Role, RoleEnd, RoleGrant};
use node_store::{HubStore, SqliteStore};
use sync_core::{EntryRef, NodeId, Scope};

use crate::district::{District, KIBO};
use crate::duplicate::{matches, of, registration};
use crate::pin::{does, told};
use crate::world::{WORKER_A, WORKER_B, administrator, at, command, grant};

const OFFICER: &str = "+254700000009";
const PHRASE: &str = "four wide rivers";
const WRONG: &str = "four wide bridges";

/// Gives a role in Kibo to a number; its place.
pub(crate) async fn staff(hub: &SqliteStore, phone: &str, role: Role) -> u32 {
    let grant = RoleGrant {
        role,
        scope: KIBO,
        ..grant(phone)
    };
    let given = Command::GrantRole(grant);
    let told = command(hub, &administrator(), given, 50).await.unwrap();
    told.values["index"].parse().unwrap()
}

pub(crate) fn in_role(role: Role, index: u32) -> Principal {
    Principal {
        role,
        author: index,
        channel: "console".to_owned(),
        ..of(KIBO, OFFICER)
    }
}

fn account(index: u32, phrase: &str) -> Command {
    Command::OpenAccount {
        scope: KIBO,
        index,
        passphrase: Pin::passphrase(phrase).unwrap(),
    }
}

fn sign_in(number: &str, role: Role, phrase: &str) -> Command {
    Command::SignIn {
        number: number.to_owned(),
        role,
        passphrase: Pin::passphrase(phrase),
    }
}

fn pages() -> Principal {
    Principal::system(KIBO, "en")
}

async fn opened(hub: &SqliteStore) -> u32 {
    let index = staff(hub, OFFICER, Role::Officer).await;
    let open = account(index, PHRASE);
    does(hub, &administrator(), open, 60).await.unwrap();
    index
}

#[tokio::test]
async fn an_account_opens_to_its_number_role_and_passphrase_alone() {
    let folder = tempfile::tempdir().unwrap();
    let hub = District::open(folder.path()).await.hub;
    let index = opened(&hub).await;
    let right = sign_in(OFFICER, Role::Officer, PHRASE);
    let place = does(&hub, &pages(), right.clone(), 100).await.unwrap();
    assert_eq!(place.values["index"], index.to_string());
    assert_eq!(place.values["scope"], KIBO.0.to_string());
    for (number, role, phrase) in [
        (OFFICER, Role::Officer, WRONG),
        (OFFICER, Role::Officer, "short"),
        (OFFICER, Role::Auditor, PHRASE),
        (WORKER_A, Role::HealthWorker, PHRASE),
        ("+254700000077", Role::Officer, PHRASE),
        ("0", Role::Officer, PHRASE),
        ("", Role::Officer, PHRASE),
    ] {
        let wrong = sign_in(number, role, phrase);
        assert_eq!(told(&hub, &pages(), wrong, 110).await, "reject-sign-in");
    }
    for role in [Role::Officer, Role::Citizen, Role::Administrator] {
        let by_hand = told(&hub, &in_role(role, index), right.clone(), 120).await;
        assert_eq!(by_hand, "reject-not-allowed", "only the pages sign in");
    }
    let by_officer = told(
        &hub,
        &in_role(Role::Officer, index),
        account(index, WRONG),
        130,
    )
    .await;
    assert_eq!(by_officer, "reject-not-allowed");
    let nobody = told(&hub, &administrator(), account(99, PHRASE), 130).await;
    assert_eq!(nobody, "reject-no-role");
    assert!(
        does(&hub, &pages(), right, 140).await.is_ok(),
        "the control"
    );
}

/// A try is charged before its hash, the third waits an hour, the sixth waits for a person; a
/// right one in between is one.
#[tokio::test]
async fn tries_of_an_account_run_out_whatever_is_typed_after_them() {
    let folder = tempfile::tempdir().unwrap();
    let hub = District::open(folder.path()).await.hub;
    let index = opened(&hub).await;
    let wrong = || sign_in(OFFICER, Role::Officer, WRONG);
    let right = || sign_in(OFFICER, Role::Officer, PHRASE);
    for _ in 0..2 {
        told(&hub, &pages(), wrong(), 100).await;
    }
    assert_eq!(told(&hub, &pages(), right(), 100).await, "done");
    // A power cut between the charge and the hash gives no try back.
    for _ in 0..3 {
        let turn = node_core::turn::Turn::Command {
            principal: pages(),
            command: wrong(),
        };
        let charged = hub.commit(turn, at(200)).await.unwrap();
        assert!(matches!(charged, node_core::turn::Committed::Stretch(_)));
    }
    assert_eq!(told(&hub, &pages(), right(), 201).await, "reject-sign-in");
    let after = 200 + WAIT_S;
    for _ in 0..3 {
        told(&hub, &pages(), wrong(), after).await;
    }
    let late = after + 100 * WAIT_S;
    assert_eq!(told(&hub, &pages(), right(), late).await, "reject-sign-in");
    // The administrator gives another passphrase; the old one opens nothing.
    let open = account(index, "seven small boats");
    does(&hub, &administrator(), open, late).await.unwrap();
    assert_eq!(told(&hub, &pages(), right(), late).await, "reject-sign-in");
    let new = sign_in(OFFICER, Role::Officer, "seven small boats");
    assert_eq!(told(&hub, &pages(), new, late).await, "done");
}

#[tokio::test]
async fn a_role_that_was_taken_back_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let hub = District::open(folder.path()).await.hub;
    let index = opened(&hub).await;
    let place = |index| Query::StaffPlace { scope: KIBO, index };
    let held = |answer| matches!(answer, Answer::Staff(rows) if rows.len() == 1);
    assert!(held(hub.query(place(index)).await.unwrap()));
    let end = RoleEnd {
        scope: KIBO,
        index,
        at: at(200).at,
        reason: "left".to_owned(),
        hub: NodeId(0),
        signature: [0; 64],
    };
    let revoke = Command::RevokeRole(end);
    command(&hub, &administrator(), revoke, 200).await.unwrap();
    let right = sign_in(OFFICER, Role::Officer, PHRASE);
    assert_eq!(told(&hub, &pages(), right, 300).await, "reject-sign-in");
    assert!(!held(hub.query(place(index)).await.unwrap()));
    let open = told(&hub, &administrator(), account(index, PHRASE), 310).await;
    assert_eq!(open, "reject-no-role");
}

/// One family registered by two workers in two villages; the pair of the mothers at the hub.
async fn pair(district: &District) -> (u32, Pair) {
    let phone = "+254711000417";
    for (at, worker, scope, mother) in [
        (0, WORKER_A, KIBO, "Wanjiru"),
        (1, WORKER_B, Scope(24), "Wangiru"),
    ] {
        let captured = registration(mother, "1994-05-17", phone);
        let node = &district.nodes[at];
        command(node, &of(scope, worker), captured, 100)
            .await
            .unwrap();
        district.meets(at, 200).await;
    }
    let found = matches(&district.hub).await;
    let mut mothers = Vec::new();
    for row in found {
        let page = pair_page(&district.hub, row.number).await.unwrap();
        let side = page.sides[0].as_ref().unwrap();
        if side.capture.values[&Field::Sex] == ["F"] {
            mothers.push((row.number, row.pair));
        }
    }
    mothers[0]
}

async fn pair_page(hub: &SqliteStore, number: u32) -> Option<PairPage> {
    match hub.query(Query::Pair { number }).await.unwrap() {
        Answer::Pair(page) => page.map(|page| *page),
        other => panic!("not a pair: {other:?}"),
    }
}

async fn person_page(hub: &SqliteStore, document: EntryRef) -> Option<PersonPage> {
    match hub.query(Query::PersonPage { document }).await.unwrap() {
        Answer::PersonPage(page) => page.map(|page| *page),
        other => panic!("not a person: {other:?}"),
    }
}

async fn waiting(hub: &SqliteStore, second: i64) -> Vec<MatchRow> {
    let at = at(second).at;
    match hub
        .query(Query::OfficerPairs { at, limit: 9 })
        .await
        .unwrap()
    {
        Answer::Matches(rows) => rows,
        other => panic!("not pairs: {other:?}"),
    }
}

fn decide(number: u32, same: bool, reason: &str) -> Command {
    Command::DecideMatch {
        number,
        same,
        reason: reason.to_owned(),
    }
}

#[tokio::test]
async fn a_pair_waits_for_an_officer_with_both_records_and_is_decided_once() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let hub = &district.hub;
    let index = staff(hub, OFFICER, Role::Officer).await;
    let (number, pair) = pair(&district).await;
    let fortnight = 14 * 24 * 3_600;
    assert!(waiting(hub, 300).await.is_empty(), "the workers are asked");
    let late = 300 + fortnight;
    let rows = waiting(hub, late).await;
    assert!(rows.iter().any(|row| row.number == number));
    assert!(
        rows.iter()
            .all(|row| row.stand(at(late).at) == Stand::Officer)
    );
    let page = pair_page(hub, number).await.unwrap();
    assert!(!page.joined && page.row.pair == pair);
    let [one, other] = page.sides.each_ref().map(|side| side.as_ref().unwrap());
    let differ: Vec<Field> = side_by_side(Some(&one.capture), Some(&other.capture))
        .into_iter()
        .filter(node_core::office::Line::differs)
        .map(|line| line.field)
        .collect();
    assert_eq!(differ, [Field::GivenName, Field::Number]);
    assert!(
        page.sides
            .iter()
            .flatten()
            .all(|side| side.at == at(100).at)
    );
    assert_eq!(one.name.as_deref(), Some("Neema Wairimu"));
    // Whoever may not decide does not, and a decision says why.
    let officer = in_role(Role::Officer, index);
    for (who, reason, text) in [
        (in_role(Role::Auditor, 9), "seen", "reject-not-allowed"),
        (
            in_role(Role::Administrator, 9),
            "seen",
            "reject-not-allowed",
        ),
        (of(KIBO, WORKER_A), "seen", "reject-not-allowed"),
        (officer.clone(), "  ", "reject-reason"),
        (officer.clone(), &"x".repeat(201), "reject-reason"),
    ] {
        let refused = command(hub, &who, decide(number, true, reason), late).await;
        assert_eq!(refused.unwrap_err().text, text);
    }
    assert!(pair_page(hub, 99_999).await.is_none(), "garbage is no pair");
    let unknown = command(hub, &officer, decide(99_999, true, "seen"), late).await;
    assert_eq!(unknown.unwrap_err().text, "reject-review-unknown");
    // Two officers at once: the second one hears that it is settled, and nothing is written.
    let second = in_role(
        Role::Officer,
        staff(hub, "+254700000010", Role::Officer).await,
    );
    let (first, other) = tokio::join!(
        command(hub, &officer, decide(number, true, "one card"), late),
        command(hub, &second, decide(number, false, "two cards"), late),
    );
    let refused = [first, other].into_iter().filter_map(Result::err);
    let refused: Vec<String> = refused.map(|rejection| rejection.text).collect();
    assert_eq!(refused, ["reject-review-unknown"]);
    let page = pair_page(hub, number).await.unwrap();
    assert_eq!(page.row.decided, Some(page.joined));
    assert!(
        waiting(hub, late)
            .await
            .iter()
            .all(|row| row.number != number)
    );
}

#[tokio::test]
async fn two_people_who_were_joined_are_shown_as_one_and_parted_again() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let hub = &district.hub;
    let officer = in_role(Role::Officer, staff(hub, OFFICER, Role::Officer).await);
    let (number, pair) = pair(&district).await;
    let alone = person_page(hub, pair[0]).await.unwrap();
    assert!(alone.edges.is_empty() && alone.members.len() == 1);
    let yes = decide(number, true, "one card");
    command(hub, &officer, yes, 400).await.unwrap();
    for document in pair {
        let page = person_page(hub, document).await.unwrap();
        assert_eq!(page.edges, [pair]);
        assert_eq!(page.members[0].capture.document, page.whole.canonical);
        assert_eq!(page.members.len(), 2);
        assert!(page.pairs.iter().any(|row| row.number == number));
    }
    let part = |reason: &str| Command::PartPersons {
        pair,
        reason: reason.to_owned(),
    };
    let refused = command(hub, &officer, part(""), 410).await;
    assert_eq!(refused.unwrap_err().text, "reject-reason");
    command(hub, &officer, part("two cards"), 420)
        .await
        .unwrap();
    assert!(!pair_page(hub, number).await.unwrap().joined);
    let after = person_page(hub, pair[0]).await.unwrap();
    assert_eq!((after.whole, after.members), (alone.whole, alone.members));
}

/// Two people approve that a person's data go.
async fn erase(hub: &SqliteStore, document: EntryRef, officer: Principal) {
    let page = person_page(hub, document).await.unwrap();
    let number = page.whole.number().unwrap().to_owned();
    let second = Principal {
        phone: Some(channels_core::Msisdn::parse("+254700000010").unwrap()),
        ..in_role(
            Role::Officer,
            staff(hub, "+254700000010", Role::Officer).await,
        )
    };
    let ask = Command::AskErasure {
        number: Some(number.clone()),
    };
    command(hub, &officer, ask, 600).await.unwrap();
    for (approver, second) in [(officer, 610), (second, 620)] {
        let approve = Command::ApproveErasure {
            number: number.clone(),
            reason: "asked".to_owned(),
        };
        command(hub, &approver, approve, second).await.unwrap();
    }
}

/// What a page shows is noted first; the facts reach the person on the hub, and go with her.
#[tokio::test]
async fn what_pages_show_is_in_the_log_of_each_person_and_goes_with_an_erasure() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let hub = &district.hub;
    let index = staff(hub, OFFICER, Role::Officer).await;
    let officer = in_role(Role::Officer, index);
    let (number, pair) = pair(&district).await;
    let answer = hub.query(Query::Pair { number }).await.unwrap();
    let note = Command::NoteReads {
        persons: shown(&answer),
        class: Class::Review,
        reason: "review".to_owned(),
    };
    for role in [Role::Administrator, Role::Auditor, Role::Citizen] {
        let refused = command(hub, &in_role(role, 9), note.clone(), 500).await;
        assert_eq!(refused.unwrap_err().text, "reject-not-allowed");
    }
    let reads = async |document| match hub.query(Query::ReadsOf { document }).await.unwrap() {
        Answer::Reads(rows) => rows,
        other => panic!("not reads: {other:?}"),
    };
    let before = reads(pair[0]).await.len();
    command(hub, &officer, note, 500).await.unwrap();
    for person in pair {
        let rows = reads(person).await;
        assert_eq!(rows.len(), before + 1);
        assert_eq!((rows[0].class, rows[0].at), (Class::Review, at(500).at));
        assert_eq!(rows[0].application, "console");
        assert_eq!(
            rows[0].reader,
            node_core::read::Reader::Staff(KIBO, index, Role::Officer)
        );
    }
    erase(hub, pair[0], officer).await;
    assert!(reads(pair[0]).await.is_empty());
    assert_eq!(reads(pair[1]).await.len(), before + 1, "the control");
    assert!(pair_page(hub, number).await.is_none());
    assert!(person_page(hub, pair[0]).await.is_none());
}
