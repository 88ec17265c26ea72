//! Clients that nobody here wrote at the simulated modem: gammu and smstools (`smsd`).
//!
//! They keep their own clocks, so the simulator runs at time scale 1. They hold it honest: a
//! simulator that only our own driver can use would prove nothing about modems.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::peer::{self, Program, Skip};
use tests::tree;

/// Longest wait for one line of the simulator.
const LINE: Duration = Duration::from_mins(1);
/// Longest time of one command of gammu, in seconds.
const GAMMU_S_MAX: &str = "60";
/// Longest wait for a file of smsd.
const FILE: Duration = Duration::from_mins(1);
const OWN: &str = "+256772000100";
const OTHER: &str = "+256772000001";

/// The simulated modem of `outpost simulate modem`, and the link to its terminal.
struct Modem {
    program: Program,
    link: PathBuf,
}

fn simulate(folder: &Path) -> Modem {
    let link = folder.join("modem");
    let program = Program::start(
        Command::new(tree::program("outpost"))
            .args(["simulate", "modem", "--number", OWN, "--submit-ms", "500"])
            .arg("--link")
            .arg(&link),
    );
    let line = program.line(LINE);
    assert_eq!(line, format!("modem at {}", link.display()));
    Modem { program, link }
}

fn gammu(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("timeout")
        .args([GAMMU_S_MAX, "gammu", "-c"])
        .arg(folder.join("gammurc"))
        .args(arguments)
        .output()
        .expect("gammu starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "gammu {arguments:?}: {text}{errors}"
    );
    text
}

pub(crate) fn gammu_identifies_sends_lists_and_asks_the_balance() -> Result<(), Skip> {
    peer::installed("gammu")?;
    let folder = TempDir::new().expect("a folder");
    let mut modem = simulate(folder.path());
    let config = format!(
        "[gammu]\ndevice = {}\nconnection = at115200\n",
        modem.link.display()
    );
    fs::write(folder.path().join("gammurc"), config).expect("written");
    let identity = gammu(folder.path(), &["identify"]);
    assert!(identity.contains("490154203237518"), "the IMEI: {identity}");
    // A text of three parts, to somebody else, then one to the SIM itself, which comes back.
    let long = "Habari ya leo, mtoto amezaliwa. ".repeat(11);
    gammu(
        folder.path(),
        &["sendsms", "TEXT", OTHER, "-autolen", "400", "-text", &long],
    );
    let mut parts = String::new();
    for part in 1..=3 {
        let line = modem.program.line(LINE);
        let head = format!(
            "submitted to {} ({part}/3): ",
            OTHER.trim_start_matches('+')
        );
        let text = line.strip_prefix(&head);
        parts.push_str(text.unwrap_or_else(|| panic!("not {head}: {line}")));
    }
    assert_eq!(parts.trim_end(), long.trim_end());
    gammu(
        folder.path(),
        &["sendsms", "TEXT", OWN, "-unicode", "-text", "ሰላም {[€"],
    );
    let line = modem.program.line(LINE);
    assert!(line.ends_with(": ሰላም {[€"), "{line}");
    let list = gammu(folder.path(), &["getallsms"]);
    assert!(list.contains("ሰላም {[€"), "{list}");
    assert_eq!(list.matches("ሰላም").count(), 1, "stored once: {list}");
    let balance = gammu(folder.path(), &["getussd", "*131#"]);
    assert!(balance.contains("12,345.50"), "{balance}");
    assert!(modem.program.stop().success());
    Ok(())
}

/// The first file that appears in a folder.
fn file_in(folder: &Path, what: &str) -> String {
    let end = Instant::now() + FILE;
    while Instant::now() < end {
        let mut files = fs::read_dir(folder).expect("a folder").flatten();
        let found = files.find_map(|entry| {
            let text = fs::read(entry.path()).ok()?;
            let text = String::from_utf8_lossy(&text).into_owned();
            text.contains(what).then_some(text)
        });
        if let Some(text) = found {
            return text;
        }
        std::thread::park_timeout(Duration::from_millis(100));
    }
    panic!("nothing with {what} in {}", folder.display());
}

pub(crate) fn smstools_sends_with_report_and_receives() -> Result<(), Skip> {
    let smsd = peer::installed("smsd").or_else(|missing| {
        let path = PathBuf::from("/usr/sbin/smsd");
        if path.is_file() {
            Ok(path)
        } else {
            Err(missing)
        }
    })?;
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for name in [
        "outgoing", "checked", "failed", "incoming", "report", "sent", "stats",
    ] {
        fs::create_dir(at(name)).expect("made");
    }
    let mut modem = simulate(folder.path());
    let place = folder.path().display();
    let config = format!(
        "devices = GSM1\noutgoing = {place}/outgoing\nchecked = {place}/checked\n\
         failed = {place}/failed\nincoming = {place}/incoming\nreport = {place}/report\n\
         sent = {place}/sent\nlogfile = {place}/log\nloglevel = 7\ninfofile = {place}/info\n\
         pidfile = {place}/pid\ndelaytime = 1\nreceive_before_send = no\nautosplit = 3\n\
         \n[GSM1]\ndevice = {link}\nincoming = yes\nreport = yes\n\
         baudrate = 115200\nrtscts = no\nmemory_start = 1\ninit = AT+CNMI=2,1,0,2,0\n",
        link = modem.link.display()
    );
    fs::write(at("smsd.conf"), config).expect("written");
    let mut daemon = Program::start(Command::new(smsd).arg("-t").arg("-c").arg(at("smsd.conf")));
    let message = format!(
        "To: {}\nReport: yes\n\nHabari kutoka smstools",
        OTHER.trim_start_matches('+')
    );
    fs::write(at("message"), message).expect("written");
    fs::rename(at("message"), at("outgoing").join("message")).expect("moved");
    let line = modem.program.line(LINE);
    let expected = format!(
        "submitted to {}: Habari kutoka smstools",
        OTHER.trim_start_matches('+')
    );
    assert_eq!(line, expected, "{}", log(&at("log")));
    file_in(&at("sent"), "Habari kutoka smstools");
    let report = file_in(&at("report"), "SMS STATUS REPORT");
    assert!(report.contains("Status: 0"), "delivered: {report}");
    modem
        .program
        .feed(&format!("text {OTHER} Jibu kwa smstools\n"));
    let received = file_in(&at("incoming"), "Jibu kwa smstools");
    assert!(received.contains("From: 256772000001"), "{received}");
    assert!(daemon.is_running(), "{}", daemon.complaints());
    daemon.stop();
    assert!(modem.program.stop().success());
    Ok(())
}

fn log(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
