//! The command line as people use it: what the documents show comes true, failures are two lines
//! with a hint, and what the terminal phone records can be played.

mod command {
    mod alert;
    pub(crate) mod console;
    mod households;
    mod messages;
    mod modem;
    mod nodes;
    pub(crate) mod publish;
    mod slip;
    mod take_back;
}

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tests::transcript::difference::difference;
use tests::transcript::number::Numbers;
use tests::transcript::{Transcript, play};
use tests::tree;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use command::console::{Block, Step, blocks, documents, fits, outpost_line};

/// Longest time of one command.
const COMMAND_S_MAX: u64 = 120;

/// A shell in a folder that finds the built programs.
async fn shell(line: &str, folder: &Path, input: &str) -> Output {
    let programs = tree::program("outpost")
        .parent()
        .expect("a folder")
        .to_path_buf();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(programs).chain(std::env::split_paths(&path));
    let mut child = Command::new("bash")
        .args(["-o", "pipefail", "-c", line])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(folders).expect("a path"))
        .env_remove("OUTPOST_LOG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("bash starts");
    let mut stdin = child.stdin.take().expect("piped");
    let wait = async {
        // A command that does not read its input closes it.
        drop(stdin.write_all(input.as_bytes()).await);
        drop(stdin);
        child.wait_with_output().await
    };
    let limit = Duration::from_secs(COMMAND_S_MAX);
    tokio::time::timeout(limit, wait)
        .await
        .expect("it ends in time")
        .expect("it can be waited for")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn all_blocks() -> Vec<Block> {
    let files = documents(tree::files(&[".md"]));
    files
        .iter()
        .flat_map(|path| blocks(path, &tree::text(path)))
        .collect()
}

/// Runs one block in a folder of its own; what did not come true.
async fn run(block: &Block) -> Vec<String> {
    let folder = TempDir::new().expect("a folder");
    let mut wrong = Vec::new();
    for Step { command, shown } in &block.steps {
        let output = shell(&format!("{{ {command}\n}} 2>&1"), folder.path(), "").await;
        let printed = text(&output.stdout);
        let fails = shown.iter().any(|line| line.starts_with("error: "));
        let lines: Vec<&str> = printed.lines().collect();
        if output.status.success() == fails || !fits(shown, &lines) {
            wrong.push(format!(
                "{}: $ {command}\n{}\n{printed}",
                block.place, output.status
            ));
        }
    }
    wrong
}

#[tokio::test]
async fn commands_in_documents_print_what_is_shown() {
    let mut wrong = Vec::new();
    for block in all_blocks() {
        if block.runs {
            wrong.extend(run(&block).await);
        } else {
            println!("not run: {}", block.place);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn commands_that_are_not_run_exist_with_their_options() {
    let folder = TempDir::new().expect("a folder");
    let commands = all_blocks().into_iter().filter(|block| !block.runs);
    let mut wrong = Vec::new();
    for Block { place, steps, .. } in commands {
        for line in steps.iter().filter_map(|step| outpost_line(&step.command)) {
            // Whatever stands before `--help` is checked first.
            let output = shell(&format!("{line} --help"), folder.path(), "").await;
            if !output.status.success() {
                wrong.push(format!("{place}: {line}\n{}", text(&output.stderr)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn planted_blocks_are_found_wrong() {
    let planted = "```console\n$ outpost --version\noutpost 99\n$ outpost fly\n$ outpost service check\nerror: none\n```\n";
    let block = blocks(Path::new("planted.md"), planted).remove(0);
    assert_eq!(block.place, "planted.md:1");
    assert_eq!(run(&block).await.len(), 3);
    assert!(outpost_line("outpost demo --nonsense").is_some());
    let folder = TempDir::new().expect("a folder");
    let output = shell("outpost demo --nonsense --help", folder.path(), "").await;
    assert!(
        !output.status.success(),
        "an unknown option before --help is refused"
    );
}

#[test]
fn shown_lines_are_matched_with_gaps() {
    let check = |shown: &str, printed: &str, expected: bool| {
        let shown: Vec<String> = shown.lines().map(str::to_owned).collect();
        assert_eq!(
            fits(&shown, &printed.lines().collect::<Vec<_>>()),
            expected,
            "{shown:?} {printed:?}"
        );
    };
    check("a\nb", "a\nb", true);
    check("a\nb", "a\nb\nc", false);
    check("a\n…", "a\nb\nc", true);
    check("…\nc", "a\nb\nc", true);
    check("code: …!", "code: 1234!", true);
    check("code: …!", "code: 1234", false);
    check("a…c…e", "abcde", true);
}

/// Command line, exit code, beginning of the first line, part of the second.
type Told = (&'static str, i32, &'static str, &'static str);

const FAILURES: [Told; 16] = [
    ("", 2, "no command was given", "outpost demo"),
    (
        "fly",
        2,
        "unrecognized subcommand 'fly'",
        "outpost [OPTIONS] <COMMAND>",
    ),
    ("dmo", 2, "unrecognized subcommand 'dmo'", "'demo'"),
    ("phone --role bishop", 2, "invalid value 'bishop'", "--help"),
    (
        "demo --json x",
        2,
        "the following required arguments were not provided: --tour",
        "outpost demo",
    ),
    ("demo --tour night", 2, "invalid value 'night'", "--help"),
    (
        "check",
        2,
        "the following required arguments were not provided: --data",
        "outpost check",
    ),
    (
        "phone --number 12",
        1,
        "failed to read the number",
        "--number +256770000001",
    ),
    (
        "phone --clock yesterday",
        2,
        "invalid value 'yesterday'",
        "--help",
    ),
    (
        "--log bad=[ service check",
        1,
        "failed to read the log filter",
        "--log info",
    ),
    ("check --data missing", 1, "failed to ", ""),
    (
        "backup --data missing --to copy --keys keys",
        1,
        "failed to ",
        "",
    ),
    (
        "restore --data new --from missing --keys missing",
        1,
        "failed to ",
        "",
    ),
    (
        "service import missing.xlsx visit",
        1,
        "failed to read the form missing.xlsx",
        "XLSForm",
    ),
    (
        "service new Clinic",
        1,
        "Clinic cannot be the code of a programme",
        "clinic-hours",
    ),
    (
        "service check missing",
        1,
        "failed to read the programme in missing",
        "service.toml",
    ),
];

#[tokio::test]
async fn failures_are_told_in_two_lines_with_a_hint() {
    let folder = TempDir::new().expect("a folder");
    for (arguments, code, what, hint) in FAILURES {
        let output = shell(&format!("outpost {arguments}"), folder.path(), "").await;
        let told = text(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(code),
            "outpost {arguments}\n{told}"
        );
        assert_eq!(text(&output.stdout), "", "outpost {arguments}");
        let lines: Vec<&str> = told.lines().collect();
        let [first, second] = lines.as_slice() else {
            panic!("outpost {arguments}: {told}")
        };
        let first = first
            .strip_prefix("error: ")
            .unwrap_or_else(|| panic!("{told}"));
        let first = first
            .strip_prefix("failed to read the command line: ")
            .unwrap_or(first);
        let second = second
            .strip_prefix("hint: ")
            .unwrap_or_else(|| panic!("{told}"));
        assert!(first.starts_with(what), "outpost {arguments}\n{told}");
        assert!(
            !second.is_empty() && second.contains(hint),
            "outpost {arguments}\n{told}"
        );
    }
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("readable")
        .collect();
    assert!(left.is_empty(), "a command that failed left {left:?}");
}

#[tokio::test]
async fn a_restore_that_failed_can_be_repeated() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path();
    let made = shell(
        "outpost phone --data store && outpost backup --data store --to copy --keys keys",
        path,
        "",
    )
    .await;
    assert!(made.status.success(), "{}", text(&made.stderr));
    let wrong = shell(
        "outpost restore --data new --from missing --keys keys",
        path,
        "",
    )
    .await;
    assert_eq!(wrong.status.code(), Some(1), "{}", text(&wrong.stderr));
    let right =
        "outpost restore --data new --from copy --keys keys && outpost check --data new --rebuild";
    let right = shell(right, path, "").await;
    assert!(right.status.success(), "{}", text(&right.stderr));
}

#[tokio::test]
async fn help_and_version_are_output_and_succeed() {
    let folder = TempDir::new().expect("a folder");
    for line in [
        "outpost --help",
        "outpost --version",
        "outpost help demo",
        "outpost phone -h",
    ] {
        let output = shell(line, folder.path(), "").await;
        assert_eq!(
            (output.status.code(), text(&output.stderr)),
            (Some(0), String::new()),
            "{line}"
        );
        assert!(text(&output.stdout).contains("outpost"), "{line}");
    }
}

#[tokio::test]
async fn a_closed_pipe_is_no_failure() {
    let folder = TempDir::new().expect("a folder");
    let commands = [
        "outpost service check",
        "outpost --help",
        "outpost help run",
    ];
    for command in commands {
        // The reader is gone before the first byte is written.
        let line = format!("{{ read -r; {command}; echo \"code $?\" >&2; }} | true");
        let output = shell(&line, folder.path(), "go\n").await;
        assert_eq!(text(&output.stderr), "code 0\n", "{command}");
    }
    let output = shell("outpost service check | head -1", folder.path(), "").await;
    assert_eq!(text(&output.stdout), "advisory version 1: no findings\n");
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(0), String::new())
    );
}

/// Plays what the terminal phone recorded; the difference, with numbers by their order.
async fn replayed(record: &Path) -> String {
    let recorded = std::fs::read_to_string(record).expect("a record");
    let mut numbers = Numbers::default();
    let recorded: String = recorded
        .lines()
        .map(|line| numbers.hidden(line) + "\n")
        .collect();
    let transcript = Transcript::parse(&recorded).expect("a transcript");
    let played = play(&transcript, transcript.head.bearer)
        .await
        .expect("it can be played");
    assert!(recorded.contains("\n< "), "the record has no screens");
    difference(&recorded, &played)
}

#[tokio::test]
async fn what_the_terminal_phone_records_can_be_played() {
    let typed = "hello\n*384*7#\n1\n\nAchieng\nNyambura\n1994\n0772123456\n99\n17\n0\n1\nNeema\n1\n2\n1\n1\n\
        *384*7#\n2\nsms 1\nsms hello\n*384*7#\n0\nquit\n";
    let citizen = "*384*7#\n3\n1\n*384*7#\n0\nsms hello\nsms STOP\n";
    let cases = [
        ("worker", "en", typed),
        ("worker", "sw", typed),
        ("citizen", "fr", citizen),
    ];
    for (role, language, typed) in cases {
        let folder = TempDir::new().expect("a folder");
        let line = format!(
            "outpost phone --role {role} --language {language} --clock 2026-03-14T09:00:00Z --record record.txt"
        );
        let output = shell(&line, folder.path(), typed).await;
        assert!(output.status.success(), "{line}\n{}", text(&output.stderr));
        let record: PathBuf = folder.path().join("record.txt");
        let changed = replayed(&record).await;
        assert_eq!(changed, "", "{role} {language}");
        if role == "worker" {
            let shown = text(&output.stdout);
            assert!(
                shown.contains("No session is open"),
                "typing without a session: {shown}"
            );
            assert!(
                shown.contains("SMS from 384: "),
                "the reply to a text is shown: {shown}"
            );
        }
    }
}
