//! The adapter against the simulated modem at a pseudo-terminal, at fifty times the real speed.

use std::path::Path;
use std::time::Duration;

use channels_core::modem::BalanceQuery;
use channels_core::modem_simulator::{Fault, Input as Order, Settings as Simulated};
use channels_core::{Inbound, Msisdn, OutgoingSms, Reply, SubmitOutcome};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;
use crate::modem_simulator::ModemSimulator;
use crate::{Delivery, Outgoing};

/// Longest wait for anything here.
const LIMIT: Duration = Duration::from_mins(1);

fn number(last: u32) -> Msisdn {
    Msisdn::parse(&format!("25677200{last:04}")).unwrap()
}

fn simulated(last: u32) -> Simulated {
    Simulated {
        time_scale: 50,
        ..Simulated::new(number(last))
    }
}

fn modem(name: &str, port: &Path, folder: &Path) -> ModemConfig {
    ModemConfig {
        name: name.to_owned(),
        port: port.to_owned(),
        baud: BAUD,
        own: Address::Phone(number(9_000)),
        settings: Settings::default(),
        board: Board::default(),
        folder: folder.to_owned(),
    }
}

struct Bench {
    ready: watch::Receiver<u8>,
    outgoing: mpsc::Sender<Outgoing>,
    inbound: mpsc::Receiver<Delivery>,
    task: JoinHandle<()>,
}

fn run(modems: Vec<ModemConfig>) -> Bench {
    let (to_node, inbound) = mpsc::channel(16);
    let (outgoing, from_node) = mpsc::channel(16);
    let channel = GsmModems::new(LinkName("gsm".to_owned()), modems).unwrap();
    let io = ChannelIo {
        inbound: to_node,
        outgoing: from_node,
    };
    Bench {
        ready: channel.ready().unwrap(),
        outgoing,
        inbound,
        task: tokio::spawn(channel.run(io)),
    }
}

impl Bench {
    /// Hands a text over.
    async fn hand(&self, to: Msisdn, text: &str) -> oneshot::Receiver<SubmitOutcome> {
        let (done, outcome) = oneshot::channel();
        let sms = OutgoingSms {
            id: "1".to_owned(),
            to,
            from: Address::parse("384").unwrap(),
            data: Vec::new(),
            text: text.to_owned(),
            validity_s: 3_600,
        };
        self.outgoing.send(Outgoing { sms, done }).await.unwrap();
        outcome
    }

    /// Sends a text until it is not put off any more.
    async fn send(&self, to: Msisdn, text: &str) -> SubmitOutcome {
        loop {
            let outcome = self.hand(to.clone(), text).await;
            match timeout(LIMIT, outcome).await.unwrap().unwrap() {
                SubmitOutcome::TryLater { .. } => {}
                outcome => return outcome,
            }
        }
    }

    /// The next event, committed.
    async fn event(&mut self) -> Inbound {
        let delivery = timeout(LIMIT, self.inbound.recv()).await.unwrap().unwrap();
        delivery.reply.send(Reply::Accepted).unwrap();
        delivery.event
    }

    async fn stop(self) {
        drop(self.outgoing);
        timeout(LIMIT, self.task).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn texts_reports_and_calls_pass_both_ways_over_a_terminal() {
    let folder = TempDir::new().unwrap();
    let link = folder.path().join("modem");
    let mut simulator = ModemSimulator::start(simulated(9_000), Some(link.clone())).unwrap();
    let mut bench = run(vec![modem("a", &link, folder.path())]);
    let text = "Habari ya leo? ".repeat(20);
    let outcome = bench.send(number(1), &text).await;
    let SubmitOutcome::Sent { message_id } = outcome else {
        panic!("{outcome:?}")
    };
    let mut texts = String::new();
    while texts.len() < text.len() {
        let submitted = timeout(LIMIT, simulator.submitted())
            .await
            .unwrap()
            .unwrap();
        texts.push_str(&submitted.submit.user_data.text().unwrap());
    }
    assert_eq!(texts, text);
    let Inbound::Status(status) = bench.event().await else {
        panic!("the report comes first")
    };
    assert_eq!(
        (status.message_id, status.delivered),
        (message_id, Some(true))
    );
    let from = channels_core::tpdu::TpAddress::of(&Address::Phone(number(2))).unwrap();
    let text = "REG Amina".to_owned();
    simulator.order(Order::Text { from, text }).await;
    assert!(matches!(bench.event().await, Inbound::Sms(sms) if sms.text == "REG Amina"));
    simulator.order(Order::Ring(Some(number(3)))).await;
    assert!(matches!(bench.event().await, Inbound::MissedCall(call) if call.from == number(3)));
    bench.stop().await;
}

#[tokio::test]
async fn another_modem_takes_the_queue_when_one_is_deaf_and_it_comes_back_under_another_name() {
    let folder = TempDir::new().unwrap();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let mut first = ModemSimulator::start(simulated(9_000), Some(a.clone())).unwrap();
    let mut second = ModemSimulator::start(simulated(9_001), Some(b.clone())).unwrap();
    let mut bench = run(vec![
        modem("a", &a, folder.path()),
        modem("b", &b, folder.path()),
    ]);
    let before = first.path();
    assert!(matches!(
        bench.send(number(1), "one").await,
        SubmitOutcome::Sent { .. }
    ));
    timeout(LIMIT, bench.ready.wait_for(|ready| *ready == 2))
        .await
        .unwrap()
        .unwrap();
    first.order(Order::Switch(Fault::Unplugged, true)).await;
    timeout(LIMIT, bench.ready.wait_for(|ready| *ready == 1))
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(
        bench.send(number(2), "two").await,
        SubmitOutcome::Sent { .. }
    ));
    second.order(Order::Switch(Fault::Unplugged, true)).await;
    first.order(Order::Switch(Fault::Unplugged, false)).await;
    assert!(matches!(
        bench.send(number(3), "three").await,
        SubmitOutcome::Sent { .. }
    ));
    assert_ne!(first.path(), None);
    assert!(before.is_some());
    let mut texts = Vec::new();
    for simulator in [&mut first, &mut second] {
        while let Ok(Some(submitted)) =
            timeout(Duration::from_millis(10), simulator.submitted()).await
        {
            texts.push(submitted.submit.user_data.text().unwrap());
        }
    }
    texts.sort();
    assert_eq!(texts, ["one", "three", "two"], "each once");
    bench.stop().await;
}

#[tokio::test]
async fn every_message_is_answered_when_the_node_stops_in_the_middle() {
    let folder = TempDir::new().unwrap();
    let link = folder.path().join("modem");
    let slow = Simulated {
        submit_ms: 20_000,
        ..simulated(9_000)
    };
    let mut simulator = ModemSimulator::start(slow, Some(link.clone())).unwrap();
    let bench = run(vec![modem("a", &link, folder.path())]);
    assert!(matches!(
        bench.send(number(1), "before").await,
        SubmitOutcome::Sent { .. }
    ));
    let mut answers = Vec::new();
    for last in 0..12 {
        answers.push(bench.hand(number(last), "now").await);
    }
    // The first of the batch leaves, then the node stops: its answer is still waited for.
    let taken = async { simulator.submitted().await.unwrap() };
    timeout(LIMIT, taken).await.unwrap();
    bench.stop().await;
    let (mut sent, mut later) = (1, 0);
    for answer in answers {
        match answer.await.expect("answered, not dropped") {
            SubmitOutcome::Sent { .. } => sent += 1,
            SubmitOutcome::TryLater { .. } => later += 1,
            outcome => panic!("{outcome:?}"),
        }
    }
    let mut left = 1;
    while let Ok(Some(_)) = timeout(Duration::from_millis(10), simulator.submitted()).await {
        left += 1;
    }
    assert_eq!(
        (sent, sent + later),
        (left, 13),
        "what left is known as sent"
    );
}

#[tokio::test]
async fn the_airtime_of_a_link_is_that_of_all_its_sims() {
    let folder = TempDir::new().unwrap();
    let query = BalanceQuery {
        code: "*131#".to_owned(),
        pattern: "balance is UGX {amount}".to_owned(),
    };
    let mut simulators = Vec::new();
    let mut modems = Vec::new();
    for (name, last) in [("a", 9_000), ("b", 9_001)] {
        let link = folder.path().join(name);
        simulators.push(ModemSimulator::start(simulated(last), Some(link.clone())).unwrap());
        let mut config = modem(name, &link, folder.path());
        config.settings.balance = Some(query.clone());
        modems.push(config);
    }
    let mut bench = run(modems);
    let mut told = Vec::new();
    for _ in 0..2 {
        let Inbound::Balance(reading) = bench.event().await else {
            panic!("no reading")
        };
        assert_eq!(reading.link.0, "gsm");
        told.push(reading.balance_minor);
    }
    assert_eq!(told, [1_234_550, 2_469_100]);
    bench.stop().await;
}

#[tokio::test]
async fn a_port_has_one_owner() {
    let folder = TempDir::new().unwrap();
    let link = folder.path().join("modem");
    let _simulator = ModemSimulator::start(simulated(9_000), Some(link.clone())).unwrap();
    let config = modem("a", &link, folder.path());
    let held = port::open(config.clone()).await.unwrap();
    let refused = port::open(config.clone()).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::AddrInUse);
    drop(held);
    assert!(port::open(config.clone()).await.map(drop).err().is_none());
    let twice = GsmModems::new(
        LinkName("gsm".to_owned()),
        vec![
            config.clone(),
            ModemConfig {
                name: "b".to_owned(),
                ..config
            },
        ],
    );
    assert!(matches!(
        twice,
        Err(GsmModemError::Twice { what: "port", .. })
    ));
}

#[tokio::test]
async fn the_board_is_asked_by_command_or_file() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("step");
    let by_file = Board {
        file: Some(file.clone()),
        ..Board::default()
    };
    assert!(
        port::help(by_file, channels_core::modem::Step::PowerCut)
            .await
            .unwrap()
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "power-cut");
    let command = ["sh", "-c", "test \"$0\" = rebind"];
    let by_command = Board {
        command: command.map(str::to_owned).to_vec(),
        file: None,
    };
    assert!(
        port::help(by_command.clone(), channels_core::modem::Step::Rebind)
            .await
            .unwrap()
    );
    port::help(by_command, channels_core::modem::Step::Reset)
        .await
        .unwrap_err();
    assert!(
        !port::help(Board::default(), channels_core::modem::Step::Reset)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_wrong_pin_is_tried_once_over_restarts_of_the_node() {
    let folder = TempDir::new().unwrap();
    let link = folder.path().join("modem");
    let simulator = ModemSimulator::start(simulated(9_000), Some(link.clone())).unwrap();
    simulator.order(Order::Switch(Fault::PinWanted, true)).await;
    let mut config = modem("a", &link, folder.path());
    config.settings.pin = channels_core::modem::Pin::parse("0000");
    let mark = folder.path().join("modem-a.pin-tried");
    let bench = run(vec![config.clone()]);
    let outcome = bench.hand(number(1), "x").await;
    let outcome = timeout(LIMIT, outcome).await.unwrap().unwrap();
    assert!(
        matches!(outcome, SubmitOutcome::TryLater { .. }),
        "{outcome:?}"
    );
    assert!(mark.exists(), "the try is on disk");
    bench.stop().await;
    // The right PIN would open it, but a person must look first.
    config.settings.pin = channels_core::modem::Pin::parse("1234");
    let bench = run(vec![config]);
    let outcome = bench.hand(number(1), "x").await;
    let outcome = timeout(LIMIT, outcome).await.unwrap().unwrap();
    assert!(
        matches!(outcome, SubmitOutcome::TryLater { .. }),
        "{outcome:?}"
    );
    bench.stop().await;
}
