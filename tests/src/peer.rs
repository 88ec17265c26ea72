//! Independent programs that the suites talk to: found or loudly skipped, read with deadlines.
//!
//! A suite that needs such programs has its own `main`, which hands its cases to [`play`]: they
//! run one after the other, and the last line says how many ran. Nothing here sleeps: output is
//! read by a thread, and whoever waits for it waits until a deadline that fails the case.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// Lines of a program that wait to be read; with more it blocks, as at a full pipe.
const LINES_MAX: usize = 10_000;
/// How long a program may take to end after it was asked to.
const END_S_MAX: u64 = 20;

/// Why a case did not run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skip {
    /// The missing peer.
    pub peer: String,
    /// What is missing.
    pub reason: String,
}

/// One case of a suite; a failure is a panic.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its name, which states behaviour.
    pub name: &'static str,
    /// Plays it.
    pub play: fn() -> Result<(), Skip>,
}

/// Plays all cases whose name contains the first free argument, and ends with the count line.
///
/// A skip fails under `REQUIRE_PEERS=1`.
pub fn play(cases: &[Case]) -> ExitCode {
    let wanted = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let required = std::env::var("REQUIRE_PEERS").is_ok_and(|value| value == "1");
    let (mut run, mut skipped, mut failed) = (0_u32, 0_u32, 0_u32);
    for case in cases {
        if wanted
            .as_ref()
            .is_some_and(|wanted| !case.name.contains(wanted.as_str()))
        {
            continue;
        }
        let began = Instant::now();
        let word = match std::panic::catch_unwind(case.play) {
            Ok(Ok(())) => {
                run += 1;
                "ok"
            }
            Ok(Err(Skip { peer, reason })) => {
                println!("SKIPPED peer={peer} test={} reason={reason}", case.name);
                skipped += 1;
                failed += u32::from(required);
                if required {
                    "FAILED: the peer is required"
                } else {
                    "skipped"
                }
            }
            Err(_) => {
                run += 1;
                failed += 1;
                "FAILED"
            }
        };
        println!(
            "test {} ... {word} in {:.1} s",
            case.name,
            began.elapsed().as_secs_f32()
        );
    }
    println!("peers: {run} run, {skipped} SKIPPED");
    ExitCode::from(u8::from(failed > 0))
}

/// The path of an installed program.
///
/// # Errors
/// A [`Skip`] when it is not there.
pub fn installed(program: &str) -> Result<PathBuf, Skip> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|p| p.is_file());
    found.ok_or_else(|| skip(program, "program not found"))
}

/// The script of `tests/peers` that needs an npm package, as a command of Node.js.
///
/// # Errors
/// A [`Skip`] when Node.js or the package is not there.
pub fn node_script(script: &str, package: &str) -> Result<Command, Skip> {
    let node = installed("node")?;
    let folder = crate::tree::root().join("tests/peers");
    if !folder.join("node_modules").join(package).is_dir() {
        return Err(skip(
            &format!("npm {package}"),
            "package not installed in tests/peers",
        ));
    }
    let mut command = Command::new(node);
    command.arg(folder.join(script)).current_dir(folder);
    Ok(command)
}

/// The script of `tests/peers` that needs a package of `PyPI`, as a command of the Python beside it.
///
/// # Errors
/// A [`Skip`] when the package is not there.
pub fn python_script(script: &str, package: &str) -> Result<Command, Skip> {
    let folder = crate::tree::root().join("tests/peers");
    let python = folder.join("venv/bin/python");
    let found = Command::new(&python)
        .args(["-c", &format!("import {package}")])
        .stderr(Stdio::null())
        .status();
    if !found.is_ok_and(|status| status.success()) {
        let peer = format!("PyPI {package}");
        return Err(skip(&peer, "package not installed in tests/peers/venv"));
    }
    let mut command = Command::new(python);
    command.arg(folder.join(script)).current_dir(folder);
    Ok(command)
}

fn skip(peer: &str, reason: &str) -> Skip {
    Skip {
        peer: peer.to_owned(),
        reason: reason.to_owned(),
    }
}

/// A running program; killed when dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<String>,
    errors: Receiver<String>,
}

impl Program {
    /// Starts it with its three streams in our hands.
    pub fn start(command: &mut Command) -> Self {
        let piped = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = piped.spawn().expect("the program starts");
        let output = lines(child.stdout.take().expect("piped"));
        let errors = lines(child.stderr.take().expect("piped"));
        Self {
            input: child.stdin.take(),
            child,
            output,
            errors,
        }
    }

    /// Writes to its standard input and closes it.
    pub fn feed(&mut self, text: &str) {
        let mut input = self.input.take().expect("fed once");
        input
            .write_all(text.as_bytes())
            .expect("the program reads its input");
    }

    /// The next line that it prints.
    ///
    /// # Panics
    /// When none comes in time; what it wrote to standard error is told.
    pub fn line(&self, limit: Duration) -> String {
        match self.output.recv_timeout(limit) {
            Ok(line) => line,
            Err(error) => panic!("no line: {error}; {}", self.complaints()),
        }
    }

    /// The next line of standard error for which `is_wanted` holds; others are passed over.
    ///
    /// # Panics
    /// When none comes in time.
    pub fn error_line(&self, limit: Duration, is_wanted: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + limit;
        let mut passed = Vec::new();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.errors.recv_timeout(left) {
                Ok(line) if is_wanted(&line) => return line,
                Ok(line) => passed.push(line),
                Err(error) => panic!("no such line: {error}; {}", passed.join("\n")),
            }
        }
    }

    /// Ends it as a power cut would (SIGKILL).
    ///
    /// # Panics
    /// When it has ended already.
    pub fn kill(&mut self) {
        self.child.kill().expect("the program runs");
        self.child.wait().expect("a child of ours");
    }

    /// Whether it has not ended.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks it to end (SIGTERM) and waits for that.
    ///
    /// # Panics
    /// When it does not end in time.
    pub fn stop(&mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let told = Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("kill is there");
        assert!(
            told.success(),
            "the program had ended already: {}",
            self.complaints()
        );
        self.ended(Duration::from_secs(END_S_MAX))
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    /// When it does not end in time.
    pub fn ended(&mut self, limit: Duration) -> ExitStatus {
        let end = Instant::now() + limit;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("still runs; {}", self.complaints()),
            }
        }
        self.child.wait().expect("a child of ours")
    }

    /// What it has written to standard error and nobody has read.
    pub fn complaints(&self) -> String {
        let lines: Vec<String> = self.errors.try_iter().collect();
        format!("its standard error: {}", lines.join("\n"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.is_running() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// Reads a stream on a thread of its own, which ends with the stream.
fn lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (lines, received) = sync_channel(LINES_MAX);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                break;
            }
        }
    });
    received
}

/// Reads the JSON document in a line of a program.
///
/// # Panics
/// When it is none, or tells an error.
pub fn document(line: &str) -> serde_json::Value {
    let value: serde_json::Value = serde_json::from_str(line).expect("a JSON document");
    assert!(value.get("error").is_none(), "the peer failed: {line}");
    value
}

/// A file below `docs/images`.
pub fn image(name: &str) -> PathBuf {
    Path::new(&crate::tree::root())
        .join("docs/images")
        .join(name)
}
