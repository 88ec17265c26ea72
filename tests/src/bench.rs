//! What the benchmark programs share: a hub on a prepared store, bound to the simulated operator.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use channels::operator::{Application, Operator, OperatorTimes};
use node::clock::Clock;
use node::roles::hub::{FIRST_AREA, HubConfig};
use sync_core::ClockQuality;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Name of the hub, of its link, and of its account with the operator.
pub const NAME: &str = "bench";
/// The account's password, and the variable in which the program looks for it.
const PASSWORD: &str = "secret";
const PASSWORD_VARIABLE: &str = "BENCH_SMPP_PASSWORD";
/// How long the program may take to start and to bind.
const START: Duration = Duration::from_mins(1);

/// An operator that the hub may bind to, with the code `*384#`.
///
/// # Errors
/// When no port is free.
pub async fn operator() -> Result<Operator> {
    let application = Application {
        system_id: NAME.to_owned(),
        password: PASSWORD.to_owned(),
        short_code: "384".to_owned(),
        ussd_code: "*384#".to_owned(),
    };
    let times = OperatorTimes::default();
    Ok(Operator::start("127.0.0.1:0".parse()?, vec![application], times).await?)
}

/// The hub as its library opens it, to prepare its store.
pub fn hub(folder: &Path) -> HubConfig {
    HubConfig {
        programmes: None,
        services: Vec::new(),
        staff_pin_hours: 0,
        folder: folder.join("hub"),
        name: NAME.to_owned(),
        realm: NAME.to_owned(),
        areas: vec![FIRST_AREA],
        villages: node_core::village::Villages::default(),
        country: "UG".to_owned(),
        language: "en".to_owned(),
        sender: "384".to_owned(),
        listen: None,
        clock: Clock::system(ClockQuality::Ntp),
    }
}

/// Writes the settings with which the program serves that store, day and night.
///
/// # Errors
/// When the file cannot be written.
pub fn settings(folder: &Path, operator: &Operator, (window, rate): (u32, u32)) -> Result<PathBuf> {
    let text = format!(
        r#"
        [node]
        name = "{NAME}"
        folder = "{}"
        country = "UG"
        language = "en"
        clock = "ntp"
        sender = "384"
        staff_pin_hours = 0
        [messages]
        quiet_hours = false
        [hub]
        listen = "127.0.0.1:0"
        realm = "{NAME}"
        [[hub.area]]
        name = "{NAME}"
        scope = 16
        [[smpp]]
        name = "{NAME}"
        address = "{}"
        system_id = "{NAME}"
        password_variable = "{PASSWORD_VARIABLE}"
        window = {window}
        rate = {rate}
        "#,
        folder.join("hub").display(),
        operator.local_addr(),
    );
    let path = folder.join("outpost.toml");
    std::fs::write(&path, text)?;
    Ok(path)
}

/// Starts the program and waits until it says that it runs.
///
/// # Errors
/// When it does not start in time.
pub async fn start(settings: &Path) -> Result<Child> {
    let mut child = Command::new(crate::tree::program("outpost"))
        .args(["hub", "--config"])
        .arg(settings)
        .env(PASSWORD_VARIABLE, PASSWORD)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("start outpost")?;
    let out = child.stdout.take().context("no output")?;
    let mut lines = BufReader::new(out).lines();
    let line = tokio::time::timeout(START, lines.next_line()).await??;
    let runs = line.is_some_and(|line| line.contains("runs"));
    ensure!(runs, "the program did not start");
    Ok(child)
}

/// Waits until the program is bound to the operator.
///
/// # Errors
/// When it is not in time.
pub async fn bound(operator: &Operator) -> Result<()> {
    tokio::time::timeout(START, operator.bound(NAME))
        .await
        .context("bind")
}

/// Resident set of a process in KiB, from the kernel.
///
/// # Errors
/// When the process is gone.
pub fn resident_kb(child: &Child) -> Result<u64> {
    let pid = child.id().context("the program ended")?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(number.context("no VmRSS")?.parse()?)
}
