//! Kills of a real process while a person registers families with it, and what each left behind.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::dice::Dice;
use super::network::{Exchange, Network};
use super::person::{Person, Shown, Standing, Step, numbers};
use super::probe::{Presence, Probe, counts};
use super::program::{Pace, Victim};
use super::world::World;

/// How long a step takes before one was measured.
const FIRST_GUESS: Duration = Duration::from_millis(20);
/// How much longer than an answer the last step takes before one was measured.
const LAST_STEP_TIMES: u32 = 5;
/// Of ten parts of the draw, how many lie within the usual time of a step.
const WITHIN_PARTS: u32 = 9;
/// Steps of which the usual time is taken; the oldest is forgotten.
const MEASURED_MAX: usize = 15;
/// Steps that are played undisturbed after a start, at most.
const CALM_STEPS_MAX: usize = 3;
/// Questions from which a registration is near its end.
const NEAR_END: usize = 10;
/// Longest bar of the printed histogram.
const BAR_MAX: usize = 100;
/// Steps that finish a registration, redial included, at most.
const FINISH_STEPS_MAX: usize = 20;

/// Where a kill fell, told from what the operator saw and what the store holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fell {
    /// The step is not in the store, and nobody was told that it is.
    BeforeCommit,
    /// The step is in the store, and nobody was told.
    BeforeResponse,
    /// Response or screen was received.
    AfterResponse,
}

/// Kills counted, by where they fell and how the process ran.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Histogram {
    counted: BTreeMap<(Fell, Pace), u64>,
}

impl Histogram {
    /// Kills that fell there.
    pub fn of(&self, fell: Fell) -> u64 {
        let all = self.counted.iter();
        all.filter(|((at, _), _)| *at == fell)
            .map(|(_, count)| count)
            .sum()
    }

    /// All kills.
    pub fn total(&self) -> u64 {
        self.counted.values().sum()
    }

    /// As JSON, the two paces apart.
    pub fn json(&self) -> Value {
        let row = |fell| {
            let at = |pace| self.counted.get(&(fell, pace)).copied().unwrap_or(0);
            json!({ "plain": at(Pace::Plain), "slowed": at(Pace::Slow), "all": self.of(fell) })
        };
        json!({
            "before_commit": row(Fell::BeforeCommit),
            "between_commit_and_response": row(Fell::BeforeResponse),
            "after_response": row(Fell::AfterResponse),
        })
    }
}

impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = [
            ("before COMMIT", Fell::BeforeCommit),
            ("between COMMIT and response", Fell::BeforeResponse),
            ("after the response", Fell::AfterResponse),
        ];
        for (name, fell) in rows {
            let count = usize::try_from(self.of(fell)).unwrap_or(usize::MAX);
            writeln!(f, "{name:28} {count:4} {}", "#".repeat(count.min(BAR_MAX)))?;
        }
        Ok(())
    }
}

/// One run of many kills over one data folder.
pub struct Campaign {
    /// Hub, registry and folder.
    pub world: World,
    /// The operator.
    pub network: Network,
    /// Where the kills fell.
    pub histogram: Histogram,
    /// Acknowledged steps that the store did not hold afterwards.
    pub lost: u64,
    person: Person,
    probe: Probe,
    dice: Dice,
    /// Time from PDU to screen, by pace and whether the step registers a family.
    usual: BTreeMap<(Pace, bool), Vec<Duration>>,
    /// A step that nobody acknowledged and that the operator will repeat.
    repeat: Option<Step>,
    /// Kills by the kind of step that they interrupted.
    interrupted: BTreeMap<&'static str, u64>,
    repeats: u64,
    redials: u64,
    acknowledged: u64,
    issued: BTreeSet<String>,
}

impl Campaign {
    /// A world, an operator and a worker who has done nothing yet.
    pub async fn start(seed: u64) -> Self {
        let world = World::start().await;
        let probe = world.probe();
        Self {
            world,
            network: Network::start().await,
            histogram: Histogram::default(),
            lost: 0,
            person: Person::default(),
            probe,
            dice: Dice::new(seed),
            usual: BTreeMap::new(),
            repeat: None,
            interrupted: BTreeMap::new(),
            repeats: 0,
            redials: 0,
            acknowledged: 0,
            issued: BTreeSet::new(),
        }
    }

    /// Registrations that the worker finished.
    pub fn registrations(&self) -> u64 {
        self.person.registrations
    }

    /// Starts the program, plays a few steps, kills it in the next one, and looks what is left.
    /// The moment is drawn over the whole step, or where the `wanted` kind of kill falls.
    ///
    /// # Errors
    /// What came instead of an expected screen or state.
    pub async fn round(
        &mut self,
        (command, pace): (&mut Command, Pace),
        wanted: Option<Fell>,
    ) -> Result<Fell, String> {
        let victim = Victim::start(command, &self.world.log());
        self.network.bound().await?;
        self.go_on().await?;
        self.calm_steps(pace).await?;
        let step = self.person.next();
        let kill = victim.kill_at(Instant::now() + self.draw((pace, step.is_last()), wanted));
        let exchange = self.network.step(&self.person, &step).await?;
        if let Some((at, _)) = &exchange.screen {
            self.measure((pace, step.is_last()), at.duration_since(exchange.sent));
        }
        kill.done().await;
        self.network.unbound().await?;
        let fell = self.look(&step, &exchange).await?;
        *self.histogram.counted.entry((fell, pace)).or_default() += 1;
        *self.interrupted.entry(step.word()).or_default() += 1;
        Ok(fell)
    }

    /// Finishes the open registration with a process that lives, and compares everything.
    ///
    /// # Errors
    /// What is not as it should be.
    pub async fn settle(&mut self, command: &mut Command) -> Result<Value, String> {
        let victim = Victim::start(command, &self.world.log());
        self.network.bound().await?;
        self.go_on().await?;
        for _ in 0..FINISH_STEPS_MAX {
            if self.person.standing == Standing::Away(0) {
                break;
            }
            self.calm_step().await?;
        }
        let finished = self.person.registrations;
        self.world.accepted(finished).await?;
        victim.kill_at(Instant::now()).done().await;
        self.network.unbound().await?;
        self.compare(finished).await
    }

    async fn compare(&self, finished: u64) -> Result<Value, String> {
        let store = self
            .probe
            .open(&self.world.node())
            .map_err(|error| error.to_string())?;
        let report = store.check(true).map_err(|error| error.to_string())?;
        let on_node = counts(&store)
            .await
            .map_err(|error| error.to_string())?
            .registrations;
        let hub = self
            .world
            .hub
            .station
            .store
            .check(true)
            .map_err(|error| error.to_string())?;
        let records = self
            .world
            .centre
            .records()
            .await
            .map_err(|error| error.to_string())?;
        let tap = self.world.tap.counts();
        let ids = u64::try_from(tap.correlation_ids.len()).unwrap_or(u64::MAX);
        let found = json!({
            "kills": self.histogram.total(),
            "histogram": self.histogram.json(),
            "interrupted_steps": self.interrupted,
            "acknowledged_steps": self.acknowledged,
            "acknowledged_steps_lost": self.lost,
            "repeated_by_operator": self.repeats,
            "dialled_again": self.redials,
            "registrations_finished": finished,
            "registrations_on_node": on_node,
            "records_at_registry": records,
            "write_calls_at_registry": tap.write_calls,
            "correlation_ids_at_registry": ids,
            "usual_step_us": self.usual_us(),
        });
        if !report.is_sound() || !hub.is_sound() {
            return Err(format!("stores are not sound:\n{report}{hub}"));
        }
        if [on_node, records, ids]
            .iter()
            .any(|count| *count != finished)
        {
            return Err(format!("counts differ: {found}"));
        }
        Ok(found)
    }

    fn usual_us(&self) -> Value {
        let of = |key| self.usual(key).map_or(0, |took: Duration| took.as_micros());
        let row = |pace| json!({ "answer": of((pace, false)), "registration": of((pace, true)) });
        json!({ "plain": row(Pace::Plain), "slowed": row(Pace::Slow) })
    }

    /// What follows an interrupted step: the operator repeats it, or the worker dials again.
    async fn go_on(&mut self) -> Result<(), String> {
        if let Some(step) = self.repeat.take() {
            self.repeats += 1;
            self.play(&step).await?;
        }
        Ok(())
    }

    /// Plays a few undisturbed steps; near the end of a registration up to its last step, so that
    /// each family is registered by a step that is killed.
    async fn calm_steps(&mut self, pace: Pace) -> Result<(), String> {
        let near_end = self.person.question() >= NEAR_END;
        let count = if near_end {
            FINISH_STEPS_MAX
        } else {
            self.dice.index(CALM_STEPS_MAX + 1)
        };
        for _ in 0..count {
            let ends = self.person.next().is_last();
            if near_end && ends {
                break;
            }
            let took = self.calm_step().await?;
            self.measure((pace, ends), took);
        }
        Ok(())
    }

    async fn calm_step(&mut self) -> Result<Duration, String> {
        let step = self.person.next();
        self.play(&step).await
    }

    /// One undisturbed step: it must be acknowledged and show what it should.
    async fn play(&mut self, step: &Step) -> Result<Duration, String> {
        let exchange = self.network.step(&self.person, step).await?;
        let Exchange {
            sent,
            response: Some(_),
            screen: Some((at, text)),
            ..
        } = &exchange
        else {
            return Err(format!(
                "an undisturbed step {:?} was not answered",
                step.kind
            ));
        };
        self.acknowledged += 1;
        self.see(step, text)?;
        self.person.took(step);
        Ok(at.duration_since(*sent))
    }

    /// Checks a screen; numbers on it must be new.
    fn see(&mut self, step: &Step, text: &str) -> Result<(), String> {
        let shown = self.probe.titles.shown(text);
        if shown != step.expected {
            return Err(format!(
                "{:?} of `{}` shows `{text}`, not {:?}",
                step.kind, step.text, step.expected
            ));
        }
        if shown == Shown::Registered {
            for number in numbers(text) {
                if !self.issued.insert(number) {
                    return Err("a number was given twice".to_owned());
                }
            }
        }
        Ok(())
    }

    /// After a kill: was the step told, is it there, and how does the worker go on?
    async fn look(&mut self, step: &Step, exchange: &Exchange) -> Result<Fell, String> {
        let presence = self
            .probe
            .presence(&self.world.node(), (&self.person, step))
            .await;
        let presence = presence.map_err(|found| format!("after {:?}: {found}", step.kind))?;
        if let Presence::Behind(held) = presence {
            self.lost += 1;
            self.person.fell_back(held.registrations, held.question);
            return Ok(Fell::AfterResponse);
        }
        let is_there = presence == Presence::With;
        if !exchange.is_acknowledged() {
            self.resume_unacknowledged(step, is_there);
            return Ok(if is_there {
                Fell::BeforeResponse
            } else {
                Fell::BeforeCommit
            });
        }
        self.acknowledged += 1;
        if !is_there {
            self.lost += 1;
            self.person.lost(step);
            return Ok(Fell::AfterResponse);
        }
        if let Some((_, text)) = &exchange.screen {
            self.see(step, text)?;
        }
        self.person.took(step);
        // With the screen in her hand she may go on in the same session, or dial again.
        if exchange.screen.is_none() || self.dice.coin() {
            self.redials += 1;
            self.person.hung_up();
        }
        Ok(Fell::AfterResponse)
    }

    fn resume_unacknowledged(&mut self, step: &Step, is_there: bool) {
        if self.dice.coin() {
            self.repeat = Some(step.clone());
            return;
        }
        self.redials += 1;
        if is_there {
            self.person.took(step);
            self.person.hung_up();
        } else {
            self.person.lost(step);
        }
    }

    /// A moment within the usual time from PDU to screen and somewhat beyond, or where a wanted
    /// kind of kill usually falls.
    fn draw(&mut self, key: (Pace, bool), wanted: Option<Fell>) -> Duration {
        let (pace, is_last) = key;
        let answer = self.usual((pace, false)).unwrap_or(FIRST_GUESS);
        let guess = if is_last {
            answer * LAST_STEP_TIMES
        } else {
            answer
        };
        let usual = self.usual(key).unwrap_or(guess);
        let (from, span) = match wanted {
            Some(Fell::BeforeCommit) => (Duration::ZERO, usual / 2),
            Some(Fell::BeforeResponse) => (Duration::ZERO, usual),
            Some(Fell::AfterResponse) => (usual, usual),
            None => (Duration::ZERO, usual * 10 / WITHIN_PARTS),
        };
        let span = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        from + Duration::from_micros(self.dice.roll(span))
    }

    fn measure(&mut self, key: (Pace, bool), took: Duration) {
        let measured = self.usual.entry(key).or_default();
        if measured.len() == MEASURED_MAX {
            measured.remove(0);
        }
        measured.push(took);
    }

    /// The median of the last steps: the first one after a start is much slower.
    fn usual(&self, key: (Pace, bool)) -> Option<Duration> {
        let mut measured = self.usual.get(&key)?.clone();
        measured.sort();
        measured.get(measured.len() / 2).copied()
    }
}
