//! Two nodes and a hub joined by nothing but modems, for sixty virtual days: registrations, the
//! registry's answers, a revocation and receipts all arrive, nothing is lost, nothing comes twice,
//! and the bill is printed (SYNC SY17, SY18).

use node::roles::hub::FIRST_AREA;
use node_core::query::{Answer, Counts, Query};
use node_core::revocation::{Closing, Mode};
use node_core::role::{Principal, Role};
use node_core::status::Status;
use node_core::turn::{Claim, ClaimKind, EffectOutcome, Finish};
use node_store::{HubStore, Outbox, SqliteStore};
use sync_core::{NodeId, revocation};
use tests::random::Random;
use tests::sms::{Air, Bill, CALM, DAY, Faults, Planted, Rules, SMS_ONLY};
use tests::stick::{World, differences_of_both, heads};

/// Loss, copies and days of delay of SY17, and power cuts.
const HOSTILE: Faults = Faults {
    loss: 20,
    copies: 10,
    days_late: 2,
    cuts: 15,
};
/// Days of the long world.
const DAYS: i64 = 60;
/// SMS of all ends in these days where nothing is lost; 967 were measured.
const CALM_SMS_MAX: u64 = 1_000;

async fn counts(store: &SqliteStore) -> Counts {
    match store.query(Query::Counts).await {
        Ok(Answer::Counts(counts)) => counts,
        other => panic!("no counts: {other:?}"),
    }
}

/// Joined ends; nobody has heard of the worker yet.
struct Village {
    world: World,
    air: Air,
    families: [usize; 2],
    decided: usize,
}

impl Village {
    async fn new(faults: Faults, planted: Planted, seed: u64) -> Self {
        Self::with(SMS_ONLY, (faults, planted), seed).await
    }

    async fn with(rules: Rules, (faults, planted): (Faults, Planted), seed: u64) -> Self {
        let world = World::new(2).await;
        let named = world.nodes.iter().enumerate();
        let nodes: Vec<_> = named
            .map(|(number, store)| (store.clone(), format!("node{number}")))
            .collect();
        let air = Air::new(&world.hub, &nodes, (faults, planted, rules), seed).await;
        Self {
            world,
            air,
            families: [0; 2],
            decided: 0,
        }
    }

    async fn play_until(&mut self, seconds: i64) {
        self.air.play_until(seconds).await;
        self.world.set(self.air.now);
    }

    /// Families come to a node, one every three minutes.
    async fn register(&mut self, node: usize, families: usize) {
        for _ in 0..families {
            let number = self.families[node];
            self.world.register(node, number).await;
            self.families[node] += 1;
            self.air.news(node + 1).await;
            let soon = self.air.now + 180;
            self.play_until(soon).await;
        }
    }

    /// The registry answers what has come to the hub.
    async fn decide(&mut self) {
        let kind = ClaimKind::Effects {
            upstream: "registries".to_owned(),
        };
        let now = self.air.moment();
        let claims = self.world.hub.claim(kind, 32, now).await.expect("claims");
        for claim in claims {
            let Claim::Effect { request_id, .. } = claim else {
                panic!("not an effect");
            };
            self.decided += 1;
            let outcome = EffectOutcome::Accepted {
                registry_id: format!("MCTS-{}", self.decided),
            };
            let finish = Finish::Effect {
                request_id,
                outcome,
            };
            self.world.hub.finish(finish, now).await.expect("finished");
        }
        self.air.news(0).await;
    }

    async fn unequal(&self) -> Vec<String> {
        let mut all = Vec::new();
        for node in &self.world.nodes {
            all.extend(differences_of_both(&self.world.hub, node).await);
        }
        all
    }

    /// Every registration has its answer at its node, none is there twice.
    async fn check_registrations(&self) {
        let all: usize = self.families.iter().sum();
        let at_hub = counts(&self.world.hub).await;
        assert_eq!(at_hub.registrations, u64::try_from(all).unwrap());
        for (node, families) in self.families.iter().enumerate() {
            let own = counts(&self.world.nodes[node]).await;
            let families = u64::try_from(*families).unwrap();
            assert_eq!((own.registrations, own.not_carried), (families, 0));
            assert_eq!(own.by_status.get(&Status::Accepted), Some(&families));
        }
    }

    /// One day: some families, answers of the registry in the evening.
    async fn day(&mut self, day: i64, random: &mut Random) {
        for node in 0..2 {
            let families = random.below(4);
            self.register(node, families).await;
        }
        self.play_until(day * DAY + 12 * 3_600).await;
        self.decide().await;
        self.play_until((day + 1) * DAY).await;
    }
}

/// Sixty days under faults; the bill, and whether all converged.
async fn sixty_days(faults: Faults, seed: u64) -> (Bill, bool) {
    let mut village = Village::new(faults, Planted::Nothing, seed).await;
    let mut random = Random(seed);
    // The nodes hear of the worker by SMS, before anybody registers.
    village.play_until(4 * DAY).await;
    for day in 4..DAYS - 12 {
        village.day(day, &mut random).await;
    }
    for day in DAYS - 12..DAYS {
        village.play_until(day * DAY).await;
        village.decide().await;
    }
    village.play_until(DAYS * DAY).await;
    let open = village.unequal().await;
    assert_eq!(village.air.collision, None);
    let is_equal = open.is_empty();
    if is_equal {
        village.check_registrations().await;
    }
    (village.air.bill, is_equal)
}

#[tokio::test]
async fn sixty_days_with_nothing_but_lossy_sms_converge() {
    let (bill, is_equal) = sixty_days(HOSTILE, 1).await;
    println!("hostile: {bill}");
    assert!(is_equal);
    assert!(bill.cuts > 20 && bill.repeats > 0, "{bill}");
}

#[tokio::test]
async fn sixty_days_without_losses_cost_little_above_the_least() {
    let (bill, is_equal) = sixty_days(CALM, 2).await;
    println!("calm: {bill}");
    assert!(is_equal);
    assert_eq!((bill.repeats, bill.cuts), (0, 0));
    assert!(bill.sent * 10 <= bill.least() * 16, "{bill}");
    assert!(bill.sent <= CALM_SMS_MAX, "{bill}");
}

#[tokio::test]
async fn a_step_that_is_not_committed_before_its_sms_leaves_is_found() {
    let mut is_found = false;
    let mut seed = 0;
    while !is_found && seed < 8 {
        seed += 1;
        let faults = Faults {
            cuts: 120,
            ..HOSTILE
        };
        let mut village = Village::new(faults, Planted::StepsForgotten, seed).await;
        village.play_until(2 * DAY).await;
        is_found = village.air.collision.is_some();
    }
    assert!(is_found);
}

#[tokio::test]
async fn nothing_leaves_before_there_was_no_ip_for_the_set_time() {
    let rules = Rules {
        after_hours: 12,
        ..SMS_ONLY
    };
    let mut village = Village::with(rules, (CALM, Planted::Nothing), 6).await;
    let numbers = [
        own(&village.world.nodes[0]).await,
        own(&village.world.nodes[1]).await,
    ];
    village.play_until(11 * 3_600).await;
    for (node, number) in numbers.into_iter().enumerate() {
        village.air.meet(node + 1, number);
    }
    village.play_until(22 * 3_600).await;
    assert_eq!(village.air.bill.sent, 0);
    village.play_until(30 * 3_600).await;
    assert!(village.air.bill.sent > 0);
}

#[tokio::test]
async fn a_budget_that_is_used_up_holds_entries_and_lets_alerts_go() {
    let rules = Rules {
        day_messages: 20,
        ..SMS_ONLY
    };
    let mut village = Village::with(rules, (CALM, Planted::Nothing), 8).await;
    village.play_until(6 * DAY).await;
    village.register(0, 30).await;
    let day = village.air.now / DAY + 1;
    village.play_until(day * DAY).await;
    assert!(
        counts(&village.world.nodes[0]).await.not_carried > 0,
        "held"
    );
    let before = village.air.sent(1);
    village.play_until((day + 1) * DAY).await;
    // Of 20 a fifth is for alerts, a fifth for payments, over midnight in UTC at most two days' worth.
    assert!(
        village.air.sent(1) - before <= 24,
        "{}",
        village.air.sent(1)
    );
    village.play_until((day + 12) * DAY).await;
    assert_eq!(counts(&village.world.nodes[0]).await.not_carried, 0);
}

#[tokio::test]
async fn a_revocation_reaches_the_other_node_by_sms() {
    let mut village = Village::new(HOSTILE, Planted::Nothing, 3).await;
    village.play_until(4 * DAY).await;
    let stolen = own(&village.world.nodes[0]).await;
    let closing = Closing {
        node: stolen,
        mode: Mode::Stop,
        reason: "stolen".to_owned(),
    };
    let officer = Principal {
        role: Role::Officer,
        author: 1,
        ..Principal::system(FIRST_AREA, "en")
    };
    let now = village.air.moment();
    let done = village.world.hub.revoke(officer, closing, now).await;
    done.expect("a list").expect("closed");
    assert!(!is_stopped(&village.world.nodes[1], stolen).await);
    village.air.news(0).await;
    village.play_until(8 * DAY).await;
    assert!(is_stopped(&village.world.nodes[1], stolen).await);
    // The closed node is heard no more, and the other one goes on.
    let before = counts(&village.world.hub).await.registrations;
    village.register(0, 1).await;
    village.register(1, 1).await;
    village.play_until(12 * DAY).await;
    let after = counts(&village.world.hub).await.registrations;
    assert_eq!(after, before + 1);
}

async fn own(store: &SqliteStore) -> NodeId {
    match store.query(Query::Self_).await {
        Ok(Answer::Self_(own)) => own.node,
        other => panic!("nobody: {other:?}"),
    }
}

async fn is_stopped(store: &SqliteStore, node: NodeId) -> bool {
    let realm = store.realm().await.expect("a realm");
    match store.query(Query::Revocations).await {
        Ok(Answer::Bytes(Some(list))) => {
            let list = revocation::verify(&list, &realm.revocation_key);
            list.is_ok_and(|list| list.entries.iter().any(|entry| entry.node == node))
        }
        _ => false,
    }
}

#[tokio::test]
async fn forged_replayed_and_flipped_sms_change_no_row_and_cost_no_reply() {
    let mut village = Village::new(CALM, Planted::Nothing, 4).await;
    village.play_until(2 * DAY).await;
    village.register(0, 3).await;
    village.play_until(4 * DAY).await;
    let before = heads(&village.world.hub).await;
    let rows = tests::sms::rows(&village.world.hub);
    let sent = village.air.bill.sent;
    let captured = village.air.captured(1, 0);
    assert!(captured.len() > 5);
    let mut random = Random(5);
    let mut tried = 0;
    for octets in &captured {
        let mut forgeries = vec![octets.clone(), octets[..octets.len() - 1].to_vec()];
        for _ in 0..24 {
            let mut flipped = octets.clone();
            let bit = random.below(flipped.len() * 8);
            flipped[bit / 8] ^= 1 << (bit % 8);
            forgeries.push(flipped);
        }
        for forged in forgeries {
            for from in [1, 2, 7] {
                assert_eq!(village.air.forge(0, from, &forged).await, 0);
                tried += 1;
            }
        }
    }
    // What the hub sent comes back to it, and what one node sent goes to the other one.
    for (octets, to) in [(village.air.captured(0, 1), 0), (captured, 2)] {
        for octets in octets {
            assert_eq!(village.air.forge(to, 1, &octets).await, 0);
            tried += 1;
        }
    }
    assert!(tried > 500);
    assert_eq!(heads(&village.world.hub).await, before);
    assert_eq!(tests::sms::rows(&village.world.hub), rows);
    assert_eq!(village.air.bill.sent, sent);
    // The control: a new one from the node is taken.
    village.register(0, 1).await;
    village.play_until(5 * DAY).await;
    assert_ne!(tests::sms::rows(&village.world.hub), rows);
}
