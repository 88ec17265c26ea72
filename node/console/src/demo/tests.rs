//! The page as a visitor and a browser without script see it.

use axum::body::{Body, to_bytes};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderValue, Request as HttpRequest};
use node_core::status::Status;
use tokio::sync::mpsc;
use tower::ServiceExt as _;

use super::*;

const GOLDEN: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/golden/pages/demo.html"
);
/// CONVENTIONS: a page, and all assets of the first load.
const PAGE_BYTES_MAX: usize = 30_000;
const SCRIPT_BYTES_MAX: usize = 4_096;
const ASSET_BYTES_MAX: usize = 100_000;

fn phone(name: &str, number: &str) -> PhoneView {
    PhoneView {
        name: name.to_owned(),
        number: number.to_owned(),
        code: "*384*7#".to_owned(),
        short_code: "3847".to_owned(),
        language: "en".to_owned(),
        ..PhoneView::default()
    }
}

fn node(name: &str, plugged: bool) -> NodeView {
    let certified = true;
    NodeView {
        name: name.to_owned(),
        plugged,
        certified,
        numbers_left: 200,
        ..NodeView::default()
    }
}

fn row(mother: &str, status: Status, registry_id: Option<&str>) -> RegistrationView {
    RegistrationView {
        mother: mother.to_owned(),
        child: "6789012342".to_owned(),
        node: "Clinic Amudat".to_owned(),
        status,
        registry_id: registry_id.map(str::to_owned),
    }
}

fn sms(text: &str) -> SmsView {
    SmsView {
        from: "384".to_owned(),
        text: text.to_owned(),
    }
}

fn day() -> DemoState {
    let mut worker = phone("Health worker A", "+256700000001");
    worker.screen = "Mother and child\n1 Register\n2 My work".to_owned();
    worker.open = true;
    worker.inbox = vec![sms("1 of your registrations was accepted.")];
    DemoState {
        code: "*384*7#".to_owned(),
        phones: vec![
            worker,
            phone("Health worker B", "+256700000002"),
            phone("A mother", "+256700000100"),
        ],
        nodes: vec![
            NodeView {
                held: 1,
                waiting: 3,
                ..node("Clinic Amudat", false)
            },
            NodeView {
                accepted: 1,
                ..node("Clinic Loroo", true)
            },
        ],
        hub: HubView {
            name: "Moroto".to_owned(),
            registrations: 2,
            office: Some(OfficeView {
                number: "+256700000009".to_owned(),
                passphrase: "an officer of the demo".to_owned(),
            }),
            ..HubView::default()
        },
        registrations: vec![
            row("2345678905", Status::Held, None),
            row("3456789012", Status::Carried, None),
            row(
                "4567890129",
                Status::Accepted,
                Some("0d9c6d5e-1111-8111-8111-111111111111"),
            ),
            row("5678901231", Status::Conflict, None),
        ],
        centre: CentreView {
            records: 1,
            writes: 1,
        },
    }
}

fn drawn(state: &DemoState) -> String {
    page::render(state, 0, "", None).unwrap()
}

#[test]
fn page_equals_its_golden_file() {
    let page = drawn(&day());
    if std::env::var_os("GOLDEN_WRITE").is_some() {
        std::fs::create_dir_all(std::path::Path::new(GOLDEN).parent().unwrap()).unwrap();
        std::fs::write(GOLDEN, &page).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap();
    assert_eq!(page, golden, "accept with GOLDEN_WRITE=1");
}

#[test]
fn everything_that_people_typed_is_escaped() {
    let evil = r#"<script>alert("1")</script>'&"#;
    let mut state = day();
    evil.clone_into(&mut state.code);
    evil.clone_into(&mut state.hub.name);
    for phone in &mut state.phones {
        let view = PhoneView {
            open: true,
            inbox: vec![sms(evil)],
            ..PhoneView::default()
        };
        *phone = PhoneView {
            screen: evil.to_owned(),
            language: evil.to_owned(),
            ..view
        };
        evil.clone_into(&mut phone.name);
        evil.clone_into(&mut phone.number);
        evil.clone_into(&mut phone.code);
        evil.clone_into(&mut phone.short_code);
        evil.clone_into(&mut phone.inbox[0].from);
    }
    for node in &mut state.nodes {
        evil.clone_into(&mut node.name);
    }
    state.registrations = vec![row(evil, Status::Accepted, Some(evil))];
    evil.clone_into(&mut state.registrations[0].node);
    evil.clone_into(&mut state.registrations[0].child);
    let page = page::render(&state, 1, evil, Some(Notice::NothingTyped)).unwrap();
    assert!(!page.contains("<script>alert") && !page.contains(r#"alert("1")"#));
    assert!(page.contains("&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39;&#38;"));
}

#[test]
fn every_form_works_without_script_and_every_field_has_a_label() {
    let page = drawn(&day());
    let forms: Vec<&str> = page.split("<form").skip(1).collect();
    assert_eq!(forms.len(), 4);
    for form in &forms {
        let form = form.split("</form>").next().unwrap();
        assert!(
            form.contains(r#"method="post""#) && form.contains("<button"),
            "{form}"
        );
        assert!(form.contains(r#"name="phone" value="0""#), "{form}");
        for input in form
            .split("<input")
            .skip(1)
            .filter(|input| !input.contains("hidden"))
        {
            let id = input
                .split(r#"id=""#)
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap();
            assert!(form.contains(&format!(r#"<label for="{id}">"#)), "{id}");
        }
    }
    for key in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"] {
        assert!(
            page.contains(&format!(r#"name="key" value="{key}""#)),
            "{key}"
        );
    }
    for act in ["send", "end"] {
        assert!(
            page.contains(&format!(r#"name="act" value="{act}""#)),
            "{act}"
        );
    }
    assert!(page.contains(r#"<html lang="en">"#) && page.contains(r#"name="node" value="1""#));
    assert!(!page.contains("onclick") && !page.contains("style="));
}

#[test]
fn a_status_is_a_word_and_a_mark() {
    let page = drawn(&day());
    for (word, mark) in [("held", "●○○"), ("carried", "●●○"), ("accepted", "●●●")]
    {
        let shown = format!(r#"<span class="status {word}">{word} <i aria-hidden="true">{mark}"#);
        assert!(page.contains(&shown), "{word}");
    }
}

#[test]
fn page_and_assets_stay_small() {
    let mut state = day();
    state.registrations = vec![row("2345678905", Status::Accepted, Some(&"0".repeat(36))); 500];
    state.phones[0].inbox = vec![sms(&"x".repeat(160)); 500];
    let page = drawn(&state);
    assert!(page.len() <= PAGE_BYTES_MAX, "{}", page.len());
    assert!(page.contains("500 in all, the newest 40 are shown"));
    assert!(SCRIPT.len() <= SCRIPT_BYTES_MAX, "{}", SCRIPT.len());
    assert!(SCRIPT.len() + STYLE.len() <= ASSET_BYTES_MAX);
}

#[test]
fn debug_shows_no_name_number_or_text() {
    let shown = format!(
        "{:?} {:?}",
        day(),
        Act::Dial {
            phone: 0,
            code: "secret".to_owned()
        }
    );
    let shown = format!("{shown} {:?} {:?}", day().phones, day().registrations);
    for personal in ["Health", "2567", "Register", "4567890129", "secret"] {
        assert!(!shown.contains(personal), "{personal} in {shown}");
    }
}

/// Sends one request to the page while this end of the channel gives `refusal` to every act;
/// returns status, body and the act that came.
async fn send(
    request: HttpRequest<Body>,
    refusal: Option<DemoRefusal>,
) -> (StatusCode, String, Option<Act>) {
    let (port, mut requests) = DemoPort::new();
    let page = router(port).oneshot(request);
    let (response, act) = tokio::join!(page, answer(&mut requests, refusal));
    let response = response.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap(), act)
}

async fn answer(
    requests: &mut mpsc::Receiver<DemoRequest>,
    refusal: Option<DemoRefusal>,
) -> Option<Act> {
    let mut seen = None;
    while let Some(request) = requests.recv().await {
        match request {
            DemoRequest::State { reply } => reply.send(day()).unwrap(),
            DemoRequest::Act { act, reply } => {
                seen = Some(act);
                reply.send(refusal.map_or(Ok(()), Err)).unwrap();
            }
        }
    }
    seen
}

fn get_page(path: &str) -> HttpRequest<Body> {
    HttpRequest::get(path).body(Body::empty()).unwrap()
}

fn form(path: &str, body: &str) -> HttpRequest<Body> {
    HttpRequest::post(path)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(HOST, "127.0.0.1:8080")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

#[tokio::test]
async fn forms_become_acts_and_go_back_to_the_page() {
    let cases = [
        (
            "/demo/phone",
            "phone=0&text=+*384*7%23+&act=call",
            Act::Dial {
                phone: 0,
                code: "*384*7#".to_owned(),
            },
        ),
        (
            "/demo/phone",
            "phone=1&text=Akello+%C3%A9&act=send",
            Act::Type {
                phone: 1,
                text: "Akello é".to_owned(),
            },
        ),
        (
            "/demo/phone",
            "phone=2&text=&act=end",
            Act::HangUp { phone: 2 },
        ),
        (
            "/demo/sms",
            "phone=0&to=384&text=1",
            Act::SendSms {
                phone: 0,
                to: "384".to_owned(),
                text: "1".to_owned(),
            },
        ),
        (
            "/demo/plug",
            "phone=0&node=1&on=false",
            Act::Plug { node: 1, on: false },
        ),
    ];
    for (path, body, expected) in cases {
        let (status, _, act) = send(form(path, body), None).await;
        assert_eq!(
            (status, act),
            (StatusCode::SEE_OTHER, Some(expected)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn keys_are_collected_without_script() {
    let (status, page, act) = send(form("/demo/phone", "phone=0&text=*38&key=4"), None).await;
    assert_eq!((status, act), (StatusCode::OK, None));
    assert!(page.contains(r#"name="text" value="*384""#), "{page}");
    let (_, page, _) = send(form("/demo/phone", "phone=0&text=*38&key=back"), None).await;
    assert!(page.contains(r#"name="text" value="*3""#));
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    let request = form("/demo/phone", "phone=0&text=1&act=send");
    let (status, page, _) = send(request, Some(DemoRefusal::NoSession)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("The session has ended. Type *384*7# and press Call."));
    let (status, page, act) = send(form("/demo/phone", "phone=0&text=&act=call"), None).await;
    assert_eq!((status, act), (StatusCode::UNPROCESSABLE_ENTITY, None));
    assert!(page.contains("Nothing was typed."));
    let long = format!("phone=0&act=send&text={}", "x".repeat(TYPED_CHARS_MAX + 1));
    assert_eq!(
        send(form("/demo/phone", &long), None).await.0,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[tokio::test]
async fn malformed_and_foreign_forms_do_nothing() {
    for body in [
        "",
        "phone=x&act=call",
        "phone=0",
        "phone=-1&act=end",
        "%ff=1&phone=0&act=dance",
    ] {
        let (status, _, act) = send(form("/demo/phone", body), None).await;
        assert!(status.is_client_error() && act.is_none(), "{body}");
    }
    let mut foreign = form("/demo/plug", "phone=0&node=0&on=false");
    foreign.headers_mut().insert(
        ORIGIN,
        HeaderValue::from_static("https://elsewhere.example"),
    );
    assert_eq!(send(foreign, None).await.0, StatusCode::FORBIDDEN);
    let mut own = form("/demo/plug", "phone=0&node=0&on=false");
    own.headers_mut()
        .insert(ORIGIN, HeaderValue::from_static("http://127.0.0.1:8080"));
    assert_eq!(send(own, None).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn state_is_json_for_scripts() {
    let (status, body, _) = send(get_page("/demo/state"), None).await;
    let state: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, StatusCode::OK);
    assert_eq!(state["registrations"][1]["status"], "carried");
    assert_eq!(state["nodes"][0]["plugged"], false);
    assert_eq!(state["centre"]["records"], 1);
}

#[tokio::test]
async fn an_unknown_phone_shows_the_first_and_assets_are_there() {
    let (status, page, _) = send(get_page("/?phone=99"), None).await;
    assert!(status == StatusCode::OK && page.contains("Messages of Health worker A"));
    assert_eq!(send(get_page("/?phone=x"), None).await.0, StatusCode::OK);
    for path in ["/demo/demo.css", "/demo/demo.js"] {
        assert_eq!(send(get_page(path), None).await.0, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_demo_that_ended_says_so() {
    let (port, requests) = DemoPort::new();
    drop(requests);
    let response = router(port).oneshot(get_page("/")).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}
