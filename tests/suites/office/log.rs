//! The auditor's pages on a hub's store: what stands first, parts of the log, a person's log, files,
//! and that nobody else sees any of it.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::http::header::CONTENT_DISPOSITION;
use node_core::command::{Command, EventDraft, SubjectName};
use node_core::event::entry_text;
use node_core::person::Field;
use node_core::role::{Principal, Role};
use node_core::turn::{Committed, Turn};
use tests::office::{agreed, fields};

use super::*;

const LOG: &str = "/office/log";
/// A woman with a number of her own, and what she writes.
const MOTHER: &str = "+256770000555";
const WORDS: &str = "I was not there <that> day";

async fn auditor(pages: &Router) -> Visitor {
    let mut visitor = Visitor::new(pages);
    let page = signs_in(&mut visitor, AUDITOR, "auditor").await;
    assert!(page.says("Who read what"), "{}", page.html);
    visitor
}

/// A mother with her own phone complains about a read of her record.
async fn complains(district: &District) -> EntryRef {
    let clock = district::clock(start());
    let register = Command::RegisterPair {
        programme: "maternal-child".to_owned(),
        programme_version: 1,
        mother: fields(&[
            (Field::GivenName, "Nakalembe"),
            (Field::FamilyName, "Apio"),
            (Field::BirthDate, "1990-01-09"),
            (Field::Phone, MOTHER),
            (Field::Village, "moto"),
        ]),
        child: fields(&[
            (Field::GivenName, "Okot"),
            (Field::BirthDate, "2026-02-02"),
            (Field::Sex, "M"),
        ]),
        consent: agreed(),
    };
    let told = district::works(&district.store, clock, 2, register).await;
    let number = told.expect("a registration").values["mother_number"].clone();
    let open = Command::OpenPerson {
        programme: "maternal-child".to_owned(),
        number,
    };
    let opened = district::works(&district.store, clock, 2, open).await;
    opened.expect("a record");
    let citizen = Principal {
        role: Role::Citizen,
        author: 0,
        scope: FIRST_AREA,
        phone: channels_core::Msisdn::parse(MOTHER).ok(),
        channel: "operator".to_owned(),
        language: "en".to_owned(),
    };
    let gives = async |command| {
        let turn = Turn::Command {
            principal: citizen.clone(),
            command,
        };
        match district.store.commit(turn, clock.now()).await {
            Ok(Committed::Command(Ok(_))) => (),
            other => panic!("not done: {other:?}"),
        }
    };
    gives(Command::BindNumber).await;
    let mother = mother_of(district).await;
    let read = district.reads(mother).await;
    let about = entry_text(&read.first().expect("a read").entry);
    let answers = [("read", about.as_str()), ("complaint", WORDS)];
    let answers = answers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    gives(Command::RecordEvent {
        event: EventDraft {
            programme: "my-data".to_owned(),
            programme_version: 1,
            code: "complaint".to_owned(),
            fields: BTreeMap::from(answers),
        },
        subject: SubjectName::Caller,
        refers: None,
        replaces: None,
        consent: None,
    })
    .await;
    mother
}

/// The mother of the newest registration.
async fn mother_of(district: &District) -> EntryRef {
    let newest = Query::Registrations { limit: 1 };
    match district.store.query(newest).await {
        Ok(Answer::Registrations(rows)) => rows[0].registration.mother,
        other => panic!("no registration: {other:?}"),
    }
}

async fn number_of(district: &District, document: EntryRef) -> String {
    match district.store.query(Query::Person { document }).await {
        Ok(Answer::Person(Some(whole))) => whole.number().expect("a number").to_owned(),
        other => panic!("no person: {other:?}"),
    }
}

#[tokio::test]
async fn complaints_and_bulk_reads_stand_first() {
    let mut district = District::open().await;
    let pages = district.pages(0);
    let mut auditor = auditor(&pages).await;
    let quiet = auditor.get(LOG).await;
    assert!(quiet.says("No complaint waits") && quiet.says("Nobody read more than 50"));
    let mother = complains(&district).await;
    let mut officer = officer(&pages).await;
    // Two people a page: the 26th is the one that makes it more than 50.
    for _ in 0..24 {
        officer.get("/office/pairs").await;
    }
    assert!(
        auditor.get(LOG).await.says("Nobody read more than 50"),
        "the control"
    );
    officer.get("/office/pairs").await;
    let page = auditor.get(LOG).await;
    for words in [
        "One complaint waits",
        "52 records within an hour",
        "Ruth Nakato, officer",
    ] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let only = auditor.get("/office/log?kind=bulk").await;
    assert!(only.says("52 records within an hour") && !only.says("<table"));
    let before = district.reads(mother).await.len();
    let waiting = auditor.get("/office/log/complaints").await;
    for words in [
        "I was not there &#60;that&#62; day",
        "health worker",
        "read a record",
    ] {
        assert!(waiting.says(words), "{words}: {}", waiting.html);
    }
    let rows = district.reads(mother).await;
    assert_eq!(
        rows.len(),
        before + 1,
        "she sees that her complaint was read"
    );
    assert_eq!(rows[0].reader.key(), "reader-auditor");
    district.station.stop().await;
}

#[tokio::test]
async fn a_persons_log_is_found_by_her_number_and_the_look_stands_in_it() {
    let mut district = District::open().await;
    let pages = district.pages(0);
    let mut officer = officer(&pages).await;
    officer.get(&district.person_path()).await;
    let mut auditor = auditor(&pages).await;
    let number = number_of(&district, district.pair[0]).await;
    let before = district.reads(district.pair[0]).await.len();
    let form = auditor.get(LOG).await.form();
    let find = async |auditor: &mut Visitor, number: &str| {
        let fields = [("form", form.as_str()), ("number", number)];
        auditor.post("/office/log/person", &fields).await
    };
    let (first, last) = number.split_at(4);
    let spaced = format!(" {first} {last}");
    let page = find(&mut auditor, &spaced).await;
    assert!(page.says("Who read the record of number"), "{}", page.html);
    assert!(page.says("Ruth Nakato, officer") && !page.says(&number));
    assert!(
        SPELLINGS.iter().all(|name| !page.says(name)),
        "no name of hers"
    );
    let rows = district.reads(district.pair[0]).await;
    assert_eq!(rows.len(), before + 1);
    assert_eq!(
        (rows[0].reader.key(), rows[0].reason.as_str()),
        ("reader-auditor", "read log")
    );
    let unknown = find(&mut auditor, "2350819465").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stale = auditor
        .post("/office/log/person", &[("form", "x"), ("number", &number)])
        .await;
    assert_eq!(stale.status, StatusCode::FORBIDDEN);
    for nobody in ["9.9.9.9", "1.2.3", "%00"] {
        let page = auditor.get(&format!("{LOG}?person={nobody}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{nobody}");
    }
    assert_eq!(
        district.reads(district.pair[0]).await.len(),
        before + 1,
        "the control"
    );
    district.station.stop().await;
}

#[tokio::test]
async fn parts_of_the_log_are_by_reader_day_kind_and_place() {
    let mut district = District::open().await;
    let pages = district.pages(0);
    let mut officer = officer(&pages).await;
    for _ in 0..60 {
        officer.get("/office/pairs/99999").await;
        officer.get(&district.pair_path()).await;
    }
    let mut auditor = auditor(&pages).await;
    let lines = |page: &Page| page.html.matches("<tr><td>").count();
    let first = auditor.get(LOG).await;
    assert_eq!(lines(&first), 50, "a page, newest first");
    let next = first.html.split("\">Older reads").next().expect("a page");
    let next = next
        .rsplit("href=\"")
        .next()
        .expect("a link")
        .replace("&#38;", "&");
    let second = auditor.get(&next).await;
    assert!(
        lines(&second) >= 10 && !second.says("Older reads"),
        "{}",
        second.html
    );
    let by = "/office/log?reader=staff.16.3.officer";
    assert!(
        auditor
            .get(by)
            .await
            .says("Only what was read by <b>Ruth Nakato, officer</b>")
    );
    for (part, any) in [
        ("day=2026-03-14", true),
        ("day=2026-03-15", false),
        ("kind=console", true),
        ("kind=registry", false),
        ("kind=own", false),
        ("reader=staff.16.1.officer", false),
        ("reader=client.eREG%2FGOV%2Foffice", false),
        ("reader=&day=&kind=", true),
    ] {
        let page = auditor.get(&format!("{LOG}?{part}")).await;
        assert_eq!(page.status, StatusCode::OK, "{part}");
        assert_eq!(lines(&page) > 0, any, "{part}: {}", page.html);
    }
    for garbage in [
        "kind=all",
        "day=14.3.2026",
        "reader=staff.16",
        "before=1",
        "day=1&day=2",
    ] {
        let page = auditor.get(&format!("{LOG}?{garbage}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{garbage}");
    }
    district.station.stop().await;
}

#[tokio::test]
async fn a_file_is_an_export_that_stands_in_the_log_and_runs_nothing() {
    let mut district = District::open().await;
    let pages = district.pages(0);
    let mut officer = officer(&pages).await;
    officer.get(&district.pair_path()).await;
    let mut auditor = auditor(&pages).await;
    let form = auditor.get(LOG).await.form();
    let take = async |auditor: &mut Visitor, form: &str, reason: &str| {
        let fields = [("form", form), ("reason", reason), ("kind", "others")];
        auditor.post("/office/log/file", &fields).await
    };
    let silent = take(&mut auditor, &form, " ").await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.says("Please write why") && silent.says("Who read what"));
    let forged = take(&mut auditor, &"0".repeat(64), "report").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert!(
        !auditor.get(LOG).await.says("a file (export)"),
        "the control"
    );
    let file = take(&mut auditor, &form, "=cmd|' /C calc'!A0").await;
    assert_eq!(file.status, StatusCode::OK);
    let named = file.headers[CONTENT_DISPOSITION].to_str().expect("text");
    assert_eq!(named, "attachment; filename=\"read-log-2026-03-14.csv\"");
    assert!(file.says("\"Ruth Nakato, officer\",\"officer\",\"two records side by side\",\"2\""));
    let page = auditor.get("/office/log?kind=exports").await;
    assert!(page.says("a file (export)") && page.says("Peter Okello, auditor"));
    // What was typed comes back as text, in the next file as on the page.
    let next = take(&mut auditor, &form, "second").await;
    assert!(next.says("\"'=cmd|' /C calc'!A0\""), "{}", next.html);
    assert!(!next.says(",\"="));
    district.station.stop().await;
}

#[tokio::test]
async fn the_log_is_the_auditors_alone_and_an_auditor_decides_nothing() {
    let mut district = District::open().await;
    let pages = district.pages(0);
    let mut officer = officer(&pages).await;
    let form = officer.get("/office/pairs").await.form();
    let mut stranger = Visitor::new(&pages);
    for path in [LOG, "/office/log?kind=bulk", "/office/log/complaints"] {
        let page = officer.get(path).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
        assert!(!page.says("<table") && !page.says("Read log"));
        assert!(stranger.get(path).await.says("Passphrase"));
    }
    let number = number_of(&district, district.pair[0]).await;
    for path in ["/office/log/person", "/office/log/file"] {
        let fields = [
            ("form", form.as_str()),
            ("number", &number),
            ("reason", "report"),
        ];
        let page = officer.post(path, &fields).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
        assert!(stranger.post(path, &fields).await.says("Passphrase"));
    }
    let mut auditor = auditor(&pages).await;
    let page = auditor.get("/office").await;
    assert!(
        page.says("Read log") && !page.says(">Pairs<"),
        "{}",
        page.html
    );
    let form = page.form();
    let fields = [
        ("form", form.as_str()),
        ("answer", "same"),
        ("reason", "one card"),
    ];
    let refused = auditor.post(&district.pair_path(), &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!district.is_one_person().await);
    assert!(officer.get("/office").await.says(">Pairs<"), "the control");
    district.station.stop().await;
}
