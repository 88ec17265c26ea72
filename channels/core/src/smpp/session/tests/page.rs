//! The page docs/states/smpp-session.md against the machine: names of states and inputs, and the
//! next state of every cell that one input decides.

use super::*;

const PAGE: &str = include_str!("../../../../../../docs/states/smpp-session.md");

const STATES: [&str; 7] = [
    "Waiting",
    "Connecting",
    "Open",
    "Bound",
    "Unbinding",
    "Closing",
    "Ended",
];

/// Exhaustive: a new state cannot be forgotten here.
fn state_name(session: &Session) -> &'static str {
    match session.state {
        State::Waiting { .. } => "Waiting",
        State::Connecting => "Connecting",
        State::Open { .. } => "Open",
        State::Bound(_) => "Bound",
        State::Unbinding { .. } => "Unbinding",
        State::Closing => "Closing",
        State::Ended => "Ended",
    }
}

/// Exhaustive: a new input cannot be forgotten here.
fn input_name(input: &Input) -> &'static str {
    match input {
        Input::Connected => "Connected",
        Input::Disconnected { .. } => "Disconnected",
        Input::Received(_) => "Received",
        Input::Timeout => "Timeout",
        Input::Request { .. } => "Request",
        Input::Answered { .. } => "Answered",
        Input::Shutdown => "Shutdown",
    }
}

fn inputs() -> [Input; 7] {
    [
        Input::Connected,
        Input::Disconnected { jitter: 0 },
        Input::Received(Vec::new()),
        Input::Timeout,
        request(1, false),
        Input::Answered {
            ticket: 1,
            status: 0,
            message_id: String::new(),
        },
        Input::Shutdown,
    ]
}

/// An ESME in a state, reached as the shell would reach it.
fn in_state(name: &str) -> Session {
    let mut esme = Session::esme(bind(BindKind::Transceiver), Settings::default(), at(0));
    let resp = Pdu::BindResp {
        kind: BindKind::Transceiver,
        system_id: "smsc".to_owned(),
        interface_version: Some(0x34),
    };
    let bound = Input::Received(encode(&Packet::new(1, resp)).unwrap());
    let path = match name {
        "Waiting" => vec![],
        "Connecting" => vec![Input::Timeout],
        "Open" => vec![Input::Timeout, Input::Connected],
        "Bound" => vec![Input::Timeout, Input::Connected, bound],
        "Unbinding" => vec![Input::Timeout, Input::Connected, bound, Input::Shutdown],
        // A length that cannot be: the machine closes without being told to stop.
        "Closing" => vec![
            Input::Timeout,
            Input::Connected,
            Input::Received(vec![0xFF; 16]),
        ],
        _ => vec![Input::Shutdown],
    };
    for input in path {
        esme.handle(at(0), input);
    }
    assert_eq!(state_name(&esme), name);
    esme
}

/// The rows of the table whose first column has this head, without the head and its rule.
fn table(head: &str) -> Vec<Vec<&'static str>> {
    let start = format!("| {head} |");
    let lines = PAGE.lines().skip_while(|line| !line.starts_with(&start));
    let rows = lines.take_while(|line| line.starts_with('|'));
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect();
    rows.map(cells).collect()
}

#[test]
fn the_page_names_every_state_and_every_input() {
    let next = table("state");
    let heads: Vec<&str> = inputs().iter().map(input_name).collect();
    assert_eq!(next[0][1..], heads);
    let states: Vec<&str> = next[2..].iter().map(|row| row[0]).collect();
    assert_eq!(states, STATES);
    let told: Vec<&str> = table("input")[2..].iter().map(|row| row[0]).collect();
    assert_eq!(told, heads);
}

#[test]
fn the_machine_goes_where_the_page_says() {
    // Late enough for every deadline of the defaults.
    let late = at(120_000);
    for row in &table("state")[2..] {
        for (cell, input) in row[1..].iter().zip(inputs()) {
            let name = input_name(&input);
            let mut session = in_state(row[0]);
            session.handle(late, input);
            let next = state_name(&session);
            let allowed: Vec<&str> = cell.split(", ").collect();
            assert!(allowed.contains(&next), "{} {name}: {next}", row[0]);
            if name != "Received" && row[0] != "Bound" {
                assert_eq!(allowed, [next], "{} {name}", row[0]);
            }
        }
    }
}
