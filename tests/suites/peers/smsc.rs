//! An SMSC that nobody of this project wrote (npm `smpp`, `tests/peers/smsc.js`) drives a node.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use channels_core::gsm7;
use node::roles::demo::families::{self, Family};
use serde_json::{Value, json};
use tests::peer::{self, Program, Skip};

use super::office::{CODE, Office, PASSWORD, SHORT_CODE, State};

/// Registrations of a run.
const RUN: usize = 10;
/// Septets of a USSD screen (TS 23.038 §6.1.2.3).
const SCREEN_SEPTETS_MAX: usize = 182;
/// How long the SMSC may take to say where it listens, and to play its task.
const START: Duration = Duration::from_secs(20);
const TASK: Duration = Duration::from_secs(90);

/// The SMSC with a task.
struct Smsc {
    program: Program,
    address: SocketAddr,
}

impl Smsc {
    fn start(task: &Value) -> Result<Self, Skip> {
        let mut program = Program::start(&mut peer::node_script("smsc.js", "smpp")?);
        program.feed(&task.to_string());
        let port = peer::document(&program.line(START))["port"]
            .as_u64()
            .expect("a port");
        let port = u16::try_from(port).expect("a port");
        Ok(Self {
            program,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
        })
    }

    /// What it saw, once it has played its task.
    fn result(mut self) -> Value {
        let result = peer::document(&self.program.line(TASK));
        assert!(
            self.program.ended(START).success(),
            "{}",
            self.program.complaints()
        );
        result
    }
}

fn worker(index: usize) -> String {
    format!("+2567710000{index:02}")
}

fn pairs(count: usize) -> Vec<Family> {
    let today = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    families::all(today).into_iter().take(count).collect()
}

/// A task in which each worker registers one family, and the first sends a text that nobody
/// understands.
fn registrations(count: usize, noisy: bool) -> Value {
    let session = |(index, family): (usize, Family)| json!({ "phone": worker(index), "inputs": family.inputs("1") });
    let sessions: Vec<Value> = pairs(count).into_iter().enumerate().map(session).collect();
    json!({
        "password": PASSWORD, "code": CODE, "short_code": SHORT_CODE, "noisy": noisy,
        "sessions": sessions,
        "texts": [{ "phone": worker(0), "text": "good morning" }],
        "sms_expected": 1,
    })
}

fn run(task: &Value) -> Result<(Value, State), Skip> {
    let smsc = Smsc::start(task)?;
    let workers: Vec<String> = (0..RUN).map(worker).collect();
    let office = Office::start(&workers, &[smsc.address]);
    let result = smsc.result();
    Ok((result, office.stop()))
}

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().expect("an array")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Every session came to its end; returns the registration numbers on the last screens.
fn numbers_shown(result: &Value) -> BTreeSet<String> {
    let mut numbers = BTreeSet::new();
    for session in array(&result["sessions"]) {
        assert_eq!(session["ended"], true, "{session}");
        let screens = array(&session["screens"]);
        for screen in screens {
            let septets = gsm7::septets(text(screen)).expect("default alphabet");
            assert!(septets <= SCREEN_SEPTETS_MAX, "{septets} septets: {screen}");
        }
        let last = text(screens.last().expect("screens"));
        numbers.extend(
            last.split_whitespace()
                .filter(|word| is_number(word))
                .map(str::to_owned),
        );
    }
    numbers
}

fn is_number(word: &str) -> bool {
    word.len() >= 9 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The worker got exactly one answer, which says what to type, and it is known as delivered.
fn check_messages(result: &Value, state: &State) {
    let [sms] = array(&result["sms"]).as_slice() else {
        panic!("one message: {result}")
    };
    assert_eq!(
        text(&sms["to"]).trim_start_matches('+'),
        worker(0).trim_start_matches('+')
    );
    assert!(text(&sms["text"]).contains("Send MENU"), "{sms}");
    assert_eq!(
        state.messages,
        BTreeMap::from([("delivered".to_owned(), 1)])
    );
}

fn check_state(state: &State) {
    assert_eq!((state.registrations, state.persons), (10, 20), "{state:?}");
}

pub(crate) fn npm_smpp_smsc_drives_ten_ussd_registrations() -> Result<(), Skip> {
    let (result, state) = run(&registrations(RUN, false))?;
    check_state(&state);
    assert_eq!(numbers_shown(&result).len(), 2 * RUN);
    check_messages(&result, &state);
    // Nothing was refused, and one connection sufficed.
    assert_eq!(
        array(&json!([result["binds"], result["refused"]])),
        &[json!(1), json!(0)]
    );
    assert_eq!(
        result["statuses"].as_object().expect("statuses").len(),
        1,
        "{result}"
    );
    Ok(())
}

pub(crate) fn doubled_and_reordered_pdus_end_in_the_same_state() -> Result<(), Skip> {
    let (calm, calm_state) = run(&registrations(RUN, false))?;
    let (noisy, noisy_state) = run(&registrations(RUN, true))?;
    check_state(&noisy_state);
    assert_eq!(noisy_state, calm_state);
    assert_eq!(numbers_shown(&noisy).len(), 2 * RUN);
    check_messages(&noisy, &noisy_state);
    // The people saw the same, but for the numbers: no screen was skipped or shown twice.
    assert_eq!(
        screens_without_numbers(&noisy),
        screens_without_numbers(&calm)
    );
    let asked = |result: &Value| result["statuses"]["0x0"].as_u64().expect("answers");
    assert_eq!(
        asked(&noisy),
        2 * asked(&calm),
        "every PDU came twice and was taken"
    );
    check_that_noise_harms_a_node_that_does_not_count(&screens_without_numbers(&calm)[..1])
}

/// Negative control: without the step's number a repeat is another answer, and this suite sees it.
fn check_that_noise_harms_a_node_that_does_not_count(good: &[Vec<String>]) -> Result<(), Skip> {
    let mut task = registrations(1, true);
    task["deadline_ms"] = json!(10_000);
    let smsc = Smsc::start(&task)?;
    let office = Office::speaking("standard", &[worker(0)], &[smsc.address]);
    let line = smsc.program.line(TASK);
    let result: Value = serde_json::from_str(&line).expect("a JSON document");
    let screens = screens_without_numbers(&result);
    assert!(!screens.is_empty(), "the control did not begin: {line}");
    assert!(
        result.get("error").is_some() || screens != good,
        "planted fault not seen: {line}"
    );
    office.stop();
    Ok(())
}

/// Two registrations over a gateway that loses every other screen and counts nothing.
fn losing(kind: &str) -> Value {
    let mut task = registrations(2, false);
    (task["loses"], task["deadline_ms"]) = (json!(kind), json!(20_000));
    task
}

pub(crate) fn a_gateway_without_a_counter_that_lost_a_screen_repeats_no_answer() -> Result<(), Skip>
{
    let (calm, _) = run(&registrations(2, false))?;
    let smsc = Smsc::start(&losing("before"))?;
    let office = Office::speaking("standard", &[worker(0), worker(1)], &[smsc.address]);
    let result = smsc.result();
    let state = office.stop();
    assert_eq!((state.registrations, state.persons), (2, 4), "{state:?}");
    assert_eq!(
        screens_without_numbers(&result),
        screens_without_numbers(&calm)
    );
    check_messages(&result, &state);
    check_that_a_repeat_after_the_screen_is_an_answer(&screens_without_numbers(&calm))
}

/// Negative control: a gateway that repeats what it was answered does harm, and this suite sees it.
fn check_that_a_repeat_after_the_screen_is_an_answer(good: &[Vec<String>]) -> Result<(), Skip> {
    let smsc = Smsc::start(&losing("after"))?;
    let office = Office::speaking("standard", &[worker(0), worker(1)], &[smsc.address]);
    let line = smsc.program.line(TASK);
    let result: Value = serde_json::from_str(&line).expect("a JSON document");
    let screens = screens_without_numbers(&result);
    assert!(!screens.is_empty(), "the control did not begin: {line}");
    assert!(
        result.get("error").is_some() || screens != good,
        "planted fault not seen: {line}"
    );
    office.stop();
    Ok(())
}

fn screens_without_numbers(result: &Value) -> Vec<Vec<String>> {
    let shown = |screen: &Value| {
        let words = text(screen)
            .split_whitespace()
            .filter(|word| !is_number(word));
        words.collect::<Vec<_>>().join(" ")
    };
    let session = |session: &Value| array(&session["screens"]).iter().map(shown).collect();
    array(&result["sessions"]).iter().map(session).collect()
}

pub(crate) fn a_session_cut_with_its_link_goes_on_when_the_person_dials_again() -> Result<(), Skip>
{
    let mut task = registrations(1, false);
    // Before the mother's village, and before the summary is answered.
    task["sessions"][0]["cut_before"] = json!([5, 12]);
    let (result, state) = run(&task)?;
    assert_eq!(result["binds"], 3, "bound again after each cut");
    assert_eq!((state.registrations, state.persons), (1, 2));
    assert_eq!(numbers_shown(&result).len(), 2);
    check_messages(&result, &state);
    let screens = array(&result["sessions"][0]["screens"]);
    let asked = screens
        .iter()
        .filter(|screen| text(screen).contains("Continue where you stopped?"));
    assert_eq!(asked.count(), 2);
    Ok(())
}

pub(crate) fn a_refused_bind_is_reported_and_not_repeated_while_the_other_link_serves()
-> Result<(), Skip> {
    // Longer than the first two waits of an ordinary reconnect.
    let refusing = Smsc::start(&json!({ "password": "another", "refuse_ms": 4_500 }))?;
    let serving = Smsc::start(&registrations(1, false))?;
    let office = Office::start(&[worker(0)], &[refusing.address, serving.address]);
    let (served, refused) = (serving.result(), refusing.result());
    // An error, because a person must act; it names the link and the status, not the account.
    let line = office.log_line(|line| line.contains("BindRefused"));
    assert!(
        line.contains("ERROR") && line.contains("link-0") && line.contains("14"),
        "{line}"
    );
    assert!(!line.contains(PASSWORD), "{line}");
    let state = office.stop();
    assert_eq!(
        (&refused["binds"], &refused["refused"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(numbers_shown(&served).len(), 2);
    assert_eq!((state.registrations, state.persons), (1, 2));
    Ok(())
}
