//! An HTTP aggregator that shares no code with the node (`tests/peers/aggregator.js`) drives it:
//! USSD in every kind of dialect, SMS both ways, with doubled, reordered and lost requests.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use node::roles::demo::families;
use serde_json::{Value, json};
use tests::peer::{self, Program, Skip};
use tests::tree;

use super::office::{Office, SECRET, SECRET_VARIABLE, SHORT_CODE, State};

/// Registrations of a run, all at the same time.
const RUN: usize = 10;
/// How long the aggregator may take to say where it listens, and to play its task.
const START: Duration = Duration::from_secs(20);
const TASK: Duration = Duration::from_secs(100);

/// What a run is made of.
#[derive(Clone, Copy)]
struct Run<'a> {
    /// The dialect that the aggregator speaks.
    spoken: &'a str,
    /// What the node believes: a shipped name or a file.
    believed: &'a str,
    api: &'a str,
    noisy: bool,
    no_credit: bool,
    count: usize,
}

const CALM: Run<'static> = Run {
    spoken: "sendexa",
    believed: "sendexa",
    api: "json",
    noisy: false,
    no_credit: false,
    count: RUN,
};

/// A free port; the node is told of it, so it cannot choose for itself.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

fn worker(index: usize) -> String {
    format!("+2567710000{index:02}")
}

fn task(run: Run<'_>, (ussd, callbacks): (u16, u16)) -> Value {
    let today = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let all = families::all(today).into_iter().take(run.count).enumerate();
    let sessions: Vec<Value> = all
        .map(|(index, family)| json!({ "phone": worker(index), "inputs": family.inputs("1") }))
        .collect();
    json!({
        "dialect": run.spoken, "api": run.api, "key": SECRET, "noisy": run.noisy,
        // A repeat after an answer that was written is told by its stamp alone; a gateway without
        // one must not repeat (HollaTags).
        "repeats": run.noisy && run.spoken != "hollatags", "no_credit": run.no_credit,
        "ussd": format!("http://127.0.0.1:{ussd}/ussd/{SECRET}"),
        "callbacks": format!("http://127.0.0.1:{callbacks}/KIND/{SECRET}"),
        "short_code": SHORT_CODE, "sessions": sessions,
        "texts": [{ "phone": worker(0), "text": "good morning" }], "sms_expected": 1,
    })
}

/// The links of the office to the aggregator on `port`.
fn links(run: Run<'_>, port: u16, (ussd, callbacks): (u16, u16)) -> String {
    let post = format!(
        "[ussd_gateway.post]\nurl = \"http://127.0.0.1:{port}/ussd/send\"\naccount = \"APP_1\"\n\
         secret_variable = \"{SECRET_VARIABLE}\"\n"
    );
    let post = if run.spoken == "ideamart" {
        post
    } else {
        String::new()
    };
    let query = format!("query_url = \"http://127.0.0.1:{port}/query\"\n");
    let query = if run.api == "json" {
        query
    } else {
        String::new()
    };
    format!(
        "[[ussd_gateway]]\nname = \"gateway\"\nlisten = \"127.0.0.1:{ussd}\"\n\
         secret_variable = \"{SECRET_VARIABLE}\"\ncallers = [\"127.0.0.1\"]\n\
         dialect = \"{}\"\n{post}\n\
         [[http_sms]]\nname = \"aggregator\"\napi = \"{}\"\n\
         url = \"http://127.0.0.1:{port}/messaging\"\n{query}account = \"office\"\n\
         key_variable = \"{SECRET_VARIABLE}\"\nlisten = \"127.0.0.1:{callbacks}\"\n\
         secret_variable = \"{SECRET_VARIABLE}\"\ncallers = [\"127.0.0.1\"]\n",
        run.believed, run.api
    )
}

/// The aggregator's last line and the running office.
fn play(run: Run<'_>) -> Result<(Value, Office), Skip> {
    let ports = (free_port(), free_port());
    let mut command = Command::new(peer::installed("node")?);
    command.arg(tree::root().join("tests/peers/aggregator.js"));
    let mut aggregator = Program::start(&mut command);
    aggregator.feed(&task(run, ports).to_string());
    let port = peer::document(&aggregator.line(START))["port"]
        .as_u64()
        .and_then(|port| u16::try_from(port).ok())
        .expect("a port");
    let workers: Vec<String> = (0..RUN).map(worker).collect();
    let office = Office::linked(&workers, &links(run, port, ports));
    let result = serde_json::from_str(&aggregator.line(TASK)).expect("a JSON document");
    Ok((result, office))
}

fn good(run: Run<'_>) -> Result<(Value, State), Skip> {
    let (result, office) = play(run)?;
    assert!(result.get("error").is_none(), "{}: {result}", run.spoken);
    Ok((result, office.stop()))
}

/// Screens by number, without the numbers that each run gives anew.
fn screens(result: &Value) -> BTreeMap<String, Vec<String>> {
    let is_number = |word: &&str| word.len() >= 9 && word.bytes().all(|byte| byte.is_ascii_digit());
    let shown = |screen: &Value| {
        let text = screen.as_str().expect("a text");
        let words = text.split_whitespace().filter(|word| !is_number(word));
        words.collect::<Vec<_>>().join(" ")
    };
    let sessions = result["sessions"].as_array().expect("sessions");
    sessions
        .iter()
        .map(|session| {
            let screens = session["screens"].as_array().expect("screens");
            let phone = session["phone"].as_str().expect("a number").to_owned();
            (phone, screens.iter().map(shown).collect())
        })
        .collect()
}

fn check(run: Run<'_>, result: &Value, state: &State) {
    let name = run.spoken;
    assert_eq!(
        (state.registrations, state.persons),
        (10, 20),
        "{name}: {state:?}"
    );
    let sessions = result["sessions"].as_array().expect("sessions");
    assert!(
        sessions.iter().all(|session| session["ended"] == true),
        "{name}: {result}"
    );
    assert_eq!(result["refused"], 0, "{name}");
    // One text that nobody understands, one answer, counted once by the aggregator.
    let sms = result["sms"].as_array().expect("messages");
    assert_eq!(
        (sms.len(), &sms[0]["times"]),
        (1, &json!(1)),
        "{name}: {result}"
    );
    assert_eq!(sms[0]["to"], worker(0), "{name}");
    let delivered = BTreeMap::from([("delivered".to_owned(), 1)]);
    assert_eq!(state.messages, delivered, "{name}");
}

pub(crate) fn an_aggregators_doubled_and_lost_requests_end_in_the_same_state() -> Result<(), Skip> {
    let (calm, calm_state) = good(CALM)?;
    check(CALM, &calm, &calm_state);
    let kinds = [
        "africas-talking",
        "sendexa",
        "oltranz",
        "ideamart",
        "hollatags",
    ];
    for spoken in kinds {
        let api = if spoken == "africas-talking" {
            spoken
        } else {
            "json"
        };
        let run = Run {
            spoken,
            believed: spoken,
            api,
            noisy: true,
            ..CALM
        };
        let (noisy, state) = good(run)?;
        check(run, &noisy, &state);
        assert_eq!(state, calm_state, "{spoken}");
        assert_eq!(
            screens(&noisy),
            screens(&calm),
            "{spoken}: a screen was skipped or doubled"
        );
    }
    check_that_noise_harms_a_node_without_stamps(&screens(&calm))
}

/// Negative control: without the request's stamp a late repeat is another answer, and it is seen.
fn check_that_noise_harms_a_node_without_stamps(
    calm: &BTreeMap<String, Vec<String>>,
) -> Result<(), Skip> {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let shipped = tree::text("channels/core/src/ussd_json/dialects/sendexa.json".as_ref());
    let stampless = shipped.replace("\"step\": \"/timestamp\",", "");
    assert_ne!(stampless, shipped);
    std::fs::write(file.path(), stampless).expect("a file");
    let run = Run {
        believed: file.path().to_str().expect("a path"),
        noisy: true,
        ..CALM
    };
    let (result, office) = play(run)?;
    let shown = screens(&result);
    assert!(!shown.is_empty(), "the control did not begin: {result}");
    assert!(
        result.get("error").is_some() || shown != *calm,
        "planted fault not seen: {result}"
    );
    drop(office);
    Ok(())
}

pub(crate) fn an_api_without_credit_holds_messages_and_is_told() -> Result<(), Skip> {
    let run = Run {
        api: "africas-talking",
        no_credit: true,
        count: 1,
        ..CALM
    };
    let (result, office) = play(run)?;
    let line = office.log_line(|line| line.contains("no credit"));
    assert!(
        line.contains("ERROR") && line.contains("aggregator"),
        "{line}"
    );
    assert!(!line.contains(&worker(0)), "{line}");
    let words: BTreeSet<String> = office.stop().messages.into_keys().collect();
    assert_eq!(words, BTreeSet::from(["queued".to_owned()]), "{result}");
    assert_eq!(result["sms"][0]["times"], 1, "asked once: {result}");
    Ok(())
}

/// The settings in the guide, with free ports, our secret and an API on this machine.
fn examples() -> Vec<String> {
    let guide = tree::text("docs/guides/aggregator.md".as_ref());
    let blocks = guide.split("```toml\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().expect("a block"));
    blocks
        .map(|block| {
            let mut text = String::new();
            for line in block.lines().filter(|line| !line.starts_with("roots_file")) {
                let line = match line.split_once(" = ") {
                    Some((key, _)) if key.ends_with("_variable") => {
                        format!("{key} = \"{SECRET_VARIABLE}\"")
                    }
                    Some(("listen", _)) => format!("listen = \"127.0.0.1:{}\"", free_port()),
                    _ => line.replace("https://api.example", "http://127.0.0.1:9"),
                };
                text.push_str(&line);
                text.push('\n');
            }
            text
        })
        .collect()
}

pub(crate) fn the_settings_in_the_guide_start() {
    let examples = examples();
    assert!(
        examples.len() >= 4,
        "the guide has {} examples",
        examples.len()
    );
    for example in examples {
        let state = Office::linked(&[], &example).stop();
        assert_eq!(state.registrations, 0, "{example}");
    }
}
