//! Damaged tails of the WAL: the file is cut and flipped anywhere behind what was acknowledged.
//!
//! A commit whose frames are whole must be there and one with a damaged frame must not, so each
//! cut has exactly one right answer. The control damages what was acknowledged.

use std::fs;
use std::path::{Path, PathBuf};

use node::clock::Clock;
use node::roles::hub;
use node_core::contact::ContactAnswer;
use node_core::turn::{Committed, Turn};
use node_store::{HubStore, SqliteStore};
use serde_json::json;
use sync_core::ClockQuality;
use tests::crash::dice::Dice;
use tests::crash::person::{Person, STEPS, Step};
use tests::crash::probe::{Presence, Probe, copy, now, wal};
use tests::crash::record::{note, size};

/// Cuts in all.
const CUTS: u64 = 500;
/// Cuts inside acknowledged data, and how many of them must be noticed.
const CONTROL: (u64, u64) = (100, 95);
/// Fewest bytes that a control cut takes away.
const CONTROL_BYTES_MIN: usize = 100;
/// Openings of the store, each with a WAL of its own, and registrations in each.
const LIVES: usize = 6;
const REGISTRATIONS: u64 = 3;
/// Transactions that are cut behind, at least.
const TRANSACTIONS_MIN: usize = 200;
/// Octets of the WAL's header with the salts, which a restarted WAL changes.
const SALTS: std::ops::Range<usize> = 16..24;
/// Most octets of garbage behind a cut: somewhat more than two frames.
const GARBAGE_MAX: usize = 2_500;
/// The seed of the cuts.
const SEED: u64 = 0x7041_15ed;

/// One acknowledged commit: the step, where she stood before it, and the WAL's length after it.
struct Mark {
    person: Person,
    step: Step,
    bytes: usize,
}

/// One opening of the store: its files as they lay while it ran, and its commits.
struct Life {
    folder: PathBuf,
    wal: Vec<u8>,
    marks: Vec<Mark>,
}

async fn play(store: &SqliteStore, person: &Person) -> Step {
    let step = person.next();
    let turn = Turn::Contact(step.contact(&person.phone));
    let committed = store
        .commit(turn, now())
        .await
        .expect("the step is committed");
    assert!(matches!(
        committed,
        Committed::Contact(ContactAnswer::Screen { .. })
    ));
    step
}

/// Plays registrations over one opening of the store and keeps its files.
async fn live(probe: &Probe, person: &mut Person, (from, to): (&Path, &Path)) -> Life {
    let store = probe.open(from).expect("the store opens");
    let database = fs::read(from.join("outpost.db")).expect("the database");
    let mut marks = Vec::new();
    let mut salts = Vec::new();
    let end = person.registrations + REGISTRATIONS;
    while person.registrations < end {
        let before = person.clone();
        let step = play(&store, person).await;
        person.took(&step);
        let bytes = fs::read(wal(from)).expect("the WAL");
        salts.push(bytes[SALTS].to_vec());
        marks.push(Mark {
            person: before,
            step,
            bytes: bytes.len(),
        });
    }
    copy(from, to);
    salts.dedup();
    assert_eq!(salts.len(), 1, "a checkpoint began the WAL anew");
    let copied = fs::read(to.join("outpost.db")).expect("the database");
    assert!(
        copied == database,
        "a checkpoint moved the WAL into the database"
    );
    let grows = marks.windows(2).all(|pair| pair[0].bytes < pair[1].bytes);
    assert!(grows, "a commit did not lengthen the WAL");
    Life {
        folder: to.to_path_buf(),
        wal: fs::read(wal(to)).expect("the WAL"),
        marks,
    }
}

async fn lives(folder: &Path, probe: &Probe) -> Vec<Life> {
    let live_folder = folder.join("live");
    let clock = Clock::system(ClockQuality::Ntp);
    let mut person = Person::default();
    let solo = hub::solo(Some(&live_folder), clock, ("en", None), &[])
        .await
        .expect("a hub for one phone");
    let granted = hub::grant_worker(&solo.store, clock, &person.phone, "en").await;
    granted.expect("the worker is granted her role");
    drop(solo);
    let mut lives = Vec::new();
    for life in 0..LIVES {
        let kept = folder.join(format!("life-{life}"));
        lives.push(live(probe, &mut person, (&live_folder, &kept)).await);
    }
    lives
}

impl Life {
    /// Where the commit after a mark ends; behind the last one nothing was written.
    fn next_bytes(&self, mark: usize) -> usize {
        self.marks
            .get(mark + 1)
            .map_or(self.wal.len(), |next| next.bytes)
    }

    /// What may lie on the medium after a cut behind this mark: anything, behind its last byte.
    fn damaged(&self, mark: usize, dice: &mut Dice) -> Vec<u8> {
        let safe = self.marks[mark].bytes;
        let mut bytes = self.wal[..self.next_bytes(mark)].to_vec();
        if dice.roll(8) == 0 {
            return bytes;
        }
        bytes.truncate(safe + dice.index(bytes.len() - safe + 1));
        if bytes.len() > safe {
            for _ in 0..dice.roll(4) {
                let place = safe + dice.index(bytes.len() - safe);
                bytes[place] ^= 1 << dice.roll(8);
            }
        }
        if dice.roll(4) == 0 {
            let garbage = dice.index(GARBAGE_MAX);
            bytes.extend((0..garbage).map(|_| dice.bits().to_le_bytes()[0]));
        }
        bytes
    }

    /// Whether the commit after a mark is whole in these bytes.
    fn has_next(&self, mark: usize, bytes: &[u8]) -> bool {
        let next = self.next_bytes(mark);
        mark + 1 < self.marks.len() && bytes.get(..next) == Some(&self.wal[..next])
    }

    /// Lays these bytes beside the database and looks for the step of a mark.
    async fn found(
        &self,
        probe: &Probe,
        mark: usize,
        (torn, bytes): (&Path, &[u8]),
    ) -> Result<Presence, String> {
        copy(&self.folder, torn);
        fs::write(wal(torn), bytes).expect("write the damaged WAL");
        let Mark { person, step, .. } = &self.marks[mark];
        probe.presence(torn, (person, step)).await
    }
}

#[tokio::test]
async fn wal_tail_cuts_lose_no_acknowledged_row() {
    let cuts = size("OUTPOST_WAL_CUTS", CUTS);
    let folder = tempfile::tempdir().expect("a folder");
    let probe = Probe::shipped(true);
    let lives = lives(folder.path(), &probe).await;
    let transactions: usize = lives.iter().map(|life| life.marks.len()).sum();
    assert!(
        transactions >= TRANSACTIONS_MIN,
        "{transactions} transactions of {STEPS} steps each"
    );
    let mut dice = Dice::new(SEED);
    let torn = folder.path().join("torn");
    let (mut survived, mut lost) = (0_u64, Vec::new());
    for cut in 0..cuts {
        let life = &lives[dice.index(lives.len())];
        let mark = dice.index(life.marks.len());
        let bytes = life.damaged(mark, &mut dice);
        let whole = life.has_next(mark, &bytes);
        survived += u64::from(whole);
        let found = life
            .found(&probe, mark + usize::from(whole), (&torn, &bytes))
            .await;
        if found != Ok(Presence::With) {
            lost.push(format!("cut {cut} behind commit {mark}: {found:?}"));
        }
    }
    let (control, wanted) = CONTROL;
    let mut caught = 0;
    for _ in 0..control {
        let life = &lives[dice.index(lives.len())];
        let mark = dice.index(life.marks.len());
        let end = life.marks[mark].bytes - CONTROL_BYTES_MIN;
        let bytes = &life.wal[..dice.index(end)];
        let found = life.found(&probe, mark, (&torn, bytes)).await;
        caught += u64::from(found != Ok(Presence::With));
    }
    let result = json!({
        "transactions": transactions, "cuts": cuts, "next_commit_whole": survived,
        "acknowledged_lost_or_unsound": lost.len(), "control_cuts": control, "control_caught": caught,
    });
    note("wal_tail", &result);
    assert!(lost.is_empty(), "{}", lost.join("\n"));
    assert!(
        caught >= wanted,
        "of {control} cuts inside acknowledged data {caught} were noticed"
    );
}
