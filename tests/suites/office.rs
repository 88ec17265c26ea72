//! The pages of the district office over HTTP, on a hub's real store: sign-in, sessions, forms,
//! who may see and decide what, and that nothing is shown that was not noted.

#[path = "office/broadcast.rs"]
mod broadcast;
#[path = "office/erasure.rs"]
mod erasure;
#[path = "office/log.rs"]
mod log;
#[path = "office/visitor.rs"]
mod visitor;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use jiff::{SignedDuration, Timestamp};
use node::clock::Clock;
use node::roles::hub::{self, FIRST_AREA};
use node::roles::station::Station;
use node::runtime::office::{Office, SIGN_INS_A_MINUTE_MAX};
use node_console::office::{OfficePages, OfficePort, router};
use node_core::event::entry_text;
use node_core::identity::Pair;
use node_core::office::session::SESSION_IDLE_S_MAX;
use node_core::query::{Answer, Query};
use node_core::read::ReadRow;
use node_core::role::Role;
use node_core::text::Texts;
use node_store::{HubStore, SqliteStore};
use std::sync::Arc;
use sync_core::EntryRef;
use tempfile::TempDir;
use tests::district::{self, AUDITOR, CLERK, OFFICER, SPELLINGS, WORKERS};
use visitor::{Page, Visitor};

const SIGN_IN: &str = "/office/sign-in";

fn start() -> Timestamp {
    "2026-03-14T10:00:00Z".parse().expect("a time")
}

/// A hub with its pages, and the same pages later.
struct District {
    store: SqliteStore,
    station: Station<SqliteStore>,
    office: Office<SqliteStore>,
    number: u32,
    pair: Pair,
    _folder: TempDir,
}

impl District {
    async fn open() -> Self {
        let folder = TempDir::new().expect("a folder");
        let clock = district::clock(start());
        let store = district::founded(folder.path(), clock).await;
        district::with_accounts(&store, clock).await;
        let (number, pair) = district::pair(&store, clock).await;
        let station = Station::start(store.clone(), clock);
        let office = Office::new(store.clone(), clock, station.bells.clone(), FIRST_AREA);
        Self {
            store,
            station,
            office,
            number,
            pair,
            _folder: folder,
        }
    }

    /// The pages as a clock shows them that went on by so many seconds.
    fn pages(&mut self, later_s: i64) -> Router {
        let at = start() + SignedDuration::from_secs(later_s);
        self.pages_at(district::clock(at), false)
    }

    fn pages_at(&mut self, clock: Clock, tls: bool) -> Router {
        let (port, asks) = OfficePort::new();
        let office = self.office.with_clock(clock);
        let shutdown = self.station.shutdown();
        self.station.spawn(office.run(asks, shutdown));
        router(OfficePages {
            port,
            texts: Arc::new(Texts::shipped().expect("texts")),
            name: "Kibo district".to_owned(),
            tls,
        })
    }

    async fn reads(&self, document: EntryRef) -> Vec<ReadRow> {
        match self.store.query(Query::ReadsOf { document }).await {
            Ok(Answer::Reads(rows)) => rows,
            other => panic!("no reads: {other:?}"),
        }
    }

    async fn is_one_person(&self) -> bool {
        let document = self.pair[0];
        match self.store.query(Query::Person { document }).await {
            Ok(Answer::Person(Some(whole))) => whole.members.len() == 2,
            other => panic!("no person: {other:?}"),
        }
    }

    fn pair_path(&self) -> String {
        format!("/office/pairs/{}", self.number)
    }

    fn person_path(&self) -> String {
        format!("/office/people/{}", entry_text(&self.pair[0]))
    }
}

async fn signs_in(visitor: &mut Visitor, (number, phrase): (&str, &str), role: &str) -> Page {
    let form = visitor.get(SIGN_IN).await.form();
    let fields = [
        ("number", number),
        ("role", role),
        ("passphrase", phrase),
        ("form", &form),
    ];
    visitor.post(SIGN_IN, &fields).await
}

async fn officer(pages: &Router) -> Visitor {
    let mut visitor = Visitor::new(pages);
    let page = signs_in(&mut visitor, OFFICER, "officer").await;
    assert!(page.says("Pairs that wait for you"), "{}", page.html);
    visitor
}

/// Sends the answer about the pair, as its page offers it.
async fn answers(officer: &mut Visitor, path: &str, answer: &str, reason: &str) -> Page {
    let form = officer.get("/office/pairs").await.form();
    let fields = [
        ("form", form.as_str()),
        ("answer", answer),
        ("reason", reason),
    ];
    officer.post(path, &fields).await
}

#[tokio::test]
async fn an_officer_sees_both_records_and_decides_once() {
    let mut district = District::open().await;
    let mut officer = officer(&district.pages(0)).await;
    let path = district.pair_path();
    let own = format!("Pair {}", district.number);
    let list = officer.get("/office").await;
    assert!(list.says(&own) && list.says("a worker is not sure"));
    let before = officer.get(&path).await;
    for words in SPELLINGS.into_iter().chain([
        "Neema Wairimu: <b>not sure</b>",
        "Joyce Akello: no answer",
        "14 Mar 2026, 10:00 UTC",
    ]) {
        assert!(before.says(words), "{words}: {}", before.html);
    }
    // Marked by a word as well as by a colour: given name and number, not the family name.
    assert_eq!(before.html.matches("differs</span>").count(), 2);
    let unsure = answers(&mut officer, &path, "unsure", "").await;
    assert!(unsure.says(&own), "it goes on waiting");
    let silent = answers(&mut officer, &path, "same", " ").await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.says("Please write why") && !district.is_one_person().await);
    let done = answers(&mut officer, &path, "same", "one clinic card").await;
    assert!(
        done.says("decided that this is <b>one person</b>"),
        "{}",
        done.html
    );
    assert!(district.is_one_person().await);
    assert!(officer.get("/office/pairs").await.says("No pair waits"));
    // A second decision, of whoever had the page open, changes nothing.
    let late = answers(&mut officer, &path, "different", "two cards").await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.says("There is no open review") && district.is_one_person().await);
    for garbage in [
        "/office/pairs/99999",
        "/office/pairs/-1",
        "/office/pairs/4 17",
    ] {
        let garbage = garbage.replace(' ', "%20");
        let page = answers(&mut officer, &garbage, "same", "one card").await;
        assert_ne!(page.status, StatusCode::OK, "{garbage}");
    }
    let other = answers(&mut officer, &path, "perhaps", "one card").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    district.station.stop().await;
}

#[tokio::test]
async fn two_people_who_were_joined_are_parted_on_the_page_of_the_person() {
    let mut district = District::open().await;
    let mut officer = officer(&district.pages(0)).await;
    let pair = district.pair_path();
    answers(&mut officer, &pair, "same", "one clinic card").await;
    let person = officer.get(&district.person_path()).await;
    assert!(SPELLINGS.iter().all(|name| person.says(name)) && person.says("Part them again"));
    let form = person.form();
    let [one, other] = district.pair.map(|document| entry_text(&document));
    let path = district.person_path() + "/part";
    let part = async |officer: &mut Visitor, names: [&str; 2], reason: &str| {
        let [one, other] = names;
        let fields = [
            ("form", form.as_str()),
            ("one", one),
            ("other", other),
            ("reason", reason),
        ];
        officer.post(&path, &fields).await
    };
    let silent = part(&mut officer, [&one, &other], "").await;
    assert!(silent.says("Please write why") && district.is_one_person().await);
    let garbage = part(&mut officer, [&one, "1.2.3"], "two cards").await;
    assert_eq!(garbage.status, StatusCode::NOT_FOUND);
    let stranger = part(&mut officer, [&one, "9.9.9.9"], "two cards").await;
    assert!(stranger.says("These two people are not joined.") && district.is_one_person().await);
    // Whichever of the two is named first, it is the same edge.
    let parted = part(&mut officer, [&other, &one], "two cards were shown").await;
    assert!(!parted.says("Part them again") && !district.is_one_person().await);
    assert!(officer.get(&pair).await.says("parted again"));
    let again = part(&mut officer, [&one, &other], "once more").await;
    assert!(
        again.says("These two people are not joined."),
        "{}",
        again.html
    );
    district.station.stop().await;
}

/// No note, no page: each person on each page is in the log, with the reader; and who may not see
/// gets neither page nor note.
#[tokio::test]
async fn whoever_is_shown_is_noted_and_who_may_not_see_is_shown_nobody() {
    let mut district = District::open().await;
    let pages = district.pages(0);
    let mut officer = officer(&pages).await;
    for person in district.pair {
        let begun = district.reads(person).await.len();
        let mut wanted = begun;
        for path in [
            "/office/pairs".to_owned(),
            district.pair_path(),
            format!("/office/people/{}", entry_text(&person)),
        ] {
            officer.get(&path).await;
            wanted += 1;
            let rows = district.reads(person).await;
            assert_eq!(rows.len(), wanted, "{path}");
            assert_eq!(rows[0].application, "console");
            assert_eq!(rows[0].reader.key(), "reader-officer");
        }
        // The control: a page that shows nobody adds nothing.
        for path in [
            "/office/pairs/99999",
            "/office/people/9.9.9.9",
            "/office/pairs/x",
        ] {
            assert_eq!(
                officer.get(path).await.status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        assert_eq!(district.reads(person).await.len(), wanted);
    }
    let before = district.reads(district.pair[0]).await;
    let mut auditor = Visitor::new(&pages);
    signs_in(&mut auditor, AUDITOR, "auditor").await;
    let mut stranger = Visitor::new(&pages);
    for path in [
        "/office/pairs",
        &district.pair_path(),
        &district.person_path(),
    ] {
        let page = auditor.get(path).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
        let asked = stranger.get(path).await;
        assert!(asked.says("Sign in") && asked.status == StatusCode::OK);
        for page in [page, asked] {
            assert!(SPELLINGS.iter().all(|name| !page.says(name)), "{path}");
        }
    }
    let form = auditor.get("/office/pairs").await.form();
    let fields = [
        ("form", form.as_str()),
        ("answer", "same"),
        ("reason", "one card"),
    ];
    let refused = auditor.post(&district.pair_path(), &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(district.reads(district.pair[0]).await, before);
    assert!(!district.is_one_person().await);
    district.station.stop().await;
}

#[tokio::test]
async fn only_the_right_number_role_and_passphrase_open_a_session() {
    let mut district = District::open().await;
    let pages = district.pages(0);
    let mut visitor = Visitor::new(&pages);
    for (who, role) in [
        ((OFFICER.0, AUDITOR.1), "officer"),
        ((OFFICER.0, "short"), "officer"),
        ((OFFICER.0, OFFICER.1), "auditor"),
        (("+256770000099", OFFICER.1), "officer"),
        ((WORKERS[0], OFFICER.1), "health-worker"),
        (("<script>", OFFICER.1), "officer"),
    ] {
        let page = signs_in(&mut visitor, who, role).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{who:?}");
        assert!(
            page.says("is not right") && !page.says("<script>"),
            "{}",
            page.html
        );
        assert!(!page.says(who.1), "a passphrase is never shown again");
        assert!(!visitor.cookies.contains_key("outpost-session"));
    }
    let citizen = signs_in(&mut visitor, OFFICER, "citizen").await;
    assert!(citizen.says("Please fill in every field"));
    // Without the secret of the form, or with another's, nothing is tried.
    for form in ["", "zz", &"0".repeat(64)] {
        let fields = [
            ("number", OFFICER.0),
            ("role", "officer"),
            ("passphrase", OFFICER.1),
            ("form", form),
        ];
        let page = visitor.post(SIGN_IN, &fields).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.says("out of date"));
    }
    let page = signs_in(&mut visitor, OFFICER, "officer").await;
    assert!(
        page.says("Ruth Nakato, officer"),
        "the control: {}",
        page.html
    );
    district.station.stop().await;
}

/// Three wrong tries wait an hour, whatever is typed after them; and a robot at the form is
/// stopped before the store is asked.
#[tokio::test]
async fn guessing_is_stopped_by_account_and_by_the_minute() {
    let mut district = District::open().await;
    let pages = district.pages(0);
    let mut robot = Visitor::new(&pages);
    for _ in 0..3 {
        signs_in(&mut robot, (OFFICER.0, AUDITOR.1), "officer").await;
    }
    let right = signs_in(&mut robot, OFFICER, "officer").await;
    assert!(right.says("is not right"), "locked for an hour");
    let mut other = Visitor::new(&pages);
    let auditor = signs_in(&mut other, AUDITOR, "auditor").await;
    assert!(auditor.says("Peter Okello"), "the control: others go on");
    for _ in 5..SIGN_INS_A_MINUTE_MAX {
        signs_in(&mut robot, ("+256770000098", AUDITOR.1), "officer").await;
    }
    let full = signs_in(&mut robot, AUDITOR, "auditor").await;
    assert_eq!(full.status, StatusCode::TOO_MANY_REQUESTS);
    let mut late = robot.at(&district.pages(61));
    assert!(
        signs_in(&mut late, AUDITOR, "auditor")
            .await
            .says("Peter Okello")
    );
    let mut later = robot.at(&district.pages(3_700));
    assert!(
        signs_in(&mut later, OFFICER, "officer")
            .await
            .says("Ruth Nakato")
    );
    district.station.stop().await;
}

#[tokio::test]
async fn forms_of_other_pages_sessions_and_sites_do_nothing() {
    let mut district = District::open().await;
    let pages = district.pages(0);
    let mut first = officer(&pages).await;
    let mut second = officer(&pages).await;
    let path = district.pair_path();
    let of_first = first.get(&path).await.form();
    let of_second = second.get(&path).await.form();
    assert_ne!(of_first, of_second);
    let fields = |form: &'static str| [("form", form), ("answer", "same"), ("reason", "one card")];
    for form in ["", "no secret"] {
        let page = first.post(&path, &fields(form)).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.says("out of date and nothing was done"));
    }
    let stolen = [
        ("form", of_second.as_str()),
        ("answer", "same"),
        ("reason", "one card"),
    ];
    assert_eq!(
        first.post(&path, &stolen).await.status,
        StatusCode::FORBIDDEN
    );
    let own = [
        ("form", of_first.as_str()),
        ("answer", "same"),
        ("reason", "one card"),
    ];
    let from_elsewhere = first.post_from(&path, &own).await;
    assert_eq!(from_elsewhere.status, StatusCode::FORBIDDEN);
    let out = first
        .post("/office/sign-out", &[("form", &of_second)])
        .await;
    assert_eq!(out.status, StatusCode::FORBIDDEN);
    assert!(!district.is_one_person().await);
    first.post("/office/sign-out", &[("form", &of_first)]).await;
    assert!(first.get(&path).await.says("Passphrase"), "signed out");
    assert!(!district.is_one_person().await);
    let own = [
        ("form", of_second.as_str()),
        ("answer", "same"),
        ("reason", "one card"),
    ];
    second.post(&path, &own).await;
    assert!(district.is_one_person().await, "the control");
    district.station.stop().await;
}

#[tokio::test]
async fn a_session_ends_idle_and_with_its_role() {
    let mut district = District::open().await;
    let pages = district.pages(0);
    let signed_in = officer(&pages).await;
    let mut soon = signed_in.at(&district.pages(SESSION_IDLE_S_MAX - 1));
    assert!(
        soon.get("/office/pairs").await.says("Ruth Nakato"),
        "the control"
    );
    let mut late = signed_in.at(&district.pages(3 * SESSION_IDLE_S_MAX));
    assert!(late.get("/office/pairs").await.says("Passphrase"));
    let mut again = officer(&pages).await;
    let mut forged = again.clone();
    forged
        .cookies
        .insert("outpost-session".to_owned(), "0".repeat(64));
    assert!(forged.get("/office/pairs").await.says("Passphrase"));
    let phone = channels_core::Msisdn::parse(OFFICER.0).expect("a number");
    let ended = hub::revoke(
        &district.store,
        district::clock(start()),
        &phone,
        (FIRST_AREA, Role::Officer),
        "left",
    );
    assert_eq!(ended.await.expect("an order"), 1);
    assert!(again.get("/office/pairs").await.says("Passphrase"));
    assert!(
        signs_in(&mut again, OFFICER, "officer")
            .await
            .says("is not right")
    );
    district.station.stop().await;
}

#[tokio::test]
async fn every_answer_tells_the_browser_to_load_and_keep_nothing() {
    let mut district = District::open().await;
    let pages = district.pages_at(district::clock(start()), true);
    let mut visitor = Visitor::new(&pages);
    let door = visitor.get(SIGN_IN).await;
    let refused = visitor.post_from(SIGN_IN, &[]).await;
    let missing = visitor.get("/office/pairs/1").await;
    for page in [&door, &refused, &missing] {
        let policy = page.headers[CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("text");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"));
        assert_eq!(page.headers[CACHE_CONTROL], "no-store");
        assert_eq!(page.headers[REFERRER_POLICY], "same-origin");
        assert!(!page.says("<script") && !page.says("style="));
    }
    // Behind TLS the cookies are bound to it, to this host and to no other path.
    assert!(
        visitor
            .cookies
            .keys()
            .all(|name| name.starts_with("__Host-"))
    );
    let big = "x".repeat(9_000);
    let page = visitor.post(SIGN_IN, &[("number", &big)]).await;
    assert_ne!(page.status, StatusCode::OK);
    district.station.stop().await;
}
