//! kill −9 of the real process, drawn over the time from PDU received to screen received.

use std::process::Command;

use tests::crash::kills::{Campaign, Fell};
use tests::crash::program::{Pace, slowed};
use tests::crash::record::{note, size};

/// Kills in all, at least; each of the three moments gets a fifth of them.
const KILLS: u64 = 100;
/// Kills after which the control must have found a lost step.
const CONTROL_KILLS_MAX: u64 = 30;
/// The seed of the kills.
const SEED: u64 = 0x0b57_ac1e;

const MOMENTS: [Fell; 3] = [
    Fell::BeforeCommit,
    Fell::BeforeResponse,
    Fell::AfterResponse,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_no_acknowledged_step_is_lost() {
    let kills = size("OUTPOST_KILLS", KILLS);
    let mut campaign = Campaign::start(SEED).await;
    let mut plain = campaign.world.program(campaign.network.address());
    let mut slow = slower(&plain);
    loop {
        let done = campaign.histogram.total();
        let few = |moment: &&Fell| campaign.histogram.of(**moment) < kills / 5;
        // The draw is even over the whole step; then it goes where a moment has too few.
        let lacking = MOMENTS.iter().find(few).copied().filter(|_| done >= kills);
        if done >= kills && lacking.is_none() {
            break;
        }
        assert!(done < 2 * kills, "{}", campaign.histogram.json());
        let start = match &mut slow {
            Some(slow) if done % 2 == 1 => (slow, Pace::Slow),
            _ => (&mut plain, Pace::Plain),
        };
        let fell = campaign.round(start, lacking).await;
        fell.unwrap_or_else(|what| panic!("kill {}: {what}", done + 1));
    }
    let result = campaign
        .settle(&mut plain)
        .await
        .unwrap_or_else(|what| panic!("{what}"));
    println!(
        "kills of the process, by where they fell:\n{}",
        campaign.histogram
    );
    note("kills", &result);
    assert_eq!(campaign.lost, 0, "acknowledged steps were lost");
    campaign.world.stop().await;
}

/// The same program under strace; without strace all kills are drawn in the plain one.
fn slower(plain: &Command) -> Option<Command> {
    match slowed(plain) {
        Ok(slow) => Some(slow),
        Err(skip) => {
            let required = std::env::var("REQUIRE_PEERS").is_ok_and(|value| value == "1");
            assert!(!required, "{} is required", skip.peer);
            println!(
                "SKIPPED peer={} test=slowed kills reason={}",
                skip.peer, skip.reason
            );
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_acknowledges_before_commit_is_caught() {
    let mut campaign = Campaign::start(SEED).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_early_ack"));
    command
        .arg(campaign.world.node())
        .arg(campaign.network.address().to_string());
    while campaign.lost == 0 && campaign.histogram.total() < CONTROL_KILLS_MAX {
        let fell = campaign.round((&mut command, Pace::Plain), None).await;
        fell.unwrap_or_else(|what| panic!("kill {}: {what}", campaign.histogram.total() + 1));
    }
    let kills = campaign.histogram.total();
    note(
        "kills_control",
        &serde_json::json!({ "caught": campaign.lost > 0, "at_kill": kills }),
    );
    assert!(campaign.lost > 0, "{kills} kills did not find a lost step");
    campaign.world.stop().await;
}
