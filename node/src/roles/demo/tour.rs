//! The scripted day: 21 registrations on two unplugged nodes, one pair on both; then the uplinks
//! come back, one answer of the registry is lost, a worker joins the pair, everybody hears.
//!
//! The script types and waits; what it reports is counted elsewhere (`evidence`).

use std::io::Write;
use std::time::{Duration, Instant};

use channels::handset::Screen;
use channels_core::Msisdn;

use super::evidence::{self, Evidence};
use super::families::{self, Family};
use super::{DemoError, World};

/// Longest wait for everything to come true after the uplinks are back.
pub const TOUR_WAIT_S_MAX: u64 = 90;
/// How many families the first node registers; the rest goes to the second, which also
/// registers the first family again.
pub const FIRST_NODE_FAMILIES: usize = 10;
/// Most screens of one registration; a dialogue that needs more fails the tour.
const SCREENS_MAX: usize = 24;

/// Plays the day `registration` and returns what came true.
///
/// # Errors
/// A screen that is not shown, a number that is not given, or a closed output.
pub async fn registration(world: &World, out: &mut impl Write) -> Result<Evidence, DemoError> {
    let began = Instant::now();
    let families = families::all(world.today());
    headline(
        out,
        "Both uplinks are pulled. Two health workers register mothers and children.",
    )?;
    world.plug(0, false);
    world.plug(1, false);
    let (first, second) = families.split_at(FIRST_NODE_FAMILIES.min(families.len()));
    for family in first {
        register(world, out, 0, family).await?;
    }
    for family in second.iter().chain(families.first()) {
        register(world, out, 1, family).await?;
    }
    let held = evidence::held(world).await?;
    headline(
        out,
        &format!("{held} registrations are held on the nodes; nothing has left them."),
    )?;

    world.tap.lose_next_answer();
    headline(
        out,
        "The uplinks are plugged in again; the registry's first answer gets lost.",
    )?;
    world.plug(0, true);
    world.plug(1, true);
    join_the_pair(world, out).await?;
    bind_first_mother(world, out, &families).await?;
    let mut evidence = settle(world, held).await?;
    evidence.seconds = began.elapsed().as_secs();
    show_messages(world, out)?;
    Ok(evidence)
}

/// The worker whose registration reached the hub second is asked, and replies 1.
async fn join_the_pair(world: &World, out: &mut impl Write) -> Result<(), DemoError> {
    let (first, second) = (world.worker(0)?, world.worker(1)?);
    // Both waits are cancel safe: an inbox keeps what arrived.
    let (node, text) = tokio::select! {
        text = world.await_message(&first, is_review) => (0, text?),
        text = world.await_message(&second, is_review) => (1, text?),
    };
    headline(
        out,
        "A worker is asked about the pair that both nodes registered, and replies 1.",
    )?;
    let phone = world.worker(node)?;
    show_sms(out, &phone, &text)?;
    world.send_sms(&phone, node, "1").await
}

fn is_review(text: &str) -> bool {
    text.starts_with("Review")
}

/// Waits until everything came true, or the time is over; returns what is true then.
async fn settle(world: &World, held: u64) -> Result<Evidence, DemoError> {
    let end = Instant::now() + Duration::from_secs(TOUR_WAIT_S_MAX);
    loop {
        let evidence = evidence::collect(world, held).await?;
        if evidence.is_complete() || Instant::now() >= end {
            return Ok(evidence);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn register(
    world: &World,
    out: &mut impl Write,
    node: usize,
    family: &Family,
) -> Result<(), DemoError> {
    let phone = world.worker(node)?;
    let code = world.code(node)?;
    let mut screen = world.operator.dial(&phone, &code).await;
    show(out, &phone, &code, &screen)?;
    let mut inputs = family.inputs("1").into_iter();
    for _ in 0..SCREENS_MAX {
        if !screen.open {
            break;
        }
        let Some(input) = inputs.next() else {
            return Err(DemoError::Script(
                "the dialogue asks more than the tour types".to_owned(),
            ));
        };
        screen = world.operator.answer(&phone, &input).await;
        show(out, &phone, &input, &screen)?;
    }
    if screen.open || screen.network || inputs.next().is_some() {
        return Err(DemoError::Script(format!(
            "a registration ended with `{}`",
            screen.text
        )));
    }
    Ok(())
}

/// The first mother answers the neutral text, which binds her number.
async fn bind_first_mother(
    world: &World,
    out: &mut impl Write,
    families: &[Family],
) -> Result<(), DemoError> {
    let Some(family) = families.first() else {
        return Ok(());
    };
    let phone = Msisdn::parse(&family.phone).map_err(DemoError::Address)?;
    let asked = world.await_message(&phone, |_| true).await?;
    headline(
        out,
        "Each mother's phone gets one neutral text. The first mother replies 1.",
    )?;
    show_sms(out, &phone, &asked)?;
    world.send_sms(&phone, 0, "1").await
}

pub(super) fn headline(out: &mut impl Write, text: &str) -> Result<(), DemoError> {
    writeln!(out, "\n== {text}\n")?;
    Ok(())
}

pub(super) fn show(
    out: &mut impl Write,
    phone: &Msisdn,
    typed: &str,
    screen: &Screen,
) -> Result<(), DemoError> {
    writeln!(out, "{} types {typed}", phone.to_e164())?;
    for line in screen.text.lines() {
        writeln!(out, "    | {line}")?;
    }
    Ok(())
}

pub(super) fn show_sms(out: &mut impl Write, phone: &Msisdn, text: &str) -> Result<(), DemoError> {
    writeln!(out, "SMS at {}: {text}", phone.to_e164())?;
    Ok(())
}

/// Prints what the workers' phones received.
fn show_messages(world: &World, out: &mut impl Write) -> Result<(), DemoError> {
    headline(out, "What the workers' phones received:")?;
    for node in 0..world.nodes.len() {
        let phone = world.worker(node)?;
        for sms in world.operator.inbox(&phone) {
            show_sms(out, &phone, &sms.text)?;
        }
    }
    Ok(())
}
