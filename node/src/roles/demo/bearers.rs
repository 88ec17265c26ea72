//! The scripted day of the bearers: a registration by SMS menu, one in a single keyword SMS, a
//! missed call that brings the menu, and a USSD session that a restart cuts and SMS goes on with.
//!
//! The script types and waits; what it reports is counted from the node's store and from what the
//! simulated operator really received. The node's uplink is unplugged throughout. The missed calls
//! come by a loop-back bearer, because SMPP carries none.

use std::io::Write;
use std::time::{Duration, Instant};

use channels::handset::{LoopBack, USSD_LIMITS};
use channels_core::{LinkName, Msisdn};
use serde::Serialize;

use super::families::{self, Family};
use super::tour::{headline, show, show_sms};
use super::{DemoError, MESSAGE_WAIT_S_MAX, MOTHER, World, evidence};

/// The node on which everything happens.
const NODE: usize = 0;
/// Name of the loop-back bearer that brings missed calls.
const MODEM: &str = "modem";
/// Answers typed over USSD before the node restarts.
const TYPED_BEFORE_CUT: usize = 5;
/// First words of the question whether to go on.
const OFFER: &str = "Continue where you stopped?";
/// How the text with a worker's tasks begins.
const TASKS_OF_THE_DAY: &str = "Today: ";

/// The tour's result; the JSON has these names.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Evidence {
    /// Registrations that the SMS menu added to the node's store.
    pub registered_by_menu: u64,
    /// Registrations that one keyword SMS added, sent twice.
    pub registered_by_keyword: u64,
    /// Calls that rang and were not answered.
    pub missed_calls: u64,
    /// Menus that the caller's phone received for them.
    pub menus_after_missed_calls: u64,
    /// Restarts of the node in the middle of a session.
    pub restarts: u64,
    /// Sessions that went on by SMS at the very screen on which USSD was cut.
    pub resumed_on_another_bearer: u64,
    /// Registrations that the resumed session added.
    pub registered_after_restart: u64,
    /// Messages of the nodes' outboxes that did not end as sent or delivered.
    pub messages_not_sent: u64,
    /// Messages that the operator received beyond those in the nodes' outboxes.
    pub messages_sent_twice: u64,
    /// How long it took.
    pub seconds: u64,
}

impl Evidence {
    /// Whether everything that the tour promises came true.
    pub fn is_complete(&self) -> bool {
        let expected = Self {
            registered_by_menu: 1,
            registered_by_keyword: 1,
            missed_calls: 2,
            menus_after_missed_calls: 1,
            restarts: 1,
            resumed_on_another_bearer: 1,
            registered_after_restart: 1,
            messages_not_sent: 0,
            messages_sent_twice: 0,
            seconds: self.seconds,
        };
        *self == expected
    }

    /// The table that the tour prints.
    ///
    /// # Errors
    /// A closed output.
    pub fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        let rows = [
            ("registered by the SMS menu", self.registered_by_menu),
            ("registered by one keyword SMS", self.registered_by_keyword),
            ("missed calls", self.missed_calls),
            ("menus sent for them", self.menus_after_missed_calls),
            ("restarts of the node", self.restarts),
            ("sessions gone on by SMS", self.resumed_on_another_bearer),
            ("registered by them", self.registered_after_restart),
            ("messages not sent", self.messages_not_sent),
            ("messages sent twice", self.messages_sent_twice),
            ("seconds", self.seconds),
        ];
        for (what, count) in rows {
            writeln!(out, "{what:34} {count:4}")?;
        }
        Ok(())
    }
}

/// Plays the day `bearers` and returns what came true.
///
/// # Errors
/// A message or screen that does not come, or a closed output.
pub async fn play(world: &mut World, out: &mut impl Write) -> Result<Evidence, DemoError> {
    let began = Instant::now();
    world.plug(NODE, false);
    let mut evidence = Evidence::default();
    let families = families::further(world.today());
    let [first, second, third] = &families;
    headline(
        out,
        "A health worker sends MENU and answers each screen by SMS.",
    )?;
    let before = registered(world).await?;
    let worker = world.worker(NODE)?;
    text(world, out, &worker, "MENU").await?;
    for input in first.inputs("1") {
        text(world, out, &worker, &input).await?;
    }
    let by_menu = registered(world).await?;
    evidence.registered_by_menu = by_menu - before;

    headline(
        out,
        "She sends a whole registration in one SMS, and the same once more.",
    )?;
    let form = keyword(second);
    let told = text(world, out, &worker, &form).await?;
    // A text that repeats one whose answer has not left is the network's copy, and gets no answer.
    all_sent(world).await?;
    let again = text(world, out, &worker, &form).await?;
    if told != again {
        return Err(script("the same form was answered in two ways"));
    }
    let by_keyword = registered(world).await?;
    evidence.registered_by_keyword = by_keyword - by_menu;

    ring(world, out, &mut evidence).await?;
    cut_and_go_on(world, out, third, &mut evidence).await?;
    evidence.registered_after_restart = registered(world).await? - by_keyword;
    (evidence.messages_not_sent, evidence.messages_sent_twice) = all_sent(world).await?;
    evidence.seconds = began.elapsed().as_secs();
    Ok(evidence)
}

/// A citizen lets the phone ring twice, gets one menu and answers it.
async fn ring(
    world: &mut World,
    out: &mut impl Write,
    evidence: &mut Evidence,
) -> Result<(), DemoError> {
    headline(out, "A mother lets the number ring, twice, and hangs up.")?;
    let mother = Msisdn::parse(MOTHER).map_err(DemoError::Address)?;
    let (modem, channel) = LoopBack::new(LinkName(MODEM.to_owned()));
    world.listen(NODE, channel)?;
    let handset = modem.handset(mother.clone(), USSD_LIMITS);
    let before = world.operator.inbox(&mother).len();
    for _ in 0..2 {
        handset
            .ring()
            .await
            .map_err(|error| script(&error.to_string()))?;
        evidence.missed_calls += 1;
    }
    let menu = next(world, &mother, before).await?;
    show_sms(out, &mother, &menu)?;
    // An answer goes out behind everything that the calls queued, so a second menu would be here.
    text(world, out, &mother, "1").await?;
    let inbox = world.operator.inbox(&mother);
    let menus = inbox.iter().skip(before).filter(|sms| sms.text == menu);
    evidence.menus_after_missed_calls = u64::try_from(menus.count()).unwrap_or(u64::MAX);
    Ok(())
}

/// The worker dials, the node is stopped and started, and the session goes on by SMS.
async fn cut_and_go_on(
    world: &mut World,
    out: &mut impl Write,
    family: &Family,
    evidence: &mut Evidence,
) -> Result<(), DemoError> {
    headline(
        out,
        "A health worker dials and types; then the node is stopped.",
    )?;
    let (worker, code) = (world.worker(NODE)?, world.code(NODE)?);
    let inputs = family.inputs("1");
    let (typed, rest) = inputs.split_at(TYPED_BEFORE_CUT.min(inputs.len()));
    let mut screen = world.operator.dial(&worker, &code).await;
    show(out, &worker, &code, &screen)?;
    for input in typed {
        screen = world.operator.answer(&worker, input).await;
        show(out, &worker, input, &screen)?;
    }
    world.restart(NODE).await?;
    evidence.restarts += 1;
    headline(
        out,
        "The node runs again. She sends MENU and goes on by SMS.",
    )?;
    let offer = text(world, out, &worker, "MENU").await?;
    if !offer.starts_with(OFFER) {
        return Err(script("the session was not offered after the restart"));
    }
    let resumed = text(world, out, &worker, "1").await?;
    evidence.resumed_on_another_bearer += u64::from(resumed == screen.text);
    for input in rest {
        text(world, out, &worker, input).await?;
    }
    Ok(())
}

/// Sends an SMS and returns the one that answers it.
async fn text(
    world: &World,
    out: &mut impl Write,
    phone: &Msisdn,
    text: &str,
) -> Result<String, DemoError> {
    let before = world.operator.inbox(phone).len();
    world.send_sms(phone, NODE, text).await?;
    let answer = next(world, phone, before).await?;
    // The phone may show it before the node hears that it was taken, and then the same text again
    // would count as the network's second copy. No person types so fast.
    all_sent(world).await?;
    writeln!(out, "{} texts {text}", phone.to_e164())?;
    show_sms(out, phone, &answer)?;
    Ok(answer)
}

/// The message that comes after so many. The worker's tasks of the day come once a day, at a moment
/// that no script knows, and answer nothing.
async fn next(world: &World, phone: &Msisdn, before: usize) -> Result<String, DemoError> {
    let limit = Duration::from_secs(MESSAGE_WAIT_S_MAX);
    let mut place = before;
    loop {
        let wanted = world.operator.inbox_reaches(phone, place.saturating_add(1));
        let inbox = tokio::time::timeout(limit, wanted)
            .await
            .map_err(|_late| script("an expected message did not come in time"))?;
        let sms = inbox.get(place).map(|sms| sms.text.clone());
        let sms = sms.ok_or_else(|| script("the phone's inbox is full"))?;
        if !sms.starts_with(TASKS_OF_THE_DAY) {
            return Ok(sms);
        }
        place = place.saturating_add(1);
    }
}

/// A family as one message.
fn keyword(family: &Family) -> String {
    let sex = if family.sex == "1" { "F" } else { "M" };
    format!(
        "REG {}, {}, {}, {}, Apac, {}, yes, {}, {sex}, {}, clinic",
        family.mother,
        family.family,
        family.mother_birth,
        family.phone,
        family.national_id,
        family.child,
        family.child_birth
    )
}

/// Registrations in the node's store.
async fn registered(world: &World) -> Result<u64, DemoError> {
    let node = world.node(NODE)?;
    Ok(evidence::counts(&node.station.store).await?.registrations)
}

/// Waits until nothing is under way, then compares outboxes and operator: messages not sent, and
/// messages sent twice.
async fn all_sent(world: &World) -> Result<(u64, u64), DemoError> {
    let end = Instant::now() + Duration::from_secs(MESSAGE_WAIT_S_MAX);
    loop {
        let (mut all, mut sent) = (0, 0);
        for node in &world.nodes {
            let messages = evidence::counts(&node.station.store).await?.messages;
            all += messages.values().sum::<u64>();
            let of = |word: &str| messages.get(word).copied().unwrap_or(0);
            sent += of("sent") + of("delivered");
        }
        let submits = world.operator.evidence().submits;
        let not_sent: u64 = all.saturating_sub(sent);
        if not_sent == 0 || Instant::now() >= end {
            return Ok((not_sent, submits.saturating_sub(all)));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn script(what: &str) -> DemoError {
    DemoError::Script(what.to_owned())
}
