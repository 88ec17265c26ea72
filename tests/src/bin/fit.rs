//! Fits the weights of duplicate detection on seeds 1–50 and writes `node/core/names/weights.toml`.
//!
//! `cargo run --release -p tests --bin fit`. It never looks at the seeds of the gate.

use anyhow::Result;
use node_core::duplicate::weight::Bands;
use tests::duplicate::Index;
use tests::duplicate::fit::{self, Counts};
use tests::people::{FIT, Set};
use tests::tree;

/// Where the weights are kept.
const WEIGHTS: &str = "node/core/names/weights.toml";
const HEAD: &str = "\
# Weights of agreement in tenths of a bit, and the bands of their sum. Fitted on seeds 1 to 50 of
# the labelled set by `cargo run --release -p tests --bin fit`, not written by hand.
";

fn main() -> Result<()> {
    let mut counts = Counts::default();
    for seed in FIT {
        let set = Set::new(seed);
        counts.add(seed, &set, &Index::new(&set));
    }
    let mut weights = counts.weights();
    // Open bands: everything but twins goes through, and the sums are looked at below.
    weights.bands = Bands {
        same: -10_000,
        review: -10_000,
    };
    let mut found = Vec::new();
    for seed in FIT {
        let set = Set::new(seed);
        let mut index = Index::new(&set);
        index.set_weights(weights.clone());
        found.extend(set.registrations.iter().map(|one| fit::look(one, &index)));
    }
    weights.bands = fit::bands(&found)?;
    let figures = fit::figures(&found, weights.bands.same, weights.bands.review);
    let [recall, precision, review] = figures.thousandths();
    println!(
        "{} registrations: recall {recall} ‰, precision {precision} ‰, review {review} ‰",
        figures.registrations
    );
    let text = format!("{HEAD}{}", toml::to_string(&weights)?);
    std::fs::write(tree::root().join(WEIGHTS), text)?;
    Ok(())
}
