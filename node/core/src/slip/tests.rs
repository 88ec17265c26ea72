//! Forged, altered, borrowed, outdated and revoked slips and codes; and what a stranger learns.

use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair};
use sync_core::certificate::NodeCertificate;

use super::code::{CODE_LETTERS, Code, CodeError, CodeKey, month_of};
use super::*;

const NUMBER: &str = "2350819465";
const PROGRAMMES: [&str; 2] = ["advisory", "maternal-child"];
const DAY: u16 = 20_500;
const HUB: HubId = HubId([1, 2, 3, 4]);

fn number() -> String {
    let mut bodies = 235_081_000..235_099_999_u32;
    bodies
        .find_map(|body| Some(number::full(body)).filter(|full| number::is_valid(full)))
        .unwrap_or_else(|| NUMBER.to_owned())
}

fn claim(year: &str) -> Claim {
    Claim::parse(&number(), Some(year)).unwrap()
}

/// Stands for Argon2id, which the shell does: any function of claim and salt will do here.
fn stretched(claim: &Claim, salt: [u8; 16]) -> [u8; 32] {
    let full = ring::digest::digest(
        &ring::digest::SHA256,
        &[claim.secret().as_slice(), &salt].concat(),
    );
    full.as_ref().try_into().unwrap()
}

fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn certificate(key: &Ed25519KeyPair) -> NodeCertificate {
    let second = |day: i64| Timestamp::from_second(day * DAY_S).unwrap();
    NodeCertificate {
        realm: "test".to_owned(),
        hub: NodeId(1),
        node: NodeId(7),
        epoch: Epoch::new(2, 0),
        key: key.public_key().as_ref().try_into().unwrap(),
        age_recipient: String::new(),
        serial: 1,
        kind: NodeKind::Node,
        issuer_number: 7,
        scopes: Vec::new(),
        not_before: second(i64::from(DAY) - 10),
        not_after: second(i64::from(DAY) + 10),
        min_version: 1,
        previous_heads: Vec::new(),
    }
}

fn slip_of(claim: &Claim, salt: [u8; 16], day: u16) -> Slip {
    let issuer = Issuer {
        hub: HUB,
        node: NodeId(7),
        epoch: Epoch::new(2, 0),
    };
    let bound = commitment(&stretched(claim, salt), "maternal-child");
    Slip::issue(issuer, day, salt, bound, &key(1))
}

fn evidence(certificate: &NodeCertificate) -> Evidence<'_> {
    Evidence {
        hub: HUB,
        certificate: Some(certificate),
        today: Some(DAY),
        is_revoked: false,
    }
}

#[track_caller]
fn check(slip: &Slip, evidence: &Evidence<'_>, claim: &Claim, expected: Result<&str, SlipFault>) {
    let stretched = stretched(claim, slip.salt());
    assert_eq!(slip.programme(evidence, &stretched, PROGRAMMES), expected);
}

#[test]
fn a_slip_is_valid_for_its_person_and_nobody_else() {
    let certificate = certificate(&key(1));
    let good = evidence(&certificate);
    let slip = Slip::parse(&slip_of(&claim("1994"), [9; 16], DAY).text()).unwrap();
    check(&slip, &good, &claim("1994"), Ok("maternal-child"));
    check(&slip, &good, &claim("1995"), Err(SlipFault::OtherPerson));
    let mut bodies = 700_000_000..799_999_999_u32;
    let other = bodies.find_map(|body| Claim::parse(&number::full(body), Some("1994")).ok());
    check(&slip, &good, &other.unwrap(), Err(SlipFault::OtherPerson));
    let elsewhere = slip.programme(&good, &stretched(&claim("1994"), [9; 16]), ["advisory"]);
    assert_eq!(elsewhere, Err(SlipFault::OtherPerson));
}

#[test]
fn forged_foreign_outdated_and_revoked_slips_say_which() {
    let (own, foreign) = (certificate(&key(1)), certificate(&key(2)));
    let holder = claim("1994");
    let slip = slip_of(&holder, [9; 16], DAY);
    check(&slip, &evidence(&foreign), &holder, Err(SlipFault::Forged));
    let unknown = Evidence {
        certificate: None,
        ..evidence(&own)
    };
    check(&slip, &unknown, &holder, Err(SlipFault::UnknownIssuer));
    let elsewhere = Evidence {
        hub: HubId([9; 4]),
        ..evidence(&own)
    };
    check(&slip, &elsewhere, &holder, Err(SlipFault::UnknownIssuer));
    let later_life = NodeCertificate {
        epoch: Epoch::new(3, 0),
        ..own.clone()
    };
    check(
        &slip,
        &evidence(&later_life),
        &holder,
        Err(SlipFault::UnknownIssuer),
    );
    let revoked = Evidence {
        is_revoked: true,
        ..evidence(&own)
    };
    check(&slip, &revoked, &holder, Err(SlipFault::Revoked));
    // Who does not know the person learns nothing of the revocation.
    check(&slip, &revoked, &claim("1990"), Err(SlipFault::OtherPerson));
    for day in [DAY - 11, DAY + 11] {
        let dated = slip_of(&holder, [9; 16], day);
        check(
            &dated,
            &evidence(&own),
            &holder,
            Err(SlipFault::Certificate),
        );
    }
    let tomorrow = slip_of(&holder, [9; 16], DAY + 2);
    check(&tomorrow, &evidence(&own), &holder, Err(SlipFault::Future));
    let no_clock = Evidence {
        today: None,
        ..evidence(&own)
    };
    check(&tomorrow, &no_clock, &holder, Ok("maternal-child"));
    // An old certificate does not undo what was signed while it held.
    let years_later = Evidence {
        today: Some(DAY + 3_000),
        ..evidence(&own)
    };
    check(&slip, &years_later, &holder, Ok("maternal-child"));
}

#[test]
fn a_slip_altered_at_any_letter_proves_nothing() {
    let certificate = certificate(&key(1));
    let holder = claim("1994");
    let text = slip_of(&holder, [9; 16], DAY).text();
    let mut refused = 0;
    for at in SLIP_PREFIX.len()..text.len() {
        for letter in ["0", "7", "Z"] {
            let mut altered = text.clone();
            altered.replace_range(at..=at, letter);
            if altered == text {
                continue;
            }
            if let Ok(slip) = Slip::parse(&altered) {
                let stretched = stretched(&holder, slip.salt());
                let told = slip.programme(&evidence(&certificate), &stretched, PROGRAMMES);
                assert!(told.is_err(), "letter {at} as {letter}");
            }
            refused += 1;
        }
        let mut cut = text.clone();
        cut.remove(at);
        assert!(Slip::parse(&cut).is_err(), "letter {at} is missing");
    }
    assert!(refused > 400);
}

#[test]
fn a_stranger_learns_nothing_and_two_slips_do_not_link() {
    let holder = claim("1994");
    let (one, two) = (
        slip_of(&holder, [9; 16], DAY),
        slip_of(&holder, [8; 16], DAY),
    );
    let other = slip_of(&claim("1961"), [7; 16], DAY);
    let content = |slip: &Slip| slip.content();
    // Equal are version, issuer and day, as with everybody's slip of that node and day.
    let shared = 19;
    assert_eq!(content(&one)[..shared], content(&other)[..shared]);
    for pair in [(&one, &two), (&one, &other)] {
        let (left, right) = (content(pair.0), content(pair.1));
        let equal = left[shared..]
            .iter()
            .zip(&right[shared..])
            .filter(|(l, r)| l == r);
        assert!(equal.count() < 6, "random bytes hardly ever agree");
        assert_ne!(pair.0.signature, pair.1.signature);
        assert_ne!(pair.0.id(), pair.1.id());
    }
    let bytes = [content(&one).as_slice(), &one.signature].concat();
    let digits = number();
    for planted in [digits.as_str(), "1994", "maternal-child", "Kibo"] {
        assert!(!one.text().contains(&planted.to_ascii_uppercase()));
        assert!(
            !bytes
                .windows(planted.len())
                .any(|w| w == planted.as_bytes())
        );
    }
    let number: u64 = digits.parse().unwrap();
    for planted in [&number.to_be_bytes()[3..], &number.to_le_bytes()[..5]] {
        assert!(!bytes.windows(planted.len()).any(|w| w == planted));
    }
    assert_eq!(format!("{holder:?}"), "Claim");
}

#[test]
fn claims_are_read_as_people_type_them() {
    let digits = number();
    let (left, right) = digits.split_at(3);
    let spaced = Claim::parse(&format!(" {left}-{right} "), Some("1994")).unwrap();
    assert_eq!(spaced, claim("1994"));
    assert_eq!(Claim::parse("123", None), Err(ClaimError::Number));
    assert_eq!(Claim::parse(&digits, Some("94")), Err(ClaimError::Year));
    let without = Claim::parse(&digits, None).unwrap();
    assert_ne!(without.secret(), spaced.secret());
    assert_eq!(without.number(), digits);
}

const CODE_KEY: CodeKey = CodeKey([5; 32]);

fn code() -> Code {
    let month = month_of("2026-03-14T10:00:00Z".parse().unwrap());
    Code::issue(&CODE_KEY, &claim("1994"), "maternal-child", month, 0xABCDE)
}

fn told<'a>(code: &Code, key: &CodeKey, claim: &Claim) -> Option<&'a str> {
    code.programme(core::slice::from_ref(key), claim, PROGRAMMES)
}

#[test]
fn a_code_is_valid_for_its_person_under_a_key_of_its_area() {
    let text = code().to_string();
    assert_eq!(text.len(), CODE_LETTERS + 2);
    let read = Code::parse(&text.to_lowercase().replace('-', " ")).unwrap();
    assert_eq!(read, code());
    assert_eq!(read.month(), "2026-03");
    assert_eq!(
        told(&read, &CODE_KEY, &claim("1994")),
        Some("maternal-child")
    );
    assert_eq!(told(&read, &CODE_KEY, &claim("1995")), None);
    assert_eq!(told(&read, &CodeKey([6; 32]), &claim("1994")), None);
    // A key that followed does not undo the codes of the one before.
    let both = [CODE_KEY, CodeKey([6; 32])];
    assert!(read.programme(&both, &claim("1994"), PROGRAMMES).is_some());
    let again = Code::issue(&CODE_KEY, &claim("1994"), "maternal-child", 74, 1);
    let tail = |code: &Code| code.to_string().chars().skip(7).collect::<String>();
    assert_ne!(tail(&again), tail(&code()), "two codes do not link");
    assert_ne!(again.id(), code().id());
    assert_eq!(format!("{CODE_KEY:?}"), "CodeKey");
}

#[test]
fn every_wrong_letter_and_every_swap_in_a_code_is_found() {
    let letters: Vec<char> = code().to_string().replace('-', "").chars().collect();
    for at in 0..letters.len() {
        for value in 0..32 {
            let mut wrong = letters.clone();
            wrong[at] = base32::letter(value);
            if wrong != letters {
                let text: String = wrong.into_iter().collect();
                assert_eq!(Code::parse(&text), Err(CodeError::Check));
            }
        }
        for other in 0..at {
            let mut swapped = letters.clone();
            swapped.swap(at, other);
            if swapped != letters {
                let text: String = swapped.into_iter().collect();
                assert_eq!(Code::parse(&text), Err(CodeError::Check));
            }
        }
    }
    assert_eq!(Code::parse("AB-CD"), Err(CodeError::Malformed));
    assert_eq!(Code::parse(""), Err(CodeError::Malformed));
}

proptest! {
    #[test]
    fn texts_of_slips_read_back(
        hub: [u8; 4], node: u32, epoch: u64, day: u16, salt: [u8; 16], bound: [u8; 16],
    ) {
        let issuer = Issuer { hub: HubId(hub), node: NodeId(node), epoch: Epoch(epoch) };
        let slip = Slip::issue(issuer, day, salt, bound, &key(3));
        prop_assert_eq!(Slip::parse(&slip.text()), Ok(slip.clone()));
        prop_assert_eq!(Slip::parse(&slip.text().to_lowercase()), Ok(slip));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(OP:)?[0-9A-Z é-]{0,300}") {
        if let Ok(slip) = Slip::parse(&text) {
            prop_assert_eq!(Slip::parse(&slip.text()), Ok(slip));
        }
        if let Ok(code) = Code::parse(&text) {
            prop_assert_eq!(Code::parse(&code.to_string()), Ok(code));
        }
    }

    #[test]
    fn codes_read_back(month in 0..1_024_u16, nonce in 0..1_048_576_u32, key: [u8; 32]) {
        let code = Code::issue(&CodeKey(key), &claim("1994"), "advisory", month, nonce);
        prop_assert_eq!(Code::parse(&code.to_string()), Ok(code));
        prop_assert!(told(&code, &CodeKey(key), &claim("1994")).is_some());
    }
}
