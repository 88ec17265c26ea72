//! A real home register: `osmo-hlr` from Debian's packages, with the configuration of the guide.
//!
//! Its ports cannot be chosen, so each process of tests has a loopback address of its own.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::peer::{self, Program, Skip};
use crate::tree;

/// The configuration that the guide shows.
pub const CONFIGURATION: &str = "docs/guides/osmo-hlr.cfg";
/// Port of its terminal.
const VTY_PORT: u16 = 4258;
/// How long it may take to start, and to answer at its terminal.
const START: Duration = Duration::from_secs(20);

/// A running home register.
#[derive(Debug)]
pub struct HomeRegister {
    address: Ipv4Addr,
    program: Program,
    folder: TempDir,
    path: PathBuf,
}

impl HomeRegister {
    /// Starts it with the guide's configuration, changed as told.
    ///
    /// # Errors
    /// A [`Skip`] when it is not installed.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(change: impl Fn(String) -> String) -> Result<Self, Skip> {
        let path = peer::installed("osmo-hlr")?;
        let [_, _, high, low] = std::process::id().to_be_bytes();
        // Never 127.0.0.1: an installed home register may run there.
        let address = Ipv4Addr::new(127, 77, high, low);
        let text = tree::text(CONFIGURATION.as_ref());
        let text = change(text.replace("127.0.0.1", &address.to_string()));
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("osmo-hlr.cfg"), text).expect("its configuration");
        let program = run(&path, &folder);
        Ok(Self {
            address,
            program,
            folder,
            path,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> IpAddr {
        self.address.into()
    }

    /// Ends it without warning and starts it again, with the same subscribers.
    pub fn restart(&mut self) {
        self.program.kill();
        self.program = run(&self.path, &self.folder);
    }

    /// Makes a SIM known, with a number or without.
    ///
    /// # Panics
    /// When its terminal does not answer.
    pub fn subscribe(&self, imsi: &str, number: Option<&str>) {
        let mut terminal = TcpStream::connect((self.address, VTY_PORT)).expect("its terminal");
        terminal.set_read_timeout(Some(START)).expect("a time");
        let create = format!("subscriber imsi {imsi} create");
        let mut orders = vec!["enable".to_owned(), create];
        orders.extend(number.map(|n| format!("subscriber imsi {imsi} update msisdn {n}")));
        read_until(&mut terminal, "> ");
        for order in orders {
            writeln!(terminal, "{order}").expect("an order");
            let answer = read_until(&mut terminal, "# ");
            assert!(!answer.contains("% Unknown"), "{order}: {answer}");
        }
    }
}

fn run(path: &PathBuf, folder: &TempDir) -> Program {
    let mut command = Command::new(path);
    let command = command
        .args(["-c", "osmo-hlr.cfg", "-l", "hlr.db"])
        .current_dir(folder.path());
    let program = Program::start(command);
    // The last thing that it opens; GSUP and the terminal are open then.
    program.error_line(START, |line| line.contains("CTRL at"));
    program
}

/// Reads a terminal until it asks for the next order.
fn read_until(terminal: &mut TcpStream, prompt: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(prompt) {
        let mut octets = [0; 1_000];
        let count = terminal.read(&mut octets).expect("an answer in time");
        assert!(count > 0, "the terminal ended: {text}");
        text.push_str(&String::from_utf8_lossy(&octets[..count]));
    }
    text
}

#[cfg(test)]
mod tests {
    use firmware_config::settings::{Settings, template};

    use super::*;

    const GUIDE: &str = "docs/guides/own-cell.md";

    fn block(guide: &str, language: &str) -> String {
        let after = guide.split(&format!("```{language}\n")).nth(1);
        let block = after.and_then(|rest| rest.split("```").next());
        block.expect("a block").to_owned()
    }

    #[test]
    fn the_guide_shows_what_the_peer_tests_start() {
        let guide = tree::text(GUIDE.as_ref());
        let shown = block(&guide, "text");
        assert_eq!(shown, tree::text(CONFIGURATION.as_ref()));
        let settings = format!("{}\n{}", template(), block(&guide, "toml"));
        let cell = Settings::parse(&settings).expect("settings").own_cell;
        let cell = cell.expect("a cell");
        assert!(shown.contains(&format!(" euse {}\n", cell.entity)));
        assert!(shown.contains(&format!("ncss-guard-timeout {}\n", cell.guard_s)));
        assert!(shown.contains(&format!("bind ip {}\n", cell.address)));
    }
}
