//! The page of `outpost demo`: a handset, two nodes with an uplink to unplug, the hub, the
//! centre, and what became of each registration.
//!
//! Every form posts and is redirected back, so the page works without script; a small script
//! only saves the reloads. What is typed travels in request bodies, never in an address.

mod page;
mod state;

use axum::Form;
use axum::Router;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use crate::guard;
use page::Notice;
pub use state::{
    Act, CentreView, DemoPort, DemoRefusal, DemoRequest, DemoState, HubView, NodeView, OfficeView,
    PhoneView, RegistrationView, SmsView,
};

/// Longest text of one key-in, in characters; more is refused with a sentence, nothing is sent.
pub const TYPED_CHARS_MAX: usize = 480;
/// Largest form in bytes; a larger one is answered 413.
pub const FORM_BYTES_MAX: usize = 8 * 1024;

/// What the page may load: its own style and script, and its own state.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
     img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("../assets/demo.css");
const SCRIPT: &str = include_str!("../assets/demo.js");

/// The page at `/`, its state as JSON at `/demo/state`, and the forms behind its buttons.
///
/// It has no sign-in: bind it to a loopback address.
pub fn router(port: DemoPort) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/demo/state", get(state_json))
        .route("/demo/phone", post(phone))
        .route("/demo/sms", post(sms))
        .route("/demo/plug", post(plug))
        .route(
            "/demo/demo.css",
            get(async || asset("text/css; charset=utf-8", STYLE)),
        )
        .route(
            "/demo/demo.js",
            get(async || asset("text/javascript; charset=utf-8", SCRIPT)),
        )
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn(async |request, next| {
            guard::harden(POLICY, request, next).await
        }))
        .with_state(port)
}

/// Which handset is in the hand.
#[derive(Deserialize)]
struct Chosen {
    #[serde(default)]
    phone: usize,
}

/// The handset's form: a key of the keypad, or one of its three actions.
#[derive(Deserialize)]
struct PhoneForm {
    phone: usize,
    #[serde(default)]
    text: String,
    act: Option<String>,
    key: Option<String>,
}

#[derive(Deserialize)]
struct SmsForm {
    phone: usize,
    #[serde(default)]
    to: String,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct PlugForm {
    phone: usize,
    node: usize,
    on: bool,
}

async fn show(
    State(port): State<DemoPort>,
    chosen: Result<Query<Chosen>, QueryRejection>,
) -> Response {
    let phone = chosen.map_or(0, |Query(chosen)| chosen.phone);
    draw(&port, phone, "", None).await
}

async fn state_json(State(port): State<DemoPort>) -> Response {
    match port.state().await {
        Ok(state) => axum::Json(state).into_response(),
        Err(_) => unavailable(),
    }
}

async fn phone(
    State(port): State<DemoPort>,
    form: Result<Form<PhoneForm>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else {
        return malformed();
    };
    if let Some(key) = &form.key {
        return draw(&port, form.phone, &pressed(&form.text, key), None).await;
    }
    let text = form.text.trim().to_owned();
    let phone = form.phone;
    if text.chars().count() > TYPED_CHARS_MAX {
        return draw(&port, phone, "", Some(Notice::TooLong)).await;
    }
    let act = match form.act.as_deref() {
        Some("call") if text.is_empty() => {
            return draw(&port, phone, "", Some(Notice::NothingTyped)).await;
        }
        Some("call") => Act::Dial { phone, code: text },
        Some("send") => Act::Type { phone, text },
        Some("end") => Act::HangUp { phone },
        _ => return malformed(),
    };
    done(&port, phone, act).await
}

async fn sms(State(port): State<DemoPort>, form: Result<Form<SmsForm>, FormRejection>) -> Response {
    let Ok(Form(SmsForm { phone, to, text })) = form else {
        return malformed();
    };
    let (to, text) = (to.trim().to_owned(), text.trim().to_owned());
    if to.is_empty() || text.is_empty() {
        return draw(&port, phone, "", Some(Notice::NothingWritten)).await;
    }
    if to.chars().count() > TYPED_CHARS_MAX || text.chars().count() > TYPED_CHARS_MAX {
        return draw(&port, phone, "", Some(Notice::TooLong)).await;
    }
    done(&port, phone, Act::SendSms { phone, to, text }).await
}

async fn plug(
    State(port): State<DemoPort>,
    form: Result<Form<PlugForm>, FormRejection>,
) -> Response {
    let Ok(Form(PlugForm { phone, node, on })) = form else {
        return malformed();
    };
    done(&port, phone, Act::Plug { node, on }).await
}

/// Does it and goes back to the page, or shows the page with what was wrong.
async fn done(port: &DemoPort, phone: usize, act: Act) -> Response {
    match port.act(act).await {
        Ok(()) => Redirect::to(&format!("/?phone={phone}")).into_response(),
        Err(refusal) => draw(port, phone, "", Some(Notice::Refused(refusal))).await,
    }
}

async fn draw(port: &DemoPort, phone: usize, typed: &str, notice: Option<Notice>) -> Response {
    let Ok(state) = port.state().await else {
        return unavailable();
    };
    match page::render(&state, phone, typed, notice) {
        Ok(html) => {
            let status = notice.map_or(StatusCode::OK, Notice::status);
            let html = ([(CONTENT_TYPE, "text/html; charset=utf-8")], html);
            (status, html).into_response()
        }
        Err(error) => {
            tracing::error!(error = %error, "the demo page could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// What stands in the field after a key of the keypad.
fn pressed(text: &str, key: &str) -> String {
    let mut text: String = text.chars().take(TYPED_CHARS_MAX).collect();
    match key {
        "back" => {
            text.pop();
        }
        "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "*" | "#" => {
            text.push_str(key);
        }
        _ => {}
    }
    text
}

fn asset(kind: &'static str, body: &'static str) -> Response {
    ([(CONTENT_TYPE, kind)], body).into_response()
}

fn malformed() -> Response {
    (StatusCode::BAD_REQUEST, "form is malformed").into_response()
}

fn unavailable() -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "the demo is busy or has ended",
    )
        .into_response()
}

#[cfg(test)]
mod tests;
