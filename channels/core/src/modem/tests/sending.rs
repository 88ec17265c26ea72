//! Sending: prompt, pace, outcomes, noise.

use super::*;

fn sent(world: &World) -> usize {
    let is_sent = |outcome: &&Outcome| matches!(outcome, Outcome::Sent { .. });
    world.outcomes().iter().filter(is_sent).count()
}

#[test]
fn the_bring_up_ends_ready_and_a_message_is_sent_and_reported() {
    let mut world = World::ready(&[]);
    world.send(1);
    world.run(20);
    assert_eq!(world.finished, [(1, Outcome::Sent { reference: 0 })]);
    let id = super::super::inbox::message_id(0, phone(1).as_str());
    assert!(matches!(&world.events[..], [Inbound::Status(status)]
        if status.delivered == Some(true) && status.message_id == id));
    assert_eq!(world.simulator.waiting(), (0, 0), "the report was deleted");
}

#[test]
fn every_optional_feature_may_be_missing_and_every_report_arrives() {
    for faults in [
        &[Fault::NoMeStore][..],
        &[Fault::SharedStores],
        &[Fault::EchoStays],
        &[Fault::DirectReports],
        &[Fault::DirectReports, Fault::NoAcknowledgement],
        &[Fault::DirectMessages, Fault::DirectReports],
        &[Fault::LateSim],
        &[Fault::CutLines],
        &[Fault::Flood],
        &[Fault::ReferenceZero, Fault::OldStamps],
    ] {
        let mut world = World::ready(faults);
        world.send(1);
        world.text(7, "REVIEW-NO 1");
        world.run(700);
        assert_eq!(sent(&world), 1, "{faults:?}: {:?}", world.finished);
        assert_eq!(world.texts(), ["REVIEW-NO 1"], "{faults:?}");
        let reports = world
            .events
            .iter()
            .filter(|event| matches!(event, Inbound::Status(_)));
        assert_eq!(reports.count(), 1, "{faults:?}");
        assert_eq!(world.simulator.waiting(), (0, 0), "{faults:?}");
    }
}

#[test]
fn the_sim_is_paced_and_never_idle_while_the_budget_allows() {
    let mut world = World::ready(&[]);
    for token in 0..250 {
        world.send(token);
    }
    world.run(3 * 3_600);
    assert_eq!(sent(&world), 250);
    let at: Vec<i64> = world.handed.iter().map(|at| at.as_millisecond()).collect();
    for (first, eleventh) in at.iter().zip(&at[10..]) {
        assert!(
            eleventh - first >= 59_000,
            "a burst of more than ten a minute"
        );
    }
    // Within the first burst each message follows the answer to the one before within 0.2 s,
    // chores included.
    let answers: Vec<i64> = world
        .submitted
        .iter()
        .map(|(at, _)| at.as_millisecond())
        .collect();
    for (answer, next) in answers.iter().zip(&at[1..10]) {
        assert!(next - answer <= 200, "idle for {} ms", next - answer);
    }
}

#[test]
fn a_lost_answer_is_unknown_and_nothing_is_sent_twice() {
    let mut world = World::ready(&[]);
    world.switch(Fault::LostAnswers, true);
    world.send(1);
    world.run(130);
    assert_eq!(world.finished, [(1, Outcome::Unknown)]);
    assert_eq!(world.submitted.len(), 1);
    world.switch(Fault::LostAnswers, false);
    world.send(2);
    world.run(60);
    assert!(
        matches!(world.finished[1], (2, Outcome::Sent { .. })),
        "{:?}",
        world.finished
    );
    assert_eq!(world.submitted.len(), 2);
}

#[test]
fn a_late_answer_is_waited_for() {
    let mut world = World::ready(&[Fault::LateAnswers]);
    world.send(1);
    world.run(90);
    assert_eq!(sent(&world), 1);
}

#[test]
fn a_missing_prompt_means_not_sent_and_the_next_one_leaves() {
    let mut world = World::ready(&[]);
    world.switch(Fault::NoPrompt, true);
    world.send(1);
    world.run(10);
    assert_eq!(world.finished, [(1, Outcome::NotSent)]);
    world.switch(Fault::NoPrompt, false);
    world.send(2);
    world.run(30);
    assert_eq!(sent(&world), 1);
    assert_eq!(world.submitted.len(), 1);
}

#[test]
fn errors_of_the_network_have_their_classes() {
    for (error, expected) in [
        (38, Outcome::Later),
        (322, Outcome::Later),
        (21, Outcome::Failed { code: 21 }),
    ] {
        let mut world = World::new(Settings::default(), &[Fault::Refusing]);
        let mut settings = modem_simulator::Settings::new(phone(9_999));
        settings.error = error;
        world.simulator = Simulator::new(settings);
        world.switch(Fault::Refusing, true);
        world.run(60);
        world.send(1);
        world.run(30);
        assert_eq!(world.finished, [(1, expected)], "{error}");
    }
}

#[test]
fn endless_unsolicited_lines_do_not_starve_the_sender() {
    let mut quiet = World::ready(&[]);
    let mut noisy = World::ready(&[]);
    noisy.switch(Fault::Flood, true);
    for world in [&mut quiet, &mut noisy] {
        for token in 0..5 {
            world.send(token);
        }
        world.run(20);
    }
    assert_eq!(sent(&quiet), 5);
    assert_eq!(noisy.finished, quiet.finished);
    // A command's clock is not restarted by noise: a hang under the flood is noticed in time.
    noisy.switch(Fault::LostAnswers, true);
    noisy.run(60);
    noisy.send(6);
    noisy.run(126);
    assert_eq!(noisy.finished.last(), Some(&(6, Outcome::Unknown)));
    // And a modem that vanishes in mid-send is found again; the message went once.
    noisy.switch(Fault::LostAnswers, false);
    noisy.run(60);
    noisy.send(7);
    noisy.run(1);
    noisy.switch(Fault::Unplugged, true);
    noisy.run(10);
    noisy.switch(Fault::Unplugged, false);
    noisy.send(8);
    noisy.run(120);
    assert_eq!(noisy.finished[6], (7, Outcome::Unknown));
    assert!(
        matches!(noisy.finished[7], (8, Outcome::Sent { .. })),
        "{:?}",
        noisy.finished
    );
    assert_eq!(noisy.submitted.len(), 8);
}

#[test]
fn the_balance_is_asked_for_and_read_in_every_form() {
    for faults in [&[][..], &[Fault::UssdInUcs2]] {
        let balance = super::super::BalanceQuery {
            code: "*131#".to_owned(),
            pattern: "balance is UGX {amount}".to_owned(),
        };
        let settings = Settings {
            balance: Some(balance),
            ..Settings::default()
        };
        let mut world = World::new(settings, faults);
        world.run(60);
        assert_eq!(world.balances, [Some(1_234_550)], "{faults:?}");
        assert!(
            world.written.iter().any(|line| line == "AT+CUSD=2\r"),
            "the session is ended"
        );
        world.drive(Input::AskBalance);
        world.run(60);
        assert_eq!(world.balances.len(), 2);
    }
}
