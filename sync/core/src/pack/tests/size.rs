//! Sizes: what registrations and edits cost, all their entries counted, in runs of SMS.
//!
//! The limits are those of the issue of SYNC §11.4: three registrations in each SMS of a run of
//! sixteen and more, one signed registration in one SMS, never more than two, seven edits in one.

use super::*;

/// Content of an SMS in a run of several, and of one alone.
const SMS_PART: usize = 105;
const SMS_SINGLE: usize = 107;
/// Head and signature of a run.
const SMS_RUN: usize = 10 + 64;

fn registrations(count: usize, seed: u64) -> Journal {
    let (mut journal, mut dice, lease) = (Journal::new(), Dice(seed), lease());
    for _ in 0..count {
        journal.register(&mut dice, &lease);
    }
    journal
}

/// Bytes of the run; it is read back first.
fn size(journal: &Journal, has_lease: bool) -> usize {
    let set = set();
    let mut shelf = TestShelf::default();
    if has_lease {
        shelf.lease = lease();
    }
    let run = journal.run(1, &set, &shelf);
    let bytes = pack(&run, &journal.entries).expect("registrations pack");
    let count = u16::try_from(journal.entries.len()).unwrap();
    let read = unpack(&run, count, &bytes).expect("what was packed unpacks");
    assert!(read == journal.entries, "entries differ");
    bytes.len()
}

#[test]
fn sixteen_sms_carry_three_registrations_each_even_when_no_lease_is_known() {
    let room = 16 * SMS_PART - SMS_RUN;
    let without = size(&registrations(48, 1), false);
    let with = size(&registrations(48, 1), true);
    assert!(
        with < without && without <= room,
        "{with} {without} of {room} bytes"
    );
}

#[test]
fn one_signed_registration_fits_one_sms_and_never_needs_three() {
    for seed in 0..4 {
        let journal = registrations(1, seed);
        let (with, without) = (size(&journal, true), size(&journal, false));
        assert!(with + SMS_RUN <= SMS_SINGLE, "{with} bytes");
        assert!(without + SMS_RUN <= 2 * SMS_PART, "{without} bytes");
    }
}

#[test]
fn seven_edits_of_one_field_fit_an_sms_of_a_run() {
    let (mut journal, mut dice) = (registrations(40, 5), Dice(17));
    let before = journal.next();
    let edits = 112;
    for _ in 0..edits {
        journal.wait(30_000 + dice.below(900_000));
        let of = 1 + 4 * u32::try_from(dice.below(40)).unwrap();
        let phone = format!("+25677{:07}", dice.below(10_000_000));
        let (key, value) = match dice.below(3) {
            0 => ("p", phone.as_str()),
            1 => ("f", dice.one(&FAMILY)),
            _ => ("g", dice.one(&GIVEN)),
        };
        let name = EntryRef::new(&journal.chain, Seq(of));
        let values = journal.documents[&name].values();
        let value = if values[key][0] == value {
            "Nabirye"
        } else {
            value
        };
        journal.edit(of, &fields(&[(key, value)]));
    }
    let (set, shelf) = (set(), journal.before(before));
    let run = journal.run(before, &set, &shelf);
    let entries: Vec<_> = journal
        .entries
        .iter()
        .skip(usize::try_from(before).unwrap() - 1)
        .cloned()
        .collect();
    let bytes = pack(&run, &entries).expect("edits pack");
    let read = unpack(&run, u16::try_from(edits).unwrap(), &bytes);
    assert!(read.as_ref() == Ok(&entries), "edits differ");
    let room = 16 * SMS_PART - SMS_RUN;
    assert!(bytes.len() <= room, "{} bytes", bytes.len());
}

/// The control: the same entries raw do not fit, so the limit above is not met by chance.
#[test]
fn raw_registrations_do_not_fit() {
    let journal = registrations(16, 1);
    let raw: usize = journal.entries.iter().map(|it| it.body.len()).sum();
    assert!(raw / 16 > 3 * SMS_PART, "{} bytes each", raw / 16);
    let packed = size(&journal, true);
    assert!(raw > 15 * packed, "{raw} raw, {packed} packed");
}

/// The record of thirteen fields that SYNC §1 measured: number, three names, birth date, sex,
/// phone, village, household, registrar, language, schooling, and whether a disability was told.
fn thirteen() -> PackSet {
    let choice = |all: &[&str]| FieldCodec::Choice(all.iter().map(|it| (*it).to_owned()).collect());
    let field = |(key, codec): (&str, FieldCodec)| PackField {
        key: key.to_owned(),
        codec,
        present: [15, 15],
    };
    let phone = FieldCodec::Phone {
        country: "256".to_owned(),
        digits: 9,
    };
    let fields = [
        ("n", FieldCodec::Leased { digits: 10 }),
        ("g", FieldCodec::Name),
        ("m", FieldCodec::Name),
        ("f", FieldCodec::Name),
        ("b", FieldCodec::Date),
        ("s", choice(&["F", "M"])),
        ("p", phone),
        ("v", choice(&VILLAGES)),
        ("h", FieldCodec::Integer),
        ("r", choice(&["r1", "r2", "r3", "r4"])),
        ("l", choice(&["en", "fr", "sw"])),
        ("e", choice(&["none", "primary", "secondary", "higher"])),
        ("d", choice(&["no", "yes"])),
    ];
    PackSet {
        schemas: vec![PackSchema {
            schema: PERSON,
            fields: fields.map(field).to_vec(),
        }],
        templates: Vec::new(),
        usual: vec![usual(false, PERSON, About::New)],
    }
}

fn ordinary(journal: &mut Journal, dice: &mut Dice, number: &str) {
    journal.wait(60_000 + dice.below(1_200_000));
    let day = format!(
        "{}-{:02}-{:02}",
        1940 + dice.below(86),
        dice.below(12) + 1,
        dice.below(28) + 1
    );
    let phone = format!(
        "+256{}{:07}",
        dice.one(&["77", "78", "70", "75"]),
        dice.below(10_000_000)
    );
    let household = dice.below(2_000).to_string();
    let values = [
        ("n", number),
        ("g", dice.one(&GIVEN)),
        ("m", dice.one(&GIVEN)),
        ("f", dice.one(&FAMILY)),
        ("b", &day),
        ("s", dice.one(&["F", "M"])),
        ("p", &phone),
        ("v", dice.one(&VILLAGES)),
        ("h", &household),
        ("r", dice.one(&["r1", "r1", "r1", "r2"])),
        ("l", dice.one(&["en", "en", "sw"])),
        ("e", dice.one(&["none", "primary", "secondary", "higher"])),
        ("d", dice.one(&["no", "no", "no", "yes"])),
    ];
    journal.person(&fields(&values));
}

#[test]
fn ordinary_records_of_thirteen_fields_travel_three_in_an_sms() {
    let (set, lease) = (thirteen(), lease());
    let mut sizes = Vec::new();
    for count in [1, 4, 48] {
        let (mut journal, mut dice) = (Journal::new(), Dice(21));
        for number in lease.iter().take(count) {
            ordinary(&mut journal, &mut dice, number);
        }
        let run = journal.run(1, &set, &EmptyShelf);
        let bytes = pack(&run, &journal.entries).expect("records pack");
        let read = unpack(&run, u16::try_from(count).unwrap(), &bytes);
        assert!(read.as_ref() == Ok(&journal.entries), "records differ");
        sizes.push(bytes.len());
    }
    assert!(sizes[0] + SMS_RUN <= SMS_SINGLE, "{sizes:?}");
    assert!(sizes[1] + SMS_RUN <= 2 * SMS_PART, "{sizes:?}");
    assert!(sizes[2] + SMS_RUN <= 16 * SMS_PART, "{sizes:?}");
}
