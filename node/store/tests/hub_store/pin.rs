//! PINs on a store: tries charged before the hash, power cuts, robots, resets, shared phones.
//!
//! The hash here is a cheap one in place of Argon2id: what is tested is what is counted, and when.

use node_core::command::{Command, Outcome, Rejection};
use node_core::contact::Moment;
use node_core::number;
use node_core::person::Field;
use node_core::pin::{Pin, SLOW_S, Stretch, Stretched, WAIT_S};
use node_core::query::{Answer, Query};
use node_core::role::{Principal, Role};
use node_core::turn::{Acceptance, Claim, Committed, Turn};
use node_store::{HubStore, SqliteStore};
use ring::digest::{SHA256, digest};
use sync_core::Seq;

use crate::world::{
    WORKER_A, WORKER_B, World, at, claim_messages, config, frames, pair, phone, programmes,
    register, registration_chain, sqlite, sync, worker,
};

const OWN: &str = "491507";
const OTHER: &str = "837264";

pub(crate) fn pin(digits: &str) -> Pin {
    Pin::parse(digits).unwrap()
}

fn cheap(asked: Stretch) -> Stretched {
    let bytes = [
        &asked.pepper[..],
        &asked.salt,
        asked.pin.digits().as_bytes(),
    ]
    .concat();
    Stretched {
        digest: digest(&SHA256, &bytes).as_ref().try_into().unwrap(),
        pin: asked.pin,
        salt: asked.salt,
    }
}

pub(crate) fn citizen(phone: &str) -> Principal {
    Principal {
        role: Role::Citizen,
        author: 0,
        ..worker(phone, 0)
    }
}

/// Gives a turn and every hash that it asks for.
pub(crate) async fn done<S: HubStore>(store: &S, turn: Turn, second: i64) -> (Committed, Vec<u32>) {
    done_at(store, turn, at(second)).await
}

/// The same at a moment of any quality.
pub(crate) async fn done_at<S: HubStore>(
    store: &S,
    turn: Turn,
    now: Moment,
) -> (Committed, Vec<u32>) {
    let mut hashes = Vec::new();
    let mut pauses = Vec::new();
    let mut committed = store.commit(turn.clone(), now).await.unwrap();
    while let Committed::Stretch(asked) = committed {
        pauses.push(asked.pause_s);
        hashes.push(cheap(asked));
        let again = Turn::Stretched {
            turn: Box::new(turn.clone()),
            done: hashes.clone(),
        };
        committed = store.commit(again, now).await.unwrap();
    }
    (committed, pauses)
}

pub(crate) async fn does<S: HubStore>(
    store: &S,
    principal: &Principal,
    command: Command,
    second: i64,
) -> Result<Outcome, Rejection> {
    let turn = Turn::Command {
        principal: principal.clone(),
        command,
    };
    match done(store, turn, second).await.0 {
        Committed::Command(result) => result,
        other => panic!("not a command's end: {other:?}"),
    }
}

pub(crate) async fn told<S: HubStore>(
    store: &S,
    who: &Principal,
    command: Command,
    second: i64,
) -> String {
    match does(store, who, command, second).await {
        Ok(_) => "done".to_owned(),
        Err(rejection) => rejection.text,
    }
}

pub(crate) fn check(digits: &str, hint: Option<&str>) -> Command {
    Command::CheckPin {
        pin: pin(digits),
        hint: hint.map(str::to_owned),
    }
}

fn set(digits: &str, hint: Option<&str>) -> Command {
    Command::SetPin {
        pin: pin(digits),
        hint: hint.map(str::to_owned),
        short: false,
    }
}

pub(crate) fn reset(number: &str, digits: Option<&str>) -> Command {
    Command::ResetPin {
        number: number.to_owned(),
        pin: digits.map(pin),
    }
}

/// Registers mother `n` on node a and returns her registration number.
pub(crate) async fn mother<S: HubStore>(store: &S, n: u32, second: i64) -> String {
    register(store, WORKER_A, n, second).await.values["mother_number"].clone()
}

/// Whether a try was charged: the turn stopped for its hash, and then the power went.
pub(crate) async fn cut<S: HubStore>(
    store: &S,
    who: &Principal,
    digits: &str,
    second: i64,
) -> bool {
    let turn = Turn::Command {
        principal: who.clone(),
        command: check(digits, None),
    };
    let committed = store.commit(turn, at(second)).await.unwrap();
    matches!(committed, Committed::Stretch(_))
}

#[tokio::test]
async fn a_power_cut_after_the_charge_gives_no_try_back() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, b, hub, .. } = sqlite(folder.path()).await;
    let number = mother(&a, 1, 10).await;
    let woman = citizen(&phone(1));
    let teller = worker(WORKER_A, 1);
    assert_eq!(
        told(&a, &teller, reset(&number, Some(OWN)), 11).await,
        "done"
    );
    assert_eq!(
        told(&a, &woman, check(OWN, None), 12).await,
        "done",
        "the control"
    );
    for second in 20..23 {
        assert!(cut(&a, &woman, OTHER, second).await);
    }
    drop((a, b, hub));
    let a = SqliteStore::open(config(&programmes(), folder.path(), "kibo")).unwrap();
    assert!(!cut(&a, &woman, OWN, 30).await, "no hash, no try");
    assert_eq!(
        told(&a, &woman, check(OWN, None), 31).await,
        "reject-pin-wait"
    );
    assert_eq!(
        told(&a, &woman, check(OWN, None), 23 + WAIT_S).await,
        "done"
    );
    // The right one gives all tries back.
    for second in 0..2 {
        assert!(cut(&a, &woman, OTHER, 4_000 + second).await);
    }
    assert_eq!(told(&a, &woman, check(OWN, None), 4_010).await, "done");
}

#[tokio::test]
async fn a_first_pin_is_chosen_from_a_confirmed_number() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    mother(&a, 1, 10).await;
    let woman = citizen(&phone(1));
    // Her number is not confirmed, so a stranger who holds it cannot choose a PIN.
    assert_eq!(
        told(&a, &woman, set(OWN, None), 11).await,
        "reject-pin-worker"
    );
    does(&a, &woman, Command::BindNumber, 12).await.unwrap();
    assert_eq!(
        told(&a, &woman, set("123456", None), 13).await,
        "reject-pin-weak"
    );
    assert_eq!(
        told(&a, &woman, set("4917", None), 14).await,
        "reject-pin-length"
    );
    assert_eq!(told(&a, &woman, set(OWN, None), 15).await, "done");
    assert_eq!(
        told(&a, &woman, set(OTHER, None), 16).await,
        "reject-pin-set"
    );
}

#[tokio::test]
async fn a_locked_pin_is_reset_by_a_second_person_and_holds_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, b, hub, .. } = sqlite(folder.path()).await;
    let number = mother(&a, 1, 10).await;
    let woman = citizen(&phone(1));
    let (teller, other) = (worker(WORKER_A, 1), worker(WORKER_B, 2));
    does(&a, &woman, Command::BindNumber, 12).await.unwrap();
    assert_eq!(told(&a, &woman, set(OWN, None), 15).await, "done");
    push_all(&a, &hub, &b, 17).await;
    assert_eq!(
        told(&b, &woman, set(OTHER, None), 18).await,
        "done",
        "a PIN belongs to its node"
    );
    lock(&a, &woman).await;
    let later = 100 * WAIT_S;
    assert_eq!(
        told(&a, &woman, check(OWN, None), later).await,
        "reject-pin-locked"
    );
    assert_eq!(
        told(&a, &woman, reset(&number, None), later).await,
        "reject-not-allowed"
    );
    let unknown = reset("7294058630", None);
    assert_eq!(
        told(&a, &teller, unknown, later).await,
        "reject-unknown-number"
    );
    assert_eq!(told(&a, &teller, reset(&number, None), later).await, "done");
    assert_eq!(
        told(&a, &woman, check(OWN, None), later).await,
        "reject-pin-none"
    );
    let texts = claim_messages(&a, later).await;
    let told_so = |claim: &Claim| {
        matches!(claim, Claim::Message { text, to, .. }
        if text.0.contains("Not you?") && *to == phone(1))
    };
    assert!(texts.iter().any(told_so), "{texts:?}");
    assert_eq!(told(&a, &woman, set(OTHER, None), later + 1).await, "done");
    // The fact travels: what was known about the old one elsewhere is gone.
    assert_eq!(
        told(&b, &woman, check(OTHER, None), later).await,
        "done",
        "the control"
    );
    push_all(&a, &hub, &b, later + 2).await;
    assert_eq!(
        told(&b, &woman, check(OTHER, None), later + 3).await,
        "reject-pin-none"
    );
    assert_eq!(
        told(&b, &other, reset(&number, Some(OWN)), later + 4).await,
        "done"
    );
    assert!(a.check(true).unwrap().is_sound());
}

/// Six wrong tries, with the wait in between.
async fn lock<S: HubStore>(store: &S, woman: &Principal) {
    for hour in 1..=2 {
        for second in 0..3 {
            let at = hour * 2 * WAIT_S + second;
            assert_eq!(
                told(store, woman, check(OTHER, None), at).await,
                "reject-pin-wrong"
            );
        }
    }
}

async fn push_all<S: HubStore>(a: &S, hub: &S, b: &S, second: i64) {
    sync(a, hub, second).await;
    let chain = registration_chain(a).await;
    let (node, epoch) = (chain.origin, chain.epoch);
    let certificate = hub.query(Query::Certificate { node, epoch }).await.unwrap();
    let Answer::Bytes(Some(certificate)) = certificate else {
        panic!("the hub certified it");
    };
    let taken = b.commit(Turn::Certificate(certificate), at(second)).await;
    assert_eq!(taken.unwrap(), Committed::Done);
    for frame in frames(a, chain, Seq(0)).await {
        let accepted = b.accept(frame, at(second)).await.unwrap();
        assert!(
            !matches!(accepted, Acceptance::Refused { .. }),
            "{accepted:?}"
        );
    }
}

#[tokio::test]
async fn changing_a_pin_takes_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    let number = mother(&a, 1, 10).await;
    let woman = citizen(&phone(1));
    let teller = worker(WORKER_A, 1);
    does(&a, &teller, reset(&number, Some(OWN)), 11)
        .await
        .unwrap();
    let change = |old: Option<&str>, new: &str| Command::ChangePin {
        old: old.map(pin),
        new: pin(new),
        hint: None,
        short: false,
    };
    assert_eq!(
        told(&a, &woman, change(Some(OTHER), OTHER), 12).await,
        "reject-pin-wrong"
    );
    assert_eq!(
        told(&a, &woman, change(None, OTHER), 13).await,
        "reject-pin-first"
    );
    assert_eq!(
        told(&a, &woman, change(Some(OWN), "111111"), 14).await,
        "reject-pin-weak"
    );
    assert_eq!(told(&a, &woman, change(Some(OWN), OTHER), 15).await, "done");
    assert_eq!(
        told(&a, &woman, check(OWN, None), 16).await,
        "reject-pin-wrong"
    );
    assert_eq!(told(&a, &woman, check(OTHER, None), 17).await, "done");
    // By SMS a PIN would stay in the phone.
    let by_sms = Principal {
        channel: node_core::contact::SMS_CHANNEL.to_owned(),
        ..woman
    };
    assert_eq!(
        told(&a, &by_sms, check(OTHER, None), 18).await,
        "reject-pin-sms"
    );
}

#[tokio::test]
async fn a_shared_number_tells_nothing_before_a_pin_and_every_no_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    let shared = "+254711777777";
    let mut numbers = Vec::new();
    for n in 0..3 {
        let mut both = pair(n);
        if let Command::RegisterPair { mother, .. } = &mut both {
            mother.set(Field::Phone, shared);
        }
        let outcome = does(&a, &worker(WORKER_A, 1), both, 10).await.unwrap();
        numbers.push(outcome.values["mother_number"].clone());
    }
    let caller = citizen(shared);
    let teller = worker(WORKER_A, 1);
    let hints: Vec<String> = numbers.iter().map(|digits| number::hint(digits)).collect();
    let hint = |n: usize| Some(hints[n].as_str());
    for (n, digits) in [(0, OWN), (1, OTHER)] {
        does(&a, &teller, reset(&numbers[n], Some(digits)), 11)
            .await
            .unwrap();
    }
    let answers = [
        told(&a, &caller, check(OWN, hint(0)), 20).await,
        told(&a, &caller, check(OTHER, hint(1)), 21).await,
    ];
    assert_eq!(answers, ["done", "done"]);
    assert_eq!(
        told(&a, &caller, check(OWN, None), 22).await,
        "reject-pin-who"
    );
    assert_eq!(
        told(&a, &caller, set(OWN, hint(2)), 23).await,
        "reject-pin-worker"
    );
    assert_eq!(
        told(&a, &caller, Command::ShowMyStatus, 24).await,
        "reject-pin-first"
    );
    // A wrong PIN, one of the other person, one of nobody, one of a person without a PIN.
    for (digits, hint) in [
        (OTHER, hint(0)),
        (OWN, hint(1)),
        (OWN, Some("0001")),
        (OWN, hint(2)),
    ] {
        assert_eq!(
            told(&a, &caller, check(digits, hint), 25).await,
            "reject-pin-wrong"
        );
    }
    // A way that a worker opened leads to a PIN on the shared number, too.
    does(&a, &teller, reset(&numbers[2], None), 30)
        .await
        .unwrap();
    assert_eq!(told(&a, &caller, set("604938", hint(2)), 31).await, "done");
    assert_eq!(
        told(&a, &caller, check("604938", hint(2)), 32).await,
        "done"
    );
}

#[tokio::test]
async fn a_worker_does_not_reset_the_pin_of_her_own_number() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    let mut own = pair(1);
    if let Command::RegisterPair { mother, .. } = &mut own {
        mother.set(Field::Phone, WORKER_A);
    }
    let teller = worker(WORKER_A, 1);
    let outcome = does(&a, &teller, own, 10).await.unwrap();
    let number = &outcome.values["mother_number"];
    assert_eq!(
        told(&a, &teller, reset(number, None), 11).await,
        "reject-second-person"
    );
    assert_eq!(
        told(&a, &worker(WORKER_B, 2), reset(number, None), 12).await,
        "done"
    );
    // Her PIN as a worker is another one than hers as a mother.
    assert_eq!(told(&a, &teller, set(OWN, None), 13).await, "done");
    assert_eq!(told(&a, &teller, check(OWN, None), 14).await, "done");
    assert_eq!(
        told(&a, &teller, set(OTHER, Some(&number::hint(number))), 15).await,
        "done"
    );
}

#[tokio::test]
async fn above_the_budget_of_the_node_every_answer_is_slow() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    let nobody = citizen("+254722000000");
    let mut pauses = Vec::new();
    for n in 0..125 {
        let turn = Turn::Command {
            principal: nobody.clone(),
            command: check(OWN, Some("0001")),
        };
        pauses.extend(done(&a, turn, 20 + n / 10).await.1);
    }
    assert_eq!(pauses.len(), 125);
    assert!(pauses[..120].iter().all(|pause| *pause == 0));
    assert!(pauses[120..].iter().all(|pause| *pause == SLOW_S));
    let turn = Turn::Command {
        principal: nobody,
        command: check(OWN, Some("0001")),
    };
    assert_eq!(done(&a, turn, 3 * WAIT_S).await.1, [0], "an hour later");
}
