//! User data headers, alphabets, packing; texts that are split, mixed up and joined again.

use channels_core::Address;
use channels_core::gsm7::{self, Encoding, Language, Tables, packing};
use channels_core::segment::joiner::{Content, Joiner, Note, OPEN_SETS_MAX, Outcome, Part};
use channels_core::segment::udh::{self, Concatenation, Header, Ports, Reference};
use channels_core::segment::{
    self, GSM7_PART_MAX, GSM7_SINGLE_MAX, PARTS_MAX, Segment, UCS2_PART_MAX, UCS2_SINGLE_MAX,
};
use jiff::Timestamp;
use sync_core::varint::Reader;

use super::Reached;

/// Both widths of reference and port, all tables, and every outcome of joining.
pub(super) const REACHES: &[&str] = &[
    "header of 8 bits",
    "header of 16 bits",
    "header without concatenation",
    "header with ports of 8 bits",
    "header with ports of 16 bits",
    "header with a locking table",
    "header with a single shift table",
    "malformed header",
    "gsm-7",
    "outside gsm-7",
    "ucs-2",
    "broken ucs-2",
    "packed",
    "single part",
    "parts in gsm-7",
    "parts in ucs-2",
    "parts in national tables",
    "too many parts",
    "waiting",
    "whole",
    "contradicted",
    "implausible",
    "known",
];

/// Feeds octets to one of the forms.
pub(super) fn run(form: u8, data: &[u8], reached: &mut Reached) {
    match form % 5 {
        0 => header(data, reached),
        1 => alphabets(data, reached),
        2 => packed(data, reached),
        3 => mixed(data, reached),
        _ => parts(data, reached),
    }
}

fn header(octets: &[u8], reached: &mut Reached) {
    let parsed = udh::parse(octets);
    assert!(
        octets.ends_with(parsed.payload),
        "a payload that did not come"
    );
    if parsed.malformed {
        assert!(parsed.concatenation.is_none(), "a place from a bad header");
        reached.insert("malformed header");
        return;
    }
    reached.insert(match parsed.concatenation {
        Some(place) => {
            assert!(place.is_plausible());
            match place.reference {
                Reference::Eight(_) => "header of 8 bits",
                Reference::Sixteen(_) => "header of 16 bits",
            }
        }
        None => "header without concatenation",
    });
    reached.extend(parsed.ports.map(|ports| match ports {
        Ports::Eight { .. } => "header with ports of 8 bits",
        Ports::Sixteen { .. } => "header with ports of 16 bits",
    }));
    let tables = parsed.tables;
    reached.extend(tables.locking.map(|_| "header with a locking table"));
    reached.extend(tables.single.map(|_| "header with a single shift table"));
    let header = Header {
        concatenation: parsed.concatenation,
        ports: parsed.ports,
        tables,
    };
    let written = header.to_octets();
    if written.is_empty() {
        return;
    }
    let again = [&written[..], parsed.payload].concat();
    assert_eq!(udh::parse(&again), parsed, "a header reads as another");
}

fn alphabets(octets: &[u8], reached: &mut Reached) {
    let text = gsm7::decode(octets);
    assert!(text.chars().count() <= octets.len());
    if let Some(septets) = gsm7::encode(&text) {
        reached.insert("gsm-7");
        assert_eq!(gsm7::septets(&text), Some(septets.len()));
        assert_eq!(gsm7::decode(&septets), text, "a text reads as another");
    } else {
        reached.insert("outside gsm-7");
        assert!(gsm7::first_misfit(&text).is_some() && octets.iter().any(|octet| *octet > 0x7F));
    }
    for tables in Language::ALL.map(Tables::both) {
        let text = tables.decode(octets);
        if let Some(septets) = tables.encode(&text) {
            assert_eq!(tables.septets(&text), Some(septets.len()));
            assert_eq!(tables.decode(&septets), text, "a text reads as another");
        }
    }
    let text = segment::decode(Encoding::Ucs2, octets);
    let again: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    if text.contains(char::REPLACEMENT_CHARACTER) {
        reached.insert("broken ucs-2");
        assert_eq!(segment::decode(Encoding::Ucs2, &again), text);
    } else {
        reached.insert("ucs-2");
        assert_eq!(again, octets, "UCS-2 reads as another text");
    }
}

fn packed(data: &[u8], reached: &mut Reached) {
    let Some((fill, octets)) = data.split_first() else {
        return;
    };
    reached.insert("packed");
    let fill = fill % 7;
    let septets = packing::unpack(octets, usize::MAX, fill);
    assert!(septets.len() <= octets.len() * 8 / 7 && septets.iter().all(|septet| *septet < 128));
    let again = packing::pack(&septets, fill);
    assert_eq!(packing::unpack(&again, septets.len(), fill), septets);
    let ussd = packing::unpack_ussd(octets);
    let again = packing::unpack_ussd(&packing::pack_ussd(&ussd));
    assert!(again.starts_with(&ussd) && again.len() <= ussd.len() + 1);
}

/// Splits a text, delivers its parts in another order with repeats, and expects it back.
fn mixed(data: &[u8], reached: &mut Reached) {
    let Some(([reference, turn], octets)) = data.split_first_chunk::<2>() else {
        return;
    };
    let text = String::from_utf8_lossy(octets);
    // Some senders may use the tables of a language.
    let language = Language::of_identifier(turn.saturating_sub(0xF0));
    let allowed: Vec<Tables> = language.map(Tables::both).into_iter().collect();
    let reference = Reference::Eight(*reference);
    let segments = match segment::split_in(&text, reference, &allowed) {
        Ok(segments) => segments,
        Err(too_many) => {
            assert!(too_many.got > usize::from(PARTS_MAX));
            reached.insert("too many parts");
            return;
        }
    };
    let seen = segment::preview(&text, &allowed, 7);
    let encoding = seen.encoding;
    assert_eq!(segments.len(), seen.parts, "the preview counts wrong");
    assert_eq!(seen.price, 7 * u64::try_from(seen.parts).unwrap_or(0));
    check_lengths(encoding, &segments);
    if let [segment] = &segments[..] {
        reached.insert("single part");
        assert_eq!(segment.udh.is_empty(), is_plain(encoding));
        assert_eq!(segment::decode(encoding, &segment.payload), text);
        return;
    }
    reached.insert(match encoding {
        Encoding::GSM7 => "parts in gsm-7",
        Encoding::Gsm7(_) => "parts in national tables",
        Encoding::Ucs2 => "parts in ucs-2",
    });
    deliver(&segments, usize::from(*turn), &text);
}

fn is_plain(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::GSM7 | Encoding::Ucs2)
}

fn check_lengths(encoding: Encoding, segments: &[Segment]) {
    let (single, part) = match encoding {
        Encoding::Gsm7(_) => (GSM7_SINGLE_MAX, GSM7_PART_MAX),
        Encoding::Ucs2 => (UCS2_SINGLE_MAX * 2, UCS2_PART_MAX * 2),
    };
    let max = if segments.len() == 1 { single } else { part };
    assert!(
        segments
            .iter()
            .all(|it| it.encoding == encoding && it.payload.len() <= max)
    );
}

fn deliver(segments: &[Segment], turn: usize, text: &str) {
    let mut joiner = Joiner::new();
    let count = segments.len();
    for step in 0..count {
        let segment = &segments[(step + turn) % count];
        let header = udh::parse(&segment.udh);
        let place = header.concatenation.expect("a part has its place");
        let encoding = match segment.encoding {
            Encoding::Gsm7(_) => Encoding::Gsm7(header.tables),
            Encoding::Ucs2 => Encoding::Ucs2,
        };
        let content = Content::Encoded(encoding, segment.payload.clone());
        // Twice: a peer that heard no answer.
        for _ in 0..2 {
            let (outcome, evicted) = joiner.accept(part(place, content.clone()), at(0));
            assert!(evicted.is_none());
            match outcome {
                Outcome::Complete(joined) => {
                    assert_eq!(step + 1, count, "a text before its last part");
                    assert_eq!((joined.text.as_str(), joined.note), (text, Note::Whole));
                }
                Outcome::Waiting => assert!(step + 1 < count, "a text that never comes"),
                Outcome::Known => panic!("known before it was settled"),
            }
        }
    }
}

fn part(place: Concatenation, content: Content) -> Part {
    let address = |text| Address::parse(text).expect("an address");
    Part {
        from: address("+256772000001"),
        to: address("384"),
        place,
        content,
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("near 1970")
}

/// Any parts: reference, total, index, one octet of content, one of time each.
fn parts(data: &[u8], reached: &mut Reached) {
    let mut joiner = Joiner::new();
    let mut reader = Reader::new(data);
    let mut now = 0;
    for _ in 0..256 {
        let Some([reference, total, index, content, hours]) = reader.array() else {
            break;
        };
        now += i64::from(hours % 32) * 3_600;
        let place = Concatenation {
            reference: Reference::Eight(reference % 4),
            total,
            index,
        };
        let content = if content < 0x80 {
            Content::Encoded(Encoding::GSM7, vec![content])
        } else {
            Content::Text("ü".to_owned())
        };
        let (outcome, _evicted) = joiner.accept(part(place, content), at(now));
        reached.insert(match outcome {
            Outcome::Waiting => "waiting",
            Outcome::Known => "known",
            Outcome::Complete(joined) => {
                // Texts that were committed are settled; every third commit fails.
                if reference % 3 != 0 {
                    joiner.settle(&joined.key);
                }
                note_name(&joined.note)
            }
        });
        assert!(joiner.len() <= OPEN_SETS_MAX, "too many sets wait");
        for joined in joiner.expire(at(now)) {
            assert!(
                !matches!(joined.note, Note::Implausible),
                "an implausible part was kept"
            );
        }
    }
}

fn note_name(note: &Note) -> &'static str {
    match note {
        Note::Whole => "whole",
        Note::Missing(_) => panic!("a set with missing parts was called complete"),
        Note::Contradicted => "contradicted",
        Note::Implausible => "implausible",
    }
}
