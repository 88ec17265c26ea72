//! A health office: the real program as a hub that serves phones by itself, bound to SMSCs, and
//! what its store holds at the end.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use node::clock::Clock;
use node::roles::hub::{self, HubConfig};
use node_core::query::{Answer, Counts, Query};
use node_store::HubStore;
use sync_core::{ClockQuality, Scope};
use tempfile::TempDir;
use tests::peer::Program;
use tests::tree;
use tokio::runtime::Runtime;

/// Where people text to.
pub(crate) const SHORT_CODE: &str = "3847";
/// What people dial.
pub(crate) const CODE: &str = "*384*7#";
/// The password of its account at each SMSC.
pub(crate) const PASSWORD: &str = "secret";

/// How the USSD of `tests/peers/smsc.js` speaks: it counts the steps of a session.
const DIALECT: &str = "standard-counted";
/// Where the program finds that password.
const PASSWORD_VARIABLE: &str = "OUTPOST_TEST_PASSWORD";
/// The secret of its HTTP links, in paths and as key, and where the program finds it.
pub(crate) const SECRET: &str = "0123456789abcdef";
pub(crate) const SECRET_VARIABLE: &str = "OUTPOST_TEST_SECRET";
/// Its only area.
const AREA: (&str, u32) = ("Kibo", 16);
/// How long it may take to start, or to write a line that is waited for.
const LINE: Duration = Duration::from_secs(30);

/// A running office.
pub(crate) struct Office {
    program: Program,
    folder: TempDir,
}

/// What a store holds when nothing moves any more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct State {
    pub(crate) persons: u64,
    pub(crate) registrations: u64,
    pub(crate) by_status: BTreeMap<&'static str, u64>,
    pub(crate) messages: BTreeMap<String, u64>,
}

impl Office {
    /// Founds it, grants the workers their role, and binds it to the SMSCs.
    pub(crate) fn start(workers: &[String], smscs: &[SocketAddr]) -> Self {
        Self::speaking(DIALECT, workers, smscs)
    }

    /// The same with another idea of how the SMSC's USSD speaks.
    pub(crate) fn speaking(dialect: &str, workers: &[String], smscs: &[SocketAddr]) -> Self {
        Self::linked(workers, &smpp_links(dialect, smscs))
    }

    /// One whose phones are on an own cell with this home register, as docs/guides/own-cell.md
    /// connects it.
    pub(crate) fn on_cell(workers: &[String], register: IpAddr) -> Self {
        let guide = tree::text("docs/guides/own-cell.md".as_ref());
        let example = guide.split("```toml\n").nth(1).expect("an example");
        let example = example.split("```").next().expect("its end");
        assert!(example.contains("127.0.0.1"), "it names the register");
        let cell = example.replace("127.0.0.1", &register.to_string());
        let office = Self::linked(workers, &cell);
        office.wait_for_register();
        office
    }

    /// Waits until the home register knows the office.
    pub(crate) fn wait_for_register(&self) {
        self.log_line(|line| line.contains("cell.note=Open"));
    }

    /// The same with other links, as they stand in its settings.
    pub(crate) fn linked(workers: &[String], links: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let config = folder.path().join("outpost.toml");
        std::fs::write(&config, settings(folder.path(), links)).expect("settings");
        for worker in workers {
            let mut order = outpost(&config);
            order.args([
                "grant", "--name", "Worker", "--area", AREA.0, "--phone", worker,
            ]);
            let done = order.output().expect("the program starts");
            assert!(
                done.status.success(),
                "{}",
                String::from_utf8_lossy(&done.stderr)
            );
        }
        let program = Program::start(&mut outpost(&config));
        let line = program.line(LINE);
        assert!(line.contains("runs"), "{line}");
        Self { program, folder }
    }

    /// Kills it without warning and starts it again.
    pub(crate) fn kill_and_start(&mut self) {
        self.program.kill();
        self.program = Program::start(&mut outpost(&self.folder.path().join("outpost.toml")));
        let line = self.program.line(LINE);
        assert!(line.contains("runs"), "{line}");
    }

    /// Waits for a line of its log.
    pub(crate) fn log_line(&self, is_wanted: impl Fn(&str) -> bool) -> String {
        self.program.error_line(LINE, is_wanted)
    }

    /// Ends it as a service manager does, and reads what its store holds.
    pub(crate) fn stop(mut self) -> State {
        assert!(
            self.program.stop().success(),
            "{}",
            self.program.complaints()
        );
        let config = HubConfig {
            programmes: None,
            services: Vec::new(),
            staff_pin_hours: 0,
            folder: store_folder(self.folder.path()),
            name: "Office".to_owned(),
            realm: "peers".to_owned(),
            areas: vec![Scope(AREA.1)],
            villages: node_core::village::Villages::default(),
            country: "UG".to_owned(),
            language: "en".to_owned(),
            sender: SHORT_CODE.to_owned(),
            listen: None,
            clock: Clock::system(ClockQuality::Unknown),
        };
        let counts = Runtime::new().expect("a runtime").block_on(async {
            hub::open(&config)
                .await
                .expect("its store")
                .query(Query::Counts)
                .await
        });
        match counts {
            Ok(Answer::Counts(counts)) => State::of(counts),
            other => panic!("no counts: {other:?}"),
        }
    }
}

fn store_folder(folder: &Path) -> PathBuf {
    folder.join("store")
}

fn outpost(config: &Path) -> Command {
    let mut command = Command::new(tree::program("outpost"));
    command
        .args(["--log", "info", "hub", "--config"])
        .arg(config)
        .env(PASSWORD_VARIABLE, PASSWORD)
        .env(SECRET_VARIABLE, SECRET);
    command
}

fn settings(folder: &Path, links: &str) -> String {
    let store = store_folder(folder);
    format!(
        r#"
        [node]
        name = "Office"
        folder = "{}"
        country = "UG"
        language = "en"
        sender = "{SHORT_CODE}"
        staff_pin_hours = 0

        [messages]
        quiet_hours = false

        [hub]
        listen = "127.0.0.1:0"
        realm = "peers"

        [[hub.area]]
        name = "{}"
        scope = {}

        {links}
        "#,
        store.display(),
        AREA.0,
        AREA.1,
    )
}

fn smpp_links(dialect: &str, smscs: &[SocketAddr]) -> String {
    let mut text = String::new();
    for (index, smsc) in smscs.iter().enumerate() {
        let link = format!(
            r#"
            [[smpp]]
            name = "link-{index}"
            address = "{smsc}"
            system_id = "office"
            password_variable = "{PASSWORD_VARIABLE}"
            dialect = "{dialect}"
            "#
        );
        text.write_str(&link).expect("memory");
    }
    text
}

impl State {
    fn of(counts: Counts) -> Self {
        let by_status = counts.by_status.iter().filter(|(_, count)| **count > 0);
        Self {
            persons: counts.persons,
            registrations: counts.registrations,
            by_status: by_status
                .map(|(status, count)| (status.word(), *count))
                .collect(),
            messages: counts
                .messages
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .collect(),
        }
    }
}
