//! Receiving: store first, delete after commit, repeats, long texts, calls, time.

use super::*;

#[test]
fn a_message_is_deleted_only_after_the_node_has_committed_it() {
    let mut world = World::ready(&[]);
    world.node = Node::Silent;
    world.text(1, "REG");
    world.run(400);
    assert_eq!(world.simulator.waiting().0, 1, "still stored");
    // The node died and comes back: nothing is lost.
    world.inbox = Inbox::new(LinkName("sim".to_owned()), Address::Phone(phone(9_999)));
    world.switch(Fault::Unplugged, true);
    world.switch(Fault::Unplugged, false);
    world.node = Node::Commits;
    world.run(60);
    assert_eq!(world.texts(), ["REG"]);
    assert_eq!(world.simulator.waiting().0, 0);
}

#[test]
fn busy_or_full_store_recovers_without_restart() {
    let mut world = World::ready(&[]);
    world.node = Node::Busy;
    for text in 0..30 {
        world.text(1, &format!("text {text}"));
    }
    world.run(120);
    // 20 fit into the modem, the network keeps the rest, and nothing was acknowledged.
    assert_eq!(world.simulator.waiting(), (20, 10));
    assert!(world.texts().is_empty());
    world.node = Node::Commits;
    world.run(120);
    let mut texts = world.texts();
    texts.sort();
    texts.dedup();
    assert_eq!(
        texts.len(),
        30,
        "each of them once: {}",
        world.texts().len()
    );
    assert_eq!(world.texts().len(), 30);
    assert_eq!(world.simulator.waiting(), (0, 0));
}

#[test]
fn directly_delivered_messages_are_acknowledged_after_commit() {
    let mut world = World::ready(&[Fault::DirectMessages]);
    world.node = Node::Busy;
    world.text(1, "first");
    world.text(2, "second");
    world.run(20);
    assert!(!world.written.iter().any(|line| line.contains("+CNMA")));
    world.node = Node::Commits;
    world.run(120);
    let mut texts = world.texts();
    texts.sort();
    assert_eq!(texts, ["first", "second"]);
    let count = world
        .written
        .iter()
        .filter(|line| line.contains("+CNMA"))
        .count();
    assert_eq!(count, 2, "once each");
    assert_eq!(world.simulator.waiting(), (0, 0));
}

#[test]
fn messages_that_the_modem_acknowledges_itself_raise_an_alarm() {
    let faults = [Fault::DirectMessages, Fault::NoAcknowledgement];
    let world = World::ready(&faults);
    assert!(
        world
            .alarms
            .iter()
            .any(|(_, alarm)| *alarm == Alarm::NotStored)
    );
    let world = World::ready(&[]);
    assert!(world.alarms.is_empty());
}

#[test]
fn a_repeated_message_is_told_once() {
    let mut world = World::ready(&[]);
    for _ in 0..3 {
        // The same sender, stamp and text: virtual time stands still.
        world.text(1, "REG");
    }
    world.run(60);
    assert_eq!(world.texts(), ["REG"]);
    world.text(1, "REG");
    world.run(60);
    assert_eq!(world.texts().len(), 2, "a later one is another message");
    assert_eq!(world.simulator.waiting().0, 0);
}

#[test]
fn long_texts_stay_stored_until_they_are_whole_and_committed() {
    let mut world = World::ready(&[]);
    let text = "Amina was born today. ".repeat(20);
    world.node = Node::Busy;
    world.text(1, &text);
    world.run(60);
    assert_eq!(world.simulator.waiting().0, 3);
    world.node = Node::Commits;
    world.run(60);
    assert_eq!(world.texts(), [text]);
    assert_eq!(world.simulator.waiting().0, 0);
}

#[test]
fn incomplete_texts_leave_when_the_store_fills_up() {
    let mut world = World::ready(&[]);
    let parts = segment::split(&"x".repeat(300), 9).unwrap();
    for sender in 0..18 {
        let deliver = crate::tpdu::Deliver {
            options: Options::default(),
            origin: TpAddress::of(&Address::Phone(phone(sender))).unwrap(),
            protocol: 0,
            submitted: crate::tpdu::Scts::of(start(), 0).unwrap(),
            user_data: UserData::of_segment(parts[0].clone(), None).unwrap(),
        };
        world.simulate(modem_simulator::Input::Deliver(deliver.encode()));
    }
    world.run(900);
    assert!(
        world.simulator.waiting().0 < 16,
        "{:?}",
        world.simulator.waiting()
    );
    assert!(world.texts().iter().all(|text| text.ends_with("[2/2]")));
    assert!(!world.texts().is_empty());
}

#[test]
fn a_missed_call_is_told_once_and_the_ringing_ends() {
    let mut world = World::ready(&[]);
    for _ in 0..4 {
        world.simulate(modem_simulator::Input::Ring(Some(phone(5))));
        world.run(5);
    }
    world.simulate(modem_simulator::Input::Ring(None));
    world.run(5);
    let calls = world
        .events
        .iter()
        .filter(|event| matches!(event, Inbound::MissedCall(_)));
    assert_eq!(calls.count(), 1);
    assert!(world.written.iter().any(|line| line == "AT+CHUP\r"));
    assert!(
        !world.written.iter().any(|line| line.starts_with("ATA")),
        "never answered"
    );
}

#[test]
fn a_call_that_a_busy_node_missed_is_told_again() {
    let mut world = World::ready(&[]);
    world.node = Node::Busy;
    world.simulate(modem_simulator::Input::Ring(Some(phone(5))));
    world.run(7);
    world.node = Node::Commits;
    world.run(20);
    assert!(matches!(&world.events[..], [Inbound::MissedCall(call)] if call.from == phone(5)));
}

#[test]
fn the_networks_time_is_told_and_1980_is_not() {
    let world = World::ready(&[]);
    let [told] = world.clocks[..] else {
        panic!("one time: {:?}", world.clocks)
    };
    assert!(told >= start() && told <= world.now);
    assert!(World::ready(&[Fault::WrongClock]).clocks.is_empty());
}

#[test]
fn another_sim_is_noticed() {
    let mut world = World::ready(&[]);
    world.simulate(modem_simulator::Input::SwapSim {
        imsi: "641010000000002".to_owned(),
    });
    world.run(60);
    assert_eq!(world.modem.state(), State::Ready);
    assert!(
        world
            .alarms
            .iter()
            .any(|(_, alarm)| *alarm == Alarm::SimChanged)
    );
}
