//! Callbacks in Africa's Talking's form: steps, ends of sessions, SMS, receipts.
//!
//! An event that was not committed answers 503: this gateway then ends the session with its own
//! words, and whoever repeats the step is served.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use channels_core::ussd_form::joined::JoinedTexts;
use channels_core::ussd_form::{self, Refused};
use channels_core::{Inbound, Reply};

use super::note_length;
use crate::callback::{Door, plain};

/// What the routes share.
struct Link {
    door: Door,
    limits: (u16, u16),
    texts: Mutex<JoinedTexts>,
}

/// The four routes of the form.
pub(super) fn routes(door: Door, limits: (u16, u16)) -> Router {
    let link = Arc::new(Link {
        door,
        limits,
        texts: Mutex::new(JoinedTexts::new()),
    });
    Router::new()
        .route("/ussd/{secret}", post(step))
        .route("/ussd-end/{secret}", post(session_end))
        .route("/sms/{secret}", post(sms))
        .route("/receipt/{secret}", post(receipt))
        .with_state(link)
}

impl Link {
    /// A poisoned lock still holds a whole memory: it only helps to find the newest answer.
    fn texts(&self) -> MutexGuard<'_, JoinedTexts> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a request and reads its form.
    async fn form<T>(
        &self,
        request: Request,
        parse: impl FnOnce(&[u8]) -> Result<T, Refused>,
    ) -> Result<T, Response> {
        let body = self.door.admit(request).await?;
        parse(&body).map_err(|refused| self.door.refuse(&refused))
    }
}

async fn step(State(link): State<Arc<Link>>, request: Request) -> Response {
    let form = match link.form(request, ussd_form::parse_step).await {
        Ok(form) => form,
        Err(refusal) => return refusal,
    };
    let step = link.texts().step(&link.door.link, form, link.limits);
    let (text, end) = match link.door.deliver(Inbound::Ussd(step)).await {
        Reply::Screen { text, end } => (text, end),
        // The gateway needs a beginning it knows, even where there is nothing to show.
        Reply::Accepted => (String::new(), true),
        Reply::Busy => return link.door.busy(),
    };
    note_length(&text, link.limits);
    plain(StatusCode::OK, ussd_form::screen(&text, end))
}

async fn session_end(State(link): State<Arc<Link>>, request: Request) -> Response {
    let form = match link.form(request, ussd_form::parse_end).await {
        Ok(form) => form,
        Err(refusal) => return refusal,
    };
    let abort = link.texts().end(&link.door.link, form, link.limits);
    match abort {
        Some(step) => link.door.take(Inbound::Ussd(step)).await,
        None => StatusCode::OK.into_response(),
    }
}

async fn sms(State(link): State<Arc<Link>>, request: Request) -> Response {
    let name = &link.door.link;
    let parse = |body: &[u8]| ussd_form::parse_sms(body, name);
    match link.form(request, parse).await {
        Ok(sms) => link.door.take(Inbound::Sms(sms)).await,
        Err(refusal) => refusal,
    }
}

async fn receipt(State(link): State<Arc<Link>>, request: Request) -> Response {
    let name = &link.door.link;
    let parse = |body: &[u8]| ussd_form::parse_receipt(body, name);
    match link.form(request, parse).await {
        Ok(status) => link.door.take(Inbound::Status(status)).await,
        Err(refusal) => refusal,
    }
}
