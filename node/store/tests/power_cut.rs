//! Power cuts: whatever is torn or damaged behind the last acknowledged byte of the WAL, every
//! acknowledged registration is there after reopening, and every chain verifies.
//!
//! The control cuts 100 bytes inside acknowledged data and must be noticed.

#[cfg(test)]
#[path = "hub_store/world.rs"]
#[expect(
    dead_code,
    reason = "shared with the other suite, which uses all of it"
)]
mod world;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use node_store::SqliteStore;

    use crate::world::{WORKER_A, config, counts, register, sqlite};

    /// Cuts in all.
    const CUTS: usize = 500;
    /// One cut in so many is followed by a check of all chains and documents.
    const VERIFY_EVERY: usize = 40;
    /// States after an acknowledgement from which they are made.
    const STATES: u32 = 25;

    /// Folder of one state: files as they lay after the next, unacknowledged write.
    struct State {
        folder: PathBuf,
        acknowledged: u64,
        safe_bytes: usize,
    }

    /// A small generator (xorshift), so that a failure repeats.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % u64::try_from(sides.max(1)).unwrap()).unwrap()
        }
    }

    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for file in ["outpost.db", "outpost.db-wal", "keys"] {
            fs::copy(from.join(file), to.join(file)).unwrap();
        }
    }

    fn wal_bytes(folder: &Path) -> usize {
        usize::try_from(fs::metadata(folder.join("outpost.db-wal")).unwrap().len()).unwrap()
    }

    /// How many registrations are found, all chains and documents verified where asked.
    async fn found_after(
        world: &crate::world::World<SqliteStore>,
        folder: &Path,
        verify: bool,
    ) -> Option<u64> {
        let mut config = config(&world.programmes, folder, "kibo");
        config.folder = folder.to_path_buf();
        let store = SqliteStore::open(config).ok()?;
        if verify {
            let report = store.check(false).ok()?;
            assert!(report.is_sound(), "{report}");
        }
        Some(counts(&store).await.registrations)
    }

    #[tokio::test]
    async fn no_acknowledged_registration_is_lost_at_any_cut_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let world = sqlite(folder.path()).await;
        let live = folder.path().join("kibo");
        let mut states = Vec::new();
        for n in 0..STATES {
            register(&world.a, WORKER_A, n, 10).await;
            let safe_bytes = wal_bytes(&live);
            register(&world.a, WORKER_A, 1_000 + n, 10).await;
            let state = folder.path().join(format!("state-{n}"));
            copy(&live, &state);
            assert!(
                wal_bytes(&state) > safe_bytes,
                "a checkpoint moved the end of the WAL"
            );
            states.push(State {
                folder: state,
                acknowledged: u64::from(2 * n + 1),
                safe_bytes,
            });
        }
        let mut dice = Dice(0x5eed_0001);
        let torn = folder.path().join("torn");
        for cut in 0..CUTS {
            let state = &states[cut % states.len()];
            copy(&state.folder, &torn);
            let path = torn.join("outpost.db-wal");
            let mut bytes = fs::read(&path).unwrap();
            let tail = bytes.len() - state.safe_bytes;
            bytes.truncate(state.safe_bytes + dice.roll(tail + 1));
            for _ in 0..dice.roll(4) {
                let left = bytes.len() - state.safe_bytes;
                if left > 0 {
                    let place = state.safe_bytes + dice.roll(left);
                    bytes[place] ^= 1 << dice.roll(8);
                }
            }
            fs::write(&path, bytes).unwrap();
            let found = found_after(&world, &torn, cut % VERIFY_EVERY == 0)
                .await
                .unwrap();
            assert!(
                found >= state.acknowledged,
                "cut {cut}: {found} of {}",
                state.acknowledged
            );
            assert!(found <= state.acknowledged + 1);
            fs::remove_dir_all(&torn).unwrap();
        }
        // The control: 100 bytes inside what was acknowledged.
        for state in &states {
            copy(&state.folder, &torn);
            let path = torn.join("outpost.db-wal");
            let mut bytes = fs::read(&path).unwrap();
            bytes.truncate(state.safe_bytes - 100);
            fs::write(&path, bytes).unwrap();
            let found = found_after(&world, &torn, false).await;
            assert!(
                found.is_none_or(|found| found < state.acknowledged),
                "not noticed"
            );
            fs::remove_dir_all(&torn).unwrap();
        }
    }
}
