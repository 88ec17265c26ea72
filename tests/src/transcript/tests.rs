//! The player must notice what it is there for: each planted difference is found.

use super::difference::difference;
use super::number::Numbers;
use super::*;

const SHORT: &str = "# a planted transcript
service maternal-child   caller +256770000001   role worker
language en   bearer ussd   clock 2026-03-14T09:00:00Z

> *384*7#
< Mother and child
< 1 Register mother and child
< 2 My work
< 3 Language
< 4 Care
< 5 My tasks
< 6 My day
< 0 Exit
> 0
< Thank you. Goodbye.
<end
= registrations 0
";

async fn played(text: &str) -> String {
    let transcript = Transcript::parse(text).unwrap();
    play(&transcript, transcript.head.bearer).await.unwrap()
}

#[tokio::test]
async fn a_right_transcript_is_written_as_it_was() {
    assert_eq!(difference(SHORT, &played(SHORT).await), "");
}

#[tokio::test]
async fn planted_differences_are_found() {
    let planted = [
        ("< 2 My work", "< 2 My Work"),
        ("< 0 Exit\n", ""),
        ("<end\n", ""),
        ("= registrations 0", "= registrations 1"),
        ("Goodbye.\n", "Goodbye.\n< Goodbye.\n"),
    ];
    for (right, wrong) in planted {
        let text = SHORT.replacen(right, wrong, 1);
        assert_ne!(text, SHORT, "the plant {wrong:?} changes nothing");
        assert!(
            !difference(&text, &played(&text).await).is_empty(),
            "{wrong:?} was not found"
        );
    }
}

#[test]
fn lines_that_say_nothing_are_refused() {
    for wrong in [
        "? what",
        "! fly",
        "! wait",
        "! wait soon",
        "=held 1",
        "<< no",
    ] {
        let text = format!("{SHORT}{wrong}\n");
        let error = Transcript::parse(&text).unwrap_err();
        assert_eq!(error.to_string(), "line 18", "{wrong}");
    }
    for head in ["service", "service a caller b", "colour blue", ""] {
        let text = format!("# x\n{head}\n\n> *1#\n");
        assert!(Transcript::parse(&text).is_err(), "{head:?} is no head");
    }
}

#[test]
fn numbers_are_written_by_their_order() {
    let number = |body| node_core::number::full(body);
    let (one, two) = (number(729_405_863), number(312_074_171));
    let mut numbers = Numbers::default();
    let text = format!("{one} {two} {one} ..{} +{one} 17051994", one.split_at(6).1);
    assert_eq!(
        numbers.hidden(&text),
        format!("{{1}} {{2}} {{1}} ..{{1:4}} +{one} 17051994")
    );
    assert_eq!(numbers.shown("RN {2}"), format!("RN {two}"));
    assert_eq!(numbers.hidden("{1} ..0000"), "{1} ..0000");
    assert_eq!(numbers.hidden("Reply NO 471, 471"), "Reply NO {code}, 471");
    assert_eq!(numbers.shown("no {code}"), "no 471");
}

#[test]
fn differences_name_the_lines() {
    assert_eq!(difference("a\nb\nc\n", "a\nx\nc\n"), " a\n-b\n+x\n c\n");
    assert_eq!(difference("a\n", "a\nb\n"), " a\n+b\n");
    assert_eq!(difference("a\nb\n", "b\n"), "-a\n b\n");
}
