//! Kills of the node, and faults of its modem, while it sends: each message ends once.
//!
//! What left is counted where it arrives, at the simulated network behind the modem. A message
//! arrives once at most; one of emergency or money, whose answer was lost, twice at most, and then
//! it says so.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use channels::modem_simulator::ModemSimulator;
use channels_core::Msisdn;
use channels_core::modem_simulator::{Fault, Input, Settings};
use node::clock::Clock;
use node::roles::node::{self as node_role, NodeConfig};
use node_core::message::order::Order;
use node_core::message::state::MessageState;
use node_core::query::{Answer, MessageRow, Query};
use node_core::turn::Turn;
use node_core::view::{MessageClass, NewMessage, Terms};
use node_store::HubStore;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use sync_core::ClockQuality;
use sync_core::session::Profile;
use tempfile::TempDir;
use tests::crash::dice::Dice;
use tests::crash::record::{note, size};
use tests::peer::Program;
use tests::tree;
use tokio::time::{Instant, timeout_at};

/// Kills and faults together.
const TROUBLES: u64 = 16;
/// Messages for each trouble; one a number.
const MESSAGES_A_TROUBLE: u64 = 3;
const SEED: u64 = 0x0b57_3a7e;
/// How much faster than a real modem the simulated one is.
const TIME_SCALE: u32 = 20;
/// Longest life of one trouble, and of the calm before it, in milliseconds.
const TROUBLE_MS_MAX: u64 = 900;
/// Nothing arrives for this long: what has left waits for a lease or a repeat.
const QUIET: Duration = Duration::from_secs(10);
/// How long nothing may arrive while messages wait that could leave: an answer that the network lost
/// is waited for 125 s, and a modem that then hangs is opened again after 20 s.
const DEAF: Duration = Duration::from_mins(3);
/// How long a node that was just started may take until its first message has left.
const FIRST: Duration = Duration::from_mins(1);
/// The same in the long run, where leases (180 s) and repeats (120 s) come to their end.
const QUIET_LONG: Duration = Duration::from_mins(6);
/// How long the program may take to start.
const START: Duration = Duration::from_secs(30);
const OWN: &str = "+256772000100";

/// What may happen to the modem; the last one to the node.
const FAULTS: [Fault; 6] = [
    Fault::Unplugged,
    Fault::Hang,
    Fault::LostAnswers,
    Fault::CutLines,
    Fault::Flood,
    Fault::NoNetwork,
];

/// A node with a full outbox, its modem, and what has arrived.
struct Sender {
    folder: TempDir,
    modem: ModemSimulator,
    node: Program,
    arrived: BTreeMap<String, u32>,
}

fn config(folder: &Path) -> NodeConfig {
    NodeConfig {
        programmes: None,
        services: Vec::new(),
        staff_pin_hours: 0,
        dial: "*384*7#".to_owned(),
        folder: folder.join("store"),
        name: "Clinic".to_owned(),
        country: "UG".to_owned(),
        language: "en".to_owned(),
        sender: "384".to_owned(),
        smpp: Vec::new(),
        interval: Duration::from_secs(30),
        hub_profile: Profile::Metered,
        lan: None,
        clock: Clock::system(ClockQuality::Ntp),
    }
}

fn class(number: usize) -> MessageClass {
    match number % 4 {
        0 => MessageClass::Emergency,
        1 => MessageClass::Money,
        2 => MessageClass::Health,
        _ => MessageClass::Reminder,
    }
}

/// Fills the outbox of a store that no program has open.
async fn fill(folder: &Path, messages: usize) {
    let config = config(folder);
    let store = node_role::open(&config).expect("a store");
    for number in 0..messages {
        let order = Order::Queue(NewMessage {
            cause: format!("trouble:{number}"),
            to: format!("+25677100{number:04}"),
            text: format!("Message {number}"),
            class: class(number),
            validity_s: 86_400,
            covers: Vec::new(),
            terms: Terms {
                urgent: true,
                ..Terms::default()
            },
        });
        let done = store.commit(Turn::Order(order), config.clock.now()).await;
        done.expect("queued");
    }
}

fn start(folder: &Path) -> Program {
    let file = folder.join("outpost.toml");
    let settings = format!(
        r#"
        [node]
        name = "Clinic"
        folder = "{}"
        country = "UG"
        language = "en"
        clock = "ntp"
        sender = "384"
        [messages]
        quiet_hours = false
        [[modem]]
        name = "main"
        port = "{}"
        number = "{OWN}"
        minute = 60
        hour = 3600
        day = 20000
        "#,
        folder.join("store").display(),
        folder.join("modem").display(),
    );
    std::fs::write(&file, settings).expect("written");
    let mut command = Command::new(tree::program("outpost"));
    let program = Program::start(command.args(["--log", "off", "run", "--config"]).arg(&file));
    assert_eq!(program.line(START), "node Clinic runs");
    program
}

impl Sender {
    async fn start(messages: usize) -> Self {
        let folder = TempDir::new().expect("a folder");
        fill(folder.path(), messages).await;
        let settings = Settings {
            time_scale: TIME_SCALE,
            ..Settings::new(Msisdn::parse(OWN).expect("a number"))
        };
        let link = folder.path().join("modem");
        let modem = ModemSimulator::start(settings, Some(link)).expect("a pseudo-terminal");
        let node = start(folder.path());
        Self {
            folder,
            modem,
            node,
            arrived: BTreeMap::new(),
        }
    }

    /// Counts what arrives, until a moment; false when something arrived.
    async fn count_until(&mut self, end: Instant) -> bool {
        let before: u32 = self.arrived.values().sum();
        while let Ok(Some(submitted)) = timeout_at(end, self.modem.submitted()).await {
            let to = submitted.submit.destination.as_str().to_owned();
            *self.arrived.entry(to).or_default() += 1;
        }
        before == self.arrived.values().sum::<u32>()
    }

    async fn count_for(&mut self, dice: &mut Dice) {
        let wait = Duration::from_millis(dice.roll(TROUBLE_MS_MAX));
        self.count_until(Instant::now() + wait).await;
    }

    /// One kill, or one fault that comes and goes.
    async fn trouble(&mut self, dice: &mut Dice) -> &'static str {
        self.count_for(dice).await;
        if dice.coin() {
            self.node.kill();
            self.count_for(dice).await;
            self.node = start(self.folder.path());
            return "kill";
        }
        let fault = FAULTS[dice.index(FAULTS.len())];
        self.modem.order(Input::Switch(fault, true)).await;
        self.count_for(dice).await;
        self.modem.order(Input::Switch(fault, false)).await;
        fault.word()
    }

    /// Lets it send in peace until nothing arrives any more and nothing waits, and ends it.
    async fn settle(&mut self, quiet: Duration) -> Vec<MessageRow> {
        let mut last = Instant::now();
        loop {
            if !self.count_until(Instant::now() + quiet).await {
                last = Instant::now();
            } else if waiting(self.folder.path()) == 0 || last.elapsed() > DEAF {
                break;
            }
        }
        assert!(self.node.stop().success(), "{}", self.node.complaints());
        rows(self.folder.path()).await
    }
}

/// How many messages that leave once wait, in the store of a node that runs.
fn waiting(folder: &Path) -> u32 {
    let file = folder.join("store").join("outpost.db");
    let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let queued = u32::from(MessageState::Queued.number());
    // Classes 0 and 1, emergency and money, wait for their repeats.
    let sql = "SELECT count(*) FROM message WHERE state = ?1 AND class >= 2";
    database
        .and_then(|database| database.query_row(sql, [queued], |row| row.get(0)))
        .expect("a store that can be read")
}

async fn rows(folder: &Path) -> Vec<MessageRow> {
    let store = node_role::open(&config(folder)).expect("a store");
    let mut rows = Vec::new();
    for number in 0..=u8::MAX {
        let Some(state) = MessageState::of_number(number) else {
            break;
        };
        let query = Query::Messages { state, limit: 500 };
        match store.query(query).await.expect("answered") {
            Answer::Messages(some) => rows.extend(some),
            other => panic!("not messages: {other:?}"),
        }
    }
    rows
}

/// What is wrong with how the messages ended, if anything.
fn wrongs(rows: &[MessageRow], arrived: &BTreeMap<String, u32>, all_ended: bool) -> Vec<String> {
    let mut wrongs = Vec::new();
    for row in rows {
        let end = row.to_hint.trim_start_matches('.');
        let mut counts = arrived.iter().filter(|(to, _)| to.ends_with(end));
        let count = counts.next().map_or(0, |(_, count)| *count);
        let may_repeat = matches!(row.class, MessageClass::Emergency | MessageClass::Money);
        let most = if may_repeat && row.possible_duplicate {
            2
        } else {
            1
        };
        let told = matches!(row.state, MessageState::Sent | MessageState::Delivered);
        let waits = matches!(row.state, MessageState::Queued | MessageState::Submitting);
        if count > most {
            wrongs.push(format!("{row:?} arrived {count} times"));
        }
        if told && count == 0 {
            wrongs.push(format!("{row:?} never arrived"));
        }
        if all_ended && waits || row.state == MessageState::Queued && !may_repeat {
            wrongs.push(format!("{row:?} has not ended"));
        }
    }
    wrongs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_modem_in_trouble_and_a_killed_node_send_each_message_once() {
    let troubles = size("OUTPOST_MODEM_TROUBLES", TROUBLES);
    let is_long = troubles > TROUBLES;
    let messages = usize::try_from(troubles * MESSAGES_A_TROUBLE).expect("few");
    let mut dice = Dice::new(SEED);
    let mut sender = Sender::start(messages).await;
    let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
    for _ in 0..troubles {
        *kinds.entry(sender.trouble(&mut dice).await).or_default() += 1;
    }
    let quiet = if is_long { QUIET_LONG } else { QUIET };
    let rows = sender.settle(quiet).await;
    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        *ends.entry(row.state.word()).or_default() += 1;
    }
    let twice = rows.iter().filter(|row| row.possible_duplicate).count();
    note(
        "modem",
        &json!({ "messages": messages, "troubles": kinds, "ends": ends, "possible_duplicates": twice }),
    );
    assert_eq!(rows.len(), messages, "no message is lost");
    assert_eq!(wrongs(&rows, &sender.arrived, is_long), [""; 0]);
    let delivered = ends.get("delivered").copied().unwrap_or(0);
    assert!(
        delivered * 2 > messages,
        "most arrive all the same: {ends:?}"
    );
    // The control: a store that was put back to the morning sends everything again.
    std::fs::remove_dir_all(sender.folder.path().join("store")).expect("removed");
    fill(sender.folder.path(), messages).await;
    sender.node = start(sender.folder.path());
    let first = timeout_at(Instant::now() + FIRST, sender.modem.submitted()).await;
    assert!(matches!(first, Ok(Some(_))), "nothing is sent again");
    let rows = sender.settle(QUIET).await;
    assert!(wrongs(&rows, &sender.arrived, false).len() > messages / 2);
}
