//! The pages of a district office: sign-in, the pairs that wait for an officer, one pair with both
//! records side by side, a person whose documents can be parted again (IDENTITY §3.5, §3.6), and
//! the read log of an auditor (§6.1).
//!
//! Every form posts and is redirected back, and there is no script. The pages hold no rules: they
//! ask over a bounded channel and say what came back. Addresses hold numbers of pairs and internal
//! names of documents, nothing personal.

mod broadcast;
mod cookie;
mod csv;
mod erasure;
mod log;
mod page;
mod port;

use std::sync::Arc;

use axum::Form;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use node_core::command::Command;
use node_core::event::parse_entry_text;
use node_core::office::session::Secret;
use node_core::pin::Pin;
use node_core::query::Answer;
use node_core::role::Role;
use node_core::text::Texts;
use serde::Deserialize;

use crate::guard;
use cookie::Cookies;
use page::Notice;
pub use port::{Look, OfficeAsk, OfficePort, OfficeRefusal, Opened, Seen, SignIn, Who};

/// Largest form in bytes; a larger one is answered 413.
pub const FORM_BYTES_MAX: usize = 8 * 1024;

/// What the pages may load: their own style. There is no script.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("../assets/office.css");
const SIGN_IN: &str = "/office/sign-in";
const PAIRS: &str = "/office/pairs";
/// Leads to the first page of whoever is signed in.
const DESK: &str = "/office";

/// What the pages need besides the channel.
#[derive(Clone, Debug)]
pub struct OfficePages {
    /// The channel.
    pub port: OfficePort,
    /// Words of refusals.
    pub texts: Arc<Texts>,
    /// Name of the hub, as its settings have it.
    pub name: String,
    /// Whether browsers reach the pages over TLS only: then the cookies are for TLS only.
    pub tls: bool,
}

/// The pages below `/office`.
pub fn router(pages: OfficePages) -> Router {
    Router::new()
        .route(DESK, get(desk))
        .route(SIGN_IN, get(sign_in_form).post(sign_in))
        .route("/office/sign-out", post(sign_out))
        .route(PAIRS, get(pairs))
        .route("/office/pairs/{number}", get(pair).post(decide))
        .route("/office/people/{document}", get(person))
        .route("/office/people/{document}/part", post(part))
        .route(broadcast::BROADCASTS, get(broadcast::list))
        .route(broadcast::BROADCAST, post(broadcast::settle))
        .route(erasure::ERASURES, get(erasure::list).post(erasure::approve))
        .route(log::LOG, get(log::log))
        .route(log::COMPLAINTS, get(log::complaints))
        .route(log::FIND, post(log::find))
        .route(log::FILE, post(log::file))
        .route("/office/office.css", get(style))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn(async |request, next| {
            guard::harden(POLICY, request, next).await
        }))
        .with_state(Arc::new(pages))
}

type Pages = State<Arc<OfficePages>>;
type Posted<T> = Result<Form<T>, FormRejection>;

#[derive(Deserialize)]
struct SignInForm {
    number: String,
    role: String,
    passphrase: String,
    form: String,
}

#[derive(Deserialize)]
struct OnlyForm {
    form: String,
}

#[derive(Deserialize)]
struct DecideForm {
    form: String,
    answer: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct PartForm {
    form: String,
    one: String,
    other: String,
    #[serde(default)]
    reason: String,
}

async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

async fn sign_in_form(State(pages): Pages) -> Response {
    pages.door(None, "").await
}

async fn sign_in(State(pages): Pages, headers: HeaderMap, form: Posted<SignInForm>) -> Response {
    let Ok(Form(typed)) = form else {
        return pages.door(Some(Notice::Malformed), "").await;
    };
    let cookies = pages.cookies();
    let door = cookies.door(&headers);
    let own = door.zip(Secret::parse(&typed.form));
    if !own.is_some_and(|(door, form)| door.is(&form)) {
        return pages.door(Some(Notice::StaleForm), &typed.number).await;
    }
    let Some(role) = Role::parse_granted(&typed.role) else {
        return pages.door(Some(Notice::Malformed), &typed.number).await;
    };
    let asked = SignIn {
        number: typed.number.clone(),
        role,
        passphrase: Pin::passphrase(&typed.passphrase),
    };
    match pages.port.sign_in(asked).await {
        Ok(Opened(session)) => {
            let set = AppendHeaders([
                (SET_COOKIE, cookies.set_session(&session)),
                (SET_COOKIE, cookies.forget_door()),
            ]);
            (set, Redirect::to(DESK)).into_response()
        }
        Err(refusal) => {
            let notice = pages.notice(&refusal);
            pages.door(Some(notice), &typed.number).await
        }
    }
}

async fn sign_out(State(pages): Pages, headers: HeaderMap, form: Posted<OnlyForm>) -> Response {
    let (Some(session), Ok(Form(OnlyForm { form }))) = (pages.cookies().session(&headers), form)
    else {
        return Redirect::to(SIGN_IN).into_response();
    };
    match pages.port.sign_out(session, form).await {
        Ok(()) | Err(OfficeRefusal::SignedOut) => {
            let forget = [(SET_COOKIE, pages.cookies().forget_session())];
            (forget, Redirect::to(SIGN_IN)).into_response()
        }
        Err(refusal) => pages.refused(&refusal),
    }
}

async fn desk(State(pages): Pages, headers: HeaderMap) -> Response {
    let Some(session) = pages.cookies().session(&headers) else {
        return Redirect::to(SIGN_IN).into_response();
    };
    match pages.port.look(session, Look::Desk).await {
        Ok(seen) => Redirect::to(page::home(seen.who.role)).into_response(),
        Err(refusal) => pages.refused(&refusal),
    }
}

async fn pairs(State(pages): Pages, headers: HeaderMap) -> Response {
    pages.show(&headers, Look::Pairs, None).await
}

async fn pair(State(pages): Pages, headers: HeaderMap, Path(number): Path<String>) -> Response {
    let Ok(number) = number.parse() else {
        return pages.missing(&headers).await;
    };
    pages.show(&headers, Look::Pair(number), None).await
}

async fn person(State(pages): Pages, headers: HeaderMap, Path(document): Path<String>) -> Response {
    let Some(document) = parse_entry_text(&document) else {
        return pages.missing(&headers).await;
    };
    pages.show(&headers, Look::Person(document), None).await
}

async fn decide(
    State(pages): Pages,
    headers: HeaderMap,
    Path(number): Path<String>,
    form: Posted<DecideForm>,
) -> Response {
    let (Ok(number), Ok(Form(typed))) = (number.parse::<u32>(), form) else {
        return pages.missing(&headers).await;
    };
    let same = match typed.answer.as_str() {
        "same" => true,
        "different" => false,
        // Nothing is known: the pair goes on waiting.
        "unsure" => return Redirect::to(PAIRS).into_response(),
        _ => return pages.missing(&headers).await,
    };
    let command = Command::DecideMatch {
        number,
        same,
        reason: typed.reason,
    };
    let back = format!("{PAIRS}/{number}");
    pages
        .order(&headers, typed.form, command, (Look::Pair(number), &back))
        .await
}

async fn part(
    State(pages): Pages,
    headers: HeaderMap,
    Path(document): Path<String>,
    form: Posted<PartForm>,
) -> Response {
    let (Some(document), Ok(Form(typed))) = (parse_entry_text(&document), form) else {
        return pages.missing(&headers).await;
    };
    let names = [&typed.one, &typed.other].map(|name| parse_entry_text(name));
    let [Some(one), Some(other)] = names else {
        return pages.missing(&headers).await;
    };
    let command = Command::PartPersons {
        pair: node_core::identity::pair(one, other),
        reason: typed.reason,
    };
    let back = format!("/office/people/{}", page::name(&document));
    pages
        .order(
            &headers,
            typed.form,
            command,
            (Look::Person(document), &back),
        )
        .await
}

impl OfficePages {
    fn cookies(&self) -> Cookies {
        Cookies { tls: self.tls }
    }

    /// The form of sign-in, with a fresh secret.
    async fn door(&self, notice: Option<Notice>, number: &str) -> Response {
        let Ok(secret) = self.port.door().await else {
            return self.refused(&OfficeRefusal::Busy);
        };
        let status = notice.as_ref().map_or(StatusCode::OK, Notice::status);
        let html = page::sign_in(self, &secret, notice.as_ref(), number);
        let set = [(SET_COOKIE, self.cookies().set_door(&secret))];
        (set, drawn(status, html)).into_response()
    }

    /// A page of a session.
    async fn show(&self, headers: &HeaderMap, look: Look, notice: Option<Notice>) -> Response {
        let Some(session) = self.cookies().session(headers) else {
            return Redirect::to(SIGN_IN).into_response();
        };
        match self.port.look(session, look).await {
            Ok(seen) => {
                let status = notice.as_ref().map_or(StatusCode::OK, Notice::status);
                match &seen.answer {
                    Answer::Matches(rows) => drawn(status, page::pairs(self, &seen, rows)),
                    Answer::Pair(Some(pair)) => {
                        drawn(status, page::pair(self, &seen, pair, notice.as_ref()))
                    }
                    Answer::PersonPage(Some(person)) => {
                        drawn(status, page::person(self, &seen, person, notice.as_ref()))
                    }
                    Answer::Log(Some(part)) => {
                        drawn(status, log::log_page(self, &seen, part, notice.as_ref()))
                    }
                    Answer::Proposals(rows) => {
                        drawn(status, broadcast::page(self, &seen, rows, notice.as_ref()))
                    }
                    Answer::ErasureDesk(desk) => {
                        drawn(status, erasure::page(self, &seen, desk, notice.as_ref()))
                    }
                    Answer::Complaints(rows) => {
                        drawn(status, log::complaints_page(self, &seen, rows))
                    }
                    _ => self.message(Some(&seen.who), &Notice::Missing),
                }
            }
            Err(refusal) => self.refused(&refusal),
        }
    }

    /// Does something and goes back to its page, or shows the page with what was wrong.
    async fn order(
        &self,
        headers: &HeaderMap,
        form: String,
        command: Command,
        (look, back): (Look, &str),
    ) -> Response {
        let Some(session) = self.cookies().session(headers) else {
            return Redirect::to(SIGN_IN).into_response();
        };
        match self.port.order(session, form, command).await {
            Ok(_) => Redirect::to(back).into_response(),
            Err(refusal @ OfficeRefusal::Rejected(..)) => {
                let notice = self.notice(&refusal);
                self.show(headers, look, Some(notice)).await
            }
            Err(refusal) => self.refused(&refusal),
        }
    }

    /// What is asked for is not there; only a session is told so.
    async fn missing(&self, headers: &HeaderMap) -> Response {
        let Some(session) = self.cookies().session(headers) else {
            return Redirect::to(SIGN_IN).into_response();
        };
        match self.port.look(session, Look::Desk).await {
            Ok(seen) => self.message(Some(&seen.who), &Notice::Missing),
            Err(refusal) => self.refused(&refusal),
        }
    }

    fn refused(&self, refusal: &OfficeRefusal) -> Response {
        let who = match refusal {
            OfficeRefusal::SignedOut => {
                let forget = [(SET_COOKIE, self.cookies().forget_session())];
                return (forget, Redirect::to(SIGN_IN)).into_response();
            }
            OfficeRefusal::StaleForm(who) | OfficeRefusal::Rejected(Some(who), _) => Some(&**who),
            _ => None,
        };
        self.message(who, &self.notice(refusal))
    }

    fn message(&self, who: Option<&Who>, notice: &Notice) -> Response {
        drawn(notice.status(), page::message(self, who, notice))
    }

    fn notice(&self, refusal: &OfficeRefusal) -> Notice {
        match refusal {
            OfficeRefusal::SignedOut => Notice::SignedOut,
            OfficeRefusal::StaleForm(_) => Notice::StaleForm,
            OfficeRefusal::TooMany => Notice::TooMany,
            OfficeRefusal::Busy => Notice::Busy,
            OfficeRefusal::Rejected(who, rejection) => {
                let language = who.as_ref().map_or("en", |who| who.language.as_str());
                let text = self
                    .texts
                    .system(language, &rejection.text, &rejection.arguments);
                if rejection.text == "reject-not-allowed" {
                    Notice::NotAllowed(text)
                } else {
                    Notice::Rejected(text)
                }
            }
        }
    }
}

fn drawn(status: StatusCode, html: Result<String, askama::Error>) -> Response {
    match html {
        Ok(html) => {
            let html = ([(CONTENT_TYPE, "text/html; charset=utf-8")], html);
            (status, html).into_response()
        }
        Err(error) => {
            tracing::error!(error = %error, "a page of the office could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests;
