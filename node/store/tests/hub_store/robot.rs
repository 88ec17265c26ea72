//! A robot that guesses PINs, with power cuts in between (S7).

use node_core::turn::{Committed, Turn};
use node_store::HubStore;

use crate::pin::{check, citizen, cut, done, mother, pin, reset, told};
use crate::world::{WORKER_A, World, phone, sqlite, worker};

#[tokio::test]
async fn a_robot_with_power_cuts_gets_six_tries_an_account() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    let store = a;
    let mut robots = tokio::task::JoinSet::new();
    let mut found = [0_usize; 3];
    for n in 0..1_000_u32 {
        let store = store.clone();
        robots.spawn(async move { attack(&store, n).await });
        if robots.len() >= 100 {
            for (sum, one) in found
                .iter_mut()
                .zip(robots.join_next().await.unwrap().unwrap())
            {
                *sum += one;
            }
        }
    }
    for one in robots.join_all().await {
        for (sum, one) in found.iter_mut().zip(one) {
            *sum += one;
        }
    }
    let [guesses, charged, gained] = found;
    assert_eq!((guesses, charged), (10_000, 6_000));
    assert!(gained <= 3, "{gained} of 1,000 accounts");
}

/// Guesses one account's PIN ten times; the power goes after each second try. Returns how many
/// guesses were made, how many cost a hash, and how many accounts were opened.
async fn attack<S: HubStore>(store: &S, n: u32) -> [usize; 3] {
    let mut state = u64::from(n) * 2 + 1;
    let mut digits = move || loop {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let candidate = format!("{:06}", (state >> 33) % 1_000_000);
        if !node_core::pin::is_weak(&pin(&candidate), &node_core::pin::Known::default()) {
            return candidate;
        }
    };
    let number = mother(store, n, 10).await;
    let own = digits();
    let teller = worker(WORKER_A, 1);
    // What the number holds may be part of a random PIN; then another one is taken.
    let mut given = own;
    while told(store, &teller, reset(&number, Some(&given)), 11).await != "done" {
        given = digits();
    }
    let robot = citizen(&phone(n));
    let mut charged = 0;
    let mut gained = 0;
    for guess in 0..10_i64 {
        let second = 100 + guess * 25 * 60;
        let typed = digits();
        if guess % 2 == 0 {
            charged += usize::from(cut(store, &robot, &typed, second).await);
            continue;
        }
        let turn = Turn::Command {
            principal: robot.clone(),
            command: check(&typed, None),
        };
        let (committed, hashes) = done(store, turn, second).await;
        charged += hashes.len();
        gained += usize::from(matches!(committed, Committed::Command(Ok(_))));
    }
    let last = told(store, &robot, check(&given, None), 100_000).await;
    assert!(gained > 0 || last == "reject-pin-locked", "{last}");
    [10, charged, gained]
}
