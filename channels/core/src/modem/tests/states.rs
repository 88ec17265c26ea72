//! The page docs/states/modem.md names every state and every input, and no others.

use std::collections::BTreeSet;

use super::*;

const PAGE: &str = include_str!("../../../../../docs/states/modem.md");

/// Each state once: a new one does not compile until it stands here.
fn after(state: State) -> Option<State> {
    match state {
        State::Closed => Some(State::Probing),
        State::Probing => Some(State::SettingUp),
        State::SettingUp => Some(State::Locked),
        State::Locked => Some(State::Ready),
        State::Ready => Some(State::Repeating),
        State::Repeating => Some(State::Stopped),
        State::Stopped => None,
    }
}

/// The same for inputs.
fn after_input(input: &Input) -> Option<Input> {
    match input {
        Input::Opened => Some(Input::Lost),
        Input::Lost => Some(Input::Received(Vec::new())),
        Input::Received(_) => Some(Input::Send {
            token: 0,
            tpdu: Vec::new(),
        }),
        Input::Send { .. } => Some(Input::Withdraw { token: 0 }),
        Input::Withdraw { .. } => Some(Input::Settled {
            ticket: 0,
            committed: true,
        }),
        Input::Settled { .. } => Some(Input::PinTryRecorded(true)),
        Input::PinTryRecorded(_) => Some(Input::AskBalance),
        Input::AskBalance => Some(Input::Timeout),
        Input::Timeout => Some(Input::Shutdown),
        Input::Shutdown => None,
    }
}

/// The first word of a value's debug form.
fn word(value: &impl core::fmt::Debug) -> String {
    let text = format!("{value:?}");
    let first = text.split(|c: char| !c.is_alphanumeric()).next();
    first.unwrap_or_default().to_owned()
}

fn names<T: core::fmt::Debug>(first: T, after: impl Fn(&T) -> Option<T>) -> BTreeSet<String> {
    let all = core::iter::successors(Some(first), after);
    all.map(|value| word(&value)).collect()
}

#[test]
fn the_page_has_every_state_and_every_input() {
    let states = names(State::Closed, |state| after(*state));
    let inputs = names(Input::Opened, after_input);
    let table = PAGE.split("## Inputs").nth(1).unwrap();
    let table = table.split("\n## ").next().unwrap();
    let mut rows = table.lines().filter(|line| line.starts_with('|'));
    let columns: BTreeSet<String> = rows
        .next()
        .unwrap()
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .filter(|cell| !cell.is_empty() && cell != "input")
        .collect();
    assert_eq!(columns, states);
    let named: BTreeSet<String> = rows
        .skip(1)
        .map(|row| row.split('`').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(named, inputs);
    let diagram = PAGE.split("```").nth(1).unwrap();
    for state in &states {
        assert!(diagram.contains(state.as_str()), "{state} is not drawn");
    }
    for (step, seconds) in super::super::ladder::STEPS_S {
        let row = PAGE
            .lines()
            .find(|line| line.starts_with(&format!("| `{step:?}` |")))
            .unwrap();
        assert!(row.contains(&format!("{seconds} s")), "{row}");
    }
}
