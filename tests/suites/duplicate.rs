//! The gate of duplicate detection, on seeds on which nothing was fitted, and its controls.
//!
//! The ordinary run judges five sets, one of each culture, before a small background. With
//! `OUTPOST_DUPLICATE=whole` it judges seeds 51–100, then 101–150, before 100,000 people each:
//! the first were looked at once when the margin of the fit was chosen, the second never.

use std::ops::RangeInclusive;

use node_core::duplicate::weight::{Bands, Weights};
use serde_json::json;
use tests::crash::record::note;
use tests::duplicate::{Figures, Index, PRECISION_MIN, RECALL_MIN, REVIEW_MAX};
use tests::people::{BACKGROUND, GATE, Set, UNSEEN};

/// People in the background of the ordinary run.
const FEW: usize = 4_000;

fn whole() -> bool {
    std::env::var("OUTPOST_DUPLICATE").is_ok_and(|value| value == "whole")
}

/// Judges these sets, as many at a time as there are processors.
fn judge(seeds: RangeInclusive<u64>, people: usize, weights: Option<&Weights>) -> Figures {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let seeds: Vec<u64> = seeds.collect();
    let share = |first| {
        let of_thread = seeds.iter().skip(first).step_by(threads);
        of_thread.copied().collect::<Vec<u64>>()
    };
    let shares: Vec<Vec<u64>> = (0..threads).map(share).collect();
    let mut figures = Figures::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(move || judge_all(share, people, weights)))
            .collect();
        for worker in workers {
            figures.add(&worker.join().expect("a judged share"));
        }
    });
    figures
}

fn judge_all(seeds: Vec<u64>, people: usize, weights: Option<&Weights>) -> Figures {
    let mut figures = Figures::default();
    for seed in seeds {
        let set = Set::with_background(seed, people);
        let mut index = Index::new(&set);
        if let Some(weights) = weights {
            index.set_weights(weights.clone());
        }
        figures.add(&Figures::of(&set, &index));
    }
    figures
}

#[test]
fn duplicates_are_found_and_people_are_kept_apart() {
    let runs = if whole() {
        vec![(GATE, BACKGROUND), (UNSEEN, BACKGROUND)]
    } else {
        vec![(*GATE.start()..=GATE.start() + 4, FEW)]
    };
    for (seeds, people) in runs {
        let case = format!("seeds {} to {}", seeds.start(), seeds.end());
        let figures = judge(seeds, people, None);
        let [recall, precision, review] = figures.thousandths();
        note(
            &case,
            &json!({
                "registrations": figures.registrations, "people": people,
                "recall_permille": recall, "precision_permille": precision,
                "review_permille": review,
            }),
        );
        assert!(
            figures.pass(),
            "{case}: recall {recall} of {RECALL_MIN}, precision {precision} of {PRECISION_MIN}, \
             review {review} of {REVIEW_MAX}"
        );
    }
}

/// A gate that passes whatever the matcher does would prove nothing.
#[test]
fn a_matcher_that_is_off_or_asks_about_everybody_fails_the_gate() {
    let shipped = Weights::shipped().expect("weights");
    let mut off = shipped.clone();
    off.names.equal = 0;
    off.names.equal_close = 0;
    off.birth.same = 0;
    let seeds = *GATE.start()..=*GATE.start();
    assert!(!judge(seeds.clone(), FEW, Some(&off)).pass(), "weights off");
    let asks = Weights {
        bands: Bands {
            same: shipped.bands.same,
            review: shipped.bands.review - 120,
        },
        ..shipped.clone()
    };
    assert!(
        !judge(seeds.clone(), FEW, Some(&asks)).pass(),
        "asks about everybody"
    );
    let joins = Weights {
        bands: Bands {
            same: shipped.bands.review - 60,
            review: shipped.bands.review - 60,
        },
        ..shipped
    };
    assert!(!judge(seeds, FEW, Some(&joins)).pass(), "joins too easily");
}
