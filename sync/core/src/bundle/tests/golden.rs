//! Golden bytes of a bundle: every release reads those of all earlier ones.
//!
//! A failing comparison prints the bytes of today. They may only be accepted together with a new
//! mark, a new file beside the old one, and `docs/protocols/bundle.md`.

use super::*;

const BUNDLE: &str = include_str!("../../../../../tests/golden/frame/bundle-v1.hex");

fn unhex(text: &str) -> Vec<u8> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let digits: Vec<u32> = lines
        .flat_map(str::chars)
        .filter_map(|c| c.to_digit(16))
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    let lines = bytes.chunks(32).map(|line| {
        line.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .concat()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_bundle_is_the_golden_one() {
    let today = bundle();
    assert!(unhex(BUNDLE) == today, "today's bytes:\n{}", hex(&today));
}

#[test]
fn the_golden_bundle_reads() {
    let (parts, error) = read(&unhex(BUNDLE), 100);
    assert_eq!((items_of(&parts), error), (items(), None));
}
