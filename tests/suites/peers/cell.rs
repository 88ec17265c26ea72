//! Phones of an own 2G cell reach the node through the real home register `osmo-hlr`.

use std::net::IpAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use channels::gsup::{OwnCell, OwnCellConfig};
use channels::{Channel, ChannelIo, Delivery};
use channels_core::gsup::entity::{Sentences, Settings};
use channels_core::gsup::string::{SCREEN_SEPTETS_MAX, SCREEN_UNITS_MAX};
use channels_core::{Inbound, LinkName, Reply, UssdOp, gsm7};
use node::roles::demo::families;
use tests::home_register::HomeRegister;
use tests::msc::{Call, Msc, Shown};
use tests::peer::{self, Program, Skip};
use tokio::sync::{mpsc, oneshot};

use super::office::Office;

/// What the guide's configuration routes to the node.
const CODE: &str = "*384#";
/// A worker's SIM and its number, and a SIM without one.
const WORKER: &str = "001010000000001";
const NUMBER: &str = "+256771000001";
const NUMBERLESS: &str = "001010000000002";
/// The error of a register whose entity is not connected (TS 24.080 §4.5, systemFailure).
const SYSTEM_FAILURE: u8 = 0x22;
/// How long another program may take.
const START: Duration = Duration::from_secs(20);

fn register() -> Result<HomeRegister, Skip> {
    let register = HomeRegister::start(|text| text)?;
    register.subscribe(WORKER, NUMBER.strip_prefix('+'));
    register.subscribe(NUMBERLESS, None);
    Ok(register)
}

fn office(register: &HomeRegister) -> Office {
    Office::on_cell(&[NUMBER.to_owned()], register.address())
}

/// Fails a screen that a phone of the cell could not show.
fn check_fits(shown: &Shown) {
    let text = shown.text();
    let fits = match gsm7::septets(text) {
        Some(septets) => septets <= usize::from(SCREEN_SEPTETS_MAX),
        None => gsm7::ucs2_units(text) <= usize::from(SCREEN_UNITS_MAX),
    };
    assert!(fits && !text.is_empty(), "{text}");
}

/// Dials until the register knows the entity, which connects meanwhile.
fn served(msc: &mut Msc) -> (Call, Shown) {
    let end = Instant::now() + START;
    loop {
        match msc.dial(WORKER, CODE) {
            (_, Shown::Error(SYSTEM_FAILURE)) => assert!(Instant::now() < end, "never served"),
            served => return served,
        }
    }
}

/// Answers one screen after the other; the last screen that was shown.
fn type_all(msc: &mut Msc, call: &mut Call, inputs: &[String]) -> Shown {
    let mut last = None;
    for input in inputs {
        let shown = msc.answer(call, input);
        check_fits(&shown);
        last = Some(shown);
    }
    let mut last = last.expect("inputs");
    // A last screen of several pages.
    while matches!(&last, Shown::Question(text) if text.contains("99 More")) {
        last = msc.answer(call, "99");
        check_fits(&last);
    }
    last
}

fn inputs() -> Vec<String> {
    let today = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    families::all(today)[0].inputs("1")
}

/// Two registration numbers on one or several last screens.
fn check_registered(shown: &Shown) {
    assert!(matches!(shown, Shown::End(_)), "{shown:?}");
    let is_number = |word: &&str| word.len() >= 9 && word.bytes().all(|b| b.is_ascii_digit());
    let numbers = shown.text().split_whitespace().filter(is_number).count();
    assert!(numbers >= 1, "{shown:?}");
}

fn check_one_pair(office: Office) {
    let state = office.stop();
    assert_eq!((state.registrations, state.persons), (1, 2), "{state:?}");
}

pub(crate) fn the_stand_in_switch_is_understood_by_the_demo_entity() -> Result<(), Skip> {
    let demo = peer::installed("osmo-euse-demo")?;
    // The demo entity has a name of its own and answers every code with what was sent.
    let register = HomeRegister::start(|text| text.replace("menu", "foobar-00-00-00-00-00-00"))?;
    let mut msc = Msc::connect(register.address());
    let (_, before) = msc.dial(WORKER, CODE);
    assert_eq!(
        before,
        Shown::Error(SYSTEM_FAILURE),
        "no entity is there yet"
    );
    let mut command = Command::new(demo);
    let entity = Program::start(command.arg(register.address().to_string()));
    let (_, shown) = served(&mut msc);
    assert_eq!(shown, Shown::End(format!("You sent \"{CODE}\"")));
    drop(entity);
    Ok(())
}

pub(crate) fn a_phone_of_an_own_cell_registers_through_the_real_register() -> Result<(), Skip> {
    let register = register()?;
    let office = office(&register);
    let mut msc = Msc::connect(register.address());
    let (mut call, first) = msc.dial(WORKER, CODE);
    check_fits(&first);
    assert!(first.text().contains("1 "), "{first:?}");
    let inputs = inputs();
    let half = inputs.len() / 2;
    type_all(&mut msc, &mut call, &inputs[..half]);
    // The hang-up is told to nobody; the person dials again and goes on.
    msc.hang_up(&call);
    let (mut call, offer) = msc.dial(WORKER, CODE);
    assert!(offer.text().contains("Continue where"), "{offer:?}");
    let again = msc.answer(&mut call, "1");
    check_fits(&again);
    let last = type_all(&mut msc, &mut call, &inputs[half..]);
    check_registered(&last);
    check_one_pair(office);
    Ok(())
}

pub(crate) fn a_register_that_restarts_in_the_middle_costs_one_dialling() -> Result<(), Skip> {
    let mut register = register()?;
    let office = office(&register);
    let mut msc = Msc::connect(register.address());
    let (mut call, _) = msc.dial(WORKER, CODE);
    let inputs = inputs();
    type_all(&mut msc, &mut call, &inputs[..4]);
    register.restart();
    office.wait_for_register();
    let mut msc = Msc::connect(register.address());
    let (mut call, offer) = msc.dial(WORKER, CODE);
    assert!(offer.text().contains("Continue where"), "{offer:?}");
    msc.answer(&mut call, "1");
    let last = type_all(&mut msc, &mut call, &inputs[4..]);
    check_registered(&last);
    check_one_pair(office);
    Ok(())
}

pub(crate) fn a_node_killed_in_the_middle_goes_on_with_the_next_answer() -> Result<(), Skip> {
    let register = register()?;
    let mut office = office(&register);
    let mut msc = Msc::connect(register.address());
    let (mut call, _) = msc.dial(WORKER, CODE);
    let inputs = inputs();
    type_all(&mut msc, &mut call, &inputs[..4]);
    office.kill_and_start();
    office.wait_for_register();
    // The same session of the same phone: nobody dials again.
    let last = type_all(&mut msc, &mut call, &inputs[4..]);
    check_registered(&last);
    check_one_pair(office);
    Ok(())
}

pub(crate) fn a_phone_without_a_number_is_told_so() -> Result<(), Skip> {
    let register = register()?;
    let office = office(&register);
    let mut msc = Msc::connect(register.address());
    for imsi in [NUMBERLESS, "001010000000009"] {
        let (_, shown) = msc.dial(imsi, CODE);
        check_fits(&shown);
        assert!(
            matches!(&shown, Shown::End(text) if text.contains("no number yet")),
            "{shown:?}"
        );
    }
    // Once the SIM has its number it is served at once, as a citizen.
    register.subscribe(NUMBERLESS, Some("256771000002"));
    let (_, shown) = msc.dial(NUMBERLESS, CODE);
    assert!(!shown.text().contains("no number yet"), "{shown:?}");
    let state = office.stop();
    assert_eq!((state.registrations, state.persons), (0, 0), "{state:?}");
    Ok(())
}

/// A node that answers each step with the next of these screens.
async fn answer_with(screens: Vec<(String, bool)>, mut inbound: mpsc::Receiver<Delivery>) {
    for (text, end) in screens {
        let delivery = inbound.recv().await.expect("a step");
        let Inbound::Ussd(step) = &delivery.event else {
            panic!("{:?} is no step", delivery.event)
        };
        assert_ne!(step.op, UssdOp::Abort);
        assert_eq!(step.limits, (SCREEN_SEPTETS_MAX, SCREEN_UNITS_MAX));
        delivery
            .reply
            .send(Reply::Screen { text, end })
            .expect("it waits");
    }
}

/// The channel alone, against the real register, until it is told to stop.
fn run_cell(
    register: IpAddr,
    screens: Vec<(String, bool)>,
) -> (std::thread::JoinHandle<()>, oneshot::Sender<()>) {
    let settings = Settings {
        link: LinkName("cell".to_owned()),
        entity: "menu".to_owned(),
        guard_s: 255,
        sentences: Sentences {
            no_number: "no number".to_owned(),
            busy: "busy".to_owned(),
            ended: "ended".to_owned(),
        },
    };
    let cell = OwnCell::try_new(OwnCellConfig::new(register, settings)).expect("a cell");
    let (stop, stopped) = oneshot::channel();
    let running = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let (inbound_in, inbound) = mpsc::channel(8);
            let (outgoing, outgoing_out) = mpsc::channel(1);
            let io = ChannelIo {
                inbound: inbound_in,
                outgoing: outgoing_out,
            };
            let node = async {
                let all = tokio::time::timeout(4 * START, answer_with(screens, inbound));
                all.await.expect("all steps in time");
                // A channel that stops at once could leave its last screen unsent.
                stopped.await.expect("told to stop");
                drop(outgoing);
            };
            tokio::join!(cell.run(io), node);
        });
    });
    (running, stop)
}

pub(crate) fn screens_at_the_limit_pass_the_real_register() -> Result<(), Skip> {
    let register = register()?;
    let septets = "x".repeat(SCREEN_SEPTETS_MAX.into());
    let units = "ሰላም ".repeat(usize::from(SCREEN_UNITS_MAX) / 4);
    let mut screens = vec![
        (septets.clone(), false),
        (units.clone(), false),
        // One more than the limit: cut, or the register would drop it in silence.
        (format!("{septets}y"), false),
        // Both limits hold in the last screen, too, which is two octets of operation longer.
        (format!("{units}ሰ"), true),
    ];
    screens.push((units.clone(), true));
    let (running, stop) = run_cell(register.address(), screens);
    let mut msc = Msc::connect(register.address());
    let (mut call, first) = served(&mut msc);
    assert_eq!(first, Shown::Question(septets.clone()));
    assert_eq!(msc.answer(&mut call, "1"), Shown::Question(units.clone()));
    assert_eq!(msc.answer(&mut call, "ሀ"), Shown::Question(septets));
    assert_eq!(msc.answer(&mut call, "3"), Shown::End(units.clone()));
    assert_eq!(msc.dial(WORKER, CODE).1, Shown::End(units));
    stop.send(()).expect("it runs");
    running.join().expect("the node was asked as expected");
    Ok(())
}
