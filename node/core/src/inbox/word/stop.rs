//! STOP and START as people text them, a table for each language; and what is no STOP.
//!
//! What follows from one stands in `node/store/tests/hub_store/stop.rs`.

use super::{Said, read};

/// Language, and its ways to ask for no more texts.
const STOPS: [(&str, &[&str]); 5] = [
    (
        "en",
        &[
            "STOP",
            "stop",
            "Stop",
            "sToP",
            " stop ",
            "stop.",
            "STOP!!!",
            "*STOP*",
            "\"STOP\"",
            "STOP STOP",
            "Stop. Thank you",
            "Stop, thank you.",
            "please stop",
            "Please STOP now",
            "PLS STOP",
            "stop, sir",
            "Thanks, stop please",
            "Unsubscribe",
            "cancel",
            "END",
            "quit",
            "STOPALL",
            "ＳＴＯＰ",
            "ｓｔｏｐ！",
            "st\u{200b}op",
            "\u{200f}STOP\u{200f}",
            "STOP 384",
            "384 stop",
            "STOP ٣٨٤",
            "stop \u{1f64f}",
        ],
    ),
    (
        "fr",
        &[
            "STOP",
            "Arrêt",
            "arret",
            "ARRÊTER",
            "arrêtez s'il vous plaît",
            "Arrêtez, s’il vous plaît.",
            "ARRETER svp merci",
            "Merci, arrêtez",
            "stop s'il te plait",
            "Désabonner",
            "de\u{301}sabonner",
            "annuler",
            "Fin.",
            "STOP. Merci beaucoup",
        ],
    ),
    (
        "sw",
        &[
            "STOP",
            "Acha",
            "ACHA!",
            "acheni",
            "Acha tafadhali",
            "tafadhali acha sasa",
            "sitisha, asante sana",
            "Simama",
            "simamisha",
            "ondoa",
            "Stop. Asante",
            "Asanteni, acheni",
        ],
    ),
    (
        "am",
        &[
            "STOP",
            "አቁም",
            "አቁም።",
            "እባክዎ አቁሙ",
            "አቁሚ፣ አመሰግናለሁ።",
            "ይቁም!",
            "አትላኩ",
            "stop አመሰግናለሁ",
            "STOP።",
        ],
    ),
    (
        "ar",
        &[
            "STOP",
            "توقف",
            "توقّف",
            "تـوقـف",
            "قف!",
            "أوقف",
            "أوقفوا من فضلك",
            "إيقاف",
            "الغاء",
            "إلغاء، شكرا",
            "توقف من فضلكم، شكرًا جزيلًا.",
            "stop شكرا",
            "\u{202b}توقف\u{202c}",
        ],
    ),
];

/// Texts that hold such a word and ask for nothing of the kind.
const NO_STOPS: [&str; 14] = [
    "Please stop by tomorrow",
    "the bus stop",
    "don't stop",
    "",
    "!!!",
    "stopped",
    "nonstop",
    "I quit school",
    "le match est fin",
    "usiache",
    "acha niseme",
    "አቁም እና ተመለስ",
    "لا توقف",
    "STOP 384 please call",
];

#[test]
fn stop_is_heard_in_every_language_politeness_case_and_script() {
    for (language, texts) in STOPS {
        for text in texts {
            assert_eq!(read(text), Said::Stop, "{language}: {text:?}");
        }
    }
}

#[test]
fn a_sentence_with_such_a_word_is_no_stop() {
    for text in NO_STOPS {
        assert_ne!(read(text), Said::Stop, "{text:?}");
    }
}

#[test]
fn every_language_starts_says_yes_and_says_no_to_a_change() {
    for (start, yes, no) in [
        ("START", "Yes please", "NO 471"),
        ("Reprendre svp", "Oui", "Non 471."),
        ("anza", "NDIYO", "hapana, 471"),
        ("ጀምር", "አዎ", "አይ 471።"),
        ("ابدأ", "نعم", "لا ٤٧١"),
    ] {
        assert_eq!(read(start), Said::Start, "{start}");
        assert_eq!(read(yes), Said::Yes, "{yes}");
        assert_eq!(read(no), Said::Deny { code: 471 }, "{no}");
    }
    for other in ["NO 12", "NO 4711", "NO 099", "no thanks 471 of them", "471"] {
        assert!(!matches!(read(other), Said::Deny { .. }), "{other}");
    }
}
