//! docs/states/ussd-session.md against the transition table: rows, states and the diagram.

use super::*;

const PAGE: &str = include_str!("../../../../../../docs/states/ussd-session.md");

/// `| state | input | state | act |` for everything that is not "nothing, stay".
fn table() -> Vec<String> {
    let mut rows = Vec::new();
    for from in State::ALL {
        for input in Event::ALL {
            let (to, act) = transition(from, input);
            if (to, act) != (from, Act::Nothing) {
                rows.push(format!("| {from:?} | {input:?} | {to:?} | {act:?} |"));
            }
        }
    }
    rows
}

fn rows_of(page: &str) -> Vec<String> {
    let part = page.split("## Transitions").nth(1).unwrap_or_default();
    let part = part.split("\n## ").next().unwrap_or_default();
    let rows = part.lines().filter(|line| line.split(" | ").count() == 4);
    rows.skip(1).map(str::to_owned).collect()
}

/// Edges of the diagram, without their labels.
fn edges(page: &str) -> Vec<String> {
    let lines = page.lines().filter(|line| line.contains("-->"));
    let edges = lines.map(|line| line.split(':').next().unwrap_or_default());
    edges.map(|edge| edge.trim().to_owned()).collect()
}

#[test]
fn the_page_shows_the_table_of_the_code() {
    assert_eq!(rows_of(PAGE), table());
    // Negative control: one act changed on the page is noticed.
    assert_ne!(rows_of(&PAGE.replacen("LookUp", "Deliver", 1)), table());
}

#[test]
fn the_diagram_has_every_edge_and_no_other() {
    let mut expected: Vec<String> = Vec::new();
    for from in State::ALL {
        for input in Event::ALL {
            let (to, act) = transition(from, input);
            let edge = format!("{from:?} --> {to:?}");
            if (to, act) != (from, Act::Nothing) && !expected.contains(&edge) {
                expected.push(edge);
            }
        }
    }
    let mut shown = edges(PAGE);
    shown.sort();
    expected.sort();
    assert_eq!(shown, expected);
}

#[test]
fn every_input_and_link_state_is_explained() {
    for input in Event::ALL {
        assert!(PAGE.contains(&format!("| `{input:?}` |")), "{input:?}");
    }
    for state in LinkState::ALL {
        assert!(PAGE.contains(&format!("| `{state:?}` |")), "{state:?}");
    }
}
