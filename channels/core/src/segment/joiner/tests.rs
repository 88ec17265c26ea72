//! Parts in any order, repeated, missing, contradicting, and the bounds of the joiner.

use proptest::prelude::*;

use super::super::{split, udh};
use super::*;

const NOON: i64 = 1_750_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(NOON + second).unwrap()
}

fn part(reference: Reference, total: u8, index: u8, text: &str) -> Part {
    Part {
        from: Address::parse("+254700000001").unwrap(),
        to: Address::parse("384").unwrap(),
        place: Concatenation {
            reference,
            total,
            index,
        },
        content: Content::Text(text.to_owned()),
    }
}

fn parts_of(text: &str, reference: Reference) -> Vec<Part> {
    let segments = split(text, 7).unwrap();
    let total = u8::try_from(segments.len()).unwrap();
    (1..=total)
        .zip(segments)
        .map(|(index, segment)| Part {
            content: Content::Encoded(segment.encoding, segment.payload),
            ..part(reference, total, index, "")
        })
        .collect()
}

fn complete(outcome: Outcome) -> Joined {
    match outcome {
        Outcome::Complete(joined) => joined,
        other => panic!("not complete: {other:?}"),
    }
}

#[test]
fn a_gap_is_named_when_the_time_is_over() {
    let mut joiner = Joiner::new();
    joiner.accept(part(Reference::Eight(1), 3, 1, "one "), at(0));
    joiner.accept(part(Reference::Eight(1), 3, 3, " three"), at(900));
    assert_eq!(joiner.expire(at(86_399)), vec![]);
    let late = joiner.expire(at(86_400));
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].text, "one [2/3] three");
    assert_eq!(late[0].note, Note::Missing(vec![2]));
    assert!(joiner.is_empty());
}

#[test]
fn a_repeat_before_commit_gives_the_text_again_and_after_commit_nothing() {
    let mut joiner = Joiner::new();
    joiner.accept(part(Reference::Sixteen(1), 2, 2, "b"), at(0));
    let first = complete(
        joiner
            .accept(part(Reference::Sixteen(1), 2, 1, "a"), at(1))
            .0,
    );
    let again = complete(
        joiner
            .accept(part(Reference::Sixteen(1), 2, 1, "a"), at(2))
            .0,
    );
    assert_eq!((first.text.as_str(), &first), ("ab", &again));
    joiner.settle(&first.key);
    assert_eq!(
        joiner
            .accept(part(Reference::Sixteen(1), 2, 2, "b"), at(3))
            .0,
        Outcome::Known
    );
    // The sender's counter came round: same reference, new words.
    assert_eq!(
        joiner
            .accept(part(Reference::Sixteen(1), 2, 2, "d"), at(4))
            .0,
        Outcome::Waiting
    );
    let next = complete(
        joiner
            .accept(part(Reference::Sixteen(1), 2, 1, "c"), at(5))
            .0,
    );
    assert_eq!(next.text, "cd");
}

#[test]
fn the_width_of_the_reference_tells_sets_apart() {
    let mut joiner = Joiner::new();
    joiner.accept(part(Reference::Eight(9), 2, 1, "a"), at(0));
    let outcome = joiner
        .accept(part(Reference::Sixteen(9), 2, 2, "b"), at(0))
        .0;
    assert_eq!(outcome, Outcome::Waiting);
    assert_eq!(joiner.len(), 2);
}

#[test]
fn the_first_of_two_contradicting_parts_counts_and_the_text_is_marked() {
    let mut joiner = Joiner::new();
    joiner.accept(part(Reference::Eight(1), 2, 1, "a"), at(0));
    joiner.accept(part(Reference::Eight(1), 2, 1, "x"), at(0));
    let joined = complete(joiner.accept(part(Reference::Eight(1), 2, 2, "b"), at(0)).0);
    assert_eq!(
        (joined.text.as_str(), joined.note),
        ("ab", Note::Contradicted)
    );
}

#[test]
fn implausible_places_are_kept_as_one_message() {
    for (total, index) in [(0, 0), (2, 0), (2, 3), (PARTS_MAX + 1, 1)] {
        let mut joiner = Joiner::new();
        let joined = complete(
            joiner
                .accept(part(Reference::Eight(1), total, index, "a"), at(0))
                .0,
        );
        assert_eq!(
            (joined.text.as_str(), joined.note),
            ("a", Note::Implausible)
        );
        assert!(joiner.is_empty());
    }
}

#[test]
fn a_full_joiner_drops_settled_sets_first_and_then_delivers_the_oldest() {
    let mut joiner = Joiner::new();
    for reference in 0..1_000 {
        joiner.accept(part(Reference::Sixteen(reference), 2, 1, "a"), at(0));
    }
    let whole = complete(
        joiner
            .accept(part(Reference::Sixteen(500), 2, 2, "b"), at(1))
            .0,
    );
    joiner.settle(&whole.key);
    let (_, evicted) = joiner.accept(part(Reference::Sixteen(2_000), 2, 1, "n"), at(2));
    assert_eq!(evicted, None);
    let (_, evicted) = joiner.accept(part(Reference::Sixteen(2_001), 2, 1, "n"), at(2));
    let evicted = evicted.unwrap();
    assert_eq!(evicted.key.reference, Reference::Sixteen(0));
    assert_eq!(evicted.text, "a[2/2]");
    assert_eq!(joiner.len(), OPEN_SETS_MAX);
}

#[test]
fn a_pair_that_another_sender_cut_comes_out_whole() {
    let mut joiner = Joiner::new();
    let half = |index, octets: &[u8]| Part {
        content: Content::Encoded(Encoding::Ucs2, octets.to_vec()),
        ..part(Reference::Eight(1), 2, index, "")
    };
    joiner.accept(half(1, &[0xD8, 0x3D]), at(0));
    assert_eq!(
        complete(joiner.accept(half(2, &[0xDE, 0x00]), at(0)).0).text,
        "😀"
    );
}

#[test]
fn nothing_personal_is_in_the_debug_form() {
    let mut joiner = Joiner::new();
    let part = part(Reference::Eight(1), 1, 1, "secret");
    let shown = format!(
        "{part:?} {:?} {joiner:?}",
        joiner.accept(part.clone(), at(0))
    );
    assert!(!shown.contains("secret") && !shown.contains("254700000001"));
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z{}€ ]{0,900}", ".{0,300}", "[ሀ-ቿ😀e\u{301}]{0,400}"]
}

proptest! {
    #[test]
    fn any_order_and_any_repeats_give_the_text_back(
        text in texts(),
        wide in any::<bool>(),
        (order, repeats) in (any::<u64>(), proptest::collection::vec(any::<prop::sample::Index>(), 0..8)),
    ) {
        let reference = if wide { Reference::Sixteen(300) } else { Reference::Eight(44) };
        let mut parts = parts_of(&text, reference);
        for repeat in repeats {
            parts.push(parts[repeat.index(parts.len())].clone());
        }
        parts.sort_by_key(|part| {
            u64::from(part.place.index).wrapping_add(1).wrapping_mul(order | 1) % 97
        });
        let mut joiner = Joiner::new();
        let mut completed = Vec::new();
        for part in parts {
            if let (Outcome::Complete(joined), _) = joiner.accept(part, at(0)) {
                joiner.settle(&joined.key);
                completed.push(joined);
            }
        }
        prop_assert_eq!(completed.len(), 1);
        prop_assert_eq!(&completed[0].text, &text);
        prop_assert_eq!(&completed[0].note, &Note::Whole);
    }

    #[test]
    fn user_data_of_a_peer_never_panics_and_stays_bounded(
        messages in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 0..60),
    ) {
        let mut joiner = Joiner::new();
        for message in messages {
            let user_data = udh::parse(&message);
            if let Some(place) = user_data.concatenation {
                let content = Content::Encoded(Encoding::GSM7, user_data.payload.to_vec());
                joiner.accept(Part { place, content, ..part(Reference::Eight(0), 1, 1, "") }, at(0));
            }
        }
        prop_assert!(joiner.len() <= OPEN_SETS_MAX);
        joiner.expire(at(86_400));
        prop_assert!(joiner.is_empty());
    }
}
