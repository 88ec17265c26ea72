//! Local applications that nobody of this project wrote bind to the real program and share its
//! link: npm `smpp` and `PyPI` `smpplib` as ESMEs, the simulated operator behind the node. The
//! settings are the example of docs/guides/operator-smpp.md.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::Duration;

use channels::operator::{Application, Operator, OperatorTimes};
use channels_core::Msisdn;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::peer::{self, Program, Skip};
use tests::tree;
use tokio::runtime::Runtime;

const PHONE: &str = "+256772000001";
const SOURCE: &str = "3847";
const PASSWORD: &str = "secret";
/// How long the whole play of a peer may take.
const PLAY: Duration = Duration::from_secs(90);

/// One part, two parts that need UCS-2, and a long one of plain letters.
fn texts() -> [String; 3] {
    [
        "Your result is here.".to_owned(),
        "ሰላም ".repeat(20),
        "Bring the card to the clinic. "
            .repeat(8)
            .trim_end()
            .to_owned(),
    ]
}

/// The operator, the program between, and a phone.
struct Desk {
    runtime: Runtime,
    operator: Operator,
    program: Program,
    port: u16,
    _folder: TempDir,
}

impl Desk {
    fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let account = Application {
            system_id: "office".to_owned(),
            password: PASSWORD.to_owned(),
            short_code: SOURCE.to_owned(),
            ussd_code: "*384*7#".to_owned(),
        };
        let times = OperatorTimes::default();
        let any = "127.0.0.1:0".parse().expect("an address");
        let operator = runtime
            .block_on(Operator::start(any, vec![account], times))
            .expect("an operator");
        let free = TcpListener::bind(any).expect("a free port");
        let port = free.local_addr().expect("its address").port();
        drop(free);
        let folder = TempDir::new().expect("a folder");
        let config = folder.path().join("outpost.toml");
        let settings = settings(&folder, operator.local_addr(), port);
        std::fs::write(&config, settings).expect("settings");
        let mut command = Command::new(tree::program("outpost"));
        command
            .args(["run", "--config"])
            .arg(&config)
            .env("OUTPOST_OPERATOR_A_PASSWORD", PASSWORD)
            .env("OUTPOST_RECORDS_PASSWORD", PASSWORD);
        let program = Program::start(&mut command);
        let line = program.line(Duration::from_secs(30));
        assert!(line.contains("runs"), "{line}");
        runtime.block_on(operator.bound("office"));
        Self {
            runtime,
            operator,
            program,
            port,
            _folder: folder,
        }
    }

    /// Plays a peer that sends all texts; what it saw.
    fn play(&self, mut command: Command) -> Value {
        let mut peer = Program::start(&mut command);
        let task = json!({
            "port": self.port, "system_id": "records", "password": PASSWORD, "source": SOURCE,
            "to": PHONE.trim_start_matches('+'), "texts": texts(), "stranger": "9999", "burst": 40,
        });
        peer.feed(&task.to_string());
        peer::document(&peer.line(PLAY))
    }

    /// All texts are on the phone, each taken, and each receipt names its message.
    fn check(mut self, seen: &Value) {
        let phone = Msisdn::parse(PHONE).expect("a number");
        let inbox = self.runtime.block_on(async {
            tokio::time::timeout(PLAY, self.operator.inbox_reaches(&phone, 3)).await
        });
        let inbox = inbox.expect("three messages");
        for text in texts() {
            let count = inbox.iter().filter(|sms| sms.text == text).count();
            assert_eq!(count, 1, "{text}");
        }
        let statuses = seen["statuses"].as_array().expect("statuses");
        assert!(statuses.iter().all(|status| status == 0), "{seen}");
        let ids = seen["ids"].as_array().expect("ids");
        let receipts = seen["receipts"].as_array().expect("receipts");
        assert_eq!(receipts.len(), 3, "{seen}");
        for receipt in receipts {
            assert_eq!(receipt["stat"], "DELIVRD", "{seen}");
            assert!(ids.contains(&receipt["id"]), "{seen}");
        }
        assert!(self.program.stop().success());
    }
}

/// The example of the guide, with the places of this run.
fn settings(folder: &TempDir, operator: SocketAddr, port: u16) -> String {
    let page = tree::text(&tree::root().join("docs/guides/operator-smpp.md"));
    let (_, example) = page.split_once("```toml\n").expect("an example");
    let (example, _) = example.split_once("```").expect("its end");
    let store = folder.path().join("store").display().to_string();
    // The suite also runs at night.
    let mut text = format!("{example}\n[messages]\nquiet_hours = false\n");
    for (theirs, ours) in [
        ("/var/lib/outpost", store),
        ("127.0.0.1:2775", operator.to_string()),
        ("127.0.0.1:2776", format!("127.0.0.1:{port}")),
    ] {
        assert!(text.contains(theirs), "the example names {theirs}");
        text = text.replace(theirs, &ours);
    }
    text
}

pub(crate) fn an_application_of_npm_smpp_sends_by_the_node_and_gets_receipts() -> Result<(), Skip> {
    let command = peer::node_script("application.js", "smpp")?;
    let desk = Desk::start();
    let seen = desk.play(command);
    assert_eq!(seen["stranger"], 0x0A, "a sender that is not its own");
    let throttled = seen["burst"]["0x58"].as_u64().unwrap_or(0);
    assert!((1..=40).contains(&throttled), "{seen}");
    assert_eq!(seen["unbound"], true);
    desk.check(&seen);
    Ok(())
}

pub(crate) fn an_application_of_smpplib_sends_by_the_node_and_gets_receipts() -> Result<(), Skip> {
    let command = peer::python_script("application.py", "smpplib")?;
    let desk = Desk::start();
    let seen = desk.play(command);
    desk.check(&seen);
    Ok(())
}
