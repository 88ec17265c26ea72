//! What a caller asks about herself, what she agrees to, and what somebody reports who is not known.

use super::*;
use crate::command::Mine;
use crate::view::MessageClass;

fn case(codes: &[&str]) -> Command {
    Command::ShowCase {
        subject: SubjectName::Caller,
        programme: "sketch".to_owned(),
        codes: codes.iter().map(|code| (*code).to_owned()).collect(),
    }
}

fn mine(store: &mut Store, principal: &Principal, code: &str, mine: Mine) -> String {
    let command = Command::ShowEvents {
        programme: "sketch".to_owned(),
        code: code.to_owned(),
        matching: BTreeMap::new(),
        without: None,
        mine: Some(mine),
        most: Some(1),
    };
    let values = store.command(principal, &command).unwrap().values;
    values["events_count"].clone()
}

fn state(store: &mut Store, phone: &str, hint: Option<&str>, only_shared: bool) -> String {
    let citizen = store.caller(phone);
    let command = Command::AskPin {
        hint: hint.map(str::to_owned),
        only_shared,
    };
    let values = store.command(&citizen, &command).unwrap().values;
    values["pin_state"].clone()
}

#[test]
fn a_caller_sees_what_is_hers_after_her_pin_and_not_before() {
    let (_, mut a, _) = with_officer();
    let citizen = a.caller(FARMER);
    let found = |store: &mut Store, codes: &[&str]| {
        let citizen = store.caller(FARMER);
        store.command(&citizen, &case(codes)).unwrap().values["found"].clone()
    };
    assert_eq!(found(&mut a, &["enrolled"]), "nobody");
    let first = enrolled(&mut a);
    let person = newest(&a);
    refused(&mut a, &citizen, &case(&["enrolled"]), "reject-pin-first");
    a.views.guard.prove(person);
    assert_eq!(found(&mut a, &["enrolled"]), "yes");
    assert_eq!(found(&mut a, &["question"]), "no");
    let mut by_sms = citizen.clone();
    by_sms.channel = SMS_CHANNEL.to_owned();
    refused(&mut a, &by_sms, &case(&["enrolled"]), "reject-pin-sms");
    // Another person at the same number: the PIN of the first shows nothing of hers.
    enrolled(&mut a);
    let second = newest(&a);
    assert_eq!(found(&mut a, &["enrolled"]), "yes");
    a.views.guard.prove_nobody();
    refused(&mut a, &citizen, &case(&["enrolled"]), "reject-pin-first");
    a.views.guard.prove(second);
    assert_eq!(found(&mut a, &["question"]), "no");
    let hint = crate::number::hint(&first);
    assert_eq!(state(&mut a, FARMER, Some(&hint), false), "proved");
}

#[test]
fn what_a_person_must_do_first_tells_nobody_who_is_registered() {
    let (_, mut a, _) = with_officer();
    assert_eq!(state(&mut a, FARMER, None, false), "nobody");
    let first = enrolled(&mut a);
    assert_eq!(state(&mut a, FARMER, None, false), "none");
    assert_eq!(state(&mut a, FARMER, None, true), "open");
    let person = newest(&a);
    a.views.guard.prove(person);
    assert_eq!(state(&mut a, FARMER, None, false), "proved");
    a.views.guard.prove_nobody();
    enrolled(&mut a);
    assert_eq!(state(&mut a, FARMER, None, false), "several");
    assert_eq!(state(&mut a, FARMER, None, true), "several");
    let hint = crate::number::hint(&first);
    let hers = state(&mut a, FARMER, Some(&hint), false);
    let nobodys = state(&mut a, FARMER, Some("none"), false);
    assert_eq!((hers.as_str(), nobodys.as_str()), ("set", "set"));
}

#[test]
fn answers_to_a_caller_are_hers_and_nobody_elses() {
    let (_, mut a, _) = with_officer();
    enrolled(&mut a);
    let (citizen, officer) = (a.caller(FARMER), a.caller(OFFICER));
    let herself = newest(&a);
    a.views.guard.prove(herself);
    for _ in 0..2 {
        let question = record("question", caller(), &[("words", "Holes?")]);
        a.command(&citizen, &question).unwrap();
    }
    let open = list(&mut a, &officer, "question");
    assert_eq!(mine(&mut a, &citizen, "answer", Mine::Replies), "0");
    let answer = Command::RecordEvent {
        event: draft("answer", &[("words", "Ash.")]),
        subject: SubjectName::Nobody,
        refers: Some(open["events_code_1"].clone()),
        replaces: None,
        consent: None,
    };
    a.command(&officer, &answer).unwrap();
    assert_eq!(mine(&mut a, &citizen, "answer", Mine::Replies), "1");
    assert_eq!(mine(&mut a, &citizen, "answer", Mine::Own), "0");
    let questions = mine(&mut a, &citizen, "question", Mine::Own);
    assert_eq!(questions, "1", "the newest alone was asked for");
    // Somebody else at another phone has none of them.
    let other = a.caller("+254711000010");
    let command = Command::RegisterPerson {
        person: fields(&[(Field::GivenName, "Baraka"), (Field::Village, "A")]),
        consent: consent(true),
        event: draft("enrolled", &[("crop", "beans")]),
    };
    a.command(&other, &command).unwrap();
    let neighbour = a.views.phones["+254711000010"].persons[0].0;
    a.views.guard.prove(neighbour);
    assert_eq!(mine(&mut a, &other, "answer", Mine::Replies), "0");
}

#[test]
fn what_is_agreed_to_with_an_event_is_kept_and_a_no_keeps_nothing() {
    let (_, mut a, _) = with_officer();
    enrolled(&mut a);
    let citizen = a.caller(FARMER);
    let again = |opt_in: bool| Command::RecordEvent {
        event: draft("enrolled", &[("crop", "beans")]),
        subject: caller(),
        refers: None,
        replaces: None,
        consent: Some(Box::new(consent(opt_in))),
    };
    let before = a.log.len();
    refused(&mut a, &citizen, &again(false), "reject-no-consent");
    assert_eq!(a.log.len(), before);
    a.command(&citizen, &again(true)).unwrap();
    assert_eq!(a.log.len(), before + 2, "the event and the consent");
}

#[test]
fn a_report_of_somebody_unknown_is_taken_and_told_without_a_name() {
    let (_, mut a, _) = with_officer();
    let stranger = a.caller(FARMER);
    let incident = record("incident", caller(), &[("words", "flood")]);
    a.command(&stranger, &incident).unwrap();
    let told: Vec<_> = a.messages.iter().filter(|one| one.to == WORKER_A).collect();
    let texts: Vec<&str> = told.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["Question from : flood"]);
    assert_eq!(told[0].class, MessageClass::Emergency);
    enrolled(&mut a);
    a.command(&stranger, &incident).unwrap();
    let told = a.messages.iter().filter(|one| one.to == WORKER_A);
    let texts: Vec<&str> = told.map(|one| one.text.as_str()).collect();
    assert_eq!(texts[1], "Question from Akinyi O.: flood");
}

#[test]
fn a_number_that_nobody_proved_is_asked_whose_it_is() {
    let (_, mut a, _) = with_officer();
    enrolled(&mut a);
    assert!(a.messages.is_empty(), "a dialled number is proved");
    let worker = a.caller(WORKER_A);
    let command = Command::RegisterPerson {
        person: fields(&[
            (Field::GivenName, "Baraka"),
            (Field::Village, "A"),
            (Field::Phone, "+254711000010"),
        ]),
        consent: consent(true),
        event: draft("enrolled", &[("crop", "beans")]),
    };
    a.command(&worker, &command).unwrap();
    let asked: Vec<&str> = a.messages.iter().map(|one| one.to.as_str()).collect();
    assert_eq!(asked, ["+254711000010"]);
}
