//! The ladder: hangs, unplugging, no network, SIMs that need a person.

use super::super::Pin;
use super::*;

fn hanging(cure: Step) -> World {
    let mut world = World::ready(&[]);
    let mut settings = modem_simulator::Settings::new(phone(9_999));
    settings.cure = cure;
    world.simulator = Simulator::new(settings);
    world.simulate(modem_simulator::Input::Opened);
    world.run(40);
    world.run(60);
    assert_eq!(world.modem.state(), State::Ready);
    world.notes.clear();
    world.alarms.clear();
    world.switch(Fault::Hang, true);
    world
}

#[test]
fn every_step_of_the_ladder_brings_back_a_modem_that_needs_it() {
    for (cure, within) in [
        (Step::Reopen, 90),
        (Step::Restart, 130),
        (Step::Rebind, 200),
        (Step::Reset, 260),
        (Step::PowerCut, 400),
    ] {
        let mut world = hanging(cure);
        world.text(3, "REG");
        world.run(within);
        assert_eq!(world.modem.state(), State::Ready, "{cure:?}");
        assert!(
            world.notes.contains(&Note::Climbed(cure)),
            "{cure:?}: {:?}",
            world.notes
        );
        let beyond = world
            .notes
            .iter()
            .any(|note| matches!(note, Note::Climbed(step) if *step > cure));
        assert!(!beyond, "{cure:?} was not enough: {:?}", world.notes);
        world.send(1);
        world.run(60);
        assert!(
            matches!(world.finished[..], [(1, Outcome::Sent { .. })]),
            "{cure:?}"
        );
        assert_eq!(world.texts(), ["REG"], "{cure:?}");
    }
}

#[test]
fn the_alarm_goes_out_before_the_node_is_deaf() {
    let mut world = hanging(Step::PowerCut);
    world.run(95);
    let deaf: Vec<i64> = world
        .alarms
        .iter()
        .filter(|(_, alarm)| *alarm == Alarm::Deaf)
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(deaf.len(), 1);
    assert!(world.hardware.is_empty(), "step 3 comes before rebinding");
    assert!(world.modem.is_deaf(), "another modem takes the queue");
}

#[test]
fn a_modem_that_never_comes_back_is_tried_for_ever_and_takes_no_message() {
    let mut world = World::ready(&[]);
    world.switch(Fault::Unplugged, true);
    world.run(86_400);
    let cuts = world
        .hardware
        .iter()
        .filter(|step| **step == Step::PowerCut)
        .count();
    assert!((5..=7).contains(&cuts), "{cuts}");
    world.drive(Input::Send {
        token: 1,
        tpdu: vec![1],
    });
    assert_eq!(world.finished, [(1, Outcome::NotSent)]);
    world.switch(Fault::Unplugged, false);
    world.run(60);
    assert_eq!(world.modem.state(), State::Ready);
    assert!(world.notes.contains(&Note::Recovered));
}

#[test]
fn whatever_is_pulled_and_when_nothing_is_lost_or_sent_twice() {
    for moment in 0..40 {
        let mut world = World::ready(&[]);
        world.send(1);
        world.text(2, "REG");
        world.run(moment / 8);
        world.now = world
            .now
            .checked_add(SignedDuration::from_millis(moment % 8 * 120))
            .unwrap();
        world.simulate(modem_simulator::Input::Timeout);
        world.switch(Fault::Unplugged, true);
        world.run(5);
        world.switch(Fault::Unplugged, false);
        world.run(200);
        assert_eq!(world.texts(), ["REG"], "at {moment}");
        assert_eq!(world.simulator.waiting().0, 0, "at {moment}");
        let [(1, outcome)] = world.finished[..] else {
            panic!("one end at {moment}: {:?}", world.finished)
        };
        let times = world.submitted.len();
        let fits = match outcome {
            Outcome::Sent { .. } => times == 1,
            Outcome::Unknown => times <= 1,
            _ => times == 0,
        };
        assert!(fits, "{outcome:?} but {times} times at {moment}");
    }
}

#[test]
fn a_second_reopening_within_the_hour_is_an_alarm() {
    let mut world = hanging(Step::Reopen);
    world.run(200);
    assert!(world.alarms.is_empty(), "{:?}", world.alarms);
    world.switch(Fault::Hang, true);
    world.run(200);
    let alarms: Vec<Alarm> = world.alarms.iter().map(|(_, alarm)| *alarm).collect();
    assert_eq!(alarms, [Alarm::Unsteady]);
}

#[test]
fn a_missing_network_has_its_remedies_and_its_alarm() {
    let mut world = World::ready(&[]);
    world.switch(Fault::NoNetwork, true);
    let since = world.seconds();
    world.run(3_700);
    assert!(world.written.iter().any(|line| line == "AT+COPS=0\r"));
    assert!(world.notes.contains(&Note::Climbed(Step::Restart)));
    let alarm = world
        .alarms
        .iter()
        .find(|(_, alarm)| *alarm == Alarm::NoNetwork)
        .unwrap();
    assert!(
        (1_795..1_830).contains(&(alarm.0 - since)),
        "after {} s",
        alarm.0 - since
    );
    assert_eq!(world.hardware, [Step::Rebind]);
    world.text(1, "REG");
    world.switch(Fault::NoNetwork, false);
    world.send(1);
    world.run(120);
    assert!(
        matches!(world.finished[..], [(1, Outcome::Sent { .. })]),
        "{:?}",
        world.finished
    );
    assert_eq!(world.texts(), ["REG"]);
}

#[test]
fn a_right_pin_is_tried_once_and_forgotten_after_success() {
    let settings = Settings {
        pin: Pin::parse("1234"),
        ..Settings::default()
    };
    let mut world = World::new(settings, &[Fault::PinWanted]);
    world.run(60);
    assert_eq!(world.modem.state(), State::Ready);
    assert_eq!(world.pin_tries, 0, "written down before, forgotten after");
    // After a restart of the modem the same PIN may be given again.
    world.simulate(modem_simulator::Input::Hardware(Step::Reset));
    world.run(60);
    assert_eq!(world.modem.state(), State::Ready);
}

#[test]
fn a_wrong_pin_is_tried_exactly_once() {
    let settings = Settings {
        pin: Pin::parse("0000"),
        ..Settings::default()
    };
    let mut world = World::new(settings.clone(), &[Fault::PinWanted]);
    world.run(7_200);
    let tries = world
        .written
        .iter()
        .filter(|line| line.starts_with("AT+CPIN="))
        .count();
    assert_eq!((tries, world.pin_tries), (1, 1));
    assert_eq!(world.modem.state(), State::Locked);
    let alarms: Vec<Alarm> = world.alarms.iter().map(|(_, alarm)| *alarm).collect();
    assert_eq!(alarms, [Alarm::PinRefused]);
    // The node restarts and remembers.
    let remembered = Settings {
        pin_was_tried: true,
        ..settings
    };
    let mut world = World::new(remembered, &[Fault::PinWanted]);
    world.run(7_200);
    assert!(
        !world
            .written
            .iter()
            .any(|line| line.starts_with("AT+CPIN="))
    );
    assert_eq!(world.alarms[0].1, Alarm::PinNeeded);
}

#[test]
fn a_puk_and_a_missing_sim_are_alarms_and_no_ladder() {
    for (fault, alarm) in [
        (Fault::PukWanted, Alarm::PukNeeded),
        (Fault::NoSim, Alarm::NoSim),
    ] {
        let settings = Settings {
            pin: Pin::parse("1234"),
            ..Settings::default()
        };
        let mut world = World::new(settings, &[fault]);
        world.run(7_200);
        assert_eq!(world.modem.state(), State::Locked);
        let alarms: Vec<Alarm> = world.alarms.iter().map(|(_, alarm)| *alarm).collect();
        assert_eq!(alarms, [alarm]);
        assert!(world.hardware.is_empty() && world.pin_tries == 0);
        world.switch(fault, false);
        world.run(120);
        assert_eq!(world.modem.state(), State::Ready, "a person helped");
    }
}

#[test]
fn a_busy_sim_is_waited_for() {
    let mut world = World::new(Settings::default(), &[Fault::SimBusy]);
    world.run(70);
    world.switch(Fault::SimBusy, false);
    world.run(60);
    assert_eq!(world.modem.state(), State::Ready);
    assert!(world.hardware.is_empty());
}

#[test]
fn a_low_supply_is_an_alarm() {
    let mut world = World::ready(&[]);
    world.drive(Input::Received(b"\r\nUNDER-VOLTAGE WARNNING\r\n".to_vec()));
    assert_eq!(
        world.alarms.last().map(|(_, alarm)| *alarm),
        Some(Alarm::UnderVoltage)
    );
}
