//! Erasures: who waits for an approval, and who must still confirm that a person is gone.
//!
//! The command is that of `outpost hub erase`, and so are its rules: two people of whom one is an
//! officer. The page names registration numbers and documents; names stand on no page of it.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use node_core::command::Command;
use node_core::erasure::{ErasureDesk, ErasureRequest};
use node_core::query::OpenErasure;
use serde::Deserialize;

use super::page::{Head, Notice};
use super::{Look, OfficePages, Pages, Posted, Seen};

pub(super) const ERASURES: &str = "/office/erasures";

#[derive(Deserialize)]
pub(super) struct ApproveForm {
    form: String,
    number: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn list(State(pages): Pages, headers: HeaderMap) -> Response {
    pages.show(&headers, Look::Erasures, None).await
}

pub(super) async fn approve(
    State(pages): Pages,
    headers: HeaderMap,
    form: Posted<ApproveForm>,
) -> Response {
    let Ok(Form(typed)) = form else {
        return pages.missing(&headers).await;
    };
    let command = Command::ApproveErasure {
        number: typed.number.trim().to_owned(),
        reason: typed.reason.trim().to_owned(),
    };
    pages
        .order(&headers, typed.form, command, (Look::Erasures, ERASURES))
        .await
}

/// A request as it stands on the page.
struct Line<'a> {
    number: &'a str,
    asked: bool,
    approved: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn new(row: &'a ErasureRequest) -> Self {
        Self {
            number: &row.number,
            asked: row.asked,
            approved: row.approved.as_deref(),
        }
    }
}

/// An erased person whom somebody has not confirmed.
struct Open {
    document: String,
    nodes: String,
}

impl Open {
    fn new((person, nodes): &OpenErasure) -> Self {
        let nodes: Vec<String> = nodes.iter().map(|node| node.0.to_string()).collect();
        Self {
            document: format!("{}.{}.{}", person.origin.0, person.scope.0, person.seq.0),
            nodes: nodes.join(", "),
        }
    }
}

#[derive(Template)]
#[template(path = "office_erasures.html")]
struct ErasuresView<'a> {
    head: Head<'a>,
    form: &'a str,
    waiting: Vec<Line<'a>>,
    open: Vec<Open>,
}

pub(super) fn page(
    pages: &OfficePages,
    seen: &Seen,
    desk: &ErasureDesk,
    notice: Option<&Notice>,
) -> Result<String, askama::Error> {
    ErasuresView {
        head: Head::new(pages, Some(&seen.who), notice),
        form: seen.who.form.text(),
        waiting: desk.waiting.iter().map(Line::new).collect(),
        open: desk.unconfirmed.iter().map(Open::new).collect(),
    }
    .render()
}
