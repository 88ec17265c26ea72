//! A year of visits on two nodes with clocks that jump: no reminder twice, none missing, none to
//! somebody who died, said STOP or took her consent back.
//!
//! `YEAR_MOTHERS` says how many; the ordinary run has few, the long one a thousand. The schedule is
//! a small one of the test's own, so that what is expected can be said in a line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use node_core::command::{Command, EventDraft, SubjectName};
use node_core::contact::Moment;
use node_core::programme::{Programmes, SERVICE_FILE, Source};
use node_core::role::{Principal, Role};
use node_core::turn::{Claim, ClaimKind, Committed, Finish, Turn};
use node_store::{HubStore, Outbox, SqliteStore};
use sync_core::ClockQuality;

use crate::world::{
    AREA, WORKER_A, WORKER_B, World, at, own, pair, phone, sqlite_of, sync, worker,
};

const DAYS: i64 = 365;
const DAY_S: i64 = 86_400;
/// Days after the child's birth (2 March 2026) on which something is due; the world begins on the
/// 14th.
const DUE: [(&str, i64); 4] = [("six", 42), ("ten", 70), ("nine", 270), ("year", 365)];
/// Days before on which the reminder leaves.
const BEFORE: i64 = 2;

pub(crate) fn programmes() -> Arc<Programmes> {
    let mut service = String::from(
        "\n[[events]]\ncode = \"shot\"\ntitle = \"menu\"\nsubject = \"person\"\n\
         audience = [\"health_worker\"]\nfields = [\"child_place_of_birth\"]\n\
         [[events]]\ncode = \"died\"\ntitle = \"menu\"\nsubject = \"person\"\n\
         audience = [\"health_worker\"]\nlast = true\n\
         [[schedules]]\ncode = \"shots\"\nfrom = \"child-registered\"\nanchor = \"birth_date\"\n",
    );
    for (code, days) in DUE {
        write!(
            service,
            "[[schedules.tasks]]\ncode = \"{code}\"\ndue_days = {days}\nexpires_days = 30\n\
             line = \"remind-{code}\"\nreminder = \"remind-{code}\"\nremind_days = {BEFORE}\n\
             done_by = {{ event = \"shot\", where = {{ child_place_of_birth = \"{code}\" }} }}\n"
        )
        .unwrap();
    }
    let mut source = Source::maternal_child();
    for language in ["en", "fr", "sw", "am"] {
        let name = format!("texts/{language}.ftl");
        let mut texts = source.files[&name].clone();
        for (code, _) in DUE {
            writeln!(texts, "\nremind-{code} = Please come: {code}.").unwrap();
        }
        source = source.with(&name, texts);
    }
    let service = format!("{}{service}", source.files[SERVICE_FILE]);
    Arc::new(Programmes::load(&[source.with(SERVICE_FILE, service)]).unwrap())
}

/// One mother and her child as the test follows them.
struct Family {
    /// Number of her child.
    child: String,
    mother: String,
    /// Which node registered them.
    home: usize,
    /// From which day on no reminder may come.
    ends: Option<i64>,
    /// Tasks that were done, by the day on which her home node knew it.
    done: BTreeMap<&'static str, i64>,
}

struct Year {
    world: World<SqliteStore>,
    families: Vec<Family>,
    random: u64,
    /// Number of the phone and text, and the day on which it left.
    sent: Vec<(String, String, i64)>,
}

impl Year {
    fn node(&self, home: usize) -> &SqliteStore {
        if home == 0 {
            &self.world.a
        } else {
            &self.world.b
        }
    }

    /// A number below `below`, from a fixed sequence.
    fn draw(&mut self, below: u64) -> u64 {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.random >> 33) % below
    }

    async fn register(&mut self, count: u32) {
        for n in 0..count {
            let home = usize::try_from(n % 2).unwrap();
            let (staff, index) = [(WORKER_A, 1), (WORKER_B, 2)][home];
            let moment = at(100 + i64::from(n));
            let principal = worker(staff, index);
            let outcome = give(self.node(home), &principal, pair(n), moment).await;
            let hers = Principal {
                role: Role::Citizen,
                author: 0,
                ..worker(&phone(n), 0)
            };
            give(self.node(home), &hers, Command::BindNumber, moment).await;
            self.families.push(Family {
                child: outcome["child_number"].clone(),
                mother: outcome["mother_number"].clone(),
                home,
                ends: None,
                done: BTreeMap::new(),
            });
        }
    }

    /// What happens to families on a day: shots, deaths, STOP, consent taken back.
    async fn live(&mut self, day: i64) {
        for n in 0..self.families.len() {
            let home = self.families[n].home;
            let moment = at(day * DAY_S + 200);
            let hers = Principal {
                role: Role::Citizen,
                author: 0,
                ..worker(&phone(u32::try_from(n).unwrap()), 0)
            };
            if day % 30 == i64::try_from(n).unwrap() % 30 {
                // Their phones are in use, so no number falls silent.
                give(self.node(home), &hers, Command::NoteTraffic, moment).await;
            }
            for (code, due) in DUE {
                // Some come early, most on the day, some never.
                if birth_day(due) - 3 == day && self.draw(10) < 2
                    || birth_day(due) == day && self.draw(10) < 6
                {
                    self.record(n, "shot", Some(code), moment).await;
                    self.families[n].done.entry(code).or_insert(day);
                }
            }
            let chance = self.draw(1_200);
            if chance > 2 || self.families[n].ends.is_some() {
                continue;
            }
            self.families[n].ends = Some(day);
            match chance {
                0 => self.record(n, "died", None, moment).await,
                1 => {
                    let stop = Command::StopMessages { stopped: true };
                    give(self.node(home), &hers, stop, moment).await;
                }
                _ => {
                    let withdraw = Command::WithdrawConsent {
                        agreement: None,
                        purpose: None,
                    };
                    give(self.node(home), &hers, withdraw, moment).await;
                }
            }
        }
    }

    async fn record(&self, n: usize, code: &str, kind: Option<&str>, moment: Moment) {
        let family = &self.families[n];
        let (staff, index) = [(WORKER_A, 1), (WORKER_B, 2)][family.home];
        // The mother's death ends the texts about her child too, because they would go to her.
        let subject = if code == "died" {
            &family.mother
        } else {
            &family.child
        };
        let fields = kind.map(|kind| ("child_place_of_birth".to_owned(), kind.to_owned()));
        let command = Command::RecordEvent {
            event: EventDraft {
                programme: "maternal-child".to_owned(),
                programme_version: 1,
                code: code.to_owned(),
                fields: fields.into_iter().collect(),
            },
            subject: SubjectName::Number(subject.clone()),
            refers: None,
            replaces: None,
            consent: None,
        };
        give(
            self.node(family.home),
            &worker(staff, index),
            command,
            moment,
        )
        .await;
    }

    /// Both nodes look at what is due by their clocks, and everything leaves.
    async fn remind(&mut self, day: i64, moment: Moment) {
        for home in 0..2 {
            let store = self.node(home).clone();
            let system = Principal::system(AREA, "en");
            let mut rounds = 0;
            while give(&store, &system, Command::SendReminders, moment).await["messages"] != "0" {
                rounds += 1;
                assert!(rounds < 100, "reminders never end on day {day}");
            }
            // A message waits for the morning; it leaves by the true clock, whatever ours says.
            let leave = at(day * DAY_S + 3 * 3_600);
            loop {
                let claims = store.claim(ClaimKind::Messages, 200, leave).await.unwrap();
                if claims.is_empty() {
                    break;
                }
                for claim in claims {
                    let Claim::Message { id, to, text, .. } = claim else {
                        panic!("not a message: {claim:?}");
                    };
                    if text.0.starts_with("Please come") {
                        self.sent.push((to, text.0.clone(), day));
                    }
                    let outcome = channels_core::SubmitOutcome::Sent {
                        message_id: format!("n{}", self.sent.len()),
                    };
                    let link = "operator-a".to_owned();
                    let finish = Finish::Message { id, link, outcome };
                    store.finish(finish, leave).await.unwrap();
                }
            }
        }
    }

    /// A wrong clock: far away and known to be, or hours off and believed.
    fn jump(&mut self, day: i64) -> Moment {
        let true_clock = at(day * DAY_S);
        let (at, quality) = match self.draw(8) {
            0 => (
                "1970-01-01T00:00:00Z".parse::<Timestamp>().unwrap(),
                ClockQuality::Unknown,
            ),
            1 => (
                true_clock.at + SignedDuration::from_hours(87_600),
                ClockQuality::Fake,
            ),
            2 => (
                true_clock.at - SignedDuration::from_hours(2),
                ClockQuality::Rtc,
            ),
            _ => (true_clock.at, ClockQuality::Ntp),
        };
        Moment { at, quality }
    }

    /// What left and must not have, and what did not leave and must have.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        for (to, text, day) in &self.sent {
            if !seen.insert((to, text)) {
                faults.push(format!("twice: {text} on day {day}"));
            }
        }
        for (n, family) in self.families.iter().enumerate() {
            for (code, due) in DUE {
                let fault = self.fault(n, family, code, birth_day(due) - BEFORE);
                faults.extend(fault.map(|fault| format!("family {n}, {code}: {fault}")));
            }
        }
        faults
    }

    fn fault(&self, n: usize, family: &Family, code: &str, remind: i64) -> Option<String> {
        let to = phone(u32::try_from(n).unwrap());
        let text = format!("Please come: {code}.");
        let mut left = self.sent.iter();
        let left = left.find(|(number, sent, _)| *number == to && *sent == text);
        let over = family.ends.is_some_and(|day| day < remind);
        let early = family.done.get(code).is_some_and(|day| *day < remind);
        // A clock that is not trusted delays a reminder by days, and then it may be too late.
        let delay = remind..remind + 8;
        let ends = [family.ends, family.done.get(code).copied()];
        let may_miss = ends.iter().flatten().any(|day| delay.contains(day));
        match left {
            Some((.., day)) if over || early => Some(format!("left on day {day}, {remind}")),
            Some((.., day)) if !delay.contains(day) => Some(format!("on day {day}, not {remind}")),
            Some(_) => None,
            None if over || early || may_miss || !(0..DAYS - 8).contains(&remind) => None,
            None => Some(format!("never came, due on day {remind}")),
        }
    }
}

/// The day of the year on which something is due.
fn birth_day(due: i64) -> i64 {
    due - 12
}

async fn give(
    store: &SqliteStore,
    principal: &Principal,
    command: Command,
    moment: Moment,
) -> BTreeMap<String, String> {
    let turn = Turn::Command {
        principal: principal.clone(),
        command,
    };
    match store.commit(turn, moment).await.unwrap() {
        Committed::Command(Ok(outcome)) => outcome.values,
        other => panic!("not done: {other:?}"),
    }
}

fn mothers() -> u32 {
    let named = std::env::var("YEAR_MOTHERS").ok();
    named.and_then(|count| count.parse().ok()).unwrap_or(24)
}

#[tokio::test]
async fn a_year_of_reminders_on_two_nodes_with_jumping_clocks() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite_of(programmes(), folder.path()).await;
    assert_ne!(own(&world.a).await.node, own(&world.b).await.node);
    let mut year = Year {
        world,
        families: Vec::new(),
        random: 7,
        sent: Vec::new(),
    };
    year.register(mothers()).await;
    for day in 0..DAYS {
        let moment = year.jump(day);
        year.remind(day, moment).await;
        year.live(day).await;
        if day % 5 == 0 {
            sync(&year.world.a, &year.world.hub, day * DAY_S + 300).await;
            sync(&year.world.b, &year.world.hub, day * DAY_S + 301).await;
            sync(&year.world.a, &year.world.hub, day * DAY_S + 302).await;
        }
    }
    assert_eq!(year.faults(), Vec::<String>::new());
    let count = year.sent.len();
    assert!(
        count > year.families.len(),
        "the year was too tame: {count} reminders"
    );
    // Controls: a reminder that leaves a second time, and one that never does, are found.
    let twice = year.sent[0].clone();
    year.sent.push(twice);
    assert_eq!(year.faults().len(), 1);
    year.sent.clear();
    assert!(year.faults().len() > year.families.len() / 2);
}
