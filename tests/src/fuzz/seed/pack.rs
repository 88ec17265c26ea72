//! Seeds of packed runs: one with every kind of entry, whole, cut and wrong, and its script.

use super::super::pack::example;
use super::form;

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let (script, run) = example();
    let half = run.get(..run.len() / 2).expect("a half");
    let more = [&[run[0] + 1][..], &run[1..]].concat();
    let few = [&[2][..], &run[1..]].concat();
    vec![
        form(0, &run),
        form(0, half),
        form(0, more),
        form(0, few),
        form(0, [0]),
        form(0, [3, 0]),
        form(1, &script),
        form(1, script.get(..40).expect("a part")),
        form(1, ""),
    ]
}
