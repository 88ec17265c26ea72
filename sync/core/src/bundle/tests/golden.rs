//! Golden bytes of a bundle: every release reads those of all earlier ones.
//!
//! A failing comparison prints the bytes of today. They may only be accepted together with a new
//! mark, a new file beside the old one, and `docs/protocols/bundle.md`.

use super::*;
use crate::golden::{check, unhex};

const BUNDLE: &str = include_str!("../../../../../tests/golden/frame/bundle-v1.hex");

#[test]
fn a_bundle_is_the_golden_one() {
    check(BUNDLE, &bundle());
}

#[test]
fn the_golden_bundle_reads() {
    let (parts, error) = read(&unhex(BUNDLE), 100);
    assert_eq!((items_of(&parts), error), (items(), None));
}
