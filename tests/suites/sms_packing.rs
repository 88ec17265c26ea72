//! What registrations and edits cost by SMS, as the product writes them: a table for today's whole
//! frames and for short runs, the limits of SYNC §8, and what becomes of a run that does not fit.
//!
//! A *family* is four entries: documents of mother (number, two names, birth date, sex, phone,
//! village) and child (number, name, birth date, sex, place of birth), consent, registration. A *person* is three: her
//! document (the mother's fields), her consent, the event with four answers, all of `cash-transfer`.

use node_core::command::{Command, SubjectName};
use node_core::person::{Field, PersonFields};
use node_core::query::{Answer, ChainHead, Query};
use node_core::turn::Acceptance;
use node_store::{About, Accepting, HubStore, RunForm, SqliteStore};
use sync_core::frame;
use sync_core::refusal::RefusalCode;
use sync_core::sms::Carrier;
use sync_core::sms::key::Ends;
use sync_core::sms::run::is_short;
use sync_core::{ChainId, Lane, Seq};
use tests::families::Families;
use tests::random::Random;
use tests::sms::{Air, CALM, DAY, Planted, SMS_ONLY, rows};
use tests::stick::{World, heads};

/// Numbers of registrations in a run of the table.
const TABLE: [usize; 6] = [1, 4, 10, 23, 50, 200];
/// Entries of a run that are meant to be many: sixteen SMS and more.
const MANY_SMS: usize = 16;

/// A run that leaves: its entries' end, its octets.
type Run = (Seq, Vec<u8>);

/// A hub and a node that heard of its worker by SMS, and nothing in the air since.
struct Village {
    world: World,
    air: Air,
    families: Families,
    random: Random,
}

impl Village {
    async fn new() -> Self {
        let world = World::with_services(1, &["maternal-child", "cash-transfer"]).await;
        let nodes = [(world.nodes[0].clone(), "node0".to_owned())];
        let rules = (CALM, Planted::Nothing, SMS_ONLY);
        let mut air = Air::new(&world.hub, &nodes, rules, 1).await;
        air.play_until(2 * DAY).await;
        Self {
            world,
            air,
            families: Families::new(),
            random: Random(3),
        }
    }

    fn node(&self) -> &SqliteStore {
        &self.world.nodes[0]
    }

    /// Some minutes pass; nothing leaves.
    fn wait(&mut self) {
        let seconds = 180 + self.random.below(1_200);
        self.air.now += i64::try_from(seconds).expect("seconds");
        self.world.set(self.air.now);
    }

    /// Registrations, one every few minutes; the numbers of the people.
    async fn register(&mut self, count: usize, alone: bool) -> Vec<String> {
        let mut numbers = Vec::new();
        for _ in 0..count {
            self.wait();
            let command = if alone {
                self.families.alone()
            } else {
                self.families.pair()
            };
            let outcome = self.world.work(0, command).await;
            let name = if alone { "person" } else { "mother_number" };
            numbers.extend(outcome.values.get(name).cloned());
        }
        numbers
    }

    /// The chain of registrations and its head.
    async fn chain(&self) -> ChainHead {
        let Ok(Answer::Self_(own)) = self.node().query(Query::Self_).await else {
            panic!("nobody");
        };
        let is_own = |head: &ChainHead| {
            head.chain.origin == own.node && head.chain.scope.lane() == Some(Lane::Registration)
        };
        let mut heads = heads(self.node()).await;
        heads.retain(is_own);
        heads.pop().expect("a chain")
    }

    async fn run(&self, after: Seq, form: RunForm) -> Run {
        let chain = self.chain().await.chain;
        let octets = Carrier::Binary.run_octets();
        let place = (chain, after);
        let run = self.node().sms_frame(ends(&chain), place, octets, form);
        let (about, content) = run.await.expect("a store").expect("entries");
        let About::Frame { last, .. } = about else {
            panic!("no entries");
        };
        (last, content)
    }

    /// All runs with the entries behind one.
    async fn runs(&self, mut after: Seq, form: RunForm) -> Vec<Run> {
        let head = self.chain().await.seq;
        let mut runs = Vec::new();
        while after < head {
            let run = self.run(after, form).await;
            after = run.0;
            runs.push(run);
        }
        runs
    }

    /// The frame that the hub makes of a run.
    async fn whole(&self, run: &[u8]) -> Result<Vec<u8>, RefusalCode> {
        let chain = self.chain().await.chain;
        let whole = self.world.hub.sms_whole(ends(&chain), run.to_vec()).await;
        whole.expect("a store").map_err(|refusal| refusal.code)
    }

    async fn accept(&self, frame: Vec<u8>) -> Acceptance {
        let accepted = self.world.hub.accept(frame, self.air.moment()).await;
        accepted.expect("a store")
    }

    /// The hub takes all runs behind an entry, and then holds the same chain: the same changes, byte
    /// for byte.
    async fn arrive(&self, after: Seq) {
        for (_, run) in self.runs(after, RunForm::Short).await {
            assert!(is_short(&run));
            let frame = self.whole(&run).await.expect("a frame");
            let accepted = self.accept(frame).await;
            assert!(
                matches!(accepted, Acceptance::Accepted { .. }),
                "{accepted:?}"
            );
        }
        let head = self.chain().await;
        let there = heads(&self.world.hub).await;
        let same = there.iter().find(|other| other.chain == head.chain);
        let same = same.map(|other| (other.seq, other.hash));
        assert_eq!(same, Some((head.seq, head.hash)));
    }
}

fn ends(chain: &ChainId) -> Ends {
    Ends {
        hub: chain.hub,
        node: chain.origin,
        epoch: chain.epoch,
    }
}

fn sms(runs: &[Run]) -> usize {
    let carrier = Carrier::Binary;
    let parts = |run: &Run| match run.1.len() {
        octets if octets <= carrier.content_octets() => 1,
        octets => octets.div_ceil(carrier.part_octets()),
    };
    runs.iter().map(parts).sum()
}

/// SMS of whole frames and of short runs for so many registrations, which then arrive.
async fn row(village: &mut Village, count: usize, alone: bool, before: Seq) -> [usize; 2] {
    village.register(count, alone).await;
    let mut both = [0; 2];
    let mut octets = [0; 2];
    for (at, form) in [RunForm::Whole, RunForm::Short].into_iter().enumerate() {
        let runs = village.runs(before, form).await;
        both[at] = sms(&runs);
        octets[at] = runs.iter().map(|(_, run)| run.len()).sum::<usize>();
    }
    let what = if alone { "people" } else { "families" };
    println!(
        "{count:>4} {what:<9} whole {:>3} SMS {:>6} octets   short {:>3} SMS {:>6} octets",
        both[0], octets[0], both[1], octets[1]
    );
    village.arrive(before).await;
    both
}

#[tokio::test]
async fn runs_carry_three_registrations_in_each_sms_and_never_more_than_two_sms_carry_one() {
    let mut village = Village::new().await;
    let mut before = Seq(0);
    for alone in [false, true] {
        for count in TABLE {
            let [whole, short] = row(&mut village, count, alone, before).await;
            assert!(short <= whole, "{short} SMS, {whole} before");
            if count == 1 {
                assert!(short <= 2, "{short} SMS for one");
            }
            if short >= MANY_SMS {
                assert!(count >= 3 * short, "{count} in {short} SMS");
            }
            before = village.chain().await.seq;
        }
    }
}

/// A registration that leaves alone: its run is signed for itself.
#[tokio::test]
async fn one_registration_alone_takes_one_sms_where_it_fits_and_never_more_than_two() {
    let mut village = Village::new().await;
    let mut before = Seq(0);
    let mut in_one = [0; 2];
    for (at, alone) in [false, true].into_iter().enumerate() {
        let mut octets = Vec::new();
        for _ in 0..16 {
            village.register(1, alone).await;
            let runs = village.runs(before, RunForm::Short).await;
            assert!(sms(&runs) <= 2, "{} SMS", sms(&runs));
            in_one[at] += usize::from(sms(&runs) == 1);
            octets.push(runs[0].1.len());
            village.arrive(before).await;
            before = village.chain().await.seq;
        }
        octets.sort_unstable();
        println!("alone: {octets:?} octets, {} of 16 in one SMS", in_one[at]);
    }
    // Long names and full phone numbers may cost the second SMS now and then.
    assert!(in_one[0] >= 12, "{} of 16 families in one SMS", in_one[0]);
}

#[tokio::test]
async fn an_sms_of_a_run_carries_seven_edits_of_one_field() {
    let mut village = Village::new().await;
    let people = village.register(40, false).await;
    village.arrive(Seq(0)).await;
    for count in [1, 7, 112] {
        let before = village.chain().await.seq;
        for _ in 0..count {
            village.wait();
            let phone = format!("+25677{:07}", village.random.below(10_000_000));
            let mut fields = PersonFields::default();
            match village.random.below(3) {
                0 => fields.set(Field::Phone, phone),
                1 => {
                    let year = 1970 + village.random.below(35);
                    fields.set(
                        Field::BirthDate,
                        format!("{year}-03-0{}", 1 + village.random.below(9)),
                    );
                }
                _ => fields.set(
                    Field::Village,
                    *village.random.one_of(&["JJ", "KL", "BS", "HM"]),
                ),
            }
            let number = village.random.one_of(&people).clone();
            let subject = SubjectName::Number(number);
            village
                .world
                .work(0, Command::UpdatePerson { subject, fields })
                .await;
        }
        let runs = village.runs(before, RunForm::Short).await;
        let octets: usize = runs.iter().map(|(_, run)| run.len()).sum();
        let edits = usize::try_from(village.chain().await.seq.0 - before.0).expect("a number");
        println!(
            "{count:>4} edits ({edits} entries): {} SMS, {octets} octets",
            sms(&runs)
        );
        assert!(count < 112 || sms(&runs) * 7 <= 112, "{} SMS", sms(&runs));
        village.arrive(before).await;
    }
}

#[tokio::test]
async fn a_forged_or_cut_run_gives_nothing_and_a_replay_changes_nothing() {
    let mut village = Village::new().await;
    village.register(2, false).await;
    let (last, run) = village.run(Seq(0), RunForm::Short).await;
    let before = rows(&village.world.hub);
    for bit in (0..run.len() * 8).step_by(5) {
        let mut flipped = run.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match village.whole(&flipped).await {
            Err(code) => assert!(matches!(
                code,
                RefusalCode::Rebuild | RefusalCode::Version | RefusalCode::Malformed
            )),
            Ok(_) => panic!("bit {bit} gives a frame"),
        }
    }
    for end in (0..run.len()).step_by(7) {
        assert_ne!(village.whole(&run[..end]).await.err(), None);
    }
    assert_eq!(rows(&village.world.hub), before);
    village.arrive(Seq(0)).await;
    let taken = rows(&village.world.hub);
    assert_ne!(taken, before, "the control");
    let frame = village.whole(&run).await.expect("the same frame");
    assert_eq!(frame::header(&frame).expect("a frame").last_seq(), last);
    let again = village.accept(frame).await;
    assert!(matches!(again, Acceptance::Known { .. }), "{again:?}");
    assert_eq!(rows(&village.world.hub), taken);
}

#[tokio::test]
async fn a_run_that_does_not_fit_is_sent_whole_and_the_next_one_is_short_again() {
    let mut village = Village::new().await;
    village.register(70, false).await;
    // Another road brought all of it, and the node heard nothing of that: the hub takes the first
    // entry of the run for one far behind it.
    for (_, frame) in village.runs(Seq(0), RunForm::Whole).await {
        village.accept(frame).await;
    }
    assert!(village.chain().await.seq.0 > 256);
    let (_, run) = village.run(Seq(0), RunForm::Short).await;
    let before = rows(&village.world.hub);
    assert_eq!(village.whole(&run).await, Err(RefusalCode::Rebuild));
    assert_eq!(rows(&village.world.hub), before);
    village.air.news(1).await;
    let day = village.air.now / DAY + 1;
    village.air.play_until(day * DAY).await;
    assert_eq!(village.chain().await.receipted, village.chain().await.seq);
    let sent = village.air.sent(1);
    village.register(1, false).await;
    village.air.news(1).await;
    village.air.play_until((day + 1) * DAY).await;
    assert_eq!(village.chain().await.receipted, village.chain().await.seq);
    assert!(
        village.air.sent(1) - sent <= 4,
        "{} SMS",
        village.air.sent(1) - sent
    );
}
